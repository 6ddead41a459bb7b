"""Serve shoemon.db with Datasette: build it, read-only, and run it beside whatever else the process does."""

import asyncio
import contextlib
import logging
import socket
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from shoemon.model.errors import ShoemonError
from shoemon.pages.places import plugins_dir
from shoemon.pages.visit import is_loopback
from shoemon.store.snapshot import is_still, read_only
from shoemon.web.datasette_file import NO_FILE, DatasetteFile
from shoemon.web.door import App, Door
from shoemon.web.follow_file import follow_files
from shoemon.web.sign_in import SignIn

log = logging.getLogger(__name__)
SETTINGS: Mapping[str, Any] = {
    "allow_download": False,  # a copy is made by `shoemon backup`, whole and consistent
    "default_page_size": 100,
    "sql_time_limit_ms": 2000,  # the summaries of 500,000 legs need more than Datasette's second on a small machine
    "suggest_facets": False,  # would read every column of every activity to show one page
    "truncate_cells_html": 200,  # activities keep the whole record as it came
}


def make_app(
    *databases: Path,
    plugins: Path | None = None,
    metadata: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    base_url: str = "/",
    desks: Mapping[str, object] | None = None,
    own: DatasetteFile = NO_FILE,
    sign_in: SignIn | None = None,
) -> Any:
    """Make a Datasette that serves `databases` and nothing else, read-only.

    `metadata` wins over that of the plugins, and `own`, the user's, over both; `settings` are Datasette's. `desks` have
    the actions of the pages of each database (shoemon.web.desk) by the database's name there, in the order of
    `databases`; without them the pages only show. `sign_in` says who has to sign in: by default nobody. The files are
    opened with mode=ro, and as immutable only where they cannot be read otherwise: that ignores locks, so what another
    system writes would be shown torn, or not. Raises ShoemonError when a database does not exist yet, or cannot be
    read.
    """
    from datasette.app import Datasette
    from datasette.database import Database

    _let_failures_be_short()
    _close_the_plugins_doors()
    for database in databases:
        with read_only(database):
            pass
        _let_writers_in(database)
        if is_still(database):
            words = "%s is on a read-only volume: pages show it as it is now; serve again once it has changed"
            log.warning(words, database)
    sign_in = sign_in or SignIn()
    base = "/" + f"{base_url.strip('/')}/".lstrip("/")
    datasette = Datasette(
        plugins_dir=str(plugins or plugins_dir()),
        **own.arguments(metadata or {}, is_closed=sign_in.is_asked and not sign_in.public),
        secret=sign_in.secret,
        settings={**SETTINGS, **own.settings, "base_url": base, **(settings or {})},
    )
    datasette.remove_database("_memory")  # it has one while it has no file
    for name, path in zip(desks or (path.stem for path in databases), databases, strict=True):
        datasette.add_database(Database(datasette, path=str(path), is_mutable=not is_still(path)), name=name)
    follow_files(datasette)
    datasette.shoemon_desks = desks or {}
    datasette.shoemon_sign_in = sign_in
    return datasette


def _let_failures_be_short() -> None:
    """Turn off rich: with it, Datasette prints a hundred lines with all values for every page that does not exist, and
    fails at some of them (0.65.5: `/x.db.json`)."""
    from datasette import handle_exception  # after datasette.app, or what it registers is lost

    handle_exception.rich = None


def _close_the_plugins_doors() -> None:
    """Turn off datasette-auth-passwords as a plugin, as Door does what it does: it would check a password on every
    address, make hashes for anybody, and hash while all others wait."""
    import datasette_auth_passwords
    from datasette.plugins import pm

    if pm.is_registered(datasette_auth_passwords):
        pm.unregister(datasette_auth_passwords)


def _let_writers_in(database: Path) -> None:
    """Set WAL, in which a sync commits while a page is read. A file that cannot be written to is served as it is."""
    with contextlib.suppress(sqlite3.OperationalError), contextlib.closing(sqlite3.connect(database)) as conn:
        conn.execute("PRAGMA journal_mode = wal")


class WebServer:
    """Datasette on an address, in the thread that calls `run`, until `stop` is called from any thread or handler.

    The address is bound at once, so that a port in use is an error (ShoemonError) before anything starts. Port 0 binds
    a free one. Signals are left to the caller. `hosts` are further names of the pages, as behind a reverse proxy; "*"
    allows any. `app` answers in place of Datasette, which then only makes its pages.
    """

    def __init__(
        self,
        datasette: Any,
        host: str = "127.0.0.1",
        port: int = 8001,
        *,
        hosts: Collection[str] = (),
        app: App | None = None,
    ) -> None:
        import uvicorn

        class Server(uvicorn.Server):
            """Leaves signals to the caller; uvicorn would raise them again when it ends."""

            @contextlib.contextmanager
            def capture_signals(self) -> Iterator[None]:
                yield

        self.datasette = datasette
        self.host = host
        self._socket = _listen(host, port)
        self.port: int = self._socket.getsockname()[1]
        sign_in = datasette.shoemon_sign_in
        own = [*hosts, urlsplit(sign_in.url or "").hostname or ""]
        door = Door(datasette, sign_in, own if is_loopback(host) and "*" not in hosts else None, app)
        self._server = Server(
            uvicorn.Config(
                door,
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                lifespan="on",
                timeout_graceful_shutdown=5,
            )
        )

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}{self.datasette.setting('base_url')}"

    def run(self) -> None:
        """Serve until stopped. Everything it opened is closed when it returns."""
        asyncio.run(self._run())

    def stop(self) -> None:
        """End `run` after the pages being read, or after five seconds."""
        self._server.should_exit = True

    async def _run(self) -> None:
        try:
            await self.datasette.invoke_startup()
            await self._server.serve(sockets=[self._socket])
            if others := asyncio.all_tasks() - {asyncio.current_task()}:  # of plugins, which end with the pages
                await asyncio.wait(others, timeout=1)
        finally:
            self._socket.close()
            for database in self.datasette.databases.values():
                database.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listening = socket.create_server(address[:2], family=family)
        # Each connection inherits it, where asyncio sets it only for sockets made with the protocol TCP: else what
        # follows the head of an answer waits for 40 ms until the browser has confirmed the head.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listening
    except OSError as error:
        reason = error.strerror or str(error)
        raise ShoemonError(f"cannot listen on {host} port {port}: {reason}; see --host and --port") from error
