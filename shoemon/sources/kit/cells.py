"""Read one cell as a number, a duration, a unit or a word. Every reader raises ValueError with a readable message."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from shoemon.model.units import METRES

Number = Callable[[Any], float]
DURATIONS = {"s": 1.0, "ms": 0.001, "min": 60.0, "h": 3600.0}
"""Seconds of each unit of time."""

_LONG_NAMES = {
    "m": ("meter", "metre"), "km": ("kilometer", "kilometre", "kms"), "mi": ("mile",), "yd": ("yard",),
    "ft": ("foot", "feet"), "cm": ("centimeter", "centimetre"), "mm": ("millimeter", "millimetre"),
}  # fmt: skip
UNIT_WORDS = {unit: unit for unit in METRES} | {
    word: unit for unit, names in _LONG_NAMES.items() for name in names for word in (name, name + "s")
}
"""Every way to write a unit of length, in lower case."""
_NOTHING = frozenset({"", "n/a", "na", "nan", "null", "none"})
_TRUE, _FALSE = frozenset({"true", "1", "yes", "y", "1.0"}), frozenset({"false", "0", "no", "n", "0.0"})
_GROUPED = {
    ".": re.compile(r"[+-]?\d{1,3}(?:([,\s'’])\d{3})(?:\1\d{3})*(?:\.\d+)?"),
    ",": re.compile(r"[+-]?\d{1,3}(?:([.\s'’])\d{3})(?:\1\d{3})*(?:,\d+)?"),
}
_GROUPS = {sign: re.compile(rf"\d{{1,3}}(?:{re.escape(sign)}\d{{3}})*") for sign in ".,"}
_BY_COMMA = re.compile(r"\d+,\d+|\d{1,3}(?:\.\d{3})+,\d+")
_COMMA = re.compile(r"[+-]?\d+(?:,\d+)?")
_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,4}):(\d{1,2}(?:[.,]\d+)?)")
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2}?):?(\d{2})?", re.IGNORECASE)


def quoted(value: Any) -> str:
    """Return a value as messages show it: a text in quotes, anything cut at 80 characters."""
    text = value if isinstance(value, str) else repr(value)
    text = text if len(text) <= 80 else text[:77] + "..."
    return repr(text) if isinstance(value, str) else text


def text(value: Any) -> str:
    """Return a cell as text: without blanks around it, and without the `.0` of JSON numbers used as ids."""
    if type(value) is str:
        return value.strip()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def plain_word(word: str) -> str:
    """Return a word as words are compared: without case, with the blanks and apostrophes of a keyboard."""
    return " ".join(word.replace("’", "'").split()).casefold()


def is_empty(value: Any) -> bool:
    """Return whether a cell contains only what exports write for nothing: `--`, `--:--:--`, `n/a`, blanks."""
    return text(value).lower().strip("-–—: ") in _NOTHING


def number_reader(decimal: str) -> Number:
    """Return a reader of numbers with this decimal sign; another sign, blank or apostrophe separates thousands."""
    grouped = _GROUPED[decimal]

    def read_text(value: Any) -> float:
        plain = text(value)
        if decimal == "," and _COMMA.fullmatch(plain):
            return float(plain.replace(",", "."))
        if match := grouped.fullmatch(plain):
            return float(plain.replace(match[1], "").replace(",", "."))
        other = "," if decimal == "." else "."
        hint = f'; if {other} is the decimal sign, set decimal: "{other}"' if other in plain else ""
        raise ValueError(f"{quoted(value)} is not a number{hint}")

    def read(value: Any) -> float:
        try:
            return float(value)
        except ValueError:
            return read_text(value)

    def read_comma(value: Any) -> float:
        return read_text(value) if type(value) is str else float(value)

    return read if decimal == "." else read_comma


def is_decimal_comma(distances: Iterable[str], unit: str | None) -> bool:
    """Return whether distances are written with a decimal comma. Behind a sign, three digits of metres are thousands,
    as nobody writes millimetres; those of kilometres and miles are not, as nobody runs so far."""
    written = [distance for distance in distances if distance]
    if unit is not None and METRES[unit] < METRES["km"]:
        if "." in "".join(written) and all(map(_GROUPS["."].fullmatch, written)):
            return True
        written = [distance for distance in written if not _GROUPS[","].fullmatch(distance)]
    return any(map(_BY_COMMA.fullmatch, written))


def duration_reader(number: Number, unit: str | None) -> Number:
    """Return a reader of durations as seconds: a number in `unit` (default s), `MM:SS` or `H:MM:SS`."""
    factor = DURATIONS[unit or "s"]

    def read(value: Any) -> float:
        if type(value) is str and ":" in value:
            match = _CLOCK.fullmatch(value.strip())
            if match is None or float(match[3].replace(",", ".")) >= 60 or (match[1] and int(match[2]) >= 60):
                raise ValueError(f"{quoted(value)} is not a duration; write seconds, MM:SS or H:MM:SS")
            return int(match[1] or 0) * 3600 + int(match[2]) * 60 + float(match[3].replace(",", "."))
        seconds = number(value) * factor
        if not 0 <= seconds < 1e9:
            raise ValueError(f"{quoted(value)} is not a duration")
        return seconds

    return read


def offset_reader(number: Number, unit: str | None) -> Callable[[Any], int]:
    """Return a reader of offsets from UTC as seconds: `+02:00`, `UTC+0900`, `-0330`, or a number in `unit`."""
    factor = DURATIONS[unit or "s"]

    def read(value: Any) -> int:
        plain = text(value)
        if plain.upper() in ("Z", "UTC", "GMT"):
            return 0
        match = _OFFSET.fullmatch(plain) if unit is None else None
        hours, minutes = (int(match[2]), int(match[3] or 0)) if match else (0, 0)
        # `-0330` is a clock, `-3600` can only be seconds, and `-3` without anything around it is a number too.
        if match and hours <= 14 and minutes < 60 and (match[3] or plain[0] in "UGug"):
            seconds = float(hours * 3600 + minutes * 60) * (-1 if match[1] == "-" else 1)
        else:
            seconds = number(value) * factor
        if not abs(seconds) <= 50_400:
            raise ValueError(f"{quoted(value)} is not an offset from UTC such as +02:00")
        return int(seconds)

    return read


def truth(value: Any) -> bool:
    """Read a cell as true or false. Raises ValueError if it is neither."""
    word = text(value).lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError(f"{quoted(value)} is neither true nor false")


def unit_in(name: str) -> str | None:
    """Return the unit of length in a column's name: `Distance (km)`, `distance_mi`, `distanceInMeters`, `Miles`."""
    words = re.findall(r"[a-z]+|%", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())
    if not words:
        return None
    if words[-1] in ("%", "percent", "percentage"):
        return "%"
    return UNIT_WORDS.get(words[-1])
