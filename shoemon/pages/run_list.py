"""List the runs of a filter, sorted, a page at a time or all.

By date, each page begins where the one before ended, by an index, so that the last is as quick as the first. By
distance, climb, time or pace all runs are gone through: a tenth of a second for 50,000 of them.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from shoemon.pages.rows import Rows
from shoemon.pages.run_filter import RunFilter

SHOWN = 100
SEARCHED = 5000
"""How many runs one page searches; it links to the runs that follow."""
LONGEST = 200
"""The limit of a parameter, in characters."""

LATEST = """
    SELECT a.id, a.name, a.local_date, a.started_at AS place, {fits} AS fits FROM activities a
    WHERE a.counted = 1 {after} ORDER BY a.started_at {order}, a.id {order} LIMIT :limit"""
OF_PAIR = """
    SELECT a.id, a.name, a.local_date, l.local_date AS place, {fits} AS fits
    FROM (SELECT DISTINCT local_date, activity FROM legs WHERE {pair} {after}
        ORDER BY local_date {order}, activity {order} LIMIT :limit) l CROSS JOIN activities a ON a.id = l.activity
    ORDER BY l.local_date {order}, l.activity {order}"""
SORTED = """
    SELECT * FROM (SELECT a.id, a.name, a.local_date, {value} AS place, 1 AS fits FROM activities a
      WHERE a.counted = 1 AND {of_pair} AND {fits})
    WHERE 1 {after} ORDER BY place {order}, id {order} LIMIT :limit"""
_METRES = "(SELECT sum(distance_m) FROM legs WHERE activity = a.id{})"
_TIME = "coalesce(nullif(a.moving_s, 0), a.elapsed_s)"
_VALUES = {
    "distance": _METRES.format(" AND {pair}"),
    "climb": "a.elevation_m",
    "time": _TIME,
    "pace": f"{_TIME} / nullif({_METRES.format('')}, 0)",
}
"""Metres, seconds, and seconds for a metre."""


class Sort(NamedTuple):
    """An order of runs: its words, what it compares, and its direction."""

    words: str
    by: str
    order: str

    def place(self, pair: str) -> str:
        """SQL for the place of a run, rounded, so that it is the same on each page; runs without one come last."""
        if self.by == "date":
            return "a.started_at"
        return f"ifnull(round({_VALUES[self.by].format(pair=pair)}, 4), {-1 if self.order == 'DESC' else 1e99})"


SORTS = {
    "": Sort("latest first", "date", "DESC"),
    "earliest": Sort("earliest first", "date", "ASC"),
    "longest": Sort("longest first", "distance", "DESC"),
    "shortest": Sort("shortest first", "distance", "ASC"),
    "climb": Sort("most climb first", "climb", "DESC"),
    "flat": Sort("least climb first", "climb", "ASC"),
    "time": Sort("most time first", "time", "DESC"),
    "brief": Sort("least time first", "time", "ASC"),
    "fastest": Sort("fastest first", "pace", "ASC"),
    "slowest": Sort("slowest first", "pace", "DESC"),
}
"""By the parameter `sort` of an address."""


class Asked(NamedTuple):
    """The parameters of an address: a filter, an order, and place and id of the run before those of the page."""

    filter: RunFilter
    sort: str = ""
    before: str = ""
    id: str = ""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        sort, before, id = ((values.get(key) or "")[:LONGEST] for key in ("sort", "before", "id"))
        return cls(RunFilter.of(values), sort if sort in SORTS else "", before, id)

    def find(self, unit: str, rows: Rows) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
        """Find at most SHOWN runs, and the last one before possible others, or None."""
        by = SORTS[self.sort]
        most = SEARCHED if self.is_searched else SHOWN
        found = self._read(unit, rows, LATEST if by.by == "date" else SORTED, most + 1)
        read, is_more = found[:most], len(found) > most
        found = [run for run in read if run["fits"] and self.filter.fits(run["name"])]
        if len(found) > SHOWN:
            return found[:SHOWN], found[SHOWN - 1]
        return found, read[-1] if is_more else None

    def all_ids(self, unit: str, rows: Rows) -> list[str]:
        """Find all runs."""
        return [run["id"] for run in self._read(unit, rows, SORTED, -1) if self.filter.fits(run["name"])]

    @property
    def is_searched(self) -> bool:
        """Whether runs are read that do not fit: by date all that no index finds, else those of another name."""
        return bool(self.filter.given().keys() - {"shoe"}) if SORTS[self.sort].by == "date" else bool(self.filter.q)

    def _read(self, unit: str, rows: Rows, sql: str, limit: int) -> list[dict[str, Any]]:
        by, wanted = SORTS[self.sort], self.filter
        columns = "place, id"
        if sql == LATEST:
            sql, columns = (OF_PAIR, "local_date, activity") if wanted.shoe else (LATEST, "a.started_at, a.id")
        fits, values = wanted.sql(unit)
        before: str | float = self.before if by.by == "date" else _number(self.before)
        after = f"AND ({columns}) {'<' if by.order == 'DESC' else '>'} (:before, :id)" if self.before else ""
        pair = wanted.of_pair() if wanted.shoe else "1"
        of_pair = f"a.id IN (SELECT activity FROM legs WHERE {pair})" if wanted.shoe else "1"
        sql = sql.format(of_pair=of_pair, fits=fits, after=after, order=by.order, pair=pair, value=by.place(pair))
        return rows(sql, {**values, "before": before, "id": self.id, "limit": limit})


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
