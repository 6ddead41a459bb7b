"""Alerts as JSON to a web address, by Standard Webhooks 1.0."""

import contextlib
import os
import re
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from shoemon import __version__
from shoemon.addresses import refuse_link_local
from shoemon.config.kinds import NotifierSettings, Secret, Span, refuse_secrets_in_the_open
from shoemon.deadline import Deadline
from shoemon.model import Alert, DeliveryError, ShoemonError
from shoemon.notifiers.standard_webhook import body_of, judge, signed_headers, webhook_id

if TYPE_CHECKING:
    import requests

LONGEST_ANSWER_BYTES = 65_536
_OURS = {"host", "content-type", "content-length", "transfer-encoding", "connection", "accept-encoding", "user-agent"}


def _url(value: str) -> str:
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


def _header_name(value: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", value) is None:
        raise ValueError(f"{value!r} is not the name of a header")
    if value.lower() in _OURS or value.lower().startswith("webhook-"):
        raise ValueError(f"the header {value} is set by shoemon and cannot be another")
    return value


def _header_value(value: str) -> str:
    """`value`, checked. Raises ValueError without repeating it."""
    value = value.strip()
    if not value.isprintable() or not value.isascii():
        raise ValueError("a header can only hold printable ASCII characters on one line")
    return value


def _kind(value: Any) -> str:
    return "secret" if isinstance(value, dict | Secret) else "text"


Url = Annotated[
    Annotated[str, AfterValidator(_url), Tag("text")] | Annotated[Secret, Tag("secret")], Discriminator(_kind)
]
HeaderValue = Annotated[
    Annotated[str, AfterValidator(_header_value), Tag("text")] | Annotated[Secret, Tag("secret")], Discriminator(_kind)
]


class Settings(NotifierSettings):
    """Settings of a notifier of type `webhook`."""

    type: Literal["webhook"] = Field(description="the kind of channel")
    url: Url = Field(description="where alerts are posted; {env: NAME} or {file: PATH} if that is a secret")
    secret: Secret | None = Field(
        None, description="key that signs: whsec_ and base64, or any text, of 24 bytes or more (default: not signed)"
    )
    headers: dict[Annotated[str, AfterValidator(_header_name)], HeaderValue] = Field(
        {}, description="more headers, such as Authorization: {env: HOOK_TOKEN}"
    )
    ca_file: str | None = Field(None, description="certificates (PEM) to trust in place of the usual ones")
    timeout: Span = Field(
        20.0, validate_default=False, gt=0, le=300, description="how long one post may take (default 20s)"
    )

    @model_validator(mode="after")
    def _no_secret_in_the_open(self) -> "Settings":
        refuse_secrets_in_the_open(name for name, value in self.headers.items() if isinstance(value, str))
        return self


def make(settings: Settings, base: Path) -> "Webhook":
    """The notifier of `settings`; relative paths of secrets and `ca_file` start from `base`."""
    return Webhook(settings, base)


class Webhook:
    """Posts each alert. The same alert always has the same `webhook-id` and body; the signature is of the moment."""

    def __init__(self, settings: Settings, base: Path, clock: Callable[[], float] = time.time) -> None:
        self.name = settings.name
        self._settings, self._base, self._clock = settings, base, clock

    def send(self, alert: Alert, created_at: str) -> None:
        """Posts the alert; returning means that the answer was 2xx.

        Raises DeliveryError: not retryable for 410 and for data that is no JSON, retryable for all else, with
        `retry_after_s` where a 429 or 503 names a time.
        """
        url = self._read("url", self._settings.url, _url)
        server = _server(url)
        body = body_of(alert, created_at)
        headers = self._headers(alert.id, body)
        failure: DeliveryError | None
        with Deadline(self._settings.timeout) as deadline:
            try:
                failure = self._post(url, body, headers, deadline)
            except ShoemonError as error:
                failure = DeliveryError(f"{server} was not asked: {error}")
            except (OSError, ValueError, LookupError) as error:  # every error of requests is an OSError
                failure = self._unanswered(server, error, deadline)
        if failure is not None:
            raise failure  # outside of `except`, because what requests raised holds the address and the headers

    def _post(self, url: str, body: bytes, headers: dict[str, str], deadline: Deadline) -> DeliveryError | None:
        from shoemon.connections import guarded_session

        parts = urlsplit(url)
        refuse_link_local(str(parts.hostname), parts.port or 0)
        verify = True if self._settings.ca_file is None else str(self._base / Path(self._settings.ca_file).expanduser())
        with (
            guarded_session(deadline) as session,
            session.post(
                url, data=body, headers=headers, timeout=self._settings.timeout + 1, verify=verify,
                stream=True, allow_redirects=False,
            ) as answer,
        ):  # fmt: skip
            if deadline.passed:  # http.client takes headers that were cut off for whole ones
                raise TimeoutError
            failure = judge(_server(url), answer.status_code, answer.headers, self._clock())
            _read_out(answer)
        return failure

    def _headers(self, alert_id: str, body: bytes) -> dict[str, str]:
        """Every header of one attempt: the runner's own, then ours."""
        own = {
            name: self._read(f"headers.{name}", value, _header_value) for name, value in self._settings.headers.items()
        }
        secret = self._settings.secret
        revealed = None if secret is None else self._read("secret", secret, str)
        try:
            standard = signed_headers(webhook_id(alert_id), int(self._clock()), body, revealed)
        except ValueError as error:
            raise DeliveryError(f"the `secret` of notifier {self.name} cannot be used: {error}") from None
        return {
            **own,
            **standard,
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",  # a packed answer could be a bomb, and nobody reads it
            "User-Agent": f"shoemon/{__version__}",
        }

    def _read(self, setting: str, value: str | Secret, checked: Callable[[str], str]) -> str:
        """The text of a setting, which may be a secret. Raises DeliveryError that names only its place."""
        if isinstance(value, str):
            return value
        try:
            return checked(value.reveal(self._base))
        except (ShoemonError, ValueError) as error:
            reason = str(error)
        # outside of `except`, because what was raised may carry along the bytes of a file
        raise DeliveryError(f"`{setting}` of notifier {self.name} cannot be used: {reason}")

    def _unanswered(self, server: str, error: Exception, deadline: Deadline) -> DeliveryError:
        """What the runner is told of `error`: never its own text, which holds the address."""
        if deadline.passed:
            return DeliveryError(f"{server} did not answer within {self._settings.timeout:g} s")
        from shoemon.connections import causes

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


def _server(url: str) -> str:
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
