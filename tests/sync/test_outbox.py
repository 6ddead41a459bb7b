"""The outbox: nothing is lost, a message is marked after it was taken, and one broken channel stops no other."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from benchmarks.kill_trial import kill_trial
from kit.homes import Home, table_source
from kit.receivers import Hook, hook, mail_server

from shoemon.cli.main import cli
from shoemon.model.alert import Alert
from shoemon.sync.pipeline import sync
from shoemon.sync.schedule import Watch
from shoemon.sync.tell import mail_tickets
from shoemon.sync.tell.outbox import Delivered

SHOES = "shoes:\n  - {id: road, name: Road, life: 100 km}\n  - {id: trail, name: Trail, life: 100 km}\n"


def runs(road_km: float, trail_km: float = 0, more: int = 0) -> list[tuple[object, ...]]:
    """Two runs that bring both pairs to so many kilometres, and short ones on the road pair."""
    rows: list[tuple[object, ...]] = [
        (1, "2023-01-01T06:00:00Z", round(road_km * 1000), "run", "", "Road", "road", 360000),
        (2, "2023-02-01T06:00:00Z", round(trail_km * 1000), "run", "", "Trail", "road", 360000),
    ]
    return rows + [(3 + i, f"2023-03-{i + 1:02}T06:00:00Z", 100, "run", "", "Road", "", 60) for i in range(more)]


def home_with(directory: Path, *notifiers: str) -> Home:
    """A home whose first import is over and announced to nobody."""
    home = Home(directory / "home")
    home.main("sources:\n" + table_source("watch"))
    home.shoes(SHOES)
    home.table("watch", runs(1))
    home.sync()
    home.main("sources:\n" + table_source("watch") + "notify:\n" + "".join(f"  - {{{each}}}\n" for each in notifiers))
    return home


def web(receiver: Hook, name: str = "hook") -> str:
    return f"name: {name}, type: webhook, url: {receiver.url}"


def deliveries(home: Home) -> list[tuple[Any, ...]]:
    return home.rows("SELECT alert, notifier, state, attempts FROM deliveries ORDER BY alert, notifier")


# ------------------------------------------------------------------ marking


def test_a_message_is_marked_after_it_was_taken(tmp_path: Path) -> None:
    """The receiver looks into the database while it takes the message: it still waits."""
    with hook() as receiver:
        home = home_with(tmp_path, web(receiver))
        home.table("watch", runs(95))
        states: list[list[tuple[Any, ...]]] = []
        receiver.on_post = lambda: states.append(deliveries(home))
        home.sync()
        assert states == [[("road-soon-1", "hook", "pending", 0)]]
        assert deliveries(home) == [("road-soon-1", "hook", "sent", 1)]
        assert receiver.ids == ["road-soon-1"]


def test_a_crash_after_sending_repeats_the_message_and_its_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with hook() as receiver:
        home = home_with(tmp_path, web(receiver))
        home.table("watch", runs(95))
        with monkeypatch.context() as patch:
            patch.setattr("shoemon.sync.tell.outbox._mark_sent", _crash)
            with pytest.raises(KeyboardInterrupt):
                home.sync()
        assert deliveries(home) == [("road-soon-1", "hook", "pending", 0)]
        home.sync()
        assert receiver.ids == ["road-soon-1"] * 2
        assert receiver.bodies[0] == receiver.bodies[1]
        assert deliveries(home) == [("road-soon-1", "hook", "sent", 1)]


def _crash(*args: object) -> None:
    raise KeyboardInterrupt


def test_stopping_leaves_the_rest_for_later(tmp_path: Path) -> None:
    with hook() as receiver:
        home = home_with(tmp_path, web(receiver))
        receiver.down = True
        for road_km in (95, 101, 111):
            home.table("watch", runs(road_km))
            home.sync()
        receiver.down = False
        home.clock.move(days=1)
        report = sync(home.config, [], home.clock, stopping=lambda: bool(receiver.ids))
        assert (report.delivered.sent, report.delivered.waiting) == (1, 2)
        home.sync()
        assert receiver.ids == ["road-soon-1", "road-100-1", "road-110-1"]


# ------------------------------------------------------------------ trying again


@pytest.mark.slow
def test_an_outage_of_two_days_loses_nothing_and_keeps_the_order_of_each_pair(tmp_path: Path) -> None:
    """Every quarter of an hour a tick; both pairs cross stages while web and mail receivers are away."""
    with hook() as receiver, mail_server() as (room, port):
        mail = f"name: mail, type: email, to: me@example.org, host: 127.0.0.1, port: {port}, security: none"
        home = home_with(tmp_path, web(receiver), mail)
        watch = Watch(home.directory, home.clock)
        watch.tick()
        receiver.down, room.answer = True, "451 later"
        start, stages = home.clock.now, iter([(91, 5), (91, 92), (102, 92), (102, 113), (125, 113)])
        asked: list[int] = []
        while home.clock.now < start + timedelta(hours=48):
            if (home.clock.now - start).total_seconds() % (9 * 3600) == 0 and (km := next(stages, None)):
                home.table("watch", runs(*km))
            watch.tick()
            asked.append(receiver.asked)
            home.clock.move(minutes=15)
        due = [
            id
            for (id,) in home.rows("SELECT id FROM alerts WHERE covered_by IS NULL AND kind <> 'digest' ORDER BY rowid")
        ]
        assert due == ["road-soon-1", "trail-soon-1", "road-100-1", "trail-110-1", "road-120-1"]
        assert receiver.ids == room.ids == []
        assert {state for _, _, state, _ in deliveries(home)} == {"pending"}
        assert asked[-1] < 60, "the waits grow"
        receiver.down, room.answer = False, "250 taken"
        while home.clock.now < start + timedelta(hours=72):
            watch.tick()
            home.clock.move(minutes=15)
        assert receiver.counts == dict.fromkeys(due, 1)
        assert len(set(room.ids)) == len(room.ids) == len(due)
        for pair in ("road", "trail"):
            assert [id for id in receiver.ids if pair in id] == [id for id in due if pair in id]
        mails = [subject.split()[0] for subject in room.subjects]
        assert {*mails} == {"Road", "Trail"}
        assert {state for _, _, state, _ in deliveries(home)} == {"sent"}


def test_the_waits_follow_the_clock_that_is_handed_in(tmp_path: Path) -> None:
    with hook() as receiver:
        home = home_with(tmp_path, web(receiver))
        receiver.status = 500
        home.table("watch", runs(95))
        tried = [home.clock.now]
        home.sync()
        while (row := home.rows("SELECT state, next_attempt_at FROM deliveries")[0])[0] == "pending":
            home.clock.now = home.clock.now.fromisoformat(row[1]) - timedelta(seconds=1)
            home.sync([])
            assert receiver.asked == len(tried)
            home.clock.move(seconds=1)
            tried.append(home.clock.now)
            home.sync([])
        assert receiver.asked == 10
        assert timedelta(days=3) < tried[-1] - tried[0] < timedelta(days=4)


def test_a_clock_that_was_years_ahead_holds_no_message_back(tmp_path: Path) -> None:
    """Without its battery a machine may wake up in 2031, where every certificate has expired, until it learns the time."""
    with hook() as receiver:
        home = home_with(tmp_path, web(receiver))
        watch, now = Watch(home.directory, home.clock), home.clock.now
        home.clock.move(days=7 * 365)
        receiver.down = True
        home.table("watch", runs(95))
        watch.tick()
        assert (receiver.asked, receiver.ids) == (1, [])
        home.clock.now, receiver.down = now, False
        watch.tick()
        assert receiver.ids == ["road-soon-1"]
        assert watch.tick() is None


A, B = "a@example.org", "b@example.org"


def two_recipients(directory: Path, port: int) -> Home:
    home = home_with(
        directory, f"name: mail, type: email, to: [{A}, {B}], host: 127.0.0.1, port: {port}, security: none"
    )
    home.table("watch", runs(95))
    return home


@pytest.mark.parametrize(
    ("answer", "state"), [("451 <b@example.org> later", "pending"), ("550 no B@example.org", "failed")]
)
def test_a_recipient_who_is_refused_is_shown_and_tried_again_alone_and_holds_nothing_back(
    answer: str, state: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with mail_server() as (room, port):
        home = two_recipients(tmp_path, port)
        room.refuses = {B: answer}
        home.sync()
        assert deliveries(home) == [("road-soon-1", "mail", state, 1)]
        assert f"mail {state} for 1 recipient (127.0.0.1:{port} refused 1 of 2 rec" in _shoemon(
            home, 0, capsys, "alerts", "list"
        )
        assert '"recipients_left": 1' in _shoemon(home, 0, capsys, "alerts", "list", "--json")
        home.table("watch", runs(101))
        home.sync()
        assert room.reached == [A, A]
        assert [b"example.org" in file.read_bytes() for file in home.directory.glob("shoemon.db*")].count(True) == 0
        room.refuses = {}
        _shoemon(home, 0, capsys, "alerts", "retry")
        assert room.reached == [A, A, B, B]
        assert [row[2] for row in deliveries(home)] == ["sent", "sent"]
        assert "recipient" not in _shoemon(home, 0, capsys, "alerts", "list")


@pytest.mark.parametrize(
    ("step", "sent"),
    [
        ("notifiers.email.Email._refusal", [A, A, B]),  # only the server knows
        ("sync.tell.outbox._postpone", [A, B]),  # state.db knows, and shoemon.db does not
        ("sync.tell.outbox._mark_sent", [A, B, A, B]),
    ],
)
def test_a_crash_repeats_a_mail_once_at_most_for_each_recipient(
    step: str, sent: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server() as (room, port):
        home = two_recipients(tmp_path, port)
        room.refuses = {B: "451 later"}
        crashes = 0
        for _ in range(3):
            with monkeypatch.context() as patch:
                if not crashes:
                    patch.setattr(f"shoemon.{step}", _crash)
                try:
                    home.sync()
                except KeyboardInterrupt:
                    crashes += 1
            room.refuses = {}
            home.clock.move(hours=1)
        assert (crashes, room.reached, deliveries(home)[0][2]) == (1, sent, "sent")


def _shoemon(home: Home, code: int, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as exit:
        cli([*arguments, "--config", str(home.directory)])
    assert (exit.value.code or 0) == code
    return capsys.readouterr().out


# ------------------------------------------------------------------ several notifiers


def test_a_poisoned_notifier_or_message_stops_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with hook() as bad, hook() as good:
        home = home_with(tmp_path, web(bad, "bad"), web(good, "good"))
        real = mail_tickets.open_notifier

        class Poisoned:
            name = "bad"

            def send(self, alert: Alert, created_at: str) -> None:
                raise RecursionError("secret-in-a-message")

        monkeypatch.setattr(
            mail_tickets, "open_notifier", lambda s, base: Poisoned() if s.name == "bad" else real(s, base)
        )
        home.table("watch", runs(95, 95))
        report = sync(home.config, None, home.clock)
        assert report.delivered.errors == ("bad: unexpected RecursionError",)
        assert len(good.ids) == 1
        assert [row[1:] for row in deliveries(home)] == [("bad", "pending", 1), ("good", "sent", 1)]
        monkeypatch.undo()
        home.clock.move(minutes=10)
        home.sync([])
        assert bad.ids == good.ids


def test_what_waits_for_a_removed_notifier_is_given_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with hook() as old, hook() as new:
        home = home_with(tmp_path, web(old, "old"), web(new, "new"))
        old.down = True
        home.table("watch", runs(95))
        home.sync()
        home.main("sources:\n" + table_source("watch") + f"notify:\n  - {{{web(new, 'new')}}}\n")
        report = home.sync()
        assert report.delivered.errors == ("there is no notifier `old` any more",)
        given_up = [("road-soon-1", "new", "sent", 1), ("road-soon-1", "old", "failed", 2)]
        assert deliveries(home) == given_up
        assert home.sync().delivered == (0, 0, 0, ())
        _shoemon(home, 0, capsys, "alerts", "retry")
        assert deliveries(home) == given_up


# ------------------------------------------------------------------ several processes

DELIVER = """
import sys, pathlib
from shoemon.config.load import load
from shoemon.sync.pipeline import sync
print("ready", flush=True)
sys.stdin.readline()
report = sync(load(pathlib.Path(sys.argv[1])), [])
print(report.delivered.sent, flush=True)
"""


@pytest.mark.slow
def test_four_processes_that_deliver_at_once_send_each_message_once(tmp_path: Path) -> None:
    with hook() as receiver:
        home = home_with(tmp_path, web(receiver))
        count = 200
        with closing(sqlite3.connect(home.database)) as connection, connection:
            rows = [(f"pair-{i}-soon-1", f"pair-{i}") for i in range(count)]
            connection.executemany(
                "INSERT INTO alerts(id, kind, shoe, stage, created_at, title, body, data) "
                "VALUES (?, 'soon', ?, 'soon', '2024-01-01T00:00:00Z', 'title', 'body', '{}')", rows,
            )  # fmt: skip
            connection.executemany(
                "INSERT INTO deliveries(alert, notifier, state, attempts, next_attempt_at) "
                "VALUES (?, 'hook', 'pending', 0, '2024-01-01T00:00:00Z')", [row[:1] for row in rows],
            )  # fmt: skip
        command = [sys.executable, "-c", DELIVER, str(home.directory)]
        processes = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
        ]
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        sent = [process.communicate("go\n", timeout=300)[0] for process in processes]
        assert sum(map(int, sent)) == count
        assert len(receiver.ids) == count
        assert set(receiver.counts.values()) == {1}


def test_messages_about_one_pair_keep_their_order_though_one_waits_for_a_third(tmp_path: Path) -> None:
    """The first is about the road pair, the second about both, the third about the trail pair; only the first is refused."""
    with hook() as receiver:
        home = home_with(tmp_path, web(receiver))
        receiver.status = 500
        for road_km, trail_km in ((95, 0), (101, 95), (101, 105)):
            home.clock.move(hours=1)
            home.table("watch", runs(road_km, trail_km))
            home.sync()
        asked = receiver.asked

        def refuse_the_first() -> None:
            receiver.status = 500 if receiver.asked == asked + 1 else 200

        receiver.on_post = refuse_the_first
        for _ in range(5):
            home.clock.move(hours=12)
            home.sync()
        order = ["several" if id.startswith("several") else id for id in receiver.ids]
        assert order == ["road-soon-1", "several", "trail-100-1"]


def test_two_rounds_are_counted_as_one() -> None:
    rounds = Delivered(sent=2, waiting=3, failed=1, errors=("mail: no",)).then(Delivered(5, 1, 0, ()))
    assert rounds == Delivered(sent=7, waiting=1, failed=1, errors=("mail: no",))


# ------------------------------------------------------------------ killed


@pytest.mark.slow
def test_killed_ten_times_nothing_is_lost_and_no_message_comes_twice_more_often_than_killed(tmp_path: Path) -> None:
    result = kill_trial(tmp_path, kills=10, seed=7)
    assert result.due > 0
    assert (result.lost, result.undelivered, result.integrity, result.totals_differ) == (0, 0, "ok", [])
    assert result.repeats <= result.kills
    assert result.rows == result.due
