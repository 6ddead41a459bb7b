"""Whatever stands where an export should be, no source makes a run of it, and each says in words that it cannot."""

import random
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from kit.api_servers import Answer, no_proxies, serving
from kit.laid_exports import packed

from shoemon.config.registry import SOURCES
from shoemon.model.activity import Problem
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


@pytest.mark.parametrize("kind", SERVERS)
def test_an_answer_is_not_taken_for_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setenv("SECRET", "a-secret-of-the-runner")
    no_proxies(monkeypatch)
    for content in CONTENTS.values():
        with serving(lambda _, content=content: Answer(content)) as server:
            place = "url" if kind == "table" else "base_url"
            assert said(kind, tmp_path, **{place: server.url}, **SERVERS[kind]), content
            assert server.asked
