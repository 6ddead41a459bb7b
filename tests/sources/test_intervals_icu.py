"""intervals.icu's API, as its description and those who use it tell, asked on a server on this machine."""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
from kit import making
from kit.api_servers import Answer, Asked, ids, pauses_of, serving
from kit.homes import HandClock, Home
from kit.web_sources import Account, Place, WebSourceTests, WebTrackTests, refusal
from pydantic import ValidationError

from shoemon.model.activity import Problem
from shoemon.model.errors import SourceError
from shoemon.model.recording import TrackError
from shoemon.sources import intervals_icu
from shoemon.sources.intervals_icu import Settings
from shoemon.sources.kit import api, downloaded_tracks
from shoemon.store.locking import lock

KEY = "1ntervals-k3y"
BASIC = "Basic " + b64encode(f"API_KEY:{KEY}".encode()).decode()
NOW = "2026-06-01T12:00:00"
RUN: dict[str, Any] = {
    "id": "i101", "source": "GARMIN_CONNECT", "start_date": "2026-05-01T05:30:00Z", "start_date_local": "2026-05-01T08:30:00",
    "timezone": "Europe/Helsinki", "type": "Run", "trainer": False, "distance": 10000.0, "moving_time": 2950, "elapsed_time": 3100,
    "total_elevation_gain": 40.0, "gear": {"id": "g7", "name": "Pegasus"}, "name": "Lake", "stream_types": ["time", "latlng", "distance"],
}  # fmt: skip
STUB = {
    "id": "16589160080", "icu_athlete_id": "i1", "start_date_local": "2026-04-28T15:20:49", "source": "STRAVA",
    "_note": "STRAVA activities are not available via the API",
}  # fmt: skip


def run(number: int, **values: Any) -> dict[str, Any]:
    day, hour = divmod(number, 20)
    local = f"2026-{1 + day // 28:02}-{1 + day % 28:02}T{hour:02}:00:00"
    record = {**RUN, "id": f"i{number}", "start_date": f"{local}Z", "start_date_local": local, **values}
    return {name: value for name, value in record.items() if value is not None}


