"""The command line: help, exit codes 0, 1 and 2, one sentence for every error, and the figures of the database."""

import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from kit.commands import Said, started
from kit.homes import Home, table_source
from kit.hostile import TEXTS
from kit.receivers import hook

from shoemon import __version__
from shoemon.cli.main import cli
from shoemon.pages.places import config_dir, plugins_dir

SHOES = """\
shoes:
  - {id: road, name: "Road [bold]", gear: [Pegasus], life: 100 km, price: 130 EUR}
  - {id: trail, name: Trail, life: 600 km, initial: 20 km}
  - {id: old, name: Old, retired: {on: 2023-01-01, because: fit}}
"""


Shoemon = Callable[..., Said]


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


def commands(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*before, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*before, name))


# ------------------------------------------------------------------ help


def test_every_command_explains_itself(shoemon: Shoemon) -> None:
    for command in [(), *commands(cli)]:
        for flag in ("--help", "-h"):
            said = shoemon(" ".join((*command, flag)))
            assert (said.code, said.out[:14], said.err) == (0, "Usage: shoemon", ""), command


def test_every_command_that_reads_a_configuration_takes_config() -> None:
    for names in commands(cli):
        command: click.Command = cli
        for name in names:
            assert isinstance(command, click.Group)
            command = command.commands[name]
        if not isinstance(command, click.Group) and names not in (("demo",), ("help",)):
            assert "--config" in {option for parameter in command.params for option in parameter.opts}, names


def test_it_runs_as_a_module_and_shows_its_version() -> None:
    with started("--version") as process:
        assert process.communicate() == (f"shoemon, version {__version__}\n", "")


# ------------------------------------------------------------------ exit codes


@pytest.mark.usefixtures("settled")
def test_a_sync_that_did_everything_ends_with_0_and_one_that_did_not_with_1(shoemon: Shoemon, home: Home) -> None:
    assert shoemon("sync").out.splitlines() == [
        "watch: 4 read, 4 new, 1 rejected, 1 not counted",
        "  not read: 1 x start: 'someday' is not a time in ISO 8601; set date_format, or unit: s or ms if it counts from 1970 (watch.csv:6)",
        "  not counted: 1 x its sport (ride) is not among the sports in shoemon.yaml (watch:4)",
        "+107.0 km; 107.0 km in all",
        "soon: Road [bold], 95 km of 100 km",
        "1 run without a shoe (view unassigned_runs)",
        "gear `Vibram` of 1 run belongs to no pair in shoes.yaml; to add it:",
        "    shoemon shoes add vibram --name Vibram --gear Vibram",
    ]
    assert shoemon("sync watch") == Said(0, "watch: nothing new\n", "")
    (home.directory / "watch.csv").unlink()
    said = shoemon("sync")
    assert (said.code, said.err) == (1, "")
    assert said.out.startswith("watch: failed: ")
    assert "watch.csv; correct `path`" in said.out


def test_a_message_that_is_refused_for_good_ends_with_1(shoemon: Shoemon, home: Home) -> None:
    with hook() as receiver:
        home.main(f"sources:\n{table_source('watch')}notify: [{{name: hook, type: webhook, url: '{receiver.url}'}}]\n")
        receiver.status = 410
        said = shoemon("sync")
        assert said.code == 1
        assert "not sent: hook: " in said.out and "410" in shoemon("alerts list").out
        assert "1 message not delivered; to try again:" in shoemon("status").out
        assert shoemon("alerts retry").code == 1
        receiver.status = 200
        assert shoemon("alerts retry") == Said(0, "1 message sent\n", "")
        assert shoemon("alerts test hook") == Said(0, "hook: delivered\n", "")
        assert receiver.bodies[-1]["type"] == "shoemon.alert.test"
        receiver.down = True
        said = shoemon("alerts test hook")
        assert said.code == 1
        assert "trying again may help" in said.err


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("sync wach", "no source is called wach"),
        ("sync --frequency", "No such option"),
        ("nonsense", "No such command"),
        ("explain", "Missing argument"),
        ("where here", "'here' is not one of"),
        ("alerts test pigeon", "no notifier is called pigeon"),
        ("serve --no-web --no-schedule", "leave nothing to do"),
        ("serve --port 99999", "99999"),
        ("alerts list --limit 0", "0"),
        ("sync --accept", "--accept needs the name of a source"),
    ],
)
def test_wrong_usage_ends_with_2_and_a_remedy(shoemon: Shoemon, line: str, says: str) -> None:
    said = shoemon(line)
    assert (said.code, said.out, says in said.err) == (2, "", True)


