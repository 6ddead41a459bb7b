"""The values that sources bring: activities, gear, and problems with what could not be read."""

from typing import NamedTuple

from shoemon.model.ids import ActivityId


class Activity(NamedTuple):
    """One record of an export, as it was understood; `raw` keeps it as it came.

    A NamedTuple because a first import makes hundreds of thousands: it is as unchangeable as a frozen dataclass and
    five times cheaper to make. The order of the fields is the order of the columns in table `activities`.
    """

    id: ActivityId
    source: str
    native_id: str
    started_at: str
    """UTC, or a bare local date where the export gives no time of day."""
    local_date: str
    utc_offset_s: int | None
    """Seconds to add to `started_at` for the runner's clock; None with a bare date."""
    sport: str
    """One of `sports.SPORTS`, or `other`."""
    sport_raw: str
    name: str
    distance_m: float
    moving_s: float | None
    elapsed_s: float | None
    elevation_m: float | None
    gear_raw: str | None
    """The shoe as the export calls it: its id where there is one, else its name."""
    gear_name: str | None
    """The export's label for the shoe, where it has one beside the id."""
    indoor: bool | None
    unpaved_m: float | None
    """Metres on soft ground by the export's own figure; None is unknown, which is not 0."""
    surface_raw: str | None
    """The surface by the export's own word."""
    start_lat: float | None
    start_lon: float | None
    track: str | None
    """Path of the track inside the source."""
    raw: str
    """The record as it came, as JSON."""
    zone_assumed: bool = False
    """The export gives the clock on the wrist without its zone: `started_at` was computed with the runner's own, and is
    off by hours for a run abroad."""
    device: str | None = None
    """The name of what recorded it, by the export: a watch, with its number, or an app."""
    end_lat: float | None = None
    end_lon: float | None = None


class Gear(NamedTuple):
    """A pair as an export lists it beside its runs; what it does not list is None."""

    gear_raw: str
    """As `Activity.gear_raw` has it."""
    name: str | None = None
    life_m: float | None = None
    """The distance at which the runner wants it replaced."""
    retired_on: str | None = None
    """Its last day as an ISO date."""
    initial_m: float | None = None
    """Its distance before its first activity there."""


class Problem(NamedTuple):
    """A record that could not be read, or (`is_note`) something to know of one that is read: its place and the reason.
    The rest of its file is read."""

    place: str
    """`file:row`, or the member or page that contains it."""
    message: str
    raw: str = ""
    """The record as it came, cut to 2,000 characters."""
    is_note: bool = False
