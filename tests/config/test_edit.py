"""Edits of shoes.yaml: what a person wrote stays as it was to the last byte, and a file is never left broken."""

import datetime as dt
import multiprocessing
import os
import stat
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from kit.configurations import TWO, write

from shoemon.config.edit.history import undo_edit, write_edits
from shoemon.config.edit.operations import Add, Operation, planned
from shoemon.config.edit.pairs import add_pair, change_pair, retire_pairs
from shoemon.config.edit.places import add_place
from shoemon.config.edit.replace_file import ChangedError, replace_file
from shoemon.config.load import load
from shoemon.config.reading import ConfigError
from shoemon.model.errors import MistakeError, ShoemonError
from shoemon.model.ids import SurfaceId
from shoemon.model.plan import Place

DAY = dt.date(2025, 10, 1)
FILES = ["shoemon.yaml", "shoes.yaml"]
NEW = {"id": "new", "name": "New: one", "gear": ["New", "123"], "bought": "2025-01-02", "life": "700 km", "brand": None}
BLOCK = """\
  - id: new
    name: "New: one"
    gear: [New, "123"]
    bought: 2025-01-02
    life: 700 km
"""
FLOW = '{id: new, name: "New: one", gear: [New, "123"], bought: 2025-01-02, life: 700 km}'

ADDED = {
    "below the last pair, above the comment of the next section": (
        "# mine\nshoes:\n  - id: a   # the first\n    name: \"A\"\n\n# what follows\nrules: []\n",
        "# mine\nshoes:\n  - id: a   # the first\n    name: \"A\"\n" + BLOCK + "\n# what follows\nrules: []\n",
    ),
    "with an empty line between, where there is one": (
        "shoes:\n  - {id: b, name: B}\n\n  - id: a\n    name: A # x\n  # the end\n",
        "shoes:\n  - {id: b, name: B}\n\n  - id: a\n    name: A # x\n\n" + BLOCK + "  # the end\n",
    ),
    "indented as the others": (
        "shoes:\n-   id: a\n    name: A\n",
        "shoes:\n-   id: a\n    name: A\n" + "\n".join(f"{'-   ' if i == 0 else '    '}{line[4:]}" for i, line in enumerate(BLOCK.splitlines())) + "\n",
    ),
    "without a line end at the end": ("shoes:\n  - id: a\n    name: A", "shoes:\n  - id: a\n    name: A\n" + BLOCK.rstrip("\n")),
    "in brackets over lines, without a comma at the end": (
        "shoes: [\n  {id: a, name: A}  # x\n]\n", f"shoes: [\n  {{id: a, name: A}},  # x\n  {FLOW}\n]\n"
    ),
    "below the comments of the last pair, above one that is not its own": (
        "shoes:\n  - id: a\n    name: A\n    # retired: 2020-04-02  # not worn for a year\n\n      # really\n  # more\nrules: []\n",
        "shoes:\n  - id: a\n    name: A\n    # retired: 2020-04-02  # not worn for a year\n\n      # really\n" + BLOCK + "  # more\nrules: []\n",
    ),
    "into empty brackets": ("shoes: []   # none\nrules: []\n", "shoes:   # none\n" + BLOCK + "rules: []\n"),
    "into empty brackets with a comment": (
        "shoes: [\n  # ask Anna\n]  # none\nrules: []\n", "shoes:  # none\n# ask Anna\n" + BLOCK + "rules: []\n"
    ),
    "where nothing is": ("rules: []\nshoes:\ncorrections: []\n", "rules: []\nshoes:\n" + BLOCK + "corrections: []\n"),
    "where nothing is, with a comment": ("shoes:   # none\n", "shoes:   # none\n" + BLOCK),
    "in the place of ~": ("shoes: ~\n", "shoes:\n" + BLOCK),
    "into an empty file": ("", "shoes:\n" + BLOCK),
    "into a file of comments": ("# mine\n", "# mine\n\nshoes:\n" + BLOCK),
    "below other sections": ("rules: []  # none\n# the end\n", "rules: []  # none\n\nshoes:\n" + BLOCK + "# the end\n"),
    "into a file in braces": ("{rules: []}\n", f"{{rules: [], shoes: [{FLOW}]}}\n"),
    "into empty brackets in braces": ("{shoes: [], rules: []}\n", f"{{shoes: [{FLOW}], rules: []}}\n"),
    "below a text of several lines": (
        "shoes:\n  - id: a\n    name: A\n    notes: |\n      # no comment\n\n      end\n\n# next\nrules: []\n",
        "shoes:\n  - id: a\n    name: A\n    notes: |\n      # no comment\n\n      end\n" + BLOCK + "\n# next\nrules: []\n",
    ),
    "below a text that keeps its empty lines": (
        "shoes:\n  - id: a\n    name: A\n    notes: |+\n      end\n\n\nrules: []\n",
        "shoes:\n  - id: a\n    name: A\n    notes: |+\n      end\n\n\n" + BLOCK + "rules: []\n",
    ),
    "with letters of all kinds around": (
        "shoes:\n  - id: a\n    name: \"Ä\\u2028 \U0001f45f\"  # \U0001f45f é\nrules: []\n",
        "shoes:\n  - id: a\n    name: \"Ä\\u2028 \U0001f45f\"  # \U0001f45f é\n" + BLOCK + "rules: []\n",
    ),
}  # fmt: skip


