"""The page of a run: everything that led to what it counts for, and lines to correct it that are true."""

import json
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from datasette.utils import tilde_encode
from kit.configurations import write
from kit.hostile import TEXTS
from kit.pages import MARK_UP, SHOE, Tags, add, build, change, get, on_the_map, page, text_of, track
from sqlite_utils import Database

from shoemon.config.load import load
from shoemon.model.plan import Correction, Part
from shoemon.pages.corrections import lines

DASH = {**SHOE, "id": "dash", "name": "Velquist Dash"}
GEAR = {"shoe_reason": "gear", "shoe_detail": '{"gear": "Pegasus 40 blue"}'}


def of(id: str) -> str:
    return f"/-/run/{tilde_encode(id)}"


def give(path: Path, table: str, where: str, **values: Any) -> Path:
    """Writes other values into some rows of a database."""
    db = Database(path)
    sets = ", ".join(f"{column} = :{column}" for column in values)
    with db.conn:
        db.execute(f"UPDATE {table} SET {sets} WHERE {where}", values)
    db.close()
    return path


def told(path: Path, id: str = "s:1", **options: Any) -> str:
    """What a reader reads on the page of a run."""
    return unescape(text_of(page(path, of(id), **options)))


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """A run of 10 km in Helsinki's summer, on gravel by its own tags, in the pair its export names."""
    path = build(
        tmp_path / "shoemon.db", shoes=[SHOE, DASH], legs=[("s:1", "pegasus", "gravel", 10_000.0)], day="2025-07-02"
    )
    give(path, "activities", "id = 's:1'", started_at="2025-07-01T22:30:00Z", utc_offset_s=10_800, moving_s=3000.0,
           elapsed_s=3725.0, elevation_m=105.0, sport="trail-run", gear_name="Nike Pegasus 40")  # fmt: skip
    return give(path, "legs", "1", **GEAR, surface_reason="map_tag", confidence=0.97)


def test_a_run_is_told_by_the_clock_of_its_own_zone_with_time_pace_and_climb(one: Path) -> None:
    assert (
        "Morning run Wednesday 2 Jul 2025 , 01:30 (UTC+3) · trail run Distance 10 km Time 50:00 Pace 5:00 /km"
        " Climb 105 m With stops 1:02:05"
    ) in told(one)


def test_in_miles_the_climb_is_in_feet(one: Path) -> None:
    give(one, "_meta", "key = 'units'", value="mi")
    assert "Distance 6.21 mi Time 50:00 Pace 8:03 /mi Climb 344 ft" in told(one)


@pytest.mark.parametrize(
    ("started", "offset", "clock"),
    [("2025-07-02", None, ""), ("2025-07-02T06:00:00Z", None, ", 06:00 (UTC)"), ("2025-07-02T06:00:00Z", 0, ", 06:00 (UTC)"),
     ("2025-07-02T06:00:00Z", -12_600, ", 02:30 (UTC-3:30)"), ("2025-07-02T06:00:00.123Z", 20_700, ", 11:45 (UTC+5:45)"),
     ("no moment at all", 0, "")],
)  # fmt: skip
def test_a_clock_is_told_where_there_is_one(one: Path, started: str, offset: int | None, clock: str) -> None:
    give(one, "activities", "1", started_at=started, utc_offset_s=offset)
    assert f"Wednesday 2 Jul 2025 {clock} · trail run" in told(one).replace("2025 · ", "2025  · ")


def test_shoe_and_ground_are_each_given_once_with_the_reason_and_how_sure_in_the_fold(one: Path) -> None:
    text = told(one)
    assert "Nike Pegasus 40 , because s calls it “Pegasus 40 blue”. Wrong shoe?" in text
    assert "gravel 10 km, because the ways on the map are tagged so. Its export has no track of this run." in text
    assert "How each metre is known Legs: what the totals add up Shoe" in text
    assert "Nike Pegasus 40 gravel soft 10 97 % sure Together 10 If" in text
    give(one, "sources", "1", type="strava-export")
    assert "because Strava calls it “Pegasus 40 blue”." in told(one)
    assert f'href="/-/assign/{tilde_encode("s:1")}">Wrong shoe?' in page(one, of("s:1"))


