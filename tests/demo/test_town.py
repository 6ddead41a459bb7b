"""The demo's town, the routes of its runs, and the tracks that are kept of them."""

import gzip
import io
import math
import sqlite3
import xml.etree.ElementTree as ET
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from shoemon.config.load import load
from shoemon.demo.export import activity_id, write_strava_zip
from shoemon.demo.routes import ROUTES, metres_by_surface, route
from shoemon.demo.town import AREAS, WAYS, degrees, points_of, town_osm
from shoemon.demo.tracks import PAUSE_S, track_file
from shoemon.demo.year import EVERYDAY, DemoOuting, Year, imagine
from shoemon.ground.match.tags import is_walkable, verdict_of_area, verdict_of_way
from shoemon.model.surfaces import BUILT_IN
from shoemon.sources.formats.reading import read_track
from shoemon.sync.pipeline import sync_to_the_end

DAY = date(2026, 5, 1)


def test_the_town_is_map_data_that_refers_to_itself_only() -> None:
    """Every corner of every way is there, once, in the box that the file states."""
    osm = ET.fromstring(town_osm(DAY))
    assert (osm.tag, osm.attrib["version"], osm.attrib["timestamp"]) == ("osm", "0.6", "2026-05-01T00:00:00Z")
    box = {key: float(value) for key, value in osm.find("bounds").attrib.items()}
    nodes = {node.attrib["id"]: node.attrib for node in osm.iter("node")}
    ways = {way.attrib["id"]: [nd.attrib["ref"] for nd in way.iter("nd")] for way in osm.iter("way")}
    assert (len(ways), {nd for nds in ways.values() for nd in nds}) == (len(WAYS) + len(AREAS), set(nodes))
    assert max(way.id for way in (*WAYS, *AREAS)) < 0  # no link to an editor opens a way of the real map
    assert len(list(osm.iter("node"))) == len(nodes)
    for node in nodes.values():
        assert box["minlat"] <= float(node["lat"]) <= box["maxlat"]
        assert box["minlon"] <= float(node["lon"]) <= box["maxlon"]
    assert "Founders' Park" in {tag.attrib["v"] for tag in osm.iter("tag")}


@pytest.mark.parametrize("way", [*WAYS, *AREAS], ids=lambda way: f"{way.id}-{way.surface}")
def test_the_town_tells_by_its_tags_what_the_routes_take_for_true(way: object) -> None:
    if way.area:
        assert (way.points[0], verdict_of_area(way.tags).surface) == (way.points[-1], way.surface)
    else:
        assert (is_walkable(way.tags), verdict_of_way(way.tags).surface) == (True, way.surface)


def test_the_town_has_ways_with_and_without_a_surface_and_all_grounds_but_the_belt() -> None:
    tagged = {way.surface for way in WAYS if "surface" in way.tags}
    assert tagged == {
        "asphalt", "paving", "cobble", "concrete", "wood", "gravel", "compacted", "dirt", "rock", "tartan",
    }  # fmt: skip
    assert {way.surface for way in WAYS if "surface" not in way.tags} == {"paved", "unpaved", "unknown"}
    assert {BUILT_IN[way.surface].ground for way in WAYS} == {"hard", "soft", "synthetic", "unknown"}


@pytest.mark.parametrize("distance_m", [3_000.0, 7_412.5, 17_500.0])
@pytest.mark.parametrize("name", ROUTES)
def test_a_route_is_one_line_of_the_wanted_length(name: str, distance_m: float) -> None:
    parts = route(name, distance_m)
    assert all(one.end == other.start for one, other in pairwise(parts))
    assert sum(metres_by_surface(parts).values()) == pytest.approx(distance_m)
    assert sum(math.dist(part.start, part.end) for part in parts) == pytest.approx(distance_m)


def test_a_route_follows_the_ways_and_crosses_open_ground_straight() -> None:
    """A kilometre to the beach: over two streets, down the steps, and on over the sand."""
    parts = route("beach", 1_000)
    corners = [parts[0].start, *(part.end for part in parts)]
    assert corners[:-1] == [*points_of("600,600 600,409 600,400 400,400 300,400 300,345 400,225")]
    sand_m = 1_000 - 200 - 300 - 55
    assert metres_by_surface(parts) == pytest.approx({"asphalt": 500, "concrete": 55, "sand": sand_m})


@pytest.mark.parametrize("name", ROUTES)
@pytest.mark.parametrize("later", range(4))
def test_a_track_lies_some_metres_beside_its_route(name: str, later: int) -> None:
    """Read as any track is: start, length, and every point near the route; the same file again for the same run."""
    outing = DemoOuting(DAY + timedelta(days=later), "Evening run", 6_000, 330, route=name)
    ending, content = track_file(outing)
    assert track_file.__wrapped__(outing) == (ending, content)
    (recording,) = read_track(io.BytesIO(content), f"1.{ending}")
    trace = recording.trace
    assert recording.started_at.replace(tzinfo=None) == outing.start
    assert trace.times[-1] - trace.times[0] == pytest.approx(
        6 * 330 + PAUSE_S, abs=20
    )  # the last point is saved before the end
    assert recording.distance_m == pytest.approx(6_000, rel=0.12)
    places = [degrees(*place) for part in route(name, 6_000) for place in (part.start, part.end)]
    offs = [_off_m(lat, lon, places) for lat, lon in zip(trace.lats, trace.lons, strict=True)]
    assert 2 < math.sqrt(sum(off * off for off in offs) / len(offs)) < 7
    assert max(offs) < 30


