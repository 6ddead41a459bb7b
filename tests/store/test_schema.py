"""Databases of earlier versions: what was stored in them is kept, and what was decided is decided anew. Those of later
ones, and those on a read-only volume."""

import ctypes
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from kit.homes import Home, faults
from kit.trials import quick
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


READING = ["status", "status --json", "explain watch:1", "explain watch:1 --json", "check", "alerts list", "forecast"]
WRITING = ["sync", "sync --dry-run", "alerts retry", "alerts ack a", "alerts snooze stale", "serve"]
SAID = """
import asyncio, io, json, os, sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from shoemon.cli.main import main
from shoemon.web.server import make_app
home, *lines = sys.argv[1:]
said = {}
for line in lines:
    sys.argv = ["shoemon", *line.split(), "--config", home]
    with redirect_stdout(io.StringIO()) as output, redirect_stderr(output):
        try:
            main()
            code = 0
        except SystemExit as exit:
            code = exit.code or 0
    said[line] = [code, output.getvalue()]
try:
    page = asyncio.run(make_app(Path(home, "shoemon.db")).client.get("/shoemon/activities.json?_shape=array"))
    said["page"] = [page.status_code, page.text]
except Exception as error:
    said["page"] = [1, str(error)]
print(json.dumps(said))
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.table("watch", [(1, "2024-05-01T06:00:00Z", 5000, "run")])
    home.sync()
    return home


def said(home: Home, *lines: str) -> dict[str, tuple[int, str]]:
    """What commands and a page answer, without root's right to write everywhere (CAP_DAC_OVERRIDE)."""
    drop = None if os.getuid() else lambda: ctypes.CDLL(None).prctl(24, 1)
    command = [sys.executable, "-c", SAID, str(home.directory), *lines]
    return dict(json.loads(subprocess.run(command, stdout=subprocess.PIPE, preexec_fn=drop, check=True).stdout))


def test_a_database_of_a_later_version_is_refused_by_every_command_and_stays_as_it_is(home: Home) -> None:
    with closing(connect(home.database)) as connection, connection:
        connection.execute("INSERT INTO _sqlite_migrations VALUES (NULL, 'shoemon', 'm999_of_2031', '')")
    before = home.database.read_bytes()
    for what, (code, words) in said(home, *READING, *WRITING, "serve --no-schedule").items():
        assert code == 1 and "by a later version of shoemon" in words and "Update shoemon, or restore" in words, what
    assert home.database.read_bytes() == before


@pytest.mark.parametrize("beside", quick([(), ("-wal",), ("-wal", "-shm")], 2))
def test_on_a_read_only_volume_what_reads_reads_or_says_why_it_cannot(beside: Sequence[str], home: Home) -> None:
    with closing(connect(home.database)) as connection, connection:
        connection.execute("UPDATE activities SET name = 'A'")
        connection.commit()
        files = {end: Path(f"{home.database}{end}").read_bytes() for end in beside}
    for end, content in files.items():
        Path(f"{home.database}{end}").write_bytes(content)
    for path in (*home.directory.iterdir(), home.directory):
        path.chmod(0o555)
    answers = said(home, *READING, *WRITING)
    home.directory.chmod(0o755)
    for line in WRITING:
        code, words = answers.pop(line)
        assert code == 1 and "cannot" in words and "shoemon.db" in words, (line, words)
    for what, (code, words) in answers.items():
        if beside == ("-wal",):
            assert code == 1 and "Its directory is read-only: make it writable, or copy shoemon.db" in words, what
        else:
            assert code in (0, 200) and ("explain" not in what or "watch:1" in words), (what, words)
    assert "shoemon sync" not in str(answers)
