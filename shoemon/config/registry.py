"""The types of source and of notifier, and the module of each; it is imported when it is used.

The built-in ones are two dicts. Packages add more: a package names its module under
`[project.entry-points.shoemon]`, and that module marks functions with `hookimpl`:

    @hookimpl
    def shoemon_sources() -> dict[str, str]:
        return {"nike": "shoemon_nike"}

`shoemon.extend` has what such a package needs. It is loaded only when its type is used, by `init` and by `check`:
nobody's package makes the rest slower, or breaks it.
"""

import logging
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, cached_property
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import NamedTuple

import pluggy

from shoemon.config.kinds import NAME_PATTERN, NotifierSettings, Settings, SourceSettings
from shoemon.model.errors import ShoemonError

GROUP = "shoemon"
"""The group of packages' entry points, and the name of the hooks."""
BUILT_IN_SOURCES = {
    "strava-export": "shoemon.sources.strava_export",
    "garmin-account": "shoemon.sources.garmin_account",
    "apple-health": "shoemon.sources.apple_health",
    "polar": "shoemon.sources.polar",
    "suunto": "shoemon.sources.suunto",
    "samsung": "shoemon.sources.samsung",
    "adidas-running": "shoemon.sources.adidas_running",
    "garmin-api": "shoemon.sources.garmin_api",
    "intervals-icu": "shoemon.sources.intervals_icu",
    "runkeeper": "shoemon.sources.runkeeper",
    "google-health": "shoemon.sources.presets.google_health",
    "fitbit": "shoemon.sources.presets.fitbit",
    "zepp": "shoemon.sources.presets.zepp",
    "withings": "shoemon.sources.presets.withings",
    "mapmyrun": "shoemon.sources.presets.mapmyrun",
    "garmin-csv": "shoemon.sources.garmin_csv",
    "strava-api": "shoemon.sources.strava_api",
    "fittrackee": "shoemon.sources.fittrackee",
    "tracks": "shoemon.sources.track_files",
    "table": "shoemon.sources.table",
}
"""In the order in which `init` tries them: a table is what anything may be."""
BUILT_IN_NOTIFIERS = {
    "email": "shoemon.notifiers.email",
    "webhook": "shoemon.notifiers.webhook",
    "ntfy": "shoemon.notifiers.ntfy",
    "command": "shoemon.notifiers.command",
    "apprise": "shoemon.notifiers.apprise",
}
"""In the order in which they are shown."""
log = logging.getLogger(__name__)
hookimpl = pluggy.HookimplMarker(GROUP)
_hookspec = pluggy.HookspecMarker(GROUP)
_HOOKS = ("shoemon_sources", "shoemon_notifiers")


@_hookspec
def shoemon_sources() -> Mapping[str, str]:  # type: ignore[empty-body]  # a hook is only described here
    """Kinds of export: the `type` as in shoemon.yaml, and the full name of the module that reads it.

    The module is imported when it is used. What it contains: see `shoemon.sources`.
    """


@_hookspec
def shoemon_notifiers() -> Mapping[str, str]:  # type: ignore[empty-body]  # a hook is only described here
    """Channels: the `type` as in shoemon.yaml, and the full name of the module that sends.

    The module is imported when it is used. What it contains: see `shoemon.notifiers`.
    """


class BrokenPackageError(ShoemonError):
    """A package that adds to shoemon cannot be used; the message names it, and why."""


class Registered(NamedTuple):
    """What a hook returns: types with their modules, in the order of registration; the packages of types that are of
    one; and what is wrong with packages, in words."""

    modules: Mapping[str, str]
    packages: Mapping[str, str]
    broken: tuple[str, ...]


