"""What OpenStreetMap's tags say: a way's own surface, what ways of its kind are mostly like, and open ground."""

import pytest

from shoemon.ground.match.tags import (
    KEPT,
    SURFACE_OF_TAG,
    WALKABLE,
    cost_of_way,
    is_walkable,
    surface_in,
    verdict_of_area,
    verdict_of_way,
)
from shoemon.model.surfaces import BUILT_IN


def tags(text: str) -> dict[str, str]:
    """`highway=path lit=yes` as tags; `+` stands for a space in a value."""
    return {key: value.replace("+", " ") for key, value in (pair.split("=", 1) for pair in text.split())}


def test_every_surface_word_means_a_surface_that_shoemon_knows() -> None:
    assert set(SURFACE_OF_TAG.values()) <= set(BUILT_IN)
    assert [word for word in SURFACE_OF_TAG if word != word.lower() or " " in word] == []


@pytest.mark.parametrize(
    ("value", "surface", "alike"),
    [
        ("asphalt", "asphalt", True),
        ("Asphalt", "asphalt", True),
        ("ashpalt", "asphalt", True),
        ("paving stones", "paving", True),
        ("paving_stones:30", "paving", True),
        ("cobblestone:flattened", "cobble", True),
        ("concrete:plates", "concrete", True),
        ("concrete:tiles", "paving", True),
        ("fine_gravel", "compacted", True),
        ("dirt/sand", "dirt", True),
        ("asphalt;gravel", "asphalt", False),
        ("gravel; asphalt", "gravel", False),
        ("paved;cobblestone", "paved", True),
        ("fixme;grass", "grass", True),
        ("moon_dust", "unknown", True),
        (";", "unknown", True),
        ("", "unknown", True),
        (None, "unknown", True),
    ],
)
def test_a_surface_value_means_one_surface(value: str | None, surface: str, alike: bool) -> None:
    assert surface_in(value) == (surface, alike)


@pytest.mark.parametrize(
    ("way", "word"),
    [
        ("highway=residential surface=gravel", ("gravel", "tag", "surface", 0.98)),
        ("highway=track tracktype=grade5 surface=asphalt", ("asphalt", "tag", "surface", 0.98)),
        ("highway=path surface=asphalt;dirt", ("asphalt", "tag", "surface", 0.6)),
        ("leisure=track surface=tartan", ("tartan", "tag", "surface", 0.98)),
        # beside the surface: only what the way says of itself
        ("highway=footway footway:surface=gravel", ("gravel", "tag", "footway:surface", 0.98)),
        ("highway=footway footway=sidewalk sidewalk:surface=sett", ("cobble", "tag", "sidewalk:surface", 0.98)),
        ("highway=residential sidewalk:both:surface=gravel", ("paved", "inferred", "highway=residential", 0.98)),
        ("highway=service footway:surface=gravel", ("paved", "inferred", "highway=service", 0.92)),
        # inferred: the ground, never more
        ("highway=track tracktype=grade1", ("paved", "inferred", "tracktype=grade1", 0.87)),
        ("highway=track tracktype=grade2", ("unpaved", "inferred", "tracktype=grade2", 0.96)),
        ("highway=track", ("unpaved", "inferred", "highway=track", 0.8)),
        ("highway=path", ("unpaved", "inferred", "highway=path", 0.94)),
        ("highway=path mtb:scale=2-", ("unpaved", "inferred", "mtb:scale=2", 0.97)),
        ("highway=footway sac_scale=hiking", ("unpaved", "inferred", "sac_scale=hiking", 0.94)),
        ("highway=footway footway=sidewalk", ("paved", "inferred", "footway=sidewalk", 0.99)),
        ("highway=footway smoothness=good", ("paved", "inferred", "smoothness=good", 0.99)),
        ("highway=primary_link", ("paved", "inferred", "highway=primary_link", 0.99)),
        ("highway=residential surface=moon_dust", ("paved", "inferred", "highway=residential", 0.98)),
        # a coin toss is no answer
        ("highway=footway", ("unknown", "unknown", "", 0.0)),
        ("highway=footway lit=yes", ("unknown", "unknown", "", 0.0)),
        ("highway=footway bicycle=designated", ("unknown", "unknown", "", 0.0)),
        ("highway=footway bridge=yes", ("unknown", "unknown", "", 0.0)),
        ("highway=path lit=yes", ("unknown", "unknown", "", 0.0)),
        ("highway=path segregated=no", ("unknown", "unknown", "", 0.0)),
        ("highway=steps", ("unknown", "unknown", "", 0.0)),
        ("highway=road", ("unknown", "unknown", "", 0.0)),
        ("leisure=track", ("unknown", "unknown", "", 0.0)),
        ("highway=path sac_scale=no lit=yes", ("unknown", "unknown", "", 0.0)),
    ],
)
def test_a_way_says_its_surface_or_its_ground_or_nothing(way: str, word: tuple[str, str, str, float]) -> None:
    assert verdict_of_way(tags(way)) == word


