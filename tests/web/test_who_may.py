"""Who may see and write what: each visitor asks for each route, on the line of Datasette that is installed."""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from datasette.app import Datasette
from kit.homes import Home, table_source
from kit.trials import quick

from shoemon.config.load import Household, within
from shoemon.web.datasette_file import read_datasette_file
from shoemon.web.desk import Desk
from shoemon.web.door import Door
from shoemon.web.server import make_app
from shoemon.web.sign_in import sign_in_of

LINE = "1.0" if hasattr(Datasette, "allowed") else "0.65"
HERE, LAN, PROXY = "127.0.0.1", "192.168.1.7", "172.30.0.2"
NAMED, OTHER_SITE = {"Remote-User": "anna"}, {"Sec-Fetch-Site": "cross-site"}
PASSWORD = "password: {file: password}, user: anna"
PROXIED = "user_header: Remote-User, trusted: [172.30.0.2]"
HOMES = {"anna": PASSWORD, "ben": PASSWORD, "cleo": f"{PASSWORD}, private: true"}


class Visitor(NamedTuple):
    """Who asks, from where, and by which settings of the pages."""

    web: str | None
    """None: the pages of three homes."""
    client: str
    headers: Mapping[str, str] | None = None
    signed_in: bool = False
    home: str = "shoemon"


