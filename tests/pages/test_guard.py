"""Datasette's own pages about a database of shoemon: their headers, who sees those for debugging, and what they show."""

from pathlib import Path
from typing import Any

import pytest
from datasette import __version__
from kit.pages import Pages, build, plain_datasette
from sqlite_utils import Database

EVIL = "https://evil.example/x"
ALL = ("/-/databases", "/-/plugins", "/-/settings", "/-/versions", "/-/messages", "/-/allow-debug", "/-/actor.json")
ONLY_065, ONLY_10 = ("/-/threads", "/-/threads.json", "/-/metadata.json", "/-/config"), ("/-/config", "/-/api")
DEBUGGING = [*ALL, "/-/databases.json", *(ONLY_065 if __version__ < "1" else ONLY_10)]
PAGES = [
    "/", "/shoemon", "/shoemon/activities", "/shoemon/activities.json", "/shoemon/activities.csv",
    "/shoemon/activities/s~3A1", "/shoemon/ground_by_month", "/-/ground", "/-/static/app.css", "/nothing", "/-/actor",
]  # fmt: skip


def served(directory: Path, *others: Path, **options: Any) -> Pages:
    options = {"metadata": {"plugins": {"a-login": {"hash": "pbkdf2"}}}, **options}
    return Pages(build(directory / "shoemon.db", run_name=EVIL), *others, app=plain_datasette, **options)


def other(directory: Path) -> Path:
    Database(directory / "other.db")["t"].insert({"name": EVIL})
    return directory / "other.db"


def test_every_answer_has_the_headers_that_keep_others_out(tmp_path: Path) -> None:
    with served(tmp_path) as pages:
        answers = pages.get(*PAGES)
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] in ("same-origin", "no-referrer")
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'self'" in policy and ("'nonce-" in policy) != ("'unsafe-inline'" in policy)


def test_pages_for_debugging_are_for_who_may_edit_and_show_no_path_and_no_secret(tmp_path: Path) -> None:
    with served(tmp_path) as pages:
        here, elsewhere = pages.get(*DEBUGGING), pages.get(*DEBUGGING, host="192.168.1.7")
        (lost,) = pages.get("/-/rules/nothing")
    assert [answer.url.path for answer in here if answer.status_code not in (200, 301)] == []
    assert {answer.status_code for answer in elsewhere} == {403} and lost.status_code == 404
    for shown in (str(tmp_path), __file__, "site-packages", "pbkdf2"):
        assert [answer.url.path for answer in here if shown in answer.text] == []
    assert "shoemon.db" in here[0].text


def test_another_database_keeps_what_it_had(tmp_path: Path) -> None:
    paths = ["/other/t", "/other/t.json", "/other/t?" + "&".join(["_facet=name"] * 20)]
    with served(tmp_path, other(tmp_path)) as beside:
        answers = beside.get(*paths)
    with Pages(other(tmp_path), app=plain_datasette) as alone:
        answers += alone.get(*paths, "/", "/-/databases.json", "/-/versions", host="192.168.1.7")
    assert {answer.status_code for answer in answers} == {200}
    assert not [answer.url for answer in answers if "content-security-policy" in answer.headers]
    assert f'href="{EVIL}"' in answers[0].text and str(tmp_path) in answers[-2].text


def test_an_address_in_a_cell_is_no_link(tmp_path: Path) -> None:
    with served(tmp_path) as pages:
        for answer in pages.get("/shoemon/activities", "/shoemon/activities/s~3A1", "/shoemon/recent_runs"):
            assert EVIL in answer.text and f'href="{EVIL}' not in answer.text


@pytest.mark.parametrize(
    "query",
    ["sql=/**/" + "+%20%0a" * 34 + "x", "a=" + "%5b" * 301, "&".join(["_f%61cet=sport"] * 7), "_where=" + "1" * 9000],
)
def test_what_would_keep_datasette_busy_is_refused(tmp_path: Path, query: str) -> None:
    with served(tmp_path) as pages:
        (answer,) = pages.get(f"/shoemon/activities?{query}")
    assert (answer.status_code, answer.text) == (414, "The address is too long.")


def test_a_body_is_read_only_as_far_as_any_of_ours_is_long(tmp_path: Path) -> None:
    form = {"content": b"a" * 1_000_001, "headers": {"content-type": "application/x-www-form-urlencoded"}}
    with served(tmp_path) as pages:
        answer = pages.run(pages.datasette.client.post("/-/messages", cookies={"ds_csrftoken": "x"}, **form))
    assert answer.status_code in (400, 413) and "The body of the request is too large." in answer.text


def test_an_error_page_shows_no_path(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with served(tmp_path) as pages:
        pages.get("/shoemon")
        pages.datasette.get_database("shoemon").path = str(tmp_path / "gone" / "shoemon.db")
        (answer,) = pages.get("/-/databases.json")
    assert answer.status_code == 500
    assert str(tmp_path) not in answer.text and str(tmp_path) in caplog.text
