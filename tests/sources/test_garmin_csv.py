"""Garmin Connect's list: any language, either decimal sign, kilometres, miles and metres, several files as one."""

import csv
import io
import json
import os
from contextlib import closing
from pathlib import Path

import pytest
from kit import making
from kit.hostile import TEXTS
from kit.places import REAL_DATA

from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import SourceError
from shoemon.sources import Context, csv_exports, garmin_csv, recognise
from shoemon.sources.garmin_csv import Settings, make, warnings
from shoemon.sources.garmin_csv.figures import Distances, Unit, decimal_sign

HEAD = "Activity Type,Date,Favorite,Title,Distance,Calories,Time,Avg Run Cadence,Total Ascent,Avg Stride Length,Moving Time,Elapsed Time"
RUN = 'Trail Running,2026-07-01 18:23:45,false,"Lunch, hilly","12.51","1,204","01:02:03.5","172","214","1.14","01:01:00","01:10:00"'
RAW = json.dumps(dict(zip(HEAD.split(","), next(csv.reader([RUN])), strict=True)))
SAMPLE = REAL_DATA / "garmin_csv" / "en_decimalcomma_2026.csv"


def rows(*lines: str, head: str = HEAD) -> str:
    return "\n".join([head, *lines, ""])


def row(
    day: int = 1, distance: str = "10.00", kind: str = "Running", time: str = "00:50:00", clock: str = "08:00:00"
) -> str:
    return f'{kind},2026-07-{day:02} {clock},false,"Run {day}","{distance}","600","{time}","--","--","--","--","--"'


def put(path: Path, text: str | bytes, changed: int = 1_000_000) -> Path:
    """A file that was changed so many seconds after 1970."""
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    os.utime(path, (changed, changed))
    return path


def pull(
    folder: Path, path: str = "Activities.csv", unit: Unit = "km", zone: str = "Europe/Helsinki"
) -> list[Activity | Problem]:
    settings = Settings(name="garmin", path=path, unit=unit)
    with closing(make(settings, Context(folder, zone)).pull(None)) as pulled:
        return list(pulled)


def read(folder: Path, text: str | bytes, unit: Unit = "km") -> list[Activity | Problem]:
    put(folder / "Activities.csv", text)
    return pull(folder, unit=unit)


def brief(records: list[Activity | Problem]) -> list[tuple[str, str, float] | str]:
    """Of an activity its id, sport and metres; of a problem where it is."""
    return [
        each.place if isinstance(each, Problem) else (each.native_id, each.sport, round(each.distance_m, 1))
        for each in records
    ]


def test_a_row_is_read_whole_by_the_runners_clock(tmp_path: Path) -> None:
    assert read(tmp_path, rows(RUN)) == [
        making.run(
            "garmin:20260701T182345", "2026-07-01T15:23:45Z", utc_offset_s=10800, sport="trail-run",
            sport_raw="Trail Running", name="Lunch, hilly", distance_m=12510.0, moving_s=3660.0, elapsed_s=4200.0,
            elevation_m=214.0, raw=RAW, zone_assumed=True,
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "sign"),
    [
        (["3,40", "2,9", "2.932", "--"], ","), (["10.50", "1,214", "2.9"], "."), (["1,214.5"], "."), (["1.214,56"], ","),
        (["00:01:39,6"], ","), (["00:08:02.2"], "."), (["1,214", "2.932", "255", "00:17:01", "50,2% L / 49,8% R"], None),
        (["3,40", "2.9"], None), ([], None),
    ],
)  # fmt: skip
def test_the_decimal_sign_is_told_by_cells_that_can_mean_one_thing_only(cells: list[str], sign: str | None) -> None:
    assert decimal_sign(cells) == sign


