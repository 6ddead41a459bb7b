"""Source type `fittrackee`: workouts on a server of FitTrackee, which runners host themselves; with shoes and tracks.

As its API documentation and its own code of 2026 (version 1.2) have it.
"""

from collections.abc import Iterable
from typing import IO, TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from pydantic import Field

from shoemon.config.kinds import Secret, SourceSettings
from shoemon.config.urls import OwnServerUrl
from shoemon.model.contracts import Cursor, Tracks
from shoemon.net.addresses import literal
from shoemon.sources import Context, RecordPull, digest
from shoemon.sources.kit.oauth import PORT, App, Conversation, login_warnings

if TYPE_CHECKING:
    from shoemon.net.download import Limits
    from shoemon.sources.kit.api import Api

READER = 1
"""Raised whenever the same answers are understood differently, so that they are stored anew."""


class Settings(SourceSettings):
    """A FitTrackee server of your own, or one that you have an account on."""

    type: Literal["fittrackee"] = Field("fittrackee", description="FitTrackee, by its API")
    base_url: OwnServerUrl = Field(
        description="where the server stands, as in the browser", examples=["https://fittrackee.example.org"]
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


def make(settings: Settings, context: Context) -> "FitTrackee":
    """The source that asks the server. `context.timezone` tells on which day a workout was."""
    return FitTrackee(settings, context)


def login(settings: Settings, context: Context, conversation: Conversation) -> None:
    """Asks the runner's leave. Raises ShoemonError."""
    from shoemon.sources.kit.oauth.leave import log_in

    log_in(app_of(settings), context, conversation)


def warnings(settings: Settings, context: Context) -> Iterable[str]:
    """Whether the runner has yet to log in, and whether others on the way could read along."""
    if _is_open(settings.base_url):
        yield "the app's secret, the login and the workouts go there unencrypted; write https in base_url"
    yield from login_warnings(app_of(settings), context)


def _is_open(url: str) -> bool:
    """Whether what is sent to `url` crosses the internet unencrypted. Names without a dot, and those that only the
    network of a house knows (RFC 6762, RFC 8375), stay within."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    spelt = literal(host)
    stays = not spelt.is_global if spelt is not None else "." not in host or host.endswith(_NEAR)
    return parts.scheme == "http" and not stays


_NEAR = (".local", ".home.arpa", ".internal", ".lan", ".localhost")


def app_of(settings: Settings) -> App:
    """The runner's app on the server."""
    base_url = settings.base_url.rstrip("/")
    return App(
        settings.name, "FitTrackee", f"{base_url}/api", f"{base_url}/profile/apps/authorize",
        f"{base_url}/api/oauth/token", settings.client_id, settings.client_secret,
        ("workouts:read", "equipments:read"), settings.redirect_port,
    )  # fmt: skip


class FitTrackee:
    """Lists all workouts at every pull, a hundred a request, so that edits and deletions follow."""

    def __init__(self, settings: Settings, context: Context) -> None:
        self.name = settings.name
        self._app, self._context = app_of(settings), context

    def pull(self, cursor: Cursor | None) -> RecordPull:
        """Asks for every page. Raises SourceError if one of them cannot be had."""
        from shoemon.net.failure import AnswerError
        from shoemon.sources.fittrackee import listing, records
        from shoemon.sources.fittrackee.listing import in_words
        from shoemon.sources.kit.api import LIMITS

        api = self._api(LIMITS)
        try:
            sports, rows = listing.sports(api), listing.workouts(api)
        except AnswerError as error:
            raise in_words(error, self._app) from None
        told = list(records.read(rows, self.name, self._context.zone, sports))
        after: Cursor = {"reader": READER, "timezone": self._context.timezone, "told": digest(told)}
        return RecordPull(iter(told), unchanged=after == cursor, cursor=lambda: after)

    def open_tracks(self) -> Tracks:
        """The tracks, each downloaded when it is asked for."""
        from shoemon.model.recording import TrackError
        from shoemon.net.failure import AnswerError
        from shoemon.sources.fittrackee.records import is_id
        from shoemon.sources.kit.downloaded_tracks import LIMITS, WebTracks

        # The answer for a file without positions, of which no GPX can be made.
        no_gpx = 500
        limits = LIMITS._replace(final=frozenset({no_gpx}))

        def download(track: str) -> IO[bytes]:
            if not is_id(track):
                raise TrackError(f"{track!r} is not the id of a workout")
            try:
                return self._api(limits).fetch(f"/workouts/{track}/gpx/download").body
            except AnswerError as error:
                if error.status == no_gpx:
                    raise TrackError(f"the server makes no GPX of it (status {no_gpx})") from None
                raise

        return WebTracks(download, self._context.state, self.name)

    def _api(self, limits: "Limits") -> "Api":
        from shoemon.sources.kit.api import Api
        from shoemon.sources.kit.oauth.access import Access

        access = Access(self._app, self._context)
        return Api(self._app.api_url, access.sign, access.credentials, renew=access.renew, limits=limits)
