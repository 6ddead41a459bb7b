"""Make the figures of an alert from its facts, as payload.py describes them: metres, days, shares and links. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NotRequired

from typing_extensions import TypedDict

from shoemon.decide.alerts import facts
from shoemon.decide.alerts import payload as shapes
from shoemon.decide.ground_target import TARGET_DAYS, together, what_meets
from shoemon.model.alert import Alert
from shoemon.model.units import METRES
from shoemon.model.wear import ShoeUse, Wear
from shoemon.words import sentences
from shoemon.words.new_gear import add_command
from shoemon.words.reasons import Exports, why_shoe
from shoemon.words.recipient import Recipient

LISTED = 50
"""Runs without a shoe that the data describe; of further ones they list the ids."""
_WEEKS = 26
"""Of the line of a pair."""


def shoe_figures(pair: facts.WornPair, recipient: Recipient) -> shapes.ShoeFigures:
    """One pair and its life."""
    shoe, wear, use = pair
    pages, change = recipient.pages, sentences.CHANGE_PAIR.format(name=shoe.name)
    return {
        **recipient.figures([*pages.shoe(shoe.name, shoe.id), *pages.pair(change, shoe.id)]),
        **pair_figures(pair),
        "remaining_m": round(wear.remaining_m, 1),
        "last_28_days_m": round(_last_28_days(use, recipient.today), 1),
        "line": life_line(wear, use, recipient.today),
    }


def pair_figures(pair: facts.WornPair) -> shapes.PairFigures:
    """A pair in a list of pairs."""
    shoe, wear, use = pair
    return {
        "shoe": shoe.id,
        "name": shoe.name,
        "distance_m": round(wear.distance_m, 1),
        "initial_m": shoe.initial_m,
        "worn_m": round(wear.worn_m, 1),
        "life_m": wear.life_m,
        "fraction": round(wear.fraction, 4),
        "status": wear.status,
        "ground_m": _rounded(use.ground_m),
        "due_early_on": wear.due_early_on,
        "due_on": wear.due_on,
        "due_late_on": wear.due_late_on,
        "steadiness": wear.steadiness,
        "rate_m": None if wear.rate_m is None else round(wear.rate_m, 1),
        "no_day": wear.no_day,
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


def _last_28_days(use: ShoeUse, today: date) -> float:
    month_ago = (today - timedelta(days=27)).isoformat()
    return sum(metres for day, metres in use.daily_m.items() if month_ago <= day <= today.isoformat())


def _rounded(ground_m: Mapping[str, float]) -> dict[str, float]:
    return {ground: round(metres, 1) for ground, metres in sorted(ground_m.items())}


def several_figures(alerts: Sequence[Alert], recipient: Recipient) -> dict[str, object]:
    """Alerts that became due at once: pairs, or sources without new runs."""
    links = [link for alert in alerts for link in alert.data["links"]]
    if alerts[0].kind == "stale":
        return {**recipient.figures(links), "sources": [each for alert in alerts for each in alert.data["sources"]]}
    members = [
        {"id": alert.id, "kind": alert.kind, "stage": alert.stage, "title": alert.title, **alert.data}
        for alert in alerts
    ]
    return {**recipient.figures(links), "alerts": members}


def digest_figures(first: facts.FirstImport, recipient: Recipient) -> shapes.DigestFigures:
    """Every pair in use after a first import, most worn first."""
    pages = recipient.pages
    return {
        **recipient.figures(pages.home() + (pages.open_runs() if first.unassigned_runs else [])),
        "shoes": [pair_figures(pair) for pair in first.pairs],
        "unassigned_runs": first.unassigned_runs,
        "resting": first.resting,
    }


def week_figures(week: facts.Week, recipient: Recipient) -> shapes.WeeklyFigures:
    """The week that has ended."""
    total = sum(week.ground_m.values())
    known = total - week.ground_m.get("unknown", 0.0)
    pages = recipient.pages
    return {
        **recipient.figures(pages.home() + pages.ground() + (pages.open_runs() if week.unassigned_runs else [])),
        "from": week.first,
        "until": week.last,
        "distance_m": round(total, 1),
        "runs": week.runs,
        "ground_m": _rounded(week.ground_m),
        "hard_share": round(week.ground_m.get("hard", 0.0) / known, 4) if known > 0 else None,
        "shoes": [
            {**pair_figures(pair), "period_m": round(week.shoe_m.get(pair.shoe.id, 0.0), 1)} for pair in week.pairs
        ],
        "unassigned_runs": week.unassigned_runs,
    }


def source_figures(source: facts.SourceState, recipient: Recipient) -> shapes.StaleFigures:
    """A source that cannot be read, or has no new runs."""
    failing = source.error is not None
    return {
        **recipient.figures(recipient.pages.table(source.name, "sources", source.name)),
        "sources": [
            {
                "source": source.name,
                "type": source.type,
                "reason": "failing" if failing else "silent",
                "since": str(source.read_at if failing else source.last_new_at),
                "error": source.error,
            }
        ],
    }


def ground_figures(ground: facts.GroundShare, recipient: Recipient) -> shapes.GroundShareFigures:
    """More hard ground, or less soft ground, in 28 days than the runner wants."""
    remedy = what_meets(ground.target, ground.days, METRES[recipient.unit])
    return {
        **recipient.figures(recipient.pages.ground()),
        "from": (recipient.today - timedelta(days=TARGET_DAYS - 1)).isoformat(),
        "until": recipient.today.isoformat(),
        "share": round(ground.share, 4),
        "target": ground.target.share,
        "ground_m": _rounded(together(ground.days)),
        "meets_m": round(remedy.metres, 1),
        "next_m": round(remedy.next_m, 1),
    }


def open_run_figures(open_runs: facts.OpenRuns, recipient: Recipient) -> shapes.UnassignedFigures:
    """New runs without a shoe, with the likeliest pairs of each, and the gear that could become new pairs."""
    runs, pages, exports = open_runs.runs, recipient.pages, Exports(open_runs.types)
    first = pages.choice(sentences.WHICH_SHOE, runs[0].id) if len(runs) == 1 else []
    return {
        **recipient.figures(first + pages.open_runs()),
        "runs": [_open_run(run, exports, recipient) for run in runs[:LISTED]],
        "others": [run.id for run in runs[LISTED:]],
        "new_gear": [
            {"shoe": pair.id, "name": pair.name, "gear": list(pair.gear), "runs": pair.runs,
             "command": add_command(pair, anywhere=True)}
            for pair in open_runs.new_gear
        ],
    }  # fmt: skip


def _open_run(run: facts.OpenRun, exports: Exports, recipient: Recipient) -> shapes.UnassignedRun:
    return {
        "run": run.id,
        "local_date": run.local_date,
        "name": run.name,
        "sport": run.sport,
        "distance_m": round(run.distance_m, 1),
        "reason": run.reason.code,
        "reason_detail": dict(run.reason.parameters),
        "why": why_shoe(run.reason, run.id.partition(":")[0], exports),
        "likely": [
            {"shoe": each.shoe, "name": each.name, "share": each.share, **_address(run.id, recipient, each.shoe)}
            for each in run.likely
        ],
        **_address(run.id, recipient),
    }


class _Address(TypedDict):
    url: NotRequired[str]


def _address(run: str, recipient: Recipient, shoe: str | None = None) -> _Address:
    """The page that gives the run a pair, where there are pages."""
    links = recipient.pages.choice("", run, shoe)
    return {"url": links[0]["url"]} if links else {}


def long_run_figures(run: facts.LongRun, recipient: Recipient) -> shapes.LongestFigures:
    """A run longer than those of the month before it."""
    return {
        **recipient.figures(recipient.pages.run(sentences.RUN_PAGE, run.id)),
        "run": run.id,
        "local_date": run.local_date,
        "name": run.name,
        "distance_m": round(run.distance_m, 1),
        "longest_m": round(run.longest_m, 1),
        "longest_on": run.longest_on,
    }


def reserve_figures(kept: facts.ReservedPair, recipient: Recipient) -> shapes.ReserveFigures:
    """A pair kept for a race."""
    shoe, wear, until, fault, expected_m = kept
    return {
        **recipient.figures(recipient.pages.shoe(shoe.name, shoe.id)),
        "shoe": shoe.id,
        "name": shoe.name,
        "until": until,
        "fault": fault,
        "worn_m": round(wear.worn_m, 1),
        "expected_m": round(expected_m, 1),
        "rate_m": None if wear.rate_m is None else round(wear.rate_m, 1),
        "below_m": shoe.reserve.below_m if shoe.reserve else None,
        "life_m": shoe.life_m,
    }


def planned_week_figures(week: facts.PlannedWeek, recipient: Recipient) -> shapes.ReturnPlanFigures:
    """A week with more kilometres than the runner's own plan."""
    return {
        **recipient.figures(recipient.pages.table(sentences.MONTHS_PAGE, "monthly")),
        "from": week.first,
        "until": week.last,
        "distance_m": round(week.distance_m, 1),
        "allowed_m": round(week.allowed_m, 1),
        "usual_m": week.usual_m,
        "share": week.share,
    }
