"""Keep a recording in several files once, with what it lacks from its copies. Pure."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from math import inf, log
from typing import TypeVar

from shoemon.decide.same_run.duplicates import WINDOW, Outline, same_run
from shoemon.model.globe import distance_between_m
from shoemon.model.ids import ActivityId
from shoemon.model.sports import FASTEST_MPS
from shoemon.sources.kit.track_records.places import apart_m, is_one_way
from shoemon.sources.kit.track_records.records import Record

T = TypeVar("T")
SAME_PLACE_M = 300.0
"""Clocks a minute apart and reception between houses move one place by so much."""
_LONGER = 1.25
"""Recordings whose durations differ by about a quarter and more are not equally good: the shorter one broke off."""


def without_copies(records: Iterable[Record]) -> list[Record]:
    """Return the best of each recording, in order of time. What it lacks (shoe, surface, name, place) comes from its
    copies. A record that overlaps with no other is always kept.

    Two records are copies if they are the same run by `duplicates.same_run`, even if their files name the sport
    differently or not at all: nobody does two sports at once.
    """
    kept: list[list[Record]] = []
    by_day: dict[date, list[list[Record]]] = defaultdict(list)
    for record in sorted(records, key=_rank):
        day = date.fromisoformat(record.started_at[:10])
        near = (
            group for offset in range(-WINDOW.days - 1, WINDOW.days + 2) for group in by_day[day + timedelta(offset)]
        )
        group = next((group for group in near if is_copy(record, group[0])), None)
        if group is None:
            group = []
            kept.append(group)
            by_day[day].append(group)
        group.append(record)
    kept.sort(key=lambda group: (group[0].started_at, group[0].track))
    return _with_unique_ids([_merged(group) for group in kept])


def is_copy(record: Record, other: Record) -> bool:
    """Return whether both are of the same run: at one place, and not two recordings of one file."""
    if _were_apart(record, other):
        return False
    if (record.started_at, record.elapsed_s) == (other.started_at, other.elapsed_s) and record.elapsed_s:
        return True
    sport = other.sport if record.is_vague or other.is_vague else record.sport
    return same_run(_outline(record, sport), _outline(other, other.sport))


def _were_apart(record: Record, other: Record) -> bool:
    """Return whether they were at two places at their common times, or at the start, or on two ways."""
    metres = apart_m(record.places, other.places)
    if metres is not None:
        return metres > SAME_PLACE_M
    if len(record.started_at) == 10 or len(other.started_at) == 10:  # two runs of one length fit into a day
        return not is_one_way(record.way, other.way)
    if record.lat is None or record.lon is None or other.lat is None or other.lon is None:
        return False
    start, other_start = (datetime.fromisoformat(each.started_at) for each in (record, other))
    within_m = SAME_PLACE_M + FASTEST_MPS * abs((start - other_start).total_seconds())
    return distance_between_m(record.lat, record.lon, other.lat, other.lon) > within_m


def _outline(record: Record, sport: str) -> Outline:
    id, metres = ActivityId(record.native_id), record.distance_m or 0.0
    return Outline(id, record.file, record.started_at, record.local_date, sport, metres, _lasts_s(record), False)


def _lasts_s(record: Record) -> float:
    return record.elapsed_s or record.moving_s or 0.0


def _rank(record: Record) -> tuple[object, ...]:
    """Sort the better first: with a sport, not much shorter, and with the device's own distance."""
    span = -round(log(max(_lasts_s(record), 1.0), _LONGER))
    return (record.is_vague, span, record.trust, record.lat is None, record.native_id, record.track)


def _merged(group: Sequence[Record]) -> Record:
    best, *copies = group
    if not copies:
        return best
    # The place comes from a track with places; a much longer one contains something else too.
    most_s = _LONGER * _lasts_s(best) or inf
    placed = next((record for record in group if record.lat is not None and _lasts_s(record) <= most_s), best)
    trace = {"trace": digest} if (digest := json.loads(placed.raw).get("trace")) else {}
    raw = json.loads(best.raw) | trace | {"copies": [record.track for record in copies]}
    return best._replace(
        name=_first(record.name for record in group) or "",
        gear=_first(record.gear for record in group),
        surface=_first(record.surface for record in group),
        distance_m=_known(record.distance_m for record in group),
        moving_s=_known(record.moving_s for record in group),
        elapsed_s=_known(record.elapsed_s for record in group),
        elevation_m=_known(record.elevation_m for record in group),
        indoor=_known(record.indoor for record in group),
        lat=placed.lat,
        lon=placed.lon,
        track=placed.track,
        raw=json.dumps(raw, ensure_ascii=False),
    )


def _first(texts: Iterable[str | None]) -> str | None:
    return next((text for text in texts if text), None)


def _known(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


def _with_unique_ids(records: list[Record]) -> list[Record]:
    """Give the later of two runs another id, if a device or a program gave both the same."""
    seen: set[str] = set()
    apart = []
    for record in records:
        id = record.native_id
        if id in seen:
            id = f"{id}-{''.join(char for char in record.started_at if char.isdigit())}"
        number = 1
        while id in seen:
            number += 1
            id = f"{record.native_id}-{number}"
        seen.add(id)
        apart.append(record if id == record.native_id else record._replace(native_id=id))
    return apart
