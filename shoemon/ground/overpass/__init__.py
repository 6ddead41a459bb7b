"""Fetches what is missing on the map from an Overpass server."""
