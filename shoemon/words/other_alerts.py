"""Write what alerts about sources, runs and weeks say: text, and figures as payload.py describes them."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from shoemon.decide.alerts.facts import HardGround, LongRun, OpenRun, OpenRuns, PlannedWeek, SourceState, Week, WornPair
from shoemon.decide.alerts.other_alerts import HARD_DAYS
from shoemon.decide.alerts.payload import Link
from shoemon.model.alert import Alert
from shoemon.model.units import write_distance
from shoemon.words.new_gear import add_command, new_gear_lines
from shoemon.words.reasons import Exports, why_shoe
from shoemon.words.recipient import Recipient
from shoemon.words.shoe_alerts import Text, body_of, expected, ground_lines, pair_figures, rounded

SHOWN, LISTED = 10, 50
"""So many runs a message tells one by one, and so many its data."""


def about_source(source: SourceState, recipient: Recipient) -> Text:
    """A source that cannot be read, or brings nothing new."""
    name, failing = source.name, source.error is not None
    since = str(source.read_at if failing else source.last_new_at)
    figures = recipient.figures() | {
        "sources": [{
            "source": name, "reason": "failing" if failing else "silent", "since": since, "error": source.error,
        }],
        "links": recipient.pages.row(name, "sources", name),
    }  # fmt: skip
    title = f"{name} could not be read since" if failing else f"{name} has brought nothing new since"
    body = _failing(source, since) if failing else _silent(source, since)
    return Text(f"{title} {since[:10]}", body_of(body), figures)


def _failing(source: SourceState, since: str) -> list[str]:
    return [
        f"Source: {source.name} ({source.type})",
        f"Not read since: {_minute(since)}",
        f"It says: {source.error}",
        "",
        "Nothing is lost: the runs known so far still count, and it is tried again. Until it can be read, no run of it "
        "is added, and no alert can come of them.",
        "",
        "What you can do:",
        "- See what is wrong, and try it:",
        "    shoemon check",
        f"    shoemon sync {source.name}",
    ]


def _silent(source: SourceState, since: str) -> list[str]:
    return [
        f"Source: {source.name} ({source.type})",
        f"Last new run: {_minute(since)}",
        "",
        "It can be read, but has brought nothing new since. If you have not run, all is well.",
        "",
        "What you can do:",
        "- If it is an export that you download: download a new one.",
        "- If it is no longer in use: take it out of shoemon.yaml, or set alerts.stale.silent; its runs stay.",
    ]


def about_several_sources(alerts: Sequence[Alert], recipient: Recipient) -> Text:
    """One message for several sources that bring nothing."""
    sources = [each for alert in alerts for each in alert.data["sources"]]
    links = [link for alert in alerts for link in alert.data["links"]]
    body = "\n\n".join(f"{alert.title}\n\n{alert.body}" for alert in alerts)
    title = f"{len(sources)} sources bring nothing: {', '.join(each['source'] for each in sources)}"
    return Text(title, body, recipient.figures() | {"sources": sources, "links": links})


def about_hard_share(ground: HardGround, recipient: Recipient) -> Text:
    """More hard ground than the runner wants."""
    share, target, ground_m = ground
    limit = f"your target is at most {target:.0%}"
    title = f"{share:.0%} of your last {HARD_DAYS} days' running was on hard ground; {limit}"
    body = [
        f"Hard ground: {share:.0%} of the metres whose ground is known",
        f"Your target: at most {target:.0%}",
        *ground_lines(ground_m, recipient.unit),
        "",
        "The target is yours: no study found says how much hard ground is too much. You will hear again when the share "
        "has been 3 points below it and rises past it once more.",
    ]
    figures = recipient.figures() | {
        "share": round(share, 4), "target": target, "ground_m": rounded(ground_m),
        "from": (recipient.today - timedelta(days=HARD_DAYS - 1)).isoformat(), "until": recipient.today.isoformat(),
        "links": recipient.pages.ground(),
    }  # fmt: skip
    return Text(title, body_of(body), figures)


def about_unassigned(open_runs: OpenRuns, recipient: Recipient) -> Text:
    """New runs without a shoe, with the likeliest pairs of each, and the gear that could be a new pair.

    An address stands at the end of a line, so that a mail can put a link for every pair in the place of that line.
    """
    runs, exports = open_runs.runs, Exports(open_runs.types)
    unit, first, listed = recipient.unit, runs[0], recipient.pages.open_runs()
    title = f"{len(runs)} runs have no shoe yet"
    if len(runs) == 1:
        title = f"Which shoe? {first.local_date}, {write_distance(first.distance_m, unit)}"
    body = [line for run in runs[:SHOWN] for line in _about_run(run, exports, recipient)]
    if len(runs) > SHOWN:
        where = f": {listed[0]['url']}" if listed else "; all of them stand in the view unassigned_runs."
        body += [f"... and {len(runs) - SHOWN} more{where}", ""]
    if open_runs.new_gear:
        body += ["New gear:", *new_gear_lines(open_runs.new_gear, "- "), ""]
    body.append(_HOW_ON_PAGES if listed else _HOW_IN_YAML)
    figures = {
        "runs": [_open_run(run, exports, recipient) for run in runs[:LISTED]],
        "others": [run.id for run in runs[LISTED:]],
        "new_gear": [
            {
                "shoe": pair.id,
                "name": pair.name,
                "gear": list(pair.gear),
                "runs": pair.runs,
                "command": add_command(pair),
            }
            for pair in open_runs.new_gear
        ],
        "links": (recipient.pages.choice("Which shoe?", first.id) if len(runs) == 1 else []) + listed,
    }
    return Text(title, body_of(body), recipient.figures() | figures)


_HOW_IN_YAML = (
    "Put the lines that are right under `corrections:` in shoes.yaml, or name the shoe where you recorded the run; "
    "either counts with the next sync. A rule or a default shoe spares you the question."
)
_HOW_ON_PAGES = (
    "A pair named under `corrections:` in shoes.yaml, or where you recorded the run, counts as well, with the next "
    "sync. A rule or a default shoe spares you the question."
)


def _open_run(run: OpenRun, exports: Exports, recipient: Recipient) -> dict[str, Any]:
    """A run as `payload.UnassignedRun` has it."""
    likely = [
        {"shoe": each.shoe, "name": each.name, "share": each.share}
        | _url(recipient.pages.choice(each.name, run.id, each.shoe))
        for each in run.likely
    ]
    return {
        "run": run.id, "local_date": run.local_date, "name": run.name, "sport": run.sport,
        "distance_m": round(run.distance_m, 1), "reason": run.reason.code, "reason_detail": run.reason.parameters,
        "why": _why(run, exports), "likely": likely,
        **_url(recipient.pages.choice("", run.id)),
    }  # fmt: skip


def _why(run: OpenRun, exports: Exports) -> str:
    return why_shoe(run.reason, run.id.partition(":")[0], exports)


def _url(links: Sequence[Link]) -> dict[str, str]:
    """The address, where there is one."""
    return {"url": links[0]["url"]} if links else {}


def _about_run(run: OpenRun, exports: Exports, recipient: Recipient) -> list[str]:
    said = [f"Likely: {', '.join(f'{each.name} ({each.share:.0%})' for each in run.likely)}"] if run.likely else []
    for page in recipient.pages.choice("", run.id):
        said = [f"{said[0]}; choose: {page['url']}" if said else f"Choose: {page['url']}"]
    return [
        f"Run: {run.name or run.id}",
        f"Day: {run.local_date}",
        f"Distance: {write_distance(run.distance_m, recipient.unit)} ({run.sport})",
        f"Why: {_why(run, exports)}",
        *said,
        *([] if recipient.pages.url else _to_copy(run)),
        "",
    ]


def _to_copy(run: OpenRun) -> list[str]:
    """A line for shoes.yaml for each likely pair."""
    return [f'    - {{run: "{_quoted(run.id)}", shoe: {each.shoe}}}' for each in run.likely]


def _quoted(text: str) -> str:
    """`text` as it stands between double quotes in YAML, on one line whatever it is made of."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in plain)


