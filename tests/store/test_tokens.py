"""Logins that servers hand out and take back: on the disk before they are used, renewed by one at a time, and never
lost without a word."""

import json
import multiprocessing
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from benchmarks.token_trial import KM, token_trial
from kit.api_servers import Answer, Server
from kit.homes import HandClock, faults
from kit.login_server import CLIENT, SECRET, Logins, login_server

from shoemon.config.kinds import Secret
from shoemon.model.errors import ShoemonError, SourceError
from shoemon.sources import Context
from shoemon.sources.kit.oauth import App, scopes_in, token_in
from shoemon.sources.kit.oauth.access import Access
from shoemon.store import tokens as tokens_module
from shoemon.store.tokens import Tokens


def app_of(url: str) -> App:
    secret = Secret(file="secret.txt")
    return App("run", "Runs", f"{url}/api", f"{url}/authorize", f"{url}/token", CLIENT, secret, ("a",))


class Login:
    """A source that is logged in at a server, and the ways to it."""

    def __init__(self, directory: Path, server: Server, logins: Logins) -> None:
        self.directory, self.server, self.logins, self.clock = directory, server, logins, HandClock()
        (directory / "secret.txt").write_text(SECRET)
        self.log_in()

    def app(self, **values: Any) -> App:
        return app_of(self.server.url)._replace(**values)

    @property
    def tokens(self) -> Tokens:
        return Tokens(self.directory / "state.db", "run")

    @property
    def context(self) -> Context:
        return Context(self.directory, state=self.directory / "state.db", clock=self.clock)

    def log_in(self) -> None:
        self.tokens.write(token_in(self.logins.log_in(), self.app(), self.clock().timestamp()))

    def access(self, **values: Any) -> Access:
        return Access(self.app(**values), self.context)

    def kept(self) -> dict[str, Any]:
        kept = self.tokens.read()
        assert kept is not None
        return kept


@pytest.fixture
def login(tmp_path: Path) -> Iterator[Login]:
    with login_server(lambda asked: Answer([])) as (server, logins):
        yield Login(tmp_path, server, logins)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


# ------------------------------------------------------------------ the store


def test_what_was_written_last_is_read_and_each_source_has_its_own(tmp_path: Path) -> None:
    one, other = (Tokens(tmp_path / "state.db", name) for name in ("one", "other"))
    assert one.read() is None
    one.write({"access_token": "a", "é": [1, None]})
    other.write({"access_token": "b"})
    one.write({"access_token": "c"})
    assert (one.read(), other.read()) == ({"access_token": "c"}, {"access_token": "b"})
    one.check()
    assert (one.read(), other.read()) == ({"access_token": "c"}, {"access_token": "b"})
    with closing(sqlite3.connect(tmp_path / "state.db")) as connection:
        assert connection.execute("SELECT source FROM tokens ORDER BY source").fetchall() == [("one",), ("other",)]


@pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")
def test_nobody_else_can_read_it_whatever_the_mask_and_whoever_made_the_file(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        (tmp_path / "old.db").touch(0o666)
        for name in ("old.db", "new.db"):
            Tokens(tmp_path / name, "run").write({"access_token": "a"})
            assert oct((tmp_path / name).stat().st_mode & 0o777) == "0o600"
    finally:
        os.umask(before)


def test_what_somebody_else_wrote_there_is_no_login(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path / "state.db", "run")
    for held in ("no json", "[1, 2]", '"text"', "null"):
        tokens.write({})
        with closing(sqlite3.connect(tmp_path / "state.db")) as connection, connection:
            connection.execute("UPDATE tokens SET token = ?", (held,))
        assert tokens.read() is None


def test_a_place_that_cannot_be_used_is_said_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    tokens = Tokens(tmp_path / "file" / "state.db", "run")
    with pytest.raises(ShoemonError, match=r"cannot use .*state\.db\.run\.lock: "), tokens.renewing():
        pass
    with pytest.raises(ShoemonError, match=r"cannot use .*state\.db: "):
        tokens.write({})


def test_who_waits_too_long_for_another_is_told_who_that_is(login: Login, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens_module, "RENEW_WAIT_S", 0.05)
    access = login.access()
    access.sign()
    with login.tokens.renewing(), pytest.raises(SourceError, match=r"another renewal .* is running \(process \d+;"):
        access.renew()


# ------------------------------------------------------------------ renewing


def test_a_login_is_renewed_before_it_runs_out_and_kept_before_it_is_used(login: Login) -> None:
    access, first = login.access(), login.logins.made[0]
    assert access.sign() == bearer(first)
    login.clock.move(seconds=21600 - 301)
    assert access.sign() == bearer(first)
    login.clock.move(seconds=1)
    assert access.sign() == bearer(login.logins.made[2])
    assert login.kept() == {
        "bond": login.app().binding,
        "access_token": login.logins.made[2],
        "refresh_token": login.logins.made[3],
        "renew_at": login.clock().timestamp() + 21600 - 300,
        "scopes": [],
        "account": None,
    }
    assert access.sign() == bearer(login.logins.made[2])
    assert login.logins.renewals == 1


LASTS: list[tuple[Any, float | None]] = [
    (21600, 21300.0), (100, 80.0), (0, None), (-5, None), (None, None), ("3600", None), (True, None), (1e300, None),
    ([], None),
]  # fmt: skip


def test_how_long_a_login_lasts_is_what_the_server_says_or_not_known(login: Login) -> None:
    answers = ({"access_token": "a", "expires_in": lasts} for lasts, _ in LASTS)
    ends = [token_in(answer, login.app(), 1000.0)["renew_at"] for answer in answers]
    assert ends == [None if after is None else 1000.0 + after for _, after in LASTS]


def test_a_server_that_hands_out_no_new_key_goes_by_the_old_one(login: Login) -> None:
    app = login.app()
    before = token_in({"access_token": "a", "refresh_token": "r", "scope": "x y", "athlete": {"id": 7}}, app, 0.0)
    after = token_in({"access_token": "b"}, app, 0.0, before)
    assert (after["access_token"], after["refresh_token"], after["scopes"]) == ("b", "r", ["x", "y"])
    assert (before["account"], after["account"]) == ("7", "7")
    assert scopes_in(["x", 5]) == {"x", "5"} and scopes_in("a,b c") == {"a", "b", "c"} and scopes_in(None) == set()


def test_only_one_renews_and_the_others_use_what_it_brought(login: Login) -> None:
    accesses = [login.access() for _ in range(8)]
    for access in accesses:
        access.sign()
    together = threading.Barrier(len(accesses))

    def renew(access: Access) -> dict[str, str]:
        together.wait(10)
        access.renew()
        return dict(access.sign())

    with ThreadPoolExecutor(len(accesses)) as pool:
        signed = list(pool.map(renew, accesses))
    assert signed == [bearer(login.logins.made[2])] * len(accesses)
    assert (login.logins.renewals, login.logins.most_at_once) == (1, 1)


def renew_in_a_process(directory: Path, url: str, signed: Any) -> None:
    context = Context(directory, state=directory / "state.db", clock=HandClock("2024-06-01T23:00:00"))
    signed.put(dict(Access(app_of(url), context).sign()))


def test_only_one_process_renews_and_the_others_use_what_it_brought(login: Login) -> None:
    processes = multiprocessing.get_context("fork")
    signed = processes.Queue()
    arguments = (login.directory, login.server.url, signed)
    started = [processes.Process(target=renew_in_a_process, args=arguments) for _ in range(2)]
    for process in started:
        process.start()
    assert [signed.get(timeout=300) for _ in started] == [bearer(login.logins.made[2])] * len(started)
    for process in started:
        process.join(30)
    assert (login.logins.renewals, login.logins.most_at_once) == (1, 1)


# ------------------------------------------------------------------ what can go wrong

LOG_IN = "log in again: shoemon login run"


def refused(login: Login) -> str:
    access = login.access()
    with pytest.raises(SourceError) as raised:
        access.sign()
        access.renew()
    assert not raised.value.retryable
    return str(raised.value)


def test_what_cannot_be_renewed_is_withdrawn_or_has_expired_and_no_refusal_holds_a_token(login: Login) -> None:
    login.server.faults = [Answer(json.dumps({"echo": login.logins.made}).encode(), 400)]
    withdrawn = f"Runs no longer accepts the login: it was revoked, or has expired; {LOG_IN}"
    assert refused(login) == withdrawn
    login.logins.renewing.clear()
    for _ in range(2):
        assert refused(login) == withdrawn
    login.server.asked.clear()
    login.tokens.write({**login.kept(), "refresh_token": None})
    assert refused(login) == f"the login at Runs has expired; {LOG_IN}"
    assert login.server.asked == []


INTERRUPTIONS = {
    "nothing came": Answer(b""), "half came": Answer({"access_token": "x" * 40}, 200, cut=20), "it failed": Answer({}, 502), "it was down": Answer({}, 503),
    "it was something else": Answer(b"<html>", 200), "it held no token": Answer({"hello": "world"}),
    "it held no text": Answer({"access_token": "a\nb"}),
}  # fmt: skip


@pytest.mark.parametrize("fault", INTERRUPTIONS.values(), ids=INTERRUPTIONS)
def test_when_nobody_knows_what_the_server_did_it_may_work_and_is_said_if_not(login: Login, fault: Answer) -> None:
    access = login.access()
    access.sign()
    for _ in range(2):  # the second time after a renewal that worked
        access.renew()
        assert access.sign() == bearer(login.logins.made[-2])
        login.server.faults = [fault]
        before = login.kept()
        with pytest.raises(SourceError) as raised:
            access.renew()
        assert raised.value.retryable and "log in" not in str(raised.value)
        assert login.kept() == {**before, "renewal_begun_at": "2024-06-01T12:00:00Z"}
    login.clock.move(hours=1)
    login.logins.renewing.clear()  # as a server does that had handed out new ones
    for _ in range(2):
        assert refused(login) == (
            f"the renewal of the login at 2024-06-01T12:00:00Z was interrupted, and the answer of Runs was lost; {LOG_IN}"
        )
    login.log_in()
    fresh = login.access()
    fresh.sign()
    fresh.renew()
    assert "renewal_begun_at" not in login.kept()


def test_an_app_that_is_not_known_costs_no_login(login: Login) -> None:
    (login.directory / "secret.txt").write_text("mistyped")
    before = login.kept()
    assert refused(login) == "Runs does not know the app; check client_id and client_secret"
    (login.directory / "secret.txt").unlink()
    assert "cannot read the secret file" in refused(login)
    assert login.kept() == before
    (login.directory / "secret.txt").write_text(SECRET)
    access = login.access()
    access.sign()
    access.renew()
    assert access.sign() == bearer(login.logins.made[2])


NONE = "not logged in at Runs; log in: shoemon login run"
ANOTHER = f"the login is for another client_id or address than in shoemon.yaml; {LOG_IN}"
NO_LOGIN: dict[str, tuple[Callable[[Login], Access], str]] = {
    "no file": (lambda login: ((login.directory / "state.db").unlink(), login.access())[1], NONE),
    "no state": (lambda login: Access(login.app(), login.context._replace(state=None)), NONE),
    "empty": (lambda login: (login.tokens.write({"access_token": ""}), login.access())[1], NONE),
    "another client": (lambda login: login.access(client_id="other"), ANOTHER),
    "another api": (lambda login: login.access(api_url="https://elsewhere.example"), ANOTHER),
    "another server": (lambda login: login.access(token_url="https://elsewhere.example"), ANOTHER),
}


@pytest.mark.parametrize(("made", "says"), NO_LOGIN.values(), ids=NO_LOGIN)
def test_without_a_login_for_settings_nobody_is_asked(login: Login, made: Callable[[Login], Access], says: str) -> None:
    with pytest.raises(SourceError) as raised:
        made(login).sign()
    assert (str(raised.value), raised.value.retryable) == (says, False)
    assert login.server.asked == []


def test_a_place_of_tokens_that_cannot_be_used_is_a_failure_of_the_source_that_may_pass(login: Login) -> None:
    access = login.access()
    access.sign()
    (login.directory / "state.db").write_bytes(b"something else altogether, and long enough to be a header" * 40)
    for trial in (access.renew, login.access().sign):
        with pytest.raises(SourceError, match=r"cannot use .*state\.db: file is not a database") as raised:
            trial()
        assert raised.value.retryable
    assert login.server.asked == []


# ------------------------------------------------------------------ killed


@pytest.mark.slow
@pytest.mark.parametrize("grace", [False, True])
def test_killed_between_renewal_and_store_it_works_or_says_how_to_log_in(tmp_path: Path, grace: bool) -> None:
    """Five kills, of which the server answered some; SHOEMON_KILLS=100 makes more."""
    kills = int(os.environ.get("SHOEMON_KILLS", "5"))
    trial = token_trial(tmp_path, kills, seed=7, grace=grace)
    assert (trial.silent, trial.secrets_out, faults(trial.home.database)) == ([], [], [])
    rounds = kills + trial.too_late
    assert (trial.went_on + trial.asked, trial.logins.most_at_once, len(trial.runs)) == (rounds, 1, 1 + rounds)
    assert (trial.stored()[0], trial.home.totals()) == (1 + rounds, {"peg": (1.0 + rounds) * KM * 1000})
    assert trial.asked == 0 if grace else trial.asked >= 2
