"""The tables of shoemon.db, as named migrations, and the views people read, in the unit they chose.

Metres, seconds and UTC throughout. Tables whose name begins with `_` are for shoemon itself.
"""

from sqlite_utils import Database, Migrations

from shoemon.model.units import METRES
from shoemon.pages.decisions import MAYBE_INDOORS, OPEN, PAST_LIFE
from shoemon.words.reasons import WORDS

migrations = Migrations("shoemon")


@migrations()
def m001_what_came_in(db: Database) -> None:
    """Sources, their records as they came and were understood, the history of syncs, and what could not be read."""
    db.table("sources").create(
        {
            "name": str, "type": str, "last_attempt_at": str, "last_success_at": str, "last_error": str,
            "activities": int,
        },
        pk="name", not_null={"name", "type", "activities"}, defaults={"activities": 0}, strict=True,
    )  # fmt: skip
    db.table("activities").create(
        {
            "id": str, "source": str, "native_id": str, "started_at": str, "local_date": str, "utc_offset_s": int,
            "sport": str, "sport_raw": str, "name": str, "distance_m": float, "moving_s": float, "elapsed_s": float,
            "elevation_m": float, "gear_raw": str, "gear_name": str, "indoor": int, "unpaved_m": float,
            "surface_raw": str, "start_lat": float, "start_lon": float, "track": str, "raw": str, "content_hash": str,
            "first_seen_at": str, "updated_at": str, "missing_since": str, "duplicate_of": str, "counted": int,
        },
        pk="id", foreign_keys=[("source", "sources", "name")], strict=True,
        not_null={
            "id", "source", "native_id", "started_at", "local_date", "sport", "distance_m", "content_hash", "raw",
        },
    )  # fmt: skip
    # `counted` is NULL until a run was decided about, so that a crash between storing and deciding forgets nothing.
    db.execute("CREATE INDEX activities_started_at ON activities(started_at)")
    db.execute("CREATE INDEX activities_undecided ON activities(id) WHERE counted IS NULL")
    db.execute("CREATE INDEX activities_duplicate_of ON activities(duplicate_of) WHERE duplicate_of IS NOT NULL")
    db.execute("CREATE INDEX activities_missing ON activities(source) WHERE missing_since IS NOT NULL")
    db.table("syncs").create(
        {
            "id": int, "source": str, "started_at": str, "finished_at": str, "outcome": str, "read": int, "added": int,
            "changed": int, "unchanged": int, "rejected": int, "missing": int, "error": str,
        },
        pk="id", foreign_keys=[("source", "sources", "name")], strict=True,
        not_null={"source", "started_at", "outcome"},
    )  # fmt: skip
    db.table("problems").create(
        {"id": int, "source": str, "place": str, "message": str, "raw": str, "first_seen_at": str, "last_seen_at": str,
         "resolved_at": str},
        pk="id", foreign_keys=[("source", "sources", "name")], strict=True,
        not_null={"source", "place", "message", "first_seen_at", "last_seen_at"},
    )  # fmt: skip
    db.execute("CREATE UNIQUE INDEX problems_once ON problems(source, place, message)")


