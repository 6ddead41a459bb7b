"""The pictures in mails, read back from their PNGs: lengths, colours, contrast, and what figures make none."""

import contextlib
import itertools
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from kit.letters import letters
from kit.places import ROOT
from PIL import Image

from shoemon.model.alert import Alert
from shoemon.notifiers.mail.canvas import DARK, LEFT, LIGHT, RIGHT, WIDTH, contrast, mixed, readable_on, text_width
from shoemon.notifiers.mail.figures import Course, Life, UnfitError, read_course, read_life, ruler
from shoemon.notifiers.mail.picture_bars import MOST_PAIRS, PAIR_ROW, draw_target
from shoemon.notifiers.mail.picture_life import BAR, draw_life
from shoemon.notifiers.mail.pictures import pictures

Pixel = tuple[int, int, int]
LETTERS = letters()
TODAY = date(2026, 4, 4)
PAIR: dict[str, Any] = {
    "unit": "km",
    "today": TODAY.isoformat(),
    "worn_m": 576e3,
    "initial_m": 64e3,
    "life_m": 640e3,
    "ground_m": {"hard": 256e3, "soft": 128e3, "synthetic": 64e3, "treadmill": 32e3, "unknown": 32e3},
    "line": [[(TODAY - timedelta(weeks=week)).isoformat(), 576e3 - week * 9e3] for week in range(26, -1, -1)],
    "due_early_on": "2026-05-02",
    "due_on": "2026-05-30",
    "due_late_on": "2026-08-01",
}


def pair(**changes: Any) -> Alert:
    return Alert("a", "soon", None, "soon", "t", "b", {**PAIR, **changes})


def drawn(alert: Alert, light: str = "light") -> Image.Image:
    [picture] = pictures(alert)
    return Image.open(BytesIO(getattr(picture, light))).convert("RGB")


def rgb(colour: str) -> Pixel:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def row(image: Image.Image, y: int) -> list[Pixel]:
    return [image.getpixel((x, y)) for x in range(image.width)]  # type: ignore[misc]


def shares(image: Image.Image, y: int, colours: Mapping[str, str]) -> dict[str, float]:
    """Of the bar's length in row `y`, the share of each colour, to the percent."""
    names = {rgb(colour): name for name, colour in colours.items() if name not in ("card", "paper", "line")}
    counted = Counter(names[pixel] for pixel in row(image, y)[LEFT:RIGHT] if pixel in names)
    return {name: pixels / (RIGHT - LEFT) for name, pixels in counted.items()}


@pytest.mark.parametrize("light, colours", [("light", LIGHT), ("dark", DARK)])
def test_the_bar_is_the_life_split_by_ground_to_the_percent(light: str, colours: Mapping[str, str]) -> None:
    found = shares(drawn(pair(), light), BAR[0] + 8, colours)
    of_life = {
        "initial": 0.1,
        "hard": 0.4,
        "soft": 0.2,
        "synthetic": 0.1,
        "treadmill": 0.05,
        "unknown": 0.05,
        "track": 0.1,
    }
    assert {name: abs(found[name] - share) < 0.01 for name, share in of_life.items()} == dict.fromkeys(of_life, True)


def test_below_its_life_the_mark_stands_at_the_end_and_nothing_is_beyond() -> None:
    image = drawn(pair())
    marked = [x for x, pixel in enumerate(row(image, BAR[0] - 6)) if pixel == rgb(LIGHT["ink"])]
    assert RIGHT - 6 <= min(marked) <= max(marked) <= RIGHT + 1
    assert rgb(LIGHT["over"]) not in row(image, BAR[1] + 8)


def test_past_its_life_the_bar_goes_on_past_the_mark() -> None:
    over = pair(worn_m=800e3, initial_m=0.0, ground_m={"hard": 800e3})
    image = drawn(over)
    limit = LEFT + (RIGHT - LEFT) * 0.8
    marked = [x for x, pixel in enumerate(row(image, BAR[0] - 6)) if pixel == rgb(LIGHT["ink"])]
    assert abs(min(marked) + 3 - limit) <= 4
    beyond = [x for x, pixel in enumerate(row(image, BAR[1] + 8)) if pixel == rgb(LIGHT["over"])]
    assert abs(min(beyond) - limit) <= 4 and max(beyond) == RIGHT - 1
    assert row(image, BAR[0] + 8)[RIGHT - 3] == rgb(LIGHT["hard"])


