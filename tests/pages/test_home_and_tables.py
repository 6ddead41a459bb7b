"""The pages: what is shown, that nothing an activity says becomes HTML, and that everything is explained."""

import importlib
import json
import re
import runpy
import struct
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin

import pytest
from click.testing import CliRunner
from datasette.plugins import pm
from kit.pages import (
    NOTICE_LINKS,
    QUERIES,
    SHOE,
    TABLES,
    WEAR,
    WORDS,
    Pages,
    Tags,
    add,
    build,
    change,
    get,
    on_the_map,
    page,
    plain_datasette,
    text_of,
    track,
)  # fmt: skip
from sqlite_utils import Database

from shoemon.cli.main import cli
from shoemon.pages import places
from shoemon.pages.decisions import statement
from shoemon.pages.places import config_dir, plugins_dir

ALERT = {
    "id": "a",
    "kind": "wear",
    "stage": "due",
    "created_at": "2025-11-01T00:00:00Z",
    "title": "t",
    "body": "b",
    "data": "{}",
}


def test_a_pair_is_shown_with_its_life_ground_and_dates(tmp_path: Path) -> None:
    html = page(build(tmp_path / "shoemon.db"))
    text = text_of(html)
    for part in (
        "Nike Pegasus 40 fresh 84 % 591 of 700 km 109 km left before its first run here 120 km hard 400 km soft 71 km",
        "Last run 2 Nov 2025 At its limit about 20 Jan 2026 (1 Dec 2025 to 12 Mar 2026)",
        "Needs a decision Nothing.", "November 2025 471 km 85 % on hard ground",
    ):  # fmt: skip
        assert part in text
    label = "84 % of life used: before its first run here 120&nbsp;km, hard 400&nbsp;km, soft 71&nbsp;km"
    assert f'aria-label="{label}"' in html
    widths = {
        attrs["class"]: attrs["width"]
        for tag, attrs in Tags(html.partition('id="latest"')[0]).found
        if tag == "rect" and attrs.get("height") == "20"
    }
    assert widths == {"track": "1000", "is-initial": "171.4", "is-hard": "571.4", "is-soft": "101.4", "gap": "3"}


def test_miles_are_shown_where_miles_are_chosen(tmp_path: Path) -> None:
    text = text_of(page(build(tmp_path / "shoemon.db", units="mi")))
    assert "367 of 435 mi 67.7 mi left before its first run here 74.6 mi hard 249 mi" in text
    assert " km" not in text


def test_wear_beyond_life_has_a_mark_where_the_life_ended(tmp_path: Path) -> None:
    worn = {**WEAR, "worn_m": 1_000_000.0, "remaining_m": -300_000.0, "status": "over"}
    html = page(build(tmp_path / "shoemon.db", wear=[worn], legs=[("s:1", "pegasus", "asphalt", 880_000.0)]))
    assert "over 143 % 1,000 of 700 km 300 km over" in text_of(html)
    marks = {attrs["class"]: attrs["x"] for tag, attrs in Tags(html).found if tag == "rect" and "x" in attrs}
    assert (marks["mark"], marks["beyond"]) == ("700.0", "700.0")
    assert "At its limit" not in html


def test_resting_and_retired_pairs_are_folded_away(tmp_path: Path) -> None:
    others = {"old": ("Old pair", "2024-05-01"), "away": ("Resting pair", None)}
    shoes = [SHOE, *({**SHOE, "id": id, "name": name, "retired_on": day} for id, (name, day) in others.items())]
    wear = [WEAR, {**WEAR, "shoe": "old", "status": "retired"}, {**WEAR, "shoe": "away", "resting_since": "2023-05-01"}]
    path = build(tmp_path / "shoemon.db", shoes=shoes, wear=wear)
    shown, resting, retired, _ = (text_of(part.partition("</details>")[0]) for part in page(path).split("<details"))
    assert "Nike Pegasus" in shown and "Old pair" not in shown and "Resting pair" not in shown
    assert "Resting (1)" in resting and "Resting pair 84 %, 591 of 700 km" in resting
    assert "Retired (1)" in retired and "Old pair" in retired and "retired 1 May 2024" in retired
    assert "Resting: not worn for long" in text_of(page(path, "/-/shoe/away"))


