"""GPX files as watches, applications and editors write them."""

from io import BytesIO
from typing import Any

import pytest

from shoemon.model.recording import Recording, TrackError
from shoemon.sources.formats.reading import read_track
from shoemon.sources.formats.sports import sport_of_recording

STEP_M = 111.195
"""A thousandth of a degree of latitude."""


def read(text: str) -> tuple[Recording, ...]:
    return read_track(BytesIO(text.encode()), "run.gpx")


def gpx(tracks: str, head: str = "") -> str:
    return f'<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1">{head}{tracks}</gpx>'


def trk(*segments: str, head: str = "") -> str:
    return f"<trk>{head}{''.join(f'<trkseg>{segment}</trkseg>' for segment in segments)}</trk>"


def points(*thousandths: float, minute: int = 0) -> str:
    return "".join(
        f'<trkpt lat="{60 + place / 1000}" lon="25"><ele>3</ele><time>2024-05-01T06:{minute:02}:{second:02}Z</time></trkpt>'
        for second, place in enumerate(thousandths)
    )


def test_a_trk_is_a_recording_with_its_name_its_type_and_the_metres_between_its_points() -> None:
    first, second = read(
        gpx(
            trk(points(0, 0.1, 0.2), head="<name> Morning\nrun </name><type>trail_running</type>")
            + trk(points(1, 1.1, minute=9), head="<type>9</type>")
        )
    )
    assert (first.number, first.name, first.sport, first.distance_by) == (1, "Morning run", "trail_running", "reckoned")
    assert (second.number, second.name, second.sport) == (2, "", "9")
    assert str(first.started_at) == "2024-05-01 06:00:00+00:00"
    assert str(second.started_at) == "2024-05-01 06:09:00+00:00"
    assert first.distance_m == pytest.approx(0.2 * STEP_M, rel=1e-4)
    assert (first.elapsed_s, second.elapsed_s) == (2, 1)
    assert first.trace.lats.tolist() == [60, 60.0001, 60.0002]
    assert first.notes == ()


@pytest.mark.parametrize(
    ("word", "is_"),
    [
        ("running", ("run", None)), ("Run", ("run", None)), ("9", ("run", None)), ("street_running", ("run", None)),
        ("trail_running", ("trail-run", None)), ("track_running", ("track-run", None)),
        ("treadmill_running", ("treadmill-run", True)), ("indoor_running", ("treadmill-run", True)),
        ("virtual_run", ("virtual-run", True)), ("10", ("walk", None)), ("hiking", ("hike", None)),
        ("cycling", ("ride", None)), ("17", ("unknown", None)), ("", ("unknown", None)),
    ],
)  # fmt: skip
def test_a_type_is_one_of_shoemons_sports(word: str, is_: tuple[str, bool | None]) -> None:
    (run,) = read(gpx(trk(head=f"<type>{word}</type>")))
    assert sport_of_recording(run) == is_


def test_the_way_between_two_segments_was_not_run() -> None:
    (run,) = read(gpx(trk(points(0, 0.1), points(1, 1.1, minute=5))))
    assert run.trace.starts == (0, 2)
    assert run.distance_m == pytest.approx(0.2 * STEP_M, rel=1e-4)


def test_points_in_the_same_second_share_it() -> None:
    (run,) = read(gpx(trk(points(0, 0.1) + points(0.2, 0.3).replace(":00Z", ":01Z"))))
    assert [time - run.trace.times[0] for time in run.trace.times] == pytest.approx([0, 1, 1 + 1 / 3, 1 + 2 / 3])
    assert run.distance_m == pytest.approx(0.3 * STEP_M, rel=1e-4)


@pytest.mark.parametrize("timed", [1, 30])
def test_one_time_for_all_points_is_when_it_began_not_how_long_it_took(timed: int) -> None:
    """Some programs write a time at the first point only, others the time of the export at each."""
    first, later = (f'<trkpt lat="{{}}" lon="25">{told}</trkpt>' for told in ("<time>2024-05-01T06:00:00Z</time>", ""))
    told = [(first if number < timed else later).format(60 + number / 1000) for number in range(30)]
    (run,) = read(gpx(trk("".join(told))))
    assert (str(run.started_at), run.elapsed_s) == ("2024-05-01 06:00:00+00:00", None)
    assert run.distance_m == pytest.approx(29 * STEP_M, rel=1e-4)


HEAD = "<metadata><time>2024-05-01T06:00:00Z</time></metadata>"
STATED = "<extensions><t:TrackStatsExtension><t:Distance>{}</t:Distance></t:TrackStatsExtension></extensions>"
NOWHERE = "<trkpt lat='60.5'><gpxdata:hr>99</gpxdata:hr></trkpt><trkpt lat='x' lon='y'/><trkpt/>"
TENTH_M = pytest.approx(0.1 * STEP_M, rel=1e-4)
WHOLE = gpx(trk(points(0, 0.1, 0.2)))
TOLD: dict[str, tuple[str, dict[str, Any]]] = {
    "a treadmill run has no points and its time in the head": (
        gpx(trk("", head="<type>treadmill_running</type>"), HEAD),
        {"began": "2024-05-01 06:00:00+00:00", "distance_m": None, "distance_by": "", "times": []}),
    "without times points count up and nobody knows when it was": (
        gpx(trk('<trkpt lat="60" lon="25"/><trkpt lat="60.001" lon="25"/>'), HEAD),
        {"began": "None", "elapsed_s": None, "times": [0, 1]}),
    "a total that the device states": (gpx(trk(points(0, 0.1), head=STATED.format(1234.5))), {"distance_m": 1234.5, "distance_by": "device"}),
    "but for none": (gpx(trk(points(0, 0.1), head=STATED.format(0))), {"distance_m": TENTH_M, "distance_by": "reckoned"}),
    "prefixes nobody declared and points without a place": (
        gpx(trk(points(0, 0.1) + NOWHERE)), {"points": 2, "notes": ("points without a place, left out: 3",)}),
    "an offset tells what the clock showed": (
        gpx(trk('<trkpt lat="60" lon="25"><time>2024-05-01T09:00:00.5+03:00</time></trkpt>')),
        {"began": "2024-05-01 06:00:00.500000+00:00", "utc_offset_s": 10_800}),
    "an empty trk beside another is no recording": (gpx(trk("") + trk(points(0, 1))), {"number": 2}),
    "what stands before a break": (
        WHOLE[: WHOLE.rindex("<ele>")], {"points": 2, "notes": ("breaks off in line 1: no element found",)}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), TOLD.values(), ids=TOLD)
