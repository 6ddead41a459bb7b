"""Traces laid on small maps made by hand: which way, which ground, how surely, how many metres."""

from array import array
from dataclasses import replace
from itertools import pairwise
from math import cos, hypot, radians, sin
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shoemon.ground.match.candidates import candidates_at
from shoemon.ground.match.match import ENGINE, VERSION, digest_of, match
from shoemon.ground.match.open_ground import Area
from shoemon.ground.match.parameters import PARAMETERS
from shoemon.ground.match.piece import METRES_EAST, METRES_NORTH, MapPiece, Plane, Way
from shoemon.ground.match.routes import Routes
from shoemon.model.run_ground import Match, summed
from shoemon.model.trace import Trace

LAT, LON = 50.0, 10.0
PLANE = Plane(LAT, LON)
Points = list[tuple[float, float]]


class Drawn(NamedTuple):
    """A way in metres east and north; its corners are junctions where another way has a corner in the same place."""

    id: int
    surface: str
    points: Points
    origin: str = "tag"
    confidence: float = 0.98
    cost: float = 0.0


def whole(x: float, y: float) -> tuple[int, int]:
    lon = LON + x / (METRES_EAST * cos(radians(LAT)))
    return round(lon * 1e7), round((LAT + y / METRES_NORTH) * 1e7)


def town(*ways: Drawn, areas: tuple[Area, ...] = ()) -> MapPiece:
    """The map of some ways."""
    piece = MapPiece(PLANE)
    nodes: dict[tuple[float, float], int] = {}
    edge = 0
    for way in ways:
        told = Way(way.id, way.surface, way.origin, way.confidence, way.cost)
        for one, two in pairwise(way.points):
            edge += 1
            a, b = (nodes.setdefault(point, len(nodes) + 1) for point in (one, two))
            piece.add_edge(edge, told, a, b, array("i", [*whole(*one), *whole(*two)]))
    piece.add_areas(areas)
    return piece


def meadow(surface: str, west: float, south: float, east: float, north: float, confidence: float = 0.9) -> Area:
    ring = (array("d", [west, east, east, west, west]), array("d", [south, south, north, north, south]))
    return Area(surface, "area", confidence, (east - west) * (north - south), [ring])


def run(
    *corners: tuple[float, float], pace: float = 3.0, every: float = 1.0, off: float = 1.0, start: float = 0.0
) -> Trace:
    """A run from corner to corner with a point every so many seconds, `off` metres from where it was, this way and that."""
    times, lats, lons = array("d"), array("d"), array("d")
    time = start
    for (x1, y1), (x2, y2) in pairwise(corners):
        steps = max(round(hypot(x2 - x1, y2 - y1) / pace / every), 1)
        for step in range(steps):
            x, y = x1 + (x2 - x1) * step / steps, y1 + (y2 - y1) * step / steps
            lon, lat = whole(x + off * sin(time / 9), y + off * cos(time / 7))
            times.append(time), lats.append(lat / 1e7), lons.append(lon / 1e7)
            time += every
    lon, lat = whole(*corners[-1])
    times.append(time), lats.append(lat / 1e7), lons.append(lon / 1e7)
    return Trace(times, lats, lons)


def then(*traces: Trace, pause: bool = False) -> Trace:
    """Traces one after the other; with `pause` each is a piece of its own."""
    starts, at = [0], 0
    for trace in traces[:-1]:
        at += len(trace)
        starts.append(at)
    joined = [
        array("d", [value for trace in traces for value in getattr(trace, name)]) for name in ("times", "lats", "lons")
    ]
    return Trace(*joined, starts=tuple(starts) if pause else (0,))


def metres(found: Match) -> dict[tuple[str, str], int]:
    """By surface and origin, to 10 m."""
    return {
        (part.surface, part.origin): round(part.distance_m, -1)
        for part in summed(found.stretches)
        if part.distance_m >= 5
    }


