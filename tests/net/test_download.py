"""Downloads against a real server on this machine: what is asked, what is kept back, and when it gives up."""

import gzip
import io
import time
import traceback
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler

import pytest
import requests
import urllib3
from kit import http_servers
from kit.http_servers import AnsweringServer as Server
from kit.http_servers import HttpAnswer as Answer
from kit.http_servers import answering, dripping, says

from shoemon import __version__
from shoemon.model.errors import SourceError
from shoemon.net.body import beginning, spooled
from shoemon.net.download import Limits, fetch, hop
from shoemon.net.failure import Failed, retry_after_s

SECRET = "s3cr3t-value"


no_proxies = pytest.fixture(autouse=True)(http_servers.no_proxies)


@pytest.fixture
def server() -> Iterator[Server]:
    with answering() as server:
        yield server


other = server


class Clock:
    """Time that passes only where something waits."""

    def __init__(self) -> None:
        self.now, self.pauses = 1000.0, list[float]()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


def refusal(url: str, **more: object) -> SourceError:
    """The error of a fetch that must fail, after a check that nothing it carries holds the secret."""
    with pytest.raises(SourceError) as caught:
        fetch(url, **{"sleep": lambda seconds: None, **more})  # type: ignore[arg-type]
    whole = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + str(caught.value.__context__)
    assert SECRET not in whole
    return caught.value


def test_body_and_validators_come_back_and_it_says_who_asks(server: Server) -> None:
    server.answers.append(says(b"x,y\n1,2\n", ETag='"v1"', Last_Modified="Mon, 01 Jan 2024 00:00:00 GMT"))
    fetched = fetch(server.url + "/runs.csv", headers={"X-Api-Key": SECRET})
    assert (fetched.unchanged, fetched.body.read()) == (False, b"x,y\n1,2\n")
    assert fetched.validators == {"etag": '"v1"', "last_modified": "Mon, 01 Jan 2024 00:00:00 GMT"}
    assert server.asked[0].headers["User-Agent"] == f"shoemon/{__version__}"
    assert server.asked[0].headers["X-Api-Key"] == SECRET


def test_known_validators_are_sent_and_304_means_unchanged(server: Server) -> None:
    server.answers.append(says(b"", 304))
    known = {"etag": '"v1"', "last_modified": "Mon, 01 Jan 2024 00:00:00 GMT"}
    fetched = fetch(server.url, validators=known)
    assert (fetched.unchanged, fetched.validators) == (True, known)
    assert server.asked[0].headers["If-None-Match"] == '"v1"'
    assert server.asked[0].headers["If-Modified-Since"] == "Mon, 01 Jan 2024 00:00:00 GMT"


def test_304_that_nobody_asked_for_is_an_error(server: Server) -> None:
    server.answers.append(says(b"", 304))
    assert "304" in str(refusal(server.url))


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 400, 404, 405, 410, 451])
def test_only_what_may_pass_is_tried_again(server: Server, status: int) -> None:
    server.answers += [says(b"", status), says(b"fine")]
    clock = Clock()
    if status in (400, 404, 405, 410, 451):
        assert (str(status) in str(refusal(server.url)), len(server.asked)) == (True, 1)
    else:
        assert fetch(server.url, sleep=clock.sleep, clock=clock).body.read() == b"fine"
        assert 0.5 <= clock.pauses[0] <= 1.5


def test_four_tries_with_growing_pauses_and_no_more(server: Server) -> None:
    server.answers.append(says(b"", 500))
    clock = Clock()
    error = refusal(server.url, sleep=clock.sleep, clock=clock)
    assert (len(server.asked), error.retryable) == (4, True)
    assert [pause / 2**n for n, pause in enumerate(clock.pauses)] == [pytest.approx(1.0, abs=0.5)] * 3


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Retry_After": "7"}, 7.0),
        ({"Retry_After": formatdate(1_700_000_042, usegmt=True), "Date": formatdate(1_700_000_000, usegmt=True)}, 42.0),
    ],
)
def test_pause_the_server_asks_for_is_kept(server: Server, headers: dict[str, str], expected: float) -> None:
    server.answers += [says(b"", 429, **headers), says()]
    clock = Clock()
    fetch(server.url, sleep=clock.sleep, clock=clock)
    assert clock.pauses == [expected]


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("0", 0.0), (" 7 ", 7.0), ("-7", None), ("1.5", None), ("9" * 400, 1e9), ("٣", None), ("", None), (None, None),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 90.0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0), ("Thu, 99 Jan 1970", None),
        ("Thursday, 01-Jan-70 00:01:40 GMT", 90.0),
    ],
)  # fmt: skip
def test_retry_after_is_read_in_both_forms(text: str | None, seconds: float | None) -> None:
    assert retry_after_s({} if text is None else {"Retry-After": text}, 10.0) == seconds


