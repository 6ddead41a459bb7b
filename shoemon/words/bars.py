"""Draw the figures of letters: pairs by life and ground, distances side by side, weeks as columns."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, pairwise

from shoemon.decide.alerts.payload import GroundShareFigures, PairFigures, ShoeFigures
from shoemon.model.surfaces import GROUNDS
from shoemon.model.units import METRES, write_distance
from shoemon.words import sentences
from shoemon.words.blocks import Bar, Bars, LetterFact, Stretch, Weeks, fact

MOST_BARS = 12
"""Pairs of a list that have a bar; further ones have only words."""
_LONGEST = 2.0
"""The longest bar in a list, in lives."""


def life_bars(pair: PairFigures, unit: str) -> Bars:
    """The bar of one pair, up to its life or, if it is past that, its worn metres."""
    left_m = pair["life_m"] - pair["worn_m"]
    words = fact(
        sentences.USED_LEFT if left_m >= 0 else sentences.USED_PAST,
        worn=write_distance(pair["worn_m"], unit, 0), life=write_distance(pair["life_m"], unit, 0),
        fraction=pair["fraction"], left=write_distance(abs(left_m), unit, 0),
    )  # fmt: skip
    bar = _life_bar(pair, words, max(1.0, pair["worn_m"] / pair["life_m"]))
    share = sentences.SHARE_OF_LIFE.format(share=pair["fraction"], life=write_distance(pair["life_m"], unit, 0))
    before = {"initial": pair["initial_m"]} if pair["initial_m"] else {}
    return ground_bars(bar._replace(fraction=pair["fraction"], life=share), {**before, **pair["ground_m"]}, unit)


def pair_bars(pairs: Sequence[PairFigures], words: Iterable[str], heading: str = "") -> Bars:
    """A bar for each of the first pairs, on one scale, with its words."""
    scale = min(_LONGEST, max([1.0, *(pair["worn_m"] / pair["life_m"] for pair in pairs)]))
    about = [LetterFact(pair["name"], text) for pair, text in zip(pairs, words, strict=True)]
    bars = [_life_bar(pair, text, scale) for pair, text in zip(pairs[:MOST_BARS], about, strict=False)]
    shown = {stretch.ground for bar in bars for stretch in bar.stretches}
    legend = tuple((ground, name) for ground, name in sentences.GROUNDS.items() if ground in shown)
    return Bars((*bars, *map(Bar, about[MOST_BARS:])), legend, heading=heading)


def _life_bar(pair: PairFigures, about: LetterFact, scale: float) -> Bar:
    """The stretches of a life, on a bar of `scale` lives. Wear factors scale all grounds alike."""
    before = min(pair["initial_m"], pair["worn_m"])
    ground_m = pair["ground_m"] if sum(pair["ground_m"].values()) > 0 else {"unknown": 1.0}
    factor = (pair["worn_m"] - before) / sum(ground_m.values())
    worn = {"initial": before, **{ground: metres * factor for ground, metres in ground_m.items()}}
    limit = round(100 / scale)
    stretches = stretches_of(worn, pair["life_m"] * scale)
    return Bar(about, stretches, limit, max(0, sum(stretch.percent for stretch in stretches) - limit))


def stretches_of(metres: Mapping[str, float], end_m: float, first: str = "") -> tuple[Stretch, ...]:
    """Metres by ground as stretches of a bar that ends at `end_m`, in whole percent, rounded down."""
    names = [name for name in sorted(sentences.GROUNDS, key=first.__ne__) if metres.get(name, 0.0) > 0]
    ends = [0, *(min(100, int(100 * end / end_m + 1e-6)) for end in accumulate(metres[name] for name in names))]
    parts = zip(names, pairwise(ends), strict=True)
    return tuple(Stretch(name, sentences.GROUNDS[name], end - begin) for name, (begin, end) in parts if end > begin)


def ground_bars(bar: Bar, ground_m: Mapping[str, float], unit: str) -> Bars:
    """A bar with its grounds below it, without those that would be shown as 0."""
    legend = tuple(
        (ground, sentences.ON_GROUND.format(distance=write_distance(ground_m[ground], unit, 0), ground=name))
        for ground, name in sentences.GROUNDS.items()
        if ground_m.get(ground, 0.0) >= METRES[unit] / 2
    )
    by_ground = fact(sentences.BY_GROUND, grounds=", ".join(words for ground, words in legend if ground in GROUNDS))
    return Bars((bar,), legend, (by_ground,) if by_ground.value else ())


def target_bars(of: str, data: GroundShareFigures) -> Bars:
    """The known ground of 28 days, that of the target first, with the target; hard ground past it stands out."""
    known = {ground: metres for ground, metres in data["ground_m"].items() if ground != "unknown"}
    stretches = stretches_of(known, sum(known.values()) or 1.0, first=of)
    target = round(100 * data["target"])
    hard = sum(stretch.percent for stretch in stretches if stretch.ground == of == "hard")
    about = fact(sentences.SHARE_OF_KNOWN[of], share=data["share"], target=data["target"])
    return ground_bars(Bar(about, stretches, target, max(0, hard - target)), data["ground_m"], data["unit"])


def distance_bars(rows: Sequence[tuple[LetterFact, float]]) -> Bars:
    """Distances on one scale, the main one first."""
    most = max(metres for _, metres in rows) or 1.0
    return Bars(tuple(
        Bar(about, (Stretch("other" if number else "run", "", round(100 * metres / most)),))
        for number, (about, metres) in enumerate(rows)
    ))  # fmt: skip


def week_columns(data: ShoeFigures) -> Weeks | None:
    """The worn metres of each week; None if there are none."""
    unit, line = data["unit"], data["line"]
    metres = [max(0.0, later - earlier) for (_, earlier), (_, later) in pairwise(line)]
    most = max(metres, default=0.0)
    if most <= 0:
        return None
    weeks = ", ".join(f"{each / METRES[unit]:,.0f}" for each in metres)
    return Weeks(
        sentences.WEEKS.format(unit=unit),
        sentences.MOST_IN_A_WEEK.format(most=write_distance(most, unit)),
        line[0][0],
        line[-1][0],
        tuple(round(100 * each / most) for each in metres),
        sentences.EACH_WEEK.format(unit=unit, count=len(metres), weeks=weeks),
    )
