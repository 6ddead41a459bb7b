"""The pipeline: pull, match, decide, deliver. Whoever reads `_sync` has seen the whole program.

Each source is stored in a transaction of its own, everything derived in another; what is announced is sent after.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from sqlite_utils import Database

from shoemon.config.kinds import SourceSettings
from shoemon.config.load import Config, as_now, load
from shoemon.model.clock import Clock, iso, system_clock
from shoemon.model.errors import MistakeError
from shoemon.store import locking
from shoemon.store.database import open_database, writing
from shoemon.store.state_database import State
from shoemon.sync.derive.decide_runs import Derived, derive
from shoemon.sync.match.match_tracks import Matched, match_tracks
from shoemon.sync.progress import ProgressReporter, SyncStep, forget, lock_file
from shoemon.sync.pull import Outcome, PullJob, pull, source_context
from shoemon.sync.tell import outbox

SYNC_WAIT_S = 600.0
"""How long a sync waits for another one to end."""


class Report(NamedTuple):
    """The results of a sync."""

    outcomes: tuple[Outcome, ...]
    derived: Derived
    delivered: outbox.Delivered
    before_m: Mapping[str | None, float]
    after_m: Mapping[str | None, float]
    """Metres by shoe (None: nobody's), before and after."""
    ground: Matched = Matched()

    @property
    def failed(self) -> bool:
        """Whether anything failed that the runner should know."""
        return any(outcome.error for outcome in self.outcomes) or bool(self.delivered.failed or self.ground.notes)

    @property
    def changes(self) -> list["MileageChange"]:
        """The shoes whose metres changed."""
        shoes = {**self.before_m, **self.after_m}
        found = (MileageChange(shoe, self.before_m.get(shoe, 0.0), self.after_m.get(shoe, 0.0)) for shoe in shoes)
        return [each for each in found if abs(each.after_m - each.before_m) > 0.05]


class MileageChange(NamedTuple):
    """Metres of a shoe (None: nobody's) before and after."""

    shoe: str | None
    before_m: float
    after_m: float


def sync(
    config: Config,
    names: Iterable[str] | None = None,
    clock: Clock = system_clock,
    progress: Callable[[str], None] = lambda _: None,
    stopping: Callable[[], bool] = lambda: False,
) -> Report:
    """Pull the named sources (all if None), match tracks to the map, decide, and deliver. A long history of tracks is
    matched in pieces: `Report.ground.left` is how many are left for the next sync. `stopping` is asked before each
    source, track and message. Progress is reported to `progress`, and to other processes (shoemon.sync.progress).
    Raises ShoemonError if the database cannot be used or a name is unknown."""
    return _sync(config, names, clock, ProgressReporter(config.database, clock, progress), stopping)


def _sync(
    config: Config,
    names: Iterable[str] | None,
    clock: Clock,
    progress: ProgressReporter,
    stopping: Callable[[], bool] = lambda: False,
    *,
    accept: bool = False,
) -> Report:
    choose(config.sources, names)
    with closing(open_database(config.database, config.main.units)) as database, _one_sync(config.database):
        config = as_now(config)  # the sync it waited for, or a tap on a page, may have followed an edit
        state, context = State(config.state_database), source_context(config, clock)
        before, outcomes = _metres(database), []
        for settings in choose(config.sources, names):
            if not stopping():
                job = PullJob(database, state, settings, context, clock(), accept=accept, progress=progress)
                outcomes.append(pull(job))
        matched = match_tracks(database, config, clock, progress, stopping)
        progress(SyncStep("deciding"))
        with writing(database):
            derived = derive(database, config, clock())
        progress(SyncStep("delivering"))
        delivered = outbox.deliver(database, config, clock, stopping)
        return Report(tuple(outcomes), derived, delivered, before, _metres(database), matched)


def sync_to_the_end(
    config: Config,
    names: Iterable[str] | None = None,
    clock: Clock = system_clock,
    progress: Callable[[str], None] = lambda _: None,
    stopping: Callable[[], bool] = lambda: False,
    *,
    accept: bool = False,
) -> Report:
    """Sync, and again until every available track is matched. If it is ended, what was done stays. `accept` exports
    that lack most of their records."""
    reporter = ProgressReporter(config.database, clock, progress)
    report = rest = _sync(config, names, clock, reporter, stopping, accept=accept)
    while rest.ground.goes_on and not stopping():
        reporter.earlier = report.ground.runs
        rest = _sync(config, (), clock, reporter, stopping)
        delivered = report.delivered.then(rest.delivered)
        was = report.ground
        ground = rest.ground._replace(
            runs=was.runs + rest.ground.runs, away=was.away + rest.ground.away, cells=was.cells + rest.ground.cells
        )
        decided = report.derived.decided + rest.derived.decided
        derived = Derived(decided, (*report.derived.announced, *rest.derived.announced))
        report = report._replace(derived=derived, delivered=delivered, after_m=rest.after_m, ground=ground)
    return report


def preview(
    config: Config, names: Iterable[str] | None = None, clock: Clock = system_clock, *, accept: bool = False
) -> Report:
    """Find what `sync` would do, shoe by shoe: the same work, undone at the end. Nothing is sent or kept."""
    chosen = choose(config.sources, names)
    with closing(open_database(config.database, config.main.units)) as database, _one_sync(config.database):
        state, context = State(config.state_database), source_context(config, clock)
        before = _metres(database)
        database.conn.execute("BEGIN IMMEDIATE")
        try:
            jobs = (PullJob(database, state, each, context, clock(), keep=False, accept=accept) for each in chosen)
            outcomes = tuple(map(pull, jobs))
            derived = derive(database, config, clock())
            after = _metres(database)
        finally:
            database.conn.rollback()
    return Report(outcomes, derived, outbox.Delivered(0, 0, 0, ()), before, after)


def decide(config: Config, clock: Clock = system_clock, wait_s: float = SYNC_WAIT_S) -> Derived:
    """Decide again by the settings as they are in the directory of `config` once no sync is running, without reading a
    source or sending anything: messages wait for the next sync. Raises LockedError if one runs for longer than
    `wait_s`, ConfigError if the settings have mistakes by then, ShoemonError as `sync`."""
    with _one_sync(config.database, wait_s):
        config = load(
            config.directory, household=config.household
        )  # as they are now: who decided before may have seen a later edit
        with closing(open_database(config.database, config.main.units)) as database, writing(database):
            return derive(database, config, clock())


def deliver_again(
    config: Config,
    clock: Clock = system_clock,
    name: str | None = None,
    wait_s: float = SYNC_WAIT_S,
    stopping: Callable[[], bool] = lambda: False,
) -> outbox.Delivered:
    """Send what waits or failed now, in quiet hours too; `name`: through this notifier only. Raises LockedError if a
    sync runs for longer than `wait_s`, MistakeError for an unknown name."""
    names = [each.name for each in config.notifiers] if name is None else [config.notifier(name).name]
    with closing(open_database(config.database, config.main.units)) as database, _one_sync(config.database, wait_s):
        outbox.retry_failed(database, iso(clock()), names)
        return outbox.deliver(database, config, clock, stopping, urgent=True, only=name)


def choose(sources: Sequence[SourceSettings], names: Iterable[str] | None) -> list[SourceSettings]:
    """The sources with these names, all if None. Raises MistakeError for an unknown name."""
    if names is None:
        return list(sources)
    by_name = {settings.name: settings for settings in sources}
    names = list(names)
    unknown = [name for name in names if name not in by_name]
    if unknown:
        known = ", ".join(by_name) or "none"
        raise MistakeError(f"no source is called {', '.join(unknown)}; shoemon.yaml has: {known}")
    return [by_name[name] for name in names]


@contextmanager
def _one_sync(database: Path, wait_s: float = SYNC_WAIT_S) -> Iterator[None]:
    with locking.lock(lock_file(database), "sync", wait_s):
        forget(database)  # the report of one that was killed
        try:
            yield
        finally:
            forget(database)


def _metres(database: Database) -> dict[str | None, float]:
    return dict(database.conn.execute("SELECT shoe, sum(distance_m) FROM shoe_surface_mileage GROUP BY shoe"))
