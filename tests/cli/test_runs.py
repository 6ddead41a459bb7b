"""`shoemon runs add`: a line in a table that is kept by hand, which every sync follows."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from kit.commands import Said
from kit.homes import Home, table_source

Shoemon = Callable[..., Said]
MAIN = """\
# what I run
timezone: Europe/Berlin
sources:  # all of them
  - {name: runs, type: table, path: sheet.csv}  # from my desk
# the end
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.main(MAIN)
    home.shoes("shoes:\n  - {id: glide-2, name: Glide 2}\n  - {id: old, name: Old, retired: 2024-01-01}\n")
    (home.directory / "sheet.csv").write_text("date,km\n2024-05-01,5\n")
    return home


def counted(home: Home) -> list[tuple[str, float, str | None, str]]:
    """Day, kilometres, pair and surface of each run that counts."""
    sql = """SELECT activities.local_date, round(legs.distance_m / 1000, 3), shoe, surface FROM legs JOIN activities ON id = activity
             WHERE source = 'runs-2' ORDER BY started_at"""
    with closing(sqlite3.connect(home.directory / "shoemon.db")) as database:
        return database.execute(sql).fetchall()


def test_the_first_run_makes_the_table_and_names_it_and_edits_are_followed(home: Home, shoemon: Shoemon) -> None:
    table = home.directory / "runs.csv"
    added = shoemon("runs add 2024-05-28 8.2km --shoe glide-2 --surface grass")
    assert added == Said(
        0,
        f"A run of 8.2 km on 2024-05-28 is added to {table}; the next sync counts it\n"
        f"its source is added to {home.directory / 'shoemon.yaml'}\n",
        "",
    )
    item = "  - {name: runs-2, type: table, path: runs.csv, by_hand: true, missing: drop, every: 15m}\n# the end\n"
    assert (home.directory / "shoemon.yaml").read_text() == MAIN.replace("# the end\n", item)
    assert shoemon("runs add 2024-05-28 5mi --at 18:30 --duration 45:10 --name", "home, late").code == 0
    assert table.read_text() == (
        "date,km,shoe,surface,name,duration\n2024-05-28,8.2,glide-2,grass,,\n"
        '2024-05-28 18:30,8.04672,,,"home, late",45:10\n'
    )
    assert shoemon("check").code == 0
    for day in range(1, 13):
        assert shoemon(f"runs add 2024-04-{day:02} 10km --shoe glide-2 --surface tartan").code == 0
    assert shoemon("sync").code == 0
    assert len(counted(home)) == 14
    table.write_text("date,km,shoe,surface,name,duration\n2024-05-28,9.0,glide-2,,,\n")
    assert shoemon("sync").code == 0, "thirteen of fourteen may go at once"
    assert counted(home) == [("2024-05-28", 9.0, "glide-2", "unknown")]
    table.unlink()
    assert shoemon("runs add 2024-05-29 7km").code == shoemon("sync").code == 0
    assert counted(home) == [("2024-05-29", 7.0, None, "unknown")]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("2024-05-28 8.2km", "nothing is written to runs.csv: it has a run of 8.2 km on 2024-05-28; if this is another, give it a --name"),
        ("2024-05-28 8200m --shoe glide-2", "nothing is written to runs.csv: it has a run of 8.2 km on 2024-05-28; if this is another, give it a --name"),
        ("2024-05-29 9km --shoe glide", "no shoe has the id `glide`; did you mean `glide-2`?"),
        ("2024-05-29 9km --shoe old", "by shoes.yaml, `old` was not in use on 2024-05-29"),
        ("2024-05-29 9km --surface gras", "there is no surface `gras`; did you mean `grass`?"),
        ("2124-05-29 9km", "2124-05-29 is in the future"),
        ("2024-05-29 0km", "0.0 km is not plausible"),
        ("2024-05-29 101km", "101.0 km is not plausible; if it is right, add --duration"),
        ("2024-05-29 90km --duration 1:00:00", "nothing is written to runs.csv: distance: 90.0 km in 3600 s is 25 m/s, and nobody runs faster than 12.5 m/s; is the unit right?"),
        ("2024-05-29 9km --duration long", "nothing is written to runs.csv: elapsed: 'long' is not a number"),
        ("1824-05-29 9km", "nothing is written to runs.csv: start: '1824-05-29' is in the year 1824"),
        ("29.5.2024 9km", "'29.5.2024' is not a date; write year-month-day, such as 2026-11-28, and the time as 18:30"),
        ("2024-05-29 9km --at noon", "'2024-05-29 noon' is not a date"),
        ("2024-05-29 9", "'9' is not a distance; write a number and a unit"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_whole(home: Home, shoemon: Shoemon, words: str, message: str) -> None:
    assert shoemon("runs add 2024-05-28 8.2km --shoe glide-2").code == 0
    before = {file.name: file.read_bytes() for file in home.directory.iterdir()}
    said = shoemon(f"runs add {words}")
    assert (said.code, said.out) == (2, "") and message in said.err
    assert {file.name: file.read_bytes() for file in home.directory.iterdir()} == before


MILES = 'path: mine.csv, decimal: ",", columns: {start: Tag, distance: {column: Meilen, unit: mi}, shoe: Schuh}'
HEADERLESS, WIDE = "path: mine.csv, header: [date, km, shoe]", "path: mine.csv, encoding: utf-16"


@pytest.mark.parametrize(
    ("settings", "words", "before", "after"),
    [
        (MILES, "5mi --shoe glide-2", b"Schuh;Tag;Meilen\r\n;2024-05-01;3,1\r\n", b"Schuh;Tag;Meilen\r\n;2024-05-01;3,1\r\nglide-2;2024-05-29;5\r\n"),
        (MILES, "5mi --shoe glide-2", b"Tag,Meilen,Schuh,Wetter", b"Tag,Meilen,Schuh,Wetter\n2024-05-29,5,glide-2,\n"),
        (MILES, "5mi --shoe glide-2", b"Tag,Meilen\n", "mine.csv: there is no column `Schuh`"),
        (MILES, "5mi --surface grass", b"Tag,Meilen,Schuh\n", "mine.csv has no column for the surface"),
        # Its sport is a run's, in a column or by the settings; it must count, on its day and as far as it was.
        ("path: mine.csv", "5km", b"date,km,sport\n", b"date,km,sport\n2024-05-29,5,run\n"),
        ("path: mine.csv, columns: {sport: {const: run}}", "5km", b"date,km\n", b"date,km\n2024-05-29,5\n"),
        ("path: mine.csv, columns: {sport: {const: ride}}", "5km", b"date,km\n", "it would not count, because its sport (ride) is"),
        ("path: mine.csv, columns: {distance: {column: km, values: {5: 6}}}", "5km", b"date,km\n", "it would be read as 6.0 km on 2024-05-29"),
        # One file is written, with a line of names only where one is read.
        ("path: 'mine*.csv'", "5km", None, "source mine reads several files, mine*.csv; add the run to one by hand"),
        ("path: .", "5km", None, "source mine reads several files, .; add the run to one by hand"),
        (HEADERLESS, "5km", None, b"2024-05-29,5,\n"),
        (HEADERLESS, "5km", b"2024-05-01;3;\n", b"2024-05-01;3;\n2024-05-29;5;\n"),
        # In its own encoding, and no letter is lost.
        (WIDE, "5km", None, "date,km,shoe,surface,name,duration\n2024-05-29,5,,,,\n".encode("utf-16")),
        (WIDE, "5km --name Łódź", "date\tkm\tname\r\n".encode("utf-16"), "date\tkm\tname\r\n2024-05-29\t5\tŁódź\r\n".encode("utf-16")),
        ("path: mine.csv", "5km", "date,km\n".encode("utf-16"), "mine.csv is not text in utf-8: set encoding: utf-16"),
        ("path: mine.csv, encoding: cp1252", "5km --name Köln", b"date,km,name\n", b"date,km,name\n2024-05-29,5,K\xf6ln\n"),
        ("path: mine.csv, encoding: cp1252", "5km --name Łódź", b"date,km,name\n", "mine.csv is written in cp1252, which has no 'Ł'"),
        ("path: mine.csv", "5km", b"date,km\n\xe4,4\n", "mine.csv is not written in utf-8 (line 2)"),
    ],
)  # fmt: skip
def test_a_line_goes_into_a_table_as_its_runner_keeps_it_if_it_will_be_read_so(
    home: Home, shoemon: Shoemon, settings: str, words: str, before: bytes | None, after: bytes | str
) -> None:
    home.main(f"sources: [{{name: mine, type: table, by_hand: true, {settings}}}]\n")
    file = home.directory / "mine.csv"
    if before is not None:
        file.write_bytes(before)
    said = shoemon(f"runs add 2024-05-29 {words}")
    assert (said.code, isinstance(after, str) and after in said.err) in ((0, False), (2, True))
    assert (file.read_bytes() if file.exists() else None) == (before if isinstance(after, str) else after)
    known = {"mine.csv", "sheet.csv", "shoemon.yaml", "shoes.yaml", "state.db"}
    assert {each.name for each in home.directory.iterdir()} <= known


def test_a_file_of_that_name_that_is_no_table_by_hand_is_left_alone(home: Home, shoemon: Shoemon) -> None:
    (home.directory / "runs.csv").write_text("mine\n")
    said = shoemon("runs add 2024-05-29 5km")
    assert (said.code, (home.directory / "runs.csv").read_text()) == (2, "mine\n")
    assert "runs.csv is there, and no source has by_hand: true" in said.err
    assert (home.directory / "shoemon.yaml").read_text() == MAIN


SEVEN = [(number, f"2024-05-0{number}T07:00:00Z", 10_000, "run", f"Łódź {number}") for number in range(1, 8)]


@pytest.fixture
def seven(home: Home) -> Home:
    home.main("sources:\n" + table_source("watch"))
    home.shoes("shoes:\n  - {id: road, name: Road}\n")
    home.table("watch", SEVEN)
    home.sync()
    return home


def test_many_runs_get_their_pair_by_one_command(seven: Home, shoemon: Shoemon) -> None:
    file = seven.directory / "shoes.yaml"
    before = file.read_text()
    said = shoemon("runs assign --shoe road --without-shoe --from 2024-05-02 --until 2024-05-04 --dry-run")
    moved = "no shoe to Road: 3 runs, 30.0 km\n"
    assert (said.code, said.out) == (0, f"{moved}would write: By corrections, 3 runs are in Road (30.0 km)\n")
    assert file.read_text() == before
    said = shoemon("runs assign --shoe road --without-shoe --from 2024-05-02 --until 2024-05-04")
    assert said.out.startswith(f"{moved}{file}:\n+ \n+ corrections:\n+   - run: watch:4\n")
    assert said.out.endswith("By corrections, 3 runs are in Road (30.0 km); the next sync counts it\n")
    assert shoemon("runs assign --shoe none --as rule --distance 8km..12km --name", "łÓDŹ 7").code == 0
    assert "when: {name: (?i)łÓDŹ 7, distance: 8km .. 12km}" in file.read_text().replace('"', "")
    assert shoemon("sync").code == 0 and seven.totals() == {"road": 30_000, None: 40_000}
    assert "1 run is in Road" in shoemon("runs assign --shoe road --name", "ŁÓDŹ 1").out
    assert shoemon("runs assign --shoe road --name", "ŁÓDŹ 1").out == "it is so already; nothing was written\n"
    assert shoemon("runs assign --shoe road").code == shoemon("runs assign --shoe road --from 1.5.24").code == 2


def test_runs_are_ignored_counted_again_joined_and_parted(seven: Home, shoemon: Shoemon) -> None:
    def after(command: str) -> tuple[str, int]:
        said = shoemon(f"runs {command}")
        assert said.code == 0 and shoemon("sync").code == 0
        return said.out.splitlines()[-1], round(sum(seven.totals().values()) / 1000)

    assert after("ignore watch:1") == ("“Łódź 1” of 1 May 2024 does not count; the next sync counts it", 60)
    assert after("count watch:1") == ("“Łódź 1” of 1 May 2024 counts again; the next sync counts it", 70)
    assert after("count watch:1") == ("it is so already; nothing was written", 70)
    joined = "“Łódź 2” of 2 May 2024 and “Łódź 3” of 3 May 2024 are one run; the next sync counts it"
    assert after("join watch:2 watch:3") == (joined, 60)
    assert after("part watch:2") == ("“Łódź 2” of 2 May 2024 is a run of its own; the next sync counts it", 70)
    for wrong in ("ignore watch:9", "join watch:1 watch:9", "join watch:1 watch:1"):
        assert shoemon(f"runs {wrong}").code == 2
