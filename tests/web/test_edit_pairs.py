"""Pairs are added and changed from the pages: what each button writes, shown before, and undone to the byte."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from kit.homes import Home, faults, table_source
from kit.pages import Pages

from shoemon.cli.main import cli
from shoemon.store import tickets
from shoemon.store.ticket_key import desk_key
from shoemon.web.desk import Desk

SHOES = """\
# mine
shoes:
  - id: road
    name: Alder Road   # the blue ones
    gear: [Alder]
    life: 20 km
    # soft
  - {id: old, name: Fir Old, retired: 2024-05-03}

# what follows
rules: []
"""


def made(directory: Path, shoes: str, runs: Sequence[tuple[str, str]], web: str = "") -> Home:
    home = Home(directory)
    home.main(f"sources:\n{table_source('watch')}{web}")
    home.shoes(shoes)
    home.table("watch", [(i, f"{day}T07:00:00Z", 10_000, "run", "", gear) for i, (day, gear) in enumerate(runs)])
    home.sync()
    return home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return made(tmp_path / "home", SHOES, [("2024-05-01", "Alder"), ("2024-05-02", "Alder"), ("2024-05-03", "Elm")])


class Asked:
    """The pages, and what is written: the text of shoes.yaml."""

    def __init__(self, home: Home) -> None:
        self.home, self.desk = home, Desk(home.config, home.clock)
        self.pages = Pages(home.database, desks={"shoemon": self.desk})

    def text(self) -> str:
        return (self.home.directory / "shoes.yaml").read_text(encoding="utf-8")

    def tap(self, path: str, do: str, **fields: str) -> Any:
        data = {"token": self.desk.form_token("pairs"), "do": do, **fields}
        return self.pages.ask("POST", path, data=data)[0]


TAPS = {
    "retire": ("/-/pair/road", "retire", {}, "    life: 20 km\n    # soft\n", "    life: 20 km\n    # soft\n    retired: 2024-05-02\n"),
    "retire, and why": (
        "/-/pair/road", "retire", {"because": "outsole", "on": "2024-05-20"},
        "    life: 20 km\n    # soft\n", "    life: 20 km\n    # soft\n    retired: {on: 2024-05-20, because: outsole}\n",
    ),
    "wear again": ("/-/pair/old", "unretire", {}, "{id: old, name: Fir Old, retired: 2024-05-03}", "{id: old, name: Fir Old}"),
    "still good": ("/-/pair/road", "more", {}, "life: 20 km", "life: 120 km"),
    "settings": (
        "/-/pair/road", "set", {"name": "Alder Road", "life": "30 km", "brand": "Ash", "gear": "Alder\nAlder 2", "gear-1": "Elm", "notes": ""},
        "    gear: [Alder]\n    life: 20 km\n    # soft\n", "    gear: [Alder, Alder 2, Elm]\n    life: 30 km\n    # soft\n    brand: Ash\n",
    ),
    "a new one": (
        "/-/pair", "add", {"name": "Élm: two", "kind": "race", "bought": "2024-05-01", "gear": "", "gear-1": "Elm"},
        "\n\n# what follows", "\n  - {id: elm-two, name: \"Élm: two\", kind: race, bought: 2024-05-01, gear: [Elm]}\n\n# what follows",
    ),
    "a new one in the place of another": (
        "/-/pair", "add", {"name": "Alder Road", "bought": "2024-05-04", "gear": "Alder", "after": "road"},
        SHOES[SHOES.index("    # soft"):],
        "    # soft\n    retired: 2024-05-02\n  - {id: old, name: Fir Old, retired: 2024-05-03}\n"
        "  - {id: alder-road, name: Alder Road, bought: 2024-05-04, gear: [Alder], worn: {from: 2024-05-04}}\n\n# what follows\nrules: []\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TAPS)
def test_each_button_writes_its_lines_which_count_at_once_and_undo_gives_the_file_back(case: str, home: Home) -> None:
    path, do, fields, before, after = TAPS[case]
    asked = Asked(home)
    looked = asked.tap(path, do, look="1", **fields)
    assert looked.status_code == 200 and asked.text() == SHOES
    answer = asked.tap(path, do, **fields)
    assert answer.status_code == 303, answer.text
    assert asked.text() == SHOES.replace(before, after)
    assert all(line.strip() in looked.text.replace("&#34;", '"') for line in after.splitlines() if line not in SHOES)
    assert faults(home.database) == []
    page = asked.pages.page(answer.headers["location"])
    assert "It counts now." in page and ">Undo<" in page
    asked.desk.undo(1)
    assert asked.text() == SHOES and faults(home.database) == []


def test_what_is_edited_by_hand_meanwhile_stays_and_where_it_is_in_the_way_it_is_said(home: Home) -> None:
    asked, file = Asked(home), home.directory / "shoes.yaml"
    undo = {"token": asked.desk.form_token("undo")}
    for do in ("more", "retire"):
        asked.tap("/-/pair/road", do)
    file.write_text(asked.text().replace("# mine", "# all mine").replace("rules: []", "rules: []  # none"))
    assert asked.pages.ask("POST", "/-/undo", data={**undo, "id": "1"})[0].status_code == 303
    file.write_text(asked.text().replace("retired: 2024-05-02", "retired: 2024-05-09"))
    by_hand = asked.text()
    assert by_hand == SHOES.replace("# mine", "# all mine").replace("rules: []", "rules: []  # none").replace(
        "    # soft\n", "    # soft\n    retired: 2024-05-09\n"
    )
    refused = asked.pages.ask("POST", "/-/undo", data={**undo, "id": "2"})[0]
    assert refused.status_code == 409 and "was edited at this place since; undo this by hand" in refused.text
    assert asked.text() == by_hand
    with closing(sqlite3.connect(home.config.state_database)) as state:
        items = ('{"path": 1}', '{"path": "x"}', '{"path": "x", "changes": [{"at": 1}]}')
        for files in ("{", "[" * 9_999, "7", *(f"[{item}]" for item in items)):
            state.execute("INSERT INTO edits(edited_at, title, files) VALUES ('2024-05-02', 'Broken', ?)", (files,))
        state.commit()
        page = asked.pages.page("/-/undo")
        assert "Broken" not in page and ">Undo<" in page
        assert asked.pages.ask("POST", "/-/undo", data={**undo, "id": "4"})[0].status_code == 409
        state.executescript("DROP TABLE edits; CREATE TABLE edits(other)")
    assert "no such column" in asked.pages.page("/-/undo")


def test_mistakes_are_all_said_and_what_was_typed_stays(home: Home) -> None:
    asked = Asked(home)
    answer = asked.tap("/-/pair", "add", name="Ash", life="700", price="much", gear="Alder", bought="")
    assert answer.status_code == 409 and asked.text() == SHOES
    said = ["&#39;700&#39; is not a distance", "price", 'value="700"', 'value="much"']
    assert [words for words in said if words not in answer.text] == []
    for path, do, words in (
        ("/-/pair/road", "unretire", "`road` is not retired"),
        ("/-/pair/old", "retire", "`old` is retired already, since 2024-05-03"),
        ("/-/pair/road", "fly", "nothing is known to do"),
    ):
        answer = asked.tap(path, do)
        assert (answer.status_code, words in answer.text) == (409, True), answer.text
    assert asked.tap("/-/pair", "add", name="Ash", bought="0001-01-01", after="road").status_code == 409
    assert asked.tap("/-/pair/none-such", "more").status_code == 404
    assert asked.tap("/-/pair/road", "more", token="x").status_code == 403 and asked.text() == SHOES


def test_alerts_are_muted_and_marked_as_seen(home: Home) -> None:
    asked = Asked(home)
    assert home.rows("SELECT count(*) FROM alerts WHERE shoe = 'road'") != [(0,)]
    assert asked.tap("/-/pair/road", "mute").headers["location"] == "/-/shoe/road?done=muted"
    assert home.rows("SELECT subject, until FROM snoozes") == [("road", "2024-06-15T12:00:00Z")]
    assert asked.tap("/-/pair/road", "unmute", back="home").headers["location"] == "/?done=unmuted"
    assert asked.tap("/-/pair/road", "seen").headers["location"] == "/-/shoe/road?done=seen"
    assert home.rows("SELECT count(*) FROM alerts WHERE shoe = 'road' AND acknowledged_at IS NULL") == [(0,)]
    assert home.rows("SELECT * FROM snoozes") == []


def test_resting_pairs_are_retired_with_one_tap_each_with_its_last_day(tmp_path: Path) -> None:
    shoes = "shoes: [{id: a, name: A}, {id: b, name: B}, {id: c, name: C}]\n"
    home = made(tmp_path / "home", shoes, [("2022-01-01", "A"), ("2022-02-01", "B"), ("2024-05-01", "C")])
    asked = Asked(home)
    assert "Retire them all" in asked.pages.page("/")
    assert asked.tap("/-/pair", "retire_resting").headers["location"].startswith("/?undo=")
    assert asked.text() == (
        "shoes: [{id: a, name: A, retired: {on: 2022-01-01, because: other}}, {id: b, name: B, retired: {on: 2022-02-01, because: other}}, {id: c, name: C}]\n"
    )


KINDS = """\
shoes:
  - {id: road, name: Alder Road, gear: [Alder]}
  - {id: own, name: Own, gear: [Elm], life: 640 km}
  - {id: trail, name: Fir, kind: trail, initial: 600 km}
