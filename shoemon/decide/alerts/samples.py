"""One sample alert of every kind. `shoemon check` renders templates with them, and tests check the schema with them."""

from collections.abc import Mapping
from typing import Any

from shoemon.model.alert import Alert
from shoemon.model.ids import ShoeId

FIGURES = {
    "unit": "km", "today": "2026-03-01",
    "links": [{"text": "Pegasus", "url": "https://shoes.example.org/-/shoe/pegasus"}],
}  # fmt: skip
SPAN = {"from": "2026-02-23", "until": "2026-03-01"}
GROUND = {"hard": 400000.0, "unknown": 500.5}
SHARE = {"ground_m": GROUND, "meets_m": 12000.0, "next_m": 30000.0}
PAIR = {
    "shoe": "pegasus", "name": "Pegasus", "distance_m": 576000.0, "initial_m": 0, "worn_m": 576000.0,
    "life_m": 640000.0, "fraction": 0.9, "status": "soon", "ground_m": GROUND, "due_early_on": "2026-03-20",
    "due_on": "2026-03-27", "due_late_on": None, "steadiness": None, "rate_m": None, "no_day": None,
}  # fmt: skip
SHOE = {
    **FIGURES, **PAIR, "remaining_m": 64000.0, "last_28_days_m": 120000,
    "line": [["2026-02-22", 550000.0], ["2026-03-01", 576000.0]],
}  # fmt: skip
MEMBER = {**SHOE, "id": "pegasus-soon-1", "kind": "soon", "stage": "soon", "title": "Pegasus is soon due"}
RUN = {
    "run": "strava:1", "local_date": "2026-02-28", "name": "Long one", "sport": "run", "distance_m": 21000.0,
    "reason": "gear_unknown", "reason_detail": {"gear": 'Peg "40"'},
    "why": "Strava calls it “Peg 40”, and no pair in shoes.yaml has this name", "likely": [{
        "shoe": "pegasus", "name": "Pegasus", "share": 0.8,
        "url": "https://shoes.example.org/-/assign/strava~3A1?shoe=pegasus",
    }],
    "url": "https://shoes.example.org/-/assign/strava~3A1",
}  # fmt: skip
NEW = {
    "shoe": "glide", "name": "Glide", "gear": ["12"], "runs": 2,
    "command": "shoemon shoes add glide --name Glide --gear 12",
}  # fmt: skip
DATA: Mapping[str, Mapping[str, Any]] = {
    "soon": SHOE,
    "due": {**SHOE, "steadiness": "steady", "rate_m": 4300.0, "due_on": "2026-03-10"},
    "over": SHOE,
    "several": {**FIGURES, "alerts": [MEMBER, {**MEMBER, "id": "x"}]},
    "digest": {**FIGURES, "shoes": [PAIR], "unassigned_runs": 3, "resting": 2},
    "weekly": {
        **FIGURES, **SPAN, "distance_m": 42195.0, "runs": 4, "ground_m": GROUND, "hard_share": None,
        "shoes": [{**PAIR, "period_m": 42195.0}], "unassigned_runs": 0,
    },
    "hard_share": {**FIGURES, **SPAN, **SHARE, "share": 0.8, "target": 0.6},
    "soft_share": {**FIGURES, **SPAN, **SHARE, "share": 0.2, "target": 0.4},
    "stale": {
        **FIGURES,
        "sources": [{
            "source": "watch", "type": "table", "reason": "failing", "since": "2026-02-20T06:00:00Z", "error": None,
        }],
    },
    "unassigned": {**FIGURES, "runs": [RUN], "others": [], "new_gear": [NEW]},
    "longest": {
        **FIGURES, "run": "strava:1", "local_date": "2026-02-28", "name": "Long one", "distance_m": 21000.0,
        "longest_m": 18000.0, "longest_on": "2026-02-10",
    },
    "return_plan": {
        **FIGURES, **SPAN, "distance_m": 20000.0, "allowed_m": 12000.0, "usual_m": 40000.0, "share": 0.3,
    },
    "reserve": {
        **FIGURES, "shoe": "pegasus", "name": "Pegasus", "until": "2026-03-20", "fault": "over_below",
        "worn_m": 280000.0, "expected_m": 320000.0, "rate_m": 2105.3, "below_m": 300000.0, "life_m": 640000.0,
    },
    "test": {**FIGURES, "notifier": "hook"},
}  # fmt: skip
"""Figures by kind, as `payload.DATA` describes them, where `web.url` is set."""


def sample_alerts(*, links: bool = True) -> list[Alert]:
    """An alert of every kind; without `links` as where `web.url` is not set. Their words hold what JSON escapes."""
    title, body = 'Käthe\'s "old" Pegasus is nearing the end of its life', "Used: 576 km of 640 km\nWhat you can do:\\"
    return [
        Alert(f"{kind}-1", kind, ShoeId("pegasus") if "shoe" in data else None, kind, title, body, data)
        for kind, data in (DATA if links else _without_links(DATA)).items()
    ]


def _without_links(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: [] if key == "links" else _without_links(item) for key, item in value.items() if key != "url"}
    return [_without_links(item) for item in value] if isinstance(value, list) else value
