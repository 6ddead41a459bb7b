"""The pages that give a run its pair: one tap of the right reader writes it, and nobody else's request does."""

import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from datasette.utils import tilde_encode
from kit import pages as kit
from kit.homes import Home, faults, table_source
from kit.pages import HARMLESS_LOOKING, MARK_UP
from kit.runners import served
from kit.trials import quick
from kit.waiting import until

from shoemon.config.load import load
from shoemon.model.clock import system_clock
from shoemon.store import locking
from shoemon.web import changes
from shoemon.web.desk import Desk

SHOES = """\
# My pairs.
shoes:
  - {id: road, name: Road, life: 100 km}   # daily
  - {id: trail, name: Trail, gear: Fell}
  - {id: old, name: Old, retired: 2023-12-31}

# The end.
"""
RUNS = [
    (1, "2024-05-01T07:00:00Z", 8000, "run", "Morning", "Road", "asphalt", 2400),
    (2, "2024-05-02T07:00:00Z", 9000, "run", "Sun & rain", "", "asphalt", 2700),
    (3, "2024-05-03T07:00:00Z", 12000, "trail-run", "Forest", "Fell", "dirt", 4800),
    (4, "2024-05-04T07:00:00Z", 3000, "walk", "Dog", "", "grass", 2400),
    (5, "2024-05-05T07:00:00Z", 5000, "run", "Evening", "", "gravel", 1800),
]
HERE, AWAY = "127.0.0.1", "203.0.113.9"
PAGE = "/-/assign/watch~3A2"
LINKS = "web: {taps: links, url: 'https://shoes.example.org/'}\n"


def made(directory: Path, web_settings: str = "", rows: Any = RUNS) -> Home:
    home = Home(directory)
    home.main("sources:\n" + table_source("watch") + web_settings)
    home.shoes(SHOES)
    home.table("watch", rows)
    home.sync()
    return home


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return made(tmp_path_factory.mktemp("synced") / "home")


def pair_of(home: Home, run: str = "watch:2") -> Any:
    return home.rows("SELECT shoe FROM legs WHERE activity = ?", run)[0][0]


class Pages:
    """The pages as a browser at some address reaches them, without a network in between."""

    def __init__(self, home: Home, *, desk: bool = True, **options: Any) -> None:
        self.desk = Desk(home.config, system_clock) if desk else None
        self._pages = kit.Pages(home.database, desks={"shoemon": self.desk} if desk else None, **options)

    def ask(self, method: str, path: str, client: str = HERE, **more: Any) -> httpx.Response:
        (answer,) = self._pages.ask(method, path, client=client, **more)
        return answer

    def get(self, path: str = PAGE, client: str = HERE, **more: Any) -> httpx.Response:
        return self.ask("GET", path, client, **more)

    def post(
        self, form: Mapping[str, str], path: str = PAGE, client: str = HERE, *, run: str = "watch:2", **more: Any
    ) -> httpx.Response:
        """Sends a form about `run`, with its token unless that is given."""
        token = self.desk.form_token(run) if self.desk else ""
        return self.ask("POST", path, client, data={"token": token, **form}, **more)


@contextmanager
def served_at(home: Home) -> Iterator[str]:
    with served(home) as pages:
        yield pages.url.rstrip("/")


def forms(page: str) -> list[dict[str, str]]:
    """What each form of a page holds and its buttons add: `action`, the hidden fields, and `taps` as one text."""
    found = []
    for action, inside in re.findall(r'<form [^>]*action="([^"]*)"[^>]*>(.*?)</form>', page, re.DOTALL):
        hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', inside)
        taps = re.findall(r'<button [^>]*name="(?:shoe|undo)" value="([^"]*)"', inside)
        found.append(
            {"action": unescape(action), "taps": " ".join(map(unescape, taps))} | {k: unescape(v) for k, v in hidden}
        )
    return found


