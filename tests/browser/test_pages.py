"""Every page in a real browser: on a phone and a desk's screen, light and dark, by its own strict policy, for eyes, ears
and paper, in the reader's own way of writing figures, and with no other host to be had."""

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from kit.browsing import DESKTOP, PHONE, Reader, reading
from kit.pages import QUERIES
from kit.reverse_proxy import proxy
from kit.runners import DATASETTES, FORMS, OURS, SHOES, Runner, Served, path_of, served

CHARTS = {"home": 1, "shoe": 2, "retired shoe": 1, "ground": 2}
"""At least so many charts stand on these pages."""
LONG = "name" * 30
SIZES = {"phone": PHONE, "desktop": DESKTOP}
LOOKS = {"light": (PHONE, {"width": 768, "height": 1024}), "dark": ({"width": 1440, "height": 900}, PHONE)}
PAPER = {"width": 703, "height": 1000}
"""A4 of 210 mm at 96 pixels an inch, without 12 mm at each side."""
NUMBER = re.compile(r"\d[\d.,]*\d|\d")


@pytest.fixture(scope="module")
def in_miles(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Runner, Served]]:
    runner = Runner(tmp_path_factory.mktemp("miles") / "home", units="mi", shoes=SHOES.replace("Alder Road", LONG))
    with served(runner.home) as pages:
        yield runner, pages


def charts_drawn(reader: Reader) -> int:
    """How many charts there are, each of which is drawn, in ink that can be seen; maps are drawn too by then."""
    reader.drawn()
    figures = reader.tab.locator("figure.chart").all()
    for figure in figures:
        marks = figure.locator(".plot :is(.ct-bar, .ct-line)")
        assert marks.count() > 0, figure.get_attribute("data-chart")
        strokes = marks.evaluate_all(
            "all => all.map(e => [getComputedStyle(e).stroke, e.getBoundingClientRect().width])"
        )
        assert all(colour != "none" for colour, _ in strokes), figure.get_attribute("data-chart")
    return len(figures)


def test_pages_are_sound_from_phone_to_desktop_light_and_dark_in_forced_colours_and_on_paper(
    browser: Any, runner: Runner, pages: Served
) -> None:
    found, nonces = [], []
    with reading(browser, pages.url) as reader:
        for page in (*OURS, *FORMS, *DATASETTES):
            for scheme, sizes in LOOKS.items():
                reader.tab.emulate_media(color_scheme=scheme, forced_colors="none", media="screen")
                answer = reader.open(path_of(page, runner))
                assert answer.status == 200, page
                nonces += [nonce_of(answer)] if page not in DATASETTES else []
                for size in sizes:
                    reader.tab.set_viewport_size(size)
                    assert charts_drawn(reader) >= CHARTS.get(page, 0), page
                    assert reader.overflow() <= 0, f"{page}, {size}: wider than the window"
                    found += violations(reader, f"{page}, {size}, {scheme}")
            if page not in DATASETTES:
                fits_paper(reader, page)
            if page in OURS:
                shows_in_forced_colours_and_on_paper(reader, page)
    assert found == []
    assert len(nonces) == len(set(nonces)) > 0


