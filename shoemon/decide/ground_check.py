"""Check the stated ground by questions to the runner: draw the stretches, and estimate what their answers show. Pure.

A metre is drawn at random, and the stretch of one ground around it. Rare grounds and doubtful metres are asked about
more often than their metres would be: strata by ground and certainty get answers in proportion to the square root of
their metres (power allocation, Bankier 1988). The estimate weighs each stratum by its metres again.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import accumulate, count, groupby
from typing import NamedTuple

from shoemon.model.run_ground import Origin

GROUNDS = ("hard", "soft", "synthetic")
STATED_BY_MAP: tuple[Origin, ...] = ("tag", "area", "inferred")
LEAST_M, MOST_M = 150.0, 200.0
"""The length of a stretch."""
_MOST_MISSES = 40
"""So many parts in a row without a stretch end the search."""
_SURE = 0.9
_TAIL = 0.05
"""On each side of the interval."""


class Stratum(NamedTuple):
    """Metres of one ground and one certainty: `tag` (of a way or an area), `inferred`, or `doubtful`, however known."""

    ground: str
    certainty: str


class RunPart(NamedTuple):
    """A part of a run, in its order."""

    surface: str
    origin: str
    ground: str
    metres: float


class StatedPart(NamedTuple):
    """Metres of a run on one surface, known in one way."""

    activity: str
    surface: str
    origin: str
    ground: str
    metres: float
    confidence: float

    @property
    def stratum(self) -> Stratum:
        known = "inferred" if self.origin == "inferred" else "tag"
        return Stratum(self.ground, known if self.confidence >= _SURE else "doubtful")


class Stretch(NamedTuple):
    """A stretch in whole metres along the track; `surface` and `origin` are those of its middle."""

    activity: str
    start_m: int
    end_m: int
    surface: str
    origin: str


class Estimate(NamedTuple):
    """The estimated share of right metres among all stated ones, and its 90 % interval."""

    share: float
    low: float
    high: float


def metres_of(parts: Iterable[StatedPart]) -> dict[Stratum, float]:
    """Add up the metres of each stratum."""
    sums: dict[Stratum, float] = {}
    for part in parts:
        sums[part.stratum] = sums.get(part.stratum, 0.0) + part.metres
    return sums


def draw(
    parts: Iterable[StatedPart],
    metres: Mapping[Stratum, float],
    asked: Mapping[Stratum, int],
    find: Callable[[StatedPart, float], Stretch | None],
    salt: str = "",
) -> Iterator[Stretch]:
    """Draw stretches, one after the other, from `parts` that were not asked about; `metres` are those of all, `asked`
    counts the answers. `find` returns the stretch at a share (0 to 1) of a part, if there is one.

    Each stratum draws its parts by their metres, without replacement (Efraimidis and Spirakis 2006). The random numbers
    come from the names of the parts: the same runs give the same stretches, and new runs leave the others in order.
    """
    counts, misses = Counter(asked), 0
    left: dict[Stratum, list[StatedPart]] = {}
    for part in sorted(parts, key=lambda part: math.log(_random(part, salt)) / part.metres):
        left.setdefault(part.stratum, []).append(part)
    while left and misses < _MOST_MISSES:
        stratum = max(left, key=lambda each: math.sqrt(metres[each]) / (counts[each] + 0.5))
        part = left[stratum].pop()
        if not left[stratum]:
            del left[stratum]
        misses += 1
        if (stretch := find(part, _random(part, f"{salt} place"))) is not None:
            counts[stratum], misses = counts[stratum] + 1, 0
            yield stretch


def _random(part: StatedPart, salt: str) -> float:
    digest = sha256(f"{part.activity} {part.surface} {part.origin} {salt}".encode()).digest()
    return (int.from_bytes(digest[:6]) + 0.5) / 2**48


def stretch_in(run: Sequence[RunPart], of: StatedPart, share: float) -> Stretch | None:
    """Find the stretch around the metre at `share` of those metres of `of` that are in 150 m and more of one ground."""
    wanted: list[tuple[float, float, float, float]] = []  # start and metres of a part; start and end of its ground
    end = 0.0
    for _, same in groupby(run, key=lambda part: (part.ground, part.origin in STATED_BY_MAP)):
        group = list(same)
        first = start = end
        end += sum(part.metres for part in group)
        for part in group:
            if end - first >= LEAST_M and (part.surface, part.origin) == (of.surface, of.origin):
                wanted.append((start, part.metres, first, end))
            start += part.metres
    metre = share * sum(metres for _, metres, _, _ in wanted)
    for start, metres, first, last in wanted:
        if metre <= metres:
            length = min(MOST_M, last - first)
            begin = min(max(start + metre - length / 2, first), last - length)
            middle = run[index_at([part.metres for part in run], begin + length / 2)]
            return Stretch(of.activity, round(begin), round(begin + length), middle.surface, middle.origin)
        metre -= metres
    return None


def index_at(lengths: Iterable[float], metre: float) -> int:
    """Return which of consecutive parts contains a metre; the last one if it is beyond."""
    ends = list(accumulate(lengths))
    return min(bisect_right(ends, metre), len(ends) - 1)


def estimate(metres: Mapping[Stratum, float], verdicts: Sequence[tuple[Stratum, bool]]) -> Estimate | None:
    """Estimate the share of right metres from verdicts (whether an answer was right); None without any. Strata without
    a verdict may be all right or all wrong.

    The interval is that of Clopper and Pearson (1934) with the effective number of answers (Kish 1965), as Korn and
    Graubard (1998) use it for surveys with few cases; `tests/benchmarks/ground_check.py` measures how often it holds.
    """
    answers = Counter(stratum for stratum, _ in verdicts if metres.get(stratum))
    if not answers:
        return None
    right = Counter(stratum for stratum, is_right in verdicts if is_right)
    weights = {stratum: metres[stratum] / sum(metres.values()) for stratum in answers}
    covered = sum(weights.values())
    share = sum(weight * right[stratum] / answers[stratum] for stratum, weight in weights.items()) / covered
    effective = covered**2 / sum(weight**2 / answers[stratum] for stratum, weight in weights.items())
    low, high = interval(share * effective, effective)
    return Estimate(share, covered * low, min(covered * high + 1 - covered, 1.0))


def interval(right: float, answers: float) -> tuple[float, float]:
    """Return the 90 % interval of Clopper and Pearson of a share; both numbers may be fractions."""
    wrong = answers - right
    low = _beta_quantile(_TAIL, right, wrong + 1) if right > 1e-9 else 0.0
    return low, 1 - _beta_quantile(_TAIL, wrong, right + 1) if wrong > 1e-9 else 1.0


def _beta_quantile(share: float, a: float, b: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if _beta_below(middle, a, b) < share else (low, middle)
    return low


def _beta_below(x: float, a: float, b: float) -> float:
    """Return the probability below `x` of a beta distribution, by its power series (DLMF 8.17.8)."""
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_below(1 - x, b, a)
    scale = a * math.log(x) + b * math.log1p(-x) + math.lgamma(a + b) - math.lgamma(a + 1) - math.lgamma(b)
    term = total = 1.0
    for step in count():
        term *= x * (a + b + step) / (a + 1 + step)
        total += term
        if term < 1e-12 * total:
            break
    return total * math.exp(scale)
