"""Keep the map as new as the files that setting `ground.map` names."""

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
    """Imports the files of `ground.map` (`paths`, which start from `base`) that are new, or have another content than
    was imported; of one that was imported in part, the same part. Returns what went wrong, a sentence for each file."""
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
                    f"{file} and {by_name[file.name]} have one name, by which the map knows them; rename one"
                )
                continue
            try:
                _import_if_changed(map_database, file, known.get(file.name), now, progress)
            except ShoemonError as error:
                problems.append(str(error))
    return problems


def _files(base: Path, path: str) -> list[Path]:
    """The files that `path` names. Raises ShoemonError where there is none, or nobody may look."""
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
        raise MistakeError(f"no file is called {path}; check `ground.map`, which starts from {base}")
    return files


def _import_if_changed(
    map_database: Path, file: Path, known: ImportedFile | None, now: str, progress: Callable[[str], None]
) -> None:
    mark = mark_of(file)
    if known is not None and known.mark == mark:
        return
    refused = RefusedFiles(map_database)
    if (said := refused.said(file.name, mark)) is not None:
        raise UnusableError(said)
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
    """What was said of files whose content cannot be imported, by name, as long as neither the file nor shoemon is
    another: half a gigabyte is not read again at each sync to say the same. In a file of its own, because there may be
    no map yet."""

    def __init__(self, map_database: Path) -> None:
        self._path = map_database.with_name(_FILE)
        self._said: dict[str, tuple[str, str]] = {}
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            self._said = {str(name): (str(mark), str(said)) for name, (mark, said) in kept.items()}

    def said(self, name: str, mark: str) -> str | None:
        """Why file `name` with that mark was not imported; None if it is to be tried."""
        known, said = self._said.get(name, ("", ""))
        return said if known == _marked(mark) else None

    def keep(self, name: str, mark: str, said: str) -> None:
        """Remembers `said`. Raises ShoemonError if it cannot be written."""
        self._said[name] = (_marked(mark), said)
        write_whole(self._path, json.dumps(self._said, indent=1).encode())


def _marked(mark: str) -> str:
    """With the version of shoemon: another one may read what this one cannot."""
    return f"{mark} {__version__}"
