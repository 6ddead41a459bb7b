"""Files that are sent to the pages: whole in their place or not there at all, and read by a source that says what it holds."""

import asyncio
import gzip
import io
import json
import re
import resource
import threading
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import pytest
from click.testing import CliRunner
from kit import fit_files
from kit.homes import Home
from kit.tracked import along, gpx

from shoemon.cli.main import cli
from shoemon.config.load import load
from shoemon.setup import inbox
from shoemon.setup.inbox import PART, clear_parts
from shoemon.store.locking import lock
from shoemon.web.begin import WEB, _Beginning, _only_the_page
from shoemon.web.desk import Desk
from shoemon.web.door import Door
from shoemon.web.server import make_app
from shoemon.web.sign_in import SignIn, sign_in_of

HERE, LAN, TOKEN = "127.0.0.1", "192.168.1.7", {"Authorization": "Bearer long and random"}
HEADER = "Activity ID,Activity Date,Activity Name,Activity Type,Elapsed Time,Distance,Activity Gear,Filename,Distance\n"
FIT = fit_files.fit(fit_files.file_id(), *fit_files.way(range(0, 600, 10)), fit_files.session(600))
GPX = gpx(along(60.2, 900)).encode()
TCX = b"""<?xml version="1.0"?><TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2">
<Activities><Activity Sport="Running"><Id>2024-05-01T07:00:00Z</Id><Lap StartTime="2024-05-01T07:00:00Z">
<TotalTimeSeconds>600</TotalTimeSeconds><DistanceMeters>2000</DistanceMeters></Lap></Activity></Activities>
</TrainingCenterDatabase>"""
TABLE = b"start,distance_km,shoe\n2024-05-01 07:00,10.5,Glide\n2024-05-02 07:00,5.5,Glide\n"
NO_UNIT = b"Date;Distance;Shoe\n2024-05-01 07:00;10,5;Glide\n2024-05-02 07:00;5,5;Glide\n"
MARK = "boundary-of-a-form"


class Sent(NamedTuple):
    status: int
    headers: Mapping[str, str]
    text: str


class Pages:
    """The pages of one home behind the door, asked as a server asks them."""

    def __init__(self, home: Home | None = None, directory: Path | None = None) -> None:
        if home is not None:
            self.directory, config = home.directory, home.config
            desks = {"shoemon": Desk(config)}
            self.datasette = make_app(config.database, desks=desks, sign_in=sign_in_of({"anna": config}))
            self.door = Door(self.datasette, self.datasette.shoemon_sign_in)
        else:
            assert directory is not None
            self.directory, self.datasette = directory, make_app(sign_in=SignIn())
            self.datasette.shoemon_begin = _Beginning(directory, is_asked=False)
            self.door = Door(self.datasette, SignIn(), app=_only_the_page(self.datasette, directory))
        asyncio.run(self.datasette.invoke_startup())

    def send(self, *requests: Any) -> list[Sent]:
        """The answers to requests that are under way at once; afterwards nothing is read any more."""

        async def at_once() -> list[Sent]:
            return await asyncio.gather(*requests)

        answers = asyncio.run(at_once())
        for thread in threading.enumerate():
            if thread.name == "sync":
                thread.join()
        return answers

    def post(self, body: bytes | Iterable[bytes], path: str = "/-/upload", client: str = HERE, **headers: str) -> Any:
        return self.ask("POST", path, body, client, headers)

    async def ask(
        self, method: str, path: str, body: bytes | Iterable[bytes] = b"", client: str = HERE, headers: Any = None
    ) -> Sent:
        """One request; a body in pieces that does not end with an empty one is broken off."""
        pieces = [body, b""] if isinstance(body, bytes) else [*body]
        last = pieces.pop() if pieces and pieces[-1] == b"" else None
        path, _, query = path.partition("?")
        given = {"host": "localhost:8001" if client == HERE else "nas.lan", **(headers or {})}
        scope = {
            "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "path": path,
            "raw_path": path.encode(), "query_string": query.encode(), "client": (client, 50000), "server": ("x", 80),
            "headers": [(name.lower().encode(), value.encode("utf-8")) for name, value in given.items()], "asgi": {},
        }  # fmt: skip
        sent: list[Any] = []

        async def receive() -> Any:
            await asyncio.sleep(0)
            if pieces:
                return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces) or last is None}
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await self.door(scope, receive, send)
        heads = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
        return Sent(sent[0]["status"], heads, b"".join(each.get("body", b"") for each in sent[1:]).decode())

    def stored(self) -> dict[str, bytes]:
        """The files of the inbox, the hidden ones too."""
        found = (path for path in (self.directory / "inbox").rglob("*") if path.is_file())
        return {path.relative_to(self.directory / "inbox").as_posix(): path.read_bytes() for path in sorted(found)}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("UPLOAD_TOKEN", "long and random")
    made = Home(tmp_path / "home")
    made.main("timezone: Europe/Berlin\nweb: {upload: 1 MB, upload_token: {env: UPLOAD_TOKEN}}\n")
    made.sync()
    return made


