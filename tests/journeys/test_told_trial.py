"""Twenty days of the trial of what is told, and that it finds what an alerter does wrong.

SHOEMON_SEEDS="1 2 3" SHOEMON_DAYS=365 tries whole years, and others.
"""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from benchmarks.told_trial import told_trial
from told_oracle import Pairs
from told_score import Attempt, not_tried_in_time

from shoemon.sync.derive import update_wear
from shoemon.sync.tell import outbox

pytestmark = pytest.mark.slow  # scripted days, and alerters that are wrong on purpose

SEEDS = [int(seed) for seed in os.environ.get("SHOEMON_SEEDS", "9").split()]
DAYS = int(os.environ.get("SHOEMON_DAYS", "20"))


@pytest.mark.parametrize("seed", SEEDS)
def test_in_twenty_scripted_days_nothing_is_missed_repeated_or_late(seed: int, tmp_path: Path) -> None:
    result = told_trial(tmp_path, seed, DAYS)
    told = result.everything
    assert (result.wrong, result.faults) == ([], [])
    assert told.due == told.delivered > 20 and result.newly_due.due > 0
    assert result.tried_again > 0 and told.waited > 0  # receivers were away while there was something to tell


@pytest.mark.parametrize(
    ("module", "name", "instead", "count"),
    [
        (outbox, "next_attempt", lambda *_: None, "missed"),  # gives up after one attempt
        (outbox, "is_quiet", lambda *_: False, "late"),  # writes at quiet hours
        (update_wear, "standing_alerts", lambda _: [], "repeated"),  # forgets what it has told
    ],
)
def test_the_trial_finds_an_alerter_that(
    module: Any, name: str, instead: Callable[..., Any], count: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, instead)
    result = told_trial(tmp_path, seed=6, days=20)
    assert getattr(result.everything, count) > 0
    assert result.wrong


def test_a_stage_is_due_when_it_is_reached_from_below_and_again_after_a_fall() -> None:
    pairs, due = Pairs(), []
    for full, settled in ((90, 0), (90, 90), (110, 90), (110, 110), (100, 100), (110, 110), (0, 0), (100, 100)):
        due.append(pairs.rise("a", full, settled, 100, silently=False, snoozed=False))
    assert due == [None, (90, False), None, (110, True), None, (110, False), None, (100, True)]


def test_what_was_acknowledged_is_due_again_once_the_life_is_raised() -> None:
    pairs, due = Pairs(), []
    for full, life_m in ((100, 100), (110, 100), (100, 120), (110, 120)):
        due.append(pairs.rise("a", full, full, life_m, silently=False, snoozed=False))
        if len(due) == 1:
            pairs.acknowledged["a"] = 100, 100
    assert due == [(100, True), None, None, (110, False)]


TICKS = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=30) * number for number in range(48)]


def an_attempt(tick: int, id: str, *, taken: bool = False) -> Attempt:
    return Attempt(TICKS[tick], TICKS[0], id, ((id, "100"),), frozenset({"a"}), taken)


@pytest.mark.parametrize(
    ("attempts", "slow"),
    [
        ([(0, "one", True)], set()),
        ([(1, "one", True)], {"one"}),  # not at the first tick
        ([(0, "one", False), (1, "one", False), (2, "one", True)], set()),  # 5 s and 5 min are over by the next tick
        ([(0, "one", False), (2, "one", True)], {"one"}),
        ([(0, "one", False), (1, "one", False), (2, "one", False), (4, "one", True)], set()),  # 30 min and a tenth
        ([(0, "one", False), (1, "one", False), (2, "one", False), (5, "one", True)], {"one"}),
        ([(0, "one", False), (1, "one", True), (1, "two", True)], set()),  # the newer waits for the older one
        ([(0, "one", False), (1, "one", True), (2, "two", True)], {"two"}),
    ],
)
def test_an_attempt_comes_in_time_or_the_message_is_late(attempts: list[tuple[int, str, bool]], slow: set[str]) -> None:
    made = [an_attempt(tick, id, taken=taken) for tick, id, taken in attempts]
    assert not_tried_in_time(made, {"one": TICKS[0], "two": TICKS[0]}, TICKS) == slow
