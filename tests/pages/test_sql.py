"""SQL of one's own: not by a request that another site caused, and nothing else is touched by that."""

from pathlib import Path
from typing import Any

import pytest
from kit.pages import Pages, build, plain_datasette
from sqlite_utils import Database

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


def ask(paths: list[str], site: str | None, *files: Path, **options: Any) -> list[Any]:
    """The answers of a Datasette with the plugins to a browser that says which site made it ask."""
    with Pages(*files, app=plain_datasette, **options) as pages:
        return pages.get(*paths, **({"Sec-Fetch-Site": site} if site else {}))


@pytest.mark.parametrize("site", ["cross-site", "same-site", "Cross-Site"])
def test_a_request_that_another_site_caused_runs_no_sql(tmp_path: Path, site: str) -> None:
    allowing = {"databases": {"shoemon": {"allow_sql": True}}, "allow_sql": True}
    answers = ask(STATEMENTS, site, build(tmp_path / "shoemon.db"), metadata=allowing, crossdb=True)
    codes = [answer.status_code for answer in answers]
    assert 200 not in codes
    assert codes.count(403) >= 5
    assert not [answer.url for answer in answers if "42" in answer.text.replace("=42", "")]


@pytest.mark.parametrize("site", [None, "none", "same-origin"])
def test_the_readers_own_statement_is_run(tmp_path: Path, site: str | None) -> None:
    paths = ["/shoemon.json?sql=select+42+as+n&_shape=array", "/shoemon/-/query.json?sql=select+42+as+n&_shape=array"]
    answers = ask(paths, site, build(tmp_path / "shoemon.db"))
    assert [{"n": 42}] in [answer.json() for answer in answers if answer.status_code == 200]


def test_pages_and_ready_made_queries_are_led_to_from_anywhere(tmp_path: Path) -> None:
    paths = ["/", "/shoemon/shoe_summary", "/shoemon/shoes.json", "/-/ground", "/shoemon/ground_by_month.json"]
    answers = ask(paths, "cross-site", build(tmp_path / "shoemon.db"))
    assert [answer.status_code for answer in answers] == [200] * len(paths)


def test_databases_that_are_not_of_shoemon_are_left_alone(tmp_path: Path) -> None:
    Database(tmp_path / "other.db")["t"].insert({"a": 1})
    paths = ["/other.json?sql=select+42+as+n&_shape=array", "/other/-/query.json?sql=select+42+as+n&_shape=array"]
    answers = ask(paths, "cross-site", build(tmp_path / "shoemon.db"), tmp_path / "other.db")
    assert [{"n": 42}] in [answer.json() for answer in answers if answer.status_code == 200]
