"""The shape of shoemon.yaml and shoes.yaml: every setting, its default, and what it is for."""

import ipaddress
import re
from pathlib import PurePath
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, WithJsonSchema, field_validator, model_validator

from shoemon.config.alert_settings import AlertSettings
from shoemon.config.kinds import Day, Distance, Moment, Name, PairName, Secret, Settings, Span
from shoemon.config.urls import Link, OwnServerUrl, ServerUrl, Url
from shoemon.config.written import (
    Climbs,
    Comparisons,
    OrAlone,
    OrOne,
    Paces,
    Pattern,
    Point,
    Price,
    Shares,
    Size,
    SplitSetting,
    Texts,
    TimeOfDay,
    Times,
    Weekday,
    Zone,
)
from shoemon.model import sports
from shoemon.model.plan import LIFE_M, Ground, Kind, WornOut
from shoemon.model.text import short_name

STATE_FILE = "state.db"
"""Tokens, validators and cursors; beside the database, and never opened by Datasette."""


def _database(value: str) -> str:
    if PurePath(value).name in ("", "..", STATE_FILE):
        raise ValueError(f"{value!r} cannot be the database; write a file name other than {STATE_FILE}")
    return value


def _runner(value: str) -> str:
    if not short_name(value):
        raise ValueError(f"{value!r} is not a name; write one with a letter or digit, such as Anna")
    return value


class SurfaceEntry(Settings):
    ground: Ground | None = Field(
        None, description="what it is under the foot; a surface of your own needs it (default: as built in)"
    )
    wear: float = Field(1.0, gt=0, le=10, description="wear factor; no study supports another than 1.0")


class GroundSettings(Settings):
    surfaces: dict[Name, SurfaceEntry] = Field(
        {}, description="surfaces of your own, or built-in ones with another ground or wear factor"
    )
    default: str | None = Field(None, description="the surface of a run when nothing else is known of it")
    map: Texts = Field(
        (),
        description="OpenStreetMap files (.osm.pbf, .osm) to import when they are new or have changed; import one of "
        "more than some hundred MB by `shoemon map import`, as a sync may take an hour at most",
    )
    overpass: ServerUrl | None = Field(
        None,
        description="address of an Overpass server to download the map from where no file covers a run; it learns the "
        "cells of 0.05 degrees (about 5 km) in which you ran; without it no server does",
    )
    get: bool = Field(
        False,
        description="let `serve` download the published extracts that cover your runs, as `shoemon map get` does; "
        "their server learns which regions these are",
    )
    every: Span = Field(90 * 86_400.0, ge=86_400, description="how often `get` does so again")
    largest_mb: int = Field(4_000, gt=0, description="an extract of more MB is not downloaded")
    mirror: ServerUrl = Field(
        "https://download.geofabrik.de/", validate_default=True, description="server of the extracts, or a mirror of it"
    )


def _base_url(value: str) -> str:
    if re.fullmatch(r"/([^\s?#]*/)?", value) is None:
        raise ValueError(f"{value!r} is not a path of pages; write one that begins and ends with /, such as /shoes/")
    return value


def _header(value: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9-]+", value) is None:
        raise ValueError(f"{value!r} is not the name of a header; write one such as Remote-User")
    return value


def _network(value: str) -> str:
    try:
        ipaddress.ip_network(value)
    except ValueError as error:
        raise ValueError(f"{error}; write an address such as 172.30.0.2, or a network such as 172.30.0.0/24") from None
    return value


