"""The map is kept as new as the files that `ground.map` names: what is new or changed is imported, and nothing else."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from kit.homes import Home
from kit.osm_files import edges, osm, rows

from shoemon.config.load import load
from shoemon.ground.osm.clip import clip_of_box
from shoemon.ground.osm.importing import import_file
from shoemon.ground.osm.schema import MAP_VERSION
from shoemon.sync.match.update_map import update_map

NOW, LATER = "2024-06-01T12:00:00Z", "2024-06-02T12:00:00Z"
ONE = "n1 47.00 9.00\nn2 47.00 9.01\nn3 47.00 9.02\nw10 1,2,3 highway=path\n"
TWO = ONE + "n4 47.01 9.01\nw11 2,4 highway=track\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    (home.directory / "osm").mkdir()
    return home


def names(home: Home, *paths: str) -> None:
    home.main("sources: []\nground:\n  map: [" + ", ".join(f'"{path}"' for path in paths) + "]\n")


def put(home: Home, name: str, text: str, *, time: float = 1e9) -> Path:
    file = home.directory / "osm" / name
    file.write_text(osm(text), encoding="utf-8")
    os.utime(file, (time, time))
    return file


def keep_up(home: Home, now: str = NOW) -> tuple[list[str], list[str]]:
    """What went wrong, and the files that were read."""
    read: list[str] = []
    config = load(home.directory)
    problems = update_map(config.map_database, config.directory, config.main.ground.map, now, read.append)
    return problems, [said.removesuffix(": reading") for said in read if said.endswith(": reading")]


def imported(home: Home) -> list[tuple[object, ...]]:
    return rows(load(home.directory).map_database, "region", "name, imported_at, ways")


def test_files_are_imported_when_they_are_new_or_have_changed(home: Home) -> None:
    names(home, "osm/*.osm")
    put(home, "a.osm", ONE)
    assert keep_up(home) == ([], ["a.osm"])
    assert keep_up(home, LATER) == ([], [])
    put(home, "b.osm", ONE.replace("w10", "w20"))
    assert keep_up(home, LATER) == ([], ["b.osm"])
    put(home, "a.osm", TWO, time=1.1e9)
    assert keep_up(home, LATER) == ([], ["a.osm"])
    assert imported(home) == [("a.osm", LATER, 2), ("b.osm", LATER, 1)]


def test_a_file_of_the_same_size_and_time_is_not_read(home: Home) -> None:
    """So that a sync need not go through half a gigabyte to see that nothing has changed."""
    names(home, "osm/a.osm")
    put(home, "a.osm", ONE)
    keep_up(home)
    put(home, "a.osm", ONE.replace("9.02", "9.03"))
    assert keep_up(home, LATER) == ([], [])
    put(home, "a.osm", ONE.replace("9.02", "9.03"), time=1.4e9)
    assert keep_up(home, LATER) == ([], ["a.osm"])


def test_a_file_that_was_only_touched_is_not_imported_again(home: Home) -> None:
    names(home, "osm/a.osm")
    put(home, "a.osm", ONE)
    keep_up(home)
    put(home, "a.osm", ONE, time=1.2e9)
    assert keep_up(home, LATER) == ([], [])
    assert rows(load(home.directory).map_database, "meta") == [
        ("file a.osm", f"{(home.directory / 'osm' / 'a.osm').stat().st_size} {int(1.2e9) * 10**9}"), ("version", str(MAP_VERSION)),
    ]  # fmt: skip


def test_what_goes_wrong_is_said_and_the_rest_is_imported(home: Home) -> None:
    names(home, "osm/nothing.osm", "osm/*.osm", "osm/none*.pbf", "osm")
    put(home, "a.osm", ONE)
    (home.directory / "osm" / "b.osm").write_text("<gpx/>")
    (home.directory / "osm" / "c.osm").write_text("my diary")
    problems, read = keep_up(home)
    assert read == ["a.osm", "b.osm", "c.osm"]
    begin = str(home.directory)
    assert problems == [
        f"there is no file osm/nothing.osm; check `ground.map`, which is relative to {begin}",
        f"{begin}/osm/b.osm is damaged or not OpenStreetMap data ({UNKNOWN}); download it again",
        f"{begin}/osm/c.osm is not OpenStreetMap data; {KINDS}",
        f"there is no file osm/none*.pbf; check `ground.map`, which is relative to {begin}",
        f"there is no file osm; check `ground.map`, which is relative to {begin}",
    ]
    assert [row[0] for row in imported(home)] == ["a.osm"]


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("~nobody-at-all/x.osm", "there is no user nobody-at-all on this machine; write the full path"),
        ("x" * 300 + ".osm", "File name too long"),
        ("/proc/self/mem", "cannot read /proc/self/mem: Input/output error"),
    ],
)
def test_a_path_that_cannot_be_looked_at_is_said_and_the_rest_is_imported(home: Home, path: str, says: str) -> None:
    names(home, path, "osm/a.osm")
    put(home, "a.osm", ONE)
    problems, _ = keep_up(home)
    assert [says in problem for problem in problems] == [True]
    assert [row[0] for row in imported(home)] == ["a.osm"]


LOCKED = """
import os, sys
from pathlib import Path
from shoemon.config.load import load
from shoemon.sync.match.update_map import update_map
config = load(Path(sys.argv[1]))
if not os.getuid():
    os.setgid(65534), os.setuid(65534)
