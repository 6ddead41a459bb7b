"""What mails look like inside: their parts, the page, the text, and the same bytes every time."""

import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser

import pytest
from kit.hostile import TEXTS
from kit.letters import RECIPIENT, TODAY, letters, unassigned, with_tickets, written
from kit.mails import part, read_mail
from kit.places import ROOT, TESTS
from words.test_letters import laced

from shoemon.decide.alerts.facts import OpenRun, OpenRuns
from shoemon.decide.likely_shoes import Likely
from shoemon.model.alert import Alert
from shoemon.model.ids import ShoeId
from shoemon.model.reason import Reason
from shoemon.notifiers.mail.html import LONGEST, html_page, template
from shoemon.notifiers.mail.message import compose
from shoemon.store.tickets import PAIR, is_valid
from shoemon.words.blocks import AskedRun, Letter, MoreRuns
from shoemon.words.letter import letter_of
from shoemon.words.recipient import PageLinks

LETTERS = letters()


def sent(about: Alert) -> bytes:
    return compose(about, "2026-04-04T06:00:00Z", "mail", "me@example.org", ["me@example.org"]).as_bytes()


def text_of(about: Alert) -> str:
    return part(read_mail(sent(about)), "plain")


def html_of(about: Alert) -> str:
    return part(read_mail(sent(about)), "html")


