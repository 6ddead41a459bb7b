"""Decide which other alerts are due: sources without new runs, runs without a shoe, hard ground, the week. Pure.

Edges, as for pairs: a notice is given once for its subject (`stage`). A condition that comes and goes (a source that
fails, the share of hard ground) is announced again only after it had gone.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

from shoemon.decide.alerts.facts import (
    Announcement,
    DueAlert,
    Facts,
    GroundShare,
    LongRun,
    OpenRun,
    OpenRuns,
    PlannedWeek,
    ReservedPair,
    SourceState,
    Together,
)
from shoemon.decide.find_shoes import Draft
from shoemon.decide.ground_target import Days, GroundTarget, share_of
from shoemon.model.alert import Standing
from shoemon.model.ids import ShoeId
from shoemon.model.plan import Shoe
from shoemon.model.wear import ReserveFault, Wear

SLACK = 0.03
"""The share of a ground must keep its target by this much before it is announced again."""
LONGER, LONGEST_DAYS, LONGEST_RUNS = 1.1, 30, 4
"""A run is announced when it is more than 10 % longer than the longest of the 30 days before it, if these had 4 runs
(RUNSAFE, BJSM 2025: a cohort of 5,205 runners; exploratory)."""
RECENT_DAYS = 7
"""Days after which a run, or a week of a plan, is too old to announce."""

RESERVE_DAYS, BROKEN_IN_M = 21, 30_000.0
"""A pair kept for a race is looked at three weeks ahead; with fewer than 30 km by then it may not be broken in. Both
figures are conventions: no study is known that gives either."""


class Notice(NamedTuple):
    """Something to announce once; `stage` names its subject, `shoe` the pair that it is about, if it is."""

    kind: str
    stage: str
    facts: Facts
    shoe: ShoeId | None = None


def stale_notices(
    sources: Iterable[SourceState], failing: timedelta, silent: timedelta, now: datetime
) -> Iterator[Notice]:
    """Find sources that could not be read for `failing`, or had no new runs for `silent`; zero means never."""
    for source in sources:
        if source.error is not None:
            if failing and source.read_at and _is_over(source.read_at, failing, now):
                yield Notice("stale", f"failing:{source.name}", source)
        elif is_silent(source, silent, now):
            yield Notice("stale", f"silent:{source.name}", source)


def is_silent(source: SourceState, silent: timedelta, now: datetime) -> bool:
    """Check whether a source has had no new runs for `silent`, failing or not; zero means never."""
    return bool(silent and source.has_grown and source.last_new_at and _is_over(source.last_new_at, silent, now))


def _is_over(since: str, span: timedelta, now: datetime) -> bool:
    return now - datetime.fromisoformat(since) >= span


def share_notice(target: GroundTarget, days: Days) -> tuple[Notice | None, bool]:
    """Find a share of the last 28 days that misses `target`; also return whether an earlier notice has lapsed."""
    share = share_of(target.ground, days)
    if share is None:
        return None, False
    if target.is_missed_by(share):
        return Notice(target.kind, target.kind, GroundShare(target, share, days)), False
    return None, target.margin(share) >= SLACK - 1e-9


def unassigned_notice(
    runs: Sequence[OpenRun], types: Mapping[str, str], new_gear: Sequence[Draft] = ()
) -> list[Notice]:
    """The notice of runs without a shoe that the runner was not notified of yet, oldest first."""
    return [Notice("unassigned", _mark(run.id for run in runs), OpenRuns(runs, types, new_gear))] if runs else []


def longest_notices(runs: Iterable[LongRun]) -> list[Notice]:
    """Find runs more than a tenth longer than the longest of the 30 days before; one a day."""
    longer = (run for run in runs if run.runs_before >= LONGEST_RUNS and run.distance_m > LONGER * run.longest_m)
    return [Notice("longest", run.local_date, run) for run in longer]


def weeks_over_plan(weeks: Iterable[PlannedWeek]) -> list[PlannedWeek]:
    """Find weeks with more than the runner's own plan allows, to the tenth of a kilometre that is shown."""
    return [week for week in weeks if round(week.distance_m, -2) > round(week.allowed_m, -2)]


def reserve_notices(pairs: Iterable[tuple[Shoe, Wear]], today: date) -> Iterator[Notice]:
    """Find pairs kept for a race of the next three weeks that will not be fresh, or not broken in, on its day."""
    for shoe, wear in pairs:
        until = shoe.reserve.until if shoe.reserve else None
        days = (date.fromisoformat(until) - today).days if until else -1
        if until and 0 <= days <= RESERVE_DAYS:
            expected_m = wear.worn_m + days * (wear.rate_m or 0.0)
            if fault := _fault(shoe, expected_m):
                below = f":{shoe.reserve.below_m:.0f}" if shoe.reserve and shoe.reserve.below_m else ""
                facts = ReservedPair(shoe, wear, until, fault, expected_m)
                yield Notice("reserve", f"{shoe.id}:{until}{below}", facts, shoe.id)


def _fault(shoe: Shoe, expected_m: float) -> ReserveFault | None:
    below_m = shoe.reserve.below_m if shoe.reserve else None
    if below_m is not None and expected_m > below_m:
        return "over_below"
    if expected_m >= shoe.life_m:
        return "over_life"
    return "not_broken_in" if expected_m < BROKEN_IN_M else None


def give(
    notices: Sequence[Notice],
    gone: Iterable[str],
    standing: Sequence[Standing],
    given: Mapping[tuple[str, str], int],
) -> Announcement:
    """Make alerts of the notices that were not given yet. `gone` are the ids of `standing` alerts whose condition no
    longer holds; `given` counts earlier alerts by kind and stage. Several stale sources are one message."""
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
    """Find when a digest was last due at local `time` (HH:MM) on `weekday` (0 is Monday), and its last day:
    the same day from noon on, else the day before."""
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
    """Find the weeks of a plan that have begun and are not old. `steps` are first days (ISO) and shares, in order."""
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
    # The count comes before the stage, which may end in a number itself: sources `watch` and `watch-2`.
    number = [str(count)] if count > 1 else []
    stage = [] if notice.stage == notice.kind else [notice.stage.replace(":", "-")]
    id = "-".join([notice.kind, *number, *stage])
    return DueAlert(id, notice.kind, notice.shoe, notice.stage, notice.facts)


def _mark(ids: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(ids).encode("utf-8", "replace")).hexdigest()[:16]
