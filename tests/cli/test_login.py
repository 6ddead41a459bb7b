"""`shoemon login`: leave is asked for in a browser and brought back, and nothing but state.db ever holds what it gives."""

import io
import os
import socket
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from kit.api_servers import Answer, Server
from kit.commands import said_here, started
from kit.homes import Home
from kit.http_servers import free_port
from kit.login_server import CLIENT, SECRET, Logins, Runner, login_server

from shoemon.config.registry import SOURCES
from shoemon.model.errors import MistakeError, ShoemonError, SourceError
from shoemon.setup.check import check_lines
from shoemon.sources.kit.oauth import authorize
from shoemon.store.tokens import Tokens
from shoemon.sync.pull import source_context

STRAVA = """\
sources:
  - name: strava
    type: strava-api
    client_id: "{client}"
    client_secret: {{env: APP_SECRET}}
    base_url: {url}/api/v3
    oauth_url: {url}/oauth
    redirect_port: {port}
"""
FITTRACKEE = """\
sources:
  - name: strava
    type: fittrackee
    client_id: "{client}"
    client_secret: {{file: secret.txt}}
    base_url: {url}
    redirect_port: {port}
"""
ALL = "read,activity:read_all,profile:read_all"


class Place:
    """A home with one source that must be logged in, and the server of it."""

    def __init__(self, home: Home, server: Server, logins: Logins, main: str) -> None:
        self.home, self.server, self.logins, self.main, self.port = home, server, logins, main, free_port()
        (home.directory / "secret.txt").write_text(f"{SECRET}\n")
        self.write()

    def write(self, client: str = CLIENT, main: str = "") -> None:
        self.home.main((main or self.main).format(client=client, url=self.server.url, port=self.port))

    def log_in(self, runner: Runner) -> None:
        config = self.home.config
        try:
            SOURCES.module_of(config.sources[0].type).login(
                config.sources[0], source_context(config, self.home.clock), runner
            )
        finally:
            runner.done()

    @property
    def tokens(self) -> Tokens:
        return Tokens(self.home.config.state_database, "strava")


