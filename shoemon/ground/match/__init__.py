"""The matcher: find the ways that a track followed. Pure."""
