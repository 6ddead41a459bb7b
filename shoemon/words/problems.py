"""Name the reasons why records cannot be read, and stop where there are too many."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import SourceError
from shoemon.model.text import one_line

MOST_PROBLEMS, MOST_RECORDS = 10_000, 1_000_000
"""Of one pull. Who runs five times a day for a hundred years has 200,000 records."""
_MOST = 3


def bounded(records: Iterable[Activity | Problem]) -> Iterator[Activity | Problem]:
    """Yield `records`. Raises SourceError for more than any export of runs has; of problems it names the reasons."""
    problems: list[tuple[str, str]] = []
    for number, record in enumerate(records):
        if isinstance(record, Problem):
            problems.append((record.place, record.message))
        if len(problems) > MOST_PROBLEMS:
            reasons = "; ".join(reason_lines(problems))
            what = f"more than {MOST_PROBLEMS:,} records cannot be read, so nothing was stored: {reasons}"
            raise SourceError(what, retryable=False)
        if number >= MOST_RECORDS:
            raise SourceError(f"it has more than {MOST_RECORDS:,} records; is it a list of runs?", retryable=False)
        yield record


def reason_lines(problems: Sequence[tuple[str, str]]) -> Iterator[str]:
    """The most frequent reasons of `problems` (place, reason), each with its number and the first place."""
    reasons = Counter(reason for _, reason in problems).most_common()
    places = {reason: place for place, reason in reversed(problems)}
    for reason, times in reasons[:_MOST]:
        yield one_line(f"{times:,} x {reason} ({places[reason]})")
    if len(reasons) > _MOST:
        yield f"{sum(times for _, times in reasons[_MOST:]):,} for other reasons"
