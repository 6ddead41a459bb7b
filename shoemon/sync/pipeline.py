"""The pipeline: read, match, decide, write, announce. Whoever reads `sync` has seen the whole program.

Each source is stored in a transaction of its own, everything derived in another; what is announced is sent after.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import NamedTuple

from sqlite_utils import Database

from shoemon.config.kinds import SourceSettings
from shoemon.config.load import Config, load
from shoemon.model.clock import Clock, day_in, iso, system_clock
from shoemon.model.errors import MistakeError
from shoemon.store import locking
from shoemon.store.database import open_database, writing
from shoemon.store.state_database import State
from shoemon.sync.derive.decide_runs import Derived, derive
from shoemon.sync.match.match_tracks import Matched, match_tracks
from shoemon.sync.progress import Step, Telling, forget, lock_file
from shoemon.sync.pull import Job, Outcome, pull
from shoemon.sync.tell import outbox

SYNC_WAIT_S = 600.0
"""How long a sync waits for another one to end."""


class Report(NamedTuple):
    """What a sync did."""

    outcomes: tuple[Outcome, ...]
    derived: Derived
    delivered: outbox.Delivered
    moved: tuple["Move", ...] = ()
    ground: Matched = Matched()

    @property
    def failed(self) -> bool:
        """Whether anything went wrong that the runner should know of."""
        return any(outcome.error for outcome in self.outcomes) or bool(self.delivered.failed or self.ground.notes)


class Move(NamedTuple):
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
    *,
    urgent: bool = False,
) -> Report:
    """Pulls the named sources (all if None), lays tracks on the map, decides, and delivers. A long history of tracks
    is taken in pieces: `Report.ground.left` says how many are left for the next sync. `stopping` is asked before each
    source, track and message; `urgent` messages are sent at quiet hours too. What it does is told to `progress`, and to
    other processes (shoemon.sync.progress). Raises ShoemonError if the database cannot be used or a name is unknown."""
    return _sync(config, names, clock, Telling(config, clock, progress), stopping, urgent=urgent)


def _sync(
    config: Config,
    names: Iterable[str] | None,
    clock: Clock,
    tell: Telling,
    stopping: Callable[[], bool] = lambda: False,
    *,
    urgent: bool = False,
) -> Report:
    chosen = choose(config, names)
    with closing(open_database(config.database, config.main.units)) as database, _one_sync(config):
        state = State(config.state_database)
        outcomes = []
        for settings in chosen:
            if not stopping():
                outcomes.append(pull(Job(database, state, config, settings, clock, clock(), progress=tell)))
        matched = match_tracks(database, config, clock, tell, stopping)
        tell(Step("deciding"))
        with writing(database):
            derived = derive(database, config, iso(clock()), day_in(clock(), config.main.timezone))
        tell(Step("delivering"))
        delivered = outbox.deliver(database, config, clock, stopping, urgent=urgent)
        return Report(tuple(outcomes), derived, delivered, ground=matched)


def sync_to_the_end(
    config: Config,
    names: Iterable[str] | None = None,
    clock: Clock = system_clock,
    progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """As `sync`, and again until every track that can be had lies on the map. What was done lasts if it is ended."""
    tell = Telling(config, clock, progress)
    report = rest = _sync(config, names, clock, tell)
    while rest.ground.goes_on:
        tell.earlier = report.ground.runs
        rest = _sync(config, (), clock, tell)
        delivered = outbox.Delivered(
            report.delivered.sent + rest.delivered.sent,
            report.delivered.failed + rest.delivered.failed,
            rest.delivered.waiting,
            (*report.delivered.errors, *rest.delivered.errors),
        )
        was = report.ground
        ground = rest.ground._replace(
            runs=was.runs + rest.ground.runs, away=was.away + rest.ground.away, cells=was.cells + rest.ground.cells
        )
        announced = (*report.derived.announced, *rest.derived.announced)
        report = report._replace(derived=rest.derived._replace(announced=announced), delivered=delivered, ground=ground)
    return report


def preview(config: Config, names: Iterable[str] | None = None, clock: Clock = system_clock) -> Report:
    """What `sync` would do, shoe by shoe: the same work, taken back at the end. Nothing is sent or remembered."""
    chosen = choose(config, names)
    with closing(open_database(config.database, config.main.units)) as database, _one_sync(config):
        state = State(config.state_database)
        before = _metres(database)
        database.conn.execute("BEGIN IMMEDIATE")
        try:
            jobs = [Job(database, state, config, settings, clock, clock(), keep=False) for settings in chosen]
            outcomes = tuple(pull(job) for job in jobs)
            derived = derive(database, config, iso(clock()), day_in(clock(), config.main.timezone))
            after = _metres(database)
        finally:
            database.conn.rollback()
    moves = (Move(shoe, before.get(shoe, 0.0), after.get(shoe, 0.0)) for shoe in {**before, **after})
    moved = tuple(move for move in moves if abs(move.after_m - move.before_m) > 0.05)
    return Report(outcomes, derived, outbox.Delivered(0, 0, 0, ()), moved)


def decide(config: Config, clock: Clock = system_clock, wait_s: float = SYNC_WAIT_S) -> Derived:
    """Decides anew by the settings as they stand in the directory of `config` once no sync is at work, without reading
    a source or sending anything: what is due to be told waits for the next sync. Raises LockedError if one is at work
    for longer than `wait_s`, ConfigError if the settings have mistakes by then, ShoemonError as `sync`."""
    with _one_sync(config, wait_s):
        config = load(config.directory)  # as they stand now: whoever decided before may have seen a later edit
        with closing(open_database(config.database, config.main.units)) as database, writing(database):
            return derive(database, config, iso(clock()), day_in(clock(), config.main.timezone))


def choose(config: Config, names: Iterable[str] | None) -> list[SourceSettings]:
    """The settings of the sources called `names`, of all if None. Raises MistakeError for a name that is not there."""
    if names is None:
        return list(config.sources)
    by_name = {settings.name: settings for settings in config.sources}
    names = list(names)
    unknown = [name for name in names if name not in by_name]
    if unknown:
        known = ", ".join(by_name) or "none"
        raise MistakeError(f"no source is called {', '.join(unknown)}; shoemon.yaml has: {known}")
    return [by_name[name] for name in names]


@contextmanager
def _one_sync(config: Config, wait_s: float = SYNC_WAIT_S) -> Iterator[None]:
    with locking.lock(lock_file(config), "sync", wait_s):
        forget(config)  # what one that was killed has left
        try:
            yield
        finally:
            forget(config)


def _metres(database: Database) -> dict[str | None, float]:
    return dict(database.conn.execute("SELECT shoe, sum(distance_m) FROM shoe_surface_mileage GROUP BY shoe"))
