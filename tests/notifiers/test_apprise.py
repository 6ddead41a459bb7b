"""Alerts through Apprise, sent by its own json:// to real HTTP servers; no part of its address is ever shown."""

import json
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from kit.hostile import TEXTS
from kit.http_servers import Speak
from kit.receivers import Receiver, Serve
from kit.secret_settings import refused
from kit.trials import quick

from shoemon.model.alert import Alert
from shoemon.model.errors import DeliveryError
from shoemon.model.text import header_line, one_line
from shoemon.notifiers import apprise_process
from shoemon.notifiers.apprise import REMEDY, Settings, given, make, warnings

pytest.importorskip("apprise")
BORN = "2026-03-01T06:00:00Z"
LINKS = [
    {"text": "Pegasus", "url": "https://shoes.example.org/p"},
    {"text": "All pairs", "url": "https://shoes.example.org/"},
]
ALERT = Alert(
    "pegasus-due-1", "due", None, "due", "Käthes Pegasus is due", "Used: 90%\n\n<b>Line</b> two", {"links": LINKS}
)


@pytest.fixture(autouse=True)
def no_traces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever Apprise keeps on the disk would lie here."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def settings(**more: Any) -> Settings:
    return Settings.model_validate({"name": "chat", "url": {"env": "APPRISE_URL"}, "timeout": "20s", **more})


def send(url: str, monkeypatch: pytest.MonkeyPatch, alert: Alert = ALERT, **more: Any) -> None:
    monkeypatch.setenv("APPRISE_URL", url)
    make(settings(**more), Path()).send(alert, BORN)


def failure(url: str, monkeypatch: pytest.MonkeyPatch, **more: Any) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        send(url, monkeypatch, **more)
    return caught.value


def address(receiver: Receiver, rest: str = "/hook") -> str:
    return receiver.url.replace("http:", "json:") + rest


def test_an_alert_has_its_title_text_and_pages(serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    receiver = serve()
    send(address(receiver), monkeypatch)
    [post] = receiver.posts
    content = json.loads(post.body)
    assert {key: content[key] for key in ("title", "message", "type")} == {
        "title": "Käthes Pegasus is due",
        "message": "Used: 90%\n\n<b>Line</b> two\n\nPegasus: https://shoes.example.org/p\nAll pairs: https://shoes.example.org/",
        "type": "warning",
    }
    assert not (tmp_path / "home").exists(), "it leaves nothing on the disk"


def test_what_should_be_seen_today_is_a_warning() -> None:
    kinds = {"due": "warning", "over": "warning", "stale": "warning", "soon": "info", "weekly": "info", "test": "info"}
    made = {kind: json.loads(given(Alert("a", kind, None, "s", "t", "b", {}), "json://x")) for kind in kinds}
    assert {kind: message["notify_type"] for kind, message in made.items()} == kinds


@pytest.mark.parametrize("status", quick([503, 400, 404, 500], 1))
def test_what_a_service_refuses_is_tried_again(status: int, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    receiver = serve(status)
    error = failure(address(receiver), monkeypatch)
    assert error.retryable and str(error).startswith("Apprise could not deliver the message to the service; ")
    assert len(receiver.posts) == 1


def test_with_several_recipients_it_says_that_some_get_it_again(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    url = serve(500).url.replace("http:", "mmost:") + "/0123456789abcdefghijklmnop?channels=a,b"
    error = failure(url, monkeypatch)
    assert error.retryable and str(error).endswith("whoever has it gets it again: write a notifier for each")


def test_a_redirect_is_not_followed_and_no_success(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    second = serve()
    first = serve(302, {"Location": second.url})
    assert failure(address(first), monkeypatch).retryable
    assert (len(first.posts), second.posts) == (1, [])


@pytest.mark.parametrize(
    "first, drop",
    [(b"", b""), (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"), (b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", b"x")],
)
def test_a_service_that_drips_ends_at_the_deadline_and_gets_nothing_later(
    first: bytes, drop: bytes, speak: Speak, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = speak(first, drop).replace("http:", "json:")
    error = failure(url, monkeypatch, timeout="1.5s")
    assert error.retryable and str(error) == "the service did not answer within 1.5 s"


def test_an_address_that_leads_nowhere_is_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    error = failure("nothing://canary", monkeypatch)
    assert str(error).startswith("Apprise knows no service with such a `url`; ") and error.retryable


@pytest.mark.parametrize(
    "change, said",
    [
        ({"url": "tgram://canary"}, "a secret must not be in this file"),
        ({"url": {"env": "tgram://canary"}}, "is not the name of an environment variable"),
        ({"urls": []}, "Extra inputs"),
        ({"timeout": "1h"}, "less than or equal to 300"),
    ],
)
def test_settings_that_cannot_work_are_mistakes_that_repeat_no_secret(change: dict[str, Any], said: str) -> None:
    assert said in refused(settings, **change)


def test_where_apprise_is_not_installed_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert warnings(settings(), Path()) == []
    monkeypatch.setitem(sys.modules, "apprise", None)  # how Python marks a package that is not there
    assert warnings(settings(), Path()) == [REMEDY]
    error = failure("json://127.0.0.1", monkeypatch)
    assert str(error) == REMEDY and "pip install 'shoemon[apprise]'" in REMEDY and error.retryable


def test_the_process_says_by_its_code_that_apprise_is_not_there() -> None:
    alone = [sys.executable, "-I", "-S", apprise_process.__file__]
    done = subprocess.run(alone, input=b'{"url": "json://canary"}', capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (apprise_process.MISSING, b"", b"")


def test_shoemon_itself_never_loads_apprise(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPRISE_URL", address(serve()))
    code = (
        "import sys; from pathlib import Path; from shoemon.model.alert import Alert; from shoemon.notifiers.apprise import *\n"
        "make(Settings(name='chat', type='apprise', url=Secret(env='APPRISE_URL')), Path()).send(\n"
        "  Alert('a', 'due', None, 'due', 't', 'b', {}), '2026-03-01T06:00:00Z')\n"
        "print('apprise' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="arguments of processes are seen elsewhere")
def test_the_address_is_no_argument_that_others_can_see(speak: Speak, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looked at from the service, while Apprise waits for its answer."""
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def look() -> None:
            connection, _ = listening.accept()
            with connection:
                for file in Path("/proc").glob("[0-9]*/cmdline"):
                    try:
                        seen.append(file.read_bytes())
                    except OSError:
                        continue
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=look)
        thread.start()
        send(f"json://127.0.0.1:{listening.getsockname()[1]}/canary-4f0a", monkeypatch)
        thread.join()
    assert any(b"apprise_process" in line for line in seen)
    assert not [line for line in seen if b"canary-4f0a" in line]


@pytest.mark.parametrize("text", quick(TEXTS, 1))
def test_hostile_text_is_text_and_adds_no_header(text: str, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    receiver = serve()
    send(address(receiver), monkeypatch, Alert(text, "due", None, "due", text, text, {"links": []}))
    [post] = receiver.posts
    content = json.loads(post.body)
    assert content["title"] == header_line(text)
    assert content["message"].split() == " ".join(map(one_line, text.splitlines())).split()
    assert sorted(map(str.lower, post.headers)) == [
        "accept", "accept-encoding", "connection", "content-length", "content-type", "host", "user-agent",
    ]  # fmt: skip
