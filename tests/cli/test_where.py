"""`shoemon where`: one path a call, without a configuration where none is needed."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from kit.configurations import write

from shoemon.cli.main import cli
from shoemon.config.load import load
from shoemon.pages.places import config_dir, plugins_dir


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration is found but the one that is named."""
    monkeypatch.setenv("SHOEMON_CONFIG", str(tmp_path / "none"))


def test_the_folders_are_told_without_a_configuration() -> None:
    for name, folder in (("plugins", plugins_dir()), ("config", config_dir())):
        done = CliRunner().invoke(cli, ["where", name])
        assert (done.exit_code, done.output) == (0, f"{folder}\n")


def test_the_database_is_told_as_the_configuration_names_it(tmp_path: Path) -> None:
    write(tmp_path, "database: data/mine.db\n")
    done = CliRunner().invoke(cli, ["where", "database", "--config", str(tmp_path)])
    assert (done.exit_code, done.output) == (0, f"{load(tmp_path).database}\n")
    missing = CliRunner().invoke(cli, ["where", "database"])
    assert missing.exit_code != 0 and "shoemon init" in str(missing.exception)
