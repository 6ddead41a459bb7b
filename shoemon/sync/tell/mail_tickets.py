"""Send mails with tickets in their links, which let the runner give a run its pair without signing in, and each
recipient's only once.

A ticket is made when its mail is sent, and is in that mail only: every reader of the pages sees stored alerts, and
other channels hand messages to services that show them or follow their links.
"""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

from shoemon.config.kinds import NotifierSettings
from shoemon.config.load import Config
from shoemon.model.alert import Alert
from shoemon.model.contracts import Notifier
from shoemon.model.errors import PartlyDeliveredError
from shoemon.notifiers import open_notifier
from shoemon.notifiers.mail.tickets import TICKETS
from shoemon.store import recipients, tickets
from shoemon.store.ticket_key import desk_key

if TYPE_CHECKING:
    from shoemon.notifiers.email import Email


class Mailer:
    """Sends mails with tickets, signed with `key` (None: without), and each only to the recipients who do not have it:
    `state` is the file that remembers them."""

    def __init__(self, notifier: "Email", state: Path, key: bytes | None) -> None:
        self.name = notifier.name
        self._notifier, self._state, self._key = notifier, state, key

    def send(self, alert: Alert, created_at: str) -> None:
        """Send `alert`, the same however often it is sent; raises what the notifier raises, and ShoemonError, before
        anything is sent, if recipients cannot be remembered."""
        mail = alert if self._key is None else with_tickets(alert, created_at, self._key)
        if not self._notifier.several:
            self._notifier.send(mail, created_at)
            return
        message = recipients.Message(self.name, alert.id, created_at)
        try:
            self._notifier.send(mail, created_at, recipients.reached(self._state, message))
        except PartlyDeliveredError as error:
            recipients.add(self._state, message, error.reached)
            raise
        recipients.forget(self._state, message)


def open_to_deliver(config: Config, settings: NotifierSettings) -> Notifier:
    """Open the notifier of `settings`. If it sends mails, it remembers who has them, and they have tickets if
    `web.taps` asks for links that need no sign-in. Raises ShoemonError if the key cannot be read."""
    notifier, web = open_notifier(settings, config.directory), config.main.web
    if settings.type != "email":
        return notifier
    key = desk_key(config.state_database) if web.taps == "links" and web.url is not None else None
    return Mailer(cast("Email", notifier), config.state_database, key)


def with_tickets(alert: Alert, created_at: str, key: bytes) -> Alert:
    """Add a ticket for each run of `alert`, valid from the day it was made (`created_at`, UTC)."""
    if alert.kind != "unassigned":
        return alert
    until = date.fromisoformat(created_at[:10]) + timedelta(days=tickets.ASSIGN_DAYS)
    runs = [str(run["run"]) for run in alert.data["runs"]]
    made = {run: tickets.make(key, tickets.ASSIGN, run, until) for run in runs}
    return replace(alert, data={**alert.data, TICKETS: {"until": until.isoformat(), "runs": made}})