@pytest.mark.parametrize("line", ["sync", "status", "check", "explain 1", "serve", "alerts list"])
def test_every_mistake_of_both_files_is_printed_with_its_place(shoemon: Shoemon, home: Home, line: str) -> None:
    home.main("timezone: Mars\nunitz: km\n")
    home.shoes("shoes:\n  - {id: road, name: Road, life: long}\n")
    said = shoemon(line)
    assert (said.code, said.out) == (2, "")
    *places, last = said.err.splitlines()
    assert [place.split(": ")[0] for place in places] == ["shoemon.yaml:1:1", "shoemon.yaml:2:1", "shoes.yaml:2:28"]
    assert last.startswith("shoemon: 3 mistakes")
    assert not home.database.exists()


def test_without_a_database_one_sentence_gives_the_remedy(shoemon: Shoemon, home: Home) -> None:
    reading = ["status", "status --json", "explain 1", "explain 1 --json", "alerts list", "forecast"]
    for line in [*reading, "backup copy.db"]:
        said = shoemon(line)
        assert (said.code, said.out) == (1, ""), line
        assert said.err == f"shoemon: there is no database {home.database} yet; to make it: shoemon sync\n"
    home.database.write_bytes(b"something else" * 500)
    for line in ["sync", *reading]:
        said = shoemon(line)
        assert (said.code, said.out, said.err.count("\n"), str(home.database) in said.err) == (1, "", 1, True), line


def test_a_full_disk_is_said_in_one_sentence_and_loses_nothing(home: Home) -> None:
    home.sync()
    home.table("watch", [(i, f"2024-05-{i % 28 + 1:02}", 5000 + i, "run", "x" * 500, "Pegasus") for i in range(1000)])
    limit = home.database.stat().st_size + 100_000
    done = subprocess.run(
        [sys.executable, "-m", "shoemon", "sync", "--config", str(home.directory)], capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)), timeout=300,
    )  # fmt: skip
    assert done.returncode == 1
    assert "watch: failed: it could not be stored: " in done.stdout
    assert done.stderr == ""
    assert home.rows("SELECT count(*) FROM activities") == [(4,)]
    home.sync()
    assert home.rows("SELECT count(*) FROM activities WHERE missing_since IS NULL") == [(1000,)]


# ------------------------------------------------------------------ what it shows


def test_status_as_json_is_what_the_database_has(shoemon: Shoemon, home: Home) -> None:
    shoemon("sync")
    said = shoemon("status --json")
    assert (said.code, said.err) == (0, "")
    status = json.loads(said.out)
    assert list(status) == ["shoes", "decisions", "sources", "unknown_ground", "targets", "concrete_m", "latest_month"]
    columns = "shoe, distance_m, worn_m, life_m, fraction, remaining_m, status, due_early_on, due_on, due_late_on, hard_share, cost_per_km"
    stored = {row[0]: row for row in home.rows(f"SELECT {columns} FROM shoe_wear")}
    assert {shoe["shoe"]: tuple(shoe[column] for column in columns.split(", ")) for shoe in status["shoes"]} == stored
    assert [shoe["shoe"] for shoe in status["shoes"]] == ["road", "trail", "old"]
    grounds = [{ground: metres for ground, metres in shoe["ground_m"].items() if metres} for shoe in status["shoes"]]
    assert grounds == [{"hard": 95000.0}, {"soft": 8000.0}, {}]
    assert status["decisions"] == {
        "past_life_worn": 0, "unassigned_runs": 1, "ambiguous_runs": 0, "sportless_runs": 0, "doubtful_runs": 0, "doubled_runs": 0, "maybe_indoor_runs": 0, "problems": 1, "missing_activities": 0, "waiting_messages": 0,
        "failed_messages": 0, "failing_sources": 0, "unreadable_tracks": 0, "ground_disagreements": 0,
        "renamed_gear": 0, "wrong_clocks": 0, "lap_places": 0,
    }  # fmt: skip
    assert [(source["name"], source["activities"]) for source in status["sources"]] == [("watch", 4)]
    assert status["unknown_ground"] == {"none": 4000.0}
    spans = [
        (each["concrete_m"]["at_least"], each["concrete_m"]["at_most"])
        for each in (*status["shoes"], status, status["latest_month"])
    ]
    assert spans == [(0, 95000.0), (0, 0), (0, 0), (0, 99000.0), (0, 99000.0)], "paved and unknown may be concrete"
    assert status["latest_month"]["month"] == "2024-05"


