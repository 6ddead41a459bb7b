"""`shoemon demo`: the imaginary year through the real pipeline, with its alert seen arriving."""

import csv
import http.client
import io
import re
import signal
import smtplib
import socket
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from kit.commands import started

from shoemon.demo.export import write_strava_zip, write_treadmill_table
from shoemon.demo.receivers import receivers
from shoemon.demo.run import free_port
from shoemon.demo.year import DAILY_LIFE_M, EVERYDAY, FIRST_SYNC_DAYS, imagine

TODAYS = [date(2026, 1, 1) + timedelta(days=days) for days in range(0, 400, 9)]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    yield tmp_path
    monkeypatch.undo()
    tempfile.tempdir = None


def test_the_demo_shows_digest_crossing_tables_and_pages_and_leaves_nothing_behind(place: Path) -> None:
    """Asked for a port that is in use, it takes the next free one. (`--no-serve` is run from the wheel, by CI.)"""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with started("demo", "--port", port, program=("-u", "-m", "shoemon"), stderr=subprocess.STDOUT) as process:
            lines = []
            for line in process.stdout:  # ends with the line that the server is up, or with the process
                lines.append(line)
                if "INFO pages:" in line:
                    break
            before, after = "".join(lines).split("\nToday: ")
            free = int(re.search(r"Pages: http://127\.0\.0\.1:(\d+)/", after)[1])
            connection = http.client.HTTPConnection("127.0.0.1", free, timeout=300)
            connection.request("GET", "/shoemon/shoe_summary.json?_shape=array")
            page = connection.getresponse()
            assert (page.status, b"Tarnmoor Scree" in page.read()) == (200, True)
            connection.close()
            explain = re.search(r"disagree on the ground of a run; see why:\n    (.*shoemon explain .*)\n", after)[1]
            copied = subprocess.run(["sh", "-c", explain], capture_output=True, text=True, check=True)
            assert copied.stdout.startswith("strava:")
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=300) == 0
    assert f"Port {port} is in use; using {free} instead." in after
    assert "e-mail arrived (to runner@example.org): shoemon now watches 5 pairs" in before
    assert "webhook arrived (signature is good): shoemon now watches 5 pairs" in before
    crossing = r"Brantwick Glide \(second\) has reached its life: 6\d\d km of 640 km"
    assert re.search(rf"e-mail arrived \(to runner@example.org\): {crossing}", after)
    assert re.search(rf"webhook arrived \(signature is good\): {crossing}", after)
    assert len(re.findall("arrived", before + after)) == 4
    table = after[after.index("shoe ") :]
    assert dict(re.findall(r"(?m)^(\w+ \w+(?: \S+)?) +(fresh|soon|due|over|retired)", table)) == {
        "Brantwick Glide (second)": "due", "Brantwick Glide 4": "fresh", "Tarnmoor Scree": "fresh",
        "Velquist Dash": "fresh", "Mirrowby Foyer": "fresh", "Brantwick Glide (first)": "retired",
    }  # fmt: skip
    assert "\n2 runs without a shoe" in table
    assert "\n1 run on whose ground export and map disagree" in table
    matched = [int(runs) for runs in re.findall(r"ground: (\d+) runs matched to the map", before + after)]
    assert len(matched) == 2
    assert sum(matched) > 190
    surfaces = dict(re.findall(r"(\w+) ([\d.]+)", table.split("along their tracks:\n")[1].splitlines()[0]))
    assert {"asphalt", "gravel", "tartan", "grass", "sand", "unpaved"} < set(surfaces)
    assert float(surfaces["asphalt"]) > 400 > 5 * float(surfaces["unknown"])
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("today", TODAYS)
def test_the_year_crosses_one_line_in_its_last_weeks_whatever_the_day(today: date) -> None:
    """Not before, not by a tenth more, and nobody runs today."""
    year = imagine(today)
    runs = [outing for outing in year.outings if outing.sport != "Ride"]
    assert 200 <= len(runs) <= 240
    assert year.outings[-1].day < today
    assert len({outing.day for outing in year.outings}) == len(year.outings)
    daily = [run for run in runs if run.gear is EVERYDAY and run.day >= year.changed_on]
    first_sync = today - timedelta(days=FIRST_SYNC_DAYS)
    run_in_m = 3_000  # of the half marathon, by the correction in shoes.yaml
    assert 0.9 < (run_in_m + sum(run.distance_m for run in daily if run.day < first_sync)) / DAILY_LIFE_M < 0.96
    assert 1.0 <= (run_in_m + sum(run.distance_m for run in daily)) / DAILY_LIFE_M < 1.1
    assert imagine(today) == year


def test_the_files_have_the_shape_of_real_ones(tmp_path: Path) -> None:
    year = imagine(date(2026, 5, 1))
    count, tracks = write_strava_zip(tmp_path / "strava.zip", year)
    with zipfile.ZipFile(tmp_path / "strava.zip") as archive:
        tables, members = archive.namelist()[:2], archive.namelist()[2:]
        header, *rows = csv.reader(io.StringIO(archive.read("activities.csv").decode()))
    assert tables == ["activities.csv", "shoes.csv"]
    with_watch = [outing for outing in year.outings if outing.sport and (outing.route or outing.belt)]
    assert len(members) == tracks == len(with_watch)
    assert 3 < sum(outing.sport == "Run" for outing in year.outings) - len(with_watch) < 15
    assert [row[header.index("Filename")] for row in rows if row[header.index("Filename")]] == members
    assert {member.split(".", 1)[1] for member in members} == {"gpx.gz", "tcx.gz"}
    assert (header.count("Distance"), header.count("Elapsed Time")) == (2, 2)
    assert (len(rows), {len(row) for row in rows}) == (count, {len(header)})
    ids = {row[header.index("Gear")] for row in rows if row[header.index("Activity Gear")] == EVERYDAY.label}
    assert ids == {"24011812.0", "24011813"}
    write_treadmill_table(tmp_path / "treadmill.csv", year)
    head, first = (tmp_path / "treadmill.csv").read_text().splitlines()[:2]
    assert head == "Day;Belt miles;Shoe;Ground;Minutes"
    assert re.fullmatch(r"202\d-\d\d-\d\d;\d,\d\d;Foyer;treadmill;\d\d,\d", first)


def test_the_receivers_take_what_is_sound_and_refuse_a_wrong_signature() -> None:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Grüße", "a@example.org", "b@example.org"
    message.set_content("one\n.two\n")
    with receivers("whsec_c2hvZXNob2VzaG9lc2hvZXNob2VzaG9l") as receiving:
        with smtplib.SMTP("127.0.0.1", receiving.mail_port, timeout=300) as client:
            client.send_message(message)
            assert client.vrfy("root")[0] == 502
        connection = http.client.HTTPConnection("127.0.0.1", receiving.hook_port, timeout=300)
        connection.request(
            "POST", "/", b"{}", {"webhook-id": "1", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}
        )
        assert connection.getresponse().status == 401
        connection.close()
    assert receiving.arrived == [("e-mail", "Grüße", "one\n.two", "to b@example.org")]


def test_the_next_free_port_is_found() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert port < free_port(port) <= port + 100
