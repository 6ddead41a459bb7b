"""Make a plan from the entries of shoes.yaml, and check the entries against each other."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import combinations
from typing import Any, NamedTuple

from shoemon.config.checking import check, check_items, check_top, items, suggestion
from shoemon.config.models import (
    ConditionEntry,
    CorrectionEntry,
    DefaultEntry,
    LivesSettings,
    MainFile,
    NearEntry,
    PlaceEntry,
    RuleEntry,
    ShoeEntry,
    ShoesFile,
)
from shoemon.config.reading import Document, KeyPath
from shoemon.config.written import WEEKDAYS
from shoemon.decide.which_shoe import plain_name
from shoemon.model import sports
from shoemon.model.ids import ActivityId, ShoeId, SurfaceId
from shoemon.model.plan import (
    NO_PAIR,
    Condition,
    Correction,
    DatedDefault,
    Near,
    Place,
    Plan,
    Reserve,
    Rule,
    Shoe,
    Surface,
    Window,
    pair_named,
)
from shoemon.model.surfaces import BUILT_IN, GROUNDS, UNKNOWN


class _KnownNames(NamedTuple):
    """The names that other entries may use, also of things with mistakes, so that one mistake does not look like two.

    None: they cannot be read, so no name counts as unknown.
    """

    shoes: set[str] | None
    surfaces: set[str] | None


def make_plan(main: MainFile, main_document: Document, shoes_document: Document) -> Plan:
    """Make the plan of both files. Mistakes are noted in the documents; valid parts are used, so that all are found."""
    file = check_top(shoes_document, ShoesFile)
    surfaces = _surfaces(main, main_document)
    entries = check_items(shoes_document, ShoeEntry, file.shoes, ("shoes",))
    known = _KnownNames(_written_ids(shoes_document), _written_surfaces(main_document))
    _check_sports(main_document, ("sports",), main.sports)
    _check_surface(main_document, ("ground", "default"), main.ground.default, known)
    shoes = [_shoe(entry, main.lives) for _, entry in entries]
    _check_shoes(shoes_document, entries, shoes, known)
    rules = check_items(shoes_document, RuleEntry, file.rules, ("rules",))
    corrections = check_items(shoes_document, CorrectionEntry, file.corrections, ("corrections",))
    named: list[tuple[KeyPath, RuleEntry | CorrectionEntry]] = [*rules, *corrections]
    for path, entry in named:
        _check_names(shoes_document, path, entry, known)
    for path, rule in rules:
        _check_sports(shoes_document, (*path, "when", "sport"), rule.when.sport)
        _check_grounds(shoes_document, (*path, "when", "ground"), rule.when.ground, known)
    return Plan(
        shoes=tuple(shoes),
        surfaces=surfaces,
        sports=frozenset(_with_unknown(main.sports)),
        rules=tuple(
            Rule(int(path[-1]) + 1, _condition(entry.when), entry.shoe, entry.surface, entry.ignore)
            for path, entry in rules
        ),
        corrections=_corrections(shoes_document, corrections),
        defaults=_defaults(shoes_document, file.default_shoe, known),
        default_surface=SurfaceId(main.ground.default) if main.ground.default else None,
        places=_places(shoes_document, check_items(shoes_document, PlaceEntry, file.places, ("places",)), known),
    )


def _written_ids(document: Document) -> set[str] | None:
    shoes = document.at("shoes")
    if not document.readable or not isinstance(shoes, list | None):
        return None
    return {shoe["id"] for shoe in shoes or () if isinstance(shoe, dict) and isinstance(shoe.get("id"), str)}


def _written_surfaces(document: Document) -> set[str] | None:
    own = document.at("ground", "surfaces")
    if not document.readable or not isinstance(own, dict | None):
        return None
    return {*BUILT_IN, *(own or {})}


def _surfaces(main: MainFile, document: Document) -> dict[str, Surface]:
    surfaces = dict(BUILT_IN)
    for name, entry in main.ground.surfaces.items():
        ground = entry.ground or (BUILT_IN[name].ground if name in BUILT_IN else None)
        if ground is None:
            remedy = "is a surface of your own; add what it is under the foot, such as `ground: soft`"
            document.mistake(("ground", "surfaces", name), remedy)
        else:
            surfaces[name] = Surface(SurfaceId(name), ground, entry.wear)
    return surfaces


def _with_unknown(names: Sequence[str]) -> tuple[str, ...]:
    """Take with `other` the sports whose words are unknown: whoever writes it means them too."""
    return (*names, sports.UNKNOWN_SPORT) if "other" in names else tuple(names)


def _check_sports(document: Document, path: KeyPath, names: Iterable[str]) -> None:
    for index, name in enumerate(names):
        if name not in sports.SPORTS:
            message = f"no sport is called `{name}`{suggestion(name, sports.SPORTS)}"
            document.mistake(document.item(path, index), message)


def _check_shoe(document: Document, path: KeyPath, name: str, known: _KnownNames) -> None:
    if known.shoes is not None and name not in {NO_PAIR, *known.shoes}:
        document.mistake(path, f"no shoe has the id `{name}`{suggestion(name, known.shoes)}")


def _check_surface(document: Document, path: KeyPath, name: str | None, known: _KnownNames) -> None:
    if name is not None and known.surfaces is not None and name not in known.surfaces:
        document.mistake(path, f"no surface is called `{name}`{suggestion(name, known.surfaces)}")


def _check_grounds(document: Document, path: KeyPath, names: Iterable[str], known: _KnownNames) -> None:
    for name in names:
        if name == UNKNOWN:
            document.mistake((*path, name), "a rule goes by what is known; write a ground or surface, such as `soft`")
        elif known.surfaces is not None and name not in {*GROUNDS, *known.surfaces}:
            near = suggestion(name, {*GROUNDS, *known.surfaces} - {UNKNOWN})
            document.mistake((*path, name), f"no ground or surface is called `{name}`{near}")


def _check_names(document: Document, path: KeyPath, entry: RuleEntry | CorrectionEntry, known: _KnownNames) -> None:
    for part in entry.shoe or ():
        _check_shoe(document, (*path, "shoe"), part.name, known)
    for part in entry.surface or ():
        _check_surface(document, (*path, "surface"), part.name, known)


def _check_shoes(
    document: Document, entries: list[tuple[KeyPath, ShoeEntry]], shoes: list[Shoe], known: _KnownNames
) -> None:
    first: dict[str, int] = {}
    claims: dict[str, list[Shoe]] = {}
    for (path, entry), shoe in zip(entries, shoes, strict=True):
        place = (*path, "id")
        if entry.id == NO_PAIR:
            document.mistake(place, f"`{NO_PAIR}` means no pair; give the shoe another id")
        if entry.id in first:
            document.mistake(place, f"`{entry.id}` is the id of another shoe already (line {first[entry.id]})")
        first.setdefault(entry.id, document.places[place][0])
        _check_surface(document, (*path, "surface"), entry.surface, known)
        for index, gear in enumerate(entry.gear):
            place = document.item((*path, "gear"), index)
            for other in claims.get(plain_name(gear), ()):
                if shoe.id != other.id and any(_shared(a, b) for a in _in_use(shoe) for b in _in_use(other)):
                    document.mistake(place, f"`{gear}` is claimed by `{other.id}` too, for the same time; {_APART}")
            claims.setdefault(plain_name(gear), []).append(shoe)


_APART = "give both `worn` spans that do not overlap, or retire one"


def default_warnings(plan: Plan) -> Iterator[str]:
    """Two pairs (or one and none) that are the default at the same time: runs of these days get neither."""
    in_use = {shoe.id: _in_use(shoe) for shoe in plan.shoes}
    spans = [
        (default.shoe or NO_PAIR, span)
        for default in plan.defaults
        for used in (in_use[default.shoe] if default.shoe else [Window()])
        if (span := _shared(default.window, used))
    ]
    for (one, first), (other, second) in combinations(spans, 2):
        both = _shared(first, second) if one != other else None
        if both is not None:
            days = (
                f"{f' from {both.start}' if both.start else ''}{f' until {both.end}' if both.end else ''}" or " always"
            )
            remedy = "so runs get neither then; end one (`until`) where the other begins (`from`)"
            yield f"default_shoe: `{one}` and `{other}` are both the default{days}, {remedy}"


def _in_use(shoe: Shoe) -> list[Window]:
    """When a run can be the shoe's: while it is worn, and not after the day it retired."""
    is_open = shoe.retired_on is None or shoe.retired_on == date.max.isoformat()
    after = None if is_open else (date.fromisoformat(str(shoe.retired_on)) + timedelta(days=1)).isoformat()
    return [span for worn in shoe.worn or (Window(),) if (span := _shared(worn, Window(None, after)))]


