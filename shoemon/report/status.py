"""Print pairs, decisions to make and alerts."""

from collections.abc import Iterator, Mapping
from itertools import starmap
from pathlib import Path
from typing import Any

from shoemon.config.load import Config
from shoemon.decide.concrete import on_concrete
from shoemon.decide.gear_names import GearName, Rename, rename_lines, renames
from shoemon.decide.ground_target import GroundNow
from shoemon.ground.extracts.getting import read_getting
from shoemon.model.clock import day_in, system_clock
from shoemon.model.plan import Plan
from shoemon.model.surfaces import GROUNDS
from shoemon.model.units import METRES, write_distance
from shoemon.pages.dates import month_name
from shoemon.pages.decisions import PAST_LIFE, count
from shoemon.pages.left_out import LeftOut
from shoemon.pages.months import by_ground
from shoemon.pages.pair_figures import pair_figures
from shoemon.pages.rows import settings_of
from shoemon.pages.targets import last_days, targets_now
from shoemon.pages.unknown import UNKNOWN_BY_REASON
from shoemon.report.tables import Note, labels, no_pair, print_notes, print_table
from shoemon.store.gear_names import NAMES_SQL
from shoemon.store.snapshot import Rows, snapshot
from shoemon.sync.doubled_runs import clocks, doubled_notes
from shoemon.sync.lap_places import lap_places
from shoemon.words.commands import command
from shoemon.words.forecast import in_columns
from shoemon.words.ground import concrete_words, target_words
from shoemon.words.problems import sportless_words

BY_SURFACE, THEIR_GROUND = "m.surface, f.ground, m.distance_m", "JOIN surfaces f ON f.id = m.surface"
ALL_TIME = f"SELECT {BY_SURFACE} FROM surface_mileage m {THEIR_GROUND}"
LATEST_MONTH = f"""
    SELECT m.month, {BY_SURFACE} FROM month_mileage m {THEIR_GROUND}
    WHERE m.month = (SELECT max(month) FROM month_mileage)"""


def shoe_rows(rows: Rows) -> list[dict[str, Any]]:
    """One row a pair, as table shoe_wear has it, with its name, last run, metres by ground and on concrete."""
    shoes = rows(
        """SELECT w.*, s.*,
             (SELECT max(last_on) FROM shoe_surface_mileage m WHERE m.shoe = w.shoe) AS last_on
           FROM shoe_wear w JOIN shoes s ON s.id = w.shoe ORDER BY w.status = 'retired', w.fraction DESC, w.shoe""",
    )
    surfaces = rows(f"SELECT m.shoe, {BY_SURFACE} FROM shoe_surface_mileage m {THEIR_GROUND}")
    for row in shoes:
        own = [item for item in surfaces if item["shoe"] == row["shoe"]]
        row["ground_m"] = dict.fromkeys(GROUNDS, 0.0) | by_ground(own)
        row["concrete_m"] = on_concrete(own)._asdict()
    return shoes


def decisions(rows: Rows) -> dict[str, int]:
    """How many things wait for the runner, by kind."""
    return count(
        rows, "past_life_worn", "unassigned_runs", "ambiguous_runs", "sportless_runs", "doubtful_runs", "doubled_runs",
        "maybe_indoor_runs", "problems", "missing_activities",
        "waiting_messages", "failed_messages", "failing_sources", "unreadable_tracks", "ground_disagreements",
    )  # fmt: skip


