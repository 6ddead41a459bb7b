"""Read the records of one pull, table after table."""

from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from shoemon.model.activity import Activity, Problem
from shoemon.sources.table.columns import Table
from shoemon.sources.table.fields import content_id
from shoemon.sources.table.json_records import NoRecordsError
from shoemon.sources.table.rows import RowReader
from shoemon.sources.table.settings import TableSettings
from shoemon.sources.table.text import table_in


class TableReader:
    """Reads the tables of one pull. Without `firsts` every row with an id that occurs again is a record too."""

    def __init__(self, settings: TableSettings, runner_zone: str, *, firsts: bool = True) -> None:
        self._settings, self._zone = settings, runner_zone
        self._firsts = FirstRows() if firsts else None

    def pages(
        self, pages: Iterable[tuple[str, str, IO[bytes]]], every: Sequence[str] = ()
    ) -> Iterator[Activity | Problem]:
        """Yield the records of pages, each with a name for messages, one that decides its format, and its bytes. One
        without records is a Problem where `every` page is listed, and there are several."""
        for label, name, body in pages:
            body.seek(0)
            try:
                with table_in(body, self._settings, label, name) as table:
                    yield from self._records(table)
            except NoRecordsError as error:
                if len(every) < 2:
                    raise
                yield Problem(label, str(error))

    def _records(self, table: Table) -> Iterator[Activity | Problem]:
        reader = RowReader(self._settings, self._zone, table)
        read, notes, firsts, label = reader.read, reader.notes, self._firsts, table.label
        for item in table.rows():
            if isinstance(item, Problem):
                yield item
                continue
            row, cells, raw = item
            try:
                activity = read(cells, raw)
            except (ValueError, OverflowError) as error:
                notes.clear()
                yield Problem(f"{label}:{row}", str(error), raw[:2000])
                continue
            taken = firsts.take(activity, label, row) if firsts else activity
            if taken is not None:
                yield taken
            if notes:
                yield from [Problem(f"{label}:{row}", note, raw[:2000], is_note=True) for note in notes]
                notes.clear()


class FirstRows:
    """The first row of each id: its table, its number, and its content."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[str, int, int]] = {}

    def take(self, activity: Activity, label: str, row: int) -> Activity | Problem | None:
        """Return the activity if it is new; None for a repeated record; a Problem if that must be reported."""
        own = label, row, hash(activity.raw)
        first = self._rows.setdefault(activity.native_id, own)
        if first is own:
            return activity
        earlier = f"row {first[1]}" + (f" of {first[0]}" if first[0] != label else "")
        if first[2] != own[2]:
            message = (
                f"row {row} has the id of {earlier}, {activity.native_id}, but other content: the first one counts"
            )
            return Problem(f"{label}:{row}", message, activity.raw[:2000])
        if activity.utc_offset_s is None and activity.native_id == content_id(
            activity.started_at, activity.sport, activity.distance_m, activity.name
        ):
            message = f"row {row} is the same as {earlier}: counted once; add an id column if both are real"
            return Problem(f"{label}:{row}", message, activity.raw[:2000])
        return None
