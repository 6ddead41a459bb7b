"""Keep the map up to date with the files of setting `ground.map`."""

import contextlib
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from glob import glob, has_magic
from pathlib import Path

from shoemon import __version__
from shoemon.ground.osm.clip import clip_from
from shoemon.ground.osm.elements import UnusableError
from shoemon.ground.osm.files import at_home, region_of
from shoemon.ground.osm.importing import ImportedFile, import_file, known_files, mark_of, remember_mark
from shoemon.ground.osm.write_whole import write_whole
from shoemon.model.errors import MistakeError, ShoemonError

_FILE = "refused.json"


def update_map(
    map_database: Path, base: Path, paths: Iterable[str], now: str, progress: Callable[[str], None] = lambda _: None
) -> list[str]:
    """Import the files of `ground.map` (`paths`, relative to `base`) that are new or changed; of one that was imported
    in part, the same part. Return the problems, a sentence for each file."""
    try:
        known = known_files(map_database)
    except ShoemonError as error:
        return [str(error)]
    problems: list[str] = []
    by_name: dict[str, Path] = {}
    for path in paths:
        try:
            files = _files(base, path)
        except ShoemonError as error:
            problems.append(str(error))
            continue
        for file in files:
            if by_name.setdefault(file.name, file) != file:
                problems.append(
                    f"{file} and {by_name[file.name]} have the same name, but the map needs different ones; rename one"
                )
                continue
            try:
                _import_if_changed(map_database, file, known.get(file.name), now, progress)
            except ShoemonError as error:
                problems.append(str(error))
    return problems


def _files(base: Path, path: str) -> list[Path]:
    """Return the files that `path` names. Raises ShoemonError where there is none, or they cannot be read."""
    start = at_home(Path(path))
    whole = base / start
    try:
        if whole.exists() or not has_magic(path):
            found = [whole]
        else:
            found = sorted(base / name for name in glob(str(start), root_dir=base, recursive=True))
        files = [file for file in found if file.is_file()]
    except OSError as error:
        raise ShoemonError(f"cannot read {whole}: {error.strerror}; check `ground.map`") from None
    if not files:
        raise MistakeError(f"there is no file {path}; check `ground.map`, which is relative to {base}")
    return files


def _import_if_changed(
    map_database: Path, file: Path, known: ImportedFile | None, now: str, progress: Callable[[str], None]
) -> None:
    mark = mark_of(file)
    if known is not None and known.mark == mark:
        return
    refused = RefusedFiles(map_database)
    if (reason := refused.reason(file.name, mark)) is not None:
        raise UnusableError(reason)
    if known is not None and known.sha256 == region_of(file).sha256:
        remember_mark(map_database, file.name, mark)
        return
    try:
        import_file(map_database, file, clip_from(known.clip) if known else None, now, progress)
    except UnusableError as error:
        with suppress(ShoemonError):  # if that cannot be written, the file is read again next time
            refused.keep(file.name, mark, str(error))
        raise


class RefusedFiles:
    """The files that cannot be imported, by name, with the reason, until the file or shoemon changes: half a gigabyte
    is not read again at each sync. In a file of its own, because there may be no map yet."""

    def __init__(self, map_database: Path) -> None:
        self._path = map_database.with_name(_FILE)
        self._reasons: dict[str, tuple[str, str]] = {}
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            self._reasons = {str(name): (str(mark), str(reason)) for name, (mark, reason) in kept.items()}

    def reason(self, name: str, mark: str) -> str | None:
        """Return why file `name` with that mark was not imported; None if it was not tried."""
        known, reason = self._reasons.get(name, ("", ""))
        return reason if known == _marked(mark) else None

    def keep(self, name: str, mark: str, reason: str) -> None:
        """Store `reason`. Raises ShoemonError if it cannot be written."""
        self._reasons[name] = (_marked(mark), reason)
        write_whole(self._path, json.dumps(self._reasons, indent=1).encode())


def _marked(mark: str) -> str:
    """Add the version of shoemon: another one may read what this one cannot."""
    return f"{mark} {__version__}"
