"""Imagine a runner's year, the same for the same day: some 220 runs in shoes that nobody makes. Pure."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from shoemon.demo.routes import metres_by_surface, route
from shoemon.model.surfaces import BUILT_IN

DAYS = 365
FIRST_SYNC_DAYS = 21
"""Age of the first sync: its export ends on the day before."""
DAILY_LIFE_M = 640_000.0
_WORN_BEFORE = 0.945
"""Worn share of the daily pair's life by then; the runs since wear the rest."""
_SEED = 4711
_WITHOUT_WATCH = 0.04
"""Share of the runs without a track: the watch was at home."""
_STRAVA_ERR_DAYS = range(8, 15)
"""On the Wednesday of these days, Strava mistook the paths of the park for roads."""


@dataclass(frozen=True)
class DemoGear:
    """Shoes as Strava has them: an id (exact, as in newer rows), brand, model, and the runner's own name."""

    id: int
    brand: str
    model: str
    nickname: str = ""

    @property
    def label(self) -> str:
        return " ".join(part for part in (self.brand, self.model, self.nickname) if part)


EVERYDAY = DemoGear(24011813, "Brantwick", "Glide", "Everyday")
"""Two pairs one after the other under one name: `worn` in shoes.yaml tells them apart."""
FRESH = DemoGear(25840117, "Brantwick", "Glide 4")
TRAIL = DemoGear(22500431, "Tarnmoor", "Scree")
RACE = DemoGear(23114209, "Velquist", "Dash", "Race day")
SHOES = (EVERYDAY, FRESH, TRAIL, RACE)
TREADMILL_SHOE = "Foyer"


@dataclass(frozen=True)
class DemoOuting:
    """One activity. Metres; `dirt_m` None: not known. `gear` None: the runner named none."""

    day: date
    name: str
    distance_m: float
    pace_s_per_km: float = 330.0
    sport: str = "Run"
    gear: DemoGear | None = EVERYDAY
    dirt_m: float | None = None
    climb_m: float = 20.0
    belt: bool = False
    """It is in the treadmill's table too, or only there (`sport` is empty then)."""
    route: str = ""
    """Its route in the demo's town, if it has a track."""

    @property
    def start(self) -> datetime:
        """In UTC."""
        return datetime.combine(self.day, time(4, 15)) + timedelta(minutes=self.day.day * 7)


@dataclass(frozen=True)
class Year:
    """All outings, oldest first; `changed_on` is the first day of the second pair called Everyday."""

    outings: tuple[DemoOuting, ...]
    changed_on: date
    race: date
    drive: date
    today: date = field(default=date.min)

    def until(self, days_ago: int) -> "Year":
        """The year up to the day before `days_ago`."""
        end = self.today - timedelta(days=days_ago)
        return replace(self, outings=tuple(outing for outing in self.outings if outing.day < end))


def imagine(today: date) -> Year:
    """Make the year that ends on the day before `today`."""
    chance = random.Random(_SEED)  # noqa: S311 nothing here is secret
    outings = [outing for age in range(DAYS, 0, -1) for outing in _day(today, age, chance)]
    race, drive = _special(outings, today, "Long run", (3, 6))
    changed = {
        race.day: replace(
            race, name="Half marathon", distance_m=24_100.0, pace_s_per_km=285.0, gear=None, route="streets"
        ),
        drive.day: replace(
            drive, name="Forgot to stop the watch", distance_m=19_400.0, pace_s_per_km=110.0, gear=None, route=""
        ),
    }
    for run in _special(outings, today, "Evening run", (2, 9)):
        changed[run.day] = replace(run, name="Run with the neighbours", gear=None)
    outings = [_seen_by_strava(changed.get(outing.day, outing), today) for outing in outings]
    return Year(tuple(outings), _changed_on(outings, today), race.day, drive.day, today)


def _special(outings: list[DemoOuting], today: date, name: str, places: tuple[int, ...]) -> list[DemoOuting]:
    """Choose the outings at `places` among those called `name`, counted back from the first sync."""
    before = [item for item in outings if item.name == name and item.day < today - timedelta(days=FIRST_SYNC_DAYS)]
    return [before[-place] for place in places]


def _day(today: date, age: int, chance: random.Random) -> Iterator[DemoOuting]:
    """Make the runs of the day `age` days before `today`: on five days of most weeks, on fewer of others."""
    day = today - timedelta(days=age)
    week, weekday = day.toordinal() // 7, day.weekday()
    even = week % 2 == 0
    rolled, length, watch = chance.random(), chance.uniform(0.85, 1.15), chance.random() >= _WITHOUT_WATCH
    newer = age <= FIRST_SYNC_DAYS  # kept, so that the daily pair gets to its end
    if rolled < 0.1 and not newer:
        return
    evenings = {0: "streets", 2: "park", 3: "beach" if even else "streets", 5: "streets" if even else "meadow"}
    if weekday == 1 and even:
        outing = DemoOuting(
            day, "Intervals 6 x 1000 m", 9_600 * length, 290, gear=RACE if week % 6 else None, route="track"
        )
    elif weekday == 3 and week % 3 == 0:
        outing = DemoOuting(day, "Treadmill", 5_200 * length, 345, "Run" if even else "", None, belt=True)
    elif weekday in (2, 3, 5) or (weekday == 0 and week % 3 == 1):
        fresh = age < FIRST_SYNC_DAYS - 7 and (weekday == 5 or age < 8)
        distance_m = (9_500 if weekday == 2 else 7_400) * length
        outing = DemoOuting(day, "Evening run", distance_m, gear=FRESH if fresh else EVERYDAY, route=evenings[weekday])
    elif weekday == 6 and even:
        outing = DemoOuting(day, "Long run", 17_500 * length, 345, route="long")
    elif weekday == 6:
        gear = TRAIL if week % 8 else None
        outing = DemoOuting(day, "Trail over the fell", 14_000 * length, 420, gear=gear, climb_m=480, route="fell")
    elif weekday == 4 and week % 4 == 0:
        outing = DemoOuting(day, "To work and back", 24_000 * length, 180, "Ride", None)
    else:
        return
    yield outing if watch or newer else replace(outing, route="")


def _seen_by_strava(outing: DemoOuting, today: date) -> DemoOuting:
    """Add Strava's figure for the ground of a track. It says nothing of ground off its map."""
    if outing.route in ("", "beach", "meadow", "track"):
        return outing
    metres = metres_by_surface(route(outing.route, outing.distance_m))
    soft_m = sum(length_m for surface, length_m in metres.items() if BUILT_IN[surface].ground == "soft")
    errs = (today - outing.day).days in _STRAVA_ERR_DAYS and outing.day.weekday() == 2
    return replace(outing, dirt_m=(0.1 if errs else 0.95) * soft_m)


def _changed_on(outings: list[DemoOuting], today: date) -> date:
    """Find the first day of the second everyday pair, so that its life ends in the last three weeks."""
    first_sync = today - timedelta(days=FIRST_SYNC_DAYS)
    left_m = _WORN_BEFORE * DAILY_LIFE_M
    for outing in reversed(outings):
        if outing.day >= first_sync or outing.gear is not EVERYDAY:
            continue
        if outing.distance_m > left_m:
            return outing.day + timedelta(days=1)
        left_m -= outing.distance_m
    raise AssertionError("an imaginary runner who hardly runs")
