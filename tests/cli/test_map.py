"""`shoemon map`: what it prints and does on the command line."""

from collections.abc import Callable
from pathlib import Path

import pytest
from kit.commands import Said
from kit.homes import Home
from kit.osm_files import damage, edges, osm, rows

from shoemon.config.load import load

CROSS = """
n1 47.00 9.00
n2 47.00 9.01
n3 47.00 9.02
n4 46.99 9.01
n5 47.01 9.01
w10 1,2,3 highway=residential surface=asphalt @2024-02-03T04:05:06Z
w11 4,2 highway=path
w12 2,5 highway=footway
w13 1,2,5,1 landuse=grass
"""
NO_MAP = "There is no map yet. To get one: shoemon map get\n"
Shoemon = Callable[..., Said]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.main("sources: []\n")
    (home.directory / "town.osm").write_text(osm(CROSS), encoding="utf-8")
    return home


def test_a_map_is_imported_and_described(shoemon: Shoemon, home: Home) -> None:
    assert shoemon("map info") == (0, NO_MAP, "")
    assert shoemon("map import town.osm") == (
        0, "town.osm: 3 ways (4 edges) and 1 area imported; the next sync matches the runs to them\n", "",
    )  # fmt: skip
    code, out, err = shoemon("map info")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "town.osm: 3 ways and 1 area, OpenStreetMap of 2024-02-03"
    assert lines[1] == "  area: 46.99 to 47.01 north, 9.00 to 9.02 east"
    assert lines[2].startswith("  file: 0.0 MB, imported 20")
    assert lines[3] == "  surface: tagged 2 km (41%), inferred 1 km (30%), unknown 1 km (30%)"
    assert lines[4].startswith(str(load(home.directory).map_database))
    assert lines[5:] == ["© OpenStreetMap contributors, ODbL 1.0"]


def test_the_map_is_measured_in_the_unit_that_is_chosen(shoemon: Shoemon, home: Home) -> None:
    home.main("sources: []\nunits: mi\n")
    shoemon("map import town.osm")
    assert "tagged 1 mi (41%)" in shoemon("map info")[1]


def test_a_piece_of_a_file_is_imported(shoemon: Shoemon, home: Home) -> None:
    assert shoemon("map import town.osm --bbox 46.995,8.99,47.005,9.015")[0] == 0
    assert edges(load(home.directory).map_database) == [(10, 1, 2)]
    assert "(bbox 46.9950000,8.9900000,47.0050000,9.0150000)" in shoemon("map info")[1]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("nothing.osm",), 2, "nothing.osm does not exist"),
        (("shoemon.yaml",), 1, "shoemon.yaml is not OpenStreetMap data"),
        (("town.osm", "--bbox", "1,2,3"), 2, "'1,2,3' is not a box"),
        (("town.osm", "--bbox", "-47,9,-46,10"), 1, "contains no way to run on in the chosen part"),
        (("town.osm", "--bbox", "47,9,48,10", "--around-runs", "2km"), 2, "give only one of --around-runs and --bbox"),
        (("town.osm", "--around-runs", "far"), 2, "--around-runs: "),
        (("town.osm", "--around-runs", "200 km"), 2, "from 0 to 100 km"),
        (("town.osm", "--around-runs", "2km"), 1, "there is no track of a run yet"),
        ((), 2, "Missing argument"),
    ],
)
def test_what_cannot_be_imported_is_said(
    shoemon: Shoemon, home: Home, arguments: tuple[str, ...], code: int, says: str
) -> None:
    shoemon("map import town.osm")
    before = rows(load(home.directory).map_database, "edge")
    got, out, err = shoemon("map", "import", *arguments)
    assert (got, out) == (code, "")
    assert says in err
    assert rows(load(home.directory).map_database, "edge") == before


@pytest.mark.parametrize("table", ["region", "edge", "meta"])
def test_an_import_makes_a_damaged_map_anew(shoemon: Shoemon, home: Home, table: str) -> None:
    shoemon("map import town.osm")
    database = load(home.directory).map_database
    damage(database, table)
    code, out, err = shoemon("map info")
    assert (code, out, "map import FILE" in err or "cannot read the map" in err) == (1, "", True)
    assert shoemon("map import nothing.osm")[0] == 2
    assert database.exists()
    code, out, err = shoemon("map import town.osm")
    assert (code, err) == (0, "")
    assert out.startswith("the map was damaged, and a new one was made; import again what else was in it\n")
    assert shoemon("map info")[0] == 0


def test_the_home_of_nobody_is_said(shoemon: Shoemon) -> None:
    code, _, err = shoemon("map import ~nobody-at-all/town.osm")
    assert (code, "there is no user" in err) == (2, True)


def test_names_in_a_file_cannot_send_commands_to_the_terminal(shoemon: Shoemon, home: Home) -> None:
    (home.directory / "to\x1b[31mwn.osm").write_text(osm(CROSS), encoding="utf-8")
    assert shoemon("map import", "to\x1b[31mwn.osm")[0] == 0
    assert "\x1b" not in shoemon("map info")[1]
