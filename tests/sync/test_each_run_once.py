"""Each run once, through the whole program: several exports of one runner, what they lend each other, what the runner says."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from kit.homes import Home, dump, faults, table_source
from kit.trials import quick

from shoemon.config.reading import ConfigError
from shoemon.report.explain import explain_lines
from shoemon.report.status import status_data
from shoemon.setup.check import check_lines
from shoemon.store.snapshot import snapshot
from shoemon.sync.doubled_runs import doubled_notes

SHOES = "shoes: [{id: road, name: Road, gear: [Road]}, {id: trail, name: Trail, gear: [Trail]}]\n"
LEGS = "SELECT activity, coalesce(shoe, '-'), surface, distance_m FROM legs ORDER BY activity, surface"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A watch that is asked first and knows no shoes, and a phone that does."""
    home = Home(tmp_path)
    home.main("sources:\n" + table_source("watch") + table_source("phone"))
    home.shoes(SHOES)
    home.table("watch", [(1, "2024-05-01T06:00:00Z", 10_000, "run", "", "", "", 3600)])
    home.table("phone", [(7, "2024-05-01T06:00:20Z", 9_900, "trail run", "", "Road", "gravel", 3500)])
    return home


def test_a_recording_without_a_sport_beside_a_run_is_that_run(home: Home) -> None:
    home.table("watch", [(1, "2024-05-01T06:00:00Z", 10_000, "", "", "", "", 3600)])
    home.sync()
    sql = "SELECT id, counted, not_counted, duplicate_of FROM activities ORDER BY id"
    assert home.rows(sql) == [("phone:7", 1, None, None), ("watch:1", 0, "duplicate", "phone:7")]


def test_what_one_export_lacks_the_other_lends(home: Home) -> None:
    home.sync()
    assert home.rows(LEGS) == [("watch:1", "road", "gravel", 10_000.0)]
    assert home.rows("SELECT shoe_reason, shoe_detail, surface_reason, surface_detail FROM legs") == [
        ("gear", '{"gear": "Road", "source": "phone"}', "export", '{"word": "gravel", "source": "phone"}')
    ]
    assert home.rows("SELECT id, duplicate_of, counted FROM activities ORDER BY id") == [
        ("phone:7", "watch:1", 0),
        ("watch:1", None, 1),
    ]
    assert faults(home.database) == []
    lines = list(explain_lines(home.config, "watch:1"))
    assert "  also recorded as phone:7 (9.90 km); it lends: gear, sport, surface" in lines
    assert "  does not count: it is the same run as watch:1" in list(explain_lines(home.config, "phone:7"))


def test_what_the_lender_says_later_counts_later(home: Home) -> None:
    home.sync()
    home.table("phone", [(7, "2024-05-01T06:00:20Z", 9_900, "run", "", "Trail", "", 3500)])
    home.sync(["phone"])
    assert home.rows(LEGS) == [("watch:1", "trail", "unknown", 10_000.0)]
    home.table("phone", [(8, "2024-05-02T06:00:20Z", 5_000, "run", "", "Trail", "", 3500)])
    home.sync(["phone"])
    # It is listed no more, and still the same run; what it knew is not forgotten.
    assert home.rows(LEGS) == [("phone:8", "trail", "unknown", 5_000.0), ("watch:1", "trail", "unknown", 10_000.0)]
    home.main("sources:\n" + table_source("watch") + table_source("phone", missing="drop"))
    home.sync()
    assert home.rows(LEGS) == [("phone:8", "trail", "unknown", 5_000.0), ("watch:1", "-", "unknown", 10_000.0)]
    assert faults(home.database) == []


@pytest.mark.parametrize("named", ["watch:1", "phone:7"])
def test_a_correction_parts_what_is_not_the_same_run(home: Home, named: str) -> None:
    home.sync()
    home.shoes(SHOES + f'corrections: [{{run: "{named}", duplicate_of: none}}]\n')
    home.sync()
    assert home.rows(LEGS) == [("phone:7", "road", "gravel", 9_900.0), ("watch:1", "-", "unknown", 10_000.0)]
    home.shoes(SHOES)
    home.sync()
    assert home.rows(LEGS) == [("watch:1", "road", "gravel", 10_000.0)]


