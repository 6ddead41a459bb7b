"""What an export's numbers and words for sports mean, and which of them nobody here knows."""

import json
import re
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator

from shoemon.model.activity import Activity, Problem
from shoemon.model.sports import SPORTS, sport_of

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
"""Words that tell that an activity is of no interest here, in the language in which most exports are written."""


def _sport(value: str) -> str:
    if value not in SPORTS:
        raise ValueError(f"{value!r} is not a sport; there are {', '.join(SPORTS)}")
    return value


Sport = Annotated[str, AfterValidator(_sport)]


class SportNumbers:
    """`names` by number; the sport of such a name, or of a word, by `sports` or as anybody spells it. `others` are
    numbers that are known, and of no interest here. What the runner says in `sport_map`, of a number or a word, goes
    before all of it."""

    def __init__(
        self, names: Mapping[str, str], sports: Mapping[str, str], others: Container[str], sport_map: Mapping[str, str]
    ) -> None:
        self._names, self._sports, self._others = names, sports, others
        self._told = {word.casefold(): sport for word, sport in sport_map.items()}
        self._unknown: dict[str, list[str]] = {}

    def name(self, said: str) -> str:
        """The name of the number `said`; what is no number, or has no name, as it is."""
        return self._names.get(said, said)

    def sport(self, said: str) -> str:
        """One of `sports.SPORTS` or `other`, of a number or a word."""
        name = self.name(said)
        told = self._told.get(said.casefold()) or self._told.get(name.casefold())
        return told or self._sports.get(name) or sport_of(name)

    def note(self, said: str, place: str) -> None:
        """Keeps in mind that something with a distance is of the sport `said`, in case nobody knows what that is."""
        known = said in self._names or said in self._others or said.casefold() in self._told
        if said.isdecimal() and not known:
            self._unknown.setdefault(said, []).append(place)

    def problems(self) -> Iterator[Problem]:
        """One for each number that nobody knows: runs may be among what does not count."""
        for number, places in self._unknown.items():
            many = f"{len(places):,} records are" if len(places) > 1 else "a record is"
            remedy = f'say what it is: sport_map: {{"{number}": run}}'
            yield Problem(places[0], f"{many} of sport {number}, which nobody knows here; {remedy}")


class SportWords:
    """The sport of a word: as the runner says in `sport_map`, or as anybody spells what `in_english` makes of it; and
    which words with a distance nobody knows."""

    def __init__(self, sport_map: Mapping[str, str], in_english: Callable[[str], str] = str) -> None:
        self._told = {word.strip().casefold(): sport for word, sport in sport_map.items()}
        self._in_english = in_english
        self._unknown: dict[str, list[str]] = {}

    def sport(self, said: str) -> str:
        """One of `sports.SPORTS` or `other`."""
        return self._told.get(said.strip().casefold()) or sport_of(self._in_english(said))

    def note(self, activity: Activity, place: str) -> None:
        """Keeps in mind an activity with a distance, in case nobody knows what it is."""
        word = activity.sport_raw.strip()
        if activity.sport != "other" or not activity.distance_m or not word or word.casefold() in self._told:
            return
        if _NO_RUNS.isdisjoint(re.split(r"[\W_]+", word.casefold())):
            self._unknown.setdefault(word, []).append(place)

    def problems(self) -> Iterator[Problem]:
        """One for each word that nobody knows: runs may be among what does not count."""
        for word, places in self._unknown.items():
            many = f"{len(places):,} activities are" if len(places) > 1 else "an activity is"
            short = json.dumps(word[:_LONGEST_WORD], ensure_ascii=False)
            remedy = f"say what it is, a run or other: sport_map: {{{short}: run}}"
            yield Problem(places[0], f"{many} of the sport {short}, which nobody knows here; {remedy}")
