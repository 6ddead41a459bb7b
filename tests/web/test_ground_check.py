"""Right on your own ground? Questions about the runner's own runs, on the page and in a terminal, and their answers."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from kit.browsing import PHONE, reading
from kit.commands import said_here
from kit.homes import Home
from kit.pages import Pages
from kit.runners import served
from kit.tracked import STREET, along, gpx, island, row, street_then_path, tracked_home, write_export

from shoemon.config.edit.history import undo_edit
from shoemon.model.errors import MistakeError
from shoemon.web.desk import Desk
from shoemon.web.ground_check import GroundCheck
from shoemon.web.run_track import NOT_WHAT_COUNTS, track

RUNS = 8


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Eight runs, each on a street of asphalt and then on a path of dirt."""
    tracks = {run: gpx(street_then_path(500.0 + 40 * run)) for run in range(1, RUNS + 1)}
    home = tracked_home(tmp_path_factory.mktemp("home"), [row(run, 1500, day=run) for run in tracks], tracks)
    home.sync()
    return home


def check(home: Home) -> GroundCheck:
    return GroundCheck(home.config, home.clock)


def next_of(home: Home) -> tuple[str, int, int]:
    stretch = check(home).stretches()[0]
    return stretch["activity"], stretch["start_m"], stretch["end_m"]


def say(home: Home, *surfaces: str | None) -> dict[str, Any]:
    """The result after these answers."""
    for surface in surfaces:
        home.clock.move(minutes=1)
        check(home).answer(next_of(home), surface)
    return check(home).result()


def test_answers_are_compared_by_ground_and_those_who_cannot_say_are_left_out(home: Home) -> None:
    asked = check(home).stretches(4)
    assert [each["end_m"] - each["start_m"] for each in asked] == [200] * 4
    on = ["dirt" if each["lat"] > STREET + 0.001 else "asphalt" for each in asked]
    assert sorted(on) == ["asphalt", "asphalt", "dirt", "dirt"]
    said = {"asphalt": "concrete", "dirt": "tartan"}
    result = say(home, *(said[surface] for surface in on), None)
    assert (result["right"], result["answers"], result["cannot_say"], result["not_stated"]) == (2, 4, 1, 0)
    assert (result["by_ground"], result["exact"]) == ({"hard": [2, 2], "soft": [0, 2]}, [0, 4])
    assert result["estimate"]["low"] < 0.5 < result["estimate"]["high"]
    assert [each["stated"] for each in check(home).answers][:4] == on


def test_the_map_of_a_question_shows_the_stretch_and_not_its_ground(home: Home) -> None:
    found, (_, start, end) = check(home).map(), next_of(home)
    parts = [part["properties"] for part in found["features"] if part["properties"]["kind"] == "run"]
    assert [(part["surface"], part["ground"]) for part in parts] == [
        ("rest of the run", "rest"), *[("this stretch", "asked")] * 2, ("rest of the run", "rest"),
    ]  # fmt: skip
    assert [part["metres"] for part in parts[:3]] == [start, (end - start) / 2, (end - start) / 2]
    lines = [part["geometry"]["coordinates"] for part in found["features"] if part["properties"]["kind"] == "run"]
    assert [one[-1] for one in lines[:-1]] == [two[0] for two in lines[1:]]
    assert "asphalt" not in json.dumps(parts) + json.dumps(found["about"])


def test_an_answer_is_compared_with_what_the_latest_match_states_and_kept_without_a_track(home: Home) -> None:
    answers = {"asphalt": "asphalt", "dirt": "dirt"}
    say(home, "gravel", "gravel")
    assert {each["stated"] for each in check(home).answers} == set(answers)
    (home.directory / "island.osm").write_text(island("gravel", "2024-05-05T00:00:00Z"), encoding="utf-8")
    home.clock.move(hours=1)
    home.sync()
    found = {each["stated"]: (each["surface"], each["verdict"]) for each in check(home).answers}
    assert found == {"asphalt": ("gravel", "right"), "dirt": ("dirt", "right")}
    for file in (home.directory / "export" / "activities").glob("*.gpx"):
        file.unlink()
    home.clock.move(hours=1)
    home.sync()
    assert check(home).stretches() == []
    assert check(home).result()["by_ground"] == {"soft": [2, 2]}
    write_export(home, [], {})
    home.sync()
    assert len(check(home).answers) == 2


