"""Links in mails that give a run its pair: signed for mails only, kept nowhere, and good for what they say."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from kit.homes import HandClock, Home, table_source
from kit.mails import part, read_mail
from kit.pages import Pages
from kit.receivers import Hook, Mailroom, hook, mail_server

from shoemon.cli.main import cli
from shoemon.store import tickets
from shoemon.store.ticket_key import desk_key
from shoemon.web.desk import Desk
from shoemon.words import sentences

SHOES = "shoes:\n  - {id: road, name: Road, life: 500 km, gear: Road}\n  - {id: trail, name: Trail, life: 500 km, gear: Trail}\n"
URL = "http://shoes.home:8001"
WORN = [(number, f"2024-05-{number:02}T06:00:00Z", 9000, "run", "", "Road", "asphalt", 3600) for number in range(1, 15)]
OPEN = [(number, f"2024-06-0{number - 20}T06:00:00Z", 9000, "run", "", "", "asphalt", 3600) for number in (21, 22)]
RUNS = {f"watch:{row[0]}" for row in OPEN}


class Post:
    """A runner with a mailbox, a webhook, ntfy and a program; the first import is over and told of."""

    def __init__(self, directory: Path, web: str, port: int, room: Mailroom, receiver: Hook) -> None:
        self.room, self.receiver = room, receiver
        self.home = Home(directory / "home", HandClock("2024-06-02T22:30:00"))
        self.program = directory / "told.json"
        self.home.main(f"""\
timezone: America/New_York
sources:
{table_source("watch")}\
alerts: {{stale: {{silent: 0d}}}}
web: {web}
notify:
  - {{name: mail, type: email, to: me@example.org, host: 127.0.0.1, port: {port}, security: none}}
  - {{name: hook, type: webhook, url: '{receiver.url}'}}
  - {{name: bell, type: ntfy, url: '{receiver.url.removesuffix("/hook")}', topic: runs}}
  - {{name: script, type: command, command: [/bin/sh, -c, 'cat > "$0"', '{self.program}']}}
