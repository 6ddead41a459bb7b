"""What gear is called: a pair renamed in its export stays the same pair, and the runner is told so."""

import csv
import random
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest
from kit.homes import Home, faults
from kit.making import brief
from sqlite_utils import Database

from shoemon.decide.gear_names import GearName, known_as
from shoemon.model.reason import Reason
from shoemon.report.explain import explain_lines
from shoemon.report.status import decision_notes, status_data
from shoemon.report.sync_lines import sync_lines
from shoemon.setup.check import check_lines
from shoemon.store.database import connect
from shoemon.store.gear_names import former_names
from shoemon.store.schema import migrations
from shoemon.store.snapshot import snapshot

MAIN = """
timezone: UTC
sources:
  - name: strava
    type: table
    path: strava.csv
    missing: keep
    columns: {id: id, start: day, distance: {column: km, unit: km}, sport: sport, shoe: gear, shoe_name: label}
"""
NAMES = "SELECT gear, name, runs, renamed_to FROM gear_names ORDER BY gear, name"


def legs(home: Home) -> list[tuple[str, str, str]]:
    """Run, pair and brief reason of each leg."""
    sql = "SELECT activity, coalesce(shoe, '-'), shoe_reason, shoe_detail FROM legs ORDER BY activity"
    return [(run, shoe, brief(Reason(*why))) for run, shoe, *why in home.rows(sql)]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    home.main(MAIN)
    home.shoes("shoes: [{id: x, name: X, gear: [Old]}]\n")
    return home


def sync(home: Home, *rows: str) -> list[str]:
    """Syncs an export of `rows` (number, gear, label), one run a day, an hour later than before; what `sync` reports of renamed gear."""
    with (home.directory / "strava.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "day", "km", "sport", "gear", "label"])
        for row in rows:
            number, gear, label = [*row.split("/"), "", ""][:3]
            writer.writerow([number, f"2024-05-{int(number):02}T06:00:00Z", 10, "run", gear, label])
    home.clock.move(hours=1)
    report = home.sync()
    assert [outcome.error for outcome in report.outcomes] == [None]
    assert faults(home.database) == []
    lines = sync_lines(home.config, report, dry_run=False)
    return [line for line in lines if " now " in line or line.endswith("more renamed")]


def told(home: Home) -> list[str]:
    """What `check` says of gear, which `status` must say too."""
    lines = [line.removeprefix("warning: ") for line in check_lines(home.config) if "gear" in line]
    with snapshot(home.config.database) as rows:
        assert not [note for note in decision_notes(rows) if "gear" in note.words]
    return lines


# ------------------------------------------------------------------ pairs that have an id


STAYS = (
    'gear `Old` is now called `New` in strava and stays with `x`; add "17", its id there, or the new name to the '
    "`gear` of `x`"
)


def test_a_pair_that_is_renamed_stays_the_same_pair_though_only_its_old_name_is_written_down(home: Home) -> None:
    assert sync(home, "1/17/Old", "2/17/Old", "3/18/Other") == []
    assert sync(home, "1/17/New", "2/17/New", "3/18/Other", "4/17/New") == [STAYS]
    stays = "gear gear=New formerly=Old"
    assert legs(home) == [
        ("strava:1", "x", stays),
        ("strava:2", "x", stays),
        ("strava:3", "-", "gear_unknown gear=Other"),
        ("strava:4", "x", stays),
    ]
    assert home.rows("SELECT * FROM gear_names ORDER BY gear, name") == [
        ("strava", "17", "New", 3, "2024-06-01T14:00:00Z", "2024-06-01T14:00:00Z", None),
        ("strava", "17", "Old", 2, "2024-06-01T13:00:00Z", "2024-06-01T13:00:00Z", "New"),
        ("strava", "18", "Other", 1, "2024-06-01T13:00:00Z", "2024-06-01T14:00:00Z", None),
    ]
    assert any("strava calls it “New”, and called it “Old” before" in line for line in explain_lines(home.config, "4"))


def test_a_new_name_is_told_until_it_is_written(home: Home, capsys: pytest.CaptureFixture[str], settled: None) -> None:
    from shoemon.report.status import print_status

    sync(home, "1/17/Old")
    assert told(home) == []
    sync(home, "1/17/New")
    assert told(home) == [STAYS]
    print_status(home.config)
    assert capsys.readouterr().out.splitlines()[-1] == STAYS
    assert status_data(home.config)["decisions"]["renamed_gear"] == 1
    # A sync that brings nothing does not say it again.
    assert list(sync_lines(home.config, home.sync(), dry_run=False)) == ["strava: nothing new"]
    for written in ("'17'", "New", "Old, g17"):
        home.shoes(f"shoes: [{{id: x, name: X, gear: [{written}]}}]\n")
        assert told(home) == [], written
        home.sync()
        assert home.totals() == {"x": 10_000.0}


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        # The name comes later, and goes again.
        (["1/17", "1/17/Old"], [("x", "gear gear=Old")]),
        (["1/17/Old", "1/17"], [("x", "gear gear=17 formerly=Old")]),
        # Renamed twice, and back.
        (["1/17/Old", "1/17/New", "1/17/Newer"], [("x", "gear gear=Newer formerly=Old")]),
        (["1/17/Old", "1/17/New", "1/17/Old"], [("x", "gear gear=Old")]),
        # Back, and back once more, by a run that was missing meanwhile, while the other loses its pair.
        (["1/17/Old 2/17/Old", "1/17/New 2/17/New", "2/17/Old", "1/17/New 2/"], [("x", "gear gear=New formerly=Old"), ("-", "none")]),
        # What is missing keeps its name, and its pair.
        (["1/17/New 2/17/New", "2/17/New", "2/17/Old"], [("x", "gear gear=New now=Old"), ("x", "gear gear=Old")]),
        (["1/17 2/17", "2/17", "2/17/Old"], [("x", "gear gear=17 now=Old"), ("x", "gear gear=Old")]),
        # Two pairs with one id, as Strava rounds ids: one of them tells nothing of the other.
        (["1/17/Old 2/17/Beta", "1/17/New 2/17/Beta"], [("-", "gear_unknown gear=New"), ("-", "gear_unknown gear=Beta")]),
        # The shoe that was Old is missing, and another bears its id: nobody saw that it was renamed.
        (["1/17/Old", "2/17/Beta"], [("x", "gear gear=Old"), ("-", "gear_unknown gear=Beta")]),
        # Only some runs were changed.
        (["1/17/Old 2/17/Old", "1/17/New 2/17/Old"], [("-", "gear_unknown gear=New"), ("x", "gear gear=Old")]),
        # Another run has the name alone, which is no other pair's id.
        (["1/Old 2/17/Old", "1/Old 2/17/New"], [("x", "gear gear=Old"), ("x", "gear gear=New formerly=Old")]),
        # Meanwhile a run went to another pair, and one lost its own.
        (
            ["1/17/Old 2/17/Old 3/17/Old", "1/17/New 2/18/Else 3/"],
            [("x", "gear gear=New formerly=Old"), ("-", "gear_unknown gear=Else"), ("-", "none")],
        ),
        # Two names come from one.
        (["1/17/Old 2/17/Old", "1/17/New 2/17/Newer"], [("-", "gear_unknown gear=New"), ("-", "gear_unknown gear=Newer")]),
        # The runs went to another pair, which was new: its id tells so.
        (["1/17/Old", "1/18/New"], [("-", "gear_unknown gear=New")]),
    ],
)  # fmt: skip
def test_what_a_renamed_pair_is_known_by(home: Home, history: list[str], expected: list[tuple[str, str]]) -> None:
    for rows in history:
        sync(home, *rows.split())
    assert [(shoe, reason) for _, shoe, reason in legs(home)] == expected


