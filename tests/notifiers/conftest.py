"""What the tests of several channels start: receivers of posts, and servers that speak bytes."""

from collections.abc import Iterator

import pytest
from kit.http_servers import Speak, speaking
from kit.receivers import Serve, receivers


@pytest.fixture
def serve() -> Iterator[Serve]:
    with receivers() as serve:
        yield serve


@pytest.fixture
def speak() -> Iterator[Speak]:
    with speaking() as speak:
        yield speak
