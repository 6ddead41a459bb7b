"""Alerts by webhook, posted to real HTTP servers and verified with the library of Standard Webhooks."""

import base64
import hmac
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from kit.certificates import make_certificate
from kit.hostile import TEXTS
from kit.http_servers import Speak, free_port
from kit.receivers import Serve
from kit.secret_settings import refused
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from shoemon import __version__
from shoemon.decide.alerts.payload import VERSION
from shoemon.decide.alerts.samples import sample_alerts
from shoemon.model.alert import Alert
from shoemon.model.errors import DeliveryError
from shoemon.notifiers import chats, template_process, webhook
from shoemon.notifiers.body_template import Rendered, render
from shoemon.notifiers.chats import CHATS, Chat
from shoemon.notifiers.standard_webhook import body_of, signing_key
from shoemon.notifiers.template_process import VARIABLES, variables
from shoemon.notifiers.webhook import Settings, Webhook, make, warnings

SECRET = "whsec_" + base64.b64encode(b"canary-4f0a-signing-key-of-32-by").decode()
BORN = "2026-03-01T06:00:00Z"
ALERT = Alert(
    "pegasus-40-soon-1", "soon", None, "soon", "Käthes Pegasus", "Used: 90%\nLine two", {"worn_m": 576000.0, "id": "x"}
)


