"""What a monitor is answered at /-/health: strangers one word, who may see the home also what fails and waits."""

from pathlib import Path

from kit.homes import Home, table_source
from kit.pages import Pages

from shoemon.store.locking import lock
from shoemon.sync.heartbeat import scheduler_lock
from shoemon.web.desk import Desk


def asked(home: Home, actor: str | None = None) -> tuple[int, str]:
    with Pages(home.database, desks={"shoemon": Desk(home.config, home.clock)}) as pages:
        (answer,) = pages.ask("GET", "/-/health", actor=actor)
    assert "no-store" in answer.headers["cache-control"]
    return answer.status_code, answer.text


def test_it_is_200_until_a_tick_is_overdue_and_tells_strangers_no_more(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.main("sources:\n" + table_source("none") + "web: {user_header: Remote-User, trusted: [172.30.0.2]}\n")
    home.sync()
    with lock(scheduler_lock(home.database), "scheduler"):
        code, text = asked(home, "me")
        assert code == 200 and '"scheduler": "ok", "failing_sources": {"none": ' in text and '"waiting": {' in text
        assert asked(home) == (200, "ok\n")
        home.clock.move(days=10_000)
        code, text = asked(home, "me")
        assert code == 503 and '"status": "failing"' in text and '"scheduler": "overdue"' in text
        assert asked(home) == (503, "failing\n")
