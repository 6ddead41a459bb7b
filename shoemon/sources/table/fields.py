"""Readers of single fields of a row. Each is made once for a table, and raises ValueError with a readable message."""

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from functools import cache
from hashlib import blake2b
from typing import Any
from zoneinfo import ZoneInfo

from shoemon.model.sports import FASTEST_MPS, ON_FOOT, SPORTS, UNKNOWN_SPORT, sport_of
from shoemon.model.units import METRES
from shoemon.sources.formats.iso_times import RefusedTimeError, iso_time
from shoemon.sources.kit.activities import LONGEST_ON_FOOT_M, Moment, moment_local, moment_utc, moment_with_offset
from shoemon.sources.kit.activity_types import english_type
from shoemon.sources.kit.cells import UNIT_WORDS, Number, is_empty, quoted, text, unit_in
from shoemon.sources.kit.local_dates import day_of
from shoemon.sources.kit.sport_names import SportWords
from shoemon.sources.table.columns import BoundColumn
from shoemon.sources.table.settings import TableSettings

_MAYBE_ON_FOOT = ON_FOOT | {"other", UNKNOWN_SPORT}


def sport_reader(sport_map: Mapping[str, str], fallback: str) -> Callable[[str], str]:
    """Return a reader of the sport of a raw word; `fallback` for no word."""
    meant = {word: sport if sport in SPORTS else sport_of(english_type(sport)) for word, sport in sport_map.items()}
    return cache(SportWords({"": fallback, **meant}, english_type).sport)


def distance_reader(number: Number, unit: str | None) -> Callable[[Any, Any, str, str], tuple[float, float]]:
    """Return a reader of a distance and its unit in metres, from the cells of both, the sport and its raw word."""
    fixed = METRES[unit] if unit else None

    def distance(value: Any, unit_word: Any, kind: str, sport_raw: str) -> tuple[float, float]:
        factor = fixed or 1.0
        try:
            metres = number(value)
        except (ValueError, OverflowError) as error:
            if not is_empty(value):
                raise ValueError(f"distance: {error}") from None
            # Yoga and weights have no distance; a run without one is a gap that must be reported.
            if sport_raw and kind not in _MAYBE_ON_FOOT:
                return 0.0, factor
            raise ValueError("distance: it is empty") from None
        if fixed is None and metres:
            factor = _factor(unit_word)
        metres *= factor
        if not 0.0 <= metres <= LONGEST_ON_FOOT_M:
            raise ValueError(f"distance: {quoted(value)} is {_fault(metres)}")
        return metres, factor

    return distance


def _factor(word: Any) -> float:
    unit = UNIT_WORDS.get(text(word).lower().rstrip("."))
    if unit is None:
        raise ValueError(f"distance: {quoted(word)} is not a unit of length")
    return METRES[unit]


def _fault(metres: float) -> str:
    if not math.isfinite(metres):
        return "not a number"
    return "negative" if metres < 0 else f"{metres / 1000:.0f} km, more than {LONGEST_ON_FOOT_M / 1000:.0f} km"


def refuse_wrong_unit(metres: float, moving_s: float | None, elapsed_s: float | None) -> None:
    """Raise ValueError that names the unit as the probable cause, if `make_activity` refused a run for its speed."""
    seconds = max(moving_s or 0.0, elapsed_s or 0.0)
    if seconds and metres / seconds > FASTEST_MPS:
        raise ValueError(
            f"distance: {metres / 1000:.1f} km in {seconds:.0f} s is {metres / seconds:.0f} m/s, "
            f"and nobody runs faster than {FASTEST_MPS} m/s; is the unit right?"
        )


def unpaved_reader(number: Number, bound: BoundColumn | None) -> Callable[[Any, float, float], float]:
    """Return a reader of metres on soft ground, from a cell, the distance of the run, and its unit in metres."""
    unit = (bound.column.unit or unit_in(bound.name)) if bound else None

    def unpaved(value: Any, distance_m: float, factor: float) -> float:
        plain = text(value)
        if unit == "%" or plain.endswith("%"):
            soft = number(plain.rstrip("% ")) / 100 * distance_m
        else:
            soft = number(value) * (METRES[unit] if unit else factor)
        # The result of matching a map can be a little longer than the run itself.
        if not 0.0 <= soft <= distance_m * 1.05 + 1.0:
            raise ValueError(f"{quoted(value)} is not a part of {distance_m:.0f} m")
        return soft

    return unpaved


def elevation_reader(number: Number, bound: BoundColumn | None) -> Number:
    """Return a reader of metres climbed."""
    unit = (bound.column.unit or unit_in(bound.name)) if bound else None
    factor = METRES.get(unit or "m", 1.0)

    def elevation(value: Any) -> float:
        metres = number(value) * factor
        if not abs(metres) <= 100_000.0:
            raise ValueError(f"{quoted(value)} is not a climb")
        return metres

    return elevation


def degrees_reader(number: Number, most: float) -> Number:
    def degrees(value: Any) -> float:
        angle = number(value)
        if not -most <= angle <= most:
            raise ValueError(f"{quoted(value)} is not an angle of up to {most:.0f} degrees")
        return angle

    return degrees


