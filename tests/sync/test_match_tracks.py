"""Tracks on the map, through the whole pipeline: what is matched when, what is done again, and what survives an end."""

import math
import multiprocessing
import os
import random
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest
from kit.homes import Home, dump, faults
from kit.osm_files import damage
from kit.pages import Pages, text_of
from kit.tracked import FOOTWAY, PATH, STREET, along, gpx, grounds, island, row, tracked_home, write_export
from kit.trials import quick

from shoemon.config.load import Config
from shoemon.ground.match import match
from shoemon.ground.match.piece import MapPiece
from shoemon.ground.osm.importing import import_file
from shoemon.ground.osm.reading import MapReader
from shoemon.ground.overpass.fetch import FetchedCells
from shoemon.model.run_ground import Match
from shoemon.model.trace import Box, Trace
from shoemon.report.explain import explain_lines
from shoemon.report.status import status_data
from shoemon.report.sync_lines import ground_lines, sync_lines
from shoemon.store.database import open_database
from shoemon.store.state_database import State
from shoemon.store.whereabouts import keep, kept_ways
from shoemon.sync.match import unmatched, workers
from shoemon.sync.match.match_tracks import Matched, match_tracks
from shoemon.sync.match.read_and_match import Request, Survey, Surveyor
from shoemon.sync.match.unmatched import Unmatched
from shoemon.sync.pipeline import sync, sync_to_the_end
from shoemon.sync.pull import PullJob, pull, source_context

ON_STREET, ON_PATH, ON_FOOTWAY = (gpx(along(lat, 2_400)) for lat in (STREET, PATH, FOOTWAY))


def engine_runs(home: Home) -> dict[str, str]:
    """Status of every run that was laid on the map."""
    return dict(home.rows("SELECT activity, status FROM track_matches ORDER BY activity"))


def stamps(home: Home) -> dict[str, str]:
    return dict(home.rows("SELECT activity, matched_at FROM track_matches ORDER BY activity"))


def test_a_run_is_on_the_ground_of_the_way_its_track_follows(tmp_path: Path) -> None:
    """The summary's distance is divided by a track of about its length; a shorter one is evidence of its own metres. An
    undescribed footway stays unknown, and is stored with its metres."""
    rows = [row(1, 2_500), row(2, 2_400), row(3, 2_400), row(4, 4_000)]
    home = tracked_home(tmp_path, rows, {1: ON_STREET, 2: ON_PATH, 3: ON_FOOTWAY, 4: ON_STREET})
    report = home.sync()
    assert grounds(home) == {
        "strava:1": {"asphalt": 2_500.0}, "strava:2": {"dirt": 2_400.0}, "strava:3": {"unknown": 2_400.0},
        "strava:4": {"asphalt": 2_400.0, "unknown": 1_600.0},
    }  # fmt: skip
    causes = "SELECT activity, surface_reason, surface_detail FROM legs WHERE surface = 'unknown' ORDER BY 1"
    assert home.rows(causes) == [("strava:3", "unknown_untagged", None), ("strava:4", "unknown_short_track", None)]
    assert kept_ways(home.config.state_database) == [("strava:3", 3, 2_400)]
    assert report.ground == Matched(4, 0, ())
    assert set(engine_runs(home).values()) == {"matched"}
    assert home.rows("SELECT DISTINCT map_date FROM track_matches")[0][0][:10] == "2024-03-04"
    assert faults(home.database) == []


@pytest.mark.parametrize("drift_m", [0.0, 8.0, 40.0])
def test_of_a_track_that_goes_nowhere_nothing_is_said_and_the_runner_is_asked(tmp_path: Path, drift_m: float) -> None:
    """20 minutes on a treadmill beside the street: 4 km by the foot pod, while the watch looks for satellites."""
    north, east = 110_574, 111_320 * math.cos(math.radians(STREET))
    chance = random.Random(1)
    places, x, y = [], 0.0, 0.0
    for second in range(1_200):
        x, y = (0.98 * each + 0.2 * drift_m * chance.gauss(0, 1) for each in (x, y))
        places.append((STREET + y / north, 20.01 + (x + second / 60) / east))
    home = tracked_home(tmp_path, [row(1, 4_000)], {1: gpx(places)})
    home.shoes("shoes: [{id: pegasus, name: Pegasus}]\n")
    home.sync()
    assert grounds(home) == {"strava:1": {"unknown": 4_000.0}}
    line = '- {run: "strava:1", surface: treadmill}'
    assert home.rows("SELECT activity, correction FROM maybe_indoor_runs") == [("strava:1", line)]
    assert "goes nowhere, as on a treadmill" in "\n".join(explain_lines(home.config, "strava:1"))
    assert status_data(home.config)["decisions"]["maybe_indoor_runs"] == 1
    assert status_data(home.config)["unknown_ground"] == {"unknown_short_track": 4_000.0}
    home.shoes(f"shoes: [{{id: pegasus, name: Pegasus}}]\ncorrections:\n  {line}\n")
    home.sync()
    assert grounds(home) == {"strava:1": {"treadmill": 4_000.0}}
    assert status_data(home.config)["decisions"]["maybe_indoor_runs"] == 0


