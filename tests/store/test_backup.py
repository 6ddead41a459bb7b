"""A backup is taken while shoemon works, is whole and sound, and a restored one says nothing twice."""

import itertools
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
from kit.homes import Home, faults, table_source
from kit.receivers import Hook, hook

from shoemon.model.errors import ShoemonError
from shoemon.store.backup import back_up

SHOES = "shoes:\n  - {id: road, name: Road, life: 100 km}\n  - {id: trail, name: Trail, life: 100 km}\n"


def runs(count: int, metres: int = 5000) -> list[tuple[object, ...]]:
    moments = [f"2023-{1 + i // 600 % 12:02}-{1 + i // 24 % 25:02}T{i % 24:02}:00:00Z" for i in range(count + 1)]
    return [(i, moments[i], metres, "run", "", ("Road", "Trail")[i % 2], "", 1800) for i in range(1, count + 1)]


def make_home(directory: Path, receiver: Hook) -> Home:
    home = Home(directory / "home")
    home.main(
        "sources:\n" + table_source("watch") + f"notify:\n  - {{name: hook, type: webhook, url: {receiver.url}}}\n"
    )
    home.shoes(SHOES)
    return home


def restore(home: Home, copy: Path) -> None:
    for path in home.directory.glob("shoemon.db*"):
        path.unlink()
    copy.rename(home.database)


def test_a_backup_taken_while_syncs_write_is_whole_and_sound(tmp_path: Path) -> None:
    """Every copy is a state between two syncs: its totals are a recount, and all its runs have the same length."""
    with hook() as receiver:
        home = make_home(tmp_path, receiver)
        home.table("watch", runs(400))
        home.sync()
        done = threading.Event()

        def write() -> None:
            for turn in itertools.count():
                if done.is_set():
                    return
                home.table("watch", runs(400, 5000 + turn))
                home.sync()

        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        lengths: set[float] = set()
        while len(lengths) < 3:
            assert writer.is_alive()
            target = tmp_path / "copy.db"
            assert back_up(home.database, target) == target.stat().st_size
            with closing(sqlite3.connect(target)) as copy:
                assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
                undecided = copy.execute("SELECT count(*) FROM activities WHERE counted IS NULL").fetchone()[0]
                found = [row[0] for row in copy.execute("SELECT DISTINCT distance_m FROM legs")]
            assert len(found) == 1
            assert undecided in (0, 400)
            assert undecided or faults(target) == []
            lengths.update(found)
        done.set()
        writer.join()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.db", "home"]


def test_a_restored_backup_says_nothing_twice_and_has_the_same_totals(tmp_path: Path) -> None:
    with hook() as receiver:
        home = make_home(tmp_path, receiver)
        home.table("watch", runs(37))
        home.sync()
        home.table("watch", runs(42))
        home.sync()
        said, totals = list(receiver.ids), home.totals()
        assert [id.rsplit("-", 1)[0] for id in said] == ["digest", "several"]
        home.database.chmod(0o600)
        back_up(home.database, tmp_path / "copy.db")
        assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600, "as private as the database"
        restore(home, tmp_path / "copy.db")
        for state_is_lost in (False, True):
            if state_is_lost:
                (home.directory / "state.db").unlink()
            home.clock.move(days=1)
            home.sync()
            assert receiver.ids == said
            assert home.totals() == totals
            assert faults(home.database) == []


def test_an_older_backup_catches_up_and_repeats_ids_never_other_words_under_one_id(tmp_path: Path) -> None:
    with hook() as receiver:
        home = make_home(tmp_path, receiver)
        home.table("watch", runs(30))
        home.sync()
        back_up(home.database, tmp_path / "copy.db")
        home.table("watch", runs(38))
        home.sync()
        said, totals = list(receiver.ids), home.totals()
        restore(home, tmp_path / "copy.db")
        home.sync()
        assert receiver.ids == [*said, *said[1:]]
        assert receiver.bodies[len(said) :] == receiver.bodies[1 : len(said)]
        assert home.totals() == totals


def test_a_backup_that_cannot_be_made_leaves_the_older_one(tmp_path: Path) -> None:
    with hook() as receiver:
        home = make_home(tmp_path, receiver)
        with pytest.raises(ShoemonError, match="no database"):
            back_up(home.database, tmp_path / "copy.db")
        home.table("watch", runs(3))
        home.sync()
        with pytest.raises(ShoemonError, match="is the database itself"):
            back_up(home.database, home.directory / "shoemon.db")
        target = tmp_path / "copy.db"
        target.write_text("the older one")
        home.database.write_bytes(b"not a database" * 300)
        with pytest.raises(ShoemonError, match="cannot back up"):
            back_up(home.database, target)
        assert target.read_text() == "the older one"
        with pytest.raises(ShoemonError, match="cannot back up"):
            back_up(home.database, tmp_path / "no such folder" / "copy.db")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["copy.db", "home"]