def test_legs_add_up_on_several_pairs_and_a_run_without_one_asks_which(tmp_path: Path) -> None:
    legs = [("s:1", "pegasus", "asphalt", 3000.0), ("s:1", "dash", "asphalt", 5000.0), ("s:2", None, "unknown", 4000.0)]
    path = build(tmp_path / "shoemon.db", shoes=[SHOE, DASH], legs=legs)
    give(path, "activities", "id = 's:1'", distance_m=9000.0)
    by_rule, both = (
        {"surface_reason": "rule", "surface_detail": '{"rule": 2}'},
        '{"gear": "G", "shoes": ["pegasus", "dash"]}',
    )
    give(path, "legs", "activity = 's:1'", shoe_reason="correction", **by_rule)
    give(path, "legs", "shoe IS NULL", shoe_reason="ambiguous", shoe_detail=both)
    text = told(path)
    assert "Velquist Dash for 5 km, because a correction in shoes.yaml sets it." in text
    assert "asphalt 8 km, because rule 2 of shoes.yaml sets it." in text
    assert "Its export gives 9 km; 8 km count." in text and "Together 8 Also" not in text and "Together 8 If" in text
    loose = told(path, "s:2")
    assert "No shoe , because s calls it “G”, and that fits pegasus and dash equally well." in loose
    assert "Which shoe?" in loose and "Wrong shoe?" not in loose


def test_several_reasons_of_a_leg_are_all_given_and_a_code_of_a_later_version_as_it_is(one: Path) -> None:
    several = [{"reason": "map_tag", "distance_m": 9.0}, {"reason": "rule", "rule": 2, "distance_m": 1.0}]
    give(one, "legs", "1", shoe_reason="asked_the_dog", surface_detail=json.dumps({"all": several}))
    text = told(one)
    assert "Nike Pegasus 40 , because asked_the_dog." in text
    assert "because the ways on the map are tagged so (0.01 km); rule 2 of shoes.yaml sets it (0 km)." in text


SHOES_YAML = "shoes: [{id: pegasus, name: Pegasus}, {id: dash, name: Dash}, {id: no, name: No}, {id: '7', name: S}]\n"
TO_CORRECT = {
    "id": "s:1", "counts": True, "duplicate_of": None, "unit": "km", "distance_m": 10_000.0, "worn": ["pegasus"],
    "others": ["dash", "no"], "legs": [{"surface": "asphalt", "ground": "hard", "distance_m": 1.0}], "map": [],
    "surfaces": ["asphalt", "gravel", "dirt"], "maybe_indoors": False, "maybe_same_as": None, "ignored": False,
}  # fmt: skip
MAPPED = [{"surface": name, "ground": "soft", "distance_m": metres} for name, metres in
          (("gravel", 5000.0), ("dirt", 2600.0), ("gravel", 400.0), ("unknown", 2000.0), ("wood", 1.0))]  # fmt: skip


def read_as(tmp_path: Path, run: str, line: str) -> Correction:
    """What shoemon makes of a line below `corrections:`."""
    write(tmp_path, shoes=f"{SHOES_YAML}corrections:\n{line}\n")
    (found,) = load(tmp_path).plan.corrections.values()
    assert found.run == run
    return found


@pytest.mark.parametrize(
    ("other", "shoes", "surfaces"),
    [
        ({}, [(Part("dash"),), (Part("pegasus", metres=5000.0), Part("dash"))], [(Part("gravel", share=0.3), Part("asphalt"))]),
        ({"unit": "mi", "worn": [], "others": ["no", "7"]}, [(Part("no"),), (Part("no", metres=3.1 * 1609.344), Part("7"))],
         [(Part("gravel", share=0.3), Part("asphalt"))]),
        ({"map": MAPPED, "others": []}, [(Part("pegasus"),)], [(Part("dirt", share=0.26), Part("unknown", share=0.2), Part("gravel"))]),
        ({"map": MAPPED[:1], "worn": [], "others": []}, [], [(Part("gravel"),)]),
        ({"legs": [{"surface": "dirt", "ground": "soft"}], "worn": ["pegasus", "no"], "others": []},
         [(Part("pegasus"),), (Part("pegasus", metres=5000.0), Part("no"))], [(Part("asphalt", share=0.3), Part("dirt"))]),
        ({"distance_m": 0.0, "surfaces": []}, [(Part("dash"),)], []),
    ],
)  # fmt: skip
def test_lines_to_correct_a_run_are_read_as_they_are_meant(
    tmp_path: Path, other: dict[str, Any], shoes: list[Any], surfaces: list[Any]
) -> None:
    found = [read_as(tmp_path, "s:1", line.yaml) for line in lines({**TO_CORRECT, **other})]
    assert [each.shoe for each in found if each.shoe] == [*shoes, (Part("none"),)]
    assert [each.surface for each in found if each.surface] == surfaces
    assert [each.ignore for each in found] == [False] * (len(found) - 1) + [True]


