"""Put tickets into the links of a mail: the right to give one run a pair, or to change one pair, without
signing in. Pure.

Tickets are made when the mail is sent (`shoemon.sync.tell.mail_tickets`). Stored messages and other channels have plain
addresses.
"""

from collections.abc import Mapping

from shoemon.model.alert import Alert
from shoemon.words import sentences
from shoemon.words.blocks import AskedRun, Block, MoreRuns, WebLink

TICKETS = "tickets"
"""Key in the data of an alert that is being mailed: `made`, a ticket by run, and by the address of a page that changes
a pair; and `until`, their last day (ISO date)."""


def tickets_of(alert: Alert) -> tuple[str, Mapping[str, str]]:
    """The last day of the tickets of a mail, and the tickets by run or address, if it has some."""
    given = alert.data.get(TICKETS)
    return (given["until"], given["made"]) if isinstance(given, Mapping) else ("", {})


def with_tickets(block: Block, until: str, tickets: Mapping[str, str]) -> Block:
    """Add tickets to the links of the runs of `block`."""
    match block:
        case AskedRun():
            return _asked(block, until, tickets)
        case MoreRuns(_, runs):
            return block._replace(runs=tuple(_asked(run, until, tickets) for run in runs))
    return block


def page_with_ticket(page: WebLink, tickets: Mapping[str, str]) -> WebLink:
    """Add its ticket to the link of a page that changes a pair."""
    return page._replace(url=f"{page.url}?t={tickets[page.url]}") if page.url in tickets else page


def _asked(run: AskedRun, until: str, tickets: Mapping[str, str]) -> AskedRun:
    if run.run not in tickets:
        return run
    query = f"t={tickets[run.run]}"
    choices = (WebLink(words, f"{url}{'&' if '?' in url else '?'}{query}") for words, url in run.choices)
    note = sentences.TAP_WITH_TICKET.format(until=until) if run.note else ""
    return run._replace(choices=tuple(choices), note=note)