@migrations()
def m002_what_was_decided(db: Database) -> None:
    """Shoes and surfaces of the configuration, the legs decided on, and the totals counted from them."""
    db.table("shoes").create(
        {
            "id": str, "name": str, "brand": str, "kind": str, "bought_on": str, "retired_on": str, "price": float,
            "currency": str, "initial_m": float, "life_m": float, "notes": str,
        },
        pk="id", not_null={"id", "name", "kind", "initial_m", "life_m"}, strict=True,
    )  # fmt: skip
    db.table("surfaces").create(
        {"id": str, "ground": str, "wear_factor": float}, pk="id", not_null={"id", "ground", "wear_factor"}, strict=True
    )
    db.table("legs").create(
        {
            "activity": str, "shoe": str, "surface": str, "distance_m": float, "local_date": str, "shoe_reason": str,
            "surface_reason": str, "confidence": float,
        },
        foreign_keys=[("activity", "activities", "id"), ("shoe", "shoes", "id"), ("surface", "surfaces", "id")],
        not_null={"activity", "surface", "distance_m", "local_date", "shoe_reason", "surface_reason", "confidence"},
        strict=True,
    )  # fmt: skip
    db.execute("CREATE UNIQUE INDEX legs_once ON legs(activity, surface, ifnull(shoe, ''))")
    db.execute("CREATE INDEX legs_shoe ON legs(shoe, local_date, activity)")
    totals: dict[str, type] = {"distance_m": float, "runs": int}
    db.table("shoe_surface_mileage").create(
        {"shoe": str, "surface": str, **totals, "first_on": str, "last_on": str}, strict=True,
        foreign_keys=[("shoe", "shoes", "id"), ("surface", "surfaces", "id")],
    )  # fmt: skip
    db.execute("CREATE UNIQUE INDEX shoe_surface_mileage_once ON shoe_surface_mileage(ifnull(shoe, ''), surface)")
    db.table("surface_mileage").create(
        {"surface": str, **totals}, pk="surface", foreign_keys=[("surface", "surfaces", "id")], strict=True
    )
    db.table("month_mileage").create(
        {"month": str, "shoe": str, "surface": str, **totals}, strict=True,
        foreign_keys=[("shoe", "shoes", "id"), ("surface", "surfaces", "id")],
    )  # fmt: skip
    db.execute("CREATE UNIQUE INDEX month_mileage_once ON month_mileage(month, ifnull(shoe, ''), surface)")
    db.table("shoe_wear").create(
        {
            "shoe": str, "distance_m": float, "worn_m": float, "life_m": float, "fraction": float, "remaining_m": float,
            "status": str, "due_early_on": str, "due_on": str, "due_late_on": str, "hard_share": float,
            "cost_per_km": float,
        },
        pk="shoe", foreign_keys=[("shoe", "shoes", "id")], strict=True,
    )  # fmt: skip
    db.table("_meta").create({"key": str, "value": str}, pk="key", strict=True)


@migrations()
def m003_what_is_announced(db: Database) -> None:
    """Alerts and the outbox. An alert with `covered_by` is part of the message of that other alert."""
    db.table("alerts").create(
        {
            "id": str, "kind": str, "shoe": str, "stage": str, "created_at": str, "title": str, "body": str,
            "data": str, "covered_by": str, "rearmed_at": str,
        },
        pk="id", not_null={"id", "kind", "stage", "created_at", "title", "body", "data"}, strict=True,
    )  # fmt: skip
    db.execute("CREATE INDEX alerts_standing ON alerts(shoe, stage) WHERE rearmed_at IS NULL")
    db.table("deliveries").create(
        {
            "alert": str, "notifier": str, "state": str, "attempts": int, "next_attempt_at": str, "sent_at": str,
            "last_error": str,
        },
        pk=("alert", "notifier"), foreign_keys=[("alert", "alerts", "id")], strict=True,
        not_null={"alert", "notifier", "state", "attempts"}, defaults={"attempts": 0},
    )  # fmt: skip
    db.execute("CREATE INDEX deliveries_pending ON deliveries(next_attempt_at) WHERE state = 'pending'")


@migrations()
def m004_what_the_map_says(db: Database) -> None:
    """Runs whose track was matched: how that went, and the metres on each surface. No positions are kept, only
    a box of whole hundredths of a degree, to find the runs that a new map may change."""
    db.table("track_matches").create(
        {
            "activity": str, "status": str, "message": str, "distance_m": float, "outside_m": float, "points": int,
            "sigma_m": float, "map_date": str, "matched_at": str, "track_key": str, "engine": str, "map_key": str,
            "south": float, "west": float, "north": float, "east": float,
        },
        pk="activity", foreign_keys=[("activity", "activities", "id")], strict=True,
        not_null={"activity", "status", "matched_at", "track_key", "engine", "map_key"},
    )  # fmt: skip
    db.table("track_surfaces").create(
        {"activity": str, "surface": str, "origin": str, "distance_m": float, "confidence": float},
        pk=("activity", "surface", "origin"), foreign_keys=[("activity", "activities", "id")], strict=True,
        not_null={"activity", "surface", "origin", "distance_m", "confidence"},
    )  # fmt: skip


