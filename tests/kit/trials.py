"""Which cases of a long table are tried every time; the rest are slow trials."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def quick(values: Iterable[Any], of: Collection[Any] | int) -> list[Any]:
    """All `values` as parameters; those that are not among `of` (a number: the first so many) are marked slow."""
    return [
        value if (number < of if isinstance(of, int) else value in of) else pytest.param(value, marks=pytest.mark.slow)
        for number, value in enumerate(values)
    ]