def test_pairs_that_were_worn_at_different_times_are_told_apart_by_a_former_name_too(home: Home) -> None:
    home.shoes(
        "shoes: [{id: x, name: X, gear: [Old], retired: 2024-05-01}, {id: y, name: Y, gear: [Old], worn: [{from: 2024-05-03}]}]\n"
    )
    sync(home, "1/17/Old", "2/17/Old", "3/17/Old")
    sync(home, "1/17/New", "2/17/New", "3/17/New")
    assert legs(home) == [
        ("strava:1", "x", "gear gear=New formerly=Old"),
        ("strava:2", "-", "gear_not_worn gear=New formerly=Old shoes=x+y day=2024-05-02"),
        ("strava:3", "y", "gear gear=New formerly=Old"),
    ]
    assert told(home) == [STAYS.replace("`x`", "`x` or `y`")]


# ------------------------------------------------------------------ pairs that have only a name


def test_a_name_that_all_runs_have_lost_to_another_is_told_and_not_taken_for_the_same_pair(home: Home) -> None:
    """The only run that bore it is told as one."""
    sync(home, "1/Old", "2/Old", "3/Else")
    said = (
        "all 2 runs of gear `Old` in strava now have `New`, which belongs to no shoe; if it is the same pair, add `New` to "
        "the `gear` of `x`"
    )
    assert sync(home, "1/New", "2/New", "3/Else", "4/New") == [said]
    assert home.totals() == {None: 40_000.0}
    assert home.rows(NAMES) == [("Else", "Else", 1, None), ("New", "New", 3, None), ("Old", "Old", 2, "New")]
    # It is said once: not as gear of nobody's too.
    new = [
        "gear `Else` of 1 run belongs to no pair in shoes.yaml; to add it:",
        "    shoemon shoes add else --name Else --gear Else",
    ]
    assert told(home) == [said, *new]
    home.shoes("shoes: [{id: x, name: X, gear: [Old, New]}]\n")
    home.sync()
    assert home.totals() == {"x": 30_000.0, None: 10_000.0}
    assert [line for line in told(home) if "Old" in line] == []


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        (["1/Old", "1/New"], ["the only run of gear `Old` in strava now has `New`"]),
        (["1/Old 2/Old", "1/New 2/New", "1/Newer 2/Newer"], ["all 2 runs of gear `Old` in strava now have `Newer`"]),
        (["1/Old 2/Old 3/Old", "1/New 2/Old 3/Old", "1/New 2/New 3/New"], ["all 2 runs of gear `Old` in strava now have `New`"]),
        # An id that comes with the new name; the name alone comes back.
        (["1/Old", "1/19/New"], ["the only run of gear `Old` in strava now has `New`"]),
        (["1/Old", "1/17/Old"], []),
        (["1/Old", "1/OLD"], []),
        # Only some; several; none at all; a run less.
        (["1/Old 2/Old", "1/New 2/Old"], []),
        (["1/Old 2/Old", "1/New 2/Newer"], []),
        (["1/Old 2/Old", "1/New 2/"], []),
        (["1/Old 2/Old", "1/ 2/"], []),
        (["1/Old 2/Old", "1/New"], ["all 2 runs of gear `Old` in strava now have `New`"]),
        # More runs were there already: two went to another pair.
        (["1/Old 2/Old 3/New 4/New 5/New", "1/New 2/New 3/New 4/New 5/New"], []),
        # And back again; or one of them is called so again.
        (["1/Old", "1/New", "1/Old"], []),
        (["1/Old 2/Old", "1/New 2/New", "1/New 2/Old"], []),
        # A number without a name is an id: that run is another pair's.
        (["1/17", "1/18"], []),
    ],
)  # fmt: skip
def test_what_is_told_of_names(home: Home, history: list[str], expected: list[str]) -> None:
    home.shoes("shoes: [{id: x, name: X, gear: [Old, '17']}]\n")
    for rows in history:
        sync(home, *rows.split(" "))
    assert [line.partition(", which")[0] for line in told(home) if "now ha" in line] == expected


