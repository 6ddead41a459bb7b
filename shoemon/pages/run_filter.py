"""Filter runs by their days, sport, name, distance, source, pair and ground, for the pages and commands."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

from shoemon.model.plan import NO_PAIR
from shoemon.model.reason import BY_SETTINGS
from shoemon.model.sports import SPORTS
from shoemon.model.units import distance_m
from shoemon.pages.dates import day
from shoemon.pages.decisions import OPEN
from shoemon.pages.rows import Rows

WITHOUT = "-"
"""Stands for a pair: runs without one. No pair has this id."""
MOST = 20_000
"""How many runs can be changed at once by a correction for each."""
_LONGEST = 200
"""The limit of a value, in characters."""
_DAYS = "a.local_date {0} :{1} AND a.started_at {0} date(:{1}, '{2} days')"
_LEG = "a.id IN (SELECT activity FROM legs WHERE {})"
_CONDITIONS = {
    "since": _DAYS.format(">=", "since", "-2"),
    "until": _DAYS.format("<=", "until", "+3"),
    "sport": "a.sport = :sport",
    "source": """(a.source = :source
        OR EXISTS (SELECT 1 FROM activities INDEXED BY activities_duplicate_of
            WHERE duplicate_of = a.id AND source = :source))""",
    "least": "(SELECT sum(distance_m) FROM legs WHERE activity = a.id) >= :least - 0.5",
    "most": "(SELECT sum(distance_m) FROM legs WHERE activity = a.id) <= :most + 0.5",
    "surface": "EXISTS (SELECT 1 FROM legs WHERE activity = a.id AND surface = :surface)",
    "ground": """EXISTS (SELECT 1 FROM legs l JOIN surfaces f ON f.id = l.surface
        WHERE l.activity = a.id AND f.ground = :ground)""",
}
"""SQL about a row `a` of activities."""
PAIR = f"ifnull(l.shoe, iif(l.shoe_reason IN {BY_SETTINGS}, '{NO_PAIR}', ''))"
"""The pair of a leg `l`; empty where that is open."""
_MATCHING = f"""
    SELECT a.id, a.name, a.local_date, sum(l.distance_m) AS distance_m, group_concat(DISTINCT {PAIR}) AS pairs
    FROM activities a JOIN legs l ON l.activity = a.id WHERE a.counted = 1 AND {{}}
    GROUP BY a.id ORDER BY a.started_at DESC, a.id DESC"""


def choices(rows: Rows) -> dict[str, Any]:
    """Read what the form of a filter offers."""
    return {
        "shoes": rows("SELECT id, name, retired_on FROM shoes ORDER BY name, id"),
        "sources": rows("SELECT name FROM sources ORDER BY name"),
        "surfaces": rows("SELECT id, ground FROM surfaces ORDER BY ground, id"),
        "sports": SPORTS,
    }


class RunFilter(NamedTuple):
    """Conditions, as they are written in an address; an empty one does not matter."""

    q: str = ""
    """In the name, in any case."""
    shoe: str = ""
    """The id of a pair, WITHOUT, or `none`: in none of the runner's."""
    since: str = ""
    """The first day; `until` is the last."""
    until: str = ""
    sport: str = ""
    source: str = ""
    least: str = ""
    """A distance, in the runner's unit where it names none; so is `most`."""
    most: str = ""
    surface: str = ""
    ground: str = ""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Read the filter from the parameters of an address."""
        return cls(*((values.get(key) or "").strip()[:_LONGEST] for key in cls._fields))

    def given(self) -> dict[str, str]:
        """The conditions that are given."""
        return {key: value for key, value in self._asdict().items() if value}

    def address(self, **more: str) -> str:
        """The query of an address with this filter, and `more`."""
        values = {**self.given(), **{key: value for key, value in more.items() if value}}
        return f"?{urlencode(values)}" if values else ""

    def faults(self, unit: str) -> list[str]:
        """Name what cannot be read, with the remedy."""
        found = [f"“{value}” is not a day; write one such as 2024-03-01" for value in (self.since, self.until)
                 if value and not _is_day(value)]  # fmt: skip
        for value in filter(None, (self.least, self.most)):
            try:
                distance_m(_with_unit(value, unit))
            except ValueError:
                found.append(f"“{value}” is not a distance; write one such as 8 {unit}")
        if not found and self.since > self.until > "":
            found.append("the first day is after the last one")
        return found

    def metres(self, unit: str) -> dict[str, float]:
        """The distances that are given."""
        bounds = {"least": self.least, "most": self.most}
        return {key: distance_m(_with_unit(value, unit)) for key, value in bounds.items() if value}

    def sql(self, unit: str) -> tuple[str, dict[str, Any]]:
        """Return SQL about a row `a` of activities, without the words of the name and the pair, and its values."""
        values = {**self.given(), **self.metres(unit)}
        return " AND ".join(_CONDITIONS[key] for key in values if key in _CONDITIONS) or "1", values

    def of_pair(self) -> str:
        """SQL about legs: those of the pair."""
        nobodys = {WITHOUT: OPEN, NO_PAIR: f"shoe IS NULL AND shoe_reason IN {BY_SETTINGS}"}
        return nobodys.get(self.shoe, "shoe = :shoe")

    def fits(self, name: str | None) -> bool:
        """Check the name of a run. Not by LIKE, which ignores case in ASCII only."""
        return self.q.casefold() in (name or "").casefold()

    def matching(self, rows: Rows, unit: str) -> list[dict[str, Any]]:
        """Find the runs, the latest first, with their distance and `pairs` (the ids of all, between commas)."""
        sql, values = self.sql(unit)
        pair = f" AND {_LEG.format(self.of_pair())}" if self.shoe else ""
        return [run for run in rows(_MATCHING.format(sql + pair), values) if self.fits(run["name"])]

    def words(self, names: Mapping[str, str]) -> str:
        """Describe the runs, such as `in Road, with “hill” in their name`; `names`: of the pairs by id."""
        unknown = f"in a pair with the id {self.shoe}, which does not exist"
        pairs = {WITHOUT: "without a shoe", NO_PAIR: "in none of your pairs"}
        parts = {
            "shoe": pairs.get(self.shoe) or (f"in {names[self.shoe]}" if self.shoe in names else unknown),
            "q": f"with “{self.q}” in their name", "sport": f"of the sport {self.sport}", "source": f"by {self.source}",
            "surface": f"on {self.surface}", "ground": f"on {self.ground} ground", "least": f"of {self.least} or more",
            "most": f"of {self.most} or less", "since": f"from {day(self.since)} on",
            "until": f"until {day(self.until)}",
        }  # fmt: skip
        return ", ".join(words for key, words in parts.items() if getattr(self, key))

    def as_rule(self, unit: str) -> dict[str, Any] | None:
        """The conditions of a rule for such runs that have no shoe; None where a rule has no such condition."""
        given = self.given()
        if given.keys() & {"surface", "ground"} or self.shoe not in ("", WITHOUT) or not given.keys() - {"shoe"}:
            return None
        least, most = (_with_unit(value, unit) if value else "" for value in (self.least, self.most))
        distance = f"{least} .. {most}" if least and most else f">= {least}" if least else f"<= {most}" if most else ""
        when = {
            "sport": self.sport, "name": _pattern(self.q), "source": self.source, "distance": distance,
            **self._span("after", "before"),
        }  # fmt: skip
        return {key: value for key, value in when.items() if value}

    def as_default(self) -> dict[str, Any] | None:
        """The span of a default for such runs that have no shoe; None where it would be for others too."""
        if self.given().keys() - {"shoe", "since", "until"} or self.shoe not in ("", WITHOUT):
            return None
        return self._span("from", "until")

    def _span(self, start: str, end: str) -> dict[str, dt.date]:
        """The days, the end not included."""
        span = {start: dt.date.fromisoformat(self.since)} if self.since else {}
        return span | ({end: dt.date.fromisoformat(self.until) + dt.timedelta(days=1)} if self.until else {})


class Wanted(NamedTuple):
    """A pair (or `none`) for the runs of a filter, or of these only those in `runs`: `by` corrections, a rule or a
    default."""

    filter: RunFilter
    shoe: str
    by: str = "corrections"
    runs: frozenset[str] | None = None


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text and "1900" < text < "2200"
    except ValueError:
        return False


def _with_unit(distance: str, unit: str) -> str:
    return distance if distance[-1:].isalpha() else f"{distance} {unit}"


def _pattern(words: str) -> str:
    """A regular expression that finds these words in any case; what means something in one is escaped."""
    return "(?i)" + "".join(f"\\{c}" if c in r".^$*+?{}[]\|()" else c for c in words) if words else ""
