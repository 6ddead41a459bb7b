"""Find the sport of an export's numbers and words for sports."""

from collections.abc import Callable, Container, Mapping
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, Field

from shoemon.model.sports import SPORTS, sport_of


def _sport(value: str) -> str:
    if value not in SPORTS:
        raise ValueError(f"{value!r} is not a sport; there are {', '.join(SPORTS)}")
    return value


Sport = Annotated[str, AfterValidator(_sport)]
SportMap = Annotated[
    dict[str, Sport], Field(description="sports for the export's own words or numbers, such as {Parkrun: run}")
]


class SportWords:
    """The sports of an export's words and numbers: by the runner's `sport_map`, else by `sports` for the `names` of
    numbers, else by common spelling of `in_english(word)`. `others` are known numbers of other sports."""

    def __init__(
        self,
        sport_map: Mapping[str, str],
        in_english: Callable[[str], str] = str,
        *,
        names: Mapping[str, str] = MappingProxyType({}),
        sports: Mapping[str, str] = MappingProxyType({}),
        others: Container[str] = (),
    ) -> None:
        self._sport_map = {word.strip().casefold(): sport for word, sport in sport_map.items()}
        self._in_english, self._names, self._sports, self._others = in_english, names, sports, others

    def name(self, raw: str) -> str:
        """Return the name of the number `raw`; `raw` itself if it is a word, or a number without a name."""
        return self._names.get(raw, raw)

    def sport(self, raw: str) -> str:
        """Return one of `sports.SPORTS` or `sports.UNKNOWN_SPORT` for a number or a word."""
        name = self.name(raw)
        mapped = self._sport_map.get(raw.strip().casefold()) or self._sport_map.get(name.strip().casefold())
        other = "other" if name == raw and raw in self._others else None
        return mapped or self._sports.get(name) or other or sport_of(self._in_english(name))
