"""The same run from two exports counts once, and two runs never count as one."""

from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.homes import Household

from shoemon.decide.same_run.compare import about_equal
from shoemon.decide.same_run.doubts import Start, WrongClock, listed_twice, wrong_clocks
from shoemon.decide.same_run.duplicates import Outline, StatedCopies, find_duplicates, same_run
from shoemon.model.ids import ActivityId

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
        (outline("strava:1"), outline("watch:1", "05:59:59", 0, km=9.0), False),
        (outline("strava:1", minutes=0), outline("watch:1", minutes=0), True),
        # Then a start that was rounded to the minute will do, if the distances agree to 2 %.
        (outline("strava:1"), outline("watch:1", "05:58:00", 0, km=9.8), True),
        (outline("strava:1"), outline("watch:1", "05:57:59", 0), False),
        (outline("strava:1"), outline("watch:1", "05:58:00", 0, km=9.7), False),
        (outline("strava:1", minutes=0), outline("watch:1", "06:01:59", 0), True),
        (outline("strava:1", minutes=0), outline("watch:1", "06:00:01", 0, km=5.0), False),
        (outline("strava:1"), outline("watch:1", "05:00:00", 59), False),
        # Another kind of sport is another activity; kinds of running are one kind.
        (outline("strava:1"), outline("watch:1", sport="trail-run"), True),
        (outline("strava:1", sport="treadmill-run"), outline("watch:1"), True),
        (outline("strava:1"), outline("watch:1", sport="walk"), False),
        (outline("strava:1", sport="walk"), outline("watch:1", sport="hike"), False),
        (outline("strava:1", sport="other"), outline("watch:1", sport="other"), True),
        # A sport that nobody knows may be that run, but not longer than it, nor another sport.
        (outline("strava:1"), outline("watch:1", sport="unknown", km=11.0), True),
        (outline("strava:1"), outline("watch:1", sport="unknown", km=12.0), False),
        (outline("strava:1", sport="walk"), outline("watch:1", sport="unknown"), False),
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
        ([outline("strava:1", sport="unknown"), outline("watch:1", missing=True)], {"strava:1": "watch:1"}),
        # What the export still lists comes before what it does not, whatever the order of the sources.
        ([outline("strava:1", missing=True), outline("sheet:1")], {"strava:1": "sheet:1"}),
        ([outline("strava:1", missing=True), outline("strava:2", km=10.4)], {"strava:1": "strava:2"}),
        # Cut in two by one device: both halves count, or the whole does.
        ([outline("strava:1", "06:00:00", 30), outline("strava:2", "06:30:00", 30), outline("watch:1")], {"watch:1": "strava:1"}),
        ([outline("strava:1"), outline("watch:1", "06:00:00", 30, km=5), outline("watch:2", "06:30:00", 30, km=5)],
         {"watch:1": "strava:1", "watch:2": "strava:1"}),
        # Twice a day is two runs.
        ([outline("strava:1"), outline("strava:2", "18:00:00"), outline("watch:1"), outline("watch:2", "18:00:00")],
         {"watch:1": "strava:1", "watch:2": "strava:2"}),
        ([], {}),
    ],
)  # fmt: skip
def test_the_record_of_the_first_source_counts(records: list[Outline], expected: dict[str, str]) -> None:
    assert find_duplicates(records, ORDER).of == expected


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
                started.isoformat()[:10], draw(st.sampled_from(["run", "trail-run", "walk", "unknown"])),
                draw(st.sampled_from([5_000.0, 5_050.0, 10_000.0])), draw(st.sampled_from([0.0, 1_800.0, 3_600.0, 86_400.0])),
                draw(st.booleans()), draw(st.sampled_from("123")),
            )
        )  # fmt: skip
    return made


@given(histories(), st.randoms())
def test_the_order_in_which_records_come_does_not_matter(records: list[Outline], random: object) -> None:
    shuffled = list(records)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert find_duplicates(shuffled, ORDER).of == find_duplicates(records, ORDER).of


