"""A FitTrackee server as it is documented, on this machine: every page of workouts, shoes, tracks, refusals in words."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from kit import making
from kit.api_servers import Answer, Asked, ids
from kit.login_server import LoggedIn, LoginAccount, logged_in
from kit.web_sources import WebSourceTests, WebTrackTests, refusal

from shoemon.config.reading import ConfigError
from shoemon.model.recording import TrackError
from shoemon.setup.check import check_lines
from shoemon.sources import fittrackee
from shoemon.sources.fittrackee import listing

SPORTS = {
    1: "Cycling (Sport)", 3: "Hiking", 4: "Mountain Biking", 5: "Running", 6: "Walking", 8: "Trail", 11: "Rowing",
    12: "Snowshoes", 13: "Skiing (Alpine)", 20: "Padel (Outdoor)",
}  # fmt: skip
SHOES = {
    "id": "2UkrViYShoAkg8qSUKnUS4", "label": "Pegasus 40", "is_active": True, "total_distance": 512.3,
    "equipment_type": {"id": 1, "label": "Shoes", "is_active": True}, "workouts_count": 41,
}  # fmt: skip
OTHERS = {**SHOES, "id": "Ab3", "label": "Speedgoat"}
BIKE = {"id": "B1ke", "label": "Gravel", "equipment_type": {"id": 2, "label": "Bike", "is_active": True}}
RUN: dict[str, Any] = {
    "id": "kjxavSTUrJvoAh2wvCeGEF",
    "sport_id": 5,
    "title": "Around the lake",
    "workout_date": "Wed, 01 May 2024 22:30:00 GMT",
    "distance": 10.0123,
    "duration": "0:52:04",
    "moving": "0:50:00.500000",
    "ascent": 88.5,
    "equipments": [BIKE, SHOES],
    "with_file": True,
    "map": "abc",
    "likes_count": 3,
    "weather_start": {"temperature": 20.1},
    "user": {"username": "sam"},
}


def run(id: str = "kjxavSTUrJvoAh2wvCeGEF", **values: Any) -> dict[str, Any]:
    return {**RUN, "id": id, **values}


class Trackee(LoginAccount):
    """The server: workouts, and the files of some; of the file `indoors` it cannot make a GPX."""

    NAME, GEAR = "title", ("Pegasus 40", "Ab3")
    HALF: ClassVar = {"distance": 5.0}
    OTHER_PAIR: ClassVar = {"equipments": [OTHERS]}
    UNUSED: ClassVar = {"likes_count": 9, "equipments": [BIKE, {**SHOES, "total_distance": 999.9, "workouts_count": 80}]}  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self.sports: Any = [{"id": id, "label": label, "is_active": True} for id, label in SPORTS.items()]

    def run(self, number: int, **values: Any) -> dict[str, Any]:
        date = f"Wed, {1 + number % 28:02} {('Jan', 'Feb', 'Mar', 'Apr', 'May')[number // 28]} 2024 10:00:00 GMT"
        return run(str(number), **{"workout_date": date, "distance": 10.0, **values})

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/api/sports":
            return Answer({"data": {"sports": self.sports}, "status": "success"})
        if asked.path == "/api/workouts":
            page, size = int(asked.query["page"]), min(int(asked.query["per_page"]), 100)
            shown = self.records[(page - 1) * size : page * size]
            if asked.query.get("return_equipments") != "true":
                shown = [{key: value for key, value in each.items() if key != "equipments"} for each in shown]
            more = page * size < len(self.records)
            pagination = {"has_next": more, "page": page, "total": len(self.records)}
            return Answer({"data": {"workouts": shown}, "pagination": pagination, "status": "success"})
        id = asked.path.removeprefix("/api/workouts/").removesuffix("/gpx/download")
        if id in self.files:
            return Answer(self.files[id], headers={"Content-Type": "application/gpx+xml"})
        return Answer({"status": "error"}, 500 if id == "indoors" else 404)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LoggedIn]:
    main = "name: trackee, type: fittrackee, base_url: '{url}'"
    with logged_in(tmp_path, monkeypatch, Trackee(), main, lasts_s=864000) as place:
        yield place


# ------------------------------------------------------------------ what is read


def test_a_workout_is_understood_as_a_whole(place: LoggedIn) -> None:
    place.account.records = [run()]
    kept = {
        "id": RUN["id"], "sport_id": 5, "title": "Around the lake", "workout_date": RUN["workout_date"], "distance": 10.0123,
        "duration": "0:52:04", "moving": "0:50:00.500000", "ascent": 88.5,
        "equipments": [
            {"id": "B1ke", "label": "Gravel", "equipment_type": BIKE["equipment_type"]},
            {"id": SHOES["id"], "label": "Pegasus 40", "equipment_type": SHOES["equipment_type"]},
        ],
        "with_file": True,
    }  # fmt: skip
    assert place.pull()[0] == [
        making.run(
            "trackee:kjxavSTUrJvoAh2wvCeGEF", "2024-05-01T22:30:00Z", utc_offset_s=10800, sport="run",
            sport_raw="Running", name="Around the lake", distance_m=10012.3, moving_s=3000.5, elapsed_s=3124.0,
            elevation_m=88.5, gear_raw="2UkrViYShoAkg8qSUKnUS4", gear_name="Pegasus 40", track="kjxavSTUrJvoAh2wvCeGEF",
            raw=json.dumps(kept),
        )
    ]  # fmt: skip


FIELDS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"sport_id": 8}, {"sport": "trail-run", "sport_raw": "Trail"}),
    ({"sport_id": 1}, {"sport": "ride", "sport_raw": "Cycling (Sport)"}),
    ({"sport_id": 4}, {"sport": "ride"}),
    ({"sport_id": 3}, {"sport": "hike"}),
    ({"sport_id": 12}, {"sport": "hike"}),
    ({"sport_id": 13}, {"sport": "ski"}),
    ({"sport_id": 20}, {"sport": "other", "sport_raw": "Padel (Outdoor)"}),
    ({"sport_id": 77}, {"sport": "unknown", "sport_raw": "sport 77"}),
    ({"equipments": []}, {"gear_raw": None, "gear_name": None}),
    ({"equipments": None}, {"gear_raw": None}),
    ({"equipments": [BIKE]}, {"gear_raw": None}),
    ({"equipments": [SHOES, OTHERS]}, {"gear_raw": "2UkrViYShoAkg8qSUKnUS4 + Ab3", "gear_name": "Pegasus 40 + Speedgoat"}),
    ({"equipments": [{**SHOES, "id": None}]}, {"gear_raw": "Pegasus 40", "gear_name": "Pegasus 40"}),
    ({"equipments": [{**SHOES, "equipment_type": {"label": "Shoe"}}]}, {"gear_name": "Pegasus 40"}),
    ({"equipments": [{"id": "x", "label": "y"}]}, {"gear_raw": None, "distance_m": 10012.3}),
    ({"equipments": [{**SHOES, "equipment_type": None}, OTHERS]}, {"gear_raw": "Ab3", "gear_name": "Speedgoat"}),
    ({"equipments": [{**SHOES, "equipment_type": "Shoes"}, "shoes", None, 5]}, {"gear_raw": None}),
    ({"equipments": [{**SHOES, "equipment_type": {"label": ["Shoes"]}}]}, {"gear_raw": None}),
    ({"equipments": [{**SHOES, "id": None, "label": None}]}, {"gear_raw": None, "gear_name": None}),
    ({"with_file": False}, {"track": None}),
    ({"with_file": None, "with_gpx": True}, {"track": "own"}),
    ({"duration": "1 day, 2:03:04", "moving": None}, {"elapsed_s": 93784.0, "moving_s": None}),
    ({"title": None, "ascent": None}, {"name": "", "elevation_m": None}),
    ({"workout_date": "Mon, 01 Jan 2018 07:00:00 GMT"}, {"started_at": "2018-01-01T07:00:00Z", "utc_offset_s": 7200}),
    ({"workout_date": "Mon, 01 Jan 2018 07:00:00 -0000"}, {"started_at": "2018-01-01T07:00:00Z"}),
    ({"distance": 0}, {"distance_m": 0.0}),
]  # fmt: skip


BROKEN: list[tuple[Any, str, str]] = [
    (run(distance=None), "workout kjxavSTUrJvoAh2wvCeGEF", "it has no distance"),
    (run(duration="an hour"), "workout kjxavSTUrJvoAh2wvCeGEF", "duration: 'an hour' is not a duration"),
    (run(duration="9" * 400), "workout kjxavSTUrJvoAh2wvCeGEF", "is not a duration"),
    (run(workout_date="tomorrow"), "workout kjxavSTUrJvoAh2wvCeGEF", "workout_date: 'tomorrow' is not a date"),
    (run(workout_date="Mon, 99 Jan 2018 99:00:00 GMT"), "workout kjxavSTUrJvoAh2wvCeGEF", "is not a date"),
    (run(workout_date=None), "workout kjxavSTUrJvoAh2wvCeGEF", "it has no workout_date"),
    (run(sport_id=None), "workout kjxavSTUrJvoAh2wvCeGEF", "it has no sport_id"),
    (run("../../secrets"), "workout ../../secrets", "'../../secrets' is not the id of a workout"),
    (run("x" * 5000), "page 1:{}", "is not the id of a workout"),
    ({**RUN, "id": None}, "page 1:{}", "it has no id"),
    (None, "page 1:{}", "its structure is unknown"),
]


class TestShared(WebSourceTests, WebTrackTests):
    """What holds for every source on a server."""

    FIELDS, BROKEN = FIELDS, BROKEN

    def entry(self, number: int, given: dict[str, Any]) -> dict[str, Any]:
        return run(f"w{number}", **given)


# ------------------------------------------------------------------ pages


def test_every_page_is_asked_for(place: LoggedIn) -> None:
    place.account.records = [run(f"w{number}") for number in range(250)]
    assert ids(place.pull()[0]) == [f"w{number}" for number in range(250)]
    assert [asked.query.get("page") for asked in place.server.asked] == [None, "1", "2", "3"]


def test_a_workout_deleted_between_pages_hides_no_other(place: LoggedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of two: by the time the third is asked for, its first is the last of the second; all are asked for again."""
    monkeypatch.setattr(listing, "PER_PAGE", 2)
    home, account = place.home, place.account
    account.records = [account.run(day) for day in range(1, 7)]
    assert not home.sync().failed

    def deleting(asked: Asked) -> Answer:
        told = account.answer(asked)
        if asked.query.get("page") == "2" and len(account.records) == 6:
            del account.records[3]
        return told

    place.logins.api = deleting
    assert not home.sync().failed
    assert home.rows("SELECT id FROM activities WHERE missing_since IS NOT NULL") == [("trackee:4",)]