def zone_of(value: Any) -> ZoneInfo | None:
    """Return the time zone of a name, also as Strava writes it: `(GMT+02:00) Europe/Helsinki`. A number, such as
    Garmin's of a zone, is none. Raises ValueError."""
    if text(value).isdecimal():
        return None
    try:
        return ZoneInfo(text(value).rpartition(" ")[2])
    except (OSError, ValueError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        raise ValueError(f"{quoted(value)} is not a time zone") from None


def word(value: Any) -> str | None:
    """Return a cell as text, or None if it is empty."""
    plain = text(value)
    return plain if plain not in ("", "--") else None


def content_id(started_at: str, sport: str, distance_m: float, name: str) -> str:
    """Make an id for a row without one, from the fields that distinguish activities; without a time also its name."""
    title = name if len(started_at) == len("2024-05-01") else ""
    content = f"{started_at}\0{sport}\0{round(distance_m * 1000)}\0{title}"
    return blake2b(content.encode("utf-8", "replace"), digest_size=8).hexdigest()


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_CLOCK_CODES = re.compile(r"%[HIcXs]")
_MONTH = re.compile(r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\b\.?", re.IGNORECASE)
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*, ", re.IGNORECASE)


Parse = Callable[[Any], dt.datetime | dt.date]
MomentReader = Callable[[Any, int | None, dt.tzinfo | None], Moment]
"""From a cell, and the row's own offset and zone if it has them; raises ValueError."""


def moment_reader(settings: TableSettings, bound: BoundColumn, runner_zone: str, number: Number) -> MomentReader:
    """Return a reader of the times in a column. Of a local hour that occurs twice the first is taken (fold 0)."""
    parse = _parser(bound.column.format or settings.date_format, bound.column.unit, number)
    basis = settings.times or settings.start_is or _basis_in(bound.name)
    home: dt.tzinfo = ZoneInfo(settings.timezone or runner_zone)

    def read(value: Any, offset_s: int | None, zone: dt.tzinfo | None) -> Moment:
        moment = parse(value)
        if not 1950 <= moment.year <= 2100:
            raise ValueError(f"{quoted(value)} is in the year {moment.year}")
        if not isinstance(moment, dt.datetime):
            day = moment.isoformat()
            return Moment(day, day, None)
        own = moment.utcoffset()
        if own or isinstance(moment.tzinfo, ZoneInfo):
            return moment_with_offset(moment)
        # An offset of 0 only means UTC: exports write it wherever the runner is.
        is_utc = basis != "local" if own is not None else basis == "utc"
        if offset_s is not None:
            fixed = dt.timezone(dt.timedelta(seconds=offset_s))
            return moment_utc(moment, fixed) if is_utc else moment_with_offset(moment.replace(tzinfo=fixed))
        if is_utc:
            return moment_utc(moment, zone or home)
        return moment_local(moment, zone or home, zone_assumed=zone is None)

    return read


def _basis_in(name: str) -> str | None:
    """Read from a column's name what its times are: those in `start_date_local` are local, whatever letter follows."""
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())
    last = words[-1] if words else ""
    return "local" if last == "local" else "utc" if last in ("utc", "gmt") else None


def _parser(written: str | None, unit: str | None, number: Number) -> Parse:
    if unit is not None:
        return _since_1970(number, 0.001 if unit == "ms" else 1.0)
    return _written_as(written) if written else _iso


def _since_1970(number: Number, factor: float) -> Parse:
    def parse(value: Any) -> dt.datetime:
        try:
            return _EPOCH + dt.timedelta(seconds=number(value) * factor)
        except (ValueError, OverflowError):
            unit = "seconds" if factor == 1.0 else "milliseconds"
            raise ValueError(f"{quoted(value)} is not a time since 1970 in {unit}") from None

    return parse


def _written_as(written: str) -> Parse:
    has_clock = _CLOCK_CODES.search(written) is not None

    def parse(value: Any) -> dt.datetime | dt.date:
        try:
            moment = parse_written(text(value), written)
        except ValueError:
            raise ValueError(f"{quoted(value)} is not written like {written!r}") from None
        return moment if has_clock else moment.date()

    return parse


def parse_written(value: str, written: str) -> dt.datetime:
    """Read a time written in the codes of strptime; for %b also a longer name of the month, such as `Sept.` or `March`.
    Raises ValueError."""
    plain = " ".join(value.split())
    if "%b" in written:
        plain = _MONTH.sub(r"\1", plain)
    return dt.datetime.strptime(plain, written)  # noqa: DTZ007 - the zone is found later


def _iso(value: Any) -> dt.datetime | dt.date:
    try:
        return iso_time(value)
    except RefusedTimeError as error:
        raise ValueError(f"{quoted(value)} {error}") from None
    except (ValueError, TypeError):
        return _nearly_iso(value)


def _nearly_iso(value: Any) -> dt.datetime | dt.date:
    """Read the times of HTTP (RFC 1123), and days in words of any language or as D.M.Y."""
    if not isinstance(value, str):
        raise ValueError(f"{quoted(value)} is a number; if it counts from 1970, set unit: s or ms")
    plain = " ".join(value.split())
    try:
        if _WEEKDAY.match(plain):
            return parsedate_to_datetime(plain)
        return day_of(plain)
    except (ValueError, TypeError):
        pass
    remedy = "set date_format, or unit: s or ms if it counts from 1970"
    raise ValueError(f"{quoted(value)} is not a time in ISO 8601; {remedy}")