def _shared(one: Window, other: Window) -> Window | None:
    """The span in both windows."""
    starts = [window.start for window in (one, other) if window.start is not None]
    ends = [window.end for window in (one, other) if window.end is not None]
    return Window(max(starts, default=None), min(ends, default=None)) if one.overlaps(other) else None


def _shoe(entry: ShoeEntry, lives: LivesSettings) -> Shoe:
    price, currency = entry.price or (None, None)
    retired = entry.retired
    return Shoe(
        id=ShoeId(entry.id), name=entry.name, brand=entry.brand, model=entry.model, size=entry.size, link=entry.link,
        kind=entry.kind, gear=entry.gear, bought_on=entry.bought, retired_on=retired.on if retired else None,
        retired_because=retired.because if retired else None, price=price, currency=currency, initial_m=entry.initial,
        life_m=entry.life if entry.life is not None else getattr(lives, entry.kind), notes=entry.notes,
        surface=SurfaceId(entry.surface) if entry.surface else None,
        worn=tuple(Window(each.start, each.end) for each in entry.worn),
        reserve=Reserve(entry.reserve.until, entry.reserve.below) if entry.reserve else None,
    )  # fmt: skip


def _condition(entry: ConditionEntry) -> Condition:
    return Condition(
        sport=_with_unknown(entry.sport), name=entry.name, gear=entry.gear, source=entry.source,
        distance=entry.distance, climb=entry.climb, moving_time=entry.moving_time, pace=entry.pace,
        ground=tuple(entry.ground.items()), device=entry.device,
        weekday=tuple(WEEKDAYS.index(day) for day in entry.weekday), time=entry.time,
        dates=Window(entry.after, entry.before), indoor=entry.indoor, near=_near(entry.near),
        ends_near=_near(entry.ends_near),
    )  # fmt: skip


