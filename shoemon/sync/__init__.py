"""The pipeline: the only room that holds the database, the settings and the clock together."""
