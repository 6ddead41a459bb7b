"""Alerts on the phone by ntfy, from ntfy.sh or a server of the runner's own (https://docs.ntfy.sh/publish/).

A message is posted as JSON to the server's root, so that no address contains the topic, which is as good as a password.
Limits as read in the server's source (server.go, util/peek.go): a message of 4,096 bytes or more becomes an
attachment, and a JSON body of twice as many is refused.

From 2.16 ntfy takes a `sequence_id`: a later message with the same one replaces the earlier one on the phone. Made from
the alert's id and time, it makes the one repeat that a crash can cause change nothing. Older servers ignore it, and
show two.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from shoemon.config.kinds import NotifierSettings, Secret, Span
from shoemon.config.urls import ELSEWHERE, TEXT, TEXT_OR_SECRET, web_address
from shoemon.model.alert import Alert
from shoemon.model.errors import DeliveryError
from shoemon.model.text import header_line
from shoemon.notifiers.posting import Poster, header_value, revealed, trusted
from shoemon.notifiers.standard_webhook import judge
from shoemon.words.letter import letter_of
from shoemon.words.plain_text import plain_text

LONGEST_MESSAGE_BYTES = 4095
LONGEST_BODY_BYTES = 8191
LONGEST_TITLE = 200
"""Characters; phones show some forty."""
PRIORITIES = {"due": 4, "over": 4, "stale": 4, "weekly": 2, "digest": 2, "longest": 2}
"""By kind of alert, from 1 (no sound) to 5 (for emergencies); 3 for all others."""
_CUT = "..."


def _server(value: str) -> str:
    """`value`, checked. Raises ValueError without repeating it."""
    parts = urlsplit(web_address(value))
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError("this must be the server alone, such as https://ntfy.sh; write the topic in `topic`")
    if parts.username is not None or parts.password is not None:
        raise ValueError("write the login in `username` and `password`, or in `token`, not in `url`")
    return value.strip()


def _topic(value: str) -> str:
    """`value`, checked as the server checks it. Raises ValueError without repeating it."""
    value = value.strip()
    if re.fullmatch(r"[-_A-Za-z0-9]{1,64}", value) is None:
        raise ValueError("this is not a topic; write 1 to 64 of the characters A to Z, a to z, 0 to 9, - and _")
    return value


NtfyServer = Annotated[Annotated[str, AfterValidator(_server), TEXT] | ELSEWHERE, TEXT_OR_SECRET]
Topic = Annotated[Annotated[str, AfterValidator(_topic), TEXT] | ELSEWHERE, TEXT_OR_SECRET]


class Settings(NotifierSettings):
    """Settings of a notifier of type `ntfy`."""

    type: Literal["ntfy"] = Field("ntfy", description="the kind of channel")
    url: NtfyServer = Field(
        "https://ntfy.sh", description="the server, which can read every message; it may be your own"
    )
    topic: Topic = Field(
        description="the topic you subscribe to; whoever knows it can read and write there, so make it long and "
        "random, and better write {env: NAME} or {file: PATH}"
    )
    token: Secret | None = Field(None, description="access token, for a topic that requires one")
    username: str | None = Field(None, description="name to log in with, in place of a token")
    password: Secret | None = Field(None, description="password to log in with, as {env: NAME} or {file: PATH}")
    priority: int | None = Field(
        None,
        ge=1,
        le=5,
        description="from 1 (no sound) to 5 (default by kind: 4 for due, over and stale, 2 for weekly, digest and "
        "longest, 3 for all others)",
    )
    ca_file: str | None = Field(None, description="certificates (PEM) to trust in place of the usual ones")
    timeout: Span = Field(20.0, gt=0, le=300, description="how long one post may take (default 20s)")

    @model_validator(mode="after")
    def _one_login(self) -> "Settings":
        if (self.username is None) != (self.password is None):
            raise ValueError("give both `username` and `password`, or neither")
        if self.token is not None and self.username is not None:
            raise ValueError("give either `token`, or `username` and `password`")
        if self.username is not None and (":" in self.username or not self.username.isprintable()):
            raise ValueError("`username` cannot contain a colon or an unprintable character")
        return self


class Ntfy:
    """Publishes each alert as one message. The same alert always is the same message, with the same `sequence_id`."""

    def __init__(self, settings: Settings, base: Path) -> None:
        self.name = settings.name
        self._settings, self._base = settings, base
        self._poster = Poster(settings.timeout, trusted(settings.ca_file, base), _judge)

    def send(self, alert: Alert, created_at: str) -> None:
        """Publish the alert; returning means that the answer was 2xx.

        Raises DeliveryError: not retryable for 410, else retryable, with `retry_after_s` where the answer names a time.
        """
        url = revealed(self.name, "url", self._settings.url, self._base, _server)
        topic = revealed(self.name, "topic", self._settings.topic, self._base, _topic)
        priority = self._settings.priority or PRIORITIES.get(alert.kind, 3)
        self._poster.post(url, body_of(alert, created_at, topic, priority), self._login())

    def _login(self) -> dict[str, str]:
        settings = self._settings
        if settings.token is not None:
            token = revealed(self.name, "token", settings.token, self._base, header_value)
            return {"Authorization": f"Bearer {token}"}
        if settings.username is not None and settings.password is not None:
            password = revealed(self.name, "password", settings.password, self._base, str)
            plain = f"{settings.username}:{password}".encode("utf-8", "surrogateescape")
            return {"Authorization": f"Basic {base64.b64encode(plain).decode('ascii')}"}
        return {}


make = Ntfy


def subscription(settings: Settings, base: Path) -> tuple[str, str, str]:
    """The web address where the topic can be read, the one that opens Android's app, and the topic; all three are as
    good as a password (https://docs.ntfy.sh/subscribe/phone/). Raises DeliveryError if a secret cannot be read."""
    url = revealed(settings.name, "url", settings.url, base, _server).rstrip("/")
    topic = revealed(settings.name, "topic", settings.topic, base, _topic)
    scheme, _, host = url.partition("://")
    return f"{url}/{topic}", f"ntfy://{host}/{topic}{'' if scheme == 'https' else '?secure=false'}", topic


def body_of(alert: Alert, created_at: str, topic: str, priority: int) -> bytes:
    """What is posted, the same bytes for the same alert."""
    # with its time, because two runners who share a topic may have alerts of one id
    identity = hashlib.sha256(f"{alert.id}\n{created_at}".encode("utf-8", "surrogatepass")).hexdigest()
    letter = letter_of(alert)
    content: dict[str, Any] = {
        "topic": topic,
        "title": header_line(letter.title)[:LONGEST_TITLE] or "shoemon",
        "priority": priority,
        "tags": ["athletic_shoe"],
        "sequence_id": f"shoemon-{identity[:32]}",
    }
    if letter.pages:
        content["click"] = letter.pages[0].url  # opens when the notification is touched
    return _fitting(content, plain_text(letter.blocks, short=True))


def _fitting(content: Mapping[str, Any], message: str) -> bytes:
    """`content` with as much of `message` as ntfy takes. Less than it could be, where much must be escaped."""
    for room in range(LONGEST_MESSAGE_BYTES, 0, -256):
        body = _json({**content, "message": _cut(message, room)})
        if len(body) <= LONGEST_BODY_BYTES:
            return body
    return _json({**content, "message": ""})


def _cut(message: str, room: int) -> str:
    """`message` in at most `room` bytes, with `...` for what is left away: whole lines, or part of a very long one."""
    whole = message.encode("utf-8")
    if len(whole) <= room:
        return message
    kept = whole[: room - len(_CUT) - 1].decode("utf-8", "ignore")
    line_end = kept.rfind("\n")
    if line_end >= len(kept) // 2:
        return f"{kept[:line_end].rstrip()}\n{_CUT}"
    return f"{kept.rstrip()}{_CUT}"


def _json(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _judge(server: str, status: int, headers: Mapping[str, str], now_s: float, _: bytes) -> DeliveryError | None:
    failure = judge(server, status, headers, now_s)
    if failure is not None and status in (401, 403):
        return DeliveryError(f"{failure}; check `token`, or `username` and `password`, and who may write to the topic")
    return failure
