"""Alerts by e-mail, sent to real SMTP servers and read back from what they received."""

import base64
import logging
import re
import traceback
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from kit.certificates import make_certificate, server_context
from kit.hostile import TEXTS
from kit.http_servers import Speak, free_port
from kit.letters import letters
from kit.mails import part, read_mail
from kit.receivers import FreePort
from pydantic import ValidationError

from shoemon.model.alert import Alert
from shoemon.model.errors import DeliveryError, PartlyDeliveredError
from shoemon.notifiers.email import Settings, make
from shoemon.notifiers.mail.message import message_id
from shoemon.words.sentences import WHY_THIS_MAIL

PASSWORD, CRLF = "canary-7c1b-password", "\r\n"
BORN = "2026-03-01T06:00:00Z"
BODY = "Shoe: Pegasus (pegasus-40)\nUsed: 576 km of 640 km (90%)\n\nWhat you can do:\n- Look at the outsole."
ALERT = Alert("pegasus-40-soon-1", "soon", None, "soon", "Pegasus is nearing its end", BODY, {})


class Received:
    """Keeps what the server took. `answers` maps a step to the answer it gives in place of its own."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.mails: list[tuple[str, list[str], bytes]] = []
        self.logins: list[tuple[bytes, bytes]] = []

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if "mail" in self.answers:
            return str(self.answers["mail"])
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        for refused, answer in self.answers.get("rcpt", {}).items():
            if address.startswith(refused):
                return str(answer)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if "data" in self.answers:
            return str(self.answers["data"])
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 OK"

    def authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, login: LoginPassword
    ) -> AuthResult:
        self.logins.append((login.login, login.password))
        answer = self.answers.get("login")
        return AuthResult(success=not answer and login.password == PASSWORD.encode(), handled=False, message=answer)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


Serve = Callable[..., Controller]


@pytest.fixture
def serve(certificate: Path) -> Iterator[Serve]:
    """Starts servers: `serve(received, "starttls")`; they stop with the test."""
    running: list[Controller] = []

    def start(received: Received, security: str, login: bool = False, **more: Any) -> Controller:
        context = server_context(certificate)
        if security == "starttls":
            more |= {"tls_context": context, "require_starttls": True}
        if security == "tls":
            more |= {"ssl_context": context}
        if login:
            more |= {"authenticator": received.authenticate, "auth_required": True}
            more["auth_require_tls"] = security == "starttls"
        controller = FreePort(received, hostname="127.0.0.1", port=0, server_hostname="test", **more)
        controller.start()
        running.append(controller)
        return controller

    yield start
    for controller in running:
        controller.stop()


def settings(port: int, certificate: Path | None = None, **more: Any) -> Settings:
    base = {"name": "mail", "type": "email", "host": "127.0.0.1", "port": port, "to": "me@example.org", "timeout": "5s"}
    trusted = {"ca_file": str(certificate)} if certificate else {}
    return Settings.model_validate({**base, **trusted, **more})


def body_of(message: EmailMessage) -> str:
    """The text without what says why it came."""
    told, _, footer = part(message, "plain").partition("\n\n-- \n")
    assert footer.startswith(WHY_THIS_MAIL)
    return told


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_arrives_over_tls_after_a_login(
    security: str, serve: Serve, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", PASSWORD)
    received = Received()
    # aiosmtpd does not count TLS from the start as TLS, so AUTH is offered there without asking for it
    port = serve(received, security, login=True).port
    login = {"username": "runner", "password": {"env": "SMTP_PASSWORD"}}
    make(settings(port, certificate, security=security, **login), Path()).send(ALERT, BORN)

    [(sender, recipients, raw)] = received.mails
    assert (sender, recipients) == ("me@example.org", ["me@example.org"])
    assert received.logins[-1] == (b"runner", PASSWORD.encode())
    message = read_mail(raw)
    assert {name: message[name] for name in message} == {
        "Subject": "Pegasus is nearing its end",
        "From": "shoemon <me@example.org>",
        "To": "me@example.org",
        "Date": "Sun, 01 Mar 2026 06:00:00 +0000",
        "Message-ID": "<pegasus-40-soon-1.mail@example.org>",
        "Auto-Submitted": "auto-generated",
        "X-Shoemon-Alert": "pegasus-40-soon-1",
        "MIME-Version": "1.0",
        "Content-Type": message["Content-Type"],
    }
    assert body_of(message) == BODY
    assert "<h1" in part(message, "html") and "576 km of 640 km" in part(message, "html")


def test_in_the_clear_a_line_that_begins_like_a_mailbox_separator_arrives_as_it_is(serve: Serve) -> None:
    received = Received()
    body = "From now on you get a message when a pair nears the end of its life."
    notifier = make(settings(serve(received, "none").port, security="none"), Path())
    notifier.send(Alert("a", "digest", None, "first", "Pegasus", body, {}), BORN)
    [(_, _, raw)] = received.mails
    assert body_of(read_mail(raw)) == body


def test_letters_beyond_ascii_arrive_as_they_are(serve: Serve) -> None:
    received = Received()
    title, body = "Käthes Laufschuh 👟 ist fällig", "Schuh: Käthe\nStrecke: 612 km\n\nŽluťoučký kůň"
    notifier = make(settings(serve(received, "none").port, security="none", to="Käthe <me@bücher.example>"), Path())
    notifier.send(Alert("a", "due", None, "100", title, body, {}), BORN)
    [(_, recipients, raw)] = received.mails
    message = read_mail(raw)
    assert (message["Subject"], body_of(message)) == (title, body)
    assert (raw.isascii(), recipients) == (True, ["me@xn--bcher-kva.example"])


@pytest.mark.parametrize("offered", [True, False])
def test_an_address_beyond_ascii_needs_a_server_that_takes_it(offered: bool, serve: Serve) -> None:
    received = Received()
    port = serve(received, "none", enable_SMTPUTF8=offered).port
    notifier = make(settings(port, security="none", to="käthe@example.org", sender="me@example.org"), Path())
    if offered:
        notifier.send(ALERT, BORN)
        assert [mail[1] for mail in received.mails] == [["käthe@example.org"]]
        return
    with pytest.raises(DeliveryError, match="SMTPUTF8") as caught:
        notifier.send(ALERT, BORN)
    assert (caught.value.retryable, received.mails) == (False, [])


def test_a_server_without_starttls_is_given_nothing(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", PASSWORD)
    received = Received()
    port = serve(received, "none").port
    with pytest.raises(DeliveryError, match="does not offer STARTTLS") as caught:
        make(settings(port, username="runner", password={"env": "SMTP_PASSWORD"}), Path()).send(ALERT, BORN)
    assert (caught.value.retryable, received.mails, received.logins) == (True, [], [])


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_nobody_vouches_for_is_refused(security: str, serve: Serve) -> None:
    received = Received()
    with pytest.raises(DeliveryError, match="certificate") as caught:
        make(settings(serve(received, security).port, security=security), Path()).send(ALERT, BORN)
    assert (caught.value.retryable, received.mails) == (True, [])


@pytest.mark.parametrize(
    "answers, retryable, said",
    [
        ({"mail": "451 try later"}, True, "refused the sender: 451 try later"),
        ({"mail": "550 not you"}, False, "refused the sender: 550 not you"),
        ({"mail": "530 log in first"}, True, "refused the sender: 530 log in first"),
        ({"mail": "550 no ME@example.org here"}, False, "refused the sender: 550 no (address) here"),
        ({"rcpt": {"me@": "450 busy"}}, True, "refused the recipient: 450 busy"),
        ({"rcpt": {"me@": "550 <me@example.org> unknown"}}, False, "refused the recipient: 550 <(address)> unknown"),
        ({"data": "452 disk full"}, True, "refused the mail: 452 disk full"),
        ({"data": "421 closing"}, True, "refused the mail: 421 closing"),
        ({"data": "554 looks like spam"}, False, "refused the mail: 554 looks like spam"),
        ({"data": f"554 you said {PASSWORD}"}, False, "refused the mail: 554 you said [*][*][*]"),
        ({"login": f"535 you said {PASSWORD}"}, True, "refused the login: 535 you said [*][*][*]; check *"),
        *(({"login": answer}, retryable, f"refused the login: {answer.partition(CRLF)[0].replace('-5', ' 5')}*{remedy}*")
          for answer, retryable, remedy in (
              ("535 5.7.139 Authentication unsuccessful, basic authentication is disabled.", False, "no passwords any more"),
              ("550 5.7.30 Basic authentication is not supported for Client Submission", False, "no passwords any more"),
              (f"534-5.7.9 Application-specific password required.{CRLF}534 5.7.9 Gmail", True, "requires an app password"),
              ("534 5.7.14 Please log in via your web browser", True, "in a browser"),
              (f"535-5.7.8 Username and Password not accepted.{CRLF}535 5.7.8 Gmail", True, "check `username`"),
              ("535 5.7.0 (#AUTH005) Too many bad auth attempts. (Yahoo)", True, "check `username`"),
              ("535 5.7.8 Error: authentication failed (iCloud)", True, "accept only an app password"),
              ("535 Authentication credentials invalid", True, "check `username`"),
              ("454 4.7.0 Too many login attempts, please try again later.", True, "accept a login later"),
          )),
    ],
)  # fmt: skip
def test_what_the_server_answers_says_whether_trying_again_helps(
    answers: dict[str, Any],
    retryable: bool,
    said: str,
    serve: Serve,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SMTP_PASSWORD", PASSWORD)
    port = serve(Received(**answers), "starttls", login=True).port
    login = {"username": "runner", "password": {"env": "SMTP_PASSWORD"}}
    with pytest.raises(DeliveryError) as caught:
        make(settings(port, certificate, **login), Path()).send(ALERT, BORN)
    assert fnmatchcase(str(caught.value), f"127.0.0.1:{port} {said}") and caught.value.retryable is retryable


def test_only_the_log_names_the_recipients_that_are_refused(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    received = Received(rcpt={"old@": "550 unknown", "new@": "451 later"})
    port = serve(received, "none").port
    notifier = make(
        settings(port, security="none", to=["me@example.org", "old@example.org", "new@example.org"]), Path()
    )
    with pytest.raises(PartlyDeliveredError) as caught:
        notifier.send(ALERT, BORN)
    assert str(caught.value) == f"127.0.0.1:{port} refused 2 of 3 recipients: 550 unknown; 451 later"
    assert (caught.value.reached, caught.value.left, caught.value.retryable) == ({"me@example.org"}, 2, True)
    warnings = [record.getMessage() for record in caplog.records if record.name == "shoemon.notifiers.email"]
    assert warnings == [f"notifier mail: 127.0.0.1:{port} refused new@example.org, old@example.org"]
    received.answers = {}
    notifier.send(ALERT, BORN, caught.value.reached)
    assert [mail[1] for mail in received.mails] == [["me@example.org"], ["old@example.org", "new@example.org"]]
    assert received.mails[0][2] == received.mails[1][2]


def leaks(error: BaseException, log: str) -> list[str]:
    """Where the password can be found, in any of the forms in which it goes over the wire."""
    forms = [PASSWORD, *(base64.b64encode(text.encode()).decode() for text in (PASSWORD, f"\0runner\0{PASSWORD}"))]
    places = {
        "str": str(error), "repr": repr(error), "log": log, "traceback": "".join(traceback.format_exception(error)),
        "behind": repr((error.__context__, error.__cause__)),
    }  # fmt: skip
    return [place for place, text in places.items() for form in forms if form in text]


@pytest.mark.parametrize("trouble", ["wrong password", "no login offered", "bad letters", "hangs up", "says it back"])
def test_the_password_is_in_no_error_and_no_log(
    trouble: str, serve: Serve, certificate: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("mail.log").setLevel(logging.INFO)  # the server's own log, which is not ours
    typed = {"wrong password": f"{PASSWORD}x", "bad letters": f"{PASSWORD}-ä"}.get(trouble, PASSWORD)
    monkeypatch.setenv("SMTP_PASSWORD", typed)
    received = Received(mail=f"550 {PASSWORD}") if trouble == "says it back" else Received()
    if trouble == "hangs up":
        port = free_port()
    else:
        port = serve(received, "starttls", login=trouble != "no login offered").port
    login = {"username": "runner", "password": {"env": "SMTP_PASSWORD"}}
    with pytest.raises(DeliveryError) as caught:
        make(settings(port, certificate, **login), Path()).send(ALERT, BORN)
    assert leaks(caught.value, caplog.text) == []
    assert caught.value.retryable is (trouble != "says it back")


@pytest.mark.parametrize(
    "security, speaks, drop",
    [("tls", b"", b""), ("starttls", b"", b""), ("starttls", b"220 test\r\n", b""), ("starttls", b"220-and so on\r\n", b""),
     ("starttls", b"", b"2")],
)  # fmt: skip
def test_a_server_that_stops_or_drips_is_left(security: str, speaks: bytes, drop: bytes, speak: Speak) -> None:
    """A byte every 50 ms never lets the socket's own time-out pass."""
    port = int(speak(speaks, drop).rpartition(":")[2])
    with pytest.raises(DeliveryError, match=r"did not finish within 0.3 s") as caught:
        make(settings(port, security=security, timeout="0.3s"), Path()).send(ALERT, BORN)
    assert caught.value.retryable


