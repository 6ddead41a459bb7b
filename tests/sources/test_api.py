"""Asking a web interface for JSON, against a real server on this machine: who is asked, how often, and when it ends."""

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from kit.api_servers import Answer, Asked, Server, pauses_of, serving

from shoemon.model.errors import SourceError
from shoemon.net.download import Limits
from shoemon.net.failure import AnswerError
from shoemon.sources.kit import api
from shoemon.sources.kit.api import Api

SECRET = "s3cr3t-t0ken"


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses_of(monkeypatch, api)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(lambda asked: Answer({"path": asked.path, **asked.query})) as server:
        yield server


class Signing:
    """Credentials that may be renewed: `token-1`, `token-2` ..."""

    def __init__(self) -> None:
        self.number = 1

    def __call__(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {SECRET}-{self.number}"}

    def renew(self) -> None:
        self.number += 1


def asking(server: Server, sign: Callable[[], Mapping[str, str]] = Signing(), **more: Any) -> Api:  # noqa: B008
    return Api(server.url + "/", sign, "the token of the test", **more)


def refusal(asked: Api, path: str = "runs") -> SourceError:
    with pytest.raises(SourceError) as raised:
        asked.get(path, page=1)
    chain: BaseException | None = raised.value
    while chain is not None:
        assert SECRET not in str(chain) and "page=" not in str(chain)
        chain = chain.__cause__ or chain.__context__
    return raised.value


def test_the_query_holds_what_is_given_and_the_headers_who_asks(server: Server) -> None:
    got = asking(server).get("/v1/runs", page=2, name="a & b", until=None)
    assert got == {"path": "/v1/runs", "page": "2", "name": "a & b"}
    assert server.asked[0].headers["authorization"] == f"Bearer {SECRET}-1"


@pytest.mark.parametrize(
    ("answer", "asked", "message", "retryable"),
    [
        (Answer({}, 400), 1, "answered with status 400", False),
        (Answer({"error": SECRET}, 401), 1, "refused the credentials (the token of the test) with status 401", False),
        (Answer({"error": SECRET}, 403), 1, "refused the credentials (the token of the test) with status 403", False),
        (Answer({}, 404), 1, "was not found (status 404)", True),
        (Answer({}, 429), 4, "answered with status 429", True),
        (Answer({}, 429, {"Retry-After": "7200"}), 1, "answered with status 429 and asks to wait 7200 s (its ", True),
        (Answer({}, 500), 4, "answered with status 500", True),
        (Answer([1, 2, 3], cut=4), 4, "stopped in the middle of its answer", True),
        (Answer(b""), 1, "did not answer with JSON", True),
        (Answer(b'"\xff"'), 1, "did not answer with JSON", True),
        (Answer(b"[" * 200_000), 1, "did not answer with JSON", True),
        (Answer(b"1" * 5000), 1, "did not answer with JSON", True),
        (Answer(b"\0" * 2**20), 1, "sent more than 1 MB", False),
    ],
)  # fmt: skip
def test_failures_hold_no_secret(server: Server, answer: Answer, asked: int, message: str, retryable: bool) -> None:
    server.answer = lambda _: answer
    error = refusal(asking(server, limits=Limits(total_s=600, size=2**20 - 1)))
    assert message in str(error)
    assert (len(server.asked), error.retryable) == (asked, retryable)


def test_a_server_that_drips_is_left_when_the_time_is_over(server: Server) -> None:
    server.answer = lambda _: Answer([1, 2, 3], drip=30)
    asked = asking(server, limits=Limits(total_s=2.0))
    assert "took longer than " in str(refusal(asked))
    assert "took longer than 2 s in all" in str(refusal(asked))
    assert len(server.asked) == 1


def test_what_all_answers_have_together_is_bounded(server: Server) -> None:
    server.answer = lambda _: Answer(b'"' + b"x" * 700_000 + b'"')
    asked = asking(server, limits=Limits(size=2**20))
    asked.get("runs")
    assert "sent more than" in str(refusal(asked))


def test_credentials_that_have_ended_are_renewed_once(server: Server) -> None:
    sign = Signing()
    server.answer = lambda asked: Answer({}, 200 if asked.headers["authorization"].endswith("-2") else 401)
    asked = asking(server, sign, renew=sign.renew)
    assert (asked.get("a"), asked.get("b")) == ({}, {})
    assert (server.paths(), sign.number) == (["/a", "/a", "/b"], 2)
    sign.number = 9
    assert "status 401" in str(refusal(asked))
    assert (len(server.asked), sign.number) == (4, 9)


def test_other_refusals_renew_nothing_and_tell_their_status(server: Server) -> None:
    sign = Signing()
    server.answer = lambda _: Answer({"code": "inactive"}, 403)
    error = refusal(asking(server, sign, renew=sign.renew))
    assert isinstance(error, AnswerError) and (error.status, error.answer) == (403, b'{"code": "inactive"}')
    assert (len(server.asked), sign.number) == (1, 1)


def test_renewing_that_fails_is_told_and_not_tried_again(server: Server) -> None:
    calls: list[int] = []

    def renew() -> None:
        calls.append(1)
        raise SourceError("no longer allowed; log in again", retryable=False)

    server.answer = lambda _: Answer({}, 401)
    asked = asking(server, renew=renew)
    assert str(refusal(asked)) == "no longer allowed; log in again"
    assert "status 401" in str(refusal(asked))
    assert calls == [1]


def test_threads_that_are_refused_together_renew_once_and_all_go_on(server: Server) -> None:
    sign, together = Signing(), threading.Barrier(4, timeout=300)

    def answer(asked: Asked) -> Answer:
        if asked.headers["authorization"].endswith("-1"):
            together.wait()  # all have asked before one is refused
            return Answer({}, 401)
        return Answer(asked.path)

    server.answer = answer
    asked = asking(server, sign, renew=sign.renew)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(asked.get, "abcd")) == ["/a", "/b", "/c", "/d"]
    assert (sign.number, len(server.asked)) == (2, 8)


def test_another_server_that_is_led_to_learns_no_secret(server: Server) -> None:
    with serving(lambda asked: Answer({"authorization": asked.headers.get("authorization")})) as other:
        server.answer = lambda _: Answer({}, 307, {"Location": f"{other.url}/runs"})
        assert asking(server).get("runs") == {"authorization": None}
        other.answer = lambda _: Answer({}, 401)
        assert "not sent to the address it redirects to" in str(refusal(asking(server)))
        assert SECRET not in str([asked.headers for asked in other.asked])


def test_headers_that_cannot_be_sent_are_not_told(server: Server) -> None:
    error = refusal(asking(server, lambda: {"Authorization": f"{SECRET}\r\nX: 1"}))
    assert "header 'Authorization' contains a character that cannot be sent" in str(error)
    assert server.asked == []