def test_what_was_renamed_twice_is_told_by_the_newest_name_that_is_written_down(home: Home) -> None:
    home.shoes("shoes: [{id: x, name: X, gear: [Old, New]}]\n")
    for rows in ("1/Old", "1/New", "1/Newer"):
        sync(home, rows)
    assert [line.partition(", which")[0] for line in told(home)] == [
        "the only run of gear `New` in strava now has `Newer`"
    ]


def test_a_name_that_belongs_to_a_shoe_simply_follows(home: Home) -> None:
    home.shoes("shoes: [{id: x, name: X, gear: [Old]}, {id: y, name: Y, gear: [New]}]\n")
    sync(home, "1/Old")
    assert sync(home, "1/New") == []
    assert (home.totals(), told(home)) == ({"y": 10_000.0}, [])


# ------------------------------------------------------------------ whatever happens


@pytest.mark.slow
def test_deciding_everything_anew_changes_nothing_after_any_history(home: Home) -> None:
    """What a record is known by depends on others of its id: all of these are decided about again when that changes."""
    chance = random.Random(5)
    home.shoes(
        "shoes: [{id: x, name: X, gear: [Old]}, {id: y, name: Y, gear: [Beta, '18']}, {id: z, name: Z, gear: [New]}]\n"
    )
    labels = ["/Old", "/Newer", "/Beta", "/Blue", "/Red", ""]
    called = {"17": "/Old", "18": "/Beta", "19": "/Blue", "Old": "", "Blue": "", "": ""}
    worn = {number: chance.choice(list(called)) for number in range(1, 9)}
    renamed = 0
    for _ in range(60):
        called[chance.choice(["17", "18", "19"])] = chance.choice(labels)
        worn[chance.randint(1, 8)] = chance.choice(list(called))
        rows = [f"{number}/{gear}{called[gear]}" for number, gear in worn.items() if chance.random() < 0.8]
        if chance.random() < 0.2:
            rows[0] = f"{rows[0].split('/')[0]}/17{chance.choice(labels)}"
        sync(home, *rows)
        before = home.rows("SELECT * FROM legs ORDER BY activity")
        with closing(sqlite3.connect(home.database)) as connection, connection:
            connection.execute("UPDATE activities SET counted = NULL")
        home.sync()
        assert home.rows("SELECT * FROM legs ORDER BY activity") == before
        renamed += home.rows("SELECT count(*) FROM legs WHERE shoe_detail ->> 'formerly' IS NOT NULL")[0][0]
        borne = home.rows(
            """SELECT coalesce(gear_raw, gear_name), coalesce(gear_name, gear_raw), count(*) FROM activities
               WHERE missing_since IS NULL AND coalesce(gear_raw, gear_name) IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2"""
        )
        known = home.rows(
            """SELECT gear, name, runs FROM gear_names WHERE renamed_to IS NULL
               AND last_seen_at = (SELECT max(last_seen_at) FROM gear_names) ORDER BY 1, 2"""
        )
        assert borne == known or not borne
    assert renamed > 10


