"""Source type `strava-api`: what Strava's API v3 tells an app of the runner's own.

Since June 2026 the app's owner needs a paid subscription of Strava's; its bulk export (`strava-export`) stays free, and
knows the ground. Points of tracks cost one request for each run here, so they are not asked for.
"""

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from shoemon.config.kinds import Secret, SourceSettings
from shoemon.config.urls import ServerUrl
from shoemon.model.contracts import Cursor
from shoemon.sources import Context, RecordPull, digest
from shoemon.sources.kit.oauth import PORT, App, Conversation, login_warnings

READER = 1
"""Raised whenever the same answers are understood differently, so that they are stored anew."""


class Settings(SourceSettings):
    """Strava, asked by its API through an app of your own, whose owner pays for Strava (else: strava-export)."""

    type: Literal["strava-api"] = Field("strava-api", description="Strava, by its API (needs a paid subscription)")
    client_id: str = Field(
        min_length=1, description="the number of your app, from strava.com/settings/api", examples=['"12345"']
    )
    client_secret: Secret = Field(
        description="its secret, from the same page; then log in once: shoemon login NAME",
        examples=["{env: STRAVA_CLIENT_SECRET}"],
    )
    base_url: ServerUrl = Field(
        "https://www.strava.com/api/v3",
        description="where the API stands; from June 2027 it is https://www.api-v3.strava.com",
    )
    oauth_url: ServerUrl = Field("https://www.strava.com/oauth", description="where logins are given")
    redirect_port: int = Field(
        PORT, ge=1, le=65535, description="port of this machine to which the browser brings the answer to a login"
    )


def make(settings: Settings, context: Context) -> "StravaApi":
    """The source that asks Strava. `context.timezone` is asked only where a time lacks its offset."""
    return StravaApi(settings, context)


def login(settings: Settings, context: Context, conversation: Conversation) -> None:
    """Asks the runner's leave. Raises ShoemonError."""
    from shoemon.sources.kit.oauth.leave import log_in

    log_in(app_of(settings), context, conversation)


def warnings(settings: Settings, context: Context) -> Iterable[str]:
    """Whether the runner has yet to log in."""
    return login_warnings(app_of(settings), context)


def app_of(settings: Settings) -> App:
    """The runner's app at Strava. Scopes stand with commas between them there, and PKCE is not known."""
    oauth_url = settings.oauth_url.rstrip("/")
    return App(
        settings.name, "Strava", settings.base_url, f"{oauth_url}/authorize", f"{oauth_url}/token", settings.client_id,
        settings.client_secret, ("activity:read_all", "profile:read_all"), settings.redirect_port, ",", proves=False,
    )  # fmt: skip


class StravaApi:
    """Lists the whole history at every pull, so that edits and deletions follow: a request for each 200 activities, and
    one for each pair of shoes, once a day or when a run was added or changed."""

    def __init__(self, settings: Settings, context: Context) -> None:
        self.name = settings.name
        self._app, self._context = app_of(settings), context

    def pull(self, cursor: Cursor | None) -> RecordPull:
        """Asks for every page. Raises SourceError if one of them cannot be had."""
        from shoemon.net.failure import AnswerError
        from shoemon.sources.kit.api import Api
        from shoemon.sources.kit.oauth.access import Access
        from shoemon.sources.strava_api import listing, records
        from shoemon.sources.strava_api.gear import Names
        from shoemon.sources.strava_api.listing import in_words

        head = {"reader": READER, "timezone": self._context.timezone}
        known: Cursor = cursor if cursor is not None and cursor.items() >= head.items() else {}
        access, now = Access(self._app, self._context), self._context.clock()
        api = Api(self._app.api_url, access.sign, access.credentials, renew=access.renew, limits=listing.LIMITS)
        try:
            rows = listing.listed(api)
        except AnswerError as error:
            raise in_words(error, self._app, now) from None
        listed = digest(rows)
        names = Names(known.get("names", {}), now, anew=listed != known.get("listed"))
        # Another one, which renews nothing: a login without leave for shoes is refused here, and is sound.
        names.ask(Api(self._app.api_url, access.sign, access.credentials, limits=listing.LIMITS), rows)
        told = list(records.read(rows, self.name, self._context.zone, names.by_id))
        after: Cursor = {**head, "listed": listed, "told": digest(told + names.problems), "names": names.kept}
        return RecordPull(
            iter([*told, *names.problems]), unchanged=after["told"] == known.get("told"), cursor=lambda: after
        )
