"""What packages add to shoemon: kinds of export and channels. The built-in ones come through the same hooks.

A package names its module under `[project.entry-points.shoemon]`; that module marks functions with `hookimpl`:

    @hookimpl
    def shoemon_sources() -> dict[str, str]:
        return {"nike": "shoemon_nike"}

What such a package is written with stands in `shoemon.extend`. It is loaded only when its type is used, by `init` and
by `check`: nobody's package makes the rest slower, or breaks it.
"""

import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Literal, NamedTuple

import pluggy

from shoemon.model.errors import ShoemonError

GROUP = "shoemon"
"""The name under which packages stand in `[project.entry-points.shoemon]`, and that of the hooks."""
log = logging.getLogger(__name__)
Hook = Literal["shoemon_sources", "shoemon_notifiers"]
_SETTINGS: Mapping[Hook, str] = {"shoemon_sources": "SourceSettings", "shoemon_notifiers": "NotifierSettings"}
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
    """What a hook gives: types with their modules, in the order of registration; which package each type is of, where
    it is of one; and what is wrong with packages, in words."""

    modules: Mapping[str, str]
    packages: Mapping[str, str]
    broken: tuple[str, ...]


@cache
def found(hook: Hook) -> Found:
    """Everything that built-in parts and installed packages give to `hook`. The first to claim a type has it."""
    manager, broken = _manager()
    modules: dict[str, str] = dict(_built_in(hook))
    packages: dict[str, str] = {}
    faults = list(broken)
    for given in getattr(manager.hook, hook).get_hookimpls():
        package = given.plugin_name
        if package == GROUP:
            continue
        try:
            with _blaming(package):
                more = _checked(given.function(), package, hook)
        except BrokenPackageError as error:
            faults.append(str(error))
            continue
        for kind, module in more.items():
            if kind in modules:
                owner = f"package {packages[kind]}" if kind in packages else "shoemon itself"
                faults.append(f"package {package}: the type `{kind}` is that of {owner} already; it is not taken")
            else:
                modules[kind], packages[kind] = module, package
    return Found(modules, packages, tuple(faults))


def knows(hook: Hook, kind: str) -> bool:
    """Whether there is a type `kind`. No package is loaded, or even looked for, where it is a built-in one."""
    return kind in _built_in(hook) or kind in found(hook).modules


def module_of(hook: Hook, kind: str) -> ModuleType:
    """The module of type `kind`. Raises KeyError if there is no such type, BrokenPackageError if it cannot be used."""
    own = _built_in(hook)
    if kind in own:
        return import_module(own[kind])
    name = found(hook).modules[kind]
    with guard(hook, kind):
        module = import_module(name)
        _check_module(module, found(hook).packages[kind], hook)
        return module


@contextmanager
def guard(hook: Hook, kind: str) -> Iterator[None]:
    """What goes wrong in the code of a package that gives `kind` as a BrokenPackageError. Of a built-in type nothing
    is changed, nor are the errors in words that a package raises itself."""
    if kind in _built_in(hook):
        yield
    else:
        with _blaming(found(hook).packages[kind]):
            yield


def faults() -> tuple[str, ...]:
    """What is wrong with packages, in words: with those that cannot be loaded, and with the modules that they name."""
    said: list[str] = []
    for hook in _SETTINGS:
        said += found(hook).broken
        for kind in found(hook).packages:
            try:
                module_of(hook, kind)
            except BrokenPackageError as error:
                said.append(str(error))
    return tuple(dict.fromkeys(said))


def _built_in(hook: Hook) -> Mapping[str, str]:
    from shoemon.config import builtin

    given: Mapping[str, str] = getattr(builtin, hook)()
    return given


@cache
def _manager() -> tuple[pluggy.PluginManager, tuple[str, ...]]:
    from shoemon.config import builtin

    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(sys.modules[__name__])
    manager.register(builtin, GROUP)
    broken: list[str] = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: (_package(point), point.name)):
        package = _package(point)
        name = f"{package} ({point.name})" if manager.has_plugin(package) else package
        try:
            with _blaming(name):
                plugin = point.load()
                manager.register(plugin, name)
                if not any(caller.name in _SETTINGS for caller in manager.get_hookcallers(plugin) or ()):
                    broken.append(f"package {name} adds nothing: no function `{'` or `'.join(_SETTINGS)}` of "
                                  f"{point.value} is marked with @hookimpl")  # fmt: skip
        except BrokenPackageError as error:
            broken.append(str(error))
    return manager, tuple(broken)


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.name


def _checked(given: object, package: str, hook: Hook) -> Mapping[str, str]:
    """What a function of a package gave. Raises BrokenPackageError if it is no mapping of names to names."""
    import re

    from shoemon.config.kinds import NAME_PATTERN

    if not isinstance(given, Mapping) or not all(isinstance(text, str) for text in (*given, *given.values())):
        raise BrokenPackageError(f"package {package} cannot be used: {hook} must return {{'type': 'name of a module'}}")
    for kind in given:
        if re.fullmatch(NAME_PATTERN, kind) is None:
            raise BrokenPackageError(
                f"package {package} cannot be used: the type {kind!r} must be written with a to z, 0 to 9, - and _"
            )
    return given


def _check_module(module: ModuleType, package: str, hook: Hook) -> None:
    """Raises BrokenPackageError if `module` does not hold what every source and notifier has."""
    from shoemon.config import kinds

    base = getattr(kinds, _SETTINGS[hook])
    settings = getattr(module, "Settings", None)
    if not (isinstance(settings, type) and issubclass(settings, base)):
        what = f"has no class `Settings` that is a {_SETTINGS[hook]}"
    elif not callable(getattr(module, "make", None)):
        what = "has no function `make`"
    else:
        return
    raise BrokenPackageError(f"package {package} cannot be used: {module.__name__} {what}")


@contextmanager
def _blaming(package: str) -> Iterator[None]:
    """Whatever goes wrong in somebody else's code as a BrokenPackageError: the rest of shoemon goes on without it."""
    try:
        yield
    except ShoemonError:
        raise
    except (Exception, SystemExit) as error:  # a module that is a script may end the process
        log.info("package %s failed", package, exc_info=True)
        said = f": {error}" if str(error) else ""
        raise BrokenPackageError(f"package {package} cannot be used ({type(error).__name__}{said})") from error
