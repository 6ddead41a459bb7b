"""Decode the messages of FIT files as plain numbers: of those that a recording needs, the fields that it needs.

A FIT file is a series of messages, each of a kind that an earlier message defined field by field. Nine tenths of a
watch's messages and fields are not needed here. A wrong checksum or a missing end costs nothing before it.
"""

import struct
from math import isfinite
from typing import Any, NamedTuple

from shoemon.model.recording import TrackError

Message = dict[str, Any]
"""Fields by name: metres, seconds, enums as numbers, positions in semicircles, times in seconds since 1970 UTC."""
Messages = dict[str, list[Message]]

NEEDED: dict[int, tuple[str, dict[int, str]]] = {
    0: ("file_id", {0: "type", 1: "manufacturer", 3: "serial_number", 4: "time_created"}),
    12: ("sport", {0: "sport", 1: "sub_sport"}),
    18: ("session", {
        253: "timestamp", 2: "start_time", 5: "sport", 6: "sub_sport", 7: "total_elapsed_time", 8: "total_timer_time",
        9: "total_distance", 22: "total_ascent",
    }),
    19: ("lap", {
        253: "timestamp", 2: "start_time", 7: "total_elapsed_time", 8: "total_timer_time", 9: "total_distance",
        25: "sport", 39: "sub_sport",
    }),
    20: ("record", {253: "timestamp", 0: "position_lat", 1: "position_long", 5: "distance", 8: "packed_distance"}),
    21: ("event", {253: "timestamp", 0: "event", 1: "event_type"}),
    34: ("activity", {253: "timestamp", 5: "local_timestamp"}),
}  # fmt: skip
"""Messages and fields by number, as in Garmin's FIT profile."""
_TYPES = {
    0x00: ("B", 0xFF), 0x01: ("b", 0x7F), 0x02: ("B", 0xFF), 0x83: ("h", 0x7FFF), 0x84: ("H", 0xFFFF),
    0x85: ("i", 0x7FFFFFFF), 0x86: ("I", 0xFFFFFFFF), 0x88: ("f", None), 0x89: ("d", None), 0x0A: ("B", 0),
    0x8B: ("H", 0), 0x8C: ("I", 0), 0x8E: ("q", 2**63 - 1), 0x8F: ("Q", 2**64 - 1), 0x90: ("Q", 0),
    0x0D: ("3s", b"\xff\xff\xff"),
}  # fmt: skip
"""By base type the letter of `struct`, and the value for none. The last is that of `packed_distance` alone."""
_BYTES = 0x0D
_TIMES = {"timestamp", "start_time", "time_created", "local_timestamp"}
_SCALES = {"distance": 100, "total_distance": 100, "total_elapsed_time": 1000, "total_timer_time": 1000}
_EPOCH = 631_065_600
"""FIT counts from 1989-12-31 UTC."""
_TIME = 253
_MOST_MESSAGES = 1_000_000
_MOST_PARTS = 100
_HEADER = 12


class FitPart(NamedTuple):
    """One FIT file of the several that may be chained in one."""

    messages: Messages
    """Those that are needed, by kind, in the order of the file."""
    note: str
    """What is missing; empty if nothing is."""
    length: int
    """The number of all its messages."""


class _Definition(NamedTuple):
    kind: str
    """Empty if no field of the message is needed."""
    layout: struct.Struct
    fields: tuple[tuple[str, int | bytes | None], ...]
    """Of each number in the layout its field, and the value for none."""


def parts(data: bytes) -> list[FitPart]:
    """Return the FIT files in `data`. Raises TrackError if they are too many, or have too many messages."""
    start, found = 0, list[FitPart]()
    while data[start + 8 : start + 12] == b".FIT":
        header, stated = data[start], int.from_bytes(data[start + 4 : start + 8], "little")
        body = start + max(header, _HEADER)
        # A watch whose battery ran out while it recorded never wrote the length of the file.
        is_unfinished = stated == 0 and data[body + 10 : body + 14] != b".FIT"
        end = len(data) if is_unfinished else body + stated
        note = "" if end <= len(data) else "the file is cut off"
        found.append(_Decoder(data, min(end, len(data))).part(body, note))
        start = end + 2
        if len(found) > _MOST_PARTS or sum(part.length for part in found) > _MOST_MESSAGES:
            raise TrackError(f"is more than {_MOST_PARTS} FIT files in a row, or more than {_MOST_MESSAGES:,} messages")
    if found and start < len(data):
        found[-1] = found[-1]._replace(note=found[-1].note or f"after {start:,} bytes it is not FIT")
    return found