def _near(entry: NearEntry | None) -> Near | None:
    return Near(entry.lat, entry.lon, entry.within) if entry else None


def _corrections(document: Document, entries: list[tuple[KeyPath, CorrectionEntry]]) -> dict[ActivityId, Correction]:
    corrections: dict[ActivityId, Correction] = {}
    for path, entry in entries:
        run = ActivityId(entry.run)
        if run in corrections:
            document.mistake((*path, "run"), f"`{entry.run}` is corrected further up already; put both into one entry")
        other = ActivityId(entry.duplicate_of) if entry.duplicate_of else None
        corrections[run] = Correction(run, entry.shoe, entry.surface, entry.distance, entry.ignore, other)
    for path, entry in entries:
        if _leads_back(ActivityId(entry.run), corrections):
            document.mistake((*path, "duplicate_of"), "leads back to this record; one of them must count")
    return corrections


def _places(document: Document, entries: list[tuple[KeyPath, PlaceEntry]], known: _KnownNames) -> tuple[Place, ...]:
    first: dict[str, int] = {}
    for path, entry in entries:
        _check_surface(document, (*path, "surface"), entry.surface, known)
        if entry.name in first:
            message = f"`{entry.name}` is the name of another place already (line {first[entry.name]})"
            document.mistake((*path, "name"), message)
        first.setdefault(entry.name, document.places[*path, "name"][0])
    places = [Place(entry.name, *entry.at, entry.radius, SurfaceId(entry.surface)) for _, entry in entries]
    return tuple(sorted(places, key=lambda place: place.radius_m))


def _leads_back(run: ActivityId, corrections: Mapping[ActivityId, Correction]) -> bool:
    """Whether corrections make a record a duplicate of itself, by way of others."""
    here, seen = run, set[ActivityId]()
    while here not in seen and here in corrections:
        seen.add(here)
        here = corrections[here].duplicate_of or ActivityId("none")
    return here == run and run in seen


def _defaults(document: Document, value: Any, known: _KnownNames) -> tuple[DatedDefault, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        _check_shoe(document, ("default_shoe",), value, known)
        return (DatedDefault(pair_named(value)),)
    several = [value] if isinstance(value, dict) else value
    entries = []
    for place, item in items(document, several, ("default_shoe",)):
        path = ("default_shoe",) if isinstance(value, dict) else place
        entry = check(document, DefaultEntry, item, path)
        if entry is not None:
            _check_shoe(document, (*path, "shoe"), entry.shoe, known)
            entries.append(DatedDefault(pair_named(entry.shoe), Window(entry.start, entry.end)))
    return tuple(entries)
