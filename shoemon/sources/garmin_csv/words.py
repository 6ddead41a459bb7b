"""The words of Garmin Connect's list in the language of an account: columns and activity types, as data.

Names of columns were seen in exports, or in programs that quote whole headers: English, Danish, Dutch, French, German,
Italian, Norwegian, Polish, Portuguese, Spanish, Swedish and, in part, Hungarian. The wording changes over the years, so
a column has several names; columns that are not used here are left out. Activity types were seen likewise; the common
words of these languages are added, which mean the same in any program.
"""

from collections.abc import Sequence

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

_TYPES: dict[str, tuple[str, ...]] = {
    "Running": (
        "Street Running", "Ultra Running", "Ultra Run", "Obstacle Running", "Obstacle Course Racing",
        "Laufen", "Straßenlauf", "Ultralauf", "Hardlopen", "Løb", "Løping", "Gateløp", "Ultraløp", "Löpning",
        "Carrera", "Correr", "Carrera urbana", "Ultra carrera", "Corrida", "Corrida de rua", "Corsa", "Corsa su strada",
        "Course à pied", "Course à pied urbaine", "Course", "Bieganie", "Bieg", "Bieg uliczny", "Futás", "Juoksu",
    ),
    "Trail Running": (
        "Trail Run", "Trail", "Traillauf", "Trail-Lauf", "Trailrunning", "Trailrun", "Trailhardlopen", "Trailløb",
        "Terrængløb", "Løb terræn", "Terrengløping", "Traillöpning", "Terränglöpning", "Carrera de montaña",
        "Carrera de trail", "Corrida em trilhas", "Corrida em trilha", "Corrida de trail", "Corsa trail",
        "Course de trail", "Trail en course à pied", "Bieg przełajowy", "Terepfutás",
    ),
    "Track Running": (
        "Track Run", "Laufen auf der Bahn", "Bahnlauf", "Bahn-Laufen", "Baneløb", "Baneløping", "Banlöpning",
        "Carrera en pista", "Corrida em pista", "Corrida na pista", "Corsa su pista", "Course à pied sur piste",
        "Course sur piste", "Bieganie na stadionie",
    ),
    "Indoor Track": ("Indoor Track Running",),
    "Treadmill Running": (
        "Treadmill", "Indoor Running", "Laufband", "Laufbandtraining", "Laufband-Laufen", "Indoor-Laufen", "Loopband",
        "Hardlopen op loopband", "Løbebånd", "Løb på løbebånd", "Indendørs løb", "Løping på tredemølle", "Tredemølle",
        "Innendørsløping", "Löpband", "Inomhuslöpning", "Entrenamiento en cinta", "Carrera en cinta",
        "Cinta de correr", "Corrida em esteira", "Corrida na esteira", "Corrida em passadeira",
        "Corsa su tapis roulant", "Tapis roulant", "Course à pied sur tapis roulant", "Course à pied sur tapis",
        "Course à pied en salle",
        "Bieganie na bieżni", "Beltéri futás", "Teremfutás", "Futópad",
    ),
    "Virtual Running": (
        "Virtual Run", "Virtuelles Laufen", "Virtueller Lauf", "Virtueel hardlopen", "Virtuelt løb",
        "Virtuell løpetur", "Virtuell löpning", "Carrera virtual", "Corrida virtual", "Corsa virtuale",
        "Course à pied virtuelle", "Bieg wirtualny", "Virtuális futás",
    ),
    "Walking": (
        "Casual Walking", "Speed Walking", "Gehen", "Wandelen", "Gåtur", "Gang", "Promenad", "Gång", "Caminar",
        "Caminata", "Caminhada", "Camminata", "Marche", "Marche à pied", "Chodzenie", "Spacer", "Gyaloglás", "Séta",
    ),
    "Hiking": (
        "Rucking", "Snowshoeing", "Wandern", "Hiken", "Vandring", "Vandretur", "Fottur", "Senderismo", "Escursionismo",
        "Randonnée", "Wędrówka", "Túrázás",
    ),
    "Cycling": (
        "Radfahren", "Fietsen", "Cykling", "Cykling på grusveje", "Inomhuscykling", "Sykling", "Ciclismo", "Cyclisme",
        "Kolarstwo", "Kerékpározás",
    ),
    "Swimming": (
        "Pool Swim", "Lap Swimming", "Open Water Swimming", "Schwimmen", "Schwimmbadschwimmen", "Freiwasserschwimmen",
        "Zwemmen", "Svømning", "Svøm i pool", "Svømning i åbent vand", "Bassengsvømming", "Svømming", "Simning",
        "Simbassäng", "Natación", "Natação", "Natação em alto mar", "Natação em piscina", "Nuoto", "Natation",
        "Nat. piscine", "Pływanie", "Úszás", "Nyíltvízi úszás",
    ),
    "Rowing": (
        "Indoor Rowing", "Kayaking", "Canoeing", "Paddling", "Stand Up Paddleboarding", "SUP", "Rudern", "Roeien",
        "Roning", "Roing", "Rodd", "Remo", "Canottaggio", "Aviron", "Wioślarstwo", "Evezés",
    ),
    "Skiing": ("Längdskidåkning (klassisk stil)", "Längdskidåkning (fristil)", "Utförsåkning i pist"),
    "Other": ("Discgolf", "Annan"),
    "Strength Training": (
        "Cardio", "Kardió", "Konditionspass", "Krafttraining", "Krachttraining", "Styrketræning", "Styrketrening",
        "Styrketräning", "Entrenamiento de fuerza", "Treinamento de força", "Musculation", "Trening siłowy",
    ),
}  # fmt: skip
_SPORTS = {"Indoor Track": "track-run"}
"""It has a roof, but is not a treadmill."""
_IN_METRES = frozenset({"Track Running", "Indoor Track", "Swimming", "Rowing"})
"""Listed in metres, whatever the account's unit: `"6,640"` for a run on a track, `"1,500"` for a swim."""
_FIELDS = {plain_word(name): field for field, names in _HEADERS.items() for name in names}
_ENGLISH = {plain_word(word): english for english, words in _TYPES.items() for word in (english, *words)}


def columns_by_name(names: Sequence[str]) -> dict[str, str]:
    """Return the columns with a known name by their content; of two with one name the first."""
    found: dict[str, str] = {}
    for name in names:
        if field := _FIELDS.get(plain_word(name)):
            found.setdefault(field, name)
    return found


def sport_word(kind: str) -> str:
    """Return shoemon's name of an activity type; the word itself if it is unknown."""
    english = _ENGLISH.get(plain_word(kind), kind)
    return _SPORTS.get(english, english)


def is_in_metres(kind: str) -> bool:
    """Return whether this activity type is listed in metres."""
    return _ENGLISH.get(plain_word(kind)) in _IN_METRES
