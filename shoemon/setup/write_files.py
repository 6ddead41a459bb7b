"""Write a first shoemon.yaml and shoes.yaml, with comments that show what else they can contain."""

import itertools
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from shoemon.config.edit.insert import flow
from shoemon.config.load import MAIN_FILE, SHOES_FILE
from shoemon.decide.find_shoes import Draft
from shoemon.model.errors import MistakeError, ShoemonError
from shoemon.model.units import plain_distance, write_distance

_RESTS_AFTER = timedelta(days=365)
Origin = Literal["machine", "exports", "runner"] | None
"""What named the runner's time zone."""
_ZONE_NOTES: dict[Origin, str] = {
    "machine": "this machine's; check it: it decides the day of a run",
    "exports": "it fits the times in your exports; check it: it decides the day of a run",
    "runner": "yours: it decides the day of a run",
    None: "write your own, such as Europe/Helsinki: it decides the day of a run",
}
_UNIT_NOTE = "    # check it: the export does not say whether it is km or mi"

_MAIN = """\
# shoemon.yaml: what to read, and where to send alerts. It is read again at every sync.
# After an edit, `shoemon check` lists every mistake with its line.

database: shoemon.db    # beside this file
units: km               # or mi; only for what people read and write
timezone: {zone}   # {zone_note}

# The exports to read. `every` is how often `shoemon serve` reads them; unchanged files take no time.
{sources}
# When to write: at 90% of a pair's life (or three weeks before its end), at its end, then at every further tenth.
#alerts: {{soon: {{at: 90%, within: 21d}}, due: 100%, again_every: 10%, quiet: 22:00-07:00, weekly: mon 07:00}}

# Where to send alerts: `shoemon alerts add ntfy` (or email, or webhook) writes it here, and sends a test.
# Never write a secret here, but where it is: {{env: NAME}} or {{file: PATH}}.
"""
_NO_SOURCES = """\
#sources:
#  - name: strava
#    type: strava-export
#    path: ~/Downloads/export_*.zip   # the newest match is read
#    every: 6h
#  - name: garmin
#    type: garmin-account             # the zip that Garmin sends: runs, shoes and tracks
#    path: ~/Downloads/garmin.zip
#    every: 6h
#  - name: intervals
#    type: intervals-icu              # read by its API; so is strava-api, after `shoemon login`
#    key: {env: INTERVALS_ICU_KEY}
#  - name: watch
#    type: tracks                     # a folder or zip of FIT, TCX and GPX files
#    path: ~/Garmin/Activities
#    every: 15m
#  - name: sheet
#    type: table                      # CSV, TSV, JSON or NDJSON
#    path: ~/Documents/runs.csv
#    columns: {id: Run, start: Date, distance: {column: Miles, unit: mi}, shoe: Shoes, surface: Ground}
"""
_SHOES_HEAD = """\
# shoes.yaml: your pairs, and what you know better than your exports. It is read again at every sync.
# `gear` is what exports call a pair: its names or its ids. Choose an `id`, and do not change it later.
# A pair can also have:  kind (daily, race, light, trail, minimalist: decides its life), life: 700 km,
# initial: 120 km (run before the first export), price: 130 EUR, bought: 2024-03-01, retired: 2025-10-01,
# surface: gravel (where nothing else is known), worn: [{from: 2024-03-02, until: 2024-09-01}, {from: 2025-03-01}]
"""
_NO_SHOES = """\
#shoes:
#  - id: {id}
#    name: My first pair
#    gear: ["what the export calls it"]
#    kind: daily
#    life: 640 km
"""
_SHOES_TAIL = """
# Used where an export names no shoe; the first that matches decides.
#rules:
#  - {{when: {{sport: trail-run}}, shoe: {id}}}
#  - {{when: {{name: "(?i)intervals", weekday: [tue], distance: ">= 8 km"}}, shoe: {id}, surface: tartan}}

# The pair for every run that has no other; `none` if it was in no pair that you count.
#default_shoe: {id}

# For single runs; they override everything else. `shoemon explain RUN` and the page recent_runs show ids.
#corrections:
#  - {{run: "{source}:123", shoe: {id}, surface: {{grass: 30%, asphalt: rest}}}}
#  - {{run: "{source}:124", ignore: true}}
"""


