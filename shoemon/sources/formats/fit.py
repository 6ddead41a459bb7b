"""Read FIT files: every session is a recording. A triathlon has several, and a file may be several files in a row."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from shoemon.model.recording import NoActivityError, Recording, TrackError
from shoemon.model.trace import Trace
from shoemon.sources.formats.fit_messages import Message, Messages, messages
from shoemon.sources.formats.fit_parts import parts
from shoemon.sources.formats.lengths import length_m
from shoemon.sources.formats.points import Capacity, Points
from shoemon.sources.formats.sports import INDOORS, device_of, file_type_of, fit_word, may_be_on_foot
from shoemon.sources.formats.values import at, duration, is_plausible, metres

_DEGREES = 180 / 2**31
"""Of a semicircle, the unit of positions in FIT."""
_ACTIVITY = 4
_TIMER, _START, _STOPS = 0, 0, (1, 4, 8, 9)
_QUARTER_S = 900
_LARGEST_OFFSET_S = 14 * 3600


def read_fit(data: bytes, *, fast: bool = True) -> tuple[Recording, ...]:
    """Read the sessions of all FIT files in `data`. Raises TrackError if none of them contains an activity. `fast`: by
    fitfast, if it is installed."""
    capacity = Capacity()
    recordings: list[Recording] = []
    kinds: list[str] = []
    for part in parts(data):
        found = messages(part.data, fast=fast)
        kind = (found.get("file_id") or [{}])[0].get("type")
        if "session" in found or (kind in (None, _ACTIVITY) and any(map(_is_movement, found.get("record", [])))):
            recordings.extend(_recordings(found, part.note, capacity))
        else:
            kinds.append(f" but {file_type_of(kind)}" if kind not in (None, _ACTIVITY) else "")
    if not recordings:
        if kinds and kinds[0]:
            raise NoActivityError(f"contains no activity{kinds[0]}")
        raise TrackError("contains no activity" if kinds else "is not a FIT file")
    return tuple(replace(recording, number=number) for number, recording in enumerate(recordings, 1))


def _is_movement(record: Message) -> bool:
    return "distance" in record or "position_lat" in record


def place_of(record: Message) -> tuple[float, float]:
    """Return the latitude and longitude of a record that has both."""
    return record["position_lat"] * _DEGREES, record["position_long"] * _DEGREES


class _Span(NamedTuple):
    """A session, and the other messages of its time."""

    session: Message
    records: Sequence[Message]
    laps: Sequence[Message]
    before_m: float
    """The device's metres when it began."""


def _recordings(found: Messages, note: str, capacity: Capacity) -> list[Recording]:
    file_id = (found.get("file_id") or [{}])[0]
    notes = (note,) if note else ()
    is_broken_off = "session" not in found
    if is_broken_off:
        notes = (*notes, "the file has no summary of the activity")
    pauses = _pauses(found.get("event", []))
    device = device_of(file_id.get("manufacturer"), file_id.get("serial_number"))
    return [
        replace(
            _recording(span, pauses, notes, capacity),
            utc_offset_s=_offset(found.get("activity", [])),
            device=device,
            created_at=at(file_id.get("time_created")),
            is_broken_off=is_broken_off,
        )
        for span in _spans(found)
    ]


def _spans(found: Messages) -> list[_Span]:
    """Return the sessions, each with its records: those from its start to the start of the next."""
    records, laps = found.get("record", []), found.get("lap", [])
    sessions = found.get("session") or [(found.get("sport") or [{}])[0]]
    if len(sessions) == 1:
        return [_Span(sessions[0], records, laps, 0.0)]
    sessions = sorted(sessions, key=lambda session: session.get("start_time", 0))
    starts = [session.get("start_time", 0) for session in sessions[1:]] + [math.inf]
    spans, since, before_m = [], -math.inf, 0.0
    for session, until in zip(sessions, starts, strict=True):
        own = [record for record in records if since <= record.get("timestamp", since) < until]
        own_laps = [lap for lap in laps if since <= lap.get("start_time", since) < until]
        counts_m = [float(record["distance"]) for record in own if "distance" in record]
        # Some devices continue to count through a triathlon, others begin at 0 again.
        spans.append(_Span(session, own, own_laps, before_m if counts_m and counts_m[0] >= before_m else 0.0))
        since, before_m = until, counts_m[-1] if counts_m else before_m
    return spans


