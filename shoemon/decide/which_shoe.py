"""Decide which shoe a run was in, and why: the export's gear, a rule, the dated default, or none. Pure.

Corrections come before, in `legs`.
"""

import re
import struct
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any, NamedTuple

from shoemon.decide.fill_from_copies import Informed
from shoemon.decide.rules import Comparison, Facts, Test, comparisons_of, compile_condition, local_start
from shoemon.model.activity import Activity
from shoemon.model.ids import ShoeId, SurfaceId
from shoemon.model.plan import NO_PAIR, Part, Plan, Shoe, Split, pair_named
from shoemon.model.reason import Reason, reason


class Attribution(NamedTuple):
    """The parts of a run by shoe (None: unassigned) and the reason."""

    parts: tuple[tuple[ShoeId | None, Part], ...]
    reason: Reason


class RuleAnswer(NamedTuple):
    """The answers of the first rules that match, each with its reason; None without one."""

    shoe: Split | None = None
    why_shoe: Reason = Reason("rule")
    surface: Split | None = None
    why_surface: Reason = Reason("rule")
    ignored_by: int = 0


class Owners(NamedTuple):
    """Every pair that gear can mean. `by`: the other name of the gear that they are known by, if its own fits none."""

    shoes: tuple[Shoe, ...]
    by: str | None = None


FormerNames = Mapping[tuple[str, str], tuple[str, ...]]
"""By source and id of gear: all its known names, the newest first."""

_WHOLE = Part("")
_NO_ANSWER = RuleAnswer()
_NONE_FORMER: FormerNames = {}


def plain_name(text: str) -> str:
    """Normalize a gear name for comparison: case and runs of blanks do not matter."""
    return " ".join(text.split()).casefold()


def float32_key(text: str) -> str | None:
    """Round an id to 32-bit floating point, as Strava's exports before September 2025 did.

    `21088801`, `21088801.0` and `g21088801` all give `21088800`; None for what is not such an id.
    """
    number = gear_number(text)
    return str(int(struct.unpack("f", struct.pack("f", float(number)))[0])) if number else None


def gear_number(text: str) -> str | None:
    """The digits of an id written as `21088801`, `21088801.0` or `g21088801`; None for what is not such an id."""
    match = re.fullmatch(r"g?0*(\d{1,15})(?:[.,]0+)?", text.strip())
    return match[1] if match else None