@pytest.mark.parametrize(
    ("cell", "unit", "sign", "in_metres", "metres"),
    [
        ("3,40", "km", ",", False, 3400.0), ("3,40", "km", None, False, 3400.0), ("10.50", "km", ".", False, 10500.0),
        ("10.5", "mi", ".", False, 16898.1), ("0.00", "km", ".", False, 0.0), ("1,214", "km", ".", True, 1214.0),
        ("1,214", "km", ",", True, 1214.0), ("1.214", "km", ",", True, 1214.0), ("1214", "mi", ".", True, 1214.0),
        ("400", "mi", ".", True, 400.0), ("6,640", "mi", ".", False, 6640.0), ("6.640", "mi", ".", False, 10686.0),
        ("6,640", "km", ".", False, 6640.0), ("6.640", "km", ".", False, 6640.0),
        ("0,640", "mi", None, False, 1030.0), ("1,214.5", "km", ".", False, 1214500.0),
        ("1.214,5", "km", ",", False, 1214500.0), ("1\u202f214,50", "km", ",", False, 1214500.0),
        ("6\u00a0640", "km", ",", False, 6640.0), ("1'214.50", "km", ".", False, 1214500.0),
        ("1,214,500", "km", ".", False, 1214500.0), ("12", "mi", ".", False, 19312.1), ("--", "km", ".", False, 0.0),
        ("", "km", ".", False, 0.0),
    ],
)  # fmt: skip
def test_distances_as_garmin_means_them(
    cell: str, unit: Unit, sign: str | None, in_metres: bool, metres: float
) -> None:
    assert round(Distances(unit, sign).metres(cell, in_metres=in_metres), 1) == metres


@pytest.mark.parametrize(
    "cell", ["12.5.3", "1,2,3", "-5.00", "inf", "1e3", "5 km", "٣,٤٠km", "1,21,400", "9" * 13, *TEXTS]
)
def test_what_is_no_distance_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        Distances("km", ".").metres(cell, in_metres=False)


def test_a_distance_that_may_be_metres_or_miles_is_refused_in_words(tmp_path: Path) -> None:
    head = "Activity Type,Date,Favorite,Title,Distance,Calories,Time"
    line = 'Running,2026-07-01 08:00:00,false,"Run","6,640",513,00:58:51'
    [problem] = read(tmp_path, rows(line, head=head), "mi")
    assert problem[:2] == ("Activities.csv:2", "the distance '6,640' may be 6640 metres or 6.640 miles")


def test_the_decimal_sign_of_a_file_is_told_by_all_its_cells_but_the_titles(tmp_path: Path) -> None:
    text = rows(row(1, "6,640").replace("Run 1", "3,40"), RUN)
    assert brief(read(tmp_path, text, "mi")) == [
        ("20260701T080000", "run", 6640.0),
        ("20260701T182345", "trail-run", 20132.9),
    ]


def test_what_garmin_lists_in_metres_is_so_below_a_thousand_too(tmp_path: Path) -> None:
    kinds = ("Track Running", "Indoor Track", "Pool Swim", "Rowing")
    found = read(tmp_path, rows(*(row(day, "800", kind, time="00:08:00") for day, kind in enumerate(kinds, 1))), "mi")
    assert [each.distance_m for each in found if isinstance(each, Activity)] == [800.0] * 4


def test_a_climb_beside_miles_is_left_out_as_it_may_be_in_feet(tmp_path: Path) -> None:
    [run] = read(tmp_path, rows(RUN), "mi")
    assert isinstance(run, Activity)
    assert (run.distance_m, run.elevation_m) == (pytest.approx(20132.89), None)


