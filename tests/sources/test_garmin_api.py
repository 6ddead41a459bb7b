"""Garmin's Personal API, as its own client and those who tried it describe it, asked on a server on this machine."""

import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from kit import making
from kit.api_servers import Answer, Asked, ids, pauses_of, serving
from kit.homes import HandClock, Home
from kit.laid_exports import packed
from kit.web_sources import FIT, Account, Place, WebSourceTests, WebTrackTests, refusal

from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import ShoemonError, SourceError
from shoemon.sources import open_source
from shoemon.sources.garmin_api import ground, key, listing
from shoemon.sources.garmin_api.ground import StoredShares
from shoemon.sources.kit import api, downloaded_tracks
from shoemon.store.state_database import State
from shoemon.sync.pull import source_context

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
    day, hour = divmod(number, 20)
    began = f"2026-{1 + day // 28:02}-{1 + day % 28:02} {hour:02}:00:00"
    record = {**RUN, "activityId": number, "startTimeGMT": began, "startTimeLocal": began, **values}
    return {name: value for name, value in record.items() if value is not None}


class Garmin(Account):
    """The server's side: what it contains, and how it answers. A token is good until another one is given out."""

    NAME, env, secret = "activityName", "GARMIN_KEY", KEY
    UNUSED: ClassVar = {"ownerProfileImageUrlLarge": "https://example.org/?expires=1", "numberOfActivityLikes": 3, "comments": [{}]}  # fmt: skip
    run = staticmethod(run)

    def __init__(self) -> None:
        super().__init__()
        self.details: dict[str, Any] = {}
        self.faults: dict[str, Answer] = {}
        """By the beginning of a path; answered as long as they stand here."""
        self.key, self.tokens, self.lasts_s = KEY, 0, 86_400.0

    @property
    def token(self) -> str:
        claims = {"exp": datetime.fromisoformat(NOW).replace(tzinfo=UTC).timestamp() + self.lasts_s}
        return f"h34d.{urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.number{self.tokens}"

    def secrets(self) -> list[str]:
        return [self.token]

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
            return Answer(self.records[start : start + limit]) if limit <= 45 else Answer({}, 500)
        if asked.path.startswith(DETAIL_PATH):
            return Answer(self.details.get(number, {"summaryDTO": {}}))
        if asked.headers["accept"] != "application/x-zip-compressed":
            return Answer({}, 406)
        return Answer(self.files[number]) if number in self.files else Answer({}, 404)


def unpaved(percent: Any) -> dict[str, Any]:
    return {"summaryDTO": {"surfaceTypeUnpavedPercentage": percent}}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("GARMIN_KEY", KEY)
    pauses_of(monkeypatch, api, key)
    garmin, main = Garmin(), "name: garmin, type: garmin-api, key: {{env: GARMIN_KEY}}, base_url: '{url}'"
    with serving(garmin) as server:
        yield Place(Home(tmp_path, HandClock(NOW)), server, garmin, main)


@pytest.fixture
def garmin(place: Place) -> Any:
    garmin = place.account
    garmin.records = [RUN]
    return garmin


def unpaved_m(place: Place, cursor: Any = None) -> dict[str, float | None]:
    return {each.native_id: each.unpaved_m for each in place.activities(cursor)}


def details(place: Place) -> list[str]:
    return [path.removeprefix(DETAIL_PATH) for path in place.server.paths() if path.startswith(DETAIL_PATH)]


