"""The rooms of the program: imports lead downwards, the core is pure, and errors are caught where they are named."""

import ast
import sys

from kit.places import ROOT
from kit.rooms import ROOMS, Code, between_rooms, circles, room_of, tree, upward

CODE = Code(ROOT)
PURE = {name: path for name, path in CODE.files.items() if room_of(name) in ("model", "decide")}
HARMLESS = {
    "__future__", "array", "base64", "bisect", "collections", "collections.abc", "dataclasses", "datetime", "enum",
    "functools", "hashlib", "heapq", "hmac", "itertools", "json", "math", "operator", "re", "statistics", "string", "struct",
    "typing", "typing_extensions", "unicodedata",
}  # fmt: skip
"""The part of the standard library (and the backport of its types) that opens nothing and asks nothing. `datetime` is
for arithmetic; its clock is not asked."""
ASKS = {"now", "today", "utcnow", "open", "print", "input", "getLogger", "eval", "exec", "__import__"}
ASKING = {("shoemon.model.clock", "now"): "system_clock, which the rooms above hand in where a clock is asked for"}


def test_the_top_of_the_package_holds_rooms_and_one_door_for_packages_of_others() -> None:
    assert {room_of(name) for name in CODE.files} == {"", *ROOMS}
    files = {path.name for path in (ROOT / "shoemon").glob("*.py")}
    assert files == {"__init__.py", "__main__.py", "extend.py"}


def test_a_room_imports_only_rooms_below_it() -> None:
    assert upward(between_rooms(CODE.arrows())) == []


def test_no_two_files_import_each_other() -> None:
    assert circles(CODE.arrows()) == []


def test_the_core_imports_only_what_opens_and_asks_nothing() -> None:
    foreign = [
        f"{path}:{line} imports {module}"
        for path in PURE.values()
        for line, module in CODE.imports(path)
        if module not in HARMLESS and room_of(module) not in ("model", "decide")
    ]
    assert foreign == []


def test_the_core_asks_no_clock_and_opens_nothing() -> None:
    calls = [
        (name, node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", ""))
        for name, path in PURE.items()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
    ]
    assert {call for call in calls if call[1] in ASKS} == set(ASKING)


def test_the_matcher_asks_and_opens_nothing_either() -> None:
    pure = {name: path for name, path in CODE.files.items() if name.startswith("shoemon.ground.match")}
    allowed = ("shoemon.ground.match", "shoemon.model")
    for path in pure.values():
        for line, module in CODE.imports(path):
            assert module in HARMLESS or module.startswith(allowed), f"{path}:{line} imports {module}"


def test_only_rooms_that_hold_everything_together_know_the_whole_configuration() -> None:
    """The others are handed what they use."""
    without = {"decide", "ground", "model", "net", "notifiers", "pages", "sources", "store", "words"}
    knowing = [
        f"{name}:{line}"
        for name, path in CODE.files.items()
        if room_of(name) in without
        for line, module in CODE.imports(path)
        if module == "shoemon.config.load"
    ]
    assert knowing == []


def test_a_reader_imports_what_readers_share_and_never_another_readers_own_files() -> None:
    shared = {"kit", "formats", "csv_exports"}
    strangers = [
        f"{path}:{line} imports {module}"
        for name, path in CODE.files.items()
        if name.startswith("shoemon.sources.")
        for line, module in CODE.imports(path)
        if module.startswith("shoemon.sources.")
        and module.split(".")[2] not in {*shared, name.split(".")[2]}
        and module != "shoemon.sources.table.export"
    ]
    assert strangers == []


def test_pages_import_what_they_share_and_what_stands_below_and_never_one_another() -> None:
    below = ROOMS[ROOMS.index("pages") :]
    strangers = [
        f"{path}:{line} imports {module}"
        for path in sorted((ROOT / "plugins").glob("*.py"))
        for line, module in CODE.imports(path)
        if module.startswith("shoemon") and room_of(module) not in below
    ]
    assert strangers == []


def test_the_command_line_starts_with_click_and_nothing_heavy() -> None:
    for name, path in CODE.files.items():
        if room_of(name) == "cli":
            modules = {module for _, module in CODE.imports(path, lazy=False)}
            own = {module for module in modules if module.split(".")[0] == "shoemon"}
            assert {module.split(".")[0] for module in modules} <= {"click", "shoemon", *sys.stdlib_module_names}, name
            assert {room_of(module) for module in own} <= {"", "cli", "model"}, name


def test_all_errors_are_caught_around_one_source_one_notifier_and_one_package_of_somebody_elses() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name, path in CODE.files.items()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and (node.type is None or ast.unparse(node.type) == "Exception")
    ]
    assert len(found) <= 3, found
