"""`shoemon route`: what it prints, in a home with a map that was never synced."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from kit.commands import Said
from kit.homes import Home
from kit.osm_files import Place
from kit.routes import AROUND_THE_CORNER, gpx, town

Shoemon = Callable[..., Said]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.main("sources: []\nground: {overpass: 'http://127.0.0.1:9/'}\n")
    (home.directory / "my.gpx").write_bytes(gpx(AROUND_THE_CORNER, ((600, 0), (600, -400)), ((600, 0), (600, 100))))
    return home


def test_a_route_is_printed_by_surface_with_how_each_is_known(shoemon: Shoemon, home: Home) -> None:
    Place(home.directory).take(town())
    code, out, err = shoemon("route my.gpx")
    assert (code, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert lines == [
        "Corner: 1.40 km; hard 21 %, soft 50 %, unknown 29 %.",
        "ground surface km share sure known by",
        "hard asphalt 0.30 21% 98% the ways’ own tags",
        "soft gravel 0.60 43% 98% the ways’ own tags",
        "soft unpaved 0.10 7% 80% as most ways of this kind or nearby",
        "unknown unknown 0.40 29% the ways have no surface on the map",
        "By OpenStreetMap of 2001-09-09, © OpenStreetMap contributors (ODbL).",
    ]
    assert json.loads(shoemon("route my.gpx --json").out) == {
        "distance_m": 1400,
        "ground_m": {"hard": 300, "soft": 700, "unknown": 400},
        "surface_m": {"gravel": 600, "unknown": 400, "asphalt": 300, "unpaved": 100},
        "inferred_m": 100,
    }
    assert not home.database.exists()
    home.main("sources: []\nunits: mi\n")
    assert shoemon("route my.gpx").out.startswith("Corner: 0.87 mi; ")


def test_it_says_what_is_missing(shoemon: Shoemon) -> None:
    code, out, err = shoemon("route my.gpx")
    assert (code, out) == (1, "")
    assert (
        err
        == "shoemon: there is no map on this machine; to import one from a file of OpenStreetMap: shoemon map import FILE\n"
    )
    assert shoemon("route no.gpx").code == 2
