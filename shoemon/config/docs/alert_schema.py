"""JSON Schema of what webhooks and commands receive, made from the shapes in shoemon.decide.alerts.payload.

An alert of every kind meets it; a receiver can check what it gets, or have types made of it.
"""

import ast
import inspect
from itertools import pairwise
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from shoemon.decide.alerts import payload

WHAT = (
    "An alert of shoemon: the body of a webhook, and the standard input of a command. Distances are metres, days "
    "ISO dates, shares 0 to 1 and beyond. A key may be added within a version, so accept those you do not know."
)
TYPE = "shoemon.alert."
"""What `type` begins with; the kind of the alert follows."""


def alert_schema() -> dict[str, Any]:
    """The schema of the whole body, without its `$schema`."""
    data, definitions = _shapes()
    return {
        "title": "Alert",
        "description": WHAT,
        "type": "object",
        "properties": {
            "type": {"description": "The kind of alert.", "enum": [TYPE + kind for kind in data]},
            "timestamp": {"description": "When the alert was made; UTC.", "type": "string", "format": "date-time"},
            "version": {
                "description": "Of this shape: raised when a key goes or changes its meaning.",
                "const": payload.VERSION,
            },
            "data": _common(list(data)),
        },
        "required": ["type", "timestamp", "version", "data"],
        "allOf": [
            {
                "if": {"properties": {"type": {"const": TYPE + kind}}, "required": ["type"]},
                "then": {"properties": {"data": {**shape, "properties": {"kind": {"const": kind}}}}},
            }
            for kind, shape in data.items()
        ],
        "$defs": definitions,
    }


def _common(kinds: list[str]) -> dict[str, Any]:
    """What the data of every alert has beside the figures of its kind."""
    text = {"type": "string"}
    properties = {
        "id": {**text, "description": "The same when an alert is sent again."},
        "kind": {"description": "What it is about.", "enum": kinds},
        "shoe": {"type": ["string", "null"], "description": "The id of the pair, where it is about one."},
        "stage": {**text, "description": "Of a pair: soon, or percent of its life such as 100; else what it is about."},
        "title": {**text, "description": "One line for the runner; may hold names from exports, so escape it."},
        "body": {**text, "description": "The message as plain text, in lines; may hold names from exports as well."},
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


def _shapes() -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of the figures of every kind, and the definitions they refer to, all with what the keys mean."""
    shapes: list[Any] = [(kind, "serialization", TypeAdapter(shape)) for kind, shape in payload.DATA.items()]
    found, whole = TypeAdapter.json_schemas(shapes, schema_generator=WithoutTitles)
    definitions: dict[str, Any] = whole["$defs"]
    texts = _docstrings()
    for name, definition in definitions.items():
        for key, schema in definition.get("properties", {}).items():
            if key in texts.get(name, {}):
                schema["description"] = texts[name][key]
    return {kind: found[kind, "serialization"] for kind in payload.DATA}, definitions


class WithoutTitles(GenerateJsonSchema):
    """Without titles of keys, which would only repeat their names."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False


def _docstrings() -> dict[str, dict[str, str]]:
    """The docstrings of the keys of each class of the payload: the key's own, or that of its type."""
    body = ast.parse(inspect.getsource(payload)).body
    of_types = {ast.unparse(node.targets[0]): text for node, text in _with_text(body) if isinstance(node, ast.Assign)}
    texts: dict[str, dict[str, str]] = {}
    for node in body:
        if isinstance(node, ast.ClassDef):
            of_bases = {key: text for base in node.bases for key, text in texts.get(ast.unparse(base), {}).items()}
            fields = [line for line in node.body if isinstance(line, ast.AnnAssign)]
            typed = {ast.unparse(line.target): of_types.get(ast.unparse(line.annotation)) for line in fields}
            own = {ast.unparse(line.target): text for line, text in _with_text(node.body) if line in fields}
            texts[node.name] = {**of_bases, **{key: text for key, text in typed.items() if text is not None}, **own}
    return texts


def _with_text(body: list[ast.stmt]) -> list[tuple[Any, str]]:
    """Every statement with a docstring below it, and that text."""
    return [
        (node, inspect.cleandoc(below.value.value))
        for node, below in pairwise(body)
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) and isinstance(below.value.value, str)
    ]
