"""Packages that add exports and channels: installed for real beside shoemon, sound ones and broken ones, and run as a
runner runs them, in a process of their own."""

import json
import os
import re
import sqlite3
import tomllib
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from kit.commands import Said
from kit.machines import SOURCE, Machine
from kit.places import ROOT

MANUAL = (ROOT / "shoemon/manual/extending.md").read_text(encoding="utf-8")


PRESET, SOURCE_OF_ITS_OWN, PROJECT = re.findall(
    r"^```(?:python|toml)\n(.*?)^```", MANUAL, flags=re.MULTILINE | re.DOTALL
)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def nike_run(id: str, started_ms: int, km: float, **other: object) -> dict[str, Any]:
    """A run as the interface of Nike Run Club tells it and its exporters save it."""
    return {
        "id": id, "type": "run", "start_epoch_ms": started_ms, "end_epoch_ms": started_ms + 3_000_000,
        "active_duration_ms": 2_900_000, "tags": {"com.nike.name": "Morning Run", "location": "outdoors"},
        "summaries": [{"metric": "pace", "summary": "mean", "value": 5.8}, {"metric": "distance", "summary": "total", "value": km}],
        "metrics": [{"type": "distance", "values": [{"value": 0.1}] * 100}], **other,
    }  # fmt: skip


