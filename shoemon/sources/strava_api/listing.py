"""The list of all activities, page by page, until an empty one (Strava's API reference: `GET /athlete/activities`)."""

from typing import Any

from shoemon.model.errors import SourceError
from shoemon.net.download import Limits
from shoemon.sources.kit.activities import Row
from shoemon.sources.kit.api import Api

LIMITS = Limits(total_s=600.0, final=frozenset({429}))
"""Asking again at once what is too much only uses up the next quarter of an hour."""
PER_PAGE = 200
"""The most Strava gives."""
MOST_PAGES = 1000
KEPT = (
    "id", "name", "sport_type", "type", "start_date", "start_date_local", "timezone", "utc_offset", "distance",
    "moving_time", "elapsed_time", "total_elevation_gain", "trainer", "manual", "private", "commute", "workout_type",
    "gear_id", "device_name", "start_latlng", "external_id",
)  # fmt: skip
"""Of each record. The rest is the track as a line, which is not stored, and thumbs up, which would make it another one
each time somebody gives one."""


def listed(api: Api) -> list[Row]:
    """Every record with its place. Raises SourceError if a page cannot be had, for a part is never taken for all."""
    rows: list[Row] = []
    seen: set[object] = set()
    for page in range(1, MOST_PAGES + 1):
        added = _page(api, page)
        if not added:
            if page > 2 or len(rows) >= PER_PAGE:
                _check_unchanged(api, rows)
            return rows
        places = {place for place, _ in added}
        # One that slips to the next page while they are listed comes twice; a page full of them is the same page again.
        if len(added) >= PER_PAGE and places <= seen:
            raise SourceError(f"Strava answered page {page} of the activities with what it had listed before")
        seen |= places
        rows += added
    raise SourceError(
        f"Strava lists more than {MOST_PAGES * PER_PAGE:,} activities; they are not read", retryable=False
    )


def _page(api: Api, page: int) -> list[Row]:
    records = api.get("/athlete/activities", page=page, per_page=PER_PAGE)
    if not isinstance(records, list):
        raise SourceError(f"Strava answered page {page} of the activities with something else than a list")
    return [_row(record, f"page {page}:{number}") for number, record in enumerate(records, 1)]


def _check_unchanged(api: Api, rows: list[Row]) -> None:
    """Raises SourceError if the newest are others than when they began `rows`: one that is deleted meanwhile draws
    another from the page not yet read to the one before, and that would be missing though it is there."""
    newest = [place for place, _ in _page(api, 1)]
    if newest != [place for place, _ in rows[: len(newest)]]:
        raise SourceError("Strava's list of activities changed while it was read; it is tried again later")


def _row(record: Any, place: str) -> Row:
    if not isinstance(record, dict):
        return place, record
    kept = {key: record[key] for key in KEPT if key in record}
    id = record.get("id")
    return (f"activity {id}" if isinstance(id, int) and not isinstance(id, bool) else place), kept
