"""Messages: the channels, what each has sent, and why a message waits or failed; add, test and remove a channel.

Serves `/-/channels`. A GET changes nothing. What the reader may see of the messages, the tables decide; where they go
(addresses, topics) is for who may edit alone.
"""

import asyncio
from functools import partial
from typing import Any
from urllib.parse import quote

from shoemon.pages.rows import Rows, settings_of
from shoemon.pages.site import FAULTS, Site, see_other
from shoemon.pages.view import only_with, routes

READ = ("alerts", "deliveries")
"""Readers who may not see both tables do not see this page."""
FORM = "channels"
"""The subject of the tokens of the forms of this page."""
KINDS = ("ntfy", "email", "webhook")
GIVEN = ("to", "host", "port", "security", "username", "password", "url")
LISTED = 20
"""So many messages of each channel are listed."""
STATES = """
    SELECT notifier AS name, max(sent_at) AS sent_at, sum(state = 'pending') AS waiting, sum(state = 'failed') AS failed
    FROM deliveries GROUP BY notifier"""
OPEN = """
    SELECT d.state, d.attempts, d.next_attempt_at, d.last_error, d.recipients_left, a.title, a.created_at,
      d.next_attempt_at > strftime('%Y-%m-%dT%H:%M:%SZ', 'now') AS is_later
    FROM deliveries d JOIN alerts a ON a.id = d.alert WHERE d.notifier = ? AND d.state IN ('pending', 'failed')
    ORDER BY a.created_at DESC, a.rowid DESC LIMIT ?"""


@only_with(READ, "No messages here", "There is no database of messages that you may see.")
async def page(request: Any, site: Site) -> Any:
    """Show the page, or carry out a form sent from here."""
    form, answer = await site.sent(request, FORM, partial(shown, request, site))
    if answer is not None:
        return answer
    given = {key: form[key].strip() for key in GIVEN if form.get(key, "").strip()}
    try:
        query = await asyncio.to_thread(carried_out, site.desk, form, given)
    except FAULTS as error:
        mistakes = "".join(f"\n{mistake}" for mistake in getattr(error, "mistakes", ()))
        values = {"fault": f"Nothing was done: {error}.{mistakes}", "given": given, "kind": form.get("kind")}
        return await shown(request, site, status=409, **values)
    if not query:
        return await shown(request, site, fault="Nothing was done: choose what to do first.", status=400)
    if "look" in query:
        return await shown(request, site, given=given, **query)
    at = f"#channel-{quote(query.pop('at'))}" if "at" in query else ""
    return see_other(f"{site.path('channels')}{at}", **query)


def carried_out(desk: Any, form: dict[str, str], given: dict[str, str]) -> dict[str, Any]:
    """Do what a form asks for; return what the page then shows. Raises FAULTS."""
    channels, name, kind = desk.channels(), form.get("name", ""), form.get("kind", "")
    match form.get("do"):
        case "look" if kind in KINDS:
            return {"look": channels.look(kind, given), "kind": kind}
        case "add" if kind in KINDS:
            done = channels.add(kind, given)
        case "remove":
            done = channels.remove(name)
        case "test" | "again" as what:
            (channels.test if what == "test" else channels.again)(name)
            return {"at": name}
        case _:
            return {}
    return {"undo": done.undo, "later": "message"}


async def shown(request: Any, site: Site, status: int = 200, **more: Any) -> Any:
    """Render the page; without the addresses of channels for who may not edit."""
    refusal = await site.rights.refusal(request)
    values = {"given": {}, **more, "refusal": refusal}
    known = await asyncio.to_thread(lambda: site.desk.channels().all()) if site.desk is not None else []
    if refusal is None:
        values["token"] = await site.rights.token(FORM)
        for kind in ("ntfy", "webhook"):
            values[kind] = (await asyncio.to_thread(site.desk.channels().look, kind, {}))["lines"]
    else:
        known = [{key: channel[key] for key in ("name", "type")} for channel in known]
    values |= await site.read(site.name, load)
    states = {state["name"]: state for state in values.pop("states")}
    values["channels"] = [{**states.pop(channel["name"], {}), **channel} for channel in known]
    gone = site.desk is not None  # without the settings, these are all that are known
    values["channels"] += [{**state, "gone": gone} for state in states.values() if state["open"] or not gone]
    return await site.page(request, "shoemon_channels.html", site.name, values, status=status, forms=True, store=False)


def load(rows: Rows) -> dict[str, Any]:
    """Load what each channel has sent, and the messages that wait or failed."""
    states = rows(STATES)
    return {
        "states": [{**state, "open": rows(OPEN, state["name"], LISTED)} for state in states],
        "settings": settings_of(rows),
    }


register_routes = routes({"channels": page})