def test_status_shows_each_pair_and_what_needs_a_decision(shoemon: Shoemon, home: Home) -> None:
    shoemon("sync")
    assert [line.rstrip() for line in shoemon("status").out.splitlines()] == [
        "shoe        status  km life used ground    last run   limit",
        "Road [bold] soon    95  100  95% hard 100% 2024-05-01 not worn",
        "Trail       fresh   28  600   5% soft 100% 2024-05-02 not worn",
        "Old         retired  0  640   0%           never",
        "1 run without a shoe (view unassigned_runs)",
        "1 unreadable record",
        "not read: 1 x start: 'someday' is not a time in ISO 8601; set date_format, or unit: s or ms if it counts from 1970 (watch.csv:6)",
        "not counted: 1 x its sport (ride) is not among the sports in shoemon.yaml (watch:4)",
    ]
    home.main("units: mi\nalerts: {soft_share: 40%}\nsources:\n" + table_source("watch"))
    assert " 59   62 " in shoemon("status").out
    home.shoes("shoes: []\n")
    shoemon("sync")
    add = "There is no pair in shoes.yaml. To add one:\n    shoemon shoes add ID --name NAME\n"
    assert shoemon("shoes list").out == add and shoemon("status").out.startswith(add)
    assert shoemon("status").out.splitlines()[-1] == "Your target: soft ground at least 40 %."
    target = {"ground": "soft", "target": 0.4, "share": None, "remedy": None}
    assert json.loads(shoemon("status --json").out)["targets"] == [target]


def test_status_says_what_can_be_done_about_a_pair_past_its_life_and_still_worn(shoemon: Shoemon, home: Home) -> None:
    today = datetime.now(UTC).date()
    home.shoes("shoes: [{id: road, name: Road, life: 3 km}]\ndefault_shoe: road\n")
    home.table("watch", [(1, f"{today}T00:00:01Z", 15_000, "run")])
    shoemon("sync")
    said = [line.partition(" --config ")[0] for line in shoemon("status").out.splitlines()[2:8]]
    assert said == [
        f"Road is 12 km past its life, last worn on {today}; to retire it:", f"    shoemon shoes retire road --on {today}",
        "to wear it on:", "    shoemon shoes set road life=+100km",
        "to add its successor:", "    shoemon shoes add ID --name Road",
    ]  # fmt: skip
    assert json.loads(shoemon("status --json").out)["decisions"]["past_life_worn"] == 1


def test_the_rest_as_json_is_in_metres_and_iso_dates_too(shoemon: Shoemon, home: Home) -> None:
    shoemon("sync")
    pairs = json.loads(shoemon("shoes list --json").out)["shoes"]
    assert [(each["id"], each["life_m"], each["in_use"]) for each in pairs] == [
        ("road", 100000.0, True), ("trail", 600000.0, True), ("old", 640000.0, False),
    ]  # fmt: skip
    for old in (pairs[2], json.loads(shoemon("status --json").out)["shoes"][2]):
        assert (pairs[0]["gear"], old["retired_on"], old["retired_because"]) == (["Pegasus"], "2023-01-01", "fit")
    due = json.loads(shoemon("forecast --json").out)["shoes"]
    assert {each["shoe"]: (each["remaining_m"], each["due_on"]) for each in due} == {
        "road": (5000.0, None), "trail": (572000.0, None),
    }  # fmt: skip
    assert json.loads(shoemon("forecast --backtest --json").out) == {
        "first_on": "2024-05-01", "last_on": "2024-05-03", "days": 0, "scores": [],
    }  # fmt: skip
    found = json.loads(shoemon("alerts list --json").out)
    data = {alert["kind"]: (alert["deliveries"], alert["data"].get("unassigned_runs")) for alert in found["alerts"]}
    assert (data["digest"], found["snoozes"]) == (([], 1), [])
    run = json.loads(shoemon("explain 1 --json").out)
    assert (run["id"], run["distance_m"], run["track_match"], run["copies"]) == ("watch:1", 95000.0, None, [])
    columns = ("shoe", "surface", "distance_m", "shoe_reason", "shoe_detail")
    assert [[leg[column] for column in columns] for leg in run["legs"]] == [
        ["road", "paved", 95000.0, "gear", {"gear": "Pegasus"}],
    ]  # fmt: skip
    assert shoemon("explain 77 --json").err == shoemon("explain 77").err != ""


def test_explain_says_why_a_run_counts_as_it_does(shoemon: Shoemon, home: Home) -> None:
    shoemon("sync")
    long_one = shoemon("explain watch:1")
    assert long_one.code == 0
    assert long_one == shoemon("explain 1"), "the id alone will do where it is one source's only"
    assert (
        "  95.00 km on road, paved\n    road: watch calls it “Pegasus”\n    paved: watch calls it “road”\n"
    ) in long_one.out
    assert "2024-05-01T07:00:00Z" in long_one.out
    assert '"metres": "95000"' in long_one.out
    assert "(no shoe): watch calls it “Vibram”, and no pair in shoes.yaml has this name" in shoemon("explain 3").out
    assert "does not count: its sport (ride) is not among the sports in shoemon.yaml" in shoemon("explain 4").out
    unknown = shoemon("explain watch:77")
    assert (unknown.code, unknown.out) == (1, "")
    assert "no run watch:77 is stored" in unknown.err


