"""Read dates as exports write them in many languages: `Mar 25, 2024, 6:01:54 AM`, `5 de ago. de 2026, 20:45:59`."""

import datetime as dt
import re
from functools import lru_cache

_MONTHS: dict[int, tuple[str, ...]] = {
    1: ("january", "januar", "jänner", "januari", "enero", "janeiro", "janvier", "gennaio"),
    2: ("february", "februar", "februari", "febrero", "fevereiro", "février", "fevrier", "febbraio"),
    3: ("march", "märz", "maerz", "maart", "mrt", "marzo", "março", "marco", "mars", "marts"),
    4: ("april", "abril", "avril", "aprile"),
    5: ("may", "mai", "mei", "mayo", "maio", "maggio", "maj"),
    6: ("june", "juni", "junio", "junho", "juin", "giugno"),
    7: ("july", "juli", "julio", "julho", "juillet", "luglio"),
    8: ("august", "augustus", "augusti", "agosto", "août", "aout"),
    9: ("september", "septiembre", "setiembre", "setembro", "septembre", "settembre"),
    10: ("october", "oktober", "octubre", "outubro", "octobre", "ottobre"),
    11: ("november", "noviembre", "novembro", "novembre"),
    12: ("december", "dezember", "diciembre", "dezembro", "décembre", "decembre", "dicembre", "desember"),
}
"""Names in en, de, nl, es, pt, fr, it and Scandinavian; an abbreviation is a beginning of at least three letters."""
_EVENING = {"pm", "p", "下午", "午後", "오후"}
_MORNING = {"am", "a", "上午", "午前", "오전"}
_FILLERS = {"m", "de", "del", "à", "às", "at", "um", "kl", "t", "z", "utc", "年", "月", "日"}
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_ENGLISH = re.compile(r"([A-Z][a-z]{2}) (\d\d?), (\d{4}), (\d\d?):(\d\d):(\d\d)\s([AP])M")
_ENGLISH_MONTHS = {names[0][:3].title(): number for number, names in _MONTHS.items()}


def parse(text: str, *, english: bool) -> dt.datetime:
    """Read the date and time in `text`, as UTC unless it has an offset. `english`: the account is English, where
    3/4/2024 is ambiguous. Raises ValueError with the reason."""
    if quick := _ENGLISH.fullmatch(text):
        # Nearly every row of nearly every export has this form, and this is four times as fast as the general way.
        name, day, year, hour, minute, second, half = quick.groups()
        month = _ENGLISH_MONTHS.get(name, 0)
        if month and (clock := int(hour)) <= 12 and year > "1900":
            clock = clock % 12 + 12 * (half == "P")
            return dt.datetime(int(year), month, int(day), clock, int(minute), int(second), tzinfo=dt.UTC)
    return _parse(text, english)


def _parse(text: str, english: bool) -> dt.datetime:
    if not text.strip():
        raise ValueError("the date is blank")
    moment = _iso(text) or _in_words(text, english)
    if moment is None:
        raise ValueError(f"the date {text[:60]!r} cannot be read")
    if not 1900 < moment.year < 9000:
        raise ValueError(f"the date {text[:60]!r} is in the year {moment.year}")
    return moment


def _iso(text: str) -> dt.datetime | None:
    if ":" not in text or not text[:4].isdigit():
        return None
    try:
        moment = dt.datetime.fromisoformat(text.strip()).replace(microsecond=0)
        return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    except (ValueError, OverflowError):
        return None


def _in_words(text: str, english: bool) -> dt.datetime | None:
    tokens = _TOKEN.findall(text.casefold())
    numbers = [token for token in tokens if token.isdecimal()]
    words = [token for token in tokens if not token.isdecimal()]
    months = [month for word in words if (month := _month(word))]
    known = all(_month(word) or word in _EVENING or word in _MORNING or word in _FILLERS for word in words)
    if not known or len(months) > 1 or len(numbers) + len(months) not in (5, 6) or any(len(n) > 4 for n in numbers):
        return None
    figures = [int(number) for number in numbers]
    if months and len(numbers[1]) == 4:
        day, year, month = figures[0], figures[1], months[0]
        clock = figures[2:]
    elif len(numbers[0]) == 4 and not months:
        year, month, day = figures[:3]
        clock = figures[3:]
    elif len(numbers[2]) == 4 and not months:
        day, month = _day_and_month(figures[0], figures[1], unsure=english and "/" in text)
        year, clock = figures[2], figures[3:]
    else:
        return None
    if clock[0] < 12 and not _EVENING.isdisjoint(words):
        clock[0] += 12
    elif clock[0] == 12 and not _MORNING.isdisjoint(words):
        clock[0] = 0
    hour, minute, second = (*clock, 0)[:3]
    try:
        return dt.datetime(year, month, day, hour, minute, second, tzinfo=dt.UTC)
    except ValueError:
        return None


def _day_and_month(first: int, second: int, *, unsure: bool) -> tuple[int, int]:
    if second > 12 or (unsure and first == second):
        return second, first
    if unsure and first <= 12:
        raise ValueError("the date has slashes, and either number may be the month")
    return first, second


@lru_cache(maxsize=256)
def _month(word: str) -> int:
    """Return 1 to 12, or 0 where `word` is not a month."""
    found = [number for number, names in _MONTHS.items() if any(name.startswith(word) for name in names)]
    return found[0] if len(word) >= 3 and len(found) == 1 else 0
