"""Moments as text, and the runner's own day. The only place where the machine's clock is asked."""

from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo

Clock = Callable[[], datetime]
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def system_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """`moment` as `2024-05-01T06:30:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day_in(moment: datetime, zone: tzinfo) -> date:
    """The day it is in `zone` at `moment`."""
    return moment.astimezone(zone).date()


def time_in(moment: datetime, zone: tzinfo) -> str:
    """The time of day it is in `zone` at `moment`, as `HH:MM`."""
    return moment.astimezone(zone).strftime("%H:%M")
