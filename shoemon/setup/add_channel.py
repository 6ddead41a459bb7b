"""Add a channel for messages to shoemon.yaml, or remove one: ask what its kind needs, and keep what is secret apart.

Secrets are made or asked for, and go into files of their own in `secrets/`, which only their owner can read;
shoemon.yaml names those files.
"""

import base64
import os
import re
import secrets
import string
from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any, NamedTuple

from shoemon.config.edit.insert import flow
from shoemon.config.edit.operations import Add, By, FileEdit, Operations, Remove, planned
from shoemon.config.kinds import NAME_PATTERN
from shoemon.config.load import MAIN_FILE, Config
from shoemon.config.urls import web_address
from shoemon.model.errors import MistakeError
from shoemon.model.text import free_name
from shoemon.notifiers.chats import chat_at
from shoemon.notifiers.email import PORTS

NAMES = {"ntfy": "phone", "email": "mail", "webhook": "hook"}
"""The kinds of channel that can be added here, with the name that the first of each gets."""
_LETTERS = string.ascii_letters + string.digits
_MAIL_SERVERS = {
    domain: (host, security)
    for domains, host, security in (
        ("gmail.com googlemail.com", "smtp.gmail.com", "starttls"),
        ("icloud.com me.com mac.com", "smtp.mail.me.com", "starttls"),
        ("yahoo.com", "smtp.mail.yahoo.com", "tls"),
        ("aol.com", "smtp.aol.com", "tls"),
        ("fastmail.com fastmail.fm", "smtp.fastmail.com", "tls"),
        ("gmx.net gmx.de gmx.at gmx.ch", "mail.gmx.net", "starttls"),
        ("web.de", "smtp.web.de", "starttls"),
        ("posteo.de", "posteo.de", "tls"),
        ("mailbox.org", "smtp.mailbox.org", "tls"),
    )
    for domain in domains.split()
}
"""Server and security for outgoing mail by the domain of the address, as each provider's help names them; the login
is the address."""
_NO_PASSWORD = ("outlook.com", "hotmail.com", "live.com", "msn.com")


class Question(NamedTuple):
    """What the runner is asked: the setting, in words, and what it is if left open (None: it is needed)."""

    key: str
    words: str
    default: str | None = None
    hidden: bool = False


class ChannelDraft(NamedTuple):
    """A channel as it will be written; `secrets` are the texts of its files, by their names."""

    settings: Mapping[str, Any]
    secrets: Mapping[str, str]

    @property
    def name(self) -> str:
        return str(self.settings["name"])

    def lines(self) -> list[str]:
        """Return its lines in shoemon.yaml; nothing in them is secret."""
        found = (f"{key}: {flow(value)}" for key, value in self.settings.items())
        return [f"{'  ' if index else '- '}{line}" for index, line in enumerate(found)]


def questions(kind: str, given: Mapping[str, str]) -> list[Question]:
    """List what has to be asked for a channel of this kind, beside what is given. Raises MistakeError if no password
    would help."""
    asked: list[Question] = []
    if kind == "webhook":
        asked = [Question("url", "Web address that gets the messages", hidden=True)]
    elif kind == "email":
        given = _with_server(given)
        security = given.get("security", "starttls")
        asked = [
            Question("to", "Your e-mail address"),
            Question("host", "Server for outgoing mail, such as smtp.example.org"),
            Question("security", "Encryption: starttls, tls or none", "starttls"),
            Question("port", "Port", str(PORTS.get(security, ""))),
        ]
        if security != "none":
            asked.append(Question("username", "Name to log in with (empty: no login)", ""))
        if given.get("username"):
            asked.append(Question("password", "Password (Gmail, iCloud, Yahoo: an app password)", hidden=True))
    return [each for each in asked if each.key not in given]


