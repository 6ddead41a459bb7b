"""Whom messages are for, and the addresses of the pages about shoes, runs, ground and sources."""

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from shoemon.decide.alerts.payload import Figures, Link, Unit
from shoemon.words import sentences


class PageLinks(NamedTuple):
    """Where the runner opens the pages: `url` as `web.url` says it (None: no links), and the database's name there."""

    url: str | None = None
    database: str = "shoemon"

    def home(self, text: str = sentences.ALL_PAIRS) -> list[Link]:
        """The first page."""
        return self._links(text)

    def shoe(self, text: str, shoe: str) -> list[Link]:
        """The page of one pair."""
        return self._links(text, "-", "shoe", shoe)

    def run(self, text: str, run: str) -> list[Link]:
        """The page of one run."""
        return self._links(text, "-", "run", run)

    def ground(self, text: str = sentences.GROUND_PAGE) -> list[Link]:
        """The page about what was run on."""
        return self._links(text, "-", "ground")

    def open_runs(self, text: str = sentences.OPEN_RUNS) -> list[Link]:
        """The page that lists the runs without a shoe."""
        return self._links(text, "-", "assign")

    def choice(self, text: str, run: str, shoe: str | None = None) -> list[Link]:
        """The page on which one run is given a pair, with `shoe` put forward there."""
        return self._links(text, "-", "assign", run, query="" if shoe is None else f"?shoe={_escaped(shoe, '%')}")

    def row(self, text: str, table: str, key: str) -> list[Link]:
        """One row of a table."""
        return self._links(text, self.database, table, key)

    def table(self, text: str, name: str) -> list[Link]:
        """A table or view."""
        return self._links(text, self.database, name)

    def _links(self, text: str, *steps: str, query: str = "") -> list[Link]:
        if self.url is None:
            return []
        base = self.url.partition("?")[0].rstrip("/")
        return [{"text": text, "url": f"{base}/{'/'.join(map(_tilde, steps))}{query}"}]


class Recipient(NamedTuple):
    """Whom a message is for: the unit distances are read in (`km` or `mi`), the day it is there, and the pages."""

    unit: Unit
    today: date
    pages: PageLinks = PageLinks()

    def figures(self, links: Sequence[Link]) -> Figures:
        """What every message's data holds."""
        return {"unit": self.unit, "today": self.today.isoformat(), "links": list(links)}


def _tilde(text: str) -> str:
    """`text` as Datasette writes it in addresses: what is no letter, digit, `_` or `-` as `~` and two digits."""
    return _escaped(text, "~")


def _escaped(text: str, mark: str) -> str:
    safe = re.compile(rb"[^A-Za-z0-9_-]")
    return safe.sub(lambda match: b"%b%02X" % (mark.encode(), match[0][0]), text.encode("utf-8", "replace")).decode()
