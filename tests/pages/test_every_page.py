"""What holds for every page of ours: no text becomes markup, every address leads somewhere below the base path, nothing runs
but its own scripts, and who may not see a table it reads does not see it."""

import json
import runpy
import sqlite3
from collections.abc import Sequence
from html import unescape
from pathlib import Path

import pytest
from datasette.utils import tilde_encode
from kit.pages import (
    HARMLESS_LOOKING,
    MARK_UP,
    NOTICE_LINKS,
    SHOE,
    WEAR,
    Pages,
    Tags,
    build,
    change,
    get,
    on_the_map,
    page,
    text_of,
    track,
)  # fmt: skip
from kit.trials import quick
from sqlite_utils import Database

from shoemon.pages.places import plugins_dir
from shoemon.store.schema import migrations

ALERT = {"kind": "wear", "stage": "soon", "created_at": "2025-11-01T05:00:00Z", "body": "b", "data": "{}"}
ADDRESSES = ("/", "/-/ground", "/-/runs", "/-/runs?q=run&before=2026", "/-/assign", "/-/shoe/pegasus", "/-/run/s~3A1", "/-/assign/s~3A3", "/-/runs/assign?shoe=-", "/-/runs/add", "/-/doubts", "/-/rotation")  # fmt: skip


def called(path: Path, texts: Sequence[str]) -> Path:
    """A database in which pairs, runs, words of exports, surfaces, notifiers and what was said bear these texts."""
    shoes = [{**SHOE, "id": f"{n}{text}", "name": text, "brand": text, "kind": text, "currency": text, "price": 1.0, "notes": text}
             for n, text in enumerate(texts)]  # fmt: skip
    surfaces = [{"id": text, "ground": text if n % 2 else "hard", "wear_factor": 1.0} for n, text in enumerate(texts)]
    runs = [f"s:{n}{text}" for n, text in enumerate(texts)]
    build(
        path, shoes=shoes, surfaces=surfaces, wear=[{**WEAR, "shoe": shoe["id"]} for shoe in shoes],
        legs=[(run, shoes[n]["id"], "unknown" if n % 4 == 3 else texts[n], 9000.0 + n) for n, run in enumerate(runs)],
        alerts=[{**ALERT, "id": f"a{n}", "shoe": shoe["id"], "title": shoe["name"]} for n, shoe in enumerate(shoes)],
        deliveries=[{"alert": f"a{n}", "notifier": text, "state": text} for n, text in enumerate(texts)],
        track_matches=[track(run, "away", text) for run, text in zip(runs, texts, strict=True)],
        track_surfaces=[on_the_map(run, text, 9000.0) for run, text in zip(runs, texts, strict=True)],
    )  # fmt: skip
    with sqlite3.connect(path) as conn:
        for run, text in zip(runs, texts, strict=True):
            own = dict.fromkeys(("name", "sport", "sport_raw", "gear_raw", "track", "raw"), text)
            conn.execute(f"UPDATE activities SET {', '.join(f'{each} = :{each}' for each in own)} WHERE id = :id", {**own, "id": run})  # fmt: skip
            details = json.dumps({"gear": text}), json.dumps({"word": text})
            conn.execute("UPDATE legs SET shoe_detail = ?, surface_reason = 'unknown_word', surface_detail = ? WHERE activity = ?", [*details, run])  # fmt: skip
    conn.close()
    return path


@pytest.mark.parametrize("every", quick([16, 1], 1))
def test_no_text_becomes_markup(tmp_path: Path, every: int) -> None:
    assert len(MARK_UP) >= 40
    wild, shapes = MARK_UP + HARMLESS_LOOKING, []
    for texts in (wild, [f"text {number}" for number in range(len(wild))]):
        addresses = ["/", "/-/ground", "/-/rotation", "/-/runs", "/-/runs/assign", "/shoemon/activities", "/shoemon/legs", "/shoemon/shoe_summary", "/shoemon/recent_runs"]  # fmt: skip
        for n in range(0, len(texts), every):
            addresses += [f"/-/{kind}/{tilde_encode(id)}" for kind, id in (("shoe", f"{n}{texts[n]}"), ("run", f"s:{n}{texts[n]}"))]  # fmt: skip
            addresses += [f"/-/assign/{tilde_encode(f's:{n}{texts[n]}')}"]
        with Pages(called(tmp_path / f"{len(shapes)}.db", texts)) as pages:
            answers = pages.get(*(each.replace("/shoemon/", f"/{len(shapes)}/") for each in addresses))
        for address, answer in zip(addresses, answers, strict=True):
            assert answer.status_code == 200, address
            assert [text for text in texts if text in MARK_UP and text in answer.text] == [], address
            leads = [attrs.get("href") or "" for _, attrs in Tags(answer.text).found]
            assert [lead for lead in leads if "script:" in lead.partition("?")[0]] == [], address
            assert max(unescape(answer.text).count(text) for text in texts) > 1, address
        shapes.append({n: Tags(answer.text).shape() for n, answer in enumerate(answers) if "/-/" in addresses[n]})
    for number, shape in shapes[0].items():
        assert shape == shapes[1][number], addresses[number]