VISITORS = {
    "here": Visitor("port: 8001", HERE),
    "here, by another site": Visitor("port: 8001", HERE, OTHER_SITE),
    "here, a permission refuses": Visitor("datasette: datasette.yaml", HERE),
    "LAN, public": Visitor("public: true", LAN),
    "here, sign-in set": Visitor(PASSWORD, HERE),
    "LAN, sign-in set": Visitor(PASSWORD, LAN),
    "LAN, signed in": Visitor(PASSWORD, LAN, signed_in=True),
    "LAN, signed in, by another site": Visitor(PASSWORD, LAN, OTHER_SITE, signed_in=True),
    "proxy": Visitor(PROXIED, PROXY, NAMED),
    "proxy, nobody": Visitor(PROXIED, PROXY),
    "LAN, forged header": Visitor(PROXIED, LAN, NAMED),
    "own home": Visitor(None, LAN, signed_in=True, home="anna"),
    "other's home": Visitor(None, LAN, signed_in=True, home="ben"),
    "other's private home": Visitor(None, LAN, signed_in=True, home="cleo"),
}
ROWS = """
GET /                                                     200 200 200 200 302 302 200 200 200 403 403 200 200 200
GET /-/runs                                               200 200 200 200 302 302 200 200 200 403 403 200 200 200
GET /{home}/-/runs                                        200 200 200 200 302 302 200 200 200 403 403 200 200 404
GET /{home}/-/runs.csv                                    200 200 200 200 403 403 200 200 200 403 403 200 200 404
GET /-/runs.json?sort=longest                             200 200 200 200 403 403 200 200 200 403 403 200 200 200
GET /{home}/-/shoes                                       200 200 200 200 302 302 200 200 200 403 403 200 200 404
GET /{home}/-/ground                                      200 200 200 200 302 302 200 200 200 403 403 200 200 404
GET /{home}/-/ground-check                                200 200 200 200 302 302 200 200 200 403 403 200 200 404
GET /{home}/-/ground-check/track.json                     200 200 200 200 403 403 200 200 200 403 403 200 200 403
POST /{home}/-/ground-check                               409 403 403 403 403 403 409 403 409 403 403 409 403 404
GET /{home}/-/runs/assign?shoe=-                          200 200 200 200 302 302 200 200 200 403 403 200 200 404
POST /{home}/-/runs/assign                                303 403 403 403 403 403 303 403 303 403 403 303 403 404
GET /{home}/-/runs/add                                    200 200 200 200 302 302 200 200 200 403 403 200 200 404
POST /{home}/-/runs/add                                   409 403 403 403 403 403 409 403 409 403 403 409 403 404
POST /{home}/-/run/watch~3A2                              409 403 403 403 403 403 409 403 409 403 403 409 403 404
GET /{home}/-/doubts                                      200 200 200 200 302 302 200 200 200 403 403 200 200 404
GET /{home}/-/left-out                                    200 200 200 200 302 302 200 200 200 403 403 200 200 404
GET /{home}/-/shoe/road                                   200 200 200 200 302 302 200 200 200 403 403 200 200 404
GET /{home}/-/life/road?days=1&runner=1                   200 200 200 200 302 302 200 200 200 403 403 200 200 404
GET /{home}/-/rotation                                    200 200 200 200 302 302 200 200 200 403 403 200 200 404
GET /{home}/-/run/watch~3A2                               200 200 200 200 302 302 200 200 200 403 403 200 200 404
GET /{home}/-/run/watch~3A2/track.json                    200 200 200 200 403 403 200 200 200 403 403 200 200 403
GET /{home}/-/progress.json                               200 200 200 200 403 403 200 200 200 403 403 200 200 403
GET /{home}/-/assign                                      200 200 200 200 302 302 200 200 200 403 403 200 200 404
GET /{home}/-/assign/watch~3A2                            200 200 200 200 302 302 200 200 200 403 403 200 200 404
GET /{home}/-/assign/watch~3A2?t={ticket}                 200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET /{home}/-/assign/watch~3A1?t={ticket}                 200 200 200 200 302 302 200 200 200 403 403 200 200 404
POST /{home}/-/assign/watch~3A2                           303 403 403 403 403 403 303 403 303 403 403 303 403 404
POST /{home}/-/assign/watch~3A2?t={ticket}                303 403 303 303 303 303 303 403 303 303 303 303 303 303
GET /{home}/-/get-map                                     200 200 403 403 302 302 200 200 200 403 403 200 403 404
POST /{home}/-/get-map                                    403 403 403 403 403 403 403 403 403 403 403 403 403 404
GET /{home}/-/route                                       200 200 403 403 302 302 200 200 200 403 403 200 403 404
POST /{home}/-/route                                      422 403 403 403 403 403 422 403 422 403 403 422 403 404
GET /-/mcp                                                405 403 405 405 302 302 405 403 405 403 403 405 405 405
POST /-/mcp                                               404 403 404 404 403 403 404 403 404 403 403 404 404 404
GET /{home}/-/places                                      200 200 200 200 302 302 200 200 200 403 403 200 200 404
GET /{home}/-/pair                                        200 200 200 200 302 302 200 200 200 403 403 200 200 404
POST /{home}/-/pair                                       409 403 403 403 403 403 409 403 409 403 403 409 403 404
GET /{home}/-/pair/road                                   200 200 200 200 302 302 200 200 200 403 403 200 200 404
POST /{home}/-/pair/road                                  303 403 403 403 403 403 303 403 303 403 403 303 403 404
GET /{home}/-/undo                                        200 200 200 200 302 302 200 200 200 403 403 200 200 404
POST /{home}/-/undo                                       409 403 403 403 403 403 409 403 409 403 403 409 403 404
GET /{home}/-/preferences                                 200 200 200 200 302 302 200 200 200 403 403 200 200 404
POST /{home}/-/preferences                                409 403 403 403 403 403 409 403 409 403 403 409 403 404
GET /{home}/-/sync                                        303 303 303 303 302 302 303 303 303 403 403 303 303 404
POST /{home}/-/sync                                       409 403 403 403 403 403 409 403 409 403 403 409 403 404
POST /{home}/-/places                                     409 403 403 403 403 403 409 403 409 403 403 409 403 404
GET /{home}/-/channels                                    200 200 200 200 302 302 200 200 200 403 403 200 200 404
POST /{home}/-/channels                                   409 403 403 403 403 403 409 403 409 403 403 409 403 404
GET /{home}/-/upload                                      200 200 403 403 302 302 200 200 200 403 403 200 403 404
POST /{home}/-/upload                                     422 403 403 403 403 403 422 403 422 403 403 422 403 403
POST /{home}/-/upload?token=wrong                         403 403 403 403 403 403 403 403 403 403 403 403 403 403
GET /{home}/-/upload/runs~2Ecsv                           409 409 403 403 302 302 409 409 409 403 403 409 403 404
POST /{home}/-/upload/runs~2Ecsv                          409 403 403 403 403 403 409 403 409 403 403 409 403 404
GET /-/manual/pages                                       200 200 200 200 302 302 200 200 200 403 403 200 200 200
GET /-/shoemon/shoemon.css                                200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET /-/shoemon/icon-192.png                               200 200 200 200 200 200 200 200 200 200 200 200 200 200
GET /-/health                                             503 503 503 503 503 503 503 503 503 503 503 503 503 503
GET /-/login                                              404 404 404 404 200 200 302 302 404 403 403 302 302 302
GET /-/password-tool                                      404 404 404 404 404 404 404 404 404 404 404 404 404 404
GET /-/logout                                             302 302 302 302 302 302 200 200 200 403 403 200 200 200
GET /{home}                                               200 200 200 200 302 302 200 200 200 403 403 200 200 403
GET /{home}.json                                          200 200 200 200 403 403 200 200 200 403 403 200 200 403
GET /{home}.db                                            403 403 403 403 403 403 403 403 403 403 403 403 403 403
GET /{home}/shoes                                         200 200 200 200 302 302 200 200 200 403 403 200 200 403
GET /{home}/shoes.json                                    200 200 200 200 403 403 200 200 200 403 403 200 200 403
GET /{home}/shoes.csv                                     200 200 200 200 403 403 200 200 200 403 403 200 200 403
GET /{home}/shoes.csv?_stream=1                           200 200 200 200 403 403 200 200 200 403 403 200 200 403
GET /{home}/shoes/road                                    200 200 200 200 302 302 200 200 200 403 403 200 200 403
GET /{home}/shoes/road.json                               200 200 200 200 403 403 200 200 200 403 403 200 200 403
GET /{home}/shoes/road/x                                  404 404 404 404 302 302 404 404 404 403 403 404 404 404
GET /{home}/recent_runs.json                              200 200 200 200 403 403 200 200 200 403 403 200 200 403
GET /{home}/ground_by_month                               200 200 200 200 302 302 200 200 200 403 403 200 200 403
GET /{home}/ground_by_month.json                          200 200 200 200 403 403 200 200 200 403 403 200 200 403
GET /{home}/shoes.json?_where=1                           200 403 403 403 403 403 200 403 200 403 403 200 403 403
POST /{home}/shoes                                        405 405 405 405 403 403 405 405 405 403 403 405 405 405
POST /{home}/ground_by_month                              405 405 405 405 403 403 405 405 405 403 403 405 405 405
GET /:memory:                                             301 301 301 301 302 302 301 301 301 403 403 301 301 301
GET /_memory.json?sql=select+42                           404 404 404 404 403 403 404 404 404 403 403 404 404 404
GET /-/databases.json                                     200 200 403 403 403 403 200 200 200 403 403 200 200 200
GET /-/databases                                          200 200 403 403 302 302 200 200 200 403 403 200 200 200
GET /-/versions.json                                      200 200 403 403 403 403 200 200 200 403 403 200 200 200
GET /-/plugins.json                                       200 200 403 403 403 403 200 200 200 403 403 200 200 200
GET /-/settings.json                                      200 200 403 403 403 403 200 200 200 403 403 200 200 200
GET /-/actor.json                                         200 200 403 403 403 403 200 200 200 403 403 200 200 200
GET /-/auth-token                                         403 403 403 403 302 302 403 403 403 403 403 403 403 403
GET /-/permissions                                        403 403 403 403 302 302 403 403 403 403 403 403 403 403
GET /-/messages                                           200 200 403 403 302 302 200 200 200 403 403 200 200 200
GET /-/allow-debug                                        200 200 403 403 302 302 200 200 200 403 403 200 200 200
GET /-/patterns                                           200 200 403 403 302 302 200 200 200 403 403 200 200 200
GET /-/static/app.css                                     200 200 200 200 403 403 200 200 200 403 403 200 200 200
GET /favicon.ico                                          200 200 200 200 403 403 200 200 200 403 403 200 200 200
GET /-/nothing                                            404 404 404 404 302 302 404 404 404 403 403 404 404 404
GET /.json                                                200 200 200 200 403 403 200 200 200 403 403 200 200 200
0.65
POST /{home}/-/upload?token=long                          422 422 422 422 422 422 422 422 422 422 422 422 422 422
POST /-/login                                             404 404 404 404 403 403 403 403 404 403 403 403 403 403
POST /-/logout                                            302 302 302 302 403 403 302 302 302 403 403 302 302 302
GET /{home}?sql=select+42                                 200 403 403 403 302 302 200 403 200 403 403 200 403 403
GET /{home}.json?sql=select+42                            200 403 403 403 403 403 200 403 200 403 403 200 403 403
GET /_internal                                            403 403 403 403 302 302 403 403 403 403 403 403 403 403
GET /-/threads.json                                       200 200 403 403 403 403 200 200 200 403 403 200 200 200
POST /-/permissions                                       405 405 403 403 403 403 405 405 405 403 403 405 405 405
POST /-/messages                                          302 302 403 403 403 403 302 302 302 403 403 302 302 302
GET /-/config.json                                        301 301 403 403 403 403 301 301 301 403 403 301 301 301
GET /-/metadata.json                                      200 200 403 403 403 403 200 200 200 403 403 200 200 200
GET /-/config                                             301 301 403 403 302 302 301 301 301 403 403 301 301 301
1.0
POST /{home}/-/upload?token=long                          422 403 422 422 422 422 422 403 422 422 422 422 422 422
POST /-/login                                             404 403 404 404 403 403 403 403 404 403 403 403 403 403
POST /-/logout                                            302 403 302 302 403 403 302 403 302 403 403 302 302 302
GET /{home}?sql=select+42                                 302 302 302 302 302 302 302 302 302 403 403 302 302 403
GET /{home}.json?sql=select+42                            302 302 302 302 403 403 302 302 302 403 403 302 302 403
GET /_internal                                            404 404 404 404 302 302 404 404 404 403 403 404 404 404
GET /-/threads.json                                       403 403 403 403 403 403 403 403 403 403 403 403 403 403
POST /-/permissions                                       403 403 403 403 403 403 403 403 403 403 403 403 403 403
POST /-/messages                                          302 403 403 403 403 403 302 403 302 403 403 302 302 302
GET /-/config.json                                        200 200 403 403 403 403 200 200 200 403 403 200 200 200
GET /-/                                                   200 200 200 200 302 302 200 200 200 403 403 200 200 200
GET /-                                                    301 301 301 301 302 302 301 301 301 403 403 301 301 301
GET /-/tasks.json                                         403 403 403 403 403 403 403 403 403 403 403 403 403 403
GET /-/actions.json                                       403 403 403 403 403 403 403 403 403 403 403 403 403 403
GET /-/create-token                                       403 403 403 403 302 302 200 200 200 403 403 200 200 200
POST /-/create-token                                      403 403 403 403 403 403 200 403 200 403 403 200 200 200
GET /-/api                                                200 200 403 403 302 302 200 200 200 403 403 200 200 200
GET /-/jump.json                                          200 200 200 200 403 403 200 200 200 403 403 200 200 200
GET /-/queries.json                                       200 200 200 200 403 403 200 200 200 403 403 200 200 200
GET /-/schema.json                                        200 200 200 200 403 403 200 200 200 403 403 200 200 200
GET /-/allowed.json?action=view-table                     200 200 403 403 403 403 200 200 200 403 403 200 200 200
GET /-/rules.json?action=view-table                       403 403 403 403 403 403 403 403 403 403 403 403 403 403
GET /-/check.json?action=view-table                       403 403 403 403 403 403 403 403 403 403 403 403 403 403
GET /-/debug/autocomplete                                 200 200 403 403 302 302 200 200 200 403 403 200 200 200
GET /{home}/-/query?sql=select+42                         200 403 403 403 302 302 200 403 200 403 403 200 403 403
GET /{home}/-/query.json?sql=select+42                    200 403 403 403 403 403 200 403 200 403 403 200 403 403
GET /{home}/-/query/parameters?sql=select+42              200 403 403 403 302 302 200 403 200 403 403 200 403 403
GET /{home}/-/queries.json                                200 200 200 200 403 403 200 200 200 403 403 200 200 200
GET /{home}/-/queries/analyze?sql=select+42               403 403 403 403 302 302 403 403 403 403 403 403 403 403
JSON /{home}/-/queries/store                              403 403 403 403 403 403 403 403 403 403 403 403 403 403
GET /{home}/-/execute-write                               403 403 403 403 302 302 403 403 403 403 403 403 403 403
JSON /{home}/-/execute-write                              403 403 403 403 403 403 403 403 403 403 403 403 403 403
GET /{home}/-/execute-write/analyze?sql=delete+from+shoes 403 403 403 403 302 302 403 403 403 403 403 403 403 403
GET /{home}/-/schema.json                                 200 200 200 200 403 403 200 200 200 403 403 200 200 403
GET /{home}/-/foreign-key-targets                         403 403 403 403 302 302 403 403 403 403 403 403 403 403
JSON /{home}/-/create                                     403 403 403 403 403 403 403 403 403 403 403 403 403 403
GET /{home}/ground_by_month/-/definition                  200 200 200 200 302 302 200 200 200 403 403 200 200 403
GET /{home}/ground_by_month/-/edit                        403 403 403 403 302 302 403 403 403 403 403 403 403 403
JSON /{home}/ground_by_month/-/update                     403 403 403 403 403 403 403 403 403 403 403 403 403 403
JSON /{home}/ground_by_month/-/delete                     403 403 403 403 403 403 403 403 403 403 403 403 403 403
GET /{home}/shoes/-/schema.json                           200 200 200 200 403 403 200 200 200 403 403 200 200 403
GET /{home}/shoes/-/count                                 405 405 405 405 302 302 405 405 405 403 403 405 405 405
GET /{home}/shoes/-/fragment                              200 200 200 200 302 302 200 200 200 403 403 200 200 403
GET /{home}/shoes/-/autocomplete?q=r                      200 200 200 200 302 302 200 200 200 403 403 200 200 403
GET /{home}/shoes/-/foreign-key-suggestions               403 403 403 403 302 302 403 403 403 403 403 403 403 403
JSON /{home}/shoes/-/insert                               403 403 403 403 403 403 403 403 403 403 403 403 403 403
JSON /{home}/shoes/-/upsert                               403 403 403 403 403 403 403 403 403 403 403 403 403 403
JSON /{home}/shoes/-/alter                                403 403 403 403 403 403 403 403 403 403 403 403 403 403
JSON /{home}/shoes/-/set-column-type                      403 403 403 403 403 403 403 403 403 403 403 403 403 403
JSON /{home}/shoes/-/drop                                 403 403 403 403 403 403 403 403 403 403 403 403 403 403
JSON /{home}/shoes/road/-/update                          403 403 403 403 403 403 403 403 403 403 403 403 403 403
JSON /{home}/shoes/road/-/delete                          403 403 403 403 403 403 403 403 403 403 403 403 403 403
"""
"""A line for each route, a cell for each visitor in the order above. JSON: a POST as programs send it. Lines between a
number of a line of Datasette and the next one are for that line only."""


