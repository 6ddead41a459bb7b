"""The page of channels: what waits or failed and why, and a channel added, tested and removed with one tap each."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kit.homes import Home, table_source
from kit.hostile import TEXTS
from kit.pages import MARK_UP, Pages, Tags, page, text_of
from kit.receivers import Receiver, mail_server, receivers
from sqlite_utils import Database

PAGE = "/-/channels"
AWAY = {"host": "192.168.1.7"}
TESTED = "Test of 1 Jun 2024, 12:00: delivered: the server accepted it."
ERROR = "https://hook.example answered 503 Service Unavailable"


@pytest.fixture
def phone() -> Iterator[Receiver]:
    with receivers() as serve:
        yield serve()


@pytest.fixture
def home(tmp_path: Path, phone: Receiver) -> Home:
    """A pair past its life, a phone that was reached, and a hook that was not."""
    home = Home(tmp_path / "home")
    home.shoes("shoes:\n  - {id: road, name: Road, life: 5 km}\n")
    home.main(
        f"sources:\n{table_source('watch')}notify:\n"
        f"  - {{name: phone, type: ntfy, url: '{phone.url}', topic: canary-topic}}\n"
        f"  - {{name: hook, type: webhook, url: '{phone.url}/no?token=canary-token'}}\n"
    )
    home.table("watch", [("1", "2024-05-01T07:00:00Z", 9000, "run", "Loop", "Road", "asphalt", 2700)])
    home.sync()
    return home


def send(pages: Pages, **form: str) -> Any:
    return pages.post(PAGE, "channels", **form)


def after(pages: Pages, **form: str) -> str:
    """What a reader reads on the page that follows a form."""
    answer = send(pages, **form)
    assert answer.status_code == 303, answer.text
    return pages.page(answer.headers["location"].partition("#")[0])


def undone(pages: Pages, answer: str) -> Any:
    """Sends the form that undoes the change, as it is on the page that followed."""
    (id,) = re.findall(r'name="id" value="(\d+)"', answer)
    return pages.post("/-/undo", "undo", id=id)


def hold(home: Home, notifier: str, state: str, error: str | None, at: str) -> None:
    """Sets state, error and next attempt of the message to a notifier."""
    sql = "UPDATE deliveries SET state = ?, last_error = ?, next_attempt_at = ?, sent_at = NULL WHERE notifier = ?"
    with Database(home.database).conn as conn:
        conn.execute(sql, (state, error, at, notifier))


def test_each_message_that_waits_or_failed_says_why_as_it_is_stored(home: Home, pages: Pages) -> None:
    assert "Last message sent 1 Jun 2024, 12:00" in text_of(pages.page(PAGE))
    title = "shoemon now watches 1 pair; 1 is past its life 1 Jun 2024, 12:00"
    later = "2999-06-01T13:00:00Z"
    for state, error, at, says in (
        ("pending", ERROR, later, f"1 waiting, 0 not delivered {title} {ERROR}. It is tried again 1 Jun 2999, 13:00."),
        ("pending", ERROR, "2024-06-01T12:00:00Z", f"{title} {ERROR}. It is tried again with the next sync."),
        ("pending", None, later, f"{title} An older message about this pair goes first. It is tried again 1 Jun 2999"),
        ("pending", None, "2024-06-01T12:00:00Z", f"{title} Not tried yet: the next sync sends it"),
        ("failed", ERROR, later, f"0 waiting, 1 not delivered {title} {ERROR}. It is not tried again by itself."),
    ):
        hold(home, "hook", state, error, at)
        assert says in text_of(pages.page(PAGE)), text_of(pages.page(PAGE))
        words = "1 message not delivered" if state == "failed" else "1 message waiting to be sent"
        assert f'<a href="{PAGE}"><b>1</b> {words[2:]}</a>' in pages.page().replace("\n        ", "")


def test_addresses_and_topics_are_for_who_may_edit_alone(home: Home, pages: Pages, phone: Receiver) -> None:
    (own,), (other,) = pages.get(PAGE), pages.get(PAGE, **AWAY)
    assert f"{phone.url}/canary-topic" in own.text and "canary-token" not in own.text
    assert "no-store" in own.headers["cache-control"]
    assert "phone" in other.text and "You cannot write from here" in other.text
    assert "canary" not in other.text and phone.url not in other.text
    assert "Datasette alone" in (alone := page(home.database, PAGE)) and "canary" not in alone


def test_a_phone_is_added_by_one_tap_and_can_be_undone(home: Home, pages: Pages, phone: Receiver) -> None:
    before, sent = home.text("shoemon.yaml"), len(phone.posts)
    answer = after(pages, do="add", kind="ntfy", url=phone.url)
    topic = (home.directory / "secrets" / "phone-2-topic").read_text().strip()
    assert [json.loads(post.body)["topic"] for post in phone.posts[sent:]] == [topic]
    assert f'href="{phone.url}/{topic}"' in answer and f"ntfy://{phone.url[7:]}/{topic}?secure=false" in answer
    assert 'class="segno"' in answer and TESTED in text_of(answer)
    assert "The channel phone-2 is added. It holds from the next message on." in text_of(answer)
    assert undone(pages, answer).status_code == 303
    assert home.text("shoemon.yaml") == before and not [*(home.directory / "secrets").iterdir()]


def test_a_mail_is_looked_at_before_it_is_written(home: Home, pages: Pages) -> None:
    before = home.text("shoemon.yaml")
    asked = send(pages, do="look", kind="email", to="me@example.org")
    assert (asked.status_code, 'name="host"' in asked.text, "type: email" in asked.text) == (200, True, False)
    known = send(pages, do="look", kind="email", to="me@gmail.com").text
    assert "host: smtp.gmail.com" in known and "{file: secrets/mail-password}" in known and 'type="password"' in known
    with mail_server() as (room, port):
        server = {"to": "me@example.org", "host": "127.0.0.1", "port": str(port), "security": "none"}
        looked = send(pages, do="look", kind="email", **server).text
        assert "  port: " in looked and 'type="password"' not in looked and home.text("shoemon.yaml") == before
        hidden = {tag.get("name"): tag.get("value") for _, tag in Tags(looked).found if tag.get("type") == "hidden"}
        assert hidden.items() >= server.items()
        assert TESTED in text_of(after(pages, do="add", kind="email", **server))
        assert room.reached == ["me@example.org"]


def test_the_answer_to_a_test_is_shown_and_a_channel_that_fails_stays(
    home: Home, pages: Pages, phone: Receiver
) -> None:
    phone.status = 403
    failed = text_of(after(pages, do="add", kind="webhook", url=f"{phone.url}/hushed"))
    assert f"not delivered: {phone.url} answered 403 Forbidden (trying again may help)" in failed
    assert "hushed" not in failed and "{file: secrets/hook-2-url}" in home.text("shoemon.yaml")
    phone.status = 200
    answer = send(pages, do="test", name="hook-2")
    assert answer.headers["location"] == f"{PAGE}#channel-hook-2" and TESTED in text_of(pages.page(PAGE))


def test_try_again_sends_now_and_remove_can_be_undone(home: Home, pages: Pages, phone: Receiver) -> None:
    before, sent = home.text("shoemon.yaml"), len(phone.posts)
    hold(home, "hook", "failed", ERROR, "x")
    hold(home, "phone", "pending", ERROR, "2999-01-01T00:00:00Z")
    assert text_of(after(pages, do="again", name="hook")).count("1 waiting, 0 not delivered") == 1
    assert len(phone.posts) == sent + 1
    assert home.rows("SELECT notifier, state FROM deliveries") == [("phone", "pending"), ("hook", "sent")]
    removed = after(pages, do="remove", name="phone")
    assert "name: phone" not in home.text("shoemon.yaml") and "phone no such channel any more" in text_of(removed)
    assert f"{ERROR}. Nothing is sent there any more." in text_of(removed)
    assert undone(pages, removed).status_code == 303 and home.text("shoemon.yaml") == before


def test_what_cannot_be_done_is_said_and_nothing_is_written(home: Home, pages: Pages, phone: Receiver) -> None:
    before, sent = home.text("shoemon.yaml"), len(phone.posts)
    refused = [
        (send(pages, do="add", kind="email", to="me@outlook.com"), 409, "outlook.com accepts no password any more"),
        (send(pages, do="add", kind="email", to="me@gmail.com"), 409, "the password or address is missing"),
        (send(pages, do="add", kind="webhook", url="ftp://canary"), 409, "url: this is not a web address"),
        (send(pages, do="test", name="pigeon"), 409, "no notifier is called pigeon"),
        (send(pages, do="again", name="pigeon"), 409, "no notifier is called pigeon"),
        (send(pages, do="remove", name="pigeon"), 409, "no notifier is called pigeon"),
        (send(pages, do="add", kind="command", command="rm"), 400, "Nothing was done"),
        (send(pages, do="add", kind="ntfy", token="x"), 403, "the page was open for too long"),
        (pages.ask("POST", PAGE, data={"do": "add", "kind": "ntfy"}, headers=AWAY)[0], 403, "you may not write from here"),
        (pages.ask("PUT", PAGE)[0], 405, "GET or POST"),
    ]  # fmt: skip
    for answer, status, words in refused:
        assert (answer.status_code, words in answer.text) == (status, True), answer.text
        assert "ftp://canary" not in answer.text
    assert (home.text("shoemon.yaml"), len(phone.posts)) == (before, sent)


@pytest.mark.slow
def test_hostile_texts_stay_texts(home: Home, pages: Pages) -> None:
    def shape(words: str) -> object:
        with Database(home.database).conn as conn:
            conn.execute("UPDATE alerts SET title = ?", (words,))
        hold(home, "phone", "failed", words, "x")
        shown = send(pages, do="look", kind="email", to=words, host=words)
        return shown.status_code, Tags(shown.text).shape()

    plain = shape("words")
    for hostile in (text.encode("utf-8", "replace").decode() for text in (*MARK_UP, *TEXTS)):
        assert shape(hostile) == plain, hostile
