"""Read track files: FIT, TCX and GPX, plain or gzipped, one format per file. Hostile or broken files are refused, or
repaired within limits; no address in a file is fetched, and no size that it states is trusted."""

ENDINGS = tuple(ending + packed for ending in (".fit", ".tcx", ".gpx") for packed in ("", ".gz"))
"""Of the names of track files, in lower case."""
