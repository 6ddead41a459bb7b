"""The HTML part of a mail: tables and inline styles, which is what mail programs can do, for light and dark. Pure.

Everything that an alert says is escaped here, and nothing is fetched: pictures come with the mail.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from shoemon.model.alert import Alert
from shoemon.notifiers.mail.blocks import LetterBlock, blocks_of
from shoemon.notifiers.mail.canvas import DARK, LIGHT, WIDTH, Picture
from shoemon.notifiers.mail.links import page_links, pair_buttons, run_list
from shoemon.notifiers.mail.runs import Questions, end_of, further_pages, questions_of
from shoemon.notifiers.mail.text import FOOTER, header_line, lines_of, members, pause_of

LONGEST = 80_000
"""Bytes of content. Gmail cuts a page off at 102 kB."""
LONGEST_HEADING = 600
_KINDS = {
    "soon": ("soon", "Soon at its limit"), "due": ("due", "At its limit"), "over": ("over", "Past its limit"),
    "several": ("due", "Several pairs"), "digest": ("quiet", "Your pairs"), "weekly": ("quiet", "Your week"),
    "hard_share": ("quiet", "Ground"), "stale": ("due", "Source"), "unassigned": ("quiet", "Which shoe?"),
    "longest": ("quiet", "A long run"), "return_plan": ("quiet", "Your plan"), "test": ("quiet", "A test"),
}  # fmt: skip
"""Colour and words above the heading."""
_DARK_RULES = "".join(
    f"  {rule}\n"
    for rule in (
        f".paper {{ background: {DARK['paper']} !important; }}",
        f".card {{ background: {DARK['card']} !important; border-color: {DARK['line']} !important; }}",
        f".ink {{ color: {DARK['ink']} !important; }}",
        f".quiet {{ color: {DARK['quiet']} !important; }}",
        f".code {{ background: {DARK['track']} !important; color: {DARK['ink']} !important; }}",
        f".link {{ color: {DARK['link']} !important; border-color: {DARK['link']} !important; }}",
        f".line {{ border-color: {DARK['line']} !important; }}",
        *(f".{name} {{ color: {DARK[name]} !important; }}" for name in ("soon", "due", "over")),
        ".light { display: none !important; }",
        ".dark { display: block !important; }",
    )
)
_ABOVE_LIST = "margin:0 0 6px;font-weight:600"
_FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',Arial,sans-serif"
_MONO = "font-family:ui-monospace,Consolas,Menlo,'DejaVu Sans Mono',monospace"
_PAGE = f"""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{{title}}</title>
<style>
:root {{{{ color-scheme: light dark; supported-color-schemes: light dark; }}}}
@media (max-width: 480px) {{{{ .wide {{{{ padding-left: 13px !important; padding-right: 13px !important; }}}} }}}}
@media (prefers-color-scheme: dark) {{{{
{_DARK_RULES.replace("{", "{{").replace("}", "}}")}}}}}
</style>
</head>
<body class="paper" style="margin:0;padding:0;background:{LIGHT["paper"]};-webkit-text-size-adjust:100%">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">{{preheader}}</div>
<table role="presentation" class="paper" width="100%" cellpadding="0" cellspacing="0" border="0" \
style="background:{LIGHT["paper"]}"><tr><td align="center" style="padding:12px 4px">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0" \
style="max-width:550px;background:{LIGHT["card"]};border:1px solid {LIGHT["line"]};border-radius:10px">
<tr><td class="ink wide" align="left" style="padding:24px 24px 8px;color:{LIGHT["ink"]};{_FONT};\
font-size:16px;line-height:1.5;overflow-wrap:anywhere;word-break:break-word">
<p style="margin:0 0 4px;font-size:14px"><span class="quiet" style="color:{LIGHT["quiet"]}">shoemon</span>{{kicker}}</p>
<h1 dir="auto" style="font-size:22px;line-height:1.3;margin:0 0 16px">{{heading}}</h1>
{{content}}
</td></tr>
<tr><td class="quiet wide line" align="left" style="padding:14px 24px 18px;border-top:1px solid {LIGHT["line"]};\
color:{LIGHT["quiet"]};{_FONT};font-size:13px;line-height:1.5">
{{footer}}
</td></tr>
</table>
</td></tr></table>
</body>
</html>
"""
_CODE = (
    f'style="{_MONO};font-size:14px;line-height:1.5;background:{LIGHT["track"]};color:{LIGHT["ink"]};border-radius:6px;'
)


def html_page(alert: Alert, pictures: Sequence[Picture] = (), addresses: Mapping[str, str] | None = None) -> str:
    """The page about `alert`. `addresses` are those of pictures inside the mail (`cid:...`) by `light` and `dark`
    and the picture's name, such as `life-light`."""
    title = header_line(alert.title)[:LONGEST_HEADING]
    colour, words = _KINDS.get(alert.kind, ("quiet", ""))
    kicker = f' &nbsp;<strong class="{colour}" style="color:{LIGHT[colour]}">{words}</strong>' if words else ""
    first = pictures[0].alt if len(pictures) == 1 else next((line for line in lines_of(alert.body) if line.strip()), "")
    return _PAGE.format(
        title=html.escape(title),
        heading=_whole_days(title),
        preheader=html.escape(header_line(first)[:200]),
        kicker=kicker,
        content="\n".join(_content(alert, pictures, addresses or {})),
        footer=_footer(alert),
    )


def _footer(alert: Alert) -> str:
    pause = pause_of(alert)
    how = f'; for a pause: <code style="white-space:nowrap">{html.escape(pause)}</code>' if pause else "."
    return f"{_words(FOOTER)}{how}"


