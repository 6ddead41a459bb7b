"""Find the databases that a reader may see, read them as of one moment, and render a page.

Nothing on a page comes from another host, and only the scripts in `plugins/static` run: the Content-Security-Policy
of each answer allows them by a nonce.
"""

import asyncio
import re
import secrets
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from datasette import Response
from datasette.utils import tilde_decode, tilde_encode
from datasette.views.base import DatasetteError

from shoemon.model.errors import ShoemonError
from shoemon.pages import dates
from shoemon.pages.rights import Rights
from shoemon.pages.rows import Rows, rows_of, tables_and_views
from shoemon.pages.units import written
from shoemon.pages.visit import present
from shoemon.words.commands import working_for

POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; connect-src 'self'; style-src 'self'; img-src 'self' data:; "
    "manifest-src 'self'; base-uri 'none'; form-action {forms}; frame-ancestors 'self'"
)
HEADERS = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-cache",
    "Vary": "Accept-Language, Cookie",
}
EDIT = "shoemon-edit"
"""The action of who may write on the pages of a database, and run SQL of one's own there."""
ONLY_READS = "only_reads"
"""A mark of the actor that a program is: it was let in by a token for reading."""
UPLOAD = re.compile(r"^/(?:(?P<home>[^/]+)/)?-/upload$")
"""Where exports are sent; phones and scripts do so with a token, which admits to nothing else."""
FILES = re.compile(r"^/(?:[^/]+/)?-/(?:upload|route)$")
"""Where files are sent."""
MARKS = ("_meta", "shoe_wear", "shoe_surface_mileage")
"""The tables that identify a database of shoemon."""
UNREADABLE = (sqlite3.DatabaseError, DatasetteError)
"""What is raised where a database is broken, or its file is gone."""

FAULTS = (ShoemonError, sqlite3.Error, OSError)
"""What the desk raises where something cannot be done; the message gives the reason."""


def route(page: str) -> str:
    """The pattern of the addresses of a page of ours: `/NAME/-/PAGE` for the database NAME, and `/-/PAGE`."""
    return rf"^(?:/(?P<database>[^/]+))?/-/{page}$"


NOTES = {
    "undone": "Undone: the file is as it was, but for what you edited by hand. It counts now.",
    "undone_later": "Undone: the file is as it was, but for what you edited by hand. It counts after the next sync.",
    "written": "Written to shoes.yaml.",
    "stored": "The file is stored, and is being read.",
    "known": "This file is known already, and was read before.",
    "removed": "The file is removed.",
    "muted": "Alerts about it are muted for two weeks.",
    "unmuted": "Alerts about it are sent again.",
    "seen": "Its alerts are marked as seen: no message of theirs that waits is sent.",
}
"""What a page says after a form was carried out, by the code in its address."""
UNDO = "undo"
"""The subject of the tokens of forms that undo a change."""
SYNC = "sync"
"""The subject of the tokens of forms that start a sync."""


def see_other(address: str, **query: str) -> Response:
    """Answer a form: lead to the page that shows what was done (RFC 9110 section 15.4.4)."""
    location = f"{address}?{urlencode(query)}" if query else address
    return Response("", status=303, headers={"Location": location, "Cache-Control": "no-store"})


def not_allowed() -> Response:
    """Refuse another method than that of a page and of its form."""
    return Response.text("GET or POST", status=405, headers={"Allow": "GET, HEAD, POST"})


