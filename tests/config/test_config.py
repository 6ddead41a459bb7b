"""What is wrong in shoemon.yaml and shoes.yaml is said all at once: file, line, column, path, remedy. Never a traceback."""

import os
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from kit.commands import started
from kit.configurations import DESIGN_MAIN, DESIGN_SHOES, MAIN_CASES, SHOES_CASES, TWO, loaded
from kit.hostile import TEXTS

from shoemon.config.load import load
from shoemon.config.plan import default_warnings
from shoemon.config.reading import ConfigError


def mistakes(directory: Path, main: str | bytes = "", shoes: str | bytes = "") -> list[str]:
    try:
        loaded(directory, main, shoes)
    except ConfigError as error:
        return [str(mistake) for mistake in error.mistakes]
    return []


def test_the_example_of_the_design_loads(tmp_path: Path) -> None:
    config = loaded(tmp_path, DESIGN_MAIN, DESIGN_SHOES)
    assert [settings.name for settings in config.sources] == ["strava", "sheet"]
    assert [settings.name for settings in config.notifiers] == ["mail", "hook"]
    assert config.plan.shoes[0].life_m == 700_000 and config.plan.shoes[0].initial_m == 120_000


@pytest.mark.parametrize("case", SHOES_CASES)
def test_mistakes_in_shoes_yaml(case: str, tmp_path: Path) -> None:
    shoes, expected = SHOES_CASES[case]
    assert mistakes(tmp_path, "sources: [{name: strava, type: strava-export, path: x}]", shoes) == expected


@pytest.mark.parametrize("case", MAIN_CASES)
def test_mistakes_in_shoemon_yaml(case: str, tmp_path: Path) -> None:
    main, expected = MAIN_CASES[case]
    assert mistakes(tmp_path, main) == expected


def test_mistakes_of_both_files_are_said_at_once(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "units: k", "shoes: 3") == [
        "shoemon.yaml:1:1: units: must be one of 'km' or 'mi'",
        "shoes.yaml:1:1: shoes: must be a list; begin each item with a dash, such as `- {id: pegasus-40, name: Nike Pegasus 40}`",
    ]


def test_a_file_that_cannot_be_read_makes_nothing_in_the_other_unknown(tmp_path: Path) -> None:
    shoes = TWO + "rules: [{when: {source: strava}, shoe: a, surface: mine}]"
    assert mistakes(tmp_path, "sources: [", shoes) == [
        "shoemon.yaml:1:10: `[` opens here and is not closed; write `]` at its end"
    ]
    (tmp_path / "shoes.yaml").unlink()
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    assert (
        str(caught.value.mistakes[-1])
        == "shoes.yaml:1:1: cannot be read: No such file or directory; to write one: shoemon init"
    )


SECRET = "hunter2"
SECRETS = ("{0}", "'{0}'", "{{{0}}}", "[{0}]", "*{0}", "!{0} x", "!{0}!{0} x", "&{0}", "&{0} &{0}", '"{0}\\q"', '"{0}', "'{0}",
           "{{{0}: {{{0}: a}}}}", "{0}: x", "{{env: {0}-a}}", "{{env: A, {0}: 3}}", "|\n {0}", "%{0}", "@{0}", "`{0}`", "{{env: [{0}]}}",
           "{{file: {{{0}: {0}}}}}", "- {0}", "? {0}", "\t{0}", "{0}\n{0}", "{{env: {{a: {0}}}}}", "!!binary {0}", "{{env: *{0}}}")  # fmt: skip
PLACES = (
    "notify:\n- name: m\n  type: email\n  to: a@b.c\n  host: h\n  username: me\n  password: {}\n",
    "notify:\n- name: m\n  type: webhook\n  url: https://example.org\n  secret: {}\n",
    "sources:\n- name: m\n  type: table\n  url: https://example.org\n  user: me\n  password: {}\n",
)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("form", SECRETS)
def test_a_secret_in_the_open_is_refused_and_never_repeated(
    place: str, form: str, tmp_path: Path, recwarn: pytest.WarningsRecorder
) -> None:
    said = mistakes(tmp_path, place.format(form.format(SECRET)))
    assert SECRET not in "\n".join([*said, *(str(warning.message) for warning in recwarn)])
    assert said or form == "&{0}", "an anchor alone is an empty value"


