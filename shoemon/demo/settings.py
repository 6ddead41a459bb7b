"""The shoemon.yaml and shoes.yaml of the imaginary runner, with comments for the real one."""

from shoemon.demo.export import activity_id
from shoemon.demo.year import EVERYDAY, FRESH, RACE, TRAIL, TREADMILL_SHOE, Year
from shoemon.model.ids import Metres

SECRET_FILE = "webhook.secret"  # noqa: S105 the name of a file
MAP = "town.osm"
ZONE = "Europe/Helsinki"
_MAIN = """\
# The demo's settings. Everything here is imaginary, but the two receivers are real and listen on this machine.
timezone: {zone}

# The map of the runner's town. For a real one, name a file of OpenStreetMap here, such as finland.osm.pbf.
ground: {{map: {map}}}

sources:
  # A run counts by the first source that has it: the treadmill knows shoe and distance, Strava only that there was one.
  - name: treadmill
    type: table
    path: treadmill.csv
    delimiter: ";"
    decimal: ","
    columns:
      start: Day
      distance: {{column: Belt miles, unit: mi}}
      shoe: Shoe
      surface: Ground
      moving: {{column: Minutes, unit: min}}
  - name: strava
    type: strava-export
    path: strava.zip

notify:
  - name: mail
    type: email
    to: runner@example.org
    sender: shoemon@example.org
    host: 127.0.0.1
    port: {mail_port}
    security: none                      # it does not leave this machine
  - name: hook
    type: webhook
    url: http://127.0.0.1:{hook_port}/alerts
    secret: {{file: {secret_file}}}
"""
_SHOES = """\
shoes:
  # Two pairs of one model, one after the other. The runner never renamed the shoe in Strava, so both are one gear
  # there; `worn` decides which pair it was.
  - id: glide-1
    name: Brantwick Glide (first)
    gear: ["{everyday.id}", "{everyday.label}"]
    price: 120 EUR
    life: 900 km                        # worn on, against all advice
    worn: {{until: {changed_on}}}
    retired: {changed_on}
  - id: glide-2
    name: Brantwick Glide (second)
    gear: ["{everyday.id}", "{everyday.label}"]
    price: 120 EUR
    life: {daily_km:.0f} km
    worn: {{from: {changed_on}}}
  - id: glide-4
    name: Brantwick Glide 4
    gear: ["{fresh.id}", "{fresh.label}"]
    price: 135 EUR
  - id: scree
    name: Tarnmoor Scree
    kind: trail
    gear: ["{trail.id}", "{trail.label}"]
    initial: 95 km                      # run before the first export
  - id: dash
    name: Velquist Dash
    kind: race                          # its default life is 450 km
    gear: ["{race.id}", "{race.label}"]
  - id: foyer
    name: Mirrowby Foyer
    kind: light
    gear: {treadmill_shoe}
    surface: treadmill

# Rules apply only where the export names no shoe.
rules:
  - {{when: {{name: "(?i)trail"}}, shoe: scree}}
  - {{when: {{name: "(?i)intervals", weekday: tue}}, shoe: dash, surface: tartan}}

corrections:
  # The half marathon: warmed up in the everyday pair, then changed at the start.
  - {{run: "strava:{race_id}", shoe: {{glide-2: 3 km, dash: rest}}, surface: asphalt}}
  # The watch went home by car.
  - {{run: "strava:{drive_id}", ignore: true}}
"""


def main_text(mail_port: int, hook_port: int) -> str:
    """Write shoemon.yaml, with the ports of the receivers on this machine."""
    return _MAIN.format(zone=ZONE, map=MAP, mail_port=mail_port, hook_port=hook_port, secret_file=SECRET_FILE)


def shoes_text(year: Year, daily_life_m: Metres) -> str:
    """Write shoes.yaml for the pairs and the single runs of `year`."""
    on = {outing.day: activity_id(outing) for outing in year.outings}
    return _SHOES.format(
        everyday=EVERYDAY, fresh=FRESH, trail=TRAIL, race=RACE, treadmill_shoe=TREADMILL_SHOE,
        changed_on=year.changed_on, daily_km=daily_life_m / 1000, race_id=on[year.race], drive_id=on[year.drive],
    )  # fmt: skip
