"""A reader who has the first page open sees a sync at work, and its figures when it has ended, in a browser."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from kit.browsing import Reader, reading
from kit.homes import Home
from kit.runners import served

from shoemon.store.locking import lock
from shoemon.sync import progress
from shoemon.sync.match.match_tracks import MATCHING
from shoemon.sync.progress import ProgressReporter, SyncStep


@pytest.fixture
def home(synced: Home, tmp_path: Path) -> Home:
    return synced.copied(tmp_path / "home")


@pytest.fixture(scope="module")
def synced(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("synced") / "home")
    home.shoes(
        "shoes:\n  - {id: road, name: Road}\n  - {id: trail, name: Trail}\n"
        "  - {id: old, name: Old, retired: 2024-05-31}\n"
    )
    ran(home, 20)
    home.sync()
    return home


def ran(home: Home, runs: int) -> None:
    """The table of so many runs of 5 km in each pair."""
    rows = [
        (i, f"2024-05-{1 + i % 28:02}T07:00:00Z", 5000, "run", f"Run {i}", ("Road", "Trail", "Old")[i % 3])
        for i in range(3 * runs)
    ]
    home.table("watch", rows)


@contextmanager
def opened(browser: Any, home: Home) -> Iterator[Reader]:
    """The first page as it stands open, with every fold unfolded and the time in the hands of the test."""
    with served(home) as pages, reading(browser, pages.url, locale="de-DE") as reader:
        reader.tab.clock.install()
        with reader.tab.expect_response("**/-/progress.json"):
            reader.open()
        reader.tab.evaluate(
            """() => {
              window.opened = true;
              window.said = [];
              const text = document.querySelector("#progress .doing");
              new MutationObserver(() => said.push(text.textContent)).observe(text, {childList: true});
              for (const fold of document.querySelectorAll("main details")) fold.open = true;
            }"""
        )
        yield reader


def asks(reader: Reader, seconds: int) -> None:
    """The time goes on until the page has asked again, and has been answered."""
    with reader.tab.expect_response("**/-/progress.json"):
        reader.tab.clock.run_for(1000 * seconds)


def said(reader: Reader, text: str) -> None:
    """What the line says, before long."""
    reader.tab.wait_for_function("text => document.querySelector('#progress .doing').textContent === text", arg=text)


def test_a_sync_at_work_is_shown_and_read_out_once_whatever_its_figures_do(browser: Any, home: Home) -> None:
    with opened(browser, home) as reader:
        assert reader.tab.locator("#progress").inner_text().strip() == ""
        tell = ProgressReporter(home.config.database, home.clock, lambda _: None, iter(range(0, 100, 2)).__next__)
        with lock(progress.lock_file(home.config.database), "a test"):
            tell(SyncStep("reading watch", 12345, shown=""))
            asks(reader, 16)
            said(reader, "Sync running: reading watch")
            line = reader.tab.locator("#progress .going")
            assert "12.345 so far" in line.inner_text() and "since" in line.inner_text()
            bar = reader.tab.get_by_role("progressbar", name="Sync running: reading watch")
            assert bar.get_attribute("value") is None
            for done in (1000, 1025, 1050):
                tell(SyncStep(MATCHING, done, 2880, shown=""))
                asks(reader, 2)
                reader.tab.locator("#progress .counted", has_text=f"1.{done - 1000:03} of 2.880").wait_for()
            bar = reader.tab.get_by_role("progressbar", name=f"Sync running: {MATCHING}")
            assert bar.evaluate("bar => [bar.value, bar.max]") == [1050, 2880]
            assert reader.tab.evaluate("said") == ["Sync running: reading watch", f"Sync running: {MATCHING}"]
            progress.forget(home.config.database)
        asks(reader, 2)
        said(reader, "")


def test_a_page_opened_while_a_sync_is_at_work_is_read_anew_when_that_ends(browser: Any, home: Home) -> None:
    """Half of it may have been there already."""
    with lock(progress.lock_file(home.config.database), "a test"):
        ProgressReporter(home.config.database, home.clock, lambda _: None)(SyncStep("deciding"))
        with opened(browser, home) as reader:
            said(reader, "Sync running: deciding")
            progress.forget(home.config.database)
            asks(reader, 2)
            said(reader, "New figures are shown")
            assert reader.tab.evaluate("opened")


def test_new_figures_take_the_place_of_the_old_ones_and_nothing_jumps(browser: Any, home: Home) -> None:
    with opened(browser, home) as reader:
        before = reader.text()
        reader.tab.evaluate("scrollTo(0, 200)")
        ran(home, 25)
        home.sync()
        asks(reader, 16)
        said(reader, "New figures are shown")
        after = reader.text()
        assert ("100 of" in before, "125 of" in before) == (True, False)
        assert ("100 of" in after, "125 of" in after) == (False, True)
        reader.drawn()
        kept = """() => [opened, scrollY, document.querySelectorAll("#progress").length,
          [...document.querySelectorAll("main details")].every(fold => fold.open)]"""
        assert reader.tab.evaluate(kept) == [True, 200, 1, True]
        asks(reader, 16)
        said(reader, "")
        assert reader.tab.evaluate("said") == ["New figures are shown", ""]


def test_a_reader_in_the_middle_of_something_is_asked_first_and_one_who_looks_away_asks_nothing(
    browser: Any, home: Home
) -> None:
    with opened(browser, home) as reader:
        reader.tab.locator("main h3 a").first.focus()
        ran(home, 25)
        home.sync()
        asks(reader, 16)
        said(reader, "New figures:")
        asks(reader, 16)
        assert "100 of" in reader.text() and reader.tab.evaluate("said") == ["New figures:"]
        reader.click(reader.tab.get_by_role("link", name="show them"))
        said(reader, "New figures are shown")
        assert "125 of" in reader.text()
        assert reader.tab.evaluate("[opened, document.activeElement.localName]") == [True, "main"]
        ran(home, 30)
        home.sync()
        asks(reader, 16)
        reader.tab.get_by_text("150 of").first.wait_for()
        # A page that is not looked at asks nothing.
        reader.tab.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
        reader.asked.clear()
        reader.tab.clock.run_for(120_000)
        assert reader.asked == []
        with reader.tab.expect_response("**/-/progress.json"):
            reader.tab.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