def test_a_run_in_none_of_the_pairs_keeps_its_kilometres_and_is_asked_about_no_more(home: Home) -> None:
    pages, asked = Pages(home), "SELECT activity FROM unassigned_runs ORDER BY 1"
    assert [form["taps"] for form in forms(pages.get().text)] == ["road trail", "", "none"]
    assert pages.post({"shoe": "none"}).status_code == 303 and "  - run: watch:2\n    shoe: none\n" in home.text()
    assert home.totals() == {None: 14000.0, "road": 8000.0, "trail": 12000.0} and faults(home.database) == []
    first = pages.get("/").text
    assert home.rows(asked) == [("watch:5",)] and '<b>1</b> run without a shoe <span class="quiet">(5&nbsp;km)' in first
    shown = pages.get().text
    assert "<b>None of yours</b>, because a correction" in shown and [each["taps"] for each in forms(shown)][2:] == [
        "1"
    ]
    listed, run = pages.get("/-/runs").text, pages.get("/-/run/watch~3A2").text
    assert listed.count('"with">none of yours') == 1 and listed.count("Which shoe?") == 1
    assert "None of yours" in run and "Wrong shoe?" in run
    assert "already" in pages.desk.assign("watch:2", "none").message
    assert pages.post({"undo": "1"}).status_code == 303 and home.text() == SHOES
    home.shoes(SHOES + "default_shoe: none\n")
    home.sync()
    assert home.rows(asked) == [] and pages.get("/").text.count("none of yours") == 2


def test_looking_changes_nothing(home: Home) -> None:
    pages = Pages(home)
    for path in (PAGE, f"{PAGE}?shoe=trail", f"{PAGE}?shoe=trail&undo=1&token=x", "/-/assign", "/-/assign/watch~3A99"):
        for method in ("GET", "HEAD"):
            assert pages.ask(method, path).status_code == (404 if "99" in path else 200), (method, path)
    assert home.text() == SHOES and pair_of(home) is None


def test_the_page_shows_the_run_what_it_is_and_why_and_may_be_kept_nowhere(home: Home) -> None:
    answer = Pages(home).get("/-/assign/watch~3A3")
    shown = unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", answer.text)))
    for words in ("Forest", "3 May 2024", "12 km", "trail run", "soft 12 km", "Trail , because watch calls it “Fell”"):
        assert words in shown.replace("\xa0", " "), words
    assert "no-store" in answer.headers["cache-control"]
    policy = answer.headers["content-security-policy"]
    assert "form-action 'self'" in policy and "default-src 'none'" in policy and "frame-ancestors 'self'" in policy
    assert "style=" not in answer.text and "<script" not in answer.text


def test_the_pair_of_a_mails_link_comes_first_and_the_one_it_has_is_not_offered(home: Home) -> None:
    page = Pages(home).get(f"{PAGE}?shoe=old").text
    assert forms(page)[0]["taps"].split()[0] == "old"
    assert forms(Pages(home).get("/-/assign/watch~3A3").text)[0]["taps"].split() == ["road"]
    assert "old" in re.findall(r'<option value="([^"]*)"', Pages(home).get("/-/assign/watch~3A3").text)
    assert forms(Pages(home).get(f"{PAGE}?shoe=nobodys").text)[0]["taps"].split() == ["road", "trail"]


def test_the_list_has_every_open_run_with_its_likely_pairs_to_tap(home: Home) -> None:
    pages = Pages(home)
    page = pages.get("/-/assign").text
    assert [form["action"] for form in forms(page)] == ["/-/assign/watch~3A5", "/-/assign/watch~3A2"]
    assert "2 runs." in page
    form = forms(page)[1]
    answer = pages.post({"shoe": "road", "back": form["back"], "token": form["token"]})
    assert (answer.status_code, answer.headers["location"]) == (303, "/-/assign?said=written&run=watch%3A2")
    after = pages.get(answer.headers["location"]).text
    assert [form["action"] for form in forms(after)] == ["/-/assign/watch~3A5"]
    assert "Written to shoes.yaml" in after and 'href="/-/assign/watch~3A2"' in after
    assert pages.post({"shoe": "road"}, "/-/assign/watch~3A5", run="watch:5").status_code == 303
    assert "Every run has its shoe" in pages.get("/-/assign").text


def test_a_long_list_shows_the_latest_and_counts_all(tmp_path: Path) -> None:
    rows = [(i, f"2024-0{1 + i // 28}-{1 + i % 28:02d}T07:00:00Z", 5000, "run", f"Run {i}") for i in range(120)]
    page = Pages(made(tmp_path / "home", rows=rows)).get("/-/assign").text
    assert "120 runs; the latest 50" in page and len(forms(page)) == 50
    assert "Run 119<" in page and "Run 70<" in page and "Run 69<" not in page


