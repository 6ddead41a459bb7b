"""Write decisions, totals and wear."""
