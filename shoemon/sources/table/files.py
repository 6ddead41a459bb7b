"""Find and open the files of a table."""

import io
import os
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from shoemon.model.errors import SourceError
from shoemon.sources.csv_exports import open_all_matches
from shoemon.sources.kit.files import ExportFiles
from shoemon.sources.kit.find_tracks import with_home
from shoemon.sources.table.text import SUFFIXES


def is_table(name: str) -> bool:
    return PurePosixPath(name.lower()).suffix in SUFFIXES


def open_tables(path: str, base: Path) -> ExportFiles:
    """Open the file that `path` means, all matches of a pattern, or the tables in a folder. Raises SourceError if there
    is none, or those in a folder are not of one kind. Close it."""
    is_folder = os.path.isdir(base / with_home(path))
    files = open_all_matches(path, base, is_table if is_folder else bool)
    endings = sorted({PurePosixPath(name.lower()).suffix for name in files.names})
    if is_folder and len(endings) != 1:
        what = f"files named {' and '.join(endings)}" if endings else "no tables"
        pattern = f"{files.path}/*{endings[0] if endings else '.csv'}"
        raise SourceError(f"{files.path} is a folder with {what}; write a pattern such as {pattern}", retryable=False)
    return files


def bodies(files: ExportFiles, names: Iterable[str]) -> Iterator[tuple[str, str, io.BytesIO]]:
    """Yield some files as `TableReader.pages` reads them. Raises SourceError if one cannot be read."""
    for name in names:
        try:
            yield name, name, io.BytesIO(files.read(name))
        except ValueError as error:
            raise SourceError(f"{name} in {files.path}: {error}; export it again") from None