@given(histories())
def test_no_way_is_lost(records: list[Outline]) -> None:
    """What does not count is the same run as something that does."""
    of = find_duplicates(records, ORDER).of
    by_id = {record.id: record for record in records}
    assert not of.keys() & set(of.values())
    assert not any(by_id[kept].sport == "unknown" != by_id[id].sport for id, kept in of.items())
    for one, other in ((by_id[id], by_id[kept]) for id, kept in of.items()):
        assert same_run(one, other) or (listed_twice(one, other) and about_equal(one, other))


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        # The phone was not stopped for thirteen hours: the evening's run is none of its ten kilometres.
        ([outline("phone:1", minutes=780), outline("watch:1", minutes=50), outline("watch:2", "17:00:00", 75, km=15)], {"watch:1": "phone:1"}),
        ([outline("phone:1", minutes=780), outline("watch:1", minutes=50), outline("watch:2", "17:00:00", 30, km=5)], {"watch:1": "phone:1"}),
        ([outline("phone:1", minutes=780), outline("watch:2", "17:00:00", 75, km=15)], {}),
        # A watch that was stopped twice on the way measured as much as the whole.
        (
            [outline("phone:1", minutes=90), outline("watch:1", minutes=30, km=4), outline("watch:2", "06:30:00", 30, km=4), outline("watch:3", "07:00:00", 30, km=3)],
            {"watch:1": "phone:1", "watch:2": "phone:1", "watch:3": "phone:1"},
        ),
        # The phone's battery was empty after ten minutes: the watch knows the whole run, and counts.
        ([outline("phone:1", minutes=10, km=2), outline("watch:1", minutes=120, km=20)], {"phone:1": "watch:1"}),
        # Parts that fill the time are the run, whatever each device measured.
        (
            [outline("phone:1", km=8), outline("watch:1", minutes=30, km=5), outline("watch:2", "06:30:00", 30, km=5)],
            {"watch:1": "phone:1", "watch:2": "phone:1"},
        ),
        # One that lost its satellites is the same run though it measured a third.
        ([outline("phone:1", km=3), outline("watch:1", "06:00:10")], {"watch:1": "phone:1"}),
        # Each of two further exports has a record of it, and one has it twice.
        (
            [outline("phone:1"), outline("watch:1"), outline("sheet:1"), outline("sheet:2", "06:00:30")],
            {"watch:1": "phone:1", "sheet:1": "phone:1", "sheet:2": "phone:1"},
        ),
        # What is missing from its export took nobody's room.
        ([outline("phone:1"), outline("watch:1", minutes=30, km=9), outline("watch:2", "06:30:00", 30, km=9, missing=True)], {"watch:1": "phone:1", "watch:2": "phone:1"}),
    ],
)  # fmt: skip
def test_a_record_takes_in_no_more_than_it_has_room_for(records: list[Outline], expected: dict[str, str]) -> None:
    assert find_duplicates(records, {"phone": 0, "watch": 1, "sheet": 2}).of == expected


def at(place: tuple[float, float], record: Outline) -> Outline:
    return record._replace(lat=place[0], lon=place[1])


def helsinki(record: Outline) -> Outline:
    return record._replace(utc_offset_s=10800)


HERE, ACROSS_TOWN = (60.0, 25.0), (60.0, 25.1)


