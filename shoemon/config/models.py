"""The shape of shoemon.yaml and shoes.yaml: every setting, its default, and what it is for."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from shoemon import sports, units
from shoemon.config.kinds import Day, Distance, Moment, Name, Settings, Share, Span
from shoemon.model import Ground, Part

LIFE_M = {"daily": 640_000.0, "race": 450_000.0, "light": 400_000.0, "trail": 640_000.0, "minimalist": 640_000.0}
"""Metres. Conventions of makers and shops, not limits of safety; 450 km for racing foam rests on one study of running
economy (Rodrigo-Carranza et al. 2024). No study found gives a distance at which a shoe becomes unsafe."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _one_or_more(value: Any) -> Any:
    return value if isinstance(value, list) or value is None else [value]


def _texts(value: Any) -> Any:
    return [str(item) if isinstance(item, int | float) else item for item in _one_or_more(value)]


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"{value!r} is not a regular expression: {error}") from None
    return value


def _zone(value: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(value)
    except (OSError, ValueError, KeyError):
        raise ValueError(f"{value!r} is not a time zone; use a name such as Europe/Helsinki or UTC") from None
    return value


def _time_of_day(value: Any) -> tuple[str, str]:
    match = re.fullmatch(r"\s*([01]\d|2[0-3]):([0-5]\d)\s*-\s*([01]\d|2[0-4]):([0-5]\d)\s*", str(value))
    if match is None:
        raise ValueError(f"{str(value)!r} is not a span of the day; write it like 05:00-09:30")
    return (f"{match[1]}:{match[2]}", f"{match[3]}:{match[4]}")


def _price(value: Any) -> tuple[float, str]:
    match = re.fullmatch(r"\s*(\d+(?:[.,]\d{1,2})?)\s*([A-Za-z]{3})\s*", str(value))
    if match is None:
        raise ValueError(f"{str(value)!r} is not a price; write an amount and a currency, such as 130 EUR")
    return (float(match[1].replace(",", ".")), match[2].upper())


def _split(value: Any) -> tuple[Part, ...]:
    """`pegasus`, or `{pegasus: 5 km, endorphin: rest}`, as parts. Raises ValueError with the remedy."""
    if isinstance(value, str | int):
        return (Part(str(value)),)
    if not isinstance(value, dict) or not value:
        raise ValueError("write one name, or parts such as {a: 5 km, b: rest} or {a: 30%, b: 70%}")
    parts = tuple(_part(name, amount) for name, amount in value.items())
    rests = sum(part.metres is None and part.share is None for part in parts)
    shares = sum(part.share or 0.0 for part in parts)
    if rests > 1:
        raise ValueError("only one part can be the rest")
    if shares > 1 + 1e-9:
        raise ValueError(f"the shares add up to {shares:.0%}; they cannot be more than 100%")
    if not rests and (shares < 1 - 1e-9 or any(part.metres is not None for part in parts)):
        raise ValueError("the parts do not make up the whole run; give one of them `rest`")
    return parts


def _part(name: str, amount: Any) -> Part:
    text = str(amount).strip()
    if text == "rest":
        return Part(name)
    if text.endswith("%"):
        return Part(name, share=units.share(text))
    try:
        return Part(name, metres=units.distance_m(text))
    except ValueError:
        raise ValueError(f"{text!r} is not a part of a run; write a distance (5 km), a share (30%) or rest") from None


Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
Pattern = Annotated[str, AfterValidator(_pattern)]
_AMOUNTS = {"type": "object", "additionalProperties": {"type": "string", "examples": ["5 km", "30%", "rest"]}}
SplitSetting = Annotated[
    tuple[Part, ...], BeforeValidator(_split), WithJsonSchema({"anyOf": [{"type": "string"}, _AMOUNTS]})
]


class SurfaceEntry(Settings):
    ground: Ground = Field(description="what it is under the foot: hard, soft, synthetic, treadmill or unknown")
    wear: float = Field(1.0, gt=0, le=10, description="wear factor; no study supports another than 1.0")


class GroundSettings(Settings):
    surfaces: dict[Name, SurfaceEntry] = Field(
        {}, description="surfaces of your own, or built-in ones moved to another ground or given another wear factor"
    )
    default: str | None = Field(None, description="the surface of a run that nothing else says anything of")


class SoonSettings(Settings):
    at: Share = Field(0.9, validate_default=False, description="share of the life at which `soon` is announced")
    within: Span = Field(1_814_400.0, validate_default=False, description="... or when the life is expected to end within")


class AlertSettings(Settings):
    soon: SoonSettings = Field(SoonSettings(), description="the early notice")
    due: Share = Field(1.0, validate_default=False, description="share of the life at which a pair is due")
    again_every: Share = Field(0.1, gt=0, validate_default=False, description="after that, one more for every so much")

    @model_validator(mode="after")
    def _in_order(self) -> "AlertSettings":
        if self.soon.at > self.due:
            raise ValueError("soon.at is later than due; give it a smaller share")
        return self


class WebSettings(Settings):
    host: str = Field("127.0.0.1", description="address `serve` listens on; any other than this machine's own is open to others")
    port: int = Field(8001, ge=1, le=65535, description="port `serve` listens on")
    hosts: Texts = Field((), description="further host names the pages may be asked for by, as behind a reverse proxy")
    base_url: str = Field("/", pattern="^/(.*/)?$", description="path under which a reverse proxy shows the pages")


class MainFile(Settings):
    """shoemon.yaml. `sources` and `notify` are checked item by item against their own types."""

    database: str = Field("shoemon.db", description="the database; state.db lies beside it")
    units: Literal["km", "mi"] = Field("km", description="only for reading and writing; inside there are metres")
    timezone: Annotated[str, AfterValidator(_zone)] = Field("UTC", description="zone of the runner, for dates without one")
    sports: Texts = Field(sports.RUNS, description="the sports that count; walk and hike can be added")
    sources: list[Any] = Field([], description="the exports to read")
    ground: GroundSettings = Field(GroundSettings(), description="surfaces")
    alerts: AlertSettings = Field(AlertSettings(), description="when to write")
    notify: list[Any] = Field([], description="the channels to write to")
    web: WebSettings = Field(WebSettings(), description="the pages")


class WindowEntry(Settings):
    start: Moment | None = Field(None, alias="from", description="first day or moment in use")
    end: Moment | None = Field(None, alias="until", description="first day or moment no longer in use")

    @model_validator(mode="after")
    def _in_order(self) -> "WindowEntry":
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ValueError("`until` is not after `from`")
        return self


class ShoeEntry(Settings):
    id: Name = Field(description="a short name that never changes")
    name: str = Field(min_length=1, description="what you call it")
    brand: str | None = Field(None, description="maker")
    kind: Literal["daily", "race", "light", "trail", "minimalist"] = Field("daily", description="decides the default life")
    gear: Texts = Field((), description="how exports call it: names or ids")
    bought: Day | None = Field(None, description="day it was bought")
    price: Annotated[tuple[float, str], BeforeValidator(_price), WithJsonSchema({"type": "string"})] | None = Field(
        None, description="amount and currency, for the cost per kilometre"
    )
    initial: Distance = Field(0.0, validate_default=False, description="distance it had before the first run known here")
    life: Distance | None = Field(None, gt=0, description="distance at which it is due (default by kind)")
    surface: str | None = Field(None, description="its surface when nothing else is known of a run")
    worn: Annotated[tuple[WindowEntry, ...], BeforeValidator(_one_or_more)] = Field(
        (), description="when it was in use, from (held) until (not held); several spans may be given"
    )
    retired: Day | None = Field(None, description="last day it was worn")
    notes: str | None = Field(None, description="anything")


class NearEntry(Settings):
    lat: float = Field(ge=-90, le=90, description="degrees north")
    lon: float = Field(ge=-180, le=180, description="degrees east")
    within: Distance = Field(description="radius")


def _weekday(value: str) -> str:
    if str(value).lower()[:3] not in WEEKDAYS:
        raise ValueError(f"{value!r} is not a weekday; write {', '.join(WEEKDAYS)}")
    return str(value).lower()[:3]


class ConditionEntry(Settings):
    sport: Texts = Field((), description="one of these sports")
    name: Pattern | None = Field(None, description="regular expression found in the name; (?i) ignores case")
    gear: Pattern | None = Field(None, description="regular expression found in what the export calls the gear")
    source: Texts = Field((), description="one of these sources")
    distance: Annotated[
        tuple[tuple[str, float], ...], BeforeValidator(units.distance_comparisons), WithJsonSchema({"type": "string"})
    ] = Field((), validate_default=False, description="such as >= 8 km, < 5 mi, or 5 km .. 10 km")
    weekday: Annotated[tuple[Annotated[str, AfterValidator(_weekday)], ...], BeforeValidator(_one_or_more)] = Field(
        (), description="one of mon, tue, wed, thu, fri, sat, sun (runner's zone)"
    )
    time: Annotated[tuple[str, str], BeforeValidator(_time_of_day), WithJsonSchema({"type": "string"})] | None = Field(
        None, description="start between, such as 05:00-09:30 (runner's zone); may pass midnight"
    )
    after: Moment | None = Field(None, description="on or after this day or moment")
    before: Moment | None = Field(None, description="before this day or moment")
    indoor: bool | None = Field(None, description="indoors, or not")
    near: NearEntry | None = Field(None, description="start within a radius of a place, where the start is known")


class RuleEntry(Settings):
    when: ConditionEntry = Field(description="all of these must hold")
    shoe: SplitSetting | None = Field(None, description="the shoe, or parts of the run for several")
    surface: SplitSetting | None = Field(None, description="the surface, or parts of the run for several")
    ignore: bool = Field(False, description="the run does not count")

    @model_validator(mode="after")
    def _does_something(self) -> "RuleEntry":
        if self.shoe is None and self.surface is None and not self.ignore:
            raise ValueError("the rule does nothing; give it a shoe, a surface, or ignore: true")
        if not self.when.model_fields_set:
            raise ValueError("`when` asks nothing; for every run use default_shoe or ground.default")
        return self


class DefaultEntry(WindowEntry):
    shoe: str = Field(description="the shoe given when nothing else names one")


class CorrectionEntry(Settings):
    run: str = Field(pattern="^[^:]+:.+$", description="id of the activity, source:native id")
    shoe: SplitSetting | None = Field(None, description="the shoe, or parts of the run for several")
    surface: SplitSetting | None = Field(None, description="the surface, or parts of the run for several")
    distance: Distance | None = Field(None, description="the true distance")
    ignore: bool = Field(False, description="the run does not count")


class ShoesFile(Settings):
    """shoes.yaml. Items are checked one by one, so that a mistake in one shoe hides none in another."""

    shoes: list[Any] = Field([], description="the pairs")
    rules: list[Any] = Field([], description="asked only where the export names no shoe; first match wins")
    default_shoe: Any = Field(None, description="the shoe when nothing else names one; one, or several with from and until")
    corrections: list[Any] = Field([], description="about single runs; always win")
