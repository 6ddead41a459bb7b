"""What an export's numbers and words for sports mean, and which of its numbers nobody here knows."""

from collections.abc import Container, Iterator, Mapping

from shoemon.model import Problem
from shoemon.sports import sport_of


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
