"""The manual: its contents and its chapters, the same text as `shoemon help` prints.

Serves `/-/manual/` and `/-/manual/CHAPTER`. It contains no personal data, so it needs no database.
"""

from typing import Any

from shoemon.pages.manual import CONTENTS, chapters, html
from shoemon.pages.site import Site
from shoemon.pages.view import routes


async def page(request: Any, datasette: Any) -> Any:
    site = Site(datasette, request)
    database = await site.database(request, ())
    name = request.url_vars["name"]
    if database is None and await site.ours():
        return await site.missing(request, "No manual here", "There is no database of runs that you may see.")
    if name and name not in chapters():
        return await site.missing(request, "No such chapter", f"The manual has no chapter {name}.")
    text, headings = html(name or CONTENTS, site.path("manual", ""))
    shown = {"here": "manual", "name": name, "text": text, "headings": headings, "chapters": chapters()}
    return await site.page(request, "shoemon_manual.html", database or "", shown)


register_routes = routes({r"manual(/(?P<name>\w*))?": page})
