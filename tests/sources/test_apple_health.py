"""Apple Health's export: of any size and any iOS, each run once though several apps wrote it."""

import io
import json
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from kit import making
from kit.homes import Household
from kit.laid_exports import activities, folder, problems, source_of, zipped

from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import SourceError
from shoemon.setup.exports import read_exports
from shoemon.sources.apple_health import export as export_files
from shoemon.sources.apple_health import recognise, records
from shoemon.sources.apple_health.export import Block, workout_blocks

HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 12, with a <Workout that is none, and a tag that iOS 16 forgot to close -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Correlation|Workout|ActivitySummary)*)>
<!ELEMENT Workout ((MetadataEntry|WorkoutEvent|WorkoutRoute|WorkoutStatistics)*)>
<!ATTLIST Workout
  workoutActivityType   CDATA #REQUIRED
<!ATTLIST WorkoutEvent
]>
<HealthData locale="fi_FI">
 <ExportDate value="2024-06-01 10:00:00 +0300"/>
 <Record type="HKQuantityTypeIdentifierStepCount" sourceName="iPhone" unit="count" startDate="2024-05-01 08:00:00 +0300" endDate="2024-05-01 08:10:00 +0300" value="900"/>
"""
TAIL = "</HealthData>\n"
GPX = """<gpx><trk><name>Route</name><trkseg>
<trkpt lat="60.0" lon="24.0"><time>2024-05-01T05:00:00Z</time></trkpt>
<trkpt lat="60.001" lon="24.0"><time>2024-05-01T05:00:30Z</time></trkpt>
</trkseg></trk></gpx>"""
RUN = """\
 <Workout workoutActivityType="HKWorkoutActivityTypeRunning" duration="48.5" durationUnit="min" sourceName="Anna’s Apple\u00a0Watch" sourceVersion="10.5" device="&lt;&lt;HKDevice: 0x3021, name:Apple Watch, model:Watch&gt;" creationDate="2024-05-01 08:51:00 +0300" startDate="2024-05-01 08:00:00 +0300" endDate="2024-05-01 08:50:00 +0300">
  <MetadataEntry key="HKIndoorWorkout" value="0"/>
  <MetadataEntry key="HKTimeZone" value="Europe/Lisbon"/>
  <MetadataEntry key="HKElevationAscended" value="4250 cm"/>
  <WorkoutEvent type="HKWorkoutEventTypeSegment" date="2024-05-01 08:00:00 +0300" duration="5" durationUnit="min"/>
  <WorkoutActivity uuid="A" startDate="2024-05-01 08:00:00 +0300" endDate="2024-05-01 08:20:00 +0300" duration="20" durationUnit="min">
   <WorkoutStatistics type="HKQuantityTypeIdentifierDistanceWalkingRunning" sum="4" unit="km"/>
  </WorkoutActivity>
  <WorkoutActivity uuid="B" startDate="2024-05-01 08:20:00 +0300" endDate="2024-05-01 08:50:00 +0300" duration="28.5" durationUnit="min">
   <WorkoutStatistics type="HKQuantityTypeIdentifierDistanceWalkingRunning" sum="6.2" unit="km"/>
  </WorkoutActivity>
  <WorkoutStatistics type="HKQuantityTypeIdentifierHeartRate" average="151" minimum="98" maximum="176" unit="count/min"/>
  <WorkoutStatistics type="HKQuantityTypeIdentifierDistanceWalkingRunning" sum="10.2" unit="km"/>
  <WorkoutRoute sourceName="Anna’s Apple\u00a0Watch" startDate="2024-05-01 08:00:00 +0300" endDate="2024-05-01 08:50:00 +0300">
   <MetadataEntry key="HKIndoorWorkout" value="1"/>
   <FileReference path="/workout-routes/route_2024-05-01_8.50am.gpx"/>
  </WorkoutRoute>
 </Workout>
