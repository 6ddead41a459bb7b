"""One runner's week as Strava's export, as a folder of FIT files and as Garmin's CSV together: each run counts once, with
the gear of the first, the ground of the track, and the treadmill that only the third knows."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path

import pytest
from kit.fit_files import NOON, Message, file_id, fit, record, session
from kit.homes import Home, faults
from kit.tracked import HEADER, PATH, STREET, Line, along, island
from kit.trials import quick

STRAVA = (
    HEADER
    + """
1,"May 1, 2024, 6:00:00 AM",On the street,Run,1500,3.00,Pegasus,,1500.0,1500.0,3000.0,
2,"May 2, 2024, 6:00:00 AM",On the path,Run,1000,2.00,Speedgoat,,1000.0,1000.0,2000.0,
3,"May 3, 2024, 6:00:05 AM",In the cellar,Run,1800,5.00,Pegasus,,1800.0,1800.0,5000.0,
4,"May 4, 2024, 11:00:00 AM",In New York,Run,3600,10.00,Pegasus,,3600.0,3600.0,10000.0,2500.0
5,"May 5, 2024, 6:00:00 AM",By bike,Ride,3600,30.00,Bike,,3600.0,3600.0,30000.0,
"""
)
GARMIN = """\
Activity Type,Date,Favorite,Title,Distance,Calories,Time,Avg HR
Running,2024-05-01 09:00:02,false,Helsinki Running,"3.01","200","00:25:00",140
Trail Running,2024-05-02 09:00:01,false,Helsinki Trail Running,"2.00","180","00:16:40",140
Treadmill Running,2024-05-03 09:00:00,false,Treadmill,"5.20","400","00:30:00",140
Running,2024-05-04 07:00:03,false,New York Running,"10.02","700","01:00:00",140
Running,2024-05-06 18:00:00,false,Only the watch knows,"4.00","300","00:24:00",140
"""
TYPES = {
    "strava": "  - {name: strava, type: strava-export, path: activities.csv}\n",
    "watch": "  - {name: watch, type: tracks, path: watch}\n",
    "garmin": "  - {name: garmin, type: garmin-csv, path: garmin.csv, unit: km}\n",
}
"""Helsinki is three hours before UTC in May, New York four behind it."""


def recorded(start: str, line: Line | None, seconds: int, metres: float) -> bytes:
    """A FIT file of a run from UTC time `start` along `line`; without one the watch was indoors, and does not say so."""
    begin = int(datetime.fromisoformat(start).replace(tzinfo=UTC).timestamp()) - NOON
    points: Sequence[Message] = [
        record(begin + second, distance=metres * second / seconds) for second in range(0, seconds, 60)
    ]
    if line is not None:
        steps = [seconds * index / (len(line) - 1) for index in range(len(line))]
        points = [record(begin + step, lat=lat, lon=lon) for step, (lat, lon) in zip(steps, line, strict=True)]
    told = {"sport": 1, "total_elapsed_time": seconds, "total_timer_time": seconds, "total_distance": metres}
    return fit(file_id(time_created=NOON + begin), *points, session(begin, timestamp=NOON + begin + seconds, **told))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.shoes("shoes: [{id: pegasus, name: Pegasus}, {id: speedgoat, name: Speedgoat}]\n")
    (tmp_path / "island.osm").write_text(island(), encoding="utf-8")
    (tmp_path / "activities.csv").write_text(STRAVA, encoding="utf-8")
    (tmp_path / "garmin.csv").write_text(GARMIN, encoding="utf-8")
    folder = tmp_path / "watch"
    folder.mkdir()
    (folder / "1.fit").write_bytes(recorded("2024-05-01T06:00:01", along(STREET, 2_998), 1500, 2_998))
    (folder / "2.fit").write_bytes(recorded("2024-05-02T06:00:00", along(PATH, 1_990), 1000, 1_990))
    (folder / "3.fit").write_bytes(recorded("2024-05-03T06:00:00", None, 1800, 5_010))
    return home


def synced(home: Home, order: Sequence[str]) -> Home:
    home.main(
        "timezone: Europe/Helsinki\nground: {map: island.osm}\nsources:\n" + "".join(TYPES[name] for name in order)
    )
    report = home.sync()
    assert [outcome.error for outcome in report.outcomes] == [None] * 3
    return home


LEGS = [
    ("2024-05-01", "watch", "pegasus", "asphalt", 2998.0, "gear", "strava", "map_tag", None),
    ("2024-05-02", "watch", "speedgoat", "dirt", 1990.0, "gear", "strava", "map_tag", None),
    ("2024-05-03", "watch", "pegasus", "treadmill", 5010.0, "gear", "strava", "indoor", "garmin"),
    ("2024-05-04", "strava", "pegasus", "paved", 7500.0, "gear", None, "export", None),
    ("2024-05-04", "strava", "pegasus", "unpaved", 2500.0, "gear", None, "export", None),
    ("2024-05-06", "garmin", None, "unknown", 4000.0, "none", None, "none", None),
]  # fmt: skip


def test_every_run_counts_once_with_what_each_export_knows(home: Home) -> None:
    synced(home, ("watch", "strava", "garmin"))
    found = home.rows(
        """SELECT a.local_date, a.source, l.shoe, l.surface, round(l.distance_m), l.shoe_reason,
             l.shoe_detail ->> 'source', l.surface_reason, l.surface_detail ->> 'source'
           FROM legs l JOIN activities a ON a.id = l.activity ORDER BY a.local_date, l.surface"""
    )
    assert found == LEGS
    copies = "SELECT source, count(*) FROM activities WHERE duplicate_of IS NOT NULL GROUP BY source ORDER BY source"
    assert home.rows(copies) == [("garmin", 4), ("strava", 3)]
    assert faults(home.database) == []


@pytest.mark.parametrize("order", quick(permutations(TYPES), 2))
def test_whatever_the_order_of_the_exports_shoes_and_grounds_are_the_same(home: Home, order: tuple[str, ...]) -> None:
    """Only whose figure of the distance counts is another."""
    synced(home, order)
    found = home.rows(
        "SELECT a.local_date, l.shoe, l.surface FROM legs l JOIN activities a ON a.id = l.activity ORDER BY 1, 3"
    )
    assert found == [(day, shoe, surface) for day, _, shoe, surface, *_ in LEGS]
    ((metres,),) = home.rows("SELECT sum(distance_m) FROM legs")
    assert metres == pytest.approx(24_000, rel=0.02)
    assert faults(home.database) == []
    legs = (
        "SELECT activity, shoe, surface, distance_m, shoe_reason, shoe_detail, surface_reason FROM legs ORDER BY 1, 3"
    )
    together = home.rows(legs)
    for suffix in ("", "-wal", "-shm"):
        home.database.with_name(home.database.name + suffix).unlink(missing_ok=True)
    for name in reversed(order):
        home.sync([name])
    assert home.rows(legs) == together
