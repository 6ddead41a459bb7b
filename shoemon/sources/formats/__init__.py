"""Track files: FIT, TCX and GPX, plain or gzipped, one format per file. What is hostile or broken is refused or mended
within bounds; nothing a file says is ever fetched, and no size it states is believed."""
