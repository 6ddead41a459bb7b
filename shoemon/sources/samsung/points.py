"""Where the points of an exercise of Samsung Health lie, and what they say.

`jsons/com.samsung.shealth.exercise/<first letter>/<datauuid>.com.samsung.health.exercise.location_data.json` is a list
of points with `latitude`, `longitude` and `start_time` in milliseconds since 1970: known from SHealth2GPX and others.
"""

from collections.abc import Iterable, Mapping
from posixpath import basename
from typing import Any

from shoemon.model.recording import Recording, TrackError
from shoemon.sources.formats.points import Points, Room
from shoemon.sources.formats.values import at
from shoemon.sources.kit.point_tracks import figure

_ENDING = ".location_data.json"
_BY_ID = "{}.com.samsung.health.exercise.location_data.json"


def is_points(name: str) -> bool:
    """Whether a file is called like the points of an exercise."""
    return name.lower().endswith(_ENDING) and ".exercise" in name.lower()


class PointFiles:
    """The files with points among `names`, by what exercises call them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._by_name = {basename(name): name for name in names if is_points(name)}

    def of(self, told: Mapping[str, str]) -> str | None:
        """The file with the points of the exercise that says `told`, if it is there."""
        said = basename(told.get("location_data", ""))
        called = (said, f"{said}.json", _BY_ID.format(told.get("datauuid", "")))
        return next((self._by_name[name] for name in called if name in self._by_name), None)


def read_points(held: Any, number: int) -> Recording:
    """The recording in a file of points. Raises what comes of one that is built otherwise."""
    if not isinstance(held, list):
        raise TrackError("it holds no list of points")
    points = Points(Room())
    for point in held:
        points.add(figure(point, "start_time") / 1000, figure(point, "latitude"), figure(point, "longitude"))
    trace, notes = points.trace()
    return Recording(number=number, started_at=at(trace.times[0]) if trace else None, trace=trace, notes=notes)
