"""The smallest published extracts that cover the runs, by the list that ships inside."""

from math import floor

import pytest

from shoemon.ground.extracts.choose import choose
from shoemon.ground.extracts.published import Spot, published

PLACES = {
    "Helsinki": (60.17, 24.94), "Tampere": (61.50, 23.76), "Tallinn": (59.437, 24.754), "Vaduz": (47.14, 9.522),
    "Andorra la Vella": (42.507, 1.522), "Wellington": (-41.289, 174.777), "Munich": (48.137, 11.575),
    "Atlanta": (33.75, -84.39), "Tbilisi": (41.70, 44.80), "Valladolid": (41.652, -4.724), "Tokyo": (35.68, 139.76),
    "Suva": (-18.14, 178.44), "Kehl": (48.574, 7.815), "Strasbourg": (48.583, 7.748), "Haparanda": (65.836, 24.136),
    "Tornio": (65.848, 24.20), "Hendaye": (43.36, -1.775), "Irun": (43.339, -1.789), "the Atlantic": (30.0, -40.0),
    "the dam of the Rhine": (47.1302, 9.5125), "Buchs": (47.167, 9.478), "Monte Carlo": (43.740, 7.427), "San Francisco": (37.77, -122.42), "Los Angeles": (34.05, -118.24),
}  # fmt: skip


def run(*names: str) -> frozenset[Spot]:
    """A run that touches the squares of these places."""
    return frozenset((floor(lat * 1000), floor(lon * 1000)) for lat, lon in map(PLACES.__getitem__, names))


@pytest.mark.parametrize(
    ("runs", "extracts"),
    [
        (["Helsinki"], {"finland": 1}),
        (["Helsinki", "Tampere", "Helsinki", "Tallinn"], {"finland": 3, "estonia": 1}),
        (
            ["Vaduz", "Vaduz", "Andorra la Vella", "Munich", "Atlanta", "Tbilisi"],
            {"liechtenstein": 2, "andorra": 1, "georgia": 1, "oberbayern": 1, "us/georgia": 1},
        ),
        (["Valladolid", "Tokyo", "Suva", "Wellington"], {"castilla-y-leon": 1, "fiji": 1, "kanto": 1, "new-zealand": 1}),
        (["Kehl+Strasbourg"], {"alsace": 1, "freiburg-regbez": 1}),
        (["Haparanda+Tornio"], {"finland": 1, "sweden": 1}),
        (["Hendaye+Irun"], {"aquitaine": 1, "pais-vasco": 1}),
        (["the dam of the Rhine", "Vaduz", "Monte Carlo"], {"liechtenstein": 2, "monaco": 1}),
        (["Buchs+Vaduz"], {"liechtenstein": 1, "switzerland": 1}),
        (["the Atlantic"], {}),
        ([], {}),
    ],
)  # fmt: skip
def test_the_smallest_extracts_cover_the_runs(runs: list[str], extracts: dict[str, int]) -> None:
    chosen, outside = choose(published(), [run(*each.split("+")) for each in runs], 4e9)
    assert {each.extract.id: each.runs for each in chosen} == extracts
    assert outside == runs.count("the Atlantic")


def test_a_larger_extract_is_taken_where_it_is_smaller_than_its_parts() -> None:
    runs = [run("San Francisco"), run("Los Angeles")]
    for largest, expected in ((4e9, {"us/california": 2}), (1e9, {"norcal": 1, "socal": 1}), (1e6, {})):
        chosen, outside = choose(published(), runs, largest)
        assert ({each.extract.id: each.runs for each in chosen}, outside) == (expected, 0 if expected else 2)


def test_the_list_names_what_is_in_the_map_and_where_it_is() -> None:
    known = published()
    assert known.server == "https://download.geofabrik.de/" and known.date == "2026-10-01"
    paths = {extract.path for extract in known.extracts.values()}
    assert len(paths) == len(known.extracts) > 500 and all(path.endswith("-latest.osm.pbf") for path in paths)
    assert known.title(known.extracts["oberbayern"]) == "Oberbayern (Bayern)"
    assert known.title(known.extracts["us/georgia"]) == "Georgia (US)"
