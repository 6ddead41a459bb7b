"""Write the letters about sources, runs, ground and weeks from the figures of their alerts."""

from datetime import date

from shoemon.decide.alerts import payload as shapes
from shoemon.decide.ground_target import TARGET_DAYS, Remedy
from shoemon.model.clock import MONTHS
from shoemon.model.units import write_distance
from shoemon.words import sentences
from shoemon.words.bars import distance_bars, ground_bars, pair_bars, stretches_of, target_bars
from shoemon.words.blocks import (
    AskedRun,
    Bar,
    Block,
    Facts,
    Heading,
    Item,
    Items,
    Letter,
    MoreRuns,
    Paragraph,
    WebLink,
    fact,
    leads_somewhere,
    numbered,
)
from shoemon.words.commands import command
from shoemon.words.ground import remedy_words
from shoemon.words.shoe_letters import pair_words

SHOWN = 10
"""Runs without a shoe that a letter shows one by one."""
_LONGEST_NAME = 60


def stale_letter(data: shapes.StaleFigures) -> Letter:
    """One source that cannot be read or brings nothing new, or several."""
    sources = [_source_letter(source) for source in data["sources"]]
    if len(sources) == 1:
        return sources[0]
    names = ", ".join(source["source"] for source in data["sources"])
    blocks = (block for letter in sources for block in (Heading(letter.title), *letter.blocks))
    return Letter(sentences.SOURCES_BRING_NOTHING.format(count=len(sources), names=names), tuple(blocks))


def _source_letter(source: shapes.StaleSource) -> Letter:
    name, since = source["source"], source["since"]
    moment = f"{since[:10]} {since[11:16]} UTC" if len(since) > 10 else since
    about = fact(sentences.SOURCE, source=name, type=source["type"])
    if source["reason"] == "failing":
        error = fact(sentences.ITS_ERROR, error=source["error"])
        commands = (command("check", anywhere=True), command("sync", name, anywhere=True))
        return Letter(sentences.NOT_READ.format(source=name, day=since[:10]), (
            Facts((about, fact(sentences.NOT_READ_SINCE, moment=moment), error)),
            Paragraph((sentences.NOTHING_IS_LOST,)),
            Items(sentences.WHAT_YOU_CAN_DO, (Item(sentences.SEE_WHAT_IS_WRONG, commands),)),
        ))  # fmt: skip
    return Letter(sentences.NOTHING_NEW.format(source=name, day=since[:10]), (
        Facts((about, fact(sentences.LAST_NEW_RUN, moment=moment))),
        Paragraph((sentences.ALL_MAY_BE_WELL,)),
        Items(sentences.WHAT_YOU_CAN_DO, (Item(sentences.DOWNLOAD_IT), Item(sentences.TAKE_IT_OUT))),
    ))  # fmt: skip


def share_letter(ground: str, data: shapes.GroundShareFigures) -> Letter:
    """More hard ground, or less soft ground, than the runner wants."""
    title = sentences.GROUND_SHARE[ground].format(share=data["share"], target=data["target"], days=TARGET_DAYS)
    meets = remedy_words(ground, Remedy(data["meets_m"], data["next_m"]), data["unit"])
    return Letter(title, (target_bars(ground, data), Paragraph((meets,)), Paragraph((sentences.YOUR_TARGET[ground],))))


