"""The rooms of the program and who imports whom, read from the source.

Imports inside functions and for types only count like any other.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOMS = (
    "__main__", "cli", "demo", "web", "report", "setup", "sync", "extend", "sources", "notifiers", "ground", "config",
    "store", "net", "pages", "words", "decide", "model",
)  # fmt: skip
"""From above to below: a room imports only rooms that stand behind it."""
Arrows = Mapping[str, set[str]]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def is_later(node: ast.AST) -> bool:
    """Whether what stands in `node` is not run when its file is imported."""
    for_types = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
    return for_types or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


class Code:
    """The files of a package, by their full names, and the modules that each of them imports."""

    def __init__(self, root: Path, package: str = "shoemon") -> None:
        self.root = root
        self.files = {self.name_of(path): path for path in sorted((root / package).rglob("*.py"))}

    def name_of(self, path: Path) -> str:
        return ".".join(path.relative_to(self.root).with_suffix("").parts).removesuffix(".__init__")

    def imports(self, path: Path, *, lazy: bool = True) -> Iterator[tuple[int, str]]:
        """Line and full name of every module that is imported; if not `lazy`, of those alone that importing the file
        imports: neither inside functions nor for types only."""
        later = [node for node in ast.walk(tree(path)) if is_later(node)] if not lazy else []
        inside = {id(inner) for node in later for inner in ast.walk(node)}
        for node in ast.walk(tree(path)):
            if id(node) in inside:
                continue
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path}:{node.lineno}: imports are written in full"
                for alias in node.names:
                    full = f"{node.module}.{alias.name}"
                    yield node.lineno, full if full in self.files else str(node.module)

    def arrows(self) -> Arrows:
        """Which files of the package each file imports."""
        return {
            name: {target for _, target in self.imports(path) if target in self.files and target != name}
            for name, path in self.files.items()
        }


def room_of(module: str) -> str:
    """`sync` of shoemon.sync.tell.outbox; the package itself is no room."""
    return module.split(".")[1] if "." in module else ""


def between_rooms(arrows: Arrows) -> dict[str, set[str]]:
    """Which rooms each room imports."""
    found: dict[str, set[str]] = defaultdict(set)
    for name, targets in arrows.items():
        for target in targets:
            if room_of(name) and room_of(target) and room_of(name) != room_of(target):
                found[room_of(name)].add(room_of(target))
    return found


def circles(arrows: Arrows) -> list[tuple[str, ...]]:
    """Groups that import one another, directly or by way of others (Tarjan's strongly connected components)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[tuple[str, ...]] = []

    def visit(name: str) -> None:
        order[name] = low[name] = len(order)
        stack.append(name)
        for target in sorted(arrows.get(name, ())):
            if target not in order:
                visit(target)
            if target in stack:
                low[name] = min(low[name], low[target])
        if low[name] == order[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1:
                found.append(tuple(sorted(group)))

    for name in sorted(arrows):
        if name not in order:
            visit(name)
    return found


def upward(arrows: Arrows) -> list[tuple[str, str]]:
    """Arrows between rooms that lead to a room above."""
    place = {room: number for number, room in enumerate(ROOMS)}
    return sorted(
        (room, other)
        for room, others in arrows.items()
        for other in others
        if place.get(other, -1) < place.get(room, len(ROOMS))
    )
