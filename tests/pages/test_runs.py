"""The list of runs: by month, of a pair, by a word of the name, and page by page without losing one."""

import csv
import json
import runpy
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from datasette.utils import tilde_encode
from kit.pages import SHOE, Pages, Tags, build, change, get, page, text_of
from kit.trials import quick

from shoemon.pages.places import plugins_dir
from shoemon.pages.run_list import LATEST, OF_PAIR, SORTS

DASH = {**SHOE, "id": "dash", "name": "Velquist Dash", "retired_on": "2025-11-20"}


def of(id: str) -> str:
    return f"/-/run/{tilde_encode(id)}"


def runs(path: Path, *days: str, shoes: Sequence[str | None] = ("pegasus",)) -> Path:
    """A run of a kilometre on asphalt each day, in turn in `shoes`."""
    legs = [(f"s:{number:04}", shoes[number % len(shoes)], "asphalt", 1000.0) for number in range(len(days))]
    build(path, shoes=[SHOE, DASH], legs=legs, starts={leg[0]: day for leg, day in zip(legs, days, strict=True)})
    return change(path, "UPDATE activities SET name = 'Run ' || CAST(substr(id, 3) AS INTEGER)")


def listed(html: str) -> list[str]:
    """The runs on a page, by their ids, in the order they stand."""
    links = [
        str(attrs["href"]) for tag, attrs in Tags(html).found if tag == "a" and "/-/run/" in str(attrs.get("href"))
    ]
    return [link.rpartition("/")[2].replace("~3A", ":") for link in links]


def all_pages(path: Path, first: str) -> list[list[str]]:
    """The runs of every page from `first` on, by the links to earlier runs."""
    found, address = [], first
    with Pages(path) as pages:
        while address:
            html = pages.page(address)
            found.append(listed(html))
            further = [attrs["href"] for tag, attrs in Tags(html).found if tag == "a" and attrs.get("rel") == "next"]
            address = str(further[0]) if further else ""
            assert len(found) < 20
    return found


def test_runs_stand_by_month_with_pair_ground_and_the_question_after_the_pair(tmp_path: Path) -> None:
    days = ("2025-09-30", "2025-11-02T06:00:00Z", "2025-11-01T06:00:00Z")
    path = runs(tmp_path / "shoemon.db", *days, shoes=("pegasus", None, "dash"))
    text = unescape(text_of(page(path, "/-/runs")))
    assert (
        "November 2025 2 km in the whole month"
        " 2 Nov 2025 Run 1 1 km no shoe asphalt 1 km Which shoe? Run 1, 2 Nov 2025"
        " 1 Nov 2025 Run 2 1 km Velquist Dash asphalt 1 km Wrong shoe? Run 2, 1 Nov 2025"
        " September 2025 1 km in the whole month"
        " 30 Sep 2025 Run 0 1 km Nike Pegasus 40 asphalt 1 km Wrong shoe? Run 0, 30 Sep 2025"
    ) in text
    links = [attrs.get("href") for tag, attrs in Tags(page(path, "/-/runs")).found if tag == "a"]
    for link in (of("s:0001"), "/-/assign/s~3A0001", "/-/shoe/dash", "/shoemon/activities?counted=1"):
        assert link in links


def test_a_run_in_two_pairs_on_two_surfaces_is_listed_once_with_all_of_them(tmp_path: Path) -> None:
    legs = [("s:1", "pegasus", "asphalt", 3000.0), ("s:1", "dash", "asphalt", 1000.0), ("s:1", None, "gravel", 2000.0)]
    path = build(tmp_path / "shoemon.db", shoes=[SHOE, DASH], legs=legs)
    html = page(path, "/-/runs")
    said = "Morning run 6 km Nike Pegasus 40 , Velquist Dash , no shoe asphalt 4 km, gravel 2 km Which shoe?"
    assert said in text_of(html)
    assert listed(html) == ["s:1"]


def test_what_does_not_count_is_not_listed(tmp_path: Path) -> None:
    path = runs(tmp_path / "shoemon.db", "2025-11-02", "2025-11-03")
    one = "= 's:0001'"
    change(path, f"UPDATE activities SET counted = 0 WHERE id {one}", f"DELETE FROM legs WHERE activity {one}")
    assert listed(page(path, "/-/runs")) == ["s:0000"]


