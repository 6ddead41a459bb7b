"""Make an Activity of one row of a Strava activities.csv."""

import re
from functools import lru_cache
from zoneinfo import ZoneInfo

from shoemon.decide.which_shoe import float32_key
from shoemon.model.activity import Activity
from shoemon.sources.csv_exports import ListRow
from shoemon.sources.kit.activities import ALL_UNPAVED, is_over, make_activity, moment_utc
from shoemon.sources.kit.activity_types import english_type
from shoemon.sources.kit.local_dates import Dates
from shoemon.sources.kit.sport_names import SportWords
from shoemon.sources.strava_export.columns import ColumnPlaces

_INDOORS = re.compile(r"virtual|treadmill|indoor", re.IGNORECASE)


@lru_cache(maxsize=4096)
def gear_key(text: str) -> str:
    """Return the key of a pair of shoes by its Strava id; another text unchanged. activities.csv has the ids of older
    rows rounded to a 32-bit float, those of newer rows exact, so one pair has two ids above 16,777,216. Rounding both
    gives one key: `21088801`, `21088801.0`, `g21088801` -> `21088800`."""
    return float32_key(text) or text


def number(text: str) -> float:
    """Read a number, also where a spreadsheet wrote a decimal comma. Raises ValueError for another text."""
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
    """Read a figure that may be missing or damaged without harm to the rest."""
    try:
        return number(text) if text else None
    except ValueError:
        return None


class RowParser:
    """Reads the rows of one file. `zone` is the runner's, for the local day."""

    def __init__(self, source: str, columns: ColumnPlaces, dates: Dates, zone: ZoneInfo, sports: SportWords) -> None:
        self._source, self._columns, self._dates, self._zone = source, columns, dates, zone
        self._sport = lru_cache(maxsize=4096)(sports.sport)
        self.notes: list[str] = []
        """On the row that was read last; the caller empties it."""

    def read(self, given: ListRow) -> Activity:
        row, raw, at = [*given.cells, ""], given.raw, self._columns  # the blank cell is at position ABSENT
        native = row[at.id]
        if not (native.isdigit() and native.isascii() and len(native) < 20):
            native = _native_id(native)
        moment = moment_utc(self._dates.parse(row[at.date]), self._zone)
        key = (row[at.gear] or row[at.bike]).strip()
        unpaved_m = _optional(row[at.dirt])
        activity = make_activity(
            self._source,
            native,
            moment,
            row[at.type],
            self._distance(row),
            raw,
            sport=self._sport(row[at.type]),
            name=row[at.name],
            moving_s=_optional(row[at.moving]),
            elapsed_s=_optional(row[at.elapsed] or row[at.elapsed_shown]),
            elevation_m=_optional(row[at.elevation]),
            gear_raw=gear_key(key) if key else None,
            gear_name=row[at.gear_name],
            indoor=_indoors(row[at.type]),
            unpaved_m=unpaved_m,
            track=row[at.file].strip() or None,
        )
        if unpaved_m and is_over(unpaved_m, activity.distance_m):
            self.notes.append(ALL_UNPAVED)
        return activity

    def _distance(self, row: list[str]) -> float:
        """Return metres. Raises ValueError for another text, and for a blank that does not mean 0."""
        text = row[self._columns.metres]
        if not text.strip():
            shown = row[self._columns.shown]
            if any(digit in shown for digit in "123456789"):
                raise ValueError(f"the distance in metres is blank, but the other distance is {shown[:60]!r}")
            return 0.0
        try:
            return number(text)
        except ValueError as error:
            raise ValueError(f"the distance is unreadable: {error}") from None


@lru_cache(maxsize=4096)
def _indoors(raw: str) -> bool | None:
    return True if _INDOORS.search(english_type(raw)) else None


def _native_id(text: str) -> str:
    """Read the id where a spreadsheet has rewritten it. Raises ValueError where its digits are lost."""
    match = re.fullmatch(r"\s*(\d{1,19})(?:[.,]0+)?\s*", text, re.ASCII)
    if match is None:
        fault = f"the activity id {text[:60]!r} is not a number" if text.strip() else "the activity id is blank"
        raise ValueError(fault)
    return match[1]