class Pages:
    """The pages of one home or three, behind the door."""

    def __init__(self, directory: Path, synced: Home, web: str | None) -> None:
        made = {name: self._home(directory / name, synced, name, text) for name, text in (
            HOMES if web is None else {"shoemon": web}).items()}  # fmt: skip
        first = next(iter(made.values())).main.web
        homes = {
            name: within(home, Household(name, name, first)) if web is None else home for name, home in made.items()
        }
        self.desks, sign_in = {name: Desk(home) for name, home in homes.items()}, sign_in_of(homes)
        own = read_datasette_file(next(iter(homes.values())), list(homes))
        files = [home.database for home in homes.values()]
        self.datasette = make_app(*files, desks=self.desks, own=own, sign_in=sign_in)
        asyncio.run(self.datasette.invoke_startup())
        self.door = Door(self.datasette, sign_in)

    def _home(self, directory: Path, synced: Home, name: str, web: str) -> Any:
        home = synced.copied(directory)
        (directory / "password").write_text("right")
        (directory / "upload-token").write_text("long")
        (directory / "datasette.yaml").write_text("permissions: {shoemon-edit: false}\n")
        home.main(
            f"sources:\n{table_source('watch')}web: {{taps: links, upload_token: {{file: upload-token}}, {web}}}\n"
        )
        if name == "cleo":
            home.table("watch", [(2, "2024-05-02T07:00:00Z", 9000, "run", "Secret loop", "", "asphalt", 2700)])
            home.sync()
        return home.config

    async def ask(self, visitor: Visitor, row: str) -> httpx.Response:
        method, path = row.split(" ")
        desk, run = self.desks[visitor.home], "watch:2"
        address, headers = path.format(home=visitor.home, ticket=desk.ticket(run)), visitor.headers or {}
        transport = httpx.ASGITransport(app=self.door, client=(visitor.client, 50000))
        host = "localhost" if visitor.client == HERE else "nas.lan"
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}:8001") as browser:
            if visitor.signed_in:
                browser.cookies["ds_actor"] = self.datasette.sign({"a": {"id": "anna"}}, "actor")
            form = {"token": desk.form_token(run), "shoe": "road"}
            if "ground-check" in row:
                form = {"token": desk.form_token(""), "stretch": "watch:2 0 200", "surface": "paved"}
            for page, subject, do in (
                ("places", "places", ""), ("undo", "undo", ""), ("pair", "pairs", "more"), ("channels", "channels", "test"),
                ("runs/assign", "runs-assign", ""), ("runs/add", "runs-add", ""), ("run/", "run watch:2", ""),
                ("upload", "upload", "write"),
                ("preferences", "preferences", ""), ("sync", "sync", ""),
            ):  # fmt: skip
                if f"/-/{page}" in row:
                    form = {"token": desk.form_token(subject), "at": "0,0", "surface": "grass", "id": "99", "do": do}
                    form |= {"name": "nobody", "shoe": "trail", "write": "1", "line": "none"}
                    form |= {"form": "removal", "source": "none"}
            if method == "POST" and visitor.signed_in:
                page = await browser.get("/-/logout")  # 0.65 gives its token against forged forms there
                form |= dict(re.findall('name="(csrftoken)" value="([^"]+)"', page.text))
            sent = {"POST": {"data": form}, "JSON": {"json": {}}}.get(method, {})
            return await browser.request("POST" if method == "JSON" else method, address, headers=headers, **sent)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str | None, Pages]:
    """The pages by their settings."""
    home = Home(tmp_path_factory.mktemp("synced") / "home")
    home.shoes("shoes:\n  - {id: road, name: Road}\n  - {id: trail, name: Trail, gear: Fell}\n")
    row = ("run", "Open loop", "", "asphalt", 2700)
    home.table("watch", [(number, f"2024-05-0{number}T07:00:00Z", 9000, *row) for number in (1, 2)])
    home.sync()
    settings = {visitor.web for visitor in VISITORS.values()}
    return {web: Pages(tmp_path_factory.mktemp("homes"), home, web) for web in settings}


