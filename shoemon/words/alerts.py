"""Write the alerts that are due: title, body and figures."""

from shoemon.decide.alerts.facts import (
    DueAlert,
    FirstImport,
    HardGround,
    LongRun,
    OpenRuns,
    PlannedWeek,
    SourceState,
    Together,
    Week,
    WornPair,
)
from shoemon.model.alert import Alert
from shoemon.words.other_alerts import (
    about_hard_share,
    about_longest,
    about_planned_week,
    about_several_sources,
    about_source,
    about_unassigned,
    about_week,
)
from shoemon.words.recipient import Recipient
from shoemon.words.shoe_alerts import Text, about_shoe, digest, several


def write_alert(due: DueAlert, recipient: Recipient) -> Alert:
    """The alert as it is stored and sent."""
    text = _text(due, recipient)
    return Alert(due.id, due.kind, due.shoe, due.stage, text.title, text.body, text.data, due.covered_by)


def _text(due: DueAlert, recipient: Recipient) -> Text:
    match due.facts:
        case WornPair() as pair:
            return about_shoe(pair, due.stage, recipient)
        case FirstImport() as first:
            return digest(first, recipient)
        case SourceState() as source:
            return about_source(source, recipient)
        case HardGround() as ground:
            return about_hard_share(ground, recipient)
        case OpenRuns() as open_runs:
            return about_unassigned(open_runs.runs, recipient)
        case LongRun() as run:
            return about_longest(run, recipient)
        case Week() as week:
            return about_week(week, recipient)
        case PlannedWeek() as week:
            return about_planned_week(week, recipient)
        case Together() as together:
            alerts = [write_alert(alert, recipient) for alert in together.alerts]
            return about_several_sources(alerts) if due.kind == "stale" else several(alerts, recipient)
