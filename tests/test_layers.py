"""The core is pure, imports go one way, and files and functions stay short: read from the source, not from what ran."""

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "shoemon"
FILES = sorted(PACKAGE.rglob("*.py"))
PLUGINS = sorted((ROOT / "plugins").rglob("*.py"))

PURE = {
    "model", "sports", "units", "globe", "attribution", "rules", "legs", "ground", "duplicates", "lending", "outlines", "room", "zones", "wear", "forecast", "backtest", "likely", "alerts", "notices", "messages", "links", "payload", "printable", "retries", "tickets", "geojson",
}  # fmt: skip
"""Deciding takes values and returns values."""
HARMLESS = {
    "__future__", "array", "base64", "bisect", "collections", "collections.abc", "dataclasses", "datetime", "enum", "functools", "hashlib", "heapq", "hmac", "itertools", "math",
    "operator", "re", "statistics", "string", "struct", "typing", "typing_extensions",
}  # fmt: skip
"""The part of the standard library (and the backport of its types) that opens nothing and asks nothing. `datetime` is for arithmetic; its clock is not asked."""
ASKS = {"now", "today", "utcnow", "open", "print", "input", "getLogger", "eval", "exec", "__import__"}

LAYERS = [
    {"cli", "cli_alerts", "cli_forecast", "cli_map", "cli_shoes", "__main__"},
    {"demo", "serve", "start"},
    {"schedule", "web", "report", "backup", "terminal", "assigning", "desk"},
    {"sync", "pulling", "matching", "surveying", "waiting", "whereabouts", "workers", "drawing", "run_map"},
    {"choosing", "derived", "holding", "noticing", "outbox", "repeated", "signing", "silencing", "wearing"},
    {
        "store",
        "progress",
        "config",
        "sources",
        "tracks",
        "maps",
        "notifiers",
        "schema",
        "state",
        "locking",
        "clock",
        "hooks",
        "builtin",
        "packages",
        "tokens",
        "gear_names",
        "desk_key",
    },
    PURE,
]
"""A module imports from its own layer or from below. Families by first word: `demo_year` is of `demo`."""
LAYER_OF = {name: number for number, layer in enumerate(LAYERS) for name in layer}
TOOLS = {"addresses", "connections", "deadline"}
"""Of the layer of the store: about the network, and knowing nothing of shoes."""

LONG_FILES = {
    "shoemon/model.py": "the words of the whole program: declarations and what they mean, hardly a statement",
}
LONG_FUNCTIONS = {
    "shoemon/schema.py:m001_what_came_in": "one migration: a list of tables and their columns",
    "shoemon/schema.py:m002_what_was_decided": "one migration: a list of tables and their columns",
}
"""Each with the reason why it is better whole."""


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path, *, lazy: bool = True) -> Iterator[tuple[int, str]]:
    """Line and full name of every module imported, also inside functions unless not `lazy`; for types only is none."""
    only_types = {
        id(inner)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    inside = {
        id(inner)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree(path)):
        if id(node) in only_types or (not lazy and id(node) in inside):
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are written in full"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                is_module = (ROOT / Path(*full.split("."))).with_suffix(".py").exists() or (
                    ROOT / Path(*full.split("."))
                ).is_dir()
                yield node.lineno, full if is_module else str(node.module)


def first_part(module: str) -> str:
    """`config` of shoemon.config.load, `demo` of shoemon.demo.year."""
    part = module.split(".")[1] if "." in module else ""
    if part in LAYER_OF or part in TOOLS:
        return part
    family = part.split("_")[0]
    return family if family in LAYER_OF else part


def layer(module: str) -> int:
    part = first_part(module)
    return LAYER_OF["store"] if part in TOOLS else LAYER_OF.get(part, -1)


def is_pure(path: Path) -> bool:
    return first_part(name_of(path)) in PURE


@pytest.mark.parametrize("path", [path for path in FILES if is_pure(path)], ids=name_of)
def test_the_core_imports_only_what_is_harmless_and_itself(path: Path) -> None:
    for line, module in imports(path):
        if module.split(".")[0] == "shoemon":
            assert first_part(module) in PURE, f"{path}:{line} imports {module}"
        else:
            assert module in HARMLESS, f"{path}:{line} imports {module}"


@pytest.mark.parametrize("path", [path for path in FILES if is_pure(path)], ids=name_of)
def test_the_core_asks_no_clock_and_opens_nothing(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            assert called not in ASKS, f"{path}:{node.lineno} calls {called}"


@pytest.mark.parametrize("path", [path for path in FILES if path != PACKAGE / "__init__.py"], ids=name_of)
def test_imports_go_one_way(path: Path) -> None:
    own = layer(name_of(path))
    assert own >= 0, f"{name_of(path)} stands in no layer; say in which"
    for line, module in imports(path):
        if module.startswith("shoemon."):
            assert layer(module) >= own, f"{path}:{line}: {name_of(path)} imports {module}, which stands above it"


def test_config_and_plugin_families_do_not_know_each_other_but_through_their_registries() -> None:
    for path in FILES:
        family = first_part(name_of(path))
        for line, module in imports(path):
            if family in ("sources", "notifiers"):
                other = {"sources": "notifiers", "notifiers": "sources"}[family]
                assert first_part(module) not in (other, "store"), f"{path}:{line} imports {module}"


@pytest.mark.parametrize("path", PLUGINS, ids=name_of)
def test_plugins_know_the_database_only(path: Path) -> None:
    assert not [module for _, module in imports(path) if module.split(".")[0] == "shoemon"]


def test_the_command_line_starts_with_click_and_nothing_heavy() -> None:
    for name in ("cli", "cli_alerts", "cli_forecast", "cli_map", "cli_shoes"):
        foreign = {module.split(".")[0] for _, module in imports(PACKAGE / f"{name}.py", lazy=False)}
        assert foreign <= {"click", "shoemon", *sys.stdlib_module_names}, name
        own = {module for _, module in imports(PACKAGE / f"{name}.py", lazy=False) if module.startswith("shoemon.")}
        assert own <= {"shoemon.cli.main", "shoemon.model", "shoemon.model.text"}, name


@pytest.mark.parametrize("path", [*FILES, *PLUGINS], ids=name_of)
def test_a_file_is_read_in_one_go(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= 250 or str(path.relative_to(ROOT)) in LONG_FILES, f"{path} has {lines} lines"


@pytest.mark.parametrize("path", [*FILES, *PLUGINS], ids=name_of)
def test_a_function_is_seen_at_once(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = int(node.end_lineno or 0) - node.lineno + 1
            known = f"{path.relative_to(ROOT)}:{node.name}" in LONG_FUNCTIONS
            assert length <= 40 or known, f"{path}:{node.lineno}: {node.name} has {length} lines"


def test_everything_stands_out_loud_where_all_errors_are_caught() -> None:
    """`except Exception` stands around one source, one notifier, and one package of somebody else's, nowhere else."""
    found = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in FILES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and (node.type is None or ast.unparse(node.type) == "Exception")
    ]
    assert len(found) <= 3, found