def ways(found: Match) -> list[int | None]:
    """The ways in their order, each once in a row."""
    order = [stretch.way for stretch in found.stretches]
    return [way for before, way in zip([0, *order], order, strict=False) if way != before]


STREET = Drawn(1, "asphalt", [(0, 0), (300, 0), (600, 0), (900, 0)])
PATH = Drawn(2, "gravel", [(0, 12), (900, 12)])
LADDER = [Drawn(10 + x, "asphalt", [(x, 0), (x, 12)]) for x in (0, 900)]


@pytest.mark.parametrize(
    ("y", "expected"),
    [(0, {("asphalt", "tag"): 900}), (12, {("gravel", "tag"): 900}), (1, {("asphalt", "tag"): 900})],
)
def test_a_run_beside_a_parallel_way_is_on_the_one_it_keeps_to(y: float, expected: dict[tuple[str, str], int]) -> None:
    found = match(run((0, y), (900, y)), town(STREET, PATH, *LADDER))
    assert metres(found) == expected


def test_a_bridge_over_a_path_is_not_left_where_no_junction_is() -> None:
    under = Drawn(3, "dirt", [(450, -300), (450, 300)])
    assert ways(match(run((0, 0), (900, 0)), town(STREET, under))) == [1]
    assert ways(match(run((450, -300), (450, 300)), town(STREET, under))) == [3]


def test_a_park_is_crossed_off_every_way() -> None:
    """Between two streets 300 m apart, over grass."""
    north = Drawn(4, "asphalt", [(0, 300), (300, 300), (600, 300), (900, 300)])
    ground = town(STREET, north, areas=(meadow("grass", 0, 5, 900, 295),))
    found = match(run((0, 0), (450, 0), (450, 300), (900, 300)), ground)
    told = {surface: distance for (surface, _), distance in metres(found).items()}
    assert told.get("grass", 0) == pytest.approx(300, abs=40)
    assert told["asphalt"] == pytest.approx(900, abs=40)


def test_the_route_is_followed_round_a_corner_where_there_are_few_points() -> None:
    """900 m of street and 400 m of path, with a point every 20 s: the corner between two points is not cut."""
    side = Drawn(3, "dirt", [(900, 0), (900, -400)])
    found = match(run((0, 0), (900, 0), (900, -400), every=20), town(STREET, side))
    assert metres(found) == {("asphalt", "tag"): 900, ("dirt", "tag"): 400}
    assert ways(found) == [1, 3]


@pytest.mark.parametrize(
    ("seconds", "expected", "sure"),
    [
        (100, {("asphalt", "tag"): 900}, 0.98),
        (150, {("asphalt", "tag"): 900}, 0.97),
        (400, {("asphalt", "tag"): 600, ("unknown", "gap"): 300}, 0.98),
        (600, {("asphalt", "tag"): 600, ("unknown", "gap"): 300}, 0.98),
    ],
    ids=["short", "longer", "too long for 300 m", "ten minutes"],
)
def test_the_longer_a_gap_the_less_sure_it_is(seconds: int, expected: dict[tuple[str, str], int], sure: float) -> None:
    """From 300 m to 600 m without a point, on the only street; at its pace the run needs 100 s for it."""
    trace = then(run((0, 0), (300, 0)), run((600, 0), (900, 0), start=100.0 + seconds))
    found = match(trace, town(STREET))
    assert metres(found) == expected
    assert min(part.confidence for part in found.stretches if part.surface == "asphalt") == pytest.approx(
        sure, abs=0.006
    )


@pytest.mark.parametrize("off", [15.0, 30.0])
def test_the_only_way_is_followed_where_it_is_drawn_roughly(off: float) -> None:
    """For 300 m the way is drawn beside where the run was; a path leaves it there."""
    drawn = Drawn(1, "asphalt", [(0, 0), (300, 0), (330, off), (600, off), (630, 0), (900, 0)])
    assert metres(match(run((0, 0), (900, 0)), town(drawn, Drawn(2, "dirt", [(450, off), (460, 400)])))) == {
        ("asphalt", "tag"): 900 + round(2 * (hypot(30, off) - 30), -1)
    }


