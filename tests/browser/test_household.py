"""Two runners of one household on a phone, as `shoemon serve ANNA BOB` shows them: both to see, one's own to write."""

from pathlib import Path
from typing import Any

import requests
from kit.browsing import PHONE, reading
from kit.commands import started
from kit.homes import Home, table_source
from kit.http_servers import free_port
from kit.waiting import until

ROWS = [(1, "2024-05-01T07:00:00Z", 9000, "run", "Known", "Road"), (2, "2024-05-02T07:00:00Z", 4000, "run", "Open", "")]
WORN = "SELECT shoe FROM legs WHERE activity = 'watch:2'"


def made(directory: Path, name: str) -> Home:
    """A home with a password of its own, two pairs, and a run that has none."""
    home = Home(directory)
    (directory / "password").write_text(f"{name} knows")
    web = "web: {password: {file: password}}"
    home.main(f"runner: {name}\n{web}\nsources:\n{table_source('watch')}")
    home.shoes(f"shoes:\n  - {{id: road, name: {name} Road, gear: [Road]}}\n  - {{id: trail, name: {name} Trail}}\n")
    home.table("watch", ROWS)
    home.sync()
    return home


def is_up(url: str) -> bool:
    try:
        return requests.get(f"{url}-/health", timeout=300).ok
    except requests.ConnectionError:
        return False


def test_both_homes_are_seen_and_each_runner_writes_their_own(browser: Any, tmp_path: Path) -> None:
    homes, port = {name: made(tmp_path / name, name) for name in ("Anna", "Bob")}, free_port()
    directories, url = [home.directory for home in homes.values()], f"http://127.0.0.1:{port}/"
    with started("serve", *directories, "--port", str(port)):
        until(lambda: is_up(url))
        with reading(browser, url, viewport=PHONE) as reader:
            reader.open("/bob/-/assign/watch~3A2")
            for field, text in (("username", "Bob"), ("password", "Bob knows")):
                reader.tab.locator(f"[name={field}]").fill(text)
            reader.click(reader.tab.get_by_role("button", name="Log in"))
            reader.click(reader.tab.get_by_role("button", name="Bob Road"))
            assert "Written to shoes.yaml" in reader.text()
            until(lambda: homes["Bob"].rows(WORN) == [("road",)])
            reader.open("/")
            assert all(f"{name} Road" in reader.text() for name in homes) and reader.overflow() == 0
            reader.open("/bob/-/runs")
            assert reader.tab.get_by_role("link", name="Wrong shoe?").count() == 2
            reader.open("/anna/-/run/watch~3A2")
            assert "Open" in reader.text() and reader.tab.get_by_role("link", name="Wrong shoe?").count() == 0
            assert reader.tab.locator("main form").count() == 0
            reader.click(reader.tab.get_by_role("link", name="Log out"))
            reader.click(reader.tab.get_by_role("button", name="Log out"))
            assert reader.tab.locator("[name=password]").count() == 1
    assert homes["Anna"].rows(WORN) == [(None,)]
