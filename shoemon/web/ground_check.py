"""Ask the runner what is under stretches of their own runs, and compare that with the stated ground.

Positions come from the exports again, as for the map of a run; only metres along the track are stored.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import partial
from itertools import accumulate, islice, pairwise
from math import cos, hypot, radians
from typing import Any, NamedTuple

from shoemon.config.edit.places import add_place
from shoemon.config.load import SHOES_FILE, Config
from shoemon.decide.ground_check import (
    GROUNDS,
    STATED_BY_MAP,
    RunPart,
    StatedPart,
    Stratum,
    Stretch,
    Verdict,
    draw,
    estimate,
    metres_of,
    stratum_of,
    stretch_in,
)
from shoemon.ground.osm.background import names_in
from shoemon.model.clock import Clock, iso
from shoemon.model.errors import MistakeError
from shoemon.model.ids import SurfaceId
from shoemon.model.plan import Place
from shoemon.model.surfaces import PAVED, UNPAVED
from shoemon.store.database import open_database, writing
from shoemon.store.snapshot import snapshot
from shoemon.web.assign import edit
from shoemon.web.geojson import Json, feature, ground_of
from shoemon.web.run_track import track

_PARTS = f"""
    SELECT t.activity, t.surface, t.origin, f.ground, t.distance_m, t.confidence FROM track_surfaces t
      JOIN activities a ON a.id = t.activity JOIN surfaces f ON f.id = t.surface
    WHERE f.ground IN {GROUNDS} AND t.origin IN {STATED_BY_MAP} AND t.distance_m > 0 AND (a.counted = 1
      OR a.duplicate_of IS NOT NULL AND a.duplicate_of NOT IN (SELECT activity FROM track_surfaces))"""
_ANSWERS = """
    SELECT g.*, f.ground, e.ground AS answer_ground, a.local_date, a.name,
      ifnull((SELECT max(confidence) FROM track_surfaces t
        WHERE t.activity = g.activity AND t.surface = g.surface AND t.origin = g.origin), 1.0) AS confidence
    FROM ground_answers g LEFT JOIN activities a ON a.id = g.activity
      LEFT JOIN surfaces f ON f.id = g.surface LEFT JOIN surfaces e ON e.id = g.answer
    ORDER BY g.answered_at, g.activity, g.start_m"""
_SHOWN_AS = {"asked": "this stretch", "rest": "rest of the run"}
"""In the place of a surface, on the map of a question."""
Key = tuple[str, int, int]
"""A stretch: the run, and its start and end in metres along the track."""


class _Stored(NamedTuple):
    parts: list[StatedPart]
    answers: list[dict[str, Any]]


def ground_check(config: Config, stretches: int = 1) -> dict[str, Any]:
    """Return the next stretches to ask about, the answers so far, and what they show. Distances are in metres along the
    track. Raises ShoemonError."""
    stored = _stored(config)
    drawn = list(islice(_drawn(config, stored), stretches))
    with snapshot(config.database) as rows:
        sql = "SELECT local_date, name FROM activities WHERE id = ?"
        asked = [
            {"activity": each.activity, "start_m": each.start_m, "end_m": each.end_m, **rows(sql, each.activity)[0],
             **_place_of(config, each[:3])}
            for each in drawn
        ]  # fmt: skip
    return {"stretches": asked, "answers": stored.answers, "result": _result(stored)}


def answer(config: Config, stretch: Key, surface: str | None, clock: Clock) -> dict[str, Any]:
    """Store what the runner said about the stretch that comes next (None: they cannot say), and return the stored
    answer. Raises MistakeError if another one does, or no map states the surface; ShoemonError."""
    surfaces = config.plan.surfaces
    if surface is not None and ground_of(surface, surfaces) not in GROUNDS:
        raise MistakeError(f"`{surface}` is no surface of hard, soft or synthetic ground")
    asked = next(_drawn(config, _stored(config)), None)
    if asked is None or asked[:3] != stretch:
        raise MistakeError("that stretch was answered before, or your runs have changed; answer the one that comes now")
    row = (*stretch, asked.surface, asked.surface, asked.origin, surface, iso(clock()))
    with closing(open_database(config.database, config.main.units)) as database, writing(database):
        database.conn.execute("INSERT INTO ground_answers VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    return next(each for each in _stored(config).answers if _key(each) == stretch)


def make_place(config: Config, stretch: Key) -> dict[str, Any]:
    """Write the answer about a stretch into shoes.yaml as a place, and return it. Raises ShoemonError."""
    found = next((each for each in _stored(config).answers if _key(each) == stretch and each["answer"]), None)
    at = _place_of(config, stretch)
    if found is None or not at:
        raise MistakeError("there is no answer about this stretch, or no track of its run any more")
    radius_m = (found["end_m"] - found["start_m"]) / 2
    place = Place(_name(found), at["lat"], at["lon"], radius_m, SurfaceId(found["answer"]))
    edit(partial(add_place, config.directory / SHOES_FILE, place))
    return place._asdict()


def stretch_map(config: Config) -> Json:
    """Return the run of the next stretch as GeoJSON, without its ground, or `{"missing": words}`."""
    asked = next(_drawn(config, _stored(config)), None)
    if asked is None:
        return {"missing": "There is no stretch to ask about."}
    found, run = track(config, asked.activity), _run(config, asked.activity)
    end_m = sum(part["properties"]["metres"] for part in run)
    pieces = (("rest", 0, asked.start_m), ("asked", asked.start_m, asked.end_m), ("rest", asked.end_m, end_m))
    shown = [
        feature(
            {"type": "LineString", "coordinates": _line(run, start, end)},
            {"kind": "run", "surface": _SHOWN_AS[ground], "ground": ground, "metres": end - start},
        )
        for ground, start, end in pieces
        if end - start >= 1
    ]
    length = asked.end_m - asked.start_m
    legend = [
        {"surface": _SHOWN_AS[ground], "ground": ground, "metres": metres}
        for ground, metres in (("asked", length), ("rest", end_m - length))
    ]
    ways = [each for each in found["features"] if each["properties"]["kind"] == "way"]
    return {**found, "about": {**found["about"], "surfaces": legend, "note": ""}, "features": [*ways, *shown]}


def _stored(config: Config) -> _Stored:
    with snapshot(config.database) as rows:
        parts = [StatedPart(*row.values()) for row in rows(_PARTS)]
        places = {place.name for place in config.plan.places}
        found = [{**row, "verdict": _verdict(row), "is_place": _name(row) in places} for row in rows(_ANSWERS)]
        return _Stored(parts, found)


def _verdict(answer: dict[str, Any]) -> str:
    if answer["answer"] is None:
        return "cannot say"
    if answer["origin"] not in STATED_BY_MAP or answer["ground"] not in GROUNDS:
        return "not stated"
    return "right" if answer["ground"] == answer["answer_ground"] else "wrong"


def _result(stored: _Stored) -> dict[str, Any]:
    """What the answers show: counts, also by the stated ground as right ones and all, and the estimate, if any."""
    counts = Counter(each["verdict"] for each in stored.answers)
    compared = [each for each in stored.answers if each["verdict"] in ("right", "wrong")]
    exact = [each for each in compared if not {each["surface"], each["answer"]} & {PAVED, UNPAVED}]
    found = estimate(
        metres_of(stored.parts), [Verdict(_stratum(each), each["verdict"] == "right") for each in compared]
    )
    return {
        "right": counts["right"],
        "answers": len(compared),
        "cannot_say": counts["cannot say"],
        "not_stated": counts["not stated"],
        "by_ground": {
            ground: [sum(each["verdict"] == "right" for each in of), len(of)]
            for ground in GROUNDS
            if (of := [each for each in compared if each["ground"] == ground])
        },
        "exact": [sum(each["surface"] == each["answer"] for each in exact), len(exact)],
        "estimate": found._asdict() if found else None,
    }


def _stratum(answer: dict[str, Any]) -> Stratum:
    return stratum_of(answer["ground"], answer["origin"], answer["confidence"])


def _drawn(config: Config, stored: _Stored) -> Iterator[Stretch]:
    """Draw the stretches that come next."""
    done = {(each["activity"], each["surface"], each["origin"]) for each in stored.answers}

    def find(part: StatedPart, share: float) -> Stretch | None:
        run = [
            RunPart(of["surface"], of["origin"], of["ground"], of["metres"])
            for feature in _run(config, part.activity)
            for of in [feature["properties"]]
        ]
        found = stretch_in(run, part, share)
        others = [each for each in stored.answers if each["activity"] == part.activity]
        if found and any(found.start_m < each["end_m"] and each["start_m"] < found.end_m for each in others):
            return None
        return found

    parts = [part for part in stored.parts if part[:3] not in done]
    return draw(parts, metres_of(stored.parts), Counter(map(_stratum, stored.answers)), find)


def _name(answer: dict[str, Any]) -> str:
    """The name of the place that an answer becomes."""
    return f"{answer['local_date']}, {answer['start_m']} to {answer['end_m']} m"


def _key(answer: dict[str, Any]) -> Key:
    return answer["activity"], answer["start_m"], answer["end_m"]


def _run(config: Config, activity: str) -> list[Json]:
    """Return the parts of the track of a run, in their order; none where it cannot be drawn."""
    found = track(config, activity)
    if "missing" in found or found["about"]["record"] != activity:
        return []
    return [feature for feature in found["features"] if feature["properties"]["kind"] == "run"]


def _place_of(config: Config, stretch: Key) -> dict[str, Any]:
    """Return the middle of a stretch in degrees, and the names of the ways near by; nothing where its track is gone."""
    activity, start_m, end_m = stretch
    line = _line(_run(config, activity), start_m, end_m)
    if len(line) < 2:
        return {}
    lon, lat = _line(_run(config, activity), start_m, (start_m + end_m) / 2)[-1]
    return {"lat": lat, "lon": lon, "near": names_in(config.map_database, line)}


def _line(run: Iterable[Json], start_m: float, end_m: float) -> list[list[float]]:
    """Return the positions (degrees east and north) of a run from one metre of its track to another."""
    found: list[list[float]] = []
    at = 0.0
    for part in run:
        metres = part["properties"]["metres"]
        first, last = max(start_m - at, 0.0), min(end_m - at, metres)
        at += metres
        if part["geometry"] and last > first:
            found += _cut(part["geometry"]["coordinates"], first / metres, last / metres)
    return found


def _cut(line: list[list[float]], first: float, last: float) -> list[list[float]]:
    """Return a line between two shares of its length."""
    narrow = cos(radians(line[0][1]))
    ends = list(accumulate((hypot((x2 - x) * narrow, y2 - y) for (x, y), (x2, y2) in pairwise(line)), initial=0.0))

    def place_at(length: float) -> list[float]:
        after = min(max(bisect_left(ends, length), 1), len(ends) - 1)
        span = ends[after] - ends[after - 1]
        share = (length - ends[after - 1]) / span if span else 0.0
        return [one + share * (two - one) for one, two in zip(line[after - 1], line[after], strict=True)]

    begin, stop = first * ends[-1], last * ends[-1]
    return [place_at(begin), *line[bisect_right(ends, begin) : bisect_left(ends, stop)], place_at(stop)]