def test_numbers_are_written_as_the_readers_browser_asks_for(tmp_path: Path) -> None:
    legs = [("s:1", "pegasus", "asphalt", 1_234_500.0), ("s:2", "pegasus", "gravel", 99_540.0)]
    database = build(tmp_path / "shoemon.db", legs=legs)

    asked = [None, "", "de-DE,de;q=0.9,en;q=0.8", "fr", "en;q=0.5, de-CH;q=0.9", "xx-klingon;q=1, *", "en_US"]
    asked.append("q=;;,=" * 200)
    expected = {
        "en": ("1,234 km", "99.5 km"), "de-DE": ("1.234 km", "99,5 km"), "fr": ("1\u202f234 km", "99,5 km"),
        "de-CH": ("1&#39;234 km", "99.5 km"),
    }  # fmt: skip
    with Pages(database) as pages:
        answers = [pages.page("/", **({} if text is None else {"accept-language": text})) for text in asked]
    found = []
    for html in answers:
        locale = (Tags(html).found[0][1]["data-locale"] or "").removesuffix("-u-nu-latn")  # as Babel writes digits
        assert all(f"<b>{text}</b>".replace(" km", "&nbsp;km") in html for text in expected[locale]), locale
        found.append(locale)
    assert found == ["en", "en", "de-DE", "fr", "de-CH", "en", "en", "en"]


def test_the_last_runs_are_listed_with_their_shoe_ground_and_the_way_to_another_shoe(tmp_path: Path) -> None:
    legs = [
        ("s:1", "pegasus", "asphalt", 6000.0),
        ("s:1", "pegasus", "gravel", 2000.0),
        ("s:/2.a", None, "unknown", 5000.0),
    ]
    html = page(build(tmp_path / "shoemon.db", legs=legs))
    listed = html[html.index('id="latest"') :].partition("</section>")[0]
    assert text_of(listed).partition(" All runs ")[2] == (
        "Morning run 8 km 2 Nov 2025 · Nike Pegasus 40 · Wrong shoe? Morning run, 2 Nov 2025 asphalt 6 km, gravel 2 km "
        "Morning run 5 km 2 Nov 2025 · no shoe · Which shoe? Morning run, 2 Nov 2025 unknown 5 km "
        "hard soft synthetic treadmill unknown"
    )
    assert re.findall(r'href="([^"]+)"', listed) == [
        "/-/runs", "/-/run/s~3A1", "/-/assign/s~3A1", "/-/run/s~3A~2F2~2Ea", "/-/assign/s~3A~2F2~2Ea",
    ]  # fmt: skip


def test_runs_claimed_twice_and_silent_sources_need_a_decision(tmp_path: Path) -> None:
    database = build(tmp_path / "shoemon.db", legs=[("s:1", None, "asphalt", 5000.0), ("s:2", None, "asphalt", 5000.0)],
        alerts=[{"id": "a", "kind": "stale", "stage": "silent:s", "created_at": "2025-11-01T00:00:00Z", "title": "t", "body": "b",
                 "data": json.dumps({"sources": [{"source": "s", "reason": "silent", "since": "x", "error": None}]})}])  # fmt: skip
    ambiguous = "UPDATE legs SET shoe_reason = 'ambiguous' WHERE activity = 's:2'"
    change(database, ambiguous, "UPDATE activities SET maybe_same_as = 's:1' WHERE id = 's:2'")
    assert decided(page(database)) == {
        "/-/assign": "2 runs without a shoe (10 km)",
        "/shoemon/unassigned_runs?reason=ambiguous": "1 of them claimed by more than one pair",
        "/-/doubts": "1 run that may count twice",
        "/shoemon/sources": "1 source that brings nothing new",
    }
    change(database, "UPDATE alerts SET rearmed_at = '2025-11-02T00:00:00Z'")
    assert "/shoemon/sources" not in decided(page(database))


@pytest.mark.parametrize(
    ("left_m", "status", "days", "asks"),
    [
        (-30e3, "due", 0, 1),
        (-30e3, "over", 27, 1),
        (-30e3, "over", 28, 0),
        (0.0, "due", 0, 0),
        (-30e3, "retired", 0, 0),
    ],
)
def test_a_pair_past_its_life_that_is_still_worn_needs_a_decision(
    tmp_path: Path, left_m: float, status: str, days: int, asks: int
) -> None:
    day = (datetime.now(UTC).date() - timedelta(days=days)).isoformat()
    database = build(tmp_path / "shoemon.db", wear=[{**WEAR, "remaining_m": left_m, "status": status}], day=day)
    assert [*decided(page(database)).items()] == [
        ("/shoemon/past_life_worn", "1 pair past its life and still worn")
    ] * asks
    found = [*Database(database).query("SELECT * FROM past_life_worn")]
    assert [tuple(row.values()) for row in found] == [("pegasus", "Nike Pegasus 40", 30.0, day)] * asks


