"""Garmin's Personal API, as its own client and those who tried it describe it, asked on a server on this machine."""

import json
import logging
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from kit.api_servers import Answer, Asked, Puller, Server, fields_of, ids, pauses_of, problems_of, puller, serving
from kit.fit_files import file_id, fit, session, way
from kit.homes import HandClock, Home
from kit.laid_exports import packed

from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import ShoemonError, SourceError
from shoemon.model.ids import ActivityId
from shoemon.model.recording import TrackError
from shoemon.sources import Context
from shoemon.sources.garmin_api import Settings, ground, key, listing, make
from shoemon.sources.garmin_api.ground import StoredShares
from shoemon.sources.kit import api, downloaded_tracks
from shoemon.store.state_database import State
from shoemon.sync.match.read_and_match import Request, surveyor_of

KEY = "k3y-of-the-runner"
TOKEN_PATH = "/personalapitoken-service/personal-api/personal-api-key/token"
LIST_PATH = "/activitylist-service/activities/search/activities"
DETAIL_PATH = "/activity-service/activity/"
FILE_PATH = "/download-service/files/activity/"
NOW = "2026-06-01T12:00:00"
RUN: dict[str, Any] = {
    "activityId": 101, "activityName": "Lake", "startTimeLocal": "2026-05-01 08:30:00", "startTimeGMT": "2026-05-01 05:30:00",
    "activityType": {"typeId": 1, "typeKey": "running", "parentTypeId": 17}, "distance": 10000.0, "duration": 3000.0,
    "elapsedDuration": 3100.0, "movingDuration": 2950.0, "elevationGain": 40.0, "startLatitude": 60.1, "startLongitude": 24.9,
    "hasPolyline": True, "isParent": False,
}  # fmt: skip


def run(number: int, **values: Any) -> dict[str, Any]:
    """A run of 10 km, a later one for a higher number; None takes a field away."""
    day, hour = divmod(number, 20)
    began = f"2026-{1 + day // 28:02}-{1 + day % 28:02} {hour:02}:00:00"
    record = {**RUN, "activityId": number, "startTimeGMT": began, "startTimeLocal": began, **values}
    return {name: value for name, value in record.items() if value is not None}


class Garmin:
    """The server's side: what it contains, and how it answers. A token is good until another one is given out."""

    def __init__(self) -> None:
        self.activities: list[dict[str, Any]] = [RUN]
        self.details: dict[str, Any] = {}
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, Answer] = {}
        """By the beginning of a path; answered as long as they stand here."""
        self.key, self.tokens, self.lasts_s = KEY, 0, 86_400.0

    @property
    def token(self) -> str:
        claims = {"exp": datetime.fromisoformat(NOW).replace(tzinfo=UTC).timestamp() + self.lasts_s}
        return f"h34d.{urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.number{self.tokens}"

    def __call__(self, asked: Asked) -> Answer:
        for beginning, fault in self.faults.items():
            if asked.path.startswith(beginning):
                return fault
        if asked.path == TOKEN_PATH:
            if (asked.method, asked.headers["authorization"]) != ("POST", f"ApiKey {self.key}"):
                return Answer({"message": asked.headers["authorization"]}, 401)
            self.tokens += 1
            return Answer(self.token.encode())
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return Answer({"message": asked.headers.get("authorization")}, 401)
        return self._told(asked)

    def _told(self, asked: Asked) -> Answer:
        number = asked.path.rpartition("/")[2]
        if asked.path == LIST_PATH:
            start, limit = int(asked.query["start"]), int(asked.query["limit"])
            return Answer(self.activities[start : start + limit]) if limit <= 45 else Answer({}, 500)
        if asked.path.startswith(DETAIL_PATH):
            return Answer(self.details.get(number, {"summaryDTO": {}}))
        if asked.headers["accept"] != "application/x-zip-compressed":
            return Answer({}, 406)
        return Answer(self.files[number]) if number in self.files else Answer({}, 404)