def _content(alert: Alert, pictures: Sequence[Picture], addresses: Mapping[str, str]) -> list[str]:
    """Pictures, body and pages; of a body that is too long for one page, what fits."""
    questions = questions_of(alert)
    pages = page_links(further_pages(alert, questions))
    parts: list[str] = []
    room = LONGEST - len(pages.encode())
    for part in _parts(alert, pictures, addresses, questions):
        room -= len(part.encode())
        if room < 0:
            parts.append(_paragraph(["There is more: the plain text of this mail holds all of it."]))
            break
        parts.append(part)
    return [*parts, *([pages] if pages else [])]


def _parts(
    alert: Alert, pictures: Sequence[Picture], addresses: Mapping[str, str], questions: Questions
) -> Iterator[str]:
    """The parts in their order: a picture about one of several stands below the title of that one, the pairs that a run
    may have been done in below what is said of it."""
    titles = {header_line(str(member.get("title", ""))) for member in members(alert)}
    waiting = {header_line(picture.about): picture for picture in pictures if header_line(picture.about) in titles}
    yield from (_picture(each, addresses) for each in pictures if header_line(each.about) not in titles)
    for block in blocks_of(lines_of(alert.body)):
        line = block.lines[0][0].strip()
        if block.kind == "text" and len(block.lines) == 1 and line in titles:
            yield f'<h2 dir="auto" style="font-size:18px;line-height:1.3;margin:28px 0 12px">{html.escape(line)}</h2>'
            if picture := waiting.pop(line, None):
                yield _picture(picture, addresses)
        elif any(end_of(each[-1]) in questions.own for each in block.lines):
            yield from _asked(block, questions)
        elif end_of(line) == questions.listed:
            yield _paragraph([questions.heading(line)], _ABOVE_LIST)
            yield run_list(questions.further)
        else:
            yield _block(block)
    yield from (_picture(each, addresses) for each in waiting.values())


def _asked(block: LetterBlock, questions: Questions) -> Iterator[str]:
    """A run without a shoe: its facts, and links for the pairs in place of the line with its address."""
    ends = [end_of(line[-1]) for line in block.lines]
    told = tuple(line for line, end in zip(block.lines, ends, strict=True) if end not in questions.own)
    if told:
        yield _block(replace(block, lines=told))
    yield from (pair_buttons(questions.own[end], questions.said_below(end)) for end in ends if end in questions.own)


def _block(block: LetterBlock) -> str:
    if block.kind == "facts":
        rows = "\n".join(_fact(label, value) for label, value in block.lines)
        return f'<table cellpadding="0" cellspacing="0" border="0" style="margin:0 0 16px">\n{rows}\n</table>'
    if block.kind == "items":
        items = "\n".join(
            f'<li dir="auto" style="margin:0 0 6px">{_words(item)}{_code(code) if code else ""}</li>'
            for item, *code in block.lines
        )
        return f'<ul style="margin:0 0 16px;padding:0 0 0 20px">\n{items}\n</ul>'
    lines = [line for (line,) in block.lines]
    if block.kind == "code":
        return _code(lines)
    return _paragraph(lines, _ABOVE_LIST if block.kind == "heading" else "margin:0 0 16px")


def _fact(label: str, value: str) -> str:
    return (
        f'<tr><th class="quiet" scope="row" align="left" valign="top" dir="auto" style="padding:2px 16px 2px 0;'
        f'font-weight:400;overflow-wrap:break-word;word-break:normal;color:{LIGHT["quiet"]}">{html.escape(label)}</th>'
        f'<td dir="auto" valign="top" style="padding:2px 0">{_words(value)}</td></tr>'
    )


def _paragraph(lines: Sequence[str], style: str = "margin:0 0 16px") -> str:
    return f'<p dir="auto" style="{style}">' + "<br>\n".join(map(_words, lines)) + "</p>"


def _code(lines: Sequence[str]) -> str:
    """Lines to copy, as they are."""
    text = "\n".join(map(html.escape, lines))
    return (
        f'<pre class="code" {_CODE}margin:6px 0 12px;padding:8px 12px;white-space:pre-wrap"><code>{text}</code></pre>'
    )


def _words(text: str) -> str:
    """`text`, escaped, with what stands between backticks as code."""
    pieces = re.split(r"`([^`]{1,80})`", text)
    return "".join(
        f'<code class="code" {_CODE}padding:1px 5px">{html.escape(piece)}</code>' if number % 2 else _whole_days(piece)
        for number, piece in enumerate(pieces)
    )


def _whole_days(text: str) -> str:
    """`text`, escaped, with its days (2026-05-03) kept on one line."""
    return re.sub(r"\b\d{4}-\d\d-\d\d\b", r'<span style="white-space:nowrap">\g<0></span>', html.escape(text))


def _picture(picture: Picture, addresses: Mapping[str, str]) -> str:
    """The picture for light screens, and hidden beside it the one for dark screens, which take their turns."""
    width = WIDTH // 2
    shown = {
        light: f'<img src="{html.escape(addresses.get(f"{picture.name}-{light}", ""))}" width="{width}" '
        f'alt="{html.escape(header_line(picture.alt))}" style="display:block;width:100%;max-width:{width}px;'
        f'height:auto;border:0;border-radius:6px;background:{colours["card"]};color:{colours["ink"]}">'
        for light, colours in (("light", LIGHT), ("dark", DARK))
    }
    return (
        f'<div class="light" style="margin:0 0 16px">{shown["light"]}</div>\n'
        '<!--[if !mso]><!--><div class="dark" style="display:none;mso-hide:all;margin:0 0 16px">'
        f"{shown['dark']}</div><!--<![endif]-->"
    )
