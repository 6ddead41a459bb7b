"""The page of a planned route: what it shows of a file that is sent, and that nothing of it stays."""

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from kit.browsing import PHONE, reading
from kit.homes import Home
from kit.pages import MARK_UP, Pages, text_of
from kit.runners import served
from kit.tracked import FOOTWAY, PATH, STREET, along, gpx, tracked_home
from kit.trials import quick

from shoemon.web import route
from shoemon.web.desk import Desk

STREET_ROUTE = gpx(along(STREET, 900, step_m=150.0))


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a map, and without a run."""
    home = tracked_home(tmp_path_factory.mktemp("home"), [], {})
    home.sync()
    return home


def send(pages: Pages, content: str | bytes, name: str = "route.gpx", path: str = "/-/route", **headers: str) -> Any:
    return pages.ask("POST", path, files={"file": (name, content)}, headers=headers)[0]


def test_a_route_is_shown_by_surface_and_ground_with_its_map_and_nothing_of_it_is_stored(
    home: Home, pages: Pages
) -> None:
    pages.page("/-/route")
    before = {path: path.read_bytes() for path in home.directory.rglob("*") if path.is_file()}
    line = [*along(STREET, 1200, step_m=150.0), *reversed(along(PATH, 600, step_m=150.0)), (FOOTWAY, 20.001)]
    answer = send(pages, gpx(line).replace("<trk>", "<trk><name>Round</name>"))
    assert (answer.status_code, answer.headers["cache-control"].split(", ")[-1]) == (200, "no-store")
    found = Desk(home.config, home.clock).route("route.gpx", gpx(line).encode())
    assert found["surface_m"].keys() >= {"asphalt", "dirt"}
    assert sum(found["surface_m"].values()) == sum(found["ground_m"].values()) == found["distance_m"]
    page = text_of(answer.text)
    assert page.startswith("Ground of a route · shoemon") and "Round The ground of a planned route" in page
    for part in found["parts"]:
        assert f"{part['surface']} {part['ground']} {round(part['distance_m'] / 1000, 2):g} {part['by']}" in page
    assert "Which pair? Pegasus 640 km left" in page
    assert '"kind": "run"' in unescape(answer.text).replace(":", ": ").replace("  ", " ")
    assert {path: path.read_bytes() for path in home.directory.rglob("*") if path.is_file()} == before


FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "no route": (b"<gpx></gpx>", "contains no track"),
    "no file of a route": (b"\x00\x01" * 500, "Nothing can be shown"),
    "XML that expands": (b'<!DOCTYPE g [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;">]><gpx>&b;</gpx>', "Nothing can"),
    "a zip of nothing": (b"PK\x05\x06" + bytes(18), "Nothing can be shown"),
    "places beyond the globe": (b'<gpx><rte><rtept lat="95" lon="1e9"/><rtept lat="nan" lon="inf"/></rte></gpx>', ""),
    "one place": (b'<gpx><rte><rtept lat="10" lon="20"/><rtept lat="10" lon="20"/></rte></gpx>', "all in one place"),
    "round the globe": (b'<gpx><rte><rtept lat="0" lon="0"/><rtept lat="0" lon="179"/></rte></gpx>', "Nothing can"),
    "11 MB": (b" " * 11_000_000, "larger than 10 MB"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_no_route_is_refused_in_words(pages: Pages, kind: str) -> None:
    content, words = FILES[kind]
    answer = send(pages, content)
    assert answer.status_code == 422 and words in answer.text


@pytest.mark.parametrize("sent", [
    {"data": {"file": "x"}}, {"content": b"--x\r\n", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
    {"content": b"", "headers": {"Content-Type": "multipart/form-data"}}, {"content": b"{}"}, {"data": {}},
])  # fmt: skip
def test_what_is_no_form_of_ours_is_refused_in_words(pages: Pages, sent: dict[str, Any]) -> None:
    (answer,) = pages.ask("POST", "/-/route", **sent)
    assert answer.status_code == 422 and "Nothing can be shown" in answer.text


@pytest.mark.parametrize("text", quick(MARK_UP, 3))
def test_the_names_of_a_route_and_of_its_file_are_texts(pages: Pages, text: str) -> None:
    named = STREET_ROUTE.replace("<trk>", f"<trk><name><![CDATA[{text.replace(']]>', '')}]]></name>")
    pages_sent = [send(pages, named), send(pages, "<gpx/>", name=text)]
    plain = send(pages, STREET_ROUTE)
    assert [page.status_code for page in pages_sent] == [200, 422]
    assert pages_sent[0].text.count("<script") == plain.text.count("<script")
    assert all("alert(1)>" not in page.text for page in pages_sent)


def test_only_a_form_of_these_pages_is_taken_and_one_at_a_time(
    pages: Pages, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert [send(pages, STREET_ROUTE, **foreign).status_code, send(pages, STREET_ROUTE).status_code] == [403, 200]
    monkeypatch.setattr(route, "_WAIT_S", 0.0)
    with route._one_at_a_time:
        assert "send it again in a moment" in send(pages, STREET_ROUTE).text
    assert pages.ask("PUT", "/-/route")[0].status_code == 405


def test_where_there_is_no_map_the_page_says_how_to_get_one(home: Home) -> None:
    home.config.map_database.unlink()
    with Pages(home.database, desks={"shoemon": Desk(home.config, home.clock)}) as pages:
        page = pages.page("/-/route")
        assert 'href="/-/get-map"' in page and "shoemon map import FILE" in text_of(page) and "<form" not in page
        assert "there is no map" in send(pages, STREET_ROUTE).text


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "round.gpx"
    path.write_text(STREET_ROUTE)
    yield path


def test_a_route_is_chosen_in_a_browser_and_without_scripts(browser: Any, home: Home, file: Path) -> None:
    with served(home) as pages:
        for scripts in (True, False):
            with reading(browser, pages.url, viewport=PHONE, java_script_enabled=scripts) as reader:
                reader.open("/-/ground")
                reader.click(reader.tab.get_by_role("link", name="The ground of a planned route"))
                for _ in range(2):  # the page of a route has the form again
                    reader.tab.set_input_files("input[type=file]", str(file))
                    reader.click(reader.tab.get_by_role("button", name="Show its ground"))
                    reader.tab.get_by_role("heading", name="Which pair?").wait_for()
                    if scripts:
                        reader.tab.locator(".map-run .is-hard").first.wait_for(state="attached")
                        reader.tab.get_by_role("button", name="Show the whole route").wait_for()
                assert "asphalt" in reader.text()
                if scripts:
                    assert reader.overflow() <= 0
