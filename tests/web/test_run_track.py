"""The track of a run as it is drawn: what the map says of it, the ways around it, and why there is none."""

import json
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from kit import tracked
from kit.homes import Home, dump, table_source
from kit.osm_files import damage
from kit.tracked import FOOTWAY, MAIN, PATH, STREET, WEST, along, gpx, island, row, tracked_home

from shoemon.ground.osm import background
from shoemon.ground.osm.importing import import_file
from shoemon.web import run_track
from shoemon.web.geojson import Json

NOW = "2024-06-01T12:00:00Z"


def home_with(tmp_path: Path, track: str | bytes, *, sport: str = "Run") -> Home:
    home = tracked_home(tmp_path, [row(1, 2_000, sport=sport)], {1: track})
    home.sync()
    return home


def of_kind(answer: Json, kind: str) -> list[Json]:
    return [feature for feature in answer["features"] if feature["properties"]["kind"] == kind]


def surfaces_of(answer: Json) -> dict[str, float]:
    """Metres by surface, as `about` has them."""
    return {each["surface"]: each["metres"] for each in answer["about"]["surfaces"]}


def summed(answer: Json) -> dict[str, float]:
    """Metres by surface, of the parts that are drawn."""
    sums: dict[str, float] = {}
    for feature in of_kind(answer, "run"):
        properties = feature["properties"]
        sums[properties["surface"]] = sums.get(properties["surface"], 0.0) + properties["metres"]
    return sums


def places(geometry: Json) -> Iterator[tuple[float, float]]:
    lines = geometry["coordinates"] if geometry["type"] == "MultiLineString" else [geometry["coordinates"]]
    return ((lon, lat) for line in lines for lon, lat in line)


def test_a_run_is_drawn_in_parts_of_one_surface_as_the_map_says(tmp_path: Path) -> None:
    line = tracked.street_then_path()
    home = home_with(tmp_path, gpx(line))
    answer = run_track.track(home.config, "strava:1")
    parts = of_kind(answer, "run")
    long = [part["properties"]["surface"] for part in parts if part["properties"]["metres"] > 100]
    assert (long[0], long[-1]) == ("asphalt", "dirt")
    assert parts[0]["properties"].keys() == {"kind", "surface", "ground", "metres", "origin", "sure"}
    assert [(part["properties"]["ground"], part["properties"]["origin"]) for part in (parts[0], parts[-1])] == [
        ("hard", "tag"), ("soft", "tag"),
    ]  # fmt: skip
    ends = [part["geometry"]["coordinates"] for part in parts]
    assert [one[-1] for one in ends[:-1]] == [two[0] for two in ends[1:]]
    first, last = (pytest.approx((lon, lat), abs=2e-6) for lat, lon in (line[0], line[-1]))
    assert (ends[0][0], ends[-1][-1]) == (first, last)
    assert answer["about"]["why"]["tag"] == "the ways’ own tags"
    assert answer["about"]["map_date"][:10] == "2024-03-04"
    assert answer["about"]["attribution"] == "© OpenStreetMap contributors (ODbL)"
    assert answer["about"]["note"] == ""


def test_the_metres_are_those_that_the_sync_has_counted_by(tmp_path: Path) -> None:
    home = home_with(tmp_path, gpx(tracked.street_then_path()))
    answer = run_track.track(home.config, "strava:1")
    stored = dict(home.rows("SELECT surface, sum(distance_m) FROM track_surfaces GROUP BY 1"))
    assert surfaces_of(answer) == pytest.approx(stored, abs=0.1)
    assert summed(answer) == pytest.approx(stored, abs=0.5)
    assert answer["about"]["metres"] == pytest.approx(sum(stored.values()), abs=0.1)


def test_the_ways_of_the_map_lie_around_it_cut_to_the_frame(tmp_path: Path) -> None:
    home = home_with(tmp_path, gpx(along(STREET, 900)))
    answer = run_track.track(home.config, "strava:1")
    ways = of_kind(answer, "way")
    assert [(way["properties"]["class"], way["properties"]["surface"]) for way in ways] == [
        ("path", "dirt"), ("street", "asphalt"),
    ]  # fmt: skip
    west, south, east, north = answer["bbox"]
    assert west < WEST + 0.001 < east < 20.01 and south < STREET < PATH < north < FOOTWAY
    for way in ways:
        assert all(west <= lon <= east and south <= lat <= north for lon, lat in places(way["geometry"]))
        assert {lon for lon, _ in places(way["geometry"])} >= {west, east}
    assert answer["left_out"] == 0


