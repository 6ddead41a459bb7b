"""The Strava export: every test shows the file it reads."""

import csv
import json
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from kit import making
from kit.laid_exports import zipped
from kit.places import REAL_DATA

from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import MistakeError, SourceError
from shoemon.sources import Context
from shoemon.sources.kit.activities import ALL_UNPAVED
from shoemon.sources.kit.local_dates import dates_of
from shoemon.sources.strava_export import Settings, gear_key, make, recognise, warnings

EXPORTS = sorted((REAL_DATA / "strava_export").glob("*/activities.csv"))

HEADER = (
    "Activity ID,Activity Date,Activity Name,Activity Type,Activity Description,Elapsed Time,Distance,Max Heart Rate,"
    "Relative Effort,Commute,Activity Private Note,Activity Gear,Filename,Athlete Weight,Bike Weight,Elapsed Time,"
    "Moving Time,Distance,Max Speed,Average Speed,Elevation Gain,Bike,Gear,Dirt Distance"
)
RUN = (
    '11,"Mar 25, 2024, 6:01:54 AM",Morning Run,Run,,1963,5.70,,,false,,Pegasus,activities/99.fit.gz,,,'
    "1963.5,1858.0,5700.25,,,45.5,,21088801.0,1200.5"
)


def row(**cells: str) -> str:
    """A run in the layout of HEADER, with some of its cells replaced."""
    places = {"id": 0, "date": 1, "type": 3, "description": 4, "shown": 6, "gear_name": 11, "file": 12, "elapsed": 15, "moving": 16,
              "metres": 17, "bike": 21, "gear": 22, "dirt": 23}  # fmt: skip
    values = next(csv.reader([RUN]))
    for name, cell in cells.items():
        values[places[name]] = cell
    return ",".join('"' + value.replace('"', '""') + '"' for value in values)


def write(folder: Path, text: str, name: str = "activities.csv") -> Path:
    """A list with its tracks beside it."""
    path = folder / name
    path.write_bytes(text.encode())
    (folder / "activities").mkdir(exist_ok=True)
    (folder / "activities/99.fit.gz").touch()
    return path


def read(path: Path, zone: str = "UTC") -> list[Activity | Problem]:
    with closing(make(Settings(name="strava", path=str(path)), Context(path.parent, zone)).pull(None)) as pull:
        return list(pull)


def read_text(folder: Path, *lines: str, zone: str = "UTC") -> list[Activity | Problem]:
    return read(write(folder, "\n".join(lines) + "\n"), zone)


def one(folder: Path, *lines: str, zone: str = "UTC") -> Activity:
    (activity,) = read_text(folder, *lines, zone=zone)
    assert isinstance(activity, Activity), activity
    return activity


def test_a_row_becomes_an_activity_whole(tmp_path):
    assert one(tmp_path, HEADER, RUN, zone="Europe/Helsinki") == making.run(
        "strava:11", "2024-03-25T06:01:54Z", utc_offset_s=7200, sport="run", sport_raw="Run", name="Morning Run",
        distance_m=5700.25, moving_s=1858.0, elapsed_s=1963.5, elevation_m=45.5, gear_raw="21088800",
        gear_name="Pegasus", unpaved_m=1200.5, track="activities/99.fit.gz",
        raw=json.dumps({
            "Activity ID": "11", "Activity Date": "Mar 25, 2024, 6:01:54 AM", "Activity Name": "Morning Run",
            "Activity Type": "Run", "Elapsed Time": "1963", "Distance": "5.70", "Commute": "false",
            "Activity Gear": "Pegasus", "Filename": "activities/99.fit.gz", "Elapsed Time.1": "1963.5",
            "Moving Time": "1858.0", "Distance.1": "5700.25", "Elevation Gain": "45.5", "Gear": "21088801.0",
            "Dirt Distance": "1200.5",
        }),
    )  # fmt: skip


