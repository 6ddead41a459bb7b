"""Tracks on the map, through the whole pipeline: what is matched when, what is done again, and what survives an end."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from homes import Home, dump, faults
from tracked import FOOTWAY, PATH, STREET, along, gpx, grounds, island, row, tracked_home, write_export

from shoemon import matching, workers
from shoemon.matching import Matched
from shoemon.sync import sync, sync_to_the_end

ON_STREET, ON_PATH, ON_FOOTWAY = (gpx(along(lat, 2_400)) for lat in (STREET, PATH, FOOTWAY))


def engine_runs(home: Home) -> dict[str, str]:
    """Status of every run that was laid on the map."""
    return dict(home.rows("SELECT activity, status FROM track_matches ORDER BY activity"))


def stamps(home: Home) -> dict[str, str]:
    return dict(home.rows("SELECT activity, matched_at FROM track_matches ORDER BY activity"))


def test_a_run_is_on_the_ground_of_the_way_its_track_follows(tmp_path: Path) -> None:
    """The summary's distance is divided by the track, and an undescribed footway stays unknown."""
    home = tracked_home(
        tmp_path, [row(1, 2_500), row(2, 2_400), row(3, 2_400)], {1: ON_STREET, 2: ON_PATH, 3: ON_FOOTWAY}
    )
    report = home.sync()
    assert grounds(home) == {
        "strava:1": {"asphalt": 2_500.0}, "strava:2": {"dirt": 2_400.0}, "strava:3": {"unknown": 2_400.0},
    }  # fmt: skip
    assert report.ground == Matched(3, 0, ())
    assert engine_runs(home) == {"strava:1": "matched", "strava:2": "matched", "strava:3": "matched"}
    assert home.rows("SELECT DISTINCT map_date FROM track_matches")[0][0][:10] == "2024-03-04"
    assert faults(home.database) == []


def test_what_cannot_be_laid_on_the_map_says_why_and_stops_nothing(tmp_path: Path) -> None:
    tracks: dict[int | str, str | bytes] = {
        1: ON_STREET, 2: b"not a track", 4: gpx([]), 5: gpx(along(30.0, 2_400)), 6: gpx([(STREET, 20.001)] * 900),
    }  # fmt: skip
    rows = [row(id, 2_400, day=id) for id in range(1, 7)] + [row(7, 2_400, file=""), row(8, 2_400, sport="Ride")]
    home = tracked_home(tmp_path, rows, tracks)
    report = home.sync()
    assert engine_runs(home) | {"strava:6": ""} == {
        "strava:1": "matched", "strava:2": "unreadable", "strava:3": "unreadable", "strava:4": "no track",
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


def test_a_second_sync_matches_nothing_and_changes_nothing(tmp_path: Path) -> None:
    home = tracked_home(tmp_path, [row(1, 2_400), row(2, 2_400)], {1: ON_STREET, 2: b"broken"})
    home.sync()
    before = dump(home.database)
    home.clock.move(hours=1)
    assert home.sync().ground == Matched()
    assert dump(home.database) == before


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


def test_another_version_of_the_matcher_is_a_reason_to_do_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tracked_home(tmp_path, [row(1, 2_400)], {1: ON_STREET})
    home.sync()
    monkeypatch.setattr("shoemon.ground.matching.ENGINE", "another")
    assert home.sync().ground.runs == 1
    assert home.rows("SELECT engine FROM track_matches") == [("another",)]


def test_an_export_that_cannot_be_opened_makes_its_tracks_wait_and_is_said(tmp_path: Path) -> None:
    home = tracked_home(tmp_path, [row(1, 2_400)], {1: ON_STREET})
    (home.directory / "island.osm").rename(home.directory / "later.osm")
    home.sync()
    (home.directory / "later.osm").rename(home.directory / "island.osm")
    (home.directory / "export").rename(home.directory / "away")
    report = sync(home.config, (), home.clock)
    assert (report.ground.runs, report.ground.left, report.failed) == (0, 1, True)
    assert "export" in report.ground.notes[0]
    (home.directory / "away").rename(home.directory / "export")
    assert home.sync().ground == Matched(1, 0, ())


def test_a_broken_map_file_is_said_and_stops_nothing(tmp_path: Path) -> None:
    home = tracked_home(tmp_path, [row(1, 2_400)], {1: ON_STREET})
    (home.directory / "island.osm").write_text("<osm><node")
    report = home.sync()
    assert report.failed
    assert "island.osm" in report.ground.notes[0]
    assert grounds(home) == {"strava:1": {"unknown": 2_400.0}}


MANY = workers.POOL_FROM + 10


def many(tmp_path: Path) -> Home:
    """So many runs that processes of their own are started."""
    rows = [row(id, 600, day=1 + id % 28) for id in range(1, MANY + 1)]
    return tracked_home(tmp_path, rows, dict.fromkeys(range(1, MANY + 1), gpx(along(STREET, 600))))


def test_a_history_is_matched_in_pieces_newest_first_and_each_piece_counts_at_once(tmp_path: Path) -> None:
    home = many(tmp_path)
    config, said = home.config, list[str]()
    from shoemon.store import open_database

    home.main((home.directory / "shoemon.yaml").read_text().replace("ground: {map: island.osm}", ""))
    home.sync()
    database = open_database(home.database, "km")
    try:
        first = matching.match_tracks(database, config, home.clock, said.append, lambda: False, budget_s=0.0)
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
    assert f"ground of {MANY - 1} of {MANY - 1} runs" in said
    assert set(map(str, grounds(home).values())) == {"{'asphalt': 600.0}"}


KILLED_WHILE_MATCHING = """
import os, signal, sys
from pathlib import Path
from shoemon.config.load import load
from shoemon.sync import sync

def die(word):
    if word.startswith("ground of"):
        os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    sync(load(Path(sys.argv[1])), progress=die)
"""


def test_what_was_matched_before_a_kill_lasts_and_the_rest_is_taken_up_again(tmp_path: Path) -> None:
    home, whole = many(tmp_path / "killed"), many(tmp_path / "whole")
    script = tmp_path / "killed.py"
    script.write_text(KILLED_WHILE_MATCHING)
    ended = subprocess.run([sys.executable, str(script), str(home.directory)], check=False, timeout=120)
    assert ended.returncode == -signal.SIGKILL
    kept = len(engine_runs(home))
    assert 0 < kept < MANY
    report = sync_to_the_end(home.config, clock=home.clock)
    assert report.ground.runs == MANY - kept
    sync_to_the_end(whole.config, clock=whole.clock)
    without = ("matched_at", "first_seen_at", "updated_at", "created_at", "applied_at", "value")
    assert dump(home.database, without) == dump(whole.database, without)
    assert faults(home.database) == []


def test_a_track_that_ends_the_process_that_reads_it_is_kept_as_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a broken reader written in another language might."""
    home = many(tmp_path)
    monkeypatch.setattr(workers.Surveyor, "survey", deadly_survey)
    report = sync_to_the_end(home.config, clock=home.clock)
    assert (report.ground.runs, report.ground.left) == (MANY, 0)
    assert home.rows("SELECT activity, status, message FROM track_matches WHERE status = 'unreadable'") == [
        ("strava:7", "unreadable", "reading it ended the process that read it")
    ]
    assert len(engine_runs(home)) == MANY


SURVEY = workers.Surveyor.survey


def deadly_survey(surveyor: workers.Surveyor, request: workers.Request) -> workers.Survey:
    if request.activity == "strava:7":
        os._exit(9)
    return SURVEY(surveyor, request)
