"""What the records of one run know together: the one that counts is lent what it lacks by its copies. Pure.

Gear from one export, the ground from another, that it was a treadmill from a third. What a record states itself is
never overruled; of several copies the first that knows is believed, in the order of the sources.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from shoemon.decide.same_run.compare import outline_of, overlap
from shoemon.model.activity import Activity
from shoemon.model.ids import ActivityId
from shoemon.model.plan import Correction
from shoemon.model.reason import Reason, reason
from shoemon.model.sports import INDOOR_SPORTS, RUNS

Field = Literal["distance", "gear", "sport", "indoor", "unpaved", "surface", "place"]


class Informed(NamedTuple):
    """A record with what its copies lent, and from which source each part is."""

    activity: Activity
    lenders: Mapping[Field, str] = {}

    def reason(self, code: str, *fields: Field, **parameters: Any) -> Reason:
        """A reason that names the source which lent one of `fields`, where the record did not know it itself."""
        lender = next((self.lenders[field] for field in fields if field in self.lenders), None)
        return reason(code, **parameters, **({"source": lender} if lender else {}))


def inform(activity: Activity, copies: Sequence[Activity]) -> Informed:
    """`activity` with what it lacks and `copies`, the best first, know.

    A copy from its own source lends nothing: that is a record whose place this one took.
    """
    lent: dict[str, Any] = {}
    lenders: dict[Field, str] = {}
    for copy in (_whole(copy, copies) for copy in copies):
        if copy.source == activity.source:
            continue
        for field, values in _lendable(activity._replace(**lent), copy).items():
            lent |= values
            lenders[field] = copy.source
    return Informed(activity._replace(**lent), lenders) if lent else Informed(activity)


def _whole(copy: Activity, copies: Sequence[Activity]) -> Activity:
    """`copy` with what further parts of the run in its export add: their metres, and their gear if it is another."""
    parts = [copy]
    for other in copies:
        if other.source == copy.source and not any(overlap(outline_of(other), outline_of(part)) for part in parts):
            parts.append(other)
    if len(parts) == 1:
        return copy
    unpaved = [part.unpaved_m for part in parts if part.unpaved_m is not None]
    whole = copy._replace(
        distance_m=sum(part.distance_m for part in parts),
        unpaved_m=sum(unpaved) if len(unpaved) == len(parts) else None,
    )
    raws = dict.fromkeys(part.gear_raw for part in parts if part.gear_raw)
    if len(raws) < 2:
        return whole
    names = dict.fromkeys(part.gear_name for part in parts if part.gear_name)
    # Two pairs on one run: nobody's, with a reason that names both.
    return whole._replace(gear_raw=" + ".join(raws), gear_name=" + ".join(names) or None)


def _lendable(activity: Activity, copy: Activity) -> Mapping[Field, Mapping[str, Any]]:
    """What `copy` knows and `activity` does not."""
    found: dict[Field, Mapping[str, Any]] = {}
    if activity.distance_m == 0 and copy.distance_m > 0:
        found["distance"] = {"distance_m": copy.distance_m}
    if not (activity.gear_raw or activity.gear_name) and (copy.gear_raw or copy.gear_name):
        found["gear"] = {"gear_raw": copy.gear_raw, "gear_name": copy.gear_name}
    if activity.indoor is None and copy.indoor is not None:
        found["indoor"] = {"indoor": copy.indoor}
    is_finer = activity.sport == "run" and copy.sport in RUNS and copy.sport != "run"
    if is_finer and not (activity.indoor is False and copy.sport in INDOOR_SPORTS):
        found["sport"] = {"sport": copy.sport}
    if activity.unpaved_m is None and activity.surface_raw is None:  # two ways of saying one thing
        if copy.surface_raw is not None:
            found["surface"] = {"surface_raw": copy.surface_raw}
        elif copy.unpaved_m is not None and copy.distance_m > 0:
            share = min(copy.unpaved_m / copy.distance_m, 1.0)
            found["unpaved"] = {"unpaved_m": share * (activity.distance_m or copy.distance_m)}
    if activity.start_lat is None and copy.start_lat is not None:
        found["place"] = {"start_lat": copy.start_lat, "start_lon": copy.start_lon}
    return found


def correction_of(
    activity: ActivityId, copies: Sequence[Activity], corrections: Mapping[ActivityId, Correction]
) -> Correction | None:
    """What the runner says of a run, whichever of its records it was said of: each part by the best record that has it.

    So a correction outlasts that another export is read, or that a better file of the same run is found; only `ignore`
    is about the one record. None where nothing is said but what the run is a duplicate of.
    """
    if not corrections:
        return None
    found = (corrections.get(id) for id in (activity, *(copy.id for copy in copies)))
    said = [each for each in found if each is not None and each != Correction(each.run, duplicate_of=each.duplicate_of)]
    if not said:
        return None
    return Correction(
        run=activity,
        shoe=next((each.shoe for each in said if each.shoe is not None), None),
        surface=next((each.surface for each in said if each.surface is not None), None),
        distance_m=next((each.distance_m for each in said if each.distance_m is not None), None),
        # What is said of a copy alone: that this record of the run is not to be counted beside the other.
        ignore=any(each.ignore for each in said if each.run == activity),
    )
