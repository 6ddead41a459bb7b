"""Forty texts that try to become part of a page, as names of runs, pairs and gear, as ids, sports and surfaces: each page
is opened in a real browser, and shows them as text; and the same typed into every form, and as names of files."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from kit.browsing import PHONE, Reader, reading
from kit.homes import Home, table_source
from kit.pages import MARK_UP
from kit.runners import TODAY, Served, served

from shoemon.words.recipient import _tilde as tilde

PLAIN = [f"Plain {number}" for number in range(len(MARK_UP))]
"""The same runner with harmless names, whose pages have the elements that there must be."""


def id_of(number: int, text: str) -> str:
    """The id that the export gives a run; the texts alone would be the same with and without a blank before them."""
    return f"{number} {text}"


def written(directory: Path, texts: list[str]) -> Home:
    """A runner who calls everything by `texts`: each is a run's name and id, a pair's name and its gear; each fourth run
    also names gear of nobody's, a surface and a sport that nobody knows."""
    home = Home(directory)
    home.main(f"alerts: {{hard_share: 60%}}\nsources:\n{table_source('sheet')}")
    pairs = [f"  - {{id: pair-{n}, name: {json.dumps(text)}, gear: [gear-{n}]}}" for n, text in enumerate(texts)]
    home.shoes("shoes:\n" + "\n".join(pairs) + "\n")
    rows = []
    for number, text in enumerate(texts):
        odd = number % 4 == 3
        day = TODAY.fromordinal(TODAY.toordinal() - 1 - number)
        gear, surface = (f"gear {text}", f"on {text}") if odd else (f"gear-{number}", "asphalt")
        rows.append((id_of(number, text), f"{day}T06:00:00Z", 8000 + number, "run", text, gear, surface, 3000))
    rows.append(("other", f"{TODAY}T06:00:00Z", 5000, f"sport {texts[0]}", texts[1], "", "", 1000))
    home.table("sheet", rows)
    home.sync()
    return home