def test_a_surface_that_counts_double_stretches_the_grounds_but_not_the_legend() -> None:
    life = read_life({**PAIR, "worn_m": 464e3, "initial_m": 64e3, "ground_m": {"hard": 100e3, "soft": 100e3}})
    assert life.stretches == (("initial", 64e3), ("hard", 200e3), ("soft", 200e3))
    assert life.shown == (("initial", 64e3), ("hard", 100e3), ("soft", 100e3))


def test_worn_metres_without_ground_are_unknown_ground() -> None:
    assert read_life({**PAIR, "ground_m": {}}).stretches == (("initial", 64e3), ("unknown", 512e3))


def columns(image: Image.Image, colour: str, top: int = 320) -> dict[int, list[int]]:
    """The rows below `top` in which a colour is, by column."""
    wanted, found = rgb(colour), {}
    for x in range(image.width):
        ys = [y for y in range(top, image.height) if image.getpixel((x, y)) == wanted]
        if ys:
            found[x] = ys
    return found


def test_the_line_rises_to_today_and_the_limit_is_a_line_across() -> None:
    image = drawn(pair())
    line = columns(image, LIGHT["link"])
    limit = {y for ys in columns(image, LIGHT["over"]).values() for y in ys}
    assert max(limit) - min(limit) <= 4
    xs = sorted(line)
    assert sum(line[xs[5]]) / len(line[xs[5]]) > sum(line[xs[-20]]) / len(line[xs[-20]]) + 50
    assert min(min(ys) for ys in line.values()) > min(limit) - 12


def test_the_fan_begins_today_and_ends_at_the_latest_day_or_is_open() -> None:
    fan = mixed(LIGHT["link"], LIGHT["card"], 0.24)
    closed, opened = columns(drawn(pair()), fan), columns(drawn(pair(due_late_on=None)), fan)
    none = columns(drawn(pair(due_early_on=None, due_on=None, due_late_on=None)), fan)
    widths = {x: len(ys) for x, ys in closed.items()}
    assert max(widths.values()) > 8 and widths[max(widths)] < max(widths.values()) / 2
    assert max(opened) == RIGHT - 1 and len(opened[RIGHT - 2]) > 20
    assert max(map(len, none.values()), default=0) < 8  # the edges of letters and lines, at most


@pytest.mark.parametrize("name", [name for name in LETTERS if pictures(LETTERS[name])])
def test_light_and_dark_differ_and_each_has_its_own_ground(name: str) -> None:
    for picture in pictures(LETTERS[name]):
        light, dark = (Image.open(BytesIO(png)) for png in (picture.light, picture.dark))
        assert light.size == dark.size == (WIDTH, picture.height)
        assert (light.convert("RGB").getpixel((0, 0)), dark.convert("RGB").getpixel((0, 0))) == (
            rgb(LIGHT["card"]),
            rgb(DARK["card"]),
        )


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_contrast(colours: Mapping[str, str]) -> None:
    """Text 4.5:1 on what it stands on, shapes 3:1 on the card, as WCAG 2.2 asks."""
    grounds = ("hard", "soft", "synthetic", "treadmill", "unknown", "initial")
    texts = {name: contrast(colours[name], colours["card"]) for name in ("ink", "quiet", "over", "link", "soon", "due")}
    texts |= {f"on {name}": contrast(readable_on(colours[name]), colours[name]) for name in grounds}
    texts |= {"code": contrast(colours["ink"], colours["track"]), "button": contrast(colours["link"], colours["card"])}
    shapes = {name: contrast(colours[name], colours["card"]) for name in (*grounds, "link", "over")}
    assert {name for name, found in texts.items() if found < 4.5} == set()
    assert {name for name, found in shapes.items() if found < 3} == set()
    assert abs(contrast("#000000", "#ffffff") - 21) < 0.01 and abs(contrast("#777777", "#ffffff") - 4.48) < 0.01


def test_the_colours_are_those_of_the_pages() -> None:
    css = (ROOT / "plugins/static/shoemon.css").read_text(encoding="utf-8")
    light, dark = (
        dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", part)) for part in css.split("prefers-color-scheme")[:2]
    )
    assert ({name: light.get(name) for name in LIGHT}, {name: dark.get(name) for name in DARK}) == (LIGHT, DARK)