@pytest.mark.parametrize("base_url", quick(["/a/b", "/"], 1))
def test_every_address_leads_somewhere_below_base_url_and_nothing_comes_from_elsewhere(
    tmp_path: Path, base_url: str
) -> None:
    odd = 'a/b?c&d="e"'
    surfaces = [{"id": odd, "ground": "soft", "wear_factor": 1.0}]
    legs = [("s:1", "pegasus", odd, 9000.0), ("s:2", "pegasus", "unknown", 9000.0), ("s:3", None, "asphalt", 9000.0)]
    prefix, own = f"{base_url.rstrip('/')}/", set[str]()
    with Pages(build(tmp_path / "shoemon.db", legs=legs, surfaces=surfaces), base_url=base_url) as pages:
        for address in ADDRESSES:
            found = Tags(pages.page(address)).found
            leads = ("href", "src", "action", "data-src")
            links = {value for _, attrs in found for key in leads if (value := attrs.get(key))}
            elsewhere = {link for link in links if not link.startswith(("#", prefix, "https://www.heeluxe.com/"))}
            assert elsewhere == set(NOTICE_LINKS), address
            own |= {f"/{link.removeprefix(prefix)}" for link in links if link.startswith(prefix)}
            assert not {"style", "iframe", "object"} & {tag for tag, _ in found}
            assert not [attrs for _, attrs in found if "style" in attrs or any(key.startswith("on") for key in attrs)]
            assert all("src" in attrs and attrs.get("nonce") for tag, attrs in found if tag == "script")
        assert len(own) > 60
        answers = zip(sorted(own), pages.get(*sorted(own)), strict=True)
        assert [(link, answer.status_code) for link, answer in answers if answer.status_code != 200] == []


@pytest.mark.parametrize("address", ["/", "/-/ground", "/-/runs"])
def test_without_runs_the_next_command_is_shown(tmp_path: Path, address: str) -> None:
    database, name = build(tmp_path / "shoemon.db", wear=[], legs=[]), "Name an export in shoemon.yaml"
    html = page(database, address)
    assert "No runs yet Read the exports named in shoemon.yaml : shoemon sync" in text_of(html)
    assert address == "/" or not {"section", "table", "form"} & {tag for tag, _ in Tags(html).found}
    change(database, "DELETE FROM sources", "DELETE FROM shoe_wear", "DELETE FROM shoes")
    assert f"{name} ( shoemon init writes it), then read it: shoemon sync" in text_of(page(database, address))
    empty = tmp_path / "empty.db"
    with Database(empty) as db:
        migrations.apply(db)
    assert "shoemon sync" in page(empty, address)


PLUGINS = {"home": "/", "ground": "/-/ground", "runs": "/-/runs", "shoe": "/-/shoe/pegasus", "life": "/-/life/pegasus", "run": "/-/run/s~3A1", "assign": "/-/assign", "runs_assign": "/-/runs/assign", "rotation": "/-/rotation"}  # fmt: skip


def test_who_may_not_see_a_table_that_a_page_reads_does_not_see_the_page(tmp_path: Path) -> None:
    """A reader is called by the one table that is closed to them."""
    read = {plugin: runpy.run_path(str(plugins_dir() / f"shoemon_{plugin}.py"))["READ"] for plugin in PLUGINS}
    tables = {table for of in read.values() for table in of}
    rules = {table: {"allow": {"id": [*(tables - {table}), "all"]}} for table in tables}
    database = build(tmp_path / "shoemon.db", legs=[("s:1", None, "asphalt", 471_000.0)])
    with Pages(database, metadata={"databases": {"shoemon": {"tables": rules}}}) as pages:
        for plugin, address in PLUGINS.items():
            shown = "Pegasus" if plugin in ("home", "shoe", "life", "rotation") else "471"
            assert shown in pages.ask("GET", address, actor="all")[0].text
            for table in read[plugin]:
                (answer,) = pages.ask("GET", address, actor=table)
                assert answer.status_code == 404 or plugin == "home", (plugin, table)
                assert shown not in answer.text and "Morning run" not in answer.text, (plugin, table)
    for closed in ({"allow": {"id": "me"}}, {"databases": {"shoemon": {"allow": {"id": "me"}}}}):
        assert all("471" not in answer.text for answer in get(database, *PLUGINS.values(), metadata=closed))