def edit(directory: Path, *operations: Operation, file: str = "shoes.yaml") -> int:
    """Write the operations; return the id of the edit."""
    return write_edits(load(directory), "An edit", planned(directory, {file: operations}), "2025-01-01T00:00:00Z")


def add_shoe(file: Path, fields: dict[str, Any]) -> None:
    edit(file.parent, *add_pair(fields))


def retire_shoe(file: Path, shoe: str, day: dt.date, because: str | None = None) -> None:
    edit(file.parent, *retire_pairs(load(file.parent), {shoe: day}, because))


@pytest.mark.parametrize("case", ADDED)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_a_pair_is_added(case: str, newline: str, bom: str, tmp_path: Path) -> None:
    before, after = ((bom + text.replace("\n", newline)).encode() for text in ADDED[case])
    write(tmp_path, "", before)
    add_shoe(tmp_path / "shoes.yaml", NEW)
    if newline == "\r\n" and "\r\n" not in before.decode():
        after = after.replace(b"\r\n", b"\n")
    assert (tmp_path / "shoes.yaml").read_bytes() == after
    assert load(tmp_path).plan.shoes[-1].gear == ("New", "123")


def test_a_place_is_added_and_comes_back(tmp_path: Path) -> None:
    write(tmp_path, "", "# mine\nplaces:\n  - {name: Park, at: [1, 2], radius: 1 km, surface: grass}  # x\n")
    edit(tmp_path, *add_place(Place("Laps: 400 m", 60.18714321, -24.927, 120.4, SurfaceId("tartan"))))
    assert (tmp_path / "shoes.yaml").read_text() == (
        "# mine\nplaces:\n  - {name: Park, at: [1, 2], radius: 1 km, surface: grass}  # x\n"
        '  - {name: "Laps: 400 m", at: [60.18714, -24.927], radius: 120 m, surface: tartan}\n'
    )
    assert load(tmp_path).plan.places == (
        ("Laps: 400 m", 60.18714, -24.927, 120, "tartan"),
        ("Park", 1, 2, 1000, "grass"),
    )