def test_pause_beyond_the_deadline_is_not_waited_for(server: Server) -> None:
    server.answers.append(says(b"", 503, Retry_After="3600"))
    clock = Clock()
    error = refusal(server.url, sleep=clock.sleep, clock=clock)
    assert (clock.pauses, "wait 3600 s" in str(error)) == ([], True)


@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_are_said_without_them(server: Server, status: int) -> None:
    server.answers.append(says(b"", status))
    error = refusal(
        f"{server.url}/runs.csv?key={SECRET}",
        headers={"Authorization": f"Bearer {SECRET}"},
        credentials="header Authorization from environment variable TOKEN",
    )
    expected = f"{server.url}/runs.csv refused the credentials (header Authorization from environment variable TOKEN)"
    assert str(error) == f"{expected} with status {status}"
    assert (error.retryable, len(server.asked)) == (False, 1)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_configured_header_goes_to_another_origin(server: Server, other: Server, status: int) -> None:
    headers = {"Authorization": SECRET, "X-Api-Key": SECRET, "Cookie": SECRET, "X-Any": SECRET}
    server.answers.append(says(b"", status, Location=other.url + "/b", Set_Cookie=f"session={SECRET}"))
    other.answers.append(says(b"fine"))
    assert fetch(server.url, headers=headers).body.read() == b"fine"
    assert SECRET not in str(other.asked[0].headers)
    assert str(server.asked[0].headers).count(SECRET) == 4


def test_headers_stay_within_their_own_origin_and_do_not_come_back(server: Server, other: Server) -> None:
    """Nor does a cookie go on."""
    server.answers += [
        says(b"", 302, Location="/moved", Set_Cookie="a=b; Path=/"),
        says(b"", 302, Location=other.url),
        says(b"fine"),
    ]
    other.answers.append(says(b"", 302, Location=server.url + "/again"))
    fetch(server.url + "/old", headers={"X-Api-Key": SECRET})
    assert [(asked.path, asked.headers["X-Api-Key"]) for asked in server.asked] == [
        ("/old", SECRET), ("/moved", SECRET), ("/again", None),
    ]  # fmt: skip
    assert server.asked[1].headers["Cookie"] is None


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("file:///etc/passwd", "neither http nor https"),
        ("ftp://127.0.0.1/x", "neither http nor https"),
        ("http://169.254.169.254/latest/meta-data", "metadata"),
        ("http://2852039166/", "metadata"),
        ("/self", "more than 5 times"),
    ],
)
def test_redirects_that_are_not_followed(server: Server, location: str, words: str) -> None:
    server.answers.append(says(b"", 302, Location=location))
    assert words in str(refusal(server.url))


def test_https_is_not_left_for_http_with_headers() -> None:
    with pytest.raises(Failed, match="https to http"):
        hop("https://a.example/x", "http://a.example/x", {"X-Api-Key": "k"})
    assert hop("https://a.example/x", "http://a.example/x", {}) == ("http://a.example/x", {})
    assert hop("https://a.example/x", "https://a.example:444/x", {"X-Api-Key": "k"})[1] == {}


def test_metadata_addresses_are_refused() -> None:
    error = refusal("http://0xa9fea9fe/latest", limits=Limits(total_s=5))
    assert "link-local or metadata address" in str(error)
    assert error.retryable is False


def test_half_an_answer_is_no_answer_and_is_asked_for_again(server: Server) -> None:
    half = says(b"a,b\n1,2\n", Content_Length="1000", Connection="close")
    server.answers += [half, says(b"whole"), half]
    assert fetch(server.url, sleep=lambda seconds: None).body.read() == b"whole"
    assert (refusal(server.url).retryable, len(server.asked)) == (True, 2 + 4)


def test_half_an_answer_is_noticed_where_urllib3_does_not() -> None:
    headers = {"Content-Length": "1000"}
    response = requests.Response()
    response.headers.update(headers)
    response.raw = urllib3.HTTPResponse(
        io.BytesIO(b"a,b\n"), headers, preload_content=False, enforce_content_length=False
    )
    with pytest.raises(Failed, match="stopped after 4 of 1000 bytes") as caught:
        spooled(response, 2000, lambda: None)
    assert caught.value.again


def chunked(*chunks: bytes) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.protocol_version = "HTTP/1.1"
        request.send_response(200)
        request.send_header("Transfer-Encoding", "chunked")
        request.send_header("Connection", "close")
        request.end_headers()
        for chunk in chunks:
            request.wfile.write(chunk)

    return answer


def test_chunks_are_joined_and_a_missing_end_is_noticed(server: Server) -> None:
    server.answers += [
        chunked(b"3\r\na,b\r\n", b"2\r\n\nc\r\n"),
        chunked(b"3\r\na,b\r\n", b"2\r\n\nc\r\n", b"0\r\n\r\n"),
    ]
    assert fetch(server.url, sleep=lambda seconds: None).body.read() == b"a,b\nc"
    assert len(server.asked) == 2


