"""What `init` learns from an export: which source reads it, what it holds, and the gear its runs name."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from shoemon.config.kinds import SourceSettings
from shoemon.config.registry import SOURCES
from shoemon.decide.find_shoes import Sighting, gear_key, short_name
from shoemon.decide.same_run.compare import outline_of
from shoemon.decide.same_run.duplicates import find_duplicates
from shoemon.model import sports
from shoemon.model.activity import Activity, Gear, Problem
from shoemon.model.contracts import GearSource
from shoemon.model.errors import MistakeError, SourceError
from shoemon.model.ids import ActivityId
from shoemon.model.recording import TrackError
from shoemon.sources import Context, open_source, recognise
from shoemon.sources.kit.archives import open_archive
from shoemon.sources.kit.find_tracks import is_zip
from shoemon.sources.track_files.recognise import count_tracks

EVERY = {"tracks": "15m"}
"""How often `serve` looks for something new: into a folder that a watch fills more often than for a download."""
_EVERY_DOWNLOAD = "6h"
_FINDS_TRACKS = ("garmin-account",)
"""Types whose sync finds out by itself which run a track is of, which takes too long for a first look."""


class Export(NamedTuple):
    """One export: where it lies (as a person writes it), the settings that read it, and what it holds."""

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
    """Track files of which only a sync finds out which run each is of."""
    warnings: tuple[str, ...] = ()
    """What its source says that the runner must look after."""

    @property
    def name(self) -> str:
        """What its source is called."""
        return str(self.settings["name"])

    def several_worn(self, run: Activity) -> bool:
        """Whether a run names several pairs at once, so that nobody can say which was worn how far."""
        parts = (run.gear_raw or "").split(" + ")
        return len(parts) > 1 and {gear.gear_raw for gear in self.gear}.issuperset(parts)


def read_exports(exports: Iterable[str], zone: str) -> list[Export]:
    """Reads each export through the source that recognises it. `zone` is the runner's.

    Raises MistakeError if there is no such file or nothing can read it, SourceError if it is broken.
    """
    found: list[Export] = []
    for given in exports:
        path = _path_of(given)
        written = _recognise(path, {export.name for export in found})
        with SOURCES.guard(str(written["type"])):
            found.append(_read(path, written, zone))
    return found


def copies(exports: Sequence[Export]) -> dict[ActivityId, ActivityId]:
    """Each run that stands in an earlier export too, and the one it is a copy of."""
    if len(exports) < 2:
        return {}
    order = {export.name: index for index, export in enumerate(exports)}
    return find_duplicates([outline_of(run) for export in exports for run in export.runs], order).of


def sightings(exports: Iterable[Export], again: Mapping[ActivityId, ActivityId]) -> list[Sighting]:
    """The gear of every run. A run that stands in two exports (`again`) adds its metres once, for the pair that the
    first of them names."""
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
    """`path` as a person would write it: from ~ where it lies there."""
    try:
        return f"~/{path.relative_to(Path.home()).as_posix()}"
    except (ValueError, RuntimeError):
        return str(path)


def shown(text: str) -> str:
    """`text` from an export, on one line and without the characters that steer a terminal."""
    return "".join(char if char.isprintable() else "?" for char in " ".join(text.split()))


def _path_of(given: str) -> Path:
    try:
        path = Path(given).expanduser().absolute()
        if not path.exists():
            raise MistakeError(f"there is no file or folder {path}")
    except RuntimeError:
        raise MistakeError(f"{Path(given).parts[0]} is no user's folder here; write the whole path") from None
    except OSError as error:
        raise MistakeError(f"cannot read {given[:200]}: {error.strerror}") from None
    return path


def _recognise(path: Path, taken: Collection[str]) -> dict[str, Any]:
    """The settings of the first source that knows `path`, ready to be written."""
    settings = recognise(path)
    if settings is None:
        _refuse_broken_zip(path)
        kinds = "; ".join(f"{kind}: {_first_line(module.Settings.__doc__)}" for kind, module in SOURCES.modules())
        raise MistakeError(f"nothing here can read {path}. These exports are known ({kinds})")
    kind = settings["type"]
    base = short_name(path.stem, kind) if kind == "table" else kind.removesuffix("-export").removesuffix("-account")
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    shown = {key: home_path(path) if value == str(path) else value for key, value in settings.items()}
    return {"name": name, **shown, "every": EVERY.get(kind, _EVERY_DOWNLOAD)}


def _refuse_broken_zip(path: Path) -> None:
    if path.is_file() and is_zip(path.name):
        try:
            open_archive(path, path.name).close()
        except TrackError as error:
            raise MistakeError(f"{error}; download it again") from None
        except OSError as error:
            raise MistakeError(f"cannot read {path}: {error.strerror}") from None


def _first_line(docstring: str | None) -> str:
    return (docstring or "").strip().splitlines()[0].rstrip(".") if docstring else ""


def _read(path: Path, written: dict[str, Any], zone: str) -> Export:
    module = SOURCES.module_of(str(written["type"]))
    settings: SourceSettings = module.Settings.model_validate(written)
    context = Context(Path.cwd(), zone, glance=True)
    source = open_source(settings, context)
    runs: list[Activity] = []
    problems: list[Problem] = []
    others: dict[str, tuple[str, str]] = {}
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
    if not count and problems:
        raise SourceError(f"{home_path(path)}: no row could be read; the first: {problems[0].message}", retryable=False)
    worn = {_key(run) for run in runs}
    idle = {gear: sport for key, (gear, sport) in others.items() if key not in worn}
    gear = tuple(source.gear()) if isinstance(source, GearSource) else ()
    unlaid = written["type"] in _FINDS_TRACKS and not any(run.track for run in runs)
    waiting = count_tracks(path) if unlaid else 0
    warnings = tuple(module.warnings(settings, context)) if hasattr(module, "warnings") else ()
    shown = home_path(path)
    return Export(shown, written, count, tuple(runs), tuple(problems), idle, gear, waiting, warnings)


def _gear(activity: Activity) -> str:
    return activity.gear_name or activity.gear_raw or ""


def _key(activity: Activity) -> str:
    return gear_key(activity.gear_raw, activity.gear_name)