@pytest.mark.parametrize(
    ("records", "of", "in_doubt"),
    [
        # Phone and watch were both uploaded: one run where time, distance and place agree.
        ([at(HERE, outline("strava:1")), at(HERE, outline("strava:2", "06:00:12", 61, km=10.08))], {"strava:2": "strava:1"}, {}),
        ([outline("strava:1"), outline("strava:2", "06:00:12", 61, km=10.08)], {}, {"strava:2": "strava:1"}),
        ([outline("strava:1"), outline("strava:2"), outline("strava:3", "06:00:30")], {}, {"strava:2": "strava:1", "strava:3": "strava:1"}),
        # Or where another export lists it once, whichever is first.
        ([outline("strava:1"), outline("strava:2", "06:00:12"), outline("watch:1")], {"strava:2": "strava:1", "watch:1": "strava:1"}, {}),
        ([outline("watch:1"), outline("watch:2", "06:00:12"), outline("strava:1")], {"watch:1": "strava:1", "watch:2": "strava:1"}, {}),
        # Anything less is a doubt: one of two people at two places, a phone that broke off, a time longer by a quarter.
        ([at(HERE, outline("strava:1")), at(ACROSS_TOWN, outline("strava:2")), outline("watch:1", km=10.1)], {"watch:1": "strava:1"}, {"strava:2": "strava:1"}),
        ([at(HERE, outline("strava:1")), at(HERE, outline("strava:2", "06:00:30", 40, km=7))], {}, {"strava:2": "strava:1"}),
        ([at(HERE, outline("strava:1")), at(HERE, outline("strava:2", minutes=80))], {}, {"strava:2": "strava:1"}),
        (
            [at(HERE, outline("strava:1")), at(HERE, outline("strava:2", "06:00:12")), at(HERE, outline("strava:3", "06:00:20", km=9.3))],
            {"strava:2": "strava:1"}, {"strava:3": "strava:1"},
        ),
        # Laps of a relay, a run cut in two, a phone that was not stopped before the next run, two rows of one day.
        ([at(HERE, outline(f"strava:{n}", f"0{5 + n}:00:00", 25, km=5)) for n in (1, 2, 3)], {}, {}),
        ([at(HERE, outline("strava:1", minutes=30)), at(HERE, outline("strava:2", "06:30:00", 30))], {}, {}),
        ([outline("strava:1", minutes=780), outline("strava:2", "17:00:00", 75, km=15)], {}, {}),
        ([outline("sheet:1", ""), outline("sheet:2", "")], {}, {}),
        ([outline("sheet:1", "00:00:00"), outline("sheet:2", "00:00:00")], {}, {}),
        ([outline("strava:1"), outline("strava:2", sport="walk")], {}, {}),
        # A clock in Helsinki that writes its time as UTC, three hours later than it is.
        ([helsinki(outline("strava:1")), helsinki(outline("watch:1", "09:00:10"))], {}, {"watch:1": "strava:1"}),
        ([helsinki(outline("watch:1")), outline("strava:1", "09:00:10")], {}, {"watch:1": "strava:1"}),
        ([helsinki(outline("strava:1")), helsinki(outline("watch:1", "09:05:00"))], {}, {}),
        ([helsinki(outline("strava:1")), helsinki(outline("watch:1", "09:00:10", km=10.6))], {}, {}),
        ([helsinki(outline("strava:1")), helsinki(outline("watch:1", "09:00:10", 40))], {}, {}),
        ([helsinki(outline("strava:1")), helsinki(outline("strava:2", "09:00:00"))], {}, {}),
        # A short run within it is no copy that would say where the long one is.
        (
            [helsinki(outline("strava:1")), helsinki(outline("watch:1", "09:00:10")), helsinki(outline("watch:2", "06:20:00", 17, km=3))],
            {"watch:2": "strava:1"}, {"watch:1": "strava:1"},
        ),
        # Who runs twice, three hours apart, has a run of his own for each.
        (
            [helsinki(outline(f"{source}:{n}", start)) for source in ("strava", "watch") for n, start in ((1, "06:00:00"), (2, "09:00:00"))],
            {"watch:1": "strava:1", "watch:2": "strava:2"}, {},
        ),
    ],
)  # fmt: skip
def test_what_may_be_one_run_and_what_surely_is(
    records: list[Outline], of: dict[str, str], in_doubt: dict[str, str]
) -> None:
    for order in permutations(records):
        found = find_duplicates(order, ORDER)
        assert (found.of, found.in_doubt) == (of, in_doubt)
    apart = StatedCopies(apart=frozenset(map(ActivityId, in_doubt)))
    assert find_duplicates(records, ORDER, apart).in_doubt == {}


@pytest.mark.parametrize(("offset_s", "shift"), [(10800, 3), (-18000, -5)])
def test_the_clock_that_is_wrong_again_and_again_is_named(offset_s: int, shift: int) -> None:
    """East and west of Greenwich; the offset of a FIT file with both times swapped has the other sign."""
    right = [Start("strava", f"2024-05-0{n}T12:00:00Z", offset_s) for n in range(1, 4)]
    for stated_s in (offset_s, -offset_s):
        wrong = [Start("watch", f"2024-05-0{n}T{12 + shift:02}:00:20Z", stated_s) for n in range(1, 4)]
        pairs = list(zip(wrong, right, strict=True))
        for either in (pairs, [pair[::-1] for pair in pairs]):
            assert wrong_clocks(either, {"watch", "sheet"}) == [WrongClock("watch", "strava", 3, can_be_set=True)]
        assert [clock.is_frequent for clock in wrong_clocks(pairs[:2], {"watch"})] == [False]
    assert wrong_clocks([(right[0], right[1])], {"watch"}) == []


def test_thousands_of_runs_whose_clocks_hang_together_are_matched_at_once() -> None:
    """A runner who lives in another zone than the settings say: each day's run could be the day's before, by its clock."""
    runs = []
    for day in range(6_000):
        morning = datetime.fromisoformat("2008-01-01T06:00:00") + timedelta(days=day)
        for id, hours in ((f"strava:{day}", 0), (f"sheet:{day}", 11)):
            start = (morning + timedelta(hours=hours)).isoformat()
            base = outline(id)._replace(started_at=f"{start}Z", local_date=start[:10], utc_offset_s=0)
            runs.append(base._replace(zone_assumed=id.startswith("sheet")))
    assert find_duplicates(runs, ORDER).of == {f"sheet:{day}": f"strava:{day}" for day in range(6_000)}


