"""The door before the pages: who gets in, by what, on which name and below which path; by real requests."""

import asyncio
import html
import ipaddress
import os
import re
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest
from click.testing import CliRunner
from datasette_auth_passwords.utils import hash_password
from kit.commands import started
from kit.homes import Home
from kit.http_servers import free_port
from kit.pages import build
from kit.reverse_proxy import proxy
from kit.runners import running
from kit.trials import quick
from kit.waiting import until

from shoemon.cli.main import cli
from shoemon.config.household import load_household
from shoemon.config.reach import leads_elsewhere, refusal
from shoemon.config.reading import ConfigError
from shoemon.model.errors import ShoemonError
from shoemon.setup.check import check_lines
from shoemon.web.begin import _only_the_page
from shoemon.web.door import MOST_WAITING, Tries
from shoemon.web.server import WebServer, make_app
from shoemon.web.sign_in import SignIn, sign_in_of

PASSWORD = "pass wörd"
ACCOUNTS = {"runner": hash_password(PASSWORD, "salt", iterations=1000)}  # checked sooner than ours, in the same way
ASKED = SignIn(accounts=ACCOUNTS)
RIGHT = {"username": "runner", "password": PASSWORD}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("door") / "shoemon.db")


def served(database: Path, sign_in: SignIn = ASKED, **options: Any) -> AbstractContextManager[WebServer]:
    return running(WebServer(make_app(database, sign_in=sign_in, **options), port=0))


def browser(server: WebServer, address: str = "127.0.0.1", **headers: str) -> httpx.Client:
    """A browser at an address of this machine, which has many."""
    transport = httpx.HTTPTransport(local_address=address)
    return httpx.Client(base_url=server.url, transport=transport, headers=headers, timeout=300)


PLACES = {  # what strangers get, and who is signed in; 302 is the way to the login page. test_who_may.py has the others
    "": (302, 200), "shoemon/legs": (302, 200), "no-such-page": (302, 404), "shoemon/legs?_format=json": (403, None), "-/shoemon/../runs": (302, 200),
    "-/login": (200, 302), "%2D/runs": (302, None), "/-/runs": (302, None), "-/shoemon/x%2f..%2f..%2fshoemon": (403, None),
}  # fmt: skip


def test_strangers_see_the_login_page_and_its_style_sheet_and_nothing_else(database: Path) -> None:
    with served(database) as server, browser(server) as stranger, browser(server) as runner:
        assert runner.post("-/login", data=RIGHT).status_code == 302
        for path, (strange, known) in PLACES.items():
            answer = stranger.get(path)
            assert answer.status_code == strange, path
            assert (strange != 302) or answer.headers["location"].startswith("/-/login?next=%2F"), path
            assert "Pegasus" not in answer.text
            for way in (
                {"authorization": "Basic ünknown".encode()},
                {"cookie": "ds_actor=x"},
                {"remote-user": "runner"},
            ):
                assert stranger.get(path, headers=way).status_code == strange, (path, way)
            if known is not None:
                assert runner.get(path).status_code == known, path
            if path != "-/login":
                assert stranger.post(path).status_code == 403 or strange == 200, path
        assert ["Log out" in runner.get(path).text for path in ("", "shoemon")] == [True, True]


NEXT = {
    "/": "/", "/-/runs?year=2025&q=a%2Bb": "/-/runs?year=2025&q=a%2Bb", "": "/", "//evil.example/": "/", "/\\evil.example": "/", "https://evil.example/": "/",
    "/\t/evil.example": "/", "javascript:alert(1)": "/", "/%0d%0aset-cookie:x": "/%0d%0aset-cookie:x", "/\r\nset-cookie:x": "/", "/ä": "/",
}  # fmt: skip


def test_the_right_password_leads_where_one_was_going_and_a_wrong_one_nowhere(database: Path) -> None:
    with served(database) as server, browser(server) as reader:
        for wrong in [{**RIGHT, "password": "no"}, {**RIGHT, "username": "else"}, {"username": "runner"}, {}]:
            answer = reader.post("-/login?next=/-/runs", data=wrong)
            assert (answer.status_code, "ds_actor" in reader.cookies) == (403, False)
            assert "wrong" in answer.text and "next=%2F-%2Fruns" in answer.text
        for other in [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}]:
            assert reader.post("-/login", data=RIGHT, headers=other).status_code == 403
        for asked, way in NEXT.items():
            with browser(server) as fresh:
                answer = fresh.post("-/login", params={"next": asked}, data={**RIGHT, "username": "Runner "})
                assert (answer.status_code, answer.headers["location"]) == (302, way), asked
        assert re.search("HttpOnly.*SameSite=lax", answer.headers["set-cookie"])
        assert "Secure" not in answer.headers["set-cookie"]
        assert reader.post("-/login", data=RIGHT).status_code == 302
        assert reader.get("-/actor.json").json()["actor"] == {"id": "runner"}
        token = re.findall(r'csrftoken" value="([^"]*)"', reader.get("-/logout").text)
        here = {"sec-fetch-site": "same-origin"}
        assert reader.post("-/logout", data={"csrftoken": token or ""}, headers=here).status_code == 302
        assert reader.get("").status_code == 302


