"""What mails look like inside: their parts, the page, the text, and the same bytes every time."""

import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import pytest
from kit.hostile import TEXTS
from kit.letters import RECIPIENT, alert, letters, unassigned, with_tickets, written
from kit.mails import part, read_mail
from kit.places import TESTS
from PIL import Image
from pydantic import TypeAdapter

from shoemon.decide.alerts.facts import OpenRun, OpenRuns
from shoemon.decide.alerts.payload import DATA
from shoemon.decide.likely_shoes import Likely
from shoemon.model.alert import Alert
from shoemon.model.ids import ShoeId
from shoemon.model.reason import Reason
from shoemon.notifiers.mail.blocks import LetterBlock, blocks_of
from shoemon.notifiers.mail.html import LONGEST, html_page
from shoemon.notifiers.mail.letter import compose
from shoemon.notifiers.mail.runs import as_text, further_pages, questions_of
from shoemon.notifiers.mail.text import plain_text
from shoemon.words.recipient import PageLinks
from shoemon.words.shoe_alerts import Text

LETTERS = letters()


def sent(about: Alert) -> bytes:
    return compose(about, "2026-04-04T06:00:00Z", "mail", "me@example.org", ["me@example.org"]).as_bytes()


class Page(HTMLParser):
    """Tags with the names of their attributes, where links and pictures lead, alternative texts, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[tuple[str, tuple[str, ...]]] = set()
        self.links: list[str] = []
        self.images: list[str] = []
        self.alts: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add((tag, tuple(sorted(name for name, _ in attrs))))
        held = dict(attrs)
        if tag == "a":
            self.links.append(held["href"] or "")
        if tag == "img":
            self.images.append(held["src"] or "")
            self.alts.append(held["alt"] or "")

    def handle_data(self, data: str) -> None:
        self.text += data


MANY = Alert(
    "a", "x", None, "s", "t", "one\ntwo", {"links": [{"text": str(n), "url": f"https://a/{n}"} for n in range(70)]}
)
PLAIN = {tag for about in (*LETTERS.values(), MANY) for tag in Page(part(read_mail(sent(about)), "html")).tags}
"""All the markup of letters without hostile texts; hostile ones get no other."""


def test_there_is_a_letter_of_every_kind_and_its_data_are_as_promised() -> None:
    assert {about.kind for about in LETTERS.values()} == set(DATA)
    for about in LETTERS.values():
        TypeAdapter(DATA[about.kind]).validate_python(about.data)


def test_there_is_no_markup_that_could_fetch_or_run() -> None:
    assert {tag for tag, _ in PLAIN} == {
        "html", "head", "meta", "title", "style", "body", "div", "table", "tr", "td", "th", "p", "span", "strong", "h1", "h2",
        "ul", "li", "pre", "code", "a", "img", "br",
    }  # fmt: skip
    assert not {name for _, names in PLAIN for name in names if name.startswith("on")}


@pytest.mark.parametrize("name", LETTERS)
def test_every_picture_comes_with_the_mail_and_every_link_is_its_own(name: str) -> None:
    message = read_mail(sent(LETTERS[name]))
    page = Page(part(message, "html"))
    inside = {f"cid:{each['Content-ID'][1:-1]}": each for each in message.walk() if each["Content-ID"]}
    assert page.images == list(inside)
    for image in inside.values():
        assert (image.get_content_type(), image.get_content_disposition()) == ("image/png", "inline")
        assert Image.open(BytesIO(image.get_content())).format == "PNG"  # type: ignore[attr-defined]
    assert page.links == links_within(LETTERS[name]) != []
    assert all(re.search(r"\d", alt) for alt in page.alts)


def links_within(about: Alert) -> list[str]:
    """Where the links of a mail lead, in their order: those of runs first."""
    questions = questions_of(about)
    runs = [*questions.own.values(), *questions.further]
    return [url for run in runs for _, url in run.choices] + [url for _, url in further_pages(about, questions)]


def test_the_parts_are_nested_as_mail_programs_want_them() -> None:
    nested = [each.get_content_type() for each in read_mail(sent(LETTERS["due"])).walk()]
    assert nested == ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png", "image/png"]
    nested = [each.get_content_type() for each in read_mail(sent(LETTERS["test"])).walk()]
    assert nested == ["multipart/alternative", "text/plain", "text/html"]


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_is_the_same_bytes_every_time_and_in_every_process(name: str) -> None:
    assert sent(LETTERS[name]) == sent(letters()[name])


@pytest.mark.slow
def test_another_process_writes_the_same_letter() -> None:
    code = "import sys, hashlib; from notifiers.test_letter import *; print(hashlib.sha256(sent(LETTERS['soon'])).hexdigest())"
    made = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=TESTS,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(made) == 1


def test_no_boundary_begins_like_another() -> None:
    marks = [each.get_boundary() for each in read_mail(sent(LETTERS["due"])).walk() if each.is_multipart()]
    assert (
        len(marks) == 2 and not str(marks[1]).startswith(str(marks[0])) and not str(marks[0]).startswith(str(marks[1]))
    )


@pytest.mark.parametrize("name", LETTERS)
def test_a_mail_is_small(name: str) -> None:
    raw = sent(LETTERS[name])
    if LETTERS[name].kind in ("soon", "due", "over"):
        assert len(raw) < 60_000
    assert len(raw) < (100_000 if LETTERS[name].kind == "unassigned" else 200_000)
    assert len(part(read_mail(raw), "html").encode()) < (60_000 if name == "unassigned-many" else 20_000)


def test_a_pair_on_every_ground_is_still_small() -> None:
    ground = {"hard": 212e3, "soft": 118e3, "synthetic": 88e3, "treadmill": 64e3, "unknown": 50e3}
    data = {**LETTERS["soon"].data, "initial_m": 40e3, "worn_m": 578.8e3, "ground_m": ground}
    assert len(sent(replace(LETTERS["soon"], data=data))) < 60_000


@pytest.mark.parametrize("body", ["word " * 60_000, "<&>\n\n" * 40_000, "- <\n" * 60_000, "A: <\nB: >\n" * 30_000])
def test_no_page_is_so_long_that_it_is_cut_off_and_the_text_holds_all(body: str) -> None:
    about = replace(LETTERS["soon"], body=f"first\n\n{body}\n\nlast", title="<" * 9000)
    message = read_mail(sent(about))
    page = part(message, "html")
    assert len(page.encode()) < 100_000
    assert "There is more" in page and "first" in page and page.endswith("</html>\n")
    assert "last\n" in part(message, "plain")


def test_light_is_shown_where_nothing_else_is_known_and_dark_takes_its_turn() -> None:
    page = part(read_mail(sent(LETTERS["soon"])), "html")
    assert 'class="light" style="margin' in page and 'class="dark" style="display:none;mso-hide:all' in page
    dark = page.split("@media (prefers-color-scheme: dark)")[1].split("</style>")[0]
    assert ".light { display: none !important; }" in dark and ".dark { display: block !important; }" in dark
    for wanted in (
        'lang="en"',
        'name="color-scheme" content="light dark"',
        "max-width:550px",
        'role="presentation"',
        'dir="auto"',
    ):
        assert wanted in page


def test_the_first_words_are_the_news() -> None:
    page = part(read_mail(sent(LETTERS["soon"])), "html")
    assert '<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">582 of 640 km used (91%)' in page


def test_the_text_holds_the_bar_the_body_the_pages_and_the_way_out() -> None:
    about = LETTERS["over"]
    text = part(read_mail(sent(about)), "plain")
    assert text.startswith(
        f"[{'#' * 30}|####] 114% of 640 km\n\n{about.body}\n\nAdidas Adios 8: https://shoes.example.org/"
    )
    assert text.endswith("`notify` in its shoemon.yaml names this address. Change that to stop or move its mails; for a pause:\n"
                         f"    shoemon alerts snooze {about.shoe}\n")  # fmt: skip
    assert "for a pause:\n    shoemon alerts snooze stale\n" in plain_text(LETTERS["stale"])
    assert plain_text(LETTERS["several"]).endswith("Change that to stop or move its mails.\n")


def test_in_a_text_about_several_the_bar_stands_below_each_title() -> None:
    lines = plain_text(LETTERS["several"]).splitlines()
    bars = [number for number, line in enumerate(lines) if line.startswith("[#")]
    assert [lines[number - 2] for number in bars] == [member["title"] for member in LETTERS["several"].data["alerts"]]


@pytest.mark.parametrize(
    "worn_m, bar",
    [(0.0, "-" * 30), (6.4e5 / 2, "#" * 15 + "-" * 15), (639e3, "#" * 29 + "-"), (640e3, "#" * 30), (704e3, "#" * 30 + "|###"), (9e6, "#" * 30 + "|" + "#" * 30)],
)  # fmt: skip
def test_the_bar_in_text(worn_m: float, bar: str) -> None:
    data = {"unit": "km", "worn_m": worn_m, "life_m": 640e3, "ground_m": {}}
    assert plain_text(Alert("a", "x", None, "s", "t", "b", data)).startswith(f"[{bar}] ")


def test_in_a_page_about_several_each_picture_stands_below_its_title() -> None:
    page = part(read_mail(sent(LETTERS["several"])), "html")
    order = re.findall(r"<h2|cid:life-\d-light|<ul", page)
    assert order[:9] == [each for number in (1, 2, 3) for each in ("<h2", f"cid:life-{number}-light", "<ul")]


def test_what_a_body_is_made_of() -> None:
    body = [
        "Used: 1 km", "Rate: 2 km", "", "What you can do:", "- Put it away:", "    shoemon shoes retire a", "- Go on", "",
        "Alone: 3", "", "Copy:", "    life: 4 km", "    x: 5", "and so on", "", "A:", "B:",
    ]  # fmt: skip
    assert list(blocks_of(body)) == [
        LetterBlock("facts", (("Used", "1 km"), ("Rate", "2 km"))),
        LetterBlock("heading", (("What you can do:",),)),
        LetterBlock("items", (("Put it away:", "shoemon shoes retire a"), ("Go on",))),
        LetterBlock("text", (("Alone: 3",),)),
        LetterBlock("heading", (("Copy:",),)),
        LetterBlock("code", (("life: 4 km",), ("x: 5",))),
        LetterBlock("text", (("and so on",),)),
        LetterBlock("text", (("A:",), ("B:",))),
    ]


def test_what_is_to_be_copied_is_code_and_days_stay_whole() -> None:
    page = html_page(Alert("a", "x", None, "s", "t", "See `life` from 2026-05-03:\n    life: 4 km <b>", {}))
    assert re.search(r"<pre [^>]*><code>life: 4 km &lt;b&gt;</code></pre>", page)
    assert re.search(r">life</code> from <span style=\"white-space:nowrap\">2026-05-03</span>:", page)


BAD_URLS = (
    "javascript:alert(1)", "JAVASCRIPT:alert(1)", " javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil.example",
    "https://", "https:///x", "https://a b", "https://a\r\nBcc: evil@example.com", 'https://a"onmouseover="x', "https://a'x", "https://a<b>",
    "https://user@evil.example/", "https://[::1", "https://a/\x00", "https://a/\u202e", "mailto:me@example.org", "", "x" * 5000,
    "https://a/" + "x" * 5000, "https://ä.example/",
)  # fmt: skip


def test_only_plain_addresses_become_links() -> None:
    given = [{"text": "x", "url": url} for url in (*BAD_URLS, *TEXTS)]
    good = [{"text": "Shoes & <all>", "url": "http://10.0.0.2:8001/shoemon/shoes/a~2Fb?x=1&y=2"}]
    odd: list[Any] = [None, 1, "x", {"text": 1, "url": "https://a"}, {"url": "https://a"}, {"text": "x"}]
    about = alert("test", Text("t", "b", {"links": [*given, *odd, *good]}))
    message = read_mail(sent(about))
    assert Page(part(message, "html")).links == ["http://10.0.0.2:8001/shoemon/shoes/a~2Fb?x=1&y=2"]
    assert 'href="http://10.0.0.2:8001/shoemon/shoes/a~2Fb?x=1&amp;y=2"' in part(message, "html")
    assert "Shoes & <all>: http://10.0.0.2:8001/shoemon/shoes/a~2Fb?x=1&y=2\n" in part(message, "plain")
    assert "javascript" not in part(message, "plain") and "javascript" not in part(message, "html")


def test_many_links_are_a_list() -> None:
    pages = [html_page(replace(MANY, data={"links": MANY.data["links"][:count]})) for count in (4, 70)]
    assert [(page.count("<a "), "<ul" in page) for page in pages] == [(4, False), (50, True)]


@pytest.mark.parametrize("data", [{}, {"links": None}, {"links": "x"}, {"links": {"text": "x"}}, {"alerts": 5}, {"alerts": "x"},
                                  {"alerts": [None, 1, {}]}, {"shoes": [1]}, {"shoes": "x"}, {"shoes": {}}, {"unit": "km"}])  # fmt: skip
def test_old_and_odd_data_make_a_letter_without_picture(data: dict[str, Any]) -> None:
    for kind in (*DATA, "of-somebody-else", "<b>"):
        message = read_mail(sent(Alert("a", kind, None, "s", "Title", "Body", data)))
        assert "Title" in part(message, "html") and part(message, "plain").startswith("Body\n")
        assert [each.get_content_type() for each in message.walk()][1:] == ["text/plain", "text/html"]


OURS = re.compile(
    r"<(?:/?(?:" + "|".join(sorted({tag for tag, _ in PLAIN})) + r")\b|!DOCTYPE|!--\[if !mso\]><!-->|!--<!\[endif\]-->)"
)


def assert_harmless(about: Alert) -> None:
    raw = sent(about)
    message = read_mail(raw)
    assert sorted(message.keys()) == sorted([
        "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "X-Shoemon-Alert", "MIME-Version", "Content-Type",
    ])  # fmt: skip
    page, text = part(message, "html"), part(message, "plain")
    found = Page(page)
    assert found.tags <= PLAIN
    kept = OURS.sub("", page)
    assert "<" not in kept, kept[kept.index("<") - 80 :][:160]
    assert all(source.startswith("cid:") for source in found.images)
    assert re.findall(r"[\x00-\x08\x0b-\x1f]", page + text) == []
    for each in message.walk():
        assert "evil@example.com" not in str(each["Content-ID"]) + str(each["Bcc"]) + str(each["To"])


def laced(value: Any, text: str) -> Any:
    """The data with `text` in place of every text that an export or a runner may have written."""
    if isinstance(value, Mapping):
        return {
            key: text if key in NAMED and isinstance(each, str) else laced(each, text) for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [laced(each, text) for each in value]
    return value


NAMED = {"name", "title", "shoe", "text", "url", "error", "source", "run", "sport", "reason", "notifier"}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["stale", "unassigned", "test", "longest"])
def test_hostile_texts_stay_texts_in_small_letters(kind: str) -> None:
    for text in TEXTS:
        about = LETTERS[kind]
        body = f"{text}\n\nLabel: {text}\nOther: {text}\n\n- {text}\n    {text}\n\n{text}:\n    {text}\n`{text}`\n\n{about.body}"
        assert_harmless(replace(about, id=text, title=text, body=body, data=laced(about.data, text)))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["soon", "due", "over", "several", "digest", "weekly", "hard_share", "return_plan"])
def test_hostile_texts_stay_texts_beside_pictures(kind: str) -> None:
    """A few of them at once, as drawing takes its time."""
    about = LETTERS[kind]
    for start in range(0, len(TEXTS), 8):
        some = TEXTS[start : start + 8]
        body = "\n\n".join(f"{text}\n\nLabel: {text}\nOther: {text}\n\n- {text}\n    {text}" for text in some)
        data = {**laced(about.data, some[0]), "links": [{"text": text, "url": "https://a/"} for text in some]}
        for name in ("shoes", "alerts"):
            if name in data:
                data[name] = [laced(each, text) for each, text in zip(data[name], [*some, *some], strict=False)]
        assert_harmless(replace(about, id=some[1], title=some[2], body=body, data=data))


def test_a_hostile_label_stays_text() -> None:
    assert_harmless(Alert("a", "digest", None, "s", "t", 'Shoe <b onclick="x">: 1 of 2 km\nShoe </table><i>: 3', {}))


def test_runs_with_hostile_names_stay_texts() -> None:
    assert_harmless(unassigned({f"strava:{number}": text for number, text in enumerate(TEXTS)}))


RUN = "https://shoes.example.org/-/assign/strava~3A901"


def test_the_pairs_of_a_run_are_links_in_place_of_its_address() -> None:
    about = unassigned({"strava:901": "Sunday long run"})
    message = read_mail(sent(about))
    assert (
        f"Likely: Nike Pegasus 40 (62%), Saucony Speedgoat 5 (30%), Adidas Adios 8 (8%); choose: {RUN}\n" in about.body
    )
    assert part(message, "plain").startswith(f"""\
