"""The desk: a pair is written down once, counts at once, and is signed for by a key that nobody gets to see."""

import base64
import logging
import multiprocessing
import os
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.homes import HandClock, Home, dump, faults, table_source
from kit.pages import Pages, page, text_of
from kit.receivers import hook
from kit.waiting import until

from shoemon.model.errors import MistakeError, ShoemonError
from shoemon.store import tickets
from shoemon.store.ticket_key import desk_key
from shoemon.sync.schedule import Watch
from shoemon.web.desk import Desk

SHOES = """\
# My pairs.
shoes:
  - {id: road, name: Road, life: 100 km}   # daily
  - {id: trail, name: Trail, gear: Fell}
  - {id: old, name: Old, retired: 2023-12-31}

# Asked only where an export names no shoe.
rules: []
"""
RUNS = [
    (1, "2024-05-01T07:00:00Z", 8000, "run", "Morning", "Road", "asphalt", 2400),
    (2, "2024-05-02T07:00:00Z", 9000, "run", "Morning", "", "asphalt", 2700),
    (3, "2024-05-03T07:00:00Z", 12000, "trail-run", "Forest", "Fell", "dirt", 4800),
    (4, "2024-05-04T07:00:00Z", 3000, "walk", "Dog", "", "grass", 2400),
]


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("synced") / "home")
    home.shoes(SHOES)
    home.table("watch", RUNS)
    home.sync()
    return home


def desk_of(home: Home) -> Desk:
    return Desk(home.config, home.clock)


def shoes_of(home: Home, run: str) -> list[tuple[Any, ...]]:
    return home.rows("SELECT shoe, shoe_reason FROM legs WHERE activity = ? ORDER BY shoe", run)


def test_a_pair_is_written_and_counts_at_once_and_can_be_undone_to_the_byte(home: Home) -> None:
    before = dump(home.database)
    assert desk_of(home).assign("watch:2", "trail").later is None
    assert home.text() == SHOES + "\ncorrections:\n  - run: watch:2\n    shoe: trail\n"
    assert shoes_of(home, "watch:2") == [("trail", "correction")]
    assert home.totals() == {"road": 8000.0, "trail": 21000.0} and faults(home.database) == []
    assert "export and rules decide" in desk_of(home).assign("watch:2", None).message
    assert home.text() == SHOES
    assert dump(home.database)["legs"] == before["legs"]
    assert home.totals() == {None: 9000.0, "road": 8000.0, "trail": 12000.0} and faults(home.database) == []


def test_a_wrong_pair_and_a_split_are_replaced_and_comments_stay(home: Home) -> None:
    split = (
        f"{SHOES}corrections:\n  # 1\n  - {{run: watch:1, shoe: {{road: 5 km, trail: rest}}, surface: grass}}  # 2\n"
    )
    home.shoes(split)
    home.sync()
    desk_of(home).assign("watch:1", "trail")
    desk_of(home).assign("watch:3", "road")
    whole = split.replace("{road: 5 km, trail: rest}", "trail")
    assert home.text() == f"{whole}  - {{run: watch:3, shoe: road}}\n"
    assert home.totals() == {None: 9000.0, "road": 12000.0, "trail": 8000.0} and faults(home.database) == []


def test_what_stands_so_already_is_not_written_again(home: Home) -> None:
    desk = desk_of(home)
    for run, shoe in (("watch:1", "road"), ("watch:2", None)):
        assert "nothing had to be written" in desk.assign(run, shoe).message
        assert home.text() == SHOES
    for _ in range(2):
        desk.assign("watch:2", "road")
    assert home.text().count("watch:2") == 1


def test_what_the_database_lags_behind_is_caught_up_by_the_next_tap(home: Home) -> None:
    home.shoes(SHOES + "corrections: [{run: watch:2, shoe: road}]\n")
    assert shoes_of(home, "watch:2")[0][0] is None
    desk_of(home).assign("watch:2", "road")
    assert shoes_of(home, "watch:2") == [("road", "correction")]


REFUSED = {
    "a run that is not there": ("watch:99", "road", "no run watch:99 is stored"),
    "an id with anything in it": ("\x1b[31m'; DROP TABLE runs\n", "road", "is stored"),
    "half a character": ("watch:\ud800", "road", "is stored"),
    "a pair that is not there": ("watch:2", "raod", "no shoe has the id `raod`; did you mean `road`"),
    "no pair at all": ("watch:2", "", "no shoe has the id ``"),
    "a walk": ("watch:4", "road", "watch:4 does not count, so it needs no pair: its sport (walk) is not among the"),
}


