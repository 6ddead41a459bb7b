"""Make an Activity of a workout of FitTrackee: kilometres, durations such as `1:00:00`, and dates such as
`Mon, 01 Jan 2018 07:00:00 GMT` (its API documentation)."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from shoemon.model.activity import Activity, Problem
from shoemon.sources.kit.activities import Row, make_activity, moment_utc, read_records
from shoemon.sources.kit.fields import is_id, needed_number_at, needed_text_at, number_at, text_at

_SHOES = frozenset({"shoe", "shoes"})
_DURATION = re.compile(r"(?:(\d{1,5}) days?, )?(\d{1,3}):(\d{2}):(\d{2}(?:\.\d{1,6})?)", re.ASCII)
"""As Python writes a timedelta: `0:17:04`, `1 day, 2:03:04`, `0:17:04.500000`."""


def read(rows: Iterable[Row], source: str, zone: dt.tzinfo, sports: Mapping[str, str]) -> Iterator[Activity | Problem]:
    """Yield the activities of `rows`. `zone` is the runner's, `sports` are the labels of sports by id."""
    return read_records(rows, lambda record: _activity(record, source, zone, sports))


def _activity(record: Mapping[str, Any], source: str, zone: dt.tzinfo, sports: Mapping[str, str]) -> Activity:
    id = needed_text_at(record, "id")
    if not is_id(id):
        raise ValueError(f"{id[:60]!r} is not the id of a workout")
    sport_id = needed_text_at(record, "sport_id")
    label = sports.get(sport_id, f"sport {sport_id}")
    gear_raw, gear_name = _shoes(record)
    return make_activity(
        source,
        id,
        moment_utc(_date(record), zone),
        label,
        needed_number_at(record, "distance") * 1000,
        record,
        # `Cycling (Sport)` and `Cycling (Transport)` are one sport
        sport=label.partition(" (")[0],
        name=text_at(record, "title"),
        moving_s=_seconds(record, "moving"),
        elapsed_s=_seconds(record, "duration"),
        elevation_m=number_at(record, "ascent"),
        gear_raw=gear_raw,
        gear_name=gear_name,
        track=id if record.get("with_file") is True or record.get("with_gpx") is True else None,
    )


def _date(record: Mapping[str, Any]) -> dt.datetime:
    text = needed_text_at(record, "workout_date")
    try:
        date = parsedate_to_datetime(text[:60])
    except (ValueError, TypeError, IndexError, OverflowError):
        raise ValueError(f"workout_date: {text[:60]!r} is not a date") from None
    return date if date.tzinfo else date.replace(tzinfo=dt.UTC)


def _seconds(record: Mapping[str, Any], key: str) -> float | None:
    text = text_at(record, key)
    if text is None:
        return None
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"{key}: {text[:60]!r} is not a duration")
    days, hours, minutes, seconds = match.groups()
    return int(days or 0) * 86400 + int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def _shoes(record: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return id and label of the shoes among the equipment. Two pairs in one workout are joined as if they were a
    third, for the runner to decide. An entry of unknown structure is not a shoe: the run counts all the same."""
    equipments = record.get("equipments")
    listed = equipments if isinstance(equipments, list) else []
    named = [(text_at(item, "id"), text_at(item, "label")) for item in listed if _is_shoe(item)]
    shoes = sorted((id or label, label or "") for id, label in named if id or label)
    if not shoes:
        return None, None
    return " + ".join(id for id, _ in shoes if id), " + ".join(label for _, label in shoes) or None


def _is_shoe(item: Any) -> bool:
    kind = item.get("equipment_type") if isinstance(item, dict) else None
    return isinstance(kind, dict) and (text_at(kind, "label") or "").lower() in _SHOES
