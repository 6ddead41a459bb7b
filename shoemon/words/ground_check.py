"""Write the result of the check of the ground in a sentence."""

from collections.abc import Mapping
from typing import Any


def result_lines(result: Mapping[str, Any]) -> list[str]:
    """The result so far, and what it leaves out, from its figures."""
    exact, exact_of = result["exact"]
    lines = {
        _result(result) if result["answers"] else "No answer can be compared yet.": True,
        f"Of {exact_of} answers that name the surface, as the map does, {exact} name the same.": exact_of,
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
