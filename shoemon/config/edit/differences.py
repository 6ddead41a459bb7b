"""Find the lines that differ between two versions of a file, also where a thousand places do."""

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import accumulate


def differences(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Yield what differs: start and stop of lines of the old version, and of those of the new one in their place.

    Lines that both versions have once hold the rest in place, so that only what is between them is compared line by
    line: comparing everything takes the square of the number of places.
    """
    at = at_new = 0
    for stop, stop_new in [*_held(old, new), (len(old), len(new))]:
        matcher = SequenceMatcher(None, old[at:stop], new[at_new:stop_new], autojunk=False)
        for kind, *places in matcher.get_opcodes():
            if kind != "equal":
                yield places[0] + at, places[1] + at, places[2] + at_new, places[3] + at_new
        at, at_new = stop, stop_new


def _held(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The places in both versions of lines that each has once; of a line that was moved, none."""
    times, times_before = Counter(new), Counter(old)
    once = {line: at for at, line in enumerate(new) if times[line] == times_before[line] == 1}
    held = [(at, once[line]) for at, line in enumerate(old) if line in once]
    highest = list(accumulate((place for _, place in held), max))
    return [pair for pair, so_far in zip(held, highest, strict=True) if pair[1] == so_far]
