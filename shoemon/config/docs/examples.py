"""Texts and values of the example files in config/, beside the settings' own names, defaults and descriptions."""

from typing import Any

from shoemon.config.models import LIFE_M
from shoemon.model import sports
from shoemon.model.surfaces import BUILT_IN

_HOW = """\
# Each setting has its default here; what begins with `#` and no space is an example that is not in force."""
MAIN_HEAD = f"""\
# yaml-language-server: $schema=shoemon.schema.json
# shoemon.yaml: where your runs come from, and when and how alerts reach you. Paths start from this directory.
{_HOW}
"""
SHOES_HEAD = f"""\
# yaml-language-server: $schema=shoes.schema.json
# shoes.yaml: your pairs, and which run was done in which.
{_HOW}"""


def _surfaces() -> str:
    grounds: dict[str, list[str]] = {}
    for name, surface in BUILT_IN.items():
        grounds.setdefault(surface.ground, []).append(name)
    return "; ".join(f"{ground}: {', '.join(names)}" for ground, names in grounds.items())


NOTES = {
    "sports": f"Sports: {', '.join(sports.SPORTS)}.",
    "sources": "One item for each export you have; remove the others. Secrets are elsewhere: in an "
    "environment variable, {env: NAME}, or alone in a file, {file: PATH}.",
    "ground": f"Built in are {_surfaces()}.",
    "shoes": "Life, where none is given: " + ", ".join(f"{k} {m / 1000:g} km" for k, m in LIFE_M.items()) + ".",
    "rules": "The first rule whose conditions are all true decides, for shoe and surface each on its own.",
    "default_shoe": "One pair for all time can also be written as `default_shoe: pegasus-40`.",
    "corrections": "The id of a run is on its page, and in what `shoemon explain` prints.",
    "places": "Metres of a track within the radius have that surface. Where places overlap, the smallest counts.",
}
"""Comments above a setting of a file."""

GIVEN: dict[str, Any] = {
    "sources.strava-export.name": "strava",
    "sources.strava-export.type": "strava-export",
    "sources.strava-export.path": "~/Downloads/export_*.zip",
    "sources.tracks.name": "watch",
    "sources.tracks.type": "tracks",
    "sources.tracks.path": "~/Garmin/Activities",
    "sources.table.name": "sheet",
    "sources.table.type": "table",
    "sources.table.url": "https://example.org/runs.csv",
    "sources.table.headers": {"Authorization": {}},
    "sources.table.headers.Authorization.env": "SHEET_TOKEN",
    "sources.table.columns.start": "Date",
    "sources.table.columns.distance": {},
    "sources.table.columns.distance.column": "Miles",
    "sources.table.columns.distance.unit": "mi",
    "notify.email.name": "mail",
    "notify.email.type": "email",
    "notify.email.to": "me@example.org",
    "notify.email.host": "smtp.example.org",
    "notify.email.username": "me",
    "notify.email.password": "{env: SMTP_PASSWORD}",
    "notify.webhook.name": "hook",
    "notify.webhook.type": "webhook",
    "notify.webhook.url": "https://example.org/hook",
    "notify.webhook.secret": "{env: HOOK_SECRET}",
    "notify.ntfy.name": "phone",
    "notify.ntfy.type": "ntfy",
    "notify.ntfy.topic": "{env: NTFY_TOPIC}",
    "notify.command.name": "script",
    "notify.command.type": "command",
    "notify.apprise.name": "chat",
    "notify.apprise.type": "apprise",
    "notify.apprise.url": {},
    "notify.apprise.url.env": "APPRISE_URL",
    "shoes.id": "pegasus-40",
    "shoes.name": "Nike Pegasus 40",
    "shoes.gear": '[Nike Pegasus 40, "16632706"]',
    "shoes.bought": "2024-03-01",
    "shoes.price": "130 EUR",
    "rules.when": {},
    "rules.when.sport": "trail-run",
    "rules.shoe": "speedgoat-5",
    "default_shoe.shoe": "pegasus-40",
    "corrections.run": "strava:123",
    "corrections.shoe": "{pegasus-40: 5 km, endorphin: rest}",
}
"""Values in force: of settings that must be given, and of those that show what the file is about. `{}` is a
group in which every setting is shown."""

