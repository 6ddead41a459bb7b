"""When a source is due, what a tick does, and how the scheduler ends: by itself never, on a signal at once, when dead loudly."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from benchmarks.year_trial import year_trial
from kit.commands import started
from kit.homes import Home, faults, table_source
from kit.http_servers import answering, says
from kit.waiting import until

from shoemon.config import edits
from shoemon.config.kinds import SourceSettings
from shoemon.sync import schedule
from shoemon.sync.pipeline import sync
from shoemon.sync.schedule import Pulls, Watch, is_due, run_scheduler

NEVER, LOGIN = None, "10T12:00:00"


def at(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"2024-06-{text}").replace(tzinfo=UTC)


# ------------------------------------------------------------------ what is due

EVERY_6H, EVERY_1M, DAILY, DEFAULT = {"every": "6h"}, {"every": "1m"}, {"cron": "15 6 * * *"}, {}  # type: ignore[var-annotated]


@pytest.mark.parametrize(
    ("settings", "attempt", "success", "now", "due"),
    [
        # waiting cannot mend it, as of a login that was withdrawn at noon: its own times only
        (EVERY_6H, LOGIN, NEVER, "10T17:59", False),
        (EVERY_6H, LOGIN, NEVER, "10T18:00", True),
        (EVERY_6H, LOGIN, "10T06:00", "10T17:59", False),
        (EVERY_6H, LOGIN, "10T06:00", "10T18:00", True),
        (EVERY_1M, LOGIN, "10T06:00", "10T12:01", True),
        (DAILY, LOGIN, "09T06:15", "10T17:59", False),
        (DAILY, LOGIN, "09T06:15", "10T18:00", True),
        # never pulled
        (EVERY_6H, NEVER, NEVER, "10T12:00", True),
        (DAILY, NEVER, NEVER, "10T12:00", True),
        # every
        (EVERY_6H, "10T06:00", "10T06:00", "10T11:59:59", False),
        (EVERY_6H, "10T06:00", "10T06:00", "10T12:00", True),
        (EVERY_6H, "02T06:00", "02T06:00", "10T12:00", True),  # a week asleep
        (DEFAULT, "10T06:00", "10T06:00", "10T11:59", False),
        (DEFAULT, "10T06:00", "10T06:00", "10T12:00", True),
        # cron, in UTC
        (DAILY, "09T06:15", "09T06:15", "10T06:14", False),
        (DAILY, "09T06:15", "09T06:15", "10T06:15", True),
        (DAILY, "10T05:00", "10T05:00", "10T06:15", True),  # synced by hand before its time
        (DAILY, "10T07:00", "10T07:00", "10T23:59", False),
        (DAILY, "02T06:15", "02T06:15", "10T03:00", True),  # slept through several
        # never yet well: again after ten minutes, or its own period if that is shorter
        (EVERY_6H, "10T12:00", NEVER, "10T12:09:59", False),
        (EVERY_6H, "10T12:00", NEVER, "10T12:10", True),
        (EVERY_1M, "10T12:00", NEVER, "10T12:01", True),
        (DAILY, "10T12:00", NEVER, "10T12:09", False),
        (DAILY, "10T12:00", NEVER, "10T12:10", True),
        # failed since it was last well
        (EVERY_6H, "10T12:00", "10T06:00", "10T12:09", False),
        (EVERY_6H, "10T12:00", "10T06:00", "10T12:10", True),
        (EVERY_1M, "10T12:00", "10T06:00", "10T12:01", True),
        (DAILY, "10T06:15", "09T06:15", "10T06:24", False),
        (DAILY, "10T06:15", "09T06:15", "10T06:25", True),
        # the clock was set back: stamps of the future hold nothing back, but do not make it hammer either
        (EVERY_6H, "10T12:00", "10T12:00", "10T11:00", True),
        (DAILY, "20T12:00", "20T12:00", "10T11:00", True),
        (EVERY_6H, "10T11:00", "20T12:00", "10T11:05", False),
        (EVERY_6H, "10T11:00", "20T12:00", "10T11:10", True),
        (EVERY_6H, "20T11:00", "10T10:00", "10T11:10", False),
        (EVERY_6H, "20T11:00", "10T04:00", "10T11:10", True),
    ],
)
def test_is_due(settings: dict[str, str], attempt: str | None, success: str | None, now: str, due: bool) -> None:
    source = SourceSettings(name="watch", type="table", **settings)  # type: ignore[arg-type]
    moment = at(now)
    assert moment is not None
    pulls = Pulls(at(attempt), at(success), needs_runner=attempt == LOGIN)
    assert is_due(source, pulls, moment) is due


def test_an_edit_is_followed_at_once_by_what_waited_for_the_runner(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with answering() as server:
        server.answers.append(says())
        secret = "  - {{name: sheet, type: table, url: '{0}', headers: {{Authorization: {{file: {1}}}}}}}\n"
        home.main("sources:\n" + secret.format(server.url, "none.txt"))
        watch = Watch(home.directory, home.clock)
        report = watch.tick()
        assert report is not None and "none.txt" in str(report.outcomes[0].error)
        home.clock.move(hours=1)
        assert watch.tick() is None
        (home.directory / "key.txt").write_text("key", encoding="utf-8")
        home.main("sources:\n" + secret.format(server.url, "key.txt"))
        report = watch.tick()
    assert report is not None and [outcome.source for outcome in report.outcomes] == ["sheet"]


def test_a_source_that_always_fails_is_tried_six_times_an_hour(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    watch = Watch(home.directory, home.clock)
    for _ in range(180):
        watch.tick()
        home.clock.move(seconds=20)
    assert home.rows("SELECT count(*) FROM syncs WHERE outcome = 'failed'") == [(6,)]


# ------------------------------------------------------------------ ticks


def run(id: int, metres: int = 5000) -> tuple[object, ...]:
    return (id, f"2024-05-{id:02}T07:00:00Z", metres, "run", "", "Road", "road", 1800)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.shoes("shoes:\n  - {id: road, name: Road, life: 100 km}\n")
    home.table("watch", [run(1)])
    return home


def test_what_a_terminal_would_obey_does_not_reach_the_log(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    """The name of a map file, and that of a table."""
    told = "\x1b]0;owned\x07"
    (home.directory / f"{told}.osm").write_text("my diary")
    main = (home.directory / "shoemon.yaml").read_text().replace("watch.csv", '"\\e]0;owned\\a.csv"')
    home.main(main + "ground: {map: '*.osm'}\n")
    Watch(home.directory, home.clock).tick()
    said = [record.getMessage() for record in caplog.records]
    assert sum("owned" in line for line in said) == 2
    assert not [line for line in said if "\x1b" in line or "\x07" in line]


def test_an_edit_counts_at_the_next_tick_and_a_new_day_moves_the_forecast(home: Home) -> None:
    watch = Watch(home.directory, home.clock)
    watch.tick()
    home.shoes("shoes:\n  - {id: road, name: Road, life: 50 km}\n")
    home.clock.move(seconds=20)
    report = watch.tick()
    assert report is not None
    assert report.outcomes == ()
    assert home.rows("SELECT life_m FROM shoe_wear") == [(50000.0,)]
    home.main("timezone: Asia/Tokyo\nsources:\n" + table_source("watch", schedule="every: 30d"))
    watch.tick()
    home.clock.now = datetime(2024, 6, 1, 14, 59, tzinfo=UTC)
    assert watch.tick() is None
    home.clock.move(minutes=1)  # midnight in Tokyo
    assert watch.tick() is not None


def test_half_a_save_is_not_taken_for_an_edit(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor has emptied shoes.yaml and not yet written it: neither a tick nor a sync that has waited for another
    one takes the pair for gone, or its alert for new."""
    home.shoes(shoes := "shoes:\n  - {id: road, name: Road, life: 5.2 km}\n")
    monkeypatch.setattr(edits, "SETTLE_S", 3600.0)
    watch = Watch(home.directory, home.clock)
    assert watch.tick() is not None
    alerts = home.rows("SELECT id FROM alerts")
    assert alerts
    home.shoes("shoes: []\n")
    home.clock.move(seconds=20)
    assert watch.tick() is None
    sync(watch.config(), (), home.clock)
    assert home.rows("SELECT id FROM shoes") == [("road",)]
    home.shoes(shoes + "# saved\n")
    old = time.time() - 3601
    os.utime(home.directory / "shoes.yaml", (old, old))
    os.utime(home.directory / "shoemon.yaml", (old, old))
    watch.tick()
    assert home.rows("SELECT id FROM alerts") == alerts
    home.shoes("shoes: []\n")
    os.utime(home.directory / "shoes.yaml", (old, old + 1))
    watch.tick()
    assert home.rows("SELECT id FROM shoes") == []


