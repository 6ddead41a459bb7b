"""Make an Activity of one record of an export, with the checks for every export."""

import datetime as dt
import errno
import json
import logging
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from shoemon.model.activity import Activity, Problem
from shoemon.model.sports import FASTEST_MPS, ON_FOOT, RUNS, SPORTS, UNKNOWN_SPORT, sport_of

_FURTHEST, _QUARTER, _SLACK = dt.timedelta(hours=14), dt.timedelta(minutes=15), dt.timedelta(minutes=1)
"""No zone is further from UTC; all are so many quarters of an hour, but for what a clock is off."""
log = logging.getLogger(__name__)
_FIRST_YEAR, _LAST_YEAR = 1950, 2100
_SECONDS_TO_2101 = dt.datetime(2101, 1, 1, tzinfo=dt.UTC).timestamp()
_MOST = 1e9
"""Seconds or metres: thirty years."""
_LONGEST_TEXT, _LONGEST_RAW = 500, 2000
"""Of the message about one record, which may quote it, and of the record beside it."""
_to_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=str).encode


class Moment(NamedTuple):
    """The start of an activity: the fields of the same names of an Activity."""

    started_at: str
    local_date: str
    utc_offset_s: int | None = None
    zone_assumed: bool = False


def moment_utc(start: dt.datetime, zone: dt.tzinfo) -> Moment:
    """Return a moment given in UTC, or with its own offset; `zone` is where the runner was, or is."""
    _refuse_absurd(start)
    utc = (start if start.tzinfo else start.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    return _moment(utc, utc.astimezone(zone))


def moment_since_1970(seconds: float, zone: dt.tzinfo) -> Moment:
    """Return `moment_utc` of seconds since 1970. Raises ValueError for a time in which nobody ran."""
    if not 0 <= seconds < _SECONDS_TO_2101:  # platforms differ in how they refuse what is further off, and nan
        raise ValueError(f"{seconds:g} s after 1970 is not the time of a run")
    return moment_utc(dt.datetime.fromtimestamp(seconds, dt.UTC), zone)


def moment_with_offset(start: dt.datetime) -> Moment:
    """Return a moment with its own offset, such as 2024-05-01T08:30:00+02:00. Raises ValueError if it has none."""
    if start.utcoffset() is None:
        raise ValueError(f"the time {start.isoformat()} has no offset")
    _refuse_absurd(start)
    return _moment(start.astimezone(dt.UTC), start)


def moment_local(start: dt.datetime, zone: dt.tzinfo, *, zone_assumed: bool = True) -> Moment:
    """Return a moment given in local time; `zone` is the runner's own where the export gives none (`zone_assumed`). A
    zone of `start` is ignored as a mistake: some exports write a Z after the local time. Of an hour that occurs twice
    the first is taken; one that the clock skips is read by the clock before."""
    _refuse_absurd(start)
    local = start.replace(tzinfo=zone)
    return _moment(local.astimezone(dt.UTC), local, zone_assumed=zone_assumed)


def _refuse_absurd(start: dt.datetime) -> None:
    if not _FIRST_YEAR <= start.year <= _LAST_YEAR:
        raise ValueError(f"the start is in the year {start.year}")


def _moment(utc: dt.datetime, local: dt.datetime, *, zone_assumed: bool = False) -> Moment:
    offset = local.utcoffset() or dt.timedelta()
    return Moment(f"{utc.isoformat()[:19]}Z", local.date().isoformat(), round(offset.total_seconds()), zone_assumed)


def make_activity(  # noqa: PLR0913 - the fields of an Activity
    source: str,
    native_id: str,
    moment: Moment,
    sport_raw: str,
    distance_m: float,
    raw: Mapping[str, Any] | str,
    *,
    sport: str | None = None,
    name: str | None = None,
    moving_s: float | None = None,
    elapsed_s: float | None = None,
    elevation_m: float | None = None,
    gear_raw: str | None = None,
    gear_name: str | None = None,
    indoor: bool | None = None,
    unpaved_m: float | None = None,
    surface_raw: str | None = None,
    start_lat: float | None = None,
    start_lon: float | None = None,
    end_lat: float | None = None,
    end_lon: float | None = None,
    device: str | None = None,
    track: str | None = None,
) -> Activity:
    """Make the Activity of one record. `raw` is the record as it came, `sport` is for what the export's own word leaves
    open.

    Raises ValueError with a message for the runner if it has no id or an impossible distance. Leaves out an impossible
    time, height or place, and limits the unpaved part to the whole. Halves of characters, which no database stores,
    become `?`.
    """
    # Written out, and made of a tuple: a first import makes hundreds of thousands, and a function call for each check
    # would add a tenth to its time.
    texts = f"{native_id}{sport_raw}{name}{gear_raw}{gear_name}{surface_raw}{device}"
    if not texts.isascii() and _encodable(texts) != texts:
        native_id, sport_raw = _encodable(native_id), _encodable(sport_raw)
        name, gear_raw, gear_name, surface_raw, device = (
            _encodable(text) if text else None for text in (name, gear_raw, gear_name, surface_raw, device)
        )
    if not native_id.strip():
        raise ValueError("it has no id")
    if sport not in SPORTS and sport != UNKNOWN_SPORT:
        sport = sport_of(sport or sport_raw)
    moving_s = moving_s if moving_s is not None and 0 <= moving_s <= _MOST else None
    elapsed_s = elapsed_s if elapsed_s is not None and 0 <= elapsed_s <= _MOST else None
    metres = check_distance(float(distance_m), sport, max(elapsed_s or 0.0, moving_s or 0.0))
    if indoor not in (None, True, False):
        raise ValueError(f"indoor: {indoor!r} is neither true nor false")
    gear_name = gear_name.strip() or None if gear_name else None
    is_placed = start_lat is not None and start_lon is not None and abs(start_lat) <= 90 and abs(start_lon) <= 180
    has_end = end_lat is not None and end_lon is not None and abs(end_lat) <= 90 and abs(end_lon) <= 180
    return Activity._make((
        f"{source}:{native_id}", source, native_id, moment.started_at, moment.local_date,
        moment.utc_offset_s, sport, sport_raw, name.strip() if name else "", metres, moving_s, elapsed_s,
        elevation_m if elevation_m is not None and 0 <= elevation_m <= _MOST else None,
        gear_raw.strip() or gear_name if gear_raw else gear_name, gear_name, indoor,
        min(unpaved_m, metres) if unpaved_m is not None and 0 <= unpaved_m <= _MOST else None,
        surface_raw.strip() or None if surface_raw else None, start_lat if is_placed else None,
        start_lon if is_placed else None, track,
        (raw if raw.isascii() else _encodable(raw)) if isinstance(raw, str) else as_json(raw),
        moment.zone_assumed, device.strip() or None if device else None, end_lat if has_end else None,
        end_lon if has_end else None,
    ))  # fmt: skip


Row = tuple[str, Any]
"""The place of a record (`file:row`, a member, a page), and the record, or the ValueError why there is none. A Problem
shows the attribute `raw` of a record, or the record itself."""


def read_records(
    rows: Iterable[Row | Problem],
    read: Callable[[Any], Activity | None],
    *,
    firsts: bool = True,
    need_distance: bool = False,
) -> Iterator[Activity | Problem]:
    """Yield every Problem among `rows`, and for each other the Activity that `read` makes of it, or the Problem why it
    cannot be read. `read` returns None for what is not an activity, and raises ValueError with a readable message. A
    record that occurs twice counts once; an id that occurs again with other content is a Problem. Without `firsts` each
    is yielded too. With `need_distance` a run without one is followed by a Problem."""
    seen: dict[str, tuple[str, int]] = {}
    for row in rows:
        if isinstance(row, Problem):
            message, raw = _encodable(row.message)[:_LONGEST_TEXT], _encodable(row.raw)[:_LONGEST_RAW]
            yield row._replace(message=message, raw=raw)
            continue
        place, record = row
        try:
            if isinstance(record, ValueError):
                raise record
            activity = read(record)
        except (*_OF_VALUES, *_OF_SHAPE, OSError) as error:
            if isinstance(error, OSError) and error.errno != errno.EOVERFLOW:  # a time too large for the platform
                raise
            message = _encodable(_message_of(error, place))[:_LONGEST_TEXT]
            yield Problem(place, message, _raw(record))
            continue
        if activity is None:
            continue
        content = hash(activity.raw)  # not the record itself: an export may be larger than the memory
        if activity.native_id not in seen or not firsts:
            seen[activity.native_id] = place, content
            yield activity
            if need_distance:
                yield from without_distance(activity, place)
        elif seen[activity.native_id][1] != content:
            message = f"activity {activity.native_id} is already in {seen[activity.native_id][0]}, with other content"
            yield Problem(place, message[:_LONGEST_TEXT], activity.raw[:_LONGEST_RAW])


_OF_VALUES = (ValueError, ArithmeticError)
_OF_SHAPE = (LookupError, TypeError, AttributeError, RecursionError, StopIteration)
"""Raised for an unknown structure, but also by a fault of ours: so the log of `-v` has the traceback."""


def _message_of(error: Exception, place: str) -> str:
    if isinstance(error, (*_OF_VALUES, OSError)):
        return str(error)
    log.info("the record at %s cannot be read", place, exc_info=error)
    if isinstance(error, KeyError) and error.args and isinstance(error.args[0], str):
        return f"it has no {error}"
    return f"its structure is unknown ({str(error) or type(error).__name__})"


def _raw(record: Any) -> str:
    record = getattr(record, "raw", record)
    if isinstance(record, ValueError):
        return ""
    try:
        return (_encodable(record) if isinstance(record, str) else as_json(record))[:_LONGEST_RAW]
    except (ValueError, TypeError, RecursionError):  # not possible in JSON; the message names the fault
        return ""


def as_json(record: Any) -> str:
    """Return the JSON of a record without what no database stores: infinite numbers, halves of characters."""
    try:
        return _encodable(_to_json(record))
    except ValueError:  # NaN and Infinity are not JSON: they are stored as text
        return _encodable(_to_json(json.loads(json.dumps(record, default=str), parse_constant=str)))


def _encodable(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def moment_by_clocks(utc: dt.datetime | None, local: dt.datetime | None, zone: dt.tzinfo) -> Moment:
    """Return the moment of a time in UTC and in local time, which together give the offset; `zone` is the runner's own,
    used where one is missing or nothing is so far from UTC. An offset of `local` is ignored as a mistake. Raises
    ValueError if there is neither."""
    local = local.replace(tzinfo=None) if local is not None else None
    if utc is None:
        if local is None:
            raise ValueError("it has no start time")
        return moment_local(local, zone)
    _refuse_absurd(utc)
    utc = utc if utc.tzinfo is not None else utc.replace(tzinfo=dt.UTC)
    if local is not None:
        apart = local - utc.astimezone(dt.UTC).replace(tzinfo=None)
        offset = round(apart / _QUARTER) * _QUARTER
        if abs(offset) <= _FURTHEST and abs(apart - offset) <= _SLACK:
            return moment_with_offset(utc.astimezone(dt.timezone(offset)))
    return moment_utc(utc, zone)


LONGEST_ON_FOOT_M = 500_000.0
LONGEST_M = 10_000_000.0
"""Real exports contain rides of over 700 km."""
NO_DISTANCE = "it has no distance: it counts as 0 m until a correction gives the distance"
ALL_UNPAVED = "its distance on unpaved ground is longer than the run: all of it counts as unpaved"
_MEASURED_AGAIN = 1.01


def check_distance(metres: float, sport: str, elapsed_s: float | None) -> float:
    """Return `metres`, if they are possible in one activity. Raises ValueError if not."""
    if not 0 <= metres < math.inf:
        raise ValueError(f"a distance of {metres:g} m is impossible")
    if metres > LONGEST_ON_FOOT_M and (metres > LONGEST_M or sport in ON_FOOT):
        raise ValueError(f"{metres / 1000:,.0f} km in one activity are impossible")
    if elapsed_s and metres > 1000 and metres > FASTEST_MPS * elapsed_s and sport in RUNS:
        raise ValueError(f"{metres:,.0f} m in {elapsed_s:,.0f} s is faster than anyone runs")
    return metres


def is_over(unpaved_m: float, metres: float) -> bool:
    """Return whether a run of `metres` has more on unpaved ground, by more than two ways to measure differ:
    `ALL_UNPAVED`."""
    return 0 < _MEASURED_AGAIN * metres < unpaved_m - 1


def without_distance(activity: Activity, place: str) -> list[Problem]:
    """Return the problem with a run, walk or hike without a distance; none with any other."""
    if activity.distance_m or activity.sport not in ON_FOOT:
        return []
    return [Problem(place, NO_DISTANCE, activity.raw[:_LONGEST_RAW], is_note=True)]
