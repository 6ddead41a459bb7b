"""Which addresses are never talked to, in every spelling, and what of an address is shown."""

import socket
from typing import Any

import pytest

from shoemon.net.addresses import LinkLocalError, is_refused, literal, refuse_link_local, server_of, shown

METADATA = (
    "169.254.169.254", "169.254.169.254.", "2852039166", "0xa9fea9fe", "0xA9.0xFE.0xA9.0xFE", "0251.0376.0251.0376",
    "169.254.43518", "169.16689662", "0251.254.0xa9.254", "①⑥⑨.254.169.254", "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]", "[0:0:0:0:0:ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "[::169.254.169.254]", "[2002:a9fe:a9fe::1]",
    "169.254.0.1", "[fe80::1]", "[fe80::1%25lo]", "[FE80::1]", "[febf::1]", "[fd00:ec2::254]", "[fd00:0ec2:0:0:0:0:0:254]",
)  # fmt: skip
ALLOWED = ("127.0.0.1", "192.168.1.20", "10.0.0.1", "172.16.0.1", "::1", "fd12::1", "8.8.8.8", "169.253.1.1", "fec0::1")


def unasked(host: str, *arguments: Any, **settings: Any) -> list[Any]:
    raise AssertionError(f"{host} was looked up")


@pytest.mark.parametrize("host", METADATA)
def test_link_local_addresses_are_refused_in_every_spelling_and_nobody_is_asked(host: str) -> None:
    with pytest.raises(LinkLocalError):
        refuse_link_local(host, unasked)


def test_a_name_that_leads_to_a_link_local_address_is_refused() -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("192.168.1.20", "169.254.169.254")]
    with pytest.raises(LinkLocalError):
        refuse_link_local("innocent.example", lambda *arguments, **settings: found)


@pytest.mark.parametrize("address", ALLOWED)
def test_the_own_network_and_the_world_are_allowed(address: str) -> None:
    found = literal(address)
    assert found is not None and not is_refused(found)


@pytest.mark.parametrize(
    "name", ["example.org", "localhost", "", "1.2.3.4.5", "10 words", "a\x00", "fe80", "0x", "256.1.1.1"]
)
def test_a_name_is_no_address(name: str) -> None:
    assert literal(name) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://me:pw@host.example:8443/a/b.csv?key=1#x", "https://host.example:8443/a/b.csv"),
        ("http://[::1]:80/a", "http://[::1]:80/a"),
        ("http://host:bad/", "the address"),
    ],
)
def test_only_harmless_parts_of_an_address_are_shown(url: str, expected: str) -> None:
    assert shown(url) == expected


def test_of_a_server_even_less_is_shown() -> None:
    assert server_of("https://me:pw@host.example:8443/token?key=1#x") == "https://host.example:8443"