def test_what_cannot_be_laid_on_the_map_says_why_and_stops_nothing(tmp_path: Path) -> None:
    tracks: dict[int | str, str | bytes] = {
        1: ON_STREET, 2: b"not a track", 4: gpx([]), 5: gpx(along(30.0, 2_400)), 6: gpx([(STREET, 20.001)] * 900),
    }  # fmt: skip
    rows = [row(id, 2_400, day=id) for id in range(1, 7)] + [row(7, 2_400, file=""), row(8, 2_400, sport="Ride")]
    home = tracked_home(tmp_path, rows, tracks)
    report = home.sync()
    assert engine_runs(home) | {"strava:6": ""} == {
        "strava:1": "matched", "strava:2": "unreadable", "strava:3": "away", "strava:4": "no track",
        "strava:5": "outside", "strava:6": "",
    }  # fmt: skip
    assert not report.failed
    assert grounds(home)["strava:1"] == {"asphalt": 2_400.0}
    for id in (2, 3, 4, 5, 7):
        assert grounds(home)[f"strava:{id}"] == {"unknown": 2_400.0}
    messages = home.rows("SELECT message FROM track_matches WHERE status IN ('unreadable', 'no track')")
    assert all(message and len(message) > 10 for (message,) in messages)


def test_nothing_is_read_or_kept_without_a_map(tmp_path: Path) -> None:
    home = tracked_home(tmp_path, [row(1, 2_400)], {1: ON_STREET})
    home.main((home.directory / "shoemon.yaml").read_text().replace("ground: {map: island.osm}", ""))
    assert home.sync().ground == Matched()
    assert engine_runs(home) == {}
    assert grounds(home) == {"strava:1": {"unknown": 2_400.0}}


A, B = (
    "{{name: {}, at: [{}, 20.0154], radius: {} m, surface: {}}}".format(*each)
    for each in (("A", 10, 300, "tartan"), ("B", 10.1, 500, "grass"))
)
EDITS = (
    ([A], {"tartan": 600, "rest": 1_800}, {"unknown": 2_400}, 1),
    ([A, B], {"tartan": 600, "rest": 1_800}, {"grass": 1_000, "unknown": 1_400}, 1),
    ([B, A], {"tartan": 600, "rest": 1_800}, {"grass": 1_000, "unknown": 1_400}, 0),
    ([A, B.replace("grass", "turf")], {"tartan": 600, "rest": 1_800}, {"turf": 1_000, "unknown": 1_400}, 1),
    ([B, A.replace("300 m", "50 m")], {"tartan": 100, "rest": 2_300}, {"grass": 1_000, "unknown": 1_400}, 2),
    ([B.replace("grass", "unknown"), A], {"tartan": 600, "rest": 1_800}, {"unknown": 2_400}, 2),
    ([], {"rest": 2_400}, {"unknown": 2_400}, 1),
)
"""The places after an edit, the metres of the run on the street and of the one off the map, and the tracks read again."""


@pytest.mark.parametrize("rest", quick(["asphalt", "unknown"], 1))
def test_an_edit_of_places_reads_the_runs_near_them_again_as_if_it_was_always_so(rest: str, tmp_path: Path) -> None:
    """Places decide before the map, beside its edge, and (rest unknown) where there is none."""
    home = tracked_home(
        tmp_path / "home", [row(1, 2_400), row(2, 2_400, day=2)], {1: ON_STREET, 2: gpx(along(10.1, 2_400))}
    )
    if rest == "unknown":
        home.main((home.directory / "shoemon.yaml").read_text().replace("ground: {map: island.osm}", ""))
    pairs, is_first = (home.directory / "shoes.yaml").read_text(), True
    home.sync()
    for number, (places, near, away, again) in enumerate(EDITS):
        home.shoes(f"{pairs}places: [{', '.join(places)}]\n")
        assert home.sync().ground.runs == (2 if is_first and rest == "unknown" else again)
        expected = {rest if surface == "rest" else surface: metres for surface, metres in near.items()}
        assert grounds(home) == {"strava:1": expected, "strava:2": away}
        explained = "\n".join(explain_lines(home.config, "strava:1"))
        assert ("the place “A” in shoes.yaml sets it" in explained) == any("name: A" in each for each in places)
        anew = home.copied(tmp_path / str(number))
        anew.database.unlink()
        anew.sync()
        assert anew.rows("SELECT * FROM legs ORDER BY activity, surface") == home.rows(
            "SELECT * FROM legs ORDER BY activity, surface"
        )
        assert faults(home.database) == [] and home.sync().ground == Matched()
        is_first = False


def test_a_second_sync_matches_nothing_and_changes_nothing(tmp_path: Path, settled: None) -> None:
    home = tracked_home(tmp_path, [row(1, 2_400), row(2, 2_400)], {1: ON_STREET, 2: b"broken"})
    home.sync()
    before = dump(home.database, ["value"])
    home.clock.move(hours=1)
    assert home.sync().ground == Matched()
    assert dump(home.database, ["value"]) == before


