"""One guarded post to a web address: what every channel over HTTP shares.

It ends at its deadline, follows no redirect, talks to no link-local address, and what it says of a failure holds
nothing of an address but scheme, host and port.
"""

import contextlib
import os
import re
import ssl
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple
from urllib.parse import urlsplit

from pydantic import AfterValidator, Discriminator, Tag

from shoemon import __version__
from shoemon.config.kinds import Secret
from shoemon.model.errors import DeliveryError, ShoemonError
from shoemon.net.addresses import refuse_link_local
from shoemon.net.deadline import Deadline
from shoemon.notifiers.standard_webhook import judge

if TYPE_CHECKING:
    import requests

LONGEST_ANSWER_BYTES = 65_536
Judge = Callable[[str, int, Mapping[str, str], float], DeliveryError | None]
"""From server, status, headers and seconds since 1970 to None (taken) or why not."""


def web_address(value: str) -> str:
    """`value`, checked. Raises ValueError without repeating it: an address may hold a password or a token."""
    value = value.strip()
    try:
        parts = urlsplit(value)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and value.isprintable()
    except ValueError:
        sound = False
    if not sound or re.search(r"\s", value):
        raise ValueError("this is not a web address; write one such as https://example.org/hook")
    return value


def header_value(value: str) -> str:
    """`value`, checked. Raises ValueError without repeating it."""
    value = value.strip()
    if not value.isprintable() or not value.isascii():
        raise ValueError("a header can only hold printable ASCII characters on one line")
    return value


def text_or_secret(value: Any) -> str:
    """Which of the two a setting that may be either is."""
    return "secret" if isinstance(value, dict | Secret) else "text"


Url = Annotated[
    Annotated[str, AfterValidator(web_address), Tag("text")] | Annotated[Secret, Tag("secret")],
    Discriminator(text_or_secret),
]
HeaderValue = Annotated[
    Annotated[str, AfterValidator(header_value), Tag("text")] | Annotated[Secret, Tag("secret")],
    Discriminator(text_or_secret),
]


def revealed(notifier: str, setting: str, value: str | Secret, base: Path, checked: Callable[[str], str]) -> str:
    """The text of `setting`, which may be a secret. Raises DeliveryError that names only its place."""
    if isinstance(value, str):
        return value
    try:
        return checked(value.reveal(base))
    except (ShoemonError, ValueError) as error:
        reason = str(error)
    # outside of `except`, because what was raised may carry along the bytes of a file
    raise DeliveryError(f"`{setting}` of notifier {notifier} cannot be used: {reason}")


class Poster(NamedTuple):
    """Posts JSON. `ca_file`: certificates to trust in place of the usual ones; `clock` gives seconds since 1970."""

    timeout_s: float
    ca_file: Path | None = None
    judge: Judge = judge
    clock: Callable[[], float] = time.time

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Posts `body`; returning means that the receiver has taken it. Raises DeliveryError."""
        server = server_of(url)
        failure: DeliveryError | None
        with Deadline(self.timeout_s) as deadline:
            try:
                failure = self._exchange(url, body, headers, deadline)
            except ShoemonError as error:
                failure = DeliveryError(f"{server} was not asked: {error}")
            except (OSError, ValueError, LookupError) as error:  # every error of requests is an OSError
                failure = self._unanswered(server, error, deadline)
        if failure is not None:
            raise failure  # outside of `except`, because what requests raised holds the address and the headers

    def _exchange(self, url: str, body: bytes, headers: Mapping[str, str], deadline: Deadline) -> DeliveryError | None:
        from shoemon.net.connections import guarded_session

        parts = urlsplit(url)
        refuse_link_local(str(parts.hostname), parts.port or 0)
        with (
            guarded_session(deadline) as session,
            session.post(
                url, data=body, headers={**headers, **_OURS}, timeout=self.timeout_s + 1,
                verify=True if self.ca_file is None else str(self.ca_file), stream=True, allow_redirects=False,
            ) as answer,
        ):  # fmt: skip
            if deadline.passed:  # http.client takes headers that were cut off for whole ones
                raise TimeoutError
            failure = self.judge(server_of(url), answer.status_code, answer.headers, self.clock())
            _read_out(answer)
        return failure

    def _unanswered(self, server: str, error: Exception, deadline: Deadline) -> DeliveryError:
        """What the runner is told of `error`: never its own text, which holds the address."""
        if deadline.passed:
            return DeliveryError(f"{server} did not answer within {self.timeout_s:g} s")
        from shoemon.net.connections import causes

        for cause in causes(error):
            if isinstance(cause, ssl.SSLCertVerificationError):
                return DeliveryError(f"the certificate of {server} cannot be trusted: {cause.verify_message}")
            if isinstance(cause, ssl.SSLError):
                return DeliveryError(f"TLS with {server} failed ({cause.reason})")
            if isinstance(cause, TimeoutError):
                return DeliveryError(f"{server} did not answer in time")
            if isinstance(cause, OSError) and cause.errno is not None and cause.errno > 0:
                return DeliveryError(f"{server} could not be reached: {os.strerror(cause.errno)}")
        return DeliveryError(f"{server} gave no answer that can be understood ({type(error).__name__})")


_OURS = {
    "Content-Type": "application/json",
    "Accept-Encoding": "identity",  # a packed answer could be a bomb, and nobody reads it
    "User-Agent": f"shoemon/{__version__}",
}


def trusted(ca_file: str | None, base: Path) -> Path | None:
    """The path of the setting `ca_file`."""
    return None if ca_file is None else base / Path(ca_file).expanduser()


def server_of(url: str) -> str:
    """Scheme, host and port: all of an address that may be shown."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
    return f"{parts.scheme}://{host}{'' if parts.port is None else f':{parts.port}'}"


def _read_out(answer: "requests.Response") -> None:
    """Takes the answer off the wire, up to a limit, so that the receiver sees no broken connection.

    The status has said everything: that the rest drips or breaks off changes nothing.
    """
    with contextlib.suppress(OSError, ValueError, _http_error()):
        answer.raw.read(LONGEST_ANSWER_BYTES, decode_content=False)


def _http_error() -> type[Exception]:
    from urllib3.exceptions import HTTPError

    return HTTPError
