"""The address a run's track is drawn from: who is answered, with what, and that nobody else is."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from datasette.utils import tilde_encode
from kit.browsing import PHONE, Reader, reading
from kit.homes import Home
from kit.runners import served
from kit.tracked import STREET, along, gpx, row, tracked_home

from shoemon.web import server as web
from shoemon.web.desk import Desk

ME_ONLY = {"allow": {"id": "me"}}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = tracked_home(
        tmp_path_factory.mktemp("tracked"), [row(1, 900), row(2, 900, day=2, file="")], {1: gpx(along(STREET, 900))}
    )
    home.sync()
    return home


def asked(home: Home, *runs: str, desk: bool = True, **options: Any) -> list[Any]:
    """What is answered about each of `runs`."""
    datasette = web.make_app(home.database, desks={"shoemon": Desk(home.config)} if desk else None, **options)

    async def ask() -> list[Any]:
        await datasette.invoke_startup()
        return [await datasette.client.get(f"/-/run/{tilde_encode(run)}/track.json") for run in runs]

    return asyncio.run(ask())


def test_the_track_is_geojson_that_nobody_keeps(home: Home) -> None:
    (answer,) = asked(home, "strava:1")
    found = answer.json()
    assert (answer.status_code, found["type"]) == (200, "FeatureCollection")
    assert found["about"]["surfaces"] == [{"surface": "asphalt", "ground": "hard", "metres": 900.0}]
    assert answer.headers["content-type"] == "application/geo+json; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store, private"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in answer.headers


def test_why_there_is_none_is_told_in_words(home: Home) -> None:
    without, unknown, hostile = asked(home, "strava:2", "strava:3", "x' OR 1=1 <script>/../")
    assert [answer.status_code for answer in (without, unknown, hostile)] == [200, 404, 404]
    assert "names no track" in without.json()["missing"]
    assert unknown.json() == {"missing": "No run strava:3 is stored here."}
    assert hostile.json() == {"missing": "No run x' OR 1=1 <script>/../ is stored here."}
    for answer in (without, unknown, hostile):
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store, private"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_without_a_desk_there_are_no_tracks(home: Home) -> None:
    (answer,) = asked(home, "strava:1", desk=False)
    assert (answer.status_code, answer.json().keys()) == (404, {"missing"})
    assert "shoemon serve" in answer.json()["missing"]


CLOSED = [{"tables": {name: ME_ONLY}} for name in ("activities", "legs", "track_matches", "track_surfaces")] + [ME_ONLY]


@pytest.mark.parametrize("metadata", [ME_ONLY, *({"databases": {"shoemon": closed}} for closed in CLOSED)])
def test_who_may_not_see_runs_and_tracks_is_told_nothing(home: Home, metadata: dict[str, Any]) -> None:
    stored, unknown = asked(home, "strava:1", "strava:3", metadata=metadata)
    assert (stored.status_code, unknown.status_code) == (403, 403)
    assert stored.json() == unknown.json() == {"missing": "There are no tracks here that you may see."}


def view(reader: Reader) -> list[float]:
    """West, north, width and height of what the map shows, in metres from its corner."""
    box = reader.tab.locator(".frame svg[viewBox]").get_attribute("viewBox")
    return [float(part) for part in str(box).split()]


def test_the_map_speaks_as_the_reader_does_is_moved_by_keys_and_dragging_and_says_where_its_track_is_gone(
    browser: Any, home: Home, tmp_path: Path
) -> None:
    home = home.copied(tmp_path / "home")
    home.main((home.directory / "shoemon.yaml").read_text(encoding="utf-8") + "units: mi\n")
    home.sync()
    with served(home) as pages, reading(browser, pages.url, viewport=PHONE, locale="de-DE") as reader:
        reader.open("/-/run/strava~3A1")
        label = reader.tab.get_by_role("img", name="Map of the run").get_attribute("aria-label")
        assert label == "Map of the run by surface: asphalt 0,56\u00a0mi"
        assert "asphalt 0,56 mi start end" in reader.text()
        assert "© OpenStreetMap contributors (ODbL), map of 2024-03-04." in reader.text()
        whole = view(reader)
        frame = reader.tab.locator(".frame")
        frame.focus()
        reader.tab.keyboard.press("ArrowUp")  # scrolls the page, as ever
        assert view(reader) == whole
        for _ in range(3):
            reader.click(reader.tab.get_by_role("button", name="Enlarge the map"))
        near = view(reader)
        assert near[2] == pytest.approx(whole[2] / 1.6**3)
        frame.focus()
        scrolled = reader.tab.evaluate("scrollY")
        reader.tab.keyboard.press("ArrowRight")
        right = view(reader)
        assert right[0] > near[0] and right[1:] == pytest.approx(near[1:])
        box = frame.bounding_box()
        reader.tab.mouse.move(box["x"] + 100, box["y"] + 100)
        reader.tab.mouse.down()
        reader.tab.mouse.move(box["x"] + 150, box["y"] + 90)
        reader.tab.mouse.up()
        reader.tab.mouse.move(box["x"] + 10, box["y"] + 10)
        dragged = view(reader)
        assert dragged[0] < right[0] and dragged[1] > right[1]
        assert reader.tab.evaluate("scrollY") == scrolled
        for _ in range(20):
            reader.tab.keyboard.press("ArrowLeft")
        assert view(reader)[0] == 0
        reader.click(reader.tab.get_by_role("button", name="Whole run"))
        assert view(reader) == whole
        (home.directory / "export" / "activities" / "1.gpx").unlink()
        home.clock.move(hours=1)
        home.sync()
        reader.open("/-/run/strava~3A1")
        reader.tab.locator("figure.map", has_text="is not available").wait_for()
        assert reader.tab.locator("figure.map svg").count() == 0
