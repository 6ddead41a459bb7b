"""The runner whose pages are looked at, and the pages."""

from collections.abc import Iterator
from typing import Any

import pytest
from kit.runners import Runner, Served, served


@pytest.fixture(scope="module")
def runner(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return Runner(tmp_path_factory.mktemp("runner") / "home")


@pytest.fixture(scope="module")
def pages(runner: Runner) -> Iterator[Served]:
    with served(runner.home) as pages:
        yield pages
