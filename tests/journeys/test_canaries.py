"""Canary secrets in every setting, address and answer: none is found in the database, a log, a page, a mail, an error.

Everything fails in one home as it can fail, at servers that repeat what they hear. What is said meanwhile is gathered
by place, and looked through at the end.
"""

import asyncio
import contextlib
import datetime as dt
import io
import logging
import os
import re
import sqlite3
import stat
import sys
import tempfile
import traceback
from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from email import message_from_bytes
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urldefrag, urljoin

import pytest
from kit.canaries import MODES, Canaries, Parrot, chain, echoing, parrot, shapes
from kit.canary_inputs import ASKED, BARE, COMMAND, CONFIG, IN_THE_OPEN, INNER, ODD, SQL
from kit.certificates import make_certificate
from kit.homes import HandClock, table_source
from kit.secret_settings import secret_settings, secrets_in

from shoemon.cli import main as cli
from shoemon.config.load import Config, load
from shoemon.config.registry import NOTIFIERS, SOURCES
from shoemon.model.alert import Alert
from shoemon.model.errors import ShoemonError
from shoemon.net.download import Limits, fetch
from shoemon.notifiers import open_notifier
from shoemon.sources import open_source
from shoemon.sources.fittrackee import app_of as fittrackee_app
from shoemon.sources.garmin_api import key as garmin_key
from shoemon.sources.garmin_api.key import Key
from shoemon.sources.kit import api, oauth
from shoemon.sources.kit.oauth import access
from shoemon.sources.strava_api import app_of as strava_app
from shoemon.sources.table import pages
from shoemon.store.tokens import Tokens
from shoemon.sync.pull import source_context
from shoemon.sync.schedule import Watch
from shoemon.web.server import make_app

pytestmark = pytest.mark.slow  # every setting, place and way to fail

SERVERS = (
    "sheet", "list", "garmin", "intervals", "strava", "fittrackee", "hook", "open", "bell", "chime", "chat", "added",
)  # fmt: skip
APPRISE = {"500", "sends on elsewhere", "talks nonsense", "is silent", "says it as JSON"}
"""The failures that are tried there as well; each takes a process of its own."""
ALERT = Alert("a", "due", None, "100", "Pair is due", "Used: 100 km of 100 km", {})
BORN = "2026-03-01T06:00:00Z"


def hasty(url: str, *, limits: Limits = Limits(), **more: Any) -> Any:  # noqa: B008 - it cannot be changed
    """As `fetch`, for a test that has not got minutes."""
    quick = limits._replace(read_s=0.1, total_s=min(limits.total_s, 3.0), tries=2)
    return fetch(url, limits=quick, sleep=lambda _: None, **more)


