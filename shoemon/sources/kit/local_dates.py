"""Read dates as exports write them in many languages: `Mar 25, 2024, 6:01:54 AM`, `5 de ago. de 2026, 20:45:59`.

The words are those of Babel, in one language for all dates of a file: `lis` is November in Polish, October in Croatian.
"""

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import product
from typing import NamedTuple

_LANGUAGES = (
    "en", "de", "nl", "es", "pt", "fr", "it", "da", "sv", "nb", "fi", "pl", "cs", "sk", "sl", "hr", "sr", "hu", "ro",
    "bg", "el", "tr", "ru", "uk", "ca", "eu", "gl", "id", "ms", "vi", "th", "ja", "ko", "zh", "zh_Hant", "he", "ar",
    "hi", "et", "lv", "lt", "is",
)  # fmt: skip
"""More than Strava has: a language that is not here could not be told from one that is."""
_ANYWHERE = frozenset((
    "a", "alle", "as", "at", "d", "de", "del", "kell", "kl", "klo", "klokken", "la", "las", "les", "o", "ob", "om",
    "ore", "plkst", "pukul", "saat", "t", "u", "um", "utc", "v", "z", "στισ", "в", "о", "у",
))  # fmt: skip
"""Words around a date and a time, such as `à` in French, which Babel's own notation has no longer."""
_FORMS = ("medium", "long", "MMM", "LLL")
_HALVES = {"am": 0, "pm": 12}
_BUDDHIST = 543
"""Years that Thai counts more."""
_DAY = re.compile(r"(\d\d?)\.\s?(\d\d?)\.\s?(\d{4})\.?|(\d{4})\.\s?(\d\d?)\.\s?(\d\d?)\.?")
_TOKEN = re.compile(r"\d+|[^\s\d.,،:;/()\[\]'’\-]+")
_INITIALS = re.compile(r"(?<![^\s\d.,])([^\s\d.,]{1,2})\.\s?([^\s\d.,]{1,2})\.")
_ENGLISH = re.compile(r"([A-Z][a-z]{2}) (\d\d?), ([12][09]\d\d), (\d\d?):(\d\d):(\d\d)\s([AP])M")
_ENGLISH_MONTHS = dict(
    zip(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], range(1, 13), strict=True)
)


class UnknownDatesError(ValueError):
    """Nothing tells the language of dates; the message is the reason."""


class Language(NamedTuple):
    """The words that a language uses in dates, all as `_words` returns them."""

    code: str
    months: Mapping[str, int]
    full_names: Mapping[str, int]
    """An abbreviation is a beginning of at least three letters."""
    halves: Mapping[tuple[str, int], int]
    """Hours to add for a word beside an hour of twelve."""
    others: frozenset[str]

    @property
    def name(self) -> str:
        """Its English name."""
        from babel import Locale

        return Locale.parse(self.code).english_name or self.code

    def month(self, word: str) -> int:
        """Return 1 to 12, or 0 where `word` is not a month."""
        if month := self.months.get(word):
            return month
        found = {month for name, month in self.full_names.items() if name.startswith(word)} if len(word) >= 3 else ()
        return next(iter(found)) if len(found) == 1 else 0

    def spells(self, words: tuple[str, ...]) -> bool:
        """Return whether the language has each of these words as it is."""
        return all(word in self.months or self.is_no_month(word) for word in words)

    def is_no_month(self, word: str) -> bool:
        """Return whether a word is around a date or a time."""
        return word in self.others | _ANYWHERE or any(self.half(word, hour) is not None for hour in range(12))

    def half(self, word: str, hour: int) -> int | None:
        """Return the hours to add to `hour` of twelve; None where `word` does not say."""
        return self.halves.get((word, hour % 12), _HALVES.get(word))

    def meaning(self, words: tuple[str, ...]) -> tuple[object, ...] | None:
        """Return what the words of a date mean; None if one is unknown, or two are months."""
        months = tuple(map(self.month, words))
        if sum(map(bool, months)) > 1 or not all(self.month(word) or self.is_no_month(word) for word in words):
            return None
        return months, tuple(self.half(word, hour) for word in words for hour in range(12))


