"""What a runner comes for, done in a real browser by whoever has never seen the pages: in two clicks, on a phone too, with
a mouse, a finger or the keyboard alone; and what it does to shoes.yaml."""

from calendar import month_name
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from kit.api_servers import Answer, serving
from kit.browsing import DESKTOP, PHONE, Reader, reading
from kit.homes import faults
from kit.runners import OURS, SOME, Runner, Served, path_of, served
from kit.trials import quick


@pytest.fixture
def own(browser: Any, runner: Runner, tmp_path: Path) -> Iterator[tuple[Runner, Served]]:
    """A runner whose files the test may change."""
    copied = runner.copied(tmp_path / "home")
    with served(copied.home) as pages:
        yield copied, pages


@pytest.fixture(scope="module", params=quick([PHONE, DESKTOP], 1), ids=["phone", "desktop"])
def visitor(browser: Any, pages: Served, request: pytest.FixtureRequest) -> Iterator[Reader]:
    with reading(browser, pages.url, viewport=request.param) as reader:
        yield reader


@pytest.fixture
def newcomer(visitor: Reader) -> Iterator[Reader]:
    """Whoever has the first page open, and then clicks twice at the most."""
    visitor.open()
    visitor.clicks = 0
    yield visitor
    assert visitor.clicks <= 2


def day(date: str) -> str:
    """A date as the pages write it."""
    year, month, number = date.split("-")
    return f"{int(number)} {month_name[int(month)][:3]} {year}"


def stands(reader: Reader, *words: str) -> None:
    """All these words stand on the page, where they can be seen."""
    for text in words:
        reader.tab.get_by_text(text).first.wait_for(state="attached")
        found = [place for place in reader.tab.get_by_text(text).all() if place.is_visible()]
        assert found, f"{text!r} is not on {reader.tab.url}: {reader.text()[:2000]}"
        assert any(map(reader.sees, found)), f"{text!r} cannot be brought into the window"


# ---------------------------------------------------------------- five questions of a newcomer


def test_task_which_shoe_is_next(newcomer: Reader) -> None:
    first = newcomer.tab.locator(".cards .card").first
    assert newcomer.sees(first.get_by_text("Alder Road")) and newcomer.sees(first.get_by_text("46.2 km left"))


def test_task_when_it_will_be_at_its_limit(runner: Runner, newcomer: Reader) -> None:
    (dates,) = runner.home.rows("SELECT due_early_on, due_on, due_late_on FROM shoe_wear WHERE shoe = 'road'")
    newcomer.click(newcomer.tab.get_by_role("link", name="Alder Road").first)
    stands(newcomer, *map(day, dates))


def test_task_why_a_run_counts_as_it_does(runner: Runner, newcomer: Reader) -> None:
    newcomer.click(newcomer.tab.get_by_role("link", name="Weekly run 5", exact=True))
    assert runner.one(5) == ("sheet:5", runner.one(5).day, "Weekly run 5", 10250.0, "Fell", "", "road")
    stands(newcomer, "Alder Road", "because a correction in shoes.yaml sets it", "because nothing names the surface")
    assert "10.3 km" in newcomer.text() or "10.25 km" in newcomer.text()


def test_task_how_far_on_asphalt_this_month(runner: Runner, newcomer: Reader) -> None:
    month = max(run.day for run in runner.runs).strftime("%Y-%m")
    metres = sum(run.metres for run in runner.runs if f"{run.day}"[:7] == month and run.surface == "asphalt")
    newcomer.click(newcomer.tab.get_by_role("link", name="Ground", exact=True).first)
    row = newcomer.tab.locator("tr, li").filter(has_text="asphalt")
    row = row.filter(has_text=f"{metres / 1000:.1f}".removesuffix(".0"))
    row.first.wait_for(state="attached")
    assert any(map(newcomer.sees, [each for each in row.all() if each.is_visible()])), newcomer.text()[:3000]
    stands(newcomer, f"{month_name[int(month[5:])]} {month[:4]}")


def test_task_a_wrong_shoe_is_put_right(browser: Any, own: tuple[Runner, Served]) -> None:
    runner, pages = own
    with reading(browser, pages.url, viewport=PHONE) as reader:
        reader.open()
        reader.click(reader.tab.locator("li").filter(has_text="Weekly run 0").get_by_role("link", name="Wrong shoe?"))
        reader.click(reader.tab.get_by_role("button", name="Birch Fell"))
        stands(reader, "Written to shoes.yaml", "Birch Fell")
        assert reader.clicks <= 2
    assert runner.home.rows("SELECT shoe, shoe_reason, distance_m FROM legs WHERE activity = 'sheet:0'") == [
        ("fell", "correction", 10_000.0)
    ]
    assert faults(runner.home.database) == []


# ---------------------------------------------------------------- a tap, and back


