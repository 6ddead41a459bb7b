"""How often the pair that was worn is among the likeliest: every run of an export that names shoes, asked as if it did not.

    python tests/benchmarks/likely.py [path of a Strava export ...]

Each run knows only the runs before it, as a message on the day would. Beside it stands the plain guess: the pair worn
last, and the three pairs worn last. Without a path: the exports beside the project, where they lie there.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from shoemon.decide.likely_shoes import PAST_DAYS, Outing, Worn, likely_shoes
from shoemon.model.activity import Activity
from shoemon.model.ids import ShoeId
from shoemon.model.plan import Shoe

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "strava_export"


class Hits(NamedTuple):
    """Runs asked about, pairs in all, and how many were right: first and among three, by likeness and by the last worn."""

    runs: int
    pairs: int
    first: int
    three: int
    last_worn: int
    last_three: int


def read(path: Path) -> list[Activity]:
    """The runs of an export that name a shoe, oldest first."""
    from shoemon.sources import strava_export

    settings = strava_export.Settings.model_validate({"name": "strava", "type": "strava-export", "path": str(path)})
    from shoemon.sources import Context

    source = strava_export.make(settings, Context(Path(), "UTC", Path("state.db")))
    pull = source.pull(None)
    try:
        found = [each for each in pull if isinstance(each, Activity)]
    finally:
        pull.close()
    return sorted((a for a in found if a.gear_raw and a.sport in ("run", "trail-run")), key=lambda a: a.started_at)


def measure(runs: Sequence[Activity]) -> Hits:
    """Asks about each run in turn, once two pairs are known."""
    past: list[Worn] = []
    asked = first = three = last_worn = last_three = 0
    names = sorted({str(run.gear_raw) for run in runs})
    for run in runs:
        shoe = ShoeId(str(run.gear_raw))
        outing = Outing(run.local_date, run.sport, run.name, run.distance_m, bool(run.indoor))
        recent = list(dict.fromkeys(worn.shoe for worn in reversed(past)))
        if len(recent) > 1 and shoe in recent:
            known = [Shoe(name, name, 1.0) for name in recent]
            ranked = [each.shoe for each in likely_shoes(outing, past[-400:], known)]
            asked += 1
            first += ranked[0] == shoe
            three += shoe in ranked
            last_worn += recent[0] == shoe
            last_three += shoe in recent[:3]
        past.append(Worn(shoe, outing))
    return Hits(asked, len(names), first, three, last_worn, last_three)


def main() -> None:
    paths = [Path(each) for each in sys.argv[1:]] or sorted(DATA.glob("*/activities.csv"))
    print(f"only runs of the last {PAST_DAYS} days count")
    print(
        f"{'export':34}{'runs':>6}{'pairs':>7}{'first':>8}{'last worn':>11}{'ratio':>7}{'among 3':>9}{'last 3':>8}{'ratio':>7}"
    )
    for path in paths:
        hits = measure(read(path))
        if hits.runs:
            shares = [count / hits.runs for count in hits[2:]]
            print(
                f"{path.parent.name:34}{hits.runs:6}{hits.pairs:7}{shares[0]:8.0%}{shares[2]:11.0%}{shares[0] / shares[2]:7.2f}"
                f"{shares[1]:9.0%}{shares[3]:8.0%}{shares[1] / shares[3]:7.2f}"
            )
        else:
            print(f"{path.parent.name:34} names no shoes, or fewer than two")


if __name__ == "__main__":
    main()
