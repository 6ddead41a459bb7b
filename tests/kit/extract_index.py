"""Make `shoemon/ground/extracts/geofabrik.txt` anew.

`python tests/kit/extract_index.py index-v1.json DATE > geofabrik.txt`, with shapely installed. index-v1.json is
Geofabrik's list of extracts (https://download.geofabrik.de/index-v1.json), with one property added to each: `bytes`,
the Content-Length of its file. Extents are widened by 0.001 degrees, as ways that cross their edge are in them whole.
Left out are continents and other areas whose parts are published too and which are no country, and what is larger than
6 GB.
"""

import json
import sys
from itertools import pairwise
from typing import Any

import shapely
from shapely.geometry import shape

SERVER = "https://download.geofabrik.de/"
STEP, WIDER = 0.0005, 0.001
"""Degrees: the unit of coordinates, and how far extents are widened."""
LARGEST = 6e9
HEAD = """\
# Extracts of OpenStreetMap at a public server, with their extents: `shoemon map get` chooses from them.
# Source: index-v1.json of Geofabrik GmbH, made smaller by tests/kit/extract_index.py. Extents follow OpenStreetMap,
# © OpenStreetMap contributors, ODbL 1.0. First line: server, date of the sizes. Then: id, parent, name, path, bytes,
# outlines (encoded polylines of longitude and latitude, in steps of 0.0005 degrees)."""


def main(index: str, date: str) -> None:
    with open(index, encoding="utf-8") as file:
        regions = {each["properties"]["id"]: each for each in json.load(file)["features"]}
    areas = {id: shapely.make_valid(shape(each["geometry"])) for id, each in regions.items()}
    print(HEAD, f"{SERVER}\t{date}", sep="\n")
    for id, region in sorted(regions.items()):
        own = region["properties"]
        if own["bytes"] <= LARGEST and not is_sum(id, regions, areas):
            path = (own.get("pbf") or own["urls"]["pbf"]).removeprefix(SERVER)
            print(id, own["parent"] or "", name_of(own), path, own["bytes"], " ".join(outlines(areas[id])), sep="\t")


def name_of(own: dict[str, Any]) -> str:
    """The name as it is read: without markup, and a state's own where the index repeats the id."""
    if own["name"].startswith("us/"):
        return (
            str(own["name"]).removeprefix("us/").replace("-", " ").title().replace(" Of ", " of ").replace("Us ", "US ")
        )
    return str(own["name"]).replace("<br />", " ")


def is_sum(id: str, regions: dict[str, Any], areas: dict[str, Any]) -> bool:
    """Whether the region is a continent, or neither divided nor a part, such as the Alps: smaller ones cover half of
    it."""
    divided = any(each["properties"]["parent"] == id for each in regions.values())
    if divided:
        return regions[id]["properties"]["parent"] is None
    size, area = regions[id]["properties"]["bytes"], areas[id]
    parts = [areas[one] for one, each in regions.items() if each["properties"]["bytes"] < size]
    within = [part for part in parts if part.intersects(area)]
    return bool(shapely.union_all(within).intersection(area).area > area.area / 2)


def outlines(area: Any) -> list[str]:
    wider = area.buffer(WIDER, join_style="mitre").simplify(STEP / 4)
    rings = [ring for part in getattr(wider, "geoms", [wider]) for ring in (part.exterior, *part.interiors)]
    return [encoded([(round(lon / STEP), round(lat / STEP)) for lon, lat in ring.coords[:-1]]) for ring in rings]


def encoded(points: list[tuple[int, int]]) -> str:
    """Write the steps between points as Google's encoded polylines do: five bits a character, the lowest first."""
    text = ""
    for one, two in pairwise([(0, 0), *points]):
        for step in (two[0] - one[0], two[1] - one[1]):
            rest = step << 1 ^ step >> 31
            while rest >= 32:
                text, rest = text + chr(63 + 32 + rest % 32), rest >> 5
            text += chr(63 + rest)
    return text


if __name__ == "__main__":
    main(*sys.argv[1:])
