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
_NO_TAG = re.compile(r"<(?:(?![^\W\d]|[:/!?])|(?=[^<>!?][^<>]*<))")


def repaired(data: bytes) -> Iterator[bytes]:
    """Yield the XML in `data` as UTF-8: with each byte outside of its encoding read as one of Western Europe, and
    without characters and references that XML forbids. A `&` or `<` that begins nothing is text. Lines keep their
    numbers."""
    declared = _DECLARED.match(data)
    encoding = declared[1].decode().lower() if declared else "utf-8"
    if data.startswith(_UTF_16):
        data = data.decode("utf-16", "replace").encode(errors="replace")
    start = 0
    while start < len(data):
        end = data.find(b">", start + _PIECE) + 1 or len(data)
        text = _FORBIDDEN.sub("", _decoded(data[start:end], "gb18030" if encoding.startswith("gb") else encoding))
        yield _NO_TAG.sub("&lt;", _REFERENCE.sub(_reference, text)).encode()
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


def _reference(match: re.Match[str]) -> str:
    written = match[0]
    if written in _PREDEFINED:
        return written
    meant = unescape(written)
    if meant == written:
        return f"&amp;{written[1:]}"
    return _FORBIDDEN.sub("", meant).replace("&", "&amp;").replace("<", "&lt;")
