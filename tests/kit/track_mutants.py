"""Track files gone wrong, the same for the same number: flipped, cut, doubled, huge, deep, packed to burst."""

import gzip
import random
import re
from collections.abc import Callable

from kit.fit_files import Message, file_id, fit, framed, session, timer, way

_NUMBERS = (
    b"9" * 400,
    b"1e999",
    b"-1e308",
    b"nan",
    b"inf",
    b"0",
    b"-0.0000001",
    b"1e-320",
    b"\xd9\xa3",
    b"99999999999999999999",
    b"",
)
_TIMES = (
    b"0000-00-00T00:00:00Z", b"9999-12-31T23:59:59-14:00", b"0001-01-01T00:00:00+14:00", b"2024-05-01", b"now", b"2024-W10-3T01:02:03",
    b"20240501T060000Z", b"2024-05-01T24:00:00Z", b"2024-05-01T06:00:00.123456789123Z", b"2024-05-01T06:00:00+99:99",
)  # fmt: skip
_TEXTS = (
    b"<!DOCTYPE gpx [<!ENTITY a 'aaaaaaaaaa'>]>", b"&a;", b"&#0;", b"&lt;", b"<![CDATA[", b"]]>", b"<!--", b"<?x ", b"\0", b"\xff\xfe", b"\xed\xa0\x80",
    b"<x:y>", b"</trk>", b"<trkpt>", b"<trk>", b"<Activity>", b"<Lap>", b"<?xml version='1.0' encoding='utf-7'?>",
)  # fmt: skip


_EXTREMES = (
    b"\xff" * 4, b"\xff\xff\xff\x7f", b"\0\0\0\x80", b"\0" * 4, b"\xfe\xff\xff\xff", b"\xff\xff\xff\x0f",
)  # fmt: skip
_AROUND = (
    (b"<name>", b"</name>"), (b"<", b"/>"), (b"<a b='", b"'/>"), (b"<!--", b"-->"), (b"<time>", b"</time>"), (b"", b""),
)  # fmt: skip


def seeds() -> list[bytes]:
    """One small file of every format, made here."""
    gpx = "".join(
        f'<trkpt lat="{60 + second / 30_000}" lon="25.0"><ele>3</ele><time>2024-05-01T06:00:{second:02}Z</time></trkpt>'
        for second in range(40)
    )
    tcx = "".join(
        f"<Trackpoint><Time>2024-05-01T06:00:{second:02}Z</Time><Position><LatitudeDegrees>{60 + second / 30_000}</LatitudeDegrees>"
        f"<LongitudeDegrees>25</LongitudeDegrees></Position><DistanceMeters>{second * 3}</DistanceMeters></Trackpoint>"
        for second in range(40)
    )
    records: list[Message] = [file_id(), timer(0, 0), *way(range(20)), timer(19, 4), timer(25, 0), *way(range(25, 40))]
    return [
        f'<?xml version="1.0"?><gpx><trk><name>Run</name><type>9</type><trkseg>{gpx}</trkseg><trkseg/></trk></gpx>'.encode(),
        (
            '<?xml version="1.0"?><TrainingCenterDatabase><Activities><Activity Sport="Running"><Id>2024-05-01T06:00:00Z</Id>'
            f"<Lap><TotalTimeSeconds>40</TotalTimeSeconds><DistanceMeters>120</DistanceMeters><Track>{tcx}</Track></Lap>"
            "</Activity></Activities></TrainingCenterDatabase>"
        ).encode(),
        fit(*records, session(sport=1, sub_sport=3, total_distance=120, total_timer_time=34, total_elapsed_time=40)),
        fit(*records, session(sport=5), session(25, sport=1), big_endian=True),
    ]


def mutant(sources: list[bytes], number: int) -> bytes:
    """The mutant of this number: one to four things happen to one of `sources`."""
    chance = random.Random(number)
    data = chance.choice(sources)
    for _ in range(chance.randint(1, 4)):
        data = chance.choice(_WAYS)(data, chance)
    if chance.random() < 0.1:
        data = gzip.compress(data, 1)
        data = _cut(data, chance) if chance.random() < 0.5 else _flip(data, chance) if chance.random() < 0.5 else data
    return data


