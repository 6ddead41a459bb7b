"""What changes upstream is followed: edited, renamed, deleted, added again, in whatever order exports are read.

Every run counts once or, where its export no longer lists it and that is dropped, not at all; what it counts as is what
the last export that listed it said.
"""

import csv
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import NamedTuple

import pytest
from kit.homes import Home, dump, faults
from kit.trials import quick


class Run(NamedTuple):
    """One run by a name of its own, and how an export lists it; `hour` tells two runs of one day apart."""

    id: int
    day: int
    metres: float
    pair: str | None
    hour: int = 6


State = Mapping[str, Run]
"""Everything that an export lists."""

BASE: State = {
    "a": Run(101, 1, 10_000, "road"),
    "b": Run(102, 2, 5_000.5, "trail"),
    "c": Run(103, 3, 7_000, "road"),
    "d": Run(104, 3, 7_000, "trail", 18),
    "e": Run(105, 4, 3_000, None),
}


def listed(without: str = "", **changed: Run) -> State:
    """The runs of BASE, some of them changed, some left out."""
    return {name: changed.get(name, run) for name, run in {**BASE, **changed}.items() if name not in without}


STATES: Mapping[str, State] = {
    "as it was": BASE,
    "edited distance": listed(a=BASE["a"]._replace(metres=11_111.1)),
    "changed gear": listed(b=BASE["b"]._replace(pair="road"), e=BASE["e"]._replace(pair="trail")),
    "gear taken away": listed(c=BASE["c"]._replace(pair=None)),
    "deleted": listed(without="c"),
    "two deleted": listed(without="ae"),
    "two others deleted": listed(without="bd"),
    "added again under another id": listed(c=BASE["c"]._replace(id=903)),
    "added again, changed": listed(d=BASE["d"]._replace(id=904, metres=7_100, pair="road")),
    "one more": listed(f=Run(106, 9, 8_000, "trail")),
}
NAMES = ({"road": "Road", "trail": "Trail"}, {"road": "Brand Road Road", "trail": ""})
"""What the export calls the pairs, before and after it renamed them."""
IDS = {"road": "9876543", "trail": "21088800"}


class Tables:
    """An export as a table, in which gear has a name only."""

    MAIN = """
sources:
  - name: export
    type: table
    path: export.csv
    missing: {missing}
    columns: {{id: id, start: start, distance: {{column: metres, unit: m}}, sport: sport, elapsed: elapsed, shoe: gear}}
"""
    SHOES = "shoes: [{id: road, name: Road, gear: [Brand Road Road]}, {id: trail, name: Trail, gear: [Trail, Blank]}]\n"

    @staticmethod
    def write(directory: Path, state: State, names: Mapping[str, str]) -> None:
        with (directory / "export.csv").open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(["id", "start", "metres", "sport", "elapsed", "gear"])
            for run in state.values():
                gear = (names[run.pair] or "Blank") if run.pair else ""
                table.writerow([run.id, f"2024-05-{run.day:02}T{run.hour:02}:00:00Z", run.metres, "run", 2400, gear])


STRAVA = (
    "Activity ID,Activity Date,Activity Name,Activity Type,Elapsed Time,Distance,Activity Gear,Filename,Elapsed Time,"
    "Moving Time,Distance,Bike,Gear,Dirt Distance"
)


class Strava:
    """The same as Strava's export has it: gear has an id, and perhaps a name."""

    MAIN = "sources: [{{name: export, type: strava-export, path: activities.csv, missing: {missing}}}]\n"
    SHOES = "shoes: [{id: road, name: R, gear: [Road]}, {id: trail, name: T, gear: ['21088801']}]\n"

    @staticmethod
    def write(directory: Path, state: State, names: Mapping[str, str]) -> None:
        with (directory / "activities.csv").open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(STRAVA.split(","))
            for run in state.values():
                started = f"May {run.day}, 2024, {(run.hour - 1) % 12 + 1}:00:00 {'AM' if run.hour < 12 else 'PM'}"
                name, key = (names[run.pair], f"{IDS[run.pair]}.0") if run.pair else ("", "")
                table.writerow(
                    [run.id, started, "Run", "Run", 2400, f"{run.metres / 1000:.2f}", name, f"activities/{run.id}.gpx",
                     2400.0, 2300.0, run.metres, "", key, ""]
                )  # fmt: skip


WAYS = list(product((Tables, Strava), ("keep", "drop"), (False, True)))


class Follower:
    """A home that follows an export, and beside it what must be known by now of every run."""

    def __init__(self, directory: Path, export: type[Tables] | type[Strava], missing: str) -> None:
        self.home = Home(directory)
        self.export, self.missing = export, missing
        self.home.main(export.MAIN.format(missing=missing))
        self.home.shoes(export.SHOES)
        self.known: dict[str, Run] = {}

    def read(self, state: State, names: Mapping[str, str]) -> None:
        """The next export is read; everything is as it must be."""
        self.known = {**(self.known if self.missing == "keep" else {}), **state}
        self.export.write(self.home.directory, state, names)
        self.home.clock.move(hours=1)
        assert [outcome.error for outcome in self.home.sync().outcomes] == [None]
        assert faults(self.home.database) == []
        expected: dict[str | None, float] = {}
        for run in self.known.values():
            expected[run.pair] = round(expected.get(run.pair, 0.0) + run.metres, 3)
        assert self.home.totals() == expected


@pytest.mark.parametrize("change", list(STATES))
@pytest.mark.parametrize("way", quick(WAYS, [(Tables, "keep", False), (Strava, "drop", False)]))
def test_a_change_is_followed_and_taken_back(
    tmp_path: Path, way: tuple[type[Tables] | type[Strava], str, bool], change: str
) -> None:
    """There and back, and the same export once more."""
    export, missing, renamed = way
    follower = Follower(tmp_path, export, missing)
    follower.read(BASE, NAMES[0])
    follower.read(STATES[change], NAMES[renamed])
    before = dump(follower.home.database)
    follower.read(STATES[change], NAMES[renamed])
    assert dump(follower.home.database) == before
    follower.read(BASE, NAMES[0])


def test_a_record_that_cannot_be_read_for_a_while_is_not_lost(tmp_path: Path) -> None:
    """Its gear is changed meanwhile; the pair keeps the run until it can be read again."""
    follower = Follower(tmp_path, Strava, "drop")
    follower.read(BASE, NAMES[0])
    Strava.write(tmp_path, {**BASE, "a": BASE["a"]._replace(metres=float("nan"))}, NAMES[0])
    follower.home.clock.move(hours=1)
    follower.home.sync()
    assert follower.home.totals()["road"] == BASE["a"].metres + BASE["c"].metres
    assert faults(follower.home.database) == []
    follower.read(STATES["edited distance"], NAMES[1])


def test_half_an_export_deletes_nothing_that_is_kept(tmp_path: Path) -> None:
    """A download that was cut off lists fewer runs; the next one lists them again."""
    follower = Follower(tmp_path, Strava, "keep")
    follower.read(BASE, NAMES[0])
    whole = (tmp_path / "activities.csv").read_bytes()
    (tmp_path / "activities.csv").write_bytes(whole[: len(whole) * 3 // 5])
    follower.home.clock.move(hours=1)
    follower.home.sync()
    assert follower.home.totals() == {"road": 17_000.0, "trail": 12_000.5, None: 3_000.0}
    follower.read(BASE, NAMES[0])
    assert follower.home.rows("SELECT count(*) FROM activities WHERE missing_since IS NOT NULL") == [(0,)]
