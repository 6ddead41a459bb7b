"""Source type `polar`: the training sessions of a Polar account, as Polar sends it (account.polar.com)."""

import re
from collections.abc import Iterator
from pathlib import Path
from posixpath import basename
from typing import Any, Literal

from pydantic import Field

from shoemon.config.kinds import SourceSettings
from shoemon.model.activity import Activity, Problem
from shoemon.sources import Context
from shoemon.sources.kit.activities import Row, make_activity, read_records
from shoemon.sources.kit.fields import text_at
from shoemon.sources.kit.files import ExportFiles, begins
from shoemon.sources.kit.find_tracks import is_track
from shoemon.sources.kit.sport_numbers import Sport, SportNumbers
from shoemon.sources.kit.whole_export import MOST_JSON_BYTES, Format, Reading, WholeExport, without_distance
from shoemon.sources.polar.sessions import (
    NAMES,
    OTHERS,
    SPORTS,
    Exercise,
    climbed_m,
    distance_of,
    elapsed_s,
    exercises_in,
    is_indoors,
    moment_of,
    moving_s,
    place_of,
    read_route,
    sport_said,
)

_SESSION = re.compile(r"training-session[-_]\d{4}-.*\.json", re.IGNORECASE | re.DOTALL)
_BEGINS = re.compile(rb'\s*\{.*?"(?:startTime|exercises|exportVersion|identifier)"\s*:', re.DOTALL)


class Settings(SourceSettings):
    """A Polar account, as Polar sends it on request (account.polar.com, Download your data)."""

    type: Literal["polar"] = Field("polar", description="Polar Flow's training sessions")
    path: str = Field(
        description="the zip as Polar sent it, its unpacked folder, or one training-session_...json of it; ~ and "
        "patterns such as ~/Downloads/polar-user-data-export*.zip (the newest match is read) are allowed",
        examples=["~/Downloads/polar-user-data-export.zip"],
    )
    sport_map: dict[str, Sport] = Field({}, description="what one of Polar's words or numbers for sports means")


def make(settings: Settings, context: Context) -> WholeExport:
    """The source that reads the export. `context.timezone` is asked only where a session lacks its offset."""
    return WholeExport(settings.name, settings.path, settings.sport_map, context, _FORMAT)


def recognise(path: Path) -> dict[str, Any] | None:
    """The settings that read `path`, if it holds training sessions of Polar's; judged by names and beginnings.

    Not those of a folder with more tracks in files of their own, which would stay unread.
    """
    return {"type": "polar", "path": str(path)} if begins(path, _is_session, _BEGINS.match, is_track) else None


def _is_session(name: str) -> bool:
    return _SESSION.fullmatch(basename(name)) is not None


def _records(files: ExportFiles, reading: Reading) -> Iterator[Activity | Problem]:
    sports = SportNumbers(NAMES, SPORTS, OTHERS, reading.sport_map)
    said: list[Problem] = []

    def read(exercise: Exercise) -> Activity:
        activity = _activity(exercise, reading, sports)
        said.extend(without_distance(activity, exercise.place))
        if activity.distance_m and activity.sport == "other":
            sports.note(sport_said(exercise.told), exercise.place)
        return activity

    yield from read_records(_rows(files), read)
    yield from said
    yield from sports.problems()


def _rows(files: ExportFiles) -> Iterator[Row]:
    for name in files.names:
        try:
            session = files.json(name, MOST_JSON_BYTES)
        except ValueError as error:
            yield name, error
            continue
        yield from exercises_in(session, name)


def _activity(exercise: Exercise, reading: Reading, sports: SportNumbers) -> Activity:
    told, word = exercise.told, sport_said(exercise.told)
    name, sport = sports.name(word), sports.sport(word)
    lat, lon = place_of(told)
    return make_activity(
        reading.source,
        exercise.native_id,
        moment_of(told, reading.zone),
        name,
        distance_of(told),
        told,
        sport=sport,
        name=text_at(told, "name"),
        moving_s=moving_s(told),
        elapsed_s=elapsed_s(told),
        elevation_m=climbed_m(told),
        indoor=True if is_indoors(name) or sport == "treadmill-run" else False if exercise.track else None,
        start_lat=lat,
        start_lon=lon,
        track=exercise.track,
    )


_FORMAT = Format(
    reader=1,
    remedy="correct `path`, or ask Polar for the export again (account.polar.com, Download your data)",
    content="training sessions of Polar's (training-session_...json)",
    is_wanted=_is_session,
    is_record=_is_session,
    records=_records,
    recording=read_route,
)
