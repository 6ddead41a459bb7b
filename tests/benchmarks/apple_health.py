"""Speed and memory of reading an export of Apple Health, beside a bare pass of expat and beside healthkit-to-sqlite.

    python tests/benchmarks/apple_health.py [--mb 1000] [--theirs PATH_OF_healthkit-to-sqlite]

Makes an export of `--mb` (mostly records of heart and steps, as phones with a watch write them; then some thousand
workouts with events, statistics and routes), as export.xml and as export.zip, and reads each in a process of its own. The
other program is slow, so it reads a tenth; without `--theirs` it is installed into an environment of its own. Files go
to a temporary directory of twice that size. Nothing here is a promise: it prints.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import venv
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

OURS = """
import sys
from contextlib import closing
from pathlib import Path
from shoemon.sources import Context
from shoemon.sources.apple_health import Settings, make
with closing(make(Settings(name="health", path=sys.argv[1]), Context(Path("/"), "Europe/Helsinki")).pull(None)) as pull:
    metres = [record.distance_m for record in pull]
print(len(metres), round(sum(metres)))
"""
EXPAT = """
import sys
from xml.parsers import expat
with open(sys.argv[1], "rb") as file:
    expat.ParserCreate().ParseFile(file)
"""
BYTES = """
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive, archive.open("apple_health_export/export.xml") as stream:
    while stream.read(1 << 20):
        pass
"""
WORKOUTS_PER_GB, WORKOUT_BYTES = 3_000, 7_500
HOME = timezone(timedelta(hours=2))
WATCH = (
    'sourceName="Anna’s Apple\u00a0Watch" sourceVersion="10.5" device="&lt;&lt;HKDevice: 0x30214f0c0&gt;, name:Apple '
    'Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,2, software:10.5&gt;"'
)
PHONE = 'sourceName="Anna’s iPhone" sourceVersion="17.4.1" device="&lt;&lt;HKDevice: 0x3021&gt;, name:iPhone&gt;"'
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 14 -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Correlation|Workout|ActivitySummary|ClinicalRecord)*)>
]>
<HealthData locale="en_GB">
 <ExportDate value="2024-06-01 10:00:00 +0200"/>
 <Me HKCharacteristicTypeIdentifierBiologicalSex="HKBiologicalSexFemale"/>
"""


