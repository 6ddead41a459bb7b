"""Large downloads: continued after a break, never glued, bounded, and compared with their checksum."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from kit import http_servers
from kit.mirror import Mirror, mirror

from shoemon.model.errors import ShoemonError
from shoemon.net.save import LIMITS, save

no_proxies = pytest.fixture(autouse=True)(http_servers.no_proxies)
BODY = bytes(range(256)) * 4_000
"""A megabyte."""
ONCE = LIMITS._replace(tries=1)


@pytest.fixture
def server() -> Iterator[Mirror]:
    with mirror() as served:
        served.publish("a.pbf", BODY)
        yield served


def kept(file: Path) -> dict[str, int]:
    return {each.name: each.stat().st_size for each in file.parent.iterdir() if each.suffix != ".note"}


def refused(server: Mirror, file: Path, largest: int = 10_000_000) -> str:
    with pytest.raises(ShoemonError) as caught:
        save(f"{server.url}/a.pbf", file, largest, limits=ONCE)
    return str(caught.value).replace(server.url, "SERVER").replace(str(file.parent), "FOLDER")


def test_a_download_continues_after_each_break(server: Mirror, tmp_path: Path) -> None:
    file, steps = tmp_path / "a.pbf", list[tuple[int, int]]()
    server.breaks = [300_000, 200_000]
    assert "stopped" in refused(server, file) and "stopped" in refused(server, file)
    assert kept(file) == {"a.pbf.part": 500_000}
    save(f"{server.url}/a.pbf", file, len(BODY), lambda *step: steps.append(step))
    assert file.read_bytes() == BODY and kept(file) == {"a.pbf": len(BODY)}
    assert [asked for path, asked in server.asked if path == "/a.pbf"] == ["", "bytes=300000-", "bytes=500000-"]
    assert steps[-1] == (len(BODY), len(BODY))


def test_one_call_tries_again_by_itself(server: Mirror, tmp_path: Path) -> None:
    server.breaks = [300_000]
    save(f"{server.url}/a.pbf", tmp_path / "a.pbf", 10_000_000)
    assert (tmp_path / "a.pbf").read_bytes() == BODY


def test_a_file_that_changed_meanwhile_is_begun_anew(server: Mirror, tmp_path: Path) -> None:
    file = tmp_path / "a.pbf"
    server.breaks = [300_000]
    refused(server, file)
    server.publish("a.pbf", BODY[::-1])
    save(f"{server.url}/a.pbf", file, 10_000_000)
    assert file.read_bytes() == BODY[::-1]


@pytest.mark.parametrize(
    ("checksum", "headers", "largest", "says"),
    [
        ("0" * 32, {}, 10**7, "SERVER/a.pbf has another checksum than SERVER/a.pbf.md5"),
        ("none", {}, 10**7, "SERVER/a.pbf has another checksum than SERVER/a.pbf.md5"),
        ("right", {}, 999_999, "SERVER/a.pbf has 1 MB, more than the 1 MB that are allowed"),
        ("right", {"Content-Length": ""}, 999_999, "SERVER/a.pbf sent more than 1 MB"),
        ("right", {"Content-Length": "1" + "0" * 17}, 10**18, "the download needs 100,000,000,000 MB, and 210 MB must"),
        ("right", {"Content-Encoding": "gzip"}, 10**7, "SERVER/a.pbf compressed its answer, which was not asked for"),
    ],
)
def test_what_is_refused_leaves_nothing(
    server: Mirror, tmp_path: Path, checksum: str, headers: dict[str, str], largest: int, says: str
) -> None:
    server.publish("a.pbf", BODY, checksum)
    server.headers = headers
    assert says in refused(server, tmp_path / "a.pbf", largest)
    assert kept(tmp_path / "a.pbf") == {}


@pytest.mark.parametrize(
    ("gone", "headers", "says", "stays"),
    [
        (True, {}, "SERVER/a.pbf was not found (status 404); check the address", {}),
        (False, {"Content-Range": "bytes 0-9/10"}, "SERVER/a.pbf continued with another file", {}),
        (False, {"ETag": '"another"'}, "SERVER/a.pbf continued with another file", {}),
        (False, {"Location": "http://a.example/"}, "", {"a.pbf": 1_024_000}),
    ],
)
def test_after_a_break_another_answer_is_never_glued_to_what_came(
    server: Mirror, tmp_path: Path, gone: bool, headers: dict[str, str], says: str, stays: dict[str, int]
) -> None:
    server.breaks = [300_000]
    refused(server, tmp_path / "a.pbf")
    if gone:
        server.files.clear()
    server.headers = headers
    if says:
        assert refused(server, tmp_path / "a.pbf") == says
    else:
        save(f"{server.url}/a.pbf", tmp_path / "a.pbf", 10**7, limits=ONCE)
    assert kept(tmp_path / "a.pbf") == stays


def test_a_file_without_a_checksum_is_taken(server: Mirror, tmp_path: Path) -> None:
    server.publish("a.pbf", BODY, None)
    save(f"{server.url}/a.pbf", tmp_path / "a.pbf", 10_000_000)
    assert (tmp_path / "a.pbf").read_bytes() == BODY


def test_a_checksum_that_was_away_is_compared_later_without_another_download(server: Mirror, tmp_path: Path) -> None:
    server.failing = {"/a.pbf.md5"}
    assert refused(server, tmp_path / "a.pbf") == "SERVER/a.pbf.md5 answered with status 503"
    server.failing, server.files["/a.pbf"] = set(), b""
    save(f"{server.url}/a.pbf", tmp_path / "a.pbf", 10_000_000)
    assert (tmp_path / "a.pbf").read_bytes() == BODY


def test_a_download_that_is_interrupted_is_kept(server: Mirror, tmp_path: Path) -> None:
    with pytest.raises(ShoemonError, match="was interrupted"):
        save(f"{server.url}/a.pbf", tmp_path / "a.pbf", 10_000_000, stopping=lambda: True)
    assert kept(tmp_path / "a.pbf") == {"a.pbf.part": 0}
