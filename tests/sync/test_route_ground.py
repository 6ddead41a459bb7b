"""The ground of planned routes, on a small map: how each program writes them, and how hands draw them."""

import gzip
import io
import re
import zipfile
from collections.abc import Callable
from contextlib import closing
from itertools import count, pairwise
from math import cos, sin
from pathlib import Path

import pytest
from kit.fit_files import file_id, fit
from kit.homes import Home
from kit.osm_files import Place
from kit.routes import AROUND_THE_CORNER, degrees, fit_course, gpx, kml, kml_track, tcx, town

from shoemon.ground.match.match import match
from shoemon.ground.osm.reading import open_map
from shoemon.model.errors import ShoemonError
from shoemon.model.ids import SurfaceId
from shoemon.model.route import RouteGround
from shoemon.model.run_ground import GroundPart, summed
from shoemon.report.route import route_data
from shoemon.sources.formats.reading import read_track
from shoemon.sync.route_ground import route_ground

Ground = Callable[..., RouteGround]
STREET = ((0, 0), (300, 0), (600, 0))
ONE, TWO = ((300, 0), (300, 100)), ((600, 0), (900, 0))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a map that was never synced."""
    home = Home(tmp_path_factory.mktemp("home"))
    home.main("sources: []\n")
    Place(home.directory).take(town())
    return home


@pytest.fixture
def ground(home: Home) -> Ground:
    return lambda content, name="my.gpx": route_ground(home.config, name, content)


def metres(found: RouteGround) -> dict[tuple[str, str], int]:
    """Whole metres by surface and how it is known."""
    assert found.distance_m == pytest.approx(sum(part.distance_m for part in found.parts))
    return {(part.surface, part.origin): round(part.distance_m) for part in found.parts if part.distance_m > 0.5}


def timed(content: bytes) -> bytes:
    """A track with points a second apart."""
    times = (f"<time>2024-05-01T12:{second // 60:02}:{second % 60:02}Z</time></trkpt>" for second in count())
    return re.sub("</trkpt>", lambda _: next(times), content.decode()).encode()


def kmz(content: bytes) -> bytes:
    with zipfile.ZipFile(packed := io.BytesIO(), "w") as archive:
        archive.writestr("doc.kml", content)
    return packed.getvalue()


@pytest.mark.parametrize("content", [
    gpx(AROUND_THE_CORNER), gpx(AROUND_THE_CORNER, tag="trk"), gzip.compress(gpx(AROUND_THE_CORNER)),
    tcx(AROUND_THE_CORNER), kml(AROUND_THE_CORNER), kml_track(AROUND_THE_CORNER), kmz(kml(AROUND_THE_CORNER)),
    fit_course(AROUND_THE_CORNER), timed(gpx(AROUND_THE_CORNER, tag="trk")),
], ids=["rte", "trk", "gzip", "tcx", "kml", "kml track", "kmz", "fit", "timed"])  # fmt: skip
def test_between_few_points_a_route_follows_the_ways_in_every_format(ground: Ground, content: bytes) -> None:
    """Also in courses, whose made-up times are not believed."""
    found = ground(content)
    assert metres(found) == {("gravel", "tag"): 600, ("asphalt", "tag"): 300}
    assert [line.surface for line in found.lines] == ["asphalt", "gravel"]
    assert found.lines[0].points[-1] == found.lines[1].points[0]
    assert (found.name, found.map_date) == ("" if content[8:12] == b".FIT" else "Corner", "2001-09-09")


@pytest.mark.parametrize(("content", "expected"), [
    (gpx(STREET), {("asphalt", "tag"): 600}),
    (gpx(((300, 0), (300, 100), (300, 200), (300, 100), (300, 0), (300, 100))), {("gravel", "tag"): 500}),
    (gpx(ONE, TWO), {("gravel", "tag"): 100, ("asphalt", "tag"): 300}),
    (gpx(ONE, TWO, tag="trk"), {("gravel", "tag"): 100, ("asphalt", "tag"): 300}),
    (kml(ONE, TWO), {("gravel", "tag"): 100, ("asphalt", "tag"): 300}),
    (gpx(((600, 0), (600, -400))), {("unknown", "untagged"): 400}),
    (gpx(((600, 0), (600, 100))), {("unpaved", "inferred"): 100}),
    (gpx(((0, 60_000), (0, 63_000))), {("unknown", "map_end"): 3000}),
    (gpx(AROUND_THE_CORNER, ((0, 60_000), (0, 63_000))), {("unknown", "map_end"): 3000, ("gravel", "tag"): 600, ("asphalt", "tag"): 300}),
])  # fmt: skip
def test_the_metres_of_a_route_are_those_along_its_ways(
    ground: Ground, content: bytes, expected: dict[tuple[str, str], int]
) -> None:
    """Through a junction, to and fro on one way, two routes, without a surface, by kind, and beyond the map."""
    assert metres(ground(content)) == expected


def test_a_file_with_tracks_and_their_corners_as_routes_counts_once(ground: Ground) -> None:
    both = gpx(ONE).replace(b"</gpx>", gpx(ONE, tag="trk").partition(b"<wpt")[2].partition(b"/>")[2])
    assert both.count(b"<rte>") == both.count(b"<trk>") == 1
    assert metres(ground(both)) == {("gravel", "tag"): 100}
    one_point = gpx(ONE).replace(b"<rte>", b'<trk><trkseg><trkpt lat="47" lon="9"/></trkseg></trk><rte>')
    assert metres(ground(one_point)) == {("gravel", "tag"): 100}


def test_a_route_across_the_180th_meridian_is_as_long_as_it_is(ground: Ground) -> None:
    points = "".join(f'<rtept lat="-17" lon="{lon}"/>' for lon in (179.99, -179.99, 179.99))
    assert metres(ground(f"<gpx><rte>{points}</rte></gpx>".encode())) == {
        ("unknown", "map_end"): pytest.approx(4258, abs=30)
    }


def test_corners_within_the_points_of_a_route_count(ground: Ground) -> None:
    inside = "".join('<rpt lat="{:.7f}" lon="{:.7f}"/>'.format(*degrees(300, y)) for y in (300, 200, 100))
    found = ground(gpx(((300, 0),), inside=f"<extensions>{inside}</extensions>"))
    assert metres(found) == {("gravel", "tag"): 500}
    assert len(found.lines[0].points) == 4


DRAWN = ((-10, 12), (180, -16), (285, 15), (312, 190), (290, 315), (450, 284), (610, 310))


def test_a_line_drawn_by_hand_is_on_the_ways_beside_it(ground: Ground) -> None:
    """Clicked up to 20 m beside the ways, and straight between."""
    found = metres(ground(gpx(DRAWN)))
    assert found.pop(("gravel", "tag")) == pytest.approx(600, abs=40)
    assert found.pop(("asphalt", "tag")) == pytest.approx(300, abs=40)
    assert sum(found.values()) < 20


def track() -> tuple[list[tuple[float, float]], bytes]:
    """A run with an error of some metres, every 3 m or second; and its file."""
    corners, points = ((0, 0), (300, 0), (300, 300), (600, 300)), []
    for (x1, y1), (x2, y2) in pairwise(corners):
        points += [(x1 + (x2 - x1) * step / 100, y1 + (y2 - y1) * step / 100) for step in range(100)]
    points = [(x + 4 * sin(at / 9), y + 4 * cos(at / 7)) for at, (x, y) in enumerate(points)]
    return points, timed(gpx(points, tag="trk"))


def test_a_recorded_track_is_matched_as_a_run_and_agrees_with_the_route_of_its_points(
    ground: Ground, home: Home
) -> None:
    points, content = track()
    trace = read_track(io.BytesIO(content), "run.gpx")[0].trace
    with closing(open_map(home.config.map_database)) as map:
        run = summed(match(trace, map.piece(trace)).stretches)
    as_run, as_route = ground(content), ground(gpx(points, tag="trk"))
    assert as_run.parts == run
    for part in run:
        assert metres(as_route)[part.surface, part.origin] == pytest.approx(part.distance_m, abs=10)


def test_places_and_surfaces_of_the_runner_count(home: Home) -> None:
    lat, lon = degrees(300, 100)
    home.main("sources: []\nground: {surfaces: {moss: {ground: soft}, asphalt: {ground: synthetic}}}\n")
    home.shoes(f"shoes: []\nplaces:\n  - {{name: Wood, at: [{lat}, {lon}], radius: 40 m, surface: moss}}\n")
    try:
        found = route_ground(home.config, "my.gpx", gpx(AROUND_THE_CORNER))
        assert metres(found)[("moss", "place")] == pytest.approx(80, abs=30)
        grounds = route_data(found, home.config.plan)["ground_m"]
        assert grounds == {"hard": 0, "soft": 600, "synthetic": 300, "unknown": 0}
    finally:
        home.main("sources: []\n")
        home.shoes("shoes: []\n")


def test_the_sums_of_its_whole_metres_are_its_distance(home: Home) -> None:
    names = ("paved", "unpaved", "asphalt", "tartan")
    parts = tuple(GroundPart(SurfaceId(name), "inferred", 100.4, 0.9) for name in names)
    data = route_data(RouteGround("", 401.6, parts, (), None), home.config.plan)
    assert data["ground_m"].keys() == {"hard", "soft", "synthetic", "unknown"}
    sums = (data["distance_m"], sum(data["ground_m"].values()), sum(data["surface_m"].values()), data["inferred_m"])
    assert sums == (402, 402, 402, 402)


NUMBERS = tuple((0, 1000 * number) for number in range(600))
DTD = b'<!DOCTYPE gpx [<!ENTITY a "b">]>'


@pytest.mark.parametrize(("content", "why"), [
    (b"", "is empty"),
    (b"shoes", "is not a GPX, TCX, KML or FIT file"),
    (b"<html></html>", "its first element is 'html'"),
    (b"PK\3\4 and no more", "is a broken zip"),
    (gzip.compress(b"<gpx>", mtime=0)[:-9], "breaks off"),
    (gpx(), "contains places, no track"),
    (gpx(((0, 0),)), "contains no line of positions"),
    (gpx(((0, 0), (0, 0))), "is all in one place"),
    (gpx(NUMBERS), "is longer than 300 km"),
    (gpx(STREET)[:-30], "breaks off in line 1"),
    (DTD + gpx(STREET), "declares a document type"),
    (gpx(STREET).replace(b'lat="4', b'lat="nan" x="'), "contains no position that can be read"),
    (gpx(STREET).replace(b'lat="4', b'lat="1e999'), "contains no position that can be read"),
    (gpx(STREET).replace(b"rtept", b"wpt"), "contains no line of positions"),
    (kml(STREET).replace(b",", b" "), "contains no line of positions"),
    (kml(STREET)[:-90] + b" 9.1,47.1" * 400_000, "breaks off"),
    (kml(STREET, NUMBERS * 160), "has a line of more than 2,097,152 characters"),
    (fit(file_id(5)), "contains no activity but a workout"),
    (fit_course(STREET)[:-60], "is not whole: the file is cut off"),
    (fit_course(AROUND_THE_CORNER)[:-10], "is not whole: the file is cut off"),
    (gpx(((0, 0), (0, 0.9))), "is all in one place"),
    (timed(gpx([(second % 2 / 100, 0) for second in range(600)], tag="trk")), "is all in one place"),
])  # fmt: skip
def test_a_file_without_a_route_is_refused_in_one_sentence(ground: Ground, content: bytes, why: str) -> None:
    with pytest.raises(ShoemonError) as raised:
        ground(content, "my.gpx")
    assert str(raised.value).startswith("my.gpx ")
    assert why in str(raised.value)
    assert str(raised.value).endswith("; export the route as GPX, and try that file")
    assert "\n" not in str(raised.value)


def test_a_point_that_is_nowhere_is_left_out(ground: Ground) -> None:
    line = ((0, 0), (100, 0), (300, 0), (600, 0))
    assert metres(ground(gpx(line).replace(b'lat="47', b'lat="nan', 1))) == {("asphalt", "tag"): 500}


def test_without_a_map_it_says_how_to_get_one(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with pytest.raises(ShoemonError, match=r"there is no map on this machine; .*shoemon map import FILE"):
        route_ground(home.config, "my.gpx", gpx(STREET))
    assert not home.database.exists()
