"""Everything that a package of your own is written with, to be imported from one place.

    from shoemon.extend import SourceSettings, hookimpl, JsonSource, make_activity, moment_utc

What a module of a source holds is said in `shoemon.sources`, of a notifier in `shoemon.notifiers`. What stands here
keeps its name and meaning; all else may change.
"""

from pydantic import Field

from shoemon.config.kinds import NotifierSettings, Secret, SourceSettings
from shoemon.config.registry import hookimpl
from shoemon.model.activity import Activity, Gear, Problem
from shoemon.model.alert import Alert
from shoemon.model.errors import DeliveryError, SourceError
from shoemon.sources import Context, RecordPull
from shoemon.sources.kit.activities import (
    make_activity,
    moment_local,
    moment_since_1970,
    moment_utc,
    moment_with_offset,
    read_records,
)
from shoemon.sources.kit.fields import needed_number_at, needed_text_at, number_at, text_at, time_at
from shoemon.sources.kit.files import ExportFiles, locate, pull_files
from shoemon.sources.kit.json_files import JsonSource, holds_json
from shoemon.sources.table.export import table_export

__all__ = [
    "Activity", "Alert", "Context", "DeliveryError", "ExportFiles", "Field", "Gear", "JsonSource", "NotifierSettings",
    "Problem", "RecordPull", "Secret", "SourceError", "SourceSettings", "holds_json", "hookimpl", "locate",
    "make_activity", "moment_local", "moment_since_1970", "moment_utc", "moment_with_offset", "needed_number_at",
    "needed_text_at", "number_at", "pull_files", "read_records", "table_export", "text_at", "time_at",
]  # fmt: skip
