"""Decide when to send a message again that was not delivered. Pure.

The waits are the example schedule of Standard Webhooks 1.0
(https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Deliverability and
reliability"). They add up to 75 h 35 min, so a receiver that was down for two days still gets its message.
"""

import hashlib
import math
from datetime import UTC, datetime, timedelta

WAITS_S = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""Seconds to wait after the first, second ... attempt that failed."""
LONGEST_S = 86_400.0
"""A longer Retry-After is cut to this: a receiver's mistake must not stop its messages for good."""
PROMISED_S = 3 * 86_400.0
"""No message is given up before, even if attempts by hand (or before a newer message) used the schedule up."""
JITTER = 0.1


def next_attempt(
    attempts: int, now: str, created_at: str, retryable: bool, retry_after_s: float | None, key: str
) -> str | None:
    """The time of the next attempt (ISO 8601, UTC, whole seconds), or None: given up for good.

    `attempts` counts those made, with the one that has just failed at `now`. `created_at` is the time of the alert.
    `retryable` and `retry_after_s` (seconds) come from the DeliveryError. `key` (the alert's id and the notifier's
    name) spreads the attempts by up to 10 %, always in the same way for the same key. The next attempt is never before
    `retry_after_s`.
    """
    if not retryable:
        return None
    moment, created = datetime.fromisoformat(now).astimezone(UTC), datetime.fromisoformat(created_at)
    if attempts > len(WAITS_S) and (moment - created).total_seconds() >= PROMISED_S:
        return None
    wait_s = WAITS_S[min(attempts, len(WAITS_S)) - 1] * (1 + JITTER * _spread(key, attempts))
    due = moment + timedelta(seconds=math.ceil(max(wait_s, _asked_for(retry_after_s))))
    if due.microsecond:  # up, never down: not before the time that a receiver names
        due = due.replace(microsecond=0) + timedelta(seconds=1)
    return f"{due:%Y-%m-%dT%H:%M:%S}Z"


def _asked_for(retry_after_s: float | None) -> float:
    if retry_after_s is None or math.isnan(retry_after_s):
        return 0.0
    return min(max(retry_after_s, 0.0), LONGEST_S)


def _spread(key: str, attempts: int) -> float:
    """0 to 1, the same for the same arguments on every machine."""
    digest = hashlib.sha256(f"{key}\n{attempts}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
