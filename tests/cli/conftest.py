"""`shoemon` as a runner types it."""

import shlex
from collections.abc import Callable

import pytest
from kit.commands import Said, said_here
from kit.homes import Home


@pytest.fixture
def shoemon(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Home) -> Callable[..., Said]:
    """Runs a command line, and what is given beside it, as `shoemon` does, in this process, in the home and on it."""
    monkeypatch.chdir(home.directory)
    monkeypatch.setenv("SHOEMON_CONFIG", str(home.directory))
    return lambda line, *more: said_here(monkeypatch, capsys, *shlex.split(line), *more)
