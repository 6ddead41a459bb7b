"""Which shoe a run was done in: who is trusted before whom, and that nothing is guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kit.making import brief, by_shoe, decision, plan, run, shoe

from shoemon.decide.legs import make_decider
from shoemon.decide.which_shoe import float32_key
from shoemon.model.activity import Activity
from shoemon.model.ids import ActivityId, ShoeId
from shoemon.model.plan import Condition, Correction, DatedDefault, Part, Plan, Rule, Shoe, Window
from shoemon.model.reason import Reason


def whole(name: str) -> tuple[Part, ...]:
    return (Part(name),)


def reason(made: Plan, activity: Activity) -> tuple[str | None, str]:
    (leg,) = decision(made, activity).legs
    return leg.shoe, brief(leg.shoe_reason)


A, B, C, D = shoe("a", gear=("Shoe A",)), shoe("b"), shoe("c"), shoe("d")
RULE = Rule(1, Condition(sport=("run",)), shoe=whole("b"))
DEFAULT = DatedDefault(ShoeId("c"))
CORRECTION = Correction(ActivityId("watch:1"), shoe=whole("d"))


@pytest.mark.parametrize(
    ("corrections", "gear", "rules", "defaults", "expected"),
    [
        ([CORRECTION], "Shoe A", [RULE], [DEFAULT], ("d", "correction")),
        ([], "Shoe A", [RULE], [DEFAULT], ("a", "gear gear=Shoe A")),
        ([], None, [RULE], [DEFAULT], ("b", "rule rule=1")),
        ([], None, [], [DEFAULT], ("c", "default")),
        ([], None, [], [], (None, "none")),
        ([], "Shoe X", [RULE], [DEFAULT], (None, "gear_unknown gear=Shoe X")),
        ([CORRECTION], "Shoe X", [], [], ("d", "correction")),
        # `none` is trusted as a pair would be.
        ([Correction(ActivityId("watch:1"), shoe=whole("none"))], "Shoe A", [RULE], [DEFAULT], (None, "correction")),
        ([], None, [Rule(1, Condition(sport=("run",)), shoe=whole("none"))], [DEFAULT], (None, "rule rule=1")),
        ([], None, [], [DatedDefault(None)], (None, "default")),
        ([], "Shoe X", [], [DatedDefault(None)], (None, "gear_unknown gear=Shoe X")),
        ([], None, [], [DatedDefault(None), DEFAULT], (None, "ambiguous shoes=none+c")),
    ],
)
def test_a_correction_is_trusted_before_the_gear_before_a_rule_before_the_default(
    corrections: list[Correction], gear: str | None, rules: list[Rule], defaults: list[DatedDefault], expected: object
) -> None:
    """Gear that is not known is never given to whom a rule or the default would give the run."""
    made = plan(A, B, C, D, corrections=corrections, rules=tuple(rules), defaults=tuple(defaults))
    assert reason(made, run(gear_raw=gear)) == expected


STREET = shoe("a", gear=("Schuh Straße",))
SEVENTEEN, NAMED = shoe("a", gear=("17",)), shoe("b", gear=("Pegasus",))


@pytest.mark.parametrize(
    ("shoes", "gear_raw", "gear_name"),
    [
        # Case and blanks do not matter, beyond ASCII neither.
        ((A, B), "Shoe A", None), ((A, B), None, "Shoe A"), ((A, B), "  shoe   a ", None), ((A, B), "SHOE A", None),
        ((A, B), "g123", "Shoe A"), ((A, B), "a", None),
        ((STREET,), "Schuh STRASSE", None), ((STREET,), "schuh straße", None), ((STREET,), "SCHUH STRASSE", None),
        # A pair that has both ids is one pair.
        ((shoe("a", gear=("25287031", "25287033")), B), "25287032.0", None),
        # An id and a name that fit several pairs mean the pair that both fit.
        ((shoe("a", gear=("17", "Pegasus")), NAMED), "17", "Pegasus"),
        # An id is trusted before a name, because names change.
        ((SEVENTEEN, NAMED), "17", "Pegasus"),
    ],
)  # fmt: skip
def test_gear_is_known_by_id_or_name(shoes: tuple[Shoe, ...], gear_raw: str | None, gear_name: str | None) -> None:
    assert by_shoe(plan(*shoes), run(gear_raw=gear_raw, gear_name=gear_name)) == {"a": 10_000.0}


ROUNDED_PAIRS = [
    ("21088800", "21088801"), ("25287031", "25287032"), ("24121088", "24121089"), ("24707287", "24707288"),
    ("21740104", "21740105"),
]  # fmt: skip
"""Ids of one shoe in one file, as Strava's exports before and after September 2025 wrote them."""


