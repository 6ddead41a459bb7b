"""Settings and places are written from their page after a look, with each mistake at its field; and a sync is started."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from kit.homes import Home, faults, table_source
from kit.pages import Pages, text_of
from kit.waiting import until

from shoemon.config.edit.history import undo_edit
from shoemon.config.edit.operations import Put
from shoemon.config.edit.settings import change_setting
from shoemon.store import locking
from shoemon.sync.progress import lock_file

MAIN = f"# mine\nsources:\n{table_source('watch')}alerts:  # own\n  quiet: 22:00 - 24:00  # night\n  due: 95%\n"
SHOES = "shoes:\n  - {id: road, name: Road}\nplaces:\n  # ours\n  - {name: Stadium, at: [60.1, 24.9], radius: 120 m, surface: tartan}\n"
PAGE, AWAY = "/-/preferences", {"host": "192.168.1.7"}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.main(MAIN)
    home.shoes(SHOES)
    home.table("watch", [(1, "2024-05-02T07:00:00Z", 9000, "run", "Loop", "", "asphalt", 2700)])
    home.sync()
    return home


def send(pages: Pages, changed: dict[str, str], page: str | None = None) -> Any:
    """Send the form of the settings as a browser does, with some fields changed."""
    html = page or pages.page(PAGE)
    form = html[html.index('id="settings"') : html.index("</form>")]
    fields = dict(re.findall(r'<input (?:type="\w+" )?(?:id="[^"]*" )?name="([^"]*)" value="([^"]*)"', form))
    for name, options in re.findall(r'(?s)<select [^>]*name="([^"]*)".*?>(.*?)</select>', form):
        fields[name] = "".join(*(re.findall(r'selected>(\w+)<|value="(\w*)" selected', options) or [()]))
    for name in re.findall(r'<input type="checkbox" name="([^"]*)" value="[^"]*">', form):
        del fields[name]  # it is not ticked
    fields |= {"seen": seen[1]} if (seen := re.search(r'name="seen" value="(\d+)"', form)) else {}
    return pages.ask("POST", PAGE, data={name: unescape(text) for name, text in fields.items()} | changed)[0]


def post(pages: Pages, **form: str) -> Any:
    """Look at what a form would write, and write it."""
    answer = pages.post(PAGE, "preferences", **form)
    seen = re.search(r'name="seen" value="(\d+)"', answer.text)
    return pages.post(PAGE, "preferences", **form, seen=seen[1]) if seen else answer


def sync_now(pages: Pages, **form: str) -> Any:
    return pages.post("/-/sync", "sync", **form)


def mistakes(answer: Any) -> dict[str, str]:
    return dict(re.findall(r'class="mistake" id="mistake-([^"]*)">(.*?)</p>', unescape(answer.text)))


def test_settings_are_shown_before_they_are_written_and_undone_to_the_byte(home: Home, pages: Pages) -> None:
    assert "these are the settings already" in send(pages, {}).text
    changed = {
        "units": "mi", "timezone": "Europe/Helsinki", "alerts.hard_share": "60", "alerts.soft_share": "40 %",
        "quiet start": "21:30", "weekly day": "mon", "weekly time": "07:00", "alerts.longest": "true",
        "counts walk": "1", "overlap": "50 km", "lives.daily": "540 km", "lives.race": "300 mi",
    }  # fmt: skip
    looked = send(pages, changed)
    assert "<code>-   quiet: 22:00 - 24:00  # night\n+   quiet: 21:30-00:00  # night\n" in looked.text
    assert home.text("shoemon.yaml") == MAIN
    answer = send(pages, {}, looked.text)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?undo=1&later=1")
    written = MAIN.replace("22:00 - 24:00", "21:30-00:00")
    written += "  hard_share: 60%\n  soft_share: 40 %\n  weekly: mon 07:00\n  longest: true\nunits: mi\ntimezone: Europe/Helsinki\n"
    sports = "sports: [run, trail-run, track-run, treadmill-run, virtual-run, walk]\noverlap: 50 km\nlives: {daily: 540 km, race: 300 mi}\n"
    written += sports
    assert home.text("shoemon.yaml") == written
    after = text_of(pages.page(answer.headers["location"]))
    assert "units is mi; timezone is Europe/Helsinki;" in after and "It counts after the next sync. Undo" in after
    assert "5.6 mi" in text_of(pages.page("/")) and faults(home.database) == []
    gone = dict.fromkeys(("timezone", "alerts.hard_share", "weekly day", "quiet start", "quiet end"), "")
    assert send(pages, {}, send(pages, gone).text).status_code == 303
    left = f"  soft_share: 40 %\n  longest: true\nunits: mi\n{sports}"
    assert home.text("shoemon.yaml") == MAIN.replace("quiet: 22:00 - 24:00  # night", "# night") + left
    for id, before in ((2, written), (1, MAIN)):
        undo_edit(home.config, id)
        assert home.text("shoemon.yaml") == before
    assert change_setting(home.config, "web.port", "8002") == {"shoemon.yaml": [Put(("web", "port"), 8002)]}


def test_mistakes_are_beside_their_fields_and_keep_what_was_typed(home: Home, pages: Pages) -> None:
    typed = {
        "units": "ell", "timezone": "Europ/Oslo", "alerts.hard_share": "0%", "alerts.soft_share": "some",
        "quiet end": "", "weekly day": "tue", "alerts.longest": "perhaps", "overlap": "some", "lives.trail": "0 km",
    }  # fmt: skip
    answer = send(pages, typed)
    assert (
        answer.status_code == 409
        and "correct what is marked below" in answer.text
        and home.text("shoemon.yaml") == MAIN
    )
    assert mistakes(answer) == {
        "units": "must be one of 'km' or 'mi'",
        "timezone": "'Europ/Oslo' is not a time zone; did you mean Europe/Oslo?",
        "alerts.hard_share": "must be greater than 0",
        "alerts.soft_share": "'some' is not a share; write a percentage such as 90%",
        "alerts.quiet": "'22:00-' is not a span of the day; write it like 05:00-09:30",
        "alerts.weekly": "'tue' is not a time of the week; write a day and a time, such as mon 07:00",
        "alerts.longest": "must be true or false",
        "overlap": "'some' is not a distance; write a number and a unit (m, km, mi, yd), such as 700 km",
        "lives.trail": "must be greater than 0",
    }
    assert 'value="Europ/Oslo"' in answer.text and 'name="quiet start" value="22:00" aria-invalid' in answer.text
    corrected = dict.fromkeys(typed, "") | {"timezone": "Europe/Oslo", "quiet end": "00:00"}
    assert "<code>+ timezone: Europe/Oslo</code>" in send(pages, corrected, answer.text).text


def test_an_edit_by_hand_meanwhile_is_not_lost(home: Home, pages: Pages) -> None:
    page = pages.page(PAGE)
    by_hand = MAIN.replace("22:00 - 24:00", "20:00-06:00")
    home.main(by_hand)
    answer = send(pages, {"quiet start": "23:00"}, page)
    assert mistakes(answer) == {"alerts.quiet": "is 20:00-06:00 now: it was edited meanwhile"}
    looked = send(pages, {"units": "mi"}, page)
    assert "<code>+ units: mi</code>" in looked.text
    home.main(by_hand.replace("# mine", "# mine\nunits: km"))
    again = send(pages, {}, looked.text)
    assert mistakes(again) == {"units": "is km now: it was edited meanwhile"}
    looked = send(pages, {}, again.text)
    assert "<code>- units: km\n+ units: mi</code>" in looked.text
    home.main(by_hand)
    assert "<code>+ units: mi</code>" in send(pages, {"was units": ""}, looked.text).text  # other lines than those seen
    assert home.text("shoemon.yaml") == by_hand


def test_places_are_added_and_removed(home: Home, pages: Pages) -> None:
    place = {"form": "place", "name": "Park's #1", "at": "60.2; 25", "radius": "50", "surface": "grass"}
    assert post(pages, **place).headers["location"] == f"{PAGE}?undo=1&later=1"
    line = '  - {name: "Park\'s #1", at: [60.2, 25.0], radius: 50 m, surface: grass}\n'
    assert home.text() == SHOES + line
    removal = post(pages, form="removal", name="Stadium")
    assert removal.status_code == 303 and home.text() == SHOES[: SHOES.index("  - {name: Stadium")] + line
    assert "the place “Stadium” is removed. It counts after the next sync." in pages.page(removal.headers["location"])
    for id in (2, 1):
        undo_edit(home.config, id)
    wrong = [
        ({"at": "north"}, "at", "must be a latitude and a longitude with decimal points, such as [60.1871, 24.9270]"),
        ({"radius": "9 km"}, "radius", "is not the radius of a place; write 5 m to 5 km, such as 120 m"),
        ({"surface": "gras"}, "surface", "no surface is called `gras`; did you mean `grass`?"),
        ({"name": " "}, "name", "must not be empty"),
        ({"name": "Stadium"}, "name", "`Stadium` is the name of another place already (line 5)"),
    ]
    for change, field, words in wrong:
        assert mistakes(post(pages, **place | change)) == {field: words}
    assert "there is no item whose name is `x`" in unescape(post(pages, form="removal", name="x").text)
    assert home.text() == SHOES


def test_a_sync_is_started_and_its_end_or_error_is_said(home: Home, pages: Pages) -> None:
    home.table("watch", [(2, "2024-05-03T07:00:00Z", 8000, "run", "", "Road", "asphalt", 2700)])
    assert sync_now(pages).headers["location"] == "/?synced=1"
    until(pages.datasette.shoemon_desks["shoemon"].last_sync)
    assert "Synced: 1 new, 0 changed, 0 messages sent." in pages.page("/?synced=1") and home.totals()["road"] == 8000
    (home.directory / "watch.csv").unlink()
    assert sync_now(pages, source="watch").headers["location"] == "/?synced=1"
    until(pages.datasette.shoemon_desks["shoemon"].last_sync)
    assert "The sync failed: 0 new, 0 changed, 0 messages sent. watch: " in pages.page("/?synced=1")
    assert "no source is called x" in (answer := sync_now(pages, source="x")).text and answer.status_code == 409
    with locking.lock(lock_file(home.database), "sync"):
        answer = sync_now(pages)
    assert re.search(r"No sync was started: another sync is running \(process \d+;", answer.text)
    assert pages.ask("GET", "/-/sync")[0].headers["location"] == PAGE


def test_only_who_may_edit_sees_the_forms_and_the_button(home: Home, pages: Pages) -> None:
    for page, inside in (("/", "Sync now"), (PAGE, "Stadium"), ("/-/ground", 'href="/-/preferences"')):
        assert inside in pages.page(page) and inside not in pages.page(page, **AWAY)
    with Pages(home.database) as alone:
        assert "Sync now" not in alone.page("/") and "Datasette alone" in alone.page(PAGE)
    assert pages.ask("PUT", PAGE)[0].status_code == pages.ask("PUT", "/-/sync")[0].status_code == 405
    assert pages.ask("POST", PAGE, data={"token": "x", "form": "place"})[0].status_code == 403
    assert home.text("shoemon.yaml") == MAIN