def _flip(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 3, 30)) if data else 0):
        changed[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(changed)


def _flip_early(data: bytes, chance: random.Random) -> bytes:
    return _flip(data[:200], chance) + data[200:]


def _place(data: bytes, chance: random.Random) -> int:
    return chance.randint(0, len(data))


def _cut(data: bytes, chance: random.Random) -> bytes:
    return data[: _place(data, chance)]


def _span(data: bytes, chance: random.Random) -> tuple[int, int]:
    start = _place(data, chance)
    return start, min(len(data), start + chance.choice((1, 4, 20, 300, 5_000)))


def _delete(data: bytes, chance: random.Random) -> bytes:
    start, end = _span(data, chance)
    return data[:start] + data[end:]


def _double(data: bytes, chance: random.Random) -> bytes:
    start, end = _span(data, chance)
    return data[:end] + data[start:end] * chance.choice((1, 2, 50)) + data[end:]


def _insert(data: bytes, chance: random.Random) -> bytes:
    place = _place(data, chance)
    return data[:place] + chance.choice((chance.randbytes(chance.randint(1, 99)), *_TEXTS)) + data[place:]


def _replace(pattern: bytes, texts: tuple[bytes, ...]) -> Callable[[bytes, random.Random], bytes]:
    def replaced(data: bytes, chance: random.Random) -> bytes:
        found = list(re.finditer(pattern, data[:100_000]))
        for match in sorted(
            chance.sample(found, min(len(found), chance.choice((1, 5)))), key=lambda match: -match.start()
        ):
            data = data[: match.start()] + chance.choice(texts) + data[match.end() :]
        return data

    return replaced


def _integers(data: bytes, chance: random.Random) -> bytes:
    """Extreme values where FIT has its numbers, most often at its records."""
    place = _place(data, chance)
    return data[:place] + chance.choice(_EXTREMES) + data[place + 4 :]


def _within(data: bytes, chance: random.Random, more: bytes) -> bytes:
    """With more behind a tag."""
    place = data.find(b">", _place(data, chance)) + 1
    return data[:place] + more + data[place:]


def _long(data: bytes, chance: random.Random) -> bytes:
    """A text, a name, an attribute or a comment of a megabyte or two."""
    start, end = chance.choice(_AROUND)
    return _within(data, chance, start + b"1" * chance.choice((70_000, 2_000_000)) + end)


def _deep(data: bytes, chance: random.Random) -> bytes:
    depth = chance.choice((50, 70, 100_000))
    return _within(data, chance, b"<trkseg>" * depth + b"</trkseg>" * depth)


def _many(data: bytes, chance: random.Random) -> bytes:
    element = chance.choice((b"<trk/>", b"<Activity/>", b"<a/>", b"<trkpt lat='1' lon='1'/>"))
    return _within(data, chance, element * chance.choice((100, 20_000)))


def _bomb(data: bytes, chance: random.Random) -> bytes:
    """Little that unpacks to much."""
    much = chance.choice((b" ", b"<a/>", b"\0")) * chance.choice((10_000, 3_000_000))
    return gzip.compress(data[: _place(data, chance)] + much, 9)


def _again(data: bytes, chance: random.Random) -> bytes:
    return data * chance.choice((2, 3, 200)) if len(data) < 10_000 else data * 2


def _reframe(data: bytes, _chance: random.Random) -> bytes:
    """What is in it as a FIT file that is well framed."""
    return framed(data[14:-2][:20_000])


_WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip, _flip, _flip, _flip_early, _flip_early, _cut, _delete, _delete, _double, _double, _insert, _insert, _integers, _integers, _reframe,
    _replace(rb"\d+(?:\.\d+)?", _NUMBERS), _replace(rb"\d{4}-\d\d-\d\dT[^<]*", _TIMES), _long, _deep, _many, _bomb, _again,
)  # fmt: skip
