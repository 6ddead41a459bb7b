"""How Strava's export calls its columns in the language of an account, as data.

Seen in exports, or in issues and programs that quote whole headers: English, German, Dutch, Spanish (Latin America),
Portuguese (Brazil and Portugal) and French. The same language changes its wording over the years, so several spellings
stand for one column. Columns this program does not use are left out.
"""

import re

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

_TAGS = re.compile(r"<[^>]*>")
_MISSING = re.compile(r"translation missing: .*\.([a-z_]+)")


def plain(header: str) -> str:
    """A column name as a person would write it.

    Exports of 2020 to 2023 hold names such as `<span class="translation_missing" ...>Dirt Distance</span>` and
    `translation missing: en-US.lib.export...horton_values.dirt_distance`.
    """
    text = _TAGS.sub("", header).replace("’", "'").replace("\ufeff", "")
    if missing := _MISSING.fullmatch(text.strip()):
        text = missing[1].replace("_", " ").title()
    return " ".join(text.split())


_ENGLISH_HEADERS = {
    spelling.casefold(): english for english, others in HEADERS.items() for spelling in (english, *others)
}


def english_header(name: str) -> str | None:
    """The English name of a column that is used here, or None."""
    return _ENGLISH_HEADERS.get(name.casefold())
