"""The address a run's track is drawn from: who is answered, with what, and that nobody else is."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from datasette.utils import tilde_encode
from kit.browsing import PHONE, Reader, reading
from kit.homes import Home
from kit.pages import get
from kit.runners import served
from kit.tracked import STREET, along, gpx, row, tracked_home

from shoemon.model.surfaces import BUILT_IN
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
    desks = {"shoemon": Desk(home.config)} if desk else None
    return get(home.database, *(f"/-/run/{tilde_encode(run)}/track.json" for run in runs), desks=desks, **options)


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


PAINTED = """all => all.map(path => {
    const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true }), card = getComputedStyle(document.querySelector(".frame"));
    return [path.dataset.surface, ...[getComputedStyle(path).stroke, card.backgroundColor].map(colour => {
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    })];
})"""
"""The surface, colour and paper of lines."""


def luminance(colour: list[int]) -> float:
    """Relative luminance by WCAG 2.2."""
    parts = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: list[int], other: list[int]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


SURFACES = {surface: BUILT_IN[surface].ground for surface in BUILT_IN} | {"quay": "hard", "cinder": "soft"}


def test_each_surface_has_its_shade_and_dash_and_the_legend_lights_up_its_stretch(browser: Any, home: Home) -> None:
    features = [
        {"geometry": {"coordinates": [[24.9 + at / 1000, 60.1], [24.901 + at / 1000, 60.101]]},
         "properties": {"kind": "run", "surface": surface, "ground": ground, "metres": 100}}
        for at, (surface, ground) in enumerate(SURFACES.items())
    ]  # fmt: skip
    found = {
        "bbox": [24.89, 60.09, 24.93, 60.11],
        "about": {"surfaces": [each["properties"] for each in features]},
        "features": features,
    }
    with served(home) as pages, reading(browser, pages.url, viewport=PHONE) as reader:
        reader.tab.route("**/track.json", lambda route: route.fulfill(json=found))
        for look in ({"color_scheme": "light"}, {"color_scheme": "dark"}, {"forced_colors": "active"}):
            reader.tab.emulate_media(**look)
            reader.open("/-/run/strava~3A1")
            lines = reader.tab.locator(".map-run [data-surface]")
            lines.first.wait_for(state="attached")
            painted = {surface: (colour, paper) for surface, colour, paper in lines.evaluate_all(PAINTED)}
            assert painted.keys() == SURFACES.keys()
            assert {surface for surface, (colour, paper) in painted.items() if contrast(colour, paper) < 3} == set()
            for ground in set(SURFACES.values()):
                of = sorted(luminance(painted[surface][0]) for surface in SURFACES if SURFACES[surface] == ground)
                steps = [(more + 0.05) / (less + 0.05) for less, more in pairwise(of)]
                assert min(steps, default=2) > 1.15, (look, ground, steps)
        lit = reader.tab.locator(".map-run.is-picked .is-lit")
        chosen = [reader.tab.get_by_role("button", name=name) for name in ("grass 0.1", "concrete 0.1")]
        for act, surface in (
            (chosen[0].hover, "grass"), (chosen[1].focus, "concrete"), (chosen[0].click, "grass"),
            (lambda: reader.tab.keyboard.press("Space"), None), (lambda: reader.tab.mouse.move(1, 1), None),
        ):  # fmt: skip
            act()
            assert lit.evaluate_all("all => all.map(e => e.dataset.surface)") == [surface] * (surface is not None)
        chosen[1].click()
        assert [button.get_attribute("aria-pressed") for button in chosen] == ["false", "true"]
        assert reader.overflow() <= 0


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
