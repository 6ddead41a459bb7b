"""Refuse SQL in requests that another site caused.

Any page on the web can make its reader's browser send a request to these pages, as by `<img src="http://127.0.0.1:...">`.
It sees no answer, but the statement would run. Browsers mark each request with the site that caused it
(Sec-Fetch-Site); Datasette checks the permission `execute-sql` before it runs a statement of a reader, and this plugin
refuses it. Databases that are not shoemon's are not affected.
"""

from contextvars import ContextVar
from typing import Any

from pluggy import HookimplMarker

from shoemon.pages.site import Site

hookimpl = HookimplMarker("datasette")

ACTION = "execute-sql"
OTHER_SITES = (b"cross-site", b"same-site")
caused_elsewhere: ContextVar[bool] = ContextVar("shoemon_caused_elsewhere", default=False)
"""True while answering a request that another site caused."""


@hookimpl
def asgi_wrapper() -> Any:
    """Note for each request whether another site caused it."""

    def wrapped(app: Any) -> Any:
        async def noting(scope: Any, receive: Any, send: Any) -> None:
            sites = [value.strip().lower() for name, value in scope.get("headers", ()) if name == b"sec-fetch-site"]
            token = caused_elsewhere.set(any(site in OTHER_SITES for site in sites))
            try:
                await app(scope, receive, send)
            finally:
                caused_elsewhere.reset(token)

        return noting

    return wrapped


@hookimpl(trylast=True)
def permission_allowed(datasette: Any, action: str, resource: Any) -> Any:
    """Refuse on Datasette 0.65, where the last answer counts."""
    if action != ACTION or not caused_elsewhere.get():
        return None

    async def refuse() -> bool | None:
        return False if resource in await guarded(datasette) else None

    return refuse


@hookimpl
def permission_resources_sql(datasette: Any, action: str) -> Any:
    """Refuse on Datasette 1.0, where a refusal for one database overrides permissions."""
    if action != ACTION or not caused_elsewhere.get():
        return None

    async def refuse() -> Any:
        from datasette.permissions import PermissionSQL

        names = {f"shoemon_sql_{number}": name for number, name in enumerate(await guarded(datasette))}
        reason = "'SQL is not run for other sites'"
        rows = [f"SELECT :{key} AS parent, NULL AS child, 0 AS allow, {reason} AS reason" for key in names]
        return PermissionSQL(sql=" UNION ALL ".join(rows), params=names) if rows else None

    return refuse()


async def guarded(datasette: Any) -> list[str]:
    """List the databases of shoemon, and the one in memory if statements may join all of them."""
    ours = await Site(datasette).ours()
    return [*ours, "_memory"] if ours and datasette.crossdb else ours
