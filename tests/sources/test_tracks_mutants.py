"""Whatever is done to a track file: it is read within bounds, or refused in one sentence."""

import math
import os
from io import BytesIO

from kit.track_mutants import mutant, seeds

from shoemon.model.recording import TrackError
from shoemon.sources.formats.reading import read_track

MUTANTS = int(os.environ.get("SHOEMON_EXAMPLES", "150"))


def test_what_is_hostile_or_broken_is_read_or_refused_and_nothing_else() -> None:
    sources, refused = seeds(), 0
    for number in range(MUTANTS):
        try:
            recordings = read_track(BytesIO(mutant(sources, number)), "run")
        except TrackError as error:
            refused += 1
            assert "\n" not in str(error), number
            continue
        for recording in recordings:
            trace = recording.trace
            assert recording.distance_m is None or 0 <= recording.distance_m < math.inf, number
            assert len(trace.times) == len(trace.lats) == len(trace.lons) and len(trace.distances_m) in (
                0,
                len(trace),
            ), number
            assert list(trace.times) == sorted(set(trace.times)), number
            assert trace.starts == tuple(sorted({0, *trace.starts})) and trace.starts[-1] <= max(0, len(trace) - 1), (
                number
            )
            assert all(-90 <= lat <= 90 for lat in trace.lats) and all(-180 <= lon <= 180 for lon in trace.lons), number
            assert list(trace.distances_m) == sorted(trace.distances_m), number
    assert MUTANTS / 10 < refused < MUTANTS * 9 / 10, refused
