"""Write when the next pair should be there, what pairs cost a year, and what a longer life would change."""

from collections.abc import Iterator, Mapping, Sequence

from shoemon.decide.rotation import Outlook, costs_a_year
from shoemon.model.units import METRES
from shoemon.words import sentences
from shoemon.words.forecast import Hand, expected, is_in_months, plain_hand

_SPANS = (("month", 30.4375, 63.0), ("week", 7.0, 14.0), ("day", 1.0, 0.0))
"""The length of each in days, and from how many days on it is used."""


def next_pair(of: Outlook, overlap_m: float, hand: Hand) -> str:
    """Write when the next pair should be there, no more exactly than when this one ends."""
    if of.pair.get("no_day") == "reached":
        return sentences.NOW_REACHED
    if of.buy.get("no_day") == "reached":
        return sentences.NOW_OVERLAPS.format(overlap=hand.distance(overlap_m, 0 if overlap_m >= 10_000 else 1))
    return expected(of.buy, hand)


def yearly(of: Outlook, hand: Hand) -> str:
    """Write what a year of such pairs costs; blank if unknown."""
    cost = of.cost_a_year
    return "" if cost is None else sentences.A_YEAR.format(amount=_amount(cost, of.pair["currency"], hand))


def longer_life(of: Outlook, hand: Hand) -> str:
    """Write what the longer life would change, such as `640 to 740 km: about three weeks later, 14 EUR a year less`;
    blank where there is no rate."""
    if of.later_days is None:
        return ""
    life = hand.whole(of.pair["life_m"] / METRES[hand.unit])
    words = sentences.LONGER.format(
        life=life, longer=hand.distance(of.longer["life_m"], 0), later=_later(of.later_days, is_in_months(of.pair))
    )
    if of.cost_a_year is None or of.longer_cost_a_year is None:
        return words
    less = _amount(of.cost_a_year - of.longer_cost_a_year, of.pair["currency"], hand)
    return words + sentences.AND_CHEAPER.format(amount=less)


def all_together(outlooks: Sequence[Outlook], hand: Hand) -> str:
    """Write what a year of all pairs costs, and of how many it is known; blank if of none."""
    counted = sum(of.cost_a_year is not None for of in outlooks)
    if not counted:
        return ""
    amounts = " + ".join(_amount(cost, currency, hand) for currency, cost in costs_a_year(outlooks).items())
    words = sentences.ALL_A_YEAR if counted == len(outlooks) else sentences.SOME_A_YEAR
    return words.format(amounts=amounts, counted=counted, pairs=len(outlooks))


def next_lines(outlooks: Sequence[Outlook], name: Mapping[str, str], overlap_m: float, unit: str) -> Iterator[str]:
    """Write a line for each pair that has a forecast or is at its limit, and one on all of them, for a terminal."""
    hand = plain_hand(unit)
    for of in outlooks:
        if of.later_days is not None or of.pair["no_day"] == "reached":
            parts = [next_pair(of, overlap_m, hand), yearly(of, hand), longer_life(of, hand)]
            yield sentences.NEXT_AFTER.format(name=name[of.pair["shoe"]], parts="; ".join(filter(None, parts)))
    if together := all_together(outlooks, hand):
        yield together


def _later(days: float, is_rough: bool) -> str:
    """No more exact than in days, weeks or months: months alone where the end is given in months."""
    unit, length = next((unit, length) for unit, length, least in _SPANS if is_rough or days >= least)
    count = round(days / length)
    if count < 2:
        return (sentences.ABOUT_ONE_LATER if count else sentences.HARDLY_LATER).format(unit=unit)
    return sentences.ABOUT_LATER.format(count=sentences.FEW.get(count, count), unit=unit)


def _amount(amount: float, currency: str | None, hand: Hand) -> str:
    """An amount in whole units of its currency."""
    words = sentences.AMOUNT if amount >= 0.5 else sentences.UNDER_ONE
    return words.format(amount=hand.whole(amount), currency=currency or "").rstrip()