class Site:
    """The pages of one database of shoemon: the one that the address of `request` names, or else the first that the
    reader may see, which `database` finds."""

    def __init__(self, datasette: Any, request: Any = None, name: str = "") -> None:
        self.datasette = datasette
        self.desks: dict[str, Any] = getattr(datasette, "shoemon_desks", {})
        """By the names of databases; empty if Datasette serves alone."""
        self.asked = name or tilde_decode((request.url_vars.get("database") if request else None) or "")
        """The name in the address; empty if there is none."""
        self.name = self.asked
        self.is_one_of_many = len(self.desks) > 1
        """Whether the pages of several databases are served; then addresses have names."""

    @property
    def desk(self) -> Any:
        """Does what needs the configuration, such as writing; None if Datasette serves alone."""
        return self.desks.get(self.target)

    @property
    def target(self) -> str:
        """The name of the database in which this writes: the first one where the address names none."""
        return self.name or next(iter(self.desks), "")

    @property
    def runner(self) -> str:
        """The name of the runner, or of the database, where there are several."""
        return (self.desk.runner if self.desk else self.name) if self.is_one_of_many and self.name else ""

    @property
    def rights(self) -> Rights:
        """The rights of readers to write in this database."""
        return Rights(self.desk, lambda actor: self.may_edit(actor, self.target))

    async def database(self, request: Any, tables: Sequence[str]) -> str | None:
        """Find the database: the reader may see all of `tables` in it; None if there is none. Raises UNREADABLE."""
        for name in await self.names(request):
            if await self.may_see(request.actor, name, tables) and await self.is_ours(name, tables):
                self.name = name
                working_for.set(self.desk.home if self.desk else None)
                return name
        return None

    async def names(self, request: Any) -> list[str]:
        """List the databases that the address can mean and the reader may see, also those that cannot be read."""
        served = self.desks or [name for name in self.datasette.databases if await self.is_ours(name)]
        self.is_one_of_many = len(served) > 1
        asked = [name for name in served if self.asked in ("", name)]
        return [name for name in asked if await self.may_see(request.actor, name, ())]

    async def is_ours(self, database: str, tables: Sequence[str] = ()) -> bool:
        """Check that a database belongs to shoemon and contains these tables."""
        names = await self.datasette.get_database(database).execute_fn(lambda conn: tables_and_views(rows_of(conn)))
        return bool(names.keys() >= {*MARKS, *tables})

    async def ours(self) -> list[str]:
        """List the served databases that belong to shoemon, without those that cannot be read."""
        found = []
        for name in self.datasette.databases:
            with suppress(*UNREADABLE):
                found += [name] if await self.is_ours(name) else []
        return found

    async def known(self) -> list[str]:
        """As `ours`, with those whose file is gone since."""
        known: set[str] = vars(self.datasette).setdefault("shoemon_known", set())
        known.update(await self.ours())
        return [name for name in self.datasette.databases if name in known]

    async def concerns(self, scope: Any) -> bool:
        """Check that a database of shoemon is served, and that a request is not about another one."""
        ours, datasette = await self.known(), self.datasette
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        path = path.removeprefix(datasette.setting("base_url").rstrip("/")).lstrip("/")
        others = [database.route for name, database in datasette.databases.items() if name not in ours]
        return bool(ours) and tilde_decode(re.split("[/.?]", path, maxsplit=1)[0]) not in others

    async def others(self, request: Any) -> list[str]:
        """List the other databases that the reader may see."""
        ours = await self.ours()
        names = [name for name in self.datasette.databases if name not in ours and not name.startswith("_")]
        return [name for name in names if await self.may_see(request.actor, name, ())]

    async def may_see(self, actor: Any, database: str, tables: Sequence[str]) -> bool:
        """Check that the reader may see all of these tables; without tables, the database."""
        datasette = self.datasette
        if not hasattr(datasette, "allowed"):
            asked = [[("view-table", table)] for table in tables] or [[]]
            return all([await self.may_065(actor, database, *each) for each in asked])
        from datasette.resources import DatabaseResource, TableResource

        whole = [("view-instance", None), ("view-database", DatabaseResource(database))]
        parts = [("view-table", TableResource(database, table)) for table in tables]
        return all(
            [await datasette.allowed(action=action, resource=it, actor=actor) for action, it in (*whole, *parts)]
        )

    async def may_065(self, actor: Any, database: str, *what: tuple[str, str]) -> bool:
        """Check that the reader may see a table or query, the database and the instance, on Datasette 0.65."""
        part = [(action, (database, name)) for action, name in what]
        asked = [*part, ("view-database", database), "view-instance"]
        return bool((await self.datasette.check_visibility(actor, permissions=asked))[0])

    async def may_edit(self, actor: Any, database: str) -> bool:
        """Check that the reader may write on the pages of a database, and run SQL of one's own there. Programs that a
        token lets in may not, whatever is permitted to its runner."""
        datasette = self.datasette
        if actor is not None and actor.get(ONLY_READS):
            return False
        if not hasattr(datasette, "allowed"):
            is_given = await datasette.permission_allowed(actor, EDIT, resource=database)
            return bool(is_given) and await self.may_see(actor, database, ())
        from datasette.resources import DatabaseResource

        return bool(await datasette.allowed(action=EDIT, resource=DatabaseResource(database), actor=actor))

    def edits_by_default(self, actor: Any, database: str) -> bool:
        """Whether the reader may edit a database of shoemon where permissions leave it open."""
        if actor is not None:
            return len(self.desks) < 2 or actor.get("id") in (database, self.desks[database].runner)
        return present().here and all(desk.serves_here for desk in self.desks.values())

    def closed(self, actor: Any) -> list[str]:
        """List the databases of shoemon that are hidden from the reader: private homes of others."""
        hidden = [name for name, desk in self.desks.items() if desk.private]
        return [name for name in hidden if not self.edits_by_default(actor, name)]

    async def queries(self, actor: Any, database: str) -> dict[str, str]:
        """List the ready-made queries that the reader may see: title by name."""
        datasette = self.datasette
        if hasattr(datasette, "list_queries"):
            found = (await datasette.list_queries(database, actor=actor)).queries
            return {query.name: query.title or query.name for query in found}
        known = (await datasette.get_canned_queries(database, actor)).items()
        return {
            name: query.get("title") or name
            for name, query in known
            if await self.may_065(actor, database, ("view-query", name))
        }

    async def read(self, database: str, load: Callable[[Rows], Any]) -> Any:
        """Call `load` with the rows of the database, all as of one moment."""

        def in_one_moment(conn: sqlite3.Connection) -> Any:
            conn.execute("BEGIN")
            try:
                return load(rows_of(conn))
            finally:
                conn.execute("ROLLBACK")

        return await self.datasette.get_database(database).execute_fn(in_one_moment)

    async def page(
        self,
        request: Any,
        template: str,
        database: str,
        page: dict[str, Any],
        *,
        status: int = 200,
        forms: bool = False,
        store: bool = True,
    ) -> Any:
        """Answer with `template`, rendered. `forms`: the page may send forms to us; `store`: caches may store it."""
        nonce, change = secrets.token_urlsafe(16), await self.change(request)
        said = {"change": change, "note": NOTES.get(request.args.get("done") or "")}
        html = await self.render(request, template, database, {"nonce": nonce, **said, **page})
        policy = POLICY.format(nonce=nonce, forms="'self'" if forms or change else "'none'")
        caching = HEADERS["Cache-Control"] if store else "no-store"
        headers = {**HEADERS, "Cache-Control": caching, "Content-Security-Policy": policy}
        return Response.html(html, status=status, headers=headers)

    async def sent(self, request: Any, subject: str, shown: Callable[..., Any]) -> tuple[dict[str, str], Any]:
        """Return the form about `subject` that was sent, and None; or the answer to any other request: what `shown`
        renders, also with the `fault` and `status` of a form that is not accepted, or a refusal."""
        if request.method in ("GET", "HEAD"):
            return {}, await shown()
        if request.method != "POST":
            return {}, not_allowed()
        form, fault, status = await self.rights.sent(request, subject)
        return form, None if fault is None else await shown(fault=fault, status=status)

    async def change(self, request: Any) -> dict[str, Any] | None:
        """The change that the address names by `undo`, as the page after it shows it; None for who may not undo it."""
        asked = request.args.get("undo") or ""
        if self.desk is None or not asked or await self.rights.refusal(request) is not None:
            return None
        with suppress(*FAULTS):
            for each in await asyncio.to_thread(self.desk.changes):
                if str(each.id) == asked:
                    token = await self.rights.token(UNDO)
                    return {"id": asked, "title": each.title, "later": request.args.get("later"), "token": token}
        return None

    async def render(self, request: Any, template: str, database: str, page: dict[str, Any]) -> str:
        """Render a page or a part of one; `page["settings"]` are those of the database."""
        values = {
            **await self.frame(request, database), "database": database,
            "queries": await self.queries(request.actor, database),
            "day": dates.day, "month_of": dates.month_of, "settings": {}, **page,
        }  # fmt: skip
        values |= written(values["settings"], request.headers.get("accept-language", ""))
        return str(await self.datasette.render_template([template], values, request=request))

    async def frame(self, request: Any, database: str | None) -> dict[str, Any]:
        """The values of the header and the footer of a page."""
        edits = bool(database) and self.desk is not None and await self.may_edit(request.actor, self.target)
        return {"runner": self.runner, "link": self.path, "first_page": self.first_page(), "edits": edits}

    async def missing(self, request: Any, title: str, words: str) -> Any:
        """Render the page for something that does not exist, with a link to go on."""
        database = await self.database(request, ()) or ""
        page = {"title": title, "words": words}
        return await self.page(request, "shoemon_missing.html", database, page, status=404)

    def path(self, *steps: str) -> str:
        """The address of one of our pages: `path("shoe", id)`."""
        name = f"/{tilde_encode(self.name)}" if self.is_one_of_many and self.name else ""
        return str(self.datasette.urls.path(f"{name}/-/" + "/".join(map(tilde_encode, steps))))

    def first_page(self) -> str:
        """The address of the page of all pairs of the runner."""
        return self.path("shoes") if self.is_one_of_many and self.name else str(self.datasette.urls.instance())
