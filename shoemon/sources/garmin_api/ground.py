"""Request the share of each run on unpaved ground: `summaryDTO.surfaceTypeUnpavedPercentage` of an activity's detail
(Garmin's API description of 2026; seen there as 0 to 100). One request for each run, newest first."""

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from math import inf
from pathlib import Path
from typing import Any, Literal, NamedTuple

from shoemon.model.activity import Activity
from shoemon.model.errors import SourceError
from shoemon.model.sports import ON_FOOT
from shoemon.net.download import Limits
from shoemon.net.failure import AnswerError
from shoemon.sources.kit.api import Api, as_source_errors
from shoemon.sources.kit.fields import is_id, optional_number_at
from shoemon.store.state_database import opened

_TABLE = """CREATE TABLE IF NOT EXISTS garmin_shares(
  source TEXT NOT NULL, activity TEXT NOT NULL, mark TEXT NOT NULL, answered ANY NOT NULL, first_asked_s REAL NOT NULL,
  last_asked_s REAL NOT NULL, PRIMARY KEY (source, activity)
) STRICT"""
_SETTLED_S = 2 * 86_400.0
"""A safe upper limit of the time between Garmin's listing of a run and its calculation of the ground."""

Answered = float | Literal["new", "none", "failed"]
"""A share from 0 to 1; never requested; none at Garmin; or a failed request."""
LIMITS = Limits(total_s=120.0, tries=2)
"""Of all details that one pull requests; the next pull continues."""
MOST = 200
AT_ONCE = 2
"""A burst of twelve gets status 429 (tried by gcpapi-sync 0.1)."""
_MOST_FAILURES = 3


class Share(NamedTuple):
    """The answer about a run; `mark` changes with the run. Times are seconds since 1970."""

    mark: str
    answered: Answered
    first_asked_s: float
    last_asked_s: float

    def is_due(self, now_s: float) -> bool:
        """Return whether to request it again. `none` is final if it was answered again two days after the first time;
        until then, the time from the first to the next request doubles. A time in the future, by a clock that was
        ahead, does not count."""
        if self.answered != "none":
            return self.answered in ("new", "failed")
        waited_s, since_s = self.last_asked_s - self.first_asked_s, now_s - self.last_asked_s
        if waited_s < 0 or since_s < 0:
            return True
        return waited_s < _SETTLED_S and since_s >= waited_s


_NEW = Share("", "new", inf, inf)
Shares = dict[str, Share]
"""By the activity's id."""


class StoredShares:
    """The shares of one source, in state.db. Not in the cursor, which an upgrade makes invalid: at some requests for
    each pull, thousands of runs would be without ground for days. Raises SourceError if state.db cannot be used;
    without one, nothing is stored."""

    def __init__(self, state: Path | None, source: str) -> None:
        self._state, self._source = state, source

    def read(self) -> Shares:
        """Return all stored shares, also those of deleted activities."""
        if self._state is None:
            return {}
        sql = "SELECT activity, mark, answered, first_asked_s, last_asked_s FROM garmin_shares WHERE source = ?"
        with as_source_errors(), opened(self._state, _TABLE) as connection:
            return {activity: Share(*share) for activity, *share in connection.execute(sql, (self._source,))}

    def write(self, shares: Shares) -> None:
        if self._state is None:
            return
        rows = [(self._source, activity, *share) for activity, share in shares.items()]
        with as_source_errors(), opened(self._state, _TABLE) as connection:
            connection.executemany("INSERT OR REPLACE INTO garmin_shares VALUES (?, ?, ?, ?, ?, ?)", rows)


def shares_in(stored: Shares, activities: Iterable[Activity]) -> Shares:
    """Return the `stored` shares that are still valid: the others are of deleted or changed activities."""
    known = ((activity, stored.get(activity.native_id)) for activity in activities)
    return {activity.native_id: share for activity, share in known if share and share.mark == _mark(activity)}


def fetch_shares(api: Api, activities: Iterable[Activity], known: Shares, now_s: float) -> Shares:
    """Request the shares of at most MOST runs whose share is not `known`, or not finally. Raises SourceError if the
    credentials are refused; another failure ends the requests of this pull."""
    shares = ((each, known.get(each.native_id, _NEW)) for each in activities if _is_outdoors(each))
    wanted = [(each, share) for each, share in shares if share.is_due(now_s)]
    wanted.sort(key=lambda pair: pair[0].started_at, reverse=True)
    # Those that failed last time come last, so that they cannot block the others for ever.
    wanted.sort(key=lambda pair: ("new", "none", "failed").index(pair[1].answered))
    requests = _Requests(api)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(requests.send, [each.native_id for each, _ in wanted[:MOST]]))
    if requests.refused is not None:
        raise requests.refused
    return {
        each.native_id: Share(_mark(each), answered, min(share.first_asked_s, now_s), now_s)
        for (each, share), answered in zip(wanted, answers, strict=False)
        if answered is not None
    }


def with_share(activity: Activity, shares: Shares) -> Activity:
    """Return `activity` with its metres on unpaved ground, if they are known."""
    share = shares.get(activity.native_id)
    if share is None or isinstance(share.answered, str):
        return activity
    return activity._replace(unpaved_m=round(share.answered * activity.distance_m, 1))


class _Requests:
    """Requests one detail after the other, until too many have failed."""

    def __init__(self, api: Api) -> None:
        self.refused: AnswerError | None = None
        self._api, self._failures, self._lock = api, 0, threading.Lock()

    def send(self, id: str) -> Answered | None:
        """Return the answer about an activity; None if there was no request, or its refusal was not about that one."""
        if self._failures >= _MOST_FAILURES:
            return None
        try:
            return _share(self._api.get(f"/activity-service/activity/{id}"))
        except AnswerError as error:
            return self._answer_of(error)
        except SourceError:
            self._count(1)
            return "failed"

    def _answer_of(self, error: AnswerError) -> Answered | None:
        if error.status in (404, 410):
            return "none"
        # A 403 is for all of them, or for this one only: end the requests, and let it come last next time.
        self._count(_MOST_FAILURES if error.status in (401, 403, 429) else 1)
        if error.status == 401:
            self.refused = error
        return None if error.status in (401, 429) else "failed"

    def _count(self, weight: int) -> None:
        with self._lock:
            self._failures += weight


def _is_outdoors(activity: Activity) -> bool:
    return activity.sport in ON_FOOT and not activity.indoor and activity.distance_m > 0 and is_id(activity.native_id)


def _mark(activity: Activity) -> str:
    """Return what changes when the runner edits the activity there so that its ground may change."""
    return f"{activity.sport_raw} {activity.distance_m:.0f} {activity.elapsed_s or 0:.0f}"


def _share(detail: Any) -> Answered:
    summary = detail.get("summaryDTO") if isinstance(detail, dict) else None
    if not isinstance(summary, dict):
        return "failed"
    percent = optional_number_at(summary, "surfaceTypeUnpavedPercentage")
    return round(percent / 100, 4) if percent is not None and 0 <= percent <= 100 else "none"