def test_only_what_changed_is_laid_on_the_map_again(tmp_path: Path) -> None:
    """A new run, and one whose track is another by what the export says of it; a renamed one is left alone."""
    rows = [row(1, 2_400), row(2, 2_400, day=2), row(3, 2_400, day=3)]
    home = tracked_home(tmp_path, rows, dict.fromkeys((1, 2, 3), ON_STREET))
    home.sync()
    before = stamps(home)
    home.clock.move(hours=1)
    rows = [row(1, 2_400).replace("Run 1", "Renamed"), row(2, 2_100, day=2), row(3, 2_400, day=3), row(4, 2_400, day=4)]
    write_export(home, rows, {2: ON_PATH, 4: ON_PATH})
    assert home.sync().ground.runs == 2
    assert {id for id, at in stamps(home).items() if before.get(id) != at} == {"strava:2", "strava:4"}
    assert grounds(home) == {
        "strava:1": {"asphalt": 2_400.0}, "strava:2": {"dirt": 2_100.0}, "strava:3": {"asphalt": 2_400.0},
        "strava:4": {"dirt": 2_400.0},
    }  # fmt: skip


def test_another_map_of_the_place_is_a_reason_to_do_it_again_and_one_of_another_place_is_not(tmp_path: Path) -> None:
    home = tracked_home(tmp_path, [row(1, 2_400)], {1: ON_STREET})
    home.sync()
    far = island().replace('lat="10.', 'lat="40.').replace("9.99", "39.99").replace("10.02", "40.02")
    (home.directory / "far.osm").write_text(far.replace('id="', 'id="9').replace('ref="', 'ref="9'))
    home.main((home.directory / "shoemon.yaml").read_text().replace("island.osm", "[island.osm, far.osm]"))
    assert home.sync().ground == Matched()
    (home.directory / "island.osm").write_text(island("gravel", "2025-01-01T00:00:00Z"))
    assert home.sync().ground.runs == 1
    assert grounds(home) == {"strava:1": {"gravel": 2_400.0}}
    assert home.rows("SELECT substr(map_date, 1, 10) FROM track_matches") == [("2025-01-01",)]
    assert home.sync().ground == Matched()


@pytest.mark.parametrize("version", ["shoemon.ground.match.match.ENGINE", "shoemon.model.recording.TRACK_READER"])
def test_another_version_of_the_matcher_or_the_reader_is_a_reason_to_do_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """Matches of earlier versions, which have no causes and no ways, have them afterwards."""
    home = tracked_home(tmp_path, [row(1, 2_400), row(2, 2_400, day=2)], {1: ON_FOOTWAY, 2: b"broken"})
    home.sync()
    with closing(sqlite3.connect(home.config.database)) as connection, connection:
        connection.execute("UPDATE track_surfaces SET origin = 'unknown'")
        connection.execute("UPDATE track_matches SET covered_s = NULL, progress_m = NULL")
        connection.execute("DELETE FROM _meta WHERE key = 'decided_with'")
    keep(home.config.state_database, ["strava:1"], [], [])
    causes = "SELECT surface_reason FROM legs WHERE activity = 'strava:1'"
    home.sync()
    assert home.rows(causes) == [("unknown_map",)]
    monkeypatch.setattr(version, "another")
    assert home.sync().ground.runs == 2
    assert home.sync().ground == Matched()
    engines = home.rows("SELECT DISTINCT engine FROM track_matches")
    assert len(engines) == 1
    assert "another" in engines[0][0]
    assert home.rows(causes) == [("unknown_untagged",)]
    assert kept_ways(home.config.state_database) == [("strava:1", 3, 2_400)]


def test_an_export_that_cannot_be_opened_makes_its_tracks_wait_until_it_was_pulled_again(tmp_path: Path) -> None:
    """Whether the export can be read is said where it is pulled: that its tracks are away is no failure of its own."""
    home = tracked_home(tmp_path, [row(1, 2_400)], {1: ON_STREET})
    (home.directory / "island.osm").rename(home.directory / "later.osm")
    home.sync()
    (home.directory / "later.osm").rename(home.directory / "island.osm")
    (home.directory / "export").rename(home.directory / "away")
    report = sync(home.config, (), home.clock)
    assert report.ground == Matched(away=1)
    assert not report.failed
    assert list(ground_lines(report.ground)) == ["ground: 1 track is not available now; its ground stays as known"]
    assert sync(home.config, (), home.clock).ground == Matched()
    assert engine_runs(home) == {"strava:1": "away"}
    assert "export" in home.rows("SELECT message FROM track_matches")[0][0]
    (home.directory / "away").rename(home.directory / "export")
    home.clock.move(hours=1)
    assert home.sync().ground == Matched(1, 0, ())


def test_tracks_that_were_away_are_asked_for_after_all_others(tmp_path: Path) -> None:
    """Newest first, but what could not be had the last time must not hold up what can."""
    rows = [row(1, 2_400, day=1), row(2, 2_400, day=2), row(3, 2_400, day=3)]
    home = tracked_home(tmp_path, rows, {1: ON_STREET})
    home.sync()
    assert engine_runs(home) == {"strava:1": "matched", "strava:2": "away", "strava:3": "away"}
    home.clock.move(hours=1)
    write_export(home, [*rows, row(4, 2_400, day=1)], {})
    with closing(open_database(home.database, "km")) as database:
        state, context = State(home.config.state_database), source_context(home.config, home.clock)
        pull(PullJob(database, state, home.config.sources[0], context, home.clock()))
        asked = [request.activity for request in Unmatched(database, home.config).requests()]
    assert asked == ["strava:4", "strava:3", "strava:2"]