def test_a_correction_joins_what_is_the_same_run_however_far_apart(home: Home) -> None:
    """The watch had lost its clock: it wrote 2 January 2019."""
    home.table("watch", [(1, "2019-01-02T00:00:00Z", 10_000, "run", "", "", "", 3600)])
    home.shoes(SHOES + 'corrections: [{run: "watch:1", duplicate_of: "phone:7"}]\n')
    home.sync()
    assert home.rows(LEGS) == [("phone:7", "road", "gravel", 9_900.0)]
    # The watch's record changes, then the other is gone for good: nothing is lost.
    home.table("watch", [(1, "2019-01-02T00:00:00Z", 10_001, "run", "", "", "", 3600)])
    home.sync(["watch"])
    assert home.rows(LEGS) == [("phone:7", "road", "gravel", 9_900.0)]
    home.main("sources:\n" + table_source("watch") + table_source("phone", missing="drop"))
    home.table("phone", [(8, "2024-05-09T06:00:00Z", 5_000, "run")])
    home.sync()
    assert home.rows(LEGS) == [("phone:8", "-", "unknown", 5_000.0), ("watch:1", "-", "unknown", 10_001.0)]
    assert faults(home.database) == []


def test_a_join_holds_when_the_other_record_comes_later(home: Home) -> None:
    home.main("sources:\n" + table_source("watch"))
    home.shoes(SHOES + 'corrections: [{run: "watch:1", duplicate_of: "phone:7"}]\n')
    home.table("watch", [(1, "2019-01-02T00:00:00Z", 10_000, "run", "", "", "", 3600)])
    home.sync()
    assert home.rows(LEGS) == [("watch:1", "-", "unknown", 10_000.0)]
    home.main("sources:\n" + table_source("watch") + table_source("phone"))
    home.sync(["phone"])
    assert home.rows(LEGS) == [("phone:7", "road", "gravel", 9_900.0)]


def test_a_correction_of_a_record_holds_when_a_better_one_of_the_run_comes(home: Home) -> None:
    """Written while the phone was the only source."""
    home.main("sources:\n" + table_source("phone"))
    home.shoes(SHOES + 'corrections: [{run: "phone:7", shoe: trail, surface: sand, distance: 8 km}]\n')
    home.sync()
    assert home.rows(LEGS) == [("phone:7", "trail", "sand", 8_000.0)]
    home.main("sources:\n" + table_source("watch") + table_source("phone"))
    home.sync()
    assert home.rows(LEGS) == [("watch:1", "trail", "sand", 8_000.0)]


@pytest.mark.parametrize("order", quick(permutations(("watch", "phone", "sheet")), 2))
@pytest.mark.parametrize(
    "said",
    [
        'corrections: [{run: "watch:1", ignore: true}]',
        'corrections: [{run: "phone:7", ignore: true}]',
        'rules: [{when: {name: "drove home"}, ignore: true}]',
        "rules: [{when: {source: phone, name: home, distance: '> 9 km'}, ignore: true}]",
        'rules: [{when: {name: "drove home"}, shoe: trail, surface: sand}]',
    ],
)
def test_a_correction_and_a_rule_hold_whichever_source_is_first(home: Home, said: str, order: Sequence[str]) -> None:
    """Only the sheet has names; the phone's record is one of its run, too."""
    home.table("phone", [(7, "2024-05-01T06:00:20Z", 9_900, "run", "", "", "", 3500)])
    home.table("sheet", [(3, "2024-05-01T06:00:00Z", 9_990, "run", "drove home", "", "", 3600)])
    home.shoes(f"{SHOES}{said}\ndefault_shoe: road\n")
    home.main("sources:\n" + "".join(map(table_source, order)))
    home.sync()
    pairs = [] if "ignore" in said else [("trail", "sand")]
    assert home.rows("SELECT shoe, surface FROM legs") == pairs
    ids = {"watch": "watch:1", "phone": "phone:7", "sheet": "sheet:3"}
    lines = list(explain_lines(home.config, ids[order[0]]))
    assert any("ignore it" in line for line in lines) is (not pairs)
    assert any(line.endswith("it lends: name") for line in lines) is (order[0] != "sheet")


