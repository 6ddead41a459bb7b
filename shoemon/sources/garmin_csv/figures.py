"""Read distances as Garmin Connect's list writes them: kilometres or miles with two decimals, or whole metres.

The decimal sign is that of the account, whatever its language: `"3,40"` occurs under English headers too, and `"1,214"`
is a swim of 1,214 m or, with a decimal comma, 1.214 km. Seen in exports of both kinds.
"""

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from shoemon.model.units import METRES
from shoemon.sources.kit.cells import is_empty, quoted

Unit = Literal["km", "mi"]
_LONGEST = 40
"""Characters of a figure: the time of some patterns grows with their square."""
_DECIMAL = re.compile(r"-?\d{1,3}(?:[.,\s'’]?\d{3})*([.,])\d{1,2}|(?:\d+:)+\d\d([.,])\d+")
_SEPARATORS = re.compile(r"[\s'’]+(?=\d{3}(?:\D|$))")
_WHOLE = re.compile(r"\d{1,12}")
_PLAIN = re.compile(r"(\d{1,12})[.,](\d{1,2}|\d{4,12})")
_THREE = re.compile(r"(\d{1,3})([.,])(\d{3})")
_GROUPS = re.compile(r"[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})+")
_BOTH = re.compile(r"[1-9]\d{0,2}(?:(?:,\d{3})+\.|(?:\.\d{3})+,)\d{1,12}")


def decimal_sign(cells: Iterable[str]) -> str | None:
    """Return the sign before the decimals in `cells`; None if none of them shows it, or they disagree."""
    found = {match[1] or match[2] for cell in cells if len(cell) <= _LONGEST and (match := _DECIMAL.fullmatch(cell))}
    return found.pop() if len(found) == 1 else None


class Distances(NamedTuple):
    """Reads the distances of one file."""

    unit: Unit
    sign: str | None
    """The decimal sign of the file."""

    def metres(self, cell: str, *, in_metres: bool) -> float:
        """Read the distance in `cell`; an empty one (`--`) is 0. `in_metres`: Garmin lists this type in metres. Raises
        ValueError for what is not a number, and for an ambiguous one."""
        if is_empty(cell):
            return 0.0
        if len(cell) > _LONGEST:
            raise ValueError(f"the distance {quoted(cell)} is not a number")
        bare = _SEPARATORS.sub("", cell.strip())
        if _WHOLE.fullmatch(bare):
            # Kilometres and miles have two decimals, unless a spreadsheet has removed the zeros.
            is_metres = in_metres or len(bare) > 3
            return float(bare) * (1.0 if is_metres else METRES[self.unit])
        if match := _PLAIN.fullmatch(bare):
            return float(f"{match[1]}.{match[2]}") * METRES[self.unit]
        if match := _THREE.fullmatch(bare):
            return self._three(match, is_same=in_metres or self.unit == "km")
        if _GROUPS.fullmatch(bare):
            return float(re.sub("[.,]", "", bare))
        if _BOTH.fullmatch(bare):
            *groups, part = re.split("[.,]", bare)
            return float(f"{''.join(groups)}.{part}") * METRES[self.unit]
        raise ValueError(f"the distance {quoted(cell)} is not a number")

    def _three(self, match: re.Match[str], *, is_same: bool) -> float:
        """Read `6,640`: thousands of metres, or a fraction; of a kilometre (`is_same`) the result is the same."""
        metres = float(match[1] + match[3])
        is_fraction = match[2] == self.sign or match[1].startswith("0")
        if is_same or (self.sign is not None and not is_fraction):
            return metres
        if is_fraction:
            return metres / 1000 * METRES[self.unit]
        raise ValueError(f"the distance {match[0]!r} may be {metres:.0f} metres or {metres / 1000:.3f} miles")
