"""shoemon with packages of others beside it, as pip leaves them, run as a runner runs it."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

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

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.python("-m", "shoemon", *words)

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, *arguments],
            env={**os.environ, "PYTHONPATH": str(self.packages), "SHOEMON_CONFIG": str(self.home)},
            cwd=self.home, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def metres(self) -> dict[str, float]:
        """Metres by shoe, as stored."""
        with closing(sqlite3.connect(self.home / "shoemon.db")) as database:
            return dict(database.execute("SELECT shoe, distance_m FROM shoe_wear"))