class Dates(NamedTuple):
    """Reads the dates of one file. `english`: the account is English, where 3/4/2024 is ambiguous."""

    language: Language
    english: bool

    def parse(self, text: str) -> dt.datetime:
        """Read the date and time in `text`, as UTC unless it has an offset. Raises ValueError with the reason."""
        if quick := _quick(text):
            return quick
        if not text.strip():
            raise ValueError("the date is blank")
        moment = _iso(text) or self._in_words(text)
        if moment is None:
            raise ValueError(f"the date {text[:60]!r} cannot be read")
        if not 1900 < moment.year < 9000:
            raise ValueError(f"the date {text[:60]!r} is in the year {moment.year}")
        return moment

    def _in_words(self, text: str) -> dt.datetime | None:
        tokens = _tokens(text)
        numbers = [token for token in tokens if token.isdecimal()]
        words = tuple(token for token in tokens if not token.isdecimal())
        month = next(filter(None, map(self.language.month, words)), 0)
        years = [place for place, number in enumerate(numbers) if len(number) == 4]
        if self.language.meaning(words) is None or len(numbers) + bool(month) not in (5, 6) or len(years) != 1:
            return None
        figures, year_at = [int(number) for number in numbers], years[0]
        # Beside the year is the day, or day and month: before it, or after a year that comes first.
        size, last = 1 if month else 2, len(figures) - 1
        first = {0: 1, size: 0, last: last - size}.get(year_at, last)
        part, clock = (
            figures[first : first + size],
            figures[: min(first, year_at)] + figures[max(first + size, year_at + 1) :],
        )
        if len(part) < size:
            return None
        if month:
            day = part[0]
        elif year_at:
            day, month = _day_and_month(*part, unsure=self.english and "/" in text)
        else:
            month, day = part
        half = next((half for word in words if (half := self.language.half(word, clock[0])) is not None), None)
        hour, minute, second = (*clock, 0)[:3]
        hour = hour if half is None or hour > 12 else hour % 12 + half
        year = figures[year_at] - (_BUDDHIST if self.language.code == "th" and figures[year_at] > 2400 else 0)
        try:
            return dt.datetime(year, month, day, hour, minute, second, tzinfo=dt.UTC)
        except ValueError:
            return None


ENGLISH = Dates(Language("en", {}, {}, {}, frozenset()), english=True)
"""Reads only what needs no language."""


def is_english(text: str) -> bool:
    """Return whether a date is written as in nearly every export, and readable without a language."""
    return _ENGLISH.fullmatch(text) is not None


def day_of(text: str) -> dt.date:
    """Read a day without a time: in words of any language, or as D.M.Y or Y.M.D. Raises ValueError."""
    if match := _DAY.fullmatch(text.strip()):
        day, month, year = filter(None, match.group(1, 2, 3, 6, 5, 4))
        return dt.date(int(year), int(month), int(day))
    return _dates_in(_words(text)).parse(f"{text} 0:00").date()


@cache
def _dates_in(words: tuple[str, ...]) -> Dates:
    """Return the reader of a day that is written with these words. Raises ValueError where none or two months are
    meant."""
    leading = _leading({words: 1})
    if len({max(map(each.month, words), default=0) for each in leading}) != 1 or not words:
        raise ValueError(f"{' '.join(words)!r} is no month, or one of two")
    return Dates(leading[0], english=False)


def dates_of(texts: Iterable[str], beside: str = "", *, english: bool = False) -> Dates:
    """Return the reader of `texts`, the dates of a file. Where two languages differ in what they mean, the letters
    `beside` them in the file decide. Raises UnknownDatesError if these do not."""
    shapes = Counter(words for text in texts if not is_english(text) and (words := _words(text)))
    if not shapes:
        return ENGLISH._replace(english=english)
    leading = _leading(shapes)
    if _differing(leading, shapes):
        letters = {letter for letter in beside.casefold() if letter.isalpha()}
        leading = [each for each in leading if letters <= _alphabet(each.code)] or leading
    if differing := _differing(leading, shapes):
        names = sorted({each.name for each in leading})
        raise UnknownDatesError(f"{' '.join(differing[0])!r} in its dates may be {' or '.join(names[:3])}")
    return Dates(leading[0], english)


