"""Links in the HTML of a mail: buttons for the pages and for the pairs a run may have been done in. Pure."""

import html
from collections.abc import Sequence

from shoemon.notifiers.mail.canvas import LIGHT
from shoemon.notifiers.mail.runs import AskedRun

_BUTTONS = 4
"""More pages than that are listed."""
_LINK = f"color:{LIGHT['link']}"
_BUTTON = (
    f'display:inline-block;padding:8px 16px;border:1px solid {LIGHT["link"]};border-radius:6px;color:{LIGHT["link"]};'
    "font-weight:600;line-height:1.4;margin:0 8px 10px 0;text-decoration:none"
)  # fmt: skip


def page_links(pages: Sequence[tuple[str, str]]) -> str:
    """Links to the pages: a few as buttons, many as a list."""
    if not pages:
        return ""
    if len(pages) <= _BUTTONS:
        return '<p style="margin:8px 0 6px">' + _anchors(pages, _BUTTON) + "</p>"
    items = "\n".join(f'<li style="margin:0 0 6px">{_anchors([page], _LINK)}</li>' for page in pages)
    return f'<ul style="margin:0 0 16px;padding:0 0 0 20px">\n{items}\n</ul>'


def pair_buttons(run: AskedRun, said: str) -> str:
    """The pairs of one run as buttons, and below them what is `said` of them all."""
    words = f'<br><span class="quiet" style="color:{LIGHT["quiet"]};font-size:14px">{html.escape(said)}</span>'
    return f'<p style="margin:0 0 16px">{_anchors(run.choices, _BUTTON)}{words if said else ""}</p>'


def run_list(runs: Sequence[AskedRun]) -> str:
    """Runs, each with its pairs, in little room."""
    items = "\n".join(
        f'<li dir="auto" style="margin:0 0 6px">{html.escape(run.about)}<br>\n{_anchors(run.choices, _LINK)}</li>'
        for run in runs
    )
    return f'<ul style="margin:0 0 16px;padding:0 0 0 20px">\n{items}\n</ul>'


def _anchors(links: Sequence[tuple[str, str]], style: str) -> str:
    between = "\n" if style == _BUTTON else " &middot;\n"
    return between.join(
        f'<a class="link" href="{html.escape(url)}" style="{style}" dir="auto">{html.escape(text)}</a>'
        for text, url in links
    )
