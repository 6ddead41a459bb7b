"""Choose the extracts that cover the runs: those with the fewest bytes together."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from shoemon.ground.extracts.published import Extract, GridCell, Published
from shoemon.ground.osm.clip import SQUARES_PER_DEGREE

_Needs = list[frozenset[str]]


class Chosen(NamedTuple):
    """An extract, and how many runs are in it or at its border."""

    extract: Extract
    runs: int


def choose(published: Published, runs: Sequence[frozenset[GridCell]], largest: float) -> tuple[list[Chosen], int]:
    """Return the extracts of at most `largest` bytes that cover the cells of `runs`, those with most runs first; and
    how many runs are in none.

    A cell next to a run counts too, as outlines are not exact: where it is in another region, that is chosen too, or a
    larger one that contains both.
    """
    known = {id: extract for id, extract in published.extracts.items() if extract.size <= largest}
    divided = {extract.parent for extract in known.values()}
    touched = frozenset(cell for run in runs for cell in run)
    around = _containing(known.values(), _with_neighbours(touched))
    # Many a sea belongs only to a whole country: what is beside a run asks for a part, never for that.
    needs = {found for cell, found in around.items() if cell in touched or found - divided}
    sizes = {id: extract.size for id, extract in known.items()}
    cheapest = _cheapest(_useful([need for need in needs if need], sizes), sizes)
    counts = {
        id: sum(any(id in around[cell] for cell in _with_neighbours(run)) for run in runs) for id in cheapest or ()
    }
    chosen = [Chosen(known[id], count) for id, count in counts.items()]
    outside = sum(not any(around[cell] for cell in run) for run in runs)
    return sorted(chosen, key=lambda each: (-each.runs, each.extract.id)), outside


def _containing(extracts: Iterable[Extract], cells: Iterable[GridCell]) -> dict[GridCell, frozenset[str]]:
    """Find the extracts that contain each cell."""
    near: dict[GridCell, list[Extract]] = {}
    found = {}
    for cell in cells:
        square = (cell[0] // SQUARES_PER_DEGREE, cell[1] // SQUARES_PER_DEGREE)
        if square not in near:
            near[square] = [extract for extract in extracts if extract.is_near(*square)]
        found[cell] = frozenset(extract.id for extract in near[square] if extract.contains(cell))
    return found


def _with_neighbours(cells: Iterable[GridCell]) -> set[GridCell]:
    return {(row + up, column + right) for row, column in cells for up in (-1, 0, 1) for right in (-1, 0, 1)}


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