def test_what_needs_a_decision_is_counted_and_linked(tmp_path: Path) -> None:
    links = decided(page(build(
        tmp_path / "shoemon.db", legs=[("s:1", None, "asphalt", 5000.0), ("s:1", None, "gravel", 4000.0), ("s:2", "pegasus", "asphalt", 1.0)],
        sources=[{"name": "web", "type": "table", "last_error": "404", "activities": 0}], alerts=[ALERT],
        problems=[{"source": "s", "place": f"a:{n}", "message": "m", "first_seen_at": "x", "last_seen_at": "x", "resolved_at": done}
                  for n, done in enumerate((None, None, "x"))],
        deliveries=[{"alert": "a", "notifier": "mail", "state": "failed"}, {"alert": "a", "notifier": "hook", "state": "pending"}])))  # fmt: skip
    assert links == {
        "/-/assign": "1 run without a shoe (9 km)",
        "/-/channels": "1 message waiting to be sent",
        "/shoemon/sources?last_error__notblank=1": "1 source with an error",
        "/-/left-out": "2 records that could not be read",
    }


def decided(html: str) -> dict[str, str]:
    """What the page lists as needing a decision: address and words."""
    found = html[html.index('class="decide"') :].partition("</section>")[0]
    return {Tags(tag).found[0][1]["href"] or "": text_of(label) for tag, label in re.findall(r"(?s)(<a [^>]*>)(<b>.*?)</a>", found)}  # fmt: skip


@pytest.fixture
def doubted(tmp_path: Path) -> Path:
    """Runs of 10 km which the export calls half soft, with as much soft and unknown ground by the map as they are called."""
    said = {"agree": (5000, 0), "unknown": (2000, 2000), "too little": (1000, 1000), "too much": (8000, 0), "first": (0, 0), "old": (0, 0), "off": (0, 0)}  # fmt: skip
    legs = [(run, "pegasus", "asphalt", 10_000.0) for run in said]
    surfaces = [on_the_map(run, surface, metres) for run, (soft, unknown) in said.items()
                for surface, metres in (("gravel", soft), ("unknown", unknown), ("asphalt", 10_000 - soft - unknown))]  # fmt: skip
    tracks = [track(run) for run in said] + [track("broken", "unreadable", "breaks off"), track("indoor", "no track")]
    database = build(tmp_path / "shoemon.db", legs=[*legs, ("broken", "pegasus", "asphalt", 1.0), ("indoor", "pegasus", "asphalt", 1.0)],
                     track_matches=tracks, track_surfaces=surfaces)  # fmt: skip
    db = Database(database)
    with db.conn:
        db.execute("UPDATE activities SET unpaved_m = 5000 WHERE id IN (SELECT activity FROM track_surfaces)")
        db.execute(
            "UPDATE legs SET surface_reason = 'disagree' WHERE activity IN ('too little', 'too much', 'first', 'old')"
        )
        db["activities"].update("first", {"local_date": "2024-12-01", "started_at": "2024-11-30T20:00:00Z"})
        db["activities"].update("old", {"local_date": "2024-11-30", "started_at": "2024-12-01T02:00:00Z"})
        db["activities"].update("off", {"counted": 0})
        db.execute("UPDATE legs SET local_date = (SELECT local_date FROM activities WHERE id = activity)")
    db.close()
    return database


def test_tracks_that_need_a_decision_are_counted_as_the_table_they_link_to_has_them(doubted: Path) -> None:
    found = decided(page(doubted))
    assert found == {
        "/shoemon/track_matches?status=unreadable": "1 track that could not be read",
        "/shoemon/ground_disagreements?local_date__gte=2024-12-01": "3 runs where export and map disagree",
    }
    listed = [path.replace("?", ".json?_shape=array&") for path in found]
    assert [[row["activity"] for row in answer.json()] for answer in get(doubted, *listed)] == [
        ["broken"], ["too little", "too much", "first"]
    ]  # fmt: skip