@migrations()
def m005_what_gear_is_called(db: Database) -> None:
    """Every name that an export gave a pair, so that a renamed pair stays the same; whose zone was assumed; and which
    source will not mend by itself."""
    db.execute("ALTER TABLE activities ADD COLUMN zone_assumed INTEGER")
    db.execute("ALTER TABLE sources ADD COLUMN needs_runner INTEGER")
    # With everything in it that the names are counted by: a new run need not have all others read.
    db.execute("CREATE INDEX activities_gear ON activities(source, missing_since, gear_raw, gear_name)")
    db.table("gear_names").create(
        {"source": str, "gear": str, "name": str, "runs": int, "first_seen_at": str, "last_seen_at": str,
         "renamed_to": str},
        pk=("source", "gear", "name"), foreign_keys=[("source", "sources", "name")], strict=True,
        not_null={"source", "gear", "name", "runs", "first_seen_at", "last_seen_at"},
    )  # fmt: skip
    db.execute(
        """INSERT INTO gear_names(source, gear, name, runs, first_seen_at, last_seen_at)
           SELECT source, coalesce(nullif(gear_raw, ''), gear_name) AS gear, coalesce(nullif(gear_name, ''), gear_raw),
             count(*), min(first_seen_at), max(updated_at)
           FROM activities WHERE gear != '' GROUP BY 1, 2, 3"""
    )


@migrations()
def m006_when_it_will_be_done_and_what_is_not_told(db: Database) -> None:
    """What forecasts rest on, which alerts the runner has seen, and about what nothing is to be said for a while."""
    for column, kind in (("rate_m", "REAL"), ("steadiness", "TEXT"), ("rotation_share", "REAL")):
        db.execute(f"ALTER TABLE shoe_wear ADD COLUMN {column} {kind}")
    db.execute("ALTER TABLE alerts ADD COLUMN acknowledged_at TEXT")
    db.execute("ALTER TABLE alerts ADD COLUMN acknowledged_life_m REAL")
    db.table("snoozes").create({"subject": str, "until": str, "created_at": str}, pk="subject", strict=True,
                               not_null={"subject", "until", "created_at"})  # fmt: skip
    db.execute("CREATE INDEX activities_first_seen_at ON activities(source, first_seen_at)")


@migrations()
def m007_reasons_as_codes(db: Database) -> None:
    """Reasons of decisions as codes with parameters. What was decided before is kept until the next sync, which
    decides anew: the sentences of earlier versions are not read back."""
    db.table("reasons").create({"code": str, "words": str}, pk="code", not_null={"words"}, strict=True)
    db.execute("INSERT INTO reasons VALUES ('earlier_version', ''), ('duplicate', '')")
    db.execute("ALTER TABLE activities ADD COLUMN not_counted TEXT REFERENCES reasons(code)")
    db.execute("ALTER TABLE activities ADD COLUMN not_counted_detail TEXT")
    db.execute(
        """UPDATE activities SET not_counted = iif(duplicate_of IS NULL, 'earlier_version', 'duplicate'),
             not_counted_detail = iif(duplicate_of IS NULL, NULL, json_object('of', duplicate_of)) WHERE counted = 0"""
    )
    # Not renamed: views that name it would have to be made anew before.
    db.execute("CREATE TEMP TABLE earlier AS SELECT * FROM legs")
    db.execute("DROP TABLE legs")
    db.table("legs").create(
        {
            "activity": str, "shoe": str, "surface": str, "distance_m": float, "local_date": str, "shoe_reason": str,
            "shoe_detail": str, "surface_reason": str, "surface_detail": str, "confidence": float,
        },
        foreign_keys=[
            ("activity", "activities", "id"), ("shoe", "shoes", "id"), ("surface", "surfaces", "id"),
            ("shoe_reason", "reasons", "code"), ("surface_reason", "reasons", "code"),
        ],
        not_null={"activity", "surface", "distance_m", "local_date", "shoe_reason", "surface_reason", "confidence"},
        strict=True,
    )  # fmt: skip
    db.execute(
        """INSERT INTO legs SELECT activity, shoe, surface, distance_m, local_date, 'earlier_version', NULL,
             'earlier_version', NULL, confidence FROM earlier"""
    )
    db.execute("DROP TABLE earlier")
    db.execute("CREATE UNIQUE INDEX legs_once ON legs(activity, surface, ifnull(shoe, ''))")
    db.execute("CREATE INDEX legs_shoe ON legs(shoe, local_date, activity)")
    db.execute("CREATE INDEX legs_disagree ON legs(activity) WHERE surface_reason = 'disagree'")
    db.execute("DELETE FROM _meta WHERE key = 'decided_with'")


