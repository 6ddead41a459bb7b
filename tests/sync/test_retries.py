"""When a message is tried again: the schedule of Standard Webhooks, spread a little, never before a Retry-After."""

from datetime import datetime, timedelta

import pytest

from shoemon.sync.tell.retries import next_attempt

BORN = "2026-03-01T06:00:00Z"


def seconds(text: str) -> float:
    return (datetime.fromisoformat(text) - datetime.fromisoformat(BORN)).total_seconds()


def at(seconds_later: float) -> str:
    moment = datetime.fromisoformat(BORN) + timedelta(seconds=seconds_later)
    return moment.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    "attempts, wait",
    [(1, 5), (2, 300), (3, 1_800), (4, 7_200), (5, 18_000), (6, 36_000), (7, 50_400), (8, 72_000), (9, 86_400)],
)
def test_each_wait_is_the_specified_one_and_at_most_a_tenth_more(attempts: int, wait: int) -> None:
    for key in ("pegasus-40-soon-1/mail", "pegasus-40-100-1/hook", "digest-0"):
        due = next_attempt(attempts, BORN, BORN, True, None, key)
        assert due is not None
        assert wait <= seconds(due) <= wait * 1.1 + 1


def test_the_spread_is_the_same_for_the_same_key_and_differs_between_keys() -> None:
    dues = [next_attempt(6, BORN, BORN, True, None, f"alert-{number}") for number in range(50)]
    assert dues == [next_attempt(6, BORN, BORN, True, None, f"alert-{number}") for number in range(50)]
    assert len(set(dues)) > 40


@pytest.mark.parametrize(
    "asked, least, most",
    [
        (None, 5, 7),
        (0.0, 5, 7),
        (-30.0, 5, 7),
        (float("nan"), 5, 7),
        (120.0, 120, 121),
        (120.2, 121, 122),
        (86_400.0, 86_400, 86_400),
        (1e9, 86_400, 86_400),
        (float("inf"), 86_400, 86_400),
    ],
)
def test_never_before_a_retry_after_which_counts_for_a_day_at_most(asked: float | None, least: int, most: int) -> None:
    due = next_attempt(1, BORN, BORN, True, asked, "a")
    assert due is not None and least <= seconds(due) <= most


def test_a_retry_after_does_not_shorten_a_longer_wait() -> None:
    due = next_attempt(5, BORN, BORN, True, 10.0, "a")
    assert due is not None and seconds(due) >= 18_000


def test_a_permanent_refusal_ends_it() -> None:
    assert next_attempt(1, BORN, BORN, False, 60.0, "a") is None


@pytest.mark.parametrize(
    "attempts, age_s, goes_on",
    [
        (9, 30 * 86_400, True),
        (10, 3 * 86_400, False),
        (10, 3 * 86_400 - 1, True),
        (25, 3600, True),
        (25, 4 * 86_400, False),
    ],
)
def test_nothing_is_given_up_before_three_days_and_the_last_step(attempts: int, age_s: int, goes_on: bool) -> None:
    """Attempts by hand cannot use the schedule up in an hour; a laptop that slept for a month still goes on with it."""
    assert (next_attempt(attempts, at(age_s), BORN, True, None, "a") is not None) is goes_on


@pytest.mark.parametrize(
    "now, due",
    [
        ("2026-03-01T06:00:00.000001Z", "2026-03-01T07:00:01Z"),
        ("2026-03-01T08:00:00+02:00", "2026-03-01T07:00:00Z"),
        ("2026-02-28T23:30:00Z", "2026-03-01T00:30:00Z"),
    ],
)
def test_times_are_utc_in_whole_seconds_rounded_up(now: str, due: str) -> None:
    assert next_attempt(1, now, now, True, 3600.0, "a") == due
