"""Compose the tree of YAML nodes of a text; why that fails is a value that repeats nothing of the text."""

import re
import warnings
from functools import lru_cache
from typing import Any

Place = tuple[int, int]
"""Row and column, from 0."""
_NO_TEXT = re.compile("[^\t\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class NotYamlError(Exception):
    """A text is no YAML. `problem` is what the parser found where it stopped; `start` is where that began."""

    def __init__(self, problem: str, stop: Place, start: Place | None = None) -> None:
        super().__init__(problem)
        self.problem, self.stop, self.start = problem, stop, start or stop


@lru_cache(maxsize=8)  # the files of a household, which every sync reads again
def compose(text: str) -> Any:
    """The tree of YAML nodes of `text`, or None if it is empty. Raises NotYamlError, or RecursionError if too deep.

    The same text gives the same tree, so nobody may change it.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a warning about an anchor would print its line
            return YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        stop = error.problem_mark or error.context_mark
        is_one_thing = str(error.context).startswith(("while scanning", "while parsing a flow"))
        start = error.context_mark if is_one_thing else None
        place = (start.line, start.column) if start else None
        raise NotYamlError(str(error.problem), (stop.line, stop.column), place) from None
    except YAMLError:  # the only one without a mark is about characters
        row = next((n for n, line in enumerate(text.split("\n")) if _NO_TEXT.search(line)), 0)
        raise NotYamlError("no text", (row, 0)) from None
    except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError, AssertionError, NotImplementedError):
        # The parser trips over some broken escapes and directives with errors of Python's own.
        raise NotYamlError("escape", (0, 0)) from None
