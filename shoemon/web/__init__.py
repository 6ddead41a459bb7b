"""`shoemon serve`: the pages, with the scheduler."""
