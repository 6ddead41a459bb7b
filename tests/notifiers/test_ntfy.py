"""Alerts by ntfy, published to real HTTP servers; the limits are those of ntfy's own server."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from kit.hostile import TEXTS
from kit.receivers import Serve
from kit.secret_settings import refused

from shoemon import __version__
from shoemon.model.alert import Alert
from shoemon.model.errors import DeliveryError
from shoemon.notifiers.ntfy import Settings, make

BORN = "2026-03-01T06:00:00Z"
LINKS = [
    {"text": "Pegasus", "url": "https://shoes.example.org/shoemon/shoes/pegasus"},
    {"text": "x", "url": "https://x/"},
]
ALERT = Alert("pegasus-due-1", "due", None, "due", "Käthes Pegasus is due", "Used: 90%\n\nLine two", {"links": LINKS})
TOPIC = "canary-topic_4f0a"


def settings(url: Any, **more: Any) -> Settings:
    return Settings.model_validate({"name": "phone", "url": url, "topic": TOPIC, "timeout": "60s", **more})


def failure(chosen: Settings, base: Path = Path()) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        make(chosen, base).send(ALERT, BORN)
    return caught.value


def test_an_alert_is_published_as_json_to_the_root_with_no_header_too_many(serve: Serve) -> None:
    receiver = serve()
    make(settings(receiver.url), Path()).send(ALERT, BORN)
    [post] = receiver.posts
    assert post.path == "/"
    assert json.loads(post.body) == {
        "topic": TOPIC,
        "title": "Käthes Pegasus is due",
        "message": "Used: 90%\n\nLine two",
        "priority": 4,
        "tags": ["athletic_shoe"],
        "click": "https://shoes.example.org/shoemon/shoes/pegasus",
        "sequence_id": "shoemon-65bb31d48cab77507847e47f017f42b8",
    }
    assert {name.lower(): value for name, value in post.headers.items()} == {
        "host": receiver.url.removeprefix("http://"),
        "content-type": "application/json",
        "content-length": str(len(post.body)),
        "accept-encoding": "identity",
        "user-agent": f"shoemon/{__version__}",
    }


@pytest.mark.parametrize(
    "kind, given, priority",
    [
        ("due", None, 4), ("over", None, 4), ("stale", None, 4), ("weekly", None, 2), ("digest", None, 2), ("longest", None, 2),
        ("soon", None, 3), ("unassigned", None, 3), ("several", None, 3), ("test", None, 3), ("of-a-later-version", None, 3),
        ("due", 1, 1), ("weekly", 5, 5),
    ],
)  # fmt: skip
def test_what_should_be_seen_is_loud_and_news_quiet(kind: str, given: int | None, priority: int, serve: Serve) -> None:
    receiver = serve()
    make(settings(receiver.url, priority=given), Path()).send(Alert("a", kind, None, "s", "t", "b", {}), BORN)
    assert json.loads(receiver.posts[0].body)["priority"] == priority


@pytest.mark.parametrize("data", [{}, {"links": []}, {"links": None}, {"links": [{"text": "x"}]}, {"links": ["x"]}])
def test_without_a_page_to_open_nothing_is_opened(data: dict[str, Any], serve: Serve) -> None:
    receiver = serve()
    make(settings(receiver.url), Path()).send(Alert("a", "due", None, "s", "t", "b", data), BORN)
    assert "click" not in json.loads(receiver.posts[0].body)


def test_a_repeat_replaces_the_earlier_message_and_no_other(serve: Serve) -> None:
    receiver = serve()
    other = Alert("pegasus-due-2", *list(vars(ALERT).values())[1:])
    for alert, born in ((ALERT, BORN), (ALERT, BORN), (other, BORN), (ALERT, "2026-03-01T06:00:01Z")):
        make(settings(receiver.url), Path()).send(alert, born)
    first, second, *others = (json.loads(post.body)["sequence_id"] for post in receiver.posts)
    assert receiver.posts[0].body == receiver.posts[1].body
    assert first == second and len({first, *others}) == 3
    assert re.fullmatch(r"[-_A-Za-z0-9]{1,64}", first)


@pytest.mark.parametrize(
    "login, header",
    [
        ({"token": {"env": "NTFY_TOKEN"}}, "Bearer tk_canary"),
        (
            {"username": "käthe", "password": {"file": "password.txt"}},
            f"Basic {base64.b64encode('käthe:canary:ä'.encode()).decode()}",
        ),
        ({}, None),
    ],
)
def test_it_logs_in_as_the_topic_asks(
    login: dict[str, Any], header: str | None, serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NTFY_TOKEN", "tk_canary\n")
    (tmp_path / "password.txt").write_text("canary:ä\n", encoding="utf-8")
    receiver = serve()
    make(settings(receiver.url, **login), tmp_path).send(ALERT, BORN)
    assert receiver.posts[0].headers.get("Authorization") == header


@pytest.mark.parametrize(
    "body, said",
    [
        ("x" * 4095, "x" * 4095),
        ("x" * 4096, "x" * 4091 + "..."),
        (
            "\n".join(["a line of thirty characters.."] * 200),
            "\n".join(["a line of thirty characters.."] * 136) + "\n...",
        ),
        ("short\n" + "x" * 9000, "short\n" + "x" * 4085 + "..."),
        ("ä" * 4000, "ä" * 2045 + "..."),
        ("\U0001f45f" * 2000, "\U0001f45f" * 1022 + "..."),
    ],
)
def test_a_long_message_is_cut_at_a_line_and_never_becomes_an_attachment(body: str, said: str, serve: Serve) -> None:
    receiver = serve()
    make(settings(receiver.url), Path()).send(Alert("a", "due", None, "s", "t", body, {}), BORN)
    assert json.loads(receiver.posts[0].body)["message"] == said


@pytest.mark.parametrize("body", ['"' * 5000, "\\" * 5000, "a\n" * 5000, '"\n' * 5000])
def test_a_message_that_must_be_escaped_still_fits_into_what_the_server_reads(body: str, serve: Serve) -> None:
    receiver = serve()
    alert = Alert("a", "due", None, "s", '"' * 300, body, {"links": [{"text": "x", "url": "https://x/" + "y" * 500}]})
    make(settings(receiver.url), Path()).send(alert, BORN)
    [post] = receiver.posts
    message = json.loads(post.body)["message"].encode()
    assert len(post.body) < 8192
    assert 3000 < len(message) < 4096 and message.endswith(b"...")


def test_hostile_text_arrives_as_text_on_one_line_and_adds_no_header(serve: Serve) -> None:
    receiver = serve()
    for text in TEXTS:
        make(settings(receiver.url), Path()).send(Alert(text, "due", None, "due", text, text, {"links": []}), BORN)
        post = receiver.posts.pop()
        content = json.loads(post.body.decode("utf-8"))
        title, unwanted = content["title"], "[\x00-\x09\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]"
        assert set(content) == {"topic", "title", "message", "priority", "tags", "sequence_id"}, text
        assert title.isprintable() or set(title) & set("\u200d\ufffd"), text
        assert "\n" not in title and "=?" not in title and len(title) <= 200, text
        assert not re.search(unwanted, title + content["message"]), text
        assert len(post.body) < 8192, text
        assert sorted(map(str.lower, post.headers)) == [
            "accept-encoding", "content-length", "content-type", "host", "user-agent",
        ], text  # fmt: skip
        assert not receiver.posts, text


@pytest.mark.parametrize(
    "status, headers, retryable, wait_s, said",
    [
        (302, {"Location": "/login"}, True, None, "redirects are not followed: set `url`"),
        (401, {}, True, None, "401 Unauthorized; check `token`, or `username` and `password`, and who may write"),
        (403, {}, True, None, "403 Forbidden; check `token`, or `username` and `password`, and who may write"),
        (410, {}, False, None, "wants no more messages"),
        (429, {"Retry-After": "120"}, True, 120.0, "answered 429 Too Many Requests"),
        (503, {"Retry-After": "7"}, True, 7.0, "answered 503 Service Unavailable"),
    ],
)
def test_what_else_is_answered_says_whether_trying_again_helps(
    status: int, headers: dict[str, str], retryable: bool, wait_s: float | None, said: str, serve: Serve
) -> None:
    error = failure(settings(serve(status, headers).url))
    assert said in str(error)
    assert (error.retryable, error.retry_after_s) == (retryable, wait_s)


@pytest.mark.parametrize(
    "change, said",
    [
        ({"topic": "canary/topic"}, "this is not a topic"),
        ({"topic": "canary topic"}, "this is not a topic"),
        ({"topic": "canary" * 11}, "this is not a topic"),
        ({"topic": ""}, "this is not a topic"),
        ({"topic": {"env": "canary-topic"}}, "is not the name of an environment variable"),
        ({"url": "ntfy.sh"}, "this is not a web address"),
        ({"url": "https://ntfy.sh/canary"}, "write the topic in `topic`"),
        ({"url": "https://ntfy.sh?auth=canary"}, "write the topic in `topic`"),
        ({"url": "https://me:canary@ntfy.sh"}, "write the login in `username` and `password`"),
        ({"token": "canary"}, "a secret must not be in this file"),
        ({"username": "canary"}, "give both `username` and `password`, or neither"),
        ({"password": {"env": "P"}}, "give both `username` and `password`, or neither"),
        ({"username": "me", "password": {"env": "P"}, "token": {"env": "T"}}, "give either `token`, or `username`"),
        ({"username": "canary:x", "password": {"env": "P"}}, "cannot contain a colon"),
        ({"priority": 0}, "greater than or equal to 1"),
        ({"priority": 6}, "less than or equal to 5"),
        ({"server": "x"}, "Extra inputs"),
    ],
)
def test_settings_that_cannot_work_are_mistakes_that_repeat_no_secret(change: dict[str, Any], said: str) -> None:
    assert said in refused(settings, **{"url": "https://ntfy.sh", **change})
