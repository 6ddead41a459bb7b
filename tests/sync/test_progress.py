"""A sync at work is seen from elsewhere, one that has ended or was killed never is, and being looked at harms none."""

import asyncio
import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from kit.api_servers import Answer, Asked, serving
from kit.commands import started
from kit.homes import Home, faults, table_source
from kit.pages import Tags, build
from kit.tracked import STREET, along, gpx, row, tracked_home
from kit.trials import quick

from shoemon.store.database import open_database
from shoemon.store.locking import lock, unless_held
from shoemon.store.state_database import State
from shoemon.sync import pipeline, progress
from shoemon.sync.match.match_tracks import MATCHING, match_tracks
from shoemon.sync.pipeline import sync, sync_to_the_end
from shoemon.sync.progress import ProgressReporter, SyncStep, read
from shoemon.sync.pull import PullJob, pull, source_context
from shoemon.web.desk import Desk
from shoemon.web.server import make_app

SHEET = """\
sources:
  - name: sheet
    type: table
    url: {url}/secret/runs.csv
    columns: {{id: id, start: start, distance: {{column: metres, unit: m}}}}
"""
RUNS = b"id,start,metres\n1,2024-05-01T07:00:00Z,5000\n"


class Gate:
    """A web server that holds every request up until the gate is opened."""

    def __init__(self) -> None:
        self.asked, self.open = threading.Event(), threading.Event()

    def answer(self, _asked: Asked) -> Answer:
        self.asked.set()
        self.open.wait(60)
        return Answer(RUNS, headers={"Content-Type": "text/csv"})


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def held(home: Home, gate: Gate) -> Iterator[Home]:
    """A runner whose only source is held up by the gate."""
    with serving(gate.answer) as server:
        home.main(SHEET.format(url=server.url))
        yield home
        gate.open.set()


def shoemon(home: Home, *arguments: str) -> AbstractContextManager[subprocess.Popen[str]]:
    return started(*arguments, "--config", home.directory)


def told_file(home: Home) -> Path:
    return home.directory / "shoemon.db.sync.progress"


def left(home: Home) -> list[str]:
    """The files of what was told that are there."""
    return sorted(path.name for path in home.directory.glob("*.progress*"))


# ------------------------------------------------------------------ seen from another process


@pytest.mark.parametrize("command", quick([("sync",), ("serve", "--no-web")], 1), ids=" ".join)
def test_a_sync_at_work_is_seen_from_elsewhere_while_it_lasts(held: Home, gate: Gate, command: tuple[str, ...]) -> None:
    assert read(held.config.database) is None
    with shoemon(held, *command) as process:
        assert gate.asked.wait(60)
        seen = read(held.config.database)
        assert seen is not None
        assert seen == {"doing": "reading sheet", "since": seen["since"], "done": None, "total": None}
        assert seen["since"] > "2024" and seen["since"].endswith("Z")
        assert told_file(held).stat().st_mode & 0o777 == 0o600
        gate.open.set()
        if command[0] == "serve":
            process.terminate()
        assert process.wait(60) == 0
    assert (left(held), read(held.config.database)) == ([], None)
    assert held.rows("SELECT id FROM activities") == [("sheet:1",)]


def test_a_sync_that_was_killed_is_not_seen_and_the_next_look_or_dry_run_tidies_up(held: Home, gate: Gate) -> None:
    """A dry run reports nothing, least of all what a killed sync did."""
    with shoemon(held, "sync") as process:
        assert gate.asked.wait(60)
        process.kill()
        assert process.wait(60) == -signal.SIGKILL
    assert left(held) == ["shoemon.db.sync.progress"]
    report = told_file(held).read_bytes()
    assert read(held.config.database) is None
    assert left(held) == []
    told_file(held).write_bytes(report)
    gate.asked.clear()
    with shoemon(held, "sync", "--dry-run") as process:
        assert gate.asked.wait(60)
        assert read(held.config.database) is None
        gate.open.set()
        assert process.wait(60) == 0


