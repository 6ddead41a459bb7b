"""The stage that finds what is due, and delivers it."""
