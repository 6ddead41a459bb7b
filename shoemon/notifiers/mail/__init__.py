"""The letter: text, HTML and pictures."""
