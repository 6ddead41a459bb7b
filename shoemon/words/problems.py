"""Name the reasons why records cannot be read."""

from collections import Counter
from collections.abc import Iterator, Sequence

from shoemon.model.text import one_line

_MOST = 3


def reason_lines(problems: Sequence[tuple[str, str]]) -> Iterator[str]:
    """The most frequent reasons of `problems` (place, reason), each with its number and the first place."""
    reasons = Counter(reason for _, reason in problems).most_common()
    places = {reason: place for place, reason in reversed(problems)}
    for reason, times in reasons[:_MOST]:
        yield one_line(f"{times:,} x {reason} ({places[reason]})")
    if len(reasons) > _MOST:
        yield f"{sum(times for _, times in reasons[_MOST:]):,} for other reasons"
