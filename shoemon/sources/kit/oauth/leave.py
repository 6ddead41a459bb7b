"""`shoemon login` for servers that speak OAuth 2.0: the runner gives leave in a browser, which brings the answer back
to this machine, or shows it in its address for the runner to hand over."""

import base64
import hashlib
import queue
import secrets
import threading
import time
from contextlib import ExitStack
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from shoemon.model.errors import MistakeError, SourceError
from shoemon.sources import Context
from shoemon.sources.kit.oauth import App, Conversation, scopes_in, token_in, tokens_of
from shoemon.sources.kit.oauth.asking import RefusedError, asked_for
from shoemon.sources.kit.oauth.redirect import listening
from shoemon.store.tokens import Token

PATIENCE_S = 600.0
"""The code of an answer is worth something for about ten minutes (RFC 6749 recommends no more)."""
_MOST_TRIES = 5
_PROMPT = "address: "


class _Question(NamedTuple):
    """What is asked of the server, and what only he who asked can know."""

    address: str
    state: str
    verifier: str


class _Answer(NamedTuple):
    code: str
    scopes: frozenset[str]


def log_in(app: App, context: Context, conversation: Conversation) -> None:
    """Asks the runner's leave, and keeps what the server gives. Raises SourceError, or MistakeError, if it comes to
    nothing; what was kept before then stays."""
    tokens = tokens_of(app, context)
    if tokens is None:
        raise MistakeError("there is no place to keep a login")
    app.client_secret.reveal(context.base)  # before the runner takes any trouble, as what follows
    tokens.check()
    question = _question(app)
    answer = _wait(app, question, conversation)
    form = {"grant_type": "authorization_code", "code": answer.code, "redirect_uri": app.redirect_uri}
    if app.proves:
        form["code_verifier"] = question.verifier
    try:
        told = asked_for(app, context.base, form)
        token = token_in(told, app, context.clock().timestamp())
    except RefusedError:
        raise SourceError(f"{app.server} refused the code, which is good once and for minutes: {app.remedy}") from None
    except ValueError as error:
        raise SourceError(f"{app.server} answered the login in a way not known: {error}") from None
    granted = scopes_in(told.get("scope")) or answer.scopes
    _check_scopes(app, granted, conversation)
    with tokens.renewing() as kept:  # lest one that is under way writes over it
        account = _account(app, kept or {}, token)
        tokens.write({**token, "scopes": sorted(granted), "account": account})
    conversation.say(f"{app.source} is logged in at {app.server}.")


def _question(app: App) -> _Question:
    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
    asked = {
        "client_id": app.client_id,
        "response_type": "code",
        "redirect_uri": app.redirect_uri,
        "scope": app.separator.join(app.scopes),
        "state": state,
    }
    if app.proves:
        digest = hashlib.sha256(verifier.encode()).digest()
        asked |= {
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
        }
    return _Question(f"{app.authorize_url}?{urlencode(asked)}", state, verifier)


def _wait(app: App, question: _Question, conversation: Conversation) -> _Answer:
    """The answer. Raises SourceError if leave is not given, or nothing comes."""
    came: queue.Queue[str] = queue.Queue()

    def take(address: str) -> bool:
        is_answer = _told(address).get("state") == question.state
        if is_answer:
            came.put(address)
        return is_answer

    with ExitStack() as stack:
        listens = not conversation.paste
        if listens:
            try:
                stack.enter_context(listening(app.port, take))
            except OSError:
                listens = False
                conversation.say(
                    f"note: another program uses port {app.port}, where the browser would bring the answer"
                )
        if not (listens or conversation.can_answer):
            raise MistakeError(f"nobody can hand over the answer here; in a terminal: {app.remedy} --paste")
        conversation.say(f"Open this address in a browser, and give shoemon leave to read at {app.server}:")
        conversation.say(question.address)
        if not listens:
            return _handed_over(app, question, conversation)
        if conversation.can_answer:
            conversation.say("If it ends at a page that cannot be reached, paste the address of that page here.")
            threading.Thread(target=_listen_to, args=(conversation, came), daemon=True).start()
        return _first_answer(app, question, conversation, came)


def _handed_over(app: App, question: _Question, conversation: Conversation) -> _Answer:
    """What the runner copies from the browser."""
    conversation.say("It ends at a page that cannot be reached: that is right so. Paste the address of that page here.")
    for _ in range(_MOST_TRIES):
        address = conversation.ask(_PROMPT).strip()
        if not address:
            break
        try:
            return _answer_in(address, question, app)
        except ValueError as error:
            conversation.say(str(error))
    raise MistakeError(f"no answer was handed over; try again: {app.remedy} --paste")


def _listen_to(conversation: Conversation, came: "queue.Queue[str]") -> None:
    while address := conversation.ask(_PROMPT).strip():
        came.put(address)


def _first_answer(app: App, question: _Question, conversation: Conversation, came: "queue.Queue[str]") -> _Answer:
    """Whichever comes first, from the browser or by hand."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            address = came.get(timeout=max(until - time.monotonic(), 0.0))
        except queue.Empty:
            raise SourceError(f"no answer came within {PATIENCE_S / 60:.0f} minutes; try again: {app.remedy}") from None
        try:
            return _answer_in(address, question, app)
        except ValueError as error:
            conversation.say(str(error))


def _answer_in(address: str, question: _Question, app: App) -> _Answer:
    """Raises ValueError if this is no answer to `question`, SourceError if it says no."""
    told = _told(address)
    if not (told.get("code") or told.get("error")):
        raise ValueError("this is not the whole address; it holds code= and state=")
    if not secrets.compare_digest(told.get("state", "").encode(), question.state.encode()):
        raise ValueError("this is the answer to another question than the one above")
    if not told.get("code"):
        raise SourceError(
            f"{app.server} gives no leave ({told['error'][:60]!r}); try again: {app.remedy}", retryable=False
        )
    return _Answer(told["code"], scopes_in(told.get("scope")))


def _told(address: str) -> dict[str, str]:
    try:
        return dict(parse_qsl(urlsplit(address).query, max_num_fields=100))
    except ValueError:
        return {}


def _check_scopes(app: App, granted: frozenset[str], conversation: Conversation) -> None:
    """Raises SourceError if leave was not given for what everything hangs on. A server that does not say gave all."""
    missing = [scope for scope in app.scopes if granted and scope not in granted]
    if app.scopes[0] in missing:
        raise SourceError(
            f"{app.server} was not given leave for {app.scopes[0]}, without which runs would be missing; "
            f"try again, and leave that box ticked: {app.remedy}",
            retryable=False,
        )
    for scope in missing:
        conversation.say(f"note: leave for {scope} was not given; names of shoes may be missing")


def _account(app: App, before: Token, token: Token) -> str | None:
    """Whose login it is, as far as that was ever told. Raises MistakeError if the source has the runs of another
    account: two people's would be added up."""
    known: str | None = before.get("account")
    account: str | None = token["account"]
    if known and account and known != account:
        raise MistakeError(
            f"the browser is logged in at {app.server} as {account}, but source {app.source} is of {known}; log in "
            f"there as {known}, and try again: {app.remedy}; another account wants a source with another name"
        )
    return account or known
