"""Alerts by e-mail, through the runner's own mail server (SMTP)."""

import logging
import re
import smtplib
import socket
import ssl
from collections.abc import Collection, Sequence
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from shoemon.config.kinds import NotifierSettings, Secret, Span
from shoemon.model.alert import Alert
from shoemon.model.errors import DeliveryError, PartlyDeliveredError
from shoemon.net.deadline import Deadline
from shoemon.notifiers.mail.message import compose
from shoemon.notifiers.mail.smtp_answers import (
    RefusedRecipients,
    SmtpSecrets,
    answer,
    answers,
    can_help,
    hush_of,
    login_refused,
)
from shoemon.notifiers.mail.tickets import tickets_of
from shoemon.notifiers.posting import revealed

log = logging.getLogger(__name__)

PORTS = {"starttls": 587, "tls": 465, "none": 25}


def _address(value: str) -> str:
    """The address in `value` (`Anna <a@b.org>` has a name before it) with its domain in ASCII (IDNA).

    Raises ValueError with the remedy.
    """
    named = re.fullmatch(r"[^<>]*<([^<>]*)>\s*", value)
    local, _, domain = (named[1] if named else value).strip().rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        domain = ""
    sound = re.fullmatch(r'[^\s@<>()\[\]\\,;:"]{1,64}', local) and local.isprintable()
    if not sound or re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", domain) is None:
        # with a colon it is something else, which may contain a password
        shown = "this" if ":" in value else repr(value)
        raise ValueError(
            f"{shown} is not an e-mail address; write one such as me@example.org, or [several, in brackets]"
        )
    return f"{local}@{domain}"


def _host(value: str) -> str:
    if not value.isprintable() or not value or re.search(r"[\s/@]", value):
        named = "this" if "@" in value else repr(value)  # before an @ stands a login
        raise ValueError(f"{named} is not the name of a server; write one such as smtp.example.org")
    return value


Mailbox = Annotated[str, AfterValidator(_address)]
Mailboxes = Annotated[
    tuple[Mailbox, ...],
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]


class Settings(NotifierSettings):
    """Settings of a notifier of type `email`."""

    type: Literal["email"] = Field(description="the kind of channel")
    to: Mailboxes = Field(min_length=1, description="recipients: one address or a list of them")
    host: Annotated[str, AfterValidator(_host)] = Field(description="the server for your outgoing mail")
    port: int | None = Field(
        None, ge=1, le=65535, description="its port (default 587 for starttls, 465 for tls, 25 for none)"
    )
    security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="starttls (required), tls (from the start), or none (only inside your own network)"
    )
    username: str | None = Field(None, description="name to log in with")
    password: Secret | None = Field(None, description="password to log in with, as {env: NAME} or {file: PATH}")
    sender: Mailbox | None = Field(None, description="the address mails come from (default: the first of `to`)")
    ca_file: str | None = Field(None, description="certificates (PEM) to trust beside the system's")
    timeout: Span = Field(20.0, gt=0, le=300, description="how long one mail may take (default 20s)")

    @model_validator(mode="after")
    def _login_is_whole_and_safe(self) -> "Settings":
        if (self.username is None) != (self.password is None):
            raise ValueError("give both `username` and `password`, or neither")
        if self.password is not None and self.security == "none":
            raise ValueError(
                "a password is only sent over TLS; set `security` to starttls or tls, or remove the password"
            )
        return self


