"""A sport in the settings of a source."""

from typing import Annotated

from pydantic import AfterValidator

from shoemon.model.sports import SPORTS


def _sport(value: str) -> str:
    if value not in SPORTS:
        raise ValueError(f"{value!r} is not a sport; there are {', '.join(SPORTS)}")
    return value


Sport = Annotated[str, AfterValidator(_sport)]
