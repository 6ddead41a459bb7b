"""What holds for every source: whatever stands where an export should be, it makes no run of it and says so in words; a
file that has not changed is not read again; and the runner can say what a word for a sport means."""

import json
import random
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from kit.api_servers import Answer, no_proxies, serving
from kit.laid_exports import as_bytes, folder, packed

from shoemon.config.registry import SOURCES
from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import SourceError
from shoemon.sources import Context, open_source, recognise
from shoemon.store.tokens import Tokens

COLUMNS = {"columns": {"start": "start", "distance": {"column": "km", "unit": "km"}}}
KEY = {"key": {"env": "SECRET"}}
APP = {"client_id": "1", "client_secret": {"env": "SECRET"}}
FILES: dict[str, tuple[str, dict[str, Any]]] = {
    "strava-export": ("activities.csv", {}),
    "garmin-account": ("DI_CONNECT/DI-Connect-Fitness/me_0_summarizedActivities.json", {}),
    "garmin-csv": ("Activities.csv", {"unit": "km"}),
    "apple-health": ("apple_health_export/export.xml", {}),
    "runkeeper": ("cardioActivities.csv", {}),
    "polar": ("training-session-2024-05-01-1-a.json", {}),
    "suunto": ("move.json", {}),
    "samsung": ("com.samsung.shealth.exercise.20240501.csv", {}),
    "google-health": ("UserExercises.csv", {}),
    "adidas-running": ("Sport-sessions/1.json", {}),
    "fitbit": ("exercise-0.json", {}),
    "zepp": ("SPORT/SPORT_1.csv", {}),
    "withings": ("activities.csv", {}),
    "mapmyrun": ("workout_history.csv", {}),
    "tracks": ("run.gpx", {}),
    "table": ("runs.csv", COLUMNS),
}
RUNS: dict[str, Any] = {
    "strava-export": 'Activity ID,Activity Date,Activity Type,Elapsed Time,Distance,Elapsed Time,Distance\n'
    '1,"May 1, 2024, 10:00:00 AM",Marszobieg,60,0.1,60,100.0\n',
    "garmin-csv": "Activity Type,Date,Favorite,Title,Distance,Calories,Time\nMarszobieg,2024-05-01 08:00:00,false,R,5,1,0:30:00\n",
    "apple-health": '<HealthData><Workout workoutActivityType="HKWorkoutActivityTypeRunning" startDate="2024-05-01 08:00:00"/></HealthData>',
    "runkeeper": "Date,Type,Distance (km),Duration\n2024-05-01 08:30:00,Marszobieg,5,30:00\n",
    "polar": {"startTime": "2024-05-01T08:00:00", "sport": {"id": "999"}, "distance": 5},
    "suunto": {"DeviceLog": {"Header": {"ActivityType": 999, "DateTime": "2024-05-01T08:00:00", "Distance": 5}, "Samples": []}},
    "samsung": "com.samsung.shealth.exercise,1,1\ndatauuid,start_time,exercise_type,distance\na,2024-05-01 05:00:00,999,5,\n",
    "google-health": "exercise_id,exercise_start,activity_name,tracker_total_distance_mm\n1,2024-05-01T06:00:00Z,Marszobieg,5000\n",
    "adidas-running": {"start_time": 1772334000000, "id": "a", "sport_type_id": "999", "distance": 5},
    "fitbit": [{"logId": 7, "activityName": "Marszobieg", "startTime": "03/20/20 17:20:00", "distance": 5.0, "distanceUnit": "Mile"}],
    "zepp": "type,startTime,sportTime(s),distance(m)\n999,2026-07-06 18:03:16+0000,2520,7200.0\n",
    "withings": 'von,bis,Timezone,Activity type,Data\n2026-09-01T07:00:00+02:00,,,Marszobieg,"{""distance"":5}"\n',
    "mapmyrun": 'Workout Date,Activity Type,Distance (mi),Workout Time (seconds),Notes,Link\n"May 6, 2025",Marszobieg,4.0,2036,,\n',
    "table": "start,km,sport\n2024-05-01,5,Marszobieg\n",
}  # fmt: skip
"""A run of a sport that no source knows, where the runner can say what it means. `tracks` and `garmin-account` read
what is new only, and are tried by themselves."""
SERVERS: dict[str, dict[str, Any]] = {
    "table": COLUMNS, "intervals-icu": KEY, "garmin-api": KEY, "strava-api": APP, "fittrackee": APP,
}  # fmt: skip
CONTENTS = {
    "nothing": b"",
    "blanks": b"\n \n",
    "a page": b"<!DOCTYPE html><html><body>Log in</body></html>",
    "part of a page": b"\n<div>Log in</div>\n",
    "a page of two bytes a letter": "<html>Log in</html>".encode("utf-16"),
    "an error": b'{"error": "unauthorized", "message": "log in"}',
    "another error": b'{"errors": [{"code": 401}]}',
    "an error in XML": b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
    "a word": b'"unauthorized"',
    "null": b"null",
    "a sentence": b"Service temporarily unavailable\n",
    "NUL bytes": bytes(5000),
    "noise": random.Random(1).randbytes(5000),
    "a cut gzip": b"\x1f\x8b\x08\x00" + random.Random(1).randbytes(100),
}


