"""GPX files as watches, applications and editors write them."""

from io import BytesIO

import pytest

from shoemon.tracks import Recording, TrackError
from shoemon.tracks.reading import read_track

STEP_M = 111.195
"""A thousandth of a degree of latitude."""


def read(text: str) -> tuple[Recording, ...]:
    return read_track(BytesIO(text.encode()), "run.gpx")


def gpx(tracks: str, head: str = "") -> str:
    return f'<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1">{head}{tracks}</gpx>'


def points(*thousandths: float, minute: int = 0) -> str:
    return "".join(
        f'<trkpt lat="{60 + place / 1000}" lon="25"><ele>3</ele><time>2024-05-01T06:{minute:02}:{second:02}Z</time></trkpt>'
        for second, place in enumerate(thousandths)
    )


def test_a_trk_is_a_recording_with_its_name_its_type_and_the_metres_between_its_points() -> None:
    first, second = read(
        gpx(
            f"<trk><name> Morning\nrun </name><type>trail_running</type><trkseg>{points(0, 0.1, 0.2)}</trkseg></trk>"
            f"<trk><type>9</type><trkseg>{points(1, 1.1, minute=9)}</trkseg></trk>"
        )
    )
    assert (first.number, first.name, first.sport, first.distance_by) == (1, "Morning run", "trail_running", "reckoned")
    assert (second.number, second.name, second.sport) == (2, "", "9")
    assert str(first.started_at) == "2024-05-01 06:00:00+00:00"
    assert str(second.started_at) == "2024-05-01 06:09:00+00:00"
    assert first.distance_m == pytest.approx(0.2 * STEP_M, rel=1e-4)
    assert (first.elapsed_s, second.elapsed_s) == (2, 1)
    assert list(first.trace.lats) == [60, 60.0001, 60.0002]
    assert first.notes == ()


def test_the_way_between_two_segments_was_not_run() -> None:
    (run,) = read(gpx(f"<trk><trkseg>{points(0, 0.1)}</trkseg><trkseg>{points(1, 1.1, minute=5)}</trkseg></trk>"))
    assert run.trace.starts == (0, 2)
    assert run.distance_m == pytest.approx(0.2 * STEP_M, rel=1e-4)


def test_not_a_file() -> None:
    with pytest.raises(TrackError, match=r"^run\.gpx is empty$"):
        read("")
