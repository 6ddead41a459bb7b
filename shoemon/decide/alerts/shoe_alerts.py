"""Decide which alerts about pairs are due: edges, not levels. Pure.

An alert is given once for each shoe and stage, and covers all lower stages. It can come again after its condition no
longer held: the life was raised, or the total fell. Alerts about several shoes at once are one message; `covered_by`
names it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from shoemon.decide.alerts.facts import Announcement, DueAlert, FirstImport, Together, WornPair
from shoemon.decide.wear import StageLimits, stages
from shoemon.model.alert import Standing
from shoemon.model.ids import ShoeId
from shoemon.model.plan import Plan, Shoe
from shoemon.model.wear import ShoeUse, Wear

KINDS = ("soon", "due", "over")
"""The alerts about the life of one pair."""


class Situation(NamedTuple):
    """The input of alerts about pairs.

    `wears` include all runs, and decide which standing alerts no longer hold. `settled` and `uses` are without the runs
    on hold (with them at a first import), and decide what is announced. `given` counts all earlier alerts by (shoe,
    stage). Shoes that are `snoozed` are muted.
    """

    plan: Plan
    wears: Sequence[Wear]
    settled: Sequence[Wear]
    uses: Mapping[str, ShoeUse]
    standing: Sequence[Standing]
    given: Mapping[tuple[str, str], int]
    limits: StageLimits
    today: date
    first_import: bool
    unassigned_runs: int = 0
    snoozed: frozenset[str] = frozenset()


def announce(situation: Situation) -> Announcement:
    """Decide which alerts are due, and which standing ones no longer hold."""
    rearmed = [standing for standing in situation.standing if _has_gone(standing, situation)]
    shoes = {shoe.id: shoe for shoe in situation.plan.shoes}
    covered = _fallen(rearmed, shoes, situation)
    silent = {alert.shoe: _level(alert.stage) for alert in covered}
    leading: list[DueAlert] = []
    for wear in situation.settled:
        reached = stages(wear, situation.limits, situation.today)
        if not reached or wear.resting_since or wear.shoe in situation.snoozed:
            continue
        still = [item for item in situation.standing if item.shoe == wear.shoe and item not in rearmed]
        if any(_level(item.stage) >= _level(reached[-1]) or _is_enough(item, wear) for item in still):
            continue
        if silent.get(wear.shoe, -1.0) < _level(reached[-1]):
            leading.append(_shoe_alert(shoes[wear.shoe], wear, reached[-1], situation))
    return Announcement((*_in_one_message(leading, situation), *covered), tuple(item.id for item in rearmed))


def _fallen(rearmed: Sequence[Standing], shoes: Mapping[ShoeId, Shoe], situation: Situation) -> list[DueAlert]:
    """For pairs that fell below an announced stage, record the stage they are at with all runs. The runner knows of
    more, so there is no message, also while a run is on hold or the pair is muted."""
    covered = []
    for wear in situation.wears:
        reached = stages(wear, situation.limits, situation.today)
        given = [item for item in situation.standing if item.shoe == wear.shoe]
        if not reached or any(_level(item.stage) >= _level(reached[-1]) for item in given if item not in rearmed):
            continue
        if higher := [item for item in given if _level(item.stage) > _level(reached[-1])]:
            alert = _shoe_alert(shoes[wear.shoe], wear, reached[-1], situation)
            covered.append(alert._replace(covered_by=higher[-1].id))
    return covered


def _is_enough(standing: Standing, wear: Wear) -> bool:
    """Check that the runner has marked as seen that the pair is due, and has not raised its life since. A `soon`
    that was seen does not count."""
    return standing.seen_life_m is not None and standing.stage != "soon" and wear.life_m <= standing.seen_life_m + 0.5


def _level(stage: str) -> float:
    """Order stages: `soon` comes before every percentage."""
    return 0.0 if stage == "soon" else float(stage)


def _has_gone(standing: Standing, situation: Situation) -> bool:
    wear = next((wear for wear in situation.wears if wear.shoe == standing.shoe), None)
    if wear is None or wear.status == "retired" or standing.stage in stages(wear, situation.limits, situation.today):
        return False
    if standing.stage != "soon":
        return True
    # A forecast wavers from day to day; only a raised life or a fallen total is news.
    return wear.life_m > standing.life_m + 0.5 or wear.worn_m < standing.worn_m - 0.5


def _shoe_alert(shoe: Shoe, wear: Wear, stage: str, situation: Situation) -> DueAlert:
    count = situation.given.get((shoe.id, stage), 0) + 1
    kind = "soon" if stage == "soon" else "due" if stage == f"{situation.limits.due * 100:.0f}" else "over"
    pair = WornPair(shoe, wear, situation.uses.get(shoe.id, ShoeUse()))
    return DueAlert(f"{shoe.id}-{stage}-{count}", kind, shoe.id, stage, pair)


def pairs_in_use(plan: Plan, wears: Sequence[Wear], uses: Mapping[str, ShoeUse]) -> list[WornPair]:
    """List the pairs that are neither retired nor resting, most worn first."""
    shoes = {shoe.id: shoe for shoe in plan.shoes}
    in_use = [wear for wear in wears if wear.status != "retired" and not wear.resting_since]
    in_use.sort(key=lambda wear: -wear.fraction)
    return [WornPair(shoes[wear.shoe], wear, uses.get(wear.shoe, ShoeUse())) for wear in in_use]


def _in_one_message(leading: list[DueAlert], situation: Situation) -> list[DueAlert]:
    """Keep a single alert as it is; put one that covers all before several, or (a digest) at a first import."""
    mark = _fingerprint(leading, situation)
    if situation.first_import:
        pairs = pairs_in_use(situation.plan, situation.settled, situation.uses)
        resting = sum(wear.resting_since is not None for wear in situation.settled)
        first = FirstImport(pairs, situation.unassigned_runs, resting)
        bundle = DueAlert(f"digest-{mark}", "digest", None, "first", first)
    elif len(leading) > 1:
        bundle = DueAlert(f"several-{mark}", "several", None, "several", Together(leading))
    else:
        return leading
    return [bundle, *(alert._replace(covered_by=bundle.id) for alert in leading)]


def _fingerprint(leading: Sequence[DueAlert], situation: Situation) -> str:
    """Mark a set of alerts, also after a backup was restored, so that no receiver takes it for a repeat."""
    earlier_digests = sum(count for (_, stage), count in situation.given.items() if stage == "first")
    ids = [alert.id for alert in leading] or [situation.today.isoformat(), str(earlier_digests)]
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()[:16]
