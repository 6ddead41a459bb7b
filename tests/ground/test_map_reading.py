"""Reading the map: only what lies around the trace, only of a map of this version, and what a match is made of."""

import sqlite3
from array import array
from contextlib import closing
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
from kit.osm_files import damage, osm, region

from shoemon.ground.match.match import match
from shoemon.ground.osm import reading
from shoemon.ground.osm.osm_xml import OsmXmlFile
from shoemon.ground.osm.reading import MapReader, open_map
from shoemon.ground.osm.writing import Region, write_region
from shoemon.model.errors import ShoemonError
from shoemon.model.run_ground import summed
from shoemon.model.trace import Box, Trace

STREETS = """
n1 50.000 10.000
n2 50.000 10.010
n3 50.003 10.010
n4 50.100 10.000
n5 50.100 10.010
n6 50.0002 10.0001
n7 50.0002 10.0099
n8 50.0028 10.0099
n9 50.0028 10.0001
w1 1,2 highway=residential surface=asphalt
w2 2,3 highway=path surface=gravel
w3 4,5 highway=track tracktype=grade3
w4 6,7,8,9,6 landuse=meadow
"""


def made(directory: Path, text: str = STREETS, of: Region | None = None) -> Path:
    path, file = directory / "map.db", directory / "here.osm"
    file.write_text(osm(text))
    write_region(path, of or region(), OsmXmlFile(file), None, "2024-06-01T12:00:00Z")
    return path


def trace(*places: tuple[float, float], steps: int = 240) -> Trace:
    """From place to place in straight lines, a point a second."""
    lats, lons = array("d"), array("d")
    for (lat1, lon1), (lat2, lon2) in pairwise(places):
        lats.extend(lat1 + (lat2 - lat1) * step / steps for step in range(steps))
        lons.extend(lon1 + (lon2 - lon1) * step / steps for step in range(steps))
    return Trace(array("d", range(len(lats))), lats, lons)


def laid(reader: MapReader, run: Trace) -> dict[str, int]:
    found = summed(match(run, reader.piece(run)).stretches)
    return {part.surface: round(part.distance_m, -1) for part in found if part.distance_m >= 10}


EAST = trace((50.0, 10.0), (50.0, 10.01), (50.003, 10.01))
NORTH = trace((50.1, 10.0), (50.1, 10.01))


def test_a_trace_is_laid_on_what_was_imported(tmp_path: Path) -> None:
    with closing(open_map(made(tmp_path))) as reader:
        assert laid(reader, EAST) == {"asphalt": 720, "gravel": 330}
        assert laid(reader, NORTH) == {"unpaved": 710}


def test_what_was_read_for_one_run_changes_nothing_for_the_next(tmp_path: Path) -> None:
    """In any order, by one reader or by one each: the same to the last digit."""
    path = made(tmp_path)
    across = trace((50.0, 10.005), (50.003, 10.005))
    runs = [EAST, across, NORTH, EAST, across]
    alone = []
    for run in runs:
        with closing(open_map(path)) as reader:
            alone.append(match(run, reader.piece(run)))
    with closing(open_map(path)) as reader:
        assert [match(run, reader.piece(run)) for run in runs] == alone
    assert {part.surface for part in summed(alone[1].stretches)} >= {"grass"}


def test_the_map_ends_where_no_region_is_or_no_way_within_a_kilometre(tmp_path: Path) -> None:
    """The box of the data is 11 km high, with ways at its edges only, as if a border ran through it."""
    with closing(open_map(made(tmp_path))) as reader:
        plane = (piece := reader.piece(EAST)).plane
        places = [
            (50.001, 10.005),
            (50.008, 10.005),
            (50.05, 10.005),
            (50.095, 10.005),
            (49.998, 10.005),
            (50.0, 10.02),
        ]
        ends = [not piece.extends_to(*plane.point(*place)) for place in places]
        assert ends == [False, False, True, False, True, True]
        assert reader.ways([3, 4, 9]) == {3: ("", "track")}


def test_only_the_map_along_the_trace_is_read(tmp_path: Path) -> None:
    """Of 400 streets side by side, 150 m apart, a run along the first needs two."""
    lines = [
        f"n{2 * row} {50 + row * 0.00135} 10.0\nn{2 * row + 1} {50 + row * 0.00135} 10.01" for row in range(1, 400)
    ]
    lines += [f"w{row} {2 * row},{2 * row + 1} highway=residential" for row in range(1, 400)]
    with closing(open_map(made(tmp_path, "\n".join(lines)))) as reader:
        first = reader.piece(trace((50.00135, 10.0), (50.00135, 10.01)))
        assert {edge.way.id for exits in first.exits.values() for _, _, edge in exits} == {1, 2}


