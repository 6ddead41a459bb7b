"""The schemas in config/ are fresh, the example files there complete, and both agree with the settings and their reader."""

import re
import types
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import pytest
from kit.configurations import DESIGN_MAIN, DESIGN_SHOES, MAIN_CASES, SHOES_CASES
from pydantic import BaseModel

from shoemon.config.docs.schema import DIRECTORY, files, main_schema, shoes_schema
from shoemon.config.kinds import Secret
from shoemon.config.load import load
from shoemon.config.models import CorrectionEntry, DefaultEntry, MainFile, PlaceEntry, RuleEntry, ShoeEntry, ShoesFile
from shoemon.config.reading import parse_document
from shoemon.config.registry import NOTIFIERS, SOURCES
from shoemon.config.written import Written
from shoemon.model.sports import SPORTS
from shoemon.model.surfaces import BUILT_IN, GROUNDS

jsonschema = pytest.importorskip("jsonschema")
ITEMS: dict[str, list[Any]] = {
    "sources": [SOURCES.module_of(kind).Settings for kind in SOURCES.built_in],
    "notify": [NOTIFIERS.module_of(kind).Settings for kind in NOTIFIERS.built_in],
    "shoes": [ShoeEntry],
    "rules": [RuleEntry],
    "default_shoe": [DefaultEntry],
    "corrections": [CorrectionEntry],
    "places": [PlaceEntry],
}


@cache
def example(name: str) -> str:
    return (DIRECTORY / name).read_text(encoding="utf-8")


