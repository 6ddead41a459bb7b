"""The records of each track file, stored as plain JSON until the next pull, so that only changed files are read."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from shoemon.sources.kit.track_records.records import Record


class StoredFile(NamedTuple):
    """A file as it was last read. `mark` changes with the file (blank: read it again in any case), `problems` are the
    reasons why parts could not be read, `members` are the files in a zip."""

    mark: list[int]
    records: list[Record]
    problems: list[str]
    members: dict[str, "StoredFile"]


StoredFiles = dict[str, StoredFile]
"""By path below the source's own."""


def stored_in(remembered: Any) -> StoredFiles:
    """Read the files in a cursor; none if this program did not write it."""
    try:
        return {str(name): _stored(values) for name, values in remembered.items()}
    except (AttributeError, TypeError, ValueError):
        return {}


def _stored(values: Any) -> StoredFile:
    mark, records, problems, members = values
    return StoredFile(list(mark), [Record(*record) for record in records], list(problems), stored_in(members))


def flattened(files: Mapping[str, StoredFile], below: str = "") -> Iterator[tuple[str, StoredFile]]:
    """Yield every file with its path, also the members of zips."""
    for name, file in files.items():
        path = "/".join(filter(None, (below, name)))
        yield path, file
        yield from flattened(file.members, path)
