"""Databases of earlier versions: what was stored in them is kept, and what was decided is decided anew."""

from contextlib import closing
from pathlib import Path

from kit.homes import Home, faults
from sqlite_utils import Database

from shoemon.store.database import connect, open_database
from shoemon.store.schema import migrations
from shoemon.words.reasons import WORDS


def test_reasons_in_sentences_become_codes_at_the_next_sync_and_no_metre_is_lost_meanwhile(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.shoes("shoes: [{id: road, name: Road, gear: [Pegasus]}]\n")
    home.table(
        "watch", [(1, "2024-05-01T06:00:00Z", 5000, "run", "", "Pegasus"), (2, "2024-05-02T06:00:00Z", 9000, "ride")]
    )
    with closing(connect(home.database)) as connection:
        old = Database(connection)
        migrations.apply(old, stop_before="m007_reasons_as_codes")
        connection.executescript("""
            INSERT INTO sources(name, type) VALUES ('watch', 'table');
            INSERT INTO shoes(id, name, kind, initial_m, life_m) VALUES ('road', 'Road', 'daily', 0, 700000);
            INSERT INTO surfaces(id, ground, wear_factor) VALUES ('unknown', 'unknown', 1);
            INSERT INTO activities(id, source, native_id, started_at, local_date, sport, distance_m, content_hash, raw,
              first_seen_at, updated_at, counted, duplicate_of)
            VALUES ('watch:1', 'watch', '1', '2024-05-01T06:00:00Z', '2024-05-01', 'run', 5000, '', '{}', '2024-05-03', '2024-05-03', 1, NULL),
              ('watch:2', 'watch', '2', '2024-05-02T06:00:00Z', '2024-05-02', 'ride', 9000, '', '{}', '2024-05-03', '2024-05-03', 0, NULL),
              ('watch:3', 'watch', '3', '2024-05-01T06:00:00Z', '2024-05-01', 'run', 5000, '', '{}', '2024-05-03', '2024-05-03', 0, 'watch:1');
            INSERT INTO legs VALUES
              ('watch:1', 'road', 'unknown', 5000, '2024-05-01', 'gear `Pegasus`', 'nothing says', 0);
            INSERT INTO _meta VALUES ('decided_with', 'as it is');
        """)
    open_database(home.database, "km").close()
    assert home.rows("SELECT * FROM legs") == [
        ("watch:1", "road", "unknown", 5000.0, "2024-05-01", "earlier_version", None, "earlier_version", None, 0.0)
    ]
    assert home.rows("SELECT id, not_counted, not_counted_detail FROM activities ORDER BY id") == [
        ("watch:1", None, None), ("watch:2", "earlier_version", None), ("watch:3", "duplicate", '{"of":"watch:1"}'),
    ]  # fmt: skip
    assert dict(home.rows("SELECT code, words FROM reasons")) == WORDS
    assert home.rows("PRAGMA foreign_key_check") == []
    home.sync()
    assert home.rows("SELECT shoe, shoe_reason, shoe_detail, surface_reason FROM legs WHERE activity = 'watch:1'") == [
        ("road", "gear", '{"gear": "Pegasus"}', "none")
    ]
    assert home.rows("SELECT not_counted, not_counted_detail FROM activities WHERE id = 'watch:2'") == [
        ("not_a_run", '{"sport": "ride"}')
    ]
    assert faults(home.database) == []
