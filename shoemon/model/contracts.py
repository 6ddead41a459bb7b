"""What sources and notifiers promise."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol, runtime_checkable

from shoemon.model.activity import Activity, Gear, Problem
from shoemon.model.alert import Alert
from shoemon.model.recording import Recording

Cursor = dict[str, Any]
"""What a source wants to remember until its next pull; plain JSON, no secrets."""


class Pull(Protocol):
    """What one pull brings. Everything slow (network, unpacking) is done before it is handed over."""

    unchanged: bool
    """True: nothing is different from the pull that left the cursor; there are no records to read."""
    whole: bool
    """True: a record that is not among these is missing upstream. False: these are additions."""

    def __iter__(self) -> Iterator[Activity | Problem]:
        """The records, read one after the other; raises SourceError if the rest cannot be read."""

    @property
    def cursor(self) -> Cursor | None:
        """What to hand to the next pull. Asked for only after the records were read to their end."""

    def close(self) -> None:
        """Lets go of files. Called once, whatever happened."""


class Source(Protocol):
    """An export a runner has. Made anew for every sync from its settings; holds no state of its own."""

    name: str

    def pull(self, cursor: Cursor | None) -> Pull:
        """Fetches or opens the export. `cursor` is what the last stored pull left, or None to read everything.

        Raises SourceError when the export cannot be had at all. Bad records are Problems, never errors.
        """


class Tracks(Protocol):
    """The tracks of a source, open for reading one after the other."""

    def recordings(self, track: str) -> Sequence[Recording]:
        """What lies at `track`, as `Activity.track` names it. Raises TrackError if nothing of it can be read, and
        SourceError if it is not there now: it is asked for again later."""

    def close(self) -> None:
        """Lets go of files. Called once, whatever happened."""


@runtime_checkable
class TrackSource(Protocol):
    """A source that also holds the tracks of its runs."""

    def open_tracks(self) -> Tracks:
        """Opens the tracks. Raises SourceError when they cannot be had at all."""


@runtime_checkable
class GearSource(Protocol):
    """A source that lists the runner's pairs beside the runs, for `init`."""

    def gear(self) -> Sequence[Gear]:
        """The pairs of shoes, not the bikes. Raises SourceError when they cannot be had at all."""


class Notifier(Protocol):
    """A channel that carries an alert to the runner."""

    name: str

    def send(self, alert: Alert, created_at: str) -> None:
        """Sends one message; returning means that the other side has taken it.

        The same alert is always sent with the same message id. Raises DeliveryError, which says whether trying again
        can help.
        """
