"""Run syncs when they are due, as long as the process lives: APScheduler ticks, the database decides what is due.

A timer only starts a tick; whether a source is due is decided from its last success. So a laptop that slept catches up
once, a change of the clocks skips or doubles no day, and a restart loses nothing.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from shoemon.config.edits import Stamp, is_being_saved, stamps
from shoemon.config.kinds import SourceSettings
from shoemon.config.load import Config, Household, load
from shoemon.config.models import MainFile
from shoemon.config.reading import ConfigError
from shoemon.model.clock import Clock, day_in, iso, system_clock
from shoemon.model.errors import ShoemonError
from shoemon.model.text import one_line
from shoemon.sync.heartbeat import Heartbeat
from shoemon.sync.pipeline import Report, sync
from shoemon.sync.tell.outbox import LONGEST_WAIT, is_quiet
from shoemon.words.commands import working_for

log = logging.getLogger(__name__)
TICK_S = 20.0
DEFAULT_EVERY_S = 6 * 3600.0
RETRY_S = 600.0
"""A source that failed is read again after ten minutes, or after its own period if that is shorter."""
JOB_DEADLINE_S = 3600.0
"""A tick that runs longer hangs: the process ends with an error, so that its supervisor restarts it."""
SILENT_S = 5.0
"""A scheduler that has not ticked for so long, or for five of its periods, is dead."""
STOP_WAIT_S = 6.0
"""How long a tick may go on after a signal to stop; less than the 7 s after which `serve` ends."""


class Pulls(NamedTuple):
    """The last pull of a source, and the last that succeeded; None is never. `needs_runner`: it failed, and waiting
    will not help."""

    attempt: datetime | None
    success: datetime | None
    needs_runner: bool = False


def is_due(settings: SourceSettings, pulls: Pulls, now: datetime) -> bool:
    """Whether it is time to pull a source."""
    # A time in the future is of a clock that was wrong: the source must not wait for it.
    attempt, success = (moment if moment is not None and moment <= now else None for moment in pulls[:2])
    pulls = pulls._replace(attempt=attempt, success=success)
    # Trying again soon cannot help where a login was withdrawn, and only burdens the server.
    rest = settings.every or DEFAULT_EVERY_S if pulls.needs_runner else RETRY_S
    if pulls.success is None:
        period = min(settings.every or DEFAULT_EVERY_S, rest)
        return pulls.attempt is None or now - pulls.attempt >= timedelta(seconds=period)
    if settings.cron is not None:
        from apscheduler.triggers.cron import CronTrigger

        after = pulls.success + timedelta(seconds=1)  # the moment of its success is done
        next_time = CronTrigger.from_crontab(settings.cron, timezone=UTC).get_next_fire_time(None, after)
        ripe = next_time is not None and next_time <= now
        period = rest
    else:
        period = settings.every or DEFAULT_EVERY_S
        ripe = now - pulls.success >= timedelta(seconds=period)
    failed_since = pulls.attempt is not None and pulls.attempt > pulls.success
    rested = not failed_since or now - (pulls.attempt or now) >= timedelta(seconds=min(period, rest))
    return ripe and rested


class Watch:
    """Watches one runner's configuration. `tick` does what is due at the time of `clock`."""

    def __init__(
        self,
        directory: Path,
        clock: Clock = system_clock,
        stopping: Callable[[], bool] = lambda: False,
        household: Household | None = None,
    ) -> None:
        self.directory, self._clock, self._stopping, self._household = directory, clock, stopping, household
        self._config: Config | None = None
        self._edited: tuple[Stamp, ...] = ()
        self._seen: tuple[Config, date] | None = None
        self._has_more = False
        self._stored: set[Path] = set()
        self._asked_with: Config | None = None
        self._heartbeat = Heartbeat(clock)
        self.beats = 0
        """Changes whenever a tick begins or ends."""
        self.idle = threading.Event()
        """Set while no tick is running."""
        self.idle.set()

    def tick(self) -> Report | None:
        """Sync what is due, and deliver what waits; None if there was nothing to do, or it failed."""
        self.beats += 1
        self.idle.clear()
        well = False
        token = working_for.set(self.directory if self._household else None)
        try:
            report = self._work()
            self._get_map()
            well = True
            return report
        except (ShoemonError, sqlite3.Error) as error:
            log.error("%s; trying again in %d s", one_line(str(error)), TICK_S)
            return None
        finally:
            if self._config is not None:
                self._heartbeat.ended(self._config, well=well)
            working_for.reset(token)
            self.beats += 1
            self.idle.set()

    def _work(self) -> Report | None:
        config = self.config()
        self._heartbeat.begins(config, JOB_DEADLINE_S)
        self._refuse_an_empty_place(config.database)
        now = self._clock()
        pulls = read_pulls(config.database)
        if config is not self._asked_with:  # an edit may be what a source needed
            pulls = {name: each._replace(attempt=None) if each.needs_runner else each for name, each in pulls.items()}
            self._asked_with = config
        due = [s.name for s in config.sources if is_due(s, pulls.get(s.name, Pulls(None, None)), now)]
        # A new day changes forecasts, and an edit decisions and alerts, also when no source is due.
        seen = (config, day_in(now, config.main.zone))
        if not due and not self._has_more and seen == self._seen and not _is_waiting(config.database, config.main, now):
            return None
        self._seen = None  # until it is done: the next tick continues what was interrupted
        report = sync(config, due, self._clock, stopping=self._stopping)
        self._seen = seen
        self._stored.add(config.database)
        # A long history is matched in pieces, one a tick; what is not available now is tried with the next pull.
        self._has_more = report.ground.goes_on
        for note in report.ground.notes:
            log.error("ground: %s", one_line(note))
        for outcome in report.outcomes:
            level = logging.ERROR if outcome.error else logging.INFO
            result = one_line(outcome.error or describe(report))
            log.log(level, "%s %s %s", outcome.source, outcome.outcome, result)
        if report.ground.runs and not report.outcomes:
            log.info("%s", describe(report))
        return report

    def _get_map(self) -> None:
        """Do a part of getting the map that a page asked for, or that is due. It may take a while: nothing else waits
        for it but this runner's next tick."""
        if self._config is None or self._stopping():
            return
        from shoemon.sync.get_map import work

        if (result := work(self._config, self._clock, self._stopping)) is not None:
            self._seen = None  # the next tick matches runs
            log.log(logging.ERROR if result.failed else logging.INFO, "map: %s", one_line(result.words))

    def config(self) -> Config:
        """The configuration as it is; the last valid one while an edit is being saved, and after a bad one, with every
        mistake in the log once.

        Raises ConfigError if there never was a valid one.
        """
        edited = stamps(self.directory)
        if self._config is not None and (edited == self._edited or is_being_saved(self.directory)):
            return self._config
        try:
            self._config = load(self.directory, household=self._household)
        except ConfigError as error:
            if self._config is None:
                raise
            for mistake in error.mistakes:
                log.error("%s", mistake)
            log.error("going on with the last valid configuration")
        self._edited = edited
        return self._config

    def _refuse_an_empty_place(self, database: Path) -> None:
        """Raise ShoemonError if the database was there before and is gone: its disk may be gone with it, and a new one
        in its place would announce everything again."""
        if database.exists():
            self._stored.add(database)
        elif database in self._stored:
            raise ShoemonError(
                f"the database {database} is gone; nothing new is made in its place. Put it back (a disk that is not "
                "mounted, or a backup); to begin with an empty one, restart shoemon"
            )


