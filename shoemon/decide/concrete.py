"""Add up how far somebody ran on concrete: a span, as much hard ground is not known by its surface. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from shoemon.model.surfaces import BUILT_IN, PAVED, UNKNOWN


class Concrete(NamedTuple):
    """Metres on concrete: at least what is tagged or named so, at most that and all ground that may be concrete."""

    at_least: float
    at_most: float


def on_concrete(rows: Iterable[Mapping[str, Any]]) -> Concrete:
    """The span of rows that have a `surface`, its `ground`, and `distance_m`."""
    least, hidden = 0.0, 0.0
    for row in rows:
        least += row["distance_m"] * (row["surface"] == "concrete")
        hidden += row["distance_m"] * may_be_concrete(row["surface"], row["ground"])
    return Concrete(least, least + hidden)


def may_be_concrete(surface: str, ground: str) -> bool:
    """Whether a surface with another name can be concrete: paved, unknown, or the runner's own that may be hard."""
    own = surface not in BUILT_IN and ground not in ("soft", "synthetic", "treadmill")
    return own or surface in (PAVED, UNKNOWN)
