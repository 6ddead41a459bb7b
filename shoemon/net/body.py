"""Read the body of an answer: unpacked, bounded, and whole."""

import tempfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO

import requests
import urllib3

from shoemon.net.failure import Failed

_CHUNK = 2**16
_IN_MEMORY = 8 * 2**20
_LONGEST_ERROR = 2**16
_RATIO = 200
"""Unpacked bytes for each packed one. Tables reach 50 at most; a gzip bomb reaches 1,030."""


def spooled(response: requests.Response, size: int, in_time: Callable[[], None]) -> IO[bytes]:
    """Return the body, in memory or (if it is large) in a file without a name, at its beginning.

    Raises Failed if it has more than `size` bytes, unpacks to too much, or lacks a part; `in_time` is called often, and
    raises Failed when the time is over.
    """
    body: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller closes it
    try:
        total = 0
        for data in _unpacked(response, _received(response, in_time)):
            total += len(data)
            if total > size:
                raise Failed(f"sent more than {size / 2**20:.0f} MB", retryable=False)
            body.write(data)
        body.seek(0)
    except BaseException:
        body.close()
        raise
    return body


def beginning(response: requests.Response, in_time: Callable[[], None]) -> bytes:
    """Return the body of an error if it is short and whole, else nothing: the status is enough."""
    try:
        with spooled(response, _LONGEST_ERROR, in_time) as body:
            return body.read()
    except (Failed, urllib3.exceptions.HTTPError, OSError, ValueError):
        return b""


def _received(response: requests.Response, in_time: Callable[[], None]) -> Iterator[bytes]:
    """Yield the bytes as they were sent. Raises Failed if there are fewer than announced."""
    announced, count = response.headers.get("Content-Length", ""), 0
    for data in response.raw.stream(_CHUNK, decode_content=False):
        in_time()
        count += len(data)
        yield data
    in_time()
    if announced.isdecimal() and "Transfer-Encoding" not in response.headers and count != int(announced[:18]):
        raise Failed(f"stopped after {count} of {announced[:18]} bytes", again=True)


def _unpacked(response: requests.Response, packed: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the bytes without gzip, a bounded piece at a time. Raises Failed if they are not whole gzip."""
    coding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if coding in ("identity", ""):
        yield from packed
        return
    if coding not in ("gzip", "x-gzip"):
        raise Failed("compressed its answer in another way than gzip", retryable=False)
    stream, came, grew = zlib.decompressobj(31), 0, 0
    for data in packed:
        came += len(data)
        rest = data
        while rest:
            if stream.eof:
                stream = zlib.decompressobj(31)
            try:
                piece = stream.decompress(rest, _CHUNK)
            except zlib.error:
                raise Failed("sent gzip that cannot be unpacked", again=True) from None
            rest = stream.unconsumed_tail or stream.unused_data
            grew += len(piece)
            if grew > 2**20 and grew > came * _RATIO:
                raise Failed(f"sent gzip that grows more than {_RATIO} times", retryable=False)
            yield piece
    if not stream.eof:
        raise Failed("stopped in the middle of its answer", again=True)