"""
THE_RUN = making.run(
    "health:20240501T050000Z-20240501T055000Z", "2024-05-01T05:00:00Z", utc_offset_s=3600, sport="run",
    sport_raw="HKWorkoutActivityTypeRunning", name="", distance_m=10200.0, moving_s=2910.0, elapsed_s=3000.0,
    elevation_m=42.5, indoor=False, track="apple_health_export/workout-routes/route_2024-05-01_8.50am.gpx", raw="",
    device="Anna’s Apple Watch",
)  # fmt: skip
source = source_of("apple-health", "health")


def workout(start: str = "08:00", end: str = "09:00", km: float | None = 10.0, app: str = "Strava", **more: Any) -> str:
    """A workout of 2024-05-01 by the clock at +0300. `sport` without prefix; `metadata` and `inside` are its children;
    any other is an attribute."""
    sport = f"HKWorkoutActivityType{more.pop('sport', 'Running')}"
    metadata = {"HKIndoorWorkout": more.pop("indoor", None), **more.pop("metadata", {})}
    inside = more.pop("inside", "")
    if km is not None:
        inside += f'<WorkoutStatistics type="HKQuantityTypeIdentifierDistanceWalkingRunning" sum="{km}" unit="km"/>'
    if route := more.pop("route", None):
        inside += f'<WorkoutRoute><FileReference path="{route}"/></WorkoutRoute>'
    inside += "".join(f'<MetadataEntry key="{key}" value="{said}"/>' for key, said in metadata.items() if said)
    given = {
        "workoutActivityType": sport, "sourceName": app,
        "startDate": f"2024-05-01 {start}:00 +0300", "endDate": f"2024-05-01 {end}:00 +0300", **more,
    }  # fmt: skip
    attributes = " ".join(f'{key}="{said}"' for key, said in given.items() if said is not None)
    return f" <Workout {attributes}>{inside}</Workout>\n"


def export(*workouts: str) -> str:
    return HEAD + "".join(workouts) + TAIL


def read(path: Path, **settings: Any) -> list[Activity | Problem]:
    with closing(source(path, **settings).pull(None)) as pull:
        return list(pull)


def of(tmp_path: Path, *workouts: str, **settings: Any) -> list[Activity | Problem]:
    """What an export.xml with `workouts` gives."""
    return read(written(tmp_path, *workouts), **settings)


def written(tmp_path: Path, *workouts: str) -> Path:
    path = tmp_path / "export.xml"
    path.write_text(export(*workouts), encoding="utf-8")
    return path


def runs(records: list[Activity | Problem]) -> list[tuple[str, str, float]]:
    """Start, sport and kilometres of every activity."""
    return [
        (record.started_at[11:16], record.sport, round(record.distance_m / 1000, 3))
        for record in records
        if isinstance(record, Activity)
    ]


# What an export looks like

IN_FINNISH: dict[str, str | bytes] = {
    "apple_health_export/vienti_cda.xml": "<?xml version='1.0'?><ClinicalDocument/>",
    "apple_health_export/vienti.xml": export(RUN),
    "apple_health_export/workout-routes/route_2024-05-01_8.50am.gpx": GPX,
    "apple_health_export/electrocardiograms/ecg_2024-05-01.csv": "Name,Anna\n",
}


def test_a_workout_is_read_whole_from_the_zip_as_the_phone_wrote_it(tmp_path: Path) -> None:
    (record,) = read(zipped(tmp_path / "export.zip", IN_FINNISH))
    assert isinstance(record, Activity)
    assert record._replace(raw="") == THE_RUN
    assert json.loads(record.raw) == {
        "workoutActivityType": "HKWorkoutActivityTypeRunning", "duration": "48.5", "durationUnit": "min",
        "sourceName": "Anna’s Apple\u00a0Watch", "sourceVersion": "10.5",
        "device": "<<name:Apple Watch, model:Watch>", "creationDate": "2024-05-01 08:51:00 +0300",
        "startDate": "2024-05-01 08:00:00 +0300", "endDate": "2024-05-01 08:50:00 +0300",
        "metadata": {"HKIndoorWorkout": "0", "HKTimeZone": "Europe/Lisbon", "HKElevationAscended": "4250 cm"},
        "statistics": {"DistanceWalkingRunning": "10.2 km"},
        "routes": ["/workout-routes/route_2024-05-01_8.50am.gpx"], "activities": 2,
    }  # fmt: skip


def test_every_layout_has_the_run_and_its_track(tmp_path: Path) -> None:
    unpacked = folder(tmp_path / "unpacked", IN_FINNISH)
    for path, top in (
        (zipped(tmp_path / "export.zip", IN_FINNISH), "apple_health_export/"),
        (unpacked, "apple_health_export/"),
        (unpacked / "apple_health_export", ""),
        (unpacked / "apple_health_export" / "vienti.xml", ""),
    ):
        assert recognise(path) == {"type": "apple-health", "path": str(path)}
        (record,) = activities(read(path))
        track = f"{top}workout-routes/route_2024-05-01_8.50am.gpx"
        assert record._replace(raw="") == THE_RUN._replace(track=track)
        with closing(source(path).open_tracks()) as tracks:
            assert [len(recording.trace) for recording in tracks.recordings(track)] == [2]


NO_EXPORTS: dict[str, Callable[[Path], Path]] = {
    "a folder of tracks": lambda tmp: folder(tmp / "x", {"a.gpx": GPX, "b.gpx": GPX}),
    "a zip of tracks": lambda tmp: zipped(tmp / "x.zip", {"a.gpx": GPX}),
    "the other XML only": lambda tmp: zipped(tmp / "x.zip", {"export_cda.xml": "<ClinicalDocument/>"}),
    "an XML that speaks of it": lambda tmp: folder(tmp, {"x.xml": "<a>HealthData</a>"}) / "x.xml",
    "two of them": lambda tmp: folder(tmp / "x", {"export.xml": export(), "export 2.xml": export()}),
    "too deep": lambda tmp: folder(tmp / "x", {"a/b/export.xml": export()}),
    "nothing": lambda tmp: tmp / "nothing",
}


@pytest.mark.parametrize("lay", NO_EXPORTS.values(), ids=NO_EXPORTS)
def test_what_is_no_export_is_not_recognised_and_cannot_be_pulled(tmp_path: Path, lay: Callable[[Path], Path]) -> None:
    path = lay(tmp_path)
    assert recognise(path) is None
    with pytest.raises(SourceError, match=r"contains no export|contains several|is a broken zip|there is no file"):
        source(path).pull(None)


def test_init_tries_it_before_the_tracks_that_lie_in_it_and_finds_the_run(tmp_path: Path) -> None:
    (found,) = read_exports([str(zipped(tmp_path / "export.zip", IN_FINNISH))], "Europe/Helsinki")
    assert (found.settings["type"], found.activities, len(found.runs)) == ("apple-health", 1, 1)


# Finding workouts without parsing the rest

PIECES = [
    Block(b'<Workout workoutActivityType="A > B" note=\'"/>\' />'),
    Block(b"<Workout\n\tx='1'\n>\n<WorkoutEvent a=\">\"/><WorkoutRoute></WorkoutRoute></Workout\n>"),
    Block(b"<Workout/>"),
    Block(b"<Workout x='cut off' ", "its first tag has no end"),
    Block(b"<Workout x='a quote too few/>\n ", "its first tag has no end"),
    Block(b"<Workout x='never closed'><WorkoutEvent/>\n", "it has no end"),
    Block(b"<Workout y='2'></Workout>"),
    Block(b"<Workout x='the last, never closed'><WorkoutEvent/>\n", "it has no end"),
]
BETWEEN = b"<Record/><!-- <Workout z='no'></Workout> --><Workouts/><![CDATA[<Workout z='no'/>]]>\n"


def xml_of_pieces() -> bytes:
    first, *rest = (piece.xml for piece in PIECES)
    whole = BETWEEN.join([first, *rest[:3]]) + b"<Record/>" + rest[3] + b"<Record a='1'/>" + b"".join(rest[4:-1])
    return HEAD.encode() + whole + BETWEEN + rest[-1] + TAIL.encode()


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 8, 9, 16, 61, 1000, 1 << 20])
def test_workouts_are_found_wherever_the_chunks_end(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_files, "_CHUNK", chunk)
    assert list(workout_blocks(io.BytesIO(xml_of_pieces()))) == PIECES


@pytest.mark.parametrize("chunk", [7, 1 << 20])
def test_a_file_cut_off_anywhere_is_never_the_whole(chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_files, "_CHUNK", chunk)
    whole = export(RUN, workout()).encode()
    for size in range(whole.rindex(b"</HealthData") + 5):
        with pytest.raises(SourceError, match="breaks off"):
            list(workout_blocks(io.BytesIO(whole[:size])))


def test_a_huge_workout_is_skipped_and_others_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_files, "_CHUNK", 1000)
    monkeypatch.setattr(export_files, "MOST_BLOCK_BYTES", 1 << 20)
    huge = workout("06:00", "07:00", inside="<WorkoutEvent type='HKWorkoutEventTypeLap'/>" * 30_000)
    records = of(tmp_path, huge, workout())
    assert runs(records) == [("05:00", "run", 10.0)]
    assert problems(records) == {"export.xml: workout of 2024-05-01 06:00:00 +0300": "it has more than 1 MB"}


@pytest.mark.parametrize(
    ("module", "name", "bound", "message"),
    [
        (export_files, "MOST_WORKOUTS", 2, r"export\.xml contains more than 2 workouts"),
        (export_files, "MOST_BYTES", 500, r"export\.xml has more than 0 GB"),
        (records, "MOST_A_DAY", 2, r"export\.xml contains 3 workouts on 2024-05-01"),
    ],
)
def test_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: Any, name: str, bound: int, message: str
) -> None:
    monkeypatch.setattr(module, name, bound)
    with pytest.raises(SourceError, match=message):
        of(tmp_path, workout("06:00", "06:30"), workout("07:00", "07:30"), workout("08:00", "08:30"))


def test_an_export_larger_than_other_files_of_a_zip_may_be_is_read(tmp_path: Path) -> None:
    path = tmp_path / "export.zip"
    record = b'<Record type="HKQuantityTypeIdentifierStepCount" value="12"/>\n' * (1 << 14)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive, archive.open("export.xml", "w") as stream:
        stream.write(HEAD.encode())
        for _ in range((130 << 20) // len(record)):
            stream.write(record)
        stream.write((workout() + TAIL).encode())
    try:
        assert runs(read(path)) == [("05:00", "run", 10.0)]
    finally:
        path.unlink()


def test_a_bomb_is_not_unpacked_and_a_spoilt_zip_is_not_read(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "bomb.zip", {"export.xml": export(" " * (12 << 20))})
    with pytest.raises(SourceError, match=r"export\.xml in .*bomb\.zip unpacks to more than"):
        source(bomb).pull(None)
    whole = zipped(tmp_path / "export.zip", IN_FINNISH).read_bytes()
    begin = whole.index(b"vienti.xml") + 200
    (tmp_path / "spoilt.zip").write_bytes(whole[:begin] + bytes(100) + whole[begin + 100 :])
    with pytest.raises(SourceError, match=r"is broken|contains no export|breaks off"):
        source(tmp_path / "spoilt.zip").pull(None)


# What a workout says

FACTS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a treadmill": ({"indoor": "1"}, {"sport": "run", "indoor": True}),
    "outdoors": ({"indoor": "0"}, {"indoor": False}),
    "not said": ({}, {"indoor": None}),
    "nonsense": ({"indoor": "perhaps"}, {"indoor": None}),
    "said by its activities": (
        {"inside": '<WorkoutActivity><MetadataEntry key="HKIndoorWorkout" value="1"/><MetadataEntry key="HKElevationAscended" value="10 m"/></WorkoutActivity>' * 2},
        {"indoor": True, "elevation_m": 20.0},
    ),
    "its activities do not agree": (
        {"inside": '<WorkoutActivity><MetadataEntry key="HKIndoorWorkout" value="1"/></WorkoutActivity><WorkoutActivity/>'},
        {"indoor": None},
    ),
    "a climb in feet": ({"metadata": {"HKElevationAscended": "100 ft"}}, {"elevation_m": 30.48}),
    "a climb of nothing known": ({"metadata": {"HKElevationAscended": "100 cubits"}}, {"elevation_m": None}),
    "a climb that is no number": ({"metadata": {"HKElevationAscended": "1.2.3 m"}}, {"elevation_m": None}),
    "seconds": ({"duration": "3000.5", "durationUnit": "s"}, {"moving_s": 3000.5, "elapsed_s": 3600.0}),
    "hours": ({"duration": "0.5", "durationUnit": "hr"}, {"moving_s": 1800.0}),
    "a duration in no unit": ({"duration": "3000"}, {"moving_s": None, "elapsed_s": 3600.0}),
    "a duration that is none": ({"duration": "soon", "durationUnit": "min"}, {"moving_s": None}),
    "an end before its start": ({"end": "07:00"}, {"elapsed_s": None}),
    "no end": ({"endDate": None}, {"elapsed_s": None, "native_id": "20240501T050000Z-20240501T050000Z"}),
    "a name": ({"metadata": {"HKWorkoutBrandName": "Peloton Tempo Run"}}, {"name": "Peloton Tempo Run"}),
    "a walk": ({"sport": "Walking"}, {"sport": "walk", "native_id": "20240501T050000Z-20240501T060000Z-walk"}),
    "a hike": ({"sport": "Hiking"}, {"sport": "hike"}),
    "a ride": (
        {"sport": "Cycling", "km": None, "inside": '<WorkoutStatistics type="HKQuantityTypeIdentifierDistanceCycling" sum="30" unit="km"/>'},
        {"sport": "ride", "distance_m": 30000.0},
    ),
    "skis": ({"sport": "DownhillSkiing"}, {"sport": "ski"}),
    "weights": ({"sport": "TraditionalStrengthTraining", "km": None}, {"sport": "strength", "distance_m": 0.0}),
    "a wheelchair": ({"sport": "WheelchairRunPace"}, {"sport": "other"}),
    "a sport of tomorrow": ({"sport": "Hovering"}, {"sport": "unknown", "sport_raw": "HKWorkoutActivityTypeHovering"}),
    "statistics in miles": ({"km": None, "inside": '<WorkoutStatistics type="HKQuantityTypeIdentifierDistanceWalkingRunning" sum="6.2" unit="mi"/>'}, {"distance_m": 9977.9328}),
    "statistics before the old attribute": ({"km": 10.0, "totalDistance": "9", "totalDistanceUnit": "km"}, {"distance_m": 10000.0}),
    "iOS 15 in km": ({"km": None, "totalDistance": "9.5", "totalDistanceUnit": "km"}, {"distance_m": 9500.0}),
    "iOS 15 in miles": ({"km": None, "totalDistance": "5", "totalDistanceUnit": "mi"}, {"distance_m": 8046.72}),
    "in metres": ({"km": None, "totalDistance": "5012.5", "totalDistanceUnit": "m"}, {"distance_m": 5012.5}),
    "in feet": ({"km": None, "totalDistance": "10000", "totalDistanceUnit": "ft"}, {"distance_m": 3048.0}),
    "in yards": ({"km": None, "totalDistance": "1000", "totalDistanceUnit": "yd"}, {"distance_m": 914.4}),
    "in its activities only": ({"km": None, "inside": '<WorkoutActivity uuid="A"><WorkoutStatistics type="HKQuantityTypeIdentifierDistanceWalkingRunning" sum="4" unit="km"/></WorkoutActivity><WorkoutActivity uuid="B"><WorkoutStatistics type="HKQuantityTypeIdentifierDistanceWalkingRunning" sum="1" unit="mi"/></WorkoutActivity>'}, {"distance_m": 5609.344}),
    "another's distance": ({"km": 8.0, "inside": '<WorkoutStatistics type="HKQuantityTypeIdentifierDistanceCycling" sum="30" unit="km"/>'}, {"distance_m": 8000.0}),
    "its own zone": ({"metadata": {"HKTimeZone": "America/New_York"}}, {"started_at": "2024-05-01T05:00:00Z", "local_date": "2024-05-01", "utc_offset_s": -14400, "zone_assumed": False}),
    "the day is that of its zone": ({"start": "06:30", "metadata": {"HKTimeZone": "America/New_York"}}, {"started_at": "2024-05-01T03:30:00Z", "local_date": "2024-04-30", "utc_offset_s": -14400, "zone_assumed": False}),
    "no zone but the phone's offset": ({}, {"started_at": "2024-05-01T05:00:00Z", "local_date": "2024-05-01", "utc_offset_s": 10800, "zone_assumed": False}),
    "a zone nobody knows": ({"metadata": {"HKTimeZone": "Mars/Olympus"}}, {"started_at": "2024-05-01T05:00:00Z", "local_date": "2024-05-01", "utc_offset_s": 10800, "zone_assumed": False}),
    "a zone that is a path": ({"metadata": {"HKTimeZone": "../../etc/passwd"}}, {"started_at": "2024-05-01T05:00:00Z", "local_date": "2024-05-01", "utc_offset_s": 10800, "zone_assumed": False}),
    "a zone that is a folder": ({"metadata": {"HKTimeZone": "America"}}, {"started_at": "2024-05-01T05:00:00Z", "local_date": "2024-05-01", "utc_offset_s": 10800, "zone_assumed": False}),
    "as iOS 8 wrote it": ({"startDate": "20240501080000+0300", "endDate": "20240501090000+0300"}, {"started_at": "2024-05-01T05:00:00Z", "local_date": "2024-05-01", "utc_offset_s": 10800, "zone_assumed": False}),
    "no offset": ({"startDate": "2024-01-10 08:00:00", "endDate": "2024-01-10 09:00:00"}, {"started_at": "2024-01-10T06:00:00Z", "local_date": "2024-01-10", "utc_offset_s": 7200, "zone_assumed": True}),
    "no offset but a zone": ({"startDate": "2024-01-10 08:00:00", "endDate": "2024-01-10 09:00:00", "metadata": {"HKTimeZone": "Asia/Tokyo"}}, {"started_at": "2024-01-09T23:00:00Z", "local_date": "2024-01-10", "utc_offset_s": 32400, "zone_assumed": False}),
}  # fmt: skip


@pytest.mark.parametrize(("given", "known"), FACTS.values(), ids=FACTS)
def test_what_a_workout_says(tmp_path: Path, given: dict[str, Any], known: dict[str, Any]) -> None:
    (record,) = of(tmp_path, workout(**given))
    assert {key: pytest.approx(getattr(record, key), abs=1e-6) for key in known} == known


@pytest.mark.parametrize(
    "given", [{"km": None}, {"km": 0}, {"km": None, "totalDistance": "0", "totalDistanceUnit": "km"}]
)
def test_a_run_of_which_nobody_says_how_far_it_went_is_kept_and_said(tmp_path: Path, given: dict[str, Any]) -> None:
    records = of(tmp_path, workout(**given), workout("12:00", sport="Yoga", km=None, end="13:00"))
    assert runs(records) == [("05:00", "run", 0.0), ("09:00", "strength", 0.0)]
    assert problems(records) == {
        "export.xml: workout of 2024-05-01T05:00:00Z": "it has no distance: it counts as 0 m until a "
        "correction gives the distance"
    }


def test_a_run_keeps_its_id_in_an_export_made_abroad_or_by_a_watch_with_another_name(tmp_path: Path) -> None:
    at_home = of(tmp_path, workout())
    abroad = of(tmp_path, workout("01:00", "02:00", app="Anna’s new watch", startDate="2024-05-01 01:00:00 -0400", endDate="2024-05-01 02:00:00 -0400", sourceVersion="11"))  # fmt: skip
    ids = [record.id for record in activities([*at_home, *abroad])]
    assert ids == ["health:20240501T050000Z-20240501T060000Z"] * 2


def test_a_route_that_is_not_in_the_export_is_none(tmp_path: Path) -> None:
    (tmp_path / "secret.gpx").write_text(GPX)
    for route in (
        "/workout-routes/none.gpx", "../secret.gpx", "/workout-routes/../../secret.gpx", "/etc/passwd", "", "export.xml",
        "..\\secret.gpx", f"/workout-routes/{'9' * 400}.gpx",
    ):  # fmt: skip
        path = folder(tmp_path / "export", {"export.xml": export(workout(route=route))})
        assert [record.track for each in (path, path / "export.xml") for record in activities(read(each))] == [None] * 2


def leg(minutes: tuple[int, int], **kilometres: float) -> str:
    sums = "".join(
        f'<WorkoutStatistics type="HKQuantityTypeIdentifierDistance{kind}" sum="{km}" unit="km"/>'
        for kind, km in kilometres.items()
    )
    first, last = (f"2024-05-01 {8 + minute // 60:02}:{minute % 60:02}:00 +0300" for minute in minutes)
    return f'<WorkoutActivity uuid="X" startDate="{first}" endDate="{last}">{sums}</WorkoutActivity>'


def test_of_a_triathlon_the_legs_on_foot_are_runs_each_counted_once(tmp_path: Path) -> None:
    legs = [
        leg((0, 20), Swimming=0.75), leg((20, 22), WalkingRunning=0.3), leg((22, 60), Cycling=20, WalkingRunning=0.1),
        leg((60, 62), WalkingRunning=0.2), leg((62, 90), WalkingRunning=5.1),
    ]  # fmt: skip
    climb = {"HKTimeZone": "Europe/Lisbon", "HKElevationAscended": "300 m"}
    whole = workout(end="09:30", km=5.7, sport="SwimBikeRun", metadata=climb, inside="".join(legs), app="Watch")
    (record,) = of(tmp_path, whole, workout("09:01", "09:30", km=5.0))
    assert isinstance(record, Activity)
    assert (record.started_at, record.utc_offset_s, record.sport, record.distance_m, record.elapsed_s) == (
        "2024-05-01T06:02:00Z", 3600, "run", 5100.0, 1680.0,
    )  # fmt: skip
    assert (record.track, record.elevation_m) == (None, None)


def test_of_a_triathlon_whose_parts_say_nothing_what_was_run_counts(tmp_path: Path) -> None:
    only_whole = workout(end="10:00", km=5.7, sport="SwimBikeRun", inside='<WorkoutActivity uuid="X"/>')
    assert runs(of(tmp_path, only_whole)) == [("05:00", "run", 5.7)]
    without_run = workout(end="10:00", km=None, sport="SwimBikeRun")
    assert runs(of(tmp_path, without_run)) == [("05:00", "other", 0.0)]


# What is wrong with a workout


def test_xml_as_phones_have_broken_it_is_mended(tmp_path: Path) -> None:
    attributes = '<Workout Health Mate App Version="2.6" x="a b=" Withings User Identifier="1" '
    in_blanks, tab = workout().replace("<Workout ", attributes), workout(app="Ann\x0ba & &bomb;")
    another_encoding = workout(app="Zoé").encode("latin-1")
    path = tmp_path / "export.xml"
    for broken in (in_blanks.encode(), tab.encode(), another_encoding):
        path.write_bytes(HEAD.encode() + broken + TAIL.encode())
        assert runs(read(path)) == [("05:00", "run", 10.0)]


UNREADABLE = {
    "no sport": (workout(workoutActivityType=None), "it has no workoutActivityType"),
    "no start": (workout(startDate=None), "it has no startDate"),
    "a start that is none": (workout(startDate="yesterday"), "startDate: 'yesterday' is not a time"),
    "a start in no year": (workout(startDate="0001-01-01 00:00:00 +1400"), "date value out of range"),
    "a distance in words": (workout(km="far"), "sum: 'far' is not a number"),  # type: ignore[arg-type]
    "faster than anyone": (workout(km=80), "80,000 m in 3,600 s is faster than anyone runs"),
    "no unit": (workout(km=None, totalDistance="5.2"), "the unit '' of its distance is unknown"),
    "a unit nobody knows": (
        workout(km=None, totalDistance="5", totalDistanceUnit="versts"),
        "the unit 'versts' of its ",
    ),
    "a tag left open": (workout(inside="<WorkoutEvent>"), "it is not XML: mismatched tag"),
    "a nest": (workout(inside="<a>" * 20 + "</a>" * 20), "it nests more than 16 elements"),
    "a declaration": (workout(inside="<!DOCTYPE x [<!ENTITY y 'z'>]>"), "it is not XML: not well-formed"),
}


def test_an_unreadable_workout_is_a_problem_and_others_are_read(tmp_path: Path) -> None:
    for name, (broken, message) in UNREADABLE.items():
        records = of(tmp_path, broken, workout("12:00", "13:00"))
        assert runs(records) == [("09:00", "run", 10.0)], name
        ((place, said),) = problems(records).items()
        assert said.startswith(message) and place.startswith("export.xml: workout "), name


# The same run by several apps

WATCH = {"app": "Anna’s Apple\u00a0Watch"}
ROUTE = {"route": "/workout-routes/r.gpx"}
SAME: dict[str, tuple[list[str], list[tuple[str, str, float]]]] = {
    "twice the same": ([workout(), workout()], [("05:00", "run", 10.0)]),
    "the one with a route": ([workout(km=10.1), workout("08:01", km=10.2, **ROUTE)], [("05:01", "run", 10.2)]),
    "the one that says whether indoors": ([workout(km=10.1), workout("08:01", km=10.2, indoor="0")], [("05:01", "run", 10.2)]),
    "a route before that": ([workout(km=10.1, indoor="0", **WATCH), workout("08:01", km=10.2, **ROUTE)], [("05:01", "run", 10.2)]),
    "the watch's": ([workout(km=10.1, app="Nike Run Club"), workout("08:01", km=10.2, **WATCH)], [("05:01", "run", 10.2)]),
    "the watch's, by its device": ([workout(km=10.1), workout("08:01", km=10.2, device="&lt;HKDevice, model:Watch&gt;")], [("05:01", "run", 10.2)]),
    "not one that broke off": ([workout(end="08:20", km=3.0, **WATCH, **ROUTE), workout(km=10.1)], [("05:00", "run", 10.1)]),
    "the distance of the other": ([workout(km=None, **WATCH), workout("08:01", km=10.2)], [("05:00", "run", 10.2)]),
    "one after the other": ([workout(end="08:30", km=5.0), workout("08:31", km=5.5, **WATCH)], [("05:00", "run", 5.0), ("05:31", "run", 5.5)]),
    "two of the watch in one of an app": ([workout(end="08:30", km=5.0, **WATCH), workout("08:31", km=5.5, **WATCH), workout(km=10.7)], [("05:00", "run", 10.7)]),
    "a walk at the same time": ([workout(), workout(km=9.0, sport="Walking")], [("05:00", "run", 10.0), ("05:00", "walk", 9.0)]),
    "one without a sport": ([workout(sport="Other", **WATCH, **ROUTE), workout(km=10.1)], [("05:00", "run", 10.1)]),
    "three": ([workout(km=10.1), workout(km=10.2, app="Garmin Connect"), workout(km=10.3, **WATCH)], [("05:00", "run", 10.3)]),
}  # fmt: skip


@pytest.mark.parametrize(("given", "kept"), SAME.values(), ids=SAME)
def test_the_best_record_counts(tmp_path: Path, given: list[str], kept: list[tuple[str, str, float]]) -> None:
    folder(tmp_path, {"workout-routes/r.gpx": GPX})
    for ordered in (given, given[::-1]):
        records = of(tmp_path, *ordered)
        assert (runs(records), problems(records)) == (kept, {})


def test_what_the_best_record_leaves_open_its_copies_fill_in(tmp_path: Path) -> None:
    folder(tmp_path, {"workout-routes/r.gpx": GPX})
    poor = workout(km=None, app="Nike Run Club", **ROUTE)
    rich = workout(km=10.0, indoor="0", metadata={"HKElevationAscended": "5 m"}, **WATCH)
    (record,) = of(tmp_path, poor, rich)
    assert isinstance(record, Activity)
    assert (record.distance_m, record.indoor, record.elevation_m, record.track) == (
        10000.0, False, 5.0, "workout-routes/r.gpx",
    )  # fmt: skip
    assert json.loads(record.raw)["copies"] == ["Anna’s Apple Watch"]


APPS = {
    "all": ([], [("05:00", "run", 10.3), ("09:00", "run", 5.0)]),
    "one by its name": (["Strava"], [("05:00", "run", 10.1)]),
    "in another case": (["strava"], [("05:00", "run", 10.1)]),
    "by a pattern": (["*watch*"], [("05:00", "run", 10.3)]),
    "with the blanks and apostrophe of a keyboard": (["Anna's Apple Watch"], [("05:00", "run", 10.3)]),
    "several": (["Strava", "Health"], [("05:00", "run", 10.1), ("09:00", "run", 5.0)]),
    "none of them": (["Garmin Connect"], []),
}


def test_only_the_apps_in_the_settings_count(tmp_path: Path) -> None:
    given = [workout(km=10.1), workout(km=10.3, **WATCH), workout("12:00", "13:00", km=5, app="Health")]
    for name, (apps, kept) in APPS.items():
        assert runs(of(tmp_path, *given, apps=apps)) == kept, name


# From one pull to the next


MAIN = """
timezone: Europe/Helsinki
sources:
  - {name: health, type: apple-health, path: export.xml, missing: drop}
  - name: sheet
    type: table
    path: sheet.csv
    columns: {id: Run, start: Start, distance: {column: Km, unit: km}, shoe: Shoe, sport: Sport}
