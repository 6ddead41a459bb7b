"""The share of each run on unpaved ground, as Garmin reckons it: `summaryDTO.surfaceTypeUnpavedPercentage` of an
activity's detail (Garmin's API description of 2026; seen there as 0 to 100). One request for each run, newest first."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

from shoemon.model.activity import Activity
from shoemon.model.errors import ShoemonError, SourceError
from shoemon.net.download import Limits
from shoemon.net.failure import AnswerError
from shoemon.sources.garmin_api.listing import is_id
from shoemon.sources.kit.api import Api
from shoemon.sources.kit.distances import ON_FOOT
from shoemon.sources.kit.fields import number_at
from shoemon.store.state_database import opened

_TABLE = """CREATE TABLE IF NOT EXISTS garmin_shares(
  source TEXT NOT NULL, activity TEXT NOT NULL, mark TEXT NOT NULL, answered ANY NOT NULL, first_asked_s REAL NOT NULL,
  last_asked_s REAL NOT NULL, PRIMARY KEY (source, activity)
) STRICT"""
_SETTLED_S = 2 * 86_400.0
"""So long Garmin may take to reckon the ground of a run once it lists it, to be on the safe side."""

Answered = float | Literal["none", "failed"]
"""A share from 0 to 1; that Garmin knows none; or that the detail could not be had."""
LIMITS = Limits(total_s=120.0, tries=2)
"""Of all details that one pull asks for; the next one goes on."""
MOST = 200
AT_ONCE = 2
"""A burst of twelve is refused with status 429 (gcpapi-sync 0.1, tried there)."""
_MOST_FAILURES = 3


class Share(NamedTuple):
    """What was answered about a run; `mark` tells what the run was like then. Times are seconds since 1970."""

    mark: str
    answered: Answered
    first_asked_s: float
    last_asked_s: float

    def is_due(self, now_s: float) -> bool:
        """Whether it is to be asked for again.

        That there is none is believed if it was said again two days after the first time; until then, the next time
        comes when twice as long has passed. What a clock that was ahead has put down is not believed.
        """
        if self.answered != "none":
            return self.answered == "failed"
        waited_s, since_s = self.last_asked_s - self.first_asked_s, now_s - self.last_asked_s
        if waited_s < 0 or since_s < 0:
            return True
        return waited_s < _SETTLED_S and since_s >= waited_s


Shares = dict[str, Share]
"""By the activity's id."""


class KeptShares:
    """The shares of one source, in state.db beside the cursor, which any upgrade makes void: asked for some at each
    pull, thousands of runs would be without their ground for days. Raises SourceError if state.db cannot be used;
    without one, nothing is kept."""

    def __init__(self, state: Path | None, source: str) -> None:
        self._state, self._source = state, source

    def read(self) -> Shares:
        """All that were written, those of activities that are gone too."""
        if self._state is None:
            return {}
        sql = "SELECT activity, mark, answered, first_asked_s, last_asked_s FROM garmin_shares WHERE source = ?"
        with self._opened(self._state) as connection:
            return {activity: Share(*share) for activity, *share in connection.execute(sql, (self._source,))}

    def write(self, shares: Shares) -> None:
        """Keeps `shares` beside, or instead of, what is there."""
        if self._state is None:
            return
        rows = [(self._source, activity, *share) for activity, share in shares.items()]
        with self._opened(self._state) as connection:
            connection.executemany("INSERT OR REPLACE INTO garmin_shares VALUES (?, ?, ?, ?, ?, ?)", rows)

    @contextmanager
    def _opened(self, state: Path) -> Iterator[sqlite3.Connection]:
        try:
            with opened(state, _TABLE) as connection:
                yield connection
        except ShoemonError as error:
            raise SourceError(str(error)) from None


class _Asked(NamedTuple):
    activity: Activity
    answered: Answered | None
    """None: it was not asked about, or nothing can be said."""


