"""The pair of a run, written into shoes.yaml and taken out again: every other byte and every comment stays."""

import os
import re
import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit.configurations import write

from shoemon.config.edit.correct import give_pair, take_pair
from shoemon.config.edit.history import undo_edit, write_edits
from shoemon.config.edit.operations import Add, Operation, planned
from shoemon.config.edit.pairs import add_pair, change_pair, retire_pairs, unretire_pair
from shoemon.config.edit.replace_file import replace_file
from shoemon.config.load import load
from shoemon.config.reading import ConfigError
from shoemon.model.errors import MistakeError
from shoemon.model.plan import Correction, Part


def edit(directory: Path, *operations: Operation) -> None:
    for each in planned(directory, {"shoes.yaml": operations}):
        replace_file(each.path, each.old or b"", each.new)


def kept_edit(directory: Path, *operations: Operation) -> int:
    return write_edits(
        load(directory), "An edit", planned(directory, {"shoes.yaml": operations}), "2025-01-01T00:00:00Z"
    )


def assign_shoe(file: Path, run: str, shoe: str | None) -> None:
    config = load(file.parent)
    edit(file.parent, *(take_pair(config, run) if shoe is None else give_pair(config, [run], shoe)))


SHOES = "shoes: [{id: a, name: A}, {id: b, name: B}, {id: '7', name: C}]\n"
WHOLE = {
    "a new section": (SHOES, f"{SHOES}\ncorrections:\n  - run: s:1\n    shoe: b\n"),
    "a new section without a line end at the end": (SHOES.rstrip("\n"), f"{SHOES}\ncorrections:\n  - run: s:1\n    shoe: b"),
    "a new section above the comments at the end, as `init` writes them": (
        f"# mine\n{SHOES}\n# Asked only\n#rules:\n",
        f"# mine\n{SHOES}\ncorrections:\n  - run: s:1\n    shoe: b\n\n# Asked only\n#rules:\n",
    ),
    "below the last, written as that": (
        f"corrections:\n  # x\n  - {{run: s:0, ignore: true}}  # y\n{SHOES}",
        f"corrections:\n  # x\n  - {{run: s:0, ignore: true}}  # y\n  - {{run: s:1, shoe: b}}\n{SHOES}",
    ),
    "below the last, in lines": (
        f"{SHOES}corrections:\n- run: s:0\n  shoe: a\n# end\n",
        f"{SHOES}corrections:\n- run: s:0\n  shoe: a\n- run: s:1\n  shoe: b\n# end\n",
    ),
    "with empty lines between": (
        f"{SHOES}corrections:\n  - {{run: s:0, shoe: a}}\n\n  - {{run: s:2, shoe: a}}\n\nrules: []\n",
        f"{SHOES}corrections:\n  - {{run: s:0, shoe: a}}\n\n  - {{run: s:2, shoe: a}}\n\n  - {{run: s:1, shoe: b}}\n\nrules: []\n",
    ),
    "in brackets": (
        f"{SHOES}corrections: [{{run: s:0, shoe: a}}]  # x\n",
        f"{SHOES}corrections: [{{run: s:0, shoe: a}}, {{run: s:1, shoe: b}}]  # x\n",
    ),
    "in brackets over lines": (
        f"{SHOES}corrections: [\n  {{run: s:0, shoe: a}},  # x\n]\n",
        f"{SHOES}corrections: [\n  {{run: s:0, shoe: a}},  # x\n  {{run: s:1, shoe: b}}\n]\n",
    ),
    "into a correction about something else": (
        f"{SHOES}corrections:\n  - {{run: s:1, surface: {{grass: 30%, asphalt: rest}}, distance: 8 km}} # x\n",
        f"{SHOES}corrections:\n  - {{run: s:1, surface: {{grass: 30%, asphalt: rest}}, distance: 8 km, shoe: b}} # x\n",
    ),
    "into a correction about something else, in lines": (
        f"{SHOES}corrections:\n  - run: s:1\n    # long\n    distance: 8 km   # by the map\n  - {{run: s:2, shoe: a}}\n",
        f"{SHOES}corrections:\n  - run: s:1\n    # long\n    distance: 8 km   # by the map\n    shoe: b\n  - {{run: s:2, shoe: a}}\n",
    ),
    "beside which record it is a copy of": (
        f"{SHOES}corrections:\n  - {{run: s:1, duplicate_of: t:1}}\n",
        f"{SHOES}corrections:\n  - {{run: s:1, duplicate_of: t:1, shoe: b}}\n",
    ),
}  # fmt: skip
"""Before and after; taking the pair out again gives what was before."""