@pytest.mark.parametrize(
    ("head", "line", "found"),
    [
        ("Activity Type,Date,Favorite,Title,Distance,Calories,Time", "Ultra Running,{},false,\"U\",\"50.20\",\"3\",5:01:00", ("run", None, 50200.0)),
        ("Aktivitätstyp,Datum,Favorit,Titel,Distanz,Kalorien,Zeit", "Laufbandtraining,{},false,\"L\",\"5.10\",\"3\",00:31:00", ("treadmill-run", True, 5100.0)),
        ("Aktivitätstyp,Datum,Favorit,Titel,Distanz,Kalorien,Zeit", "Laufen auf der Bahn,{},false,\"L\",\"6,640\",\"3\",00:58:51", ("track-run", None, 6640.0)),
        ("Aktivitetstype,Dato,Favorit,Titel,Afstand,Kalorier,Tid", "Løb,{},false,\"L\",\"5,02\",\"3\",00:28:15", ("run", None, 5020.0)),
        ("Aktivitetstyp,Datum,Favorit,Titel,Distans,Kalorier,Tid", "Löpband,{},false,\"L\",\"5.02\",\"3\",00:28:15", ("treadmill-run", True, 5020.0)),
        ("Tipo de atividade,Data,Favorito,Título,Distância,Calorias,Tempo total", "Corrida em esteira,{},false,\"C\",\"2.49\",\"3\",00:44:17", ("treadmill-run", True, 2490.0)),
        ("Tipo de actividad,Fecha,Favorito,Título,Distancia,Calorías,Tiempo", "Entrenamiento en cinta,{},false,\"C\",\"8.68\",\"3\",01:06:47", ("treadmill-run", True, 8680.0)),
        ("Typ aktywności,Data,Ulubiony,Tytuł,Dystans,Suma kalorii,Czas", "Bieganie,{},false,\"B\",\"5.00\",\"3\",00:30:00", ("run", None, 5000.0)),
        ("Tevékenységtípus,Dátum,Kedvenc,Cím,Távolság,Kalória,Idő", "Beltéri futás,{},false,\"F\",\"5.00\",\"3\",00:30:00", ("treadmill-run", True, 5000.0)),
        ("Type d\u2019activité,Date,Favori,Titre,Distance,Calories,Durée", "Course à pied,{},false,\"S\",\"3.95\",\"3\",00:35:20", ("run", None, 3950.0)),
        ("Tipo di attività,Data,Preferita,Titolo,Distanza,Calorie,Tempo", "Corsa,{},false,\"S\",\"3.95\",\"3\",00:35:20", ("run", None, 3950.0)),
        ("Activiteittype,Datum,Favoriet,Titel,Afstand,Calorieën,Tijd", "Hardlopen,{},false,\"H\",\"3,95\",\"3\",00:35:20", ("run", None, 3950.0)),
        ("Uno,Due,Tre,Quattro,Cinque,Sei,Sette", "Running,{},true,\"in a language nobody knows\",\"3,95\",\"3\",00:35:20", ("run", None, 3950.0)),
        ("Activity Type,Date,Favorite,Title,Distance,Calories,Time", "Indoor Track,{},false,\"I\",\"2,400\",\"3\",00:15:00", ("track-run", None, 2400.0)),
        ("Activity Type,Date,Favorite,Title,Distance,Calories,Time", "Pool Swim,{},false,\"I\",\"1,500\",\"3\",00:31:00", ("swim", None, 1500.0)),
        ("Aktivitetstype,Dato,Favorit,Titel,Distance,Kalorier,Tid", "Løb terræn,{},false,\"L\",\"7.50\",\"3\",0:50", ("trail-run", None, 7500.0)),
        ("Tevékenységtípus,Dátum,Kedvenc,Cím,Távolság,Kalória,Idő", "Teremfutás,{},false,\"F\",\"5.00\",\"3\",00:30:00", ("treadmill-run", True, 5000.0)),
        ("Activity Type,Date,Distance,Time", "Running,{},\"8.00\",00:41:29", ("run", None, 8000.0)),
        ("Activity Type,Date,Favorite,Title,Distance,Calories,Time", "Virtual Running,{},false,\"V\",\"5.00\",\"3\",00:31:00", ("virtual-run", True, 5000.0)),
    ],
)  # fmt: skip
def test_every_language_is_read(tmp_path: Path, head: str, line: str, found: tuple[str, bool | None, float]) -> None:
    path = put(tmp_path / "Activities.csv", rows(line.format("2026-07-01 08:00:00"), head=head))
    [run] = pull(tmp_path)
    assert isinstance(run, Activity)
    assert (run.sport, run.indoor, run.distance_m) == found
    assert recognise(path) == {"type": "garmin-csv", "path": str(path), "unit": "km"}


