"""A runner with tracks and a map: a street, a path and a footway nobody has described, on an island in the ocean."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from kit.homes import Home

STREET, PATH, FOOTWAY = 10.000, 10.002, 10.004
"""Latitudes: 220 m apart, from 20.000 to 20.030 degrees east (3.3 km)."""
WEST, EAST = 20.000, 20.030
MAIN = """\
timezone: UTC
sources:
  - {name: strava, type: strava-export, path: export}
ground: {map: island.osm}
"""
HEADER = (
    "Activity ID,Activity Date,Activity Name,Activity Type,Elapsed Time,Distance,Activity Gear,Filename,"
    "Elapsed Time,Moving Time,Distance,Dirt Distance"
)
Line = Sequence[tuple[float, float]]
"""Latitude and longitude, point by point."""


def island(street: str = "asphalt", timestamp: str = "2024-03-04T00:00:00Z") -> str:
    """The map: a street with the surface given, a path of dirt, a footway of which nothing is said."""
    ways = {
        1: (STREET, {"highway": "residential", "surface": street}),
        2: (PATH, {"highway": "path", "surface": "dirt"}),
        3: (FOOTWAY, {"highway": "footway"}),
    }
    lines = ['<osm version="0.6"><bounds minlat="9.99" minlon="19.99" maxlat="10.02" maxlon="20.05"/>']
    for way, (lat, _) in ways.items():
        lines += [
            f'<node id="{way * 100 + index}" version="1" timestamp="{timestamp}" lat="{lat}" lon="{lon:.4f}"/>'
            for index, lon in enumerate((WEST, (WEST + EAST) / 2, EAST))
        ]
    for way, (_, tags) in ways.items():
        refs = "".join(f'<nd ref="{way * 100 + index}"/>' for index in range(3))
        said = "".join(f'<tag k="{key}" v="{value}"/>' for key, value in tags.items())
        lines.append(f'<way id="{way}" version="1" timestamp="{timestamp}">{refs}{said}</way>')
    return "\n".join([*lines, "</osm>\n"])


def along(lat: float, metres: float, start: float = WEST + 0.001, step_m: float = 3.0) -> Line:
    """A straight run eastwards at `lat`, with a point every `step_m`."""
    degree_m = 111_320 * math.cos(math.radians(lat))
    return [(lat, start + step_m * index / degree_m) for index in range(int(metres / step_m) + 1)]


def street_then_path(metres: float = 900.0) -> Line:
    """Eastwards along the street, straight over to the path, and on."""
    first = list(along(STREET, metres))
    lat, lon = first[-1]
    over = [(lat + (PATH - lat) * step / 70, lon) for step in range(1, 70)]
    return [*first, *over, *along(PATH, metres, lon)]


def gpx(line: Line, day: str = "2024-05-01", kind: str = "running") -> str:
    """The run as a GPX file, a point a second from six in the morning."""
    points = "".join(
        f'<trkpt lat="{lat:.7f}" lon="{lon:.7f}"><time>{day}T{6 + index // 3600:02}:{index // 60 % 60:02}:{index % 60:02}Z'
        "</time></trkpt>"
        for index, (lat, lon) in enumerate(line)
    )
    return f'<gpx version="1.1"><trk><type>{kind}</type><trkseg>{points}</trkseg></trk></gpx>'


def row(id: int, metres: float, *, day: int = 1, sport: str = "Run", file: str | None = None, dirt: str = "") -> str:
    """A line of activities.csv. Its track is `activities/<id>.gpx` unless another is named, or none by ''."""
    track = f"activities/{id}.gpx" if file is None else file
    return (
        f'{id},"May {day}, 2024, 6:00:00 AM",Run {id},{sport},1200,{metres / 1000:.2f},Pegasus,{track},'
        f"1200.0,1200.0,{metres:.1f},{dirt}"
    )


def tracked_home(directory: Path, rows: Iterable[str], tracks: Mapping[int | str, str | bytes]) -> Home:
    """A configuration with the map, and an unpacked Strava export of `rows` and `tracks` (by activity or file name)."""
    home = Home(directory)
    home.main(MAIN)
    home.shoes("shoes: [{id: pegasus, name: Pegasus}]\n")
    (directory / "island.osm").write_text(island(), encoding="utf-8")
    write_export(home, rows, tracks)
    return home


def write_export(home: Home, rows: Iterable[str], tracks: Mapping[int | str, str | bytes]) -> None:
    """Writes the export, or writes it anew."""
    folder = home.directory / "export" / "activities"
    folder.mkdir(parents=True, exist_ok=True)
    (folder.parent / "activities.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    for name, content in tracks.items():
        path = folder / (name if isinstance(name, str) else f"{name}.gpx")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def grounds(home: Home) -> dict[str, dict[str, float]]:
    """Metres by surface of every run, to whole tens."""
    found: dict[str, dict[str, float]] = {}
    for activity, surface, metres in home.rows("SELECT activity, surface, distance_m FROM legs ORDER BY 1, 2"):
        found.setdefault(activity, {})[surface] = round(metres, -1)
    return found
