"""Show the cells of Datasette's pages about databases of shoemon.

Ids of runs and pairs lead to their pages, figures are written as in the reader's language, and addresses are text.
"""

import sqlite3
from typing import Any

from datasette.utils import is_url, tilde_encode, truncate_url
from markupsafe import Markup
from pluggy import HookimplMarker

from shoemon.pages.site import Site
from shoemon.pages.units import figure
from shoemon.pages.visit import present

hookimpl = HookimplMarker("datasette")

PAGES = dict.fromkeys(("activity", "run", "duplicate_of", "maybe_same_as", "other"), "run") | {"shoe": "shoe"}
"""The page for a column of ids, in tables, views and queries alike."""
OWN = {"activities": "run", "shoes": "shoe"}
"""The page of a row of these tables; Datasette's own link at its id leads to the row, so its name leads there."""
FOUND = {
    "run": "SELECT id FROM activities WHERE id = ?1",
    "shoe": """
        SELECT min(id) FROM shoes WHERE id = ?1 OR name = ?1 GROUP BY id <> ?1 HAVING count(*) = 1 ORDER BY id <> ?1""",
}
"""In some queries the column `shoe` has names, and no link where two pairs share one; so has `run`, and no link."""
LABELLED = Markup('<a href="{row}">{label}</a>&nbsp;<em><a href="{page}">{id}</a></em>')


@hookimpl
def render_cell(row: Any, value: Any, column: str, table: str | None, database: str, datasette: Any) -> Any:
    """Link an id to its page, also beside Datasette's own link to the row; write a figure; show an address as text."""
    if database not in getattr(datasette, "shoemon_known", ()) or not value:
        return None
    if isinstance(value, float):
        return figure(value, present().accepted) if 1e-6 < abs(value) < 1e12 else None
    if isinstance(value, str) and is_url(value.strip()):
        # Who wrote the name of an activity chose where it leads.
        return str(truncate_url(value, datasette.setting("truncate_cells_html")))
    if table in OWN and column in ("id", "name"):
        return link(datasette, database, OWN[table], row["id"], value)
    in_sql = "run" if ":" in str(value) else "shoe"
    page = PAGES.get(column) or (in_sql if (table, column) == (None, "id") else "")
    if not page:
        return None
    if isinstance(value, dict):
        id, own = value["value"], next(name for name, of in OWN.items() if of == page)
        address = datasette.urls.table(database, own) + "/" + tilde_encode(str(id))
        return LABELLED.format(
            row=address, label=value["label"] or "-", page=path(datasette, database, page, id), id=id
        )
    return found(datasette, database, page, value) if isinstance(value, str) else None


async def found(datasette: Any, database: str, page: str, value: str) -> Markup | None:
    """Link a run or pair that exists."""

    def first(conn: sqlite3.Connection) -> Any:
        return conn.execute(FOUND[page], [value]).fetchone()

    row = await datasette.get_database(database).execute_fn(first)
    return link(datasette, database, page, row[0], value) if row else None


def link(datasette: Any, database: str, page: str, id: str, words: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(path(datasette, database, page, id), words)


def path(datasette: Any, database: str, page: str, id: str) -> str:
    site = Site(datasette, name=database)
    site.is_one_of_many = len(datasette.shoemon_known) > 1
    return site.path(page, id)