def test_a_copy_of_a_copy_that_does_not_overlap_what_counts_counts_itself() -> None:
    """Three recordings, each overlapping the next by half: the way of the third is in no other that counts."""
    chain = [outline("strava:1"), outline("watch:1", "06:30:00"), outline("sheet:1", "07:00:00")]
    assert find_duplicates(chain, ORDER).of == {"watch:1": "strava:1"}


HELSINKI, NEW_YORK = 7200, -18000


def abroad(
    id: str, start: str, offset_s: int, *, assumed: bool = False, km: float = 10.0, minutes: float = 60
) -> Outline:
    """A record with its offset; `assumed`: the export gave the clock on the wrist, and that is the runner's zone."""
    return outline(id, start, minutes, km=km)._replace(utc_offset_s=offset_s, zone_assumed=assumed)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        # At seven in New York: the sheet has the clock only, and the runner lives in Helsinki.
        ([abroad("watch:1", "12:00:00", NEW_YORK), abroad("sheet:1", "05:00:20", HELSINKI, assumed=True)], True),
        # The watch has its own offset, so the clocks must agree: at eight it was another run.
        ([abroad("watch:1", "13:00:00", NEW_YORK), abroad("sheet:1", "05:00:20", HELSINKI, assumed=True)], False),
        # Strava knows the moment, and no zone: it may be apart by whole quarters of an hour.
        ([abroad("strava:1", "12:00:00", HELSINKI), abroad("sheet:1", "05:00:20", HELSINKI, assumed=True)], True),
        ([abroad("strava:1", "10:45:00", HELSINKI), abroad("sheet:1", "05:00:00", HELSINKI, assumed=True)], True),
        ([abroad("strava:1", "10:40:00", HELSINKI), abroad("sheet:1", "05:00:00", HELSINKI, assumed=True)], False),
        ([abroad("strava:1", "20:15:00", HELSINKI), abroad("sheet:1", "06:00:00", HELSINKI, assumed=True)], False),
        # Distances and times have to agree then, and both zones known are both right.
        ([abroad("strava:1", "12:00:00", HELSINKI), abroad("sheet:1", "05:00:00", HELSINKI, assumed=True, km=9.7)], False),
        ([abroad("strava:1", "12:00:00", HELSINKI), abroad("sheet:1", "05:00:00", HELSINKI, assumed=True, minutes=29)], False),
        ([abroad("strava:1", "12:00:00", HELSINKI), abroad("sheet:1", "05:00:00", HELSINKI)], False),
    ],
)  # fmt: skip
def test_a_clock_without_its_zone(records: list[Outline], expected: bool) -> None:
    """Twelve in UTC is seven in New York."""
    assert bool(find_duplicates(records, ORDER).of) == expected


def test_of_runs_that_look_alike_but_for_a_zone_the_shift_that_fits_most_is_right() -> None:
    """Ten kilometres in the morning and in the evening, both eight hours from home: Strava's first run is an hour before
    the sheet's second."""
    strava = [abroad("strava:1", "14:00:00", HELSINKI), abroad("strava:2", "23:00:00", HELSINKI)]
    sheet = [abroad(f"sheet:{n}", start, HELSINKI, assumed=True) for n, start in ((1, "06:00:00"), (2, "15:00:00"))]
    assert find_duplicates([*strava, *sheet], ORDER).of == {"sheet:1": "strava:1", "sheet:2": "strava:2"}
    assert find_duplicates([strava[0], sheet[0]], ORDER).of == {"sheet:1": "strava:1"}
    # With one run there it is the nearer.
    assert find_duplicates([strava[0], *sheet], ORDER).of == {"sheet:2": "strava:1"}


