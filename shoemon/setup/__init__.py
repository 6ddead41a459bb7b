"""`init` and `check`."""
