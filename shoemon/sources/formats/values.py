"""Read numbers, times and lines of text as track files write them."""

import math
from datetime import UTC, datetime

from shoemon.model.recording import NoActivityError, TrackError
from shoemon.sources.formats.iso_times import iso_time

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC).timestamp()
_LATEST = datetime(2100, 1, 1, tzinfo=UTC).timestamp()
_LONGEST_NAME = 200
FARTHEST_M = 2_000_000.0
"""A longer distance in one recording is an error of the file."""


def number(text: str | None) -> float:
    """Return the number in `text`; nan if there is none."""
    try:
        return float(text) if text and len(text) < 64 else math.nan
    except ValueError:
        return math.nan


def metres(value: float | None) -> float | None:
    """Return `value` if it is possible as a distance: finite, not negative, not around the world."""
    return value if value is not None and math.isfinite(value) and 0 <= value <= FARTHEST_M else None


def duration(value: float | None) -> float | None:
    """Return `value` if it is possible as a duration in seconds: finite, not negative, not a year."""
    return value if value is not None and math.isfinite(value) and 0 <= value <= 366 * 86_400 else None


def moment(text: str) -> tuple[float, int | None]:
    """Return seconds since 1970 UTC of an ISO time, and its offset (None for UTC or none); nan for another text.
    Without an offset it is UTC, as both formats require."""
    try:
        time = iso_time(text.strip())
    except ValueError:
        return math.nan, None
    if not isinstance(time, datetime):
        time = datetime.combine(time, datetime.min.time())
    offset = time.utcoffset()
    since = (time if offset is not None else time.replace(tzinfo=UTC)).timestamp()
    return (since, int(offset.total_seconds()) if offset else None) if is_plausible(since) else (math.nan, None)


def is_plausible(since: float) -> bool:
    """Return whether a time in seconds since 1970 is possible for a recording."""
    return _EARLIEST <= since < _LATEST


def at(since: float | None) -> datetime | None:
    """Return the moment in UTC; None for an impossible time."""
    return datetime.fromtimestamp(since, UTC) if since is not None and is_plausible(since) else None


def no_activity(what: str, other: str, note: str) -> TrackError:
    """Return the error for a file without `what` but with `other`; `note` names the place where it broke off."""
    message = f"contains {other}, no {what}" if other else f"contains no {what}"
    return TrackError(f"{message}; it {note}") if note else NoActivityError(message)


def line(text: str) -> str:
    """Return `text` on one line of limited length."""
    return " ".join(text.split())[:_LONGEST_NAME]
