"""The page of a pair: its life in words, its ground, why its runs are its, what was said of it, and lines that are true."""

import json
import re
import shlex
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from datasette.utils import tilde_encode
from kit.configurations import loaded
from kit.pages import HARMLESS_LOOKING, MARK_UP, SHOE, WEAR, Tags, build, change, get, page, text_of

from shoemon.cli.main import cli
from shoemon.config.load import load
from shoemon.decide.wear import longer_life
from shoemon.model.plan import Correction, Part

NO_DAYS = {"due_early_on": None, "due_on": None, "due_late_on": None}
DASH = {**SHOE, "id": "dash", "name": "Velquist Dash", "initial_m": 0.0}
PRICED = {**SHOE, "price": 130.0, "currency": "EUR", "bought_on": "2025-01-02", "brand": "Nike", "model": "Pegasus", "size": "EU 43",
          "link": "https://example.org/peg?a=1&b=2", "notes": "the left lace is new"}  # fmt: skip
STEADY = {**WEAR, "rate_m": 4600.0, "steadiness": "steady", "rotation_share": 0.62}
ALERT = {"kind": "wear", "shoe": "pegasus", "stage": "soon", "created_at": "2025-11-01T05:00:00Z", "body": "b", "data": "{}"}  # fmt: skip


def of(id: str) -> str:
    return f"/-/shoe/{tilde_encode(id)}"


def told(path: Path, id: str = "pegasus", **options: Any) -> str:
    """What a reader reads on the page of a pair."""
    return unescape(text_of(page(path, of(id), **options)))


def section(html: str, heading: str) -> str:
    """What a reader reads in one section of the page."""
    inside = html[html.index(f'aria-labelledby="{heading}">') :].partition(">")[2]
    return unescape(text_of(inside.partition("</section>")[0]))


def test_a_pair_is_shown_with_its_life_its_ground_and_what_it_costs(tmp_path: Path) -> None:
    html = page(build(tmp_path / "shoemon.db", shoes=[PRICED], wear=[STEADY]), of("pegasus"))
    text = unescape(text_of(html))
    assert text.startswith("Nike Pegasus 40 · shoemon")
    for part in (
        "Nike Pegasus 40 fresh Life 84 % 591 of 700 km 109 km left before its first run here 120 km hard 400 km soft 71 km"
        " Last run 2 Nov 2025 In rotation 62 % of the last 28 days",
        "Kind daily Maker Nike Model Pegasus Size EU 43 Link https://example.org/peg?a=1&b=2 Bought 2 Jan 2025 Price 130 EUR Cost 0.25 EUR per km, over 591 km Notes the left lace is new",
        "asphalt hard 400 85 % 1 gravel soft 71 15 % 1",
        "Month Hard Soft Together Nov 2025 400 71 471 Oct 2025 – – –",
    ):
        assert part in text
    assert ("a", {"href": PRICED["link"], "rel": "noreferrer"}) in Tags(html).found
    charts = {attrs["data-chart"]: attrs["data-src"] for tag, attrs in Tags(html).found if tag == "figure"}
    assert charts == {
        "life": "/shoemon/life_of_a_shoe.json?_shape=array&shoe=pegasus",
        "months": "/shoemon/ground_of_a_shoe_by_month.json?_shape=array&shoe=pegasus",
    }


@pytest.mark.parametrize(
    ("wear", "said"),
    [
        (STEADY, "At its limit of 700 km: about 20 Jan 2026 (1 Dec 2025 to 12 Mar 2026)."),
        ({**STEADY, "steadiness": "irregular", "due_late_on": None}, "At its limit of 700 km: about Jan 2026 (Dec 2025 or later)."),
        ({**STEADY, **NO_DAYS, "rate_m": 148.0, "no_day": "beyond"}, "At its limit of 700 km: about two years at 1 km a week."),
        ({**WEAR, **NO_DAYS, "no_day": "few_runs"}, "At its limit of 700 km: no forecast (too few runs in the last 28 days)."),
        ({**WEAR, "worn_m": 730_000.0, "remaining_m": -30_000.0, "status": "due"}, "Past its limit of 700 km by 30 km."),
        ({**WEAR, "worn_m": 700_000.0, "remaining_m": 0.0, "status": "due"}, "At its limit of 700 km."),
        ({**WEAR, "status": "retired"}, "Retired with 591 km of a life of 700 km."),
    ],
)  # fmt: skip
def test_the_life_is_told_in_words_for_eyes_and_for_ears(tmp_path: Path, wear: dict[str, Any], said: str) -> None:
    html = page(build(tmp_path / "shoemon.db", wear=[wear]), of("pegasus"))
    assert said in section(html, "life")
    label = next(attrs["aria-label"] for tag, attrs in Tags(html).found if attrs.get("class") == "plot")
    assert said in unescape(label or "").replace("\xa0", " ")