@pytest.mark.parametrize("gone", ["shoemon.db", "."])
def test_nothing_new_is_made_where_the_database_was(home: Home, gone: str, caplog: pytest.LogCaptureFixture) -> None:
    """Its disk was unmounted, or somebody moved it; once it is back, it is used as before."""
    watch, place = Watch(home.directory, home.clock), home.directory / gone
    watch.tick()
    (home.directory / "watch.csv").touch()
    away = place.resolve().rename(home.directory.parent / "away")
    home.clock.move(hours=7)
    assert watch.tick() is None
    assert f"the database {home.database} is gone; nothing new is made in its place" in caplog.text
    assert not home.database.exists() and (gone == "shoemon.db" or not home.directory.exists())
    away.rename(home.directory if gone == "." else home.database)
    assert watch.tick() is not None
    assert home.rows("SELECT count(*) FROM activities") == [(1,)]


def test_an_edit_of_the_alerts_counts_at_the_next_tick(home: Home) -> None:
    watch = Watch(home.directory, home.clock)
    watch.tick()
    home.main("alerts: {soon: {at: 5%, within: 0d}}\nsources:\n" + table_source("watch"))
    home.clock.move(seconds=20)
    report = watch.tick()
    assert report is not None
    assert report.derived.announced == ("road-soon-1",)
    (home.directory / "shoemon.yaml").touch()
    assert watch.tick() is None  # saved again, but not edited


