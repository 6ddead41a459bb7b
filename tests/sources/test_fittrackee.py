"""A FitTrackee server as it is documented, on this machine: every page of workouts, shoes, tracks, refusals in words."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from kit.api_servers import Answer, Asked, Server, fields_of
from kit.homes import Home, faults
from kit.login_server import CLIENT, SECRET, LoggedIn, Logins, login_server

from shoemon.config.reading import ConfigError
from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import TrackSource
from shoemon.model.errors import SourceError
from shoemon.model.ids import ActivityId
from shoemon.model.recording import TrackError
from shoemon.setup.init import check_lines
from shoemon.sources import fittrackee, open_source
from shoemon.sources.fittrackee import listing
from shoemon.sources.kit import api
from shoemon.sync.pull import source_context

MAIN = """\
timezone: Europe/Helsinki
sources:
  - name: trackee
    type: fittrackee
    base_url: {url}
    client_id: "{client}"
    client_secret: {{env: APP_SECRET}}
"""
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
GPX = """<?xml version="1.0"?><gpx version="1.1"><trk><trkseg>
<trkpt lat="60.0" lon="24.0"><time>2024-05-01T22:30:00Z</time></trkpt>
<trkpt lat="60.01" lon="24.0"><time>2024-05-01T22:40:00Z</time></trkpt></trkseg></trk></gpx>"""


class Trackee:
    """The server: workouts, oldest first, and the files of some."""

    def __init__(self) -> None:
        self.workouts: list[Any] = []
        self.files: dict[str, Answer] = {}
        self.sports: Any = [{"id": id, "label": label, "is_active": True} for id, label in SPORTS.items()]

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/api/sports":
            return Answer({"data": {"sports": self.sports}, "status": "success"})
        if asked.path == "/api/workouts":
            page, size = int(asked.query["page"]), min(int(asked.query["per_page"]), 100)
            shown = self.workouts[(page - 1) * size : page * size]
            if asked.query.get("return_equipments") != "true":
                shown = [{key: value for key, value in each.items() if key != "equipments"} for each in shown]
            more = page * size < len(self.workouts)
            pagination = {"has_next": more, "page": page, "total": len(self.workouts)}
            return Answer({"data": {"workouts": shown}, "pagination": pagination, "status": "success"})
        id = asked.path.removeprefix("/api/workouts/").removesuffix("/gpx/download")
        return self.files.get(id, Answer({"status": "not found", "message": "no file for workout"}, 404))


class Place(LoggedIn):
    def __init__(self, home: Home, server: Server, logins: Logins, trackee: Trackee) -> None:
        super().__init__(home, server, logins, MAIN, fittrackee)
        self.trackee = trackee


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("APP_SECRET", SECRET)
    trackee = Trackee()
    with login_server(trackee.answer, lasts_s=864000) as (server, logins):
        yield Place(Home(tmp_path / "home"), server, logins, trackee)


def run(id: str = "kjxavSTUrJvoAh2wvCeGEF", **values: Any) -> dict[str, Any]:
    return {**RUN, "id": id, **values}


# ------------------------------------------------------------------ what is read


def test_a_workout_is_understood_as_a_whole(place: Place) -> None:
    place.trackee.workouts = [run()]
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
        Activity(
            id=ActivityId("trackee:kjxavSTUrJvoAh2wvCeGEF"), source="trackee", native_id="kjxavSTUrJvoAh2wvCeGEF",
            started_at="2024-05-01T22:30:00Z", local_date="2024-05-02", utc_offset_s=10800, sport="run",
            sport_raw="Running", name="Around the lake", distance_m=10012.3, moving_s=3000.5, elapsed_s=3124.0,
            elevation_m=88.5, gear_raw="2UkrViYShoAkg8qSUKnUS4", gear_name="Pegasus 40", indoor=None, unpaved_m=None,
            surface_raw=None, start_lat=None, start_lon=None, track="kjxavSTUrJvoAh2wvCeGEF",
            raw=json.dumps(kept), zone_assumed=False,
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


def test_each_field_is_what_it_says(place: Place) -> None:
    place.trackee.workouts = [run(f"w{number}", **given) for number, (given, _) in enumerate(FIELDS)]
    assert fields_of(place.pull()[0], FIELDS) == [read for _, read in FIELDS]


BROKEN: list[tuple[Any, str, str]] = [
    (run(distance=None), "workout kjxavSTUrJvoAh2wvCeGEF", "it has no distance"),
    (run(distance=-1), "workout kjxavSTUrJvoAh2wvCeGEF", "distance"),
    (run(distance=1e300), "workout kjxavSTUrJvoAh2wvCeGEF", "km in one activity are impossible"),
    (run(duration="an hour"), "workout kjxavSTUrJvoAh2wvCeGEF", "duration: 'an hour' is not a duration"),
    (run(duration="9" * 400), "workout kjxavSTUrJvoAh2wvCeGEF", "is not a duration"),
    (run(workout_date="tomorrow"), "workout kjxavSTUrJvoAh2wvCeGEF", "workout_date: 'tomorrow' is not a date"),
    (run(workout_date="Wed, 01 Jan 1800 07:00:00 GMT"), "workout kjxavSTUrJvoAh2wvCeGEF", "in the year 1800"),
    (run(workout_date="Mon, 99 Jan 2018 99:00:00 GMT"), "workout kjxavSTUrJvoAh2wvCeGEF", "is not a date"),
    (run(workout_date=None), "workout kjxavSTUrJvoAh2wvCeGEF", "it has no workout_date"),
    (run(sport_id=None), "workout kjxavSTUrJvoAh2wvCeGEF", "it has no sport_id"),
    (run("../../secrets"), "workout ../../secrets", "'../../secrets' is not the id of a workout"),
    (run("x" * 5000), "page 1:{}", "is not the id of a workout"),
    ({**RUN, "id": 5.5}, "page 1:{}", "is not the id of a workout"),
    ({**RUN, "id": None}, "page 1:{}", "it has no id"),
    (["list"], "page 1:{}", "its structure is unknown"),
    (None, "page 1:{}", "its structure is unknown"),
]


def test_a_workout_that_cannot_be_read_harms_only_itself(place: Place) -> None:
    listed = [*(record for record, _, _ in BROKEN), run("good")]
    answer_with(place, {"data": {"workouts": listed}, "pagination": {"has_next": False}})
    *problems, other = place.pull()[0]
    for number, (problem, (_, where, says)) in enumerate(zip(problems, BROKEN, strict=True), 1):
        assert isinstance(problem, Problem) and problem.place == where.format(number) and says in problem.message
    assert isinstance(other, Activity) and other.native_id == "good"


def answer_with(place: Place, body: Any) -> None:
    place.logins.api = lambda asked: place.trackee.answer(asked) if asked.path == "/api/sports" else Answer(body)


# ------------------------------------------------------------------ pages


def test_every_page_is_asked_for(place: Place) -> None:
    place.trackee.workouts = [run(f"w{number}") for number in range(250)]
    found, _, _ = place.pull()
    assert [each.native_id for each in found if isinstance(each, Activity)] == [f"w{number}" for number in range(250)]
    assert [asked.query.get("page") for asked in place.server.asked] == [None, "1", "2", "3"]


def test_a_workout_deleted_between_pages_hides_no_other(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of two: by the time the third is asked for, its first is the last of the second; all are asked for again."""
    monkeypatch.setattr(listing, "PER_PAGE", 2)
    home, trackee = place.home, place.trackee
    trackee.workouts = [run(f"w{day}", workout_date=f"Wed, 0{day} May 2024 10:00:00 GMT") for day in range(1, 7)]
    assert not home.sync().failed

    def deleting(asked: Asked) -> Answer:
        told = trackee.answer(asked)
        if asked.query.get("page") == "2" and len(trackee.workouts) == 6:
            del trackee.workouts[3]
        return told

    place.logins.api = deleting
    assert not home.sync().failed
    assert home.rows("SELECT id FROM activities WHERE missing_since IS NOT NULL") == [("trackee:w4",)]


