"""Make Datasette's own pages safe to leave open, where it serves a database of shoemon.

Every answer has the headers that our pages have, except those about other databases. Pages for debugging are for who
may edit, and no page shows a path of the machine.
"""

import logging
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

from datasette import Forbidden, Response
from datasette.utils.asgi import BadRequest
from pluggy import HookimplMarker

from shoemon.pages.site import FILES, HEADERS, Site
from shoemon.pages.visit import present

hookimpl = HookimplMarker("datasette")
log = logging.getLogger(__name__)

DEBUGGING = (
    r"^/-/(?P<page>actions|actor|allow-debug|allowed|api|check|config|create-token|databases|debug/autocomplete|messages|"
    r"metadata|patterns|permissions|plugins|rules|settings|tasks|threads|versions)(\.(?P<format>json))?$"
)
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
"""Datasette's own pages contain scripts and styles; our pages allow theirs by a nonce."""
ADDED = {
    b"x-content-type-options": HEADERS["X-Content-Type-Options"].encode(),
    b"referrer-policy": HEADERS["Referrer-Policy"].encode(),
    b"content-security-policy": POLICY.encode(),
}
MCP = r"^/-/mcp$"
"""Where datasette-mcp answers assistants, who see what readers see."""
MOST_IN_ADDRESS, MOST_FACETS, MOST_BRACKETS, MOST_IN_BODY = 8_000, 6, 300, 1_000_000
BLANKS = re.compile(r"\s{100}")
"""The limits of a request. Datasette runs a statement for each facet, and reads a whole body before it acts; it reads
blanks and brackets of a statement in a time that grows with the square of their number."""


@hookimpl
def asgi_wrapper(datasette: Any) -> Any:
    """Add the headers, and refuse requests that are too large to answer."""

    def wrapped(app: Any) -> Any:
        async def guarded(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http" or not await Site(datasette).concerns(scope):
                await app(scope, receive, send)
                return
            read, is_file = 0, FILES.search(scope["path"]) is not None

            async def receive_little() -> Any:
                nonlocal read
                message = await receive()
                read += len(message.get("body", b""))
                if read > MOST_IN_BODY and not is_file:
                    raise BadRequest("The body of the request is too large.")
                return message

            async def send_safely(message: Any) -> None:
                if message["type"] == "http.response.start":
                    given = {name.lower() for name, _ in message["headers"]}
                    added = [header for header in ADDED.items() if header[0] not in given]
                    message = {**message, "headers": [*message["headers"], *added]}
                await send(message)

            query = scope.get("query_string", b"").decode("latin-1")
            text = unquote_plus(query[:MOST_IN_ADDRESS])
            if scope["method"] not in ("GET", "HEAD") and "/-/" not in scope["path"]:
                # Datasette 0.65 fails at it; only forms and programs of `/-/` addresses write.
                await Response.text("This page is only to read.", status=405).asgi_send(send_safely)
                return
            slow = text.count("_facet") > MOST_FACETS or text.count("[") > MOST_BRACKETS or BLANKS.search(text)
            if slow or len(query) > MOST_IN_ADDRESS:
                await Response.text("The address is too long.", status=414).asgi_send(send_safely)
                return
            try:
                await app(scope, receive_little, send_safely)
            except BadRequest as error:
                await Response.text(str(error), status=413).asgi_send(send_safely)

        return guarded

    return wrapped


@hookimpl(tryfirst=True)
def register_routes() -> list[tuple[str, Any]]:
    return [(DEBUGGING, debugging), (MCP, assistants)]


async def debugging(request: Any, send: Any, datasette: Any) -> Any:
    """Pass the request on to Datasette if the reader may edit one of our databases, or none of ours is served."""
    site = Site(datasette)
    if ours := await site.known():
        if not any([await site.may_edit(request.actor, name) for name in ours]):
            raise Forbidden("This page is for who may edit")
        if (data := await without_paths(request, datasette)) is not None:
            from datasette.views.special import JsonDataView

            return await JsonDataView.as_view(datasette, "data.json", lambda: data)(request, send)
    return await passed_on(request, send, datasette)


async def assistants(request: Any, send: Any, datasette: Any) -> Any:
    """Pass the request on to datasette-mcp if the reader may see one of our databases, or none of ours is served."""
    site = Site(datasette)
    ours = await site.known()
    if ours and (present().foreign or not any([await site.may_see(request.actor, name, ()) for name in ours])):
        raise Forbidden("This page is for who may read")
    if ours and request.method == "GET":  # would stay open, as if there were news, and hold up the end of `serve`
        return Response.text("POST", status=405, headers={"Allow": "POST, DELETE"})
    return await passed_on(request, send, datasette)


async def passed_on(request: Any, send: Any, datasette: Any) -> Any:
    """Let Datasette, or another plugin, answer."""
    path = request.scope.get("route_path", request.path).partition("?")[0]
    for pattern, view in datasette._routes():
        if pattern.pattern not in (DEBUGGING, MCP) and (found := pattern.match(path)):
            request.scope = {**request.scope, "url_route": {"kwargs": found.groupdict()}}
            return await view(request, send)
    return Response.text("There is no such page.", status=404)


async def without_paths(request: Any, datasette: Any) -> Any:
    """What a page may show of those that show paths, or secrets of login plugins; None for the other pages."""
    page, is_065, site = request.url_vars["page"], not hasattr(datasette, "_databases_data"), Site(datasette)
    makers = {"threads": "_threads", "metadata": "metadata"} if is_065 else {"config": "_config"}
    if page in makers:
        data = {
            key: value for key, value in getattr(datasette, makers[page])().items() if key not in ("tasks", "plugins")
        }
        hidden = site.closed(request.actor)
        shown = {name: value for name, value in (data.get("databases") or {}).items() if name not in hidden}
        return {**data, **({"databases": shown} if shown else {})}
    if page != "databases":
        return None
    found = [row for row in datasette._connected_databases() if await site.may_see(request.actor, row["name"], ())]
    found = [{**row, "path": Path(row["path"] or "").name} for row in found]
    return found if is_065 else {"databases": found}


@hookimpl(tryfirst=True)
def handle_exception(datasette: Any, exception: Exception) -> None:
    """Log an error of a file, and take its folder out of the page that Datasette makes of it."""
    if isinstance(exception, OSError) and exception.filename and getattr(datasette, "shoemon_known", None):
        log.error("%s", exception)
        exception.filename = Path(str(exception.filename)).name
