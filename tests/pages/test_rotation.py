"""The page of the next pairs: its days are the forecast's, drawn and in words."""

import runpy
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from kit.pages import SHOE, WEAR, Pages, build, change, page, plain_datasette, text_of

from shoemon.decide.rotation import outlook
from shoemon.pages.places import plugins_dir
from shoemon.words.forecast import is_in_months

PATH = "/-/rotation"
PLUGIN = runpy.run_path(str(plugins_dir() / "shoemon_rotation.py"))
TODAY = date(2026, 1, 5)
PRICED = {**SHOE, "price": 130.0, "currency": "EUR"}
STEADY = {**WEAR, "rate_m": 1000.0, "steadiness": "steady", "due_early_on": "2026-02-02", "due_on": "2026-04-01", "due_late_on": "2026-09-01"}  # fmt: skip


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """109 km left at 7 a week; a pair far off, one worn out, one without a forecast, one that rests, one retired."""
    no_days = {"due_early_on": None, "due_on": None, "due_late_on": None, "rate_m": None}
    wears: dict[str, dict[str, Any]] = {
        "pegasus": STEADY,
        "far": {**STEADY, **no_days, "rate_m": 148.0, "no_day": "beyond"},
        "done": {**STEADY, **no_days, "rate_m": 2000.0, "worn_m": 730_000.0, "remaining_m": -30_000.0, "status": "due", "no_day": "reached"},
        "rare": {**STEADY, **no_days, "no_day": "few_runs"},
        "away": {**STEADY, "resting_since": "2025-01-01"},
        "old": {**STEADY, "status": "retired"},
    }  # fmt: skip
    shoes = [PRICED if id == "pegasus" else {**SHOE, "id": id, "name": f"Pair {id}"} for id in wears]
    path = tmp_path_factory.mktemp("five") / "shoemon.db"
    build(path, shoes=shoes, wear=[{**wear, "shoe": id} for id, wear in wears.items()])
    return change(path, "INSERT INTO _meta VALUES ('overlap', '50000.0')")


def test_it_says_of_each_pair_what_the_forecast_says(five: Path) -> None:
    with Pages(five, app=plain_datasette) as pages:
        text, pair = (unescape(text_of(pages.page(path))) for path in (PATH, "/-/shoe/pegasus"))
        links = [pages.page(path).count(f'href="{PATH}"') for path in ("/", "/-/shoe/pegasus", "/-/shoe/old")]
        metric = unescape(text_of(pages.page(PATH, **{"accept-language": "de"})))
    due = "about 1 Apr 2026 (2 Feb 2026 to 1 Sep 2026)"
    assert due in pair and links == [1, 1, 0]
    words = text[text.index("In words") :]
    assert words.startswith(
        "In words Pair done At its limit now Next pair now, as its life is used up Longer life 700 to 830 km: about seven weeks later "
        f"Nike Pegasus 40 At its limit {due} Next pair about 8 Feb 2026 (19 Jan 2026 to 19 Apr 2026) Cost 68 EUR a year "
        "Longer life 700 to 800 km: about three months later, 8 EUR a year less "
    )
    for part in (
        "Pair far At its limit about two years at 1 km a week Next pair about 13 months at 1 km a week Longer life",
        "Pair rare At its limit no forecast (too few runs in the last 28 days) ",
        "1 of 4 pairs: 68 EUR a year at the present habits; the others have no price or no rate.",
        "The next pair should be there when 50 km of the old one's life is left: your overlap .",
        "no study gives a distance at which a pair is worn out",
    ):
        assert part in words
    assert "Pair away" not in text and "Pair old" not in text and "Pair rare At its limit no forecast" in metric


def test_a_database_without_a_pair_or_of_before_has_the_page_too(tmp_path: Path) -> None:
    assert "No shoe in use" in page(build(tmp_path / "a.db", shoes=[], wear=[], legs=[]), PATH)
    old = build(tmp_path / "b.db")
    change(old, "DROP VIEW shoe_summary", *(f"ALTER TABLE shoe_wear DROP COLUMN {column}" for column in ("steadiness", "rate_m", "resting_since")))  # fmt: skip
    text = unescape(text_of(page(old, PATH)))
    assert "about 20 Jan 2026 (1 Dec 2025 to 12 Mar 2026)" in text and 'overlap "50 km"' in text.replace("'", '"')


@pytest.mark.parametrize(
    ("changes", "drawn"),
    [
        ({}, (23.56, 7.67, 65.48, 9.32)),
        ({"due_late_on": None}, (23.56, 7.67, 100.0, 9.32)),
        ({"worn_m": 660_000.0}, (23.56, 7.67, 65.48, 0.0)),
        ({"due_early_on": "2025-12-01", "due_on": "2026-01-01", "worn_m": 690_000.0, "due_late_on": "2026-01-20"}, (0.0, 0.0, 4.11, 0.0)),
        ({"due_on": "2027-06-01", "due_late_on": "2031-01-01"}, (100.0, 7.67, 100.0, 100.0)),
    ],
)  # fmt: skip
def test_a_bar_ends_on_the_days_of_the_forecast_or_at_the_edge(changes: dict[str, Any], drawn: tuple[float, ...]) -> None:  # fmt: skip
    of = outlook({**PRICED, **STEADY, **changes}, 50_000.0, "km")
    assert tuple(PLUGIN["bar"](of, TODAY, 365)) == drawn


def test_twelve_months_are_drawn_and_eighteen_where_a_pair_ends_later() -> None:
    for due_on, months, named in (
        ("2027-01-05", 12, [("Apr", "2026"), ("Jul", ""), ("Oct", "")]),
        ("2027-01-06", 18, [("Apr", "2026"), ("Jul", ""), ("Oct", ""), ("Jan", "2027"), ("Apr", "")]),
    ):
        read = {"pairs": [{**PRICED, **STEADY, "due_on": due_on}], "settings": {}}
        shown = PLUGIN["shaped"](read, TODAY)
        assert (shown["months"], [tick[1:] for tick in shown["ticks"] if tick[1]]) == (months, named)
        assert len(shown["ticks"]) == months
        places = [x for x, *_ in shown["ticks"]]
        assert places == sorted(places) and places[0] > 0 and places[-1] <= 100


@pytest.mark.parametrize(
    "changes",
    [{"remaining_m": 182_000.0}, {"remaining_m": 183_000.0}, {"steadiness": "irregular"}, {"rate_m": None, "steadiness": None}],
)  # fmt: skip
def test_words_chart_and_query_give_months_instead_of_days_of_the_same_pairs(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    wear = {**STEADY, **changes}
    wear |= {"life_m": wear["worn_m"] + wear["remaining_m"]}
    with Pages(build(tmp_path / "shoemon.db", wear=[wear])) as pages:
        (rows,) = pages.get("/shoemon/next_to_replace.json?_shape=array")
        html = pages.page("/-/shoe/pegasus")
    days = not is_in_months(wear)
    assert rows.json()[0]["at_its_limit"] == ("2026-04-01 (2026-02-02 to 2026-09-01)" if days else "2026-04 (2026-02 to 2026-09)")  # fmt: skip
    assert ('data-forecast="months"' not in html) is days
    assert ("about 1 Apr 2026" in html) is days
