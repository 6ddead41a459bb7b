"""`shoemon login` for servers with OAuth 2.0: the runner logs in with a browser, which brings the answer to this
machine, or shows it in its address for the runner to paste."""

import base64
import hashlib
import queue
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from shoemon.model.errors import MistakeError, SourceError
from shoemon.sources import Context
from shoemon.sources.kit.oauth import App, LoginDialog, scopes_in, token_in, tokens_of
from shoemon.sources.kit.oauth.access import RefusedError, request_token
from shoemon.store.tokens import Token

PATIENCE_S = 600.0
"""The code of an answer is valid for about ten minutes (RFC 6749 recommends no more)."""
_MOST_TRIES = 5
_PROMPT = "address: "


class _AuthorizationRequest(NamedTuple):
    """The address that the runner opens, and two secrets of this login."""

    address: str
    state: str
    verifier: str


class _Answer(NamedTuple):
    code: str
    scopes: frozenset[str]


def log_in(app: App, context: Context, dialog: LoginDialog) -> None:
    """Let the runner log in, and store the token. Raises SourceError or MistakeError, and keeps the earlier login."""
    tokens = tokens_of(app, context)
    if tokens is None:
        raise MistakeError("there is no state.db to store a login in")
    app.client_secret.reveal(context.base)  # fail here, as in the next line, before the runner opens a browser
    tokens.check()
    request = _authorization_request(app)
    answer = _wait(app, request, dialog)
    form = {"grant_type": "authorization_code", "code": answer.code, "redirect_uri": app.redirect_uri}
    if app.has_pkce:
        form["code_verifier"] = request.verifier
    try:
        grant = request_token(app, context.base, form)
        token = token_in(grant, app, context.clock().timestamp())
    except RefusedError:
        raise SourceError(
            f"{app.server} refused the code, which is valid once and for some minutes; try again: {app.remedy}"
        ) from None
    except ValueError as error:
        raise SourceError(f"{app.server} answered the login in an unknown way: {error}") from None
    granted = scopes_in(grant.get("scope")) or answer.scopes
    _check_scopes(app, granted, dialog)
    with tokens.renewing() as kept:  # so that a renewal in progress does not overwrite it
        account = _account(app, kept or {}, token)
        tokens.write({**token, "scopes": sorted(granted), "account": account})
    dialog.show(f"{app.source} is logged in at {app.server}.")


