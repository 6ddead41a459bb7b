"""Serving: one file, read-only, while it is written to; stopped cleanly; not for other names."""

import asyncio
import socket
import sqlite3
from contextlib import AbstractContextManager, closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from kit.runners import running
from sqlite_utils import Database

from shoemon.model.errors import ShoemonError
from shoemon.store.schema import make_views, migrations
from shoemon.web import server as web


@pytest.fixture
def database(tmp_path: Path) -> Path:
    db = Database(tmp_path / "shoemon.db")
    migrations.apply(db)
    make_views(db, "km")
    db["shoes"].insert({"id": "a", "name": "First pair", "kind": "daily", "initial_m": 0.0, "life_m": 640_000.0})
    db.close()
    Database(tmp_path / "state.db")["tokens"].insert({"token": "secret"})
    return tmp_path / "shoemon.db"


def served(database: Path, **options: Any) -> AbstractContextManager[web.WebServer]:
    return running(web.WebServer(web.make_app(database), port=0, **options))


def test_one_database_is_served_and_it_cannot_be_written_to(database: Path) -> None:
    async def ask() -> None:
        datasette = web.make_app(database)
        await datasette.invoke_startup()
        assert [name for name in datasette.databases if name != "_internal"] == ["shoemon"]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            await datasette.get_database("shoemon").execute_fn(lambda conn: conn.execute("DELETE FROM shoes"))
        for path in ("/state", "/state/tokens.json", "/shoemon.db", "/shoemon.json?sql=attach+'state.db'+as+s"):
            answer = await datasette.client.get(path)
            assert answer.status_code >= 400 or "secret" not in answer.text
        assert (await datasette.client.get("/shoemon.db")).status_code in (403, 404)

    asyncio.run(ask())


def test_a_sync_commits_while_the_pages_are_read_and_is_seen(database: Path) -> None:
    with served(database) as server, closing(sqlite3.connect(database, timeout=0)) as writer:
        assert writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        for number in range(5):
            assert requests.get(server.url, timeout=300).status_code == 200
            with writer:
                writer.execute("UPDATE shoes SET name = ?", [f"Pair {number}"])
            assert f"Pair {number}" in requests.get(server.url, timeout=300).text


def test_pages_show_the_file_that_is_in_its_place_now(database: Path) -> None:
    """A backup is put back, and the disk goes and comes again, while the pages are served."""
    other = database.with_name("other.db")
    with closing(sqlite3.connect(database)) as old, closing(sqlite3.connect(other)) as new:
        old.backup(new)
        with new:
            new.execute("UPDATE shoes SET name = 'Restored pair'")
    with served(database) as server:
        read = partial(requests.get, timeout=300)
        assert "First pair" in read(server.url).text
        other.replace(database)
        for page in ("", "shoemon/shoes", "shoemon/shoes.json?_shape=array"):
            assert "Restored pair" in read(server.url + page).text
        database.rename(other)
        for page in ("", "shoemon/shoes", "shoemon/shoes.json", "-/runs"):
            answer = read(server.url + page)
            assert answer.status_code == 503 and "Its disk may not be mounted" in answer.text
            assert str(database.parent) not in answer.text and not database.exists()
        other.rename(database)
        assert "Restored pair" in read(server.url).text


def test_no_database_yet_is_told_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ShoemonError, match="shoemon sync"):
        web.make_app(tmp_path / "shoemon.db")
    assert not (tmp_path / "shoemon.db").exists()


def test_an_address_in_use_is_told_before_anything_starts(database: Path) -> None:
    said = r"cannot listen on 127.0.0.1 port \d+: .*--port"
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ShoemonError, match=said):
        web.WebServer(web.make_app(database), port=taken.getsockname()[1])


def test_the_rest_of_an_answer_does_not_wait_until_its_head_has_arrived(database: Path) -> None:
    """Nagle's algorithm would hold back what follows the head of each answer for 40 ms."""
    server = web.WebServer(web.make_app(database), port=0)
    with server._socket as listening, socket.create_connection(("127.0.0.1", server.port)):
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


HOSTS: dict[tuple[str, ...], dict[str, int]] = {
    (): {"localhost": 200, "LOCALHOST:8001": 200, "127.0.0.1:8001": 200, "[::1]:8001": 200, "evil.example": 421,
         "evil.example:8001": 421, "127.0.0.1.evil.example": 421, "localhost.evil.example": 421, "shoes.example": 421},
    ("shoes.example",): {"shoes.example": 200, "other.example": 421},
    ("*",): {"evil.example": 200},
}  # fmt: skip


@pytest.mark.parametrize("hosts", HOSTS)
def test_another_sites_name_does_not_reach_the_pages(database: Path, hosts: tuple[str, ...]) -> None:
    with served(database, hosts=hosts) as server:
        for host, status in HOSTS[hosts].items():
            answer = requests.get(f"http://127.0.0.1:{server.port}/", headers={"Host": host}, timeout=300)
            assert (answer.status_code, "First pair" in answer.text) == (status, status == 200), host


def test_loopback_addresses_are_this_machine_alone() -> None:
    own = {"127.0.0.1": True, "127.9.9.9": True, "::1": True, "localhost": True, "0.0.0.0": False, "nas.lan": False}
    assert {host: web.is_loopback(host) for host in own} == own


def test_base_url_has_its_strokes(database: Path) -> None:
    used = {"/": "/", "": "/", "runs": "/runs/", "/runs/": "/runs/", "/a/b": "/a/b/"}
    assert {given: web.make_app(database, base_url=given).setting("base_url") for given in used} == used
