"""Ask an Overpass server about a cell: for its whole answer, in bounded time and space, or the reason why there is
none."""

import time
from collections.abc import Callable
from typing import NamedTuple

import requests

from shoemon.ground.match.areas import AREAS
from shoemon.ground.overpass.answer import CellError
from shoemon.ground.overpass.cells import Cell
from shoemon.net.body import spooled
from shoemon.net.conversation import Conversation, Terms, converse
from shoemon.net.failure import Failed, by_status

MARGIN_DEGREES = 0.002
"""Some 100 to 200 m around the cell: a run along its edge may be on ways just outside."""
QUERY_VERSION = 1
"""Raised when the query changes, so that older answers on disk are not used."""

LARGEST_ANSWER = 32 * 2**20
"""Bytes. A cell of a town has some 2 to 5 MB, estimated from the size of extracts."""


class Manners(NamedTuple):
    """The limits of a query: seconds for a connection, between two bytes and for all, bytes, and the pause after it."""

    connect_s: float = 10.0
    read_s: float = 75.0
    total_s: float = 120.0
    size: int = LARGEST_ANSWER
    pause_s: float = 2.0
    sleep: Callable[[float], None] = time.sleep


def ask(url: str, cell: Cell, manners: Manners) -> bytes:
    """Return the server's whole answer. Raises CellError where only this cell fails, else Failed; neither contains the
    query part of the address."""

    def talk(conversation: Conversation) -> bytes:
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip"}
        with conversation.send("POST", url, headers, {"data": query_for(cell)}) as answer:
            _check_status(answer)
            return _body(answer, manners.size, conversation.in_time)

    return converse(talk, Terms(manners.total_s, manners.connect_s, manners.read_s))


def _body(answer: requests.Response, size: int, in_time: Callable[[], None]) -> bytes:
    try:
        with spooled(answer, size, in_time) as body:
            return body.read()
    except Failed as failed:
        if failed.retryable:
            raise
        raise CellError(failed.words) from None


def _check_status(answer: requests.Response) -> None:
    status = answer.status_code
    if status == 200:
        return
    if 300 <= status < 400:
        raise Failed(
            f"redirects elsewhere (status {status}), which is not followed; set `ground.overpass` to the new address"
        )
    if status in (401, 403, 407):
        raise Failed(f"refuses queries (status {status}); set `ground.overpass` to another server")
    raise by_status(status, answer.headers)


def query_for(cell: Cell) -> str:
    box = cell.box
    south, north = max(box.south - MARGIN_DEGREES, -90.0), min(box.north + MARGIN_DEGREES, 90.0)
    west, east = max(box.west - MARGIN_DEGREES, -180.0), min(box.east + MARGIN_DEGREES, 180.0)
    within = f"({south:.3f},{west:.3f},{north:.3f},{east:.3f})"
    # Relations of type `boundary` are left out: nature reserves of any ground, and some are as large as a country.
    filters = [f'["{key}"~"^({"|".join(values)})$"]' for key, values in AREAS.items()]
    ways = ['["highway"]', '["area:highway"]', '["surface"][!"highway"]', *filters]
    relations = ['["highway"="pedestrian"]', '["surface"]', *filters]
    parts = [f"way{each}{within};" for each in ways]
    parts += [f'relation["type"="multipolygon"]{each}{within};' for each in relations]
    return f"[out:json][timeout:60];({''.join(parts)});out body geom;"
