"""The files of an export: found by path or pattern, in a folder, a zip or alone, whatever is wrong with them; and whether
anything has changed since."""

import datetime as dt
import errno
import json
import os
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kit.laid_exports import packed as zipped

from shoemon.model.activity import Activity, Problem
from shoemon.model.errors import ReadAgainError, SourceError
from shoemon.model.recording import TrackError
from shoemon.sources import RecordPull
from shoemon.sources.kit import find_tracks
from shoemon.sources.kit.activities import make_activity, moment_since_1970, read_records
from shoemon.sources.kit.files import ExportFiles, locate, pull_files
from shoemon.sources.kit.json_files import holds_json

LONG_AGO = 1_700_000_000


def write(path: Path, content: bytes | str = b"", changed: int = LONG_AGO) -> Path:
    """A file that was changed at `changed`, in seconds since 1970."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    os.utime(path, (changed, changed))
    return path


def is_json(name: str) -> bool:
    return name.endswith(".json")


class TestLocate:
    def test_a_path_starts_from_the_configuration(self, tmp_path: Path) -> None:
        file = write(tmp_path / "conf/runs.zip")
        assert locate("runs.zip", tmp_path / "conf") == file
        assert locate(str(file), tmp_path / "elsewhere") == file
        assert locate("../conf", tmp_path / "conf") == tmp_path / "conf/../conf"

    def test_of_several_that_fit_a_pattern_the_newest_is_read(self, tmp_path: Path) -> None:
        write(tmp_path / "export_9.zip", changed=LONG_AGO)
        newest = write(tmp_path / "export_1.zip", changed=LONG_AGO + 60)
        write(tmp_path / "other.zip", changed=LONG_AGO + 120)
        (tmp_path / "export_7.zip").symlink_to(tmp_path / "gone.zip")
        assert locate("export_*.zip", tmp_path) == newest
        again = write(tmp_path / "export_2.zip", changed=LONG_AGO + 60)
        assert locate("export_*.zip", tmp_path) == again

    def test_names_with_brackets_and_the_home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        file, old = write(tmp_path / "a[1].zip"), write(tmp_path / "conf [old]/export_1.zip")
        write(tmp_path / "a1.zip", changed=LONG_AGO + 60)
        assert locate("a[1].zip", tmp_path) == file
        assert locate("export_*.zip", tmp_path / "conf [old]") == old
        runs = write(tmp_path / "runs.zip")
        assert locate("~/runs.zip", Path("/nowhere")) == locate("~/run*.zip", Path("/nowhere")) == runs

    @pytest.mark.parametrize(
        ("path", "message"),
        [
            ("gone.zip", "there is no file or folder BASE/gone.zip; ask for it"),
            ("gone_*.zip", "there is no file or folder BASE/gone_*.zip; ask for it"),
            ("dangling", "there is no file or folder BASE/dangling; ask for it"),
            ("~nobody-here/a.zip", "there is no user nobody-here on this machine; write the whole `path`"),
            ("x" * 300, "cannot read " + "x" * 300 + ": File name too long"),
        ],
    )
    def test_a_path_that_leads_nowhere_is_said_with_a_remedy(self, tmp_path: Path, path: str, message: str) -> None:
        (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
        with pytest.raises(SourceError) as refused:
            locate(path, tmp_path, "ask for it")
        assert str(refused.value) == message.replace("BASE", str(tmp_path))


MEMBERS: dict[str, bytes | str] = {
    "b.json": '{"b": 1}', "deep/er/a.json": "[1]", "notes.txt": "x", "__MACOSX/._b.json": "x", ".hidden/c.json": "{}",
}  # fmt: skip


@pytest.mark.parametrize("kind", ["folder", "zip", "relative"])
def test_folder_and_zip_have_the_same_files(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, content in MEMBERS.items():
        write(tmp_path / "in/folder" / name, content)
    write(tmp_path / "export.zip", zipped(MEMBERS))
    monkeypatch.chdir(tmp_path)
    path = {"folder": tmp_path / "in/folder", "zip": tmp_path / "export.zip", "relative": Path("in/folder")}[kind]
    with ExportFiles(path, is_json) as files:
        assert files.names == ["b.json", "deep/er/a.json"]
        assert [files.json(name) for name in files.names] == [{"b": 1}, [1]]
        assert list(files.problems()) == []
        with pytest.raises(SourceError, match=r"contains no notes\.json$"):
            files.open("notes.json")


def test_a_single_file_is_read_if_it_is_wanted(tmp_path: Path) -> None:
    with ExportFiles(write(tmp_path / "b.json", "[1]"), is_json) as files:
        assert (files.names, files.json("b.json")) == (["b.json"], [1])
    with ExportFiles(write(tmp_path / "b.csv", "[1]"), is_json) as files:
        assert files.names == []


def test_what_is_neither_file_nor_folder_is_refused(tmp_path: Path) -> None:
    """A pipe would be waited for without end."""
    os.mkfifo(tmp_path / "a.json")
    with pytest.raises(SourceError) as refused:
        ExportFiles(tmp_path / "a.json", is_json)
    assert str(refused.value) == f"{tmp_path}/a.json is neither a file nor a folder; correct `path`"


def test_an_absurd_name_in_a_zip_is_a_name_and_no_path(tmp_path: Path) -> None:
    """One that leads out of the zip is left out."""
    names = ["/etc/abs.json", "C:\\x.json", "a//b.json", "é\n\x1b[31m.json", "../up.json", "a/../../b.json"]
    (tmp_path / "in").mkdir()
    path = write(tmp_path / "in" / "export.zip", zipped(dict.fromkeys(names, "[7]")))
    with ExportFiles(path, is_json) as files:
        assert [files.json(found) for found in files.names] == [[7]] * 4
    assert sorted(tmp_path.rglob("*")) == [path.parent, path]


def test_of_members_with_one_name_the_last_counts(tmp_path: Path) -> None:
    packed = zipped({"a.json": "[1]", "b.json": "[2]"}).replace(b"b.json", b"a.json")
    with ExportFiles(write(tmp_path / "export.zip", packed), is_json) as files:
        assert [(name, files.json(name)) for name in files.names] == [("a.json", [2])]


def test_a_broken_zip_is_an_error_of_the_source(tmp_path: Path) -> None:
    for content in (b"", b"PK\3\4" + b"x" * 99, zipped({"a.json": "[1]"})[:-30]):
        with pytest.raises(SourceError) as refused:
            ExportFiles(write(tmp_path / "export.zip", content), is_json)
        message = "export.zip is a broken zip, or not yet copied to its end (File is not a zip file)"
        assert str(refused.value) == message


def test_too_many_files_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shoemon.sources.kit.archives.MOST_MEMBERS", 1)
    monkeypatch.setattr(find_tracks.find_files, "__defaults__", (2, None))
    write(tmp_path / "export.zip", zipped({"a.json": "", "b.json": ""}))
    for number in range(4):
        write(tmp_path / f"in/{number}.json")
    for name, message in {
        "export.zip": r"^export\.zip contains more than 1 files; it is not read$",
        "in": r"contains more than 2 files; name a folder in it$", "gone": "there is no file or folder",
    }.items():  # fmt: skip
        with pytest.raises(SourceError, match=message):
            ExportFiles(tmp_path / name, is_json)


def encrypted() -> bytes:
    packed = bytearray(zipped({"a.json": "[1]"}))
    for head, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = packed.index(head) + flags
        packed[place : place + 2] = struct.pack("<H", 1)
    return bytes(packed)


BAD_FILES: dict[str, tuple[bytes, str]] = {
    "too-large": (zipped({"a.json": "[" + " " * 2000 + "]"}), "the file has more than 0.000954 MB"),
    "bomb": (zipped({"a.json": b" " * (12 << 20)}), "the file unpacks to more than any track has; it is not read"),
    "encrypted": (encrypted(), "the file is encrypted; unpack it, and name the folder in `path`"),
    "wrong-sum": (
        zipped({"a.json": "[1]"}, zipfile.ZIP_STORED).replace(b"[1]", b"[2]"),
        "the file is broken (Bad CRC-32 for file 'a.json')",
    ),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_member_that_cannot_be_read_is_said_and_the_zip_stays_open(case: str, tmp_path: Path) -> None:
    content, message = BAD_FILES[case]
    with ExportFiles(write(tmp_path / "export.zip", content), is_json) as files:
        for _ in range(2):
            with pytest.raises(ValueError) as refused:
                files.read("a.json", most=50 << 20 if case == "bomb" else 1000)
            assert str(refused.value) == message


def test_a_member_larger_than_it_says_is_read_no_further_than_asked(tmp_path: Path) -> None:
    packed = bytearray(zipped({"a.json": b" " * 5000}))
    place = packed.index(b"PK\1\2") + 24
    packed[place : place + 4] = struct.pack("<L", 10)
    with (
        ExportFiles(write(tmp_path / "export.zip", bytes(packed)), is_json) as files,
        pytest.raises(ValueError, match=r"^the file "),
    ):
        files.read("a.json", most=1000)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is not JSON, or was cut off (line 1)"),
        (b'{"a": 1,\n"b"', "the file is not JSON, or was cut off (line 2)"),
        (b'{"name": "\xe9"}', "the file is not text in UTF-8"),
        (b"[" * 200_000, "the file is nested deeper than any export"),
        (b"[" + b"9" * 5000 + b"]", "the file cannot be read: Exceeds the limit (4300 digits)"),
        (
            b"[" + b"[]," * 3_000_000 + b"[]]",
            "the file cannot be read: it contains more lists, objects or values than any export",
        ),
        (
            b"[" + b"1," * 20_000_001 + b"1]",
            "the file cannot be read: it contains more lists, objects or values than any export",
        ),
    ],
    ids=["empty", "cut off", "other text", "deep", "digits", "lists", "values"],
)
def test_what_is_no_json_is_said(content: bytes, message: str, tmp_path: Path) -> None:
    with ExportFiles(write(tmp_path / "a.json", content), is_json) as files, pytest.raises(ValueError) as refused:
        files.json("a.json")
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_json_is_read_in_the_encodings_json_may_have(encoding: str, tmp_path: Path) -> None:
    with ExportFiles(write(tmp_path / "a.json", '["Ääni"]'.encode(encoding)), is_json) as files:
        assert files.json("a.json") == ["Ääni"]


def test_an_export_is_read_again_when_a_file_vanishes(tmp_path: Path) -> None:
    gone = write(tmp_path / "in/a.json")
    with ExportFiles(tmp_path / "in", is_json) as files:
        gone.unlink()
        with pytest.raises(ReadAgainError, match=r"a\.json in .*in vanished while it was read"):
            files.read("a.json")


def records(files: ExportFiles) -> Iterator[Activity | Problem]:
    """What a source makes of its files."""

    def read(name: str) -> Activity:
        run = files.json(name)
        return make_activity("app", run["id"], moment_since_1970(LONG_AGO, dt.UTC), "Run", run["km"] * 1000, run)

    return read_records(((name, name) for name in files.names), read)


def pull(path: Path, cursor: Any = None, **head: Any) -> tuple[list[Activity | Problem], RecordPull]:
    """What a pull brings; the cursor is handed on as it is stored."""
    cursor = json.loads(json.dumps(cursor))
    pulled = pull_files(ExportFiles(path, is_json), cursor, {"reader": 1, **head}, records)
    found = list(pulled)
    pulled.close()
    return found, pulled


def ids(found: list[Activity | Problem]) -> list[str]:
    return [record.native_id if isinstance(record, Activity) else record.message for record in found]


def test_a_folder_that_cannot_be_read_is_a_problem_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settled: None
) -> None:
    entries = find_tracks._entries

    def refused(path: Path, *more: Any) -> Any:
        if path.name == "locked":
            raise PermissionError(errno.EACCES, "Permission denied")
        return entries(path, *more)

    for name in ("open.json", "locked/a.json"):
        write(tmp_path / "in" / name, '{"id": "1", "km": 5}')
    monkeypatch.setattr(find_tracks, "_entries", refused)
    found, first = pull(tmp_path / "in")
    assert (found[0], ids(found[1:])) == (Problem("locked", "cannot be read: Permission denied"), ["1"])
    assert not pull(tmp_path / "in", first.cursor)[1].unchanged


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_an_export_is_read_again_when_anything_about_it_changes(kind: str, tmp_path: Path, settled: None) -> None:
    content: dict[str, bytes | str] = {"1.json": '{"id": "1", "km": 5}', "2.json": '{"id": "2", "km": 6}'}

    def save(changed: int) -> Path:
        if kind == "zip":
            return write(tmp_path / "export.zip", zipped(content), changed)
        for old in (tmp_path / "in").glob("*"):
            old.unlink()
        for name, held in content.items():
            write(tmp_path / "in" / name, held, changed)
        return tmp_path / "in"

    path = save(LONG_AGO)
    found, first = pull(path)
    assert (ids(found), first.whole, first.unchanged) == (["1", "2"], True, False)
    found, same = pull(path, first.cursor)
    assert (found, same.unchanged, same.cursor) == ([], True, first.cursor)
    assert not pull(path, first.cursor, reader=2)[1].unchanged
    assert not pull(path, first.cursor, timezone="Asia/Tokyo")[1].unchanged
    assert not pull(path, {"reader": 1})[1].unchanged
    assert not pull(path, ["no", "cursor"])[1].unchanged
    save(LONG_AGO + 1)
    found, touched = pull(path, first.cursor)
    assert (ids(found), touched.unchanged) == (["1", "2"], False)
    content["3.json"] = '{"id": "3", "km": 7}'
    del content["1.json"]
    save(LONG_AGO + 2)
    found, changed = pull(path, touched.cursor)
    assert (ids(found), changed.unchanged) == (["2", "3"], False)
    assert pull(path, changed.cursor)[1].unchanged


def test_a_file_just_changed_is_read_again_until_settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within two seconds a file may change again and keep its size and time of change."""
    write(tmp_path / "in/1.json", '{"id": "1", "km": 5}')
    now = [os.stat(tmp_path / "in/1.json").st_ctime_ns + 1_000_000_000]
    monkeypatch.setattr(find_tracks.time, "time_ns", lambda: now[0])
    _, first = pull(tmp_path / "in")
    found, second = pull(tmp_path / "in", first.cursor)
    assert (ids(found), second.unchanged) == (["1"], False)
    now[0] += 2_000_000_000
    found, third = pull(tmp_path / "in", second.cursor)
    assert (ids(found), third.unchanged) == (["1"], False)  # what was read while it was fresh may have been half of it
    assert pull(tmp_path / "in", third.cursor)[1].unchanged


