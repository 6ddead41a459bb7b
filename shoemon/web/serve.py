"""`shoemon serve`: scheduler and pages in one process, which ends cleanly on SIGTERM, and with an error when a part
dies."""

import logging
import os
import signal
import threading
import time
from types import FrameType

from shoemon.config.load import Config
from shoemon.pages.rights import is_loopback
from shoemon.store import locking
from shoemon.store.database import open_database
from shoemon.sync.heartbeat import scheduler_lock
from shoemon.sync.schedule import Watch, run_scheduler
from shoemon.web.desk import Desk
from shoemon.web.server import WebServer, make_app

log = logging.getLogger(__name__)
END_S = 7.0
"""The process ends at most so long after it was asked to stop, whatever its threads do: nobody can end a statement
inside one function of SQLite. Containers are killed after 10 s."""


def serve(config: Config, host: str | None, port: int | None, *, web: bool = True, schedule: bool = True) -> int:
    """Run until a signal comes or a part dies; return the exit code. Raises ShoemonError if it cannot start."""
    logging.getLogger("shoemon").setLevel(logging.INFO)
    stop = threading.Event()
    asked = _stop_on_signals(stop)
    threading.Thread(target=_end_in_time, args=(stop, asked), name="end in time", daemon=True).start()
    if schedule or os.access(config.database.parent, os.W_OK):
        open_database(config.database, config.main.units).close()
    if not schedule:
        return _serve_pages(config, host, port, stop)
    with locking.lock(scheduler_lock(config.database), "scheduler"):
        watch = Watch(config.directory, stopping=stop.is_set)
        code = _serve_both(config, watch, host, port, stop) if web else run_scheduler(watch, stop)
        if not watch.idle.is_set():
            # Python would wait for the thread of a tick that hangs; SQLite rolls back what it has not committed.
            logging.shutdown()
            os._exit(code)
        return code


def _serve_both(config: Config, watch: Watch, host: str | None, port: int | None, stop: threading.Event) -> int:
    server = _server(config, host, port)
    codes: list[int] = []

    def schedule() -> None:
        try:
            codes.append(run_scheduler(watch, stop))
        finally:
            stop.set()

    scheduler = threading.Thread(target=schedule, name="scheduler")
    scheduler.start()
    page_code = _run(server, stop)
    # run_scheduler does not wait for a tick that hangs, and has logged it.
    scheduler.join()
    return page_code or (codes[0] if codes else 1)


def _serve_pages(config: Config, host: str | None, port: int | None, stop: threading.Event) -> int:
    return _run(_server(config, host, port), stop)


def _server(config: Config, host: str | None, port: int | None) -> WebServer:
    settings = config.main.web
    host, port = host or settings.host, port or settings.port
    desk = Desk(config, host=host, port=port)
    datasette = make_app(config.database, base_url=settings.base_url, desk=desk)
    server = WebServer(datasette, host, port, hosts=settings.hosts)
    if not is_loopback(server.host):
        log.warning("whoever reaches %s can read every run, name and place in %s", server.url, config.database.name)
    log.info("pages: %s", server.url)
    return server


def _run(server: WebServer, stop: threading.Event) -> int:
    """Serve until `stop` is set; return 1 if the server ended by itself."""

    def end() -> None:
        stop.wait()
        server.stop()

    threading.Thread(target=end, name="end", daemon=True).start()
    try:
        server.run()
        return 0 if stop.is_set() else 1
    finally:
        stop.set()


def _stop_on_signals(stop: threading.Event) -> threading.Event:
    """Set `stop` on a signal, and the event that is returned: it marks an end by request."""
    asked = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        asked.set()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    return asked


def _end_in_time(stop: threading.Event, asked: threading.Event) -> None:
    """End the process if it has not ended by itself. SQLite rolls back what it has not committed."""
    stop.wait()
    last_s = min(0.5, END_S / 2)
    time.sleep(END_S - last_s)
    # The reader of the log may hang as well, so that writing to it may never return.
    words = "ended before everything was finished; what was not stored is done again next time"
    threading.Thread(target=log.warning, args=(words,), daemon=True).start()
    time.sleep(last_s)
    os._exit(0 if asked.is_set() else 1)
