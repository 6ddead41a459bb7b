"""What a folder tree says of its tracks: `{sport}/{shoe}/*` reads `Trail run/Speedgoat/2024-05-01.fit`."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from shoemon.sources.formats import ENDINGS

PARTS = ("shoe", "surface", "sport", "name")
_LONGEST = 500


class Piece(NamedTuple):
    """A stretch of a folder's name: a text as it stands, a `{part}`, or anything (`*`: both blank)."""

    text: str = ""
    part: str = ""


class PathPattern(NamedTuple):
    """A compiled pattern: what the path begins with, and, behind `**` if there is one, what it ends with."""

    first: tuple[tuple[Piece, ...], ...]
    last: tuple[tuple[Piece, ...], ...] | None

    def read(self, path: str) -> dict[str, str]:
        """What `path` (below the source's own path) says; nothing where it does not fit. A file's ending is not asked
        for: `{name}` is its name without it."""
        *folders, file = path.split("/")
        names = [*folders, without_ending(file)]
        wanted = self.first
        if self.last is not None and len(names) >= len(self.first) + len(self.last):
            wanted = self.first + self.last
            names = names[: len(self.first)] + names[len(names) - len(self.last) :]
        if len(wanted) != len(names):
            return {}
        said: dict[str, str] = {}
        for pieces, name in zip(wanted, names, strict=True):
            if not _fits(pieces, name, said):
                return {}
        return {part: text.strip() for part, text in said.items() if text.strip()}


def compile_pattern(text: str) -> PathPattern:
    """The pattern that `text` spells. Raises ValueError in words."""
    segments = [segment for segment in text.strip("/").split("/") if segment]
    if not segments or len(text) > _LONGEST:
        raise ValueError(f"{text[:60]!r} is no pattern; write folders such as */{{shoe}}/*")
    if segments.count("**") > 1:
        raise ValueError(f"{text!r} has ** more than once, and what stands between could be anywhere")
    named = re.findall(r"\{(.*?)\}", text)
    unknown = [name for name in named if name not in PARTS]
    if unknown:
        raise ValueError(f"{text!r}: there is no {{{unknown[0]}}}; there are {', '.join(f'{{{p}}}' for p in PARTS)}")
    if len(set(named)) < len(named) or not named:
        raise ValueError(f"{text!r} must name something, such as {{shoe}}, and nothing twice")
    middle = segments.index("**") if "**" in segments else len(segments)
    last = tuple(map(_pieces, segments[middle + 1 :]))
    return PathPattern(tuple(map(_pieces, segments[:middle])), last if middle < len(segments) else None)


def without_ending(file: str) -> str:
    """The name of a track file without `.fit`, `.gpx.gz` and the like."""
    lower = file.lower()
    found = max((ending for ending in ENDINGS if lower.endswith(ending)), key=len, default="")
    return file[: len(file) - len(found)]


def _pieces(segment: str) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    for token in re.split(r"(\{\w+\}|\*)", segment):
        piece = Piece(part=token[1:-1]) if token.startswith("{") and token.endswith("}") else Piece(token.strip("*"))
        if not token:
            continue
        if "{" in piece.text or "}" in piece.text:
            raise ValueError(f"{segment!r} has a brace too many; a part is written like {{shoe}}")
        if pieces and not pieces[-1].text and not piece.text:
            raise ValueError(f"{segment!r}: something must stand between two parts, or nobody knows where one ends")
        pieces.append(piece)
    return tuple(pieces)


def _fits(pieces: Sequence[Piece], name: str, said: dict[str, str]) -> bool:
    """Whether a folder's name is made of `pieces`; each part takes as little as it can. Goes through the name once."""
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
        elif index + 2 == len(pieces):  # the last text stands at the very end
            end = len(name) - len(following) if name.endswith(following) else -1
        else:
            end = name.find(following, least)
        if end < least:
            return False
        if piece.part:
            said[piece.part] = name[place:end]
        place = end
    return place == len(name)