def test_another_stretch_or_surface_is_refused(home: Home) -> None:
    asked = next_of(home)
    for stretch, surface in ((("strava:1", 0, 200), "paved"), (asked, "treadmill"), (asked, "cheese")):
        with pytest.raises(MistakeError):
            check(home).answer(stretch, surface)
    check(home).answer(asked, "paved")
    with pytest.raises(MistakeError, match="answered before"):
        check(home).answer(asked, "paved")
    assert home.rows("SELECT count(*) FROM ground_answers") == [(1,)]


def test_a_wrong_answer_becomes_a_place_that_counts_from_the_next_sync(home: Home) -> None:
    asked = next_of(home)
    say(home, "tartan")
    done = check(home).make_place(asked)
    assert home.config.plan.places[0].name in done.message
    assert "radius: 100 m\n    surface: tartan" in (home.directory / "shoes.yaml").read_text(encoding="utf-8")
    home.clock.move(hours=1)
    home.sync()
    (found,) = check(home).answers
    shown = [found[key] for key in ("origin", "verdict", "is_place")]
    assert shown == ["tag", "wrong", True]  # what the map states is no less wrong for it
    assert home.rows("SELECT sum(distance_m) > 150 FROM track_surfaces WHERE origin = 'place'") == [(1,)]
    undo_edit(home.config, done.undo)
    assert home.config.plan.places == ()


def test_only_runs_of_which_the_map_counts_are_asked_about_and_once(tmp_path: Path) -> None:
    """A watch beside a treadmill for 8.1 km; a run with a correction; and one that two exports have."""
    beside = [point for _ in range(14) for point in (*along(STREET, 90), *reversed(along(STREET, 90)))]
    tracks = {1: gpx(beside), **{run: gpx(along(STREET, 1500), f"2024-05-0{run}") for run in (2, 3)}}
    home = tracked_home(tmp_path, [row(1, 8100), row(2, 1500, day=2), row(3, 1500, day=3)], tracks)
    main = (tmp_path / "shoemon.yaml").read_text()
    home.main(main.replace("ground:", "  - {name: watch, type: tracks, path: export/activities}\nground:"))
    corrected = 'corrections: [{run: "strava:2", surface: dirt}]'
    for settings in ("", "\nrules: [{when: {sport: run}, surface: dirt}]"):
        home.shoes(f"shoes: []\n{corrected}{settings}\n")
        home.clock.move(hours=1)
        home.sync()
        assert [each["activity"] for each in check(home).stretches(9)] == ["strava:3"]
        assert track(home.config, "strava:1")["about"]["note"] == NOT_WHAT_COUNTS


class Asked:
    """The page as somebody at this address asks for it."""

    def __init__(self, home: Home, client: str = "203.0.113.9", **options: Any) -> None:
        self.client = client
        self.desk = Desk(home.config, home.clock)
        self.pages = Pages(home.database, desks={"shoemon": self.desk}, **options)

    def __call__(self, method: str = "GET", path: str = "", **form: str) -> Any:
        return self.pages.ask(method, f"/-/ground-check{path}", client=self.client, data=form)[0]


def test_who_may_not_edit_sees_the_question_without_buttons_and_no_form_of_theirs_is_taken(home: Home) -> None:
    ask = Asked(home)
    page = ask().text
    assert "What is in the middle of this stretch?" in page and "Answers are for those who may edit" in page
    assert "<form" not in page
    stretch = " ".join(map(str, next_of(home)))
    assert ask("POST", stretch=stretch, surface="paved", token=ask.desk.form_token("")).status_code == 403
    assert home.rows("SELECT * FROM ground_answers") == []


