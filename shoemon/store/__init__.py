"""SQLite: the database, state.db, locks and backups."""
