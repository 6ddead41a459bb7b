"""Collect the points of a recording while its file is read, and make its trace. Pure except for its errors.

Points are used as the device wrote them, if possible: a point without a place, out of time, or of a glitch, is left out
and counted.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import accumulate, groupby, pairwise
from math import inf, isfinite, nan

from shoemon.model.recording import TrackError
from shoemon.model.trace import Trace
from shoemon.sources.formats.glitches import Fixes, without_glitches

MOST_POINTS = 400_000
"""Of all recordings of a file: 111 hours at one a second."""
_MOST_RECORDINGS = 1_000


class Capacity:
    """The points and recordings that a file may still contain before it is refused."""

    def __init__(self) -> None:
        self._points = MOST_POINTS
        self._recordings = _MOST_RECORDINGS

    def take_point(self) -> None:
        """Count a point. Raises TrackError when there are too many."""
        self._points -= 1
        if self._points < 0:
            raise TrackError(f"has more than {MOST_POINTS:,} points")

    def take_recording(self) -> None:
        """Count a recording. Raises TrackError when there are too many."""
        self._recordings -= 1
        if self._recordings < 0:
            raise TrackError(f"has more than {_MOST_RECORDINGS:,} recordings")


class Points:
    """Collects the points of one recording, in the order of the file."""

    def __init__(self, capacity: Capacity) -> None:
        """Raises TrackError when the file has too many recordings."""
        capacity.take_recording()
        self._capacity = capacity
        self.times = array("d")
        self.lats = array("d")
        self.lons = array("d")
        self.distances = array("d")
        self._breaks: list[int] = []
        self._misplaced = self.impossible = 0
        """Points left out, and those of them that are nowhere on the globe."""

    def __len__(self) -> int:
        return len(self.times)

    def add(self, time: float, lat: float, lon: float, distance_m: float = nan) -> None:
        """Add a point; a missing figure is nan. Raises TrackError when there are too many."""
        is_possible = -90 <= lat <= 90 and -180 <= lon <= 180
        if not is_possible or (lat == 0 and lon == 0):
            self._misplaced += 1
            self.impossible += not is_possible
            return
        self._capacity.take_point()
        self.times.append(time)
        self.lats.append(lat)
        self.lons.append(lon)
        self.distances.append(distance_m)

    def pause(self) -> None:
        """Mark the way from here to the next point as not run."""
        self._breaks.append(len(self.times))

    def trace(
        self, pauses: Sequence[tuple[float, float]] = (), *, on_foot: bool = False
    ) -> tuple[Trace, tuple[str, ...]]:
        """Return the trace, and notes on what was left out: points in `pauses` (from, until; in order), and those that
        nobody could reach, or `on_foot` nobody who runs."""
        notes = [f"points without a place, left out: {self._misplaced:,}"] if self._misplaced else []
        times, kept, timed = self._timed()
        if len(kept) < len(self):
            notes.append(f"points out of time, left out: {len(self) - len(kept):,}")
        ends = array("d", [until for _, until in pauses])
        if pauses:
            kept = [index for index in kept if not _within(times[index], pauses, ends)]
        before, leaps = len(kept), list[int]()
        if timed:
            kept, leaps = without_glitches(Fixes(times, self.lats, self.lons), kept, on_foot=on_foot)
        if len(kept) < before:
            notes.append(f"points that the GPS put aside, left out: {before - len(kept):,}")
        if leaps:
            notes.append(f"leaps that nobody can run, not counted: {len(leaps):,}")
        starts = {0, *(bisect_left(kept, index) for index in (*self._breaks, *leaps))}
        kept_times = array("d", [times[index] for index in kept])
        starts |= {bisect_left(kept_times, end) for end in ends}
        made = Trace(
            times=kept_times,
            lats=array("d", [self.lats[index] for index in kept]),
            lons=array("d", [self.lons[index] for index in kept]),
            distances_m=_rising_distances([self.distances[index] for index in kept]),
            starts=tuple(sorted(start for start in starts if start < len(kept) or start == 0)),
        )
        return made, tuple(notes)

    def _timed(self) -> tuple["array[float]", Sequence[int], bool]:
        """Return the times, the indexes of the points in order, and True; numbers from 0 and False if most points have
        no time, or all the same."""
        times = self.times
        if all(earlier < later for earlier, later in pairwise(times)) and (not times or isfinite(times[0])):
            return times, range(len(times)), True
        timed = [index for index, time in enumerate(times) if isfinite(time)]
        rising = [timed[place] for place in rising_places([times[index] for index in timed])]
        if len(rising) * 2 > len(times) and times[rising[0]] < times[rising[-1]]:
            return _spread(times, rising), rising, True
        return array("d", range(len(times))), range(len(times)), False


def rising_places(values: Sequence[float]) -> list[int]:
    """Return the places of the longest series that never falls: a leap of a clock costs only the points that leapt.
    `values` are finite."""
    if all(earlier <= later for earlier, later in pairwise(values)):
        return list(range(len(values)))
    tails: list[float] = []
    tail_places: list[int] = []
    before: list[int] = []
    for place, value in enumerate(values):
        length = bisect_right(tails, value)
        before.append(tail_places[length - 1] if length else -1)
        if length == len(tails):
            tails.append(value)
            tail_places.append(place)
        else:
            tails[length], tail_places[length] = value, place
    places = []
    place = tail_places[-1] if tail_places else -1
    while place >= 0:
        places.append(place)
        place = before[place]
    return places[::-1]


def _rising_distances(distances: list[float]) -> "array[float]":
    """Return the device's own metres, never falling; none if most points have none, or they contradict each other."""
    known = [index for index, distance in enumerate(distances) if isfinite(distance) and distance >= 0]
    good = {known[place] for place in rising_places([distances[index] for index in known])}
    if not good or len(good) * 2 < len(distances):
        return array("d")
    first = distances[min(good)]
    filled = accumulate(
        (distance if index in good else -inf for index, distance in enumerate(distances)), max, initial=first
    )
    return array("d", list(filled)[1:])


def _within(time: float, pauses: Sequence[tuple[float, float]], ends: "array[float]") -> bool:
    place = bisect_right(ends, time)
    return place < len(pauses) and pauses[place][0] < time


def _spread(times: "array[float]", kept: Sequence[int]) -> "array[float]":
    """Return the times; several points with the same second are spread over it."""
    spread = array("d", times)
    groups = [list(group) for _, group in groupby(kept, key=times.__getitem__)]
    for group, following in zip(groups, [*groups[1:], []], strict=True):
        until = times[following[0]] if following else inf
        width = min(1.0, until - times[group[0]])
        for place, index in enumerate(group):
            spread[index] += width * place / len(group)
    return spread