def test_the_layout_before_2019_has_metres_and_a_gear_name(tmp_path):
    activity = one(
        tmp_path,
        "id,date,name,type,description,elapsed_time,distance,commute,gear,filename",
        "7,2014-09-12 16:54:28,Evening,Run,,1200,3681.0,false,Old Pair,activities/7.gpx",
    )
    assert (activity.distance_m, activity.elapsed_s, activity.started_at) == (3681.0, 1200, "2014-09-12T16:54:28Z")
    assert (activity.gear_raw, activity.gear_name, activity.unpaved_m) == ("Old Pair", "Old Pair", None)


LANGUAGES = {
    "de": (
        "Aktivitäts-ID,Aktivitätsdatum,Name der Aktivität,Aktivitätsart,Distanz,Aktivitätsausrüstung,Dateiname,"
        "Verstrichene Zeit,Bewegungszeit,Distanz,Höhenzunahme,Fahrrad,Ausrüstung,Auf Schotter zurückgelegte Distanz",
        "25.03.2024, 18:01:54", "Lauf",
    ),
    "nl": (
        "Activiteits-ID,Datum van activiteit,Naam activiteit,Activiteitstype,Afstand,Uitrusting voor activiteit,"
        "Bestandsnaam,Verstreken tijd,Beweegtijd,Afstand,Totale stijging,Fiets,Uitrusting,Afstand (onverharde wegen)",
        "25 mrt. 2024 18:01:54", "Hardloopsessie",
    ),
    "es": (
        "Id. de actividad,Fecha de la actividad,Nombre de la actividad,Tipo de actividad,Distancia,"
        "Equipamiento de la actividad,Nombre de archivo,Tiempo transcurrido,Tiempo en movimiento,Distancia,"
        "Desnivel positivo,Bicicleta,Equipamiento,Distancia sobre tierra",
        "25 mar 2024, 6:01:54\u202fp.\u00a0m.", "Carrera",
    ),
    "pt": (
        "ID da atividade,Data da atividade,Nome da atividade,Tipo de atividade,Distância,Equipamento da atividade,"
        "Nome do arquivo,Tempo decorrido,Tempo de movimentação,Distância,Ganho de elevação,Bicicleta,Equipamento,"
        "Distância na terra",
        "25 de mar. de 2024, 18:01:54", "Corrida",
    ),
    "fr": (
        "ID de l’activité,Date de l'activité,Nom de l'activité,Type d'activité,Distance,"
        "Matériel utilisé pour l'activité,Nom du fichier,Temps écoulé,Durée de déplacement,Distance,Dénivelé positif,"
        "Vélo,Matériel,Distance sur chemin",
        "25 mars 2024 à 18:01:54", "Course à pied",
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same(tmp_path, language):
    header, date, kind = LANGUAGES[language]
    activity = one(
        tmp_path,
        header,
        f'11,"{date}",Tempo,{kind},"5,70",Pegasus,activities/99.fit.gz,1963,1858.0,5700.25,45.5,,9,1200.5',
    )
    assert activity[3:15] == (
        "2024-03-25T18:01:54Z", "2024-03-25", 0, "run", kind, "Tempo", 5700.25, 1858.0, 1963.0, 45.5, "9", "Pegasus",
    )  # fmt: skip
    assert (activity.unpaved_m, activity.track) == (1200.5, "activities/99.fit.gz")
    assert recognise(tmp_path) == {"type": "strava-export", "path": str(tmp_path)}


@pytest.mark.parametrize(
    ("date", "started_at"),
    [
        ("Jan 1, 2020, 12:00:00 AM", "2020-01-01T00:00:00Z"),
        ("Jan 1, 2020, 12:00:00\u202fPM", "2020-01-01T12:00:00Z"),
        ("Sept 30, 2020, 1:02:03 PM", "2020-09-30T13:02:03Z"),
        ("31 Dec 2020, 23:59:59", "2020-12-31T23:59:59Z"),
        ("2020-02-29 01:02:03", "2020-02-29T01:02:03Z"),
        ("2020-02-29T01:02:03+02:00", "2020-02-28T23:02:03Z"),
        ("25/03/2024, 06:01:54", "2024-03-25T06:01:54Z"),
        ("8 juil. 2017 15:52:12", "2017-07-08T15:52:12Z"),
        ("8 juin 2017 15:52:12", "2017-06-08T15:52:12Z"),
        ("1 févr. 2017 15:52:12", "2017-02-01T15:52:12Z"),
        ("1. Mär. 2017, 15:52", "2017-03-01T15:52:00Z"),
        ("23 jun. 2017 15:52:12", "2017-06-23T15:52:12Z"),
        ("2024年3月25日 下午6:01:54", "2024-03-25T18:01:54Z"),
        ("", "the date is blank"),
        ("yesterday", "the date 'yesterday' cannot be read"),
        ("Feb 30, 2020, 1:00:00 AM", ""),
        ("Foo 3, 2020, 1:00:00 AM", "the date 'Foo 3, 2020, 1:00:00 AM' cannot be read"),
        ("Mar 25, 2024", "the date 'Mar 25, 2024' cannot be read"),
        ("Jan 1, 0001, 1:00:00 AM", "the date 'Jan 1, 0001, 1:00:00 AM' is in the year 1"),
        ("3/4/2024, 06:01:54", "the date has slashes, and either number may be the month"),
    ],
)
def test_dates_are_utc_in_many_notations(tmp_path, date, started_at):
    (record,) = read_text(tmp_path, HEADER, row(date=date))
    assert (record.started_at if isinstance(record, Activity) else record.message).startswith(started_at)
    assert isinstance(record, Activity) == started_at.endswith("Z")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"metres": "", "shown": "5.70"}, "the distance in metres is blank, but the other distance is '5.70'"),
        ({"metres": "nan"}, "a distance of nan m is impossible"),
        ({"metres": "far"}, "the distance is unreadable: "),
        ({"metres": "12,345"}, "the distance is unreadable: '12,345' may be 12345 or 12.345"),
        ({"metres": "30000", "elapsed": "1800", "moving": "1800"}, "30,000 m in 1,800 s is faster than anyone runs"),
        ({"id": ""}, "the activity id is blank"),
        ({"id": "1.02E+11"}, "the activity id '1.02E+11' is not a number"),
    ],
)
def test_an_impossible_distance_or_id_is_a_problem(tmp_path, cells, expected):
    (record,) = read_text(tmp_path, HEADER, row(**cells))
    assert isinstance(record, Problem)
    assert record.message.startswith(expected)
    assert record.place == "activities.csv:2"