def status_data(config: Config) -> dict[str, Any]:
    """Pairs, decisions, sources, unknown ground by its cause, and concrete: metres, shares and ISO dates."""
    sql = "SELECT name, type, last_success_at, last_error, activities FROM sources ORDER BY name"
    with snapshot(config.database) as rows:
        waiting = decisions(rows) | {
            "renamed_gear": len(_renames(rows, config.plan)),
            "wrong_clocks": len(clocks(rows, config)),
            "lap_places": len(lap_places(rows, config)),
        }
        month = rows(LATEST_MONTH)
        unknown = {row["reason"]: row["distance_m"] for row in rows(UNKNOWN_BY_REASON)}
        return {
            "shoes": [{**row, "figures": pair_figures(rows, row["shoe"])} for row in shoe_rows(rows)],
            "decisions": waiting, "sources": rows(sql), "unknown_ground": unknown,
            "targets": [
                {"ground": target.ground, "target": target.share, "share": share, "remedy": remedy and remedy._asdict()}
                for target, share, remedy in _targets(rows, config)
            ],
            "concrete_m": on_concrete(rows(ALL_TIME))._asdict(),
            "latest_month": {"month": month[0]["month"], "concrete_m": on_concrete(month)._asdict()} if month else None,
        }  # fmt: skip


def print_status(config: Config, *, whole: bool = False) -> None:
    """Print the table of pairs (with those that are resting if `whole`), then what needs a decision."""
    unit = config.main.units
    with snapshot(config.database) as rows:
        shoes, renamed = shoe_rows(rows), rename_lines(_renames(rows, config.plan))
        notes = [
            *([] if shoes else [no_pair()]),
            *_past_life_notes(rows, unit),
            *decision_notes(rows),
            *map_notes(config.map_database),
            *starmap(Note, doubled_notes(rows, config)),
            *_lap_notes(rows, config),
            *map(Note, renamed),
            *_left_out_notes(rows, unit),
            *(Note(target_words(now, unit)) for now in _targets(rows, config)),
            *_concrete_notes(rows, unit),
        ]
    name, resting = labels(shoes), [row["shoe"] for row in shoes if row.get("resting_since")]
    if resting and not whole:
        shoes = [row for row in shoes if row["shoe"] not in resting]
        words = f"{len(resting)} resting pair{'s are' if len(resting) > 1 else ' is'} not listed; to list all:"
        notes.append(Note(words, command("status", "--all")))
    print_table(
        {
            "shoe": "wrapped", "status": "left", unit: "right", "life": "right", "used": "right", "ground": "left",
            "last run": "left", "limit": "left",
        },
        (
            (name[row["shoe"]], "resting" if row["shoe"] in resting else row["status"], _number(row["worn_m"], unit),
             _number(row["life_m"], unit), f"{row['fraction']:.0%}", _main_ground(row["ground_m"]),
             row["last_on"] or "never", in_columns(row)[1])
            for row in shoes
        ),
    )  # fmt: skip
    print_notes(notes)


_SHOWN = 5
"""So many sports that are unknown are listed, and so many runs that may have been indoors."""
_DECISIONS = {
    "unassigned_runs": (
        "1 run without a shoe (view unassigned_runs)", "{n} runs without a shoe (view unassigned_runs)",
    ),
    "ambiguous_runs": ("1 of them claimed by more than one shoe", "{n} of them claimed by more than one shoe"),
    "doubtful_runs": (
        "1 run not counted, as its date or distance is in doubt",
        "{n} runs not counted, as their dates or distances are in doubt",
    ),
    "problems": ("1 unreadable record", "{n} unreadable records"),
    "missing_activities": (
        "1 activity no longer listed by its export", "{n} activities no longer listed by their export",
    ),
    "unreadable_tracks": ("1 unreadable track (table track_matches)", "{n} unreadable tracks (table track_matches)"),
    "ground_disagreements": (
        "1 run on whose ground export and map disagree (view ground_disagreements)",
        "{n} runs on whose ground export and map disagree (view ground_disagreements)",
    ),
    "waiting_messages": (
        "1 message waiting to be sent; to list it:", "{n} messages waiting to be sent; to list them:", "alerts", "list",
    ),
    "failed_messages": (
        "1 message not delivered; to try again:", "{n} messages not delivered; to try again:", "alerts", "retry",
    ),
}  # fmt: skip
"""By kind of decision: the note about one, about several, and the command that helps."""


