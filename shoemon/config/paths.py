"""Where things lie beside the database."""

from pathlib import Path

MAP_DIRECTORY, MAP_FILE = "maps", "map.db"


def map_path(database: Path) -> Path:
    """Where the map of `database` lies."""
    return database.with_name(MAP_DIRECTORY) / MAP_FILE