def test_who_may_not_see_the_tracks_sees_the_page_without_them(doubted: Path) -> None:
    closed = {"databases": {"shoemon": {"tables": {"track_surfaces": {"allow": {"id": "me"}}}}}}
    html = page(doubted, metadata=closed)
    assert "Nike Pegasus 40" in html and decided(html) == {}


def test_a_database_from_before_the_map_has_its_page_and_no_query_that_fails(doubted: Path) -> None:
    change(doubted, "DROP VIEW ground_disagreements", "DROP TABLE track_surfaces", "DROP TABLE track_matches")
    html = page(doubted)
    own = {link for _, attrs in Tags(html).found if (link := attrs.get("href") or "").startswith("/shoemon/")}
    assert decided(html) == {}
    assert "/shoemon/ground_by_month" in own and not [
        link for link in own if "track" in link or "ground_of_a_run" in link
    ]
    assert {(link, answer.status_code) for link, answer in zip(own, get(doubted, *own), strict=True)} == {
        (link, 200) for link in own
    }


def notices(html: str) -> list[str]:
    """OpenStreetMap's notice as it stands on a page, with where its links lead."""
    found = re.findall(r'Ground from maps: © <a href="(.*?)" rel="noreferrer">(.*?)</a> \(<a href="(.*?)" rel="noreferrer">(.*?)</a>\)', html)  # fmt: skip
    return [" ".join(parts) for parts in found]


def test_every_kind_of_page_names_openstreetmap_once(doubted: Path) -> None:
    paths = {
        "/": 200, "/shoemon": 200, "/shoemon/shoes": 200, "/shoemon/shoes/pegasus": 200, "/shoemon/track_surfaces": 200,
        "/shoemon/recent_runs": 200, "/shoemon/ground_by_month": 200, "/shoemon/ground_of_a_run?activity=old": 200,
        "/shoemon/shoes?_facet=kind": 200, "/-/versions": 200, "/-/plugins": 200, "/-/allow-debug": 200,
        "/nothing": 404, "/shoemon/nothing": 404, "/shoemon/shoes/nobody": 404, "/shoemon/shoes?_size=nothing": 400,
    }  # fmt: skip
    answers = get(doubted, *paths)
    assert {path: answer.status_code for path, answer in zip(paths, answers, strict=True)} == paths
    notice = f"{NOTICE_LINKS[0]} OpenStreetMap contributors {NOTICE_LINKS[1]} ODbL"
    assert {path: notices(answer.text) for path, answer in zip(paths, answers, strict=True)} == {
        path: [notice] for path in paths
    }


def test_a_page_about_another_database_says_nothing_of_the_map(tmp_path: Path) -> None:
    add(tmp_path / "other.db", things=[{"name": "thing"}])

    def noticed(*databases: Path) -> list[int]:
        with Pages(*databases, app=plain_datasette) as pages:
            return [len(notices(answer.text)) for answer in pages.get("/shoemon/shoes", "/other/things", "/-/versions")]

    assert noticed(build(tmp_path / "shoemon.db"), tmp_path / "other.db") == [1, 0, 1]
    assert noticed(tmp_path / "other.db") == [0, 0, 0]
    first = page(tmp_path / "other.db")
    assert "things" in first and "Powered by" in first and "Shoes" not in first, "Datasette's own first page"


def test_a_database_beside_it_is_left_as_it_is_and_led_to(tmp_path: Path) -> None:
    add(tmp_path / "other.db", things=[{"name": "thing"}])
    closed = {"databases": {"other": {"allow": {"id": "me"}}}}
    built = build(tmp_path / "shoemon.db")
    with Pages(tmp_path / "other.db", built, app=plain_datasette) as pages:
        for answer in pages.get("/other", "/other/things", "/other/things/1", "/other.json", "/other/nothing"):
            assert "shoemon" not in answer.text.replace("shoemon.db", "").lower(), answer.url
            assert not {"content-security-policy", "x-content-type-options"} & set(answer.headers)
        home = pages.page()
        assert "Nike Pegasus 40" in home and text_of(home).partition("Other databases ")[2].startswith("other ")
        assert "/-/shoemon/datasette.css" in pages.page("/shoemon/shoes")
    with Pages(built, tmp_path / "other.db", app=plain_datasette, metadata=closed) as pages:
        assert "Other databases" not in pages.page() and "Nike Pegasus 40" in pages.page()


