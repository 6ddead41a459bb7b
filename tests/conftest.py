"""What is started once for all tests: the browser."""

from collections.abc import Iterator
from typing import Any

import pytest

pytest.register_assert_rewrite("kit.browsing")  # a reader who has met something wrong says what

from kit.browsing import started_browser  # noqa: E402


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, without a window and without a network."""
    with started_browser() as browser:
        yield browser


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the tests in a browser last: from its start on, this thread can run no other loop of events."""
    items.sort(key=lambda item: "browser" in getattr(item, "fixturenames", ()))
