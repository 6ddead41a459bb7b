"""Match tracks and activities by their start, as Garmin names the files by upload, not by activity. Pure."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from shoemon.decide.same_run.compare import begun, kind, outline_of
from shoemon.decide.same_run.duplicates import WINDOW, same_run
from shoemon.model.activity import Activity
from shoemon.sources.kit.track_records.records import Record

_DAYS = WINDOW.days + 1


def match_tracks(activities: Sequence[Activity], records: Sequence[Record]) -> dict[str, Record]:
    """Find the recording of each activity, by the activity's native id; each recording is of at most one activity: one
    that began in the same second, or the nearest start by `duplicates.same_run`. The remaining recordings are of
    activities that the runner deleted, or copies."""
    by_day: dict[date, list[tuple[int, Record]]] = defaultdict(list)
    for number, record in enumerate(records):
        by_day[date.fromisoformat(record.run.started_at[:10])].append((number, record))
    pairs = []
    for activity in activities:
        one, day = outline_of(activity)._replace(source="listed"), date.fromisoformat(activity.started_at[:10])
        for days in range(-_DAYS, _DAYS + 1):
            for number, record in by_day.get(day + timedelta(days), ()):
                named = activity.sport if record.is_vague else record.run.sport
                other = outline_of(record.run)._replace(source="tracks", sport=named)
                if other.started_at == activity.started_at or same_run(one, other):
                    apart_s = abs((begun(one) - begun(other)).total_seconds())
                    pairs.append((apart_s, _difference(activity, record), activity.native_id, number))
    found: dict[str, Record] = {}
    taken: set[int] = set()
    for _, _, id, number in sorted(pairs):
        if id not in found and number not in taken:
            found[id] = records[number]
            taken.add(number)
    return found


def with_track(activity: Activity, record: Record) -> Activity:
    """Return the activity with its track, its device, start and end; other points in the file change its raw record."""
    raw, run = json.loads(activity.raw), record.run
    if trace := json.loads(record.run.raw).get("trace"):
        raw["trace"] = trace
    has_place, has_end = activity.start_lat is not None, activity.end_lat is not None
    return activity._replace(
        track=run.track,
        start_lat=activity.start_lat if has_place else run.start_lat,
        start_lon=activity.start_lon if has_place else run.start_lon,
        end_lat=activity.end_lat if has_end else run.end_lat,
        end_lon=activity.end_lon if has_end else run.end_lon,
        device=run.device,
        elevation_m=run.elevation_m if activity.elevation_m is None else activity.elevation_m,
        raw=json.dumps(raw, ensure_ascii=False),
    )


def _difference(activity: Activity, record: Record) -> tuple[bool, float, bool, str]:
    apart_s = abs((activity.elapsed_s or activity.moving_s or 0.0) - record.lasts_s)
    is_other = not record.is_vague and kind(record.run.sport) != kind(activity.sport)
    return is_other, apart_s, record.run.start_lat is None, str(record.run.track)


def unlisted(activities: Iterable[Activity], records: Iterable[Record], found: Mapping[str, Record]) -> int:
    """Count the recordings without a listed activity; a second file of a run with a track is not one."""
    starts = {activity.started_at for activity in activities}
    used = {record.run.track for record in found.values()}
    return sum(record.run.track not in used and record.run.started_at not in starts for record in records)
