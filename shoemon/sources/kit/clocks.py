"""When a run began, where an export shows two clocks: one in UTC, and the one on the wrist."""

import datetime as dt

from shoemon.sources.kit.activities import Moment, moment_local, moment_utc, moment_with_offset

_FURTHEST = dt.timedelta(hours=14)
"""No zone is further from UTC."""


def moment_by_clocks(utc: dt.datetime | None, local: dt.datetime | None, zone: dt.tzinfo) -> Moment:
    """The moment that both tell together; `zone` is the runner's own, for where one of them is not there, or they are
    further apart than any zone. What `utc` lacks of an offset is UTC, what `local` has of one is a slip.

    Raises ValueError in words if there is neither.
    """
    local = local.replace(tzinfo=None) if local is not None else None
    if utc is None:
        if local is None:
            raise ValueError("it does not say when it began")
        return moment_local(local, zone)
    utc = utc.astimezone(dt.UTC).replace(tzinfo=None) if utc.tzinfo is not None else utc
    if local is None or abs(local - utc) > _FURTHEST:
        return moment_utc(utc, zone)
    return moment_with_offset(local.replace(tzinfo=dt.timezone(local - utc)))
