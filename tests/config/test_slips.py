"""Everyday slips in YAML: each is reported where it is, with its remedy, and nothing else is wrong because of it."""

import re
from pathlib import Path

import pytest
from kit.configurations import loaded

from shoemon.config.reading import ConfigError

FILE = """\
shoes:
  - id: pegasus-40
    name: Nike Pegasus 40
    gear: ["Nike Pegasus 40", "16632706"]     # how exports call it
    life: 700 km
    worn:
      - from: 2024-03-02
        until: 2024-09-01
      - {from: 2025-03-01}
  - id: endorphin
    name: 'Endorphin'
rules:
  - when: {sport: trail-run}
    shoe: pegasus-40
  - when:
      name: "(?i)intervals"
      near:
        lat: 60.1
        lon: 24.9
        within: 2 km
    shoe: endorphin
"""
KEY = r"^ *(?:- )?\w+"
SLIPS = {
    "a quote is not closed": (r"""(?<=[\w)])["']""", "", "the (quote . opens here and is not closed|text in quotes ends here)"),
    "a bracket is not closed": (r"[]}]", "", "`.` opens here and is not closed; write `.` at its end"),
    "the wrong bracket": (r"}", "]", "`]` closes the `{` of line .*; write `}`"),
    "a bracket too many": (r"(?<=[]}])", "]", "`]` closes nothing that is open"),
    "no comma": (r'",', '"', "a comma is missing before this"),
    "no blank after the colon": (rf"({KEY}:) ", r"\1", "a blank is missing after the colon"),
    "no colon": (rf"({KEY}):( [\w\"']|$)", r"\1\2", "a colon is missing after the name"),
    "an equals sign": (rf"({KEY}): (?=[\w\"'])", r"\1 = ", "a colon is missing after the name"),
    "a second colon": (rf"({KEY}: )(?=\w)", r"\1x: ", "a second colon on this line"),
    "no blank after the dash": (r"^( *-) ", r"\1", "a blank is missing after the dash"),
    "no dash": (r"^(  )- (?=id|when)", r"\1", "an item of a list begins here without its dash"),
    "a tab": (r"^  ", "\t", "a tab is not allowed here"),
    "too deep": (r"^ (?! +name: \"\(| +lat)", "  ", "begin this line in column"),
    "too shallow": (r"^ (?! +name: \"\(| +lat)", "", "begin this line in column"),
    "a character of YAML's own": (rf"({KEY}: )(?=\w)", r"\1@", "a text that begins with `@` must be in quotes"),
    "a curly quote": (r'(?<=: )"(.*)"', "“\\1”", r"a typographic character \(left double quotation mark\)"),
    "a no-break blank": (rf"({KEY}:) (?=[\w\"])", "\\1\u00a0", r"a typographic character \(no-break space\)"),
}  # fmt: skip
"""What is written wrong (a pattern, and what is in its place), and what is reported."""


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_on_any_line_is_reported_on_that_line_and_nothing_else_is(slip: str, tmp_path: Path) -> None:
    pattern, put, expected = SLIPS[slip]
    lines, found = FILE.splitlines(), 0
    for number, line in enumerate(lines, 1):
        wrong = re.sub(pattern, put, line, count=1)
        if wrong != line:
            with pytest.raises(ConfigError) as caught:
                loaded(tmp_path, "", "\n".join([*lines[: number - 1], wrong, *lines[number:]]))
            assert [mistake.line for mistake in caught.value.mistakes] == [number], wrong
            assert re.match(expected, caught.value.mistakes[0].message), wrong
            found += 1
    assert found


CASES = {
    "two slips, and a mistake": (
        'shoes:\n  - id: a\n    name: "A\n    gear: [x, y\n    lief: 700 km\n',
        [
            "3:11: the quote \" opens here and is not closed on this line; close or remove it",
            "4:11: `[` opens here and is not closed; write `]` at its end",
            "5:5: shoes[0].lief: unknown setting; did you mean `life`?",
        ],
    ),
    "below a mend that moves lines, the columns of the file": (
        "shoes:\n  -id: a\n   name: A\n   lief: 700 km\n",
        ["2:4: a blank is missing after the dash (`- name: value`)", "4:4: shoes[0].lief: unknown setting; did you mean `life`?"],
    ),
    "a quote inside of quotes": (
        "shoes:\n  - id: a\n    name: 'Anna's pair'\n",
        ["3:16: the text in quotes ends here, but more follows; put all of it in quotes, and write '' for a ' inside"],
    ),
    "a comment that swallows a bracket": (
        "shoes:\n  - id: a\n    name: A\n    gear: [#1, x]\n",
        ["4:11: `[` opens here and is not closed; write `]` at its end; a `#` begins a comment unless it is in quotes"],
    ),
    "dashes in brackets": ("shoes: [\n  - id: a\n]\n", ["2:3: brackets are open here; write either dashes or brackets"]),
    "an item of the list above": (
        "shoes:\n  - id: a\n    name: A\n    id: b\n    name: B\n",
        ["4:5: shoes[0].id: is already set above; keep one of the two, or begin a new item of the list with `- `"],
    ),
    "the first item": ("shoes:\n  id: a\n  name: A\n  - id: b\n    name: B\n", ["2:3: an item of a list begins here without its dash; write `- ` before it"]),
    "a comparison": (
        "rules:\n  - when: {distance: >= 8 km}\n    ignore: true\n", ["2:22: a text that begins with `>` must be in quotes"],
    ),
    "brackets of a pattern": ("rules: [{when: {name: [a-z]+}, ignore: true}]\n", ["1:23: a text that begins with a bracket must be in quotes"]),
    "a backslash": (
        'rules: [{when: {name: "\\d km"}, ignore: true}]\n',
        ["1:24: a backslash in double quotes begins an escape; write single quotes, as in 'C:\\Users\\Anna' or '\\d+ km'"],
    ),
    "a path of Windows": ('shoes: [{id: a, name: "C:\\temp"}]\n', ["1:23: shoes[0].name: a backslash in double quotes begins an escape; "
        "write single quotes, as in 'C:\\Users\\Anna' or '\\d+ km'"]),
    "no blank in braces": ("shoes: [{id:a, name: A}]\n", ["1:10: shoes[0]: a blank is missing after the colon (`name: value`)"]),
    "a number sign": ("shoes: [{id: a, name: }]\n", ["1:17: shoes[0].name: has no value; indent what belongs to it, or put a text that begins with `#` or `~` in quotes"]),
    "a text in lines that is not indented": (
        "shoes:\n  - id: a\n    name: |\n    A\n", ["4:5: a text after `|` or `>` must be indented deeper than its name"],
    ),
    "what belongs in the other file": ("timezone: UTC\n", ["1:1: timezone: belongs in shoemon.yaml; move it there"]),
    "two documents": ("shoes: []\n---\nrules: []\n", ["2:1: a second document begins here (---); keep one"]),
    "two versions of git": ("shoes:\n<<<<<<< HEAD\n", ["2:1: this line has no `name: value`; write a colon and a blank, or mend the indent"]),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_slips_and_their_remedies(case: str, tmp_path: Path) -> None:
    text, expected = CASES[case]
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, "", text)
    assert [str(mistake).removeprefix("shoes.yaml:") for mistake in caught.value.mistakes] == expected
