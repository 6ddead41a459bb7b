"""Runkeeper's export: its units by the names of columns, old ids and new ones, and the tracks that lie beside."""

from contextlib import closing
from pathlib import Path

import pytest
from kit import making
from kit.hostile import TEXTS
from kit.laid_exports import folder, source_of, zipped
from kit.places import REAL_DATA

from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import TrackSource
from shoemon.model.errors import SourceError
from shoemon.sources import csv_exports, recognise

NEW = (
    "Activity Id,Date,Type,Route Name,Distance (km),Duration,Average Pace,Average Speed (km/h),Calories Burned,Climb (m),"
    "Average Heart Rate (bpm),Friend's Tagged,Notes,GPX File"
)
OLD = (
    "Date,Type,Route Name,Distance (mi),Duration,Average Pace,Average Speed (mph),Calories Burned,Climb (ft),"
    "Average Heart Rate (bpm),Notes,GPX File"
)
RUN = (
    '7c2f,2024-05-01 08:30:00,Running,,10.20,1:02:03,6:05,9.86,700.0,120,151,"","Windy.\r\nNew shoes, ""fast"" ones",'
    "2024-05-01-083000.gpx"
)
GPX = """<gpx><trk><name>Running</name><trkseg>
<trkpt lat="60.0" lon="24.0"><time>2024-05-01T05:30:00Z</time></trkpt>
<trkpt lat="60.001" lon="24.0"><time>2024-05-01T05:30:30Z</time></trkpt>
</trkseg></trk></gpx>"""
THE_RUN = making.run(
    "rk:7c2f", "2024-05-01T05:30:00Z", utc_offset_s=10800, sport="run", sport_raw="Running", name="Windy.",
    distance_m=10200.0, moving_s=3723.0, elevation_m=120.0, track="2024-05-01-083000.gpx",
    raw='{"Activity Id": "7c2f", "Date": "2024-05-01 08:30:00", "Type": "Running", "Distance (km)": "10.20", '
        '"Duration": "1:02:03", "Average Pace": "6:05", "Average Speed (km/h)": "9.86", "Calories Burned": "700.0", '
        '"Climb (m)": "120", "Average Heart Rate (bpm)": "151", "Notes": "Windy.\\r\\nNew shoes, \\"fast\\" ones", '
        '"GPX File": "2024-05-01-083000.gpx"}',
    zone_assumed=True,
)  # fmt: skip
SAMPLE = REAL_DATA / "runkeeper" / "mi_2013_178"
source = source_of("runkeeper", "rk")


def rows(*lines: str, head: str = NEW) -> str:
    return "\r\n".join([head, *lines, ""])


def row(id: str = "a1", date: str = "2024-05-01 08:30:00", km: str = "10.0", time: str = "50:00", **more: str) -> str:
    kind, notes, gpx = more.get("kind", "Running"), more.get("notes", ""), more.get("gpx", "")
    return f'{id},{date},{kind},,{km},{time},5:00,12.0,700.0,0,,"","{notes}",{gpx}'


def put(folder: Path, text: str | bytes) -> Path:
    """The list, with the track beside it."""
    path = folder / "cardioActivities.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    (folder / "2024-05-01-083000.gpx").write_text(GPX)
    return path


def pull(path: Path) -> list[Activity | Problem]:
    with closing(source(path).pull(None)) as pulled:
        return list(pulled)


def read(folder: Path, text: str | bytes) -> list[Activity | Problem]:
    return pull(put(folder, text))


def test_a_run_is_read_whole_with_its_track_wherever_the_list_lies(tmp_path: Path) -> None:
    files = {"cardioActivities.csv": rows(RUN), "2024-05-01-083000.gpx": GPX, "measurements.csv": "Date,Type,Value\n"}
    deep = {f"export/{name}": content for name, content in files.items()}
    alone = folder(
        tmp_path, {"cardioActivities.csv": rows(RUN), "my runs.csv": rows(RUN), "2024-05-01-083000.gpx": GPX}
    )
    for path, below in (
        (folder(tmp_path / "out", files), ""), (zipped(tmp_path / "rk.zip", files), ""), (zipped(tmp_path / "deep.zip", deep), "export/"),
        (alone / "cardioActivities.csv", ""), (alone / "my runs.csv", ""),
    ):  # fmt: skip
        track = f"{below}2024-05-01-083000.gpx"
        assert recognise(path) == {"type": "runkeeper", "path": str(path)}
        assert pull(path) == [THE_RUN._replace(track=track)]
        made = source(path)
        assert isinstance(made, TrackSource)
        with closing(made.open_tracks()) as tracks:
            assert [round(recording.distance_m or 0) for recording in tracks.recordings(track)] == [111]


def test_miles_feet_and_dates_for_ids_are_read_from_old_exports(tmp_path: Path) -> None:
    lines = [
        '2013-12-29 11:36:13,Running,River,3.02,26:42,8:50,6.79,384.0,100,,"Cold",2013-12-29-1136.gpx',
        "2013-12-28 12:00:00,Running,,2.0,20:00,,,,,,,",
        "2013-12-28 12:00:00,Running,,3.0,30:00,,,,,,,",
        "2013-12-28 12:00:00,Running,,2.0,20:00,,,,,,,",
    ]
    runs = [each for each in read(tmp_path, rows(*lines, head=OLD)) if isinstance(each, Activity)]
    assert [
        (run.native_id, run.name, round(run.distance_m, 2), run.moving_s, run.elevation_m, run.track) for run in runs
    ] == [
        ("2013-12-29 11:36:13", "River", 4860.22, 1602.0, 30.48, None),
        ("2013-12-28 12:00:00", "", 3218.69, 1200.0, None, None),
        ("2013-12-28 12:00:00 2", "", 4828.03, 1800.0, None, None),
    ]


