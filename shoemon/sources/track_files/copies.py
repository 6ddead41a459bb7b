"""Keep a recording in several files once, with what it lacks from its copies. Pure."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from hashlib import blake2b
from math import inf, log
from typing import TypeVar

from shoemon.decide.same_run.compare import outline_of
from shoemon.decide.same_run.duplicates import WINDOW, same_run
from shoemon.model.globe import distance_between_m
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
        day = date.fromisoformat(record.run.started_at[:10])
        near = (
            group for offset in range(-WINDOW.days - 1, WINDOW.days + 2) for group in by_day[day + timedelta(offset)]
        )
        group = next((group for group in near if is_copy(record, group[0])), None)
        if group is None:
            group = []
            kept.append(group)
            by_day[day].append(group)
        group.append(record)
    kept.sort(key=lambda group: (group[0].run.started_at, group[0].run.track))
    return _with_unique_ids([_merged(group) for group in kept])


def is_copy(record: Record, other: Record) -> bool:
    """Return whether both are of the same run: at one place, and not two recordings of one file."""
    if _were_apart(record, other):
        return False
    run, beside = record.run, other.run
    if (run.started_at, run.elapsed_s) == (beside.started_at, beside.elapsed_s) and run.elapsed_s:
        return True
    sport = beside.sport if record.is_vague or other.is_vague else run.sport
    one, two = outline_of(run), outline_of(beside)
    return same_run(one._replace(source=record.file, sport=sport), two._replace(source=other.file))


def _were_apart(record: Record, other: Record) -> bool:
    """Return whether they were at two places at their common times, or at the start, or on two ways."""
    metres = apart_m(record.places, other.places)
    if metres is not None:
        return metres > SAME_PLACE_M
    one, two = record.run, other.run
    if len(one.started_at) == 10 or len(two.started_at) == 10:  # two runs of one length fit into a day
        return not is_one_way(record.way, other.way)
    if one.start_lat is None or one.start_lon is None or two.start_lat is None or two.start_lon is None:
        return False
    start, other_start = (datetime.fromisoformat(each.started_at) for each in (one, two))
    within_m = SAME_PLACE_M + FASTEST_MPS * abs((start - other_start).total_seconds())
    return distance_between_m(one.start_lat, one.start_lon, two.start_lat, two.start_lon) > within_m


def _rank(record: Record) -> tuple[object, ...]:
    """Sort the better first: with a sport, not much shorter, and with the device's own distance."""
    span, run = -round(log(max(record.lasts_s, 1.0), _LONGER)), record.run
    return (record.is_vague, span, record.trust, run.start_lat is None, run.native_id, run.track)


def _merged(group: Sequence[Record]) -> Record:
    best, *copies = group
    if not copies:
        return best
    # The place comes from a track with places; a much longer one contains something else too.
    most_s, runs = _LONGER * best.lasts_s or inf, [record.run for record in group]
    placed = next((each.run for each in group if each.run.start_lat is not None and each.lasts_s <= most_s), best.run)
    measured = next((record for record in group if record.distance_m is not None), best)
    trace = {"trace": digest} if (digest := json.loads(placed.raw).get("trace")) else {}
    raw = json.loads(best.run.raw) | trace | {"copies": [record.run.track for record in copies]}
    gear = _known(run.gear_name for run in runs)
    whole = best.run._replace(
        name=next((run.name for run in runs if run.name), ""),
        gear_raw=gear,
        gear_name=gear,
        surface_raw=_known(run.surface_raw for run in runs),
        distance_m=measured.run.distance_m,
        moving_s=_known(run.moving_s for run in runs),
        elapsed_s=_known(run.elapsed_s for run in runs),
        elevation_m=_known(run.elevation_m for run in runs),
        indoor=_known(run.indoor for run in runs),
        start_lat=placed.start_lat,
        start_lon=placed.start_lon,
        track=placed.track,
        raw=json.dumps(raw, ensure_ascii=False),
    )
    return best._replace(run=whole, trust=measured.trust)


def _known(values: Iterable[T | None]) -> T | None:
    return next((value for value in values if value is not None), None)


def _with_unique_ids(records: list[Record]) -> list[Record]:
    """Add to the ids of runs to which a device or a program gave one id what is only theirs: the start, or else a
    digest. None of them keeps the bare id, so that a file added later never gets the id of another run."""
    by_start = _told_apart(records, lambda record: "".join(filter(str.isdigit, record.run.started_at)))
    return _told_apart(by_start, _digest)


def _told_apart(records: list[Record], mark: Callable[[Record], str]) -> list[Record]:
    times = Counter(record.run.native_id for record in records)
    return [
        record._replace(run=record.run._replace(native_id=f"{record.run.native_id}-{mark(record)}"))
        if times[record.run.native_id] > 1
        else record
        for record in records
    ]


def _digest(record: Record) -> str:
    content = (record.run.elapsed_s, record.distance_m, list(map(tuple, record.places)), list(map(tuple, record.way)))
    return blake2b(repr(content).encode(), digest_size=4).hexdigest()
