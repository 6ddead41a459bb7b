"""Choose the extracts that cover the runs: those with the fewest bytes together."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shoemon.ground.extracts.published import SPOTS_PER_DEGREE, Extract, Published, Spot

_Needs = list[frozenset[str]]


class Chosen(NamedTuple):
    """An extract, and how many runs are in it."""

    extract: Extract
    runs: int


def choose(published: Published, runs: Sequence[frozenset[Spot]], largest: float) -> tuple[list[Chosen], int]:
    """Return the extracts of at most `largest` bytes that cover `runs`, those with most runs first; and how many runs
    are in none."""
    known = {id: extract for id, extract in published.extracts.items() if extract.size <= largest}
    around = _containing(known.values(), frozenset[Spot]().union(*runs))
    found = [{around[spot] for spot in run if around[spot]} for run in runs]
    divided = {extract.parent for extract in known.values()}
    # Many a sea belongs only to a whole country: a run that is in a part of it does not need all.
    needs = {need for each in found for need in ({need for need in each if need - divided} or each)}
    sizes = {id: extract.size for id, extract in known.items()}
    cheapest = _cheapest(_useful(list(needs), sizes), sizes)
    chosen = [Chosen(known[id], sum(any(id in need for need in each) for each in found)) for id in cheapest or ()]
    return sorted(chosen, key=lambda each: (-each.runs, each.extract.id)), found.count(set())


def _containing(extracts: Iterable[Extract], spots: Iterable[Spot]) -> dict[Spot, frozenset[str]]:
    """Find the extracts that contain each spot."""
    near: dict[Spot, list[Extract]] = {}
    found = {}
    for spot in spots:
        square = (spot[0] // SPOTS_PER_DEGREE, spot[1] // SPOTS_PER_DEGREE)
        if square not in near:
            near[square] = [extract for extract in extracts if extract.is_near(*square)]
        found[spot] = frozenset(extract.id for extract in near[square] if extract.contains(spot))
    return found


def _useful(needs: _Needs, sizes: dict[str, int]) -> _Needs:
    """Leave out extracts that are no smaller than the smallest ones for everything they are good for."""
    smallest = {need: min(sizes[id] for id in need) for need in needs}
    worth = {id: sum(size for need, size in smallest.items() if id in need) for need in needs for id in need}
    return list({frozenset(id for id in need if sizes[id] <= worth[id]) for need in needs})


def _cheapest(needs: _Needs, sizes: dict[str, int], bound: float = float("inf")) -> list[str] | None:
    """Find extracts of fewer than `bound` bytes together, so that each need has one; None if there are none."""
    if not needs:
        return []
    best = None
    fewest = min(needs, key=lambda need: (len(need), sorted(need)))
    for id in sorted(fewest, key=lambda id: sizes[id]):
        if sizes[id] >= bound:
            break
        rest = _cheapest([need for need in needs if id not in need], sizes, bound - sizes[id])
        if rest is not None:
            best = [id, *rest]
            bound = sum(sizes[one] for one in best)
    return best
