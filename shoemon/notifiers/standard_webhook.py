"""The body and headers of a webhook, and the meaning of its answer, by Standard Webhooks 1.0. Pure.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote

from shoemon.decide.alerts.payload import VERSION
from shoemon.model.alert import Alert
from shoemon.model.errors import DeliveryError
from shoemon.net.failure import retry_after_s

LEAST_KEY_BYTES = 24
"""Of a secret: the specification requires 24 to 64 bytes."""


def body_of(alert: Alert, created_at: str) -> bytes:
    """The body that config/alert.schema.json describes, the same bytes for the same alert; `command` sends it too.

    `created_at` is UTC. Raises DeliveryError if the alert's data cannot be written as JSON.
    """
    own = {"id": alert.id, "kind": alert.kind, "shoe": alert.shoe, "stage": alert.stage, "title": alert.title}
    data = {**alert.data, **own, "body": alert.body}
    content = {"type": f"shoemon.alert.{alert.kind}", "timestamp": created_at, "version": VERSION, "data": data}
    try:
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError):
        raise DeliveryError(f"alert {alert.id} has data that cannot be written as JSON", retryable=False) from None
    return text.encode("ascii")


def webhook_id(alert_id: str) -> str:
    """The alert's id with everything percent-encoded that a header cannot contain."""
    return quote(alert_id, safe="!#$&'()*+,/:;=?@[]~", errors="replace")


def signed_headers(identity: str, sent_at: int, body: bytes, secret: str | None) -> dict[str, str]:
    """The headers of the specification; `sent_at` in seconds since 1970. Raises ValueError for a bad secret."""
    headers = {"webhook-id": identity, "webhook-timestamp": str(sent_at)}
    if secret is not None:
        signed = f"{identity}.{sent_at}.".encode("ascii") + body
        digest = hmac.new(signing_key(secret), signed, hashlib.sha256).digest()
        headers["webhook-signature"] = f"v1,{base64.b64encode(digest).decode('ascii')}"
    return headers


def signing_key(secret: str) -> bytes:
    """The bytes of `whsec_` and base64, or of any other text. Raises ValueError that does not repeat the secret."""
    secret = secret.strip()
    if secret.startswith("whsec_"):
        encoded = secret.removeprefix("whsec_").rstrip("=")
        try:
            key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("what follows whsec_ is not base64") from None
    else:
        key = secret.encode("utf-8", "surrogateescape")
    if len(key) < LEAST_KEY_BYTES:
        raise ValueError(f"it has {len(key)} bytes; Standard Webhooks requires at least {LEAST_KEY_BYTES}")
    return key


def judge(server: str, status: int, headers: Mapping[str, str], now_s: float) -> DeliveryError | None:
    """None if the receiver has accepted the message (2xx only), else the error. `now_s`: seconds since 1970."""
    if 200 <= status < 300:
        return None
    answered = f"{server} answered {_status(status)}"
    if 300 <= status < 400:
        return DeliveryError(f"{answered}; redirects are not followed: set `url` to the new address")
    if status == HTTPStatus.GONE:
        return DeliveryError(f"{answered}: the receiver wants no more messages; remove this notifier", retryable=False)
    return DeliveryError(answered, retry_after_s=retry_after_s(headers, now_s))


def _status(status: int) -> str:
    """The number with the phrase of the standard: the server could send any text."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