def test_what_cannot_be_is_told_and_nothing_is_written(home: Home) -> None:
    desk = desk_of(home)
    for case, (run, shoe, said) in REFUSED.items():
        with pytest.raises(MistakeError) as refused:
            desk.assign(run, shoe)
        assert said in str(refused.value) and str(refused.value).isprintable(), case
        assert home.text() == SHOES


def test_a_run_that_is_ignored_is_refused_with_the_place(home: Home) -> None:
    home.shoes(SHOES + "corrections:\n  - {run: watch:1, ignore: true}\n")
    home.sync()
    with pytest.raises(MistakeError, match=r"shoes.yaml:10:20: corrections\[0\].ignore"):
        desk_of(home).assign("watch:1", "trail")


def test_a_run_that_its_export_dropped_is_refused(home: Home) -> None:
    home.main("sources:\n" + table_source("watch", missing="drop"))
    home.table("watch", RUNS[1:])
    home.sync(["watch"])
    with pytest.raises(MistakeError, match="its export no longer lists it"):
        desk_of(home).assign("watch:1", "trail")


@pytest.fixture
def doubled(tmp_path: Path) -> Home:
    """The same run in two exports: that of the watch counts, that of the phone is its copy."""
    home = Home(tmp_path / "home")
    home.main("sources:\n" + table_source("watch") + table_source("phone"))
    home.shoes(SHOES)
    home.table("watch", [RUNS[1]])
    home.table("phone", [(7, "2024-05-02T07:00:05Z", 9010, "run", "Run", "", "", 2695)])
    home.sync()
    assert home.rows("SELECT duplicate_of FROM activities WHERE id = 'phone:7'") == [("watch:2",)]
    return home


def test_whichever_record_is_named_the_one_that_counts_is_written(doubled: Home) -> None:
    desk_of(doubled).assign("phone:7", "road")
    assert list(doubled.config.plan.corrections) == ["watch:2"]
    assert doubled.totals() == {"road": 9000.0} and faults(doubled.database) == []
    desk_of(doubled).assign("phone:7", None)
    assert doubled.text() == SHOES


def test_a_pair_that_a_copy_was_given_is_outdone_and_taken_back_with_it(doubled: Home) -> None:
    doubled.shoes(SHOES + "corrections:\n  - {run: phone:7, shoe: road}  # mine\n")
    doubled.sync()
    assert doubled.totals() == {"road": 9000.0}
    desk_of(doubled).assign("watch:2", "trail")
    assert doubled.totals() == {"trail": 9000.0}
    desk_of(doubled).assign("watch:2", None)
    assert doubled.totals() == {None: 9000.0} and doubled.text() == SHOES + "corrections:\n  # mine\n"


def many(home: Home, count: int = 12) -> list[str]:
    home.table(
        "watch", [(i, f"2024-05-{i:02d}T07:00:00Z", 1000 + i, "run", "", "", "", 600) for i in range(1, count + 1)]
    )
    home.sync(["watch"])
    return [f"watch:{i}" for i in range(1, count + 1)]


def test_taps_at_the_same_moment_are_all_written_and_counted(home: Home) -> None:
    runs, desk = many(home), desk_of(home)
    with ThreadPoolExecutor(len(runs)) as threads:
        list(threads.map(lambda run: desk.assign(run, "road"), runs))
    assert sorted(home.config.plan.corrections) == sorted(runs)
    until(lambda: home.totals() == {"road": sum(1000.0 + i for i in range(1, 13))})
    assert faults(home.database) == []


def _assign(directory: str, run: str) -> bool:
    home = Home.__new__(Home)
    home.directory, home.clock = Path(directory), HandClock()
    with suppress(ShoemonError):
        return Desk(home.config, home.clock).assign(run, "road").undo is not None
    return False


@pytest.mark.slow
def test_taps_in_several_processes_are_all_written(home: Home) -> None:
    runs = many(home)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        done = pool.starmap(_assign, [(str(home.directory), run) for run in runs])
    assert [run for run, ok in zip(runs, done, strict=True) if ok] == sorted(
        home.config.plan.corrections, key=runs.index
    )
    assert any(done) and faults(home.database) == []


