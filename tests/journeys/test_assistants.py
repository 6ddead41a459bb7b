"""Assistants ask a served program by the Model Context Protocol, as the client of the official Python SDK does.

Skipped without the extra `mcp`; with SHOEMON_RECIPES=required it fails.
"""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from kit.homes import Home
from kit.runners import Runner, running
from kit.tracked import STREET, along, gpx

if os.environ.get("SHOEMON_RECIPES") != "required":
    pytest.importorskip("datasette_mcp")
import httpx2
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client

from shoemon.config.load import Household, within
from shoemon.web.datasette_file import DatasetteFile
from shoemon.web.desk import Desk
from shoemon.web.server import WebServer, make_app
from shoemon.web.sign_in import sign_in_of

ROUTE = {"file_name": "round.gpx", "content": gpx(along(STREET, 900, step_m=150.0))}
OURS = ("shoes", "forecast", "ground", "runs", "explain_run", "which_pair", "route")
SIGN_IN = "web: {password: {file: password}, read_token: {file: token}"


def home_of(directory: Path, web: str = "") -> Home:
    """The runner with every figure, and the web settings of a home."""
    home = Runner(directory, web=web).home
    (directory / "password").write_text(f"password of {directory.name}")
    (directory / "token").write_text(f"token-of-{directory.name}")
    return home


@contextmanager
def served(*homes: Home, **options: Any) -> Iterator[str]:
    """The address of `/-/mcp` of homes that are served together, as `shoemon serve` serves them."""
    configs = {home.directory.name.title(): home.config for home in homes}
    if len(homes) > 1:
        web = homes[0].config.main.web
        configs = {name: within(config, Household(name, name.lower(), web)) for name, config in configs.items()}
    desks = {name.lower() if len(homes) > 1 else "shoemon": Desk(config) for name, config in configs.items()}
    sign_in = sign_in_of(configs)
    with running(
        WebServer(make_app(*(h.database for h in homes), desks=desks, sign_in=sign_in, **options), port=0)
    ) as server:
        yield f"{server.url}-/mcp"


def asked(url: str, ask: Callable[[Any], Awaitable[Any]], mode: str = "auto", **headers: str) -> Any:
    """What a client gets that sends these headers."""

    async def talk() -> Any:
        http = httpx2.AsyncClient(headers=headers, timeout=300)
        async with http, Client(streamable_http_client(url, http_client=http), mode=mode) as client:
            return await ask(client)

    return asyncio.run(talk())


def called(url: str, *calls: tuple[str, dict[str, Any]], mode: str = "auto", **headers: str) -> list[Any]:
    """The answer of each call: a mapping, or the words of an error."""

    async def call(client: Any) -> list[Any]:
        found = [await client.call_tool(*each) for each in calls]
        return [one.content[0].text if one.is_error else one.structured_content for one in found]

    return list(asked(url, call, mode, **headers))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return home_of(tmp_path_factory.mktemp("homes") / "home")


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_every_tool_answers_with_unit_day_and_how_sure_and_without_positions(home: Home, mode: str) -> None:
    async def tools(client: Any) -> list[Any]:
        return list((await client.list_tools()).tools)

    with served(home) as url:
        listed = {tool.name: tool for tool in asked(url, tools, mode)}
        first, forecast, ground, runs, run, pairs, found = called(
            url, ("shoes", {}), ("forecast", {}), ("ground", {}), ("runs", {"text": "weekly", "shoe": "road"}),
            ("explain_run", {"run": "sheet:5"}), ("which_pair", {"distance_m": 8000, "ground": "soft"}),
            ("route", ROUTE), mode=mode,
        )  # fmt: skip
    assert all(listed[name].annotations.read_only_hint for name in OURS)
    for answer in (first, forecast, ground, runs, run, pairs, found):
        assert answer["unit"] == "m" and len(answer["as_of"]) == 10 and answer["how_sure"]
        text = json.dumps(answer)
        assert not any(part in text for part in ('"raw"', '"lat"', "coordinates", '"track"', "content_hash"))
    totals = dict(home.rows("SELECT shoe, distance_m FROM shoe_wear"))
    assert {pair["shoe"]: pair["distance_m"] for pair in first["shoes"]} == totals
    assert {pair["shoe"] for pair in forecast["shoes"]} <= totals.keys()
    ((year_m,),) = home.rows("SELECT sum(distance_m) FROM month_mileage WHERE month > (SELECT strftime('%Y-%m', "
                             "max(month) || '-01', '-12 months') FROM month_mileage)")  # fmt: skip
    assert sum(row["distance_m"] for row in ground["months"]) == pytest.approx(year_m)
    assert runs["runs"][0]["pairs_m"].keys() == {"road"} and len(runs["runs"]) < 50 and runs["next_page"] is None
    assert run["counts"] and run["run"]["why_pair"] == ["a correction in shoes.yaml sets it"]
    assert sum(leg["distance_m"] for leg in run["legs"]) == run["run"]["run_m"]
    assert pairs["pairs"][0]["name"] and pairs["run"]["ground_m"] == {"soft": 8000}
    assert sum(found["ground_m"].values()) == found["distance_m"] > 800 and found["parts"][0]["by"]


