"""Name gear that belongs to no pair, with the command that adds it as one."""

from collections.abc import Iterator, Sequence

from shoemon.decide.find_shoes import Draft
from shoemon.decide.which_shoe import plain_name
from shoemon.model.text import one_line
from shoemon.words.commands import command

_SHOWN = 10


def new_gear_lines(found: Sequence[Draft], begin: str = "") -> Iterator[str]:
    """Two lines for each of the first pairs: what exports call it, after `begin`, and the command."""
    for pair in found[:_SHOWN]:
        runs = f"{pair.runs:,} run{'' if pair.runs == 1 else 's'}"
        yield f"{begin}gear `{pair.name}` of {runs} belongs to no pair in shoes.yaml; to add it:"
        yield f"    {add_command(pair)}"
    if len(found) > _SHOWN:
        yield f"{begin}... and {len(found) - _SHOWN} more, which are named once these are added"


def add_command(pair: Draft, *, anywhere: bool = False) -> str:
    """The command that adds `pair` to shoes.yaml; `anywhere` as for any command."""
    # What it is called matches by the name of the pair already.
    gear = [text for text in pair.gear if plain_name(text) != plain_name(pair.name)] or [pair.name]
    options = (word for text in gear for word in ("--gear", text))
    return one_line(command("shoes", "add", pair.id, "--name", pair.name, *options, anywhere=anywhere))