def test_every_ground_is_named_not_only_coloured() -> None:
    [picture] = pictures(pair())
    for words in ("64 km before", "256 km hard", "128 km soft", "64 km synthetic", "32 km treadmill", "32 km unknown"):
        assert words in picture.alt
    assert "expected at its limit about 30 May 2026, between 2 May 2026 and 1 August 2026" in picture.alt


def test_an_irregular_runner_is_told_months() -> None:
    [picture] = pictures(pair(steadiness="irregular"))
    assert picture.alt.endswith("expected at its limit between May 2026 and August 2026.")


def test_the_same_figures_are_the_same_bytes() -> None:
    assert pictures(LETTERS["several"]) == pictures(LETTERS["several"])


@pytest.mark.parametrize("unit, life_m", [("km", 640e3), ("mi", 400 * 1609.344)])
def test_the_alt_text_is_in_the_unit_of_the_runner(unit: str, life_m: float) -> None:
    [picture] = pictures(pair(unit=unit, life_m=life_m))
    assert picture.alt.startswith({"km": "576 of 640 km used (90%)", "mi": "358 of 400 mi used (89%)"}[unit])


UNFIT: dict[str, Any] = {
    "no life": {"life_m": 0.0}, "life below nothing": {"life_m": -1.0}, "endless life": {"life_m": float("inf")},
    "no number": {"worn_m": float("nan")}, "a text": {"worn_m": "576"}, "a truth": {"worn_m": True}, "huge": {"worn_m": 1e9},
    "no unit": {"unit": None}, "furlongs": {"unit": "furlong"}, "a list of units": {"unit": ["km"]}, "no grounds": {"ground_m": None},
    "grounds in a list": {"ground_m": [1.0]}, "ground below nothing": {"ground_m": {"hard": -1.0}}, "no day": {"today": "soon"},
    "a number for a day": {"today": 20260404}, "a broken line": {"line": [["2026-04-04"]]}, "a text for a line": {"line": "line"},
    "points of texts": {"line": ["ab"]}, "a day out of time": {"line": [["9999-01-01", 1.0]]}, "bytes": {"line": b"ab"},
    "no forecast day": {"due_early_on": "x"}, "a line as a map": {"line": {"2026-04-04": 1.0}}, "before all": {"initial_m": -5.0},
}  # fmt: skip


@pytest.mark.parametrize("changes", UNFIT.values(), ids=UNFIT)
def test_figures_that_no_pair_has_make_no_picture(changes: dict[str, Any]) -> None:
    assert pictures(pair(**changes)) == []


@pytest.mark.parametrize("missing", [key for key in PAIR if key not in ("initial_m",)])
def test_data_of_an_earlier_version_make_what_picture_they_can(missing: str) -> None:
    alert = pair()
    data = {key: value for key, value in alert.data.items() if key != missing}
    made = pictures(replace(alert, data=data))
    assert len(made) == (0 if missing in ("unit", "worn_m", "life_m", "ground_m") else 1)
    assert [picture.height < 400 for picture in made] == [missing == "today"] * len(made)


@pytest.mark.parametrize(
    "changes",
    [
        {"line": []},
        {"line": [[(TODAY - timedelta(days=day)).isoformat(), 1000.0 * day] for day in range(400)]},
        {"worn_m": 1e8, "ground_m": {"hard": 1e8}},
        {"life_m": 1.0},
        {"life_m": 1e8},
        {"worn_m": 0.0, "initial_m": 0.0, "ground_m": {}},
        {"initial_m": 1e8},
        {"due_on": "2020-01-01"},
        {"due_late_on": "2150-01-01"},
        {"due_early_on": TODAY.isoformat(), "due_on": TODAY.isoformat(), "due_late_on": TODAY.isoformat()},
        {"due_on": None, "due_late_on": None},
    ],
)
def test_odd_figures_still_make_a_picture(changes: dict[str, Any]) -> None:
    for figures in (changes, {**changes, "unit": "mi"}):
        assert 200 < drawn(pair(**figures)).height < 1200


