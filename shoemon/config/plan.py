"""From the entries of shoes.yaml to the values the deciding parts work with, with the checks that span entries."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from shoemon import sports
from shoemon.config.checking import check_items, check_top, suggestion
from shoemon.config.models import (
    LIFE_M,
    WEEKDAYS,
    ConditionEntry,
    CorrectionEntry,
    DefaultEntry,
    MainFile,
    RuleEntry,
    ShoeEntry,
    ShoesFile,
    WindowEntry,
)
from shoemon.config.reading import Document, Path
from shoemon.ground.surfaces import BUILT_IN
from shoemon.model import (
    ActivityId,
    Condition,
    Correction,
    DatedDefault,
    Near,
    Plan,
    Rule,
    Shoe,
    ShoeId,
    Surface,
    SurfaceId,
    Window,
)


class _Known(NamedTuple):
    """The names that other entries may use."""

    shoes: set[str]
    surfaces: Mapping[str, Surface]


def make_plan(main: MainFile, main_document: Document, shoes_document: Document) -> Plan:
    """The plan of both files. Mistakes are noted in the documents; what is sound is taken, so that all are found."""
    file = check_top(shoes_document, ShoesFile)
    surfaces = _surfaces(main)
    entries = check_items(shoes_document, ShoeEntry, file.shoes, ("shoes",))
    known = _Known(_written_ids(file.shoes), surfaces)
    _check_main(main, main_document, known)
    _check_shoes(shoes_document, entries, known)
    rules = check_items(shoes_document, RuleEntry, file.rules, ("rules",))
    corrections = check_items(shoes_document, CorrectionEntry, file.corrections, ("corrections",))
    for path, entry in [*rules, *corrections]:
        _check_names(shoes_document, path, entry, known)
    for path, rule in rules:
        _check_sports(shoes_document, (*path, "when", "sport"), rule.when.sport)
    return Plan(
        shoes=tuple(_shoe(entry) for _, entry in entries),
        surfaces=surfaces,
        sports=frozenset(main.sports),
        rules=tuple(_rule(path[-1], entry) for path, entry in rules),
        corrections=_corrections(shoes_document, corrections),
        defaults=_defaults(shoes_document, file.default_shoe, known),
        default_surface=SurfaceId(main.ground.default) if main.ground.default else None,
    )


def _written_ids(shoes: Any) -> set[str]:
    """Ids as written, also of shoes with other mistakes, so that one mistake does not look like two."""
    return {str(shoe["id"]) for shoe in shoes if isinstance(shoe, dict) and "id" in shoe} if isinstance(shoes, list) else set()


def _surfaces(main: MainFile) -> dict[str, Surface]:
    own = {name: Surface(SurfaceId(name), entry.ground, entry.wear) for name, entry in main.ground.surfaces.items()}
    return {**BUILT_IN, **own}


def _check_main(main: MainFile, document: Document, known: _Known) -> None:
    _check_sports(document, ("sports",), main.sports)
    if main.ground.default is not None and main.ground.default not in known.surfaces:
        document.mistake(("ground", "default"), _no_surface(main.ground.default, known))


def _check_sports(document: Document, path: Path, names: Iterable[str]) -> None:
    for name in names:
        if name not in sports.SPORTS:
            document.mistake(path, f"no sport is called `{name}`{suggestion(name, sports.SPORTS)}")


def _no_shoe(name: str, known: _Known) -> str:
    return f"no shoe has the id `{name}`{suggestion(name, known.shoes)}"


def _no_surface(name: str, known: _Known) -> str:
    return f"no surface is called `{name}`{suggestion(name, known.surfaces)}"


def _check_names(document: Document, path: Path, entry: RuleEntry | CorrectionEntry, known: _Known) -> None:
    for part in entry.shoe or ():
        if part.name not in known.shoes:
            document.mistake((*path, "shoe"), _no_shoe(part.name, known))
    for part in entry.surface or ():
        if part.name not in known.surfaces:
            document.mistake((*path, "surface"), _no_surface(part.name, known))


def _check_shoes(document: Document, entries: list[tuple[Path, ShoeEntry]], known: _Known) -> None:
    first: dict[str, Path] = {}
    claims: dict[str, list[tuple[Path, ShoeEntry]]] = {}
    for path, entry in entries:
        if entry.id in first:
            document.mistake((*path, "id"), f"`{entry.id}` is the id of another shoe already (line {document.places[first[entry.id]][0]})")
        first.setdefault(entry.id, (*path, "id"))
        if entry.surface is not None and entry.surface not in known.surfaces:
            document.mistake((*path, "surface"), _no_surface(entry.surface, known))
        for gear in entry.gear:
            claims.setdefault(" ".join(gear.lower().split()), []).append((path, entry))
    for gear, claimants in claims.items():
        for index, (path, entry) in enumerate(claimants):
            for _, other in claimants[:index]:
                if _in_use_together(entry, other):
                    document.mistake(
                        (*path, "gear"),
                        f"`{gear}` is claimed by `{other.id}` too, for the same time; give both `worn` spans that do not overlap",
                    )


def _in_use_together(one: ShoeEntry, other: ShoeEntry) -> bool:
    if one.id == other.id:
        return False
    return any(a.overlaps(b) for a in _windows(one.worn) or (Window(),) for b in _windows(other.worn) or (Window(),))


def _windows(entries: Iterable[WindowEntry]) -> tuple[Window, ...]:
    return tuple(Window(entry.start, entry.end) for entry in entries)


def _shoe(entry: ShoeEntry) -> Shoe:
    price, currency = entry.price or (None, None)
    return Shoe(
        id=ShoeId(entry.id), name=entry.name, brand=entry.brand, kind=entry.kind, gear=entry.gear,
        bought_on=entry.bought, retired_on=entry.retired, price=price, currency=currency, initial_m=entry.initial,
        life_m=entry.life if entry.life is not None else LIFE_M[entry.kind], notes=entry.notes,
        surface=SurfaceId(entry.surface) if entry.surface else None, worn=_windows(entry.worn),
    )  # fmt: skip


def _rule(index: str | int, entry: RuleEntry) -> Rule:
    return Rule(int(index) + 1, _condition(entry.when), entry.shoe, entry.surface, entry.ignore)


def _condition(entry: ConditionEntry) -> Condition:
    near = Near(entry.near.lat, entry.near.lon, entry.near.within) if entry.near else None
    return Condition(
        sport=entry.sport, name=entry.name, gear=entry.gear, source=entry.source, distance=entry.distance,
        weekday=tuple(WEEKDAYS.index(day) for day in entry.weekday), time=entry.time,
        dates=Window(entry.after, entry.before), indoor=entry.indoor, near=near,
    )  # fmt: skip


def _corrections(document: Document, entries: list[tuple[Path, CorrectionEntry]]) -> dict[ActivityId, Correction]:
    corrections: dict[ActivityId, Correction] = {}
    for path, entry in entries:
        run = ActivityId(entry.run)
        if run in corrections:
            document.mistake((*path, "run"), f"`{entry.run}` is corrected further up already; put both into one entry")
        corrections[run] = Correction(run, entry.shoe, entry.surface, entry.distance, entry.ignore)
    return corrections


def _defaults(document: Document, value: Any, known: _Known) -> tuple[DatedDefault, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        entries: list[tuple[Path, DefaultEntry]] = [(("default_shoe",), DefaultEntry(shoe=value))]
    else:
        entries = check_items(document, DefaultEntry, value, ("default_shoe",))
    for path, entry in entries:
        if entry.shoe not in known.shoes:
            document.mistake(path, _no_shoe(entry.shoe, known))
    return tuple(DatedDefault(ShoeId(entry.shoe), Window(entry.start, entry.end)) for _, entry in entries)
