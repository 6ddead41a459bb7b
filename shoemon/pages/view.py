"""Make the views of pages, for readers who may see what the pages read."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from shoemon.pages.site import Site

Page = Callable[[Any, Site], Awaitable[Any]]
"""Answers a request, with the pages of the database that it is about."""
NO_RUNS = "There is no database of runs that you may see."


def only_with(tables: Sequence[str], title: str, words: str = NO_RUNS) -> Callable[[Page], Any]:
    """Make a view of Datasette of a page: who may not see all of `tables` gets one with this title and these words."""

    def view_of(page: Page) -> Any:
        async def view(request: Any, datasette: Any) -> Any:
            site = Site(datasette, request)
            if await site.database(request, tables) is None:
                return await site.missing(request, title, words)
            return await page(request, site)

        return view

    return view_of
