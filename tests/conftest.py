"""What is started once for all tests: the browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from browsing import started_browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, without a window and without a network."""
    with started_browser() as browser:
        yield browser
