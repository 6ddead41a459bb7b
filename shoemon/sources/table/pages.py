"""Download all pages of a url, before the first record is read."""

import hashlib
import re
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from shoemon.config.kinds import Secret, refuse_secrets_in_the_open
from shoemon.model.contracts import Cursor
from shoemon.model.errors import ShoemonError, SourceError
from shoemon.net.addresses import origin, shown
from shoemon.net.download import Fetched, Limits, fetch
from shoemon.sources.kit.files import parse_json
from shoemon.sources.table.json_records import at, steps
from shoemon.sources.table.settings import Header, Pages, TableSettings
from shoemon.sources.table.text import table_in

MOST_PAGES = 1000
_SHORTEST_SECRET = 16
"""Characters. Something shorter may be a word, a day or a distance of the table, and masking it could lose a run."""
_IN_MEMORY = 8 * 2**20

Page = tuple[str, str, IO[bytes]]
"""A page's name for messages, the name that decides its format, and its bytes."""
Request = Callable[[str, dict[str, str]], Fetched]
Mask = Callable[[bytes], bytes]


class Download(NamedTuple):
    """All pages, and what the cursor stores of them."""

    unchanged: bool
    pages: list[Page]
    remembered: Cursor

    def close(self) -> None:
        for _, _, body in self.pages:
            body.close()


def fetch_pages(settings: TableSettings, base: Path, known: Cursor) -> Download:
    """Download all pages of `settings.url`. Raises SourceError if one of them fails: a part is not the whole."""
    request, mask = _requester(settings, base), _mask(settings, base)
    if settings.pages is not None:
        return _compared(_masked(_all_pages(settings, settings.pages, request, mask), mask), {}, known)
    validators = {key: str(known[key]) for key in ("etag", "last_modified") if known.get(key)}
    fetched = request(str(settings.url), validators)
    if fetched.unchanged:
        fetched.body.close()
        return Download(True, [], {})
    name = urlsplit(str(settings.url)).path.rpartition("/")[2]
    page = (name or shown(str(settings.url)), name, fetched.body)
    return _compared(_masked([page], mask), fetched.validators, known)


def _compared(pages: list[Page], validators: dict[str, str], known: Cursor) -> Download:
    digest = hashlib.sha256()
    for _, _, body in pages:
        digest.update(str(body.seek(0, 2)).encode() + b"\n")
        body.seek(0)
        while chunk := body.read(2**20):
            digest.update(chunk)
    remembered = {"sha256": digest.hexdigest(), "etag": None, "last_modified": None, **validators}
    download = Download(remembered["sha256"] == known.get("sha256"), pages, remembered)
    if not download.unchanged:
        return download
    download.close()
    return download._replace(pages=[])


def _requester(settings: TableSettings, base: Path) -> Request:
    """Return a function that downloads one address; all downloads share one deadline and one limit of bytes."""
    headers = _revealed(settings, base)
    credentials = _credentials(settings)
    limits = Limits()
    deadline, size = time.monotonic() + limits.total_s, limits.size

    def request(url: str, validators: dict[str, str]) -> Fetched:
        nonlocal size
        left = limits._replace(total_s=deadline - time.monotonic(), size=size)
        fetched = fetch(url, headers=headers, validators=validators, limits=left, credentials=credentials)
        size -= fetched.body.seek(0, 2)
        fetched.body.seek(0)
        return fetched

    return request


def _revealed(settings: TableSettings, base: Path) -> dict[str, str]:
    try:
        headers = {name: header.reveal(base) for name, header in settings.headers.items()}
        if settings.user is not None and settings.password is not None:
            login = f"{settings.user}:{settings.password.reveal(base)}"
            headers["Authorization"] = "Basic " + b64encode(login.encode()).decode()
    except ShoemonError as error:
        raise SourceError(str(error), retryable=False) from None
    return headers


def _mask(settings: TableSettings, base: Path) -> Mask:
    """Return a function that replaces credentials by asterisks, in the forms in which a server may repeat them."""
    hidden = [header for header in settings.headers.values() if header.text is None]
    secrets = [Secret.reveal(each, base) for each in (*hidden, settings.password) if each is not None]
    secrets += [value.removeprefix("Basic ") for value in _revealed(settings, base).values() if value[:6] == "Basic "]
    secrets += [value for name, value in parse_qsl(urlsplit(str(settings.url)).query) if _is_secret(name)]
    long = sorted((each for each in secrets if len(each) >= _SHORTEST_SECRET), key=len, reverse=True)
    forms = [form for each in long for form in (each, quote(each, safe="", errors="replace"), each.replace("/", r"\/"))]
    if not forms:
        return bytes
    any_of = re.compile(b"|".join(re.escape(form.encode("utf-8", "replace")) for form in forms))
    return lambda content: any_of.sub(lambda found: b"*" * len(found[0]), content)