def test_a_needed_column_of_an_unknown_name_is_found_by_its_place_only(tmp_path: Path) -> None:
    text = (
        "Activity Type,Date,Titulus,Distance,Calories,Tempus\nRunning,2024-08-06 20:55:00,Evening,8.04,520,00:41:29\n"
    )
    assert garmin_csv.recognise(put(tmp_path / "Activities.csv", text)) is None


def test_times_in_hours_and_minutes_are_told_by_the_speed_of_all_rows(tmp_path: Path) -> None:
    """Beside them stand columns with seconds, and in other lists `40:00` is minutes."""
    head = "Activity Type,Date,Favorite,Title,Distance,Calories,Time,Moving Time,Elapsed Time"
    short = [f'Running,2025-10-{day} 08:00:00,false,R,"{km}","1","{time}",{rest}' for day, km, time, rest in (
        (20, "11.20", "1:02", "01:01:12,01:02:18"), (21, "6.10", "0:33", "--,00:33:20"), (22, "4.00", "0:20", "--,0:31"))]  # fmt: skip
    found = read(tmp_path, rows(*short, head=head))
    assert [(each.moving_s, each.elapsed_s) for each in found if isinstance(each, Activity)] == [
        (3672.0, 3738.0), (1980.0, 2000.0), (1200.0, 1860.0)]  # fmt: skip
    [run] = read(tmp_path, rows(row(1, time="40:00")))
    assert isinstance(run, Activity) and run.moving_s == 2400.0


def test_an_odd_time_or_a_track_run_without_its_noughts_drops_no_run(tmp_path: Path) -> None:
    head = "Activity Type,Date,Favorite,Title,Distance,Calories,Time,Avg Pace,Moving Time"
    lines = [f"{kind},2024-08-0{day} 08:00:00,false,R,{cells}" for day, (kind, cells) in enumerate((
        ("Running", '"2.04","1",00:11:29,5:38,00:NaN:NaN'), ("Running", '"5.00","1",00:30:00,6:00,soon'),
        ("Track Running", '2,"1",00:09:14,4:37,00:09:14'), ("Track Running", '3,"1",00:15:00,--,00:15:00'),
        ("Track Running", '800,"1",00:04:00,5:00,--')), 1)]  # fmt: skip
    found = read(tmp_path, rows(*lines, head=head))
    runs = [(each.distance_m, each.moving_s) for each in found if isinstance(each, Activity)]
    assert runs == [(2040.0, 689.0), (5000.0, 1800.0), (2000.0, 554.0), (3.0, 900.0), (800.0, 240.0)]
    assert [(each.place, each.message, each.is_note) for each in found if isinstance(each, Problem)] == [
        ("Activities.csv:3", "Moving Time: 'soon' is not a number", True),
        ("Activities.csv:4", "the distance '2' of a run on a track is read as 2 km, as by its pace", True),
        ("Activities.csv:5", "the distance '3' of a run on a track may be 3 m or 3 km: it counts as 3 m until a correction "
         "gives the distance", True),
    ]  # fmt: skip


def test_the_pace_of_a_run_in_metres_shows_the_unit(tmp_path: Path) -> None:
    head = "Activity Type,Date,Favorite,Title,Distance,Calories,Time,Avg Pace"
    line = 'Track Running,2024-08-01 08:00:00,false,R,"6,437","1",00:32:00,8:00'
    path = put(tmp_path / "Activities.csv", rows(line, head=head))
    assert recognise(path) == {"type": "garmin-csv", "path": str(path), "unit": "mi"}
    assert list(warnings(Settings(name="garmin", path=str(path), unit="mi"), Context(tmp_path))) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_spreadsheets_way_to_save_does_no_harm(tmp_path: Path, encoding: str) -> None:
    text = rows(RUN, head=HEAD).replace("Lunch, hilly", "Mühle; süß")
    if encoding == "cp1252":
        text = "\n".join(";".join(cells) for cells in [HEAD.split(","), *_cells(text)])
    [run] = read(tmp_path, text.encode(encoding))
    assert isinstance(run, Activity)
    assert (run.name, run.distance_m) == ("Mühle; süß", 12510.0)


