"""The list of activities, page after page, so that nothing is left out though it changes meanwhile.

Pages of more than 45 are answered with status 500, that of the server's own size too (gcpapi-sync 0.1, tried there
against the server in October 2026).
"""

import json
from typing import Any

from shoemon.model.errors import SourceError
from shoemon.net.failure import AnswerError
from shoemon.sources.kit.activities import Row
from shoemon.sources.kit.api import Api

_PATH = "/activitylist-service/activities/search/activities"
PAGE = 45
_OVERLAP = 5
"""Activities of a page that stand on the next one again: where none does, some were deleted in between, and others
would be passed over."""
MOST = 100_000
_OF_OTHERS = ("owner", "activityLike", "likedBy", "commentedBy", "numberOfActivity", "comments", "videoUrl")
"""What begins so is about accounts, pictures and applause; the addresses in it change with every answer."""


def listed(api: Api, since: str | None) -> list[Row]:
    """Every activity since a day, newest first, with its place in the list. Raises SourceError if the list cannot be
    had as a whole."""
    rows: list[Row] = []
    seen: set[str] = set()
    start = 0
    while True:
        page = _page(api, start, since)
        named = [_name(record) for record in page]
        if start and not seen.intersection(named):
            raise SourceError("Garmin's list of activities changed while it was read; it is read anew next time")
        fresh = [index for index, name in enumerate(named) if name not in seen]
        rows += [(f"activity {start + index + 1}", page[index]) for index in fresh]
        seen.update(named)
        if not fresh:
            return rows
        if len(rows) > MOST:
            raise SourceError(f"Garmin lists more than {MOST:,} activities; set `since` to a later day")
        start = max(start + len(page) - _OVERLAP, 0)


def _page(api: Api, start: int, since: str | None) -> list[Any]:
    try:
        page = api.get(_PATH, start=start, limit=PAGE, excludeChildren="false", startDate=since)
    except AnswerError as error:
        if error.status == 204:  # nothing to be told
            return []
        raise
    if not isinstance(page, list):
        raise SourceError("Garmin answered with something else than a list of activities; try again later")
    return [_without_others(record) for record in page]


def _without_others(record: Any) -> Any:
    if not isinstance(record, dict):
        return record
    return {name: value for name, value in record.items() if value is not None and not name.startswith(_OF_OTHERS)}


def _name(record: Any) -> str:
    """What a record is known by on the next page: its number, as other things of it may have changed meanwhile."""
    id = record.get("activityId") if isinstance(record, dict) else None
    return str(id) if isinstance(id, str | int) else json.dumps(record, sort_keys=True)
