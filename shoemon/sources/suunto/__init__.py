"""Source type `suunto`: moves as JSON, as Movescount and the Suunto app give them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from shoemon.config.kinds import SourceSettings
from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import SourceError
from shoemon.sources import Context
from shoemon.sources.kit.activities import Row, make_activity, moment_local, moment_with_offset, read_records
from shoemon.sources.kit.fields import number_at, text_at, time_at
from shoemon.sources.kit.files import ExportFiles, begins
from shoemon.sources.kit.sport_numbers import Sport, SportNumbers
from shoemon.sources.kit.whole_export import MOST_JSON_BYTES, Format, Reading, WholeExport, without_distance
from shoemon.sources.suunto.moves import NAMES, OTHERS, SPORTS, Move, first_place, log_in, moves_in, read_points

_BEGINS = re.compile(rb'\s*\{\s*"DeviceLog"\s*:\s*\{')
_REMEDY = "correct `path`; for FIT files, which the Suunto app gives too, use the type `tracks`"


class Settings(SourceSettings):
    """Moves of a Suunto watch as JSON (Movescount, Suunto app). Those in FIT files are read by `tracks`."""

    type: Literal["suunto"] = Field("suunto", description="moves of a Suunto watch as JSON; for FIT files use `tracks`")
    path: str = Field(
        description="a folder with the JSON files (searched through), a zip of them, or one file; ~ and patterns (the "
        "newest match is read) are allowed",
        examples=["~/suunto"],
    )
    sport_map: dict[str, Sport] = Field({}, description="what one of Suunto's numbers or words for sports means")


def make(settings: Settings, context: Context) -> WholeExport:
    """The source that reads the moves. `context.timezone` is asked only where a move lacks its offset."""
    return WholeExport(settings.name, settings.path, settings.sport_map, context, _FORMAT)


def recognise(path: Path) -> dict[str, Any] | None:
    """The settings that read `path`, if it holds moves, and no more of anything else, which would stay unread."""
    return {"type": "suunto", "path": str(path)} if begins(path, _is_json, _BEGINS.match, lambda _: True) else None


def _is_json(name: str) -> bool:
    return name.lower().endswith(".json")


def _records(files: ExportFiles, reading: Reading) -> Iterator[Activity | Problem]:
    sports = SportNumbers(NAMES, SPORTS, OTHERS, reading.sport_map)
    said: list[Problem] = []

    def read(found: tuple[Move, tuple[float, float] | None]) -> Activity:
        activity = _activity(found, reading, sports)
        said.extend(without_distance(activity, found[0].place))
        if activity.distance_m and activity.sport == "other":
            sports.note(text_at(found[0].told, "ActivityType") or "", found[0].place)
        return activity

    yield from read_records(_rows(files), read)
    yield from said
    yield from sports.problems()


def _rows(files: ExportFiles) -> Iterator[Row]:
    is_any = False
    for name in files.names:
        try:
            log = log_in(files.json(name, MOST_JSON_BYTES))
        except ValueError as error:
            is_any = True
            yield name, error
            continue
        if log is not None:
            is_any = True
            for place, move in moves_in(log, name):
                yield place, move if isinstance(move, ValueError) else (move, first_place(log, move.span))
    if not is_any:
        raise SourceError(f"no JSON file in {files.path} holds a move; {_REMEDY}")


def _activity(found: tuple[Move, tuple[float, float] | None], reading: Reading, sports: SportNumbers) -> Activity:
    move, place = found
    told, start = move.told, time_at(move.told, "DateTime")
    number, mode = text_at(told, "ActivityType") or "", text_at(told, "Activity")
    sport = sports.sport(number)
    if sport == "other" and mode and number not in OTHERS:
        sport = sports.sport(mode)
    moment = moment_with_offset(start) if start.tzinfo else moment_local(start, reading.zone)
    lasted, paused = number_at(told, "Duration"), number_at(told, "PauseDuration") or 0.0
    return make_activity(
        reading.source,
        # Of no file's name: those are told by phones, and change from export to export. Nor of the runner's zone, which
        # he may correct.
        re.sub(r"[-:]", "", moment.started_at if start.tzinfo else start.isoformat(timespec="seconds"))
        + (f"-{move.number}" if move.span else ""),
        moment,
        sports.name(number) or mode or "",
        number_at(told, "Distance") or 0.0,
        told,
        sport=sport,
        name=mode,
        moving_s=lasted - paused if lasted is not None else None,
        elapsed_s=lasted if move.span is None else round(move.span[1] - move.span[0], 3),
        elevation_m=number_at(told, "Ascent"),
        indoor=True if sport == "treadmill-run" else False if place else None,
        start_lat=place[0] if place else None,
        start_lon=place[1] if place else None,
        track=move.place if place else None,
    )


_FORMAT = Format(
    reader=1,
    remedy=_REMEDY,
    content="JSON files",
    is_wanted=_is_json,
    is_record=_is_json,
    records=_records,
    recording=read_points,
)
