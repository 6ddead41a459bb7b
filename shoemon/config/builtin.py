"""The kinds of export and the channels that come with shoemon, given through the hooks that packages use."""

from shoemon.config.registry import hookimpl


@hookimpl
def shoemon_sources() -> dict[str, str]:
    """In the order in which `init` tries to recognise a file: the particular before the general."""
    return {
        "strava-export": "shoemon.sources.strava_export",
        "garmin-account": "shoemon.sources.garmin_account",
        "apple-health": "shoemon.sources.apple_health",
        "polar": "shoemon.sources.polar",
        "suunto": "shoemon.sources.suunto",
        "samsung": "shoemon.sources.samsung",
        "garmin-api": "shoemon.sources.garmin_api",
        "intervals-icu": "shoemon.sources.intervals_icu",
        "runkeeper": "shoemon.sources.runkeeper",
        "google-health": "shoemon.sources.google_health",
        "garmin-csv": "shoemon.sources.garmin_csv",
        "strava-api": "shoemon.sources.strava_api",
        "fittrackee": "shoemon.sources.fittrackee",
        "tracks": "shoemon.sources.track_files",
        "table": "shoemon.sources.table",
    }


@hookimpl
def shoemon_notifiers() -> dict[str, str]:
    """In the order in which they are shown."""
    return {
        "email": "shoemon.notifiers.email",
        "webhook": "shoemon.notifiers.webhook",
        "ntfy": "shoemon.notifiers.ntfy",
        "command": "shoemon.notifiers.command",
        "apprise": "shoemon.notifiers.apprise",
    }
