"""Source type `table`: any table with one activity a row, as CSV, TSV, JSON or NDJSON, in files or on a server."""

from typing import Any

from shoemon.model.contracts import Cursor, Pull
from shoemon.sources import RecordPull, SourceOf
from shoemon.sources.kit.csv_rows import Resume
from shoemon.sources.table.files import Mark, Scan, find_files, marks_in, scan_file
from shoemon.sources.table.read_table import TableReader
from shoemon.sources.table.recognise import recognise
from shoemon.sources.table.settings import TableSettings

__all__ = ["Settings", "make", "recognise"]

Settings = TableSettings
READER = 2
"""Raise it when rows are read differently, so that every table is read again."""


class TableSource(SourceOf[TableSettings]):
    """Pulls one table. Reads only the added rows of a file that only grew, and nothing if nothing changed."""

    def pull(self, cursor: Cursor | None) -> Pull:
        """Find the files or download the pages. A cursor of other settings, or of another version, is ignored."""
        head = {"reader": READER, "settings": self._fingerprint()}
        known: Cursor = cursor if cursor is not None and cursor.items() >= head.items() else {}
        return self._pull_url(known, head) if self._settings.url is not None else self._pull_files(known, head)

    def _pull_url(self, known: Cursor, head: Cursor) -> Pull:
        from shoemon.sources.table.pages import fetch_pages

        download = fetch_pages(self._settings, self._context.base, known)
        if download.unchanged:
            return RecordPull(iter(()), unchanged=True, cursor=lambda: {**known, **download.remembered})
        reader = TableReader(self._settings, self._context.timezone)
        return RecordPull(
            reader.pages(download.pages), cursor=lambda: {**head, **download.remembered}, close=download.close
        )

    def _pull_files(self, known: Cursor, head: Cursor) -> Pull:
        files = find_files(str(self._settings.path), self._context.base)
        marks = marks_in(known.get("files"))
        scans = {str(file): scan_file(file, marks.get(str(file))) for _, file in files}
        now = {path: list(scan.mark) for path, scan in scans.items()}
        if marks.keys() == scans.keys() and all(scans[path].mark.sha256 == mark.sha256 for path, mark in marks.items()):
            return RecordPull(iter(()), unchanged=True, cursor=lambda: {**known, "files": now})
        reader = TableReader(self._settings, self._context.timezone)
        resume = _resume(known.get("tail"), marks, scans)
        records = reader.files([(label, file, scans[str(file)]) for label, file in files], resume)

        def remembered() -> Cursor | None:
            # A file that changed while it was read is read whole again.
            tail = reader.tail._asdict() if reader.tail else None
            return {**head, "files": now, "tail": tail} if reader.is_stable else None

        return RecordPull(records, whole=resume is None, cursor=remembered, close=records.close)


make = TableSource


def _resume(tail: Any, marks: dict[str, Mark], scans: dict[str, Scan]) -> tuple[int, Resume] | None:
    """Return the byte to continue from, and how, if the only file is the old one with rows added at its end."""
    (path, scan), *others = scans.items()
    mark = marks.get(path)
    if others or mark is None or scan.head_sha256 != mark.sha256 or not isinstance(tail, dict):
        return None
    try:
        names = [str(name) for name in tail["names"]]
        return mark.size, Resume(str(tail["kind"]), names, str(tail["delimiter"]), int(tail["lines"]))
    except (KeyError, TypeError, ValueError):
        return None
