"""What is due to be announced: edges, not levels. Pure.

An alert is given once for each shoe and stage, and speaks for all lower stages. It stands until its condition has gone
and can come again: the life was raised, or the total fell. Alerts of several shoes that come at once are told in one
message; `covered_by` names it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from shoemon.decide.wear import Limits, stages
from shoemon.model.alert import Alert, Standing
from shoemon.model.ids import ShoeId
from shoemon.model.plan import Plan, Shoe
from shoemon.model.wear import ShoeUse, Wear
from shoemon.words import shoe_alerts as messages
from shoemon.words.shoe_alerts import Reader


class Situation(NamedTuple):
    """Everything the announcing looks at.

    `wears` are of all runs, and say which standing alerts have lost their ground. `settled` and `uses` are without the
    runs on hold (with them at a first import), and say what is told. `given` counts the alerts ever given by (shoe,
    stage). Nothing is said of the shoes that are `snoozed`.
    """

    plan: Plan
    wears: Sequence[Wear]
    settled: Sequence[Wear]
    uses: Mapping[str, ShoeUse]
    standing: Sequence[Standing]
    given: Mapping[tuple[str, str], int]
    limits: Limits
    reader: Reader
    first_import: bool
    unassigned_runs: int = 0
    snoozed: frozenset[str] = frozenset()


class Announcement(NamedTuple):
    """What should happen: alerts to add (those with `covered_by` are not sent), and the ids that may come again."""

    alerts: tuple[Alert, ...]
    rearmed: tuple[str, ...]


def announce(situation: Situation) -> Announcement:
    """The alerts due in `situation`, and the standing ones that have lost their ground."""
    rearmed = [standing for standing in situation.standing if _has_gone(standing, situation)]
    shoes = {shoe.id: shoe for shoe in situation.plan.shoes}
    covered = _fallen(rearmed, shoes, situation)
    silent = {alert.shoe: _level(alert.stage) for alert in covered}
    leading: list[Alert] = []
    for wear in situation.settled:
        reached = stages(wear, situation.limits, situation.reader.today)
        if not reached or wear.shoe in situation.snoozed:
            continue
        still = [item for item in situation.standing if item.shoe == wear.shoe and item not in rearmed]
        if any(_level(item.stage) >= _level(reached[-1]) or _is_enough(item, wear) for item in still):
            continue
        if silent.get(wear.shoe, -1.0) < _level(reached[-1]):
            leading.append(_shoe_alert(shoes[wear.shoe], wear, reached[-1], situation))
    return Announcement((*_told_together(leading, situation), *covered), tuple(item.id for item in rearmed))


def _fallen(rearmed: Sequence[Standing], shoes: Mapping[ShoeId, Shoe], situation: Situation) -> list[Alert]:
    """Of pairs that fell from what was told, the stage they are at with all runs: the runner was told of more, so it
    stands without a message, also while a run is on hold or the pair is snoozed."""
    covered = []
    for wear in situation.wears:
        reached = stages(wear, situation.limits, situation.reader.today)
        given = [item for item in situation.standing if item.shoe == wear.shoe]
        if not reached or any(_level(item.stage) >= _level(reached[-1]) for item in given if item not in rearmed):
            continue
        if higher := [item for item in given if _level(item.stage) > _level(reached[-1])]:
            alert = _shoe_alert(shoes[wear.shoe], wear, reached[-1], situation)
            covered.append(replace(alert, covered_by=higher[-1].id))
    return covered


def _is_enough(standing: Standing, wear: Wear) -> bool:
    """Whether the runner has said to have seen that the pair is due, and has not raised its life since. To have seen a
    `soon` says nothing of `due`."""
    return standing.seen_life_m is not None and standing.stage != "soon" and wear.life_m <= standing.seen_life_m + 0.5


def _level(stage: str) -> float:
    """Orders stages: `soon` comes before every percentage."""
    return 0.0 if stage == "soon" else float(stage)


def _has_gone(standing: Standing, situation: Situation) -> bool:
    wear = next((wear for wear in situation.wears if wear.shoe == standing.shoe), None)
    if (
        wear is None
        or wear.status == "retired"
        or standing.stage in stages(wear, situation.limits, situation.reader.today)
    ):
        return False
    if standing.stage != "soon":
        return True
    # A forecast wavers from day to day; only a raised life or a fallen total is news.
    return wear.life_m > standing.life_m + 0.5 or wear.worn_m < standing.worn_m - 0.5


def _shoe_alert(shoe: Shoe, wear: Wear, stage: str, situation: Situation) -> Alert:
    count = situation.given.get((shoe.id, stage), 0) + 1
    use = situation.uses.get(shoe.id, ShoeUse())
    text = messages.about_shoe(shoe, wear, use, stage, situation.reader)
    kind = "soon" if stage == "soon" else "due" if stage == f"{situation.limits.due * 100:.0f}" else "over"
    return Alert(f"{shoe.id}-{stage}-{count}", kind, shoe.id, stage, text.title, text.body, text.data)


def _told_together(leading: list[Alert], situation: Situation) -> list[Alert]:
    """`leading` as they are if there is one; else behind one alert that speaks for all (a digest at a first import)."""
    if situation.first_import:
        text = messages.digest(
            situation.plan, situation.settled, situation.uses, situation.reader, situation.unassigned_runs
        )
        mark = _fingerprint(leading, situation)
        bundle = Alert(f"digest-{mark}", "digest", None, "first", text.title, text.body, text.data)
    elif len(leading) > 1:
        text = messages.several(leading, situation.reader)
        mark = _fingerprint(leading, situation)
        bundle = Alert(f"several-{mark}", "several", None, "several", text.title, text.body, text.data)
    else:
        return leading
    return [bundle, *(replace(alert, covered_by=bundle.id) for alert in leading)]


def _fingerprint(leading: Sequence[Alert], situation: Situation) -> str:
    """Differs for another set of alerts, also after a backup was restored: no receiver takes it for a repeat."""
    earlier_digests = sum(count for (_, stage), count in situation.given.items() if stage == "first")
    told = [alert.id for alert in leading] or [situation.reader.today.isoformat(), str(earlier_digests)]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]
