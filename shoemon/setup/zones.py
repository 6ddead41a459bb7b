"""Propose the runner's time zone from the offsets that exports hold."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.resources import files
from zoneinfo import ZoneInfo

from shoemon.model.activity import Activity
from shoemon.model.globe import distance_between_m

UTC = ("UTC", "GMT", "Etc/UTC", "Etc/GMT", "Etc/UCT", "Etc/Zulu", "Etc/Universal", "Etc/Greenwich")
"""Names of the zone of a machine that nobody told where it is."""
_MOST = 200
"""So many runs are compared with every zone there is."""
_LARGE = (
    "Europe/Berlin", "Europe/London", "Europe/Helsinki", "Europe/Istanbul", "Europe/Moscow", "America/New_York",
    "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Sao_Paulo", "America/Bogota",
    "America/Mexico_City", "Asia/Tokyo", "Asia/Shanghai", "Asia/Kolkata", "Asia/Dubai", "Australia/Sydney",
)  # fmt: skip
"""Zones with many runners, for exports without places; of the others the first by name."""
_PLACE = re.compile(r"([+-])(\d\d)(\d\d)(?:\d\d)?([+-])(\d{3})(\d\d)(?:\d\d)?")


def proposed_zone(runs: Iterable[Activity], zone: str) -> str | None:
    """Return the zone that fits the offsets of most runs, if that is another than `zone`, with which they were read.

    A run without an offset of its own has that of `zone`: only another one shows where the runner was. Where fewer than
    half have another, as on a journey, a zone must fit the others too, and more of them than UTC. Of zones that fit
    equally, the one nearest to most runs is returned.
    """
    here = ZoneInfo(zone)
    timed = [run for run in runs if run.utc_offset_s is not None and len(run.started_at) > len("2024-05-10")]
    other = [run for run in timed if _offset_s(run, here) != run.utc_offset_s]
    are_many = 2 * len(other) >= len(timed) if zone in UTC else 2 * len(other) > len(timed)
    if not other or not (are_many or zone in UTC):
        return None
    compared = other if are_many else timed
    sample = compared[:: 1 + len(compared) // _MOST]
    places = _places()
    fits = {name: _fitting(sample, ZoneInfo(name)) for name in places}
    best = [name for name, times in fits.items() if times == max(fits.values())]
    if fits[best[0]] <= max(len(sample) / 2, _fitting(sample, here)):
        return None
    starts = [(run.start_lat, run.start_lon) for run in sample]
    nearest = Counter(
        min(best, key=lambda name: distance_between_m(lat, lon, *places[name]))
        for lat, lon in starts
        if lat is not None and lon is not None
    )
    return next((name for name, _ in nearest.most_common(1)), None) or next(
        filter(best.__contains__, _LARGE), min(best)
    )


def _fitting(runs: Iterable[Activity], zone: ZoneInfo) -> int:
    return sum(_offset_s(run, zone) == run.utc_offset_s for run in runs)


def _offset_s(run: Activity, zone: ZoneInfo) -> float:
    offset = dt.datetime.fromisoformat(run.started_at).astimezone(zone).utcoffset()
    return offset.total_seconds() if offset else 0.0


def _places() -> dict[str, tuple[float, float]]:
    """Return the latitude and longitude of the main place of each zone."""
    text = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows: Sequence[list[str]] = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    return {row[2]: _degrees(row[1]) for row in rows}


def _degrees(place: str) -> tuple[float, float]:
    signs_and_figures = _PLACE.fullmatch(place)
    if signs_and_figures is None:
        return 0.0, 0.0
    south, lat, lat_minutes, west, lon, lon_minutes = signs_and_figures.groups()
    return float(f"{south}1") * (int(lat) + int(lat_minutes) / 60), float(f"{west}1") * (
        int(lon) + int(lon_minutes) / 60
    )
