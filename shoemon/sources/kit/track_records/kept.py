"""What is remembered of each track file until the next pull, as plain JSON, so that only what changed is read."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from shoemon.sources.kit.track_records.records import Record


class Kept(NamedTuple):
    """A file as it was read last.

    `mark` tells whether it is still the same (blank: it has to be read again in any case); `problems` says what could
    not be read, and `members` what a zip holds.
    """

    mark: list[int]
    records: list[Record]
    problems: list[str]
    members: dict[str, "Kept"]


KeptFiles = dict[str, Kept]
"""By path below the source's own."""


def kept_in(remembered: Any) -> KeptFiles:
    """What a cursor holds; nothing if it is not what this program writes."""
    try:
        return {str(name): _kept(values) for name, values in remembered.items()}
    except (AttributeError, TypeError, ValueError):
        return {}


def _kept(values: Any) -> Kept:
    mark, records, problems, members = values
    return Kept(list(mark), [Record(*record) for record in records], list(problems), kept_in(members))


def flattened(files: Mapping[str, Kept], below: str = "") -> Iterator[tuple[str, Kept]]:
    """Every file with the path it is called by, the members of zips too."""
    for name, kept in files.items():
        path = "/".join(filter(None, (below, name)))
        yield path, kept
        yield from flattened(kept.members, path)