def test_the_largest_ways_are_drawn_where_there_is_no_room_for_all(tmp_path: Path, monkeypatch: Any) -> None:
    home = home_with(tmp_path, gpx(along(STREET, 900)))
    with (tmp_path / "map.osm").open("w", encoding="utf-8") as file:
        alley = (
            '<node id="901" version="1" lat="10.0005" lon="20.003"/><node id="902" version="1" lat="10.0006" lon="20.003"/>'
            '<way id="9" version="1"><nd ref="901"/><nd ref="902"/><tag k="highway" v="service"/></way></osm>'
        )
        file.write(island().replace("</osm>", alley))
    import_file(home.config.map_database, tmp_path / "map.osm", None, NOW)
    assert run_track.track(home.config, "strava:1")["left_out"] == 0
    monkeypatch.setattr(background, "_MOST_WAYS", 2)
    (home.directory / "island.osm").touch()
    import_file(home.config.map_database, tmp_path / "map.osm", None, NOW)
    answer = run_track.track(home.config, "strava:1")
    assert (answer["left_out"], len(of_kind(answer, "way"))) == (1, 2)


def test_of_a_frame_that_holds_too_much_only_what_lies_along_the_run_is_looked_at(
    tmp_path: Path, monkeypatch: Any
) -> None:
    home = home_with(tmp_path, gpx(along(STREET, 2_400)))
    assert {way["properties"]["surface"] for way in of_kind(run_track.track(home.config, "strava:1"), "way")} == {
        "asphalt", "dirt", "unknown",
    }  # fmt: skip
    monkeypatch.setattr(background, "MOST_EDGES", 2)
    home.sync()
    home.clock.move(hours=7)
    home.sync()
    ways = of_kind(run_track.track(home.config, "strava:1"), "way")
    assert "asphalt" in {way["properties"]["surface"] for way in ways}
    assert "unknown" not in {way["properties"]["surface"] for way in ways}


def test_without_a_map_the_bare_track_is_drawn(tmp_path: Path) -> None:
    line = along(STREET, 900)
    home = home_with(tmp_path, gpx(line))
    for file in home.config.map_database.parent.iterdir():
        file.unlink()
    answer = run_track.track(home.config, "strava:1")
    (part,) = answer["features"]
    assert part["properties"] == {
        "kind": "run", "surface": "unknown", "ground": "unknown", "metres": 900.0, "origin": "map_end", "sure": 0.0,
    }  # fmt: skip
    assert len(part["geometry"]["coordinates"]) < 5
    assert (answer["about"]["attribution"], answer["about"]["map_date"]) == ("", "")
    assert "shoemon map get" in answer["about"]["note"]


@pytest.mark.parametrize("harm", ["outside", "damaged", "other version"])
def test_a_map_that_says_nothing_or_cannot_be_used_leaves_the_bare_track_and_says_so(tmp_path: Path, harm: str) -> None:
    home = home_with(tmp_path, gpx(along(30.0 if harm == "outside" else STREET, 900)))
    if harm == "damaged":
        damage(home.config.map_database, "edge", "way")
    elif harm == "other version":
        import sqlite3

        with sqlite3.connect(home.config.map_database) as connection:
            connection.execute("UPDATE meta SET value = '1' WHERE key = 'version'")
        connection.close()
    answer = run_track.track(home.config, "strava:1")
    assert surfaces_of(answer) == {"unknown": 900.0}
    assert {part["properties"]["kind"] for part in answer["features"]} == {"run"}
    words = {"outside": "No map of this place", "damaged": "is damaged", "other version": "has version 1"}
    assert words[harm] in answer["about"]["note"] and "shoemon map " in answer["about"]["note"]


def test_a_run_round_the_date_line_stays_one_line(tmp_path: Path) -> None:
    line = [(10.0, (179.999 + step * 3e-5 + 180) % 360 - 180) for step in range(80)]
    answer = run_track.track(home_with(tmp_path, gpx(line)).config, "strava:1")
    (part,) = answer["features"]
    first, *_, last = (lon for lon, _ in places(part["geometry"]))
    assert 0.002 < abs(last - first) < 0.003
    assert answer["bbox"][2] - answer["bbox"][0] < 0.005