class Cage:
    """A home with a canary in every secret, the servers it talks to, and all that is said, by place."""

    def __init__(self, directory: Path, patch: pytest.MonkeyPatch) -> None:
        self.directory, self.patch, self.canaries = directory, patch, Canaries()
        self.said: dict[str, list[str]] = defaultdict(list)
        self.owners: dict[str, set[str]] = defaultdict(set)
        """The canaries that a server is to be told."""
        self._planted: dict[str, int] = {}

    def furnish(self, stack: ExitStack) -> None:
        """Starts the servers and lays the files."""
        self.stack = stack
        self.elsewhere = stack.enter_context(echoing())
        self.echoes = {name: stack.enter_context(echoing(self.elsewhere.url)) for name in SERVERS}
        make_certificate(self.directory)
        self.parrot: Parrot = stack.enter_context(parrot(self.directory / "server.pem"))
        (self.directory / "secrets").mkdir()
        (self.directory / "tell.py").write_text(COMMAND)
        (self.directory / "shoes.yaml").write_text("shoes: [{id: pair, name: Pair, life: 100 km}]\n")
        self.rows = ["id,start,metres,sport,name,shoe,surface,elapsed"]

    def secret(self, owner: str, setting: str, around: str = "Cnry-{}+/&=%q") -> str:
        """Plants a canary of `owner` and gives what stands in YAML: in turns a variable and a file."""
        value, name = self.told(owner, setting, around), f"{owner}_{setting}".replace(" ", "_")
        self._planted.setdefault(name, len(self._planted))
        if self._planted[name] % 2:
            (self.directory / "secrets" / name).write_text(f"{value}\n", encoding="utf-8")
            return f"{{file: secrets/{name}}}"
        self.patch.setenv(name.upper(), value)
        return f"{{env: {name.upper()}}}"

    def told(self, owner: str, setting: str, around: str = "Cnry-{}") -> str:
        self.owners[owner].add(f"{owner} {setting}")
        return self.canaries.plant(f"{owner} {setting}", around)

    def write(self, at: Callable[[str], str] = lambda url: url, *, chat: bool = True) -> Config:
        """Writes the configuration, with every server where `at` says, and the logins that are kept."""
        text = self._text(at)
        if not chat:
            text = "".join(line for line in text.splitlines(True) if "name: chat" not in line)
        (self.directory / "shoemon.yaml").write_text(text, encoding="utf-8")
        config = load(self.directory)
        self._log_in(config)
        return config

    def _text(self, at: Callable[[str], str]) -> str:
        url = {name: at(echo.url) for name, echo in self.echoes.items()}
        chat = url["chat"].replace("http", "json").replace("://", "://{}:{}@")
        return CONFIG.format(
            **{name: url[name] for name in SERVERS if name not in ("hook", "open", "chat")},
            watch=table_source("watch"), mail=self.parrot.port, timeout="0.4s", python=sys.executable,
            sheet_query=self.told("sheet", "query"), list_query=self.told("list", "query"),
            sheet_header=self.secret("sheet", "header").replace("}", ", prefix: 'Bearer '}"),
            list_password=self.secret("list", "password"), garmin_key=self.secret("garmin", "key"),
            intervals_key=self.secret("intervals", "key"), strava_secret=self.secret("strava", "client secret"),
            fittrackee_secret=self.secret("fittrackee", "client secret"),
            mail_password=self.secret("mail", "password", "Cnry  {} +/&="),
            hook_url=self.secret("hook", "url", url["hook"] + "/{}?token={}"), hook_secret=self.secret("hook", "secret"),
            hook_header=self.secret("hook", "header", "Bearer Cnry-{}"),
            open_url=url["open"].replace("://", f"://me:{self.told('open', 'userinfo')}@") + f"?token={self.told('open', 'query')}",
            bell_topic=self.secret("bell", "topic", "Cnry-{}"), bell_token=self.secret("bell", "token"),
            chime_password=self.secret("chime", "password"), lost_url=self.secret("lost", "url", "http://127.0.0.1/Cnry-{}"),
            chat_url=self.secret("chat", "url", chat + "/{}?-key={}&+X-Key={}"),
        )  # fmt: skip

    def _log_in(self, config: Config) -> None:
        """Strava's login has run out and is renewed first; the other two are good until they are refused."""
        by_name: dict[str, Any] = {settings.name: settings for settings in config.sources}
        self.log_in(config, "strava", 0.0)
        self.log_in(config, "fittrackee", None)
        garmin = by_name["garmin"]
        key = Key(garmin.key.reveal(self.directory), garmin.base_url, "")
        until = dt.datetime.now(dt.UTC).timestamp() + 5 * 3600
        jwt = self.told("garmin", "token", "Cnry.{}.x")
        Tokens(config.state_database, "garmin").write({"token": jwt, "until": until, "key": key.fingerprint})

    # -------------------------------------------------------------- what is done

    def run(self) -> None:
        """Fails at everything in every way."""
        self.write(chat=False)
        self.command("check")
        self.command("sync", "--dry-run")
        self.command("sync")
        reader = self.stack.enter_context(closing(sqlite3.connect(self.directory / "shoemon.db")))
        reader.execute("SELECT count(*) FROM syncs").fetchone()  # while it is open, -wal stays
        for number, mode in enumerate(MODES):
            self.fail(self.write(chat=mode in APPRISE), number, mode)
        for at in (lambda url: url.replace("http:", "https:"), lambda _: "http://127.0.0.1:1"):
            self.fail(self.write(at), 0, "500")
        for name in ("mail", "hook", "open", "bell", "chime", "lost", "chat", "script", "nobody"):
            self.command("alerts", "test", name)
        self.add_channels()
        for line in ("check", "status --json", "explain watch:1", "explain sheet:1"):
            self.command(*line.split())
        self.command("backup", str(self.directory / "copy.db"))
        pasted = f"http://127.0.0.1:8642/?state=another&code={self.told('strava', 'code')}\n"
        self.patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(pasted.encode())))
        self.command("login", "strava", "--paste")
        self.write()

    def add_channels(self) -> None:
        """Adds and removes channels whose secrets go into files; their servers are told them, and refuse them."""
        hidden, typed = self.told("added", "url"), self.directory / "secrets" / "typed"
        typed.write_text(self.told("mail", "added password"))
        mail = ["--host", "localhost", "--port", str(self.parrot.port), "--password-file", str(typed)]
        self.command("alerts", "add", "email", "--name", "added", "--to", "me@example.org", *mail)
        for url in (f"{self.echoes['added'].url}/{hidden}?token={hidden}", f"mailto:{hidden}"):
            self.command("alerts", "add", "webhook", "--url", url)
        self.command("alerts", "remove", "added")

    def fail(self, config: Config, number: int, mode: str) -> None:
        """One way to fail, with a new alert on its way."""
        for echo in self.echoes.values():
            echo.mode = mode
        self.parrot.step = ("login", "mail", "rcpt", "data", "take")[number % 5]
        self.rows.append(f"{len(self.rows)},2026-{1 + number % 9:02}-01T06:00:00Z,120000,run,,Pair,asphalt,9999")
        (self.directory / "watch.csv").write_text("\n".join(self.rows))
        self.command("sync")
        self.command("alerts", "retry")
        with self.heard():
            in_an_hour = dt.datetime.now(dt.UTC).replace(tzinfo=None) + dt.timedelta(hours=1)
            Watch(self.directory, HandClock(in_an_hour.isoformat())).tick()
        for words in (["status"], ["alerts", "list", "--limit", "100"]):
            self.command(*words)
        self.try_all(config)

    def log_in(self, config: Config, name: str, renew_at: float | None) -> None:
        """Keeps tokens as a server has given them."""
        settings: Any = next(each for each in config.sources if each.name == name)
        app = (strava_app if settings.type == "strava-api" else fittrackee_app)(settings)
        answer = {"access_token": self.told(name, "access"), "refresh_token": self.told(name, "renewal")}
        Tokens(config.state_database, name).write({**oauth.token_in(answer, app, 0.0), "renew_at": renew_at})

    def try_all(self, config: Config) -> None:
        """Asks every source and every channel, but the one that takes a process of its own."""
        for source in config.sources:
            self.tried(lambda source=source: list(open_source(source, source_context(config)).pull(None)))
        for notifier in config.notifiers:
            if notifier.type != "apprise":
                self.tried(lambda notifier=notifier: open_notifier(notifier, config.directory).send(ALERT, BORN))

    def tried(self, done: Callable[[], object]) -> None:
        """Does it, and keeps the error with all that it carries."""
        try:
            with self.heard():
                done()
        except ShoemonError as error:
            carried = [*map(repr, chain(error)), *map(str, chain(error))]
            self.said["errors"] += ["".join(traceback.format_exception(error)), *carried]

    def command(self, *words: str) -> int:
        """The command as it is typed; its exit code."""
        before = sys.argv
        sys.argv = ["shoemon", *words, "--config", str(self.directory)]
        try:
            with self.heard():
                cli.main()
        except SystemExit as end:
            return int(end.code or 0)
        finally:
            sys.argv = before
        return 0

    @contextlib.contextmanager
    def heard(self) -> Iterator[None]:
        """Keeps what is written to the terminal, by Python or past it, and every line logged by whoever."""
        out, log = io.StringIO(), logging.StreamHandler(io.StringIO())
        log.addFilter(lambda record: not record.name.startswith("mail.log"))  # of the server
        log.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
        names = [name for name in logging.root.manager.loggerDict if name != "mail.log"]
        for name in ("", *names):
            logging.getLogger(name).setLevel(logging.DEBUG)
        logging.root.addHandler(log)
        try:
            with past_python(self.said["terminal"]), contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
                yield
        finally:
            logging.root.removeHandler(log)
            self.said["terminal"].append(out.getvalue())
            self.said["log"].append(log.stream.getvalue())


