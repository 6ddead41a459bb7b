"""Letters from figures: what their bars and columns show, their text, and what becomes of data of another version."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from kit.hostile import TEXTS
from kit.letters import letters, unassigned
from pydantic import TypeAdapter

from shoemon.decide.alerts.payload import DATA
from shoemon.model.alert import Alert
from shoemon.words.bars import MOST_BARS
from shoemon.words.blocks import Bars, Letter, Paragraph, WebLink, Weeks
from shoemon.words.letter import letter_of
from shoemon.words.plain_text import plain_text

LETTERS = letters()
TODAY = date(2026, 4, 4)
PAIR: dict[str, Any] = {
    "unit": "km", "today": TODAY.isoformat(), "links": [], "shoe": "pair-1", "name": "Pair", "distance_m": 512e3,
    "initial_m": 64e3, "worn_m": 576e3, "life_m": 640e3, "fraction": 0.9, "status": "soon", "remaining_m": 64e3,
    "ground_m": {"hard": 256e3, "soft": 128e3, "synthetic": 64e3, "treadmill": 32e3, "unknown": 32e3},
    "due_early_on": "2026-05-02", "due_on": "2026-05-30", "due_late_on": "2026-08-01", "steadiness": "steady",
    "rate_m": 1100.0, "no_day": None, "last_28_days_m": 31e3,
    "line": [((TODAY - timedelta(weeks=week)).isoformat(), 576e3 - week * 9e3) for week in range(26, -1, -1)],
}  # fmt: skip


def pair(**changes: Any) -> Alert:
    data = {**PAIR, **changes}
    return Alert("a", "soon", None, "soon", "Stored", "As it\nwas\n\nwritten", data)


def bars(alert: Alert) -> Bars:
    """The first bars of a letter."""
    return next(block for block in letter_of(alert).blocks if isinstance(block, Bars))


def parts(alert: Alert, number: int = 0) -> dict[str, int]:
    """The stretches of a bar, in percent of it."""
    return {stretch.ground: stretch.percent for stretch in bars(alert).bars[number].stretches}


def test_there_is_a_letter_of_every_kind_and_its_data_are_as_promised() -> None:
    assert {about.kind for about in LETTERS.values()} == set(DATA)
    for about in LETTERS.values():
        TypeAdapter(DATA[about.kind]).validate_python(about.data)


@pytest.mark.parametrize("name", LETTERS)
def test_the_letter_of_stored_figures_is_the_one_whose_title_and_body_were_stored(name: str) -> None:
    about = LETTERS[name]
    letter = letter_of(replace(about, title="", body="", data=json.loads(json.dumps(about.data))))
    assert (letter.title, plain_text(letter.blocks, short=True)) == (about.title, about.body)


OLD = Letter("Stored", (Paragraph(("As it", "was")), Paragraph(("written",))))


@pytest.mark.parametrize("name", LETTERS)
def test_data_of_another_version_that_lack_a_key_leave_the_stored_words(name: str) -> None:
    about = replace(LETTERS[name], title="Stored", body="As it\nwas\n\nwritten")
    for key in {*about.data} - {"tickets"}:
        old = {each: value for each, value in about.data.items() if each != key}
        assert letter_of(replace(about, data=old))[:2] == OLD[:2], key
    assert letter_of(replace(about, data={})) == letter_of(replace(about, kind="of-somebody-else", data={})) == OLD


ODD: list[Any] = [
    None,
    "",
    "x",
    -1,
    0,
    1e9,
    float("nan"),
    float("inf"),
    [],
    {},
    True,
    "2026-04-04",
    [["2026-04-04", 1]],
]


def test_of_a_pair_kept_for_a_race_without_a_rate_nothing_is_expected() -> None:
    alert = letters()["reserve"]
    data = {**alert.data, "fault": "not_broken_in", "rate_m": None, "worn_m": 12e3, "expected_m": 12e3}
    title = letter_of(replace(alert, data=data)).title
    assert title.endswith("has only 12 km so far, and is kept for 2026-04-18")


def test_odd_figures_make_a_letter_all_the_same() -> None:
    """Every pair of odd values in every two places."""
    for (one, other), (number, value) in itertools.product(itertools.combinations(PAIR, 2), enumerate(ODD)):
        assert letter_of(pair(**{one: value, other: ODD[number - 3]})).title
    for runs in (None, "x", [None, 1, {}], {"url": "https://a"}, [{"url": "https://a", "likely": "x"}]):
        assert letter_of(replace(unassigned(), data={"runs": runs, "others": 5, "links": "x"})).title


def test_the_bar_is_the_life_split_by_ground_to_the_percent_and_in_words() -> None:
    shares = {"initial": 10, "hard": 40, "soft": 20, "synthetic": 10, "treadmill": 5, "unknown": 5}
    assert parts(pair()) == shares
    [bar], legend, [by_ground], _ = bars(pair())
    assert (bar.limit, bar.beyond, tuple(bar.about)) == (100, 0, ("Used", "576 km of 640 km (90%), 64 km left"))
    assert [words for _, words in legend] == [
        "64 km before", "256 km hard", "128 km soft", "64 km synthetic", "32 km treadmill", "32 km unknown",
    ]  # fmt: skip
    assert by_ground.value == "256 km hard, 128 km soft, 64 km synthetic, 32 km treadmill, 32 km unknown"


@pytest.mark.parametrize(
    ("changes", "expected", "limit", "beyond"),
    [
        ({"worn_m": 800e3, "initial_m": 0.0, "ground_m": {"hard": 800e3}}, {"hard": 100}, 80, 20),
        ({"worn_m": 639.9e3, "initial_m": 0.0, "ground_m": {"hard": 639.9e3}}, {"hard": 99}, 100, 0),
        # A surface that counts double stretches the grounds, but not the legend.
        ({"worn_m": 464e3, "ground_m": {"hard": 100e3, "soft": 100e3}}, {"initial": 10, "hard": 31, "soft": 31}, 100, 0),
        ({"ground_m": {}}, {"initial": 10, "unknown": 80}, 100, 0),
        ({"worn_m": 0.0, "initial_m": 0.0, "ground_m": {}}, {}, 100, 0),
        ({"worn_m": 1e8, "initial_m": 0.0, "ground_m": {"soft": 1e8}}, {"soft": 100}, 1, 99),
    ],
)  # fmt: skip
def test_the_bar_ends_at_the_life_or_where_the_pair_is(
    changes: dict[str, Any], expected: dict[str, int], limit: int, beyond: int
) -> None:
    alert = pair(**changes)
    assert (parts(alert), bars(alert).bars[0].limit, bars(alert).bars[0].beyond) == (expected, limit, beyond)


def test_worn_metres_of_26_weeks_are_columns_and_are_said_in_words() -> None:
    weeks = letter_of(pair(line=[*PAIR["line"][:-1], ("2026-04-04", 585e3)])).blocks[1]
    assert isinstance(weeks, Weeks)
    assert weeks[:5] == ("Worn km by week", "most: 18.0 km", "2025-10-04", "2026-04-04", (50,) * 25 + (100,))
    assert weeks.words == f"Worn km in each of the last 26 weeks, oldest first: {'9, ' * 25}18"
    for none in ([], [("2026-04-04", 576e3)], [("2026-03-28", 576e3), ("2026-04-04", 576e3)]):
        assert not any(isinstance(block, Weeks) for block in letter_of(pair(line=none)).blocks)


def test_a_letter_is_in_the_unit_of_the_runner_and_names_months_to_who_runs_irregularly() -> None:
    text = plain_text(letter_of(pair(unit="mi", life_m=400 * 1609.344, fraction=0.8948, steadiness="irregular")).blocks)
    assert "Used: 358 mi of 400 mi (89%), 42 mi left\n" in text and " km" not in text
    assert "Expected at its limit: about May 2026 (May 2026 to August 2026)\n" in text


def test_pairs_are_bars_of_one_scale_and_at_most_twelve_have_one() -> None:
    found = bars(LETTERS["digest"])
    assert [bool(bar.stretches) for bar in found.bars] == [True] * MOST_BARS + [False] * 2
    assert {bar.limit for bar in found.bars[:MOST_BARS]} == {round(100 * 640 / 760)}
    for number in range(MOST_BARS):
        kilometres = 760 - number * 55
        assert abs(sum(parts(LETTERS["digest"], number).values()) - 100 * kilometres / 760) < 1
    assert [name for _, name in found.legend] == ["before", "hard", "soft", "unknown"]


def test_a_target_is_marked_where_it_lies_and_unknown_ground_does_not_count() -> None:
    data = {
        **LETTERS["hard_share"].data,
        "target": 0.5,
        "share": 0.6,
        "ground_m": {"hard": 6e4, "soft": 4e4, "unknown": 1e5},
    }
    alert = replace(LETTERS["hard_share"], data=data)
    assert parts(alert) == {"hard": 60, "soft": 40}
    assert (bars(alert).bars[0].limit, bars(alert).bars[0].beyond) == (50, 10)


def test_distances_are_on_one_scale() -> None:
    assert [parts(LETTERS["longest"], number) for number in (0, 1)] == [{"run": 100}, {"other": 76}]
    assert [parts(LETTERS["return_plan"], number) for number in (0, 1)] == [{"run": 100}, {"other": 77}]


def test_of_several_pairs_the_first_six_show_their_weeks() -> None:
    member = {**LETTERS["several"].data["alerts"][0], "title": "t"}
    blocks = letter_of(Alert("a", "several", None, "x", "t", "b", {**PAIR, "alerts": [member] * 9})).blocks
    assert [sum(isinstance(block, kind) for block in blocks) for kind in (Bars, Weeks)] == [9, 6]


@pytest.mark.parametrize(
    ("fraction", "bar"),
    [(0.0, "-" * 30), (0.5, "#" * 15 + "-" * 15), (639 / 640, "#" * 29 + "-"), (1.0, "#" * 30), (1.1, "#" * 30 + "|###"),
     (14.0, "#" * 30 + "|" + "#" * 30)],
)  # fmt: skip
def test_the_bar_in_text(fraction: float, bar: str) -> None:
    assert plain_text(letter_of(pair(fraction=fraction)).blocks).startswith(f"[{bar}] {fraction:.0%} of 640 km\nUsed: ")


BAD_URLS = (
    "javascript:alert(1)", "JAVASCRIPT:alert(1)", " javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil.example",
    "https://", "https:///x", "https://a b", "https://a\r\nBcc: evil@example.com", 'https://a"onmouseover="x', "https://a'x", "https://a<b>",
    "https://user@evil.example/", "https://[::1", "https://a/\x00", "https://a/\u202e", "mailto:me@example.org", "", "x" * 5000,
    "https://a/" + "x" * 5000, "https://ä.example/",
)  # fmt: skip


def test_only_plain_addresses_become_links() -> None:
    good = {"text": "Shoes & <all>", "url": "http://10.0.0.2:8001/shoemon/shoes/a~2Fb?x=1&y=2"}
    bad = [{"text": "x", "url": url} for url in (*BAD_URLS, *TEXTS)]
    odd: list[Any] = [None, 1, "x", {"text": 1, "url": "https://a"}, {"url": "https://a"}, {"text": "x"}]
    for links in ([*bad, good], [*bad, *odd, good]):  # what payload.py promises, and what it does not
        assert letter_of(pair(links=links)).pages == (WebLink(good["text"], good["url"]),)
    run: dict[str, Any] = {**unassigned().data["runs"][0], "url": "javascript:alert(1)"}
    assert "javascript" not in plain_text(
        letter_of(replace(unassigned(), data={**unassigned().data, "runs": [run]})).blocks
    )


NAMED = {"name", "title", "shoe", "text", "error", "source", "type", "run", "sport", "why", "notifier", "local_date"}


def laced(value: Any, text: str) -> Any:
    """The data with `text` in place of every text that an export or a runner may have written."""
    if isinstance(value, Mapping):
        return {
            key: text if key in NAMED and isinstance(each, str) else laced(each, text) for key, each in value.items()
        }
    return [laced(each, text) for each in value] if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("name", LETTERS)
def test_each_text_of_a_letter_is_one_line_whatever_it_is_made_of(name: str) -> None:
    for text in TEXTS:
        letter = letter_of(replace(LETTERS[name], title="", body="", data=laced(LETTERS[name].data, text)))
        assert letter.blocks
        assert letter.title.isprintable() or "\u200d" in text
        for line in plain_text(letter.blocks).split("\n"):
            assert line.isprintable() or "\u200d" in line
