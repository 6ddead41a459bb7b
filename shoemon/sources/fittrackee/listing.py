"""List sports and workouts of a FitTrackee server, page by page, and make an Activity of each workout.

By its API documentation (`GET /api/workouts`): kilometres, durations such as `1:00:00`, and dates such as
`Mon, 01 Jan 2018 07:00:00 GMT`.
"""

import datetime as dt
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from shoemon.model.activity import Activity
from shoemon.model.errors import ReadAgainError, SourceError
from shoemon.net.failure import AnswerError
from shoemon.sources.kit.activities import Row, make_activity, moment_utc
from shoemon.sources.kit.api import Api, object_in
from shoemon.sources.kit.fields import is_id, needed_number_at, needed_text_at, number_at, text_at
from shoemon.sources.kit.oauth import App

PER_PAGE = 100
"""The most a server returns."""
MOST_PAGES = 2000
KEPT = (
    "id", "sport_id", "title", "workout_date", "distance", "duration", "moving", "ascent", "equipments", "with_gpx",
    "with_file", "source",
)  # fmt: skip
"""The fields that are stored. The others are about weather, likes and the map."""


def sports(api: Api) -> dict[str, str]:
    """Return the label of each sport by its id."""
    listed = _listed(api.get("/sports"), "sports")
    labels = {text_at(sport, "id"): text_at(sport, "label") for sport in listed if isinstance(sport, dict)}
    return {id: label for id, label in labels.items() if id and label}


def workouts(api: Api) -> list[Row]:
    """List every workout with its place. Raises SourceError if a page fails: a part is never treated as the whole."""
    rows: list[Row] = []
    totals = set()
    for page in range(1, MOST_PAGES + 1):
        # Without return_equipments the lists of 2025 and later contain none; earlier servers ignore it.
        answer = api.get(
            "/workouts", page=page, per_page=PER_PAGE, order_by="workout_date", order="asc", return_equipments="true"
        )
        records = _listed(answer, "workouts")
        rows += [_row(record, f"page {page}:{number}") for number, record in enumerate(records, 1)]
        has_next, total = _pagination(answer)
        totals.add(total)
        # If one is deleted meanwhile, another moves to a page that was read already, and would be missed.
        if len(totals) > 1:
            raise ReadAgainError(
                "FitTrackee's list of workouts changed while it was read; the next sync reads it again"
            )
        if not has_next:
            return rows
        if not records:
            break
    raise SourceError(f"FitTrackee's list of workouts has no end (more than {MOST_PAGES} pages, or an empty one)")


def _listed(answer: Any, what: str) -> list[Any]:
    """Return the list called `what`. Raises SourceError if there is none."""
    data = answer.get("data") if isinstance(answer, dict) else None
    listed = data.get(what) if isinstance(data, dict) else None
    if not isinstance(listed, list):
        raise SourceError(f"FitTrackee answered without its list of {what}")
    return listed


def _pagination(answer: dict[str, Any]) -> tuple[bool, str | None]:
    """Return whether there is another page, and the number of workouts. Raises SourceError if the first is unknown."""
    pagination = answer.get("pagination")
    has_next = pagination.get("has_next") if isinstance(pagination, dict) else None
    if not isinstance(pagination, dict) or not isinstance(has_next, bool):
        raise SourceError("FitTrackee did not report whether there are more workouts")
    return has_next, text_at(pagination, "total")


def _without_totals(equipment: Any) -> Any:
    """Return a piece of equipment without its totals, which every further workout changes."""
    if not isinstance(equipment, dict):
        return equipment
    return {key: equipment[key] for key in ("id", "label", "equipment_type") if key in equipment}


def _row(record: Any, place: str) -> Row:
    if not isinstance(record, dict):
        return place, record
    id = record.get("id")
    kept = {key: record[key] for key in KEPT if key in record}
    if isinstance(kept.get("equipments"), list):
        kept["equipments"] = list(map(_without_totals, kept["equipments"]))
    return (f"workout {id}" if isinstance(id, str) and 0 < len(id) <= 60 else place), kept


