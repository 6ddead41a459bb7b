"""Debian's Chromium as a reader of the pages: how it is found and driven, and what went wrong while it showed a page.

Playwright drives the Chromium that is there (`CHROMIUM` names another) and never downloads one. Without any, the tests
in a browser are skipped; with SHOEMON_BROWSER=required they fail.
"""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]  # fmt: skip
"""The last one takes the network away: whatever a page may ask another host for is not to be had."""
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
LOCAL = ("http", "127.0.0.1")


def found_chromium() -> str | None:
    """The browser on this machine."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def started_browser() -> Iterator[Any]:
    """The browser at work until the block ends. Skips the test that asked for it if there is none."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        lacking("playwright is not installed; `pip install -e '.[test]'` installs it")
    path = found_chromium()
    if path is None:
        lacking("there is no Chromium on this machine")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        except Error as error:
            lacking(f"{path} does not start: {error}")
        try:
            yield browser
        finally:
            browser.close()


def lacking(reason: str) -> Any:
    """Skips what needs a browser, or fails where one is required."""
    (pytest.fail if os.environ.get("SHOEMON_BROWSER") == "required" else pytest.skip)(reason)


class Reader:
    """Someone who reads the pages at `url` in a browser of their own: one tab, nothing kept from before.

    `wrong` collects what no page may do: messages of errors and warnings (an answer that is an error makes one), errors
    of scripts, windows that pop up, and questions to any other host.
    """

    def __init__(self, browser: Any, url: str, **options: Any) -> None:
        self.url = url
        self.context = browser.new_context(**{"viewport": DESKTOP, "locale": "en-US", **options})
        self.context.set_default_timeout(120_000)
        self.tab = self.context.new_page()
        self.wrong: list[str] = []
        self.asked: list[str] = []
        self.clicks = 0
        self.context.on("request", self._on_request)
        self.context.on("console", self._on_console)
        self.context.on("weberror", lambda error: self.wrong.append(f"script: {error.error}"))
        self.context.on("dialog", self._on_dialog)
        self.context.on("page", lambda tab: self.wrong.append(f"window: {tab.url}"))

    def _on_request(self, request: Any) -> None:
        self.asked.append(request.url)
        parts = urlsplit(request.url)
        if (parts.scheme, parts.hostname) != LOCAL and parts.scheme not in ("data", "blob", "about"):
            self.wrong.append(f"asks another host: {request.url}")

    def _on_console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"console: {message.text} ({message.location['url']})")

    def _on_dialog(self, dialog: Any) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def open(self, path: str = "/") -> Any:
        """Opens a page below the base path, until all it asks for is there; the answer."""
        answer = self.tab.goto(self.url.rstrip("/") + path, wait_until="load")
        assert answer is not None
        return answer

    def click(self, what: Any) -> None:
        """A click on what is to be seen, counted, until the page it leads to is there."""
        what.scroll_into_view_if_needed()
        what.click()
        self.tab.wait_for_load_state("load")
        self.clicks += 1

    def sees(self, what: Any) -> bool:
        """Whether it stands within the window once it was scrolled to, not hidden and not cut off at a side."""
        what.scroll_into_view_if_needed()
        box, window = what.bounding_box(), self.tab.viewport_size
        return bool(
            what.is_visible() and box and box["width"] > 0 and box["height"] > 0
            and box["x"] >= 0 and box["x"] + box["width"] <= window["width"] + 1
            and box["y"] + box["height"] > 0 and box["y"] < window["height"]
        )  # fmt: skip

    def text(self, where: str = "main") -> str:
        """What stands in a part of the page, blanks put together, as it is laid out (folded parts left out)."""
        return " ".join(self.tab.locator(where).first.inner_text().split())

    def drawn(self) -> None:
        """Waits until the page's maps and charts are drawn."""
        for part in ("figure.map .frame svg .map-run path", "figure.chart .plot svg"):
            for figure in self.tab.locator(part.partition(" ")[0]).all():
                figure.locator(part.partition(" ")[2]).first.wait_for(state="attached")

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        return int(self.tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def shape(self) -> Counter[str]:
        """The elements of the page, each with the names of its attributes, counted."""
        script = "[...document.querySelectorAll('*')].map(e => [e.localName, ...e.getAttributeNames()].join(' '))"
        return Counter(self.tab.evaluate(script))

    def close(self) -> None:
        self.context.close()


@contextmanager
def reading(browser: Any, url: str, **options: Any) -> Iterator[Reader]:
    """A reader until the block ends, who then has met nothing wrong."""
    reader = Reader(browser, url, **options)
    try:
        yield reader
        assert reader.wrong == []
    finally:
        reader.close()