def unpaved(percent: Any) -> dict[str, Any]:
    return {"summaryDTO": {"surfaceTypeUnpavedPercentage": percent}}


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that would be waited before something is asked again."""
    monkeypatch.setenv("GARMIN_KEY", KEY)
    return pauses_of(monkeypatch, api, key)


@pytest.fixture
def garmin() -> Garmin:
    return Garmin()


@pytest.fixture
def server(garmin: Garmin) -> Iterator[Server]:
    with serving(garmin) as server:
        yield server


def source(
    server: Server, directory: Path, *, state: bool = True, clock: HandClock | None = None, **settings: Any
) -> Any:
    made = Settings(
        **{"name": "garmin", "type": "garmin-api", "key": {"env": "GARMIN_KEY"}, "base_url": server.url, **settings}
    )
    return make(
        made, Context(directory, "Europe/Helsinki", directory / "state.db" if state else None, clock or HandClock(NOW))
    )


@pytest.fixture
def pull(server: Server, tmp_path: Path) -> Puller:
    return puller(partial(source, server, tmp_path))


def unpaved_m(found: list[Activity | Problem]) -> dict[str, float | None]:
    return {each.native_id: each.unpaved_m for each in found if isinstance(each, Activity)}


def details(server: Server) -> list[str]:
    return [path.removeprefix(DETAIL_PATH) for path in server.paths() if path.startswith(DETAIL_PATH)]


def test_a_run_has_metres_seconds_offset_ground_and_track(garmin: Garmin, pull: Puller) -> None:
    garmin.details["101"] = unpaved(37.5)
    garmin.activities = [
        {**RUN, "ownerFullName": "A Runner", "ownerProfileImageUrlSmall": "https://example.org/me", "avgPower": None}
    ]
    assert pull()[0] == [
        Activity(
            id=ActivityId("garmin:101"), source="garmin", native_id="101", started_at="2026-05-01T05:30:00Z", local_date="2026-05-01",
            utc_offset_s=10800, sport="run", sport_raw="running", name="Lake", distance_m=10000.0, moving_s=2950.0, elapsed_s=3100.0,
            elevation_m=40.0, gear_raw=None, gear_name=None, indoor=False, unpaved_m=3750.0, surface_raw=None, start_lat=60.1,
            start_lon=24.9, track="101", raw=json.dumps(RUN), zone_assumed=False,
        )
    ]  # fmt: skip


FIELDS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"activityType": {"typeKey": "treadmill_running"}, "hasPolyline": False}, {"sport": "treadmill-run", "indoor": True, "track": None}),
    ({"activityType": {"typeKey": "indoor_running"}, "hasPolyline": None}, {"sport": "treadmill-run", "indoor": True, "track": None}),
    ({"activityType": {"typeKey": "virtual_run"}}, {"sport": "virtual-run", "indoor": True, "track": None}),
    ({"activityType": {"typeKey": "trail_running"}}, {"sport": "trail-run", "indoor": False, "track": "own"}),
    ({"activityType": {"typeKey": "track_running"}}, {"sport": "track-run"}),
    ({"activityType": {"typeKey": "ultra_run"}}, {"sport": "run"}),
    ({"activityType": {"typeKey": "obstacle_run"}}, {"sport": "run"}),
    ({"activityType": {"typeKey": "walking"}}, {"sport": "walk"}),
    ({"activityType": {"typeKey": "road_biking"}}, {"sport": "other", "sport_raw": "road_biking"}),
    ({"activityType": {"typeKey": "strength_training"}, "distance": None}, {"sport": "strength", "distance_m": 0.0}),
    ({"activityType": None}, {"sport": "unknown", "sport_raw": ""}),
    ({"hasPolyline": None}, {"indoor": None, "track": "own"}),
    ({"hasPolyline": False}, {"indoor": None, "track": None}),
    ({"elapsedDuration": None, "movingDuration": None}, {"elapsed_s": 3000.0, "moving_s": None}),
    ({"parentId": 99, "isParent": None}, {"track": "own"}),
    ({"startTimeLocal": "2026-05-01 11:15:00"}, {"started_at": "2026-05-01T05:30:00Z", "utc_offset_s": 20700}),
    ({"startTimeLocal": "2026-04-30T20:30:00.0"}, {"local_date": "2026-04-30", "utc_offset_s": -32400}),
    ({"startTimeLocal": None}, {"utc_offset_s": 10800, "zone_assumed": False}),
    ({"startTimeLocal": "2027-05-01 08:30:00"}, {"utc_offset_s": 10800, "local_date": "2026-05-01"}),
    ({"startTimeGMT": None}, {"started_at": "2026-05-01T05:30:00Z", "zone_assumed": True}),
]  # fmt: skip


def test_fields(garmin: Garmin, pull: Puller) -> None:
    given = [{**RUN, "activityId": number, **values} for number, (values, _) in enumerate(FIELDS, 101)]
    garmin.activities = [{name: value for name, value in record.items() if value is not None} for record in given]
    assert fields_of(pull()[0], FIELDS) == [expected for _, expected in FIELDS]


UNREADABLE: list[tuple[Any, str]] = [
    ({**RUN, "distance": "far"}, "distance: 'far' is not a number"),
    ({**RUN, "distance": None}, "it has no distance"),
    ({**RUN, "distance": float("nan")}, "distance: nan is not a number"),
    ({**RUN, "distance": -5}, "a distance of -5 m is impossible"),
    ({**RUN, "distance": 1e9}, "1,000,000 km in one activity are impossible"),
    ({**RUN, "activityId": None}, "it has no id"),
    ({**RUN, "activityType": ["running"]}, "its structure is unknown"),
    ({**RUN, "startTimeGMT": "yesterday"}, "startTimeGMT: 'yesterday' is not a time"),
    ({**RUN, "startTimeGMT": None, "startTimeLocal": None}, "it has no start time"),
    ({**RUN, "startTimeGMT": "0001-01-01 00:00:00"}, "the start is in the year 1"),
    ("running", "its structure is unknown"),
    (None, "its structure is unknown"),
]


def test_an_unreadable_record_is_a_problem(garmin: Garmin, pull: Puller) -> None:
    garmin.activities = [*(record for record, _ in UNREADABLE), run(5)]
    *found, activity = pull()[0]
    assert problems_of(found, UNREADABLE) == [f"activity {number}" for number in range(1, len(UNREADABLE) + 1)]
    assert isinstance(activity, Activity) and activity.native_id == "5"


def test_only_the_parts_of_a_multisport_activity_count(garmin: Garmin, pull: Puller, server: Server) -> None:
    garmin.activities = [
        run(3, isParent=True),
        run(4, parentId=3, distance=5000.0),
        run(2, isParent=True, activityName="Triathlon"),
    ]
    found, _ = pull()
    assert ids(found) == ["4"]
    assert found[1:] == [
        Problem("activity 3", "Triathlon: Garmin lists it without its parts, so a run among them does not count", "2")
    ]
    assert server.asked[1].query["excludeChildren"] == "false"


def test_all_pages_are_small_and_requested(garmin: Garmin, pull: Puller, server: Server) -> None:
    for count in (0, 1, 4, 5, 6, 44, 45, 46, 85, 200):
        garmin.activities = [run(number, hasPolyline=False, distance=0) for number in reversed(range(count))]
        assert ids(pull()[0]) == [str(number) for number in reversed(range(count))]
    assert {asked.query["limit"] for asked in server.asked[1:]} == {"45"}


@pytest.mark.parametrize("at_page", [1, 2])
def test_changes_between_pages_hide_no_run(garmin: Garmin, server: Server, pull: Puller, at_page: int) -> None:
    before = [run(number, distance=0) for number in reversed(range(120))]
    for after in (before[2:], [run(121, distance=0), *before]):
        garmin.activities, asked_before = before, len(server.asked)

        def change(asked: Asked, after: list[Any] = after, first: int = asked_before) -> Answer:
            pages = sum(each.path == LIST_PATH for each in server.asked[first:])
            garmin.activities = after if pages > at_page else garmin.activities
            return garmin(asked)

        server.answer = change
        kept = {str(record["activityId"]) for record in before if record in after}
        assert kept <= set(ids(pull()[0]))


@pytest.mark.parametrize("count", [3, 60])
def test_runs_that_differ_in_every_answer_count_once(garmin: Garmin, server: Server, pull: Puller, count: int) -> None:
    def renamed(asked: Asked) -> Answer:
        name = f"Answer {len(server.asked)}"
        garmin.activities = [run(number, activityName=name, distance=0) for number in reversed(range(count))]
        return garmin(asked)

    server.answer = renamed
    found, _ = pull()
    assert ids(found) == [str(number) for number in reversed(range(count))]
    assert (len(found), server.paths().count(LIST_PATH)) == (count, 2 if count < 45 else 3)


def test_a_list_that_shrinks_by_more_is_not_taken_for_the_whole(garmin: Garmin, server: Server, pull: Puller) -> None:
    garmin.activities = [run(number) for number in reversed(range(120))]

    def shrink(asked: Asked) -> Answer:
        answer = garmin(asked)
        if asked.path == LIST_PATH:
            garmin.activities = garmin.activities[20:]
        return answer

    server.answer = shrink
    with pytest.raises(SourceError, match="changed while it was read"):
        pull()


def test_an_endless_list_ends(garmin: Garmin, server: Server, pull: Puller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST", 100)
    garmin.activities = [run(number) for number in range(200)]
    with pytest.raises(SourceError, match="more than 100 activities; set `since`"):
        pull()


def test_a_repeated_activity_counts_once_and_another_is_a_problem(garmin: Garmin, pull: Puller) -> None:
    garmin.activities = [run(7), run(7), run(7, distance=5.0)]
    found, _ = pull()
    assert ids(found) == ["7"]
    assert found[1:] and isinstance(found[1], Problem) and "other content" in found[1].message


def test_since_is_asked_for(server: Server, pull: Puller) -> None:
    pull(since="2025-01-01")
    assert server.asked[1].query["startDate"] == "2025-01-01"


def test_what_did_not_change_is_not_read_again_and_what_did_is(garmin: Garmin, pull: Puller) -> None:
    garmin.activities = [run(2), run(1)]
    garmin.details = {"1": unpaved(0), "2": unpaved(100)}
    found, cursor = pull()
    assert unpaved_m(found) == {"2": 10000.0, "1": 0.0}
    assert pull(cursor) == ([], cursor)
    garmin.activities = [run(2, activityName="Named")]
    found, _ = pull(cursor)
    assert [(each.native_id, each.name) for each in found if isinstance(each, Activity)] == [("2", "Named")]


def test_pictures_and_applause_change_nothing(garmin: Garmin, pull: Puller) -> None:
    _, cursor = pull()
    others = {
        "ownerProfileImageUrlLarge": "https://example.org/?expires=1",
        "numberOfActivityLikes": 3,
        "comments": [{}],
    }
    garmin.activities = [{**RUN, **others}]
    assert pull(cursor)[0] == []


def test_a_cursor_of_another_reader_or_zone_is_passed_over(garmin: Garmin, pull: Puller) -> None:
    _, cursor = pull()
    assert ids(pull({**cursor, "timezone": "UTC"})[0]) == ["101"]
    assert ids(pull({**cursor, "reader": 0})[0]) == ["101"]


SHARES: list[tuple[Any, float | None]] = [
    (unpaved(45.0), 4500.0), (unpaved("12.5"), 1250.0), (unpaved(0), 0.0), (unpaved(100), 10000.0), (unpaved(101), None), (unpaved(-1), None),
    (unpaved(None), None), (unpaved(True), None), (unpaved(float("nan")), None), (unpaved({}), None), ({"summaryDTO": {}}, None),
    ({"summaryDTO": 5}, None), ({}, None), ([], None), (None, None), (b"<html>", None),
]  # fmt: skip


def test_only_a_percentage_is_a_share(garmin: Garmin, pull: Puller) -> None:
    garmin.activities = [run(number) for number in range(len(SHARES))]
    garmin.details = {str(number): detail for number, (detail, _) in enumerate(SHARES)}
    assert unpaved_m(pull()[0]) == {str(number): metres for number, (_, metres) in enumerate(SHARES)}


def test_a_detail_is_requested_once_for_each_version(garmin: Garmin, server: Server, pull: Puller) -> None:
    garmin.details["101"] = unpaved(50)
    _, cursor = pull()
    pull(cursor)
    assert details(server) == ["101"]
    garmin.activities, garmin.details["101"] = [{**RUN, "distance": 8000.0}], unpaved(25)
    assert unpaved_m(pull(cursor)[0]) == {"101": 2000.0}
    assert details(server) == ["101", "101"]


def test_a_missing_share_is_requested_for_two_days(garmin: Garmin, server: Server, tmp_path: Path) -> None:
    """A run of a holiday comes late, and is reckoned later still; of all the pulls of four days few ask about it."""
    clock = HandClock(NOW)
    garmin.activities = [run(2), run(1)]
    for pulls in range(2 * 24):
        if pulls == 13:
            garmin.details["1"] = unpaved(10)
        found = list(source(server, tmp_path, clock=clock).pull(None))
        clock.move(hours=2)
    assert unpaved_m(found) == {"2": None, "1": 1000.0}
    assert [details(server).count(number) for number in ("2", "1")] == [7, 6]


def test_a_clock_that_was_ahead_leaves_no_run_without_ground(garmin: Garmin, server: Server, tmp_path: Path) -> None:
    for now in ("2034-01-01T00:00:00", "2034-02-01T00:00:00"):
        list(source(server, tmp_path, clock=HandClock(now)).pull(None))
    garmin.details["101"] = unpaved(10)
    assert unpaved_m(list(source(server, tmp_path).pull(None))) == {"101": 1000.0}


def test_shares_outlast_a_zone_and_an_interruption(
    garmin: Garmin, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever makes a cursor void: what was answered at earlier pulls is not asked for again, some at each pull."""
    monkeypatch.setattr(ground, "MOST", 2)
    home = at_home(server, tmp_path)
    garmin.activities = [run(number) for number in (5, 4, 3, 2, 1)]
    garmin.details = {str(number): unpaved(50) for number in range(1, 7)}
    for _ in range(3):
        home.sync()
    garmin.activities = [run(6), *garmin.activities]
    with monkeypatch.context() as interrupted:
        interrupted.setattr(State, "remember", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            home.sync()
    home.sync()
    home.main((home.directory / "shoemon.yaml").read_text() + "timezone: Asia/Tokyo\n")
    home.sync()
    assert home.rows("SELECT count(*), count(unpaved_m) FROM activities") == [(6, 6)]
    assert sorted(details(server)) == ["1", "2", "3", "4", "5", "6"]


def test_shares_of_another_source_are_not_taken(garmin: Garmin, server: Server, pull: Puller) -> None:
    for share, name in ((10, "garmin"), (20, "partner")):
        garmin.details["101"] = unpaved(share)
        assert unpaved_m(pull(name=name)[0]) == {"101": 100.0 * share}
    assert unpaved_m(pull()[0]) == {"101": 1000.0}


def test_a_state_db_that_is_none_fails_the_pull_in_words(server: Server, tmp_path: Path) -> None:
    StoredShares(tmp_path / "state.db", "garmin").write({})
    (tmp_path / "state.db").write_bytes(b"no database" * 1000)
    message = r"cannot use .*state\.db: file is not a database. If it is broken, delete it: .*: shoemon login SOURCE"
    with pytest.raises(SourceError, match=message):
        StoredShares(tmp_path / "state.db", "garmin").read()
    with pytest.raises(ShoemonError, match=message):
        State(tmp_path / "state.db")


def test_details_newest_first(garmin: Garmin, server: Server, pull: Puller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ground, "MOST", 2)
    monkeypatch.setattr(ground, "AT_ONCE", 1)
    garmin.activities = [
        run(5, activityType={"typeKey": "treadmill_running"}),
        *(run(number) for number in (4, 3, 2)),
        run(1, distance=0),
    ]
    garmin.details = {str(number): unpaved(10 * number) for number in range(6)}
    found, cursor = pull()
    assert unpaved_m(found) == {"5": None, "4": 4000.0, "3": 3000.0, "2": None, "1": None}
    found, cursor = pull(cursor)
    assert unpaved_m(found) == {"5": None, "4": 4000.0, "3": 3000.0, "2": 2000.0, "1": None}
    assert pull(cursor)[0] == []
    assert details(server) == ["4", "3", "2"]


def test_two_are_asked_for_at_a_time_and_never_three(garmin: Garmin, server: Server, pull: Puller) -> None:
    garmin.activities = [run(number) for number in reversed(range(10))]
    together = threading.Barrier(2, timeout=300)

    def two_by_two(asked: Asked) -> Answer:
        if asked.path.startswith(DETAIL_PATH):
            together.wait()
        return garmin(asked)

    server.answer = two_by_two
    pull()
    assert (len(details(server)), server.most_at_once, together.broken) == (10, 2, False)


@pytest.mark.parametrize(
    ("fault", "asked"),
    [
        (Answer({}, 403), 1), (Answer(b"", 302), 3), (Answer({}, 404), 10), (Answer({}, 410), 10), (Answer({}, 500), 6), (Answer({}, 429), 2), (Answer({}, 429, {"Retry-After": "3600"}), 1),
        (Answer(b"<html>"), 3), (Answer(unpaved(1), cut=5), 6), (Answer(b"[" * 100_000), 3),
    ],
)  # fmt: skip
def test_details_that_cannot_be_had_leave_the_runs_as_they_are(
    garmin: Garmin, server: Server, pull: Puller, monkeypatch: pytest.MonkeyPatch, fault: Answer, asked: int
) -> None:
    """A server that has trouble, or wants to be left alone, is not asked for the rest: two tries each, three in all."""
    monkeypatch.setattr(ground, "AT_ONCE", 1)
    garmin.activities = [run(number) for number in reversed(range(1, 11))]
    garmin.faults[DETAIL_PATH] = fault
    found, cursor = pull()
    assert unpaved_m(found) == {str(number): None for number in reversed(range(1, 11))}
    assert len(details(server)) == asked
    garmin.faults.clear()
    garmin.details = {str(number): unpaved(50) for number in range(11)}
    assert set(unpaved_m(pull(cursor)[0]).values()) == {5000.0}


@pytest.mark.parametrize(
    ("failing", "fault"), [((5, 4, 3), Answer({}, 500)), ((3,), Answer(b"<html>Just a moment", 403))]
)
def test_details_that_always_fail_keep_no_other_from_being_asked_for(
    garmin: Garmin, pull: Puller, monkeypatch: pytest.MonkeyPatch, failing: tuple[int, ...], fault: Answer
) -> None:
    monkeypatch.setattr(ground, "AT_ONCE", 1)
    garmin.activities = [run(number) for number in (*failing, 2, 1)]
    garmin.details = {str(number): unpaved(50) for number in (2, 1)}
    garmin.faults = {f"{DETAIL_PATH}{number}": fault for number in failing}
    found, cursor = pull()
    assert set(unpaved_m(found).values()) == {None}
    assert unpaved_m(pull(cursor)[0]) == {**{str(number): None for number in failing}, "2": 5000.0, "1": 5000.0}


def test_a_key_that_is_refused_while_details_are_asked_for_fails_the_pull(garmin: Garmin, pull: Puller) -> None:
    garmin.faults[DETAIL_PATH] = Answer({}, 401)
    with pytest.raises(SourceError, match=r"refused the credentials .*GARMIN_KEY"):
        pull()


def test_the_token_of_a_key_is_stored_for_the_next_pull(garmin: Garmin, server: Server, pull: Puller) -> None:
    pull()
    pull()
    assert garmin.tokens == 1
    assert [asked.method for asked in server.asked if asked.path == TOKEN_PATH] == ["POST"]
    pull(state=False)
    pull(state=False)
    assert garmin.tokens == 3


def test_another_key_needs_another_token(garmin: Garmin, pull: Puller, monkeypatch: pytest.MonkeyPatch) -> None:
    pull()
    garmin.key = "an0ther"
    monkeypatch.setenv("GARMIN_KEY", garmin.key)
    pull()
    assert garmin.tokens == 2


@pytest.mark.parametrize(("hours", "exchanged"), [(1, 1), (23, 1), (23.9, 2), (30, 2), (-48, 2)])
def test_a_token_is_replaced_before_it_ends(
    garmin: Garmin, server: Server, tmp_path: Path, hours: float, exchanged: int
) -> None:
    clock = HandClock(NOW)
    list(source(server, tmp_path, clock=clock).pull(None))
    clock.move(hours=hours)
    list(source(server, tmp_path, clock=clock).pull(None))
    assert garmin.tokens == exchanged


def test_a_wrong_clock_does_not_exchange_the_key_often(garmin: Garmin, server: Server, tmp_path: Path) -> None:
    garmin.activities = [run(number) for number in reversed(range(100))]
    list(source(server, tmp_path, clock=HandClock("2029-01-01T00:00:00")).pull(None))
    assert garmin.tokens == 1


def test_a_token_that_was_taken_back_is_renewed_once(garmin: Garmin, server: Server, pull: Puller) -> None:
    pull()
    garmin.tokens += 1  # as when the key was made anew: the token kept here is of no use any more
    assert ids(pull()[0]) == ["101"]
    garmin.faults[LIST_PATH] = Answer({}, 401)
    before = garmin.tokens
    with pytest.raises(SourceError, match="refused the credentials"):
        pull()
    assert garmin.tokens == before + 1


NO_TOKENS: list[tuple[Answer, str]] = [
    (Answer({"message": KEY}, 401), r"/token refused the credentials \(the key from environment variable GARMIN_KEY; make a new one in Garmin Connect under Settings, Personal API\) with status 401"),
    (Answer({}, 403), "refused the credentials"),
    (Answer({}, 429, {"Retry-After": "120"}), "status 429 and asks to wait 120 s"),
    (Answer({}, 500), "status 500"),
    (Answer(b"<html>Sign in to the network</html>"), "did not answer with a token"),
    (Answer(b"a.b.c\r\nX-Evil: 1"), "did not answer with a token"),
    (Answer(b""), "did not answer with a token"),
    (Answer(b"x" * 100_000), "sent more than 0 MB"),
    (Answer(b"aa.bb.cc", cut=3), "stopped"),
    (Answer(b"", 302, {"Location": "/elsewhere"}), "is not followed"),
]  # fmt: skip


def test_a_key_without_a_token_fails_the_pull(garmin: Garmin, pull: Puller) -> None:
    for garmin.faults[TOKEN_PATH], message in NO_TOKENS:
        with pytest.raises(SourceError, match=message) as raised:
            pull()
        assert KEY not in str(raised.value)


@pytest.mark.parametrize(
    "claims", [b"", b"{}", b"[]", b'{"exp": "soon"}', b'{"exp": NaN}', b'{"exp": 1e400}', b"[" * 30_000, b"\xff"]
)
def test_a_token_without_a_duration_is_used(garmin: Garmin, server: Server, pull: Puller, claims: bytes) -> None:
    token = b"a." + (urlsafe_b64encode(claims).rstrip(b"=") or b"-") + b".c"
    server.answer = lambda asked: (
        Answer(token) if asked.path == TOKEN_PATH else Answer([RUN] if asked.path == LIST_PATH else unpaved(0))
    )
    assert ids(pull()[0]) == ["101"]
    pull()
    assert server.paths().count(TOKEN_PATH) == 1


def test_a_missing_key_is_told_by_its_place(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GARMIN_KEY")
    with pytest.raises(SourceError, match="environment variable GARMIN_KEY is not set"):
        source(server, tmp_path).pull(None)
    with pytest.raises(SourceError, match="environment variable GARMIN_KEY is not set"):
        source(server, tmp_path).open_tracks()
    assert server.asked == []


@pytest.mark.parametrize(
    ("fault", "tries", "message"),
    [
        (Answer({}, 401), 2, "refused the credentials"), (Answer({}, 403), 1, "refused the credentials"),
        (Answer({}, 503), 4, "answered with status 503"), (Answer([RUN], cut=20), 4, "stopped in the middle of its answer"),
        (Answer({"activities": [RUN]}), 1, "did not answer with a list"), (Answer(None), 1, "did not answer with a list"),
        (Answer("[]"), 1, "did not answer with a list"),
    ],
)  # fmt: skip
def test_a_failing_list_fails_the_pull(
    garmin: Garmin, server: Server, tmp_path: Path, fault: Answer, tries: int, message: str
) -> None:
    home = at_home(server, tmp_path)
    garmin.activities = [run(number, distance=0) for number in reversed(range(60))]
    home.sync()
    second_page = [asked.query["start"] for asked in server.asked if asked.path == LIST_PATH][1]
    before = len(server.asked)
    server.answer = lambda asked: fault if asked.query.get("start") == second_page else garmin(asked)
    [outcome] = home.sync().outcomes
    assert (outcome.outcome, message in str(outcome.error)) == ("failed", True), outcome.error
    assert sum(asked.query.get("start") == second_page for asked in server.asked[before:]) == tries
    assert home.rows("SELECT count(*), count(missing_since) FROM activities") == [(60, 0)]


def at_home(server: Server, directory: Path, now: str = NOW) -> Home:
    home = Home(directory, HandClock(now))
    home.main(f"sources:\n  - {{name: garmin, type: garmin-api, key: {{env: GARMIN_KEY}}, base_url: '{server.url}'}}\n")
    return home


def test_a_run_that_was_deleted_there_is_missing_here(garmin: Garmin, server: Server, tmp_path: Path) -> None:
    home = at_home(server, tmp_path)
    garmin.activities = [run(2), run(1)]
    home.sync()
    garmin.activities = [run(2, activityName="Other")]
    home.sync()
    rows = home.rows("SELECT native_id, name, missing_since IS NOT NULL FROM activities ORDER BY native_id")
    assert rows == [("1", "Lake", 1), ("2", "Other", 0)]


def test_key_and_token_stand_nowhere_but_the_token_in_state_db(
    garmin: Garmin, server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    home, said = at_home(server, tmp_path), ""
    garmin.activities = [RUN, {**RUN, "activityId": None}]
    said += str(home.sync())
    token = garmin.token
    for fault in (Answer({"message": KEY}, 401), Answer({"token": token}, 500), Answer(b"<html>" + KEY.encode())):
        garmin.faults[LIST_PATH] = fault
        said += str(home.sync())
    monkeypatch.setenv("GARMIN_KEY", "k3y with\nbreak")
    said += str(home.sync())
    holding = {
        (path.name, secret)
        for path in tmp_path.rglob("*")
        for secret in (KEY, token, garmin.token)
        if path.is_file() and secret.encode() in path.read_bytes()
    }
    assert {name for name, _ in holding} == {"state.db"} and KEY not in {secret for _, secret in holding}
    assert (tmp_path / "state.db").stat().st_mode & 0o77 == 0
    assert not [secret for secret in (KEY, token, garmin.token, "k3y with") if secret in said + caplog.text]


FIT = fit(file_id(), *way(range(0, 400, 10)), session(0, sport=1, total_distance=1200, total_timer_time=400))


def open_tracks(server: Server, directory: Path) -> Any:
    return source(server, directory).open_tracks()


@pytest.mark.parametrize(
    "body",
    [
        packed({"101_ACTIVITY.fit": FIT}), packed({"readme.txt": b"hello", "../../101.FIT": FIT}),
        packed({"settings.fit": fit(file_id(2)), "101.fit": FIT}), FIT,
    ],
)  # fmt: skip
def test_a_track_is_the_original_file(garmin: Garmin, server: Server, tmp_path: Path, body: bytes) -> None:
    garmin.files["101"] = body
    [recording] = open_tracks(server, tmp_path).recordings("101")
    assert (recording.distance_m, len(recording.trace)) == (1200.0, 40)
    assert [path for path in tmp_path.rglob("*") if path.suffix.lower() == ".fit"] == []


NO_TRACKS: list[tuple[bytes | None, str]] = [
    (None, r"the server has no file of it \(status 404\)"),
    (packed({"101.jpg": b"x"}), "101 is a zip without a track"),
    (packed({"101.fit": fit(file_id(2))}), "101/101.fit"),
    (packed({"101.gpx": b"<gpx>" + b" " * 12_000_000}), "unpacks to more than any track has"),
    (packed({"101.fit": FIT})[:-30], "broken zip"),
    (FIT[:8], "is not a FIT, TCX or GPX file"),
    (b"", "is empty"),
    (b"<html>sign in</html>", "101"),
]


def test_a_file_without_a_track_is_an_error(garmin: Garmin, server: Server, tmp_path: Path) -> None:
    opened = open_tracks(server, tmp_path)
    for body, message in NO_TRACKS:
        garmin.files = {"101": body} if body is not None else {}
        with pytest.raises(TrackError, match=message):
            opened.recordings("101")
    asked = len(server.asked)
    for track in ("", "..", "101/../../x", "1?x=1", "١٢", "9" * 30):
        with pytest.raises(TrackError, match="is not the number of an activity"):
            opened.recordings(track)
    assert len(server.asked) == asked


@pytest.mark.parametrize(
    ("fault", "asked"),
    [
        (Answer({}, 429), 2), (Answer({}, 429, {"Retry-After": "600"}), 1), (Answer({}, 401), 2), (Answer({}, 500), 6), (Answer({}, 403), 3),
        (Answer(FIT, cut=50), 6), (Answer(FIT, drip=30), 3),
    ],
)  # fmt: skip
def test_a_server_that_has_trouble_is_not_asked_for_all_other_tracks(
    garmin: Garmin, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Answer, asked: int
) -> None:
    monkeypatch.setattr(
        downloaded_tracks, "LIMITS", downloaded_tracks.LIMITS._replace(total_s=0.3 if fault.drip else 60)
    )
    garmin.files = {str(number): packed({"a.fit": FIT}) for number in range(10)}
    opened = open_tracks(server, tmp_path)
    garmin.faults[FILE_PATH] = fault
    for number in range(10):
        with pytest.raises(SourceError):
            opened.recordings(str(number))
    assert sum(path.startswith(FILE_PATH) for path in server.paths()) == asked
    garmin.faults.clear()
    assert len(open_tracks(server, tmp_path).recordings("5")) == 1


def test_failures_between_tracks_that_can_be_had_end_nothing(garmin: Garmin, server: Server, tmp_path: Path) -> None:
    garmin.files = {str(number): packed({"a.fit": FIT}) for number in range(10)}
    garmin.faults = {f"{FILE_PATH}{number}": Answer({}, 500) for number in (0, 1, 3, 4, 6)}
    opened, had = open_tracks(server, tmp_path), []
    for number in range(10):
        with suppress(SourceError):
            had += [number for _ in opened.recordings(str(number))]
    assert had == [2, 5, 7, 8, 9]


def test_a_huge_track_is_refused(
    garmin: Garmin, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloaded_tracks, "LIMITS", downloaded_tracks.LIMITS._replace(size=1000))
    garmin.files["101"] = b"\0" * 2000
    with pytest.raises(SourceError, match="sent more than"):
        open_tracks(server, tmp_path).recordings("101")


def test_the_matcher_finds_the_tracks_of_the_runs(garmin: Garmin, server: Server, tmp_path: Path) -> None:
    home = at_home(server, tmp_path, now=datetime.now(UTC).isoformat()[:19])
    garmin.files["101"] = packed({"a.fit": FIT})
    home.sync()
    [(id, track)] = home.rows("SELECT id, track FROM activities")
    surveyor = surveyor_of(home.config)()
    assert [len(each.trace) for each in surveyor.recordings(Request(id, "garmin", track))] == [40]
    assert garmin.tokens == 1
    surveyor.close()
