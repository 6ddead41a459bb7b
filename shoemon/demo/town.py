"""The demo's town: imaginary streets, park, beach, meadow and woods, in the format of OpenStreetMap. Pure."""

import html
import math
from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from shoemon.model.globe import METRES_A_DEGREE
from shoemon.model.ids import SurfaceId

TownPoint = tuple[int, int]
"""Metres east and north of the town's south-western corner."""
_CORNER = (-33.0, -22.0)
"""Latitude and longitude of that corner: in the middle of the South Atlantic, where nobody runs."""
_FIRST_NODE, _FIRST_WAY = 9_000_001, -1_000_000
"""Ways that are not in OpenStreetMap have ids below 0."""


class TownWay(NamedTuple):
    """A way, or (with `area`) the edge of a piece of ground. `surface` is that of its tags."""

    id: int
    surface: SurfaceId
    tags: Mapping[str, str]
    points: tuple[TownPoint, ...]
    area: bool = False


_STREETS = """
asphalt  | highway=secondary surface=asphalt          | Harbour Road    | 100,400 300,400 400,400 600,400 800,400 1000,400 1150,400 1200,400 1320,395 1500,420 1700,410 1900,400
paving   | highway=footway footway=sidewalk surface=paving_stones |     | 400,409 600,409 800,409 1000,409 1200,409
paved    | highway=residential lit=yes                | Mill Street     | 400,600 600,600 800,600 1000,600 1200,600
asphalt  | highway=residential surface=asphalt        | Market Street   | 400,800 600,800
cobble   | highway=pedestrian surface=sett            | Market Street   | 600,800 800,800 1000,800
asphalt  | highway=residential surface=asphalt        | Market Street   | 1000,800 1200,800
concrete | highway=residential surface=concrete       | Chapel Lane     | 400,1000 600,1000 800,1000 1000,1000 1200,1000
asphalt  | highway=residential surface=asphalt        | West Row        | 400,400 400,409 400,600 400,800 400,1000
asphalt  | highway=residential surface=asphalt        | Anchor Street   | 600,400 600,409 600,600 600,800 600,1000
paving   | highway=living_street surface=paving_stones | Fish Lane      | 800,400 800,409 800,600 800,800 800,1000
paved    | highway=residential                        | Pump Street     | 1000,400 1000,409 1000,600 1000,800 1000,1000
asphalt  | highway=tertiary surface=asphalt           | East Row        | 1200,400 1200,409 1200,600 1200,800 1200,1000
asphalt  | highway=cycleway surface=asphalt           | Old Ferry Way   | 1200,800 1300,815
wood     | highway=cycleway bridge=yes layer=1 surface=wood | Old Ferry Way | 1300,815 1370,835
asphalt  | highway=cycleway surface=asphalt           | Old Ferry Way   | 1370,835 1450,860 1600,880 1750,820 1860,700 1900,560 1900,400
concrete | highway=steps surface=concrete             | Netmakers Steps | 300,400 300,345
concrete | highway=footway surface=concrete           | The Slip        | 1150,400 1150,345
"""  # noqa: E501 a table
_GREEN = """
asphalt  | highway=footway surface=asphalt            | South Gate      | 600,1000 600,1060
gravel   | highway=footway surface=gravel             | Park Round      | 600,1060 480,1100 430,1180 440,1300 500,1400 620,1440 700,1440 820,1430 930,1370 960,1250 930,1130 830,1070 600,1060
dirt     | highway=path surface=dirt                  |                 | 430,1180 560,1220 700,1240 830,1225 960,1250
unknown  | highway=footway                            |                 | 600,1060 640,1150 700,1240 760,1330 820,1430
paving   | highway=footway surface=paving_stones      | Track Approach  | 1200,1000 1150,1060 1150,1113
tartan   | leisure=track sport=running surface=tartan | Lowfield Track  | 1150,1113 1192,1113 1210,1118 1224,1132 1229,1150 1224,1168 1210,1182 1192,1187 1108,1187 1090,1182 1076,1168 1071,1150 1076,1132 1090,1118 1108,1113 1150,1113
dirt     | highway=path surface=ground                |                 | 1450,860 1460,935
dirt     | highway=path surface=ground                |                 | 1750,820 1760,910
dirt     | highway=path surface=dirt                  |                 | 1640,1425 1640,1520
compacted | highway=footway surface=compacted         | North Gate      | 700,1440 700,1520
compacted | highway=track tracktype=grade2 surface=compacted | Charcoal Track | 700,1520 900,1550 1100,1530 1300,1560 1500,1530 1640,1520
gravel   | highway=track tracktype=grade2 surface=gravel | Fell Track   | 700,1520 620,1600 480,1640 360,1720 300,1840
unpaved  | highway=track tracktype=grade4             | Fell Track      | 300,1840 420,1930 600,1980 780,2000
rock     | highway=path surface=rock                  | Grey Stairs     | 780,2000 900,2040 1010,2020 1080,1950
unpaved  | highway=path sac_scale=mountain_hiking     | Ridge Path      | 1080,1950 1180,1900 1300,1930 1420,1900 1500,1800
dirt     | highway=path surface=dirt                  | Ridge Path      | 1500,1800 1460,1700 1500,1620 1560,1560 1640,1520
dirt     | highway=path surface=ground                | Owl Path        | 620,1600 700,1720 840,1760 960,1720 1080,1780 1080,1950
dirt     | highway=path surface=woodchips             | Owl Path        | 840,1760 780,1880 780,2000
"""  # noqa: E501 a table
_AREAS = """
sand     | natural=beach surface=sand                 | Netmakers Beach | 80,100 1320,100 1300,345 1150,345 300,345 90,345 80,100
grass    | landuse=meadow surface=grass               | Ferry Meadow    | 1390,935 1460,935 1760,910 1850,900 1880,1420 1640,1425 1400,1420 1390,935
grass    | leisure=park                               | Founders' Park  | 400,1040 980,1040 980,1470 400,1470 400,1040
grass    | leisure=pitch sport=soccer surface=grass   |                 | 1108,1120 1192,1120 1192,1180 1108,1180 1108,1120
unpaved  | natural=wood                               | Charcoal Wood   | 150,1480 1850,1480 1850,2100 150,2100 150,1480
"""  # noqa: E501 a table