class WebSettings(Settings):
    host: str = Field(
        "127.0.0.1",
        min_length=1,
        description="address `serve` listens on; with any but 127.0.0.1 other machines can connect",
    )
    port: int = Field(8001, ge=1, le=65535, description="port `serve` listens on")
    hosts: Texts = Field((), description="further host names of the pages, as behind a reverse proxy")
    base_url: Annotated[str, AfterValidator(_base_url)] = Field(
        "/", description="path under which a reverse proxy shows the pages"
    )
    url: OwnServerUrl | None = Field(
        None, description="where you open the pages, for links in messages (default: messages without links)"
    )
    taps: Literal["this-machine", "links"] = Field(
        "this-machine",
        description="who may choose the pair of a run on the pages: whoever opens them on this machine or is signed "
        "in; with links also whoever opens the signed link of a mail, for 30 days",
    )
    password: Secret | None = Field(None, description="password that opens the pages")
    user: str = Field(
        "runner", min_length=1, description="name to sign in by; of several homes each has the name of its runner"
    )
    user_header: Annotated[str, AfterValidator(_header)] | None = Field(
        None, description="header in which a reverse proxy names whom it has signed in; only `trusted` may send it"
    )
    trusted: tuple[Annotated[str, AfterValidator(_network)], ...] = Field(
        (), description="addresses or networks of the reverse proxy; its headers on user, client and https count"
    )
    datasette: str | None = Field(
        None, description="a file of Datasette's own settings, such as a login plugin and permissions"
    )
    local: bool = Field(False, description="where a sign-in is set: let this machine in without one")
    public: bool = Field(False, description="let everybody read the pages without signing in")
    private: bool = Field(False, description="of several homes: hide this one from the other runners")
    upload: Size = Field(2e9, gt=0, description="the largest file that may be sent to /-/upload")
    upload_token: Secret | None = Field(
        None,
        description="token by which phones and scripts may send files to /-/upload, and nothing else; make it long",
    )
    read_token: Secret | None = Field(
        None,
        description="token by which programs read the pages, and change nothing, where a sign-in is set; make it long",
    )

    @model_validator(mode="after")
    def _trusts_someone(self) -> "WebSettings":
        if self.user_header is not None and not self.trusted:
            raise ValueError("`user_header` needs `trusted`: the address of the proxy that sends it")
        return self


class LivesSettings(Settings):
    daily: Distance = Field(LIFE_M["daily"], gt=0, description="of a pair for every day")
    race: Distance = Field(LIFE_M["race"], gt=0, description="of a racing pair")
    light: Distance = Field(LIFE_M["light"], gt=0, description="of a light pair")
    trail: Distance = Field(LIFE_M["trail"], gt=0, description="of a trail pair")
    minimalist: Distance = Field(LIFE_M["minimalist"], gt=0, description="of a minimalist pair")


class MainFile(Settings):
    """shoemon.yaml. `sources` and `notify` are checked item by item against their own types."""

    database: Annotated[str, AfterValidator(_database)] = Field(
        "shoemon.db", description="the database; state.db is beside it"
    )
    runner: Annotated[str, AfterValidator(_runner)] | None = Field(
        None,
        description="your name on the pages that `serve HOME HOME` shows of several (default: the directory's name)",
        examples=["Anna"],
    )
    units: Literal["km", "mi"] = Field("km", description="only for reading and writing; the database has metres")
    timezone: Zone = Field("UTC", description="your time zone, for dates without one")
    sports: Texts = Field(sports.RUNS, description="the sports that count; walk and hike can be added")
    sources: list[Any] = Field([], description="the exports to read")
    ground: GroundSettings = Field(GroundSettings(), description="surfaces")
    lives: LivesSettings = Field(LivesSettings(), description="how far a pair lasts that has no life of its own")
    overlap: Distance = Field(
        0.0,
        ge=0,
        description="the next pair should be there when one has so much left, to be worn beside it until then",
        examples=["50 km"],
    )
    alerts: AlertSettings = Field(AlertSettings(), description="when to send alerts")
    notify: list[Any] = Field([], description="the channels of alerts")
    heartbeat: Url | None = Field(
        None,
        description="an address that `serve` asks for once a minute while all is well, at a service that writes to you "
        "when it no longer does; {env: NAME} or {file: PATH} if it is a secret",
    )
    web: WebSettings = Field(WebSettings(), description="the pages")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class WindowEntry(Settings):
    start: Moment | None = Field(None, alias="from", description="first day or moment in use")
    end: Moment | None = Field(None, alias="until", description="first day or moment no longer in use")

    @model_validator(mode="after")
    def _in_order(self) -> "WindowEntry":
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise ValueError("`until` is not after `from`")
        return self


class RetiredEntry(Settings):
    on: Day = Field(description="last day it was worn")
    because: WornOut | None = Field(None, description="why: outsole, cushioning, upper, fit or other")


