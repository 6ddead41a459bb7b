"""Write lines for `corrections` in shoes.yaml about one run, which the runner copies and changes.

The id of a run is quoted, so that YAML reads any id unchanged.
"""

import json
import re
from typing import Any, NamedTuple

from shoemon.model.plan import NO_PAIR
from shoemon.model.surfaces import TREADMILL
from shoemon.model.units import METRES

MOST_SURFACES = 6
_PLAIN = re.compile(r"(?!(?:null|true|false|yes|no|on|off|y|n)$)[a-z][a-z0-9_-]*")
_ODD = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""Characters that JSON writes unescaped and YAML does not accept."""
NONE_OF_MINE = "None of mine"
SAME, OWN, INDOORS = "These two are one run", "It is a run of its own", "It was on a treadmill"
_OTHER_GROUND = {"hard": "gravel", "soft": "asphalt"}


class Line(NamedTuple):
    """An item of `corrections`, its purpose, and what a tap writes: a setting and its value (None: it is removed). An
    example, which the runner changes first, has no setting."""

    title: str
    yaml: str
    setting: str = ""
    value: Any = None


def lines(run: dict[str, Any]) -> list[Line]:
    """Suggest corrections of `run`: `id`, `counts`, `duplicate_of`, `distance_m`, `unit`, `worn` and `others`
    (ids of pairs: the run's own, and those that were in use), `legs` and `map` (dicts with surface, ground and
    distance_m, the longest first), `surfaces` (ids of all), `maybe_indoors` (its track goes nowhere), `maybe_same_as`
    (the id of another run, or None) and `ignored` (by a correction)."""
    own = Line(OWN, item(run["id"], "duplicate_of: none"), "duplicate_of", "none")
    if run["duplicate_of"]:
        return [own]
    pairs = [*run["others"], *run["worn"]]
    found = []
    if run["ignored"]:
        found.append(Line("Count it again", "", "ignore", None))
    if other := run["maybe_same_as"]:
        found += [Line(SAME, item(run["id"], f"duplicate_of: {quoted(other)}"), "duplicate_of", other), own]
    if run["maybe_indoors"]:
        found.append(Line(INDOORS, item(run["id"], f"surface: {TREADMILL}"), "surface", TREADMILL))
    if pairs and not run["ignored"]:
        title = "Another pair" if run["counts"] else "Count it, in this pair"
        found.append(Line(title, in_shoe(run["id"], pairs[0])))
    if run["counts"]:
        both = [*run["worn"], *run["others"]][:2]
        if len(both) == 2 and run["distance_m"] > 0:
            half = run["distance_m"] / 2 / METRES[run["unit"]]
            parts = {both[0]: f"{max(half, 0.1):.1f} {run['unit']}", both[1]: "rest"}
            found.append(Line("Part of it in another pair", item(run["id"], f"shoe: {split(parts)}")))
        found.append(Line(NONE_OF_MINE, in_shoe(run["id"], NO_PAIR), "shoe", NO_PAIR))
        on_map = {} if run["maybe_indoors"] else by_the_map(run)
        if surfaces := on_map or by_guess(run):
            line = item(run["id"], f"surface: {split(surfaces)}")
            value = surfaces if len(surfaces) > 1 else next(iter(surfaces))
            found.append(Line("As on the map", line, "surface", value) if on_map else Line("Another surface", line))
        found.append(Line("It does not count", item(run["id"], "ignore: true"), "ignore", True))
    return found


def by_the_map(run: dict[str, Any]) -> dict[str, str]:
    """Shares of the surfaces by the map, in whole percents; the longest is the rest."""
    metres: dict[str, float] = {}
    for part in run["map"]:
        metres[part["surface"]] = metres.get(part["surface"], 0.0) + part["distance_m"]
    total = sum(metres.values())
    longest = sorted(metres, key=lambda surface: -metres[surface])[:MOST_SURFACES]
    percents = {surface: round(100 * metres[surface] / total) for surface in longest[1:]} if total > 0 else {}
    parts = {surface: f"{percent}%" for surface, percent in percents.items() if percent}
    return {**parts, longest[0]: "rest"} if longest else {}


def by_guess(run: dict[str, Any]) -> dict[str, str]:
    """An example: the current surface of the run, and a share on another ground."""
    now = next((leg for leg in run["legs"] if leg["ground"] != "unknown"), {"surface": "asphalt", "ground": "hard"})
    other = _OTHER_GROUND.get(now["ground"], "asphalt")
    known = {now["surface"], other} <= set(run["surfaces"]) and now["surface"] != other
    return {other: "30%", now["surface"]: "rest"} if known else {}


def in_shoe(run: str, shoe: str) -> str:
    """The correction that `run` was done in `shoe`."""
    return item(run, f"shoe: {scalar(shoe)}")


def item(run: str, content: str) -> str:
    """The correction of `run` with `content`, as a line of the list."""
    return f"  - {{run: {quoted(run)}, {content}}}"


def split(parts: dict[str, str]) -> str:
    """Parts of a run as a mapping on one line; the only part is the whole."""
    if len(parts) == 1:
        return scalar(next(iter(parts)))
    return "{" + ", ".join(f"{scalar(name)}: {amount}" for name, amount in parts.items()) + "}"


def scalar(name: str) -> str:
    """A name, in quotes if YAML could read it as something else."""
    return name if _PLAIN.fullmatch(name) else quoted(name)


def quoted(text: str) -> str:
    """Any text, in double quotes."""
    return _ODD.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))
