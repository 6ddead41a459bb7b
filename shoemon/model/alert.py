"""Alerts, and earlier ones that still hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from shoemon.model.ids import ShoeId


class Standing(NamedTuple):
    """An earlier alert that still holds, with the worn metres and life of its pair, or the target share that was
    passed. `seen_life_m` is the life (metres) of the pair when the runner marked the alert as seen."""

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
    """A message for the runner. `covered_by` names the alert whose message covers this one too."""

    id: str
    kind: str
    shoe: ShoeId | None
    stage: str
    title: str
    body: str
    data: Mapping[str, Any]
    covered_by: str | None = None
