"""Read the runner's pairs in an account of adidas Running: `User/Shoes/<id>.json`, one pair a file.

A pair has `name`, `initial_distance` (metres before its first session), `samples_ids` (its sessions), and `milestones`,
of which `retirement_distance` is the life that the runner gave it. Seen in an export, and in the samples of
fcrespel/runtastic-export-converter.
"""

import posixpath
from collections.abc import Mapping
from typing import Any

from shoemon.model.activity import Gear, Problem
from shoemon.sources.kit.fields import life_at, needed_text_at, text_at
from shoemon.sources.kit.files import ExportFiles, is_json


class Pairs:
    """The pairs by id, those of a session by the session's id, and the files that cannot be read."""

    def __init__(self) -> None:
        self.pairs: dict[str, Gear] = {}
        self.problems: list[Problem] = []
        self.worn: dict[str, list[str]] = {}

    def add(self, pair: Mapping[str, Any]) -> None:
        """Add the content of a file. Raises ValueError if it has no id."""
        id, name = needed_text_at(pair, "id"), text_at(pair, "name")
        if (text_at(pair, "equipment_type") or "shoe") != "shoe":
            return
        initial_m = life_at(pair, "initial_distance")
        self.pairs[id] = Gear(id, " ".join(name.split()) if name else None, _life(pair), initial_m=initial_m)
        sessions = pair.get("samples_ids")
        for session in sessions if isinstance(sessions, list) else ():
            self.worn.setdefault(str(session), []).append(id)


def is_pair_file(name: str) -> bool:
    """Return whether a file of the export is of a pair."""
    return is_json(name) and posixpath.basename(posixpath.dirname(name)).lower() == "shoes"


def read_pairs(files: ExportFiles) -> Pairs:
    """Read the pairs of an export. A file that cannot be read is a problem."""
    found = Pairs()
    for name in filter(is_pair_file, files.names):
        try:
            content = files.json(name)
            if not isinstance(content, Mapping):
                raise ValueError("its structure is unknown")
            found.add(content)
        except ValueError as error:
            found.problems.append(Problem(name, str(error)))
    return found


def _life(pair: Mapping[str, Any]) -> float | None:
    milestones = pair.get("milestones")
    for milestone in milestones if isinstance(milestones, list) else ():
        if isinstance(milestone, Mapping) and milestone.get("type") == "retirement_distance":
            return life_at(milestone, "value")
    return None