@pytest.mark.parametrize("host, said", [("127.0.0.1", "refused"), ("no-such-host.invalid", "could not be used")])
def test_a_server_that_is_not_there_is_tried_again(host: str, said: str) -> None:
    with pytest.raises(DeliveryError, match=said) as caught:
        make(settings(free_port(), host=host), Path()).send(ALERT, BORN)
    assert caught.value.retryable


@pytest.mark.parametrize(
    "content, said", [(None, "cannot read the secret file"), (b"", "is empty"), (b"\xff\xfecanary", "not UTF-8")]
)
def test_an_unreadable_password_file_is_named_and_tried_again(content: bytes | None, said: str, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "password").write_bytes(content)
    with pytest.raises(DeliveryError, match=said) as caught:
        make(settings(1, username="runner", password={"file": "password"}), tmp_path).send(ALERT, BORN)
    assert caught.value.retryable
    assert "canary" not in repr((caught.value, caught.value.__context__, caught.value.__cause__))


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_a_ca_file_that_holds_none_is_named(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "ca.pem").write_bytes(content)
    with pytest.raises(DeliveryError, match=r"`ca_file` .*ca\.pem"):
        make(settings(1, Path("ca.pem")), tmp_path).send(ALERT, BORN)


@pytest.mark.parametrize(
    "change, said",
    [
        ({"security": "none", "username": "me", "password": {"env": "P"}}, "only sent over TLS"),
        ({"username": "me"}, "both `username` and `password`"),
        ({"password": {"env": "P"}}, "both `username` and `password`"),
        ({"username": "me", "password": "open"}, "must not be in this file"),
        ({"to": []}, "at least 1"),
        ({"to": "me"}, "not an e-mail address"),
        ({"to": "me@example.org\r\nBcc: you@example.org"}, "not an e-mail address"),
        ({"to": "me@example.org, you@example.org"}, "not an e-mail address"),
        ({"to": ["me@example.org", "a\x00b@example.org"]}, "not an e-mail address"),
        ({"host": "smtp://example.org"}, "not the name of a server"),
        ({"port": 0}, "greater than or equal to 1"),
        ({"timeout": "0s"}, "greater than 0"),
        ({"security": "ssl"}, "'starttls', 'tls' or 'none'"),
        ({"tls": True}, "Extra inputs"),
    ],
)
def test_settings_that_cannot_work_are_mistakes(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(said)):
        settings(**{"port": 25, **change})