def about_longest(run: LongRun, recipient: Recipient) -> Text:
    """A run longer than those of the month before it."""
    unit = recipient.unit
    far = write_distance(run.distance_m, unit)
    more = run.distance_m / run.longest_m - 1
    title = f"{far} on {run.local_date}: {more:.0%} more than your longest of the 30 days before"
    body = [
        f"Run: {run.name or run.id}",
        f"Distance: {far}",
        f"Longest before: {write_distance(run.longest_m, unit)} on {run.longest_on}",
        "",
        "For your information, about the run and not about the shoe. The measure (a tenth more than the longest of 30 "
        "days) is that of one large, exploratory study of runners (RUNSAFE, 2025); it says nothing about a single run.",
    ]
    figures = recipient.figures() | {
        "run": run.id, "local_date": run.local_date, "name": run.name, "distance_m": round(run.distance_m, 1),
        "longest_m": round(run.longest_m, 1), "longest_on": run.longest_on,
        "links": recipient.pages.run("The run", run.id),
    }  # fmt: skip
    return Text(title, body_of(body), figures)


def about_planned_week(week: PlannedWeek, recipient: Recipient) -> Text:
    """A week with more kilometres than the runner's own plan."""
    unit = recipient.unit
    ran, allowed = write_distance(week.distance_m, unit), write_distance(week.allowed_m, unit)
    body = [
        f"Week: {week.first} to {week.last}",
        f"Run: {ran}",
        f"Your plan: at most {allowed} ({week.share:.0%} of {write_distance(week.usual_m, unit)})",
        "",
        "The plan is the one you entered in shoemon.yaml (alerts.return_plan); shoemon only counts. Whether it is the "
        "right one is for you, and for whoever treats you, to say.",
    ]
    figures = recipient.figures() | {
        "from": week.first, "until": week.last, "distance_m": round(week.distance_m, 1),
        "allowed_m": round(week.allowed_m, 1), "usual_m": week.usual_m, "share": week.share,
        "links": recipient.pages.table("Months", "monthly"),
    }  # fmt: skip
    return Text(f"{ran} in the week from {week.first}; your plan says at most {allowed}", body_of(body), figures)


