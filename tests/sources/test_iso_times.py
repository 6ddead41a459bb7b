"""Times as ISO 8601 and RFC 9557 write them; each of these is read like the one beside it, or refused in words."""

import datetime as dt

import pytest

from shoemon.sources.formats.iso_times import RefusedTimeError, iso_time


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("2024-05-01", "2024-05-01"), ("20240501", "2024-05-01"), ("2024-122", "2024-05-01"), ("2024122", "2024-05-01"),
        ("2024-05-01T08:30", "2024-05-01T08:30:00"), ("20240501T0830", "2024-05-01T08:30:00"),
        ("2024122T083015Z", "2024-05-01T08:30:15+00:00"), ("2024-05-01t08:30:15z", "2024-05-01T08:30:15+00:00"),
        ("2024-05-01 08:30:15 UTC", "2024-05-01T08:30:15+00:00"), ("2024-05-01T08:30+02", "2024-05-01T08:30:00+02:00"),
        ("20240501T0830+0200", "2024-05-01T08:30:00+02:00"), ("2024-05-01T08:30\u221203:30", "2024-05-01T08:30:00-03:30"),
        ("2024-05-01T08:30-00:00", "2024-05-01T08:30:00+00:00"), ("+002024-05-01T08:30", "2024-05-01T08:30:00"),
        ("2024-05-01T08:30:15.5", "2024-05-01T08:30:15.500000"), ("2024-05-01T08:30,25Z", "2024-05-01T08:30:15+00:00"),
        ("2024-05-01T08:30:15,123456789012Z", "2024-05-01T08:30:15.123456+00:00"), ("20240501T08.5", "2024-05-01T08:30:00"),
        ("2024-05-01T24:00:00Z", "2024-05-02T00:00:00+00:00"), ("2024-06-30T23:59:60Z", "2024-07-01T00:00:00+00:00"),
        ("2024-05-01T08:30+02:00[Europe/Brussels]", "2024-05-01T08:30:00+02:00"),
        ("2024-05-01T08:30Z[Europe/Brussels]", "2024-05-01T10:30:00+02:00"),
        ("2024-05-01T08:30[!Europe/Brussels][u-ca=hebrew]", "2024-05-01T08:30:00+02:00"),
        ("2024-05-01T08:30[-08:00]", "2024-05-01T08:30:00-08:00"),
        ("2024-05-01T08:30Z[../etc/passwd][u-ca=hebrew]", "2024-05-01T08:30:00+00:00"),
    ],
)  # fmt: skip
def test_every_form_of_a_time_is_read(written: str, time: str) -> None:
    assert iso_time(written).isoformat() == time


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("2024-W18-3", "is a date by the number of its week; write it by month and day, such as 2024-05-01"),
        ("2024W183T0830Z", "is a date by the number of its week; write it by month and day, such as 2024-05-01"),
        ("2023-366", "has no day 366 in its year"),
        ("2024-05-01T08:30[!x-y=z]", "depends on x-y=z, which is unknown here"),
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused_in_words(written: str, why: str) -> None:
    with pytest.raises(RefusedTimeError) as refusal:
        iso_time(written)
    assert str(refusal.value) == why


@pytest.mark.parametrize(
    "written", ["someday", "", "2024-05", "2024-13-01", "2024-05-01T08:61", "2024-05-01T24:00:01", "2024-05-01T08:30+25:00", "9999-365T24:00"]
)  # fmt: skip
def test_what_is_no_time_is_none(written: str) -> None:
    with pytest.raises(ValueError):
        iso_time(written)


def test_a_zone_in_brackets_decides_the_day_even_without_an_offset_from_utc() -> None:
    winter = iso_time("2024-01-01T08:30Z[Europe/London]")
    assert isinstance(winter, dt.datetime) and str(winter.tzinfo) == "Europe/London"