class _Decoder:
    """Decodes the messages of one file, whose last ends at `end`."""

    def __init__(self, data: bytes, end: int) -> None:
        self._data, self._end = data, end
        self._definitions: dict[int, _Definition] = {}
        self._found: Messages = {}
        self._time, self._packed = _EPOCH, 0
        """The last time, and the last packed distance, in sixteenths of a metre."""

    def part(self, start: int, note: str) -> FitPart:
        """Decode the messages from `start`; `note` is what is known to be missing."""
        place, count = start, 0
        while place < self._end and count <= _MOST_MESSAGES:
            count += 1
            head = self._data[place]
            if head & 0xC0 == 0x40:
                place = self._define(place)
            elif (definition := self._definitions.get(head >> 5 & 3 if head & 0x80 else head & 15)) is None:
                note = f"the file is broken after {place - start:,} bytes"
                break
            else:
                place += 1 + definition.layout.size
                if place <= self._end and (definition.fields or head & 0x80):
                    self._add(definition, place - definition.layout.size, head)
        return FitPart(self._found, note or ("the file is cut off" if place > self._end else ""), count)

    def _define(self, place: int) -> int:
        """Read the definition at `place`; return where the next message begins."""
        data, end = self._data, self._end
        fields_end = place + 6 + 3 * (data[place + 5] if place + 5 < end else 0)
        after = fields_end
        if data[place] & 0x20:
            after += 1 + 3 * (data[fields_end] if fields_end < end else 0)
        if place + 6 > end or after > end:
            return end + 1
        number = int.from_bytes(data[place + 3 : place + 5], "big" if data[place + 2] else "little")
        kind, needed = NEEDED.get(number, ("", {}))
        layout, fields = ">" if data[place + 2] else "<", list[tuple[str, int | bytes | None]]()
        for at in range(place + 6, fields_end, 3):
            field, size, base_type = data[at : at + 3]
            name = needed.get(field, "timestamp" if field == _TIME else "")
            letter, none = _TYPES.get(base_type, ("", None))
            is_of_type = (name == "packed_distance") == (base_type == _BYTES)
            if name and letter and is_of_type and struct.calcsize("=" + letter) == size:
                layout += letter
                fields.append((name, none))
            else:
                layout += f"{size}x"
        developers_size = sum(data[fields_end + 2 : after : 3])
        definition = _Definition(kind, struct.Struct(f"{layout}{developers_size}x"), tuple(fields))
        self._definitions[data[place] & 15] = definition
        return after

    def _add(self, definition: _Definition, place: int, head: int) -> None:
        """Add the message at `place`. A time in its head is relative to that of the message before, needed or not."""
        message: Message = {}
        values = definition.layout.unpack_from(self._data, place)
        for (name, none), value in zip(definition.fields, values, strict=True):
            if value == none or (none is None and not isfinite(value)):
                continue
            if name == "packed_distance":  # twelve bits of the speed, then of the distance, which begins at 0 again
                self._packed += ((int.from_bytes(value, "little") >> 12) - self._packed) & 0xFFF
                message.setdefault("distance", self._packed / 16)
            elif name in _TIMES:
                message[name] = value + _EPOCH
            else:
                message[name] = value / _SCALES[name] if name in _SCALES else value
        if head & 0x80:
            message.setdefault("timestamp", self._time + (((head & 0x1F) - (self._time - _EPOCH)) & 0x1F))
        self._time = int(message.get("timestamp", self._time))
        if definition.kind:
            self._found.setdefault(definition.kind, []).append(message)