def about_week(week: Week, recipient: Recipient) -> Text:
    """The digest of a week: how far, on what, in which pairs, and which of them are near their limit."""
    unit, total = recipient.unit, sum(week.ground_m.values())
    known = total - week.ground_m.get("unknown", 0.0)
    hard = week.ground_m.get("hard", 0.0) / known if known > 0 else None
    until = date.fromisoformat(week.last)
    title = f"Your week to {until.day} {until:%B}: {write_distance(total, unit)} in {_runs(week.runs)}"
    body = [f"Week: {week.first} to {week.last}", f"Run: {write_distance(total, unit)} in {_runs(week.runs)}"]
    body += ground_lines(week.ground_m, unit)
    body += [f"Hard ground: {hard:.0%} of what is known"] if hard is not None else []
    worn = [(shoe, week.shoe_m[shoe.id]) for shoe, _, _ in week.pairs if week.shoe_m.get(shoe.id, 0.0) > 0]
    if worn:
        body += ["", "In which pairs:", *(f"- {shoe.name}: {write_distance(metres, unit)}" for shoe, metres in worn)]
    if week.unassigned_runs:
        body += ["", f"Runs without a shoe: {week.unassigned_runs} (view unassigned_runs)"]
    if week.pairs:
        body += ["", "All pairs in use, most worn first:", *(_pair_line(pair, unit) for pair in week.pairs)]
    shoes = [pair_figures(pair) | {"period_m": round(week.shoe_m.get(pair.shoe.id, 0.0), 1)} for pair in week.pairs]
    pages = recipient.pages
    links = [*pages.home(), *pages.ground(), *(pages.open_runs() if week.unassigned_runs else [])]
    figures = recipient.figures() | {
        "from": week.first, "until": week.last, "distance_m": round(total, 1), "runs": week.runs,
        "ground_m": rounded(week.ground_m), "hard_share": None if hard is None else round(hard, 4),
        "shoes": shoes, "unassigned_runs": week.unassigned_runs, "links": links,
    }  # fmt: skip
    return Text(title, body_of(body), figures)


def _pair_line(pair: WornPair, unit: str) -> str:
    shoe, wear, _ = pair
    used = f"{write_distance(wear.worn_m, unit, 0)} of {write_distance(wear.life_m, unit, 0)} ({wear.fraction:.0%})"
    when = f"expected at its limit: {expected(wear)}" if wear.remaining_m > 0 else "past it"
    return f"- {shoe.name}: {used}; {when}"


def _runs(count: int) -> str:
    return f"{count} run{'' if count == 1 else 's'}"


def _minute(moment: str) -> str:
    return f"{moment[:10]} {moment[11:16]} UTC" if len(moment) > 10 else moment
