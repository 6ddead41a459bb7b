"""Laps on unknown ground are asked about once for each place, of who may edit alone, and one tap answers."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from kit.homes import Home, faults
from kit.laps import laps, oval, recorded
from kit.pages import Pages, text_of
from kit.tracked import STREET, along, gpx, grounds, island, row, tracked_home
from sqlite_utils import Database

from shoemon.config.edit.history import undo_edit
from shoemon.config.load import load
from shoemon.ground.match.piece import METRES_EAST, METRES_NORTH
from shoemon.report.status import print_status, status_data
from shoemon.setup.check import check_lines
from shoemon.store.whereabouts import kept_laps
from shoemon.sync.lap_places import LapPlace
from shoemon.web.desk import Desk

LAT, LON = 10.0123, 20.0177
"""On the island's map, half a kilometre from all its ways."""
AWAY = {"host": "192.168.1.7"}
PAGE = "/-/places"


def lap_track(seed: int, north: float = 0.0) -> str:
    """Eight laps of 400 m, some degrees to the north."""
    trace = recorded(laps(oval(42.2, 36.5), 8), seed, 4.0, lat=LAT + north, lon=LON, turn=0.0)
    return gpx(list(zip(trace.lats, trace.lons, strict=True)))


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Three runs in one stadium, whose positions are off by some metres, one by 15 m; and one on the street."""
    tracks = {1: lap_track(1), 2: lap_track(2), 3: lap_track(3, 15 / METRES_NORTH), 4: gpx(along(STREET, 2_400))}
    rows = [row(id, 3_200, day=id) for id in (1, 2, 3)] + [row(4, 2_400, day=4)]
    home = tracked_home(tmp_path_factory.mktemp("synced") / "home", rows, tracks)
    home.sync()
    return home


def tap(pages: Pages, **form: str) -> Any:
    return pages.post(PAGE, "places", **form)


def asked(home: Home) -> list[LapPlace]:
    return Desk(home.config).places_asked()


def test_one_place_is_asked_about_for_all_runs_there(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    [place] = asked(home)
    assert (place.runs, round(place.open_m / 400) * 400, round(place.lap_m / 20)) == (3, 9_600, 20)
    assert abs(place.place.lat - LAT) * METRES_NORTH < 40 and abs(place.place.lon - LON) * METRES_EAST < 15
    assert 90 <= place.place.radius_m <= 105 and place.place.lat == round(place.place.lat, 4)
    print_status(home.config)
    printed, far = capsys.readouterr().out, f"{place.open_m / 1000:.1f} km"
    assert f"3 runs go round a lap of {place.lap_m:.0f} m, {far} on unknown ground near {place.place.lat}" in printed
    assert f"    {place.yaml}\n" in printed and status_data(home.config)["decisions"]["lap_places"] == 1
    (home.directory / "shoes.yaml").write_text(f"{home.text()}places:\n  {place.yaml}\n")
    assert load(home.directory).plan.places[0].surface == "tartan" and asked(home) == []


def test_positions_are_in_state_db_alone_to_some_metres_and_shown_to_who_may_edit(home: Home, pages: Pages) -> None:
    place = asked(home)[0]
    laps = kept_laps(home.config.state_database)
    assert laps and all((round(each.lat, 4), round(each.lon, 4)) == (each.lat, each.lon) for each in laps)
    tables = Database(home.database).table_names()
    assert not [name for name in tables if {"lap_m", "lat"} & set(Database(home.database)[name].columns_dict)]
    first, page = pages.get("/", PAGE)
    stranger, other = pages.get("/", PAGE, **AWAY)
    assert "1 place with laps on unknown ground" in text_of(first.text) and f"Near {place.place.lat}" in page.text
    assert "no-store" in page.headers["cache-control"]
    assert "laps on unknown ground" not in stranger.text
    assert str(place.place.lat) not in other.text and "You cannot write from here" in other.text
    with Pages(home.database) as alone:
        assert "laps on unknown ground" not in alone.page("/") and "Datasette alone" in alone.page(PAGE)


def test_a_tap_names_the_place_and_the_next_sync_counts_it_and_undo_takes_it_back(home: Home, pages: Pages) -> None:
    before, place = home.text(), asked(home)[0]
    answer = tap(pages, at=place.key, surface="tartan")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?undo=1&later=1")
    at, radius = f"[{place.place.lat}, {place.place.lon}]", f"{place.place.radius_m} m"
    assert home.text() == (
        f"{before}\nplaces:\n  - name: Stadium 1\n    at: {at}\n    radius: {radius}\n    surface: tartan\n"
    )
    said = "Written to shoes.yaml: the ground at “Stadium 1” is tartan. It counts after the next sync."
    assert said in pages.page(answer.headers["location"]) and asked(home) == []
    assert home.sync().ground.runs >= 3
    found = grounds(home)
    assert all(found[f"strava:{id}"]["tartan"] >= 2_900 for id in (1, 2, 3)) and found["strava:4"] == {"asphalt": 2_400}
    assert home.rows("SELECT DISTINCT surface_detail FROM legs WHERE surface = 'tartan'") == [
        ('{"place": "Stadium 1"}',)
    ]
    assert kept_laps(home.config.state_database) == [] and faults(home.database) == []
    undo_edit(home.config, 1)
    assert home.text() == before
    home.sync()
    assert asked(home) == [place] and faults(home.database) == []


def test_check_reports_a_place_with_latitude_and_longitude_in_the_wrong_order(home: Home) -> None:
    for at, expected in (("10, 20.015", 0), ("20.015, 10", 1), ("60, 25", 0)):
        home.shoes(f"shoes: []\nplaces: [{{name: Park, at: [{at}], radius: 50 m, surface: grass}}]\n")
        warned = "warning: no run comes near the place Park; latitude comes first: write [10, 20.015]"
        assert list(check_lines(home.config)).count(warned) == expected


def test_none_of_these_asks_no_more_and_changes_no_metre(home: Home, pages: Pages) -> None:
    before = grounds(home)
    assert tap(pages, at=asked(home)[0].key, surface="unknown").status_code == 303
    assert asked(home) == [] and "No laps on unknown ground" in pages.page(PAGE)
    home.sync()
    assert (asked(home), grounds(home), load(home.directory).plan.places[0].surface) == ([], before, "unknown")


def test_what_cannot_be_done_is_said_and_nothing_is_written(home: Home, pages: Pages) -> None:
    before, key = home.text(), asked(home)[0].key
    refused = [
        (tap(pages, at=key, surface="tatran"), 409, "no surface is called `tatran`"),
        (tap(pages, at="1.0,2.0", surface="tartan"), 409, "not asked about any more"),
        (tap(pages, at=key), 400, "choose a surface first"),
        (tap(pages, at=key, surface="tartan", token="x"), 403, "the page was open for too long"),
        (pages.ask("POST", PAGE, data={"at": key, "surface": "tartan"}, headers=AWAY)[0], 403, "you may not write from here"),
        (pages.ask("PUT", PAGE)[0], 405, "GET or POST"),
    ]  # fmt: skip
    for answer, status, words in refused:
        assert (answer.status_code, words in answer.text) == (status, True), answer.text
    assert home.text() == before


def test_each_of_several_places_has_a_name_of_its_own_and_a_lesser_reason_of_a_leg_counts(tmp_path: Path) -> None:
    home = tracked_home(tmp_path, [row(1, 3_200), row(2, 3_200, day=2)], {1: lap_track(1), 2: lap_track(2, 0.004)})
    home.shoes("shoes: []\nplaces: [{name: Stadium 2, at: [50, 8], radius: 90 m, surface: tartan}]\n")
    home.sync()
    assert [each.place.name for each in asked(home)] == ["Stadium 1", "Stadium 3"]
    parts = '{"all": [{"reason": "map_tag", "distance_m": 1700}, {"reason": "map_area", "distance_m": 1500}]}'
    with closing(sqlite3.connect(home.database)) as connection, connection:
        connection.execute(
            "UPDATE legs SET surface = 'grass', surface_reason = 'map_tag', surface_detail = ?", (parts,)
        )
    assert [each.open_m for each in asked(home)] == [1500, 1500]


@pytest.mark.parametrize("known", ["a rule", "a default", "the way on the map", "nothing"])
def test_laps_are_asked_about_where_nothing_names_their_ground(known: str, tmp_path: Path) -> None:
    home = tracked_home(tmp_path, [row(1, 3_200)], {1: lap_track(1)})
    if known == "a rule":
        home.shoes("shoes: []\nrules: [{when: {sport: run}, surface: tartan}]\n")
    elif known == "a default":
        home.main((tmp_path / "shoemon.yaml").read_text().replace("{map:", "{default: dirt, map:"))
    elif known == "the way on the map":
        points = [(LAT + y / METRES_NORTH, LON + x / METRES_EAST) for x, y in oval(42.2, 36.5)[:-1]]
        nodes = "".join(
            f'<node id="{900 + i}" version="1" lat="{lat:.7f}" lon="{lon:.7f}"/>' for i, (lat, lon) in enumerate(points)
        )
        ends = "".join(f'<nd ref="{900 + i % len(points)}"/>' for i in range(len(points) + 1))
        tags = '<tag k="leisure" v="track"/><tag k="surface" v="tartan"/>'
        ways = island().replace("<way", f"{nodes}<way", 1)
        (tmp_path / "island.osm").write_text(
            ways.replace("</osm>", f'<way id="9" version="1">{ends}{tags}</way></osm>')
        )
    home.sync()
    assert len(asked(home)) == (1 if known == "nothing" else 0)
    assert len(kept_laps(home.config.state_database)) == (0 if known == "the way on the map" else 1)
