"""The channels of messages, for the pages: list, add, test and remove them, and send again what waits."""

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import segno

from shoemon.config.kinds import NotifierSettings
from shoemon.config.load import Config, as_now
from shoemon.model.clock import Clock, iso
from shoemon.model.errors import DeliveryError
from shoemon.net.addresses import server_of
from shoemon.notifiers import ntfy
from shoemon.setup.add_channel import added, draft, questions, removed
from shoemon.sync.pipeline import deliver_again
from shoemon.sync.tell.send_test import send_test
from shoemon.web.changes import Done, carry_out

WAIT_S = 3.0
"""How long a page waits for a running sync to end, before it sends again."""
MOST_S = 20.0
"""After so long, no further message is sent for a page that waits."""


class Channels(NamedTuple):
    """The channels of a configuration. `tests`: when each was tested last, whether that was delivered, and in words.
    All methods raise ShoemonError."""

    config: Config
    clock: Clock
    tests: dict[str, tuple[str, bool, str]]

    def all(self) -> list[dict[str, Any]]:
        """List them: `name` and `type` for everybody; `at` (where it sends), `subscribe` (how to) and `tested` for who
        may edit."""
        return [
            {"name": each.name, "type": each.type, "at": _at(each), "subscribe": _subscription(each, self.config),
             "tested": self.tests.get(each.name)}
            for each in self.config.notifiers
        ]  # fmt: skip

    def look(self, kind: str, given: Mapping[str, str]) -> dict[str, Any]:
        """Return the `lines` of a channel that would be added, none while more has to be asked; and whether a
        `password` is asked for."""
        asked = questions(kind, given)
        is_open = any(each.default is None and not each.hidden for each in asked)
        lines = [] if is_open else draft(self.config, kind, given).lines()
        return {"lines": lines, "password": any(each.key == "password" for each in asked)}

    def add(self, kind: str, given: Mapping[str, str]) -> Done:
        """Add a channel, and send a test through it."""
        names = []

        def make(now: Config) -> tuple[str, Any]:
            drafted = draft(now, kind, given)
            names.append(drafted.name)
            return f"The channel {drafted.name} is added", added(now, drafted)

        done = carry_out(self.config, self.clock, make)
        self.test(names[-1])
        return done

    def remove(self, name: str) -> Done:
        return carry_out(self.config, self.clock, lambda now: (f"The channel {name} is removed", removed(now, name)))

    def test(self, name: str) -> None:
        """Send a test message; `all` has the answer."""
        why_not = send_test(as_now(self.config), name, self.clock)  # as it may have been added just now
        self.tests[name] = (iso(self.clock()), why_not is None, why_not or "delivered: the server accepted it")

    def again(self, name: str) -> None:
        """Send what waits or failed; the database has what became of it."""
        until = time.monotonic() + MOST_S
        deliver_again(self.config, self.clock, name, WAIT_S, lambda: time.monotonic() > until)


def _at(settings: NotifierSettings) -> str:
    """The recipients and the server of a channel, without what may be a secret."""
    to, host, url = (getattr(settings, key, None) for key in ("to", "host", "url"))
    server = host or (server_of(url) if isinstance(url, str) else "")
    return " by ".join(filter(None, (", ".join(to or ()), server)))


def _subscription(settings: NotifierSettings, config: Config) -> dict[str, str] | None:
    """How to subscribe to an ntfy topic, with a QR code; None for others, and where its secrets cannot be read."""
    if not isinstance(settings, ntfy.Settings):
        return None
    try:
        link, app, topic = ntfy.subscription(settings, config.directory)
    except DeliveryError:
        return None
    code = segno.make(link, micro=False).svg_inline(omitsize=True, light="#fff")
    return {"link": link, "app": app, "topic": topic, "code": code}