def rows() -> dict[str, list[str]]:
    """The cells of each route of the line that is installed."""
    found, line = {}, LINE
    for text in ROWS.strip().splitlines():
        if (cells := text.split())[1:]:
            found.update({" ".join(cells[:2]): cells[2:]} if line == LINE else {})
        else:
            line = text
    return found


LATER = {
    "LAN, public", "LAN, signed in, by another site", "here, a permission refuses", "proxy", "own home", "other's home",
}  # fmt: skip
"""Visitors who are tried in the slow trials only."""


@pytest.mark.parametrize("name", quick(VISITORS, VISITORS.keys() - LATER))
def test_each_visitor_may_see_and_write_what_the_table_says(name: str, pages: dict[str | None, Pages]) -> None:
    visitor, place = VISITORS[name], list(VISITORS).index(name)
    served = pages[visitor.web]

    async def ask() -> dict[str, httpx.Response]:
        return {row: await served.ask(visitor, row) for row in rows()}

    answers = asyncio.run(ask())
    wrong = {
        row: answer.status_code for row, answer in answers.items() if str(answer.status_code) != rows()[row][place]
    }
    assert wrong == {}
    for row, answer in answers.items():
        if "{ticket}" not in row:
            sees = rows()["GET /{home}/-/runs"][place] == "200"
            assert sees or ("Secret" if visitor.home == "cleo" else "loop") not in answer.text, row
            assert visitor.home == "cleo" or "cleo" not in answer.text, row


def test_the_table_has_every_route(pages: dict[str | None, Pages]) -> None:
    paths = [row.split(" ")[1].partition("?")[0].format(home="shoemon") for row in rows()]
    patterns = [pattern for pattern, _ in pages["port: 8001"].datasette._routes()]
    assert [each.pattern for each in patterns if not any(map(each.match, paths))] == []
