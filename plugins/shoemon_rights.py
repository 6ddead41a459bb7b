"""Give and refuse the rights to databases of shoemon: the action `shoemon-edit`.

Who may edit may write on the pages, and run SQL of one's own. Permissions of Datasette can give and refuse it; by
default each has it who is signed in and, where no sign-in is set, who sits at the machine that serves the pages.
"""

from typing import Any

from pluggy import HookimplMarker

from shoemon.pages.site import EDIT, Site
from shoemon.pages.visit import during

hookimpl = HookimplMarker("datasette")


@hookimpl
def asgi_wrapper() -> Any:
    """Note where each request comes from."""

    def wrapped(app: Any) -> Any:
        async def noting(scope: Any, receive: Any, send: Any) -> None:
            with during(scope):
                await app(scope, receive, send)

        return noting

    return wrapped


@hookimpl
def register_actions() -> list[Any]:
    """The action, on Datasette 1.0."""
    from datasette.permissions import Action
    from datasette.resources import DatabaseResource

    words = "Write on the pages of shoemon, and run SQL of one's own"
    return [Action(name=EDIT, description=words, resource_class=DatabaseResource, also_requires="view-database")]


@hookimpl
def permission_resources_sql(datasette: Any, actor: Any, action: str) -> Any:
    """Give the action by default on Datasette 1.0; permissions for it override that."""
    if action != EDIT or EDIT in ((datasette.config or {}).get("permissions") or {}):
        return None

    async def give() -> Any:
        from datasette.permissions import PermissionSQL

        site = Site(datasette)
        mine = [name for name in await site.ours() if site.edits_by_default(actor, name)]
        names = {f"shoemon_edit_{number}": name for number, name in enumerate(mine)}
        rows = [f"SELECT :{key} AS parent, NULL AS child, 1 AS allow, 'let in' AS reason" for key in names]
        return PermissionSQL(sql=" UNION ALL ".join(rows), params=names) if rows else None

    return give()


@hookimpl(tryfirst=True)
def permission_allowed(datasette: Any, actor: Any, action: str, resource: Any) -> Any:
    """Give the action by default on Datasette 0.65, where the last answer counts."""
    return True if action == EDIT and Site(datasette).edits_by_default(actor, resource) else None
