"""Read fields of JSON records and of CSV rows by their expected type. Another type raises ValueError with a message."""

import datetime as dt
import math
import re
from collections.abc import Mapping
from typing import Any

from shoemon.sources.formats.iso_times import RefusedTimeError, iso_time
from shoemon.sources.kit.cells import quoted

_LEAST_LIFE_M, _MOST_LIFE_M = 1_000.0, 100_000_000.0


def number_at(record: Mapping[str, Any], key: str) -> float | None:
    """Return the number at `key`, also written as text; None for none, or blanks. Raises ValueError."""
    value = record.get(key)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        # Python reads true as 1, and 1_000 as a number; no export means that.
        is_number = not (isinstance(value, bool) or (isinstance(value, str) and "_" in value))
        number = float(value) if is_number else math.nan
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{key}: {quoted(value)} is not a number")
    return number


def optional_number_at(record: Mapping[str, Any], key: str) -> float | None:
    """Return `number_at`; None also for what is not a number, where a record counts without it."""
    try:
        return number_at(record, key)
    except ValueError:
        return None


def life_at(record: Mapping[str, Any], key: str) -> float | None:
    """Return the metres that a pair can last, or have lasted, at `key`; None for anything else."""
    metres = optional_number_at(record, key)
    return metres if metres is not None and _LEAST_LIFE_M <= metres <= _MOST_LIFE_M else None


def needed_number_at(record: Mapping[str, Any], key: str) -> float:
    """Return `number_at`; raises ValueError also if there is none."""
    number = number_at(record, key)
    if number is None:
        raise ValueError(f"it has no {key}")
    return number


def text_at(record: Mapping[str, Any], key: str) -> str | None:
    """Return the text at `key`, or the number as text (`12`, not `12.0`); None if there is none, or only blanks."""
    value = record.get(key)
    if value is None or isinstance(value, bool | Mapping | list):
        return None
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        value = int(value) if value.is_integer() else value
    return str(value).strip() or None


def needed_text_at(record: Mapping[str, Any], key: str) -> str:
    """Return `text_at`; raises ValueError if there is none."""
    text = text_at(record, key)
    if text is None:
        raise ValueError(f"it has no {key}")
    return text


def time_at(record: Mapping[str, Any], key: str) -> dt.datetime:
    """Return the time at `key` in ISO 8601, with or without an offset. Raises ValueError."""
    text = needed_text_at(record, key)
    try:
        time = iso_time(text)
    except ValueError as error:
        why = error if isinstance(error, RefusedTimeError) else "is not a time"
        raise ValueError(f"{key}: {quoted(text)} {why}") from None
    return time if isinstance(time, dt.datetime) else dt.datetime.combine(time, dt.time())


def is_id(text: str) -> bool:
    """Return whether `text` can be the id of a record on a server, and is safe in an address."""
    return re.fullmatch("[A-Za-z0-9]{1,40}", text, re.ASCII) is not None


def optional_time_at(record: Mapping[str, Any], key: str) -> dt.datetime | None:
    """Return `time_at`; None if there is none, or only blanks."""
    return time_at(record, key) if text_at(record, key) is not None else None
