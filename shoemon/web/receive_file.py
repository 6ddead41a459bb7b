"""Receive the file of a request, as it is or in a form, piece by piece."""

import asyncio
from collections.abc import Callable
from typing import Any

from shoemon.model.errors import MistakeError


class BrokenOffError(Exception):
    """The sender is gone; there is nobody to answer."""


async def receive_file(request: Any, write_file: Callable[[bytes], None]) -> str | None:
    """Pass the file of `request` on to `write_file`, and return the name that was sent when it is whole. Raises
    BrokenOffError, MistakeError for a request that holds no file, and what `write_file` raises."""
    kind, options = _options(request.headers.get("content-type"))
    form = _Form(options.get("boundary", ""), write_file) if kind == "multipart/form-data" else None
    write, more = form.write if form else write_file, True
    while more:
        message = await request.receive()
        if message["type"] != "http.request":
            raise BrokenOffError
        if body := message.get("body", b""):
            await asyncio.to_thread(write, body)
        more = message.get("more_body", False)
    _, own = _options(request.headers.get("content-disposition"))
    in_form = form.end() if form else None
    return request.args.get("name") or request.headers.get("x-filename") or own.get("filename") or in_form


class _Form:
    """Reads a form (multipart/form-data), and passes the content of its one file on to `write`."""

    def __init__(self, boundary: str, write: Callable[[bytes], None]) -> None:
        from python_multipart.exceptions import FormParserError
        from python_multipart.multipart import MultipartParser

        self._write_file, self._heads = write, list[bytearray]()
        self._name: str | None = None
        self._is_in_file = self._is_whole = False
        try:
            self._parser = MultipartParser(boundary.encode("latin-1", "replace"), {
                "on_part_begin": self._heads.clear,
                "on_header_begin": lambda: self._heads.extend((bytearray(), bytearray())),
                "on_header_field": lambda data, start, end: self._heads[-2].extend(data[start:end]),
                "on_header_value": lambda data, start, end: self._heads[-1].extend(data[start:end]),
                "on_headers_finished": self._on_part,
                "on_part_data": self._on_data,
                "on_end": self._on_end,
            })  # fmt: skip
        except FormParserError:
            raise _broken() from None

    def write(self, body: bytes) -> None:
        """Read a piece of the form. Raises MistakeError if it is broken."""
        from python_multipart.exceptions import FormParserError

        try:
            self._parser.write(body)
        except FormParserError:
            raise _broken() from None

    def end(self) -> str:
        """Return the name of the file, after all was read. Raises MistakeError if the form is not whole."""
        if not self._is_whole:
            raise _broken()
        if self._name is None:
            raise MistakeError("choose a file first")
        return self._name

    def _on_part(self) -> None:
        names, values = ([bytes(each).decode("latin-1") for each in self._heads[start::2]] for start in (0, 1))
        heads = dict(zip(map(str.lower, names), values, strict=True))
        name = _options(heads.get("content-disposition"))[1].get("filename")
        self._is_in_file = bool(name)
        if name and self._name is not None:
            raise MistakeError("send one file at a time")
        self._name = name or self._name

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_in_file:
            self._write_file(data[start:end])

    def _on_end(self) -> None:
        self._is_whole = True


def _broken() -> MistakeError:
    return MistakeError("the form is broken, or was not sent to its end")


def _options(header: str | None) -> tuple[str, dict[str, str]]:
    """Part a header such as `form-data; name="file"; filename="run.fit"`."""
    from python_multipart.multipart import parse_options_header

    kind, options = parse_options_header(header or "")
    return kind.decode("latin-1"), {
        key.decode("latin-1"): value.decode("utf-8", "replace") for key, value in options.items()
    }