class ReserveEntry(Settings):
    until: Day | None = Field(None, description="day of the race")
    below: Distance | None = Field(None, gt=0, description="the most it should have run by then", examples=["300 km"])

    @model_validator(mode="after")
    def _says_something(self) -> "ReserveEntry":
        if self.until is None and self.below is None:
            raise ValueError("`reserve` is empty; write until, such as 2027-04-18, or below, such as 300 km, or both")
        return self


class ShoeEntry(Settings):
    id: PairName = Field(description="a short name that never changes")
    name: str = Field(min_length=1, description="what you call it")
    brand: str | None = Field(None, description="maker")
    model: str | None = Field(None, description="the maker's name for it")
    size: str | None = Field(None, description="its size, as you write it")
    link: Link | None = Field(None, description="web address about it, such as its shop's; shown on its page")
    kind: Kind = Field("daily", description="daily, race, light, trail or minimalist; decides the default life")
    gear: Texts = Field((), description="its names or ids in exports")
    bought: Day | None = Field(None, description="day it was bought")
    price: Price | None = Field(None, description="amount and currency, for the cost per kilometre")
    initial: Distance = Field(0.0, description="distance it had before the first run known here")
    life: Distance | None = Field(
        None, gt=0, description="distance at which it is due (default by kind: `lives` in shoemon.yaml)"
    )
    surface: str | None = Field(None, description="its surface when nothing else is known of a run")
    worn: Annotated[tuple[WindowEntry, ...], OrOne()] = Field(
        (), description="when it was in use, from (included) until (not included); one span or several"
    )
    retired: Annotated[RetiredEntry, OrAlone("on")] | None = Field(
        None, description="last day it was worn; with the reason: {on: 2025-10-01, because: outsole}"
    )
    reserve: Annotated[ReserveEntry, OrAlone("until")] | None = Field(
        None,
        description="a pair kept for a race: `which` suggests it last before that day, or where it would pass `below`",
    )
    notes: str | None = Field(None, description="anything")

    @model_validator(mode="after")
    def _in_order(self) -> "ShoeEntry":
        if self.bought is not None and self.retired is not None and self.retired.on < self.bought:
            raise ValueError("`retired` is before `bought`")
        return self


class NearEntry(Settings):
    lat: float = Field(ge=-90, le=90, description="degrees north")
    lon: float = Field(ge=-180, le=180, description="degrees east")
    within: Distance = Field(gt=0, description="radius")


class ConditionEntry(Settings):
    sport: Texts = Field((), description="one of these sports")
    name: Pattern | None = Field(None, description="regular expression found in the name; (?i) ignores case")
    gear: Pattern | None = Field(None, description="regular expression found in the export's name of the gear")
    source: Texts = Field((), description="one of these sources")
    distance: Comparisons = Field((), description="such as >= 8 km, < 5 mi, or 5 km .. 10 km")
    climb: Climbs = Field((), description="metres climbed by the export, such as >= 300 m or < 500 ft")
    moving_time: Times = Field((), description="time in motion, such as < 45 min or 1 h .. 1 h 30 min")
    pace: Paces = Field(
        (),
        description="time in motion (or else from start to end) for the distance, such as < 4:30 /km or >= 9:00 /mi; "
        "less is faster",
    )
    ground: dict[str, Shares] = Field(
        {},
        description="shares of the run on hard, soft, synthetic or treadmill, or on a surface, as far as a correction, "
        "the export, a place or the map knows them; what is unknown may be anything",
    )
    device: Pattern | None = Field(
        None, description="regular expression found in the name of the device or app that recorded it"
    )
    weekday: Annotated[tuple[Weekday, ...], OrOne()] = Field(
        (), description="one of mon, tue, wed, thu, fri, sat, sun (runner's zone)"
    )
    time: TimeOfDay | None = Field(
        None, description="start between, such as 05:00-09:30 (runner's zone); may pass midnight"
    )
    after: Moment | None = Field(None, description="on or after this day or moment")
    before: Moment | None = Field(None, description="before this day or moment")
    indoor: bool | None = Field(None, description="indoors, or not")
    near: NearEntry | None = Field(None, description="start within a radius of a place, where the start is known")
    ends_near: NearEntry | None = Field(None, description="end within a radius of a place, where the end is known")

    @model_validator(mode="after")
    def _in_order(self) -> "ConditionEntry":
        if self.after is not None and self.before is not None and self.after >= self.before:
            raise ValueError("`before` is not later than `after`")
        return self


