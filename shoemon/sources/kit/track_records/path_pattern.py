"""Read shoe, surface, sport and name from a path: `{sport}/{shoe}/*` reads `Trail run/Speedgoat/1.fit`."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from shoemon.sources.formats import ENDINGS

PARTS = ("shoe", "surface", "sport", "name")
_LONGEST = 500


class PatternPiece(NamedTuple):
    """A piece of a pattern for one folder's name: literal text, a `{part}`, or anything (`*`: both blank)."""

    text: str = ""
    part: str = ""


class PathPattern(NamedTuple):
    """A compiled pattern: the first folders of a path, and the last ones, after `**`, if there is one."""

    first: tuple[tuple[PatternPiece, ...], ...]
    last: tuple[tuple[PatternPiece, ...], ...] | None

    def read(self, path: str) -> dict[str, str]:
        """Read the parts in `path` (below the source's own), without the file's ending; none if it does not match."""
        *folders, file = path.split("/")
        names = [*folders, without_ending(file)]
        wanted = self.first
        if self.last is not None and len(names) >= len(self.first) + len(self.last):
            wanted = self.first + self.last
            names = names[: len(self.first)] + names[len(names) - len(self.last) :]
        if len(wanted) != len(names):
            return {}
        found: dict[str, str] = {}
        for pieces, name in zip(wanted, names, strict=True):
            if not _matches(pieces, name, found):
                return {}
        return {part: text.strip() for part, text in found.items() if text.strip()}


def compile_pattern(text: str) -> PathPattern:
    """Compile a pattern. Raises ValueError."""
    segments = [segment for segment in text.strip("/").split("/") if segment]
    if not segments or len(text) > _LONGEST:
        raise ValueError(f"{text[:60]!r} is not a pattern; write folders such as */{{shoe}}/*")
    if segments.count("**") > 1:
        raise ValueError(f"{text!r} has ** more than once, so the folders between could be anywhere")
    named = re.findall(r"\{(.*?)\}", text)
    unknown = [name for name in named if name not in PARTS]
    if unknown:
        raise ValueError(f"{text!r}: there is no {{{unknown[0]}}}; there are {', '.join(f'{{{p}}}' for p in PARTS)}")
    if len(set(named)) < len(named) or not named:
        raise ValueError(f"{text!r} must contain at least one part, such as {{shoe}}, and none twice")
    middle = segments.index("**") if "**" in segments else len(segments)
    last = tuple(map(_pieces, segments[middle + 1 :]))
    return PathPattern(tuple(map(_pieces, segments[:middle])), last if middle < len(segments) else None)


def without_ending(file: str) -> str:
    """Return the name of a track file without `.fit`, `.gpx.gz` and the like."""
    lower = file.lower()
    found = max((ending for ending in ENDINGS if lower.endswith(ending)), key=len, default="")
    return file[: len(file) - len(found)]


def _pieces(segment: str) -> tuple[PatternPiece, ...]:
    pieces: list[PatternPiece] = []
    for token in re.split(r"(\{\w+\}|\*)", segment):
        piece = (
            PatternPiece(part=token[1:-1])
            if token.startswith("{") and token.endswith("}")
            else PatternPiece(token.strip("*"))
        )
        if not token:
            continue
        if "{" in piece.text or "}" in piece.text:
            raise ValueError(f"{segment!r} has a brace too many; write a part like {{shoe}}")
        if pieces and not pieces[-1].text and not piece.text:
            raise ValueError(f"{segment!r}: write some text between two parts, so that it is clear where one ends")
        pieces.append(piece)
    return tuple(pieces)


def _matches(pieces: Sequence[PatternPiece], name: str, found: dict[str, str]) -> bool:
    """Match a folder's name, and add its parts to `found`; each part is as short as possible. Reads the name once."""
    place = 0
    for index, piece in enumerate(pieces):
        if piece.text:
            if not name.startswith(piece.text, place):
                return False
            place += len(piece.text)
            continue
        following = pieces[index + 1].text if index + 1 < len(pieces) else None
        least = place + (1 if piece.part else 0)
        if following is None:
            end = len(name)
        elif index + 2 == len(pieces):  # the last text must be at the very end
            end = len(name) - len(following) if name.endswith(following) else -1
        else:
            end = name.find(following, least)
        if end < least:
            return False
        if piece.part:
            found[piece.part] = name[place:end]
        place = end
    return place == len(name)