def draft(config: Config, kind: str, given: Mapping[str, str], name: str | None = None) -> ChannelDraft:
    """Make the settings of a new channel by what is given. Raises MistakeError for what is missing (beside secrets) or
    cannot be meant."""
    if missing := [each.key for each in questions(kind, given) if each.default is None and not each.hidden]:
        raise MistakeError(f"this is missing: {', '.join(missing)}")
    taken = {each.name for each in config.notifiers}
    name = name or free_name(NAMES[kind], taken.__contains__)
    if name in taken or re.fullmatch(NAME_PATTERN, name) is None:
        why = "there is one already" if name in taken else "use a to z, 0 to 9, - and _"
        raise MistakeError(f"a new channel cannot be called {name!r}: {why}")
    settings: dict[str, Any] = {"name": name, "type": kind}
    if kind == "ntfy":
        if url := given.get("url"):
            settings["url"] = url
        hidden = {"topic": f"shoemon-{''.join(secrets.choice(_LETTERS) for _ in range(24))}"}
    elif kind == "webhook":
        hidden = _hook(settings, given.get("url", ""))
    else:
        hidden = _mail(settings, given)

    def is_there(file: str) -> bool:
        return os.path.lexists(config.directory / file)

    files = {key: free_name(f"secrets/{name}-{key}", is_there) for key in hidden}
    settings |= {key: {"file": file} for key, file in files.items()}
    return ChannelDraft(settings, {file: hidden[key] for key, file in files.items()})


def added(config: Config, drafted: ChannelDraft) -> list[FileEdit]:
    """Plan the files of a new channel: its secrets, then shoemon.yaml. Raises MistakeError for what cannot be meant."""
    edits = planned(config.directory, {MAIN_FILE: [Add(("notify",), [drafted.settings])]})
    if not all(drafted.secrets.values()):
        raise MistakeError("the password or address is missing")
    texts = ((config.directory / file, f"{text}\n".encode("utf-8", "surrogateescape"))
             for file, text in drafted.secrets.items())  # fmt: skip
    return [*(FileEdit(path, None, text) for path, text in texts), *edits]


def removed(config: Config, name: str) -> Operations:
    """Remove the channel called `name`; the files of its secrets stay, so that this can be undone. Raises MistakeError
    if there is none."""
    return {MAIN_FILE: [Remove(("notify", By("name", config.notifier(name).name)))]}


def _with_server(given: Mapping[str, str]) -> dict[str, str]:
    """Add the server and the login of the provider that the address names, unless a server is given. Raises
    MistakeError for one that accepts no password."""
    address = parseaddr(given.get("to", ""))[1]
    domain = address.rpartition("@")[2].lower()
    if "host" in given:
        return {"username": address, **given} if "password" in given else {**given}
    if domain in _NO_PASSWORD:
        raise MistakeError(f"{domain} accepts no password any more; name another server (host), or use another channel")
    if domain not in _MAIL_SERVERS:
        return {**given}
    host, security = _MAIL_SERVERS[domain]
    return {"host": host, "port": str(PORTS[security]), "security": security, "username": address, **given}


def _mail(settings: dict[str, Any], given: Mapping[str, str]) -> dict[str, str]:
    """Add the settings of a mail server; return the password."""
    filled = {"security": "starttls", **_with_server(given)}
    if filled.get("port") == str(PORTS.get(filled["security"])):
        del filled["port"]
    settings |= {key: filled[key] for key in ("to", "host", "port", "security", "username") if filled.get(key)}
    return {"password": filled.get("password", "")} if filled.get("username") else {}


def _hook(settings: dict[str, Any], url: str) -> dict[str, str]:
    """Return the address, which may contain a token, and a key that signs. A chat gets its own form instead."""
    try:
        chat = chat_at(web_address(url)) if url else None
    except ValueError as error:
        raise MistakeError(f"url: {error}") from None
    if chat is not None:
        settings["body"] = chat.body
        return {"url": url.strip()}
    return {"url": url.strip(), "secret": f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode('ascii')}"}