def both_ways(tmp_path: Path, before: bytes, run: str, shoe: str) -> tuple[bytes, bytes]:
    """The file after the pair was put in, and after it was taken out again."""
    file = write(tmp_path, "", before) / "shoes.yaml"
    assign_shoe(file, run, shoe)
    put = file.read_bytes()
    assert load(tmp_path).plan.corrections[run].shoe == (Part(shoe),)
    assign_shoe(file, run, None)
    return put, file.read_bytes()


@pytest.mark.parametrize("case", WHOLE)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_a_pair_is_put_in_and_taken_out_again_to_the_byte(case: str, newline: str, bom: str, tmp_path: Path) -> None:
    before, after = ((bom + text.replace("\n", newline)).encode() for text in WHOLE[case])
    if newline == "\r\n" and b"\r\n" not in before:
        after = after.replace(b"\r\n", b"\n")
    assert both_ways(tmp_path, before, "s:1", "b") == (after, before)


REPLACED = {
    "one by another": ("  - {run: s:1, shoe: a}  # x\n", "  - {run: s:1, shoe: b}  # x\n"),
    "with quotes": ("  - {\"run\": 's:1', 'shoe':\"a\"}\n", "  - {\"run\": 's:1', 'shoe': b}\n"),
    "the shoe first": ("  - shoe: a   # x\n    run: s:1\n", "  - shoe: b   # x\n    run: s:1\n"),
    "with all that is said beside": (
        "  - run: s:1   # 1\n    shoe: a   # 2\n    surface: grass   # 3\n    distance: 8 km\n",
        "  - run: s:1   # 1\n    shoe: b   # 2\n    surface: grass   # 3\n    distance: 8 km\n",
    ),
    "left open": ("  - {run: s:1, shoe: ~, distance: 8 km}\n", "  - {run: s:1, shoe: b, distance: 8 km}\n"),
    "left open, in lines": ("  - run: s:1\n    shoe:   # which?\n    distance: 8 km\n", "  - run: s:1\n    shoe: b   # which?\n    distance: 8 km\n"),
    "on the next line": ("  - run: s:1\n    shoe:\n      a  # x\n", "  - run: s:1\n    shoe: b  # x\n"),
    "on the next line, below a comment": ("  - run: s:1\n    shoe:  # y\n      a  # x\n", "  - run: s:1\n    shoe:  # y\n      b  # x\n"),
    "a text in lines": ("  - run: s:1\n    shoe: >-   # why\n      a\n    distance: 8 km\n", "  - run: s:1\n    shoe: b\n      # why\n    distance: 8 km\n"),
    "parts": ("  - {run: s:1, shoe: {a: 3 km, b: rest}, surface: grass}\n", "  - {run: s:1, shoe: b, surface: grass}\n"),
    "parts in lines": (
        "  - run: s:1\n    shoe:\n      a: 3 km\n      b: rest\n    surface: grass\n",
        "  - run: s:1\n    shoe: b\n    surface: grass\n",
    ),
    "parts in lines with comments": (
        "  - run: s:1\n    shoe:   # changed at the start\n      a: 3 km   # warm-up\n      # then\n      b: rest   # race\n    surface: grass\n",
        "  - run: s:1\n    shoe:   # changed at the start\n      b\n      # warm-up\n      # then   # race\n    surface: grass\n",
    ),
    "parts in brackets over lines with comments": (
        "  - {run: s:1, shoe: {a: 3 km,  # warm-up\n      b: rest},  # race\n      surface: grass}\n",
        "  - {run: s:1, shoe: b\n      # warm-up\n      ,  # race\n      surface: grass}\n",
    ),
    "parts with a name that looks like a comment": (
        "  - run: s:1\n    shoe: {'a': 3 km, \"b\": 'rest'}  # 'x\n",
        "  - run: s:1\n    shoe: b  # 'x\n",
    ),
}  # fmt: skip


