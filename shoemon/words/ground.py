"""Sentences about ground: laps where it is unknown, and the result of its check."""

from collections.abc import Callable, Mapping
from typing import Any

from shoemon.decide.concrete import Concrete
from shoemon.decide.ground_target import TARGET_DAYS, GroundNow, Remedy
from shoemon.model.units import METRES, write_distance
from shoemon.words import sentences


def lap_words(lap_m: float, runs: int, open_m: float, unit: str) -> str:
    """`3 runs go round a lap of 402 m, 12.4 km on unknown ground`."""
    runs_go = "1 run goes" if runs == 1 else f"{runs} runs go"
    lap = write_distance(lap_m, "m" if unit == "km" else "yd", 0)
    return f"{runs_go} round a lap of {lap}, {write_distance(open_m, unit)} on unknown ground"


def target_words(now: GroundNow, unit: str) -> str:
    """`Your target: soft ground at least 40 %. Last 28 days: 29 %.`, and what would meet it."""
    target, share, remedy = now
    known = [] if share is None else [sentences.LAST_DAYS.format(days=TARGET_DAYS, share=100 * share)]
    meets = [] if remedy is None else [remedy_words(target.ground, remedy, unit)]
    return " ".join((sentences.TARGET_NOW[target.ground].format(target=100 * target.share), *known, *meets))


def remedy_words(ground: str, remedy: Remedy, unit: str) -> str:
    """`8 of the next 20 km on soft ground would meet it.`"""
    ahead = write_distance(remedy.next_m, unit, 0)
    return sentences.WOULD_MEET[ground].format(metres=remedy.metres / METRES[unit], next=ahead)


def concrete_words(metres: Concrete, number: Callable[[float], str], unit: str, when: str = "") -> str:
    """`8.1 to 28.7 km on concrete in May 2026; paved and unknown ground may hide some.` `number` writes metres in the
    unit, without its name."""
    low, high = (number(side) for side in metres)
    if low == high:
        return f"{low} {unit} on concrete{when}."
    return f"{low} to {high} {unit} on concrete{when}; paved and unknown ground may hide some."


def result_lines(result: Mapping[str, Any]) -> list[str]:
    """The result so far, and what it leaves out, from its figures."""
    exact, exact_of = result["exact"]
    lines = {
        _result(result) if result["answers"] else "No answer can be compared yet.": True,
        f"Where both name the surface itself, it was the same in {exact} of {exact_of}.": exact_of,
        f"Left out because you could not say: {result['cannot_say']}.": result["cannot_say"],
        f"Left out because the map states nothing there any more: {result['not_stated']}.": result["not_stated"],
    }
    return [line for line, is_shown in lines.items() if is_shown]


def _result(result: Mapping[str, Any]) -> str:
    grounds = [f"{ground} {right} of {answers}" for ground, (right, answers) in result["by_ground"].items()]
    low, high = (round(100 * (result["estimate"] or {}).get(side, worst)) for side, worst in (("low", 0), ("high", 1)))
    return (
        f"{result['right']} of {result['answers']} {'was' if result['right'] == 1 else 'were'} right; of all your "
        f"stated metres, {low} to {high} % are (90 % interval); {', '.join(grounds)}."
    )
