"""Compare two records by their outlines. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from shoemon.model.activity import Activity
from shoemon.model.ids import ActivityId
from shoemon.model.sports import RUNS, UNKNOWN_SPORT

_SAME_DISTANCE = 0.02
"""Share by which the distance of a copy may differ where times do not decide."""
SAME_START_S = 120.0
"""A start that was rounded to the minute, or set when the watch had found its satellites; and nobody starts two devices
at one second."""


class Outline(NamedTuple):
    """The values of a record for comparing it.

    `lasts_s`: elapsed seconds, else moving, else 0. `since`: when it went missing, else when it last changed.
    """

    id: ActivityId
    source: str
    started_at: str
    local_date: str
    sport: str
    distance_m: float
    lasts_s: float
    missing: bool
    since: str = ""
    utc_offset_s: int | None = None
    zone_assumed: bool = False
    lat: float | None = None
    lon: float | None = None


def outline_of(activity: Activity) -> Outline:
    """Make the outline of a record that its export lists."""
    return Outline(
        activity.id, activity.source, activity.started_at, activity.local_date, activity.sport, activity.distance_m,
        activity.elapsed_s or activity.moving_s or 0.0, missing=False, utc_offset_s=activity.utc_offset_s,
        zone_assumed=activity.zone_assumed,
    )  # fmt: skip


class RecordPair(NamedTuple):
    """Two records that could be one run. `shift_s`: where a zone was assumed, by how much it is wrong; None if by their
    times they are one. `in_doubt`: both count until the runner decides."""

    one: Outline
    other: Outline
    shift_s: float | None
    in_doubt: bool = False


def about_equal(one: Outline, other: Outline, share: float = _SAME_DISTANCE) -> bool:
    """Whether the distances are those of one run: they differ by at most this share."""
    return abs(one.distance_m - other.distance_m) <= share * max(one.distance_m, other.distance_m)


def overlap(one: Outline, other: Outline) -> bool:
    """Whether they overlap by at least half of the shorter; or begin together, where one has no duration."""
    (start, first), (other_start, second) = sorted(((begun(one), one), (begun(other), other)))
    if start == other_start:
        return True
    apart_s = (other_start - start).total_seconds()
    if not (first.lasts_s and second.lasts_s) and apart_s <= SAME_START_S and about_equal(one, other):
        return True
    left_s = first.lasts_s - apart_s
    return left_s > 0 and min(left_s, second.lasts_s) >= min(first.lasts_s, second.lasts_s) / 2


def kind(sport: str) -> str:
    """Return the kind of sport: all sports of running are one."""
    return "run" if sport in RUNS else sport


Rank = tuple[bool, bool, bool, int, tuple[int, ...], str, str]


def rank(outline: Outline, order: Mapping[str, int], *, is_cut: bool = False) -> Rank:
    """Rank records, lower is better: of a known sport before others, listed before missing, whole before `is_cut`, then
    the order of the sources; of those missing from one source, the one listed longest."""
    longest_first = tuple(-ord(char) for char in outline.since) if outline.missing else ()
    place = order.get(outline.source, len(order))
    return (
        outline.sport == UNKNOWN_SPORT,
        outline.missing,
        is_cut,
        place,
        longest_first,
        outline.started_at,
        outline.id,
    )


def begun(outline: Outline) -> datetime:
    """Return its start, as it is stored; midnight of the day where only that is known."""
    return datetime.fromisoformat(outline.started_at[:19])