def _read(table: str, first: int, *, area: bool = False) -> Iterator[TownWay]:
    for number, line in enumerate(table.strip().splitlines(), first):
        surface, tags, name, points = (cell.strip() for cell in line.split("|"))
        pairs = dict(tag.split("=") for tag in tags.split()) | ({"name": name} if name else {})
        yield TownWay(number, SurfaceId(surface), pairs, points_of(points), area)


def points_of(text: str) -> tuple[TownPoint, ...]:
    """The points that `text` lists: `600,400 600,409`."""
    pairs = (pair.split(",") for pair in text.split())
    return tuple((int(east), int(north)) for east, north in pairs)


WAYS = tuple(_read(_STREETS + _GREEN.lstrip(), _FIRST_WAY))
AREAS = tuple(_read(_AREAS, _FIRST_WAY + 500, area=True))


def degrees(east: float, north: float) -> tuple[float, float]:
    lat = _CORNER[0] + north / METRES_A_DEGREE
    return lat, _CORNER[1] + east / (METRES_A_DEGREE * math.cos(math.radians(_CORNER[0])))


def town_osm(day: date) -> str:
    """Write the town as an .osm file of `day`."""
    return "".join(f"{line}\n" for line in _lines(f"{day.isoformat()}T00:00:00Z"))


def _lines(stamp: str) -> Iterator[str]:
    made = f'version="1" timestamp="{stamp}" visible="true"'
    points = dict.fromkeys(point for way in (*WAYS, *AREAS) for point in way.points)
    nodes = {point: number for number, point in enumerate(points, _FIRST_NODE)}
    south, west = degrees(0, 0)
    north, east = degrees(2000, 2200)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<osm version="0.6" generator="shoemon demo" timestamp="{stamp}">'
    yield f'  <bounds minlat="{south:.7f}" minlon="{west:.7f}" maxlat="{north:.7f}" maxlon="{east:.7f}"/>'
    for point, number in nodes.items():
        lat, lon = degrees(*point)
        yield f'  <node id="{number}" {made} lat="{lat:.7f}" lon="{lon:.7f}"/>'
    for way in (*WAYS, *AREAS):
        yield f'  <way id="{way.id}" {made}>'
        yield from (f'    <nd ref="{nodes[point]}"/>' for point in way.points)
        yield from (f'    <tag k="{key}" v="{html.escape(value)}"/>' for key, value in way.tags.items())
        yield "  </way>"
    yield "</osm>"
