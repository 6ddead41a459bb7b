"""Alerts through Apprise, which knows more than a hundred channels (https://appriseit.com/services/).

Apprise runs in a process of its own (`apprise_process`), for three reasons. It ends at the deadline, whatever its
service waits for, and cannot send later what was reported as failed. Its logs, errors and tracebacks, which contain
tokens and whole messages, are discarded. Its import costs shoemon neither time nor memory. The address goes there
through a pipe, never as an argument that other users can see.

Unlike shoemon, Apprise does not refuse link-local addresses, and uses the proxies of the environment.
"""

import json
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from pydantic import Field

from shoemon.config.kinds import NotifierSettings, Secret, Span
from shoemon.model.alert import Alert
from shoemon.model.errors import DeliveryError
from shoemon.model.text import header_line
from shoemon.notifiers.apprise_process import MISSING, NO_ADDRESS, NOT_TAKEN, PERHAPS_PARTLY
from shoemon.notifiers.posting import revealed
from shoemon.notifiers.running import ended, run
from shoemon.words.letter import letter_of
from shoemon.words.plain_text import link_lines, plain_text

WARNINGS = {"due", "over", "stale"}
"""Kinds of alert that are sent as a warning; all others are information."""
REMEDY = "this requires Apprise, which is not installed; run: pip install 'shoemon[apprise]'"
_PROCESS = Path(__file__).with_name("apprise_process.py")


def _address(value: str) -> str:
    """`value`, checked as far as no service needs to be known. Raises ValueError without repeating it."""
    value = value.strip()
    if re.match(r"[A-Za-z][A-Za-z0-9.+-]*://", value) is None or not value.isprintable():
        raise ValueError("this is not an address of Apprise; write one such as tgram://TOKEN/CHAT")
    return value


class Settings(NotifierSettings):
    """Settings of a notifier of type `apprise`."""

    type: Literal["apprise"] = Field("apprise", description="the kind of channel; needs pip install 'shoemon[apprise]'")
    url: Secret = Field(
        description="one address of Apprise, such as tgram://TOKEN/CHAT, as {env: NAME} or {file: PATH}, because it "
        "nearly always contains a token; for two addresses or recipients write two notifiers"
    )
    timeout: Span = Field(30.0, gt=0, le=300, description="how long one message may take (default 30s)")


def warnings(settings: Settings, base: Path) -> list[str]:  # noqa: ARG001 - as every module that has it
    """Report for `shoemon check` that Apprise is not installed."""
    return [] if _is_installed() else [REMEDY]


class Apprise:
    """Sends each alert to one service. The same alert is always the same text. Services know no ids, so after a crash
    one alert can be shown twice."""

    def __init__(self, settings: Settings, base: Path) -> None:
        self.name = settings.name
        self._settings, self._base = settings, base

    def send(self, alert: Alert, created_at: str) -> None:  # noqa: ARG002 - services date messages themselves
        """Send the alert; returning means that the service has accepted it, as far as Apprise reports.

        Raises DeliveryError, always retryable: Apprise does not report why a service refused.
        """
        if not _is_installed():
            raise DeliveryError(REMEDY)
        url = revealed(self.name, "url", self._settings.url, self._base, _address)
        failure: str | None
        try:
            failure = _reason(run([sys.executable, "-P", str(_PROCESS)], given(alert, url), self._settings.timeout))
        except TimeoutError:
            failure = f"the service did not answer within {self._settings.timeout:g} s"
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else None
            failure = f"Apprise could not be started: {reason or type(error).__name__}"
        if failure is not None:  # outside of `except`, because nothing that was raised may be passed on
            raise DeliveryError(failure)


make = Apprise


def given(alert: Alert, url: str) -> bytes:
    """The input of the process: the address and the message, as JSON."""
    letter = letter_of(alert)
    paragraphs = [plain_text(letter.blocks, short=True), "\n".join(link_lines(letter.pages))]
    message = {
        "url": url,
        "title": header_line(letter.title) or "shoemon",
        "body": "\n\n".join(paragraph for paragraph in paragraphs if paragraph),
        "notify_type": "warning" if alert.kind in WARNINGS else "info",
    }
    return json.dumps(message).encode("ascii")


def _reason(code: int) -> str | None:
    """Explain the exit code of the process; None if the message was sent."""
    known = {
        NOT_TAKEN: "Apprise could not deliver the message to the service; `apprise -vv` with that address shows why",
        PERHAPS_PARTLY: "the service did not accept the message for every recipient in `url`, and whoever has it gets "
        "it again: write a notifier for each",
        NO_ADDRESS: "Apprise knows no service with such a `url`; see https://appriseit.com/services/",
        MISSING: REMEDY,
    }
    return None if code == 0 else known.get(code, f"Apprise {ended(code)}")


def _is_installed() -> bool:
    return find_spec("apprise") is not None
