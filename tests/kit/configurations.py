"""Configurations: the example of the design, files with every mistake that is told, and a directory to write both in."""

from pathlib import Path

from shoemon.config.load import Config, load
from shoemon.config.registry import SOURCES

DESIGN_MAIN = """\
database: shoemon.db            # default; state.db and maps/ are beside it
units: km                       # km or mi; only for reading and writing
timezone: Europe/Helsinki       # for dates without a zone; never the machine's zone
sources:
  - {name: strava, type: strava-export, path: ~/Downloads/export_123.zip, every: 6h}
  - name: sheet
    type: table                 # CSV, TSV, JSON, NDJSON; file, glob or URL
    url: https://example.org/runs.csv
    headers: {Authorization: {env: SHEET_TOKEN}}
    columns: {id: Run, start: Date, distance: {column: Miles, unit: mi}, shoe: Shoes, surface: Ground}
    cron: "15 6 * * *"
alerts: {soon: {at: 90%, within: 21d}, due: 100%, again_every: 10%}
notify:
  - {name: mail, type: email, to: me@example.org, host: smtp.example.org, security: starttls, username: me, password: {env: SMTP_PASSWORD}}
  - {name: hook, type: webhook, url: https://example.org/hook, secret: {env: HOOK_SECRET}}
"""
DESIGN_SHOES = """\
shoes:
  - id: pegasus-40
    name: Nike Pegasus 40
    gear: ["Nike Pegasus 40", "16632706"]     # how exports call it: names or ids
    bought: 2024-03-01
    price: 130 EUR
    initial: 120 km
    life: 700 km
    worn: [{from: 2024-03-02, until: 2024-09-01}, {from: 2025-03-01}]
    retired: 2025-10-01
  - {id: speedgoat-5, name: Speedgoat 5}
  - {id: endorphin, name: Endorphin}
rules:                                        # asked only where the export names no shoe; first match wins
  - {when: {sport: trail-run}, shoe: speedgoat-5}
  - {when: {name: "(?i)intervals", weekday: [tue], distance: ">= 8 km", after: 2024-05-01}, shoe: endorphin, surface: tartan}
default_shoe: pegasus-40
corrections:                                  # about single runs; always win
  - {run: "strava:123", shoe: {pegasus-40: 5 km, endorphin: rest}}
  - {run: "strava:124", ignore: true}
  - {run: "strava:125", surface: {grass: 30%, asphalt: rest}, distance: 8.2 km}
"""
TWO = "shoes: [{id: a, name: A}, {id: b, name: B}]\n"
"""Two sound pairs, on the first line."""


