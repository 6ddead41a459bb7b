"""Explain why ground is unknown, and what helps: by the reasons stored with legs, and the matches of tracks."""

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
    "not matched": Kind("their track was not matched to a map",
        "Import a map of the place; the next sync does the rest.", MAP),
    "outside": Kind("their track is where no map was imported",
        "Import a map of that place; the next sync does the rest.", MAP),
    "partial": Kind("their track is partly where the map has nothing",
        "Import the map beside it, if it is missing; else give `surface:` to a rule or correction in `shoes.yaml`.",
        MAP),
    "silent": Kind("the map has the ways, but not what they are made of",
        "Give `surface:` to a rule or correction in `shoes.yaml`, or to the way in OpenStreetMap."),
    "no positions": Kind("their track holds no positions", SAY),
    "unreadable": Kind("their track cannot be read",
        "Put a sound file in its place, or give `surface:` to a correction in `shoes.yaml`; then:", ("sync",)),
    "away": Kind("their track could not be fetched", "The next sync tries again.", ("sync",)),
    "word": Kind("their export has a word for the ground that is no known surface",
        "Make it a surface of your own in `shoemon.yaml`:", "ground: {surfaces: {WORD: {ground: soft}}}"),
    "stated": Kind("a correction, a rule or a default says that it is unknown",
        "Name another surface there, in `shoes.yaml` or `shoemon.yaml`."),
    "moved": Kind("their surface is one whose ground is unknown, by `shoemon.yaml`",
        "Write there what it is under the foot:", "ground: {surfaces: {NAME: {ground: soft}}}"),
    "nothing": Kind("nothing says what it was", SAY),
}  # fmt: skip
BY_STATUS = {"no track": "no positions", "unreadable": "unreadable", "away": "away", "outside": "outside"}
"""Where nothing decides the ground, by the match of the track."""
BY_REASON = {"unknown_word": "word", "correction": "stated", "rule": "stated", "shoe_default": "stated",
             "default": "stated"}  # fmt: skip
WORDS = 3
"""So many of the words that are no known surface are named."""


def grouped(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of metres on unknown ground as one group for each kind of reason, the most metres first; each with its runs,
    the latest of them, and some of the words that are no known surface."""
    found: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: (row["started_at"], row["id"]), reverse=True):
        key = kind_of(row)
        group = found.setdefault(key, {"key": key, "metres": 0.0, "runs": 0, "named": [], "latest": row})
        group["metres"] += row["distance_m"]
        group["runs"] += row["runs"]
        if row["word"] and row["word"] not in group["named"]:
            group["named"].append(row["word"])
    return [
        {
            **group,
            **KINDS[key]._asdict(),
            "command": KINDS[key].to_copy(),
            "words": group["named"][:WORDS],
            "more_words": len(group["named"]) > WORDS,
        }
        for key, group in sorted(found.items(), key=lambda item: -item[1]["metres"])
    ]


def kind_of(row: dict[str, Any]) -> str:
    """The kind of reason of a row: `is_unknown` (the surface is `unknown`, and no other that counts as unknown ground),
    `reason` is the code stored with the leg, `status` that of the track's match, `tracked` whether a track is named."""
    reason, status = row["reason"], row["status"]
    if not row["is_unknown"]:
        return "moved"
    if reason in BY_REASON:
        return BY_REASON[reason]
    if reason == "unknown_map":
        return "partial" if status == "partial" else "silent"
    if reason != "none" or status == "not seen":
        return "nothing"
    if not row["tracked"]:
        return "no track"
    return "not matched" if status is None else BY_STATUS.get(status, "nothing")
