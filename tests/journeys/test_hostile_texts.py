"""Forty hostile texts as names of runs, shoes and gear, and as what a server says: whole syncs, real receivers, and every
kind of alert that carries them. All mails, posts and lines on the terminal are the ones of harmless texts."""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from click.testing import CliRunner
from kit.api_servers import Answer, serving
from kit.canaries import FreePort
from kit.homes import COLUMNS, Home, table_source
from kit.hostile import TEXTS
from kit.mails import part, read_mail
from kit.receivers import receivers

from shoemon.cli.main import cli
from shoemon.config.load import load
from shoemon.config.reading import ConfigError

pytestmark = pytest.mark.slow  # every kind of alert by every channel

HEADERS = [
    "Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID", "Subject", "To", "X-Shoemon-Alert",
]  # fmt: skip
KINDS = {"digest", "soon", "due", "over", "several", "unassigned", "longest", "stale", "weekly"}
START = datetime(2024, 5, 1, 4, tzinfo=UTC)
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
ONE = {"soon", "due", "over", "longest"}
"""Kinds about one pair or run. Others list theirs by name, so that each month has another order."""
HALF = re.compile("[\ud800-\udfff]")
TAKEN = [text for text in TEXTS if not HALF.search(text)]
"""What a YAML file can hold; see the test of what it cannot."""
CONFIG = """\
sources:
{watch}
  - {{name: sheet, type: table, url: "{sheet}/x.json"}}
alerts: {{soon: {{at: 90%, within: 0d}}, longest: true, weekly: mon 06:00, stale: {{failing: 1h, silent: 0s}}}}
web: {{url: "https://shoes.example.org"}}
notify:
  - {{name: mail, type: email, to: me@example.org, host: 127.0.0.1, port: {mail}, security: none}}
  - {{name: hook, type: webhook, url: "{hook}/hook"}}
  - {{name: bell, type: ntfy, url: "{hook}", topic: shoes}}
  - {{name: script, type: command, command: [sh, -c, cat >> given.json; echo >> given.json]}}
"""


class Inbox:
    """Keeps what the mail server takes: sender, recipients and content."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, list[str], bytes]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 OK"


class Told:
    """A runner whose shoes bear `names`, and whose `runs` are called so, after some weeks; and all that was told."""

    def __init__(self, directory: Path, names: Sequence[str], runs: Sequence[str]) -> None:
        self.names, self.runs, self.home = names, runs, Home(directory)
        self.rows: list[tuple[object, ...]] = []
        with ExitStack() as stack:
            sheet = stack.enter_context(serving(lambda _: Answer(self._sheet())))
            receiver = stack.enter_context(receivers())()
            self.inbox = Inbox()
            mail: Controller = FreePort(self.inbox, hostname="127.0.0.1", port=0)
            mail.start()
            stack.callback(mail.stop)
            self.home.main(
                CONFIG.format(
                    watch=table_source("watch").replace(".csv", ".json"),
                    sheet=sheet.url,
                    hook=receiver.url,
                    mail=mail.port,
                )
            )
            self._shoes()
            self._month()
        self.posts = [
            (path, [(name.lower(), value) for name, value in headers.items()], body)
            for path, headers, body in receiver.posts
        ]
        self.given = (directory / "given.json").read_bytes().splitlines()
        self.lines = [self._command("status"), self._command("alerts", "list", "--limit", "1000")]
        self.stored = {int(id) for (id,) in self.home.rows("SELECT native_id FROM activities")}
        self.lines += [
            self._command("explain", f"watch:{row[0]}") for row in self.rows if row[4] and row[0] in self.stored
        ]

    def _sheet(self) -> bytes:
        """A table that has the texts as its columns: what is wrong with it names them."""
        return json.dumps([dict.fromkeys(self.runs, 1)]).encode()

    def _shoes(self) -> None:
        """All names in quotes, as YAML and JSON have them alike."""
        shoes = [f"  - {{id: pair-{n}, name: {quoted(name)}, life: 100 km}}" for n, name in enumerate(self.names)]
        self.home.shoes("\n".join(["shoes:", *shoes, "  - {id: tame, name: Tame, life: 90000 km}", ""]))

    def _run(self, day: int, km: float, shoe: str, name: str = "") -> None:
        number = len(self.rows) + 1
        stamp = (START + timedelta(days=day, minutes=number)).isoformat()
        self.rows.append((number, stamp, round(km * 1000), "run", name, shoe, "asphalt", round(km * 400)))

    def _sync(self, **span: float) -> None:
        records = [dict(zip(COLUMNS, row, strict=True)) for row in self.rows]
        (self.home.directory / "watch.json").write_text(json.dumps(records))
        self.home.sync()
        self.home.clock.move(**(span or {"minutes": 1}))

    def _month(self) -> None:
        """Day by day a pair crosses a line of its own, and each text names a longest run, and one without a shoe."""
        pairs = range(len(self.names))
        for n in pairs:
            self._run(-60, 89.5 + n % 3 * 10, f"pair-{n}")
        for _ in range(5):
            self._run(25, 1, "tame")
        self._sync(hours=2)
        for day, name in enumerate(self.runs, 31):
            if (n := day - 31) in pairs:
                self._run(day, 1, f"pair-{n}")
            self._run(day, 1.5 * 1.105 ** (day - 31), "tame", name)
            self._sync(days=1)
        for first in range(0, len(self.runs), 10):
            for name in self.runs[first : first + 10]:
                self._run(day + 1, 2, f"gear {name}", name)
            self._sync()
        for n in pairs:
            self._run(day + 1, 20, f"pair-{n}")
        self._sync(days=8)
        self._sync()

    def _command(self, *words: str) -> str:
        done = CliRunner().invoke(cli, [*words, "--config", str(self.home.directory)])
        assert done.exit_code == 0, done.output
        return done.output


def quoted(text: str) -> str:
    plain = (c if c.isascii() and c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text)
    return f'"{"".join(plain)}"'


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return Told(tmp_path_factory.mktemp("hostile") / "home", TAKEN, TEXTS)


@pytest.fixture(scope="module")
def tame(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The same month with names that mean no harm."""
    names = [f"Number {n}" for n in range(len(TEXTS))]
    return Told(tmp_path_factory.mktemp("tame") / "home", names[: len(TAKEN)], names)