def zipped(files: Mapping[str, bytes | str]) -> bytes:
    """A zip that is the same at any time."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def strava(runs: int = 3, gear: str = "Glide") -> bytes:
    rows = (f'{n},"May {n}, 2024, 6:00:00 AM",Run,Run,3600,10.00,{gear},,10000.0\n' for n in range(1, runs + 1))
    return zipped({"activities.csv": HEADER + "".join(rows)})


def form(content: bytes, name: str = "x.fit", head: str = "", end: str = "--") -> tuple[bytes, dict[str, str]]:
    part = f'--{MARK}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n{head}\r\n'
    body = part.encode() + content + f"\r\n--{MARK}{end}\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={MARK}"}


BOMB = zipped({"activities.csv": HEADER.encode() + b"\0" * 20_000_000})
NESTED = zipped({"a.zip": zipped({"b.zip": zipped({"c.zip": zipped({"activities.csv": HEADER})})})})
RAW: list[tuple[str, bytes, int, str]] = [  # the name that is sent, the content, the answer, the file that is there
    ("run.fit", FIT, 201, "tracks/run.fit"),
    ("", FIT, 201, "tracks/export.fit"),
    ("run", GPX, 201, "tracks/run.gpx"),
    ("run.zip", FIT, 201, "tracks/run.fit"),
    ("run.txt", TCX, 201, "tracks/run.tcx"),
    ("run.fit.gz", gzip.compress(FIT), 201, "tracks/run.fit.gz"),
    ("x", gzip.compress(GPX), 201, "tracks/x.gpx.gz"),
    ("runs.zip", zipped({"a.fit": FIT, "b.gpx": GPX}), 201, "tracks/runs.zip"),
    ("../../x.fit", FIT, 201, "tracks/x.fit"),
    ("..\\..\\x.fit", FIT, 201, "tracks/x.fit"),
    ("..", FIT, 201, "tracks/export.fit"),
    (".part-x.fit", FIT, 201, "tracks/part-x.fit"),
    ("a%00b.fit", FIT, 201, "tracks/a_b.fit"),
    ("a*[b]?.fit", FIT, 201, "tracks/a__b__.fit"),
    ("CON.fit", FIT, 201, "tracks/CON.fit"),
    ("ä" * 300 + ".fit", FIT, 201, "tracks/" + "ä" * 50 + ".fit"),
    ("L%C3%A4ufe%20%F0%9F%91%9F.fit", FIT, 201, "tracks/Läufe _.fit"),
    ("%E2%80%AEtif.exe", FIT, 201, "tracks/_tif.exe.fit"),
    ("%FF%FE.fit", FIT, 201, "tracks/__.fit"),
    ("<script>.fit", FIT, 201, "tracks/_script_.fit"),
    ("export_1.zip", strava(), 202, "export_1.zip"),
    ("runs.csv", TABLE, 202, "runs.csv"),
    ("runs.csv", NO_UNIT, 202, "runs.csv"),
    ("empty.fit", b"", 422, ""),
    ("x.fit", FIT[:8] + b"XXXX" + FIT[12:], 422, ""),
    ("x.fit", FIT[:40], 422, ""),
    ("x.fit", b"\0" * 5000, 422, ""),
    ("x.gpx", b'<!DOCTYPE gpx [<!ENTITY a "b">]>' + GPX, 422, ""),
    ("x.gpx", GPX[:300], 201, "tracks/x.gpx"),
    ("x.gpx", b"<gpx></gpx>", 422, ""),
    ("x.tcx", b"<TrainingCenterDatabase/>", 422, ""),
    ("x.html", b"<html><script>alert(1)</script>", 422, ""),
    ("x.exe", b"MZ\x90\0" + b"\0" * 500, 422, ""),
    ("x.csv", b"a,b\n1,2\n", 422, ""),
    ("x.json", b"[" * 100_000, 422, ""),
    ("x.json", b'{"data": {"metrics": []}}', 422, ""),
    ("x.xml", b"<HealthData>" * 1000, 202, "x.xml"),
    ("shoemon.yaml", b"web: {public: true}", 422, ""),
    ("x.zip", strava()[:-30], 422, ""),
    ("x.zip", strava()[:60], 422, ""),
    ("x.zip", zipped({}), 422, ""),
    ("x.zip", BOMB, 202, "x.zip"),  # its page says why it is not read
    ("x.zip", NESTED, 422, ""),
    ("x.zip", zipped({"../../etc/passwd": b"root"}), 422, ""),
    ("x.zip", zipped({"../../x.fit": FIT}), 422, ""),
    ("x.gz", gzip.compress(FIT)[:-20], 422, ""),
    ("x.gz", gzip.compress(b"\0" * 50_000_000), 422, ""),
    ("x.gz", zlib.compress(FIT), 422, ""),
    ("big.fit", FIT + b"\0" * 1_000_000, 413, ""),
]
FORMS: list[tuple[str, bytes, dict[str, str], int]] = [  # what is wrong with the request, and the answer
    ("a good one", *form(FIT), 201),
    ("with a field before", form(b"", "")[0][:-5] + b"\r\n" + form(FIT)[0], form(FIT)[1], 201),
    ("without its end", *form(FIT, end=""), 422),
    ("cut off", form(FIT)[0][:400], form(FIT)[1], 422),
    ("with another boundary", form(FIT)[0], {"Content-Type": "multipart/form-data; boundary=other"}, 422),
    ("without a boundary", form(FIT)[0], {"Content-Type": "multipart/form-data"}, 422),
    ("with an endless boundary", form(FIT)[0], {"Content-Type": "multipart/form-data; boundary=" + "x" * 900}, 422),
    ("with an endless head", *form(FIT, head="X: " + "y" * 90_000 + "\r\n"), 422),
    ("with many heads", *form(FIT, head="X: y\r\n" * 5000), 422),
    ("with two files", form(FIT)[0][:-4] + b"\r\n" + form(GPX)[0], form(FIT)[1], 422),
    ("without a file", *form(b"", ""), 422),
    ("with an empty file", *form(b""), 422),
    ("empty", b"", form(b"")[1], 422),
    ("of fields alone", b"file=x", {"Content-Type": "application/x-www-form-urlencoded"}, 422),
    ("that announces too much", FIT, {"Content-Length": "99999999999"}, 413),
    ("that announces less", FIT, {"Content-Length": "7"}, 201),
    ("that announces nonsense", FIT, {"Content-Length": "-1"}, 201),
    ("with a strange name", *form(FIT, name='../"; x=é\0'), 201),
]


@pytest.mark.slow
def test_of_hostile_files_each_is_whole_in_the_inbox_or_nothing_is_there(home: Home) -> None:
    pages, before = Pages(home), home.directory.parent
    around = sorted(path.name for path in before.rglob("*") if path.suffix not in (".lock", ".progress"))
    cases: list[tuple[str, bytes, dict[str, str], int, str | None]] = [
        (f"/-/upload?name={quote(name, safe='%')}", content, {}, status, file) for name, content, status, file in RAW
    ]
    cases += [
        (f"/-/upload{given}", body, headers, status, None)
        for _, body, headers, status in FORMS
        for given in ("", "?name=x.fit")
    ]
    wrong = []
    for path, content, headers, status, file in cases:
        [answer] = pages.send(pages.post(content, path, LAN, **TOKEN, **headers))
        stored = pages.stored()
        right = [FIT] if file is None and status < 400 else [content] if file else []
        if answer.status != status or [*stored.values()] != right or (file and [*stored] != [file]):
            wrong.append((path, headers, answer, [*stored]))
        for kept in stored:
            (pages.directory / "inbox" / kept).unlink()
        assert json.loads(answer.text)["done"] is (status in (200, 201))
    assert wrong == []
    after = {path.name for path in before.rglob("*") if path.suffix not in (".lock", ".progress")}
    assert after - {*around, "inbox", "tracks"} <= {"shoemon.db-wal", "shoemon.db-shm", "state.db"}
    assert home.config.sources[-1].name == "posted" and len(home.config.sources) == 1


def test_what_is_broken_off_or_finds_no_room_leaves_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    pages, half = Pages(home), [FIT[:500], FIT[500:900]]
    [gone] = pages.send(pages.post(half, **TOKEN))
    assert gone.status == 400 and pages.stored() == {}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, limits[1]))  # a write fails, as on a full disk
        [full] = pages.send(pages.post([FIT, b"\0" * 400_000, b"\0", b""], **TOKEN))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (full.status, pages.stored()) == (507, {}) and "it cannot be written: File too large" in full.text
    monkeypatch.setattr(inbox, "KEPT_FREE", 10**18)
    [none] = pages.send(pages.post(FIT, **TOKEN))
    assert (none.status, pages.stored()) == (507, {}) and "the disk of the server is full" in none.text


def test_files_at_once_are_all_whole_and_the_same_one_is_stored_once(home: Home) -> None:
    pages, others = Pages(home), [FIT + bytes([number]) for number in range(4)]  # what follows a FIT file is not read
    pieces = [[each[at : at + 200] for at in range(0, len(each), 200)] + [b""] for each in (*others, FIT, FIT)]
    answers = pages.send(*(pages.post(each, "/-/upload?name=run.fit", LAN, **TOKEN) for each in pieces))
    assert sorted(answer.status for answer in answers) == [200, 201, 201, 201, 201, 201]
    assert sorted(pages.stored().values()) == sorted([*others, FIT])
    assert [source.name for source in home.config.sources] == ["posted"]


def test_what_a_killed_process_left_is_removed_and_what_arrives_stays(tmp_path: Path) -> None:
    for name in ("left", "arriving"):
        (tmp_path / f"{PART}{name}").mkdir()
        (tmp_path / f"{PART}{name}" / "file").write_bytes(b"half")
    with lock(tmp_path / f"{PART}arriving" / "lock", "upload"):
        clear_parts(tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == [f"{PART}arriving"]


def test_who_may_send_files(home: Home) -> None:
    """By the token from anywhere, by the right to edit from our own page; a cookie against forged forms changes nothing."""
    pages, (body, kind) = Pages(home), form(FIT)
    cookie = {"Cookie": "ds_csrftoken=x; y=z", **kind}
    ours, theirs = {"Origin": "http://localhost:8001"}, {"Origin": "http://evil.example"}
    cases = [
        (403, pages.post(body, client=LAN, **kind)),
        (403, pages.post(body, client=LAN, Authorization="Bearer ", **kind)),
        (403, pages.post(body, client=LAN, Authorization="Bearer long and", **kind)),
        (403, pages.post(body, "/-/upload?token=long", **kind)),
        (403, pages.post(body, "/ben/-/upload", LAN, **TOKEN, **kind)),
        (403, pages.post(body, **cookie, **theirs)),
        (403, pages.post(body, **kind, **{"Sec-Fetch-Site": "cross-site"})),
        (403, pages.ask("GET", "/-/upload", client=LAN, headers=TOKEN)),
        (201, pages.post(body, **cookie, **ours)),
        (200, pages.post(body, "/-/upload?token=long+and+random", LAN, **kind)),
        (200, pages.post(body, "/shoemon/-/upload", LAN, **TOKEN, **kind)),
    ]
    for status, request in cases:
        [answer] = pages.send(request)
        assert answer.status == status, answer


def test_an_export_says_what_it_holds_and_becomes_a_source_that_takes_the_next_one_too(home: Home) -> None:
    pages, browser = Pages(home), {"Accept": "text/html"}
    body, kind = form(strava(), "export_1.zip")
    [sent] = pages.send(pages.post(body, **kind, **browser))
    assert (sent.status, sent.headers["location"]) == (303, "/-/upload/export_1~2Ezip")
    page = shown(pages, sent.headers["location"])
    assert "export_1.zip: read as strava-export, called `strava`" in page and "3 activities, 3 of them runs" in page
    assert re.findall(r"^\+ .*", page, re.MULTILINE)[:2] == ["+ sources:", "+   - name: strava"]
    assert 'name="pair glide" value="1" checked' in page and 'name="unit"' not in page and 'name="zone"' not in page
    written = tapped(pages, sent.headers["location"], page, {"do": "write", "pair glide": "1"})
    assert written.status == 303 and "undo=" in written.headers["location"]
    assert (home.directory / "shoemon.yaml").read_text().endswith(
        'sources:\n  - name: strava\n    type: strava-export\n    path: "inbox/strava/*"\n    every: 6h\n'
    )  # fmt: skip
    assert [(shoe.id, shoe.gear) for shoe in home.config.plan.shoes] == [("glide", ("Glide",))]
    assert home.rows("SELECT count(*) FROM legs WHERE shoe = 'glide'") == [(3,)]
    body, kind = form(strava(4), "other name.zip")
    [newer] = pages.send(pages.post(body, **kind, **browser))
    assert newer.headers["location"] == "/-/upload?done=stored"
    assert [*pages.stored()] == ["strava/export_1.zip", "strava/other name.zip"] and len(home.config.sources) == 1
    assert home.rows("SELECT count(*) FROM legs WHERE shoe = 'glide'") == [(4,)]
    [again] = pages.send(pages.post(strava(4), **TOKEN))
    assert (again.status, len(pages.stored())) == (200, 2)


def test_a_unit_and_a_zone_that_only_the_runner_knows_are_asked_and_new_pairs_are_only_offered(home: Home) -> None:
    home.main("web: {upload: 1 MB}\n")
    home.shoes("shoes:\n  - {id: road, name: Road}\n")
    pages = Pages(home)
    [sent] = pages.send(pages.post(NO_UNIT, "/-/upload?name=runs.csv"))
    assert sent.status == 202
    page = shown(pages, "/-/upload/runs~2Ecsv?zone=Asia/Tokyo")
    assert 'value="Asia/Tokyo"' in page and 'value="km" selected' in page and 'name="pair glide" value="1">' in page
    answers = {"unit": "mi", "zone": "Asia/Tokyo"}
    looked = tapped(pages, "/-/upload/runs~2Ecsv", page, {"do": "look", **answers, "pair glide": "1"})
    assert 'value="mi" selected' in looked.text and 'name="pair glide" value="1" checked' in looked.text
    assert tapped(pages, "/-/upload/runs~2Ecsv", page, {"do": "write", **answers}).status == 303
    config = home.config
    assert (config.main.timezone, [shoe.id for shoe in config.plan.shoes]) == ("Asia/Tokyo", ["road"])
    first = "SELECT distance_m FROM activities ORDER BY started_at LIMIT 1"
    assert home.rows(first)[0][0] == pytest.approx(16898.1)
    more = [pages.post(NO_UNIT + b"\n" * n, f"/-/upload?name={name}") for n, name in ((1, "runs.csv"), (2, "b.csv"))]
    assert [answer.status for answer in pages.send(*more)] == [201, 202], (
        "a table of another name may be in another unit"
    )


def test_a_file_that_waits_can_be_removed_and_one_that_is_gone_is_reported(home: Home) -> None:
    pages = Pages(home)
    pages.send(pages.post(strava(gear="<script>x</script>"), "/-/upload?name=runs.zip"))
    page = shown(pages, "/-/upload/runs~2Ezip")
    assert "&lt;script&gt;x" in page and "<script>x" not in page
    assert tapped(pages, "/-/upload/runs~2Ezip", page, {"do": "remove"}).status == 303 and pages.stored() == {}
    assert "this file does not wait any more" in tapped(pages, "/-/upload/runs~2Ezip", page, {"do": "write"}).text
    for path in ("/-/upload/..~2Fshoemon~2Eyaml", "/-/upload/shoemon~2Eyaml"):
        assert pages.send(pages.ask("GET", path))[0].status == 409


def test_the_first_export_makes_the_configuration_that_init_makes(tmp_path: Path) -> None:
    directory, beside = tmp_path / "home", tmp_path / "beside"
    pages = Pages(directory=directory)
    assert '<form class="drop"' in shown(pages, "/")
    [stranger] = pages.send(pages.post(strava(), client=LAN))
    assert stranger.status == 403
    body, kind = form(strava(), "export_1.zip")
    [sent] = pages.send(pages.post(body, Accept="text/html", **kind))
    page = shown(pages, sent.headers["location"] + "?zone=Europe/Berlin")
    begun = tapped(pages, sent.headers["location"], page, {"do": "write", "zone": "Europe/Berlin", "pair glide": "1"})
    assert begun.status == 200 and begun.headers["refresh"] == "6; url=/"
    beside.mkdir()
    (beside / "export_1.zip").write_bytes(strava())
    assert CliRunner().invoke(cli, ["init", str(beside), "--export", str(beside / "export_1.zip")]).exit_code == 0
    own = (beside / "shoemon.yaml").read_text()
    place = re.search("    path: .*\n", own)
    zone = re.search("timezone: .*\n", own)
    assert place and zone
    expected = own.replace(place[0], '    path: "inbox/strava/*"\n')
    expected = expected.replace(zone[0], "timezone: Europe/Berlin   # yours: it decides the day of a run\n")
    assert (directory / "shoemon.yaml").read_text() == expected
    assert (directory / "shoes.yaml").read_text() == (beside / "shoes.yaml").read_text()
    (directory / "shoemon.yaml").write_text(expected + WEB)
    assert load(directory).main.web.user == "runner"


def test_sources_are_listed_and_added_by_a_command(home: Home, tmp_path: Path) -> None:
    (tmp_path / "runs.csv").write_bytes(NO_UNIT)
    (tmp_path / "export_1.zip").write_bytes(strava())

    def said(*words: str) -> str:
        result = CliRunner().invoke(cli, ["sources", *words, "--config", str(home.directory)])
        return result.output + str(result.exception or "")

    assert "say which by --unit" in said("add", str(tmp_path / "runs.csv"))
    added = said("add", str(tmp_path / "runs.csv"), "--unit", "km", "--name", "sheet", "--every", "1h")
    assert "2 activities, 2 of them runs" in added and "source sheet reads runs.csv; the next sync counts it" in added
    assert "source strava reads export_1.zip" in said("add", str(tmp_path / "export_1.zip"), "--copy", "--shoes")
    assert "source strava reads export_1.zip already" in said("add", str(tmp_path / "export_1.zip"), "--copy")
    listed = json.loads(said("list", "--json"))["sources"]
    assert [(each["name"], each["path"], each["every_s"]) for each in listed] == [
        ("sheet", str(tmp_path / "runs.csv"), 3600.0), ("strava", "inbox/strava/*", 21600.0),
    ]  # fmt: skip
    assert "inbox/strava/*" in said("list") and [shoe.id for shoe in home.config.plan.shoes] == ["glide"]


def shown(pages: Pages, path: str) -> str:
    [answer] = pages.send(pages.ask("GET", path))
    assert answer.status == 200, answer.text
    return re.sub("&#39;|&#34;", '"', answer.text)


def tapped(pages: Pages, path: str, page: str, values: Mapping[str, str]) -> Sent:
    """The answer to the form of `page` with these values, from our own page."""
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    body = urlencode({**hidden, **values}).encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
    [answer] = pages.send(pages.ask("POST", path, body, headers=kind))
    return answer
