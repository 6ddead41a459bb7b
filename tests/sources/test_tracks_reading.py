"""What a file is, its bytes tell; what is packed is unpacked within bounds; what comes as a stream is read as one."""

import gzip
import io
import math
import os
import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.track_mutants import mutant, seeds

from shoemon.model.recording import TrackError
from shoemon.sources.formats import points
from shoemon.sources.formats.points import rising_places
from shoemon.sources.formats.reading import LARGEST, read_track

GPX, TCX, FIT, TRIATHLON = seeds()
MUTANTS = int(os.environ.get("SHOEMON_EXAMPLES", "150"))


class Trickle(io.RawIOBase):
    """A stream that cannot be sought and gives little at a time."""

    def __init__(self, data: bytes) -> None:
        self._rest = BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._rest.read(min(size, 7) if size >= 0 else 7)


@pytest.mark.parametrize("data", [GPX, TCX, FIT, TRIATHLON], ids=["gpx", "tcx", "fit", "triathlon"])
def test_a_file_is_the_same_packed_in_a_zip_under_another_name_and_in_drops(data: bytes) -> None:
    plain = read_track(BytesIO(data), "run")
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("run.gpx.gz", gzip.compress(data))
    with zipfile.ZipFile(archive) as opened, opened.open("run.gpx.gz") as member:
        assert read_track(member, "run.xyz") == plain  # type: ignore[arg-type]
    assert read_track(Trickle(data), "run") == plain  # type: ignore[arg-type]
    assert read_track(Trickle(gzip.compress(data)), "run") == plain  # type: ignore[arg-type]


@pytest.mark.parametrize("before", [b"\n  \t", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_what_stands_before_the_first_line_of_xml_is_passed_over(before: bytes) -> None:
    assert read_track(BytesIO(before + GPX), "run") == read_track(BytesIO(GPX), "run")


def test_xml_of_two_bytes_a_letter_is_read() -> None:
    assert read_track(BytesIO(GPX.decode().encode("utf-16")), "run") == read_track(BytesIO(GPX), "run")


def test_a_packed_file_that_breaks_off_gives_what_can_be_unpacked() -> None:
    packed = gzip.compress(GPX + b" " * 100, 0)
    (run,) = read_track(BytesIO(packed[: len(packed) // 2]), "run")
    assert 0 < len(run.trace) < 40
    assert run.notes[0].startswith("breaks off in line 1")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x1f\x8b nothing", "run is a broken gzip file"),
        (gzip.compress(b""), "run is empty"),
        (gzip.compress(gzip.compress(GPX)), "run is not a FIT, TCX or GPX file"),
        (gzip.compress(b"<gpx>" + b" " * LARGEST), "run grows to more than 100 times its size when unpacked; it is not read"),
        (b"<gpx>" + b" " * LARGEST, "run is larger than 64 MB"),
        (b"\0" * 100, "run is not a FIT, TCX or GPX file"),
    ],
    ids=["broken", "empty", "twice", "bomb", "large", "noughts"],
)  # fmt: skip
def test_what_cannot_be_a_track_is_refused_in_words(data: bytes, says: str) -> None:
    with pytest.raises(TrackError) as refusal:
        read_track(BytesIO(data), "run")
    assert str(refusal.value) == says


def test_no_more_points_are_held_than_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(points, "MOST_POINTS", 39)
    for data in (GPX, TCX):
        with pytest.raises(TrackError, match="run has more than 39 points"):
            read_track(BytesIO(data), "run")


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
            trace, count = recording.trace, len(recording.trace)
            assert recording.distance_m is None or 0 <= recording.distance_m < math.inf, number
            assert len(trace.times) == len(trace.lats) == len(trace.lons) == count, number
            assert len(trace.distances_m) in (0, count), number
            assert list(trace.times) == sorted(set(trace.times)), number
            assert trace.starts == tuple(sorted({0, *trace.starts})), number
            assert trace.starts[-1] <= max(0, count - 1), number
            assert all(-90 <= lat <= 90 for lat in trace.lats) and all(-180 <= lon <= 180 for lon in trace.lons), number
            assert list(trace.distances_m) == sorted(trace.distances_m), number
    assert MUTANTS / 10 < refused < MUTANTS * 9 / 10, refused


@given(st.lists(st.integers(0, 9), max_size=9))
def test_the_longest_series_that_never_falls_is_found(values: list[int]) -> None:
    places = rising_places([float(value) for value in values])
    found = [values[place] for place in places]
    longest = max(len(some) for some in _selections(values) if some == sorted(some))
    assert places == sorted(places) and found == sorted(found) and len(found) == longest


def _selections(values: list[int]) -> list[list[int]]:
    made: list[list[int]] = [[]]
    for value in values:
        made += [[*some, value] for some in made]
    return made
