"""A small town of ways, and planned routes through it as each program writes them; places in metres east and north."""

from collections.abc import Sequence
from math import cos, radians

from kit.fit_files import file_id, fit, record

LAT, LON = 47.0, 9.0
Line = Sequence[tuple[float, float]]
WAYS: dict[int, tuple[Line, str]] = {
    10: (((0, 0), (300, 0), (600, 0), (1200, 0)), "highway=residential surface=asphalt"),
    11: (((300, 0), (300, 100), (300, 200), (300, 300), (600, 300)), "highway=path surface=gravel"),
    12: (((600, 0), (600, -400)), "highway=footway"),
    13: (((600, 0), (600, 100)), "highway=track"),
}
"""A street, with a path that turns right after 300 m; a footway without any surface, and a track."""
AROUND_THE_CORNER: Line = ((0, 0), (300, 100), (600, 300))
"""Three corners of ways: 300 m of street and 600 m of path, as far as nobody sees from the straight lines."""


def degrees(x: float, y: float) -> tuple[float, float]:
    """Latitude and longitude."""
    return LAT + y / 110_574, LON + x / (111_320 * cos(radians(LAT)))


def town() -> str:
    """The ways as lines for `kit.osm_files.osm`."""
    nodes: dict[tuple[float, float], int] = {}
    for line, _ in WAYS.values():
        for point in line:
            nodes.setdefault(point, len(nodes) + 1)
    lines = ["n{} {:.7f} {:.7f}".format(number, *degrees(*point)) for point, number in nodes.items()]
    return "\n".join(
        [
            *lines,
            *(f"w{way} {','.join(str(nodes[point]) for point in line)} {tags}" for way, (line, tags) in WAYS.items()),
        ]
    )


def _points(line: Line, form: str) -> str:
    return "".join(form.format(*degrees(*point)) for point in line)


def gpx(*lines: Line, tag: str = "rte", name: str = "Corner", inside: str = "") -> bytes:
    """GPX with a route of each line, or a track (`trk`); `inside` is within each point."""
    point, start, end = ("rtept", "", "") if tag == "rte" else ("trkpt", "<trkseg>", "</trkseg>")
    form = f'<{point} lat="{{:.7f}}" lon="{{:.7f}}">{inside}</{point}>'
    text = "".join(f"<{tag}><name>{name}</name>{start}{_points(line, form)}{end}</{tag}>" for line in lines)
    return f'<gpx version="1.1"><wpt lat="1" lon="1"/>{text}</gpx>'.encode()


def tcx(line: Line) -> bytes:
    """A course; its times are made up, and all the same."""
    form = (
        "<Trackpoint><Time>2024-05-01T00:00:00Z</Time><Position><LatitudeDegrees>{:.7f}</LatitudeDegrees>"
        "<LongitudeDegrees>{:.7f}</LongitudeDegrees></Position></Trackpoint>"
    )
    course = f"<Course><Name>Corner</Name><Track>{_points(line, form)}</Track></Course>"
    return f"<TrainingCenterDatabase><Courses>{course}</Courses></TrainingCenterDatabase>".encode()


def kml(*lines: Line) -> bytes:
    """A Placemark with a MultiGeometry of lines, beside one that is a point."""
    texts = (_points(line, "{1:.7f},{0:.7f},420 ") for line in lines)
    text = "".join(f"<LineString><coordinates>{each}</coordinates></LineString>" for each in texts)
    return (
        "<kml><Document><name>Mine</name><Placemark><Point><coordinates>1,1</coordinates></Point></Placemark>"
        f"<Placemark><name>Corner</name><MultiGeometry>{text}</MultiGeometry></Placemark></Document></kml>"
    ).encode()


def kml_track(line: Line) -> bytes:
    form = "<when>2024-05-01T00:00:00Z</when><gx:coord>{1:.7f} {0:.7f} 420</gx:coord>"
    track = f"<gx:Track>{_points(line, form)}</gx:Track>"
    return f"<kml><Placemark><name>Corner</name>{track}</Placemark></kml>".encode()


def fit_course(line: Line) -> bytes:
    """A course whose times are a second apart."""
    places = [degrees(*point) for point in line]
    return fit(file_id(6), *(record(second, lat=lat, lon=lon) for second, (lat, lon) in enumerate(places)))
