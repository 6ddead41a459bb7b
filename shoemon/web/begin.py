"""Serve one page while there is no configuration: it says what to write, and shows no data."""

import logging
import os
import secrets
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from shoemon.config.load import MAIN_FILE, load
from shoemon.config.reading import ConfigError
from shoemon.pages.site import Site
from shoemon.web.door import OPEN
from shoemon.web.serve import stop_on_signals
from shoemon.web.server import WebServer, make_app
from shoemon.web.sign_in import SignIn, password_hash

PASSWORD = "SHOEMON_PASSWORD"  # noqa: S105 - the name of a variable
USER = "runner"
LOOK_EVERY_S = 2.0
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


def _only_the_page(datasette: Any, directory: Path) -> Any:
    """Answer with the page at every address, but for its style sheets."""
    from datasette.utils.asgi import Request

    rest = datasette.app()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or OPEN.fullmatch(scope["path"]) or scope["path"] == "/-/logout":
            await rest(scope, receive, send)
            return
        page = {"title": "Begin", "directory": directory, "password": PASSWORD, "user": USER}
        shown = await Site(datasette).page(Request(scope, receive), "shoemon_begin.html", "", page)
        await shown.asgi_send(send)

    return app