def test_a_form_of_this_page_is_taken_once_and_that_of_an_answer_makes_a_place(home: Home) -> None:
    ask = Asked(home, "127.0.0.1")
    page = ask().text
    assert page.count("<form") == 2
    form = {"stretch": " ".join(map(str, next_of(home))), "token": ask.desk.form_token("")}
    answers = [ask("POST", **form, **more) for more in ({"surface": "tartan"}, {"surface": "paved"}, {"place": "1"})]
    assert [answer.status_code for answer in answers] == [303, 409, 303]
    assert [answer.headers.get("location") for answer in answers[::2]] == [
        f"/-/ground-check?{said}" for said in ("said=answer", "undo=1&later=1")
    ]
    assert [place.surface for place in home.config.plan.places] == ["tartan"]
    assert "0 of 1 were right" in ask(path="?undo=1&later=1").text
    assert [ask("POST", **form, **more).status_code for more in ({}, {"surface": "lava"})] == [400, 409]


def test_who_may_not_see_tracks_sees_no_question_and_no_map(home: Home) -> None:
    closed = {"databases": {"shoemon": {"tables": {"track_surfaces": {"allow": {"id": "me"}}}}}}
    ask = Asked(home, metadata=closed)
    assert (ask().status_code, ask(path="/track.json").status_code) == (404, 403)


def test_a_round_in_a_browser_and_without_scripts(browser: Any, home: Home) -> None:
    with served(home) as pages:
        for scripts in (True, False):
            with reading(browser, pages.url, viewport=PHONE, java_script_enabled=scripts) as reader:
                reader.open("/-/ground")
                reader.click(reader.tab.get_by_role("link", name="Is it right?"))
                if scripts:
                    reader.drawn()
                    assert reader.tab.locator("path.is-asked").count() == 3  # with its sample below
                assert reader.tab.get_by_role("button").count() >= 5
                for name in ("Hard", "Running track", "Cannot say"):
                    reader.click(reader.tab.get_by_role("button", name=name))
                reader.tab.get_by_label("Or its surface").select_option("gravel")
                reader.click(reader.tab.get_by_role("button", name="This one"))
                assert re.search(r"\d of \d w\w+ right; of all your stated metres, \d+ to \d+ % are", reader.text())
                reader.click(reader.tab.get_by_role("button", name="Make it a place").first)
                assert "Written to shoes.yaml" in reader.text()
                reader.click(reader.tab.get_by_role("button", name="Undo").first)
                assert "Undone" in reader.text()
                if scripts:
                    assert reader.overflow() <= 0
    assert home.rows("SELECT count(*), sum(answer IS NULL) FROM ground_answers") == [(8, 2)]
    assert (home.directory / "shoes.yaml").read_text(encoding="utf-8").count("radius") == 0


def test_without_a_terminal_the_command_prints_the_stretches_and_the_result_so_far(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    say(home, "paved")
    said = said_here(monkeypatch, capsys, "ground", "check", "--answers", "3", "--config", str(home.directory))
    lines = said.out.splitlines()
    assert len(lines) == 4 and all("map: http://127.0.0.1:8001/-/ground-check" in line for line in lines[:3])
    assert re.fullmatch(r"2024-05-0\d, km \d\.\d\d to \d\.\d\d of Run \d; map: .*", lines[0])
    assert re.fullmatch(r"[01] of 1 w\w+ right; of all your stated metres, .* % are \(90 % interval\); .*\.", lines[3])
    said = said_here(monkeypatch, capsys, "ground", "check", "--json", "--config", str(home.directory))
    found = json.loads(said.out)
    assert found.keys() == {"stretches", "answers", "result"} and len(found["stretches"]) == 10
    assert "surface" not in found["stretches"][0]