def test_it_says_for_which_pace_its_forecast_is(tmp_path: Path) -> None:
    worn = {**STEADY, "worn_m": 650_000.0, "remaining_m": 50_000.0}
    for name, wear, said in (
        ("a", STEADY, "is for 32.2 km a week."),
        ("b", worn, "is for 32.2 km a week, as its wear counts them."),
    ):
        assert said in told(build(tmp_path / f"{name}.db", wear=[wear]))


SHARED = [
    ("s:1", "pegasus", "asphalt", 6_000.0), ("s:1", "dash", "gravel", 4_000.0), ("s:2", "pegasus", "asphalt", 5_000.0),
    ("s:2", "pegasus", "gravel", 5_000.0), ("s:3", "pegasus", "treadmill", 8_000.0), ("s:4", "pegasus", "asphalt", 2_000.0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("units", "said", "parts"),
    [
        ("km", "Pace 5:25 /km of 3 of 4 runs Climb 60 m, 4 m per km of 2 of 4 runs Longest run 10 km",
         ["Cost 0.50 EUR per km, over 591 km"]),
        ("mi", "Pace 8:43 /mi of 3 of 4 runs Climb 197 ft, 20 ft per mi of 2 of 4 runs Longest run 6.2 mi",
         ["Cost 0.80 EUR per mi, over 367 mi", "367 of 435 mi 67.7 mi left", "The forecast is for 20 mi a week", "life=540 mi"]),
    ],
)  # fmt: skip
def test_figures_leave_out_what_is_unknown_and_take_of_a_run_in_two_pairs_its_share(
    tmp_path: Path, units: str, said: str, parts: list[str]
) -> None:
    """6 of 10 km in 50 min with 100 m of climb, an hour for 10 flat km, 40 min for 8 km on a treadmill; 2 km without a time."""
    wear, path = {**STEADY, "cost_per_km": 0.5}, tmp_path / "shoemon.db"
    change(
        build(path, units=units, shoes=[PRICED, DASH], wear=[wear], legs=SHARED),
        "UPDATE activities SET elapsed_s = 9000, moving_s = iif(id = 's:4', 0, 3000 + 600 * (id = 's:2') - 600 * (id = 's:3'))",
        "UPDATE activities SET elevation_m = iif(id = 's:1', 100, 0) WHERE id IN ('s:1', 's:2')",
        "UPDATE legs SET local_date = '2025-11-22' WHERE activity = 's:4'",
    )
    html = page(path, of("pegasus"))
    runs = "In figures Runs 4, 1.3 a week from the first to the last Moving time 2:10:00 of 3 of 4 runs"
    assert section(html, "figures") == f"{runs} {said}"
    text = unescape(text_of(html))
    assert [part for part in (*parts, "; 5.54 EUR per hour of 3 of 4 runs") if part not in text] == []
    assert units == "km" or " km" not in text


@pytest.mark.parametrize(
    ("retired", "lives", "said"),
    [
        ({}, {}, "Convention 640 km; not a limit of safety Your own pairs too few yet: 0 of 4 retired as worn out"),
        ({400: "outsole", 500: None, 510: "fit", 600: "other", 700: None, 0: None}, {"race": 1.0}, "too few yet: 3 of 4"),
        ({700: "upper", 410: None, 541: "outsole", 505: "cushioning"}, {}, "median 523 km of 4 retired as worn out (410 to 700 km)"),
        ({}, {"daily": 523_000.0}, "not a limit of safety Your default 523 km Your own pairs"),
    ],
)  # fmt: skip
def test_the_runners_own_life_of_a_kind_is_beside_the_convention_once_four_pairs_are_worn_out(
    tmp_path: Path, retired: dict[int, str | None], lives: dict[str, float], said: str
) -> None:
    """Beside a racing pair, and one that will be retired next year."""
    old = {f"old-{km}": {"worn_m": 1000.0 * km, "status": "retired"} for km in retired}
    wears = {**old, "race": {"status": "retired"}, "soon": {}}
    pairs = [{**SHOE, "id": id, "retired_on": "2025-01-02", "retired_because": None} for id in wears]
    for pair, reason in zip(pairs, retired.values(), strict=False):
        pair["retired_because"] = reason
    pairs[-2] = {**pairs[-2], "kind": "race"}
    wear = [WEAR, *({**WEAR, **own, "shoe": id} for id, own in wears.items())]
    path = build(tmp_path / "shoemon.db", shoes=[SHOE, *pairs], wear=wear)
    change(path, f"INSERT INTO _meta VALUES ('lives', '{json.dumps(lives)}')")
    text = section(page(path, of("pegasus")), "lasts")
    assert text.startswith("How long daily pairs last Convention 640 km") and said in text
    assert "after 644 km under the ball of the foot and 885 km under the heel, and outsoles lasted 1,223 km" in text


def test_the_picture_of_a_life_stands_alone_and_has_no_day_that_was_not_asked_for(tmp_path: Path) -> None:
    names = [*MARK_UP, *HARMLESS_LOOKING, "W" * 120, "a\x00\x1b\ufffe\r\nb", "鞋" * 120]
    shoes = [{**PRICED, "id": f"p{n}", "name": name} for n, name in enumerate(names)]
    wear, legs = [{**WEAR, "shoe": "p0"}], [("s:1", "p0", "asphalt", 400_000.0), ("s:2", "p0", "gravel", 71_000.0)]
    path = build(tmp_path / "shoemon.db", shoes=shoes, wear=wear, legs=legs)
    answers = get(path, *(f"/-/life/p{n}" for n in range(len(names))), "/-/life/p0?days=1&runner=1", "/-/life/none")
    assert [answer.status_code for answer in answers] == [200] * (len(names) + 1) + [404]
    texts: list[list[str]] = []
    for answer in answers[:-1]:
        assert answer.headers["content-type"].startswith("image/svg+xml")
        picture = ElementTree.fromstring(answer.content)
        tags = {node.tag.rpartition("}")[2] for node in picture.iter()}
        assert tags == {"svg", "title", "style", "rect", "text", "tspan"}
        assert not re.search(r"href|url\(|@import| on\w+=", re.sub(r"(?s)<(text|title)\b.*?</\1>", "", answer.text))
        written = picture.findall("{*}text")
        texts.append([" ".join("".join(node.itertext()).split()) for node in written])
        assert max(len(node.text or "") for node in written if node.get("font-size") == "22") <= 26
    assert texts[0] == [
        "<script>alert(1)</script>", "591 km 471 km of it in 1 month", "before its first run here 120 km", "hard 400 km", "soft 71 km",
        "Runs", "2", "Longest run", "400 km", "Cost per km", "0.25 EUR",
    ]  # fmt: skip
    assert texts[-1] == [*texts[0], "2 Nov 2025 to 2 Nov 2025"], "and no runner's name for who may not edit"
    assert texts[-2][:3] == ["鞋" * 26] * 2 + ["鞋" * 25 + "…"] and texts[-3][0] == "a\ufffd\ufffd\ufffd b"


def test_a_retired_pair_is_told_when_and_is_not_to_be_retired_again(tmp_path: Path) -> None:
    old = {**SHOE, "retired_on": "2025-11-03", "retired_because": "outsole"}
    text = told(build(tmp_path / "shoemon.db", shoes=[old], wear=[{**STEADY, "status": "retired"}]))
    assert "Retired on 3 Nov 2025 because of its outsole with 591 km of a life of 700 km." in text
    assert "Its life as a picture" in text and "Wear it again" in text
    assert "shoes retire" not in text and "A longer life" not in text


def test_a_pair_without_runs_says_what_gives_it_some(tmp_path: Path) -> None:
    html = page(build(tmp_path / "shoemon.db", shoes=[DASH], wear=[], legs=[]), of("dash"))
    text = unescape(text_of(html))
    assert "0 % 0 of 700 km 700 km left Last run none yet" in text
    assert "At its limit of 700 km: no forecast (the next sync makes one)." in text
    assert "None yet. A run counts for a pair if its export names the pair" in text and "shoemon sync" in text
    assert "figure" not in {tag for tag, _ in Tags(html).found}


def test_a_database_from_before_forecasts_had_steadiness_has_its_pages(tmp_path: Path) -> None:
    path = build(tmp_path / "shoemon.db", alerts=[{**ALERT, "id": "a", "title": "Nearly done"}])
    change(path, "DROP VIEW shoe_summary", *(f"ALTER TABLE shoe_wear DROP COLUMN {name}" for name in ("steadiness", "rotation_share", "rate_m", "resting_since", "no_day")),
           *(f"ALTER TABLE shoes DROP COLUMN {name}" for name in ("retired_because", "model", "size", "link")),
           "ALTER TABLE alerts DROP COLUMN acknowledged_at")  # fmt: skip
    text = told(path)
    assert "At its limit of 700 km: about 20 Jan 2026" in text and "Nearly done" in text
    assert "At its limit about 20 Jan 2026" in text_of(page(path))


def test_an_unknown_pair_is_said_to_be_missing(tmp_path: Path) -> None:
    ids = ("nobody", "<script>alert(1)</script>", "a/b?c=d")
    for id, answer in zip(ids, get(build(tmp_path / "shoemon.db"), *map(of, ids)), strict=True):
        assert answer.status_code == 404
        assert f"No pair in shoes.yaml has the id {id}." in unescape(text_of(answer.text).replace("&lt;", "<"))
        assert not [attrs for tag, attrs in Tags(answer.text).found if tag == "script" and "src" not in attrs]


def test_reasons_are_counted_by_run_whichever_source_was_asked(tmp_path: Path) -> None:
    legs = [(f"s:{number}", "pegasus", "asphalt", 1000.0) for number in range(7)] + [
        ("s:1", "pegasus", "gravel", 500.0)
    ]
    path = build(tmp_path / "shoemon.db", legs=[*legs, ("s:8", "dash", "asphalt", 99.0)], shoes=[SHOE, DASH])
    change(
        path,
        'UPDATE legs SET shoe_detail = \'{"gear": "Peg"}\'',
        'UPDATE legs SET shoe_detail = \'{"gear": "Peg", "source": "s"}\' WHERE activity = \'s:1\'',
        "UPDATE legs SET shoe_reason = 'rule', shoe_detail = '{\"rule\": 2}' WHERE activity IN ('s:2', 's:3')",
        "UPDATE legs SET shoe_reason = 'a_later_code' WHERE activity = 's:4'",
    )
    assert section(page(path, of("pegasus")), "why") == (
        "Why these runs count for it 4 runs , 4.5 km, because s calls it “Peg”"
        " 2 runs , 2 km, because rule 2 of shoes.yaml sets it 1 run , 1 km, because a_later_code"
    )


def test_the_latest_fifty_runs_are_listed_each_with_a_way_to_its_page_and_to_another_pair(tmp_path: Path) -> None:
    legs = [(f"s:{number}", "pegasus", "asphalt", 1000.0 * number) for number in range(1, 61)]
    path = build(tmp_path / "shoemon.db", legs=[*legs, ("s:60", "dash", "gravel", 5000.0)], shoes=[SHOE, DASH])
    change(
        path,
        "UPDATE activities SET local_date = date('2025-01-01', substr(id, 3) || ' days')",
        "UPDATE legs SET local_date = (SELECT local_date FROM activities WHERE id = activity)",
    )
    html = page(path, of("pegasus"))
    links = [attrs["href"] or "" for tag, attrs in Tags(html).found if tag == "a"]
    newest = [f"s~3A{number}" for number in range(60, 10, -1)]
    assert [link for link in links if link.startswith("/-/run/")] == [f"/-/run/{id}" for id in ("s~3A60", *newest)]
    assert [link for link in links if link.startswith("/-/assign/")] == [f"/-/assign/{id}" for id in newest]
    assert {"/-/runs?shoe=pegasus", "/shoemon/runs_of_a_shoe?shoe=pegasus"} <= set(links)
    assert html[: html.index('<details class="more-runs')].count("Wrong shoe?") == 10
    assert "40 runs before (to 12 Jan 2025)" in unescape(text_of(html))
    first = (
        "Morning run 60 km 2 Mar 2025 · of 65 km in several pairs · Wrong shoe? Morning run, 2 Mar 2025 asphalt 60 km"
    )
    assert first in section(html, "runs")


def test_what_was_told_of_a_pair_says_when_and_whether_it_arrived(tmp_path: Path) -> None:
    alerts = [
        {**ALERT, "id": "a", "title": "It is nearing its end", "created_at": "2025-10-01T05:00:00Z", "rearmed_at": "2025-10-02T05:00:00Z"},
        {**ALERT, "id": "b", "title": "It has reached its life", "covered_by": "c", "acknowledged_at": "2025-11-02T05:00:00Z"},
        {**ALERT, "id": "c", "title": "Several pairs", "shoe": None},
        {**ALERT, "id": "d", "title": "It is at 110 %", "created_at": "2025-12-01T05:00:00Z"},
    ]  # fmt: skip
    deliveries = [
        {"alert": "c", "notifier": "hook", "state": "failed"},
        {"alert": "c", "notifier": "mail", "state": "sent"},
        {"alert": "c", "notifier": "push", "state": "sent"},
        {"alert": "d", "notifier": "mail", "state": "pending"},
    ]
    path = build(tmp_path / "shoemon.db", alerts=alerts, deliveries=deliveries)
    change(path, "INSERT INTO _meta VALUES ('timezone', 'Europe/Helsinki')")
    assert section(page(path, of("pegasus")), "said") == (
        "Alerts about it"
        " It is at 110 % 1 Dec 2025, 07:00 · waiting to be sent by mail"
        " It has reached its life 1 Nov 2025, 07:00 · not delivered by hook · sent by mail, push · sent as part of another message · seen"
        " It is nearing its end 1 Oct 2025, 08:00 · not sent, because shoemon.yaml named no notifier · may come again"
    )


def written(html: str) -> dict[str, str]:
    """The blocks of text to copy, by what each is for."""
    found = re.findall(r'(?s)<pre tabindex="0" aria-label="(.*?)"><code>(.*?)</code></pre>', html)
    return {unescape(label): unescape(text) for label, text in found}


@pytest.mark.parametrize(
    ("run", "units", "life_m"),
    [
        ("s:1", "km", 800_000.0),
        ("s:1", "mi", 540 * 1609.344),
        ("s:C:\\runs\\a.fit#2", "km", 800_000.0),
        ("s:{a: [b], 'c': \"d\"} # e", "km", 800_000.0),
        ("s:</code></pre><script>alert(1)</script>", "km", 800_000.0),
        ("s:a\n- b\u2028c", "km", 800_000.0),
    ],
)
def test_every_line_to_copy_is_true(tmp_path: Path, run: str, units: str, life_m: float) -> None:
    path = build(tmp_path / "shoemon.db", units=units, shoes=[SHOE, DASH], legs=[(run, "pegasus", "asphalt", 1000.0)])
    lines = written(page(path, of("pegasus")))
    shoes = "shoes:\n  - id: pegasus\n    name: Nike Pegasus 40\n  - {id: dash, name: Velquist Dash}\n"
    plan = loaded(tmp_path, f"units: {units}\n", shoes + lines["Lines that correct one run"] + "\n").plan
    assert list(plan.corrections.values()) == [Correction(run=run, shoe=(Part("dash"),))]  # type: ignore[arg-type]
    for label, expected in (
        ("Command that retires the pair", ("2025-11-02", 640_000)),
        ("Command that gives the pair a longer life", ("2025-11-02", pytest.approx(life_m))),
    ):
        command = shlex.split(lines[label])
        assert command[0] == "shoemon"
        done = CliRunner().invoke(cli, [*command[1:], "--config", str(tmp_path)])
        assert done.exit_code == 0, done.output
        pair = load(tmp_path).plan.shoes[0]
        assert (pair.retired_on, pair.life_m) == expected


def test_a_longer_life_is_longer_than_the_life_and_than_what_was_worn() -> None:
    cases = {(640_000, 0): "740 km", (700_000, 650_000): "800 km", (700_000, 930_100): "1040 km", (20_000, 0): "120 km"}
    assert {case: longer_life(*case, "km") for case in cases} == cases
