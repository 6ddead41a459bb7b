"""Write what alerts about pairs say: text, and the figures behind it in metres, as payload.py describes them.

Distances are written in the runner's unit. A line that begins with four spaces is something to copy.

No wording here says that a distance makes a shoe unsafe: no study shows one. A life is the runner's own setting.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from shoemon.decide.alerts.facts import FirstImport, WornPair
from shoemon.model.alert import Alert
from shoemon.model.surfaces import GROUNDS
from shoemon.model.text import one_line
from shoemon.model.units import METRES, write_distance
from shoemon.model.wear import ShoeUse, Wear
from shoemon.words import forecast
from shoemon.words.commands import command
from shoemon.words.recipient import Recipient

_WEEKS = 26
"""Of the line that a picture shows."""


class Text(NamedTuple):
    """A message: one line, several lines, and its figures as JSON-able values."""

    title: str
    body: str
    data: Mapping[str, Any]


def about_shoe(pair: WornPair, stage: str, recipient: Recipient) -> Text:
    """The message about one pair at one stage (`soon`, `100`, `110` ...)."""
    (shoe, wear, use), unit = pair, recipient.unit
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
        *ground_lines(use.ground_m, unit),
        _rate_line(wear, use, recipient),
        *([f"Expected at its limit: {expected(wear)}"] if wear.remaining_m > 0 else []),
        "",
        "What you can do:",
        "- Look at the outsole and the midsole: a life is a convention, not a limit of safety.",
        "- Put the pair away:",
        f"    {command('shoes', 'retire', shoe.id, anywhere=True)}",
        f"- Go on with it: give {shoe.id} a longer life in shoes.yaml, and you will hear again when that is reached:",
        f"    life: {_longer_life(wear, unit)}",
    ]
    return Text(one_line(title), body_of(lines), shoe_figures(pair, recipient))


def body_of(lines: Iterable[str]) -> str:
    """The body of a message, each of `lines` on one line: a name must not look like a line to copy."""
    return "\n".join(map(one_line, lines))


def several(alerts: Sequence[Alert], recipient: Recipient) -> Text:
    """One message for several alerts that came at once."""
    names = one_line(", ".join(str(alert.data["name"]) for alert in alerts))
    body = "\n\n".join(f"{alert.title}\n\n{alert.body}" for alert in alerts)
    figures = recipient.figures() | {
        "alerts": [_member(alert) for alert in alerts],
        "links": [link for alert in alerts for link in alert.data["links"]],
    }
    return Text(f"{len(alerts)} pairs need a look: {names}", body, figures)


def digest(first: FirstImport, recipient: Recipient) -> Text:
    """The one message after a first import: every pair in use, most worn first."""
    pairs, unassigned = first
    past = sum(pair.wear.status in ("due", "over") for pair in pairs)
    title = f"shoemon now watches {len(pairs)} {'pair' if len(pairs) == 1 else 'pairs'}"
    if past:
        title += "; 1 is past its life" if past == 1 else f"; {past} are past their life"
    lines = [_pair_line(pair, recipient.unit) for pair in pairs]
    if unassigned:
        lines += ["", f"Runs without a shoe: {unassigned}"]
    lines += ["", "From now on you will hear of a pair when it nears its end, not before."]
    links = recipient.pages.home() + (recipient.pages.open_runs() if unassigned else [])
    shoes = [pair_figures(pair) for pair in pairs]
    figures = recipient.figures() | {"shoes": shoes, "unassigned_runs": unassigned, "links": links}
    return Text(title, body_of(lines), figures)


def test_message(notifier: str, recipient: Recipient) -> Text:
    """What `shoemon alerts test` sends."""
    body = (
        f"This is a test of the notifier `{notifier}`. If you can read it, alerts about your shoes will reach you here."
    )
    figures = recipient.figures() | {"notifier": notifier, "links": recipient.pages.home()}
    return Text("shoemon can reach you", body, figures)


def expected(wear: Wear) -> str:
    """When the pair will be at its limit, in words: days, or months for a runner who runs irregularly."""
    days = (wear.due_early_on, wear.due_on, wear.due_late_on)
    return forecast.expected(*days, wear.steadiness, wear.rate_m, wear.distance_m)


def _pair_line(pair: WornPair, unit: str) -> str:
    shoe, wear, _ = pair
    used = f"{write_distance(wear.worn_m, unit, 0)} of {write_distance(wear.life_m, unit, 0)}"
    return f"{shoe.name}: {used} ({wear.fraction:.0%}, {wear.status})"


def pair_figures(pair: WornPair) -> dict[str, Any]:
    """The figures of a pair in a list (`payload.PairFigures`)."""
    shoe, wear, use = pair
    return {
        "shoe": shoe.id,
        "name": shoe.name,
        "worn_m": round(wear.worn_m, 1),
        "initial_m": shoe.initial_m,
        "life_m": wear.life_m,
        "fraction": round(wear.fraction, 4),
        "status": wear.status,
        "ground_m": rounded(use.ground_m),
        "due_early_on": wear.due_early_on,
        "due_on": wear.due_on,
        "due_late_on": wear.due_late_on,
    }


def shoe_figures(pair: WornPair, recipient: Recipient) -> dict[str, Any]:
    """The figures of a message about one pair (`payload.ShoeFigures`)."""
    shoe, wear, use = pair
    in_a_list = pair_figures(pair)
    del in_a_list["shoe"]  # the alert itself says it
    return {
        **recipient.figures(),
        **in_a_list,
        "distance_m": round(wear.distance_m, 1),
        "remaining_m": round(wear.remaining_m, 1),
        "steadiness": wear.steadiness,
        "rate_m": None if wear.rate_m is None else round(wear.rate_m, 1),
        "last_28_days_m": round(_last_28_days(use, recipient.today), 1),
        "line": life_line(wear, use, recipient.today),
        "links": recipient.pages.shoe(shoe.name, shoe.id),
    }


def life_line(wear: Wear, use: ShoeUse, today: date) -> list[tuple[str, float]]:
    """The last 26 weeks of a pair: days a week apart, the last of them `today`, and its worn metres at their ends."""
    factor = use.worn_legs_m / use.distance_m if use.distance_m > 0 else 1.0
    line = []
    for week in range(_WEEKS, -1, -1):
        day = (today - timedelta(weeks=week)).isoformat()
        later = sum(metres for ran_on, metres in use.daily_m.items() if ran_on > day)
        line.append((day, round(max(0.0, wear.worn_m - later * factor), 1)))
    return line


def ground_lines(ground_m: Mapping[str, float], unit: str) -> list[str]:
    """`By ground: 412 km hard, 130 km soft`, or nothing if there is none."""
    least = METRES[unit] / 2  # less is 0 to the whole kilometre that is shown
    known = [(ground, ground_m[ground]) for ground in GROUNDS if ground_m.get(ground, 0.0) >= least]
    by_ground = ", ".join(f"{write_distance(metres, unit, 0)} {ground}" for ground, metres in known)
    return [f"By ground: {by_ground}"] if known else []


def rounded(ground_m: Mapping[str, float]) -> dict[str, float]:
    """Metres by ground to the decimetre."""
    return {ground: round(metres, 1) for ground, metres in sorted(ground_m.items())}


def _member(alert: Alert) -> dict[str, Any]:
    about = {"id": alert.id, "kind": alert.kind, "shoe": alert.shoe, "stage": alert.stage, "title": alert.title}
    return {**about, **alert.data}


def _longer_life(wear: Wear, unit: str) -> str:
    """A life some 100 km or mi beyond what is reached, as shoes.yaml takes it."""
    return f"{math.ceil(max(wear.life_m, wear.worn_m) / METRES[unit] / 10) * 10 + 100} {unit}"


def _rate_line(wear: Wear, use: ShoeUse, recipient: Recipient) -> str:
    month = f"{write_distance(_last_28_days(use, recipient.today), recipient.unit)} in the last 28 days"
    week = "" if wear.rate_m is None else f"{write_distance(wear.rate_m * 7, recipient.unit)} a week; "
    return f"Rate: {week}{month}"


def _last_28_days(use: ShoeUse, today: date) -> float:
    month_ago = (today - timedelta(days=27)).isoformat()
    return sum(metres for day, metres in use.daily_m.items() if month_ago <= day <= today.isoformat())
