"""Render the HTML part of a mail by the template `letter.html`: tables and inline styles, which mail programs can show.

The template escapes every text of a letter, and fetches nothing.
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from shoemon.words import sentences
from shoemon.words.blocks import Block, Letter, Paragraph, WebLink
from shoemon.words.plain_text import plain_text

LONGEST = 80_000
"""Bytes of content. Gmail cuts a page off at 102 kB."""
LONGEST_TITLE = 600


def html_page(kind: str, letter: Letter, pages: Sequence[WebLink], pause: str) -> str:
    """Render a letter about an alert of `kind`, with links to `pages` and the command that mutes such mails (`pause`).
    A letter too long for one page is cut."""
    links = template().page_links(pages)
    parts: list[str] = []
    room = LONGEST - len(links.encode())
    for block in letter.blocks:
        parts.append(_rendered(block))
        room -= len(parts[-1].encode())
        if room < 0:
            parts[-1] = _rendered(Paragraph((sentences.THERE_IS_MORE,)))
            break
    news = " ".join(plain_text(letter.blocks[:1], short=True).split("\n")[:2])
    return str(template().page(kind, letter.title[:LONGEST_TITLE], news[:200], [*parts, links], pause))


def _rendered(block: Block) -> str:
    """Render the block by the macro of its name."""
    part: str = getattr(template(), type(block).__name__)(block)
    return part


@cache
def template() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["whole_days"] = _whole_days
    environment.globals["words"] = sentences
    return environment.get_template("letter.html").module


def _whole_days(text: str) -> str:
    """Escape `text`, and keep its days (2026-05-03) on one line."""
    from markupsafe import Markup, escape

    whole = r'<span style="white-space:nowrap">\g<0></span>'
    return Markup(re.sub(r"\b\d{4}-\d\d-\d\d\b", whole, str(escape(text))))  # noqa: S704 - escaped before
