"""The share of each run on unpaved ground, as Garmin reckons it: `summaryDTO.surfaceTypeUnpavedPercentage` of an
activity's detail (Garmin's API description of 2026; seen there as 0 to 100). One request for each run, newest first."""

import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, NamedTuple

from shoemon.model import Activity, SourceError
from shoemon.sources.distances import ON_FOOT
from shoemon.sources.fields import number_at
from shoemon.sources.garmin_api.records import is_id
from shoemon.sources.web import Limits
from shoemon.sources.web.api import Api
from shoemon.sources.web.failure import AnswerError

LIMITS = Limits(total_s=120.0, tries=2)
"""Of all details that one pull asks for; the next one goes on."""
MOST = 200
AT_ONCE = 2
"""A burst of twelve is refused with status 429 (gcpapi-sync 0.1, tried there)."""
_MOST_FAILURES = 3

Answered = float | Literal["none", "failed"]
"""A share from 0 to 1; that Garmin knows none; or that the detail could not be had."""
Shares = dict[str, tuple[str, Answered]]
"""By the activity's id: what it was like when it was asked about, and what was answered. Kept in the cursor."""


class _Asked(NamedTuple):
    activity: Activity
    answered: Answered | None
    """None: it was not asked about, or nothing can be said."""


def shares_in(kept: Mapping[str, Sequence[Any]], activities: Iterable[Activity]) -> Shares:
    """Those of the `kept` shares that still hold: the others are of activities that are gone, or were changed."""
    held: Shares = {}
    for activity in activities:
        mark, answered = kept.get(activity.native_id, ("", None))
        if mark == _mark(activity) and answered is not None:
            held[activity.native_id] = mark, answered
    return held


def fetched(api: Api, activities: Iterable[Activity], known: Shares, settled_before: str) -> Shares:
    """What Garmin says of at most MOST of those runs of which nothing is `known` yet.

    That a run has no share is taken for good only if it began before `settled_before` (UTC, ISO 8601): it may still be
    reckoned. Raises SourceError if the credentials are refused; anything else ends the asking, for this time.
    """
    wanted = [each for each in activities if _is_outdoors(each) and not _is_known(each, known)]
    # What failed last time comes last, lest it keep the others from being asked about for ever.
    wanted.sort(key=lambda each: each.started_at, reverse=True)
    wanted.sort(key=lambda each: each.native_id in known)
    asking = _Asking(api)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(asking.ask, wanted[:MOST]))
    if asking.refused is not None:
        raise asking.refused
    return {
        activity.native_id: (_mark(activity), answered)
        for activity, answered in answers
        if answered is not None and (answered != "none" or activity.started_at < settled_before)
    }


def with_share(activity: Activity, shares: Shares) -> Activity:
    """`activity` with its metres on unpaved ground, where they are known."""
    _, answered = shares.get(activity.native_id, ("", "none"))
    if isinstance(answered, str):
        return activity
    return activity._replace(unpaved_m=round(answered * activity.distance_m, 1))


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


def _is_known(activity: Activity, known: Shares) -> bool:
    return known.get(activity.native_id, ("", "failed"))[1] != "failed"


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