def test_what_is_told_is_read(text: str, expected: dict[str, Any]) -> None:
    (run,) = read(text)
    of_points = {"began": str(run.started_at), "times": run.trace.times.tolist(), "points": len(run.trace)}
    assert {name: of_points[name] if name in of_points else getattr(run, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("written", "encoding", "name", "reason"),
    [
        (b"Salt & Pepper", "UTF-8", "Salt & Pepper", "not well-formed (invalid token)"),
        (b"5 km <30 min, a<b, I <3 it", "UTF-8", "5 km <30 min, a<b, I <3 it", "not well-formed (invalid token)"),
        (b"Gr\xf6\xdfe caf\xc3\xa9", "UTF-8", "Größe café", "not well-formed (invalid token)"),
        (b"a\x01\x00b", "UTF-8", "ab", "not well-formed (invalid token)"),
        ("a\uffffb".encode(), "UTF-8", "ab", "not well-formed (invalid token)"),
        (b"a&#xFFFF;&#1;b &amp;lt;", "UTF-8", "ab &lt;", "reference to invalid character number"),
        (b"&eacute;t&eacute; &co;", "UTF-8", "été &co;", "undefined entity"),
        ("公园跑步".encode("gb2312"), "GB2312", "公园跑步", "multi-byte encodings are not supported"),
        ("公园跑步".encode("gb2312"), "UTF-8", "公园跑步", "not well-formed (invalid token)"),
        ("公園".encode("big5"), "big5", "公園", "multi-byte encodings are not supported"),
        (b"caf\xc3\xa9", "UTF-16", "café", "encoding specified in XML declaration is incorrect"),
        (b"caf\xc3\xa9", "nonsense", "café", "unknown encoding: nonsense"),
        (b"caf\xc3\xa9", "", "café", "XML declaration not well-formed"),
        (b"<![CDATA[A & B <i> \xe4]]> & c", "UTF-8", "A & B <i> ä & c", "not well-formed (invalid token)"),
        (b"<a b='1 < 2' c=\"3<4 & 5\"/>x", "UTF-8", "x", "not well-formed (invalid token)"),
    ],
)  # fmt: skip
def test_characters_that_xml_forbids_cost_no_run(written: bytes, encoding: str, name: str, reason: str) -> None:
    whole = gpx("\n" + trk(points(0, 0.1, 0.2), head="<name>NAME</name>")).replace("?>", f" encoding='{encoding}'?>")
    (run,) = read_track(BytesIO(whole.encode().replace(b"NAME", written)), "run.gpx")
    assert (run.name, len(run.trace)) == (name, 3)
    line = 1 if encoding != "UTF-8" else 2
    assert run.notes == (f"repaired from line {line} on: {reason}",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "run.gpx is empty"),
        (" \n ", "run.gpx is empty"),
        (gpx("<rte><rtept lat='1' lon='1'/></rte>"), "run.gpx contains a route, no track"),
        (gpx("<wpt lat='1' lon='1'/>"), "run.gpx contains places, no track"),
        (gpx(""), "run.gpx contains no track"),
        ("<gpx><metadata>", "run.gpx contains no track; it breaks off in line 1: no element found"),
        ("<kml><Document/></kml>", "run.gpx is XML, but not a track: its first element is 'kml'"),
        ("<html", "run.gpx is not a track: it breaks off in line 1: unclosed token"),
        ("Date,Distance\n1,2", "run.gpx is not a FIT, TCX or GPX file"),
        ('<!DOCTYPE gpx [<!ENTITY a "b">]><gpx>&a;</gpx>', "run.gpx declares a document type, which a track does not need; it is not read"),
        ("<gpx>\n<trk><name>A & B</name>\n</gpx>", "run.gpx breaks off in line 3: mismatched tag; nothing of the run comes before"),
        ("<!DOCTYPE gpx [<!ENTITY a 'b'>]><gpx>& &a;</gpx>", "run.gpx declares a document type, which a track does not need; it is not read"),
        ("<!DOCTYPE html><html>", "run.gpx is a web page, not a track"),
        (gpx(trk("<trkpt lat='NaN' lon='1'/><trkpt lat='999' lon='1'/>")), "run.gpx contains no position that can be read"),
        (gpx("<a>" * 100), "run.gpx nests more than 64 elements"),
        (gpx("<a/>" * 100_000), "run.gpx contains tags and hardly any text"),
        (gpx("<trk/>" * 1_001), "run.gpx has more than 1,000 recordings"),
        (gpx(f"<a b='{'x' * 2_000_000}'/>"), "run.gpx has a tag of more than 1,048,576 bytes"),
    ],
)  # fmt: skip
def test_what_holds_no_track_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(TrackError) as refusal:
        read(text)
    assert str(refusal.value) == says
