"""Format figures in the language of the browser (Accept-Language), the runner's unit and the runner's time zone."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from functools import lru_cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal

from shoemon.decide.concrete import on_concrete
from shoemon.model.units import METRES
from shoemon.pages.dates import day, month_of
from shoemon.words.forecast import Hand, expected, is_in_months
from shoemon.words.ground import concrete_words
from shoemon.words.which import headline, pair_line


def unit_of(settings: Mapping[str, str]) -> str:
    """The runner's unit, from the settings in the database."""
    return "mi" if settings.get("units") == "mi" else "km"


def zone_of(settings: Mapping[str, str]) -> tzinfo:
    """The runner's time zone; UTC if unknown."""
    try:
        return ZoneInfo(settings.get("timezone") or "UTC")
    except (OSError, ValueError, KeyError):
        return UTC


def figure(value: float, accepted: str) -> str:
    """Any figure of a table with all its decimals, for a browser of these languages."""
    return str(format_decimal(value, format="#,##0.#########", locale=locale_of(accepted)))


def written(settings: Mapping[str, str], accepted: str) -> dict[str, Any]:
    """Functions for the templates that format metres, shares and moments for this reader."""
    unit, locale, zone = unit_of(settings), locale_of(accepted[:200]), zone_of(settings)
    metres_in = METRES[unit]

    def plain(number: float, digits: int = 0) -> str:
        """A number; up to `digits` decimals."""
        return str(format_decimal(number, format="#,##0." + "#" * digits if digits else "#,##0", locale=locale))

    def number(metres: float) -> str:
        """Metres in the unit, without its name: a decimal below 100."""
        return plain(round(metres / metres_in, 0 if abs(metres) >= 100 * metres_in else 1), 1)

    def money(amount: float) -> str:
        """An amount, with cents."""
        return str(format_decimal(amount, format="#,##0.00", locale=locale))

    def moment(text: str | None) -> str:
        """A moment of UTC in the runner's zone, as `12 Mar 2026, 07:15`."""
        try:
            at = datetime.fromisoformat(text or "").replace(tzinfo=UTC).astimezone(zone)
        except ValueError:
            return text or ""
        return f"{at.day} {at:%b} {at.year}, {at:%H:%M}"

    def distance(metres: float, digits: int) -> str:
        """Metres in the unit, with its name; up to `digits` decimals."""
        return f"{plain(metres / metres_in, digits)}\N{NO-BREAK SPACE}{unit}"

    hand = Hand(unit, day, month_of, distance, plain)
    return {
        "unit": unit, "metres_in": metres_in, "locale": str(locale).replace("_", "-"), "number": number, "plain": plain,
        "percent": lambda share: plain(100 * (share or 0.0)), "moment": moment, "money": money,
        "when": partial(expected, hand=hand), "is_in_months": is_in_months, "hand": hand,
        "next_run": partial(headline, hand=hand), "pair_reasons": partial(pair_line, hand=hand),
        "concrete": lambda rows: concrete_words(on_concrete(rows), number, unit),
    }  # fmt: skip


@lru_cache(maxsize=256)
def locale_of(accepted: str) -> Locale:
    """The first locale of an Accept-Language header that is known; English if none is."""
    asked: list[tuple[float, int, str]] = []
    for part in accepted.split(","):
        tag, _, rest = part.partition(";")
        weight = re.fullmatch(r"\s*q=([0-9.]+)\s*", rest)
        try:
            asked.append((-float(weight[1]) if weight else -1.0, len(asked), tag.strip()))
        except ValueError:
            continue
    for preferred, _, tag in sorted(asked):
        try:
            if preferred < 0:
                return Locale.parse(tag, sep="-")
        except (ValueError, UnknownLocaleError, TypeError):
            continue
    return Locale("en")