class Figure(NamedTuple):
    """One process: seconds, megabytes at its peak, and what it printed."""

    seconds: float
    peak_mb: float
    said: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mb", type=int, default=1000)
    parser.add_argument("--theirs", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        needed = options.mb * 2_500_000
        if shutil.disk_usage(directory).free < needed:
            sys.exit(f"{directory} has no room for {needed / 1e9:.1f} GB; set TMPDIR to a folder that has")
        compare(directory, options.mb)
        compare_with_healthkit_to_sqlite(directory, options.mb // 10, options.theirs)


def compare(directory: Path, megabytes: int) -> None:
    """Our speed over the plain file and the zip, beside passes that understand nothing."""
    plain, packed = directory / "export.xml", directory / "export.zip"
    expected = write_export(plain, megabytes)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(plain, "apple_health_export/export.xml")
    size_mb = plain.stat().st_size / 1e6
    print(
        f"{size_mb:,.0f} MB, packed {size_mb * 1e6 / packed.stat().st_size:.0f} times; {expected} workouts and metres"
    )
    bare = show("bare expat over export.xml", python(EXPAT, plain), size_mb)
    ours = show("shoemon over export.xml", python(OURS, plain), size_mb)
    print(f"  {bare.seconds / ours.seconds:.1f} times as fast as bare expat")
    unpacked = show("bare unpacking of export.zip", python(BYTES, packed), size_mb)
    zipped = show("shoemon over export.zip", python(OURS, packed), size_mb)
    print(f"  {bare.seconds / zipped.seconds:.1f} times as fast as bare expat over what is unpacked already")
    print(f"  {zipped.seconds / unpacked.seconds:.2f} times as long as bare unpacking")
    for figure in (ours, zipped):
        if figure.said != expected:
            sys.exit(f"read {figure.said}, written {expected}")
    plain.unlink()
    packed.unlink()


def compare_with_healthkit_to_sqlite(directory: Path, megabytes: int, theirs: Path | None) -> None:
    plain = directory / "export.xml"
    write_export(plain, megabytes)
    size_mb = plain.stat().st_size / 1e6
    program = theirs or installed(directory / "venv")
    print(f"\n{size_mb:,.0f} MB")
    ours = show("shoemon over export.xml", python(OURS, plain), size_mb)
    other = show("healthkit-to-sqlite", measured(program, plain, directory / "health.db", "--xml"), size_mb)
    print(
        f"  {other.seconds / ours.seconds:.0f} times as fast, with {ours.peak_mb / other.peak_mb:.1f} times the memory"
    )


def show(name: str, figure: Figure, size_mb: float) -> Figure:
    speed = size_mb / figure.seconds
    print(f"{name}: {figure.seconds:.1f} s, {speed:,.0f} MB/s, {figure.peak_mb:.0f} MB of memory at its peak")
    return figure


def python(script: str, *arguments: Path) -> Figure:
    return measured(sys.executable, "-c", script, *arguments)


def measured(*command: str | Path) -> Figure:
    """The whole process, its start too. This one keeps nothing in memory, as that would count for its children."""
    began = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = process.stdout.read().strip()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    process.stdout.close()
    if process.returncode:
        sys.exit(f"{command[0]} failed ({process.returncode})")
    return Figure(seconds, usage.ru_maxrss / 1024, said)


def installed(directory: Path) -> Path:
    venv.create(directory, with_pip=True)
    command = [directory / "bin" / "pip", "install", "-q", "healthkit-to-sqlite", "setuptools<81"]
    subprocess.run(command, check=True)
    return directory / "bin" / "healthkit-to-sqlite"


def write_export(path: Path, megabytes: int) -> str:
    """Writes an export; returns how many workouts it holds, and their metres."""
    rng, count = random.Random(1), max(10, megabytes * WORKOUTS_PER_GB // 1000)
    start, metres = datetime(2016, 1, 1, 6, tzinfo=HOME), 0.0
    with path.open("w", encoding="utf-8") as file:
        left = megabytes * 1_000_000 - file.write(HEAD) - count * WORKOUT_BYTES
        for record in records(rng, start):
            left -= file.write(record)
            if left < 0:
                break
        for number in range(count):
            km = round(rng.uniform(3, 21), 5)
            metres += km * 1000
            file.write(workout(rng, start + timedelta(days=number), km))
        for number in range(count):
            file.write(summary(start + timedelta(days=number)))
        file.write("</HealthData>\n")
    return f"{count} {round(metres)}"


def records(rng: random.Random, start: datetime) -> Iterator[str]:
    """Some ten minutes of a day after the other: heart with metadata, steps, energy, a blood pressure at times."""
    at = start
    while True:
        at += timedelta(seconds=rng.randrange(5, 600))
        first, last = f"{at:%Y-%m-%d %H:%M:%S %z}", f"{at + timedelta(seconds=60):%Y-%m-%d %H:%M:%S %z}"
        times = f'creationDate="{last}" startDate="{first}" endDate="{last}"'
        kind = rng.random()
        if kind < 0.55:
            yield (
                f' <Record type="HKQuantityTypeIdentifierHeartRate" {WATCH} unit="count/min" {times} '
                f'value="{rng.randrange(45, 190)}">\n  <MetadataEntry key="HKMetadataKeyHeartRateMotionContext" '
                f'value="{rng.randrange(3)}"/>\n </Record>\n'
            )
        elif kind < 0.998:
            name = rng.choice(("StepCount", "DistanceWalkingRunning", "ActiveEnergyBurned", "BasalEnergyBurned"))
            device = rng.choice((WATCH, PHONE))
            value = round(rng.uniform(0, 90), 4)
            yield f' <Record type="HKQuantityTypeIdentifier{name}" {device} unit="count" {times} value="{value}"/>\n'
        else:
            inner = f'  <Record type="HKQuantityTypeIdentifierBloodPressureSystolic" {PHONE} {times} value="120"/>\n'
            yield f' <Correlation type="HKCorrelationTypeIdentifierBloodPressure" {PHONE} {times}>\n{inner} </Correlation>\n'


def workout(rng: random.Random, start: datetime, km: float) -> str:
    minutes = km * rng.uniform(4.5, 6.5)
    first, last = f"{start:%Y-%m-%d %H:%M:%S %z}", f"{start + timedelta(minutes=minutes):%Y-%m-%d %H:%M:%S %z}"
    times = f'startDate="{first}" endDate="{last}"'
    events = "".join(
        f'  <WorkoutEvent type="HKWorkoutEventTypeSegment" date="{start + timedelta(minutes=5 * lap):%Y-%m-%d %H:%M:%S %z}" '
        f'duration="{rng.uniform(4, 6)}" durationUnit="min"/>\n'
        for lap in range(int(km * 2))
    )
    statistics = "".join(
        f'  <WorkoutStatistics type="HKQuantityTypeIdentifier{kind}" {times} average="{rng.uniform(100, 200):.2f}" '
        f'minimum="90" maximum="201" unit="count"/>\n'
        for kind in ("HeartRate", "RunningPower", "RunningSpeed", "RunningStrideLength", "RunningVerticalOscillation")
    )
    return (
        f' <Workout workoutActivityType="HKWorkoutActivityTypeRunning" duration="{minutes}" durationUnit="min" {WATCH} '
        f'creationDate="{last}" {times}>\n  <MetadataEntry key="HKIndoorWorkout" value="0"/>\n  <MetadataEntry '
        f'key="HKTimeZone" value="Europe/Berlin"/>\n  <MetadataEntry key="HKElevationAscended" value="4200 cm"/>\n'
        f'{events}  <WorkoutActivity uuid="{rng.getrandbits(64):X}" {times} duration="{minutes}" '
        f'durationUnit="min">\n{statistics}  </WorkoutActivity>\n{statistics}'
        f'  <WorkoutStatistics type="HKQuantityTypeIdentifierDistanceWalkingRunning" {times} sum="{km}" unit="km"/>\n'
        f'  <WorkoutRoute {WATCH} creationDate="{last}" {times}>\n   <FileReference '
        f'path="/workout-routes/route_{start:%Y-%m-%d}_7.00am.gpx"/>\n  </WorkoutRoute>\n </Workout>\n'
    )


def summary(day: datetime) -> str:
    return f' <ActivitySummary dateComponents="{day:%Y-%m-%d}" activeEnergyBurned="512.3" activeEnergyBurnedUnit="kcal"/>\n'


if __name__ == "__main__":
    main()
