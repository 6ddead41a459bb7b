"""Source type `intervals-icu`: the activities on intervals.icu, with the shoe of each.

By its API description (intervals.icu/api/v1/docs): GET /athlete/{id}/activities lists a range of local dates, newest
first, without pages; GET /activity/{id}/file is the file as it was uploaded. Activities that came from Strava may not
be passed on: the list contains an empty stub of each, the file is refused.
"""

import datetime as dt
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from shoemon.config.kinds import Day, Secret, SourceSettings
from shoemon.config.urls import ServerUrl
from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import Cursor, Tracks
from shoemon.model.errors import SourceError
from shoemon.model.sports import INDOOR_SPORTS, ON_FOOT, RUNS, sport_of
from shoemon.sources import RecordPull, SourceOf, digest
from shoemon.sources.kit.activities import Row, make_activity, moment_by_clocks, read_records
from shoemon.sources.kit.fields import is_id, needed_text_at, number_at, optional_time_at, text_at

if TYPE_CHECKING:
    from shoemon.net.download import Limits
    from shoemon.sources.kit.api import Api

MOST = 100_000
_NEWEST = "2100-12-31"
"""The end of the first range. Today's date would miss the newest activities where this machine's clock is behind."""
_FIELDS = (
    "id", "source", "start_date", "start_date_local", "timezone", "type", "sub_type", "trainer", "distance",
    "moving_time", "elapsed_time", "total_elevation_gain", "gear", "name", "stream_types", "device_name",
)  # fmt: skip
_LOCAL = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d)?")
_STUBS = Problem(
    "activities",
    "some activities came there from Strava, which does not let intervals.icu pass them on; connect the watch itself "
    "to intervals.icu, or use Strava's own export (type strava-export)",
)
"""Without their number, as a pull with new problems deletes no records, and each further one would be new."""


class Settings(SourceSettings):
    """intervals.icu, read by its API."""

    type: Literal["intervals-icu"] = Field("intervals-icu", description="intervals.icu, by its API")
    key: Secret = Field(
        description="the API key, made on intervals.icu under Settings, Developer Settings",
        examples=["{env: INTERVALS_ICU_KEY}"],
    )
    athlete: str = Field(
        "0",
        pattern="^i?[0-9]{1,12}$",
        coerce_numbers_to_str=True,
        description="whose activities; 0 is the owner of the key",
    )
    oldest: Day = Field("2000-01-01", description="the first day whose activities are requested")
    base_url: ServerUrl = Field("https://intervals.icu", description="address of the server")


class IntervalsIcu(SourceOf[Settings]):
    """Lists all activities at every pull: that is one request, and another to check that none is missing."""

    def pull(self, cursor: Cursor | None) -> RecordPull:
        from shoemon.sources.kit.api import LIMITS

        rows = self._listed(self._new_api()(LIMITS))
        after: Cursor = {"digest": digest(rows)}
        return RecordPull(self._records(rows), unchanged=cursor == after, cursor=lambda: after)

    def open_tracks(self) -> Tracks:
        from shoemon.sources.kit.downloaded_tracks import WebTracks

        return WebTracks(self._new_api(), "/api/v1/activity/{}/file", self._context.state, self.name)

    def _new_api(self) -> "Callable[[Limits], Api]":
        """Return a function that makes an Api with some limits."""
        from shoemon.sources.kit.api import Api, key_and_place

        setting, base_url = self._settings.key, self._settings.base_url
        secret, where = key_and_place(setting, self._context.base)
        credentials = f"the key from {where}; find it on intervals.icu under Settings, Developer Settings"
        headers = {"Authorization": "Basic " + b64encode(f"API_KEY:{secret}".encode()).decode()}
        return lambda limits: Api(base_url, lambda: headers, credentials, limits=limits)

    def _listed(self, api: "Api") -> list[Row]:
        """List all activities, newest first. In case an answer ends early, request older ones until none is new."""
        rows: list[Row] = []
        seen: set[str] = set()
        newest: str | None = _NEWEST
        while newest is not None:
            page = _page(api, self._settings.athlete, self._settings.oldest, newest)
            fresh = [record for record in page if _name(record) not in seen]
            rows += [(f"activity {number}", record) for number, record in enumerate(fresh, len(rows) + 1)]
            seen.update(map(_name, fresh))
            if len(rows) > MOST:
                raise SourceError(f"intervals.icu lists more than {MOST:,} activities; set `oldest` to a later day")
            newest = min(filter(None, map(_began, fresh)), default=None)
        return rows

    def _records(self, rows: list[Row]) -> Iterator[Activity | Problem]:
        full = [row for row in rows if not _is_stub(row[1])]
        yield from read_records(full, lambda record: _activity(record, self.name, self._context.zone))
        if len(full) < len(rows):
            yield _STUBS


make = IntervalsIcu


def _page(api: "Api", athlete: str, oldest: str, newest: str) -> list[Any]:
    path = f"/api/v1/athlete/{athlete}/activities"
    page = api.get(path, oldest=oldest, newest=newest, fields=",".join(_FIELDS))
    if not isinstance(page, list):
        raise SourceError("intervals.icu did not answer with a list of activities; try again later")
    return [_kept(record) if isinstance(record, dict) else record for record in page]


def _kept(record: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the fields that were requested; of the gear not its mileage, which changes with every other run."""
    kept = {name: record[name] for name in _FIELDS if record.get(name) is not None}
    if isinstance(gear := kept.get("gear"), dict):
        kept["gear"] = {name: gear[name] for name in ("id", "name") if gear.get(name) is not None}
    return kept


def _name(record: Any) -> str:
    """Return what identifies a record in the next answer: its id, as its other fields may have changed meanwhile."""
    id = record.get("id") if isinstance(record, dict) else None
    return str(id) if isinstance(id, str | int) else repr(record)


def _began(record: Any) -> str | None:
    local = record.get("start_date_local") if isinstance(record, dict) else None
    return local if isinstance(local, str) and _LOCAL.fullmatch(local) else None


def _is_stub(record: Any) -> bool:
    return isinstance(record, dict) and record.get("source") == "STRAVA" and not {"type", "distance"} & record.keys()


def _activity(record: Mapping[str, Any], source: str, zone: dt.tzinfo) -> Activity:
    sport_raw, trainer = needed_text_at(record, "type"), record.get("trainer") is True
    sport = sport_of(sport_raw)
    if sport == "virtual-run" and trainer:
        sport = "treadmill-run"
    distance_m = number_at(record, "distance")
    if distance_m is None and sport in RUNS:
        raise ValueError("it has no distance")
    id, streams = needed_text_at(record, "id"), record.get("stream_types")
    located = "latlng" in streams if isinstance(streams, list) else None
    indoor = True if trainer or sport in INDOOR_SPORTS else False if located else None
    gear = record.get("gear") if sport in ON_FOOT else None  # of a ride it is the bike
    gear = gear if isinstance(gear, dict) else {}
    return make_activity(
        source,
        id,
        moment_by_clocks(optional_time_at(record, "start_date"), optional_time_at(record, "start_date_local"), zone),
        sport_raw,
        distance_m or 0.0,
        record,
        sport=sport,
        name=text_at(record, "name"),
        moving_s=number_at(record, "moving_time"),
        elapsed_s=number_at(record, "elapsed_time"),
        elevation_m=number_at(record, "total_elevation_gain"),
        gear_raw=text_at(gear, "id"),
        gear_name=text_at(gear, "name"),
        indoor=indoor,
        device=text_at(record, "device_name"),
        track=id if is_id(id) and not indoor and located is not False else None,
    )
