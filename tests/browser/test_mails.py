"""Mails as a browser shows them: on a phone, on a dark screen, and without their style sheet."""

import re
from typing import Any

from kit.browsing import PHONE
from kit.letters import letters
from kit.mails import part

from shoemon.notifiers.mail.message import compose

LETTERS = letters()
CELLS = (
    "e => [...e.rows[0].cells].map(c => [c.bgColor, c.getBoundingClientRect().width, c.getBoundingClientRect().height])"
)


def page_of(name: str) -> str:
    return part(compose(LETTERS[name], "2026-04-04T06:00:00Z", "mail", "me@example.org", ["me@example.org"]), "html")


def test_mails_fit_a_phone_and_show_their_bars_and_columns(browser: Any) -> None:
    tab = browser.new_page(viewport=PHONE, color_scheme="dark")
    for without in ("", "(?s)<style>.*?</style>"):
        for name in ("over", "digest", "hard_share", "unassigned-many"):
            tab.set_content(re.sub(without, "", page_of(name)))
            assert tab.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], name
            tall = {round(high) for drawn in tab.locator("[role=img]").all() for _, _, high in drawn.evaluate(CELLS)}
            assert tall <= {14, 26, 58, 59}, name
    tab.set_content(page_of("soon"))
    bar, weeks = (drawn.evaluate(CELLS) for drawn in tab.locator("[role=img]").all())
    widths = [width for _, width, _ in bar]
    assert [round(100 * width / sum(widths)) for width in widths] == [7, 59, 21, 3, 10]
    assert len({colour for colour, *_ in bar}) == 5 and len(weeks) == 26
    assert max(width for _, width, _ in weeks) - min(width for _, width, _ in weeks) < 2
    tab.close()