def test_a_file_that_changes_while_it_is_read_is_read_again(tmp_path: Path, settled: None) -> None:
    path = tmp_path / "in"
    write(path / "1.json", '{"id": "1", "km": 5}')
    write(path / "2.json", '{"id": "2", "km": 6}')
    pulled = pull_files(ExportFiles(path, is_json), None, {"reader": 1}, records)
    next(iter(pulled))
    write(path / "2.json", '{"id": "2", "km": 9}', LONG_AGO + 60)
    (rest,) = pulled
    assert isinstance(rest, Activity) and rest.distance_m == 9000
    found, again = pull(path, pulled.cursor)
    assert not again.unchanged and ids(found) == ["1", "2"]


def test_one_file_that_cannot_be_read_costs_one_record(tmp_path: Path, settled: None) -> None:
    for name, held in {"1.json": '{"id": "1", "km": 5}', "2.json": "{", "3.json": '{"id": "3", "km": 7}'}.items():
        write(tmp_path / "in" / name, held)
    found, pulled = pull(tmp_path / "in")
    assert ids(found) == ["1", "the file is not JSON, or was cut off (line 1)", "3"]
    assert pull(tmp_path / "in", pulled.cursor)[1].unchanged


def test_what_is_remembered_of_many_files_is_short(tmp_path: Path, settled: None) -> None:
    for number in range(300):
        write(tmp_path / f"in/{number}.json", '{"id": "1", "km": 5}')
    assert len(json.dumps(pull(tmp_path / "in")[1].cursor)) < 200


