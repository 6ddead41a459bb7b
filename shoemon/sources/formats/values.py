"""Numbers, times and lines of text as track files write them."""

import math
from datetime import UTC, datetime

_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC).timestamp()
_LATEST = datetime(2100, 1, 1, tzinfo=UTC).timestamp()
_LONGEST_NAME = 200
FARTHEST_M = 2_000_000.0
"""A longer way in one recording is an error of the file."""


def number(text: str | None) -> float:
    """The number in `text`; nan where there is none."""
    try:
        return float(text) if text and len(text) < 64 else math.nan
    except ValueError:
        return math.nan


def metres(value: float | None) -> float | None:
    """`value` if it can be a distance: finite, not negative, not around the world."""
    return value if value is not None and math.isfinite(value) and 0 <= value <= FARTHEST_M else None


def duration(value: float | None) -> float | None:
    """`value` if it can be a duration in seconds: finite, not negative, not a year."""
    return value if value is not None and math.isfinite(value) and 0 <= value <= 366 * 86_400 else None


def moment(text: str) -> tuple[float, int | None]:
    """Seconds since 1970 UTC of an ISO time, and the offset it is written with (None for UTC or none); nan if none.

    Without an offset it is UTC, as both formats demand.
    """
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        return math.nan, None
    offset = time.utcoffset()
    since = (time if offset is not None else time.replace(tzinfo=UTC)).timestamp()
    return (since, int(offset.total_seconds()) if offset else None) if is_plausible(since) else (math.nan, None)


def is_plausible(since: float) -> bool:
    """Whether a time in seconds since 1970 can be that of a recording."""
    return _EARLIEST <= since < _LATEST


def at(since: float | None) -> datetime | None:
    """The moment in UTC; None where the file knows no time."""
    return datetime.fromtimestamp(since, UTC) if since is not None and is_plausible(since) else None


def line(text: str) -> str:
    """`text` on one line of bounded length."""
    return " ".join(text.split())[:_LONGEST_NAME]
