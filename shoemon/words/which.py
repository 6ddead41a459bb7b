"""Write which pairs suit a run, and why, from the data of `shoemon which --json`."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from shoemon.model.units import METRES
from shoemon.words.forecast import Hand

SUGGESTION = "A suggestion by your own habit, which is no proof that a pair suits a run."
_SHOWN = 2
_SOME_M = 50.0
"""Less is written as 0.0 km."""


def headline(found: Mapping[str, Any], hand: Hand) -> str:
    """`For the next run (about 8 km, as on Tuesdays): Pegasus, or Speedgoat`; without pairs kept for a race."""
    names = [pair["name"] for pair in found["pairs"] if not _is_kept(pair)][:_SHOWN]
    none = "no pair but those kept" if found["pairs"] else "no pair in use"
    return f"For {run_words(found['run'], hand)}: {', or '.join(names) or none}"


def _is_kept(pair: Mapping[str, Any]) -> bool:
    return pair["reasons"][0]["code"] in ("kept", "kept_below")


def run_words(run: Mapping[str, Any], hand: Hand) -> str:
    """`the next run (about 8 km, as on Tuesdays)`, or `8 km on soft ground`."""
    metres = run["distance_m"]
    if run["by"] == "habit":
        as_usual = f"as on {date.fromisoformat(run['day']):%A}s" if run["weekday"] else "as lately"
        return f"the next run (about {hand.distance(metres, 0)}, {as_usual})" if metres else "the next run"
    far = _far(metres, hand) if metres else "a run"
    grounds = {name: part for name, part in run["ground_m"].items() if part >= _SOME_M}
    if len(grounds) == 1:
        return f"{far} on {next(iter(grounds))} ground"
    return f"{far} ({_grounds(grounds, hand)})" if grounds else far


def _grounds(ground_m: Mapping[str, float], hand: Hand) -> str:
    return ", ".join(f"{_far(metres, hand)} {ground}" for ground, metres in ground_m.items())


def pair_line(pair: Mapping[str, Any], hand: Hand) -> str:
    """The reasons of a pair in a line: `worn for 4 of your last 7 such runs; 212 km left, 204 km after this run`."""
    return "; ".join(_reason_words(each, hand) for each in pair["reasons"])


def _reason_words(reason: Mapping[str, Any], hand: Hand) -> str:
    far = {key[:-2]: _far(value, hand) for key, value in reason.items() if key.endswith("_m") and key != "ground_m"}
    match reason["code"]:
        case "kept":
            return f"kept for {hand.day(reason['until'])}"
        case "kept_below":
            return f"kept below {far['below']}; {far['would']} after this run"
        case "usual":
            if reason["of"] == 1:
                return f"{'' if reason['runs'] else 'not '}worn for your last such run"
            return f"worn for {reason['runs'] or 'none'} of your last {reason['of']} such runs"
        case "ground":
            unknown = {"unknown": reason["unknown_m"]} if reason["unknown_m"] else {}
            return f"{_grounds({**reason['ground_m'], **unknown}, hand)} of its {far['of']}"
        case "past_life":
            return f"{far['past']} past its limit"
        case "passes":
            return f"{far['remaining']} left; this run goes {far['past']} past its limit"
        case "left":
            return f"{far['remaining']} left" + (f", {far['after']} after this run" if "after" in far else "")
        case "rest":
            days = reason["days"]
            return f"last worn {('today', 'yesterday')[days] if days < 2 else f'{days} days ago'}"
    return "not worn yet"


def _far(metres: float, hand: Hand) -> str:
    return hand.distance(metres, 1 if 0 < metres < 10 * METRES[hand.unit] else 0)