def test_a_night_asleep_is_caught_up_once(home: Home) -> None:
    watch = Watch(home.directory, home.clock)
    watch.tick()
    home.clock.move(hours=48)
    reports = [watch.tick() for _ in range(3)]
    assert [report is not None for report in reports] == [True, False, False]
    assert home.rows("SELECT count(*) FROM syncs") == [(2,)]


def test_a_tick_says_what_is_wrong_and_goes_on(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    watch = Watch(home.directory, home.clock)
    watch.tick()
    good = home.database.rename(home.directory / "good.db")
    home.database.write_bytes(b"no database" * 1000)
    for name in ("shoemon.db-wal", "shoemon.db-shm"):
        (home.directory / name).unlink(missing_ok=True)
    home.clock.move(hours=7)
    assert watch.tick() is None
    assert "file is not a database" in caplog.text
    good.replace(home.database)
    assert watch.tick() is not None
    assert home.totals() == {"road": 5000.0}


# ------------------------------------------------------------------ the scheduler in this process


@contextmanager
def scheduler(
    watch: Watch, stop: threading.Event, tick_s: float = 0.05, others: Sequence[Watch] = ()
) -> Iterator[Callable[[], int]]:
    """A scheduler in a thread; hands out a function that waits for its exit code."""
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(run_scheduler([watch, *others], stop, tick_s)))
    thread.start()

    def code() -> int:
        thread.join()
        assert codes, "it does not end"
        return codes[0]

    try:
        yield code
    finally:
        stop.set()
        thread.join()


