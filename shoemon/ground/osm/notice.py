"""OpenStreetMap's notice, which its licence asks for."""

ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"
