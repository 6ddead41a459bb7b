"""Fields of JSON records and of rows of text, read by what they should be. A field that is something else is said."""

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any


def number_at(record: Mapping[str, Any], key: str) -> float | None:
    """The number at `key`, also where it stands there as text; None if there is none, or only blanks. Raises ValueError
    in words."""
    value = record.get(key)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        # Python takes true for 1, and 1_000 for a number; no export means that.
        is_number = not (isinstance(value, bool) or (isinstance(value, str) and "_" in value))
        number = float(value) if is_number else math.nan
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{key}: {_shown(value)} is not a number")
    return number


def needed_number_at(record: Mapping[str, Any], key: str) -> float:
    """As `number_at`, of what must be there."""
    number = number_at(record, key)
    if number is None:
        raise ValueError(f"it has no {key}")
    return number


def text_at(record: Mapping[str, Any], key: str) -> str | None:
    """The text at `key`, or the number as text (`12`, not `12.0`); None if there is none, or only blanks."""
    value = record.get(key)
    if value is None or isinstance(value, bool | Mapping | list):
        return None
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        value = int(value) if value.is_integer() else value
    return str(value).strip() or None


def needed_text_at(record: Mapping[str, Any], key: str) -> str:
    """As `text_at`, of what must be there. Raises ValueError in words."""
    text = text_at(record, key)
    if text is None:
        raise ValueError(f"it has no {key}")
    return text


def time_at(record: Mapping[str, Any], key: str) -> dt.datetime:
    """The time at `key` in ISO 8601, with or without an offset. Raises ValueError in words."""
    text = needed_text_at(record, key)
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{key}: {_shown(text)} is not a time") from None


def optional_time_at(record: Mapping[str, Any], key: str) -> dt.datetime | None:
    """As `time_at`; None if there is none, or only blanks."""
    return time_at(record, key) if text_at(record, key) is not None else None


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