class Email:
    """Send each alert as one mail. The same alert is always the same mail, with the same Message-ID."""

    def __init__(self, settings: Settings, base: Path) -> None:
        self.name = settings.name
        self._settings, self._base = settings, base
        self.several = len(settings.to) > 1
        self._sender = settings.sender or settings.to[0]
        self._server = f"{settings.host}:{settings.port or PORTS[settings.security]}"

    def send(self, alert: Alert, created_at: str, reached: Collection[str] = ()) -> None:
        """Hand the mail to the server for every recipient who was not `reached` before; the log names those it refuses.

        Raises DeliveryError: retryable for the network, TLS, the login and answers 4xx; not for answers 5xx to the
        sender, every recipient or the mail itself. Raises PartlyDeliveredError if it was accepted for some only.
        """
        to = [each for each in self._settings.to if each not in reached]
        message = compose(alert, created_at, self.name, self._sender, self._settings.to)
        password = self._password()
        hush = hush_of(self._settings.username, password, tickets_of(alert)[1], *self._settings.to, self._sender)
        failure: DeliveryError | None = None
        with Deadline(self._settings.timeout) as deadline:
            try:
                refused = self._hand_over(message, to, password, deadline) if to else {}
                failure = self._refusal(refused, hush, frozenset(to) - refused.keys()) if refused else None
            except DeliveryError as error:
                failure = error
            except (OSError, ValueError) as error:  # every error of smtplib and ssl is an OSError
                failure = self._failure(error, deadline, hush)
        if failure is not None:
            raise failure  # outside of `except`, because what smtplib raised may contain the password

    def _refusal(
        self, refused: RefusedRecipients, hush: SmtpSecrets, reached: frozenset[str] = frozenset()
    ) -> DeliveryError:
        """Report recipients who were refused. Only the log names them."""
        log.warning("notifier %s: %s refused %s", self.name, self._server, ", ".join(sorted(refused)))
        whom = f"{len(refused)} of {len(self._settings.to)} recipients" if self.several else "the recipient"
        words = f"{self._server} refused {whom}: {answers(refused, hush)}"
        retryable = any(can_help(code) for code, _ in refused.values())
        if reached:
            return PartlyDeliveredError(words, reached, len(refused), retryable=retryable)
        return DeliveryError(words, retryable=retryable)

    def _password(self) -> str | None:
        secret = self._settings.password
        return None if secret is None else revealed(self.name, "password", secret, self._base, str)

    def _hand_over(
        self, message: EmailMessage, to: Sequence[str], password: str | None, deadline: Deadline
    ) -> RefusedRecipients:
        """Hand the mail over, and return the recipients that the server refused."""
        settings = self._settings
        client = _Client(settings, self._trust(), deadline)
        try:
            client.ehlo_or_helo_if_needed()
            if settings.security == "starttls":
                self._insist(client, "starttls", "STARTTLS, and nothing was sent; perhaps `security: tls` is right")
                client.starttls(context=client.context)
                client.ehlo()
            if settings.username is not None and password is not None:
                self._insist(client, "auth", "a login; remove `username` and `password`, or check the port")
                client.login(settings.username, password)
            international = not "".join((self._sender, *settings.to)).isascii()
            if international:
                self._insist(client, "smtputf8", "addresses with letters beyond ASCII (SMTPUTF8)", retryable=False)
            # Not send_message: it writes lines that begin with "From " as ">From ", as mailbox files want them.
            content = message.as_bytes(policy=SMTP.clone(utf8=international))
            options = ("SMTPUTF8", "BODY=8BITMIME") if international else ()
            return client.sendmail(self._sender, to, content, options)
        finally:
            client.leave()

    def _insist(self, client: smtplib.SMTP, extension: str, what: str, *, retryable: bool = True) -> None:
        if not client.has_extn(extension):
            raise DeliveryError(f"{self._server} does not offer {what}", retryable=retryable)

    def _trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._settings.ca_file is not None:
            path = self._base / Path(self._settings.ca_file).expanduser()
            try:
                context.load_verify_locations(cafile=path)
            except OSError as error:
                raise DeliveryError(f"`ca_file` {path}: {error.strerror or 'no certificate in it'}") from None
        return context

    def _failure(self, error: Exception, deadline: Deadline, hush: SmtpSecrets) -> DeliveryError:
        """Report `error` without its own text, which may contain what was sent."""
        server = self._server
        if deadline.passed or isinstance(error, TimeoutError):
            return DeliveryError(f"{server} did not finish within {self._settings.timeout:g} s")
        if isinstance(error, smtplib.SMTPAuthenticationError):
            words, retryable = login_refused(error.smtp_code, error.smtp_error, hush)
            return DeliveryError(f"{server} refused the login: {words}", retryable=retryable)
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            return self._refusal(error.recipients, hush)
        if isinstance(error, smtplib.SMTPResponseException):
            what = {smtplib.SMTPSenderRefused: "the sender", smtplib.SMTPDataError: "the mail"}.get(type(error))
            reply = answer(error.smtp_code, error.smtp_error, hush)
            retryable = what is None or can_help(error.smtp_code)
            return DeliveryError(f"{server} refused {what or 'the connection'}: {reply}", retryable=retryable)
        if isinstance(error, ssl.SSLCertVerificationError):
            return DeliveryError(f"the certificate of {server} cannot be trusted: {error.verify_message}")
        if isinstance(error, ssl.SSLError):
            return DeliveryError(f"TLS with {server} failed ({error.reason}); check `security` and `port`")
        if isinstance(error, UnicodeError):
            return DeliveryError(f"the login for {server} has characters that SMTP cannot carry; use ASCII ones")
        if isinstance(error, smtplib.SMTPServerDisconnected):
            return DeliveryError(f"{server} closed the connection")
        reason = error.strerror if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException) else None
        return DeliveryError(f"{server} could not be used: {reason or type(error).__name__}")


make = Email


class _Client(smtplib.SMTP):
    """An SMTP client with a deadline, in TLS from the start if the settings ask for it."""

    def __init__(self, settings: Settings, context: ssl.SSLContext, deadline: Deadline) -> None:
        self.context, self._deadline, self._tls = context, deadline, settings.security == "tls"
        # a second more than the deadline, so that the deadline always comes first
        super().__init__(settings.host, settings.port or PORTS[settings.security], timeout=settings.timeout + 1)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = socket.create_connection((host, port), timeout)
        self._deadline.watch(connection)
        return self.context.wrap_socket(connection, server_hostname=host) if self._tls else connection

    def leave(self) -> None:
        """Say goodbye; it does not matter if the other side is gone already."""
        try:
            self.quit()
        except OSError:
            self.close()