class Wardrobe:
    """The shoes, rules and defaults of a plan, prepared for many runs."""

    def __init__(self, plan: Plan, former: FormerNames = _NONE_FORMER) -> None:
        self._plan = plan
        self._former = former
        self._holders: dict[tuple[str, str], list[str]] = {}
        for (source, gear), names in former.items():
            for name in {plain_name(text) for text in names} - {plain_name(gear)}:
                self._holders.setdefault((source, name), []).append(gear)
        self._shoes: dict[str, Shoe] = {shoe.id: shoe for shoe in plan.shoes}
        self._by_name: dict[str, list[Shoe]] = {}
        self._by_number: dict[str, list[Shoe]] = {}
        self._by_rounded: dict[str, list[Shoe]] = {}
        for shoe in plan.shoes:
            for name in {plain_name(text) for text in (shoe.id, shoe.name, *shoe.gear)}:
                self._by_name.setdefault(name, []).append(shoe)
            for number in {number for number in map(gear_number, shoe.gear) if number}:
                self._by_number.setdefault(number, []).append(shoe)
            for rounded in {rounded for rounded in map(float32_key, shoe.gear) if rounded}:
                self._by_rounded.setdefault(rounded, []).append(shoe)
        self._rules: list[tuple[Test, list[Comparison], int]] = [
            (compile_condition(rule.when, plan.surfaces), comparisons_of(rule.when, plan.surfaces), index)
            for index, rule in enumerate(plan.rules)
        ]
        self._days_only = all(
            len(edge) == 10 for shoe in plan.shoes for window in shoe.worn for edge in window if edge is not None
        )
        self._owners: dict[tuple[str, str | None, str | None], Owners] = {}
        self._edges = sorted(
            {edge for shoe in plan.shoes for window in shoe.worn for edge in window if edge is not None}
            # A pair is in use on all of its last day; `~` comes after every time of it.
            | {f"{shoe.retired_on}~" for shoe in plan.shoes if shoe.retired_on is not None}
        )
        self._known: dict[tuple[str, str | None, str | None, int], Attribution] = {}

    def attribute(self, activity: Activity, answer: RuleAnswer) -> Attribution:
        """Decide the shoe of `activity`, with the answer of the rules."""
        if activity.gear_raw or activity.gear_name:
            return self._by_gear(activity, answer)
        if answer.shoe is not None:
            return Attribution(shoe_parts(answer.shoe), answer.why_shoe)
        return self._by_default(activity)

    def ask_rules(self, run: Informed, ground: Mapping[SurfaceId, float]) -> RuleAnswer:
        """Match the rules: the first match decides, for shoe and surface separately. `ground`: see Facts."""
        if not self._rules:
            return _NO_ANSWER
        facts = Facts(run, local_start(run.activity), ground)
        answer = _NO_ANSWER
        for test, comparisons, index in self._rules:
            rule = self._plan.rules[index]
            if not test(facts):
                continue
            if rule.ignore:
                return answer._replace(ignored_by=rule.number)
            figures = {"figures": [each.figure(facts) for each in comparisons]} if comparisons else {}
            why = reason("rule", rule=rule.number, **figures)
            if rule.shoe is not None and answer.shoe is None and self._applies(run.activity, index, facts.local):
                answer = answer._replace(shoe=rule.shoe, why_shoe=why)
            if rule.surface is not None and answer.surface is None:
                answer = answer._replace(surface=rule.surface, why_surface=why)
        return answer

    def default_surface_of(self, shoe: ShoeId | None) -> str | None:
        """The default surface of `shoe`, if it has one."""
        return self._shoes[shoe].surface if shoe in self._shoes else None

    def _applies(self, activity: Activity, index: int, local: str) -> bool:
        """A rule applies to runs without gear, or with gear that it names; never for a pair that was not in use."""
        rule = self._plan.rules[index]
        about_this_gear = rule.when.gear is not None or not (activity.gear_raw or activity.gear_name)
        return about_this_gear and all(
            self._shoes[part.name].worn_at(local) for part in rule.shoe or () if part.name in self._shoes
        )

    def _by_gear(self, activity: Activity, answer: RuleAnswer) -> Attribution:
        gear = (activity.source, activity.gear_raw, activity.gear_name)
        if answer.shoe is not None:
            return Attribution(shoe_parts(answer.shoe), answer.why_shoe.given(gear=gear[2] or gear[1]))
        # If all windows begin and end with days, the day is enough.
        local = activity.local_date if self._days_only else local_start(activity)
        key = (*gear, bisect_right(self._edges, local))
        if key in self._known:
            return self._known[key]
        found = self._of_owners(gear, local)
        if found.reason.code != "gear_not_worn":  # which names the day
            self._known[key] = found
        return found

    def _of_owners(self, gear: tuple[str, str | None, str | None], local: str) -> Attribution:
        """Decide whose gear this is at local time: the same between two edges of the windows of all pairs."""
        owners, by = self.owners(*gear)
        names = self._names(*gear, by)
        if not owners:
            return _nobodys("gear_unknown", **names)
        in_use = [shoe for shoe in owners if shoe.worn_at(local)]
        if not in_use:
            return _nobodys("gear_not_worn", **names, shoes=[shoe.id for shoe in owners], day=local[:10])
        if len(in_use) > 1:
            return _nobodys("ambiguous", **names, shoes=[shoe.id for shoe in in_use])
        return Attribution(((in_use[0].id, _WHOLE),), reason("gear", **names))

    def owners(self, source: str, gear_raw: str | None, gear_name: str | None) -> Owners:
        """Find every pair that gear of a source can mean: by its id as written, its number, its name; by another name
        of that id only if these fit none."""
        key = (source, gear_raw, gear_name)
        if key not in self._owners:
            found = self._by_id(gear_raw) if gear_raw else []
            named = self._by_name.get(plain_name(gear_name), []) if gear_name else []
            both = [shoe for shoe in found if shoe in named]
            known = both or found or named
            self._owners[key] = Owners(tuple(known)) if known or not gear_raw else self._by_former(source, gear_raw)
        return self._owners[key]

    def _by_id(self, gear_raw: str) -> list[Shoe]:
        number = gear_number(gear_raw)
        return self._by_name.get(plain_name(gear_raw), []) or (self._numbered(number) if number else [])

    def _by_former(self, source: str, gear_raw: str) -> Owners:
        """Find pairs by the newest of its names that fits one. A pair whose gear has the id of other gear of that
        name is not meant."""
        for name in self._former.get((source, gear_raw), ()):
            holders = self._holders.get((source, plain_name(name)), ())
            meant = [shoe for gear in holders for shoe in self._by_id(gear)]
            found = [shoe for shoe in self._by_name.get(plain_name(name), []) if shoe not in meant]
            if found:
                return Owners(tuple(found), name)
        return Owners(())

    def _names(self, source: str, gear_raw: str | None, gear_name: str | None, by: str | None) -> dict[str, str]:
        """Name gear in a reason: as the record does, and by the name it has `now` or had `formerly`."""
        label = gear_name or gear_raw or ""
        if by is None:
            return {"gear": label}
        names = self._former[source, gear_raw or ""]
        is_newer = label in names and names.index(by) < names.index(label)
        return {"gear": label, "now" if is_newer else "formerly": by}

    def _numbered(self, number: str) -> list[Shoe]:
        """Find pairs with that id, or else with one that rounds to it or that it rounds to. Two exact ids that only
        round to the same are two pairs."""
        return (
            self._by_number.get(number)
            or self._by_rounded.get(number)
            or self._by_number.get(str(float32_key(number)))
            or []
        )

    def _by_default(self, activity: Activity) -> Attribution:
        if not self._plan.defaults:
            return _nobodys("none")
        local = local_start(activity)
        fitting = {
            default.shoe: None
            for default in self._plan.defaults
            if default.window.holds(local) and (default.shoe is None or self._shoes[default.shoe].worn_at(local))
        }
        if len(fitting) > 1:
            return _nobodys("ambiguous", shoes=[shoe or NO_PAIR for shoe in fitting])
        if not fitting:
            return _nobodys("none", day=local[:10])
        return Attribution(((next(iter(fitting)), _WHOLE),), Reason("default"))


def shoe_parts(split: Split) -> tuple[tuple[ShoeId | None, Part], ...]:
    """The parts of a run by shoe, as the runner has set them."""
    return tuple((pair_named(part.name), part) for part in split)


def _nobodys(code: str, **parameters: Any) -> Attribution:
    return Attribution(((None, _WHOLE),), reason(code, **parameters))
