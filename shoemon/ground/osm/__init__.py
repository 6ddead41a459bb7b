"""The map: OpenStreetMap's ways and open ground in a SQLite file of its own, beside the database."""

from pathlib import Path

MAP_DIRECTORY, MAP_FILE = "maps", "map.db"
ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"


def map_path(database: Path) -> Path:
    """Where the map of `database` lies."""
    return database.with_name(MAP_DIRECTORY) / MAP_FILE
