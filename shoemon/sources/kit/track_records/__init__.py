"""Track files as records without points, stored between pulls, so that only changed files are read."""
