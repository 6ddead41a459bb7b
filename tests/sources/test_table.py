"""Tables of activities: what a row means, what is told of a bad one, and what is read again."""

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kit import making
from kit.api_servers import Answer, Asked, Server, no_proxies, serving
from pydantic import ValidationError

from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import MistakeError, SourceError
from shoemon.sources import Context, table
from shoemon.sources.kit import csv_rows
from shoemon.sources.table import json_records

ZONE = "Europe/Helsinki"


class Pulled(NamedTuple):
    records: list[Activity | Problem]
    cursor: dict[str, Any] | None
    whole: bool
    unchanged: bool

    @property
    def runs(self) -> list[Activity]:
        return [record for record in self.records if isinstance(record, Activity)]

    @property
    def problems(self) -> list[Problem]:
        return [record for record in self.records if isinstance(record, Problem)]


def checked(written: dict[str, Any]) -> table.Settings:
    return table.Settings.model_validate({"name": "t", "type": "table", **written})


def pull(base: Path, cursor: dict[str, Any] | None = None, zone: str = ZONE, **written: Any) -> Pulled:
    with closing(table.make(checked(written), Context(base, zone)).pull(cursor)) as pulled:
        return Pulled(list(pulled), json.loads(json.dumps(pulled.cursor)), pulled.whole, pulled.unchanged)


def read(tmp_path: Path, text: str | bytes, name: str = "runs.csv", **written: Any) -> Pulled:
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return pull(tmp_path, path=name, **written)


def error(tmp_path: Path, text: str | bytes, name: str = "runs.csv", **written: Any) -> str:
    with pytest.raises(SourceError) as caught:
        read(tmp_path, text, name, **written)
    return str(caught.value)


def one(tmp_path: Path, header: str, row: str, **written: Any) -> Activity:
    """The one activity of a table with one row, of which nothing is to be complained about."""
    pulled = read(tmp_path, f"{header}\n{row}\n", **written)
    assert pulled.problems == []
    return pulled.runs[0]


# What a row means


def test_row_becomes_an_activity_with_every_field(tmp_path: Path) -> None:
    text = (
        "Run,When,Miles,Kind,Title,Shoe,Label,Ground,Soft,Inside,Mov,Ela,Climb,Lat,Lon,Empty\n"
        'r1,2024-05-01T08:30:00+02:00,5,TrailRun,"A ""fine"" run",g12,Pegasus,grass,2.5,yes,40:00,1:02:03,100,60.1,24.9,\n'
    )
    columns = {
        "id": "Run", "start": "When", "distance": {"column": "Miles", "unit": "mi"}, "sport": "Kind", "name": "Title",
        "shoe": "Shoe", "shoe_name": "Label", "surface": "Ground", "unpaved": "Soft", "indoor": "Inside", "moving": "Mov",
        "elapsed": "Ela", "elevation": {"column": "Climb", "unit": "ft"}, "lat": "Lat", "lon": "Lon",
    }  # fmt: skip
    raw = (
        '{"Run": "r1", "When": "2024-05-01T08:30:00+02:00", "Miles": "5", "Kind": "TrailRun", '
        '"Title": "A \\"fine\\" run", "Shoe": "g12", "Label": "Pegasus", "Ground": "grass", "Soft": "2.5", "Inside": "yes", '
        '"Mov": "40:00", "Ela": "1:02:03", "Climb": "100", "Lat": "60.1", "Lon": "24.9"}'
    )
    assert read(tmp_path, text, columns=columns).records == [
        making.run(
            "t:r1", "2024-05-01T06:30:00Z", utc_offset_s=7200, sport="trail-run", sport_raw="TrailRun",
            name='A "fine" run', distance_m=8046.72, moving_s=2400.0, elapsed_s=3723.0,
            elevation_m=pytest.approx(30.48), gear_raw="g12", gear_name="Pegasus", indoor=True, unpaved_m=4023.36,
            surface_raw="grass", start_lat=60.1, start_lon=24.9, raw=raw,
        )
    ]  # fmt: skip


def test_well_known_names_need_no_settings(tmp_path: Path) -> None:
    header = "name,gear_id,start_date,moving_time,distance_m,total_elevation_gain,sport_type,id"
    run = one(tmp_path, header, "Dawn,g1,2024-05-01T06:30:00Z,1800,5000,12,Run,77")
    assert (run.id, run.name, run.gear_raw, run.gear_name, run.moving_s, run.distance_m, run.elevation_m, run.sport) == (
        "t:77", "Dawn", "g1", "g1", 1800.0, 5000.0, 12.0, "run",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("header", "column", "expected"),
    [
        ("Distance (km)", None, 5000.0), ("Distance (mi)", None, 8046.72), ("distance_km", None, 5000.0),
        ("Miles", None, 8046.72), ("Distance", {"unit": "mi"}, 8046.72), ("d", {"column": "d", "unit": "yd"}, 4.572),
        ("d", {"column": "d", "unit": "ft"}, 1.524), ("d", {"column": "d", "unit": "cm"}, 0.05),
        ("tracker_total_distance_mm", "tracker_total_distance_mm", 0.005), ("distanceInMeters", "distanceInMeters", 5.0),
        ("Distance (km)", {"unit": "m"}, 5.0),
    ],
)  # fmt: skip
def test_unit_of_distance_is_told_by_name_or_setting(tmp_path: Path, header: str, column: Any, expected: float) -> None:
    run = one(tmp_path, f"date,{header}", "2024-05-01,5", columns={} if column is None else {"distance": column})
    assert run.distance_m == pytest.approx(expected)


def test_each_row_can_have_its_own_unit(tmp_path: Path) -> None:
    text = "date,Dist,Unit\n2024-05-01,5,Miles\n2024-05-02,5,km\n2024-05-03,5,furlong\n2024-05-04,5,\n"
    pulled = read(tmp_path, text, columns={"distance": {"column": "Dist", "unit_column": "Unit"}})
    assert [run.distance_m for run in pulled.runs] == [pytest.approx(8046.72), 5000.0]
    assert [(p.place, p.message) for p in pulled.problems] == [
        ("runs.csv:4", "distance: 'furlong' is not a unit of length"),
        ("runs.csv:5", "distance: '' is not a unit of length"),
    ]


@pytest.mark.parametrize(
    ("decimal", "written", "expected"),
    [
        (".", "12.5", 12.5), (".", "1,250", 1250.0), (".", "1,250.5", 1250.5), (".", "1 250", 1250.0), (".", "1'250", 1250.0),
        (".", " 7 ", 7.0), (".", "1,234,567.25", 1234567.25), (",", "12,5", 12.5), (",", "1.250", 1250.0),
        (",", "1.250,5", 1250.5), (",", "7", 7.0), (",", "1\u00a0250,5", 1250.5), (",", "4,730", 4.73),
        (".", "4,73", None), (",", "12.5", None), (".", "1,25,000", None), (".", "1,250 300", None), (".", "five", None),
    ],
)  # fmt: skip
def test_numbers_by_decimal_sign(tmp_path: Path, decimal: str, written: str, expected: float | None) -> None:
    text = f'date;distance\n2024-05-01;"{written}"\n'
    pulled = read(tmp_path, text, decimal=decimal, columns={"distance": {"unit": "cm"}})
    if expected is None:
        assert f"{written!r} is not a number" in pulled.problems[0].message
    else:
        assert pulled.runs[0].distance_m == pytest.approx(expected / 100)


