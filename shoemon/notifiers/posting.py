"""Post to a web address, for every channel over HTTP.

A post ends at its deadline, follows no redirect and goes to no link-local address. Of an address, its errors contain
only scheme, host and port.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import AfterValidator

from shoemon.config.kinds import Secret
from shoemon.config.urls import ELSEWHERE, TEXT, TEXT_OR_SECRET
from shoemon.model.errors import DeliveryError, ShoemonError
from shoemon.net.addresses import server_of
from shoemon.net.failure import Failed

Judge = Callable[[str, int, Mapping[str, str], float, bytes], DeliveryError | None]
"""From server, status, headers, seconds since 1970 and a short body to None (accepted), or the error."""


def header_value(value: str) -> str:
    """`value`, checked. Raises ValueError without repeating it."""
    value = value.strip()
    if not value.isprintable() or not value.isascii():
        raise ValueError("a header can only contain printable ASCII characters on one line")
    return value


HeaderValue = Annotated[Annotated[str, AfterValidator(header_value), TEXT] | ELSEWHERE, TEXT_OR_SECRET]


def revealed(notifier: str, setting: str, value: str | Secret, base: Path, checked: Callable[[str], str]) -> str:
    """The text of `setting`, which may be a secret. Raises DeliveryError that names only its place."""
    if isinstance(value, str):
        return value
    try:
        return checked(value.reveal(base))
    except (ShoemonError, ValueError) as error:
        reason = str(error)
    # outside of `except`, because what was raised may contain the bytes of a file
    raise DeliveryError(f"`{setting}` of notifier {notifier} cannot be used: {reason}")


class Poster(NamedTuple):
    """Posts to web addresses. `ca_file`: certificates to trust in place of the usual ones; `clock` gives seconds since
    1970."""

    timeout_s: float
    ca_file: Path | None
    judge: Judge
    clock: Callable[[], float] = time.time

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Post `body`, which is JSON unless `headers` name another type. Returns when the receiver has accepted it;
        raises DeliveryError if it has not."""
        from shoemon.net.body import beginning
        from shoemon.net.conversation import Conversation, Terms, converse

        server = server_of(url)

        def talk(conversation: Conversation) -> DeliveryError | None:
            with conversation.send("POST", url, {**_JSON, **headers, **_UNPACKED}, body) as answer:
                body_of_answer = beginning(answer, conversation.in_time)  # so the receiver sees no broken connection
                return self.judge(server, answer.status_code, answer.headers, self.clock(), body_of_answer)

        failure: DeliveryError | None
        try:
            failure = converse(talk, Terms(self.timeout_s, environment=False, ca_file=self.ca_file))
        except Failed as failed:
            failure = DeliveryError(f"{server} {failed.words}")
        if failure is not None:
            raise failure


_JSON = {"Content-Type": "application/json"}
_UNPACKED = {"Accept-Encoding": "identity"}
"""A packed answer could be a bomb, and nobody reads it."""


def trusted(ca_file: str | None, base: Path) -> Path | None:
    return None if ca_file is None else base / Path(ca_file).expanduser()