@pytest.mark.parametrize("pair", ROUNDED_PAIRS)
@pytest.mark.parametrize("known", [0, 1])
@pytest.mark.parametrize("written", ["{}", "{}.0", "g{}"])
def test_an_id_that_went_through_32_bit_floats_is_that_shoe(pair: tuple[str, str], known: int, written: str) -> None:
    made = plan(shoe("a", gear=(pair[known],)), B)
    assert [by_shoe(made, run(gear_raw=written.format(id))) for id in pair] == [{"a": 10_000.0}] * 2


@pytest.mark.parametrize("pair", ROUNDED_PAIRS)
def test_two_shoes_with_ids_that_round_to_one_are_told_apart_by_the_exact_id(pair: tuple[str, str]) -> None:
    made = plan(shoe("a", gear=(pair[0],)), shoe("b", gear=(pair[1],)))
    assert [by_shoe(made, run(gear_raw=id)) for id in pair] == [{"a": 10_000.0}, {"b": 10_000.0}]


@pytest.mark.parametrize(
    ("known", "unknown"),
    [
        ("1714550000000", "1714550001000"),
        ("21088801", "21088799"),
        ("21088801", "21088802"),
        ("16632706", "16632707"),
        ("1", "10"),
    ],
)
def test_an_unknown_id_is_never_taken_for_a_near_one(known: str, unknown: str) -> None:
    """The first two are ids of two pairs that an app made within a minute, counting milliseconds."""
    activity = run(gear_raw=unknown)
    expected = (None, f"gear_unknown gear={unknown}")
    assert reason(plan(shoe("a", gear=(known,)), defaults=(DatedDefault(ShoeId("a")),)), activity) == expected


@given(st.integers(0, 10**9))
def test_rounding_an_id_twice_is_rounding_it_once(number: int) -> None:
    key = float32_key(str(number))
    assert key is not None
    assert float32_key(key) == key
    assert float32_key(f"g{number}") == float32_key(f"{number}.0") == key


@pytest.mark.parametrize("text", ["", "Pegasus 40", "b123", "12.5", "-3", "1e7", "gg1", "1" * 16])
def test_what_is_no_number_has_no_float_key(text: str) -> None:
    assert float32_key(text) is None


OLD = shoe("old", gear=("Pegasus",), worn=(Window("2023-01-01", "2024-05-01"),))
NEW = shoe("new", gear=("Pegasus",), worn=(Window("2024-05-01", None),))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2022-12-31", (None, "gear_not_worn gear=Pegasus shoes=old+new day=2022-12-31")),
        ("2023-01-01", ("old", "gear gear=Pegasus")),
        ("2024-04-30", ("old", "gear gear=Pegasus")),
        ("2024-05-01", ("new", "gear gear=Pegasus")),
        ("2030-01-01", ("new", "gear gear=Pegasus")),
    ],
)
def test_two_pairs_of_one_name_are_told_apart_by_when_they_were_worn(day: str, expected: object) -> None:
    activity = run(started_at=f"{day}T00:00:00Z", gear_raw="Pegasus")
    assert reason(plan(OLD, NEW), activity) == expected
    assert by_shoe(plan(OLD, NEW), activity) == by_shoe(plan(NEW, OLD), activity)


def test_two_pairs_that_one_gear_fits_are_reported_and_not_guessed() -> None:
    made = plan(shoe("a", gear=("Pegasus",)), shoe("b", gear=("pegasus",)), defaults=(DatedDefault(ShoeId("a")),))
    assert reason(made, run(gear_raw="Pegasus")) == (None, "ambiguous gear=Pegasus shoes=a+b")