def _off_m(lat: float, lon: float, places: list[tuple[float, float]]) -> float:
    """Metres from the nearest piece of the line through `places`, two by two."""
    scale = 111_195 * math.cos(math.radians(lat))
    flat = [((other_lon - lon) * scale, (other_lat - lat) * 111_195) for other_lat, other_lon in places]
    nearest = math.inf
    for (x, y), (to_x, to_y) in zip(flat[::2], flat[1::2], strict=True):
        dx, dy = to_x - x, to_y - y
        share = max(0.0, min(1.0, -(x * dx + y * dy) / (dx * dx + dy * dy)))
        nearest = min(nearest, math.hypot(x + share * dx, y + share * dy))
    return nearest


def test_a_run_on_the_belt_is_kept_without_places() -> None:
    outing = DemoOuting(DAY, "Treadmill", 5_000, 345, gear=EVERYDAY, belt=True)
    ending, content = track_file(outing)
    text = gzip.decompress(content).decode()
    assert (ending, "Position" in text, "<DistanceMeters>5000.0</DistanceMeters>" in text) == ("tcx.gz", False, True)


@pytest.fixture(scope="module")
def synced_year(tmp_path_factory: pytest.TempPathFactory) -> tuple[Year, Path]:
    """The last eight weeks of the year, and the database after a sync of them."""
    year = imagine(DAY)
    year = replace(year, outings=tuple(outing for outing in year.outings if (DAY - outing.day).days <= 56))
    return year, _synced(tmp_path_factory.mktemp("year"), year)


def test_the_map_finds_the_ground_of_every_kind_of_run(synced_year: tuple[Year, Path]) -> None:
    """Through the whole program: each kind's main surface, and of all metres hardly one on another ground."""
    year, database = synced_year
    sql = "SELECT surface, sum(distance_m) FROM track_surfaces WHERE activity = ? GROUP BY 1"
    told: dict[str, Counter[str]] = {name: Counter() for name in ROUTES}
    found: dict[str, Counter[str]] = {name: Counter() for name in ROUTES}
    right_m = 0.0
    for outing in (outing for outing in year.outings if outing.route):
        truth = Counter(metres_by_surface(route(outing.route, outing.distance_m)))
        with closing(sqlite3.connect(database)) as connection:
            own = Counter(dict(connection.execute(sql, [f"strava:{activity_id(outing)}"]).fetchall()))
        told[outing.route] += truth
        found[outing.route] += own
        own = Counter({surface: metres * outing.distance_m / own.total() for surface, metres in own.items()})
        right_m += (_by_ground(truth) & _by_ground(own)).total()
    assert [(name, *metres.most_common(1)[0][:1]) for name, metres in found.items()] == [
        (name, *metres.most_common(1)[0][:1]) for name, metres in told.items()
    ]
    assert {metres.most_common(1)[0][0] for metres in told.values()} == {
        "asphalt", "gravel", "sand", "grass", "dirt", "tartan",
    }  # fmt: skip
    assert right_m >= 0.97 * sum(metres.total() for metres in told.values())
    for name in ROUTES:
        assert found[name].total() == pytest.approx(told[name].total(), rel=0.03), name


def test_a_lap_of_the_running_track_counts_once(tmp_path: Path) -> None:
    outing = DemoOuting(DAY - timedelta(days=1), "Intervals", 9_600, 290, route="track")
    database = _synced(tmp_path, Year((outing,), DAY, DAY, DAY, DAY))
    with closing(sqlite3.connect(database)) as connection:
        found = dict(connection.execute("SELECT surface, sum(distance_m) FROM track_surfaces GROUP BY 1").fetchall())
    assert found["tartan"] == pytest.approx(metres_by_surface(route("track", 9_600))["tartan"], rel=0.05)


def test_what_strava_says_of_the_ground_agrees_with_the_map_but_once(synced_year: tuple[Year, Path]) -> None:
    """Some runs have Strava's figure, some have none, one has a wrong one; runs on the belt have no places."""
    year, database = synced_year
    tracked = [outing for outing in year.outings if outing.route]
    assert {outing.route for outing in tracked if outing.dirt_m is None} == {"beach", "meadow", "track"}
    wednesday = [outing.day for outing in tracked if outing.day.weekday() == 2 and 8 <= (DAY - outing.day).days <= 14]
    with closing(sqlite3.connect(database)) as connection:
        disputed = connection.execute("SELECT local_date FROM ground_disagreements").fetchall()
        statuses = connection.execute("SELECT status, count(*) FROM track_matches GROUP BY 1").fetchall()
    assert disputed == [(day.isoformat(),) for day in wednesday]
    belts = [outing for outing in year.outings if outing.belt and outing.sport]
    assert dict(statuses) == {"matched": len(tracked), "no track": len(belts)}


def _synced(home: Path, year: Year) -> Path:
    """The database after a sync of the year's export with the town."""
    write_strava_zip(home / "strava.zip", year)
    (home / "town.osm").write_text(town_osm(DAY - timedelta(days=100)))
    (home / "shoes.yaml").write_text("shoes: []\n")
    (home / "shoemon.yaml").write_text(
        "timezone: Europe/Helsinki\n"
        "ground: {map: town.osm}\n"
        "sources: [{name: strava, type: strava-export, path: strava.zip}]\n"
    )
    config = load(home)
    report = sync_to_the_end(config, clock=lambda: datetime(DAY.year, DAY.month, DAY.day, 6, tzinfo=UTC))
    assert not report.failed
    return config.database


def _by_ground(metres: Counter[str]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for surface, length_m in metres.items():
        sums[BUILT_IN[surface].ground] += length_m
    return sums
