"""Count what needs a decision of the runner, for the terminal, the pages and the mails."""

from collections.abc import Iterable

from shoemon.model.reason import BY_SETTINGS, SPORTLESS
from shoemon.pages.rows import Rows

EVER = "0001-01-01"
OPEN = f"shoe IS NULL AND shoe_reason NOT IN {BY_SETTINGS}"
"""Legs that need a shoe: they have none, and no setting of the runner's says `none`."""
MAYBE_INDOORS = "surface_reason = 'unknown_short_track' AND surface_detail ->> 'track_share' IS NOT NULL"
"""Legs of runs whose track goes nowhere, as on a treadmill."""
PAST_LIFE = """
    SELECT w.shoe, s.name, -w.remaining_m AS past_m, max(m.last_on) AS last_run_on
    FROM shoe_wear w JOIN shoes s ON s.id = w.shoe JOIN shoe_surface_mileage m ON m.shoe = w.shoe
    WHERE w.remaining_m < 0 AND w.status <> 'retired' GROUP BY w.shoe HAVING max(m.last_on) >= date('now', '-27 days')
    ORDER BY past_m DESC, w.shoe"""
"""Pairs past their life that were worn in the last 28 days."""
_OPEN_RUNS = f"SELECT DISTINCT activity FROM legs INDEXED BY legs_shoe WHERE {OPEN}"
COUNTS = {
    "unassigned_runs": f"SELECT count(*) FROM ({_OPEN_RUNS} LIMIT (SELECT most FROM asked))",
    "ambiguous_runs": f"""SELECT count(*) FROM
        ({_OPEN_RUNS} AND shoe_reason = 'ambiguous' LIMIT (SELECT most FROM asked))""",
    "past_life_worn": f"SELECT count(*) FROM ({PAST_LIFE})",
    "doubtful_runs": "SELECT count(*) FROM activities WHERE not_counted IN ('in_future', 'no_time')",
    "sportless_runs": f"SELECT count(*) FROM activities WHERE not_counted IN {SPORTLESS}",
    "sportless_m": f"SELECT coalesce(sum(distance_m), 0) FROM activities WHERE not_counted IN {SPORTLESS}",
    "doubled_runs": """SELECT count(*)
        FROM (SELECT maybe_same_as AS other FROM activities WHERE maybe_same_as IS NOT NULL AND counted = 1) a
        JOIN activities b ON b.id = a.other WHERE b.counted = 1""",
    "maybe_indoor_runs": f"SELECT count(DISTINCT activity) FROM legs WHERE {MAYBE_INDOORS}",
    "problems": "SELECT count(*) FROM problems WHERE resolved_at IS NULL AND NOT is_note",
    "missing_activities": "SELECT count(*) FROM activities WHERE missing_since IS NOT NULL AND duplicate_of IS NULL",
    "waiting_messages": "SELECT count(*) FROM deliveries WHERE state = 'pending'",
    "failed_messages": "SELECT count(*) FROM deliveries WHERE state = 'failed'",
    "failing_sources": "SELECT count(*) FROM sources WHERE last_error <> ''",
    "silent_sources": """SELECT count(*) FROM sources s WHERE coalesce(last_error, '') = '' AND EXISTS (
        SELECT 1 FROM alerts a, json_each(a.data, '$.sources') j
        WHERE a.kind = 'stale' AND a.rearmed_at IS NULL AND json_extract(j.value, '$.source') = s.name)""",
    "unreadable_tracks": "SELECT count(*) FROM track_matches WHERE status = 'unreadable'",
    "ground_disagreements": """SELECT count(*) FROM asked CROSS JOIN activities a INDEXED BY activities_started_at
        WHERE a.started_at >= date(asked.since, '-2 days') AND a.local_date >= asked.since AND a.unpaved_m IS NOT NULL
          AND EXISTS (SELECT 1 FROM legs l
            WHERE l.activity = a.id AND l.surface_reason = 'disagree')""",
}
"""The last counts the rows of the view ground_disagreements from a day on."""


def count(rows: Rows, *kinds: str, most: int = -1, since: str = EVER) -> dict[str, int]:
    """Count open items of each kind; runs without a shoe up to `most`, as there may be half a million before the first
    shoe is set up, and runs where export and map disagree `since` a day."""
    return rows(statement(kinds), most, since)[0]


def statement(kinds: Iterable[str]) -> str:
    """SQL that counts all `kinds` at once; its values are `most` and `since`."""
    counts = ", ".join(f"({COUNTS[kind]}) AS {kind}" for kind in kinds)
    # In an older database, which lacks these columns, their names mean those of the row around.
    older = "(SELECT 0 AS is_note, NULL AS maybe_same_as, NULL AS surface_detail) AS older"
    return f"WITH asked(most, since) AS (VALUES (?, ?)) SELECT {counts} FROM {older}"
