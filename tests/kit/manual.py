"""The examples in the texts of the manual."""

import re

OTHERS = ("# configuration.yaml", "# litestream.yml")
"""The first lines of examples for other programs, which tests/journeys/test_recipes.py runs."""


def blocks(language: str, text: str) -> list[str]:
    """The examples of a language in a text."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