def test_tracks_that_are_away_are_tried_once_a_pull_though_the_clock_was_set_back(tmp_path: Path) -> None:
    rows = [row(1, 2_400), row(2, 2_400, day=2)]
    home = tracked_home(tmp_path, rows, {})
    home.main((home.directory / "shoemon.yaml").read_text().replace("ground: {map: island.osm}", ""))
    home.sync()
    home.main((home.directory / "shoemon.yaml").read_text() + "ground: {map: island.osm}\n")
    (home.directory / "export").rename(home.directory / "away")
    home.clock.move(days=-3)
    assert sync(home.config, (), home.clock).ground == Matched(away=2)
    assert sync(home.config, (), home.clock).ground == Matched()


def test_the_tracks_of_a_source_that_failed_are_not_asked_for(tmp_path: Path) -> None:
    home = tracked_home(tmp_path, [row(1, 2_400)], {1: ON_STREET})
    home.sync()
    (home.directory / "export").rename(home.directory / "away")
    (home.directory / "island.osm").write_text(island("gravel", "2025-01-01T00:00:00Z"))
    home.clock.move(hours=1)
    report = home.sync()
    assert report.ground == Matched()
    assert report.failed
    assert grounds(home) == {"strava:1": {"asphalt": 2_400.0}}
    (home.directory / "away").rename(home.directory / "export")
    home.clock.move(hours=1)
    assert home.sync().ground == Matched(1, 0, ())
    assert grounds(home) == {"strava:1": {"gravel": 2_400.0}}


def test_what_a_track_told_stays_when_there_is_none_to_be_read_any_more(tmp_path: Path) -> None:
    """One was deleted, one is broken now; both are laid on the new map as soon as they can be read."""
    tracks = {1: ON_STREET, 2: ON_STREET}
    home = tracked_home(tmp_path, [row(1, 2_400), row(2, 2_400, day=2)], tracks)
    home.sync()
    before = grounds(home)
    (home.directory / "export" / "activities" / "1.gpx").unlink()
    write_export(home, [row(1, 2_400), row(2, 2_400, day=2)], {2: b"broken"})
    (home.directory / "island.osm").write_text(island("gravel", "2025-01-01T00:00:00Z"))
    home.clock.move(hours=1)
    assert not home.sync().failed
    assert grounds(home) == before
    assert engine_runs(home) == {"strava:1": "matched", "strava:2": "matched"}
    assert all(message for (message,) in home.rows("SELECT message FROM track_matches"))
    assert "from an earlier sync; last attempt" in "".join(explain_lines(home.config, "strava:1"))
    assert sync(home.config, (), home.clock).ground == Matched()
    write_export(home, [row(1, 2_400), row(2, 2_400, day=2)], tracks)
    home.clock.move(hours=1)
    assert home.sync().ground == Matched(2, 0, ())
    assert grounds(home) == {id: {"gravel": 2_400.0} for id in before}
    assert home.rows("SELECT DISTINCT message FROM track_matches") == [(None,)]


def test_metres_on_a_surface_that_the_settings_lost_are_unknown_while_their_track_is_away(tmp_path: Path) -> None:
    home = tracked_home(tmp_path, [row(1, 2_400)], {1: ON_STREET})
    main, shoes = ((tmp_path / name).read_text() for name in ("shoemon.yaml", "shoes.yaml"))
    home.main(main.replace("ground: {", "ground: {surfaces: {rubber: {ground: synthetic}}, "))
    home.shoes(shoes + f"places: [{A.replace('tartan', 'rubber')}]\n")
    home.sync()
    assert grounds(home) == {"strava:1": {"rubber": 600, "asphalt": 1_800}}
    (tmp_path / "export" / "activities" / "1.gpx").unlink()
    home.main(main)
    home.shoes(shoes)
    home.sync()
    assert grounds(home) == {"strava:1": {"unknown": 600, "asphalt": 1_800}} and faults(home.database) == []


def test_a_track_that_could_not_be_read_is_tried_again_with_a_newer_export(tmp_path: Path) -> None:
    home = tracked_home(tmp_path, [row(1, 2_400)], {1: b"broken download"})
    home.sync()
    write_export(home, [row(1, 2_400), row(2, 2_400, day=2)], {1: ON_STREET, 2: ON_STREET})
    home.clock.move(hours=1)
    assert home.sync().ground == Matched(2, 0, ())
    assert grounds(home)["strava:1"] == {"asphalt": 2_400.0}


TRACKS = "timezone: UTC\nsources:\n  - {name: watch, type: tracks, path: tracks}\nground: {map: island.osm}\n"


def test_a_track_whose_points_were_repaired_is_laid_on_the_map_again(tmp_path: Path) -> None:
    """It starts at the same time, and is as long in metres and seconds."""
    home = tracked_home(tmp_path, [], {})
    home.main(TRACKS)
    (home.directory / "tracks").mkdir()
    (home.directory / "tracks" / "run.gpx").write_text(ON_STREET)
    home.sync()
    assert list(grounds(home).values()) == [{"asphalt": 2_400.0}]
    home.clock.move(hours=1)
    (home.directory / "tracks" / "run.gpx").write_text(ON_PATH)
    os.utime(home.directory / "tracks" / "run.gpx", (10**9, 10**9))
    assert home.sync().ground.runs == 1
    assert list(grounds(home).values()) == [{"dirt": 2_400.0}]


