"""config/alert.schema.json describes what webhooks and commands are handed: alerts of every kind meet it, others do not."""

import json
from typing import Any

import pytest

from shoemon.config.docs.alert_schema import alert_schema
from shoemon.config.docs.schema import DIRECTORY
from shoemon.decide.alerts.payload import DATA, VERSION
from shoemon.model.alert import Alert
from shoemon.model.ids import ShoeId
from shoemon.notifiers.standard_webhook import body_of

jsonschema = pytest.importorskip("jsonschema")
SCHEMA = json.loads((DIRECTORY / "alert.schema.json").read_text(encoding="utf-8"))
BORN = "2026-03-01T06:00:00Z"
FIGURES = {
    "unit": "km",
    "today": "2026-03-01",
    "links": [{"text": "Pegasus", "url": "https://shoes.example.org/-/shoe/pegasus"}],
}
GROUND = {"hard": 400000.0, "unknown": 500.5}
PAIR = {
    "shoe": "pegasus", "name": "Pegasus", "worn_m": 576000.0, "initial_m": 0, "life_m": 640000.0, "fraction": 0.9, "status": "soon",
    "ground_m": GROUND, "due_early_on": "2026-03-20", "due_on": "2026-03-27", "due_late_on": None,
}  # fmt: skip
SHOE = {
    **FIGURES, "name": "Pegasus", "distance_m": 576000.0, "initial_m": 0.0, "worn_m": 576000.0, "life_m": 640000.0, "fraction": 0.9,
    "remaining_m": 64000.0, "status": "soon", "due_early_on": None, "due_on": None, "due_late_on": None, "steadiness": None,
    "rate_m": None, "last_28_days_m": 120000, "ground_m": GROUND, "line": [["2026-02-22", 550000.0], ["2026-03-01", 576000.0]],
}  # fmt: skip
TOLD = {
    **SHOE,
    "id": "pegasus-soon-1",
    "kind": "soon",
    "shoe": "pegasus",
    "stage": "soon",
    "title": "Pegasus is soon due",
}
SPAN = {"from": "2026-02-23", "until": "2026-03-01"}
RUN = {
    "run": "strava:1", "local_date": "2026-02-28", "name": "Long one", "sport": "run", "distance_m": 21000.0, "reason": "no gear",
    "likely": [{"shoe": "pegasus", "name": "Pegasus", "share": 0.8}],
}  # fmt: skip
LINKED = {
    **RUN, "url": "https://shoes.example.org/-/assign/strava~3A1",
    "likely": [{**RUN["likely"][0], "url": "https://shoes.example.org/-/assign/strava~3A1?shoe=pegasus"}],  # type: ignore[dict-item]
}  # fmt: skip
NEW = {
    "shoe": "glide",
    "name": "Glide",
    "gear": ["12"],
    "runs": 2,
    "command": "shoemon shoes add glide --name Glide --gear 12",
}
SILENT = {"source": "watch", "reason": "failing", "since": "2026-02-20T06:00:00Z", "error": None}
EXAMPLES: dict[str, dict[str, Any]] = {
    "soon": SHOE,
    "due": {**SHOE, "steadiness": "steady", "rate_m": 4300.0, "due_on": "2026-03-10"},
    "over": SHOE,
    "several": {**FIGURES, "alerts": [TOLD, {**TOLD, "id": "x", "shoe": None}]},
    "digest": {**FIGURES, "shoes": [PAIR], "unassigned_runs": 3},
    "weekly": {
        **FIGURES, **SPAN, "distance_m": 42195.0, "runs": 4, "ground_m": GROUND, "hard_share": None,
        "shoes": [{**PAIR, "period_m": 42195.0}], "unassigned_runs": 0,
    },
    "hard_share": {**FIGURES, **SPAN, "share": 0.8, "target": 0.6, "ground_m": GROUND},
    "stale": {**FIGURES, "sources": [SILENT]},
    "unassigned": {**FIGURES, "runs": [RUN, LINKED], "others": [], "new_gear": [NEW]},
    "longest": {
        **FIGURES, "run": "strava:1", "local_date": "2026-02-28", "name": "Long one", "distance_m": 21000.0, "longest_m": 18000.0,
        "longest_on": "2026-02-10",
    },
    "return_plan": {**FIGURES, **SPAN, "distance_m": 20000.0, "allowed_m": 12000.0, "usual_m": 40000.0, "share": 0.3},
    "test": {**FIGURES, "notifier": "hook"},
}  # fmt: skip


def body(kind: str, data: dict[str, Any]) -> Any:
    """What a receiver reads."""
    shoe = ShoeId("pegasus") if kind in ("soon", "due", "over") else None
    return json.loads(body_of(Alert(f"{kind}-1", kind, shoe, "stage", "Title", "Text", data), BORN))


