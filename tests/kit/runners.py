"""A runner whose every figure is known from the input: fourteen months of runs in a table, one of them with a track, read
by a real sync and served with a desk, as `shoemon serve` does it."""

import copy
import gzip
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from kit.homes import Home, table_source

from shoemon.demo.town import town_osm
from shoemon.demo.tracks import track_file
from shoemon.demo.year import DemoOuting
from shoemon.model.clock import Clock, system_clock
from shoemon.web.desk import Desk
from shoemon.web.server import WebServer, make_app

TODAY = datetime.now(UTC).date()
"""The pages' own today: what they say of the days to come must be of days to come."""
MAIN = """\
# What this runner wrote.
timezone: UTC
units: {units}
ground: {{map: town.osm}}
alerts: {{hard_share: 60%}}
sources:
{table}  - {{name: gps, type: tracks, path: tracks, pattern: "{{name}}/*"}}
{sources}{web}
"""
SHOES = """\
# My pairs.
shoes:
  - id: road            # the everyday pair
    name: Alder Road
    gear: [Road]
    initial: 20 km
    life: 390 km
    worn: {{from: {road_from}}}
  - id: fell
    name: Birch Fell
    kind: trail
    gear: [Fell]
    initial: 1200 km    # from years on paper
    life: 2000 km
  - {{id: twin-1, name: Cedar Twin}}   # nobody can tell these two apart
  - {{id: twin-2, name: cedar twin}}
  - {{id: old, name: Dogwood Old, gear: [Old], life: 300 km, retired: {road_from}}}
rules:
  # The watch does not know my shoes.
  - {{when: {{source: gps}}, shoe: road}}
corrections:
  - {{run: "sheet:5", shoe: road}}     # I had named the wrong one
"""
TRACKED_DAYS = 45
"""Days since the run with a track: of another month than the newest run."""
TRACKED = "A round in the park"
WAITS = "bought.csv"
"""A file that was sent, and that no source reads yet."""
SURFACES = ("asphalt", "gravel", "")
"""The table names one of these for each run in turn; empty is unknown."""


class Run(NamedTuple):
    """A row of the table, or the run with the track. `shoe`: the pair it must count for (None: nobody's)."""

    id: str
    day: date
    name: str
    metres: float
    gear: str
    surface: str
    shoe: str | None


def imagined() -> list[Run]:
    """The runs of the table, the newest first: one a week, the last of them yesterday."""
    runs = []
    for week in range(61):
        day = TODAY - timedelta(days=1 + 7 * week)
        gear, shoe = ("Old", "old") if week >= 40 else ("Fell", "fell") if week % 5 == 4 else ("Road", "road")
        if week in (1, 8):
            gear, shoe = "", None
        elif week == 6:
            gear, shoe = "Cedar Twin", None
        elif week == 5:
            gear = "Fell"  # and a correction says otherwise
        surface = SURFACES[week % 3] if week != 12 else "concrete"
        runs.append(Run(f"sheet:{week}", day, f"Weekly run {week}", 10_000.0 + 50 * week, gear, surface, shoe))
    return runs


def rows_of(runs: Sequence[Run]) -> list[Sequence[object]]:
    """The table's rows; a run takes an hour from six o'clock on."""
    return [
        (run.id.partition(":")[2], f"{run.day}T06:00:00Z", run.metres, "run", run.name, run.gear, run.surface, 3600)
        for run in runs
    ]


