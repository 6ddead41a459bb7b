"""Reasons and messages are data: nothing searches their words to find out what they mean."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from kit.places import ROOT
from kit.rooms import tree

HOLDS_WORDS = {"because", "error", "last_error", "message", "reason", "sentence", "title", "why", "words"}
SEARCHES = {"count", "endswith", "find", "index", "partition", "removeprefix", "removesuffix", "rfind", "rpartition",
            "rsplit", "split", "splitlines", "startswith"}  # fmt: skip
MATCHES = {"findall", "finditer", "fullmatch", "match", "search", "sub"}
IN_SQL = re.compile(
    r"\b(?:shoe_reason|surface_reason|not_counted|reason|words|title|body|message|last_error)\b(?:\s+NOT)?\s+(?:LIKE|GLOB|REGEXP)"
    r"|(?:instr|substr|replace)\(\s*(?:\w+\.)?(?:shoe_reason|surface_reason|reason|words|title|body|message|last_error)\b",
    re.IGNORECASE,
)
FILES = [*sorted((ROOT / "shoemon").rglob("*.py")), *sorted((ROOT / "plugins").glob("*.py"))]
EXCEPTIONS: set[str] = set()


def name_of(node: ast.expr) -> str:
    """The last name of an expression: `reason` of `leg.reason`, `row["reason"]`, `str(reason)` and `reason.lower()`."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
        case ast.Call(func=ast.Attribute(value=inner)):
            return name_of(inner)
        case ast.Call(func=ast.Name(id="str"), args=[inner]):
            return name_of(inner)
    return ""


def searched(node: ast.AST) -> list[str]:
    """The names of the texts that an expression searches."""
    match node:
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[text]):
            return [name_of(text)]
        case ast.Call(func=ast.Attribute(attr=method, value=text), args=args):
            return [name_of(text)] * (method in SEARCHES) + [name_of(arg) for arg in args] * (method in MATCHES)
    return []


def searches(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if any(name in HOLDS_WORDS for name in searched(node)):
            yield f"{path.relative_to(ROOT)}: {ast.unparse(node)[:100]}"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and IN_SQL.search(node.value):
            yield f"{path.relative_to(ROOT)}: {IN_SQL.search(node.value)}"


def test_nothing_searches_the_words_of_a_reason_or_a_message() -> None:
    found = {place for path in FILES for place in searches(path)}
    for text in ("config/metadata.yaml", *(str(path.relative_to(ROOT)) for path in (ROOT / "plugins").rglob("*.html"))):
        found |= {f"{text}: {match[0]}" for match in IN_SQL.finditer((ROOT / text).read_text(encoding="utf-8"))}
    assert found - EXCEPTIONS == set()


def test_the_search_finds_what_it_is_for() -> None:
    code = """
'x' in leg.shoe_reason.reason; row["message"].split("; "); re.match("a", str(error)); why.lower().startswith("a")
"SELECT 1 FROM legs WHERE surface_reason LIKE '%the map%'"
"""
    nodes = list(ast.walk(ast.parse(code)))
    assert sum(name in HOLDS_WORDS for node in nodes for name in searched(node)) == 4
    assert IN_SQL.search(code)