def test_after_five_wrong_passwords_each_waits_longer_and_one_is_checked_at_a_time() -> None:
    waited: list[float] = []
    gate = asyncio.Event()

    async def wait(seconds: float) -> None:
        waited.append(seconds)
        await gate.wait()

    async def attempts() -> None:
        tries, is_right, is_wrong = Tries(wait), lambda: True, lambda: False
        gate.set()
        for _ in range(13):
            assert await tries.admits("10.0.0.1", is_wrong) is False
        assert waited == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]
        assert await tries.admits("10.0.0.2", is_right) and await tries.admits("10.0.0.1", is_right)
        assert not await tries.admits("10.0.0.1", is_wrong) and waited[-3:] == [0, 60, 0]
        gate.clear()
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(tries.admits(f"10.0.0.{number % 30}", is_right)) for number in range(60)]
            while len(waited) < 16 + MOST_WAITING:
                await asyncio.sleep(0)
            gate.set()
        assert [each.result() for each in asked] == [True] * MOST_WAITING + [None] * (60 - MOST_WAITING)

    asyncio.run(attempts())


def test_a_cookie_outlives_a_restart_but_not_the_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path / "home")
    home.main("web: {password: {env: PASSWORD}}\n")
    home.sync()
    anna = Home(tmp_path / "anna")
    anna.main("web: {password: {file: word.txt}}\n")
    (anna.directory / "word.txt").write_text("hers\n")
    monkeypatch.setenv("PASSWORD", PASSWORD)
    first = sign_in_of({"me": home.config})
    with served(home.database, first) as server, browser(server) as reader:
        reader.post("-/login", data=RIGHT)
        cookies = reader.cookies
    assert sign_in_of({"me": home.config}) == first and PASSWORD not in repr(first) and first.secret not in repr(first)
    both = sign_in_of({"me": home.config, "anna": anna.config})
    assert both.admits("anna", "hers") and both.admits("me", PASSWORD) and not both.admits("anna", PASSWORD)
    monkeypatch.setenv("PASSWORD", "another")
    for sign_in, status in [(first, 200), (both, 302), (sign_in_of({"me": home.config}), 302)]:
        with served(home.database, sign_in) as server, browser(server) as reader:
            reader.cookies = cookies
            assert reader.get("").status_code == status


def test_a_program_with_the_token_reads_and_changes_nothing(database: Path) -> None:
    asked = SignIn(accounts=ACCOUNTS, readers={"runner": "long secret"})
    bearer = {"Authorization": "Bearer long secret"}
    with served(database, asked) as server, browser(server) as program:
        table = "/shoemon/shoes.json?_shape=array"
        assert program.get(table, headers=bearer).json() == program.get(f"{table}&token=long+secret").json() != []
        assert program.get("/-/runs", headers=bearer).status_code == 200
        statuses = [
            program.get(table, headers={"Authorization": "Bearer wrong"}),
            program.get("/shoemon?sql=select+1", headers=bearer, follow_redirects=True),
            program.get("/-/config.json", headers=bearer),
            program.post("/-/undo", headers=bearer, data={"id": "1"}),
            program.post("/-/upload", headers=bearer, content=b"x"),
        ]
    assert [each.status_code for each in statuses] == [403, 403, 403, 403, 403]