def test_a_dry_run_says_what_would_move_and_does_nothing(shoemon: Shoemon, home: Home) -> None:
    shoemon("sync")
    home.shoes(SHOES.replace("gear: [Pegasus]", "gear: [Vibram]") + "default_shoe: trail\n")
    said = shoemon("sync --dry-run")
    assert said.code == 0
    assert "road: 95.0 km -> 4.0 km (-91.0)" in said.out
    assert "(no shoe): 4.0 km -> 95.0 km (+91.0)" in said.out
    assert "nothing was written" in said.out
    assert home.totals() == {"road": 95000.0, "trail": 8000.0, None: 4000.0}


def test_where_prints_one_path_without_a_configuration_where_none_is_needed(shoemon: Shoemon, home: Home) -> None:
    home.main("database: data/mine.db\n")
    assert shoemon("where database") == Said(0, f"{home.directory / 'data/mine.db'}\n", "")
    (home.directory / "shoemon.yaml").unlink()
    assert shoemon("where database").code == 2
    assert shoemon("where plugins") == Said(0, f"{plugins_dir()}\n", "")
    assert shoemon("where config") == Said(0, f"{config_dir()}\n", "")


def test_a_backup_says_where_it_is(shoemon: Shoemon, tmp_path: Path) -> None:
    shoemon("sync")
    said = shoemon("backup", str(tmp_path / "copy.db"))
    assert said == Said(0, f"{tmp_path / 'copy.db'}: {(tmp_path / 'copy.db').stat().st_size / 1e6:.1f} MB\n", "")


# ------------------------------------------------------------------ where it looks, and how it speaks


def test_config_wins_over_the_environment_and_that_over_the_platform(
    shoemon: Shoemon, home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Home(tmp_path / "other")
    for each in (home, other):
        each.table("watch", [])
        each.sync()
    monkeypatch.setenv("SHOEMON_CONFIG", str(other.directory))
    assert "Road" in shoemon("status --config", str(home.directory)).out
    assert "Road" not in shoemon("status").out
    home.directory.rename(tmp_path / "shoemon")
    for name, value in {"SHOEMON_CONFIG": "", "XDG_CONFIG_HOME": str(tmp_path), "HOME": str(other.directory)}.items():
        monkeypatch.setenv(name, value)
    assert "Road" in shoemon("status").out


def test_a_folder_with_any_name_will_do(tmp_path: Path, shoemon: Shoemon) -> None:
    odd = Home(tmp_path / "50% off? #1 [läuft]")
    odd.table("watch", [(1, "2024-05-01", 5000, "run")])
    for line in ("sync", "status", "explain watch:1"):
        assert shoemon(line, "--config", str(odd.directory)).code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["50% off? #1 [läuft]", "home"]


def test_a_reader_that_leaves_is_no_error_with_a_traceback(home: Home) -> None:
    home.sync()
    with started("status", "--json", "--config", home.directory) as running:
        running.stdout.close()
        assert "Traceback" not in running.stderr.read()


def test_help_starts_fast() -> None:
    """Nothing heavy is imported for it; seconds would depend on the machine."""
    code = "import sys, shoemon.cli.main; print({'datasette', 'pydantic', 'sqlite_utils', 'requests', 'rich'} & {*sys.modules})"
    with started(program=("-c", code)) as process:
        assert process.communicate() == ("set()\n", "")


HOSTILE = "N\x1b[31m\x9b2J\x07\u202ex\nnew"


def test_nothing_an_export_or_a_name_says_is_obeyed_by_the_terminal(shoemon: Shoemon, home: Home) -> None:
    home.shoes(f"shoes: [{{id: road, name: {json.dumps(HOSTILE)}, gear: [Pegasus], life: 10 km}}]\n")
    texts = [HOSTILE, *(text for text in TEXTS if not {*text} & {"\0", "\u200d", "\ud83d"})]
    home.table("watch", [
        (1, "2024-05-01T07:00:00Z", 20000, "run", HOSTILE, "Pegasus", HOSTILE),
        *((number, "2024-05-02T07:00:00Z", 8000, "run", text, text) for number, text in enumerate(texts, 2)),
    ])  # fmt: skip
    commands = ["sync --dry-run", "sync", "status", "shoes list", "alerts list"]
    for command in [*commands, *(f"explain watch:{number}" for number in range(1, len(texts) + 2))]:
        said = shoemon(command)
        assert said.code == 0, (command, said.err)
        assert "".join(said.out.split("\n")).isprintable(), command
    assert "N\N{REPLACEMENT CHARACTER}[31m" in shoemon("explain watch:2").out
