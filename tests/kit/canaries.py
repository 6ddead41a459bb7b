"""Canaries: secrets of their own for every setting that may hold one, the shapes in which they are looked for, and
servers that repeat everything they hear."""

import base64
import contextlib
import hashlib
import json
import threading
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import unquote, unquote_plus

from aiosmtpd.smtp import AuthResult
from kit.certificates import server_context
from kit.http_servers import listening
from kit.receivers import taking_mails

Found = tuple[str, str, str]
"""Place, canary and shape."""


class Canaries:
    """The secrets that were planted, by the setting they stand in."""

    def __init__(self) -> None:
        self.tokens: dict[str, str] = {}

    def plant(self, setting: str, around: str = "Cnry-{}") -> str:
        """A secret for `setting`: `around`, with what is looked for in place of each `{}`."""
        token = self.tokens.setdefault(setting, hashlib.sha256(setting.encode()).hexdigest()[:20])
        return around.replace("{}", token)

    def found(self, place: str, text: bytes | str, but: Iterable[str] = ()) -> list[Found]:
        """The canaries in `text`, but those that may be there."""
        content = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
        lower, allowed = content.lower(), set(but)
        return [
            (place, setting, shape)
            for setting, token in self.tokens.items()
            if setting not in allowed
            for shape, form in shapes(token).items()
            if form in (content if shape.startswith("base64") else lower)
        ]


def shapes(token: str) -> dict[str, bytes]:
    """How `token` (hexadecimal, in lower case) may be written. Addresses, HTML and JSON leave it as it is, and case is
    not looked at; a half is found where a text was cut."""
    plain = token.encode()
    coded = {"hexadecimal": plain.hex(), "percent": "".join(f"%{byte:02x}" for byte in plain), "reversed": token[::-1]}
    return {
        "first half": plain[:10],
        "second half": plain[10:],
        **{shape: text.encode() for shape, text in coded.items()},
        "utf-16": token.encode("utf-16-le"),
        **{f"base64 at {start}": _base64(plain, start) for start in range(3)},
    }


def _base64(plain: bytes, start: int) -> bytes:
    """What base64 makes of `plain` behind `start` other bytes, without the characters that their neighbours change."""
    coded = base64.b64encode(bytes(start) + plain)
    whole = (start + len(plain)) // 3 * 4
    return coded[(0, 2, 3)[start] : whole]


def chain(error: BaseException) -> Iterator[BaseException]:
    """`error` and all that it carries along, shown or not."""
    waiting: list[BaseException | None] = [error]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting += [each.__cause__, each.__context__]


# ------------------------------------------------------------------ a server that repeats what it hears

STATUSES = (400, 401, 402, 403, 404, 410, 429, 500, 503)
MODES = (
    *map(str, STATUSES), "sends on to itself", "sends on elsewhere", "sends on to nothing", "sends on to half a name",
    "says it in text", "says it as JSON", "says it in a list", "goes on elsewhere", "breaks off", "talks nonsense", "hangs up", "is silent",
)  # fmt: skip


class Echo:
    """A web server. `mode` says how it fails; whatever it says holds what it was told."""

    def __init__(self, elsewhere: str = "http://127.0.0.1:1") -> None:
        self.elsewhere, self.mode, self.url = elsewhere, "500", ""
        self.heard: list[bytes] = []
        self.over = threading.Event()

    def hear(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        self.heard.append(f"{handler.path}\n{handler.headers}".encode("latin-1") + body)
        handler.close_connection = True
        with contextlib.suppress(OSError):
            form = body.decode("latin-1")
            told = [handler.path, unquote(handler.path), *handler.headers.values(), form, unquote_plus(form)]
            self.answer(handler, told)

    def answer(self, handler: BaseHTTPRequestHandler, told: list[str]) -> None:
        """Answers by `mode`, with what was `told`."""
        said = " ".join(text.replace("\r", " ").replace("\n", " ") for text in told)
        key = handler.headers.get("authorization") or next((text for text in told if "Cnry" in text), said)
        words = {"error": key, "message": said, "detail": key}
        mean = {**words, "errors": [{"resource": key, "field": f"{key}_permission", "code": key}]}
        status, headers, content = 200, {"Content-Type": "application/json"}, json.dumps(mean).encode()
        match self.mode:
            case "hangs up":
                return
            case "is silent":
                self.over.wait(30)
                return
            case "talks nonsense":
                handler.wfile.write(said.encode("latin-1") + b"\r\n\r\n")
                return
            case "sends on to itself":
                status, headers = 302, {"Location": f"{self.url}/{key.replace(' ', '')}?{key.replace(' ', '')}"}
            case "sends on elsewhere":
                status, headers = 307, {"Location": f"{self.elsewhere}/there"}
            case "sends on to nothing":
                status, headers = 302, {"Location": f"ftp://{key}@[{key}"}
            case "sends on to half a name":
                status, headers = 302, {"Location": f"http://{key.replace(' ', '')}\u2100/".encode().decode("latin-1")}
            case "says it in text":
                headers, content = {"Content-Type": "text/csv"}, f"{key},{said}\n{key},{said}\n".encode()
            case "says it in a list":
                content = json.dumps([mean, key]).encode()
            case "goes on elsewhere":
                following = f"http://elsewhere.example/{key.replace(' ', '')}"
                content = json.dumps({"next": following, "data": {"sports": [], "workouts": [mean]}}).encode()
            case mode if mode.isdigit():
                status = int(mode)
                names = ("Location", "Retry-After", "Content-Type", "WWW-Authenticate", "ETag", "X-RateLimit-Usage")
                headers = {**dict.fromkeys(names, key), "Link": f'<{key}>; rel="next"', "Set-Cookie": f"a={key}"}
        handler.send_response(status, said[:2000])
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content) * (2 if self.mode == "breaks off" else 1)))
        handler.end_headers()
        handler.wfile.write(content)


@contextlib.contextmanager
def echoing(*arguments: str) -> Iterator[Echo]:
    """An Echo that listens while the block runs."""
    echo = Echo(*arguments)
    with listening(echo.hear) as echo.url:
        try:
            yield echo
        finally:
            echo.over.set()


# ------------------------------------------------------------------ a mail server that repeats the password


class Parrot:
    """What the mail server hands mails to. It takes every login until `step` is reached, and refuses there."""

    def __init__(self) -> None:
        self.step, self.port = "take", 0
        self.mails: list[bytes] = []
        self.passwords: list[bytes] = []

    def refusal(self, code: int) -> str:
        """What was heard, in all forms in which it came."""
        password = self.passwords[-1] if self.passwords else b""
        said = [password, base64.b64encode(password), base64.b64encode(b"\0me\0" + password)]
        return f"{code} you said {b' '.join(said).decode('latin-1')}"

    def authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, login: Any) -> AuthResult:
        self.passwords.append(login.password)
        return AuthResult(success=self.step != "login", handled=False, message=self.refusal(535))

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.refusal(550) if self.step == "mail" else "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        envelope.rcpt_tos.append(address)
        return self.refusal(450) if self.step == "rcpt" else "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.step == "data":
            return self.refusal(451)
        self.mails.append(envelope.content)
        return "250 OK"


@contextlib.contextmanager
def parrot(certificate: Path) -> Iterator[Parrot]:
    """A mail server that wants TLS and a login, while the block runs."""
    room = Parrot()
    with taking_mails(
        room, server_hostname="test", tls_context=server_context(certificate), require_starttls=True,
        authenticator=room.authenticate, auth_required=True,
    ) as room.port:  # fmt: skip
        yield room
