"""Which pairs suit a run to come: what the run will be, the order of the pairs, and the reasons of each."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from kit.making import shoe

from shoemon.decide.likely_shoes import Outing, Worn
from shoemon.decide.which_pair import NextRun, PairNow, Suggested, WantedRun, next_run, ranked
from shoemon.model.ids import ShoeId
from shoemon.model.plan import Reserve, Shoe

MONDAY = date(2026, 11, 30)
HARD, SOFT = {"hard": 1.0}, {"soft": 0.8, "hard": 0.2}


def outing(ago: int, km: float, sport: str = "run", ground: Mapping[str, float] = HARD, **more: Any) -> Outing:
    return Outing(
        (MONDAY - timedelta(days=ago)).isoformat(), sport, "", km * 1000, more.pop("indoor", False), ground=ground
    )


TUESDAYS = [outing(6 + 7 * week, 6 + week) for week in range(5)]  # 6 to 10 km
SUNDAYS = [outing(1 + 7 * week, 18, "trail-run", SOFT) for week in range(4)]


@pytest.mark.parametrize(
    ("wanted", "runs", "found"),
    [
        (WantedRun(), TUESDAYS + SUNDAYS, ("2026-12-01", 8.0, "run", HARD, "habit", 1, 5)),
        # After a run today, the next one is on another day; without a usual weekday it is as lately.
        (WantedRun(), [outing(0, 5), *SUNDAYS], ("2026-12-06", 18.0, "trail-run", SOFT, "habit", 6, 4)),
        (WantedRun(), [outing(0, 5), outing(9, 7)], ("2026-12-01", 6.0, "run", HARD, "habit", None, 2)),
        (WantedRun(), [outing(9, 7, "run", {}, indoor=True)], ("2026-11-30", 7.0, "run", {}, "habit", None, 1)),
        (WantedRun(), [outing(56, 7)], ("2026-11-30", 0.0, "", {}, "habit", None, 0)),
        (WantedRun(12_000.0), SUNDAYS, ("2026-11-30", 12.0, "trail-run", {}, "asked", None, 0)),
        (WantedRun(12_000.0, {"soft": 1.0}), SUNDAYS, ("2026-11-30", 12.0, "", {"soft": 1.0}, "asked", None, 0)),
        (WantedRun(None, {"soft": 1.0}), SUNDAYS, ("2026-11-30", 18.0, "", {"soft": 1.0}, "asked", None, 0)),
        (WantedRun(10.0, {"hard": 4.0, "unknown": 6.0}, by="route"), [], ("2026-11-30", 0.01, "", {}, "route", None, 0)),
        (WantedRun(10.0, {"hard": 0.0}), [], ("2026-11-30", 0.01, "", {}, "asked", None, 0)),
    ],
)  # fmt: skip
def test_the_run_is_as_it_is_wanted_and_else_as_on_that_weekday_or_lately(
    wanted: WantedRun, runs: list[Outing], found: tuple[Any, ...]
) -> None:
    run = next_run(wanted, runs, MONDAY)
    day, sport, _, metres, indoor, _, ground = run.outing
    assert (day, metres / 1000, sport, pytest.approx(ground), run.by, run.weekday, run.runs) == found
    assert indoor is any(each.indoor for each in runs)


ROAD, TRAIL, NEW, OLD = shoe("road"), shoe("trail"), shoe("new"), shoe("old", retired_on="2026-10-01")
PAST = [
    *(Worn(ShoeId("road"), run) for run in TUESDAYS),
    *(Worn(ShoeId("trail"), run) for run in SUNDAYS),
]


def now(pair: Shoe, km: float = 100, **more: Any) -> PairNow:
    life = {"distance_m": km * 1000, "worn_m": km * 1000, "remaining_m": pair.life_m - km * 1000}
    return PairNow(pair, **{**life, "ground_m": {"hard": km * 1000}, "last_on": "2026-11-28", **more})


def asked(km: float, ground: Mapping[str, float] = HARD, day: str = "2026-12-01") -> NextRun:
    return NextRun(Outing(day, "", "", km * 1000, False, ground=ground), "asked")


def suggested(run: NextRun, *pairs: PairNow) -> list[Suggested]:
    return ranked(run, PAST, pairs, MONDAY)


def order(run: NextRun, *pairs: PairNow) -> list[str]:
    return [pair.shoe for pair in suggested(run, *pairs)]


def test_the_pair_that_is_worn_on_such_ground_comes_first_and_no_pair_out_of_use_is_suggested() -> None:
    pairs = [now(NEW), now(OLD), now(TRAIL), now(ROAD)]
    assert order(asked(8), *pairs) == ["road", "trail", "new"]
    assert order(asked(16, SOFT), *pairs) == ["trail", "road", "new"]
    assert order(asked(8), now(NEW), now(shoe("soft"), ground_m={"soft": 1.0})) == ["new", "soft"]


def test_a_pair_past_its_life_counts_half_and_one_kept_for_a_race_comes_last_until_that_day() -> None:
    both = [outing(7, 8), outing(7, 8)]
    past = [Worn(ShoeId(name), run) for name, run in zip(("road", "trail"), both, strict=True)]
    pairs = [now(ROAD, 710), now(TRAIL)]
    assert [pair.shoe for pair in ranked(asked(8), past, pairs, MONDAY)] == ["trail", "road"]
    for reserve, day, last in (
        (Reserve("2026-12-02"), "2026-12-01", "road"),
        (Reserve("2026-12-02", 50_000.0), "2026-12-02", "trail"),
        (Reserve(None, 107_000.0), "2026-12-01", "road"),
        (Reserve(None, 108_000.0), "2026-12-01", "trail"),
    ):
        kept = now(shoe("road", reserve=reserve))
        assert order(asked(8, day=day), kept, now(TRAIL))[-1] == last, (reserve, day)


@pytest.mark.parametrize(
    ("pair", "run", "reasons"),
    [
        (now(ROAD), asked(8), "usual 5 5 1.0; ground {'hard': 100000} 100000 0; left 600000 592000; rest 2 2026-11-28"),
        (now(TRAIL), asked(8), "usual 0 5 0.0; ground {'hard': 100000} 100000 0; left 600000 592000; rest 2 2026-11-28"),
        (
            now(TRAIL, ground_m={"soft": 70_000, "unknown": 9_000}), asked(20, {"soft": 0.85, "hard": 0.15}),
            "usual 4 4 1.0; ground {'soft': 70000} 100000 9000; left 600000 580000; rest 2 2026-11-28",
        ),
        (now(NEW, 0, last_on=None), asked(8, {}), "usual 0 5 0.0; left 700000 692000; unworn"),
        (now(ROAD, 695), asked(8, {}), "usual 5 5 1.0; passes 5000 3000; rest 2 2026-11-28"),
        (now(ROAD, 712, last_on="2026-12-01"), asked(8, {}), "usual 5 5 1.0; past_life 12000; rest 0 2026-12-01"),
        (now(ROAD, worn_m=150_000), asked(8, {}), "usual 5 5 1.0; left 600000 588000; rest 2 2026-11-28"),
        (now(ROAD), asked(0, {}), "usual 5 9 0.556; left 600000; rest 2 2026-11-28"),
        (now(ROAD), asked(40, {}), "left 600000 560000; rest 2 2026-11-28"),
        (now(shoe("a", reserve=Reserve("2027-04-18"))), asked(40, {}), "kept 2027-04-18; left 600000 560000; rest 2 2026-11-28"),
        (now(shoe("a", reserve=Reserve(None, 1e5))), asked(40, {}), "kept_below 100000 140000; left 600000 560000; rest 2 2026-11-28"),
    ],
)  # fmt: skip
def test_each_pair_has_its_reasons_in_figures(pair: PairNow, run: NextRun, reasons: str) -> None:
    (found,) = suggested(run, pair)
    figures = [" ".join((each.code, *map(str, each.parameters.values()))) for each in found.reasons]
    assert "; ".join(figures) == reasons