RETIRED = {
    "a line below the others": (
        "shoes:\n  - id: a\n    name: A   # x\n\n  # next\n  - id: b\n    name: B\n",
        "shoes:\n  - id: a\n    name: A   # x\n    retired: 2025-10-01\n\n  # next\n  - id: b\n    name: B\n",
    ),
    "below a list": (
        "shoes:\n  - id: a\n    name: A\n    gear:\n      - x # y\nrules: []\n",
        "shoes:\n  - id: a\n    name: A\n    gear:\n      - x # y\n    retired: 2025-10-01\nrules: []\n",
    ),
    "in braces": ("shoes: [{id: a, name: A}]\n", "shoes: [{id: a, name: A, retired: 2025-10-01}]\n"),
    "in braces over lines": ("shoes:\n- {id: a,\n   name: A,  # x\n  }\n", "shoes:\n- {id: a,\n   name: A, retired: 2025-10-01,  # x\n  }\n"),
    "where it is left open": (
        "shoes:\n  - id: a\n    retired:   # not yet\n    name: A\n",
        "shoes:\n  - id: a\n    retired: 2025-10-01   # not yet\n    name: A\n",
    ),
    "in the place of ~": ("shoes:\n  - id: a\n    retired: ~ # x\n    name: A\n", "shoes:\n  - id: a\n    retired: 2025-10-01 # x\n    name: A\n"),
    "with the reason": ("shoes: [{id: a, name: A, retired: ~}]\n", "shoes: [{id: a, name: A, retired: {on: 2025-10-01, because: outsole}}]\n"),
    "with the reason, on a line": ("shoes:\n- id: a\n  name: A\n", "shoes:\n- id: a\n  name: A\n  retired: {on: 2025-10-01, because: outsole}\n"),
    "quoted ids": ("shoes:\n  - 'id': \"a\"\n    name: A\n", "shoes:\n  - 'id': \"a\"\n    name: A\n    retired: 2025-10-01\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", RETIRED)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_pair_is_retired(case: str, newline: str, tmp_path: Path) -> None:
    before, after = (text.replace("\n", newline).encode() for text in RETIRED[case])
    write(tmp_path, "", before)
    because = "outsole" if case.startswith("with the reason") else None
    retire_shoe(tmp_path / "shoes.yaml", "a", DAY, because)
    assert (tmp_path / "shoes.yaml").read_bytes() == after
    [pair] = [shoe for shoe in load(tmp_path).plan.shoes if shoe.id == "a"]
    assert (pair.retired_on, pair.retired_because) == ("2025-10-01", because)


def test_a_correction_is_added_with_its_parts(tmp_path: Path) -> None:
    before = f"{TWO}corrections:\n  - {{run: 'x:1', ignore: true}}\n"
    file = write(tmp_path, "", before) / "shoes.yaml"
    edit(tmp_path, Add(("corrections",), [{"run": "x:2", "shoe": {"a": "5 km", "b": "rest"}, "ignore": False}]))
    assert file.read_text() == f"{before}  - {{run: x:2, shoe: {{a: 5 km, b: rest}}, ignore: false}}\n"


REFUSED: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "a new file that would have mistakes": (
        "shoes:\n  - {id: a, name: A, gear: x}\n",
        {"id": "b", "name": "B", "gear": ["X"], "life": "700"},
        ["shoes.yaml:3:33: shoes[1].life: '700' is not a distance; write a number and a unit (m, km, mi, yd), such as 700 km"],
    ),
    "gear that another pair has": (
        "shoes:\n  - {id: a, name: A, gear: x}\n",
        {"id": "b", "name": "B", "gear": ["X"]},
        ["shoes.yaml:3:29: shoes[1].gear[0]: `X` is claimed by `a` too, for the same time; "
         "give both `worn` spans that do not overlap, or retire one"],
    ),
    "an id that is used": (
        "shoes:\n  - {id: a, name: A}\n",
        {"id": "a", "name": "B"},
        ["shoes.yaml:3:6: shoes[1].id: `a` is the id of another shoe already (line 2)"],
    ),
    "an id that means no pair": (
        "shoes: []\n",
        {"id": "none", "name": "A"},
        ["shoes.yaml:2:5: shoes[0].id: `none` means no pair; give the shoe another id"],
    ),
    "a file that has mistakes already": ("shoes: 3\n", {"id": "a", "name": "A"}, ["shoes.yaml:1:1: shoes: must be a list; begin each item with a dash, such as `- {id: pegasus-40, name: Nike Pegasus 40}`"]),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_would_not_be_sound_is_not_written(case: str, tmp_path: Path) -> None:
    before, fields, said = REFUSED[case]
    write(tmp_path, "", before)
    with pytest.raises(ConfigError) as caught:
        add_shoe(tmp_path / "shoes.yaml", fields)
    assert [str(mistake) for mistake in caught.value.mistakes] == said
    assert (tmp_path / "shoes.yaml").read_text() == before
    assert sorted(os.listdir(tmp_path)) in (FILES, [*FILES, "state.db"])


def test_a_pair_that_is_unknown_or_retired_already_is_refused(tmp_path: Path) -> None:
    retired = "[{id: a, name: A, retired: 2024-01-01}, {id: c, name: C, retired: {because: fit, on: 2024-01-01}}]"
    write(tmp_path, "", f"shoes: {retired}\n")
    for id in "ac":
        with pytest.raises(MistakeError, match=f"`{id}` is retired already, since 2024-01-01"):
            retire_shoe(tmp_path / "shoes.yaml", id, DAY)
    with pytest.raises(MistakeError, match="no shoe has the id `b`"):
        retire_shoe(tmp_path / "shoes.yaml", "b", DAY)


PAIR = "  - id: {0}\n    name: N\n    life: {1} km\n"
ONE, OTHER = "shoes:\n" + PAIR.format("a", 20), PAIR.format("b", 30)
UNDONE: dict[str, tuple[str, str, str | None]] = {
    "in a file that was empty": ("", "shoes:\n  - id: a\n    name: A\n", ""),
    "in a pair that was moved": (
        ONE + OTHER, "shoes:\n" + OTHER + PAIR.format("a", 99), "shoes:\n" + OTHER + PAIR.format("a", 20)
    ),
    "not in a pair that has the same lines now": (ONE + OTHER, ONE + PAIR.format("b", 99), None),
    "not in the only pair that is left": (ONE + OTHER, "shoes:\n" + PAIR.format("b", 99), None),
}  # fmt: skip


@pytest.mark.parametrize("case", UNDONE)
def test_an_edit_is_undone_where_it_was_made_whatever_was_edited_by_hand(case: str, tmp_path: Path) -> None:
    before, by_hand, undone = UNDONE[case]
    file = write(tmp_path, "", before) / "shoes.yaml"
    new = {"id": "a", "name": "A"}
    done = edit(tmp_path, *(change_pair(load(tmp_path), "a", {"life": "99 km"}) if before else add_pair(new)))
    file.write_text(by_hand)
    with pytest.raises(MistakeError, match="edited at this place since") if undone is None else nullcontext():
        undo_edit(load(tmp_path), done)
    assert file.read_text() == (by_hand if undone is None else undone)


def test_mode_and_link_stay(tmp_path: Path) -> None:
    write(tmp_path, "", "shoes: []\n")
    (tmp_path / "dotfiles").mkdir()
    target = (tmp_path / "shoes.yaml").rename(tmp_path / "dotfiles" / "my-shoes.yaml")
    target.chmod(0o640)
    (tmp_path / "shoes.yaml").symlink_to("dotfiles/my-shoes.yaml")
    add_shoe(tmp_path / "shoes.yaml", NEW)
    assert (tmp_path / "shoes.yaml").is_symlink()
    assert "id: new" in target.read_text() and stat.S_IMODE(target.stat().st_mode) == 0o640
    assert os.listdir(tmp_path / "dotfiles") == ["my-shoes.yaml"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="for the administrator nothing is read-only")
def test_a_file_that_is_read_only_on_purpose_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, "", "shoes: []\n")
    (tmp_path / "shoes.yaml").chmod(0o444)
    with pytest.raises(ShoemonError, match="cannot write"):
        add_shoe(tmp_path / "shoes.yaml", NEW)