class Page(HTMLParser):
    """Tags with the names of their attributes, and where they lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.shape: list[tuple[str, ...]] = []
        self.leads: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.shape.append((tag, *(name for name, _ in attrs)))
        self.leads += [value or "" for name, value in attrs if name in ("href", "src", "background", "action")]


def shown(text: str) -> str:
    """What of `text` a reader sees, without blanks and what may stand in place of a character that is not to be shown."""
    return "".join(c for c in text if unicodedata.category(c)[0] not in "CZ" and c not in "\ufffd?")


def bare(text: str) -> list[str]:
    """The characters of `text` that steer a terminal or a reader's eye, line ends aside."""
    return [
        c
        for c in text.replace("\r\n", "\n")
        if (unicodedata.category(c) in ("Cc", "Cs") and c != "\n") or TURNS.match(c)
    ]


def kinds(told: Told) -> dict[str, str]:
    return dict(told.home.rows("SELECT id, kind FROM alerts WHERE covered_by IS NULL"))


def by_kind(told: Told) -> dict[str, str]:
    """The text parts of all mails, by kind of alert, as a reader sees them."""
    found: dict[str, str] = Counter()  # type: ignore[assignment] # of texts
    for _, _, raw in told.inbox.mails:
        message = read_mail(raw)
        kind = kinds(told)[str(message["X-Shoemon-Alert"])]
        found[kind] = f"{found[kind] or ''}{shown(part(message, 'plain'))}"
    return found


def test_every_kind_of_alert_went_to_every_channel(told: Told, tame: Told) -> None:
    assert set(kinds(told).values()) == KINDS
    assert Counter(kinds(told).values()) == Counter(kinds(tame).values())
    assert told.home.rows("SELECT state, count(*) FROM deliveries GROUP BY 1") == [("sent", 4 * len(kinds(told)))]
    assert (len(told.inbox.mails), len(told.posts), len(told.given)) == tuple(len(kinds(told)) * n for n in (1, 2, 1))


def test_every_mail_has_its_headers_one_recipient_and_the_markup_of_a_harmless_one(told: Told, tame: Told) -> None:
    known = {tag for _, _, raw in tame.inbox.mails for tag in Page(part(read_mail(raw), "html")).shape}
    known.add(("br",))  # a name that holds a line end is told in two lines
    names = sorted({tag for tag, *_ in known})
    ours = re.compile(rf"<(?:/?(?:{'|'.join(names)})\b|!DOCTYPE|!--\[if !mso\]><!-->|!--<!\[endif\]-->)")
    assert "script" not in names and not [tag for tag in known if any(name.startswith("on") for name in tag)]
    for sender, recipients, raw in told.inbox.mails:
        message = read_mail(raw)
        assert (sender, recipients) == ("me@example.org", ["me@example.org"])
        assert sorted(message.keys()) == HEADERS
        assert (message["To"], message["From"]) == ("me@example.org", "shoemon <me@example.org>")
        html, plain = part(message, "html"), part(message, "plain")
        page = Page(html)
        assert set(page.shape) <= known
        assert "<" not in ours.sub("", html)
        assert [lead for lead in page.leads if not lead.startswith(("https://shoes.example.org/", "cid:"))] == []
        assert [c for c in bare(html + plain) if not TURNS.match(c)] == []
        assert bare(str(message["Subject"])) == []


