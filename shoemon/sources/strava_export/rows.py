"""One row of a Strava activities.csv to one Activity, or to the Problem that says why not."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from shoemon.decide.which_shoe import float32_key
from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import SourceError
from shoemon.model.sports import sport_of
from shoemon.sources.kit.activities import make_activity, moment_utc
from shoemon.sources.kit.activity_types import english_type
from shoemon.sources.kit.csv_rows import recorder
from shoemon.sources.kit.local_dates import parse
from shoemon.sources.strava_export.columns import Columns

LONGEST_LINE = 16 << 20
"""Characters; those of real exports have some kilobytes."""
_INDOORS = re.compile(r"virtual|treadmill|indoor", re.IGNORECASE)


def gear_key(text: str) -> str:
    """The key of a pair of shoes by its Strava id; anything that is no id is returned unchanged.

    activities.csv holds the ids of older rows rounded to a 32-bit float, those of newer rows exact, so one pair has two
    ids above 16,777,216. Rounding both makes one key: `21088801`, `21088801.0`, `g21088801` -> `21088800`.
    """
    return float32_key(text) or text


def number(text: str) -> float:
    """The number `text` says, also where a spreadsheet wrote a decimal comma. Raises ValueError if it says none."""
    try:
        return float(text)
    except ValueError:
        bare = re.sub(r"[\s'’]", "", text)
    marks = re.sub(r"[^,.]", "", bare)
    if len(marks) > 1 and len(set(marks)) == 1:
        return float(bare.replace(marks[0], ""))
    whole, _, part = bare.rpartition(marks[-1:] or ",")
    if marks == "," and len(part) == 3 and whole.lstrip("-") not in ("", "0"):
        raise ValueError(f"{text[:60]!r} may be {whole}{part} or {whole}.{part}")  # thousands, or a fraction
    return float(f"{whole.replace(',', '').replace('.', '')}.{part}")


def _optional(text: str) -> float | None:
    """A figure that may be missing or spoiled without harm to the rest."""
    try:
        return number(text) if text else None
    except ValueError:
        return None


def bounded(text: IO[str], path: Path) -> Iterator[str]:
    """The lines of `text`. Raises SourceError before one longer than LONGEST_LINE fills the memory."""
    while line := text.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise SourceError(f"{path} has a line longer than that of any export; it is not read", retryable=False)
        yield line


class Rows:
    """Reads the rows of one file. Remembers ids, so that a row that stands twice counts once.

    `label` names the file in Problems; `zone` is the runner's, for the local day.
    """

    def __init__(self, source: str, label: str, columns: Columns, zone: ZoneInfo) -> None:
        self._source, self._label, self._columns, self._zone = source, label, columns, zone
        self._width, self._record = len(columns.names), recorder(columns.names)
        self._seen: dict[str, tuple[int, int]] = {}
        self._sports: dict[str, tuple[str, bool | None]] = {}
        self._gear: dict[str, str] = {}

    def read(self, row: list[str], line: int) -> Activity | Problem | None:
        """What stands in `row`, which begins in line `line` (the header is 1). None: nothing, or the same as before."""
        if not any(row):
            return None
        # Written once here: the raw record is what is kept, and what tells whether a repeated row is the same.
        raw = self._record(row)
        try:
            activity = self._activity(self._squared(row), raw)
        except ValueError as error:
            return self.problem(line, str(error), raw)
        content = hash(raw)  # not the row itself: a file may hold more than memory does
        before = self._seen.setdefault(activity.native_id, (line, content))
        if before == (line, content):
            return activity
        if before[1] == content:
            return None
        return self.problem(line, f"activity {activity.native_id} stands in line {before[0]} already, differently", raw)

    def problem(self, line: int, message: str, raw: str = "") -> Problem:
        """A Problem at `line`."""
        return Problem(f"{self._label}:{line}", message, raw[:2000])

    def _squared(self, row: list[str]) -> list[str]:
        """`row` with exactly one cell for each column, and a blank one behind, which position ABSENT finds."""
        if len(row) != self._width:
            if any(row[self._width :]):
                raise ValueError(f"the row has {len(row)} cells where the header has {self._width}")
            if len(row) <= self._columns.metres:
                raise ValueError("the row ends before the distance; the file may be cut off")
            row = row[: self._width] + [""] * (self._width - len(row))
        row.append("")
        return row

    def _activity(self, row: list[str], raw: str) -> Activity:
        at = self._columns
        native = row[at.id]
        if not (native.isdigit() and native.isascii() and len(native) < 20):
            native = _native_id(native)
        moment = moment_utc(parse(row[at.date], english=at.english), self._zone)
        sport, indoor = self._sports.get(row[at.type]) or self._sport(row[at.type])
        key = (row[at.gear] or row[at.bike]).strip()
        return make_activity(
            self._source,
            native,
            moment,
            row[at.type],
            self._distance(row),
            raw,
            sport=sport,
            name=row[at.name],
            moving_s=_optional(row[at.moving]),
            elapsed_s=_optional(row[at.elapsed] or row[at.elapsed_shown]),
            elevation_m=_optional(row[at.elevation]),
            gear_raw=(self._gear.get(key) or self._key(key)) if key else None,
            gear_name=row[at.gear_name],
            indoor=indoor,
            unpaved_m=_optional(row[at.dirt]),
            track=row[at.file].strip() or None,
        )

    def _distance(self, row: list[str]) -> float:
        """Metres. Raises ValueError for what is no number, and for a blank that is no nought."""
        text = row[self._columns.metres]
        if not text.strip():
            shown = row[self._columns.shown]
            if any(digit in shown for digit in "123456789"):
                raise ValueError(f"the distance in metres is blank, though {shown[:60]!r} is shown")
            return 0.0
        try:
            return number(text)
        except ValueError as error:
            raise ValueError(f"the distance cannot be read: {error}") from None

    def _sport(self, raw: str) -> tuple[str, bool | None]:
        english = english_type(raw)
        known = self._sports[raw] = sport_of(english), True if _INDOORS.search(english) else None
        return known

    def _key(self, gear: str) -> str:
        known = self._gear[gear] = gear_key(gear)
        return known


def _native_id(text: str) -> str:
    """The id where a spreadsheet has rewritten it. Raises ValueError where its digits are lost."""
    match = re.fullmatch(r"\s*(\d{1,19})(?:[.,]0+)?\s*", text, re.ASCII)
    if match is None:
        raise ValueError(f"the activity id {text[:60]!r} is no number" if text.strip() else "the activity id is blank")
    return match[1]