"""
SHOES = """
shoes:
  - {id: pegasus, name: Pegasus, life: 700 km, gear: [Pegasus]}
default_shoe: pegasus
"""


def test_edits_and_deletions_follow_a_run_of_two_exports_counts_once_and_indoors_is_a_treadmill(tmp_path: Path) -> None:
    sheet = "Run,Start,Km,Shoe,Sport\n1,2024-05-01T05:01:00Z,10.1,Pegasus,Run"
    home = Household(tmp_path, main=MAIN, shoes=SHOES, sheet=sheet)
    morning, evening = workout(km=10.0), workout("18:00", "18:30", km=5.0, indoor="1")
    written(tmp_path, morning, evening)
    home.sync("2024-05-02T06:00")
    assert home.km() == {"pegasus": 15.0}
    ground = "SELECT surface, round(sum(distance_m)) FROM legs GROUP BY surface ORDER BY surface"
    assert home.rows(ground) == [("treadmill", 5000.0), ("unknown", 10000.0)]
    written(tmp_path, morning, workout("18:00", "18:30", km=6.0, indoor="1"))
    home.sync("2024-05-02T12:00")
    assert home.km() == {"pegasus": 16.0}
    written(tmp_path, morning)
    home.sync("2024-05-02T18:00")
    assert home.km() == {"pegasus": 10.0}


def test_who_corrects_his_timezone_has_each_run_once_though_its_times_have_no_offset(tmp_path: Path) -> None:
    bare = {"startDate": "2024-05-01 08:00:00", "endDate": "2024-05-01 09:00:00"}
    in_japan = {"startDate": "2024-05-03 08:00:00", "endDate": "2024-05-03 09:00:00"}
    written(tmp_path, workout(**bare), workout(**in_japan, metadata={"HKTimeZone": "Asia/Tokyo"}))
    home = Household(tmp_path, shoes="shoes: []")
    for zone, start in (("Europe/Helsinki", "2024-05-01T05:00:00Z"), ("Europe/Lisbon", "2024-05-01T07:00:00Z")):
        home.write("main", f"timezone: {zone}\nsources: [{{name: health, type: apple-health, path: export.xml}}]")
        home.sync("2024-05-04T06:00")
        assert home.rows("SELECT native_id, started_at FROM activities ORDER BY 1") == [
            ("20240501T080000-20240501T090000", start),
            ("20240502T230000Z-20240503T000000Z", "2024-05-02T23:00:00Z"),
        ]


def test_of_what_is_said_beyond_reason_of_a_workout_little_is_kept(tmp_path: Path) -> None:
    said = {"long": "x" * 1_000_000, **{f"key {number}": "y" for number in range(1000)}}
    (record,) = of(tmp_path, workout(metadata=said, note="z" * 1_000_000))
    assert isinstance(record, Activity)
    told = json.loads(record.raw)
    assert (told["metadata"]["long"], told["note"], len(told["metadata"])) == ("x" * 500, "z" * 500, 64)
