"""Sources on a server: a home with one of them, and the tests that all of them have to pass."""

import gzip
import json
import logging
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from typing import Any, ClassVar

import pytest
from kit.api_servers import Answer, Asked, Server, fields_of
from kit.fit_files import file_id, fit, session, way
from kit.homes import Home, faults
from kit.laid_exports import packed

from shoemon.model.activity import Activity, Problem
from shoemon.model.contracts import Cursor
from shoemon.model.errors import SourceError
from shoemon.model.recording import TrackError
from shoemon.sources import open_source
from shoemon.sync.match.read_and_match import Request, surveyor_of
from shoemon.sync.pull import source_context

FIT = fit(file_id(), *way(range(0, 400, 10)), session(0, sport=1, total_distance=1200, total_timer_time=400))
"""A track with 40 points."""


class Account:
    """What the runner has at a server."""

    NAME = "name"
    """The field with the name of a run."""
    HALF: ClassVar[dict[str, Any]] = {"distance": 5000.0}
    OTHER_PAIR: ClassVar[dict[str, Any]] = {}
    """Fields of a run in the pair that shoes.yaml calls b."""
    GEAR: ClassVar[tuple[str, ...]] = ()
    """Of the pairs a and b; a is that of `run`."""
    UNUSED: ClassVar[dict[str, Any]]
    """Fields that change nothing."""
    env: str
    """The environment variable of the key, or of the app's secret."""
    secret: str

    def __init__(self) -> None:
        self.records: list[Any] = []
        self.files: dict[str, bytes] = {}

    def run(self, number: int, **values: Any) -> dict[str, Any]:
        """A run of 10 km, a later one for a higher number; None takes a field away."""
        raise NotImplementedError

    def secrets(self) -> list[str]:
        """Everything that was handed out, which only state.db may contain."""
        return []


class Place:
    """A home with one source at `server`, where the runner has `account`."""

    def __init__(self, home: Home, server: Server, account: Any, main: str) -> None:
        self.home, self.server, self.account, self._main = home, server, account, main
        self.configure()

    def configure(self, more: str = "") -> None:
        """Writes shoemon.yaml, with `more` settings of the source."""
        self.home.main(f"timezone: Europe/Helsinki\nsources:\n{self.yaml(more)}")

    def yaml(self, more: str = "") -> str:
        return f"  - {{{self._main.format(url=self.server.url)}{more}}}\n"

    def source(self) -> Any:
        config = self.home.config
        return open_source(config.sources[0], source_context(config, self.home.clock))

    def pull(self, cursor: Cursor | None = None) -> tuple[list[Activity | Problem], Cursor]:
        """What came, which is nothing if that is unchanged, and the cursor as state.db keeps it."""
        with closing(self.source().pull(cursor)) as pulled:
            return ([] if pulled.unchanged else list(pulled)), json.loads(json.dumps(pulled.cursor))

    def activities(self, cursor: Cursor | None = None) -> list[Activity]:
        return [each for each in self.pull(cursor)[0] if isinstance(each, Activity)]

    def tracks(self) -> Any:
        return self.source().open_tracks()

    def asked(self) -> list[str]:
        """The paths that were asked for since the last time this was."""
        asked = [path.removeprefix("/api/v3") for path in self.server.paths()]
        self.server.asked.clear()
        return asked

    def answer(self, when: Callable[[Asked], bool], what: Callable[[Asked], Answer] | Answer) -> None:
        """Answers `what` to requests for which `when` holds, and the others as before."""
        before = self.server.answer
        self.server.answer = lambda asked: (
            before(asked) if not when(asked) else what if isinstance(what, Answer) else what(asked)
        )


def is_later_page(asked: Asked) -> bool:
    query = asked.query
    return query.get("page", "1") != "1" or query.get("start", "0") != "0" or "T" in query.get("newest", "")


