"""Why something was decided: a code, and its parameters. `shoemon.words.reasons` writes both in words."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

BY_SETTINGS = ("correction", "rule", "default")
"""The reasons by which shoes.yaml decides about a shoe; where these give none, the runner says that it was no pair."""

SPORTLESS = ("no_sport", "unknown_sport")
"""The reasons of records that may be runs, as nobody knows their sport."""


class Reason(NamedTuple):
    """A code of the table `reasons`; `detail` holds its parameters as a JSON object, None where it has none."""

    code: str
    detail: str | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters by name."""
        return json.loads(self.detail) if self.detail else {}

    def given(self, **more: Any) -> "Reason":
        """This reason with `more` parameters."""
        return reason(self.code, **self.parameters, **more)


def reason(code: str, **parameters: Any) -> Reason:
    """A reason of JSON-able `parameters`."""
    return Reason(code, json.dumps(parameters, ensure_ascii=False) if parameters else None)


def combined(parts: Sequence[tuple[Reason, float]]) -> Reason:
    """One reason for metres that have several: the code of most metres, and under `all` each with its metres."""
    metres: dict[Reason, float] = {}
    for each, distance_m in parts:
        metres[each] = metres.get(each, 0.0) + distance_m
    if len(metres) == 1:
        return parts[0][0]
    longest = sorted(metres, key=lambda each: -metres[each])
    listed = [{"reason": each.code, **each.parameters, "distance_m": round(metres[each], 1)} for each in longest]
    return reason(longest[0].code, all=listed)


def metres_of(stored: Reason, distance_m: float = 0.0) -> list[tuple[Reason, float]]:
    """The reasons that `combined` made one of, that of most metres first, with these; one alone has `distance_m`."""
    listed = stored.parameters.get("all")
    if listed is None:
        return [(stored, distance_m)]
    metres = [each.pop("distance_m") for each in listed]
    return [(reason(each.pop("reason"), **each), of) for each, of in zip(listed, metres, strict=True)]


def parts_of(stored: Reason) -> list[Reason]:
    """The reasons that `combined` made one of, that of most metres first."""
    return [part for part, _ in metres_of(stored)]
