"""Tickets in the links of a mail: the right to give one run a pair without signing in. Pure.

What is kept of a message, and what other channels are handed, holds plain addresses. Tickets are made as the mail is
sent (`shoemon.sync.tell.mail_tickets`), and nothing that is kept holds one.
"""

from collections.abc import Mapping

from shoemon.model.alert import Alert
from shoemon.words import sentences
from shoemon.words.blocks import AskedRun, Block, MoreRuns, WebLink

TICKETS = "tickets"
"""In the data of an alert on its way into a mail: `runs`, a ticket by run, and `until`, the last day (ISO date) they
are good for."""


def tickets_of(alert: Alert) -> tuple[str, Mapping[str, str]]:
    """The last day of the tickets of a mail, and the tickets by run; a mail has none unless it was given them."""
    given = alert.data.get(TICKETS)
    return (given["until"], given["runs"]) if isinstance(given, Mapping) else ("", {})


def with_tickets(block: Block, until: str, tickets: Mapping[str, str]) -> Block:
    """`block` with tickets in the links of its runs."""
    match block:
        case AskedRun():
            return _asked(block, until, tickets)
        case MoreRuns(_, runs):
            return block._replace(runs=tuple(_asked(run, until, tickets) for run in runs))
    return block


def _asked(run: AskedRun, until: str, tickets: Mapping[str, str]) -> AskedRun:
    if run.run not in tickets:
        return run
    query = f"t={tickets[run.run]}"
    choices = (WebLink(words, f"{url}{'&' if '?' in url else '?'}{query}") for words, url in run.choices)
    note = sentences.TAP_WITH_TICKET.format(until=until) if run.note else ""
    return run._replace(choices=tuple(choices), note=note)