def settings(url: Any, **more: Any) -> Settings:
    return Settings.model_validate({"name": "hook", "type": "webhook", "url": url, "timeout": "60s", **more})


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Templates are rendered here from now on: without the process that bounds their time and memory."""

    def rendered(template: str, is_json: bool, alerts: Sequence[bytes], timeout_s: float) -> list[Rendered]:
        made = [template_process.render(template, json.loads(each), is_json) for each in alerts]
        return [Rendered(each.get("text", "").encode(), each.get("fault")) for each in made]

    return lambda: monkeypatch.setattr(webhook, "render", rendered)


def failure(chosen: Settings, alert: Alert = ALERT) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        make(chosen, Path()).send(alert, BORN)
    return caught.value


def test_an_alert_arrives_as_json_with_our_headers_and_no_others(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    monkeypatch.setenv("HOOK_TOKEN", "Bearer token")
    receiver = serve()
    headers = {"Authorization": {"env": "HOOK_TOKEN"}, "X-Room": "hall"}
    chosen = settings(receiver.url + "/hook?key=1", secret={"env": "HOOK_SECRET"}, headers=headers)
    Webhook(chosen, Path(), clock=lambda: 1772345678.9).send(ALERT, BORN)
    [post] = receiver.posts
    assert post.path == "/hook?key=1"
    assert json.loads(post.body) == {
        "type": "shoemon.alert.soon",
        "timestamp": BORN,
        "version": VERSION,
        "data": {
            "id": "pegasus-40-soon-1", "kind": "soon", "shoe": None, "stage": "soon", "title": "Käthes Pegasus",
            "body": "Used: 90%\nLine two", "worn_m": 576000.0,
        },
    }  # fmt: skip
    assert {name.lower(): value for name, value in post.headers.items() if name != "webhook-signature"} == {
        "host": receiver.url.removeprefix("http://"),
        "content-type": "application/json",
        "content-length": str(len(post.body)),
        "accept-encoding": "identity",
        "user-agent": f"shoemon/{__version__}",
        "webhook-id": "pegasus-40-soon-1",
        "webhook-timestamp": "1772345678",
        "authorization": "Bearer token",
        "x-room": "hall",
    }


def test_the_receiver_can_verify_it_and_nothing_else(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    receiver = serve()
    make(settings(receiver.url, secret={"env": "HOOK_SECRET"}), Path()).send(ALERT, BORN)
    post = receiver.posts[0]
    assert Verifier(SECRET).verify(post.body, post.headers)["data"]["id"] == "pegasus-40-soon-1"
    other = "whsec_" + base64.b64encode(b"another-key-of-thirty-two-bytes!").decode()
    plain = "käthe has a long secret, no base64"  # signs with its own bytes
    monkeypatch.setenv("HOOK_SECRET", f"{plain}\n")
    make(settings(receiver.url, secret={"env": "HOOK_SECRET"}), Path()).send(ALERT, BORN)
    assert Verifier(plain.encode()).verify(receiver.posts[1].body, receiver.posts[1].headers)
    make(settings(receiver.url), Path()).send(ALERT, BORN)
    assert "webhook-signature" not in {name.lower() for name in receiver.posts[2].headers}
    refused: list[tuple[str, bytes, dict[str, str]]] = [
        (SECRET, post.body.replace(b"576000", b"576001"), post.headers),
        (SECRET, post.body, {**post.headers, "webhook-id": "pegasus-40-soon-2"}),
        (SECRET, post.body, {**post.headers, "webhook-timestamp": str(int(post.headers["webhook-timestamp"]) + 1)}),
        (other, post.body, post.headers),
    ]
    for secret, body, headers in refused:
        with pytest.raises(WebhookVerificationError):
            Verifier(secret).verify(body, headers)


def test_a_retry_has_the_same_id_and_body_and_another_signature(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    receiver = serve()
    for now in (1000.0, 2000.0):
        Webhook(settings(receiver.url, secret={"env": "HOOK_SECRET"}), Path(), lambda now=now: now).send(ALERT, BORN)
    first, second = receiver.posts
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


def test_a_key_may_lack_its_padding() -> None:
    assert signing_key(SECRET.rstrip("=")) == signing_key(SECRET) == b"canary-4f0a-signing-key-of-32-by"


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_only_2xx_is_taken(status: int, serve: Serve) -> None:
    receiver = serve(status, {}, b"" if status == 204 else b"ok")
    make(settings(receiver.url), Path()).send(ALERT, BORN)
    assert len(receiver.posts) == 1


@pytest.mark.parametrize(
    "status, retryable, said",
    [
        (304, True, "redirects are not followed"),
        (400, True, "400 Bad Request"),
        (401, True, "401 Unauthorized"),
        (404, True, "404 Not Found"),
        (410, False, "410 Gone: the receiver wants no more messages"),
        (422, True, "422 Unprocessable"),
        (500, True, "500 Internal Server Error"),
        (502, True, "502 Bad Gateway"),
        (599, True, "599"),
    ],
)
def test_any_other_answer_says_whether_to_try_again(status: int, retryable: bool, said: str, serve: Serve) -> None:
    receiver = serve(status)
    error = failure(settings(receiver.url))
    assert str(error).startswith(f"{receiver.url} answered ") and said in str(error)
    assert (error.retryable, error.retry_after_s) == (retryable, None)


@pytest.mark.parametrize("status", [403, 429, 502, 503])
@pytest.mark.parametrize(("said", "seconds"), [("120", 120.0), ("soon", None)])
def test_a_retry_after_is_handed_on(status: int, said: str, seconds: float | None, serve: Serve) -> None:
    error = failure(settings(serve(status, {"Retry-After": said}).url))
    assert (error.retryable, error.retry_after_s) == (True, seconds)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("host", ["same", "other"])
def test_a_redirect_is_never_followed_and_never_a_success(
    status: int, host: str, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    second = serve()
    to = "/elsewhere" if host == "same" else f"{second.url}/elsewhere"
    first = serve(status, {"Location": to})
    error = failure(settings(first.url, secret={"env": "HOOK_SECRET"}, headers={"X-Api-Key": {"env": "HOOK_SECRET"}}))
    assert ([post.path for post in first.posts], second.posts) == (["/"], [])
    assert error.retryable and "redirects are not followed: set `url`" in str(error)


def test_proxies_and_netrc_are_never_asked(serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    proxy, receiver = serve(), serve()
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password canary\n")
    (tmp_path / "netrc").chmod(0o600)
    for name, value in (("http_proxy", proxy.url), ("ALL_PROXY", proxy.url), ("NETRC", str(tmp_path / "netrc"))):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("no_proxy", raising=False)
    make(settings(receiver.url), Path()).send(ALERT, BORN)
    assert proxy.posts == [] and "Authorization" not in receiver.posts[0].headers


def test_https_is_checked_and_a_certificate_of_ones_own_can_be_trusted(serve: Serve, tmp_path: Path) -> None:
    receiver = serve(certificate=make_certificate(tmp_path))
    error = failure(settings(receiver.url))
    said = f"{receiver.url} has a certificate that is not trusted: self"
    assert error.retryable and str(error).startswith(said) and receiver.posts == []
    make(settings(receiver.url, ca_file="server.pem"), tmp_path).send(ALERT, BORN)
    assert len(receiver.posts) == 1


def test_a_long_answer_is_a_success_like_any_other(serve: Serve) -> None:
    receiver = serve(200, {"Content-Length": str(10**12)}, b"x" * 200_000)
    make(settings(receiver.url, timeout="30s"), Path()).send(ALERT, BORN)


def test_an_answer_that_drips_ends_at_the_deadline(speak: Speak) -> None:
    error = failure(settings(speak(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"), timeout="0.4s"))
    assert error.retryable and "took longer than 0.4 s" in str(error)


@pytest.mark.parametrize("length", [b"Content-Length: 1000000\r\n", b"Transfer-Encoding: chunked\r\n"])
def test_a_success_whose_text_drips_is_a_success_at_the_deadline(length: bytes, speak: Speak) -> None:
    drop = b"1\r\nx\r\n" if b"chunked" in length else b"x"
    make(settings(speak(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n", drop), timeout="0.4s"), Path()).send(ALERT, BORN)


def test_tls_that_is_never_answered_ends_at_the_deadline(speak: Speak) -> None:
    error = failure(settings(speak(b"", b"").replace("http:", "https:"), timeout="0.3s"))
    assert error.retryable and "took longer than 0.3 s" in str(error)


@pytest.mark.parametrize(
    "first", [b"not http at all\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"x" * 70_000]
)
def test_an_answer_that_is_no_http_is_tried_again(first: bytes, speak: Speak) -> None:
    error = failure(settings(speak(first, b""), timeout="30s"))
    assert error.retryable and "sent an answer that cannot be read" in str(error)


def test_a_receiver_that_is_not_there_is_tried_again() -> None:
    error = failure(settings(f"http://127.0.0.1:{free_port()}/"))
    assert error.retryable and "cannot be reached: Connection refused" in str(error)


TEMPLATES = {
    **{chat.name: chat.body for chat in CHATS},
    "home-assistant": '{"title": {{ title | tojson }}, "message": {{ text | tojson }}, "kind": {{ kind | tojson }}}',
    "figures": """{% macro of(pair) %}{{ pair.name }}: {{ pair.worn_m | distance(0) }}{% endmacro %}{"said": {% if data.shoes is defined -%}
      [{% for pair in data.shoes %}{{ of(pair) | tojson }}{{ "," if not loop.last }}{% endfor %}]{% else %}{{ url | tojson }}{% endif %}}""",
}


@pytest.mark.parametrize(
    ("url", "chat"),
    [
        ("https://discord.com/api/webhooks/1/canary", "Discord"), ("https://ptb.discord.com/api/webhooks/1/canary", "Discord"),
        ("https://hooks.slack.com/services/T/B/canary", "Slack"), ("https://notdiscord.com/canary", None),
        ("https://prod-1.westus.logic.azure.com:443/workflows/canary", "Microsoft Teams"),
        ("https://chat.googleapis.com/v1/spaces/A/messages?key=canary", "Google Chat or Webex"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/canary", "Feishu or Lark"),
        ("https://oapi.dingtalk.com/robot/send?access_token=canary", "DingTalk or WeCom"), ("", None),
    ],
)  # fmt: skip
def test_check_gives_the_body_that_a_chat_reads(url: str, chat: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_URL", url)
    said = warnings(settings({"env": "HOOK_URL"}), Path())
    assert said == (
        [f"{chat} does not read this; write `body: '{TEMPLATES[chat]}'`, or use `type: apprise`"] if chat else []
    )


@pytest.mark.parametrize(
    ("status", "content", "retryable", "said"),
    [
        (400, b"{}", False, "400 Bad Request: Chat cannot read it; write a `body`, as shoemon check shows"),
        (404, b"{}", True, "404 Not Found"),
        (200, b'{"errcode": 130101}', True, "200, but with error 130101 of Chat"),
        (200, b'{"code": 9499, "msg": "Bad Request"}', True, "200, but with error 9499 of Chat"),
        (200, b'{"errcode": 0}', True, None),
        (200, b"[" * 60_000, True, None),
        (204, b"", True, None),
    ],
)
def test_what_a_chat_answers_is_read_as_it_means_it(
    status: int, content: bytes, retryable: bool, said: str | None, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chats, "CHATS", (Chat("Chat", ("127.0.0.1",), ""),))
    chosen = settings(serve(status, {}, content).url)
    if said is None:
        make(chosen, Path()).send(ALERT, BORN)
        return
    error = failure(chosen)
    assert (f"answered {said}" in str(error), error.retryable) == (True, retryable)


@pytest.mark.parametrize("service", TEMPLATES)
def test_a_template_gives_json_for_alerts_of_every_kind(service: str, in_this_process: Callable[[], None]) -> None:
    in_this_process()
    assert warnings(settings("http://127.0.0.1", body=TEMPLATES[service]), Path()) == []


def test_what_a_template_gives_is_sent_signed_and_the_same_again(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    receiver = serve()
    body = "<b>{{ title }}</b> {{ data.worn_m | distance }}: {{ text }}, {{ shoe }} & {{ created_at }}"
    alert = replace(ALERT, data={"worn_m": 576000.0, "unit": "mi"})
    plain = {"body": body, "content_type": "text/plain; charset=utf-8"}
    hook = make(settings(receiver.url, secret={"env": "HOOK_SECRET"}, **plain), Path())
    hook.send(alert, BORN)
    hook.send(alert, BORN)
    first, second = receiver.posts
    assert first.body.decode() == f"<b>Käthes Pegasus</b> 357.9 mi: Used: 90%\nLine two, None & {BORN}"
    assert first.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert (second.body, second.headers["webhook-id"]) == (first.body, "pegasus-40-soon-1")
    signed = f"pegasus-40-soon-1.{first.headers['webhook-timestamp']}.".encode() + first.body
    digest = hmac.digest(b"canary-4f0a-signing-key-of-32-by", signed, "sha256")
    assert first.headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"


def test_hostile_text_is_text_in_what_a_template_gives() -> None:
    alerts = [body_of(Alert("a", "soon", None, "soon", text, text, {"name": text}), BORN) for text in TEXTS]
    made = render('{"said": [{{ title | tojson }}, {{ data.name | tojson }}]}', True, alerts, 60)
    assert [json.loads(each.body)["said"] for each in made] == [[text, text] for text in TEXTS]


@pytest.mark.parametrize(
    "body, said",
    [
        ('{"said": "{{ title }}"}', "it does not give JSON (Expecting ',' delimiter: line 1 column 12"),
        ("\n{{ data.life_m | tojson }}", "line 2: this alert has no `life_m`"),
        ("\n\n{{ data.alerts[0].name }}", "line 3: this alert has no `alerts`"),
        ("{{ 1 / 0 }}", "line 1: division by zero"),
        ("{{ range(10 ** 9) | list }}", "line 1: Range too big"),
        ("{{ data.__class__.__mro__ }}", "line 1: access to attribute '__class__' of 'dict' object is unsafe"),
        ("{{ 'x' * 10 ** 12 }}", "it needs too much memory"),
        ("{% for _ in range(22000) %}{{ title[:3] }}{% endfor %}", "it gives more than 64 KiB"),
        ("{% for _ in range(99999) %}{% for _ in range(99999) %}{% endfor %}{% endfor %}", "it took longer than 0.5 s"),
    ],
)
def test_an_alert_that_a_template_fails_for_is_not_sent_and_waits(
    body: str, said: str, serve: Serve, in_this_process: Callable[[], None]
) -> None:
    receiver = serve()
    if not said.startswith(("it does not", "it needs", "it took")):
        in_this_process()
    chosen = settings(receiver.url, body=body, timeout="0.5s" if "longer" in said else "60s")
    error = failure(chosen, replace(ALERT, title='"Old"'))
    assert str(error).startswith(f"`body` of notifier hook fails for this alert: {said}")
    assert error.retryable and receiver.posts == []


def test_check_names_the_kinds_of_alert_that_a_template_fails_for() -> None:
    def warned(body: str) -> list[str]:
        return warnings(settings("http://127.0.0.1", body=body), Path())

    assert warned('{"left": {{ data.remaining_m or data.distance_m }}}') == [
        "`body` fails for alerts of kind several, digest, weekly, hard_share, soft_share, stale, unassigned, longest, return_plan, reserve, test: "
        "line 1: this alert has no `remaining_m`"
    ]
    (without_pages,) = warned('{"page": {{ data.links[0].url | tojson }}}')
    assert without_pages.endswith("test while `web.url` is not set: line 1: this alert has no `0`")


def test_the_names_of_a_template_are_known_before_it_is_run() -> None:
    for alert in sample_alerts():
        assert set(variables(json.loads(body_of(alert, BORN)))) == set(VARIABLES)


@pytest.mark.parametrize(
    "change, said",
    [
        ({"url": "canary.example.org"}, "not a web address"),
        ({"url": "file:///etc/canary"}, "not a web address"),
        ({"url": "http:///canary"}, "not a web address"),
        ({"url": "http://[canary"}, "not a web address"),
        ({"url": "http://example.org:99999/canary"}, "not a web address"),
        ({"url": "http://example.org/ canary"}, "not a web address"),
        ({"url": "http://example.org/\ncanary"}, "not a web address"),
        ({"url": 7}, "valid string"),
        ({"secret": "canary"}, "must not be in this file"),
        ({"headers": {"X: Y": "canary"}}, "not the name of a header"),
        ({"headers": {"Authorization": "canary"}}, "must not be in this file"),
        ({"headers": {"Webhook-Id": "canary"}}, "is set by shoemon"),
        ({"headers": {"Host": "canary"}}, "is set by shoemon"),
        ({"headers": {"X": "canary\r\nY: 1"}}, "printable ASCII"),
        ({"headers": {"X": {"environment": "P"}}}, "Extra inputs"),
        ({"timeout": "1h"}, "less than or equal to 300"),
        ({"verify": False}, "Extra inputs"),
        ({"body": "a\n{{ 'canary' if }}"}, "the template cannot be read: line 2: unexpected 'end of print statement'"),
        ({"body": "a\n{{ titel }}"}, "line 2: unknown name `titel`; did you mean `title`?"),
        ({"body": "{{ title | tojsn }}"}, "line 1: unknown filter `tojsn`; did you mean `tojson`?"),
        ({"body": "{{ title is defned }}"}, "line 1: unknown test `defned`; did you mean `defined`?"),
        ({"body": "{{ " + "(" * 9999}, "the template is nested too deeply"),
        ({"body": "{{ 10 ** 10 ** 10 ** title | random }}"}, "unknown filter `random`"),
        ({"body": "x", "content_type": "canary"}, "not a content type"),
        ({"body": "x", "content_type": "text/plain;\r\ncanary: 1"}, "not a content type"),
        ({"content_type": "text/plain"}, "`content_type` goes with `body`"),
    ],
)
def test_settings_that_cannot_work_are_mistakes_that_repeat_no_secret(change: dict[str, Any], said: str) -> None:
    assert said in refused(settings, **{"url": "http://example.org", **change})


def test_hostile_text_is_text_and_adds_no_header(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    receiver = serve()
    for text in TEXTS:
        alert = Alert(text, "soon", None, "soon", text, text, {"name": text})
        make(settings(receiver.url, secret={"env": "HOOK_SECRET"}), Path()).send(alert, BORN)
        post = receiver.posts.pop()
        data = Verifier(SECRET).verify(post.body, post.headers)["data"]
        assert {data[name] for name in ("id", "title", "body", "name")} == {text}
        assert sorted(name.lower() for name in post.headers) == [
            "accept-encoding", "content-length", "content-type", "host", "user-agent", "webhook-id",
            "webhook-signature", "webhook-timestamp",
        ], text  # fmt: skip
        assert not receiver.posts, text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}])
def test_data_that_is_no_json_is_never_sent(value: Any, serve: Serve) -> None:
    receiver = serve()
    error = failure(settings(receiver.url), Alert("a", "soon", None, "soon", "t", "b", {"x": value}))
    assert (error.retryable, receiver.posts) == (False, [])
