"""What a runner comes for, done on a phone by whoever has never seen the pages, with so many taps from the first page;
what it does to the files, and that it can be taken back; and the same by the keyboard alone."""

import csv
import difflib
import re
from calendar import month_name
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests
from kit.api_servers import Answer, serving
from kit.browsing import DESKTOP, PHONE, Reader, reading
from kit.commands import started
from kit.homes import Home, faults, table_source
from kit.http_servers import free_port
from kit.receivers import receivers
from kit.runners import FORMS, OURS, SHOES, TODAY, Runner, Served, path_of, served
from kit.waiting import until
from playwright.sync_api import Error

from shoemon.pages.dates import month_of
from shoemon.web.desk import Desk

TASKS = {
    # To know
    "next pair": (0, "Which pair is worn out next?"),
    "when": (1, "When will it be?"),
    "why": (1, "Why does this run count as it does?"),
    "concrete": (1, "How far on a ground this month?"),
    "grass": (2, "Which runs were on grass last month?"),
    "cost": (1, "What does a kilometre in this pair cost?"),
    "runs of a pair": (2, "Which runs were in this pair?"),
    "no mail": (1, "Why did no mail come?"),
    "csv": (2, "Give me all my runs as CSV."),
    "csv of a filter": (3, "Give me these runs as CSV."),
    "two runners": (1, "How are my pairs, and those of whom I live with?"),
    # About a pair
    "add": (3, "I bought a pair."),
    "retire": (2, "I threw one away."),
    "wear again": (3, "I wear an old one again."),
    "raise a life": (1, "This one is still good."),
    "replace": (3, "I bought the same again."),
    "stop a nag": (2, "Do not write about this pair now."),
    # About a run
    "wrong shoe": (2, "I wore another pair."),
    "none of mine": (2, "I ran in a borrowed pair."),
    "many": (3, "All these runs were in one pair."),
    "by hand": (3, "I ran without a watch."),
    "twice": (2, "These two records are one run."),
    "no run": (2, "This was no run."),
    # About the whole
    "walks": (3, "Count my walks too."),
    "miles": (3, "I think in miles."),
    "target": (3, "At most 60 % on hard ground."),
    "undo": (2, "Take back what I changed."),
    "sync": (1, "Read my exports now."),
    "first export": (3, "Here is my export."),
    "first message": (2, "Write to my phone."),
}
"""The taps that each takes: presses of links, buttons and folds. Typing, ticking and choosing in a list are none."""
NOTIFY = "notify:\n  - {name: mail, type: email, host: 127.0.0.1, port: 9, security: none, to: a@example.org}\n"
"""Nobody listens there."""


@pytest.fixture
def own(browser: Any, runner: Runner, tmp_path: Path) -> Iterator[tuple[Runner, Served]]:
    """A runner whose files the test may change."""
    copied = runner.copied(tmp_path / "home")
    with served(copied.home) as pages:
        yield copied, pages


@pytest.fixture(scope="module")
def busy(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Runner, Served]]:
    """A runner with a second export: a dozen runs without a shoe, a run twice, walks, grass, a pair past its life."""
    directory, last_year = tmp_path_factory.mktemp("busy") / "home", TODAY - timedelta(days=365)
    rows = [
        *((f"old-{n}", f"{last_year + timedelta(days=n)}T18:00:00Z", 5000, "run", f"Old run {n}") for n in range(12)),
        *((f"walk-{n}", f"{last_year + timedelta(days=n)}T12:00:00Z", 3000, "walk", "To work") for n in range(5)),
        ("one", f"{TODAY - timedelta(days=3)}T18:00:00Z", 7000, "run", "Twice", "Fell", "grass", 2400),
        ("two", f"{TODAY - timedelta(days=3)}T18:04:00Z", 7050, "run", "Twice again", "Fell", "grass", 2400),
        ("grass", f"{last_month()[1]}T18:00:00Z", 6000, "run", "In the meadow", "Fell", "grass", 2400),
    ]
    Home(directory).table("app", rows)
    runner = Runner(
        directory,
        sources=table_source("app"),
        web=NOTIFY,
        shoes=SHOES.replace("life: 2000 km", "life: 1000 km\n    price: 120 EUR"),
    )
    with served(runner.home) as pages:
        yield runner, pages


