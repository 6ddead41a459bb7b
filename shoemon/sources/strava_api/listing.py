"""List the activities of Strava's API, make an Activity of each, and request the names of their shoes.

By its API reference: `GET /athlete/activities`, page by page until an empty one, as SummaryActivity; `GET /gear/{id}`,
one by one.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from shoemon.decide.which_shoe import float32_key
from shoemon.model.activity import Activity, Problem
from shoemon.model.clock import iso
from shoemon.model.errors import ReadAgainError, SourceError
from shoemon.model.sports import INDOOR_SPORTS, sport_of
from shoemon.net.download import Limits
from shoemon.net.failure import AnswerError
from shoemon.sources.kit.activities import Moment, Row, make_activity, moment_by_clocks
from shoemon.sources.kit.api import Api, object_in
from shoemon.sources.kit.fields import needed_number_at, needed_text_at, number_at, optional_time_at, text_at, time_at
from shoemon.sources.kit.oauth import App

_PAID = (
    "Strava has disabled the app: since June 2026 its owner needs a paid subscription. Strava's bulk export (type "
    "strava-export) is free, and so is, for most watches, intervals.icu (type intervals-icu)"
)
_LIMITS = (("x-ratelimit-usage", "x-ratelimit-limit"), ("x-readratelimit-usage", "x-readratelimit-limit"))
"""Each contains two numbers, for this quarter of an hour and for this day (developers.strava.com/docs/rate-limits)."""
LIMITS = Limits(total_s=600.0, final=frozenset({429}))
"""Repeating a request at once after status 429 only uses up the next quarter of an hour."""
PER_PAGE = 200
"""The most Strava returns."""
MOST_PAGES = 1000
KEPT = (
    "id", "name", "sport_type", "type", "start_date", "start_date_local", "timezone", "utc_offset", "distance",
    "moving_time", "elapsed_time", "total_elevation_gain", "trainer", "manual", "private", "commute", "workout_type",
    "gear_id", "device_name", "start_latlng", "end_latlng", "external_id",
)  # fmt: skip
"""The fields that are stored. The others are the track as a line, and likes, which change with every like."""


def listed(api: Api) -> list[Row]:
    """List every record with its place. Raises SourceError if a page fails: a part is never treated as the whole."""
    rows: list[Row] = []
    seen: set[object] = set()
    for page in range(1, MOST_PAGES + 1):
        added = _page(api, page)
        if not added:
            if page > 2 or len(rows) >= PER_PAGE:
                _check_unchanged(api, rows)
            return rows
        places = {place for place, _ in added}
        # A record that moves to the next page meanwhile comes twice; a page full of them is the same page again.
        if len(added) >= PER_PAGE and places <= seen:
            raise SourceError(f"Strava answered page {page} of the activities with those of earlier pages")
        seen |= places
        rows += added
    raise SourceError(
        f"Strava lists more than {MOST_PAGES * PER_PAGE:,} activities; they are not read", retryable=False
    )


def _page(api: Api, page: int) -> list[Row]:
    records = api.get("/athlete/activities", page=page, per_page=PER_PAGE)
    if not isinstance(records, list):
        raise SourceError(f"Strava did not answer page {page} of the activities with a list")
    return [_row(record, f"page {page}:{number}") for number, record in enumerate(records, 1)]


def _check_unchanged(api: Api, rows: list[Row]) -> None:
    """Raise SourceError if the newest differ from the first of `rows`: if one is deleted meanwhile, another moves to a
    page that was read already, and would be missed."""
    newest = [place for place, _ in _page(api, 1)]
    if newest != [place for place, _ in rows[: len(newest)]]:
        raise ReadAgainError("Strava's list of activities changed while it was read; the next sync reads it again")


def _row(record: Any, place: str) -> Row:
    if not isinstance(record, dict):
        return place, record
    kept = {key: record[key] for key in KEPT if key in record}
    id = record.get("id")
    return (f"activity {id}" if isinstance(id, int) and not isinstance(id, bool) else place), kept


def explained(error: AnswerError, app: App, now: dt.datetime) -> SourceError:
    """Return `error` with cause and remedy for the runner; `now` is in UTC. Bodies as programs have met them:
    `{"message": ..., "errors": [{"resource": ..., "field": ..., "code": ...}]}`."""
    faults = _faults(error.answer)
    lacking = next((field for _, field, _ in sorted(faults) if field.endswith("_permission")), None)
    if error.status == 402 or (error.status == 403 and ("application", "status", "inactive") in faults):
        return SourceError(_PAID, retryable=False)
    if error.status in (401, 403) and lacking is not None:
        scope = lacking.removesuffix("_permission")[:40]
        what = f"the login at Strava lacks the permission {scope}"
        return SourceError(f"{what}; log in again, and keep every box ticked: {app.remedy}", retryable=False)
    if error.status == 401:
        return SourceError(f"Strava no longer accepts the login; log in again: {app.remedy}", retryable=False)
    if error.status == 429:
        return SourceError(f"too many requests to Strava; it answers again from {_next_window(error, now)}")
    return error


def _faults(answer: bytes) -> set[tuple[str, str, str]]:
    """Return resource, field and code of each fault, in lower case."""
    body = object_in(answer)
    errors = body.get("errors")
    parts = [part for part in errors if isinstance(part, dict)] if isinstance(errors, list) else []
    fields = ("resource", "field", "code")
    return {tuple(str(part.get(key, "")).lower() for key in fields) for part in [*parts, body]}  # type: ignore[misc] # of three


def _next_window(error: AnswerError, now: dt.datetime) -> str:
    """Return when the limit is reset: at the next quarter of an hour, or at midnight in UTC."""
    if error.wait_s:
        return f"{now + dt.timedelta(seconds=error.wait_s):%H:%M} UTC on"
    if any(_is_used_up(error.headers, usage, limit) for usage, limit in _LIMITS):
        return "midnight in UTC on: the requests of this day are used up"
    quarter = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0) + dt.timedelta(minutes=15)
    return f"{quarter:%H:%M} UTC on"


def _is_used_up(headers: Mapping[str, str], usage: str, limit: str) -> bool:
    try:
        _, used = headers.get(usage, "").split(",")
        _, allowed = headers.get(limit, "").split(",")
        return int(used) >= int(allowed)
    except ValueError:
        return False


def read_activity(record: Mapping[str, Any], source: str, zone: dt.tzinfo, names: Mapping[str, str | None]) -> Activity:
    """Make the activity of a record. `zone` is the runner's, `names` are those of shoes by their id at Strava."""
    id = needed_text_at(record, "id")
    if re.fullmatch(r"\d{1,19}", id, re.ASCII) is None:
        raise ValueError(f"the id {id[:60]!r} is not a number")
    sport_raw = text_at(record, "sport_type") or needed_text_at(record, "type")
    (lat, lon), (end_lat, end_lon) = _place(record, "start_latlng"), _place(record, "end_latlng")
    gear = text_at(record, "gear_id")
    if gear is not None and gear.startswith("b"):
        gear = None  # a bike
    return make_activity(
        source,
        id,
        _moment(record, zone),
        sport_raw,
        needed_number_at(record, "distance"),
        record,
        name=text_at(record, "name"),
        moving_s=number_at(record, "moving_time"),
        elapsed_s=number_at(record, "elapsed_time"),
        elevation_m=number_at(record, "total_elevation_gain"),
        gear_raw=float32_key(gear) or gear if gear else None,  # as in the bulk export
        gear_name=names.get(gear) if gear else None,
        indoor=_indoor(record, sport_raw, lat),
        start_lat=lat,
        start_lon=lon,
        end_lat=end_lat,
        end_lon=end_lon,
        device=text_at(record, "device_name"),
    )