@pytest.mark.parametrize("first", ["sheet", "watch"])
def test_a_run_without_a_track_has_the_ground_of_its_copy_that_has_one(tmp_path: Path, first: str) -> None:
    """Whichever came first; and when the copy is laid on another map, the run is decided about anew."""
    home = tracked_home(tmp_path, [], {})
    sheet = "  - {name: sheet, type: " + SHEET + "}\n"
    home.main(TRACKS.replace("sources:\n", "sources:\n" + sheet))
    (home.directory / "tracks").mkdir()
    (home.directory / "tracks" / "run.gpx").write_text(ON_STREET)
    (home.directory / "runs.csv").write_text("id,start,km,s\n9,2024-05-01 06:00,2.5,800\n")
    home.sync([first])
    home.clock.move(hours=1)
    home.sync()
    assert grounds(home) == {"sheet:9": {"asphalt": 2_500.0}}
    assert "the same run, whose track was matched" in "".join(explain_lines(home.config, "sheet:9"))
    (home.directory / "island.osm").write_text(island("gravel", "2025-01-01T00:00:00Z"))
    home.clock.move(hours=1)
    assert home.sync().derived.decided == 2
    assert grounds(home) == {"sheet:9": {"gravel": 2_500.0}}
    (home.directory / "runs.csv").write_text("id,start,km,s\n9,2024-05-02 06:00,2.5,800\n")
    home.clock.move(hours=1)
    home.sync()
    assert set(map(str, grounds(home).values())) == {"{'gravel': 2400.0}", "{'unknown': 2500.0}"}
    assert faults(home.database) == []


SHEET = "table, path: runs.csv, columns: {id: id, start: start, distance: {column: km, unit: km}, elapsed: s}"


def test_tracks_that_are_away_keep_no_others_from_the_map(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest 20 that are asked for at once are all away."""
    monkeypatch.setattr(unmatched, "MOST_AT_ONCE", 20)
    rows = [row(id, 600, day=2 if id > 2 else 1) for id in range(1, 23)]
    home = tracked_home(tmp_path, rows, dict.fromkeys((1, 2), gpx(along(STREET, 600))))
    monkeypatch.setattr(Surveyor, "survey", away_but_two)
    report = sync_to_the_end(home.config, clock=home.clock)
    assert report.ground == Matched(2, 0, (), away=20)
    assert [id for id, status in engine_runs(home).items() if status == "matched"] == ["strava:1", "strava:2"]


def away_but_two(surveyor: Surveyor, request: Request, prepare: None = None) -> Survey:
    if request.activity in ("strava:1", "strava:2"):
        return SURVEY(surveyor, request)
    return Survey(request.activity, "away", "the disk is not there")


def test_runs_that_came_while_the_map_was_away_are_laid_on_it_when_it_is_back(tmp_path: Path) -> None:
    home = tracked_home(tmp_path, [row(1, 2_400)], {1: ON_STREET})
    home.sync()
    home.main((home.directory / "shoemon.yaml").read_text().replace("ground: {map: island.osm}", ""))
    home.sync()
    home.sync()
    (home.directory / "maps").rename(home.directory / "elsewhere")
    write_export(home, [row(1, 2_400), row(2, 2_400, day=2)], {2: ON_PATH})
    home.sync()
    (home.directory / "elsewhere").rename(home.directory / "maps")
    assert home.sync().ground.runs == 1
    assert grounds(home)["strava:2"] == {"dirt": 2_400.0}


def test_a_map_imported_meanwhile_is_a_reason_to_do_it_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tracked_home(tmp_path, [row(1, 2_400)], {1: ON_STREET})
    config, real_match, later = home.config, match.match, island("gravel", "2025-01-01T00:00:00Z")

    def slowly(trace: Trace, piece: MapPiece) -> Match:
        if later != (home.directory / "island.osm").read_text():
            (home.directory / "island.osm").write_text(later)
            import_file(config.map_database, home.directory / "island.osm", None, "2025-01-02T00:00:00Z")
        return real_match(trace, piece)

    monkeypatch.setattr(match, "match", slowly)
    home.sync()
    home.sync()
    assert grounds(home) == {"strava:1": {"gravel": 2_400.0}}


def test_the_map_is_asked_once_for_all_runs_of_one_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When it changes, a long history is looked through for what lies on the changed piece."""
    home = tracked_home(tmp_path, [row(id, 600, day=id) for id in range(1, 6)], dict.fromkeys(range(1, 6), ON_STREET))
    home.sync()
    asked, key = list[Box](), MapReader.key

    def told(map: MapReader, box: Box) -> str:
        asked.append(box)
        return key(map, box)

    (home.directory / "island.osm").write_text(island("gravel", "2025-01-01T00:00:00Z"))
    import_file(home.config.map_database, home.directory / "island.osm", None, "2025-01-02T00:00:00Z")
    monkeypatch.setattr(MapReader, "key", told)
    with closing(open_database(home.database, "km")) as database:
        assert Unmatched(database, home.config).count() == 5
    assert len(asked) == 2  # the whole, and the one box


def test_too_little_memory_for_one_run_is_said_and_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tracked_home(tmp_path, [row(1, 2_400), row(2, 2_400, day=2)], {1: ON_STREET, 2: ON_PATH})
    real_match = match.match

    def greedy(trace: Trace, piece: MapPiece) -> Match:
        if trace.lats[0] == STREET:
            raise MemoryError
        return real_match(trace, piece)

    monkeypatch.setattr(match, "match", greedy)
    report = home.sync()
    assert report.ground == Matched(1, 1, ("there was not enough memory for activities/1.gpx",))
    assert grounds(home) == {"strava:1": {"unknown": 2_400.0}, "strava:2": {"dirt": 2_400.0}}


@pytest.mark.parametrize("table", ["region", "edge", "edge_box_node"])
def test_a_damaged_map_is_said_and_stops_nothing(tmp_path: Path, table: str) -> None:
    home = tracked_home(tmp_path, [row(1, 2_400)], {1: ON_STREET})
    home.sync()
    home.main((home.directory / "shoemon.yaml").read_text().replace("ground: {map: island.osm}", ""))
    damage(home.config.map_database, table)
    write_export(home, [row(1, 2_400), row(2, 2_400, day=2)], {2: ON_PATH})
    home.clock.move(hours=1)
    report = home.sync()
    assert report.failed
    assert "map.db" in report.ground.notes[0]
    assert grounds(home) == {"strava:1": {"asphalt": 2_400.0}, "strava:2": {"unknown": 2_400.0}}


@pytest.mark.parametrize(("file", "says"), [("osm", "island.osm"), ("disk", "Input/output error")])
def test_a_map_that_cannot_be_had_is_said_and_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, says: str
) -> None:
    home = tracked_home(tmp_path, [row(1, 2_400)], {1: ON_STREET})

    def fails(*_: object) -> None:
        raise OSError(5, "Input/output error")

    if file == "osm":
        (home.directory / "island.osm").write_text("<osm><node")
    else:
        monkeypatch.setattr("shoemon.sync.match.update_map.update_map", fails)
    report = home.sync()
    assert says in report.ground.notes[0] and (report.failed or file == "disk")
    assert grounds(home) == {"strava:1": {"unknown": 2_400.0}}


