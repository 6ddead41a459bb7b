"""The contracts of sources and notifiers."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, runtime_checkable

from shoemon.model.activity import Activity, Gear, Problem
from shoemon.model.alert import Alert
from shoemon.model.recording import Recording

Cursor = dict[str, Any]
"""Kept for a source until its next pull; plain JSON, no secrets."""


class Pull(Protocol):
    """The result of one pull. Everything slow (network, unpacking) is done before it is returned."""

    unchanged: bool
    """True: nothing is different from the pull that left the cursor; there are no records to read."""
    whole: bool
    """True: a record that is not among these is missing upstream. False: these are additions."""

    def __iter__(self) -> Iterator[Activity | Problem]:
        """Read the records one after the other; raises SourceError if the rest cannot be read."""

    @property
    def cursor(self) -> Cursor | None:
        """The cursor for the next pull. Read only after the last record."""

    def close(self) -> None:
        """Close all files. Called once, whatever happened."""


class Source(Protocol):
    """An export of the runner. Made anew for every sync from its settings; keeps no state of its own."""

    name: str

    def pull(self, cursor: Cursor | None) -> Pull:
        """Fetch or open the export. `cursor` is that of the last stored pull, or None to read everything.

        Raises SourceError when the export cannot be read at all. Bad records are Problems, never errors.
        """


class Tracks(Protocol):
    """The tracks of a source, open for reading one after the other."""

    def recordings(self, track: str) -> Sequence[Recording]:
        """Read the file `track` (see `Activity.track`). Raises TrackError if nothing of it can be read, and SourceError
        if it is not there now: it is read again later."""

    def close(self) -> None:
        """Close all files. Called once, whatever happened."""


@runtime_checkable
class TrackSource(Protocol):
    """A source that also has the tracks of its runs."""

    def open_tracks(self) -> Tracks:
        """Open the tracks. Raises SourceError when they cannot be read at all."""


@runtime_checkable
class GearSource(Protocol):
    """A source that lists the runner's pairs beside the runs, for `init`."""

    def gear(self) -> Sequence[Gear]:
        """Return the pairs of shoes, not the bikes. Raises SourceError when they cannot be read at all."""


class Notifier(Protocol):
    """A channel that carries an alert to the runner."""

    name: str

    def send(self, alert: Alert, created_at: str) -> None:
        """Send one message; returning means that the other side has accepted it.

        The same alert is always sent with the same message id. Raises DeliveryError, with whether trying again can
        help.
        """
