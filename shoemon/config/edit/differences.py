"""Find the lines that differ between two versions of a file, also where a thousand places do."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple


class Difference(NamedTuple):
    """The lines from `start` to `stop` of the new version take the place of those of the old one."""

    old_start: int
    old_stop: int
    start: int
    stop: int


def differences(old: Sequence[str], new: Sequence[str]) -> Iterator[Difference]:
    """Yield what differs. Lines that both versions have once hold the rest in place, so that only what is between them
    is compared line by line: comparing everything takes the square of the number of places."""
    at = at_new = 0
    for stop, stop_new in [*_held(old, new), (len(old), len(new))]:
        matcher = SequenceMatcher(None, old[at:stop], new[at_new:stop_new], autojunk=False)
        for kind, *places in matcher.get_opcodes():
            if kind != "equal":
                yield Difference(places[0] + at, places[1] + at, places[2] + at_new, places[3] + at_new)
        at, at_new = stop, stop_new


def _held(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The places in both versions of the most lines that each has once, in the same order."""
    seen = Counter(new)
    once = {line: at for at, line in enumerate(new) if seen[line] == 1}
    seen = Counter(old)
    found = [(at, once[line]) for at, line in enumerate(old) if seen[line] == 1 and line in once]
    ends, lasts, before = list[int](), list[int](), list[int | None]()
    for index, (_, place) in enumerate(found):  # the longest increasing subsequence
        length = bisect_left(ends, place)
        ends[length : length + 1], lasts[length : length + 1] = [place], [index]
        before.append(lasts[length - 1] if length else None)
    held, index_or_none = list[tuple[int, int]](), lasts[-1] if lasts else None
    while index_or_none is not None:
        held.append(found[index_or_none])
        index_or_none = before[index_or_none]
    return held[::-1]