FIELDS: list[tuple[dict[str, str], dict[str, object]]] = [
    *((cells, {"distance_m": metres}) for cells, metres in (
        ({"metres": "5700.25", "shown": "3.54"}, 5700.25), ({"metres": "", "shown": "0", "type": "Weight Training"}, 0.0),
        ({"metres": "", "shown": ""}, 0.0), ({"metres": "5700,25"}, 5700.25), ({"metres": "12,345.5"}, 12345.5),
        ({"metres": "12.345,5"}, 12345.5), ({"metres": "713459.6875", "type": "Ride"}, 713459.6875),
        ({"metres": "1000.0", "elapsed": "1", "dirt": ""}, 1000.0), ({"metres": "5000.0", "elapsed": "0"}, 5000.0))),
    *((cells, {"gear_raw": id, "gear_name": name}) for cells, id, name in (
        ({"gear": "6418189.0"}, "6418189", "Pegasus"), ({"gear": "", "bike": "55.0", "type": "Ride"}, "55", "Pegasus"),
        ({"gear": ""}, "Pegasus", "Pegasus"), ({"gear": "6418189.0", "gear_name": ""}, "6418189", None),
        ({"gear": "", "gear_name": ""}, None, None))),
    *(({"dirt": dirt}, {"unpaved_m": metres}) for dirt, metres in (
        ("", None), ("0.0", 0.0), ("12.5", 12.5), ("9999", 5700.25), ("x", None))),
    *(({"type": kind}, {"sport": sport, "sport_raw": kind, "indoor": indoor}) for kind, sport, indoor in (
        ("Run", "run", None), ("Trail Run", "trail-run", None), ("Virtual Run", "virtual-run", True),
        ("Laufband", "treadmill-run", True), ("Virtuelle Radfahrt", "ride", True), ("Pedalada", "ride", None),
        ("Randonnée", "hike", None), ("Curling", "unknown", None))),
]  # fmt: skip