def test_the_end_of_page_that_another_plugin_brings_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "another_plugin"
    (package / "templates").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "templates" / "_footer.html").write_text("Another's.")
    monkeypatch.syspath_prepend(str(tmp_path))
    another = importlib.import_module("another_plugin")
    pm.register(another)
    try:
        html = page(build(tmp_path / "shoemon.db"), "/shoemon/shoes")
    finally:
        pm.unregister(another)
    assert "Another's." in html and "Powered by" not in html and len(notices(html)) == 1


def test_a_users_own_end_of_page_stands_and_can_hold_the_notice(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "_footer.html").write_text('Mine. {% include "shoemon_notice.html" %}')
    database = build(tmp_path / "shoemon.db")
    with Pages(database, app=plain_datasette, template_dir=str(tmp_path / "templates")) as pages:
        html = pages.page("/shoemon/shoes")
    assert "Mine." in html and "Powered by" not in html and len(notices(html)) == 1


def test_records_stay_the_runners_own_and_the_maps_licence_is_named() -> None:
    tables = [TABLES[name] for name in ("track_matches", "track_surfaces", "ground_disagreements")]
    for about in (WORDS, WORDS["databases"]["shoemon"], *tables):
        assert about["license"] == "Personal records of the runner; OpenStreetMap's data are under the ODbL"
        assert "© OpenStreetMap contributors" in about["source"]
        assert NOTICE_LINKS[0] in (about.get("about_url"), about.get("source_url"))
        assert "license_url" not in about


def test_without_runs_every_pair_is_shown_and_no_ground(tmp_path: Path) -> None:
    text = text_of(page(build(tmp_path / "shoemon.db", wear=[], legs=[])))
    assert "Nike Pegasus 40" in text and "0 % " not in text


def test_a_page_lets_no_script_run_but_its_own_by_a_nonce_used_once(tmp_path: Path) -> None:
    first, again, table = get(build(tmp_path / "shoemon.db"), "/", "/", "/shoemon/shoes")
    nonces = []
    for answer in (first, again):
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
        scripts = [attrs for tag, attrs in Tags(answer.text).found if tag == "script"]
        (nonce,) = {attrs["nonce"] for attrs in scripts}
        assert policy["script-src"] == f"'nonce-{nonce}'" and all("src" in attrs for attrs in scripts)
        assert policy["style-src"] == policy["form-action"] == "'self'"
        assert policy["base-uri"] == policy["default-src"] == "'none'"
        nonces.append(nonce)
    assert nonces[0] != nonces[1] and "nonce" not in table.headers["content-security-policy"]


def test_styles_and_scripts_are_kept_for_good_and_bring_nothing_from_elsewhere(tmp_path: Path) -> None:
    database = build(tmp_path / "shoemon.db")
    first, table = get(database, "/", "/shoemon/shoes")
    static = sorted(set(re.findall(r'(?:href|src)="(/-/shoemon/[^"]+)"', first.text + table.text)))
    names = {link.partition("?")[0].rpartition("/")[2] for link in static}
    ours = "frame.css shoemon.css datasette.css shoemon.svg icon-192.png shoemon.webmanifest chartist.js charts.js"
    assert {*ours.split()} <= names
    for link, answer in zip(static, get(database, *static), strict=True):
        assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"], link
        assert "url(" not in answer.text and "@import" not in answer.text, link
    missing = [answer.status_code for answer in get(database, "/-/shoemon/../shoemon_home.py", "/-/shoemon/x.css")]
    assert missing == [404, 404]


def test_the_first_page_can_be_an_app_on_a_phone_also_below_a_path(tmp_path: Path) -> None:
    with Pages(build(tmp_path / "shoemon.db"), base_url="/shoes/") as pages:
        (address,) = [attrs["href"] for _, attrs in Tags(pages.page()).found if attrs.get("rel") == "manifest"]
        (answer,) = pages.get(str(address))
        manifest = answer.json()
        assert answer.headers["content-type"] == "application/manifest+json"
        assert [urljoin(str(address), manifest[key]) for key in ("start_url", "scope")] == ["/shoes/"] * 2
        icons = pages.get(*(urljoin(str(address), icon["src"]) for icon in manifest["icons"]))
    sizes = [struct.unpack(">II", icon.content[16:24]) for icon in icons if icon.content.startswith(b"\x89PNG")]
    assert [f"{width}x{height}" for width, height in sizes] == [icon["sizes"] for icon in manifest["icons"]]