REFUSED: dict[str, tuple[dict[str, str], dict[str, str], int]] = {
    "without a token": ({"token": ""}, {}, 403),
    "with an invented token": ({"token": "20990101-AAAAAAAAAAAAAAAAAAAAAA"}, {}, 403),
    "from a page of another site": ({}, {"Origin": "https://evil.example"}, 403),
    "from a page that hides where it is": ({}, {"Origin": "null"}, 403),
    "from another port of this machine": ({}, {"Origin": "http://localhost:9999"}, 403),
    "from no address at all": ({}, {"Origin": ""}, 403),
    "from a broken address": ({}, {"Origin": "http://["}, 403),
    "across sites, as the browser says": ({}, {"Sec-Fetch-Site": "cross-site"}, 403),
    "from a neighbouring name, as the browser says": ({}, {"Sec-Fetch-Site": "same-site"}, 403),
    "with the right address, but across sites": ({}, {"Origin": "http://localhost:8001", "Sec-Fetch-Site": "cross-site"}, 403),
    "without a pair": ({}, {}, 400),
    "with an empty pair": ({"shoe": ""}, {}, 400),
    "with a pair that is not there": ({"shoe": "raod"}, {}, 409),
    "by a proxy": ({}, {"X-Forwarded-For": "127.0.0.1"}, 403),
    "by a proxy that says little": ({}, {"Via": "1.1 proxy"}, 403),
    "by a proxy of the standard": ({}, {"Forwarded": "for=127.0.0.1"}, 403),
    "by a proxy that names the reader": ({}, {"X-Real-IP": "127.0.0.1"}, 403),
    "for another name of this machine": ({}, {"Host": "evil.example:8001", "Origin": "http://evil.example:8001"}, 403),
    "for this machine's address in the house": ({}, {"Host": "192.168.1.5:8001"}, 403),
    "for no name": ({}, {"Host": ""}, 403),
    "for half a name": ({}, {"Host": "[::1"}, 403),
}  # fmt: skip


def test_what_was_not_sent_from_the_page_at_this_machine_is_not_written(home: Home) -> None:
    pages = Pages(home)
    for case, (form, headers, status) in REFUSED.items():
        answer = pages.post(form if case == "without a pair" else {"shoe": "road", **form}, headers=headers)
        assert (answer.status_code, home.text(), pair_of(home)) == (status, SHOES, None), case


FROM_HERE: list[dict[str, str]] = [
    {}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {"Origin": "http://localhost:8001"},
    {"Origin": "http://127.0.0.1:8001", "Host": "127.0.0.1:8001"}, {"Origin": "http://[::1]:8001", "Host": "[::1]:8001"},
    {"Origin": "http://LOCALHOST:8001"}, {"Origin": "http://localhost", "Host": "localhost:80"},
]  # fmt: skip


@pytest.mark.parametrize("client", quick([HERE, "127.1.2.3", "::1", "::ffff:127.0.0.1"], 1))
def test_whoever_sits_at_the_machine_may(client: str, home: Home) -> None:
    pages = Pages(home)
    for number, headers in enumerate(FROM_HERE):
        shoe = ("road", "trail")[number % 2]
        answer = pages.post({"shoe": shoe}, client=client, headers=headers)
        assert (answer.status_code, pair_of(home)) == (303, shoe), (headers, answer.text)


def test_another_machine_is_told_what_to_do_and_gets_the_lines_to_copy(home: Home) -> None:
    pages = Pages(home)
    for client in (AWAY, "192.168.1.7", "10.0.0.1", "::ffff:203.0.113.9", "2001:db8::1", "testclient", ""):
        page = pages.get(client=client)
        assert page.status_code == 200 and forms(page.text) == [] and "on the machine that serves them" in page.text
        assert "  - {run: &#34;watch:2&#34;, shoe: road}" in page.text
        answer = pages.post({"shoe": "road"}, client=client)
        assert answer.status_code == 403 and "Nothing was written" in answer.text and "Sign in" in answer.text
        assert home.text() == SHOES and pair_of(home) is None
        assert forms(pages.get("/-/assign", client=client).text) == []


def test_a_token_of_another_run_or_of_another_desk_is_none(home: Home, tmp_path: Path) -> None:
    pages, other = Pages(home), Desk(made(tmp_path / "other").config, system_clock)
    assert pages.desk is not None
    for token in (pages.desk.form_token("watch:5"), other.form_token("watch:2"), pages.desk.ticket("watch:2")):
        answer = pages.post({"shoe": "road", "token": token})
        assert answer.status_code == 403 and "too long" in answer.text
    assert home.text() == SHOES


