"""Make texts from exports safe to show on one line. Pure."""

import re
import unicodedata
from collections.abc import Callable
from itertools import count

_JOINER = "\u200d"
"""Joins emoji; the one invisible character that does no harm."""


def one_line(text: str) -> str:
    """`text` without what a terminal obeys or what misleads a reader (escape sequences, line ends, turned direction):
    names of runs and shoes come from exports and may contain anything. Odd blanks and line ends become plain blanks."""
    return text if text.isprintable() else "".join(map(_shown, text))


def header_line(text: str) -> str:
    """`text` as one line that cannot encode its way out of a header: mail programs decode `=?utf-8?q?...?=`."""
    return re.sub(r"=(?=\?)", "= ", one_line(text)).strip()


def short_name(text: str) -> str:
    """`text` as one part of an address: small letters without accents, digits, and `-` for all else; may be empty."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(each))
    return re.sub(r"[\W_]+", "-", plain).strip("-")


def free_name(name: str, is_taken: Callable[[str], bool]) -> str:
    """The first of `name`, `name-2`, ... that is not taken."""
    names = (f"{name}-{number}" if number > 1 else name for number in count(1))
    return next(each for each in names if not is_taken(each))


def _shown(character: str) -> str:
    if character.isprintable() or character == _JOINER:
        return character
    return " " if character.isspace() else "\N{REPLACEMENT CHARACTER}"
