"""Source type `fittrackee`: workouts on a server of FitTrackee, which runners host themselves; with shoes and tracks.

By its API documentation and its own code of 2026 (version 1.2).
"""

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from pydantic import Field

from shoemon.config.kinds import Secret, SourceSettings
from shoemon.config.urls import OwnServerUrl
from shoemon.model.contracts import Cursor, Tracks
from shoemon.net.addresses import literal
from shoemon.sources import Context, RecordPull, SourceOf, digest
from shoemon.sources.kit.activities import read_records
from shoemon.sources.kit.oauth import PORT, App, LoginDialog, login_warnings

if TYPE_CHECKING:
    from shoemon.net.download import Limits
    from shoemon.sources.kit.api import Api


class Settings(SourceSettings):
    """A FitTrackee server of your own, or one that you have an account on."""

    type: Literal["fittrackee"] = Field("fittrackee", description="FitTrackee, by its API")
    base_url: OwnServerUrl = Field(
        description="address of the server, as in the browser", examples=["https://fittrackee.example.org"]
    )
    client_id: str = Field(
        min_length=1,
        description="of an app made on the server (your account, apps) with the scopes workouts:read and "
        f"equipments:read and the redirect URL http://127.0.0.1:{PORT}/",
        examples=["a1b2c3d4e5f6g7h8i9j0k1l2"],
    )
    client_secret: Secret = Field(
        description="the app's secret, shown when it is made; then log in once: shoemon login NAME",
        examples=["{env: FITTRACKEE_CLIENT_SECRET}"],
    )
    redirect_port: int = Field(
        PORT, ge=1, le=65535, description="the port in the redirect URL, to which the browser brings the answer"
    )


def login(settings: Settings, context: Context, dialog: LoginDialog) -> None:
    from shoemon.sources.kit.oauth.authorize import log_in

    log_in(app_of(settings), context, dialog)


def warnings(settings: Settings, context: Context) -> Iterable[str]:
    """Report a missing login, and a connection that others on the way can read."""
    if _is_unencrypted(settings.base_url):
        yield "the app's secret, the login and the workouts are sent unencrypted; write https in base_url"
    yield from login_warnings(app_of(settings), context)


def _is_unencrypted(url: str) -> bool:
    """Return whether requests to `url` cross the internet unencrypted, not only a home network (RFC 6762, RFC 8375)."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    address = literal(host)
    is_local = not address.is_global if address is not None else "." not in host or host.endswith(_LOCAL)
    return parts.scheme == "http" and not is_local


_LOCAL = (".local", ".home.arpa", ".internal", ".lan", ".localhost")


def app_of(settings: Settings) -> App:
    base_url = settings.base_url.rstrip("/")
    return App(
        settings.name, "FitTrackee", f"{base_url}/api", f"{base_url}/profile/apps/authorize",
        f"{base_url}/api/oauth/token", settings.client_id, settings.client_secret,
        ("workouts:read", "equipments:read"), settings.redirect_port,
    )  # fmt: skip


class FitTrackee(SourceOf[Settings]):
    """Lists all workouts at every pull, a hundred a request, so that edits and deletions are noticed."""

    def pull(self, cursor: Cursor | None) -> RecordPull:
        from shoemon.net.failure import AnswerError
        from shoemon.sources.fittrackee import listing
        from shoemon.sources.kit.api import LIMITS

        api = self._api(LIMITS)
        try:
            sports, rows = listing.sports(api), listing.workouts(api)
        except AnswerError as error:
            raise listing.explained(error, app_of(self._settings)) from None
        read = partial(listing.read_activity, source=self.name, zone=self._context.zone, sports=sports)
        found = list(read_records(rows, read))
        after: Cursor = {"digest": digest(found)}
        return RecordPull(iter(found), unchanged=after == cursor, cursor=lambda: after)

    def open_tracks(self) -> Tracks:
        from shoemon.sources.kit.downloaded_tracks import NO_TRACK, WebTracks

        no_track = NO_TRACK | {500}  # the answer for a file without positions
        path = "/workouts/{}/gpx/download"
        return WebTracks(self._api, path, self._context.state, self.name, no_track)

    def _api(self, limits: "Limits") -> "Api":
        from shoemon.sources.kit.oauth.access import Access

        return Access(app_of(self._settings), self._context).api(limits)


make = FitTrackee
