"""Shared code of the pages in `plugins/`: figures and dates for a reader, rights, addresses, and what needs a decision."""
