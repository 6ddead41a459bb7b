"""Find the places where runs go round a lap on unknown ground, to ask the runner once for each: for `status` and the
pages of who may edit."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from shoemon.ground.laps import BESIDE_M
from shoemon.model.globe import distance_between_m
from shoemon.model.plan import Place
from shoemon.pages.rows import Rows
from shoemon.store.laps import OpenLaps, kept_laps

_ONE_PLACE_M = 150.0
_RUNS = """
    SELECT a.id AS id, run.id AS run, sum(l.distance_m) AS open_m
    FROM json_each(?) AS asked JOIN activities a ON a.id = asked.value
      JOIN activities run ON run.id = coalesce(a.duplicate_of, a.id)
      JOIN legs l ON l.activity = run.id AND (l.surface = 'unknown' OR l.surface_reason = 'map_area')
    GROUP BY 1, 2"""
"""The run of each record, with its metres on ground that nothing else names; none where nothing is open."""


class LapPlace(NamedTuple):
    """A place where `runs` runs go round a lap of `lap_m`, `open_m` metres of them on ground that nobody knows."""

    lat: float
    lon: float
    radius_m: float
    lap_m: float
    runs: int
    open_m: float


def lap_places(rows: Rows, state_database: Path, places: Iterable[Place]) -> list[LapPlace]:
    """Find the places to ask about: without those that the runner named, or said not to ask about. The one with most
    metres is first."""
    places = list(places)
    laps = [
        each for each in kept_laps(state_database) if all(_apart_m(each, place) > place.radius_m for place in places)
    ]
    known = {row["id"]: row for row in rows(_RUNS, json.dumps([each.activity for each in laps]))} if laps else {}
    open_laps = [
        each._replace(activity=known[each.activity]["run"], open_m=min(each.open_m, known[each.activity]["open_m"]))
        for each in laps
        if each.activity in known
    ]
    groups: list[list[OpenLaps]] = []
    for each in sorted(open_laps, key=lambda each: -each.open_m):
        near = (group for group in groups if _apart_m(each, group[0]) <= _ONE_PLACE_M)
        group = next(near, None)
        if group is None:
            groups.append([each])
        elif each.activity not in {other.activity for other in group}:  # another record of one run
            group.append(each)
    return sorted(map(_together, groups), key=lambda place: -place.open_m)


def _apart_m(one: OpenLaps, other: OpenLaps | Place) -> float:
    return distance_between_m(one.lat, one.lon, other.lat, other.lon)


def _together(group: Sequence[OpenLaps]) -> LapPlace:
    """Join the laps of several runs: the mean of their middles, each with its metres."""
    open_m, first = sum(each.open_m for each in group), group[0]
    lat, lon, lap_m, reach_m = (
        sum(getattr(each, name) * each.open_m for each in group) / open_m for name in ("lat", "lon", "lap_m", "reach_m")
    )
    if any(abs(each.lon - first.lon) > 180 for each in group):
        lat, lon = first.lat, first.lon
    return LapPlace(round(lat, 4), round(lon, 4), 5 * round((reach_m + BESIDE_M) / 5), lap_m, len(group), open_m)