@pytest.fixture(scope="module")
def hostile(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(written(tmp_path_factory.mktemp("hostile") / "home", MARK_UP)) as pages:
        yield pages


@pytest.fixture(scope="module")
def harmless(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(written(tmp_path_factory.mktemp("harmless") / "home", PLAIN)) as pages:
        yield pages


def opened(reader: Reader, path: str) -> None:
    """Opens a page and waits until its scripts have drawn what they draw."""
    reader.open(path)
    draw(reader)


def draw(reader: Reader) -> None:
    for figure in reader.tab.locator("figure.chart").all():
        figure.locator(".plot svg, .plot.no-chart").first.wait_for(state="attached")


def smuggled(reader: Reader) -> list[str]:
    """Attributes that run something, and addresses that lead where no page of ours leads."""
    script = """names => [...document.querySelectorAll("*")].flatMap(e => [...e.attributes].map(a => [e.localName, a.name, a.value]))
        .filter(([, name]) => name.startsWith("on") || names.includes(name))"""
    away = re.compile(
        r"\s*(javascript|data:text|vbscript|(https?:)?//(?!127\.0\.0\.1[:/]|www\.openstreetmap\.org/|opendatacommons\.org/|www\.heeluxe\.com/))"
    )
    names = ["href", "src", "action", "formaction", "data", "content"]
    return [
        f"{tag} {name}={value}" for tag, name, value in reader.tab.evaluate(script, names)
        if name.startswith("on") or away.match(value)
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["/", "/-/ground", "/-/runs", "/-/runs/assign", "/-/assign"])
def test_a_page_of_many_names_has_no_element_more_than_with_harmless_ones(
    browser: Any, hostile: Served, harmless: Served, path: str
) -> None:
    shapes = []
    for pages in (harmless, hostile):
        with reading(browser, pages.url) as reader:
            opened(reader, path)
            for fold in reader.tab.locator("main summary").all():
                fold.click()
            assert smuggled(reader) == []
            shapes.append(reader.shape())
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("kind", ["shoe", "run", "assign"])
def test_no_page_about_one_of_them_runs_or_gains_anything(
    browser: Any, hostile: Served, harmless: Served, kind: str
) -> None:
    def path_of(number: int, text: str) -> str:
        return f"/-/{kind}/{tilde(f'pair-{number}' if kind == 'shoe' else f'sheet:{id_of(number, text)}')}"

    with reading(browser, harmless.url) as other:
        known = set()
        for number in (0, 1, 3, len(PLAIN) - 1):  # the newest, any, one with gear of nobody's, the oldest
            opened(other, path_of(number, PLAIN[number]))
            known |= set(other.shape())
    with reading(browser, hostile.url) as reader:
        for number, text in enumerate(MARK_UP):
            opened(reader, path_of(number, text))
            assert smuggled(reader) == [], text
            assert set(reader.shape()) - known == set(), text
            stands = " ".join(text.replace("\ufeff", "").split())
            assert stands in " ".join(reader.tab.locator("main").text_content().replace("\ufeff", "").split())


PLACES = ("/-/runs?q={}", "/-/runs/assign?q={}", "/-/runs?shoe={}", "/-/run/{}", "/-/shoe/{}", "/-/assign/{}", "/-/assign/sheet~3Aother?shoe={}")  # fmt: skip


@pytest.mark.parametrize("path", PLACES)
def test_what_an_address_says_stays_text_too(browser: Any, hostile: Served, path: str) -> None:
    """Each text stands in two of these places."""
    with reading(browser, hostile.url) as reader:
        for text in MARK_UP[PLACES.index(path) % 3 :: 3]:
            reader.open(path.format(quote(text) if "?" in path else tilde(text)))
            assert smuggled(reader) == [], text
            elements = "script:not([src]), iframe, object, embed, base, main img, main style, main link"
            assert reader.tab.locator(elements).count() == 0
            # That there is no such run or shoe is the answer to be had.
            reader.wrong[:] = [wrong for wrong in reader.wrong if "status of 404" not in wrong]


LONG = "W" * 120
LONG_PAGES = (
    "", "ground", "runs", "runs/assign", "runs/add", "assign", "shoe/pair-0", "pair/pair-0", "pair", "run/{0}", "run/{3}", "assign/{0}",
    "assign/{3}", "left-out", "doubts", "undo", "channels", "preferences", "upload", "places", "get-map", "ground-check", "route", "manual/shoes",
)  # fmt: skip
OUTSIDE = """() => [...document.querySelectorAll("body *")].filter(e => {
    const { width, left, right } = e.getBoundingClientRect();
    return width > 1 && (right > innerWidth + 1 || left < -1) && !e.closest(".wide, pre, .plot");
}).map(e => e.outerHTML.slice(0, 200))"""


def test_no_name_however_long_leaves_its_place(browser: Any, tmp_path: Path) -> None:
    """Everything bears names of 120 letters without a blank."""
    home = written(tmp_path / "home", [LONG[number:] + str(number) for number in range(4)])
    runs = [tilde(f"sheet:{id_of(number, LONG[number:] + str(number))}") for number in range(4)]
    with served(home) as pages, reading(browser, pages.url, viewport=PHONE) as reader:
        for path in LONG_PAGES:
            opened(reader, ("/-/" if path else "/") + path.format(*runs))
            for fold in reader.tab.locator("main summary").all():
                if fold.is_visible():
                    fold.click()
            assert reader.overflow() <= 0 and reader.tab.evaluate(OUTSIDE) == [], path


FREE = ("name", "brand", "model", "size", "notes", "gear")
TYPED = {
    "new pair": ("/-/pair", FREE, {}, ("Look at the lines", "Write")),
    "new pair refused": ("/-/pair", ("link", "life", "price", "initial", "surface"), {"name": "x"}, ("Look at the lines",)),
    "pair": ("/-/pair/pair-0", FREE, {}, ("Look at the lines", "Write")),
    "settings": ("/-/preferences", ("timezone", "alerts.hard_share", "alerts.soft_share"), {}, ("Look at the lines",)),
    "place": ("/-/preferences", ("name",), {"at": "60.1, 24.9", "surface": "grass"}, ("Look at the lines", "Write")),
    "place refused": ("/-/preferences", ("name", "at", "radius"), {"surface": "grass"}, ("Look at the lines",)),
    "run": ("/-/runs/add", ("name",), {"date": "2024-05-01", "distance": "8"}, ("Look", "Write")),
    "run refused": ("/-/runs/add", ("distance", "duration"), {"date": "2024-05-01"}, ("Look",)),
    "filter": ("/-/runs/assign", ("q", "least", "most"), {}, ("Show",)),
    "email": ("/-/channels", ("to",), {}, ("Go on",)),
    "webhook": ("/-/channels", ("url",), {}, ("Add, and send a test",)),
}  # fmt: skip
"""Forms: their page, the fields that hold the texts, what the others hold, and the buttons."""


def joined(texts: list[str]) -> list[str]:
    """The texts, as many in one as a field takes."""
    found = [""]
    for text in texts:
        found += [text] if len(found[-1]) + len(text) > 99 else [f"{found.pop()} {text}"]
    return found


@pytest.fixture(scope="module")
def typist(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, Served]]:
    home = written(tmp_path_factory.mktemp("typist") / "home", PLAIN[:2])
    with served(home) as pages:
        yield home, pages


@pytest.mark.parametrize("form", TYPED)
def test_what_is_typed_into_a_form_stays_text_and_the_files_stay_valid(
    browser: Any, typist: tuple[Home, Served], form: str
) -> None:
    (home, pages), (path, fields, others, buttons) = typist, TYPED[form]
    known: set[str] = set()
    for texts in (PLAIN[: 3 * len(fields)], joined(MARK_UP)):
        with reading(browser, pages.url) as reader:
            for number in range(0, len(texts), len(fields)):
                reader.open(path)
                typed = dict(zip(fields, texts[number:], strict=False))
                of = reader.tab.locator("main form").filter(
                    has=reader.tab.locator(f":is(input, textarea)[name='{fields[0]}']")
                )
                of.evaluate(
                    "form => { form.noValidate = true; for (let at = form; at; at = at.parentElement) if (at.open === false) at.open = true; }"
                )
                for name, value in {**others, **typed}.items():
                    field = of.locator(f"[name='{name}']")
                    field.select_option(value) if name == "surface" and name in others else field.fill(value)
                for button in buttons:
                    press = (of if button == buttons[0] else reader.tab).get_by_role("button", name=button, exact=True)
                    if press.count() == 0:
                        break  # it was refused
                    press.click()
                    reader.tab.wait_for_load_state("load")
                    draw(reader)
                    assert smuggled(reader) == [], typed
                    if texts[0] != PLAIN[0]:
                        assert set(reader.shape()) - known == set(), typed
                    known |= set(reader.shape())
            reader.wrong[:] = [wrong for wrong in reader.wrong if "status of 4" not in wrong]  # what was refused
    assert home.config.plan.shoes[0].id == "pair-0", "the files are valid"


def test_what_a_file_is_called_stays_text(browser: Any, typist: tuple[Home, Served]) -> None:
    home, pages = typist
    with reading(browser, pages.url) as reader:
        for number, text in enumerate(MARK_UP):
            reader.open("/-/upload")
            content = f"start,distance_km,shoe\n2024-05-01,{number + 1},x\n".encode()
            file = {"name": f"{text}.csv", "mimeType": "text/csv", "buffer": content}
            reader.tab.locator("[type=file]").set_input_files(file)
            with reader.tab.expect_response(re.compile("/-/upload")):
                reader.tab.get_by_role("button", name="Send it").click()
            reader.tab.wait_for_url("**/-/upload/**")
            assert smuggled(reader) == [], text
            assert reader.tab.locator("main :is(script, iframe, object, embed, img, style, link, svg)").count() == 0
        reader.open("/-/upload")
        assert smuggled(reader) == []
        waiting = reader.tab.locator("main li").all_inner_texts()
        assert sorted(waiting) == sorted(file.name for file in (home.directory / "inbox").glob("*.csv"))
        reader.wrong[:] = [wrong for wrong in reader.wrong if "status of 4" not in wrong]
    assert {each.parent for each in home.directory.rglob("*.csv")} == {home.directory, home.directory / "inbox"}


def test_datasettes_own_pages_run_none_of_it(browser: Any, hostile: Served) -> None:
    with reading(browser, hostile.url) as reader:
        names = "activities legs shoes unassigned_runs recent_runs shoe_by_surface next_to_replace"
        for name in names.split():
            reader.open(f"/shoemon/{name}")
            elements = "[onerror], [onload], [onfocus], [ontoggle], [onmouseover], iframe, embed, object"
            assert reader.tab.locator(elements).count() == 0
