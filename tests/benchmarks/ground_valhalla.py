"""Valhalla's answer to the same question, where it is installed (`pip install pyvalhalla`, Python 3.12 or later): the
ways that its map matching finds for a line, with the surfaces that our map has for them."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from shoemon.model.run_ground import Stretch
from shoemon.model.trace import Trace

try:
    import valhalla
except ImportError:
    valhalla = None

Told = tuple[str, str, str, float]
"""Of a way: its kind, surface, how that is known, cost."""


class Valhalla:
    """Matches on foot, over the tiles of one extract."""

    def __init__(self, file: Path, directory: Path, ways: Mapping[int, Told]) -> None:
        tiles = directory / f"{file.stem}.tiles"
        tiles.mkdir()
        config = valhalla.get_config(tile_extract="", tile_dir=str(tiles), verbose=False)
        settings = tiles / "valhalla.json"
        settings.write_text(json.dumps(config))
        build = Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles"
        subprocess.run([build, "-c", settings, file], check=True, capture_output=True)
        self._actor, self._ways = valhalla.Actor(config), ways

    def __call__(self, trace: Trace, error_m: float) -> list[Stretch]:
        shape = [{"lat": lat, "lon": lon} for lat, lon in zip(trace.lats, trace.lons, strict=True)]
        options = {"gps_accuracy": max(error_m, 5.0), "search_radius": min(max(2 * error_m, 15.0), 100.0)}
        wanted = {"shape": shape, "costing": "pedestrian", "shape_match": "map_snap", "trace_options": options}
        try:
            found = self._actor.trace_attributes(wanted)
        except RuntimeError:  # it matches nothing of this line: all of it is unknown
            return []
        return list(self._stretches(found, trace))

    def _stretches(self, found: Mapping[str, Any], trace: Trace) -> Iterator[Stretch]:
        edges = found["edges"]
        places = [
            (trace.times[number], point["edge_index"], point["distance_along_edge"])
            for number, point in enumerate(found["matched_points"])
            if point.get("edge_index", len(edges)) < len(edges)
        ]
        for (start, first, from_), (end, last, to) in pairwise(places):
            parts = [
                (edges[at]["way_id"], edges[at]["length"] * 1000 * ((to if at == last else 1.0) - (from_ if at == first else 0.0)))
                for at in range(first, last + 1)
            ]  # fmt: skip
            pace = (end - start) / (sum(abs(metres) for _, metres in parts) or 1.0)
            begin = start
            for way, metres in parts:
                _, surface, origin, _ = self._ways.get(way, ("", "unknown", "untagged", 0.0))
                yield Stretch(begin, begin + pace * abs(metres), abs(metres), way, surface, origin, 1.0)
                begin += pace * abs(metres)
