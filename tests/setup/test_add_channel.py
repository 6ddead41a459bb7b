"""A channel is set up by one command: secrets in files of their own, the lines in shoemon.yaml, and a test at once."""

import json
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kit.commands import Said, said_here, started
from kit.homes import Home
from kit.receivers import Serve, mail_server, receivers

from shoemon.config.load import load
from shoemon.notifiers.standard_webhook import signing_key
from shoemon.setup.add_channel import draft
from shoemon.store.edit_history import latest

Shoemon = Callable[..., Said]


@pytest.fixture
def serve() -> Iterator[Serve]:
    with receivers() as serve:
        yield serve


@pytest.fixture
def shoemon(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Shoemon:
    """Runs a command in a directory without a configuration, with its input from a pipe."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHOEMON_CONFIG", str(tmp_path))
    return lambda *words: said_here(monkeypatch, capsys, *words)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def secret(path: Path, name: str) -> str:
    return (path / "secrets" / name).read_text(encoding="utf-8").strip()


def test_from_init_to_a_received_message_are_two_commands(shoemon: Shoemon, serve: Serve, tmp_path: Path) -> None:
    phone = serve()
    assert shoemon("init").code == 0
    said = shoemon("alerts", "add", "ntfy", "--url", phone.url)
    topic = secret(tmp_path, "phone-topic")
    assert (said.code, said.err) == (0, "") and said.out.endswith("phone: delivered\n")
    assert topic.startswith("shoemon-") and len(topic) == 32 and topic[8:].isalnum()
    assert f"    {phone.url}/{topic}\n" in said.out
    posted = json.loads(phone.posts[0].body)
    assert (posted["topic"], posted["title"]) == (topic, "shoemon can reach you")
    if os.name != "nt":
        assert (mode(tmp_path / "secrets"), mode(tmp_path / "secrets" / "phone-topic")) == (0o700, 0o600)
    text = (tmp_path / "shoemon.yaml").read_text(encoding="utf-8")
    lines = (
        f'notify:\n  - name: phone\n    type: ntfy\n    url: "{phone.url}"\n    topic: {{file: secrets/phone-topic}}\n'
    )
    assert lines in text and topic not in text
    assert topic not in repr(latest(load(tmp_path).state_database))
    second = shoemon("alerts", "add", "ntfy", "--url", phone.url)
    assert second.code == 0 and secret(tmp_path, "phone-2-topic") not in ("", topic)
    assert shoemon("alerts", "remove", "phone-2").code == shoemon("alerts", "remove", "phone").code == 0
    assert load(tmp_path).notifiers == () and secret(tmp_path, "phone-topic") == topic
    assert shoemon("undo").code == 0 and shoemon("alerts", "test", "phone") == Said(0, "phone: delivered\n", "")
    assert "secrets/phone-2-topic-2" in shoemon("alerts", "add", "ntfy", "--name", "phone-2", "--url", phone.url).out


def test_a_mail_and_a_webhook_are_set_up_by_options_alone(shoemon: Shoemon, serve: Serve, tmp_path: Path) -> None:
    hook = serve()
    assert shoemon("init").code == 0
    said = shoemon("alerts", "add", "webhook", "--url", f"{hook.url}/x?token=canary")
    assert said.code == 0 and secret(tmp_path, "hook-url") == f"{hook.url}/x?token=canary"
    assert len(signing_key(secret(tmp_path, "hook-secret"))) == 32
    assert "webhook-signature" in {name.lower() for name in hook.posts[0].headers}
    assert "canary" not in said.out and secret(tmp_path, "hook-secret") not in said.out
    with mail_server() as (room, port):
        server = ("--host", "127.0.0.1", "--port", str(port), "--security", "none")
        assert shoemon("alerts", "add", "email", "--to", "me@example.org", *server).out.endswith("mail: delivered\n")
        assert room.reached == ["me@example.org"]
    (tmp_path / "pw").write_text("canary word\n")
    said = shoemon("alerts", "add", "email", "--name", "post", "--to", "Anna <me@gmail.com>", "--host", "127.0.0.1",
                   "--port", "1", "--password-file", "pw")  # fmt: skip
    assert (said.code, secret(tmp_path, "post-password")) == (1, "canary word")
    assert "post: not delivered: " in said.err and "shoemon alerts remove post" in said.err
    assert load(tmp_path).notifier("post").model_dump()["username"] == "me@gmail.com"
    assert "canary" not in said.out + said.err


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ({"to": "Me <me@gmail.com>"}, {"host": "smtp.gmail.com", "security": "starttls", "username": "me@gmail.com"}),
        ({"to": "me@ICLOUD.com"}, {"host": "smtp.mail.me.com", "security": "starttls", "username": "me@ICLOUD.com"}),
        ({"to": "me@posteo.de", "username": "m"}, {"host": "posteo.de", "security": "tls", "username": "m"}),
        ({"to": "me@gmail.com", "host": "relay", "port": "25", "security": "none"}, {"host": "relay", "security": "none"}),
        ({"to": "me@a.org", "host": "relay", "port": "2525"}, {"host": "relay", "port": "2525", "security": "starttls"}),
    ],
)  # fmt: skip
def test_the_server_is_taken_from_the_address_only_where_it_is_sure(
    given: dict[str, str], written: dict[str, str], tmp_path: Path
) -> None:
    settings = dict(draft(Home(tmp_path).config, "email", given).settings)
    assert settings.pop("password", None) == ({"file": "secrets/mail-password"} if "username" in written else None)
    assert settings == {"name": "mail", "type": "email", "to": given["to"], **written}


def test_a_chat_gets_the_body_that_it_reads_and_no_key(tmp_path: Path) -> None:
    found = draft(Home(tmp_path).config, "webhook", {"url": "https://discord.com/api/webhooks/1/canary"})
    assert found.settings["body"].startswith('{"content": ') and list(found.secrets) == ["secrets/hook-url"]
    assert "canary" not in "\n".join(found.lines())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("email", "give --to, --host"),
        ("email --to me@gmail.com", "give --password-file"),
        ("email --to me@example.org --username me", "give --host, --password-file"),
        ("email --to me@outlook.com", "outlook.com accepts no password any more"),
        ("email --to nobody --host relay", "'nobody' is not an e-mail address"),
        ("webhook", "give --url"),
        ("webhook --url ftp://canary", "url: this is not a web address"),
        ("ntfy --url https://canary@ntfy.sh", "not in `url`"),
        ("ntfy --name ../up", "cannot be called '../up'"),
        ("ntfy --name taken", "cannot be called 'taken': there is one already"),
        ("pigeon", "'pigeon' is not one of"),
    ],
)
def test_what_is_missing_is_said_and_nothing_written(words: str, says: str, shoemon: Shoemon, tmp_path: Path) -> None:
    Home(tmp_path).main("notify: [{name: taken, type: ntfy, topic: t}]  # mine\n")
    said = shoemon("alerts", "add", *words.split())
    assert (said.code, says in said.err, "canary" in said.err) == (2, True, False), said.err
    assert (tmp_path / "shoemon.yaml").read_text() == "notify: [{name: taken, type: ntfy, topic: t}]  # mine\n"
    assert not [*tmp_path.glob("secrets/*")]


def test_a_file_where_the_directory_of_secrets_should_be_is_reported(shoemon: Shoemon, tmp_path: Path) -> None:
    Home(tmp_path)
    (tmp_path / "secrets").write_text("mine")
    said = shoemon("alerts", "add", "ntfy", "--url", "http://127.0.0.1:1")
    assert (said.code, "cannot write" in said.err) == (1, True)
    assert load(tmp_path).notifiers == () and (tmp_path / "secrets").read_text() == "mine"


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_on_a_terminal_the_password_is_asked_for_without_showing_it(tmp_path: Path) -> None:
    Home(tmp_path)
    master, slave = os.openpty()
    with started("alerts", "add", "email", "--config", tmp_path, stdin=slave, stdout=slave, stderr=slave) as process:
        os.close(slave)
        shown = b""

        def answer(question: str, text: str) -> None:
            nonlocal shown
            while question.encode() not in shown:
                shown += os.read(master, 1000)
            os.write(master, f"{text}\n".encode())

        for question, text in {
            "e-mail address": "me@example.org", "outgoing mail": "127.0.0.1", "Encryption": "", "Port": "1",
            "log in with": "me", "Password": "canary", "remove mail": "",
        }.items():  # fmt: skip
            answer(question, text)
        assert process.wait(60) == 1
    os.close(master)
    assert b"canary" not in shown and secret(tmp_path, "mail-password") == "canary"


def test_retry_sends_through_one_channel_only(shoemon: Shoemon, serve: Serve, tmp_path: Path) -> None:
    home, hooks = Home(tmp_path), {name: serve(503) for name in ("one", "two")}
    channels = "".join(f"  - {{name: {name}, type: webhook, url: '{hook.url}'}}\n" for name, hook in hooks.items())
    home.main("sources: [{name: watch, type: table, path: watch.csv}]\nnotify:\n" + channels)
    home.shoes("shoes: [{id: road, name: Road, gear: Road, life: 5 km}]\n")
    (tmp_path / "watch.csv").write_text("date,km,shoe\n2024-05-01,9,Road\n")
    assert shoemon("sync").code == 0
    hooks["one"].status = 200
    assert shoemon("alerts", "retry", "one") == Said(0, "1 message sent\n", "")
    assert {name: len(hook.posts) for name, hook in hooks.items()} == {"one": 2, "two": 1}
    assert shoemon("alerts", "retry").code == 1 and len(hooks["two"].posts) == 2
    assert "no notifier is called three" in shoemon("alerts", "retry", "three").err
