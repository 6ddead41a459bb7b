"""Alerts for a program of the runner's own: a script that rings a bell, opens an issue, writes to a log.

The program reads the body of a webhook from standard input (config/alert.schema.json describes it). Its environment is
that of shoemon (secrets of other settings, too), and

- `SHOEMON_ALERT_ID`: the alert's id as in the header `webhook-id`, the same when an alert is sent again,
- `SHOEMON_ALERT_KIND`: its kind, such as `soon`.

It runs in the configuration directory, without a shell. Exit code 0 means that the alert is delivered; after any other
code it is sent again later. The program's output is not read.
"""

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from shoemon.config.kinds import NotifierSettings, Span
from shoemon.model.alert import Alert
from shoemon.model.errors import DeliveryError
from shoemon.notifiers.running import ended, run
from shoemon.notifiers.standard_webhook import body_of, webhook_id


def _words(value: Any) -> Any:
    """Split a command line as a shell does; nothing in it is expanded."""
    if not isinstance(value, str):
        return value
    try:
        return shlex.split(value, posix=sys.platform != "win32")
    except ValueError:
        raise ValueError("this cannot be split into words; close the open quote, or write a list of texts") from None


def _runnable(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value or not value[0].strip():
        raise ValueError("this names no program; write one such as [~/bin/shoe-alert, --quiet]")
    if "\0" in "".join(value):
        raise ValueError("a command cannot contain a NUL character")
    return value


Command = Annotated[
    tuple[str, ...],
    BeforeValidator(_words),
    AfterValidator(_runnable),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"\S"},
                {"type": "array", "items": {"type": "string"}, "minItems": 1},
            ]
        }
    ),
]


class Settings(NotifierSettings):
    """Settings of a notifier of type `command`."""

    type: Literal["command"] = Field("command", description="the kind of channel")
    command: Command = Field(
        description="the program and its arguments, as a list or a line; ~ and paths from this directory are allowed; "
        "it reads the alert as JSON (alert.schema.json) from standard input, and exits with 0 when it is done",
        examples=["[~/bin/shoe-alert, --quiet]"],
    )
    timeout: Span = Field(20.0, gt=0, le=300, description="how long it may run before it is stopped (default 20s)")


def warnings(settings: Settings, base: Path) -> list[str]:
    """Report for `shoemon check` that there is no such program."""
    program = settings.command[0]
    try:
        found = shutil.which(_found(program, base))
    except RuntimeError:
        found = None
    return [] if found else [f"{program} is not a program that can be started"]


class Program:
    """Runs the program once for each alert. The same alert is always sent with the same bytes and id."""

    def __init__(self, settings: Settings, base: Path) -> None:
        self.name = settings.name
        self._settings, self._base = settings, base.absolute()

    def send(self, alert: Alert, created_at: str) -> None:
        """Run the program; returning means that it exited with 0.

        Raises DeliveryError: not retryable for data that is not JSON, else retryable.
        """
        body = body_of(alert, created_at)
        environment = {
            **os.environ,
            "SHOEMON_ALERT_ID": webhook_id(alert.id),
            "SHOEMON_ALERT_KIND": webhook_id(alert.kind),
        }
        program, *arguments = self._settings.command
        failure = None
        try:
            code = run(
                [_found(program, self._base), *arguments], body, self._settings.timeout, directory=self._base,
                environment=environment,
            )  # fmt: skip
            failure = None if code == 0 else ended(code)
        except TimeoutError:
            failure = f"did not finish within {self._settings.timeout:g} s, and was stopped"
        except FileNotFoundError:
            failure = "was not found, or the program in its first line was not found"
        except (OSError, ValueError, RuntimeError) as error:
            reason = error.strerror if isinstance(error, OSError) else None
            failure = f"could not be started: {reason or type(error).__name__}"
        if failure is not None:  # outside of `except`, because what was raised may contain the arguments
            raise DeliveryError(f"`{Path(program).name}` {failure}")


make = Program


def _found(program: str, base: Path) -> str:
    """The path of `program`; a bare name is looked up in PATH later. Raises RuntimeError for an unknown ~user."""
    path = Path(program).expanduser()
    return str(base.absolute() / path) if len(path.parts) > 1 or os.sep in program else program