def test_a_name_in_a_header_counts_from_the_proxy_alone(database: Path) -> None:
    header = SignIn(header="remote-user", trusted=(ipaddress.ip_network("127.0.0.2"),), url="https://shoes.example/")
    named = [("remote-user", "anna")]
    with (
        served(database, header) as server,
        browser(server, "127.0.0.2") as by_proxy,
        browser(server, "127.0.0.3") as forged,
    ):
        assert by_proxy.get("-/actor.json", headers=named).json()["actor"] == {"id": "anna"}
        assert "Log out" not in by_proxy.get("", headers=named).text
        for headers in [[], [("remote-user", "")], [*named, *named], [("remote_user", "anna")]]:
            assert by_proxy.get("", headers=headers).status_code == 403
        answer = forged.get("", headers=named)
        assert (answer.status_code, answer.text) == (403, "Sign in first at https://shoes.example/.\n")
        assert forged.get("-/actor.json", headers=[*named, ("x-forwarded-for", "127.0.0.2")]).status_code == 403


def test_this_machine_passes_only_where_it_may_and_everybody_may_read_what_is_public(database: Path) -> None:
    local = SignIn(accounts=ACCOUNTS, local="runner", trusted=(ipaddress.ip_network("127.0.0.2"),))
    with served(database, local) as server, browser(server) as here, browser(server, "127.0.0.2") as by_proxy:
        assert here.get("-/actor.json").json()["actor"] == {"id": "runner"}
        assert here.get("", headers={"x-forwarded-for": "10.0.0.1"}).status_code == 302
        assert by_proxy.get("").status_code == 302
    with served(database, SignIn(accounts=ACCOUNTS, public=True)) as server, browser(server) as reader:
        assert ["Log in" in reader.get(path).text for path in ("", "shoemon", "-/runs")] == [True, True, True]
        assert (reader.get("shoemon/legs.json").status_code, reader.post("-/assign/s~3A1").status_code) == (200, 403)
    with served(database, SignIn()) as server, browser(server) as reader:
        assert ["Log in" in reader.get(path).text for path in ("", "shoemon")] == [False, False]
        assert (reader.get("-/login").status_code, reader.get("-/password-tool").status_code) == (404, 404)


TABLES = ("", "shoemon", "shoemon/legs", "shoemon/shoe_summary", "shoemon/next_to_replace", "-/runs")


@pytest.mark.parametrize(
    "way", quick(["by a proxy that strips it", "by a proxy that passes the path on", "directly"], 1)
)
def test_every_link_works_below_a_path(database: Path, way: str) -> None:
    sign_in = SignIn(accounts=ACCOUNTS, trusted=(ipaddress.ip_network("127.0.0.2"),))
    with ExitStack() as stack:
        server = stack.enter_context(served(database, sign_in, base_url="/shoes/"))
        address = server.url.removesuffix("/shoes/")
        if way != "directly":
            headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
            address = stack.enter_context(
                proxy(server.port, "/shoes/", strips=way.endswith("strips it"), headers=headers)
            )
        reader = stack.enter_context(httpx.Client(base_url=address, timeout=300))
        assert reader.get("/shoes").headers["location"] == "/shoes/"
        asked = reader.get("/shoes/shoemon/legs").headers["location"]
        assert asked == "/shoes/-/login?next=%2Fshoes%2Fshoemon%2Flegs"
        answer = reader.post(asked, data=RIGHT)
        assert answer.headers["location"] == "/shoes/shoemon/legs"
        assert ("Secure" in answer.headers["set-cookie"]) == (way != "directly")
        reader.headers["cookie"] = answer.headers["set-cookie"].partition(";")[0]
        assert reader.get("/shoes/shoemon/").headers["location"] == "/shoes/shoemon"
        followed: set[str] = set()
        for page in TABLES if way == "directly" else TABLES[:2]:
            found = re.findall(r'(?:href|src|action)="([^"#]*)', reader.get(f"/shoes/{page}").text)
            links = {urljoin(f"/shoes/{page}", html.unescape(link)) for link in found}
            inner = sorted(link for link in links if link.startswith("/"))
            assert len(inner) > 5 and [link for link in inner if re.match("/shoes/(?!shoes/)", link) is None] == []
            fresh = [link for link in inner if link not in followed]
            assert [link for link in fresh if reader.get(link).status_code not in (200, 302)] == []
            followed.update(fresh)
        assert "/shoes/shoemon/legs.json?" in reader.get("/shoes/shoemon/legs.json?_size=1").json()["next_url"]