@pytest.mark.parametrize(
    ("written", "more", "expected"),
    [
        ("2024-05-01T06:30:00Z", {}, ("2024-05-01T06:30:00Z", "2024-05-01", 10800)),
        ("2024-05-01T22:30:00.987Z", {}, ("2024-05-01T22:30:00Z", "2024-05-02", 10800)),
        ("2024-01-01 06:30:00+00:00", {}, ("2024-01-01T06:30:00Z", "2024-01-01", 7200)),
        ("2024-05-01T01:30:00+09:00", {}, ("2024-04-30T16:30:00Z", "2024-05-01", 32400)),
        ("2016-11-14 07:25:41 -0700", {}, ("2016-11-14T14:25:41Z", "2016-11-14", -25200)),
        ("2023-05-01 06:30:00 UTC", {}, ("2023-05-01T06:30:00Z", "2023-05-01", 10800)),
        ('"Mon, 01 Jan 2018 05:00:00 GMT"', {}, ("2018-01-01T05:00:00Z", "2018-01-01", 7200)),
        ("2024-05-01 00:30:00", {}, ("2024-04-30T21:30:00Z", "2024-05-01", 10800)),
        ("2024-05-01 06:30", {"timezone": "America/New_York"}, ("2024-05-01T10:30:00Z", "2024-05-01", -14400)),
        ("2024-05-01 22:30", {"times": "utc"}, ("2024-05-01T22:30:00Z", "2024-05-02", 10800)),
        ("2024-05-01T08:30:00Z", {"times": "local"}, ("2024-05-01T05:30:00Z", "2024-05-01", 10800)),
        ("2024-05-01T08:30:00+02:00", {"start_is": "local"}, ("2024-05-01T06:30:00Z", "2024-05-01", 7200)),
        ("2024-05-01", {}, ("2024-05-01", "2024-05-01", None)),
        ("20240501", {}, ("2024-05-01", "2024-05-01", None)),
        *[
            (day, {}, ("2024-05-01",) * 2 + (None,))
            for day in ("1.5.2024", "1. Mai 2024", "1 de mai. de 2024", "2024. 5. 1.")
        ],
        ("5/1/2024", {"date_format": "%m/%d/%Y"}, ("2024-05-01", "2024-05-01", None)),
        ("05/01/2024 6:30 PM", {"date_format": "%m/%d/%Y %I:%M %p"}, ("2024-05-01T15:30:00Z", "2024-05-01", 10800)),
        ("01.05.2024 06:30 +0200", {"date_format": "%d.%m.%Y %H:%M %z"}, ("2024-05-01T04:30:00Z", "2024-05-01", 7200)),
    ],
)
def test_start_with_local_day_and_offset(tmp_path: Path, written: str, more: dict[str, Any], expected: object) -> None:
    run = one(tmp_path, "date,km", f"{written},5", **more)
    assert (run.started_at, run.local_date, run.utc_offset_s) == expected


@pytest.mark.parametrize(
    ("header", "row", "columns", "expected"),
    [
        ("start_date_local,km", "2024-05-01T08:30:00Z,5", {}, ("2024-05-01T05:30:00Z", 10800)),
        ("startTimeGmt,km", "2024-05-01 08:30:00,5", {"start": "startTimeGmt"}, ("2024-05-01T08:30:00Z", 10800)),
        ("d,km", "1714545000,5", {"start": {"column": "d", "unit": "s"}}, ("2024-05-01T06:30:00Z", 10800)),
        ("d,km", "1714545000250,5", {"start": {"column": "d", "unit": "ms"}}, ("2024-05-01T06:30:00Z", 10800)),
        ("date,km,utc_offset", "2024-05-01 08:30:00,5,+02:00", {}, ("2024-05-01T06:30:00Z", 7200)),
        ("date,km,utc_offset", "2024-05-01T08:30:00Z,5,UTC+0900", {}, ("2024-05-01T08:30:00Z", 32400)),
        ("date,km,utc_offset", "2024-05-01T08:30:00Z,5,-3600", {}, ("2024-05-01T08:30:00Z", -3600)),
        ("date,km,utc_offset", "2024-05-01T08:30:00Z,5,-0330", {}, ("2024-05-01T08:30:00Z", -12600)),
        ("date,km,o", "2024-05-01T08:30:00Z,5,120", {"utc_offset": {"column": "o", "unit": "min"}},
         ("2024-05-01T08:30:00Z", 7200)),
        ("date,km,timezone", "2024-05-01 08:30:00,5,(GMT+01:00) Europe/Paris", {}, ("2024-05-01T06:30:00Z", 7200)),
        ("date,km,timezone", "2024-05-01T08:30:00Z,5,Asia/Tokyo", {}, ("2024-05-01T08:30:00Z", 32400)),
        ("date,km,timeZoneId", "2024-05-01T08:30:00Z,5,159", {}, ("2024-05-01T08:30:00Z", 10800)),
        ("date,km,timezone", "2024-05-01T08:30:00Z,5,", {}, ("2024-05-01T08:30:00Z", 10800)),
        ("date,km,utc_offset,timezone", "2024-05-01T08:30:00Z,5,+01:00,Asia/Tokyo", {}, ("2024-05-01T08:30:00Z", 3600)),
    ],
)  # fmt: skip
def test_rows_with_their_own_clock(
    tmp_path: Path, header: str, row: str, columns: dict[str, Any], expected: object
) -> None:
    run = one(tmp_path, header, row, columns=columns)
    assert (run.started_at, run.utc_offset_s) == expected


@pytest.mark.parametrize(
    ("raw", "sport_map", "expected"),
    [
        ("Run", {}, "run"), ("Trail Running", {}, "trail-run"), ("Laufen", {}, "run"), ("Course à pied", {}, "run"), ("other", {}, "unknown"), ("Lauf", {"Lauf": "other"}, "other"), ("Rundlauf", {"Rundlauf": "run"}, "run"),
        ("1002", {1002: "running"}, "run"), ("Run", {"Run": "trail-run"}, "trail-run"), ("", {}, "unknown"), ("", {"": "walk"}, "walk"),
    ],
)  # fmt: skip
def test_sport_by_map_or_usual_spelling(tmp_path: Path, raw: str, sport_map: dict[Any, str], expected: str) -> None:
    run = one(tmp_path, "date,km,type", f"2024-05-01,5,{raw}", sport_map=sport_map)
    assert (run.sport, run.sport_raw) == (expected, raw)