def shares_in(kept: Shares, activities: Iterable[Activity]) -> Shares:
    """Those of the `kept` shares that still hold: the others are of activities that are gone, or were changed."""
    known = ((activity, kept.get(activity.native_id)) for activity in activities)
    return {activity.native_id: share for activity, share in known if share and share.mark == _mark(activity)}


def fetched(api: Api, activities: Iterable[Activity], known: Shares, now_s: float) -> Shares:
    """What Garmin says of at most MOST of those runs of which nothing is `known` yet, or nothing for good.

    Raises SourceError if the credentials are refused; anything else ends the asking, for this time.
    """
    wanted = [each for each in activities if _is_outdoors(each) and _is_due(known.get(each.native_id), now_s)]
    # What failed last time comes last, lest it keep the others from being asked about for ever.
    wanted.sort(key=lambda each: each.started_at, reverse=True)
    wanted.sort(key=lambda each: _turn(known.get(each.native_id)))
    asking = _Asking(api)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(asking.ask, wanted[:MOST]))
    if asking.refused is not None:
        raise asking.refused
    return {
        activity.native_id: Share(
            _mark(activity), answered, _first_asked_s(known.get(activity.native_id), now_s), now_s
        )
        for activity, answered in answers
        if answered is not None
    }


def with_share(activity: Activity, shares: Shares) -> Activity:
    """`activity` with its metres on unpaved ground, where they are known."""
    share = shares.get(activity.native_id)
    if share is None or isinstance(share.answered, str):
        return activity
    return activity._replace(unpaved_m=round(share.answered * activity.distance_m, 1))


class _Asking:
    """Asks for one detail after the other, until too many cannot be had."""

    def __init__(self, api: Api) -> None:
        self.refused: AnswerError | None = None
        self._api, self._failures, self._lock = api, 0, threading.Lock()

    def ask(self, activity: Activity) -> _Asked:
        if self._failures >= _MOST_FAILURES:
            return _Asked(activity, None)
        try:
            detail = self._api.get(f"/activity-service/activity/{activity.native_id}")
        except AnswerError as error:
            return _Asked(activity, self._judged(error))
        except SourceError:
            self._count(1)
            return _Asked(activity, "failed")
        return _Asked(activity, _share(detail))

    def _judged(self, error: AnswerError) -> Answered | None:
        if error.status == 401:
            self.refused = error
        if error.status in (401, 429):  # to be left alone is no fault of this activity
            self._count(_MOST_FAILURES)
            return None
        if error.status in (404, 410):
            return "none"
        # A 403 is a wall before all of them, or about this one alone: enough for now, and it comes last next time.
        self._count(_MOST_FAILURES if error.status == 403 else 1)
        return "failed"

    def _count(self, weight: int) -> None:
        with self._lock:
            self._failures += weight


def _is_outdoors(activity: Activity) -> bool:
    return activity.sport in ON_FOOT and not activity.indoor and activity.distance_m > 0 and is_id(activity.native_id)


def _is_due(share: Share | None, now_s: float) -> bool:
    return share is None or share.is_due(now_s)


def _turn(share: Share | None) -> int:
    return 0 if share is None else 2 if share.answered == "failed" else 1


def _first_asked_s(share: Share | None, now_s: float) -> float:
    return now_s if share is None else min(share.first_asked_s, now_s)


def _mark(activity: Activity) -> str:
    """Changes when the runner has changed the activity there so that its ground may be another."""
    return f"{activity.sport_raw} {activity.distance_m:.0f} {activity.elapsed_s or 0:.0f}"


def _share(detail: Any) -> Answered:
    summary = detail.get("summaryDTO") if isinstance(detail, dict) else None
    if not isinstance(summary, dict):
        return "failed"
    try:
        percent = number_at(summary, "surfaceTypeUnpavedPercentage")
    except ValueError:
        return "none"
    return round(percent / 100, 4) if percent is not None and 0 <= percent <= 100 else "none"