def test_it_ticks_until_it_is_stopped(home: Home) -> None:
    stop, watch = threading.Event(), Watch(home.directory)
    with scheduler(watch, stop) as code:
        until(lambda: watch.beats >= 10)
        stop.set()
        assert code() == 0
    assert home.totals() == {"road": 5000.0}
    beats = watch.beats
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("APScheduler")]
    assert watch.beats == beats


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_it_ends_with_an_error_when_its_thread_is_dead(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from apscheduler.schedulers.background import BackgroundScheduler

    real, turns = BackgroundScheduler._process_jobs, []

    def dies(self: BackgroundScheduler) -> float:
        turns.append(1)
        if len(turns) > 3:
            raise SystemExit  # ends a thread without a word
        return real(self)  # type: ignore[no-any-return]

    monkeypatch.setattr(schedule, "SILENT_S", 0.3)
    monkeypatch.setattr(BackgroundScheduler, "_process_jobs", dies)
    stop = threading.Event()
    with scheduler(Watch(home.directory), stop) as code:
        assert code() == 1
    assert "stopped ticking" in caplog.text
    assert stop.is_set()


class Stuck(Watch):
    """A watch whose first tick hangs until it is let go."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.let_go = threading.Event()

    def _work(self) -> None:
        self.let_go.wait(30)


def test_a_home_whose_tick_hangs_or_fails_stops_no_other(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(schedule, "JOB_DEADLINE_S", 0.3)
    watch, failing, stop = Watch(home.directory), Watch(tmp_path / "without settings"), threading.Event()
    stuck = [Stuck(tmp_path / str(number)) for number in range(12)]
    with scheduler(watch, stop, others=[failing, *stuck]) as code:
        until(lambda: all(f"a sync in {each.directory} has hung" in caplog.text for each in stuck))
        beats = watch.beats, failing.beats
        until(lambda: watch.beats >= beats[0] + 10 and failing.beats >= beats[1] + 10)
        stop.set()
        for each in stuck:
            each.let_go.set()
        assert code() == 0
    assert home.totals() == {"road": 5000.0} and "ending" not in caplog.text


# ------------------------------------------------------------------ the scheduler as a process of its own

CHILD = """
import logging, pathlib, sys
from shoemon.sync import schedule
from shoemon.web import serve
from shoemon.config.load import load
schedule.TICK_S = 0.1
schedule.run_scheduler.__defaults__ = (0.1,)
schedule.SILENT_S = 0.5
logging.basicConfig(level=logging.INFO)
{more}
sys.exit(serve.serve([load(pathlib.Path(sys.argv[1]))], None, None, web=False))
"""


def child(home: Home, more: str = "") -> AbstractContextManager[subprocess.Popen[str]]:
    """`serve --no-web` as a process, with small periods."""
    return started(home.directory, program=("-c", CHILD.format(more=more)), stdout=None)


def synced(home: Home) -> int:
    try:
        return int(home.rows("SELECT count(*) FROM syncs")[0][0])
    except Exception:  # noqa: BLE001 not made yet
        return 0


@pytest.mark.slow
def test_a_process_that_was_halted_catches_up_once_and_does_not_take_itself_for_dead(home: Home) -> None:
    """Halted for three periods of its source, and for six times as long as a dead scheduler is given."""
    home.main("sources:\n" + table_source("watch", schedule="every: 1s"))
    with child(home) as process:
        until(lambda: synced(home) >= 2)
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(3)
        before = synced(home)
        home.main("sources:\n" + table_source("watch", schedule="every: 2s"))
        os.kill(process.pid, signal.SIGCONT)
        until(lambda: synced(home) >= before + 4)
        started = [datetime.fromisoformat(at) for (at,) in home.rows("SELECT started_at FROM syncs ORDER BY id")]
        # The first may have been at work when it was halted; of those behind it none makes up for a missed one.
        gaps = [later - earlier for earlier, later in pairwise(started[before + 1 :])]
        assert min(gaps) >= timedelta(seconds=0.9)  # of two seconds, some part of a tick may be missing
        assert process.poll() is None
        process.terminate()
        assert process.wait() == 0
    assert faults(home.database) == []


@pytest.mark.slow
def test_a_process_ends_though_the_thread_of_a_tick_never_does(home: Home) -> None:
    hangs = "schedule.JOB_DEADLINE_S = 0.3\nimport time\nschedule.sync = lambda *a, **k: time.sleep(600)"
    with child(home, hangs) as process:
        assert process.wait() == 1
        assert process.stderr is not None
        assert "hung" in process.stderr.read()


def test_a_process_told_to_stop_ends_well_though_a_tick_hangs(home: Home) -> None:
    hangs = "schedule.STOP_WAIT_S = 0.3\nimport time\nschedule.sync = lambda *a, **k: (print('in', file=sys.stderr, flush=True), time.sleep(600))"
    with child(home, hangs) as process:
        assert process.stderr is not None
        assert any("in" in line for line in iter(process.stderr.readline, ""))
        process.terminate()
        assert process.wait() == 0


# ------------------------------------------------------------------ a year


@pytest.mark.slow
@pytest.mark.parametrize("zone", os.environ.get("SHOEMON_ZONES", "Europe/Berlin").split())
@pytest.mark.parametrize("start", ["2026-03-22", "2026-10-18"])
def test_two_weeks_around_a_change_of_the_clocks_miss_nothing(tmp_path: Path, start: str, zone: str) -> None:
    """SHOEMON_ZONES="America/Santiago Australia/Sydney" SHOEMON_DAYS=365 lives whole years, and elsewhere."""
    result = year_trial(tmp_path, zone, start, days=int(os.environ.get("SHOEMON_DAYS", "14")), set_back_on=5)
    assert (result.missed, result.lost, result.repeats, result.faults) == (0, 0, 0, [])
    assert result.due > 5
    assert result.done >= result.expected
