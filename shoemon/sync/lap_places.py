"""Find the places where runs go round a lap on unknown ground, to ask the runner once for each: for `status` and the
pages of who may edit."""

import json
from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple

from shoemon.config.edit.insert import flow
from shoemon.config.edit.places import written_place
from shoemon.config.load import Config
from shoemon.ground.laps import BESIDE_M
from shoemon.model.globe import distance_between_m
from shoemon.model.plan import Place
from shoemon.model.surfaces import TARTAN
from shoemon.pages.rows import Rows
from shoemon.pages.unknown import REASONS
from shoemon.store.whereabouts import OpenLaps, kept_laps
from shoemon.words.ground import lap_words

_ONE_PLACE_M = 150.0
_RUNS = f"""
    WITH asked AS (SELECT id, coalesce(duplicate_of, id) AS run FROM activities
      WHERE id IN (SELECT value FROM json_each(?)))
    SELECT id, run, sum(distance_m) AS open_m
    FROM asked JOIN ({REASONS.format(legs="SELECT * FROM legs WHERE activity IN (SELECT run FROM asked)")})
      ON activity = run AND (surface = 'unknown' OR reason = 'map_area')
    GROUP BY 1, 2"""
"""The run of each record, with its metres on ground that nothing else names; none where nothing is open."""


class LapPlace(NamedTuple):
    """A place where `runs` runs go round a lap of `lap_m`, `open_m` metres of them on ground that nobody knows, in
    `words`. `place` is an answer: a stadium, under a name that is free."""

    place: Place
    lap_m: float
    runs: int
    open_m: float
    words: str

    @property
    def key(self) -> str:
        """The middle, by which an answer names the place."""
        return f"{self.place.lat},{self.place.lon}"

    @property
    def yaml(self) -> str:
        """The answer as an item of `places` in shoes.yaml."""
        return f"- {flow(written_place(self.place))}"


def lap_places(rows: Rows, config: Config) -> list[LapPlace]:
    """Find the places to ask about: without those that the runner named, or said not to ask about. The one with most
    metres is first."""
    groups: list[list[OpenLaps]] = []
    for each in sorted(_open_laps(rows, config), key=lambda each: -each.open_m):
        group = next((group for group in groups if _apart_m(each, group[0]) <= _ONE_PLACE_M), None)
        if group is None:
            groups.append([each])
        elif each.activity not in {other.activity for other in group}:  # another record of one run
            group.append(each)
    groups.sort(key=lambda group: -sum(each.open_m for each in group))
    taken = {place.name for place in config.plan.places}
    names = (name for number in count(1) if (name := f"Stadium {number}") not in taken)
    return [_together(group, name, config.main.units) for group, name in zip(groups, names, strict=False)]


def _open_laps(rows: Rows, config: Config) -> Iterator[OpenLaps]:
    """Yield the laps outside of the runner's places, each with its run in place of its record."""
    laps = [
        each
        for each in kept_laps(config.state_database)
        if all(_apart_m(each, place) > place.radius_m for place in config.plan.places)
    ]
    runs = {row["id"]: row for row in rows(_RUNS, json.dumps([each.activity for each in laps]))} if laps else {}
    for each in laps:
        if run := runs.get(each.activity):
            yield each._replace(activity=run["run"], open_m=min(each.open_m, run["open_m"]))


def _apart_m(one: OpenLaps, other: OpenLaps | Place) -> float:
    return distance_between_m(one.lat, one.lon, other.lat, other.lon)


def _together(group: Sequence[OpenLaps], name: str, unit: str) -> LapPlace:
    """Join the laps of several runs: the mean of their middles, each with its metres."""
    open_m, first = sum(each.open_m for each in group), group[0]
    lat, lon, lap_m, reach_m = (
        sum(getattr(each, name) * each.open_m for each in group) / open_m for name in ("lat", "lon", "lap_m", "reach_m")
    )
    if any(abs(each.lon - first.lon) > 180 for each in group):
        lat, lon = first.lat, first.lon
    place = Place(name, round(lat, 4), round(lon, 4), 5 * round((reach_m + BESIDE_M) / 5), TARTAN)
    return LapPlace(place, lap_m, len(group), open_m, lap_words(lap_m, len(group), open_m, unit))
