"""What a FitTrackee server lists: sports, and workouts page by page (its API documentation: `GET /api/workouts`)."""

import json
from typing import Any

from shoemon.model.errors import SourceError
from shoemon.net.failure import AnswerError
from shoemon.sources.kit.activities import Row
from shoemon.sources.kit.api import Api
from shoemon.sources.kit.fields import text_at
from shoemon.sources.kit.oauth import App

PER_PAGE = 100
"""The most a server gives."""
MOST_PAGES = 2000
KEPT = (
    "id", "sport_id", "title", "workout_date", "distance", "duration", "moving", "ascent", "equipments", "with_gpx",
    "with_file", "source",
)  # fmt: skip
"""Of each record. The rest is about the weather, others' thumbs and the map."""


def sports(api: Api) -> dict[str, str]:
    """The label of each sport by its id."""
    listed = _listed(api.get("/sports"), "sports")
    labels = {text_at(sport, "id"): text_at(sport, "label") for sport in listed if isinstance(sport, dict)}
    return {id: label for id, label in labels.items() if id and label}


def workouts(api: Api) -> list[Row]:
    """Every workout with its place. Raises SourceError if a page cannot be had, for a part is never taken for all."""
    rows: list[Row] = []
    totals = set()
    for page in range(1, MOST_PAGES + 1):
        # Without return_equipments the lists of 2025 and later hold none; earlier servers do not know the word.
        answer = api.get(
            "/workouts", page=page, per_page=PER_PAGE, order_by="workout_date", order="asc", return_equipments="true"
        )
        records = _listed(answer, "workouts")
        rows += [_row(record, f"page {page}:{number}") for number, record in enumerate(records, 1)]
        has_next, total = _pagination(answer)
        totals.add(total)
        # One that is deleted meanwhile draws another to a page read before, where nobody sees it.
        if len(totals) > 1:
            raise SourceError("FitTrackee's list of workouts changed while it was read; it is tried again later")
        if not has_next:
            return rows
        if not records:
            break
    raise SourceError(f"FitTrackee lists no end of workouts (more than {MOST_PAGES} pages, or an empty one among them)")


def _listed(answer: Any, what: str) -> list[Any]:
    """The list called `what`. Raises SourceError if there is none: the server then answered something else."""
    data = answer.get("data") if isinstance(answer, dict) else None
    listed = data.get(what) if isinstance(data, dict) else None
    if not isinstance(listed, list):
        raise SourceError(f"FitTrackee answered without its list of {what}")
    return listed


def _pagination(answer: dict[str, Any]) -> tuple[bool, str | None]:
    """Whether there is another page, and how many workouts there are. Raises SourceError where the first is untold."""
    pagination = answer.get("pagination")
    has_next = pagination.get("has_next") if isinstance(pagination, dict) else None
    if not isinstance(pagination, dict) or not isinstance(has_next, bool):
        raise SourceError("FitTrackee does not say whether there are more workouts")
    return has_next, text_at(pagination, "total")


def _piece(piece: Any) -> Any:
    """A piece of equipment without its totals, which every further workout changes."""
    if not isinstance(piece, dict):
        return piece
    return {key: piece[key] for key in ("id", "label", "equipment_type") if key in piece}


def _row(record: Any, place: str) -> Row:
    if not isinstance(record, dict):
        return place, record
    id = record.get("id")
    kept = {key: record[key] for key in KEPT if key in record}
    if isinstance(kept.get("equipments"), list):
        kept["equipments"] = [_piece(piece) for piece in kept["equipments"]]
    return (f"workout {id}" if isinstance(id, str) and 0 < len(id) <= 60 else place), kept


def in_words(error: AnswerError, app: App) -> SourceError:
    """`error` as the runner can understand it, with what to do. Answers by the server's own code: 401 `invalid_token`,
    403 `insufficient_scope` (RFC 6750), 403 for a suspended account."""
    if error.status == 401:
        return SourceError(f"FitTrackee does not take the login any more; log in again: {app.remedy}", retryable=False)
    if error.status == 403 and _told(error.answer) == "insufficient_scope":
        return SourceError(
            f"the login at FitTrackee was given no leave for {app.scopes[0]}; give the app the scopes "
            f"{' and '.join(app.scopes)}, and log in again: {app.remedy}",
            retryable=False,
        )
    if error.status == 403:
        return SourceError("FitTrackee refuses it (status 403): the account may be suspended", retryable=False)
    return error


def _told(answer: bytes) -> str:
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError):
        return ""
    return str(told.get("error", "")) if isinstance(told, dict) else ""
