"""Exports that are read by `table`: each is only data, the names of its files, its columns and its sports."""