class Doer(NamedTuple):
    """Someone with the first page of the busy runner on a phone."""

    runner: Runner
    reader: Reader
    before: dict[str, list[str]]

    def files(self) -> dict[str, list[str]]:
        """The lines of the files that the runner writes too."""
        files = (self.runner.home.directory / name for name in ("shoemon.yaml", "shoes.yaml", "runs.csv"))
        return {file.name: file.read_text(encoding="utf-8").splitlines() for file in files if file.exists()}

    def written(self) -> list[str]:
        """The lines that came and went, after `+ ` and `- `."""
        now = self.files()
        lines = (line for name in now for line in difflib.ndiff(self.before.get(name, []), now[name]))
        return [line for line in lines if line[0] in "+-"]


@pytest.fixture
def doer(browser: Any, busy: tuple[Runner, Served], request: pytest.FixtureRequest) -> Iterator[Doer]:
    """Has the first page open, and taps so often as the table above says; what was written is then taken back."""
    runner, pages = busy
    with reading(browser, pages.url, viewport=PHONE) as reader:
        totals = runner.home.totals()
        reader.open()
        doer = Doer(runner, reader, {})
        doer.before.update(doer.files())
        yield doer
        assert reader.clicks == taps_of(request)
        if doer.written():
            press(reader, "Undo")
            if "/assign/" in reader.tab.url:
                press(reader, "Remove the correction")
        assert doer.written() == [] and runner.home.totals() == totals
        assert faults(runner.home.database) == []