def test_a_run_with_a_copy_that_overlaps_is_not_taken_for_another_one_of_that_day() -> None:
    records = [
        abroad("strava:1", "06:00:00", HELSINKI),
        abroad("sheet:1", "06:00:20", HELSINKI, assumed=True),
        abroad("sheet:2", "16:00:00", HELSINKI, assumed=True),
    ]
    assert find_duplicates(records, ORDER).of == {"sheet:1": "strava:1"}


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (StatedCopies(), {"watch:1": "strava:1", "sheet:1": "strava:1"}),
        # What the runner parts is a run of its own, whichever of both is named.
        (StatedCopies(apart=frozenset({ActivityId("watch:1")})), {"sheet:1": "strava:1"}),
        (StatedCopies(apart=frozenset({ActivityId("strava:1")})), {"sheet:1": "watch:1"}),
        # What the runner joins is one run, against the order of the sources too, and however far apart.
        (StatedCopies({ActivityId("strava:1"): ActivityId("watch:1")}), {"strava:1": "watch:1", "sheet:1": "watch:1"}),
        (StatedCopies({ActivityId("strava:9"): ActivityId("sheet:1")}),
         {"watch:1": "strava:1", "sheet:1": "strava:1", "strava:9": "strava:1"}),
        # What is the same run as that goes with it.
        (StatedCopies({ActivityId("watch:1"): ActivityId("watch:7")}),
         {"strava:1": "watch:7", "watch:1": "watch:7", "sheet:1": "watch:7"}),
        # One of them is not there.
        (StatedCopies({ActivityId("strava:1"): ActivityId("gone:1")}), {"watch:1": "strava:1", "sheet:1": "strava:1"}),
    ],
)  # fmt: skip
def test_what_the_runner_says_comes_first(stated: StatedCopies, expected: dict[str, str]) -> None:
    records = [
        outline("strava:1"), outline("watch:1", "06:00:05"), outline("sheet:1", "06:00:09"),
        outline("watch:7", "18:00:00", km=3.0), outline("strava:9", "20:00:00", km=5.0),
    ]  # fmt: skip
    assert find_duplicates(records, ORDER, stated).of == expected


def test_corrections_that_lead_in_a_circle_do_not_hang() -> None:
    stated = StatedCopies(
        {ActivityId("strava:1"): ActivityId("watch:1"), ActivityId("watch:1"): ActivityId("strava:1")}
    )
    assert set(find_duplicates([outline("strava:1"), outline("watch:1")], ORDER, stated).of) == {"strava:1", "watch:1"}


HEADER = "id,start,distance km,elapsed time\n"
FIRST = "0,2024-01-01T07:00:00,1,600\n"


def household(directory: Path, *options: str) -> Household:
    """Sources `s0`, `s1` ... with those options, and one pair that takes every run."""
    sources = [f"  - {{name: s{n}, type: table, path: s{n}.csv{option}}}\n" for n, option in enumerate(options)]
    return Household(
        directory, main="sources:\n" + "".join(sources), shoes="shoes: [{id: a, name: A}]\ndefault_shoe: a"
    )


def test_a_new_run_changes_nothing_about_runs_days_away(tmp_path: Path) -> None:
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


def counted(home: Household, *states: dict[str, str]) -> list[float | None]:
    """Kilometres of the pair after each state of the exports, synced day after day."""
    km = []
    for day, exports in enumerate(states, start=5):
        for name, rows in exports.items():
            home.write(name, f"{HEADER}{rows}")
        home.sync(f"2024-05-{day:02}T09:00:00")
        km.append(home.km()["a"])
    return km


def test_a_kept_copy_counts_when_the_record_it_was_a_copy_of_is_dropped(tmp_path: Path) -> None:
    home = household(tmp_path, ", missing: drop", "")
    both = f"{FIRST}1,2024-05-01T07:00:00,10,3600\n"
    assert counted(home, {"s0": both, "s1": both}, {"s1": FIRST}, {"s0": FIRST}, {"s0": both}) == [11.0] * 4
    assert home.rows("SELECT id, duplicate_of FROM activities WHERE native_id = '1' ORDER BY id") == [
        ("s0:1", None),
        ("s1:1", "s0:1"),
    ]


def test_a_run_that_is_held_back_from_being_dropped_does_not_count_beside_its_copy(tmp_path: Path) -> None:
    """The first row of s0 cannot be read any more, so its run is missing, but may be that row: it is not dropped yet."""
    home = household(tmp_path, ", missing: drop", "")
    first, second = "1,2024-05-01T07:00:00,10,3600\n", "2,2024-05-03T07:00:00,5,1800\n"
    unreadable = f"1,2024-05-01T07:00:00,ten,3600\n{second}"
    states = [{"s0": first + second, "s1": first}, {"s0": unreadable}, {"s0": second}, {"s1": second}]
    assert counted(home, *states) == [15.0] * 4


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
