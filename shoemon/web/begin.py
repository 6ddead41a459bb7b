"""Serve one page while there is no configuration: it says what to write, and shows no data."""

import logging
import os
import re
import secrets
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from shoemon.config.load import MAIN_FILE, load
from shoemon.config.reading import ConfigError
from shoemon.model.clock import system_clock
from shoemon.pages.site import Site
from shoemon.pages.visit import during, is_loopback, present
from shoemon.web.door import OPEN
from shoemon.web.serve import stop_on_signals
from shoemon.web.server import WebServer, make_app
from shoemon.web.sign_in import SignIn, password_hash
from shoemon.web.upload import Uploads

PASSWORD = "SHOEMON_PASSWORD"  # noqa: S105 - the name of a variable
USER = "runner"
LOOK_EVERY_S = 2.0
OURS = re.compile(r"/-/(logout|upload(/[^/]+)?)")
WEB = f"\n# How the pages are opened.\nweb:\n  password: {{env: {PASSWORD}}}\n  user: {USER}\n"
log = logging.getLogger(__name__)


def begin(directory: Path, host: str, port: int) -> bool:
    """Serve the page until there is a valid configuration in `directory`; return False if a signal comes first. With
    SHOEMON_PASSWORD set, one signs in by that before. Raises ShoemonError if it cannot listen."""
    logging.getLogger("shoemon").setLevel(logging.INFO)
    stop = threading.Event()
    stop_on_signals(stop)
    password, ready = os.environ.get(PASSWORD), threading.Event()
    accounts = {USER: password_hash(USER, password, secrets.token_bytes())} if password else {}
    datasette = make_app(sign_in=SignIn(accounts=accounts))
    if password or is_loopback(host):
        datasette.shoemon_begin = _Beginning(directory, bool(password))
    server = WebServer(datasette, host, port, app=_only_the_page(datasette, directory))

    def look() -> None:
        while not ready.is_set() and not stop.wait(LOOK_EVERY_S):
            if (directory / MAIN_FILE).exists():
                with suppress(ConfigError):  # as while it is being written
                    load(directory)
                    ready.set()
        server.stop()

    log.info("pages: %s", server.url)
    threading.Thread(target=look, name="look", daemon=True).start()
    server.run()
    return ready.is_set()


class _Beginning:
    """Makes the first configuration from a file that is sent, for who is signed in or, without a password, sits at this
    machine."""

    taps, url = "this-machine", None

    def __init__(self, directory: Path, is_asked: bool) -> None:
        self._directory, self.serves_here, self._key = directory, not is_asked, secrets.token_urlsafe()

    async def may_edit(self, actor: Any) -> bool:
        return bool(actor) or (self.serves_here and present().here)

    def uploads(self) -> Uploads:
        web = "" if self.serves_here else WEB
        return Uploads(self._directory, None, system_clock, web)

    def changes(self) -> list[Any]:
        return []

    def form_token(self, _subject: str) -> str:
        return self._key

    def form_token_ok(self, _subject: str, token: str) -> bool:
        return secrets.compare_digest(token.encode(), self._key.encode())


def _only_the_page(datasette: Any, directory: Path) -> Any:
    """Answer with the page at every address, but for its style sheets and for files that are sent."""
    from datasette.utils.asgi import Request

    rest = datasette.app()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or OPEN.fullmatch(scope["path"]) or OURS.fullmatch(scope["path"]):
            await rest(scope, receive, send)
            return
        request, beginning = Request(scope, receive), getattr(datasette, "shoemon_begin", None)
        with during(scope):
            may_send = beginning is not None and await beginning.may_edit(request.actor)
        page = {"title": "Begin", "directory": directory, "password": PASSWORD, "user": USER, "may_send": may_send}
        shown = await Site(datasette).page(request, "shoemon_begin.html", "", page, forms=True)
        await shown.asgi_send(send)

    return app
