"""The tracks inside a Strava export: read from the zip or the folder, bounded, nothing unpacked to disk."""

import gzip
import shutil
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from kit.laid_exports import folder, zipped

from shoemon.model.activity import Activity
from shoemon.model.contracts import TrackSource
from shoemon.model.errors import SourceError
from shoemon.model.recording import TrackError
from shoemon.sources import Context
from shoemon.sources.strava_export import Settings, make

CSV = """\
Activity ID,Activity Date,Activity Name,Activity Type,Elapsed Time,Distance,Filename,Elapsed Time,Distance
1,"May 1, 2024, 6:00:00 AM",Packed,Run,60,0.20,activities/11.gpx.gz,60.0,200.5
2,"May 2, 2024, 6:00:00 AM",Plain,Run,60,0.20,activities/12.gpx,60.0,200.5
3,"May 3, 2024, 6:00:00 AM",By hand,Run,60,0.20,,60.0,200.5
"""


def gpx(day: int, points: int = 3) -> bytes:
    """A run north of 55 m for each point after the first."""
    track = "".join(
        f'<trkpt lat="{60 + number * 0.0005}" lon="24"><time>2024-05-0{day}T06:00:{number * 20:02}Z</time></trkpt>'
        for number in range(points)
    )
    return f"<gpx><trk><name>day {day}</name><trkseg>{track}</trkseg></trk></gpx>".encode()


MEMBERS = {
    "activities.csv": CSV.encode(),
    "activities/11.gpx.gz": gzip.compress(gpx(1)),
    "activities/12.gpx": gpx(2),
    "activities/13.gpx": b"not a track",
    "activities/14.gpx": b"",
    "media/1.jpg": b"\xff\xd8\xff",
}


def below(top: str) -> dict[str, bytes]:
    """The members, in a folder of the export."""
    return {top + name: content for name, content in MEMBERS.items()}


def read(path: Path, track: str) -> list[tuple[int, str, int]]:
    """Number, name and points of what lies at `track`."""
    source = make(Settings(name="strava", path=str(path)), Context(path.parent))
    assert isinstance(source, TrackSource)
    with closing(source.open_tracks()) as tracks:
        return [(each.number, each.name, len(each.trace)) for each in tracks.recordings(track)]


LAYOUTS = {
    "zip": lambda directory: zipped(directory / "export.zip", MEMBERS),
    "zip one folder deep": lambda directory: zipped(directory / "export.zip", below("export_1/")),
    "folder": lambda directory: folder(directory / "export", MEMBERS),
    "folder one deep": lambda directory: folder(directory / "export", below("export_1/")),
    "activities.csv": lambda directory: folder(directory / "export", MEMBERS) / "activities.csv",
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_every_layout_gives_the_tracks_that_its_rows_name(tmp_path: Path, layout: Callable[[Path], Path]) -> None:
    path = layout(tmp_path)
    source = make(Settings(name="strava", path=str(path)), Context(tmp_path))
    rows = [record for record in source.pull(None) if isinstance(record, Activity)]
    assert [(row.track, row.distance_m) for row in rows] == [
        ("activities/11.gpx.gz", 200.5), ("activities/12.gpx", 200.5), (None, 200.5),
    ]  # fmt: skip
    before = sorted(tmp_path.rglob("*"))
    assert read(path, "activities/11.gpx.gz") == [(1, "day 1", 3)]
    assert read(path, "activities/12.gpx") == [(1, "day 2", 3)]
    with pytest.raises(SourceError):
        read(path, "a" * 300)  # which no disk takes
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize(
    ("track", "reason"),
    [
        ("activities/13.gpx", "13.gpx is not a FIT, TCX or GPX file"),
        ("activities/14.gpx", "14.gpx is empty"),
        *((away, "no longer exists; sync its source again") for away in (
            "activities/99.fit.gz", "../outside.gpx", "activities/../../outside.gpx", "..\\outside.gpx", "C:\\outside.gpx",
            "/etc/passwd", ".", "activities", "nul\0.gpx",
        )),
    ],
)  # fmt: skip
def test_an_unreadable_track_has_a_message(
    tmp_path: Path, layout: Callable[[Path], Path], track: str, reason: str
) -> None:
    path = layout(tmp_path)
    (tmp_path / "outside.gpx").write_bytes(gpx(3))
    with pytest.raises(SourceError if reason.startswith("no longer") else TrackError) as caught:
        read(path, track)
    assert reason in str(caught.value)


def test_a_track_that_was_unpacked_or_packed_since_is_found(tmp_path: Path) -> None:
    path = folder(tmp_path / "export", MEMBERS)
    (path / "activities/11.gpx").write_bytes(gpx(1))
    (path / "activities/11.gpx.gz").unlink()
    (path / "activities/12.gpx.gz").write_bytes(gzip.compress(gpx(2)))
    (path / "activities/12.gpx").unlink()
    assert read(path, "activities/11.gpx.gz") == [(1, "day 1", 3)]
    assert read(path, "activities/12.gpx") == [(1, "day 2", 3)]


def test_activities_csv_alone_has_no_tracks(tmp_path: Path) -> None:
    path = tmp_path / "activities.csv"
    path.write_bytes(MEMBERS["activities.csv"])
    with pytest.raises(SourceError, match="its tracks are in the zip that Strava sends, not beside activities"):
        read(path, "activities/11.gpx.gz")


def test_the_newest_zip_that_fits_holds_the_tracks(tmp_path: Path) -> None:
    zipped(tmp_path / "export_1.zip", MEMBERS)
    shutil.copy(tmp_path / "export_1.zip", tmp_path / "export_2.zip")
    (tmp_path / "export_1.zip").write_bytes(b"PK\3\4 broken")
    with pytest.raises(SourceError, match="broken zip"):
        read(tmp_path / "export_*.zip", "activities/12.gpx")
    (tmp_path / "export_1.zip").unlink()
    assert read(tmp_path / "export_*.zip", "activities/12.gpx") == [(1, "day 2", 3)]


def test_a_bomb_or_a_damaged_member_is_refused_and_its_neighbours_are_read(tmp_path: Path) -> None:
    """12 MB of blanks, which pack to 12 KB."""
    path = zipped(tmp_path / "export.zip", {**MEMBERS, "activities/15.gpx": b" " * (12 << 20)})
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("activities/12.gpx").header_offset
    content = bytearray(path.read_bytes())
    content[start + 60 : start + 75] = b"\xff" * 15
    path.write_bytes(content)
    for track, reason in (("15.gpx", "unpacks to more than any track has"), ("12.gpx", "12.gpx is broken")):
        with pytest.raises(TrackError, match=reason):
            read(path, f"activities/{track}")
    assert read(path, "activities/11.gpx.gz") == [(1, "day 1", 3)]
