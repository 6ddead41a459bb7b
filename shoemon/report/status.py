"""Print pairs, decisions to make and alerts."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shoemon.config.load import Config
from shoemon.decide.gear_names import GearName, Rename, rename_lines, renames
from shoemon.model.clock import iso, system_clock
from shoemon.model.plan import Plan
from shoemon.model.surfaces import GROUNDS
from shoemon.model.text import one_line
from shoemon.model.units import METRES
from shoemon.pages.decisions import count
from shoemon.store.gear_names import NAMES_SQL
from shoemon.store.snapshot import Rows, snapshot
from shoemon.sync.tell.outbox import Delivered
from shoemon.words.forecast import expected


def shoe_rows(rows: Rows) -> list[dict[str, Any]]:
    """One row a pair, as table shoe_wear has it, with its name, last run and metres by ground."""
    shoes = rows(
        """SELECT w.*, s.name, s.retired_on,
             (SELECT max(last_on) FROM shoe_surface_mileage m WHERE m.shoe = w.shoe) AS last_on
           FROM shoe_wear w JOIN shoes s ON s.id = w.shoe ORDER BY w.status = 'retired', w.fraction DESC, w.shoe""",
    )
    grounds = rows(
        """SELECT m.shoe, f.ground, sum(m.distance_m) AS metres FROM shoe_surface_mileage m
           JOIN surfaces f ON f.id = m.surface GROUP BY 1, 2""",
    )
    for row in shoes:
        own = {item["ground"]: item["metres"] for item in grounds if item["shoe"] == row["shoe"]}
        row["ground_m"] = {ground: own.get(ground, 0.0) for ground in GROUNDS}
    return shoes


def decisions(rows: Rows) -> dict[str, int]:
    """How many things wait for the runner, by kind."""
    return count(
        rows, "unassigned_runs", "ambiguous_runs", "problems", "missing_activities", "waiting_messages",
        "failed_messages", "failing_sources", "unreadable_tracks", "ground_disagreements",
    )  # fmt: skip


def status_json(config: Config) -> str:
    """Pairs and decisions as JSON; metres, shares and ISO dates."""
    sql = "SELECT name, type, last_success_at, last_error, activities FROM sources ORDER BY name"
    with snapshot(config.database) as rows:
        waiting = decisions(rows) | {"renamed_gear": len(_renames(rows, config.plan))}
        found = {"shoes": shoe_rows(rows), "decisions": waiting, "sources": rows(sql)}
    return json.dumps(found, indent=2)


def print_status(config: Config) -> None:
    """The table of pairs, then what needs a decision."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    unit = config.main.units
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("shoe", "status", unit, f"of {unit}", "used", *GROUNDS, "last run", "expected at its limit"):
        table.add_column(title, justify="right" if title in (unit, f"of {unit}", "used", *GROUNDS) else "left")
    with snapshot(config.database) as rows:
        shoes, notes = shoe_rows(rows), [*decision_lines(rows), *rename_lines(_renames(rows, config.plan))]
    for row in shoes:
        grounds = [_number(row["ground_m"][ground], unit) for ground in GROUNDS]
        cells = [row["name"], row["status"], _number(row["worn_m"], unit, 1), _number(row["life_m"], unit)]
        cells += [f"{row['fraction']:.0%}", *grounds, row["last_on"] or "never", _expected(row)]
        table.add_row(*(escape(one_line(cell)) for cell in cells))
    console = Console()
    if not console.is_terminal:
        console = Console(width=200)
    console.print(table)
    for line in notes:
        console.print(escape(one_line(line)), highlight=False)


def decision_lines(rows: Rows) -> Iterator[str]:
    """One line for each kind of thing that waits for the runner."""
    words = {
        "unassigned_runs": "run{s} without a shoe (view unassigned_runs)",
        "ambiguous_runs": "of them claimed by more than one shoe",
        "problems": "record{s} that could not be read (table problems)",
        "missing_activities": "activit{ies} no longer listed by {its} export",
        "unreadable_tracks": "track{s} that could not be read (table track_matches)",
        "ground_disagreements": "run{s} whose ground export and map see otherwise (view ground_disagreements)",
        "waiting_messages": "message{s} waiting to be sent (shoemon alerts list)",
        "failed_messages": "message{s} that could not be sent (shoemon alerts retry)",
    }
    counts = decisions(rows)
    one, many = {"s": "", "ies": "y", "its": "its"}, {"s": "s", "ies": "ies", "its": "their"}
    for key, text in words.items():
        if counts[key]:
            yield f"{counts[key]} {text.format(**(one if counts[key] == 1 else many))}"
    for row in rows("SELECT name, last_error FROM sources WHERE last_error IS NOT NULL ORDER BY name"):
        yield f"source {row['name']} failed: {row['last_error']}"


def _renames(rows: Rows, plan: Plan) -> list[Rename]:
    return renames((GearName(**row) for row in rows(NAMES_SQL)), plan)


def delivered_lines(delivered: Delivered) -> Iterator[str]:
    """What became of the messages."""
    if delivered.sent:
        yield f"{delivered.sent} message{'s' if delivered.sent > 1 else ''} sent"
    yield from (f"not sent: {error}" for error in delivered.errors)
    if delivered.waiting:
        yield f"{delivered.waiting} waiting to be sent"


def alert_lines(database: Path, limit: int) -> Iterator[str]:
    """Alerts, newest first, and what became of each message."""
    sql = """SELECT a.created_at, a.id, a.title, a.covered_by, a.acknowledged_at,
               group_concat(d.notifier || ' ' || d.state || coalesce(' (' || d.last_error || ')', ''), ', ')
                 AS deliveries
             FROM alerts a LEFT JOIN deliveries d ON d.alert = a.id
             GROUP BY a.id ORDER BY a.created_at DESC, a.rowid DESC LIMIT ?"""
    with snapshot(database) as rows:
        alerts, snoozes = rows(sql, limit), rows("SELECT subject, until FROM snoozes ORDER BY until, subject")
    now = iso(system_clock())
    yield from (f"snoozed until {row['until']}: {row['subject']}" for row in snoozes if row["until"] > now)
    for row in alerts:
        told = row["deliveries"] or (f"told in {row['covered_by']}" if row["covered_by"] else "no notifier was set up")
        told += "; seen" if row["acknowledged_at"] else ""
        yield f"{row['created_at']}  {row['id']}  {row['title']}  [{told}]"


def _number(metres: float, unit: str, digits: int = 0) -> str:
    return f"{metres / METRES[unit]:,.{digits}f}"


def _expected(row: dict[str, Any]) -> str:
    if row["status"] in ("retired", "due", "over"):
        return ""
    return expected_of(row)


def expected_of(row: dict[str, Any]) -> str:
    """When the pair of a row of shoe_wear will be at its limit, in words. Before the first sync after an upgrade the
    row may lack what the forecast rests on."""
    days = (row["due_early_on"], row["due_on"], row["due_late_on"])
    return expected(*days, row.get("steadiness"), row.get("rate_m"), row["distance_m"])
