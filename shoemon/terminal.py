"""What the terminal is given: texts it cannot take for commands, and progress of long work, silent in a pipe."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_JOINER = "\u200d"
"""Holds emoji together; the one invisible character that does no harm."""


def one_line(text: str) -> str:
    """`text` without what a terminal obeys or hides (escape sequences, line ends, turned direction): names of runs and
    shoes come from exports and may hold anything."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == _JOINER else "\N{REPLACEMENT CHARACTER}" for c in text)


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Hands out a function that says what is being done now."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    console = Console(stderr=True)
    with console.status("starting") as status:
        yield status.update
