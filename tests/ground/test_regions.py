"""Regions that share ways and open ground: none destroys what is another's, and what goes with one is brought again."""

import os
from array import array
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from kit.homes import Home
from kit.osm_files import NOW, Place, edges, osm, region, rows

from shoemon.config.load import load
from shoemon.ground.osm.clip import Clip, clip_of_box
from shoemon.ground.osm.elements import MapArea, MapWay
from shoemon.ground.osm.importing import import_file
from shoemon.ground.osm.reading import open_map
from shoemon.ground.osm.writing import WrittenCounts, write_region
from shoemon.model.trace import Box
from shoemon.sync.match.update_map import update_map

ROAD = """
n1 47.00 9.00
n2 47.00 9.01
n3 47.00 9.06
n4 47.00 9.07
n5 47.001 9.001
n6 47.002 9.001
n7 47.002 9.002
w10 1,2 highway=path
w11 3,4 highway=path
w12 1,2,3,4 highway=track
w20 5,6,7,5 landuse=grass
"""
"""Two paths six kilometres apart, a track through both, a meadow at the first."""
WEST, EAST = clip_of_box("46.9,8.9,47.1,9.03"), clip_of_box("46.9,9.05,47.1,9.1")
WHOLE = [(10, 1, 2), (11, 3, 4), (12, 1, 2), (12, 2, 3), (12, 3, 4)]


@pytest.fixture
def place(tmp_path: Path) -> "Regions":
    return Regions(tmp_path)


class Regions(Place):
    """A map, with a look at what several regions make of it."""

    def key(self, box: Box) -> str:
        with closing(open_map(self.map)) as reader:
            return reader.key(box)

    def boxes_fit(self) -> bool:
        return all(
            rows(self.map, table, "id, 1") == rows(self.map, f"{table}_box", "id, 1") for table in ("edge", "area")
        )


BESIDE = [(10, 1, 2), (11, 3, 4), (12, 1, 2), (12, 3, 4)]
TO_WEST, FROM_EAST = clip_of_box("46.9,8.9,47.1,9.065"), clip_of_box("46.9,9.005,47.1,9.1")


@pytest.mark.parametrize(
    ("taken", "expected", "regions"),
    [
        # A piece of a file takes nothing from the whole; the whole takes over what a piece had.
        ([("whole", None), ("piece", EAST)], WHOLE, [("piece.osm", 1, 0), ("whole.osm", 2, 1)]),
        ([("piece", EAST), ("whole", None)], WHOLE, [("piece.osm", 0, 0), ("whole.osm", 3, 1)]),
        # Two pieces side by side both stay, and share what runs through both; where they overlap, it is there once.
        ([("west", WEST)], [(10, 1, 2), (12, 1, 2)], [("west.osm", 2, 1)]),
        ([("west", WEST), ("east", EAST), ("east", EAST)], BESIDE, [("east.osm", 1, 0), ("west.osm", 2, 1)]),
        ([("west", TO_WEST), ("east", FROM_EAST)], WHOLE, [("east.osm", 1, 0), ("west.osm", 2, 1)]),
    ],
)  # fmt: skip
def test_regions_hold_together_what_each_has(
    place: Regions, taken: list[tuple[str, Clip | None]], expected: object, regions: object
) -> None:
    for name, clip in taken:
        place.take(ROAD, f"{name}.osm", clip)
    assert edges(place.map) == expected
    assert rows(place.map, "region", "name, ways, areas") == regions
    assert place.boxes_fit()


def test_a_piece_of_which_another_region_has_all_is_no_mistake(place: Regions) -> None:
    place.take(ROAD, "whole.osm")
    assert place.take(ROAD, "piece.osm", clip_of_box("46.9,9.005,47.1,9.065")) == WrittenCounts(0, 0, 0)
    assert rows(place.map, "region", "name, west, east")[0] == ("piece.osm", 9.01, 9.06)
    assert edges(place.map) == WHOLE


