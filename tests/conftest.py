"""What holds for all tests: one profile of Hypothesis, and the browser that some of them look through."""

import gc
import os
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from datasette import hookimpl
from datasette.plugins import pm
from hypothesis import HealthCheck, settings
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

# Whatever the environment says, compile once for all processes: tests start shoemon a hundred times.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
pytest.register_assert_rewrite("kit.browsing", "kit.web_sources")  # a reader who has met something wrong says what

from kit.browsing import started_browser  # noqa: E402

# How long an example takes says how busy the machine is. A fixture's directory is used by all examples on purpose.
settings.register_profile(
    "shoemon", deadline=None, max_examples=int(os.environ.get("SHOEMON_EXAMPLES", "40")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
settings.load_profile("shoemon")


class Compiled(BytecodeCache):
    """Templates compiled once a process: each of the hundreds of Datasettes made here would do it anew."""

    __name__ = "compiled_templates"  # Datasette asks its plugins for one

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.load_bytecode(BytesIO(self.kept[bucket.key]))

    def dump_bytecode(self, bucket: Bucket) -> None:
        written = BytesIO()
        bucket.write_bytecode(written)
        self.kept[bucket.key] = written.getvalue()

    @hookimpl
    def prepare_jinja2_environment(self, env: Any) -> None:
        env.bytecode_cache = self


pm.register(Compiled())


@pytest.fixture(autouse=True)
def edits_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests write a file at once; nobody is still saving it."""
    monkeypatch.setattr("shoemon.config.edits.SETTLE_S", 0.0)


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of exports count as written to their end as soon as they are there."""
    monkeypatch.setattr("shoemon.sources.kit.find_tracks.SETTLED_NS", -1)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, without a window and without a network. Until it ends this thread can run no other loop of events, so
    it ends with the file."""
    with started_browser() as browser:
        yield browser


COSTLY = ("demo", "browser", "journeys", "web", "pages", "config", "sync", "notifiers", "setup", "sources")
"""Folders of files that take long. They begin first, so that no process is still at one when the others have ended."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the costly files first, and call every test in a browser slow."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
    ranks = {folder: rank for rank, folder in enumerate(COSTLY)}

    def place(item: pytest.Item) -> tuple[int, Path]:
        return ranks.get(item.path.parent.name, len(ranks)), item.path

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Leave the thousands of collected tests out of every collection of garbage to come."""
    gc.collect()
    gc.freeze()


def pytest_xdist_auto_num_workers() -> int:
    """One more process than cores for `-n auto`: often one waits for a browser or for shoemon. Each collects all tests."""
    return (os.cpu_count() or 1) + 1