def test_a_secret_in_an_address_or_a_header_is_never_repeated(tmp_path: Path) -> None:
    source = "{name: t, type: table, url: 'https://me:hunter2@x.org/', headers: {Authorization: {hunter2}}}"
    assert mistakes(tmp_path, f"sources: [{source}]") == [
        "shoemon.yaml:1:34: sources[0].url: must not contain a name or password; use the settings `user` and `password`",
        "shoemon.yaml:1:78: sources[0].headers.Authorization: write {env: NAME} or {file: PATH}, and nothing else",
    ]


def test_a_shoe_may_be_called_by_a_number_and_gear_keeps_its_zeros(tmp_path: Path) -> None:
    shoe = loaded(
        tmp_path, "", "shoes: [{id: 1080, name: 1080, gear: [007, 1.50, 1_000, true, 0x1F, 2024-01-01]}]"
    ).plan.shoes[0]
    assert (shoe.id, shoe.name) == ("1080", "1080")
    assert shoe.gear == ("007", "1.50", "1_000", "true", "0x1F", "2024-01-01")


@pytest.mark.parametrize(
    ("said", "expected"), [("true", True), ("yes", True), ("on", True), ("false", False), ("no", False), ("off", False)]
)
@pytest.mark.parametrize("version", ["", "%YAML 1.1\n---\n", "%YAML 1.2\n---\n"])
def test_truth_means_the_same_in_every_version_of_yaml(said: str, expected: bool, version: str, tmp_path: Path) -> None:
    shoes = f"{version}{TWO}rules: [{{when: {{sport: run}}, shoe: a, ignore: {said}}}]"
    assert loaded(tmp_path, "", shoes).plan.rules[0].ignore is expected


def test_a_built_in_surface_keeps_its_ground_when_only_its_wear_is_given(tmp_path: Path) -> None:
    surfaces = loaded(tmp_path, "ground: {surfaces: {grass: {wear: 0.8}, wood: {ground: soft}}}").plan.surfaces
    assert (surfaces["grass"].ground, surfaces["grass"].wear_factor) == ("soft", 0.8)
    assert (surfaces["wood"].ground, surfaces["wood"].wear_factor) == ("soft", 1.0)


def test_two_default_shoes_at_one_time_are_warned_of_with_the_days(tmp_path: Path) -> None:
    """Not where one of the pairs is not worn then, or retired."""
    shoes = (
        "shoes: [{id: a, name: A}, {id: b, name: B, worn: {from: 2024-03-01}}, {id: c, name: C, retired: 2024-02-29}]\n"
        "default_shoe: [{shoe: a, until: 2024-05-01}, {shoe: b}, {shoe: c, from: 2024-02-01}, {shoe: b, from: 2025-01-01}, "
        "{shoe: none, until: 2023-01-01}]\n"
    )
    remedy = "so runs get neither then; end one (`until`) where the other begins (`from`)"
    assert list(default_warnings(loaded(tmp_path, "", shoes).plan)) == [
        f"default_shoe: `a` and `b` are both the default from 2024-03-01 until 2024-05-01, {remedy}",
        f"default_shoe: `a` and `c` are both the default from 2024-02-01 until 2024-03-01, {remedy}",
        f"default_shoe: `a` and `none` are both the default until 2023-01-01, {remedy}",
    ]


def test_a_message_is_one_line_that_a_terminal_can_show(tmp_path: Path) -> None:
    shoes = f'default_shoe: "\\e[2J{"x" * 10_000}\\n"\n"a\\nb": 1\n'
    said = mistakes(tmp_path, "", shoes)
    assert len(said) == 2 and all(message.isprintable() and len(message) < 500 for message in said)


def quoted(text: str) -> str:
    """As YAML and JSON have it alike."""
    plain = (c if c.isascii() and c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text)
    return f'"{"".join(plain)}"'


