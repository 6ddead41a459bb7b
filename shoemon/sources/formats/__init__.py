"""Track files: FIT, TCX and GPX, plain or gzipped, one format per file. What is hostile or broken is refused or mended
within bounds; nothing a file says is ever fetched, and no size it states is believed."""

ENDINGS = tuple(ending + packed for ending in (".fit", ".tcx", ".gpx") for packed in ("", ".gz"))
"""Of the names of track files, in lower case."""
