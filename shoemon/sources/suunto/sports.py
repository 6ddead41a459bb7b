"""Suunto's numbers for activities."""

NAMES = {
    "1": "Not specified sport", "2": "Multisport", "3": "Running", "4": "Cycling", "5": "Mountain biking",
    "6": "Swimming", "11": "Trekking", "12": "Walking", "14": "Kayaking", "15": "Rowing", "17": "Indoor cycling",
    "18": "Circuit training", "19": "Triathlon", "20": "Alpine skiing", "21": "Snowboarding",
    "22": "Cross country skiing", "23": "Weight training", "61": "Adventure racing", "71": "Indoor rowing",
    "72": "Canoeing", "74": "Mountaineering", "75": "Orienteering", "78": "Ski touring", "80": "Telemark skiing",
    "81": "Track and field", "82": "Trail running", "83": "Open water swimming", "84": "Nordic walking",
    "85": "Snow shoeing", "93": "Treadmill", "95": "Indoor training",
}  # fmt: skip
"""As in SUUNTO_ACTIVITY_TYPE of the Suunto Apps Developer Manual (2015), page 29; 3 and 82 were seen in exports."""
OTHERS = frozenset(map(str, {*range(1, 96)} - {7, 32, *range(41, 51), *range(53, 61), 77}))
"""All numbers of that list."""
SPORTS = {
    "Orienteering": "trail-run", "Track and field": "track-run", "Trekking": "hike", "Snow shoeing": "hike",
    "Mountain biking": "ride", "Indoor cycling": "ride", "Alpine skiing": "ski", "Ski touring": "ski",
    "Telemark skiing": "ski", "Circuit training": "strength",
}  # fmt: skip
SEVERAL = ("2", "19")
"""What is made of parts, each of a sport of its own."""
