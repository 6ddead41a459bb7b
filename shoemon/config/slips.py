"""Find the slips that keep a text from being YAML: where each is, what is wrong, and the remedy.

The parser names the place where it stopped, often far behind the slip. So the likely mends are tried one by one: a mend
that lets the parser get further is the remedy. The mended text is read on, so that later mistakes show at once.
No message repeats the text, which may contain a secret.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from shoemon.config.compose import NotYamlError, Place, compose

Lines = list[str]
STRAIGHT = str.maketrans("“”„«»‘’‚–—\u00a0\u2007\u202f\u3000", '"""""\'\'\'--    ')
"""Typographic characters, and what YAML has in their place."""
_QUOTED = re.compile(r"""(?<![^\s\[{,])(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')""")
_OPEN_QUOTE = re.compile(r"""(?<![^\s\[{,])["']""")
_ITEM = r"\s*(?:- +)*"
_MOST_CHARACTERS, _MOST_TRIES = 1_000_000, 300
"""So much text is composed at most; then the parser's own place has to do."""
_TAB = "a tab is not allowed here; indent with blanks"
ESCAPE = r"a backslash in double quotes begins an escape; write single quotes, as in 'C:\Users\Anna' or '\d+ km'"
NO_BLANK = "a blank is missing after the colon (`name: value`)"
_NO_COLON = "a colon is missing after the name (`name: value`)"
_LINE_RULES = (
    (r"\s*-()[^\s\d-]", " ", "a blank is missing after the dash (`- name: value`)"),
    (rf"{_ITEM}[\w-]+:()[^\s/]", " ", NO_BLANK),
    (rf"(?!.*:(?:\s|$)){_ITEM}\w[\w-]*( *=| |$)", ": ", _NO_COLON),
    (
        r".*?:\s.*(:)\s",
        ";",
        "a second colon on this line; put the text in quotes, or begin a new line for the next setting",
    ),
)
"""What is wrong on a line by itself: a pattern, what to put in place of its first group, and the message."""
LISTS = ("shoes", "rules", "corrections", "places", "default_shoe", "sources", "notify")
_WORDS = (
    ("'\\t'", _TAB),
    ("another document", "a second document begins here (---); keep one"),
    ("content, but found '-'", "brackets are open here; write either dashes or brackets"),
    ("expected ','", "a comma is missing here, or a bracket above is not closed"),
    ("end of stream", "a quote opens here and is never closed; close it, or remove it"),
    ("find expected ':'", "this line has no `name: value`; write a colon and a blank, or mend the indent"),
    ("no text", "a character that no text file contains; remove it"),
    ("escape", "an escape (\\) or a directive (%) that YAML does not know; put the text in single quotes"),
    ("tag", "a text that begins with `!` or `%` must be in quotes"),
)
_UNCLEAR = "this does not fit what is above it; check the indent, the quotes and the brackets"


class Mend(NamedTuple):
    """What to report at `place`, and the lines as they would be without the slip."""

    place: Place
    message: str
    lines: Lines


class Mended(NamedTuple):
    """The tree of nodes (None if the text could not be mended), the lines it is of, those as written, and the slips."""

    root: Any
    lines: Lines
    original: Lines
    slips: dict[Place, str]


