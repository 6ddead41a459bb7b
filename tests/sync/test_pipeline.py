"""A sync takes what it can get, loses nothing when it breaks off, and is seen whole or not at all."""

import logging
import re
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from kit.homes import HandClock, Home, dump, faults, recount, stored_totals, table_source
from kit.receivers import hook

from shoemon.cli.main import cli
from shoemon.model.errors import MistakeError, ShoemonError
from shoemon.report.forecast import forecast_data
from shoemon.report.status import print_status, status_data
from shoemon.sources import RecordPull
from shoemon.store.database import open_database
from shoemon.sync.pipeline import Report, preview, sync_to_the_end
from shoemon.sync.schedule import Watch

SHOES = "shoes:\n  - {id: road, name: Road, life: 100 km}\n  - {id: trail, name: Trail, life: 50 km}\n"
TWO = "sources:\n" + table_source("watch") + table_source("phone")


def run(id: int, shoe: str = "Road", metres: float = 5000, day: int = 1, sport: str = "run") -> tuple[object, ...]:
    return (
        id,
        f"2024-05-{day:02}T{6 + id % 12:02}:00:00Z",
        metres,
        sport,
        f"run {id}",
        shoe,
        "road",
        round(metres / 3),
    )


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.main(TWO)
    home.shoes(SHOES)
    home.table("watch", [run(1), run(2, "Trail")])
    home.table("phone", [run(3, day=2)])
    return home


UNREADABLE = (9, "yesterday", 5000, "run")


def outcomes(home: Home) -> dict[str, str]:
    return {outcome.source: outcome.outcome for outcome in home.sync().outcomes}


# ------------------------------------------------------------------ one bad source


def test_one_bad_source_does_not_stop_the_others(home: Home) -> None:
    (home.directory / "watch.csv").unlink()
    report = home.sync()
    assert [(o.source, o.outcome) for o in report.outcomes] == [("watch", "failed"), ("phone", "stored")]
    assert report.failed
    assert "watch.csv; correct `path`" in str(report.outcomes[0].error)
    assert home.totals() == {"road": 5000.0}
    assert home.rows("SELECT name, last_success_at, last_error IS NULL FROM sources ORDER BY name") == [
        ("phone", "2024-06-01T12:00:00Z", 1), ("watch", None, 0),
    ]  # fmt: skip


