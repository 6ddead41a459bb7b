"""Name the reasons why records cannot be read, and stop where there are too many."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import SourceError
from shoemon.model.text import one_line
from shoemon.model.units import write_distance

MOST_PROBLEMS, MOST_RECORDS = 10_000, 1_000_000
"""Of one pull. Who runs five times a day for a hundred years has 200,000 records."""
_MOST = 3
_LONGEST_WORD = 200


def bounded(records: Iterable[Activity | Problem]) -> Iterator[Activity | Problem]:
    """Yield `records`. Raises SourceError for more than any export of runs has; of problems it names the reasons."""
    problems: list[tuple[str, str]] = []
    for number, record in enumerate(records):
        if isinstance(record, Problem) and not record.is_note:
            problems.append((record.place, record.message))
        if len(problems) > MOST_PROBLEMS:
            reasons = "; ".join(reason_lines(problems))
            what = f"more than {MOST_PROBLEMS:,} records cannot be read, so nothing was stored: {reasons}"
            raise SourceError(what, retryable=False)
        if number >= MOST_RECORDS:
            raise SourceError(f"it has more than {MOST_RECORDS:,} records; is it a list of runs?", retryable=False)
        yield record


def sportless_words(records: int, metres: float, unit: str) -> str:
    """The number of records that may be runs, and their distance."""
    many = "recordings" if records > 1 else "recording"
    return f"{records:,} {many} without a known sport, {write_distance(metres, unit)}"


def which_sport(word: str, times: int) -> str:
    """The question about records whose sport is unknown, for a source with a `sport_map`."""
    many = f"{times:,} activities have" if times > 1 else "1 activity has"
    what = f"the unknown sport {_quoted(word)}" if word else "no sport"
    return f"{many} {what}; which is it? Write {sport_line(word)}, where SPORT is {SPORT_IS}"


SPORT_IS = "run, walk, other or the like"
_MAPPED = {
    "strava-export", "table", "tracks", "garmin-csv", "runkeeper", "google-health", "polar", "suunto", "samsung",
    "adidas-running", "fitbit", "zepp", "withings", "mapmyrun",
}  # fmt: skip
"""Types of source with a `sport_map`."""


def sport_line(word: str) -> str:
    """The line at a source in shoemon.yaml that gives records with `word` a sport."""
    return f"sport_map: {{{_quoted(word)}: SPORT}}"


def line_to_count(kind: str, id: str, word: str) -> tuple[str, str]:
    """The remedy for records of a source of the type `kind` that may be runs, and the line to copy."""
    if kind in _MAPPED:
        return f"which sport is it? Write at its source in shoemon.yaml, where SPORT is {SPORT_IS}:", sport_line(word)
    return "if it is a run, write under corrections in shoes.yaml:", f"- {{run: {_quoted(id)}, shoe: SHOE}}"


def _quoted(text: str) -> str:
    return json.dumps(text[:_LONGEST_WORD], ensure_ascii=False)


def reason_lines(problems: Sequence[tuple[str, str]]) -> Iterator[str]:
    """The most frequent reasons of `problems` (place, reason), each with its number and the first place."""
    reasons = Counter(reason for _, reason in problems).most_common()
    places = {reason: place for place, reason in reversed(problems)}
    yield from grouped_lines([(reason, times, places[reason]) for reason, times in reasons])


def grouped_lines(reasons: Sequence[tuple[str, int, str]]) -> Iterator[str]:
    """The first of `reasons`, each with its number and its first place, and how many records have others."""
    for reason, times, place in reasons[:_MOST]:
        yield one_line(f"{times:,} x {reason} ({place})")
    if len(reasons) > _MOST:
        yield f"{sum(times for _, times, _ in reasons[_MOST:]):,} for other reasons"
