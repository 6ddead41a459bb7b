"""Several runners on the same pages: all on the first one, and each on pages of their own."""

import re
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from kit.homes import Home, table_source
from kit.pages import Pages, plain_datasette, text_of
from kit.receivers import mail_server

from shoemon.config.household import load_household
from shoemon.config.load import Config, load
from shoemon.sync.schedule import Watch
from shoemon.web.desk import Desk

START = "2024-05-01T07:00:00Z"
ADDRESSES = ("shoes", "runs", "run/watch~3A1", "shoe/road", "ground", "assign", "assign/watch~3A2", "manual/pages")


def made(directory: Path, name: str, main: str) -> Home:
    """A home with the pair `road`, a run in it, and a run without a shoe; their ids are the same in every home."""
    home = Home(directory)
    home.main(f"{main}\nsources:\n{table_source('watch')}")
    home.shoes(f"shoes:\n  - {{id: road, name: {name} Road}}\n  - {{id: trail, name: {name} Trail}}\n")
    rows = [(1, START, 16093.44, "run", "Known", f"{name} Road"), (2, "2024-05-02T07:00:00Z", 1000, "run", "Open")]
    home.table("watch", rows)
    home.sync()
    return home


@pytest.fixture
def homes(tmp_path: Path) -> list[Config]:
    """Anna, who set her name, and Bob, whose directory has his; he counts in miles."""
    made(tmp_path / "one", "Anna", "runner: Ännä B.\nweb: {url: 'http://shoes.home/s/'}")
    made(tmp_path / "Bob", "Bob", "units: mi\nweb: {taps: links}")
    return load_household([str(tmp_path / "one"), str(tmp_path / "Bob")])


def pages_of(homes: list[Config]) -> Pages:
    return Pages(*(home.database for home in homes), desks={home.database_name: Desk(home) for home in homes})


def links(html: str) -> set[str]:
    """The addresses of our pages on a page, without those of styles, scripts and tables."""
    return {link for link in re.findall(r'(?:href|action|src)="(/[^"]*)', html) if re.search("/-/(?!shoemon/)", link)}


def test_the_first_page_shows_all_runners_and_each_has_pages_that_lead_to_no_other(homes: list[Config]) -> None:
    with pages_of(homes) as pages:
        text = text_of(pages.page("/"))
        assert "Ännä B. Needs a decision 1 run without a shoe (1 km)" in text and "16.1 of 640 km" in text
        assert "Bob Needs a decision 1 run without a shoe (0.6 mi)" in text and "10 of 398 mi" in text
        for name, runner, other in (("anna-b", "Ännä B.", "bob"), ("bob", "Bob", "anna-b")):
            for address in ADDRESSES:
                html = pages.page(f"/{name}/-/{address}")
                assert {link.split("/")[1] for link in links(html)} == {name}, address
                assert f"/{other}" not in html and f" · {runner} · shoemon</title>" in html
            assert str(homes[name == "bob"].directory) in pages.page(f"/{name}/-/shoe/trail")
            for answer in pages.get(f"/{name}", f"/{name}/shoe_summary", f"/{name}/nothing"):
                assert f"<b>{runner}</b>" in answer.text and f'"/{name}/-/ground"' in answer.text
                assert f"/{other}" not in answer.text


def test_databases_in_a_datasette_of_ones_own_are_shown_in_the_same_way(homes: list[Config]) -> None:
    first, second = (
        home.database.rename(home.database.with_name(f"{name}.db")) for name, home in zip("ab", homes, strict=True)
    )
    with Pages(first, second, app=plain_datasette) as pages:
        text = text_of(pages.page("/"))
        assert "a Needs a decision" in text and "b Needs a decision" in text
        assert "Bob Road" in pages.page("/b/-/runs") and links(pages.page("/b/-/runs")) >= {"/b/-/shoe/road"}
        assert pages.get("/c/-/runs")[0].status_code == 404
        for name in "ab":
            assert "Shoes and the ground they wear out on" in pages.page(f"/{name}")
            assert pages.page(f"/{name}/next_to_replace")


def test_a_tap_is_written_for_its_runner_alone(homes: list[Config], tmp_path: Path) -> None:
    bob, anna = Desk(homes[1]), Desk(homes[0])
    page = f"/bob/-/assign/watch~3A2?t={bob.ticket('watch:2')}"

    def tap(token: str) -> Any:
        (answer,) = pages.ask("POST", page, data={"shoe": "trail", "token": token})
        return answer.status_code, answer.headers.get("location")

    with pages_of(homes) as pages:
        assert tap(anna.form_token("watch:2")) == (403, None)
        assert tap(bob.form_token("watch:2")) == (303, "/bob/-/run/watch~3A2?said=written")
    assert "corrections" not in (tmp_path / "one" / "shoes.yaml").read_text()
    assert "- run: watch:2\n    shoe: trail" in (tmp_path / "Bob" / "shoes.yaml").read_text()


def test_addresses_in_old_mails_lead_to_the_page_beside_others_and_alone(homes: list[Config]) -> None:
    alone = load(homes[0].directory)
    for served, moves in (
        (homes, {"/shoemon/legs?shoe=road": "/anna-b/legs?shoe=road", "/shoemon/-/runs": "/anna-b/-/runs"}),
        ([alone], {"/anna-b/-/runs?q=1": "/shoemon/-/runs?q=1", "/anna-b/legs": "/shoemon/legs"}),
    ):
        with pages_of(served) as pages:
            assert [answer.headers["location"] for answer in pages.get(*moves)] == list(moves.values())
            assert all(map(pages.page, moves.values()))
    with pages_of(homes) as pages:
        assert "Anna Road" in pages.page("/-/run/watch~3A1"), "a mail of the time when the first runner was alone"
    with pages_of([alone]) as pages:
        assert links(pages.page("/-/runs")) == links(pages.page("/shoemon/-/runs")) >= {"/-/run/watch~3A1"}


def test_one_database_that_is_gone_hides_no_other(homes: list[Config]) -> None:
    with pages_of(homes) as pages:
        before = pages.get("/-/progress.json")[0].json()["finished"]
        homes[1].database.unlink()
        assert "Anna Road" in pages.page("/") and "Bob This database cannot be read now" in text_of(pages.page("/"))
        assert [answer.status_code for answer in pages.get("/bob/-/runs", "/anna-b/-/runs")] == [503, 200]
        assert pages.get("/-/progress.json")[0].json()["finished"] not in (None, before)


def test_messages_name_the_home_of_their_runner_and_lead_to_its_pages(homes: list[Config]) -> None:
    """Those that a tap makes due, and those of a tick."""
    bob = homes[1]
    with mail_server() as (room, port):
        mail = f"notify:\n  - {{name: mail, type: email, to: me@example.org, host: 127.0.0.1, port: {port}, security: none}}"
        home = Home(bob.directory)
        home.main(f"{mail}\nsources:\n{table_source('watch')}")
        home.shoes("shoes: [{id: road, name: Road, life: 20 km}, {id: trail, name: Trail, life: 1 km}]\n")
        home.sync([])
        Desk(bob).assign("watch:2", "trail")
        home.table("watch", [(1, START, 20_000, "run", "", "Road")])
        Watch(home.directory, household=bob.household).tick()
        text = "".join(
            message_from_bytes(mail, policy=default).get_body(("plain",)).get_content() for mail in room.asked
        )
    for pair in ("road", "trail"):
        assert f"http://shoes.home/s/bob/-/shoe/{pair}" in text
    assert f"--config {home.directory}" in text
