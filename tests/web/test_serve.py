"""`shoemon serve` as real processes: one scheduler for a database, pages, and an end that is quick and clean."""

import os
import re
import signal
import socket
import subprocess
import threading
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from kit.commands import children, started
from kit.homes import Home, faults, table_source
from kit.http_servers import free_port, listening
from kit.receivers import hook
from kit.waiting import until

from shoemon.store import locking
from shoemon.web.desk import Desk
from shoemon.web.serve import END_S

SHOES = "shoes:\n  - {id: road, name: Road, life: 100 km}\n  - {id: trail, name: Trail}\n"
LOCK = "shoemon.db.scheduler.lock"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.shoes(SHOES)
    home.table("watch", [(1, "2024-05-01T07:00:00Z", 95000, "run", "", "Road", "road", 36000)])
    return home


def serving(home: Home, *arguments: str, **options: Any) -> AbstractContextManager[subprocess.Popen[str]]:
    return started("serve", "--config", home.directory, *arguments, **options)


def worked_s(pid: int) -> float:
    """For how long a process has worked."""
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def page(port: int, path: str = "/") -> str:
    try:
        return requests.get(f"http://127.0.0.1:{port}{path}", timeout=300).text
    except requests.ConnectionError:
        return ""


def tap(home: Home, port: int) -> None:
    """Gives the run its other pair on the pages, and waits until it counts."""
    token = re.findall(r'name="token" value="([^"]*)"', page(port, "/-/assign/watch~3A1"))[0]
    form, address = {"shoe": "trail", "token": token}, f"http://127.0.0.1:{port}/-/assign/watch~3A1"
    assert requests.post(address, form, allow_redirects=False, timeout=300).status_code == 303
    until(lambda: home.rows("SELECT shoe FROM legs") == [("trail",)])


def test_of_two_schedulers_started_at_once_one_works_and_the_other_reports_which(home: Home) -> None:
    with hook() as receiver, ExitStack() as stack:
        home.main(
            "sources:\n" + table_source("watch") + f"notify:\n  - {{name: hook, type: webhook, url: {receiver.url}}}\n"
        )
        processes = [stack.enter_context(serving(home, "--no-web")) for _ in range(2)]
        until(lambda: any(process.poll() is not None for process in processes) and receiver.ids)
        worker, other = sorted(processes, key=lambda process: process.poll() is not None)
        said = other.communicate()[1]
        assert other.returncode == 1 and "Traceback" not in said
        assert f"another scheduler is running (process {worker.pid};" in said
        worker.terminate()
        assert worker.wait() == 0
        assert len(receiver.ids) == 1 and home.rows("SELECT count(*) FROM syncs") == [(1,)]
    with locking.lock(home.directory / LOCK, "scheduler"):
        assert faults(home.database) == []


def test_pages_show_what_is_counted_take_a_tap_and_end_on_a_signal_beside_a_browser_that_stays(home: Home) -> None:
    port = free_port()
    home.main("sources:\n" + table_source("watch") + "web: {host: 0.0.0.0, public: true}\n")
    with serving(home, "--port", str(port)) as process:
        until(lambda: "95.0" in page(port, "/shoemon/shoe_summary.csv"))
        tap(home, port)
        with socket.create_connection(("127.0.0.1", port)) as idle:
            idle.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            idle.recv(100)
            process.send_signal(signal.SIGINT)
            said = process.communicate()[1]
    assert process.returncode == 0 and "Traceback" not in said and faults(home.database) == []
    assert re.search(r"whoever reaches http://0\.0\.0\.0:\d+/ can read every run", said)


def test_another_process_can_show_pages_beside_a_scheduler_on_this_machine_only(home: Home) -> None:
    port = free_port()
    with serving(home, "--no-web") as scheduler, serving(home, "--no-schedule", "--port", str(port)) as pages:
        until(lambda: "95.0" in page(port, "/shoemon/shoe_summary.csv"))
        tap(home, port)
        scheduler.send_signal(signal.SIGINT)
        pages.terminate()
        said = [process.communicate()[1] for process in (scheduler, pages)]
    assert (scheduler.returncode, pages.returncode) == (0, 0) and faults(home.database) == []
    assert "Traceback" not in "".join(said) and "can read every run" not in said[1]


MAIN = "from shoemon.cli.main import main; main()"
HANGING = f"import shoemon.pages.own_sql as it; it.watch = lambda *_: None; {MAIN}"
"""Runs the statements of readers in its own threads, which nobody can end within a function of SQLite."""
SOONER = f"import shoemon.web.serve as it; it.END_S = 1.0; {HANGING}"
SLOW = "select instr(printf('%.*c',990000,'a'),printf('%.*c',490000,'a')||'b')"


@pytest.mark.parametrize(
    "program, parts",
    [
        (("-c", SOONER), ()),
        pytest.param(("-c", HANGING), (), marks=pytest.mark.slow),
        pytest.param(("-c", HANGING), ("--no-schedule",), marks=pytest.mark.slow),
    ],
)
def test_a_statement_that_nobody_can_end_does_not_hold_up_the_end(
    home: Home, program: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    port = free_port()
    with serving(home, *parts, "--port", str(port), program=program) as process:
        until(lambda: "shoemon" in page(port))
        with ExitStack() as stack:
            ask_at_length(stack, port)
            idle = worked_s(process.pid)
            until(lambda: worked_s(process.pid) > idle + 1)
            process.terminate()
            assert process.wait() == 0, "by itself it would take half a minute"
    assert END_S < 8
    with locking.lock(home.directory / LOCK, "scheduler"):
        pass


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_the_process_of_a_statement_ends_with_shoemon(home: Home, end: signal.Signals) -> None:
    port = free_port()
    with serving(home, "--no-schedule", "--port", str(port)) as process, ExitStack() as stack:
        until(lambda: "shoemon" in page(port))
        ask_at_length(stack, port)
        until(lambda: children(process.pid))
        (child,) = children(process.pid)
        process.send_signal(end)
        assert process.wait() == (0 if end == signal.SIGTERM else -end)
        until(lambda: not child.exists())


def ask_at_length(stack: ExitStack, port: int) -> None:
    for path in ("/shoemon.json", "/shoemon/-/query.json"):  # of Datasette 0.65, and of 1.0
        asked = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
        asked.sendall(f"GET {path}?sql={quote(SLOW)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())


def test_one_sync_of_the_pages_runs_at_a_time_and_does_not_hold_up_the_end(home: Home) -> None:
    asked, port = threading.Event(), free_port()
    with listening(lambda _: (asked.set(), threading.Event().wait())) as url, ExitStack() as stack:
        home.main(f"sources:\n{table_source('watch').replace('path: watch.csv', f'url: {url}')}")
        process = stack.enter_context(serving(home, "--no-schedule", "--port", str(port)))
        until(lambda: "Sync now" in page(port))
        form, address = {"token": Desk(home.config).form_token("sync")}, f"http://127.0.0.1:{port}/-/sync"
        first, second = (requests.post(address, form, timeout=300) for _ in range(2))
        assert asked.is_set() and "The sync is running." in first.text
        assert "another sync is running (these pages started it)" in second.text
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=END_S + 20) == 0