FAULTS = [
    (Answer({}, 401), "refused the credentials", "log in again"), (Answer({}, 403), "refused"), (Answer({}, 422), "status 422"),
    (Answer({}, 429), "status 429", "too many requests"), (Answer({}, 500), "status 500"),
    (Answer([{}] * 9, cut=20), "stopped in the middle of its answer"),
    *((Answer(body), "list") for body in ({"activities": []}, None, 5, "[]")),
]  # fmt: skip


class WebSourceTests:
    FIELDS: ClassVar[list[tuple[dict[str, Any], dict[str, Any]]]]
    """What an entry has beside a run of the module's own, and what is read of it."""
    BROKEN: ClassVar[list[tuple[Any, str, str]]]
    """Entries that cannot be read, where each is ({}: its number on the page), and what is reported of it."""

    def entry(self, number: int, given: dict[str, Any]) -> dict[str, Any]:
        """The entry of a case of FIELDS."""
        raise NotImplementedError

    def test_each_field_is_what_it_says(self, place: Place) -> None:
        place.account.records = [self.entry(number, given) for number, (given, _) in enumerate(self.FIELDS, 101)]
        assert fields_of(place.pull()[0], self.FIELDS) == [read for _, read in self.FIELDS]

    def test_a_record_that_cannot_be_read_harms_only_itself(self, place: Place) -> None:
        place.account.records = [*(record for record, _, _ in self.BROKEN), place.account.run(5)]
        *problems, other = place.pull()[0]
        for number, (problem, (_, where, says)) in enumerate(zip(problems, self.BROKEN, strict=True), 1):
            assert isinstance(problem, Problem) and problem.place == where.format(number) and says in problem.message
        assert isinstance(other, Activity)

    def test_edits_other_shoes_and_deletions_follow(self, place: Place) -> None:
        home, account = place.home, place.account
        one, other = ("a", "b") if account.GEAR else (None, None)
        gear = [f"{{id: {id}, name: {id}, gear: [{name}]}}" for id, name in zip("ab", account.GEAR, strict=False)]
        home.shoes(f"shoes: [{', '.join(gear)}]\n")
        account.records = [account.run(number) for number in (3, 2, 1)]
        assert not home.sync().failed
        assert home.totals() == {one: 30000.0}
        named = account.run(3, **account.HALF, **{account.NAME: "Named"})
        account.records = [named, account.run(2, **account.OTHER_PAIR)]
        for missing, gone in (("keep", 10000.0), ("drop", 0.0)):
            place.configure(f", missing: {missing}")
            assert not home.sync().failed
            totals = Counter({one: 5000.0 + gone})
            totals[other] += 10000.0
            assert home.totals() == totals
        rows = home.rows("SELECT name = 'Named', missing_since IS NOT NULL FROM activities ORDER BY started_at")
        assert (rows, faults(home.database)) == ([(0, 1), (0, 0), (1, 0)], [])

    def test_only_what_has_changed_is_read_again(self, place: Place) -> None:
        account = place.account
        account.records = [account.run(2), account.run(1), "broken"]
        _, cursor = place.pull()
        account.records = [account.run(2, **account.UNUSED), account.run(1), "broken"]
        assert place.pull(cursor) == ([], cursor)
        account.records = [account.run(2, **{account.NAME: "Named"})]
        assert [each.name for each in place.activities(cursor)] == ["Named"]

    def test_a_record_that_comes_twice_counts_once_and_another_with_its_id_is_a_problem(self, place: Place) -> None:
        account = place.account
        account.records = [account.run(7), account.run(7), account.run(7, **account.HALF)]
        activity, problem = place.pull()[0]
        assert isinstance(activity, Activity) and isinstance(problem, Problem) and "other content" in problem.message

    def test_a_failing_page_fails_the_pull_and_no_run_is_missing(self, place: Place) -> None:
        home, account = place.home, place.account
        account.records = [account.run(number, distance=0) for number in reversed(range(120))]
        assert not home.sync().failed
        before = place.server.answer
        for fault, *words in FAULTS:
            place.answer(is_later_page, fault)
            [outcome] = home.sync().outcomes
            assert outcome.outcome == "failed" and any(word in str(outcome.error) for word in words), outcome.error
            assert home.rows("SELECT count(*), count(missing_since) FROM activities") == [(120, 0)]
            place.server.answer = before
        assert home.sync().outcomes[0].outcome == "unchanged"

    def test_no_secret_is_in_a_message_or_in_any_file_but_state_db(
        self, place: Place, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        caplog.set_level(logging.DEBUG)
        home, account = place.home, place.account
        account.records = [account.run(1), "broken"]
        said = [str(home.sync())]
        echo = [account.secret, *account.secrets()]
        for fault in (Answer(echo, 401), Answer(echo, 403), Answer(echo, 500), Answer(f"<html>{echo}".encode())):
            before = place.server.answer
            place.answer(lambda asked: not asked.path.endswith("/token"), fault)
            said.append(str(home.sync()))
            place.server.answer = before
        monkeypatch.setenv(account.env, "k3y with\nbreak")
        said.append(str(home.sync()))
        secrets = [account.secret, *account.secrets(), "k3y with"]
        assert not [secret for secret in secrets if secret in "".join(said) + caplog.text]
        contents = {path.name: path.read_bytes() for path in home.directory.rglob("*") if path.is_file()}
        held = {(name, secret) for name, held in contents.items() for secret in secrets if secret.encode() in held}
        assert {name for name, _ in held} <= {"state.db"} and account.secret not in {secret for _, secret in held}
        assert (home.directory / "state.db").stat().st_mode & 0o77 == 0


class WebTrackTests:
    def test_a_track_is_the_file_of_the_server_and_is_not_stored(self, place: Place) -> None:
        opened = place.tracks()
        for body in (
            FIT, gzip.compress(FIT), packed({"upload.fit.gz": gzip.compress(FIT)}), packed({"readme.txt": "", "../../101.FIT": FIT}),
            packed({"settings.fit": fit(file_id(2)), "101.fit": FIT}),
        ):  # fmt: skip
            place.account.files["101"] = body
            [recording] = opened.recordings("101")
            assert (recording.distance_m, len(recording.trace)) == (1200.0, 40)
        assert [path for path in place.home.directory.rglob("*") if path.suffix.lower() == ".fit"] == []

    def test_a_file_without_a_track_is_an_error(self, place: Place) -> None:
        opened = place.tracks()
        for body, message in {
            packed({"101.jpg": b"x"}): "101 is a zip without a track", packed({"101.fit": fit(file_id(2))}): "101/101.fit",
            packed({"101.gpx": b"<gpx>" + b" " * 12_000_000}): "unpacks to more than any track has",
            gzip.compress(b"<gpx>" + b" " * 3_000_000): "grows to more than 100 times",
            packed({"101.fit": FIT})[:-30]: "broken zip", FIT[:8]: "is not a FIT, TCX or GPX file", b"": "is empty",
            b"<html>sign in</html>": "101",
        }.items():  # fmt: skip
            place.account.files["101"] = body
            with pytest.raises(TrackError, match=message):
                opened.recordings("101")
        with pytest.raises(TrackError, match=r"the server has no track of it \(status 404\)"):
            opened.recordings("102")
        place.asked()
        for track in ("", "..", "../1", "1/../../x", "1?x=1", "i١", "9" * 50):
            with pytest.raises(TrackError, match="is not the id of an activity"):
                opened.recordings(track)
        assert place.asked() == []

    def test_the_matcher_finds_the_tracks_of_the_runs(self, place: Place) -> None:
        account = place.account
        account.records = [account.run(101)]
        place.home.sync()
        [(id, source, native_id, track)] = place.home.rows("SELECT id, source, native_id, track FROM activities")
        account.files[native_id] = FIT
        surveyor = surveyor_of(place.home.config)()
        assert [len(each.trace) for each in surveyor.recordings(Request(id, source, track))] == [40]
        surveyor.close()


def refusal(place: Place) -> SourceError:
    """The error of a pull."""
    with pytest.raises(SourceError) as raised:
        place.pull()
    return raised.value
