"""Give and refuse the rights to databases of shoemon: the action `shoemon-edit`, and homes that are private.

Who may edit may write on the pages, and run SQL of one's own. Permissions of Datasette can give and refuse it; by
default each has it who is signed in and, where no sign-in is set, who sits at the machine that serves the pages. Who
may not see the instance may see no part of it, and a private home is for its own runner. Databases that are not
shoemon's are not affected.
"""

from typing import Any

from pluggy import HookimplMarker

from shoemon.pages.rights import permitted
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
    from datasette.permissions import Action
    from datasette.resources import DatabaseResource

    words = "Write on the pages of shoemon, and run SQL of one's own"
    return [Action(name=EDIT, description=words, resource_class=DatabaseResource, also_requires="view-database")]


@hookimpl
def permission_resources_sql(datasette: Any, actor: Any, action: str) -> Any:
    """Decide on Datasette 1.0, where a refusal for one database overrides permissions."""
    if not datasette.actions[action].takes_parent:
        return None

    async def decide() -> Any:
        from datasette.permissions import PermissionSQL

        site = Site(datasette)
        is_let_in = await datasette.allowed(action="view-instance", actor=actor)
        rules = [(name, False) for name in (site.closed(actor) if is_let_in else await site.ours())]
        if action == EDIT and EDIT not in (datasette.config.get("permissions") or {}):  # it would be overridden
            rules += [(name, True) for name in await site.ours() if site.edits_by_default(actor, name)]
        names = {f"shoemon_right_{number}": name for number, (name, _) in enumerate(rules)}
        rows = [
            f"SELECT :{key} AS parent, NULL AS child, {allow:d} AS allow, 'rights of shoemon' AS reason"
            for key, (_, allow) in zip(names, rules, strict=True)
        ]
        return PermissionSQL(sql=" UNION ALL ".join(rows), params=names) if rows else None

    return decide()


@hookimpl(specname="permission_allowed")
def permit(datasette: Any, actor: Any, action: str, resource: Any) -> bool | None:
    """Carry out `permissions` on Datasette 0.65, which knows none, as 1.0 does."""
    return permitted(datasette.metadata(), actor, action, *named(resource))


@hookimpl(specname="permission_allowed", tryfirst=True)
def permit_by_default(datasette: Any, actor: Any, action: str, resource: Any) -> bool | None:
    """Give the action by default on Datasette 0.65, where the last answer counts."""
    return True if action == EDIT and Site(datasette).edits_by_default(actor, resource) else None


@hookimpl(specname="permission_allowed", trylast=True)
def refuse(datasette: Any, actor: Any, resource: Any) -> bool | None:
    """Refuse on Datasette 0.65, whatever was permitted."""
    return False if set(named(resource)[:1]) & set(Site(datasette).closed(actor)) else None


def named(resource: Any) -> list[str]:
    """The names of the database, and of its table or query, in a resource of Datasette 0.65."""
    parts = resource if isinstance(resource, tuple | list) else (resource,)
    return [str(part) for part in parts[:2] if part is not None]
