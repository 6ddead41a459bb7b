"""The command line: help, exit codes 0, 1 and 2, one sentence for every error, and figures that are the database's."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import click
import pytest
from kit.commands import Said, said_here, started
from kit.homes import Home, table_source
from kit.receivers import hook

from shoemon import __version__
from shoemon.cli.main import cli

SHOES = """\
shoes:
  - {id: road, name: "Road [bold]", gear: [Pegasus], life: 100 km, price: 130 EUR}
  - {id: trail, name: Trail, life: 600 km, initial: 20 km}
  - {id: old, name: Old, retired: 2023-01-01}
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.shoes(SHOES)
    home.table("watch", [
        (1, "2024-05-01T07:00:00Z", 95000, "run", "Long one", "Pegasus", "road", 36000),
        (2, "2024-05-02T07:00:00Z", 8000, "trail-run", "", "Trail", "dirt", 3000),
        (3, "2024-05-03T07:00:00Z", 4000, "run", "Barefoot", "Vibram", "", 1800),
        (4, "2024-05-04T07:00:00Z", 30000, "ride", "Commute", "Pegasus", "", 3600),
        (5, "someday", 1, "run"),
    ])  # fmt: skip
    return home


@pytest.fixture
def shoemon(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Home) -> Callable[..., Said]:
    """Runs a command as `shoemon` does, in this process, on the home."""
    monkeypatch.setenv("SHOEMON_CONFIG", str(home.directory))
    return partial(said_here, monkeypatch, capsys)


def process(*arguments: str, **environment: str) -> Said:
    done = subprocess.run(
        [sys.executable, "-m", "shoemon", *arguments], capture_output=True, text=True, check=False, timeout=300,
        env={**os.environ, **environment},
    )  # fmt: skip
    return Said(done.returncode, done.stdout, done.stderr)


def commands(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*before, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*before, name))


# ------------------------------------------------------------------ help