def test_names_of_any_kind_are_told_on_one_line_and_without_end(home: Home) -> None:
    home.shoes("shoes: [{id: x, name: X, gear: [Old]}]\n")
    many = 25
    evil = "New\n\x1b[31mline`" + "x" * 300
    sync(home, *(f"{n}/{n}7/Old" for n in range(1, many + 1)))
    said = sync(home, *(f"{n}/{n}7/{evil} {n}" for n in range(1, many + 1)))
    assert len(said) == 21
    assert said[-1] == "... and 5 more renamed"
    lines = told(home)
    assert len(lines) == 21 - 1
    assert all(line.isprintable() for line in lines)
    assert home.totals() == {"x": many * 10_000.0}


ROWS = [("strava", "17", "New", 3, None), ("strava", "17", "Old", 3, "New")]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], {}),
        (ROWS[:1], {}),
        (ROWS, {("strava", "17"): ("New", "Old")}),
        ([*ROWS, ("strava", "17", "Oldest", 1, "Old")], {("strava", "17"): ("New", "Old", "Oldest")}),
        ([*ROWS, ("strava", "17", "Other", 1, None)], {}),
        ([*ROWS, ("strava", "17", "Lost", 1, "Nowhere")], {("strava", "17"): ("New", "Old")}),
        # Another pair that bears the name now is named too, one that does not is not.
        ([*ROWS, ("strava", "18", "old", 1, None)], {("strava", "17"): ("New", "Old"), ("strava", "18"): ("old",)}),
        ([*ROWS, ("strava", "18", "Blue", 1, None)], {("strava", "17"): ("New", "Old")}),
        ([*ROWS, ("watch", "18", "Old", 1, None)], {("strava", "17"): ("New", "Old")}),
        # Rows that lead in a circle, which no pull leaves.
        ([("strava", "17", "A", 1, "B"), ("strava", "17", "B", 1, "A")], {}),
        (
            [("strava", "17", "A", 1, "B"), ("strava", "17", "B", 1, "A"), ("strava", "17", "C", 1, None)],
            {},
        ),
    ],
)  # fmt: skip
def test_only_a_pair_of_one_name_at_a_time_is_known_by_its_other_names(
    rows: list[tuple[str, str, str, int, str | None]], expected: object
) -> None:
    assert known_as(GearName(*row) for row in rows) == expected


def test_the_names_of_a_database_of_before_are_taken_from_its_records(tmp_path: Path) -> None:
    with closing(connect(tmp_path / "old.db")) as connection:
        database = Database(connection)
        migrations.apply(database, stop_before="m005_what_gear_is_called")
        connection.execute("INSERT INTO sources(name, type) VALUES ('strava', 'table')")
        _insert(
            connection,
            [
                ("1", "17", "Old"),
                ("2", "17", "Old"),
                ("3", None, "Blue"),
                ("4", "Red", None),
                ("5", None, None),
                ("6", "", ""),
            ],
        )
        migrations.apply(database)
        rows = connection.execute("SELECT * FROM gear_names ORDER BY gear").fetchall()
        assert rows == [
            ("strava", "17", "Old", 2, "2024-01-01", "2024-02-02", None),
            ("strava", "Blue", "Blue", 1, "2024-01-03", "2024-02-03", None),
            ("strava", "Red", "Red", 1, "2024-01-04", "2024-02-04", None),
        ]
        assert former_names(database) == {}


def _insert(connection: sqlite3.Connection, records: Iterable[tuple[str, str | None, str | None]]) -> None:
    connection.executemany(
        """INSERT INTO activities(id, source, native_id, started_at, local_date, sport, distance_m, content_hash, raw,
             first_seen_at, updated_at, gear_raw, gear_name)
           VALUES ('strava:' || ?1, 'strava', ?1, '2024-01-01', '2024-01-01', 'run', 1, '', '{}', '2024-01-0' || ?1,
             '2024-02-0' || ?1, ?2, ?3)""",
        records,
    )