def write(directory: Path, main: str | bytes = "", shoes: str | bytes = "") -> Path:
    for name, content in (("shoemon.yaml", main), ("shoes.yaml", shoes)):
        (directory / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return directory


def loaded(directory: Path, main: str | bytes = "", shoes: str | bytes = "") -> Config:
    return load(write(directory, main, shoes))


SHOES_CASES = {
    "unknown keys, with what was meant": (
        "shoes:\n  - id: a\n    nmae: A\nshooes: []\n",
        [
            "shoes.yaml:2:5: shoes[0].name: is missing; add `name: ...`",
            "shoes.yaml:3:5: shoes[0].nmae: unknown setting; did you mean `name`?",
            "shoes.yaml:4:1: shooes: unknown setting; did you mean `shoes`?",
        ],
    ),
    "a mistake in one shoe hides none in another": (
        "shoes:\n- {id: A, name: ''}\n- {id: b, name: B, life: 700, worn: {from: 2024-03-02, until: 2024-01-01}}\n- x\n-\n",
        [
            "shoes.yaml:2:4: shoes[0].id: 'A' is not an id; use small letters, digits, - and _, beginning with a letter or digit",
            "shoes.yaml:2:11: shoes[0].name: must not be empty",
            "shoes.yaml:3:20: shoes[1].life: '700' is not a distance; write a number and a unit (m, km, mi, yd), such as 700 km",
            "shoes.yaml:3:31: shoes[1].worn: `until` is not after `from`",
            "shoes.yaml:4:3: shoes[2]: must be settings such as `{id: pegasus-40, name: Nike Pegasus 40}`, not a text",
            "shoes.yaml:5:2: shoes[3]: is empty",
        ],
    ),
    "repeated keys, an alias, a tag, a key that is no text": (
        "shoes: &a []\nrules: *a\n? [x]\n: y\n!t k: 1\nshoes: []\ncorrections: !!set {}\n",
        [
            "shoes.yaml:2:1: rules: a YAML alias (*name) is not allowed here; write the value out, or put a text that begins with * in quotes",
            "shoes.yaml:3:3: the name of a setting must be a plain text",
            "shoes.yaml:5:1: a YAML tag (!name) is not allowed here; put a text that begins with ! in quotes",
            "shoes.yaml:6:1: shoes: is already set above; keep one of the two",
            "shoes.yaml:7:1: corrections: a YAML tag (!name) is not allowed here; put a text that begins with ! in quotes",
        ],
    ),
    "a merge key": (
        "shoes: [{id: a, name: A, <<: {kind: race}}]\n",
        [
            "shoes.yaml:1:26: shoes[0].<<: unknown setting; known are bought, brand, gear, id, initial, kind, life, link, "
            "model, name, notes, price, reserve, retired, size, surface, worn"
        ],
    ),
    "an id used twice": (
        "shoes:\n  - {id: a, name: A}\n  - {id: a, name: B}\n",
        ["shoes.yaml:3:6: shoes[1].id: `a` is the id of another shoe already (line 2)"],
    ),
    "one gear claimed by two": (
        "shoes:\n  - {id: a, name: A, gear: [x, Nike  Peg]}\n  - {id: b, name: B, gear: nike peg}\n",
        [
            "shoes.yaml:3:22: shoes[1].gear: `nike peg` is claimed by `a` too, for the same time; "
            "give both `worn` spans that do not overlap, or retire one"
        ],
    ),
    "one gear claimed by two for times that overlap by a day": (
        "shoes:\n  - {id: a, name: A, gear: x, worn: {until: 2024-03-02}}\n"
        "  - {id: b, name: B, gear: [y, x], worn: {from: 2024-03-01}}\n",
        [
            "shoes.yaml:3:32: shoes[1].gear[1]: `x` is claimed by `a` too, for the same time; "
            "give both `worn` spans that do not overlap, or retire one"
        ],
    ),
    "places": (
        "places:\n- {name: A, at: [124.9, 60.2], radius: 120, surface: tartan}\n- {name: B, at: [60.2, 224.9], radius: 1 m, surface: tatran}\n"
        "- {name: C, at: 60.2, radius: 6 km}\n- {name: D, at: [60,1871, 24,9270], radius: 1 km, surface: grass}\n"
        "- {name: E, at: [60.2, 24.9], radius: 1 km, surface: tatran}\n- {name: E, at: [-90, 180], radius: 5 m, surface: unknown}\n",
        [
            "shoes.yaml:2:13: places[0].at: latitude comes first and is at most 90 degrees; write [60.2, 124.9]",
            "shoes.yaml:2:32: places[0].radius: '120' is not a distance; write a number and a unit (m, km, mi, yd), such as 700 km",
            "shoes.yaml:3:13: places[1].at: latitude is at most 90 degrees, longitude at most 180; write them such as [60.1871, 24.9270]",
            "shoes.yaml:3:32: places[1].radius: is not the radius of a place; write 5 m to 5 km, such as 120 m",
            "shoes.yaml:4:3: places[2].surface: is missing; add `surface: ...`",
            "shoes.yaml:4:13: places[2].at: must be a latitude and a longitude with decimal points, such as [60.1871, 24.9270]",
            "shoes.yaml:4:23: places[2].radius: is not the radius of a place; write 5 m to 5 km, such as 120 m",
            "shoes.yaml:5:13: places[3].at: must be a latitude and a longitude with decimal points, such as [60.1871, 24.9270]",
            "shoes.yaml:6:45: places[4].surface: no surface is called `tatran`; did you mean `tartan`?",
            "shoes.yaml:7:4: places[5].name: `E` is the name of another place already (line 6)",
        ],
    ),
    "one gear, one after the other": (
        "shoes:\n  - {id: a, name: A, gear: x, worn: {until: 2024-03-01}}\n"
        "  - {id: b, name: B, gear: x, worn: [{from: 2024-03-01, until: 2024-09-01}]}\n"
        "  - {id: c, name: C, gear: x, worn: {from: 2024-09-01}}\n",
        [],
    ),
    "one gear, the first pair retired": (
        "shoes:\n  - {id: a, name: A, gear: x, retired: 2024-02-29}\n"
        "  - {id: b, name: B, gear: x, worn: {from: 2024-03-01}, retired: 9999-12-31}\n",
        [],
    ),
    "one gear, the first pair retired a day too late": (
        "shoes:\n  - {id: a, name: A, gear: x, retired: 2024-03-01}\n  - {id: b, name: B, gear: x, worn: {from: 2024-03-01}}\n",
        [
            "shoes.yaml:3:22: shoes[1].gear: `x` is claimed by `a` too, for the same time; "
            "give both `worn` spans that do not overlap, or retire one"
        ],
    ),
    "names that nothing has": (
        TWO + "rules:\n  - {when: {sport: [run, rnu], source: strav}, shoe: {a: 1 km, c: rest}, surface: gras}\n"
        "default_shoe: q\ncorrections:\n  - {run: 'x:1', shoe: bb, surface: {gravel: 10%, rok: rest}}\n",
        [
            "shoes.yaml:3:26: rules[0].when.sport[1]: no sport is called `rnu`; did you mean `run`?",
            "shoes.yaml:3:32: rules[0].when.source: no source is called `strav`; did you mean `strava`?",
            "shoes.yaml:3:48: rules[0].shoe: no shoe has the id `c`; known are a, b",
            "shoes.yaml:3:74: rules[0].surface: no surface is called `gras`; did you mean `grass`?",
            "shoes.yaml:4:1: default_shoe: no shoe has the id `q`; known are a, b",
            "shoes.yaml:6:18: corrections[0].shoe: no shoe has the id `bb`; did you mean `b`?",
            "shoes.yaml:6:28: corrections[0].surface: no surface is called `rok`; did you mean `rock`?",
        ],
    ),
    "a shoe with a mistake is no unknown shoe": (
        "shoes: [{id: a, name: A, life: 7}]\ndefault_shoe: a\n",
        [
            "shoes.yaml:1:26: shoes[0].life: '7' is not a distance; write a number and a unit (m, km, mi, yd), such as 700 km"
        ],
    ),
    "shoes that are no list are no unknown shoes": (
        "shoes: {a: {name: A}}\ndefault_shoe: a\n",
        [
            "shoes.yaml:1:1: shoes: must be a list; begin each item with a dash, such as `- {id: pegasus-40, name: Nike Pegasus 40}`"
        ],
    ),
    "rules and corrections that do nothing": (
        TWO
        + "rules: [{when: {}, shoe: a}, {when: {sport: []}, shoe: a}, {when: {sport: run}}]\ncorrections: [{run: 'x:1'}]\n",
        [
            "shoes.yaml:2:9: rules[0]: `when` has no condition; for every run use default_shoe or ground.default",
            "shoes.yaml:2:30: rules[1]: `when` has no condition; for every run use default_shoe or ground.default",
            "shoes.yaml:2:60: rules[2]: the rule does nothing; add a shoe, a surface, or ignore: true",
            "shoes.yaml:3:15: corrections[0]: the correction changes nothing; add a shoe, a surface, a distance, a duplicate_of, or ignore: true",
        ],
    ),
    "conditions": (
        TWO
        + "rules:\n  - shoe: a\n    when:\n      name: '('\n      weekday: [monster, tues]\n      time: 24:30-25:00\n"
        "      distance: 8 km\n      indoor: maybe\n      near: {lat: 91, lon: nan, within: 0 m}\n",
        [
            "shoes.yaml:5:7: rules[0].when.name: `(` is not a regular expression: the `(` at character 1 is not closed; "
            "for this character itself write `\\(`, in single quotes",
            "shoes.yaml:6:17: rules[0].when.weekday[0]: 'monster' is not a weekday; write mon, tue, wed, thu, fri, sat, sun",
            "shoes.yaml:7:7: rules[0].when.time: '24:30-25:00' is not a span of the day; write it like 05:00-09:30",
            "shoes.yaml:8:7: rules[0].when.distance: '8 km' is not a comparison; write >= 10 km, < 5 km or 5 km .. 10 km",
            "shoes.yaml:9:7: rules[0].when.indoor: must be true or false",
            "shoes.yaml:10:14: rules[0].when.near.lat: must be less than or equal to 90",
            "shoes.yaml:10:23: rules[0].when.near.lon: must be less than or equal to 180",
            "shoes.yaml:10:33: rules[0].when.near.within: must be greater than 0",
        ],
    ),
    "conditions by figures": (
        TWO
        + "rules:\n  - shoe: a\n    when:\n      climb: '>= 300 km'\n      moving_time: '< 1:30'\n      pace: '< 4:30'\n"
        "      ground: {soft: 60%, hard: '>= 60', tartan: '> 110%'}\n      device: '['\n      ends_near: {lat: 60, lon: 25}\n"
        "  - {when: {climb: 300 m .. 100 m, pace: 5:00 /km .. 4:00 /km}, shoe: a}\n",
        [
            "shoes.yaml:5:7: rules[0].when.climb: '300 km' is not a climb; write a number and a unit (m, ft), such as 700 m",
            "shoes.yaml:6:7: rules[0].when.moving_time: '1:30' is not a time; write it such as 45 min, 1 h 30 min or 1:30:00",
            "shoes.yaml:7:7: rules[0].when.pace: '4:30' is not a pace; write minutes, seconds and a unit, such as 4:30 /km or "
            "7:00 /mi",
            "shoes.yaml:8:16: rules[0].when.ground.soft: '60%' is not a comparison; write >= 60%, < 20% or 20% .. 60%",
            "shoes.yaml:8:27: rules[0].when.ground.hard: '60' is not a share; write a percentage such as 90%",
            "shoes.yaml:8:42: rules[0].when.ground.tartan: '110%' is more than the whole run; write at most 100%",
            "shoes.yaml:9:7: rules[0].when.device: `[` is not a regular expression: the `[` at character 1 is not closed; "
            "for this character itself write `\\[`, in single quotes",
            "shoes.yaml:10:7: rules[0].when.ends_near.within: is missing; add `within: ...`",
            "shoes.yaml:11:13: rules[1].when.climb: '300 m .. 100 m' contains nothing; write the smaller one first, such as "
            "100 m .. 300 m",
            "shoes.yaml:11:36: rules[1].when.pace: '5:00 /km .. 4:00 /km' contains nothing; write the smaller one first, such "
            "as 4:30 /km .. 5:00 /km",
        ],
    ),
    "grounds that nothing has": (
        TWO + "rules:\n  - {when: {ground: {sft: '>= 60%', unknown: '> 0%', gravel: '< 5%'}}, shoe: a}\n",
        [
            "shoes.yaml:3:22: rules[0].when.ground.sft: no ground or surface is called `sft`; did you mean `soft`?",
            "shoes.yaml:3:37: rules[0].when.ground.unknown: a rule goes by what is known; write a ground or surface, such as "
            "`soft`",
        ],
    ),
    "conditions that can never hold": (
        TWO
        + "rules:\n  - {when: {after: 2024-05-01, before: 2024-05-01}, shoe: a}\n  - {when: {time: 05:00-05:00}, shoe: a}\n",
        [
            "shoes.yaml:3:6: rules[0].when: `before` is not later than `after`",
            "shoes.yaml:4:13: rules[1].when.time: '05:00-05:00' is no time at all; for the whole day remove `time`",
        ],
    ),
    "parts that do not add up": (
        TWO + "corrections:\n  - {run: 'x:1', shoe: {a: 60%, b: 50%}}\n  - {run: 'x:2', shoe: {a: 5 km}}\n"
        "  - {run: 'x:3', shoe: {a: rest, b: rest}}\n  - {run: 'x:4', shoe: {a: some, b: rest}}\n  - {run: 'x:5', shoe: []}\n"
        "  - {run: 'x:6', shoe: {a: 33%, b: 33%}}\n  - {run: 'x:7', shoe: {a: {}, b: rest}}\n",
        [
            "shoes.yaml:3:18: corrections[0].shoe: the shares add up to 110%; they cannot be more than 100%",
            "shoes.yaml:4:18: corrections[1].shoe: the parts do not make up the whole run; write `rest` for one of them",
            "shoes.yaml:5:18: corrections[2].shoe: only one part can be the rest",
            "shoes.yaml:6:18: corrections[3].shoe: 'some' is not a part of a run; write a distance (5 km), a share (30%) or rest",
            "shoes.yaml:7:18: corrections[4].shoe: write one name, or parts such as {a: 5 km, b: rest} or {a: 30%, b: 70%}",
            "shoes.yaml:8:18: corrections[5].shoe: the parts do not make up the whole run; write `rest` for one of them",
            "shoes.yaml:9:18: corrections[6].shoe: '' is not a part of a run; write a distance (5 km), a share (30%) or rest",
        ],
    ),
    "a run corrected twice, and what is no id": (
        TWO
        + "corrections:\n  - {run: 'x:1', ignore: true}\n  - {run: 'x:1', shoe: a}\n  - {run: 123, shoe: a, distance: 0 km}\n",
        [
            "shoes.yaml:4:6: corrections[1].run: `x:1` is corrected further up already; put both into one entry",
            "shoes.yaml:5:6: corrections[2].run: '123' is not the id of a run; write source:native id, such as strava:123",
            "shoes.yaml:5:25: corrections[2].distance: must be greater than 0",
        ],
    ),
    "days and moments": (
        TWO + "default_shoe:\n  - {shoe: a, from: 2024-01-01T10:00Z}\n  - {shoe: a, from: 2024-01-01T10:00:00+02:00}\n"
        "  - {shoe: a, from: yesterday}\n  - {shoe: a, until: 2024-02-30}\n  - {shoe: a, until: 20240301}\n  - {from: 2024-01-01}\n",
        [
            "shoes.yaml:3:15: default_shoe[0].from: '2024-01-01T10:00Z' has a zone; times here are in your own zone, so write it without",
            "shoes.yaml:4:15: default_shoe[1].from: '2024-01-01T10:00:00+02:00' has a zone; times here are in your own zone, so write it without",
            "shoes.yaml:5:15: default_shoe[2].from: 'yesterday' is not a day or time; write 2024-03-01 or 2024-03-01T18:30",
            "shoes.yaml:6:15: default_shoe[3].until: '2024-02-30' is not a day or time; write 2024-03-01 or 2024-03-01T18:30",
            "shoes.yaml:7:15: default_shoe[4].until: '20240301' is not a day or time; write 2024-03-01 or 2024-03-01T18:30",
            "shoes.yaml:8:5: default_shoe[5].shoe: is missing; add `shoe: ...`",
        ],
    ),
    "what a shoe can cost, have run, and when": (
        "shoes:\n  - id: a\n    name: A\n    price: a lot\n    initial: -3 km\n    life: 0 km\n    bought: 1.3.2024\n    kind: fast\n"
        "    gear: {x: y}\n    notes: [1]\n  - {id: b, name: B, bought: 2024-03-02, retired: 2024-03-01}\n"
        "  - {id: c, name: C, retired: {on: soon, because: age}, link: 'javascript:alert(1)'}\n"
        "  - {id: d, name: D, retired: soon, link: 'https://me:pw@example.org/'}\n  - {id: e, name: E, retired: {because: fit}}\n",
        [
            "shoes.yaml:4:5: shoes[0].price: 'a lot' is not a price; write an amount and a currency, such as 130 EUR",
            "shoes.yaml:5:5: shoes[0].initial: '-3 km' is not a distance; write a number and a unit (m, km, mi, yd), such as 700 km",
            "shoes.yaml:6:5: shoes[0].life: must be greater than 0",
            "shoes.yaml:7:5: shoes[0].bought: '1.3.2024' is not a day; write year-month-day, such as 2024-03-01",
            "shoes.yaml:8:5: shoes[0].kind: must be one of 'daily', 'race', 'light', 'trail' or 'minimalist'",
            "shoes.yaml:9:5: shoes[0].gear: must be a text",
            "shoes.yaml:10:5: shoes[0].notes: must be a text",
            "shoes.yaml:11:5: shoes[1]: `retired` is before `bought`",
            "shoes.yaml:12:32: shoes[2].retired.on: 'soon' is not a day; write year-month-day, such as 2024-03-01",
            "shoes.yaml:12:42: shoes[2].retired.because: must be one of 'outsole', 'cushioning', 'upper', 'fit' or 'other'",
            "shoes.yaml:12:57: shoes[2].link: this is not a web address; write one such as https://example.org/hook",
            "shoes.yaml:13:22: shoes[3].retired: 'soon' is not a day; write year-month-day, such as 2024-03-01",
            "shoes.yaml:13:37: shoes[3].link: a login must not be in this file; write the address without it",
            "shoes.yaml:14:22: shoes[4].retired.on: is missing; add `on: ...`",
        ],
    ),
    "a pair kept for a race": (
        "shoes:\n  - {id: a, name: A, reserve: 2027-04-18}\n  - {id: b, name: B, reserve: {below: 300 km}}\n"
        "  - {id: c, name: C, reserve: {}}\n  - {id: d, name: D, reserve: spring}\n"
        "  - {id: e, name: E, reserve: {until: 2027-02-30, below: 0 km, race: Boston}}\n",
        [
            "shoes.yaml:4:22: shoes[2].reserve: `reserve` is empty; write until, such as 2027-04-18, or below, such as 300 km, or both",
            "shoes.yaml:5:22: shoes[3].reserve: 'spring' is not a day; write year-month-day, such as 2024-03-01",
            "shoes.yaml:6:32: shoes[4].reserve.until: '2027-02-30' is not a day; write year-month-day, such as 2024-03-01",
            "shoes.yaml:6:51: shoes[4].reserve.below: must be greater than 0",
            "shoes.yaml:6:64: shoes[4].reserve.race: unknown setting; known are below, until",
        ],
    ),
    "a distance past all numbers": (
        f"shoes: [{{id: a, name: A, life: {'9' * 400} km}}]\n",
        ["shoes.yaml:1:26: shoes[0].life: is too large; write a value such as 700 km"],
    ),
    "one value where there are settings": (
        "shoes: [{id: a, name: A, life: {km: 700}}]\n",
        ["shoes.yaml:1:26: shoes[0].life: must be one value, such as 700 km"],
    ),
    "a list as the whole": ("- a\n", ["shoes.yaml:1:1: must be settings (name: value), not a list"]),
    "a text as the whole": ("shoes", ["shoes.yaml:1:1: must be settings (name: value), not a text"]),
    "a tab": ("shoes:\n\t- id: a\n", ["shoes.yaml:2:1: a tab is not allowed here; indent with blanks"]),
    "not UTF-8": (b"shoes: []\n# caf\xe9\n", ["shoes.yaml:1:1: is not UTF-8 text (byte 15); save it as UTF-8"]),
    "UTF-16": ("shoes: []\n".encode("utf-16"), ["shoes.yaml:1:1: is not UTF-8 text (byte 0); save it as UTF-8"]),
    "a zero byte": (b"shoes: []\nrules: \0\n", ["shoes.yaml:2:1: a character that no text file contains; remove it"]),
    "too large": ("#" * 4_000_001, ["shoes.yaml:1:1: the file is larger than 4,000,000 bytes"]),
    "600 lists deep": ("[" * 600, ["shoes.yaml:1:1: is nested too deeply to be settings"]),
    "2,000 items deep": ("- " * 2_000, ["shoes.yaml:1:1: is nested too deeply to be settings"]),
    "2,000 keys deep": ("{a: " * 2_000, ["shoes.yaml:1:1: is nested too deeply to be settings"]),
    "empty": ("", []),
    "comments only": ("# nothing yet\n", []),
    "a mark of byte order, and line ends of Windows": ("\ufeffshoes:\r\n- id: a\r\n  name: A\r\n", []),
    "sections whose lines are all comments": ("shoes:\n  # - id: a\nrules:\ndefault_shoe:\ncorrections: ~\n", []),
}
MAIN_CASES = {
    "pages below a database": (
        "web: {base_url: /shoemon/}\n",
        ["shoemon.yaml:1:7: web.base_url: '/shoemon/' begins as the address of a page or database does; choose another path, such as /shoes-here/"],
    ),
    "a proxy that nobody is": (
        "web: {user_header: Remote-User}\n",
        ["shoemon.yaml:1:1: web: `user_header` needs `trusted`: the address of the proxy that sends it"],
    ),
    "a sign-in": (
        "web: {user_header: Remote User, trusted: [10.0.0.300], password: secret}\n",
        [
            "shoemon.yaml:1:7: web.user_header: 'Remote User' is not the name of a header; write one such as Remote-User",
            "shoemon.yaml:1:43: web.trusted[0]: '10.0.0.300' does not appear to be an IPv4 or IPv6 network; write an address such as 172.30.0.2, or a network such as 172.30.0.0/24",
            "shoemon.yaml:1:56: web.password: a secret must not be in this file; write {env: NAME} or {file: PATH}",
        ],
    ),
    "settings of the whole": (
        "units: k\nwebb: {}\ntimezone: Europe/Helsinky\nsports: [run, walks]\ndatabase: state.db\nweb: {port: 0, host: '', base_url: x}\nlives: {dayly: 9 km, race: 0 km, trail: 520}\n",
        [
            "shoemon.yaml:1:1: units: must be one of 'km' or 'mi'",
            "shoemon.yaml:2:1: webb: unknown setting; did you mean `web`?",
            "shoemon.yaml:3:1: timezone: 'Europe/Helsinky' is not a time zone; did you mean Europe/Helsinki?",
            "shoemon.yaml:4:15: sports[1]: no sport is called `walks`; did you mean `walk`?",
            "shoemon.yaml:5:1: database: 'state.db' cannot be the database; write a file name other than state.db",
            "shoemon.yaml:6:7: web.port: must be greater than or equal to 1",
            "shoemon.yaml:6:16: web.host: must not be empty",
            "shoemon.yaml:6:26: web.base_url: 'x' is not a path of pages; write one that begins and ends with /, such as /shoes/",
            "shoemon.yaml:7:9: lives.dayly: unknown setting; did you mean `daily`?",
            "shoemon.yaml:7:22: lives.race: must be greater than 0",
            "shoemon.yaml:7:34: lives.trail: '520' is not a distance; write a number and a unit (m, km, mi, yd), such as 700 km",
        ],
    ),
    "surfaces": (
        "ground:\n  surfaces: {woodchip: {wear: 1.1}, asphalt: {wear: 1.2}}\n  default: asfalt\n",
        [
            "shoemon.yaml:2:14: ground.surfaces.woodchip: is a surface of your own; add what it is under the foot, such as `ground: soft`",
            "shoemon.yaml:3:3: ground.default: no surface is called `asfalt`; did you mean `asphalt`?",
        ],
    ),
    "surfaces, as they stand": (
        "ground:\n  surfaces: {Wood Chip: {ground: soft}, mud: {ground: squishy, waer: 2}, grass: {wear: nan}}\n",
        [
            "shoemon.yaml:2:14: ground.surfaces.Wood Chip: 'Wood Chip' is not a name; use a to z, 0 to 9, - and _, "
            "beginning with a letter or digit",
            "shoemon.yaml:2:47: ground.surfaces.mud.ground: must be one of 'hard', 'soft', 'synthetic', 'treadmill' or 'unknown'",
            "shoemon.yaml:2:64: ground.surfaces.mud.waer: unknown setting; did you mean `wear`?",
            "shoemon.yaml:2:82: ground.surfaces.grass.wear: must be less than or equal to 10",
        ],
    ),
    "alerts": (
        "alerts:\n  soon: {at: 0.9, within: 11000d}\n  due: 0%\n",
        [
            "shoemon.yaml:2:10: alerts.soon.at: '0.9' is not a share; write a percentage such as 90%",
            "shoemon.yaml:2:19: alerts.soon.within: '11000d' is longer than ten years",
            "shoemon.yaml:3:3: alerts.due: must be greater than 0",
        ],
    ),
    "alerts out of order": (
        "alerts: {soon: {at: 90%}, due: 80%}\n",
        ["shoemon.yaml:1:1: alerts: soon.at is later than due; write a smaller share"],
    ),
    "types": (
        "sources:\n- {name: a, type: [x]}\n- 3\n-\n- {name: b}\n- {name: c, type: strava-exprt}\n- {type: strava-export, nam: d}\nnotify: {a: b}\n",
        [
            "shoemon.yaml:2:13: sources[0].type: must be one of " + ", ".join(SOURCES.built_in),
            "shoemon.yaml:3:3: sources[1]: must be settings such as `{name: strava, type: strava-export, path: export_123.zip}`, "
            "not a text",
            "shoemon.yaml:4:2: sources[2]: is empty",
            "shoemon.yaml:5:3: sources[3].type: is missing; there are " + ", ".join(SOURCES.built_in),
            "shoemon.yaml:6:13: sources[4].type: there is no type `strava-exprt`; did you mean `strava-export`?",
            "shoemon.yaml:7:3: sources[5].name: is missing; add `name: ...`",
            "shoemon.yaml:7:3: sources[5].path: is missing; add `path: ...`",
            "shoemon.yaml:7:25: sources[5].nam: unknown setting; did you mean `name`?",
            "shoemon.yaml:8:1: notify: must be a list; begin each item with a dash, such as `- "
            "{name: mail, type: email, to: me@example.org, host: smtp.example.org}`",
        ],
    ),
    "when sources are pulled": (
        "sources:\n"
        "- {name: a, type: strava-export, path: x, every: 6h, cron: 0 6 * * *}\n"
        "- {name: a, type: strava-export, path: x, cron: 0 6 * *}\n"
        "- {name: c, type: strava-export, path: x, cron: 0 6 * * 1-5}\n"
        "- {name: d, type: strava-export, path: x, every: 0s}\n"
        "- {name: e, type: strava-export, path: x, every: 6, missing: maybe}\n"
        "- {name: f, type: strava-export, path: x, cron: 0 6 */2 * mon-fri}\n"
        "- {name: g, type: strava-export, path: x, cron: 0 0 31 2 *}\n"
        "- {name: h, type: strava-export, path: x, cron: 0 0 29 2 sun}\n",
        [
            "shoemon.yaml:2:54: sources[0].cron: write either `every` or `cron`",
            "shoemon.yaml:3:4: sources[1].name: `a` is used twice; names must differ",
            "shoemon.yaml:3:43: sources[1].cron: is not five cron fields such as 15 6 * * * (Wrong number of fields; got 4, expected 5)",
            "shoemon.yaml:4:43: sources[2].cron: weekdays must be written by name, such as mon-fri or sat,sun",
            "shoemon.yaml:5:43: sources[3].every: must be greater than 0",
            "shoemon.yaml:6:43: sources[4].every: '6' is not a span of time; write a number and s, m, h, d or w, such as 6h",
            "shoemon.yaml:6:53: sources[4].missing: must be one of 'keep' or 'drop'",
            "shoemon.yaml:8:43: sources[6].cron: never comes: its months have no such day; write one such as 15 6 * * *",
        ],
    ),
    "settings deep inside a source": (
        "sources: [{name: t, type: table, path: a, columns: {distance: {column: a, unti: b}, strat: B}}]\n",
        [
            "shoemon.yaml:1:75: sources[0].columns.distance.unti: unknown setting; did you mean `unit`?",
            "shoemon.yaml:1:85: sources[0].columns.strat: unknown setting; did you mean `start`?",
        ],
    ),
    "what was refused as YAML is not missing as well": (
        "notify:\n- {name: m, type: email, to: a@b.c, host: &h x, username: *h, password: !x y}\n",
        [
            "shoemon.yaml:2:49: notify[0].username: a YAML alias (*name) is not allowed here; write the value out, "
            "or put a text that begins with * in quotes",
            "shoemon.yaml:2:63: notify[0].password: a YAML tag (!name) is not allowed here; put a text that begins with ! in quotes",
        ],
    ),
    "sections whose lines are all comments": ("alerts:\nground:\nsports:\nsources:\nnotify: ~\nweb:\n  port:\n", []),
}  # fmt: skip
