"""Say why ground is not known, and what helps: by the reasons stored with legs, and by what became of tracks."""

import re
from typing import Any, NamedTuple

from shoemon.words.commands import command


class Kind(NamedTuple):
    """Why the ground of runs is not known, and what to do: in words (what to type is between `), and as a line to
    write or the arguments of a command."""

    why: str
    remedy: str
    command: str | tuple[str, ...] = ""

    def to_copy(self) -> str:
        """The line to write, or the command of the arguments."""
        return self.command if isinstance(self.command, str) else command(*self.command, anywhere=True)


MAP = ("map", "import", "FILE")
SAY = "Give `surface:` to their shoe, to a rule or to a correction in `shoes.yaml`."
KINDS = {
    "no track": Kind("their export has no track of them",
        "Give `surface:` to their shoe or to a rule in `shoes.yaml`, or `default:` to `ground` in `shoemon.yaml`."),
    "not laid": Kind("their track was not laid on a map",
        "Import a map of the place; the next sync does the rest.", MAP),
    "outside": Kind("their track lies where no map was imported",
        "Import a map of that place; the next sync does the rest.", MAP),
    "partial": Kind("their track lies partly where the map says nothing",
        "Import the map beside it, if it is missing; else give `surface:` to a rule or correction in `shoes.yaml`.",
        MAP),
    "silent": Kind("the map has the ways, but not what they are made of",
        "Give `surface:` to a rule or correction in `shoes.yaml`, or to the way in OpenStreetMap."),
    "no positions": Kind("their track holds no positions", SAY),
    "unreadable": Kind("their track cannot be read",
        "Put a sound file in its place, or give `surface:` to a correction in `shoes.yaml`; then:", ("sync",)),
    "away": Kind("their track could not be had", "It is asked for again at the next sync.", ("sync",)),
    "word": Kind("their export has a word for the ground that is no known surface",
        "Make it a surface of your own in `shoemon.yaml`:", "ground: {surfaces: {WORD: {ground: soft}}}"),
    "told": Kind("a correction, a rule or a default says that it is unknown",
        "Name another surface there, in `shoes.yaml` or `shoemon.yaml`."),
    "moved": Kind("their surface is one whose ground is unknown, by `shoemon.yaml`",
        "Say there what it is under the foot:", "ground: {surfaces: {NAME: {ground: soft}}}"),
    "nothing": Kind("nothing says what it was", SAY),
}  # fmt: skip
BY_STATUS = {"no track": "no positions", "unreadable": "unreadable", "away": "away", "outside": "outside"}
"""Where nothing says what the ground was, what became of the track does."""
WORDS = 3
"""So many of the words that are no known surface are named."""
_WORD = re.compile(r"(?s)the export's word `(.*)` is no known surface")


def grouped(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of metres on unknown ground as one group for each kind of reason, the most metres first; each with its runs,
    the latest of them, and some of the words that are no known surface."""
    found: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: (row["started_at"], row["id"]), reverse=True):
        key = kind_of(row)
        group = found.setdefault(key, {"key": key, "metres": 0.0, "runs": 0, "words": [], "latest": row})
        group["metres"] += row["distance_m"]
        group["runs"] += row["runs"]
        if (word := _WORD.match(row["reason"])) and word[1] not in group["words"]:
            group["words"].append(word[1])
    return [
        {
            **group,
            **KINDS[key]._asdict(),
            "command": KINDS[key].to_copy(),
            "words": group["words"][:WORDS],
            "more_words": len(group["words"]) > WORDS,
        }
        for key, group in sorted(found.items(), key=lambda item: -item[1]["metres"])
    ]


def kind_of(row: dict[str, Any]) -> str:
    """The kind of reason of a row: `is_unknown` (the surface is `unknown`, and no other that counts as unknown ground),
    `reason` as stored with the leg, the `status` of the track on the map, and whether a track is named."""
    reason, status = row["reason"], row["status"]
    if not row["is_unknown"]:
        return "moved"
    if _WORD.match(reason):
        return "word"
    if reason.startswith(("correction", "rule ", "default ")):
        return "told"
    if reason.startswith("the map does not say"):
        return "partial" if status == "partial" else "silent"
    if reason != "nothing says" or status == "not seen":
        return "nothing"
    if not row["tracked"]:
        return "no track"
    return "not laid" if status is None else BY_STATUS.get(status, "nothing")
