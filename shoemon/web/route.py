"""The ground of a planned route, for a page: matched in memory, one route at a time, and stored nowhere."""

import threading
from typing import Any

from shoemon.config.load import Config
from shoemon.decide.which_surface import BY_THE_MAP
from shoemon.model.errors import MistakeError, ShoemonError
from shoemon.model.run_ground import GroundPart
from shoemon.model.text import one_line
from shoemon.pages.unknown import KINDS
from shoemon.report.route import route_data
from shoemon.setup.inbox import TooLargeError
from shoemon.sync.route_ground import route_ground
from shoemon.web.draw_track import drawn_route
from shoemon.web.geojson import Json, ground_of
from shoemon.web.receive_file import BrokenOffError, receive_file
from shoemon.words.reasons import ORIGINS

MOST_BYTES = 10_000_000
_WAIT_S, _LONGEST_NAME = 20.0, 200
_one_at_a_time = threading.Lock()
_CAN_BE_MENDED = ("no_way", "untagged", "map_end", "unsure")
"""The causes of unknown ground that have a remedy of their own for a route."""


async def receive_route(request: Any) -> tuple[str, bytes]:
    """Return the name and the content of the file of a request. Raises ShoemonError."""
    content = bytearray()

    def write(piece: bytes) -> None:
        content.extend(piece)
        _refuse_above(len(content))

    length = request.headers.get("content-length", "")
    _refuse_above(int(length) - 2_000 if length.isdecimal() else 0)  # a form is larger than its file
    try:
        name = await receive_file(request, write)
    except BrokenOffError:
        raise MistakeError("the file did not arrive whole") from None
    if not content:
        raise MistakeError("the file is empty")
    return name or "", bytes(content)


def route(config: Config, file_name: str, content: bytes) -> Json:
    """Return the metres of a route by surface and ground, its parts in words, those that are unknown with the remedy,
    and its map as GeoJSON. Raises ShoemonError."""
    _refuse_above(len(content))
    if not _one_at_a_time.acquire(timeout=_WAIT_S):
        raise ShoemonError("other routes are being matched now; send it again in a moment")
    try:
        found = route_ground(config, file_name, content)
        parts = [_in_words(part, ground_of(part.surface, config.plan.surfaces)) for part in found.parts]
        return {
            **route_data(found, config.plan),
            "name": one_line(found.name)[:_LONGEST_NAME],
            "map_date": found.map_date,
            "parts": parts,
            "map": drawn_route(config.map_database, config.plan.surfaces, found),
        }
    except MemoryError:
        raise ShoemonError("there is not enough memory for this route") from None
    finally:
        _one_at_a_time.release()


def _refuse_above(size: int) -> None:
    if size > MOST_BYTES:
        raise TooLargeError(f"the file is larger than {MOST_BYTES / 1e6:.0f} MB; choose the route alone")


def _in_words(part: GroundPart, ground: str) -> Json:
    """A part with how its surface is known, or why not and what helps."""
    remedy = KINDS[BY_THE_MAP[part.origin].code] if part.origin in _CAN_BE_MENDED else None
    return {
        "surface": part.surface, "ground": ground, "distance_m": part.distance_m, "origin": part.origin,
        "by": ORIGINS[part.origin] + (f" ({part.place})" if part.place else ""), "confidence": part.confidence,
        "remedy": remedy.remedy if remedy else "", "command": remedy.to_copy() if remedy and remedy.command else "",
    }  # fmt: skip
