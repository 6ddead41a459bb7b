"""Which pictures the mail about an alert holds, and what they say in words to who cannot see them."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from shoemon.model.alert import Alert
from shoemon.model.units import write_distance
from shoemon.notifiers.mail.canvas import DARK, LIGHT, Colours, Picture
from shoemon.notifiers.mail.figures import (
    MOST_M,
    Course,
    LetterPair,
    Life,
    UnfitError,
    left,
    metres,
    ratio,
    read_course,
    read_grounds,
    read_life,
    read_pairs,
    read_unit,
    used,
    write_day,
)
from shoemon.notifiers.mail.picture_bars import MOST_PAIRS, draw_lengths, draw_pairs, draw_target
from shoemon.notifiers.mail.picture_life import NAMES, draw_life
from shoemon.notifiers.mail.text import members

log = logging.getLogger(__name__)

MOST_PICTURES = 6
"""Of pairs in one mail; further ones are told in words."""

Draw = Callable[[Colours], tuple[bytes, int]]


def pictures(alert: Alert) -> list[Picture]:
    """The pictures for `alert`; none where its data do not hold the figures, or this Pillow cannot draw."""
    if alert.kind == "several":
        drawn = [
            _one(f"life-{number}", _life, member, str(member.get("title", "")))
            for number, member in enumerate(members(alert)[:MOST_PICTURES], 1)
        ]
        return [picture for picture in drawn if picture]
    about = _KINDS.get(alert.kind)
    picture = _one(about[0], about[1], alert.data, "") if about else None
    return [picture] if picture else []


def _one(
    name: str, tell: Callable[[Mapping[str, Any]], tuple[str, Draw]], data: Mapping[str, Any], about: str
) -> Picture | None:
    try:
        alt, draw = tell(data)
        light, height = draw(LIGHT)
        dark, _ = draw(DARK)
    except UnfitError:
        return None
    except (ImportError, OSError) as error:
        log.warning("mails go out without pictures: Pillow cannot draw here (%s)", error)
        return None
    return Picture(name, alt, about, height, light, dark)


def _life(data: Mapping[str, Any]) -> tuple[str, Draw]:
    life = read_life(data)
    course = read_course(data, life)
    return describe_life(life, course), partial(draw_life, life, course)


def _pairs(data: Mapping[str, Any]) -> tuple[str, Draw]:
    pairs = read_pairs(data)
    if not pairs:
        raise UnfitError("no pairs")
    return describe_pairs(pairs), partial(draw_pairs, pairs)


def _ground(data: Mapping[str, Any]) -> tuple[str, Draw]:
    unit, grounds, target = read_unit(data.get("unit")), read_grounds(data.get("ground_m")), ratio(data.get("target"))
    known = {name: metres for name, metres in grounds if name != "unknown"}
    if sum(known.values()) < 1:
        raise UnfitError("no known ground")
    hard = known.get("hard", 0.0) / sum(known.values())
    share = f"{hard:.0%} of what is known was hard ground; your target is at most {target:.0%}"
    alt = f"{share}: {_by_ground(grounds, unit)}."
    return alt, partial(draw_target, grounds, unit, target)


def _lengths(data: Mapping[str, Any], rows: Sequence[tuple[str, str]]) -> tuple[str, Draw]:
    unit = read_unit(data.get("unit"))
    told = [(words, metres(data.get(key))) for words, key in rows]
    if not 1 <= max(length for _, length in told) <= MOST_M:
        raise UnfitError("nothing was run")
    alt = "; ".join(f"{words}: {write_distance(length, unit)}" for words, length in told) + "."
    return alt, partial(draw_lengths, told, unit)


_LONGEST = (("This run", "distance_m"), ("Longest of the 30 days before", "longest_m"))
_RETURN = (("The week", "distance_m"), ("Your plan allows", "allowed_m"), ("A usual week", "usual_m"))
_KINDS: dict[str, tuple[str, Callable[[Mapping[str, Any]], tuple[str, Draw]]]] = {
    "soon": ("life", _life),
    "due": ("life", _life),
    "over": ("life", _life),
    "digest": ("pairs", _pairs),
    "weekly": ("pairs", _pairs),
    "hard_share": ("ground", _ground),
    "longest": ("runs", partial(_lengths, rows=_LONGEST)),
    "return_plan": ("weeks", partial(_lengths, rows=_RETURN)),
}


def describe_life(life: Life, course: Course | None) -> str:
    """What the picture of one pair shows: `563 of 640 km used (88%), 77 km left: 412 km hard ...`."""
    by_ground = _by_ground(life.shown, life.unit)
    words = f"{used(life)} used ({life.fraction:.0%}), {left(life)}" + (f": {by_ground}" if by_ground else "")
    if course and course.early:
        words += f"; expected at its limit {_expected(course, course.early)}"
    return f"{words}."


def describe_pairs(pairs: Sequence[LetterPair]) -> str:
    """What the picture of several pairs shows, most worn first."""
    told = [
        f"{pair.name[:60] or pair.shoe[:60]} {used(pair.life)} ({pair.life.fraction:.0%})"
        for pair in pairs[:MOST_PAIRS]
    ]
    further = f"; {len(pairs) - MOST_PAIRS} more" if len(pairs) > MOST_PAIRS else ""
    return f"Used of their lives: {', '.join(told)}{further}."


def _by_ground(parts: Sequence[tuple[str, float]], unit: str) -> str:
    return ", ".join(f"{write_distance(length, unit, 0)} {NAMES.get(name, name)}" for name, length in parts)


def _expected(course: Course, first: date) -> str:
    early = write_day(first, month=course.months)
    if course.late is None:
        return f"about {write_day(course.middle)}, not before {early}" if course.middle else f"not before {early}"
    late = write_day(course.late, month=course.months)
    if course.middle:
        return f"about {write_day(course.middle)}, between {early} and {late}"
    return f"in {early}" if early == late else f"between {early} and {late}"
