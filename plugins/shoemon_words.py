"""Give Datasette the titles, descriptions, order and ready-made queries of the tables of shoemon.

The words are in metadata.yaml of the folder `config`. Datasette 0.65 asks for them with every page; the 1.0 alphas get
them once, at startup. Metadata and configuration of the user's own always win.
"""

import re
from functools import cache
from typing import Any

from datasette.utils import parse_metadata
from pluggy import HookimplMarker

from shoemon.pages.places import config_dir
from shoemon.pages.rows import Rows, settings_of, tables_and_views
from shoemon.pages.site import Site
from shoemon.pages.units import unit_of

hookimpl = HookimplMarker("datasette")

NAME = "shoemon"
"""The name of the database in metadata.yaml, whatever the name of the served file."""
CONFIGURED = ("hidden", "sort", "sort_desc", "label_column", "facets")
"""Keys that are configuration, and no longer metadata, in Datasette 1.0."""
Words = dict[str, Any]


@cache
def read_words() -> Words:
    return dict(parse_metadata((config_dir() / "metadata.yaml").read_text(encoding="utf-8")))


def in_unit(columns: Words, unit: str) -> Words:
    """Rename the columns of a view for `unit`."""
    return {re.sub("_km$", f"_{unit}", name): text for name, text in columns.items()}


def words_for(words: Words, names: dict[str, str], unit: str) -> Words:
    """Select the words for the tables and views that exist: `names` maps each to `table` or `view`.

    Queries of missing tables are left out, as in an older database. Internal tables of shoemon (their names begin with
    `_`) are hidden, described or not.
    """
    about = words.get("databases", {}).get(NAME, {})
    tables = {name: dict(table) for name, table in about.get("tables", {}).items() if name in names}
    for name, kind in names.items():
        if kind == "view" and name in tables:
            tables[name]["columns"] = in_unit(tables[name].get("columns", {}), unit)
        if name.startswith("_"):
            tables[name] = {**tables.get(name, {}), "hidden": True}
    absent = about.get("tables", {}).keys() - names.keys()
    queries = {
        name: query
        for name, query in about.get("queries", {}).items()
        if not absent.intersection(re.findall(r"\w+", query["sql"]))
    }
    return {**about, "tables": tables, "queries": queries}


def load(rows: Rows) -> tuple[dict[str, str], str]:
    """Load the tables and views of a database, and the unit of its views."""
    return tables_and_views(rows), unit_of(settings_of(rows))


def copied(words: Words) -> Words:
    """Copy what Datasette 0.65 may fill with what is for one reader only: the queries.

    The rest is shared, as 0.65 asks for the words hundreds of times a page: only the user's metadata, which never
    changes, is merged into it.
    """
    databases = {name: {**about, "queries": dict(about["queries"])} for name, about in words["databases"].items()}
    return {**words, "databases": databases}


@hookimpl(optionalhook=True)
def get_metadata(datasette: Any, key: str | None) -> Words:
    """Return the words on Datasette 0.65, which lets the user's metadata win.

    Most of its questions are about rights: it asks for `allow`, and for all `tables`, which it copies.
    """
    if key in ("allow", "allow_sql"):
        return {}
    words: Words = getattr(datasette, "shoemon_words", {})
    if key == "tables":
        found = words.get("databases", {})
        return {"databases": {name: {"tables": configured(about)} for name, about in found.items()}}
    return copied(words) if words else {}


def configured(about: Words) -> Words:
    """Select what Datasette does with each table, without what is said about it."""
    return {name: {key: table[key] for key in CONFIGURED if key in table} for name, table in about["tables"].items()}


@hookimpl
def startup(datasette: Any) -> Any:
    """Find the databases of shoemon among those served, and give their words to Datasette."""

    async def register() -> None:
        site, words, found = Site(datasette), read_words(), {}
        for name in await site.ours():
            found[name] = words_for(words, *await site.read(name, load))
        if not found:
            return
        # Beside other databases, the title of the whole site is not shoemon's.
        served = [name for name in datasette.databases if name != "_internal"]
        instance = {key: text for key, text in words.items() if key != "databases"} if len(served) == len(found) else {}
        if hasattr(datasette, "set_instance_metadata"):
            await give(datasette, instance, found)
        else:
            datasette.shoemon_words = {**instance, "databases": found}

    return register


async def give(datasette: Any, instance: Words, found: dict[str, Words]) -> None:
    """Write missing words into the internal database and the configuration of Datasette 1.0."""
    present = await datasette.get_instance_metadata()
    for key in instance.keys() - present.keys():
        await datasette.set_instance_metadata(key, instance[key])
    for name, words in found.items():
        present = await datasette.get_database_metadata(name)
        for key in words.keys() - present.keys() - {"tables", "queries"}:
            await datasette.set_database_metadata(name, key, words[key])
        for table, about in words["tables"].items():
            configure(datasette, name, table, about)
            await describe(datasette, name, table, about)
        for query, about in words.get("queries", {}).items():
            await offer(datasette, name, query, about)


def configure(datasette: Any, database: str, table: str, about: Words) -> None:
    """Configure order, label and facets of a table unless the user has."""
    config = datasette.config
    for key in ("databases", database, "tables", table):
        config = config.setdefault(key, {})
    chosen = {"sort", "sort_desc"} & config.keys()
    for key in CONFIGURED:
        if key in about and not (chosen and key in ("sort", "sort_desc")):
            config.setdefault(key, about[key])


async def describe(datasette: Any, database: str, table: str, about: Words) -> None:
    """Write title and description of a table or view, and descriptions of its columns, unless the user has."""
    present = await datasette.get_resource_metadata(database, table)
    for key in about.keys() - present.keys() - {"columns", *CONFIGURED}:
        await datasette.set_resource_metadata(database, table, key, about[key])
    for column, text in about.get("columns", {}).items():
        if "description" not in await datasette.get_column_metadata(database, table, column):
            await datasette.set_column_metadata(database, table, column, "description", text)


async def offer(datasette: Any, database: str, name: str, about: Words) -> None:
    """Add a ready-made query, unless the user has one with this name."""
    known = await datasette.get_query(database, name)
    if known is None or known.source == "plugin":
        await datasette.add_query(
            database, name, about["sql"], title=about["title"], description=about["description"],
            parameters=about.get("params"), hide_sql=bool(about.get("hide_sql")), is_trusted=True, source="plugin",
        )  # fmt: skip