"""
OLD = "".join(f"  - {{id: o{km}, name: O, initial: {km} km, retired: 2024-01-01}}\n" for km in (31, 33, 20, 100))


def test_one_tap_makes_the_runners_own_life_the_default_of_its_kind(tmp_path: Path) -> None:
    """Two pairs have run 30 km each; the median of the four retired ones is 32 km."""
    runs = [(f"2024-05-0{day}", gear) for day in (1, 2, 3) for gear in ("Alder", "Elm")]
    home = made(tmp_path / "home", KINDS + OLD, runs, "units: km  # mine\n# the end\n")
    asked, main = Asked(home), (home.directory / "shoemon.yaml").read_text()
    written = main.replace("# the end", "lives: {daily: 32 km}\n# the end")
    sql = "SELECT shoe, life_m, status FROM shoe_wear WHERE shoe IN ('own', 'road', 'trail') ORDER BY 1"
    before = [("own", 640_000, "fresh"), ("road", 640_000, "fresh"), ("trail", 640_000, "soon")]
    after = [("own", 640_000, "fresh"), ("road", 32_000, "soon"), ("trail", 640_000, "soon")]
    assert home.rows(sql) == before and "default_life" not in asked.pages.page("/-/shoe/trail")
    page = asked.pages.page("/-/shoe/own")
    assert 'value="32 km"' in page and "Writes <code>lives: {daily: 32 km}</code>" in page
    looked = asked.tap("/-/pair/own", "default_life", life="32 km", look="1")
    assert "<code>+ lives: {daily: 32 km}</code>" in looked.text
    answer = asked.tap("/-/pair/own", "default_life", life="32 km")
    assert (home.directory / "shoemon.yaml").read_text() == written and home.rows(sql) == after
    page = asked.pages.page(answer.headers["location"])
    assert "The default life of daily pairs is 32 km. It counts now." in page and "default_life" not in page
    assert home.rows("SELECT shoe, stage FROM alerts WHERE shoe = 'road' AND rearmed_at IS NULL") == [("road", "soon")]
    asked.desk.undo(1)
    assert (home.directory / "shoemon.yaml").read_text() == main and home.rows(sql) == before
    assert home.rows("SELECT shoe, stage FROM alerts WHERE shoe = 'road' AND rearmed_at IS NULL") == []
    refused = asked.tap("/-/pair/own", "default_life", life="far")
    assert refused.status_code == 409 and "lives.daily: &#39;far&#39; is not a distance" in refused.text
    done = CliRunner().invoke(cli, ["set", "lives.daily", "32 km", "--config", str(home.directory)])
    assert done.exit_code == 0 and (home.directory / "shoemon.yaml").read_text() == written


def test_whoever_retires_a_pair_sees_its_life_as_a_picture_with_what_was_ticked(tmp_path: Path) -> None:
    home = made(tmp_path / "home", SHOES, [("2024-05-01", "Alder"), ("2024-05-02", "Alder")], "runner: Änna <b>\n")
    asked = Asked(home)
    answer = asked.tap("/-/pair/road", "retire", back="home")
    assert answer.headers["location"].startswith("/-/shoe/road?undo=")
    page = asked.pages.page(answer.headers["location"])
    assert ">Undo<" in page and 'src="/-/life/road"' in page and 'href="/-/life/road" download="road.svg"' in page
    days, name = "1 May 2024 to 2 May 2024", "Änna &lt;b&gt;"
    for query, drawn in (("", ()), ("?days=1", (days,)), ("?runner=1", (name,)), ("?days=1&runner=1", (days, name))):
        assert f'src="/-/life/road{query.replace("&", "&amp;")}"' in asked.pages.page(f"/-/shoe/road{query}")
        picture = asked.pages.page(f"/-/life/road{query}")
        assert [each for each in (days, name) if each in picture] == [*drawn]
        assert "2024" not in picture.replace(days, "")


def test_the_link_of_a_mail_opens_one_pair_for_one_tap_and_no_more(home: Home) -> None:
    home.main((home.directory / "shoemon.yaml").read_text() + "web: {taps: links, url: https://shoes.example.org}\n")
    asked = Asked(home)
    ticket = tickets.make(desk_key(home.config.state_database), tickets.PAIR, "road", home.clock().date())
    shown = asked.pages.page(f"/-/pair/road?t={ticket}")
    assert "Retire" in shown
    answer = asked.tap(f"/-/pair/road?t={ticket}", "more")
    assert answer.headers["location"] == f"/-/pair/road?t={ticket}&done=written" and "life: 120 km" in asked.text()