def test_where_it_cannot_be_counted_now_it_is_written_and_said(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    lock = home.directory / "shoemon.db.sync.lock"
    lock.unlink()
    lock.mkdir()  # which cannot be locked
    assert "with the next sync" in (desk_of(home).assign("watch:2", "road").later or "")
    assert "watch:2" in home.text() and "cannot decide again" in caplog.text
    assert shoes_of(home, "watch:2")[0][0] is None
    lock.rmdir()
    home.sync()
    assert shoes_of(home, "watch:2") == [("road", "correction")]


def test_what_a_tap_makes_due_is_told_by_the_next_tick_and_not_by_the_page(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with hook() as receiver:
        home.main(
            "sources:\n" + table_source("watch") + f"notify:\n  - {{name: hook, type: webhook, url: {receiver.url}}}\n"
        )
        home.shoes(SHOES)
        home.table("watch", [(1, "2024-05-01T07:00:00Z", 95000, "run", "", "", "", 36000)])
        watch = Watch(home.directory, home.clock)
        assert watch.tick() is not None
        told = len(receiver.ids)
        home.clock.move(minutes=1)
        desk_of(home).assign("watch:1", "road")
        assert home.rows("SELECT status FROM shoe_wear WHERE shoe = 'road'") == [("soon",)]
        assert home.rows("SELECT kind FROM alerts JOIN deliveries ON alert = id WHERE state = 'pending'") == [("soon",)]
        assert len(receiver.ids) == told
        report = watch.tick()
        assert report is not None and report.delivered.sent == 1 and report.outcomes == ()
        assert len(receiver.ids) == told + 1
        assert watch.tick() is None, "the edit is done with"


def test_the_likeliest_pairs_come_first_and_the_run_itself_says_nothing(home: Home) -> None:
    road = [(i, f"2024-05-{i:02d}T07:00:00Z", 8000, "run", "Morning", "Road", "", 2400) for i in range(5, 11)]
    home.table("watch", [*RUNS, *road, (20, "2024-05-11T07:00:00Z", 8000, "run", "Morning", "Fell", "", 2400)])
    home.sync(["watch"])
    desk = desk_of(home)
    found = desk.likely("watch:20")
    assert [choice["shoe"] for choice in found] == ["road", "trail"]
    assert found[0] == {"shoe": "road", "name": "Road", "share": found[0]["share"]} and 0.9 < found[0]["share"] <= 1
    assert desk.likely("watch:99") == [] and desk.likely("\ud800") == []
    asked = ["watch:20", "watch:2", "nobody:1"]
    assert desk.likely_of(asked) == {run: desk.likely(run) for run in asked[:2]}


def test_of_many_pairs_three_are_put_forward_and_all_in_use_that_day_are_there(home: Home) -> None:
    pairs = "".join(f"  - {{id: s{i}, name: S{i}, gear: g{i}}}\n" for i in range(6))
    home.shoes(f"shoes:\n{pairs}  - {{id: gone, name: G, retired: 2024-01-01}}\n")
    gear = [*(f"g{i}" for i in range(6)), ""]
    home.table("watch", [(i, f"2024-05-0{i + 1}T07:00:00Z", 8000, "run", "", gear[i], "", 2400) for i in range(7)])
    home.sync(["watch"])
    shares = [choice["share"] for choice in desk_of(home).likely("watch:6")]
    assert len(shares) == 6 and all(share > 0 for share in shares[:3]) and shares[3:] == [0.0] * 3


def test_an_added_pair_is_seen_without_a_restart_and_settings_with_a_mistake_are_not_used(home: Home) -> None:
    desk = desk_of(home)
    added = SHOES.replace("rules:", "  - {id: new, name: New}\nrules:")
    for number, text in enumerate((added, added + "corrections: [{run: watch:1, shoe: rood}]\n")):
        home.shoes(text)
        os.utime(home.directory / "shoes.yaml", ns=(number, number))
        assert {choice["shoe"] for choice in desk.likely("watch:2")} == {"road", "trail", "new"}


DAY = date(2024, 6, 1)
KEY = bytes(range(32))


def test_a_ticket_is_good_for_what_it_was_made_for_until_its_day_has_passed() -> None:
    ticket = tickets.make(KEY, tickets.ASSIGN, "watch:2", DAY)
    assert re.fullmatch(r"[\w.-]{40,80}", ticket, re.ASCII)
    for today, good in ((DAY - timedelta(days=400), True), (DAY, True), (DAY + timedelta(days=1), False)):
        assert tickets.is_valid(KEY, tickets.ASSIGN, "watch:2", ticket, today) is good
    assert not tickets.is_valid(KEY, tickets.FORM, "watch:2", ticket, DAY)
    assert not tickets.is_valid(KEY, tickets.ASSIGN, "watch:20", ticket, DAY)
    assert not tickets.is_valid(KEY[::-1], tickets.ASSIGN, "watch:2", ticket, DAY)
    later = tickets.make(KEY, tickets.ASSIGN, "watch:2", date(2099, 6, 1))
    forged = later.rpartition(".")[0] + "." + ticket.rpartition(".")[2]
    assert not any(tickets.is_valid(KEY, tickets.ASSIGN, "watch:2", bad, DAY) for bad in (forged, *GARBAGE))


GARBAGE = ["", "-", ".", "..", "20240601", "WyJ3YXRjaDoyIiwiMjA5OS0wNi0wMSJd", "W10." + "A" * 27, "\ud800", "\u0660.x", "a" * 100_000, "." * 100_000]  # fmt: skip


@given(st.text(), st.text(), st.characters())
def test_no_text_is_a_ticket_and_none_is_after_a_change(subject: str, text: str, character: str) -> None:
    ticket = tickets.make(KEY, tickets.ASSIGN, subject, DAY)
    assert tickets.is_valid(KEY, tickets.ASSIGN, subject, ticket, DAY)
    assert text == ticket or not tickets.is_valid(KEY, tickets.ASSIGN, subject, text, DAY)
    for place in (0, 7, 8, 9, len(ticket) - 2):  # the last character holds two bits that mean nothing
        changed = ticket[:place] + character + ticket[place + 1 :]
        assert changed == ticket or not tickets.is_valid(KEY, tickets.ASSIGN, subject, changed, DAY)


def test_tickets_and_tokens_of_the_desk(home: Home) -> None:
    desk = desk_of(home)
    ticket, token = desk.ticket("watch:2"), desk.form_token("watch:2")
    assert desk.admits("watch:2", ticket) and desk.form_token_ok("watch:2", token)
    assert not desk.admits("watch:2", token) and not desk.form_token_ok("watch:2", ticket)
    assert not desk.admits("watch:1", ticket) and not desk.form_token_ok("watch:1", token)
    for days, minutes, admitted in ((2, 0, True), (28, 719, True), (0, 2, False)):  # to the end of 1 July, in UTC
        home.clock.move(days=days, minutes=minutes)
        assert desk.admits("watch:2", ticket) is admitted and not desk.form_token_ok("watch:2", token)


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(desk_key, [state] * 8))
    assert len(keys) == 1 and len(keys.pop()) == 32 and desk_key(tmp_path / "other.db") != desk_key(state)
    if os.name != "nt":
        assert stat.S_IMODE(state.stat().st_mode) == 0o600


def test_the_key_reaches_no_database_log_or_answer(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    desk = desk_of(home)
    said = [desk.ticket("watch:2"), desk.form_token("watch:2"), repr(desk.assign("watch:2", "road")), repr(desk)]
    home.sync()
    key = desk_key(home.directory / "state.db")
    in_base64, in_urls = base64.b64encode(key), base64.urlsafe_b64encode(key).rstrip(b"=")
    forms = [key, key.hex().encode(), in_base64, in_urls, repr(key).encode()]
    told = "".join([*said, caplog.text, *map(str, vars(desk).values())]).encode()
    others = b"".join(file.read_bytes() for file in home.directory.iterdir() if not file.name.startswith("state.db"))
    assert not [form for form in forms if form in told + others]


def test_the_first_page_suggests_pairs_for_the_next_run_where_the_program_serves_it(home: Home, pages: Pages) -> None:
    found = desk_of(home).which(20_000.0, {"soft": 15_000.0, "hard": 5_000.0})
    assert [pair["shoe"] for pair in found["pairs"]] == ["trail", "road"] and len(found["lines"]) == 2
    assert found["words"] == "For 20 km (15 km soft, 5.0 km hard): Trail, or Road"
    text = text_of(pages.page())
    assert "For the next run (about 9 km, as lately): Road, or Trail" in text
    assert (
        "worn for your last such run; 8 km hard, 0 km soft of its 8 km; 92 km left, 83 km after this run; last worn 31 days ago"
        in text
    )
    assert "For the next run" not in page(home.database)


@pytest.mark.parametrize(
    "wanted", [(-1.0, {}), (float("nan"), {}), (1e9, {}), (8.0, {"mud": 8.0}), (8.0, {"soft": -8.0})]
)
def test_a_run_that_cannot_be_is_refused(wanted: tuple[float, dict[str, float]], home: Home) -> None:
    with pytest.raises(ShoemonError):
        desk_of(home).which(*wanted)
