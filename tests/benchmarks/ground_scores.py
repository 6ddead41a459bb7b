"""What ground.py adds up over runs, and how it is printed beside the bars."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil

from ground_simulation import Made

from shoemon.model.run_ground import Stretch
from shoemon.model.surfaces import BUILT_IN

BINS = ((0.0, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 0.97), (0.97, 1.01))
_NAMES = {"paved_other": "paved", "unpaved_other": "unpaved"}
BARS = "bars: ground 98 % in each cell, 99.6 % over all; fine 93 %; hard 0.5; 10,000 points/s in towns, 40,000 in the country; 60 MB"


@dataclass
class Sums:
    """Metres, right ones among them, seconds, and the error of each run."""

    true_m: float = 0.0
    compared_m: float = 0.0
    compared_fine_m: float = 0.0
    ground_m: float = 0.0
    at_most_m: float = 0.0
    fine_m: float = 0.0
    way_m: float = 0.0
    hard_points: float = 0.0
    hard_weight: float = 0.0
    points: int = 0
    runs: int = 0
    match_s: float = 0.0
    all_s: float = 0.0
    memory_mb: float = 0.0
    bins: dict[float, list[float]] = field(default_factory=lambda: defaultdict(lambda: [0.0, 0.0, 0.0]))
    """Metres by the confidence of their ground: all, right ones, and those times the confidence."""

    def took(self, points: int, match_s: float, all_s: float) -> None:
        """One run more."""
        self.runs += 1
        self.points += points
        self.match_s += match_s
        self.all_s += all_s

    def add(self, other: "Sums") -> None:
        """All of another cell."""
        memory_mb = self.memory_mb
        for name, value in vars(other).items():
            if isinstance(value, float | int):
                setattr(self, name, getattr(self, name) + value)
        self.memory_mb = max(memory_mb, other.memory_mb)
        for least, values in other.bins.items():
            self.bins[least] = [one + two for one, two in zip(self.bins[least], values, strict=True)]

    def line(self, name: str) -> str:
        """The figures in a row."""
        speed = self.points / (self.match_s or 1), self.runs / (self.match_s or 1), self.points / (self.all_s or 1e9)
        return (
            f"{name:36s} {self.runs:4d} {self.ground_m / (self.compared_m or 1):7.2%} {self.ground_m / (self.true_m or 1):7.2%}"
            f" {self.at_most_m / (self.true_m or 1):7.2%}"
            f" {self.fine_m / (self.compared_fine_m or 1):7.2%} {self.fine_m / (self.true_m or 1):7.2%}"
            f" {f'{self.way_m / self.true_m:7.2%}' if self.way_m else '':7s} {self.hard_points / (self.hard_weight or 1):5.2f}"
            f" {speed[0]:8,.0f} {speed[1]:6.1f} {speed[2]:8,.0f} {self.memory_mb:4.0f}"
        )

    def calibration(self) -> Iterable[str]:
        """What a confidence is worth, a line for each range of it."""
        for least, most in BINS:
            metres, right, said = self.bins[least]
            metres_or_1 = metres or 1
            yield (
                f"  {least:.2f} to {min(most, 1):.2f}: {metres / (self.true_m or 1):6.1%} of metres,"
                f" {right / metres_or_1:6.2%} right, said {said / metres_or_1:6.2%}"
            )


def header() -> str:
    """What the columns are."""
    columns = " runs  ground  of all at most    fine  of all     way  hard points/s runs/s  with file   MB"
    return f"{'':36s}{columns}"


def ground_of(surface: str) -> str:
    return BUILT_IN[surface].ground if surface in BUILT_IN else "unknown"


def by_sums(sums: Sums, stretches: Iterable[Stretch], fine: Mapping[str, float], length_m: float) -> None:
    """A run of which the true metres of each stated surface are known, in sum."""
    stretches = list(stretches)
    scale = length_m / (sum(stretch.distance_m for stretch in stretches) or 1.0)
    said: dict[str, float] = defaultdict(float)
    with_inferred: dict[str, float] = defaultdict(float)
    for stretch in stretches:
        with_inferred[ground_of(stretch.surface)] += stretch.distance_m * scale
        if stretch.origin in ("tag", "area") and ground_of(stretch.surface) != "unknown":
            said[stretch.surface] += stretch.distance_m * scale
    true: dict[str, float] = defaultdict(float)
    for name, metres in fine.items():
        true[_NAMES.get(name, name)] += metres
    grounds_said, grounds_true = _grounds(said), _grounds(true)
    total_said, total_true = sum(said.values()), sum(true.values())
    sums.true_m += total_true
    sums.compared_m += min(total_said, total_true)
    sums.compared_fine_m += min(total_said, total_true)
    sums.ground_m += sum(min(metres, grounds_true[ground]) for ground, metres in grounds_said.items())
    sums.at_most_m += sum(min(metres, grounds_true[ground]) for ground, metres in with_inferred.items())
    sums.fine_m += sum(min(metres, true[surface]) for surface, metres in said.items())
    if total_said and total_true:
        error = abs(grounds_said["hard"] / total_said - grounds_true["hard"] / total_true)
        sums.hard_points += 100 * error * total_true
        sums.hard_weight += total_true


def by_metre(sums: Sums, stretches: Sequence[Stretch], run: Made) -> None:
    """A run of which the true way of every second is known. `fine` is of the metres whose fine surface is said."""
    count = len(run.metres)
    said: list[Stretch | None] = [None] * count
    for stretch in stretches:
        for second in range(max(ceil(stretch.start_s), 0), min(ceil(stretch.end_s), count)):
            said[second] = stretch
    hard = [0.0, 0.0, 0.0, 0.0]
    for second, (stretch, metres, origin) in enumerate(zip(said, run.metres, run.origins, strict=True)):
        ground, true = ground_of(stretch.surface) if stretch else "unknown", ground_of(run.surfaces[second])
        for place, known in ((0, ground), (2, true)):
            hard[place] += metres * (known == "hard")
            hard[place + 1] += metres * (known != "unknown")
        if origin != "tag":
            continue
        sums.true_m += metres
        if stretch is None:
            continue
        about = slice(max(second - run.slack_s, 0), second + run.slack_s + 1)
        surfaces = run.surfaces[about]
        right = metres * (ground != "unknown" and ground in map(ground_of, surfaces))
        sums.way_m += metres * (stretch.way in run.ways[about])
        least = next(least for least, most in BINS if least <= stretch.confidence < most)
        counted = sums.bins[least]
        counted[0] += metres
        counted[1] += right
        counted[2] += metres * stretch.confidence
        if ground == "unknown":
            continue
        sums.compared_m += metres
        sums.ground_m += right
        sums.at_most_m += right
        sums.fine_m += metres * (stretch.surface in surfaces)
        sums.compared_fine_m += metres * (stretch.surface not in ("paved", "unpaved") or stretch.surface in surfaces)
    if hard[1] and hard[3]:
        sums.hard_points += 100 * abs(hard[0] / hard[1] - hard[2] / hard[3]) * hard[3]
        sums.hard_weight += hard[3]


def _grounds(surfaces: Mapping[str, float]) -> dict[str, float]:
    grounds: dict[str, float] = defaultdict(float)
    for surface, metres in surfaces.items():
        grounds[ground_of(surface)] += metres
    return grounds
