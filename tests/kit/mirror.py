"""A server of map extracts, really listening on this machine: it continues files, breaks off, and publishes checksums."""

import contextlib
import hashlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

from kit.http_servers import listening


class Mirror:
    """Files by path. The first answers break off after so many bytes of the file as `breaks` has, one each."""

    def __init__(self) -> None:
        self.url = ""
        self.files: dict[str, bytes] = {}
        self.breaks: list[int] = []
        self.headers: dict[str, str] = {}
        self.failing: set[str] = set()
        """Paths that are answered with status 503."""
        self.asked: list[tuple[str, str]] = []
        """Path and range of every request."""

    def publish(self, path: str, body: bytes, checksum: str | None = "right") -> None:
        """Publish a file, and its checksum if it has one."""
        self.files[f"/{path}"] = body
        self.files.pop(f"/{path}.md5", None)
        if checksum is not None:
            digest = hashlib.md5(body).hexdigest() if checksum == "right" else checksum
            self.files[f"/{path}.md5"] = f"{digest}  {path}\n".encode()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        wanted, body = request.headers.get("Range", ""), self.files.get(request.path)
        self.asked.append((request.path, wanted))
        if body is None or request.path in self.failing:
            request.send_error(404 if body is None else 503)
            return
        etag = f'"{hashlib.sha256(body).hexdigest()[:8]}"'
        start = int(wanted.removeprefix("bytes=").removesuffix("-") or 0) if wanted else 0
        continues = bool(wanted) and request.headers.get("If-Range") == etag
        part = body[start:] if continues else body
        request.send_response_only(206 if continues else 200)
        if continues:
            request.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
        for name, value in {"ETag": etag, "Content-Length": str(len(part)), **self.headers}.items():
            request.send_header(name, value)
        request.end_headers()
        is_broken = bool(self.breaks) and not request.path.endswith(".md5")
        request.wfile.write(part[: self.breaks.pop(0)] if is_broken else part)
        request.close_connection = True


@contextlib.contextmanager
def mirror() -> Iterator[Mirror]:
    served = Mirror()
    with listening(served.answer) as served.url:
        yield served
