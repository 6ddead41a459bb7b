"""The charts in a browser: what is drawn from which rows, what each part says, and what stands there when nothing can be."""

import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from kit.browsing import Reader, reading
from kit.pages import SHOE, WEAR, build
from kit.runners import running
from kit.trials import quick

from shoemon.pages.places import plugins_dir
from shoemon.web import server as web

SHOE_PAGE = "/-/shoe/pegasus"
ANOTHER = """([kind, data]) => {
    document.getElementById("another")?.remove();
    const figure = document.querySelector("figure.chart").cloneNode(true);
    Object.assign(figure.dataset, { chart: kind, ...data });
    figure.querySelector(".plot").replaceChildren();
    figure.id = "another";
    document.querySelector("main").prepend(figure);
    document.dispatchEvent(new Event("shoemon:renewed"));
}"""
"""Puts a figure onto the page as a sync that ends does, which draws what is new."""
ROWS = "/rows.json"
GROUNDS = {"hard": 0, "soft": 0, "synthetic": 0, "treadmill": 0, "unknown": 0, "unit": "km"}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with one pair."""
    shoe = {**SHOE, "initial_m": 0.0}
    database = build(tmp_path_factory.mktemp("charts") / "shoemon.db", shoes=[shoe], wear=[WEAR])
    with running(web.WebServer(web.make_app(database), port=0)) as server:
        yield server.url


@pytest.fixture(scope="module")
def reader(browser: Any, url: str) -> Iterator[Reader]:
    """One visit of the page, for all whose window and language it suits."""
    with reading(browser, url) as reader:
        reader.open(SHOE_PAGE)
        reader.tab.locator("figure.chart .plot svg").first.wait_for(state="attached")
        yield reader


def draw(reader: Reader, kind: str, rows: Any, status: int = 200, **data: str) -> Any:
    """The plot of a chart of these rows, as the server might answer them."""
    body = rows if isinstance(rows, str) else json.dumps(rows)
    reader.tab.unroute("**" + ROWS)
    reader.tab.route(
        "**" + ROWS, lambda route: route.fulfill(status=status, body=body, content_type="application/json")
    )
    reader.tab.evaluate(ANOTHER, [kind, {"src": ROWS, **data}])
    plot = reader.tab.locator("#another .plot:is(.no-chart, :has(svg))")
    plot.wait_for(state="attached")
    return plot


def titles(plot: Any) -> list[str]:
    return [text.replace("\xa0", " ") for text in plot.locator("title").all_text_contents()]


def labels(plot: Any) -> list[str]:
    """What stands below the chart."""
    return [text.replace("\n", " ") for text in plot.locator(".ct-label.ct-horizontal").all_text_contents()]


def month(month: str, **ground: float) -> dict[str, Any]:
    return {"month": month, **GROUNDS, **ground}


def test_months_are_stacked_by_ground_up_to_the_latest_and_each_piece_says_what_it_is(reader: Reader) -> None:
    rows = [month("2025-11", hard=40, soft=1234.5), month("2025-09", unknown=2.5), month("2024-10", hard=9)]
    plot = draw(reader, "months", rows, months="12")
    assert titles(plot) == [
        "November 2025: hard 40 km", "November 2025: soft 1,235 km", "September 2025: unknown 2.5 km"
    ]  # fmt: skip
    assert labels(plot) == [
        "Dec 2024",
        "Jan 2025",
        *["Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov"],
    ]
    assert plot.locator(".is-hard .ct-bar").count() == 1


def test_the_months_of_many_years_bear_the_years_only_and_fewer_where_it_is_narrow(browser: Any, url: str) -> None:
    rows = [month(f"{year}-{number:02}", hard=10) for year in range(2012, 2026) for number in range(1, 13)]
    with reading(browser, url) as reader:
        reader.open(SHOE_PAGE)
        plot = draw(reader, "months", rows, months="")
        assert titles(plot)[0] == "January 2012: hard 10 km" and len(titles(plot)) == 168
        assert labels(plot) == [str(year) for year in range(2012, 2026)]
        reader.tab.set_viewport_size({"width": 360, "height": 740})
        plot.locator(".ct-label.ct-horizontal").nth(13).wait_for(state="detached")
        assert labels(plot) == [str(year) for year in range(2012, 2026, 2)]


def used(day: str, used: float, what: str = "worn") -> dict[str, Any]:
    return {"day": day, "used": used, "life": 700, "unit": "km", "what": what}


WORN = [used("2025-01-31", 0), used("2025-03-01", 200), used("2025-07-01", 500), used("2025-08-01", 500, "today")]
FORECAST = [used("2025-09-01", 700, "early"), used("2025-10-01", 700, "expected"), used("2026-01-01", 700, "late")]


def points(plot: Any) -> list[list[float]]:
    text = str(plot.locator(".chart-fan").get_attribute("points"))
    return [[float(number) for number in pair.split(",")] for pair in text.replace(" ", "\n").split()]


def test_a_life_goes_up_to_today_and_from_there_as_a_fan_to_its_limit(reader: Reader) -> None:
    plot = draw(reader, "life", [*WORN, *FORECAST])
    assert titles(plot) == ["At its limit from 1 Sep 2025 to 1 Jan 2026", "Expected 1 Oct 2025"]
    assert [text.replace("\xa0", " ") for text in plot.locator(".chart-note").all_text_contents()] == ["km", "limit 700 km", "today"]  # fmt: skip
    limit = float(plot.locator(".chart-limit").get_attribute("y1"))
    today, early, late = points(plot)
    here = plot.locator(".chart-here")
    assert today == [float(here.get_attribute("cx")), float(here.get_attribute("cy"))]
    assert early[1] == late[1] == limit < today[1] and today[0] < early[0] < late[0]
    path = str(plot.locator(".ct-line").get_attribute("d"))
    assert path.rsplit("L", maxsplit=1)[-1] == ",".join(f"{number:g}" for number in today)
    assert labels(plot)[:2] == ["Feb 2025", "Mar"] and labels(plot)[-1] == "Jan 2026"


def test_without_a_late_day_the_fan_stays_open_and_without_any_there_is_none(reader: Reader) -> None:
    plot = draw(reader, "life", [*WORN, *FORECAST[:2]])
    assert titles(plot) == ["At its limit from 1 Sep 2025 or later", "Expected 1 Oct 2025"]
    edge = float(plot.locator(".chart-limit").get_attribute("x2"))
    today, _, upper, lower = points(plot)
    assert upper[0] == lower[0] == edge and lower[1] == today[1]
    far = draw(
        reader,
        "life",
        [*WORN, used("2026-04-01", 700, "early"), used("2026-08-01", 700, "expected"), used("2027-06-01", 700, "late")],
        forecast="months",
    )
    assert titles(far) == ["At its limit from April 2026 to June 2027", "Expected August 2026"]
    assert titles(draw(reader, "life", WORN)) == []
    retired = draw(reader, "life", WORN[:3])
    assert retired.locator(".chart-today, .chart-here").count() == 0 and retired.locator(".ct-line").count() == 1


def test_a_pair_of_a_few_days_has_days_below_its_line(reader: Reader) -> None:
    plot = draw(reader, "life", [used("2025-03-03", 0), used("2025-03-08", 20), used("2025-03-09", 20, "today")])
    assert labels(plot) == ["3 Mar", "6 Mar"]


MANY = """([first, end]) => {
    for (const old of document.querySelectorAll(".made-up")) old.remove();
    const one = document.querySelector("figure.chart");
    for (let number = first; number < end; number++) {
        const figure = one.cloneNode(true);
        Object.assign(figure.dataset, { chart: "life", src: `/rows.json?${number}` });
        figure.querySelector(".plot").replaceChildren();
        figure.classList.add("made-up");
        one.before(figure);
    }
    document.dispatchEvent(new Event("shoemon:renewed"));
}"""
CROSSINGS = """all => all.flatMap((figure, number) => {
    const near = (box, x, y) => x > box.left - 2 && x < box.right + 2 && y > box.top - 2 && y < box.bottom + 2;
    const boxes = [...figure.querySelectorAll(".chart-note")].map(text => text.getBoundingClientRect());
    const { left, top } = figure.querySelector(".plot svg").getBoundingClientRect();
    const crossed = new Set();
    for (const line of figure.querySelectorAll(".ct-line, .chart-expected, .chart-limit, .chart-fan, .chart-today, .chart-here"))
        for (let at = 0; at <= line.getTotalLength(); at++) {
            const { x, y } = line.getPointAtLength(at);
            if (boxes.some(box => near(box, left + x, top + y))) crossed.add(line.getAttribute("class"));
        }
    if (boxes.some((box, n) => boxes.slice(n + 1).some(other => near(other, box.left, box.top) || near(other, box.right, box.bottom)))) crossed.add("note");
    return [...crossed].map(line => `${number} ${line}`);
})"""
"""Lines that come within two pixels of a note of their chart, walked pixel by pixel."""


def made_up(chance: random.Random) -> list[dict[str, Any]]:
    """A life: begun by `initial` or not, of some days or years, from hardly used to far past its limit."""
    first, span = date(2020, 1, 1), chance.choice((5, 60, 400, 2000))
    days = sorted({chance.randrange(span) for _ in range(chance.choice((2, 10, 120)))} | {0})
    start, end = 700 * chance.choice((0, 0, 0.3, 0.97, 1.3)), 700 * chance.choice((0.02, 0.4, 0.9, 1.0, 1.1, 2.5))
    parts = sorted(chance.random() ** chance.choice((0.3, 1, 3)) for _ in days)
    rows = [used(f"{first + timedelta(day)}", start + end * part) for day, part in zip(days, parts, strict=True)]
    if chance.random() < 0.2:
        return rows  # retired
    now, last = days[-1] + chance.choice((0, 3, 90)), rows[-1]["used"]
    rows.append(used(f"{first + timedelta(now)}", last, "today"))
    whats = ("early", "expected", "late")[: chance.randrange(4)] if last < 700 else ()
    ahead = sorted(chance.randrange(1, 182) for _ in whats)
    return rows + [used(f"{first + timedelta(now + day)}", 700, what) for day, what in zip(ahead, whats, strict=True)]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("number", quick([60, 1200], 1))
def test_no_line_of_a_life_comes_near_its_words(browser: Any, url: str, width: int, number: int) -> None:
    chance = random.Random(width)
    with reading(browser, url, viewport={"width": width, "height": 800}) as reader:
        reader.open(SHOE_PAGE)
        lives = [made_up(chance) for _ in range(number)]
        reader.tab.route(
            "**/rows.json?*", lambda route: route.fulfill(json=lives[int(route.request.url.partition("?")[2])])
        )
        for first in range(0, number, 60):
            reader.tab.evaluate(MANY, [first, first + 60])
            for figure in reader.tab.locator(".made-up").all():
                figure.locator(".plot svg .chart-note").first.wait_for(state="attached")
            assert reader.tab.locator(".made-up").evaluate_all(CROSSINGS) == []


def share(day: str, percent: float | None, target: float | None = 60.0) -> dict[str, Any]:
    return {"day": day, "hard_percent": percent, "target_percent": target}


def test_a_share_is_a_line_with_gaps_beside_its_target(reader: Reader) -> None:
    rows = [share("2025-03-02", 50.0), share("2025-03-09", 75.55), share("2025-03-16", None), share("2025-03-23", 0.0), share("2025-03-30", None)]  # fmt: skip
    plot = draw(reader, "share", rows)
    assert titles(plot) == ["2 Mar 2025: 50 %", "9 Mar 2025: 75.6 %", "23 Mar 2025: 0 %"]
    assert str(plot.locator(".ct-line").first.get_attribute("d")).count("L") == 1
    assert plot.locator(".chart-alone").count() == 1
    assert plot.locator(".chart-target").count() == 1
    assert plot.locator(".chart-note").all_text_contents() == ["target 60\xa0%"]
    assert draw(reader, "share", [share("2025-03-02", 50.0, None), share("2025-04-02", 50.0, None)]).locator(".chart-target").count() == 0  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("months", []), ("months", [month("2025-11")]), ("months", [month("some day", hard=1)]), ("life", []),
        ("life", [{**WORN[0], "day": ""}]), ("share", []), ("share", [share("2025-03-02", None)]),
    ],
)  # fmt: skip
def test_without_anything_to_draw_the_chart_says_so(reader: Reader, kind: str, rows: Any) -> None:
    plot = draw(reader, kind, rows)
    assert plot.text_content() == "There is nothing to draw yet."
    assert plot.get_attribute("role") is None and plot.get_attribute("aria-label") is None


@pytest.mark.parametrize(("rows", "status"), [("<html>", 200), ('{"ok": false}', 200), ("[null]", 200), ("[]", 500)])
@pytest.mark.parametrize("kind", quick(["months", "life", "share"], 1))
def test_what_is_no_answer_leaves_a_sentence_and_the_table(reader: Reader, kind: str, rows: str, status: int) -> None:
    plot = draw(reader, kind, rows, status)
    assert plot.text_content() == "The chart cannot be drawn just now; the table has its figures."
    assert reader.tab.locator("#another figcaption a").first.is_visible()
    reader.wrong[:] = [wrong for wrong in reader.wrong if "500" not in wrong]


def test_figures_are_written_as_the_reader_writes_them(browser: Any, url: str) -> None:
    with reading(browser, url, locale="de-DE") as reader:
        reader.open(SHOE_PAGE)
        plot = draw(reader, "months", [month("2025-11", hard=1234.5, soft=2.5)], months="1")
        assert titles(plot) == ["November 2025: hard 1.235 km", "November 2025: soft 2,5 km"]
        assert "500" in plot.locator(".ct-label.ct-vertical").all_text_contents()


@pytest.mark.slow
def test_text_in_rows_never_becomes_markup(reader: Reader) -> None:
    bad = "<img src=x onerror=alert(1)>"
    for kind, rows in (("months", [month("2025-11", hard=1, unit=bad)]), ("life", [{**row, "unit": bad, "what": row["what"]} for row in WORN])):  # fmt: skip
        plot = draw(reader, kind, rows, unit=bad)
        assert plot.locator("svg").count() == 1 and plot.locator("img").count() == 0
        assert bad in str(plot.text_content())


def test_the_script_is_small_and_stands_on_its_own() -> None:
    text = (Path(plugins_dir()) / "static" / "charts.js").read_text(encoding="utf-8")
    assert len(text.encode()) < 15_000
    assert not [word for word in ("innerHTML", "eval(", "http://", "https://", "import ") if word in text]
