"""The actions of pages that need the runner's settings: give a run its pair, and check who may.

For plugins of Datasette, which know nothing else of shoemon: plain calls with plain values. A runner's mistake is
reported in the answer, or raised as ShoemonError where a method says so.
"""

import logging
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, Literal

from shoemon.config.load import Config, as_now
from shoemon.config.reach import leads_elsewhere
from shoemon.model.clock import Clock, system_clock
from shoemon.model.errors import ShoemonError
from shoemon.model.text import one_line, short_name
from shoemon.pages.run_filter import Wanted
from shoemon.store import edit_history, tickets
from shoemon.store.snapshot import must_exist, read_only
from shoemon.store.ticket_key import desk_key
from shoemon.sync.suggest_shoes import Choice, choices
from shoemon.web.add_run import add_run, look_run
from shoemon.web.assign import assign
from shoemon.web.assign_many import Look, assign_many, look_many
from shoemon.web.changes import Done, carry_out, look, undo
from shoemon.web.correct_run import correct_run
from shoemon.web.edit_settings import edit_of, settings_now
from shoemon.web.page_sync import PageSync

log = logging.getLogger(__name__)


class Desk:
    """The desk of one configuration directory, with the settings from when serving began; pairs and corrections are
    read as they are now. `host` and `port`: where the pages are served, if not by the settings."""

    def __init__(
        self,
        config: Config,
        clock: Clock = system_clock,
        host: str | None = None,
        port: int | None = None,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        web = config.main.web
        self._config, self._clock = config, clock
        self._tests: dict[str, Any] = {}  # of channels
        self.taps: Literal["this-machine", "links"] = web.taps
        """Who else may give a run its pair than the runner at this machine: nobody, or whoever has a mail's link."""
        self.proxied = leads_elsewhere(web, host or web.host, port or web.port)
        """Whether the pages are reached by another way too: then an address does not show who asks."""
        self.serves_here = not self.proxied and web.password is None and web.user_header is None
        """Whether who sits at this machine may write without signing in."""
        self.private = web.private
        """Whether other runners may not see this home."""
        self.url = web.url
        """Where the runner opens the pages, if it is set."""
        self.home = config.directory if config.household else None
        """The directory that commands must name, beside others."""
        self.runner = config.household.runner if config.household else config.main.runner or ""
        """The runner's name, beside others always; empty if it is not set."""
        self.former = {config.database.stem, short_name(config.main.runner or config.directory.name)}
        """The names that the database has on the pages alone and beside others; old mails may have the other one."""
        self._page_sync = PageSync(clock, stopping)

    def assign(self, run: str, shoe: str | None) -> Done:
        """Write that `run` was done in `shoe` (None: that export and rules decide), and decide again. Raises
        ShoemonError."""
        return assign(self._config, run, shoe, self._clock)

    def likely(self, run: str) -> list[Choice]:
        """Return the pairs to choose from for `run`: the likeliest first, then all others in use that day (share 0)."""
        return self.likely_of([run]).get(run, [])

    def likely_of(self, runs: Iterable[str]) -> dict[str, list[Choice]]:
        """As `likely`, for many runs at once; nothing for those that are not stored."""
        config = self._current()
        try:
            with read_only(config.database, timeout_s=10) as connection:
                return choices(connection, runs, config.plan)
        except ShoemonError as error:
            log.error("cannot suggest pairs: %s", error)
            return {}

    def which(self, distance_m: float | None = None, ground_m: Mapping[str, float] | None = None) -> dict[str, Any]:
        """Return the pairs that suit a run of these metres by ground, or the next one by habit, as `shoemon which
        --json` does; `words` says it in a line, `lines` has the reasons of each pair. Raises ShoemonError."""
        from shoemon.report.which import WantedRun, which_data, which_pairs
        from shoemon.words.forecast import plain_hand
        from shoemon.words.which import headline, pair_line

        config = self._current()
        found = which_data(which_pairs(config, self._clock, WantedRun(distance_m, ground_m or {})))
        hand = plain_hand(config.main.units)
        return {**found, "words": headline(found, hand), "lines": [pair_line(pair, hand) for pair in found["pairs"]]}

    def look_many(self, wanted: Wanted) -> Look:
        """Find what `assign_many` would do. Raises ShoemonError."""
        return look_many(self._current(), self._clock, wanted)

    def assign_many(self, wanted: Wanted) -> Done:
        """Write that many runs were done in a pair. Raises ShoemonError."""
        return assign_many(self._current(), self._clock, wanted)

    def correct(self, run: str, setting: str, value: Any) -> Done:
        """Write a setting of the correction of `run`; None removes it. Raises ShoemonError."""
        return correct_run(self._current(), self._clock, run, setting, value)

    def look_run(self, fields: dict[str, str]) -> list[str]:
        """Return the lines that `add_run` would write. Raises ShoemonError."""
        return look_run(self._current(), self._clock, fields)

    def add_run(self, fields: dict[str, str]) -> Done:
        """Write a run by hand, by the fields of its form. Raises ShoemonError."""
        return add_run(self._current(), self._clock, fields)

    def ticket(self, run: str) -> str:
        """A ticket that lets its holder give `run` a pair, for some weeks; empty if state.db cannot be used."""
        return self._make(tickets.ASSIGN, run, tickets.ASSIGN_DAYS)

    def admits(self, subject: str, ticket: str, *, pair: bool = False) -> bool:
        """Check that `ticket` is for this run, or `pair`, and still valid. `taps` decides whether tickets are accepted
        at all."""
        return self._is_valid(tickets.PAIR if pair else tickets.ASSIGN, subject, ticket)

    def form_token(self, run: str) -> str:
        """A token that marks a form about `run` as one of ours; empty if state.db cannot be used."""
        return self._make(tickets.FORM, run, tickets.FORM_DAYS)

    def form_token_ok(self, run: str, token: str) -> bool:
        """Check that `token` was issued for a form about `run`, today or yesterday."""
        return self._is_valid(tickets.FORM, run, token)

    def places_asked(self) -> list[Any]:
        """Return the places where runs go round a lap on unknown ground, the one with most metres first; none where
        they cannot be read. Positions are for who may edit alone."""
        from shoemon.web.edit_places import places_asked

        try:
            return [*places_asked(self._current())]
        except ShoemonError as error:
            log.error("cannot look for laps: %s", error)
            return []

    def name_place(self, key: str, surface: str) -> Done:
        """Write that the place with this key has `surface`; `unknown`: not to ask about it again. Raises
        ShoemonError."""
        from shoemon.web.edit_places import name_place

        return name_place(self._current(), self._clock, key, surface)

    def pair_form(self, shoe: str | None, like: str | None) -> Any:
        """Return the settings of a pair as they are written (None: a new one, like the pair `like`), and gear that
        belongs to no pair. Raises ShoemonError."""
        from shoemon.web.edit_pairs import pair_form

        return pair_form(self._current(), shoe, like)

    def look_at_pair(self, do: str, shoe: str | None, fields: Mapping[str, Any]) -> list[str]:
        """Return the lines that `change_pair` would write. Raises ShoemonError."""
        from shoemon.web.edit_pairs import plan_pair

        return look(self._current(), lambda config: plan_pair(config, self._clock, do, shoe, fields))

    def change_pair(self, do: str, shoe: str | None, fields: Mapping[str, Any]) -> Done:
        """Do what a button of a pair says (see `plan_pair`), or mute or acknowledge its alerts. Raises ShoemonError."""
        from shoemon.web.edit_pairs import acknowledge_pair, mute_pair, plan_pair

        config = self._current()
        if do in ("mute", "unmute"):
            mute_pair(config, self._clock, shoe or "", end=do == "unmute")
        elif do == "seen":
            acknowledge_pair(config, self._clock, shoe or "")
        else:
            return carry_out(config, self._clock, lambda now: plan_pair(now, self._clock, do, shoe, fields))
        return Done("", None)

    def changes(self) -> list[Any]:
        """Return the changes of the settings that can be undone, the latest first: `id`, `edited_at` and `title`.
        Raises ShoemonError."""
        return [*edit_history.latest(self._config.state_database)]

    def undo(self, id: int) -> Done:
        """Undo a change. Raises ShoemonError."""
        return undo(self._current(), self._clock, id)

    def settings(self) -> dict[str, Any]:
        """Return what pages change: `now`, the settings as they are written (empty texts for those that are not), the
        `places`, and the `sources` by name."""
        config = self._current()
        names = [source.name for source in config.sources]
        return {"now": settings_now(config), "places": sorted(config.plan.places), "sources": names}

    def look_at_settings(self, form: str, typed: Mapping[str, str]) -> list[str]:
        """Return the lines that `change_settings` would write. Raises as that."""
        return look(self._current(), edit_of(form, typed))

    def change_settings(self, form: str, typed: Mapping[str, str]) -> Done:
        """Write what was typed into a form of the page of settings. Raises FormError for mistakes, ShoemonError."""
        return carry_out(self._current(), self._clock, edit_of(form, typed))

    def sync_now(self, source: str | None) -> None:
        """Start a sync of one source (None: all). Raises ShoemonError, also if a sync is running."""
        self._page_sync.start(self._current(), [source] if source else None)

    def last_sync(self) -> Any:
        """Return how the last sync that `sync_now` started ended: `words` and `failed`; None while none has."""
        return self._page_sync.last

    def track(self, run: str) -> dict[str, Any]:
        """Return the track of `run` on the map as GeoJSON, or why there is none: `{"missing": words}`."""
        from shoemon.web.run_track import track

        return dict(track(self._current(), run))

    def has_map(self) -> bool:
        """Check that there is a map, which planned routes are matched to."""
        from shoemon.ground.osm.opening import has_map

        return has_map(self._current().map_database)

    async def receive_route(self, request: Any) -> tuple[str, bytes]:
        """Return the name and the content of the route that a request holds. Raises ShoemonError."""
        from shoemon.web.route import receive_route

        return await receive_route(request)

    def route(self, file_name: str, content: bytes) -> dict[str, Any]:
        """Return the ground of a planned route, its parts in words, and its map as GeoJSON; nothing of it is stored.
        Raises ShoemonError."""
        from shoemon.web.route import route

        return route(self._current(), file_name, content)

    def ways_to_tag(self) -> list[dict[str, Any]]:
        """Return the ways without a surface tag on which most was run: `way`, `name`, `distance_m` and `runs`; none
        where they cannot be read. They show where the runner lives, and are for who may edit alone."""
        from shoemon.web.ways_to_tag import ways_to_tag

        try:
            return ways_to_tag(self._current())
        except (ShoemonError, sqlite3.Error) as error:
            log.error("cannot read the ways: %s", one_line(str(error)))
            return []

    def ground_check(self) -> Any:
        """Return what asks about stretches of the runs, as they are now. Raises ShoemonError, also when it is used."""
        from shoemon.web.ground_check import GroundCheck

        return GroundCheck(self._current(), self._clock)

    def map_state(self) -> dict[str, Any]:
        """Return the extracts of OpenStreetMap that cover the runs, as far as they were found, and what is done now."""
        from shoemon.sync.get_map import state_of

        return state_of(self._current())

    def get_map(self, ids: list[str] | None) -> str:
        """Have the scheduler find the extracts that cover the runs (None), or get these; return why not, or nothing."""
        from shoemon.sync.get_map import ask, at_work

        config = self._current()
        try:
            with at_work(config, self._clock):
                ask(config, ids, self._clock())
        except ShoemonError as error:
            return str(error)
        return ""

    def channels(self) -> Any:
        """Return what lists, adds, tests and removes the channels of messages."""
        from shoemon.web.channels import Channels

        return Channels(self._current(), self._clock, self._tests)

    def uploads(self) -> Any:
        """Return what takes in files that are sent."""
        from shoemon.web.upload import Uploads

        config = self._current()
        return Uploads(config.directory, config, self._clock)

    def status(self) -> dict[str, Any]:
        """Return what `shoemon status --json` prints. Raises ShoemonError."""
        from shoemon.report.status import status_data

        return status_data(self._current())

    def forecast(self) -> dict[str, Any]:
        """Return what `shoemon forecast --json` prints. Raises ShoemonError."""
        from shoemon.report.forecast import forecast_data

        return forecast_data(self._config.database)

    def progress(self) -> Any:
        from shoemon.sync import progress

        return progress.read(self._config.database)

    def is_at_work(self) -> bool:
        """Check that a scheduler is at work, in whichever process."""
        from shoemon.sync.heartbeat import scheduler_state

        return scheduler_state(self._config.database, self._clock()) == "ok"

    def health(self) -> dict[str, Any]:
        """Return the state of the scheduler, which source fails, and what waits."""
        from shoemon.report.health import health_data

        return health_data(self._config.database, self._clock)

    def _make(self, purpose: str, run: str, days: int) -> str:
        key = self._key()
        return tickets.make(key, purpose, run, self._clock().date() + timedelta(days=days)) if key else ""

    def _is_valid(self, purpose: str, run: str, ticket: str) -> bool:
        key = self._key()
        return key is not None and tickets.is_valid(key, purpose, run, ticket, self._clock().date())

    def _key(self) -> bytes | None:
        try:
            must_exist(self._config.database)  # nothing new is made where it was, as on a disk that is gone
            return desk_key(self._config.state_database)
        except ShoemonError as error:
            log.error("%s", one_line(str(error)))
            return None

    def _current(self) -> Config:
        """Return the settings as they are now; after a bad edit the last good ones."""
        self._config = as_now(self._config)
        return self._config