MISSING = {
    "nothing": ("names no track", {"file": ""}),
    "gone": ("is not available", {}),
    "broken": ("cannot be read", {"track": b"not a track"}),
    "without positions": ("has no positions", {"track": gpx([])}),
    "one place": ("There is nothing to draw", {"track": gpx([(STREET, 20.001)] * 5)}),
    "indoors": ("run indoors", {"track": gpx(along(STREET, 900)), "sport": "Virtual Run"}),
}


@pytest.mark.parametrize(("words", "given"), MISSING.values(), ids=MISSING)
def test_where_there_is_no_way_to_draw_it_is_said_why(tmp_path: Path, words: str, given: dict[str, Any]) -> None:
    tracks = {1: given.pop("track")} if "track" in (given := dict(given)) else {}
    home = tracked_home(tmp_path, [row(1, 2_000, **given)], tracks)
    home.sync()
    answer = run_track.track(home.config, "strava:1")
    assert answer.keys() == {"missing"}
    assert words in answer["missing"] and answer["missing"][0].isupper() and answer["missing"].endswith(".")


def test_a_run_that_is_not_stored_and_a_source_that_is_gone_are_told(tmp_path: Path) -> None:
    home = home_with(tmp_path, gpx(along(STREET, 900)))
    assert "No run strava:2 is stored" in run_track.track(home.config, "strava:2")["missing"]
    home.main(MAIN.replace("name: strava", "name: other"))
    assert "strava is no longer in shoemon.yaml" in run_track.track(home.config, "strava:1")["missing"]
    home.database.unlink()
    assert "shoemon sync" in run_track.track(home.config, "strava:1")["missing"]


def test_a_run_without_a_track_is_drawn_by_that_of_another_record_of_it(tmp_path: Path) -> None:
    home = tracked_home(tmp_path, [row(1, 2_000)], {1: gpx(along(STREET, 900))})
    home.main(MAIN.replace("sources:\n", "sources:\n" + table_source("watch")))
    home.table("watch", [(7, "2024-05-01T06:00:00Z", 2_000, "run", "", "", "", 1200)])
    home.sync()
    assert home.rows("SELECT id, duplicate_of FROM activities ORDER BY id") == [
        ("strava:1", "watch:7"), ("watch:7", None),
    ]  # fmt: skip
    for run in ("watch:7", "strava:1"):
        answer = run_track.track(home.config, run)
        assert (answer["about"]["record"], surfaces_of(answer)) == ("strava:1", {"asphalt": 900.0})


def test_a_surface_that_was_moved_lies_on_its_new_ground(tmp_path: Path) -> None:
    home = home_with(tmp_path, gpx(along(PATH, 900)))
    assert of_kind(run_track.track(home.config, "strava:1"), "run")[0]["properties"]["ground"] == "soft"
    home.main(MAIN.replace("{map: island.osm}", "{map: island.osm, surfaces: {dirt: {ground: hard}}}"))
    answer = run_track.track(home.config, "strava:1")
    assert of_kind(answer, "run")[0]["properties"]["ground"] == "hard"
    assert answer["about"]["surfaces"] == [{"surface": "dirt", "ground": "hard", "metres": 900.0}]


def test_it_is_told_where_the_run_counts_otherwise_than_it_is_drawn(tmp_path: Path) -> None:
    home = home_with(tmp_path, gpx(along(PATH, 900)))
    home.shoes("shoes: []\ncorrections: [{run: 'strava:1', surface: grass}]\n")
    home.sync()
    answer = run_track.track(home.config, "strava:1")
    assert surfaces_of(answer) == {"dirt": 900.0}
    assert answer["about"]["note"] == run_track.NOT_WHAT_COUNTS


def test_gaps_of_the_map_that_a_rule_fills_are_told_apart(tmp_path: Path) -> None:
    home = tracked_home(tmp_path, [row(1, 2_000)], {1: gpx([*along(PATH, 900), *along(FOOTWAY, 900, 20.02)])})
    home.shoes("shoes: []\nrules: [{when: {sport: run}, surface: gravel}]\n")
    home.sync()
    note = run_track.track(home.config, "strava:1")["about"]["note"]
    assert note == run_track.NOT_WHAT_COUNTS


