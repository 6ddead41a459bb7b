"""The words behind FIT's numbers: sports, makers, kinds of files."""

from functools import cache

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


def file_type_of(number: object) -> str:
    """What a file of this type holds, in words for the runner."""
    return _FILE_TYPES.get(number, "something else") if isinstance(number, int) else "something else"


def sport_words(sport: int | None, sub_sport: int | None) -> tuple[str, str]:
    """FIT's names of a sport and its finer kind; a number it does not name stands as it is, `generic` says nothing."""
    return _word("sport", sport), _word("sub_sport", sub_sport)


def device_of(manufacturer: int | None, serial: int | None) -> str:
    """Maker and serial number, as far as the file says."""
    maker = "" if manufacturer is None else _word("manufacturer", manufacturer)
    return " ".join(filter(None, (maker, str(serial) if serial else "")))


def _word(kind: str, number: int | None) -> str:
    if number is None:
        return ""
    word = _words(kind).get(number, str(number))
    return "" if word == "generic" else word


@cache
def _words(kind: str) -> dict[int, str]:
    from fitdecode.profile import FIELD_TYPES

    return dict(FIELD_TYPES[kind].enum)