DISABLED: dict[str, Any] = {
    "every": "6h",
    "cron": "15 6 * * mon-fri",
    "sources.adidas-running.surface_map": "{4: gravel}",
    "sources.tracks.pattern": '"{sport}/{shoe}/*"',
    "sources.tracks.sport": "trail-run",
    "sources.tracks.sport_map": "{Rennrad: ride, fell: trail-run}",
    "sources.table.path": "runs/*.csv",
    "sources.table.format": "csv",
    "sources.table.delimiter": "tab",
    "sources.table.header": "[Date, Miles, Shoes]",
    "sources.table.headers.Authorization.file": "token.txt",
    "sources.table.headers.Authorization.text": "anonymous",
    "sources.table.headers.Authorization.prefix": '"Bearer "',
    "sources.table.user": "me",
    "sources.table.password": "{env: SHEET_PASSWORD}",
    "sources.table.pages": {},
    "sources.table.pages.next": "link",
    "sources.table.pages.number": "page",
    "sources.table.pages.size": "per_page",
    "sources.table.records": "data.workouts",
    "sources.table.columns.id": "Run",
    "sources.table.columns.sport": "Type",
    "sources.table.columns.name": "Title",
    "sources.table.columns.shoe": "Shoe id",
    "sources.table.columns.shoe_name": "Shoes",
    "sources.table.columns.surface": "Ground",
    "sources.table.columns.unpaved": "{column: Unpaved, unit: km}",
    "sources.table.columns.indoor": "Treadmill",
    "sources.table.columns.moving": "Moving time",
    "sources.table.columns.elapsed": "Time",
    "sources.table.columns.end": "End",
    "sources.table.columns.elevation": "{column: Climb, unit: ft}",
    "sources.table.columns.utc_offset": "Offset",
    "sources.table.columns.timezone": "Zone",
    "sources.table.columns.lat": "Latitude",
    "sources.table.columns.lon": "Longitude",
    "sources.table.columns.distance.unit_column": "Unit",
    "sources.table.columns.distance.format": '"%d/%m/%Y %H:%M"',
    "sources.table.columns.distance.values": '{marathon: "26.219"}',
    "sources.table.columns.distance.match": "'([0-9.]+) miles'",
    "sources.table.columns.distance.const": '"5"',
    "sources.table.date_format": '"%d/%m/%Y %H:%M"',
    "sources.table.timezone": "Europe/Helsinki",
    "sources.table.times": "local",
    "sources.table.sport_map": "{Long one: run, Fell: trail-run}",
    "sport_map": "{Fell: trail-run}",
    "ground.surfaces": {"woodchip": {}},
    "ground.surfaces.woodchip.ground": "soft",
    "ground.default": "paved",
    "ground.map": "maps/finland.osm.pbf",
    "ground.overpass": "https://overpass-api.de/api/interpreter",
    "alerts.quiet": "22:00-07:00",
    "alerts.hard_share": "60%",
    "alerts.soft_share": "40%",
    "alerts.weekly": "mon 07:00",
    "alerts.return_plan": {},
    "alerts.return_plan.usual": "40 km",
    "alerts.return_plan.steps": "[{from: 2026-03-02, share: 30%}, {from: 2026-03-16, share: 60%}]",
    "alerts.return_plan.until": "2026-03-30",
    "web.url": "http://shoes.home:8001/",
    "heartbeat": "{env: HEARTBEAT_URL}",
    "web.password": "{env: SHOEMON_PASSWORD}",
    "web.user_header": "Remote-User",
    "web.trusted": "[172.30.0.2]",
    "web.datasette": "datasette.yaml",
    "web.upload_token": "{env: SHOEMON_UPLOAD}",
    "port": "587",
    "sender": "shoes@example.org",
    "ca_file": "ca.pem",
    "notify.webhook.headers": "{Authorization: {env: HOOK_TOKEN}}",
    "notify.ntfy.token": {},
    "notify.ntfy.token.env": "NTFY_TOKEN",
    "notify.ntfy.token.file": "ntfy-token.txt",
    "notify.ntfy.username": "me",
    "notify.ntfy.password": "{env: NTFY_PASSWORD}",
    "notify.ntfy.priority": "4",
    "notify.apprise.url.file": "apprise-url.txt",
    "hosts": "[shoes.example.org]",
    "shoes.brand": "Nike",
    "shoes.model": "Pegasus 40",
    "shoes.size": "EU 43",
    "shoes.link": "https://example.org/pegasus-40",
    "shoes.life": "700 km",
    "shoes.surface": "asphalt",
    "shoes.worn": {},
    "shoes.retired": "2025-10-01",
    "shoes.notes": "the left lace is new",
    "from": "2024-03-02",
    "until": "2024-09-01",
    "rules.when.name": '"(?i)intervals"',
    "rules.when.gear": '"^Speed"',
    "rules.when.source": "strava",
    "rules.when.distance": '">= 8 km"',
    "rules.when.weekday": "[tue, thu]",
    "rules.when.time": "05:00-09:30",
    "rules.when.after": "2024-05-01",
    "rules.when.before": "2025-05-01",
    "rules.when.indoor": "false",
    "rules.when.near": {},
    "rules.when.near.lat": "60.17",
    "rules.when.near.lon": "24.94",
    "rules.when.near.within": "2 km",
    "rules.surface": "{grass: 30%, dirt: rest}",
    "corrections.surface": "{grass: 30%, asphalt: rest}",
    "corrections.distance": "8.2 km",
}
"""Values not in force, of settings whose default is none or empty; by place, or by name where all are the same."""

SHORT = {
    "shoes": (
        "{id: speedgoat-5, name: Hoka Speedgoat 5, kind: trail, gear: Hoka Speedgoat 5, surface: dirt}",
        "{id: endorphin, name: Saucony Endorphin, kind: race, gear: Saucony Endorphin, life: 400 km}",
    ),
    "rules": (
        '{when: {name: "(?i)intervals", weekday: tue, distance: ">= 8 km"}, shoe: endorphin, surface: tartan}',
        '{when: {name: "(?i)with the dog"}, ignore: true}',
    ),
    "corrections": (
        '{run: "strava:124", ignore: true}',
        '{run: "strava:125", surface: {grass: 30%, asphalt: rest}, distance: 8.2 km}',
    ),
}
"""Further items of a list, each on a line."""
