"""Tickets for the links of mails, which let the runner give a run its pair without signing in.

A ticket is made while its mail is sent, and is in that mail only: what is kept of an alert is served to every
reader of the pages, and other channels hand messages to services that show or follow what is in them.
"""

from dataclasses import replace
from datetime import date, timedelta

from shoemon.config.kinds import NotifierSettings
from shoemon.config.load import Config
from shoemon.model.alert import Alert
from shoemon.model.contracts import Notifier
from shoemon.notifiers import open_notifier
from shoemon.notifiers.mail.tickets import TICKETS
from shoemon.store import tickets
from shoemon.store.ticket_key import desk_key


class TicketNotifier:
    """A notifier whose messages have tickets, signed with `key`."""

    def __init__(self, notifier: Notifier, key: bytes) -> None:
        self.name = notifier.name
        self._notifier, self._key = notifier, key

    def send(self, alert: Alert, created_at: str) -> None:
        """Sends `alert` with its tickets, the same ones however often it is sent; raises what the notifier raises."""
        self._notifier.send(with_tickets(alert, created_at, self._key), created_at)


def open_to_deliver(config: Config, settings: NotifierSettings) -> Notifier:
    """The notifier of `settings`; its messages have tickets if it sends mails and the runner wants links that need no
    sign-in (`web.taps`). Raises ShoemonError if the key cannot be read."""
    notifier, web = open_notifier(settings, config.directory), config.main.web
    if settings.type != "email" or web.taps != "links" or web.url is None:
        return notifier
    return TicketNotifier(notifier, desk_key(config.state_database))


def with_tickets(alert: Alert, created_at: str, key: bytes) -> Alert:
    """`alert` with a ticket for each run it asks about, good from the day it was made (`created_at`, UTC) on."""
    if alert.kind != "unassigned":
        return alert
    until = date.fromisoformat(created_at[:10]) + timedelta(days=tickets.ASSIGN_DAYS)
    runs = [str(run["run"]) for run in alert.data["runs"]]
    made = {run: tickets.make(key, tickets.ASSIGN, run, until) for run in runs}
    return replace(alert, data={**alert.data, TICKETS: {"until": until.isoformat(), "runs": made}})
