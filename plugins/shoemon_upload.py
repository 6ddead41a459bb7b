"""Take in exports and tracks, and make sources of them.

`/-/upload` takes a file: from the form there, and from phones and scripts that have the token. `/-/upload/NAME` shows
what a file holds that no source reads yet, asks what only the runner knows, and writes it into shoemon.yaml. Before
there is a configuration, the first file makes it.
"""

import asyncio
from typing import Any

from datasette import Response
from datasette.utils import tilde_decode
from pluggy import HookimplMarker

from shoemon.pages import rights
from shoemon.pages.rows import settings_of
from shoemon.pages.site import FAULTS, FILES, Site, not_allowed, see_other
from shoemon.pages.view import routes

hookimpl = HookimplMarker("datasette")

READ = ("activities", "shoes", "sources")
"""Readers who may not see all of these tables do not see this page."""
FORM = "upload"
"""The subject of the tokens of the forms of this page."""
NOT_HERE = "You may not send files here."


@hookimpl(optionalhook=True)
def skip_csrf(scope: Any) -> bool:
    """Check where files come from here: Datasette 0.65 would read them whole before, and fails at forms with files."""
    return FILES.match(scope["path"]) is not None


async def page(request: Any, datasette: Any) -> Any:
    """Show the form, and the files that wait; or take in a file."""
    site = Desked(datasette, request)
    if request.method == "POST":
        return await received(request, site)
    if request.method not in ("GET", "HEAD"):
        return not_allowed()
    return await site.refused(request) or await shown(request, site)


async def received(request: Any, site: "Desked") -> Any:
    """Take in the file of a form, or of a program."""
    if request.scope.get("shoemon_upload") is None:
        if site.desk is None or await site.rights.refusal(request) is not None:
            return await answered(request, site, NOT_HERE, 403)
        if not rights.from_our_page(request, site.desk.url):
            return await answered(request, site, rights.NO_FORM, 403)
    stored = await site.desk.uploads().receive(request)
    if stored.status >= 400:
        return await answered(request, site, stored.message, stored.status)
    if is_browser(request):
        if stored.source is None:
            return see_other(site.path("upload", stored.name))
        return see_other(site.path("upload"), done="stored" if stored.status == 201 else "known")
    data = {"done": stored.source is not None, "file": stored.name, "source": stored.source, "message": stored.message}
    return Response.json(data, status=stored.status, headers={"Cache-Control": "no-store"})


async def waiting(request: Any, datasette: Any) -> Any:
    """Show what a file holds, and write what reads it."""
    site, name = Desked(datasette, request), tilde_decode(request.url_vars["file"])
    if (refused := await site.refused(request)) is not None:
        return refused
    answers = {"do": "look", "unit": None, "zone": request.args.get("zone")}
    pairs = None
    if request.method == "POST":
        form, fault, status = await site.rights.sent(request, FORM)
        if fault is not None:
            return await shown(request, site, fault, status)
        answers = {key: form.get(key) for key in answers}
        pairs = [key.removeprefix("pair ") for key in form if key.startswith("pair ")]
    elif request.method not in ("GET", "HEAD"):
        return not_allowed()
    uploads, do = site.desk.uploads(), answers.pop("do")
    try:
        if do == "remove":
            await asyncio.to_thread(uploads.remove, name)
            return see_other(site.path("upload"), done="removed")
        if do == "look":
            found = await asyncio.to_thread(uploads.look, name, pairs, **answers)
            return await shown(request, site, name=name, found=found)
        done = await asyncio.to_thread(uploads.write, name, pairs or (), **answers)
    except FAULTS as error:
        return await shown(request, site, "\n".join((str(error), *getattr(error, "__notes__", ()))), 409)
    if site.is_first:
        return await shown(request, site, begun=done.message)
    return see_other(site.path("upload"), undo=str(done.undo), later="1")


async def answered(request: Any, site: "Desked", fault: str, status: int) -> Any:
    """Refuse a file."""
    if is_browser(request) and request.scope.get("shoemon_upload") is None:
        return await site.refused(request) or await shown(request, site, fault, status)
    return Response.json({"done": False, "message": fault}, status=status, headers={"Cache-Control": "no-store"})


async def shown(request: Any, site: "Desked", fault: str | None = None, status: int = 200, **more: Any) -> Any:
    """Render the page, with the error if there is one."""
    uploads = site.desk.uploads()
    values = {
        "fault": fault, "here": "home", "token": await site.rights.token(FORM),
        "waiting": await asyncio.to_thread(uploads.waiting), "most_mb": uploads.most / 1e6, **more,
    }  # fmt: skip
    if site.name:
        values["settings"] = await site.read(site.name, settings_of)
    response = await site.page(
        request, "shoemon_upload.html", site.name, values, status=status, forms=True, store=False
    )
    if "begun" in more:
        response.headers["Refresh"] = f"6; url={site.datasette.urls.instance()}"
    return response


def is_browser(request: Any) -> bool:
    return "text/html" in request.headers.get("accept", "")


class Desked(Site):
    """The pages of one home, or of the beginning, before there is any."""

    @property
    def is_first(self) -> bool:
        return not self.desks and self.desk is not None

    @property
    def desk(self) -> Any:
        return super().desk or getattr(self.datasette, "shoemon_begin", None)

    @property
    def rights(self) -> rights.Rights:
        return rights.Rights(self.desk, self.desk.may_edit) if self.is_first else super().rights

    async def refused(self, request: Any) -> Any:
        """Answer who may not send files; None for who may."""
        if not self.is_first and await self.database(request, READ) is None:
            return await self.missing(request, "No runs here", "There is no database of runs that you may see.")
        if (why := await self.rights.refusal(request)) is None:
            return None
        page = {"title": "Drop an export", "words": f"{NOT_HERE} {why}"}
        return await self.page(request, "shoemon_missing.html", self.name, page, status=403)


register_routes = routes({"upload": page, "upload/(?P<file>[^/]+)": waiting})
