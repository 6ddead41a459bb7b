"""The page of the ground: kilometres by surface and month, the hard share beside the target, what is not known and why."""

import re
import runpy
import sqlite3
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from kit.homes import Home, table_source
from kit.pages import Pages, Tags, build, change, get, on_the_map, page, text_of, track
from sqlite_utils import Database

from shoemon.config.edit.operations import Put
from shoemon.config.edit.settings import change_setting
from shoemon.pages import decisions, rows, targets, unknown
from shoemon.pages.places import plugins_dir
from shoemon.pages.site import Site
from shoemon.store.whereabouts import UntaggedWay, keep
from shoemon.web.desk import Desk

GROUND = runpy.run_path(str(plugins_dir() / "shoemon_ground.py"))
PATH = "/-/ground"


def days_ago(days: int) -> str:
    return (datetime.now(UTC).date() - timedelta(days=days)).isoformat()


def section(html: str, name: str) -> str:
    """The part of the page with this heading; nothing if there is none."""
    found = re.search(rf'(?s)<section[^>]* aria-labelledby="{name}">(.*?)</section>', html)
    return found[1] if found else ""


def rows_of(html: str) -> list[str]:
    """The rows of the tables in a part of the page, as they are read."""
    return [text_of(row) for row in re.findall(r"(?s)<tr>(.*?)</tr>", html)]


def totals(*rows: tuple[str, str, float]) -> list[dict[str, Any]]:
    """Totals of months: month, surface, metres."""
    return [
        {"month": month, "shoe": "pegasus", "surface": surface, "distance_m": metres, "runs": 1}
        for month, surface, metres in rows
    ]


# ---------------------------------------------------------------- this month, twelve months, all time


def test_the_latest_month_is_shown_by_surface_with_every_run_once(tmp_path: Path) -> None:
    legs = [
        ("s:1", "pegasus", "concrete", 6000.0), ("s:1", "pegasus", "gravel", 1400.0), ("s:1", None, "concrete", 600.0),
        ("s:2", None, "asphalt", 12_000.0),
    ]  # fmt: skip
    database = build(tmp_path / "shoemon.db", legs=legs, surfaces=[{"id": "concrete", "ground": "hard", "wear_factor": 1.0}],
                     month_mileage=totals(("2025-06", "tartan", 1000.0), ("2025-05", "gravel", 1.0), ("2024-11", "sand", 9e9)))  # fmt: skip
    found = section(page(database, PATH), "month")
    said = "November 2025 The latest month with a run; there is none yet in "
    assert text_of(found.partition("<div")[0]).startswith(said)
    assert "20 km in 2 runs, 93 % on hard ground" in text_of(found)
    assert rows_of(found) == [
        "Surface Ground km Share Runs", "asphalt hard 12 60 % 1", "concrete hard 6.6 33 % 1", "gravel soft 1.4 7 % 1",
        "Together 20 2",
    ]  # fmt: skip
    assert "Ground of the month: hard 93 %, soft 7 %" in text_of(found)
    assert text_of(found).endswith("None on tartan; other months of the last twelve have some.")
    assert '<a href="/shoemon/runs_on_a_surface?surface=concrete">concrete</a>' in found


def test_one_click_from_the_first_page_says_how_far_on_concrete_this_month(tmp_path: Path) -> None:
    today = days_ago(0)
    legs = [
        ("s:1", "pegasus", "concrete", 6000.0),
        ("s:2", "pegasus", "gravel", 1500.0),
        ("s:2", "pegasus", "unknown", 500.0),
    ]
    concrete = {"id": "concrete", "ground": "hard", "wear_factor": 1.0}
    database = build(tmp_path / "shoemon.db", legs=legs, day=today, surfaces=[concrete])
    answers = get(database, "/", PATH, "/-/shoe/pegasus")
    words = "6 to 6.5 km on concrete; paved and unknown ground may hide some."
    assert [text_of(each.text).count(words) for each in answers] == [1, 3, 1]
    first, ground, _ = answers
    assert [text_of(label) for label in re.findall(r'(?s)<a href="/-/ground"[^>]*>(.*?)</a>', first.text)] == [
        "Ground", "Ground and surfaces by month", "Which ground this month?"
    ]  # fmt: skip
    assert [tag for tag in Tags(ground.text).found if tag[1].get("aria-current")] == [
        ("a", {"href": "/-/ground", "aria-current": "page"})
    ]
    main = text_of(ground.text[ground.text.index("<main") :])
    assert main.startswith(f"Ground This month, {date.fromisoformat(today):%B %Y} 8 km in 2 runs, 75 % on hard ground")
    assert main.index("concrete hard 6 75 % 1") < 200


