"""Strava's API as it is documented, on this machine: the whole history at each pull, shoes by name, every refusal in
words, and no token anywhere but in state.db."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from kit import making
from kit.api_servers import Answer, Asked
from kit.login_server import LoggedIn, LoginAccount, logged_in
from kit.web_sources import WebSourceTests, refusal

from shoemon.model.activity import Activity, Problem
from shoemon.sources.strava_api import listing

RUN: dict[str, Any] = {
    "resource_state": 2, "athlete": {"id": 1}, "id": 9001, "name": "Lunch run", "type": "Run", "sport_type": "TrailRun",
    "start_date": "2024-05-01T10:00:00Z", "start_date_local": "2024-05-01T12:00:00Z", "timezone": "(GMT+01:00) Europe/Paris",
    "utc_offset": 7200.0, "distance": 10012.3, "moving_time": 3000, "elapsed_time": 3120, "total_elevation_gain": 88.5,
    "trainer": False, "gear_id": "g21088801", "start_latlng": [48.85, 2.35], "kudos_count": 3,
    "map": {"summary_polyline": "secret_way_home"},
}  # fmt: skip
GEAR = {"g21088801": "Nike Pegasus 40 blue", "g12": "Speedgoat"}


def run(id: Any = 9001, **values: Any) -> dict[str, Any]:
    return {**RUN, "id": id, **values}


class Strava(LoginAccount):
    """The server: `records` newest first, and what shoes are called."""

    OTHER_PAIR: ClassVar = {"gear_id": "g12"}
    GEAR = ("g21088801", "Speedgoat")
    UNUSED: ClassVar = {"kudos_count": 99}

    def __init__(self) -> None:
        super().__init__()
        self.gear: dict[str, Any] = dict(GEAR)

    def run(self, number: int, **values: Any) -> dict[str, Any]:
        start = f"2024-{1 + number // 28:02}-{1 + number % 28:02}T10:00:00Z"
        made = {"start_date": start, "start_date_local": start, "utc_offset": 0, "distance": 10000.0, **values}
        return run(number, **made)

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/api/v3/athlete/activities":
            assert set(asked.query) == {"page", "per_page"}
            size = int(asked.query["per_page"])
            first = (int(asked.query["page"]) - 1) * size
            return Answer(self.records[first : first + size])
        id = asked.path.removeprefix("/api/v3/gear/")
        if id in self.gear:
            named = self.gear[id]
            return named if isinstance(named, Answer) else Answer({"id": id, "primary": False, "name": named})
        return Answer({"message": "Record Not Found", "errors": []}, 404)


MAIN = "name: strava, type: strava-api, base_url: '{url}/api/v3', oauth_url: '{url}/oauth'"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoggedIn]:
    with logged_in(tmp_path, monkeypatch, Strava(), MAIN) as place:
        yield place


# ------------------------------------------------------------------ what is read


def test_a_record_is_understood_as_a_whole(place: LoggedIn) -> None:
    place.account.records = [run()]
    kept = {key: RUN[key] for key in listing.KEPT if key in RUN}
    assert place.pull()[0] == [
        making.run(
            "strava:9001", "2024-05-01T10:00:00Z", utc_offset_s=7200, sport="trail-run", sport_raw="TrailRun",
            name="Lunch run", distance_m=10012.3, moving_s=3000.0, elapsed_s=3120.0, elevation_m=88.5,
            gear_raw="21088800", gear_name="Nike Pegasus 40 blue", indoor=False, start_lat=48.85, start_lon=2.35,
            raw=json.dumps(kept, ensure_ascii=False),
        )
    ]  # fmt: skip


FIELDS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"sport_type": None}, {"sport": "run", "sport_raw": "Run"}),
    ({"sport_type": "VirtualRun"}, {"sport": "virtual-run", "indoor": True}),
    ({"sport_type": "Run", "trainer": True}, {"sport": "run", "indoor": True}),
    ({"trainer": False, "start_latlng": []}, {"indoor": None, "start_lat": None}),
    ({"trainer": None, "start_latlng": None, "manual": True}, {"indoor": None}),
    ({"start_latlng": ["a", True]}, {"start_lat": None, "start_lon": None}),
    ({"start_latlng": [48.0, 2.0, 3.0]}, {"start_lat": None, "start_lon": None}),
    ({"device_name": "Stryd", "end_latlng": [48.1, 2.1]}, {"device": "Stryd", "end_lat": 48.1, "end_lon": 2.1}),
    ({"gear_id": "b123"}, {"gear_raw": None, "gear_name": None}),
    ({"gear_id": None}, {"gear_raw": None, "gear_name": None}),
    ({"gear_id": "g12"}, {"gear_raw": "12", "gear_name": "Speedgoat"}),
    ({"gear_id": "g99"}, {"gear_raw": "99", "gear_name": None}),
    ({"gear_id": "g1/../../athlete"}, {"gear_raw": "g1/../../athlete", "gear_name": None}),
    ({"utc_offset": None}, {"utc_offset_s": 7200}),
    ({"utc_offset": -34200.0, "start_date": "2024-05-01T05:00:00Z"}, {"utc_offset_s": -34200, "local_date": "2024-04-30"}),
    ({"utc_offset": None, "start_date_local": None}, {"utc_offset_s": 10800}),
    ({"utc_offset": 1e9}, {"utc_offset_s": 10800}),
    ({"start_date": "2024-05-01T10:00:00"}, {"started_at": "2024-05-01T10:00:00Z", "utc_offset_s": 7200}),
    ({"private": True, "commute": True}, {"distance_m": 10012.3}),
    ({"distance": 0}, {"distance_m": 0.0}),
    ({"moving_time": None, "elapsed_time": None, "name": None}, {"moving_s": None, "elapsed_s": None, "name": ""}),
    ({"id": 12345678901234567}, {"native_id": "12345678901234567"}),
]  # fmt: skip


BROKEN: list[tuple[Any, str, str]] = [
    (run(distance=None), "activity 9001", "it has no distance"),
    (run(distance="far"), "activity 9001", "distance: 'far' is not a number"),
    (run(start_date="soon"), "activity 9001", "start_date: 'soon' is not a time"),
    (run(start_date=None), "activity 9001", "it has no start_date"),
    (run(sport_type=None, type=None), "activity 9001", "it has no type"),
    (run(id=None), "page 1:{}", "it has no id"),
    (run(id="x" * 5000), "page 1:{}", "is not a number"),
    (run(id=-3), "activity -3", "the id '-3' is not a number"),
    (run(utc_offset="east"), "activity 9001", "utc_offset: 'east' is not a number"),
    ("a text", "page 1:{}", "its structure is unknown"),
    (None, "page 1:{}", "its structure is unknown"),
]


class TestShared(WebSourceTests):
    """What holds for every source on a server."""

    FIELDS, BROKEN = FIELDS, BROKEN

    def entry(self, number: int, given: dict[str, Any]) -> dict[str, Any]:
        return run(**{"id": number, **given})


# ------------------------------------------------------------------ pages


def test_every_page_is_asked_for_until_an_empty_one(place: LoggedIn) -> None:
    place.account.records = [run(id, gear_id=None) for id in range(1, 402)]
    found, _ = place.pull()
    assert [each.native_id for each in found if isinstance(each, Activity)] == [str(id) for id in range(1, 402)]
    assert [(asked.query["page"], asked.query["per_page"]) for asked in place.server.asked] == [
        ("1", "200"), ("2", "200"), ("3", "200"), ("4", "200"), ("1", "200"),
    ]  # fmt: skip


def test_a_run_that_slips_to_the_next_page_counts_once_and_a_short_page_is_not_the_last(place: LoggedIn) -> None:
    pages = [[run(id) for id in range(1, 201)], [run(200)], [run(201)], []]
    place.logins.api = lambda asked: Answer(pages[int(asked.query["page"]) - 1] if "page" in asked.query else {})
    found, _ = place.pull()
    assert len(found) == 201 and all(isinstance(each, Activity) for each in found)


@pytest.mark.parametrize("number", [2, 4, 5])
def test_a_run_deleted_meanwhile_hides_no_other(place: LoggedIn, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Pages of two: the first of the third page is the last of the second by the time the third is asked for."""
    monkeypatch.setattr(listing, "PER_PAGE", 2)
    home, account = place.home, place.account
    place.configure(", missing: drop")
    account.records = [account.run(day) for day in range(number, 0, -1)]
    assert not home.sync().failed

    def deleting(asked: Asked) -> Answer:
        told = account.answer(asked)
        if asked.query.get("page") == "1" and len(account.records) == number:
            del account.records[0]
        return told

    place.logins.api = deleting
    assert not home.sync().failed
    gone = home.rows("SELECT native_id FROM activities WHERE missing_since IS NOT NULL")
    assert (gone, home.totals()) == ([(str(number),)], {None: round((number - 1) * 10000.0, 1)})


