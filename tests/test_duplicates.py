"""The same run from two exports counts once, and two runs never count as one."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from making import Household

from shoemon.duplicates import WINDOW, Outline, find_duplicates, same_run
from shoemon.model import ActivityId

ORDER = {"strava": 0, "watch": 1, "sheet": 2}
DAY = "2024-05-01"


def outline(
    id: str,
    start: str = "06:00:00",
    minutes: float = 60,
    *,
    km: float = 10.0,
    sport: str = "run",
    missing: bool = False,
    since: str = "",
) -> Outline:
    """A record of 1 May 2024; without a start it knows the day only."""
    started_at = f"{DAY}T{start}Z" if start else DAY
    return Outline(
        ActivityId(id), id.partition(":")[0], started_at, DAY, sport, km * 1000, minutes * 60, missing, since
    )


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # Two exports, overlapping in time.
        (outline("strava:1"), outline("watch:1"), True),
        (outline("strava:1"), outline("watch:1", "06:00:07"), True),
        (outline("strava:1"), outline("watch:1", "06:30:00"), True),
        (outline("strava:1"), outline("watch:1", "06:30:01"), False),
        (outline("strava:1"), outline("watch:1", "07:00:00"), False),
        (outline("strava:1"), outline("watch:1", "06:40:00", 10), True),
        (outline("strava:1"), outline("watch:1", "06:55:00", 10), True),
        (outline("strava:1"), outline("watch:1", "06:55:01", 10), False),
        (outline("strava:1"), outline("watch:1", km=14.0), True),
        # One of them does not say how long it lasted.
        (outline("strava:1"), outline("watch:1", minutes=0), True),
        (outline("strava:1"), outline("watch:1", "06:00:20", 0), True),
        (outline("strava:1"), outline("watch:1", "06:59:59", 0), True),
        (outline("strava:1"), outline("watch:1", "07:00:00", 0), False),
        (outline("strava:1"), outline("watch:1", "05:59:59", 0), False),
        (outline("strava:1", minutes=0), outline("watch:1", minutes=0), True),
        (outline("strava:1", minutes=0), outline("watch:1", "06:00:01", 0), False),
        # Another kind of sport is another activity; kinds of running are one kind.
        (outline("strava:1"), outline("watch:1", sport="trail-run"), True),
        (outline("strava:1", sport="treadmill-run"), outline("watch:1"), True),
        (outline("strava:1"), outline("watch:1", sport="walk"), False),
        (outline("strava:1", sport="walk"), outline("watch:1", sport="hike"), False),
        (outline("strava:1", sport="other"), outline("watch:1", sport="other"), True),
        # One of them knows the day only: then the distance has to agree, to 2 %.
        (outline("strava:1"), outline("sheet:1", ""), True),
        (outline("strava:1"), outline("sheet:1", "", km=10.2), True),
        (outline("strava:1"), outline("sheet:1", "", km=10.3), False),
        (outline("strava:1", km=0), outline("sheet:1", "", km=0), True),
        (outline("sheet:1", ""), outline("watch:1", ""), True),
        (outline("strava:1")._replace(local_date="2024-05-02"), outline("sheet:1", ""), False),
        # Records of one export are never the same run, however alike they are.
        (outline("strava:1"), outline("strava:2"), False),
        (outline("sheet:1", ""), outline("sheet:2", ""), False),
        (outline("strava:1", missing=True), outline("strava:2", missing=True), False),
        # Unless the export does not list one of them any more: the other has taken its place.
        (outline("strava:1", missing=True), outline("strava:2"), True),
        (outline("strava:1", missing=True), outline("strava:2", "06:30:01"), False),
        # Where the day is all that is known, it must have come, or been changed, when the other was missed.
        (outline("sheet:1", "", missing=True, since="09"), outline("sheet:2", "", km=5.0, since="09"), True),
        (outline("sheet:1", "", missing=True, since="09"), outline("sheet:2", "", km=5.0, since="10"), True),
        (outline("sheet:1", "", missing=True, since="09"), outline("sheet:2", "", km=5.0, since="08"), False),
    ],
)
def test_the_same_run(one: Outline, other: Outline, expected: bool) -> None:
    assert (same_run(one, other), same_run(other, one)) == (expected, expected)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([outline("watch:1"), outline("strava:1")], {"watch:1": "strava:1"}),
        ([outline("sheet:1", ""), outline("watch:1"), outline("strava:1")], {"watch:1": "strava:1", "sheet:1": "strava:1"}),
        ([outline("sheet:1"), outline("watch:1", "06:00:09")], {"sheet:1": "watch:1"}),
        # A source the settings do not name any more comes last.
        ([outline("gone:1"), outline("sheet:1")], {"gone:1": "sheet:1"}),
        # What the export still lists comes before what it does not, whatever the order of the sources.
        ([outline("strava:1", missing=True), outline("sheet:1")], {"strava:1": "sheet:1"}),
        ([outline("strava:1", missing=True), outline("strava:2", km=10.4)], {"strava:1": "strava:2"}),
        # Cut in two by one device: both halves count, or the whole does.
        ([outline("strava:1", "06:00:00", 30), outline("strava:2", "06:30:00", 30), outline("watch:1")], {"watch:1": "strava:1"}),
        ([outline("strava:1"), outline("watch:1", "06:00:00", 30), outline("watch:2", "06:30:00", 30)],
         {"watch:1": "strava:1", "watch:2": "strava:1"}),
        # Twice a day is two runs.
        ([outline("strava:1"), outline("strava:2", "18:00:00"), outline("watch:1"), outline("watch:2", "18:00:00")],
         {"watch:1": "strava:1", "watch:2": "strava:2"}),
        ([], {}),
    ],
)  # fmt: skip
def test_the_record_of_the_first_source_counts(records: list[Outline], expected: dict[str, str]) -> None:
    assert find_duplicates(records, ORDER) == expected


STARTS = st.integers(0, 12 * 24 * 60)


@st.composite
def histories(draw: st.DrawFn) -> list[Outline]:
    """Twelve days of up to a dozen records from three sources, close enough to meet often."""
    made = []
    for number in range(draw(st.integers(0, 12))):
        started = datetime.fromisoformat("2024-05-01") + timedelta(minutes=draw(STARTS))
        source = draw(st.sampled_from(["strava", "watch", "sheet"]))
        bare = source == "sheet" and draw(st.booleans())
        made.append(
            Outline(
                ActivityId(f"{source}:{number}"), source, started.isoformat()[:10] if bare else f"{started.isoformat()}Z",
                started.isoformat()[:10], draw(st.sampled_from(["run", "trail-run", "walk"])),
                draw(st.sampled_from([5_000.0, 5_050.0, 10_000.0])), draw(st.sampled_from([0.0, 1_800.0, 3_600.0, 86_400.0])),
                draw(st.booleans()), draw(st.sampled_from("123")),
            )
        )  # fmt: skip
    return made


@given(histories(), st.randoms())
def test_the_order_in_which_records_come_does_not_matter(records: list[Outline], random: object) -> None:
    shuffled = list(records)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert find_duplicates(shuffled, ORDER) == find_duplicates(records, ORDER)


@settings(max_examples=500)
@given(histories(), STARTS, STARTS)
def test_looking_at_a_piece_gives_what_looking_at_all_gives(records: list[Outline], one: int, other: int) -> None:
    """For every record in the piece, when all within the window of it are there."""
    origin = datetime.fromisoformat("2024-05-01")
    start, end = (origin + timedelta(minutes=minutes) for minutes in sorted((one, other)))

    def begun(record: Outline) -> datetime:
        return datetime.fromisoformat(record.started_at[:19])

    inner = {record.id for record in records if start <= begun(record) <= end}
    piece = [record for record in records if start - WINDOW <= begun(record) <= end + WINDOW]
    of_all = {id: kept for id, kept in find_duplicates(records, ORDER).items() if id in inner}
    assert {id: kept for id, kept in find_duplicates(piece, ORDER).items() if id in inner} == of_all


@given(histories())
def test_a_record_counts_if_no_better_one_is_of_the_same_run(records: list[Outline]) -> None:
    duplicates = find_duplicates(records, ORDER)
    by_id = {record.id: record for record in records}
    assert all(same_run(by_id[id], by_id[kept]) for id, kept in duplicates.items())
    assert not records or set(duplicates) != set(by_id)


HEADER = "id,start,distance km,elapsed time\n"
FIRST = "0,2024-01-01T07:00:00,1,600\n"


def household(directory: Path, *options: str) -> Household:
    """Sources `s0`, `s1` ... with those options, and one pair that takes every run."""
    sources = [f"  - {{name: s{n}, type: table, path: s{n}.csv{option}}}\n" for n, option in enumerate(options)]
    return Household(
        directory, main="sources:\n" + "".join(sources), shoes="shoes: [{id: a, name: A}]\ndefault_shoe: a"
    )


def test_a_new_run_changes_nothing_about_runs_days_away(tmp_path: Path) -> None:
    """Five days later nothing is looked up beyond the second record; the third stays the same run as the first."""
    home = household(tmp_path, "", "", "")
    home.write("s0", f"{HEADER}1,2024-05-01T23:59:50,10,3600\n")
    home.write("s1", f"{HEADER}1,2024-05-02T00:00:02,10,3600\n")
    home.write("s2", third := f"{HEADER}1,2024-05-02T00:00:05,10,3600\n")
    sql = "SELECT id, duplicate_of FROM activities WHERE native_id = '1' ORDER BY id"
    home.sync("2024-05-05T09:00:00")
    assert home.rows(sql) == [("s0:1", None), ("s1:1", "s0:1"), ("s2:1", "s0:1")]
    home.write("s2", f"{third}2,2024-05-06T07:00:00,10,3600\n")
    home.sync("2024-05-07T09:00:00")
    assert home.rows(sql) == [("s0:1", None), ("s1:1", "s0:1"), ("s2:1", "s0:1")]
    assert home.km() == {"a": 20.0}


def test_a_kept_copy_counts_when_the_record_it_was_a_copy_of_is_dropped(tmp_path: Path) -> None:
    home = household(tmp_path, ", missing: drop", "")
    both = f"{HEADER}{FIRST}1,2024-05-01T07:00:00,10,3600\n"
    home.write("s0", both)
    home.write("s1", both)
    home.sync("2024-05-05T09:00:00")
    home.write("s1", f"{HEADER}{FIRST}")
    home.sync("2024-05-06T09:00:00")
    assert home.km() == {"a": 11.0}
    home.write("s0", f"{HEADER}{FIRST}")
    home.sync("2024-05-07T09:00:00")
    assert home.km() == {"a": 11.0}
    home.write("s0", both)
    home.sync("2024-05-08T09:00:00")
    assert home.km() == {"a": 11.0}
    assert home.rows("SELECT id, duplicate_of FROM activities WHERE native_id = '1' ORDER BY id") == [
        ("s0:1", None),
        ("s1:1", "s0:1"),
    ]


def test_a_run_that_is_held_back_from_being_dropped_does_not_count_beside_its_copy(tmp_path: Path) -> None:
    """The first row of s0 cannot be read any more, so its run is missing, but may be that row: it is not dropped yet."""
    home = household(tmp_path, ", missing: drop", "")
    first, second = "1,2024-05-01T07:00:00,10,3600\n", "2,2024-05-03T07:00:00,5,1800\n"
    home.write("s0", f"{HEADER}{first}{second}")
    home.write("s1", f"{HEADER}{first}")
    home.sync("2024-05-05T09:00:00")
    assert home.km() == {"a": 15.0}
    home.write("s0", f"{HEADER}1,2024-05-01T07:00:00,ten,3600\n{second}")
    home.sync("2024-05-06T09:00:00")
    assert home.km() == {"a": 15.0}
    home.write("s0", f"{HEADER}{second}")
    home.sync("2024-05-07T09:00:00")
    assert home.km() == {"a": 15.0}
    home.write("s1", f"{HEADER}{second}")
    home.sync("2024-05-08T09:00:00")
    assert home.km() == {"a": 15.0}


def test_copies_of_a_run_that_moved_to_another_day_are_still_copies_of_each_other(tmp_path: Path) -> None:
    home = household(tmp_path, "", "", "")
    for name in ("s0", "s1", "s2"):
        home.write(name, f"{HEADER}1,2024-05-01T07:00:00,10,3600\n")
    home.sync("2024-05-25T09:00:00")
    assert home.km() == {"a": 10.0}
    home.write("s0", f"{HEADER}1,2024-05-20T07:00:00,10,3600\n")
    home.sync("2024-05-26T09:00:00")
    assert home.km() == {"a": 20.0}
    assert home.rows("SELECT id, duplicate_of FROM activities ORDER BY id") == [
        ("s0:1", None),
        ("s1:1", None),
        ("s2:1", "s1:1"),
    ]