@pytest.mark.parametrize("order", [("phone", "watch"), ("watch", "phone")])
@pytest.mark.parametrize(
    ("said", "whole_first", "parts_first"),
    [
        # The way home by car is the second part, by the watch; then all of it.
        ('{run: "watch:4", ignore: true}', [("phone:7", "road", 6_000.0)], [("watch:0", "road", 6_000.0)]),
        ('{run: "watch:4", distance: 5 km}', [("phone:7", "road", 11_000.0)], [("watch:0", "road", 6_000.0), ("watch:4", "-", 5_000.0)]),
        ('{run: "phone:7", ignore: true}', [], []),
        ('{run: "phone:7", distance: 8 km}', [("phone:7", "road", 8_000.0)], [("phone:7", "road", 8_000.0)]),
        ('{run: "phone:7", shoe: trail}', [("phone:7", "trail", 9_900.0)], [("phone:7", "trail", 9_900.0)]),
    ],
)  # fmt: skip
def test_a_correction_of_a_run_in_parts_is_about_the_part_or_the_run_that_it_names(
    home: Home, order: Sequence[str], said: str, whole_first: list[object], parts_first: list[object]
) -> None:
    parts = (0, 6_000, 2200), (4, 3_900, 1250)
    home.table("watch", [(n, f"2024-05-01T06:{n}0:00Z", metres, "run", "", "", "", s) for n, metres, s in parts])
    home.shoes(f"{SHOES}corrections: [{said}]\n")
    home.main("sources:\n" + "".join(map(table_source, order)))
    for source in ([order[0]], None):  # the second one comes later
        home.sync(source)
    sql = "SELECT activity, coalesce(shoe, '-'), sum(distance_m) FROM legs GROUP BY 1, 2 ORDER BY 1"
    assert home.rows(sql) == (whole_first if order[0] == "phone" else parts_first)
    assert not any("this ignores" in line for line in check_lines(home.config)), "a part is no second upload"


def test_what_is_joined_follows_the_record_that_counts_now(home: Home) -> None:
    """The phone's record was joined by hand; later the watch, which is asked first, brings the same run."""
    home.main("sources:\n" + "".join(table_source(name) for name in ("watch", "phone", "sheet")))
    home.shoes(SHOES + 'corrections: [{run: "sheet:1", duplicate_of: "phone:7"}]\n')
    home.table("watch", [(9, "2024-06-01T06:00:00Z", 5_000, "run", "", "", "", 1800)])
    home.table("phone", [(7, "2024-05-01T06:00:20Z", 9_900, "run", "", "", "", 3500)])
    home.table("sheet", [(1, "2019-01-02T00:00:00Z", 9_990, "run", "", "Road", "", 3600)])
    home.sync()
    assert home.rows(LEGS)[0] == ("phone:7", "road", "unknown", 9_900.0)
    home.table(
        "watch",
        [
            (9, "2024-06-01T06:00:00Z", 5_000, "run", "", "", "", 1800),
            (1, "2024-05-01T06:00:00Z", 10_000, "run", "", "", "", 3600),
        ],
    )
    home.sync()
    assert home.rows("SELECT id, duplicate_of FROM activities ORDER BY id") == [
        ("phone:7", "watch:1"),
        ("sheet:1", "watch:1"),
        ("watch:1", None),
        ("watch:9", None),
    ]
    assert home.rows(LEGS)[0] == ("watch:1", "road", "unknown", 10_000.0)


def test_a_run_that_one_account_has_twice_is_left_to_the_runner_with_the_line_to_copy(tmp_path: Path) -> None:
    home = Home(tmp_path)
    runs = [(1, "2024-05-01T06:00:00Z", 10_000, "run", "", "", "", 3000), (2, "2024-05-01T06:00:12Z", 10_080, "run", "", "", "", 3020)]  # fmt: skip
    home.table("watch", runs)
    home.sync()
    line = '- {run: "watch:2", duplicate_of: "watch:1"}'
    assert home.rows("SELECT activity, other, correction FROM doubled_runs") == [("watch:2", "watch:1", line)]
    assert (said(home), status_data(home.config)["decisions"]["doubled_runs"]) == ([line], 1)
    for answer, km in ((line, 10.0), (line.replace('"watch:1"', "none"), 20.08)):
        home.shoes(f"corrections:\n  {answer}\n")
        home.sync()
        assert (sum(row[3] for row in home.rows(LEGS)), said(home)) == (km * 1000, [])
    # Without a correction again, and then the second is deleted at the source.
    home.shoes("")
    home.sync()
    assert said(home) == [line]
    home.table("watch", runs[:1])
    home.sync()
    assert (home.rows(LEGS), said(home)) == ([("watch:1", "-", "unknown", 10_000.0)], [])


