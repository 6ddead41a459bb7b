"""`shoemon serve`: the pages beside the scheduler."""
