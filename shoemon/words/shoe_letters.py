"""Write the letters about pairs from the figures of their alerts."""

from collections.abc import Iterator

from shoemon.decide.alerts import payload as shapes
from shoemon.decide.wear import longer_life
from shoemon.model.units import write_distance
from shoemon.words import sentences
from shoemon.words.bars import life_bars, pair_bars, week_columns
from shoemon.words.blocks import Block, Facts, Heading, Item, Items, Letter, Paragraph, Weeks, fact, numbered
from shoemon.words.commands import command
from shoemon.words.forecast import expected, plain_hand

_MOST_COLUMNS = 6
"""Pairs of one letter whose weeks are shown."""


def shoe_letter(stage: str, data: shapes.ShoeFigures) -> Letter:
    """One pair at one stage (`soon`, `100`, `110` ...)."""
    unit, left_m = data["unit"], data["remaining_m"]
    if stage == "soon":
        title = sentences.NEAR_ITS_LIFE
    else:
        title = sentences.AT_ITS_LIFE if left_m > 0 or stage == "100" else sentences.PAST_ITS_LIFE
    worn, life = write_distance(data["worn_m"], unit, 0), write_distance(data["life_m"], unit, 0)
    past = write_distance(-left_m, unit, 0)
    blocks: list[Block] = [life_bars(data, unit), _shoe_facts(data), _what_to_do(data)]
    if columns := week_columns(data):
        blocks.insert(1, columns)
    return Letter(title.format(name=data["name"], worn=worn, life=life, past=past), tuple(blocks))


def _shoe_facts(data: shapes.ShoeFigures) -> Facts:
    unit, rate_m = data["unit"], data["rate_m"]
    distance = sentences.DISTANCE_AND_BEFORE if data["initial_m"] else sentences.DISTANCE
    month = write_distance(data["last_28_days_m"], unit)
    rows = [
        fact(sentences.SHOE, name=data["name"], shoe=data["shoe"]),
        fact(distance, ran=write_distance(data["distance_m"], unit), before=write_distance(data["initial_m"], unit)),
        fact(sentences.RATE, month=month)
        if rate_m is None
        else fact(sentences.RATE_AND_WEEK, week=write_distance(rate_m * 7, unit), month=month),
    ]
    if data["remaining_m"] > 0:
        rows.append(fact(sentences.EXPECTED, when=expected(data, plain_hand(unit))))
    return Facts(tuple(rows))


def _what_to_do(data: shapes.ShoeFigures) -> Items:
    life = longer_life(data["life_m"], data["worn_m"], data["unit"])
    return Items(sentences.WHAT_YOU_CAN_DO, (
        Item(sentences.LOOK_AT_IT),
        Item(sentences.PUT_IT_AWAY, (command("shoes", "retire", data["shoe"], anywhere=True),)),
        Item(sentences.GO_ON, (command("shoes", "set", data["shoe"], f"life={life}", anywhere=True),)),
    ))  # fmt: skip


def several_letter(data: shapes.SeveralFigures) -> Letter:
    """Several pairs at once."""
    names = ", ".join(member["name"] for member in data["alerts"])
    title = sentences.SEVERAL.format(count=len(data["alerts"]), names=names)
    return Letter(title, tuple(block for pair in enumerate(data["alerts"]) for block in _one_of_several(*pair)))


def _one_of_several(number: int, member: shapes.OneOfSeveral) -> Iterator[Block]:
    letter = shoe_letter(member["stage"], member)
    yield Heading(letter.title)
    yield from (block for block in letter.blocks if number < _MOST_COLUMNS or not isinstance(block, Weeks))


def digest_letter(data: shapes.DigestFigures) -> Letter:
    """Every pair in use after a first import."""
    pairs, unit, open_runs = data["shoes"], data["unit"], data["unassigned_runs"]
    past = sum(pair["status"] in ("due", "over") for pair in pairs)
    title = numbered(sentences.WATCHES, len(pairs)).format(count=len(pairs))
    if past:
        title = f"{title}; {numbered(sentences.PAST_THEIR_LIFE, past).format(count=past)}"
    blocks: list[Block] = [pair_bars(pairs, [pair_words(sentences.PAIR, pair, unit) for pair in pairs])]
    if resting := data["resting"]:
        blocks.append(Paragraph((numbered(sentences.RESTING, resting).format(count=resting),)))
    if open_runs:
        blocks.append(Paragraph((sentences.WITHOUT_A_SHOE.format(count=open_runs),)))
    return Letter(title, (*blocks, Paragraph((sentences.FROM_NOW_ON,))))


def test_letter(data: shapes.TestFigures) -> Letter:
    """The test message of `shoemon alerts test`."""
    return Letter(sentences.TEST, (Paragraph((sentences.THIS_IS_A_TEST.format(notifier=data["notifier"]),)),))


def pair_words(sentence: str, pair: shapes.PairFigures, unit: str) -> str:
    """A pair in a list, in words."""
    worn, life = write_distance(pair["worn_m"], unit, 0), write_distance(pair["life_m"], unit, 0)
    when = expected(pair, plain_hand(unit))
    return sentence.format(worn=worn, life=life, fraction=pair["fraction"], status=pair["status"], when=when)
