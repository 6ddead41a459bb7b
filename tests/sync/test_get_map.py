"""Getting the map: found by the list that ships inside, downloaded when agreed to, continued, repeated, and reported."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from kit import http_servers
from kit.commands import said_here
from kit.homes import Home
from kit.mirror import Mirror, mirror
from kit.osm_files import rows
from kit.tracked import MAIN, STREET, along, gpx, grounds, island, row, tracked_home

from shoemon.ground.extracts.getting import folder_of, read_getting
from shoemon.report.health import health_data
from shoemon.sync.get_map import ask, at_work, chosen_of, find, get, state_of
from shoemon.sync.schedule import Watch

no_proxies = pytest.fixture(autouse=True)(http_servers.no_proxies)
CHAD, NIGER = "africa/chad-latest.osm.pbf", "africa/niger-latest.osm.pbf"
"""The kit's island, at 10 degrees north and 20 east, is in Chad."""


@pytest.fixture
def server() -> Iterator[Mirror]:
    with mirror() as served:
        served.publish(CHAD, island().encode())
        served.publish(NIGER, moved(island()).encode())
        yield served


def moved(text: str) -> str:
    """The island's map eight degrees north and six west, in Niger, with other ids."""
    for old, new in (
        ('lat="9.', 'lat="17.'),
        ('lat="10.', 'lat="18.'),
        ('lon="19.', 'lon="13.'),
        ('lon="20.', 'lon="14.'),
    ):
        text = text.replace(old, new)
    return text.replace('id="', 'id="9').replace('ref="', 'ref="9')


def home_at(directory: Path, server: Mirror, more: str = "") -> Home:
    """Two runs in Chad, and one in Niger."""
    tracks = {1: gpx(along(STREET, 3000)), 2: gpx(along(STREET, 2000), "2024-05-02"),
              3: gpx(along(STREET + 8, 2500, 14.001), "2024-05-03")}  # fmt: skip
    home = tracked_home(directory, [row(1, 3000), row(2, 2000, day=2), row(3, 2500, day=3)], tracks)
    home.main(MAIN.replace("{map: island.osm}", f"{{mirror: '{server.url}'{more}}}"))
    return home


def imported(home: Home) -> list[tuple[object, ...]]:
    path = home.config.map_database
    return rows(path, "region", "name, ways") if path.exists() else []


def left(home: Home) -> list[str]:
    """The files of downloads that are on disk."""
    return sorted(file.name for file in folder_of(home.config.map_database).glob("*.pbf*"))


def test_nothing_is_asked_before_the_answer_and_nothing_is_left_after(tmp_path: Path, server: Mirror) -> None:
    home = home_at(tmp_path / "home", server)
    home.sync()
    getting = find(home.config, "2024-06-01T12:00:00Z")
    assert [(each.extract.id, each.runs) for each in chosen_of(getting)] == [("chad", 2), ("niger", 1)]
    assert server.asked == []
    with at_work(home.config, home.clock) as show:
        ask(home.config, ["chad", "niger"], home.clock())
        got = [(extract.id, result) for extract, result in get(home.config, home.clock, show)]
    assert [(id, result[0]) for id, result in got if isinstance(result, tuple)] == [("chad", 3), ("niger", 3)]
    assert imported(home) == [("chad.osm.pbf", 3), ("niger.osm.pbf", 3)] and left(home) == []
    assert [path for path, _ in server.asked] == [f"/{CHAD}", f"/{CHAD}.md5", f"/{NIGER}", f"/{NIGER}.md5"]
    home.sync()
    assert set(grounds(home)["strava:1"]) == set(grounds(home)["strava:3"]) == {"asphalt"}


def test_a_page_asks_and_ticks_do_one_thing_each(tmp_path: Path, server: Mirror) -> None:
    home = home_at(tmp_path / "home", server)
    watch = Watch(home.directory, home.clock)
    watch.tick()
    assert server.asked == [] and state_of(home.config)["extracts"] == []
    for ids, ticks, expected in ((None, 1, []), (["chad"], 2, [("chad.osm.pbf", 3)])):
        ask(home.config, ids, home.clock())
        for _ in range(ticks):
            watch.tick()
        assert imported(home) == expected
    state = state_of(home.config)
    assert [(each["id"], each["chosen"]) for each in state["extracts"]] == [("chad", True), ("niger", False)]
    assert (state["waits"], state["error"], state["got_at"]) == (False, "", "2024-06-01T12:00:00Z")
    watch.tick()
    assert set(grounds(home)["strava:1"]) == {"asphalt"}


def test_an_extract_that_fails_is_reported_waits_and_stops_no_other(tmp_path: Path, server: Mirror) -> None:
    home = home_at(tmp_path / "home", server)
    home.sync()
    find(home.config, "2024-06-01T12:00:00Z")
    ask(home.config, ["chad", "niger"], home.clock())
    server.publish(CHAD, island().encode(), "0" * 32)
    watch = Watch(home.directory, home.clock)
    watch.tick()
    error = f"Chad: {server.url}/{CHAD} has another checksum than {server.url}/{CHAD}.md5"
    assert (state_of(home.config)["error"], left(home), imported(home)) == (error, [], [])
    asked = len(server.asked)
    watch.tick()
    assert len(server.asked) == asked
    home.clock.move(minutes=2)
    watch.tick()
    assert imported(home) == [("niger.osm.pbf", 3)]
    assert health_data(home.database, home.clock)["failing_sources"] == {"map": error}
    server.publish(CHAD, island().encode())
    watch.tick()
    assert imported(home) == [("chad.osm.pbf", 3), ("niger.osm.pbf", 3)]
    assert health_data(home.database, home.clock)["failing_sources"] == {}


