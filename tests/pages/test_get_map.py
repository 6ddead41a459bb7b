"""The page that gets the map: it shows what would be downloaded, asks the scheduler to, and shows its progress."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kit import http_servers
from kit.homes import Home
from kit.mirror import Mirror, mirror
from kit.pages import Pages, text_of
from kit.tracked import MAIN, STREET, along, gpx, island, row, tracked_home

from shoemon.store.locking import lock
from shoemon.sync.get_map import at_work
from shoemon.sync.heartbeat import scheduler_lock
from shoemon.sync.progress import SyncStep
from shoemon.sync.schedule import Watch
from shoemon.web.desk import Desk

PATH = "/-/get-map"
no_proxies = pytest.fixture(autouse=True)(http_servers.no_proxies)


@pytest.fixture
def server() -> Iterator[Mirror]:
    with mirror() as served:
        served.publish("africa/chad-latest.osm.pbf", island().encode())
        yield served


@pytest.fixture
def home(tmp_path: Path, server: Mirror) -> Home:
    home = tracked_home(tmp_path / "home", [row(1, 3000)], {1: gpx(along(STREET, 3000))})
    home.main(MAIN.replace("{map: island.osm}", f"{{mirror: '{server.url}'}}"))
    home.sync()
    return home


class Browser:
    """A reader at this machine, without scripts."""

    def __init__(self, home: Home, client: str = "127.0.0.1") -> None:
        self._client, self._held = client, dict[str, str]()
        self._pages = Pages(home.database, desks={"shoemon": Desk(home.config, home.clock)})

    def ask(self, *pressed: str, path: str = PATH) -> Any:
        """Open the page, and press these buttons and boxes of its forms."""
        (answer,) = self._pages.ask("GET", path, client=self._client)
        if pressed:
            self._held |= dict(re.findall('type="hidden" name="([^"]+)" value="([^"]+)"', answer.text))
            form = {**self._held, **dict.fromkeys(pressed, "1")}
            (answer,) = self._pages.ask("POST", path, client=self._client, data=form)
        return answer


def content(answer: Any) -> str:
    return text_of(answer.text[answer.text.index("<main") :])


def test_from_the_first_look_to_the_map_without_a_script(home: Home, server: Mirror) -> None:
    browser, watch = Browser(home), Watch(home.directory, home.clock)
    assert "Get the map of your runs" in browser.ask(path="/-/ground").text
    with lock(scheduler_lock(home.database), "scheduler"):
        assert "no server is asked before you agree. Find the extracts" in content(browser.ask())
        assert browser.ask("find").headers["location"] == PATH
        answer = browser.ask()
        assert (answer.headers["refresh"], "Waiting for the scheduler" in content(answer)) == ("5", True)
        watch.tick()
        shown = content(browser.ask())
        assert "Extract Runs Size Chad 1 134 MB Together 134 MB They come from " + server.url in shown
        assert browser.ask("nothing").status_code == 400 and server.asked == []
        assert browser.ask("get chad").status_code == 303
        watch.tick()
    assert "Last imported on 1 Jun 2024" in content(browser.ask())
    assert "Nothing was done: they were imported less than a day ago" in content(browser.ask("get chad"))
    home.sync()
    assert home.rows("SELECT DISTINCT surface FROM legs") == [("asphalt",)]


def test_progress_and_failures_are_shown_and_it_can_be_stopped(home: Home, server: Mirror) -> None:
    browser, watch = Browser(home), Watch(home.directory, home.clock)
    browser.ask("find")
    watch.tick()
    server.files.clear()
    browser.ask("get chad")
    with at_work(home.config, home.clock) as show:
        show(SyncStep("downloading Chad (MB)", 12, 134))
        assert "Now: downloading Chad (MB), 12 of 134." in content(browser.ask())
        answer = browser.ask("find")
        assert (answer.status_code, "another download of the map is running" in answer.text) == (409, True)
    watch.tick()
    shown = content(browser.ask())
    assert "was not found (status 404); check the address. It is tried again" in shown
    assert "No scheduler is running, so nothing happens here." in shown
    browser.ask("stop")
    assert "Waiting" not in content(browser.ask()) and "Find them again" in content(browser.ask())


def test_who_may_not_write_sees_neither_regions_nor_a_button(home: Home) -> None:
    home.main((home.directory / "shoemon.yaml").read_text() + "web: {public: true}\n")
    browser = Browser(home, "192.168.1.7")
    answer = browser.ask()
    assert answer.status_code == 403 and "map get" in content(answer) and "<form" not in content(answer)
    assert "get-map" not in browser.ask(path="/-/ground").text
