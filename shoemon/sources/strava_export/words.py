"""How Strava's export says things in the language of an account: column names and kinds of activity, as data.

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

_TYPES: dict[str, tuple[str, ...]] = {
    "Run": (
        "Lauf", "Laufen", "Hardloopsessie", "Hardlopen", "Carrera", "Corrida", "Course à pied",
        # Words of languages whose headers are not known; the columns are then found by what they hold.
        "Corsa", "Bieg", "Bieganie", "Löpning", "Løb", "Løping", "Løpetur", "Juoksu", "ランニング", "跑步", "달리기",
    ),
    "Trail Run": (
        "Traillauf", "Trailrun", "Trailrunning", "Carrera de trail", "Carrera de montaña", "Carrera por senderos",
        "Corrida em trilha", "Corrida em trilho", "Trail", "Course de trail",
    ),
    "Virtual Run": (
        "Virtueller Lauf", "Virtuelle hardloopsessie", "Virtueel hardlopen", "Carrera virtual", "Corrida virtual",
        "Course à pied virtuelle", "Course virtuelle",
    ),
    "Treadmill Run": (
        "Laufbandlauf", "Laufband", "Loopbandsessie", "Loopband", "Carrera en cinta", "Cinta de correr",
        "Corrida em esteira", "Corrida na esteira", "Corrida em passadeira", "Course sur tapis",
        "Course à pied sur tapis",
    ),
    "Walk": (
        "Spaziergang", "Gehen", "Wandeling", "Caminata", "Caminar", "Caminhada", "Marche", "Passeio",
    ),
    "Hike": ("Wanderung", "Wandern", "Wandeltocht", "Hiken", "Senderismo", "Excursión", "Trilha", "Randonnée"),
    "Ride": (
        "Radfahrt", "Fietsrit", "Bicicleta", "Ciclismo", "Pedalada", "Volta de bicicleta", "Vélo", "Sortie vélo",
    ),
    "Virtual Ride": (
        "Virtuelle Radfahrt", "Virtuelle fietsrit", "Bicicleta virtual", "Ciclismo virtual", "Pedalada virtual",
        "Sortie vélo virtuelle", "Vélo virtuel",
    ),
    "E-Bike Ride": ("E-Bike-Radfahrt", "E-bikerit", "Sortie vélo électrique", "Vélo électrique"),
    "Swim": ("Schwimmen", "Zwemmen", "Natación", "Natação", "Natation"),
    "Rowing": ("Rudern", "Roeien", "Remo", "Aviron", "Rameur"),
    "Weight Training": (
        "Gewichtstraining", "Krafttraining", "Krachttraining", "Entrenamiento con pesas", "Treino com peso",
        "Treinamento com pesos", "Musculação", "Entraînement aux poids", "Musculation",
    ),
    "Workout": ("Training", "Entrenamiento", "Treino", "Entraînement"),
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
_ENGLISH_TYPES = {spelling.casefold(): english for english, others in _TYPES.items() for spelling in others}


def english_header(name: str) -> str | None:
    """The English name of a column that is used here, or None."""
    return _ENGLISH_HEADERS.get(name.casefold())


def english_type(word: str) -> str:
    """The English name of a kind of activity; `word` itself where it is English or not known."""
    return _ENGLISH_TYPES.get(" ".join(word.replace("’", "'").split()).casefold(), word)
