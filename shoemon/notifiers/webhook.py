"""Alerts as JSON to a web address, by Standard Webhooks 1.0.

The body is the one of `standard_webhook.body_of`; config/alert.schema.json describes it.
"""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from shoemon.config.kinds import NotifierSettings, Secret, Span, refuse_secrets_in_the_open
from shoemon.model.alert import Alert
from shoemon.model.errors import DeliveryError
from shoemon.notifiers.posting import HeaderValue, Poster, Url, header_value, revealed, trusted, web_address
from shoemon.notifiers.standard_webhook import body_of, signed_headers, webhook_id

_OURS = {"host", "content-type", "content-length", "transfer-encoding", "connection", "accept-encoding", "user-agent"}


def _header_name(value: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", value) is None:
        # Not repeated: where a colon is missing, the secret stands in it.
        raise ValueError("this is not the name of a header; write `Name: value`")
    if value.lower() in _OURS or value.lower().startswith("webhook-"):
        raise ValueError(f"the header {value} is set by shoemon and cannot be another")
    return value


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
        self._poster = Poster(settings.timeout, trusted(settings.ca_file, base), clock=clock)

    def send(self, alert: Alert, created_at: str) -> None:
        """Posts the alert; returning means that the answer was 2xx.

        Raises DeliveryError: not retryable for 410 and for data that is no JSON, retryable for all else, with
        `retry_after_s` where a 429 or 503 names a time.
        """
        url = self._read("url", self._settings.url, web_address)
        body = body_of(alert, created_at)
        self._poster.post(url, body, self._headers(alert.id, body))

    def _headers(self, alert_id: str, body: bytes) -> dict[str, str]:
        """The headers of one attempt: the runner's own, then those of Standard Webhooks."""
        own = {
            name: self._read(f"headers.{name}", value, header_value) for name, value in self._settings.headers.items()
        }
        secret = self._settings.secret
        key = None if secret is None else self._read("secret", secret, str)
        try:
            standard = signed_headers(webhook_id(alert_id), int(self._clock()), body, key)
        except ValueError as error:
            raise DeliveryError(f"the `secret` of notifier {self.name} cannot be used: {error}") from None
        return {**own, **standard}

    def _read(self, setting: str, value: str | Secret, checked: Callable[[str], str]) -> str:
        return revealed(self.name, setting, value, self._base, checked)
