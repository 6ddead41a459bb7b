"""Names of activity types in the languages of accounts of Strava and Garmin. Folders of tracks are named so too.

Seen in exports, or in issues and programs that quote them: Strava's in English, German, Dutch, Spanish, Portuguese and
French, Garmin's in those of its columns; of other languages the common words are here. The wording changes over the
years.
"""

from shoemon.sources.kit.cells import plain_word

_TYPES: dict[str, tuple[str, ...]] = {
    "Run": (
        "Lauf", "Laufen", "Hardloopsessie", "Hardlopen", "Carrera", "Corrida", "Course à pied", "Corsa", "Bieg",
        "Bieganie", "Löpning", "Löptur", "Løb", "Løbetur", "Løping", "Løpetur", "Juoksu", "Бег", "Забег", "Біг",
        "Забіг", "Пробіжка", "Бягане", "Трчање", "Koşu", "Futás", "Alergare", "Τρέξιμο", "Cursa", "Běh", "Beh",
        "Trčanje", "Tek", "Lari", "Chạy bộ", "วิ่ง", "दौड़", "ランニング", "ラン", "跑步", "달리기",
        "Obstacle Course Racing", "Straßenlauf", "Ultralauf", "Gateløp", "Ultraløp", "Correr", "Carrera urbana",
        "Ultra carrera", "Corrida de rua", "Corsa su strada", "Course à pied urbaine", "Course", "Bieg uliczny",
    ),
    "Trail Run": (
        "Traillauf", "Trailrunning", "Carrera de trail", "Carrera de montaña", "Carrera por senderos",
        "Corrida em trilha", "Corrida em trilho", "Course de trail", "Bieg terenowy", "Bieg przełajowy", "Трейл",
        "Трейлраннинг", "Terepfutás", "Cursa de muntanya", "越野跑", "トレイルラン", "트레일 러닝", "Trail-Lauf",
        "Trailhardlopen", "Trailløb", "Terrængløb", "Løb terræn", "Terrengløping", "Traillöpning", "Terränglöpning",
        "Corrida em trilhas", "Corrida de trail", "Corsa trail", "Trail en course à pied",
    ),
    "Track Run": (
        "Laufen auf der Bahn", "Bahnlauf", "Bahn-Laufen", "Baneløb", "Baneløping", "Banlöpning", "Carrera en pista",
        "Corrida em pista", "Corrida na pista", "Corsa su pista", "Course à pied sur piste", "Course sur piste",
        "Bieganie na stadionie", "Indoor Track",
    ),
    "Virtual Run": (
        "Virtueller Lauf", "Virtuelle hardloopsessie", "Virtueel hardlopen", "Carrera virtual", "Corrida virtual",
        "Course à pied virtuelle", "Course virtuelle", "Corsa virtuale", "Bieg wirtualny", "Виртуальный забег",
        "Віртуальний забіг", "Sanal Koşu", "Virtuális futás", "Alergare virtuală", "Cursa virtual", "虚拟跑步",
        "虛擬跑步", "バーチャルラン", "가상 달리기", "Virtuelles Laufen", "Virtuelt løb", "Virtuell løpetur",
        "Virtuell löpning",
    ),
    "Treadmill Run": (
        "Laufbandlauf", "Laufband", "Loopbandsessie", "Loopband", "Carrera en cinta", "Cinta de correr",
        "Corrida em esteira", "Corrida na esteira", "Corrida em passadeira", "Course sur tapis",
        "Course à pied sur tapis", "Laufbandtraining", "Laufband-Laufen", "Indoor-Laufen", "Hardlopen op loopband",
        "Løbebånd", "Løb på løbebånd", "Indendørs løb", "Løping på tredemølle", "Tredemølle", "Innendørsløping",
        "Löpband", "Inomhuslöpning", "Entrenamiento en cinta", "Corsa su tapis roulant", "Tapis roulant",
        "Course à pied sur tapis roulant", "Course à pied en salle", "Bieganie na bieżni", "Beltéri futás",
        "Teremfutás", "Futópad",
    ),
    "Walk": (
        "Spaziergang", "Gehen", "Wandeling", "Caminata", "Caminar", "Caminhada", "Marche", "Passeio", "Camminata",
        "Spacer", "Promenad", "Gåtur", "Kävely", "Прогулка", "Ходьба", "Прогулянка", "Yürüyüş", "Séta", "Plimbare",
        "Περπάτημα", "Caminada", "步行", "健走", "ウォーキング", "걷기", "Casual Walking", "Speed Walking", "Wandelen",
        "Gang", "Gång", "Marche à pied", "Chodzenie", "Gyaloglás",
    ),
    "Hike": (
        "Wanderung", "Wandern", "Wandeltocht", "Hiken", "Senderismo", "Excursión", "Trilha", "Randonnée", "Escursione",
        "Wędrówka", "Vandring", "Vandretur", "Fottur", "Vaellus", "Поход", "Похід", "Doğa Yürüyüşü", "Túra", "Túrázás",
        "Drumeție", "Πεζοπορία", "Excursió", "徒步", "健行", "ハイキング", "하이킹", "Escursionismo",
    ),
    "Ride": (
        "Radfahrt", "Fietsrit", "Bicicleta", "Ciclismo", "Pedalada", "Volta de bicicleta", "Vélo", "Sortie vélo",
        "Pedalata", "Jazda", "Jazda na rowerze", "Cykeltur", "Sykkeltur", "Pyöräily", "Заезд", "Велозаезд", "Заїзд",
        "Sürüş", "Kerékpározás", "Ποδηλασία", "骑行", "騎乘", "ライド", "라이딩", "Radfahren", "Fietsen", "Cykling",
        "Cykling på grusveje", "Inomhuscykling", "Sykling", "Cyclisme", "Kolarstwo",
    ),
    "Virtual Ride": (
        "Virtuelle Radfahrt", "Virtuelle fietsrit", "Bicicleta virtual", "Ciclismo virtual", "Pedalada virtual",
        "Sortie vélo virtuelle", "Vélo virtuel",
    ),
    "E-Bike Ride": ("E-Bike-Radfahrt", "E-bikerit", "Sortie vélo électrique", "Vélo électrique"),
    "Swim": (
        "Schwimmen", "Zwemmen", "Natación", "Natação", "Natation", "Nuoto", "Pływanie", "Simning", "Svømning",
        "Svømming", "Uinti", "Плавание", "Плавання", "Yüzme", "Úszás", "Înot", "Κολύμβηση", "Natació", "游泳", "水泳",
        "수영", "Schwimmbadschwimmen", "Freiwasserschwimmen", "Svøm i pool", "Svømning i åbent vand", "Bassengsvømming",
        "Simbassäng", "Natação em alto mar", "Natação em piscina", "Nat. piscine", "Nyíltvízi úszás",
    ),
    "Rowing": (
        "Rudern", "Roeien", "Remo", "Aviron", "Rameur", "Paddling", "Stand Up Paddleboarding", "SUP", "Roning", "Roing",
        "Rodd", "Canottaggio", "Wioślarstwo", "Evezés",
    ),
    "Ski": ("Längdskidåkning (klassisk stil)", "Längdskidåkning (fristil)", "Utförsåkning i pist"),
    "Weight Training": (
        "Gewichtstraining", "Krafttraining", "Krachttraining", "Entrenamiento con pesas", "Treino com peso",
        "Treinamento com pesos", "Musculação", "Entraînement aux poids", "Musculation", "Cardio", "Kardió",
        "Konditionspass", "Styrketræning", "Styrketrening", "Styrketräning", "Entrenamiento de fuerza",
        "Treinamento de força", "Trening siłowy",
    ),
    "Workout": ("Training", "Entrenamiento", "Treino", "Entraînement"),
}  # fmt: skip

_ENGLISH = {spelling.casefold(): english for english, others in _TYPES.items() for spelling in others}


def english_type(word: str) -> str:
    """Return the English name of an activity type; `word` itself where it is English or unknown."""
    return _ENGLISH.get(plain_word(word), word)
