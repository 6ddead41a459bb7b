"""The reader of messages, and the addresses of the pages about shoes, runs, ground and sources."""

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from shoemon.decide.alerts.payload import Figures, Link, Unit
from shoemon.words import sentences


class PageLinks(NamedTuple):
    """The address of the pages: `url` is `web.url` (None: no links), `database` the database's name there, which
    addresses of all pages have where it is `one_of_many`."""

    url: str | None = None
    database: str = "shoemon"
    one_of_many: bool = False

    def home(self, text: str = sentences.ALL_PAIRS) -> list[Link]:
        """The first page."""
        return self._page(text, "shoes") if self.one_of_many else self._links(text)

    def shoe(self, text: str, shoe: str) -> list[Link]:
        """The page of one pair."""
        return self._page(text, "shoe", shoe)

    def pair(self, text: str, shoe: str) -> list[Link]:
        """The page on which one pair is retired, or gets a longer life."""
        return [{**link, "shoe": shoe} for link in self._page(text, "pair", shoe)]

    def run(self, text: str, run: str) -> list[Link]:
        """The page of one run."""
        return self._page(text, "run", run)

    def ground(self, text: str = sentences.GROUND_PAGE) -> list[Link]:
        """The page about ground."""
        return self._page(text, "ground")

    def open_runs(self, text: str = sentences.OPEN_RUNS) -> list[Link]:
        """The page that lists the runs without a shoe."""
        return self._page(text, "assign")

    def choice(self, text: str, run: str, shoe: str | None = None) -> list[Link]:
        """The page that gives one run a pair, with `shoe` preselected."""
        return self._page(text, "assign", run, query="" if shoe is None else f"?shoe={_escaped(shoe, '%')}")

    def table(self, text: str, name: str, *key: str) -> list[Link]:
        """A table or view, or its row with `key`."""
        return self._links(text, self.database, name, *key)

    def _page(self, text: str, *steps: str, query: str = "") -> list[Link]:
        return self._links(text, *((self.database,) if self.one_of_many else ()), "-", *steps, query=query)

    def _links(self, text: str, *steps: str, query: str = "") -> list[Link]:
        if self.url is None:
            return []
        base = self.url.partition("?")[0].rstrip("/")
        return [{"text": text, "url": f"{base}/{'/'.join(map(_tilde, steps))}{query}"}]


class Recipient(NamedTuple):
    """The reader of a message: unit of distances (`km` or `mi`), local date, and pages."""

    unit: Unit
    today: date
    pages: PageLinks = PageLinks()

    def figures(self, links: Sequence[Link]) -> Figures:
        """The figures that every message has."""
        return {"unit": self.unit, "today": self.today.isoformat(), "links": list(links)}


def _tilde(text: str) -> str:
    """Write `text` as Datasette does in addresses: what is no letter, digit, `_` or `-` as `~` and two digits."""
    return _escaped(text, "~")


def _escaped(text: str, mark: str) -> str:
    safe = re.compile(rb"[^A-Za-z0-9_-]")
    return safe.sub(lambda match: b"%b%02X" % (mark.encode(), match[0][0]), text.encode("utf-8", "replace")).decode()