def test_a_sync_that_fails_half_way_is_not_seen_any_more(home: Home) -> None:
    home.table("watch", [(1, "2024-05-01T07:00:00Z", 5000)])

    def stop(doing: str) -> None:
        if doing == "delivering":
            told = read(home.config.database)
            assert told == {"doing": "deciding", "since": "2024-06-01T12:00:00Z", "done": None, "total": None}
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sync(home.config, clock=home.clock, progress=stop)
    assert (left(home), read(home.config.database)) == ([], None)


def test_what_is_none_of_ours_is_nothing(home: Home) -> None:
    home.sync()
    typed = '{"doing": 1, "since": "", "done": null, "total": null}'
    with lock(progress.lock_file(home.config.database), "a test"):
        for text in ("", "null", "[1]", "{", typed, '{"doing": "x"}', "\udcff", "[" * 9):
            told_file(home).write_bytes(text.encode("utf-8", "surrogateescape"))
            assert read(home.config.database) is None


# ------------------------------------------------------------------ a disk that takes nothing


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a system that has no such disk")
@pytest.mark.parametrize("spoilt", ["/dev/full", "/proc/nowhere/x", None], ids=["full disk", "no folder", "in the way"])
def test_a_sync_that_cannot_tell_anything_does_its_work(home: Home, spoilt: str | None) -> None:
    home.table("watch", [(1, "2024-05-01T07:00:00Z", 5000, "run")])
    file = told_file(home)
    if spoilt:
        file.with_name(file.name + ".new").symlink_to(spoilt)
    else:
        (file / "kept").mkdir(parents=True)  # neither written nor removed, by whoever it is
    report = home.sync()
    assert not report.failed
    assert home.totals() == {None: 5000.0}
    assert read(home.config.database) is None
    assert home.preview().outcomes[0].error is None


# ------------------------------------------------------------------ what is told


def test_figures_are_written_once_a_second_and_another_doing_at_once(home: Home) -> None:
    home.sync()
    now, said = [100.0], list[str]()
    tell = ProgressReporter(home.config.database, home.clock, said.append, lambda: now[0])
    seen = []
    with lock(progress.lock_file(home.config.database), "a test"):
        for seconds, step in (
            (0.0, SyncStep("reading watch")),
            (0.5, SyncStep("reading watch", 1000, shown="")),
            (0.4, SyncStep("reading watch", 2000, shown="")),
            (0.1, SyncStep("reading watch", 3000, shown="")),
            (0.0, SyncStep(MATCHING, 0, 50, shown="")),
            (0.9, SyncStep(MATCHING, 25, 50, "matched 25 of 50 runs")),
            (0.2, SyncStep(MATCHING, 50, 50, "matched 50 of 50 runs")),
            (0.0, SyncStep("deciding")),
        ):
            now[0] += seconds
            home.clock.move(seconds=seconds)
            tell(step)
            told = read(home.config.database)
            assert told is not None
            assert told["since"] == "2024-06-01T12:00:00Z"
            seen.append((told["doing"], told["done"], told["total"]))
    assert seen == [
        ("reading watch", None, None), ("reading watch", None, None), ("reading watch", None, None),
        ("reading watch", 3000, None), (MATCHING, 0, 50), (MATCHING, 0, 50), (MATCHING, 50, 50), ("deciding", None, None),
    ]  # fmt: skip
    assert said == ["reading watch", "matched 25 of 50 runs", "matched 50 of 50 runs", "deciding"]


