"""Settings and shoes: the YAML a runner writes, checked, placed, and turned into values."""
