"""Read and match many tracks: one after the other, or by several processes where there are many."""

import multiprocessing
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager, suppress
from itertools import repeat
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from shoemon.ground.extracts.published import Spot
from shoemon.model.errors import ShoemonError
from shoemon.sync.match.read_and_match import Prepare, Request, Survey, Surveyor

POOL_FROM = 40
"""From so many tracks on, processes of their own are started, which needs about a second."""
_MOST_WORKERS = 4
_WORKER_MB = 120
"""The memory that one of them needs, with the map around a run."""
Result = TypeVar("Result")


class _Task(NamedTuple, Generic[Result]):
    """The call for each track, and the result for one that ends the process that reads it."""

    ask: Callable[[Surveyor, Request], Result]
    lost: Callable[[Request], Result]


MakeSurveyor = Callable[[], Surveyor]
"""Made in each process anew; `read_and_match.surveyor_of`."""


def surveys(
    make: MakeSurveyor, requests: Sequence[Request], prepare: Prepare | None = None
) -> Generator[Survey, None, None]:
    """Survey every request in turn; by several processes where there are many. Close it when you leave early.

    With `prepare` one by one: fetching a map is slower than matching tracks to it.
    """
    if prepare is None:
        lost = "reading it ended the process that read it"
        task = _Task(Surveyor.survey, lambda request: Survey(request.activity, "unreadable", lost))
        yield from _each(make, requests, task)
        return
    with closing(make()) as surveyor:
        for request in requests:
            yield surveyor.survey(request, prepare)


def spots_of_tracks(make: MakeSurveyor, requests: Sequence[Request]) -> Generator[frozenset[Spot], None, None]:
    """Yield the squares of 0.001 degrees with points of each track; none where it cannot be read."""
    yield from _each(make, requests, _Task(Surveyor.spots, lambda _: frozenset[Spot]()))


def _each(make: MakeSurveyor, requests: Sequence[Request], task: _Task[Result]) -> Generator[Result, None, None]:
    workers, done = _affordable(), 0
    if len(requests) >= POOL_FROM and workers > 1:
        with suppress(_NoProcessError):
            for found in _by_processes(make, requests, task, workers):
                yield found
                done += 1
    with closing(make()) as surveyor:
        for request in requests[done:]:
            yield task.ask(surveyor, request)


def _affordable() -> int:
    """Return how many processes the cores that this one may use, and the memory that is available, are enough for."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        free_kb = next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):  # not Linux, or hidden
        return min(cores, _MOST_WORKERS)
    with suppress(OSError, ValueError):  # no limit is `max`
        free_kb = min(free_kb, int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")) // 1024)
    return max(1, min(cores, _MOST_WORKERS, free_kb // 1024 // _WORKER_MB - 1))


def _by_processes(
    make: MakeSurveyor, requests: Sequence[Request], task: _Task[Result], workers: int
) -> Generator[Result, None, None]:
    """Use processes, and new ones after these have ended. Raises _NoProcessError when none can be started, and
    ShoemonError when none can any more: what ended the others must not be read by this one."""
    done, began = 0, False
    while done < len(requests):
        try:
            with _processes(make, workers) as pool:
                began = True
                for found in pool.map(_ask, repeat(task.ask), requests[done:]):
                    yield found
                    done += 1
        except BrokenProcessPool:
            # Which track did it is unknown: the first one is read alone, then all the rest.
            yield _alone(make, requests[done], task)
            done += 1
        except _NoProcessError:
            if began:
                raise _NO_MORE from None
            raise


def _alone(make: MakeSurveyor, request: Request, task: _Task[Result]) -> Result:
    """Use a process for it alone. One that had started may have been ended by anything; twice, it was the track."""
    for _ in range(2):
        try:
            with _processes(make, 1) as pool:
                return pool.submit(_ask, task.ask, request).result()
        except BrokenProcessPool:
            continue
        except _NoProcessError:
            raise _NO_MORE from None
    return task.lost(request)


class _NoProcessError(Exception):
    """No process can be started here, or none answers: that is no track's fault."""


_NO_MORE = ShoemonError(
    "the processes that read tracks have ended, and no new one can be started; the rest is read later"
)


@contextmanager
def _processes(make: MakeSurveyor, workers: int) -> Iterator[ProcessPoolExecutor]:
    """Start new processes, not copies of this one: it may have threads, sockets and a database. One of them has
    answered. Raises _NoProcessError."""
    before = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    try:
        pool = ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(make,))
        pool.submit(os.getpid).result()
    except (
        OSError,
        ImportError,
        NotImplementedError,
        BrokenProcessPool,
    ):  # no semaphores, no memory, no more processes
        for child in set(multiprocessing.active_children()) - before:
            child.kill()
        raise _NoProcessError from None
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_surveyor: Surveyor | None = None
"""Of a worker process, which reads one track after the other."""


def _begin(make: MakeSurveyor) -> None:
    """Prepare a worker, and end it when its parent is gone: it would wait for ever otherwise. Ctrl-C is for the parent,
    which ends its workers."""
    global _surveyor  # noqa: PLW0603 the only state a worker process has
    import signal
    import threading

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    _surveyor = make()


def _end_with_parent() -> None:
    from multiprocessing.connection import wait

    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _ask(ask: Callable[[Surveyor, Request], Result], request: Request) -> Result:
    if _surveyor is None:
        raise RuntimeError("called before `_begin`")
    return ask(_surveyor, request)
