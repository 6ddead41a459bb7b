"""Format days, clocks, durations and paces of runs; invalid values are left out or stay unchanged."""

from datetime import date, datetime, timedelta
from typing import Any

from shoemon.model.clock import MONTHS
from shoemon.model.units import write_time

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def day(date: str | None) -> str:
    """A date as 12 Mar 2026; anything else unchanged."""
    text = date or ""
    year, month, number = text[:4], text[5:7], text[8:10]
    known = all(part.isdecimal() for part in (year, month, number)) and 1 <= int(month) <= 12
    return f"{int(number)} {MONTHS[int(month) - 1][:3]} {year}" if known else text


def month_of(date: str | None) -> str:
    """The month of a date, or a month such as 2026-03, as Mar 2026; anything else unchanged."""
    return day(f"{(date or '')[:7]}-01").partition(" ")[2] or (date or "")


def month_name(month: str) -> str:
    """`2026-03` as March 2026; anything else unchanged."""
    year, _, number = month.partition("-")
    known = len(number) == 2 and number.isdecimal() and 1 <= int(number) <= 12
    return f"{MONTHS[int(number) - 1]} {year}" if known else month


def weekday(day: str) -> str:
    """The weekday of a date; empty if it is invalid."""
    try:
        return WEEKDAYS[date.fromisoformat(day).weekday()]
    except ValueError:
        return ""


def clock(run: dict[str, Any]) -> str:
    """The start of a run in its own time zone, as `07:31 (UTC+2)`; empty if only the day is known."""
    text, offset_s = run["started_at"], run["utc_offset_s"]
    if len(text) <= 10:
        return ""
    try:
        local = datetime.fromisoformat(text[:19]) + timedelta(seconds=offset_s or 0)
    except (ValueError, OverflowError):
        return ""
    return f"{local:%H:%M} ({offset(offset_s or 0)})"


def offset(seconds: int) -> str:
    """An offset from UTC, as `UTC+5:30`."""
    hours, minutes = divmod(abs(seconds) // 60, 60)
    if not (hours or minutes):
        return "UTC"
    return f"UTC{'-' if seconds < 0 else '+'}{hours}{f':{minutes:02}' if minutes else ''}"


def duration(seconds: float | None) -> str:
    """Seconds as `42:05` or `1:07:42`; empty for none."""
    return write_time(seconds) if seconds and seconds > 0 else ""


def pace(seconds: float | None, distance: float) -> str:
    """Minutes and seconds for one of the unit of `distance`; empty below a tenth of it."""
    return duration(seconds / distance) if seconds and seconds > 0 and distance >= 0.1 else ""
