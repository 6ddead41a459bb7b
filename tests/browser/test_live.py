"""What the first page shows while a sync is at work, in a real browser: how far it is, and the new figures when it ends,
without being loaded again."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kit.api_servers import Answer, Asked, serving
from kit.browsing import reading
from kit.homes import faults
from kit.runners import TODAY, Runner, served

SOURCE = """\
  - name: slow
    type: table
    url: {url}
    columns: {{id: id, start: start, distance: {{column: metres, unit: m}}, name: name, shoe: shoe, surface: surface}}
"""


class SlowServer:
    """A web server with one table, which it holds back until `go_on` is set; `asked` is set once it was asked for."""

    def __init__(self, table: str) -> None:
        self.asked, self.go_on = threading.Event(), threading.Event()
        self.table, self.url = table, ""

    def answer(self, _asked: Asked) -> Answer:
        self.asked.set()
        self.go_on.wait(60)
        return Answer(self.table.encode(), headers={"content-type": "text/csv"})


@contextmanager
def slow_server(table: str) -> Iterator[SlowServer]:
    slow = SlowServer(table)
    with serving(slow.answer) as server:
        slow.url = f"{server.url}/runs.csv"
        try:
            yield slow
        finally:
            slow.go_on.set()


def test_a_sync_at_work_is_seen_and_its_new_run_stands_there_without_loading_the_page_again(
    browser: Any, tmp_path: Path
) -> None:
    row = f"9,{TODAY}T05:00:00Z,12345,Early and slow,Road,asphalt\n"
    runner = Runner(tmp_path / "home")
    with slow_server("id,start,metres,name,shoe,surface\n" + row) as slow, served(runner.home) as pages:
        main = runner.home.directory / "shoemon.yaml"
        main.write_text(main.read_text(encoding="utf-8") + SOURCE.format(url=slow.url), encoding="utf-8")
        sync = threading.Thread(target=runner.home.sync, args=(["slow"],))
        sync.start()
        assert slow.asked.wait(30)
        with reading(browser, pages.url) as reader:
            reader.open()
            told = reader.tab.get_by_role("status")
            told.filter(has_text="Sync running").wait_for()
            assert "slow" in told.inner_text()
            assert "Early and slow" not in reader.text()
            assert "344 of 390 km" in reader.text()
            reader.tab.evaluate("window.neverLoadedAgain = true")
            slow.go_on.set()
            sync.join(30)
            reader.tab.get_by_role("link", name="Early and slow", exact=True).wait_for()
            assert "356 of 390 km" in reader.text()
            assert "12.3 km" in reader.text("li:has-text('Early and slow')")
            reader.tab.locator("figure.chart .plot svg").first.wait_for()
            assert told.filter(has_text="Sync running").count() == 0
            assert reader.tab.evaluate("window.neverLoadedAgain"), "the page was loaded again"
    assert faults(runner.home.database) == []
