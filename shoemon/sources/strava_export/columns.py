"""Find the columns of a Strava activities.csv: by name in the known languages, else by content and order.

There are layouts of 10 to over 100 columns, and Strava adds to them every year, so nothing counts columns. Some names
occur twice: the first `Distance` is what the web site shows (kilometres cut to two places, metres for a swim, nautical
miles for a sail, in the notation of the language), the second is metres with a decimal dot. In all layouts with two,
columns are equally far from the second one.
"""

import contextlib
import re
from typing import NamedTuple

from shoemon.model.errors import SourceError
from shoemon.sources.kit import local_dates
from shoemon.sources.kit.csv_rows import distinct

HEADERS: dict[str, tuple[str, ...]] = {
    "Activity ID": (
        "Aktivitäts-ID", "Activiteits-ID", "Id. de actividad", "ID de actividad", "ID da atividade", "ID de l'activité",
    ),
    "Activity Date": (
        "Aktivitätsdatum", "Datum van activiteit", "Fecha de la actividad", "Data da atividade", "Date de l'activité",
    ),
    "Activity Name": (
        "Name der Aktivität", "Naam activiteit", "Naam van activiteit", "Nombre de la actividad", "Nome da atividade",
        "Nom de l'activité",
    ),
    "Activity Type": (
        "Aktivitätsart", "Activiteitstype", "Tipo de actividad", "Tipo de atividade", "Type d'activité",
    ),
    "Elapsed Time": (
        "Verstrichene Zeit", "Verstreken tijd", "Tiempo transcurrido", "Tempo decorrido", "Temps écoulé",
    ),
    "Distance": ("Distanz", "Afstand", "Distancia", "Distância"),
    "Activity Gear": (
        "Aktivitätsausrüstung", "Uitrusting voor activiteit", "Materiaal voor activiteit",
        "Equipamiento de la actividad", "Equipamento da atividade", "Matériel utilisé pour l'activité",
    ),
    "Filename": (
        "Dateiname", "Bestandsnaam", "Nombre de archivo", "Nombre del archivo", "Nome do arquivo", "Nome do ficheiro",
        "Nom du fichier",
    ),
    "Moving Time": (
        "Bewegungszeit", "Beweegtijd", "Tiempo en movimiento", "Tempo de movimentação", "Tempo em movimento",
        "Durée de déplacement",
    ),
    "Elevation Gain": (
        "Höhenzunahme", "Totale stijging", "Hoogteverschil", "Desnivel positivo", "Ganho de elevação",
        "Dénivelé positif",
    ),
    "Bike": ("Fahrrad", "Fiets", "Bicicleta", "Vélo"),
    "Gear": ("Ausrüstung", "Uitrusting", "Equipamiento", "Equipamento", "Matériel"),
    "Dirt Distance": (
        "Auf Schotter zurückgelegte Distanz", "Afstand (onverharde wegen)", "Distancia sobre tierra",
        "Distância na terra", "Distance sur chemin",
    ),
}  # fmt: skip
"""Names of columns in the language of an account, seen in exports, or in issues and programs that quote whole headers:
German, Dutch, Spanish (Latin America), Portuguese (Brazil and Portugal) and French. The wording of a language changes
over the years. Columns this program does not use are left out."""

_TAGS = re.compile(r"<[^>]*>")
_MISSING = re.compile(r"translation missing: .*\.([a-z_]+)")
ABSENT = -1


_FROM_METRES = {
    "gear_name": -6, "file": -5, "elapsed": -2, "moving": -1, "elevation": 3, "bike": 51, "gear": 52, "dirt": 64,
}  # fmt: skip
"""Places of columns from the second Distance, the same in exports of 78, 87 and 99 columns."""
_FIGURE = re.compile(r"(?:\d+(?:\.\d+)?)?")


class UnknownLanguageError(SourceError):
    """This is a Strava export in an unknown language; `reason` names what is."""

    def __init__(self, reason: str) -> None:
        remedy = "set the language of Strava to English, and download the export again"
        super().__init__(f"this is a Strava export, but {reason}; {remedy}", retryable=False)


class ColumnPlaces(NamedTuple):
    """Position of each column, or ABSENT; `names` are the keys of the raw record, repeated ones with `.1`."""

    names: tuple[str, ...]
    english: bool
    id: int
    date: int
    name: int
    type: int
    metres: int
    shown: int
    elapsed: int
    elapsed_shown: int
    moving: int
    elevation: int
    dirt: int
    gear: int
    bike: int
    gear_name: int
    file: int


_FIELDS = {
    ("Activity ID", 0): "id", ("Activity Date", 0): "date", ("Activity Name", 0): "name", ("Activity Type", 0): "type",
    ("Distance", 0): "shown", ("Distance", 1): "metres", ("Elapsed Time", 0): "elapsed_shown",
    ("Elapsed Time", 1): "elapsed", ("Moving Time", 0): "moving", ("Elevation Gain", 0): "elevation",
    ("Dirt Distance", 0): "dirt", ("Gear", 0): "gear", ("Bike", 0): "bike", ("Activity Gear", 0): "gear_name",
    ("Filename", 0): "file",
}  # fmt: skip
_OLD_FIELDS = {
    "id": "id", "date": "date", "name": "name", "type": "type", "elapsed_time": "elapsed", "distance": "metres",
    "gear": "gear_name", "filename": "file",
}  # fmt: skip
"""The layout before July 2019. Its only distance is metres, and its gear is a name, not an id."""
_NEEDED = {
    "id": "Activity ID", "date": "Activity Date", "type": "Activity Type", "metres": "the second Distance, in metres",
}  # fmt: skip
_REPEATED = re.compile(r"(.+)\.(\d)")


