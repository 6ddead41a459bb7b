"""What is due to be announced."""
