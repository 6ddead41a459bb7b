"""What the pages in `plugins/` share: figures and dates for a reader, rights, addresses, and what needs a decision."""
