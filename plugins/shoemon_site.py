"""What all pages share: whose database it is, who may see what, the head and foot around a page, and how figures are
written. Other plugins find it as `datasette.shoemon_site`.

Numbers are written as the reader's browser asks for (Accept-Language), distances in the runner's unit, times in the
runner's zone. Nothing on a page comes from another host, and no script runs but the ones beside this file: the
Content-Security-Policy names each answer's own by a nonce.
"""

import re
import secrets
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.numbers import format_decimal
from datasette import Response
from datasette.utils import tilde_encode
from pluggy import HookimplMarker

hookimpl = HookimplMarker("datasette")

POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; connect-src 'self'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action {forms}; frame-ancestors 'self'"
)
HEADERS = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-cache",
    "Vary": "Accept-Language, Cookie",
}
METRES = {"km": 1000.0, "mi": 1609.344}


@hookimpl
def startup(datasette: Any) -> None:
    """Lets the plugins of the pages find what they share."""
    datasette.shoemon_site = Site(datasette)


class Site:
    """The pages of one Datasette."""

    def __init__(self, datasette: Any) -> None:
        self.datasette = datasette

    async def database(self, request: Any, tables: Sequence[str]) -> str | None:
        """The first database of shoemon in which the reader may see all of `tables`, or None."""
        for database in self.datasette.databases:
            if await self.may_see(request.actor, database, tables) and await self.is_ours(database, tables):
                return str(database)
        return None

    async def is_ours(self, database: str, tables: Sequence[str] = ()) -> bool:
        """Whether a database is one of shoemon, with these tables."""

        def has(conn: sqlite3.Connection) -> bool:
            names = {name for (name,) in map(tuple, conn.execute("SELECT name FROM sqlite_master"))}
            return {*tables, "_meta", "shoe_wear"} <= names

        return bool(await self.datasette.get_database(database).execute_fn(has))

    async def may_see(self, actor: Any, database: str, tables: Sequence[str]) -> bool:
        """Whether the reader may see every one of these tables."""
        datasette = self.datasette
        if not hasattr(datasette, "allowed"):
            return all([await self.may_065(actor, "view-table", (database, table)) for table in tables])
        from datasette.resources import DatabaseResource, TableResource

        asked = [("view-instance", None), ("view-database", DatabaseResource(database))]
        asked += [("view-table", TableResource(database, table)) for table in tables]
        return all([await datasette.allowed(action=action, resource=what, actor=actor) for action, what in asked])

    async def may_065(self, actor: Any, action: str, resource: tuple[str, str]) -> bool:
        """Whether the reader may see a table or query, the database and the instance, as Datasette 0.65 asks it."""
        asked = [(action, resource), ("view-database", resource[0]), "view-instance"]
        return bool((await self.datasette.check_visibility(actor, permissions=asked))[0])

    async def queries(self, actor: Any, database: str) -> dict[str, str]:
        """Title by name of the ready-made queries the reader may see."""
        datasette = self.datasette
        if hasattr(datasette, "list_queries"):
            found = (await datasette.list_queries(database, actor=actor)).queries
            return {query.name: query.title or query.name for query in found}
        known = (await datasette.get_canned_queries(database, actor)).items()
        return {
            name: query.get("title") or name
            for name, query in known
            if await self.may_065(actor, "view-query", (database, name))
        }

    async def read(self, database: str, read: Callable[[sqlite3.Connection], Any]) -> Any:
        """What `read` makes of the database, all of it as of one moment."""

        def in_one_moment(conn: sqlite3.Connection) -> Any:
            conn.execute("BEGIN")
            try:
                return read(conn)
            finally:
                conn.execute("ROLLBACK")

        return await self.datasette.get_database(database).execute_fn(in_one_moment)

    async def page(
        self,
        request: Any,
        template: str,
        database: str,
        page: dict[str, Any],
        *,
        status: int = 200,
        forms: bool = False,
    ) -> Any:
        """A page made of `template`; `page["state"]` has what `_meta` knows: `units`, `timezone`. `forms`: it may send
        forms to us."""
        nonce = secrets.token_urlsafe(16)
        values = {"database": database, "nonce": nonce, "queries": await self.queries(request.actor, database), **page}
        values |= written(page.get("state", {}), request.headers.get("accept-language", ""))
        html = await self.datasette.render_template([template], values, request=request)
        policy = POLICY.format(nonce=nonce, forms="'self'" if forms else "'none'")
        return Response.html(html, status=status, headers={**HEADERS, "Content-Security-Policy": policy})

    async def missing(self, request: Any, title: str, words: str, status: int = 404) -> Any:
        """A page that says what is not there, and leads on."""
        database = await self.database(request, ()) or ""
        page = {"title": title, "words": words}
        return await self.page(request, "shoemon_missing.html", database, page, status=status)

    def path(self, *steps: str) -> str:
        """The address of one of our pages: `path("shoe", id)`."""
        return str(self.datasette.urls.path("/-/" + "/".join(map(tilde_encode, steps))))


@hookimpl
def prepare_jinja2_environment(env: Any) -> None:
    """Gives the templates the addresses of our pages."""
    env.filters["shoemon_key"] = lambda text: tilde_encode(str(text))


def written(state: dict[str, Any], accepted: str) -> dict[str, Any]:
    """How figures are written for this reader: functions for the templates, of metres, shares and moments."""
    unit = "mi" if state.get("units") == "mi" else "km"
    locale, metres_in, zone = locale_of(accepted[:200]), METRES[unit], zone_of(state.get("timezone"))

    def plain(number: float, digits: int = 0) -> str:
        """A number; up to `digits` decimals."""
        return str(format_decimal(number, format="#,##0." + "#" * digits if digits else "#,##0", locale=locale))

    def number(metres: float) -> str:
        """Metres in the unit, without its name: a decimal below 100."""
        return plain(round(metres / metres_in, 0 if abs(metres) >= 100 * metres_in else 1), 1)

    def money(amount: float) -> str:
        """An amount, with cents."""
        return str(format_decimal(amount, format="#,##0.00", locale=locale))

    def moment(text: str | None) -> str:
        """A moment of UTC in the runner's zone, as `12 Mar 2026, 07:15`."""
        try:
            at = datetime.fromisoformat(text or "").replace(tzinfo=UTC).astimezone(zone)
        except ValueError:
            return text or ""
        return f"{at.day} {at:%b} {at.year}, {at:%H:%M}"

    return {
        "unit": unit, "metres_in": metres_in, "locale": str(locale).replace("_", "-"), "number": number, "plain": plain,
        "percent": lambda share: plain(100 * (share or 0.0)), "moment": moment, "money": money,
    }  # fmt: skip


@lru_cache(maxsize=256)
def locale_of(accepted: str) -> Locale:
    """The first locale of an Accept-Language header that is known; English if none is."""
    asked: list[tuple[float, int, str]] = []
    for part in accepted.split(","):
        tag, _, rest = part.partition(";")
        weight = re.fullmatch(r"\s*q=([0-9.]+)\s*", rest)
        try:
            asked.append((-float(weight[1]) if weight else -1.0, len(asked), tag.strip()))
        except ValueError:
            continue
    for preferred, _, tag in sorted(asked):
        try:
            if preferred < 0:
                return Locale.parse(tag, sep="-")
        except (ValueError, UnknownLocaleError, TypeError):
            continue
    return Locale("en")


def zone_of(name: str | None) -> Any:
    """The runner's zone; UTC while it is not known."""
    try:
        return ZoneInfo(name) if name else UTC
    except (OSError, ValueError, KeyError):
        return UTC
