"""Google Takeout of Fitbit and Google Health: millimetres, UTC with an offset, each exercise as it was last updated."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from kit import making
from kit.laid_exports import folder, source_of, zipped

from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import SourceError
from shoemon.sources import recognise

COLUMNS = (
    "exercise_id", "exercise_start", "exercise_end", "utc_offset", "exercise_last_updated", "activity_name", "log_type",
    "distance_units", "tracker_total_distance_mm", "tracker_total_altitude_mm", "manually_logged_total_distance_mm",
    "events", "deletion_reason",
)  # fmt: skip
RUN = {
    "exercise_id": "1000000000000000001", "exercise_start": "2026-10-04T22:54:29Z",
    "exercise_end": "2026-10-04T23:54:29Z", "utc_offset": "+02:00", "exercise_last_updated": "2026-10-05T08:00:00Z",
    "activity_name": "Outdoor Run", "log_type": "TRACKER", "distance_units": "METRIC",
    "tracker_total_distance_mm": "10200000", "tracker_total_altitude_mm": "85000", "events": "type: START, type: STOP",
    "deletion_reason": "UNSPECIFIED",
}  # fmt: skip
THE_RUN = making.run(
    "fitbit:1000000000000000001", "2026-10-04T22:54:29Z", utc_offset_s=7200, sport="run", sport_raw="Outdoor Run",
    name="", distance_m=10200.0, elapsed_s=3600.0, elevation_m=85.0, indoor=False, raw=json.dumps(RUN),
)  # fmt: skip
INSIDE = "Takeout/Fitbit/Health Fitness Data_GoogleData"
source = source_of("google-health", "fitbit", "America/New_York")


def rows(*records: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> str:
    lines = [",".join(f'"{record.get(column, "")}"' for column in columns) for record in records]
    return "\n".join([",".join(columns), *lines, ""])


def run(id: str = "1", **cells: str) -> dict[str, str]:
    return {**RUN, "exercise_id": id, **cells}


def pull(path: Path) -> list[Activity | Problem]:
    with closing(source(path).pull(None)) as pulled:
        return list(pulled)


def read(folder: Path, *records: dict[str, str]) -> list[Activity | Problem]:
    path = folder / "UserExercises.csv"
    path.write_text(rows(*records), encoding="utf-8")
    return pull(path)


def test_an_exercise_is_read_whole_wherever_its_list_lies(tmp_path: Path) -> None:
    files = {
        f"{INSIDE}/UserExercises_2026-04-07.csv": rows(RUN),
        f"{INSIDE}/UserSleeps_2026-04-07.csv": "sleep_id\n1\n",
    }
    alone = folder(tmp_path, {"UserExercises.csv": rows(RUN), "runs.csv": rows(RUN)})
    for path in (
        zipped(tmp_path / "takeout.zip", files), folder(tmp_path / "takeout", files), alone / "UserExercises.csv", alone / "runs.csv",
    ):  # fmt: skip
        assert recognise(path) == {"type": "google-health", "path": str(path)}
        assert pull(path) == [THE_RUN]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("Run", ("run", None)), ("Outdoor Run", ("run", False)), ("Treadmill", ("treadmill-run", True)),
        ("Treadmill run", ("treadmill-run", True)), ("Trail run", ("trail-run", None)), ("Walk", ("walk", None)),
        ("Outdoor Walk", ("walk", False)), ("Hike", ("hike", None)), ("Outdoor Bike", ("ride", False)),
        ("Structured Workout", ("unknown", None)), ("", ("unknown", None)),
    ],
)  # fmt: skip
def test_the_name_gives_sport_and_treadmill(tmp_path: Path, word: str, found: tuple[str, bool | None]) -> None:
    activity, *_ = read(tmp_path, run(activity_name=word))
    assert isinstance(activity, Activity)
    assert (activity.sport, activity.indoor) == found


@pytest.mark.parametrize(
    ("start", "offset", "moment"),
    [
        ("2026-10-04T22:54:29Z", "+02:00", ("2026-10-04T22:54:29Z", "2026-10-05", 7200, False)),
        ("2026-10-04T22:54:29Z", "-03:30", ("2026-10-04T22:54:29Z", "2026-10-04", -12600, False)),
        ("2026-10-04 22:54:29", "+02:00", ("2026-10-04T22:54:29Z", "2026-10-05", 7200, False)),
        ("2026-10-04T22:54:29Z", "", ("2026-10-04T22:54:29Z", "2026-10-04", -14400, False)),
        ("2026-10-04T22:54:29Z", "nowhere", ("2026-10-04T22:54:29Z", "2026-10-04", -14400, False)),
        ("2026-10-04T22:54:29Z", "+99:00", ("2026-10-04T22:54:29Z", "2026-10-04", -14400, False)),
    ],
)
def test_start_in_utc_and_day(tmp_path: Path, start: str, offset: str, moment: tuple[str, str, int, bool]) -> None:
    activity = read(tmp_path, run(exercise_start=start, utc_offset=offset))[-1]
    assert isinstance(activity, Activity)
    assert (activity.started_at, activity.local_date, activity.utc_offset_s, activity.zone_assumed) == moment


@pytest.mark.parametrize(
    ("tracker", "manual", "metres"),
    [("5000000", "", 5000.0), ("0", "3000000", 3000.0), ("", "3000000.0", 3000.0), ("5000000", "3000000", 5000.0)],
)
def test_an_unmeasured_distance_is_the_runners(tmp_path: Path, tracker: str, manual: str, metres: float) -> None:
    [activity] = read(tmp_path, run(tracker_total_distance_mm=tracker, manually_logged_total_distance_mm=manual))
    assert isinstance(activity, Activity)
    assert activity.distance_m == metres


def test_each_exercise_counts_once_as_it_was_last_updated_and_deleted_ones_do_not(tmp_path: Path) -> None:
    old = {"exercise_last_updated": "2026-10-05T08:00:00Z"}
    new = {"exercise_last_updated": "2026-10-06T08:00:00Z"}
    path = zipped(tmp_path / "takeout.zip", {
        f"{INSIDE}/UserExercises_2026-04-07.csv": rows(
            run("1", **new, tracker_total_distance_mm="11000000"), run("2", **old), run("3", **old), run("4"),
        ),
        f"{INSIDE}/UserExercises_2026-05-07.csv": rows(
            run("1", **old), run("2", **new, tracker_total_distance_mm="12000000"),
            run("3", **new, deletion_reason="USER_DELETED"), run("4"),
        ),
    })  # fmt: skip
    found = [(each.native_id, each.distance_m) for each in pull(path) if isinstance(each, Activity)]
    assert found == [("1", 11000.0), ("2", 12000.0), ("4", 10200.0)]


def test_bad_rows_are_told_with_their_places_and_the_rest_counts(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        run("1"),
        run("2", exercise_start="soon"),
        run("3", exercise_start=""),
        run("4", exercise_end="later"),
        run("5", tracker_total_distance_mm="NaN"),
        run("9", tracker_total_distance_mm="0", exercise_end=""),
    )
    assert [(each.place, each.message) if isinstance(each, Problem) else each.native_id for each in found] == [
        ("UserExercises.csv:3", "start: 'soon' is not a time in ISO 8601; set date_format, or unit: s or ms if it counts from 1970"),
        ("UserExercises.csv:4", "start: it is empty"),
        ("UserExercises.csv:5", "end: 'later' is not a time in ISO 8601; set date_format, or unit: s or ms if it counts from 1970; the row counts without it"),
        ("UserExercises.csv:6", "distance: 'NaN' is not a number"),
        "1", "4", "9",
        ("UserExercises.csv: activity of 2026-10-04T22:54:29Z", "it has no distance: it counts as 0 m until a correction gives the distance"),
    ]  # fmt: skip


def test_columns_may_be_fewer_than_today_but_not_those_that_a_run_needs(tmp_path: Path) -> None:
    path = tmp_path / "UserExercises.csv"
    few = ("exercise_id", "exercise_start", "activity_name", "tracker_total_distance_mm")
    path.write_text(rows(RUN, columns=few), encoding="utf-8")
    [activity] = pull(path)
    assert isinstance(activity, Activity)
    assert (activity.distance_m, activity.elapsed_s) == (10200.0, None)
    path.write_text(rows(RUN, columns=few[:3]), encoding="utf-8")
    assert recognise(path) is None
    with pytest.raises(SourceError, match="there is no column `tracker_total_distance_mm`"):
        pull(path)
