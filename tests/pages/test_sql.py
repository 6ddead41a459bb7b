"""SQL of one's own: for who may edit, not by a request that another site caused, and in a process of its own."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from datasette import __version__
from kit.commands import children
from kit.pages import Pages, build, plain_datasette
from kit.waiting import until_in_loop
from sqlite_utils import Database

from shoemon.pages import own_sql

ANSWER = "select+6*7+as+n"
STATEMENTS = [
    f"/shoemon.json?sql={ANSWER}",
    f"/shoemon?sql={ANSWER}",
    f"/shoemon?s%71l={ANSWER}",
    f"/shoemon.csv?sql={ANSWER}",
    f"/shoemon/-/query.json?sql={ANSWER}",
    f"/shoemon/-/query?sql={ANSWER}",
    f"/shoemon/shoes.json?_where=42=({ANSWER})",
    f"/shoemon/shoes?_where=42=({ANSWER})",
    f"/_memory.json?sql={ANSWER}",
    f"/_memory/-/query.json?sql={ANSWER}",
]


SQL = "/shoemon.json?sql=" if __version__ < "1" else "/shoemon/-/query.json?sql="
COUNTING = "with recursive c(x) as (select 1 union all select x + 1 from c)"
ENDLESS = f"{COUNTING} select count(*) from c"
IN_ONE_FUNCTION = "select instr(printf('%.*c', 900000, 'a'), printf('%.*c', 400000, 'a') || 'b') from " + ", ".join(
    f"legs l{n}" for n in range(9)
)


def ask(paths: list[str], site: str | None, *files: Path, host: str | None = None, **options: Any) -> list[Any]:
    """The answers of a Datasette with the plugins to a browser that says which site made it ask."""
    with Pages(*files, app=plain_datasette, **options) as pages:
        return pages.get(*paths, **({"Sec-Fetch-Site": site} if site else {}), **({"host": host} if host else {}))


def test_a_request_that_another_site_caused_runs_no_sql_and_the_readers_own_does(tmp_path: Path) -> None:
    allowing = {"databases": {"shoemon": {"allow_sql": True}}, "allow_sql": True}
    with Pages(build(tmp_path / "shoemon.db"), app=plain_datasette, metadata=allowing, crossdb=True) as pages:
        for site, statements in (
            ("cross-site", STATEMENTS),
            ("same-site", STATEMENTS[:5]),
            ("Cross-Site", STATEMENTS[:5]),
        ):
            answers = pages.get(*statements, **{"Sec-Fetch-Site": site})
            codes = [answer.status_code for answer in answers]
            assert 200 not in codes and codes.count(403) >= len(codes) // 5, site
            assert not [answer.url for answer in answers if "42" in answer.text.replace("=42", "")]
        for said in ({}, {"Sec-Fetch-Site": "none"}, {"Sec-Fetch-Site": "same-origin"}):
            (answer,) = pages.get(f"{SQL}select+42+as+n&_shape=array", **said)
            assert answer.json() == [{"n": 42}], said


def test_pages_and_ready_made_queries_are_led_to_from_anywhere(tmp_path: Path) -> None:
    paths = ["/", "/shoemon/shoe_summary", "/shoemon/shoes.json", "/-/ground", "/shoemon/ground_by_month.json"]
    answers = ask(paths, "cross-site", build(tmp_path / "shoemon.db"))
    assert [answer.status_code for answer in answers] == [200] * len(paths)


def test_databases_that_are_not_of_shoemon_are_left_alone(tmp_path: Path) -> None:
    Database(tmp_path / "other.db")["t"].insert({"a": 1})
    paths = ["/other.json?sql=select+42+as+n&_shape=array", "/other/-/query.json?sql=select+42+as+n&_shape=array"]
    answers = ask(paths, "cross-site", build(tmp_path / "shoemon.db"), tmp_path / "other.db")
    assert [{"n": 42}] in [answer.json() for answer in answers if answer.status_code == 200]


def test_sql_is_for_who_may_edit(tmp_path: Path) -> None:
    answers = ask(STATEMENTS, None, build(tmp_path / "shoemon.db"), crossdb=True, host="192.168.1.7")
    assert 200 not in {answer.status_code for answer in answers}
    assert not [answer.url for answer in answers if "42" in answer.text.replace("=42", "")]


@pytest.mark.skipif(__version__ < "1", reason="Datasette 0.65 changes nothing")
def test_nobody_changes_a_database_of_shoemon(tmp_path: Path) -> None:
    actions = ("execute-write-sql", "store-query", "create-table", "insert-row", "drop-table")

    async def trial() -> list[bool]:
        from datasette.resources import DatabaseResource, TableResource

        datasette = plain_datasette(build(tmp_path / "shoemon.db"))
        datasette.root_enabled = True
        await datasette.invoke_startup()
        whole, part = DatabaseResource("shoemon"), TableResource("shoemon", "shoes")
        return [
            await datasette.allowed(
                action=action, resource=part if "row" in action or "drop" in action else whole, actor={"id": "root"}
            )
            for action in actions
        ]

    assert asyncio.run(trial()) == [False] * len(actions)


@pytest.mark.parametrize(
    "sql,words",
    [
        (f"{COUNTING} select randomblob(900000) as b from c order by 1", "needs too much memory"),
        (f"{COUNTING} select x, hex(zeroblob(400000)) from c", "too large to show"),
        ("select length(hex(zeroblob(499000000)))", "too big"),
        ("select 1 union select 'a' like '" + "%a" * 51 + "'", "too complex"),
        ("select nope", "no such column: nope"),
        ("select * from pragma_database_list; select 2", "one statement"),
    ],
)
def test_a_statement_that_asks_too_much_ends_with_words(tmp_path: Path, sql: str, words: str) -> None:
    patient = {"sql_time_limit_ms": 100_000}
    (answer,) = ask([SQL + quote(sql)], None, build(tmp_path / "shoemon.db"), settings=patient)
    assert answer.status_code == 400 and words in answer.json()["error"]


def test_the_rows_of_a_statement_are_those_that_datasette_finds(tmp_path: Path) -> None:
    sql = """select 1 as n, 1.5 as "a""b", 'x' as n, x'00ff' as blob, null as "", :p as p
        union all select 2, 0, cast(x'ff41' as text), '', 1, 2 union all select 3, 4, 5, 6, 7, 8"""

    async def trial(datasette: Any) -> Any:
        datasette.max_returned_rows, database = 2, datasette.get_database("shoemon")
        asked = sql, {"p": "q"}, True
        found = await database.execute(*asked), await own_sql.apart(datasette, database, *asked)
        return [([tuple(row) for row in each], each.columns, each.rows[0]['a"b'], each.truncated) for each in found]

    inside, apart = in_a_loop(trial, build(tmp_path / "shoemon.db"), 100_000)
    assert apart == inside


def in_a_loop(trial: Callable[[Any], Any], database: Path, limit_ms: int) -> Any:
    """What a trial with a Datasette returns; no process may be left after it."""

    async def run() -> Any:
        datasette = plain_datasette(database, settings={"sql_time_limit_ms": limit_ms})
        await datasette.invoke_startup()
        return await trial(datasette)

    result = asyncio.run(run())
    assert children() == []
    return result


@pytest.mark.parametrize("sql", [ENDLESS, IN_ONE_FUNCTION])
def test_a_statement_is_killed_at_its_deadline(tmp_path: Path, sql: str) -> None:
    async def trial(datasette: Any) -> Any:
        return await datasette.client.get(SQL + quote(sql))

    answer = in_a_loop(trial, build(tmp_path / "shoemon.db"), 100)
    assert answer.status_code == 400 and "took too long" in answer.text


def test_pages_answer_while_statements_run_one_at_a_time_and_end_with_their_requests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_sql, "LONGEST_WAIT_S", 0.1)

    async def trial(datasette: Any) -> Any:
        first = asyncio.create_task(datasette.client.get(SQL + quote(IN_ONE_FUNCTION)))
        await until_in_loop(children)
        second = await datasette.client.get(SQL + "select+1")
        pages = [await datasette.client.get(path) for path in ("/", "/shoemon/activities", "/shoemon/ground_by_month")]
        running = len(children()), first.done()
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        return second.json()["error"], [page.status_code for page in pages], running

    error, codes, running = in_a_loop(trial, build(tmp_path / "shoemon.db"), 600_000)
    assert (codes, running) == ([200] * 3, (1, False))
    assert error == "Other statements are still running. Try again later."


@pytest.mark.parametrize(
    "where, limit_ms, codes", [("id='pegasus'", 100_000, (200,)), (f"({ENDLESS})", 300, (400, 500))]
)
def test_a_filter_of_ones_own_is_bounded_too(tmp_path: Path, where: str, limit_ms: int, codes: tuple[int, ...]) -> None:
    async def trial(datasette: Any) -> Any:
        return await datasette.client.get(f"/shoemon/shoes.json?_where={quote(where)}")

    answer = in_a_loop(trial, build(tmp_path / "shoemon.db"), limit_ms)
    assert answer.status_code in codes and ("interrupted" in answer.text.lower()) == (200 not in codes)


def test_connections_to_our_databases_have_limits_and_long_records_stay_readable(tmp_path: Path) -> None:
    database = build(tmp_path / "shoemon.db")
    Database(database).execute("UPDATE activities SET raw = ? WHERE id = 's:1'", ["x" * 2_000_000]).connection.commit()
    Database(tmp_path / "other.db")["t"].insert({"a": 1})
    with Pages(database, tmp_path / "other.db", app=plain_datasette) as pages:
        (answer,) = pages.get("/shoemon/activities.json?_shape=array&_col=raw")
        limit = sqlite3.SQLITE_LIMIT_LENGTH
        lengths = [
            pages.run(pages.datasette.get_database(name).execute_fn(lambda conn: conn.getlimit(limit)))
            for name in ("shoemon", "other")
        ]
    assert sorted(len(row["raw"]) for row in answer.json()) == [2, 2_000_000]
    assert lengths == [4_000_000, 1_000_000_000]
