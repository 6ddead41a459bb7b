"""Tables fit 80 columns of a terminal without a cut name or command; a pipe gets each pair on one line."""

import re

import pytest
from kit.commands import said_here
from kit.homes import Home, table_source
from kit.http_servers import free_port

NAMES = {f"pair-{n}": f"Brantwick Superglide Ultra Trail {n} Läuferschuhüberzug" for n in range(38)}
NAMES |= {"twin-old": "Twin", "twin-new": "Twin"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """40 pairs with long names, of which two share one, and a message that waits."""
    home = Home(tmp_path_factory.mktemp("a home whose path is too long to fit") / "into eighty columns")
    home.main(
        "units: mi\nsources:\n"
        + table_source("watch")
        + f"notify: [{{name: hook, type: webhook, url: 'http://127.0.0.1:{free_port()}/'}}]\n"
    )
    home.shoes(
        "shoes:\n"
        + "".join(f"  - {{id: {id}, name: {name}, gear: [{id}], initial: 1234 mi}}\n" for id, name in NAMES.items())
    )
    home.table("watch", [(n, f"2024-05-{n % 28 + 1:02}", 12345, "run", "", id) for n, id in enumerate(NAMES)])
    home.sync()
    return home


@pytest.mark.parametrize("command", ["status", "forecast", "shoes list"])
@pytest.mark.parametrize("columns", [80, 60, 200, None], ids=lambda columns: f"{columns or 'pipe'}")
def test_no_line_is_wider_than_the_terminal_and_nothing_is_cut(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, columns: int | None
) -> None:
    if columns:
        monkeypatch.setenv("FORCE_COLOR", "1")
        monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("SHOEMON_CONFIG", "")
    said = said_here(monkeypatch, capsys, *command.split(), "--config", str(home.directory))
    lines = re.sub(r"\x1b\[[0-9;]*m", "", said.out).splitlines()
    commands = [line for line in lines if line.startswith("    ")]
    assert all(len(line) <= max(columns or 10_000, 80) for line in lines if line not in commands)
    words = {word for line in lines for word in re.findall(r"[\w-]+", line)}
    ids = NAMES if command == "shoes list" else {"twin-old", "twin-new"}
    assert words >= {word for name in NAMES.values() if name != "Twin" for word in name.split()} | set(ids)
    assert "…" not in said.out
    if columns is None:
        assert all(any(name in line for line in lines[1:41]) for name in NAMES.values() if name != "Twin")
    if command == "status":
        assert commands == [f"    shoemon alerts list --config '{home.directory}'"]
        assert len(commands[0]) > 80