def test_a_message_id_is_safe_and_differs_for_every_alert() -> None:
    ids = ["a", "a b", "a-b", "a.b", "a..b", "a%20b", "<a>", "a@b", "a\r\nb", "ä", "x" * 999, "y" * 999]
    made = [message_id(each, "mail", "me@example.org") for each in ids]
    assert len(set(made)) == len(ids)
    assert [each for each in made if re.fullmatch(r"<[A-Za-z0-9%_~-]+\.mail@example\.org>", each) is None] == []


OUR_HEADERS = [
    "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "X-Shoemon-Alert", "MIME-Version", "Content-Type",
]  # fmt: skip


def test_hostile_text_adds_no_header_and_no_recipient(serve: Serve) -> None:
    """What it does inside the page, test_letter.py asks."""
    received = Received()
    notifier = make(settings(serve(received, "none").port, security="none"), Path())
    for text in TEXTS:
        body = f"{text}\n\nLabel: {text}\nOther: {text}\n\n- {text}"
        data = {"name": text, "error": text, "links": [{"text": text, "url": text}]}
        notifier.send(Alert(text, "soon", None, "soon", text, body, data), BORN)
        sender, recipients, raw = received.mails[-1]
        message = read_mail(raw)
        assert (sender, recipients, sorted(message.keys())) == (
            "me@example.org", ["me@example.org"], sorted(OUR_HEADERS),
        ), text  # fmt: skip
        parts = [each.get_content_type() for each in message.walk()]
        assert parts == ["multipart/alternative", "text/plain", "text/html"], text
        assert "evil@example.com" not in str(message["To"]) + str(message["From"]), text
    assert len(received.mails) == len(TEXTS)


def test_a_long_mail_arrives_whole_and_a_retry_is_the_same(serve: Serve) -> None:
    received = Received()
    notifier = make(settings(serve(received, "none").port, security="none"), Path())
    for _ in range(2):
        notifier.send(letters()["several"], BORN)
    assert received.mails[0] == received.mails[1]
    assert max(map(len, received.mails[0][2].split(b"\r\n"))) <= 998  # RFC 5322
    assert part(read_mail(received.mails[0][2]), "html").endswith("</html>\n")