def said(kind: str, base: Path, **settings: Any) -> list[str]:
    module = SOURCES.module_of(kind)
    made = module.Settings.model_validate({"name": "s", "type": kind, **settings})
    if hasattr(module, "login"):
        token = {"bond": module.app_of(made).binding, "access_token": "a-token-of-the-runner"}
        Tokens(base / "state.db", "s").write(token)
    try:
        with closing(open_source(made, Context(base, state=base / "state.db")).pull(None)) as pull:
            records = list(pull)
    except SourceError as error:
        return [str(error)]
    assert all(isinstance(record, Problem) for record in records)
    return [record.message for record in records if isinstance(record, Problem)]


def test_every_type_is_tried() -> None:
    assert {*FILES, *SERVERS} == {*SOURCES.built_in}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("content", CONTENTS)
def test_a_file_is_not_taken_for_an_export(tmp_path: Path, kind: str, content: str) -> None:
    name, settings = FILES[kind]
    file = tmp_path / "in" / name
    file.parent.mkdir(parents=True)
    file.write_bytes(CONTENTS[content])
    zips = {"whole.zip": packed({name: CONTENTS[content]}), "cut.zip": packed({name: CONTENTS[content]})[:-30]}
    for zip, data in zips.items():
        (tmp_path / zip).write_bytes(data)
    for path in (file, *([] if kind == "table" else [file.parents[name.count("/")], *map(tmp_path.joinpath, zips)])):
        assert said(kind, tmp_path, path=str(path), **settings), path
        assert recognise(path) is None


@pytest.mark.parametrize("kind", RUNS)
def test_only_a_changed_file_is_read_again_and_words_are_the_runners(tmp_path: Path, settled: None, kind: str) -> None:
    name, settings = FILES[kind]
    file = folder(tmp_path / "in", {name: as_bytes(RUNS[kind])}) / name
    module = SOURCES.module_of(kind)

    def pull(cursor: Any, **more: Any) -> tuple[bool, list[str], Any]:
        made = module.Settings.model_validate({"name": "s", "type": kind, "path": str(file), **settings, **more})
        with closing(open_source(made, Context(tmp_path)).pull(cursor)) as pulled:
            sports = [each.sport for each in pulled if isinstance(each, Activity)]
        return pulled.unchanged, sports, json.loads(json.dumps(pulled.cursor))

    unchanged, sports, cursor = pull(None)
    assert (unchanged, sports) == (False, ["run" if kind == "apple-health" else "unknown"])
    assert pull(None, path=str(file.with_name(f"{file.stem[:-1]}*")))[1] == sports
    assert pull(cursor) == (True, [], cursor)
    file.write_bytes(file.read_bytes() + b"\n")
    assert pull(cursor)[:2] == (False, sports)
    if kind != "apple-health":
        sport_map = {"marszobieg" if kind == "garmin-csv" else "Marszobieg": "trail-run", "999": "trail-run"}
        assert pull(None, sport_map=sport_map)[1] == ["trail-run"]


@pytest.mark.parametrize("kind", SERVERS)
def test_an_answer_is_not_taken_for_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setenv("SECRET", "a-secret-of-the-runner")
    no_proxies(monkeypatch)
    for content in CONTENTS.values():
        with serving(lambda _, content=content: Answer(content)) as server:
            place = "url" if kind == "table" else "base_url"
            assert said(kind, tmp_path, **{place: server.url}, **SERVERS[kind]), content
            assert server.asked