WRONG: list[tuple[Any, str]] = [
    ({"data": {"workouts": []}}, "did not report whether there are more workouts"),
    ({"data": {"workouts": []}, "pagination": {"has_next": "no"}}, "did not report whether there are more workouts"),
    ({"data": {}, "pagination": {"has_next": False}}, "answered without its list of workouts"),
    ({"data": [], "pagination": {"has_next": False}}, "answered without its list of workouts"),
    ([], "answered without its list of workouts"),
    ({"data": {"workouts": []}, "pagination": {"has_next": True}}, "list of workouts has no end"),
    ({"data": {"workouts": [run()]}, "pagination": {"has_next": True}}, "list of workouts has no end"),
]


def test_a_part_is_never_taken_for_the_whole(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_PAGES", 3)
    for body, says in WRONG:
        answer_with(place, body)
        place.server.asked.clear()
        with pytest.raises(SourceError, match=says):
            place.pull()
        assert len(place.server.asked) <= 4
    for place.trackee.sports in (None, {}, "text"):
        with pytest.raises(SourceError, match="answered without its list of sports"):
            place.pull()


# ------------------------------------------------------------------ what follows upstream


def test_edits_other_shoes_and_deletions_follow_and_nothing_counts_twice(place: Place) -> None:
    home = place.home
    home.shoes("shoes: [{id: peg, name: Peg, gear: [Pegasus 40]}, {id: goat, name: Goat, gear: [Ab3]}]\n")
    place.trackee.workouts = [
        run(f"w{day}", workout_date=f"Wed, 0{day} May 2024 10:00:00 GMT", with_file=False) for day in (1, 2, 3)
    ]
    assert not home.sync().failed
    assert home.totals() == {"peg": 30036.9}
    place.trackee.workouts = [
        {**place.trackee.workouts[0], "distance": 5.0},
        {**place.trackee.workouts[1], "equipments": [OTHERS]},
    ]
    assert not home.sync().failed
    assert home.totals() == {"peg": 15012.3, "goat": 10012.3}  # what is gone counts on
    assert home.rows("SELECT id FROM activities WHERE missing_since IS NOT NULL") == [("trackee:w3",)]
    assert faults(home.database) == []


def test_a_pull_that_brings_nothing_new_is_unchanged(place: Place) -> None:
    place.trackee.workouts = [run()]
    _, unchanged, cursor = place.pull()
    assert not unchanged
    place.trackee.workouts = [
        run(likes_count=9, equipments=[BIKE, {**SHOES, "total_distance": 999.9, "workouts_count": 80}])
    ]
    assert place.pull(cursor)[1]
    place.trackee.workouts = [run(title="Renamed")]
    assert not place.pull(cursor)[1]


# ------------------------------------------------------------------ tracks


def test_tracks_are_downloaded_when_they_are_asked_for(place: Place) -> None:
    place.trackee.files = {
        "good": Answer(GPX.encode(), 200, {"Content-Type": "application/gpx+xml"}),
        "indoors": Answer({"status": "error"}, 500),
        "broken": Answer(b"<html></html>"),
    }
    config = place.home.config
    source = open_source(config.sources[0], source_context(config, place.home.clock))
    assert isinstance(source, TrackSource)
    with closing(source.open_tracks()) as tracks:
        (recording,) = tracks.recordings("good")
        assert (len(recording.trace), round(recording.distance_m or 0)) == (2, 1112)
        for track, says in {
            "indoors": "the server cannot make a GPX file of it",
            "gone": "the server has no file of it",
            "../../etc/passwd": "is not the id of a workout",
            "broken": "broken",
        }.items():
            with pytest.raises(TrackError, match=says):
                tracks.recordings(track)
    paths = [path for path in place.server.paths() if path.endswith("download")]
    assert set(paths) == {f"/api/workouts/{id}/gpx/download" for id in ("good", "indoors", "gone", "broken")}


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


def test_every_refusal_is_said_with_its_remedy(place: Place) -> None:
    for answer, says in REFUSALS:
        place.server.faults = [answer]
        with pytest.raises(SourceError) as raised:
            place.pull()
        assert (str(raised.value), raised.value.retryable) == (says, False)


def test_a_renewed_login_that_is_refused_is_requested_again(place: Place) -> None:
    place.logins.api = lambda asked: Answer({"error": "invalid_token"}, 401)
    with pytest.raises(SourceError) as raised:
        place.pull()
    said = "FitTrackee no longer accepts the login; log in again: shoemon login trackee"
    assert (str(raised.value), raised.value.retryable) == (said, False)
    assert place.server.paths() == ["/api/sports", "/api/oauth/token", "/api/sports"]


@pytest.mark.parametrize(
    "fault", [Answer({}, 429), Answer({}, 500), Answer({"data": {}}, 200, cut=4)], ids=["429", "500", "cut"]
)
def test_a_failing_page_fails_the_pull(place: Place, monkeypatch: pytest.MonkeyPatch, fault: Answer) -> None:
    monkeypatch.setattr(api, "LIMITS", api.LIMITS._replace(tries=1))
    home = place.home
    place.trackee.workouts = [run(f"w{number}", with_file=False) for number in range(150)]
    assert not home.sync().failed
    pages = place.logins.api
    place.logins.api = lambda asked: fault if asked.query.get("page") == "2" else pages(asked)
    assert home.sync().outcomes[0].outcome == "failed"
    assert home.rows("SELECT count(*), count(missing_since) FROM activities") == [(150, 0)]
    place.logins.api = pages
    assert home.sync().outcomes[0].outcome == "unchanged"


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("http://192.168.1.5:5000", True), ("https://run.example.org/sub/", True), ("ftp://x.org", False),
        ("x.org", False),
    ],
)  # fmt: skip
def test_a_server_in_the_same_house_needs_no_https(place: Place, address: str, fits: bool) -> None:
    place.home.main(MAIN.format(client=CLIENT, url=address))
    if fits:
        settings = place.home.config.sources[0]
        assert isinstance(settings, fittrackee.Settings)
        assert fittrackee.app_of(settings).token_url == f"{address.rstrip('/')}/api/oauth/token"
    else:
        with pytest.raises(ConfigError):
            _ = place.home.config


@pytest.mark.parametrize(
    ("address", "open_"),
    [
        ("http://fit.example.org", True), ("HTTP://Fit.Example.org.:5000/sub", True), ("http://8.8.8.8", True),
        ("http://134744072", True), ("http://[2606:4700::1111]", True), ("http://local.example.org", True),
        ("https://fit.example.org", False), ("http://localhost:5000", False), ("http://127.0.0.1", False),
        ("http://192.168.1.5:5000", False), ("http://100.64.0.7", False), ("http://[fd12::1]", False),
        ("http://nas", False), ("http://nas.local:5000", False), ("http://NAS.home.arpa.", False),
    ],
)  # fmt: skip
def test_check_warns_of_an_unencrypted_connection(place: Place, address: str, open_: bool) -> None:
    place.home.main(MAIN.format(client=CLIENT, url=address))
    said = "the app's secret, the login and the workouts are sent unencrypted; write https in base_url"
    line = f"warning: source trackee (fittrackee): {said}"
    assert (line in check_lines(place.home.config)) == open_
