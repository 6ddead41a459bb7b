"""Many runs get their pair at once: what would move is shown before, totals are right after, and undo is to the byte."""

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from kit.homes import Home, faults
from kit.pages import Pages, Tags, text_of

from shoemon.web.desk import Desk

PAGE = "/-/runs/assign"
SHOES = """\
# mine
shoes:
  - {id: road, name: Road & "Co"}
  - {id: trail, name: Тропа}  # wet only
"""
RUNS = 500


def name(number: int) -> str:
    return ("Morning", "Äkäslompolo POLKU", "Straße", "Лес", "朝ラン", "a_b (100 %)")[number % 6]


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Five hundred runs of 10 km, no shoe named but in the last ten; every fifth is a trail run of 20 km."""
    home = Home(tmp_path_factory.mktemp("synced") / "home")
    home.shoes(SHOES)
    home.table("watch", (row(number) for number in range(RUNS)))
    home.sync()
    return home


def row(number: int) -> tuple[object, ...]:
    day = f"20{10 + number // 336}-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}"
    sport, metres = ("trail-run", 20_000) if number % 5 == 0 else ("run", 10_000)
    shoe = "trail" if number >= RUNS - 10 else ""
    return number, f"{day}T07:00:00Z", metres, sport, name(number), shoe, "asphalt", 3600


@pytest.fixture
def desk(pages: Pages) -> Desk:
    desk: Desk = pages.datasette.shoemon_desks["shoemon"]
    return desk


def send(pages: Pages, query: str, **form: str) -> Any:
    return pages.post(f"{PAGE}{query}", "runs-assign", **form)


def km(home: Home) -> dict[str | None, int]:
    assert faults(home.database) == []
    return {shoe: round(metres / 1000) for shoe, metres in home.totals().items()}


def test_all_runs_without_a_shoe_are_three_taps_and_one_undo(home: Home, pages: Pages, desk: Desk) -> None:
    before, totals = home.text(), km(home)
    assert f'href="{PAGE}?shoe=-"' in pages.page("/")
    chosen = pages.page(f"{PAGE}?shoe=-")
    assert "490 runs without a shoe, 5,880 km" in text_of(chosen) and "page 1 of 5" in text_of(chosen)
    assert "Тропа" in chosen and chosen.count('type="checkbox"') == 100
    look = send(pages, "?shoe=-", which="all", by="corrections", shoe="trail").text
    assert "no shoe → Тропа : 490 runs, 5,880 km" in text_of(look) and "… and 972 more lines" in text_of(look)
    assert "+ corrections:" in look and 'name="run:' not in look and home.text() == before
    done = send(pages, "?shoe=-", write="1", shoe="trail", by="corrections")
    assert (done.status_code, done.headers["location"]) == (303, f"{PAGE}?shoe=-&undo=1")
    after = text_of(pages.page(done.headers["location"]))
    assert "By corrections, 490 runs are in Тропа (5,880.0 km). It counts now." in after and "No run matches." in after
    assert km(home) == {"trail": totals[None] + totals["trail"]}
    assert "It is so already; nothing had to be written" in text_of(send(pages, "", shoe="trail", which="all").text)
    send(pages, "?shoe=trail", shoe="road", write="1")
    assert km(home) == {"road": 6_000} and "500 runs are in Road" in desk.changes()[0].title
    for id in (2, 1):
        desk.undo(id)
    assert (home.text(), km(home)) == (before, totals)


FILTERS = {
    "sport=trail-run": 100, "source=watch": 500, "since=2010-01-01&until=2010-01-28": 28, "least=15": 100,
    "least=15km&most=19.9": 0, "most=10+km&sport=run": 400, "surface=asphalt&ground=hard": 500, "ground=soft": 0,
    "shoe=trail": 10, "shoe=none": 0, "q=äKÄSLOMPOLO+polku": 84, "q=STRASSE": 83, "q=ЛЕС": 83, "q=朝": 83,
    "q=(100+%25": 83, "q=+A_B+": 83, "q=.": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def read_only(synced: Home) -> Iterator[Pages]:
    with Pages(synced.database, desks={"shoemon": Desk(synced.config, synced.clock)}) as pages:
        yield pages


@pytest.mark.parametrize(("query", "runs"), FILTERS.items())
def test_a_filter_finds_its_runs_on_both_pages(query: str, runs: int, read_only: Pages) -> None:
    many, listed = read_only.page(f"{PAGE}?{query}"), read_only.page(f"/-/runs?{query}")
    assert f"Change runs {runs:,} run" in text_of(many) and listed.count('class="what"') == min(runs, 100)
    assert ("in the whole month" in listed) == (query == "shoe=trail")


def test_only_the_ticked_runs_get_the_pair(home: Home, pages: Pages) -> None:
    ticked = {"run:watch:3": "1", "run:watch:7": "1", "run:nobody's:1": "1"}
    look = send(pages, "?shoe=-", which="some", other="road", look="1", **ticked).text
    assert 'no shoe → Road & "Co" : 2 runs, 20 km' in unescape(text_of(look))
    hidden = [a["name"] for tag, a in Tags(look).found if tag == "input" and str(a.get("name")).startswith("run:")]
    assert hidden == sorted(ticked)
    send(pages, "?shoe=-", which="some", shoe="none", write="1", **ticked)
    written = "".join(f"  - run: watch:{number}\n    shoe: none\n" for number in (7, 3))
    assert home.text() == f"{SHOES}\ncorrections:\n{written}" and km(home) == {None: 5_880, "trail": 120}
    assert "2 runs in none of your pairs, 20 km" in text_of(pages.page(f"{PAGE}?shoe=none"))


BY = {
    "a rule": (
        "shoe=-&sport=trail-run&q=(100+%25&since=2010-01-01&until=2010-12-31&least=15", "rule",
        'rules:\n  - when: {sport: trail-run, name: "(?i)\\\\(100 %", distance: ">= 15 km", after: 2010-01-01, before: 2011-01-01}\n'
        "    shoe: road\n", 12 * 20,
    ),
    "a default of some days": (
        "shoe=-&since=2010-01-01&until=2010-01-28", "default",
        "default_shoe: {shoe: road, from: 2010-01-01, until: 2010-01-29}\n", 28 * 10 + 6 * 10,
    ),
    "a default": ("shoe=-", "default", "default_shoe: road\n", 5_880),
}  # fmt: skip


@pytest.mark.parametrize("kind", BY)
def test_a_filter_becomes_a_rule_or_a_dated_default(kind: str, home: Home, pages: Pages, desk: Desk) -> None:
    query, by, written, far = BY[kind]
    before, totals = home.text(), km(home)
    assert f'value="{by}"' in pages.page(f"{PAGE}?{query}")
    assert send(pages, f"?{query}", by=by, shoe="road", write="1").status_code == 303
    assert written in home.text() and km(home).get("road", 0) == far
    title = desk.changes()[0].title
    assert title.startswith(f"By a {by}, ") and f"({far:,}.0 km)" in title
    desk.undo(1)
    assert (home.text(), km(home)) == (before, totals)


def test_a_default_that_another_one_contradicts_is_refused(home: Home, pages: Pages) -> None:
    home.shoes(f"{SHOES}default_shoe: {{shoe: trail, from: 2010-01-01, until: 2010-02-01}}\n")
    before, form = home.text(), {"by": "default", "shoe": "road", "write": "1"}
    answer = send(pages, "?shoe=-&since=2010-01-20&until=2010-03-01", **form)
    assert answer.status_code == 409 and "are both the default from 2010-01-20 until 2010-02-01" in text_of(answer.text)
    assert home.text() == before
    send(pages, "?shoe=-&since=2010-02-01&until=2010-03-01", **form)
    assert len(home.config.plan.defaults) == 2


REFUSED = [
    ("?since=1.2.2024", {}, "“1.2.2024” is not a day"),
    ("?until=2024-13-01", {}, "“2024-13-01” is not a day"),
    ("?least=far", {}, "“far” is not a distance; write one such as 8 km"),
    ("?since=2024-02-01&until=2024-01-01", {}, "the first day is after the last one"),
    ("", {"shoe": ""}, "choose a pair first"),
    ("", {"shoe": "no-such"}, "no shoe has the id `no-such`"),
    ("?surface=asphalt", {"by": "rule"}, "no rule can say which runs these are"),
    ("?sport=run", {"by": "default"}, "a default is for all runs of some days"),
    ("?q=x", {}, "no run is chosen"),
    ("", {"which": "some"}, "no run is chosen"),
    ("?sport=run", {"by": "rule", "which": "some", "run:watch:1": "1"}, "for chosen ones"),
]


@pytest.mark.parametrize(("query", "form", "words"), REFUSED)
def test_what_cannot_be_is_refused_with_the_reason(
    query: str, form: dict[str, str], words: str, read_only: Pages, synced: Home
) -> None:
    before = synced.text()
    for step in ("look", "write"):
        answer = send(read_only, query, **{"shoe": "road", **form, step: "1"})
        assert answer.status_code in (400, 409) and words in text_of(answer.text)
    assert synced.text() == before
    if not form and "q=" not in query:
        listed = text_of(read_only.page(f"/-/runs{query}"))
        assert words in listed and "None." not in listed