TAKEN = {
    "its line": (f"{SHOES}corrections:\n  - {{run: s:0, shoe: a}}\n  - {{run: s:1, shoe: b}}\n", f"{SHOES}corrections:\n  - {{run: s:0, shoe: a}}\n"),
    "not the comment on its line": (
        f"{SHOES}corrections:\n  - {{run: s:1, shoe: b}}  # I am sure\n  - {{run: s:0, shoe: a}}\n",
        f"{SHOES}corrections:\n  # I am sure\n  - {{run: s:0, shoe: a}}\n",
    ),
    "not the comments above, in it and below": (
        f"{SHOES}corrections:\n  # 1\n  -   # 2 - two\n    run: s:1 # 3\n    # 4\n    shoe: b # 5\n  # 6\n",
        f"{SHOES}corrections:\n  # 1\n  # 2 - two\n  # 3\n  # 4\n  # 5\n  # 6\n",
    ),
    "not the comments below that belong to it, nor into the one above": (
        f"{SHOES}corrections:\n  - {{run: s:0, shoe: a}}\n  - run: s:1\n    shoe: b\n    # shoe: a  # or this\n\n    # why\n",
        f"{SHOES}corrections:\n  - {{run: s:0, shoe: a}}\n  # shoe: a  # or this\n  # why\n",
    ),
    "the only one, but not a section with a comment that belongs to it": (
        f"rules: []\n{SHOES}corrections:\n  - {{run: s:1, shoe: b}}\n    # why\n",
        f"rules: []\n{SHOES}corrections:\n  # why\n",
    ),
    "the only one, but not a section with a comment above": (
        f"{SHOES}# Single runs.\ncorrections:\n  - {{run: s:1, shoe: b}}\n",
        f"{SHOES}# Single runs.\ncorrections:\n",
    ),
    "the only one, but not a section with a comment in it": (
        f"{SHOES}corrections:  # single runs\n  - {{run: s:1, shoe: b}}\n",
        f"{SHOES}corrections:  # single runs\n",
    ),
    "the only one in brackets": (f"{SHOES}corrections: [{{run: s:1, shoe: b}}]\n", f"{SHOES}corrections: []\n"),
    "the only one in brackets, with a comma": (f"{SHOES}corrections: [{{run: s:1, shoe: b}},]\n", f"{SHOES}corrections: []\n"),
    "the first in brackets over lines": (
        f"{SHOES}corrections: [\n  {{run: s:1, shoe: b}},  # 1\n  {{run: s:0, shoe: a}},  # 0\n]\n",
        f"{SHOES}corrections: [\n   # 1\n  {{run: s:0, shoe: a}},  # 0\n]\n",
    ),
    "the last in brackets over lines": (
        f"{SHOES}corrections: [\n  {{run: s:0, shoe: a}},  # 0\n  {{run: s:1, shoe: b}}  # 1\n]\n",
        f"{SHOES}corrections: [\n  {{run: s:0, shoe: a}},  # 0\n    # 1\n]\n",
    ),
    "one with an empty line": (
        f"{SHOES}corrections:\n\n  - {{run: s:0, shoe: a}}\n\n  - {{run: s:1, shoe: b}}\n\n  - {{run: s:2, shoe: a}}\n",
        f"{SHOES}corrections:\n\n  - {{run: s:0, shoe: a}}\n\n  - {{run: s:2, shoe: a}}\n",
    ),
    "what says nothing beside the pair": (
        f"{SHOES}corrections:\n- run: s:1\n  ignore: false\n  surface: ~\n  shoe: b\nrules: []\n",
        f"{SHOES}rules: []\n",
    ),
    "the pair only": (f"{SHOES}corrections: [{{run: s:1, shoe: b, distance: 8 km}}]\n", f"{SHOES}corrections: [{{run: s:1, distance: 8 km}}]\n"),
    "the pair only, first in braces": (f"{SHOES}corrections: [{{shoe: b, run: s:1, distance: 8 km}}]\n", f"{SHOES}corrections: [{{run: s:1, distance: 8 km}}]\n"),
    "the pair only, first behind the dash": (
        f"{SHOES}corrections:\n  - shoe: b\n    run: s:1\n    distance: 8 km\n",
        f"{SHOES}corrections:\n  - run: s:1\n    distance: 8 km\n",
    ),
    "the pair only, first behind the dash, with comments": (
        f"{SHOES}corrections:\n  - shoe: b   # 1\n    # 2\n    run: s:1\n    distance: 8 km\n",
        f"{SHOES}corrections:\n  - # 1\n    # 2\n    run: s:1\n    distance: 8 km\n",
    ),
    "the parts only, not their comments": (
        f"{SHOES}corrections:\n  - run: s:1\n    shoe:\n      a: 3 km  # 1\n      b: rest  # 2\n    distance: 8 km\n",
        f"{SHOES}corrections:\n  - run: s:1\n    # 1\n    # 2\n    distance: 8 km\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", [*REPLACED, *TAKEN])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_pair_is_replaced_or_taken_out_and_comments_stay(case: str, newline: str, tmp_path: Path) -> None:
    replaced = (f"{SHOES}corrections:\n{text}# end\n" for text in REPLACED.get(case, ()))
    before, after = (text.replace("\n", newline).encode() for text in TAKEN.get(case, replaced))
    file = write(tmp_path, "", before) / "shoes.yaml"
    assign_shoe(file, "s:1", "b" if case in REPLACED else None)
    assert file.read_bytes() == after
    left = load(tmp_path).plan.corrections.get("s:1")
    if case in REPLACED:
        assert left is not None and left.shoe == (Part("b"),)
    else:
        assert left is None or (left.shoe is None and left.distance_m == 8000)


@pytest.mark.parametrize(
    "run", ["s:1", "garmin:2024-05-01 06:30", "s:a, b] #c", "s:'\"", "s:Ä\U0001f45f", "s:\u2028x", "s:- x: y"]
)
@pytest.mark.parametrize("shoe", ["b", "7"])
def test_any_id_comes_back_as_it_was(run: str, shoe: str, tmp_path: Path) -> None:
    before = f"{SHOES}corrections:\n  - {{run: s:0, shoe: a}}\n".encode()
    assert both_ways(tmp_path, before, run, shoe)[1] == before


def refused(tmp_path: Path, text: str, run: str, shoe: str | None) -> str:
    file = write(tmp_path, "", text) / "shoes.yaml"
    with pytest.raises(MistakeError) as caught:
        assign_shoe(file, run, shoe)
    assert file.read_text(encoding="utf-8") == text and sorted(os.listdir(tmp_path)) == ["shoemon.yaml", "shoes.yaml"]
    mistakes = caught.value.mistakes if isinstance(caught.value, ConfigError) else [caught.value]
    return "\n".join(map(str, mistakes))


REFUSED = {
    "a run that is ignored": (
        "  - {run: s:0, shoe: a}\n  - run: s:1\n    ignore: yes\n", "b",
        "shoes.yaml:5:5: corrections[1].ignore: s:1 is ignored here and does not count; remove `ignore` first, then it can have a pair",
    ),
    "an unknown pair": ("", "c", "shoes.yaml:5:5: corrections[0].shoe: no shoe has the id `c`; known are 7, a, b"),
    "a pair to remove that is not there": ("", None, "no correction in shoes.yaml gives s:1 a pair"),
    "a correction without a pair": ("  - {run: s:1, distance: 8 km}\n", None, "no correction in shoes.yaml gives s:1 a pair"),
    "mistakes of the file, all of them": (
        "  - {run: s:1, shoe: c}\n  - {run: s:2, distance: 3}\n", "a",
        "shoes.yaml:3:16: corrections[0].shoe: no shoe has the id `c`; known are 7, a, b\nshoes.yaml:4:16: corrections[1].distance: "
        "'3' is not a distance; write a number and a unit (m, km, mi, yd), such as 700 km",
    ),
    "what is written as nobody writes": (
        "  - ? shoe\n    : a\n    run: s:1\n    distance: 8 km\n", None,
        "shoes.yaml:3:7: corrections[0]: the name of a setting must be a plain text",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_done_is_refused_with_place_and_remedy(case: str, tmp_path: Path) -> None:
    corrections, shoe, expected = REFUSED[case]
    text = f"{SHOES}corrections:\n{corrections}" if corrections else SHOES
    assert refused(tmp_path, text, "s:1", shoe) == expected


def test_what_is_no_id_of_a_run_is_refused(tmp_path: Path) -> None:
    assert "is not the id of a run" in refused(tmp_path, SHOES, "1", "a")


PARTS = [
    "shoe: {{a: 3 km, b: rest}}",
    "shoe: a",
    "surface: grass",
    "distance: 8 km",
    "ignore: false",
    "duplicate_of: t:{0}",
]
FIELDS = st.lists(st.sampled_from(PARTS), max_size=4, unique_by=lambda part: part.partition(":")[0])
ITEM = st.tuples(
    FIELDS, st.integers(0, 4), st.sampled_from(["block", "flow", "flow in lines", "dash alone"]), st.booleans()
)
PAIR = [
    "  - id: {0}\n    name: P  # p{0}\n",
    "  - {{id: {0}, name: P}} # p{0}\n",
    "  - name: P\n    id: {0}\n    notes: >\n      a\n\n      b\n",
]
BELOW = ["", "\n", "  # b{0}\n", "    # retired: 2020-01-01  # b{0}\n", "\n      # b{0}\n\n  # c{0}\n"]
LAYOUT = st.tuples(
    st.lists(st.tuples(st.sampled_from(PAIR), st.sampled_from(BELOW)), min_size=3, max_size=3),
    st.lists(ITEM, max_size=4),
    st.lists(st.sampled_from(["", "\n", "# c{0}\n", "  # c{0}\n", "\n    # c{0} - 'x\n"]), min_size=5, max_size=5),
    st.sampled_from(["", "rules: []  # r\n", "\n# end", "\nrules: []"]),
    st.sampled_from(["  ", ""]),
    st.sampled_from(["\n", "\r\n"]),
)


def laid_out(item: tuple[list[str], int, str, bool], number: int, indent: str) -> str:
    """A correction about s:`number` in one of the ways people write them."""
    fields, place, style, has_comments = item
    says = [*dict.fromkeys(fields)] if fields and fields != ["ignore: false"] else ["distance: 9 km"]
    says.insert(min(place, len(says)), "run: s:{0}")
    says = [part.format(number) for part in says]
    note = [f"  # n{number}.{index}" if has_comments else "" for index in range(len(says))]
    if style == "flow":
        return f"{indent}- {{{', '.join(says)}}}{note[0]}\n"
    if style == "flow in lines":
        inner = f"\n{indent}   ".join(f"{part},{mark}" for part, mark in zip(says, note, strict=True))
        return f"{indent}- {{{inner}\n{indent}  }}\n"
    lines = [f"{part}{mark}" for part, mark in zip(says, note, strict=True)]
    begin = f"{indent}-  # n{number}\n" if style == "dash alone" else f"{indent}- {lines.pop(0)}\n"
    return begin + "".join(f"{indent}  {line}\n" for line in lines)


def comments(text: str) -> list[str]:
    return sorted(re.findall(r"#[^\r\n]*?(?=\s*(?:#|\r|\n|$))", text))


def owners(text: str) -> dict[str, str]:
    """Every comment, and the pair or correction that it is with: that of its line, or the last one above if it is
    indented deeper than the dash of that."""
    found: dict[str, list[str]] = {}
    item: list[str] = []
    dash = 99
    for line in text.splitlines():
        content, column = line.partition("#")[0], len(line) - len(line.lstrip())
        if content.lstrip().startswith("-"):
            item, dash = [content], column
        elif content.strip() and column > 0:
            item.append(content)
        elif content.strip():
            item, dash = [], 99
        found |= dict.fromkeys(comments(line), item if content.strip() or column > dash else [])
    return {comment: "".join(re.findall(r"(?:id|run): ([^\s,}]+)", "".join(item))) for comment, item in found.items()}


@settings(max_examples=int(os.environ.get("SHOEMON_EXAMPLES", "10")))
@given(
    LAYOUT, st.integers(0, 4), st.sampled_from(["a", "b", "7"]), st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
)  # fmt: skip
def test_any_layout_keeps_what_it_says_and_every_comment_where_it_was_and_any_text_comes_back(
    layout: tuple[list[tuple[str, str]], list[tuple[list[str], int, str, bool]], list[str], str, str, str],
    number: int,
    shoe: str,
    notes: str,
) -> None:
    pairs, items, gaps, tail, indent, newline = layout
    shoes = "".join("".join(pair).format(id) for pair, id in zip(pairs, ("a", "b", "'7'"), strict=True))
    body = "".join(gaps[i].format(i) + laid_out(item, i, indent) for i, item in enumerate(items))
    section = f"corrections:\n{body}" if items else ""
    before = f"shoes:\n{shoes}{section}{tail}".replace("\n", newline)
    with tempfile.TemporaryDirectory() as name:
        file = write(Path(name), "", before.encode()) / "shoes.yaml"
        was = load(file.parent).plan
        assign_shoe(file, f"s:{number}", shoe)
        put, put_text = load(file.parent).plan, file.read_bytes().decode()
        assign_shoe(file, f"s:{number}", None)
        out, out_text = load(file.parent).plan, file.read_bytes().decode()
        done = [
            kept_edit(file.parent, *add_pair({"id": "new", "name": notes, "notes": notes})),
            kept_edit(file.parent, *retire_pairs(load(file.parent), {"a": date(2025, 10, 1)})),
            kept_edit(file.parent, Add(("rules",), [{"when": {"sport": "run"}, "shoe": "new"}])),
        ]
        new, lines = load(file.parent).plan.shoes[-1], file.read_bytes().decode().splitlines()
        done.append(
            kept_edit(file.parent, *change_pair(load(file.parent), "a", {"life": "800 km", "gear": ["x", "y"]}))
        )
        changed = load(file.parent).plan.shoes[0]
        done.append(kept_edit(file.parent, *unretire_pair(load(file.parent), "a")))
        worn = load(file.parent).plan.shoes[0]
        for id in [done[index] for index in (4, 3, 2, 1, 0)]:
            undo_edit(load(file.parent), id)
        undone = file.read_bytes().decode()
    run = f"s:{number}"
    old = was.corrections.get(run, Correction(run))
    others = {id: each for id, each in was.corrections.items() if id != run}
    without = Correction(old.run, None, old.surface, old.distance_m, old.ignore, old.duplicate_of)
    assert {**put.corrections} == {**others, run: Correction(old.run, (Part(shoe),), *list(vars(without).values())[2:])}
    assert {**out.corrections} == (others if without == Correction(old.run) else {**others, run: without})
    assert comments(put_text) == comments(before) == comments(out_text)
    assert owners(put_text) == owners(before)
    gone = {run} - out.corrections.keys()
    assert owners(out_text) == {comment: "" if it in gone else it for comment, it in owners(before).items()}
    assert (new.name, new.notes) == (notes, notes)
    assert (changed.life_m, changed.gear, changed.retired_on) == (800_000, ("x", "y"), "2025-10-01")
    assert (worn.life_m, worn.gear, worn.retired_on) == (800_000, ("x", "y"), None)
    assert undone == out_text
    # Without the texts of the new pair, in which `#` begins no comment.
    named = [re.sub(r"^( +- \{id: new), .*", r"\1}", line) for line in lines]
    with_new = "\n".join(line for line in named if not re.match(r" {4}(name|notes): (?!P|>)", line))
    assert owners(with_new) == owners(out_text)
    if old == without and (items or not tail.startswith("\n")):
        assert out_text == before, "taking it out again gives the file back"
    assert ("\r\n" in put_text) == ("\r\n" in before) and not re.search(
        "(?<!\r)\n", put_text if newline == "\r\n" else ""
    )
