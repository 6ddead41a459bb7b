"""Find the ways without a surface tag on which the runner ran most."""

from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from shoemon.config.load import Config
from shoemon.model.errors import ShoemonError
from shoemon.pages.decisions import MAYBE_INDOORS
from shoemon.store.snapshot import snapshot
from shoemon.store.whereabouts import kept_ways

_MOST = 20
_TRACKS = f"""
    SELECT activity, min(duplicate_of IS NOT NULL)
    FROM (SELECT DISTINCT activity FROM track_surfaces) JOIN activities a ON a.id = activity
    WHERE EXISTS (SELECT 1 FROM legs WHERE activity = ifnull(a.duplicate_of, a.id)
      AND surface_reason <> 'correction' AND NOT ({MAYBE_INDOORS}))
    GROUP BY ifnull(duplicate_of, id)"""
"""One track of each run; none of a run whose ground a correction sets, or whose track goes nowhere."""


def ways_to_tag(config: Config) -> list[dict[str, Any]]:
    """Return `way` (its number), `name`, `distance_m` and `runs` of those with most metres. Raises ShoemonError."""
    with snapshot(config.database) as rows:
        tracks = {row["activity"] for row in rows(_TRACKS)}
    metres: Counter[int] = Counter()
    runs: Counter[int] = Counter()
    for activity, way, distance_m in kept_ways(config.state_database):
        if activity in tracks:
            metres[way] += distance_m
            runs[way] += 1
    most = sorted(metres, key=lambda way: (-metres[way], way))[:_MOST]
    names = _names(config.map_database, most)
    return [{"way": way, "name": names.get(way), "distance_m": metres[way], "runs": runs[way]} for way in most]


def _names(map_database: Path, ways: Iterable[int]) -> dict[int, str]:
    """Return the names of ways on the map, or their kinds; nothing for those that are not on it."""
    from shoemon.ground.osm.reading import open_map

    try:
        with closing(open_map(map_database)) as map:
            return {way: name or kind.replace("_", " ") for way, (name, kind) in map.ways(ways).items()}
    except ShoemonError:
        return {}
