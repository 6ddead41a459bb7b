"""Serve shoemon.db with Datasette: build it, read-only, and run it beside whatever else the process does."""

import asyncio
import contextlib
import ipaddress
import logging
import socket
import sqlite3
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from shoemon.model.errors import ShoemonError
from shoemon.pages.places import plugins_dir
from shoemon.pages.rights import is_loopback
from shoemon.store.snapshot import is_still, read_only
from shoemon.web.follow_file import follow_files

log = logging.getLogger(__name__)
SETTINGS: Mapping[str, Any] = {
    "allow_download": False,  # a copy is made by `shoemon backup`, whole and consistent
    "default_page_size": 100,
    "sql_time_limit_ms": 2000,  # the summaries of 500,000 legs need more than Datasette's second on a small machine
    "suggest_facets": False,  # would read every column of every activity to show one page
    "truncate_cells_html": 200,  # activities keep the whole record as it came
}
App = Callable[[Any, Any, Any], Awaitable[None]]


def make_app(
    database: Path,
    *,
    plugins: Path | None = None,
    metadata: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    base_url: str = "/",
    desk: object | None = None,
) -> Any:
    """Make a Datasette that serves `database` and nothing else, read-only.

    `metadata` is the user's own and wins over that of the plugins; `settings` are Datasette's. `desk` has the actions
    of its pages (shoemon.web.desk); without one they only show. The file is opened with mode=ro, and as immutable only
    where it cannot be read otherwise: that ignores locks, so what another system writes would be shown torn, or not.
    Raises ShoemonError when there is no database yet, or it cannot be read.
    """
    from datasette.app import Datasette

    _let_failures_be_short()
    with read_only(database):
        pass
    _let_writers_in(database)
    if still := is_still(database):
        log.warning(
            "%s is on a read-only volume: pages show it as it is now; serve again once it has changed", database
        )
    datasette = Datasette(
        [] if still else [str(database)],
        immutables=[str(database)] if still else [],
        plugins_dir=str(plugins or plugins_dir()),
        metadata=dict(metadata or {}),
        settings={**SETTINGS, "base_url": "/" + f"{base_url.strip('/')}/".lstrip("/"), **(settings or {})},
    )
    follow_files(datasette)
    if desk is not None:
        datasette.shoemon_desk = desk
    return datasette


def _let_failures_be_short() -> None:
    """Turn off rich: with it, Datasette prints a hundred lines with all values for every page that does not exist, and
    fails at some of them (0.65.5: `/x.db.json`)."""
    from datasette import handle_exception  # after datasette.app, or what it registers is lost

    handle_exception.rich = None


def _let_writers_in(database: Path) -> None:
    """Set WAL, in which a sync commits while a page is read. A file that cannot be written to is served as it is."""
    with contextlib.suppress(sqlite3.OperationalError), contextlib.closing(sqlite3.connect(database)) as conn:
        conn.execute("PRAGMA journal_mode = wal")


class WebServer:
    """Datasette on an address, in the thread that calls `run`, until `stop` is called from any thread or handler.

    The address is bound at once, so that a port in use is an error (ShoemonError) before anything starts. Port 0 binds
    a free one. Signals are left to the caller. `hosts` are further names of the pages, as behind a reverse proxy; "*"
    allows any.
    """

    def __init__(
        self, datasette: Any, host: str = "127.0.0.1", port: int = 8001, *, hosts: Collection[str] = ()
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
        app = datasette.app() if not is_loopback(host) or "*" in hosts else only_for(hosts, datasette.app())
        self._server = Server(
            uvicorn.Config(
                app, log_config=None, access_log=False, server_header=False, lifespan="on", timeout_graceful_shutdown=5
            )
        )

    @property
    def url(self) -> str:
        """The address of the first page."""
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
        finally:
            self._socket.close()
            for database in self.datasette.databases.values():
                database.close()


def run(datasette: Any, host: str = "127.0.0.1", port: int = 8001, *, hosts: Collection[str] = ()) -> None:
    """Serve in this thread until it is interrupted; for use without anything beside it."""
    server = WebServer(datasette, host, port, hosts=hosts)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()


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


def only_for(hosts: Collection[str], app: App) -> App:
    """Answer only for `hosts`, localhost and bare addresses.

    A page anywhere can point its own name to 127.0.0.1 (DNS rebinding) and would then read this machine's pages; but
    its browser still asks for that name.
    """
    allowed = {"localhost", *(host.lower() for host in hosts)}

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or _name(scope) in allowed or _is_address(_name(scope)):
            await app(scope, receive, send)
            return
        headers = [(b"content-type", b"text/plain; charset=utf-8")]
        await send({"type": "http.response.start", "status": 421, "headers": headers})
        text = "These pages are not served under this name. Allow it in shoemon.yaml, web: hosts.\n"
        await send({"type": "http.response.body", "body": text.encode()})

    return guarded


def _name(scope: Any) -> str:
    """Return the host a request asks for, without its port."""
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1").lower()
    return str(host[1:].partition("]")[0] if host.startswith("[") else host.rpartition(":")[0] or host)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return not name  # HTTP/1.0 has no name; a browser always sends one
    return True
