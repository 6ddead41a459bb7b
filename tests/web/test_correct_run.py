"""Runs are corrected by a tap on their page: the line is written, totals are a recount, and undo is to the byte."""

from html import unescape
from pathlib import Path
from typing import Any

import pytest
from datasette.utils import tilde_encode
from kit.homes import Home, faults, table_source
from kit.pages import Pages, text_of

SHOES = "# mine\nshoes:\n  - {id: road, name: Road}\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Two runs of one morning in one export, which may be one; and another day's, that two exports have."""
    home = Home(tmp_path / "home")
    home.main(f"sources:\n{table_source('watch')}{table_source('app')}")
    home.shoes(SHOES)
    home.table("watch", [
        ("1", "2024-05-01T07:00:00Z", 10_000, "run", "Первый <b>", "", "asphalt", 3600),
        ("2", "2024-05-01T07:04:00Z", 10_050, "run", "Second", "", "asphalt", 3600),
        ("3", "2024-05-03T07:00:00Z", 5_000, "run", "Third", "", "asphalt", 1800),
    ])  # fmt: skip
    home.table("app", [("3", "2024-05-03T07:00:10Z", 5_010, "run", "Third again", "", "", 1800)])
    home.sync()
    return home


def tap(pages: Pages, run: str, line: str, **more: str) -> Any:
    return pages.post(address(run), f"run {run}", line=line, **more)


def address(run: str) -> str:
    return f"/-/run/{tilde_encode(run)}"


def state(home: Home) -> tuple[str, int]:
    """The corrections, and the kilometres of all runs."""
    assert faults(home.database) == []
    text = (home.directory / "shoes.yaml").read_text(encoding="utf-8")
    assert text.startswith(SHOES)
    return text[len(SHOES) :].replace("\ncorrections:\n", ""), round(sum(home.totals().values()) / 1000)


TAPS = [
    ("watch:1", "It does not count", "  - run: watch:1\n    ignore: true\n", 15, "“Первый <b>” of 1 May 2024 does not count"),
    ("watch:1", "None of mine", "  - run: watch:1\n    shoe: none\n", 25, "“Первый <b>” of 1 May 2024 was in none of your pairs"),
    ("app:3", "It is a run of its own", '  - run: app:3\n    duplicate_of: none\n', 30, "“Third again” of 3 May 2024 is a run of its own"),
]  # fmt: skip


@pytest.mark.parametrize("case", TAPS, ids=[case[1] for case in TAPS])
def test_a_tap_writes_its_line_and_undo_takes_it_back(
    home: Home, pages: Pages, case: tuple[str, str, str, int, str]
) -> None:
    run, line, written, km, title = case
    before = state(home)
    assert f'value="{line}"' in pages.page(address(run))
    answer = tap(pages, run, line)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{address(run)}?undo=1")
    assert state(home) == (written, km)
    assert f"{title}. It counts now." in unescape(text_of(pages.page(answer.headers["location"])))
    desk = pages.datasette.shoemon_desks["shoemon"]
    desk.undo(1)
    assert state(home) == before


def test_an_ignored_run_counts_again_by_a_tap_whichever_record_is_ignored(home: Home, pages: Pages) -> None:
    home.shoes(f"{SHOES}\ncorrections:\n  - run: app:3\n    ignore: true\n    shoe: road\n")
    home.sync()
    assert state(home)[1] == 20
    page = pages.page(address("watch:3"))
    assert "Count it again" in page and 'value="It does not count"' not in page
    left_out = pages.page("/-/left-out")
    assert f'action="{address("watch:3")}"' in left_out and "Count it again" in left_out
    answer = tap(pages, "watch:3", "Count it again", back="left-out")
    assert answer.headers["location"] == "/-/left-out?undo=1"
    assert state(home) == ("  - run: app:3\n    shoe: road\n", 25)


def test_two_runs_in_doubt_are_joined_or_parted_from_their_list(home: Home, pages: Pages) -> None:
    assert 'href="/-/doubts"' in pages.page("/")
    doubts = pages.page("/-/doubts")
    [(run, other)] = home.rows("SELECT activity, other FROM doubled_runs")
    assert "They may count twice" in text_of(doubts) and f'action="{address(run)}"' in doubts
    assert "It may count twice" in text_of(pages.page(address(run)))
    before = state(home)
    answer = tap(pages, run, "These two are one run", back="doubts")
    assert answer.headers["location"] == "/-/doubts?undo=1"
    assert state(home) == (f"  - run: {run}\n    duplicate_of: {other}\n", 15)
    assert "are one run. It counts now." in text_of(pages.page("/-/doubts?undo=1"))
    assert home.rows("SELECT * FROM doubled_runs") == []
    pages.datasette.shoemon_desks["shoemon"].undo(1)
    assert state(home) == before
    tap(pages, run, "It is a run of its own", back="doubts")
    assert state(home) == (f"  - run: {run}\n    duplicate_of: none\n", 25)
    assert home.rows("SELECT * FROM doubled_runs") == []


def test_what_the_page_does_not_offer_is_not_written(home: Home, pages: Pages) -> None:
    before = state(home)
    for line in ("Another pair", "It was on a treadmill", "These two are one run", ""):
        answer = tap(pages, "watch:3", line)
        assert answer.status_code == 409 and "Nothing was written: the run has changed" in text_of(answer.text)
    assert tap(pages, "watch:9", "It does not count").status_code == 404
    forged = pages.ask("POST", address("watch:1"), data={"token": "x", "line": "It does not count"})[0]
    stranger = pages.page(address("watch:1"), host="192.168.1.7")
    assert forged.status_code == 403 and 'name="line"' not in stranger and "ignore: true" in stranger
    assert state(home) == before


def test_a_run_by_hand_is_shown_before_it_is_written(home: Home, pages: Pages) -> None:
    def send(**form: str) -> Any:
        return pages.post("/-/runs/add", "runs-add", **form)

    main = (home.directory / "shoemon.yaml").read_text()
    run = {"date": "2024-05-20", "distance": "8,2", "shoe": "road", "at": "18:30", "duration": "45:00"}
    run["name"] = "Лес, «a» <b>"
    assert 'name="distance"' in pages.page("/-/runs/add") and "/-/runs/add" in pages.page("/-/runs")
    look = send(**run)
    line = '2024-05-20 18:30,8.2,road,,"Лес, «a» <b>",45:00'
    assert f"+ {line}" in unescape(look.text).replace("&#34;", '"') and not (home.directory / "runs.csv").exists()
    done = send(**run, write="1")
    assert (done.status_code, done.headers["location"]) == (303, "/-/runs?undo=1&later=1")
    assert (home.directory / "runs.csv").read_text(encoding="utf-8").endswith(f"{line}\n")
    said = "A run of 8.2 km on 2024-05-20 is added. It counts after the next sync."
    assert said in text_of(pages.page(done.headers["location"]))
    home.sync()
    assert state(home)[1] == 33 and home.totals()["road"] == 8_200
    assert "if this is another, give it a --name" in text_of(send(**run).text)
    assert pages.datasette.shoemon_desks["shoemon"].undo(1).later == "It counts after the next sync."
    assert not (home.directory / "runs.csv").exists() and (home.directory / "shoemon.yaml").read_text() == main
    for date, distance in (("", "8"), ("2024-05-20", "far"), ("2124-05-20", "5")):
        assert send(date=date, distance=distance, write="1").status_code == 409
