"""A reverse proxy of a few lines, really listening: it shows pages below a path, as nginx, Caddy and others do."""

import http.client
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from kit.http_servers import listening


@contextmanager
def proxy(port: int, prefix: str, *, strips: bool, headers: Mapping[str, str] | None = None) -> Iterator[str]:
    """The address of a proxy for the pages at `port`, which it connects to from 127.0.0.2. It `strips` the prefix or
    passes it on, and adds `headers`. Redirects come back as they are."""

    def pass_on(request: BaseHTTPRequestHandler) -> None:
        path = request.path
        if strips and path.startswith(prefix):
            path = path[len(prefix) - 1 :]
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        behind = http.client.HTTPConnection("127.0.0.1", port, timeout=300, source_address=("127.0.0.2", 0))
        behind.request(request.command, path, body, {**dict(request.headers), **(headers or {})})
        answer = behind.getresponse()
        content = answer.read()
        request.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection"):
                request.send_header(name, value)
        if answer.getheader("Content-Length") is None:
            request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)
        behind.close()

    with listening(pass_on) as address:
        yield address