print(*update_map(config.map_database, config.directory, config.main.ground.map, "now"))
"""


def test_a_folder_that_nobody_may_enter_is_said(tmp_path: Path) -> None:
    """In a process of its own, for it must not be run by root."""
    with TemporaryDirectory() as outside:
        os.chmod(outside, 0o755)
        home = Home(Path(outside) / "home")
        names(home, "locked/a.osm")
        locked = home.directory / "locked"
        locked.mkdir()
        locked.chmod(0)
        done = subprocess.run(
            [sys.executable, "-c", LOCKED, str(home.directory)],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        locked.chmod(0o700)
    assert (done.returncode, "Permission denied; check `ground.map`" in done.stdout) == (0, True), done.stderr


UNKNOWN = "Unknown top-level element: gpx"
KINDS = "shoemon reads an extract as .osm.pbf, .osm, .osm.gz or .osm.bz2"


def test_a_file_that_cannot_be_imported_is_read_once_and_said_each_time(home: Home) -> None:
    """Until it is another. The other file comes meanwhile, and there is no map as long as none has come."""
    names(home, "osm/*.osm")
    put(home, "b.osm", "n1 47.0 9.0\n")
    problems, read = keep_up(home)
    assert (read, problems) == (["b.osm"], ["b.osm contains no way to run on; nothing was imported"])
    assert not load(home.directory).map_database.exists()
    assert keep_up(home) == (problems, [])
    put(home, "a.osm", ONE)
    assert keep_up(home) == (problems, ["a.osm"])
    assert keep_up(home) == (problems, [])
    put(home, "b.osm", TWO, time=1.1e9)
    assert keep_up(home) == ([], ["b.osm"])


def test_a_file_is_tried_again_when_it_was_the_map_that_failed(home: Home) -> None:
    names(home, "osm/a.osm")
    put(home, "a.osm", ONE)
    load(home.directory).map_database.parent.write_text("in the way of the folder")
    problems, read = keep_up(home)
    assert (read, len(problems)) == (["a.osm"], 1)
    load(home.directory).map_database.parent.unlink()
    assert keep_up(home) == ([], ["a.osm"])


@pytest.mark.parametrize("text", ["", "[]", '{"a.osm": 1}', '{"a.osm": [1]}', "\x00"])
def test_of_a_list_of_refused_files_that_is_none_nothing_is_believed(home: Home, text: str) -> None:
    names(home, "osm/a.osm")
    put(home, "a.osm", ONE)
    kept = load(home.directory).map_database.with_name("refused.json")
    kept.parent.mkdir()
    kept.write_text(text)
    assert keep_up(home) == ([], ["a.osm"])


def test_two_files_of_one_name_do_not_replace_each_other_for_ever(home: Home) -> None:
    names(home, "osm/a.osm", "more/a.osm")
    put(home, "a.osm", ONE)
    (home.directory / "more").mkdir()
    (home.directory / "more" / "a.osm").write_text(osm(TWO))
    for _ in range(2):
        (problem,), _ = keep_up(home)
        assert "have the same name" in problem
        assert imported(home) == [("a.osm", NOW, 1)]


def test_a_map_of_another_version_is_made_anew_of_the_same_parts(home: Home) -> None:
    """Also of the file that could not be read when the others were imported again."""
    names(home, "osm/*.osm")
    database = load(home.directory).map_database
    for name, ways in (("a.osm", ONE), ("b.osm", ONE.replace("w10", "w20"))):
        import_file(database, put(home, name, ways), clip_of_box("46.9,8.9,47.1,9.015"), NOW)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE meta SET value = '0' WHERE key = 'version'")
    (home.directory / "osm" / "b.osm").write_text("my diary")
    assert keep_up(home)[1] == ["a.osm", "b.osm"]
    assert edges(database) == [(10, 1, 2)]
    put(home, "b.osm", ONE.replace("w10", "w20"))
    assert keep_up(home) == ([], ["b.osm"])
    assert edges(database) == [(10, 1, 2), (20, 1, 2)]
    assert [key for key, _ in rows(database, "meta")] == ["file a.osm", "file b.osm", "version"]


def test_of_a_version_that_knew_no_parts_all_is_imported(home: Home) -> None:
    names(home, "osm/a.osm")
    put(home, "a.osm", ONE)
    database = load(home.directory).map_database
    database.parent.mkdir()
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("CREATE TABLE meta(key, value)")
        connection.execute("CREATE TABLE region(name)")
    assert keep_up(home) == ([], ["a.osm"])
    assert edges(database) == [(10, 1, 3)]


def test_a_file_that_is_no_map_is_said_and_left_alone(home: Home) -> None:
    names(home, "osm/a.osm")
    put(home, "a.osm", ONE)
    database = load(home.directory).map_database
    database.parent.mkdir()
    database.write_text("my diary, which is longer than the header of a database" * 40)
    problems, _ = keep_up(home)
    assert len(problems) == 1
    assert "cannot read the map" in problems[0]
    assert database.read_text().startswith("my diary")
