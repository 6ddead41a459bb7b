"""Read the exports that `init` is given: which source reads each, what it contains, and the gear its runs name."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from glob import has_magic
from pathlib import Path
from textwrap import wrap
from typing import Any, NamedTuple

from shoemon.config.kinds import SourceSettings
from shoemon.config.registry import SOURCES
from shoemon.decide.find_shoes import Sighting, gear_key, short_name
from shoemon.decide.same_run.compare import outline_of
from shoemon.decide.same_run.duplicates import find_duplicates
from shoemon.model import sports
from shoemon.model.activity import Activity, Gear, Problem
from shoemon.model.contracts import GearSource, Source, TrackSource
from shoemon.model.errors import MistakeError, SourceError, UnitUnknownError
from shoemon.model.ids import ActivityId
from shoemon.model.recording import TrackError
from shoemon.model.text import free_name
from shoemon.sources import Context, open_source, recognise
from shoemon.sources.kit.archives import open_archive
from shoemon.sources.kit.find_tracks import is_system_file, is_zip
from shoemon.sources.track_files.recognise import count_tracks
from shoemon.words.problems import which_sport

EVERY = {"tracks": "15m"}
"""How often `serve` reads a source: a folder that a watch fills more often than a download."""
_EVERY_DOWNLOAD = "6h"
_FINDS_TRACKS = ("garmin-account",)
"""Types whose sync finds the run of each track, which takes too long for a first look."""
READS_ALL = ("garmin-csv", "google-health")
READS_NEWEST = (
    "strava-export", "garmin-account", "apple-health", "polar", "suunto", "samsung", "adidas-running", "runkeeper",
)  # fmt: skip
"""Types that read all files which match `path`, and those that read the newest: of both a later download counts too."""
_MOST_FILES = 50
"""Of a folder that no source reads."""
_NUMBER = re.compile(
    r"(?<![^\W_])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+(?:[-_.]\d+)*)(?: \(\d+\))?(?![^\W_])", re.IGNORECASE
)
"""The date or number of a download in its name; a browser adds ` (1)`."""
_WORD = re.compile(r"(?<![^\W_])[^\W\d_]{3,}(?![^\W_])")


class Export(NamedTuple):
    """One export: its path (as a person writes it), the settings that read it, and what it contains."""

    path: str
    settings: Mapping[str, Any]
    activities: int
    runs: tuple[Activity, ...]
    problems: tuple[Problem, ...]
    idle_gear: Mapping[str, str]
    """Gear that no run names, only walks and hikes: its name, and the sport."""
    gear: tuple[Gear, ...] = ()
    """The pairs that it lists beside its runs."""
    waiting_tracks: int = 0
    """Track files whose runs only a sync finds."""
    warnings: tuple[str, ...] = ()
    """What the runner must check, by its source."""

    @property
    def name(self) -> str:
        """The name of its source."""
        return str(self.settings["name"])

    @property
    def is_unit_sure(self) -> bool:
        """Whether nothing about its unit must be checked."""
        return not self.warnings

    def several_worn(self, run: Activity) -> bool:
        """Whether a run names several pairs at once, so that nobody knows which was worn how far."""
        parts = (run.gear_raw or "").split(" + ")
        return len(parts) > 1 and {gear.gear_raw for gear in self.gear}.issuperset(parts)


def read_exports(exports: Iterable[str], zone: str) -> list[Export]:
    """Read each export by the source that recognises it. `zone` is the runner's.

    Raises MistakeError if there are files that no source reads, SourceError if one is broken.
    """
    recognised: list[tuple[Path, dict[str, Any]]] = []
    refused: list[MistakeError] = []
    for given in exports:
        try:
            path = _path_of(given)
            recognised.append(recognise_export(path, home_path(path)))
        except MistakeError as error:
            refused.append(error)
    if refused:
        first, *notes = (line for each in refused for line in (str(each), *getattr(each, "__notes__", ())))
        raise _mistake(first, notes)
    found: list[Export] = []
    for path, settings in recognised:
        others = [other for other, _ in recognised if other != path]
        written = written_settings(path, settings, {export.name for export in found}, others)
        found.append(read_export(path, written, zone))
    return found


def copies(exports: Sequence[Export]) -> dict[ActivityId, ActivityId]:
    """Each run that an earlier export contains too, and the one it is a copy of."""
    if len(exports) < 2:
        return {}
    order = {export.name: index for index, export in enumerate(exports)}
    return find_duplicates([outline_of(run) for export in exports for run in export.runs], order).of


def sightings(exports: Iterable[Export], again: Mapping[ActivityId, ActivityId]) -> list[Sighting]:
    """The gear of every run. A run of two exports (`again`) adds its metres once, for the pair that the first of them
    names."""
    exports = list(exports)
    metres = {run.id: run.distance_m for export in exports for run in export.runs}
    found: list[Sighting] = []
    for export in exports:
        for run in export.runs:
            if (run.gear_raw or run.gear_name) and not export.several_worn(run):
                id = again.get(run.id, run.id)
                found.append(
                    Sighting(run.source, run.gear_raw, run.gear_name, run.local_date, metres.pop(id, None), id)
                )
    return found


def home_path(path: Path) -> str:
    """`path` as a person would write it: from ~ if it is below that."""
    try:
        return f"~/{path.relative_to(Path.home()).as_posix()}"
    except (ValueError, RuntimeError):
        return str(path)


def shown(text: str) -> str:
    """`text` from an export on one line, without the characters that control a terminal."""
    return "".join(char if char.isprintable() else "?" for char in " ".join(text.split()))


def _path_of(given: str) -> Path:
    try:
        path = Path(given).expanduser().absolute()
        if not path.exists():
            raise MistakeError(f"there is no file or folder {path}")
    except RuntimeError:
        raise MistakeError(
            f"there is no user {Path(given).parts[0][1:]} on this machine; write the whole path"
        ) from None
    except OSError as error:
        raise MistakeError(f"cannot read {given[:200]}: {error.strerror}") from None
    return path


def recognised(path: Path, called: str) -> tuple[dict[str, Any], bool]:
    """The settings that read `path`, and whether their unit is only a guess. Raises MistakeError if no source does."""
    try:
        if (settings := recognise(path)) is not None:
            return settings, False
    except UnitUnknownError as error:
        return dict(error.settings), True
    except MistakeError:
        pass
    return recognise_export(path, called)[1], False  # or a mistake that says all of it


def recognise_export(path: Path, called: str) -> tuple[Path, dict[str, Any]]:
    """The settings of the first source that knows `path`, or the only file in it that one knows. Raises MistakeError
    with the reason of the nearest; it names `path` as the runner calls it."""
    refused: list[MistakeError] = []
    for several in ([path], _files_in(path)):
        found = []
        for file in several:
            try:
                if (settings := recognise(file)) is not None:
                    found.append((file, settings))
            except MistakeError as error:
                name = called if file == path else home_path(file)
                refused.append(_mistake(f"{name}: {error}", getattr(error, "__notes__", ())))
        if len(found) > 1:
            names = ", ".join(file.name for file, _ in found)
            raise MistakeError(f"{called}: several files in it can be read; name one, or more: {names[:300]}")
        if found:
            return found[0]
    if refused:
        raise refused[0]
    _refuse_broken_zip(path, called)
    known = ", ".join(kind for kind, module in SOURCES.modules() if hasattr(module, "recognise"))
    lines = wrap(f"Types that read files and folders: {known}", 79, break_on_hyphens=False)
    raise _mistake(f"{called}: no type of source reads this", lines)


def _files_in(folder: Path) -> list[Path]:
    try:
        files = sorted(file for file in folder.iterdir() if file.is_file() and not is_system_file(file.name))
    except OSError:
        return []
    return files[:_MOST_FILES]


def _mistake(message: str, notes: Iterable[str]) -> MistakeError:
    """The mistake with lines that follow it, each once."""
    mistake = MistakeError(message)
    for note in dict.fromkeys(notes):
        mistake.add_note(note)
    return mistake


def written_settings(
    path: Path, settings: Mapping[str, Any], taken: Collection[str], others: Sequence[Path] = ()
) -> dict[str, Any]:
    """The settings as they are written, with a name that is not `taken`. `others` are exports of sources of their
    own."""
    kind = settings["type"]
    base = short_name(path.stem, kind) if kind == "table" else kind.removesuffix("-export").removesuffix("-account")
    base = base if base.isascii() else kind
    name = free_name(base, taken.__contains__)
    place = home_path(_pattern(path, kind, others))
    at_place = {key: place if value == str(path) else value for key, value in settings.items()}
    return {"name": name, **at_place, "every": EVERY.get(kind, _EVERY_DOWNLOAD)}


def _pattern(path: Path, kind: str, others: Sequence[Path]) -> Path:
    """The pattern that matches `path` and its later downloads; `path` itself if that would read anything else now."""
    pattern = path.with_name(undated(path.name))
    if kind not in (*READS_ALL, *READS_NEWEST) or has_magic(str(path)) or not _WORD.search(pattern.stem):
        return path
    matches = [match for match in path.parent.glob(pattern.name) if match != path]
    if any(match in others or kind in READS_ALL or not _is_older(match, path, kind) for match in matches):
        return path
    return pattern


def undated(name: str) -> str:
    """The name of a download with `*` in place of its date or number."""
    return _NUMBER.sub("*", name)


def _is_older(other: Path, path: Path, kind: str) -> bool:
    """Whether `other` is an export of the same type from before `path`."""
    try:
        settings = recognise(other)
        stamps = [(each.stat().st_mtime_ns, each.name) for each in (other, path)]
    except (MistakeError, OSError):
        return False
    return settings is not None and settings["type"] == kind and stamps[0] < stamps[1]


def _refuse_broken_zip(path: Path, called: str) -> None:
    if path.is_file() and is_zip(path.name):
        try:
            with closing(open_archive(path, path.name)) as archive:
                if any(member.flag_bits & 1 for member in archive.members.values()):
                    raise MistakeError(f"{called} has a password; unpack it, and give the folder")
        except TrackError as error:
            raise MistakeError(f"{error}; download it again") from None
        except OSError as error:
            raise MistakeError(f"cannot read {path}: {error.strerror}") from None


def read_export(path: Path, written: dict[str, Any], zone: str) -> Export:
    """Read the export at `path` by these settings. Raises SourceError if it is broken."""
    with SOURCES.guard(str(written["type"])):
        return _read(path, written, zone)


def _read(path: Path, written: dict[str, Any], zone: str) -> Export:
    module = SOURCES.module_of(str(written["type"]))
    settings: SourceSettings = module.Settings.model_validate(written)
    context = Context(Path.cwd(), zone, glance=True)
    source = open_source(settings, context)
    runs: list[Activity] = []
    problems: list[Problem] = []
    others: dict[str, tuple[str, str]] = {}
    unknown: dict[str, list[str]] = {}
    count = 0
    with closing(source.pull(None)) as pull:
        for record in pull:
            if isinstance(record, Problem):
                problems.append(record)
                continue
            count += 1
            if record.sport in sports.RUNS:
                runs.append(record._replace(raw=""))
            elif record.sport in ("walk", "hike") and _gear(record):
                others[_key(record)] = (_gear(record), record.sport)
            elif record.sport == sports.UNKNOWN_SPORT and record.distance_m and hasattr(settings, "sport_map"):
                unknown.setdefault(record.sport_raw, []).append(record.started_at)
    problems += [
        Problem(f"activity of {starts[0]}", which_sport(word, len(starts)), is_note=True)
        for word, starts in unknown.items()
    ]
    unread = [problem for problem in problems if not problem.is_note]
    if not count and unread:
        raise SourceError(f"{home_path(path)}: no row could be read; the first: {unread[0].message}", retryable=False)
    worn = {_key(run) for run in runs}
    idle = {gear: sport for key, (gear, sport) in others.items() if key not in worn}
    gear = tuple(source.gear()) if isinstance(source, GearSource) else ()
    unlaid = written["type"] in _FINDS_TRACKS and not any(run.track for run in runs)
    waiting = count_tracks(path) if unlaid else 0
    if any(run.track for run in runs) and not _has_tracks(source):
        runs = [run._replace(track=None) for run in runs]
    warnings = tuple(module.warnings(settings, context)) if hasattr(module, "warnings") else ()
    shown = home_path(path)
    return Export(shown, written, count, tuple(runs), tuple(problems), idle, gear, waiting, warnings)


def _has_tracks(source: Source) -> bool:
    try:
        if isinstance(source, TrackSource):
            source.open_tracks().close()
    except SourceError:
        return False
    return True


def _gear(activity: Activity) -> str:
    return activity.gear_name or activity.gear_raw or ""


def _key(activity: Activity) -> str:
    return gear_key(activity.gear_raw, activity.gear_name)