@pytest.mark.parametrize(
    ("header", "cells", "columns", "expected"),
    [
        ("km", "5", {}, {"sport": "run"}), ("km,type", ",Yoga", {}, {"sport": "strength", "distance_m": 0.0}),
        ("km,shoe", "5,A", {"shoe": None}, {"gear_raw": None}),
        ("KM,Start Date", "5,2024-05-01", {"start": "start_date", "distance": "km"}, {"distance_m": 5000.0}),
        *((header, f"5,{cell}", {}, {"gear_raw": None, "gear_name": None})
          for header, cell in (("km,gear", " "), ("km,gear", "--"), ("km,shoe_name", ""))),
        *(("km,trainer", f"5,{cell}", {}, {"indoor": indoor})
          for indoor, cells in ((True, ("true", "1", "Yes", "Y", "1.0")), (False, ("false", "0", "no")), (None, ("",)))
          for cell in cells),
        *(("km,start_lat,start_lng", f"5,{place}", {}, {"start_lat": lat, "start_lon": lon}) for place, lat, lon in (
            ("60.1,24.9", 60.1, 24.9), ("0,0", None, None), ("60.1,", None, None), ("0.0,24.9", 0.0, 24.9))),
        ("km,end_latitude,end_lng,device", "5,60.1,24.9,Stryd", {}, {"end_lat": 60.1, "end_lon": 24.9, "device": "Stryd"}),
        ("km,end_latitude,end_lng,device", "5,60.1,,--", {}, {"end_lat": None, "end_lon": None, "device": None}),
        *(("km,t", f"1,{cell}", {"moving": {"column": "t", **more}}, {"moving_s": seconds}) for cell, more, seconds in (
            ("1800", {}, 1800.0), ("1800.5", {}, 1800.5), ("30:00", {}, 1800.0), ("00:08:02.2", {}, 482.2), ("1:30:00", {}, 5400.0),
            ("30", {"unit": "min"}, 1800.0), ("1800000", {"unit": "ms"}, 1800.0), ("", {}, None), ("--:--:--", {}, None))),
        *((f"km,{name}", f"5,{cell}", {"unpaved": column} if column else {}, {"unpaved_m": metres}) for name, column, cell, metres in (
            ("dirt_distance", {}, "2", 2000.0), ("soft", {"column": "soft"}, "25%", 1250.0),
            ("soft", {"column": "soft", "unit": "%"}, "25", 1250.0), ("unpaved (%)", {"column": "unpaved (%)"}, "100", 5000.0),
            ("soft", {"column": "soft", "unit": "m"}, "750", 750.0), ("unpaved", {}, "", None), ("unpaved", {}, "nan", None), ("unpaved", {}, "0", 0.0))),
        # What is just possible; the longer of two times shows whether a run was too fast.
        *(("km,elapsed_time,type", cells, {}, {"distance_m": metres}) for cells, metres in (
            ("500,,Run", 500_000.0), ("10,800,Run", 10_000.0), ("1,10,Run", 1000.0), ("40,3000,Ride", 40_000.0),
            ("10,0,Run", 10_000.0), ("0,,Run", 0.0))),
        ("km,moving_time,elapsed_time", "10,60,2400", {}, {"distance_m": 10_000.0}),
        # The second column of a name has a number.
        ("distance,distance", "5,5012", {"distance": {"column": "distance.1", "unit": "m"}},
         {"distance_m": 5012.0, "raw": '{"date": "2024-05-01", "distance": "5", "distance.1": "5012"}'}),
    ],
)  # fmt: skip
def test_what_cells_mean(tmp_path: Path, header: str, cells: str, columns: Any, expected: dict[str, Any]) -> None:
    run = one(tmp_path, f"date,{header}", f"2024-05-01,{cells}", columns=columns)
    assert {field: getattr(run, field) for field in expected} == expected


@pytest.mark.parametrize(
    ("header", "cells", "field", "value", "message"),
    [
        ("timezone", "Mars/Base", "utc_offset_s", 10800, "'Mars/Base' is not a time zone"),
        ("start_lat,start_lng", "91,24.9", "start_lat", None, "'91' is not an angle"),
        *(("moving_time", cell, "moving_s", None, repr(cell)) for cell in ("soon", "1:75:00", "10:99", "-5", "1:2:3:4")),
        *(("unpaved", cell, "unpaved_m", None, "") for cell in ("9", "-1", "120%", "much")),
        *(("unpaved", cell, "unpaved_m", 5000.0, "longer than the run") for cell in ("5.1", "102%")),
    ],
)  # fmt: skip
def test_a_row_counts_without_an_unreadable_cell_and_unpaved_at_most_as_a_whole(
    tmp_path: Path, header: str, cells: str, field: str, value: object, message: str
) -> None:
    pulled = read(tmp_path, f"date,km,{header}\n2024-05-01 08:30:00,5,{cells}\n")
    assert (pulled.runs[0].distance_m, getattr(pulled.runs[0], field)) == (5000.0, value)
    assert pulled.problems[0].place == "runs.csv:2" and message in pulled.problems[0].message
    assert pulled.problems[0].message.endswith(("; the row counts without it", ": all of it counts as unpaved"))


def test_values_and_constants_say_what_cells_do_not(tmp_path: Path) -> None:
    columns = {
        "sport": {"const": "walk"}, "shoe": {"column": "S", "values": {"1": "Pegasus"}}, "surface": {"const": "grass"},
        "indoor": {"column": "Where", "values": {"belt": True, "street": False}},
    }  # fmt: skip
    pulled = read(tmp_path, "date,km,S,Where\n2024-05-01,5,1,belt\n2024-05-02,5,2,street\n", columns=columns)
    assert [(run.sport, run.gear_raw, run.surface_raw, run.indoor) for run in pulled.runs] == [
        ("walk", "Pegasus", "grass", True),
        ("walk", "2", "grass", False),
    ]


# Bad rows


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (",5,,Run", "start: it is empty"),
        ("soon,5,,Run", "start: 'soon' is not a time in ISO 8601; set date_format, or unit: s or ms if it counts from 1970"),
        ("2024-02-30,5,,Run", "start: '2024-02-30' is not a time in ISO 8601; set date_format, or unit: s or ms if it counts from 1970"),
        ("0001-01-01T00:00:00Z,5,,Run", "start: '0001-01-01T00:00:00Z' is in the year 1"),
        ("2024-05-01,,,Run", "distance: it is empty"),
        ("2024-05-01,--,,Run", "distance: it is empty"),
        ("2024-05-01,far,,Run", "distance: 'far' is not a number"),
        ('2024-05-01,"4,73",,Run', "distance: '4,73' is not a number; if , is the decimal sign, set decimal: \",\""),
        ("2024-05-01,NaN,,Run", "distance: 'NaN' is not a number"),
        ("2024-05-01,inf,,Run", "distance: 'inf' is not a number"),
        ("2024-05-01,-5,,Run", "distance: '-5' is negative"),
        ("2024-05-01,500.001,,Run", "distance: '500.001' is 500 km, more than 500 km"),
        ("2024-05-01,10,799,Run",
         "distance: 10.0 km in 799 s is 13 m/s, and nobody runs faster than 12.5 m/s; is the unit right?"),
        ("2024-05-01,5,100,Run,extra", "the row has 5 cells, the header has 4"),
        ("2024-05-01,5", "the row has 2 cells, the header has 4"),
    ],
)  # fmt: skip
def test_bad_row_is_told_and_the_rest_goes_on(tmp_path: Path, row: str, message: str) -> None:
    pulled = read(tmp_path, f"date,km,moving_time,type\n{row}\n2024-05-02,5,1500,Run\n")
    assert [(p.place, p.message) for p in pulled.problems] == [("runs.csv:2", message)]
    assert [run.local_date for run in pulled.runs] == ["2024-05-02"]


def test_what_is_told_of_a_row_is_told_of_that_row_only(tmp_path: Path) -> None:
    text = "date,km,moving_time,elapsed_time\n2024-05-01,10,soon,100\n2024-05-02,10,3000,3000\n"
    assert [(type(r).__name__, r[0]) for r in read(tmp_path, text, columns={"id": "date"}).records] == [
        ("Problem", "runs.csv:2"),
        ("Activity", "t:2024-05-02"),
    ]


def test_row_numbers_are_lines_of_the_file(tmp_path: Path) -> None:
    text = 'junk\nmore,junk\ndate,km,name\n2024-05-01,5,"two\nlines"\n\n2024-05-02,x,bad\n,,\n2024-05-03,y,bad\n'
    pulled = read(tmp_path, text, skip_lines=2)
    assert [run.name for run in pulled.runs] == ["two\nlines"]
    assert [p.place for p in pulled.problems] == ["runs.csv:7", "runs.csv:9"]