def test_an_error_of_the_database_of_runs_is_no_note(tmp_path: Path) -> None:
    home = tracked_home(tmp_path, [row(1, 2_400)], {1: ON_STREET})
    home.sync()
    damage(home.database, "track_matches")
    home.clock.move(hours=1)
    with pytest.raises(sqlite3.DatabaseError):
        home.sync()


def test_runs_whose_ground_export_and_map_see_otherwise_are_listed_until_a_correction_says_more(tmp_path: Path) -> None:
    """The export calls a run on the path wholly hard, one on the street wholly hard too, and one half soft."""
    rows = [row(1, 2_400, dirt="0"), row(2, 2_400, day=2, dirt="0"), row(3, 2_400, day=3, dirt="1200")]
    home = tracked_home(tmp_path, rows, {1: ON_PATH, 2: ON_STREET, 3: ON_PATH})
    home.sync()
    listed = "SELECT activity, soft_percent_by_export, soft_percent_by_map FROM ground_disagreements"
    assert home.rows(listed) == [("strava:3", 50.0, 100.0), ("strava:1", 0.0, 100.0)]
    assert grounds(home)["strava:1"] == {"paved": 2_400.0}
    home.shoes("shoes: [{id: pegasus, name: Pegasus}]\ncorrections: [{run: 'strava:1', surface: dirt}]\n")
    home.sync()
    assert home.rows(listed) == [("strava:3", 50.0, 100.0)]


MANY = 12


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many runs are enough for processes of their own."""
    monkeypatch.setattr(workers, "POOL_FROM", MANY)


def many(tmp_path: Path) -> Home:
    rows = [row(id, 600, day=1 + id % 28) for id in range(1, MANY + 1)]
    return tracked_home(tmp_path, rows, dict.fromkeys(range(1, MANY + 1), gpx(along(STREET, 600))))


def test_a_history_is_matched_in_pieces_newest_first_and_each_piece_counts_at_once(tmp_path: Path) -> None:
    home = many(tmp_path)
    config, said = home.config, list[str]()
    home.main((home.directory / "shoemon.yaml").read_text().replace("ground: {map: island.osm}", ""))
    home.sync()
    database = open_database(home.database, "km")
    try:
        first = match_tracks(database, config, home.clock, said.append, lambda: False, budget_s=0.0)
        newest = database.conn.execute(
            """SELECT min(started_at) >= (SELECT max(started_at) FROM activities
                 WHERE id NOT IN (SELECT activity FROM track_matches)) FROM activities
               WHERE id IN (SELECT activity FROM track_matches)"""
        ).fetchone()
    finally:
        database.close()
    assert (first.runs, first.left) == (1, MANY - 1)
    assert newest == (1,)
    report = sync_to_the_end(config, clock=home.clock, progress=said.append)
    assert (report.ground.runs, report.ground.left) == (MANY - 1, 0)
    assert f"matched {MANY - 1} of {MANY - 1} runs" in said
    assert set(map(str, grounds(home).values())) == {"{'asphalt': 600.0}"}


KILLED_WHILE_MATCHING = """
import os, signal, sys
from pathlib import Path
from shoemon.config.load import load
from shoemon.sync.match import match_tracks, workers
from shoemon.sync.pipeline import sync