def test_between_two_ways_a_large_error_leaves_the_ground_unsure() -> None:
    """A little nearer to the street than to the path, off by 1 m and by 9 m for some 20 s."""
    near, far = (match(run((0, 0), (0, 5), (900, 5), (900, 0), off=off), town(STREET, PATH, *LADDER)) for off in (1, 9))
    assert set(metres(near)) == {("asphalt", "tag")}
    assert min(stretch.confidence for stretch in far.stretches) < 0.7
    assert min(stretch.confidence for stretch in near.stretches) > 0.95


def test_a_pause_adds_no_metres_and_neither_does_a_jump() -> None:
    first, last = run((0, 0), (300, 0)), run((600, 0), (900, 0), start=110.0)
    far = run((60_000, 0), (60_300, 0), start=500.0)
    assert metres(match(then(first, last, pause=True), town(STREET))) == {("asphalt", "tag"): 600}
    assert metres(match(then(first, far), town(STREET))) == {("asphalt", "tag"): 300, ("unknown", "no_way"): 300}


def test_points_at_one_time_and_faults_of_the_receiver_are_left_out() -> None:
    plain = run((0, 0), (900, 0))
    faulty = Trace(array("d", plain.times), array("d", plain.lats), array("d", plain.lons))
    for point in (50, 120, 200):
        faulty.lats[point] += 0.001
    faulty.times[151] = faulty.times[150]
    assert metres(match(faulty, town(STREET, PATH, *LADDER))) == {("asphalt", "tag"): 900}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (Drawn(1, "unknown", [(0, 0), (900, 0)], "unknown", 0.0), {("unknown", "untagged"): 900}),
        (Drawn(1, "unpaved", [(0, 0), (900, 0)], "inferred", 0.6), {("unknown", "untagged"): 900}),
        (Drawn(1, "paved", [(0, 0), (900, 0)], "inferred", 0.95), {("paved", "inferred"): 900}),
        (Drawn(1, "asphalt", [(0, 0), (900, 0)], "tag", 0.6), {("unknown", "unsure"): 900}),
    ],
    ids=["untagged footway", "kind hardly tells", "kind tells", "tags of two grounds"],
)
def test_nothing_surer_is_said_than_the_map_says(told: Drawn, expected: dict[tuple[str, str], int]) -> None:
    found = match(run((0, 0), (900, 0)), town(told))
    assert metres(found) == expected
    assert {stretch.way for stretch in found.stretches} == {1}
    assert all(stretch.confidence <= told.confidence + 1e-9 for stretch in found.stretches)


def test_between_two_ways_of_one_ground_the_ground_is_said_and_no_surface() -> None:
    """Halfway between asphalt and two others, of which none is likelier than not; with gravel nothing is said."""
    trace = run((0, 3), (900, 3), off=0.0)
    asphalt = Drawn(1, "asphalt", [(0, 0), (900, 0)])
    paving, concrete = Drawn(2, "paving", [(0, 6), (900, 6)]), Drawn(3, "concrete", [(0, 6.5), (900, 6.5)])
    assert metres(match(trace, town(asphalt, paving, concrete))) == {("paved", "tag"): 900}
    assert metres(match(trace, town(asphalt, paving._replace(surface="gravel")))) == {("unknown", "unsure"): 900}


@pytest.mark.parametrize(
    ("y", "beside", "expected"),
    [
        (0, [], {("unknown", "untagged")}),
        (3, ["asphalt"], {("paved", "inferred")}),
        (3, ["gravel"], {("unpaved", "inferred")}),
        (3, ["asphalt", "gravel"], {("unknown", "unsure")}),
    ],
)
def test_beside_an_undescribed_way_the_others_tell_the_ground_if_they_agree(
    y: float, beside: list[str], expected: set[tuple[str, str]]
) -> None:
    """Such a way is hard or soft like a coin toss: halfway between it and a street, the odds are three to one."""
    trace = run((0, y), (900, y), off=0.0)
    footway = Drawn(1, "unknown", [(0, 0), (900, 0)], "unknown", 0.0)
    others = [Drawn(2 + n, surface, [(0, 6 - n / 9), (900, 6 - n / 9)]) for n, surface in enumerate(beside)]
    found = match(trace, town(footway, *others))
    assert set(metres(found)) == expected
    assert all(stretch.confidence < 0.8 for stretch in found.stretches)