def test_a_record_that_does_not_count_can_be_made_to(tmp_path: Path) -> None:
    (line,) = lines({**TO_CORRECT, "counts": False})
    assert (line.title, read_as(tmp_path, "s:1", line.yaml).shoe) == ("Count it, in this pair", (Part("dash"),))
    (line,) = lines({**TO_CORRECT, "counts": False, "duplicate_of": "app:9"})
    assert read_as(tmp_path, "s:1", line.yaml).duplicate_of == "none"


@pytest.mark.parametrize(
    "text", [text for text in TEXTS if "\n" not in text and "\r" not in text and "\ud83d" not in text]
)
def test_whatever_an_id_holds_the_line_is_about_that_run(tmp_path: Path, text: str) -> None:
    for line in lines({**TO_CORRECT, "id": f"s:{text}"}):
        read_as(tmp_path, f"s:{text}", line.yaml)


def test_the_lines_stand_on_the_page(one: Path) -> None:
    text = told(one)
    assert "Was it indoors?" not in text
    assert 'Another pair - {run: "s:1", shoe: dash} ' in text
    assert 'Part of it in another pair - {run: "s:1", shoe: {pegasus: 5.0 km, dash: rest}} ' in text
    assert 'It does not count - {run: "s:1", ignore: true} ' in text
    short = {"surface_reason": "unknown_short_track", "surface_detail": '{"track_share": 0.07}'}
    give(one, "legs", "1", surface="unknown", **short)
    text = told(one)
    assert "because its track has only 7% of the distance and goes nowhere, as on a treadmill. Was it indoors?" in text
    assert text.count('It was on a treadmill - {run: "s:1", surface: treadmill} ') == 1


def test_a_record_of_a_run_told_twice_leads_to_the_one_that_counts_and_that_tells_what_it_was_lent(
    tmp_path: Path,
) -> None:
    legs = [(id, "pegasus", "asphalt", metres) for id, metres in (("s:1", 8000.0), ("s:2", 8100.0), ("s:3", 1.0))]
    app = {"name": "app", "type": "table", "activities": 1}
    path = change(
        build(tmp_path / "shoemon.db", legs=legs, sources=[app]),
        "UPDATE activities SET duplicate_of = 's:1', counted = 0, source = iif(id = 's:2', 'app', 's') WHERE id <> 's:1'",
        "DELETE FROM legs WHERE activity <> 's:1'",
    )
    lent = {"shoe_detail": '{"gear": "G", "source": "app"}', "surface_detail": '{"source": "app"}'}
    give(path, "legs", "1", shoe_reason="gear", surface_reason="indoor", **lent)
    copy, original = told(path, "s:2"), "Morning run of 2 Nov 2025 , 8 km by s (s:1)"
    assert f"It does not count It is the same run as {original}, which counts instead." in copy
    assert "duplicate_of: none" in copy and "Wrong shoe?" not in copy
    assert f'href="{of("s:1")}"' in page(path, of("s:2"))
    text = told(path)
    assert "s:2 , 8.1 km by app; this run takes from it: the name of its shoe, its ground. s:3 , 0 km by s." in text
    assert "because app calls it “G”." in text and "because app reports it as indoors." in text


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"counted": None}, "it is not decided yet; the next sync decides."),
        ({"not_counted": "not_a_run", "not_counted_detail": '{"sport": "ride"}'},
         "its sport (ride) is not among the sports in shoemon.yaml."),
        ({"not_counted": "ignored"}, "a correction in shoes.yaml says to ignore it."),
        ({"not_counted": "no_longer_listed"}, "its export no longer lists it, and its source in shoemon.yaml has"),
    ],
)  # fmt: skip
def test_a_record_that_does_not_count_says_why(tmp_path: Path, values: dict[str, Any], why: str) -> None:
    path = build(tmp_path / "shoemon.db")
    give(path, "activities", "id = 's:1'", **{"counted": 0, **values})
    change(path, "DELETE FROM legs WHERE activity = 's:1'")
    text = told(path)
    assert f"It does not count That is because {why}" in text and "Legs" not in text


