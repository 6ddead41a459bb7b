"""Who can reach the pages by the settings under `web`, and what is missing there. Pure."""

import ipaddress
from collections.abc import Collection, Iterator
from urllib.parse import urlsplit

from shoemon.config.models import WebSettings
from shoemon.pages.visit import is_loopback


def leads_elsewhere(web: WebSettings, host: str, port: int) -> bool:
    """Whether by the settings the pages on `host` and `port` are reached by another way too, as a reverse proxy on this
    machine: requests that come that way seem to come from this machine."""
    if web.base_url != "/" or web.hosts or web.user_header:
        return True
    url = urlsplit(web.url or "")
    if url.hostname is None or is_loopback(url.hostname):
        return False
    # A name of this machine, at the same port that listens for others, is no other way.
    return is_loopback(host) or url.scheme != "http" or (url.port or 80) != port


def refusal(web: WebSettings, host: str, port: int) -> str | None:
    """Explain why `serve` does not start on `host` and `port`, if nobody has to sign in: others can read everything."""
    if web.public or (is_loopback(host) and not leads_elsewhere(web, host, port)):
        return None
    return (
        "others can reach these pages, and nobody has to sign in. Set a password under web in shoemon.yaml: password: "
        "{env: SHOEMON_PASSWORD}; or let a proxy sign in, by user_header and trusted; or set public: true if everybody "
        "may read"
    )


def clash(base_url: str, names: Collection[str]) -> str | None:
    """Explain why the pages cannot be below `base_url`, beside the databases `names`."""
    first = base_url.strip("/").partition("/")[0]
    if not first or first not in ("-", *names):
        return None
    return f"{base_url!r} begins as the address of a page or database does; choose another path, such as /shoes-here/"


def warnings(web: WebSettings) -> Iterator[str]:
    """What is missing under `web`, or opens more than it seems."""
    is_asked, is_proxied = web.password or web.user_header or web.datasette, leads_elsewhere(web, web.host, web.port)
    if not is_asked and (why := refusal(web, web.host, web.port)) is not None:
        yield f"`serve` does not start: {why}"
    if (web.hosts or web.base_url != "/" or web.user_header) and web.url is None:
        yield "web.url is missing: the address that you open; without it messages have no links"
    if web.password and is_proxied and not web.trusted:
        yield (
            "web.trusted is missing: the address of the proxy; without it all who come through it count as one, who "
            "waits after five wrong passwords"
        )
    if web.local and not is_asked:
        yield "web.local does nothing, as nobody has to sign in"
    elif web.local and is_proxied:
        yield "web.local lets everybody in who comes through a proxy on this machine that adds no header"
    for network in map(ipaddress.ip_network, web.trusted):
        if network.prefixlen < (24 if network.version == 4 else 64):
            yield f"web.trusted: every machine in {network} can sign in as anybody; name the proxy's own address"
