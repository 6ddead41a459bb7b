"""Decide which other alerts are due: sources that bring nothing, runs without a shoe, hard ground, the week. Pure.

Edges, as for pairs: a notice is given once for what it is about (`stage`), and what can come and go (a source that
fails, the share of hard ground) may be given again only after it had gone.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

from shoemon.decide.alerts.facts import (
    Announcement,
    DueAlert,
    Facts,
    HardGround,
    LongRun,
    OpenRun,
    OpenRuns,
    PlannedWeek,
    SourceState,
    Together,
)
from shoemon.decide.find_shoes import Draft
from shoemon.model.alert import Standing

HARD_DAYS = 28
HARD_SLACK = 0.03
"""The share of hard ground must fall so far below the target before more than it is news again."""
HARD_KNOWN = 0.5
"""No share is given while less than this part of the metres is on known ground."""
LONGER, LONGEST_DAYS, LONGEST_RUNS = 1.1, 30, 4
"""A run is announced when it is more than 10 % longer than the longest of the 30 days before it, if these had 4 runs
(RUNSAFE, BJSM 2025: a cohort of 5,205 runners; exploratory)."""
RECENT_DAYS = 7
"""A run, and a week of a plan, is announced up to so many days later: what came in late, but no old history."""


class Notice(NamedTuple):
    """Something that holds now. `stage` names what it is about, and what is given once."""

    kind: str
    stage: str
    facts: Facts


def stale_notices(
    sources: Iterable[SourceState], failing: timedelta, silent: timedelta, now: datetime
) -> Iterator[Notice]:
    """Sources that could not be read for `failing`, or brought nothing new for `silent`; nought is never."""
    for source in sources:
        if source.error is not None:
            if failing and source.read_at and _is_over(source.read_at, failing, now):
                yield Notice("stale", f"failing:{source.name}", source)
        elif is_silent(source, silent, now):
            yield Notice("stale", f"silent:{source.name}", source)


def is_silent(source: SourceState, silent: timedelta, now: datetime) -> bool:
    """Whether a source that used to bring runs has brought none for `silent`, failing or not; nought is never."""
    return bool(silent and source.has_grown and source.last_new_at and _is_over(source.last_new_at, silent, now))


def _is_over(since: str, span: timedelta, now: datetime) -> bool:
    return now - datetime.fromisoformat(since) >= span


def hard_notice(ground_m: Mapping[str, float], target: float | None) -> tuple[Notice | None, bool]:
    """The notice of more hard ground in the last 28 days than `target`, and whether an earlier one has gone."""
    total = sum(ground_m.values())
    known = total - ground_m.get("unknown", 0.0)
    if target is None or known <= 0 or known < HARD_KNOWN * total:
        return None, target is None
    share = ground_m.get("hard", 0.0) / known
    if round(share, 2) <= target:  # as it is shown
        return None, share <= target - HARD_SLACK
    return Notice("hard_share", "hard_share", HardGround(share, target, ground_m)), False


def unassigned_notice(
    runs: Sequence[OpenRun], types: Mapping[str, str], new_gear: Sequence[Draft] = ()
) -> list[Notice]:
    """The notice of runs without a shoe that the runner was not notified of yet, oldest first."""
    return [Notice("unassigned", _mark(run.id for run in runs), OpenRuns(runs, types, new_gear))] if runs else []


def longest_notices(runs: Iterable[LongRun]) -> list[Notice]:
    """Runs more than a tenth longer than the longest of the 30 days before; one a day."""
    longer = (run for run in runs if run.runs_before >= LONGEST_RUNS and run.distance_m > LONGER * run.longest_m)
    return [Notice("longest", run.local_date, run) for run in longer]


def weeks_over_plan(weeks: Iterable[PlannedWeek]) -> list[PlannedWeek]:
    """Weeks of the runner's own plan with more than it allows, to the tenth of a kilometre that is shown."""
    return [week for week in weeks if round(week.distance_m, -2) > round(week.allowed_m, -2)]


def give(
    notices: Sequence[Notice],
    gone: Iterable[str],
    standing: Sequence[Standing],
    given: Mapping[tuple[str, str], int],
) -> Announcement:
    """The alerts that were not given yet. `gone` are the ids of `standing` ones whose condition has gone; `given`
    counts what was ever given, by kind and stage. Several sources that fail at once are one message."""
    rearmed = set(gone)
    stands = {(item.kind, item.stage) for item in standing if item.id not in rearmed}
    alerts = [
        _alert(notice, given.get((notice.kind, notice.stage), 0) + 1)
        for notice in notices
        if (notice.kind, notice.stage) not in stands
    ]
    stale = [alert for alert in alerts if alert.kind == "stale"]
    if len(stale) > 1:
        bundle = DueAlert(f"stale-{_mark(a.id for a in stale)}", "stale", None, "several", Together(stale))
        covered = [alert._replace(covered_by=bundle.id) for alert in stale]
        alerts = [bundle, *covered, *(alert for alert in alerts if alert.kind != "stale")]
    return Announcement(tuple(alerts), tuple(sorted(rearmed)))


def last_weekly(now: datetime, weekday: int, time: str, zone: tzinfo) -> tuple[datetime, date]:
    """When a digest was last due at local `time` (HH:MM) on `weekday` (0 is Monday), and the last day it is about: the
    same day in the afternoon and later, else the day before."""
    local = now.astimezone(zone)
    hour, minute = map(int, time.split(":"))
    due = local.replace(hour=hour, minute=minute, second=0, microsecond=0) - timedelta(
        days=(local.weekday() - weekday) % 7
    )
    if due > local:
        due -= timedelta(days=7)
    return due, due.date() - timedelta(days=hour < 12)


def planned_weeks(
    steps: Sequence[tuple[str, float]], until: str, usual_m: float, daily_m: Mapping[str, float], today: date
) -> list[PlannedWeek]:
    """The weeks of a plan that began and are not long over. `steps` are first days (ISO) and shares, in order."""
    weeks = []
    for (start, share), end in zip(steps, [*(day for day, _ in steps[1:]), until], strict=True):
        first = date.fromisoformat(start)
        while first < date.fromisoformat(end):
            last = min(first + timedelta(days=6), date.fromisoformat(end) - timedelta(days=1))
            if first <= today <= last + timedelta(days=RECENT_DAYS):
                ran = sum(metres for day, metres in daily_m.items() if first.isoformat() <= day <= last.isoformat())
                week = PlannedWeek(first.isoformat(), last.isoformat(), ran, share * usual_m, usual_m, share)
                weeks.append(week)
            first += timedelta(days=7)
    return weeks


def _alert(notice: Notice, count: int) -> DueAlert:
    # The count stands before the stage, which may end in a number itself: sources `watch` and `watch-2`.
    number = [str(count)] if count > 1 else []
    stage = [] if notice.stage == notice.kind else [notice.stage.replace(":", "-")]
    id = "-".join([notice.kind, *number, *stage])
    return DueAlert(id, notice.kind, None, notice.stage, notice.facts)


def _mark(ids: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(ids).encode("utf-8", "replace")).hexdigest()[:16]
