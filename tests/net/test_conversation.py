"""One conversation with a real server on this machine: whom it trusts, and whom it sends nothing to."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from kit.certificates import make_certificate
from kit.receivers import Receiver, receivers

from shoemon.net.addresses import LinkLocalError
from shoemon.net.connections import guarded_session
from shoemon.net.conversation import Terms, converse
from shoemon.net.deadline import Deadline
from shoemon.net.failure import Failed


@contextmanager
def listening(certificate: Path | None = None) -> Iterator[Receiver]:
    with receivers() as serve:
        yield serve(204, {}, b"", certificate=certificate)


def asked(server: Receiver) -> list[str]:
    return [post.path for post in server.posts]


def status(url: str, terms: Terms) -> int:
    return converse(lambda conversation: conversation.send("GET", url, {}).status_code, terms)


@pytest.mark.parametrize("environment", [True, False])
def test_a_proxy_of_the_environment_is_asked_where_wanted(environment: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with listening() as proxy, listening() as server:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert status(f"{server.url}/runs", Terms(30.0, environment=environment)) == 204
        assert (asked(proxy), asked(server)) == (([f"{server.url}/runs"], []) if environment else ([], ["/runs"]))


def test_certificates_are_the_usual_ones_or_those_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = make_certificate(tmp_path)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    with listening(certificate) as server:
        with pytest.raises(Failed, match="has a certificate that is not trusted: self"):
            status(server.url, Terms(30.0))
        assert status(server.url, Terms(30.0, ca_file=certificate)) == 204
        monkeypatch.setenv("CURL_CA_BUNDLE", str(certificate))
        assert status(server.url, Terms(30.0)) == 204
        with pytest.raises(Failed, match="is not trusted"):
            status(server.url, Terms(30.0, environment=False))
        assert asked(server) == ["/", "/"]


def test_a_server_without_tls_is_said() -> None:
    with listening() as server, pytest.raises(Failed, match="did not complete TLS"):
        status(server.url.replace("http:", "https:"), Terms(30.0, environment=False))
    assert asked(server) == []


def test_a_name_that_changes_after_it_was_looked_up_is_sent_nothing() -> None:
    """The address at the other end of the open connection counts; here loopback stands for one that is refused."""
    refused: list[str] = []
    with (
        listening() as server,
        Deadline(30.0) as deadline,
        guarded_session(deadline, lambda peer: not refused.append(str(peer))) as session,
        pytest.raises(LinkLocalError),
    ):
        session.get(server.url)
    assert (refused, asked(server)) == (["127.0.0.1"], [])
