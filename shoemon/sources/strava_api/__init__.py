"""Source type `strava-api`: activities by Strava's API v3, through the runner's own app.

Since June 2026 the app's owner needs a paid Strava subscription; the bulk export (`strava-export`) is free, and
contains the ground. Tracks would cost one request for each run, so they are not requested.
"""

from collections.abc import Iterable
from functools import partial
from typing import Literal

from pydantic import Field

from shoemon.config.kinds import Secret, SourceSettings
from shoemon.config.urls import ServerUrl
from shoemon.model.contracts import Cursor
from shoemon.sources import Context, RecordPull, SourceOf, digest
from shoemon.sources.kit.activities import read_records
from shoemon.sources.kit.oauth import PORT, App, LoginDialog, login_warnings


class Settings(SourceSettings):
    """Strava, by its API and your own app; its owner needs a paid subscription (else: strava-export)."""

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
        description="address of the API; from June 2027 it is https://www.api-v3.strava.com",
    )
    oauth_url: ServerUrl = Field("https://www.strava.com/oauth", description="address for logins")
    redirect_port: int = Field(
        PORT, ge=1, le=65535, description="port of this machine to which the browser brings the answer to a login"
    )


def login(settings: Settings, context: Context, dialog: LoginDialog) -> None:
    from shoemon.sources.kit.oauth.authorize import log_in

    log_in(app_of(settings), context, dialog)


def warnings(settings: Settings, context: Context) -> Iterable[str]:
    return login_warnings(app_of(settings), context)


def app_of(settings: Settings) -> App:
    """Return the runner's app at Strava, which separates scopes by commas and has no PKCE."""
    oauth_url = settings.oauth_url.rstrip("/")
    return App(
        settings.name, "Strava", settings.base_url, f"{oauth_url}/authorize", f"{oauth_url}/token", settings.client_id,
        settings.client_secret, ("activity:read_all", "profile:read_all"), settings.redirect_port, ",", has_pkce=False,
    )  # fmt: skip


class StravaApi(SourceOf[Settings]):
    """Lists the whole history at every pull, so that edits and deletions are noticed: a request for each 200
    activities, and one for each pair of shoes, once a day or when a run was added or changed."""

    def pull(self, cursor: Cursor | None) -> RecordPull:
        from shoemon.net.failure import AnswerError
        from shoemon.sources.kit.oauth.access import Access
        from shoemon.sources.strava_api import listing

        known: Cursor = cursor or {}
        app, now = app_of(self._settings), self._context.clock()
        access = Access(app, self._context)
        try:
            rows = listing.listed(access.api(listing.LIMITS))
        except AnswerError as error:
            raise listing.explained(error, app, now) from None
        listed = digest(rows)
        names = listing.ShoeNames(known.get("names", {}), now, again=listed != known.get("listed"))
        # Another Api, which does not renew: it refuses a login without permission for shoes, which is valid.
        names.request(access.api(listing.LIMITS, renews=False), rows)
        read = partial(listing.read_activity, source=self.name, zone=self._context.zone, names=names.by_id)
        found = [*read_records(rows, read), *names.problems]
        after: Cursor = {"listed": listed, "digest": digest(found), "names": names.kept}
        return RecordPull(iter(found), unchanged=after["digest"] == known.get("digest"), cursor=lambda: after)


make = StravaApi
