"""Which ground a run was on, and why."""