def test_the_key_and_the_date_tell_of_the_regions_of_a_place(tmp_path: Path) -> None:
    here, there = Box(50.0, 10.0, 50.01, 10.01), Box(40.0, 10.0, 40.01, 10.01)
    path = made(tmp_path, of=region("a.osm")._replace(osm_date="2024-01-02T00:00:00Z"))
    with closing(open_map(path)) as reader:
        first = reader.key(here)
        assert (first != "", reader.key(there), reader.map_date(here), reader.map_date(there)) == (
            True, "", "2024-01-02T00:00:00Z", "",
        )  # fmt: skip
        assert reader.key(Box(50.001, 10.001, 50.002, 10.002)) == first
        made(tmp_path, of=region("b.osm")._replace(osm_date="2023-01-02T00:00:00Z", sha256="def"))
        assert [row.name for row in reader.regions()] == ["a.osm", "b.osm"]
        assert (reader.key(here) != first, reader.map_date(here)) == (True, "2023-01-02T00:00:00Z")


def test_keys_of_many_places_take_one_look_at_each_region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A region around the runs of years is described by a hundred kilobytes, and a history has thousands of places."""
    for number in range(20):
        path = made(tmp_path, of=region(f"{number}.osm"))
    hashed: list[bytes] = []
    monkeypatch.setattr(reading, "sha256", lambda text: (hashed.append(text), sha256(text))[1])
    boxes = [Box(50.0, 10.0 + step / 1e5, 50.01, 10.01) for step in range(500)]
    with closing(open_map(path)) as reader:
        keys = [reader.key(box) for box in boxes]
        assert (len(set(keys)), sum(b".osm" in text for text in hashed)) == (1, 20)
        made(tmp_path, of=region("20.osm"))
        assert reader.key(boxes[0]) != keys[0]
        assert sum(b".osm" in text for text in hashed) == 20 + 21


def test_a_reader_sees_what_was_imported_since(tmp_path: Path) -> None:
    path = made(tmp_path)
    with closing(open_map(path)) as reader:
        assert laid(reader, NORTH) == {"unpaved": 710}
        made(tmp_path, STREETS.replace("tracktype=grade3", "surface=sand"))
        assert laid(reader, NORTH) == {"sand": 710}


def test_a_map_that_is_not_there_or_none_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ShoemonError, match=r"there is no map at .*; to get one: shoemon map get"):
        open_map(tmp_path / "none.db")
    text = tmp_path / "text.db"
    text.write_text("no map at all, but long enough to be taken for a file of some kind " * 20)
    with pytest.raises(ShoemonError, match="import the map again"):
        open_map(text)


@pytest.mark.parametrize("table", ["region", "edge", "edge_box_node", "way", "area", "area_box_node"])
def test_a_damaged_map_is_said_with_the_remedy(tmp_path: Path, table: str) -> None:
    path = made(tmp_path)
    damage(path, table)
    with (
        pytest.raises(ShoemonError, match=r"map\.db .*; delete it, and import the map again"),
        closing(open_map(path)) as map,
    ):
        map.regions()
        map.piece(EAST)


def test_rows_that_are_not_what_was_written_are_said_like_any_damage(tmp_path: Path) -> None:
    path = made(tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE edge SET shape = x'010203'")
    with closing(open_map(path)) as map, pytest.raises(ShoemonError, match="is damaged"):
        map.piece(EAST)


def test_of_a_piece_that_could_not_be_read_nothing_is_taken_for_read(tmp_path: Path) -> None:
    """The disk fails once, while the open ground is read, and is well again."""
    with closing(open_map(made(tmp_path))) as reader:
        whole = laid(reader, EAST)
    failing = FailingOnce(tmp_path / "map.db")
    reader = MapReader(failing.connection, tmp_path / "map.db")
    with closing(reader):
        with pytest.raises(ShoemonError, match="is damaged"):
            reader.piece(EAST)
        assert laid(reader, EAST) == whole


class FailingOnce:
    """A connection to a map of which the first read of table `area` is refused."""

    def __init__(self, path: Path) -> None:
        self.connection, self.refused = sqlite3.connect(path, isolation_level=None), False
        self.connection.set_authorizer(self._allow)

    def _allow(self, action: int, table: str | None, *_: str | None) -> int:
        if action == sqlite3.SQLITE_READ and table == "area" and not self.refused:
            self.refused = True
            return sqlite3.SQLITE_DENY
        return sqlite3.SQLITE_OK


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    with closing(open_map(made(tmp_path))) as reader, pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader._connection.execute("DELETE FROM way")


@pytest.mark.slow
def test_a_trace_that_jumps_over_the_globe_is_read_in_bounds(tmp_path: Path) -> None:
    """200,000 points, each on another continent, and points that are nowhere: nothing is matched, nothing fails."""
    count = 200_000
    lats = array("d", [(step * 37.7) % 180 - 90 for step in range(count)])
    lons = array("d", [(step * 91.3) % 360 - 180 for step in range(count)])
    lats[7], lons[9], lats[11] = float("nan"), float("inf"), 1e300
    with closing(open_map(made(tmp_path))) as reader:
        run = Trace(array("d", range(count)), lats, lons)
        found = match(run, reader.piece(run))
    assert (found.stretches, found.points) == ((), count)