class Page(HTMLParser):
    """Tags with the names of their attributes, where links lead, what is drawn in words, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[tuple[str, tuple[str, ...]]] = set()
        self.links: list[str] = []
        self.drawn: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add((tag, tuple(sorted(name for name, _ in attrs))))
        held = dict(attrs)
        if tag == "a":
            self.links.append(held["href"] or "")
        if held.get("role") == "img":
            self.drawn.append(held["aria-label"] or "")

    def handle_data(self, data: str) -> None:
        self.text += data


MANY = Alert(
    "a", "x", None, "s", "t", "one\ntwo", {"links": [{"text": str(n), "url": f"https://a/{n}"} for n in range(70)]}
)


@cache
def plain_tags() -> set[tuple[str, tuple[str, ...]]]:
    """All the markup of letters without hostile texts; hostile ones get no other."""
    return {tag for about in (*LETTERS.values(), unassigned(url=None), MANY) for tag in Page(html_of(about)).tags}


def test_there_is_no_markup_that_could_fetch_or_run() -> None:
    assert {tag for tag, _ in plain_tags()} == {
        "html", "head", "meta", "title", "style", "body", "div", "table", "tr", "td", "th", "p", "span", "strong", "h1", "h2",
        "ul", "li", "pre", "code", "a", "br",
    }  # fmt: skip
    assert not {
        name for _, names in plain_tags() for name in names if name.startswith("on") or name in ("src", "background")
    }
    assert not any("url(" in html_of(about) for about in LETTERS.values())


@pytest.mark.parametrize("name", LETTERS)
def test_a_mail_is_small_text_and_html_the_same_each_time_and_every_link_is_its_own(name: str) -> None:
    raw = sent(LETTERS[name])
    assert len(raw) < (100_000 if name == "unassigned-many" else 65_000)
    assert raw == sent(letters()[name])
    message = read_mail(raw)
    assert [each.get_content_type() for each in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert Page(part(message, "html")).links == links_within(LETTERS[name]) != []


def links_within(about: Alert) -> list[str]:
    """Where the links of a mail lead, in their order: those of runs first, and each page once."""
    letter, tickets = letter_of(about), about.data.get("tickets", {"made": {}})["made"]
    asked = [block for block in letter.blocks if isinstance(block, AskedRun)]
    further = [run for block in letter.blocks if isinstance(block, MoreRuns) for run in block.runs]
    runs = [(link.url, tickets.get(run.run)) for run in [*asked, *further] for link in run.choices]
    offered = {link.url for run in asked for link in run.choices}
    with_ticket = [url if ticket is None else f"{url}{'&' if '?' in url else '?'}t={ticket}" for url, ticket in runs]
    return with_ticket + [page.url for page in letter.pages if page.url not in offered]


@pytest.mark.slow
def test_another_process_writes_the_same_letter() -> None:
    code = "import sys, hashlib; from notifiers.test_letter import *; print(hashlib.sha256(sent(LETTERS['soon'])).hexdigest())"
    runs = [
        subprocess.run([sys.executable, "-c", code], cwd=TESTS, env={"PYTHONHASHSEED": seed}, capture_output=True, check=True)
        for seed in ("1", "2")
    ]  # fmt: skip
    assert runs[0].stdout == runs[1].stdout != b""


@pytest.mark.parametrize("body", ["word " * 25_000, "<&>\n\n" * 12_000, "- <\n" * 20_000, "A: <\nB: >\n" * 10_000])
def test_no_page_is_so_long_that_it_is_cut_off_and_the_text_holds_all(body: str) -> None:
    message = read_mail(sent(Alert("a", "soon", None, "soon", "<" * 9000, f"first\n\n{body}\n\nlast", {})))
    page = part(message, "html")
    assert len(page.encode()) < 100_000
    assert "There is more" in page and "first" in page and page.endswith("</html>\n")
    assert "last\n" in part(message, "plain")


def test_a_page_of_many_pairs_is_cut_before_mail_programs_do() -> None:
    several = LETTERS["several"]
    member = several.data["alerts"][0]
    members = [{**member, "name": f"{'x' * 2000} {number}"} for number in range(30)]
    assert len(html_of(replace(several, data={**several.data, "alerts": members})).encode()) < 100_000


def test_light_is_shown_where_nothing_else_is_known_and_dark_takes_its_turn() -> None:
    page = html_of(LETTERS["soon"])
    light, dark = template().light, template().dark
    assert f'bgcolor="{light["card"]}"' in page and f"color:{light['ink']}" in page
    rules = page.split("@media (prefers-color-scheme: dark)")[1].split("</style>")[0]
    assert set(dark.values()) - set(re.findall("#[0-9a-f]{6}", rules)) == set()
    wanted = (
        'lang="en"',
        'name="color-scheme" content="light dark"',
        "max-width:550px",
        'role="presentation"',
        'dir="auto"',
    )
    assert [each for each in wanted if each not in page] == []


def contrast(one: str, other: str) -> float:
    """How far two colours (#rrggbb) stand apart, 1 to 21, as WCAG 2.2 reckons it."""

    def luminance(colour: str) -> float:
        channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    less, more = sorted((luminance(one), luminance(other)))
    return (more + 0.05) / (less + 0.05)


def test_words_keep_their_contrast_and_what_is_drawn_holds_on_white_black_and_both_cards() -> None:
    """Text 4.5:1 on what it stands on, shapes 3:1, as WCAG 2.2 asks; what is drawn has one colour for all screens."""
    light, dark, drawn = template().light, template().dark, template().drawn
    for colours in (light, dark):
        words = {
            name: contrast(colours[name], colours["card"]) for name in ("ink", "quiet", "link", "soon", "due", "over")
        }
        words["code"] = contrast(colours["ink"], colours["track"])
        assert {name for name, found in words.items() if found < 4.5} == set()
    for ground in ("#ffffff", "#000000", light["card"], dark["card"]):
        assert {name for name, colour in drawn.items() if contrast(colour, ground) < 3} == set()
    assert {name for name, colour in drawn.items() if contrast(colour, "#ffffff") < 4.5} == {"edge"}  # holds no words
    assert abs(contrast("#000000", "#ffffff") - 21) < 0.01 and abs(contrast("#777777", "#ffffff") - 4.48) < 0.01


def test_the_colours_of_words_are_those_of_the_pages() -> None:
    css = (ROOT / "plugins/static/frame.css").read_text(encoding="utf-8")
    of_pages = [dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", each)) for each in css.split("prefers-color-scheme")[:2]]
    for colours, pages in zip((template().light, template().dark), of_pages, strict=True):
        assert {name: pages.get(name) for name in colours} == colours


def test_what_is_drawn_is_also_said_in_words() -> None:
    page = Page(html_of(LETTERS["soon"]))
    bar, weeks = page.drawn
    assert bar == "before 7%, hard 59%, soft 21%, unknown 3%"
    assert weeks.startswith("Worn km in each of the last 26 weeks, oldest first: ")
    for words in ("50 km before", "372 km hard", "138 km soft", "21 km unknown", "2025-10-04", "2026-04-04"):
        assert words in page.text
    for name in LETTERS:
        assert all(re.search(r"\d", words) for words in Page(html_of(LETTERS[name])).drawn)


def test_the_first_words_are_the_news() -> None:
    page = html_of(LETTERS["soon"])
    assert '<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">Used: 582 km of 640 km (91%)' in page


def test_the_text_holds_the_bar_the_body_the_pages_and_the_way_out() -> None:
    about = LETTERS["over"]
    text = text_of(about)
    assert text.startswith(
        f"[{'#' * 30}|####] 114% of 640 km\n{about.body}\n\nAdidas Adios 8: https://shoes.example.org/"
    )
    assert text.endswith("its shoemon.yaml names your address under “notify”. Change that to stop or redirect its mails.\n"
                         f"To mute these alerts for a while:\n    shoemon alerts snooze {about.shoe}\n")  # fmt: skip
    assert text_of(LETTERS["stale"]).endswith("To mute these alerts for a while:\n    shoemon alerts snooze stale\n")
    assert text_of(LETTERS["several"]).endswith("Change that to stop or redirect its mails.\n")


def test_in_a_letter_about_several_each_bar_stands_below_its_title() -> None:
    lines = text_of(LETTERS["several"]).splitlines()
    drawn = [number for number, line in enumerate(lines) if line.startswith("[#")]
    assert [lines[number - 2] for number in drawn] == [each["title"] for each in LETTERS["several"].data["alerts"]]
    order = re.findall(r'<h2|role="img"|<ul', html_of(LETTERS["several"]))
    assert order == ["<h2", 'role="img"', 'role="img"', "<ul"] * 3 + ["<ul"]


def test_what_is_to_be_copied_is_code_and_days_stay_whole() -> None:
    page = html_of(LETTERS["soon"])
    assert re.search(r"<pre [^>]*><code>shoemon shoes retire pair-1</code></pre>", page)
    assert 'about <span style="white-space:nowrap">2026-05-03</span> (' in page


def test_many_links_are_a_list() -> None:
    pages = [html_of(replace(MANY, data={"links": MANY.data["links"][:count]})) for count in (4, 70)]
    assert [(page.count("<a "), "<ul" in page) for page in pages] == [(4, False), (50, True)]


def test_a_message_of_another_version_is_sent_in_its_stored_words() -> None:
    """It may still wait to be sent when shoemon is upgraded."""
    runs = [{key: value for key, value in run.items() if key != "why"} for run in unassigned().data["runs"]]
    old = replace(unassigned(), body="Run: <One>\nWhy: none\n\nA rule", data={**unassigned().data, "runs": runs})
    assert text_of(old).startswith(f"{old.body}\n\nRuns without a shoe: https://")
    assert '<p dir="auto" style="margin:0 0 16px">Run: &lt;One&gt;<br>\nWhy: none</p>' in html_of(old)
    for data in ({}, {"links": None}, {"links": "x"}, {"alerts": 5}, {"shoes": [1]}, {"unit": "km"}):
        for kind in ("several", "of-somebody-else", "<b>"):
            about = Alert("a", kind, None, "s", "Title", "Body", data)
            assert "Title" in html_of(about) and text_of(about).startswith("Body\n")


def assert_harmless(about: Alert) -> None:
    message = read_mail(sent(about))
    assert sorted(message.keys()) == sorted([
        "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "X-Shoemon-Alert", "MIME-Version", "Content-Type",
    ])  # fmt: skip
    page, text = part(message, "html"), part(message, "plain")
    assert Page(page).tags <= plain_tags()
    ours = "|".join(sorted({tag for tag, _ in plain_tags()}))
    kept = re.sub(rf"<(?:/?(?:{ours})\b|!DOCTYPE)", "", page)
    assert "<" not in kept, kept[kept.index("<") - 80 :][:160]
    assert re.findall(r"[\x00-\x08\x0b-\x1f]", page + text) == []
    assert "evil@example.com" not in str(message["Bcc"]) + str(message["To"])


@pytest.mark.slow
@pytest.mark.parametrize("name", LETTERS)
def test_hostile_texts_stay_texts(name: str) -> None:
    about = LETTERS[name]
    for text in TEXTS:
        links = [{"text": text, "url": "https://a/"}]
        assert_harmless(replace(about, id=text, data={**laced(about.data, text), "links": links}))
        assert_harmless(replace(about, id=text, title=text, body=f"{text}\n\nLabel: {text}\n- {text}", data={}))


def test_runs_with_hostile_names_stay_texts() -> None:
    assert_harmless(unassigned({f"strava:{number}": text for number, text in enumerate(TEXTS)}))


WHY = "the export names no gear, no rule fits, and there is no default shoe"
RUN = "https://shoes.example.org/-/assign/strava~3A901"


def test_the_pairs_of_a_run_are_links_in_mails_and_its_page_stands_in_other_messages() -> None:
    about = unassigned({"strava:901": "Sunday long run"})
    message = read_mail(sent(about))
    facts = f"Run: Sunday long run\nDay: 2026-04-03\nDistance: 12.3 km (run)\nWhy: {WHY}\n"
    assert about.body.startswith(
        f"{facts}Likely: Nike Pegasus 40 (62%), Saucony Speedgoat 5 (30%), Adidas Adios 8 (8%)\nChoose: {RUN}\n\n"
    )
    assert part(message, "plain").startswith(f"""\
{facts}\
Nike Pegasus 40 (62%): {RUN}?shoe=pair-1
Saucony Speedgoat 5 (30%): {RUN}?shoe=pair-2
Adidas Adios 8 (8%): {RUN}?shoe=pair-3
Another pair: {RUN}
Each link opens a page where you confirm the pair (on shoemon's own machine, or signed in).

You can also set the pair under""")
    buttons = re.findall(r'<a class="link" href="([^"]*)"[^>]*>([^<]*)</a>', part(message, "html"))
    assert buttons == [
        (f"{RUN}?shoe=pair-1", "Nike Pegasus 40 (62%)"),
        (f"{RUN}?shoe=pair-2", "Saucony Speedgoat 5 (30%)"),
        (f"{RUN}?shoe=pair-3", "Adidas Adios 8 (8%)"),
        (RUN, "Another pair"),
        ("https://shoes.example.org/-/assign", "Runs without a shoe"),
    ]
    assert "Likely" not in part(message, "html") and part(message, "html").count("Each link opens a page") == 1


def test_with_tickets_every_link_of_a_run_has_that_of_its_run_and_the_mail_says_who_can() -> None:
    about = with_tickets(unassigned({"strava:901": "One", "strava:902": "Two"}))
    tickets = about.data["tickets"]["made"]
    assert set(tickets) == {"strava:901", "strava:902"} and len(set(tickets.values())) == 2
    for run in ("901", "902"):
        page = f"https://shoes.example.org/-/assign/strava~3A{run}"
        ticket = f"t={tickets[f'strava:{run}']}"
        expected = [f"{page}?shoe=pair-{number}&{ticket}" for number in (1, 2, 3)] + [f"{page}?{ticket}"]
        for text in Page(html_of(about)).links, text_of(about).split():
            assert [word for word in text if word.startswith(page)] == expected
    said = "Each link opens a page where you confirm the pair (so can whoever has this mail, until 2026-05-04)."
    for kind in ("plain", "html"):
        assert part(read_mail(sent(about)), kind).count(said) == 1


def test_of_many_runs_the_further_ones_are_listed_where_they_are_counted() -> None:
    about = LETTERS["unassigned-many"]
    text, page = text_of(about), html_of(about).replace("&amp;", "&")
    for said in (text, page):
        above, below = said.split("... and 42 more; the first 40 of them:")
        for number in range(12345678901, 12345678951):
            address = rf"/-/assign/strava~3A{number}\?(?:shoe=pair-\d&)?t=[\w-]+"
            held = [len(re.findall(address, where)) for where in (above, below)]
            assert held == ([4, 0] if number <= 12345678910 else [0, 2]), number
        assert "12345678951" not in said
    assert "- 2026-04-03, 12.3 km: Run 12345678911\n  Nike Pegasus 40 (62%): https" in text
    assert "... and 42 more: https://shoes.example.org/-/assign\n" in about.body


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
    about = written("unassigned", OpenRuns([OpenRun("strava:901", "2026-04-03", "", "run", 12_300.0, Reason("none"))]))
    assert f"Why: {WHY}\nChoose a pair: {RUN}\nEach link opens" in text_of(about)
    assert [link for link in Page(html_of(about)).links if link.startswith(RUN)] == [RUN]


def test_there_is_room_in_a_page_for_what_is_not_content() -> None:
    empty = len(html_page("x", Letter("<" * 5000, ()), (), "").encode())
    assert empty + LONGEST < 100_000


def test_the_notifier_starts_without_the_library_of_the_template() -> None:
    code = "import sys, shoemon.notifiers.email; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_page_that_changes_a_pair_has_the_ticket_of_the_pair_in_mails_alone() -> None:
    for name in ("soon", "several"):
        plain, about = LETTERS[name], with_tickets(LETTERS[name])
        pages = [link for link in plain.data["links"] if "shoe" in link]
        made = about.data["tickets"]["made"]
        assert pages and made.keys() == {link["url"] for link in pages}
        for link in pages:
            assert is_valid(b"k" * 32, PAIR, link["shoe"], made[link["url"]], TODAY)
            assert f"{link['text']}: {link['url']}?t={made[link['url']]}" in text_of(about)
            assert "?t=" not in text_of(plain)