""")
        self.home.shoes(SHOES)
        self.home.table("watch", WORN)
        self.home.sync()
        self.home.clock.move(hours=1)
        self.home.table("watch", [*WORN, *OPEN])

    def command(self, *words: str) -> str:
        return CliRunner().invoke(cli, [*words, "--config", str(self.home.directory)]).output

    def kept(self) -> dict[str, bytes]:
        """Every file of the runner, as it lies on the disk."""
        return {
            str(file.relative_to(self.home.directory)): file.read_bytes()
            for file in self.home.directory.rglob("*")
            if file.is_file()
        }

    def retry_after(self, **span: float) -> None:
        self.home.clock.move(**span)
        self.home.sync()


@pytest.fixture
def posted(tmp_path: Path) -> Iterator[Callable[[str], Post]]:
    """Makes a runner with these settings of the pages."""
    with hook() as receiver, mail_server() as (room, port):
        yield lambda web: Post(tmp_path, web, port, room, receiver)


def links_of(mail: bytes, kind: str) -> set[str]:
    """The addresses of pages that give a run a pair, in one part of a mail."""
    text = part(read_mail(mail), kind).replace("&amp;", "&")
    return set(re.findall(r"http://shoes\.home:8001/-/assign/[^\s\"<]+", text))


def tickets_in(mail: bytes) -> set[str]:
    return {link.partition("t=")[2] for link in links_of(mail, "plain")}


def test_a_mail_has_links_with_tickets_and_what_other_channels_get_has_plain_ones(
    posted: Callable[[str], Post],
) -> None:
    post = posted(f"{{url: '{URL}', taps: links}}")
    post.home.sync()
    mail, key, last = post.room.asked[-1], desk_key(post.home.config.state_database), date(2024, 7, 2)
    made = {run: tickets.make(key, tickets.ASSIGN, run, last) for run in RUNS}
    expected = {
        f"{URL}/-/assign/{run.replace(':', '~3A')}?{shoe}t={made[run]}"
        for run in RUNS
        for shoe in ("shoe=road&", "shoe=trail&", "")
    }
    assert links_of(mail, "plain") == links_of(mail, "html") == expected
    assert "until 2024-07-02" in part(read_mail(mail), "plain") and "until 2024-07-02" in part(read_mail(mail), "html")
    for run, ticket in made.items():
        assert tickets.is_valid(key, tickets.ASSIGN, run, ticket, last)
        assert not any(tickets.is_valid(key, tickets.ASSIGN, other, ticket, last) for other in RUNS - {run})
    told: list[Any] = [*post.receiver.bodies[-2:], json.loads(post.program.read_text())]
    for body in told:
        text = json.dumps(body)
        assert f"{URL}/-/assign/watch~3A21" in text and "t=" not in text and "tickets" not in text
        assert not any(ticket in text for ticket in made.values())
    assert {each["click"] for each in told if "click" in each} == {f"{URL}/-/assign"}


def test_no_ticket_is_kept_or_logged_or_said_whatever_becomes_of_the_mail(
    posted: Callable[[str], Post], caplog: pytest.LogCaptureFixture
) -> None:
    """The server refuses the mail because of a link in it, and quotes that."""
    caplog.set_level(logging.DEBUG, logger="shoemon")
    post = posted(f"{{url: '{URL}', taps: links}}")
    post.room.answer = lambda mail: f"451 spam: {min(links_of(mail, 'plain'))}"
    said = [str(post.home.sync())]
    found = tickets_in(post.room.asked[-1])
    assert len(found) == 2
    for again in ("554 no", "550-no, see\r\n550", "250 taken"):

        def answer(mail: bytes, again: str = again) -> str:
            link = min(links_of(mail, "plain"))
            return f"{again} {link[:-12]}\r\n{again[:3]} {link[-12:]} end"

        post.room.answer = answer
        said.append(post.command("alerts", "retry"))
        said += [post.command("alerts", "list"), post.command("status"), post.command("status", "--json")]
        kept = post.kept() | {"log": caplog.text.encode(), "said": "\n".join(said).encode()}
        for place, content in kept.items():
            assert not [ticket for ticket in found if ticket[-21:-9].encode() in content], place
    assert "451 (its words quote a link of the mail, and are left out)" in "\n".join(said)
    ((state,),) = post.home.rows("SELECT state FROM deliveries WHERE notifier = 'mail' AND alert LIKE 'unassigned%'")
    assert state == "sent" and tickets_in(post.room.asked[-1]) == found


def test_a_mail_that_is_sent_again_days_later_is_the_same_byte_for_byte(posted: Callable[[str], Post]) -> None:
    post = posted(f"{{url: '{URL}', taps: links}}")
    post.room.answer = "451 busy"
    post.home.sync()
    post.retry_after(hours=30)
    post.room.answer = "250 taken"
    post.retry_after(hours=30)
    of_runs = [mail for mail in post.room.asked if links_of(mail, "plain")]
    assert len(of_runs) >= 3 and len(set(of_runs)) == 1 and "" not in tickets_in(of_runs[0])
    assert post.room.ids[-1] == read_mail(of_runs[0])["Message-ID"]


def test_where_taps_are_for_this_machine_the_links_of_a_mail_are_plain_and_it_says_so(
    posted: Callable[[str], Post],
) -> None:
    post = posted(f"{{url: '{URL}'}}")
    post.home.sync()
    mail = post.room.asked[-1]
    expected = {f"{URL}/-/assign/watch~3A{run}{shoe}" for run in (21, 22) for shoe in ("?shoe=road", "?shoe=trail", "")}
    assert links_of(mail, "plain") == links_of(mail, "html") == expected
    assert sentences.TAP_SIGNED_IN in part(read_mail(mail), "plain")


def test_where_nobody_knows_the_address_of_the_pages_a_mail_has_lines_to_copy_and_no_links(
    posted: Callable[[str], Post],
) -> None:
    post = posted("{taps: links}")
    post.home.sync()
    text = part(read_mail(post.room.asked[-1]), "plain")
    assert '    - {run: "watch:21", shoe: road}\n' in text and "http" not in text and "tap" not in text


def test_what_is_about_no_run_without_a_shoe_has_no_ticket(posted: Callable[[str], Post]) -> None:
    post = posted(f"{{url: '{URL}', taps: links}}")
    assert "/-/assign" not in part(read_mail(post.room.asked[-1]), "plain")
    assert "mail: delivered" in post.command("alerts", "test", "mail")
    assert len(post.room.asked) == 2 and "t=" not in part(read_mail(post.room.asked[-1]), "plain")


def test_the_link_of_a_mail_gives_its_run_that_pair_with_a_second_tap(posted: Callable[[str], Post]) -> None:
    """Which links open nothing else, test_assign.py asks."""
    post = posted(f"{{url: '{URL}', hosts: [shoes.home], taps: links}}")
    post.home.sync()
    (link,) = (link for link in links_of(post.room.asked[-1], "html") if "21?shoe=trail&t=" in link)
    desk = Desk(post.home.config, post.home.clock)
    with Pages(post.home.database, desks={"shoemon": desk}) as pages:
        away = {"client": "203.0.113.9", "headers": {"host": URL.removeprefix("http://")}}
        page = pages.ask("GET", link.removeprefix(URL), **away)[0].text
        (token, *_) = re.findall('name="token" value="([^"]+)"', page)
        assert post.home.rows("SELECT DISTINCT shoe FROM legs WHERE activity IN ('watch:21', 'watch:22')") == [(None,)]
        form = {"token": token, "shoe": "trail"}
        assert pages.ask("POST", link.removeprefix(URL), data=form, **away)[0].status_code == 303
    assert post.home.rows("SELECT shoe FROM legs WHERE activity IN ('watch:21', 'watch:22') ORDER BY activity") == [
        ("trail",), (None,),
    ]  # fmt: skip
