"""Read the list of activities of a Garmin account, `*_summarizedActivities.json`.

Lengths are in centimetres and times in milliseconds, as seen in an export and in programs that read it. A triathlon is
listed whole and in parts: only the parts are activities.
"""

import datetime as dt
import posixpath
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from shoemon.model.activity import Activity
from shoemon.model.errors import SourceError
from shoemon.model.sports import INDOOR_SPORTS, UNKNOWN_SPORT, sport_of
from shoemon.sources.garmin_account.gear import GearList
from shoemon.sources.kit.activities import Row, make_activity, moment_by_clocks
from shoemon.sources.kit.fields import needed_text_at, number_at, optional_number_at, text_at, time_at
from shoemon.sources.kit.files import ExportFiles, Pairs
from shoemon.sources.kit.find_tracks import safe_name

MOST_RECORDS = 200_000
_LIST = "summarizedActivitiesExport"
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def is_summary_file(name: str) -> bool:
    return name.lower().endswith("summarizedactivities.json")


def refuse_several(files: ExportFiles) -> None:
    """Raise SourceError for several exports: of an activity in both lists, the newer record is unknown."""
    folders = sorted({posixpath.dirname(name) or "." for name in filter(is_summary_file, files.names)})
    if len(folders) > 1:
        what = f"several exports of Garmin ({', '.join(folders[:5])}); name one in `path`"
        raise SourceError(f"{safe_name(files.path.name)} contains {what}", retryable=False)


def rows(files: ExportFiles) -> Iterator[Row]:
    """Yield every listed record with its place. Raises SourceError if a file cannot be read whole."""
    count = 0
    for name in filter(is_summary_file, files.names):
        try:
            content = files.json(name, keep=_without_laps)
        except ValueError as error:
            raise SourceError(f"{name}: {error}; download the export again") from None
        for number, record in enumerate(_records(content), 1):
            count += 1
            if count > MOST_RECORDS:
                what = f"lists more than {MOST_RECORDS:,} activities"
                raise SourceError(f"{safe_name(files.path.name)} {what}", retryable=False)
            yield f"{name}:{number}", record


class ActivityReader:
    """Makes activities of records. `without_distance` has the ids of those with none, or 0, for not measured."""

    def __init__(self, source: str, zone: ZoneInfo, gear: GearList) -> None:
        self._source, self._zone, self._gear = source, zone, gear
        self.without_distance: set[str] = set()

    def read(self, record: Mapping[str, Any]) -> Activity | None:
        """Make the activity of a record; None for one that is listed in parts. Raises ValueError."""
        if record.get("parent") is True:
            return None
        id = needed_text_at(record, "activityId")
        distance_cm, climbed_cm = number_at(record, "distance"), optional_number_at(record, "elevationGain")
        if not distance_cm:
            self.without_distance.add(id)
        kind, sport = _kind(record)
        worn = self._gear.worn_on(id)
        start = _time(record, "startTimeGmt") or _time(record, "beginTimestamp")
        return make_activity(
            self._source,
            id,
            # The local time is written as if in UTC.
            moment_by_clocks(start, _time(record, "startTimeLocal"), self._zone),
            kind,
            (distance_cm or 0.0) / 100,
            {**record, "gear": [pair._asdict() for pair in worn]} if worn else record,
            sport=sport,
            name=text_at(record, "name") or text_at(record, "activityName"),
            moving_s=_seconds(record, "movingDuration", "duration"),
            elapsed_s=_seconds(record, "elapsedDuration", "duration"),
            elevation_m=None if climbed_cm is None else climbed_cm / 100,
            gear_raw=" + ".join(pair.gear_raw for pair in worn),
            gear_name=" + ".join(pair.name or pair.gear_raw for pair in worn) if any(p.name for p in worn) else None,
            indoor=True if sport in INDOOR_SPORTS else None,
            start_lat=optional_number_at(record, "startLatitude"),
            start_lon=optional_number_at(record, "startLongitude"),
            end_lat=optional_number_at(record, "endLatitude"),
            end_lon=optional_number_at(record, "endLongitude"),
        )


def _without_laps(pairs: Pairs) -> Any:
    """Remove all lists except that of the activities: laps and the like are nearly all of a large file."""
    return {key: value for key, value in pairs if key in (_LIST, "activityType") or not isinstance(value, list | dict)}


def _records(content: Any) -> Iterator[Any]:
    """Yield the records of a file: of one list, or of several, with or without a name."""
    for part in content if isinstance(content, list) else [content]:
        if isinstance(part, Mapping) and _LIST in part:
            yield from part[_LIST] if isinstance(part[_LIST], list) else ()
        else:
            yield part


def _kind(record: Mapping[str, Any]) -> tuple[str, str]:
    """Return Garmin's own word and the sport, for an unknown word by `sportType`."""
    type = record.get("activityType")
    kind = text_at(type if isinstance(type, Mapping) else {"typeKey": type}, "typeKey") or ""
    wide = text_at(record, "sportType") or ""
    sport = sport_of(kind)
    by_wide = sport_of(wide) if sport in ("other", UNKNOWN_SPORT) else sport
    return kind or wide, sport if by_wide == UNKNOWN_SPORT else by_wide


def _time(record: Mapping[str, Any], key: str) -> dt.datetime | None:
    """Read milliseconds since 1970, or the time in ISO 8601. Raises ValueError."""
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
    """Return the first duration at one of `keys`, in seconds."""
    found = next((number for key in keys if (number := optional_number_at(record, key)) is not None), None)
    return None if found is None else found / 1000