@pytest.mark.parametrize(
    "days",
    [
        [f"20{20 + n // 100}-{n % 12 + 1:02}-{n % 28 + 1:02}T06:00:00Z" for n in range(250)],
        ["2025-11-02"] * 250,
        [f"2025-11-{n % 3 + 1:02}{'T06:00:00Z' if n % 2 else ''}" for n in range(250)],
        ["2025-11-02"] * 100,
    ],
    ids=["years", "one day", "days with and without a clock", "one page just full"],
)
@pytest.mark.parametrize(
    "query", quick(["", "?shoe=pegasus", "?q=RUN", "?q=run&shoe=dash", "?sort=earliest", "?sort=longest&shoe=dash"], 1)
)
def test_page_by_page_every_run_comes_once_in_the_order_of_days(tmp_path: Path, days: list[str], query: str) -> None:
    path = runs(tmp_path / "shoemon.db", *days, shoes=("pegasus", "pegasus", "dash"))
    pages = all_pages(path, f"/-/runs{query}")
    dates = {f"s:{number:04}": day[:10] for number, day in enumerate(days)}
    pairs = {f"s:{number:04}": "dash" if number % 3 == 2 else "pegasus" for number in range(len(days))}
    wanted = {id for id in dates if "shoe" not in query or query.endswith(pairs[id])}
    found = [id for ids in pages for id in ids]
    assert len(found) == len(wanted) and set(found) == wanted
    if "longest" not in query:  # all are as long
        assert [dates[id] for id in found] == sorted((dates[id] for id in found), reverse="earliest" not in query)
    assert [len(ids) for ids in pages] == [100] * ((len(wanted) - 1) // 100) + [(len(wanted) - 1) % 100 + 1]


def varied(path: Path) -> Path:
    """Runs that differ in distance, climb and time; one in two pairs, one without climb and time, one with a formula."""
    legs = [("s:1", "pegasus", "asphalt", 3000.0), ("s:1", "dash", "gravel", 9000.0), ("s:2", "pegasus", "gravel", 10_000.04),
            ("s:3", None, "unknown", 5000.0)]  # fmt: skip
    build(path, shoes=[SHOE, DASH], legs=legs, starts={f"s:{n}": f"2025-11-0{n}T06:00:00Z" for n in (1, 2, 3)})
    of = "UPDATE activities SET name = {}, elevation_m = {}, moving_s = {}, elapsed_s = {} WHERE id = '{}'"
    return change(
        path,
        of.format("'Übers Moor'", 100.0, 3600.0, "NULL", "s:1"),
        of.format("'=1+1'", 300.0, 0.0, 2400.0, "s:2"),
        of.format("NULL", "NULL", "NULL", "NULL", "s:3"),
    )


ORDERS = {
    "": "321", "earliest": "123", "longest": "123", "shortest": "321", "climb": "213", "flat": "123", "time": "123",
    "brief": "213", "fastest": "213", "slowest": "123", "nonsense": "321", "longest&shoe=pegasus": "21", "shortest&q=moor": "1",
    "earliest&source=s": "123", "flat&surface=gravel": "12", "fastest&shoe=dash&since=2025-11-02": "", "shortest&shoe=-": "3",
}  # fmt: skip
"""The runs, by their ids, in the order of a parameter `sort` and of a filter; those without a figure come last."""


def test_runs_are_sorted_on_the_page_in_csv_and_in_json(tmp_path: Path) -> None:
    assert SORTS.keys() <= ORDERS.keys()
    with Pages(varied(tmp_path / "shoemon.db")) as pages:
        for sort, ids in ORDERS.items():
            html, table, data = (answer.text for answer in pages.get(*(f"/-/runs{end}?sort={sort}" for end in ("", ".csv", ".json"))))  # fmt: skip
            expected = [f"s:{id}" for id in ids]
            rows = csv.DictReader(table.splitlines())
            assert listed(html) == [row["id"] for row in rows] == [run["id"] for run in json.loads(data)] == expected, (
                sort
            )
        text = text_of(pages.page("/-/runs?sort=fastest"))
        climbs = text_of(pages.page("/-/runs?sort=climb"))
    assert "Fastest first 2 Nov 2025 · 4:00 /km =1+1 10 km" in text and "1 Nov 2025 · 5:00 /km Übers Moor 12 km" in text
    assert "3 Nov 2025 (no name) 5 km" in text and "Most climb first 2 Nov 2025 · 300 m" in climbs


def test_a_run_as_data_is_what_the_database_has_and_no_text_is_a_formula(tmp_path: Path) -> None:
    path = varied(tmp_path / "shoemon.db")
    table, data, fault = get(path, "/-/runs.csv?sort=earliest", "/-/runs.json?shoe=pegasus", "/-/runs.csv?since=May")
    assert table.headers["content-disposition"] == 'attachment; filename="runs.csv"'
    first, second, third = csv.DictReader(table.text.splitlines())
    assert dict(first) == {
        "id": "s:1", "day": "2025-11-01", "start": "2025-11-01T06:00:00Z", "name": "Übers Moor", "sport": "run", "source": "s",
        "distance_m": "12000.0", "distance_km": "12.0", "run_m": "12000.0", "moving_s": "3600.0", "climb_m": "100.0", "pairs": "dash; pegasus",
        "why_pair": "s calls it “Peg”", "why_ground": "the ways on the map are tagged so", "ground_hard_m": "3000.0",
        "ground_soft_m": "9000.0", "ground_synthetic_m": "0", "ground_treadmill_m": "0", "ground_unknown_m": "0", "surface_asphalt_m": "3000.0",
        "surface_gravel_m": "9000.0", "surface_tartan_m": "0", "surface_treadmill_m": "0", "surface_unknown_m": "0",
    }  # fmt: skip
    assert (second["name"], second["distance_m"], second["distance_km"]) == ("'=1+1", "10000.04", "10.0")
    assert (third["name"], third["pairs"], third["moving_s"]) == ("", "", "")
    whole, part = data.json()
    assert (whole["name"], whole["run_m"]) == ("=1+1", 10000.04)
    assert (part["distance_m"], part["run_m"]) == (3000.0, 12000.0)
    assert part["pairs_m"] == {"dash": 9000.0, "pegasus": 3000.0}
    assert (fault.status_code, fault.text) == (400, "“May” is not a day; write one such as 2024-03-01")


def test_more_runs_than_are_read_at_once_are_all_in_the_data(tmp_path: Path) -> None:
    days = [f"20{20 + n // 300}-{n % 12 + 1:02}-{n % 28 + 1:02}T06:00:00Z" for n in range(2100)]
    path = runs(tmp_path / "shoemon.db", *days)
    table, data = get(path, "/-/runs.csv", "/-/runs.json")
    ids = [row["id"] for row in csv.DictReader(table.text.splitlines())]
    assert len(ids) == len(set(ids)) == 2100 and ids == [run["id"] for run in data.json()]


def test_links_to_usual_spans_keep_the_rest_of_the_filter(tmp_path: Path) -> None:
    path = runs(tmp_path / "shoemon.db", "2025-11-02")
    tags = Tags(page(path, "/-/runs?shoe=pegasus&since=2020-01-01&sort=longest")).found
    links = [str(attrs.get("href")) for tag, attrs in tags if tag == "a"]
    found = [parse_qs(link.partition("?")[2]) for link in links if "until=" in link]
    today = datetime.now(UTC).date()
    month = today.replace(day=1)
    last = month - timedelta(days=1)
    spans = [(month, today), (last.replace(day=1), last), (today - timedelta(days=27), today)]
    spans.append((today.replace(month=1, day=1), today))
    assert found == [
        {"shoe": ["pegasus"], "since": [f"{since}"], "until": [f"{until}"], "sort": ["longest"]}
        for since, until in spans
    ]


def test_a_word_is_looked_for_in_five_thousand_runs_at_once_and_the_page_leads_on(tmp_path: Path) -> None:
    path = build(tmp_path / "shoemon.db", legs=())
    with sqlite3.connect(path) as conn:
        conn.executemany(
            """INSERT INTO activities(id, source, native_id, started_at, local_date, sport, name, distance_m, content_hash, raw, counted)
               VALUES (?, 's', ?, ?, '2025-11-02', 'run', ?, 1000, 'h', '{}', 1)""",
            [(f"s:{n}", n, f"2025-11-02T{n:05}", "needle" if n == 0 else "hay") for n in range(5001)],
        )
        conn.execute(
            "INSERT INTO legs VALUES ('s:0', 'pegasus', 'asphalt', 1000, '2025-11-02', 'none', NULL, 'none', NULL, 1)"
        )
    conn.close()
    html = page(path, "/-/runs?q=needle")
    assert listed(html) == [] and "None of the 5,000 runs searched." in text_of(html)
    assert "Search earlier runs" in html
    assert all_pages(path, "/-/runs?q=needle") == [[], ["s:0"]]


def test_of_a_run_in_two_pairs_the_list_of_one_counts_its_own_part(tmp_path: Path) -> None:
    legs = [
        ("s:1", "pegasus", "asphalt", 5000.0),
        ("s:1", None, "asphalt", 15_000.0),
        ("s:2", "pegasus", "gravel", 3000.0),
    ]
    path = build(tmp_path / "shoemon.db", legs=legs)
    text = text_of(page(path, "/-/runs?shoe=pegasus"))
    assert "8 km in the whole month" in text and "5 km of 20 km in several pairs" in text and " 3 km Nike" in text
    assert "in several pairs" not in page(path, "/-/runs")


def test_the_form_keeps_what_was_asked_and_is_sent_to_the_page_itself(tmp_path: Path) -> None:
    path = runs(tmp_path / "shoemon.db", "2025-11-02", shoes=("dash",))
    (answer,) = get(path, "/-/runs?q=%22%3E%3Cb%3E&shoe=dash")
    assert "form-action 'self'" in answer.headers["content-security-policy"]
    tags = Tags(answer.text).found
    assert [attrs for tag, attrs in tags if tag == "form"] == [
        {"class": "seek", "role": "search", "method": "get", "action": "/-/runs"}
    ]
    assert [attrs["value"] for tag, attrs in tags if tag == "input"] == ['"><b>', "", "", "", ""]
    chosen = [attrs["value"] for tag, attrs in tags if tag == "option" and "selected" in attrs]
    assert [value for value in chosen if value] == ["dash"]
    assert "Velquist Dash (retired)" in text_of(answer.text)
    (answer,) = get(path, "/-/runs?shoe=dash&before=2025-11-03&id=x")
    assert "Runs in Velquist Dash, before 3 Nov 2025:" in text_of(answer.text)
    assert 'href="/-/runs?shoe=dash"' in answer.text
    text = text_of(page(path, "/-/runs?shoe=nothing"))
    assert "Runs in a pair with the id nothing, which does not exist:" in text and "None." in text


@pytest.mark.parametrize(
    "query", ["before=%00", "before=~&id=~", "q=%00", "q=" + "x" * 7000, "shoe=%FF", "before=2025&id=", "q=&shoe="]
)
def test_whatever_the_address_asks_there_is_a_page(tmp_path: Path, query: str) -> None:
    path = runs(tmp_path / "shoemon.db", "2025-11-02")
    assert "<h1>Runs</h1>" in page(path, f"/-/runs?{query}")


def test_no_page_goes_through_all_runs_or_legs(tmp_path: Path) -> None:
    path = runs(tmp_path / "shoemon.db", *["2025-11-02"] * 3)
    legs = runpy.run_path(str(plugins_dir() / "shoemon_runs.py"))["LEGS"]
    one = runpy.run_path(str(plugins_dir() / "shoemon_run.py"))
    after = {sql: f"AND ({of}) {{}} (:before, :id)" for sql, of in (
        (LATEST, "a.started_at, a.id"), (OF_PAIR, "local_date, activity"))}  # fmt: skip
    asked = {"shoe": "pegasus", "before": "2026", "id": "", "limit": 100}
    with sqlite3.connect(path) as conn:
        plans = [row[3] for sql, more in after.items() for sign, order in (("<", "DESC"), (">", "ASC")) for text in ("", more)
                 for row in conn.execute("EXPLAIN QUERY PLAN " + sql.format(fits=1, pair="shoe = :shoe", after=text.format(sign), order=order), asked)]  # fmt: skip
        plans += [row[3] for row in conn.execute("EXPLAIN QUERY PLAN " + legs, ["[]"])]
        for sign, order in (("<", "DESC"), (">", "ASC")):
            sql = "EXPLAIN QUERY PLAN " + one["NEIGHBOUR"].format(sign, order)
            plans += [row[3] for row in conn.execute(sql, ["2025", "s:1"])]
        plans += [row[3] for row in conn.execute("EXPLAIN QUERY PLAN " + one["LEGS"], ["s:1"])]
        of_copies = f"EXPLAIN QUERY PLAN {one['RECORDS']} WHERE duplicate_of = ?"
        plans += [row[3] for row in conn.execute(of_copies, ["x"])]
    conn.close()
    scans = {plan for plan in plans if "SCAN" in plan}
    assert scans <= {"SCAN a USING INDEX activities_started_at", "SCAN l", "SCAN wanted VIRTUAL TABLE INDEX 1:"}
    assert any("legs_shoe" in plan for plan in plans) and any("activities_duplicate_of" in plan for plan in plans)
