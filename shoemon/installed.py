"""The packages on this machine that say they add to shoemon, without loading any of them."""

import re
from importlib.metadata import Distribution, EntryPoint, distributions

GROUP = "shoemon"
"""The name under which packages stand in `[project.entry-points.shoemon]`, and that of the hooks."""


def installed() -> tuple[list[tuple[str, EntryPoint]], list[str]]:
    """Each entry point with the name of its package, in the order of these names; and what cannot be read, in words.

    Read one by one: a broken list of some other package stands in nobody's way.
    """
    points: dict[tuple[str, str], tuple[str, EntryPoint]] = {}
    unread: list[str] = []
    for distribution in distributions():
        if f"[{GROUP}]" not in _text(distribution, "entry_points.txt"):
            continue
        package = _name(distribution)
        try:
            found = [point for point in distribution.entry_points if point.group == GROUP]
        except (ValueError, TypeError) as error:  # what importlib.metadata raises for a line that is no `name = value`
            unread.append(f"package {package} cannot be used: its entry_points.txt is broken ({error})")
            continue
        for point in found:  # a package that is found twice on the path is one
            points.setdefault((point.name, point.value), (package, point))
    return sorted(points.values(), key=lambda found: (found[0], found[1].name)), unread


def _name(distribution: Distribution) -> str:
    text = _text(distribution, "METADATA") or _text(distribution, "PKG-INFO")
    match = re.search(r"^Name:[ \t]*(\S+)", text, re.MULTILINE)
    return match[1] if match else "without a name"


def _text(distribution: Distribution, file: str) -> str:
    try:
        return distribution.read_text(file) or ""
    except (OSError, ValueError):
        return ""
