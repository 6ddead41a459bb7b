"""Reduce a FIT file to the fields of a recording, so that any decoder reads it, even a broken or huge one.

A FIT file is a series of messages, each of a kind that an earlier message defined field by field. Nine tenths of a
watch's messages and fields are not needed here. The rest is framed again, with correct lengths and checksum: decoders
that refuse a file for a wrong checksum or a missing end read it, slow ones have little to do, and none has to read a
field of an odd size.
"""

import struct
from array import array
from functools import cache
from typing import NamedTuple

from shoemon.model.recording import TrackError

_WANTED: dict[int, tuple[int, ...]] = {
    0: (0, 1, 3, 4),  # file_id: type, manufacturer, serial_number, time_created
    12: (0, 1),  # sport: sport, sub_sport
    18: (253, 2, 5, 6, 7, 8, 9, 22),  # session: timestamp, start, sport, sub_sport, elapsed, timer, distance, ascent
    19: (253, 2, 7, 8, 9, 25, 39),  # lap: timestamp, start_time, elapsed, timer, distance, sport, sub_sport
    20: (253, 0, 1, 5, 8),  # record: timestamp, lat, long, distance, compressed_speed_distance
    21: (253, 0, 1),  # event: timestamp, event, event_type
    34: (253, 5),  # activity: timestamp, local_timestamp
}
"""Fields by message; numbers and names as in Garmin's FIT profile."""
_SIZES = {
    0x00: 1, 0x01: 1, 0x02: 1, 0x83: 2, 0x84: 2, 0x85: 4, 0x86: 4, 0x88: 4, 0x89: 8, 0x0A: 1, 0x8B: 2, 0x8C: 4,
    0x8E: 8, 0x8F: 8, 0x90: 8,
}  # fmt: skip
"""Bytes of a number, by base type."""
_COMPRESSED_DISTANCE, _BYTE = (20, 8), 0x0D
_TIME = (253, 4, 0x86)
_MOST_MESSAGES = 1_000_000
_MOST_PARTS = 100
_HEADER = 12


class FitPart(NamedTuple):
    """One FIT file of the several that may be chained in one."""

    data: bytes
    """A complete, well-framed FIT file with the needed fields only."""
    note: str
    """What is missing; empty if nothing is."""
    messages: int
    """Their number."""


class _Definition(NamedTuple):
    size: int
    slices: tuple[tuple[int, int], ...]
    """The positions of the needed fields; empty: no field of the message is needed."""


def parts(data: bytes) -> list[FitPart]:
    """Return the FIT files in `data`. Raises TrackError if they are too many, or have too many messages."""
    start, found = 0, list[FitPart]()
    while data[start + 8 : start + 12] == b".FIT":
        header, stated = data[start], int.from_bytes(data[start + 4 : start + 8], "little")
        body = start + max(header, _HEADER)
        # A watch whose battery ran out while it recorded never wrote the length of the file.
        is_unfinished = stated == 0 and data[body + 10 : body + 14] != b".FIT"
        end = len(data) if is_unfinished else body + stated
        found.append(_part(data, body, min(end, len(data)), "" if end <= len(data) else "the file is cut off"))
        start = end + 2
        if len(found) > _MOST_PARTS or sum(part.messages for part in found) > _MOST_MESSAGES:
            raise TrackError(f"is more than {_MOST_PARTS} FIT files in a row, or more than {_MOST_MESSAGES:,} messages")
    if found and start < len(data):
        found[-1] = found[-1]._replace(note=found[-1].note or f"after {start:,} bytes it is not FIT")
    return found


def _part(data: bytes, start: int, end: int, note: str, *, with_times: bool = False) -> FitPart:
    """Reduce the messages from `start` to the needed fields; `with_times` keeps the time of every other message."""
    kept, place, count = bytearray(), start, 0
    definitions: dict[int, _Definition] = {}
    while place < end and count <= _MOST_MESSAGES:
        count += 1
        head = data[place]
        if head & 0xC0 == 0x40:
            place = _define(data, place, end, kept, definitions, with_times)
        elif head & 0x80 and not with_times:
            # A time in the head is relative to that of the message before, whether needed or not.
            return _part(data, start, end, note, with_times=True)
        elif (definition := definitions.get(head >> 5 & 3 if head & 0x80 else head & 15)) is None:
            note = f"the file is broken after {place - start:,} bytes"
            break
        else:
            body = place + 1
            place = body + definition.size
            if (definition.slices or with_times) and place <= end:
                kept.append(head)
                for offset, after in definition.slices:
                    kept += data[body + offset : body + after]
    return FitPart(_framed(bytes(kept)), note or ("the file is cut off" if place > end else ""), count)


def _define(
    data: bytes, place: int, end: int, kept: bytearray, definitions: dict[int, _Definition], with_times: bool
) -> int:
    """Read the definition at `place`, and write its needed fields; return where the next message begins."""
    count = data[place + 5] if place + 5 < end else 0
    fields_end = place + 6 + 3 * count
    after = fields_end
    if data[place] & 0x20:
        after += 1 + 3 * (data[fields_end] if fields_end < end else 0)
    if place + 6 > end or after > end:
        return end + 1
    message = int.from_bytes(data[place + 3 : place + 5], "big" if data[place + 2] else "little")
    size, fields, slices = 0, bytearray(), []
    for at in range(place + 6, fields_end, 3):
        field, field_size, base_type = data[at : at + 3]
        if is_wanted(message, field, field_size, base_type) or (with_times and (field, field_size, base_type) == _TIME):
            fields += data[at : at + 3]
            slices.append((size, size + field_size))
        size += field_size
    size += sum(data[fields_end + 2 : after : 3])
    definitions[data[place] & 15] = _Definition(size, tuple(slices))
    if slices or with_times:
        kept += bytes((data[place] & 0x4F, 0, 1 if data[place + 2] else 0)) + data[place + 3 : place + 5]
        kept += bytes((len(slices),)) + fields
    return after


def is_wanted(message: int, field: int, size: int, base_type: int) -> bool:
    """Return whether a field is needed, and has the size of a number of its type."""
    if field not in _WANTED.get(message, ()):
        return False
    if (message, field) == _COMPRESSED_DISTANCE:
        return (size, base_type) == (3, _BYTE)
    return _SIZES.get(base_type) == size


def _framed(body: bytes) -> bytes:
    """Return `body` as a FIT file: with a header of 14 bytes before it, and the checksum after it."""
    header = struct.pack("<BBHI4s", 14, 0x20, 2_100, len(body), b".FIT")
    whole = header + struct.pack("<H", _checksum(header)) + body
    return whole + struct.pack("<H", _checksum(whole))


def _checksum(data: bytes) -> int:
    """Return FIT's CRC-16: polynomial 0xA001, from 0; two bytes at a time take a third of the time of one by one."""
    pairs, checksum = _pair_table(), 0
    for pair in struct.unpack(f"<{len(data) // 2}H", data[: len(data) & ~1]):
        checksum = pairs[checksum ^ pair]
    return checksum >> 8 ^ _TABLE[(checksum ^ data[-1]) & 0xFF] if len(data) & 1 else checksum


def _entry(value: int) -> int:
    for _ in range(8):
        value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value


_TABLE = tuple(_entry(byte) for byte in range(256))


@cache
def _pair_table() -> "array[int]":
    once = [value >> 8 ^ _TABLE[value & 0xFF] for value in range(65_536)]
    return array("H", [once[value] for value in once])