def explained(error: AnswerError, app: App) -> SourceError:
    """Return `error` with cause and remedy for the runner. Statuses by the server's code: 401 `invalid_token`, 403
    `insufficient_scope` (RFC 6750), 403 for a suspended account."""
    if error.status == 401:
        return SourceError(f"FitTrackee no longer accepts the login; log in again: {app.remedy}", retryable=False)
    if error.status == 403 and object_in(error.answer).get("error") == "insufficient_scope":
        return SourceError(
            f"the login at FitTrackee lacks the permission {app.scopes[0]}; give the app the scopes "
            f"{' and '.join(app.scopes)}, and log in again: {app.remedy}",
            retryable=False,
        )
    if error.status == 403:
        return SourceError("FitTrackee refused the request (status 403): the account may be suspended", retryable=False)
    return error


_SHOES = frozenset({"shoe", "shoes"})
_DURATION = re.compile(r"(?:(\d{1,5}) days?, )?(\d{1,3}):(\d{2}):(\d{2}(?:\.\d{1,6})?)", re.ASCII)
"""As Python writes a timedelta: `0:17:04`, `1 day, 2:03:04`, `0:17:04.500000`."""


def read_activity(record: Mapping[str, Any], source: str, zone: dt.tzinfo, sports: Mapping[str, str]) -> Activity:
    """Make the activity of a record. `zone` is the runner's, `sports` are the labels of sports by id."""
    id = needed_text_at(record, "id")
    if not is_id(id):
        raise ValueError(f"{id[:60]!r} is not the id of a workout")
    sport_id = needed_text_at(record, "sport_id")
    label = sports.get(sport_id, f"sport {sport_id}")
    gear_raw, gear_name = _shoes(record)
    return make_activity(
        source,
        id,
        moment_utc(_date(record), zone),
        label,
        needed_number_at(record, "distance") * 1000,
        record,
        # `Cycling (Sport)` and `Cycling (Transport)` are one sport
        sport=label.partition(" (")[0],
        name=text_at(record, "title"),
        moving_s=_seconds(record, "moving"),
        elapsed_s=_seconds(record, "duration"),
        elevation_m=number_at(record, "ascent"),
        gear_raw=gear_raw,
        gear_name=gear_name,
        track=id if record.get("with_file") is True or record.get("with_gpx") is True else None,
    )


def _date(record: Mapping[str, Any]) -> dt.datetime:
    text = needed_text_at(record, "workout_date")
    try:
        date = parsedate_to_datetime(text[:60])
    except (ValueError, TypeError, IndexError, OverflowError):
        raise ValueError(f"workout_date: {text[:60]!r} is not a date") from None
    return date if date.tzinfo else date.replace(tzinfo=dt.UTC)


def _seconds(record: Mapping[str, Any], key: str) -> float | None:
    text = text_at(record, key)
    if text is None:
        return None
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"{key}: {text[:60]!r} is not a duration")
    days, hours, minutes, seconds = match.groups()
    return int(days or 0) * 86400 + int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def _shoes(record: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return id and label of the shoes among the equipment. Two pairs in one workout are joined as if they were a
    third, for the runner to decide. An entry of unknown structure is not a shoe: the run counts all the same."""
    equipments = record.get("equipments")
    listed = equipments if isinstance(equipments, list) else []
    named = [(text_at(item, "id"), text_at(item, "label")) for item in listed if _is_shoe(item)]
    shoes = sorted((id or label, label or "") for id, label in named if id or label)
    if not shoes:
        return None, None
    return " + ".join(id for id, _ in shoes if id), " + ".join(label for _, label in shoes) or None


def _is_shoe(item: Any) -> bool:
    kind = item.get("equipment_type") if isinstance(item, dict) else None
    return isinstance(kind, dict) and (text_at(kind, "label") or "").lower() in _SHOES
