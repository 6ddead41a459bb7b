"""TCX files as watches, sites and converters write them."""

import re
from datetime import UTC, datetime
from io import BytesIO

import pytest

from shoemon.model.recording import Recording, TrackError
from shoemon.sources.formats.reading import read_track
from shoemon.sources.formats.sports import sport_of_recording

SIX = "2024-05-01T06:00:00Z"


def read(text: str) -> tuple[Recording, ...]:
    return read_track(BytesIO(text.encode()), "run.tcx")


def tcx(activities: str) -> str:
    return f'<?xml version="1.0"?><TrainingCenterDatabase xmlns="x"><Activities>{activities}</Activities></TrainingCenterDatabase>'


def activity(laps: str, sport: str = "Running", after: str = "") -> str:
    return f'<Activity Sport="{sport}"><Id>{SIX}</Id>{laps}{after}</Activity>'


def lap(metres: object, *tracks: str, seconds: object = 10) -> str:
    return f"<Lap><TotalTimeSeconds>{seconds}</TotalTimeSeconds><DistanceMeters>{metres}</DistanceMeters>{''.join(tracks)}</Lap>"


def track(*seconds: int, step_m: float = 3.0, told: bool = True) -> str:
    """Points of someone running north; `told`: each with its metres."""
    return (
        "<Track>"
        + "".join(
            f"<Trackpoint><Time>2024-05-01T06:00:{second:02}Z</Time><Position><LatitudeDegrees>{60 + second * step_m / 111_195}</LatitudeDegrees>"
            f"<LongitudeDegrees>25</LongitudeDegrees></Position>{f'<DistanceMeters>{second * step_m}</DistanceMeters>' if told else ''}</Trackpoint>"
            for second in seconds
        )
        + "</Track>"
    )


def test_an_activity_is_a_recording_as_long_as_its_laps() -> None:
    creator = "<Notes>Along\nthe sea</Notes><Creator><Name>Forerunner 220</Name><UnitId>388</UnitId></Creator>"
    (run,) = read(tcx(activity(lap(10.5, track(0, 1)) + lap(4, track(2, 3), seconds=5.5), after=creator)))
    assert run.trace.distances_m.tolist() == [0, 3, 6, 9]
    assert run == Recording(
        number=1, started_at=datetime(2024, 5, 1, 6, tzinfo=UTC), sport="Running", name="Along the sea", distance_m=14.5,
        distance_by="laps", moving_s=15.5, elapsed_s=3, device="Forerunner 220 388", trace=run.trace,
    )  # fmt: skip


def test_a_new_lap_goes_on_and_a_new_track_within_a_lap_was_a_pause() -> None:
    (run,) = read(tcx(activity(lap(1, track(0, 1), track(5, 6)) + lap(1, track(7, 8)))))
    assert run.trace.starts == (0, 2)


@pytest.mark.parametrize("time", ["", "<Time>2024-05-01T06:00:00Z</Time>"])
def test_points_without_times_or_all_of_one_time_do_not_tell_how_long_it_took(time: str) -> None:
    (run,) = read(tcx(activity(re.sub("<Time>.*?</Time>", time, lap(90, track(*range(30)), seconds="none")))))
    assert (run.started_at, run.elapsed_s, run.distance_m) == (datetime(2024, 5, 1, 6, tzinfo=UTC), None, 90)
    assert run.trace.times.tolist() == list(range(30))


FAR = track(0, 10, 20, step_m=100)


@pytest.mark.parametrize(
    ("laps", "distance_m", "distance_by", "notes"),
    [
        (lap(70, track(0, 9)), 70, "laps", ()),
        (lap("", track(0, 9)), 27, "points", ()),
        (lap("NaN", track(0, 9)), 27, "points", ()),
        (lap(-5, track(0, 9)), 27, "points", ()),
        (lap("1e300", track(0, 9)), 27, "points", ()),
        (lap(0, track(0, 9)), 27, "points", ()),
        (track(0, 9, told=False), 27, "reckoned", ()),
        (lap(0), 0, "laps", ()),
        ("", None, "", ()),
        (lap(299, FAR), 2000, "points", ("its laps have 299 m, its points 2,000 m",)),
        (
            lap(299, FAR.replace("25<", "25.1<", 1)),
            299,
            "laps",
            ("its laps have 299 m, its points 2,000 m", "leaps that nobody can run, not counted: 1"),
        ),
    ],
)
def test_laps_or_points(laps: str, distance_m: float | None, distance_by: str, notes: tuple[str, ...]) -> None:
    (run,) = read(tcx(activity(laps)))
    assert (run.distance_m, run.distance_by) == (distance_m and pytest.approx(distance_m, rel=1e-3), distance_by)
    assert run.notes == notes


def test_several_activities_and_those_of_a_multisport_session_are_recordings_in_their_order() -> None:
    session = f"<MultiSportSession><Id>{SIX}</Id><FirstSport>{activity(lap(1), 'Other')}</FirstSport><NextSport>{activity(lap(2), 'Biking')}</NextSport></MultiSportSession>"
    recordings = read(tcx(activity(lap(3), "running") + session))
    assert [(made.number, made.sport, made.distance_m, sport_of_recording(made)) for made in recordings] == [
        (1, "running", 3, ("run", None)),
        (2, "Other", 1, ("unknown", None)),
        (3, "Biking", 2, ("ride", None)),
    ]


def test_a_run_without_positions_has_its_distance_and_no_trace() -> None:
    point = f"<Trackpoint><Time>{SIX}</Time><DistanceMeters>800</DistanceMeters></Trackpoint>"
    (run,) = read(tcx(activity(f"<Lap><Track>{point}</Track></Lap>")))
    assert (run.distance_m, run.distance_by, len(run.trace)) == (800, "points", 0)


def test_what_stands_before_a_break_is_kept() -> None:
    whole = tcx(activity(lap(10, track(0, 1, 2))))
    (run,) = read(whole[: whole.rindex("<Trackpoint>") + 20])
    assert (run.distance_m, len(run.trace)) == (10, 2)
    assert run.notes == ("breaks off in line 1: no element found",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<TrainingCenterDatabase><Courses><Course><Lap/></Course></Courses></TrainingCenterDatabase>", "run.tcx contains a course, no activity"),
        ("<TrainingCenterDatabase><Workouts><Workout/></Workouts></TrainingCenterDatabase>", "run.tcx contains a workout, no activity"),
        (tcx(""), "run.tcx contains no activity"),
        (tcx("<Activity/>" * 1_001), "run.tcx has more than 1,000 recordings"),
    ],
)  # fmt: skip
def test_what_is_no_activity_is_refused_in_words(text: str, says: str) -> None:
    with pytest.raises(TrackError) as refusal:
        read(text)
    assert str(refusal.value) == says