Run: Sunday long run
Day: 2026-04-03
Distance: 12.3 km (run)
Why: the export names no gear, no rule fits, and there is no default shoe
Nike Pegasus 40 (62%): {RUN}?shoe=pair-1
Saucony Speedgoat 5 (30%): {RUN}?shoe=pair-2
Adidas Adios 8 (8%): {RUN}?shoe=pair-3
Another pair: {RUN}
A tap shows a page; a second tap there gives the run that pair (on shoemon's own machine, or signed in).

A pair named under""")
    buttons = re.findall(r'<a class="link" href="([^"]*)"[^>]*>([^<]*)</a>', part(message, "html"))
    assert buttons == [
        (f"{RUN}?shoe=pair-1", "Nike Pegasus 40 (62%)"),
        (f"{RUN}?shoe=pair-2", "Saucony Speedgoat 5 (30%)"),
        (f"{RUN}?shoe=pair-3", "Adidas Adios 8 (8%)"),
        (RUN, "Another pair"),
        ("https://shoes.example.org/-/assign", "Runs without a shoe"),
    ]
    assert "Likely" not in part(message, "html") and part(message, "html").count("A tap shows a page") == 1


def test_with_tickets_every_link_of_a_run_has_that_of_its_run_and_the_mail_says_who_can() -> None:
    about = with_tickets(unassigned({"strava:901": "One", "strava:902": "Two"}))
    tickets = about.data["tickets"]["runs"]
    assert set(tickets) == {"strava:901", "strava:902"} and len(set(tickets.values())) == 2
    for run in ("901", "902"):
        page = f"https://shoes.example.org/-/assign/strava~3A{run}"
        ticket = f"t={tickets[f'strava:{run}']}"
        expected = [f"{page}?shoe=pair-{number}&{ticket}" for number in (1, 2, 3)] + [f"{page}?{ticket}"]
        for text in Page(part(read_mail(sent(about)), "html")).links, plain_text(as_text(about)).split():
            assert [word for word in text if word.startswith(page)] == expected
    said = "A tap shows a page; a second tap there gives the run that pair (whoever holds this mail can, until 2026-05-04)."
    for kind in ("plain", "html"):
        assert part(read_mail(sent(about)), kind).count(said) == 1


def test_of_many_runs_the_further_ones_are_listed_where_they_are_counted() -> None:
    message = read_mail(sent(LETTERS["unassigned-many"]))
    text, page = part(message, "plain"), part(message, "html").replace("&amp;", "&")
    for said in (text, page):
        above, below = said.split("... and 42 more; the first 40 of them:")
        for number in range(12345678901, 12345678951):
            address = rf"/-/assign/strava~3A{number}\?(?:shoe=pair-\d&)?t=[\w-]+"
            held = [len(re.findall(address, where)) for where in (above, below)]
            assert held == ([4, 0] if number <= 12345678910 else [0, 2]), number
        assert "12345678951" not in said
    assert "- 2026-04-03, 12.3 km: Run 12345678911\n  Nike Pegasus 40 (62%): https" in text


def test_a_mail_about_fifty_runs_with_long_names_and_addresses_stays_below_100_kb() -> None:
    likely = [
        Likely(ShoeId(f"saucony-endorphin-{number}"), f"Saucony Endorphin Speed {number}", 0.3) for number in range(3)
    ]
    runs = [
        OpenRun(f"intervals-icu:i{123456789 + number}", "2026-04-03", "Long run by the river, with Ann", "run", 12_300.0, Reason("none"), likely)
        for number in range(60)
    ]  # fmt: skip
    recipient = RECIPIENT._replace(pages=PageLinks("https://shoes.of-a-long-name.example.org/some/where/shoemon"))
    raw = sent(with_tickets(written("unassigned", OpenRuns(runs), recipient)))
    assert len(raw) < 100_000


def test_a_run_with_no_likely_pair_has_one_link() -> None:
    run = OpenRun("strava:901", "2026-04-03", "", "run", 12_300.0, Reason("none"))
    about = written("unassigned", OpenRuns([run]))
    assert (
        f"Why: the export names no gear, no rule fits, and there is no default shoe\nChoose a pair: {RUN}\nA tap shows"
        in part(read_mail(sent(about)), "plain")
    )
    assert [link for link in Page(html_page(about)).links if link.startswith(RUN)] == [RUN]


def test_a_message_of_an_earlier_version_has_no_links_for_its_runs() -> None:
    """Whose data hold no addresses; it may still wait to be sent when shoemon is upgraded."""
    about = unassigned()
    runs = [{key: value for key, value in run.items() if key != "url"} for run in about.data["runs"]]
    old = replace(about, body="Run: One\nWhy: none\n    - {run: one, shoe: a}", data={**about.data, "runs": runs})
    assert part(read_mail(sent(old)), "plain").startswith(f"{old.body}\n\nRuns without a shoe: https://")


@pytest.mark.parametrize(
    "runs", [None, "x", [None, 1, {}], {"url": RUN}, [{"url": RUN, "likely": "x"}], [{"url": "javascript:alert(1)"}]]
)
def test_odd_runs_make_a_letter_all_the_same(runs: Any) -> None:
    about = replace(unassigned(), data={"runs": runs, "others": 5, "links": [{"text": "x", "url": RUN}]})
    assert not any("javascript" in link for link in Page(part(read_mail(sent(about)), "html")).links)
    assert "Sunday long run" in part(read_mail(sent(about)), "plain")


def test_there_is_room_in_a_page_for_what_is_not_content() -> None:
    empty = len(html_page(Alert("a", "x", None, "s", "<" * 5000, "", {})).encode())
    assert empty + LONGEST < 100_000


def test_the_notifier_starts_without_the_library_that_draws() -> None:
    code = "import sys, shoemon.notifiers.email; sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