FORMER = {("watch", "17"): ("New", "Old"), ("watch", "18"): ("Old",), ("watch", "19"): ("Blue", "Red")}
"""17 was called Old once, as 18 is now."""


@pytest.mark.parametrize(
    ("shoes", "expected"),
    [
        ([("a", "Old")], ("a", "gear gear=New formerly=Old")),
        ([("a", "old ")], ("a", "gear gear=New formerly=Old")),
        ([("a", "New"), ("b", "Old")], ("a", "gear gear=New")),
        ([("a", "17"), ("b", "Old")], ("a", "gear gear=New")),
        ([("a", "g17.0"), ("b", "Old")], ("a", "gear gear=New")),
        ([("b", "18", "Old")], (None, "gear_unknown gear=New")),
        ([("a", "Old"), ("b", "18")], ("a", "gear gear=New formerly=Old")),
        ([("a", "Old"), ("b", "18", "Old")], ("a", "gear gear=New formerly=Old")),
        ([("a", "Old"), ("b", "OLD")], (None, "ambiguous gear=New formerly=Old shoes=a+b")),
        ([("a", "Red")], (None, "gear_unknown gear=New")),
    ],
)
def test_a_former_name_speaks_after_id_and_name(shoes: list[tuple[str, ...]], expected: tuple[str | None, str]) -> None:
    made = plan(*(shoe(id, gear=tuple(gear)) for id, *gear in shoes))
    (leg,) = make_decider(made, FORMER)(run(gear_raw="17", gear_name="New"), None, ()).legs
    assert (leg.shoe, brief(leg.shoe_reason)) == expected


@pytest.mark.parametrize(("source", "gear"), [("phone", "17"), ("watch", "20"), ("watch", None)])
def test_a_former_name_is_that_of_one_id_in_one_source(source: str, gear: str | None) -> None:
    activity = run(f"{source}:1", gear_raw=gear, gear_name="New")
    (leg,) = make_decider(plan(shoe("a", gear=("Red", "Old"))), FORMER)(activity, None, ()).legs
    assert (leg.shoe, brief(leg.shoe_reason)) == (None, "gear_unknown gear=New")


WORN = shoe("a", gear=("A",), worn=(Window("2024-03-02", "2024-04-01"), Window("2024-05-01T07:00:00", None)))


@pytest.mark.parametrize(
    ("started_at", "worn"),
    [
        ("2024-03-01T23:59:59Z", False),
        ("2024-03-02T00:00:00Z", True),
        ("2024-03-31T23:59:59Z", True),
        ("2024-04-01T00:00:00Z", False),
        ("2024-04-01", False),
        ("2024-05-01T06:59:59Z", False),
        ("2024-05-01T07:00:00Z", True),
        ("2030-01-01", True),
    ],
)
def test_a_pair_takes_runs_only_while_it_was_worn(started_at: str, worn: bool) -> None:
    assert by_shoe(plan(WORN), run(started_at=started_at, gear_raw="A")) == {"a" if worn else None: 10_000.0}


RETIRED = shoe("a", gear=("A",), retired_on="2024-05-01")


@pytest.mark.parametrize(
    ("activity", "expected"),
    [
        (run(started_at="2019-01-01T06:00:00Z", gear_raw="A"), ("a", "gear gear=A")),
        (run(started_at="2024-05-01T23:59:59Z", gear_raw="A"), ("a", "gear gear=A")),
        (run(started_at="2024-05-01", gear_raw="A"), ("a", "gear gear=A")),
        (run(started_at="2024-05-02T06:59:59Z", utc_offset_s=-7 * 3600, gear_raw="A"), ("a", "gear gear=A")),
        (run(started_at="2024-05-02", gear_raw="A"), (None, "gear_not_worn gear=A shoes=a day=2024-05-02")),
        (
            run(started_at="2024-05-01T22:00:00Z", utc_offset_s=3 * 3600, gear_raw="A"),
            (None, "gear_not_worn gear=A shoes=a day=2024-05-02"),
        ),
    ],
)
def test_a_retired_pair_keeps_its_runs_to_its_last_day_and_takes_no_later(activity: Activity, expected: object) -> None:
    assert reason(plan(RETIRED), activity) == expected