def test_what_is_no_form_is_refused_before_it_is_read_to_the_end(home: Home) -> None:
    pages = Pages(home)
    for content in (b"x" * 300_000, b"\xff\xfe=1", b"&".join(b"a=1" for _ in range(599))):
        answer = pages.ask("POST", PAGE, content=content, headers={"Content-Type": "application/x-www-form-urlencoded"})
        assert answer.status_code == 400, content[:20]
    for method in ("PUT", "DELETE", "PATCH"):
        answer = pages.ask(method, PAGE)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")
    assert home.text() == SHOES


SENT = "POST {page} HTTP/1.{minor}\r\nHost: {host}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\n"
NOT_FROM_HERE = [(1, "evil.example", 421), (1, "localhost.evil.example:80", 421), (1, "192.168.1.5", 403), (0, "localhost", 403)]  # fmt: skip


def test_neither_a_name_made_to_mean_this_machine_nor_a_proxy_that_says_nothing_reaches_it(home: Home) -> None:
    """Some proxies do not name themselves, ask for localhost, and speak HTTP/1.0, which no browser does."""
    body = urlencode({"shoe": "road", "token": Desk(home.config, system_clock).form_token("watch:2")})
    with served_at(home) as url:
        for minor, host, status in NOT_FROM_HERE:
            with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 300) as connection:
                head = SENT.format(page=PAGE, minor=minor, host=host)
                connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
                assert f" {status} ".encode() in connection.recv(100), host
    assert home.text() == SHOES


def test_whoever_is_signed_in_may_from_anywhere_but_still_needs_the_form(home: Home) -> None:
    home.main("sources:\n" + table_source("watch") + "web: {hosts: [shoes.example.org]}\n")
    pages = Pages(home)
    known = {"Host": "shoes.example.org", "Origin": "https://shoes.example.org", "Sec-Fetch-Site": "same-origin", "X-Forwarded-For": AWAY}  # fmt: skip
    assert len(forms(pages.get(actor="me", headers=known).text)) == 3
    assert pages.post({"shoe": "road", "token": "x"}, actor="me", headers=known).status_code == 403
    foreign = {**known, "Origin": "https://evil.example"}
    assert pages.post({"shoe": "road"}, actor="me", headers=foreign).status_code == 403
    assert pages.post({"shoe": "road"}, headers=known).status_code == 403
    assert home.text() == SHOES
    assert pages.post({"shoe": "road"}, actor="me", headers=known).status_code == 303
    assert pages.post({"shoe": "trail"}, client=AWAY, actor="me", headers=known).status_code == 303
    assert pair_of(home) == "trail"


def test_where_settings_tell_of_a_proxy_its_address_is_not_trusted(home: Home) -> None:
    home.main("sources:\n" + table_source("watch") + "web: {url: 'https://shoes.example.org/'}\n")
    pages = Pages(home)
    assert "through a proxy" in pages.get().text
    assert pages.post({"shoe": "road"}).status_code == 403 and home.text() == SHOES


