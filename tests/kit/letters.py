"""One alert of every kind, as a sync makes it, about an imaginary runner's pairs."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from shoemon.decide.alerts.facts import (
    DueAlert,
    Facts,
    FirstImport,
    GroundShare,
    LongRun,
    OpenRun,
    OpenRuns,
    PlannedWeek,
    ReservedPair,
    SourceState,
    Together,
    Week,
    WornPair,
)
from shoemon.decide.ground_target import GroundTarget
from shoemon.decide.likely_shoes import Likely
from shoemon.model.alert import Alert
from shoemon.model.ids import ShoeId
from shoemon.model.plan import Reserve, Shoe
from shoemon.model.reason import Reason
from shoemon.model.wear import ShoeUse, Status, Wear
from shoemon.sync.tell import mail_tickets
from shoemon.words.alerts import write_alert, write_test
from shoemon.words.recipient import PageLinks, Recipient

TODAY = date(2026, 4, 4)
HARD = GroundTarget("hard", 0.7)
RECIPIENT = Recipient("km", TODAY, PageLinks("https://shoes.example.org"))
NAMES = ("Nike Pegasus 40", "Saucony Speedgoat 5", "Adidas Adios 8", "Asics Nimbus 25", "Brooks Ghost 15", "Altra Lone Peak 7",
         "Hoka Clifton 9", "Puma Velocity 2", "Salomon Sense Ride", "On Cloudmonster", "Merrell Vapor 6", "Topo Cyclone",
         "Käthes Schuh 👟", "Mizuno Wave Rider 27")  # fmt: skip


def pair(number: int, worn_km: float, life_km: float = 640, initial_km: float = 0) -> tuple[Shoe, ShoeUse]:
    """A pair that ran on hard and soft ground, three days a week, and what is known of its use."""
    name = NAMES[number]
    shoe = Shoe(ShoeId(f"pair-{number + 1}"), name, life_km * 1000, initial_km * 1000)
    ran_m = (worn_km - initial_km) * 1000
    shares = {"hard": 0.7, "soft": 0.26, "unknown": 0.04} if number % 2 == 0 else {"hard": 0.2, "soft": 0.8}
    daily = {(TODAY - timedelta(days=back)).isoformat(): 4000.0 + back % 5 * 1500 for back in range(0, 182, 3)}
    scale = min(1.0, ran_m / sum(daily.values()) * 0.9)
    daily = {day: metres * scale for day, metres in daily.items()}
    return shoe, ShoeUse(ran_m, ran_m, {name: ran_m * share for name, share in shares.items()}, "2025-03-01", daily)


def wear(shoe: Shoe, use: ShoeUse, **changes: Any) -> Wear:
    """How worn the pair is, with a forecast while it is below its life."""
    worn_m = use.distance_m + shoe.initial_m
    fraction = worn_m / shoe.life_m
    status: Status = "over" if fraction >= 1.1 else "due" if fraction >= 1 else "soon" if fraction >= 0.9 else "fresh"
    made = Wear(shoe.id, use.distance_m, worn_m, shoe.life_m, fraction, shoe.life_m - worn_m, status)
    if fraction < 1:
        days = ("2026-04-24", "2026-05-03", "2026-06-12")
        made = replace(
            made, due_early_on=days[0], due_on=days[1], due_late_on=days[2], rate_m=2600.0, steadiness="steady"
        )
    return replace(made, **changes)


def due(number: int, worn_km: float, stage: str, initial_km: float = 0, **changes: Any) -> DueAlert:
    """The alert about one pair that is due."""
    shoe, use = pair(number, worn_km, initial_km=initial_km)
    kind = {"soon": "soon", "100": "due"}.get(stage, "over")
    return DueAlert(f"{shoe.id}-{stage}-1", kind, shoe.id, stage, WornPair(shoe, wear(shoe, use, **changes), use))


def about(number: int, worn_km: float, stage: str, initial_km: float = 0, **changes: Any) -> Alert:
    """The alert about one pair."""
    return write_alert(due(number, worn_km, stage, initial_km, **changes), RECIPIENT)


def written(kind: str, facts: Facts, recipient: Recipient = RECIPIENT) -> Alert:
    """An alert about no single pair."""
    return write_alert(DueAlert(f"{kind}-first-1", kind, None, "first", facts), recipient)


def digest(count: int) -> Alert:
    """The first message about so many pairs."""
    pairs = [pair(number, 760 - number * 55, initial_km=30 if number == 2 else 0) for number in range(count)]
    return written("digest", FirstImport([WornPair(shoe, wear(shoe, use), use) for shoe, use in pairs], 3, 2))


def weekly() -> Alert:
    """The digest of a week."""
    pairs = [pair(number, 580 - number * 120) for number in range(4)]
    return written("weekly", Week(
        "2026-03-30", "2026-04-05", 5, {"hard": 31e3, "soft": 12e3, "unknown": 1.4e3},
        {"pair-1": 29.4e3, "pair-2": 15e3}, 1, [WornPair(shoe, wear(shoe, use), use) for shoe, use in pairs],
    ))  # fmt: skip


def unassigned(names: Mapping[str, str] | None = None, url: str | None = "https://shoes.example.org") -> Alert:
    """Runs without a shoe, by id and name; `url` is that of the pages."""
    likely = [
        Likely(ShoeId(f"pair-{number + 1}"), NAMES[number], share) for number, share in ((0, 0.62), (1, 0.3), (2, 0.08))
    ]
    given = names or {"strava:901": "Sunday long run", "strava:902": ""}
    runs = [OpenRun(run, "2026-04-03", name, "run", 12_300.0, Reason("none"), likely) for run, name in given.items()]
    return written("unassigned", OpenRuns(runs), RECIPIENT._replace(pages=PageLinks(url)))


def with_tickets(about: Alert) -> Alert:
    """As it goes into a mail whose links need no sign-in."""
    return mail_tickets.with_tickets(about, f"{TODAY.isoformat()}T06:00:00Z", b"k" * 32)


def ground(hard: float = 0.78, target: GroundTarget = HARD) -> Alert:
    metres = {"hard": 120e3 * hard, "soft": 120e3 * (0.95 - hard), "synthetic": 6e3, "unknown": 9.4e3}
    days = [{name: each / 28 for name, each in metres.items()}] * 28
    return written(target.kind, GroundShare(target, hard if target.ground == "hard" else 0.95 - hard, days))


def reserve() -> Alert:
    """A pair kept for a race that will have run too far."""
    shoe, use = pair(1, 240)
    kept = replace(shoe, reserve=Reserve("2026-04-18", 250e3))
    facts = ReservedPair(kept, wear(shoe, use), "2026-04-18", "over_below", 262_400.0)
    return write_alert(DueAlert("reserve-first-1", "reserve", shoe.id, "first", facts), RECIPIENT)


def letters() -> dict[str, Alert]:
    """By a name for the example; the kinds are those of `shoemon.decide.alerts.payload.DATA`."""
    said = "HTTP 401: Authorization Error; the token may have been revoked"
    several = [due(0, 650, "100"), due(1, 584, "soon"), due(2, 705, "110", initial_km=40)]
    longest = LongRun("strava:903", "2026-04-04", "Round the lake", 24_100.0, 18_200.0, "2026-03-22", 9)
    planned = PlannedWeek("2026-03-30", "2026-04-05", 23_400.0, 18_000.0, 36_000.0, 0.5)
    return {
        "soon": about(0, 582, "soon", initial_km=50),
        "soon-open": about(3, 577, "soon", due_late_on=None, due_on="2026-08-20", due_early_on="2026-06-03"),
        "soon-irregular": about(1, 590, "soon", steadiness="irregular", due_late_on="2026-08-02"),
        "soon-unforeseen": about(4, 600, "soon", due_early_on=None, due_on=None, due_late_on=None, rate_m=None, steadiness=None, no_day="few_runs"),
        "due": about(0, 641, "100"),
        "over": about(2, 730, "110", initial_km=40),
        "several": written("several", Together(several)),
        "digest": digest(14),
        "weekly": weekly(),
        "hard_share": ground(),
        "soft_share": ground(target=GroundTarget("soft", 0.4)),
        "stale": written("stale", SourceState("strava", "strava-api", said, None, "2026-03-31T04:10:00Z", None, True)),
        "unassigned": unassigned(),
        "unassigned-one": with_tickets(unassigned({"strava:901": "Sunday long run"})),
        "unassigned-many": with_tickets(unassigned({f"strava:{number}": f"Run {number}" for number in range(12345678901, 12345678953)})),
        "longest": written("longest", longest),
        "return_plan": written("return_plan", planned),
        "reserve": reserve(),
        "test": write_test("test-first-1", "mail", RECIPIENT),
    }  # fmt: skip
