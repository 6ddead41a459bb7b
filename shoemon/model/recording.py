"""One activity of a track file, as values."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from shoemon.model.errors import ShoemonError
from shoemon.model.trace import Trace

TRACK_READER = 1
"""Raised when files are understood differently, so that tracks are matched again."""


class TrackError(ShoemonError):
    """A track file from which nothing can be read; the message says why, in words for the runner."""


class NoActivityError(TrackError):
    """A sound file that holds something else than an activity: settings, a workout to be done, a course."""


@dataclass(frozen=True)
class Recording:
    """One activity of a track file: a session of a FIT file, an Activity of a TCX file, a trk of a GPX file."""

    number: int
    """Its place in the file, from 1."""
    started_at: datetime | None
    """In UTC; None where the file knows no time."""
    utc_offset_s: int | None = None
    """What the device's clock showed beside UTC, where the file says."""
    sport: str = ""
    """By the file's own word: `running`, `Running`, `9`; empty where it has none."""
    sub_sport: str = ""
    """FIT's finer word: `trail`, `track`, `treadmill`, `indoor_running`."""
    name: str = ""
    distance_m: float | None = None
    """The device's own total before one reckoned here; None where there is nothing to reckon it from."""
    distance_by: Literal["device", "laps", "points", "reckoned", ""] = ""
    """Where it comes from: the session's total, the sum of laps, the last point's own figure, or the positions."""
    moving_s: float | None = None
    elapsed_s: float | None = None
    elevation_m: float | None = None
    indoor: bool | None = None
    device: str = ""
    """Maker and serial number, where the file says; with `created_at` the identity of a FIT file."""
    created_at: datetime | None = None
    trace: Trace = field(default_factory=Trace)
    notes: tuple[str, ...] = ()
    """What was mended or left out: `cut off after 1,203 points`."""
