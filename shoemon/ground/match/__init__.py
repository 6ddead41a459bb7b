"""The matcher: finds the ways a track followed. Pure."""
