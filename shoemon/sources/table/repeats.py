"""Records that come twice in one pull: in one file, or in several that overlap."""

from array import array
from bisect import bisect_right

from shoemon.model.activity import Activity, Problem
from shoemon.sources.table.fields import content_id


class Firsts:
    """Where each id came first, in about 150 bytes a record."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._contents, self._rows = array("q"), array("q")
        self._labels: list[str] = []
        self._begin: list[int] = []

    def begin(self, label: str) -> None:
        """The records that follow stand in the table called `label`."""
        self._labels.append(label)
        self._begin.append(len(self._rows))

    def take(self, activity: Activity, row: int) -> Activity | Problem | None:
        """The activity if it is new; None if the same record came before; a Problem if that has to be told."""
        number = len(self._rows)
        first = self._numbers.setdefault(activity.native_id, number)
        if first == number:
            self._contents.append(hash(activity.raw))
            self._rows.append(row)
            return activity
        place, label = f"{self._labels[-1]}:{row}", self._labels[bisect_right(self._begin, first) - 1]
        earlier = f"row {self._rows[first]}" + (f" of {label}" if label != self._labels[-1] else "")
        if self._contents[first] != hash(activity.raw):
            message = f"row {row} has the id of {earlier}, {activity.native_id}, but is another: the first one counts"
            return Problem(place, message, activity.raw[:2000])
        if activity.utc_offset_s is None and activity.native_id == content_id(
            activity.started_at, activity.sport, activity.distance_m, activity.name
        ):
            message = f"row {row} is the same as {earlier}: counted once; add an id column if both are real"
            return Problem(place, message, activity.raw[:2000])
        return None
