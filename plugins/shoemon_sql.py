"""Who may run SQL of their own: nobody by a request that another site caused.

Any page on the web can make its reader's browser ask these pages for something, as by `<img src="http://127.0.0.1:...">`.
It sees no answer, but a statement would be run. Browsers say of each request which site caused it (Sec-Fetch-Site);
Datasette asks for its permission `execute-sql` wherever it would run what a reader wrote, and here it is refused.
Databases that are not shoemon's are left alone.
"""

from contextvars import ContextVar
from typing import Any

from pluggy import HookimplMarker

from shoemon.pages.site import Site

hookimpl = HookimplMarker("datasette")

ACTION = "execute-sql"
OTHER_SITES = (b"cross-site", b"same-site")
caused_elsewhere: ContextVar[bool] = ContextVar("shoemon_caused_elsewhere", default=False)
"""Whether another site caused the request that is being answered."""


@hookimpl
def asgi_wrapper() -> Any:
    """Notes of each request who caused it."""

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
    """Refuses it on Datasette 0.65, where the last answer counts."""
    if action != ACTION or not caused_elsewhere.get():
        return None

    async def refuse() -> bool | None:
        return False if resource in await guarded(datasette) else None

    return refuse


@hookimpl
def permission_resources_sql(datasette: Any, action: str) -> Any:
    """Refuses it on Datasette 1.0, where a refusal for one database wins over all that allows."""
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
    """The databases of shoemon, and the one in memory where statements may join all of them."""
    ours = await Site(datasette).ours()
    return [*ours, "_memory"] if ours and datasette.crossdb else ours
