"""Decide which alerts are due."""
