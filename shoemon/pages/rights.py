"""Who may write on the pages: whoever sits at this machine, is signed in, or has the link of a mail where those count.

Writing is what the desk does, which only pages served by shoemon itself have. Two questions are kept apart: whether the
reader may (`refusal`), and whether it was the reader who sent a form, and not another site that made the reader's
browser send it (`fault`).
"""

import asyncio
import ipaddress
from typing import Any
from urllib.parse import parse_qsl, urlsplit

MOST_BYTES = 20_000
"""Of a form; ours are much smaller."""
FORWARDED = (
    "forwarded", "via", "x-forwarded", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "x-original", "x-envoy",
    "true-client-ip", "client-ip", "cf-", "fly-", "fastly-", "x-azure",
)  # fmt: skip
"""How headers begin by which a proxy tells of itself."""
NO_DESK = (
    "These pages are served by Datasette alone, which only reads. Pages served by shoemon serve can write: open those, "
    "or copy a line below into shoes.yaml."
)
ELSEWHERE = (
    "From here nobody can write, for these pages cannot know who you are. Open them on the machine that serves them, "
    "under its own address (localhost); or sign in, where a login plugin of Datasette is set up; or have the links of "
    "mails taken, by taps: links under web in shoemon.yaml; or copy a line below into shoes.yaml."
)
PROXIED = (
    "These pages are reached by way of a proxy or under another name, so an address says nothing of who you are. "
    "Sign in, where a login plugin of Datasette is set up; or have the links of mails taken, by taps: links under web "
    "in shoemon.yaml; or copy a line below into shoes.yaml."
)
NOT_TAKEN = (
    "Links of mails are not taken here: taps: links under web in shoemon.yaml, and a restart, would change that. Until "
    "then open the pages on the machine that serves them, or copy a line below into shoes.yaml."
)
LINK_TOO_OLD = (
    "This link is too old, or was changed on its way. A link works for 30 days, for one run. Open this page on the "
    "machine that serves it, or copy a line below into shoes.yaml."
)
NO_KEY = "The file state.db beside the database cannot be used, so nobody can write; the log says why."
FROM_ANOTHER_SITE = (
    "This was not sent from a page of these, so nothing was written. Open the page of the run, and tap there."
)
GONE_STALE = "The page was open for too long, so nothing was written. Here it is anew: tap once more."


class Rights:
    """Who may write by way of a desk."""

    def __init__(self, desk: Any) -> None:
        self.desk = desk
        """What writes, or None where nothing can."""

    async def has_ticket(self, request: Any, run: str | None) -> bool:
        """Whether the reader came by a mail's link for this run that is taken here."""
        ticket = request.args.get("t") or ""
        if self.desk is None or self.desk.taps != "links" or not ticket or run is None:
            return False
        return bool(await asyncio.to_thread(self.desk.admits, run, ticket))

    async def refusal(self, request: Any, run: str | None = None) -> str | None:
        """Why this reader may not give `run` (None: all runs) a pair, and what to do; None if that may be."""
        if self.desk is None:
            return NO_DESK
        is_here = at_this_machine(request)
        if request.actor or await self.has_ticket(request, run) or (is_here and not self.desk.proxied):
            return None if (await self.tokens([""]))[""] else NO_KEY
        if request.args.get("t") and run is not None:
            return NOT_TAKEN if self.desk.taps != "links" else LINK_TOO_OLD
        return PROXIED if is_here or was_forwarded(request) else ELSEWHERE

    async def fault(self, request: Any, run: str, form: dict[str, str]) -> str | None:
        """Why a form about `run` is not taken for one that the reader sent from our page; None if it is."""
        if not from_our_page(request, self.desk.url):
            return FROM_ANOTHER_SITE
        is_good = await asyncio.to_thread(self.desk.form_token_ok, run, form.get("token", ""))
        return None if is_good else GONE_STALE

    async def form(self, request: Any) -> dict[str, str] | None:
        """What a form says; None if it is larger than any of ours, or no form."""
        body, more = b"", True
        while more:
            message = await request.receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > MOST_BYTES:
                return None
        try:
            return dict(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=50))
        except ValueError:
            return None

    async def tokens(self, runs: list[str]) -> dict[str, str]:
        """What each of our forms about `runs` has to hold; empty texts if nobody can write now."""
        return await asyncio.to_thread(lambda: {run: self.desk.form_token(run) for run in runs})


def at_this_machine(request: Any) -> bool:
    """Whether the reader's browser runs on this machine and asked for this machine.

    It must have asked for it by its own name, too: a site whose name is made to mean 127.0.0.1 (DNS rebinding) sends
    its readers' browsers here, but they ask for that name. A proxy comes from this machine for others; it mostly tells
    of itself, or speaks HTTP/1.0, which no browser does.
    """
    client = request.scope.get("client") or ("", 0)
    is_here = is_loopback(str(client[0])) and is_loopback(
        urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    )
    return is_here and not was_forwarded(request) and request.scope.get("http_version") != "1.0"


def was_forwarded(request: Any) -> bool:
    """Whether a proxy on the way tells of itself."""
    return any(name.startswith(FORWARDED) for name in request.headers)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine and can be no other."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def from_our_page(request: Any, url: str | None) -> bool:
    """Whether a browser says, if it says anything, that a form comes from a page of this very site; `url`: where the
    runner opens it, which a proxy may ask for by another name."""
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return False
    if "origin" not in request.headers:
        return True
    origin = place(request.headers["origin"])  # `null` is none
    return origin is not None and origin in (place(f"//{request.headers.get('host', '')}"), place(url or ""))


def place(address: str) -> tuple[str, int | None] | None:
    """Host and port of an address, the port only where it does not go without saying; None if it has none."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    usual = {"http": (80,), "https": (443,)}.get(parts.scheme, (80, 443))
    return (host, None if port in usual else port) if host else None
