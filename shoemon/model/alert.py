"""What is announced, and what was and still holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from shoemon.model.ids import ShoeId


class Standing(NamedTuple):
    """An alert that was given and still stands, with what it was given at: worn metres and life of a pair, or the
    target share that was passed. `seen_life_m` is the life (metres) the pair had when the runner said it was seen."""

    id: str
    kind: str
    shoe: ShoeId | None
    stage: str
    worn_m: float = 0.0
    life_m: float = 0.0
    target: float | None = None
    seen_life_m: float | None = None


@dataclass(frozen=True)
class Alert:
    """Something to tell the runner. `covered_by` names the alert whose message speaks for this one too."""

    id: str
    kind: str
    shoe: ShoeId | None
    stage: str
    title: str
    body: str
    data: Mapping[str, Any]
    covered_by: str | None = None