def test_fields(tmp_path):
    """Gear is the id, else the name; no more than the run is unpaved, with a note."""
    records = read_text(tmp_path, HEADER, *(row(id=str(number), **cells) for number, (cells, _) in enumerate(FIELDS)))
    found = [each for each in records if isinstance(each, Activity)]
    over = next(number for number, (cells, _) in enumerate(FIELDS, 2) if cells == {"dirt": "9999"})
    assert [each[:2] for each in records if each not in found] == [(f"activities.csv:{over}", ALL_UNPAVED)]
    read = [{name: getattr(each, name) for name in expected} for each, (_, expected) in zip(found, FIELDS, strict=True)]
    assert read == [expected for _, expected in FIELDS]


def test_a_bad_or_repeated_row_leaves_the_others_and_says_where_it_stands(tmp_path):
    records = read_text(
        tmp_path, HEADER, row(id="1", description='two\nlines, "quoted" 🏃'), "", row(id="2", date="", description="x" * 9999),
        row(id="3"), "4,cut off", row(id="3"), row(id="3", metres="9000.0"),
    )  # fmt: skip
    assert [(each.native_id, each.distance_m) for each in records if isinstance(each, Activity)] == [
        ("1", 5700.25),
        ("3", 5700.25),
    ]
    problems = [record for record in records if isinstance(record, Problem)]
    assert [problem[:2] for problem in problems] == [
        ("activities.csv:5", "the date is blank"),
        ("activities.csv:7", "the row has 2 cells, the header has 24"),
        ("activities.csv:9", "activity 3 is already in activities.csv:6, with other content"),
    ]
    assert len(problems[0].raw) == 2000


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("21088801", "21088800"), ("21088801.0", "21088800"), ("g21088801", "21088800"), ("21088800.0", "21088800"),
        ("25287031", "25287032"), ("25287032.0", "25287032"), ("6418189.0", "6418189"), ("b123", "b123"),
        ("Pegasus 40", "Pegasus 40"), ("", ""), ("g21088801.5", "g21088801.5"),
    ],
)  # fmt: skip
def test_the_ids_of_one_pair_make_one_key(text, key):
    assert gear_key(text) == key


SPAN = '<span class=""translation_missing"" title=""translation missing: en-US.lib.export.horton_values.{}"">{}</span>'


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\n" + text,
        lambda text: text.replace("Dirt Distance", f'"{SPAN.format("dirt_distance", "Dirt Distance")}"'),
        lambda text: text.replace("Dirt Distance", "translation missing: en-US.lib.export.horton_values.dirt_distance"),
        lambda text: text.replace("Moving Time,Distance", "Moving Time,Distance.1").replace(
            ",Distance,Max", ",False,Max"
        ),
        lambda text: resaved(text, ";").replace("5700.25", "5700,25").replace("1200.5", "1200,5"),
        lambda text: resaved(text, "\t"),
    ],
    ids=["byte order mark", "CRLF", "blank line first", "span", "translation missing", "pandas", "semicolons", "tabs"],
)
def test_what_programs_and_years_do_to_the_file_changes_no_activity(tmp_path, change):
    text = f"{HEADER}\n{RUN}\n"
    (plain,), (changed,) = read(write(tmp_path, text, "a.csv")), read(write(tmp_path, change(text), "b.csv"))
    assert isinstance(plain, Activity)
    assert isinstance(changed, Activity)
    assert changed._replace(raw="") == plain._replace(raw="")
    assert recognise(tmp_path / "b.csv") is not None