def unassigned_letter(data: shapes.UnassignedFigures) -> Letter:
    """New runs without a shoe, with the likeliest pairs of each, and the gear that could become new pairs."""
    runs, unit, links = data["runs"], data["unit"], data["links"]
    count = len(runs) + len(data["others"])
    title = sentences.RUNS_HAVE_NO_SHOE.format(count=count)
    if count == 1:
        distance = write_distance(runs[0]["distance_m"], unit)
        title = sentences.RUN_HAS_NO_SHOE.format(day=runs[0]["local_date"], distance=distance)
    asked = [_asked_run(run, unit) for run in runs]
    asked[0] = asked[0]._replace(note=sentences.TAP_SIGNED_IN if asked[0].choices else "")
    blocks: list[Block] = list(asked[:SHOWN])
    if count > SHOWN:
        listed = [run for run in asked[SHOWN:] if run.choices]
        heading = sentences.MORE_RUNS if len(listed) == count - SHOWN else sentences.MORE_RUNS_FIRST
        short = sentences.MORE_RUNS_AT if links else sentences.MORE_RUNS_IN_VIEW
        numbers = {"count": count - SHOWN, "listed": len(listed), "url": links[-1]["url"] if links else ""}
        blocks.append(MoreRuns(heading.format(**numbers), tuple(map(_shortened, listed)), short.format(**numbers)))
    if new := data.get("new_gear"):  # alerts of an earlier version have none
        named = [numbered(sentences.RUNS_IN_NEW_GEAR, pair["runs"]).format(**pair) for pair in new]
        commands = ((pair["command"],) for pair in new)
        blocks.append(Items(sentences.NEW_GEAR, tuple(map(Item, named, commands))))
    return Letter(title, (*blocks, Paragraph((sentences.HOW_ON_PAGES if links else sentences.HOW_IN_YAML,))))


def _asked_run(run: shapes.UnassignedRun, unit: str) -> AskedRun:
    distance, name = write_distance(run["distance_m"], unit), run["name"] or run["run"]
    likely = [fact(sentences.LIKELY, pairs=", ".join(map(_pair, run["likely"])))] if run["likely"] else []
    page = run.get("url")
    about = sentences.RUN_IN_SHORT.format(day=run["local_date"], distance=distance, name=name[:_LONGEST_NAME])
    asked = AskedRun(run["run"], about, (
        fact(sentences.RUN, name=name),
        fact(sentences.DAY, day=run["local_date"]),
        fact(sentences.DISTANCE_AND_SPORT, distance=distance, sport=run["sport"]),
        fact(sentences.WHY, why=run["why"]),
    ), tuple(likely))  # fmt: skip
    if not leads_somewhere(page):
        return asked._replace(copy=tuple(_to_copy(run["run"], each["shoe"]) for each in run["likely"]))
    choices = [WebLink(_pair(each), each["url"]) for each in run["likely"] if leads_somewhere(each.get("url"))]
    another = WebLink(sentences.ANOTHER_PAIR if choices else sentences.CHOOSE_A_PAIR, str(page))
    return asked._replace(choices=(*choices, another), short=(*likely, fact(sentences.CHOOSE, url=page)))


def _pair(likely: shapes.LikelyShoe) -> str:
    sentence = sentences.PAIR_SHARE if likely["share"] > 0 else sentences.PAIR_NEVER_WORN
    return sentence.format(name=likely["name"][:_LONGEST_NAME], share=likely["share"])


def _shortened(run: AskedRun) -> AskedRun:
    """The run with its likeliest pair only, and the link for another: a mail about fifty runs stays below 100 kB."""
    return run._replace(choices=(run.choices[0], run.choices[-1]) if len(run.choices) > 2 else run.choices)


def _to_copy(run: str, shoe: str) -> str:
    """A line for shoes.yaml. The run's id is one line between double quotes, whatever it is made of."""
    plain = run.replace("\\", "\\\\").replace('"', '\\"')
    quoted = "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in plain)
    return f'- {{run: "{quoted}", shoe: {shoe}}}'


def longest_letter(data: shapes.LongestFigures) -> Letter:
    """A run longer than those of the month before it."""
    unit = data["unit"]
    ran, longest = write_distance(data["distance_m"], unit), write_distance(data["longest_m"], unit)
    more = data["distance_m"] / data["longest_m"] - 1
    return Letter(sentences.LONG_RUN.format(distance=ran, day=data["local_date"], more=more), (
        Facts((fact(sentences.RUN, name=data["name"] or data["run"]),)),
        distance_bars((
            (fact(sentences.THIS_RUN, distance=ran), data["distance_m"]),
            (fact(sentences.LONGEST_BEFORE, distance=longest, day=data["longest_on"]), data["longest_m"]),
        )),
        Paragraph((sentences.ABOUT_THE_RUN,)),
    ))  # fmt: skip


