"""List what does not count, was not read or has a note: each reason with its number and the first record."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from shoemon.model.reason import SPORTLESS, Reason
from shoemon.pages.rows import Rows, columns_of, exports_of
from shoemon.words.problems import grouped_lines, line_to_count
from shoemon.words.reasons import why_not_counted

_NOT_COUNTED = f"""
    SELECT a.source, s.type, a.not_counted AS code, a.not_counted_detail AS detail, count(*) AS records,
      sum(a.distance_m) AS distance_m, min(a.started_at), a.id, a.sport_raw AS word
    FROM activities a JOIN sources s ON s.name = a.source
    WHERE a.not_counted IN {(*SPORTLESS, "in_future", "no_time", "not_a_run", "ignored", "no_longer_listed")}
      AND ?1 IN ('', a.source)
    GROUP BY 1, 2, 3, 4, iif(a.not_counted IN {SPORTLESS}, a.sport_raw, '')
    ORDER BY a.not_counted = 'not_a_run', records DESC, a.source"""
_PROBLEMS = """
    SELECT source, message AS why, {} AS is_note, count(*) AS records, min(id), place FROM problems
    WHERE resolved_at IS NULL AND ?1 IN ('', source) GROUP BY 1, 2, 3 ORDER BY records DESC, 5"""
Group = dict[str, Any]
"""Records with one reason: `source`, `why`, how many `records`, and the `id` or `place` of the first; of those that may
be runs the `remedy`, a sentence and the line to copy."""


class LeftOut(NamedTuple):
    """The groups of records by what became of them, those to decide first, then those with most records."""

    sportless: Sequence[Group]
    others: Sequence[Group]
    """Not counted, except for copies of runs."""
    unread: Sequence[Group]
    noted: Sequence[Group]

    @classmethod
    def of(cls, rows: Rows, source: str = "") -> "LeftOut":
        """Read the groups of one source, or of all."""
        exports = exports_of(rows)
        found = [
            {**group, "why": why_not_counted(Reason(group["code"], group["detail"]), group["source"], exports)}
            for group in rows(_NOT_COUNTED, source)
        ]
        is_note = "is_note" if "is_note" in columns_of(rows, "problems") else "0"  # an older database lacks it
        problems = rows(_PROBLEMS.format(is_note), source)
        return cls(
            [
                {**group, "remedy": line_to_count(group["type"], group["id"], group["word"])}
                for group in found
                if group["code"] in SPORTLESS
            ],
            [group for group in found if group["code"] not in SPORTLESS],
            [group for group in problems if not group["is_note"]],
            [group for group in problems if group["is_note"]],
        )

    @property
    def not_counted(self) -> int:
        """The number of records that do not count."""
        return sum(group["records"] for group in (*self.sportless, *self.others))

    def lines(self) -> Iterator[str]:
        """Write the most frequent reasons, each with its number and the first record."""
        kinds = {"not read": (self.unread, "place"), "note": (self.noted, "place"), "not counted": (self.others, "id")}
        for kind, (groups, first) in kinds.items():
            reasons = [(group["why"], group["records"], group[first]) for group in groups]
            yield from (f"{kind}: {line}" for line in grouped_lines(reasons))