@pytest.mark.parametrize("unchanged", [True, False])
def test_a_zip_is_let_go_of(unchanged: bool, tmp_path: Path, settled: None) -> None:
    path = write(tmp_path / "export.zip", zipped({"1.json": '{"id": "1", "km": 5}'}))
    cursor = pull(path)[1].cursor if unchanged else None
    files = ExportFiles(path, is_json)
    pulled = pull_files(files, cursor, {"reader": 1}, records)
    list(pulled)
    pulled.close()
    assert pulled.unchanged == unchanged
    with pytest.raises(TrackError, match="closed"):
        files.open("1.json").read()


@pytest.mark.parametrize(
    ("files", "known"),
    [
        ({"a.json": '{"epoch": 1}'}, True), ({"a.json": '[{"epoch": 1}]'}, True),
        ({"a.json": '{"other": 1}', "b.json": '{"epoch": 1}'}, True), ({"a.json": '{"other": 1}'}, False),
        ({"a.json": "[]"}, False), ({"a.json": "12"}, False), ({"a.json": "{"}, False),
        ({"a.csv": '{"epoch": 1}'}, False),
    ],
)  # fmt: skip
def test_a_package_recognises_its_export_by_records(files: dict[str, bytes | str], known: bool, tmp_path: Path) -> None:
    for name, content in files.items():
        write(tmp_path / "in" / name, content)
    write(tmp_path / "export.zip", zipped(files))
    assert holds_json(tmp_path / "in", lambda run: run["epoch"]) is known
    assert holds_json(tmp_path / "export.zip", lambda run: run.get("epoch")) is known
    assert holds_json(tmp_path / "nothing", lambda run: True) is False
