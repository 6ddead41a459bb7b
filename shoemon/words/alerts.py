"""Write the alerts that are due: figures first, then title and body in words."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from shoemon.decide.alerts import facts
from shoemon.model.alert import Alert
from shoemon.words import figures
from shoemon.words.letter import letter_about
from shoemon.words.plain_text import plain_text
from shoemon.words.recipient import Recipient


def write_alert(due: facts.DueAlert, recipient: Recipient) -> Alert:
    """Write the alert to store. Channels make their messages from its figures; lists show title and body."""
    return _in_words(Alert(due.id, due.kind, due.shoe, due.stage, "", "", _figures(due, recipient), due.covered_by))


def write_test(id: str, notifier: str, recipient: Recipient) -> Alert:
    """Write the test alert of `shoemon alerts test`."""
    data = {**recipient.figures(recipient.pages.home()), "notifier": notifier}
    return _in_words(Alert(id, "test", None, "test", "", "", data))


def _in_words(alert: Alert) -> Alert:
    letter = letter_about(alert.kind, alert.stage, alert.data)
    return replace(alert, title=letter.title, body=plain_text(letter.blocks, short=True))


def _figures(due: facts.DueAlert, recipient: Recipient) -> Mapping[str, Any]:
    match due.facts:
        case facts.WornPair() as pair:
            return figures.shoe_figures(pair, recipient)
        case facts.FirstImport() as first:
            return figures.digest_figures(first, recipient)
        case facts.SourceState() as source:
            return figures.source_figures(source, recipient)
        case facts.GroundShare() as ground:
            return figures.ground_figures(ground, recipient)
        case facts.OpenRuns() as runs:
            return figures.open_run_figures(runs, recipient)
        case facts.LongRun() as run:
            return figures.long_run_figures(run, recipient)
        case facts.Week() as week:
            return figures.week_figures(week, recipient)
        case facts.PlannedWeek() as week:
            return figures.planned_week_figures(week, recipient)
        case facts.ReservedPair() as kept:
            return figures.reserve_figures(kept, recipient)
        case facts.Together(alerts):
            return figures.several_figures([write_alert(alert, recipient) for alert in alerts], recipient)