def test_a_mail_about_one_thing_with_as_many_lines_has_the_very_tags_of_a_harmless_one(told: Told, tame: Told) -> None:
    same = 0
    for (_, _, hostile), (_, _, harmless) in zip(told.inbox.mails, tame.inbox.mails, strict=True):
        one, other = read_mail(hostile), read_mail(harmless)
        kind = kinds(told)[str(one["X-Shoemon-Alert"])]
        if kind in ONE and len(part(one, "plain").splitlines()) == len(part(other, "plain").splitlines()):
            assert Page(part(one, "html")).shape == Page(part(other, "html")).shape
            same += 1
    assert same > 50


def test_the_text_says_what_the_runner_wrote(told: Told) -> None:
    said = by_kind(told)
    said["one pair"] = said["soon"] + said["due"] + said["over"]
    wanted = {
        "one pair": TAKEN,
        "several": TAKEN,
        "weekly": TAKEN,
        "longest": TEXTS,
        "unassigned": TEXTS,
        "stale": TEXTS,
    }
    wanted["digest"] = [text for n, text in enumerate(TAKEN) if n % 3]
    assert [
        (kind, text[:60]) for kind, texts in wanted.items() for text in texts if shown(text) not in said[kind]
    ] == []


def test_every_post_has_each_header_once_and_says_the_same(told: Told) -> None:
    hooks = [(headers, body) for path, headers, body in told.posts if path == "/hook"]
    bells = [(headers, body) for path, headers, body in told.posts if path == "/"]
    assert len(hooks) == len(bells) == len(kinds(told))
    ours = {"host", "user-agent", "accept-encoding", "content-type", "content-length", "connection", "accept"}
    for headers, body in hooks:
        names = Counter(name for name, _ in headers)
        assert set(names.values()) == {1} and set(names) - ours == {"webhook-id", "webhook-timestamp"}
        assert re.fullmatch(r"[!-~]+", dict(headers)["webhook-id"])
        assert dict(headers)["webhook-id"] == json.loads(body)["data"]["id"]
    for headers, body in bells:
        names = Counter(name for name, _ in headers)
        assert set(names.values()) == {1} and set(names) <= ours
        message = json.loads(body)
        assert message["topic"] == "shoes" and message.get("click", "https://shoes.example.org/").startswith(
            "https://shoes.example.org/"
        )
        assert bare(message["title"]) == [] and "\n" not in message["title"] and bare(message["message"]) == []


def test_the_program_is_given_what_the_webhook_says(told: Told) -> None:
    posted = {json.loads(body)["data"]["id"]: body for path, _, body in told.posts if path == "/hook"}
    given = {json.loads(line)["data"]["id"]: line for line in told.given}
    assert given == posted


def test_nothing_on_the_terminal_steers_it(told: Told) -> None:
    assert len(told.lines) == 2 + 2 * len(TEXTS)
    for text in told.lines:
        assert bare(text) == []
    assert all(len(text.splitlines()) < 12 for text in told.lines[2:])
    assert shown("".join(told.lines)).count(shown("<script>alert(1)</script>")) > 4


@pytest.mark.parametrize("text", TEXTS)
def test_a_name_is_read_as_it_is_or_refused_in_words(text: str, tmp_path: Path) -> None:
    """In quotes every text is a name but half a character; what is written without any may be no YAML."""
    home = Home(tmp_path / "home")
    home.shoes(f"shoes: [{{id: pair, name: {quoted(text)}}}]")
    if HALF.search(text):
        with pytest.raises(ConfigError) as caught:
            load(home.directory)
        assert [mistake.message.partition(" (")[0] for mistake in caught.value.mistakes] == [
            "contains half a character"
        ]
    else:
        assert [shoe.name for shoe in load(home.directory).plan.shoes] == [text]
    (home.directory / "shoes.yaml").write_bytes(
        f"shoes:\n  - id: pair\n    name: {text}\n".encode("utf-8", "surrogatepass")
    )
    done = CliRunner().invoke(cli, ["check", "--config", str(home.directory)])
    assert done.exit_code == 0 or isinstance(done.exception, ConfigError)
    for mistake in getattr(done.exception, "mistakes", ()):
        assert mistake.file == "shoes.yaml" and bare(str(mistake)) == []
