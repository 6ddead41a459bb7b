"""Write the alerts that are due: title, body and figures."""

from shoemon.decide.alerts import facts
from shoemon.model.alert import Alert
from shoemon.words import other_alerts, shoe_alerts
from shoemon.words.recipient import Recipient


def write_alert(due: facts.DueAlert, recipient: Recipient) -> Alert:
    """The alert as it is stored and sent."""
    text = _text(due, recipient)
    return Alert(due.id, due.kind, due.shoe, due.stage, text.title, text.body, text.data, due.covered_by)


def _text(due: facts.DueAlert, recipient: Recipient) -> shoe_alerts.Text:
    match due.facts:
        case facts.WornPair() as pair:
            return shoe_alerts.about_shoe(pair, due.stage, recipient)
        case facts.FirstImport() as first:
            return shoe_alerts.digest(first, recipient)
        case facts.SourceState() as source:
            return other_alerts.about_source(source, recipient)
        case facts.HardGround() as ground:
            return other_alerts.about_hard_share(ground, recipient)
        case facts.OpenRuns() as runs:
            return other_alerts.about_unassigned(runs, recipient)
        case facts.LongRun() as run:
            return other_alerts.about_longest(run, recipient)
        case facts.Week() as week:
            return other_alerts.about_week(week, recipient)
        case facts.PlannedWeek() as week:
            return other_alerts.about_planned_week(week, recipient)
        case facts.Together(alerts):
            several = other_alerts.about_several_sources if due.kind == "stale" else shoe_alerts.several
            return several([write_alert(alert, recipient) for alert in alerts], recipient)
