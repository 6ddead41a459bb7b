"""Explain why ground is unknown, and what helps: by the reasons stored with legs, and the matches of tracks."""

from typing import Any, NamedTuple

from shoemon.words.commands import command


class Kind(NamedTuple):
    """A reason for unknown ground, and its remedy: in words (with what to type between `), and as a line to write or
    the arguments of a command."""

    why: str
    remedy: str
    command: str | tuple[str, ...] = ""

    def to_copy(self) -> str:
        """The line to write, or the command of the arguments."""
        return self.command if isinstance(self.command, str) else command(*self.command, anywhere=True)


MAP = ("map", "get")
SET_SURFACE = "Give `surface:` to their shoe, to a rule or to a correction in `shoes.yaml`."
KINDS = {
    "no track": Kind("their export has no track of them",
        "Give `surface:` to their shoe or to a rule in `shoes.yaml`, or `default:` to `ground` in `shoemon.yaml`."),
    "not matched": Kind("their track was not matched to a map",
        "Get a map of the place:", MAP),
    "unknown_gap": Kind("their track has gaps",
        "Set the watch to record every second, or give `surface:` to their shoe in `shoes.yaml`."),
    "unknown_no_way": Kind("no way on the map is near the track",
        "Name the place and its surface under `places:` in `shoes.yaml`, or draw the way in OpenStreetMap."),
    "unknown_untagged": Kind("the ways have no surface on the map",
        "Give the ways their surface in OpenStreetMap, or name the place under `places:` in `shoes.yaml`."),
    "unknown_map_end": Kind("the imported map ends before it",
        "Get a map of a wider area:", MAP),
    "unknown_unsure": Kind("it may have been one of several ways, on different ground",
        "Name the place and its surface under `places:` in `shoes.yaml`, or give `surface:` to a correction."),
    "unknown_short_track": Kind("their track is shorter than the run, or goes nowhere",
        "Give `surface: treadmill` to a correction in `shoes.yaml` if it was indoors, else `default:` to `ground` in "
        "`shoemon.yaml`."),
    "unknown_map": Kind("an earlier version matched their track, and did not store the cause",
        "The next sync matches it again.", ("sync",)),
    "no positions": Kind("their track has no GPS positions", SET_SURFACE),
    "unreadable": Kind("their track is unreadable",
        "Replace it with a valid file, or give `surface:` to a correction in `shoes.yaml`; then:", ("sync",)),
    "away": Kind("their track could not be fetched", "The next sync tries again.", ("sync",)),
    "word": Kind("their export uses a word for the ground that is not a known surface",
        "Define it as a surface of your own in `shoemon.yaml`:", "ground: {surfaces: {WORD: {ground: soft}}}"),
    "stated": Kind("a correction, a rule or a default sets it to unknown",
        "Set another surface there, in `shoes.yaml` or `shoemon.yaml`."),
    "moved": Kind("`shoemon.yaml` sets the ground of their surface to unknown",
        "Set its ground there:", "ground: {surfaces: {NAME: {ground: soft}}}"),
    "nothing": Kind("nothing names the surface", SET_SURFACE),
}  # fmt: skip
BY_STATUS = {"no track": "no positions", "unreadable": "unreadable", "away": "away", "outside": "unknown_map_end"}
"""The kind by the status of the track's match, if nothing decides the ground."""
BY_REASON = {"unknown_word": "word", "correction": "stated", "rule": "stated", "shoe_default": "stated",
             "default": "stated"}  # fmt: skip
REASONS = """
    SELECT l.activity, l.surface, ifnull(part.value ->> 'reason', l.surface_reason) AS reason,
      ifnull(part.value ->> 'word', l.surface_detail ->> 'word') AS word,
      ifnull(part.value ->> 'distance_m', l.distance_m) AS distance_m
    FROM ({legs}) l LEFT JOIN json_each(l.surface_detail, '$.all') part"""
"""Legs by each of their reasons, with its metres."""
UNKNOWN_BY_REASON = f"""
    SELECT reason, sum(distance_m) AS distance_m FROM ({REASONS.format(legs="SELECT * FROM legs")})
    WHERE surface = 'unknown' GROUP BY reason ORDER BY distance_m DESC"""
WORDS = 3
"""How many of the words that are not a known surface are listed."""


def grouped(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Group rows of metres on unknown ground by kind of reason, the most metres first; each with its runs, the latest
    of them, and some of the words that are not a known surface."""
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
    reason, status = str(row["reason"]), row["status"]
    if not row["is_unknown"]:
        return "moved"
    if reason in BY_REASON:
        return BY_REASON[reason]
    if reason in KINDS:
        return reason
    if reason != "none" or status == "not seen":
        return "nothing"
    if not row["tracked"]:
        return "no track"
    return "not matched" if status is None else BY_STATUS.get(status, "nothing")
