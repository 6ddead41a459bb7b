"""Runs without a shoe in a mail: the pairs each may have been done in, as links to the page that gives it one. Pure.

What is kept of a message, and what other channels are handed, holds plain addresses. A mail's links may have a ticket,
which stands for the right to give one run a pair without signing in. Tickets are made as the mail is sent
(`shoemon.sync.tell.mail_tickets`), and nothing that is kept holds one.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from shoemon.model.alert import Alert
from shoemon.model.units import write_distance
from shoemon.notifiers.mail.figures import UnfitError, metres, read_unit
from shoemon.notifiers.mail.text import header_line, leads_somewhere, lines_of, links

TICKETS = "tickets"
"""In the data of an alert on its way into a mail: `runs`, a ticket by run, and `until`, the last day (ISO date) they
are good for."""
ANOTHER, ANY = "Another pair", "Choose a pair"
_LONGEST_NAME = 60


class AskedRun(NamedTuple):
    """A run without a shoe: what it was, in few words, and links (words, address) of pairs, likeliest first."""

    about: str
    choices: tuple[tuple[str, str], ...]


class Questions(NamedTuple):
    """What a mail asks: runs by the address that a line of the body ends with, in whose place their links stand; and
    those that have no line there, with the address of the line that counts them."""

    own: Mapping[str, AskedRun]
    tap: str
    """What following a link does."""
    further: Sequence[AskedRun] = ()
    listed: str | None = None
    beyond: int = 0
    """Runs beside these, of which only their number is told."""

    def heading(self, line: str) -> str:
        """The line that counts the further runs, as it heads their list."""
        first = f"; the first {len(self.further)} of them" if self.beyond else ""
        return f"{line.rpartition(': ')[0]}{first}:"

    def said_below(self, address: str) -> str:
        """What stands below the links of the run at `address`: below the first, what following one does."""
        return self.tap if address == next(iter(self.own)) else ""


def questions_of(alert: Alert) -> Questions:
    """The runs that `alert` asks about, as far as it holds addresses for them."""
    runs = dict(_runs(alert))
    ends = {end_of(line) for line in lines_of(alert.body)}
    own = {url: run for url, run in runs.items() if url in ends}
    further = [_shortened(run) for url, run in runs.items() if url not in ends]
    counted = [url for _, url in links(alert) if url in ends and url not in runs]
    if not further or not counted:
        return Questions(own, _tap_words(alert))
    return Questions(own, _tap_words(alert), further, counted[0], len(_items(alert.data.get("others"))))


def end_of(line: str) -> str:
    """What stands behind the last colon of a line."""
    return line.rpartition(": ")[2].strip()


def tickets_of(alert: Alert) -> tuple[str, Mapping[str, str]]:
    """The last day of the tickets of a mail, and the tickets by run; a mail has none unless it was given them."""
    given = alert.data.get(TICKETS)
    return (given["until"], given["runs"]) if isinstance(given, Mapping) else ("", {})


def further_pages(alert: Alert, questions: Questions) -> list[tuple[str, str]]:
    """The pages about `alert` but those that the links of its runs lead to."""
    return [(text, url) for text, url in links(alert) if url not in questions.own]


def as_text(alert: Alert) -> Alert:
    """`alert` as it is told in plain text: the links of its runs in their places, one a line."""
    questions = questions_of(alert)
    if not questions.own:
        return alert
    body: list[str] = []
    for line in lines_of(alert.body):
        end = end_of(line)
        if end in questions.own:
            body += [f"{words}: {url}" for words, url in questions.own[end].choices]
            body += [said] if (said := questions.said_below(end)) else []
        elif end == questions.listed:
            body += [questions.heading(line), *_listed(questions.further)]
        else:
            body.append(line)
    pages = [{"text": text, "url": url} for text, url in further_pages(alert, questions)]
    return replace(alert, body="\n".join(body), data={**alert.data, "links": pages})


def _listed(runs: Sequence[AskedRun]) -> Iterator[str]:
    for run in runs:
        yield f"- {run.about}"
        yield from (f"  {words}: {url}" for words, url in run.choices)


def _shortened(run: AskedRun) -> AskedRun:
    """The run with its likeliest pair only, and the link for another: a mail about fifty runs stays below 100 kB."""
    return run._replace(choices=run.choices if len(run.choices) < 3 else (run.choices[0], run.choices[-1]))


def _runs(alert: Alert) -> Iterator[tuple[str, AskedRun]]:
    """The runs of the data by their own address; what is no run with a plain address is left out."""
    if alert.kind != "unassigned":
        return
    _, tickets = tickets_of(alert)
    for run in _mappings(alert.data.get("runs")):
        url = run.get("url")
        if isinstance(url, str) and leads_somewhere(url):
            ticket = tickets.get(str(run.get("run")))
            likely = [(_pair(each), each.get("url")) for each in _mappings(run.get("likely"))]
            choices = [(words, each) for words, each in likely if isinstance(each, str) and leads_somewhere(each)]
            choices.append((ANOTHER if choices else ANY, url))
            about = _about(run, str(alert.data.get("unit")))
            yield url, AskedRun(about, tuple((words, _with_ticket(each, ticket)) for words, each in choices))


def _pair(likely: Mapping[str, Any]) -> str:
    name, share = header_line(str(likely.get("name")))[:_LONGEST_NAME] or "A pair", likely.get("share")
    return f"{name} ({share:.0%})" if isinstance(share, int | float) and 0 < share <= 1 else name


def _about(run: Mapping[str, Any], unit: str) -> str:
    """`2026-04-03, 12.3 km: Sunday long run`."""
    said = str(run.get("local_date"))
    with contextlib.suppress(UnfitError):
        said += f", {write_distance(metres(run.get('distance_m')), read_unit(unit))}"
    return header_line(f"{said[:_LONGEST_NAME]}: {header_line(str(run.get('name') or run.get('run')))[:_LONGEST_NAME]}")


def _tap_words(alert: Alert) -> str:
    """What following a link does, and who can, in one line."""
    until, tickets = tickets_of(alert)
    who = f"whoever holds this mail can, until {until}" if tickets else "on shoemon's own machine, or signed in"
    return f"A tap shows a page; a second tap there gives the run that pair ({who})."


def _with_ticket(url: str, ticket: str | None) -> str:
    return url if ticket is None else f"{url}{'&' if '?' in url else '?'}t={ticket}"


def _mappings(given: Any) -> list[Mapping[str, Any]]:
    return [each for each in _items(given) if isinstance(each, Mapping)]


def _items(given: Any) -> Sequence[Any]:
    return given if isinstance(given, Sequence) and not isinstance(given, str) else ()
