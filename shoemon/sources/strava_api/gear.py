"""What the runner calls his shoes at Strava: a request for each pair (its API reference: `GET /gear/{id}`), so the
answers are kept for a day."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from shoemon.model.activity import Problem
from shoemon.model.clock import iso
from shoemon.model.errors import SourceError
from shoemon.net.failure import AnswerError
from shoemon.sources.kit.activities import Row
from shoemon.sources.kit.api import Api
from shoemon.sources.kit.fields import text_at

_LASTS = dt.timedelta(days=1)
_MOST = 500
Kept = dict[str, list[str | None]]
"""By id: the name, and when it was asked for."""


class Names:
    """The names of shoes by their id (`g123`). `anew`: those that are known are asked for again."""

    def __init__(self, kept: Mapping[str, Any], now: dt.datetime, *, anew: bool) -> None:
        self.kept: Kept = {id: list(told) for id, told in kept.items()}
        self.problems: list[Problem] = []
        self._now, self._old = iso(now), iso(now if anew else now - _LASTS)

    @property
    def by_id(self) -> dict[str, str | None]:
        """What is known now; None of a pair that Strava does not name."""
        return {id: name for id, (name, _) in self.kept.items()}

    def ask(self, api: Api, rows: Iterable[Row]) -> None:
        """Asks for the pairs in `rows`, those never heard of first. Where that goes wrong, what is known holds on."""
        worn = shoes_in(rows)
        self.kept = {id: told for id, told in self.kept.items() if id in worn}
        wanted = sorted(worn, key=lambda id: (self._asked_at(id), id))
        try:
            for id in wanted[:_MOST]:
                if self._asked_at(id) <= self._old:
                    self.kept[id] = [_name(api, id), self._now]
        except SourceError as error:
            unknown = [id for id in wanted if id not in self.kept]
            if unknown:
                self.problems = [Problem("gear", f"the names of {len(unknown)} pairs of shoes cannot be had: {error}")]

    def _asked_at(self, id: str) -> str:
        """Blank if never; a time to come is of a clock that was wrong, and would hold for as long."""
        told_at = self.kept[id][1] if id in self.kept else None
        return told_at if told_at and told_at <= self._now else ""


def shoes_in(rows: Iterable[Row]) -> set[str]:
    """The ids of all shoes; those of bikes begin with b."""
    ids = {text_at(record, "gear_id") for _, record in rows if isinstance(record, dict)}
    return {id for id in ids if id and re.fullmatch(r"g\d{1,18}", id, re.ASCII)}


def _name(api: Api, id: str) -> str | None:
    try:
        told = api.get(f"/gear/{id}")
    except AnswerError as error:
        if error.status == 404:
            return None
        raise
    if not isinstance(told, dict):
        return None
    made_up = " ".join(part for key in ("brand_name", "model_name") if (part := text_at(told, key)))
    return text_at(told, "name") or made_up or None