def resaved(text: str, delimiter: str) -> str:
    lines = [
        delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in cells)
        for cells in csv.reader(text.splitlines())
    ]
    return "\n".join(lines) + "\n"


UNKNOWN = (
    "ID aktywności,Data aktywności,Nazwa,Rodzaj,Opis,Czas,Dystans,Sprzęt,Plik,Waga,Waga roweru,Czas trwania,W ruchu,"
    "Dystans w m,Maks,Śr,Wznios\n"
)


def test_an_unknown_language_is_read_by_what_the_columns_hold(tmp_path):
    activity = one(
        tmp_path,
        UNKNOWN.strip(),
        '11,"25.03.2024, 18:01:54",Rano,Bieg,,1963,"5,70",But,activities/99.fit.gz,,,1964.0,1858.0,5700.25,,,45.5',
    )
    assert activity[3:15] == (
        "2024-03-25T18:01:54Z", "2024-03-25", 0, "run", "Bieg", "Rano", 5700.25, 1858.0, 1964.0, 45.5, "But", "But",
    )  # fmt: skip


DATES = {
    "pl": ("14 paź 2024, 19:01:02", "Bieg"), "ru": ("14 окт. 2024\u202fг., 19:01:02", "Забег"),
    "uk": ("14 жовт. 2024\u202fр., 19:01:02", "Біг"), "tr": ("14 Eki 2024 19:01:02", "Koşu"),
    "hu": ("2024. okt. 14. 19:01:02", "Futás"), "ro": ("14 oct. 2024, 19:01:02", "Alergare"),
    "el": ("14 Οκτ 2024, 7:01:02\u202fμ.μ.", "Τρέξιμο"), "ca": ("14 d’oct. 2024, 19:01:02", "Cursa"),
    "zh-Hant": ("2024年10月14日 晚上7:01:02", "跑步"), "zh-Hant, two halves": ("2024年10月14日 下午7:01:02", "跑步"),
    "it": ("14 ott 2024, 19:01:02", "Corsa"), "da": ("14. okt. 2024 19.01.02", "Løb"), "cs": ("14. 10. 2024 19:01:02", "Běh"),
    "fi": ("14.10.2024 klo 19.01.02", "Juoksu"), "vi": ("19:01:02 14 thg 10, 2024", "Chạy bộ"),
    "th": ("14 ต.ค. 2567 19:01:02", "วิ่ง"), "ko": ("2024. 10. 14. 오후 7:01:02", "달리기"), "lv": ("2024. gada 14. okt. 19:01:02", "Run"),
}  # fmt: skip
NAMES = [*(f"κ{number}" for number in range(102)), "Dirt Distance"]
NAMES[15], NAMES[17] = NAMES[5], NAMES[6]  # elapsed time and distance occur twice in every language
POLISH = (
    "Identyfikator aktywności,Data aktywności,Nazwa aktywności,Typ aktywności,Opis aktywności,Czas,Dystans,Dojazd,Sprzęt,"
    'Nazwa pliku,Masa,Masa roweru,Czas,Czas ruchu,Dystans,"<span class=""translation_missing"" title=""translation '
    'missing: pl.lib.export.horton_values.dirt_distance"">Dirt Distance</span>"'
)


@pytest.mark.parametrize("language", DATES)
def test_the_columns_of_a_language_are_found_by_their_order_and_its_dates_by_their_words(tmp_path, language):
    """No track shows which column is the file's; the pair has its id too."""
    date, kind = DATES[language]
    cells = ["11", date, "Titel", kind, "", "1963", "5,70", *[""] * 4, "Pegasus", "", "", "", "1964.0", "1858.0", "5700.25",
             "", "", "45.5", *[""] * 48, "9.0", *[""] * 11, "80.5", *[""] * 20, "1200.5"]  # fmt: skip
    activity = one(tmp_path, ",".join(NAMES), ",".join(f'"{cell}"' for cell in cells))
    assert activity[3:15] == (
        "2024-10-14T19:01:02Z", "2024-10-14", 0, "run", kind, "Titel", 5700.25, 1858.0, 1964.0, 45.5, "9", "Pegasus",
    )  # fmt: skip
    assert (activity.unpaved_m, recognise(tmp_path)) == (1200.5, {"type": "strava-export", "path": str(tmp_path)})


