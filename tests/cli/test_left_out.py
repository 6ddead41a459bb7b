"""What the totals leave out, with its number, its reason and the first record: after a sync, in `status`, on a page."""

from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from kit.commands import Said
from kit.homes import Home
from kit.pages import Pages, text_of

from shoemon.config.registry import SOURCES
from shoemon.words.problems import line_to_count

LIST = """\
id,start,distance km,sport,elapsed
1,2024-05-01T08:00,10,Run,3600
2,2024-05-02T08:00,8,,3000
3,2024-05-03T08:00,11.5,Parkrun,3600
4,2024-05-04T08:00,30,Ride,3600
5,2024-05-05T08:00,far,Run,3600
6,2024-05-06T08:00,200,Parkrun,3600
7,2024-05-07T08:00,5,Run,long
"""
LINES = [
    "not read: 1 x distance: 'far' is not a number (sheet.csv:6)",
    "note: 1 x elapsed: 'long' is not a number; the row counts without it (sheet.csv:8)",
    "not counted: 1 x its sport (ride) is not among the sports in shoemon.yaml (sheet:4)",
    "not counted: 1 x its sport (unknown) is not among the sports in shoemon.yaml (sheet:6)",
]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.main("sources: [{name: sheet, type: table, path: sheet.csv}]\n")
    home.shoes("shoes: [{id: peg, name: Pegasus}]\ndefault_shoe: peg\n")
    (home.directory / "sheet.csv").write_text(LIST)
    return home


def test_the_line_to_copy_is_one_that_the_source_knows() -> None:
    for kind, module in SOURCES.modules():
        has_map = "sport_map" in module.Settings.model_fields
        assert line_to_count(kind, "s:1", "x")[1].startswith("sport_map") == has_map, kind


def test_nothing_is_left_out_in_silence(shoemon: Callable[..., Said], home: Home) -> None:
    assert shoemon("sync").out.splitlines() == [
        "sheet: 6 read, 6 new, 1 rejected, 1 with a note, 4 not counted",
        *(f"  {line}" for line in LINES),
        "+15.0 km; 15.0 km in all",
        "2 recordings without a known sport, 19.5 km; what to write for them:",
        "    shoemon status",
    ]
    remedy = "which sport is it? Write at its source in shoemon.yaml, where SPORT is run, walk, other or the like:"
    words = [
        "1 recording without a known sport, 8.0 km: its export names no sport (sheet:2)",
        "1 recording without a known sport, 11.5 km: its export calls its sport “Parkrun”, which is unknown here (sheet:3)",
    ]
    assert shoemon("status").out.splitlines()[2:] == [
        "1 unreadable record",
        f"sheet: {words[0]}; {remedy}",
        '    sport_map: {"": SPORT}',
        f"sheet: {words[1]}; {remedy}",
        '    sport_map: {"Parkrun": SPORT}',
        *LINES,
    ]
    first, listed = (unescape(text_of(answer.text)) for answer in Pages(home.database).ask("GET", "/", "/-/left-out"))
    assert "2 recordings without a known sport (19.5 km)" in first
    for line in (
        f'First: sheet:3 {remedy[0].upper()}{remedy[1:]} sport_map: {{"Parkrun": SPORT}}',
        "'far' is not a number First: sheet.csv:6",
        "of sheet, 30 km:",
    ):
        assert line in listed
    home.main('sources: [{name: sheet, type: table, path: sheet.csv, sport_map: {"": run, Parkrun: other}}]\n')
    assert "+8.0 km; 23.0 km in all" in shoemon("sync").out
    assert "known sport" not in shoemon("status").out
