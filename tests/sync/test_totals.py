"""After any history of syncs, edits and accidents the totals are a recount of the legs, and what a new database would say.

SHOEMON_EXAMPLES=2000 tries more histories than the forty of the slow trials.
"""

import os
import random
import re
import shutil
import tempfile
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from kit.homes import Home, dump, faults, table_source
from kit.pages import Pages, text_of
from kit.receivers import hook

from shoemon.report.status import decision_notes, status_data
from shoemon.store.snapshot import snapshot
from shoemon.sync.pipeline import sync_to_the_end

EXAMPLES = int(os.environ.get("SHOEMON_EXAMPLES", "40"))
STEPS = 25
SOURCES = ("watch", "phone", "sheet")
"""`sheet` has no ids; `phone` records some of the runs of `watch` too."""
SHM = Path("/dev/shm")
TOTALS = ("month_mileage", "surface_mileage", "shoe_surface_mileage")
MALFORMED = (
    ("9001", "yesterday", 5000, "run"),
    ("9002", "2024-05-01T07:00:00Z", "far", "run"),
    ("9003", "2024-05-01T07:00:00Z", -4, "run"),
    ("9004", "", 5000, "run"),
    ("9005", "2024-05-01T07:00:00Z", 9_999_999, "run"),
)
SHOES = {
    "road": "name: Road, gear: [Pegasus]",
    "trail": "name: Trail, gear: [Speedgoat], surface: dirt",
    "old": "name: Ghost, initial: 20 km, retired: 2024-05-10",
    "twin": "name: ghost",
}
RULES = (
    "{when: {sport: trail-run}, shoe: {trail: 60%, road: rest}}",
    '{when: {distance: ">= 9 km"}, surface: {grass: 2 km, asphalt: rest}}',
    '{when: {name: "(?i)commute"}, ignore: true}',
    "{when: {weekday: [mon]}, shoe: road, surface: tartan}",
    "{when: {weekday: [tue]}, shoe: {none: 1 km, trail: rest}}",
    '{when: {ground: {soft: ">= 50%"}}, shoe: {trail: 2 km, road: rest}}',
    '{when: {pace: "< 5:00 /km", moving_time: "< 2 h"}, shoe: road, surface: dirt}',
)
CORRECTIONS = (
    '{run: "watch:1", shoe: {road: 3 km, trail: rest}}',
    '{run: "watch:2", distance: 4321 m, surface: {grass: 30%, sand: rest}}',
    '{run: "watch:3", ignore: true}',
    '{run: "watch:5", shoe: none}',
    '{run: "phone:1", shoe: trail, distance: 1 m}',
    '{run: "watch:4", shoe: {road: 40%, trail: 40%, old: rest}, surface: {gravel: 1 km, asphalt: 1 km, metal: rest}}',
)


class Record:
    """One row of a table, which can be edited."""

    def __init__(self, *cells: Any) -> None:
        self.cells = list(cells)

    def __repr__(self) -> str:
        return f"Record{tuple(self.cells)}"


@st.composite
def records(draw: st.DrawFn) -> Record:
    day, hour = draw(st.integers(1, 28)), draw(st.sampled_from([5, 7, 23]))
    start = draw(
        st.sampled_from(
            [f"2024-05-{day:02}T{hour:02}:30:00Z", f"2024-05-{day:02}T{hour:02}:30:00+09:00", f"2024-05-{day:02}"]
        )
    )
    return Record(
        draw(st.integers(1, 12)),
        start,
        draw(st.sampled_from([0, 0.1, 3333.3, 5000, 10000.7, 42195])),
        draw(st.sampled_from(["run", "run", "trail-run", "treadmill-run", "ride", ""])),
        draw(st.sampled_from(["", "Commute", "long one"])),
        draw(st.sampled_from(["", "Pegasus", "Speedgoat", "Ghost", "pegasus ", "unheard of"])),
        draw(st.sampled_from(["", "road", "trail", "mars"])),
        draw(st.sampled_from(["", 1800, 20000])),
    )