class Intervals(Account):
    """The server's side. With `most`, an answer ends early, which the description does not say of any."""

    OTHER_PAIR: ClassVar = {"gear": {"id": "g8", "name": "Vomero"}}
    GEAR = ("g7", "g8")
    UNUSED: ClassVar = {"icu_training_load": 5, "gear": {"id": "g7", "name": "Pegasus", "distance": 250_000.0}}
    env, secret, run = "ICU_KEY", KEY, staticmethod(run)

    def __init__(self) -> None:
        super().__init__()
        self.most: int | None = None

    def secrets(self) -> list[str]:
        return [BASIC.removeprefix("Basic ")]

    def __call__(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != BASIC:
            return Answer({"status": 401, "error": asked.headers.get("authorization")}, 401)
        if asked.path == "/api/v1/athlete/0/activities":
            return Answer([each for each in self.records if self._is_asked_for(each, asked.query)][: self.most])
        id = asked.path.removeprefix("/api/v1/activity/").removesuffix("/file")
        if id == STUB["id"]:
            return Answer({"status": 422, "error": "Cannot read Strava activities via the API"}, 422)
        return Answer(self.files[id]) if id in self.files else Answer({"status": 404}, 404)

    @staticmethod
    def _is_asked_for(record: Any, query: Mapping[str, str]) -> bool:
        local = record.get("start_date_local") if isinstance(record, dict) else None
        return not isinstance(local, str) or query["oldest"] <= local[: len(query["newest"])] <= query["newest"]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("ICU_KEY", KEY)
    pauses_of(monkeypatch, api)
    intervals, main = Intervals(), "name: icu, type: intervals-icu, key: {{env: ICU_KEY}}, base_url: '{url}'"
    with serving(intervals) as server:
        yield Place(Home(tmp_path, HandClock(NOW)), server, intervals, main)


@pytest.fixture
def intervals(place: Place) -> Any:
    intervals = place.account
    intervals.records = [RUN]
    return intervals


def test_a_run_is_read_with_its_shoe_its_offset_and_its_track(intervals: Intervals, place: Place) -> None:
    assert place.pull()[0] == [
        making.run(
            "icu:i101", "2026-05-01T05:30:00Z", utc_offset_s=10800, sport="run", sport_raw="Run", name="Lake",
            moving_s=2950.0, elapsed_s=3100.0, elevation_m=40.0, gear_raw="g7", gear_name="Pegasus", indoor=False,
            track="i101", raw=json.dumps({name: RUN[name] for name in intervals_icu._FIELDS if name in RUN}),
        )
    ]  # fmt: skip


FIELDS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"type": "TrailRun"}, {"sport": "trail-run"}),
    ({"type": "VirtualRun", "trainer": True, "stream_types": ["time"]}, {"sport": "treadmill-run", "sport_raw": "VirtualRun", "indoor": True, "track": None}),
    ({"type": "VirtualRun", "trainer": False}, {"sport": "virtual-run", "indoor": True, "track": None}),
    ({"trainer": True}, {"sport": "run", "indoor": True, "track": None}),
    ({"trainer": "true"}, {"indoor": False}),
    ({"trainer": None, "stream_types": None}, {"indoor": None, "track": "own"}),
    ({"trainer": False, "stream_types": ["time", "distance"]}, {"indoor": None, "track": None}),
    ({"id": "12345678901", "source": "UPLOAD"}, {"native_id": "12345678901", "track": "own"}),
    ({"id": 77}, {"native_id": "77", "track": "own"}),
    ({"id": "../i1"}, {"native_id": "../i1", "track": None}),
    ({"type": "Ride", "gear": {"id": "b1", "name": "Bike"}}, {"sport": "ride", "gear_raw": None, "gear_name": None}),
    ({"type": "Walk"}, {"sport": "walk", "gear_raw": "g7"}),
    ({"type": "WeightTraining", "distance": None, "gear": None}, {"sport": "strength", "distance_m": 0.0}),
    ({"gear": {"id": None, "name": "Pegasus"}}, {"gear_raw": "Pegasus", "gear_name": "Pegasus"}),
    ({"gear": {"id": "g7"}}, {"gear_raw": "g7", "gear_name": None}),
    ({"device_name": " fenix 7 "}, {"device": "fenix 7"}),
    ({"gear": "Pegasus"}, {"gear_raw": None, "gear_name": None}),
    ({"start_date_local": "2026-04-30T20:30:00"}, {"local_date": "2026-04-30", "utc_offset_s": -32400}),
    ({"start_date_local": None}, {"utc_offset_s": 10800, "zone_assumed": False}),
    ({"start_date": None}, {"started_at": "2026-05-01T05:30:00Z", "zone_assumed": True}),
    ({"start_date": "2026-05-01T07:30:00+02:00"}, {"started_at": "2026-05-01T05:30:00Z", "utc_offset_s": 10800}),
]  # fmt: skip


UNREADABLE: list[tuple[Any, str]] = [
    ({**RUN, "distance": None}, "it has no distance"),
    ({**RUN, "distance": "NaN"}, "distance: 'NaN' is not a number"),
    ({**RUN, "distance": 90_000.0}, "90,000 m in 3,100 s is faster than anyone runs"),
    ({**RUN, "id": None}, "it has no id"),
    ({**RUN, "type": None}, "it has no type"),
    ({**RUN, "start_date": "x"}, "start_date: 'x' is not a time"),
    ({**RUN, "start_date": None, "start_date_local": None}, "it has no start time"),
    ({"id": "9", "source": "GARMIN_CONNECT", "start_date_local": "2026-04-28T15:20:49"}, "it has no type"),
    (None, "its structure is unknown"),
]


class TestShared(WebSourceTests, WebTrackTests):
    """What holds for every source on a server."""

    FIELDS, BROKEN = FIELDS, [(record, "activity {}", says) for record, says in UNREADABLE]

    def entry(self, number: int, given: dict[str, Any]) -> dict[str, Any]:
        record = {**RUN, "id": f"i{number}", **given}
        return {name: value for name, value in record.items() if value is not None}


