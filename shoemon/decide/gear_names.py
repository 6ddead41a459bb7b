"""Follow the names of gear: a pair that its export renames stays the same pair, and is reported.

Strava has renamed pairs by itself, in old rows too, and named pairs that had no name. The id then identifies the pair.
If an export has names only, nothing is guessed: that all runs of one name have another now is reported, and the runner
decides whether it is the same pair.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import NamedTuple

from shoemon.decide.which_shoe import FormerNames, Wardrobe, plain_name
from shoemon.model.plan import Plan, Shoe

GearKey = tuple[str, str]
"""The id of gear (its name where it has none), and its name (its id where it has none)."""

_SHOWN = 20
"""Renamed pairs that are listed; more would hide the rest."""


class GearName(NamedTuple):
    """One name of gear of one source. `renamed_to`: the name that all its runs have now; None while some keep it."""

    source: str
    gear: str
    name: str
    runs: int
    renamed_to: str | None


class Rename(NamedTuple):
    """Gear with another name than in shoes.yaml. `id` is None if the export has only names: then the runs of the new
    name are unassigned until the runner adds it."""

    source: str
    old: str
    new: str
    runs: int
    id: str | None
    shoes: tuple[Shoe, ...]

    def __str__(self) -> str:
        shoes = " or ".join(f"`{shoe.id}`" for shoe in self.shoes)
        if self.id is not None:
            known = f"gear `{self.old}` is now called `{self.new}` in {self.source} and stays with {shoes}"
            return f'{known}; add "{self.id}", its id there, or the new name to the `gear` of {shoes}'
        runs = "the only run" if self.runs == 1 else f"all {self.runs} runs"
        found = f"{runs} of gear `{self.old}` in {self.source} now {'has' if self.runs == 1 else 'have'} `{self.new}`"
        return f"{found}, which belongs to no shoe; if it is the same pair, add `{self.new}` to the `gear` of {shoes}"


def known_as(names: Iterable[GearName]) -> FormerNames:
    """List the names of each renamed pair, the newest first, and the one name of any other pair that has one of them.
    `names` are in the order of `NAMES_SQL`.

    An id with several names at once is not taken for one pair: Strava rounded ids, and a table may contain anything.
    """
    names = list(names)
    if not any(each.renamed_to for each in names):
        return {}
    chains: dict[GearKey, tuple[str, ...]] = {}
    for key, several in groupby(names, key=lambda each: (each.source, each.gear)):
        known = list(several)
        heads = [each.name for each in known if each.renamed_to is None]
        if len(heads) == 1:
            links = {each.name: each.renamed_to for each in known}
            others = (each.name for each in known if each.renamed_to is not None)
            chains[key] = (heads[0], *(name for name in others if last_name(name, links) == heads[0]))
    shared = {(source, plain_name(name)) for (source, _), chain in chains.items() for name in chain[1:]}
    return {
        (source, gear): chain
        for (source, gear), chain in chains.items()
        if len(chain) > 1 or (source, plain_name(chain[0])) in shared
    }


def last_name(name: str, links: dict[str, str | None]) -> str:
    """Follow the renamings of `name` in `links` to the last."""
    seen = {name}
    while (further := links.get(name)) is not None and further not in seen:
        seen.add(further)
        name = further
    return name


def renames(names: Iterable[GearName], plan: Plan) -> list[Rename]:
    """Find gear whose new name is not in shoes.yaml, though its old one is."""
    names = list(names)
    former = known_as(names)
    wardrobe = Wardrobe(plan, former)
    runs = {(each.source, each.gear, each.name): each.runs for each in names}
    found = []
    for (source, gear), chain in former.items():
        shoes, by = wardrobe.owners(source, gear, chain[0])
        if shoes and by is not None and plain_name(chain[0]) != plain_name(gear):
            found.append(Rename(source, by, chain[0], runs[source, gear, chain[0]], gear, shoes))
    for _, several in groupby(names, key=lambda each: each.source):
        found += _nameless(list(several), wardrobe)
    return sorted(found, key=lambda each: (each.source, each.old, each.new))


def _nameless(names: Sequence[GearName], wardrobe: Wardrobe) -> Iterator[Rename]:
    """Find the same for gear of one source that has only names."""
    links = {each.name: each.renamed_to for each in names if each.gear == each.name}
    claimed = {each.name for each in names if wardrobe.owners(each.source, each.gear, each.name).shoes}
    for each in names:
        if each.gear != each.name or each.renamed_to is None or each.name not in claimed:
            continue
        last = last_name(each.name, links)
        if last not in claimed and (each.renamed_to == last or each.renamed_to not in claimed):
            shoes = wardrobe.owners(each.source, each.gear, each.name).shoes
            yield Rename(each.source, each.name, last, each.runs, None, shoes)


def rename_lines(found: Sequence[Rename]) -> Iterator[str]:
    """Write one line for each renamed pair."""
    yield from map(str, islice(found, _SHOWN))
    if len(found) > _SHOWN:
        yield f"... and {len(found) - _SHOWN} more renamed"
