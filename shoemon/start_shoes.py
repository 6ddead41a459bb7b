"""Which pairs of shoes the exports speak of: the gear of many runs, put together to shoes with ids. Pure."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from shoemon.attribution import float32_key, gear_number, plain_name


class Sighting(NamedTuple):
    """The gear that one run names. `distance_m` is None where another export has brought the same run already."""

    source: str
    gear_raw: str | None
    gear_name: str | None
    local_date: str
    distance_m: float | None


class Draft(NamedTuple):
    """A pair as it can be written to shoes.yaml. Metres and ISO dates."""

    id: str
    name: str
    gear: tuple[str, ...]
    distance_m: float
    runs: int
    first_on: str
    last_on: str


class Drafts(NamedTuple):
    """The pairs found, last worn first, and the names that could mean several of them."""

    shoes: tuple[Draft, ...]
    ambiguous: tuple[str, ...]


@dataclass
class _Pair:
    """What is known of one pair so far. `names` maps each name to the last day it was used."""

    sources: set[str] = field(default_factory=set)
    ids: dict[str, None] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    days: list[str] = field(default_factory=list)
    distance_m: float = 0.0
    runs: int = 0

    def see(self, sighting: Sighting) -> None:
        raw, label = sighting.gear_raw, sighting.gear_name
        self.sources.add(sighting.source)
        if raw and _is_id(raw, label):
            self.ids[raw] = None
        name = label or ("" if self.ids else raw)
        if name:
            self.names[name] = max(self.names.get(name, ""), sighting.local_date)
        self.days = _span([*self.days, sighting.local_date])
        if sighting.distance_m is not None:
            self.distance_m += sighting.distance_m
            self.runs += 1

    def take(self, other: "_Pair") -> None:
        self.sources |= other.sources
        self.ids |= other.ids
        for name, day in other.names.items():
            self.names[name] = max(self.names.get(name, ""), day)
        self.days = _span([*self.days, *other.days])
        self.distance_m += other.distance_m
        self.runs += other.runs

    @property
    def newest_first(self) -> list[str]:
        """Its names; an id that came without a name at first is none."""
        return sorted(self.names.keys() - self.ids.keys(), key=lambda name: (self.names[name], name), reverse=True)

    @property
    def title(self) -> str:
        """The name it goes by now, on one line; by its id where an export has no name."""
        return " ".join((self.newest_first or [f"Shoe {next(iter(self.ids))}"])[0].split())


def find_shoes(sightings: Iterable[Sighting]) -> Drafts:
    """The pairs behind `sightings`: gear of one id is one pair whatever its names, the newest of which it keeps."""
    pairs: dict[str, _Pair] = {}
    for sighting in sightings:
        gear = sighting.gear_raw or sighting.gear_name or ""
        key = gear_number(gear) or plain_name(gear)
        if key:
            pairs.setdefault(key, _Pair()).see(sighting)
    _join_rounded(pairs)
    found, ambiguous = _joined_by_name(list(pairs.values()))
    found.sort(key=lambda pair: (pair.days[-1], pair.title), reverse=True)
    return Drafts(tuple(_drafts(found)), tuple(ambiguous))


def _is_id(raw: str, label: str | None) -> bool:
    return plain_name(raw) != plain_name(label) if label else gear_number(raw) is not None


def _join_rounded(pairs: dict[str, _Pair]) -> None:
    """Joins an exact id and its rounding, as exports of the same shoes give them; two exact ids stay two pairs."""
    exact: dict[str, list[str]] = {}
    for key in pairs:
        rounded = float32_key(key)
        if rounded is not None and rounded != key:
            exact.setdefault(rounded, []).append(key)
    for rounded, keys in exact.items():
        if rounded in pairs and len(keys) == 1:
            pairs[rounded].take(pairs.pop(keys[0]))


def _joined_by_name(pairs: list[_Pair]) -> tuple[list[_Pair], list[str]]:
    """Pairs that one name shows to be the same. Two ids of one export under one name stay two pairs; runs of that
    export which give the name alone could be of either, so the name is left to the runner."""
    carriers: dict[str, list[_Pair]] = {}
    for pair in pairs:
        for name in {plain_name(name) for name in pair.names}:
            carriers.setdefault(name, []).append(pair)
    gone: dict[int, _Pair | None] = {}
    ambiguous = []
    for name in sorted(carriers):
        known = list({id(pair): pair for pair in map(partial(_now, gone), carriers[name]) if pair is not None}.values())
        known.sort(key=lambda pair: not pair.ids)
        sources = Counter(source for pair in known if pair.ids for source in pair.sources)
        for other in known[1:]:
            if max(sources.values(), default=0) <= 1:
                known[0].take(other)
                gone[id(other)] = known[0]
            elif not other.ids:
                gone[id(other)] = None
                ambiguous.append(other.title)
    return [pair for pair in pairs if id(pair) not in gone], ambiguous


def _now(gone: Mapping[int, _Pair | None], pair: _Pair) -> _Pair | None:
    """The pair that has taken `pair` in, itself if none has, None if it was left out."""
    found: _Pair | None = pair
    while found is not None and id(found) in gone:
        found = gone[id(found)]
    return found


def _drafts(pairs: list[_Pair]) -> Iterable[Draft]:
    """Gives each pair an id, and only the names that no other pair goes by."""
    owners: dict[str, set[int]] = {}
    for index, pair in enumerate(pairs):
        for text in (*pair.ids, *pair.names, pair.title):
            owners.setdefault(plain_name(text), set()).add(index)
    used: set[str] = set()
    for index, pair in enumerate(pairs):
        names = [name for name in pair.newest_first if len(owners[plain_name(name)]) == 1]
        id = _free_id(pair.title, index, used, owners)
        used.add(id)
        yield Draft(id, pair.title, (*pair.ids, *names), pair.distance_m, pair.runs, pair.days[0], pair.days[-1])


def _free_id(title: str, index: int, used: set[str], owners: Mapping[str, set[int]]) -> str:
    """A short id that is neither taken nor, as ids name gear too, what an export calls another pair."""
    base = short_name(title, "shoe")
    number, id = 1, base
    while id in used or owners.get(id, {index}) != {index}:
        number += 1
        id = f"{base}-{number}"
    return id


def short_name(text: str, otherwise: str) -> str:
    """`text` as a name for settings: a to z, 0 to 9 and -; `otherwise` if nothing of it can be kept."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text)[:48].strip("-") or otherwise


def _span(days: list[str]) -> list[str]:
    return [min(days), max(days)]
