"""Names of things, each of a type of its own, and metres."""

from typing import NewType

ActivityId = NewType("ActivityId", str)
"""`source:native id`, the same at every pull."""
ShoeId = NewType("ShoeId", str)
SurfaceId = NewType("SurfaceId", str)
Metres = NewType("Metres", float)
