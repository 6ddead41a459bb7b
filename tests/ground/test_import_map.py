"""The map on disk: ways cut at junctions, regions beside and in place of each other, whole or not at all."""

import sqlite3
import subprocess
import sys
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.osm_files import NOW, Place, all_rows, edges, numbers, osm, region, rows
from kit.places import TESTS

from shoemon.ground.osm.clip import clip_around, clip_from, clip_of_box
from shoemon.ground.osm.cut_ways import Junctions
from shoemon.ground.osm.elements import MapArea, MapWay
from shoemon.ground.osm.opening import has_map
from shoemon.ground.osm.osm_xml import NodePlaces, OsmXmlFile
from shoemon.ground.osm.reading import open_map
from shoemon.ground.osm.rings import RingPart, contains, rings_of, size_m2
from shoemon.ground.osm.schema import ATTRIBUTION
from shoemon.ground.osm.writing import Region, WrittenCounts, write_region
from shoemon.model.errors import MistakeError, ShoemonError
from shoemon.model.trace import Box

CROSS = """
n1 47.00 9.00
n2 47.00 9.01
n3 47.00 9.02
n4 46.99 9.01
n5 47.01 9.01
w10 1,2,3 highway=residential name=High+Street surface=asphalt
w11 4,2,5 highway=path foot=no @2024-02-03T04:05:06Z
w12 5,1 highway=motorway
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_ways_are_cut_where_they_meet_and_nowhere_else(place: Place) -> None:
    assert place.take(CROSS) == WrittenCounts(ways=2, edges=4, areas=0)
    assert edges(place.map) == [(10, 1, 2), (10, 2, 3), (11, 4, 2), (11, 2, 5)]
    assert [numbers(shape) for _, shape in rows(place.map, "edge", "id, shape")][:3] == [
        [90000000, 470000000, 90100000, 470000000],
        [90100000, 470000000, 90200000, 470000000],
        [90100000, 469900000, 90100000, 470000000],
    ]
    assert rows(place.map, "edge_box")[2] == (3, 90100000, 90100000, 469900000, 470000000)


def test_a_way_is_kept_with_what_its_tags_say(place: Place) -> None:
    place.take(CROSS)
    assert rows(place.map, "way") == [
        (10, 1, "residential", "High Street", '{"surface": "asphalt"}', "asphalt", "tag", "surface", 0.98, 0.2),
        (11, 1, "path", None, '{"foot": "no"}', "unpaved", "inferred", "highway=path", 0.94, 3.0),
    ]
    assert rows(place.map, "region") == [
        (1, "here.osm", "file", "2024-02-03T04:05:06Z", NOW, 46.99, 9.0, 47.01, 9.02, 2, 0, 100, "abc", "",
         ATTRIBUTION),
    ]  # fmt: skip


def test_a_way_that_meets_itself_is_cut_there(place: Place) -> None:
    place.take(
        """
        n1 47.00 9.00
        n2 47.00 9.01
        n3 47.01 9.01
        n4 47.01 9.00
        w10 1,2,3,4,2 highway=path
        w11 1,3,4,1 leisure=track
        """
    )
    assert edges(place.map) == [(10, 1, 2), (10, 2, 3), (10, 3, 4), (10, 4, 2), (11, 1, 3), (11, 3, 4), (11, 4, 1)]


def test_a_way_is_kept_where_its_nodes_have_a_place(place: Place) -> None:
    """Extracts cut ways at their edge: nodes that lie outside are named, and their place is not said."""
    place.take(
        """
        n1 47.00 9.00
        n2 47.00 9.01
        n5 47.00 9.04
        n6 47.00 9.05
        n7 97.00 9.05
        n8 nan 9.05
        w10 1,2,3,4,5,6 highway=path
        w11 1,3 highway=path
        w12 3,4 highway=path
        w13 1,7,8,6 highway=path
        """
    )
    assert edges(place.map) == [(10, 1, 2), (10, 5, 6)]


STEPS = {"47.1 9.1": True, "47.19 9.1": False, "47.0 9.36": True, "47.0 9.37": False, "0 0": False, "47.0 -179": False}


@pytest.mark.parametrize("to", STEPS)
def test_a_step_longer_than_20_km_is_no_street(place: Place, to: str) -> None:
    """A node dragged across the map would put its street near every run between."""
    place.take(f"n1 47.0 9.0\nn2 47.0 9.1\nn3 {to}\nw10 1,2 highway=path\nw11 2,3 highway=residential\n")
    assert edges(place.map) == [(10, 1, 2), (11, 2, 3)][: 1 + STEPS[to]]


def test_open_ground_is_kept_with_its_holes(place: Place) -> None:
    """A square with a hole, of which the outer ring is made of two ways that run against each other."""
    written = place.take(
        CROSS
        + """
        n21 47.000 9.000
        n22 47.000 9.010
        n23 47.010 9.010
        n24 47.010 9.000
        n31 47.004 9.004
        n32 47.004 9.006
        n33 47.006 9.006
        w30 21,22,23 -=-
        w31 21,24,23 barrier=fence
        w32 31,32,33,31 natural=water
        w33 31,32,33,31 landuse=grass
        w34 31,32,33 landuse=grass
        r40 w30,w31,w32,n1 type=multipolygon landuse=forest name=Wood
        r41 w30 type=multipolygon landuse=forest
        r42 w30,w99 type=multipolygon landuse=forest
        r43 w30,w31 type=multipolygon natural=water
        """
    )
    assert written.areas == 2
    wood, grass = rows(place.map, "area")
    assert grass[1:8] == ("w33", 1, '{"landuse": "grass"}', "grass", "area", "landuse=grass", 0.85)
    assert wood[1:8] == ("r40", 1, '{"landuse": "forest", "name": "Wood"}', "unpaved", "area", "landuse=forest", 0.85)
    shape = numbers(wood[9])
    assert shape[0] == 2
    assert sorted((shape[1], shape[2 + 2 * shape[1]])) == [4, 5]
    assert len(shape) == 1 + 1 + 10 + 1 + 8
    assert wood[8] == pytest.approx(1111.95 * 1111.95 * 0.682 * (1 - 0.02), rel=0.001)
    assert rows(place.map, "area_box")[0] == (1, 90000000, 90100000, 470000000, 470100000)


# ------------------------------------------------------------------ regions


def test_a_region_imported_again_replaces_what_it_was(place: Place) -> None:
    place.take(CROSS + "w13 1,2,5,1 landuse=grass\n")
    place.take("n1 47.0 9.0\nn2 47.0 9.1\nn3 47.0 9.2\nw10 1,2,3 highway=track\n")
    alone = all_rows(place.map)
    place.map.unlink()
    place.take("n1 47.0 9.0\nn2 47.0 9.1\nn3 47.0 9.2\nw10 1,2,3 highway=track\n")
    assert alone == all_rows(place.map)


def test_a_region_imported_again_leaves_the_others_alone(place: Place) -> None:
    place.take("n1 48.0 9.0\nn2 48.0 9.1\nw90 1,2 highway=path\nw91 1,2,1,1 landuse=grass\n", "there.osm")
    place.take(CROSS + "w13 1,2,5,1 landuse=grass\n")
    place.take("n1 47.0 9.0\nn2 47.0 9.1\nw10 1,2 highway=track\n")
    assert rows(place.map, "region", "name, ways, areas") == [("here.osm", 1, 0), ("there.osm", 1, 1)]
    assert edges(place.map) == [(10, 1, 2), (90, 1, 2)]
    assert rows(place.map, "area", "osm, 1") == [("w91", 1)]
    for table in ("edge", "area"):
        assert rows(place.map, table, "id, 1") == rows(place.map, f"{table}_box", "id, 1")


class Given:
    """Elements as a test gives them."""

    osm_date = "2024-01-01T00:00:00Z"

    def __init__(self, *elements: MapWay | MapArea, box: Box | None = None) -> None:
        self._elements, self.box = elements, box

    def __iter__(self) -> Iterator[MapWay | MapArea]:
        return iter(self._elements)

    def node_uses(self) -> Iterator[Sequence[int]]:
        return (element.nodes for element in self._elements if isinstance(element, MapWay))


def test_a_file_without_a_way_is_refused_and_an_empty_cell_is_not(place: Place) -> None:
    place.take(CROSS)
    before = all_rows(place.map)
    with pytest.raises(ShoemonError, match=r"here\.osm contains no way to run on; nothing was imported"):
        place.take("n1 47.0 9.0\n")
    assert all_rows(place.map) == before
    sea = Box(1.0, 2.0, 1.05, 2.05)
    cell = Region("overpass:1.00,2.00", "overpass", "2024-05-06T07:08:09Z", sea, 10, "def")
    assert write_region(place.map, cell, Given(), None, NOW) == WrittenCounts(0, 0, 0)
    with_cell = rows(place.map, "region", "name, osm_date, south, west, north, east")
    assert with_cell[1] == ("overpass:1.00,2.00", "2024-05-06T07:08:09Z", *sea)


def test_a_file_that_names_a_way_twice_is_refused(place: Place) -> None:
    with pytest.raises(ShoemonError, match="contains a way or an area twice"):
        place.take(CROSS + "w10 1,2 highway=path\n")


@pytest.mark.parametrize("table", ["meta", "other"])
def test_a_map_of_another_version_is_refused_and_an_import_makes_it_anew(place: Place, table: str) -> None:
    place.take(CROSS, "old.osm")
    with sqlite3.connect(place.map) as connection:
        connection.execute("UPDATE meta SET value = '999' WHERE key = 'version'")
        if table == "other":
            connection.execute("CREATE TABLE other(x)")
            connection.execute("CREATE VIRTUAL TABLE newer USING rtree(id, a, b)")
    with pytest.raises(ShoemonError, match=r"has version 999.*import the map again: shoemon map import FILE"):
        open_map(place.map)
    place.take(CROSS)
    assert rows(place.map, "region", "id, name") == [(1, "here.osm")]
    names = {name for name, _ in rows(place.map, "sqlite_master", "name, type")}
    assert not {"other", "newer", "newer_node"} & names


def test_what_is_no_map_is_not_written_over(place: Place) -> None:
    place.map.parent.mkdir()
    place.map.write_text("my diary, which is longer than the header of a database" * 40)
    with pytest.raises(ShoemonError, match="cannot write the map"):
        place.take(CROSS)
    assert place.map.read_text().startswith("my diary")


def test_a_first_import_that_fails_leaves_no_map(place: Place) -> None:
    with pytest.raises(ShoemonError, match="contains no way"):
        place.take("n1 47.0 9.0\n")
    assert list(place.map.parent.iterdir()) == []


def test_a_file_with_nothing_in_it_is_no_map(place: Place) -> None:
    """So a first import leaves it that is killed."""
    assert not has_map(place.map)
    place.map.parent.mkdir()
    place.map.touch()
    assert not has_map(place.map)
    place.take(CROSS)
    assert has_map(place.map)
    place.map.write_text("my diary")
    assert has_map(place.map)


def test_only_its_owner_may_read_the_map(place: Place) -> None:
    place.take(CROSS)
    assert place.map.stat().st_mode & 0o777 == 0o600


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from kit.osm_files import NOW, Place, region
from shoemon.ground.osm.opening import has_map
from shoemon.ground.osm.osm_xml import OsmXmlFile
from shoemon.ground.osm.writing import write_region

def progress(text):
    if "10,000 ways" in text:
        os.kill(os.getpid(), signal.SIGKILL)

write_region(Path({map!r}), region({name!r}), OsmXmlFile(Path({file!r})), None, "now", progress)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ["here.osm", "there.osm"])
def test_an_import_that_is_killed_leaves_the_map_as_it_was(place: Place, name: str) -> None:
    place.take(CROSS)
    before = all_rows(place.map)
    nodes = "".join(f"n{number} 48.0 {9 + number / 10000:.4f}\n" for number in range(20_002))
    ways = "".join(f"w{number + 100} {number},{number + 1} highway=path\n" for number in range(20_000))
    file = place.directory / "large.osm"
    file.write_text(osm(nodes + ways), encoding="utf-8")
    script = KILLED.format(tests=str(TESTS), map=str(place.map), name=name, file=str(file))
    done = subprocess.run([sys.executable, "-c", script], check=False, timeout=300)
    assert done.returncode == -9
    assert all_rows(place.map) == before
    assert write_region(place.map, region(name), OsmXmlFile(file), None, NOW).ways == 20_000


# ------------------------------------------------------------------ pieces


GRID = "\n".join(f"n{lat}{lon} 47.{lat:03} 9.{lon:03}" for lat in range(10, 60, 10) for lon in range(10, 60, 10)) + "\n"


def test_of_a_box_ways_are_taken_as_far_as_they_lie_in_it(place: Place) -> None:
    ways = "w1 1010,1020,1030,1040,1050 highway=path\nw2 5010,5020 highway=path\n"
    place.take(GRID + ways, clip=clip_of_box("47.005,9.015,47.025,9.035"))
    assert edges(place.map) == [(1, 1020, 1030)]
    assert rows(place.map, "region", "south, west, north, east, clip") == [
        (47.01, 9.02, 47.01, 9.03, "bbox 47.0050000,9.0150000,47.0250000,9.0350000")
    ]


def test_around_runs_is_what_lies_in_cells_of_a_hundredth_of_a_degree(place: Place) -> None:
    ways = "w1 1010,1020,1030,1040,1050 highway=path\nw2 5010,5020 highway=path\n"
    clip = clip_around([(4701, 902), (4701, 904), (4701, 905)], "0 km around runs")
    place.take(GRID + ways, clip=clip)
    assert edges(place.map) == [(1, 1040, 1050)]
    assert clip_from(str(rows(place.map, "region", "clip, 1")[0][0])) == clip


def test_open_ground_is_taken_whole_if_it_touches_and_does_not_reach_far_out(place: Place) -> None:
    """Node 900 is a fifth of a degree away, 901 has no place."""
    for area, taken in {
        "1020,1030,2030,1020": True, "1010,1050,5050,1010": True, "4040,5040,5050,4040": False,
        "1020,1030,900,1020": False, "1020,1030,901,1020": False,
    }.items():  # fmt: skip
        text = GRID + f"n900 47.300 9.030\nw1 1020,1030 highway=path\nw2 {area} landuse=grass\n"
        assert place.take(text, clip=clip_of_box("47.005,9.015,47.025,9.035")).areas == taken, area


def test_open_ground_around_the_whole_piece_touches_it() -> None:
    around = array("i", [89000000, 469000000, 91000000, 469000000, 91000000, 471000000, 89000000, 469000000])
    assert clip_of_box("46.95,8.95,47.05,9.05").includes([around])
    assert clip_around([(4700, 900)], "").includes([around])
    assert not clip_around([(4720, 900)], "").includes([around])
    far = array("i", [90000000, 470000000, 90100000, 470000000, 90100000, 473000000, 90000000, 470000000])
    assert not clip_of_box("46.95,8.95,47.05,9.05").includes([far])
    assert not clip_around([(4700, 900)], "").includes([far])


def test_a_region_covers_no_more_than_the_piece_that_was_asked_for(place: Place) -> None:
    way = MapWay(1, {"highway": "path"}, [1, 2], array("i", [90000000, 470000000, 90100000, 470000000]))
    clip = clip_of_box("46.9,8.9,47.1,9.3")
    write_region(place.map, region(), Given(way, box=Box(46.0, 9.0, 47.05, 10.0)), clip, NOW)
    assert rows(place.map, "region", "south, west, north, east") == [(46.9, 9.0, 47.05, 9.3)]
    write_region(place.map, region(), Given(way, box=Box(1.0, 2.0, 3.0, 4.0)), clip, NOW)
    assert rows(place.map, "region", "south, west, north, east") == [(47.0, 9.0, 47.0, 9.01)]


def test_a_box_that_is_none_is_refused() -> None:
    for text, words in {
        "1,2,3": "is not a box", "a,b,c,d": "is not a box", "47.3,9.4,47.0,9.7": "south comes before north",
        "47.0,9.7,47.3,9.4": "west before east", "nan,9.7,47.3,9.9": "is empty", "-91,9.7,47.3,9.9": "is empty",
    }.items():  # fmt: skip
        with pytest.raises(MistakeError, match=words):
            clip_of_box(text)


@given(
    st.frozensets(st.tuples(st.integers(-9000, 8999), st.integers(-18000, 17999)), min_size=1, max_size=20),
    st.text("ab 2km.", max_size=12),
)
def test_a_piece_is_written_so_that_it_can_be_read_again(cells: frozenset[tuple[int, int]], wanted: str) -> None:
    clip = clip_around(cells, wanted)
    assert clip_from(clip.text) == clip
    for row, column in cells:
        assert clip.contains(column * 100_000 + 99_999, row * 100_000)
        assert clip.widened.contains((column + 10) * 100_000, (row - 10) * 100_000)
    assert clip_from("") is None


# ------------------------------------------------------------------ parts


@given(st.lists(st.lists(st.integers(-(2**40), 2**40), max_size=8), max_size=30))
def test_junctions_are_the_nodes_used_twice(uses: list[list[int]]) -> None:
    every = [node for nodes in uses for node in nodes]
    junctions = Junctions(uses)
    assert {node for node in every if junctions.contains(node)} == {node for node in every if every.count(node) > 1}
    assert not junctions.contains(2**50)


@given(st.dictionaries(st.integers(-(2**40), 2**40), st.tuples(st.integers(-180, 180), st.integers(-90, 90))))
def test_places_are_found_in_whatever_order_they_came(known: dict[int, tuple[int, int]]) -> None:
    places = NodePlaces()
    for node, (lon, lat) in known.items():
        places.add(node, lon, lat)
    assert {node: places.find(node) for node in known} == known
    assert places.find(2**50) == (2**31 - 1, 2**31 - 1)


def ring(*points: tuple[int, int]) -> "list[int]":
    return [number for point in points for number in point]


def test_rings_are_put_together_from_pieces_in_any_direction() -> None:
    pieces = [
        RingPart(1, 2, array("i", [0, 0, 1, 0])),
        RingPart(3, 2, array("i", [1, 1, 1, 0])),
        RingPart(3, 1, array("i", [1, 1, 0, 1, 0, 0])),
        RingPart(7, 7, array("i", [5, 5, 6, 5, 6, 6, 5, 5])),
    ]
    assert [list(found) for found in rings_of(pieces) or ()] == [
        [5, 5, 6, 5, 6, 6, 5, 5],
        [0, 0, 1, 0, 1, 1, 0, 1, 0, 0],
    ]
    assert rings_of(pieces[:2]) is None
    assert rings_of([]) is None


def test_an_island_in_a_hole_counts_again() -> None:
    def square(low: int, high: int) -> "array[int]":
        return array("i", [low, low, high, low, high, high, low, high, low, low])

    step = 111_195.0 / 1e7
    rings = [square(40_000, 60_000), square(0, 100_000), square(20_000, 80_000)]
    wanted = (100_000**2 - 60_000**2 + 20_000**2) * step**2
    assert size_m2(rings) == pytest.approx(wanted, rel=1e-6)
    assert contains(rings[1], 50_000, 50_000)
    assert not contains(rings[1], 150_000, 50_000)
    side_by_side = [square(0, 100_000), square(20_000, 50_000), square(50_000, 60_000)]
    side_by_side[2][0::2] = array("i", [20_000, 50_000, 50_000, 20_000, 20_000])
    assert size_m2(side_by_side) == pytest.approx((100_000**2 - 30_000**2 - 30_000 * 10_000) * step**2, rel=1e-6)
