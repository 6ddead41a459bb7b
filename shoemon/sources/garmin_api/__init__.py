"""Source type `garmin-api`: activities by Garmin Connect's Personal API, with the runner's own key.

Garmin's API of 2026 only reads: the list of activities, the detail of each with its share of unpaved ground, and the
original file. It names no shoes.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from shoemon.config.kinds import Day, Secret, SourceSettings
from shoemon.config.urls import ServerUrl
from shoemon.model.activity import Activity
from shoemon.model.contracts import Cursor, Tracks
from shoemon.sources import RecordPull, SourceOf, digest

if TYPE_CHECKING:
    from shoemon.net.download import Limits
    from shoemon.sources.kit.api import Api

_ZIP = "application/x-zip-compressed"
"""Other types get status 406 (tried by gcpapi-sync 0.1)."""


class Settings(SourceSettings):
    """Garmin Connect, by its Personal API."""

    type: Literal["garmin-api"] = Field("garmin-api", description="Garmin Connect, by its Personal API")
    key: Secret = Field(
        description="the key, made in Garmin Connect under Settings, Personal API; it expires after 30 days to a year",
        examples=["{env: GARMIN_PERSONAL_API_KEY}"],
    )
    since: Day | None = Field(
        None, description="the first day whose activities are requested (default: all)", examples=["2024-01-01"]
    )
    base_url: ServerUrl = Field("https://personal.connectapi.garmin.com", description="address of the server")


class GarminApi(SourceOf[Settings]):
    """Lists all activities at every pull; details are requested once, a number of them at each pull."""

    def pull(self, cursor: Cursor | None) -> RecordPull:
        from shoemon.sources.garmin_api import ground, listing
        from shoemon.sources.kit.api import LIMITS

        new_api = self._apis("application/json")
        rows = listing.listed(new_api(LIMITS), self._settings.since)
        found = list(listing.activities_in(rows, self.name, self._context.zone))
        activities = [each for each in found if isinstance(each, Activity)]
        stored = ground.StoredShares(self._context.state, self.name)
        shares = ground.shares_in(stored.read(), activities)
        answers = ground.fetch_shares(new_api(ground.LIMITS), activities, shares, self._context.clock().timestamp())
        stored.write(answers)
        shares |= answers
        records = [ground.with_share(each, shares) if isinstance(each, Activity) else each for each in found]
        after: Cursor = {"digest": digest(records)}
        return RecordPull(iter(records), unchanged=cursor == after, cursor=lambda: after)

    def open_tracks(self) -> Tracks:
        from shoemon.sources.kit.downloaded_tracks import WebTracks

        path = "/download-service/files/activity/{}"
        return WebTracks(self._apis(_ZIP), path, self._context.state, self.name)

    def _apis(self, accept: str) -> "Callable[[Limits], Api]":
        """Return a function that makes an Api with some limits; all of them share one token."""
        from shoemon.sources.garmin_api.key import Key, KeyToken
        from shoemon.sources.kit.api import Api, key_and_place
        from shoemon.store.tokens import Tokens

        state, setting, base_url = self._context.state, self._settings.key, self._settings.base_url
        secret, where = key_and_place(setting, self._context.base)
        key = Key(
            secret, base_url, f"the key from {where}; make a new one in Garmin Connect under Settings, Personal API"
        )
        token = KeyToken(key, self._context.clock, Tokens(state, self.name) if state else None)

        def new_api(limits: "Limits") -> Api:
            return Api(base_url, token.signing(accept), key.credentials, renew=token.renew, limits=limits)

        return new_api


make = GarminApi