def polish(date: str, kind: str = "Bieg", dirt: str = "3") -> str:
    return f'11,"{date}",Rano,{kind},,3000,"10,2",false,But,,,,3000,2950,10200,{dirt}'


@pytest.mark.parametrize(
    "text",
    ["6 мая 2025 г. в 7:01:02", "6 травня 2025 р. о 7:01:02", "6 mei 2025 om 7:01:02", "6 de maig del 2025, a les 7:01:02",
     "6 de mayo de 2025, a las 7:01:02", "6. května 2025 v 7:01:02", "6 Μαΐου 2025 στις 7:01:02"],
)  # fmt: skip
def test_a_date_may_have_a_word_before_its_time(text):
    assert str(dates_of([text]).parse(text)) == "2025-05-06 07:01:02+00:00"


def test_one_language_is_chosen_for_all_dates_of_a_file(tmp_path):
    """`lis` is November in Polish and Czech, October in Croatian: other months decide, or the letters of the header."""
    first, second = read_text(
        tmp_path, POLISH, polish("14 lis 2024, 07:01:02"), polish("1 gru 2024, 07:01:02").replace("11", "12", 1)
    )
    assert [first.started_at, second.started_at] == ["2024-11-14T07:01:02Z", "2024-12-01T07:01:02Z"]
    assert (one(tmp_path, POLISH, polish("14 lis 2024, 07:01:02")).started_at, first.unpaved_m) == (
        "2024-11-14T07:01:02Z",
        3.0,
    )
    path = write(
        tmp_path, "\n".join([POLISH.replace("ś", "s").replace("ę", "e"), polish("14 lis 2024, 07:01:02", "Run")])
    )
    with pytest.raises(
        SourceError,
        match=r"'lis' in its dates may be Croatian or Czech or Polish; set the language of Strava to English",
    ):
        read(path)
    with pytest.raises(MistakeError, match=r"this is a Strava export, but 'lis' in its dates may be"):
        recognise(path)
    path = write(tmp_path, "\n".join([POLISH, polish("14 xyz 2024, 07:01:02")]))
    with pytest.raises(
        MistakeError, match="its dates, such as '14 xyz 2024, 07:01:02', are in a language that shoemon does not read"
    ):
        recognise(path)


def test_a_list_alone_says_once_where_its_tracks_are(tmp_path):
    path = tmp_path / "activities.csv"
    path.write_text("\n".join([HEADER, row(id="1"), row(id="2"), row(id="3", file="")]))
    said = (
        "2 tracks are in the zip that Strava sends, not beside activities.csv; name that zip in `path`, or unpack its "
        "folder `activities` there"
    )
    settings, context = Settings(name="strava", path=str(path)), Context(tmp_path)
    pull = make(settings, context).pull(None)
    assert [each for each in pull if isinstance(each, Problem)] == [Problem("activities.csv", said, is_note=True)]
    assert list(warnings(settings, context)) == [said]
    (tmp_path / "activities").mkdir()
    again = make(settings, context).pull(pull.cursor)
    assert (again.unchanged, [each for each in again if isinstance(each, Problem)]) == (False, [])
    assert list(warnings(settings, context)) == []


def test_columns_that_cannot_be_found_are_named_with_the_remedy(tmp_path):
    path = write(tmp_path, UNKNOWN + "eleven,soon,Rano,Bieg,,1963,5,But,,,,1963.0,1858.0,5700.25,,,45.5\n")
    with pytest.raises(SourceError, match=r"Activity ID, Activity Date, Activity Type, the second .*English.*table"):
        read(path)
    # Kilometres, cut to two places: never taken for metres.
    path = write(tmp_path, 'Activity ID,Activity Date,Activity Type,Distance\n11,"Mar 25, 2024, 6:01:54 AM",Run,5.70\n')
    with pytest.raises(SourceError, match="missing: the second Distance, in metres"):
        read(path)


