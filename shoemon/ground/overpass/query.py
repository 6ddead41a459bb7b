"""What an Overpass server is asked about one cell: its ways, and its open ground."""

from shoemon.ground.overpass.cells import Cell

MARGIN_DEGREES = 0.002
"""Some 100 to 200 m around the cell: a run along its edge may be on ways that only pass outside."""
QUESTION_VERSION = 1
"""Raised when something else is asked, so that answers kept on disk are not taken for whole."""

_AREAS = {
    "leisure": "park|garden|golf_course|common|dog_park|nature_reserve|horse_riding|track|pitch|playground",
    "natural": "beach|sand|dune|shingle|scree|grassland|fell|tundra|heath|moor|scrub|wood|wetland|mud|bare_rock"
    "|glacier",
    "landuse": "grass|meadow|village_green|recreation_ground|farmland|forest|orchard|vineyard|quarry",
    "golf": "bunker|fairway|green|rough|tee",
    "amenity": "parking",
    "place": "square",
}
"""Open ground that the map knows what to make of, see shoemon/ground/areas.py. Relations of type `boundary` are not
asked for: they are nature reserves, which say little of the ground, and some are as large as a country."""


def question(cell: Cell) -> str:
    """What is asked, in Overpass QL."""
    box = cell.box
    south, north = max(box.south - MARGIN_DEGREES, -90.0), min(box.north + MARGIN_DEGREES, 90.0)
    west, east = max(box.west - MARGIN_DEGREES, -180.0), min(box.east + MARGIN_DEGREES, 180.0)
    within = f"({south:.3f},{west:.3f},{north:.3f},{east:.3f})"
    filters = [f'["{key}"~"^({values})$"]' for key, values in _AREAS.items()]
    ways = ['["highway"]', '["area:highway"]', '["surface"][!"highway"]', *filters]
    relations = ['["highway"="pedestrian"]', '["surface"]', *filters]
    asked = [f"way{each}{within};" for each in ways]
    asked += [f'relation["type"="multipolygon"]{each}{within};' for each in relations]
    return f"[out:json][timeout:60];({''.join(asked)});out body geom;"
