"""Breaks track files, or exports, in thousands of ways and counts what is neither read nor refused in one sentence.

    python tests/benchmarks/mutants.py [DATA_DIR] [--exports] [--mutants 10000] [--first 0]

The files are made here; with a directory also those under it, up to 500 kB each. They are read in child processes that may
hold a gigabyte: a crash is any exception but TrackError, or for exports SourceError and MistakeError (running out of memory
is one), or the end of the process; a time-out is a file that takes more than five seconds. A mutant is the same for the
same number and the same files.
"""

import argparse
import multiprocessing
import resource
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path
from sys import path as import_path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import_path.insert(0, str(Path(__file__).resolve().parents[1]))

from kit.export_mutants import export_seeds, read_export
from kit.track_mutants import mutant, seeds

LIMIT_S = 5
MEMORY = 2**30
LARGEST_SEED = 500_000
SUFFIXES = {".fit", ".tcx", ".gpx"}


class Outcome(NamedTuple):
    """What became of one mutant."""

    word: str
    """`read`, `refused`, or the exception's name."""
    seconds: float
    peak: int
    """Most memory the process has held so far, in bytes."""
    said: str


Read = Callable[[int], object]
"""Makes the mutant of a number and reads it."""


def read_mutant_track(sources: list[bytes], number: int) -> None:
    from shoemon.sources.formats.reading import read_track

    read_track(BytesIO(mutant(sources, number)), "run")


def read_mutant_export(number: int) -> None:
    (kind, name), data = (found := list(export_seeds().items()))[number % len(found)]
    with TemporaryDirectory() as folder:
        read_export(Path(folder), kind, name, mutant([data], number))


def read_numbers(connection: Connection, read: Read) -> None:
    """The child: reads the mutants whose numbers come, until None."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    from shoemon.model.errors import MistakeError, SourceError
    from shoemon.model.recording import TrackError

    while (number := connection.recv()) is not None:
        word, said, began = "read", "", time.perf_counter()
        try:
            read(number)
        except (TrackError, SourceError, MistakeError) as error:
            word, said = "refused", str(error)
        except BaseException as error:  # noqa: BLE001 -- a panic of native code is no Exception
            word, said = type(error).__name__, str(error)[:200]
        seconds = time.perf_counter() - began
        connection.send(Outcome(word, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, said))


class Child:
    """A process that reads mutants; begun anew when it dies or is stopped."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._begin()

    def _begin(self) -> None:
        self._connection, other = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("fork").Process(
            target=read_numbers, args=(other, self._read), daemon=True
        )
        self._process.start()
        other.close()

    def read(self, number: int) -> Outcome:
        """What becomes of the mutant of this number."""
        self._connection.send(number)
        if not self._connection.poll(LIMIT_S):
            self._process.kill()
            self._process.join()
            self._begin()
            return Outcome("time-out", LIMIT_S, 0, "")
        try:
            return Outcome(*self._connection.recv())
        except EOFError:
            self._process.join()
            code = self._process.exitcode
            self._begin()
            return Outcome(f"process ended ({code})", 0, 0, "")

    def end(self) -> None:
        """Lets the process end."""
        self._connection.send(None)
        self._process.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", type=Path)
    parser.add_argument("--exports", action="store_true")
    parser.add_argument("--mutants", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    sources = seeds()
    if options.data:
        files = sorted(file for file in options.data.rglob("*") if file.suffix.lower() in SUFFIXES)
        sources += [file.read_bytes() for file in files if file.stat().st_size <= LARGEST_SEED]
    read: Read = read_mutant_export if options.exports else partial(read_mutant_track, sources)
    child, words, peak, slowest, began = Child(read), Counter[str](), 0, (0.0, -1), time.perf_counter()
    for number in range(options.first, options.first + options.mutants):
        outcome = child.read(number)
        words[outcome.word] += 1
        peak, slowest = max(peak, outcome.peak), max(slowest, (outcome.seconds, number))
        if outcome.word not in ("read", "refused"):
            print(f"mutant {number}: {outcome.word} {outcome.said}", flush=True)
    child.end()
    print(
        f"{options.mutants:,} mutants of {len(export_seeds() if options.exports else sources)} files in {time.perf_counter() - began:.0f} s: {dict(words)}"
    )
    crashes = sum(count for word, count in words.items() if word not in ("read", "refused", "time-out"))
    print(f"crashes {crashes}, time-outs {words['time-out']} of {LIMIT_S} s")
    print(f"slowest {slowest[0]:.2f} s (mutant {slowest[1]}), peak memory {peak / 2**20:.0f} MB")


if __name__ == "__main__":
    main()
