"""Tracks on a server: the file of a run is downloaded when it is read, and not stored."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path

from shoemon.model.errors import SourceError
from shoemon.model.recording import NoActivityError, Recording, TrackError
from shoemon.net.download import Limits
from shoemon.net.failure import AnswerError
from shoemon.sources.formats import ENDINGS
from shoemon.sources.formats.reading import LARGEST, read_track
from shoemon.sources.kit.api import Api
from shoemon.sources.kit.archives import Archive
from shoemon.sources.kit.fields import is_id
from shoemon.store.locking import LockedError, lock

LIMITS = Limits(total_s=60.0, size=LARGEST, tries=2)
"""Of one file. What takes more than a minute is requested again at a later sync."""
AT_ONCE = 2
"""Number of processes that may request tracks from a server at one time."""
_TURN_S = 120.0
NO_TRACK = frozenset({404, 410, 422})
"""Statuses of a run without a file."""
_MOST_FAILURES = 3
_MOST_MEMBERS = 20


class WebTracks:
    """Tracks at `path`, where {} is the id of a run. Lock files next to `state`, if given, keep more than AT_ONCE
    processes from requesting those of `source` at one time. After too many requests, or when the server cannot be
    reached, no more are sent. `no_track` are the statuses of a run without one."""

    def __init__(
        self, new_api: Callable[[Limits], Api], path: str, state: Path | None, source: str,
        no_track: frozenset[int] = NO_TRACK,
    ) -> None:  # fmt: skip
        self._new_api, self._path, self._state, self._source = new_api, path, state, source
        self._no_track = no_track
        self._failures, self._ended = 0, ""

    def recordings(self, track: str) -> Sequence[Recording]:
        if not is_id(track):
            raise TrackError(f"{track!r} is not the id of an activity")
        if self._ended:
            raise SourceError(self._ended)
        try:
            api = self._new_api(LIMITS._replace(final=self._no_track))
            with self._turn(), api.fetch(self._path.format(track)).body as body:
                data = body.read()
        except AnswerError as error:
            if error.status in self._no_track:
                raise TrackError(f"the server has no track of it (status {error.status})") from None
            self._count(error, _MOST_FAILURES if error.status in (401, 429) else 1)
            raise
        except SourceError as error:
            self._count(error, 1)
            raise
        self._failures = 0
        return read_download(data, track)

    def close(self) -> None:
        """Do nothing: nothing is open between two downloads."""

    def _count(self, error: SourceError, weight: int) -> None:
        self._failures += weight
        if self._failures >= _MOST_FAILURES:
            self._ended = str(error)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for one of AT_ONCE locks, by process id: processes started together have consecutive ones."""
        if self._state is None:
            yield
            return
        place = self._state.with_name(f"{self._state.name}.{self._source}-{os.getpid() % AT_ONCE}.lock")
        try:
            with lock(place, "download of tracks", _TURN_S):
                yield
        except LockedError as error:
            raise SourceError(str(error)) from None


def read_download(data: bytes, name: str) -> Sequence[Recording]:
    """Read the recordings of a downloaded file: a track, also gzipped, or the first activity in a zip."""
    if not data.startswith(b"PK"):
        return read_track(BytesIO(data), name)
    with closing(Archive(BytesIO(data), name)) as archive:
        members = [member for member in archive.members if member.lower().endswith(ENDINGS)]
        failure = TrackError(f"{name} is a zip without a track")
        for member in members[:_MOST_MEMBERS]:
            try:
                with archive.open(member) as stream:
                    return read_track(stream, f"{name}/{member}")
            except NoActivityError as error:
                failure = error
    raise failure
