"""The map from an Overpass server, a real one on this machine: what it is asked, how often, and what becomes of its answers."""

import gzip
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from kit.homes import HandClock
from kit.http_servers import AnsweringServer as Server
from kit.http_servers import HttpAnswer as Answer
from kit.http_servers import answering, dripping, no_proxies, says
from kit.osm_files import osm

from shoemon import __version__
from shoemon.config.load import load
from shoemon.config.reading import ConfigError
from shoemon.ground.osm.clip import clip_around
from shoemon.ground.osm.osm_xml import OsmXmlFile
from shoemon.ground.osm.writing import Region, write_region
from shoemon.ground.overpass.answer import CellError, read_answer
from shoemon.ground.overpass.backoff import FILE
from shoemon.ground.overpass.cells import Cell, cells_outside
from shoemon.ground.overpass.fetch import FetchedCells, fetch_missing
from shoemon.ground.overpass.server import Manners, query_for
from shoemon.model.trace import Box

HERE = Box(60.16, 24.91, 60.17, 24.92)
CELL = Box(60.15, 24.90, 60.20, 24.95)
"""The cell that HERE lies in."""
NEXT = Box(60.16, 24.96, 60.17, 24.97)
"""In the cell east of it."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    no_proxies(monkeypatch)
    with answering() as made:
        made.url += "/api/interpreter?key=s3cret"
        yield made


def queries(server: Server) -> list[str]:
    return [parse_qs(body)["data"][0] for body in server.bodies]


@dataclass
class Runner:
    """Somebody whose map lies in `folder`."""

    folder: Path
    server: Server
    clock: HandClock = field(default_factory=lambda: HandClock("2026-05-01T06:00:00"))

    @property
    def map_path(self) -> Path:
        return self.folder / "maps" / "map.db"

    def fetch(
        self, *boxes: Box, url: str = "", stopping: Callable[[], bool] = lambda: False, limit: int = 10, **manners: Any
    ) -> FetchedCells:
        treated = Manners(sleep=lambda seconds: self.clock.move(seconds=seconds), **manners)
        return fetch_missing(
            self.map_path, url or self.server.url, boxes, self.clock, stopping, limit=limit, manners=treated
        )

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        if not self.map_path.exists():
            return []
        with closing(sqlite3.connect(self.map_path)) as connection:
            return connection.execute(question).fetchall()

    def regions(self) -> list[str]:
        return [name for (name,) in self.rows("SELECT name FROM region ORDER BY id")]


@pytest.fixture
def runner(tmp_path: Path, server: Server) -> Runner:
    return Runner(tmp_path, server)


def answer_of(*elements: dict[str, Any], **more: Any) -> bytes:
    head = {"version": 0.6, "generator": "Overpass API", "osm3s": {"timestamp_osm_base": "2026-04-30T20:00:00Z"}}
    return json.dumps({**head, "elements": elements, **more}).encode()


NODES = {
    1: (60.1600, 24.9100), 2: (60.1600, 24.9200), 3: (60.1600, 24.9300), 4: (60.1700, 24.9200),
    5: (60.1610, 24.9110), 6: (60.1610, 24.9130), 7: (60.1630, 24.9130), 8: (60.1630, 24.9110),
    9: (60.1615, 24.9115), 10: (60.1615, 24.9120), 11: (60.1620, 24.9120),
}  # fmt: skip
WAYS: dict[int, tuple[list[int], dict[str, str]]] = {
    10: ([1, 2, 3], {"highway": "residential", "surface": "asphalt", "name": "Långgatan"}),
    11: ([2, 4], {"highway": "path"}),
    12: ([5, 6, 7, 8, 5], {"leisure": "park"}),
    13: ([5, 6, 7], {}),
    14: ([7, 8, 5], {}),
    15: ([9, 10, 11, 9], {}),
    16: ([3, 4], {"highway": "construction"}),
}
RELATIONS = {20: ([(13, "outer"), (14, "outer"), (15, "inner")], {"type": "multipolygon", "natural": "sand"})}
"""A street with a path into it, a park, and a beach of two halves with a hole."""


def place(node: int) -> dict[str, float]:
    return dict(zip(("lat", "lon"), NODES[node], strict=True))


def way(number: int) -> dict[str, Any]:
    nodes, tags = WAYS[number]
    return {"type": "way", "id": number, "nodes": nodes, "geometry": [place(node) for node in nodes], "tags": tags}


def relation(number: int) -> dict[str, Any]:
    members = [
        {"type": "way", "ref": ref, "role": role, "geometry": [place(node) for node in WAYS[ref][0]]}
        for ref, role in RELATIONS[number][0]
    ]
    return {"type": "relation", "id": number, "members": members, "tags": RELATIONS[number][1]}


TOWN = answer_of(*(way(number) for number in (10, 11, 12, 16)), relation(20))


@pytest.mark.parametrize(
    ("boxes", "covered", "cells"),
    [
        pytest.param([HERE], [], ["60.15,24.90"], id="the cell around a box"),
        pytest.param([Box(1.15, 0.35, 1.20, 0.40)], [], ["1.15,0.35"], id="none that it only touches"),
        pytest.param([Box(60.1512, 24.9012, 60.1512, 24.9012)], [], ["60.15,24.90"], id="a single point"),
        pytest.param([Box(60.19, 24.94, 60.21, 24.96)], [],
                     ["60.15,24.90", "60.15,24.95", "60.20,24.90", "60.20,24.95"], id="all four at a corner"),
        pytest.param([Box(-0.01, -0.01, 0.01, 0.01)], [],
                     ["-0.05,-0.05", "-0.05,0.00", "0.00,-0.05", "0.00,0.00"], id="where both degrees are 0"),
        pytest.param([NEXT, HERE, NEXT], [], ["60.15,24.95", "60.15,24.90"], id="in the order of the runs, once each"),
        pytest.param([HERE], [Box(60.0, 24.0, 61.0, 25.0)], [], id="none that a file covers"),
        pytest.param([HERE], [Box(60.16, 24.91, 60.17, 24.92)], [], id="none of which a file covers all that was run in"),
        pytest.param([HERE], [Box(60.16, 24.91, 60.17, 24.919)], ["60.15,24.90"], id="one of which a file covers a part"),
        pytest.param([Box(60.16, 24.91, 60.17, 24.97)], [Box(60.0, 24.95, 61.0, 25.0)], ["60.15,24.90"], id="beside a file"),
        pytest.param([Box(60.16, 24.91, 60.17, 24.93)], [Box(60.1, 24.9, 60.2, 24.92), Box(60.1, 24.92, 60.2, 24.94)], [],
                     id="none that two files cover together"),
        pytest.param([Box(-80, -180, 80, 180)], [], [], id="none for a box around the world"),
        pytest.param([Box(89.999, 179.999, 90, 180)], [], ["89.95,179.95"], id="at the end of the map"),
        pytest.param([Box(90, 180, 90, 180)], [], ["89.95,179.95"], id="on the pole"),
    ],
)  # fmt: skip
def test_cells_are_those_of_a_run_that_no_file_covers(boxes: list[Box], covered: list[Box], cells: list[str]) -> None:
    found = cells_outside(boxes, lambda square: any(square.is_within(box) for box in covered))
    assert [cell.name for cell in found] == cells


def test_a_cell_is_asked_for_once_and_comes_into_the_map(runner: Runner, server: Server) -> None:
    server.answers.append(says(TOWN))
    assert runner.fetch(HERE) == FetchedCells(1, 0, None)
    assert runner.fetch(HERE, Box(60.19, 24.94, 60.195, 24.945)) == FetchedCells(0, 0, None)
    assert queries(server) == [query_for(Cell(1203, 498))]
    assert runner.rows(
        "SELECT name, kind, osm_date, imported_at, south, west, north, east, bytes, clip FROM region"
    ) == [("overpass:60.15,24.90", "overpass", "2026-04-30T20:00:00Z", "2026-05-01T06:00:00Z", *CELL, len(TOWN), "")]
    assert runner.rows("SELECT id, highway, name, surface FROM way ORDER BY id") == [
        (10, "residential", "Långgatan", "asphalt"),
        (11, "path", None, "unpaved"),
    ]
    assert runner.rows("SELECT way, a, b FROM edge ORDER BY way, a") == [(10, 1, 2), (10, 2, 3), (11, 2, 4)]
    assert runner.rows("SELECT osm, surface FROM area ORDER BY osm") == [("r20", "sand"), ("w12", "grass")]


def test_the_map_is_the_one_that_a_file_of_the_same_data_makes(runner: Runner, server: Server) -> None:
    server.answers.append(says(TOWN))
    runner.fetch(HERE)
    lines = [f"n{node} {lat} {lon}" for node, (lat, lon) in NODES.items()]
    for kind, part, elements in (("w", "", WAYS), ("r", "w", {20: ([13, 14, 15], RELATIONS[20][1])})):
        for number, (parts, tags) in elements.items():
            words = " ".join(f"{key}={value}" for key, value in tags.items()) or "-=-"
            lines.append(f"{kind}{number} {','.join(f'{part}{each}' for each in parts)} {words}")
    (runner.folder / "town.osm").write_text(osm("\n".join(lines)))
    other = Runner(runner.folder / "other", server)
    region = Region("town.osm", "file", "2026-04-30T20:00:00Z", CELL, 1, "")
    write_region(other.map_path, region, OsmXmlFile(runner.folder / "town.osm"), None, "2026-05-01T06:00:00Z")
    for sql in (
        "SELECT id, highway, name, tags, surface, origin, rule, confidence, cost FROM way ORDER BY id",
        "SELECT way, a, b, shape, west, east, south, north FROM edge JOIN edge_box USING (id) ORDER BY way, a",
        "SELECT osm, surface, origin, rule, confidence, size_m2, west, east, south, north FROM area JOIN area_box USING (id) ORDER BY osm",
    ):
        rows = runner.rows(sql)
        assert rows and rows == other.rows(sql)


def test_the_question_names_the_cell_and_nothing_finer(runner: Runner, server: Server) -> None:
    server.answers.append(says(TOWN))
    runner.fetch(Box(60.16123, 24.91123, 60.16124, 24.91124))
    (asked,) = queries(server)
    assert asked.startswith('[out:json][timeout:60];(way["highway"](60.148,24.898,60.202,24.952);')
    assert asked.endswith(");out body geom;")
    assert asked.count("(60.148,24.898,60.202,24.952)") == asked.count("way[") + asked.count("relation[")
    assert ".161" not in asked + str(server.asked[0].headers) + server.asked[0].path


def test_it_says_who_asks_and_nothing_of_the_runner(runner: Runner, server: Server) -> None:
    server.answers.append(says(TOWN, Set_Cookie="who=you"))
    runner.fetch(HERE, NEXT)
    for request in server.asked:
        allowed = ["host", "user-agent", "accept", "accept-encoding", "content-type", "content-length", "connection"]
        assert {name.lower() for name in request.headers} <= set(allowed)
        assert request.headers["User-Agent"] == f"shoemon/{__version__}"


def test_questions_go_out_one_at_a_time_with_a_pause_between(runner: Runner, server: Server) -> None:
    sent: list[datetime] = []
    server.answers.append(lambda request: (sent.append(runner.clock.now), says(answer_of())(request))[1])
    assert runner.fetch(HERE, NEXT, Box(60.21, 24.91, 60.22, 24.92), pause_s=2.0) == FetchedCells(3, 0, None)
    assert [(later - earlier).total_seconds() for earlier, later in pairwise(sent)] == [2.0, 2.0]
    assert server.most_at_once == 1


def test_a_call_asks_for_so_many_cells_and_a_later_one_goes_on(runner: Runner, server: Server) -> None:
    server.answers.append(says(answer_of()))
    boxes = [Box(60.16, 24.91 + number / 20, 60.17, 24.92 + number / 20) for number in range(5)]
    assert runner.fetch(*boxes, limit=2) == FetchedCells(2, 3, None)
    assert runner.fetch(*boxes, limit=2) == FetchedCells(2, 1, None)
    assert runner.fetch(*boxes, limit=2) == FetchedCells(1, 0, None)
    assert len(server.asked) == 5


def test_a_call_ends_in_time_however_slow_the_server(runner: Runner, server: Server) -> None:
    server.answers.append(lambda request: (runner.clock.move(seconds=100), says(answer_of())(request))[1])
    boxes = [Box(60.16, 24.91 + number / 20, 60.17, 24.92 + number / 20) for number in range(10)]
    assert runner.fetch(*boxes) == FetchedCells(3, 7, None)


def test_nothing_is_asked_once_shoemon_ends(runner: Runner, server: Server) -> None:
    server.answers.append(says(answer_of()))
    assert runner.fetch(HERE, NEXT, stopping=lambda: len(server.asked) == 1) == FetchedCells(1, 1, None)
    assert len(server.asked) == 1


@pytest.mark.parametrize("version", ["none", "another"])
def test_a_map_made_anew_takes_the_answers_kept_on_disk(runner: Runner, server: Server, version: str) -> None:
    server.answers.append(says(TOWN))
    runner.fetch(HERE)

    def everything() -> list[tuple[Any, ...]]:
        return [row for table in ("region", "edge", "area") for row in runner.rows(f"SELECT * FROM {table}")]

    before = everything()
    if version == "another":
        with closing(sqlite3.connect(runner.map_path)) as connection, connection:
            connection.execute("UPDATE meta SET value = '0' WHERE key = 'version'")
    else:
        for name in ("map.db", "map.db-wal", "map.db-shm"):
            runner.map_path.with_name(name).unlink(missing_ok=True)
    runner.clock.move(days=30)
    assert runner.fetch(HERE) == FetchedCells(1, 0, None)
    assert (len(server.asked), everything()) == (1, before)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda packed: packed[:-20], id="cut"),
        pytest.param(lambda packed: b"", id="empty"),
        pytest.param(lambda packed: gzip.compress(b"[]\n" + TOWN), id="without its head"),
        pytest.param(lambda packed: gzip.compress(gzip.decompress(packed).replace(b"60.15,24.90", b"60.15,24.95")), id="another cell"),
        pytest.param(lambda packed: gzip.compress(gzip.decompress(packed).replace(b'"question": ', b'"question": 9')), id="another question"),
        pytest.param(lambda packed: gzip.compress(gzip.decompress(packed)[:-9]), id="half an answer"),
    ],
)  # fmt: skip
def test_a_spoilt_answer_on_disk_is_asked_anew(runner: Runner, server: Server, spoil: Callable[[bytes], bytes]) -> None:
    server.answers.append(says(TOWN))
    runner.fetch(HERE)
    runner.map_path.unlink()
    kept = runner.map_path.with_name("overpass") / "60.15,24.90.json.gz"
    kept.write_bytes(spoil(kept.read_bytes()))
    assert runner.fetch(HERE) == FetchedCells(1, 0, None)
    assert (len(server.asked), runner.regions()) == (2, ["overpass:60.15,24.90"])


def test_a_cell_is_fetched_again_after_a_year_and_kept_until_then(runner: Runner, server: Server) -> None:
    server.answers += [says(TOWN), says(b"", 504), says(answer_of(way(11)))]
    runner.fetch(HERE)
    runner.clock.move(days=364)
    assert (runner.fetch(HERE), len(server.asked)) == (FetchedCells(0, 0, None), 1)
    runner.clock.move(days=2)
    failed = runner.fetch(HERE)
    assert (failed, len(server.asked), len(runner.rows("SELECT id FROM way"))) == (FetchedCells(0, 0, None), 2, 2)
    runner.clock.move(hours=1)
    assert runner.fetch(HERE) == FetchedCells(1, 0, None)
    assert runner.rows("SELECT id FROM way") == [(11,)]
    assert runner.rows("SELECT imported_at FROM region") == [("2027-05-02T07:00:00Z",)]


def test_a_street_through_two_cells_is_cut_where_streets_of_either_meet_it(runner: Runner, server: Server) -> None:
    street = {1: (60.16, 24.92), 2: (60.16, 24.94), 3: (60.16, 24.96), 4: (60.16, 24.98)}
    places = {**street, 5: (60.17, 24.94), 6: (60.17, 24.96)}

    def line(number: int, *nodes: int) -> dict[str, Any]:
        geometry = [dict(zip(("lat", "lon"), places[node], strict=True)) for node in nodes]
        tags = {"highway": "residential"}
        return {"type": "way", "id": number, "nodes": nodes, "geometry": geometry, "tags": tags}

    through, western, eastern = line(10, *street), line(11, 2, 5), line(12, 3, 6)
    server.answers += [says(answer_of(through, western)), says(answer_of(through, eastern))]
    edges = [(10, 1, 2), (10, 2, 3), (10, 3, 4), (11, 2, 5), (12, 3, 6)]
    runner.fetch(HERE, NEXT)
    assert runner.rows("SELECT way, a, b FROM edge ORDER BY way, a") == edges
    runner.clock.move(days=366)
    assert runner.fetch(NEXT) == FetchedCells(1, 0, None)
    assert (len(server.asked), runner.rows("SELECT way, a, b FROM edge ORDER BY way, a")) == (3, edges)


def test_of_a_file_cut_to_cells_only_these_are_covered(runner: Runner, server: Server) -> None:
    server.answers.append(says(answer_of()))
    clip = clip_around([(6016, 2491), (6016, 2492), (6030, 2510)], "0 km around runs")
    region = Region("here.osm", "file", "2026-01-01T00:00:00Z", None, 1, "")
    write_region(runner.map_path, region, read_answer(TOWN, clip.box, ""), clip, "2026-01-01T00:00:00Z")
    assert runner.fetch(HERE) == FetchedCells(0, 0, None)
    assert runner.fetch(Box(60.16, 24.91, 60.17, 24.94)) == FetchedCells(1, 0, None)
    assert runner.regions() == ["here.osm", "overpass:60.15,24.90"]


def test_the_box_of_an_extract_covers_nothing_where_no_way_of_it_is(runner: Runner, server: Server) -> None:
    """It reaches beyond the border. What was fetched there covers nothing but its own cell, however far its ways go."""
    long = {"type": "way", "id": 30, "nodes": [30, 31], "tags": {"highway": "path"}}
    long["geometry"] = [{"lat": 60.165, "lon": 24.93}, {"lat": 60.165, "lon": 25.01}]
    server.answers += [says(answer_of(long)), says(answer_of())]
    region = Region("here.osm", "file", "2026-01-01T00:00:00Z", Box(60.0, 24.0, 61.0, 26.0), 1, "abc")
    western = read_answer(TOWN, CELL, "")
    write_region(runner.map_path, region, western, None, "2026-01-01T00:00:00Z")
    assert runner.fetch(HERE) == FetchedCells(0, 0, None)
    assert runner.fetch(NEXT) == FetchedCells(1, 0, None)
    beyond = Box(60.161, 25.001, 60.169, 25.009)
    assert runner.fetch(beyond) == FetchedCells(1, 0, None)
    assert runner.fetch(HERE, NEXT, beyond) == FetchedCells(0, 0, None)
    assert runner.regions() == ["here.osm", "overpass:60.15,24.95", "overpass:60.15,25.00"]


def test_a_cell_that_lost_ways_with_a_file_comes_again_from_disk(runner: Runner, server: Server) -> None:
    server.answers.append(says(TOWN))
    runner.fetch(HERE)
    file = Region("here.osm", "file", "2026-01-01T00:00:00Z", None, 1, "abc")
    write_region(runner.map_path, file, read_answer(TOWN, CELL, ""), None, "2026-01-01T00:00:00Z")
    elsewhere = TOWN.replace(b"60.1", b"61.1")
    write_region(
        runner.map_path, file, read_answer(elsewhere, Box(61.1, 24.9, 61.2, 25.0), ""), None, "2026-01-01T00:00:00Z"
    )
    assert runner.fetch(HERE) == FetchedCells(1, 0, None)
    assert len(server.asked) == 1


def test_a_map_that_cannot_be_read_is_said_and_nobody_is_asked(runner: Runner, server: Server) -> None:
    runner.map_path.parent.mkdir()
    runner.map_path.write_bytes(b"no map" * 1000)
    fetched = runner.fetch(HERE)
    assert (server.asked, "cannot read the map" in str(fetched.error)) == ([], True)


def test_nobody_else_on_the_machine_reads_which_cells_were_asked_for(runner: Runner, server: Server) -> None:
    server.answers.append(says(TOWN))
    runner.fetch(HERE)
    folder = runner.map_path.with_name("overpass")
    modes = {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())}
    assert modes == {"overpass": 0o700, "60.15,24.90.json.gz": 0o600, FILE: 0o600}


def test_nobody_is_asked_where_the_answer_could_not_be_kept(runner: Runner, server: Server) -> None:
    runner.map_path.parent.mkdir()
    runner.map_path.with_name("overpass").write_text("in the way")
    fetched = runner.fetch(HERE)
    assert (server.asked, fetched.left, "cannot write" in str(fetched.error)) == ([], 1, True)


NOW = datetime(2026, 5, 1, 6, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "words", "wait_s"),
    [
        pytest.param({"Retry_After": "600"}, "status 429 and asks to wait 600 s", 600, id="seconds"),
        pytest.param({"Retry_After": format_datetime(NOW + timedelta(seconds=900), usegmt=True),
                      "Date": format_datetime(NOW, usegmt=True)}, "status 429 and asks to wait 900 s", 900, id="a date"),
        pytest.param({"Retry_After": "soon"}, "status 429", 60, id="what is no time"),
        pytest.param({}, "status 429", 60, id="nothing"),
        pytest.param({"Retry_After": "999999999"}, "status 429 and asks to wait 999999999 s", 86_400, id="too long"),
    ],
)  # fmt: skip
def test_a_busy_server_is_left_alone_for_as_long_as_it_asks_also_after_a_new_start(
    runner: Runner, server: Server, headers: dict[str, str], words: str, wait_s: int
) -> None:
    server.answers += [says(b"", 429, **headers), says(answer_of())]
    until = f"{NOW + timedelta(seconds=wait_s):%Y-%m-%dT%H:%M:%SZ}"
    expected = FetchedCells(
        0, 2,
        f"{server.url.split('?')[0]} answered with {words}; it is asked again after {until}, until then the map lacks 2 cells",
    )  # fmt: skip
    assert runner.fetch(HERE, NEXT) == expected
    runner.clock.move(seconds=wait_s - 5)
    assert Runner(runner.folder, server, runner.clock).fetch(HERE, NEXT) == expected
    assert len(server.asked) == 1
    runner.clock.move(seconds=5)
    assert runner.fetch(HERE, NEXT) == FetchedCells(2, 0, None)


def test_waits_grow_with_each_failure_and_end_with_a_good_answer(runner: Runner, server: Server) -> None:
    server.answers.append(says(b"<html>too busy</html>", 504))
    waited = [until(runner, runner.fetch(HERE)) for _ in range(12)]
    assert waited == [60, 120, 240, 480, 960, 1920, 3840, 7680, 15360, 21600, 21600, 21600]
    server.answers[:] = [says(answer_of())]
    runner.fetch(HERE)
    assert json.loads((runner.map_path.with_name("overpass") / FILE).read_text())["every"]["failures"] == 0


def test_only_answers_make_the_waits_grow(runner: Runner, server: Server) -> None:
    server.answers += [refusing, refusing, says(b"", 504), says(b"", 504)]
    waited = [until(runner, runner.fetch(HERE)) for _ in range(4)]
    assert waited == [60, 60, 60, 120]


def until(runner: Runner, fetched: FetchedCells) -> float:
    """Seconds to wait after a call that failed; they have passed then."""
    moment = datetime.fromisoformat(str(fetched.error).split("asked again after ")[1].split(",")[0])
    seconds = (moment - runner.clock.now).total_seconds()
    runner.clock.move(seconds=seconds)
    return seconds


def test_another_server_need_not_wait_for_what_the_first_one_asked(runner: Runner, server: Server) -> None:
    server.answers += [says(b"", 429, Retry_After="600"), says(answer_of())]
    assert runner.fetch(HERE).left == 1
    assert runner.fetch(HERE, url=server.url.replace("/api/", "/other/")) == FetchedCells(1, 0, None)


def test_a_question_that_shoemon_did_not_survive_counts_as_asked(runner: Runner, server: Server) -> None:
    on_disk = runner.map_path.with_name("overpass") / FILE
    seen: list[dict[str, Any]] = []
    server.answers.append(lambda request: (seen.append(json.loads(on_disk.read_text())), says(answer_of())(request))[1])
    runner.fetch(HERE)
    (kept,) = seen
    until, said = "2026-05-01T06:01:00Z", "had not answered when shoemon ended"
    assert kept["every"] == {"failures": 0, "until": until, "said": said}
    on_disk.write_text(json.dumps(kept))
    fetched = runner.fetch(NEXT)
    assert (fetched.left, len(server.asked)) == (1, 1)
    assert f"{said}; it is asked again after {until}" in str(fetched.error)


@pytest.mark.parametrize("kept", ["", "[]", "{}", '{"server": 1}', '{"server": "S", "every": {"failures": "x"}, "cells": {}}',
                                  '{"server": "S", "every": {"failures": 1, "until": "9999-01-01T00:00:00Z", "said": "x"}, "cells": {}}',
                                  '{"server": "S", "every": {"failures": 1, "until": "2026-05-01", "said": "x"}, "cells": {}}'])  # fmt: skip
def test_waits_that_cannot_be_are_begun_anew(runner: Runner, server: Server, kept: str) -> None:
    server.answers.append(says(answer_of()))
    folder = runner.map_path.with_name("overpass")
    folder.mkdir(parents=True)
    (folder / FILE).write_text(kept.replace('"S"', json.dumps(server.url.split("?")[0])))
    assert runner.fetch(HERE) == FetchedCells(1, 0, None)


def refusing(request: BaseHTTPRequestHandler) -> None:
    request.close_connection = True


DRIPPING = dripping(b"HTTP/1.0 200 OK\r\nContent-Length: 100000\r\n\r\n")
NO_MEMORY = "runtime error: Query run out of memory using about 2048 MB of RAM.\u001b[2J"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (says(b"", 504), "answered with status 504"),
        (says(b"", 403), "refuses queries (status 403); set `ground.overpass` to another server"),
        (says(b"", 404), "was not found (status 404); check the address"),
        (says(b"", 302, Location="/elsewhere"), "redirects elsewhere (status 302), which is not followed; set `ground.overpass` to the new address"),
        (says(answer_of(way(10), remark=NO_MEMORY)), "gave up on the query: runtime error: Query run out of memory using about 2048 MB of RAM.[2J"),
        (says(answer_of(remark="runtime error: Query timed out in \"query\" at line 1 after 61 seconds.")),
         "gave up on the query: runtime error: Query timed out in \"query\" at line 1 after 61 seconds."),
        (says(TOWN[:-1]), "sent incomplete or invalid JSON"),
        (says(b""), "sent incomplete or invalid JSON"),
        (says(b"[" * 100_000), "sent incomplete or invalid JSON"),
        (says(b'{"elements": NaN}'), "sent incomplete or invalid JSON"),
        (says(b'{"elements": [' + b"1" * 5000 + b"]}"), "sent incomplete or invalid JSON"),
        (says(b'{"elements": [' + b"[]," * 1_000_001 + b"[]]}"), "sent JSON of more parts than any cell has"),
        (says(b'{"elements": [' + b"{}," * 1_000_001 + b"{}]}"), "sent JSON of more parts than any cell has"),
        (says(b"[]"), "sent JSON that is not an answer of Overpass"),
        (says(b"{}"), "sent JSON that is not an answer of Overpass: it has no list of elements"),
        (says(TOWN, Content_Length=str(len(TOWN) + 10)), "stopped in the middle of its answer"),
        (says(b"x" * (2**22 + 1)), "sent more than 4 MB"),
        (says(gzip.compress(bytes(20 * 2**20)), Content_Encoding="gzip"), "sent gzip that grows more than 200 times"),
        (says(TOWN, Content_Encoding="br"), "compressed its answer in another way than gzip"),
        (refusing, "cannot be reached"),
        (DRIPPING, "took longer than 0.3 s"),
    ],
)  # fmt: skip
def test_what_is_no_answer_changes_no_map_and_is_said_in_one_sentence(
    runner: Runner, server: Server, answer: Answer, words: str
) -> None:
    server.answers.append(answer)
    fetched = runner.fetch(HERE, NEXT, size=2**22, total_s=0.3 if answer is DRIPPING else 30.0)
    assert (fetched.cells, fetched.left, len(server.asked)) == (0, 2, 1)
    assert str(fetched.error).startswith(f"{server.url.split('?')[0]} {words}")
    assert "s3cret" not in str(fetched.error) and "\n" not in str(fetched.error)
    assert runner.regions() == []
    assert [path.name for path in runner.map_path.with_name("overpass").iterdir()] == [FILE]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (says(answer_of(remark="runtime error: timed out")), "gave up on the query: runtime error: timed out"),
        (says(b"x" * (2**22 + 1)), "sent more than 4 MB"),
        (says(b"{}"), "sent JSON that is not an answer of Overpass"),
    ],
)
def test_a_cell_without_an_answer_stops_no_other(runner: Runner, server: Server, answer: Answer, words: str) -> None:
    server.answers += [answer, says(answer_of())]
    assert runner.fetch(HERE, NEXT, size=2**22).left == 2
    runner.clock.move(seconds=60)
    second = runner.fetch(HERE, NEXT)
    assert (second.cells, second.left, runner.regions()) == (1, 1, ["overpass:60.15,24.95"])
    assert second.error is not None and words in second.error and "after 2026-05-01T07:00:00Z" in second.error
    runner.clock.move(hours=1)
    assert runner.fetch(HERE, NEXT) == FetchedCells(1, 0, None)
    assert json.loads((runner.map_path.with_name("overpass") / FILE).read_text())["cells"] == {}


@pytest.mark.parametrize("host", ["169.254.169.254", "2852039166", "[fe80::1]", "[::ffff:169.254.169.254]"])
def test_link_local_addresses_are_never_asked(runner: Runner, host: str) -> None:
    fetched = runner.fetch(HERE, url=f"http://{host}/latest")
    assert "leads to a link-local or metadata address, which shoemon never contacts" in str(fetched.error)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        pytest.param(says(gzip.compress(TOWN), Content_Encoding="gzip"), (2, 2), id="gzip"),
        pytest.param(says(answer_of(remark="runtime remark: Timeout is 60 and maxsize is 0.")), (0, 0), id="a remark that is no error"),
        pytest.param(says(answer_of()), (0, 0), id="a cell with nothing in it"),
    ],
)  # fmt: skip
def test_what_is_an_answer_is_asked_for_once(runner: Runner, server: Server, answer: Answer, found: object) -> None:
    server.answers.append(answer)
    assert (runner.fetch(HERE), runner.fetch(HERE)) == (FetchedCells(1, 0, None), FetchedCells(0, 0, None))
    assert (len(server.asked), server.asked[0].headers["Accept-Encoding"]) == (1, "gzip")
    assert runner.rows("SELECT ways, areas FROM region") == [found]


def changed(**more: Any) -> bytes:
    return answer_of(way(11), {**way(10), **more})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (changed(id=None), "sent an element without a number"),
        (changed(id=2**63), "sent an element without a number"),
        (changed(id=True), "sent an element without a number"),
        (changed(nodes=[1, 2]), "sent way 10 without its nodes or places"),
        (changed(nodes=["1", 2, 3]), "sent way 10 without its nodes or places"),
        (changed(nodes=None), "sent way 10 without its nodes or places"),
        (changed(nodes=[1, 2, 2**63]), "sent way 10 without its nodes or places"),
        (changed(geometry=None), "sent way 10 without its nodes or places"),
        (changed(geometry=[1, 2, 3]), "sent way 10 without its nodes or places"),
        (changed(geometry=[place(1), place(2), {"lat": 1e300, "lon": 1}]), "sent a place that is not on Earth"),
        (changed(tags=["highway"]), "sent way 10 with tags that are not texts"),
        (changed(tags={"highway": 1}), "sent way 10 with tags that are not texts"),
        (answer_of({**relation(20), "members": None}), "sent relation 20 without its members"),
        (answer_of({**relation(20), "members": [1]}), "sent relation 20 without its members"),
    ],
)  # fmt: skip
def test_an_answer_with_anything_of_a_wrong_shape_is_refused_as_a_whole(body: bytes, words: str) -> None:
    with pytest.raises(CellError) as refused:
        read_answer(body, CELL, "2026-05-01T06:00:00Z")
    assert str(refused.value) == words


@pytest.mark.parametrize(
    "element",
    [
        pytest.param({**way(10), "tags": {"building": "yes"}}, id="a way nobody runs on"),
        pytest.param({"type": "node", "id": 1, "lat": 60.0, "lon": 24.0}, id="a node"),
        pytest.param({"type": "count"}, id="something else"),
        pytest.param({**relation(20), "members": relation(20)["members"][:1]}, id="an area that is not closed"),
        pytest.param({**relation(20), "members": []}, id="an area without members"),
        pytest.param({**relation(20), "members": relation(20)["members"] * 350}, id="an area of very many pieces"),
    ],
)
def test_what_cannot_be_drawn_is_left_out(element: dict[str, Any]) -> None:
    assert list(read_answer(answer_of(element), CELL, "2026-05-01T06:00:00Z")) == []


def test_a_way_is_cut_where_a_place_is_missing(runner: Runner, server: Server) -> None:
    nodes = [1, 2, 3, 4, 5]
    geometry = [place(1), place(2), None, place(4), place(5)]
    server.answers.append(says(answer_of({**way(10), "nodes": nodes, "geometry": geometry})))
    runner.fetch(HERE)
    assert runner.rows("SELECT a, b FROM edge ORDER BY a") == [(1, 2), (4, 5)]


def test_half_a_character_does_not_reach_the_map() -> None:
    body = answer_of({**way(11), "tags": {"highway": "path", "name": "\ud83d\ude00 \ud83d"}})
    (found,) = read_answer(body, CELL, "2026-05-01T06:00:00Z")
    assert found.tags == {"highway": "path", "name": "\N{GRINNING FACE} ?"}


@pytest.mark.parametrize(
    ("ground", "words"),
    [
        *((ground, None) for ground in ("{}", "{map: here.osm}")),
        *((url, None) for url in ("https://overpass.example/api", "http://localhost:1/api", "http://127.0.0.1/api", "http://[::1]/api")),
        *((url, "your data would be sent unencrypted") for url in ("http://overpass.example/api", "http://192.168.1.5/api")),
        *((url, "not the address of a server") for url in (
            "ftp://overpass.example/", "overpass.example", "https://", "https://me:secret@overpass.example/",
            "https://overpass.example:0/", "https://overpass.example/a b", "yes")),
    ],
)  # fmt: skip
def test_nobody_is_asked_but_a_server_that_the_settings_name(tmp_path: Path, ground: str, words: str | None) -> None:
    url = None if ground.startswith("{") else ground
    (tmp_path / "shoemon.yaml").write_text(f"ground: {ground if url is None else f'{{overpass: {url!r}}}'}\n")
    (tmp_path / "shoes.yaml").write_text("shoes: []\n")
    if words is None:
        assert load(tmp_path).main.ground.overpass == url
        return
    with pytest.raises(ConfigError) as refused:
        load(tmp_path)
    (mistake,) = refused.value.mistakes
    assert (mistake.path, words in mistake.message, "secret" in mistake.message) == ("ground.overpass", True, False)
