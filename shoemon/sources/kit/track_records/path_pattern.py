"""Read shoe, surface, sport and name from a path: `{sport}/{shoe}/*` reads `Trail run/Speedgoat/1.fit`."""

import re
from itertools import pairwise
from typing import NamedTuple

from shoemon.sources.formats import ENDINGS

PARTS = ("shoe", "surface", "sport", "name")
_LONGEST = 500
_FREE = re.compile(r"\{(\w+)\}|\*")
"""What stands for any text: a part, which is not blank, or `*`."""


class PathPattern(NamedTuple):
    """A compiled pattern, for paths that begin with a slash."""

    expression: re.Pattern[str]

    def read(self, path: str) -> dict[str, str]:
        """Read the parts in `path` (below the source's own), without the file's ending; none if it does not match."""
        match = self.expression.fullmatch(f"/{_without_ending(path)}")
        return {part: text.strip() for part, text in match.groupdict().items() if text.strip()} if match else {}


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
    expressions = ("(?:/[^/]*)*" if segment == "**" else f"/{_expression(segment)}" for segment in segments)
    return PathPattern(re.compile("".join(expressions)))


def _expression(segment: str) -> str:
    """Return the regular expression for the name of a folder. Each part is as short as possible, and stays so: then a
    name is read once, however many parts there are."""
    tokens = [token for token in re.split(r"(\{\w+\}|\*)", segment) if token]
    if any(not _FREE.fullmatch(token) and ("{" in token or "}" in token) for token in tokens):
        raise ValueError(f"{segment!r} has a brace too many; write a part like {{shoe}}")
    if any(_FREE.fullmatch(one) and _FREE.fullmatch(two) for one, two in pairwise(tokens)):
        raise ValueError(f"{segment!r}: write some text between two parts, so that it is clear where one ends")
    expression = ""
    for place, token in enumerate(tokens):
        free = _FREE.fullmatch(token)
        if free is None:
            expression += re.escape(token) + (")" if 0 < place < len(tokens) - 1 else "")
        else:
            any_text = f"(?P<{free[1]}>[^/]+?)" if free[1] else "[^/]*?"
            expression += f"(?>{any_text}" if place + 2 < len(tokens) else any_text
    return expression


def _without_ending(path: str) -> str:
    """Return the path of a track file without `.fit`, `.gpx.gz` and the like."""
    endings = (ending for ending in ENDINGS if path.lower().endswith(ending))
    return path[: len(path) - max(map(len, endings), default=0)]