def test_gzip_is_unpacked_also_in_several_members(server: Server) -> None:
    packed = gzip.compress(b"a,b\n") + gzip.compress(b"1,2\n" * 100_000)
    server.answers.append(says(packed, Content_Encoding="gzip"))
    assert fetch(server.url).body.read() == b"a,b\n" + b"1,2\n" * 100_000
    assert server.asked[0].headers["Accept-Encoding"] == "gzip"


PACKED = gzip.compress(b"a,b\n" * 100, mtime=0)


@pytest.mark.parametrize(
    ("coding", "body", "words"),
    [
        ("br", b"not gzip", "another way than gzip"), ("gzip", b"not gzip", "cannot be unpacked"),
        *(("gzip", PACKED[:-cut], "stopped in the middle") for cut in (1, 5, 12)),
    ],
    ids=range(5),
)  # fmt: skip
def test_other_packing_or_half_of_it_is_refused(server: Server, coding: str, body: bytes, words: str) -> None:
    server.answers.append(says(body, Content_Encoding=coding))
    assert words in str(refusal(server.url))


def test_body_larger_than_allowed_is_refused(server: Server) -> None:
    server.answers.append(says(b"x" * 2_000_001))
    error = refusal(server.url, limits=Limits(size=2_000_000))
    assert ("more than 2 MB" in str(error), error.retryable, len(server.asked)) == (True, False, 1)


def test_size_counts_what_is_unpacked(server: Server) -> None:
    body = b"".join(b"%d,%d\n" % (n, n * 7) for n in range(50_000))
    server.answers.append(says(gzip.compress(body), Content_Encoding="gzip"))
    assert len(gzip.compress(body)) < 400_000 < len(body)
    assert "more than 0 MB" in str(refusal(server.url, limits=Limits(size=400_000)))
    assert fetch(server.url).body.read() == body


def test_gzip_bomb_is_refused_long_before_it_is_unpacked(server: Server) -> None:
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9) as file:
        for _ in range(20):
            file.write(bytes(2**20))
    server.answers.append(says(packed.getvalue(), Content_Encoding="gzip"))
    assert "grows more than 200 times" in str(refusal(server.url))


def test_of_an_answer_that_only_its_status_matters_of_not_much_is_read() -> None:
    class Counting(io.BytesIO):
        count = 0

        def read(self, size: int | None = -1) -> bytes:
            data = super().read(size)
            self.count += len(data)
            return data

    for length, expected in ((100, b"x" * 100), (10**6, b"")):
        body, response = Counting(b"x" * length), requests.Response()
        response.raw = urllib3.HTTPResponse(body, preload_content=False)
        assert beginning(response, lambda: None) == expected
        assert 0 < body.count <= 2 * 2**16


OK = b"HTTP/1.0 200 OK\r\n"


@pytest.mark.parametrize("head", [OK + b"Content-Length: 100000\r\n\r\n", OK + b"\r\n", OK + b"X-Endless: ", b""])
def test_deadline_holds_against_a_server_that_drips(server: Server, head: bytes) -> None:
    server.answers.append(dripping(head))
    error = refusal(server.url, limits=Limits(total_s=0.3))
    assert ("took longer than 0.3 s" in str(error), error.retryable) == (True, True)


def test_server_that_says_nothing_is_left(server: Server) -> None:
    server.answers.append(lambda request: time.sleep(0.5))
    assert "sent nothing" in str(refusal(server.url, limits=Limits(read_s=0.05, tries=1)))


def test_unreachable_server_is_tried_again_and_named() -> None:
    clock = Clock()
    error = refusal(f"http://user:{SECRET}@127.0.0.1:1/x?k={SECRET}#{SECRET}", sleep=clock.sleep, clock=clock)
    assert str(error) == "http://127.0.0.1:1/x cannot be reached: Connection refused"
    assert (len(clock.pauses), error.retryable) == (3, True)


def test_unknown_host_is_said() -> None:
    assert "unknown host" in str(refusal(f"http://no-such-host.invalid/?k={SECRET}", limits=Limits(tries=1)))


@pytest.mark.parametrize("value", [f"{SECRET}\n", f"a\r\nX: {SECRET}", f"{SECRET}€", f" {SECRET}", f"{SECRET}\x00"])
def test_header_that_cannot_be_sent_is_named_but_not_shown(server: Server, value: str) -> None:
    error = refusal(server.url, headers={"X-Api-Key": value})
    assert ("'X-Api-Key'" in str(error), server.asked) == (True, [])


def test_passwords_of_netrc_are_not_sent(server: Server, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "netrc").write_text(f"machine 127.0.0.1 login me password {SECRET}\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server.answers.append(says())
    fetch(server.url)
    assert server.asked[0].headers["Authorization"] is None


def test_next_page_is_found_in_the_link_header(server: Server) -> None:
    server.answers += [says(Link='</runs?page=2>; rel="next", </runs>; rel="first"'), says()]
    assert fetch(server.url + "/runs").next == server.url + "/runs?page=2"
    assert fetch(server.url + "/runs").next is None