def test_what_its_export_no_longer_lists_is_told(one: Path) -> None:
    give(one, "activities", "1", missing_since="2025-07-20T06:00:00Z")
    assert "Its export no longer lists it, since 20 Jul 2025, 06:00 UTC." in told(one)


@pytest.mark.parametrize(
    ("status", "message", "told_so"),
    [
        ("matched", None, "9.9 km of track matched to the map of 1 Oct 2025 ; positions accurate to 4 m."),
        ("partial", None, "1 km of it is outside the map; get a map of that place with shoemon map get"),
        ("outside", None, "is outside the imported maps. Get a map of that place: shoemon map"),
        ("indoors", None, "Its track t.fit was recorded indoors, as the device reports."),
        ("no track", "it holds no positions", "Its track t.fit has no GPS positions: it holds no positions. A correction can set"),
        ("unreadable", "cut off", "Its track t.fit is unreadable: cut off. Put a valid file in its place; the next sync reads it."),
        ("away", "no such zip", "Its track t.fit could not be fetched: no such zip. The next sync tries again."),
        ("matched", "no such zip", "From an earlier sync; last attempt: no such zip."),
    ],
)  # fmt: skip
def test_what_became_of_a_track_is_told_with_its_remedy(
    one: Path, status: str, message: str | None, told_so: str
) -> None:
    give(one, "activities", "1", track="t.fit")
    row = {**track("s:1", status, message), "distance_m": 9900.0, "outside_m": 1000.0, "sigma_m": 4.2}
    add(one, track_matches=[row])
    assert told_so in told(one)


def test_without_a_map_or_a_track_that_is_said(one: Path) -> None:
    assert "Its export has no track of this run." in told(one)
    give(one, "activities", "1", track="t.fit")
    assert "Its track t.fit is not matched to a map yet. Get a map: shoemon map get" in told(one)
    add(one, track_matches=[track("s:1")])
    give(one, "activities", "1", track=None)
    assert "Its export names no track any more, so its match to the map does not count." in told(one)


def test_the_map_is_told_beside_what_counts(one: Path) -> None:
    give(one, "activities", "1", track="t.fit")
    surfaces = [on_the_map("s:1", "asphalt", 6400.0), on_the_map("s:1", "unknown", 3500.0)]
    add(one, track_matches=[{**track("s:1"), "distance_m": 9900.0}], track_surfaces=surfaces)
    text = told(one)
    assert "The track on the map Surface Ground km By How sure asphalt hard 6.4 the ways’ own tags 90 % sure" in text
    assert "unknown unknown 3.5 the map names no surface If something" in text
    assert 'As on the map - {run: "s:1", surface: {unknown: 35%, asphalt: rest}}' in text
    assert "Ground soft 10 km soft 10 km gravel 10 km" in text


def test_the_ground_may_be_that_of_the_copy_whose_track_was_laid(tmp_path: Path) -> None:
    legs = [("s:1", "pegasus", "asphalt", 8000.0), ("app:2", "pegasus", "asphalt", 8100.0)]
    path = build(
        tmp_path / "shoemon.db",
        legs=legs,
        sources=[{"name": "app", "type": "tracks", "activities": 1}],
        track_matches=[track("app:2")],
        track_surfaces=[on_the_map("app:2", "asphalt", 8000.0)],
    )
    give(path, "activities", "id = 'app:2'", duplicate_of="s:1", counted=0, source="app", track="t.fit")
    change(path, "DELETE FROM legs WHERE activity = 'app:2'", "UPDATE legs SET surface_reason = 'map_tag'")
    text = told(path)
    assert "Its track is that of app:2 , the same run." in text
    assert "app:2 , 8.1 km by app; this run takes from it: its ground." in text
    with_desk = figure(path, "s:1")
    assert with_desk is not None and with_desk["data-src"] == f"{of('app:2')}/track.json"