def test_a_mails_link_is_taken_only_where_the_runner_wants_that(tmp_path: Path) -> None:
    home = made(tmp_path / "home", "web: {url: 'https://shoes.example.org/'}\n")
    pages = Pages(home)
    assert pages.desk is not None
    linked = f"{PAGE}?t={pages.desk.ticket('watch:2')}"
    assert "taps: links" in pages.get(linked, AWAY).text and pages.get(linked, AWAY).status_code == 200
    assert pages.post({"shoe": "road"}, linked, AWAY).status_code == 403 and home.text() == SHOES
    home.main("sources:\n" + table_source("watch") + LINKS)
    pages = Pages(home)
    page = pages.get(linked, AWAY).text
    assert forms(page)[0]["action"] == linked
    assert pages.post({"shoe": "road", "token": "x"}, linked, AWAY).status_code == 403
    assert pages.post({"shoe": "road"}, linked, AWAY, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    asked_as = {"Host": "127.0.0.1:8001", "Origin": "https://shoes.example.org", "Sec-Fetch-Site": "same-origin", "X-Forwarded-For": AWAY}  # fmt: skip
    answer = pages.post({"shoe": "road"}, linked, HERE, headers=asked_as)
    assert (answer.status_code, answer.headers["location"]) == (303, "/-/run/watch~3A2?said=written")
    assert pair_of(home) == "road" and faults(home.database) == []


def test_a_ticket_that_is_old_or_for_another_run_opens_nothing(tmp_path: Path) -> None:
    home = made(tmp_path / "home", LINKS)
    pages = Pages(home)
    assert pages.desk is not None
    old = Desk(home.config, home.clock).ticket("watch:2")
    for ticket in (old, pages.desk.ticket("watch:5"), "~"):
        linked = f"{PAGE}?t={quote(ticket)}"
        assert forms(pages.get(linked, AWAY).text) == []
        assert pages.post({"shoe": "road"}, linked, AWAY).status_code == 403, ticket
    assert "This link is too old" in pages.get(f"{PAGE}?t={old}", AWAY).text
    assert home.text() == SHOES
    good = pages.desk.ticket("watch:2")
    assert forms(pages.get(f"/-/assign?t={good}", AWAY).text) == [], "it is for one run, not for the list"


def test_a_link_opens_its_run_and_nothing_else_where_the_pages_are_for_some_only(tmp_path: Path) -> None:
    home = made(tmp_path / "home", LINKS)
    pages = Pages(home, metadata={"allow": {"id": "me"}})
    assert pages.desk is not None
    linked = f"{PAGE}?t={pages.desk.ticket('watch:2')}"
    for path in (PAGE, "/-/assign", f"/-/assign/watch~3A5?{linked.partition('?')[2]}"):
        assert pages.get(path, AWAY).status_code in (403, 404)
    assert "Sun &amp; rain" not in pages.get(PAGE, AWAY).text
    assert pages.get(PAGE, AWAY, actor="me").status_code == 200
    assert "Sun &amp; rain" in pages.get(linked, AWAY).text
    answer = pages.post({"shoe": "road"}, linked, AWAY)
    assert answer.status_code == 303 and answer.headers["location"].startswith(f"{PAGE}?said=written&t=")
    assert "Written to shoes.yaml" in pages.get(answer.headers["location"], AWAY).text
    assert pair_of(home) == "road"


def test_datasette_alone_shows_the_lines_and_takes_no_form(home: Home) -> None:
    pages = Pages(home, desk=False)
    page = pages.get().text
    assert "Datasette alone" in page and forms(page) == []
    for shoe in ("road", "trail", "old"):
        assert f"  - {{run: &#34;watch:2&#34;, shoe: {shoe}}}" in page
    answer = pages.post({"shoe": "road"})
    assert answer.status_code == 403 and home.text() == SHOES
    assert "Datasette alone" in pages.get("/-/assign").text
    for path in ("/", "/-/run/watch~3A2", "/-/shoe/road", "/-/ground", "/-/runs"):
        assert pages.get(path).status_code == 200 and 'method="post"' not in pages.get(path).text


def test_below_a_path_all_addresses_are_below_it(tmp_path: Path) -> None:
    home = made(tmp_path / "home")
    pages = Pages(home, base_url="/shoes/")
    page = pages.get("/shoes" + PAGE).text
    assert all(form["action"] == "/shoes" + PAGE for form in forms(page)) and forms(page)
    answer = pages.post({"shoe": "road"}, "/shoes" + PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/shoes/-/run/watch~3A2?said=written")
    assert not re.findall(r'(?:href|src|action)="/(?!shoes/)', page)


def test_every_mistake_of_a_broken_file_is_on_the_page_and_nothing_is_written(home: Home) -> None:
    pages = Pages(home)
    broken = SHOES + "rules: [{when: {sport: rum}, shoe: rood}]\ncorrections: [{run: watch:1, shoe: '<b>'}]\n"
    home.shoes(broken)
    answer = pages.post({"shoe": "road"})
    assert answer.status_code == 409 and "Nothing is written" in answer.text
    for mistake in ("rules[0].when.sport", "rules[0].shoe", "corrections[0].shoe"):
        assert re.search(rf"shoes.yaml:\d+:\d+: {re.escape(mistake)}", answer.text), mistake
    assert "<b>&#39;" not in answer.text and "`<b>`" not in answer.text
    assert "By hand" in answer.text and home.text() == broken


def test_a_run_that_does_not_count_and_one_that_is_not_there_say_so(home: Home) -> None:
    pages = Pages(home)
    walk = pages.get("/-/assign/watch~3A4").text
    assert "It does not count, so it needs no pair" in walk and forms(walk) == []
    answer = pages.post({"shoe": "road"}, "/-/assign/watch~3A4", run="watch:4")
    assert answer.status_code == 409 and "its sport (walk) is not among the sports in shoemon.yaml" in answer.text
    assert pages.get("/-/assign/nobody").status_code == 404
    assert pages.post({"shoe": "road"}, "/-/assign/nobody~3A1", run="nobody:1").status_code == 404
    assert home.text() == SHOES


def test_the_copy_of_a_run_leads_to_the_record_that_counts(tmp_path: Path) -> None:
    home = made(tmp_path / "home")
    home.main("sources:\n" + table_source("watch") + table_source("phone"))
    home.table("phone", [(7, "2024-05-02T07:00:05Z", 9010, "run", "Run", "", "", 2695)])
    home.sync()
    pages, path = Pages(home), "/-/assign/phone~3A7"
    assert "phone:7 is another record of this run; watch:2 is the one that counts" in pages.get(path).text
    assert pages.post({"shoe": "road"}, path, run="phone:7").status_code == 303
    assert list(home.config.plan.corrections) == ["watch:2"] and pair_of(home) == "road"


NAMES = [*MARK_UP, *HARMLESS_LOOKING]


@pytest.mark.slow
def test_any_id_can_be_given_a_pair(tmp_path: Path) -> None:
    """Ids made of what would be markup, a path or YAML; that they stay text, the tests in a browser show."""
    rows = [(f"{name}/~3A?#%2F {{}}", "2024-05-02T07:00:00Z", 5000, "run", name) for name in NAMES]
    home = made(tmp_path / "home", rows=rows)
    pages = Pages(home)
    ids = [id for (id,) in home.rows("SELECT id FROM activities ORDER BY id")]
    assert len(ids) >= len(NAMES) - 2, "blanks at the ends of ids are none of them"
    for id in ids[::3]:
        path = f"/-/assign/{tilde_encode(id)}"
        assert all(form["action"] == path for form in forms(pages.get(path).text))
        assert pages.post({"shoe": "road"}, path, run=id).status_code == 303
    assert set(home.config.plan.corrections) == set(ids[::3]) and home.totals()["road"] == 5000.0 * len(ids[::3])


@pytest.mark.parametrize("every", quick([4, 1], 1))
def test_the_lines_to_copy_are_about_the_run_whatever_its_id_contains(tmp_path: Path, every: int) -> None:
    rows = [(f"{name}\x85\x7f\u2028\ufeff\"'\\", "2024-05-02T07:00:00Z", 5000, "run", "x") for name in NAMES]
    home = made(tmp_path / "home", rows=rows)
    pages = Pages(home, desk=False)
    for (id,) in home.rows("SELECT id FROM activities ORDER BY id")[::every]:
        line = unescape(re.findall(r"<code>(  - .*?)</code>", pages.get(f"/-/assign/{tilde_encode(id)}").text)[0])
        home.shoes(f"{SHOES}corrections:\n{line}\n")
        assert list(load(home.directory).plan.corrections) == [id]


def test_a_tap_while_a_sync_is_at_work_is_said_to_wait(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "DECIDE_WAIT_S", 0.1)
    pages = Pages(home)
    with locking.lock(home.directory / "shoemon.db.sync.lock", "sync"):
        answer = pages.post({"shoe": "road"})
        assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?said=waits")
        assert "after the running sync" in pages.get(answer.headers["location"]).text
        assert "watch:2" in home.text() and pair_of(home) is None
    until(lambda: pair_of(home) == "road")
    assert faults(home.database) == []


def test_a_state_file_that_is_broken_lets_nobody_write_and_says_so(home: Home) -> None:
    pages = Pages(home)
    ticket = pages.desk.ticket("watch:2")
    for file in home.directory.glob("state.db*"):
        file.unlink()
    (home.directory / "state.db").write_bytes(b"no database" * 1000)
    page = pages.get()
    assert page.status_code == 200 and "state.db" in page.text and forms(page.text) == []
    assert (pages.desk.admits("watch:2", ticket), pages.desk.ticket("watch:2")) == (False, "")
    assert pages.post({"shoe": "road", "token": "x"}).status_code == 403 and home.text() == SHOES
