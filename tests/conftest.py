"""What holds for all tests: one profile of Hypothesis, and the browser that some of them look through."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("kit.browsing")  # a reader who has met something wrong says what

from kit.browsing import started_browser  # noqa: E402

# How long an example takes says how busy the machine is. A fixture's directory is used by all examples on purpose.
settings.register_profile(
    "shoemon", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("shoemon")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, without a window and without a network. Until it ends this thread can run no other loop of events, so
    it ends with the file."""
    with started_browser() as browser:
        yield browser


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the tests in a browser behind the others of their file."""
    items.sort(key=lambda item: (item.path, "browser" in getattr(item, "fixturenames", ())))