WRONG: list[tuple[Any, str]] = [
    ({"data": {"workouts": []}}, "did not report whether there are more workouts"),
    ({"data": {"workouts": []}, "pagination": {"has_next": "no"}}, "did not report whether there are more workouts"),
    ({"data": {}, "pagination": {"has_next": False}}, "answered without its list of workouts"),
    ({"data": [], "pagination": {"has_next": False}}, "answered without its list of workouts"),
    ([], "answered without its list of workouts"),
    ({"data": {"workouts": []}, "pagination": {"has_next": True}}, "list of workouts has no end"),
    ({"data": {"workouts": [run()]}, "pagination": {"has_next": True}}, "list of workouts has no end"),
]


def test_a_part_is_never_taken_for_the_whole(place: LoggedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_PAGES", 3)
    for body, says in WRONG:
        place.logins.api = lambda asked, body=body: (
            place.account.answer(asked) if asked.path == "/api/sports" else Answer(body)
        )
        place.server.asked.clear()
        assert says in str(refusal(place))
        assert len(place.server.asked) <= 4
    for place.account.sports in (None, {}, "text"):
        assert "answered without its list of sports" in str(refusal(place))


# ------------------------------------------------------------------ tracks


def test_a_file_without_positions_is_an_error_after_one_request(place: LoggedIn) -> None:
    with pytest.raises(TrackError, match="the server has no track of it"):
        place.tracks().recordings("indoors")
    assert place.asked() == ["/api/workouts/indoors/gpx/download"]


# ------------------------------------------------------------------ refusals

REFUSALS: list[tuple[Answer, str]] = [
    (
        Answer({"error": "insufficient_scope"}, 403),
        "the login at FitTrackee lacks the permission workouts:read; give the app the scopes workouts:read and "
        "equipments:read, and log in again: shoemon login trackee",
    ),
    (
        Answer({"message": "you do not have permissions, your account is suspended", "status": "error"}, 403),
        "FitTrackee refused the request (status 403): the account may be suspended",
    ),
    (Answer([], 403), "FitTrackee refused the request (status 403): the account may be suspended"),
    (Answer(b"<html>", 403), "FitTrackee refused the request (status 403): the account may be suspended"),
]


def test_every_refusal_is_said_with_its_remedy(place: LoggedIn) -> None:
    for answer, says in REFUSALS:
        place.server.faults = [answer]
        error = refusal(place)
        assert (str(error), error.retryable) == (says, False)
    place.asked()
    place.logins.api = lambda asked: Answer({"error": "invalid_token"}, 401)
    error = refusal(place)
    said = "FitTrackee no longer accepts the login; log in again: shoemon login trackee"
    assert (str(error), error.retryable) == (said, False)
    assert place.asked() == ["/api/sports", "/api/oauth/token", "/api/sports"]


@pytest.mark.parametrize(
    ("address", "open_"),
    [
        ("http://fit.example.org", True), ("HTTP://Fit.Example.org.:5000/sub", True), ("http://8.8.8.8", True),
        ("http://134744072", True), ("http://[2606:4700::1111]", True), ("http://local.example.org", True),
        ("https://fit.example.org/sub/", False), ("http://localhost:5000", False), ("http://127.0.0.1", False),
        ("http://192.168.1.5:5000", False), ("http://100.64.0.7", False), ("http://[fd12::1]", False),
        ("http://nas", False), ("http://nas.local:5000", False), ("http://NAS.home.arpa.", False),
    ],
)  # fmt: skip
def test_check_warns_of_an_unencrypted_connection(place: LoggedIn, address: str, open_: bool) -> None:
    said = "the app's secret, the login and the workouts are sent unencrypted; write https in base_url"
    place.server.url = address
    place.configure()
    settings = place.home.config.sources[0]
    assert isinstance(settings, fittrackee.Settings)
    assert fittrackee.app_of(settings).token_url == f"{address.rstrip('/')}/api/oauth/token"
    assert (f"warning: source trackee (fittrackee): {said}" in check_lines(place.home.config)) == open_
    for place.server.url in ("ftp://x.org", "x.org"):
        place.configure()
        with pytest.raises(ConfigError):
            _ = place.home.config
