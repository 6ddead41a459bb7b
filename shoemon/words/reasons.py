"""Make words of reasons: for the terminal, the pages and the mails alike.

Each sentence may follow "because". Of several for one code, the first one with all its parameters is used.
"""

from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any

from shoemon.decide.which_surface import BY_THE_MAP
from shoemon.model.reason import Reason, metres_of
from shoemon.model.units import METRES, write_climb, write_distance, write_time

Sentences = Mapping[str, Sequence[str]]

WORDS = {
    "correction": "a correction in shoes.yaml",
    "gear": "the gear that the export names",
    "rule": "a rule in shoes.yaml",
    "default": "the default",
    "ambiguous": "several pairs fit equally well",
    "gear_unknown": "the export names gear that belongs to no pair",
    "gear_not_worn": "the export names a pair that was not in use that day",
    "none": "nothing decides it",
    "export": "the export's own figure or word",
    "export_and_map": "the export's figure, and the map's surfaces",
    "disagree": "the export's figure; the map does not agree",
    "indoor": "the export reports it as indoors",
    "indoor_track": "recorded indoors, by the track",
    "place": "a place in shoes.yaml",
    "map_tag": "the map: the ways' own tags",
    "map_inferred": "the map: as most ways of this kind or nearby",
    "map_area": "the map: open ground off every way",
    "shoe_default": "the shoe's own default",
    "unknown_gap": "a gap in the track",
    "unknown_no_way": "no way on the map is near",
    "unknown_untagged": "the ways have no surface on the map",
    "unknown_map_end": "the map ends before it",
    "unknown_unsure": "it may have been one of several ways",
    "unknown_short_track": "the track is shorter than the run",
    "unknown_map": "the map names no surface",
    "unknown_word": "the export's word is not a known surface",
    "not_a_run": "a sport that is not counted",
    "duplicate": "the same run as another record",
    "ignored": "a correction or a rule says to ignore it",
    "no_longer_listed": "its export no longer lists it, and its source drops missing runs",
    "no_sport": "the export names no sport",
    "unknown_sport": "the export names a sport that is unknown here",
    "in_future": "more than a day in the future",
    "no_time": "longer than 100 km, and without a time",
    "no_run": "no run yet",
    "not_worn": "not worn in the last 26 weeks",
    "few_runs": "too few runs in the last 28 days",
    "beyond": "more than a year at its rate",
    "reached": "its life is used up",
    "retired": "it is retired",
    "earlier_version": "decided by an earlier version; the next sync decides anew",
}
"""The meaning of each code, without its parameters: the table `reasons`."""
OF_SHOES: Sentences = {
    "correction": ["a correction in shoes.yaml sets it"],
    "gear": [
        "{export} calls it “{gear}”, and “{now}” now",
        "{export} calls it “{gear}”, and called it “{formerly}” before",
        "{export} calls it “{gear}”",
    ],
    "rule": ["rule {rule} of shoes.yaml sets it by the gear “{gear}”", "rule {rule} of shoes.yaml sets it"],
    "default": ["nothing else names a pair, and this was the default of that day"],
    "ambiguous": [
        "{export} calls it “{gear}”, and that fits {shoes} equally well",
        "{shoes} are both the default of that day",
    ],
    "gear_unknown": ["{export} calls it “{gear}”, and no pair in shoes.yaml has this name"],
    "gear_not_worn": ["{export} calls it “{gear}”; that is {shoes}, which was not in use on {day}"],
    "none": [
        "the export names no gear, no rule fits, and no default shoe was in use on {day}",
        "the export names no gear, no rule fits, and there is no default shoe",
    ],
}
OF_GROUND: Sentences = {
    "correction": ["a correction in shoes.yaml sets it"],
    "export": ["{export} calls it “{word}”", "{export} reports how much of the run was unpaved"],
    "export_and_map": ["{export} reports how much of the run was unpaved, and the map which surfaces these are"],
    "disagree": [
        "{export} reports how much of the run was unpaved, but the map disagrees: it has {soft_share} soft ground"
    ],
    "indoor": ["{export} reports it as indoors"],
    "indoor_track": ["the track was recorded indoors"],
    "place": ["the place “{place}” in shoes.yaml sets it"],
    "map_tag": ["the ways on the map are tagged so"],
    "map_inferred": ["most ways of this kind or nearby are like this"],
    "map_area": ["the map shows open ground there, off every way"],
    "rule": ["rule {rule} of shoes.yaml sets it"],
    "shoe_default": ["nothing else is known, and the pair is mostly worn on this"],
    "default": ["nothing else is known, and this is the default surface"],
    "unknown_gap": ["the track has a gap there"],
    "unknown_no_way": ["no way on the map is near the track there"],
    "unknown_untagged": ["the ways there have no surface on the map"],
    "unknown_map_end": ["the imported map ends before it"],
    "unknown_unsure": ["it may have been one of several ways, on different ground"],
    "unknown_short_track": [
        "its track has only {track_share} of the distance and goes nowhere, as on a treadmill",
        "the track is shorter than the run, and does not cover this part",
    ],
    "unknown_map": ["the map does not name the surface"],
    "unknown_word": ["{export} calls it “{word}”, which is not a known surface"],
    "none": ["nothing names the surface"],
}
OF_RECORDS: Sentences = {
    "not_a_run": ["its sport ({sport}) is not among the sports in shoemon.yaml"],
    "duplicate": ["it is the same run as {of}"],
    "ignored": ["rule {rule} of shoes.yaml says to ignore it", "a correction in shoes.yaml says to ignore it"],
    "no_longer_listed": ["its export no longer lists it, and its source in shoemon.yaml has `missing: drop`"],
    "no_sport": ["its export names no sport"],
    "unknown_sport": ["its export calls its sport “{sport}”, which is unknown here"],
    "in_future": ["it is dated more than a day in the future; a correction in shoes.yaml counts it all the same"],
    "no_time": ["it is longer than 100 km and has no time; a correction in shoes.yaml counts it all the same"],
}
ORIGINS: Mapping[str, str] = {
    **{origin: WORDS[why.code] for origin, why in BY_THE_MAP.items()},
    "tag": "the ways’ own tags",
    "inferred": "as most ways of this kind or nearby",
    "area": "open ground off every way",
    "device": "the track, recorded indoors",
    "place": "a place in shoes.yaml",
}
"""The origin of a surface on the map, or the cause why it is unknown."""
_MAKERS = {
    "strava-export": "Strava", "strava-api": "Strava", "garmin-account": "Garmin", "garmin-api": "Garmin",
    "garmin-csv": "Garmin", "apple-health": "Apple Health", "polar": "Polar", "suunto": "Suunto",
    "samsung": "Samsung Health", "intervals-icu": "intervals.icu", "runkeeper": "Runkeeper",
    "google-health": "Google Health", "fittrackee": "FitTrackee",
}  # fmt: skip


