"""Find the sport of a recording by its file's own words. Pure."""

from bisect import bisect_left
from functools import cache

from shoemon.model.globe import distance_between_m
from shoemon.model.recording import Recording
from shoemon.model.sports import INDOOR_SPORTS, ON_FOOT, sport_of

INDOORS = {
    "treadmill", "indoor_running", "indoor_walking", "indoor_cycling", "indoor_rowing", "indoor_climbing",
    "indoor_skiing", "spin", "elliptical", "stair_climbing", "lap_swimming", "virtual_activity",
}  # fmt: skip
"""Sub-sports under a roof."""
_FILE_TYPES = {
    1: "a device's description", 2: "settings", 3: "settings of a sport", 5: "a workout to be done", 6: "a course",
    7: "a schedule", 9: "weights", 10: "totals", 11: "goals", 14: "blood pressure", 15: "a day's monitoring",
    20: "a summary", 28: "a day's monitoring", 32: "a day's monitoring", 34: "a segment", 35: "a list of segments",
}  # fmt: skip
_GPX_NUMBERS = {"1": "ride", "4": "hike", "9": "run", "10": "walk", "16": "swim", "23": "row"}
"""Strava's old numbers, written in `type` of its GPX exports."""
_RUN_KINDS = {
    "trail": "trail-run",
    "track": "track-run",
    "treadmill": "treadmill-run",
    "indoor_running": "treadmill-run",
    "virtual_activity": "virtual-run",
}
_RUNNERS, _FASTEST_MINUTE = (2.0, 4.6), 6.5
"""Metres a second of nearly all runs; slower recordings may be walks, faster ones rides, which coast for a minute."""
_BY_FIT_SPORT = {"training": "strength"}


def sport_of_recording(recording: Recording) -> tuple[str, bool | None]:
    """Return one of `SPORTS` or `UNKNOWN_SPORT`, and whether it was indoors; None if the file does not contain it."""
    word, finer = recording.sport.strip().lower(), recording.sub_sport.strip().lower()
    sport = _sport(recording.sport)
    if sport == "run" and finer in _RUN_KINDS:
        sport = _RUN_KINDS[finer]
    indoor = recording.indoor
    if indoor is None and (finer in INDOORS or sport in INDOOR_SPORTS or "indoor" in word):
        indoor = True
    return sport, indoor


def may_be_on_foot(word: str) -> bool:
    """Return whether a file's word for its sport, or its having none, leaves it possible that somebody ran or
    walked."""
    return not word.strip() or _sport(word) in ON_FOOT


def _sport(written: str) -> str:
    word = written.strip().lower()
    return _GPX_NUMBERS.get(word) or _BY_FIT_SPORT.get(word) or sport_of(written)


def is_evident_run(recording: Recording) -> bool:
    """Return whether a recording has the speed of a runner, all in all and in every minute."""
    seconds, (slowest, fastest) = recording.moving_s or recording.elapsed_s, _RUNNERS
    if not recording.distance_m or not seconds or not slowest <= recording.distance_m / seconds <= fastest:
        return False
    trace = recording.trace
    ends = (bisect_left(trace.times, time + 60.0) for time in trace.times)
    return not any(
        distance_between_m(trace.lats[start], trace.lons[start], trace.lats[end], trace.lons[end])
        > _FASTEST_MINUTE * (trace.times[end] - trace.times[start])
        for start, end in enumerate(ends)
        if end < len(trace)
    )


def file_type_of(number: object) -> str:
    """Return a description of a file's type for the runner."""
    return _FILE_TYPES.get(number, "something else") if isinstance(number, int) else "something else"


def device_of(manufacturer: int | None, serial: int | None) -> str:
    """Return maker and serial number, as far as the file contains them."""
    maker = "" if manufacturer is None else fit_word("manufacturer", manufacturer)
    return " ".join(filter(None, (maker, str(serial) if serial else "")))


def fit_word(kind: str, number: int | None) -> str:
    """Return FIT's name of a `sport`, `sub_sport` or the like; a number without a name as text, blank for `generic`."""
    if number is None:
        return ""
    word = _words(kind).get(number, str(number))
    return "" if word == "generic" else word


@cache
def _words(kind: str) -> dict[int, str]:
    from fitdecode.profile import FIELD_TYPES

    return dict(FIELD_TYPES[kind].enum)