@pytest.mark.parametrize(("named", "other"), [(1, 2), (2, 1)])
@pytest.mark.parametrize("has_phone", [False, True])
def test_an_ignore_that_takes_the_other_record_of_the_account_along_is_named_by_check(
    tmp_path: Path, named: int, other: int, has_phone: bool
) -> None:
    """Both have the same place, so they count once; ignoring one of them was the cure while they counted twice."""
    home = Home(tmp_path)
    home.table("phone", [(7, "2024-05-01T06:00:00Z", 10_000, "run", "", "", "", 3000)] if has_phone else [])
    home.main(f"sources:\n{table_source('phone')}  - {{name: watch, type: table, path: a.csv}}\n")
    rows = "1,2024-05-01T06:00:00Z,10,3000,60,25\n2,2024-05-01T06:00:12Z,10,3000,60,25\n"
    (tmp_path / "a.csv").write_text(f"id,start,distance km,elapsed time,start lat,start lon\n{rows}")
    ignored, counts = f'- {{run: "watch:{named}", ignore: true}}\n', "phone:7" if has_phone else f"watch:{other}"
    home.shoes(f"corrections:\n{ignored}")
    home.sync()
    assert home.rows(LEGS) == []
    warning = (
        f"warning: shoes.yaml:2:20: corrections[0].ignore: this ignores watch:{other} too, the same run; to leave out "
        f"only this record, write `duplicate_of: {counts}`"
    )
    assert warning in list(check_lines(home.config))
    home.shoes(f'corrections:\n{ignored}- {{run: "watch:{other}", ignore: true}}\n')
    assert not any("this ignores" in line for line in check_lines(home.config))
    home.shoes(f'corrections:\n- {{run: "watch:{named}", duplicate_of: "{counts}"}}\n')
    home.sync()
    assert home.rows(LEGS) == [(counts, "-", "unknown", 10_000.0)]


@pytest.mark.parametrize("order", [("watch", "phone"), ("phone", "watch")])
@pytest.mark.parametrize("id", ["id", "null"])
def test_a_clock_that_writes_local_time_as_utc_is_named_with_a_line(home: Home, order: Sequence[str], id: str) -> None:
    """The watch writes what it shows in Helsinki, three hours later than UTC; one of its runs is corrected."""
    sources = "".join(map(table_source, order)).replace("columns: {id: id", f"columns: {{id: {id}")
    home.main(f"timezone: Europe/Helsinki\nsources:\n{sources}")
    home.table("watch", [(n, f"2024-05-0{n}T09:00:10Z", 5_000 + n, "run", "", "", "", 1800) for n in range(1, 5)])
    home.table("phone", [(n, f"2024-05-0{n}T06:00:00Z", 5_000 + n, "run", "", "", "", 1810) for n in range(1, 4)])
    home.sync()
    ((corrected,),) = home.rows("SELECT id FROM activities WHERE source = 'watch' AND distance_m = 5004")
    home.shoes(f"{SHOES}corrections: [{{run: '{corrected}', distance: 1 km}}]\n")
    home.sync()
    assert (said(home), status_data(home.config)["decisions"]["wrong_clocks"]) == (["times: local"], 1)
    main = (home.directory / "shoemon.yaml").read_text()
    home.main(main.replace("path: watch.csv", "path: watch.csv\n    times: local"))
    home.sync()
    assert said(home) == []
    assert sum(row[3] for row in home.rows(LEGS)) == 16_006
    assert faults(home.database, {corrected: 1000.0}) == []


def said(home: Home) -> list[str]:
    """The lines to copy about runs that may count twice: the same in `status` and `check`, and once after a sync."""
    with snapshot(home.database) as rows:
        notes = doubled_notes(rows, home.config)
    assert all(f"warning: {words} {line}" in list(check_lines(home.config)) for words, line in notes)
    return [line for _, line in notes]


def test_corrections_that_lead_back_are_a_mistake(home: Home) -> None:
    home.shoes(
        'corrections:\n  - {run: "a:1", duplicate_of: "b:1"}\n  - {run: "b:1", duplicate_of: "a:1"}\n'
        '  - {run: "c:1", duplicate_of: "c:1"}\n  - {run: "d:1", duplicate_of: nothing}\n'
    )
    with pytest.raises(ConfigError) as refused:
        _ = home.config
    assert [str(mistake).partition(": ")[2] for mistake in refused.value.mistakes] == [
        "corrections[0].duplicate_of: leads back to this record; one of them must count",
        "corrections[1].duplicate_of: leads back to this record; one of them must count",
        "corrections[2]: a record is no duplicate of itself; name the other one, or none",
        "corrections[3].duplicate_of: 'nothing' is not the id of a run; write source:native id, such as strava:123",
    ]


SOURCES = ("watch", "phone", "sheet")


