"""Lay out metres by ground and over time: the last twelve months, and the ground's shares of each."""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from typing import Any

from shoemon.model.clock import MONTHS
from shoemon.model.surfaces import GROUNDS

Sums = Mapping[str, float]
"""Metres by ground, in the order of the pages, without empty ones."""


YEAR = """
    SELECT t.month, t.surface, f.ground, sum(t.distance_m) AS distance_m
    FROM month_mileage t JOIN surfaces f ON f.id = t.surface
    WHERE t.month > (SELECT strftime('%Y-%m', max(month) || '-01', '-12 months') FROM month_mileage)
    GROUP BY t.month, t.surface"""
"""SQL: the metres by surface of each of the last twelve months."""


def by_ground(rows: Iterable[Mapping[str, Any]], of: str = "distance_m") -> dict[str, float]:
    """The sums of rows that have a `ground` and metres in the column `of`."""
    sums: dict[str, float] = dict.fromkeys(GROUNDS, 0.0)
    for row in rows:
        sums[row["ground"] if row["ground"] in sums else "unknown"] += row[of]
    return {ground: metres for ground, metres in sums.items() if metres > 0}


LEGS = "json_group_array(json_object('surface', l.surface, 'ground', f.ground, 'distance_m', l.distance_m))"
"""SQL: the legs of a group, for `on_ground`."""


def shares(sums: Sums) -> dict[str, float]:
    """Each ground's share of their sum, 0 to 1."""
    total = sum(sums.values())
    return {ground: metres / total for ground, metres in sums.items()} if total > 0 else {}


def bar(sums: Sums) -> list[dict[str, Any]]:
    """Each ground as a part of a line 1000 long."""
    parts, x = [], 0.0
    for ground, share in shares(sums).items():
        part = {"ground": ground, "metres": sums[ground], "share": share}
        parts.append({**part, "x": round(x, 1), "width": round(1000 * share, 1)})
        x += 1000 * share
    return parts


def on_ground(legs: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The bar of a run by ground, and its metres by surface, the most first."""
    rows, surfaces = list(legs), dict[str, float]()
    for row in rows:
        surfaces[row["surface"]] = surfaces.get(row["surface"], 0.0) + row["distance_m"]
    return {"parts": bar(by_ground(rows)), "surfaces": dict(sorted(surfaces.items(), key=lambda of: (-of[1], of[0])))}


def months(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The last twelve months up to the latest of the rows (`month`, `ground`, `distance_m`); those without a run stay
    empty."""
    rows_of: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        rows_of.setdefault(row["month"], []).append(row)
    last = max(rows_of, default="")
    if not (len(last) == 7 and last[:4].isdecimal() and last[5:].isdecimal() and 1 <= int(last[5:]) <= 12):
        return []
    count = int(last[:4]) * 12 + int(last[5:]) - 1
    shown = []
    for year, month in (divmod(number, 12) for number in range(count - 11, count + 1)):
        key = f"{year:04}-{month + 1:02}"
        sums = by_ground(rows_of.get(key, ()))
        shown.append({
            "month": key, "name": f"{MONTHS[month]} {year}", "short": f"{MONTHS[month][:3]} {year}", "sums": sums,
            "last_day": f"{key}-{monthrange(year, month + 1)[1]}",
            "metres": sum(sums.values()), "parts": bar(sums), "shares": shares(sums),
            "hard": shares(sums).get("hard", 0.0), "rows": rows_of.get(key, []),
        })  # fmt: skip
    return shown


def over_time(shown: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The shares of the twelve months, the latest month against all of them; None without any distance.

    `change` is in percentage points of the shown figures. `doubtful`: the unknown ground of the month or of the twelve
    could cancel it.
    """
    run = [month for month in shown if month["metres"] > 0]
    if not run:
        return None
    sums = by_ground(
        {"ground": ground, "distance_m": metres} for month in run for ground, metres in month["sums"].items()
    )
    year, last = shares(sums), run[-1]
    change = round(100 * last["hard"]) - round(100 * year.get("hard", 0.0))
    unknown = {"month": last["shares"].get("unknown", 0.0), "year": year.get("unknown", 0.0)}
    return {
        "last": last, "year": year, "parts": bar(sums), "change": change, "several": len(run) > 1, "unknown": unknown,
        "doubtful": change != 0 and round(100 * max(unknown.values())) >= abs(change),
    }  # fmt: skip
