"""Fields of records: what they should be, what they may be written as, and what is said of anything else."""

import datetime as dt
import math
from typing import Any

import pytest

from shoemon.sources.kit.fields import needed_number_at, needed_text_at, number_at, text_at, time_at


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (12, 12.0), (12.5, 12.5), (0, 0.0), (-3, -3.0), ("12.5", 12.5), (" 12 ", 12.0), ("1e3", 1000.0), (None, None),
        ("", None), ("  ", None),
    ],
)  # fmt: skip
def test_a_number_may_stand_there_as_text_or_not_at_all(value: Any, number: float | None) -> None:
    assert number_at({"km": value}, "km") == number


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("ten", "'ten'"), ("1,5", "'1,5'"), ("1_000", "'1_000'"), (True, "True"), (False, "False"), ([], "[]"),
        ({"m": 1}, "{'m': 1}"), (math.nan, "nan"), (math.inf, "inf"), ("NaN", "'NaN'"), ("-Infinity", "'-Infinity'"),
        (10**400, f"1{'0' * 76}..."), ("x" * 1000, f"'{'x' * 77}...'"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_said(value: Any, shown: str) -> None:
    for read in (number_at, needed_number_at):
        with pytest.raises(ValueError) as refused:
            read({"km": value}, "km")
        assert str(refused.value) == f"km: {shown} is not a number"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("g12", "g12"), (" g12 ", "g12"), (12, "12"), (12.0, "12"), (12.5, "12.5"), (2**60, "1152921504606846976"),
        (0, "0"), (None, None), ("", None), (" \t", None), (True, None), ({"id": 1}, None), (["g12"], None),
        (math.nan, None), (math.inf, None),
    ],
)  # fmt: skip
def test_a_text_may_be_a_number_and_nothing_else(value: Any, text: str | None) -> None:
    assert text_at({"gear": value}, "gear") == text


@pytest.mark.parametrize("record", [{}, {"id": None}, {"id": " "}])
def test_what_must_be_there_and_is_not_is_said(record: dict[str, Any]) -> None:
    for read in (needed_number_at, needed_text_at, time_at):
        with pytest.raises(ValueError) as refused:
            read(record, "id")
        assert str(refused.value) == "it has no id"


@pytest.mark.parametrize(
    ("value", "time"),
    [
        ("2024-05-01T06:30:00Z", dt.datetime(2024, 5, 1, 6, 30, tzinfo=dt.UTC)),
        ("2024-05-01 06:30:00.250", dt.datetime(2024, 5, 1, 6, 30, 0, 250_000)),  # noqa: DTZ001 as it is written
        (" 2024-05-01T06:30+02:00 ", dt.datetime(2024, 5, 1, 6, 30, tzinfo=dt.timezone(dt.timedelta(hours=2)))),
    ],
)
def test_a_time_is_taken_with_or_without_an_offset(value: str, time: dt.datetime) -> None:
    assert time_at({"start": value}, "start") == time


@pytest.mark.parametrize("value", ["yesterday", "2024-13-01T00:00:00", "2024-05-01T25:00:00", 1_714_545_000, "2024"])
def test_what_is_no_time_is_said(value: Any) -> None:
    with pytest.raises(ValueError) as refused:
        time_at({"start": value}, "start")
    assert str(refused.value) == f"start: {str(value)!r} is not a time"
