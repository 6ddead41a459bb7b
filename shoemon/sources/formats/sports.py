"""Which of shoemon's sports a recording is, by its file's own words. Pure."""

from shoemon.model.recording import Recording
from shoemon.model.sports import INDOOR_SPORTS, sport_of
from shoemon.sources.formats.fit_words import INDOORS

_GPX_NUMBERS = {"1": "ride", "4": "hike", "9": "run", "10": "walk", "16": "swim", "23": "row"}
"""Strava's old numbers, as its GPX exports write them in `type`."""
_RUN_KINDS = {
    "trail": "trail-run",
    "track": "track-run",
    "treadmill": "treadmill-run",
    "indoor_running": "treadmill-run",
    "virtual_activity": "virtual-run",
}
_BY_FIT_SPORT = {"training": "strength", "cross_country_skiing": "ski", "alpine_skiing": "ski"}
_BY_TCX_SPORT = {"biking": "ride"}


def sport_of_recording(recording: Recording) -> tuple[str, bool | None]:
    """One of `sports.SPORTS` or `other`, and whether it was indoors; None where the file does not say."""
    word, finer = recording.sport.strip().lower(), recording.sub_sport.strip().lower()
    sport = _GPX_NUMBERS.get(word) or _BY_FIT_SPORT.get(word) or _BY_TCX_SPORT.get(word) or sport_of(recording.sport)
    if sport == "run" and finer in _RUN_KINDS:
        sport = _RUN_KINDS[finer]
    indoor = recording.indoor
    if indoor is None and (finer in INDOORS or sport in INDOOR_SPORTS or "indoor" in word):
        indoor = True
    return sport, indoor
