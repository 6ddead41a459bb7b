"""Request the names of shoes at Strava, one by one (its API reference: `GET /gear/{id}`), once a day."""

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
"""By id: the name, and the time of the request."""


class ShoeNames:
    """The names of shoes by their id (`g123`). `again`: request known ones again."""

    def __init__(self, kept: Mapping[str, Any], now: dt.datetime, *, again: bool) -> None:
        self.kept: Kept = {id: list(answer) for id, answer in kept.items()}
        self.problems: list[Problem] = []
        self._now, self._old = iso(now), iso(now if again else now - _LASTS)

    @property
    def by_id(self) -> dict[str, str | None]:
        """The known names; None for a pair without a name at Strava."""
        return {id: name for id, (name, _) in self.kept.items()}

    def request(self, api: Api, rows: Iterable[Row]) -> None:
        """Request the names of the pairs in `rows`, unknown ones first. If that fails, known names remain."""
        worn = shoes_in(rows)
        self.kept = {id: answer for id, answer in self.kept.items() if id in worn}
        wanted = sorted(worn, key=lambda id: (self._requested_at(id), id))
        try:
            for id in wanted[:_MOST]:
                if self._requested_at(id) <= self._old:
                    self.kept[id] = [_name(api, id), self._now]
        except SourceError as error:
            unknown = [id for id in wanted if id not in self.kept]
            if unknown:
                self.problems = [Problem("gear", f"the names of {len(unknown)} pairs of shoes are missing: {error}")]

    def _requested_at(self, id: str) -> str:
        """Return the time of the request; blank if never, or if it is in the future, by a clock that was wrong."""
        requested_at = self.kept[id][1] if id in self.kept else None
        return requested_at if requested_at and requested_at <= self._now else ""


def shoes_in(rows: Iterable[Row]) -> set[str]:
    """Return the ids of all shoes; those of bikes begin with b."""
    ids = {text_at(record, "gear_id") for _, record in rows if isinstance(record, dict)}
    return {id for id in ids if id and re.fullmatch(r"g\d{1,18}", id, re.ASCII)}


def _name(api: Api, id: str) -> str | None:
    try:
        gear = api.get(f"/gear/{id}")
    except AnswerError as error:
        if error.status == 404:
            return None
        raise
    if not isinstance(gear, dict):
        return None
    model = " ".join(part for key in ("brand_name", "model_name") if (part := text_at(gear, key)))
    return text_at(gear, "name") or model or None
