"""Source type `suunto`: moves as JSON, as Movescount and the Suunto app export them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import SourceError
from shoemon.model.sports import UNKNOWN_SPORT
from shoemon.sources.kit.activities import Row, make_activity, moment_local, moment_with_offset
from shoemon.sources.kit.fields import number_at, text_at, time_at
from shoemon.sources.kit.files import ExportFiles, begins, is_json
from shoemon.sources.kit.sport_names import SportNumbers, read_with_distance
from shoemon.sources.kit.whole_export import MOST_JSON_BYTES, ExportContext, ExportSettings, Format, WholeExport
from shoemon.sources.suunto.moves import NAMES, OTHERS, SPORTS, Move, first_place, log_in, moves_in, read_points

_BEGINS = re.compile(rb'\s*\{\s*"DeviceLog"\s*:\s*\{')
_REMEDY = "correct `path`; for FIT files, which the Suunto app also exports, use the type `tracks`"


class Settings(ExportSettings):
    """Moves of a Suunto watch as JSON (Movescount, Suunto app). Those in FIT files are read by `tracks`."""

    type: Literal["suunto"] = Field("suunto", description="moves of a Suunto watch as JSON; for FIT files use `tracks`")
    path: str = Field(
        description="a folder with the JSON files, also in folders below, a zip of them, or one file; ~ and patterns "
        "(the newest match is read) are allowed",
        examples=["~/suunto"],
    )


def recognise(path: Path) -> dict[str, Any] | None:
    """Return the settings that read `path`, if it contains moves, and not more other files."""
    return {"type": "suunto", "path": str(path)} if begins(path, is_json, _BEGINS.match, lambda _: True) else None


def _records(files: ExportFiles, context: ExportContext) -> Iterator[Activity | Problem]:
    sports = SportNumbers(NAMES, SPORTS, OTHERS, context.sport_map)

    return read_with_distance(_rows(files), lambda found: (_activity(found, context, sports), found[0].place))


def _rows(files: ExportFiles) -> Iterator[Row]:
    is_any = False
    for name, content in files.json_rows(MOST_JSON_BYTES):
        if isinstance(content, ValueError):
            is_any = True
            yield name, content
        elif (log := log_in(content)) is not None:
            is_any = True
            for place, move in moves_in(log, name):
                yield place, move if isinstance(move, ValueError) else (move, first_place(log, move.span))
    if not is_any:
        raise SourceError(f"no JSON file in {files.path} contains a move; {_REMEDY}")


def _activity(found: tuple[Move, tuple[float, float] | None], context: ExportContext, sports: SportNumbers) -> Activity:
    move, place = found
    fields, start = move.fields, time_at(move.fields, "DateTime")
    number, mode = text_at(fields, "ActivityType") or "", text_at(fields, "Activity")
    sport = sports.sport(number)
    if sport == UNKNOWN_SPORT and mode and number not in OTHERS:
        sport = sports.sport(mode)
    moment = moment_with_offset(start) if start.tzinfo else moment_local(start, context.zone)
    lasted, paused = number_at(fields, "Duration"), number_at(fields, "PauseDuration") or 0.0
    return make_activity(
        context.source,
        # The id is not made from the file's name, which phones choose and which changes with every export, nor from
        # the runner's zone, which he may correct.
        re.sub(r"[-:]", "", moment.started_at if start.tzinfo else start.isoformat(timespec="seconds"))
        + (f"-{move.number}" if move.span else ""),
        moment,
        sports.name(number) or mode or "",
        number_at(fields, "Distance") or 0.0,
        fields,
        sport=sport,
        name=mode,
        moving_s=lasted - paused if lasted is not None else None,
        elapsed_s=lasted if move.span is None else round(move.span[1] - move.span[0], 3),
        elevation_m=number_at(fields, "Ascent"),
        indoor=True if sport == "treadmill-run" else False if place else None,
        start_lat=place[0] if place else None,
        start_lon=place[1] if place else None,
        track=move.place if place else None,
    )


make = WholeExport.of(
    Format(reader=2, remedy=_REMEDY, content="JSON files", is_wanted=is_json, records=_records, recording=read_points)
)
