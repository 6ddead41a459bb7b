"""Stand before Datasette: for which names it answers, below which path, who has to sign in, and how.

What is not named here as open to strangers is closed to them, whatever plugins serve.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from shoemon.pages.rights import from_our_page
from shoemon.pages.site import ONLY_READS, UPLOAD, Site
from shoemon.pages.visit import address_of, visit_of
from shoemon.web.sign_in import SignIn

App = Callable[[Any, Any, Any], Awaitable[None]]
LOGIN = "/-/login"
OPEN = re.compile(r"/-/health|/-/shoemon/[a-z0-9.-]+")
"""For strangers: whether all is well, and the style sheets, scripts and icons, which hold nothing of a runner."""
READ_BY_POST = "/-/mcp"
"""Assistants ask their questions by POST."""
LINKED = re.compile(r"(?:/(?P<home>[^/]+))?/-/(?P<page>assign|pair)/(?P<run>[^/]+)")
"""The pages of a run or a pair that mails link to."""
SIGNED_IN_S = 90 * 86_400
FREE_TRIES, LONGEST_WAIT_S, MOST_WAITING, MOST_KNOWN = 5, 60, 20, 10_000


class Tries:
    """The attempts to sign in: one at a time, and after five wrong ones from an address each waits longer."""

    def __init__(self, wait: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._wait = wait
        self._wrong: dict[str, int] = {}
        self._waiting: set[str] = set()
        self._one = asyncio.Lock()

    async def admits(self, address: str, is_right: Callable[[], bool], *, is_quick: bool = False) -> bool | None:
        """Check what was sent from `address`; None, unchecked, while another from there, or too many, wait. Where the
        check `is_quick`, those who were never wrong do not wait for each other."""
        if is_quick and address not in self._wrong and is_right():
            return True
        if address in self._waiting or len(self._waiting) >= MOST_WAITING:
            return None
        self._waiting.add(address)
        try:
            wrong = self._wrong.pop(address, 0)
            self._wrong[address] = wrong + 1  # until it turns out right; at the end, as the latest
            await self._wait(min(2 ** (wrong - FREE_TRIES), LONGEST_WAIT_S) if wrong >= FREE_TRIES else 0)
            async with self._one:
                is_admitted = await asyncio.to_thread(is_right)
        finally:
            self._waiting.discard(address)
        if is_admitted or len(self._wrong) > MOST_KNOWN:
            del self._wrong[address if is_admitted else next(iter(self._wrong))]
        return is_admitted


class Door:
    """The ASGI application that `datasette` is served by. `hosts` are the names under which it may be asked for, beside
    localhost and bare addresses; None: any. `app` answers in place of Datasette."""

    def __init__(
        self, datasette: Any, sign_in: SignIn, hosts: Collection[str] | None = None, app: App | None = None
    ) -> None:
        self._datasette, self._sign_in, self._tries = datasette, sign_in, Tries()
        self._app = app or datasette.app()
        self._hosts = None if hosts is None else {"localhost", *(host.lower() for host in hosts)}
        self._base = quote(datasette.setting("base_url"))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        from datasette.utils.asgi import Request

        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = self._seen(scope)
        answer = await self._answer(Request(scope, receive))
        if answer is None:
            await self._app(scope, receive, self._below_base(send))
        else:
            await answer.asgi_send(send)

    def _seen(self, scope: Any) -> Any:
        """The request as Datasette is to see it: without base_url, which some proxies strip and others pass on, and
        with what a trusted proxy reports of it."""
        headers, known = scope["headers"], self._sign_in
        is_trusted = known.trusts(scope)
        named = [value for name, value in headers if name == (known.header or "").encode()]
        seen = {
            **scope,
            "csrftoken": lambda: "",  # Datasette sets its own; for pages rendered here
            "headers": [each for each in headers if each[0] != (known.header or "").encode()],
            "scheme": "https" if self._is_encrypted(scope, is_trusted) else scope["scheme"],
        }
        raw = scope["raw_path"]
        if raw.startswith(self._base.encode()):
            seen["raw_path"] = raw[len(self._base) - 1 :]
            seen["path"] = scope["path"][len(self._datasette.setting("base_url")) - 1 :]
        if is_trusted and len(named) == 1 and named[0].strip():
            seen["shoemon_actor"] = {"id": named[0].strip().decode("utf-8", "replace")}
        return seen

    def _is_encrypted(self, scope: Any, is_trusted: bool) -> bool:
        """Whether the browser came by https, of which only a proxy knows."""
        url = urlsplit(self._sign_in.url or "")
        forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-proto"]
        if is_trusted and forwarded:
            return bool(forwarded[-1].rpartition(b",")[2].strip() == b"https")
        return url.scheme == "https" and url.hostname == _host(scope)

    def _below_base(self, send: Any) -> Any:
        """Add base_url to the redirects in which Datasette forgets it."""

        async def sent(message: Any) -> None:
            if message["type"] == "http.response.start":
                base = self._base.encode()
                message["headers"] = [
                    (name, base[:-1] + value)
                    if name.lower() == b"location" and value.startswith(b"/") and not value.startswith((base, b"//"))
                    else (name, value)
                    for name, value in message["headers"]
                ]
            await send(message)

        return send if self._base == "/" else sent

    async def _answer(self, request: Any) -> Any:
        """Answer for Datasette; None if it may do so itself."""
        from datasette import Response

        known, path = self._sign_in, request.path
        host = _host(request.scope)  # HTTP/1.0 has none; a browser always sends one
        if self._hosts is not None and host and host not in self._hosts and address_of(host) is None:
            words = "These pages are not served under this name. Allow it in shoemon.yaml, web: hosts.\n"
            return Response.text(words, status=421)
        if f"{path}/" == self._base:
            return Response.redirect(self._base + (f"?{request.query_string}" if request.query_string else ""))
        if path == "/-/password-tool":
            return Response.text("There is no such page.\n", status=404)
        if request.method == "POST" and (match := UPLOAD.match(path)) and (token := _token(request)) is not None:
            return await self._refused_upload(request, match["home"], token)
        if not known.is_asked:
            return None
        actor = await self._actor(request)
        if path == LOGIN and known.accounts:
            return await self._login(request, actor)
        reads = request.method in ("GET", "HEAD")
        if actor is None and known.readers and (reads or path == READ_BY_POST) and (token := _token(request)):
            return await self._refused_program(request, token)
        if actor or (known.public and reads) or OPEN.fullmatch(path) or await self._has_ticket(request):
            return None
        if not (known.accounts and reads and "." not in path.rpartition("/")[2] and "_format" not in request.args):
            where = f" at {known.url}" if known.url else ""
            return Response.text(f"Sign in first{where}.\n", status=403)
        asked = self._base[:-1] + path + (f"?{request.query_string}" if request.query_string else "")
        return Response.redirect(f"{self._datasette.urls.path(LOGIN)}?{urlencode({'next': asked})}")

    async def _actor(self, request: Any) -> Any:
        """Find out who asks, as Datasette does; None for strangers."""
        from datasette.plugins import pm
        from datasette.utils import await_me_maybe

        asked = pm.hook.actor_from_request(datasette=self._datasette, request=request)
        found = await asyncio.gather(*map(await_me_maybe, asked), return_exceptions=True)
        actor = next((each for each in found if each and isinstance(each, dict)), None)
        scope, local = request.scope, self._sign_in.local
        if actor is None and local and visit_of(scope).here and not self._sign_in.trusts(scope):
            actor = {"id": local}
        scope["actor"] = scope["shoemon_actor"] = actor
        return actor

    async def _has_ticket(self, request: Any) -> bool:
        from datasette.utils import tilde_decode

        if (match := LINKED.fullmatch(request.path)) is None:
            return False
        site = Site(self._datasette)
        site.name = tilde_decode(match["home"] or "")
        return await site.rights.has_ticket(request, tilde_decode(match["run"]), pair=match["page"] == "pair")

    async def _refused_upload(self, request: Any, home: str | None, token: str) -> Any:
        """Refuse a file whose token is wrong; else return None, with a note that it may be taken in."""
        from datasette.utils import tilde_decode

        desks = self._datasette.shoemon_desks
        name = tilde_decode(home) if home else next(iter(desks), "")
        check = partial(desks[name].uploads().admits, token) if name in desks else lambda: False
        request.scope["shoemon_upload"] = name
        return await self._refused_token(request, check, "You may not send files here.")

    async def _refused_program(self, request: Any, token: str) -> Any:
        """Refuse a program whose token is wrong; else note as whom it reads, and return None."""
        reader = partial(self._sign_in.reader, token)
        if (refused := await self._refused_token(request, lambda: bool(reader()), "The token is wrong.")) is not None:
            return refused
        request.scope["actor"] = request.scope["shoemon_actor"] = {"id": reader(), ONLY_READS: True}
        if "token" in request.args:  # Datasette would look for a column of that name
            sent = parse_qsl(request.query_string, keep_blank_values=True)
            request.scope["query_string"] = urlencode([each for each in sent if each[0] != "token"]).encode()
        return None

    async def _refused_token(self, request: Any, is_right: Callable[[], bool], words: str) -> Any:
        """Refuse a token that is wrong with these words; None if it is right."""
        from datasette import Response

        admitted = await self._tries.admits(self._sign_in.asker(request.scope), is_right, is_quick=True)
        if admitted is None:
            return Response.text("Another attempt is being checked. Try again later.\n", status=429)
        return None if admitted else Response.text(f"{words}\n", status=403)

    async def _login(self, request: Any, actor: Any) -> Any:
        """Show the login page, or sign in who knows the password."""
        from datasette import Response

        urls, site, asked = self._datasette.urls, Site(self._datasette), request.args.get("next") or ""
        is_ours = re.fullmatch(r"/([!-.0-\[\]-~][!-\[\]-~]*)?", asked) and asked.startswith(self._base)
        target, fault, status = asked if is_ours else urls.instance(), None, 200
        if request.method == "POST":
            form = await site.rights.form(request) if from_our_page(request, self._sign_in.url) else None
            name, password = ((form or {}).get(key, "") for key in ("username", "password"))
            names = {each.casefold(): each for each in self._sign_in.accounts}  # phones begin with a capital
            name = names.get(name.strip().casefold(), name)
            check = partial(self._sign_in.admits, name, password)
            is_right = await self._tries.admits(self._sign_in.asker(request.scope), check) if form else False
            if is_right:
                response = Response.redirect(target)
                response.set_cookie("ds_actor", self._cookie(name), max_age=SIGNED_IN_S,
                                    secure=request.scope["scheme"] == "https", httponly=True)  # fmt: skip
                return response
            fault, status = "The name or the password is wrong.", 403
            if is_right is None:
                fault, status = "Another attempt is being checked. Wait a minute, and try again.", 429
        elif actor:
            return Response.redirect(target)
        page = {
            "title": "Log in",
            "here": "login",
            "fault": fault,
            "action": f"{urls.path(LOGIN)}?{urlencode({'next': target})}",
        }
        return await site.page(request, "shoemon_sign_in.html", "", page, status=status, forms=True)

    def _cookie(self, name: str) -> str:
        from datasette.utils import baseconv

        until = baseconv.base62.encode(int(time.time()) + SIGNED_IN_S)
        return str(self._datasette.sign({"a": {"id": name}, "e": until}, "actor"))


def _token(request: Any) -> str | None:
    """The token that a program sent: in the header, or in the address by those that know nothing else."""
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    found: str | None = token.strip() if kind.lower() == "bearer" else request.args.get("token")
    return found


def _host(scope: Any) -> str:
    """Return the host a request asks for, without its port."""
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1").lower()
    return str(host[1:].partition("]")[0] if host.startswith("[") else host.rpartition(":")[0] or host)
