"""How people write values: distances, shares, spans, days, prices, parts of a run. Also as patterns for editors."""

import datetime as dt
import difflib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from shoemon.model import units
from shoemon.model.plan import Part

LONGEST_SPAN_S = 10 * 366 * 86_400.0
"""Ten years; more is a slip, and would not fit into a timedelta."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class Written:
    """A value that people write as text: how to read it, and how an editor can check it."""

    read: Callable[[Any], Any]
    """Returns the value; raises ValueError with the remedy."""
    pattern: str
    example: str
    write: Callable[[Any], str] = str
    """Returns the text that `read` reads as this value."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._one_value, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "pattern": self.pattern, "examples": [self.example]}

    def _one_value(self, value: Any) -> Any:
        if isinstance(value, dict | list | tuple):  # not repeated: it may contain a secret
            raise ValueError(f"must be one value, such as {self.example}")
        found = self.read(value)
        if isinstance(found, float) and not math.isfinite(found):
            raise ValueError(f"is too large; write a value such as {self.example}")
        return found


class OrOne:
    """One item may be written where a list is meant."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._as_list, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        several = handler(schema)
        return {"anyOf": [several["items"], several]}

    @staticmethod
    def _as_list(value: Any) -> Any:
        return value if isinstance(value, list | tuple) or value is None else [value]


class OrAlone:
    """Settings of which one, `name`, may be written alone."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def as_settings(value: Any) -> Any:
            return value if isinstance(value, dict | source) else {self.name: value}

        return core_schema.no_info_before_validator_function(as_settings, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        settings = handler(schema)
        return {"anyOf": [handler.resolve_ref_schema(settings)["properties"][self.name], settings]}


def _span(value: Any) -> float:
    seconds = units.span_s(value)
    if seconds > LONGEST_SPAN_S:
        raise ValueError(f"{value!r} is longer than ten years")
    return seconds


def write_span(seconds: float) -> str:
    """`21d` for 1,814,400."""
    for unit, length in (("d", 86_400), ("h", 3600), ("m", 60)):
        if seconds >= length and seconds % length == 0:
            return f"{seconds / length:g}{unit}"
    return f"{seconds:g}s"


_SIZE = r"\s*([0-9]{1,6}(?:\.[0-9]{1,3})?)\s*([kMGT]?B)\s*"
_BYTES = {"B": 1, "kB": 1000, "MB": 1000**2, "GB": 1000**3, "TB": 1000**4}


def _size(value: Any) -> float:
    match = re.fullmatch(_SIZE, str(value))
    if match is None:
        raise ValueError(f"{value!r} is not a size; write a number and kB, MB, GB or TB, such as 2 GB")
    return float(match[1]) * _BYTES[match[2]]


def _write_size(size: float) -> str:
    unit = next(unit for unit in reversed(_BYTES) if size >= _BYTES[unit] or unit == "B")
    return f"{size / _BYTES[unit]:g} {unit}"


def _day(value: object) -> str:
    text = str(value).strip()
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise ValueError(f"{text!r} is not a day; write year-month-day, such as 2024-03-01")


_MOMENT = r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?"
_ZONED = re.compile(r"[\d-]+[T ][\d:.]+\s*(?:Z|[+-]\d\d(?::?\d\d)?)", re.IGNORECASE)


def _moment(value: object) -> str:
    text = str(value).strip()
    if _ZONED.fullmatch(text):
        raise ValueError(f"{text!r} has a zone; times here are in your own zone, so write it without")
    try:
        if re.fullmatch(_MOMENT, text, re.ASCII):
            return _day(text) if len(text) == 10 else dt.datetime.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise ValueError(f"{text!r} is not a day or time; write 2024-03-01 or 2024-03-01T18:30")


_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_CLOCKS = rf"\s*({_CLOCK})\s*-\s*({_CLOCK}|24:00)\s*"


def _time_of_day(value: Any) -> tuple[str, str]:
    match = re.fullmatch(_CLOCKS, str(value))
    if match is None:
        raise ValueError(f"{value!r} is not a span of the day; write it like 05:00-09:30")
    if match[1] == match[2]:
        raise ValueError(f"{value!r} is no time at all; for the whole day remove `time`")
    return (match[1], match[2])


_DAY_AND_TIME = rf"({'|'.join(WEEKDAYS)})\s+({_CLOCK})"


def _weekly_time(value: Any) -> tuple[int, str]:
    match = re.fullmatch(_DAY_AND_TIME, str(value).strip())
    if match is None:
        raise ValueError(f"{value!r} is not a time of the week; write a day and a time, such as mon 07:00")
    return (WEEKDAYS.index(match[1]), match[2])


_PRICE = r"\s*([0-9]{1,9}(?:[.,][0-9]{1,2})?)\s*([A-Za-z]{3})\s*"


def _price(value: Any) -> tuple[float, str]:
    match = re.fullmatch(_PRICE, str(value))
    if match is None:
        raise ValueError(f"{value!r} is not a price; write an amount and a currency, such as 130 EUR")
    return (float(match[1].replace(",", ".")), match[2].upper())


_REGEX = {
    "missing ), unterminated subpattern": "is not closed",
    "unterminated character set": "is not closed",
    "unbalanced parenthesis": "closes nothing",
    "nothing to repeat": "has nothing before it to repeat",
    "multiple repeat": "repeats what is repeated already",
}
"""What Python's `re` finds wrong with a character, in plain words."""


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        place = error.pos or 0
        problem = f"{error.msg} at character {place + 1}"
        if error.msg in _REGEX:
            sign = value[place]
            remedy = f"for this character itself write `\\{sign}`, in single quotes"
            problem = f"the `{sign}` at character {place + 1} {_REGEX[error.msg]}; {remedy}"
        raise ValueError(f"`{value}` is not a regular expression: {problem}") from None
    except (OverflowError, RecursionError) as error:
        raise ValueError(f"`{value}` is not a regular expression: {error}") from None
    return value


def _zone(value: str) -> str:
    from zoneinfo import ZoneInfo, available_timezones

    try:
        ZoneInfo(value)
    except (OSError, ValueError, KeyError):
        zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
        cities = {zone.rpartition("/")[2].lower(): zone for zone in zones}
        near = difflib.get_close_matches(value.rpartition("/")[2].lower()[:100], cities, n=1, cutoff=0.8)
        remedy = f"did you mean {cities[near[0]]}?" if near else "use a name such as Europe/Helsinki or UTC"
        raise ValueError(f"{value!r} is not a time zone; {remedy}") from None
    return value


_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def _weekday(value: str) -> str:
    word = value.strip().lower()
    if len(word) < 3 or not any(name.startswith(word) for name in _DAY_NAMES):
        raise ValueError(f"{value!r} is not a weekday; write {', '.join(WEEKDAYS)}")
    return word[:3]


_POINT = "[60.1871, 24.9270]"


def _point(value: Any) -> tuple[float, float]:
    """`[60.1871, 24.9270]`, latitude and longitude. Raises ValueError with the remedy."""
    try:
        lat, lon = map(float, value if isinstance(value, list | tuple) else ())
    except (TypeError, ValueError):
        raise ValueError(f"must be a latitude and a longitude with decimal points, such as {_POINT}") from None
    if abs(lat) <= 90 and abs(lon) <= 180:
        return (lat, lon)
    if abs(lat) <= 180 and abs(lon) <= 90:
        raise ValueError(f"latitude comes first and is at most 90 degrees; write [{lon:g}, {lat:g}]")
    raise ValueError(f"latitude is at most 90 degrees, longitude at most 180; write them such as {_POINT}")


def _split(value: Any) -> tuple[Part, ...]:
    """`pegasus`, or `{pegasus: 5 km, endorphin: rest}`, as parts. Raises ValueError with the remedy."""
    if isinstance(value, str):
        return (Part(value),)
    if not isinstance(value, dict) or not value:
        raise ValueError("write one name, or parts such as {a: 5 km, b: rest} or {a: 30%, b: 70%}")
    parts = tuple(_part(name, amount) for name, amount in value.items())
    rests = sum(part.metres is None and part.share is None for part in parts)
    shares = sum(part.share or 0.0 for part in parts)
    if rests > 1:
        raise ValueError("only one part can be the rest")
    if shares > 1 + 1e-9:
        raise ValueError(f"the shares add up to {shares * 100:g}%; they cannot be more than 100%")
    if not rests and (shares < 1 - 1e-9 or any(part.metres is not None for part in parts)):
        raise ValueError("the parts do not make up the whole run; write `rest` for one of them")
    return parts


def _part(name: str, amount: Any) -> Part:
    text = amount.strip() if isinstance(amount, str) else ""
    if text == "rest":
        return Part(name)
    if text.endswith("%"):
        return Part(name, share=units.share(text))
    try:
        return Part(name, metres=units.distance_m(text))
    except ValueError:
        raise ValueError(f"{text!r} is not a part of a run; write a distance (5 km), a share (30%) or rest") from None


_AMOUNT = r"\s*(rest|\d+(\.\d+)?\s*%|\d+([.,]\d+)?\s*(m|km|mi|yd))\s*"
_AMOUNTS = {
    "type": "object",
    "minProperties": 1,
    "additionalProperties": {"type": "string", "pattern": f"^{_AMOUNT}$", "examples": ["5 km", "30%", "rest"]},
}

Distance = Annotated[
    float,
    Written(units.distance_m, r"^\s*\d+([.,]\d+)?\s*(m|km|mi|yd)\s*$", "700 km", lambda m: f"{m / 1000:g} km"),
]
"""Metres, written with a unit."""
Share = Annotated[float, Written(units.share, r"^\s*\d+(\.\d+)?\s*%\s*$", "90%", lambda share: f"{share * 100:g}%")]
"""0 to 1 and beyond, written as a percentage."""
Span = Annotated[float, Written(_span, r"^\s*(\d+(\.\d+)?\s*[smhdw]\s*)+$", "6h", write_span)]
"""Seconds, written with units."""
Size = Annotated[float, Written(_size, f"^{_SIZE}$", "2 GB", _write_size)]
"""Bytes, written with a unit."""
Day = Annotated[str, Written(_day, r"^\d{4}-\d{2}-\d{2}$", "2024-03-01")]
"""ISO date."""
Moment = Annotated[str, Written(_moment, rf"^{_MOMENT}$", "2024-03-01")]
"""ISO date, or date and time of the runner's clock, without a zone."""
Price = Annotated[tuple[float, str], Written(_price, f"^{_PRICE}$", "130 EUR")]
"""Amount and currency."""
TimeOfDay = Annotated[tuple[str, str], Written(_time_of_day, f"^{_CLOCKS}$", "05:00-09:30")]
"""Local time from (included) until (not included); may pass midnight."""
WeeklyTime = Annotated[tuple[int, str], Written(_weekly_time, f"^{_DAY_AND_TIME}$", "mon 07:00")]
"""Weekday (0 is Monday) and local time `HH:MM`."""


def _compared(read: Callable[[Any], float], small: str, large: str, pattern: str) -> Written:
    return Written(partial(units.comparisons, read=read, small=small, large=large), pattern, f">= {large}")


_Compared = tuple[tuple[str, float], ...]
Comparisons = Annotated[_Compared, _compared(units.distance_m, "5 km", "10 km", r"\d\s*(m|km|mi|yd)\s*$")]
"""Comparisons with metres."""
Climbs = Annotated[_Compared, _compared(units.climb_m, "100 m", "300 m", r"\d\s*(m|ft)\s*$")]
"""Comparisons with metres of climb."""
Times = Annotated[_Compared, _compared(units.time_s, "45 min", "1 h 30 min", r"(\d\s*(h|m|min|s)|:\d\d:\d\d)\s*$")]
"""Comparisons with seconds."""
Paces = Annotated[_Compared, _compared(units.pace_spm, "4:30 /km", "5:00 /km", r"\d:\d\d\s*(min)?\s*/\s*(km|mi)\s*$")]
"""Comparisons with seconds a metre: less is faster."""
Shares = Annotated[_Compared, _compared(units.share_of_a_run, "20%", "60%", r"\d\s*%\s*$")]
"""Comparisons with shares of a run, 0 to 1."""
Texts = Annotated[tuple[str, ...], OrOne()]
Pattern = Annotated[str, AfterValidator(_pattern)]
Zone = Annotated[str, AfterValidator(_zone)]
Weekday = Annotated[str, AfterValidator(_weekday)]
Point = Annotated[
    tuple[float, float],
    BeforeValidator(_point),
    WithJsonSchema({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}),
]
"""Degrees north and east."""
SplitSetting = Annotated[
    tuple[Part, ...], BeforeValidator(_split), WithJsonSchema({"anyOf": [{"type": "string"}, _AMOUNTS]})
]
"""The parts of a run, by shoe or surface."""
