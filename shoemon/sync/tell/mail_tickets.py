"""Send mails with tickets in their links, which let the runner give a run its pair without signing in, and each
recipient's only once.

A ticket is made when its mail is sent, and is in that mail only: every reader of the pages sees stored alerts, and
other channels hand messages to services that show them or follow their links.
"""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from shoemon.config.kinds import NotifierSettings
from shoemon.config.load import Config
from shoemon.model.alert import Alert
from shoemon.model.contracts import Notifier
from shoemon.notifiers import open_notifier
from shoemon.notifiers.mail.tickets import TICKETS
from shoemon.store import recipients, tickets
from shoemon.store.ticket_key import desk_key


class Mailer:
    """A notifier whose mails have tickets, signed with `key` (None: none), and reach each recipient once: the file
    `state` has those who have a mail that others refused."""

    def __init__(self, notifier: Any, state: Path, key: bytes | None) -> None:
        self.name = notifier.name
        self._notifier, self._state, self._key = notifier, state, key

    def send(self, alert: Alert, created_at: str) -> None:
        """Send `alert`, the same however often it is sent; raises what the notifier raises."""
        mail = alert if self._key is None else with_tickets(alert, created_at, self._key)
        if not self._notifier.several:
            self._notifier.send(mail, created_at)
            return
        # With its time, because a new shoemon.db gives the ids of alerts again.
        with recipients.reached(self._state, self.name, alert.id, created_at) as reached:
            self._notifier.send(mail, created_at, reached)


def open_to_deliver(config: Config, settings: NotifierSettings) -> Notifier:
    """Open the notifier of `settings`; mails have tickets if `web.taps` asks for links that need no sign-in. Raises
    ShoemonError if the key cannot be read."""
    notifier, web = open_notifier(settings, config.directory), config.main.web
    if settings.type != "email":
        return notifier
    key = desk_key(config.state_database) if web.taps == "links" and web.url is not None else None
    return Mailer(notifier, config.state_database, key)


def with_tickets(alert: Alert, created_at: str, key: bytes) -> Alert:
    """Add a ticket for each run of `alert`, and for each page that changes a pair, valid from the day it was made
    (`created_at`, UTC)."""
    until = date.fromisoformat(created_at[:10]) + timedelta(days=tickets.ASSIGN_DAYS)
    runs = [str(run["run"]) for run in alert.data["runs"]] if alert.kind == "unassigned" else []
    made = {run: tickets.make(key, tickets.ASSIGN, run, until) for run in runs}
    for link in alert.data.get("links", ()):  # those of an alert of an earlier version name no pair
        if "shoe" in link:
            made[link["url"]] = tickets.make(key, tickets.PAIR, link["shoe"], until)
    return replace(alert, data={**alert.data, TICKETS: {"until": until.isoformat(), "made": made}}) if made else alert
