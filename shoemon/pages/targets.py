"""Read the runner's targets of ground and the 28 days that they are about, for alerts, the terminal and the pages."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta

from shoemon.decide.ground_target import TARGET_DAYS, Days, GroundNow, GroundTarget, ground_now
from shoemon.model.units import METRES
from shoemon.pages.rows import Rows
from shoemon.pages.units import unit_of

BY_DAY = """
    SELECT l.local_date, f.ground, sum(l.distance_m) AS metres FROM (SELECT id FROM shoes UNION ALL SELECT NULL) s
      CROSS JOIN legs l INDEXED BY legs_shoe ON l.shoe IS s.id AND l.local_date BETWEEN ? AND ?
      JOIN surfaces f ON f.id = l.surface GROUP BY 1, 2"""
"""There is no index of days alone; this reads the days of each pair, and of no pair."""


def last_days(rows: Rows, today: date) -> Days:
    """The metres by ground of each of the last 28 days, the last of them `today`."""
    days = [(today - timedelta(days=back)).isoformat() for back in reversed(range(TARGET_DAYS))]
    by_day: dict[str, dict[str, float]] = {day: {} for day in days}
    for row in rows(BY_DAY, days[0], days[-1]):
        by_day[row["local_date"]][row["ground"]] = row["metres"]
    return list(by_day.values())


def targets_now(settings: Mapping[str, str], days: Days) -> list[GroundNow]:
    """The runner's targets, from the settings in the database, beside the last 28 days."""
    found = []
    for ground in ("hard", "soft"):
        with suppress(ValueError, KeyError):
            found.append(GroundTarget(ground, float(settings[f"{ground}_share"])))
    return [ground_now(target, days, METRES[unit_of(settings)]) for target in found]
