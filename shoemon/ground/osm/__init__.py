"""The map: OpenStreetMap's ways and open ground in a SQLite file of its own, beside the database."""
