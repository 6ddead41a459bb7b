"""What packages add to shoemon: kinds of export and channels. The built-in ones come through the same hooks.

A package names its module under `[project.entry-points.shoemon]`; that module marks functions with `hookimpl`:

    @hookimpl
    def shoemon_sources() -> dict[str, str]:
        return {"nike": "shoemon_nike"}
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from types import ModuleType
from typing import Literal, NamedTuple

import pluggy

from shoemon.model import ShoemonError

GROUP = "shoemon"
Hook = Literal["shoemon_sources", "shoemon_notifiers"]
hookimpl = pluggy.HookimplMarker(GROUP)
_hookspec = pluggy.HookspecMarker(GROUP)


@_hookspec
def shoemon_sources() -> Mapping[str, str]:  # type: ignore[empty-body]  # a hook is only described here
    """Kinds of export: the `type` as it stands in shoemon.yaml, and the full name of the module that reads it.

    The module is imported when it is used. What it holds: see `shoemon.sources`.
    """


@_hookspec
def shoemon_notifiers() -> Mapping[str, str]:  # type: ignore[empty-body]  # a hook is only described here
    """Channels: the `type` as it stands in shoemon.yaml, and the full name of the module that sends.

    The module is imported when it is used. What it holds: see `shoemon.notifiers`.
    """


class BrokenPackageError(ShoemonError):
    """A package that adds to shoemon cannot be used; the message says which, and why."""


class Found(NamedTuple):
    """What a hook gives: types by name, in the order of registration, and what is wrong with packages, in words."""

    modules: Mapping[str, str]
    broken: tuple[str, ...]


@cache
def found(hook: Hook) -> Found:
    """Everything that built-in parts and installed packages give to `hook`. The first to claim a type has it."""
    manager, broken = _manager()
    modules: dict[str, str] = {}
    faults = list(broken)
    for given in getattr(manager.hook, hook).get_hookimpls():
        try:
            with _of_package(given.plugin_name):
                more = dict(given.function())
        except BrokenPackageError as error:
            faults.append(str(error))
            continue
        taken = [kind for kind in more if kind in modules]
        faults += [f"package {given.plugin_name}: there is a type `{kind}` already; it is not taken" for kind in taken]
        modules |= {kind: module for kind, module in more.items() if kind not in taken}
    return Found(modules, tuple(faults))


def module_of(hook: Hook, kind: str) -> ModuleType:
    """The module of type `kind`. Raises KeyError if there is no such type, BrokenPackageError if it cannot be used."""
    name = found(hook).modules[kind]
    if name.startswith("shoemon."):
        return import_module(name)
    with _of_package(name.split(".")[0]):
        module = import_module(name)
        for needed in ("Settings", "make"):
            getattr(module, needed)
        return module


@cache
def _manager() -> tuple[pluggy.PluginManager, tuple[str, ...]]:
    from shoemon import builtin

    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(sys.modules[__name__])
    manager.register(builtin, "shoemon")
    broken = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        try:
            with _of_package(point.name):
                manager.register(point.load(), point.name)
        except BrokenPackageError as error:
            broken.append(str(error))
    return manager, tuple(broken)


@contextmanager
def _of_package(name: str) -> Iterator[None]:
    """Whatever goes wrong in somebody else's code as a BrokenPackageError: the rest of shoemon goes on without it."""
    try:
        yield
    except Exception as error:
        said = f": {error}" if str(error) else ""
        raise BrokenPackageError(f"package {name} cannot be used ({type(error).__name__}{said})") from error
