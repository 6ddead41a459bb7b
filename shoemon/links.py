"""Addresses of the pages about shoes, runs and sources, for messages. Pure."""

import re
from typing import NamedTuple

from shoemon.payload import Link


class Pages(NamedTuple):
    """Where the runner opens the pages: `url` as `web.url` says it (None: no links), and the database's name there."""

    url: str | None = None
    database: str = "shoemon"

    def home(self, text: str = "All pairs") -> list[Link]:
        """The first page."""
        return self._links(text)

    def row(self, text: str, table: str, key: str) -> list[Link]:
        """One row of a table."""
        return self._links(text, table, key)

    def table(self, text: str, name: str) -> list[Link]:
        """A table or view."""
        return self._links(text, name)

    def _links(self, text: str, *steps: str) -> list[Link]:
        if self.url is None:
            return []
        path = "/".join(map(_tilde, (self.database, *steps))) if steps else ""
        return [{"text": text, "url": f"{self.url.partition('?')[0].rstrip('/')}/{path}"}]


def _tilde(text: str) -> str:
    """`text` as Datasette writes it in addresses: what is no letter, digit, `_` or `-` as `~` and two digits."""
    return re.sub(rb"[^A-Za-z0-9_-]", lambda match: b"~%02X" % match[0][0], text.encode("utf-8", "replace")).decode()
