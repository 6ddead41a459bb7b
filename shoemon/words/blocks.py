"""What a letter is made of: a title, typed blocks and links to pages. Text and HTML are rendered from these."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from shoemon.model.text import one_line

MOST_LINKS = 50
T = TypeVar("T")


class WebLink(NamedTuple):
    """Words and the plain http or https address they lead to."""

    text: str
    url: str


class LetterFact(NamedTuple):
    """A label and its value."""

    label: str
    value: str


class Heading(NamedTuple):
    """The title of one of several messages in a letter."""

    text: str


class Paragraph(NamedTuple):
    """Sentences, in lines."""

    lines: tuple[str, ...]


class Facts(NamedTuple):
    """Labels and values, one below the other."""

    rows: tuple[LetterFact, ...]


class Item(NamedTuple):
    """An item of a list, with lines to copy."""

    text: str
    copy: tuple[str, ...] = ()


class Items(NamedTuple):
    """A list with the line that heads it."""

    heading: str
    items: tuple[Item, ...]


class Stretch(NamedTuple):
    """A part of a bar: what it is of, that in words, and how much of the bar it takes."""

    ground: str
    name: str
    percent: int


class Bar(NamedTuple):
    """A bar and the words about it. `limit` is where the limit lies and `beyond` how much is past it, in percent of the
    bar; `life` is the share of a life, in words, with `fraction` as its number."""

    about: LetterFact
    stretches: tuple[Stretch, ...] = ()
    limit: int = 100
    beyond: int = 0
    fraction: float | None = None
    life: str = ""


class Bars(NamedTuple):
    """Bars below one another, what their stretches mean, and the fact that says so in a text."""

    bars: tuple[Bar, ...]
    legend: tuple[tuple[str, str], ...] = ()
    facts: tuple[LetterFact, ...] = ()
    heading: str = ""


class Weeks(NamedTuple):
    """A column a week: heights in percent of the highest, first and last day, what is shown, and all of it in words."""

    title: str
    most: str
    first: str
    last: str
    heights: tuple[int, ...]
    words: str


class AskedRun(NamedTuple):
    """A run without a shoe, in one line and as facts. `choices` give it a pair, likeliest first; `short` says in few
    facts what they say."""

    run: str
    about: str
    facts: tuple[LetterFact, ...]
    short: tuple[LetterFact, ...]
    choices: tuple[WebLink, ...] = ()
    copy: tuple[str, ...] = ()
    note: str = ""
    """What following a link does."""


class MoreRuns(NamedTuple):
    """Further runs without a shoe, a line each with its likeliest pair; `short` only counts them."""

    heading: str
    runs: tuple[AskedRun, ...]
    short: str


Block = Heading | Paragraph | Facts | Items | Bars | Weeks | AskedRun | MoreRuns


class Letter(NamedTuple):
    """A message to the runner. Each text in it is one line of printable characters."""

    title: str
    blocks: tuple[Block, ...]
    pages: tuple[WebLink, ...] = ()


def cleaned(value: T) -> T:
    """`value` with each text in it as one line that cannot be taken for more than text."""
    if isinstance(value, str):
        return one_line(value)  # type: ignore[return-value]
    if isinstance(value, tuple):
        parts = map(cleaned, value)
        return value._make(parts) if hasattr(value, "_make") else tuple(parts)  # type: ignore[return-value]
    return value


def fact(sentence: tuple[str, str], **values: Any) -> LetterFact:
    """A fact about `values`."""
    return LetterFact(sentence[0], sentence[1].format(**values))


def numbered(one_or_more: tuple[T, T], count: int) -> T:
    """The sentence about one, or about more."""
    return one_or_more[count != 1]


def pages_of(data: Mapping[str, Any]) -> tuple[WebLink, ...]:
    """The pages about an alert; what is no plain http or https address is left out."""
    given = data.get("links")
    pages = [
        WebLink(link["text"], link["url"])
        for link in (given if isinstance(given, Sequence) else ())
        if isinstance(link, Mapping) and isinstance(link.get("text"), str) and leads_somewhere(link.get("url"))
    ]
    return tuple(dict.fromkeys(pages))[:MOST_LINKS]


def leads_somewhere(url: object) -> bool:
    """Whether `url` is a plain http or https address, which may become a link."""
    if not isinstance(url, str) or len(url) > 2000 or re.search(r"[^!-~]|[\"'<>\\^`{|}]", url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False