def _is_secret(name: str) -> bool:
    try:
        refuse_secrets_in_the_open((name,))
    except ValueError:
        return True
    return False


def _masked(pages: list[Page], mask: Mask) -> list[Page]:
    """Mask secrets in the pages. A server may repeat one, as in an error with status 200, and the database or a message
    about columns may contain any part of a page."""
    if mask is bytes:
        return pages
    masked: list[Page] = []
    for label, name, body in pages:
        copy: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller closes it
        body.seek(0)
        with body:
            copy.writelines(map(mask, body))
        copy.seek(0)
        masked.append((label, name, copy))
    return masked


def _credentials(settings: TableSettings) -> str:
    """Describe the credentials for messages: where each secret comes from, never the secret itself."""
    parts = [f"header {name}{_origin(header)}" for name, header in settings.headers.items()]
    if settings.user is not None:
        parts.append("user and password")
    return ", ".join(parts)


def _origin(header: Header) -> str:
    return f" from environment variable {header.env}" if header.env else f" from {header.file}" if header.file else ""


def _all_pages(settings: TableSettings, pages: Pages, request: Request, mask: Mask) -> list[Page]:
    first, got, seen = str(settings.url), list[Page](), set[str]()
    name = urlsplit(first).path.rpartition("/")[2]
    url: str | None = _page_address(first, pages, pages.start)
    try:
        while url is not None:
            if url in seen or len(seen) == MOST_PAGES:
                fault = "leads back to an earlier page" if url in seen else f"has more than {MOST_PAGES} pages"
                raise SourceError(f"{shown(first)} {fault}; check `pages`", retryable=False)
            seen.add(url)
            fetched = request(url, {})
            got.append((f"page {len(got) + 1}", name, fetched.body))
            url = (
                _next_number(settings, pages, got) if pages.number else _next_address(first, pages, url, fetched, mask)
            )
    except BaseException:
        for _, _, body in got:
            body.close()
        raise
    return got


def _page_address(url: str, pages: Pages, number: int) -> str:
    """Return `url` with the page's number and size in its query."""
    wanted = {name: str(value) for name, value in ((pages.number, number), (pages.size, pages.per_page)) if name}
    if not wanted:
        return url
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name not in wanted]
    return urlunsplit(parts._replace(query=urlencode([*kept, *wanted.items()])))


def _next_number(settings: TableSettings, pages: Pages, got: list[Page]) -> str | None:
    """Return the address after the last page; None if that one has no record, and then remove it."""
    label, _, body = got[-1]
    if _is_empty(settings, got[-1]):
        if len(got) > 1:
            got.pop()
            body.close()
        return None
    if len(got) > 1 and _content(body) == _content(got[-2][2]):
        raise SourceError(
            f"{shown(str(settings.url))}: {label} is the same as the one before; is `{pages.number}` right?",
            retryable=False,
        )
    return _page_address(str(settings.url), pages, pages.start + len(got))


def _is_empty(settings: TableSettings, page: Page) -> bool:
    label, name, body = page
    if body.seek(0, 2) == 0:
        return True
    body.seek(0)
    with table_in(body, settings, label, name) as table:
        return next(table.rows(), None) is None


def _next_address(first: str, pages: Pages, url: str, fetched: Fetched, mask: Mask) -> str | None:
    """Return the next address in the answer. Raises SourceError if it is on another server, which gets no request."""
    stated: Any = fetched.next
    if pages.next != "link":
        try:
            stated = at(parse_json(_content(fetched.body)), steps(str(pages.next)))
        except (ValueError, RecursionError):
            raise SourceError(f"{shown(url)} is not JSON, so it contains no `{pages.next}`") from None
    if stated in (None, "", False):
        return None
    try:
        address = urljoin(url, stated) if isinstance(stated, str) else ""
        is_own = origin(address) == origin(first)
    except ValueError:
        address, is_own = "", False
    if not is_own:
        address = mask(address.encode("utf-8", "replace")).decode()
        where = f"on another server: {shown(address)}" if address.startswith("http") else "not an address"
        raise SourceError(f"the next page of {shown(first)} is {where}; it is not requested", retryable=False)
    return address


def _content(body: IO[bytes]) -> bytes:
    body.seek(0)
    return body.read()
