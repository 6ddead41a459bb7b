"""`shoemon serve` as real processes: one scheduler for a database, pages, and an end that is quick and clean."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from kit.commands import started
from kit.homes import Home, faults, table_source
from kit.http_servers import free_port
from kit.receivers import hook
from kit.waiting import until

from shoemon.store import locking
from shoemon.web.serve import END_S

SHOES = "shoes:\n  - {id: road, name: Road, life: 100 km}\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.shoes(SHOES)
    home.table("watch", [(1, "2024-05-01T07:00:00Z", 95000, "run", "", "Road", "road", 36000)])
    return home


def serving(home: Home, *arguments: str, **options: Any) -> AbstractContextManager[subprocess.Popen[str]]:
    return started("serve", "--config", home.directory, *arguments, **options)


def synced(home: Home) -> bool:
    try:
        return bool(home.rows("SELECT 1 FROM shoe_wear"))
    except Exception:  # noqa: BLE001 not made yet
        return False


def locked_by(home: Home) -> str:
    """Who the lock of the scheduler says has it."""
    return home.database.with_name("shoemon.db.scheduler.lock").read_text(encoding="utf-8")


def worked_s(pid: int) -> float:
    """For how long a process has worked."""
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def page(port: int, path: str = "/") -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=300) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def test_of_four_schedulers_started_at_once_one_works_and_three_say_who_does(home: Home) -> None:
    with hook() as receiver:
        home.main(
            "sources:\n" + table_source("watch") + f"notify:\n  - {{name: hook, type: webhook, url: {receiver.url}}}\n"
        )
        command = [sys.executable, "-m", "shoemon", "serve", "--no-web", "--config", str(home.directory)]
        processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]
        try:
            until(lambda: sum(process.poll() is not None for process in processes) == 3)
            until(lambda: receiver.ids)
            worker = next(process for process in processes if process.poll() is None)
            for other in processes:
                if other is not worker:
                    assert other.returncode == 1
                    said = other.communicate()[1]
                    assert f"another scheduler is running (process {worker.pid};" in said
                    assert "Traceback" not in said
            worker.send_signal(signal.SIGTERM)
            assert worker.wait() == 0
        finally:
            for process in processes:
                process.kill()
                process.wait()
        assert len(receiver.ids) == 1
        assert home.rows("SELECT count(*) FROM syncs") == [(1,)]
    with serving(home, "--no-web") as next_one:
        until(lambda: locked_by(home) == f"process {next_one.pid}")
        next_one.terminate()
        assert next_one.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("parts", [(), ("--no-web",), ("--no-schedule",)])
def test_a_signal_ends_it_within_seconds_with_exit_code_0(home: Home, parts: tuple[str, ...], number: int) -> None:
    port = free_port()
    with serving(home, *parts, "--port", str(port)) as process:
        if "--no-web" not in parts:
            until(lambda: "shoemon" in page(port))
        if "--no-schedule" not in parts:
            until(lambda: synced(home))
        process.send_signal(number)
        assert process.wait() == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    if "--no-schedule" not in parts:
        assert faults(home.database) == []


SOONER = "import shoemon.web.serve as it; it.END_S = 1.0; from shoemon.cli.main import main; main()"


@pytest.mark.parametrize(
    "program, parts",
    [
        (("-c", SOONER), ()),
        pytest.param(("-m", "shoemon"), (), marks=pytest.mark.slow),
        pytest.param(("-m", "shoemon"), ("--no-schedule",), marks=pytest.mark.slow),
    ],
)
def test_a_statement_that_nobody_can_end_does_not_hold_up_the_end(
    home: Home, program: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    port = free_port()
    slow = "select instr(printf('%.*c',50000000,'a'),printf('%.*c',1000000,'a')||'b')"
    with serving(home, *parts, "--port", str(port), program=program) as process:
        until(lambda: "shoemon" in page(port))
        with ExitStack() as stack:
            for path in ("/shoemon.json", "/shoemon/-/query.json"):  # of Datasette 0.65, and of 1.0
                asked = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
                asked.sendall(f"GET {path}?sql={quote(slow)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            idle = worked_s(process.pid)
            until(lambda: worked_s(process.pid) > idle + 1)
            process.terminate()
            assert process.wait() == 0, "by itself it would take a quarter of an hour"
    assert END_S < 8
    with locking.lock(home.database.with_name("shoemon.db.scheduler.lock"), "scheduler"):
        pass


def test_pages_show_what_the_scheduler_counts_and_a_browser_that_stays_does_not_hold_up_the_end(home: Home) -> None:
    port = free_port()
    with serving(home, "--port", str(port)) as process:
        until(lambda: "95.0" in page(port, "/shoemon/shoe_summary.csv"))
        with socket.create_connection(("127.0.0.1", port)) as idle:
            idle.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            idle.recv(100)
            process.terminate()
            assert process.wait() == 0


def test_it_listens_on_this_machine_only_unless_told_otherwise(home: Home) -> None:
    port = free_port()
    with serving(home, "--port", str(port), "--host", "0.0.0.0") as process:
        until(lambda: page(port))
        process.terminate()
        said = process.communicate()[1]
    assert re.search(r"whoever reaches http://0\.0\.0\.0:\d+/ can read every run", said)
    with serving(home, "--port", str(port)) as process:
        until(lambda: page(port))
        process.terminate()
        assert "can read every run" not in process.communicate()[1]


def test_a_port_in_use_is_said_in_one_sentence(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with serving(home, "--port", str(port)) as process:
            assert process.wait() == 1
            said = process.communicate()[1]
    assert f"cannot listen on 127.0.0.1 port {port}" in said
    assert "Traceback" not in said


def test_a_second_one_can_show_pages_beside_a_scheduler(home: Home) -> None:
    port = free_port()
    with serving(home, "--no-web") as scheduler, serving(home, "--no-schedule", "--port", str(port)) as pages:
        until(lambda: "95.0" in page(port, "/shoemon/shoe_summary.csv"))
        scheduler.terminate()
        pages.terminate()
        assert (scheduler.wait(), pages.wait()) == (0, 0)
