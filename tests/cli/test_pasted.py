"""Printed commands can be pasted: they start this program, on this configuration, from this directory."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from kit.commands import said_here
from kit.homes import Home

from shoemon.words import commands
from shoemon.words.commands import command


def program(path: Path) -> Path:
    """A program called `path`, which prints what it is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('#!/bin/sh\nprintf "%s\\n" "$0" "$@"\n')
    path.chmod(0o755)
    return path


@pytest.fixture(autouse=True)
def _started_as_before(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(commands, "_start", commands._Start())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'path'}:/usr/bin:/bin")


@pytest.mark.parametrize(
    ("name", "others", "config", "here", "anywhere"),
    [
        ("path/shoemon", (), None, "shoemon x", "shoemon x"),
        ("shoemon", ("path/shoemon",), None, "shoemon x", "shoemon x"),
        (".venv/bin/shoemon", (), None, ".venv/bin/shoemon x", "{tmp}/.venv/bin/shoemon x"),
        (".venv/bin/shoemon", ("path/shoemon",), None, ".venv/bin/shoemon x", "{tmp}/.venv/bin/shoemon x"),
        ("./shoemon", (), None, "./shoemon x", "{tmp}/shoemon x"),
        ("my env/shoemon", (), "a b", "'my env/shoemon' x --config 'a b'", "'{tmp}/my env/shoemon' x --config '{tmp}/a b'"),
        ("path/shoemon", (), ".", "shoemon x --config .", "shoemon x --config {tmp}"),
    ],
)  # fmt: skip
def test_a_command_starts_this_program_on_this_configuration(
    tmp_path: Path, name: str, others: tuple[str, ...], config: str | None, here: str, anywhere: str
) -> None:
    for each in (name, *others):
        program(tmp_path / each)
    commands.start_as(name if name in ("shoemon", "./shoemon") else str(tmp_path / name))
    with commands.about(None if config is None else tmp_path / config):
        assert command("x") == here
        assert command("x", anywhere=True) == anywhere.format(tmp=tmp_path)
        pasted = subprocess.run(["sh", "-c", command("x y", "--z")], capture_output=True, text=True, check=True)
    assert pasted.stdout.splitlines()[1:3] == ["x y", "--z"]
    assert (tmp_path / name).samefile(pasted.stdout.splitlines()[0]) or name == "shoemon"
    assert command("x") == here.partition(" --config")[0]


def test_python_dash_m_leads_to_the_program_beside_python_or_to_the_same_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    commands.start_as("/lib/shoemon/__main__.py")
    assert command("x") == "bin/python -m shoemon x"
    program(tmp_path / "bin" / "shoemon")
    commands.start_as("/lib/shoemon/__main__.py")
    assert command("x") == "bin/shoemon x"


def test_without_a_configuration_one_near_by_is_named_and_the_way_to_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"XDG_CONFIG_HOME": f"{tmp_path}/xdg", "HOME": str(tmp_path), "SHOEMON_CONFIG": ""}.items():
        monkeypatch.setenv(name, value)
    first = [
        f"shoemon: there is no shoemon.yaml in {tmp_path}/xdg/shoemon",
        "To name another directory, use --config DIR or the environment variable SHOEMON_CONFIG.",
    ]
    new = [f"To write a new one in {tmp_path}/xdg/shoemon:", "    shoemon init"]
    said = said_here(monkeypatch, capsys, "status")
    assert (said.code, said.out, said.err.splitlines()) == (2, "", [*first, *new])

    home = Home(tmp_path / "my runs")
    for here, path in (("", "my runs"), ("my runs", "."), ("my runs/more/and more", "../..")):
        (tmp_path / here).mkdir(parents=True, exist_ok=True)
        monkeypatch.chdir(tmp_path / here)
        said = said_here(monkeypatch, capsys, "shoes", "list")
        lines = said.err.splitlines()
        assert lines[:2] + lines[4:] == [*first, *new]
        assert lines[2] == f"There is a configuration in {home.directory}; to use it:"
        assert lines[3] == f"    shoemon status --config {shlex.quote(path)}"
        assert said_here(monkeypatch, capsys, *shlex.split(lines[3])[1:]).err.startswith(
            "shoemon: there is no database"
        )

    usual = Home(tmp_path / "xdg/shoemon").directory
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert said_here(monkeypatch, capsys, "status", "--config", "none").err.splitlines()[2:] == [
        f"There is a configuration in {usual}; to use it:", "    shoemon status",
        f"To write a new one in {tmp_path}/empty/none:", "    shoemon init --config none",
    ]  # fmt: skip
