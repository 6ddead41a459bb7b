"""Datasette's pages about a database of shoemon: ids lead to the pages of runs and pairs, and queries do not open empty."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from datasette import __version__
from kit.pages import QUERIES, SHOE, TABLES, Pages, Tags, build, get, on_the_map, page, plain_datasette, text_of, track

from shoemon.store.schema import _VIEWS as VIEWS

QUERY = "" if __version__ < "1" else "/-/query"
LEGS = [("s:1", "pegasus", "asphalt", 6000.0), ("s:2", None, "gravel", 2000.0)]
MAP = {"track_matches": [track("s:1")], "track_surfaces": [on_the_map("s:1", "asphalt", 6000.0)]}
NO_ROWS = {"alerts_and_deliveries", "past_life_worn", "doubled_runs", "maybe_indoor_runs", "ground_disagreements"}
"""Queries and views that find nothing of these runs."""
SQL = "select 's:1' as activity, 's:9' as run, 'nobody' as shoe, 'pegasus' as id, 's:2' as other, 's:1' as name"


def links(html: str) -> dict[str, str]:
    """Where the links of cells lead: address by words."""
    return {text_of(words): href for cell in re.findall(r"(?s)<td.*?</td>", html)
            for href, words in re.findall(r'<a href="([^"]*)">(.*?)</a>', cell)}  # fmt: skip


def test_ids_of_runs_and_pairs_lead_to_their_pages_and_labels_to_their_rows(tmp_path: Path) -> None:
    database = build(tmp_path / "shoemon.db", legs=LEGS)
    run, pair = {"s:1": "/-/run/s~3A1", "s:2": "/-/run/s~3A2"}, {"pegasus": "/-/shoe/pegasus"}
    named = {"Nike Pegasus 40": "/-/shoe/pegasus"}
    sql = f"/shoemon{QUERY}?sql={quote(SQL)}"
    expected = {
        "/shoemon/recent_runs": run, "/shoemon/shoe_summary": pair, "/shoemon/monthly": named,
        "/shoemon/runs_of_a_shoe": {"s:1": run["s:1"]}, "/shoemon/next_to_replace": named, sql: {**run, **pair},
        "/shoemon/shoes": {**named, "pegasus": "/shoemon/shoes/pegasus"},
        "/shoemon/activities/s~3A1": {"s:1": run["s:1"], "Morning run": run["s:1"]},
    }  # fmt: skip
    with Pages(database) as pages:
        assert {path: {words: href for words, href in links(pages.page(path)).items() if words not in "s"}
                for path in expected} == expected  # fmt: skip
        legs = links(pages.page("/shoemon/legs"))
        (labels,) = pages.get("/shoemon/legs.json?_labels=on&_shape=array")
    assert {**run, **pair, "Nike Pegasus 40": "/shoemon/shoes/pegasus"}.items() <= legs.items()
    assert legs["Morning run"].startswith("/shoemon/activities/s~3A")
    assert labels.json()[0]["activity"] == {"value": "s:1", "label": "Morning run"}


def test_a_name_that_two_pairs_share_leads_to_neither(tmp_path: Path) -> None:
    database = build(tmp_path / "shoemon.db", shoes=[SHOE, {**SHOE, "id": "peg-2"}], legs=LEGS)
    assert not links(page(database, "/shoemon/monthly"))


def test_of_two_databases_each_links_to_its_own_pages(tmp_path: Path) -> None:
    paths = [build(tmp_path / f"{name}.db", legs=LEGS) for name in ("anna", "bob")]
    with Pages(*paths, app=plain_datasette) as pages:
        assert links(pages.page("/bob/recent_runs"))["s:1"] == "/bob/-/run/s~3A1"


@pytest.mark.parametrize(("language", "shown"), [("en", "6,000.25 1 0"), ("de", "6.000,25 1 0"), ("", "6,000.25 1 0")])
def test_figures_are_written_in_the_readers_language(tmp_path: Path, language: str, shown: str) -> None:
    database = build(tmp_path / "shoemon.db", legs=[("s:1", "pegasus", "asphalt", 6000.25)])
    sql = "select 6000.25 as metres, 1.0 as whole, 0.0 as none, 20260101 as day, 1e-9 as tiny, 0.123456789 as exact"
    with Pages(database) as pages:
        html = pages.page(f"/shoemon{QUERY}?sql={quote(sql)}", **{"accept-language": language})
    text = text_of(html[html.index("<tbody") :].partition("</tbody>")[0])
    point = "," if language == "de" else "."
    assert text == f"{shown}.0 20260101 1e-09 0{point}123456789"


@pytest.mark.parametrize("is_empty", [False, True])
def test_every_query_and_view_opens_with_rows_or_says_that_there_are_none(tmp_path: Path, is_empty: bool) -> None:
    asked = {name: query["params"][0] for name, query in QUERIES.items() if query.get("params")}
    if is_empty:
        database = build(tmp_path / "shoemon.db", legs=(), shoes=(), wear=())
    else:
        database = build(tmp_path / "shoemon.db", legs=LEGS, **MAP)
    titles = {name: about["title"] for name, about in (*QUERIES.items(), *TABLES.items())}
    opened = [*QUERIES, *(name for name in VIEWS if name != "unit")]
    answers = dict(zip(opened, get(database, *(f"/shoemon/{name}" for name in opened)), strict=True))
    without = {name for name, answer in answers.items() if "<td" not in answer.text}
    full = {"hard_share_by_week", "sources_and_freshness"}
    assert without == (answers.keys() - full if is_empty else NO_ROWS)
    for name, answer in answers.items():
        assert answer.status_code == 200 and titles[name] in answer.text, name
        assert ("There is nothing to show." in answer.text) == (name in without), name
        assert "0 results" not in answer.text and "0 records" not in answer.text
        if name in asked and not is_empty:
            assert f'<select id="choose-{asked[name]}" name="{asked[name]}">' in answer.text


def test_a_parameter_is_chosen_from_a_list_and_csv_and_json_take_the_same_first_value(tmp_path: Path) -> None:
    other = {**SHOE, "id": "dash", "name": "Dash", "retired_on": "2025-12-01"}
    legs = [*LEGS, ("s:3", "dash", "gravel", 9000.0)]
    database = build(tmp_path / "shoemon.db", shoes=[other, SHOE], legs=legs, **MAP)
    offered = {
        "runs_of_a_shoe": ["dash", "pegasus"], "runs_on_a_surface": ["gravel", "asphalt", "hard", "soft", "synthetic"],
        "why_this_shoe": ["s:3", "s:2", "s:1"], "ground_of_a_run": ["s:1"], "hard_share_by_week": ["", "2025-11-30"],
    }  # fmt: skip
    with Pages(database) as pages:
        for name, values in offered.items():
            tags = Tags(pages.page(f"/shoemon/{name}").partition('<form class="choose"')[2].partition("</form>")[0])
            assert [attrs["value"] for tag, attrs in tags.found if tag == "option"] == values, name
            key = QUERIES[name]["params"][0]
            bare = f"/shoemon/{name}.json?_shape=array"
            first, given = (answer.json() for answer in pages.get(bare, f"{bare}&{key}={values[0]}"))
            assert first == given != [], name
        chosen = Tags(pages.page("/shoemon/runs_of_a_shoe?shoe=nobody")).found
        (csv,) = pages.get("/shoemon/runs_of_a_shoe.csv")
    assert [attrs["value"] for tag, attrs in chosen if tag == "option" and "selected" in attrs] == ["nobody"]
    assert csv.text.splitlines()[1].endswith("s:3")


def test_who_may_not_see_the_pairs_is_offered_none(tmp_path: Path) -> None:
    database = build(tmp_path / "shoemon.db", legs=LEGS)
    closed = {"databases": {"shoemon": {"tables": {"shoes": {"allow": {"id": "me"}}}}}}
    assert '<form class="choose"' not in page(database, "/shoemon/runs_of_a_shoe", metadata=closed)
