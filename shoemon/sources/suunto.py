"""Source type `suunto`: moves as JSON, as Movescount and the Suunto app export them. A move is one activity, or one for
each sport of a multisport.

`DeviceLog.Header` is its summary: `Duration` with pauses, `PauseDuration`, `Distance` in metres, `DateTime` with its
offset, `ActivityType` as a number and `Activity` as the name of the watch's mode. Of a multisport each
`Windows[].Window` of `Type` Activity is a part, its `Duration` without pauses, and an event in `Samples` marks its
beginning. Suunto documents none of it: seen in exports of 2018 and 2026, and known from sports-lib.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from math import degrees, inf, isfinite, nan
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import Field

from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import SourceError
from shoemon.model.recording import Recording, TrackError
from shoemon.model.sports import UNKNOWN_SPORT
from shoemon.sources.formats.points import Capacity, Points
from shoemon.sources.formats.values import at
from shoemon.sources.kit.activities import Row, make_activity, moment_local, moment_with_offset, read_records
from shoemon.sources.kit.fields import number_at, text_at, time_at
from shoemon.sources.kit.files import ExportFiles, begins, is_json
from shoemon.sources.kit.sport_names import SportWords
from shoemon.sources.kit.whole_export import MOST_JSON_BYTES, ExportContext, ExportSettings, Format, WholeExport, figure

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
    sports = SportWords(context.sport_map, names=NAMES, sports=SPORTS, others=OTHERS)
    return read_records(_rows(files), lambda found: _activity(found, context, sports), need_distance=True)


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


def _activity(found: "tuple[Move, tuple[float, float] | None]", context: ExportContext, sports: SportWords) -> Activity:
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


_KEYS = (("Latitude", "Longitude"), ("GPSLatitude", "GPSLongitude"))
"""The places that the watch calculates with, and (2026) those of its receiver, used where there are no others."""
NAMES = {
    "1": "Not specified sport", "2": "Multisport", "3": "Running", "4": "Cycling", "5": "Mountain biking",
    "6": "Swimming", "11": "Trekking", "12": "Walking", "14": "Kayaking", "15": "Rowing", "17": "Indoor cycling",
    "18": "Circuit training", "19": "Triathlon", "20": "Alpine skiing", "21": "Snowboarding",
    "22": "Cross country skiing", "23": "Weight training", "61": "Adventure racing", "71": "Indoor rowing",
    "72": "Canoeing", "74": "Mountaineering", "75": "Orienteering", "78": "Ski touring", "80": "Telemark skiing",
    "81": "Track and field", "82": "Trail running", "83": "Open water swimming", "84": "Nordic walking",
    "85": "Snow shoeing", "93": "Treadmill", "95": "Indoor training",
}  # fmt: skip
"""From SUUNTO_ACTIVITY_TYPE of the Suunto Apps Developer Manual (2015), page 29; 3 and 82 were seen in exports."""
OTHERS = frozenset(map(str, {*range(1, 96)} - {7, 32, *range(41, 51), *range(53, 61), 77}))
"""All numbers of that list."""
SPORTS = {
    "Orienteering": "trail-run", "Track and field": "track-run", "Ski touring": "ski", "Circuit training": "strength",
}  # fmt: skip
SEVERAL = ("2", "19")
"""Types with parts, each with its own sport."""
_MOST_PARTS = 100
_LATEST_S = 2**32
_KEPT = ("Activity", "ActivityType", "DateTime", "Distance", "Duration", "PauseDuration", "Ascent", "Descent")
Span = tuple[float, float]
"""Begin and end, in seconds since 1970 UTC."""


class Move(NamedTuple):
    """A move, or a part of one, without its samples."""

    place: str
    number: int
    span: Span | None
    """Begin and end of a part; None for a whole move."""
    fields: Mapping[str, Any]
    """By their names in the header."""


def log_in(content: Any) -> Mapping[str, Any] | None:
    """Return the log of a move in a JSON file's content; None if it is something else."""
    log = content.get("DeviceLog") if isinstance(content, Mapping) else None
    return log if isinstance(log, Mapping) and isinstance(log.get("Header"), Mapping) else None


def moves_in(log: Mapping[str, Any], file: str) -> Iterator[Row]:
    """Yield the move in `log`, or its parts, each with its place."""
    header = log["Header"]
    parts = _windows(log) if text_at(header, "ActivityType") in SEVERAL else []
    if len(parts) > _MOST_PARTS:
        yield file, ValueError(f"it has more than {_MOST_PARTS} parts")
        return
    if not parts:
        yield file, Move(file, 1, None, {key: header[key] for key in _KEPT if header.get(key) is not None})
        return
    zone = _zone(header.get("DateTime"), *(part.get("TimeISO8601") for part in parts))
    for number, (window, span) in enumerate(zip(parts, _spans(log, parts), strict=True), 1):
        place = f"{file}#{number}"
        if not 0 <= span[0] < _LATEST_S:
            yield place, ValueError("this part has no start time")
            continue
        start = dt.datetime.fromtimestamp(span[0], zone or dt.UTC).replace(tzinfo=zone)
        fields = {"ActivityType": window.get("ActivityId"), "DateTime": start.isoformat(timespec="seconds")}
        fields |= {
            key: window[key] for key in ("Distance", "Duration", "Ascent", "Descent") if window.get(key) is not None
        }
        yield place, Move(place, number, span, fields)


