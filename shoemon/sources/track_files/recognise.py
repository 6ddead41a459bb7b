"""Recognise a path with tracks, and the pattern of its folders."""

import re
from collections.abc import Iterator
from contextlib import closing
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from shoemon.model.errors import SourceError
from shoemon.model.recording import TrackError
from shoemon.sources.kit.archives import Archive, open_archive
from shoemon.sources.kit.find_tracks import Listing, find_files, is_system_file, is_track, is_zip
from shoemon.sources.kit.open_tracks import OpenTracks
from shoemon.sources.kit.track_records.records import sport_of_folder

_MOST_FILES, _MOST_ZIPS, _TRIED = 50_000, 200, 20
_EVIDENT = 0.8
"""The share of the tracks that must be in folders named for sports or shoes."""
_MAGIC = frozenset("*{}")
_SHOES = frozenset((
    "shoe", "shoes", "gear", "schuh", "schuhe", "laufschuhe", "schoenen", "chaussures", "zapatillas", "scarpe",
    "tenis", "tênis", "skor", "sko", "kengät", "buty", "кроссовки", "кросівки", "シューズ", "跑鞋",
))  # fmt: skip
"""Names of a folder with one folder a pair."""
_MAKERS = frozenset((
    "adidas", "altra", "asics", "brooks", "diadora", "hoka", "inov 8", "inov8", "karhu", "kiprun", "la sportiva",
    "merrell", "mizuno", "new balance", "newton", "nike", "nnormal", "norda", "on cloud", "puma", "reebok", "salomon",
    "saucony", "scarpa", "skechers", "topo", "under armour", "vibram", "vivobarefoot", "xero", "adios", "adizero",
    "alphafly", "boston", "bondi", "caldera", "cascadia", "clifton", "cloudmonster", "cumulus", "endorphin", "ghost",
    "glycerin", "hyperion", "invincible", "kayano", "kinvara", "lone peak", "metaspeed", "nimbus", "novablast",
    "pegasus", "peregrine", "speedcross", "speedgoat", "superblast", "supernova", "terrex", "torin", "ultraboost",
    "vaporfly", "vomero", "zoom fly", "пегас",
))  # fmt: skip
"""Words in the names of running shoes: makers, and models that mean nothing else."""


def recognise(path: Path) -> dict[str, Any] | None:
    """Return the settings that read the folder, zip or file `path`, if it contains tracks and little else. With a
    pattern, if the folders are evidently named for sports and shoes (`Running/Pegasus/file`)."""
    try:
        listing = find_files(str(path), Path.cwd(), _MOST_FILES)
    except SourceError:
        return None
    names = list(_names(listing))
    tracks = [name for name in names if is_track(name)]
    others = listing.others + len(names) - len(tracks)
    if len(tracks) <= others or not _any_reads(listing.root, tracks):
        return None
    settings = {"type": "tracks", "path": str(path)}
    pattern = evident_pattern(tracks)
    return settings | ({"pattern": pattern} if pattern else {})


def count_tracks(path: Path) -> int:
    """Count the files named like tracks in the folder or zip `path`, also in zips within it, unread."""
    try:
        return sum(map(is_track, _names(find_files(str(path), path.parent))))
    except (SourceError, TrackError, OSError):
        return 0


def evident_pattern(tracks: list[str]) -> str | None:
    """Return the pattern that matches the folders of nearly all `tracks`: `Kind/Shoe/file`, `Kind/file`, or folders of
    shoes at any depth; with the names of the folders above them where only those below these are so named."""
    split = [name.split("/") for name in tracks]
    for above, below in ((3, "/{shoe}/*"), (2, "/*")):
        deep = [parts for parts in split if len(parts) >= above]
        named = [parts for parts in deep if sport_of_folder(parts[-above])]
        are_times = above == 3 and 2 * sum(_is_number(parts[-2]) for parts in named) >= len(named)  # years and months
        pattern = "{sport}" + ("/*/*" if are_times else below)
        if tracks and len(named) >= _EVIDENT * len(tracks):
            return pattern if all(len(parts) == above for parts in deep) else f"**/{pattern}"
        tops = {tuple(parts[:-above]) for parts in named}
        if 2 * len(named) > len(tracks) and len(tops) == 1 and not _MAGIC.intersection("".join(*tops)):
            return "/".join((*tops.pop(), pattern))
    return _shoe_pattern(split)


def _shoe_pattern(split: list[list[str]]) -> str | None:
    """Return the pattern for folders that are named for shoes: half of those at one place, with most of the tracks."""
    for above in range(2, max(map(len, split), default=0) + 1):
        depths = {len(parts) for parts in split if len(parts) >= above and _is_shoe(parts, above)}
        deep = [parts for parts in split if len(parts) in depths]
        folders = {parts[-above]: _is_shoe(parts, above) for parts in deep}
        if folders and 2 * len(deep) > len(split) and 2 * sum(folders.values()) >= len(folders):
            top = "**/" if len(depths) > 1 else "*/" * (depths.pop() - above)
            return f"{top}{{shoe}}{'/*' * (above - 1)}"
    return None


def _is_shoe(parts: list[str], above: int) -> bool:
    words = _words(parts[-above])
    top = _words(parts[-above - 1]) if len(parts) > above else []
    return not _MAKERS.isdisjoint([*words, *map(" ".join, pairwise(words))]) or not _SHOES.isdisjoint(top)


def _words(folder: str) -> list[str]:
    return re.findall(r"[^\W_]+", folder.casefold())


def _is_number(folder: str) -> bool:
    return not re.search(r"[^\W\d_]", folder)


def _names(listing: Listing) -> Iterator[str]:
    """Yield the files found, and those inside of zips."""
    zips = 0
    for file in listing.files:
        if not is_zip(file.path.name):
            yield file.name
            continue
        zips += 1
        if zips > _MOST_ZIPS:
            continue
        try:
            with closing(open_archive(file.path, file.path.name)) as archive:
                yield from _members(archive, file.name)
        except (TrackError, OSError):
            yield file.name


def _members(archive: Archive, below: str, *, nested: bool = True) -> Iterator[str]:
    for name in archive.members:
        path = "/".join(filter(None, (below, name)))
        if is_zip(name) and nested:
            with closing(archive.nested(name)) as inner:
                yield from _members(inner, path, nested=False)
        elif not is_system_file(name):
            yield path


def _any_reads(root: Path, tracks: list[str]) -> bool:
    """Return whether one of the first tracks can be read."""
    with closing(OpenTracks(root)) as opened:
        for track in islice(tracks, _TRIED):
            try:
                if opened.recordings(track):
                    return True
            except TrackError:
                continue
    return False