def return_plan_letter(data: shapes.ReturnPlanFigures) -> Letter:
    """A week with more kilometres than the runner's own plan."""
    ran, allowed, usual = (
        write_distance(metres, data["unit"]) for metres in (data["distance_m"], data["allowed_m"], data["usual_m"])
    )
    plan = fact(sentences.PLAN_ALLOWS, allowed=allowed, share=data["share"], usual=usual)
    return Letter(sentences.OVER_PLAN.format(distance=ran, first=data["from"], allowed=allowed), (
        Facts((fact(sentences.WEEK, first=data["from"], last=data["until"]),)),
        distance_bars(((fact(sentences.THIS_WEEK, distance=ran), data["distance_m"]), (plan, data["allowed_m"]))),
        Paragraph((sentences.YOUR_PLAN,)),
    ))  # fmt: skip


def reserve_letter(data: shapes.ReserveFigures) -> Letter:
    """A pair kept for a race that will not be ready."""
    unit, until, fault, rate_m, below_m = data["unit"], data["until"], data["fault"], data["rate_m"], data["below_m"]
    worn, expected, below, life = (
        write_distance(metres, unit, 0)
        for metres in (data["worn_m"], data["expected_m"], below_m or 0.0, data["life_m"])
    )
    is_unsure = fault == "not_broken_in" and rate_m is None
    form = sentences.HARDLY_WORN if is_unsure else sentences.RESERVE[fault]
    title = form.format(name=data["name"], until=until, expected=expected, below=below, life=life, worn=worn)
    week = [] if rate_m is None else [fact(sentences.RATE_LATELY, week=write_distance(rate_m * 7, unit))]
    return Letter(title, (
        Facts((
            fact(sentences.SHOE, name=data["name"], shoe=data["shoe"]),
            fact(sentences.KEPT_FOR, until=until),
            fact(sentences.NOW, worn=worn),
            *week,
        )),
        Paragraph((sentences.ABOUT_RESERVE[fault],)),
        Items(sentences.WHAT_YOU_CAN_DO, (Item(sentences.SEE_WHICH, (command("which", anywhere=True),)),)),
    ))  # fmt: skip


def weekly_letter(data: shapes.WeeklyFigures) -> Letter:
    """A week: how far, on what, in which pairs, and which of them are near their limit."""
    unit, runs, until, pairs = data["unit"], data["runs"], date.fromisoformat(data["until"]), data["shoes"]
    distance = write_distance(data["distance_m"], unit)
    ran = fact(numbered(sentences.RUN_IN_WEEK, runs), distance=distance, count=runs)
    bar = Bar(ran, stretches_of(data["ground_m"], sum(data["ground_m"].values()) or 1.0))
    hard = [] if data["hard_share"] is None else [fact(sentences.HARD_OF_KNOWN, share=data["hard_share"])]
    blocks: list[Block] = [
        Facts((fact(sentences.WEEK, first=data["from"], last=data["until"]), *hard)),
        ground_bars(bar, data["ground_m"], unit),
    ]
    worn = [pair for pair in pairs if pair["period_m"] > 0]
    if worn:
        blocks.append(Items(sentences.IN_WHICH_PAIRS, tuple(
            Item(sentences.PAIR_IN_WEEK.format(name=pair["name"], distance=write_distance(pair["period_m"], unit)))
            for pair in worn
        )))  # fmt: skip
    if data["unassigned_runs"]:
        blocks.append(Paragraph((sentences.WEEK_WITHOUT_A_SHOE.format(count=data["unassigned_runs"]),)))
    if pairs:
        words = [
            pair_words(sentences.PAIR_EXPECTED if pair["fraction"] < 1 else sentences.PAIR_PAST, pair, unit)
            for pair in pairs
        ]
        blocks.append(pair_bars(pairs, words, sentences.PAIRS_IN_USE))
    title = numbered(sentences.YOUR_WEEK, runs).format(
        until=f"{until.day} {MONTHS[until.month - 1]}", distance=distance, count=runs
    )
    return Letter(title, tuple(blocks))
