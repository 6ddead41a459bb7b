"""`web: {datasette: datasette.yaml}`: settings of Datasette's own, carried out on both of its lines, or refused in words."""

from pathlib import Path

import pytest
from kit.homes import Home
from kit.pages import Pages, build

from shoemon.config.reading import ConfigError
from shoemon.model.errors import MistakeError
from shoemon.pages.site import Site
from shoemon.web.datasette_file import DatasetteFile, read_datasette_file

WHOLE = """\
settings: {max_returned_rows: 7, default_allow_sql: false}
permissions:
  view-instance: {id: [anna, ben]}
  shoemon-edit: {id: anna}
plugins:
  their-login: {key: {$env: THEIR_KEY}, salt: {$file: salt.txt}, port: 8080}
databases:
  shoemon:
    tables: {shoes: {permissions: {view-table: {id: anna}}}, legs: {allow: {id: anna}, hidden: true}}
    queries:
      long_runs: {sql: "SELECT count(*) AS n FROM activities", title: Long runs, allow: {id: anna}}
      all_runs: "SELECT count(*) AS n FROM activities"
metadata: {title: Anna's shoes, databases: {shoemon: {description: Since 2012}}}
"""


def file_of(directory: Path, text: str, *served: str) -> DatasetteFile:
    home = Home(directory)
    home.main("sources: []\nweb: {datasette: datasette.yaml}\n")
    (directory / "datasette.yaml").write_text(text, encoding="utf-8")
    return read_datasette_file(home.config, served)


def test_it_is_carried_out_on_both_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row of a table is seen by whom the file lets see it, and only by them."""
    monkeypatch.setenv("THEIR_KEY", "quite secret")
    (tmp_path / "salt.txt").write_text("salt")
    own = file_of(tmp_path, WHOLE, "shoemon")
    assert own.keeps_strangers_out
    paths = {
        "versions": "/-/versions.json", "a table": "/shoemon/surfaces.json", "shoes": "/shoemon/shoes.json", "legs": "/shoemon/legs.json",
        "a query": "/shoemon/long_runs.json", "all runs": "/shoemon/all_runs.json", "page": "/-/runs", "home": "/",
    }  # fmt: skip
    seen = {}
    with Pages(build(tmp_path / "shoemon.db"), own=own) as pages:
        for name in ("anna", "ben", "eve", None):
            answers = dict(zip(paths, pages.ask("GET", *paths.values(), actor=name), strict=True))
            assert {answer.status_code for answer in answers.values()} <= {200, 403, 404}
            may_edit = pages.run(Site(pages.datasette).may_edit({"id": name} if name else None, "shoemon"))
            seen[name] = ", ".join(key for key, answer in answers.items() if answer.status_code == 200), may_edit
    assert seen == {
        "anna": ("versions, a table, shoes, legs, a query, all runs, page, home", True),
        "ben": ("a table, all runs, home", False),
        "eve": ("", False),
        None: ("", False),
    }
    datasette = pages.datasette
    assert (datasette.setting("max_returned_rows"), datasette.setting("allow_download")) == (7, False)
    assert datasette.plugin_config("their-login") == {"key": "quite secret", "salt": "salt", "port": 8080}


@pytest.mark.parametrize(
    "text, keeps_out",
    [
        ("{}", False),
        ("metadata: {title: Shoes}", False),
        ("permissions: {shoemon-edit: {id: anna}}", False),
        ("permissions: {view-instance: {id: anna}}", True),
        ("permissions: {view-instance: {id: anna, unauthenticated: true}}", False),
        ("allow: {id: anna}", True),
        ("allow: true", False),
        ("databases: {shoemon: {allow: {id: anna}}}", False),
    ],
)
def test_only_a_permission_for_the_whole_keeps_strangers_out(tmp_path: Path, text: str, keeps_out: bool) -> None:
    assert file_of(tmp_path, text).keeps_strangers_out is keeps_out


def test_every_mistake_is_reported_with_its_place_and_the_remedy(tmp_path: Path) -> None:
    mistaken = """\
setings: {}
settings: {allow_download: true, base_url: /x/, sql_time_limit_ms: "soon", max_returned_row: 3}
permissions: {shoemon-edits: true, insert-row: {id: anna}, view-instance: anna}
allow:
databases:
  shoeman: {allow: false}
  shoemon: {tables: {shoes: {alow: true}}, queries: {q: {sql: DELETE FROM shoes, write: true}}, plugins: {}}
plugins: {datasette-auth-passwords: {anna_password_hash: x}}
"""
    with pytest.raises(ConfigError) as raised:
        file_of(tmp_path, mistaken, "shoemon")
    assert (
        "\n".join(map(str, raised.value.mistakes))
        == """\
datasette.yaml:1:1: setings: unknown setting; did you mean `settings`?
datasette.yaml:2:12: settings.allow_download: must stay off; `shoemon backup` makes a copy that is whole
datasette.yaml:2:34: settings.base_url: belongs in shoemon.yaml: base_url under web
datasette.yaml:2:49: settings.sql_time_limit_ms: must be a whole number
datasette.yaml:2:76: settings.max_returned_row: unknown setting; did you mean `max_returned_rows`?
datasette.yaml:3:15: permissions.shoemon-edits: unknown action; did you mean `shoemon-edit`?
datasette.yaml:3:36: permissions.insert-row: is not possible: databases of shoemon are only read here; shoemon-edit is for writing on its pages
datasette.yaml:3:60: permissions.view-instance: must be true, false, or what a reader has, such as {id: anna}
datasette.yaml:4:1: allow: must be true, false, or what a reader has, such as {id: anna}
datasette.yaml:6:3: databases.shoeman: no database has this name; did you mean `shoemon`?
datasette.yaml:7:30: databases.shoemon.tables.shoes.alow: unknown setting; did you mean `allow`?
datasette.yaml:7:82: databases.shoemon.queries.q.write: is not possible: databases of shoemon are only read here; shoemon-edit is for writing on its pages
datasette.yaml:8:11: plugins.datasette-auth-passwords: belongs in shoemon.yaml: password under web"""
    )


@pytest.mark.parametrize(
    "text, words", [("a: [", "datasette.yaml:"), ("allow: [&x a, *x]", "alias"), ("- a", "settings")]
)
def test_what_is_no_yaml_or_no_settings_is_reported(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        file_of(tmp_path, text)
    assert words in str(raised.value.mistakes[0])


def test_a_missing_file_is_reported_with_the_setting(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.main("sources: []\nweb: {datasette: none.yaml}\n")
    with pytest.raises(MistakeError, match=r"cannot read .*none\.yaml: No such file.*datasette under web"):
        read_datasette_file(home.config)
