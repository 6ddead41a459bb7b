"""Read rows of a database of shoemon, and the runner's settings in it."""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from shoemon.words.reasons import Exports

Rows = Callable[..., list[dict[str, Any]]]
"""Answers `(sql, *values)` with rows by the names of their columns, all from one state of the database."""


def rows_of(conn: sqlite3.Connection) -> Rows:
    """Make a reader of rows. Values are given one by one, or as one mapping."""

    def rows(sql: str, *values: Any) -> list[dict[str, Any]]:
        cursor = conn.execute(sql, values[0] if values and isinstance(values[0], dict) else values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    return rows


def tables_and_views(rows: Rows) -> dict[str, str]:
    """`table` or `view` by name."""
    found = rows("SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name")
    return {row["name"]: row["type"] for row in found}


def columns_of(rows: Rows, table: str) -> set[str]:
    """The columns of a table; a database not yet brought up to date may lack some."""
    return {row["name"] for row in rows(f"PRAGMA table_info({table})")}


def exports_of(rows: Rows) -> Exports:
    """The names of the sources in sentences."""
    return Exports({row["name"]: row["type"] for row in rows("SELECT name, type FROM sources")})


def settings_of(rows: Rows) -> dict[str, str]:
    """The runner's settings in the database: `units`, `timezone`, `overlap` (metres), `lives` (metres by kind, as
    JSON), and targets of `hard_share` and `soft_share` if there are any."""
    sql = """SELECT key, value FROM _meta
             WHERE key IN ('units', 'timezone', 'overlap', 'lives', 'hard_share', 'soft_share')"""
    return {row["key"]: row["value"] for row in rows(sql)}


def overlap_of(settings: Mapping[str, str]) -> float:
    """How many metres a pair should have left when the next one is there; 0 if an older database does not say."""
    return float(settings.get("overlap", 0.0))