def read(text: str) -> Any:
    """What an editor sees: numbers and truth as YAML 1.2 says, days as texts."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.constructor.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)
    return yaml.load(text)


@cache
def by_schema(name: str) -> Any:
    """What holds a document against the schema `shoemon` or `shoes`, made once."""
    schema = {"shoemon": main_schema, "shoes": shoes_schema}[name]()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_files_in_config_are_fresh() -> None:
    """If this fails: python -m shoemon.config.docs.schema."""
    fresh = files()
    assert {name: example(name) for name in fresh} == fresh


def test_the_examples_load(tmp_path: Path) -> None:
    for name in ("shoemon.yaml", "shoes.yaml"):
        (tmp_path / name).write_text(example(name), encoding="utf-8")
    config = load(tmp_path)
    assert {settings.type for settings in config.sources} == set(SOURCES.built_in)
    assert {settings.type for settings in config.notifiers} == set(NOTIFIERS.built_in)
    assert len(config.plan.shoes) == 3 and len(config.plan.rules) == 4 and len(config.plan.corrections) == 3


@pytest.mark.parametrize("name", ["shoemon", "shoes"])
def test_the_examples_name_their_schema_and_meet_it(name: str) -> None:
    text = example(f"{name}.yaml")
    assert text.splitlines()[0] == f"# yaml-language-server: $schema={name}.schema.json"
    by_schema(name).validate(read(text))
    by_schema(name).validate(read(in_force(text)))


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        (DESIGN_MAIN, "shoemon"),
        (DESIGN_SHOES, "shoes"),
        (
            "shoes: [{id: a, name: 1080, gear: 123, worn: {from: 2024-01-01}, life: ~}]\ndefault_shoe: a\nrules:",
            "shoes",
        ),
        ("sources:\nground:\nalerts: {soon: ~}\nweb: {port: ~}\nunits: ~\nsports: run", "shoemon"),
    ],
)
def test_what_the_reader_takes_meets_the_schema(text: str, schema: str) -> None:
    by_schema(schema).validate(read(text))


SPANNING = {  # what only holding one thing against another can show
    "SHOES": {
        "an id used twice", "one gear claimed by two", "one gear claimed by two for times that overlap by a day",
        "one gear, the first pair retired a day too late", "names that nothing has", "rules and corrections that do nothing",
        "conditions that can never hold", "grounds that nothing has", "parts that do not add up", "a distance past all numbers", "600 lists deep",
        "repeated keys, an alias, a tag, a key that is no text", "one value where there are settings", "a merge key",
    },
    "MAIN": {"surfaces", "alerts out of order", "when sources are pulled", "what was refused as YAML is not missing as well",
             "pages below a database", "a proxy that nobody is"},
}  # fmt: skip
WRONG = [
    *((text, "shoes") for case, (text, said) in SHOES_CASES.items() if said and case not in SPANNING["SHOES"]),
    *((text, "shoemon") for case, (text, said) in MAIN_CASES.items() if said and case not in SPANNING["MAIN"]),
]


@pytest.mark.parametrize(("text", "schema"), WRONG)
def test_what_is_wrong_by_itself_does_not_meet_the_schema(text: Any, schema: str) -> None:
    document = parse_document("x", text if isinstance(text, bytes) else text.encode())
    if not document.readable:
        pytest.skip("no YAML at all")
    with pytest.raises(jsonschema.ValidationError):
        by_schema(schema).validate(read(text))


def test_the_schema_keeps_what_settings_are_for_and_how_defaults_are_written() -> None:
    soon = by_schema("shoemon").schema["$defs"]["SoonSettings"]["properties"]
    assert soon["at"] == {
        "default": "90%",
        "description": "share of the life at which to send `soon`",
        "examples": ["90%"],
        "pattern": r"^\s*\d+(\.\d+)?\s*%\s*$",
        "type": ["string", "null"],
    }
    assert soon["within"]["default"] == "21d"
    assert set(by_schema("shoes").schema["$defs"]["WindowEntry"]["properties"]) == {"from", "until"}


def test_no_group_takes_unknown_settings() -> None:
    for schema in (by_schema("shoemon").schema, by_schema("shoes").schema):
        for name, group in [("the whole", schema), *schema["$defs"].items()]:
            for part in group.get("anyOf", [group]):
                assert part.get("type") != "object" or part["additionalProperties"] is False, name


def in_force(text: str) -> str:
    """`text` with what is not in force put in force: `#` without one space behind it."""
    return re.sub(r"^(\s*)#(|  +)(?=[^\s#])", r"\1\2", text, flags=re.MULTILINE)


def model_of(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, types.UnionType, tuple):
        return next(filter(None, map(model_of, get_args(annotation))), None)
    return None


def groups(value: Any, model: Any, where: str) -> Any:
    """Every group of settings in `value` with its model, the group itself first."""
    yield where, value, model
    for name, field in model.model_fields.items():
        key = field.alias or name
        inner = value.get(key)
        if isinstance(inner, dict) and get_origin(field.annotation) is dict:
            for word, item in inner.items():
                if isinstance(item, dict) and (of := model_of(get_args(field.annotation)[1])) is not None:
                    yield from groups(item, of, f"{where}.{key}.{word}")
        elif isinstance(inner, dict) and (of := model_of(field.annotation)) is not None:
            yield from groups(inner, of, f"{where}.{key}")


def full_groups(text: str, file: Any) -> Any:
    """The groups of an example file: the file, and the first item of each type in its lists, with all inside them."""
    value = parse_document("x", text.encode()).value
    yield from groups(value, file, "")
    for key, models in ITEMS.items():
        for model, item in zip(models, value.get(key, ()), strict=False):
            yield from groups(item, model, key)


INLINE = {
    "key",
    "client_secret",
    "password",
    "secret",
    "upload_token",
    "read_token",
    "unpaved",
    "elevation",
    "Authorization",
}
"""Groups that are shown with all their settings in another place, and on one line here."""


@pytest.mark.parametrize(("name", "file"), [("shoemon.yaml", MainFile), ("shoes.yaml", ShoesFile)])
def test_every_setting_stands_in_the_reference(name: str, file: Any) -> None:
    shown: dict[Any, set[str]] = {}
    complete = set()
    for where, value, model in full_groups(in_force(example(name)), file):
        keys = {field.alias or name for name, field in model.model_fields.items() if not field.json_schema_extra}
        shown.setdefault(model, set()).update(value)
        if set(value) == keys:
            complete.add(model)
        assert where.rpartition(".")[2] in INLINE or set(value) == keys, where
    assert set(shown) - complete - {SOURCES.module_of("table").Settings} <= {Secret}


@pytest.mark.parametrize(("name", "file"), [("shoemon.yaml", MainFile), ("shoes.yaml", ShoesFile)])
def test_the_default_that_is_written_is_the_default(name: str, file: Any) -> None:
    checked = 0
    for where, value, model in full_groups(example(name), file):
        for field_name, field in model.model_fields.items():
            key = field.alias or field_name
            default = field.get_default(call_default_factory=True)
            is_shown_elsewhere = field.is_required() or isinstance(default, BaseModel) or key == "type"
            if is_shown_elsewhere or default in (None, (), [], {}, ""):
                continue
            assert key in value, f"{where}.{key}"
            assert getattr(model.model_validate(value), field_name) == default, f"{where}.{key}"
            checked += 1
    assert checked >= {"shoemon.yaml": 18, "shoes.yaml": 4}[name]


@pytest.mark.parametrize(("name", "file"), [("shoemon.yaml", MainFile), ("shoes.yaml", ShoesFile)])
def test_every_setting_says_what_it_is_for(name: str, file: Any) -> None:
    comments = re.sub(r"\n *#(?= )", "", example(name))
    needed: Counter[str] = Counter()
    for where, value, model in full_groups(in_force(example(name)), file):
        for field_name, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{field_name}"
            if (field.alias or field_name) in value and where.rpartition(".")[2] not in INLINE:
                needed[field.description] += 1
    assert [text for text, times in needed.items() if comments.count(text) < times] == []


def test_the_notes_list_what_there_is() -> None:
    text = re.sub(r"\n# ", " ", example("shoemon.yaml") + example("shoes.yaml"))
    assert f"Sports: {', '.join(SPORTS)}." in text
    for ground in GROUNDS:
        assert f"{ground}: {', '.join(name for name, surface in BUILT_IN.items() if surface.ground == ground)}" in text


def written_forms() -> list[Written]:
    from shoemon.config import written

    kinds = ("Distance", "Share", "Span", "Day", "Moment", "Price", "TimeOfDay", "Comparisons")
    return [get_args(getattr(written, kind))[1] for kind in kinds]


@pytest.mark.parametrize("form", written_forms(), ids=lambda form: form.example)
def test_an_example_is_read_and_meets_its_pattern(form: Written) -> None:
    assert form.read(form.example) is not None
    assert re.search(form.pattern, form.example)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("700 km", True), ("5.5mi", True), ("5,5 km", True), (" 3 m ", True), ("700", False), ("-3 km", False), ("7 parsecs", False),
        ("1e3 km", False), ("90%", True), ("12.5 %", True), ("90", False), ("-1%", False), ("6h", True), ("1h 30m", True), ("1.5d", True),
        ("6", False), ("6 hours", False), ("2024-03-01", True), ("2024-3-1", False), ("20240301", False), ("2024-03-01T18:30", True),
        ("2024-03-01 18:30:05", True), ("2024-03-01T18:30Z", False), ("130 EUR", True), ("130,50eur", True), ("EUR 130", False),
        ("05:00-09:30", True), ("22:00 - 02:00", True), ("5:00-9:30", False), ("00:00-24:00", True), ("00:00-24:30", False),
    ],
)  # fmt: skip
def test_the_pattern_of_a_form_says_what_its_reader_says(text: str, good: bool) -> None:
    taken = []
    for form in written_forms()[:-1]:
        try:
            form.read(text)
        except ValueError:
            assert not re.search(form.pattern, text), form
        else:
            assert re.search(form.pattern, text), form
            taken.append(form)
    assert bool(taken) is good