def describe(report: Report) -> str:
    """A sync in a few words, for the log."""
    added = sum(outcome.counts.added for outcome in report.outcomes)
    changed = sum(outcome.counts.changed for outcome in report.outcomes)
    ground = f", {report.ground.runs} runs matched to the map ({report.ground.left} left)" if report.ground.runs else ""
    return f"{added} new, {changed} changed{ground}, {report.delivered.sent} messages sent"


def read_pulls(path: Path) -> Mapping[str, Pulls]:
    """The last pulls of each source; none while there is no database."""
    if not path.exists():
        return {}
    with closing(sqlite3.connect(path, timeout=60)) as connection:
        try:
            sql = "SELECT name, last_attempt_at, last_success_at, needs_runner FROM sources"
            rows = connection.execute(sql).fetchall()
        except sqlite3.OperationalError:  # another process has just made it, and its tables are missing yet
            return {}
    return {name: Pulls(_moment(attempt), _moment(success), bool(needs)) for name, attempt, success, needs in rows}


def _is_waiting(database: Path, main: MainFile, now: datetime) -> bool:
    """Whether a message can be sent now, something became due by time alone, or a sync that was killed left records
    undecided."""
    with closing(sqlite3.connect(database, timeout=60)) as connection:
        if connection.execute("SELECT 1 FROM activities WHERE counted IS NULL LIMIT 1").fetchone() is not None:
            return True
        look_again = "SELECT 1 FROM _meta WHERE key = 'look_again_at' AND value != '' AND value <= ?"
        if connection.execute(look_again, (iso(now),)).fetchone() is not None:
            return True
        sql = "SELECT 1 FROM deliveries WHERE state = 'pending' AND NOT (next_attempt_at > ? AND next_attempt_at <= ?)"
        pending = connection.execute(sql, (iso(now), iso(now + LONGEST_WAIT))).fetchone() is not None
    return pending and not is_quiet(main, now)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def run_scheduler(watches: Sequence[Watch], stop: threading.Event, tick_s: float = TICK_S) -> int:
    """Tick until `stop` is set; return the exit code: 0 when stopped, 1 when the scheduler's thread died, or no watch
    is left whose tick does not hang. Each watch has a thread: none waits for another."""
    from apscheduler.schedulers.background import BackgroundScheduler

    scheduler = BackgroundScheduler(
        {"apscheduler.executors.default": {"type": "threadpool", "max_workers": len(watches)}},
        timezone=UTC,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for watch in watches:
        scheduler.add_job(watch.tick, "interval", seconds=tick_s, next_run_time=datetime.now(UTC))
    scheduler.start()
    try:
        return _watch_over(watches, stop, tick_s)
    finally:
        hang = not stop.is_set() and not all(watch.idle.is_set() for watch in watches)
        stop.set()
        scheduler.shutdown(wait=False)
        until = time.monotonic() + STOP_WAIT_S
        if not hang and not all(watch.idle.wait(max(0.0, until - time.monotonic())) for watch in watches):
            log.warning("a sync was interrupted; what it had not stored is read again next time")


def _watch_over(watches: Sequence[Watch], stop: threading.Event, tick_s: float) -> int:
    """Wait for `stop` (0), or until ticks do not come, or all hang (1).

    Time is counted in turns of this loop, not by a clock: a machine that slept, or a process that was paused for a
    night, has no thread that hangs.
    """
    turn_s = min(1.0, tick_s)
    quiet_s, beats = dict.fromkeys(watches, 0.0), {watch: watch.beats for watch in watches}
    hanging = set[Watch]()
    while not stop.wait(turn_s):
        for watch in watches:
            quiet_s[watch] = quiet_s[watch] + turn_s if watch.beats == beats[watch] else 0.0
            beats[watch] = watch.beats
            if watch.idle.is_set():
                hanging.discard(watch)
                if quiet_s[watch] > max(5 * tick_s, SILENT_S):
                    log.critical("the scheduler has stopped ticking; ending")
                    return 1
            elif quiet_s[watch] > JOB_DEADLINE_S and watch not in hanging:
                hanging.add(watch)
                end = "; ending" if len(hanging) == len(watches) else ""
                log.critical("a sync in %s has hung for %d minutes%s", watch.directory, JOB_DEADLINE_S / 60, end)
        if len(hanging) == len(watches):
            return 1
    return 0
