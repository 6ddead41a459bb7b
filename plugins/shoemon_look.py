"""Register the templates, styles and scripts in the folders beside this file with Datasette.

Its own pages about databases of shoemon get our header, footer and styles, and what their markup lacks. Datasette finds
such folders by itself only for installed plugins; these are loaded from a folder.
"""

import hashlib
import re
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import datasette
from datasette import Response
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader
from jinja2.ext import Extension
from markupsafe import Markup
from pluggy import HookimplMarker

from shoemon.pages.site import UNREADABLE, Site
from shoemon.words.commands import command

hookimpl = HookimplMarker("datasette")

HERE = Path(__file__).resolve().parent
DATASETTES = str(Path(datasette.__file__).parent)
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

MENDS = (
    ('<p class="zero-results">0 re(cords|sults)</p>', '<p class="zero-results">There is nothing to show.</p>'),
    ("<html>", '<html lang="en">'),
    ('<section class="content">', '<section class="content" id="main" role="main">'),
    ("<h3", '<h3 aria-level="2"'),
    ('<select name="_filter_op', '<select aria-label="Comparison" name="_filter_op'),
    (r'<(select|input type="text") name="_(filter_)?(column|value|sort)', r'<\1 aria-label="\3" name="_\2\3'),
    (r"if \(sqlFormat && readOnly\)",
     r'editor && (editor.contentDOM || editor.getInputField()).setAttribute("aria-label", "SQL"); \g<0>'),
    ('<div class="table-wrapper">', '<div class="table-wrapper" tabindex="0" role="region" aria-label="Rows">'),
    # On a phone they would fill two screens before the first row.
    (r'(?s)<dl class="column-descriptions">.*?</dl>',
     r"<details><summary>What the columns mean</summary>\g<0></details>"),
    # Any rule outside a layer is stronger than all within, however exact they are.
    ("<style>", "<style>@layer datasette { "),
    ("</style>", "}</style>"),
    (r'<link[^>]*href="([^"]*app\.css[^"]*)"[^>]*>', r'''<style>@import url("\1") layer(datasette);</style>
{% include "shoemon_head.html" %}<link rel="stylesheet" href="{{ file("datasette.css") }}">'''),
)  # fmt: skip
"""What Datasette's own templates contain, and what pages about databases of shoemon have in place of it."""


class Mended(Extension):
    """Mend each of Datasette's own templates where it is loaded, for the pages about databases of shoemon only."""

    def preprocess(self, source: str, _name: str | None, filename: str | None = None) -> str:
        for found, mended in MENDS if str(filename).startswith(DATASETTES) else ():
            either = rf"{{% if shoemon_frame %}}{mended}{{% else %}}\g<0>{{% endif %}}"
            source = re.sub(found, either, source)
        return source


@hookimpl
def prepare_jinja2_environment(env: Any, datasette: Any) -> None:
    """Add the templates beside this file before all others: two of them extend the frame and the footer of Datasette's
    pages, as `behind:`. The user's own come first, so that they can replace ours."""
    own = [datasette.template_dir] if datasette.template_dir else []
    behind = PrefixLoader({"behind": env.loader}, delimiter=":")
    env.loader = ChoiceLoader([FileSystemLoader([*own, HERE / "templates"]), behind, env.loader])
    env.add_extension(Mended)
    env.globals["file"] = lambda name: f"{datasette.urls.path(f'/-/shoemon/{name}')}?v={VERSION}"
    env.globals["shoemon_command"] = partial(command, anywhere=True)
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
def extra_template_vars(datasette: Any, request: Any, template: str) -> Any:
    """Give the frame of ours to Datasette's own pages, except those about other databases."""

    async def frame() -> dict[str, Any]:
        if request is None or template.startswith("shoemon_") or not await Site(datasette).concerns(request.scope):
            return {}
        site, database = Site(datasette, request), None
        with suppress(*UNREADABLE):
            database = await site.database(request, ())
        if site.is_one_of_many and not site.asked:
            site.name, database = "", None
        page = {"database": database} if database else {}
        return {**page, **await site.frame(request, database), "shoemon_frame": True, "here": "database"}

    return frame


@hookimpl
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Any:
    """Show errors on a page that has our frame; Datasette itself asks no plugin for what that page contains."""

    async def page() -> Any:
        if request.path.endswith((".json", ".csv")) or not await Site(datasette).concerns(request.scope):
            return None
        message, status = getattr(exception, "message", None) or str(exception), getattr(exception, "status", 500)
        if getattr(exception, "message_is_html", False):
            message = Markup(message)  # noqa: S704 - Datasette wrote it, and says that it is HTML
        about = {"ok": False, "error": message, "status": status, "title": getattr(exception, "title", None)}
        html = await datasette.render_template([f"{status}.html", "error.html"], about, request=request)
        return Response.html(html, status=status)

    return page