def figure(path: Path, id: str, *, desk: bool = True) -> dict[str, str | None] | None:
    """The place of the map on the page, as the script finds it: with a desk or without."""
    desk_alone = SimpleNamespace(home=None, former=(), private=False, taps="links", serves_here=False)
    html = page(path, of(id), desks={"shoemon": desk_alone} if desk else None)
    found = [attrs for tag, attrs in Tags(html).found if tag == "figure" and attrs.get("class") == "map"]
    assert ("map.js" in html) == ("map.css" in html) == bool(found)
    return found[0] if found else None


def test_the_map_is_drawn_only_where_a_desk_can_read_a_track(one: Path) -> None:
    assert figure(one, "s:1") is None
    give(one, "activities", "1", track="t.fit")
    assert figure(one, "s:1") == {"class": "map", "data-src": f"{of('s:1')}/track.json", "data-unit": "km"}
    assert figure(one, "s:1", desk=False) is None
    add(one, track_matches=[track("s:1", "unreadable", "cut off")])
    assert figure(one, "s:1") is None


def test_runs_before_and_after_are_those_that_count(tmp_path: Path) -> None:
    legs = [(f"s:{number}", "pegasus", "asphalt", 1000.0) for number in range(5)]
    path = build(tmp_path / "shoemon.db", legs=legs)
    give(path, "activities", "id = 's:2'", counted=0)
    give(path, "activities", "id = 's:4'", started_at="2025-11-09", name=None)
    tags = Tags(page(path, of("s:3")))
    assert {attrs["rel"]: attrs["href"] for _, attrs in tags.found if attrs.get("rel") in ("prev", "next")} == {
        "prev": of("s:1"), "next": of("s:4"),
    }  # fmt: skip
    assert "Later: (no name), 2 Nov 2025 →" in told(path, "s:3")
    assert "Earlier: " not in told(path, "s:0")


def test_the_record_is_folded_laid_out_and_cut(one: Path) -> None:
    give(one, "activities", "1", raw='{"a": "\\ud83d <b>", "n": [1]}')
    html = page(one, of("s:1"))
    folded = html[html.index('<details class="raw">') :].partition("<code>")[2].partition("</code>")[0]
    assert unescape(folded) == '{\n  "a": "\\ud83d <b>",\n  "n": [\n    1\n  ]\n}'
    assert "Cut here" not in html and 'href="/shoemon/activities/s~3A1"' in html
    for raw in ("ä" * 30_000, "{" * 30_000, "[" * 100_000, '{"x": "' + "y" * 300_000 + '"}'):
        give(one, "activities", "1", raw=raw)
        html = page(one, of("s:1"))
        shown = unescape(html.partition('<pre tabindex="0"><code>' + raw[:1])[2].partition("</code>")[0])
        assert 19_000 < len((raw[:1] + shown).encode()) <= 20_000 and "Cut here; its row contains the rest." in html


def test_what_was_written_is_confirmed_with_the_way_back(one: Path) -> None:
    html = page(one, f"{of('s:1')}?said=written")
    assert '<p class="said" role="status">Written to shoes.yaml. ' in html
    assert f'<a href="/-/assign/{tilde_encode("s:1")}">Undo' in html
    assert 'role="status"' not in page(one, of("s:1")) and 'role="status"' not in page(one, f"{of('s:1')}?said=%3Cb%3E")


def test_an_unknown_run_is_said_to_be_unknown_whatever_its_id(one: Path) -> None:
    paths = [of(id) for id in ("s:9", *MARK_UP[::4])]
    for path, answer in zip(paths, get(one, *paths), strict=True):
        assert answer.status_code == 404, path
        tags = {tag for tag, _ in Tags(answer.text).found}
        assert not tags & {"script", "iframe", "svg", "form", "base", "style", "object"}
    (answer,) = get(one, of("s:9"))
    assert "No run with the id s:9 is stored." in text_of(answer.text)


def test_a_database_of_an_earlier_version_has_no_page_until_a_sync_brings_it_up_to_date(one: Path) -> None:
    db = Database(one)
    db.execute("PRAGMA foreign_keys = off")
    db.execute("ALTER TABLE reasons RENAME TO no_reasons")
    db.close()
    (answer,) = get(one, of("s:1"))
    assert answer.status_code == 404


def test_who_may_not_see_the_tracks_is_not_told_of_them(one: Path) -> None:
    closed = {"databases": {"shoemon": {"tables": {"track_surfaces": {"allow": {"id": "me"}}}}}}
    text = told(one, metadata=closed)
    assert "Together 10" in text and "has no track" not in text