def main_text(zone: str, origin: Origin, sources: Iterable[tuple[Mapping[str, Any], bool]]) -> str:
    """The text of shoemon.yaml with `sources`, of each its settings, and whether its unit is sure."""
    entries = "".join(itertools.starmap(_source_entry, sources))
    found = f"sources:\n{entries}" if entries else _NO_SOURCES
    return _MAIN.format(zone=zone, zone_note=_ZONE_NOTES[origin], sources=found)


def shoes_text(shoes: Sequence[Draft], newest: str, source: str = "strava") -> str:
    """The text of shoes.yaml with `shoes` in their order. `newest` is the day of the last run (ISO date), `source` the
    name that the examples use."""
    id = shoes[0].id if shoes else "my-first-pair"
    entries = "\n".join("".join(f"{line}\n" for line in _shoe_lines(shoe, newest)) for shoe in shoes)
    body = f"\nshoes:\n{entries}" if shoes else f"\n{_NO_SHOES.format(id=id)}"
    return _SHOES_HEAD + body + _SHOES_TAIL.format(id=id, source=source)


def yaml_of(value: Any) -> str:
    """`value` on one line of YAML; half a character, which no file can hold, becomes a question mark."""
    return flow(json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")))


def refuse_existing(directory: Path) -> None:
    """Raise MistakeError if `directory` has a configuration: what a runner wrote is never overwritten."""
    for name in (MAIN_FILE, SHOES_FILE):
        if os.path.lexists(directory / name):
            path = directory / name
            raise MistakeError(f"{path} exists already and is not changed; name another directory, or move it")


def write_files(directory: Path, main: str, shoes: str) -> None:
    """Write both files, whole or not at all. Raises MistakeError if one exists, ShoemonError if it cannot be done."""
    refuse_existing(directory)
    made: list[Path] = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for name, text in ((SHOES_FILE, shoes), (MAIN_FILE, main)):
            with (directory / name).open("x", encoding="utf-8", newline="\n") as file:
                made.append(directory / name)
                file.write(text)
    except OSError as error:
        for path in made:
            path.unlink(missing_ok=True)
        raise ShoemonError(f"cannot write to {directory}: {error.strerror}") from None


def _source_entry(settings: Mapping[str, Any], is_unit_sure: bool) -> str:
    lines = [
        f"{yaml_of(key)}: {yaml_of(value)}{'' if key != 'unit' or is_unit_sure else _UNIT_NOTE}\n"
        for key, value in settings.items()
    ]
    return "".join(f"{'  - ' if index == 0 else '    '}{line}" for index, line in enumerate(lines))


def _shoe_lines(shoe: Draft, newest: str) -> Iterator[str]:
    runs = f"{shoe.runs} run{'' if shoe.runs == 1 else 's'}"
    if shoe.last_on:
        yield f"  # {write_distance(shoe.distance_m, 'km', 0)} in {runs}, {shoe.first_on} to {shoe.last_on}"
    else:
        yield "  # not worn on any run so far"
    yield f"  - id: {yaml_of(shoe.id)}"
    yield f"    name: {yaml_of(shoe.name)}"
    yield f"    gear: {yaml_of(shoe.gear)}"
    if shoe.initial_m is not None:
        yield f"    initial: {plain_distance(shoe.initial_m)}"
    if shoe.life_m is not None:
        yield f"    life: {plain_distance(shoe.life_m)}"
    if shoe.retired_on is not None:
        yield f"    retired: {shoe.retired_on}"
    elif shoe.last_on and date.fromisoformat(newest) - date.fromisoformat(shoe.last_on) > _RESTS_AFTER:
        yield f"    # retired: {shoe.last_on}    # not worn for a year; remove the # if it is retired"