REACHED = {  # whether another way leads to the pages, whether `serve` refuses to start, and of what `check` warns
    "": (False, False, []),
    "url: 'http://localhost:8001/'": (False, False, []),
    "url: 'http://127.0.0.1:9000/'": (False, False, []),
    "host: 0.0.0.0": (False, True, ["does not start"]),
    "host: 0.0.0.0, public: true": (False, False, []),
    "host: 0.0.0.0, url: 'http://shoes.home:8001/', password: {env: X}": (False, True, []),
    "host: 0.0.0.0, port: 80, url: 'http://shoes.home/', password: {env: X}": (False, True, []),
    "host: 0.0.0.0, url: 'https://shoes.home:8001/', password: {env: X}": (True, True, ["trusted is missing"]),
    "host: 0.0.0.0, url: 'http://shoes.home/', password: {env: X}": (True, True, ["trusted is missing"]),
    "url: 'http://shoes.home:8001/', public: true": (True, False, []),
    "url: https://shoes.example/": (True, True, ["does not start"]),
    "hosts: [shoes.example]": (True, True, ["does not start", "url is missing"]),
    "base_url: /shoes/, password: {env: X}": (True, True, ["url is missing", "trusted is missing"]),
    "user_header: Remote-User, trusted: [10.0.0.0/16], url: https://shoes.example/": (True, True, ["10.0.0.0/16"]),
    "user_header: Remote-User, trusted: ['fd00::/64', 10.0.0.0/24]": (True, True, ["url is missing"]),
    "local: true": (False, False, ["does nothing"]),
    "local: true, password: {env: X}, trusted: [10.0.0.1], url: https://shoes.example/": (True, True, ["everybody in"]),
}


@pytest.mark.parametrize("settings", REACHED)
def test_who_can_reach_the_pages_is_known_to_them_to_check_and_to_serve(
    settings: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("X", PASSWORD)
    home = Home(tmp_path)
    home.main(f"web: {{{settings}}}\n")
    web, (elsewhere, is_refused, warned) = home.config.main.web, REACHED[settings]
    assert leads_elsewhere(web, web.host, web.port) == elsewhere
    assert (refusal(web, web.host, web.port) is not None) == is_refused
    said = [line for line in check_lines(home.config) if "web." in line or "`serve`" in line]
    assert [part for part, line in zip(warned, said, strict=True) if part not in line] == []


def test_the_pages_are_not_below_the_name_of_a_runner(tmp_path: Path) -> None:
    for name in ("anna", "ben"):
        Home(tmp_path / name).main("web: {base_url: /ben/}\n" if name == "anna" else "runner: Ben\n")
    with pytest.raises(ConfigError) as raised:
        load_household([str(tmp_path / "anna"), str(tmp_path / "ben")])
    assert [mistake.path for mistake in raised.value.mistakes] == ["web.base_url"]


def test_serve_does_not_start_where_everybody_could_read(tmp_path: Path) -> None:
    words = ("serve", "--config", str(Home(tmp_path).directory), "--host", "0.0.0.0", "--port", str(free_port()))
    error = CliRunner().invoke(cli, words).exception
    assert isinstance(error, ShoemonError) and "nobody has to sign in. Set a password" in str(error)


def test_without_a_configuration_one_page_says_what_to_write_until_it_is_there(tmp_path: Path) -> None:
    directory, port = tmp_path / "home", free_port()
    with started(
        "serve", "--config", directory, "--port", str(port), env={**os.environ, "SHOEMON_PASSWORD": PASSWORD}
    ) as process, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=300) as reader:  # fmt: skip
        until(lambda: status(reader) == 302)
        assert reader.post("/-/login", data=RIGHT).status_code == 302
        page = reader.get("/").text
        assert "password: {env: SHOEMON_PASSWORD}" in page and str(directory) in page and "/-/upload" in page
        assert "/-/upload" in reader.get("/_memory.json?sql=select+42").text
        Home(directory).main("web: {password: {env: SHOEMON_PASSWORD}}\n")
        until(lambda: status(reader, "/shoemon") == 302 and (directory / "shoemon.db").exists())
        assert reader.post("/-/login", data=RIGHT).status_code == 302 and reader.get("/shoemon").status_code == 200
        process.terminate()
        assert process.wait() == 0


def test_without_a_password_the_page_of_the_beginning_names_no_folder(tmp_path: Path) -> None:
    datasette = make_app(sign_in=SignIn())
    with running(WebServer(datasette, port=0, app=_only_the_page(datasette, tmp_path))) as server:
        page = httpx.get(server.url, timeout=300)
    assert page.status_code == 200 and "shoemon" in page.text
    assert str(tmp_path) not in page.text and "<form" not in page.text


def status(reader: httpx.Client, path: str = "/") -> int:
    try:
        return reader.get(path).status_code
    except httpx.TransportError:
        return 0