class History(RuleBasedStateMachine):
    """Three tables and both YAML files, edited between syncs in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(dir=SHM if SHM.is_dir() else None))
        self.over = ExitStack()
        self.hook = self.over.enter_context(hook())
        self.tables: dict[str, list[Record | tuple[Any, ...]]] = {name: [] for name in SOURCES}
        self.removed: dict[str, list[Record | tuple[Any, ...]]] = {name: [] for name in SOURCES}
        self.missing = dict.fromkeys(SOURCES, "keep")
        self.shoes = {"road": "30 km", "trail": "25 km"}
        self.names: dict[str, str] = {}
        self.rules: set[int] = set()
        self.corrections: set[int] = set()
        self.order = list(SOURCES)
        self.zone, self.default, self.wear, self.unit = "UTC", "", "1.0", "km"
        self.home = Home(self.root / "home")
        self.sound = True

    def teardown(self) -> None:
        """Every history ends with a sync of everything, unless it has gone wrong before."""
        try:
            if self.sound:
                self.sync_all(hours=1)
        finally:
            self.over.close()
            shutil.rmtree(self.root)

    def write(self, home: Home, notify: str) -> None:
        """Writes all tables and both YAML files, as they stand now, into a home."""
        for name, rows in self.tables.items():
            home.table(name, [row.cells if isinstance(row, Record) else row for row in rows])
        sources = "".join(table_source(name, missing=self.missing[name], ids=name != "sheet") for name in self.order)
        home.main(
            f"timezone: {self.zone}\nunits: {self.unit}\n"
            f"ground: {{default: asphalt, surfaces: {{gravel: {{ground: soft, wear: {self.wear}}}}}}}\n"
            f"alerts: {{resting: 5d}}\nnotify: [{notify}]\nsources:\n{sources}"
        )
        shoes = "".join(
            f"  - {{id: {id}, life: {life}, {SHOES[id].replace('name: ', 'name: ' + self.names.get(id, ''))}}}\n"
            for id, life in self.shoes.items()
        )
        rules = "".join(f"  - {RULES[i]}\n" for i in sorted(self.rules) if self.names_known_shoes(RULES[i]))
        corrections = "".join(
            f"  - {CORRECTIONS[i]}\n" for i in sorted(self.corrections) if self.names_known_shoes(CORRECTIONS[i])
        )
        default = f"default_shoe: {self.default}\n" if self.default in {"none", *self.shoes} else ""
        home.shoes(
            f"shoes:\n{shoes or '  []'}\nrules:\n{rules or '  []'}\ncorrections:\n{corrections or '  []'}\n{default}"
        )

    def names_known_shoes(self, entry: str) -> bool:
        return all(id in self.shoes for id in SHOES if re.search(rf"shoe: {id}|{id}: ", entry))

    # ------------------------------------------------------------------ what happens to tables

    @initialize(some=st.lists(records(), min_size=1, max_size=6))
    def begin(self, some: list[Record]) -> None:
        self.tables["watch"] += some

    @rule(source=st.sampled_from(SOURCES), some=st.lists(records(), min_size=1, max_size=4))
    def add(self, source: str, some: list[Record]) -> None:
        self.tables[source] += some

    @rule(
        source=st.sampled_from(SOURCES),
        other=st.sampled_from(SOURCES),
        place=st.integers(0, 50),
        stretch=st.sampled_from([1.0, 1.01]),
    )
    def record_twice(self, source: str, other: str, place: int, stretch: float) -> None:
        """The same run in another table, or once more in its own."""
        rows = [row for row in self.tables[other] if isinstance(row, Record)]
        if rows:
            cells = rows[place % len(rows)].cells
            self.tables[source].append(Record(*[*cells[:2], round(float(cells[2]) * stretch, 1), *cells[3:]]))

    @rule(source=st.sampled_from(SOURCES), place=st.integers(0, 50), new=records(), cell=st.integers(1, 7))
    def edit(self, source: str, place: int, new: Record, cell: int) -> None:
        rows = [row for row in self.tables[source] if isinstance(row, Record)]
        if rows:
            rows[place % len(rows)].cells[cell] = new.cells[cell]

    @rule(source=st.sampled_from(SOURCES), first=st.integers(0, 5), many=st.integers(1, 3))
    def vanish(self, source: str, first: int, many: int) -> None:
        rows = self.tables[source]
        gone = rows[first : first + many]
        if len(rows) > len(gone):
            del rows[first : first + many]
            self.removed[source] += gone

    @rule(
        source=st.sampled_from(SOURCES),
        how=st.sampled_from(["reappear", "malformed", "mend", "reorder"]),
        seed=st.integers(0, 9),
    )
    def rearrange(self, source: str, how: str, seed: int) -> None:
        rows = self.tables[source]
        if how == "reappear":
            rows += self.removed[source]
            self.removed[source] = []
        elif how == "malformed":
            rows.append(MALFORMED[seed % len(MALFORMED)])
        elif how == "mend":
            rows[:] = [row for row in rows if isinstance(row, Record)] or rows
        else:
            random.Random(seed).shuffle(rows)

    # ------------------------------------------------------------------ what happens to the YAML files

    @rule(
        id=st.sampled_from(list(SHOES)),
        life=st.sampled_from(["", "5 km", "30 km", "60 km", "600 km"]),
        name=st.sampled_from(["", "New "]),
    )
    def edit_shoe(self, id: str, life: str, name: str) -> None:
        """Adds a shoe, renames it, gives it another life, or (no life) removes it."""
        self.names[id] = name
        if life:
            self.shoes[id] = life
        else:
            self.shoes.pop(id, None)

    @rule(number=st.integers(0, len(RULES) - 1) | st.integers(10, 9 + len(CORRECTIONS)))
    def toggle_rule_or_correction(self, number: int) -> None:
        if number < 10:
            self.rules ^= {number}
        else:
            self.corrections ^= {number - 10}

    @rule(
        zone=st.sampled_from(["UTC", "Asia/Tokyo", "America/Los_Angeles"]), default=st.sampled_from(["", "road", "trail", "none"]),
        wear=st.sampled_from(["1.0", "2.0"]), unit=st.sampled_from(["km", "mi"]), order=st.permutations(SOURCES),
        drops=st.sets(st.sampled_from(SOURCES)),
    )  # fmt: skip
    def edit_the_rest(self, zone: str, default: str, wear: str, unit: str, order: list[str], drops: set[str]) -> None:
        self.zone, self.default, self.wear, self.unit, self.order = zone, default, wear, unit, order
        self.missing = {source: "drop" if source in drops else "keep" for source in SOURCES}

    # ------------------------------------------------------------------ syncs and accidents

    @rule(names=st.sets(st.sampled_from(SOURCES)), hours=st.integers(0, 30))
    def sync_some(self, names: set[str], hours: int) -> None:
        self.sync(hours, sorted(names))

    @rule(hours=st.integers(0, 30))
    def sync_all(self, hours: int) -> None:
        self.sync(hours)
        self.sound = False
        self.check_decisions()
        self.check_same_again()
        self.check_same_as_new()
        self.sound = True

    @rule(loses_state=st.booleans())
    def accident(self, loses_state: bool) -> None:
        """state.db is lost; or what came in was stored, and then the lights went out."""
        if loses_state:
            self.lose_state()
            return
        with pytest.MonkeyPatch.context() as patch, suppress(PowerCutError):
            patch.setattr("shoemon.sync.pipeline.derive", _cut_power)
            self.sync(0)
        self.sync(0, [])

    def lose_state(self) -> None:
        (self.home.directory / "state.db").unlink(missing_ok=True)

    def sync(self, hours: int, names: list[str] | None = None) -> None:
        self.sound = False
        self.write(self.home, f"{{name: hook, type: webhook, url: {self.hook.url}}}")
        self.home.clock.move(hours=hours)
        report = sync_to_the_end(self.home.config, names, self.home.clock, accept=True)  # most records may be gone
        assert [outcome for outcome in report.outcomes if outcome.error] == []
        corrections = self.home.config.plan.corrections
        corrected = {run: each.distance_m for run, each in corrections.items() if each.distance_m is not None}
        assert faults(self.home.database, corrected) == []
        assert [id for id, times in self.hook.counts.items() if times > 1] == []
        assert self.home.rows("SELECT * FROM deliveries WHERE state <> 'sent'") == []
        self.sound = True

    def check_decisions(self) -> None:
        """`status`, its JSON, the first page, the list of runs without a shoe and the views count the same decisions."""
        with snapshot(self.home.database) as rows:
            lines = " ".join(note.words for note in decision_notes(rows))
        counts = status_data(self.home.config)["decisions"]
        with Pages(self.home.database) as pages:
            home, listed = (text_of(pages.page(path)) for path in ("/", "/-/assign"))
        for kind, view, where in (
            ("unassigned_runs", "unassigned_runs", "1"), ("ambiguous_runs", "unassigned_runs", "reason = 'ambiguous'"),
            ("ground_disagreements", "ground_disagreements", "1"),
        ):  # fmt: skip
            assert self.home.rows(f"SELECT count(*) FROM {view} WHERE {where}") == [(counts[kind],)]
        for number, pattern, texts in (
            (counts["unassigned_runs"], r"(\d+) runs? without a shoe", (lines, home)),
            (counts["ambiguous_runs"], r"(\d+) of them claimed by more than one", (lines, home)),
            (counts["unassigned_runs"], r"Runs without a shoe (\d+) runs?\. Change many", (listed,)),
        ):
            for text in texts:
                assert [int(found) for found in re.findall(pattern, text)] == ([number] if number else []), text

    def check_same_again(self) -> None:
        """The same sync once more, and once more without any memory of the files, changes nothing and sends nothing."""
        before, sent = dump(self.home.database), len(self.hook.ids)
        self.sync(0)
        assert dump(self.home.database) == before
        self.lose_state()
        self.sync(0)
        assert dump(self.home.database) == before
        assert len(self.hook.ids) == sent

    def check_same_as_new(self) -> None:
        """Where nothing is missing from a table, or what is missing was dropped, the history cannot be seen."""
        missing = set(self.home.rows("SELECT source, missing_since FROM activities WHERE missing_since IS NOT NULL"))
        held = set(self.home.rows("SELECT source, first_seen_at FROM problems WHERE resolved_at IS NULL"))
        if held & missing or any(self.missing[source] == "keep" for source, _ in missing):
            return
        new = Home(self.root / "new", self.home.clock)
        self.write(new, notify="")
        new.sync()
        ours, fresh = (dump(home.database, without=("first_seen_at", "updated_at")) for home in (self.home, new))
        shutil.rmtree(new.directory)
        for table in (*TOTALS, "shoe_wear", "legs", "shoes", "surfaces", *([] if missing else ["activities"])):
            assert _rounded(ours[table]) == _rounded(fresh[table]), table


class PowerCutError(BaseException):
    """Nothing can catch it, as nothing can catch a power cut."""


def _cut_power(*args: Any) -> None:
    raise PowerCutError


def _rounded(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Sums in another order differ in the last bits."""
    return sorted(
        ({key: round(value, 6) if isinstance(value, float) else value for key, value in row.items()} for row in rows),
        key=repr,
    )


@pytest.mark.parametrize("examples", [2, pytest.param(EXAMPLES, marks=pytest.mark.slow)])
def test_any_history_of_tables_and_settings_ends_in_the_same_totals(examples: int) -> None:
    profile = settings(
        max_examples=examples, stateful_step_count=STEPS, derandomize=examples <= 40,
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
        phases=list(Phase) if examples > 40 else [Phase.generate],
    )  # fmt: skip
    run_state_machine_as_test(History, settings=profile)