def test_a_server_without_an_end_is_left(place: LoggedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    same = [run(id) for id in range(1, 201)]
    place.logins.api = lambda asked: Answer(same)
    assert "page 2 of the activities with those of earlier pages" in str(refusal(place))
    monkeypatch.setattr(listing, "MOST_PAGES", 3)
    place.logins.api = lambda asked: Answer([run(int(asked.query["page"]))])
    assert "lists more than 600 activities; they are not read" in str(refusal(place))
    monkeypatch.setattr(listing, "LIMITS", listing.LIMITS._replace(total_s=600.0, size=1000))
    assert "sent more than" in str(refusal(place))
    monkeypatch.setattr(listing, "LIMITS", listing.LIMITS._replace(total_s=2.0, tries=1))
    place.logins.api = lambda asked: Answer([run(1)] * 10, drip=30)
    assert "took longer than " in str(refusal(place))


# ------------------------------------------------------------------ names of shoes


def test_names_are_asked_for_once_a_day_or_when_a_run_is_new(place: LoggedIn) -> None:
    place.logins.lasts_s = None  # the login shall not run out meanwhile
    place.log_in()
    place.account.records = [run(1), run(2, gear_id="g12"), run(3, gear_id="b7"), run(4, gear_id=None)]
    _, cursor = place.pull()
    assert place.asked() == ["/athlete/activities", "/athlete/activities", "/gear/g12", "/gear/g21088801"]
    place.account.gear["g12"] = "Speedgoat of old"
    place.home.clock.move(hours=23)
    found, cursor = place.pull(cursor)
    assert not found and place.asked() == ["/athlete/activities"] * 2
    place.home.clock.move(hours=1)
    found, cursor = place.pull(cursor)
    assert len(place.asked()) == 4
    assert [each.gear_name for each in found if isinstance(each, Activity)][1] == "Speedgoat of old"
    place.account.gear["g12"] = "Speedgoat"
    place.account.records.insert(0, run(5))
    found, cursor = place.pull(cursor)
    assert [each.gear_name for each in found if isinstance(each, Activity)][2] == "Speedgoat"
    place.account.records = [run(5)]
    _, cursor = place.pull(cursor)
    assert cursor is not None and cursor["names"].keys() == {"g21088801"}


def test_a_name_that_was_asked_for_by_a_clock_that_went_ahead_is_asked_for_again(place: LoggedIn) -> None:
    place.logins.lasts_s = None
    place.log_in()
    place.account.records = [run(1)]
    now = place.home.clock.now
    place.home.clock.move(days=3650)
    _, cursor = place.pull()
    place.home.clock.now = now
    place.account.gear["g21088801"] = "Pegasus of old"
    found, cursor = place.pull(cursor)
    assert [each.gear_name for each in found if isinstance(each, Activity)] == ["Pegasus of old"]
    place.asked()
    assert not place.pull(cursor)[0] and place.asked() == ["/athlete/activities"] * 2


def test_a_name_that_cannot_be_had_now_keeps_the_last_and_a_new_pair_waits_for_its_own(place: LoggedIn) -> None:
    place.account.records = [run(1)]
    _, cursor = place.pull()
    place.account.records = [run(2, gear_id="g12"), run(1)]
    place.account.gear = dict.fromkeys(GEAR, Answer({}, 429))
    found, cursor = place.pull(cursor)
    assert [each.gear_name for each in found if isinstance(each, Activity)] == [None, "Nike Pegasus 40 blue"]
    (problem,) = [each for each in found if isinstance(each, Problem)]
    assert problem.place == "gear"
    assert problem.message.startswith("the names of 1 pairs of shoes are missing: http://127.0.0.1:")
    assert place.asked().count("/gear/g12") == 2 - 1  # and none was asked for after that
    place.account.gear = dict(GEAR)
    assert [each.gear_name for each in place.activities(cursor)] == ["Speedgoat", "Nike Pegasus 40 blue"]


def test_leave_without_shoes_costs_their_names_only_and_no_new_login_each_time(place: LoggedIn) -> None:
    place.account.records = [run(1)]
    place.account.gear = dict.fromkeys(GEAR, Answer({}, 401))
    found, _ = place.pull()
    assert [type(each) for each in found] == [Activity, Problem]
    assert place.logins.renewals == 0


def test_names_of_shoes(place: LoggedIn) -> None:
    named: list[tuple[Any, str | None]] = [
        ([], None), ({"name": 5.0}, "5"), ({"name": "  "}, None), ({"name": ["x"]}, None), ("text", None),
        ({"name": None, "brand_name": "Nike", "model_name": "Pegasus"}, "Nike Pegasus"),
    ]  # fmt: skip
    place.account.gear = {f"g{number}": Answer(answer) for number, (answer, _) in enumerate(named)}
    place.account.records = [run(number, gear_id=id) for number, id in enumerate(place.account.gear)]
    assert [each.gear_name for each in place.activities()] == [name for _, name in named]


EXPORT = """\
Activity ID,Activity Date,Activity Name,Activity Type,Elapsed Time,Distance,Activity Gear,Filename,Elapsed Time,Distance,Gear,Dirt Distance
1,"May 1, 2024, 10:00:00 AM",Lunch run,Run,3120,10.01,Pegasus blue,,3120.0,10012.3,21088800.0,2500.0
"""


@pytest.mark.parametrize("first", ["strava", "export"])
def test_a_run_that_the_bulk_export_has_too_counts_once_with_what_each_knows(place: LoggedIn, first: str) -> None:
    home = place.home
    (home.directory / "activities.csv").write_text(EXPORT)
    export = "  - {name: export, type: strava-export, path: activities.csv}\n"
    both = [place.yaml(), export] if first == "strava" else [export, place.yaml()]
    home.main(f"timezone: Europe/Helsinki\nsources:\n{''.join(both)}")
    # The column has 21088800.0 since September 2025, and 21088801.0 before.
    home.shoes("shoes: [{id: peg, name: Peg, gear: ['21088801.0']}]\n")
    place.account.records = [run(1), run(2, start_date="2024-05-03T10:00:00Z")]
    assert not home.sync().failed
    assert home.totals() == {"peg": 20024.6}
    other = {"strava": "export", "export": "strava"}[first]
    assert home.rows("SELECT id, duplicate_of FROM activities WHERE duplicate_of IS NOT NULL") == [
        (f"{other}:1", f"{first}:1")
    ]
    soft = home.rows("SELECT sum(distance_m) FROM legs JOIN surfaces ON id = surface WHERE ground = 'soft'")
    assert soft == [(2500.0,)]  # which only the export knows


# ------------------------------------------------------------------ refusals

DAY = {"X-RateLimit-Limit": "200,2000", "X-RateLimit-Usage": "20,340"}
READS = {**DAY, "X-ReadRateLimit-Limit": "100,1000"}
INACTIVE = {"resource": "Application", "field": "Status", "code": "Inactive"}
DISABLED = (
    "Strava has disabled the app: since June 2026 its owner needs a paid subscription. Strava's bulk export (type "
    "strava-export) is free, and so is, for most watches, intervals.icu (type intervals-icu)"
)
TOO_MANY = "too many requests to Strava; it answers again from"
REFUSALS: list[tuple[Answer, bool, str]] = [
    (Answer({"message": "Forbidden", "errors": [INACTIVE]}, 403), False, DISABLED),
    (Answer(INACTIVE, 403), False, DISABLED),
    (
        Answer({"errors": [{"resource": "AccessToken", "field": "activity:read_permission", "code": "missing"}]}, 403),
        False,
        "the login at Strava lacks the permission activity:read; log in again, and keep every box ticked: "
        "shoemon login strava",
    ),
    (Answer({}, 429, {**READS, "X-ReadRateLimit-Usage": "101,340"}), True, f"{TOO_MANY} 12:15 UTC on"),
    (
        Answer({}, 429, {**READS, "X-ReadRateLimit-Usage": "3,1001"}),
        True,
        f"{TOO_MANY} midnight in UTC on: the requests of this day are used up",
    ),
    (Answer({}, 429), True, f"{TOO_MANY} 12:15 UTC on"),
    (Answer({}, 429, {"X-RateLimit-Limit": "a,b,c", "X-RateLimit-Usage": ","}), True, f"{TOO_MANY} 12:15 UTC on"),
    (Answer({}, 429, {"Retry-After": "300"}), True, f"{TOO_MANY} 12:12 UTC on"),
]


def test_every_refusal_has_a_remedy_and_one_request(place: LoggedIn) -> None:
    place.home.clock.move(minutes=7)
    for answer, retryable, says in REFUSALS:
        place.server.faults = [answer]
        error = refusal(place)
        assert (str(error), error.retryable) == (says, retryable)
        assert len(place.asked()) == 1


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"errors": [{"resource": "Athlete", "field": "access_token", "code": "invalid"}]}, "no longer accepts the login"),
        ({"errors": [{"resource": "AccessToken", "field": "activity:read_permission", "code": "missing"}]}, "lacks the permission"),
        (b"<html>", "no longer accepts the login"),
        ([], "no longer accepts the login"),
    ],
)  # fmt: skip
def test_a_renewed_login_that_is_refused_is_requested_again(place: LoggedIn, answers: Any, says: str) -> None:
    place.logins.api = lambda asked: Answer(answers, 401)
    error = refusal(place)
    assert says in str(error) and str(error).endswith(": shoemon login strava") and not error.retryable
    assert place.asked() == ["/athlete/activities", "/oauth/token", "/athlete/activities"]


def test_settings_can_be_read_without_asking_anybody() -> None:
    code = "import sys, shoemon.sources.strava_api, shoemon.sources.fittrackee; print('requests' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