def test_stubs_of_strava_are_told_once_and_are_no_runs(intervals: Intervals, place: Place) -> None:
    for count in (1, 56):
        figures = {**RUN, "source": "STRAVA", "id": "123"}  # what came from Strava with its figures is a run
        intervals.records = [RUN, figures, *({**STUB, "id": str(number)} for number in range(count))]
        *activities, problem = place.pull()[0]
        assert ids(activities) == ["i101", "123"]
        assert isinstance(problem, Problem) and problem.place == "activities"
        assert problem.message.startswith("some activities came there from Strava")
        assert "connect the watch itself to intervals.icu" in problem.message and "strava-export" in problem.message


def test_a_run_deleted_while_a_stub_came_is_dropped(intervals: Intervals, place: Place) -> None:
    home = place.home
    place.configure(", missing: drop")
    for records, metres in (([run(2), run(1), STUB], 20000.0), ([run(1), STUB, {**STUB, "id": "2"}], 10000.0)):
        intervals.records = records
        home.clock.move(hours=6)
        home.sync()
        assert home.totals() == {None: metres}
    assert home.rows("SELECT count(*), count(resolved_at) FROM problems") == [(1, 0)]


def test_all_is_asked_for_by_its_days_and_fields(intervals: Intervals, place: Place) -> None:
    place.configure(", oldest: 2024-02-03")
    assert ids(place.pull()[0]) == [record["id"] for record in intervals.records]
    first, second = place.server.asked
    days = (first.query["oldest"], first.query["newest"], second.query["newest"])
    assert days == ("2024-02-03", "2100-12-31", "2026-05-01T08:30:00")
    assert {"id", "gear", "trainer", "stream_types", "start_date"} <= set(first.query["fields"].split(","))
    assert "limit" not in first.query


def test_an_answer_that_ends_early_is_not_the_whole(intervals: Intervals, place: Place) -> None:
    intervals.records = []
    assert (place.pull()[0], len(place.server.asked)) == ([], 1)
    intervals.records = [run(number) for number in reversed(range(50))]
    for intervals.most in (2, 7, 50, None):
        assert ids(place.pull()[0]) == [f"i{number}" for number in reversed(range(50))]


def test_an_endless_list_ends_and_a_run_that_always_differs_counts_once(
    intervals: Intervals, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intervals_icu, "MOST", 10)
    intervals.records = [run(number) for number in range(20)]
    assert "more than 10 activities; set `oldest`" in str(refusal(place))
    place.asked()

    def renamed(asked: Asked) -> Answer:
        intervals.records = [run(number, name=f"Answer {len(place.server.asked)}") for number in (2, 1)]
        return intervals(asked)

    place.server.answer = renamed
    found, _ = place.pull()
    assert (ids(found), len(found), len(place.server.asked)) == (["i2", "i1"], 2, 2)


def test_a_clock_that_is_behind_takes_no_run_away(intervals: Intervals, place: Place) -> None:
    home = place.home
    place.configure(", missing: drop")
    home.sync()
    home.clock.move(days=-200)
    intervals.records = [run(500), RUN]
    home.sync()
    assert home.rows("SELECT native_id, missing_since FROM activities ORDER BY 1") == [("i101", None), ("i500", None)]


def test_another_athlete_is_asked_for_by_his_number(place: Place) -> None:
    for mistake in ("me", "0/../1", "", "i", "-1", "1?x", "1\n", True, -1):
        with pytest.raises(ValidationError, match="athlete"):
            Settings(name="icu", type="intervals-icu", key={"env": "ICU_KEY"}, athlete=mistake)  # type: ignore[arg-type]
    for athlete in ("i42", 42):
        place.configure(f", athlete: {athlete}")
        refusal(place)
    assert place.asked() == ["/api/v1/athlete/i42/activities", "/api/v1/athlete/42/activities"]


def test_a_stub_has_no_track_and_no_lock_is_awaited_forever(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    opened, directory = place.tracks(), place.home.directory
    with pytest.raises(TrackError, match=r"the server has no track of it \(status 422\)"):
        opened.recordings(STUB["id"])
    assert place.asked() == [f"/api/v1/activity/{STUB['id']}/file"]
    monkeypatch.setattr(downloaded_tracks, "_TURN_S", 0.0)
    with (
        lock(directory / "state.db.icu-0.lock", "a test"),
        lock(directory / "state.db.icu-1.lock", "a test"),
        pytest.raises(SourceError, match="another download of tracks is running"),
    ):
        opened.recordings("i1")
    assert place.asked() == []