def _recording(
    span: _Span, pauses: Sequence[tuple[float, float]], notes: tuple[str, ...], capacity: Capacity
) -> Recording:
    points = Points(capacity)
    for record in span.records:
        if "position_lat" in record and "position_long" in record:
            points.add(
                float(record.get("timestamp", math.nan)),
                *place_of(record),
                record.get("distance", math.nan) - span.before_m,
            )
    session = span.session
    named = next((message for message in (session, *span.laps) if message.get("sport")), session)
    sport, sub_sport = (fit_word(kind, named.get(kind)) for kind in ("sport", "sub_sport"))
    trace, left_out = points.trace(pauses, on_foot=may_be_on_foot(sport))
    times = [record["timestamp"] for record in span.records if is_plausible(record.get("timestamp", 0))]
    starts = [session.get("start_time", 0), *times[:1], session.get("timestamp", 0)]
    distance_m, distance_by = _distance(span, trace)
    return Recording(
        number=1,
        started_at=next((at(start) for start in starts if is_plausible(start)), None),
        sport=sport,
        sub_sport=sub_sport,
        distance_m=distance_m,
        distance_by=distance_by,
        moving_s=duration(session.get("total_timer_time")),
        elapsed_s=duration(session.get("total_elapsed_time", times[-1] - times[0] if times else None)),
        elevation_m=metres(session.get("total_ascent")),
        indoor=True if sub_sport in INDOORS else None,
        trace=trace,
        notes=(*notes, *left_out),
    )


_By = Literal["device", "points", "laps", "reckoned", ""]


def _distance(span: _Span, trace: Trace) -> tuple[float | None, _By]:
    """Return the metres of a session and their source: its own total, or the next best. A total of 0 counts only if no
    other source has more."""
    total = metres(span.session.get("total_distance"))
    if total:
        return total, "device"
    counts = [record["distance"] for record in span.records if metres(record.get("distance")) is not None]
    laps = [lap["total_distance"] for lap in span.laps if metres(lap.get("total_distance")) is not None]
    last = metres(counts[-1] - span.before_m) if counts else None
    if last:
        return last, "points"
    if in_laps := metres(math.fsum(laps)):
        return in_laps, "laps"
    if reckoned := metres(length_m(trace)) if trace else None:
        return reckoned, "reckoned"
    if total is not None:
        return total, "device"
    return reckoned, "" if reckoned is None else "reckoned"


def _pauses(events: Sequence[Message]) -> list[tuple[float, float]]:
    """Return when the watch was stopped, and when it was started again."""
    timer = sorted(
        (float(event["timestamp"]), event.get("event_type") == _START)
        for event in events
        if event.get("event") == _TIMER and "timestamp" in event and event.get("event_type") in (_START, *_STOPS)
    )
    pauses, stopped = [], None
    for time, is_start in timer:
        if is_start and stopped is not None and time > stopped:
            pauses.append((stopped, time))
        stopped = None if is_start else time if stopped is None else stopped
    return pauses


def _offset(activities: Sequence[Message]) -> int | None:
    """Return the offset of the watch's clock from UTC, in seconds; clocks differ by quarters of an hour. None where it
    showed UTC: a watch without a zone does that too (one in New York did), and the runner's own zone is better then."""
    for activity in activities:
        if "local_timestamp" in activity and "timestamp" in activity:
            offset = round((activity["local_timestamp"] - activity["timestamp"]) / _QUARTER_S) * _QUARTER_S
            return offset if 0 < abs(offset) <= _LARGEST_OFFSET_S else None
    return None