def test_an_edit_of_somebody_else_is_not_overwritten_and_the_same_edit_can_be_tried_again(tmp_path: Path) -> None:
    file = tmp_path / "shoes.yaml"
    file.write_text("theirs")
    with pytest.raises(ChangedError, match="changed at the same moment"):
        replace_file(file, b"mine, as I read it", b"mine")
    assert not issubclass(ChangedError, MistakeError)
    assert file.read_text() == "theirs" and os.listdir(tmp_path) == ["shoes.yaml"]


def test_a_disk_that_is_full_leaves_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "", "shoes: []\n")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ShoemonError, match="No space left"):
        add_shoe(tmp_path / "shoes.yaml", NEW)
    assert (tmp_path / "shoes.yaml").read_text() == "shoes: []\n"
    assert sorted(os.listdir(tmp_path)) in (FILES, [*FILES, "state.db"])


def _add(directory: str, number: int) -> bool:
    try:
        add_shoe(Path(directory) / "shoes.yaml", {"id": f"s{number}", "name": "S"})
    except ShoemonError:
        return False
    return True


@pytest.mark.slow
def test_of_many_at_once_each_is_in_the_file_or_was_refused(tmp_path: Path) -> None:
    write(tmp_path, "", "shoes: []\n")
    with multiprocessing.get_context("spawn").Pool(6) as pool:
        done = pool.starmap(_add, [(str(tmp_path), number) for number in range(24)])
    assert {shoe.id for shoe in load(tmp_path).plan.shoes} == {f"s{number}" for number, ok in enumerate(done) if ok}
    assert any(done)