def test_raw_of_a_problem_is_kept_and_cut(tmp_path: Path) -> None:
    pulled = read(tmp_path, f"date,km,name\n2024-05-01,x,{'n' * 5000}\n")
    assert pulled.problems[0].raw.startswith('{"date": "2024-05-01", "km": "x", "name": "nnn')
    assert len(pulled.problems[0].raw) == 2000


def test_quotation_mark_left_open_costs_its_own_rows_only(tmp_path: Path) -> None:
    text = f'date,km,name\n2024-05-01,5,a\n2024-05-02,5,"{"x" * 140_000}\n2024-05-03,5,c\n'
    pulled = read(tmp_path, text)
    assert [run.name for run in pulled.runs] == ["a", "c"]
    assert "quotation mark" in pulled.problems[0].message


@settings(max_examples=60)
@given(
    st.lists(
        st.lists(st.text(alphabet='0159-:,.";\n\rTZabc \u00e9\x00', max_size=12), min_size=3, max_size=3), max_size=6
    )
)
def test_no_row_stops_the_others(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    quoted = "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\n" for row in rows)
    base = tmp_path_factory.mktemp("any")
    (base / "runs.txt").write_bytes(("date,km,name\n2024-05-01,5,first\n" + quoted + "2024-05-02,5,last\n").encode())
    try:
        pulled = pull(base, path="runs.txt")
    except SourceError as refused:
        assert "\0" in quoted and "not text" in str(refused)
        return
    assert {run.name for run in pulled.runs} >= {"first", "last"}
    for run in pulled.runs:
        assert json.loads(run.raw)["date"]


# Ids, and records that come twice


def test_id_made_of_content_stays_the_same(tmp_path: Path) -> None:
    runs = [
        one(tmp_path, "date,km,name", "2024-05-01T06:30:00Z,5,a"),
        one(tmp_path, "name,when,metres", "another name,2024-05-01T08:30:00+02:00,5000",
            columns={"start": "when", "distance": {"column": "metres", "unit": "m"}}),
    ]  # fmt: skip
    assert [run.id for run in runs] == ["t:0a01049d2511178f"] * 2
    others = ["2024-05-01T06:30:01Z,5,a", "2024-05-01T06:30:00Z,5.000001,a"]
    assert len({one(tmp_path, "date,km,name", row).id for row in others} | {runs[0].id}) == 3


@pytest.mark.parametrize(
    ("text", "names", "problems"),
    [
        ("id,date,km,name\n1,2024-05-01,5,a\n1,2024-05-01,5,a\n", ["a"], []),
        ("date,km,name\n2024-05-01T06:30Z,5,a\n2024-05-01T06:30Z,5,a\n", ["a"], []),
        ("date,km,name\n2024-05-01,5,a\n2024-05-01,5,b\n", ["a", "b"], []),
        ("date,km,name\n2024-05-01,5,a\n2024-05-01,5,a\n", ["a"],
         [("runs.csv:3", "its day, sport, distance and name are those of an earlier row: counted once; add an id column if both are real")]),
        ("id,date,km,name\n1,2024-05-01,5,a\n1,2024-05-01,6,b\n", ["a"],
         [("runs.csv:3", "activity 1 is already in runs.csv:2, with other content")]),
    ],
)  # fmt: skip
def test_a_repeated_record_counts_once(tmp_path: Path, text: str, names: list[str], problems: list[object]) -> None:
    pulled = read(tmp_path, text)
    assert [run.name for run in pulled.runs] == names
    assert [(p.place, p.message) for p in pulled.problems] == problems


