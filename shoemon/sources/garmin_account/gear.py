"""Read the runner's pairs in a Garmin account, and the activities of each.

`*_gear.json`, as known from programs that read it: `gearDTOS` lists shoes and bikes, `gearActivityDTOs` has the
activities of each by its id (`gearPk`). `maximumMeters` is the distance at which Garmin notifies the runner.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from shoemon.model.activity import Gear, Problem
from shoemon.model.errors import SourceError
from shoemon.sources.kit.fields import life_at, needed_text_at, text_at
from shoemon.sources.kit.files import ExportFiles

_EPOCH = dt.date(1970, 1, 1)


def is_gear_file(name: str) -> bool:
    return name.lower().endswith("_gear.json") or name.rpartition("/")[2].lower() == "gear.json"


class GearList:
    """Every pair by its id, the pairs worn by the activity's id, and the entries that cannot be read."""

    def __init__(self) -> None:
        self.pairs: dict[str, Gear] = {}
        self.problems: list[Problem] = []
        self._worn: dict[str, dict[str, None]] = {}

    def worn_on(self, activity: str) -> list[Gear]:
        """Return the pairs worn on an activity, in the order of the account's list."""
        worn = self._worn.get(activity, {})
        return [pair for id, pair in self.pairs.items() if id in worn] if worn else []

    def add(self, place: str, content: Any) -> None:
        links: list[Any] = []
        for part in content if isinstance(content, list) else [content]:
            if isinstance(part, Mapping):
                by_name = {str(key).casefold(): value for key, value in part.items()}
                self._add_pairs(place, by_name.get("geardtos"))
                links.append(by_name.get("gearactivitydtos"))
        for link in links:
            for activity, id in _links(link):
                self._worn.setdefault(activity, {})[id] = None

    def _add_pairs(self, place: str, entries: Any) -> None:
        for number, entry in enumerate(entries if isinstance(entries, list) else [], 1):
            try:
                if not isinstance(entry, Mapping):
                    raise ValueError("its structure is unknown")
                if (pair := _pair(entry)) is not None:
                    self.pairs[pair.gear_raw] = pair
            except ValueError as error:
                self.problems.append(Problem(f"{place}: gear {number}", str(error)))


def read_gear(files: ExportFiles) -> GearList:
    """Read the gear of an export. Raises SourceError if its list cannot be read: every run would lose its shoe."""
    found = GearList()
    for name in filter(is_gear_file, files.names):
        try:
            found.add(name, files.json(name))
        except ValueError as error:
            raise SourceError(f"{name}: {error}; download the export again") from None
    return found


def _pair(entry: Mapping[str, Any]) -> Gear | None:
    """Read a pair of shoes; None for other gear. Raises ValueError if it has no id."""
    if (text_at(entry, "gearTypeName") or "Shoes").casefold() not in ("shoes", "shoe"):
        return None
    name = text_at(entry, "displayName") or text_at(entry, "customMakeModel")
    is_retired = (text_at(entry, "gearStatusName") or "").casefold() == "retired"
    return Gear(
        needed_text_at(entry, "gearPk"),
        " ".join(name.split()) if name else None,
        life_at(entry, "maximumMeters"),
        _day(entry.get("dateEnd")) if is_retired else None,
    )


def _day(value: Any) -> str | None:
    """Return the ISO date of `2024-05-01T00:00:00.0`, or of milliseconds since 1970."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return (_EPOCH + dt.timedelta(milliseconds=value)).isoformat()
        return dt.date.fromisoformat(value[:10]).isoformat() if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def _links(link: Any) -> Iterator[tuple[str, str]]:
    """Yield activity and pair, from lists by the id of the pair, or from one list."""
    by_pair = link.items() if isinstance(link, Mapping) else [("", link)]
    for id, rows in by_pair:
        for row in rows if isinstance(rows, list) else []:
            if isinstance(row, Mapping):
                activity, pair = text_at(row, "activityId"), text_at(row, "gearPk") or str(id)
                if activity and pair:
                    yield activity, pair
