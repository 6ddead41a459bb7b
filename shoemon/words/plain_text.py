"""Write the blocks of a letter as plain text."""

from collections.abc import Iterable, Iterator

from shoemon.words.blocks import (
    AskedRun,
    Bar,
    Bars,
    Block,
    Facts,
    Heading,
    Item,
    Items,
    LetterFact,
    MoreRuns,
    Paragraph,
    WebLink,
    Weeks,
)

_BAR = 30
"""Characters of a whole life."""


def plain_text(blocks: Iterable[Block], *, short: bool = False) -> str:
    """The blocks, with a blank line between them. `short`, for phones and lists, has no bar, and one address a run."""
    return "\n\n".join(lines for block in blocks if (lines := "\n".join(_lines(block, short))))


def link_lines(links: Iterable[WebLink]) -> list[str]:
    """Words and addresses, one a line."""
    return [f"{link.text}: {link.url}" for link in links]


def _lines(block: Block, short: bool) -> Iterator[str]:
    match block:
        case Heading(text):
            yield text
        case Paragraph(lines):
            yield from lines
        case Facts(rows):
            yield from _facts(rows)
        case Items(heading, items):
            yield heading
            yield from (line for item in items for line in _item(item))
        case Bars(bars, _, facts, heading):
            yield from [heading] if heading else []
            yield from (line for bar in bars for line in _bar(bar, short))
            yield from _facts(facts)
        case Weeks():
            pass  # the rate says so much in words
        case AskedRun():
            yield from _facts(block.facts)
            if short or not block.choices:
                yield from _facts(block.short)
            else:
                yield from link_lines(block.choices)
                yield from [block.note] if block.note else []
            yield from (f"    {line}" for line in block.copy)
        case MoreRuns(heading, runs, counted):
            yield counted if short or not runs else heading
            for run in () if short else runs:
                yield f"- {run.about}"
                yield from (f"  {line}" for line in link_lines(run.choices))


def _facts(rows: Iterable[LetterFact]) -> Iterator[str]:
    return (f"{label}: {value}" for label, value in rows)


def _item(item: Item) -> list[str]:
    return [f"- {item.text}", *(f"    {line}" for line in item.copy)]


def _bar(bar: Bar, short: bool) -> Iterator[str]:
    """`[##########################----] 88% of 640 km`, with what is beyond the life behind a `|`, and the words."""
    if bar.fraction is not None and not short:
        used = int(bar.fraction * _BAR + 1e-9)
        beyond = min(used - _BAR, _BAR)
        drawn = f"{'#' * _BAR}|{'#' * beyond}" if beyond > 0 else f"{'#' * used}{'-' * (_BAR - used)}"
        yield f"[{drawn}] {bar.life}"
    yield from _facts([bar.about])
