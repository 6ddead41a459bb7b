"""config/alert.schema.json describes what webhooks and commands are handed: alerts of every kind meet it, others do not."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from shoemon.config.docs.alert_schema import alert_schema
from shoemon.config.docs.schema import DIRECTORY
from shoemon.decide.alerts.payload import DATA, VERSION
from shoemon.decide.alerts.samples import DATA as EXAMPLES
from shoemon.decide.alerts.samples import sample_alerts
from shoemon.model.alert import Alert
from shoemon.model.ids import ShoeId
from shoemon.notifiers.standard_webhook import body_of

jsonschema = pytest.importorskip("jsonschema")
SCHEMA = json.loads((DIRECTORY / "alert.schema.json").read_text(encoding="utf-8"))
BORN = "2026-03-01T06:00:00Z"
RUN = EXAMPLES["unassigned"]["runs"][0]
SILENT = EXAMPLES["stale"]["sources"][0]


def body(kind: str, data: Mapping[str, Any]) -> Any:
    """What a receiver reads."""
    shoe = ShoeId("pegasus") if kind in ("soon", "due", "over", "reserve") else None
    return json.loads(body_of(Alert(f"{kind}-1", kind, shoe, "stage", "Title", "Text", data), BORN))


def mistakes(content: Any) -> list[str]:
    """Where `content` does not meet the schema."""
    found = jsonschema.Draft202012Validator(SCHEMA).iter_errors(content)
    return sorted(f"{error.json_path}: {error.message}" for error in found)


def test_the_schema_is_one_and_says_what_it_is() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert {"$schema": "https://json-schema.org/draft/2020-12/schema", **alert_schema()} == SCHEMA
    assert "$id" not in SCHEMA
    assert SCHEMA["properties"]["version"]["const"] == VERSION == 2
    described = {
        "ShoeFigures": "steadiness",
        "OneOfSeveral": "rate_m",
        "WeeklyFigures": "unit",
        "PairFigures": "ground_m",
    }
    for name, key in described.items():
        assert SCHEMA["$defs"][name]["properties"][key]["description"], (name, key)
        assert SCHEMA["$defs"][name]["description"], name


@pytest.mark.parametrize("links", [True, False])
def test_an_alert_of_every_kind_meets_the_schema(links: bool) -> None:
    assert set(EXAMPLES) == set(DATA)
    for alert in sample_alerts(links=links):
        assert bool(alert.data["links"]) is links
        assert mistakes(json.loads(body_of(alert, BORN))) == [], alert.kind


@pytest.mark.parametrize("kind", DATA)
def test_a_key_more_meets_it_and_every_key_less_does_not(kind: str) -> None:
    whole = body(kind, {**EXAMPLES[kind], "of_a_later_version": {"x": 1}})
    whole["of_a_later_version"] = 1
    assert mistakes(whole) == []
    for key in EXAMPLES[kind].keys() - {"shoe"}:  # the body names the shoe of every alert
        lacking = {name: value for name, value in EXAMPLES[kind].items() if name != key}
        assert mistakes(body(kind, lacking)) == [f"$.data: '{key}' is a required property"]
    for key in ("id", "kind", "shoe", "stage", "title", "body"):
        data = {name: value for name, value in whole["data"].items() if name != key}
        assert f"$.data: '{key}' is a required property" in mistakes({**whole, "data": data})
    for key in ("type", "timestamp", "version", "data"):
        assert f"$: '{key}' is a required property" in mistakes({name: whole[name] for name in whole if name != key})


@pytest.mark.parametrize(
    "kind, change, said",
    [
        ("due", {"life_m": "640 km"}, "$.data.life_m: '640 km' is not of type 'number'"),
        ("due", {"life_m": None}, "$.data.life_m: None is not of type 'number'"),
        ("due", {"unit": "m"}, "$.data.unit: 'm' is not one of ['km', 'mi']"),
        ("due", {"line": [["2026-03-01"]]}, "$.data.line[0]: ['2026-03-01'] is too short"),
        ("due", {"ground_m": {"hard": None}}, "$.data.ground_m.hard: None is not of type 'number'"),
        ("due", {"links": [{"text": "x"}]}, "$.data.links[0]: 'url' is a required property"),
        ("several", {"alerts": [EXAMPLES["soon"]]}, "$.data.alerts[0]: 'id' is a required property"),
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
        ({"version": 3}, "$.version: 2 was expected"),
        ({"version": "1"}, "$.version: 2 was expected"),
        ({"timestamp": 1772345678}, "$.timestamp: 1772345678 is not of type 'string'"),
        ({"type": "shoemon.alert.due"}, "$.data.kind: 'due' was expected"),
    ],
)
def test_another_version_or_type_does_not_meet_it(change: dict[str, Any], said: str) -> None:
    assert said in mistakes({**body("soon", EXAMPLES["soon"]), **change})


def test_an_unknown_kind_does_not_meet_it() -> None:
    assert [line.split(":")[0] for line in mistakes(body("lost", EXAMPLES["test"]))] == ["$.data.kind", "$.type"]
