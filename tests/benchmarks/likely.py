"""How often the pair that was worn is among the likeliest: every run of an export that names shoes, asked as if it did not.

    python tests/benchmarks/likely.py [path of a Strava export ...]

Each run knows only the runs before it, as a message on the day would, once two pairs are known. Beside it stands the
plain guess: the pair worn last, and the three pairs worn last. Without a path: the exports beside the project.
"""

import sys
from pathlib import Path

from forecast import EXPORTS, runs_of

from shoemon.decide.likely_shoes import PAST_DAYS, Outing, Worn, likely_shoes
from shoemon.model.ids import ShoeId
from shoemon.model.plan import Shoe


def measure(export: Path) -> list[tuple[bool, bool, bool, bool]]:
    """Of each run, whether its pair is the likeliest, is worn last, is among the likeliest three, and the last three."""
    past: list[Worn] = []
    found = []
    for run in sorted(runs_of(export), key=lambda run: run.started_at):
        if not run.gear_raw:
            continue
        shoe = ShoeId(run.gear_raw)
        outing = Outing(run.local_date, run.sport, run.name, run.distance_m, bool(run.indoor))
        recent = list(dict.fromkeys(worn.shoe for worn in reversed(past)))
        if len(recent) > 1 and shoe in recent:
            known = [Shoe(name, name, 1.0) for name in recent]
            ranked = [each.shoe for each in likely_shoes(outing, past[-400:], known)]
            found.append((ranked[0] == shoe, recent[0] == shoe, shoe in ranked, shoe in recent[:3]))
        past.append(Worn(shoe, outing))
    return found


print(f"only runs of the last {PAST_DAYS} days count; shares of runs")
print(f"{'export':34}{'runs':>6}{'first':>8}{'last worn':>11}{'among 3':>9}{'last 3':>8}")
for path in [Path(each) for each in sys.argv[1:]] or [path.parent for path in sorted(EXPORTS.glob("*/activities.csv"))]:
    hits = measure(path)
    if hits:
        first, last, three, last_three = (sum(each) / len(hits) for each in zip(*hits, strict=True))
        print(f"{path.name:34}{len(hits):6}{first:8.0%}{last:11.0%}{three:9.0%}{last_three:8.0%}")