def decision_notes(rows: Rows) -> Iterator[Note]:
    """One note for each kind of thing that waits for the runner."""
    counts = decisions(rows)
    for key, (one, many, *remedy) in _DECISIONS.items():
        if n := counts[key]:
            yield Note(one if n == 1 else many.format(n=n), command(*remedy) if remedy else "")
    runs = rows("SELECT activity, correction FROM maybe_indoor_runs")
    for row in runs[:_SHOWN]:
        words = f"the track of {row['activity']} goes nowhere; if it was indoors, add to `corrections` in shoes.yaml:"
        yield Note(words, row["correction"])
    if more := runs[_SHOWN:]:
        yield Note(f"{len(more)} more runs whose track goes nowhere (view maybe_indoor_runs)")
    for row in rows("SELECT name, last_error FROM sources WHERE last_error IS NOT NULL ORDER BY name"):
        yield Note(f"source {row['name']} failed: {row['last_error']}")


def _past_life_notes(rows: Rows, unit: str) -> Iterator[Note]:
    """What to do about each pair past its life that is still worn."""
    for row in rows(PAST_LIFE):
        shoe, name, past_m, last_on = row.values()
        words = f"{name} is {write_distance(past_m, unit, 0)} past its life, last worn on {last_on}; to retire it:"
        yield Note(words, command("shoes", "retire", shoe, "--on", last_on))
        yield Note("to wear it on:", command("shoes", "set", shoe, f"life=+100{unit}"))
        yield Note("to add its successor:", command("shoes", "add", "ID", "--name", name))


def _lap_notes(rows: Rows, config: Config) -> Iterator[Note]:
    """Ask once for each place where runs go round a lap on unknown ground, with the line that answers."""
    remedy = "name its surface under `places` in shoes.yaml (unknown: do not ask again):"
    for each in lap_places(rows, config):
        yield Note(f"{each.words} near {each.place.lat}, {each.place.lon}; {remedy}", each.yaml)


def _targets(rows: Rows, config: Config) -> list[GroundNow]:
    """The runner's targets of ground, beside the last 28 days."""
    return targets_now(settings_of(rows), last_days(rows, day_in(system_clock(), config.main.zone)))


def _concrete_notes(rows: Rows, unit: str) -> Iterator[Note]:
    """How far the latest month went on concrete, if any of it is known to be."""
    month = rows(LATEST_MONTH)
    if (metres := on_concrete(month)).at_least > 0:
        when = f" in {month_name(month[0]['month'])}"
        yield Note(concrete_words(metres, lambda of: f"{of / METRES[unit]:,.1f}", unit, when))


def map_notes(map_database: Path) -> Iterator[Note]:
    """Why the map around the runs could not be downloaded the last time, if so."""
    if error := read_getting(map_database).error:
        yield Note(f"the map was not downloaded: {error}; to try again:", command("map", "get"))


def _left_out_notes(rows: Rows, unit: str) -> Iterator[Note]:
    """What is not counted, was not read or has a note, with its reasons, and the lines that count what may be runs."""
    left_out = LeftOut.of(rows)
    for group in left_out.sportless[:_SHOWN]:
        remedy, line = group["remedy"]
        words = sportless_words(group["records"], group["distance_m"], unit)
        yield Note(f"{group['source']}: {words}: {group['why']} ({group['id']}); {remedy}", line)
    if more := left_out.sportless[_SHOWN:]:
        records = sum(group["records"] for group in more)
        yield Note(f"{records:,} more of other sources and sports; the page Left out lists them")
    yield from map(Note, left_out.lines())


def _renames(rows: Rows, plan: Plan) -> list[Rename]:
    return renames((GearName(**row) for row in rows(NAMES_SQL)), plan)


def _number(metres: float, unit: str) -> str:
    return f"{metres / METRES[unit]:,.0f}"


def _main_ground(ground_m: Mapping[str, float]) -> str:
    """The ground with most metres, and its share."""
    total, most = sum(ground_m.values()), max(ground_m, key=lambda ground: ground_m[ground])
    return f"{most} {ground_m[most] / total:.0%}" if total > 0 else ""
