"""Waiting for what another thread or process does, for as long as it takes."""

import asyncio
import time
from collections.abc import Callable

GIVE_UP_S = 300.0
"""So long on any machine only where it never comes: a test fails then instead of hanging."""


def until(true: Callable[[], object]) -> None:
    """Returns once `true()` is so, looking often."""
    end = time.monotonic() + GIVE_UP_S
    while not true():
        assert time.monotonic() < end, "it does not happen"
        time.sleep(0.02)


async def until_in_loop(true: Callable[[], object]) -> None:
    """As `until`, while tasks go on."""
    async with asyncio.timeout(GIVE_UP_S):
        while not true():
            await asyncio.sleep(0.02)
