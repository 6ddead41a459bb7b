"""Writes small FIT files for tests: header, definitions, messages, checksum."""

import struct
from collections.abc import Iterable

EPOCH = 631_065_600
"""1989-12-31 UTC, from which FIT counts."""
NOON = 1_714_564_800
"""2024-05-01 12:00:00 UTC."""
_FORMATS = {
    "enum": (0x00, "B"), "sint8": (0x01, "b"), "uint8": (0x02, "B"), "uint16": (0x84, "H"), "sint32": (0x85, "i"),
    "uint32": (0x86, "I"), "uint32z": (0x8C, "I"), "byte": (0x0D, "3s"),
}  # fmt: skip
_MESSAGES: dict[str, tuple[int, dict[str, tuple[int, str, float]]]] = {
    "file_id": (0, {"type": (0, "enum", 1), "manufacturer": (1, "uint16", 1), "serial_number": (3, "uint32z", 1), "time_created": (4, "uint32", 1)}),
    "sport": (12, {"sport": (0, "enum", 1), "sub_sport": (1, "enum", 1)}),
    "session": (18, {
        "timestamp": (253, "uint32", 1), "start_time": (2, "uint32", 1), "sport": (5, "enum", 1), "sub_sport": (6, "enum", 1),
        "total_elapsed_time": (7, "uint32", 1000), "total_timer_time": (8, "uint32", 1000), "total_distance": (9, "uint32", 100),
        "total_ascent": (22, "uint16", 1),
    }),
    "lap": (19, {"timestamp": (253, "uint32", 1), "start_time": (2, "uint32", 1), "total_distance": (9, "uint32", 100), "sport": (25, "enum", 1), "sub_sport": (39, "enum", 1)}),
    "record": (20, {
        "timestamp": (253, "uint32", 1), "lat": (0, "sint32", 2**31 / 180), "lon": (1, "sint32", 2**31 / 180), "distance": (5, "uint32", 100),
        "heart_rate": (3, "uint8", 1), "compressed_speed_distance": (8, "byte", 0),
    }),
    "event": (21, {"timestamp": (253, "uint32", 1), "event": (0, "enum", 1), "event_type": (1, "enum", 1)}),
    "activity": (34, {"timestamp": (253, "uint32", 1), "local_timestamp": (5, "uint32", 1)}),
    "unknown": (0xFF00, {"timestamp": (253, "uint32", 1), "a": (1, "uint32", 1)}),
}  # fmt: skip
_TIMES = {"timestamp", "start_time", "time_created", "local_timestamp"}

Message = tuple[str, dict[str, float | bytes]]


def fit(*messages: Message, big_endian: bool = False) -> bytes:
    """A FIT file of these messages; times in seconds since 1970, places in degrees, the rest in metres and seconds."""
    body = b"".join(_message(kind, values, ">" if big_endian else "<") for kind, values in messages)
    return framed(body)


def framed(body: bytes) -> bytes:
    """`body` with header and checksum."""
    header = struct.pack("<BBHI4s", 14, 0x20, 2100, len(body), b".FIT")
    whole = header + struct.pack("<H", checksum(header)) + body
    return whole + struct.pack("<H", checksum(whole))


def checksum(data: Iterable[int]) -> int:
    """FIT's CRC-16, bit by bit."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value


def _message(kind: str, values: dict[str, float | bytes], order: str) -> bytes:
    """A definition and the message itself; values the file may not have are left out of both."""
    number, known = _MESSAGES[kind]
    fields = [(known[name], value, name) for name, value in values.items()]
    definition = bytes((0x40, 0, order == ">")) + struct.pack(f"{order}HB", number, len(fields))
    data = b"\0"
    for (field, type_name, scale), value, name in fields:
        base, letter = _FORMATS[type_name]
        size = struct.calcsize(letter)
        definition += bytes((field, size, base))
        if isinstance(value, bytes):
            data += value
        else:
            data += struct.pack(order + letter, round(value * scale) - (EPOCH if name in _TIMES else 0))
    return definition + data


def file_id(kind: int = 4, **values: float) -> Message:
    """An activity of a Garmin watch unless said otherwise."""
    return "file_id", {"type": kind, "manufacturer": 1, "serial_number": 77, "time_created": NOON, **values}


def record(second: float, **values: float | bytes) -> Message:
    return "record", {"timestamp": NOON + second, **values}


def session(second: float = 0, **values: float) -> Message:
    return "session", {"timestamp": NOON + 600, "start_time": NOON + second, **values}


def timer(second: float, event_type: int) -> Message:
    """0 starts, 1 and 4 stop."""
    return "event", {"timestamp": NOON + second, "event": 0, "event_type": event_type}


def way(seconds: Iterable[float], metres_a_second: float = 3.0) -> list[Message]:
    """Records of someone running north from 60 degrees."""
    return [
        record(second, lat=60 + second * metres_a_second / 111_195, lon=25, distance=second * metres_a_second)
        for second in seconds
    ]
