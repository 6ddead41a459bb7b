"""Find the pairs of shoes that exports name: the gear of many runs, put together to shoes with ids. Pure."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from shoemon.decide.which_shoe import float32_key, gear_number, plain_name
from shoemon.model.activity import Gear
from shoemon.model.plan import NO_PAIR
from shoemon.model.text import free_name

_ALIKE_RUNS, _ALIKE_SHARE = 3, 0.8
"""So many runs, and so large a part of the runs that both exports have, may show two names to be those of one pair."""


class Sighting(NamedTuple):
    """The gear that one run names. `distance_m` is None where another export has brought the same run already; the
    sightings of one run have the same `run`."""

    source: str
    gear_raw: str | None
    gear_name: str | None
    local_date: str
    distance_m: float | None
    run: str = ""


class Draft(NamedTuple):
    """A pair as it can be written to shoes.yaml. Metres and ISO dates; a pair that was never worn has no days."""

    id: str
    name: str
    gear: tuple[str, ...]
    distance_m: float
    runs: int
    first_on: str
    last_on: str
    life_m: float | None = None
    retired_on: str | None = None
    initial_m: float | None = None


class Drafts(NamedTuple):
    """The pairs found, last worn first, then those never worn; the names that could mean several of them; and the ids
    of two that were worn on the same runs by two exports, with the number of these runs."""

    shoes: tuple[Draft, ...]
    ambiguous: tuple[str, ...]
    alike: tuple[tuple[str, str, int], ...] = ()


@dataclass
class _FoundPair:
    """What is known of one pair so far. `names` maps each name to the last day it was used."""

    sources: set[str] = field(default_factory=set)
    ids: dict[str, None] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    days: list[str] = field(default_factory=list)
    distance_m: float = 0.0
    runs: int = 0
    life_m: float | None = None
    retired_on: str | None = None
    initial_m: float | None = None

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

    def see_listed(self, source: str, gear: Gear) -> None:
        self.sources.add(source)
        if _is_id(gear.gear_raw, gear.name):
            self.ids[gear.gear_raw] = None
        if name := gear.name or ("" if self.ids else gear.gear_raw):
            self.names.setdefault(name, "")
        self._know(gear.life_m, gear.retired_on, gear.initial_m)

    def _know(self, life_m: float | None, retired_on: str | None, initial_m: float | None) -> None:
        """The figures that were known first stay; of two days on which it was retired the later one holds."""
        self.life_m = life_m if self.life_m is None else self.life_m
        self.initial_m = initial_m if self.initial_m is None else self.initial_m
        self.retired_on = max(filter(None, (self.retired_on, retired_on)), default=None)

    def take(self, other: "_FoundPair") -> None:
        self.sources |= other.sources
        self.ids |= other.ids
        for name, day in other.names.items():
            self.names[name] = max(self.names.get(name, ""), day)
        self.days = _span([*self.days, *other.days])
        self.distance_m += other.distance_m
        self.runs += other.runs
        self._know(other.life_m, other.retired_on, other.initial_m)

    @property
    def newest_first(self) -> list[str]:
        """Its names; an id that came without a name at first is none."""
        return sorted(self.names.keys() - self.ids.keys(), key=lambda name: (self.names[name], name), reverse=True)

    @property
    def title(self) -> str:
        """The name it goes by now, on one line; by its id where an export has no name."""
        return " ".join((self.newest_first or [f"Shoe {next(iter(self.ids))}"])[0].split())


def find_shoes(
    sightings: Iterable[Sighting], listed: Iterable[tuple[str, Gear]] = (), taken: Iterable[str] = ()
) -> Drafts:
    """Find the pairs behind `sightings`: gear of one id is one pair whatever its names, the newest of which it keeps.

    `listed` has the pairs that sources list, with the names of the sources. One that was never worn is kept unless it
    is retired: it was bought for later. No pair gets an id that is `taken`.
    """
    sightings = list(sightings)
    pairs: dict[str, _FoundPair] = {}
    for sighting in sightings:
        if key := gear_key(sighting.gear_raw, sighting.gear_name):
            pairs.setdefault(key, _FoundPair()).see(sighting)
    for source, gear in listed:
        pairs.setdefault(gear_key(gear.gear_raw, gear.name), _FoundPair()).see_listed(source, gear)
    _join_rounded(pairs)
    found, ambiguous = _joined_by_name(list(pairs.values()))
    found = [pair for pair in found if pair.days or pair.retired_on is None]
    found.sort(key=lambda pair: (pair.days[-1:], pair.title), reverse=True)
    drafts = tuple(_drafts(found, {NO_PAIR, *taken}))
    return Drafts(drafts, tuple(ambiguous), tuple(_alike(sightings, drafts)))


def gear_key(gear_raw: str | None, gear_name: str | None) -> str:
    """What is the same wherever a pair is named; blank if it is not."""
    gear = gear_raw or gear_name or ""
    return gear_number(gear) or plain_name(gear)


def _alike(sightings: Iterable[Sighting], drafts: Iterable[Draft]) -> Iterable[tuple[str, str, int]]:
    """Two pairs that two exports name for the same runs, nearly always: perhaps one pair with two names."""
    owner = {gear_key(text, None): draft.id for draft in drafts for text in draft.gear}
    by_run: dict[str, dict[str, str]] = {}
    for sighting in sightings:
        if sighting.run and (id := owner.get(gear_key(sighting.gear_raw, sighting.gear_name))):
            by_run.setdefault(sighting.run, {})[sighting.source] = id
    shared = Counter(id for ids in by_run.values() if len(ids) > 1 for id in set(ids.values()))
    both = Counter(tuple(sorted(set(ids.values()))) for ids in by_run.values() if len(set(ids.values())) == 2)
    for (one, other), runs in sorted(both.items(), key=lambda item: (-item[1], item[0])):
        if runs >= max(_ALIKE_RUNS, _ALIKE_SHARE * max(shared[one], shared[other])):
            yield one, other, runs


def _is_id(raw: str, label: str | None) -> bool:
    return plain_name(raw) != plain_name(label) if label else gear_number(raw) is not None


def _join_rounded(pairs: dict[str, _FoundPair]) -> None:
    """Joins an exact id and its rounding, as exports of the same shoes give them; two exact ids stay two pairs."""
    exact: dict[str, list[str]] = {}
    for key in pairs:
        rounded = float32_key(key)
        if rounded is not None and rounded != key:
            exact.setdefault(rounded, []).append(key)
    for rounded, keys in exact.items():
        if rounded in pairs and len(keys) == 1:
            pairs[rounded].take(pairs.pop(keys[0]))


def _joined_by_name(pairs: list[_FoundPair]) -> tuple[list[_FoundPair], list[str]]:
    """Pairs that one name shows to be the same. Two ids of one export under one name stay two pairs; runs of that
    export which give the name alone could be of either, so the name is left to the runner."""
    carriers: dict[str, list[_FoundPair]] = {}
    for pair in pairs:
        for name in {plain_name(name) for name in pair.names}:
            carriers.setdefault(name, []).append(pair)
    gone: dict[int, _FoundPair | None] = {}
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


def _now(gone: Mapping[int, _FoundPair | None], pair: _FoundPair) -> _FoundPair | None:
    """The pair that has taken `pair` in, itself if none has, None if it was left out."""
    found: _FoundPair | None = pair
    while found is not None and id(found) in gone:
        found = gone[id(found)]
    return found


def _drafts(pairs: list[_FoundPair], used: set[str]) -> Iterable[Draft]:
    """Give each pair an id that is not `used`, and only the names that no other pair goes by."""
    owners: dict[str, set[int]] = {}
    for index, pair in enumerate(pairs):
        for text in (*pair.ids, *pair.names, pair.title):
            owners.setdefault(plain_name(text), set()).add(index)
    for index, pair in enumerate(pairs):
        names = [name for name in pair.newest_first if len(owners[plain_name(name)]) == 1]
        id = _free_id(pair.title, index, used, owners)
        used.add(id)
        first_on, last_on = pair.days or ("", "")
        retired_on = max(pair.retired_on, last_on) if pair.retired_on else None
        figures = (pair.distance_m, pair.runs, first_on, last_on, pair.life_m, retired_on, pair.initial_m)
        yield Draft(id, pair.title, (*pair.ids, *names), *figures)


def _free_id(title: str, index: int, used: set[str], owners: Mapping[str, set[int]]) -> str:
    """A short id that is neither taken nor, as ids name gear too, what an export calls another pair."""
    return free_name(short_name(title, "pair"), lambda id: id in used or owners.get(id, {index}) != {index})


def short_name(text: str, kind: str) -> str:
    """`text` as a name for settings: small letters of any script, digits and -; with `kind` where that is no name."""
    plain = re.sub("(?<=[a-z])[\u0300-\u036f]+", "", unicodedata.normalize("NFKD", text.casefold()))
    found = ""
    for char in unicodedata.normalize("NFC", plain):
        follows = found[-1:] not in ("", "-") and unicodedata.category(char).startswith("M") and char.isprintable()
        found += char if char.isalnum() or (follows and not "\ufe00" <= char <= "\ufe0f") else "-"
    name = re.sub("-+", "-", found)[:48].strip("-")
    return name if re.search(r"[^\W\d_]", name) and name != "shoe" else f"{kind}-{name}".strip("-")


def _span(days: list[str]) -> list[str]:
    return [min(days), max(days)] if days else []