@migrations()
def m008_recipients_left(db: Database) -> None:
    """How many recipients a message has not reached that others have."""
    db.execute("ALTER TABLE deliveries ADD COLUMN recipients_left INTEGER")


@migrations()
def m009_runs_in_doubt(db: Database) -> None:
    """Records that do not count, to find those that wait for the runner, or for their day."""
    db.execute("CREATE INDEX activities_not_counted ON activities(not_counted, started_at) WHERE not_counted NOT NULL")


@migrations()
def m010_pairs_at_rest(db: Database) -> None:
    """Since when a pair is resting, and an index that has all that is asked of legs by shoe."""
    db.execute("ALTER TABLE shoe_wear ADD COLUMN resting_since TEXT")
    db.execute("DROP INDEX legs_shoe")
    db.execute("CREATE INDEX legs_shoe ON legs(shoe, local_date, activity, shoe_reason, distance_m)")


@migrations()
def m011_notes_on_records(db: Database) -> None:
    """Which problems are notes on records that were read, and how many of them a pull had."""
    db.execute("ALTER TABLE syncs ADD COLUMN noted INTEGER")
    db.execute("ALTER TABLE problems ADD COLUMN is_note INTEGER NOT NULL DEFAULT 0")


@migrations()
def m012_runs_that_may_count_twice(db: Database) -> None:
    """Records that count and may be the same run as another one that counts."""
    db.execute("ALTER TABLE activities ADD COLUMN maybe_same_as TEXT")
    db.execute("CREATE INDEX activities_maybe_same_as ON activities(maybe_same_as) WHERE maybe_same_as IS NOT NULL")


@migrations()
def m013_causes_of_unknown_ground(db: Database) -> None:
    """How far the track of each run gets in the time that it covers."""
    for column in ("covered_s", "progress_m"):
        db.execute(f"ALTER TABLE track_matches ADD COLUMN {column} REAL")
    db.execute("CREATE INDEX legs_short_track ON legs(activity) WHERE surface_reason = 'unknown_short_track'")
    db.execute("DELETE FROM _meta WHERE key = 'decided_with'")


@migrations()
def m014_places(db: Database) -> None:
    """The place of shoes.yaml that gave metres of a track their surface; empty where none did."""
    db.execute("CREATE TEMP TABLE earlier AS SELECT *, '' AS place FROM track_surfaces")
    db.execute("DROP TABLE track_surfaces")
    db.table("track_surfaces").create(
        {"activity": str, "surface": str, "origin": str, "distance_m": float, "confidence": float, "place": str},
        pk=("activity", "surface", "origin", "place"), foreign_keys=[("activity", "activities", "id")], strict=True,
        not_null={"activity", "surface", "origin", "distance_m", "confidence", "place"}, defaults={"place": ""},
    )  # fmt: skip
    db.execute("INSERT INTO track_surfaces SELECT * FROM earlier")
    db.execute("DROP TABLE earlier")


@migrations()
def m015_answers_about_ground(db: Database) -> None:
    """What the runner said about stretches of runs, beside what was stated when asked, and by the latest match. They
    outlive the run's record."""
    db.table("ground_answers").create(
        {
            "activity": str, "start_m": int, "end_m": int, "stated": str, "surface": str, "origin": str, "answer": str,
            "answered_at": str,
        },
        pk=("activity", "start_m", "end_m"), strict=True,
        not_null={"activity", "start_m", "end_m", "stated", "surface", "origin", "answered_at"},
    )  # fmt: skip


@migrations()
def m016_more_about_pairs(db: Database) -> None:
    """Why a pair is retired; its model, size and link."""
    for column in ("retired_because", "model", "size", "link"):
        db.execute(f"ALTER TABLE shoes ADD COLUMN {column} TEXT")


