"""Make the views of pages, for readers who may see what the pages read, and tell Datasette their addresses."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from pluggy import HookimplMarker

from shoemon.pages.site import Site, route

hookimpl = HookimplMarker("datasette")
Page = Callable[[Any, Site], Awaitable[Any]]
"""Answers a request, with the pages of the database that it is about."""
NO_RUNS = "There is no database of runs that you may see."


def only_with(tables: Sequence[str], title: str, words: str = NO_RUNS) -> Callable[[Page], Any]:
    """Make a view of Datasette of a page: who may not see all of `tables` (those of which it shows anything; `READ` in
    plugins) gets one with this title and these words."""

    def view_of(page: Page) -> Any:
        async def view(request: Any, datasette: Any) -> Any:
            site = Site(datasette, request)
            if await site.database(request, tables) is None:
                return await site.missing(request, title, words)
            return await page(request, site)

        return view

    return view_of


def routes(views: Mapping[str, Any]) -> Callable[[], list[tuple[str, Any]]]:
    """Make the hook `register_routes` of a plugin with these views, by the patterns of their pages (see `route`)."""

    @hookimpl
    def register_routes() -> list[tuple[str, Any]]:
        return [(route(page), view) for page, view in views.items()]

    return register_routes