def die(word):
    if word.startswith("matched "):
        os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    match_tracks._BATCH, workers.POOL_FROM = 5, 10
    sync(load(Path(sys.argv[1])), progress=die)
"""


@pytest.mark.slow
def test_what_was_matched_before_a_kill_lasts_and_the_rest_is_taken_up_again(tmp_path: Path) -> None:
    home, whole = many(tmp_path / "killed"), many(tmp_path / "whole")
    script = tmp_path / "killed.py"
    script.write_text(KILLED_WHILE_MATCHING)
    ended = subprocess.run([sys.executable, str(script), str(home.directory)], check=False, timeout=300)
    assert ended.returncode == -signal.SIGKILL
    kept = len(engine_runs(home))
    assert 0 < kept < MANY
    report = sync_to_the_end(home.config, clock=home.clock)
    assert report.ground.runs == MANY - kept
    sync_to_the_end(whole.config, clock=whole.clock)
    without = ("matched_at", "first_seen_at", "updated_at", "created_at", "applied_at", "value")
    assert dump(home.database, without) == dump(whole.database, without)
    assert faults(home.database) == []


@pytest.mark.slow
def test_a_track_that_ends_its_process_twice_is_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pool: None
) -> None:
    """As a broken reader written in another language might."""
    home = many(tmp_path)
    monkeypatch.setattr(Surveyor, "survey", deadly_survey)
    report = sync_to_the_end(home.config, clock=home.clock)
    assert (report.ground.runs, report.ground.left) == (MANY, 0)
    assert home.rows("SELECT activity, status, message FROM track_matches WHERE status = 'unreadable'") == [
        ("strava:7", "unreadable", "reading it ended the process that read it")
    ]
    assert len(engine_runs(home)) == MANY


@pytest.mark.slow
def test_what_ended_other_processes_is_not_read_by_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pool: None
) -> None:
    """The first processes start, and no others: the rest waits, whatever the track that ended them would do here."""
    home = many(tmp_path)
    monkeypatch.setattr(Surveyor, "survey", deadly_survey)
    start, started = workers._processes, []

    def once(config: Config, count: int) -> AbstractContextManager[ProcessPoolExecutor]:
        started.append(count)
        if len(started) > 1:
            raise workers._NoProcessError
        return start(config, count)

    monkeypatch.setattr(workers, "_processes", once)
    report = home.sync()
    assert len(started) == 2
    assert report.ground.notes == (
        "the processes that read tracks have ended, and no new one can be started; the rest is read later",
    )
    assert report.ground.left > 0
    assert faults(home.database) == []


SURVEY = Surveyor.survey


def deadly_survey(surveyor: Surveyor, request: Request) -> Survey:
    if request.activity == "strava:7":
        if multiprocessing.parent_process() is None:
            pytest.skip("no process can be started here, so this one reads the tracks: it must not end")
        os._exit(9)
    return SURVEY(surveyor, request)


def test_where_no_process_can_start_this_one_reads_tracks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pool: None
) -> None:
    """As in a container without shared memory."""
    home = many(tmp_path)

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("multiprocessing.synchronize.SemLock.__init__", refused)
    assert home.sync().ground == Matched(MANY, 0, ())


def test_processes_that_end_at_once_are_no_fault_of_the_tracks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pool: None
) -> None:
    home = many(tmp_path)
    (tmp_path / "lame").mkdir()
    (tmp_path / "lame" / "sitecustomize.py").write_text(
        "import os, sys\nif 'spawn_main' in ' '.join(sys.orig_argv):\n    os._exit(137)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "lame"), prepend=os.pathsep)
    assert home.sync().ground == Matched(MANY, 0, ())
    assert set(engine_runs(home).values()) == {"matched"}


FETCHED = "ground: {overpass: 'http://127.0.0.1:9/api'}"


def fetched_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: list[FetchedCells]) -> Home:
    """Two runs and their map, and a server that was asked for a map already; it answers with each of `answers`, and then
    with the last."""
    home = tracked_home(tmp_path, [row(1, 2_400), row(2, 2_400, day=2)], {1: ON_STREET, 2: ON_PATH})
    import_file(home.config.map_database, home.directory / "island.osm", None, "2024-06-01T00:00:00Z")
    home.main((home.directory / "shoemon.yaml").read_text().replace("ground: {map: island.osm}", FETCHED))

    def fetch(*_: object) -> FetchedCells:
        return answers.pop(0) if len(answers) > 1 else answers[0]

    monkeypatch.setattr("shoemon.ground.overpass.fetch.fetch_missing", fetch)
    return home


def test_a_map_that_comes_piece_by_piece_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = fetched_home(tmp_path, monkeypatch, [FetchedCells(10, 7, None)])
    report = home.sync()
    assert report.ground == Matched(0, 2, (), cells=20)
    assert not report.failed


@pytest.mark.parametrize(
    ("answers", "ground"),
    [
        ([*[FetchedCells(10, 7, None)] * 2, FetchedCells(0, 0, None)], Matched(2, 0, (), cells=20)),
        ([FetchedCells(0, 7, "the server is busy")], Matched(0, 2, ("the server is busy",))),
    ],
)
def test_a_server_of_maps_is_asked_as_long_as_pieces_of_it_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: list[FetchedCells], ground: Matched
) -> None:
    home = fetched_home(tmp_path, monkeypatch, answers)
    assert sync_to_the_end(home.config, clock=home.clock).ground == ground


def test_a_sync_that_is_told_to_stop_lays_nothing_on_the_map(tmp_path: Path) -> None:
    home = tracked_home(tmp_path, [row(1, 2_400)], {1: ON_STREET})
    home.sync()
    (home.directory / "island.osm").write_text(island("gravel", "2025-01-01T00:00:00Z"))
    assert sync(home.config, (), home.clock, stopping=lambda: True).ground == Matched()
    assert grounds(home) == {"strava:1": {"asphalt": 2_400.0}}


def test_a_run_of_a_source_that_holds_no_tracks_any_more_keeps_its_ground_and_is_no_failure(tmp_path: Path) -> None:
    home = tracked_home(tmp_path, [row(1, 2_400), row(2, 2_400, day=2)], {1: ON_STREET, 2: ON_PATH})
    home.sync()
    home.main((home.directory / "shoemon.yaml").read_text().replace("strava-export, path: export", TABLE))
    (home.directory / "runs.csv").write_text("id,start,km\n9,2024-05-09 06:00,5\n")
    (home.directory / "island.osm").write_text(island("gravel", "2025-01-01T00:00:00Z"))
    home.clock.move(hours=1)
    report = home.sync()
    assert (report.ground, report.failed) == (Matched(away=2), False)
    assert grounds(home)["strava:1"] == {"asphalt": 2_400.0}


TABLE = "table, path: runs.csv, columns: {id: id, start: start, distance: {column: km, unit: km}}"


def test_a_hike_that_a_correction_counts_is_laid_on_the_map(tmp_path: Path) -> None:
    home = tracked_home(tmp_path, [row(1, 2_400, sport="Hike")], {1: ON_STREET})
    assert home.sync().ground == Matched()
    home.shoes("shoes: [{id: pegasus, name: Pegasus}]\ncorrections: [{run: 'strava:1', shoe: pegasus}]\n")
    assert home.sync().ground == Matched(1, 0, ())
    assert grounds(home) == {"strava:1": {"asphalt": 2_400.0}}


def test_a_track_of_one_point_on_the_map_is_not_said_to_lie_beside_it(tmp_path: Path) -> None:
    home = tracked_home(tmp_path, [row(1, 2_400)], {1: gpx(along(STREET, 2_400)[:1])})
    home.sync()
    assert home.rows("SELECT status, message FROM track_matches") == [
        ("no track", "all its positions are in one place")
    ]


def test_a_rule_by_ground_moves_a_run_when_its_ground_is_known_and_whenever_that_changes(tmp_path: Path) -> None:
    """A run on the path without gear, one with gear, one on the street: without a map, with one, with a newer one, and by
    other settings of the surface. The dry run says before what moves, and `explain` why."""
    rows = [row(1, 2_400), row(2, 2_400), row(3, 2_400)]
    without_gear = [each.replace(",Pegasus,", ",,") for each in (rows[0], rows[2])]
    tracks: dict[int | str, str | bytes] = {1: ON_PATH, 2: ON_PATH, 3: ON_STREET}
    home = tracked_home(tmp_path, [without_gear[0], rows[1], without_gear[1]], tracks)
    main = (home.directory / "shoemon.yaml").read_text()
    shoes = "shoes: [{id: pegasus, name: Pegasus}, {id: trail, name: Trail, surface: dirt}]\ndefault_shoe: pegasus\n"
    rule = "rules:\n  - {when: {ground: {soft: '>= 60%'}}, shoe: trail}\n"
    home.shoes(shoes)
    home.main(main.replace("ground: {map: island.osm}", ""))
    home.sync()
    home.shoes(shoes + rule)
    assert home.preview().changes == [] and home.sync().changes == []
    home.main(main)
    home.sync()
    assert home.totals() == {"pegasus": 4_800.0, "trail": 2_400.0}
    said = "rule 1 of shoes.yaml sets it: soft 100% (>= 60%)"
    assert said in "\n".join(explain_lines(home.config, "strava:1"))
    with Pages(home.database) as pages:
        assert said.replace(">", "&gt;") in text_of(pages.page("/-/run/strava~3A1"))
    home.shoes(shoes)
    home.sync()
    home.shoes(shoes + rule)
    assert "trail: 0.0 km -> 2.4 km (+2.4)" in list(sync_lines(home.config, home.preview(), dry_run=True))
    assert home.totals() == {"pegasus": 7_200.0}
    home.sync()
    (home.directory / "island.osm").write_text(island("gravel", "2024-03-05T00:00:00Z"), encoding="utf-8")
    home.sync()
    assert home.totals() == {"pegasus": 2_400.0, "trail": 4_800.0}
    home.main(main.replace("{map", "{surfaces: {gravel: {ground: hard}}, map"))
    home.sync()
    assert home.totals() == {"pegasus": 4_800.0, "trail": 2_400.0}
    assert faults(home.database) == []