def test_a_long_export_is_counted_while_it_is_read(home: Home) -> None:
    """1,100 runs and 100 rows that are none, to be taken in thousands."""
    rows: list[tuple[object, ...]] = [(i, f"2024-05-{i % 28 + 1:02}T07:00:00Z", 5000 + i) for i in range(1100)]
    home.table("watch", [*rows, *[(5000 + i, "never", 1) for i in range(100)]])
    steps, said, config = list[SyncStep](), list[str](), home.config
    context = source_context(config, home.clock)
    with closing(open_database(home.database, "km")) as database:
        state = State(config.state_database)
        job = PullJob(database, state, config.sources[0], context, home.clock(), progress=steps.append)
        counts = pull(job).counts
    assert (counts.read, counts.rejected) == (1100, 100)
    figures = [SyncStep("reading watch", done, shown="") for done in (1000, 1200)]
    assert steps == [SyncStep("reading watch"), *figures]
    sync(config, clock=home.clock, progress=said.append)
    assert said == ["reading watch", "deciding", "delivering"]


def test_a_history_laid_on_the_map_in_pieces_is_told_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tracked_home(
        tmp_path / "home", [row(id, 600, day=id) for id in (1, 2, 3)], dict.fromkeys((1, 2, 3), gpx(along(STREET, 600)))
    )
    monkeypatch.setattr(pipeline, "match_tracks", partial(match_tracks, budget_s=0.0))
    config, said, seen = home.config, list[str](), list[Any]()

    def say(text: str) -> None:
        home.clock.move(minutes=1)
        said.append(text)
        if text.startswith("matched "):
            seen.append(read(config.database))

    report = sync_to_the_end(config, clock=home.clock, progress=say)
    assert (report.ground.runs, report.ground.left) == (3, 0)
    assert [text for text in said if text.startswith("matched ")] == [
        "matched 1 of 3 runs", "matched 1 of 2 runs", "matched 1 of 1 runs",
    ]  # fmt: skip
    assert said[0] == "reading strava" and "island.osm: reading" in said
    since = {"doing": MATCHING, "since": "2024-06-01T12:01:00Z", "total": 3}
    assert seen == [{**since, "done": done} for done in (0, 1, 2)]


def test_no_path_is_told_while_a_map_is_read(tmp_path: Path) -> None:
    home = tracked_home(tmp_path / "home", [row(1, 600)], {1: gpx(along(STREET, 600))})
    doing = list[Any]()
    sync(home.config, clock=home.clock, progress=lambda _: doing.append(read(home.config.database)))
    words = [told["doing"] for told in doing if told]
    assert "reading the map" in words
    assert not [word for word in words if "island" in word or "/" in word]


# ------------------------------------------------------------------ asking harms nobody


@contextmanager
def storm(ask: Callable[[], None], askers: int = 4) -> Iterator[None]:
    """Asks without a pause in many threads; what goes wrong in one of them goes wrong in the test."""
    over = threading.Event()

    def go_on() -> int:
        times = 0
        while not over.is_set():
            ask()
            times += 1
        return times

    with ThreadPoolExecutor(askers) as pool:
        asking = [pool.submit(go_on) for _ in range(askers)]
        try:
            yield
        finally:
            over.set()
    assert all(each.result() > 0 for each in asking)


@pytest.mark.slow
def test_syncs_that_start_and_end_in_a_storm_of_questions_all_do_their_work(home: Home, settled: None) -> None:
    home.main("sources:\n" + table_source("watch") + table_source("phone"))
    home.table("watch", [(1, "2024-05-01T07:00:00Z", 5000)])
    home.table("phone", [(2, "2024-05-02T07:00:00Z", 5000)])
    config, doing = home.config, set[str]()

    def ask() -> None:
        if (told := read(config.database)) is not None:
            doing.add(told["doing"])

    with storm(ask), ThreadPoolExecutor(2) as pool:
        reports = [pool.submit(sync, config, [name], home.clock) for _ in range(8) for name in ("watch", "phone")]
        assert not [report.result() for report in reports if report.result().failed]
    assert home.rows("SELECT outcome, count(*) FROM syncs GROUP BY 1 ORDER BY 1") == [("stored", 2), ("unchanged", 14)]
    assert doing <= {"reading watch", "reading phone", "deciding", "delivering"}
    assert (left(home), read(config.database), faults(home.database)) == ([], None, [])