@pytest.mark.parametrize("units", ["km", "mi"])
def test_every_table_view_and_column_is_explained(tmp_path: Path, units: str) -> None:
    db = Database(build(tmp_path / "shoemon.db", units=units))
    known = {row["name"]: [column.name for column in db[row["name"]].columns]
             for row in db.query("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'")}  # fmt: skip
    db.close()
    if units == "km":
        assert {name: sorted(about["columns"]) for name, about in TABLES.items()} == {
            name: sorted(of) for name, of in known.items()
        }
    answers = get(tmp_path / "shoemon.db", *(f"/shoemon/{name}" for name in known))
    for answer, (name, columns) in zip(answers, known.items(), strict=True):
        html = answer.text.replace("&#39;", "'")
        assert sorted(re.findall(r"<dt>(.*?)</dt>", html)) == sorted(columns), name
        assert f"<h1>{TABLES[name]['title']}" in html and text_of(TABLES[name]["description"])[:30] in text_of(html)


def test_distances_and_times_say_their_unit() -> None:
    said = [(column, text) for table in TABLES.values() for column, text in table["columns"].items()]
    said = [(column, text) for column, text in said if re.search(r"_(m|s|km)$", column)]
    units = {"m": "metre", "s": "second", "km": "unit of the column's name|ground|kilometre"}
    assert [pair for pair in said if not re.search(units[pair[0].rpartition("_")[2]], pair[1], re.I)] == []


@pytest.mark.parametrize("units", ["km", "mi"])
def test_every_query_answers_in_the_unit_chosen(tmp_path: Path, units: str) -> None:
    database = build(
        tmp_path / "shoemon.db",
        units=units,
        alerts=[ALERT],
        deliveries=[{"alert": "a", "notifier": "mail", "state": "sent"}],
        track_matches=[track("s:1")],
        track_surfaces=[on_the_map("s:1", "asphalt", 300_000.0), on_the_map("s:1", "unknown", 100_000.0)],
    )
    given = {"shoe": "nike pegasus 40", "activity": "s:1", "surface": "hard", "today": ""}
    paths = [
        f"/shoemon/{name}.json?_shape=array&" + "&".join(f"{key}={given[key]}" for key in query.get("params", []))
        for name, query in QUERIES.items()
    ]
    answers = get(database, *paths)
    rows = {name: answer.json() for name, answer in zip(QUERIES, answers, strict=True)}
    assert {answer.status_code for answer in answers} == {200}
    assert {name for name in rows if not rows[name]} == set()
    assert {row["unit"] for found in rows.values() for row in found if "unit" in row} == {units}
    assert rows["runs_on_a_surface"][0]["distance"] == (400.0 if units == "km" else 248.55)
    assert rows["cost_of_distance"][0]["cost_per_unit"] == (0.25 if units == "km" else 0.4)
    hard, soft, whole = (400.0, 71.0, 471.0) if units == "km" else (248.5, 44.1, 292.7)
    assert rows["ground_by_month"] == [{
        "month": "2025-11", "distance": whole, "hard": hard, "soft": soft, "synthetic": 0.0, "treadmill": 0.0, "unknown": 0.0,
        "unit": units, "hard_percent": 84.9, "soft_percent": 15.1, "unknown_percent": 0.0,
    }]  # fmt: skip
    by_map = {"local_date": "2025-11-02", "run": "Morning run", "status": "matched", "message": None, "unit": units}
    by_map["map_date"] = "2025-10-01"
    assert rows["ground_of_a_run"] == [
        {**by_map, "surface": "asphalt", "ground": "hard", "origin": "tag", "share_percent": 75.0, "confidence": 0.9,
         "distance": 300.0 if units == "km" else 186.41},
        {**by_map, "surface": "unknown", "ground": "unknown", "origin": "unknown", "share_percent": 25.0, "confidence": 0.9,
         "distance": 100.0 if units == "km" else 62.14},
    ]  # fmt: skip
    assert [(row["track"], row["track_message"]) for row in rows["why_this_shoe"]] == [("matched", None)]


def test_order_labels_and_hidden_tables_need_no_metadata_file(tmp_path: Path) -> None:
    database = build(tmp_path / "shoemon.db")
    activities, legs, everything = get(database, "/shoemon/activities", "/shoemon/legs", "/shoemon.json")
    assert "sorted by started_at descending" in activities.text
    assert ">Nike Pegasus 40</a>" in legs.text and ">Morning run</a>" in legs.text
    hidden = {table["name"] for table in everything.json()["tables"] if table["hidden"]}
    assert {name for name in hidden if not name.startswith("sqlite_")} == {"_meta", "_sqlite_migrations"}