def test_a_source_with_a_fault_of_its_own_is_contained_and_logged_and_nothing_of_it_is_stored(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It breaks off after its first record; the phone has one only."""
    records = RecordPull.__iter__

    def break_off(self: RecordPull) -> Iterator[Any]:
        for number, record in enumerate(records(self)):
            assert 1 // (1 - number)
            yield record

    monkeypatch.setattr(RecordPull, "__iter__", break_off)
    report = home.sync()
    assert [(o.source, o.outcome) for o in report.outcomes] == [("watch", "failed"), ("phone", "stored")]
    assert report.outcomes[0].error == "unexpected ZeroDivisionError; see the log"
    assert "source watch failed" in caplog.text
    assert home.totals() == {"road": 5000.0}
    assert home.rows("SELECT source FROM activities") == [("phone",)]


TWELVE = [run(id) for id in range(1, 13)]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (TWELVE[:2], [], "2 of 2 records are no longer in the export, so nothing was stored; if"),
        (TWELVE[:1], [UNREADABLE], "so nothing was stored; 1 x start: 'yesterday' is not a time"),
        (TWELVE[:9], TWELVE[8:], None),
        (TWELVE, TWELVE[7:], "7 of 12 records are no longer in the export"),
        (TWELVE, TWELVE[6:], None),
        (TWELVE, [*TWELVE[:5], *(run(id) for id in range(20, 40))], "7 of 12 records are no longer in the export"),
    ],
)
def test_an_export_that_suddenly_lists_too_little_is_refused_until_it_is_accepted(
    home: Home, before: list[tuple[object, ...]], after: list[tuple[object, ...]], said: str | None
) -> None:
    def watch(report: Report) -> tuple[str, bool]:
        return report.outcomes[0].outcome, said is None or said in str(report.outcomes[0].error)

    home.table("watch", before)
    home.sync()
    totals = home.totals()
    home.table("watch", after)
    refused = ("stored" if said is None else "failed", True)
    assert watch(home.preview()) == refused
    assert watch(home.sync(["watch"])) == refused
    if said is None:
        return
    assert watch(home.sync(["watch"])) == refused
    assert home.totals() == totals
    assert home.rows("SELECT last_error LIKE '%sync watch --accept%' FROM sources WHERE name = 'watch'") == [(1,)]
    gone = len(set(before) - set(after))
    accepted = sync_to_the_end(home.config, ["watch"], home.clock, accept=True)
    assert [(each.outcome, each.counts.missing) for each in accepted.outcomes] == [("stored", gone)]
    home.table("watch", [*after, run(50)])
    assert watch(home.sync(["watch"]))[0] == "stored"
    home.table("watch", before)
    assert watch(preview(home.config, ["watch"], home.clock, accept=True))[0] == "stored"


def test_a_source_of_nonsense_ends_in_words_and_stops_no_other(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shoemon.words.problems.MOST_PROBLEMS", 1_000)
    home.table("watch", [run(1)] + [UNREADABLE] * 1_001)
    report = home.sync()
    assert [(o.source, o.outcome) for o in report.outcomes] == [("watch", "failed"), ("phone", "stored")]
    said = "more than 1,000 records cannot be read, so nothing was stored: 1,001 x start: 'yesterday' is not a time"
    assert str(report.outcomes[0].error).startswith(said)
    monkeypatch.setattr("shoemon.words.problems.MOST_RECORDS", 1)
    home.table("watch", [run(1), run(2)])
    assert "it has more than 1 records" in str(home.sync().outcomes[0].error)


def test_a_run_in_doubt_is_not_counted_until_its_day_or_a_correction(home: Home) -> None:
    """The first is of the year after, the second has no time; a shoe says that the runner has seen the third."""
    home.table("watch", [(1, "2025-05-01", 5000, "run", "", "Road"), (2, "2024-05-01", 161000, "run", "", "Trail"),
                         (3, "2025-05-01", 7000, "run")])  # fmt: skip
    home.shoes(SHOES + 'corrections: [{run: "watch:3", shoe: trail}]\n')
    home.sync(["watch"])
    assert home.totals() == {"trail": 7000.0}
    doubts = home.rows("SELECT native_id, not_counted FROM activities WHERE counted = 0 ORDER BY 1")
    assert doubts == [("1", "in_future"), ("2", "no_time")]
    home.clock.move(days=332)
    home.sync(["watch"])
    assert home.totals() == {"trail": 7000.0}
    home.clock.move(days=1)
    home.sync(["watch"])
    assert home.totals() == {"road": 5000.0, "trail": 7000.0}
    assert faults(home.database) == []


def test_unknown_names_are_said_before_anything_is_done(home: Home) -> None:
    with pytest.raises(MistakeError, match=r"no source is called wach; shoemon\.yaml has: watch, phone"):
        home.sync(["wach"])
    assert not home.database.exists()


def dropping(home: Home) -> None:
    home.main("sources:\n" + table_source("watch", missing="drop"))
    home.sync()


def test_a_row_that_cannot_be_read_today_is_not_dropped_until_it_is_gone(home: Home) -> None:
    """Its pair keeps the metres while the bad row stands somewhere; when it has gone, they go too."""
    dropping(home)
    for rows, metres in [
        ([run(1), (2, "yesterday", 5000, "run", "", "Trail")], 5000.0),
        ([run(3), run(1), (2, "yesterday", 5000, "run", "", "Trail")], 5000.0),
        ([run(3), run(1)], None),
        ([run(3), run(1), run(2, "Trail")], 5000.0),
    ]:
        home.clock.move(hours=1)
        home.table("watch", rows)
        home.sync()
        assert home.totals().get("trail") == metres
        assert faults(home.database) == []


def test_a_row_that_never_could_be_read_does_not_keep_others_from_being_dropped(home: Home) -> None:
    home.table("watch", [run(1), run(2, "Trail"), UNREADABLE])
    dropping(home)
    home.clock.move(hours=1)
    home.table("watch", [run(4), run(1), UNREADABLE])
    home.sync()
    assert home.totals() == {"road": 10000.0}


def test_an_edited_row_of_a_table_without_ids_counts_once_beside_one_that_cannot_be_read(home: Home) -> None:
    home.main("sources:\n" + table_source("watch", missing="drop", ids=False))
    home.table("watch", [run(1), UNREADABLE])
    home.sync()
    home.clock.move(hours=1)
    home.table("watch", [run(1, metres=7000), UNREADABLE])
    home.sync()
    assert home.totals() == {"road": 7000.0}


def test_a_row_added_with_the_id_of_another_counts_as_little_as_when_all_is_read_at_once(home: Home) -> None:
    for state in (True, False):
        home.table("watch", [run(1), run(2, "Trail")])
        home.sync(["watch"])
        home.clock.move(hours=1)
        home.table("watch", [run(1), run(2, "Trail"), run(1, metres=9000), run(4)])
        if not state:
            (home.directory / "state.db").unlink()
        home.sync(["watch"])
        assert home.totals() == {"road": 10000.0, "trail": 5000.0}
        assert home.rows("SELECT place FROM problems WHERE resolved_at IS NULL") == [("watch.csv:4",)]


# ------------------------------------------------------------------ files that get lost


def test_a_deleted_database_is_filled_again_though_the_state_remembers_the_files(home: Home) -> None:
    home.sync()
    before = home.totals()
    home.database.unlink()
    assert outcomes(home) == {"watch": "stored", "phone": "stored"}
    assert home.totals() == before


def test_a_restored_older_database_reads_what_it_does_not_have(home: Home, tmp_path: Path, settled: None) -> None:
    home.sync()
    shutil.copy(home.database, tmp_path / "old.db")
    home.clock.move(days=1)
    home.table("watch", [run(1), run(2, "Trail"), run(5, day=8)])
    home.sync()
    before = dump(home.database, without=("first_seen_at", "updated_at"))
    for name in ("shoemon.db", "shoemon.db-wal", "shoemon.db-shm"):
        (home.directory / name).unlink(missing_ok=True)
    shutil.copy(tmp_path / "old.db", home.database)
    assert outcomes(home) == {"watch": "stored", "phone": "unchanged"}
    assert dump(home.database, without=("first_seen_at", "updated_at")) == before


@pytest.mark.parametrize("name", ["shoemon.db", "state.db"])
def test_a_file_that_is_no_database_is_said_in_one_sentence(home: Home, name: str) -> None:
    (home.directory / name).write_bytes(b"this is no database" * 100)
    with pytest.raises(ShoemonError, match=name):
        home.sync()


# ------------------------------------------------------------------ breaking off


@pytest.mark.usefixtures("settled")
def test_a_crash_between_storing_and_deciding_loses_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("shoemon.sync.pipeline.derive", _fail)
        with pytest.raises(KeyboardInterrupt):
            home.sync()
    assert home.rows("SELECT count(*), count(counted) FROM activities") == [(3, 0)]
    report = home.sync()
    assert {o.outcome for o in report.outcomes} == {"unchanged"}
    assert report.derived.decided == 3
    assert home.totals() == {"road": 10000.0, "trail": 5000.0}
    assert [id.split("-")[0] for id in report.derived.announced] == ["digest"]


def test_a_crash_while_deciding_leaves_what_was_there(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.sync()
    before = home.totals()
    home.table("watch", [run(1), run(2, "Trail"), run(5, metres=60000, shoe="Trail", day=9)])
    with monkeypatch.context() as patch:
        patch.setattr("shoemon.sync.tell.outbox.json.dumps", _fail)
        with pytest.raises(KeyboardInterrupt):
            home.sync()
    assert home.totals() == before
    assert home.rows("SELECT count(*) FROM alerts WHERE shoe = 'trail'") == [(0,)]
    home.sync()
    assert home.rows("SELECT id FROM alerts WHERE shoe = 'trail'") == [("trail-130-1",)]
    assert faults(home.database) == []


def _fail(*args: object, **kwargs: object) -> None:
    raise KeyboardInterrupt


def test_the_next_tick_decides_what_a_crash_left_undecided(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(home.directory, home.clock)
    watch.tick()
    home.table("watch", [run(1), run(2, "Trail"), run(5, day=8)])
    home.clock.move(hours=7)
    with monkeypatch.context() as patch:
        patch.setattr("shoemon.sync.pipeline.derive", _fail_in_words)
        assert watch.tick() is None
    home.clock.move(seconds=20)
    report = watch.tick()
    assert report is not None
    assert report.outcomes == ()
    assert report.derived.decided == 1
    assert watch.tick() is None
    home.table("watch", [run(1), run(2, "Trail"), run(5, day=8), run(6, day=9)])
    with monkeypatch.context() as patch:
        patch.setattr("shoemon.sync.pipeline.derive", _fail)
        with pytest.raises(KeyboardInterrupt):  # another process, killed
            home.sync()
    report = watch.tick()
    assert report is not None and report.derived.decided == 1
    assert watch.tick() is None


def _fail_in_words(*args: object) -> None:
    raise ShoemonError("the disk is full")


# ------------------------------------------------------------------ dry run


def test_a_dry_run_shows_what_moves_and_changes_nothing(home: Home) -> None:
    with hook() as receiver:
        home.main(TWO + f"notify:\n  - {{name: hook, type: webhook, url: {receiver.url}}}\n")
        home.sync()
        home.table("watch", [run(1), run(2, "Trail"), run(5, "Trail", 49000, 9)])
        home.shoes(SHOES + 'corrections:\n  - {run: "phone:3", shoe: trail}\n')
        state = home.directory / "state.db"
        before, remembered, sent = _whole(home.database), state.read_bytes(), len(receiver.ids)
        report = home.preview()
        assert {(m.shoe, m.before_m, m.after_m) for m in report.changes} == {
            ("road", 10000.0, 5000.0), ("trail", 5000.0, 59000.0),
        }  # fmt: skip
        assert report.derived.announced == ("trail-110-1",)
        assert (_whole(home.database), state.read_bytes(), len(receiver.ids)) == (before, remembered, sent)
        home.sync()
        assert home.totals() == {"road": 5000.0, "trail": 59000.0}
        assert receiver.ids[sent:] == ["trail-110-1"]


def test_a_dry_run_before_the_first_sync_stores_nothing(home: Home) -> None:
    (home.directory / "watch.csv").unlink()
    report = home.preview()
    assert [o.outcome for o in report.outcomes] == ["failed", "stored"]
    assert [(m.shoe, m.after_m) for m in report.changes] == [("road", 5000.0)]
    counted = {
        name: home.rows(f"SELECT count(*) FROM {name}") for name in ("activities", "legs", "sources", "syncs", "alerts")
    }
    assert set(map(tuple, counted.values())) == {((0,),)}
    assert home.rows("SELECT name FROM sources") == []


def _whole(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return list(connection.iterdump())


# ------------------------------------------------------------------ readers


def test_a_reader_sees_before_or_after_never_between(home: Home) -> None:
    """A second connection looks as fast as it can while six syncs move every run to another shoe and back."""
    count = 60
    home.table("watch", [run(i, day=1 + i % 28) for i in range(1, count + 1)])
    home.table("phone", [])
    home.sync()
    done = threading.Event()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for turn in range(6):
                shoe = ("Trail", "Road")[turn % 2]
                home.table("watch", [run(i, shoe, day=1 + i % 28) for i in range(1, count + 1)])
                home.sync()
        except BaseException as error:  # noqa: BLE001 handed on below
            failures.append(error)
        finally:
            done.set()

    writer = threading.Thread(target=write)
    writer.start()
    looks, seen = 0, set()
    with closing(sqlite3.connect(f"file:{home.database}?mode=ro", uri=True, timeout=5)) as connection:
        connection.isolation_level = None
        while not done.is_set():
            connection.execute("BEGIN")
            assert stored_totals(connection) == recount(connection)
            worn = dict(connection.execute("SELECT shoe, distance_m FROM shoe_wear"))
            legs = dict(connection.execute("SELECT shoe, sum(distance_m) FROM legs GROUP BY shoe"))
            assert {shoe: legs.get(shoe, 0.0) for shoe in worn} == worn
            assert sum(legs.values()) == count * 5000
            connection.execute("COMMIT")
            looks += 1
            seen.add(tuple(sorted(legs.items())))
    writer.join()
    assert failures == []
    assert seen == {(("road", count * 5000.0),), (("trail", count * 5000.0),)}
    assert looks > 10


# ------------------------------------------------------------------ first imports


def test_a_first_import_sends_one_digest_and_so_does_a_second_source(home: Home) -> None:
    worn = [run(i, ("Road", "Trail")[i % 2], 30000, 1 + i % 28) for i in range(1, 13)]
    with hook() as receiver:
        notify = f"notify:\n  - {{name: hook, type: webhook, url: {receiver.url}}}\n"
        home.main("sources:\n" + table_source("watch") + notify)
        home.table("watch", worn)
        home.sync()
        assert [body["type"] for body in receiver.bodies] == ["shoemon.alert.digest"]
        home.sync()
        home.shoes(SHOES + "  - {id: third, name: Third, life: 40 km}\n  - {id: fourth, name: Fourth, life: 40 km}\n")
        home.main("sources:\n" + table_source("watch") + table_source("phone") + notify)
        home.table("phone", [run(40, "Third", 41000, 20), run(41, "Fourth", 39000, 21)])
        home.sync()
        home.sync()
        assert [body["type"] for body in receiver.bodies] == ["shoemon.alert.digest"] * 2
        assert len(receiver.counts) == 2
        home.table("phone", [run(40, "Third", 41000, 20), run(41, "Fourth", 39000, 21), run(42, "Fourth", 2000, 22)])
        home.sync()
        assert [body["type"] for body in receiver.bodies[2:]] == ["shoemon.alert.due"]


@pytest.mark.parametrize("hold", ["0s", "1d"])
def test_a_pair_not_worn_for_long_rests_without_a_word_until_it_is_worn_again(
    hold: str, home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    home.main(f"alerts: {{hold: {hold}, resting: 365d}}\nsources:\n{table_source('watch')}")
    home.shoes(SHOES + "  - {id: spare, name: Spare, bought: 2022-01-01}\n")
    runs = [(1, "2023-05-20", 130000, "run", "", "Road", "", 60000), (2, "2024-05-19", 5000, "run", "", "Trail")]
    alerts = "SELECT kind, stage FROM alerts ORDER BY created_at, id"

    def synced(*more: tuple[object, ...]) -> dict[str, str | None]:
        runs.extend(more)
        home.table("watch", runs)
        home.clock.move(hours=12)
        home.sync()
        return dict(home.rows("SELECT shoe, resting_since FROM shoe_wear ORDER BY shoe"))

    assert synced() == {"road": None, "spare": "2022-01-01", "trail": None}
    assert home.rows(alerts) == [("digest", "first"), ("over", "130")]
    (home.database).unlink()
    assert synced((3, "2024-05-20", 5000, "run", "", "")) == {
        "road": "2023-05-20",
        "spare": "2022-01-01",
        "trail": None,
    }
    assert home.rows(alerts) == [("digest", "first")]
    assert "2 pairs are resting" in home.rows("SELECT body FROM alerts")[0][0]
    print_status(home.config)
    said = capsys.readouterr().out
    assert "Road" not in said and "2 resting pairs are not listed" in said
    print_status(home.config, whole=True)
    assert "Road  resting" in capsys.readouterr().out
    assert [pair["shoe"] for pair in forecast_data(home.database)["shoes"]] == ["trail"]
    listed = CliRunner().invoke(cli, ["shoes", "list", "--config", str(home.directory)]).output
    assert re.findall(r"resting since (\S+)", listed) == ["2023-05-20", "2022-01-01"]
    assert [row["resting_since"] for row in status_data(home.config)["shoes"]] == ["2023-05-20", None, "2022-01-01"]
    assert synced((4, "2024-05-21", 1000, "run", "", "Road")) == {"road": None, "spare": "2022-01-01", "trail": None}
    assert home.rows(alerts)[1:] == ([("over", "130")] if hold == "0s" else [])
    for _ in range(3):
        synced()
    assert home.rows(alerts)[1:] == [("over", "130")]


# ------------------------------------------------------------------ edits while running


def test_a_bad_edit_keeps_good_settings_and_says_mistakes_once(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    watch = Watch(home.directory, home.clock)
    watch.tick()
    assert home.totals() == {"road": 10000.0, "trail": 5000.0}
    (home.directory / "shoemon.yaml").write_text(TWO + "timezone: Mars\nunitz: km\n")
    home.shoes(SHOES + "  - {id: third, name: Third, life: forty}\n")
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            home.table("watch", [run(1), run(2, "Trail"), run(5, day=8)])
            home.clock.move(hours=7)
            assert watch.tick() is not None
    assert home.totals() == {"road": 15000.0, "trail": 5000.0}
    said = [record.message for record in caplog.records]
    for mistake in ("Mars", "unitz", "forty"):
        assert sum(mistake in line for line in said) == 1, said
    assert sum("last valid" in line for line in said) == 1
    home.main(TWO)
    home.shoes(SHOES.replace("id: road, name: Road", "id: street, name: Street"))
    watch.tick()
    assert home.totals() == {None: 15000.0, "trail": 5000.0}


def test_the_pages_find_the_zone_and_the_target_in_the_database_written_when_they_change_only(home: Home) -> None:
    def noted() -> dict[str, str]:
        return dict(home.rows("SELECT key, value FROM _meta WHERE key IN ('timezone', 'hard_share', 'soft_share')"))

    def again() -> None:
        home.clock.move(hours=7)
        home.sync()

    again()
    assert noted() == {"timezone": "UTC"}
    home.main(TWO + "timezone: Europe/Helsinki\nalerts: {hard_share: 60%, soft_share: 33.3%}\n")
    again()
    assert noted() == {"timezone": "Europe/Helsinki", "hard_share": "0.6", "soft_share": "0.333"}
    with closing(open_database(home.database, "km")) as database:
        database.conn.executescript("""
            CREATE TRIGGER kept BEFORE UPDATE ON _meta WHEN NEW.key IN ('timezone', 'hard_share')
            BEGIN SELECT raise(ABORT, 'written again'); END""")
    again()
    home.main(TWO + "timezone: Europe/Helsinki\n")
    again()
    assert noted() == {"timezone": "Europe/Helsinki"}


@pytest.mark.parametrize("outcome", ["unchanged", "failed"])
def test_syncs_that_brought_nothing_do_not_pile_up(tmp_path: Path, outcome: str, settled: None) -> None:
    home = Home(tmp_path / "home", HandClock())
    home.table("watch", [run(1)])
    home.sync()
    with closing(open_database(home.database, "km")) as database:
        database.conn.executemany(
            "INSERT INTO syncs(source, started_at, outcome) VALUES ('watch', ?, ?)",
            [(str(i), outcome) for i in range(1500)],
        )
        database.conn.commit()
    if outcome == "failed":
        (home.directory / "watch.csv").unlink()
    home.sync()
    counts = dict(home.rows("SELECT outcome, count(*) FROM syncs GROUP BY 1"))
    assert counts == {"stored": 1, outcome: 1000}


OPEN = """
import pathlib, sys
from shoemon.store.database import open_database
print("ready", flush=True)
sys.stdin.readline()
open_database(pathlib.Path(sys.argv[1]), "km").close()
"""


@pytest.mark.slow
def test_several_processes_may_make_the_database_at_once(tmp_path: Path) -> None:
    for turn in range(3):
        command = [sys.executable, "-c", OPEN, str(tmp_path / f"{turn}.db")]
        processes = [subprocess.Popen(command, stdin=-1, stdout=-1, stderr=-1, text=True) for _ in range(4)]
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        assert [process.communicate()[1] for process in processes] == [""] * 4
