"""Read and write distances, climbs, times, paces, shares and spans of time as people do. Inside there are metres and
seconds only."""

import re
from collections.abc import Callable

METRES: dict[str, float] = {
    "m": 1.0, "km": 1000.0, "mi": 1609.344, "yd": 0.9144, "ft": 0.3048, "cm": 0.01, "mm": 0.001,
}  # fmt: skip
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_LENGTH = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*([a-z]+)\s*")
_TIME = re.compile(r"\s*(?=.*\d)(?:(\d{1,3})\s*h)?\s*(?:(\d{1,4})\s*m(?:in)?)?\s*(?:(\d{1,5})\s*s)?\s*")
_CLOCK = re.compile(r"\s*(\d{1,3}):([0-5]\d):([0-5]\d)\s*")
_PACE = re.compile(r"\s*(\d{1,2}):([0-5]\d)\s*(?:min)?\s*/\s*(km|mi)\s*")
_SHARE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*%\s*$")
_SPAN = re.compile(r"^\s*(?:\d+(?:\.\d+)?\s*[smhdw]\s*)+$")
_COMPARISON = re.compile(r"^\s*(>=|<=|>|<|=)?\s*(.+?)\s*$")
_RANGE = re.compile(r"^\s*(.+?)\s*(?:\.\.|–|\bto\b)\s*(.+?)\s*$")
_NEARLY_WHOLE = 0.002


def distance_m(text: object) -> float:
    """Return the metres of a distance such as `700 km`, `5 mi` or `400 m`. Raises ValueError with the remedy."""
    return _length_m(text, ("m", "km", "mi", "yd"), "a distance", "km")


def climb_m(text: object) -> float:
    """Return the metres of a climb such as `300 m` or `1000 ft`. Raises ValueError with the remedy."""
    return _length_m(text, ("m", "ft"), "a climb", "m")


def _length_m(text: object, known: tuple[str, ...], what: str, usual: str) -> float:
    match = _LENGTH.fullmatch(str(text))
    if match is None or match[2] not in known:
        raise ValueError(f"{text!r} is not {what}; write a number and a unit ({', '.join(known)}), such as 700 {usual}")
    if re.search(r",\d{3}$", match[1]):
        raise ValueError(
            f"{text!r} can be read in two ways; write it without a comma, such as 1000 {usual} or 1.5 {usual}"
        )
    return float(match[1].replace(",", ".")) * METRES[match[2]]


def time_s(text: object) -> float:
    """Return the seconds of a time on the way such as `45 min`, `1h 30m` or `1:30:00`. Raises ValueError with the
    remedy."""
    match = _CLOCK.fullmatch(str(text)) or _TIME.fullmatch(str(text))
    if match is None:
        raise ValueError(f"{text!r} is not a time; write it such as 45 min, 1 h 30 min or 1:30:00")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3600.0 + minutes * 60 + seconds


def pace_spm(text: object) -> float:
    """Return the seconds a metre of a pace such as `4:30 /km` or `7:00 /mi`. Raises ValueError with the remedy."""
    match = _PACE.fullmatch(str(text))
    if match is None:
        raise ValueError(f"{text!r} is not a pace; write minutes, seconds and a unit, such as 4:30 /km or 7:00 /mi")
    return (int(match[1]) * 60 + int(match[2])) / METRES[match[3]]


def share(text: object) -> float:
    """Return the share 0.9 of `90%`. Raises ValueError with the remedy."""
    match = _SHARE.match(str(text))
    if match is None:
        raise ValueError(f"{text!r} is not a share; write a percentage such as 90%")
    return float(match[1]) / 100


def share_of_a_run(text: object) -> float:
    """Return the share of `90%`, at most 1. Raises ValueError with the remedy."""
    if (found := share(text)) > 1:
        raise ValueError(f"{text!r} is more than the whole run; write at most 100%")
    return found


def span_s(text: object) -> float:
    """Return the seconds of a span of time such as `15m`, `6h`, `1h 30m` or `21d`. Raises ValueError with the
    remedy."""
    if _SPAN.match(str(text)) is None:
        raise ValueError(f"{text!r} is not a span of time; write a number and s, m, h, d or w, such as 6h")
    parts = re.findall(r"(\d+(?:\.\d+)?)\s*([smhdw])", str(text))
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def comparisons(
    text: object, read: Callable[[object], float] = distance_m, small: str = "5 km", large: str = "10 km"
) -> tuple[tuple[str, float], ...]:
    """Return the comparisons of `>= 8 km`, `< 5 mi` or `5 km .. 10 km` (half-open), each value by `read`. `small` and
    `large` are examples of one. Raises ValueError with the remedy."""
    if between := _RANGE.match(str(text)):
        start, end = read(between[1]), read(between[2])
        if start >= end:
            raise ValueError(f"{text!r} contains nothing; write the smaller one first, such as {small} .. {large}")
        return ((">=", start), ("<", end))
    match = _COMPARISON.match(str(text))
    if match is None or match[1] is None:
        raise ValueError(f"{text!r} is not a comparison; write >= {large}, < {small} or {small} .. {large}")
    return ((match[1], read(match[2])),)


def write_distance(metres: float, unit: str, digits: int = 1) -> str:
    """Write `metres` for a person, such as `412.3 km`."""
    return f"{metres / METRES[unit]:,.{digits}f} {unit}"


def write_climb(metres: float, unit: str) -> str:
    """Write a climb for a person who counts in `unit` (km or mi), such as `310 m` or `1,017 ft`."""
    step = "ft" if unit == "mi" else "m"
    return f"{metres / METRES[step]:,.0f} {step}"


def write_time(seconds: float) -> str:
    """Write a time as `42:05` or `1:07:42`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def plain_distance(metres: float) -> str:
    """Write a distance as a person gave it: in whole miles where it is that, else in km."""
    for unit in ("km", "mi"):
        if abs(metres / METRES[unit] - round(metres / METRES[unit])) < _NEARLY_WHOLE:
            return f"{round(metres / METRES[unit])} {unit}"
    return f"{metres / METRES['km']:.1f} km"