def test_a_month_is_named_as_what_it_is_to_the_runners_calendar() -> None:
    rows = [{"month": "2025-11", "surface": "grass", "ground": "soft", "distance_m": 1.0}]
    for day, said in (((2025, 11, 30), "this"), ((2025, 12, 1), "past"), ((2025, 10, 31), "to come")):
        assert GROUND["this_month"]("2025-11", rows, {}, date(*day))["is"] == said


def test_today_is_the_runners_own(tmp_path: Path) -> None:
    database = build(tmp_path / "shoemon.db")
    now = datetime(2025, 11, 30, 23, 30, tzinfo=UTC)
    found = []
    for zone in ("Pacific/Auckland", "America/Lima", "Mars/Olympus"):
        change(database, f"INSERT OR REPLACE INTO _meta VALUES ('timezone', '{zone}')")
        conn = sqlite3.connect(database)
        found.append(GROUND["load"](True, now, rows.rows_of(conn))["today"])
        conn.close()
    assert found == [date(2025, 12, 1), date(2025, 11, 30), date(2025, 11, 30)]


def test_twelve_months_by_surface_add_up_at_both_edges(tmp_path: Path) -> None:
    database = build(tmp_path / "shoemon.db", legs=[], month_mileage=[
        *totals(("2024-11", "gravel", 9e9), ("2024-12", "asphalt", 60_000.0), ("2024-12", "gravel", 40_600.0),
                ("2025-10", "treadmill", 50_000.0), ("2025-11", "asphalt", 140_000.0)),
        {"month": "2025-11", "shoe": None, "surface": "asphalt", "distance_m": 5000.0, "runs": 1}])  # fmt: skip
    found = section(page(database, PATH), "twelve")
    assert rows_of(found) == [
        "Surface Nov 2025 Oct 2025 Sep 2025 Aug 2025 Jul 2025 Jun 2025 May 2025 Apr 2025 Mar 2025 Feb 2025 Jan 2025 Dec 2024 Together",
        "asphalt (hard) 145 – – – – – – – – – – 60 205",
        "treadmill (treadmill) – 50 – – – – – – – – – – 50",
        "gravel (soft) – – – – – – – – – – – 40.6 40.6",
        "Together 145 50 – – – – – – – – – 101 296",
    ]  # fmt: skip
    (region,) = [attrs for _, attrs in Tags(found).found if attrs.get("role") == "region"]
    assert region["tabindex"] == "0" and region["aria-label"] == "Distance by surface and month, scrolls sideways"
    assert text_of(found).endswith("hard 205 km soft 40.6 km treadmill 50 km 0 km on concrete.")
    assert [attrs["href"] for _, attrs in Tags(found).found if "since=2024-12" in str(attrs.get("href"))] == [
        f"/-/runs?surface={surface}&since=2024-12-01&until=2024-12-31" for surface in ("asphalt", "gravel")
    ]


def test_all_time_is_the_total_of_every_surface_whatever_its_ground_is_now(tmp_path: Path) -> None:
    database = build(tmp_path / "shoemon.db", month_mileage=totals(("1999-03", "asphalt", 1.0)))
    change(database, "UPDATE surfaces SET ground = 'soft' WHERE id = 'asphalt'")
    found = page(database, PATH)
    assert rows_of(section(found, "ever")) == [
        "Surface Ground km Share Runs", "asphalt soft 400 85 % 1", "gravel soft 71 15 % 1", "Together 471"
    ]  # fmt: skip
    assert "Since Mar 1999" in text_of(section(found, "ever"))
    assert "471 km in 2 runs, 0 % on hard ground" in text_of(section(found, "month"))


