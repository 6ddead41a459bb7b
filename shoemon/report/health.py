"""`shoemon health` and the page /-/health: is the scheduler at work, which source fails, what waits? The answer is read
from the disk, so that every process can give it."""

from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

from shoemon.config.load import map_path
from shoemon.ground.extracts.getting import read_getting
from shoemon.model.clock import Clock, system_clock
from shoemon.model.errors import ShoemonError
from shoemon.report.status import decision_notes, decisions, map_notes
from shoemon.report.tables import print_notes
from shoemon.store.snapshot import snapshot
from shoemon.sync.heartbeat import scheduler_state

_WORDS = {
    "ok": "ok",
    "stopped": "failing: no scheduler is running; start shoemon serve",
    "overdue": "failing: the scheduler has done nothing well for too long; the log of shoemon serve shows why",
}


def health_data(database: Path, clock: Clock = system_clock) -> dict[str, Any]:
    """The state of the scheduler (`ok`, `stopped` or `overdue`), the error of each source that fails and of the
    `map` that was not downloaded, and how many things wait, by kind."""
    data = {"scheduler": scheduler_state(database, clock()), "failing_sources": {}, "waiting": {}}
    with suppress(ShoemonError), snapshot(database) as rows:  # there may be no database yet
        errors = rows("SELECT name, last_error FROM sources WHERE last_error <> '' ORDER BY name")
        map_error = {"map": error} if (error := read_getting(map_path(database)).error) else {}
        data["failing_sources"] = {row["name"]: row["last_error"] for row in errors} | map_error
        data["waiting"] = {kind: number for kind, number in decisions(rows).items() if number}
    return data


def print_health(home: Path, database: Path) -> bool:
    """Print the same in words; return whether the scheduler is at work."""
    state = scheduler_state(database, system_clock())
    print(f"{home}: {_WORDS[state]}")
    with suppress(ShoemonError), snapshot(database) as rows:
        print_notes(chain(decision_notes(rows), map_notes(map_path(database))))
    return state == "ok"
