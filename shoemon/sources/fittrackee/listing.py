"""List sports and workouts of a FitTrackee server, page by page (its API documentation: `GET /api/workouts`)."""

from typing import Any

from shoemon.model.errors import ReadAgainError, SourceError
from shoemon.net.failure import AnswerError
from shoemon.sources.kit.activities import Row
from shoemon.sources.kit.api import Api, object_in
from shoemon.sources.kit.fields import text_at
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