@pytest.mark.parametrize(
    "text",
    [
        "Activity Type,Date,Favorite,Title,Distance,Calories,Time\nRunning,2026-01-19 18:05:42,false,Run,5.01,300,00:30:00\n",
        "Date,Type,Route Name,Distance (km),Duration,Notes,GPX File\n2016-02-06 07:48:00,Running,,5.1,30:00,,x.gpx\n",
        "id,date,name,type,distance\n1,2024-03-25,Morning,Run,5\n",
        "a,b\n1,2\n",
    ],
)
def test_other_files_are_not_claimed(tmp_path, text):
    assert recognise(write(tmp_path, text)) is None
    assert recognise(tmp_path) is None
    assert recognise(tmp_path / "missing.csv") is None


@pytest.mark.parametrize("member", ["activities.csv", "export_123/activities.csv"])
def test_zip_and_folder_and_file_give_the_same(tmp_path, member):
    text = f"{HEADER}\n{RUN}\n{row(id='x')}\n"
    archive = zipped(
        tmp_path / "export.zip", {member: text, f"__MACOSX/{member}": "junk", "routes/activities.csv/x": ""}
    )
    folder = tmp_path / "unpacked" / Path(member).parent
    folder.mkdir(parents=True)
    bare = write(folder, text)
    run, problem = read(bare)
    expected = [run, problem._replace(place=f"{member}:3")]
    assert read(tmp_path / "unpacked") == expected
    assert read(archive)[:2] == expected
    for path in (archive, tmp_path / "unpacked", bare):
        assert recognise(path) == {"type": "strava-export", "path": str(path)}


def spoiled(path: Path) -> Path:
    content = bytearray(zipped(path, {"activities.csv": f"{HEADER}\n{RUN}\n"}).read_bytes())
    content[80:90] = b"0123456789"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (spoiled, "is broken .*export again"),
        (lambda path: zipped(path, {"shoes.csv": ""}), "contains no activities.csv"),
        (lambda path: zipped(path, {"a/activities.csv": "", "b/activities.csv": ""}), r"contains several lists \(a/activities.csv, b/activities.csv\)"),
        (lambda path: path, "there is no file or folder .*correct `path`"),
    ],
    ids=["spoiled", "other zip", "several", "missing"],
)  # fmt: skip
def test_zips_without_one_readable_list_are_refused_in_words(tmp_path, build, message):
    path = build(tmp_path / "export.zip")
    with pytest.raises(SourceError, match=message):
        read(path)


@pytest.mark.skipif(not EXPORTS, reason="the sample exports are not here")
@pytest.mark.parametrize("path", EXPORTS, ids=lambda path: path.parent.name)
def test_real_exports_add_up_to_an_independent_sum(path):
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    metres = header.index("Distance", header.index("Distance") + 1)
    runs = [cells for cells in rows if cells[header.index("Activity Type")] == "Run"]
    per_gear: Counter[str] = Counter()
    for cells in runs:
        gear = next(filter(None, (cells[header.index(name)] for name in ("Gear", "Bike", "Activity Gear"))), "")
        per_gear[gear.removesuffix(".0")] += round(float(cells[metres]) * 1000)
    records = read(path)
    activities = [record for record in records if isinstance(record, Activity)]
    named = sum(bool(cells[header.index("Filename")]) for cells in rows)
    away = [] if (path.parent / "activities").is_dir() else [f"{named:,} tracks are in the zip"]
    assert len(activities) == len(rows)
    assert [each.message.split(" that")[0] for each in records if isinstance(each, Problem)] == away
    found: Counter[str] = Counter()
    for activity in activities:
        if activity.sport == "run":
            found[activity.gear_raw or ""] += round(activity.distance_m * 1000)
    assert (found, sum(a.sport == "run" for a in activities)) == (per_gear, len(runs))
    assert recognise(path) == {"type": "strava-export", "path": str(path)}
