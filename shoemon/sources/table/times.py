"""Read the start of an activity from a cell: UTC, the runner's local date and the offset."""

import datetime as dt
import re
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any
from zoneinfo import ZoneInfo

from shoemon.sources.formats.iso_times import RefusedTimeError, iso_time
from shoemon.sources.kit.activities import Moment, moment_local, moment_utc, moment_with_offset
from shoemon.sources.kit.cells import Number, quoted, text
from shoemon.sources.kit.local_dates import day_of
from shoemon.sources.table.columns import BoundColumn
from shoemon.sources.table.settings import TableSettings

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
            raise ValueError(f"{quoted(value)} is not a time since 1970 in {_since_unit(factor)}") from None

    return parse


def _since_unit(factor: float) -> str:
    return "seconds" if factor == 1.0 else "milliseconds"


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
