"""A scheduler reports that it is alive, to other processes and to an address, as long as its ticks go well."""

import json
import signal
from pathlib import Path

import pytest
from kit.commands import said_here, started
from kit.homes import Home, table_source
from kit.http_servers import answering, says
from kit.waiting import until

from shoemon.store.locking import lock
from shoemon.sync.heartbeat import scheduler_lock, scheduler_state
from shoemon.sync.schedule import Watch


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.table("watch", [(1, "2024-05-01T07:00:00Z", 5000, "run", "", "Road", "road", 1800)])
    return home


def state(home: Home) -> str:
    return scheduler_state(home.database, home.clock())


def test_it_is_at_work_until_no_tick_has_gone_well_for_a_while(home: Home) -> None:
    during: list[str] = []
    watch = Watch(home.directory, home.clock, lambda: bool(home.clock.move(minutes=20) or during.append(state(home))))
    assert state(home) == "stopped"
    with lock(scheduler_lock(home.database), "scheduler"):
        assert state(home) == "ok", "the first tick is not overdue yet"
        watch.tick()
        assert during and set(during) == {"ok"}, "a tick may take long"
        good = home.database.read_bytes()
        home.database.write_bytes(b"no database" * 1000)
        home.clock.move(seconds=100)
        watch.tick()
        assert state(home) == "ok"
        home.clock.move(seconds=1)
        watch.tick()
        assert state(home) == "overdue", "ticks come, but fail"
        home.database.write_bytes(good)
        watch.tick()
        assert state(home) == "ok"
    assert state(home) == "stopped"


def test_the_address_is_called_once_a_minute_while_all_is_well_and_a_fault_is_logged_once(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    watch = Watch(home.directory, home.clock)
    with answering() as server:
        monkeypatch.setenv("BEAT", f"{server.url}/ping/secret")
        home.main("sources:\n" + table_source("watch") + "heartbeat: {env: BEAT}\n")
        server.answers += [says(), says(status=503), says(status=302, Location="/elsewhere"), says()]
        for _ in range(12):
            watch.tick()
            home.clock.move(seconds=20)
        assert [(request.command, request.path) for request in server.asked] == [("GET", "/ping/secret")] * 4
        home.database.write_bytes(b"no database" * 1000)
        watch.tick()
        assert len(server.asked) == 4, "it went wrong"
        home.database.unlink()
        with pytest.MonkeyPatch.context() as without:
            without.delenv("BEAT")
            restarted = Watch(home.directory, home.clock)
            restarted.tick()
    home.clock.move(minutes=1)
    restarted.tick()
    beats = [record.getMessage() for record in caplog.records if "heartbeat" in record.getMessage()]
    assert beats == [
        f"heartbeat: {server.url} answered with status 503",
        "`heartbeat` cannot be used: environment variable BEAT is not set",
    ]
    assert "secret" not in caplog.text


def test_health_asks_the_disk_whether_serve_is_at_work_for_each_home(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def health(*arguments: str) -> tuple[int, str]:
        said = said_here(monkeypatch, capsys, "health", *arguments)
        return said.code, said.out

    one, other = str(home.directory), str(home.directory / "nobody")
    assert health("--config", one) == (1, f"{one}: failing: no scheduler is running; start shoemon serve\n")
    home.main("sources:\n" + table_source("watch") + table_source("none"))
    with started("serve", "--config", home.directory, "--no-web") as process:
        until(lambda: health(one)[0] == 0 and home.rows("SELECT 1 FROM sources WHERE last_error <> ''"))
        (home.directory / "shoemon.yaml").write_text("sources: 1\ndatabase: shoemon.db\n")  # an edit with a mistake
        code, words = health(one)
        assert code == 0 and words.startswith(f"{one}: ok\n") and "source none failed: " in words
        code, words = health("--json", one, other)
        assert code == 1 and json.loads(words)[other]["scheduler"] == "stopped"
        assert list(json.loads(words)[one]["failing_sources"]) == ["none"]
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert health(one)[0] == 1