def _cells(text: str) -> list[list[str]]:
    return [[f'"{cell}"' for cell in cells] for cells in list(csv.reader(io.StringIO(text)))[1:]]


def test_bad_rows_are_told_with_their_places_and_the_rest_counts(tmp_path: Path) -> None:
    text = rows(
        row(1),
        row(2, distance="12.5.3"),
        row(3).replace("2026-07-03 08:00:00", "7/3/2026 8:00"),
        row(4).replace("2026-07-04", "2026-13-04"),
        row(5).replace("00:50:00", "00:61:00"),
        row(6, distance="400.00", time="00:02:00"),
        row(7).replace("2026-07-07", "0007-07-07"),
        row(8, kind=""),
        row(9, distance="--"),
        row(10) + ",,",
        "Running,2026-07-11 08:00:00,false",
    )
    assert [(each.place, each.message) if isinstance(each, Problem) else brief([each])[0] for each in read(tmp_path, text)] == [
        ("Activities.csv:3", "the distance '12.5.3' is not a number"),
        ("Activities.csv:4", "the date '7/3/2026 8:00' is not in Garmin's format; if a spreadsheet has rewritten the file, download it again"),
        ("Activities.csv:5", "the date '2026-13-04 08:00:00' does not exist"),
        ("Activities.csv:6", "Time: '00:61:00' is not a duration; write seconds, MM:SS or H:MM:SS"),
        ("Activities.csv:12", "the row has 3 cells, the header has 12"),
        ("20260701T080000", "run", 10000.0),
        ("20260705T080000", "run", 10000.0),
        ("Activities.csv:7", "400,000 m in 120 s is faster than anyone runs"),
        ("Activities.csv:8", "the start is in the year 7"),
        ("20260708T080000", "unknown", 10000.0),
        ("20260709T080000", "run", 0.0),
        ("Activities.csv: activity of 2026-07-09T05:00:00Z", "it has no distance: it counts as 0 m until a correction gives the distance"),
        ("20260710T080000", "run", 10000.0),
    ]  # fmt: skip


def test_what_cannot_be_read_is_kept_as_it_came(tmp_path: Path) -> None:
    text = rows(
        "Running,2026-07-01,false,R,5.00,1,00:30:00",
        "Running,2026",
        head="Activity Type,Date,Favorite,Title,Distance,Calories,Time",
    )
    assert [each.raw for each in read(tmp_path, text) if isinstance(each, Problem)] == [
        '{"Activity Type": "Running", "Date": "2026-07-01", "Favorite": "false", "Title": "R", "Distance": "5.00", '
        '"Calories": "1", "Time": "00:30:00"}',
        "Running,2026",
    ]


def test_newer_lists_win_where_they_differ_and_older_ones_add_what_they_lack(tmp_path: Path) -> None:
    put(tmp_path / "Activities.csv", rows(row(1, "10.00"), row(2, "11.00"), row(3, "12.00")), changed=1000)
    put(tmp_path / "Activities (1).csv", rows(row(2, "11.50", kind="Trail Running"), row(4, "13.00")), changed=3000)
    put(tmp_path / "Activities (2).csv", rows(row(2, "99.00"), row(4, "13.00"), row(5, "14.00")), changed=2000)
    runs = {
        1: ("run", 10000.0),
        2: ("trail-run", 11500.0),
        3: ("run", 12000.0),
        4: ("run", 13000.0),
        5: ("run", 14000.0),
    }
    expected = [(f"2026070{day}T080000", *run) for day, run in runs.items()]
    assert sorted(brief(pull(tmp_path, "Activities*.csv")), key=str) == expected


