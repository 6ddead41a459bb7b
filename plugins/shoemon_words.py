"""Tells Datasette what the tables of shoemon mean: titles, descriptions, order and ready-made queries.

The words stand once, in metadata.yaml of the folder `config`. Datasette 0.65 asks for them with every page; the 1.0
alphas are given them once, at startup. What the user says in metadata or configuration of their own always wins.
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
"""How metadata.yaml calls the database, whatever the file is called that is served."""
CONFIGURED = ("hidden", "sort", "sort_desc", "label_column", "facets")
"""What Datasette 1.0 takes for configuration and no longer for metadata."""
Words = dict[str, Any]


@cache
def read_words() -> Words:
    """The contents of metadata.yaml."""
    return dict(parse_metadata((config_dir() / "metadata.yaml").read_text(encoding="utf-8")))


def in_unit(columns: Words, unit: str) -> Words:
    """The columns of a view as they are called in `unit`."""
    return {re.sub("_km$", f"_{unit}", name): text for name, text in columns.items()}


def words_for(words: Words, names: dict[str, str], unit: str) -> Words:
    """What there is to say of the tables and views that exist: `names` maps each to `table` or `view`.

    A query is left out that asks for one which is lacking, as in a database not yet brought up to date. Every table
    that is shoemon's own business (its name begins with `_`) is hidden, described or not.
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
    """The tables and views of a database, and the unit its views are in."""
    return tables_and_views(rows), unit_of(settings_of(rows))


def copied(words: Any) -> Any:
    """A copy for Datasette 0.65, which writes what others say into it, such as queries for one reader only.

    What the columns mean is most of the words and is never written into but by the user's metadata, which stays the
    same; it is not copied, because 0.65 asks some sixty times for a page.
    """
    if not isinstance(words, dict):
        return words
    return {key: value if key == "columns" else copied(value) for key, value in words.items()}


@hookimpl(optionalhook=True)
def get_metadata(datasette: Any) -> Words:
    """Datasette 0.65: everything there is to say, merged under what the user says."""
    words: Words = copied(getattr(datasette, "shoemon_words", {}))
    return words


@hookimpl
def startup(datasette: Any) -> Any:
    """Finds the databases of shoemon among those served, and hands their words over."""

    async def hand_over() -> None:
        site, words, found = Site(datasette), read_words(), {}
        for name in await site.ours():
            found[name] = words_for(words, *await site.read(name, load))
        if not found:
            return
        # With other databases beside them, the whole is not shoemon's to name.
        served = [name for name in datasette.databases if name != "_internal"]
        instance = {key: text for key, text in words.items() if key != "databases"} if len(served) == 1 else {}
        if hasattr(datasette, "set_instance_metadata"):
            await give(datasette, instance, found)
        else:
            datasette.shoemon_words = {**instance, "databases": found}

    return hand_over


async def give(datasette: Any, instance: Words, found: dict[str, Words]) -> None:
    """Datasette 1.0: writes what is not yet said into its internal database, and the rest into its configuration."""
    said = await datasette.get_instance_metadata()
    for key in instance.keys() - said.keys():
        await datasette.set_instance_metadata(key, instance[key])
    for name, words in found.items():
        said = await datasette.get_database_metadata(name)
        for key in words.keys() - said.keys() - {"tables", "queries"}:
            await datasette.set_database_metadata(name, key, words[key])
        for table, about in words["tables"].items():
            configure(datasette, name, table, about)
            await describe(datasette, name, table, about)
        for query, about in words.get("queries", {}).items():
            await offer(datasette, name, query, about)


def configure(datasette: Any, database: str, table: str, about: Words) -> None:
    """Puts order, label and facets of a table where the user has not configured them."""
    config = datasette.config
    for key in ("databases", database, "tables", table):
        config = config.setdefault(key, {})
    chosen = {"sort", "sort_desc"} & config.keys()
    for key in CONFIGURED:
        if key in about and not (chosen and key in ("sort", "sort_desc")):
            config.setdefault(key, about[key])


async def describe(datasette: Any, database: str, table: str, about: Words) -> None:
    """Title and description of a table or view, and of its columns."""
    said = await datasette.get_resource_metadata(database, table)
    for key in about.keys() - said.keys() - {"columns", *CONFIGURED}:
        await datasette.set_resource_metadata(database, table, key, about[key])
    for column, text in about.get("columns", {}).items():
        if "description" not in await datasette.get_column_metadata(database, table, column):
            await datasette.set_column_metadata(database, table, column, "description", text)


async def offer(datasette: Any, database: str, name: str, about: Words) -> None:
    """A ready-made query, unless the user has one of that name."""
    known = await datasette.get_query(database, name)
    if known is None or known.source == "plugin":
        await datasette.add_query(
            database, name, about["sql"], title=about["title"], description=about["description"],
            parameters=about.get("params"), hide_sql=bool(about.get("hide_sql")), is_trusted=True, source="plugin",
        )  # fmt: skip