class Runner:
    """The runner's directory, synced, and what must be seen on the pages."""

    def __init__(
        self, directory: Path, *, units: str = "km", sources: str = "", web: str = "", shoes: str = SHOES
    ) -> None:
        self.home = Home(directory)
        self.home.clock.now = datetime.now(UTC).replace(microsecond=0)
        self.runs = imagined()
        road_from = self.runs[39].day
        self.home.main(MAIN.format(units=units, table=table_source("sheet"), sources=sources, web=web))
        self.home.shoes(shoes.format(road_from=road_from))
        self.home.table("sheet", rows_of(self.runs))
        (directory / "town.osm").write_text(town_osm(TODAY - timedelta(days=100)), encoding="utf-8")
        (directory / "inbox").mkdir()
        (directory / "inbox" / WAITS).write_text("Date;Distance;Shoe\n2024-05-01 07:00;10,5;Glide\n")
        outing = DemoOuting(TODAY - timedelta(days=TRACKED_DAYS), TRACKED, 4_000.0, route="park")
        ending, content = track_file(outing)
        folder = directory / "tracks" / TRACKED
        folder.mkdir(parents=True)
        (folder / f"park.{ending.removesuffix('.gz')}").write_bytes(gzip.decompress(content))
        report = self.home.sync()
        assert not report.failed, report
        ((self.tracked,),) = self.home.rows("SELECT id FROM activities WHERE source = 'gps'")

    def copied(self, directory: Path) -> "Runner":
        """The same, in a directory of its own."""
        other = copy.copy(self)
        other.home = self.home.copied(directory)
        return other

    def one(self, week: int) -> Run:
        """The run of so many weeks ago."""
        return self.runs[week]

    def text_of_shoes(self) -> str:
        return (self.home.directory / "shoes.yaml").read_text(encoding="utf-8")


class Served(NamedTuple):
    """Pages being served, where, and by which Datasette."""

    url: str
    port: int
    datasette: Any


@contextmanager
def running(server: WebServer) -> Iterator[WebServer]:
    """A server at work in a thread until the block ends; then it stops."""
    thread = threading.Thread(target=server.run, name="pages")
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(60)
        assert not thread.is_alive()


@contextmanager
def served(
    home: Home, *others: Path, desk: bool = True, clock: Clock = system_clock, hosts: Sequence[str] = (), **options: Any
) -> Iterator[Served]:
    """The pages of a runner, served by a thread until the block ends, as `shoemon serve` serves them."""
    datasette = make_app(
        home.database, *others, desks={"shoemon": Desk(home.config, clock)} if desk else None, **options
    )
    with running(WebServer(datasette, port=0, hosts=hosts)) as server:
        yield Served(server.url, server.port, datasette)


OURS = {
    "home": "/", "shoe": "/-/shoe/road", "retired shoe": "/-/shoe/old", "unworn shoe": "/-/shoe/twin-1", "ground": "/-/ground",
    "runs": "/-/runs", "run": "/-/run/sheet~3A5", "run with a track": "/-/run/{tracked}", "run without a shoe": "/-/run/sheet~3A3",
    "runs without a shoe": "/-/assign", "choice": "/-/assign/sheet~3A1", "choice of another": "/-/assign/sheet~3A0",
    "change of runs": "/-/runs/assign?shoe=-", "next pairs": "/-/rotation",
}  # fmt: skip
FORMS = {
    "manual": "/-/manual/sources", "new pair": "/-/pair", "new pair like one": "/-/pair?after=road", "settings of a pair": "/-/pair/road",
    "changes": "/-/undo", "messages": "/-/channels", "settings": "/-/preferences", "upload": "/-/upload",
    "file that waits": "/-/upload/" + WAITS.replace(".", "~2E"), "records left out": "/-/left-out", "places": "/-/places",
    "maps": "/-/get-map", "run by hand": "/-/runs/add", "runs in doubt": "/-/doubts", "ground check": "/-/ground-check", "route": "/-/route",
}  # fmt: skip
"""Ours too, with hardly a figure of the runner's."""
DATASETTES = {
    "database": "/shoemon", "table": "/shoemon/activities?_facet=sport&sport=run&_size=3", "row": "/shoemon/activities/sheet~3A5",
    "view": "/shoemon/shoe_summary", "query": "/shoemon/next_to_replace", "SQL": "/shoemon?sql=select+:a", "log out": "/-/logout",
}  # fmt: skip


def path_of(page: str, runner: Runner) -> str:
    return {**OURS, **FORMS, **DATASETTES}[page].format(tracked=runner.tracked.replace(":", "~3A"))