def span_of(log: Mapping[str, Any], number: int) -> Span | None:
    """Return begin and end of part `number`; None for a move without parts. Raises IndexError if there is none."""
    parts = _windows(log) if text_at(log["Header"], "ActivityType") in SEVERAL else []
    return _spans(log, parts)[number - 1] if parts else None


def events_in(log: Mapping[str, Any], kind: str) -> Iterator[tuple[float, Mapping[str, Any]]]:
    """Yield the events of `kind` among the samples, with their times."""
    for sample in samples_in(log):
        events = sample.get("Events")
        for event in events if isinstance(events, list) else ():
            if isinstance(event, Mapping) and isinstance(details := event.get(kind), Mapping):
                yield seconds(sample.get("TimeISO8601")), details


def samples_in(log: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    samples = log.get("Samples")
    yield from (sample for sample in (samples if isinstance(samples, list) else ()) if isinstance(sample, Mapping))


def seconds(text: Any) -> float:
    """Return seconds since 1970 UTC of an ISO time; nan for another text."""
    time = _time(text)
    return nan if time is None else (time if time.tzinfo else time.replace(tzinfo=dt.UTC)).timestamp()


def _windows(log: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the parts of a multisport, each with the time of its end: it is in the window, or next to it (2026)."""
    found: list[Mapping[str, Any]] = []
    entries = log.get("Windows")
    for entry in entries if isinstance(entries, list) else ():
        window = entry.get("Window", entry) if isinstance(entry, Mapping) else None
        if isinstance(window, Mapping) and window.get("Type") == "Activity":
            found.append({"TimeISO8601": entry.get("TimeISO8601"), **window})
    return found


def _spans(log: Mapping[str, Any], parts: list[Mapping[str, Any]]) -> list[Span]:
    ends = [seconds(part.get("TimeISO8601")) for part in parts]
    starts = [time for time, _ in events_in(log, "Activity") if isfinite(time)]
    if len(starts) == len(parts):
        return list(zip(starts, [*starts[1:], ends[-1]], strict=True))
    return [(end - figure(part, "Duration"), end) for part, end in zip(parts, ends, strict=True)]


def _zone(*texts: Any) -> dt.tzinfo | None:
    """Return the offset of the first of `texts` that has one; None where all are local times."""
    return next((time.tzinfo for time in map(_time, texts) if time is not None and time.tzinfo is not None), None)


def _time(text: Any) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None


def first_place(log: Mapping[str, Any], span: Span | None) -> tuple[float, float] | None:
    """Return where a move, or a part of one, began, in degrees; None if it has no places."""
    begin, end = span or (-inf, inf)
    for sample in samples_in(log):
        for lat, lon in _KEYS:
            is_placed = lat in sample and isfinite(figure(sample, lat)) and isfinite(figure(sample, lon))
            if is_placed and (span is None or begin <= seconds(sample.get("TimeISO8601")) <= end):
                return degrees(figure(sample, lat)), degrees(figure(sample, lon))
    return None


def read_points(content: Any, number: int) -> Recording:
    """Make the recording of part `number` of a move (1 without parts). May raise for an unknown structure."""
    log = log_in(content)
    if log is None:
        raise TrackError("it no longer contains a move")
    begin, end = span_of(log, number) or (-inf, inf)
    lat, lon = next((keys for keys in _KEYS if any(keys[0] in sample for sample in samples_in(log))), _KEYS[0])
    points, distance = Points(Capacity()), nan
    for sample in samples_in(log):
        counted = figure(sample, "Distance")
        distance = counted if isfinite(counted) else distance
        if lat in sample:
            time = seconds(sample.get("TimeISO8601"))
            if not isfinite(time) or begin <= time <= end:
                points.add(time, degrees(figure(sample, lat)), degrees(figure(sample, lon)), distance)
    trace, notes = points.trace(list(_pauses(log)))
    return Recording(number=number, started_at=at(trace.times[0]) if trace else None, trace=trace, notes=notes)


def _pauses(log: Mapping[str, Any]) -> Iterator[Span]:
    """Yield each pause, to the event that ended it."""
    since = nan
    changes = [(time, pause.get("State")) for time, pause in events_in(log, "Pause") if isfinite(time)]
    for time, is_begin in sorted(changes, key=lambda pause: pause[0]):
        if is_begin is True:
            since = time if not isfinite(since) else since
        elif isfinite(since):
            if since < time:
                yield since, time
            since = nan


make = WholeExport.of(
    Format(remedy=_REMEDY, content="JSON files", is_wanted=is_json, records=_records, recording=read_points)
)