def some_table(rng: random.Random) -> list[tuple[object, ...]]:
    """Runs of four days from one source, close enough to meet others often; some without zone, gear or length."""
    rows = []
    for id in rng.sample(range(12), rng.randint(1, 7)):
        start = datetime.fromisoformat("2024-05-01T06:00:00") + timedelta(
            minutes=20 * rng.randint(0, 18), days=rng.randint(0, 3)
        )
        zone = rng.choice(["Z", "Z", "+02:00", ""])
        bare = rng.random() < 0.1
        rows.append((
            id, start.date().isoformat() if bare else f"{start.isoformat()}{zone}", rng.choice([0, 5_000, 5_050, 10_000]),
            rng.choice(["run", "run", "trail run", "walk"]), rng.choice(["", "", "Tempo", "Drive"]),
            rng.choice(["", "Road", "Trail", "Road "]), rng.choice(["", "", "grass"]), rng.choice(["", 1800, 3600, 40_000]),
        ))  # fmt: skip
    id, start, *cells = rng.choice(rows)
    if start[10:] and rng.random() < 0.8:  # once more: by the other device, or by its clock
        later = datetime.fromisoformat(start[:19]) + timedelta(seconds=rng.choice([12, 10_800]))
        rows.append((id + 20, f"{later.isoformat()}Z", *cells))
    return rows


def some_corrections(rng: random.Random) -> str:
    lines = []
    for run in rng.sample([f"{source}:{id}" for source in SOURCES for id in range(12)], 4):
        other = f"{rng.choice(SOURCES)}:{rng.randint(0, 11)}"
        what = rng.choice(
            ["duplicate_of: none", f'duplicate_of: "{other}"', "shoe: road", "ignore: true", "distance: 3 km"]
        )
        lines.append(f'  - {{run: "{run}", {what}}}\n')
    return "corrections:\n" + "".join(lines)


RULES = (
    "{when: {name: Tempo}, shoe: trail}",
    "{when: {name: Drive}, ignore: true}",
    "{when: {source: [sheet, phone]}, surface: sand}",
    "{when: {source: watch, name: Tempo}, surface: tartan}",
)


@pytest.mark.parametrize("seed", quick(range(25), 2))
def test_after_any_history_everything_is_as_if_it_had_come_at_once(tmp_path: Path, seed: int) -> None:
    """Tables, settings and corrections change at random; then a second runner reads what there is now, for the first time."""
    rng = random.Random(seed)
    home, tables, corrections = Home(tmp_path / "one"), dict[str, list[tuple[object, ...]]](), ""
    sources = rng.sample(SOURCES, rng.randint(1, 3))
    for _ in range(8):
        rng.shuffle(sources)
        main = "timezone: Europe/Helsinki\nsources:\n" + "".join(table_source(name, missing="drop") for name in sources)
        home.main(main)
        for name in rng.sample(sources, rng.randint(1, len(sources))) if tables else sources:
            tables[name] = some_table(rng)
            home.table(name, tables[name])
        if rng.random() < 0.5:
            corrections = some_corrections(rng) + f"rules: [{', '.join(rng.sample(RULES, rng.randint(0, 2)))}]\n"
        home.shoes(SHOES + corrections)
        try:
            _ = home.config
        except ConfigError:
            corrections = ""
            home.shoes(SHOES)
        home.clock.move(hours=1)
        home.sync()
        # A corrected distance, and one that is lent where there was none, are others than the record's; so is what is
        # left of a run of which a part is ignored.
        is_told = "distance:" in corrections or "ignore: true" in corrections
        found = faults(home.database)
        assert [
            fault for fault in found if not (fault.endswith(" for 0.0 m") or (is_told and "has legs of" in fault))
        ] == []
    fresh = Home(tmp_path / "two", home.clock)
    fresh.main(main)
    fresh.shoes(SHOES + corrections)
    for name, rows in tables.items():
        fresh.table(name, rows)
    fresh.sync()
    listed = "SELECT id, duplicate_of, counted, maybe_same_as FROM activities WHERE missing_since IS NULL ORDER BY id"
    assert home.rows(listed) == fresh.rows(listed)
    legs = "SELECT * FROM legs ORDER BY activity, shoe, surface"
    assert home.rows(legs) == fresh.rows(legs)
    kept = ("shoe_surface_mileage", "surface_mileage", "month_mileage")
    mine, theirs = dump(home.database), dump(fresh.database)
    assert {name: mine[name] for name in kept} == {name: theirs[name] for name in kept}
