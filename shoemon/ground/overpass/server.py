"""One conversation with an Overpass server: its whole answer about a cell, in bounded time and space, or why there is
none."""

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from shoemon import __version__
from shoemon.ground.overpass.cells import Cell
from shoemon.ground.overpass.query import question
from shoemon.model.errors import ShoemonError
from shoemon.net.addresses import LinkLocalError, refuse_link_local
from shoemon.net.deadline import Deadline

if TYPE_CHECKING:
    import requests

LARGEST_ANSWER = 32 * 2**20
"""Bytes. A cell of a town has some 2 to 5 MB, reckoned from the size of extracts."""


class Manners(NamedTuple):
    """How a server is treated: seconds for a connection, between two bytes and for all, bytes, and between two
    questions."""

    connect_s: float = 10.0
    read_s: float = 75.0
    total_s: float = 120.0
    size: int = LARGEST_ANSWER
    pause_s: float = 2.0
    sleep: Callable[[float], None] = time.sleep


class Unanswered(Exception):
    """The server gave no answer. `asked_s`: it asks to wait so long; not `reached`: nothing was heard of it;
    `of_cell`: it is about the one cell."""

    def __init__(self, words: str, *, asked_s: float = 0.0, reached: bool = True, of_cell: bool = False) -> None:
        super().__init__(words)
        self.words, self.asked_s, self.reached, self.of_cell = words, asked_s, reached, of_cell


def ask(url: str, cell: Cell, manners: Manners) -> bytes:
    """The server's whole answer. Raises Unanswered, whose words hold nothing of the address's query."""
    import requests
    import urllib3

    from shoemon.net.connections import guarded_session
    from shoemon.net.failure import by_error

    failed: Unanswered
    with Deadline(manners.total_s) as deadline, guarded_session(deadline) as session:
        try:
            return _posted(session, url, cell, manners, deadline)
        except LinkLocalError:
            failed = Unanswered("leads to a link-local or metadata address, which is never asked", reached=False)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            words = by_error(error, manners.connect_s, manners.read_s).words
            failed = Unanswered(words, reached=not isinstance(error, requests.ConnectionError))
        if deadline.passed:
            failed = Unanswered(f"took longer than {manners.total_s:g} s")
    raise failed  # outside of `except`, because what requests raised holds the address


def _posted(session: "requests.Session", url: str, cell: Cell, manners: Manners, deadline: Deadline) -> bytes:
    import requests

    def in_time() -> None:
        if deadline.passed:
            raise TimeoutError

    _refuse_link_local(url)
    with session.post(
        url,
        data={"data": question(cell)},
        headers={
            "User-Agent": f"shoemon/{__version__}", "Accept": "application/json", "Accept-Encoding": "gzip",
            "Content-Type": "application/x-www-form-urlencoded",
        },
        timeout=(manners.connect_s, manners.read_s),
        stream=True,
        allow_redirects=False,
        proxies=requests.utils.get_environ_proxies(url),
        verify=os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True,
    ) as answer:  # fmt: skip
        in_time()  # http.client takes headers that were cut off for whole ones
        _judge(answer)
        return _body(answer, manners.size, in_time)


def _refuse_link_local(url: str) -> None:
    """Raises LinkLocalError if the host leads there. That it has no address, connecting says better."""
    parts = urlsplit(url)
    try:
        refuse_link_local(str(parts.hostname), parts.port or 0)
    except LinkLocalError:
        raise
    except ShoemonError:
        return


def _body(answer: "requests.Response", size: int, in_time: Callable[[], None]) -> bytes:
    from shoemon.net.body import spooled
    from shoemon.net.failure import Failed

    try:
        with spooled(answer, size, in_time) as body:
            return body.read()
    except Failed as failed:
        raise Unanswered(failed.words, of_cell=not failed.retryable) from None


def _judge(answer: "requests.Response") -> None:
    """Raises Unanswered where the status is none of success."""
    from shoemon.net.failure import by_status

    status = answer.status_code
    if status == 200:
        return
    if 300 <= status < 400:
        raise Unanswered(f"sends on elsewhere (status {status}), which is not followed; set `ground.overpass` to there")
    if status in (401, 403, 407):
        raise Unanswered(f"does not want to be asked (status {status}); set `ground.overpass` to another server")
    failed = by_status(answer, "")
    raise Unanswered(failed.words, asked_s=failed.wait_s)
