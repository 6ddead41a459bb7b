"""A footway of which nothing is said is taken for what those around it are, where these are many and agree."""

import json
import sqlite3
from array import array
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from kit.osm_files import osm

from shoemon.ground.osm.importing import import_file
from shoemon.ground.osm.neighbours import CELL, FEWEST, RULE, infer_from_neighbours
from shoemon.ground.osm.schema import make_tables
from shoemon.model.trace import Box

HERE = Box(10.0, 20.0, 10.01, 20.01)
SILENT = ("unknown", "unknown", "", 0.0)


@pytest.fixture
def map() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as connection:
        make_tables(connection)
        connection.execute(
            "INSERT INTO region VALUES (1, 'town.osm', 'file', '2024', '2024', 0, 0, 1, 1, 0, 0, 0, '', '', '')"
        )
        yield connection


def draw(
    map: sqlite3.Connection, surface: str, count: int = 1, *, highway: str = "footway", cells_east: int = 0, **tags: str
) -> list[int]:
    """So many ways of one kind near 10 N 20 E, or so many cells further east; their ids."""
    origin, confidence = ("unknown", 0.0) if surface == "unknown" else ("tag", 0.98)
    made = []
    for _ in range(count):
        number = map.execute("SELECT count(*) + 1 FROM way").fetchone()[0]
        west, south = 200_000_000 + cells_east * CELL, 100_000_000 + number
        shape = array("i", [west, south, west + 500, south]).tobytes()
        row = (number, 1, highway, None, json.dumps({"highway": highway, **tags}), surface, origin, "", confidence, 0)
        map.execute("INSERT INTO way VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        map.execute("INSERT INTO edge VALUES (?, ?, ?, ?, ?)", (number, number, number * 2, number * 2 + 1, shape))
        map.execute("INSERT INTO edge_box VALUES (?, ?, ?, ?, ?)", (number, west, west + 500, south, south))
        made.append(number)
    return made


def word(map: sqlite3.Connection, way: int) -> tuple[str, str, str, float]:
    return map.execute("SELECT surface, origin, rule, confidence FROM way WHERE id = ?", (way,)).fetchone()


@pytest.mark.parametrize(
    ("hard", "soft", "expected"),
    [
        (60, 0, ("paved", "inferred", RULE, 0.9)),
        (FEWEST, 0, ("paved", "inferred", RULE, 0.9)),
        (FEWEST - 1, 0, SILENT),
        (45, 5, ("paved", "inferred", RULE, 0.805)),
        (40, 10, SILENT),
        (10, 30, ("unpaved", "inferred", RULE, 0.84)),
        (25, 25, SILENT),
    ],
)
def test_many_that_agree_are_believed_less_than_they_say(
    map: sqlite3.Connection, hard: int, soft: int, expected: tuple[str, str, str, float]
) -> None:
    """A paved share of .9 is believed as .8: what is described later is less often paved."""
    (silent,) = draw(map, "unknown")
    draw(map, "asphalt", hard), draw(map, "gravel", soft)
    assert infer_from_neighbours(map, HERE) == (expected != SILENT)
    assert word(map, silent) == expected


def test_only_plain_footways_of_the_same_part_of_town_are_evidence(map: sqlite3.Connection) -> None:
    """Neither those of another part, nor streets, nor pavements."""
    (silent,) = draw(map, "unknown")
    draw(map, "asphalt", 60, cells_east=2)
    draw(map, "asphalt", 60, highway="residential")
    draw(map, "asphalt", 60, footway="sidewalk")
    infer_from_neighbours(map, HERE)
    assert word(map, silent) == SILENT


def test_paths_and_ways_that_are_described_are_left_alone(map: sqlite3.Connection) -> None:
    ways = [*draw(map, "unknown", highway="path"), *draw(map, "gravel"), *draw(map, "unknown", footway="sidewalk")]
    before = [word(map, way) for way in ways]
    draw(map, "asphalt", 60)
    infer_from_neighbours(map, HERE)
    assert [word(map, way) for way in ways] == before


def test_what_was_inferred_is_no_evidence_and_is_taken_back_when_the_evidence_goes(map: sqlite3.Connection) -> None:
    silent = draw(map, "unknown", 30)
    described = draw(map, "asphalt", 30)
    assert infer_from_neighbours(map, HERE) == 30
    assert infer_from_neighbours(map, HERE) == 30
    map.executemany("UPDATE way SET surface = 'gravel' WHERE id = ?", [(way,) for way in described[:15]])
    assert infer_from_neighbours(map, HERE) == 0
    assert {word(map, way) for way in silent} == {SILENT}


def town(ways: dict[int, str]) -> str:
    """Ways of 100 m, next to each other."""
    nodes = (f"n{way * 10 + end} {10 + way / 10_000:.5f} {20 + end / 1_000:.5f}" for way in ways for end in (0, 1))
    return osm("\n".join([*nodes, *(f"w{way} {way * 10},{way * 10 + 1} {tags}" for way, tags in ways.items())]))


def test_an_import_looks_at_what_its_footways_are_like(tmp_path: Path) -> None:
    """Forty paved footways and a silent one, side by side; a second file brings the next silent one."""
    described = dict.fromkeys(range(1, 41), "highway=footway surface=asphalt")
    for name, ways in (("town.osm", {**described, 41: "highway=footway"}), ("more.osm", {42: "highway=footway"})):
        (tmp_path / name).write_text(town(ways), encoding="utf-8")
        import_file(tmp_path / "map.db", tmp_path / name, None, "2024-05-01T00:00:00Z")
    with closing(sqlite3.connect(tmp_path / "map.db")) as connection:
        assert [word(connection, way) for way in (40, 41, 42)] == [
            ("asphalt", "tag", "surface", 0.98), ("paved", "inferred", RULE, 0.9), ("paved", "inferred", RULE, 0.9),
        ]  # fmt: skip


def test_the_order_of_imports_makes_no_difference_and_others_see_what_changed(map: sqlite3.Connection) -> None:
    """Evidence that lies in another box of the same cell counts, and a region whose way is told otherwise is noted."""
    (silent,) = draw(map, "unknown")
    for way in draw(map, "asphalt", 60):  # at the other end of the cell
        map.execute(
            "UPDATE edge_box SET west = west + ?, east = east + ? WHERE id = ?", (CELL - 2000, CELL - 2000, way)
        )
    corner = Box(10.0, 20.0, 10.0001, 20.0001)
    assert infer_from_neighbours(map, corner) == 1
    assert word(map, silent) == ("paved", "inferred", RULE, 0.9)
    assert map.execute("SELECT * FROM revision").fetchall() == [("town.osm", 1)]
    assert infer_from_neighbours(map, corner) == 1
    assert map.execute("SELECT * FROM revision").fetchall() == [("town.osm", 1)], "nothing is told otherwise"