def test_what_is_no_text_in_any_encoding_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "", "shoes: []\n")
    with pytest.raises(ConfigError) as caught:
        add_shoe(tmp_path / "shoes.yaml", {"id": "a", "name": os.fsdecode(b"caf\xe9")})
    assert [mistake.message.partition(" (")[0] for mistake in caught.value.mistakes] == ["contains half a character"]


def run(*arguments: str, group: str = "shoes") -> Any:
    from shoemon.cli.main import cli

    return CliRunner().invoke(cli, [group, *arguments])


def test_the_commands(tmp_path: Path) -> None:
    shoes = "shoes:\n  - {id: a, name: A, retired: 2024-01-01, life: 500 mi}\n"
    write(tmp_path, "timezone: Europe/Helsinki\nunits: mi\n", shoes)
    config = ("--config", str(tmp_path))
    added = "add vap --name Vaporfly_3 --gear V --gear 77 --kind race --price 250_EUR --model 3 --size EU_43 --link https://example.org/3"
    assert run(*(word.replace("_", " ") for word in added.split()), *config).exit_code == 0
    assert run("add", "rest", "--name", "Rested", "--life", "1000 km", *config).exit_code == 0
    assert run("retire", "rest", "--on", "2030-01-01", "--because", "fit", *config).exit_code == 0
    _, vap, rest = load(tmp_path).plan.shoes
    assert (vap.model, vap.size, vap.link) == ("3", "EU 43", "https://example.org/3")
    assert (rest.retired_on, rest.retired_because) == ("2030-01-01", "fit")
    assert [line.rstrip() for line in run("list", *config).output.splitlines()] == [
        "id   name       kind    life state",
        "a    A          daily 500 mi retired 2024-01-01",
        "vap  Vaporfly 3 race  280 mi in use",
        "rest Rested     daily 621 mi in use",
    ]
    assert run("retire", "vap", "--on", "soon", *config).exit_code == 2
    assert isinstance(run("0", *config, group="undo").exception, MistakeError) and len(load(tmp_path).plan.shoes) == 3
    assert isinstance(run("add", "vap", "--name", "V", *config).exception, MistakeError)


def test_retire_means_today_in_the_runners_zone(tmp_path: Path) -> None:
    from zoneinfo import ZoneInfo

    write(tmp_path, "timezone: Pacific/Kiritimati\n", "shoes: [{id: a, name: A}]\n")
    before = dt.datetime.now(ZoneInfo("Pacific/Kiritimati")).date()
    assert run("retire", "a", "--config", str(tmp_path)).exit_code == 0
    after = dt.datetime.now(ZoneInfo("Pacific/Kiritimati")).date()
    assert load(tmp_path).plan.shoes[0].retired_on in {before.isoformat(), after.isoformat()}


def test_the_list_of_no_pairs_says_how_to_add_one(tmp_path: Path) -> None:
    said = run("list", "--config", str(write(tmp_path))).output
    assert said.splitlines()[1].startswith("    shoemon shoes add ID --name NAME --config ")


def test_a_place_is_added_and_removed_by_command(tmp_path: Path) -> None:
    from shoemon.cli.main import cli

    file, place = write(tmp_path, "", "shoes: []\n") / "shoes.yaml", ["ground", "place"]
    before, config = file.read_text(), ("--config", str(tmp_path))
    assert CliRunner().invoke(cli, [*place, "add", "Park", "60.1", "-24.9", "1 km", "grass", *config]).exit_code == 0
    assert file.read_text() == (
        f"{before}\nplaces:\n  - name: Park\n    at: [60.1, -24.9]\n    radius: 1 km\n    surface: grass\n"
    )
    assert isinstance(CliRunner().invoke(cli, [*place, "remove", "Wood", *config]).exception, MistakeError)
    assert isinstance(
        CliRunner().invoke(cli, [*place, "add", "Wood", "1", "2", "1 km", "moss", *config]).exception, ConfigError
    )
    assert CliRunner().invoke(cli, [*place, "remove", "Park", *config]).exit_code == 0
    assert file.read_text() == before
