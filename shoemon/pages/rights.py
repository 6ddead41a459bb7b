"""Decide who may write on the pages: a reader with the right to (`shoemon-edit`), or one with the link of a mail.

The desk writes; only pages served by shoemon itself have one. Two questions are separate: may the reader write
(`refusal`), and did the reader send this form, or did another site make the browser send it (`fault`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from datasette.utils import actor_matches_allow

from shoemon.pages.visit import place, present

MOST_BYTES = 200_000
MOST_FIELDS = 500
"""The limits for a form; the largest of ours names a hundred runs."""
WRITING = (
    "execute-write-sql", "create-table", "create-view", "insert-row", "delete-row", "update-row", "alter-table",
    "set-column-type", "drop-table", "drop-view", "store-query", "update-query", "delete-query",
)  # fmt: skip
"""The actions of Datasette 1.0 that write into a database, or store a statement of a reader for others."""
NO_DESK = (
    "Datasette alone serves these pages, and it only reads. Open the pages of shoemon serve to write, or copy a line "
    "below into shoes.yaml."
)
ELSEWHERE = (
    "You cannot write from here, because these pages do not know who you are. Sign in; without a way of signing in, "
    "set a password under web in shoemon.yaml, or open the pages on the machine that serves them, at its own address "
    "(localhost). Links in mails work too, with taps: links under web. Or copy a line below into shoes.yaml."
)
PROXIED = (
    "You reach these pages through a proxy or under another name, so your address does not show who you are. Sign in; "
    "without a way of signing in, set password, or user_header and trusted, under web in shoemon.yaml. Links in mails "
    "work too, with taps: links under web. Or copy a line below into shoes.yaml."
)
NOT_YOURS = (
    "You may only read here: these are the shoes of another runner, or a permission refuses you shoemon-edit. Copy a "
    "line below into shoes.yaml if you can."
)
NOT_ALLOWED = (
    "Links in mails are not allowed here. Set taps: links under web in shoemon.yaml, and restart. Until then sign in, "
    "open the pages on the machine that serves them, or copy a line below into shoes.yaml."
)
LINK_TOO_OLD = (
    "This link is too old, or was changed. A link works for 30 days, for one run. Open this page on the "
    "machine that serves it, or copy a line below into shoes.yaml."
)
NO_KEY = "The file state.db beside the database is unusable, so nobody can write; the log shows why."
FROM_ANOTHER_SITE = (
    "Nothing was written: the form did not come from these pages. Open the page of the run, and tap there."
)
NO_FORM = "Nothing was written: the form did not come from these pages."
MAY_NOT = "Nothing was written: you may not write from here, see below."
GONE_STALE = "Nothing was written: the page was open for too long. This is a fresh one: tap once more."


class Rights:
    """The rights of readers to write through a desk."""

    def __init__(self, desk: Any, may_edit: Callable[[Any], Awaitable[bool]]) -> None:
        self.desk = desk
        """Writes corrections; None if nothing can be written."""
        self.may_edit = may_edit
        """Asks the permissions for an actor."""

    async def has_ticket(self, request: Any, run: str | None, *, pair: bool = False) -> bool:
        """Check for a valid link of a mail for this run (or this `pair`), where links are allowed."""
        ticket = request.args.get("t") or ""
        if self.desk is None or self.desk.taps != "links" or not ticket or run is None:
            return False
        return bool(await asyncio.to_thread(partial(self.desk.admits, run, ticket, pair=pair)))

    async def refusal(self, request: Any, run: str | None = None, *, pair: bool = False) -> str | None:
        """Explain why this reader may not write about `run` (None: about all; or about this `pair`), and what to do;
        None if it may."""
        if self.desk is None:
            return NO_DESK
        if await self.has_ticket(request, run, pair=pair) or await self.may_edit(request.actor):
            return None if await self.token("") else NO_KEY
        if request.args.get("t") and run is not None:
            return NOT_ALLOWED if self.desk.taps != "links" else LINK_TOO_OLD
        if request.actor or (present().here and self.desk.serves_here):
            return NOT_YOURS
        return PROXIED if present().here or present().forwarded else ELSEWHERE

    async def fault(self, request: Any, run: str, form: dict[str, str]) -> str | None:
        """Explain why a form about `run` is not accepted as sent from our page; None if it is accepted."""
        if not from_our_page(request, self.desk.url):
            return FROM_ANOTHER_SITE
        is_good = await asyncio.to_thread(self.desk.form_token_ok, run, form.get("token", ""))
        return None if is_good else GONE_STALE

    async def form(self, request: Any) -> dict[str, str] | None:
        """Read a form; None if it is larger than any of ours, or no form."""
        body, more = b"", True
        while more:
            message = await request.receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > MOST_BYTES:
                return None
        try:
            return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS))
        except ValueError:
            return None

    async def sent(
        self, request: Any, run: str, subject: str | None = None, *, pair: bool = False
    ) -> tuple[dict[str, str], str | None, int]:
        """Read a form about `run` (or this `pair`); return it, why it is not accepted (None: it is), and the status of
        that. `subject`: that of its token, where it is not the run."""
        form = await self.form(request)
        if form is None:
            return {}, NO_FORM, 400
        if await self.refusal(request, run, pair=pair) is not None:
            return {}, MAY_NOT, 403
        return form, await self.fault(request, run if subject is None else subject, form), 403

    async def token(self, subject: str) -> str:
        """Make the token of the forms about `subject`; empty if nobody can write now."""
        return (await self.tokens([subject]))[subject]

    async def tokens(self, runs: list[str]) -> dict[str, str]:
        """Make the token of the form of each run; empty texts if nobody can write now."""
        return await asyncio.to_thread(lambda: {run: self.desk.form_token(run) for run in runs})


def from_our_page(request: Any, url: str | None) -> bool:
    """Check that a form comes from a page of this site, by the headers that the browser sends, if any; `url`: the
    address that the runner opens, which a proxy may request by another name."""
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return False
    if "origin" not in request.headers:
        return True
    origin = place(request.headers["origin"])  # `null` is none
    return origin is not None and origin in (place(f"//{request.headers.get('host', '')}"), place(url or ""))


def permitted(rules: Mapping[str, Any], actor: Any, action: str, database: str = "", name: str = "") -> bool | None:
    """Decide by `permissions` in a configuration, as Datasette 1.0 does: the rule nearest to the table or query counts,
    and of two at one place a refusal. None if they leave it open."""
    levels, is_given, answer = [rules], False, None
    if database:
        levels.append((rules.get("databases") or {}).get(database) or {})
        parts = levels[-1].get("queries" if action.endswith("-query") else "tables") or {}
        levels += [part for key, part in parts.items() if key.lower() == name.lower() and isinstance(part, Mapping)]
    for level in levels:
        blocks = [(level.get("permissions") or {}).get(action)]
        is_given = is_given or blocks[0] is not None
        blocks.append(
            level.get("allow" if action.startswith("view-") else "allow_sql" if action == "execute-sql" else "")
        )
        answers = [actor_matches_allow(actor, block) for block in blocks if block is not None]
        answer = all(answers) if answers else answer
    return answer if is_given else None
