"""shoemon with packages of others beside it, as pip leaves them."""

import io
import logging
import os
import sqlite3
import subprocess
import sys
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from kit.commands import Said

from shoemon.cli.main import main
from shoemon.config import registry

SOURCE = """
from shoemon.extend import JsonSource, SourceSettings, hookimpl
@hookimpl
def shoemon_sources():
    return {"demo-runs": "NAME"}
class Settings(SourceSettings):
    path: str
def make(settings, context):
    return JsonSource(settings.name, settings.path, context, None)
"""
"""A sound package, to be broken in one place."""


class Machine:
    """Packages, and a configuration directory, with shoemon beside them."""

    def __init__(self, path: Path) -> None:
        self.packages, self.home = path / "packages", path / "home"
        self.packages.mkdir()
        self.home.mkdir()
        self.configure("sources: []\n")

    def install(self, name: str, code: str, entry_points: str | None = None) -> None:
        """Package `name` with one module of that name (`-` is `_`), as pip leaves it."""
        module = name.replace("-", "_")
        info = self.packages / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(entry_points or f"[shoemon]\nany = {module}\n")
        (self.packages / f"{module}.py").write_text(code.replace("NAME", module), encoding="utf-8")

    def configure(self, main: str) -> None:
        (self.home / "shoemon.yaml").write_text(f"timezone: Europe/Helsinki\n{main}", encoding="utf-8")
        (self.home / "shoes.yaml").write_text(
            "shoes: [{id: pegasus, name: Pegasus}]\ndefault_shoe: pegasus\n", encoding="utf-8"
        )

    def run(self, *words: str) -> Said:
        """The command in this process, which knows the packages for as long as it runs."""
        out, err, known = io.StringIO(), io.StringIO(), set(sys.modules)
        log = logging.getLogger("shoemon")
        level = log.level  # `serve`, tested in this process too, makes it talkative
        log.setLevel(logging.WARNING)
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.syspath_prepend(self.packages)
            patch.setenv("SHOEMON_CONFIG", str(self.home))
            patch.chdir(self.home)
            patch.setattr(sys, "argv", ["shoemon", *words])
            patch.setattr(logging.root, "handlers", [logging.StreamHandler(err)])
            _forget_packages()
            try:
                main()
                code: object = 0
            except SystemExit as end:
                code = end.code or 0
            finally:
                log.setLevel(level)
                _forget_packages()
                for name in set(sys.modules) - known:
                    if Path(getattr(sys.modules[name], "__file__", None) or "").parent == self.packages:
                        del sys.modules[name]
        assert isinstance(code, int) and "Traceback" not in err.getvalue(), err.getvalue()
        return Said(code, out.getvalue(), err.getvalue())

    def python(self, *arguments: str) -> str:
        """What a process of its own beside the packages writes as errors."""
        environment = {**os.environ, "PYTHONPATH": str(self.packages), "SHOEMON_CONFIG": str(self.home)}
        command = [sys.executable, *arguments]
        ended = subprocess.run(
            command, env=environment, cwd=self.home, check=True, timeout=300, stderr=subprocess.PIPE, text=True
        )
        return ended.stderr

    def metres(self) -> dict[str, float]:
        """Metres by shoe, as stored."""
        with closing(sqlite3.connect(self.home / "shoemon.db")) as database:
            return dict(database.execute("SELECT shoe, distance_m FROM shoe_wear"))


def _forget_packages() -> None:
    """Makes shoemon look for packages as a new process does."""
    registry._manager.cache_clear()
    for types in (registry.SOURCES, registry.NOTIFIERS):
        types.__dict__.pop("found", None)