@pytest.mark.parametrize("highway", sorted(WALKABLE))
def test_without_a_surface_tag_no_surface_is_stated(highway: str) -> None:
    word = verdict_of_way({"highway": highway})
    assert (word.origin, str(word.surface)) in {
        ("inferred", "paved"), ("inferred", "unpaved"), ("unknown", "unknown"),
    }  # fmt: skip
    assert (word.confidence == 0.0) == (word.origin == "unknown")


@pytest.mark.parametrize(
    ("area", "word"),
    [
        ("natural=beach", ("sand", "area", "natural=beach", 0.9)),
        ("natural=beach surface=pebblestone", ("gravel", "area", "surface", 0.9)),
        ("landuse=meadow", ("grass", "area", "landuse=meadow", 0.9)),
        ("landuse=forest", ("unpaved", "area", "landuse=forest", 0.85)),
        ("leisure=pitch sport=beachvolleyball", ("sand", "area", "leisure=pitch", 0.95)),
        ("leisure=pitch sport=soccer;basketball", ("grass", "area", "leisure=pitch", 0.6)),
        ("leisure=pitch sport=tennis", ("unknown", "unknown", "leisure=pitch", 0.0)),
        ("leisure=pitch sport=soccer surface=artificial_turf", ("turf", "area", "surface", 0.9)),
        ("leisure=pitch surface=sand;artificial_turf", ("sand", "area", "surface", 0.6)),
        ("leisure=track", ("unknown", "unknown", "leisure=track", 0.0)),
        ("leisure=playground", ("unknown", "unknown", "leisure=playground", 0.0)),
        ("highway=pedestrian area=yes", ("paved", "area", "highway=pedestrian", 0.98)),
        ("highway=pedestrian type=multipolygon surface=sett", ("cobble", "area", "surface", 0.9)),
        ("highway=footway area=yes", ("unknown", "unknown", "", 0.0)),
        ("amenity=school surface=asphalt", ("asphalt", "area", "surface", 0.9)),
        # nothing to stand on, or no area at all
        ("highway=residential surface=asphalt", None),
        ("natural=water", None),
        ("natural=coastline surface=sand", None),
        ("landuse=residential", None),
        ("building=yes leisure=pitch", None),
        ("name=Nowhere", None),
    ],
)
def test_open_ground_says_what_it_is(area: str, word: tuple[str, str, str, float] | None) -> None:
    assert verdict_of_area(tags(area)) == word


@pytest.mark.parametrize(
    ("way", "walkable"),
    [
        ("highway=footway", True),
        ("highway=corridor indoor=yes", True),
        ("leisure=track", True),
        ("highway=motorway", False),
        ("highway=construction", False),
        ("highway=proposed leisure=track", False),
        ("leisure=park", False),
        ("waterway=river", False),
    ],
)
def test_a_runner_is_on_ways_and_running_tracks(way: str, walkable: bool) -> None:
    assert is_walkable(tags(way)) == walkable


@pytest.mark.parametrize(
    ("way", "cost"),
    [
        ("highway=path", 0.0),
        ("highway=primary", 0.5),
        ("highway=tertiary", 0.4),
        ("highway=residential", 0.2),
        ("highway=footway", 0.0),
        ("highway=service", 0.3),
        ("highway=corridor indoor=yes", 2.5),
        ("highway=footway indoor=yes", 2.5),
        ("highway=footway tunnel=yes", 1.0),
        ("highway=footway tunnel=no", 0.0),
        ("highway=service access=private", 2.3),
        ("highway=service access=private foot=yes", 0.3),
        ("highway=primary foot=no", 3.5),
        ("highway=track access=no foot=designated", 0.0),
    ],
)
def test_a_runner_is_less_likely_on_some_ways(way: str, cost: float) -> None:
    assert cost_of_way(tags(way)) == pytest.approx(cost)


def test_all_that_is_looked_at_is_kept() -> None:
    """The word of a way can be found again from the tags written beside it."""
    seen: set[str] = set()

    class Watched(dict[str, str]):
        def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
            seen.add(key)
            return super().get(key, default)

    verdict_of_way(Watched(highway="footway"))
    cost_of_way(Watched(highway="path", lit="no"))
    verdict_of_way(Watched(highway="path"))
    assert seen <= set(KEPT)
    assert "tracktype" in seen
