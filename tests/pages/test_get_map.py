"""The page that gets the map: it shows what would be downloaded, asks the scheduler to, and shows its progress."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from kit import http_servers
from kit.homes import Home
from kit.mirror import Mirror, mirror
from kit.pages import text_of
from kit.tracked import MAIN, STREET, along, gpx, island, row, tracked_home

from shoemon.store.locking import lock
from shoemon.sync.get_map import at_work
from shoemon.sync.heartbeat import scheduler_lock
from shoemon.sync.progress import SyncStep
from shoemon.sync.schedule import Watch
from shoemon.web.desk import Desk
from shoemon.web.door import Door
from shoemon.web.server import make_app
from shoemon.web.sign_in import sign_in_of

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
        config = home.config
        self._datasette = make_app(config.database, desks={"shoemon": Desk(config, home.clock)})
        self._transport = httpx.ASGITransport(Door(self._datasette, sign_in_of({"me": config})), client=(client, 50000))
        self._held: dict[str, str] = {}

    def ask(self, *pressed: str, path: str = PATH) -> httpx.Response:
        """Open the page, and press these buttons and boxes of its forms."""

        async def ask() -> Any:
            await self._datasette.invoke_startup()
            async with httpx.AsyncClient(transport=self._transport, base_url="http://localhost:8001") as client:
                answer = await client.get(path)
                if pressed:
                    held = re.findall('type="hidden" name="([^"]+)" value="([^"]+)"', answer.text)
                    self._held |= dict(held)
                    answer = await client.post(path, data={**self._held, **dict.fromkeys(pressed, "1")})
                return answer

        return asyncio.run(ask())  # type: ignore[no-any-return]


def content(answer: httpx.Response) -> str:
    return text_of(re.search("(?s)<main.*</main>", answer.text)[0])  # type: ignore[index]


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
