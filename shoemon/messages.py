"""What alerts say. Pure: text, and the figures behind it in metres. Distances are written in the runner's unit.

No wording here says that a distance makes a shoe unsafe: no study shows one. A life is the runner's own setting.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from shoemon.model import Alert, Plan, Shoe, ShoeUse, Wear
from shoemon.units import write_distance

_GROUNDS = ("hard", "soft", "synthetic", "treadmill", "unknown")


class Text(NamedTuple):
    """A message: one line, several lines, and its figures as JSON-able values."""

    title: str
    body: str
    data: Mapping[str, Any]


def about_shoe(shoe: Shoe, wear: Wear, use: ShoeUse, stage: str, unit: str, today: date) -> Text:
    """The message about one pair at one stage (`soon`, `100`, `110` ...)."""
    used = f"{write_distance(wear.worn_m, unit, 0)} of {write_distance(wear.life_m, unit, 0)}"
    if stage == "soon":
        title = f"{shoe.name} is nearing the end of its life: {used}"
    elif wear.remaining_m > 0 or stage == "100":
        title = f"{shoe.name} has reached its life: {used}"
    else:
        title = f"{shoe.name} is {write_distance(-wear.remaining_m, unit, 0)} past its life: {used}"
    lines = [
        f"Shoe: {shoe.name} ({shoe.id})",
        f"Used: {used} ({wear.fraction:.0%})",
        f"Distance: {write_distance(wear.distance_m, unit)} in runs"
        + (f", and {write_distance(shoe.initial_m, unit)} before" if shoe.initial_m else ""),
        *_ground_lines(use, unit),
        *_forecast_lines(wear, use, unit, today),
        "",
        "What you can do:",
        "- Look at the outsole and the midsole; a life is a convention, not a limit.",
        f"- Put the pair away: shoemon shoes retire {shoe.id}",
        f"- Go on with it: give `{shoe.id}` a longer `life` in shoes.yaml; you will hear again when that is reached.",
    ]
    return Text(title, "\n".join(lines), _figures(shoe, wear, use))


def several(alerts: Sequence[Alert]) -> Text:
    """One message for several alerts that came at once."""
    names = ", ".join(str(alert.data["name"]) for alert in alerts)
    body = "\n\n".join(f"{alert.title}\n\n{alert.body}" for alert in alerts)
    return Text(f"{len(alerts)} pairs need a look: {names}", body, {"alerts": [_member(alert) for alert in alerts]})


def digest(plan: Plan, wears: Sequence[Wear], unit: str, unassigned_runs: int) -> Text:
    """The one message after a first import: every pair in use, most worn first."""
    names = {shoe.id: shoe.name for shoe in plan.shoes}
    in_use = sorted((wear for wear in wears if wear.status != "retired"), key=lambda wear: -wear.fraction)
    past = sum(wear.status in ("due", "over") for wear in in_use)
    title = f"shoemon now watches {len(in_use)} {'pair' if len(in_use) == 1 else 'pairs'}"
    if past:
        title += "; 1 is past its life" if past == 1 else f"; {past} are past their life"
    lines = [
        f"{names[wear.shoe]}: {write_distance(wear.worn_m, unit, 0)} of {write_distance(wear.life_m, unit, 0)}"
        f" ({wear.fraction:.0%}, {wear.status})"
        for wear in in_use
    ]
    if unassigned_runs:
        lines += ["", f"Runs without a shoe: {unassigned_runs}"]
    lines += ["", "From now on you will hear of a pair when it nears its end, not before."]
    shoes = [
        {
            "shoe": wear.shoe,
            "name": names[wear.shoe],
            "worn_m": wear.worn_m,
            "life_m": wear.life_m,
            "status": wear.status,
        }
        for wear in in_use
    ]
    return Text(title, "\n".join(lines), {"shoes": shoes, "unassigned_runs": unassigned_runs})


def test_message(notifier: str) -> Text:
    """What `shoemon alerts test` sends."""
    body = (
        f"This is a test of the notifier `{notifier}`. If you can read it, alerts about your shoes will reach you here."
    )
    return Text("shoemon can reach you", body, {"notifier": notifier})


def _member(alert: Alert) -> dict[str, Any]:
    about = {"id": alert.id, "kind": alert.kind, "shoe": alert.shoe, "stage": alert.stage, "title": alert.title}
    return {**about, **alert.data}


def _ground_lines(use: ShoeUse, unit: str) -> list[str]:
    known = [(ground, use.ground_m[ground]) for ground in _GROUNDS if use.ground_m.get(ground, 0.0) > 0]
    by_ground = ", ".join(f"{write_distance(metres, unit, 0)} {ground}" for ground, metres in known)
    return [f"By ground: {by_ground}"] if known else []


def _forecast_lines(wear: Wear, use: ShoeUse, unit: str, today: date) -> list[str]:
    month_ago = date.fromordinal(today.toordinal() - 27).isoformat()
    last_month_m = sum(metres for day, metres in use.daily_m.items() if day >= month_ago)
    lines = [f"Last 28 days: {write_distance(last_month_m, unit)}"]
    if wear.due_on is not None and wear.due_early_on is not None:
        late = wear.due_late_on or "later than 26 weeks from now"
        lines.append(f"Expected at its limit: about {wear.due_on} (between {wear.due_early_on} and {late})")
    elif wear.remaining_m > 0:
        lines.append("Expected at its limit: later than 26 weeks from now, or it is not being worn")
    return lines


def _figures(shoe: Shoe, wear: Wear, use: ShoeUse) -> dict[str, Any]:
    return {
        "name": shoe.name,
        "distance_m": round(wear.distance_m, 1),
        "worn_m": round(wear.worn_m, 1),
        "life_m": wear.life_m,
        "fraction": round(wear.fraction, 4),
        "remaining_m": round(wear.remaining_m, 1),
        "status": wear.status,
        "due_early_on": wear.due_early_on,
        "due_on": wear.due_on,
        "due_late_on": wear.due_late_on,
        "ground_m": {ground: round(metres, 1) for ground, metres in sorted(use.ground_m.items())},
    }