@pytest.fixture(scope="module", params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def visitor(browser: Any, pages: Served, request: pytest.FixtureRequest) -> Iterator[Reader]:
    with reading(browser, pages.url, viewport=request.param) as reader:
        yield reader


@pytest.fixture
def newcomer(visitor: Reader, request: pytest.FixtureRequest) -> Iterator[Reader]:
    """Has the first page open, and taps so often as the table above says."""
    visitor.open()
    visitor.clicks = 0
    yield visitor
    assert visitor.clicks == taps_of(request)


def taps_of(request: pytest.FixtureRequest) -> int:
    return TASKS[request.function.__name__.removeprefix("test_task_").replace("_", " ")][0]


def press(reader: Reader, *texts: str) -> None:
    """Taps what begins with each of these texts, and can be seen: a link, a button or a fold."""
    for text in texts:
        found = reader.tab.locator("a:visible, button:visible, summary:visible")
        reader.click(found.filter(has_text=re.compile(rf"^\s*{re.escape(text)}")).first)


def last_month() -> tuple[str, str]:
    """The first and the last day of the month before this one."""
    last = TODAY.replace(day=1) - timedelta(days=1)
    return f"{last.replace(day=1)}", f"{last}"


def day(date: str) -> str:
    """A date as the pages write it."""
    year, month, number = date.split("-")
    return f"{int(number)} {month_name[int(month)][:3]} {year}"


def stands(reader: Reader, *words: str) -> None:
    """All these words stand on the page, where they can be seen."""
    for text in words:
        reader.tab.get_by_text(text).first.wait_for(state="attached")
        found = [place for place in reader.tab.get_by_text(text).all() if place.is_visible()]
        assert found, f"{text!r} is not on {reader.tab.url}: {reader.text()[:2000]}"
        assert any(map(reader.sees, found)), f"{text!r} cannot be brought into the window"


def test_there_are_thirty_tasks_of_at_most_three_taps() -> None:
    done = {name.removeprefix("test_task_").replace("_", " ") for name in globals() if name.startswith("test_task_")}
    assert done == TASKS.keys() and len(TASKS) == 30
    assert max(taps for taps, _ in TASKS.values()) == 3


# ---------------------------------------------------------------- to know


def test_task_next_pair(newcomer: Reader) -> None:
    first = newcomer.tab.locator(".cards .card").first
    assert newcomer.sees(first.get_by_role("link", name="Alder Road", exact=True)) and newcomer.sees(
        first.get_by_text("46.4 km left")
    )


def test_task_when(runner: Runner, newcomer: Reader) -> None:
    (dates,) = runner.home.rows("SELECT due_early_on, due_on, due_late_on FROM shoe_wear WHERE shoe = 'road'")
    press(newcomer, "Alder Road")
    stands(newcomer, *map(day, dates))


def test_task_why(runner: Runner, newcomer: Reader) -> None:
    newcomer.click(newcomer.tab.get_by_role("link", name="Weekly run 5", exact=True))
    assert runner.one(5) == ("sheet:5", runner.one(5).day, "Weekly run 5", 10250.0, "Fell", "", "road")
    stands(newcomer, "Alder Road", "because a correction in shoes.yaml sets it", "because nothing names the surface")
    assert "10.3 km" in newcomer.text() or "10.25 km" in newcomer.text()


def test_task_concrete(runner: Runner, newcomer: Reader) -> None:
    month = max(run.day for run in runner.runs).strftime("%Y-%m")
    metres = sum(run.metres for run in runner.runs if f"{run.day}"[:7] == month and run.surface == "asphalt")
    press(newcomer, "Ground")
    row = newcomer.tab.locator("tr, li").filter(has_text="asphalt")
    row = row.filter(has_text=f"{metres / 1000:.1f}".removesuffix(".0"))
    row.first.wait_for(state="attached")
    assert any(map(newcomer.sees, [each for each in row.all() if each.is_visible()])), newcomer.text()[:3000]
    stands(newcomer, f"{month_name[int(month[5:])]} {month[:4]}")


def test_task_grass(doer: Doer) -> None:
    reader = doer.reader
    press(reader, "Ground")
    column = [*reader.tab.locator(".matrix thead th").all_inner_texts()].index(month_of(last_month()[0]))
    row = reader.tab.locator(".matrix tbody tr").filter(has_text="grass")
    reader.click(row.locator("th, td").nth(column).get_by_role("link"))
    assert reader.tab.locator(".runs .what").all_inner_texts() == ["In the meadow"]


def test_task_cost(doer: Doer) -> None:
    press(doer.reader, "Birch Fell")
    ((cost,),) = doer.runner.home.rows("SELECT cost_per_km FROM shoe_wear WHERE shoe = 'fell'")
    stands(doer.reader, f"{cost:.2f} EUR per km")


def test_task_runs_of_a_pair(newcomer: Reader) -> None:
    press(newcomer, "Birch Fell", "All its runs")
    assert all("Birch Fell" in each for each in newcomer.tab.locator(".runs .with").all_inner_texts())


def test_task_no_mail(doer: Doer) -> None:
    press(doer.reader, "1 message waiting")
    stands(doer.reader, "Connection refused", "It is tried again")


def rows_of_csv(reader: Reader, link: str) -> list[dict[str, str]]:
    """The rows of the file that the link leads to."""
    with reader.tab.expect_download() as download:
        press(reader, link)
    return list(csv.DictReader(download.value.path().read_text(encoding="utf-8").splitlines()))


def test_task_csv(doer: Doer) -> None:
    press(doer.reader, "Runs")
    ((runs, metres),) = doer.runner.home.rows("SELECT count(DISTINCT activity), sum(distance_m) FROM legs")
    found = rows_of_csv(doer.reader, "All runs as CSV")
    assert (len(found), sum(float(row["distance_m"]) for row in found)) == (runs, pytest.approx(metres))


def test_task_csv_of_a_filter(doer: Doer) -> None:
    press(doer.reader, "Runs")
    doer.reader.tab.get_by_label("Shoe", exact=True).select_option("Birch Fell")
    press(doer.reader, "Show")
    sql = "SELECT activity, sum(distance_m) FROM legs WHERE shoe = 'fell' GROUP BY activity ORDER BY local_date DESC, activity DESC"
    found = [(row["id"], float(row["distance_m"])) for row in rows_of_csv(doer.reader, "These runs as CSV")]
    assert sorted(found) == sorted(doer.runner.home.rows(sql)) != []


# ---------------------------------------------------------------- about a pair


def test_task_add(doer: Doer) -> None:
    press(doer.reader, "Add a pair")
    for label, text in (("Name", "Elm: #1"), ("Bought", "2024-05-01"), ("Price", "120 EUR")):
        doer.reader.tab.get_by_label(label, exact=label == "Name").first.fill(text)
    press(doer.reader, "Look at the lines")
    assert doer.written() == []
    press(doer.reader, "Write")
    stands(doer.reader, "Elm: #1 is added")
    assert doer.written() == ['+   - {id: elm-1, name: "Elm: #1", price: 120 EUR, bought: 2024-05-01}']


def test_task_retire(doer: Doer) -> None:
    press(doer.reader, "Change Alder Road")
    doer.reader.tab.get_by_label("Why Alder Road is retired").select_option("outsole")
    press(doer.reader, "Retire Alder Road")
    assert doer.written() == [f"+     retired: {{on: {doer.runner.one(0).day}, because: outsole}}"]


def test_task_wear_again(doer: Doer) -> None:
    press(doer.reader, "Retired", "Change Dogwood Old", "Wear it again")
    assert "+   - {id: old, name: Dogwood Old, gear: [Old], life: 300 km}" in doer.written()


def test_task_raise_a_life(doer: Doer) -> None:
    press(doer.reader, "Still good: +100 km Birch Fell")
    assert [line[:2] + line.split("life")[1] for line in doer.written() if line[0] != "?"] == [
        "- : 1000 km",
        "+ : 1410 km",
    ]


def test_task_replace(doer: Doer) -> None:
    press(doer.reader, "New pair like it Birch Fell", "Look at the lines", "Write")
    assert [line for line in doer.written() if "birch-fell" in line]


def test_task_stop_a_nag(doer: Doer) -> None:
    sql = "SELECT count(*) FROM snoozes WHERE subject = 'road'"
    press(doer.reader, "Change Alder Road", "Mute for two weeks")
    assert doer.runner.home.rows(sql) == [(1,)]


# ---------------------------------------------------------------- about a run


def ask_of(reader: Reader, run: str) -> Any:
    """The link that asks for the pair of one of the latest runs."""
    return reader.tab.locator(".latest li").filter(has_text=run).get_by_role("link", name=re.compile(r"^\w+ shoe\?"))


def pairs_of(doer: Doer, *runs: str) -> list[Any]:
    sql = "SELECT shoe, shoe_reason FROM legs WHERE activity = ?"
    return [row for run in runs for row in doer.runner.home.rows(sql, run)]


def test_task_wrong_shoe(doer: Doer) -> None:
    doer.reader.click(ask_of(doer.reader, "Weekly run 0"))
    press(doer.reader, "Birch Fell")
    stands(doer.reader, "Written to shoes.yaml")
    assert doer.written() == ["+   - {run: sheet:0, shoe: fell}"]
    assert pairs_of(doer, "sheet:0") == [("fell", "correction")]


def test_task_none_of_mine(doer: Doer) -> None:
    doer.reader.click(ask_of(doer.reader, "Weekly run 1"))
    press(doer.reader, "None of mine")
    assert pairs_of(doer, "sheet:1") == [(None, "correction")]


def test_task_many(doer: Doer) -> None:
    press(doer.reader, "15 runs without a shoe", "Alder Road")
    assert doer.written() == []
    press(doer.reader, "Write")
    assert doer.written()[0] == "+   - {run: sheet:1, shoe: road}" and len(doer.written()) == 15
    assert pairs_of(doer, "sheet:1", "app:old-0") == [("road", "correction")] * 2


def test_task_by_hand(doer: Doer) -> None:
    press(doer.reader, "Add a run")
    for label, text in (("Day", f"{TODAY}"), ("Distance", "8"), ("Name", "Around the lake")):
        doer.reader.tab.get_by_label(label).fill(text)
    doer.reader.tab.get_by_label("Shoe").select_option("Alder Road")
    press(doer.reader, "Look")
    assert doer.written() == []
    press(doer.reader, "Write")
    stands(doer.reader, "It counts after the next sync")
    assert doer.written()[-1] == f"+ {TODAY},8,road,,Around the lake,"


def test_task_twice(doer: Doer) -> None:
    press(doer.reader, "1 run that may count twice", "These two are one run")
    assert len(pairs_of(doer, "app:one", "app:two")) == 1


def test_task_no_run(doer: Doer) -> None:
    press(doer.reader, "Weekly run 0", "It does not count")
    assert doer.written() == ["+   - {run: sheet:0, ignore: true}"] and pairs_of(doer, "sheet:0") == []


# ---------------------------------------------------------------- about the whole


def set_on(doer: Doer, label: str, value: str | bool) -> None:
    """Changes one of the settings."""
    press(doer.reader, "Settings")
    field = doer.reader.tab.get_by_label(label)
    if value is True:
        field.check()
    elif field.evaluate("one => one.localName") == "select":
        field.select_option(value)
    else:
        field.fill(value)
    press(doer.reader, "Look at the lines")
    assert doer.written() == []
    press(doer.reader, "Write")


def test_task_walks(doer: Doer) -> None:
    before = doer.runner.home.totals()
    set_on(doer, "Count walks too", True)
    assert doer.runner.home.totals()[None] == before[None] + 5 * 3000


def test_task_miles(doer: Doer) -> None:
    set_on(doer, "Unit", "miles")
    assert [line for line in doer.written() if line[0] != "?"] == ["- units: km", "+ units: mi"]


def test_task_target(doer: Doer) -> None:
    set_on(doer, "Soft ground, at least", "40")
    assert "+ alerts: {hard_share: 60%, soft_share: 40%}" in doer.written()


def test_task_undo(doer: Doer) -> None:
    Desk(doer.runner.home.config).change_pair("retire", "road", {})
    assert doer.written() != []
    press(doer.reader, "Changes", "Undo")
    assert doer.written() == []


def test_task_sync(doer: Doer) -> None:
    press(doer.reader, "Sync now")
    stands(doer.reader, "Synced")


def test_task_first_export(browser: Any, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Where there is nothing yet. Choosing the file is a tap too."""
    export, home, port = tmp_path / "runs.csv", tmp_path / "home", free_port()
    url = f"http://127.0.0.1:{port}/"
    home.mkdir()
    export.write_text("start,distance_km,shoe\n2024-05-01 07:00,10.5,Glide\n2024-05-02 07:00,5.5,Glide\n")
    with started("serve", home, "--port", str(port)):
        until(lambda: is_up(url))
        with reading(browser, url, viewport=PHONE) as reader:
            reader.open()
            with reader.tab.expect_file_chooser() as chooser:
                reader.click(reader.tab.locator("[type=file]"))
            chooser.value.set_files(export)
            press(reader, "Send it")
            reader.tab.wait_for_url("**/-/upload/runs~2Ecsv**")
            stands(reader, "Glide")
            press(reader, "Write and read it")
            assert reader.clicks == taps_of(request)
            until(lambda: "Glide" in shown(reader))
            assert "16 of" in reader.text()
            # While the server starts again.
            reader.wrong[:] = [wrong for wrong in reader.wrong if "ERR_CONNECTION_REFUSED" not in wrong]


def test_task_first_message(doer: Doer) -> None:
    press(doer.reader, "Messages")
    with receivers() as serve:
        phone = serve()
        form = doer.reader.tab.locator("form").filter(has_text="Add a phone")
        # Its own server, instead of ntfy.sh, which no test asks.
        form.evaluate(
            "(form, url) => form.append(Object.assign(document.createElement('input'), {name: 'url', value: url, type: 'hidden'}))",
            phone.url,
        )
        press(doer.reader, "Add a phone, and send a test")
        stands(doer.reader, "delivered: the server accepted it")
        assert len(phone.posts) == 1


def is_up(url: str) -> bool:
    try:
        return requests.get(url, timeout=300).ok
    except requests.ConnectionError:
        return False


def shown(reader: Reader) -> str:
    """The first page, or nothing while the server starts again."""
    try:
        reader.open()
        return reader.text()
    except Error:
        return ""


# Two runners of one household, as `shoemon serve ANNA BOB` shows them: both to see, one's own to write.

ROWS = [(1, "2024-05-01T07:00:00Z", 9000, "run", "Known", "Road"), (2, "2024-05-02T07:00:00Z", 4000, "run", "Open", "")]
WORN = "SELECT shoe FROM legs WHERE activity = 'watch:2'"


def made(directory: Path, name: str) -> Home:
    """A home with a password of its own, two pairs, and a run that has none."""
    home = Home(directory)
    (directory / "password").write_text(f"{name} knows")
    web = "web: {password: {file: password}}"
    home.main(f"runner: {name}\n{web}\nsources:\n{table_source('watch')}")
    home.shoes(f"shoes:\n  - {{id: road, name: {name} Road, gear: [Road]}}\n  - {{id: trail, name: {name} Trail}}\n")
    home.table("watch", ROWS)
    home.sync()
    return home


def test_task_two_runners(browser: Any, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    homes, port = {name: made(tmp_path / name, name) for name in ("Anna", "Bob")}, free_port()
    directories, url = [home.directory for home in homes.values()], f"http://127.0.0.1:{port}/"
    with started("serve", *directories, "--port", str(port)):
        until(lambda: is_up(url))
        with reading(browser, url, viewport=PHONE) as reader:
            reader.open("/bob/-/assign/watch~3A2")
            for field, text in (("username", "Bob"), ("password", "Bob knows")):
                reader.tab.locator(f"[name={field}]").fill(text)
            press(reader, "Log in", "Bob Road")
            assert "Written to shoes.yaml" in reader.text()
            until(lambda: homes["Bob"].rows(WORN) == [("road",)])
            reader.open("/")
            reader.clicks = 0
            assert all(f"{name} Road" in reader.text() for name in homes) and reader.overflow() == 0
            press(reader, "Anna Road")
            stands(reader, "Known")
            assert reader.clicks == taps_of(request)
            reader.open("/bob/-/runs")
            assert reader.tab.get_by_role("link", name="Wrong shoe?").count() == 2
            reader.open("/anna/-/run/watch~3A2")
            assert "Open" in reader.text() and reader.tab.get_by_role("link", name="Wrong shoe?").count() == 0
            assert reader.tab.locator("main form").count() == 0
            press(reader, "Log out")
            reader.click(reader.tab.get_by_role("button", name="Log out"))
            assert reader.tab.locator("[name=password]").count() == 1
    assert homes["Anna"].rows(WORN) == [(None,)]


# ---------------------------------------------------------------- a tap, and back


def test_one_tap_from_the_list_gives_a_run_its_pair_and_any_other_pair_can_be_chosen(
    browser: Any, own: tuple[Runner, Served]
) -> None:
    runner, pages = own
    before = runner.text_of_shoes()
    assert runner.one(1).shoe is None
    with reading(browser, pages.url, viewport=PHONE) as reader:
        reader.open()
        assert "344 of 390 km" in reader.text()
        reader.click(reader.tab.get_by_role("link", name="3 runs without a shoe"))
        reader.click(reader.tab.locator("li").filter(has_text="Weekly run 1").get_by_role("button", name="Alder Road"))
        stands(reader, "Written to shoes.yaml")
        assert runner.text_of_shoes() == before.rstrip("\n") + "\n  - {run: sheet:1, shoe: road}\n"
        assert reader.tab.locator("li").filter(has_text="Weekly run 1").count() == 0, "it is still on the list"
        reader.open()
        assert "354 of 390 km" in reader.text() and "2 runs without a shoe" in reader.text()
        reader.open("/-/assign/sheet~3A1")
        reader.tab.get_by_label("Any other pair").select_option("old")
        reader.click(reader.tab.get_by_role("button", name="This one"))
        reader.tab.wait_for_url("**/-/run/sheet~3A1?said=written")
    assert runner.home.rows("SELECT shoe FROM legs WHERE activity = 'sheet:1'") == [("old",)]


FOREIGN = """<!doctype html><form method="post" action="{url}-/assign/sheet~3A1">
<input name="shoe" value="road"><input name="token" value=""><button>Win a pair</button></form>"""


def test_a_page_of_another_site_in_the_runners_browser_writes_nothing(
    browser: Any, runner: Runner, pages: Served, tmp_path: Path
) -> None:
    """On another port of this machine, which a browser takes for another origin of the same site, and as a file."""
    before = runner.text_of_shoes()
    with reading(browser, pages.url) as reader:
        reader.open("/-/assign/sheet~3A1")
        content = FOREIGN.format(url=pages.url).encode()
        (tmp_path / "index.html").write_bytes(content)
        with serving(lambda _: Answer(content, headers={"content-type": "text/html"})) as server:
            for address in (server.url, (tmp_path / "index.html").as_uri()):
                reader.tab.goto(address)
                with reader.tab.expect_response("**/-/assign/sheet~3A1") as answer:
                    reader.tab.get_by_role("button").click()
                assert answer.value.status == 403 and answer.value.request.method == "POST"
        reader.wrong.clear()  # what is refused here is meant to be
    assert runner.text_of_shoes() == before
    assert runner.home.rows("SELECT shoe FROM legs WHERE activity = 'sheet:1'") == [(None,)]


# ---------------------------------------------------------------- the keyboard

FOCUSED = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    if (one.numbered === undefined) one.numbered = window.numbers = (window.numbers || 0) + 1;
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    return {number: one.numbered, said: (one.textContent || one.name || one.id).trim().slice(0, 60),
        seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0};
}"""
REACHABLE = """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
    .filter(one => one.checkVisibility() && (one.type !== 'radio' || one.checked)).length"""


def walked(reader: Reader) -> list[dict[str, Any]]:
    """What the Tab key leads to, one after the other, until it comes round."""
    seen: list[dict[str, Any]] = []
    while len(seen) < 1000:
        reader.tab.keyboard.press("Tab")
        focused = reader.tab.evaluate(FOCUSED)
        if focused is None or (seen and focused["number"] < seen[-1]["number"]):
            break
        if not seen or focused["number"] > seen[-1]["number"]:  # a date is several steps in one field
            seen.append(focused)
    return seen


def tab_to(reader: Reader, what: Any) -> None:
    """Presses Tab until `what` has the focus."""
    for _ in range(300):
        reader.tab.keyboard.press("Tab")
        if what.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {what}")


def test_the_tab_key_leads_to_everything_and_shows_where_it_is_and_enter_opens_folds(
    browser: Any, runner: Runner, pages: Served
) -> None:
    with reading(browser, pages.url) as reader:
        for page in (*OURS, *FORMS):
            reader.open(path_of(page, runner))
            reader.drawn()
            steps = walked(reader)
            assert steps[0]["said"] == "Skip to the content"
            assert [step["said"] for step in steps if not (step["outlined"] and step["seen"])] == []
            assert len(steps) == reader.tab.evaluate(REACHABLE), page
            reader.open(path_of(page, runner))
            for key in ("Tab", "Enter", "Tab"):
                reader.tab.keyboard.press(key)
            inside = "document.querySelector('main').contains(document.activeElement) || document.activeElement.closest('footer') !== null"
            assert reader.tab.evaluate(inside), "the skip link leads past the links at the top"
        reader.open()
        assert "Dogwood Old" not in reader.text()
        tab_to(reader, reader.tab.locator("summary", has_text="Retired"))
        reader.tab.keyboard.press("Enter")
        assert "Dogwood Old" in reader.text()


def test_a_run_is_given_its_pair_by_the_keyboard_alone(browser: Any, own: tuple[Runner, Served]) -> None:
    runner, pages = own
    with reading(browser, pages.url) as reader:
        reader.open()
        tab_to(reader, reader.tab.locator("li").filter(has_text="Weekly run 1").get_by_role("link", name="Which shoe?"))
        reader.tab.keyboard.press("Enter")
        tab_to(reader, reader.tab.get_by_role("button", name="Alder Road"))
        reader.tab.keyboard.press("Enter")
        reader.tab.get_by_text("Written to shoes.yaml").wait_for()
    assert "  - {run: sheet:1, shoe: road}\n" in runner.text_of_shoes()
    assert runner.home.rows("SELECT shoe FROM legs WHERE activity = 'sheet:1'") == [("road",)]