@migrations()
def m017_why_there_is_no_day(db: Database) -> None:
    """Why there is no day on which a pair is expected at its limit."""
    db.execute("ALTER TABLE shoe_wear ADD COLUMN no_day TEXT REFERENCES reasons(code)")


@migrations()
def m018_facets_of_activities(db: Database) -> None:
    """Indexes by which activities are counted by sport and source; a scan of their records takes too long."""
    for column in ("sport", "source"):
        db.execute(f"CREATE INDEX activities_{column} ON activities({column}, counted)")


@migrations()
def m019_device_and_end(db: Database) -> None:
    """What recorded each activity, and where it ended; empty until its source is read again."""
    for column, kind in (("device", "TEXT"), ("end_lat", "REAL"), ("end_lon", "REAL")):
        db.execute(f"ALTER TABLE activities ADD COLUMN {column} {kind}")


VIEWS_VERSION = 9
"""Raised when a view changes."""
_VIEWS = {
    "unit": "SELECT '{unit}' AS unit, {u} AS metres",
    "shoe_summary": """
        SELECT s.id AS shoe, s.name, w.status, w.resting_since, round(w.distance_m / {u}, 1) AS distance_{unit},
          round(w.life_m / {u}, 1) AS life_{unit}, round(w.fraction * 100, 1) AS life_used_percent,
          round(w.remaining_m / {u}, 1) AS remaining_{unit}, w.due_early_on, w.due_on, w.due_late_on,
          round(w.rate_m * 7 / {u}, 1) AS weekly_{unit}, w.steadiness,
          round(w.rotation_share * 100) AS rotation_percent,
          round(w.hard_share * 100) AS hard_percent, m.runs, m.last_run_on, s.retired_on,
          round(w.cost_per_km * {u} / 1000, 2) AS cost_per_{unit}, s.currency
        FROM shoes s JOIN shoe_wear w ON w.shoe = s.id
        LEFT JOIN (SELECT shoe, count(*) AS runs, max(local_date) AS last_run_on
            FROM (SELECT DISTINCT shoe, local_date, activity FROM legs) GROUP BY shoe) m ON m.shoe = s.id
        ORDER BY w.status = 'retired', w.resting_since IS NOT NULL, w.fraction DESC""",
    "past_life_worn": """
        SELECT shoe, name, round(past_m / {u}, 1) AS past_life_{unit}, last_run_on FROM ({past})""",
    "surface_summary": """
        SELECT m.surface, s.ground, round(m.distance_m / {u}, 1) AS distance_{unit},
          round(100.0 * m.distance_m / (SELECT sum(distance_m) FROM surface_mileage), 1) AS share_percent, m.runs
        FROM surface_mileage m JOIN surfaces s ON s.id = m.surface ORDER BY m.distance_m DESC""",
    "shoe_by_surface": """
        SELECT m.shoe, coalesce(s.name, '(no shoe)') AS name,
          round(sum(iif(f.ground = 'hard', m.distance_m, 0)) / {u}, 1) AS hard_{unit},
          round(sum(iif(f.ground = 'soft', m.distance_m, 0)) / {u}, 1) AS soft_{unit},
          round(sum(iif(f.ground = 'synthetic', m.distance_m, 0)) / {u}, 1) AS synthetic_{unit},
          round(sum(iif(f.ground = 'treadmill', m.distance_m, 0)) / {u}, 1) AS treadmill_{unit},
          round(sum(iif(f.ground = 'unknown', m.distance_m, 0)) / {u}, 1) AS unknown_{unit},
          round(sum(m.distance_m) / {u}, 1) AS total_{unit}
        FROM shoe_surface_mileage m JOIN surfaces f ON f.id = m.surface LEFT JOIN shoes s ON s.id = m.shoe
        GROUP BY m.shoe ORDER BY sum(m.distance_m) DESC""",
    "unassigned_runs": """
        SELECT l.activity, a.local_date, a.name, a.sport, round(sum(l.distance_m) / {u}, 2) AS distance_{unit},
          a.source, coalesce(a.gear_name, a.gear_raw) AS gear, l.shoe_reason AS reason, r.words AS because,
          l.shoe_detail AS detail
        FROM legs l JOIN activities a ON a.id = l.activity LEFT JOIN reasons r ON r.code = l.shoe_reason
        WHERE {open} GROUP BY l.activity ORDER BY a.started_at DESC""",
    "doubled_runs": """
        SELECT a.id AS activity, a.local_date, a.name, round(a.distance_m / {u}, 2) AS distance_{unit},
          b.id AS other, b.name AS other_name, round(b.distance_m / {u}, 2) AS other_distance_{unit},
          round((unixepoch(a.started_at) - unixepoch(b.started_at)) / 60.0) AS minutes_later,
          '- {{run: "' || a.id || '", duplicate_of: "' || b.id || '"}}' AS correction,
          '- {{run: "' || a.id || '", duplicate_of: none}}' AS correction_if_not
        FROM activities a JOIN activities b ON b.id = a.maybe_same_as
        WHERE a.maybe_same_as IS NOT NULL AND a.counted = 1 AND b.counted = 1 ORDER BY a.started_at DESC""",
    "maybe_indoor_runs": """
        SELECT a.id AS activity, a.local_date, a.name, round(sum(l.distance_m) / {u}, 2) AS distance_{unit},
          round(100 * (l.surface_detail ->> 'track_share')) AS track_percent,
          '- {{run: "' || a.id || '", surface: treadmill}}' AS correction
        FROM legs l JOIN activities a ON a.id = l.activity
        WHERE {indoors} GROUP BY a.id ORDER BY a.started_at DESC""",
    "recent_runs": """
        WITH recent AS (SELECT * FROM activities WHERE counted = 1 ORDER BY started_at DESC LIMIT 200)
        SELECT a.id AS activity, a.local_date, a.name, a.sport, round(sum(l.distance_m) / {u}, 2) AS distance_{unit},
          coalesce(group_concat(DISTINCT s.name), '(no shoe)') AS shoes, group_concat(DISTINCT l.surface) AS surfaces,
          l.shoe_reason, l.surface_reason
        FROM recent a JOIN legs l ON l.activity = a.id LEFT JOIN shoes s ON s.id = l.shoe
        GROUP BY a.id ORDER BY a.started_at DESC""",
    "monthly": """
        SELECT m.month, coalesce(s.name, '(no shoe)') AS shoe, m.surface, f.ground,
          round(m.distance_m / {u}, 1) AS distance_{unit}, m.runs
        FROM month_mileage m JOIN surfaces f ON f.id = m.surface LEFT JOIN shoes s ON s.id = m.shoe
        ORDER BY m.month DESC, m.distance_m DESC""",
    "ground_disagreements": """
        SELECT a.id AS activity, a.local_date, a.name, round(a.distance_m / {u}, 2) AS distance_{unit},
          round(100.0 * min(a.unpaved_m / a.distance_m, 1)) AS soft_percent_by_export,
          round(100.0 * sum(iif(f.ground = 'soft', t.distance_m, 0)) / sum(t.distance_m)) AS soft_percent_by_map,
          round(100.0 * sum(iif(f.ground = 'unknown', t.distance_m, 0)) / sum(t.distance_m)) AS unknown_percent_by_map
        FROM (SELECT DISTINCT activity FROM legs WHERE surface_reason = 'disagree') d
          JOIN activities a ON a.id = d.activity LEFT JOIN track_surfaces t ON t.activity = a.id
          LEFT JOIN surfaces f ON f.id = t.surface
        GROUP BY a.id ORDER BY a.started_at DESC, a.id""",
}  # fmt: skip


def write_reasons(db: Database) -> None:
    """Write the meanings of the codes of reasons into the table `reasons`."""
    db.table("reasons").upsert_all(({"code": code, "words": words} for code, words in WORDS.items()), pk="code")


def make_views(db: Database, unit: str) -> None:
    """Make the views for people anew, in `unit` (km or mi). Needs a transaction around it to be seen at once."""
    parts = {"unit": unit, "u": METRES[unit], "open": OPEN, "indoors": MAYBE_INDOORS, "past": PAST_LIFE}
    for name, sql in _VIEWS.items():
        db.create_view(name, sql.format(**parts), replace=True)
