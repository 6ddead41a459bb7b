"""The README does not drift: its commands, its examples and its table are held against the program."""

import re
from pathlib import Path

import click
import pytest
from kit.places import ROOT

from shoemon.cli.main import cli
from shoemon.config.alert_settings import AlertSettings
from shoemon.config.load import load
from shoemon.config.registry import NOTIFIERS, SOURCES
from shoemon.decide.alerts.payload import DATA

README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)


def test_two_commands_of_one_line_each_do_all_the_setting_up() -> None:
    first, second = blocks("sh")[:2]
    assert [first.count("\n"), second.count("\n")] == [1, 1]
    assert first.startswith("python3 -m venv ") and first.rstrip().endswith("shoemon demo")
    assert second.startswith("python3 -m venv ") and ".venv/bin/pytest" in second


def test_ci_runs_the_test_command_as_the_readme_has_it() -> None:
    pattern = re.search(r"grep -m1 -E '([^']+)' README.md", (ROOT / ".ci/run").read_text(encoding="utf-8"))
    assert pattern is not None
    assert re.search(pattern[1], README, flags=re.MULTILINE) is not None
    found = next(line for line in README.splitlines() if re.search(pattern[1], line))
    assert found == blocks("sh")[1].strip()


def test_the_examples_load_without_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    examples = {block.splitlines()[0].removeprefix("# "): block for block in blocks("yaml")}
    assert set(examples) == {"shoes.yaml", "shoemon.yaml"}
    for name, text in examples.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    config = load(tmp_path)
    assert [shoe.id for shoe in config.plan.shoes] == ["pegasus-40", "speedgoat-5"]
    assert [settings.name for settings in (*config.sources, *config.notifiers)] == [
        "strava",
        "watch",
        "sheet",
        "mail",
        "hook",
    ]


def test_the_table_of_commands_is_what_help_says() -> None:
    rows = dict(re.findall(r"^\| `shoemon (\S+)[^`]*` \| (.+?) \|$", README, flags=re.MULTILINE))
    commands = {name: command.get_short_help_str(200) for name, command in cli.commands.items()}
    assert rows == commands


def test_the_table_of_exports_names_every_one_there_is() -> None:
    named = re.findall(r"^\| `([a-z-]+)` \| [^|]+ \| (?!on |off )[^|]+ \|$", README, flags=re.MULTILINE)
    assert sorted(named) == sorted(SOURCES.built_in)


def test_the_tables_of_messages_and_channels_name_every_one_there_is() -> None:
    kinds = re.findall(r"^\| `([a-z_]+)` \| [^|]+ \| (?:on|off) \|$", README, flags=re.MULTILINE)
    assert sorted(kinds) == sorted(set(DATA) - {"test"})
    channels = re.findall(r"^\| `([a-z]+)` \| [^|]+ \|$", README, flags=re.MULTILINE)
    assert channels == list(NOTIFIERS.built_in)


def test_what_is_said_to_be_on_is_on() -> None:
    """`unassigned` and `stale` by their settings, the others by being none; what is off is none or false."""
    rows = re.findall(r"^\| `([a-z_]+)` \| [^|]+ \| (on|off) \|$", README, flags=re.MULTILINE)
    settings = AlertSettings()
    assert {kind: bool(getattr(settings, kind, True)) for kind, _ in rows} == {
        kind: said == "on" for kind, said in rows
    }


def test_every_command_in_the_readme_exists() -> None:
    code = "\n".join([*blocks("sh"), *re.findall(r"`([^`\n]+)`", README)])
    named = re.findall(r"(?:^|[ /])shoemon ([a-z]+)(?: ([a-z]+))?", code, flags=re.MULTILINE)
    assert len(named) > 10
    for command, word in named:
        assert command in cli.commands, command
        group = cli.commands[command]
        assert not isinstance(group, click.Group) or word in ("", *group.commands), f"{command} {word}"


def test_what_the_readme_points_to_is_there() -> None:
    for target in re.findall(r"\]\(((?!https:)[^)#]+)\)", README):
        assert (ROOT / target).exists(), target