def test_every_surface_leads_to_its_runs(tmp_path: Path) -> None:
    database = build(tmp_path / "shoemon.db")
    html = page(database, PATH)
    links = sorted({link for _, attrs in Tags(html).found if "runs_on_a" in (link := attrs.get("href") or "")})
    assert links == [f"/shoemon/runs_on_a_surface?surface={name}" for name in ("asphalt", "gravel")]
    listed = [answer.json() for answer in get(database, *(link.replace("?", ".json?_shape=array&") for link in links))]
    assert [(row["surface"], row["distance"]) for (row,) in listed] == [("asphalt", 400.0), ("gravel", 71.0)]


def test_where_the_ready_made_queries_are_missing_the_figures_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def none(*_: object) -> dict[str, str]:
        return {}

    monkeypatch.setattr(Site, "queries", none)
    html = page(build(tmp_path / "shoemon.db"), PATH)
    assert "runs_on_a_surface" not in html and "<figure" not in html
    assert "asphalt hard 400 85 % 1" in rows_of(section(html, "month"))
    assert "No run in the last 28 days." in section(html, "hard")
    assert "Nov 2025 85 15 471" in rows_of(section(html, "over-time"))


def test_miles_are_shown_where_miles_are_chosen(tmp_path: Path) -> None:
    html = page(build(tmp_path / "shoemon.db", units="mi"), PATH)
    assert "293 mi in 2 runs" in text_of(html) and rows_of(section(html, "ever"))[1] == "asphalt hard 249 85 % 1"
    assert "Miles" in section(html, "twelve") and "every mile of" in section(html, "unknown")
    assert not re.search(r"\bkm\b|kilomet", text_of(html))


# ---------------------------------------------------------------- hard ground beside the target


@pytest.mark.parametrize(
    ("legs", "target", "said"),
    [
        ((("asphalt", 61_000.0), ("gravel", 39_000.0)), "0.6", "61 % hard Your target: hard ground at most 60 %. Last 28 days: 61 %. "
         "At most 14 of the next 25 km on hard ground would meet it."),
        ((("asphalt", 61_000.0), ("gravel", 39_000.0)), "soft 0.4", "61 % hard Your target: soft ground at least 40 %. Last 28 days: 39 %. "
         "11 of the next 25 km on soft ground would meet it."),
        ((("asphalt", 6000.0), ("gravel", 4000.0)), "0.6", "60 % hard Your target: hard ground at most 60 %. Last 28 days: 60 %."),
        ((("asphalt", 2500.0), ("treadmill", 7500.0)), "0.333", "25 % hard Your target: hard ground at most 33.3 %. Last 28 days: 25 %."),
        ((("asphalt", 6000.0), ("gravel", 4000.0)), None, "60 % hard; you have set no target"),
        ((("asphalt", 6000.0), ("gravel", 4000.0)), "much", "60 % hard; you have set no target"),
        ((("asphalt", 3000.0), ("unknown", 7000.0)), "0.6",
         "Ground known for only 30 % of the last 28 days; at least half is needed. See below what helps. Your target: hard ground at most 60 %."),
        ((("unknown", 7000.0),), None,
         "Ground known for only 0 % of the last 28 days; at least half is needed. See below what helps."),
    ],
)  # fmt: skip
def test_the_hard_share_now_is_said_in_words_beside_the_target(
    tmp_path: Path, legs: Sequence[tuple[str, float]], target: str | None, said: str
) -> None:
    runs = [(f"s:{number}", "pegasus", *leg) for number, leg in enumerate(legs)]
    database = build(tmp_path / "shoemon.db", legs=runs, day=days_ago(3))
    if target is not None:
        ground, _, share = target.rpartition(" ")
        change(database, f"INSERT INTO _meta VALUES ('{ground or 'hard'}_share', '{share}')")
    found = section(page(database, PATH), "hard")
    words = text_of(found.partition("From <time")[0])
    assert words.removesuffix(' <p class="quiet small">') == f"Hard ground of 28 days {said}"
    assert ("hard_share 60%" in text_of(found)) == ("Your target" not in said)
    (figure,) = [attrs for tag, attrs in Tags(found).found if tag == "figure"]
    today = datetime.now(UTC).date().isoformat()
    assert figure["data-chart"] == "share"
    assert figure["data-src"] == f"/shoemon/hard_share_by_week.json?_shape=array&today={today}"