def test_a_private_way_and_a_tunnel_are_less_likely_than_what_lies_beside() -> None:
    trace = run((0, 5), (900, 5), off=0.0)
    for cost, expected in ((0.0, [2]), (2.0, [1])):
        assert ways(match(trace, town(STREET, Drawn(2, "concrete", [(0, 9), (900, 9)], cost=cost)))) == expected


def test_laps_are_counted_as_often_as_they_are_run() -> None:
    """Five laps of a square track of 400 m that hangs together with nothing."""
    square = [(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (0.0, 100.0), (0.0, 0.0)]
    found = match(run(*square, *square[1:] * 4), town(Drawn(7, "tartan", square)))
    assert {surface for surface, _ in metres(found)} == {"tartan"}
    assert sum(stretch.distance_m for stretch in found.stretches) == pytest.approx(2000, rel=0.03)


def test_what_lies_beyond_the_map_is_told_from_what_is_far_from_its_ways() -> None:
    """300 m on the street, 600 m where the piece of the map has nothing; the map itself may extend to there."""
    for cause, end_m in {"no_way": 1600, "map_end": 1400}.items():
        piece = town(STREET)
        piece.extends_to = lambda x, y, end_m=end_m: x < end_m
        found = metres(match(run((600, 0), (1500, 0)), piece))
        assert found["asphalt", "tag"] == pytest.approx(300, abs=30)
        assert found["unknown", cause] == pytest.approx(580, abs=40)


def test_off_every_way_the_metres_are_the_device_s_own_where_it_has_any() -> None:
    plain = run((0, 200), (900, 200))
    paced = array("d", [3.2 * second for second in range(len(plain))])
    found = match(Trace(plain.times, plain.lats, plain.lons, paced), town(areas=(meadow("grass", 0, 0, 900, 400),)))
    assert metres(found) == {("grass", "area"): 960}


def test_a_stretch_tells_when_it_was_run() -> None:
    side = Drawn(3, "dirt", [(900, 0), (900, -400)])
    stretches = match(run((0, 0), (900, 0), (900, -400)), town(STREET, side)).stretches
    assert (stretches[0].start_s, stretches[-1].end_s) == (0.0, 433.0)
    assert all(one.end_s == two.start_s for one, two in pairwise(stretches))
    assert max(stretch.end_s for stretch in stretches if stretch.way == 1) == pytest.approx(300, abs=8)


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_few_points_and_points_at_one_place_have_no_metres(count: int) -> None:
    lon, lat = whole(100, 0)
    points = (array("d", range(count)), array("d", [lat / 1e7] * count), array("d", [lon / 1e7] * count))
    assert match(Trace(*points), town(STREET))[:3:2] == ((), count)


@pytest.mark.parametrize(("lat", "lon"), [(0.0, 179.999), (89.9999, 0.0), (-90.0, 10.0), (60.0, -180.0)])
def test_the_date_line_and_the_poles_are_places_like_others(lat: float, lon: float) -> None:
    """300 m to the north-east over nothing, and over the date line on a way."""
    count = 100
    lats = array("d", [max(-90.0, min(90.0, lat + step * 2.7e-5)) for step in range(count)])
    lons = array("d", [(lon + step * 2.7e-5 + 180.0) % 360.0 - 180.0 for step in range(count)])
    piece = MapPiece(Plane(lat, lon))
    shape = [(int(lons[step] * 1e7), int(lats[step] * 1e7)) for step in (0, 99)]
    piece.add_edge(1, Way(1, "asphalt", "tag", 0.98, 0.0), 1, 2, array("i", [*shape[0], *shape[1]]))
    found = match(Trace(array("d", range(count)), lats, lons), piece)
    total = sum(stretch.distance_m for stretch in found.stretches)
    assert 0 <= total < 450
    if abs(lat) < 80:
        assert metres(found) == {("asphalt", "tag"): round(total, -1)}


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.floats(0.0, 400.0), st.floats(-2000, 2000), st.floats(-2000, 2000), st.floats(-1, 1e4)),
        max_size=40,
    ),
    st.booleans(),
)
def test_metres_are_finite_positive_and_no_more_than_was_run(steps: list[tuple[float, ...]], pause: bool) -> None:
    """Any points at all: a match does not fail, and makes no more of them than their straight lines and some detour."""
    times, lats, lons, own = (array("d") for _ in range(4))
    now = 0.0
    for seconds, x, y, distance in steps:
        now += seconds
        lon, lat = whole(x, y)
        times.append(now), lats.append(lat / 1e7), lons.append(lon / 1e7), own.append(distance)
    trace = Trace(times, lats, lons, own, (0, len(steps) // 2) if pause and len(steps) > 2 else (0,))
    found = match(trace, town(STREET, PATH, *LADDER, areas=(meadow("grass", -500, -500, 500, 500),)))
    lines = sum(hypot(one[1] - two[1], one[2] - two[2]) for one, two in pairwise(steps))
    assert all(0 < stretch.distance_m < float("inf") and 0 <= stretch.confidence <= 1 for stretch in found.stretches)
    assert sum(stretch.distance_m for stretch in found.stretches) <= 2.0 * lines + 35 * len(steps)


def test_a_trace_that_would_take_minutes_is_given_up_and_keeps_its_metres(monkeypatch: pytest.MonkeyPatch) -> None:
    """So many distances are looked for and no more: then a node knows the way to itself only."""
    street = town(Drawn(1, "asphalt", [(float(x), 0.0) for x in range(0, 910, 12)]))
    monkeypatch.setattr("shoemon.ground.match.routes._MOST_FOUND", 40)
    routes = Routes(street)
    assert [len(routes.around(node, 200.0)) for node in (1, 30, 50, 70)] == [18, 35, 1, 1]
    found = match(run((0, 0), (900, 0)), street)
    assert sum(stretch.distance_m for stretch in found.stretches) == pytest.approx(900, rel=0.03)


def test_a_route_that_was_found_is_told_though_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The shelf is emptied between the looks at both ends of an edge, and nothing more is looked for after."""
    street = town(Drawn(1, "asphalt", [(float(x), 0.0) for x in range(0, 120, 12)]))
    monkeypatch.setattr("shoemon.ground.match.routes._MOST_KEPT", 0)
    monkeypatch.setattr("shoemon.ground.match.routes._MOST_FOUND", 6)
    start, end = (candidates_at(x, 0.0, street, 5.0, PARAMETERS)[0] for x in (6.0, 78.0))
    path = Routes(street).path(start, end, 100.0)
    assert 72 <= sum(length for _, length in path) <= 85, "the shortest, or nearly"


def test_the_engine_s_name_changes_with_its_parameters() -> None:
    assert f"hmm-{VERSION}-{digest_of(PARAMETERS)}" == ENGINE
    assert digest_of(replace(PARAMETERS, switch_cost=0.31)) != digest_of(PARAMETERS)


@pytest.mark.parametrize("towards", [1, -1])
def test_a_way_is_not_the_likelier_for_its_many_junctions(towards: int) -> None:
    """A run a little nearer to a path than to a street with a junction every 5 m, drawn either way."""
    corners = [(5.0 * step, 0.0) for step in range(181)][::towards]
    path = Drawn(2, "gravel", [(0, 8), (900, 8)])
    assert ways(match(run((0, 4.5), (900, 4.5), off=0.0), town(Drawn(1, "asphalt", corners), path))) == [2]