@pytest.mark.parametrize("command", [(), *commands(cli)], ids=" ".join)
def test_every_command_explains_itself(shoemon, command: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    for flag in ("--help", "-h"):
        said = shoemon(*command, flag)
        assert said.code == 0
        assert said.out.startswith("Usage: shoemon")
        assert said.err == ""


def test_every_command_that_reads_a_configuration_takes_config() -> None:
    reads_none = {("demo",), ("help",), ("where", "plugins"), ("where", "config")}
    for names in commands(cli):
        command: click.Command = cli
        for name in names:
            assert isinstance(command, click.Group)
            command = command.commands[name]
        if not isinstance(command, click.Group) and names not in reads_none:
            assert "--config" in {option for parameter in command.params for option in parameter.opts}, names


def test_it_runs_as_a_module_and_says_its_version() -> None:
    assert process("--version") == Said(0, f"shoemon, version {__version__}\n", "")


# ------------------------------------------------------------------ exit codes


def test_a_sync_that_did_everything_ends_with_0_and_one_that_did_not_with_1(shoemon, home: Home) -> None:  # type: ignore[no-untyped-def]
    assert shoemon("sync").out.splitlines() == [
        "watch: 4 read, 4 new, 1 rejected (table problems)",
        "  1 x start: 'someday' is not a time in ISO 8601; set date_format, or unit: ...",
        "+107.0 km; 107.0 km in all",
        "soon: Road [bold], 95 km of 100 km",
        "1 run without a shoe (view unassigned_runs)",
        "gear `Vibram` of 1 run belongs to no pair in shoes.yaml; to add it:",
        "    shoemon shoes add vibram --name Vibram --gear Vibram",
    ]
    assert shoemon("sync", "watch") == Said(0, "watch: nothing new\n", "")
    (home.directory / "watch.csv").unlink()
    said = shoemon("sync")
    assert (said.code, said.err) == (1, "")
    assert said.out.startswith("watch: failed: ")
    assert "watch.csv does not exist" in said.out


def test_a_message_that_was_not_taken_for_good_is_said_with_1(shoemon, home: Home) -> None:  # type: ignore[no-untyped-def]
    with hook() as receiver:
        home.main(
            "sources:\n" + table_source("watch") + f"notify:\n  - {{name: hook, type: webhook, url: {receiver.url}}}\n"
        )
        receiver.status = 410
        said = shoemon("sync")
        assert said.code == 1
        assert "not sent: hook: " in said.out
        receiver.status = 200
        assert shoemon("alerts", "retry") == Said(0, "1 message sent\n", "")
        assert shoemon("alerts", "test", "hook") == Said(0, "hook: taken\n", "")
        assert receiver.bodies[-1]["type"] == "shoemon.alert.test"
        receiver.down = True
        said = shoemon("alerts", "test", "hook")
        assert said.code == 1
        assert "trying again may help" in said.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("sync", "wach"), "no source is called wach"),
        (("sync", "--frequency"), "No such option"),
        (("nonsense",), "No such command"),
        (("explain",), "Missing argument"),
        (("alerts", "test", "pigeon"), "no notifier is called pigeon"),
        (("serve", "--no-web", "--no-schedule"), "leave nothing to do"),
        (("serve", "--port", "99999"), "99999"),
        (("alerts", "list", "--limit", "0"), "0"),
        (("status", "--config", "/nowhere"), "there is no shoemon.yaml in /nowhere"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_usage_ends_with_2_and_a_remedy(shoemon, arguments: tuple[str, ...], says: str) -> None:  # type: ignore[no-untyped-def]
    said = shoemon(*arguments)
    assert (said.code, said.out) == (2, "")
    assert says in said.err


@pytest.mark.parametrize(
    "command", [("sync",), ("status",), ("check",), ("explain", "1"), ("serve",), ("alerts", "list")], ids=" ".join
)
def test_every_mistake_of_both_files_is_said_with_its_place_and_2(
    shoemon, home: Home, command: tuple[str, ...]
) -> None:  # type: ignore[no-untyped-def]
    home.main("timezone: Mars\nunitz: km\n")
    home.shoes("shoes:\n  - {id: road, name: Road, life: long}\n")
    said = shoemon(*command)
    assert (said.code, said.out) == (2, "")
    lines = said.err.splitlines()
    assert [line.split(": ")[0] for line in lines[:-1]] == ["shoemon.yaml:1:1", "shoemon.yaml:2:1", "shoes.yaml:2:28"]
    assert lines[-1].startswith("shoemon: 3 mistakes")
    assert not home.database.exists()


@pytest.mark.parametrize(
    "command",
    [("status",), ("status", "--json"), ("explain", "1"), ("alerts", "list"), ("backup", "copy.db")],
    ids=" ".join,
)
def test_before_the_first_sync_it_says_what_to_do(shoemon, command: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    said = shoemon(*command)
    assert (said.code, said.out) == (1, "")
    assert "`shoemon sync` makes it" in said.err


@pytest.mark.parametrize("command", [("sync",), ("status",), ("explain", "1"), ("alerts", "list")], ids=" ".join)
def test_a_database_that_is_none_is_said_in_one_sentence(shoemon, home: Home, command: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    home.database.write_bytes(b"something else" * 500)
    said = shoemon(*command)
    assert (said.code, said.out) == (1, "")
    assert str(home.database) in said.err
    assert len(said.err.splitlines()) == 1


def test_a_full_disk_is_said_in_one_sentence_and_loses_nothing(home: Home) -> None:
    home.sync()
    home.table("watch", [(i, f"2024-05-{i % 28 + 1:02}", 5000 + i, "run", "x" * 500, "Pegasus") for i in range(3000)])
    limit = home.database.stat().st_size + 300_000
    done = subprocess.run(
        [sys.executable, "-m", "shoemon", "sync", "--config", str(home.directory)], capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)), timeout=300,
    )  # fmt: skip
    assert done.returncode == 1
    assert "watch: failed: it could not be stored: " in done.stdout
    assert done.stderr == ""
    assert home.rows("SELECT count(*) FROM activities") == [(4,)]
    home.sync()
    assert home.rows("SELECT count(*) FROM activities WHERE missing_since IS NULL") == [(3000,)]


# ------------------------------------------------------------------ what it shows


def test_status_as_json_is_what_the_database_has(shoemon, home: Home) -> None:  # type: ignore[no-untyped-def]
    shoemon("sync")
    said = shoemon("status", "--json")
    assert (said.code, said.err) == (0, "")
    status = json.loads(said.out)
    assert list(status) == ["shoes", "decisions", "sources"]
    columns = "shoe, distance_m, worn_m, life_m, fraction, remaining_m, status, due_early_on, due_on, due_late_on, hard_share, cost_per_km"
    stored = {row[0]: row for row in home.rows(f"SELECT {columns} FROM shoe_wear")}
    assert {shoe["shoe"]: tuple(shoe[column] for column in columns.split(", ")) for shoe in status["shoes"]} == stored
    assert [shoe["shoe"] for shoe in status["shoes"]] == ["road", "trail", "old"]
    assert status["shoes"][0]["ground_m"] == {
        "hard": 95000.0,
        "soft": 0.0,
        "synthetic": 0.0,
        "treadmill": 0.0,
        "unknown": 0.0,
    }
    assert status["shoes"][1]["ground_m"]["soft"] == 8000.0
    assert status["decisions"] == {
        "unassigned_runs": 1, "ambiguous_runs": 0, "problems": 1, "missing_activities": 0, "waiting_messages": 0,
        "failed_messages": 0, "failing_sources": 0, "unreadable_tracks": 0, "ground_disagreements": 0,
        "renamed_gear": 0,
    }  # fmt: skip
    assert [(source["name"], source["activities"]) for source in status["sources"]] == [("watch", 4)]


def test_status_shows_each_pair_and_what_needs_a_decision(shoemon, home: Home) -> None:  # type: ignore[no-untyped-def]
    shoemon("sync")
    lines = shoemon("status").out.splitlines()
    assert any(line.startswith("Road [bold]") and " soon " in line and "95.0" in line for line in lines)
    assert any(line.startswith("Old") and "retired" in line for line in lines)
    assert "1 run without a shoe (view unassigned_runs)" in lines
    home.main("units: mi\nsources:\n" + table_source("watch"))
    assert "59.0" in shoemon("status").out


def test_explain_says_why_a_run_counts_as_it_does(shoemon, home: Home) -> None:  # type: ignore[no-untyped-def]
    shoemon("sync")
    long_one = shoemon("explain", "watch:1")
    assert long_one.code == 0
    assert long_one == shoemon("explain", "1"), "the id alone will do where it is one source's only"
    assert (
        "  95.00 km on road, paved\n    road: watch calls it “Pegasus”\n    paved: watch calls it “road”\n"
    ) in long_one.out
    assert "2024-05-01T07:00:00Z" in long_one.out
    assert '"metres": "95000"' in long_one.out
    assert "(no shoe): watch calls it “Vibram”, and no pair in shoes.yaml is called so" in shoemon("explain", "3").out
    assert "does not count: its sport (ride) is not among the sports in shoemon.yaml" in shoemon("explain", "4").out
    unknown = shoemon("explain", "watch:77")
    assert (unknown.code, unknown.out) == (1, "")
    assert "no run watch:77 is stored" in unknown.err


def test_a_dry_run_says_what_would_move_and_does_nothing(shoemon, home: Home) -> None:  # type: ignore[no-untyped-def]
    shoemon("sync")
    home.shoes(SHOES.replace("gear: [Pegasus]", "gear: [Vibram]") + "default_shoe: trail\n")
    said = shoemon("sync", "--dry-run")
    assert said.code == 0
    assert "road: 95.0 km -> 4.0 km (-91.0)" in said.out
    assert "(no shoe): 4.0 km -> 95.0 km (+91.0)" in said.out
    assert "nothing was written" in said.out
    assert home.totals() == {"road": 95000.0, "trail": 8000.0, None: 4000.0}


def test_a_backup_says_where_it_is(shoemon, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    shoemon("sync")
    said = shoemon("backup", str(tmp_path / "copy.db"))
    assert said == Said(0, f"{tmp_path / 'copy.db'}: 0.2 MB\n", "")


# ------------------------------------------------------------------ where it looks, and how it speaks


def test_config_wins_over_the_environment_and_that_over_the_platform(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "other")
    other.table("watch", [])
    home.sync()
    other.sync()
    flag = ("--config", str(home.directory))
    assert "Road" in process("status", *flag, SHOEMON_CONFIG=str(other.directory)).out
    assert "Road" not in process("status", SHOEMON_CONFIG=str(other.directory)).out
    (tmp_path / "xdg").mkdir()
    home.directory.rename(tmp_path / "xdg" / "shoemon")
    assert "Road" in process("status", SHOEMON_CONFIG="", XDG_CONFIG_HOME=str(tmp_path / "xdg"), HOME=str(tmp_path)).out


def test_a_folder_with_any_name_will_do(tmp_path: Path, shoemon) -> None:  # type: ignore[no-untyped-def]
    odd = Home(tmp_path / "50% off? #1 [läuft]")
    odd.table("watch", [(1, "2024-05-01", 5000, "run")])
    flag = ("--config", str(odd.directory))
    assert shoemon("sync", *flag).code == 0
    assert shoemon("status", *flag).code == 0
    assert shoemon("explain", "watch:1", *flag).code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["50% off? #1 [läuft]", "home"]


def test_in_a_pipe_there_is_no_progress_and_no_colour(home: Home) -> None:
    flag = ("--config", str(home.directory))
    for command in (("sync",), ("status",), ("alerts", "list")):
        said = process(*command, *flag, FORCE_COLOR="")
        assert (said.code, said.err) == (0, "")
        assert "\x1b" not in said.out


def test_a_reader_that_leaves_is_no_error_with_a_traceback(home: Home) -> None:
    home.sync()
    with started("status", "--json", "--config", home.directory) as running:
        running.stdout.close()
        assert "Traceback" not in running.stderr.read()


def test_help_starts_fast() -> None:
    """Nothing heavy is imported for it; seconds would depend on the machine."""
    code = "import sys, shoemon.cli.main; print([name for name in ('datasette', 'pydantic', 'sqlite_utils', 'requests', 'apscheduler') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


HOSTILE = "N\x1b[31m\x9b2J\x07\u202ex\nnew"


def test_nothing_an_export_or_a_name_says_is_obeyed_by_the_terminal(shoemon: Any, home: Home) -> None:
    home.shoes(f"shoes: [{{id: road, name: {json.dumps(HOSTILE)}, gear: [Pegasus], life: 10 km}}]\n")
    home.table("watch", [
        (1, "2024-05-01T07:00:00Z", 20000, "run", HOSTILE, "Pegasus", HOSTILE),
        (2, "2024-05-02T07:00:00Z", 8000, "run", HOSTILE, HOSTILE),
    ])  # fmt: skip
    commands = ("sync --dry-run", "sync", "status", "explain watch:1", "explain watch:2", "shoes list", "alerts list")
    for command in commands:
        said = shoemon(*command.split())
        assert said.code == 0, (command, said.err)
        assert "".join(said.out.split("\n")).isprintable(), command
    assert "N\N{REPLACEMENT CHARACTER}[31m" in shoemon("explain", "watch:2").out
