"""The matcher: lays a track on the map. Pure."""
