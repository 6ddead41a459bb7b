"""Extracts of OpenStreetMap at a public server: which of them cover the runs, and their download."""
