"""Ask the runner what is under stretches of their own runs, and compare that with the stated ground.

Positions come from the exports again, as for the map of a run; only metres along the track are stored.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import accumulate, islice, pairwise
from math import cos, hypot, radians
from typing import Any

from shoemon.config.load import Config
from shoemon.decide.ground_check import (
    GROUNDS,
    STATED_BY_MAP,
    RunPart,
    StatedPart,
    Stratum,
    Stretch,
    draw,
    estimate,
    metres_of,
    stretch_in,
)
from shoemon.decide.which_surface import BY_THE_MAP
from shoemon.ground.match.drawn import between
from shoemon.ground.match.shapes import Line
from shoemon.ground.osm.background import names_in
from shoemon.model.clock import Clock, iso, system_clock
from shoemon.model.errors import MistakeError
from shoemon.model.ids import SurfaceId
from shoemon.model.plan import Place
from shoemon.model.surfaces import PAVED, UNPAVED
from shoemon.pages.unknown import REASONS
from shoemon.store.database import open_database, writing
from shoemon.store.snapshot import snapshot
from shoemon.web.changes import Done
from shoemon.web.edit_places import add_place
from shoemon.web.geojson import Json, feature, ground_of
from shoemon.web.run_track import track

_MAP_COUNTS = ("export_and_map", *(BY_THE_MAP[origin].code for origin in STATED_BY_MAP))
_PARTS = f"""
    WITH tracks AS (SELECT activity, min(duplicate_of IS NOT NULL), ifnull(duplicate_of, id) AS run
      FROM (SELECT DISTINCT activity FROM track_surfaces) JOIN activities ON id = activity GROUP BY run)
    SELECT t.activity, t.surface, t.origin, f.ground, t.distance_m, t.confidence, a.local_date, a.name
    FROM tracks JOIN track_surfaces t USING (activity) JOIN activities a ON a.id = activity
      JOIN surfaces f ON f.id = t.surface
    WHERE f.ground IN {GROUNDS} AND t.origin IN {STATED_BY_MAP} AND t.distance_m > 0 AND run IN
      (SELECT activity FROM ({REASONS.format(legs="SELECT * FROM legs")}) WHERE reason IN {_MAP_COUNTS})"""
"""By one track of each run of which the map counts: no track that goes nowhere, and no corrected run."""
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


class GroundCheck:
    """The stated parts of the runs and the answers so far, as they are now. Raises ShoemonError, also its methods."""

    def __init__(self, config: Config, clock: Clock = system_clock) -> None:
        self._config, self._clock = config, clock
        with snapshot(config.database) as rows:
            parts, answers = rows(_PARTS), rows(_ANSWERS)
        places = {place.name for place in config.plan.places}
        self._parts = [StatedPart(*list(row.values())[:6]) for row in parts]
        self._runs = {row["activity"]: {key: row[key] for key in ("activity", "local_date", "name")} for row in parts}
        self.answers = [{**row, "verdict": _verdict(row), "is_place": _name(row) in places} for row in answers]

    def stretches(self, count: int = 1) -> list[dict[str, Any]]:
        """Return the next stretches to ask about, in metres along the track, and where they are."""
        return [
            {**self._runs[each.activity], "start_m": each.start_m, "end_m": each.end_m, **self._where(each[:3])}
            for each in islice(self._drawn(), count)
        ]

    def result(self) -> dict[str, Any]:
        """What the answers show: counts, also by the stated ground as right ones and all, and the estimate, if any."""
        counts = Counter(each["verdict"] for each in self.answers)
        compared = [each for each in self.answers if each["verdict"] in ("right", "wrong")]
        exact = [each for each in compared if not {each["surface"], each["answer"]} & {PAVED, UNPAVED}]
        right = [(each["ground"], each["verdict"] == "right") for each in compared]
        found = estimate(metres_of(self._parts), [(_stratum(each), each["verdict"] == "right") for each in compared])
        return {
            "right": counts["right"], "answers": len(compared), "cannot_say": counts["cannot say"],
            "not_stated": counts["not stated"],
            "by_ground": {
                ground: [sum(of), len(of)] for ground in GROUNDS if (of := [good for on, good in right if on == ground])
            },
            "exact": [sum(each["surface"] == each["answer"] for each in exact), len(exact)],
            "estimate": found._asdict() if found else None,
        }  # fmt: skip

    def answer(self, stretch: Key, surface: str | None) -> dict[str, Any]:
        """Store what the runner said about the stretch that comes next (None: they cannot say), and return the stored
        answer. Raises MistakeError if another one comes next, or no map states the surface."""
        if surface is not None and ground_of(surface, self._config.plan.surfaces) not in GROUNDS:
            raise MistakeError(f"`{surface}` is no surface of hard, soft or synthetic ground")
        asked = next(self._drawn(), None)
        if asked is None or asked[:3] != stretch:
            raise MistakeError("that stretch was answered before, or the runs have changed; answer the next one")
        row = (*stretch, asked.surface, asked.surface, asked.origin, surface, iso(self._clock()))
        with closing(open_database(self._config.database, self._config.main.units)) as database, writing(database):
            database.conn.execute("INSERT INTO ground_answers VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        return GroundCheck(self._config)._answer_about(stretch)

    def make_place(self, stretch: Key) -> Done:
        """Write the answer about a stretch into shoes.yaml as a place."""
        found, at = self._answer_about(stretch), self._where(stretch)
        if found["answer"] is None or not at:
            raise MistakeError("the answer names no surface, or the run has no track any more")
        _, start_m, end_m = stretch
        place = Place(_name(found), at["lat"], at["lon"], (end_m - start_m) / 2, SurfaceId(found["answer"]))
        return add_place(self._config, self._clock, place)

    def map(self) -> Json:
        """Return the run of the next stretch as GeoJSON, without its ground, or `{"missing": words}`."""
        asked = next(self._drawn(), None)
        if asked is None:
            return {"missing": "There is no stretch to ask about."}
        run, (activity, start_m, end_m, *_) = self._run(asked.activity), asked
        whole_m = sum(part["properties"]["metres"] for part in run)
        metres, middle = end_m - start_m, (start_m + end_m) / 2
        pieces = (("rest", 0, start_m), ("asked", start_m, middle), ("asked", middle, end_m), ("rest", end_m, whole_m))
        shown = [
            feature({"type": "LineString", "coordinates": _line(run, start, end)}, _piece(ground, end - start))
            for ground, start, end in pieces
            if end - start >= 1
        ]
        found = track(self._config, activity)
        about = {**found["about"], "surfaces": [_piece("asked", metres), _piece("rest", whole_m - metres)], "note": ""}
        ways = [each for each in found["features"] if each["properties"]["kind"] == "way"]
        return {**found, "about": about, "features": [*ways, *shown]}

    def _drawn(self) -> Iterator[Stretch]:
        done = {(each["activity"], each["surface"], each["origin"]) for each in self.answers}
        parts = [part for part in self._parts if part[:3] not in done]
        return draw(parts, metres_of(self._parts), Counter(map(_stratum, self.answers)), self._find)

    def _find(self, part: StatedPart, share: float) -> Stretch | None:
        features = self._run(part.activity)
        run = [RunPart(*(each["properties"][key] for key in RunPart._fields)) for each in features]
        found = stretch_in(run, part, share)
        others = [each for each in self.answers if each["activity"] == part.activity]
        if found and any(found.start_m < each["end_m"] and each["start_m"] < found.end_m for each in others):
            return None
        return found

    def _answer_about(self, stretch: Key) -> dict[str, Any]:
        """Find the answer. Raises MistakeError."""
        for each in self.answers:
            if (each["activity"], each["start_m"], each["end_m"]) == stretch:
                return each
        raise MistakeError("there is no answer about this stretch")

    def _run(self, activity: str) -> list[Json]:
        """Return the parts of the track of a run; none where it cannot be drawn."""
        found = track(self._config, activity)
        if "missing" in found or found["about"]["record"] != activity:
            return []
        return [each for each in found["features"] if each["properties"]["kind"] == "run"]

    def _where(self, stretch: Key) -> dict[str, Any]:
        """Return the middle of a stretch in degrees, and the names of the ways near by; nothing without its track."""
        activity, start_m, end_m = stretch
        line = _line(self._run(activity), start_m, (start_m + end_m) / 2)
        if not line:
            return {}
        lon, lat = line[-1]
        return {"lat": lat, "lon": lon, "near": names_in(self._config.map_database, line)}


def _verdict(answer: dict[str, Any]) -> str:
    if answer["answer"] is None:
        return "cannot say"
    if answer["origin"] not in STATED_BY_MAP or answer["ground"] not in GROUNDS:
        return "not stated"
    return "right" if answer["ground"] == answer["answer_ground"] else "wrong"


def _name(answer: dict[str, Any]) -> str:
    """The name of the place that an answer becomes."""
    return f"{answer['local_date']}, {answer['start_m']} to {answer['end_m']} m"


def _stratum(answer: dict[str, Any]) -> Stratum:
    return StatedPart("", "", answer["origin"], answer["ground"], 0.0, answer["confidence"]).stratum


def _piece(ground: str, metres: float) -> Json:
    return {"kind": "run", "surface": _SHOWN_AS[ground], "ground": ground, "metres": metres}


def _line(run: Iterable[Json], start_m: float, end_m: float) -> Line:
    """Return the positions (degrees east and north) of a run from one metre of its track to another."""
    found: Line = []
    at = 0.0
    for part in run:
        metres = part["properties"]["metres"]
        first, last = max(start_m - at, 0.0), min(end_m - at, metres)
        at += metres
        if part["geometry"] and last > first:
            line = part["geometry"]["coordinates"]
            narrow = cos(radians(line[0][1]))
            lengths = (hypot((x2 - x) * narrow, y2 - y) for (x, y), (x2, y2) in pairwise(line))
            ends = list(accumulate(lengths, initial=0.0))
            found += between(first / metres * ends[-1], last / metres * ends[-1], ends, line)
    return found