def test_every_query_view_and_table_that_home_leads_to_opens_in_the_same_look(
    browser: Any, runner: Runner, pages: Served
) -> None:
    names = runner.home.rows("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
    with reading(browser, pages.url, viewport=PHONE, color_scheme="dark") as reader:
        reader.open()
        reader.click(reader.tab.get_by_text("Everything else"))
        links = reader.tab.locator("details.further a")
        paths = links.evaluate_all("all => all.map(one => one.getAttribute('href'))")
        assert all(map(reader.sees, links.all()))
        assert {path.rpartition("/")[2] for path in paths} == {
            *QUERIES, *(name for (name,) in names if not name.startswith(("_", "sqlite_")))
        }  # fmt: skip
        for path in paths:
            assert reader.open(path).status == 200
            assert reader.text(".top nav") == "Shoes Ground Runs Database" and reader.overflow() <= 0, path


def test_long_names_stay_in_their_place(browser: Any, in_miles: tuple[Runner, Served]) -> None:
    """A household's header has the name of a runner, or of the database."""
    database = in_miles[0].home.database
    long = Path(shutil.copy(database, database.with_name(f"{LONG}.db")))
    with served(in_miles[0].home, long, desk=False) as pages, reading(browser, pages.url, viewport=PHONE) as reader:
        for path in (
            "/",
            *(f"/{LONG}/{page}" for page in ("", "shoes", "shoe_summary", "-/shoe/road", "-/runs", "-/ground")),
        ):
            reader.open(path)
            assert reader.overflow() <= 0, path
            assert path == "/" or all(map(reader.sees, reader.tab.locator(".top nav > *").all())), path
            assert LONG in reader.text("body"), path


def shows_in_forced_colours_and_on_paper(reader: Reader, page: str) -> None:
    reader.tab.emulate_media(forced_colors="active")
    assert charts_drawn(reader) >= CHARTS.get(page, 0), page
    on_screen = len(NUMBER.findall(reader.text()))
    reader.tab.emulate_media(forced_colors="none", media="print")
    assert charts_drawn(reader) >= CHARTS.get(page, 0), page
    assert len(NUMBER.findall(reader.text())) > on_screen / 2 > 1, page
    assert not reader.tab.locator("header nav").is_visible(), "links cannot be followed on paper"
    assert len(reader.tab.pdf()) > 5_000, page


CUT = """() => [...document.querySelectorAll("main *")].filter(e => e.clientWidth > 1
    && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== "visible").map(e => e.outerHTML.slice(0, 200))"""
"""What is wider than its place, and does not show the rest."""


def fits_paper(reader: Reader, page: str) -> None:
    """On A4 within its margins, from a browser in the dark."""
    reader.tab.emulate_media(color_scheme="dark", media="print")
    reader.tab.set_viewport_size(PAPER)
    assert reader.overflow() <= 0 and reader.tab.evaluate(CUT) == [], page
    assert reader.tab.evaluate("getComputedStyle(document.body).color") == "rgb(30, 34, 38)", "dark ink"
    reader.tab.set_viewport_size(DESKTOP)
    reader.tab.emulate_media(color_scheme="light", media="screen")


def nonce_of(answer: Any) -> str:
    """The nonce of a page's policy, which lets the scripts of this very answer run and nothing else."""
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    nonce = re.fullmatch(r"'nonce-([\w-]{22,})'", policy["script-src"])
    assert nonce is not None, policy["script-src"]
    assert policy["default-src"] == policy["base-uri"] == "'none'"
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:"} & set(" ".join(policy.values()).split())
    html = answer.text()
    assert re.findall(r"<script(?! src=\"[^\"]+\" nonce=\"[\w-]+\" defer></script>)", html) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", html) == []
    return nonce[1]


def violations(reader: Reader, where: str) -> list[str]:
    """What axe-core has to say against the page, by all its default rules. What axe does itself is not the page's."""
    seen = list(reader.wrong)
    # An element of Datasette 1.0 has a list where axe expects the method of all elements.
    reader.tab.evaluate("() => delete document.querySelector('navigation-search')?.matches")
    results = Axe().run(reader.tab).response["violations"]
    reader.wrong[:] = seen
    return [
        f"{where}: {each['id']}: {node['html']}: {node['failureSummary']}" for each in results for node in each["nodes"]
    ]


def plain_text(reader: Reader) -> str:
    """The page's words and figures without what a script draws, what is quoted as it came, and the folds closed."""
    script = """() => {
        const copy = document.querySelector("main").cloneNode(true);
        for (const part of copy.querySelectorAll(".plot, .map, pre, code, .progress")) part.remove();
        return copy.textContent;
    }"""
    return " ".join(reader.tab.evaluate(script).split())


def test_every_figure_is_there_without_scripts_and_written_as_the_reader_writes_it(
    browser: Any, runner: Runner, pages: Served
) -> None:
    """Every figure of the German page is that of the American one with point and comma changed about."""
    texts: dict[str, list[str]] = {page: [] for page in OURS}
    for options in ({}, {"locale": "de-DE"}, {"java_script_enabled": False}):
        with reading(browser, pages.url, **options) as reader:
            for page, found in texts.items():
                reader.open(path_of(page, runner))
                found.append(plain_text(reader))
                if "java_script_enabled" in options:
                    assert reader.overflow() <= 0
                    plots = reader.tab.locator("figure.chart .plot")
                    assert not any(plot.is_visible() for plot in plots.all()), "an empty frame where no chart can be"
    for page, (american, german, scriptless) in texts.items():
        assert german == NUMBER.sub(lambda found: found[0].translate({44: 46, 46: 44}), american)
        without = Counter(NUMBER.findall(scriptless))
        assert Counter(NUMBER.findall(american)) - without == Counter()
        assert sum(without.values()) > 3
        assert page != "home" or ("1,200 km" in american and "46,4 km left" in german), "both marks of a number"


def test_whoever_runs_miles_reads_of_no_kilometre(browser: Any, in_miles: tuple[Runner, Served]) -> None:
    runner, pages = in_miles
    with reading(browser, pages.url) as reader:
        for page in OURS:
            reader.open(path_of(page, runner))
            charts_drawn(reader)
            text = reader.tab.locator("main").text_content()
            assert re.findall(r"(?i).{30}\d\s*km\b|\bkm/h|/km\b", text) == []
            assert page == "runs without a shoe" or re.search(r"\d\s+mi\b", text), text


def test_the_map_shows_the_run_surface_by_surface_and_comes_nearer(browser: Any, runner: Runner, pages: Served) -> None:
    surfaces = dict(runner.home.rows("SELECT surface, 1 FROM track_surfaces WHERE activity = ?", runner.tracked))
    assert {"asphalt", "gravel"} < surfaces.keys()
    with reading(browser, pages.url) as reader:
        for size in SIZES.values():
            reader.tab.set_viewport_size(size)
            reader.open(path_of("run with a track", runner))
            charts_drawn(reader)
            named = reader.text("figure.map")
            assert [surface for surface in surfaces if surface not in named] == []
            frame, run = (reader.tab.locator(part).bounding_box() for part in ("figure.map .frame", ".map-run"))
            assert run["x"] >= frame["x"] and run["x"] + run["width"] <= frame["x"] + frame["width"]
            assert run["y"] >= frame["y"] and run["height"] > frame["height"] / 3
            reader.click(reader.tab.locator("figure.map button", has_text="+"))
            assert reader.tab.locator(".map-run").bounding_box()["height"] > 1.2 * run["height"]
            reader.click(reader.tab.get_by_role("button", name="Whole run"))
            assert abs(reader.tab.locator(".map-run").bounding_box()["height"] - run["height"]) < 2


def test_the_life_of_a_retired_pair_is_saved_as_a_picture_by_the_browser_alone(browser: Any, pages: Served) -> None:
    with reading(browser, pages.url) as reader:
        reader.open("/-/shoe/old")
        asked = len(reader.asked)
        for name, start in (("Save as PNG", b"\x89PNG"), ("Save as SVG", b"<svg")):
            with reader.tab.expect_download() as saved:
                reader.tab.get_by_text(name).click()
            assert saved.value.path().read_bytes().startswith(start)
            assert saved.value.suggested_filename == f"old.{name[-3:].lower()}"
        assert {url.partition(":")[0] for url in reader.asked[asked:]} <= {"blob", "http"}


def test_behind_a_reverse_proxy_every_page_and_link_stays_below_its_path(browser: Any, tmp_path: Path) -> None:
    runner = Runner(tmp_path / "home", web="web: {base_url: /shoes-here/}")
    prefix = "/shoes-here/"
    with (
        served(runner.home, base_url=prefix) as inner,
        proxy(inner.port, prefix, strips=True) as address,
        reading(browser, url := address + prefix) as reader,
    ):
        for page in (*OURS, *FORMS, *DATASETTES):
            if page in ("upload", "file that waits", "maps", "route", "SQL"):
                continue  # through a proxy nobody may edit without signing in
            assert reader.open(path_of(page, runner)).status == 200, page
            assert charts_drawn(reader) >= CHARTS.get(page, 0)
            script = "(all, name) => all.map(e => e[name]).filter(Boolean)"
            parts = reader.tab.locator("a, link, script, img, form")
            addresses = {address for name in ("href", "src", "action") for address in parts.evaluate_all(script, name)}
            own = {address for address in addresses if str(address).startswith("http://127.0.0.1")}
            assert own and all(address.startswith(url.rstrip("/")) for address in own), page
        assert all(address.startswith(url) for address in reader.asked)