def test_a_correction_gives_a_run_even_to_a_retired_pair() -> None:
    correction = Correction(ActivityId("watch:1"), shoe=whole("a"))
    assert by_shoe(plan(RETIRED, corrections=[correction]), run(started_at="2024-06-01")) == {"a": 10_000.0}


def test_a_rule_does_not_give_a_run_to_a_pair_that_was_not_in_use_and_the_next_rule_is_asked() -> None:
    rules = (Rule(1, Condition(), shoe=whole("a")), Rule(2, Condition(), shoe=whole("b")))
    made = plan(RETIRED, B, rules=rules)
    assert reason(made, run(started_at="2024-05-01")) == ("a", "rule rule=1")
    assert reason(made, run(started_at="2024-05-02")) == ("b", "rule rule=2")


def test_the_first_rule_that_fits_decides_for_shoe_and_surface_each_on_its_own() -> None:
    rules = (
        Rule(1, Condition(name="track"), surface=whole("tartan")),
        Rule(2, Condition(sport=("run",)), shoe=whole("a"), surface=whole("asphalt")),
        Rule(3, Condition(), shoe=whole("b"), surface=whole("grass")),
    )
    (leg,) = decision(plan(A, B, rules=rules), run(name="track")).legs
    assert (leg.shoe, brief(leg.shoe_reason), leg.surface, brief(leg.surface_reason)) == (
        "a",
        "rule rule=2",
        "tartan",
        "rule rule=1",
    )


def test_a_rule_about_gear_speaks_of_runs_with_that_gear_and_other_rules_do_not() -> None:
    rules = (Rule(1, Condition(sport=("run",)), shoe=whole("b")), Rule(2, Condition(gear="(?i)peg"), shoe=whole("a")))
    made = plan(A, B, rules=rules)
    assert reason(made, run(gear_raw="old pegs")) == ("a", "rule rule=2 gear=old pegs")
    assert reason(made, run(gear_raw="Vaporfly")) == (None, "gear_unknown gear=Vaporfly")


def test_a_rule_may_say_that_runs_do_not_count_but_not_of_a_run_that_the_runner_corrected() -> None:
    made = plan(
        A,
        rules=(Rule(1, Condition(name="pram"), ignore=True),),
        corrections=[Correction(ActivityId("watch:2"), shoe=whole("a"))],
    )
    assert decision(made, run(name="pram")) == ("watch:1", Reason("ignored", '{"rule": 1}'), ())
    assert by_shoe(made, run("watch:2", name="pram")) == {"a": 10_000.0}


DEFAULTS = (
    DatedDefault(ShoeId("a"), Window(None, "2024-05-01")),
    DatedDefault(ShoeId("b"), Window("2024-05-01", "2024-06-01")),
    DatedDefault(ShoeId("c"), Window("2024-05-15", None)),
)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-04-30", ("a", "default")),
        ("2024-05-01", ("b", "default")),
        ("2024-05-15", (None, "ambiguous shoes=b+c")),
        ("2024-06-01", ("c", "default")),
    ],
)
def test_the_default_is_the_one_of_the_day_and_two_at_once_are_reported(day: str, expected: object) -> None:
    assert reason(plan(A, B, C, defaults=DEFAULTS), run(started_at=day)) == expected


def test_a_default_that_was_not_in_use_takes_no_run() -> None:
    made = plan(RETIRED, defaults=(DatedDefault(ShoeId("a")),))
    expected = "none day=2024-05-02"
    assert reason(made, run(started_at="2024-05-02")) == (None, expected)


SHOES = [
    shoe("a", gear=("A", "1")),
    shoe("b", gear=("B", "2"), retired_on="2024-05-02"),
    shoe("c", worn=(Window("2024-05-02"),)),
]


@given(
    st.permutations(SHOES),
    st.sampled_from([None, "A", "b", "1", "2.0", "X", "c"]),
    st.sampled_from(["2024-05-01", "2024-05-02T10:00:00Z", "2024-05-03T00:00:00Z"]),
)
def test_the_order_of_the_pairs_makes_no_difference(shoes: list[Shoe], gear: str | None, started_at: str) -> None:
    activity = run(gear_raw=gear, started_at=started_at)
    assert decision(plan(*shoes), activity) == decision(plan(*SHOES), activity)