def test_several_activities_of_one_start_are_numbered_runs_first_and_repeated_rows_count_once(tmp_path: Path) -> None:
    again = row(1, "5.00").replace("false", "true").replace("Run 1", "Another title")
    text = rows(row(1, "40.00", "Cycling"), row(1, "5.00"), again, row(1, "7.00"))
    assert brief(read(tmp_path, text)) == [
        ("20260701T080000", "run", 7000.0),
        ("20260701T080000-2", "run", 5000.0),
        ("20260701T080000-3", "ride", 40000.0),
    ]
    turned = rows(*text.splitlines()[:0:-1])
    assert sorted(brief(read(tmp_path, turned)), key=str) == sorted(brief(read(tmp_path, text)), key=str)


def strides(unit_m: float, count: int = 5) -> str:
    """Runs of 10 of a unit: 172 strides of 1.1 m a minute for as long as it takes."""
    minutes = round(10 * unit_m / (172 * 1.1))
    time = f"{minutes // 60:02}:{minutes % 60:02}:00"
    return rows(*(row(day, time=time).replace('"--","--","--"', '"172","50","1.10"', 1) for day in range(1, count + 1)))


@pytest.mark.parametrize(
    ("unit_m", "count", "unit", "recognised", "said"),
    [
        (1000.0, 5, "km", "km", []),
        (1609.344, 5, "mi", "mi", []),
        (1609.344, 5, "km", "mi", ["its strides and paces are those of miles; check that `unit: km` is right"]),
        (1000.0, 5, "mi", "km", ["its strides and paces are those of kilometres; check that `unit: mi` is right"]),
        (1609.344, 4, "mi", "km", ["nothing in its files shows whether distances are km or mi; check that `unit: mi` is right"]),
    ],
)  # fmt: skip
def test_strides_give_the_unit(
    tmp_path: Path, unit_m: float, count: int, unit: Unit, recognised: str, said: list[str]
) -> None:
    path = put(tmp_path / "Activities.csv", strides(unit_m, count))
    assert recognise(path) == {"type": "garmin-csv", "path": str(path), "unit": recognised}
    assert list(warnings(Settings(name="garmin", path=str(path), unit=unit), Context(tmp_path))) == said
    problems = [each.message for each in pull(tmp_path, unit=unit) if isinstance(each, Problem)]
    assert problems == [line for line in said if line.startswith("its strides")]


NO_LISTS: dict[str, str | bytes] = {
    "another export": "Date,Type,Route Name,Distance (km),Duration,GPX File\n2026-07-01 08:00:00,Running,,5.0,30:00,\n",
    "a zip that is none": b"PK\x03\x04" + b"\0" * 100,
    "half a letter": b"\xff\xfe\x41",
}
UNLIKE_LISTS: dict[str, str | bytes] = {
    "no rows": HEAD,
    "no dates": rows(row(1).replace("2026-07-01 08:00:00", "yesterday")),
    "no times": rows(row(1, time="soon")),
}


@pytest.mark.parametrize("kind", [*NO_LISTS, *UNLIKE_LISTS])
def test_nothing_else_is_recognised_and_what_is_no_list_at_all_fails_the_pull(tmp_path: Path, kind: str) -> None:
    text = {**NO_LISTS, **UNLIKE_LISTS}[kind]
    assert garmin_csv.recognise(put(tmp_path / "Activities.csv", text)) is None
    if kind in NO_LISTS:
        with pytest.raises(SourceError, match="Activities"):
            read(tmp_path, text)


def test_a_folder_is_recognised_if_it_holds_lists_and_nothing_else(tmp_path: Path) -> None:
    put(tmp_path / "Activities.csv", rows(row(1)))
    for number in range(1, 25):
        put(tmp_path / f"Activities ({number}).csv", rows(row(2)))
    assert recognise(tmp_path) == {"type": "garmin-csv", "path": str(tmp_path), "unit": "km"}
    put(tmp_path / "run.fit", "")
    found = recognise(tmp_path)
    assert found is None or found["type"] != "garmin-csv"


