"""`shoemon serve`: scheduler and pages in one process, which ends cleanly on SIGTERM, and with an error when a part
dies."""

import logging
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

from shoemon.config.load import Config
from shoemon.config.reach import refusal
from shoemon.model.clock import system_clock
from shoemon.model.errors import ShoemonError
from shoemon.setup.inbox import INBOX, clear_parts
from shoemon.store import locking
from shoemon.store.database import open_database
from shoemon.sync.heartbeat import scheduler_lock
from shoemon.sync.schedule import Watch, run_scheduler
from shoemon.web.datasette_file import OPEN, read_datasette_file
from shoemon.web.desk import Desk
from shoemon.web.server import WebServer, make_app
from shoemon.web.sign_in import sign_in_of
from shoemon.words.commands import working_for

log = logging.getLogger(__name__)
END_S = 7.0
"""The process ends at most so long after it was asked to stop, whatever its threads do: nobody can end a statement
inside one function of SQLite. Containers are killed after 10 s."""


def serve(
    homes: Sequence[Config], host: str | None, port: int | None, *, web: bool = True, schedule: bool = True
) -> int:
    """Run for all `homes`, the first of which decides about the address, until a signal comes or a part dies; return
    the exit code. Raises ShoemonError if it cannot start."""
    logging.getLogger("shoemon").setLevel(logging.INFO)
    if len(homes) > 1:
        _name_homes_in_log(homes)
    stop = threading.Event()
    asked = stop_on_signals(stop)
    threading.Thread(target=_end_in_time, args=(stop, asked), name="end in time", daemon=True).start()
    _open_databases(homes, writing=schedule)
    if not schedule:
        return _run(_server(homes, host, port, stop), stop)
    with ExitStack() as locks:
        for home in homes:
            locks.enter_context(locking.lock(scheduler_lock(home.database), "scheduler"))
        watches = [Watch(home.directory, stopping=stop.is_set, household=home.household) for home in homes]
        code = _serve_both(homes, watches, host, port, stop) if web else run_scheduler(watches, stop)
        if not all(watch.idle.is_set() for watch in watches):
            # Python would wait for the thread of a tick that hangs; SQLite rolls back what it has not committed.
            logging.shutdown()
            os._exit(code)
        return code


def _name_homes_in_log(homes: Sequence[Config]) -> None:
    """Begin the lines of the log about one home with its runner's name."""
    runners = {home.directory: home.household.runner for home in homes if home.household}

    def name(record: logging.LogRecord) -> bool:
        if (runner := runners.get(working_for.get() or Path())) is not None:
            record.msg, record.args = f"{runner}: {record.getMessage()}", ()
        return True

    for handler in logging.getLogger().handlers:
        handler.addFilter(name)


def _open_databases(homes: Sequence[Config], *, writing: bool) -> None:
    """Make or update the databases; unless `writing`, those on a read-only volume stay as they are. Raises ShoemonError
    with those that cannot be used."""
    faults = []
    for home in homes:
        clear_parts(home.directory / INBOX)
        if not (writing or os.access(home.database.parent, os.W_OK)):
            continue
        try:
            open_database(home.database, home.main.units).close()
        except (ShoemonError, sqlite3.Error) as error:
            faults.append(f"{home.database} cannot be used: {error}")
    if faults:
        raise ShoemonError("; ".join(faults))


def _serve_both(
    homes: Sequence[Config], watches: Sequence[Watch], host: str | None, port: int | None, stop: threading.Event
) -> int:
    server = _server(homes, host, port, stop)
    codes: list[int] = []

    def schedule() -> None:
        try:
            codes.append(run_scheduler(watches, stop))
        finally:
            stop.set()

    scheduler = threading.Thread(target=schedule, name="scheduler")
    scheduler.start()
    page_code = _run(server, stop)
    # run_scheduler does not wait for a tick that hangs, and has logged it.
    scheduler.join()
    return page_code or (codes[0] if codes else 1)


def _server(homes: Sequence[Config], host: str | None, port: int | None, stop: threading.Event) -> WebServer:
    settings = homes[0].main.web
    host, port = host or settings.host, port or settings.port
    names = [home.database_name for home in homes]
    desks = {name: Desk(home, system_clock, host, port, stop.is_set) for name, home in zip(names, homes, strict=True)}
    runners = {home.household.runner if home.household else home.directory.name: home for home in homes}
    own, sign_in = read_datasette_file(homes[0], names), sign_in_of(runners)
    is_asked = sign_in.is_asked or own.keeps_strangers_out
    if not is_asked and (why := refusal(settings, host, port)) is not None:
        raise ShoemonError(why + (f". By {settings.datasette} {OPEN}" if settings.datasette else ""))
    databases = [home.database for home in homes]
    datasette = make_app(*databases, base_url=settings.base_url, desks=desks, own=own, sign_in=sign_in)
    server = WebServer(datasette, host, port, hosts=settings.hosts)
    if settings.public:
        files = " and ".join(database.name for database in databases)
        log.warning("whoever reaches %s can read every run, name and place in %s", server.url, files)
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


def stop_on_signals(stop: threading.Event) -> threading.Event:
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
