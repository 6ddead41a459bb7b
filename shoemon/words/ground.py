"""Sentences about ground: laps where it is unknown, and the result of its check."""

from collections.abc import Mapping
from typing import Any

from shoemon.model.units import write_distance


def lap_words(lap_m: float, runs: int, open_m: float, unit: str) -> str:
    """`3 runs go round a lap of 402 m, 12.4 km on unknown ground`."""
    runs_go = "1 run goes" if runs == 1 else f"{runs} runs go"
    lap = write_distance(lap_m, "m" if unit == "km" else "yd", 0)
    return f"{runs_go} round a lap of {lap}, {write_distance(open_m, unit)} on unknown ground"


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