def test_one_tap_from_the_list_gives_a_run_its_pair_and_another_takes_it_back(
    browser: Any, own: tuple[Runner, Served]
) -> None:
    runner, pages = own
    before, totals = runner.text_of_shoes(), runner.home.totals()
    assert runner.one(1).shoe is None
    with reading(browser, pages.url, viewport=PHONE) as reader:
        reader.open()
        assert "344 of 390 km" in reader.text()
        reader.click(reader.tab.get_by_role("link", name="3 runs without a shoe"))
        reader.click(reader.tab.locator("li").filter(has_text="Weekly run 1").get_by_role("button", name="Alder Road"))
        stands(reader, "Written to shoes.yaml")
        after = runner.text_of_shoes()
        assert after == before.rstrip("\n") + "\n  - {run: sheet:1, shoe: road}\n"
        assert runner.home.totals() == {**totals, None: totals[None] - 10_050, "road": totals["road"] + 10_050}
        assert faults(runner.home.database) == []
        assert reader.tab.locator("li").filter(has_text="Weekly run 1").count() == 0, "it is still on the list"
        reader.open()
        assert "354 of 390 km" in reader.text() and "2 runs without a shoe" in reader.text()
        reader.tab.go_back()
        reader.click(reader.tab.get_by_role("link", name="Undo"))
        reader.click(reader.tab.get_by_role("button", name="let export and rules decide"))
        assert runner.text_of_shoes() == before
        assert runner.home.totals() == totals
        assert faults(runner.home.database) == []
        reader.open()
        assert "344 of 390 km" in reader.text() and "3 runs without a shoe" in reader.text()
        reader.open("/-/assign/sheet~3A1")
        reader.tab.get_by_label("Any other pair").select_option("old")
        reader.click(reader.tab.get_by_role("button", name="This one"))
        reader.tab.wait_for_url("**/-/run/sheet~3A1?said=written")
    assert runner.home.rows("SELECT shoe FROM legs WHERE activity = 'sheet:1'") == [("old",)]


FOREIGN = """<!doctype html><form method="post" action="{url}-/assign/sheet~3A1">
<input name="shoe" value="road"><input name="token" value=""><button>Win a pair</button></form>"""


def test_a_page_of_another_site_in_the_runners_browser_writes_nothing(
    browser: Any, runner: Runner, pages: Served, tmp_path: Path
) -> None:
    """On another port of this machine, which a browser takes for another origin of the same site, and as a file."""
    before = runner.text_of_shoes()
    with reading(browser, pages.url) as reader:
        reader.open("/-/assign/sheet~3A1")
        content = FOREIGN.format(url=pages.url).encode()
        (tmp_path / "index.html").write_bytes(content)
        with serving(lambda _: Answer(content, headers={"content-type": "text/html"})) as server:
            for address in (server.url, (tmp_path / "index.html").as_uri()):
                reader.tab.goto(address)
                with reader.tab.expect_response("**/-/assign/sheet~3A1") as answer:
                    reader.tab.get_by_role("button").click()
                assert answer.value.status == 403 and answer.value.request.method == "POST"
        reader.wrong.clear()  # what is refused here is meant to be
    assert runner.text_of_shoes() == before
    assert runner.home.rows("SELECT shoe FROM legs WHERE activity = 'sheet:1'") == [(None,)]


# ---------------------------------------------------------------- the keyboard

FOCUSED = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    if (one.numbered === undefined) one.numbered = window.numbers = (window.numbers || 0) + 1;
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    return {number: one.numbered, said: (one.textContent || one.name || one.id).trim().slice(0, 60),
        seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0};
}"""
REACHABLE = """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
    .filter(one => one.checkVisibility()).length"""


def walked(reader: Reader) -> list[dict[str, Any]]:
    """What the Tab key leads to, one after the other, until it comes round."""
    seen: list[dict[str, Any]] = []
    while len(seen) < 1000:
        reader.tab.keyboard.press("Tab")
        focused = reader.tab.evaluate(FOCUSED)
        if focused is None or (seen and focused["number"] <= seen[-1]["number"]):
            break
        seen.append(focused)
    return seen


def tab_to(reader: Reader, what: Any) -> None:
    """Presses Tab until `what` has the focus."""
    for _ in range(300):
        reader.tab.keyboard.press("Tab")
        if what.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {what}")


@pytest.mark.parametrize("some", quick([SOME, OURS], 1), ids=["some", "all"])
def test_the_tab_key_leads_to_everything_and_shows_where_it_is_and_enter_opens_folds(
    browser: Any, runner: Runner, pages: Served, some: Sequence[str]
) -> None:
    with reading(browser, pages.url) as reader:
        for page in some:
            reader.open(path_of(page, runner))
            reader.drawn()
            steps = walked(reader)
            assert steps[0]["said"] == "Skip to the content"
            assert [step["said"] for step in steps if not (step["outlined"] and step["seen"])] == []
            assert len(steps) == reader.tab.evaluate(REACHABLE), page
            reader.open(path_of(page, runner))
            for key in ("Tab", "Enter", "Tab"):
                reader.tab.keyboard.press(key)
            inside = "document.querySelector('main').contains(document.activeElement) || document.activeElement.closest('footer') !== null"
            assert reader.tab.evaluate(inside), "the skip link leads past the links at the top"
        reader.open()
        assert "Dogwood Old" not in reader.text()
        tab_to(reader, reader.tab.locator("summary", has_text="Retired"))
        reader.tab.keyboard.press("Enter")
        assert "Dogwood Old" in reader.text()


def test_a_run_is_given_its_pair_by_the_keyboard_alone(browser: Any, own: tuple[Runner, Served]) -> None:
    runner, pages = own
    with reading(browser, pages.url) as reader:
        reader.open()
        tab_to(reader, reader.tab.locator("li").filter(has_text="Weekly run 1").get_by_role("link", name="Which shoe?"))
        reader.tab.keyboard.press("Enter")
        tab_to(reader, reader.tab.get_by_role("button", name="Alder Road"))
        reader.tab.keyboard.press("Enter")
        reader.tab.get_by_text("Written to shoes.yaml").wait_for()
    assert "  - {run: sheet:1, shoe: road}\n" in runner.text_of_shoes()
    assert runner.home.rows("SELECT shoe FROM legs WHERE activity = 'sheet:1'") == [("road",)]
