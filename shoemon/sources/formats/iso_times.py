"""Read times in every form of ISO 8601 and RFC 9557, except for week dates. Pure but for the table of zones."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

_WEEK = re.compile(r"\+?\d{4,6}-?W\d\d", re.IGNORECASE)
_MOMENT = re.compile(
    r"(?:\+0{1,3})?(?P<year>\d{4})(?:-(?P<month>\d\d)-(?P<day>\d\d)|(?P<basic>\d{4})|-?(?P<nth>\d{3}))"
    r"(?:(?:\s*T\s*|[\s_]+)(?P<hour>\d\d)(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d))?)?(?:[.,](?P<part>\d{1,99}))?"
    r"\s*(?P<offset>Z|UTC|GMT|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d(?::?[0-5]\d)?)?)?)?"
    r"\s*(?P<named>(?:\[[^\[\]]{1,64}\]){0,8})",
    re.IGNORECASE | re.ASCII,
)
_NAMED = re.compile(r"\[(!?)([^\]]+)\]")
_MINUSES = str.maketrans("\u2212\u2010\u2011\u2013", "----")


class RefusedTimeError(ValueError):
    """A time that is one, but cannot be read; the message continues a sentence about it."""


def iso_time(text: str) -> dt.datetime | dt.date:
    """Read a day, or a time with or without an offset. A zone in brackets is used where the time has no offset but Z.
    Raises RefusedTimeError for one that cannot be read, ValueError for what is none."""
    try:
        # Ten characters hold a day, the shortest time needs eleven. Python reads a part of an hour as one of a second.
        if "W" not in text and (text[16:17] == ":" or ("." not in text and "," not in text)):
            return dt.datetime.fromisoformat(text) if len(text) > 10 else dt.date.fromisoformat(text)
    except ValueError:
        pass
    plain = text.strip().translate(_MINUSES)
    if _WEEK.match(plain):
        raise RefusedTimeError("is a date by the number of its week; write it by month and day, such as 2024-05-01")
    found = _MOMENT.fullmatch(plain)
    if found is None:
        raise ValueError("not ISO 8601")
    try:
        day = _day(found)
        return day if found["hour"] is None else _with_zone(_at_clock(day, found), found["offset"], found["named"])
    except OverflowError as error:
        raise ValueError(str(error)) from None


def _day(found: re.Match[str]) -> dt.date:
    year = int(found["year"])
    if found["nth"]:
        day = dt.date(year, 1, 1) + dt.timedelta(int(found["nth"]) - 1)
        if day.year != year or found["nth"] == "000":
            raise RefusedTimeError(f"has no day {found['nth']} in its year")
        return day
    month, day_of_month = found["month"] or found["basic"][:2], found["day"] or found["basic"][2:]
    return dt.date(year, int(month), int(day_of_month))


def _at_clock(day: dt.date, found: re.Match[str]) -> dt.datetime:
    """Return the time by its clock: 24:00 ends a day, and the second 60 is one that was added to a minute."""
    hour, minute, second = (int(found[name] or 0) for name in ("hour", "minute", "second"))
    unit_s = 1 if found["second"] else 60 if found["minute"] else 3600
    part_s = float(f"0.{found['part'] or 0}") * unit_s
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and minute + second + part_s > 0):
        raise ValueError("not a time of day")
    seconds = dt.timedelta(hours=hour, minutes=minute, seconds=second, microseconds=int(part_s * 1_000_000))
    return dt.datetime.combine(day, dt.time()) + seconds


def _with_zone(local: dt.datetime, offset: str | None, named: str) -> dt.datetime:
    zone = _zone(named)
    if offset is None:
        return local.replace(tzinfo=zone)
    if offset.upper() in ("Z", "UTC", "GMT"):
        offset = "+00:00"
    moment = local.replace(tzinfo=dt.datetime.fromisoformat(f"2000-01-01T00:00:00{offset}").tzinfo)
    return moment.astimezone(zone) if zone and not moment.utcoffset() else moment


def _zone(named: str) -> dt.tzinfo | None:
    """Return the zone in brackets; what is unknown there is passed over, unless the time says that it must not be."""
    for critical, name in _NAMED.findall(named):
        try:
            return dt.datetime.fromisoformat(f"2000-01-01T00:00{name}").tzinfo if name[0] in "+-" else ZoneInfo(name)
        except (OSError, ValueError, KeyError):
            if critical:
                raise RefusedTimeError(f"depends on {name}, which is unknown here") from None
    return None