def test_what_was_not_known_is_left_out_and_said(tmp_path: Path) -> None:
    legs = [
        ("s:1", "pegasus", "asphalt", 3000.0),
        ("s:2", "pegasus", "gravel", 3000.0),
        ("s:3", None, "unknown", 2000.0),
    ]
    found = text_of(section(page(build(tmp_path / "shoemon.db", legs=legs, day=days_ago(27)), PATH), "hard"))
    assert "50 % hard" in found and ", without the 25 % whose ground is not known." in found
    (tmp_path / "old").mkdir()
    old = text_of(section(page(build(tmp_path / "old" / "shoemon.db", legs=legs, day=days_ago(29)), PATH), "hard"))
    assert "No run in the last 28 days." in old and "%" not in old.partition("No study")[0]


def test_the_lines_that_are_to_be_copied_are_settings_that_hold(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    html = page(build(tmp_path / "shoemon.db"), PATH)
    ((name, value),) = re.findall(r"shoemon set (\S+) (\S+)</code>", html)
    surface = unknown.KINDS["word"].command.replace("WORD", "mixed")
    home.main(f"{surface}\nsources:\n{table_source('watch')}")
    assert change_setting(home.config, name, value) == {"shoemon.yaml": [Put(("alerts", "hard_share"), "60%")]}
    assert home.config.plan.surfaces["mixed"].ground == "soft"


# ---------------------------------------------------------------- ground over time


def over_time(path: Path, *rows: tuple[str, str, float]) -> str:
    """The section on ground over time of a page whose totals are these: month, surface, metres."""
    return section(page(build(path, legs=[], month_mileage=totals(*rows)), PATH), "over-time")


def test_ground_over_time_is_the_share_of_every_month(tmp_path: Path) -> None:
    html = over_time(
        tmp_path / "shoemon.db", ("2024-11", "gravel", 9e9), ("2024-12", "asphalt", 60_000.0), ("2024-12", "gravel", 40_000.0),
        ("2025-10", "treadmill", 50_000.0), ("2025-11", "asphalt", 40_000.0), ("2025-11", "gravel", 10_000.0))  # fmt: skip
    assert text_of(html.partition("<figure")[0]) == (
        "Ground over time 80 % hard in November 2025 30 points more than in the twelve months together (50 %). "
        "The twelve months together: hard 50 % soft 25 % treadmill 25 %"
    )
    rows = rows_of(html)
    assert (rows[0], rows[1], rows[11], rows[12]) == (
        "Month Hard Soft Treadmill km", "Nov 2025 80 20 0 50", "Jan 2025 – – – –", "Dec 2024 60 40 0 100"
    )  # fmt: skip
    (figure,) = [attrs for tag, attrs in Tags(html).found if tag == "figure"]
    assert figure == {
        "class": "chart", "data-chart": "months", "data-src": "/shoemon/ground_by_month.json?_shape=array", "data-unit": "km"
    }  # fmt: skip
    (plot,) = [attrs for _, attrs in Tags(html).found if attrs.get("class") == "plot"]
    assert plot["aria-label"] == (
        "Distance of every month by ground, from Nov 2024 to November 2025. The last twelve months: hard 50 %, soft 25 %, "
        "treadmill 25 %"
    )
    hrefs = [href for _, attrs in Tags(html).found if (href := attrs.get("href"))]
    assert hrefs[0] == "/-/runs?ground=hard&since=2025-11-01&until=2025-11-30" and len(hrefs) == 8
    assert hrefs[-3:] == [
        "/shoemon/ground_by_month", "/shoemon/ground_by_month.csv", "/shoemon/ground_by_month.json?_shape=array"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ((), (("asphalt", 1.0),), "100 % hard in November 2025"),
        ((("asphalt", 1.0),), (("asphalt", 1.0),), "100 % hard in November 2025 As much as in the twelve months together (100 %)."),
        ((("asphalt", 1.0),), (("asphalt", 99.0), ("gravel", 1.0)), "99 % hard in November 2025 As much as in the twelve months together (99 %)."),
        ((("asphalt", 100.0),), (("asphalt", 98.0), ("gravel", 2.0)), "98 % hard in November 2025 1 point less than in the twelve months together (99 %)."),
        ((("unknown", 70.0), ("gravel", 30.0)), (("asphalt", 60.0), ("unknown", 40.0)),
         "60 % hard in November 2025 30 points more than in the twelve months together (30 %); less sure than it looks, as the "
         "ground of 40 % of the month and 55 % of the twelve is not known."),
        ((("unknown", 100.0),), (("asphalt", 100.0),),
         "100 % hard in November 2025 50 points more than in the twelve months together (50 %); less sure than it looks, as the "
         "ground of 50 % of the twelve is not known."),
        ((("unknown", 4.0), ("gravel", 96.0)), (("asphalt", 100.0),), "100 % hard in November 2025 50 points more than in the twelve months together (50 %)."),
        ((("asphalt", 5.0),), (("asphalt", 0.0),), "100 % hard in October 2025"),
    ],
)  # fmt: skip
def test_the_last_month_is_set_against_the_year_as_far_as_the_ground_is_known(
    tmp_path: Path, before: Sequence[tuple[str, float]], now: Sequence[tuple[str, float]], said: str
) -> None:
    rows = [("2025-10", surface, 1000 * metres) for surface, metres in before]
    rows += [("2025-11", surface, 1000 * metres) for surface, metres in now]
    html = over_time(tmp_path / "shoemon.db", *rows)
    assert text_of(html.partition("The twelve months together:")[0]) == f"Ground over time {said}"


