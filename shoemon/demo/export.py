"""Write the imaginary year as files: a zip in the format of Strava's export, and a table of treadmill sessions."""

import csv
import io
import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path

from shoemon.demo.tracks import PAUSE_S, track_file
from shoemon.demo.year import SHOES, TREADMILL_SHOE, DemoGear, DemoOuting, Year
from shoemon.model.units import METRES

_HEADER = (
    "Activity ID", "Activity Date", "Activity Name", "Activity Type", "Elapsed Time", "Distance", "Commute",
    "Activity Gear", "Filename", "Elapsed Time", "Moving Time", "Distance", "Elevation Gain", "Commute", "Gear",
    "Dirt Distance",
)  # fmt: skip
"""Those columns of an export of 2025 that have something here, in its order; some appear twice, with other units."""
_EXACT_IDS_DAYS = 90
"""Older rows have gear ids as Strava wrote them until September 2025: rounded to a 32-bit float."""
_FIRST_ID = 14_000_000_000


def activity_id(outing: DemoOuting) -> str:
    """The id as Strava would give it; later ones are higher."""
    return str(_FIRST_ID + outing.day.toordinal() * 1_000)


def write_strava_zip(path: Path, year: Year) -> tuple[int, int]:
    """Write the export to `path`; returns the numbers of activities and of tracks."""
    outings = [outing for outing in year.outings if outing.sport]
    shoes = [(gear.nickname, gear.brand, gear.model, "Run") for gear in SHOES]
    head = ("Shoe Name", "Shoe Brand", "Shoe Model", "Shoe Default Sport Types")
    tracks = {outing.day: _track(outing) for outing in outings}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        rows = [_row(year, outing, tracks[outing.day][0]) for outing in outings]
        archive.writestr("activities.csv", _csv([_HEADER, *rows]))
        archive.writestr("shoes.csv", _csv([head, *shoes]))
        for name, content in tracks.values():
            if name:
                archive.writestr(name, content, zipfile.ZIP_STORED)
    return len(outings), sum(1 for name, _ in tracks.values() if name)


def _track(outing: DemoOuting) -> tuple[str, bytes]:
    """Name and content of the track's member, if any. Its number is that of the upload, a later one."""
    if not outing.route and not outing.belt:
        return "", b""
    ending, content = track_file(outing)
    return f"activities/{int(activity_id(outing)) + 1_061_417}.{ending}", content


def write_treadmill_table(path: Path, year: Year) -> int:
    """Write the sessions to `path`, as a spreadsheet with decimal commas saves them; returns their number."""
    rows = [
        (outing.day.isoformat(), _comma(outing.distance_m / METRES["mi"], 2), TREADMILL_SHOE, "treadmill",
         _comma(_seconds(outing) / 60, 1))
        for outing in year.outings if outing.belt
    ]  # fmt: skip
    path.write_text(_csv([("Day", "Belt miles", "Shoe", "Ground", "Minutes"), *rows], ";"), encoding="utf-8")
    return len(rows)


def _row(year: Year, outing: DemoOuting, track: str) -> list[str]:
    """Write one row. Of two columns of one name, the first has the web site's figure, the second the exact one."""
    seconds, start = _seconds(outing), outing.start
    first = {
        "Activity ID": activity_id(outing), "Activity Name": outing.name, "Activity Type": outing.sport,
        "Activity Date": f"{start:%b} {start.day}, {start.year}, {start.hour % 12 or 12}:{start:%M:%S %p}",
        "Elapsed Time": f"{seconds + PAUSE_S:.0f}", "Distance": f"{outing.distance_m // 10 / 100:.2f}",
        "Commute": "false", "Filename": track,
        "Activity Gear": outing.gear.label if outing.gear else "", "Moving Time": f"{seconds:.1f}",
        "Elevation Gain": f"{outing.climb_m:.1f}", "Gear": _gear_id(outing.gear, (year.today - outing.day).days),
        "Dirt Distance": "" if outing.dirt_m is None else f"{outing.dirt_m:.1f}",
    }  # fmt: skip
    second = {"Elapsed Time": f"{seconds + PAUSE_S:.1f}", "Distance": f"{outing.distance_m:.1f}", "Commute": "0.0"}
    cells, seen = [], set()
    for name in _HEADER:
        cells.append((second if name in seen else first).get(name, ""))
        seen.add(name)
    return cells


def _gear_id(gear: DemoGear | None, age: int) -> str:
    if gear is None:
        return ""
    if age < _EXACT_IDS_DAYS:
        return str(gear.id)
    return f"{struct.unpack('f', struct.pack('f', gear.id))[0]:.1f}"


def _seconds(outing: DemoOuting) -> float:
    return outing.distance_m / 1000 * outing.pace_s_per_km


def _comma(number: float, digits: int) -> str:
    return f"{number:.{digits}f}".replace(".", ",")


def _csv(rows: Iterable[Iterable[str]], delimiter: str = ",") -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue()
