"""Samsung's numbers for exercises."""

NAMES = {
    "0": "Custom", "1001": "Walking", "1002": "Running", "11007": "Cycling", "13001": "Hiking", "13003": "Backpacking",
    "13004": "Mountain biking", "13005": "Orienteering", "14001": "Swimming", "14007": "Kayaking",
    "14010": "Rowing", "15002": "Weight machine", "15003": "Exercise bike", "15004": "Rowing machine",
    "15005": "Treadmill", "16001": "Cross country skiing", "16002": "Skiing", "16007": "Snowboarding",
    "16008": "Alpine skiing", "16009": "Snowshoeing",
}  # fmt: skip
"""By number, as Samsung's list of EXERCISE_TYPE (Health SDK) has them. Its treadmill is for running and walking."""
OTHERS = frozenset(
    str(first + number)
    for first, last in {
        1000: 2, 2000: 3, 3000: 3, 4000: 6, 5000: 2, 6000: 5, 7000: 3, 8000: 3, 9000: 2, 10000: 27, 11000: 9,
        12000: 1, 13000: 5, 14000: 13, 15000: 6, 16000: 9,
    }.items()
    for number in range(1, last + 1)
)  # fmt: skip
"""All numbers of that list."""
SPORTS = {
    "Orienteering": "trail-run", "Mountain biking": "ride", "Exercise bike": "ride", "Rowing machine": "row",
    "Skiing": "ski", "Alpine skiing": "ski", "Snowshoeing": "hike", "Weight machine": "strength",
}  # fmt: skip
