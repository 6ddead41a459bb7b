"""The values of shoemon: activities, shoes, legs, wear, alerts, and the contracts of sources and notifiers.

Units inside are metres, seconds and UTC. Times are ISO 8601 text: `2024-05-01T06:30:00Z` in UTC, `2024-05-01T08:30:00`
for the clock on the runner's wrist, and a bare `2024-05-01` where an export knows the day only. Texts of one kind sort
and compare as the times do, which is what makes windows and dates plain comparisons.
"""
