"""Decide who may run SQL of one's own on databases of shoemon, and run it where it can do no harm.

Who may edit may, but never by a request that another site caused: any page on the web can make its reader's browser
send one, as by `<img src="http://127.0.0.1:...">`. It sees no answer, but the statement would run. Nor by one of an
assistant, which gets no record as it came. Nobody changes a database of shoemon through Datasette. Databases that are
not shoemon's are not affected.
"""

import sqlite3
from typing import Any

from pluggy import HookimplMarker

from shoemon.pages.own_sql import LIMITS, own, texts_of, watch
from shoemon.pages.rights import WRITING
from shoemon.pages.rows import rows_of, tables_and_views
from shoemon.pages.site import MARKS, Site
from shoemon.pages.visit import present

hookimpl = HookimplMarker("datasette")

ACTION = "execute-sql"


@hookimpl
def asgi_wrapper(datasette: Any) -> Any:
    """Note the statements that come with a request, and see that they run in a process of their own."""

    def wrapped(app: Any) -> Any:
        async def noting(scope: Any, receive: Any, send: Any) -> None:
            token = own.set(texts_of(scope.get("query_string", b"")))
            try:
                for name in await Site(datasette).known() if own.get() else ():
                    watch(datasette, datasette.databases[name])
                await app(scope, receive, send)
            finally:
                own.reset(token)

        return noting

    return wrapped


@hookimpl
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Limit what a statement may ask of a database of shoemon; rows with the longest record stay readable."""
    rows = rows_of(conn)
    if tables_and_views(rows).keys() >= set(MARKS):
        longest = rows("SELECT max(length(CAST(raw AS BLOB))) AS bytes FROM activities")[0]["bytes"] or 0
        for limit, value in LIMITS.items():
            conn.setlimit(limit, max(value, 2 * longest) if limit == sqlite3.SQLITE_LIMIT_LENGTH else value)


@hookimpl(trylast=True)
def permission_allowed(datasette: Any, actor: Any, action: str, resource: Any) -> Any:
    """Refuse on Datasette 0.65, where the last answer counts."""
    if action != ACTION:
        return None

    async def refuse() -> bool | None:
        return False if resource in await refused(datasette, actor, action) else None

    return refuse


@hookimpl
def permission_resources_sql(datasette: Any, actor: Any, action: str) -> Any:
    """Refuse on Datasette 1.0, where a refusal for one database overrides permissions."""
    if action not in (ACTION, *WRITING):
        return None

    async def refuse() -> Any:
        from datasette.permissions import PermissionSQL

        names = {f"shoemon_sql_{number}": name for number, name in enumerate(await refused(datasette, actor, action))}
        reason = "'SQL is for who may edit, and changes nothing'"
        rows = [f"SELECT :{key} AS parent, NULL AS child, 0 AS allow, {reason} AS reason" for key in names]
        return PermissionSQL(sql=" UNION ALL ".join(rows), params=names) if rows else None

    return refuse()


async def refused(datasette: Any, actor: Any, action: str) -> list[str]:
    """List the databases of shoemon on which the reader may not do this, and the one in memory that joins all."""
    site = Site(datasette)
    ours = await site.known()
    nobody = present().foreign or present().assistant or action in WRITING
    names = [name for name in ours if nobody or not await site.may_edit(actor, name)]
    return [*names, "_memory"] if ours and datasette.crossdb else names