class Types:
    """The types of one sort: `hook` is what packages add some by, `settings` what the Settings of each derive from."""

    def __init__(self, hook: str, built_in: Mapping[str, str], settings: type[Settings]) -> None:
        self._hook, self.built_in, self._settings = hook, built_in, settings

    @cached_property
    def found(self) -> Registered:
        """Everything built in, and what installed packages add. The first to claim a type gets it."""
        manager, broken = _manager()
        modules, packages, faults = dict(self.built_in), dict[str, str](), list(broken)
        for given in getattr(manager.hook, self._hook).get_hookimpls():
            package = given.plugin_name
            try:
                with _blaming(package):
                    more = _checked(given.function(), package, self._hook)
            except BrokenPackageError as error:
                faults.append(str(error))
                continue
            for kind, module in more.items():
                if kind in modules:
                    owner = f"package {packages[kind]}" if kind in packages else "shoemon itself"
                    faults.append(f"package {package}: the type `{kind}` belongs to {owner} already; it is ignored")
                else:
                    modules[kind], packages[kind] = module, package
        return Registered(modules, packages, tuple(faults))

    def knows(self, kind: str) -> bool:
        """Whether there is a type `kind`. No package is loaded, or even looked for, where it is a built-in one."""
        return kind in self.built_in or kind in self.found.modules

    def module_of(self, kind: str) -> ModuleType:
        """The module of type `kind`. Raises KeyError if there is none, BrokenPackageError if it cannot be used."""
        if kind in self.built_in:
            return import_module(self.built_in[kind])
        name = self.found.modules[kind]
        with self.guard(kind):
            module = import_module(name)
            _check_module(module, self.found.packages[kind], self._settings)
            return module

    def modules(self) -> Iterator[tuple[str, ModuleType]]:
        """Every type and its module, those of packages first: who installs one wants it. Broken ones are left out."""
        for kind in sorted(self.found.modules, key=lambda kind: kind not in self.found.packages):
            try:
                yield kind, self.module_of(kind)
            except BrokenPackageError as error:
                log.warning("%s", error)

    @contextmanager
    def guard(self, kind: str) -> Iterator[None]:
        """Raise what goes wrong in the code of a package as a BrokenPackageError. Errors of built-in types, and
        those in words that a package raises itself, stay as they are."""
        if kind in self.built_in:
            yield
        else:
            with _blaming(self.found.packages[kind]):
                yield


SOURCES = Types("shoemon_sources", BUILT_IN_SOURCES, SourceSettings)
NOTIFIERS = Types("shoemon_notifiers", BUILT_IN_NOTIFIERS, NotifierSettings)


def faults() -> tuple[str, ...]:
    """What is wrong with packages, in words: with those that cannot be loaded, and with the modules that they name."""
    found: list[str] = []
    for registry in (SOURCES, NOTIFIERS):
        found += registry.found.broken
        for kind in registry.found.packages:
            try:
                registry.module_of(kind)
            except BrokenPackageError as error:
                found.append(str(error))
    return tuple(dict.fromkeys(found))


@cache
def _manager() -> tuple[pluggy.PluginManager, tuple[str, ...]]:
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(sys.modules[__name__])
    broken: list[str] = []
    for point in sorted(entry_points(group=GROUP), key=lambda point: (_package(point), point.name)):
        package = _package(point)
        name = f"{package} ({point.name})" if manager.has_plugin(package) else package
        try:
            with _blaming(name):
                plugin = point.load()
                manager.register(plugin, name)
                if not any(caller.name in _HOOKS for caller in manager.get_hookcallers(plugin) or ()):
                    broken.append(f"package {name} adds nothing: no function `{'` or `'.join(_HOOKS)}` of "
                                  f"{point.value} is marked with @hookimpl")  # fmt: skip
        except BrokenPackageError as error:
            broken.append(str(error))
    return manager, tuple(broken)


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.name


def _checked(given: object, package: str, hook: str) -> Mapping[str, str]:
    """What a function of a package returned. Raises BrokenPackageError unless it maps names to names."""
    if not isinstance(given, Mapping) or not all(isinstance(text, str) for text in (*given, *given.values())):
        raise BrokenPackageError(f"package {package} cannot be used: {hook} must return {{'type': 'name of a module'}}")
    for kind in given:
        if re.fullmatch(NAME_PATTERN, kind) is None:
            raise BrokenPackageError(
                f"package {package} cannot be used: the type {kind!r} must be written with a to z, 0 to 9, - and _"
            )
    return given


def _check_module(module: ModuleType, package: str, base: type[Settings]) -> None:
    """Raise BrokenPackageError if `module` lacks what every source and notifier has."""
    settings = getattr(module, "Settings", None)
    if not (isinstance(settings, type) and issubclass(settings, base)):
        what = f"has no class `Settings` that is a {base.__name__}"
    elif not callable(getattr(module, "make", None)):
        what = "has no function `make`"
    else:
        return
    raise BrokenPackageError(f"package {package} cannot be used: {module.__name__} {what}")


@contextmanager
def _blaming(package: str) -> Iterator[None]:
    """Raise whatever goes wrong in somebody else's code as a BrokenPackageError; shoemon goes on without it."""
    try:
        yield
    except ShoemonError:
        raise
    except (Exception, SystemExit) as error:  # a module that is a script may end the process
        log.info("package %s failed", package, exc_info=True)
        why = f": {error}" if str(error) else ""
        raise BrokenPackageError(f"package {package} cannot be used ({type(error).__name__}{why})") from error
