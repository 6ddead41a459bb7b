"""No part of an address, a login or a message is in an error, a log or on the terminal, however sending it fails."""

import base64
import logging
import traceback
from pathlib import Path
from typing import Any

import pytest
from kit.http_servers import Speak, free_port
from kit.receivers import Serve
from kit.trials import quick

from shoemon.model.alert import Alert
from shoemon.model.errors import DeliveryError
from shoemon.notifiers import apprise, ntfy, webhook

SECRET = "canary-4f0a-signing-key-of-32-by"
ALERT = Alert("a", "due", None, "due", "canary-title", "canary-body", {})
CHANNELS: dict[str, tuple[Any, dict[str, Any]]] = {
    "webhook": (webhook, {"secret": {"env": "SECRET"}, "headers": {"Authorization": {"env": "TOKEN"}, "X-Runner": "canary-key"}}),
    "ntfy with a token": (ntfy, {"topic": {"env": "TOKEN"}, "token": {"env": "SECRET"}}),
    "ntfy with a password": (ntfy, {"topic": {"env": "TOKEN"}, "username": "canary-user", "password": {"env": "SECRET"}}),
    "apprise": (apprise, {}),
}  # fmt: skip
TROUBLES = ("status", "refused", "redirect", "tls", "name", "link-local", "time-out", "nonsense", "gone", "success")


CASES = [(name, each) for name in CHANNELS for each in TROUBLES if (name, each) != ("apprise", "link-local")]
CASES += [("apprise", "unknown"), ("apprise", "broken")]
"""A message by Apprise takes a process of its own, which refuses no link-local address."""


@pytest.mark.parametrize(
    "case", quick(CASES, [case for case in CASES if case[0] != "apprise" or case[1] in ("status", "refused")])
)
def test_no_secret_is_in_an_error_a_log_or_on_the_terminal(
    case: tuple[str, str],
    serve: Serve,
    speak: Speak,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    (channel, trouble), (module, more) = case, CHANNELS[case[0]]
    url = {
        "status": lambda: serve(500, {}, b"you said canary-token").url,
        "refused": lambda: f"http://127.0.0.1:{free_port()}",
        "redirect": lambda: serve(302, {"Location": "/canary-path?canary-query"}).url,
        "tls": lambda: serve().url.replace("http:", "https:"),
        "name": lambda: "http://no-such-host.invalid",
        "link-local": lambda: "http://169.254.169.254",
        "time-out": lambda: speak(b"", b""),
        "nonsense": lambda: speak(b"canary-token\r\n\r\n", b""),
        "gone": lambda: serve(410).url,
        "unknown": lambda: "nothing://127.0.0.1",
        "broken": lambda: "tgram://canary-user",
        "success": lambda: serve().url,
    }[trouble]()
    if module is not ntfy:
        url = (
            url.replace("://", "://canary-user:canary-password@")
            + "/canary-path?-key=canary-query&+X-Key=canary-header"
        )
    if module is apprise:
        url = url.replace("http", "json")
    for name, value in {"ADDRESS": url, "SECRET": SECRET, "TOKEN": "canary-token"}.items():
        monkeypatch.setenv(name, value)
    limit = ("2s" if module is apprise else "0.5s") if trouble == "time-out" else "60s"
    settings = {"name": "x", "type": channel.split(maxsplit=1)[0], "url": {"env": "ADDRESS"}, "timeout": limit, **more}
    shown = ""
    try:
        module.make(module.Settings.model_validate(settings), Path()).send(ALERT, "2026-03-01T06:00:00Z")
    except DeliveryError as error:
        shown = repr((str(error), error, error.__context__, error.__cause__))
        shown += "".join(traceback.format_exception(error))
    assert (shown == "") is (trouble == "success")
    assert "canary" not in shown + caplog.text + "".join(capfd.readouterr())


GIVEN: dict[str, tuple[Any, dict[str, Any]]] = {
    "webhook": (webhook, {"secret": {"env": "SECRET"}, "headers": {"X-Key": {"env": "TOKEN"}}}),
    "ntfy": (ntfy, {"topic": {"env": "TOPIC"}, "token": {"env": "TOKEN"}}),
    "apprise": (apprise, {}),
}
UNFIT = [
    ("webhook", "SECRET", "canary", "it has 6 bytes; Standard Webhooks requires at least 24"),
    ("webhook", "SECRET", "whsec_" + base64.b64encode(b"x" * 23).decode(), "it has 23 bytes"),
    ("webhook", "SECRET", "whsec_!!!canary!!!", "not base64"),
    ("webhook", "SECRET", "whsec_", "it has 0 bytes"),
    ("webhook", "ADDRESS", "canary.example.org", "`url` of notifier x cannot be used: this is not a web address"),
    ("webhook", "TOKEN", "canary\r\nX: y", "`headers.X-Key` of notifier x cannot be used: a header can only contain"),
    ("webhook", "TOKEN", "canary-ä", "`headers.X-Key` of notifier x cannot be used: a header can only contain"),
    ("webhook", "TOKEN", "", "`headers.X-Key` of notifier x cannot be used: environment variable TOKEN is not set"),
    ("ntfy", "TOPIC", "canary topic", "`topic` of notifier x cannot be used: this is not a topic"),
    ("ntfy", "TOPIC", "", "`topic` of notifier x cannot be used: environment variable TOPIC is not set"),
    ("ntfy", "TOKEN", "canary\r\nX: y", "`token` of notifier x cannot be used: a header can only contain"),
    ("ntfy", "ADDRESS", "https://x/canary", "`url` of notifier x cannot be used: this must be the server alone"),
    ("apprise", "ADDRESS", "canary", "`url` of notifier x cannot be used: this is not an address of Apprise"),
    ("apprise", "ADDRESS", "json://x\njson://canary", "`url` of notifier x cannot be used: this is not an address of Apprise"),
    ("apprise", "ADDRESS", "", "`url` of notifier x cannot be used: environment variable ADDRESS is not set"),
]  # fmt: skip


@pytest.mark.parametrize(("channel", "name", "value", "said"), UNFIT)
def test_a_secret_that_cannot_be_used_is_named_not_shown(
    channel: str, name: str, value: str, said: str, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver, (module, more) = serve(), GIVEN[channel]
    for each, text in {"ADDRESS": receiver.url, "SECRET": SECRET, "TOKEN": "t", "TOPIC": "t", name: value}.items():
        monkeypatch.setenv(each, text)
    settings = {"name": "x", "type": channel, "url": {"env": "ADDRESS"}, **more}
    with pytest.raises(DeliveryError) as caught:
        module.make(module.Settings.model_validate(settings), Path()).send(ALERT, "2026-03-01T06:00:00Z")
    shown = repr((error := caught.value, error.__context__, error.__cause__))
    assert said in str(error) and error.retryable and receiver.posts == []
    assert "canary" not in shown and (value in ("", "whsec_") or value not in shown)
