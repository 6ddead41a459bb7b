"""The same run, given to Samsung Health by several apps: kept once. Pure."""

from collections.abc import Sequence

from shoemon.decide.same_run.compare import outline_of
from shoemon.decide.same_run.duplicates import Outline, find_duplicates
from shoemon.model.activity import Activity
from shoemon.model.ids import ActivityId
from shoemon.sources.kit.apps import filled_in, refuse_crowded_days
from shoemon.sources.kit.distances import ON_FOOT
from shoemon.sources.samsung.exercises import Sight

_OWN = "com.sec.android.app.shealth"
_MOST_A_DAY = 500


def without_copies(sights: Sequence[Sight]) -> list[Sight]:
    """Each run once: as Samsung's own app has it, where it has it. What that leaves open, the copies fill in. Those of
    one app are never copies of each other, as those of one source never are.

    Raises SourceError if a day holds more than anybody does.
    """
    apps = sorted({sight.app for sight in sights}, key=lambda app: (app != _OWN, app))
    if len(apps) < 2:
        return list(sights)
    refuse_crowded_days((sight.activity for sight in sights), _MOST_A_DAY, "the export holds")
    outlines = [_outline(sight) for sight in sights if sight.activity.sport in ON_FOOT]
    of = find_duplicates(outlines, {app: place for place, app in enumerate(apps)}).of
    copies: dict[ActivityId, list[Sight]] = {}
    for sight in sights:
        if sight.activity.id in of:
            copies.setdefault(of[sight.activity.id], []).append(sight)
    return [
        sight._replace(activity=_filled(sight.activity, copies[sight.activity.id]))
        if sight.activity.id in copies
        else sight
        for sight in sights
        if sight.activity.id not in of
    ]


def _outline(sight: Sight) -> Outline:
    return outline_of(sight.activity)._replace(source=sight.app)


def _filled(best: Activity, copies: Sequence[Sight]) -> Activity:
    return filled_in(best, [copy.activity for copy in copies], [copy.app for copy in copies])
