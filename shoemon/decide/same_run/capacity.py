"""Whether a record has room for another: nobody stopped it, or it broke off. Pure.

A recording whose stop was forgotten overlaps later runs that are none of it; one whose battery was empty overlaps the
whole run of which it knows the beginning.
"""

from collections.abc import Iterable

from shoemon.decide.same_run.compare import Outline, overlap

_MORE = 1.15
"""What another device may measure more of the same way."""
_LONGER = 2.0
"""Records whose times differ by more are not evidently of one run: then the distances have to bear it out."""
_CUT = 1.5
"""What lasted twice as long, and went so much farther, went on where the other broke off."""


def broke_off(outline: Outline, others: Iterable[Outline]) -> bool:
    """Whether one of `others`, of the same run in other exports, shows that `outline` is only a part of it."""
    return any(
        other.source != outline.source
        and not other.missing
        and 0 < _LONGER * outline.lasts_s <= other.lasts_s
        and 0 < _CUT * outline.distance_m <= other.distance_m
        for other in others
    )


class Capacity:
    """What records that count have taken in from each other source."""

    def __init__(self) -> None:
        self._taken: dict[tuple[str, str], list[Outline]] = {}

    def takes(self, kept: Outline, copy: Outline) -> bool:
        """Whether `kept` can be the run of `copy`, beside what it has taken in; takes it in if so.

        What is missing from its export, or is of the same one, took another's place, and has room in any case; and so
        have parts that fill at least half of its time, whatever they measured.
        """
        if copy.source == kept.source or copy.missing or not kept.distance_m:
            return True
        taken = self._taken.setdefault((kept.id, copy.source), [])
        beside = [other for other in taken if not overlap(other, copy)]
        together_m = sum(other.distance_m for other in (*beside, copy))
        together_s = sum(other.lasts_s for other in (*beside, copy))
        if copy.lasts_s and _LONGER * together_s < kept.lasts_s and together_m > _MORE * kept.distance_m:
            return False
        taken.append(copy)
        return True