def test_run_in_two_overlapping_files_counts_once(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("id,date,km\n2,2024-05-02,5\n3,2024-05-03,5\n")
    (tmp_path / "a.csv").write_text("id,date,km\n1,2024-05-01,5\n2,2024-05-02,5\n3,2024-05-03,7\n")
    pulled = pull(tmp_path, path="*.csv")
    assert [(run.native_id, run.distance_m) for run in pulled.runs] == [("1", 5000.0), ("2", 5000.0), ("3", 7000.0)]
    problems = [(problem.place, problem.message) for problem in pulled.problems]
    assert problems == [("b.csv:3", "activity 3 is already in a.csv:4, with other content")]


# How a table is written


@pytest.mark.parametrize(
    ("name", "data", "written"),
    [
        ("a.csv", b"date,km,name\n2024-05-01,5,\xc3\xa9\n", {}),
        ("a.csv", b"\xef\xbb\xbfdate,km,name\r\n2024-05-01,5,\xc3\xa9\r\n", {}),
        ("a.csv", b"date;km;name\n2024-05-01;5;\xc3\xa9\n", {}),
        ("a.csv", b'sep=|\r\n"date"|km|name\r\n2024-05-01|5|\xc3\xa9\r\n', {}),
        ("a.csv", b'"da,te","k,m","na,me"\n', {"header": ["date", "km", "name"], "skip_lines": 1}),
        ("a.tsv", b"date\tkm\tname\n2024-05-01\t5\t\xc3\xa9\n", {}),
        ("a.txt", b"date\tkm\tname\n2024-05-01\t5\t\xc3\xa9\n", {}),
        ("a.csv", b"date~km~name\n2024-05-01~5~\xc3\xa9\n", {"delimiter": "~"}),
        ("a.csv", b"date,km,name\n2024-05-01,5,\xe9\n", {"encoding": "cp1252"}),
        ("a.csv", "date,km,name\n2024-05-01,5,\u00e9\n".encode("utf-16"), {"encoding": "utf-16"}),
        ("a.csv", b"2024-05-01,5,\xc3\xa9\n", {"header": ["date", "km", "name"]}),
        ("a.csv", b"date,km,name\n2024-05-01,5,\xc3\xa9,\n", {}),
        ("a.csv", b"date,km,name\r2024-05-01,5,\xc3\xa9\r", {}),
        ("a.json", b'[{"date": "2024-05-01", "km": 5, "name": "\xc3\xa9"}]', {}),
        ("a", b'\xef\xbb\xbf [{"date": "2024-05-01", "km": "5", "name": "\\u00e9"}]', {}),
        ("a.json", b'{"data": {"runs": [{"date": "2024-05-01", "km": 5.0, "name": "\xc3\xa9"}]}}', {"records": "data.runs"}),
        ("a.json", b'[{"x": [{"date": "2024-05-01", "km": 5, "name": "\xc3\xa9"}]}]', {"records": "[0].x"}),
        ("a.ndjson", b'\n{"date": "2024-05-01", "km": 5, "name": "\xc3\xa9"}\n', {}),
        ("a", b'{"date": "2024-05-01", "km": 5, "name": "\xc3\xa9"}\n{"date": ""}\n', {}),
        ("a.log", b"2024-05-01,5,\xc3\xa9\n", {"format": "csv", "header": ["date", "km", "name"]}),
    ],
)  # fmt: skip
def test_table_in_any_form(tmp_path: Path, name: str, data: bytes, written: dict[str, Any]) -> None:
    if data.endswith(b'"na,me"\n'):
        data += b"2024-05-01,5,\xc3\xa9\n"
    pulled = read(tmp_path, data, name, **written)
    assert [(run.started_at, run.distance_m, run.name) for run in pulled.runs] == [("2024-05-01", 5000.0, "\u00e9")]


def test_values_inside_values_are_found_by_path(tmp_path: Path) -> None:
    record = {
        "id": 178509368.0, "start_date": "2024-05-01T06:30:00Z", "distance": 5000.5, "type": "Run", "trainer": True,
        "gear": {"id": "g1", "name": "Pegasus"}, "start_latlng": [60.1, 24.9], "moving_time": 1800, "empty": None, "a.b": 7,
    }  # fmt: skip
    run = read(tmp_path, json.dumps([record]), "a.json", columns={"distance": {"unit": "m"}, "surface": "a.b"}).runs[0]
    assert (run.native_id, run.gear_raw, run.gear_name, run.start_lat, run.start_lon, run.indoor, run.surface_raw) == (
        "178509368", "g1", "Pegasus", 60.1, 24.9, True, "7",
    )  # fmt: skip
    assert json.loads(run.raw) == {name: value for name, value in record.items() if name != "empty"}


def test_record_that_is_no_object_or_no_value_is_told(tmp_path: Path) -> None:
    records = [
        7,
        None,
        {"date": "2024-05-01", "km": 5, "shoe": {"id": 1}},
        {"date": 1714545000, "km": 5},
        {"date": "2024-05-02", "km": 5},
    ]
    pulled = read(tmp_path, json.dumps(records), "a.json", columns={"shoe": "shoe"})
    assert [p.place for p in pulled.problems] == ["a.json:1", "a.json:2", "a.json:3", "a.json:4"]
    assert "is not an object" in pulled.problems[0].message
    assert "gear.id" in pulled.problems[2].message
    assert "set unit: s or ms" in pulled.problems[3].message
    assert len(pulled.runs) == 1


def test_line_that_is_no_json_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    text = '{"date": "2024-05-01", "km": 5}\n{"date": \n\n{"date": "2024-05-02", "km": NaN}\n{"date": "2024-05-03", "km": 5}\n'
    pulled = read(tmp_path, text, "a.ndjson")
    assert [run.started_at for run in pulled.runs] == ["2024-05-01", "2024-05-03"]
    assert [p.place for p in pulled.problems] == ["a.ndjson:2", "a.ndjson:4"]
    assert "'NaN' is not a number" in pulled.problems[1].message


def test_path_that_no_record_has_is_told_once(tmp_path: Path) -> None:
    text = '{"date": "2024-05-01", "km": 5, "gear": null}\n' * 60
    problems = read(tmp_path, text, "a.ndjson", columns={"shoe": "gear.id", "surface": "grund"}).problems
    assert [p.message for p in problems if "grund" in p.message] == ["no record has `grund`, a column in the settings"]
    assert not [p for p in problems if "gear" in p.message]


def test_raw_is_json_also_where_a_number_is_beyond_all_bounds_or_a_character_half(tmp_path: Path) -> None:
    for name in ("\\ud800", "\\udfff x"):
        run = read(tmp_path, f'[{{"date": "2024-05-01", "km": 5, "name": "{name}"}}]', "a.json").runs[0]
        assert (run.name + run.raw).encode()
    run = read(tmp_path, '[{"date": "2024-05-01", "km": 5, "big": 1e999}]', "a.json").runs[0]
    assert json.loads(run.raw, parse_constant=pytest.fail)["big"] == "Infinity"


# What is no table


@pytest.mark.parametrize(
    ("name", "data", "written", "words"),
    [
        ("a.csv", b"date,distance\n2024-05-01,5\n", {}, "the unit of column `distance` is unknown"),
        ("a.csv", b"", {}, "a.csv is empty"),
        ("a.csv", b"\n\n", {}, "a.csv is empty"),
        ("a.csv", b"PK\x03\x04rest", {}, "a zip or a spreadsheet; save it as CSV"),
        ("a.csv", b"\x7fELF\x00\x01", {}, "is not text"),
        ("a.csv", b"date,km\n2024-05-01,5\0\n", {}, "it contains NUL bytes; export it again"),
        ("a.csv", "date,km\n".encode("utf-16"), {}, "set encoding: utf-16"),
        ("a.csv", b"date,km,name\n2024-05-01,5,ok\n2024-05-02,5,\xe9\n", {}, "not written in utf-8 (line 3); set encoding"),
        ("a.csv", b"<!DOCTYPE html><html>", {}, "a web page, perhaps one that requires a login"),
        ("a.csv", b"\n<div>log in</div>", {"header": ["date", "km"]}, "a web page, perhaps one that requires a login"),
        ("a.csv", b'{"error": "log in"}', {"header": ["date", "km"]}, """JSON, perhaps an error: '{"error": "log in"}'"""),
        ("a.ndjson", b'{"error": "log in"}', {"columns": {"start": "date", "distance": "km"}}, "there is no column `date`"),
        ("a.json", b'{"error": "log in"}', {}, "at the top is {'error': 'log in'}, not a list of records; set records"),
        ("a.json", b'[{"a": 1},\n {"b" 2}]', {}, "line 2, column 7"),
        ("a.json", b"[" * 100_000, {}, "is not JSON"),
        ("a.json", b"[" + b"{}," * 3_000_000 + b"{}]", {}, "it contains more lists, objects or values than any export"),
        ("a.json", b'{"data": {"runs": [{"a": 1}]}}', {"records": "data.walks"}, "there is no `data.walks`"),
        ("a.json", b'{"data": {"runs": [{"a": 1}]}}', {"records": "data.walks"}, "lists at: data.runs"),
        ("a.csv", b"km,name\n5,a\n", {}, "there is no known column for start; set columns.start to one of: km, name"),
        ("a.csv", b"date,name\n2024-05-01,a\n", {}, "there is no known column for distance"),
        ("a.csv", b"date,km,Shoes\n", {"columns": {"shoe": "Shoess"}}, "no column `Shoess` (columns.shoe); did you mean `Shoes`?"),
        ("a.csv", b"date,d\n", {"columns": {"distance": {"column": "d", "unit_column": "u"}}}, "no column `u`"),
        ("a.csv", b"date,km," + b"x" * 200_000 + b"\n", {}, "a.csv: its line with the names of the columns is not readable: field larger"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_said_in_words(tmp_path: Path, name: str, data: bytes, written: Any, words: str) -> None:
    assert words in error(tmp_path, data, name, **written)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for path, words in [
        ("no.csv", f"there is no file or folder {tmp_path}/no.csv; correct `path`"),
        ("*.csv", f"no file or folder matches {tmp_path}/*.csv"),
        ("folder", f"{tmp_path}/folder is a folder with no tables; write a pattern such as {tmp_path}/folder/*.csv"),
    ]:
        with pytest.raises(SourceError) as caught:
            pull(tmp_path, path=path)
        assert words in str(caught.value)


def test_file_larger_than_the_bound_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "huge.csv").open("wb") as file:
        file.truncate(129 * 2**20)
    with pytest.raises(SourceError, match="the file has more than 128 MB"):
        pull(tmp_path, path="huge.csv")


@pytest.mark.parametrize("name", ["runs.csv", "runs.json", "runs.ndjson"])
def test_more_columns_than_any_table_has_are_refused_at_once(tmp_path: Path, name: str) -> None:
    names = [f"c{number}" for number in range(10_001)]
    text = ",".join(names) if name == "runs.csv" else json.dumps([dict.fromkeys(names, 1)])
    said = error(tmp_path, text.strip("[]") if name == "runs.ndjson" else text, name)
    assert said == f"{name} has 10,001 columns, more than 10,000; is it a table of runs?"


def test_an_endless_line_and_json_that_fills_the_memory_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_rows, "LONGEST_LINE", 1000)
    monkeypatch.setattr(json_records, "LONGEST_JSON", 2**20)
    for name, first in (("runs.csv", "id,start,distance m\n"), ("runs.ndjson", "{}\n")):
        said = error(tmp_path, first + "x" * 1001, name)
        assert said == f"{name}: line 2 has more than 1,000 characters; is it a table of runs?"
    said = error(tmp_path, "[" + " " * 2**20 + "]", "runs.json")
    assert said == "runs.json is JSON of more than 1 million characters; split it, or export NDJSON or CSV"


def test_name_with_brackets_is_a_file_before_it_is_a_pattern(tmp_path: Path) -> None:
    assert len(read(tmp_path, "date,km\n2024-05-01,5\n", "runs [1].csv").runs) == 1


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({}, "either path or url"),
        ({"path": "a", "url": "https://a.example"}, "either path or url"),
        ({"url": "https://a.example", "headers": {"x-api-key": "canary"}}, "must not be in this file"),
        ({"path": "a", "headers": {"X": "y"}}, "headers is for a url"),
        ({"path": "a", "delimiter": ",,"}, "one character"),
        ({"path": "a", "encoding": "utf-9"}, "not an encoding"),
        ({"path": "a", "timezone": "Mars/Base"}, "not a time zone"),
        ({"path": "a", "date_format": "%d %Q"}, "not a time format"),
        ({"path": "a", "date_format": "%d %Z"}, "%Z is not reliable"),
        ({"path": "a", "columns": {"distance": {"column": "d", "unit": "furlong"}}}, "not a unit of distance"),
        ({"path": "a", "columns": {"start": {"column": "d", "unit": "km"}}}, "not a unit of start"),
        ({"path": "a", "columns": {"name": {"column": "d", "format": "%d"}}}, "format is for start and end only"),
        ({"path": "a", "columns": {"moving": {"column": "d", "unit_column": "u"}}}, "for distance only"),
        ({"path": "a", "columns": {"name": {"column": "d", "const": "x"}}}, "either a column or a const"),
        ({"path": "a", "columns": {"nmae": "d"}}, "Extra inputs"),
        ({"url": "ftp://a.example"}, "is not an address"),
        ({"url": "https://me:pw@a.example"}, "settings `user` and `password`"),
        ({"url": "https://a.example", "user": "me"}, "belong together"),
        ({"url": "https://a.example", "pages": {}}, "either next"),
        ({"url": "https://a.example", "headers": {"X": {"env": "A", "file": "b"}}}, "write a text"),
    ],
)
def test_settings_that_make_no_sense(written: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as caught:
        checked(written)
    assert words in str(caught.value)


# What is read again

HEAD = "id,date,km\n1,2024-05-01,5\n2,2024-05-02,5\n"


@pytest.mark.parametrize("spoil", [{}, {"marks": None}])
def test_a_table_is_read_whole_where_anything_changed(tmp_path: Path, settled: None, spoil: dict[str, Any]) -> None:
    first = read(tmp_path, HEAD)
    again = pull(tmp_path, {**(first.cursor or {}), **spoil}, path="runs.csv", every="2h")
    assert (first.unchanged, again.unchanged, again.records) == (False, not spoil, first.records if spoil else [])
    (tmp_path / "runs.csv").write_text(HEAD + "3,2024-05-03,5\n")
    grown = pull(tmp_path, first.cursor, path="runs.csv")
    assert (grown.whole, [run.native_id for run in grown.runs]) == (True, ["1", "2", "3"])


def test_several_files_are_unchanged_together_or_read_together(tmp_path: Path, settled: None) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(f"id,date,km\n{name},2024-05-01,5\n")
    first = pull(tmp_path, path="*.csv")
    assert pull(tmp_path, first.cursor, path="*.csv").unchanged
    (tmp_path / "c.csv").write_text("id,date,km\nc,2024-05-01,5\n")
    joined = pull(tmp_path, first.cursor, path="*.csv")
    assert [run.native_id for run in joined.runs] == ["a", "b", "c"]
    (tmp_path / "a.csv").unlink()
    assert [run.native_id for run in pull(tmp_path, joined.cursor, path="*.csv").runs] == ["b", "c"]


# From a server


class Site:
    """A web server that answers by `routes`: path (with its query, or without) to status, headers and body."""

    def __init__(self, server: Server) -> None:
        self.routes: dict[str, tuple[int, dict[str, str], str]] = {}
        self.server, server.answer = server, self.answer
        self.url = server.url

    @property
    def asked(self) -> list[Asked]:
        return self.server.asked

    def answer(self, asked: Asked) -> Answer:
        query = f"{asked.path}?{urlencode(asked.query)}"
        status, headers, body = self.routes.get(query) or self.routes.get(asked.path, (404, {}, ""))
        if headers.get("ETag", "") == asked.headers.get("if-none-match"):
            return Answer(b"", 304, headers)
        return Answer(body.encode(), status, headers)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    no_proxies(monkeypatch)
    with serving(lambda asked: Answer()) as server:
        yield Site(server)


def test_a_table_of_a_server_with_a_secret(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEET_TOKEN", "tok")
    site.routes["/runs.csv"] = (200, {"ETag": '"1"'}, HEAD.replace("2024-05-02", "x"))
    headers = {"Authorization": {"env": "SHEET_TOKEN", "prefix": "Bearer "}, "X-Plain": "p"}
    pulled = pull(tmp_path, url=f"{site.url}/runs.csv?key=k", headers=headers)
    assert ([run.id for run in pulled.runs], [p.place for p in pulled.problems]) == (["t:1"], ["runs.csv:3"])
    assert (site.asked[0].headers["authorization"], site.asked[0].headers["x-plain"]) == ("Bearer tok", "p")
    assert "tok" not in json.dumps(pulled.cursor) and "key" not in json.dumps(pulled.cursor)


def test_user_and_password_are_sent_as_basic_authentication(site: Site, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("pässword\n")
    site.routes["/runs.csv"] = (200, {}, HEAD)
    pull(tmp_path, url=f"{site.url}/runs.csv", user="API_KEY", password={"file": "secret"})
    assert site.asked[0].headers["authorization"] == "Basic " + b64encode("API_KEY:pässword".encode()).decode()


def test_secret_that_is_not_set_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    with pytest.raises(SourceError, match="environment variable NOT_SET is not set"):
        pull(tmp_path, url="http://127.0.0.1:1/x", headers={"X": {"env": "NOT_SET"}})


def test_refused_credentials_are_named_by_origin(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHEET_TOKEN", "tok-secret")
    site.routes["/runs.csv"] = (401, {}, "")
    with pytest.raises(SourceError) as caught:
        pull(tmp_path, url=f"{site.url}/runs.csv?k=tok-secret", headers={"X-Key": {"env": "SHEET_TOKEN"}})
    assert "(header X-Key from environment variable SHEET_TOKEN)" in str(caught.value)
    assert "tok-secret" not in str(caught.value)


def test_unchanged_answer_is_not_read_again(site: Site, tmp_path: Path) -> None:
    url = f"{site.url}/runs.csv"
    site.routes["/runs.csv"] = (200, {"ETag": '"1"'}, HEAD)
    first = pull(tmp_path, url=url)
    second = pull(tmp_path, first.cursor, url=url)
    assert (second.unchanged, second.cursor, site.asked[1].headers["if-none-match"]) == (True, first.cursor, '"1"')
    site.routes["/runs.csv"] = (200, {"ETag": '"2"'}, HEAD)
    third = pull(tmp_path, second.cursor, url=url)
    assert third.unchanged and (third.cursor or {})["etag"] == '"2"'
    site.routes["/runs.csv"] = (200, {}, HEAD + "3,2024-05-03,5\n")
    fourth = pull(tmp_path, third.cursor, url=url)
    assert (fourth.unchanged, fourth.whole, len(fourth.runs), (fourth.cursor or {})["etag"]) == (False, True, 3, None)


def test_pages_are_followed_by_link_header(site: Site, tmp_path: Path) -> None:
    site.routes["/runs"] = (200, {"Link": '</runs2>; rel="next"'}, '[{"id": 1, "date": "2024-05-01", "km": 5}]')
    site.routes["/runs2"] = (200, {}, '[{"id": 2, "date": "x", "km": 5}, {"id": 3, "date": "2024-05-01", "km": 5}]')
    pulled = pull(tmp_path, url=f"{site.url}/runs", pages={"next": "link"})
    assert ([run.native_id for run in pulled.runs], [p.place for p in pulled.problems]) == (["1", "3"], ["page 2:1"])
    assert pull(tmp_path, pulled.cursor, url=f"{site.url}/runs", pages={"next": "link"}).unchanged


def test_pages_are_followed_by_a_path_in_json(site: Site, tmp_path: Path) -> None:
    def page(number: int, following: str | None) -> tuple[int, dict[str, str], str]:
        runs = [{"id": number, "date": "2024-05-01", "km": 5}]
        return 200, {}, json.dumps({"data": runs, "paging": {"next": following}})

    site.routes["/runs"], site.routes["/more?p=2"] = page(1, f"{site.url}/more?p=2"), page(2, None)
    pulled = pull(tmp_path, url=f"{site.url}/runs", records="data", pages={"next": "paging.next"})
    assert [run.native_id for run in pulled.runs] == ["1", "2"]


@pytest.mark.parametrize("empty", ["[]", ""])
def test_numbered_pages_end_with_an_empty_one(site: Site, tmp_path: Path, empty: str) -> None:
    site.routes["/runs"] = (200, {}, empty)
    for number in (0, 1):
        site.routes[f"/runs?from=2020&page={number}&per_page=50"] = (
            200,
            {},
            f'[{{"id": {number}, "date": "2024-05-01", "km": 5}}]',
        )
    pages = {"number": "page", "start": 0, "size": "per_page", "per_page": 50}
    pulled = pull(tmp_path, url=f"{site.url}/runs?from=2020", format="json", pages=pages)
    assert [run.native_id for run in pulled.runs] == ["0", "1"]
    assert [asked.query["page"] for asked in site.asked] == ["0", "1", "2"]


# Recognised by content


@pytest.mark.parametrize(
    ("headers", "pages", "words"),
    [
        ({"Link": '<http://127.0.0.1:1/runs>; rel="next"'}, {"next": "link"}, "on another server"),
        ({"Link": '<https://127.0.0.1/x?k=secret>; rel="next"'}, {"next": "link"}, "https://127.0.0.1/x;"),
        ({"Link": '</runs>; rel="next"'}, {"next": "link"}, "leads back"),
        ({"Link": '</gone>; rel="next"'}, {"next": "link"}, "status 404"),
        ({}, {"number": "seite"}, "page 2 is the same as the one before; is `seite` right"),
        ({}, {"number": "page"}, "more than 3 pages"),
    ],
)
def test_pages_that_lead_astray(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, headers: Any, pages: dict[str, str], words: str
) -> None:
    monkeypatch.setattr("shoemon.sources.table.pages.MOST_PAGES", 3)
    site.routes["/runs"] = (200, headers, '[{"id": 1, "date": "2024-05-01", "km": 5}]')
    for number in range(9):
        site.routes[f"/runs?page={number}"] = (200, {}, f'[{{"id": {number}, "date": "2024-05-01", "km": 5}}]')
    with pytest.raises(SourceError) as caught:
        pull(tmp_path, url=f"{site.url}/runs", pages=pages, headers={"X-Runner": "k"})
    assert words in str(caught.value) and "secret" not in str(caught.value)
    assert len(site.asked) <= 3


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "a.csv",
            "name,gear_id,start_date,moving_time,distance,total_elevation_gain\nDawn,g1,2024-05-01T06:30:00Z,1800,5000.0,12\n",
            {"format": "csv", "columns": {
                "start": "start_date", "distance": {"column": "distance", "unit": "m"}, "name": "name", "shoe": "gear_id",
                "moving": "moving_time", "elevation": "total_elevation_gain"}},
        ),
        (
            "activities.csv",
            "\ufeffid,start_date_local,type,moving_time,distance,gear,trainer\ni1,2024-05-01T08:30:00,Run,1800,5000.0,Pegasus,false\n",
            {"format": "csv", "columns": {
                "id": "id", "start": "start_date_local", "distance": {"column": "distance", "unit": "m"}, "sport": "type",
                "shoe": "gear", "indoor": "trainer", "moving": "moving_time"}},
        ),
        (
            "a.csv",
            "Date,Type,Distance (mi),Duration,Climb (ft)\n2013-12-29 11:36:13,Running,3.02,26:42,71\n",
            {"format": "csv", "columns": {
                "start": "Date", "distance": "Distance (mi)", "sport": "Type", "elapsed": "Duration", "elevation": "Climb (ft)"}},
        ),
        (
            "a.csv",
            "Date;Distance (km);Shoe\n21.05.2024;5,02;A\n3.06.2024;10;B\n",
            {"format": "csv", "decimal": ",", "delimiter": ";", "columns": {
                "start": {"column": "Date", "format": "%d.%m.%Y"}, "distance": "Distance (km)", "shoe": "Shoe"}},
        ),
        (
            "a.tsv",
            "Date\tDistance\n2024-05-01\t5020\n2024-05-02\t6020\n2024-05-03\t7020\n",
            {"format": "tsv", "columns": {"start": "Date", "distance": {"column": "Distance", "unit": "m"}}},
        ),
        (
            "a.json",
            '{"data": {"workouts": [{"id": 7, "start": 1714545000, "km": 5}]}}',
            {"format": "json", "records": "data.workouts", "columns": {
                "id": "id", "start": {"column": "start", "unit": "s"}, "distance": "km"}},
        ),
        ("a.csv", "date,km\n1. März 2024,5\n", {"format": "csv", "encoding": "utf-16", "columns": {
            "start": "date", "distance": "km"}}),
        ("a.csv", "date,km,name\n2024-05-01,5,é\n", {"format": "csv", "encoding": "cp1252", "columns": {
            "start": "date", "distance": "km", "name": "name"}}),
        (
            "a.ndjson",
            '{"date": "2024-05-01", "distance_km": 5}\n{"date": "2024-05-02", "distance_km": 5}\n',
            {"format": "ndjson", "columns": {"start": "date", "distance": "distance_km"}},
        ),
        (
            "reworked.csv",
            'Activity ID,Activity Date,Activity Type,Distance (km),Activity Gear,Filename\n1,"Sep 1, 2026, 10:30:00 PM",Run,5,A,activities/17.fit.gz\n',
            {"format": "csv", "times": "utc", "columns": {
                "id": "Activity ID", "start": {"column": "Activity Date", "format": "%b %d, %Y, %I:%M:%S %p"},
                "distance": "Distance (km)", "sport": "Activity Type", "shoe": "Activity Gear"}},
        ),
        (
            "one.json",
            '{"id": "a", "start_time": "2026-09-01T06:30:00Z", "distance_m": 5000, "laps": [{"start_time": "x", "distance_m": 1}]}',
            {"format": "json", "columns": {"id": "id", "start": "start_time", "distance": "distance_m"}},
        ),
    ],
)  # fmt: skip
def test_a_recognised_table_can_be_read(tmp_path: Path, name: str, text: str, expected: dict[str, Any]) -> None:
    (tmp_path / name).write_text(text, encoding=expected.get("encoding"))
    found = table.recognise(tmp_path / name)
    assert found == {"type": "table", "path": str(tmp_path / name), **expected}
    pulled = pull(tmp_path, **found)
    assert pulled.runs and not pulled.problems


@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize(
    ("column", "written", "metres"),
    [
        ("Distance (m)", ["10.234", "985"], [10234, 985]),
        ("Distance (m)", ["10.234,5", "985"], [10234.5, 985]),
        ("Distance (m)", ["10,234", "5012.5"], [10234, 5012.5]),
        ("Distance (m)", ["512,345", "5012,345"], [512.345, 5012.345]),
        ("km", ["10,234", "8"], [10234, 8000]),
        ("km", ["10.234", "8"], [10234, 8000]),
    ],
)
def test_a_recognised_table_has_the_decimal_sign_that_makes_runs(
    tmp_path: Path, column: str, written: list[str], metres: list[float], delimiter: str
) -> None:
    rows = [f'2024-05-0{day}{delimiter}"{cell}"' for day, cell in enumerate(written, 1)]
    (tmp_path / "a.csv").write_text("\n".join([f"Date{delimiter}{column}", *rows]))
    pulled = pull(tmp_path, **(table.recognise(tmp_path / "a.csv") or {}))
    assert [run.distance_m for run in pulled.runs] == metres


def test_a_folder_of_json_files_with_one_run_each_is_a_table(tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    (folder / "2026").mkdir(parents=True)
    (folder / "2026" / "b.json").write_text(
        '{"uuid": "b", "when": {"start": 1790000000000}, "date": "9/2/26", "km": 6, "kind": "yoga"}'
    )
    (folder / "a.json").write_text('{"uuid": "a", "when": {"start": 1780000000000}, "date": "9/1/26", "km": 5}')
    (folder / "c.json").write_text('{"uuid": "c", "when": {"start": 1785000000000}, "date": "8/8/26"}')
    columns = {"start": {"column": "when.start", "unit": "ms"}, "sport": "kind"}
    pulled = pull(tmp_path, path="runs", columns=columns)
    assert [(run.native_id, run.local_date, run.sport, run.distance_m) for run in pulled.runs] == [
        ("b", "2026-09-21", "strength", 6000.0), ("a", "2026-05-28", "unknown", 5000.0)]  # fmt: skip
    assert [problem.place for problem in pulled.problems] == ["c.json"]
    (tmp_path / "as").mkdir()
    (tmp_path / "bs").mkdir()
    for name in ("a", "b"):
        text = f'{{"id": "{name}", "start_time": "2026-09-01T06:30:00Z", "distance_m": 5000, "splits": [{{"km": 1}}]}}'
        (tmp_path / "as" / f"{name}.json").write_text(text)
        (tmp_path / "bs" / f"{name}.json").write_text(f"[{text}]")
    columns = {"id": "id", "start": "start_time", "distance": "distance_m"}
    found = {"type": "table", "path": f"{tmp_path}/as", "format": "json", "columns": columns}
    (tmp_path / "as" / "0.json").write_text('{"version": 2}')
    assert [table.recognise(tmp_path / name) for name in ("as", "bs")] == [found, None]
    for odd, reason in (("{", "0.json is not JSON"), ('[{"x": 1}]', "0.json: there is no column `start_time`")):
        (tmp_path / "as" / "0.json").write_text(odd)
        with pytest.raises(MistakeError, match=reason):
            table.recognise(tmp_path / "as")
    (folder / "list.csv").write_text("date,km\n2026-09-01,5\n")
    with pytest.raises(SourceError, match=r"is a folder with files named \.csv and \.json"):
        pull(tmp_path, path="runs")


def test_a_column_may_be_inside_of_a_cell_or_have_no_name_that_is_known(tmp_path: Path) -> None:
    header = "von,bis,Data"
    data = '"{""distance"": 5012.5, ""steps"": 4000, ""gain"": [12]}"'
    columns = {
        "start": "[0]",
        "end": "[1]",
        "distance": {"column": "Data.distance", "unit": "m"},
        "elevation": "Data.gain[0]",
    }
    run = one(tmp_path, header, f"2026-09-01T07:00:00+02:00,2026-09-01T07:30:00+02:00,{data}", columns=columns)
    assert (run.started_at, run.elapsed_s, run.distance_m, run.elevation_m) == (
        "2026-09-01T05:00:00Z",
        1800.0,
        5012.5,
        12.0,
    )
    bad = ["2026-09-01,soon,{}", "2026-09-01,2026-09-01,{", '2026-09-01,,"{""distance"": [1]}"']
    pulled = read(tmp_path, "\n".join([header, *bad]), columns=columns)
    assert [problem.message for problem in pulled.problems] == [
        "distance: it is empty",
        "distance: '{' is not a number",
        "'[1]' is not one value; name one in it, such as gear.id or tags[0]",
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "Shoe,Price\nA,100\n"),
        ("a.csv", "Date,Distance (km)\n"),
        ("a.csv", ""),
        ("a.csv", "\0\1\2"),
        ("a.json", '{"a": 1}'),
        ("a.json", "{"),
        ("a.gpx", "Date,Distance (km)\n2024-05-01,5\n"),
    ],
)
def test_what_is_not_surely_a_table_of_runs_is_left(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert [table.recognise(tmp_path / each) for each in (name, "", "none.csv")] == [None] * 3


@pytest.mark.parametrize(
    ("text", "reason", "columns"),
    [
        ("Date,Distance\n2024-05-01,5\n2024-05-02,6\n2024-05-03,7\n", "nothing says in which unit `Distance` is: km, mi or m",
         "{distance: {column: Distance, unit: km}}"),
        ("Date,Distance\n2024-05-01,5020\n2024-05-02,6020\n", "nothing says in which unit `Distance` is: km, mi or m",
         "{distance: {column: Distance, unit: km}}"),
        ("Date,Distance (km)\n01/02/2024,5\n03/04/2024,6\n", "`01/02/2024` in column `Date` can be read as %d/%m/%Y or as %m/%d/%Y",
         '{start: {column: Date, format: "%d/%m/%Y"}}'),
        ('Activity ID,Activity Date,Distance\n1,"Oct 1, 2026, 7:00:00 AM",5\n', "nothing says in which unit `Distance` is: km, mi or m",
         '{start: {column: Activity Date, format: "%b %d, %Y, %I:%M:%S %p"}, distance: {column: Distance, unit: km}}'),
        ("Date,Distance (km)\nsoon,5\n", "`soon` in column `Date` is no date in a known form; write FORMAT as for Python's strptime",
         "{start: {column: Date, format: FORMAT}}"),
        ("Date,Strecke\n2024-05-01,5\n", "no column is called like the distance of a run; NAME is one of: Date, Strecke",
         "{distance: {column: NAME, unit: km}}"),
        ("Date,Distance (km)\n2024-05-01,far\n2024-05-02,near\n", "most of its rows cannot be read; the first: distance: 'far' is not a number", ""),
    ],
)  # fmt: skip
def test_a_table_in_doubt_is_refused_with_what_to_write(tmp_path: Path, text: str, reason: str, columns: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(MistakeError) as refused:
        table.recognise(tmp_path / "a.csv")
    more = "times: utc, " if text.startswith("Activity") else ""
    source = f"    - {{name: runs, type: table, path: {tmp_path}/a.csv, {more}columns: {columns}}}"
    assert (str(refused.value), getattr(refused.value, "__notes__", [])[1:]) == (reason, [source] if columns else [])
