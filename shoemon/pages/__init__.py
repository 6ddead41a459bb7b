"""Shared code of the pages in `plugins/`: figures, dates, rights, addresses, and open decisions."""
