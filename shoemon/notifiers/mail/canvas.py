"""Pictures in mails: PNG, because hardly any mail program shows SVG, drawn twice, for light and for dark screens.

Everything is measured in pixels of the finished picture, which is shown at half its width: 1000 pixels lie on 500 of
the page. Shapes are drawn twice as large again and made smaller, which smooths their edges; the font is Pillow's own
(Aileron, ASCII). The same figures are always the same bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

WIDTH = 1000
EDGE = 14
"""Pixels left free on either side."""
LEFT, RIGHT = EDGE, WIDTH - EDGE
SMALL, MIDDLE, LARGE = 30, 33, 48
"""Sizes of text."""
_FINER = 2

Colours = Mapping[str, str]
LIGHT: Colours = {
    "card": "#fffefb", "paper": "#f7f5f0", "line": "#dedad0", "track": "#e9e5db", "ink": "#1e2226", "quiet": "#5c6167",
    "link": "#1f4f8f", "hard": "#44546a", "soft": "#4b8a48", "synthetic": "#c4512d", "treadmill": "#7b63cc",
    "unknown": "#807e77", "initial": "#a17a26", "soon": "#825300", "due": "#a23c0c", "over": "#ab1f24",
}  # fmt: skip
DARK: Colours = {
    "card": "#1b1f23", "paper": "#131619", "line": "#31373d", "track": "#2b3137", "ink": "#e9e7e2", "quiet": "#a5abb1",
    "link": "#9cc3f5", "hard": "#8ba0bd", "soft": "#72b46d", "synthetic": "#ea8560", "treadmill": "#a797f2",
    "unknown": "#8d9196", "initial": "#d2ad5a", "soon": "#e2b04e", "due": "#f29a66", "over": "#ff8d87",
}  # fmt: skip
"""The colours of the pages (plugins/static/shoemon.css). Text keeps 4.5:1 against what it stands on."""


@dataclass(frozen=True)
class Picture:
    """A picture for a mail. `alt` says the same in words; `about` is the title of the alert it belongs to, among
    several; `name` tells pictures of one mail apart; `height` in pixels."""

    name: str
    alt: str
    about: str
    height: int
    light: bytes
    dark: bytes


class Canvas:
    """A picture in the making. Texts are written last, on top of all shapes."""

    def __init__(self, height: int, colours: Colours) -> None:
        from PIL import Image, ImageDraw

        self.height, self.colours = height, colours
        self._image = Image.new("RGB", (WIDTH * _FINER, height * _FINER), colours["card"])
        self._shapes = ImageDraw.Draw(self._image)
        self._texts: list[tuple[float, float, str, int, str, str]] = []
        self._shades = {colours["card"]: None}

    def box(self, left: float, top: float, right: float, bottom: float, colour: str) -> None:
        """A filled rectangle; nothing if it is less than half a pixel wide."""
        if right - left >= 0.5 and bottom > top:
            corners = [round(each * _FINER) for each in (left, top, right, bottom)]
            self._shapes.rectangle((corners[0], corners[1], corners[2] - 1, corners[3] - 1), fill=self._paint(colour))

    def dot(self, x: float, y: float, radius: float, colour: str) -> None:
        """A filled circle."""
        corners = (x - radius, y - radius, x + radius, y + radius)
        self._shapes.ellipse([each * _FINER for each in corners], fill=self._paint(colour))

    def area(self, points: Sequence[tuple[float, float]], colour: str) -> None:
        """A filled polygon."""
        self._shapes.polygon([(x * _FINER, y * _FINER) for x, y in points], fill=self._paint(colour))

    def line(self, points: Sequence[tuple[float, float]], colour: str, width: float) -> None:
        """A line through all points."""
        scaled = [(x * _FINER, y * _FINER) for x, y in points]
        self._shapes.line(scaled, fill=self._paint(colour), width=round(width * _FINER), joint="curve")

    def dashes(self, start: tuple[float, float], end: tuple[float, float], colour: str, width: float) -> None:
        """A dashed line."""
        length = max(1.0, ((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5)
        steps = max(1, round(length / 26))
        for step in range(steps):
            ends = [step / steps, (step + 0.58) / steps]
            points = [(start[0] + (end[0] - start[0]) * at, start[1] + (end[1] - start[1]) * at) for at in ends]
            self.line(points, colour, width)

    def text(
        self, at: tuple[float, float], words: str, colour: str = "quiet", size: int = SMALL, *, anchor: str = "l"
    ) -> None:
        """One line of ASCII on the base line `at`; `anchor`: its left end (l), middle (m) or right end (r) is there.
        The largest size is bold."""
        self._write(at, words, self._colour(colour), size, anchor, self.colours["card"])

    def text_on(self, at: tuple[float, float], words: str, ground: str) -> None:
        """One line in the middle of a shape of colour `ground`, in black or white."""
        under = self._colour(ground)
        self._write(at, words, readable_on(under), SMALL, "m", under)

    def _write(self, at: tuple[float, float], words: str, ink: str, size: int, anchor: str, under: str) -> None:
        self._texts.append((*at, words, size, ink, f"{anchor}s"))
        self._shades |= dict.fromkeys([ink, *(mixed(ink, under, share) for share in (0.67, 0.33))])

    def png(self) -> bytes:
        """The finished picture."""
        from PIL import Image, ImageDraw

        image = self._image.reduce(_FINER)
        draw = ImageDraw.Draw(image)
        for x, y, words, size, ink, anchor in self._texts:
            stroke = 1 if size >= LARGE else 0
            draw.text((round(x), round(y)), words, ink, _font(size), anchor, stroke_width=stroke, stroke_fill=ink)
        palette = Image.new("P", (1, 1))
        palette.putpalette([channel for shade in list(self._shades)[:256] for channel in _channels(shade)])
        written = BytesIO()
        image.quantize(palette=palette, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
        return written.getvalue()

    def _colour(self, name: str) -> str:
        """The colour by its name on the pages; `fan` is a link's colour, thin."""
        if name == "fan":
            return mixed(self.colours["link"], self.colours["card"], 0.24)
        return self.colours[name]

    def _paint(self, name: str) -> str:
        """The colour of a shape. The finished picture has the colours it was made of and few between them, which
        halves its size."""
        shade = self._colour(name)
        self._shades[shade] = None
        return shade


