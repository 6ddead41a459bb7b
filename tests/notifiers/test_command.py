"""Alerts handed to programs that really run: what they get, how they may end, and that nothing is lost when they fail."""

import json
import logging
import os
import select
import traceback
from pathlib import Path
from typing import Any

import pytest
from kit.homes import Home, table_source
from kit.hostile import TEXTS
from pydantic import ValidationError

from shoemon.model.alert import Alert
from shoemon.model.errors import DeliveryError
from shoemon.notifiers.command import Settings, make, warnings
from shoemon.notifiers.standard_webhook import body_of
from shoemon.setup.check import check_lines

BORN = "2026-03-01T06:00:00Z"
ALERT = Alert("pegasus-soon-1", "soon", None, "soon", "Käthes Pegasus", "Used: 90%\nLine two", {"worn_m": 576000.0})


def script(path: Path, lines: str, first: str = "#!/bin/sh\n") -> Path:
    """A program at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{first}{lines}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def settings(command: Any, **more: Any) -> Settings:
    return Settings.model_validate({"name": "script", "command": command, "timeout": "10s", **more})


def failure(command: Any, base: Path, alert: Alert = ALERT, **more: Any) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        make(settings(command, **more), base).send(alert, BORN)
    return caught.value


def test_it_gets_the_body_of_a_webhook_arguments_and_the_id(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OF_THE_RUNNER", "kept")
    script(
        tmp_path / "tell",
        'cat > stdin; printf "%s\\n" "$@" > arguments\n'
        'printf "%s\\n" "$SHOEMON_ALERT_ID" "$SHOEMON_ALERT_KIND" "$OF_THE_RUNNER" "$(pwd -P)" > environment',
    )
    make(settings(["./tell", "$(touch pwned)", "two words; rm *", "~"]), tmp_path).send(ALERT, BORN)
    assert (tmp_path / "stdin").read_bytes() == body_of(ALERT, BORN)
    assert json.loads((tmp_path / "stdin").read_bytes()) == {
        "type": "shoemon.alert.soon",
        "timestamp": BORN,
        "version": 2,
        "data": {
            "id": "pegasus-soon-1", "kind": "soon", "shoe": None, "stage": "soon", "title": "Käthes Pegasus",
            "body": "Used: 90%\nLine two", "worn_m": 576000.0,
        },
    }  # fmt: skip
    assert (tmp_path / "arguments").read_text() == "$(touch pwned)\ntwo words; rm *\n~\n"
    assert (tmp_path / "environment").read_text() == f"pegasus-soon-1\nsoon\nkept\n{tmp_path.resolve()}\n"


@pytest.mark.parametrize(
    "command",
    [
        ["{base}/bin/tell", "a b"], ["bin/tell", "a b"], ["./bin/tell", "a b"], ["~/bin/tell", "a b"], ["tell", "a b"],
        "bin/tell 'a b'", '~/bin/tell "a b"', "tell a\\ b",
    ],
)  # fmt: skip
def test_a_program_is_found_by_its_path_from_the_configuration_from_home_or_by_name(
    command: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(tmp_path / "bin/tell", 'printf "%s" "$1" > got')
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    if isinstance(command, list):
        command = [word.replace("{base}", str(tmp_path)) for word in command]
    make(settings(command), tmp_path).send(ALERT, BORN)
    assert (tmp_path / "got").read_text() == "a b"
    assert warnings(settings(command), tmp_path) == []


@pytest.mark.parametrize(
    "lines, said",
    [
        ("exit 3", "`tell` exited with code 3"),
        ("exit 255", "`tell` exited with code 255"),
        ("kill -9 $$", "`tell` was stopped by SIGKILL"),
        ("kill -15 $$", "`tell` was stopped by SIGTERM"),
    ],
)
def test_only_exit_code_0_means_taken(lines: str, said: str, tmp_path: Path) -> None:
    script(tmp_path / "tell", lines)
    error = failure("./tell --token canary", tmp_path)
    assert (str(error), error.retryable, error.retry_after_s) == (said, True, None)


def test_what_cannot_be_started_is_tried_again(tmp_path: Path) -> None:
    script(tmp_path / "no-leave", "exit 0").chmod(0o644)
    script(tmp_path / "no-interpreter", "exit 0", "#!/no/such/shell\n")
    script(tmp_path / "no-program", "\x00\x01", "\x7fELF")
    lost = "was not found, or the program in its first line was not found"
    for command, said in {
        "./nowhere": f"`nowhere` {lost}",
        "no-such-program-4f0a": f"`no-such-program-4f0a` {lost}",
        "./no-leave": "`no-leave` could not be started: Permission denied",
        "./no-interpreter": f"`no-interpreter` {lost}",
        "./no-program": "`no-program` could not be started: Exec format error",
        ".": "`` could not be started: Permission denied",
        "~no-such-user/x": "`x` could not be started: RuntimeError",
    }.items():
        error = failure(command, tmp_path)
        assert (str(error), error.retryable) == (said, True)
        assert warnings(settings(command), tmp_path) or command in ("./no-program", "./no-interpreter")


@pytest.mark.parametrize("lines", ["exec 0<&-; exit 0", "exit 0", "cat > /dev/null", "head -c 5 > /dev/null"])
def test_a_program_need_not_read_what_it_is_given(lines: str, tmp_path: Path) -> None:
    script(tmp_path / "tell", lines)
    alert = Alert("a", "soon", None, "soon", "t", "b", {"x": "y" * 3_000_000})
    make(settings("./tell"), tmp_path).send(alert, BORN)


def test_a_flood_of_words_is_thrown_away(tmp_path: Path) -> None:
    script(tmp_path / "tell", "head -c 300000000 /dev/zero; head -c 300000000 /dev/zero >&2")
    make(settings("./tell"), tmp_path).send(ALERT, BORN)


@pytest.mark.parametrize("ignores", ["", "trap '' TERM\n"])
@pytest.mark.parametrize("given", [10, 3_000_000])
def test_what_is_not_done_in_time_is_ended_with_all_it_has_started(ignores: str, given: int, tmp_path: Path) -> None:
    fifo = tmp_path / "held"
    os.mkfifo(fifo)
    held = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    script(tmp_path / "tell", f"{ignores}exec 9> held\necho up >&9\nsleep 600 &\n(sleep 600 & yes) &\nsleep 600")
    error = failure("./tell", tmp_path, Alert("a", "soon", None, "s", "t", "b" * given, {}), timeout="0.5s")
    assert error.retryable and str(error) == "`tell` did not finish within 0.5 s, and was stopped"
    assert os.read(held, 100) == b"up\n"
    assert select.select([held], [], [])[0] and os.read(held, 100) == b"", "nobody holds the pipe any more"
    os.close(held)


def test_what_a_program_leaves_running_after_it_was_done_is_its_own_affair(tmp_path: Path) -> None:
    fifo = tmp_path / "held"
    os.mkfifo(fifo)
    held = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    script(tmp_path / "tell", "mkfifo go\n(read line < go; echo later > held) &\nexit 0")
    make(settings("./tell"), tmp_path).send(ALERT, BORN)
    (tmp_path / "go").write_text("now\n")
    assert select.select([held], [], [])[0] and os.read(held, 100) == b"later\n"
    os.close(held)


@pytest.mark.parametrize("lines", ["cat; cat >&2; exit 1", "echo $1; echo $1 >&2; sleep 600", "exit 0"])
def test_what_it_says_and_is_given_is_in_no_error_and_no_log(
    lines: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    script(tmp_path / "tell", f"echo canary; echo canary >&2; {lines}")
    alert = Alert("a", "soon", None, "soon", "canary", "canary", {"x": "canary"})
    notifier = make(settings(["./tell", "canary"], timeout="0.5s"), tmp_path)
    shown = ""
    try:
        notifier.send(alert, BORN)
    except DeliveryError as error:
        shown = repr((str(error), error, error.__context__, error.__cause__))
        shown += "".join(traceback.format_exception(error))
    assert (shown == "") is (lines == "exit 0")
    assert "canary" not in shown + caplog.text + "".join(capfd.readouterr())


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_text_arrives_as_text_and_starts_nothing(text: str, tmp_path: Path) -> None:
    script(
        tmp_path / "tell", 'cat > stdin; printf "%s" "$SHOEMON_ALERT_ID" > id; printf "%s" "$SHOEMON_ALERT_KIND" > kind'
    )
    make(settings("./tell"), tmp_path).send(Alert(text, text, None, "soon", text, text, {"name": text}), BORN)
    data = json.loads((tmp_path / "stdin").read_bytes())["data"]
    assert {data[name] for name in ("id", "kind", "title", "body", "name")} == {text}
    for name in ("id", "kind"):
        value = (tmp_path / name).read_bytes().decode("ascii")
        assert value.isprintable() and " " not in value


def test_data_that_is_no_json_is_never_handed_over(tmp_path: Path) -> None:
    script(tmp_path / "tell", "touch started")
    error = failure("./tell", tmp_path, Alert("a", "soon", None, "s", "t", "b", {"x": float("nan")}))
    assert (error.retryable, (tmp_path / "started").exists()) == (False, False)


@pytest.mark.parametrize(
    "command, said",
    [
        ("", "this names no program"), ("   ", "this names no program"), ([], "this names no program"), ([" "], "this names no program"),
        ("'' x", "this names no program"), ("tell 'open", "close the open quote"), (["tell", "\0"], "cannot contain a NUL"), (7, "valid tuple"),
        (["tell", {"env": "TOKEN"}], "valid string"),
    ],
)  # fmt: skip
def test_settings_that_cannot_work_are_mistakes(command: Any, said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        settings(command)
    assert any(said in detail["msg"] for detail in caught.value.errors())


SHOES = "shoes: [{id: pegasus, name: Pegasus, life: 90 km}]\ndefault_shoe: pegasus\n"


def home_with(tmp_path: Path, command: str) -> Home:
    home = Home(tmp_path / "home")
    home.main(f"sources:\n{table_source('watch')}notify:\n  - {{name: script, type: command, command: {command}}}\n")
    home.shoes(SHOES)
    home.table("watch", [("1", "2024-05-01T08:00:00", "100000", "run")])
    return home


DELIVERIES = "SELECT state, attempts, last_error FROM deliveries"


def test_numbers_in_a_command_are_words(tmp_path: Path) -> None:
    home = home_with(tmp_path, "[./tell, 1080, 1.50]")
    [notifier] = home.config.notifiers
    assert notifier == settings(["./tell", "1080", "1.50"], timeout="20s")


def test_what_was_not_taken_waits_with_its_reason_and_is_handed_over_again(tmp_path: Path) -> None:
    home = home_with(tmp_path, "./tell")
    script(home.directory / "tell", 'echo "$SHOEMON_ALERT_ID" >> told; exit 4')
    home.sync()
    assert home.rows(DELIVERIES) == [("pending", 1, "`tell` exited with code 4")]
    met = "warning: notifier script: 1 message not delivered; the newest met: `tell` exited with code 4; to try again: "
    said = list(check_lines(home.config))
    assert f"{met}shoemon alerts retry" in said and "notifier script (command)" in said
    script(home.directory / "tell", 'echo "$SHOEMON_ALERT_ID" >> told')
    home.clock.move(hours=1)
    home.sync()
    assert home.rows(DELIVERIES) == [("sent", 2, None)]
    assert "notifier script (command): ready" in list(check_lines(home.config))
    home.clock.move(days=1)
    home.sync()
    first, second = (home.directory / "told").read_text().splitlines()
    assert first == second


def test_check_says_that_there_is_no_such_program(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.main(
        "notify:\n  - {name: own, type: command, command: ./missing.sh}\n  - {name: true, type: command, command: 'true'}\n"
    )
    said = list(check_lines(home.config))
    assert "warning: notifier own: ./missing.sh is not a program that can be started" in said
    assert "notifier true (command): ready" in said
