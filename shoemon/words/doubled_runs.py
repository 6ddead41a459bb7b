"""Sentences about runs that may count twice, each with the line to copy."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shoemon.decide.same_run.doubts import WrongClock

_SHOWN = 3


def doubled_lines(runs: Iterable[Mapping[str, Any]], clocks: Iterable[WrongClock]) -> Iterator[tuple[str, str]]:
    """Report clocks that are wrong again and again, then the first of the other `runs` (rows of the view
    doubled_runs)."""
    by_pair = {frozenset((clock.source, clock.other)): clock for clock in clocks}
    for clock in by_pair.values():
        if clock.is_frequent:
            words = (
                f"{clock.runs} runs of source {clock.source} may count twice: they start when runs of {clock.other} "
                f"do, but by the runner's clock, so {clock.source} seems to write local time as UTC"
            )
            yield (f"{words}; if so, add to that source in shoemon.yaml:", "times: local") if clock.can_be_set else (
                f"{words} (view doubled_runs)", ""
            )  # fmt: skip
    others = 0
    for run in runs:
        of = by_pair.get(frozenset(run[key].partition(":")[0] for key in ("activity", "other")))
        if of is not None and of.is_frequent:
            continue
        others += 1
        if others <= _SHOWN:
            hours = f", with local time as UTC (if so, add `times: local` to source {of.source})" if of else ""
            words = (
                f"{run['activity']} may be the same run as {run['other']}{hours}, and both count; if it is one run, "
            )
            yield f"{words}add to `corrections` in shoes.yaml:", run["correction"]
    if others > _SHOWN:
        yield f"{others - _SHOWN} more runs may count twice (view doubled_runs)", ""
