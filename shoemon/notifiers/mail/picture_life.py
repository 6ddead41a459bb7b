"""The picture of one pair: the bar of its life by ground, and below it how it came there and where it is heading."""

import itertools
from collections.abc import Sequence

from shoemon.model.units import METRES, write_distance
from shoemon.notifiers.mail.canvas import LARGE, LEFT, MIDDLE, RIGHT, SMALL, Canvas, Colours, text_width
from shoemon.notifiers.mail.figures import Course, Life, left, ruler, used
from shoemon.notifiers.mail.picture_course import CHART, Chart

NAMES = {"initial": "before"}
"""What is written for a stretch; the grounds are called as they are."""
BAR = (96, 168)
"""Upper and lower edge of the bar."""
_LEGEND = 274
_ROW = 48


def draw_life(life: Life, course: Course | None, colours: Colours) -> tuple[bytes, int]:
    """The PNG and its height."""
    rows = legend_rows(life.shown, life.unit)
    below = _LEGEND + _ROW * len(rows)
    height = below + (CHART + 20 if course else -12)
    canvas = Canvas(height, colours)
    _head(canvas, life)
    draw_stretches(canvas, life, BAR, max(life.life_m, life.worn_m), life.life_m)
    _limit(canvas, life)
    draw_legend(canvas, rows, _LEGEND)
    if course:
        Chart(canvas, life, course, below).draw()
    return canvas.png(), height


def draw_stretches(
    canvas: Canvas, life: Life, edges: tuple[float, float], scale_m: float, mark_m: float | None = None
) -> None:
    """A bar of worn metres by ground from edge to edge of the picture, on a track of `scale_m`, with the names of
    grounds where there is room beside the mark at `mark_m`."""
    canvas.box(LEFT, edges[0], RIGHT, edges[1], "track")
    mark = _along(scale_m if mark_m is None else mark_m, scale_m)
    at_m = 0.0
    for name, metres in life.stretches:
        begin, end = _along(at_m, scale_m), _along(at_m + metres, scale_m)
        at_m += metres
        canvas.box(begin, edges[0], end, edges[1], name)
        if begin > LEFT:
            canvas.box(begin - 1.5, edges[0], begin + 1.5, edges[1], "card")
        if edges[1] - edges[0] >= 60:
            cuts = sorted({begin, end, *([mark] if begin < mark < end else [])})
            start, stop = max(itertools.pairwise(cuts), key=lambda piece: piece[1] - piece[0], default=(begin, end))
            if text_width(NAMES.get(name, name)) + 28 <= stop - start:
                middle = ((start + stop) / 2, (edges[0] + edges[1]) / 2 + 10)
                canvas.text_on(middle, NAMES.get(name, name), name)


def _along(metres: float, scale_m: float) -> float:
    return LEFT + (RIGHT - LEFT) * min(1.0, metres / scale_m)


def legend_rows(parts: Sequence[tuple[str, float]], unit: str) -> list[list[tuple[str, str, float]]]:
    """The legend in rows that fit: name of the colour, words, and where it begins in pixels."""
    rows: list[list[tuple[str, str, float]]] = []
    x = float(RIGHT)
    for name, metres in parts:
        words = f"{NAMES.get(name, name)} {write_distance(metres, unit, 0)}"
        width = 38 + text_width(words, SMALL)
        if x + width > RIGHT:
            rows.append([])
            x = float(LEFT)
        rows[-1].append((name, words, x))
        x += width + 28
    return rows


def draw_legend(canvas: Canvas, rows: Sequence[Sequence[tuple[str, str, float]]], top: float) -> None:
    """A patch of colour and its words, row by row; `top` is the base line of the first."""
    for number, row in enumerate(rows):
        y = top + number * _ROW
        for name, words, x in row:
            canvas.box(x, y - 24, x + 28, y + 4, name)
            canvas.text((x + 38, y), words, "ink")


def _head(canvas: Canvas, life: Life) -> None:
    canvas.text((LEFT, 62), used(life), "ink", LARGE)
    x = LEFT + text_width(used(life), LARGE) + 24
    share = f"{life.fraction:.0%}"
    right = left(life)
    room = RIGHT - text_width(right, MIDDLE) - 24
    if x + text_width(share, MIDDLE) < room:
        canvas.text((x, 62), share, "quiet", MIDDLE)
    if x < room:
        canvas.text((RIGHT, 62), right, "over" if life.fraction > 1 else "ink", MIDDLE, anchor="r")


def _limit(canvas: Canvas, life: Life) -> None:
    """The mark at 100 %, the stretch beyond it, and the numbers below the bar."""
    end_m = max(life.life_m, life.worn_m)
    limit = _along(life.life_m, end_m)
    canvas.box(limit - 7, BAR[0] - 10, limit + 3, BAR[1] + 16, "card")
    canvas.box(limit - 5, BAR[0] - 10, limit + 1, BAR[1] + 16, "ink")
    y = BAR[1] + 48
    word = write_distance(life.life_m, life.unit, 0)
    half = text_width(word, MIDDLE) / 2
    middle = min(RIGHT - half, max(LEFT + half, limit))
    canvas.text((middle, y), word, "ink", MIDDLE, anchor="m")
    metre = METRES[life.unit]
    for tick in ruler(end_m / metre, 5):
        x = _along(tick * metre, end_m)
        label = f"{tick:,g}" if tick < 1e5 else f"{tick:,.0f}"
        room = text_width(label) / 2
        at = min(RIGHT - room, max(LEFT + room, x))
        if abs(at - middle) > half + room + 20:
            canvas.box(x - 1 if x < RIGHT else RIGHT - 2, BAR[1], x + 1, BAR[1] + 10, "quiet")
            canvas.text((at, y), label, anchor="m")
    if life.fraction > 1:
        canvas.box(limit + 3, BAR[1] + 4, RIGHT, BAR[1] + 12, "over")