def columns_of(header: list[str], sample: list[list[str]], label: str) -> ColumnPlaces:
    """Find all columns, from the header and some rows. Raises SourceError that names the missing ones; `label` is the
    file's name."""
    plain_names = [plain(name) for name in header]
    if _OLD_FIELDS.keys() <= set(plain_names):
        found = {field: plain_names.index(name) for name, field in _OLD_FIELDS.items()}
        return _columns(plain_names, found, english=True)
    found = _by_name(plain_names)
    english = "Activity Date" in plain_names
    if not english:
        found = {**_by_content(plain_names, sample, found), **found}
    missing = [label for field, label in _NEEDED.items() if field not in found]
    if missing:
        # In every language two names are repeated, and the first column contains numbers.
        if sample and len(set(plain_names)) < len(plain_names) and all(row and row[0].isdigit() for row in sample):
            dates = f"its dates, such as {sample[0][1][:60]!r}," if len(sample[0]) > 1 else "its dates"
            what = f"{dates} are" if "date" not in found else f"the names of its columns ({', '.join(missing)}) are"
            raise UnknownLanguageError(f"{what} in a language that shoemon does not read")
        raise SourceError(
            f"{label}: these columns of a Strava export are missing: {', '.join(missing)}. Set the language of Strava "
            "to English and download the export again, or read the file with a source of type `table`",
            retryable=False,
        )
    return _columns(plain_names, found, english=english)


def _columns(plain_names: list[str], found: dict[str, int], *, english: bool) -> ColumnPlaces:
    places = [found.get(field, ABSENT) for field in ColumnPlaces._fields[2:]]
    return ColumnPlaces(tuple(distinct(plain_names)), english, *places)


def _by_name(plain_names: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    seen: dict[str, int] = {}
    for place, name in enumerate(plain_names):
        # pandas saves the second Distance as Distance.1, possibly without the first.
        repeated = _REPEATED.fullmatch(name)
        english = english_header(repeated[1] if repeated else name)
        if english is not None:
            times = int(repeated[2]) if repeated else seen.get(english, 0)
            seen[english] = times + 1
            if field := _FIELDS.get((english, times)):
                found.setdefault(field, place)
    return found


def _by_content(names: list[str], sample: list[list[str]], by_name: dict[str, int]) -> dict[str, int]:
    """Find columns without their names, in a layout whose order is known from the other languages."""
    width = min((len(row) for row in sample), default=0)
    cells = [[row[place].strip() for row in sample] for place in range(width)]
    found: dict[str, int] = {}
    if width > 4 and all(cell.isdigit() for cell in cells[0]) and _are_dates(cells[1]):
        found = {"id": 0, "date": 1, "name": 2, "type": 3}
    pairs = [(i, j) for i in range(4, min(width, 10)) for j in range(i + 7, min(width, i + 13))]
    pair = next((pair for pair in pairs if _repeat(names, *pair)), None)
    if pair := pair or next((pair for pair in pairs if _same(cells[pair[0]], cells[pair[1]])), None):
        shown, metres = pair
        places = {field: metres + more for field, more in _FROM_METRES.items() if metres + more < width}
        for field in ("bike", "gear", "dirt"):  # an older layout may have others there
            if not all(map(_FIGURE.fullmatch, cells[places.get(field, 0)])):
                places.pop(field, None)
        found |= {"shown": shown, "elapsed_shown": shown - 1, "metres": metres, **places}
    return {field: place for field, place in found.items() if place not in by_name.values()}


def _repeat(names: list[str], shown: int, metres: int) -> bool:
    """Return whether these columns, and those of the elapsed times before them, have the same names."""
    return len(names) > metres and names[shown] == names[metres] and names[shown - 1] == names[metres - 2]


def _are_dates(cells: list[str]) -> bool:
    """Return whether nine of ten cells are dates."""
    try:
        dates = local_dates.dates_of(cells)
    except local_dates.UnknownDatesError:
        return True  # what stands beside them may tell the language
    read = 0
    for cell in cells:
        with contextlib.suppress(ValueError):
            read += bool(dates.parse(cell))
    return read >= 0.9 * len(cells)


def _same(shown: list[str], metres: list[str]) -> bool:
    """Return whether `shown` is `metres` as kilometres cut to two places, in four of five rows or more."""
    compared = agreed = 0
    for short, long in zip(shown, metres, strict=True):
        try:
            kilometres, distance = float(short.replace(",", ".")), float(long)
        except ValueError:
            continue
        if distance > 0:
            compared += 1
            agreed += -0.5 < distance - 1000 * kilometres < 10.5
    return compared > 0 and agreed >= 0.8 * compared


def plain(header: str) -> str:
    """Return a column name as a person would write it. Exports of 2020 to 2023 contain names such as `<span
    class="translation_missing" ...>Dirt Distance</span>` and `translation missing:
    en-US.lib.export...horton_values.dirt_distance`."""
    text = _TAGS.sub("", header).replace("’", "'").replace("\ufeff", "")
    if missing := _MISSING.fullmatch(text.strip()):
        text = missing[1].replace("_", " ").title()
    return " ".join(text.split())


_ENGLISH_HEADERS = {
    spelling.casefold(): english for english, others in HEADERS.items() for spelling in (english, *others)
}


def english_header(name: str) -> str | None:
    """Return the English name of a column that is used here, or None."""
    return _ENGLISH_HEADERS.get(name.casefold())
