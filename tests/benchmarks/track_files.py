"""Reads every track file under a directory: what was read, what was refused and why, how surely, how fast.

    python tests/benchmarks/track_files.py DATA_DIR [--table]

FIT distances are compared with the session totals that fitdecode alone reads; speed with fitdecode alone over all its
frames, and with gpxpy. Every pass reads the same files from memory, once; a file that the other refuses counts for neither.
"""

import argparse
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import fitdecode

from shoemon.model.recording import Recording, TrackError
from shoemon.sources.formats.fit import read_fit
from shoemon.sources.formats.reading import read_track
from shoemon.sources.formats.sports import sport_of_recording

SUFFIXES = (".fit", ".tcx", ".gpx")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--table", action="store_true", help="a row for every recording")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    files = {
        path.relative_to(options.data).as_posix(): path.read_bytes()
        for path in sorted(options.data.rglob("*"))
        if path.suffix.lower() in SUFFIXES
    }
    show_what_was_read(files, options.table)
    fits = {name: data for name, data in files.items() if name.lower().endswith(".fit")}
    compare_distances(fits)
    compare_decoders(fits)
    beside("fitdecode alone", fits, fitdecode_alone, lambda data: read_fit(data, fast=False), "shoemon with fitdecode")
    beside("fitdecode alone", fits, fitdecode_alone, read_fit, "shoemon with fitfast")
    gpxs = {name: data for name, data in files.items() if name.lower().endswith(".gpx")}
    try:
        import gpxpy
    except ImportError:
        print("gpxpy is not installed; pip install gpxpy")
        return
    beside("gpxpy", gpxs, lambda data: gpxpy.parse(BytesIO(data)).length_2d(), read, "shoemon")


def read(data: bytes) -> tuple[Recording, ...]:
    return read_track(BytesIO(data), "file")


def show_what_was_read(files: dict[str, bytes], table: bool) -> None:
    by_suffix: dict[str, Counter[str]] = {suffix: Counter() for suffix in SUFFIXES}
    refused = []
    for name, data in files.items():
        counts = by_suffix[name[-4:].lower()]
        try:
            recordings = read_track(BytesIO(data), name)
        except TrackError as error:
            refused.append(str(error))
            counts["refused"] += 1
            continue
        counts.update({"read": 1, "recordings": len(recordings), "points": sum(len(made.trace) for made in recordings)})
        counts.update(f"by {made.distance_by or 'nothing'}" for made in recordings)
        for made in recordings if table else ():
            sport, _ = sport_of_recording(made)
            metres = "" if made.distance_m is None else f"{made.distance_m:.1f}"
            row = (
                name,
                made.number,
                made.started_at,
                sport,
                metres,
                made.distance_by,
                len(made.trace),
                "; ".join(made.notes),
            )
            print("\t".join(str(value) for value in row))
    for suffix, counts in by_suffix.items():
        print(suffix, ", ".join(f"{word} {count:,}" for word, count in counts.items()))
    print("refused:", *refused, sep="\n  ")


def compare_distances(fits: dict[str, bytes]) -> None:
    """Every session total that fitdecode finds must stand in one of our recordings, and in no other."""
    same, differ = 0, []
    for name, data in fits.items():
        theirs = sorted(total for frame in frames(data) if frame.name == "session" and (total := value(frame)))
        try:
            ours = sorted(
                made.distance_m or 0.0 for made in read(data) if made.distance_by == "device" and made.distance_m
            )
        except TrackError:
            ours = []
        if ours == theirs:
            same += len(ours)
        else:
            differ.append(f"{name}: shoemon {ours}, fitdecode {theirs}")
    print(f"\nsession totals equal to fitdecode's: {same}; files that differ: {len(differ)}", *differ, sep="\n  ")


def compare_decoders(fits: dict[str, bytes]) -> None:
    differ = [name for name, data in fits.items() if outcome(data, True) != outcome(data, False)]
    print(f"files that fitfast and fitdecode tell differently of: {len(differ)} of {len(fits)}", *differ)


def outcome(data: bytes, fast: bool) -> Any:
    try:
        return read_fit(data, fast=fast)
    except TrackError as error:
        return str(error)


def frames(data: bytes) -> list[Any]:
    """The messages fitdecode reads before it gives up, if it does."""
    found = []
    try:
        with fitdecode.FitReader(
            BytesIO(data), check_crc=fitdecode.CrcCheck.DISABLED, error_handling=fitdecode.ErrorHandling.IGNORE
        ) as reader:
            found.extend(frame for frame in reader if frame.frame_type == fitdecode.FIT_FRAME_DATA)
    except fitdecode.FitError:
        pass
    return found


def value(frame: Any) -> float | None:
    return frame.get_value("total_distance", fallback=None)


def fitdecode_alone(data: bytes) -> None:
    if not frames(data):
        raise TrackError("nothing")


def beside(
    their_name: str,
    files: dict[str, bytes],
    theirs: Callable[[bytes], Any],
    ours: Callable[[bytes], Any],
    our_name: str,
) -> None:
    """Prints how many of the files that both read are read a second."""
    both = [data for data in files.values() if fails(theirs, data) == fails(ours, data) == ""]
    if not both:
        print(f"no files that {their_name} and {our_name} read")
        return
    their_s, our_s = timed(theirs, both), timed(ours, both)
    megabytes = sum(map(len, both)) / 1e6
    print(
        f"{our_name}: {len(both)} files, {len(both) / our_s:.1f} a second ({megabytes / our_s:.2f} MB/s); {their_name}: "
        f"{len(both) / their_s:.1f} ({megabytes / their_s:.2f} MB/s); ratio {their_s / our_s:.1f}"
    )


def fails(reader: Callable[[bytes], Any], data: bytes) -> str:
    try:
        reader(data)
    except Exception as error:  # noqa: BLE001 -- other people's readers fail in every way
        return type(error).__name__
    return ""


def timed(reader: Callable[[bytes], Any], files: list[bytes]) -> float:
    began = time.perf_counter()
    for data in files:
        reader(data)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