@contextlib.contextmanager
def past_python(said: list[str]) -> Iterator[None]:
    """Adds to `said` what is written to the descriptors 1 and 2 themselves, as by a program that was started."""
    with tempfile.TemporaryFile() as file:
        kept = os.dup(1), os.dup(2)
        for number in (1, 2):
            os.dup2(file.fileno(), number)
        try:
            yield
        finally:
            for number, old in zip((1, 2), kept, strict=True):
                os.dup2(old, number)
                os.close(old)
            file.seek(0)
            said.append(file.read().decode("utf-8", "replace"))


@pytest.fixture(scope="module")
def cage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cage]:
    """The home after all its failures."""
    levels = {name: logging.getLogger(name).level for name in ("", *logging.root.manager.loggerDict)}
    with pytest.MonkeyPatch.context() as patch, ExitStack() as stack:
        for module in (pages, api, access, garmin_key):
            patch.setattr(module, "fetch", hasty)
        cage = Cage(tmp_path_factory.mktemp("cage"), patch)
        cage.furnish(stack)
        cage.run()
        yield cage
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


# ------------------------------------------------------------------ pages


def crawled(database: Path, most: int = 300) -> dict[str, str]:
    """Status and text of every page that an anonymous visitor finds or thinks of, by its address."""
    with closing(sqlite3.connect(database)) as connection:
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
        ]
    state, copy = database.with_name("state.db"), database.with_name("stolen.db")
    queries = [sql.format(table) for table in tables for sql in ASKED] + [s.format(state=state, copy=copy) for s in SQL]
    thought = [path + end for path in INNER for end in ("", ".json")]
    thought += [f"/shoemon/{table}.{end}?_size=max&_shape=array" for table in tables for end in ("json", "csv")]
    thought += [f"/shoemon{end}?sql={quote(sql)}" for sql in queries for end in ("", ".json")]

    async def ask() -> dict[str, str]:
        datasette = make_app(database)
        await datasette.invoke_startup()
        found: dict[str, str] = {}
        waiting = ["/", *thought]
        while waiting and len(found) < len(thought) + most:
            path = waiting.pop(0)
            if path not in found:
                answer = await datasette.client.get(path)
                found[path] = f"{answer.status_code} {answer.headers} {answer.text}"
                links = (
                    re.findall(r'(?:href|src|action)="([^"]*)"', answer.text)
                    if "html" in answer.headers.get("content-type", "")
                    else []
                )
                here = [urldefrag(urljoin(path, unescape(link)))[0] for link in links]
                waiting += [link for link in here if link.startswith("/") and link not in found]
        return found

    return asyncio.run(ask())


