"""Open files of OpenStreetMap data with the reader for their content."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from io import BufferedReader
from pathlib import Path

from shoemon.ground.osm.clip import Clip
from shoemon.ground.osm.elements import OsmElements, UnusableError
from shoemon.ground.osm.writing import Region
from shoemon.model.errors import MistakeError, ShoemonError

_WANTED = "an extract as .osm.pbf, .osm, .osm.gz or .osm.bz2"


def open_file(path: Path, clip: Clip | None = None) -> OsmElements:
    """Return the elements of the file at `path`. Raises ShoemonError where it is none of OpenStreetMap's."""
    form = _form(path)
    if form in ("osm", "osm.gz") and find_spec("osmium") is None:
        from shoemon.ground.osm.osm_xml import OsmXmlFile

        return OsmXmlFile(path, clip)
    from shoemon.ground.osm.pbf import OsmiumFile

    return OsmiumFile(path, form, clip)


def region_of(path: Path) -> Region:
    """Describe the file at `path` as a region, with the checksum of its content."""
    with _opened(path) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        size = file.tell()
    return Region(path.name, "file", "", None, size, digest)


def at_home(path: Path) -> Path:
    """Replace `~` and `~name` in `path` by the home folders. Raises MistakeError where there is no such user."""
    try:
        return path.expanduser()
    except RuntimeError:
        user = str(path.parts[0]).removeprefix("~")
        raise MistakeError(f"{path}: there is no user {user} on this machine; write the full path") from None


@contextmanager
def _opened(path: Path) -> Iterator[BufferedReader]:
    try:
        with path.open("rb") as file:
            yield file
    except FileNotFoundError:
        raise MistakeError(f"{path} does not exist; name {_WANTED}") from None
    except OSError as error:
        raise ShoemonError(f"cannot read {path}: {error.strerror}") from None


def _form(path: Path) -> str:
    with _opened(path) as file:
        start = file.read(512)
    if start[4:].startswith(b"\x0a\x09OSMHeader"):
        return "pbf"
    if start.startswith(b"\x1f\x8b"):
        return "osm.gz"
    if start.startswith(b"BZh"):
        return "osm.bz2"
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"<") and not text[:15].lower().startswith((b"<!doctype html", b"<html")):
        return "osm"
    if not start:
        raise UnusableError(f"{path} is empty; shoemon reads {_WANTED}")
    raise UnusableError(f"{path} is not OpenStreetMap data; shoemon reads {_WANTED}")
