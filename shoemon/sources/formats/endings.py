"""The names that track files end with."""

ENDINGS = tuple(ending + packed for ending in (".fit", ".tcx", ".gpx") for packed in ("", ".gz"))
"""Of the names of track files, in lower case."""