def test_without_any_distance_there_is_no_ground_over_time(tmp_path: Path) -> None:
    html = page(build(tmp_path / "shoemon.db", legs=[], month_mileage=totals(("2025-11", "asphalt", 0.0))), PATH)
    assert section(html, "over-time") == section(html, "twelve") == section(html, "ever") == ""
    assert "0 km in 0 runs" in text_of(section(html, "month"))


# ---------------------------------------------------------------- what is not known, and why


def unknown_of(html: str) -> list[str]:
    """What the page lists as not known: the distance, the runs and why."""
    found = re.findall(r'(?s)<li>(.*?)<span class="remedy">', section(html, "unknown"))
    return [text_of(item) for item in found]


def test_every_reason_of_a_sync_is_told_with_what_helps_and_together_they_are_all(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.main(f"ground: {{surfaces: {{foam: {{ground: unknown}}}}}}\nsources:\n{table_source('watch')}")
    home.shoes(
        "shoes:\n  - {id: road, name: Road}\n  - {id: odd, name: Odd, surface: unknown}\n"
        "rules: [{when: {name: Ruled}, surface: unknown}]\n"
        'corrections: [{run: "watch:6", surface: {unknown: 50%, asphalt: rest}}]\n'
    )
    runs = [("Bare", "Road", ""), ("Bare too", "Odd", ""), ("Ruled", "Road", ""), ("In words", "Road", "moon <b>dust</b>"),
            ("In other words", "Road", "cheese"), ("Corrected", "Road", ""), ("Foam", "Road", "foam"), ("Known", "Road", "gravel")]  # fmt: skip
    rows = [(number + 1, f"2024-05-{number + 10}T06:00:00Z", 1000 * (number + 1), "run", name, shoe, surface)
            for number, (name, shoe, surface) in enumerate(runs)]  # fmt: skip
    home.table("watch", rows)
    home.sync()
    html = page(home.database, PATH)
    assert unknown_of(html) == [
        "9 km in 2 runs, because their export uses a word for the ground that is not a known surface (“cheese”, “moon "
        "&lt;b&gt;dust&lt;/b&gt;”).",
        "8 km in 3 runs, because a correction, a rule or a default sets it to unknown.",
        "7 km in 1 run, because shoemon.yaml sets the ground of their surface to unknown.",
        "1 km in 1 run, because their export has no track of them.",
    ]
    said = text_of(section(html, "unknown"))
    assert "The ground of 25 km of the last twelve months (69 %) is not known. These runs, and all before" in said
    remedy = "Define it as a surface of your own in shoemon.yaml : ground: {surfaces: {WORD: {ground: soft}}}"
    assert f"{remedy} The latest: In other words" in said
    assert re.findall(r'href="(/-/run/[^"]+)">(.*?)</a>', section(html, "unknown")) == [
        ("/-/run/watch~3A5", "In other words"), ("/-/run/watch~3A6", "Corrected"), ("/-/run/watch~3A7", "Foam"),
        ("/-/run/watch~3A1", "Bare"),
    ]  # fmt: skip
    assert rows_of(section(html, "month"))[1:3] == ["unknown unknown 18 50 % 6", "gravel soft 8 22 % 1"]


def test_a_run_without_ground_is_told_by_what_became_of_its_track(tmp_path: Path) -> None:
    names = ["none", "waiting", "outside", "partial", "silent", "stopped", "broken", "away", "copied"]
    legs = [(f"s:{name}", "pegasus", "unknown", 1000.0 * (number + 1)) for number, name in enumerate(names)]
    matches = [("outside", "outside"), ("partial", "partial"), ("silent", "matched"), ("stopped", "no track"), ("broken", "unreadable"),
               ("away", "away")]  # fmt: skip
    copy = {"id": "other:1", "source": "other", "native_id": "1", "started_at": "2025-11-02T06:00:00Z", "local_date": "2025-11-02", "sport": "run",
            "distance_m": 9000.0, "content_hash": "h", "raw": "{}", "counted": 0, "duplicate_of": "s:copied", "track": "a.fit"}  # fmt: skip
    database = build(tmp_path / "shoemon.db", legs=legs, activities=[copy],
                     track_matches=[*(track(f"s:{name}", status) for name, status in matches), track("other:1", "outside")])  # fmt: skip
    change(
        database,
        "UPDATE legs SET surface_reason = 'none'",
        "UPDATE legs SET surface_reason = 'unknown_map_end' WHERE activity = 's:partial'",
        """UPDATE legs SET surface_reason = 'unknown_untagged', surface_detail = '{"all": [
             {"reason": "unknown_untagged", "distance_m": 4000.0}, {"reason": "unknown_gap", "distance_m": 1000.0}]}'
           WHERE activity = 's:silent'""",
        "UPDATE activities SET track = 'a.fit' WHERE id NOT IN ('s:none', 's:copied')",
    )
    html = page(database, PATH)
    assert unknown_of(html) == [
        "16 km in 3 runs, because the imported map ends before it.",
        "8 km in 1 run, because their track could not be fetched.",
        "7 km in 1 run, because their track is unreadable.",
        "6 km in 1 run, because their track has no GPS positions.",
        "4 km in 1 run, because the ways have no surface on the map.",
        "2 km in 1 run, because their track was not matched to a map.",
        "1 km in 1 run, because their track has gaps.",
        "1 km in 1 run, because their export has no track of them.",
    ]
    assert section(html, "unknown").count('<code class="command">shoemon map get</code>') == 2
    assert '<a href="/shoemon/track_matches?status=unreadable">1 track that could not be read</a>' in section(
        html, "unknown"
    )
    closed = {"databases": {"shoemon": {"tables": {"track_matches": {"allow": {"id": "me"}}}}}}
    html = page(database, PATH, metadata=closed)
    assert unknown_of(html) == [
        "36 km in 7 runs, because nothing names the surface.",
        "4 km in 1 run, because the ways have no surface on the map.",
        "4 km in 1 run, because the imported map ends before it.",
        "1 km in 1 run, because their track has gaps.",
    ]
    assert "could not be read" not in html


def test_the_ways_to_tag_are_those_with_most_metres_and_lead_to_the_editor(tmp_path: Path) -> None:
    """Not counted are a second track of a run, and runs whose ground a correction sets or whose track goes nowhere."""
    legs = [(f"s:{number}", "pegasus", "unknown", 9000.0) for number in range(1, 5)]
    copy = {"id": "x:1", "source": "other", "native_id": "1", "started_at": "2025-11-02T06:00:00Z", "local_date": "2025-11-02", "sport": "run",
            "distance_m": 9000.0, "content_hash": "h", "raw": "{}", "counted": 0, "duplicate_of": "s:1"}  # fmt: skip
    on = [("s:1", 7, 900), ("s:1", 8, 50), ("x:1", 7, 880), ("s:2", 7, 100), ("s:2", 8, 3000), ("s:3", 9, 5000)]
    on.append(("s:4", 9, 5000))
    home, ids = Home(tmp_path), dict.fromkeys(id for id, _, _ in on)
    parts = [
        {"activity": id, "surface": "unknown", "origin": "untagged", "distance_m": 1.0, "confidence": 0.0} for id in ids
    ]
    database = build(home.database, legs=legs, activities=[copy], track_surfaces=parts)
    short = [("s:1", 100 + n, n) for n in range(1, 30)]
    keep(home.config.state_database, ids, [], (UntaggedWay(*way) for way in (*on, *short)))
    change(
        database,
        "UPDATE legs SET surface_reason = 'unknown_untagged'",
        "UPDATE legs SET surface_reason = 'correction' WHERE activity = 's:3'",
        """UPDATE legs SET surface_reason = 'unknown_short_track', surface_detail = '{"track_share": 0.1}'
           WHERE activity = 's:4'""",
    )
    with Pages(database, desks={"shoemon": Desk(home.config)}) as pages:
        html = section(pages.page(PATH), "ways")
        assert rows_of(html)[1:4] == ["way 3 2 Edit way 8", "way 1 2 Edit way 7", "way 0 1 Edit way 129"]
        assert len(rows_of(html)) == 1 + 20
        assert 'href="https://www.openstreetmap.org/edit?way=8" rel="noreferrer"' in html
        assert section(pages.page(PATH, host="192.168.1.7"), "ways") == ""
    assert section(page(database, PATH), "ways") == ""


def test_a_reason_of_an_other_kind_is_told_as_such() -> None:
    row = {"is_unknown": 1, "status": None, "tracked": 1}
    reasons = ["a_later_code", "indoor", "map_tag", "export"]
    assert {unknown.kind_of({**row, "reason": reason}) for reason in reasons} == {"nothing"}
    assert unknown.kind_of({**row, "reason": "none", "status": "matched"}) == "nothing"


def test_at_most_three_words_of_an_export_are_named_the_latest_first() -> None:
    rows = [
        {"is_unknown": 1, "status": None, "tracked": 0, "reason": "unknown_word", "word": word, "runs": 1,
         "distance_m": 1.0, "started_at": f"2025-01-0{number}", "id": f"s:{number}"}
        for number, word in enumerate(("a", "b", "c", "d is no\nword", "b"), start=1)
    ]  # fmt: skip
    (found,) = unknown.grouped(rows)
    assert (found["words"], found["more_words"], found["runs"]) == (["b", "d is no\nword", "c"], True, 5)


def test_only_the_last_twelve_months_are_asked_why(tmp_path: Path) -> None:
    database = build(tmp_path / "shoemon.db", legs=[("s:1", None, "unknown", 5000.0), ("s:2", None, "unknown", 4000.0)])
    change(
        database,
        "UPDATE legs SET local_date = '2024-11-30', surface_reason = 'none' WHERE activity = 's:2'",
        "UPDATE legs SET local_date = '2024-12-01', surface_reason = 'none' WHERE activity = 's:1'",
    )
    assert unknown_of(page(database, PATH)) == ["5 km in 1 run, because their export has no track of them."]


def test_where_all_ground_is_known_that_is_said(tmp_path: Path) -> None:
    legs = [("s:1", "pegasus", "treadmill", 5000.0)]
    html = page(build(tmp_path / "shoemon.db", legs=legs, day=days_ago(1)), PATH)
    assert text_of(section(html, "unknown")) == (
        "Unknown ground, and why None: the ground of every kilometre of the last twelve months is known."
    )
    assert "5 km in 1 run, 0 % on hard ground" in text_of(section(html, "month"))
    assert "0 % hard; you have set no target" in text_of(section(html, "hard"))


def test_where_most_ground_is_unknown_no_share_is_said(tmp_path: Path) -> None:
    legs = [("s:1", "pegasus", "unknown", 5000.0), ("s:1", "pegasus", "asphalt", 4000.0)]
    answers = get(build(tmp_path / "shoemon.db", legs=legs, day=days_ago(1)), "/", PATH)
    assert ["mostly on unknown ground" in text_of(section(each.text, "month")) for each in answers] == [True, True]


def test_where_nothing_is_known_the_page_says_what_helps(tmp_path: Path) -> None:
    database = build(tmp_path / "shoemon.db", legs=[("s:1", None, "unknown", 5000.0)], day=days_ago(1))
    html = page(change(database, "UPDATE legs SET surface_reason = 'none'"), PATH)
    assert rows_of(section(html, "month"))[1:] == ["unknown unknown 5 100 % 1", "Together 5 1"]
    assert "The ground of 5 km of the last twelve months (100 %) is not known." in text_of(section(html, "unknown"))
    assert "Give surface: to their shoe or to a rule in shoes.yaml , or default: to ground" in text_of(
        section(html, "unknown")
    )


def test_runs_on_which_export_and_map_disagree_are_counted_as_the_view_lists_them(tmp_path: Path) -> None:
    legs = [
        ("s:1", "pegasus", "gravel", 5000.0),
        ("s:2", "pegasus", "gravel", 5000.0),
        ("s:3", "pegasus", "gravel", 5000.0),
    ]
    database = build(
        tmp_path / "shoemon.db",
        legs=legs,
        track_matches=[track("s:1")],
        track_surfaces=[on_the_map("s:1", "asphalt", 5000.0)],
    )
    change(
        database,
        "UPDATE activities SET unpaved_m = 5000",
        "UPDATE legs SET surface_reason = 'disagree' WHERE activity <> 's:2'",
        "UPDATE activities SET local_date = '2024-11-30', started_at = '2024-11-30T06:00:00Z' WHERE id = 's:3'",
    )
    found = section(page(database, PATH), "unknown")
    (link,) = re.findall(
        r'<a href="(/shoemon/ground_disagreements[^"]*)">1 run where export and map disagree</a>', found
    )
    (answer,) = get(database, link.replace("?", ".json?_shape=array&"))
    assert [row["activity"] for row in answer.json()] == ["s:1"]
    closed = {"databases": {"shoemon": {"tables": {"ground_disagreements": {"allow": {"id": "me"}}}}}}
    assert "disagree" not in page(database, PATH, metadata=closed)


# ---------------------------------------------------------------- any database, any reader, any text


def test_a_database_without_totals_of_months_still_shows_all_time(tmp_path: Path) -> None:
    html = page(change(build(tmp_path / "shoemon.db"), "DELETE FROM month_mileage"), PATH)
    assert section(html, "month") == section(html, "twelve") == section(html, "over-time") == ""
    assert rows_of(section(html, "ever"))[-1] == "Together 471"


def test_a_database_from_before_the_map_has_its_page(tmp_path: Path) -> None:
    database = build(tmp_path / "shoemon.db", legs=[("s:1", None, "unknown", 5000.0)])
    change(
        database,
        "UPDATE legs SET surface_reason = 'none'",
        *("DROP VIEW ground_disagreements", "DROP TABLE track_surfaces", "DROP TABLE track_matches"),
    )
    assert unknown_of(page(database, PATH)) == ["5 km in 1 run, because nothing names the surface."]


def test_no_statement_goes_through_all_legs_or_all_records(tmp_path: Path) -> None:
    db = Database(build(tmp_path / "shoemon.db"))
    days = {"first": "2025-01-01", "last": "2025-11-31"}
    asked: dict[str, tuple[str, Any]] = {
        name: (GROUND[name].format(GROUND["STATUS"]), days) for name in ("YEAR", "EVER", "RUNS", "UNKNOWN")
    }
    asked["BY_DAY"] = (targets.BY_DAY, tuple(days.values()))
    asked["TRACKS"] = (decisions.statement(("unreadable_tracks", "ground_disagreements")), (-1, "2025-01-01"))
    plans = {
        name: [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()]
        for name, (sql, values) in asked.items()
    }
    db.close()
    scanned = {plan for found in plans.values() for plan in found if plan.startswith("SCAN")}
    assert scanned <= {
        "SCAN t", "SCAN s", "SCAN u", "SCAN found", "SCAN surfaces", "SCAN track_matches", "SCAN CONSTANT ROW", "SCAN asked", "SCAN older",
        "SCAN shoes USING COVERING INDEX sqlite_autoindex_shoes_1", "SCAN part VIRTUAL TABLE INDEX 3: LEFT-JOIN",
    }  # fmt: skip
    assert [plan for plan in plans["EVER"] if plan.startswith("SCAN")] == ["SCAN t"]  # which are the totals by surface
    assert "SCAN t" not in plans["YEAR"]
    for name in ("RUNS", "BY_DAY", "UNKNOWN"):
        assert "SEARCH l USING INDEX legs_shoe (shoe=? AND local_date>? AND local_date<?)" in plans[name]
