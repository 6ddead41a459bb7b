"""Replace the characters of broken XML that XML forbids, in time linear in its size. Pure."""

import codecs
import re
from collections.abc import Iterator
from html import unescape

_PIECE = 65_536
_DECLARED = re.compile(
    rb"<\?xml[^>]{0,99}?encoding\s*=\s*[\"']((?:gb|big5|euc|shift|iso|latin|windows|cp|koi|mac|ks|tis)[\w.-]{0,20})[\"']",
    re.IGNORECASE,
)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CHINESE = re.compile(rb"(?:[\xa1-\xf7][\xa1-\xfe]){2}")
"""Two characters of GB2312 in a row; words in Latin letters seldom have four bytes outside of ASCII in a row."""
_BYTES_LEFT = re.compile(r"[\udc80-\udcff]")
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&(?:#(?:x[0-9a-fA-F]{1,8}|[0-9]{1,8});|\w{1,32};)?")
_PREDEFINED = ("&amp;", "&lt;", "&gt;", "&quot;", "&apos;")
_DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml\s[^>]{0,200}>")
_OPEN, _CLOSE = b"<![CDATA[", b"]]>"
_CDATA = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z))", re.DOTALL)
_ANGLE = re.compile(
    r"""<[^\W\d][\w:.-]*+(?:\s++[\w:.-]++\s*+=\s*+(?:"[^"]*+"|'[^']*+'))++\s*+/?>"""
    r"|<(?:(?![^\W\d]|[:/!?])|(?=[^<>!?][^<>]*<))"
)
"""A tag with attributes, or what is none."""


def repaired(data: bytes) -> Iterator[bytes]:
    """Yield the XML in `data` as UTF-8: with each byte outside of its encoding read as one of Western Europe, and
    without a declaration, characters and references that XML forbids. A `&` or `<` that begins nothing is text. Lines
    keep their numbers."""
    declared = _DECLARED.match(data)
    encoding = declared[1].decode().lower() if declared else "utf-8"
    if data.startswith(_UTF_16):
        data = data.decode("utf-16", "replace").encode(errors="replace")
    if declaration := _DECLARATION.match(data):
        yield b"\n" * declaration[0].count(b"\n")
    start = declaration.end() if declaration else 0
    while start < len(data):
        end = data.find(b">", start + _PIECE) + 1 or len(data)
        if data.rfind(_OPEN, start, end) > data.rfind(_CLOSE, start, end):
            end = data.find(_CLOSE, end) % len(data) + len(_CLOSE)
        text = _FORBIDDEN.sub("", _decoded(data[start:end], "gb18030" if encoding.startswith("gb") else encoding))
        for place, part in enumerate(_CDATA.split(text)):
            yield (part if place % 2 else _ANGLE.sub(_angle, _REFERENCE.sub(_reference, part))).encode()
        start = end


def _decoded(piece: bytes, encoding: str) -> str:
    for tried in (encoding, "utf-8", *(["gb18030"] if _CHINESE.search(piece) else [])):
        try:
            return piece.decode(tried)
        except (LookupError, UnicodeDecodeError):
            continue
    return _BYTES_LEFT.sub(_western, piece.decode("utf-8", "surrogateescape"))


def _western(byte: re.Match[str]) -> str:
    return bytes([ord(byte[0]) - 0xDC00]).decode("cp1252", "replace")


def _angle(match: re.Match[str]) -> str:
    tag = match[0]
    return tag[0] + tag[1:].replace("<", "&lt;") if tag != "<" else "&lt;"


def _reference(match: re.Match[str]) -> str:
    written = match[0]
    if written in _PREDEFINED:
        return written
    meant = unescape(written)
    if meant == written:
        return f"&amp;{written[1:]}"
    return _FORBIDDEN.sub("", meant).replace("&", "&amp;").replace("<", "&lt;")
