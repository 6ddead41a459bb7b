"""Alerts through Apprise, which knows more than a hundred channels (https://appriseit.com/services/).

Apprise runs in a process of its own (`apprise_process`), because only that keeps three promises: it ends at the
deadline, whatever a service of it waits for, and cannot send later what was said to have failed; none of its logs,
errors and tracebacks, which hold addresses with their tokens and whole messages, has a way out; and its import costs
shoemon neither time nor memory. The address goes there through a pipe, never as an argument that other users can see.

What shoemon checks of addresses (no link-local ones, no proxies of the environment) Apprise does not check.
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
from shoemon.notifiers.apprise_process import MISSING, NO_ADDRESS, NOT_TAKEN
from shoemon.notifiers.posting import revealed
from shoemon.notifiers.running import ended, run
from shoemon.words.letter import letter_of
from shoemon.words.plain_text import link_lines, plain_text

WARNINGS = {"due", "over", "stale"}
"""Kinds of alert that are sent as a warning; all others are information."""
REMEDY = "this takes Apprise, which is not installed; run: pip install 'shoemon[apprise]'"
_PROCESS = Path(__file__).with_name("apprise_process.py")


def _address(value: str) -> str:
    """`value`, checked as far as no service needs to be known. Raises ValueError without repeating it."""
    value = value.strip()
    if re.match(r"[A-Za-z][A-Za-z0-9.+-]*://", value) is None or not value.isprintable():
        raise ValueError("this is no address of Apprise; they look like tgram://TOKEN/CHAT")
    return value


class Settings(NotifierSettings):
    """Settings of a notifier of type `apprise`."""

    type: Literal["apprise"] = Field("apprise", description="the kind of channel; takes pip install 'shoemon[apprise]'")
    url: Secret = Field(
        description="one address of Apprise, such as tgram://TOKEN/CHAT; as it nearly always holds a token, it stands "
        "elsewhere (two addresses are two notifiers, so that each is delivered on its own)"
    )
    timeout: Span = Field(
        30.0, validate_default=False, gt=0, le=300, description="how long one message may take (default 30s)"
    )


def make(settings: Settings, base: Path) -> "Apprise":
    """The notifier of `settings`; a relative path of its secret starts from `base`."""
    return Apprise(settings, base)


def warnings(settings: Settings, base: Path) -> list[str]:  # noqa: ARG001 - as every module that has it
    """What `shoemon check` should say of `settings`: that Apprise is not installed."""
    return [] if _is_installed() else [REMEDY]


class Apprise:
    """Sends each alert to one service. The same alert is always the same text; services know no ids, so that a crash
    can show one twice."""

    def __init__(self, settings: Settings, base: Path) -> None:
        self.name = settings.name
        self._settings, self._base = settings, base

    def send(self, alert: Alert, created_at: str) -> None:  # noqa: ARG002 - services date messages themselves
        """Sends the alert; returning means that Apprise says the service has taken it.

        Raises DeliveryError, always retryable: Apprise does not say why a service took nothing.
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
        if failure is not None:  # outside of `except`, because nothing that was raised is to be carried along
            raise DeliveryError(failure)


def given(alert: Alert, url: str) -> bytes:
    """What the process is given: the address and the message, as JSON."""
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
    """Why nothing was sent, by the exit code of the process; None if the message was taken."""
    known = {
        NOT_TAKEN: "Apprise could not hand the message to the service; `apprise -vv` with the same address says why",
        NO_ADDRESS: "Apprise does not know what to do with `url`; see https://appriseit.com/services/",
        MISSING: REMEDY,
    }
    return None if code == 0 else known.get(code, f"Apprise {ended(code)}")


def _is_installed() -> bool:
    return find_spec("apprise") is not None