def _moment(record: Mapping[str, Any], zone: dt.tzinfo) -> Moment:
    """Return the start. `start_date` is UTC. `start_date_local` also ends in Z, but is local."""
    start, offset_s = time_at(record, "start_date"), number_at(record, "utc_offset")
    local = optional_time_at(record, "start_date_local")
    return moment_by_clocks(start, local if offset_s is None else start + dt.timedelta(seconds=offset_s), zone)


def _indoor(record: Mapping[str, Any], sport_raw: str, lat: float | None) -> bool | None:
    """Read `trainer`, which is set for treadmills. Without it, a run without a place may have been typed in."""
    if record.get("trainer") is True or sport_of(sport_raw) in INDOOR_SPORTS:
        return True
    return False if lat is not None else None


def _place(record: Mapping[str, Any], key: str) -> tuple[float, float] | tuple[None, None]:
    place = record.get(key)
    if not (isinstance(place, list) and len(place) == 2):
        return None, None
    lat, lon = place
    is_place = all(isinstance(degrees, int | float) and not isinstance(degrees, bool) for degrees in place)
    return (float(lat), float(lon)) if is_place and abs(lat) <= 90 and abs(lon) <= 180 else (None, None)


_LASTS = dt.timedelta(days=1)
_MOST = 500
Kept = dict[str, list[str | None]]
"""By id: the name, and the time of the request."""


class ShoeNames:
    """The names of shoes by their id (`g123`). `again`: request known ones again."""

    def __init__(self, kept: Mapping[str, Any], now: dt.datetime, *, again: bool) -> None:
        self.kept: Kept = {id: list(answer) for id, answer in kept.items()}
        self.problems: list[Problem] = []
        self._now, self._old = iso(now), iso(now if again else now - _LASTS)

    @property
    def by_id(self) -> dict[str, str | None]:
        """The known names; None for a pair without a name at Strava."""
        return {id: name for id, (name, _) in self.kept.items()}

    def request(self, api: Api, rows: Iterable[Row]) -> None:
        """Request the names of the pairs in `rows`, unknown ones first. If that fails, known names remain."""
        worn = shoes_in(rows)
        self.kept = {id: answer for id, answer in self.kept.items() if id in worn}
        wanted = sorted(worn, key=lambda id: (self._requested_at(id), id))
        try:
            for id in wanted[:_MOST]:
                if self._requested_at(id) <= self._old:
                    self.kept[id] = [_name(api, id), self._now]
        except SourceError as error:
            unknown = [id for id in wanted if id not in self.kept]
            if unknown:
                self.problems = [Problem("gear", f"the names of {len(unknown)} pairs of shoes are missing: {error}")]

    def _requested_at(self, id: str) -> str:
        """Return the time of the request; blank if never, or if it is in the future, by a clock that was wrong."""
        requested_at = self.kept[id][1] if id in self.kept else None
        return requested_at if requested_at and requested_at <= self._now else ""


def shoes_in(rows: Iterable[Row]) -> set[str]:
    """Return the ids of all shoes; those of bikes begin with b."""
    ids = {text_at(record, "gear_id") for _, record in rows if isinstance(record, dict)}
    return {id for id in ids if id and re.fullmatch(r"g\d{1,18}", id, re.ASCII)}


def _name(api: Api, id: str) -> str | None:
    try:
        gear = api.get(f"/gear/{id}")
    except AnswerError as error:
        if error.status == 404:
            return None
        raise
    if not isinstance(gear, dict):
        return None
    model = " ".join(part for key in ("brand_name", "model_name") if (part := text_at(gear, key)))
    return text_at(gear, "name") or model or None
