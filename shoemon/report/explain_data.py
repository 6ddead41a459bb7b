"""One run as data, with everything that led to its legs, as the tables have it: for `shoemon explain RUN --json`."""

import json
from typing import Any

from shoemon.config.load import Config
from shoemon.model.errors import ShoemonError
from shoemon.store.snapshot import snapshot
from shoemon.store.whereabouts import kept_ways


def explain_data(config: Config, run: str) -> dict[str, Any]:
    """The columns of the run in table activities, with its legs, the match of its track to the map, the metres of that
    on each surface and on each way without a surface tag, and the other records of the same run. Raises ShoemonError if
    it is not stored."""
    with snapshot(config.database) as rows:
        found = next(
            (row for id in ids_of(config, run) for row in rows("SELECT * FROM activities WHERE id = ?", id)), None
        )
        if found is None:
            raise not_stored(run)
        id, own = found["id"], found["duplicate_of"] or found["id"]
        of_run = "WHERE activity = ? ORDER BY distance_m DESC, surface"
        copies = "SELECT * FROM activities WHERE (id = ?1 OR duplicate_of = ?1) AND id <> ?2 ORDER BY id"
        return {
            **_with_details(found),
            "legs": [_with_details(leg) for leg in rows(f"SELECT * FROM legs {of_run}", id)],
            "track_match": next(iter(rows("SELECT * FROM track_matches WHERE activity = ?", id)), None),
            "track_surfaces": rows(f"SELECT * FROM track_surfaces {of_run}", id),
            "untagged_ways": [
                {"way": way, "distance_m": metres}
                for activity, way, metres in kept_ways(config.state_database)
                if activity == id
            ],
            "copies": [_with_details(copy) for copy in rows(copies, own, id)],
        }


def ids_of(config: Config, run: str) -> list[str]:
    """The ids that `run` may mean: itself, or what one of the sources calls so."""
    return [run] if ":" in run else [f"{settings.name}:{run}" for settings in config.sources]


def not_stored(run: str) -> ShoemonError:
    """The error that there is no such run."""
    return ShoemonError(f"no run {run} is stored; ids look like source:native id (view recent_runs)")


def _with_details(row: dict[str, Any]) -> dict[str, Any]:
    """The row with the parameters of its reasons as values."""
    return {key: json.loads(value) if key.endswith("_detail") and value else value for key, value in row.items()}
