"""Fill gaps in the record that counts from its copies in other exports. Pure.

Gear from one export, the ground from another, the treadmill flag from a third. A record's own data are never overruled;
of several copies the first that has something lends it, in the order of the sources. Rules ask all names and sources of
a run, and corrections hold for all of it, so that both do whichever source stands first.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from shoemon.decide.same_run.compare import outline_of, overlap
from shoemon.model.activity import Activity
from shoemon.model.ids import ActivityId
from shoemon.model.plan import Correction
from shoemon.model.reason import Reason, reason
from shoemon.model.sports import INDOOR_SPORTS, RUNS

Field = Literal["distance", "gear", "name", "sport", "indoor", "unpaved", "surface", "place", "end", "time", "climb"]
_TIMES = ("moving_s", "elapsed_s")


class Informed(NamedTuple):
    """A record with the data that its copies lent, and the source of each; and those copies."""

    activity: Activity
    lenders: Mapping[Field, str] = {}
    copies: Sequence[Activity] = ()

    @property
    def records(self) -> tuple[Activity, ...]:
        """All records of the run."""
        return (self.activity, *self.copies)

    def reason(self, code: str, *fields: Field, **parameters: Any) -> Reason:
        """Make a reason; it names the source that lent one of `fields`, if one did."""
        lender = next((self.lenders[field] for field in fields if field in self.lenders), None)
        return reason(code, **parameters, **({"source": lender} if lender else {}))


def inform(activity: Activity, copies: Sequence[Activity]) -> Informed:
    """Fill gaps of `activity` from `copies`, the best first."""
    lent: dict[str, Any] = {}
    lenders: dict[Field, str] = {}
    for copy in (_whole(copy, copies) for copy in copies):
        for field, values in _lendable(activity._replace(**lent), copy).items():
            lent |= values
            lenders[field] = copy.source
    return Informed(activity._replace(**lent) if lent else activity, lenders, copies)


def _whole(copy: Activity, copies: Sequence[Activity]) -> Activity:
    """Add to `copy` the further parts of the run in its export: their metres, and their gear if it differs."""
    parts = _parts(copy, copies)
    if len(parts) == 1:
        return copy
    last = max(parts, key=lambda part: part.started_at)
    whole = copy._replace(
        distance_m=sum(part.distance_m for part in parts),
        unpaved_m=_sum([part.unpaved_m for part in parts]),
        moving_s=_sum([part.moving_s for part in parts]),
        elapsed_s=None,
        elevation_m=_sum([part.elevation_m for part in parts]),
        end_lat=last.end_lat,
        end_lon=last.end_lon,
    )
    raws = dict.fromkeys(part.gear_raw for part in parts if part.gear_raw)
    if len(raws) < 2:
        return whole
    names = dict.fromkeys(part.gear_name for part in parts if part.gear_name)
    # Two pairs on one run: nobody's, with a reason that names both.
    return whole._replace(gear_raw=" + ".join(raws), gear_name=" + ".join(names) or None)


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _parts(copy: Activity, copies: Sequence[Activity]) -> list[Activity]:
    """Find the parts into which the export of `copy` cut the run, itself the first."""
    parts = [copy]
    for other in copies:
        if other.source == copy.source and not any(overlap(outline_of(other), outline_of(part)) for part in parts):
            parts.append(other)
    return parts


def _lendable(activity: Activity, copy: Activity) -> Mapping[Field, Mapping[str, Any]]:
    """Find what `copy` has and `activity` lacks."""
    found: dict[Field, Mapping[str, Any]] = {}
    if activity.distance_m == 0 and copy.distance_m > 0:
        found["distance"] = {"distance_m": copy.distance_m}
    if not (activity.gear_raw or activity.gear_name) and (copy.gear_raw or copy.gear_name):
        found["gear"] = {"gear_raw": copy.gear_raw, "gear_name": copy.gear_name}
    if copy.name and not activity.name:
        found["name"] = {"name": copy.name}
    if activity.indoor is None and copy.indoor is not None:
        found["indoor"] = {"indoor": copy.indoor}
    is_finer = activity.sport == "run" and copy.sport in RUNS and copy.sport != "run"
    if is_finer and not (activity.indoor is False and copy.sport in INDOOR_SPORTS):
        found["sport"] = {"sport": copy.sport}
    if activity.unpaved_m is None and activity.surface_raw is None:  # either of them gives the ground
        if copy.surface_raw is not None:
            found["surface"] = {"surface_raw": copy.surface_raw}
        elif copy.unpaved_m is not None and copy.distance_m > 0:
            share = min(copy.unpaved_m / copy.distance_m, 1.0)
            found["unpaved"] = {"unpaved_m": share * (activity.distance_m or copy.distance_m)}
    if activity.start_lat is None and copy.start_lat is not None:
        found["place"] = {"start_lat": copy.start_lat, "start_lon": copy.start_lon}
    if activity.end_lat is None and copy.end_lat is not None:
        found["end"] = {"end_lat": copy.end_lat, "end_lon": copy.end_lon}
    if activity.elevation_m is None and copy.elevation_m is not None:
        found["climb"] = {"elevation_m": copy.elevation_m}
    times = {key: getattr(copy, key) for key in _TIMES if getattr(activity, key) is None and getattr(copy, key)}
    if times:
        found["time"] = times
    return found


def correction_of(
    activity: Activity,
    copies: Sequence[Activity],
    corrections: Mapping[ActivityId, Correction],
    replaced: Sequence[ActivityId] = (),
) -> Correction | None:
    """Find the correction of a run under any of its records: each part from the best record that has it.

    So a correction still holds after another export or a better file of the run is read. Of a run that another export
    has in parts, one may be ignored, or have another distance: the rest counts as before. `replaced` are former records
    of the same export. None if there is none, or only one about duplicates.
    """
    if not corrections:
        return None
    found = (corrections.get(id) for id in (activity.id, *(copy.id for copy in copies), *replaced))
    given = {each.run: each for each in found if each is not None and each.is_of_run}
    if not given:
        return None
    ignored = {each.run for each in given.values() if each.ignore}
    distances = {each.run: each.distance_m for each in given.values() if each.distance_m is not None}
    named = (copy for copy in copies if copy.id in ignored or copy.id in distances)
    several = (cut for copy in named if len(cut := _parts(copy, copies)) > 1)
    parts = {part.id: part.distance_m for part in next(several, [])}
    distance_m = next((metres for id, metres in distances.items() if id not in parts), None)
    left_m = activity.distance_m - sum(parts.values())
    left_m += sum(distances.get(id, metres) for id, metres in parts.items() if id not in ignored)
    if left_m > 0 and ignored < parts.keys():
        distance_m, ignored = left_m if distance_m is None else distance_m, set()
    return Correction(
        run=activity.id,
        shoe=next((each.shoe for each in given.values() if each.shoe is not None), None),
        surface=next((each.surface for each in given.values() if each.surface is not None), None),
        distance_m=distance_m,
        ignore=bool(ignored),
    )
