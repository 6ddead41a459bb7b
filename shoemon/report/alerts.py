"""List alerts, newest first, with what became of each message, and what is muted."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from shoemon.store.snapshot import snapshot


def alerts_data(database: Path, limit: int, now: str) -> dict[str, Any]:
    """The latest `limit` alerts with their deliveries, and the snoozes that last at `now`: metres and ISO dates."""
    with snapshot(database) as rows:
        alerts = rows(
            """SELECT id, kind, shoe, stage, created_at, title, body, data, covered_by, acknowledged_at
               FROM alerts ORDER BY created_at DESC, rowid DESC LIMIT ?""",
            limit,
        )
        for alert in alerts:
            alert["data"] = json.loads(alert["data"])
            alert["deliveries"] = rows(
                """SELECT notifier, state, attempts, next_attempt_at, sent_at, last_error, recipients_left
                   FROM deliveries WHERE alert = ? ORDER BY rowid""",
                alert["id"],
            )
        sql = "SELECT subject, until FROM snoozes WHERE until > ? ORDER BY until, subject"
        return {"alerts": alerts, "snoozes": rows(sql, now)}


def alert_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The same, one line for each alert and snooze."""
    yield from (f"muted until {snooze['until']}: {snooze['subject']}" for snooze in found["snoozes"])
    for alert in found["alerts"]:
        states = [_state(**each) for each in alert["deliveries"]]
        if not states:
            states = [f"part of {alert['covered_by']}" if alert["covered_by"] else "no notifier was set up"]
        seen = "; seen" if alert["acknowledged_at"] else ""
        yield f"{alert['created_at']}  {alert['id']}  {alert['title']}  [{', '.join(states)}{seen}]"


def _state(notifier: str, state: str, last_error: str | None, recipients_left: int | None, **_: Any) -> str:
    """The state of one message, and of those of its recipients who do not have it."""
    many = "s" if recipients_left != 1 else ""
    left = f" for {recipients_left} recipient{many}" if recipients_left else ""
    return f"{notifier} {state}{left}" + (f" ({last_error})" if last_error else "")