def _authorization_request(app: App) -> _AuthorizationRequest:
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    query = {
        "client_id": app.client_id,
        "response_type": "code",
        "redirect_uri": app.redirect_uri,
        "scope": app.separator.join(app.scopes),
        "state": state,
    }
    if app.has_pkce:
        digest = hashlib.sha256(verifier.encode()).digest()
        query |= {
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
    return _AuthorizationRequest(f"{app.authorize_url}?{urlencode(query)}", state, verifier)


def _wait(app: App, request: _AuthorizationRequest, dialog: LoginDialog) -> _Answer:
    """Wait for the answer. Raises SourceError if permission is refused, or no answer comes."""
    addresses: queue.Queue[str] = queue.Queue()

    def accept(address: str) -> bool:
        is_answer = _query_of(address).get("state") == request.state
        if is_answer:
            addresses.put(address)
        return is_answer

    with ExitStack() as stack:
        listens = not dialog.paste
        if listens:
            try:
                stack.enter_context(listening(app.port, accept))
            except OSError:
                listens = False
                dialog.show(f"note: another program uses port {app.port}, where the browser would bring the answer")
        if not (listens or dialog.can_answer):
            raise MistakeError(f"nobody can paste the answer here; in a terminal: {app.remedy} --paste")
        dialog.show(f"Open this address in a browser, and allow shoemon to read at {app.server}:")
        dialog.show(request.address)
        if not listens:
            return _pasted_answer(app, request, dialog)
        if dialog.can_answer:
            dialog.show("If the browser ends at an unreachable page, paste the address of that page here.")
            threading.Thread(target=_queue_pasted, args=(dialog, addresses), daemon=True).start()
        return _first_answer(app, request, dialog, addresses)


def _pasted_answer(app: App, request: _AuthorizationRequest, dialog: LoginDialog) -> _Answer:
    dialog.show("The browser ends at an unreachable page, as it should. Paste the address of that page here.")
    for _ in range(_MOST_TRIES):
        address = dialog.ask(_PROMPT).strip()
        if not address:
            break
        try:
            return _answer_in(address, request, app)
        except ValueError as error:
            dialog.show(str(error))
    raise MistakeError(f"no answer was pasted; try again: {app.remedy} --paste")


def _queue_pasted(dialog: LoginDialog, addresses: "queue.Queue[str]") -> None:
    while address := dialog.ask(_PROMPT).strip():
        addresses.put(address)


def _first_answer(
    app: App, request: _AuthorizationRequest, dialog: LoginDialog, addresses: "queue.Queue[str]"
) -> _Answer:
    """Return the first answer that comes, from the browser or pasted."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            address = addresses.get(timeout=max(until - time.monotonic(), 0.0))
        except queue.Empty:
            raise SourceError(f"no answer came within {PATIENCE_S / 60:.0f} minutes; try again: {app.remedy}") from None
        try:
            return _answer_in(address, request, app)
        except ValueError as error:
            dialog.show(str(error))


def _answer_in(address: str, request: _AuthorizationRequest, app: App) -> _Answer:
    """Read the answer in an address. Raises ValueError if it is of another `request`, SourceError for a refusal."""
    query = _query_of(address)
    if not (query.get("code") or query.get("error")):
        raise ValueError("this is not the whole address; it contains code= and state=")
    if not secrets.compare_digest(query.get("state", "").encode(), request.state.encode()):
        raise ValueError("this is the answer to another login than the one above")
    if not query.get("code"):
        raise SourceError(
            f"{app.server} gave no permission ({query['error'][:60]!r}); try again: {app.remedy}", retryable=False
        )
    return _Answer(query["code"], scopes_in(query.get("scope")))


def _query_of(address: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(urlsplit(address).query, max_num_fields=100))
    except ValueError:
        return {}


def _check_scopes(app: App, granted: frozenset[str], dialog: LoginDialog) -> None:
    """Raise SourceError if the required permission is missing. A server that lists none has granted all."""
    missing = [scope for scope in app.scopes if granted and scope not in granted]
    if app.scopes[0] in missing:
        raise SourceError(
            f"{app.server} did not give the permission {app.scopes[0]}, without which runs would be missing; "
            f"try again, and keep that box ticked: {app.remedy}",
            retryable=False,
        )
    for scope in missing:
        dialog.show(f"note: the permission {scope} was not given; names of shoes may be missing")


def _account(app: App, before: Token, token: Token) -> str | None:
    """Return whose login it is, as far as an answer named it. Raises MistakeError if the source has the runs of another
    account: the runs of two people would be added up."""
    known: str | None = before.get("account")
    account: str | None = token["account"]
    if known and account and known != account:
        raise MistakeError(
            f"the browser is logged in at {app.server} as {account}, but source {app.source} belongs to {known}; log "
            f"in there as {known}, and try again: {app.remedy}; for another account, add a source with another name"
        )
    return account or known


_LONGEST_S = 10.0
_ACCEPTED = "shoemon has the answer. See the terminal for the result; you can close this page."
_REFUSED = "This is not the answer that shoemon waits for."


@contextmanager
def listening(port: int, accept: Callable[[str], bool]) -> Iterator[None]:
    """While the block runs, call `accept` with the address of every page that a browser requests; it returns whether
    that was the answer. Raises OSError if the port is in use. No address is shown or logged: it contains a code that
    gives a login."""
    server = _Server(("127.0.0.1", port), _handler(accept))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = not hasattr(socket, "SO_EXCLUSIVEADDRUSE")
    """On Windows two programs could then listen to one port."""

    def handle_error(self, *_: Any) -> None:
        """Ignore a browser that closed the connection."""


def _handler(accept: Callable[[str], bool]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _LONGEST_S

        def do_GET(self) -> None:
            accepted = accept(self.path)
            body = (_ACCEPTED if accepted else _REFUSED).encode()
            self.send_response(200 if accepted else 400)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Referrer-Policy", "no-referrer")
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Log nothing: the address contains the code."""

    return Handler
