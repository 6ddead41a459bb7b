"""Source type `polar`: the training sessions of a Polar account, as Polar exports it (account.polar.com)."""

import re
from collections.abc import Iterator
from pathlib import Path
from posixpath import basename
from typing import Any, Literal

from pydantic import Field

from shoemon.model.activity import Activity, Problem
from shoemon.sources.kit.activities import Row
from shoemon.sources.kit.files import ExportFiles, begins
from shoemon.sources.kit.find_tracks import is_track
from shoemon.sources.kit.sport_names import SportNumbers, read_with_distance
from shoemon.sources.kit.whole_export import MOST_JSON_BYTES, ExportContext, ExportSettings, Format, WholeExport
from shoemon.sources.polar.sessions import NAMES, OTHERS, SPORTS, exercises_in, read_exercise, read_route

_SESSION = re.compile(r"training-session[-_]\d{4}-.*\.json", re.IGNORECASE | re.DOTALL)
_BEGINS = re.compile(rb'\s*\{.*?"(?:startTime|exercises|exportVersion|identifier)"\s*:', re.DOTALL)


class Settings(ExportSettings):
    """An export of a Polar account (account.polar.com, Download your data)."""

    type: Literal["polar"] = Field("polar", description="Polar Flow's training sessions")
    path: str = Field(
        description="the zip as downloaded, its unpacked folder, or one training-session_...json of it; ~ and "
        "patterns such as ~/Downloads/polar-user-data-export*.zip (the newest match is read) are allowed",
        examples=["~/Downloads/polar-user-data-export.zip"],
    )


def recognise(path: Path) -> dict[str, Any] | None:
    """Return the settings that read `path`, if it contains Polar's training sessions by name and beginning, and not
    more tracks in other files, which would remain unread."""
    return {"type": "polar", "path": str(path)} if begins(path, _is_session, _BEGINS.match, is_track) else None


def _is_session(name: str) -> bool:
    return _SESSION.fullmatch(basename(name)) is not None


def _records(files: ExportFiles, context: ExportContext) -> Iterator[Activity | Problem]:
    sports = SportNumbers(NAMES, SPORTS, OTHERS, context.sport_map)
    return read_with_distance(_rows(files), lambda exercise: (read_exercise(exercise, context, sports), exercise.place))


def _rows(files: ExportFiles) -> Iterator[Row]:
    for name, content in files.json_rows(MOST_JSON_BYTES):
        yield from exercises_in(content, name)


make = WholeExport.of(
    Format(
        reader=2,
        remedy="correct `path`, or export again (account.polar.com, Download your data)",
        content="training sessions of Polar (training-session_...json)",
        is_wanted=_is_session,
        records=_records,
        recording=read_route,
    )
)
