"""Register the templates, styles and scripts in the folders beside this file with Datasette.

Datasette finds such folders by itself only for installed plugins; these are loaded from a folder.
"""

import hashlib
from functools import partial
from pathlib import Path
from typing import Any

from datasette import Response
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader
from pluggy import HookimplMarker

from shoemon.pages.site import Site
from shoemon.words.commands import command

hookimpl = HookimplMarker("datasette")

HERE = Path(__file__).resolve().parent
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
}
STATIC = {
    file.name: (KINDS[file.suffix], file.read_bytes())
    for file in sorted((HERE / "static").iterdir())
    if file.suffix in KINDS
}
VERSION = hashlib.sha256(b"".join(content for _, content in STATIC.values())).hexdigest()[:12]


@hookimpl
def prepare_jinja2_environment(env: Any, datasette: Any) -> None:
    """Add the templates beside this file before all others: one of them extends the footer of every page, which it
    includes as `behind:`, with OpenStreetMap's notice. The user's own come first, so that they can replace ours."""
    own = [datasette.template_dir] if datasette.template_dir else []
    behind = PrefixLoader({"behind": env.loader}, delimiter=":")
    env.loader = ChoiceLoader([FileSystemLoader([*own, HERE / "templates"]), behind, env.loader])
    env.globals["shoemon_version"] = VERSION
    env.globals["shoemon_command"] = partial(command, anywhere=True)
    env.globals["shoemon_databases"] = Site(datasette).ours
    env.globals["may_log_in"] = partial(may_log_in, datasette)


@hookimpl
def register_routes() -> list[tuple[str, Any]]:
    """The files by their names, and no other file."""
    names = "|".join(name.replace(".", r"\.") for name in STATIC)
    return [(rf"^/-/shoemon/(?P<name>{names})$", static)]


def static(request: Any) -> Any:
    """Serve one of the files. Its address changes with its content, so a browser may cache it for good."""
    kind, content = STATIC[request.url_vars["name"]]
    caching = "public, max-age=31536000, immutable" if request.args.get("v") == VERSION else "no-cache"
    headers = {"Cache-Control": caching, "X-Content-Type-Options": "nosniff"}
    return Response(content, headers=headers, content_type=kind)


@hookimpl(tryfirst=True)
def actor_from_request(request: Any) -> Any:
    """Whom a proxy has signed in, or who sits at this machine. Only the door of shoemon.web can note it."""
    return request.scope.get("shoemon_actor")


@hookimpl
def menu_links(datasette: Any, actor: Any) -> list[dict[str, str]]:
    """Link to the login page, where there is one; Datasette itself links out of it."""
    return [{"href": datasette.urls.path("/-/login"), "label": "Log in"}] if may_log_in(datasette, actor) else []


def may_log_in(datasette: Any, actor: Any) -> bool:
    """Whether the reader is not signed in, and can be by a password."""
    return bool(not actor and getattr(datasette, "shoemon_sign_in", None) and datasette.shoemon_sign_in.accounts)


@hookimpl
def extra_css_urls(datasette: Any, view_name: str, database: str | None) -> Any:
    """Lay out the descriptions of columns side by side, so that the rows are visible without scrolling."""

    async def urls() -> list[str]:
        ours = view_name == "table" and database and await Site(datasette).is_ours(database)
        return [f"/-/shoemon/tables.css?v={VERSION}"] if ours else []

    return urls
