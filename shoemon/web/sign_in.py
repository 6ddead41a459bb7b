"""Read from the settings who has to sign in, and by what: a password, or the header of a proxy."""

import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shoemon.config.load import Config
from shoemon.pages.visit import address_of
from shoemon.store.ticket_key import desk_key

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class SignIn:
    """How readers sign in. Without any of it, nobody has to."""

    accounts: Mapping[str, str] = field(default_factory=dict)
    """Name to the hash of a password, in the form of datasette-auth-passwords."""
    readers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Name to the token by which programs read as that runner."""
    header: str | None = None
    """The header in which a proxy names whom it has signed in, in lower case."""
    trusted: tuple[Network, ...] = ()
    """The addresses of that proxy: headers from there are believed."""
    local: str | None = None
    """As whom this machine passes without signing in; None if it has to."""
    public: bool = False
    """Everybody may read."""
    url: str | None = None
    """Where readers open the pages."""
    secret: str = field(default_factory=secrets.token_hex, repr=False)
    """Signs the cookies. It changes with every password, so that cookies of an old one are no longer valid."""

    @property
    def is_asked(self) -> bool:
        return bool(self.accounts or self.header)

    def admits(self, name: str, password: str) -> bool:
        """Check a password. It takes some tenths of a second, for unknown names too."""
        from datasette_auth_passwords.utils import verify_password

        known = self.accounts.get(name)
        is_right = verify_password(password, known or next(iter(self.accounts.values())))
        return known is not None and bool(is_right)

    def reader(self, token: str) -> str | None:
        """The name of the runner as whom a program with this token reads. It takes the same time for any wrong one."""
        sent = token.encode("utf-8", "replace")
        right = [name for name, own in self.readers.items() if hmac.compare_digest(own.encode(), sent)]
        return right[0] if right and token else None

    def trusts(self, scope: Any) -> bool:
        """Check that a request comes from the proxy."""
        peer = address_of(_peer(scope))
        return peer is not None and any(peer in network for network in self.trusted)

    def asker(self, scope: Any) -> str:
        """The address of who asks, by the proxy if a trusted one passes the request on; of IPv6 the network, in which
        one machine can have any address."""
        forwarded = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        is_passed_on = forwarded and self.trusts(scope)
        peer = forwarded[-1].decode("latin-1").rpartition(",")[2].strip() if is_passed_on else _peer(scope)
        address = address_of(peer)
        return str(ipaddress.ip_network((address, 64), strict=False) if address and address.version == 6 else address)


def sign_in_of(homes: Mapping[str, Config]) -> SignIn:
    """The sign-in of `homes`, by their runners' names: the first one's settings, and an account for each password.

    Raises ShoemonError if a secret or state.db cannot be read.
    """
    first = next(iter(homes.values()))
    web, key = first.main.web, desk_key(first.state_database)
    named = homes if len(homes) > 1 else {web.user: first}
    accounts = {
        name: password_hash(name, home.main.web.password.reveal(home.directory), key)
        for name, home in named.items()
        if home.main.web.password is not None
    }
    readers = {
        name: home.main.web.read_token.reveal(home.directory)
        for name, home in named.items()
        if home.main.web.read_token is not None
    }
    return SignIn(
        accounts=accounts,
        readers=readers,
        header=web.user_header and web.user_header.lower(),
        trusted=tuple(ipaddress.ip_network(each) for each in web.trusted),
        local=next(iter(named)) if web.local else None,
        public=web.public,
        url=web.url,
        secret=_keyed(key, repr(sorted(accounts.items()))),
    )


def password_hash(name: str, password: str, key: bytes) -> str:
    """Hash the password of `name`. The salt comes from `key`, so that the same password has the same hash after a
    restart, and cookies stay valid."""
    from datasette_auth_passwords.utils import hash_password

    return str(hash_password(password, salt=_keyed(key, name)[:32]))


def _peer(scope: Any) -> str:
    return str((scope.get("client") or ("",))[0])


def _keyed(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