@pytest.mark.parametrize("text", TEXTS)
def test_a_name_is_read_as_it_is_or_refused_in_words(text: str, tmp_path: Path) -> None:
    """In quotes every text is a name but half a character; what is written without any may be no YAML."""
    shoes = f"shoes: [{{id: pair, name: {quoted(text)}}}]"
    if re.search("[\ud800-\udfff]", text):
        (said,) = mistakes(tmp_path, "", shoes)
        assert "contains half a character (" in said
    else:
        assert loaded(tmp_path, "", shoes).plan.shoes[0].name == text
    bare = f"shoes:\n  - id: pair\n    name: {text}\n".encode("utf-8", "surrogatepass")
    assert all(said.startswith("shoes.yaml:") and said.isprintable() for said in mistakes(tmp_path, "", bare))


def test_the_fingerprint_of_the_plan_is_the_same_in_every_process(tmp_path: Path) -> None:
    here = loaded(tmp_path, DESIGN_MAIN, DESIGN_SHOES).plan_fingerprint
    code = "import sys, pathlib; from shoemon.config.load import load; print(load(pathlib.Path(sys.argv[1])).plan_fingerprint)"
    with started(tmp_path, program=("-c", code), env={**os.environ, "PYTHONHASHSEED": "1"}) as process:
        assert process.communicate() == (f"{here}\n", "")


def test_the_fingerprint_changes_with_what_decides(tmp_path: Path) -> None:
    base = loaded(tmp_path, "", TWO).plan_fingerprint
    assert loaded(tmp_path, "sports: [run, walk]", TWO).plan_fingerprint != base
    assert loaded(tmp_path, "timezone: Asia/Tokyo", TWO).plan_fingerprint != base
    assert loaded(tmp_path, "", TWO + "default_shoe: a").plan_fingerprint != base
    assert loaded(tmp_path, "web: {port: 9000}", TWO + "# a comment\n").plan_fingerprint == base


EXAMPLES = int(os.environ.get("SHOEMON_EXAMPLES", "60"))
FRAGMENTS = st.sampled_from(
    ["shoes:", "rules:", "corrections:", "default_shoe:", "- ", "id: a", "name: A", "when:", "shoe:", "gear:", "worn:", "from:",
     "life: 700 km", "run: 'x:1'", "{", "}", "[", "]", ",", ": ", "\n", "\n  ", "\n    ", "|", ">", "&a", "*a", "!t ", "%YAML 1.1\n---\n",
     "'", '"', "\\x", "\\U", "#", "~", "? ", "<<", "2024-02-30", "100%", "rest", "\t", "\ufeff", "9" * 5000, "0o7", ".inf", "1e999"]
)  # fmt: skip


@settings(max_examples=EXAMPLES)
@given(st.one_of(st.lists(FRAGMENTS, max_size=25).map("".join), st.text(max_size=60)), st.booleans())
@example("%YAML 1\n---\na", False)
@example("%TAG ! tag:yaml.org,2002:\n--- !x a", False)
@example('"\\N{x}"', True)
def test_any_text_gives_a_configuration_or_its_mistakes(text: str, is_main: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        content = text.encode("utf-8", "surrogatepass")
        said = mistakes(Path(name), content if is_main else b"", b"" if is_main else content)
    assert all(message.isprintable() for message in said)


@settings(max_examples=EXAMPLES)
@given(
    st.sampled_from(PLACES), st.sampled_from(SECRETS), st.integers(0, 200), st.sampled_from(["", *"{}[]:,'\"#|>&*!%\n\t -?"])
)  # fmt: skip
def test_no_slip_near_a_secret_makes_a_message_repeat_it(place: str, form: str, at: int, slip: str) -> None:
    text = place.format(form.format(SECRET))
    at = min(at, text.index(SECRET))
    with tempfile.TemporaryDirectory() as name:
        said = mistakes(Path(name), text[:at] + slip + text[at:])
    # A slip may make a secret the name of a setting outside of any secret, and names are said.
    assert not any(SECRET in message.split(": ", 2)[-1].replace(f"`{SECRET}`", "") for message in said)
