"""What is told beside pairs, and what is not told again: decided from values."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from kit.making import shoe

from shoemon.decide.alerts.facts import GroundShare, LongRun, OpenRun, ReservedPair, SourceState
from shoemon.decide.alerts.other_alerts import (
    Notice,
    give,
    last_weekly,
    longest_notices,
    planned_weeks,
    reserve_notices,
    share_notice,
    stale_notices,
    unassigned_notice,
    weeks_over_plan,
)
from shoemon.decide.ground_target import GroundTarget
from shoemon.decide.likely_shoes import Likely
from shoemon.model.alert import Alert
from shoemon.model.ids import ShoeId
from shoemon.model.plan import Reserve
from shoemon.model.reason import Reason
from shoemon.model.wear import Wear
from shoemon.words.alerts import write_alert
from shoemon.words.recipient import PageLinks, Recipient

TODAY = date(2024, 7, 1)
NOW = datetime(2024, 7, 1, 12, tzinfo=UTC)
TWO_DAYS, MONTH, NEVER = timedelta(days=2), timedelta(days=30), timedelta(0)


def source(name: str = "strava", **state: object) -> SourceState:
    """A source that was read an hour ago, brought something new yesterday, and not for the first time."""
    good = {
        "type": "strava-export", "error": None, "first_attempt_at": "2024-01-01T06:00:00Z",
        "last_success_at": "2024-07-01T11:00:00Z", "last_new_at": "2024-06-30T11:00:00Z", "has_grown": True,
    }  # fmt: skip
    return SourceState(name, **{**good, **state})  # type: ignore[arg-type]


def written(notices: Iterable[Notice], url: str | None = None, database: str = "shoemon") -> Alert:
    """The alert of the one notice, as it is stored and sent."""
    (due,) = give(list(notices), [], [], {}).alerts
    return write_alert(due, Recipient("km", TODAY, PageLinks(url, database)))


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({}, []),
        ({"error": "gone", "last_success_at": "2024-06-29T12:00:01Z"}, []),
        ({"error": "gone", "last_success_at": "2024-06-29T12:00:00Z"}, ["failing:strava"]),
        # One that could never be read counts from the first time it was tried.
        ({"error": "gone", "last_success_at": None, "first_attempt_at": "2024-06-29T11:00:00Z"}, ["failing:strava"]),
        ({"error": "gone", "last_success_at": None, "first_attempt_at": "2024-07-01T11:00:00Z"}, []),
        ({"error": "gone", "last_success_at": None, "first_attempt_at": None}, []),
        ({"last_new_at": "2024-06-01T12:00:00Z"}, ["silent:strava"]),
        ({"last_new_at": "2024-06-01T12:00:01Z"}, []),
        # An archive that was read once is not silent: nothing new was ever to be expected of it.
        ({"last_new_at": "2020-01-01T06:00:00Z", "has_grown": False}, []),
        ({"last_new_at": None, "has_grown": False}, []),
        # A source that fails is not told of as silent as well.
        ({"error": "gone", "last_new_at": "2024-01-01T06:00:00Z"}, []),
    ],
)
def test_a_source_is_stale_when_it_fails_for_long_or_went_silent(state: dict[str, object], told: list[str]) -> None:
    assert [notice.stage for notice in stale_notices([source(**state)], TWO_DAYS, MONTH, NOW)] == told


def test_a_span_of_nought_never_tells() -> None:
    bad = [source(error="gone", last_success_at="2023-01-01T06:00:00Z"), source(last_new_at="2023-01-01T06:00:00Z")]
    assert list(stale_notices(bad, NEVER, NEVER, NOW)) == []


def test_what_a_stale_source_says() -> None:
    gone = source(error="the server says 401", last_success_at="2024-06-28T06:30:00Z")
    told = written(stale_notices([gone], TWO_DAYS, MONTH, NOW), "http://shoes.home", "my runs")
    assert told.title == "strava could not be read since 2024-06-28"
    assert "Error: the server says 401" in told.body.splitlines()
    assert told.data == {
        "unit": "km", "today": "2024-07-01",
        "sources": [{
            "source": "strava", "type": "strava-export", "reason": "failing", "since": "2024-06-28T06:30:00Z",
            "error": "the server says 401",
        }],
        "links": [{"text": "strava", "url": "http://shoes.home/my~20runs/sources/strava"}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("ground_km", "told", "gone"),
    [
        ({"hard": 61, "soft": 39}, True, False),
        ({"hard": 60, "soft": 40}, False, False),  # reached, not passed
        ({"hard": 60.4, "soft": 39.6}, False, False),  # as it is shown
        ({"hard": 60.6, "soft": 39.4}, True, False),
        ({"hard": 58, "soft": 42}, False, False),  # not far enough below to be news when it comes back
        ({"hard": 57, "soft": 43}, False, True),
        ({"hard": 61, "soft": 39, "unknown": 100}, True, False),  # half is known
        ({"hard": 61, "soft": 39, "unknown": 101}, False, False),  # less is: no share is told, and none has gone
        ({"unknown": 50}, False, False),
        ({}, False, False),
    ],
)
def test_a_missed_target_is_told_when_enough_is_known(ground_km: Mapping[str, float], told: bool, gone: bool) -> None:
    """Hard ground at most 60 %, and in the same figures soft ground at least 40 %."""
    for target in (GroundTarget("hard", 0.6), GroundTarget("soft", 0.4)):
        notice, has_gone = share_notice(target, [{}, *({ground: km * 1000.0} for ground, km in ground_km.items())])
        assert (notice is not None, has_gone) == (told, gone)
        assert notice is None or (notice.kind, notice.stage) == (target.kind, target.kind)


@pytest.mark.parametrize(
    ("until", "worn_km", "below_km", "rate_km", "fault"),
    [
        ("2024-07-22", 90, 100, 1, "over_below"),  # in three weeks: 90 + 21 km
        ("2024-07-23", 90, 100, 1, None),
        ("2024-07-11", 90, 100, 1, None),  # 100 km is not more than that
        ("2024-07-11", 90, 100, None, None),
        ("2024-07-01", 101, 100, None, "over_below"),  # today
        ("2024-06-30", 101, 100, None, None),
        ("2024-07-11", 690, None, 1, "over_life"),  # of 700 km
        ("2024-07-11", 689, None, 1, None),
        ("2024-07-11", 29, 100, None, "not_broken_in"),
        ("2024-07-11", 20, 100, 1, None),
        (None, 101, 100, 1, None),
    ],
)
def test_a_pair_kept_for_a_race_is_told_of_three_weeks_ahead_unless_it_will_be_ready(
    until: str | None, worn_km: float, below_km: float | None, rate_km: float | None, fault: str | None
) -> None:
    pair = shoe("race", reserve=Reserve(until, below_km and below_km * 1000))
    metres = worn_km * 1000
    wear = Wear(
        pair.id, metres, metres, pair.life_m, 0.5, pair.life_m - metres, "fresh", rate_m=rate_km and rate_km * 1000
    )
    found = list(reserve_notices([(shoe(), wear), (pair, wear)], TODAY))
    stage = f"race:{until}" + (f":{below_km}000" if below_km else "")
    assert [(each.kind, each.stage, each.shoe) for each in found] == [("reserve", stage, "race")] * bool(fault)
    assert [each.facts.fault for each in found if isinstance(each.facts, ReservedPair)] == ([fault] if fault else [])


def long_run(km: float, longest_km: float, runs: int = 4) -> LongRun:
    return LongRun("watch:1", "2024-06-30", "Long one", km * 1000, longest_km * 1000, "2024-06-09", runs)


@pytest.mark.parametrize(
    ("run", "told"), [(long_run(22.1, 20), True), (long_run(22, 20), False), (long_run(40, 20, runs=3), False)]
)
def test_a_run_is_long_when_it_is_a_tenth_longer_than_the_longest_of_at_least_four(run: LongRun, told: bool) -> None:
    assert bool(longest_notices([run])) is told


STEPS = (("2024-06-03", 0.3), ("2024-06-17", 0.6))


@pytest.mark.parametrize(
    ("today", "until", "weeks"),
    [
        ("2024-06-02", "2024-07-01", []),
        ("2024-06-03", "2024-07-01", [("2024-06-03", "2024-06-09", 12_000.0)]),
        ("2024-06-18", "2024-07-01", [("2024-06-10", "2024-06-16", 12_000.0), ("2024-06-17", "2024-06-23", 24_000.0)]),
        # What came in late is still told of; what is long over is not.
        ("2024-07-07", "2024-07-01", [("2024-06-24", "2024-06-30", 24_000.0)]),
        ("2024-07-08", "2024-07-01", []),
        # A plan may end in the middle of a week.
        ("2024-06-26", "2024-06-27", [("2024-06-17", "2024-06-23", 24_000.0), ("2024-06-24", "2024-06-26", 24_000.0)]),
    ],
)
def test_the_weeks_of_a_plan_are_counted_from_the_first_day_of_each_step(
    today: str, until: str, weeks: list[tuple[str, str, float]]
) -> None:
    found = planned_weeks(STEPS, until, 40_000.0, {}, date.fromisoformat(today))
    assert [(week.first, week.last, week.allowed_m) for week in found] == weeks


def test_a_week_is_told_of_only_when_it_exceeds_the_plan() -> None:
    daily = {"2024-06-02": 50_000.0, "2024-06-03": 7_000.0, "2024-06-09": 5_049.0, "2024-06-10": 12_060.0}
    weeks = planned_weeks(STEPS, "2024-07-01", 40_000.0, daily, date(2024, 6, 10))
    (week,) = weeks_over_plan(weeks)
    told = written([Notice("return_plan", week.first, week)])
    assert (told.stage, told.title) == (
        "2024-06-10",
        "12.1 km in the week from 2024-06-10; your plan allows at most 12.0 km",
    )
    assert "whoever treats you" in told.body


@pytest.mark.parametrize(
    ("now", "weekday", "time", "due", "last_day"),
    [
        ("2024-07-01T05:00", 0, "07:00", "2024-07-01T07:00", "2024-06-30"),  # 07:00 in Berlin to the minute
        ("2024-07-01T04:59", 0, "07:00", "2024-06-24T07:00", "2024-06-23"),
        ("2024-07-06T20:00", 6, "20:00", "2024-06-30T20:00", "2024-06-30"),  # in the evening the day itself is told
        ("2024-03-31T12:00", 6, "02:30", "2024-03-31T02:30", "2024-03-30"),  # a time that does not exist that day
        ("2024-10-28T00:30", 6, "02:30", "2024-10-27T02:30", "2024-10-26"),  # one that came twice
        ("2024-01-01T12:00", 1, "09:00", "2023-12-26T09:00", "2023-12-25"),
    ],
)
def test_a_digest_is_due_at_the_runners_own_time(now: str, weekday: int, time: str, due: str, last_day: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    found, day = last_weekly(moment, weekday, time, ZoneInfo("Europe/Berlin"))
    assert (found.strftime("%Y-%m-%dT%H:%M"), day.isoformat()) == (due, last_day)


def notice(kind: str, stage: str) -> Notice:
    ground = GroundShare(GroundTarget("hard", 0.6), 0.7, [])
    return Notice(kind, stage, source(stage, error="gone") if kind == "stale" else ground)


def test_sources_that_fail_at_once_are_one_message() -> None:
    given = give(
        [notice("stale", "failing:a"), notice("weekly", "2024-06-30"), notice("stale", "failing:b")], [], [], {}
    )
    bundle, *others = given.alerts
    assert [(alert.id, alert.covered_by) for alert in others] == [
        ("stale-failing-a", bundle.id),
        ("stale-failing-b", bundle.id),
        ("weekly-2024-06-30", None),
    ]
    several = write_alert(bundle, Recipient("km", TODAY))
    assert several.title == "2 sources have no new runs: failing:a, failing:b"
    assert (several.kind, several.stage, [each["source"] for each in several.data["sources"]]) == (
        "stale", "several", ["failing:a", "failing:b"],
    )  # fmt: skip


def test_runs_without_a_shoe_are_told_with_lines_to_copy() -> None:
    likely = [Likely(ShoeId("a"), "A", 0.7), Likely(ShoeId("b"), "B", 0.3)]
    run = OpenRun('sheet:x"y', "2024-06-30", "Easy", "run", 8_040.0, Reason("none"), likely)
    told = written(unassigned_notice([run], {}))
    assert told.title == "Which shoe? 2024-06-30, 8.0 km"
    assert told.body.splitlines()[:8] == [
        "Run: Easy",
        "Day: 2024-06-30",
        "Distance: 8.0 km (run)",
        "Why: the export names no gear, no rule fits, and there is no default shoe",
        "Likely: A (70%), B (30%)",
        '    - {run: "sheet:x\\"y", shoe: a}',
        '    - {run: "sheet:x\\"y", shoe: b}',
        "",
    ]


def test_with_pages_a_run_without_a_shoe_has_its_own_and_each_pair_in_the_data_a_link() -> None:
    url = "http://shoes.home/s/?x=1"
    likely = [Likely(ShoeId("a b&c"), "A", 0.7)]
    run = OpenRun("sheet:x/y", "2024-06-30", "Easy", "run", 8_040.0, Reason("none"), likely)
    told = written(unassigned_notice([run], {}), url)
    page = "http://shoes.home/s/-/assign/sheet~3Ax~2Fy"
    assert told.body.splitlines()[3:7] == [
        "Why: the export names no gear, no rule fits, and there is no default shoe",
        "Likely: A (70%)",
        f"Choose: {page}",
        "",
    ]
    (data,) = told.data["runs"]
    assert data["url"] == page
    assert data["likely"] == [{"shoe": "a b&c", "name": "A", "share": 0.7, "url": f"{page}?shoe=a%20b%26c"}]
    assert told.data["links"] == [
        {"text": "Which shoe?", "url": page},
        {"text": "Runs without a shoe", "url": "http://shoes.home/s/-/assign"},
    ]
    several = written(unassigned_notice([run] * 12, {}), url)
    assert several.data["links"] == told.data["links"][1:]
    assert "... and 2 more: http://shoes.home/s/-/assign" in several.body.splitlines()


def test_a_hundred_runs_without_a_shoe_are_one_message_that_says_how_many() -> None:
    runs = [OpenRun(f"w:{n}", "2024-06-30", "", "run", 5_000.0, Reason("none")) for n in range(100)]
    told = written(unassigned_notice(runs, {}))
    assert told.title == "100 runs have no shoe yet"
    assert "... and 90 more; the view unassigned_runs lists all of them." in told.body.splitlines()
    assert [run["run"] for run in told.data["runs"]] + told.data["others"] == [run.id for run in runs]
    assert len(told.data["runs"]) == 50