def test_what_the_user_says_wins(tmp_path: Path) -> None:
    shoes = {"title": "My wardrobe", "columns": {"id": "Mine."}, "sort": "life_m"}
    mine = {"databases": {"shoemon": {"tables": {"shoes": shoes}}}}
    text = page(build(tmp_path / "shoemon.db"), "/shoemon/shoes", metadata=mine)
    said = ("<h1>My wardrobe", "<dd>Mine.</dd>", "sorted by life_m", "Name of the pair.")
    assert [words for words in said if words not in text] == []


def test_a_card_says_what_is_in_rotation_and_when_it_is_at_its_limit_or_why_nobody_knows(tmp_path: Path) -> None:
    irregular = {**WEAR, "steadiness": "irregular", "rotation_share": 0.62, "due_late_on": None}
    none = {**WEAR, "due_early_on": None, "due_on": None, "due_late_on": None, "no_day": "few_runs"}
    for name, wear, said in (
        ("months", irregular, "In rotation 62 % of the last 28 days At its limit about Jan 2026 (Dec 2025 or later)"),
        ("none", none, "At its limit no forecast (too few runs in the last 28 days)"),
    ):
        assert said in text_of(page(build(tmp_path / f"{name}.db", wear=[wear])))


def test_no_query_of_the_first_page_goes_through_the_legs_or_the_records(tmp_path: Path) -> None:
    home = runpy.run_path(str(plugins_dir() / "shoemon_home.py"))
    db = Database(build(tmp_path / "shoemon.db"))
    queries = {
        "SHOES": home["SHOES"].format(""),
        "STATE": statement(kind[0] for kind in home["DECISIONS"]),
        "TRACKS": statement(kind[0] for kind in home["DECISIONS_ON_TRACKS"]),
        **{name: home[name] for name in ("GROUND", "YEAR", "SINCE", "SOURCES", "OPEN_METRES")},
    }
    values = {"STATE": (10, "2025-01-01"), "TRACKS": (-1, "2025-01-01")}
    plans = {name: [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}", values.get(name, ())).fetchall()]
             for name, sql in queries.items()}  # fmt: skip
    db.close()
    scans = [plan for found in plans.values() for plan in found if re.search("SCAN.*(legs|activities)", plan)]
    assert scans == ["SCAN legs USING INDEX legs_short_track"]
    assert {plan for plan in plans["TRACKS"] if "SCAN" in plan} <= {
        "SCAN CONSTANT ROW", "SCAN asked", "SCAN older", "SCAN track_matches"
    }  # fmt: skip
    assert "SEARCH a USING INDEX activities_started_at (started_at>?)" in plans["TRACKS"]


def test_plain_datasette_needs_the_folder_only(tmp_path: Path) -> None:
    folder = CliRunner().invoke(cli, ["where", "plugins"]).output.strip()
    build(tmp_path / "shoemon.db")
    command = [sys.executable, "-m", "datasette", "shoemon.db", "--plugins-dir", folder, "--get", "/shoemon/shoes"]
    text = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "Kind of shoe" in text and "/-/shoemon/datasette.css" in text
    with Pages(tmp_path / "shoemon.db", app=plain_datasette) as pages:
        assert "Nike Pegasus 40" in pages.page() and "/-/shoemon/shoemon.css" in pages.page()
        assert {"shoemon_home.py", "shoemon_look.py", "shoemon_sql.py", "shoemon_words.py"} <= {
            plugin["name"] for plugin in json.loads(pages.page("/-/plugins.json"))
        }


def test_the_folders_are_found_in_an_installed_shoemon_and_beside_one_in_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (plugins_dir() / "shoemon_home.py").is_file() and (config_dir() / "metadata.yaml").is_file()
    monkeypatch.setattr(places, "_PACKAGE", tmp_path / "shoemon")
    assert (plugins_dir(), config_dir()) == (tmp_path / "plugins", tmp_path / "config")
    (tmp_path / "shoemon" / "_plugins").mkdir(parents=True)
    assert (plugins_dir(), config_dir()) == (tmp_path / "shoemon" / "_plugins", tmp_path / "config")
