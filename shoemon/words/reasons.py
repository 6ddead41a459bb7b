"""Say in plain sentences why a run counts as it does: what the reasons stored with its legs mean to a runner.

Each gives what may follow "because"; a reason that is not known here gives None, and is
shown as it is stored, which the pages do beside every sentence anyway.
"""

import re
from collections.abc import Sequence

Sentences = Sequence[tuple[re.Pattern[str], str]]


def compiled(*pairs: tuple[str, str]) -> Sentences:
    """Patterns of whole reasons, the more special first, and the sentence each becomes."""
    return [(re.compile(pattern, re.DOTALL), sentence) for pattern, sentence in pairs]


GEAR = r"gear `(.*?)`(?: \((?:now|formerly) `.*?`\))?"
OF_SHOES = compiled(
    ("correction", "a correction in shoes.yaml says so"),
    (r"rule (\d+)", "rule {0} of shoes.yaml says so"),
    (r"rule (\d+), which names the gear", "rule {0} of shoes.yaml says so, which names what the export calls it"),
    ("default shoe", "nothing else names a pair, and this was the default shoe that day"),
    (rf"ambiguous: {GEAR} fits (.*)", "the export calls it “{0}”, and that fits {1} alike"),
    (r"ambiguous: (.*) are both the default", "{0} are both the default shoe of that day"),
    (rf"{GEAR} belongs to no shoe in shoes.yaml", "the export calls it “{0}”, and no pair in shoes.yaml is called so"),
    (rf"{GEAR} is (.*), which was not in use on (.*)",
     "the export calls it “{0}”; that is {1}, which was not in use on {2}"),
    (r"gear `(.*)` \(now `(.*)`\)", "the export names it, as “{0}”, which it calls “{1}” now"),
    (r"gear `(.*)` \(formerly `(.*)`\)", "the export names it, as “{0}”, which it called “{1}” before"),
    ("gear `.*`", "the export names it"),
    ("(the export names no gear, no rule fits, .*)", "{0}"),
)  # fmt: skip
OF_GROUND = compiled(
    ("correction", "a correction in shoes.yaml says so"),
    (r"rule (\d+)", "rule {0} of shoes.yaml says so"),
    ("the export's own unpaved distance", "the export says how much of the run was unpaved"),
    ("which surface, by the map", "the map says which surfaces these are"),
    (r"the map does not agree \((.*) soft\)", "though the map does not agree, which has {0} soft ground"),
    ("the export says `(.*)`", "the export says “{0}”"),
    ("indoors by the export", "the export says it was indoors"),
    ("the map: the way's own tags", "the ways on the map say so themselves"),
    ("the map: what ways of this kind, or those around, mostly are", "ways of this kind, or those around, mostly are"),
    ("the map: open ground off every way", "the map shows open ground there, off every way"),
    ("the track: recorded indoors", "the track was recorded indoors"),
    ("the map does not say", "the map does not say"),
    ("default of the shoe", "nothing else is known, and this is where the pair is worn mostly"),
    ("default surface", "nothing else is known, and this is the default surface"),
    ("the export's word `(.*)` is no known surface", "the export says “{0}”, which is no known surface"),
    ("nothing says", "nothing says what it was"),
)  # fmt: skip
ORIGINS = {
    "tag": "the ways’ own tags",
    "inferred": "what ways of this kind, or those around, mostly are",
    "area": "open ground off every way",
    "device": "the track, recorded indoors",
    "unknown": "the map does not say",
}
"""How the map knows of a surface."""
_LENT = re.compile(r"(?s)(.*), as ([a-z0-9][a-z0-9_-]*) says")
_BETWEEN = re.compile(r"; (?=(?:correction|default|indoors|nothing|rule|the export|the map|the track|which surface)\b)")
"""Parts two reasons of a leg from another; what an export says may hold a semicolon too."""


def why_shoe(reason: str) -> str | None:
    """Why a run was done in a pair, or in none."""
    return in_words(reason, OF_SHOES)


def why_ground(reason: str) -> str | None:
    """Why metres of a run count for a surface."""
    found = [in_words(part, OF_GROUND) for part in _BETWEEN.split(reason)]
    said = [sentence for sentence in found if sentence is not None]
    return "; ".join(said) if len(said) == len(found) else None


def in_words(reason: str, sentences: Sentences) -> str | None:
    """The sentence of one reason, with the source another record of the run was asked in."""
    lent = _LENT.fullmatch(reason)
    plain, source = (lent[1], lent[2]) if lent else (reason, None)
    for pattern, sentence in sentences:
        if match := pattern.fullmatch(plain):
            words = sentence.format(*(text.replace("`", "") for text in match.groups()))
            return f"{words} (by {source}, which has the same run)" if source else words
    return None
