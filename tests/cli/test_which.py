"""`shoemon which`: the pairs that suit a run, each with its reasons."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from kit.commands import Said
from kit.homes import HandClock, Home

from shoemon.model.ids import SurfaceId
from shoemon.model.route import RouteGround
from shoemon.model.run_ground import GroundPart
from shoemon.words.which import SUGGESTION

SHOES = """\
shoes:
  - {id: road, name: Road, life: 100 km}
  - {id: trail, name: Trail, life: 200 km}
  - {id: race, name: Race, life: 300 km, reserve: {until: 2024-09-01, below: 100 km}}
  - {id: rests, name: Rests, bought: 2020-01-01}
  - {id: old, name: Old, retired: 2024-05-01}
"""
LINES = f"""\
For the next run (about 8 km, as on Sundays): Road, or Trail
1. Road: worn for 5 of your last 5 such runs; 44 km hard of its 44 km; 56 km left, 48 km after this run; last worn yesterday
2. Trail: worn for none of your last 5 such runs; 0 km hard of its 30 km; 170 km left, 162 km after this run; last worn 7 days ago
3. Race: kept for 2024-09-01; worn for none of your last 5 such runs; 300 km left, 292 km after this run; not worn yet
{SUGGESTION}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """On a Saturday, after four Sundays of 8 km and one run yesterday."""
    home = Home(tmp_path / "home", HandClock("2024-06-01T12:00:00"))
    home.shoes(SHOES)
    sundays = [(f"2024-05-{day:02}", 8, "Road", "asphalt") for day in (5, 12, 19, 26)]
    runs = [*sundays, ("2024-05-31", 12, "Road", "asphalt"), ("2024-05-25", 30, "Trail", "dirt")]
    home.table("watch", [
        (number, f"{day}T07:00:00Z", km * 1000, "run", "", shoe, ground, km * 360)
        for number, (day, km, shoe, ground) in enumerate(runs)
    ])  # fmt: skip
    home.sync()
    monkeypatch.setattr("shoemon.model.clock.system_clock", home.clock)
    return home


def test_pairs_are_suggested_for_the_next_run_by_habit(shoemon: Callable[..., Said]) -> None:
    assert shoemon("which").out == LINES


def test_the_json_has_codes_and_figures(shoemon: Callable[..., Said]) -> None:
    found = json.loads(shoemon("which --distance 20km --ground soft --json").out)
    assert {key: found[key] for key in ("as_of", "unit", "run", "note")} == {
        "as_of": "2024-06-01",
        "unit": "m",
        "run": {
            "day": "2024-06-01", "distance_m": 20_000, "ground_m": {"soft": 20_000}, "by": "asked", "weekday": None,
            "runs": 0,
        },
        "note": SUGGESTION,
    }  # fmt: skip
    assert [pair["shoe"] for pair in found["pairs"]] == ["trail", "road", "race"]
    assert found["pairs"][0] == {
        "shoe": "trail", "name": "Trail", "rank": 1, "remaining_m": 170_000.0, "after_m": 150_000.0, "rest_days": 7,
        "reasons": [
            {"code": "usual", "runs": 1, "of": 1, "share": 1.0},
            {"code": "ground", "ground_m": {"soft": 30_000}, "of_m": 30_000, "unknown_m": 0},
            {"code": "left", "remaining_m": 170_000, "after_m": 150_000},
            {"code": "rest", "days": 7, "last_on": "2024-05-25"},
        ],
    }  # fmt: skip


def test_a_route_gives_its_own_distance_and_ground(
    shoemon: Callable[..., Said], home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home.directory / "loop.gpx").write_text("<gpx/>")
    assert "there is no map on this machine" in shoemon("which --route loop.gpx").err
    parts = (GroundPart(SurfaceId("dirt"), "tag", 25_000.0, 0.9), GroundPart(SurfaceId("asphalt"), "tag", 5_000.0, 0.9))
    monkeypatch.setattr("shoemon.report.which.route_in_file", lambda *_: RouteGround("", 30_000.0, parts, (), None))
    assert shoemon("which --route loop.gpx").out.startswith("For 30 km (5.0 km hard, 25 km soft): Trail, or Road\n")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--distance 8", "'8' is not a distance; write a number and a unit (m, km, mi, yd)"),
        ("--distance 1001km", "no run has 1,001 km; write a distance of at most 1,000 km"),
        ("--ground mud", "'mud' is not one of 'hard', 'soft', 'synthetic'"),
        ("--route nowhere.gpx", "File 'nowhere.gpx' does not exist"),
        ("--route watch.csv --distance 8km", "--route has its own distance and ground"),
    ],
)
def test_what_no_run_can_be_is_refused_with_the_remedy(options: str, said: str, shoemon: Callable[..., Said]) -> None:
    answer = shoemon(f"which {options}")
    assert answer.code == 2 and said in answer.err and not answer.out


def test_without_runs_there_is_no_habit_and_without_pairs_no_suggestion(
    tmp_path: Path, shoemon: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Home(tmp_path / "other")
    assert "there is no database" in shoemon(f"which --config {other.directory}").err
    other.sync()
    assert shoemon(f"which --config {other.directory}").out == f"For the next run: no pair in use\n{SUGGESTION}\n"
