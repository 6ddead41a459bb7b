"""Strava's names of activity types in the language of an account, as data. Folders of tracks are named so too.

Seen in exports, or in issues and programs that quote them; the wording of a language changes over the years.
"""

from shoemon.sources.kit.cells import plain_word

_TYPES: dict[str, tuple[str, ...]] = {
    "Run": (
        "Lauf", "Laufen", "Hardloopsessie", "Hardlopen", "Carrera", "Corrida", "Course à pied",
        # Words of languages whose headers are unknown; their columns are found by content.
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

_ENGLISH = {spelling.casefold(): english for english, others in _TYPES.items() for spelling in others}


def english_type(word: str) -> str:
    """Return the English name of an activity type; `word` itself where it is English or unknown."""
    return _ENGLISH.get(plain_word(word), word)
