"""intervals.icu's API, as its description and those who use it tell, asked on a server on this machine."""

import gzip
import json
import logging
from base64 import b64encode
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from kit.api_servers import Answer, Asked, Puller, Server, fields_of, ids, pauses_of, problems_of, puller, serving
from kit.fit_files import file_id, fit, session, way
from kit.homes import HandClock, Home
from kit.laid_exports import packed
from pydantic import ValidationError

from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import SourceError
from shoemon.model.ids import ActivityId
from shoemon.model.recording import TrackError
from shoemon.sources import Context, intervals_icu
from shoemon.sources.intervals_icu import Settings, make
from shoemon.sources.kit import api, downloaded_tracks
from shoemon.sync.match.read_and_match import Request, surveyor_of

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
    """A run of 10 km, a later one for a higher number; None takes a field away."""
    day, hour = divmod(number, 20)
    local = f"2026-{1 + day // 28:02}-{1 + day % 28:02}T{hour:02}:00:00"
    record = {**RUN, "id": f"i{number}", "start_date": f"{local}Z", "start_date_local": local, **values}
    return {name: value for name, value in record.items() if value is not None}


class Intervals:
    """The server's side. With `most`, an answer ends early, which the description does not say of any."""

    def __init__(self) -> None:
        self.activities: list[Any] = [RUN]
        self.files: dict[str, bytes] = {}
        self.most: int | None = None

    def __call__(self, asked: Asked) -> Answer:
        if asked.headers.get("authorization") != BASIC:
            return Answer({"status": 401, "error": asked.headers.get("authorization")}, 401)
        if asked.path == "/api/v1/athlete/0/activities":
            return Answer([each for each in self.activities if self._is_asked_for(each, asked.query)][: self.most])
        id = asked.path.removeprefix("/api/v1/activity/").removesuffix("/file")
        if id == STUB["id"]:
            return Answer({"status": 422, "error": "Cannot read Strava activities via the API"}, 422)
        return Answer(self.files[id]) if id in self.files else Answer({"status": 404}, 404)

    @staticmethod
    def _is_asked_for(record: Any, query: Mapping[str, str]) -> bool:
        local = record.get("start_date_local") if isinstance(record, dict) else None
        return not isinstance(local, str) or query["oldest"] <= local[: len(query["newest"])] <= query["newest"]


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that would be waited before something is asked again."""
    monkeypatch.setenv("ICU_KEY", KEY)
    return pauses_of(monkeypatch, api)


@pytest.fixture
def intervals() -> Intervals:
    return Intervals()


@pytest.fixture
def server(intervals: Intervals) -> Iterator[Server]:
    with serving(intervals) as server:
        yield server


def source(server: Server, directory: Path, **settings: Any) -> Any:
    made = Settings(
        **{"name": "icu", "type": "intervals-icu", "key": {"env": "ICU_KEY"}, "base_url": server.url, **settings}
    )
    return make(made, Context(directory, "Europe/Helsinki", directory / "state.db", HandClock(NOW)))


@pytest.fixture
def pull(server: Server, tmp_path: Path) -> Puller:
    return puller(partial(source, server, tmp_path))


def test_a_run_is_read_with_its_shoe_its_offset_and_its_track(pull: Puller) -> None:
    assert pull()[0] == [
        Activity(
            id=ActivityId("icu:i101"), source="icu", native_id="i101", started_at="2026-05-01T05:30:00Z", local_date="2026-05-01",
            utc_offset_s=10800, sport="run", sport_raw="Run", name="Lake", distance_m=10000.0, moving_s=2950.0, elapsed_s=3100.0,
            elevation_m=40.0, gear_raw="g7", gear_name="Pegasus", indoor=False, unpaved_m=None, surface_raw=None, start_lat=None,
            start_lon=None, track="i101", raw=json.dumps({name: RUN[name] for name in intervals_icu._FIELDS if name in RUN}),
            zone_assumed=False,
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
    ({"gear": "Pegasus"}, {"gear_raw": None, "gear_name": None}),
    ({"start_date_local": "2026-04-30T20:30:00"}, {"local_date": "2026-04-30", "utc_offset_s": -32400}),
    ({"start_date_local": None}, {"utc_offset_s": 10800, "zone_assumed": False}),
    ({"start_date": None}, {"started_at": "2026-05-01T05:30:00Z", "zone_assumed": True}),
    ({"start_date": "2026-05-01T07:30:00+02:00"}, {"started_at": "2026-05-01T05:30:00Z", "utc_offset_s": 10800}),
]  # fmt: skip


def test_fields(intervals: Intervals, pull: Puller) -> None:
    given = [{**RUN, "id": f"i{number}", **values} for number, (values, _) in enumerate(FIELDS)]
    intervals.activities = [{name: value for name, value in record.items() if value is not None} for record in given]
    assert fields_of(pull()[0], FIELDS) == [expected for _, expected in FIELDS]


UNREADABLE: list[tuple[Any, str]] = [
    ({**RUN, "distance": None}, "it has no distance"),
    ({**RUN, "distance": "NaN"}, "distance: 'NaN' is not a number"),
    ({**RUN, "distance": -1}, "a distance of -1 m is impossible"),
    ({**RUN, "distance": 90_000.0}, "90,000 m in 3,100 s is faster than anyone runs"),
    ({**RUN, "id": None}, "it has no id"),
    ({**RUN, "type": None}, "it has no type"),
    ({**RUN, "start_date": "x"}, "start_date: 'x' is not a time"),
    ({**RUN, "start_date": None, "start_date_local": None}, "it has no start time"),
    ({"id": "9", "source": "GARMIN_CONNECT", "start_date_local": "2026-04-28T15:20:49"}, "it has no type"),
    ([], "its structure is unknown"),
    (5, "its structure is unknown"),
    (None, "its structure is unknown"),
]


def test_an_unreadable_record_is_a_problem(intervals: Intervals, pull: Puller) -> None:
    intervals.activities = [*(record for record, _ in UNREADABLE), run(5)]
    *found, activity = pull()[0]
    assert problems_of(found, UNREADABLE) == [f"activity {number}" for number in range(1, len(UNREADABLE) + 1)]
    assert isinstance(activity, Activity) and activity.native_id == "i5"


@pytest.mark.parametrize("count", [1, 56])
def test_stubs_of_strava_are_told_once_and_are_no_runs(intervals: Intervals, pull: Puller, count: int) -> None:
    intervals.activities = [RUN, *({**STUB, "id": str(number)} for number in range(count))]
    found, _ = pull()
    assert ids(found) == ["i101"]
    [problem] = [each for each in found if isinstance(each, Problem)]
    assert problem.place == "activities" and problem.message.startswith("some activities came there from Strava")
    assert "connect the watch itself to intervals.icu" in problem.message and "strava-export" in problem.message


def test_a_run_deleted_while_a_stub_came_is_dropped(intervals: Intervals, server: Server, tmp_path: Path) -> None:
    home = at_home(server, tmp_path, missing="drop")
    intervals.activities = [run(2), run(1), STUB]
    home.sync()
    assert home.totals() == {None: 20000.0}
    intervals.activities = [run(1), STUB, {**STUB, "id": "2"}]
    home.clock.move(hours=6)
    home.sync()
    assert home.totals() == {None: 10000.0}
    assert home.rows("SELECT count(*), count(resolved_at) FROM problems") == [(1, 0)]


def test_what_came_from_strava_with_its_figures_is_a_run(intervals: Intervals, pull: Puller) -> None:
    intervals.activities = [{**RUN, "source": "STRAVA", "id": "123"}]
    assert ids(pull()[0]) == ["123"]


def test_all_is_asked_for_by_its_days_and_fields(server: Server, pull: Puller) -> None:
    pull(oldest="2024-02-03")
    first, second = server.asked
    assert (first.path, first.query["oldest"], first.query["newest"]) == (
        "/api/v1/athlete/0/activities",
        "2024-02-03",
        "2100-12-31",
    )
    assert {"id", "gear", "trainer", "stream_types", "start_date"} <= set(first.query["fields"].split(","))
    assert "limit" not in first.query
    assert second.query["newest"] == "2026-05-01T08:30:00"


def test_an_answer_that_ends_early_is_not_the_whole(intervals: Intervals, server: Server, pull: Puller) -> None:
    intervals.activities = []
    assert (pull()[0], len(server.asked)) == ([], 1)
    intervals.activities = [run(number) for number in reversed(range(50))]
    for intervals.most in (2, 7, 50, None):
        assert ids(pull()[0]) == [f"i{number}" for number in reversed(range(50))]


def test_an_endless_list_ends(intervals: Intervals, pull: Puller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intervals_icu, "MOST", 10)
    intervals.activities = [run(number) for number in range(20)]
    with pytest.raises(SourceError, match="more than 10 activities; set `oldest`"):
        pull()


def test_a_repeated_activity_counts_once_and_another_is_a_problem(intervals: Intervals, pull: Puller) -> None:
    intervals.activities = [run(7), run(7), run(7, distance=5.0)]
    found, _ = pull()
    assert ids(found) == ["i7"]
    assert isinstance(found[1], Problem) and "other content" in found[1].message


def test_a_run_that_always_differs_counts_once(
    intervals: Intervals, server: Server, pull: Puller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intervals_icu, "MOST", 10)

    def renamed(asked: Asked) -> Answer:
        intervals.activities = [run(number, name=f"Answer {len(server.asked)}") for number in (2, 1)]
        return intervals(asked)

    server.answer = renamed
    found, _ = pull()
    assert (ids(found), len(found), len(server.asked)) == (["i2", "i1"], 2, 2)


def test_what_did_not_change_is_not_read_again_and_what_did_is(intervals: Intervals, pull: Puller) -> None:
    _, cursor = pull()
    intervals.activities = [
        {**RUN, "icu_training_load": 5, "gear": {"id": "g7", "name": "Pegasus", "distance": 250_000.0}}
    ]
    assert pull(cursor) == ([], cursor)
    intervals.activities = [{**RUN, "gear": {"id": "g8", "name": "Vomero"}}]
    [activity] = pull(cursor)[0]
    assert isinstance(activity, Activity) and activity.gear_raw == "g8"
    assert ids(pull({**cursor, "timezone": "UTC"})[0]) == ids(pull({**cursor, "reader": 0})[0]) == ["i101"]


def at_home(server: Server, directory: Path, missing: str = "keep") -> Home:
    home = Home(directory, HandClock(NOW))
    settings = f"name: icu, type: intervals-icu, key: {{env: ICU_KEY}}, base_url: '{server.url}', missing: {missing}"
    home.main(f"sources:\n  - {{{settings}}}\n")
    return home


def test_a_clock_that_is_behind_takes_no_run_away(intervals: Intervals, server: Server, tmp_path: Path) -> None:
    home = at_home(server, tmp_path, missing="drop")
    home.sync()
    home.clock.move(days=-200)
    intervals.activities = [run(500), RUN]
    home.sync()
    assert home.rows("SELECT native_id, missing_since FROM activities ORDER BY 1") == [("i101", None), ("i500", None)]


def test_edits_and_deletions_there_follow_here(intervals: Intervals, server: Server, tmp_path: Path) -> None:
    home = at_home(server, tmp_path)
    home.shoes("shoes:\n  - {id: pegasus, name: Pegasus, gear: [g7]}\n  - {id: vomero, name: Vomero, gear: [g8]}\n")
    intervals.activities = [run(2), run(1)]
    home.sync()
    assert home.totals() == {"pegasus": 20000.0}
    intervals.activities = [run(2, gear={"id": "g8", "name": "Vomero"}, distance=9000.0)]
    home.sync()
    assert home.totals() == {"pegasus": 10000.0, "vomero": 9000.0}
    rows = home.rows("SELECT native_id, missing_since IS NOT NULL FROM activities ORDER BY native_id")
    assert rows == [("i1", 1), ("i2", 0)]


@pytest.mark.parametrize(
    ("fault", "tries", "message"),
    [
        (Answer({}, 401), 1, "refused the credentials (the key from environment variable ICU_KEY; find it on intervals.icu under Settings, Developer Settings)"),
        (Answer({}, 403), 1, "refused the credentials"),
        (Answer({}, 422), 1, "answered with status 422"),
        (Answer({}, 500), 4, "answered with status 500"),
        (Answer([RUN], cut=20), 4, "stopped in the middle of its answer"),
        (Answer({"activities": [RUN]}), 1, "did not answer with a list"),
        (Answer(None), 1, "did not answer with a list"),
    ],
)  # fmt: skip
def test_a_failing_list_fails_the_pull(server: Server, tmp_path: Path, fault: Answer, tries: int, message: str) -> None:
    home = at_home(server, tmp_path)
    home.sync()
    before = len(server.asked)
    server.answer = lambda asked: fault
    [outcome] = home.sync().outcomes
    assert (outcome.outcome, message in str(outcome.error)) == ("failed", True), outcome.error
    assert len(server.asked) - before == tries
    assert home.rows("SELECT count(*), count(missing_since) FROM activities") == [(1, 0)]


def test_a_failing_second_answer_fails_the_pull(server: Server, intervals: Intervals, pull: Puller) -> None:
    server.answer = lambda asked: intervals(asked) if "T" not in asked.query["newest"] else Answer({}, 403)
    with pytest.raises(SourceError, match="refused the credentials"):
        pull()


def test_the_key_stands_nowhere(
    intervals: Intervals,
    server: Server,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    home, said = at_home(server, tmp_path), ""
    intervals.activities = [RUN, STUB, {**RUN, "id": None}]
    said += str(home.sync())
    for fault in (Answer({"error": BASIC}, 401), Answer({"error": KEY}, 500), Answer(b"<html>" + KEY.encode())):
        server.answer = lambda asked, fault=fault: fault
        said += str(home.sync())
    monkeypatch.delenv("ICU_KEY")
    said += str(home.sync())
    basic = BASIC.removeprefix("Basic ")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files and not [
        path for path in files if KEY.encode() in path.read_bytes() or basic.encode() in path.read_bytes()
    ]
    assert KEY not in said + caplog.text and basic not in said + caplog.text
    assert "environment variable ICU_KEY is not set" in said


def test_another_athlete_is_asked_for_by_his_number(server: Server, tmp_path: Path) -> None:
    for mistake in ("me", "0/../1", "", "i", "-1", "1?x", "1\n", True, -1):
        with pytest.raises(ValidationError, match="athlete"):
            source(server, tmp_path, athlete=mistake)
    for athlete in ("i42", 42):
        with pytest.raises(SourceError):
            source(server, tmp_path, athlete=athlete).pull(None)
    assert server.paths() == ["/api/v1/athlete/i42/activities", "/api/v1/athlete/42/activities"]


FIT = fit(file_id(), *way(range(0, 400, 10)), session(0, sport=1, total_distance=1200, total_timer_time=400))


def test_a_track_is_the_uploaded_file(intervals: Intervals, server: Server, tmp_path: Path) -> None:
    opened = source(server, tmp_path).open_tracks()
    for intervals.files["i101"] in (FIT, gzip.compress(FIT), packed({"upload.fit.gz": gzip.compress(FIT)})):
        [recording] = opened.recordings("i101")
        assert (recording.distance_m, len(recording.trace)) == (1200.0, 40)
    assert server.paths() == ["/api/v1/activity/i101/file"] * 3


def test_a_file_without_a_track_is_an_error(intervals: Intervals, server: Server, tmp_path: Path) -> None:
    intervals.files = {"i6": gzip.compress(b"<gpx>" + b" " * 3_000_000), "i7": b"hello"}
    opened = source(server, tmp_path).open_tracks()
    for track, message in {
        "i5": r"the server has no file of it \(status 404\)", STUB["id"]: r"the server has no file of it \(status 422\)",
        "i6": "grows to more than 100 times", "i7": "is not a FIT, TCX or GPX file",
    }.items():  # fmt: skip
        with pytest.raises(TrackError, match=message):
            opened.recordings(track)
    asked = len(server.asked)
    for track in ("", "i", "ii1", "../i1", "i1/../../x", "i1?x", "i١"):
        with pytest.raises(TrackError, match="is not the id of an activity"):
            opened.recordings(track)
    assert len(server.asked) == asked == 4


def test_a_lock_of_another_process_is_not_awaited_forever(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shoemon.store.locking import lock

    monkeypatch.setattr(downloaded_tracks, "_TURN_S", 0.0)
    with (
        lock(tmp_path / "state.db.icu-0.lock", "a test"),
        lock(tmp_path / "state.db.icu-1.lock", "a test"),
        pytest.raises(SourceError, match="another download of tracks is running"),
    ):
        source(server, tmp_path).open_tracks().recordings("i1")
    assert server.asked == []


def test_the_matcher_finds_the_tracks_of_the_runs(intervals: Intervals, server: Server, tmp_path: Path) -> None:
    home = at_home(server, tmp_path)
    intervals.files["i101"] = gzip.compress(FIT)
    home.sync()
    [(id, track)] = home.rows("SELECT id, track FROM activities")
    surveyor = surveyor_of(home.config)()
    assert [len(each.trace) for each in surveyor.recordings(Request(id, "icu", track))] == [40]
    surveyor.close()
