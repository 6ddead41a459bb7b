"""Alerts posted to a web address, by Standard Webhooks 1.0.

The body is the one of `standard_webhook.body_of`, which config/alert.schema.json describes, or is made from that by the
runner's template (`body_template`).
"""

import re
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from shoemon.config.kinds import NotifierSettings, Secret, Span, refuse_secrets_in_the_open
from shoemon.config.urls import Url, web_address
from shoemon.decide.alerts.samples import sample_alerts
from shoemon.model.alert import Alert
from shoemon.model.errors import DeliveryError
from shoemon.notifiers.body_template import Rendered, checked, render
from shoemon.notifiers.chats import chat_at, error_code
from shoemon.notifiers.posting import HeaderValue, Poster, header_value, revealed, trusted
from shoemon.notifiers.standard_webhook import body_of, judge, signed_headers, webhook_id
from shoemon.words.commands import command

_OURS = {"host", "content-type", "content-length", "transfer-encoding", "connection", "accept-encoding", "user-agent"}


def _header_name(value: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", value) is None:
        # Not repeated: where a colon is missing, it contains the secret.
        raise ValueError("this is not the name of a header; write `Name: value`")
    if value.lower() in _OURS or value.lower().startswith("webhook-"):
        raise ValueError(f"the header {value} is set by shoemon; remove it here")
    return value


def _content_type(value: str) -> str:
    if re.fullmatch(r"[\w.+-]+/[\w.+-]+(\s*;.*)?", value, re.ASCII) is None:
        raise ValueError("this is not a content type; write one such as text/plain; charset=utf-8")
    return header_value(value)


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
    body: Annotated[str, AfterValidator(checked)] | None = Field(
        None,
        description="template (Jinja2) of what is posted, in place of the JSON of alert.schema.json; it can use id, "
        "kind, stage, shoe, title, text, url, created_at and data",
        examples=["'{\"content\": {{ title | tojson }}}'"],
    )
    content_type: Annotated[str, AfterValidator(_content_type)] = Field(
        "application/json",
        description="the type of what `body` gives; if it is JSON, that is checked before it is sent",
    )
    ca_file: str | None = Field(None, description="certificates (PEM) to trust in place of the usual ones")
    timeout: Span = Field(
        20.0, gt=0, le=300, description="how long one post may take, and before it `body` (default 20s)"
    )

    @model_validator(mode="after")
    def _no_secret_in_the_open(self) -> "Settings":
        refuse_secrets_in_the_open(name for name, value in self.headers.items() if isinstance(value, str))
        return self

    @model_validator(mode="after")
    def _type_of_a_body(self) -> "Settings":
        if self.body is None and self.content_type != "application/json":
            raise ValueError("`content_type` goes with `body`; without that, JSON is posted")
        return self


def warnings(settings: Settings, base: Path) -> list[str]:
    """What `shoemon check` reports of `settings`: a chat service that needs a `body`, or the kinds of alert that `body`
    cannot be rendered for."""
    if settings.body is None:
        with suppress(DeliveryError):  # a secret that is missing is reported by itself
            if chat := chat_at(revealed(settings.name, "url", settings.url, base, web_address)):
                return [f"{chat.name} does not read this; write `body: '{chat.body}'`, or use `type: apprise`"]
    for links in (True, False):
        alerts, faults = sample_alerts(links=links), defaultdict[str, list[str]](list)
        for alert, rendered in zip(alerts, _rendered(settings, alerts, "2026-03-01T06:00:00Z"), strict=True):
            if rendered.fault is not None:
                faults[rendered.fault].append(alert.kind)
        if faults:
            when = "" if links else " while `web.url` is not set"
            return [f"`body` fails for alerts of kind {', '.join(of)}{when}: {fault}" for fault, of in faults.items()]
    return []


def _judge(server: str, status: int, headers: Mapping[str, str], now_s: float, answer: bytes) -> DeliveryError | None:
    failure, chat = judge(server, status, headers, now_s), chat_at(server)
    if chat is not None and failure is not None and status == 400:
        words = (
            f"{failure}: {chat.name} cannot read it; write a `body`, as {command('check')} shows, or use type: apprise"
        )
        return DeliveryError(words, retryable=False)
    if chat is not None and failure is None and (code := error_code(answer)):
        return DeliveryError(f"{server} answered {status}, but with error {code} of {chat.name}")
    return failure


def _rendered(settings: Settings, alerts: Sequence[Alert], created_at: str) -> list[Rendered]:
    bodies = [body_of(alert, created_at) for alert in alerts]
    if settings.body is None:
        return [Rendered(body) for body in bodies]
    kind = settings.content_type.partition(";")[0].strip().lower()
    return render(settings.body, kind.endswith(("/json", "+json")), bodies, settings.timeout)


class Webhook:
    """Posts each alert. The same alert always has the same `webhook-id` and body; each post has a signature of its own
    time."""

    def __init__(self, settings: Settings, base: Path, clock: Callable[[], float] = time.time) -> None:
        self.name = settings.name
        self._settings, self._base, self._clock = settings, base, clock
        self._poster = Poster(settings.timeout, trusted(settings.ca_file, base), _judge, clock)

    def send(self, alert: Alert, created_at: str) -> None:
        """Post the alert; returning means that the answer was 2xx.

        Raises DeliveryError: not retryable for 410, a chat's 400 and data that is not JSON, else retryable, with
        `retry_after_s` where the answer names a time.
        """
        url = self._read("url", self._settings.url, web_address)
        [(body, fault)] = _rendered(self._settings, [alert], created_at)
        if fault is not None:
            raise DeliveryError(f"`body` of notifier {self.name} fails for this alert: {fault}")
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
        return {**own, **standard, "Content-Type": self._settings.content_type}

    def _read(self, setting: str, value: str | Secret, checked: Callable[[str], str]) -> str:
        return revealed(self.name, setting, value, self._base, checked)


make = Webhook
