"""Moments as text, and the runner's own day. The only place that reads the machine's clock."""

from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo

Clock = Callable[[], datetime]
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def system_clock() -> datetime:
    """Return the time now, in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """Write `moment` as `2024-05-01T06:30:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_in(moment: datetime, zone: tzinfo) -> date:
    """Return the day in `zone` at `moment`."""
    return moment.astimezone(zone).date()


def time_in(moment: datetime, zone: tzinfo) -> str:
    """Return the time of day in `zone` at `moment`, as `HH:MM`."""
    return moment.astimezone(zone).strftime("%H:%M")
