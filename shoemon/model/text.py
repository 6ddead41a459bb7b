"""Texts from exports as one harmless line. Pure."""

_JOINER = "\u200d"
"""Joins emoji; the one invisible character that is harmless."""


def one_line(text: str) -> str:
    """Remove from `text` what a terminal obeys or misleads a reader (escape sequences, line ends, reversed direction):
    names of runs and shoes come from exports and may contain anything. Odd blanks and line ends become plain blanks."""
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character.isprintable() or character == _JOINER:
        return character
    return " " if character.isspace() else "\N{REPLACEMENT CHARACTER}"