def test_a_file_that_fits_the_pattern_and_is_no_list_is_told_and_the_lists_count(tmp_path: Path) -> None:
    put(tmp_path / "Activities.csv", rows(row(1)))
    put(tmp_path / "Activities budget.csv", "Month,Euro\nMay,3\n")
    assert brief(pull(tmp_path, "Activities*.csv")) == ["Activities budget.csv", ("20260701T080000", "run", 10000.0)]


def test_the_base_of_a_path_is_not_a_pattern(tmp_path: Path) -> None:
    base = tmp_path / "runs [old]"
    base.mkdir()
    put(base / "Activities.csv", rows(row(1)))
    assert brief(pull(base, "Acti*.csv")) == [("20260701T080000", "run", 10000.0)]
    for path in ("missing.csv", "missing*.csv", "~nobody-here/a.csv"):
        with pytest.raises(SourceError, match=r"no file or folder|no user nobody-here"):
            pull(base, path)


@pytest.mark.skipif(not SAMPLE.exists(), reason="the real list is not here")
def test_a_real_list_with_a_decimal_comma_under_english_headers_adds_up() -> None:
    found = pull(SAMPLE.parent, SAMPLE.name)
    runs = [each for each in found if isinstance(each, Activity)]
    kilometres = [line.split('"')[3] for line in SAMPLE.read_text(encoding="utf-8").splitlines()[1:]]
    assert len(found) == len(runs) == len(kilometres)
    assert round(sum(run.distance_m for run in runs)) == round(
        sum(float(text.replace(",", ".")) * 1000 for text in kilometres)
    )


def test_a_huge_file_is_a_problem_and_the_others_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tables lie in a folder of downloads too."""
    monkeypatch.setattr(csv_exports, "MOST_ROWS", 3)
    put(tmp_path / "Activities.csv", rows(row(1), "bent", row(2)))
    put(tmp_path / "other.csv", rows(row(3), "bent", "bent", row(4)))
    assert [each.message if isinstance(each, Problem) else each.native_id for each in pull(tmp_path, ".")] == [
        "other.csv has more than 3 rows; is it a list of activities?",
        "the row has 1 cells, the header has 12",
        "20260701T080000",
        "20260702T080000",
    ]


def test_a_cell_longer_than_any_figure_is_not_puzzled_over(tmp_path: Path) -> None:
    """Cells of this length kept a sync busy for many minutes."""
    long = "1" + " " * 100_000 + "x"
    bad, good = read(tmp_path, rows(row(1, distance=long), row(2)))
    assert isinstance(bad, Problem) and bad.message.startswith("the distance '1 ") and len(bad.message) < 200
    assert brief([good]) == [("20260702T080000", "run", 10000.0)]
    assert decimal_sign(["1" + " 000" * 30_000 + ",5", "2.5"]) == "."


def test_a_name_that_is_no_text_is_spelled_in_what_is_said(tmp_path: Path) -> None:
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/me@example.org_Activit\xe9s.csv"))
    put(file, rows(row(1, distance="--"), row(2)))
    said = [each.place for each in pull(tmp_path, file.name) if isinstance(each, Problem)]
    assert said == [r"account_Activit\xe9s.csv: activity of 2026-07-01T05:00:00Z"]


def test_an_entry_whose_start_was_edited_since_an_older_list_is_told(tmp_path: Path) -> None:
    """Lists hold no ids, so both count; one run after the other is no such case."""
    put(tmp_path / "Activities.csv", rows(row(1), row(2), row(3), row(4, distance="--")), 1_000_000)
    newest = rows(
        row(1, clock="08:00:05"), row(2, clock="07:30:00"), row(3, clock="08:50:00"), row(4, clock="08:00:05")
    )
    put(tmp_path / "Activities (1).csv", newest, 2_000_000)
    found = pull(tmp_path, "Activities*.csv")
    assert len([each for each in found if isinstance(each, Activity)]) == 8
    what = "it overlaps Activities (1).csv:{} in a newer list, and both count; if it was edited, remove the older list"
    said = {each.place: each.message for each in found if isinstance(each, Problem) and "overlaps" in each.message}
    assert said == {"Activities.csv:2": what.format(2), "Activities.csv:3": what.format(3)}
