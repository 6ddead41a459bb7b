"""Whether a record has room for another: a recording that nobody stopped overlaps runs that are none of it. Pure."""

from collections.abc import Callable

from shoemon.outlines import Outline

_MORE = 1.15
"""What another device may measure more of the same way."""
_LONGER = 2.0
"""Records whose times differ by more are not evidently of one run: then the distances have to bear it out."""


class Room:
    """What records that count have taken in from each other source. `overlap` tells whether two records are one run by
    their times, whatever their sources."""

    def __init__(self, overlap: Callable[[Outline, Outline], bool]) -> None:
        self._overlap = overlap
        self._taken: dict[tuple[str, str], list[Outline]] = {}

    def takes(self, kept: Outline, copy: Outline) -> bool:
        """Whether `kept` can be the run of `copy`, beside what it has taken in; takes it in if so.

        What is missing from its export, or is of the same one, took another's place, and has room in any case.
        """
        if copy.source == kept.source or copy.missing or not kept.distance_m:
            return True
        taken = self._taken.setdefault((kept.id, copy.source), [])
        beside_m = sum(other.distance_m for other in taken if not self._overlap(other, copy))
        shorter, longer = sorted((kept.lasts_s, copy.lasts_s))
        is_as_long = not shorter or longer <= _LONGER * shorter
        if (beside_m or not is_as_long) and beside_m + copy.distance_m > _MORE * kept.distance_m:
            return False
        taken.append(copy)
        return True
