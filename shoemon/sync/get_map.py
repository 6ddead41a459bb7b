"""Get the map around the runs: find the extracts that cover them by the list that ships inside, download each from a
public server, import what is around the runs, and delete the file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from shoemon.config.load import Config
from shoemon.ground.extracts.choose import Chosen, choose
from shoemon.ground.extracts.getting import Getting, folder_of, read_getting, write_getting
from shoemon.ground.extracts.published import Extract, Spot, published
from shoemon.ground.osm.clip import Clip, clip_around
from shoemon.ground.osm.importing import ImportedFile, import_file, known_files
from shoemon.ground.osm.pbf import pyosmium
from shoemon.ground.osm.writing import WrittenCounts
from shoemon.ground.overpass.backoff import Waits, read_waits, write_waits
from shoemon.model.clock import Clock, iso
from shoemon.model.errors import ShoemonError
from shoemon.model.units import write_distance
from shoemon.net.addresses import shown
from shoemon.net.failure import AnswerError
from shoemon.net.save import forget, save
from shoemon.store import locking
from shoemon.sync.match.read_and_match import cells_of
from shoemon.sync.match.unmatched import cells_around, places_of_runs
from shoemon.sync.progress import ProgressReporter, SyncStep, lock_file
from shoemon.sync.progress import forget as forget_progress
from shoemon.sync.progress import read as read_progress

AROUND_M = 5_000.0
"""So much around the runs is imported: the next runs are near."""
_GROWTH, _MORE = 2, 16_000_000
"""An extract may have grown to so many times the size on the list, and so many bytes more."""
_AGAIN = timedelta(days=1)
"""What was imported is not downloaded again sooner, though it is missing in the map, as after an update of shoemon."""
Show = Callable[[SyncStep], None]


def find(config: Config, now: str, progress: Callable[[str], None] = lambda _: None) -> Getting:
    """Find the extracts that cover the runs, and store them; no server is asked. Raises ShoemonError if there is no
    track."""
    pyosmium()
    places = places_of_runs(config, progress)
    chosen, outside = choose(published(), places, config.main.ground.largest_mb * 1e6)
    getting = read_getting(config.map_database)
    getting.find, getting.found_at, getting.outside, getting.error = False, now, outside, ""
    getting.found = {each.extract.id: each.runs for each in chosen}
    getting.cells = sorted(cells_of(frozenset[Spot]().union(*places)))
    write_getting(config.map_database, getting)
    return getting


def chosen_of(getting: Getting) -> list[Chosen]:
    """Return what was found, as far as the list still has it."""
    known = published().extracts
    return [Chosen(known[id], runs) for id, runs in getting.found.items() if id in known]


def current(config: Config, getting: Getting, now: datetime) -> set[str]:
    """Return those found that were imported less than a day ago, around the same runs: no newer ones are published yet.
    Raises ShoemonError if the map cannot be used."""
    clip = _clip(config, getting).text if getting.cells else ""
    files = _imported(config, getting).items()
    return {id for id, file in files if file.clip == clip and abs(now - datetime.fromisoformat(file.at)) < _AGAIN}


def _imported(config: Config, getting: Getting) -> dict[str, ImportedFile]:
    known = known_files(config.map_database)
    files = {id: known.get(_file(config.map_database, id).name) for id in getting.found}
    return {id: file for id, file in files.items() if file and file.sha256}


def ask(config: Config, ids: list[str] | None, now: datetime) -> None:
    """Store that these extracts of those found are wanted, and no others; None: that they are to be found. The server
    may be asked at once. Needs the lock. Raises ShoemonError if all of them were just imported."""
    getting, waits = read_getting(config.map_database), waits_of(config)
    getting.error = ""
    if ids is None:
        getting.find = True
    else:
        getting.want(ids)
        have = current(config, getting, now)
        getting.wanted = [id for id in getting.wanted if id not in have]
        if ids and not getting.wanted:
            raise ShoemonError("they were imported less than a day ago")
        _clear(folder_of(config.map_database), [_file(config.map_database, id) for id in getting.wanted])
    waits.succeeded("", now, 0.0)
    write_waits(folder_of(config.map_database), waits)
    write_getting(config.map_database, getting)


def get(
    config: Config, clock: Clock, show: Show, stopping: Callable[[], bool] = lambda: False, *, most: int = 1_000
) -> Iterator[tuple[Extract, WrittenCounts | ShoemonError]]:
    """Download and import up to `most` of the extracts that were agreed to; yield the result of each. One that failed
    comes last the next time, and continues where it stopped."""
    path, known = config.map_database, published().extracts
    getting, waits = read_getting(path), waits_of(config)
    getting.wanted = [id for id in getting.wanted if id in known]
    getting.got_at = getting.got_at if getting.wanted else iso(clock())
    write_getting(path, getting)
    for id in getting.wanted[:most]:
        if stopping():
            return
        getting.wanted.remove(id)
        result: WrittenCounts | ShoemonError
        try:
            waits.asking(clock())
            write_waits(folder_of(path), waits)
            result = _get(config, getting, known[id], clock, show, stopping)
            waits.succeeded("", clock(), 0.0)
        except (ShoemonError, OSError, MemoryError) as error:
            result = ShoemonError(str(error) or "there was not enough memory for the map")
            getting.error = f"{published().title(known[id])}: {result}"
            getting.wanted.append(id)
            waits.failed(getting.error, clock(), asked_s=error.wait_s if isinstance(error, AnswerError) else 0.0)
        if not getting.wanted:
            getting.got_at, getting.error = iso(clock()), ""
        write_waits(folder_of(path), waits)
        write_getting(path, getting)
        yield known[id], result


def _get(
    config: Config, getting: Getting, extract: Extract, clock: Clock, show: Show, stopping: Callable[[], bool]
) -> WrittenCounts:
    ground, file = config.main.ground, _file(config.map_database, extract.id)
    name = published().title(extract)
    largest = min(ground.largest_mb * 1_000_000, _GROWTH * extract.size + _MORE)

    def downloading(came: int, size: int) -> None:
        done, total = came // 1_000_000, size // 1_000_000
        show(SyncStep(f"downloading {name} (MB)", done, total or None, f"{name}: downloaded {done} of {total} MB"))

    save(f"{ground.mirror.rstrip('/')}/{extract.path}", file, largest, downloading, stopping)
    show(SyncStep(f"importing {name}"))
    try:
        return import_file(
            config.map_database,
            file,
            _clip(config, getting),
            iso(clock()),
            lambda said: show(SyncStep(f"importing {name}", shown=said)),
        )
    finally:
        forget(file)


def _clip(config: Config, getting: Getting) -> Clip:
    """Return the part of the map that is imported."""
    wanted = f"{write_distance(AROUND_M, config.main.units)} around runs"
    return clip_around(cells_around(getting.cells, AROUND_M), wanted)


def _file(map_database: Path, id: str) -> Path:
    """The download of an extract. The map knows its region by this name."""
    return folder_of(map_database) / f"{id.replace('/', '-')}.osm.pbf"


def _clear(folder: Path, wanted: list[Path]) -> None:
    """Remove what came of downloads that nobody wants any more."""
    for file in {folder / part.name.removesuffix(part.suffix) for part in folder.glob("*.osm.pbf.*")}:
        if file not in wanted:
            forget(file)


def waits_of(config: Config) -> Waits:
    """Return when the server may be asked again after a failure, and why."""
    return read_waits(folder_of(config.map_database), shown(config.main.ground.mirror))


@contextmanager
def at_work(config: Config, clock: Clock, show: Callable[[str], None] = lambda _: None) -> Iterator[Show]:
    """Hold the lock of getting the map, and hand out a function that reports each step to other processes too. Raises
    LockedError."""
    folder = folder_of(config.map_database)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ShoemonError(f"cannot write {folder}: {error.strerror}") from None
    reporter = ProgressReporter(folder / "get", clock, show)
    with locking.lock(lock_file(folder / "get"), "download of the map"):
        try:
            yield reporter
        finally:
            forget_progress(folder / "get")


def state_of(config: Config) -> dict[str, Any]:
    """Return for a page what was found and agreed to, and the step of a running download."""
    getting, known = read_getting(config.map_database), published()
    extracts = [
        {"id": extract.id, "name": known.title(extract), "runs": runs, "size": extract.size,
         "chosen": extract.id not in getting.left_out}
        for extract, runs in chosen_of(getting)
    ]  # fmt: skip
    return {
        "extracts": extracts, "listed_on": known.date, "server": config.main.ground.mirror, "outside": getting.outside,
        "largest_mb": config.main.ground.largest_mb, "found_at": getting.found_at, "got_at": getting.got_at,
        "waits": getting.find or bool(getting.wanted), "error": getting.error, "repeats": config.main.ground.get,
        "around_km": AROUND_M / 1000, "now": read_progress(folder_of(config.map_database) / "get"),
    }  # fmt: skip


class Work(NamedTuple):
    """What was done, in words, and whether it failed."""

    words: str
    failed: bool = False


def work(config: Config, clock: Clock, stopping: Callable[[], bool]) -> Work | None:
    """Do what a page has asked for, or what `ground.get` makes due: find out, or get one extract, so that other work is
    done in between. Return None if there is nothing to do, or another process does it."""
    path, now = config.map_database, clock()
    getting = read_getting(path)
    due = not getting.wanted and _is_due(config, getting, now)
    if not (getting.find or getting.wanted or due) or waits_of(config).left_s(now) > 0:
        return None
    try:
        with at_work(config, clock) as show:
            if getting.find or due:
                show(SyncStep("reading where the runs were"))
                getting = find(config, iso(now))
                if not due:
                    return Work(f"{len(getting.found)} extracts cover the runs")
                getting.want([id for id in getting.found if id not in getting.left_out])
                write_getting(path, getting)
            for extract, result in get(config, clock, show, stopping, most=1):
                if isinstance(result, ShoemonError):
                    return Work(f"{extract.name}: {result}", failed=True)
                return Work(f"{extract.name}: {result.ways:,} ways imported")
    except locking.LockedError:
        return None
    except ShoemonError as error:
        getting.find, getting.error = False, str(error)
        write_getting(path, getting)
        waits = waits_of(config)
        waits.failed(str(error), now)
        write_waits(folder_of(path), waits)
        return Work(str(error), failed=True)
    return None


def _is_due(config: Config, getting: Getting, now: datetime) -> bool:
    ground = config.main.ground
    if not ground.get:
        return False
    if not getting.got_at:
        return True
    passed = now - datetime.fromisoformat(getting.got_at)
    if passed >= timedelta(seconds=ground.every) or passed < timedelta():
        return True
    if passed < _AGAIN:
        return False
    with suppress(ShoemonError):  # another command reports it
        return not getting.found.keys() <= _imported(config, getting).keys() | set(getting.left_out)
    return True
