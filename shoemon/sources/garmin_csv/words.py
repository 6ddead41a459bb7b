"""The columns of Garmin Connect's list in the language of an account, as data.

Names of columns were seen in exports, or in programs that quote whole headers: English, Danish, Dutch, French, German,
Italian, Norwegian, Polish, Portuguese, Spanish, Swedish and, in part, Hungarian. The wording changes over the years, so
a column has several names; columns that are not used here are left out.
"""

from collections.abc import Sequence
from functools import cache

from shoemon.model.sports import sport_of
from shoemon.sources.kit.activity_types import english_type
from shoemon.sources.kit.cells import plain_word

ORDER = ("type", "date", "favourite", "title", "distance", "calories", "time")
"""The first columns of every list, in every language."""
_HEADERS: dict[str, tuple[str, ...]] = {
    "type": (
        "Activity Type", "Aktivitätstyp", "Activiteittype", "Aktivitetstype", "Aktivitetstyp", "Tipo de actividad",
        "Tipo de atividade", "Tipo di attività", "Type d'activité", "Typ aktywności", "Tevékenységtípus",
    ),
    "date": ("Date", "Datum", "Dato", "Fecha", "Data", "Dátum"),
    "title": ("Title", "Titel", "Tittel", "Título", "Titolo", "Titre", "Tytuł", "Cím"),
    "distance": (
        "Distance", "Distanz", "Afstand", "Distanse", "Distans", "Distancia", "Distância", "Distanza", "Dystans", "Táv",
        "Távolság",
    ),
    "time": (
        "Time", "Activity Time", "Zeit", "Tijd", "Tid", "Tiempo", "Tempo", "Tempo total", "Durée", "Temps", "Czas",
        "Idő",
    ),
    "moving": (
        "Moving Time", "Zeit in Bewegung", "Tijd bewogen", "Tiempo en movimiento", "Tempo em movimento",
        "Tempo in movimento", "Temps de déplacement", "Tid i bevægelse", "Färdtid",
    ),
    "elapsed": (
        "Elapsed Time", "Verstrichene Zeit", "Verstreken tijd", "Tiempo transcurrido", "Tempo transcorrido",
        "Tempo decorrido", "Tempo trascorso", "Temps écoulé", "Tidsforbrug", "Total tid",
    ),
    "pace": (
        "Avg Pace", "Ø Pace", "Gem. tempo", "Gennemsnitstempo", "Medeltempo", "Gjennomsnittstempo", "Ritmo medio",
        "Ritmo médio", "Passo medio", "Allure moyenne", "Średnie tempo", "Átlagos tempó",
    ),
    "ascent": (
        "Total Ascent", "Elev Gain", "Elevation Gain", "Anstieg gesamt", "Positiver Höhenunterschied",
        "Totale stijging", "Samlet stigning", "Total stigning", "Stigning totalt", "Ascenso total", "Subida total",
        "Ascesa totale", "Ascension totale", "Całkowity wznios",
    ),
    "cadence": (
        "Avg Run Cadence", "Ø Schrittfrequenz (Laufen)", "Gennemsnit kadence løb", "Medellöpkadens",
        "Cadencia de carrera media", "Cadenza di corsa media", "Cadence de course moyenne", "Średni rytm biegu",
    ),
    "stride": (
        "Avg Stride Length", "Ø Schrittlänge", "Gem. staplengte", "Gennemsnitlig skridtlængde", "Medelsteglängd",
        "Gjennomsnittlig skrittlengde", "Longitud media de zancada", "Comprimento médio da passada",
        "Lunghezza media passo", "Longueur moyenne des foulées", "Średnia długość kroku",
    ),
}  # fmt: skip
NEEDED = ("type", "date", "distance", "time")
"""The columns that every row needs."""

_IN_METRES = frozenset({"track-run", "swim", "row"})
"""Listed in metres, whatever the account's unit: `"6,640"` for a run on a track, `"1,500"` for a swim."""
_FIELDS = {plain_word(name): field for field, names in _HEADERS.items() for name in names}


def columns_by_name(names: Sequence[str]) -> dict[str, str]:
    """Return the columns with a known name by their content; of two with one name the first."""
    found: dict[str, str] = {}
    for name in names:
        if field := _FIELDS.get(plain_word(name)):
            found.setdefault(field, name)
    return found


@cache
def is_in_metres(kind: str) -> bool:
    return sport_of(english_type(kind)) in _IN_METRES
