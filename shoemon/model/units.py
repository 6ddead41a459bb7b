"""Read and write distances, shares and spans of time as people do. Inside there are metres and seconds only."""

import re

METRES: dict[str, float] = {
    "m": 1.0, "km": 1000.0, "mi": 1609.344, "yd": 0.9144, "ft": 0.3048, "cm": 0.01, "mm": 0.001,
}  # fmt: skip
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_DISTANCE = re.compile(r"^\s*(\d+(?:[.,]\d+)?)\s*(m|km|mi|yd)\s*$")
_SHARE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*%\s*$")
_SPAN = re.compile(r"^\s*(?:\d+(?:\.\d+)?\s*[smhdw]\s*)+$")
_COMPARISON = re.compile(r"^\s*(>=|<=|>|<|=)?\s*(.+?)\s*$")
_RANGE = re.compile(r"^\s*(.+?)\s*(?:\.\.|–|\bto\b)\s*(.+?)\s*$")
_NEARLY_WHOLE = 0.002


def distance_m(text: object) -> float:
    """Return the metres of a distance such as `700 km`, `5 mi` or `400 m`. Raises ValueError with the remedy."""
    match = _DISTANCE.match(str(text))
    if match is None:
        raise ValueError(f"{text!r} is not a distance; write a number and a unit (m, km, mi, yd), such as 700 km")
    if re.search(r",\d{3}$", match[1]):
        raise ValueError(f"{text!r} can be read in two ways; write it without a comma, such as 1000 km or 1.5 km")
    return float(match[1].replace(",", ".")) * METRES[match[2]]


def share(text: object) -> float:
    """Return the share 0.9 of `90%`. Raises ValueError with the remedy."""
    match = _SHARE.match(str(text))
    if match is None:
        raise ValueError(f"{text!r} is not a share; write a percentage such as 90%")
    return float(match[1]) / 100


def span_s(text: object) -> float:
    """Return the seconds of a span of time such as `15m`, `6h`, `1h 30m` or `21d`. Raises ValueError with the
    remedy."""
    if _SPAN.match(str(text)) is None:
        raise ValueError(f"{text!r} is not a span of time; write a number and s, m, h, d or w, such as 6h")
    parts = re.findall(r"(\d+(?:\.\d+)?)\s*([smhdw])", str(text))
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def distance_comparisons(text: object) -> tuple[tuple[str, float], ...]:
    """Return the comparisons in metres of `>= 8 km`, `< 5 mi` or `5 km .. 10 km` (half-open). Raises ValueError."""
    if between := _RANGE.match(str(text)):
        start, end = distance_m(between[1]), distance_m(between[2])
        if start >= end:
            raise ValueError(f"{text!r} contains no distance; write the smaller one first, such as 5 km .. 10 km")
        return ((">=", start), ("<", end))
    match = _COMPARISON.match(str(text))
    if match is None or match[1] is None:
        raise ValueError(f"{text!r} is not a comparison; write >= 8 km, < 5 km or 5 km .. 10 km")
    return ((match[1], distance_m(match[2])),)


def write_distance(metres: float, unit: str, digits: int = 1) -> str:
    """Write `metres` for a person, such as `412.3 km`."""
    return f"{metres / METRES[unit]:,.{digits}f} {unit}"


def plain_distance(metres: float) -> str:
    """Write a distance as a person gave it: in whole miles where it is that, else in km."""
    for unit in ("km", "mi"):
        if abs(metres / METRES[unit] - round(metres / METRES[unit])) < _NEARLY_WHOLE:
            return f"{round(metres / METRES[unit])} {unit}"
    return f"{metres / METRES['km']:.1f} km"
