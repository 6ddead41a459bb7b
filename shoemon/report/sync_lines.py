"""Report what a sync did, and what needs the runner after it."""

import sqlite3
from collections.abc import Iterator

from shoemon.config.load import Config
from shoemon.decide.gear_names import rename_lines, renames
from shoemon.ground.osm.opening import has_map
from shoemon.model.units import METRES, write_distance
from shoemon.pages.decisions import EVER, statement
from shoemon.pages.left_out import LeftOut
from shoemon.pages.rows import rows_of
from shoemon.store.gear_names import gear_names
from shoemon.store.snapshot import read_only
from shoemon.sync.doubled_runs import doubled_notes
from shoemon.sync.match.match_tracks import Matched
from shoemon.sync.new_gear import new_gear
from shoemon.sync.pipeline import Report
from shoemon.sync.pull import Outcome
from shoemon.sync.tell.outbox import Delivered
from shoemon.words.commands import command
from shoemon.words.new_gear import new_gear_lines
from shoemon.words.problems import sportless_words

_SHOWN = 5
"""So many worn pairs are listed."""


def sync_lines(config: Config, report: Report, *, dry_run: bool) -> Iterator[str]:
    """Report what a sync did, or would do."""
    if not report.outcomes:
        yield "there are no sources in shoemon.yaml"
    if dry_run:
        yield from map(_source_line, report.outcomes)
        yield from _preview_lines(config.main.units, report)
        return
    with read_only(config.database) as connection:
        for outcome in report.outcomes:
            left_out = LeftOut.of(rows_of(connection), outcome.source) if outcome.outcome == "stored" else None
            yield _source_line(outcome, left_out)
            if left_out:
                yield from (f"  {line}" for line in left_out.lines())
        yield from _rename_lines(connection, config, report)
        yield from ground_lines(report.ground)
        if report.derived.decided:  # a sync that brings nothing prints nothing again
            yield from _summary_lines(connection, config, report)
    yield from delivered_lines(report.delivered)


def _source_line(outcome: Outcome, left_out: LeftOut | None = None) -> str:
    counts = outcome.counts
    if outcome.outcome != "stored":
        return f"{outcome.source}: {'nothing new' if outcome.error is None else f'failed: {outcome.error}'}"
    also = {
        "changed": counts.changed, "rejected": counts.rejected, "with a note": counts.noted,
        "not counted": left_out.not_counted if left_out else 0, "no longer listed": counts.missing,
    }  # fmt: skip
    figures = [f"{counts.read:,} read", f"{counts.added:,} new", *(f"{n:,} {what}" for what, n in also.items() if n)]
    return f"{outcome.source}: {', '.join(figures)}"


def _rename_lines(connection: sqlite3.Connection, config: Config, report: Report) -> Iterator[str]:
    """Report the pairs of the sources read that shoes.yaml knows under another name."""
    stored = {each.source for each in report.outcomes if each.outcome == "stored"}
    if stored:
        found = renames(gear_names(connection), config.plan)
        yield from rename_lines([each for each in found if each.source in stored])


def _summary_lines(connection: sqlite3.Connection, config: Config, report: Report) -> Iterator[str]:
    """The kilometres, and what needs the runner: worn pairs, runs without a shoe, new gear."""
    unit, before, after = config.main.units, sum(report.before_m.values()), sum(report.after_m.values())
    more = f"{(after - before) / METRES[unit]:+,.1f} {unit}; " if abs(after - before) > 0.05 else ""
    yield f"{more}{write_distance(after, unit)} in all"
    sql = """SELECT s.name, w.status, w.worn_m, w.life_m FROM shoe_wear w JOIN shoes s ON s.id = w.shoe
             WHERE w.status IN ('soon', 'due', 'over') AND w.resting_since IS NULL ORDER BY w.fraction DESC, w.shoe"""
    pairs = connection.execute(sql).fetchall()
    for name, status, worn_m, life_m in pairs[:_SHOWN]:
        yield f"{status}: {name}, {write_distance(worn_m, unit, 0)} of {write_distance(life_m, unit, 0)}"
    if len(pairs) > _SHOWN:
        yield f"... and {len(pairs) - _SHOWN} more pairs like these; to see all:"
        yield f"    {command('status')}"
    asked = statement(["unassigned_runs", "sportless_runs", "sportless_m"])
    runs, sportless, sportless_m = connection.execute(asked, (-1, EVER)).fetchone()
    if sportless:
        yield f"{sportless_words(sportless, sportless_m, unit)}; what to write for them:"
        yield f"    {command('status')}"
    if runs:
        yield f"{runs:,} run{'' if runs == 1 else 's'} without a shoe (view unassigned_runs)"
        yield from new_gear_lines(new_gear(connection, config.plan))
    ground = config.main.ground
    if not (ground.map or ground.overpass or ground.get or has_map(config.map_database)):
        (tracks,) = connection.execute("SELECT count(*) FROM activities WHERE counted AND track <> ''").fetchone()
        if tracks:
            yield f"{tracks:,} run{' has a track' if tracks == 1 else 's have tracks'}; for the ground, get a map:"
            yield f"    {command('map', 'get')}"
    for words, line in doubled_notes(rows_of(connection), config):
        yield words
        if line:
            yield f"    {line}"


def _preview_lines(unit: str, report: Report) -> Iterator[str]:
    for change in sorted(report.changes, key=lambda change: change.shoe or ""):
        more = (change.after_m - change.before_m) / METRES[unit]
        before, after = write_distance(change.before_m, unit), write_distance(change.after_m, unit)
        yield f"{change.shoe or '(no shoe)'}: {before} -> {after} ({more:+,.1f})"
    yield from (f"would announce: {alert}" for alert in report.derived.announced)
    yield "nothing was written; to do it, leave out --dry-run" if report.changes else "no shoe would change"


def ground_lines(ground: Matched) -> Iterator[str]:
    """Report what became of the tracks."""
    if matched := ground.runs - ground.silent:
        yield f"ground: {matched} run{'s' if matched > 1 else ''} matched to the map"
    if ground.silent:
        many = "s are" if ground.silent > 1 else " is"
        yield f"ground: {ground.silent} track{many} unreadable or without GPS (table track_matches)"
    if ground.left:
        yield f"ground: {ground.left} track{'s' if ground.left > 1 else ''} left for the next sync"
    if ground.away:
        many, their = ("s are", "their") if ground.away > 1 else (" is", "its")
        yield f"ground: {ground.away} track{many} not available now; {their} ground stays as known"
    yield from (f"ground: {note}" for note in ground.notes)


def delivered_lines(delivered: Delivered) -> Iterator[str]:
    """Report what became of the messages."""
    if delivered.sent:
        yield f"{delivered.sent} message{'s' if delivered.sent > 1 else ''} sent"
    yield from (f"not sent: {error}" for error in delivered.errors)
    if delivered.waiting:
        yield f"{delivered.waiting} waiting to be sent"
