"""What is announced, and what is not announced again."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.making import plan, shoe

from shoemon.decide.alerts.facts import Announcement, WornPair
from shoemon.decide.alerts.shoe_alerts import Situation, announce
from shoemon.decide.wear import StageLimits, wear_of
from shoemon.model.alert import Alert, Standing
from shoemon.model.plan import Shoe
from shoemon.model.wear import ShoeUse
from shoemon.words.alerts import write_alert
from shoemon.words.recipient import Recipient

TODAY = date(2024, 7, 1)


class Notebook:
    """Remembers, as the database does, which alerts were given and which of them still stand."""

    def __init__(self, unit: str = "km") -> None:
        self.limits, self.unit = StageLimits(), unit
        self.snoozed: set[str] = set()
        self.given: dict[tuple[str | None, str], int] = {}
        self.standing: list[Standing] = []
        self.alerts: list[Alert] = []

    def tell(
        self, *uses: tuple[Shoe, float], first_import: bool = False, due_on: str | None = None, today: date = TODAY
    ) -> list[str]:
        """Announces what is due when the shoes have so many kilometres; returns the ids of the messages sent."""
        return [
            alert.id for alert in self.announced(uses, first_import, due_on, today).alerts if alert.covered_by is None
        ]

    def announced(
        self, uses: Sequence[tuple[Shoe, float]], first_import: bool, due_on: str | None, today: date
    ) -> Announcement:
        by_shoe = {shoe.id: ShoeUse(km * 1000, km * 1000, {"hard": km * 1000}, "2023-01-01") for shoe, km in uses}
        wears = [wear_of(shoe, by_shoe[shoe.id], {}, self.limits, today) for shoe, _ in uses]
        if due_on is not None:
            wears = [replace(wear, due_early_on=due_on, due_on=due_on, due_late_on=due_on) for wear in wears]
        situation = Situation(
            plan(*(shoe for shoe, _ in uses)), wears, wears, by_shoe, self.standing, self.given, self.limits,
            today, first_import, snoozed=frozenset(self.snoozed),
        )  # fmt: skip
        announcement = announce(situation)
        for alert in announcement.alerts:
            self.given[alert.shoe, alert.stage] = self.given.get((alert.shoe, alert.stage), 0) + 1
            assert alert.id not in {other.id for other in self.alerts}
            self.alerts.append(write_alert(alert, Recipient(self.unit, today)))
        self.standing = [item for item in self.standing if item.id not in announcement.rearmed] + [
            Standing(alert.id, alert.kind, alert.shoe, alert.stage, alert.facts.wear.worn_m, alert.facts.wear.life_m)
            for alert in announcement.alerts
            if isinstance(alert.facts, WornPair)
        ]
        return announcement


PEGASUS = shoe()
LONGER = shoe(life_m=1_000_000.0)


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([600, 629.9], [[], []]),
        ([600, 630], [[], ["pegasus-soon-1"]]),
        # Told once, however often one asks.
        ([630, 630, 640, 690], [["pegasus-soon-1"], [], [], []]),
        # A soon never silences a due, and the run that crosses the line counts.
        ([690, 700], [["pegasus-soon-1"], ["pegasus-100-1"]]),
        ([0, 650, 700, 769, 770, 840], [[], ["pegasus-soon-1"], ["pegasus-100-1"], [], ["pegasus-110-1"], ["pegasus-120-1"]]),
        # A leap over stages is told once, at the highest.
        ([600, 950], [[], ["pegasus-130-1"]]),
        ([620, 720], [[], ["pegasus-100-1"]]),
        # A total that fell below a stage and comes back to it is news again.
        ([700, 650, 700], [["pegasus-100-1"], [], ["pegasus-100-2"]]),
        ([700, 500, 640, 700], [["pegasus-100-1"], [], ["pegasus-soon-1"], ["pegasus-100-2"]]),
        ([640, 500, 640], [["pegasus-soon-1"], [], ["pegasus-soon-2"]]),
        ([700, 699.9, 700, 699.9, 700], [["pegasus-100-1"], [], ["pegasus-100-2"], [], ["pegasus-100-3"]]),
        # A fall from 130 % to 115 % announces nothing: the runner was told of more. What comes then, does.
        ([910, 805, 805, 840, 910], [["pegasus-130-1"], [], [], ["pegasus-120-1"], ["pegasus-130-2"]]),
        ([700, 770, 840, 910, 805, 840, 910],
         [["pegasus-100-1"], ["pegasus-110-1"], ["pegasus-120-1"], ["pegasus-130-1"], [], ["pegasus-120-2"], ["pegasus-130-2"]]),
        ([910, 650, 700], [["pegasus-130-1"], [], ["pegasus-100-1"]]),
        ([910, 650, 500, 650], [["pegasus-130-1"], [], [], ["pegasus-soon-2"]]),
    ],
)  # fmt: skip
def test_each_stage_is_told_once_and_again_after_a_fall(history: list[float], expected: list[list[str]]) -> None:
    notebook = Notebook()
    assert [notebook.tell((PEGASUS, km)) for km in history] == expected


A_LITTLE_LONGER, SHORTER = shoe(life_m=750_000.0), shoe(life_m=500_000.0)
RETIRED, RETIRES_TOMORROW = shoe(retired_on="2024-06-30"), shoe(retired_on="2024-07-02")


NOT_YET = [(PEGASUS, 500, "2024-07-23", ""), (PEGASUS, 500, "2024-07-20", "soon-1")]


@pytest.mark.parametrize(
    "history",
    [
        # A raised life lets every stage come again; raised a little, no soon comes after due.
        [(PEGASUS, 700, None, "100-1"), (LONGER, 700, None, ""), (LONGER, 900, None, "soon-1"), (LONGER, 1000, None, "100-2")],
        [(PEGASUS, 700, None, "100-1"), (A_LITTLE_LONGER, 700, None, ""), (A_LITTLE_LONGER, 750, None, "100-2")],
        # With a lowered life the stage that is reached by it is announced.
        [(LONGER, 600, None, ""), (PEGASUS, 700, None, "100-1"), (SHORTER, 700, None, "140-1")],
        # A retired pair is silent, and nothing comes twice when it is taken out again.
        [(PEGASUS, 700, None, "100-1"), (RETIRED, 900, None, ""), (PEGASUS, 700, None, ""), (PEGASUS, 770, None, "110-1")],
        [(RETIRES_TOMORROW, 700, None, "100-1")],
        # Soon is within 21 days; a forecast that wavers is announced once, and again after the life was raised.
        [(PEGASUS, 500, "2024-07-22", "soon-1")],
        [*NOT_YET, *((PEGASUS, 500, f"2024-{month}-20", "") for month in ("08", "07", "08", "07"))],
        [(PEGASUS, 500, "2024-07-20", "soon-1"), (LONGER, 500, "2024-12-20", ""), (LONGER, 800, "2024-07-20", "soon-2")],
    ],
)  # fmt: skip
def test_what_a_changed_pair_or_forecast_announces(history: list[tuple[Shoe, float, str | None, str]]) -> None:
    notebook = Notebook()
    assert [notebook.tell((pair, km), due_on=due_on) for pair, km, due_on, _ in history] == [
        [f"pegasus-{stage}"] if stage else [] for _, _, _, stage in history
    ]


def test_several_pairs_at_once_are_one_message_that_names_them_all() -> None:
    notebook = Notebook()
    pairs = (shoe("a"), 650), (shoe("b"), 720), (shoe("c"), 100)
    (told,) = notebook.tell(*pairs)
    several, *covered = notebook.alerts
    assert (several.id, several.kind, several.shoe, several.title) == (
        told,
        "several",
        None,
        "2 pairs need a look: a, b",
    )
    assert [(alert.id, alert.covered_by) for alert in covered] == [("a-soon-1", told), ("b-100-1", told)]
    assert [item["id"] for item in several.data["alerts"]] == ["a-soon-1", "b-100-1"]
    assert all(alert.title in several.body for alert in covered)
    assert notebook.tell(*pairs) == []
    assert notebook.tell((shoe("a"), 700), (shoe("b"), 720), (shoe("c"), 100)) == ["a-100-1"]


def test_a_first_import_is_one_digest_and_no_message_for_each_old_pair() -> None:
    notebook = Notebook()
    pairs = [(shoe(f"old-{number}", name=f"Old {number}"), 1000.0) for number in range(40)]
    pairs += [(shoe("new", name="New"), 10.0), (shoe("gone", name="Gone", retired_on="2020-01-01"), 2000.0)]
    (told,) = notebook.tell(*pairs, first_import=True)
    digest = notebook.alerts[0]
    assert (digest.id, digest.kind, digest.title) == (
        told,
        "digest",
        "shoemon now watches 41 pairs; 40 are past their life",
    )
    assert "Old 39: 1,000 km of 700 km (143%, over)" in digest.body.splitlines()
    assert "Gone" not in digest.body
    assert notebook.tell(*pairs) == []
    assert notebook.tell(*pairs[:-2], (pairs[-2][0], 650), pairs[-1]) == ["new-soon-1"]


def test_a_pair_that_is_in_no_plan_any_more_is_silent() -> None:
    notebook = Notebook()
    assert notebook.tell((PEGASUS, 700), (shoe("b"), 10)) == ["pegasus-100-1"]
    assert notebook.tell((shoe("b"), 10)) == []
    assert notebook.tell((PEGASUS, 700), (shoe("b"), 10)) == []


def test_the_message_says_which_pair_how_far_on_what_and_what_to_do() -> None:
    notebook = Notebook()
    notebook.tell((shoe(name="Nike Pegasus 40"), 712.34))
    (alert,) = notebook.alerts
    assert (alert.kind, alert.title) == ("due", "Nike Pegasus 40 has reached its life: 712 km of 700 km")
    assert alert.body.splitlines() == [
        "Used: 712 km of 700 km (102%), 12 km past its life",
        "By ground: 712 km hard",
        "",
        "Shoe: Nike Pegasus 40 (pegasus)",
        "Distance: 712.3 km in runs",
        "Rate: 0.0 km in the last 28 days",
        "",
        "What you can do:",
        "- Check the outsole and the midsole. A life is a rule of thumb, not a safety limit.",
        "- Retire the pair:",
        "    shoemon shoes retire pegasus",
        "- Keep running in it: give it a longer life. You get a message when it reaches that:",
        "    shoemon shoes set pegasus 'life=820 km'",
    ]
    assert alert.data == {
        "unit": "km", "today": "2024-07-01", "links": [], "shoe": "pegasus", "name": "Nike Pegasus 40", "distance_m": 712_340.0,
        "initial_m": 0.0, "worn_m": 712_340.0, "life_m": 700_000.0, "fraction": 1.0176, "remaining_m": -12_340.0,
        "status": "due", "due_early_on": None, "due_on": None, "due_late_on": None, "steadiness": None, "rate_m": None, "no_day": "reached",
        "last_28_days_m": 0.0, "ground_m": {"hard": 712_340.0},
        "line": [((TODAY - timedelta(weeks=week)).isoformat(), 712_340.0) for week in range(26, -1, -1)],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("km", "unit", "title"),
    [
        (640, "km", "pegasus is nearing the end of its life: 640 km of 700 km"),
        (700, "km", "pegasus has reached its life: 700 km of 700 km"),
        (780, "km", "pegasus is 80 km past its life: 780 km of 700 km"),
        (780, "mi", "pegasus is 50 mi past its life: 485 mi of 435 mi"),
    ],
)
def test_titles_are_in_the_runners_unit(km: float, unit: str, title: str) -> None:
    notebook = Notebook(unit=unit)
    notebook.tell((PEGASUS, km))
    assert notebook.alerts[0].title == title
    assert set(re.findall(r"\d (km|mi)\b", notebook.alerts[0].body)) == {unit}


HISTORIES = st.lists(st.tuples(st.integers(0, 1500), st.sampled_from([500, 700, 1000])), max_size=12)


@given(HISTORIES)
def test_nothing_is_told_while_nothing_changes_and_every_rise_to_a_new_stage_is(history: list[tuple[int, int]]) -> None:
    """Whatever the mileage and the life did before: asking twice tells once, and a rise is never lost."""
    notebook = Notebook()
    level = -1.0
    for km, life_km in history:
        pair = shoe(life_m=life_km * 1000.0)
        told = notebook.tell((pair, km))
        assert notebook.tell((pair, km)) == []
        share = km / life_km
        reached = -1.0 if share < 0.9 else 0.0 if share < 1 else int((share - 1) * 10 + 1e-9) + 1.0
        assert bool(told) is (reached > level)
        level = reached