# ------------------------------------------------------------------ what is found

NEVER_SENT = {"hook secret", "lost url", "strava code", "strava access", "mail added password"}
"""One signs, one is refused before it is used, one was pasted for a login that nobody asked for, one has run out,
one is for a server whose certificate nobody trusts."""
PLACES = (
    "terminal", "log", "errors", "pages", "mails", "given.txt", "shoemon.db", "shoemon.db-wal", "shoemon.db, row by row",
    "copy.db", "copy.db, row by row", "shoemon.db.sync.lock", "state.db.strava.lock",
)  # fmt: skip
"""What is looked through in any case, beside every other file there is."""


@pytest.fixture(scope="module")
def places(cage: Cage) -> dict[str, bytes]:
    """All that was said and written, by place."""
    kept = {"state.db", "state.db-wal", "state.db-shm", "shoemon.yaml"}
    with cage.heard():
        answers = crawled(cage.directory / "shoemon.db")
    assert sum(answer.startswith("200") for answer in answers.values()) > 300
    files = {file.name: file.read_bytes() for file in cage.directory.iterdir() if file.is_file()}
    for name in ("shoemon.db", "copy.db"):
        with closing(sqlite3.connect(cage.directory / name)) as connection:
            files[f"{name}, row by row"] = "\n".join(connection.iterdump()).encode()
    said = {place: "\n".join(texts).encode("utf-8", "surrogatepass") for place, texts in cage.said.items()}
    mails = b"\n".join(part for mail in cage.parrot.mails for part in (mail, *decoded(mail)))
    found = {**files, **said, "pages": "\n".join(answers.values()).encode(), "mails": mails}
    return {place: content for place, content in found.items() if place not in kept}