@pytest.mark.parametrize("shift", ["", "x"])
def test_a_long_list_is_recognised_wherever_its_beginning_is_cut_off(tmp_path: Path, shift: str) -> None:
    lines = [f'2013-12-29 11:36:13,Running,,3.02,26:42,,,,,,"{shift}{"ä" * 40_000}",']
    path = put(tmp_path, rows(*lines, head=OLD).encode("utf-8-sig"))
    assert recognise(path) == {"type": "runkeeper", "path": str(path)}


@pytest.mark.parametrize(
    "name",
    [
        "../secret.gpx", "/etc/passwd", "..\\secret.gpx", "other.gpx", "cardioActivities.csv", "a" * 300 + ".gpx", "",
    ],
)  # fmt: skip
@pytest.mark.parametrize("alone", [True, False])
def test_a_track_that_is_not_beside_the_list_is_none(tmp_path: Path, name: str, alone: bool) -> None:
    (tmp_path / "secret.gpx").write_text(GPX)
    folder = tmp_path / "export"
    folder.mkdir()
    path = put(folder, rows(row(gpx=name)))
    [run] = pull(path if alone else folder)
    assert isinstance(run, Activity)
    assert run.track is None


def test_bad_rows_are_told_with_their_places_and_the_rest_counts(tmp_path: Path) -> None:
    text = rows(
        row("a1"),
        row("a2", date="yesterday"),
        row("a3", km="far"),
        row("a6", km="100", time="50:00"),
        row("a7", time="99:99"),
        row("a1", km="12.0"),
        row("a1"),
        row("a8", km=""),
        row("a9", date=""),
        row("b1", kind=""),
        "b2,2024-05-01",
    )
    found = [
        (each.place, each.message) if isinstance(each, Problem) else each.native_id for each in read(tmp_path, text)
    ]
    assert found == [
        "a1",
        ("cardioActivities.csv:3", "Date: 'yesterday' is not a time"),
        ("cardioActivities.csv:4", "Distance (km): 'far' is not a number"),
        ("cardioActivities.csv:5", "100,000 m in 3,000 s is faster than anyone runs"),
        ("cardioActivities.csv:6", "'99:99' is not a duration; write seconds, MM:SS or H:MM:SS"),
        ("cardioActivities.csv:7", "activity a1 is already in cardioActivities.csv:2, with other content"),
        "a8",
        ("cardioActivities.csv: activity of 2024-05-01T05:30:00Z", "it has no distance: it counts as 0 m until a correction gives the distance"),
        ("cardioActivities.csv:10", "it has no Date"),
        "b1",
        ("cardioActivities.csv:12", "the row has 2 cells, the header has 14"),
    ]  # fmt: skip


def test_a_list_longer_than_any_is_read_no_further(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that are bent are rows too, as they are kept as well."""
    monkeypatch.setattr(csv_exports, "MOST_ROWS", 3)
    assert len(read(tmp_path, rows(row("a1"), "bent", row("a2")))) == 3
    with pytest.raises(SourceError, match="has more than 3 rows; is it a list of activities"):
        read(tmp_path, rows(row("a1"), "bent", "bent", row("a2")))
    monkeypatch.setattr(csv_exports, "MOST_CELLS", 2 * 14)
    with pytest.raises(SourceError, match="has more than 2 rows"):
        read(tmp_path, rows(row("a1"), "bent", row("a2")))


@pytest.mark.parametrize("text", [text for text in TEXTS if '"' not in text and "\0" not in text])
def test_whatever_the_notes_say_the_run_counts(tmp_path: Path, text: str) -> None:
    [run] = read(tmp_path, rows(row(notes=text)).encode("utf-8", "replace"))
    assert isinstance(run, Activity)
    assert run.distance_m == 10000.0
    assert len(run.name) <= 200


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({}, "no cardioActivities.csv"),
        ({"measurements.csv": "Date,Type,Value\n"}, "no cardioActivities.csv"),
        ({"a/cardioActivities.csv": rows(row()), "b/cardioActivities.csv": rows(row())}, "several lists"),
        ({"cardioActivities.csv": ""}, "is empty"),
        ({"cardioActivities.csv": "Date,Type\n2024-05-01,Running\n"}, r"no column Distance \(km\) or Distance \(mi\)"),
        ({"cardioActivities.csv": "Distance (km)\n3\n"}, "no column Date and Type"),
        ({"cardioActivities.csv": b"a" * (12 << 20)}, "unpacks to more"),
    ],
    ids=range(7),
)
def test_an_export_without_a_list_fails_the_pull(tmp_path: Path, members: dict[str, str | bytes], message: str) -> None:
    path = zipped(tmp_path / "rk.zip", members)
    assert (recognise(path) or {}).get("type") != "runkeeper"
    with pytest.raises(SourceError, match=message):
        pull(path)


@pytest.mark.skipif(not SAMPLE.exists(), reason="the real export is not here")
def test_a_real_export_in_miles_adds_up() -> None:
    runs = [each for each in pull(SAMPLE) if isinstance(each, Activity)]
    assert (len(runs), round(sum(run.distance_m for run in runs))) == (178, 1610261)