def test_an_answer_is_kept_until_something_it_rests_on_has_changed(tmp_path: Path) -> None:
    home = home_with(tmp_path, gpx(along(STREET, 900)))
    first = run_track.track(home.config, "strava:1")
    assert run_track.track(home.config, "strava:1") is first
    other = tmp_path / "island.osm"
    other.write_text(island("concrete", "2024-04-04T00:00:00Z"), encoding="utf-8")
    import_file(home.config.map_database, other, None, NOW)
    assert surfaces_of(run_track.track(home.config, "strava:1")) == {"concrete": 900.0}
    # A track that the runner has deleted is shown no longer than until its export was looked at again.
    (home.directory / "export" / "activities" / "1.gpx").unlink()
    home.clock.move(hours=1)
    home.sync()
    assert "is not available" in run_track.track(home.config, "strava:1")["missing"]


def test_only_the_last_answers_are_kept(tmp_path: Path) -> None:
    tracks: dict[int | str, str | bytes] = {id: gpx(along(STREET, 60)) for id in range(1, 19)}
    home = tracked_home(tmp_path, [row(id, 60, day=id) for id in tracks], tracks)  # type: ignore[arg-type]
    home.sync()
    answers = [run_track.track(home.config, f"strava:{id}") for id in range(1, 19)]
    assert run_track.track(home.config, "strava:18") is answers[-1]
    assert run_track.track(home.config, "strava:3") is answers[2]
    assert run_track.track(home.config, "strava:2") is not answers[1]


def test_one_track_is_drawn_at_a_time_and_who_waits_in_vain_is_told(tmp_path: Path, monkeypatch: Any) -> None:
    home = home_with(tmp_path, gpx(along(STREET, 900)))
    monkeypatch.setattr(run_track, "_WAIT_S", 0.01)
    with run_track._one_at_a_time:
        assert "being drawn now" in run_track.track(home.config, "strava:1")["missing"]
    monkeypatch.setattr(run_track, "_WAIT_S", 60.0)
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda _: run_track.track(home.config, "strava:1"), range(2)))
    assert found[0] is found[1] and "features" in found[0]


def test_no_position_is_kept_or_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    home = home_with(tmp_path, gpx(along(STREET, 900)))
    before = dump(home.database)
    files = {path for path in tmp_path.rglob("*") if path.is_file() and not path.name.endswith(("-wal", "-shm"))}
    with caplog.at_level(logging.DEBUG):
        assert "features" in run_track.track(home.config, "strava:1")
    assert dump(home.database) == before
    assert {p for p in tmp_path.rglob("*") if p.is_file() and not p.name.endswith(("-wal", "-shm"))} == files
    assert caplog.text == ""


def comb() -> str:
    """A map of 400 winding ways that change their surface at every crossing with the run."""
    nodes, ways = [], []
    for way in range(400):
        for step in range(40):
            lat, lon = 10 + 0.0002 * (step - 20) + 1e-5 * (step % 2), 20 + 0.0001 * way + 2e-5 * (step % 3)
            nodes.append(f'<node id="{way * 100 + step + 1}" version="1" lat="{lat:.7f}" lon="{lon:.7f}"/>')
        refs = "".join(f'<nd ref="{way * 100 + step + 1}"/>' for step in range(40))
        surface = "asphalt" if way % 2 else "dirt"
        tags = f'<tag k="highway" v="path"/><tag k="surface" v="{surface}"/>'
        ways.append(f'<way id="{way + 1}" version="1">{refs}{tags}</way>')
    return "\n".join(['<osm version="0.6">', *nodes, *ways, "</osm>\n"])


@pytest.mark.slow
def test_an_answer_stays_small_however_much_there_is(tmp_path: Path) -> None:
    """A run up and down 400 ways, one beside the other, of two surfaces in turn."""
    line: list[tuple[float, float]] = []
    for way in range(400):
        up = [(10 + 3e-5 * step, 20 + 0.0001 * way + 1e-6 * (step % 2)) for step in range(-80, 81)]
        line += up if way % 2 else reversed(up)
    home = tracked_home(tmp_path, [row(1, 8_000)], {1: gpx(line)})
    (tmp_path / "island.osm").write_text(comb(), encoding="utf-8")
    home.sync()
    answer = run_track.track(home.config, "strava:1")
    assert len(json.dumps(answer, separators=(",", ":"))) <= 300_000
    assert answer["left_out"] > 0 and len(of_kind(answer, "run")) > 100
    assert summed(answer) == pytest.approx(surfaces_of(answer), abs=0.05 * len(of_kind(answer, "run")))