def test_a_run_has_metres_seconds_offset_ground_and_track(garmin: Garmin, place: Place) -> None:
    garmin.details["101"] = unpaved(37.5)
    garmin.records = [
        {**RUN, "ownerFullName": "A Runner", "ownerProfileImageUrlSmall": "https://example.org/me", "avgPower": None}
    ]
    assert place.pull()[0] == [
        making.run(
            "garmin:101", "2026-05-01T05:30:00Z", utc_offset_s=10800, sport="run", sport_raw="running", name="Lake",
            moving_s=2950.0, elapsed_s=3100.0, elevation_m=40.0, indoor=False, unpaved_m=3750.0, start_lat=60.1,
            start_lon=24.9, track="101", raw=json.dumps(RUN),
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
    ({"activityType": {"typeKey": "road_biking"}}, {"sport": "ride", "sport_raw": "road_biking"}),
    ({"activityType": {"typeKey": "strength_training"}, "distance": None}, {"sport": "strength", "distance_m": 0.0}),
    ({"activityType": None}, {"sport": "unknown", "sport_raw": ""}),
    ({"hasPolyline": None}, {"indoor": None, "track": "own"}),
    ({"endLatitude": 60.2, "endLongitude": 25.0}, {"end_lat": 60.2, "end_lon": 25.0}),
    ({"endLatitude": 91.0, "endLongitude": 25.0}, {"end_lat": None, "end_lon": None}),
    ({"hasPolyline": False}, {"indoor": None, "track": None}),
    ({"elapsedDuration": None, "movingDuration": None}, {"elapsed_s": 3000.0, "moving_s": None}),
    ({"parentId": 99, "isParent": None}, {"track": "own"}),
    ({"startTimeLocal": "2026-05-01 11:15:00"}, {"started_at": "2026-05-01T05:30:00Z", "utc_offset_s": 20700}),
    ({"startTimeLocal": "2026-04-30T20:30:00.0"}, {"local_date": "2026-04-30", "utc_offset_s": -32400}),
    ({"startTimeLocal": None}, {"utc_offset_s": 10800, "zone_assumed": False}),
    ({"startTimeLocal": "2027-05-01 08:30:00"}, {"utc_offset_s": 10800, "local_date": "2026-05-01"}),
    ({"startTimeGMT": None}, {"started_at": "2026-05-01T05:30:00Z", "zone_assumed": True}),
]  # fmt: skip


UNREADABLE: list[tuple[Any, str]] = [
    ({**RUN, "distance": "far"}, "distance: 'far' is not a number"),
    ({**RUN, "distance": None}, "it has no distance"),
    ({**RUN, "activityId": None}, "it has no id"),
    ({**RUN, "activityType": ["running"]}, "its structure is unknown"),
    ({**RUN, "startTimeGMT": "yesterday"}, "startTimeGMT: 'yesterday' is not a time"),
    ({**RUN, "startTimeGMT": None, "startTimeLocal": None}, "it has no start time"),
    (None, "its structure is unknown"),
]


class TestShared(WebSourceTests, WebTrackTests):
    """What holds for every source on a server."""

    FIELDS, BROKEN = FIELDS, [(record, "activity {}", says) for record, says in UNREADABLE]

    def entry(self, number: int, given: dict[str, Any]) -> dict[str, Any]:
        record = {**RUN, "activityId": number, **given}
        return {name: value for name, value in record.items() if value is not None}


def test_only_the_parts_of_a_multisport_activity_count(garmin: Garmin, place: Place) -> None:
    garmin.records = [run(3, isParent=True), run(4, parentId=3), run(2, isParent=True, activityName="Triathlon")]
    place.configure(", since: 2025-01-01")
    part, problem = place.pull()[0]
    assert isinstance(part, Activity) and part.native_id == "4"
    message = "Triathlon: Garmin lists it without its parts, so a run among them does not count"
    assert problem == Problem("activity 3", message, "2")
    query = place.server.asked[1].query
    assert (query["excludeChildren"], query["startDate"]) == ("false", "2025-01-01")


def test_all_pages_are_small_and_requested(garmin: Garmin, place: Place) -> None:
    for count in (0, 1, 4, 5, 6, 44, 45, 46, 85, 200):
        garmin.records = [run(number, hasPolyline=False, distance=0) for number in reversed(range(count))]
        assert ids(place.pull()[0]) == [str(number) for number in reversed(range(count))]
    assert {asked.query["limit"] for asked in place.server.asked[1:]} == {"45"}


@pytest.mark.parametrize("at_page", [1, 2])
def test_changes_between_pages_hide_no_run(garmin: Garmin, place: Place, at_page: int) -> None:
    before = [run(number, distance=0) for number in reversed(range(120))]
    for after in (before[2:], [run(121, distance=0), *before]):
        garmin.records, asked_before = before, len(place.server.asked)

        def change(asked: Asked, after: list[Any] = after, first: int = asked_before) -> Answer:
            pages = sum(each.path == LIST_PATH for each in place.server.asked[first:])
            garmin.records = after if pages > at_page else garmin.records
            return garmin(asked)

        place.server.answer = change
        kept = {str(record["activityId"]) for record in before if record in after}
        assert kept <= set(ids(place.pull()[0]))


@pytest.mark.parametrize("count", [3, 60])
def test_runs_that_differ_in_every_answer_count_once(garmin: Garmin, place: Place, count: int) -> None:
    def renamed(asked: Asked) -> Answer:
        name = f"Answer {len(place.server.asked)}"
        garmin.records = [run(number, activityName=name, distance=0) for number in reversed(range(count))]
        return garmin(asked)

    place.server.answer = renamed
    found, _ = place.pull()
    assert ids(found) == [str(number) for number in reversed(range(count))]
    assert (len(found), place.server.paths().count(LIST_PATH)) == (count, 2 if count < 45 else 3)


def test_a_list_that_shrinks_or_never_ends_fails(garmin: Garmin, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    garmin.records = [run(number) for number in reversed(range(120))]

    def shrink(asked: Asked) -> Answer:
        answer = garmin(asked)
        garmin.records = garmin.records[20:]
        return answer

    place.answer(lambda asked: asked.path == LIST_PATH, shrink)
    assert "changed while it was read" in str(refusal(place))
    place.server.answer = garmin
    garmin.records = [run(number) for number in range(200)]
    monkeypatch.setattr(listing, "MOST", 100)
    assert "more than 100 activities; set `since`" in str(refusal(place))


SHARES: list[tuple[Any, float | None]] = [
    (unpaved(45.0), 4500.0), (unpaved("12.5"), 1250.0), (unpaved(0), 0.0), (unpaved(100), 10000.0), (unpaved(101), None), (unpaved(-1), None),
    (unpaved(None), None), (unpaved(True), None), (unpaved(float("nan")), None), (unpaved({}), None), ({"summaryDTO": {}}, None),
    ({"summaryDTO": 5}, None), ({}, None), ([], None), (None, None), (b"<html>", None),
]  # fmt: skip


def test_only_a_percentage_is_a_share(garmin: Garmin, place: Place) -> None:
    garmin.records = [run(number) for number in range(len(SHARES))]
    garmin.details = {str(number): detail for number, (detail, _) in enumerate(SHARES)}
    assert unpaved_m(place) == {str(number): metres for number, (_, metres) in enumerate(SHARES)}


def test_a_detail_is_requested_once_for_each_version_and_source(garmin: Garmin, place: Place) -> None:
    garmin.details["101"] = unpaved(50)
    _, cursor = place.pull()
    assert place.pull(cursor) == ([], cursor)
    assert details(place) == ["101"]
    garmin.records, garmin.details["101"] = [{**RUN, "distance": 8000.0}], unpaved(25)
    assert unpaved_m(place, cursor) == {"101": 2000.0}
    assert details(place) == ["101", "101"]
    garmin.details["101"] = unpaved(20)
    partner = Place(place.home, place.server, garmin, place._main.replace("name: garmin", "name: partner"))
    assert unpaved_m(partner) == {"101": 1600.0}


def test_a_missing_share_is_requested_for_two_days(garmin: Garmin, place: Place) -> None:
    """A run of a holiday comes late, and is reckoned later still; of all the pulls of four days few ask about it."""
    garmin.records = [run(2), run(1)]
    for pulls in range(2 * 24):
        if pulls == 13:
            garmin.details["1"] = unpaved(10)
        found = unpaved_m(place)
        place.home.clock.move(hours=2)
    assert found == {"2": None, "1": 1000.0}
    assert [details(place).count(number) for number in ("2", "1")] == [7, 6]


def test_a_clock_that_was_ahead_leaves_no_run_without_ground(garmin: Garmin, place: Place) -> None:
    for days in (3000, 30, -3030):
        assert unpaved_m(place) == {"101": None}
        place.home.clock.move(days=days)
    garmin.details["101"] = unpaved(10)
    assert unpaved_m(place) == {"101": 1000.0}


def test_shares_outlast_zone_and_interruption(garmin: Garmin, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever makes a cursor void: what was answered at earlier pulls is not asked for again, some at each pull."""
    monkeypatch.setattr(ground, "MOST", 2)
    home = place.home
    garmin.records = [run(number) for number in (5, 4, 3, 2, 1)]
    garmin.details = {str(number): unpaved(50) for number in range(1, 7)}
    for _ in range(3):
        home.sync()
    garmin.records = [run(6), *garmin.records]
    with monkeypatch.context() as interrupted:
        interrupted.setattr(State, "remember", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            home.sync()
    home.sync()
    home.main((home.directory / "shoemon.yaml").read_text().replace("Europe/Helsinki", "Asia/Tokyo"))
    home.sync()
    assert home.rows("SELECT count(*), count(unpaved_m) FROM activities") == [(6, 6)]
    assert sorted(details(place)) == ["1", "2", "3", "4", "5", "6"]


def test_a_state_db_that_is_none_fails_the_pull_in_words(tmp_path: Path) -> None:
    StoredShares(tmp_path / "state.db", "garmin").write({})
    (tmp_path / "state.db").write_bytes(b"no database" * 1000)
    message = r"cannot use .*state\.db: file is not a database. If it is broken, delete it: .*: shoemon login SOURCE"
    with pytest.raises(SourceError, match=message):
        StoredShares(tmp_path / "state.db", "garmin").read()
    with pytest.raises(ShoemonError, match=message):
        State(tmp_path / "state.db")


def test_details_newest_first(garmin: Garmin, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ground, "MOST", 2)
    monkeypatch.setattr(ground, "AT_ONCE", 1)
    treadmill = run(5, activityType={"typeKey": "treadmill_running"})
    garmin.records = [treadmill, *(run(number) for number in (4, 3, 2)), run(1, distance=0)]
    garmin.details = {str(number): unpaved(10 * number) for number in range(6)}
    for second in (None, 2000.0):
        assert unpaved_m(place) == {"5": None, "4": 4000.0, "3": 3000.0, "2": second, "1": None}
    place.pull()
    assert details(place) == ["4", "3", "2"]


def test_two_are_asked_for_at_a_time_and_never_three(garmin: Garmin, place: Place) -> None:
    garmin.records = [run(number) for number in reversed(range(10))]
    together = threading.Barrier(2, timeout=300)

    def two_by_two(asked: Asked) -> Answer:
        together.wait()
        return garmin(asked)

    place.answer(lambda asked: asked.path.startswith(DETAIL_PATH), two_by_two)
    place.pull()
    assert (len(details(place)), place.server.most_at_once, together.broken) == (10, 2, False)


@pytest.mark.parametrize(
    ("fault", "asked"),
    [
        (Answer({}, 403), 1), (Answer(b"", 302), 3), (Answer({}, 404), 10), (Answer({}, 410), 10), (Answer({}, 500), 6), (Answer({}, 429), 2), (Answer({}, 429, {"Retry-After": "3600"}), 1),
        (Answer(b"<html>"), 3), (Answer(unpaved(1), cut=5), 6), (Answer(b"[" * 100_000), 3),
    ],
)  # fmt: skip
def test_details_that_cannot_be_had_leave_the_runs_as_they_are(
    garmin: Garmin, place: Place, monkeypatch: pytest.MonkeyPatch, fault: Answer, asked: int
) -> None:
    """A server that has trouble, or wants to be left alone, is not asked for the rest: two tries each, three in all."""
    monkeypatch.setattr(ground, "AT_ONCE", 1)
    garmin.records = [run(number) for number in reversed(range(1, 11))]
    garmin.faults[DETAIL_PATH] = fault
    assert unpaved_m(place) == {str(number): None for number in reversed(range(1, 11))}
    assert len(details(place)) == asked
    garmin.faults.clear()
    garmin.details = {str(number): unpaved(50) for number in range(11)}
    assert set(unpaved_m(place).values()) == {5000.0}


@pytest.mark.parametrize(
    ("failing", "fault"), [((5, 4, 3), Answer({}, 500)), ((3,), Answer(b"<html>Just a moment", 403))]
)
def test_details_that_always_fail_keep_no_other_from_being_asked_for(
    garmin: Garmin, place: Place, monkeypatch: pytest.MonkeyPatch, failing: tuple[int, ...], fault: Answer
) -> None:
    monkeypatch.setattr(ground, "AT_ONCE", 1)
    garmin.records = [run(number) for number in (*failing, 2, 1)]
    garmin.details = {str(number): unpaved(50) for number in (2, 1)}
    garmin.faults = {f"{DETAIL_PATH}{number}": fault for number in failing}
    assert set(unpaved_m(place).values()) == {None}
    assert unpaved_m(place) == {**{str(number): None for number in failing}, "2": 5000.0, "1": 5000.0}


def test_a_key_that_is_refused_while_details_are_asked_for_fails_the_pull(garmin: Garmin, place: Place) -> None:
    garmin.faults[DETAIL_PATH] = Answer({}, 401)
    said = "refused the credentials (the key from environment variable GARMIN_KEY"
    assert said in str(refusal(place))


def test_the_token_of_a_key_lasts_for_more_pulls(garmin: Garmin, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.pull()
    place.pull()
    assert garmin.tokens == 1
    config = place.home.config
    context = source_context(config, place.home.clock)._replace(state=None)
    for _ in range(2):
        list(open_source(config.sources[0], context).pull(None))
    assert garmin.tokens == 3
    garmin.key = "an0ther"
    monkeypatch.setenv("GARMIN_KEY", garmin.key)
    place.pull()
    assert garmin.tokens == 4


@pytest.mark.parametrize(("hours", "exchanged"), [(1, 1), (23, 1), (23.9, 2), (30, 2), (-48, 2)])
def test_a_token_is_replaced_before_it_ends(garmin: Garmin, place: Place, hours: float, exchanged: int) -> None:
    place.pull()
    place.home.clock.move(hours=hours)
    place.pull()
    assert garmin.tokens == exchanged


def test_a_wrong_clock_does_not_exchange_the_key_often(garmin: Garmin, place: Place) -> None:
    garmin.records = [run(number) for number in reversed(range(100))]
    place.home.clock.move(days=1000)
    place.pull()
    assert garmin.tokens == 1


def test_a_token_that_was_taken_back_is_renewed_once(garmin: Garmin, place: Place) -> None:
    place.pull()
    garmin.tokens += 1  # as when the key was made anew: the token kept here is of no use any more
    assert ids(place.pull()[0]) == ["101"]
    garmin.faults[LIST_PATH] = Answer({}, 401)
    before = garmin.tokens
    assert "refused the credentials" in str(refusal(place))
    assert garmin.tokens == before + 1


NO_TOKENS: list[tuple[Answer, str]] = [
    (Answer({"message": KEY}, 401), "/token refused the credentials (the key from environment variable GARMIN_KEY; make a new one in Garmin Connect under Settings, Personal API) with status 401"),
    (Answer({}, 429, {"Retry-After": "120"}), "status 429 and asks to wait 120 s"),
    (Answer(b"<html>Sign in to the network</html>"), "did not answer with a token"),
    (Answer(b"a.b.c\r\nX-Evil: 1"), "did not answer with a token"),
    (Answer(b""), "did not answer with a token"),
    (Answer(b"x" * 100_000), "sent more than 0 MB"),
    (Answer(b"", 302, {"Location": "/elsewhere"}), "is not followed"),
]  # fmt: skip


def test_a_key_without_a_token_fails_the_pull(garmin: Garmin, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for garmin.faults[TOKEN_PATH], message in NO_TOKENS:
        said = str(refusal(place))
        assert message in said and KEY not in said
    place.asked()
    monkeypatch.delenv("GARMIN_KEY")
    for asking in (place.pull, place.tracks):
        with pytest.raises(SourceError, match="environment variable GARMIN_KEY is not set"):
            asking()
    assert place.asked() == []


@pytest.mark.parametrize(
    "claims", [b"", b"{}", b"[]", b'{"exp": "soon"}', b'{"exp": NaN}', b'{"exp": 1e400}', b"[" * 30_000, b"\xff"]
)
def test_a_token_without_a_duration_is_used(garmin: Garmin, place: Place, claims: bytes) -> None:
    token = b"a." + (urlsafe_b64encode(claims).rstrip(b"=") or b"-") + b".c"
    place.server.answer = lambda asked: (
        Answer(token) if asked.path == TOKEN_PATH else Answer([RUN] if asked.path == LIST_PATH else unpaved(0))
    )
    assert ids(place.pull()[0]) == ["101"]
    place.pull()
    assert place.server.paths().count(TOKEN_PATH) == 1


@pytest.mark.parametrize(
    ("fault", "asked"),
    [
        (Answer({}, 429), 2), (Answer({}, 429, {"Retry-After": "600"}), 1), (Answer({}, 401), 2), (Answer({}, 500), 6), (Answer({}, 403), 3),
        (Answer(FIT, cut=50), 6), (Answer(FIT, drip=30), 3), (Answer(b"0" * 9000), 3),
    ],
)  # fmt: skip
def test_a_server_that_has_trouble_is_not_asked_for_all_other_tracks(
    garmin: Garmin, place: Place, monkeypatch: pytest.MonkeyPatch, fault: Answer, asked: int
) -> None:
    limits = downloaded_tracks.LIMITS._replace(total_s=0.3 if fault.drip else 60, size=8000)
    monkeypatch.setattr(downloaded_tracks, "LIMITS", limits)
    garmin.files = {str(number): packed({"a.fit": FIT}) for number in range(10)}
    opened = place.tracks()
    garmin.faults[FILE_PATH] = fault
    for number in range(10):
        with pytest.raises(SourceError):
            opened.recordings(str(number))
    assert sum(path.startswith(FILE_PATH) for path in place.server.paths()) == asked
    garmin.faults = {f"{FILE_PATH}{number}": Answer({}, 500) for number in (0, 1, 3, 4, 6)}
    opened, had = place.tracks(), []
    for number in range(10):  # failures between tracks that can be had end nothing
        with suppress(SourceError):
            had += [number for _ in opened.recordings(str(number))]
    assert had == [2, 5, 7, 8, 9]