def _differing(languages: Iterable[Language], shapes: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return the words that do not mean the same in all languages."""
    return [words for words in shapes if len({language.meaning(words) for language in languages}) > 1]


def _leading(shapes: Mapping[tuple[str, ...], int]) -> list[Language]:
    """Return the languages that read most dates; of these, those that read most without an abbreviation of ours."""
    languages = list(map(_language, _LANGUAGES))
    read = {each.code: (_sum(shapes, each.meaning), _sum(shapes, each.spells)) for each in languages}
    return [each for each in languages if read[each.code] == max(read.values())]


def _sum(shapes: Mapping[tuple[str, ...], int], holds: Callable[[tuple[str, ...]], object]) -> int:
    return sum(times for words, times in shapes.items() if holds(words))


def _quick(text: str) -> dt.datetime | None:
    # Nearly every row of nearly every export has this form, and this is four times as fast as the general way.
    if match := _ENGLISH.fullmatch(text):
        name, day, year, hour, minute, second, half = match.groups()
        month = _ENGLISH_MONTHS.get(name, 0)
        if month and (clock := int(hour)) <= 12 and year > "1900":
            clock = clock % 12 + 12 * (half == "P")
            return dt.datetime(int(year), month, int(day), clock, int(minute), int(second), tzinfo=dt.UTC)
    return None


def _iso(text: str) -> dt.datetime | None:
    if ":" not in text or not text[:4].isdigit():
        return None
    try:
        moment = dt.datetime.fromisoformat(text.strip()).replace(microsecond=0)
        return moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    except (ValueError, OverflowError):
        return None


def _day_and_month(first: int, second: int, *, unsure: bool) -> tuple[int, int]:
    if second > 12 or (unsure and first == second):
        return second, first
    if unsure and first <= 12:
        raise ValueError("the date has slashes, and either number may be the month")
    return first, second


def _tokens(text: str) -> list[str]:
    """Return the numbers and words of a date: in lower case, without accents, and `p. m.` as one word."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in plain if not "\u0300" <= char <= "\u036f" and unicodedata.category(char) != "Cf")
    return _TOKEN.findall(_INITIALS.sub(r"\1\2", plain))


def _words(text: str) -> tuple[str, ...]:
    return tuple(token for token in _tokens(text) if not token.isdecimal())


@cache
def _language(code: str) -> Language:
    """Return a language: the words of all months and hours in the notations of Babel."""
    from babel import Locale
    from babel.dates import format_date, format_time

    locale = Locale.parse(code)
    days = [dt.date(2024, month, 14) for month in range(1, 13)]
    by_month = [{word for form in _FORMS for word in _words(format_date(day, form, locale=locale))} for day in days]
    by_hour = [
        # A full hour too: noon and midnight have words of their own.
        {word for past in (0, 1) for word in _words(format_time(dt.time(hour, past), "medium", locale=locale))}
        for hour in range(24)
    ]
    months, full_names, halves = dict[str, int](), dict[str, int](), dict[tuple[str, int], int]()
    for month, words in enumerate(by_month, 1):
        months |= {word: month for word in words if sum(word in other for other in by_month) == 1}
    for name, width in product(_HALVES, ("wide", "abbreviated")):
        for word in _words(locale.day_periods["format"][width].get(name, "")):
            halves |= dict.fromkeys(((word, hour) for hour in range(12)), _HALVES[name])
    for hour, words in enumerate(by_hour):
        halves |= {(word, hour % 12): hour // 12 * 12 for word in words - by_hour[(hour + 12) % 24]}
    for context in ("format", "stand-alone"):
        for month, name in locale.months[context]["wide"].items():
            if len(_tokens(name)) == 1:
                full_names |= dict.fromkeys(_words(name), month)
    others = set.union(*by_month, *by_hour) - months.keys() - {word for word, _ in halves}
    return Language(code, full_names | months, full_names, halves, frozenset(others))


@cache
def _alphabet(code: str) -> frozenset[str]:
    """Return the letters of a language: those in its names of countries and languages, and of English."""
    from babel import Locale

    locale = Locale.parse(code)
    names = [*locale.territories.values(), *locale.languages.values()]
    return frozenset("abcdefghijklmnopqrstuvwxyz") | frozenset("".join(names).casefold())