@pytest.fixture
def strava(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("APP_SECRET", SECRET)
    with login_server(lambda asked: Answer([])) as (server, logins):
        yield Place(Home(tmp_path / "home"), server, logins, STRAVA)


@pytest.fixture(params=[STRAVA, FITTRACKEE], ids=["strava-api", "fittrackee"])
def place(strava: Place, request: pytest.FixtureRequest) -> Place:
    strava.main = request.param
    strava.write()
    return strava


def giving(place: Place, **told: str) -> Callable[[str], str]:
    """A browser in which the runner says yes."""
    return lambda address: place.logins.leave(address, **told)


# ------------------------------------------------------------------ what a login gives


@pytest.mark.parametrize("paste", [False, True])
def test_what_the_server_gives_is_kept_with_what_it_is_for_until_a_second_login(place: Place, paste: bool) -> None:
    place.write(main="database: data/of/runs/shoemon.db\n" + place.main)
    for _ in range(2):
        place.home.clock.move(hours=10)
        runner = Runner(giving(place), paste=paste)
        place.log_in(runner)
    kept = place.tokens.read()
    assert kept is not None
    assert [kept["access_token"], kept["refresh_token"]] == place.logins.made[-2:]
    assert kept["bond"]["client_id"] == CLIENT
    assert kept["renew_at"] == place.home.clock.now.timestamp() + 21600 - 300
    assert runner.said[-1].startswith("strava is logged in at ")
    shown = "shoemon has the answer. See the terminal for the result; you can close this page."
    assert runner.pages == ([] if paste else [(200, shown)])
    secrets = [*place.logins.made, SECRET]
    assert len(secrets) == 7 and not [secret for secret in secrets if secret in "\n".join(runner.said)]
    state = place.home.directory / "data/of/runs/state.db"
    assert oct(state.stat().st_mode & 0o777) == "0o600"
    others = [path for path in place.home.directory.rglob("*") if path.is_file() and path.name not in ("state.db", "secret.txt")]  # fmt: skip
    assert not [(path, secret) for path in others for secret in secrets if secret.encode() in path.read_bytes()]


def test_the_address_asks_for_what_is_needed_and_brings_it_to_this_machine_only(place: Place) -> None:
    asked: list[dict[str, str]] = []
    browser, strangers = giving(place), []

    def besieged(address: str) -> str:
        """Who brings another state is sent away, and the runner is waited for."""
        for query in (
            "?code=stolen&state=guessed",
            "?code=stolen",
            "?code=a&state=",
            "favicon.ico",
            "?%00=%ff&state=%ff",
        ):
            with pytest.raises(HTTPError) as refused:
                urlopen(f"http://127.0.0.1:{place.port}/{query}", timeout=300)
            strangers.append(refused.value.code)
        sent_to = browser(address)
        asked.append(next(iter(place.logins.codes.values())))
        return sent_to

    place.log_in(Runner(besieged))
    assert strangers == [400] * 5
    assert place.tokens.read() is not None
    assert asked[0]["redirect_uri"] == f"http://127.0.0.1:{place.port}/"
    assert len(asked[0]["state"]) >= 32
    scopes, proof = {
        STRAVA: ("activity:read_all,profile:read_all", None),
        FITTRACKEE: ("workouts:read equipments:read", "S256"),
    }[place.main]
    assert (asked[0]["scope"], asked[0].get("code_challenge_method")) == (scopes, proof)


# ------------------------------------------------------------------ what can go wrong


def test_what_is_pasted_wrong_is_said_and_asked_for_again(place: Place) -> None:
    answers: list[str] = []
    runner = Runner(lambda address: answers.append(place.logins.leave(address)), paste=True)

    def ask(question: str) -> str:
        typed = ("hello", answers[0].replace("state=", "state=x"), "http://[", answers[0])
        asks.append(question)
        return typed[len(asks) - 1]

    asks: list[str] = []
    runner.ask = ask  # type: ignore[method-assign]
    place.log_in(runner)
    assert runner.said[-4:-1] == [
        "this is not the whole address; it contains code= and state=",
        "this is the answer to another login than the one above",
        "this is not the whole address; it contains code= and state=",
    ]


def test_no_answer_ends_in_words_and_nothing_is_kept(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authorize, "PATIENCE_S", 0.05)
    pasted = "no answer was pasted; try again: shoemon login strava --paste"
    refused = "gave no permission ('access_denied'); try again: shoemon login strava"
    runners = [(Runner(lambda _: None, paste=True, typed=typed), pasted) for typed in ((), ("",), ("no",) * 9)]
    runners += [
        (Runner(giving(place, error="access_denied"), paste=True), refused),
        (Runner(lambda _: None), "no answer came within 0 minutes; try again: shoemon login strava"),
    ]
    for runner, says in runners:
        with pytest.raises(ShoemonError) as raised:
            place.log_in(runner)
        assert str(raised.value).endswith(says)
    assert place.tokens.read() is None


def test_a_port_that_is_taken_leaves_the_way_by_hand(place: Place) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", place.port))
        taken.listen()
        with pytest.raises(MistakeError, match=r"in a terminal: shoemon login strava --paste"):
            place.log_in(Runner(giving(place)))
        runner = Runner(giving(place))
        runner.can_answer = True
        runner._typed = []
        browser = runner._browser
        runner._browser = lambda address: runner._typed.append(str(browser(address)))  # type: ignore[func-returns-value]
        place.log_in(runner)
    assert f"note: another program uses port {place.port}, where the browser would bring the answer" in runner.said
    assert place.tokens.read() is not None


FAULTS: list[tuple[Answer, str]] = [
    (Answer({"error": "invalid_grant"}, 400), "refused the code"),
    (Answer({"error": "invalid_client"}, 401), "does not know the app; check client_id and client_secret"),
    (Answer({"errors": [{"resource": "Application", "field": "client_id"}]}, 400), "check client_id"),
    (Answer({}, 500), "answered with status 500"),
    (Answer({}, 429), "answered with status 429"),
    (Answer(b"<html>", 200), "did not answer with JSON"),
    (Answer([1, 2], 200), "did not answer with a token"),
    (Answer(b"[" * 200_000, 200), "did not answer with JSON"),
    (Answer({"access_token": 5}, 200), "in an unknown way: it contains no token"),
    (Answer({"access_token": "a\r\nb"}, 200), "in an unknown way: it contains no token"),
    (Answer({"access_token": "ok", "refresh_token": ["x"]}, 200), "in an unknown way: it contains no token"),
    (Answer({"access_token": "x" * 9000}, 200), "in an unknown way: it contains no token"),
    (Answer(b"x" * 2**20 + b"x", 200), "sent more than 1 MB"),
    (Answer({"access_token": "abc"}, 200, cut=5), "stopped in the middle of its answer"),
    (Answer(b"", 302, {"Location": "http://127.0.0.1:9/"}), "redirects what is posted, which is not followed"),
]


def test_whatever_the_server_answers_is_said_in_a_sentence_and_the_old_login_stays(strava: Place) -> None:
    strava.log_in(Runner(giving(strava)))
    before = strava.tokens.read()
    for fault, says in FAULTS:
        strava.server.faults.append(fault)
        with pytest.raises(SourceError) as raised:
            strava.log_in(Runner(giving(strava)))
        assert says in str(raised.value)
        assert not [secret for secret in (SECRET, *strava.logins.made) if secret in str(raised.value)]
    assert strava.tokens.read() == before


def test_leave_for_public_runs_only_is_not_taken_for_a_login(strava: Place) -> None:
    with pytest.raises(SourceError) as raised:
        strava.log_in(Runner(giving(strava, scope="read,activity:read")))
    assert str(raised.value) == (
        "Strava did not give the permission activity:read_all, without which runs would be missing; try again, and keep "
        "that box ticked: shoemon login strava"
    )
    assert strava.tokens.read() is None


@pytest.mark.parametrize("told", ["read activity:read_all", ["read", "activity:read_all"]])
def test_what_the_token_says_of_its_scopes_counts_and_a_lesser_lack_is_a_note(strava: Place, told: Any) -> None:
    strava.logins.extra = {"scope": told}
    runner = Runner(giving(strava, scope=ALL))
    strava.log_in(runner)
    assert "note: the permission profile:read_all was not given; names of shoes may be missing" in runner.said


@pytest.mark.parametrize("of", ["secret", "state_database", "lock", "table"])
def test_without_a_secret_or_where_nothing_can_be_kept_nobody_is_sent_to_a_browser(
    strava: Place, monkeypatch: pytest.MonkeyPatch, of: str
) -> None:
    state = strava.home.config.state_database
    if of == "secret":
        monkeypatch.delenv("APP_SECRET")
    elif of == "table":
        with closing(sqlite3.connect(state)) as connection:
            connection.execute("CREATE TABLE tokens(source TEXT)")
    else:
        (state if of == "state_database" else state.with_name(f"{state.name}.strava.lock")).mkdir()
    runner = Runner(giving(strava))
    with pytest.raises(ShoemonError, match=r"cannot use .*state\.db|environment variable APP_SECRET is not set"):
        strava.log_in(runner)
    assert (runner.said, strava.logins.made) == ([], [])


def test_another_account_is_not_taken_for_the_one_whose_runs_the_source_has(strava: Place) -> None:
    strava.log_in(Runner(giving(strava)))  # by a server that does not say whose it is
    for athlete in ({"id": 1}, {"id": 1, "username": "sam"}, None, 5, [], {}, {"id": None}, {"id": True}, {"id": "2"}):
        strava.logins.extra = {"athlete": athlete}
        strava.log_in(Runner(giving(strava)))
        before = strava.tokens.read()
        assert before is not None and before["account"] == "1"
    strava.logins.extra = {"athlete": {"id": 2}}
    with pytest.raises(MistakeError) as raised:
        strava.log_in(Runner(giving(strava)))
    assert str(raised.value) == (
        "the browser is logged in at Strava as 2, but source strava belongs to 1; log in there as 1, and try again: "
        "shoemon login strava; for another account, add a source with another name"
    )
    assert strava.tokens.read() == before


# ------------------------------------------------------------------ check


def test_check_says_who_is_not_logged_in_and_makes_no_file(strava: Place) -> None:
    def said() -> list[str]:
        label = "warning: source strava (strava-api): "
        lines = [line for line in check_lines(strava.home.config) if line.startswith(label)]
        return [line.removeprefix(label) for line in lines]

    assert said() == ["not logged in: shoemon login strava"]
    assert not strava.home.config.state_database.exists()
    strava.log_in(Runner(giving(strava)))
    assert said() == []
    strava.write(client="other")
    assert said() == ["the login is for another app or address: shoemon login strava"]
    strava.home.config.state_database.write_bytes(b"no database at all, but long enough to be taken for one" * 20)
    [line] = said()
    assert "state.db: file is not a database" in line


# ------------------------------------------------------------------ the command


TWO = STRAVA + STRAVA.removeprefix("sources:\n").replace("name: strava", "name: other")
LOGINS = "sources with a login in shoemon.yaml:"


@pytest.mark.parametrize(
    ("main", "arguments", "typed", "says"),
    [
        ("sources: []\n", (), b"", f"name the source to log in to; {LOGINS} none"),
        (TWO, (), b"", f"name the source to log in to; {LOGINS} strava, other"),
        (TWO, ("strava-api",), b"", f"no source is called strava-api; {LOGINS} strava, other"),
        (STRAVA, ("fittrackee",), b"", f"no source is called fittrackee; {LOGINS} strava"),
        (
            STRAVA + "  - {{name: watch, type: tracks, path: here}}\n", ("watch",), b"",
            f"source watch needs no login; {LOGINS} strava",
        ),
        (STRAVA, ("strava", "--paste"), b"", "no answer was pasted; try again: shoemon login strava --paste"),
        (
            STRAVA, ("strava-api", "--paste"), b"http://127.0.0.1/?state=\xff\xfe&code=1\n",
            "no answer was pasted; try again: shoemon login strava --paste",
        ),
    ],
)  # fmt: skip
def test_which_source_is_meant_and_what_is_pasted_may_be_wrong(
    strava: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *,
    main: str, arguments: tuple[str, ...], typed: bytes, says: str,
) -> None:  # fmt: skip
    strava.write(main=main)
    monkeypatch.setenv("SHOEMON_CONFIG", str(strava.home.directory))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed), "utf-8"))
    said = said_here(monkeypatch, capsys, "login", *arguments)
    assert (said.code, said.err) == (2, f"shoemon: {says}\n")
    assert ("this is the answer to another login than the one above" in said.out) == bool(typed)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a terminal")
def test_at_a_terminal_the_browser_and_the_keyboard_are_both_waited_for(strava: Place) -> None:
    for by_hand in (False, True):
        master, slave = os.openpty()
        with started("login", "--config", strava.home.directory, stdin=slave) as process:
            shown = [process.stdout.readline(), process.stdout.readline()]
            sent_to = strava.logins.leave(shown[1].strip())
            if by_hand:
                os.write(master, f"{sent_to}\n".encode())
            else:
                with urlopen(sent_to, timeout=300) as page:
                    assert page.status == 200
            assert (process.wait(30), process.stderr.read()) == (0, "")
            assert process.stdout.read().endswith("strava is logged in at Strava.\n")
        os.close(master)
        os.close(slave)