def decoded(mail: bytes) -> list[bytes]:
    return [part.get_payload(decode=True) or b"" for part in message_from_bytes(mail).walk() if not part.is_multipart()]  # type: ignore[misc] # of bytes


def test_every_setting_that_may_hold_a_secret_has_a_canary(cage: Cage) -> None:
    """A secret in a setting of its own makes this fail until it is planted in CONFIG."""
    config = load(cage.directory)
    planted = [
        (f"{one.type}{path}", secret)
        for one in (*config.sources, *config.notifiers)
        for path, secret in secrets_in(one)
    ]
    wanted = secret_settings(SOURCES, SOURCES.built_in) | secret_settings(NOTIFIERS, NOTIFIERS.built_in)
    missing = sorted(wanted - {path for path, _ in planted})
    assert missing == [], f"{', '.join(missing)}: holds a secret and no canary was planted"
    tokens = cage.canaries.tokens.values()
    assert all(any(token in secret.reveal(cage.directory) for token in tokens) for _, secret in planted)
    by_file = sum(secret.file is not None for _, secret in planted)
    assert abs(len(planted) - 2 * by_file) <= 1
    assert set(NOTIFIERS.built_in) == {settings.type for settings in config.notifiers}


def test_canaries_are_looked_for_everywhere(places: dict[str, bytes]) -> None:
    assert [place for place in PLACES if not places.get(place)] == [] or set(PLACES) - {"shoemon.db.sync.lock"} <= set(
        places
    )


def test_no_canary_is_found(cage: Cage, places: dict[str, bytes]) -> None:
    assert [found for place, content in places.items() for found in cage.canaries.found(place, content)] == []


def test_each_canary_is_found_in_each_place_and_shape_when_it_is_there(cage: Cage, places: dict[str, bytes]) -> None:
    """So that none being found means something."""
    for place, content in places.items():
        for setting, token in cage.canaries.tokens.items():
            coded = (quote(f"a {token}", safe=""), token.upper(), token.encode().hex())
            for written in (token, *coded, token[:10], token[-10:], token[::-1]):
                assert cage.canaries.found(place, written)[0][:2] == (place, setting)
            for before in ("", "a", "me", "\0me\0"):
                coded = b64encode(f"{before}{token}&x".encode()).decode()
                assert cage.canaries.found(place, coded)[0][:2] == (place, setting)
        (setting, token), half = next(iter(cage.canaries.tokens.items())), len(content) // 2
        laid = content[:half] + token.encode() + content[half:]
        assert {found[1] for found in cage.canaries.found(place, laid)} == {setting}
    assert len(shapes("0" * 20)) == 9


