"""The activities that a Garmin account lists, in `*_summarizedActivities.json`.

Lengths are in centimetres and times in milliseconds, as seen in an export and in the programs that read such. One of a
triathlon and its parts stand there all: only the parts are activities.
"""

import datetime as dt
import posixpath
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from shoemon.model.activity import Activity
from shoemon.model.errors import SourceError
from shoemon.model.sports import INDOOR_SPORTS, sport_of
from shoemon.sources.garmin_account.gear import GearList
from shoemon.sources.kit.activities import Moment, Row, make_activity, moment_local, moment_utc, moment_with_offset
from shoemon.sources.kit.fields import needed_text_at, number_at, text_at, time_at
from shoemon.sources.kit.files import ExportFiles, Pairs
from shoemon.sources.kit.find_tracks import spelled

MOST_RECORDS = 200_000
_LIST = "summarizedActivitiesExport"
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_ZONE_STEP = dt.timedelta(minutes=15)
_SLACK = dt.timedelta(seconds=60)
_LARGEST_OFFSET = dt.timedelta(hours=14)


def is_summary_file(name: str) -> bool:
    """Whether a file of the export is called like a list of activities."""
    return name.lower().endswith("summarizedactivities.json")


def refuse_several(files: ExportFiles) -> None:
    """Raises SourceError for exports side by side: of what both list, nobody knows which is the newer."""
    folders = sorted({posixpath.dirname(name) or "." for name in filter(is_summary_file, files.names)})
    if len(folders) > 1:
        what = f"several exports of Garmin ({', '.join(folders[:5])}); name one in `path`"
        raise SourceError(f"{spelled(files.path.name)} holds {what}", retryable=False)


def rows(files: ExportFiles) -> Iterator[Row]:
    """Every record that is listed, with its place. Raises SourceError if a file cannot be read, for its runs would seem
    to be gone."""
    count = 0
    for name in filter(is_summary_file, files.names):
        try:
            held = files.json(name, keep=_without_laps)
        except ValueError as error:
            raise SourceError(f"{name}: {error}; download the export again") from None
        for number, record in enumerate(_records(held), 1):
            count += 1
            if count > MOST_RECORDS:
                what = f"lists more than {MOST_RECORDS:,} activities"
                raise SourceError(f"{spelled(files.path.name)} {what}", retryable=False)
            yield f"{name}:{number}", record


class Reader:
    """Makes activities of records. `without_distance` has the ids of those that do not say how far they went:
    nought is what stands there where nothing measured it."""

    def __init__(self, source: str, zone: ZoneInfo, gear: GearList) -> None:
        self._source, self._zone, self._gear = source, zone, gear
        self.without_distance: set[str] = set()

    def read(self, record: Mapping[str, Any]) -> Activity | None:
        """The activity of a record; None of one that others are the parts of. Raises ValueError in words."""
        if record.get("parent") is True:
            return None
        id = needed_text_at(record, "activityId")
        distance_cm = number_at(record, "distance")
        if not distance_cm:
            self.without_distance.add(id)
        kind, sport = _kind(record)
        worn = self._gear.worn_on(id)
        return make_activity(
            self._source,
            id,
            _moment(record, self._zone),
            kind,
            (distance_cm or 0.0) / 100,
            {**record, "gear": [pair._asdict() for pair in worn]} if worn else record,
            sport=sport,
            name=text_at(record, "name") or text_at(record, "activityName"),
            moving_s=_seconds(record, "movingDuration", "duration"),
            elapsed_s=_seconds(record, "elapsedDuration", "duration"),
            elevation_m=_hundredth(_number(record, "elevationGain")),
            gear_raw=" + ".join(pair.gear_raw for pair in worn),
            gear_name=" + ".join(pair.name or pair.gear_raw for pair in worn) if any(p.name for p in worn) else None,
            indoor=True if sport in INDOOR_SPORTS else None,
            start_lat=_number(record, "startLatitude"),
            start_lon=_number(record, "startLongitude"),
        )


def _without_laps(pairs: Pairs) -> Any:
    """Laps and the like are nearly all of a large file; of the lists only that of the activities is kept."""
    return {key: value for key, value in pairs if key in (_LIST, "activityType") or not isinstance(value, list | dict)}


def _records(held: Any) -> Iterator[Any]:
    """The records of a file: of one list, or of several, each with its name or without."""
    for part in held if isinstance(held, list) else [held]:
        if isinstance(part, Mapping) and _LIST in part:
            yield from part[_LIST] if isinstance(part[_LIST], list) else ()
        else:
            yield part


def _kind(record: Mapping[str, Any]) -> tuple[str, str]:
    """Garmin's own word and the sport; of a word that is not known, `sportType` tells at least the kind."""
    told = record.get("activityType")
    kind = text_at(told if isinstance(told, Mapping) else {"typeKey": told}, "typeKey") or ""
    wide = text_at(record, "sportType") or ""
    sport = sport_of(kind)
    return kind or wide, sport if sport != "other" else sport_of(wide)


def _moment(record: Mapping[str, Any], zone: ZoneInfo) -> Moment:
    """When it began. The clock on the wrist beside that of Greenwich tells the offset; it stands there as if in UTC."""
    start = _time(record, "startTimeGmt") or _time(record, "beginTimestamp")
    local = _time(record, "startTimeLocal")
    if start is None:
        if local is None:
            raise ValueError("it does not say when it began")
        return moment_local(local.replace(tzinfo=None), zone)
    if local is not None:
        offset = round((local - start) / _ZONE_STEP) * _ZONE_STEP
        if abs(offset) <= _LARGEST_OFFSET and abs(local - start - offset) <= _SLACK:
            return moment_with_offset(start.astimezone(dt.timezone(offset)))
    return moment_utc(start, zone)


def _time(record: Mapping[str, Any], key: str) -> dt.datetime | None:
    """Milliseconds since 1970, or the time in ISO 8601. Raises ValueError in words."""
    value = record.get(key)
    if isinstance(value, str) and "-" in value.strip()[1:]:
        moment = time_at(record, key)
        return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    milliseconds = number_at(record, key)
    try:
        return None if milliseconds is None else _EPOCH + dt.timedelta(milliseconds=milliseconds)
    except OverflowError:
        raise ValueError(f"{key}: {milliseconds:g} is not a time") from None


def _seconds(record: Mapping[str, Any], *keys: str) -> float | None:
    """The first time there is, in seconds."""
    found = next((number for key in keys if (number := _number(record, key)) is not None), None)
    return None if found is None else found / 1000


def _number(record: Mapping[str, Any], key: str) -> float | None:
    """A figure beside, which is left out where it is none."""
    try:
        return number_at(record, key)
    except ValueError:
        return None


def _hundredth(centimetres: float | None) -> float | None:
    return None if centimetres is None else centimetres / 100
