"""The value that readers of track files return: one activity."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from shoemon.model.errors import ShoemonError
from shoemon.model.trace import Trace

TRACK_READER = 2
"""Raised when files are understood differently, so that tracks are matched again."""


class TrackError(ShoemonError):
    """A track file from which nothing can be read; the message gives the runner the reason."""


class NoActivityError(TrackError):
    """A valid file that contains something else than an activity: settings, a planned workout, a course."""


@dataclass(frozen=True)
class Recording:
    """One activity of a track file: a session of a FIT file, an Activity of a TCX file, a trk of a GPX file."""

    number: int
    """Its place in the file, from 1."""
    started_at: datetime | None
    """In UTC; None where the file has no time."""
    utc_offset_s: int | None = None
    """The device's clock minus UTC, where the file has it."""
    sport: str = ""
    """As the file has it: `running`, `Running`, `9`; empty where it has none."""
    sub_sport: str = ""
    """FIT's finer word: `trail`, `track`, `treadmill`, `indoor_running`."""
    name: str = ""
    distance_m: float | None = None
    """The device's own total, else one computed here; None where there is nothing to compute it from."""
    distance_by: Literal["device", "laps", "points", "reckoned", ""] = ""
    """Its origin: the session's total, the sum of laps, the last point's own figure, or the positions."""
    moving_s: float | None = None
    elapsed_s: float | None = None
    elevation_m: float | None = None
    indoor: bool | None = None
    device: str = ""
    """Maker and serial number, where the file has them; with `created_at` the identity of a FIT file."""
    created_at: datetime | None = None
    is_broken_off: bool = False
    """The device wrote no summary, which would name the sport."""
    trace: Trace = field(default_factory=Trace)
    notes: tuple[str, ...] = ()
    """Repairs and omissions: `cut off after 1,203 points`."""
