"""Find the sport of an export's numbers and words for sports, and report unknown ones."""

import json
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from shoemon.model.activity import Activity, Problem
from shoemon.model.sports import SPORTS, sport_of
from shoemon.sources.kit.activities import Row, read_records
from shoemon.sources.kit.distances import without_distance

_LONGEST_WORD = 60
_NO_RUNS = frozenset((
    "archery", "badminton", "barre", "baseball", "basketball", "biking", "bike", "bmx", "boating", "bootcamp",
    "boxing", "breathwork", "canoe", "cardio", "circuit", "climb", "climber", "climbing", "cricket", "cycling",
    "dance", "dancing", "diving", "driving", "elliptical", "fencing", "fishing", "flying", "football", "golf",
    "gym", "gymnastics", "handcycle", "handcycling", "hiit", "hockey", "horseback", "hunting", "inline", "kayak",
    "kitesurfing", "lacrosse", "motorcycling", "multisport", "other", "padel", "paddle", "paddling", "pickleball",
    "pilates", "polo", "racquetball", "rafting", "ride", "riding", "ropes", "rowing", "rugby", "sailing", "scuba",
    "skate", "skating", "ski", "skiing", "skydiving", "snorkeling", "snowboard", "snowmobiling", "soccer",
    "softball", "spinning", "squash", "stair", "stairs", "stepper", "stretching", "surfing", "swim", "swimming",
    "tennis", "transition", "triathlon", "volleyball", "wakeboarding", "wakesurfing", "weights", "wheelchair",
    "windsurfing", "yoga",
))  # fmt: skip
"""Words of other sports, in the language in which most exports are written: not reported as unknown."""


def _sport(value: str) -> str:
    if value not in SPORTS:
        raise ValueError(f"{value!r} is not a sport; there are {', '.join(SPORTS)}")
    return value


Sport = Annotated[str, AfterValidator(_sport)]
SportMap = Annotated[
    dict[str, Sport], Field(description="sports for the export's own words or numbers, such as {Parkrun: run}")
]


class UnknownSports:
    """The unknown sports of activities with a distance, by the export's own number or word: some may be runs."""

    def __init__(self) -> None:
        self._unknown: dict[str, list[str]] = {}

    def problems(self) -> Iterator[Problem]:
        """Yield a Problem for each unknown sport."""
        for word, places in self._unknown.items():
            many = f"{len(places):,} activities are" if len(places) > 1 else "an activity is"
            short = json.dumps(word[:_LONGEST_WORD], ensure_ascii=False)
            remedy = f"set it to a sport, such as run or other: sport_map: {{{short}: run}}"
            yield Problem(places[0], f"{many} of the unknown sport {short}; {remedy}")


class SportNumbers(UnknownSports):
    """The sports of an export's numbers and words: by the runner's `sport_map`, else by `sports` for the `names` of
    numbers, else by common spelling. `others` are known numbers of other sports."""

    def __init__(
        self, names: Mapping[str, str], sports: Mapping[str, str], others: Container[str], sport_map: Mapping[str, str]
    ) -> None:
        super().__init__()
        self._names, self._sports, self._others = names, sports, others
        self._sport_map = {word.casefold(): sport for word, sport in sport_map.items()}

    def name(self, raw: str) -> str:
        """Return the name of the number `raw`; `raw` itself if it is a word, or a number without a name."""
        return self._names.get(raw, raw)

    def sport(self, raw: str) -> str:
        """Return one of `sports.SPORTS` or `other` for a number or a word."""
        name = self.name(raw)
        mapped = self._sport_map.get(raw.casefold()) or self._sport_map.get(name.casefold())
        return mapped or self._sports.get(name) or sport_of(name)

    def note(self, activity: Activity, raw: str, place: str) -> None:
        """Remember an activity with a distance, if the number `raw` of its sport is unknown."""
        known = raw in self._names or raw in self._others or raw.casefold() in self._sport_map
        if activity.distance_m and activity.sport == "other" and raw.isdecimal() and not known:
            self._unknown.setdefault(raw, []).append(place)

    def read(
        self, rows: Iterable[Row], read: Callable[[Any], tuple[Activity, str, str]]
    ) -> Iterator[Activity | Problem]:
        """Yield what `read_records` does, and Problems for runs without a distance and unknown sports. `read` returns
        an activity, the number or word of its sport, and its place."""
        problems: list[Problem] = []

        def noting(record: Any) -> Activity:
            activity, sport, place = read(record)
            problems.extend(without_distance(activity, place))
            self.note(activity, sport, place)
            return activity

        yield from read_records(rows, noting)
        yield from problems
        yield from self.problems()


class SportWords(UnknownSports):
    """The sports of an export's words: by the runner's `sport_map`, else by common spelling of `in_english(word)`."""

    def __init__(self, sport_map: Mapping[str, str], in_english: Callable[[str], str] = str) -> None:
        super().__init__()
        self._sport_map = {word.strip().casefold(): sport for word, sport in sport_map.items()}
        self._in_english = in_english

    def sport(self, raw: str) -> str:
        """Return one of `sports.SPORTS` or `other`."""
        return self._sport_map.get(raw.strip().casefold()) or sport_of(self._in_english(raw))

    def note(self, activity: Activity, place: str) -> None:
        """Remember an activity with a distance, if the word for its sport is unknown."""
        word = activity.sport_raw.strip()
        if activity.sport != "other" or not activity.distance_m or not word or word.casefold() in self._sport_map:
            return
        if _NO_RUNS.isdisjoint(re.split(r"[\W_]+", word.casefold())):
            self._unknown.setdefault(word, []).append(place)