def compose_mended(text: str) -> Mended:
    """Compose `text`; mend the slips in it as far as that can be done. Raises RecursionError if it is too deep."""
    lines = original = re.split("\r\n|[\r\n\x85\u2028\u2029]", text)
    slips: dict[Place, str] = {}
    tries = min(_MOST_TRIES, _MOST_CHARACTERS // (len(text) + 1))
    found = _composed([text])
    while isinstance(found, NotYamlError):
        for rule in _rules(lines, found):
            trials = [(mend, _composed(mend.lines)) for mend in islice(rule, tries)]
            tries -= len(trials)
            best = max(trials, key=lambda trial: _gain(lines, *trial), default=None)
            if best is not None and _gain(lines, *best)[0] > found.start:
                break
        else:
            words = next((words for sign, words in _WORDS if sign in found.problem), _UNCLEAR)
            return Mended(None, lines, original, {**slips, found.start: words})
        mend, found = best
        if all(row != mend.place[0] for row, _ in slips):
            slips[mend.place] = mend.message
        lines = mend.lines
    return Mended(found, lines, original, slips)


def straight(character: str) -> str:
    """What is wrong with a typographic `character`."""
    name = unicodedata.name(character).lower()
    return f"a typographic character ({name}) is not allowed here; write `{character.translate(STRAIGHT)}`"


def _composed(lines: Lines) -> Any:
    try:
        return compose("\n".join(lines))
    except NotYamlError as error:
        return error


def _gain(lines: Lines, mend: Mend, found: Any) -> tuple[Place, int, int]:
    """How far the parser gets with a mend, in columns of `lines`, and how little of these it changes."""
    row, column = found.start if isinstance(found, NotYamlError) else (len(lines) + 1, 0)
    if row < len(lines):
        column -= len(mend.lines[row]) - len(lines[row])
    changed = [len(line) - len(mended) for line, mended in zip(lines, mend.lines, strict=True) if line != mended]
    return (row, column), -len(changed), -abs(sum(changed))


def _rules(lines: Lines, error: NotYamlError) -> Iterator[Iterator[Mend]]:
    """Likely mends of what the parser stumbled over, the surest first."""
    stop = min(error.stop[0], len(lines) - 1)
    above = next((row for row in range(stop - 1, -1, -1) if lines[row].strip()), stop)
    near = list(dict.fromkeys((min(error.start[0], stop), stop, above)))
    yield _tabs(lines, error)
    yield from (_characters(lines, row) for row in near)
    yield _brackets(lines, stop, error.stop[1])
    yield _quotes(lines, stop, error)
    yield _first_characters(lines, error)
    for row in near:
        yield _block_text(lines, row)
        yield from _on_line(lines, row)
    yield _dashes(lines, stop, error)
    yield _indent(lines, stop)


def _put(lines: Lines, row: int, start: int, stop: int, text: str) -> Lines:
    """The lines with `text` in place of the characters from `start` to `stop` of one of them."""
    return [*lines[:row], lines[row][:start] + text + lines[row][stop:], *lines[row + 1 :]]


def _tabs(lines: Lines, error: NotYamlError) -> Iterator[Mend]:
    others = sum("\t" in line for line in lines) - 1
    message = f"{_TAB}{f' (and on {others} more line(s))' if others else ''}"
    for width in (1, 2, 4, 8) if "'\\t'" in error.problem else ():
        yield Mend(error.stop, message, [line.expandtabs(width) for line in lines])


def _first_characters(lines: Lines, error: NotYamlError) -> Iterator[Mend]:
    for row, column in (error.start, error.stop):
        if row < len(lines) and lines[row][column : column + 1] in tuple("@`%>|*&"):
            message = f"a text that begins with `{lines[row][column]}` must be in quotes"
            yield Mend((row, column), message, _put(lines, row, column, column + 1, "x"))


def _characters(lines: Lines, row: int) -> Iterator[Mend]:
    line = lines[row]
    plain = line.translate(STRAIGHT)
    if plain != line:
        column = next(n for n, character in enumerate(line) if character != plain[n])
        yield Mend((row, column), straight(line[column]), _put(lines, row, 0, len(line), plain))
    escape = re.search(r'"[^"\\]*\\', line)
    if escape:
        yield Mend((row, escape.end() - 1), ESCAPE, _put(lines, row, 0, len(line), line.replace("\\", "/")))


def _quotes(lines: Lines, stop: int, error: NotYamlError) -> Iterator[Mend]:
    column = error.stop[1]
    for quoted in _QUOTED.finditer(lines[stop][:column]):
        if "'<scalar>'" in error.problem and not lines[stop][quoted.end() : column].strip():
            last = lines[stop].rfind(quoted[0][0])
            end = last + 1 if last > column else len(lines[stop])
            message = "the text in quotes ends here, but more follows; put all of it in quotes, and write " + (
                "'' for a ' inside" if quoted[0][0] == "'" else '\\" for a " inside'
            )
            put = "x" * (end - quoted.start())
            yield Mend((stop, quoted.end() - 1), message, _put(lines, stop, quoted.start(), end, put))
    for row in range(stop, -1, -1):
        quote = _OPEN_QUOTE.search(_without_quoted(lines[row]))
        if quote:
            message = f"the quote {quote[0]} opens here and is not closed on this line; close or remove it"
            closing = re.search(r"[\]},]|\s#|$", lines[row][quote.end() :])
            for end in dict.fromkeys((len(lines[row]), quote.end() + closing.start() if closing else 0)):
                yield Mend((row, quote.start()), message, _put(lines, row, end, end, quote[0]))


def _brackets(lines: Lines, row: int, column: int) -> Iterator[Mend]:
    here, opened = lines[row][column : column + 1], _open_bracket(lines, row, column)
    if opened is None:
        if here in ("]", "}"):
            message = f"`{here}` closes nothing that is open; remove it, or put the text in quotes"
            yield Mend((row, column), message, _put(lines, row, column, column + 1, " "))
        return
    opening = lines[opened[0]][opened[1]]
    closing = "]" if opening == "[" else "}"
    if here in ("]", "}"):
        message = f"`{here}` closes the `{opening}` of line {opened[0] + 1}; write `{closing}`"
        yield Mend((row, column), message, _put(lines, row, column, column + 1, closing))
    if opened[0] < row or not here:
        message = f"`{opening}` opens here and is not closed; write `{closing}` at its end"
        for last in dict.fromkeys((opened[0], max(row - 1, 0))):
            comment = re.search(r"(?<=[\[{,\s])#|$", lines[last])
            end = comment.start() if comment else 0
            hint = "; a `#` begins a comment unless it is in quotes" if lines[last][end:] else ""
            start = len(lines[last][:end].rstrip(" ,"))
            yield Mend(opened, message + hint, _put(lines, last, start, end, f"{closing} "))
        return
    text = re.search(r"[\[{][^\[{]*[\]}]$", lines[row][:column])
    if text:
        end = len(lines[row]) - len(lines[row][column:].lstrip("+*?$.|()"))
        put = "x" * (end - text.start())
        message = "a text that begins with a bracket must be in quotes"
        yield Mend((row, text.start()), message, _put(lines, row, text.start(), end, put))
    name = re.search(r"[\w\"'-]+\s*$", lines[row][:column]) if here == ":" else None
    place = name.start() if name else column
    if lines[row][place - 1 : place] == " ":
        yield Mend((row, place), "a comma is missing before this", _put(lines, row, place, place, ", "))


def _open_bracket(lines: Lines, row: int, column: int) -> Place | None:
    """Where the innermost bracket opens that is open at a place."""
    opened: list[Place] = []
    for n, line in enumerate([*lines[:row], lines[row][:column]]):
        plain = _without_quoted(line)
        for found in re.finditer(r"(?<=[\[{,\s])#.*|^#.*|[\[{\]}]", plain):
            if found[0] in ("]", "}"):
                del opened[-1:]
            elif found[0] in ("[", "{") and (opened or re.fullmatch(r"(.*[:-]\s+)?\s*", plain[: found.start()])):
                opened.append((n, found.start()))
    return opened[-1] if opened else None


def _without_quoted(line: str) -> str:
    return _QUOTED.sub(lambda quoted: "x" * len(quoted[0]), line)


def _on_line(lines: Lines, row: int) -> Iterator[Iterator[Mend]]:
    """What one line shows by itself. For a blank, the lines below may have to move as well."""
    for pattern, put, message in _LINE_RULES:
        found = re.match(pattern, lines[row])
        if found:
            below = (lines, _moved(lines, row + 1, found.start(1), 1)) if put == " " else (lines,)
            place = (row, found.start(1))
            yield (Mend(place, message, _put(moved, *place, found.end(1), put)) for moved in below)


def _block_text(lines: Lines, row: int) -> Iterator[Mend]:
    if row and re.search(r"[|>][+-]?\s*$", lines[row - 1]):
        indent, message = _indent_of(lines[row]), "a text after `|` or `>` must be indented deeper than its name"
        yield Mend((row, indent), message, _moved(lines, row, indent, 2))


def _dashes(lines: Lines, stop: int, error: NotYamlError) -> Iterator[Mend]:
    """An item without its dash: above the first dash, at the top of a list, or named as another item begins."""
    message = "an item of a list begins here without its dash; write `- ` before it"
    first = stop
    if "found '-'" in error.problem:
        while first and lines[first - 1].strip() and _indent_of(lines[first - 1]) >= _indent_of(lines[stop]):
            first -= 1
    for row in range(min(first, max(stop - 1, 0)), stop + 1):
        name = re.match(r"( *)([\w-]+:)", lines[row])
        if name is None:
            continue
        column, item = len(name[1]), re.compile(rf"{name[1]}- +{{?{name[2]}")
        is_top = row > 0 and re.match(rf"({'|'.join(LISTS)}):\s*$", lines[row - 1])
        if is_top or row == first < stop or any(map(item.match, lines[:row])):
            end = next((n for n in range(row + 1, len(lines)) if re.match(rf" {{0,{column}}}-", lines[n])), len(lines))
            for moved in (lines, [*_moved(lines[:end], row + 1, column, 2), *lines[end:]]):
                yield Mend((row, column), message, _put(moved, row, column, column, "- "))


def _indent(lines: Lines, row: int) -> Iterator[Mend]:
    """A line in the wrong column: this one, also with those below it, or the one above."""
    is_dash = lines[row].lstrip().startswith("- ")
    column, sort = _indent_of(lines[row]), "dash" if is_dash else "name"
    columns: dict[int, int] = {}
    for above in range(row - 1, max(row - 20, -1), -1):
        code = re.match(r"( *)((?:- +)*)[^\s#-]", lines[above])
        if code and (code[2] or not is_dash):
            columns.setdefault(code.end(1 if is_dash else 2), above)
    nearest = next(iter(columns.values()), None)
    message = "begin this line in column {}, as the {} of line {}, not in column {}"
    for wanted, above in columns.items():
        there = message.format(wanted + 1, sort, above + 1, column + 1)
        for end in (row + 1, None):
            yield Mend((row, column), there, _moved(lines, row, column, wanted - column, end))
        if above == nearest:
            here, indent = message.format(column + 1, sort, row + 1, wanted + 1), _indent_of(lines[above])
            yield Mend((above, wanted), here, _moved(lines, above, indent, column - wanted, above + 1))


def _moved(lines: Lines, row: int, column: int, by: int, end: int | None = None) -> Lines:
    """The lines from `row` to `end` (None: to the first less deep than `column`), moved to the right or left."""
    shallow = (n for n in range(row, len(lines)) if lines[n].strip() and _indent_of(lines[n]) < column)
    end = end or next(shallow, len(lines))
    return [*lines[:row], *((" " * by + line)[max(-by, 0) :] for line in lines[row:end]), *lines[end:]]


def _indent_of(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
