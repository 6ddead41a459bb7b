"""The stage that writes decisions, totals and wear."""
