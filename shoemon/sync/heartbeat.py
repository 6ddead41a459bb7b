"""Report after each tick that the scheduler is alive: to other processes, and to the address `heartbeat`.

Other processes read it from the time of the scheduler's lock file, so that it works without pages too: from then on a
tick is due. A tick that begins sets it ahead, by as long as it may take; one that failed sets it back.
"""

import logging
import os
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from shoemon.config.kinds import Secret
from shoemon.config.load import Config
from shoemon.config.urls import web_address
from shoemon.model.clock import Clock
from shoemon.model.errors import ShoemonError
from shoemon.net.addresses import server_of
from shoemon.net.failure import Failed
from shoemon.store import locking

log = logging.getLogger(__name__)
OVERDUE = timedelta(seconds=100)
"""A tick is overdue when the scheduler has missed five."""
CALL_EVERY = timedelta(minutes=1)
CALL_S = 4.0
"""A call takes so long at most, less than a tick may go on after a signal to stop."""


class Heartbeat:
    """Reports the ticks of one scheduler. Nothing that fails here stops anything."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._well_at: datetime | None = None
        self._called_at: datetime | None = None
        self._fails = False

    def begins(self, config: Config, longest_s: float) -> None:
        """Report that a tick begins, which may take so long."""
        now = self._clock()
        self._well_at = self._well_at or now
        _set_time(config.database, now + timedelta(seconds=longest_s))

    def ended(self, config: Config, *, well: bool) -> None:
        """Report that a tick has ended, and call the address `heartbeat` if it went well, at most once a minute."""
        now = self._clock()
        self._well_at = now if well else self._well_at
        if self._well_at is not None:
            _set_time(config.database, self._well_at)
        is_recent = self._called_at is not None and timedelta() <= now - self._called_at < CALL_EVERY
        if config.main.heartbeat is None or not well or is_recent:
            return
        self._called_at = now
        fault = call(config.main.heartbeat, config.directory)
        if fault and not self._fails:
            log.warning("%s", fault)
        self._fails = bool(fault)


def scheduler_lock(database: Path) -> Path:
    """The lock that the scheduler of this database holds."""
    return database.with_name(database.name + ".scheduler.lock")


def scheduler_state(database: Path, now: datetime) -> str:
    """Return `ok`, or `stopped` if no scheduler is running, or `overdue` if its tick does not come."""
    lock = scheduler_lock(database)
    try:
        with locking.unless_held(lock) as free:
            if free:
                return "stopped"
        return "ok" if now.timestamp() - lock.stat().st_mtime <= OVERDUE.total_seconds() else "overdue"
    except OSError:
        return "stopped"


def call(address: str | Secret, base: Path) -> str:
    """Call `address`; return why that failed, in words without any secret, or nothing."""
    from shoemon.net.conversation import Conversation, Terms, converse

    url = ""

    def talk(conversation: Conversation) -> int:
        with conversation.send("GET", url, {}) as answer:
            return answer.status_code

    try:
        url = address if isinstance(address, str) else web_address(address.reveal(base))
        status = converse(talk, Terms(CALL_S))
        return "" if status < 300 else f"heartbeat: {server_of(url)} answered with status {status}"
    except Failed as failed:
        return f"heartbeat: {server_of(url)} {failed.words}"
    except (ShoemonError, ValueError) as error:
        return f"`heartbeat` cannot be used: {error}"


def _set_time(database: Path, moment: datetime) -> None:
    with suppress(OSError):  # whoever ticks without the lock, as a trial does, has no such file
        os.utime(scheduler_lock(database), (moment.timestamp(),) * 2)