def test_the_key_of_a_region_changes_with_what_it_loses(place: Regions) -> None:
    """The track of `there` also lies where `here`, by its own word, is not."""
    beyond = Box(47.0, 9.068, 47.001, 9.069)
    place.take(ROAD, "there.osm")
    before = place.key(beyond)

    class Here:
        osm_date, box = NOW, Box(46.9, 8.9, 47.1, 9.01)
        way = MapWay(12, {"highway": "steps"}, [1, 4], array("i", [90000000, 470000000, 90700000, 470000000]))

        def __iter__(self) -> Iterator[MapWay | MapArea]:
            return iter([self.way])

        def node_uses(self) -> Iterator[Sequence[int]]:
            return iter([self.way.nodes])

    write_region(place.map, region("here.osm"), Here(), None, NOW)
    assert rows(place.map, "way", "id, region") == [(10, 1), (11, 1), (12, 2)]
    assert place.key(beyond) != before


def test_a_way_of_two_regions_belongs_to_the_last_and_stays_cut_where_either_meets_it(place: Regions) -> None:
    """Way 1 runs through both; in `left` another meets it at node 2, in `right` one at node 4."""
    nodes = "\n".join(f"n{number} 47.0 9.0{number}" for number in range(1, 6)) + "\nn8 47.01 9.02\nn9 47.01 9.04\n"
    left = nodes + "w1 1,2,3,4,5 highway=path\nw2 2,8 highway=path\nw7 1,2,8,1 landuse=grass\n"
    right = nodes + "w1 1,2,3,4,5 highway=path\nw3 4,9 highway=path\nw7 1,2,8,1 landuse=meadow\n"
    place.take(left, "left.osm")
    for text, name in ((right, "right.osm"), (right, "right.osm"), (left, "left.osm"), (left, "left.osm")):
        place.take(text, name)
        assert edges(place.map) == [(1, 1, 2), (1, 2, 4), (1, 4, 5), (2, 2, 8), (3, 4, 9)]
        ids = dict(rows(place.map, "region", "name, id"))
        neighbour = {"left.osm": ids.get("right.osm"), "right.osm": ids["left.osm"]}[name]
        assert dict(rows(place.map, "way", "id, region"))[1] == ids[name] != neighbour
        rule = "landuse=meadow" if name == "right.osm" else "landuse=grass"
        assert rows(place.map, "area", "osm, region, rule") == [("w7", ids[name], rule)]
        assert place.boxes_fit()


# ------------------------------------------------------------------ holes


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.main("sources: []\nground: {map: [one.osm, two.osm]}\n")
    return home


def put(home: Home, name: str, text: str, time: float = 1e9) -> None:
    file = home.directory / name
    file.write_text(osm(text), encoding="utf-8")
    os.utime(file, (time, time))


def keep_up(home: Home) -> list[str]:
    """The files that were read."""
    read: list[str] = []
    config = load(home.directory)
    assert update_map(config.map_database, config.directory, config.main.ground.map, NOW, read.append) == []
    return [said.removesuffix(": reading") for said in read if said.endswith(": reading")]


def test_what_goes_with_a_region_is_brought_again_from_another_that_has_it(home: Home) -> None:
    put(home, "one.osm", ROAD)
    put(home, "two.osm", ROAD)
    keep_up(home)
    database = load(home.directory).map_database
    put(home, "two.osm", "n1 47.00 9.00\nn2 47.00 9.01\nw10 1,2 highway=path\n", 1.1e9)
    assert keep_up(home) == ["two.osm"]
    assert edges(database) == [(10, 1, 2)]
    assert keep_up(home) == ["one.osm"]
    assert edges(database) == WHOLE
    assert keep_up(home) == []


def test_of_a_region_imported_in_part_the_same_part_is_brought_again(home: Home) -> None:
    put(home, "one.osm", ROAD)
    put(home, "two.osm", ROAD)
    database = load(home.directory).map_database
    import_file(database, home.directory / "one.osm", WEST, NOW)
    import_file(database, home.directory / "two.osm", None, NOW)
    import_file(database, home.directory / "two.osm", EAST, NOW)
    assert edges(database) == [(11, 3, 4), (12, 3, 4)]
    assert keep_up(home) == ["one.osm"]
    assert sorted(edges(database)) == [(10, 1, 2), (11, 3, 4), (12, 1, 2), (12, 3, 4)]


def test_a_way_that_is_gone_from_the_map_of_a_region_is_no_hole(home: Home) -> None:
    """The file still covers the place: nobody need go through the other one."""
    put(home, "one.osm", ROAD)
    put(home, "two.osm", ROAD)
    keep_up(home)
    put(home, "two.osm", ROAD.replace("w11 3,4 highway=path", ""), 1.1e9)
    assert keep_up(home) == ["two.osm"]
    assert keep_up(home) == []
