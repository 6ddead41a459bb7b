"""Pictures of several bars below one another: pairs by their lives, a run beside others, grounds beside a target."""

from collections.abc import Sequence

from shoemon.model.units import write_distance
from shoemon.notifiers.mail.canvas import LARGE, LEFT, MIDDLE, RIGHT, SMALL, Canvas, Colours, cut, text_width, writable
from shoemon.notifiers.mail.figures import LetterPair, Life, used
from shoemon.notifiers.mail.picture_life import draw_legend, draw_stretches, legend_rows

MOST_PAIRS = 12
PAIR_ROW = 104
"""Pixels from pair to pair."""
_LONGEST = 2.0
"""Shares of a life that a bar shows at most; what is beyond is told in numbers."""


def draw_pairs(pairs: Sequence[LetterPair], colours: Colours) -> tuple[bytes, int]:
    """A bar for each of the first twelve pairs, as long as the share of its life that is used; PNG and height."""
    shown = pairs[:MOST_PAIRS]
    by_name = {name: 0.0 for pair in shown for name, _ in pair.life.shown}
    names = [
        (name, 0.0) for name in ("initial", "hard", "soft", "synthetic", "treadmill", "unknown") if name in by_name
    ]
    rows = [[(name, words.rsplit(" ", 2)[0], x) for name, words, x in row] for row in legend_rows(names, "km")]
    height = 24 + PAIR_ROW * len(shown) + 52 + (56 if rows else 0)
    canvas = Canvas(height, colours)
    scale = min(_LONGEST, max(1.0, *(pair.life.fraction for pair in shown)))
    limit = LEFT + (RIGHT - LEFT) / scale
    for number, pair in enumerate(shown):
        _pair(canvas, pair, 24 + number * PAIR_ROW, scale, limit)
    y = 24 + PAIR_ROW * len(shown) + 26
    half = text_width("life") / 2
    canvas.text((min(limit, RIGHT - half), y), "life", "ink", anchor="m")
    draw_legend(canvas, rows, y + 56)
    return canvas.png(), height


def _pair(canvas: Canvas, pair: LetterPair, top: float, scale: float, limit: float) -> None:
    life, edges = pair.life, (top + 46, top + 80)
    told = f"{used(life)}, {life.fraction:.0%}"
    if pair.week_m:
        told = f"+{write_distance(pair.week_m, life.unit)}   {told}"
    colour = "over" if life.fraction >= 1 else "ink"
    canvas.text((RIGHT, top + 34), told, colour, SMALL, anchor="r")
    name = pair.name if writable(pair.name) and pair.name else pair.shoe if writable(pair.shoe) else ""
    canvas.text((LEFT, top + 34), cut(name, RIGHT - LEFT - text_width(told) - 32, MIDDLE), "ink", MIDDLE)
    draw_stretches(canvas, life, edges, life.life_m * scale)
    canvas.box(limit - 7, edges[0] - 6, limit + 3, edges[1] + 6, "card")
    canvas.box(limit - 5, edges[0] - 6, limit + 1, edges[1] + 6, "ink")


def draw_target(grounds: Sequence[tuple[str, float]], unit: str, target: float, colours: Colours) -> tuple[bytes, int]:
    """One bar of known ground with a mark at the target for hard ground; PNG and height."""
    known = tuple((name, metres) for name, metres in grounds if name != "unknown")
    ran = sum(metres for _, metres in known)
    rows = legend_rows(grounds, unit)
    height = 256 + 48 * (len(rows) - 1)
    canvas = Canvas(height, colours)
    hard = dict(known).get("hard", 0.0) / ran
    canvas.text((LEFT, 56), f"{hard:.0%} hard", "ink", LARGE)
    canvas.text((RIGHT, 56), f"your target: at most {target:.0%}", "ink", MIDDLE, anchor="r")
    draw_stretches(canvas, Life(unit, ran, 0.0, max(ran, 1.0), known), (96, 168), ran, ran * target)
    x = LEFT + (RIGHT - LEFT) * target
    canvas.box(x - 6, 82, x + 6, 182, "card")
    canvas.box(x - 3, 82, x + 3, 182, "ink")
    draw_legend(canvas, rows, 226)
    return canvas.png(), height


def draw_lengths(rows: Sequence[tuple[str, float]], unit: str, colours: Colours) -> tuple[bytes, int]:
    """A bar a distance, each with its words, on one scale; the first is the one it is about. PNG and height."""
    height = 24 + 104 * len(rows)
    canvas = Canvas(height, colours)
    most = max(metres for _, metres in rows)
    for number, (words, metres) in enumerate(rows):
        top = 12 + number * 104
        canvas.text((LEFT, top + 36), words, "ink", MIDDLE)
        canvas.text((RIGHT, top + 36), write_distance(metres, unit), "ink", MIDDLE, anchor="r")
        canvas.box(LEFT, top + 50, RIGHT, top + 84, "track")
        canvas.box(LEFT, top + 50, LEFT + (RIGHT - LEFT) * metres / most, top + 84, "quiet" if number else "link")
    return canvas.png(), height
