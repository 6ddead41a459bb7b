"""Print tables and notes in 80 columns, or in as many as a terminal has; a pipe gets every row and note on one line."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from shoemon.model.text import one_line
from shoemon.words.commands import command

Column = Literal["left", "right", "wrapped"]
_LEAST, _PIPE = 80, 10_000
"""Characters of a line."""


class Note(NamedTuple):
    """A sentence, and the command that helps."""

    words: str
    command: str = ""


def print_table(columns: Mapping[str, Column], rows: Iterable[Sequence[str]]) -> None:
    """Print `rows`, if there are any, under the heads of `columns`. Cells of those that are wrapped take several lines
    where they must."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for head, column in columns.items():
        justify: Any = "right" if column == "right" else "left"
        table.add_column(head, justify=justify, no_wrap=column != "wrapped", overflow="fold")
    for row in rows:
        table.add_row(*(escape(one_line(cell)) for cell in row))
    if table.row_count:
        _console().print(table)


def no_pair() -> Note:
    """The note where shoes.yaml has no pair."""
    return Note("There is no pair in shoes.yaml. To add one:", command("shoes", "add", "ID", "--name", "NAME"))


def print_notes(notes: Iterable[Note]) -> None:
    """Print each note, and under it its command on a line that is never wrapped."""
    console = _console()
    for note in notes:
        console.print(escape(one_line(note.words)), highlight=False)
        if note.command:
            click.echo(f"    {note.command}")


def labels(pairs: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What each pair (`shoe`, `name`) is called in a table: its name, or its id where two have the same name."""
    names = {pair["shoe"]: pair["name"] for pair in pairs}
    count = Counter(names.values())
    return {shoe: shoe if count[name] > 1 else name for shoe, name in names.items()}


def _console() -> Console:
    console = Console()
    console.width = max(console.width, _LEAST) if console.is_terminal else _PIPE
    return console
