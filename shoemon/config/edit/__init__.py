"""Edits shoes.yaml and keeps its comments."""
