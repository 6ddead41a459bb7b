"""Write the letter about an alert from its kind, stage and figures. Pure."""

from collections.abc import Mapping
from functools import cache, partial
from itertools import groupby
from typing import Any

from pydantic import TypeAdapter

from shoemon.decide.alerts.payload import DATA
from shoemon.decide.alerts.shoe_alerts import KINDS
from shoemon.model.alert import Alert
from shoemon.words import other_letters, shoe_letters
from shoemon.words.blocks import Letter, Paragraph, cleaned, pages_of


def letter_about(kind: str, stage: str, data: Any) -> Letter:
    """Write the letter about an alert; `data` has the shape of its kind in payload.py."""
    letter: Letter = shoe_letters.shoe_letter(stage, data) if kind in KINDS else _LETTERS[kind](data)
    return cleaned(letter._replace(pages=pages_of(data)))


_LETTERS: Mapping[str, Any] = {
    "several": shoe_letters.several_letter,
    "digest": shoe_letters.digest_letter,
    "test": shoe_letters.test_letter,
    "weekly": other_letters.weekly_letter,
    "hard_share": partial(other_letters.share_letter, "hard"),
    "soft_share": partial(other_letters.share_letter, "soft"),
    "stale": other_letters.stale_letter,
    "unassigned": other_letters.unassigned_letter,
    "longest": other_letters.longest_letter,
    "return_plan": other_letters.return_plan_letter,
    "reserve": other_letters.reserve_letter,
}


def letter_of(alert: Alert) -> Letter:
    """Write the letter about `alert`. If its data lack something, as those of another version may, use its stored title
    and body."""
    try:
        return letter_about(alert.kind, alert.stage, _shape(alert.kind).validate_python(alert.data))
    except (ArithmeticError, LookupError, ValueError):
        parts = groupby(alert.body.splitlines(), key=lambda line: line.strip() != "")
        blocks = tuple(Paragraph(tuple(lines)) for holds_text, lines in parts if holds_text)
        return cleaned(Letter(alert.title, blocks, pages_of(alert.data)))


@cache
def _shape(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(DATA[kind])
