"""Source type `table`: any table with one activity a row, as CSV, TSV, JSON or NDJSON, in files or on a server."""

from shoemon.model.contracts import Cursor, Pull
from shoemon.sources import RecordPull, SourceOf
from shoemon.sources.kit.files import pull_files
from shoemon.sources.table.read_table import TableReader, bodies, open_tables
from shoemon.sources.table.recognise import recognise
from shoemon.sources.table.settings import TableSettings

__all__ = ["Settings", "make", "recognise"]

Settings = TableSettings


class TableSource(SourceOf[TableSettings]):
    """Reads the whole table at every pull, unless nothing has changed since the last."""

    def pull(self, cursor: Cursor | None) -> Pull:
        """Find the files or download the pages."""
        reader = TableReader(self._settings, self._context.timezone)
        if self._settings.url is None:
            files = open_tables(str(self._settings.path), self._context.base)
            return pull_files(files, cursor, {}, lambda files: reader.pages(bodies(files, files.names), files.names))
        from shoemon.sources.table.pages import fetch_pages

        known: Cursor = cursor or {}
        download = fetch_pages(self._settings, self._context.base, known)
        if download.unchanged:
            return RecordPull(iter(()), unchanged=True, cursor=lambda: {**known, **download.remembered})
        return RecordPull(reader.pages(download.pages), cursor=lambda: download.remembered, close=download.close)


make = TableSource