class Exports(dict[str, str]):
    """The names of the sources in sentences: the maker of the export if there is one, else the name of the source."""

    def __init__(self, types: Mapping[str, str]) -> None:
        """`types` maps the name of each source to its type."""
        super().__init__({name: _MAKERS.get(kind, name) for name, kind in types.items()})

    def __missing__(self, name: str) -> str:
        return name


def why_shoe(why: Reason, source: str, exports: Exports, unit: str = "") -> str:
    """Explain why a run from `source` counts for a pair, or for none; with a `unit` (km or mi) also by which figures of
    this run a rule does."""
    return _sentence(why, OF_SHOES, source, exports) + _figures(why, unit)


def why_ground(
    why: Reason, distance_m: float, source: str, exports: Exports, unit: str = ""
) -> list[tuple[str, float]]:
    """Explain why `distance_m` of a run from `source` count for a surface: a sentence for each reason with its metres,
    most metres first. `unit`: see `why_shoe`."""
    return [
        (_sentence(part, OF_GROUND, source, exports) + _figures(part, unit), metres)
        for part, metres in metres_of(why, distance_m)
    ]


def why_not_counted(why: Reason, source: str, exports: Exports) -> str:
    """Explain why a record does not count."""
    return _sentence(why, OF_RECORDS, source, exports)


def _sentence(why: Reason, sentences: Sentences, source: str, exports: Exports) -> str:
    given = why.parameters
    named = {name: _written(name, value) for name, value in given.items()}
    named["export"] = exports[given.get("source", source)]
    for sentence in sentences.get(why.code, ()):
        if all(name in named for _, name, _, _ in Formatter().parse(sentence) if name):
            return sentence.format_map(named)
    return WORDS.get(why.code, why.code)


def _figures(why: Reason, unit: str) -> str:
    """Write what a rule compared: `: soft 72% (>= 60%), climb 310 m (>= 300 m)`."""
    found = why.parameters.get("figures", ()) if unit else ()
    texts = [
        f"{name.replace('_', ' ')} {_figure(name, value, unit)} ({sign} {_figure(name, wanted, unit)})"
        for name, value, sign, wanted in found
    ]
    return f": {', '.join(texts)}" if texts else ""


def _figure(name: str, value: float, unit: str) -> str:
    """Write the figure that a condition called `name` is about; that of a ground or surface is a share."""
    match name:
        case "distance":
            return write_distance(value, unit, 2)
        case "climb":
            return write_climb(value, unit)
        case "moving_time":
            return write_time(value)
        case "pace":
            return f"{write_time(value * METRES[unit])} /{unit}"
    return f"{value * 100:.3g}%"


def _written(name: str, value: Any) -> str:
    if isinstance(value, list):
        return " and ".join(map(str, value))
    return f"{value:.0%}" if name.endswith("_share") else str(value)