def write_runs(folder: Path, runs: Mapping[str, object]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, held in runs.items():
        (folder / name).write_text(held if isinstance(held, str) else json.dumps(held), encoding="utf-8")
        os.utime(folder / name, ns=(10**18, 10**18))
    return folder


def test_the_sources_in_the_manual_have_no_more_than_25_lines() -> None:
    assert [len(code.splitlines()) <= 25 for code in (PRESET, SOURCE_OF_ITS_OWN)] == [True] * 2


def test_the_data_in_the_manual_are_a_source_once_installed(machine: Machine) -> None:
    machine.install("shoemon-stride", PRESET)
    (machine.home / "stride-1.csv").write_text(
        "Workout,Tag,Meilen,Art,Notiz\n1,01.05.2024 06:30,5,Dauerlauf,Schuh: Pegasus\n2,02.05.2024 06:30,3,Kegeln,\n"
        "3,03.05.2024 06:30,,Laufband,müde\n"
    )
    made = machine.run("init", str(machine.home / "new"), "--export", str(machine.home / "stride-1.csv"))
    assert (made.code, made.err) == (0, "")
    assert "read as stride, called `stride`" in made.out and "shoe: known of 1 of 2 runs; 1 pair" in made.out
    assert 'unknown sport "Kegeln"' in made.out
    (machine.home / "new/shoemon.yaml").replace(machine.home / "shoemon.yaml")
    assert machine.run("sync").code == 0
    assert machine.metres() == {"pegasus": 8046.72}


def test_the_source_in_the_manual_is_found_by_init_and_counts_runs_once_installed(machine: Machine) -> None:
    project = tomllib.loads(PROJECT)["project"]
    points = "".join(f"{name} = {value}\n" for name, value in project["entry-points"]["shoemon"].items())
    machine.install(project["name"], SOURCE_OF_ITS_OWN, f"[shoemon]\n{points}")
    runs = write_runs(
        machine.home / "runs",
        {
            "a.json": nike_run("a", 1_714_545_000_000, 10.5),
            "b.json": nike_run("b", 1_714_631_400_000, 5.25, tags={"location": "indoors"}),
            "broken.json": '{"id": "c", "type": "run", "start_',
            "no-distance.json": nike_run("d", 1_714_700_000_000, 1.0, summaries=[]),
        },
    )
    made = machine.run("init", str(machine.home / "new"), "--export", str(runs))
    assert (made.code, made.err) == (0, "")
    assert f"{runs}: read as nike, called `nike`" in made.out
    (machine.home / "new/shoemon.yaml").replace(machine.home / "shoemon.yaml")
    checked = machine.run("check")
    assert (checked.code, checked.err) == (0, "")
    assert f"source nike (nike): {runs}" in checked.out
    synced = machine.run("sync")
    assert (synced.code, synced.err) == (0, "")
    assert machine.metres() == {"pegasus": 15_750.0}
    explained = machine.run("explain", "nike:b").out
    assert "5.25 km" in explained and "treadmill" in explained
    with closing(sqlite3.connect(machine.home / "shoemon.db")) as database:
        problems = database.execute("SELECT place, message FROM problems ORDER BY place").fetchall()
    assert problems == [
        ("broken.json", "the file is not JSON, or was cut off (line 1)"),
        ("no-distance.json", "it has no 'distance'"),
    ]
    (runs / "b.json").unlink()
    write_runs(runs, {"a.json": nike_run("a", 1_714_545_000_000, 11.0)})
    assert machine.run("sync").code == 0
    assert machine.metres() == {"pegasus": 16_250.0}  # what was edited follows; what is gone is kept, and marked


def test_a_notifier_of_a_package_is_told(machine: Machine) -> None:
    machine.install(
        "shoemon-file",
        """
from shoemon.extend import NotifierSettings, hookimpl
@hookimpl
def shoemon_notifiers():
    return {"file": "NAME"}
class Settings(NotifierSettings):
    path: str
class make:
    def __init__(self, settings, base):
        self.name, self.path = settings.name, base / settings.path
    def send(self, alert, created_at):
        self.path.open("a").write(f"{alert.kind} {alert.title}\\n")
""",
    )
    machine.configure("notify:\n  - {name: note, type: file, path: told.txt}\n")
    checked = machine.run("check")
    assert "notifier note (file): ready" in checked.out
    tested = machine.run("alerts", "test", "note")
    assert (tested.code, tested.out) == (0, "note: delivered\n")
    assert (machine.home / "told.txt").read_text().startswith("test ")


BROKEN = {
    "no-such-import": ("import nowhere_to_be_found", "package NAME cannot be used (ModuleNotFoundError: No module named 'nowhere_to_be_found')"),
    "raises-while-loading": ("1 / 0", "package NAME cannot be used (ZeroDivisionError: division by zero)"),
    "is-a-script": ("import sys\nsys.exit(3)", "package NAME cannot be used (SystemExit: 3)"),
    "is-no-python": ("def (", "package NAME cannot be used (SyntaxError: "),
    "marks-nothing": (
        SOURCE.replace("@hookimpl\n", ""),
        "package NAME adds nothing: no function `shoemon_sources` or `shoemon_notifiers` of MODULE is marked with @hookimpl",
    ),
    "asks-for-what-there-is-not": (
        SOURCE.replace("shoemon_sources()", "shoemon_sources(registry)"),
        "package NAME cannot be used (PluginValidationError: ",
    ),
    "hook-raises": (SOURCE.replace('return {"demo-runs": "NAME"}', "raise OSError('no disk')"), "package NAME cannot be used (OSError: no disk)"),
    "hook-gives-nothing": (
        SOURCE.replace("return {", "{"), "package NAME cannot be used: shoemon_sources must return {'type': 'name of a module'}",
    ),
    "hook-gives-a-module": (
        SOURCE.replace('"NAME"', "__import__('NAME')"),
        "package NAME cannot be used: shoemon_sources must return {'type': 'name of a module'}",
    ),
    "hook-wraps": (
        SOURCE.replace("@hookimpl", "@hookimpl(wrapper=True)").replace("return {", "yield {"),
        "package NAME cannot be used: shoemon_sources must return {'type': 'name of a module'}",
    ),
    "type-is-no-name": (
        SOURCE.replace("demo-runs", "Demo Runs"),
        "package NAME cannot be used: the type 'Demo Runs' must be written with a to z, 0 to 9, - and _",
    ),
    "type-is-taken": (
        SOURCE.replace("demo-runs", "table"), "package NAME: the type `table` belongs to shoemon itself already; it is ignored",
    ),
    "names-no-module": (
        SOURCE.replace('"NAME"', '"bad_else"'), "package NAME cannot be used (ModuleNotFoundError: No module named 'bad_else')",
    ),
    "names-a-part-of-ours": (
        SOURCE.replace('"NAME"', '"shoemon.nowhere"'), "package NAME cannot be used (ModuleNotFoundError: No module named 'shoemon.nowhere')",
    ),
    "no-settings": (
        SOURCE.replace("class Settings(", "class Other("),
        "package NAME cannot be used: MODULE has no class `Settings` that is a SourceSettings",
    ),
    "settings-of-another-kind": (
        SOURCE.replace("(SourceSettings)", ""),
        "package NAME cannot be used: MODULE has no class `Settings` that is a SourceSettings",
    ),
    "no-make": (SOURCE.replace("def make", "def build"), "package NAME cannot be used: MODULE has no function `make`"),
    "a-secret-with-line-ends": ("raise ValueError('one\\ntwo')", "package NAME cannot be used (ValueError: one"),
}  # fmt: skip


FAILING = {
    "make": (SOURCE.replace("return JsonSource", "raise KeyError"), "package bad cannot be used (KeyError"),
    "settings": (
        SOURCE.replace("path: str\n", "path: str\n    def model_post_init(self, _):\n        raise RuntimeError('worn out')\n"),
        "package bad cannot be used (RuntimeError: worn out)",
    ),
    "recognise": (
        SOURCE + "\ndef recognise(path):\n    raise RuntimeError('worn out')\n",
        "package bad cannot be used (RuntimeError: worn out)",
    ),
    "what-recognise-gives": (SOURCE + "\ndef recognise(path):\n    return 12\n", "package bad cannot be used (TypeError"),
}  # fmt: skip


SHEET = "{name: sheet, type: table, path: runs.csv, columns: {id: id, start: date, distance: {column: km, unit: km}}}"


class AllSaid(NamedTuple):
    """What three commands said on a machine where every broken package is installed, and a sound one."""

    check: Said
    sync: Said
    metres: dict[str, float]
    refused: Said


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> AllSaid:
    machine = Machine(tmp_path_factory.mktemp("broken"))
    for case, (code, _) in BROKEN.items():
        machine.install(f"bad-{case}", code.replace("demo-runs", f"{case}-runs"))
    for name in ("b-second", "a-first"):
        machine.install(name, SOURCE.replace("demo-runs", "good-runs").replace("path: str", f'path: str = "{name}"'))
    machine.install("bad", FAILING["settings"][0])
    write_runs(machine.home / "a-first", {})
    (machine.home / "runs.csv").write_text("id,date,km\n1,2024-05-01,5\n", encoding="utf-8")
    machine.configure(f"sources:\n  - {SHEET}\n  - {{name: good, type: good-runs}}\n")
    check, sync, metres = machine.run("check"), machine.run("sync"), machine.metres()
    sources = "".join(f"  - {{type: {case}-runs, name: {case}, path: runs}}\n" for case in BROKEN)
    machine.configure(f"sources:\n{sources}  - {{name: bad, type: demo-runs, path: runs}}\n")
    return AllSaid(check, sync, metres, machine.run("status"))


@pytest.mark.parametrize("case", BROKEN)
def test_check_names_a_broken_package_and_why(case: str, said: AllSaid) -> None:
    message = BROKEN[case][1].replace("NAME", f"bad-{case}").replace("MODULE", f"bad_{case.replace('-', '_')}")
    assert f"warning: {message}" in said.check.out


@pytest.mark.parametrize(
    "case", ["names-no-module", "names-a-part-of-ours", "no-settings", "settings-of-another-kind", "no-make"]
)
def test_whoever_uses_the_type_of_a_broken_package_is_told_where_and_why(case: str, said: AllSaid) -> None:
    message = BROKEN[case][1].replace("NAME", f"bad-{case}").replace("MODULE", f"bad_{case.replace('-', '_')}")
    number = list(BROKEN).index(case)
    line = next(line for line in said.refused.err.splitlines() if f"sources[{number}].type" in line)
    assert line.startswith(f"shoemon.yaml:{3 + number}:")
    assert message in line


def test_whoever_uses_a_type_that_nobody_gives_is_told_which_package_is_broken(machine: Machine) -> None:
    machine.install("shoemon-nike", "import nowhere_to_be_found")
    machine.configure("sources:\n  - {name: nike, type: nike, path: runs}\n")
    refused = machine.run("sync")
    assert refused.code == 2
    mistake = refused.err.splitlines()[0]
    assert mistake.startswith("shoemon.yaml:3:18: sources[0].type: there is no type `nike`; ")
    assert mistake.endswith(
        "; package shoemon-nike cannot be used (ModuleNotFoundError: No module named 'nowhere_to_be_found')"
    )


def test_broken_packages_keep_nothing_else_from_working(said: AllSaid) -> None:
    assert (said.check.code, said.check.err) == (0, "")
    assert "source good (good-runs)" in said.check.out
    assert (said.sync.code, said.sync.err) == (0, "")
    assert said.metres == {"pegasus": 5000.0}
    assert said.refused.code == 2


def test_two_packages_that_claim_one_type_are_named_and_the_first_by_name_has_it(said: AllSaid) -> None:
    assert (
        "warning: package b-second: the type `good-runs` belongs to package a-first already; it is ignored"
        in said.check.out
    )
    assert re.search(r"^source good \(good-runs\): .*/a-first$", said.check.out, re.MULTILINE)


def test_a_source_of_a_package_that_cannot_be_made_fails_alone(machine: Machine) -> None:
    code, said = FAILING["make"]
    machine.install("bad", code)
    write_runs(machine.home / "runs", {"1.json": "{}"})
    (machine.home / "runs.csv").write_text("id,date,km\n1,2024-05-01,5\n", encoding="utf-8")
    machine.configure(f"sources:\n  - {{name: bad, type: demo-runs, path: runs}}\n  - {SHEET}\n")
    synced = machine.run("sync")
    assert synced.code == 1
    assert said in synced.out
    assert machine.metres() == {"pegasus": 5000.0}


def test_settings_of_a_package_that_fail_are_a_mistake_with_its_place(said: AllSaid) -> None:
    place = f"shoemon.yaml:{3 + len(BROKEN)}:17: sources[{len(BROKEN)}].type"
    assert f"{place}: {FAILING['settings'][1]}" in said.refused.err


def test_init_goes_past_packages_that_fail_to_recognise(machine: Machine) -> None:
    cases = ("recognise", "what-recognise-gives")
    for case in cases:
        machine.install(f"bad-{case}", FAILING[case][0].replace("demo-runs", case))
    table = machine.home / "runs.csv"
    table.write_text("id,date,distance km\n1,2024-05-01,5\n2,2024-05-02,6\n", encoding="utf-8")
    made = machine.run("init", str(machine.home / "new"), "--export", str(table))
    assert made.code == 0 and "read as table" in made.out
    assert all(FAILING[case][1].replace("bad", f"bad-{case}") in made.err for case in cases)


def test_init_says_in_a_sentence_that_a_package_failed_to_read_what_it_recognised(machine: Machine) -> None:
    machine.install("bad", SOURCE + '\ndef recognise(path):\n    return {"path": str(path), "unknown": 1}\n')
    made = machine.run("init", str(machine.home / "new"), "--export", str(machine.home))
    assert made.code == 1
    assert "package bad cannot be used (ValidationError" in made.err
    assert not (machine.home / "new/shoemon.yaml").exists()


NOTIFIER = """
from shoemon.extend import NotifierSettings, hookimpl
@hookimpl
def shoemon_notifiers():
    return {"fails": "NAME", "works": "NAME"}
class Settings(NotifierSettings):
    pass
def make(settings, base):
    if settings.type == "fails":
        raise OSError("no channel")
    return Works(settings.name)
class Works:
    def __init__(self, name):
        self.name = name
    def send(self, alert, created_at):
        if alert.kind == "test":
            raise LookupError("no test")
        open("told.txt", "a").write(alert.kind + "\\n")
"""


def test_a_notifier_of_a_package_that_cannot_be_made_keeps_no_other_from_sending(machine: Machine) -> None:
    machine.install("bad", NOTIFIER)
    (machine.home / "runs.csv").write_text("id,date,km\n1,2024-05-01,100\n", encoding="utf-8")
    machine.configure(f"sources:\n  - {SHEET}\nnotify:\n  - {{name: a, type: fails}}\n  - {{name: b, type: works}}\n")
    (machine.home / "shoes.yaml").write_text(
        "shoes: [{id: pegasus, name: Pegasus, life: 90 km}]\ndefault_shoe: pegasus\n", encoding="utf-8"
    )
    synced = machine.run("sync")
    assert "package bad cannot be used (OSError: no channel)" in synced.out
    assert (machine.home / "told.txt").read_text() == "digest\n"
    for name, said in (("a", "OSError: no channel"), ("b", "LookupError: no test")):
        tested = machine.run("alerts", "test", name)
        assert tested.code == 1
        assert f"package bad cannot be used ({said})" in tested.err


def test_no_package_is_loaded_where_no_type_of_one_is_used(machine: Machine) -> None:
    """Commands one after the other in one process, as the packages of a process are loaded once."""
    machine.install("loud", "open('loaded.txt', 'a').write('x')\n" + SOURCE)
    run = "cli(words.split(), standalone_mode=False); print(words, os.path.exists('loaded.txt'), file=sys.stderr)"
    said = machine.python(
        "-c",
        f"import os, sys\nfrom shoemon.cli.main import cli\nfor words in sys.argv[1:]: {run}",
        "--help", "sync", "status", "alerts list", "check",
    )  # fmt: skip
    assert said.splitlines() == ["--help False", "sync False", "status False", "alerts list False", "check True"]
    assert (machine.home / "loaded.txt").read_text() == "x"
