"""The README and the manual do not drift: their commands, examples, tables and links are held against the program."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from kit.commands import said_here
from kit.manual import OTHERS, blocks
from kit.places import ROOT

from shoemon.cli.main import cli
from shoemon.config.alert_settings import AlertSettings
from shoemon.config.load import load
from shoemon.config.registry import NOTIFIERS, SOURCES
from shoemon.decide.alerts.payload import DATA
from shoemon.pages import manual
from shoemon.pages.places import manual_dir
from shoemon.web.datasette_file import read_datasette_file

README = (ROOT / "README.md").read_text(encoding="utf-8")
TEXTS = {"the README": README, **{path.stem: path.read_text(encoding="utf-8") for path in manual_dir().glob("*.md")}}


def test_the_readme_is_short_and_two_commands_of_one_line_each_do_all_the_setting_up() -> None:
    assert README.count("\n") <= 130
    first, second = blocks("sh", README)[:2]
    assert [first.count("\n"), second.count("\n")] == [1, 1]
    assert first.startswith("python3 -m venv ") and first.rstrip().endswith("shoemon demo")
    assert second.startswith("python3 -m venv ") and ".venv/bin/pytest" in second
    pattern = re.search(r"grep -m1 -E '([^']+)' README.md", (ROOT / ".ci/run").read_text(encoding="utf-8"))
    assert pattern is not None, "CI runs the test command as the README has it"
    assert next(line for line in README.splitlines() if re.search(pattern[1], line)) == second.strip()


@pytest.mark.parametrize("name", TEXTS)
def test_the_examples_load_without_a_mistake(name: str, tmp_path: Path) -> None:
    for example in blocks("yaml", TEXTS[name]):
        files = {"# shoemon.yaml": "web: {datasette: datasette.yaml}\n", "# shoes.yaml": "", "# datasette.yaml": ""}
        if (first := example.splitlines()[0]) in OTHERS:
            continue
        files[first] = example
        assert len(files) == 3, "the first line names the file"
        for file, text in files.items():
            (tmp_path / file.removeprefix("# ")).write_text(text, encoding="utf-8")
        read_datasette_file(load(tmp_path))


def test_every_command_exists_with_its_options() -> None:
    found = 0
    for name, text in TEXTS.items():
        lines = "".join(blocks("sh", text)).splitlines()
        assert name == "the README" or max(map(len, lines), default=0) <= 76, (
            "no terminal of 80 columns wraps a command"
        )
        code = "\n".join([*lines, *re.findall(r"`([^`\n]+)`", text)])
        for line in re.findall(r"(?:^|(?<!inject)[ /(])shoemon ((?:[a-z]|--)[^)\n]*)", code, flags=re.MULTILINE):
            command: click.Command = cli
            for word in re.split(r" [#&|]", line)[0].split():
                if isinstance(command, click.Group) and word in command.commands:
                    command = command.commands[word]
                elif word.startswith("-"):
                    options = {option for parameter in command.params for option in parameter.opts}
                    assert word in {"--help", *options}, f"{name}: {line}"
                else:
                    assert not isinstance(command, click.Group), f"{name}: {line}"
            found += 1
    assert found > 50


def test_the_tables_name_every_export_channel_and_kind_of_message_there_is() -> None:
    """What is on by default: `unassigned` and `stale` by their settings, the others by being none; what is off is none
    or false."""
    types = re.findall(r"^\| `([a-z-]+)` \| [^|]+ \| [^|]+ \|$", TEXTS["sources"], flags=re.MULTILINE)
    assert sorted(types) == sorted(SOURCES.built_in)
    assert re.findall(r"^\| `([a-z]+)` \| [^|]+ \|$", TEXTS["alerts"], flags=re.MULTILINE) == list(NOTIFIERS.built_in)
    kinds = dict(re.findall(r"^\| `([a-z_]+)` \| [^|]+ \| (on|off) \|$", TEXTS["alerts"], flags=re.MULTILINE))
    assert sorted(kinds) == sorted(set(DATA) - {"test"})
    settings = AlertSettings()
    assert kinds == {kind: "on" if getattr(settings, kind, True) else "off" for kind in kinds}


def test_every_link_leads_to_a_file_or_chapter_and_heading_that_is_there() -> None:
    for target in re.findall(r"\]\(((?!https:)[^)]+)\)", README):
        assert (ROOT / target).exists(), target
    for name, text in TEXTS.items():
        for chapter, _, anchor in re.findall(r"\]\((?!https:)(\w+)\.md(#([^)]+))?\)", text) if text != README else ():
            assert chapter in TEXTS and (not anchor or f'id="{anchor}"' in manual.html(chapter, "/")[0]), (
                name,
                chapter,
                anchor,
            )
    assert {manual.CONTENTS, *manual.chapters()} == set(TEXTS) - {"the README"}, "the contents list every chapter"


def test_the_settings_chapter_holds_the_example_files_which_hold_every_setting() -> None:
    shown = "".join(blocks("yaml", manual.chapter("settings")))
    for file in ("shoemon.yaml", "shoes.yaml"):
        written = (ROOT / "config" / file).read_text(encoding="utf-8").splitlines()
        assert [line for line in written if line not in shown.splitlines()] == []


def test_the_figures_of_the_forecast_are_those_beside_its_factors() -> None:
    code = (ROOT / "shoemon/decide/forecast.py").read_text(encoding="utf-8")
    (measured,) = re.findall(r'^Measured on (.*?)"""', code, flags=re.MULTILINE | re.DOTALL)
    figures = set(re.findall(r"\d[\d,.]*\d", measured))
    assert len(figures) > 10 and figures <= set(re.findall(r"\d[\d,.]*\d", TEXTS["forecasts"]))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_is_given_what_completes_its_commands(shell: str) -> None:
    assert f"_SHOEMON_COMPLETE={shell}_source shoemon" in TEXTS["completion"]
    environment = {**os.environ, "_SHOEMON_COMPLETE": f"{shell}_source"}
    done = subprocess.run(
        [sys.executable, "-m", "shoemon"], env=environment, capture_output=True, text=True, check=True
    )
    assert f"_SHOEMON_COMPLETE={shell}_complete" in done.stdout


def test_help_lists_the_chapters_and_prints_one(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    listed = said_here(monkeypatch, capsys, "help")
    assert [
        f"(`shoemon help {name}`)" for name in manual.chapters() if f"`shoemon help {name}`)" not in listed.out
    ] == []
    assert "| `soon` | at 90 % of a pair's life" in said_here(monkeypatch, capsys, "help", "alerts").out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "100")
    on_terminal = said_here(monkeypatch, capsys, "help", "alerts").out
    assert "soon" in on_terminal and "at 90 % of a pair's life" in on_terminal and "| `soon`" not in on_terminal
    unknown = said_here(monkeypatch, capsys, "help", "alert")
    assert (unknown.code, unknown.err) == (2, "shoemon: the manual has no chapter `alert`; did you mean `alerts`?\n")
