"""The home of a test, a copy of the one that its file syncs, and its pages, as `shoemon serve` serves them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kit.homes import Home
from kit.pages import Pages

from shoemon.web.desk import Desk


@pytest.fixture
def home(tmp_path: Path, synced: Home) -> Home:
    return synced.copied(tmp_path / "home")


@pytest.fixture
def pages(home: Home) -> Iterator[Pages]:
    with Pages(home.database, desks={"shoemon": Desk(home.config, home.clock)}) as pages:
        yield pages