class RuleEntry(Settings):
    when: ConditionEntry = Field(description="all of these must be true")
    shoe: SplitSetting | None = Field(None, description="the shoe, or parts of the run for several; none: no pair")
    surface: SplitSetting | None = Field(None, description="the surface, or parts of the run for several")
    ignore: bool = Field(False, description="the run does not count")

    @model_validator(mode="after")
    def _does_something(self) -> "RuleEntry":
        if self.shoe is None and self.surface is None and not self.ignore:
            raise ValueError("the rule does nothing; add a shoe, a surface, or ignore: true")
        if self.when == ConditionEntry():
            raise ValueError("`when` has no condition; for every run use default_shoe or ground.default")
        return self


class DefaultEntry(WindowEntry):
    shoe: str = Field(description="the shoe when nothing else names one; none: no pair")


def _run(value: str) -> str:
    if re.fullmatch(r"[^:]+:.+", value, re.DOTALL) is None:
        raise ValueError(f"{value!r} is not the id of a run; write source:native id, such as strava:123")
    return value


def _run_or_none(value: str) -> str:
    return value if value == "none" else _run(value)


class CorrectionEntry(Settings):
    run: Annotated[str, AfterValidator(_run), WithJsonSchema({"type": "string", "pattern": "^[^:]+:.+$"})] = Field(
        description="id of the activity, source:native id"
    )
    shoe: SplitSetting | None = Field(None, description="the shoe, or parts of the run for several; none: no pair")
    surface: SplitSetting | None = Field(None, description="the surface, or parts of the run for several")
    distance: Distance | None = Field(None, gt=0, description="the true distance")
    ignore: bool = Field(False, description="the run does not count")
    duplicate_of: Annotated[str, AfterValidator(_run_or_none)] | None = Field(
        None,
        description="id of another record of the same run, which counts instead; none: it is a run of its own",
        examples=["watch:20240501T063000"],
    )

    @model_validator(mode="after")
    def _does_something(self) -> "CorrectionEntry":
        if self == CorrectionEntry.model_construct(run=self.run):
            raise ValueError(
                "the correction changes nothing; add a shoe, a surface, a distance, a duplicate_of, or ignore: true"
            )
        if self.duplicate_of == self.run:
            raise ValueError("a record is no duplicate of itself; name the other one, or none")
        return self


class PlaceEntry(Settings):
    name: str = Field(min_length=1, description="what you call the place", examples=["Stadium"])
    at: Point = Field(
        description="its middle: degrees north (latitude), then degrees east (longitude)",
        examples=[[60.1871, 24.927]],
    )
    radius: Distance = Field(description="how far from there it reaches, 5 m to 5 km", examples=["120 m"])
    surface: str = Field(
        description="the surface there; unknown: leave it to the map, and do not ask about it", examples=["tartan"]
    )

    @field_validator("radius")
    @classmethod
    def _of_a_place(cls, value: float) -> float:
        if not 5 <= value <= 5000:
            raise ValueError("is not the radius of a place; write 5 m to 5 km, such as 120 m")
        return value


class ShoesFile(Settings):
    """shoes.yaml. Items are checked one by one, so that a mistake in one shoe hides none in another."""

    shoes: list[Any] = Field([], description="the pairs")
    rules: list[Any] = Field([], description="used only where the export names no shoe; the first match decides")
    default_shoe: Any = Field(
        None, description="the shoe when nothing else names one; one (none: no pair), or several with from and until"
    )
    corrections: list[Any] = Field([], description="about single runs; they always decide")
    places: list[Any] = Field([], description="the surface of places; decides before the map")


FILES: dict[str, type[Settings]] = {"shoemon.yaml": MainFile, "shoes.yaml": ShoesFile}