def text_width(words: str, size: int = SMALL) -> float:
    """Pixels from end to end."""
    return _font(size).getlength(words)


def writable(words: str) -> bool:
    """Whether the font has every character."""
    return words.isascii() and words.isprintable()


def cut(words: str, width: float, size: int = SMALL) -> str:
    """`words`, shortened until they fit."""
    if text_width(words[:200], size) <= width and len(words) <= 200:
        return words
    kept = words[:200]
    while kept and text_width(f"{kept}...", size) > width:
        kept = kept[:-1]
    return f"{kept.rstrip()}..."


def mixed(colour: str, ground: str, share: float) -> str:
    """`colour` (#rrggbb) laid on `ground`, as if it covered that share of it."""
    both = zip(_channels(colour), _channels(ground), strict=True)
    return "#" + "".join(f"{round(over * share + under * (1 - share)):02x}" for over, under in both)


def contrast(one: str, other: str) -> float:
    """How far two colours (#rrggbb) stand apart, 1 to 21, as WCAG 2.2 reckons it."""
    lights = sorted((_luminance(one), _luminance(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def readable_on(colour: str) -> str:
    """Black or white, whichever stands further apart; always 4.58 or more."""
    return max("#ffffff", "#000000", key=lambda ink: contrast(ink, colour))


def _channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(colour: str) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in _channels(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@cache
def _font(size: int) -> "FreeTypeFont":
    from PIL import ImageFont

    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise ImportError("this Pillow cannot draw text")
    return font