def test_who_asks_for_a_lock_neither_takes_it_away_nor_loses_what_is_written_in_it(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    answers = set[bool]()

    def ask() -> None:
        with unless_held(path) as free:
            answers.add(free)

    ask()
    assert (answers, path.exists()) == ({True}, False)
    with storm(ask):
        for _ in range(20):
            with lock(path, "a test", wait_s=60.0):
                with unless_held(path) as free:
                    assert not free
                assert path.read_text() == f"process {os.getpid()}"
    with unless_held(path) as free:
        assert free
        with unless_held(path) as also_free:
            assert also_free, "two who ask do not take each other for one who holds it"


# ------------------------------------------------------------------ the page's question


def asked(database: Path, desk: Desk | None, path: str = "/-/progress.json", **options: Any) -> Any:
    """What is answered."""

    async def ask() -> Any:
        datasette = make_app(database, desks={"shoemon": desk} if desk else None, **options)
        await datasette.invoke_startup()
        return await datasette.client.get(path)

    return asyncio.run(ask())


def told(home: Home) -> Mapping[str, Any]:
    answer = asked(home.database, Desk(home.config))
    assert answer.status_code == 200
    return dict(answer.json())


def test_the_page_is_told_of_a_sync_and_when_there_are_new_figures(home: Home) -> None:
    """A decision without a pull is news too."""
    home.table("watch", [(1, "2024-05-01T07:00:00Z", 5000, "run", "", "Road")])
    home.shoes("shoes:\n  - {id: road, name: Road}\n  - {id: trail, name: Trail}\n")
    open_database(home.database, "km").close()
    before, during = told(home), []
    sync(
        home.config,
        clock=home.clock,
        progress=lambda _: during.append((told(home)["sync"], read(home.config.database))),
    )
    doing = [seen and seen["doing"] for seen, _ in during]
    assert (before["sync"], doing) == (None, [None, "reading watch", "deciding"])
    assert [seen for seen, _ in during] == [expected for _, expected in during]
    finished = [told(home)["finished"]]
    assert type(finished[0]) is int and finished[0] != before["finished"]
    home.sync([])
    assert told(home) == {"sync": None, "finished": finished[0]}, "nothing is new"
    shoes = (
        "shoes:\n  - {id: road, name: Road}\n  - {id: trail, name: Trail}\ncorrections:\n  - {run: 'watch:1', shoe: "
    )
    for shoe in ("trail", "road"):
        home.shoes(f"{shoes}{shoe}}}\n")
        home.sync([])
        finished.append(told(home)["finished"])
    assert finished[0] != finished[1] != finished[2] == finished[0]


def test_without_a_desk_nothing_is_told(tmp_path: Path) -> None:
    answer = asked(build(tmp_path / "shoemon.db"), None)
    assert (answer.status_code, answer.json()) == (200, {"sync": None, "finished": None})
    assert answer.headers["cache-control"] == "no-store"


def test_who_may_not_see_the_first_page_is_told_nothing(home: Home) -> None:
    home.sync()
    me = {"allow": {"id": "me"}}
    for closed in (me, {"databases": {"shoemon": me}}, {"databases": {"shoemon": {"tables": {"shoe_wear": me}}}}):
        answer = asked(home.database, Desk(home.config), metadata=closed)
        assert (answer.status_code, answer.json()) == (403, {"sync": None, "finished": None})


@pytest.mark.parametrize(("base_url", "src"), [("/", "/-/progress.json"), ("/runs/", "/runs/-/progress.json")])
def test_the_first_page_asks_below_the_base_path_where_something_is_told(home: Home, base_url: str, src: str) -> None:
    home.sync()
    with_desk, without = (
        asked(home.database, desk, path="/", base_url=base_url).text for desk in (Desk(home.config), None)
    )
    boxes = [attributes for _, attributes in Tags(with_desk).found if attributes.get("id") == "progress"]
    assert boxes == [{"class": "progress", "id": "progress", "data-src": src}]
    assert "progress.js" in with_desk
    assert "progress" not in without