def test_what_nobody_wants_any_more_is_removed(tmp_path: Path, server: Mirror) -> None:
    home = home_at(tmp_path / "home", server)
    home.sync()
    find(home.config, "2024-06-01T12:00:00Z")
    ask(home.config, ["chad"], home.clock())
    folder = folder_of(home.config.map_database)
    for name in ("chad.osm.pbf.part", "chad.osm.pbf.note", "niger.osm.pbf.part"):
        (folder / name).touch()
    ask(home.config, ["niger"], home.clock())
    assert left(home) == ["niger.osm.pbf.part"]
    assert read_getting(home.config.map_database).left_out == ["chad"]


def test_the_setting_gets_it_again_and_leaves_out_what_was_left_out(tmp_path: Path, server: Mirror) -> None:
    home = home_at(tmp_path / "home", server, ", get: yes, every: 30d")
    home.sync()
    find(home.config, "2024-06-01T12:00:00Z")
    ask(home.config, ["chad"], home.clock())
    watch = Watch(home.directory, home.clock)
    seen = []
    for days in (0, 0, 29, 2, 0):
        home.clock.move(days=days)
        watch.tick()
        seen.append(sum(path == f"/{CHAD}" for path, _ in server.asked))
    assert seen == [1, 1, 1, 2, 2]
    assert not any("niger" in path for path, _ in server.asked)


def test_a_map_that_lost_it_gets_it_again_after_a_day(tmp_path: Path, server: Mirror) -> None:
    home = home_at(tmp_path / "home", server, ", get: yes")
    watch = Watch(home.directory, home.clock)
    for _ in range(3):
        watch.tick()
    assert imported(home) == [("chad.osm.pbf", 3), ("niger.osm.pbf", 3)]
    home.config.map_database.unlink()
    for _ in range(2):
        watch.tick()
    assert imported(home) == []
    home.clock.move(days=1)
    for _ in range(2):
        watch.tick()
    assert imported(home) == [("chad.osm.pbf", 3), ("niger.osm.pbf", 3)]


def test_runs_in_no_extract_are_not_read_at_each_tick(tmp_path: Path, server: Mirror) -> None:
    home = home_at(tmp_path / "home", server, ", get: yes, largest_mb: 1")
    watch = Watch(home.directory, home.clock)
    for _ in range(2):
        watch.tick()
        home.clock.move(minutes=5)
    state = state_of(home.config)
    assert (state["found_at"], state["outside"], state["error"]) == ("2024-06-01T12:00:00Z", 3, "")


def test_an_extract_that_has_grown_beyond_all_measure_is_refused(tmp_path: Path, server: Mirror) -> None:
    home = home_at(tmp_path / "home", server, ", largest_mb: 200")
    home.sync()
    find(home.config, "2024-06-01T12:00:00Z")
    ask(home.config, ["chad"], home.clock())
    server.headers["Content-Length"] = "250000000"
    with at_work(home.config, home.clock) as show:
        ((_, result),) = get(home.config, home.clock, show)
    assert "has 250 MB, more than the 200 MB that are allowed" in str(result)


def test_the_command_shows_everything_asks_once_and_matches_the_runs(
    tmp_path: Path, server: Mirror, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = home_at(tmp_path / "home", server)
    said = said_here(monkeypatch, capsys, "sync", "--config", str(home.directory))
    get_one = f"3 runs have tracks; for the ground, get a map:\n    shoemon map get --config {home.directory}\n"
    assert said.out.endswith(get_one)
    shown = """\
These published extracts of OpenStreetMap cover your runs:
  1  Chad [chad]         2 runs    134 MB
  2  Niger [niger]        1 run     78 MB
Together 212 MB (on 2026-10-01), from SERVER, which learns these regions and nothing else of your runs.
Download them, import the map 5 km around your runs, and delete the files? yes, no, or the numbers of those you want \
[no]: """
    done = "Chad: 3 ways imported\nground: 3 runs matched to the map\n"
    wrong = "Error: write yes, no, or numbers from 1 to 2, such as 1,2\n"
    for answer, arguments, code, out, files in (
        ("no", (), 0, shown + "Nothing was downloaded.\n", 0),
        ("", (), 2, shown, 0),
        ("", ("--yes", "--without", "mali"), 2, "", 0),
        ("3\n1\n", (), 0, shown + wrong + shown.splitlines()[-1] + done, 1),
        ("", ("--yes", "--without", "chad"), 0, "Niger: 3 ways imported\nground: 1 run matched to the map\n", 2),
        ("yes\n", (), 0, "Imported less than a day ago: chad, niger.\nNothing was downloaded.\n", 2),
    ):
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        said = said_here(monkeypatch, capsys, "map", "get", *arguments, "--config", str(home.directory))
        assert said.code == code and len(imported(home)) == files
        assert said.out.replace(server.url, "SERVER").endswith(out), answer