def mistakes(content: Any) -> list[str]:
    """Where `content` does not meet the schema."""
    found = jsonschema.Draft202012Validator(SCHEMA).iter_errors(content)
    return sorted(f"{error.json_path}: {error.message}" for error in found)


def test_the_schema_is_one_and_says_what_it_is() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert {"$schema": "https://json-schema.org/draft/2020-12/schema", **alert_schema()} == SCHEMA
    assert "$id" not in SCHEMA
    assert SCHEMA["properties"]["version"]["const"] == VERSION == 1
    for name, key in (
        ("ShoeFigures", "steadiness"),
        ("Told", "rate_m"),
        ("WeeklyFigures", "unit"),
        ("PairFigures", "ground_m"),
    ):
        assert SCHEMA["$defs"][name]["properties"][key]["description"], (name, key)
        assert SCHEMA["$defs"][name]["description"], name


def test_there_is_an_example_of_every_kind() -> None:
    assert set(EXAMPLES) == set(DATA)


@pytest.mark.parametrize("kind", DATA)
def test_an_alert_of_every_kind_meets_the_schema(kind: str) -> None:
    assert mistakes(body(kind, EXAMPLES[kind])) == []


@pytest.mark.parametrize("kind", DATA)
def test_a_key_more_meets_it_and_every_key_less_does_not(kind: str) -> None:
    whole = body(kind, {**EXAMPLES[kind], "of_a_later_version": {"x": 1}})
    whole["of_a_later_version"] = 1
    assert mistakes(whole) == []
    for key in EXAMPLES[kind]:
        lacking = {name: value for name, value in EXAMPLES[kind].items() if name != key}
        assert mistakes(body(kind, lacking)) == [f"$.data: '{key}' is a required property"]
    for key in ("type", "timestamp", "version", "data"):
        assert f"$: '{key}' is a required property" in mistakes({name: whole[name] for name in whole if name != key})


@pytest.mark.parametrize("key", ["id", "kind", "shoe", "stage", "title", "body"])
def test_what_all_alerts_hold_is_required(key: str) -> None:
    content = body("stale", EXAMPLES["stale"])
    del content["data"][key]
    assert mistakes(content) == [f"$.data: '{key}' is a required property"]


@pytest.mark.parametrize(
    "kind, change, said",
    [
        ("due", {"life_m": "640 km"}, "$.data.life_m: '640 km' is not of type 'number'"),
        ("due", {"life_m": None}, "$.data.life_m: None is not of type 'number'"),
        ("due", {"unit": "m"}, "$.data.unit: 'm' is not one of ['km', 'mi']"),
        ("due", {"line": [["2026-03-01"]]}, "$.data.line[0]: ['2026-03-01'] is too short"),
        ("due", {"ground_m": {"hard": None}}, "$.data.ground_m.hard: None is not of type 'number'"),
        ("due", {"links": [{"text": "x"}]}, "$.data.links[0]: 'url' is a required property"),
        ("several", {"alerts": [SHOE]}, "$.data.alerts[0]: 'id' is a required property"),
        ("digest", {"unassigned_runs": 1.5}, "$.data.unassigned_runs: 1.5 is not of type 'integer'"),
        (
            "stale",
            {"sources": [{**SILENT, "reason": "asleep"}]},
            "$.data.sources[0].reason: 'asleep' is not one of ['failing', 'silent']",
        ),
        (
            "unassigned",
            {"runs": [{**RUN, "likely": None}], "others": []},
            "$.data.runs[0].likely: None is not of type 'array'",
        ),
    ],
)
def test_a_value_of_another_kind_does_not_meet_it(kind: str, change: dict[str, Any], said: str) -> None:
    assert said in mistakes(body(kind, {**EXAMPLES[kind], **change}))


@pytest.mark.parametrize(
    "change, said",
    [
        ({"version": 2}, "$.version: 1 was expected"),
        ({"version": "1"}, "$.version: 1 was expected"),
        ({"timestamp": 1772345678}, "$.timestamp: 1772345678 is not of type 'string'"),
        ({"type": "shoemon.alert.due"}, "$.data.kind: 'due' was expected"),
    ],
)
def test_another_version_or_type_does_not_meet_it(change: dict[str, Any], said: str) -> None:
    assert said in mistakes({**body("soon", EXAMPLES["soon"]), **change})


def test_an_unknown_kind_does_not_meet_it() -> None:
    assert [line.split(":")[0] for line in mistakes(body("lost", FIGURES))] == ["$.data.kind", "$.type"]