def test_runs_come_fifty_a_page_and_mistakes_are_said(home: Home) -> None:
    with served(home) as url:
        ((whole,),) = home.rows("SELECT count(*) FROM activities WHERE counted = 1")
        (first,) = called(url, ("runs", {}))
        (second,) = called(url, ("runs", {"page": first["next_page"]}))
        ids = [run["id"] for page in (first, second) for run in page["runs"]]
        wrong = called(
            url, ("runs", {"since": "May"}), ("explain_run", {"run": "sheet:999"}), ("shoes", {"runner": "bob"}),
            ("route", {"file_name": "a.gpx", "content": "<gpx/>"}), ("which_pair", {"ground": "treadmill"}), ("which_pair", {"distance_m": -5}),
        )  # fmt: skip
    assert (len(first["runs"]), len(ids), len(set(ids)), second["next_page"]) == (50, whole, whole, None)
    for words, answer in zip(
        ("not a day", "no run with", "no such runner", "no track", "synthetic", "no run has"), wrong, strict=True
    ):
        assert words in answer, answer


def test_nobody_runs_sql_by_an_assistant_whoever_it_is(home: Home) -> None:
    sql = ("execute_sql", {"database": "shoemon", "sql": "SELECT raw FROM activities"})
    with served(home) as url:
        for mode in ("auto", "legacy"):
            (answer,) = called(url, sql, mode=mode)
            assert "do not have permission" in answer
        assert requests.get(url.replace("-/mcp", "shoemon.json?sql=select+1"), timeout=60).ok


def test_an_assistant_signs_in_by_the_token_for_reading(tmp_path: Path, home: Home) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    with served(home_of(tmp_path / "home", web=SIGN_IN + "}")) as url:
        asks = [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic cnVubmVyOng="}]
        assert [requests.post(url, json=body, headers=each, timeout=60).status_code for each in asks] == [403] * 3
        token = {"Authorization": "Bearer token-of-home"}
        shoes, route, sql = called(url, ("shoes", {}), ("route", ROUTE), (
            "execute_sql", {"database": "shoemon", "sql": "SELECT 1"}), **token)  # fmt: skip
        foreign = requests.post(url, json=body, headers={**token, "Sec-Fetch-Site": "cross-site"}, timeout=60)
    with served(home, own=DatasetteFile(config={"allow": {"id": "me"}})) as url:
        assert requests.post(url, json=body, timeout=60).status_code == 403
    assert shoes["shoes"] and route["distance_m"] > 800 and "do not have permission" in sql
    assert foreign.status_code == 403


def test_each_runner_of_a_household_is_asked_about_by_name_and_private_homes_are_hidden(tmp_path: Path) -> None:
    homes = [home_of(tmp_path / "anna", SIGN_IN + "}"), home_of(tmp_path / "ben", SIGN_IN + ", private: true}")]
    calls = [("shoes", {"runner": runner}) for runner in ("", "Anna", "ben")]
    calls += [("route", {**ROUTE, "runner": runner}) for runner in ("anna", "ben")]
    with served(*homes) as url:
        seen = {
            token: [
                answer if isinstance(answer, str) else answer["runner"]
                for answer in called(url, *calls, Authorization=f"Bearer token-of-{token}")
            ]
            for token in ("anna", "ben")
        }
    hidden = "There is no such runner here"
    assert [hidden if hidden in answer else answer for answer in seen["anna"]] == [
        "Anna",
        "Anna",
        hidden,
        "Anna",
        hidden,
    ]
    assert seen["ben"][:3] + seen["ben"][4:] == ["Anna", "Anna", "Ben", "Ben"]
    assert "only who may edit these pages" in seen["ben"][3]