def test_random_figures_never_fail() -> None:
    """Every pair of odd values in every two places."""
    odd = [
        None,
        "",
        "x",
        -1,
        0,
        1,
        1e5,
        1e9,
        float("nan"),
        float("inf"),
        [],
        {},
        True,
        "2026-04-04",
        [["2026-04-04", 1]],
    ]
    for (one, other), value in itertools.product(itertools.combinations(PAIR, 2), odd[::2]):
        data = {**PAIR, one: value, other: odd[(odd.index(value) + 3) % len(odd)]}
        with contextlib.suppress(UnfitError):
            read_course(data, read_life(data))


def test_pairs_are_bars_of_their_share_most_worn_first_and_at_most_twelve() -> None:
    image, [picture] = drawn(LETTERS["digest"]), pictures(LETTERS["digest"])
    assert image.height == 24 + PAIR_ROW * MOST_PAIRS + 52 + 56
    scale = 760 / 640
    used = [760 - number * 55 for number in range(MOST_PAIRS)]
    for number, kilometres in enumerate(used):
        found = shares(image, 24 + number * PAIR_ROW + 60, LIGHT)
        worn = sum(share for name, share in found.items() if name not in ("track", "ink"))
        assert abs(worn - kilometres / 640 / scale) < 0.02, number
    assert picture.alt.endswith("; 2 more.") and picture.alt.index("Pegasus") < picture.alt.index("Speedgoat")


def test_a_name_the_font_cannot_write_is_drawn_as_the_id() -> None:
    def listed(name: str, shoe: str) -> bytes:
        pairs = [{**PAIR, "shoe": shoe, "name": name}]
        [picture] = pictures(Alert("a", "digest", None, "first", "t", "b", {"unit": "km", "shoes": pairs}))
        return picture.light

    assert listed("Käthe", "pair-1") == listed("pair-1", "pair-1") == listed("\u202epair", "pair-1")
    assert listed("Käthe", "paar-ä") == listed("", "")
    assert listed("W" * 5000, "x") == listed("W" * 6000, "y")


def test_a_target_is_marked_where_it_lies_and_unknown_ground_does_not_count() -> None:
    grounds = (("hard", 60e3), ("soft", 40e3), ("unknown", 100e3))
    image = Image.open(BytesIO(draw_target(grounds, "km", 0.5, LIGHT)[0])).convert("RGB")
    assert {
        name: round(share, 2)
        for name, share in shares(image, 160, LIGHT).items()
        if name in ("hard", "soft", "unknown")
    } == {
        "hard": 0.59,  # the mark covers the rest
        "soft": 0.4,
    }
    marked = [x for x, pixel in enumerate(row(image, 84)) if pixel == rgb(LIGHT["ink"])]
    assert abs(sum(marked) / len(marked) - (LEFT + RIGHT) / 2) < 2


def test_several_have_a_picture_each_and_at_most_six() -> None:
    member = {**PAIR, "title": "t"}
    alert = Alert("a", "several", None, "x", "t", "b", {"unit": "km", "alerts": [member] * 9})
    assert [picture.name for picture in pictures(alert)] == [f"life-{number}" for number in range(1, 7)]


def test_only_some_kinds_have_pictures() -> None:
    with_one = {alert.kind for alert in LETTERS.values() if pictures(alert)}
    assert with_one == {"soon", "due", "over", "several", "digest", "weekly", "hard_share", "longest", "return_plan"}


def test_marks_on_a_ruler_are_round_and_few() -> None:
    assert ruler(640, 4) == [0, 200, 400, 600]
    assert [len(ruler(10.0**power * factor, 5)) <= 6 for power in range(-5, 9) for factor in (1, 1.7, 3, 9.99)] == [
        True
    ] * 56


def test_the_words_of_the_widest_legend_fit() -> None:
    life = Life("km", 6000e3, 1000e3, 6400e3, tuple((name, 1000e3) for name in PAIR["ground_m"]))
    course = Course(TODAY, ((TODAY, 6000e3),), TODAY, TODAY + timedelta(days=9), TODAY + timedelta(days=300))
    image = Image.open(BytesIO(draw_life(life, course, LIGHT)[0])).convert("RGB")
    edges = [image.getpixel((x, y)) for x in (0, 4, WIDTH - 5, WIDTH - 1) for y in range(image.height)]
    assert set(edges) == {rgb(LIGHT["card"])}
    assert text_width("at its limit about 30 May (28 Apr to 28 Sep)") < RIGHT - LEFT - 100
