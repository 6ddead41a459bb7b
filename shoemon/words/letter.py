"""The letter about an alert, made from its kind, stage and figures. Pure."""

from collections.abc import Mapping
from functools import cache
from itertools import groupby
from typing import Any

from pydantic import TypeAdapter

from shoemon.decide.alerts.payload import DATA
from shoemon.model.alert import Alert
from shoemon.words import other_letters, shoe_letters
from shoemon.words.blocks import Letter, Paragraph, cleaned, pages_of


def letter_about(kind: str, stage: str, data: Any) -> Letter:
    """The letter about an alert with `data` of the shape that payload.py gives its kind."""
    about_a_pair = kind in ("soon", "due", "over")
    letter: Letter = shoe_letters.shoe_letter(stage, data) if about_a_pair else _LETTERS[kind](data)
    return cleaned(letter._replace(pages=pages_of(data)))


_LETTERS: Mapping[str, Any] = {
    "several": shoe_letters.several_letter,
    "digest": shoe_letters.digest_letter,
    "test": shoe_letters.test_letter,
    "weekly": other_letters.weekly_letter,
    "hard_share": other_letters.hard_share_letter,
    "stale": other_letters.stale_letter,
    "unassigned": other_letters.unassigned_letter,
    "longest": other_letters.longest_letter,
    "return_plan": other_letters.return_plan_letter,
}


def letter_of(alert: Alert) -> Letter:
    """The letter about `alert`. Another version of shoemon may have written it, with data that lack what is needed:
    then its own title and body are the letter."""
    try:
        return letter_about(alert.kind, alert.stage, _shape(alert.kind).validate_python(alert.data))
    except (ArithmeticError, LookupError, ValueError):
        parts = groupby(alert.body.splitlines(), key=lambda line: line.strip() != "")
        blocks = tuple(Paragraph(tuple(lines)) for holds_text, lines in parts if holds_text)
        return cleaned(Letter(alert.title, blocks, pages_of(alert.data)))


@cache
def _shape(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(DATA[kind])