def test_every_canary_was_sent_where_it_belongs_and_nowhere_else(cage: Cage) -> None:
    heard = {name: b"\n".join(echo.heard) for name, echo in cage.echoes.items()}
    heard["mail"] = b"\n".join(cage.parrot.passwords)
    sent = {found[1] for name, content in heard.items() for found in cage.canaries.found(name, content)}
    assert set(cage.canaries.tokens) - sent == NEVER_SENT
    strays = [
        found for name, content in heard.items() for found in cage.canaries.found(name, content, cage.owners[name])
    ]
    assert strays == []


def test_who_is_sent_on_to_is_told_nothing(cage: Cage) -> None:
    assert len(cage.elsewhere.heard) > 0
    assert cage.canaries.found("elsewhere", b"\n".join(cage.elsewhere.heard)) == []


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
def test_logins_are_kept_where_only_their_owner_reads(cage: Cage) -> None:
    state = cage.directory / "state.db"
    assert {found[1] for found in cage.canaries.found("state.db", state.read_bytes())} == {
        "strava access", "strava renewal", "fittrackee access", "fittrackee renewal", "garmin token",
    }  # fmt: skip
    assert {
        stat.S_IMODE(file.stat().st_mode) for file in cage.directory.glob("state.db*") if file.suffix != ".lock"
    } == {0o600}


# ------------------------------------------------------------------ secrets where none may stand, and broken ones


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cage:
    """A home without servers."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "shoes.yaml").write_text("shoes: []\n")
    (tmp_path / "shoemon.yaml").write_text("sources: []\n")
    return Cage(tmp_path, monkeypatch)


def test_no_mistake_repeats_a_secret_that_stands_in_the_open(small: Cage) -> None:
    """As `check` says it, and as `serve` says it of an edit."""
    secret = small.canaries.plant("the open")
    watch = Watch(small.directory, HandClock())
    watch.tick()
    shown = []
    for number, written in enumerate(IN_THE_OPEN):
        small.said.clear()
        file = small.directory / "shoemon.yaml"
        file.write_text(written.replace("Cnry", secret), encoding="utf-8")
        os.utime(file, ns=(number, number))
        code = small.command("check")
        with small.heard():
            watch.tick()
        said = "\n".join(small.said["terminal"] + small.said["log"])
        assert "shoemon.yaml:" in said, (written, said)
        assert code == 2, written
        if small.canaries.found("mistake", said):
            shown.append((written, said))
    assert shown == []


@pytest.mark.parametrize("place", ["env", "file"])
def test_no_secret_that_cannot_be_used_is_shown(small: Cage, place: str) -> None:
    """With characters that cannot be sent, at a server that is there, in all that an error carries along."""
    make_certificate(small.directory)
    with echoing() as echo, parrot(small.directory / "server.pem") as room:
        for module in (pages, api, access, garmin_key):
            small.patch.setattr(module, "fetch", hasty)
        for kind, odd in ODD.items():
            value = f"Cnry-{small.canaries.plant(kind, '{}')}".encode() + odd + b"more"
            if place == "file":
                (small.directory / "secret").write_bytes(value)
            elif b"\0" in value:
                continue  # no environment holds one
            else:
                small.patch.setenv("SECRET", os.fsdecode(value))
            secret = "{file: secret}" if place == "file" else "{env: SECRET}"
            text = BARE.format(
                url=echo.url, port=room.port, secret=secret, prefixed=secret.replace("}", ", prefix: 'K '}")
            )
            (small.directory / "shoemon.yaml").write_text(text)
            config = load(small.directory)
            for name in ("strava", "fittrackee"):
                small.log_in(config, name, 0.0)
            small.command("check")
            small.command("sync")
            small.try_all(config)
            small.command("alerts", "test", "mail")
    assert len(small.said["errors"]) > 100
    for where, said in small.said.items():
        assert small.canaries.found(where, "\n".join(said)) == [], said
