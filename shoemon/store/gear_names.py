"""Store the names of gear by source (see decide/gear_names.py)."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from sqlite3 import Connection

from sqlite_utils import Database

from shoemon.decide.gear_names import GearKey, GearName, known_as, last_name
from shoemon.decide.which_shoe import FormerNames, gear_number, plain_name
from shoemon.model.activity import Activity

_GEAR = "coalesce(nullif(gear_raw, ''), nullif(gear_name, ''))"
_NAME = "coalesce(nullif(gear_name, ''), nullif(gear_raw, ''))"
_COLUMNS, _ORDER = "source, gear, name, runs, renamed_to", "source, gear, last_seen_at DESC, name"
NAMES_SQL = f"""
    SELECT {_COLUMNS} FROM gear_names
    WHERE source IN (SELECT source FROM gear_names WHERE renamed_to IS NOT NULL) ORDER BY {_ORDER}"""
"""All names in sources where any has changed, the newest first."""


def gear_names(conn: Connection) -> list[GearName]:
    """Everything that is known of the names in sources where any has changed, the newest first."""
    return [GearName(*row) for row in conn.execute(NAMES_SQL)]


def former_names(database: Database) -> FormerNames:
    """Return by source and id of gear every name it had, the newest first; see `known_as`."""
    return known_as(gear_names(database.conn))


class GearChanges:
    """The changes of the names of gear by one pull of `source`: call `see` before records are stored, and `write` after
    the last, all in the caller's transaction."""

    def __init__(self, database: Database, source: str) -> None:
        self._conn, self._source = database.conn, source
        self._touched = False
        self._moved: dict[GearKey, Counter[GearKey | None]] = {}

    def see(self, records: Sequence[Activity], stored: Collection[str]) -> None:
        """Note `records` that are new or changed; the database still has the old ones with the ids `stored`."""
        self._touched = self._touched or any(map(_key, records))
        now = {each.id: _key(each) for each in records} if stored else {}
        changed = [id for id in stored if id in now]
        if not changed:
            return
        sql = f"SELECT id, {_GEAR}, {_NAME} FROM activities WHERE id IN (SELECT value FROM json_each(?))"
        for id, gear, name in self._conn.execute(sql, (json.dumps(changed),)):
            if gear and (gear, name) != now[id]:
                self._touched = True
                self._moved.setdefault((gear, name), Counter())[now[id]] += 1

    def write(self, now: str, *, any_missing: bool = False) -> None:
        """Count the records of each name, and note which names are no longer used. Records whose pair may change
        because of that are decided again."""
        if not (self._touched or any_missing):
            return
        names = self._names()
        present = self._present()
        self._conn.executemany(
            """INSERT INTO gear_names(source, gear, name, runs, first_seen_at, last_seen_at) VALUES (?, ?, ?, ?, ?, ?)
               ON CONFLICT(source, gear, name) DO UPDATE SET runs = excluded.runs, last_seen_at = excluded.last_seen_at,
                 renamed_to = NULL""",
            [(self._source, *key, runs, now, now) for key, runs in present.items()],
        )
        before = {(each.gear, each.name): each.runs for each in names}
        renamed = [
            (new, self._source, *old) for old, new in (*_renamed_back(names, present), *self._renamed(present, before))
        ]
        sql = "UPDATE gear_names SET renamed_to = ? WHERE source = ? AND gear = ? AND name = ?"
        self._conn.executemany(sql, renamed)
        known, after = known_as(names), known_as(self._names())
        if known != after:
            self._decide_again({gear for _, gear in known.keys() | after.keys()})

    def _names(self) -> list[GearName]:
        sql = f"SELECT {_COLUMNS} FROM gear_names WHERE source = ? ORDER BY {_ORDER}"
        return [GearName(*row) for row in self._conn.execute(sql, (self._source,))]

    def _present(self) -> Counter[GearKey]:
        """Count the listed records of each name. Grouped as they are stored, in the order of their index."""
        sql = """SELECT gear_raw, gear_name, count(*) FROM activities WHERE source = ? AND missing_since IS NULL
                 GROUP BY gear_raw, gear_name"""
        found = Counter[GearKey]()
        for gear, name, runs in self._conn.execute(sql, (self._source,)):
            if gear or name:
                found[gear or name, name or gear] += runs
        return found

    def _renamed(self, present: dict[GearKey, int], before: dict[GearKey, int]) -> Iterator[tuple[GearKey, str]]:
        """Yield the names that no record has any more because all have one other name now: of the same id, whatever
        runs moved to other pairs meanwhile; without an id, all that had them.

        Where the id changed too, that is a new name only if more runs came to it than it had: runs that a runner moves
        to another pair are no renaming.
        """
        for old, moved in self._moved.items():
            if old in present:
                continue
            has_only_names = old[0] == old[1] and gear_number(old[0]) is None
            names = {new[1] for new in moved if new is not None and new[0] == old[0]}
            if len(names) == 1:
                yield old, names.pop()
            elif has_only_names and len(moved) == 1:
                ((new, times),) = moved.items()
                if new is not None and plain_name(new[1]) != plain_name(old[1]) and times > before.get(new, 0):
                    yield old, new[1]

    def _decide_again(self, gear: set[str]) -> None:
        sql = f"""UPDATE activities SET counted = NULL WHERE source = ? AND counted IS NOT NULL
                    AND {_GEAR} IN (SELECT value FROM json_each(?))"""
        self._conn.execute(sql, (self._source, json.dumps(sorted(gear))))


def _renamed_back(names: Iterable[GearName], present: Collection[GearKey]) -> Iterator[tuple[GearKey, str]]:
    """Yield the names that no record has any more because the name before them is used again."""
    for gear, several in groupby(names, key=lambda each: each.gear):
        links = {each.name: each.renamed_to for each in several}
        for name in links:
            last = last_name(name, links)
            if (gear, name) in present and last in links and (gear, last) not in present:
                yield (gear, last), name


def _key(activity: Activity) -> GearKey | None:
    gear, name = activity.gear_raw or activity.gear_name, activity.gear_name or activity.gear_raw
    return (gear, name) if gear and name else None
