"""`shoemon serve`: scheduler and pages in one process, which ends cleanly on SIGTERM and loudly when a part dies."""

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
from shoemon.sync.schedule import Watch, run_scheduler
from shoemon.web.desk import Desk
from shoemon.web.server import WebServer, make_app

log = logging.getLogger(__name__)
END_S = 7.0
"""The process is gone so long after it was told to stop, whatever its threads do: a statement inside one function of
SQLite can be ended by nobody. Containers are killed after 10 s."""


def serve(config: Config, host: str | None, port: int | None, *, web: bool = True, schedule: bool = True) -> int:
    """Runs until a signal comes or a part dies; returns the exit code. Raises ShoemonError if it cannot start."""
    logging.getLogger("shoemon").setLevel(logging.INFO)
    stop = threading.Event()
    asked = _stop_on_signals(stop)
    threading.Thread(target=_end_in_time, args=(stop, asked), name="end in time", daemon=True).start()
    open_database(config.database, config.main.units).close()
    if not schedule:
        return _serve_pages(config, host, port, stop)
    with locking.lock(config.database.with_name(config.database.name + ".scheduler.lock"), "scheduler"):
        watch = Watch(config.directory, stopping=stop.is_set)
        code = _serve_both(config, watch, host, port, stop) if web else run_scheduler(watch, stop)
        if not watch.idle.is_set():
            # Python would wait for the thread of a tick that hangs; nothing half written outlives the process.
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
    # A tick that hangs would keep the process from ending; run_scheduler has said so and given up on it.
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
    """Serves until `stop` is set; 1 if the server ended by itself."""

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
    """Sets `stop` on a signal, and the event that is returned: by it an end that was asked for is known."""
    asked = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        asked.set()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)
    return asked


def _end_in_time(stop: threading.Event, asked: threading.Event) -> None:
    """Ends the process where it has not ended by itself. SQLite takes back what was half written."""
    stop.wait()
    last_s = min(0.5, END_S / 2)
    time.sleep(END_S - last_s)
    # Whoever reads the log may hang as well, so that a word to it may never come back.
    words = "ended while something was still at work; what it had not stored is done again next time"
    threading.Thread(target=log.warning, args=(words,), daemon=True).start()
    time.sleep(last_s)
    os._exit(0 if asked.is_set() else 1)
