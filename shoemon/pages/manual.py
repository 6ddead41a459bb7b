"""Read the manual: chapters in Markdown that ship inside the package, for the terminal and for the pages."""

import re
from functools import cache
from itertools import pairwise

from shoemon.pages.places import config_dir, manual_dir

CONTENTS = "README"
"""The chapter that lists the others."""
SETTINGS = "settings"
"""The chapter that ends with the example files in config/, which hold every setting."""


@cache
def chapters() -> dict[str, str]:
    """The title of each chapter by its name, in the order of the contents."""
    links = re.findall(r"^- \[(.+)\]\((.+)\.md\)", chapter(CONTENTS), flags=re.MULTILINE)
    return {name: title for title, name in links}


def chapter(name: str) -> str:
    """The text of a chapter, or of the contents."""
    text = (manual_dir() / f"{name}.md").read_text(encoding="utf-8")
    return text + "".join(map(_settings, ("shoemon.yaml", "shoes.yaml"))) if name == SETTINGS else text


def _settings(file: str) -> str:
    """An example file, with a heading before each group and before each type of source and channel."""
    text = (config_dir() / file).read_text(encoding="utf-8")
    text = re.sub(r"\n\n((?:#.*\n)*)(\w+):(?= +# )", r"\n```\n\n### \2\n\n```yaml\n\1\2:", text)
    text = re.sub(r"\n(  - name: .*\n    type: (\S+))", r"\n```\n\n#### \2\n\n```yaml\n\1", text)
    return f"\n## {file}\n\n```yaml\n{text}```\n"


def as_commands(text: str) -> str:
    """The text with commands in the place of links to chapters, for a terminal or a pipe."""
    text = re.sub(r"\[([^\]]+)\]\(([a-z]+)\.md[^)]*\)", r"\1 (`shoemon help \2`)", text)
    return re.sub(rf"\[([^\]]+)\]\({CONTENTS}\.md\)", r"\1 (`shoemon help`)", text)


def html(name: str, address: str) -> tuple[str, dict[str, str]]:
    """A chapter as HTML, and its headings by their ids; `address` is where the contents are, with / at its end."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(chapter(name))
    headings: dict[str, str] = {}
    for token, inside in pairwise(tokens):
        if token.type == "heading_open":
            heading = re.sub("[*`]", "", inside.content)
            token.attrSet("id", _anchor(heading))
            headings |= {_anchor(heading): heading} if token.tag in ("h2", "h3") else {}
        for part in token.children or ():
            if part.type == "link_open" and not str(part.attrs["href"]).startswith("https:"):
                part.attrSet("href", address + re.sub(r"^(\w+)\.md", r"\1", str(part.attrs["href"])))
    made = str(parser.renderer.render(tokens, parser.options, {}))
    made = made.replace("<table>", '<div class="wide" tabindex="0" role="region" aria-label="Table"><table>')
    return made.replace("</table>", "</table></div>"), headings


def _anchor(heading: str) -> str:
    """The id of a heading, as code-hosting pages make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
