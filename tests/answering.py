"""A server on this machine whose answers a test makes, for whatever way requests go."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
from attrs import field, frozen


@frozen
class Answering:
    """Where it is, and what it was asked."""

    url: str
    asked: list[httpx.Request] = field(factory=list)


@contextmanager
def answering(answer: Callable[[httpx.Request], httpx.Response]) -> Iterator[Answering]:
    """A server that answers so, whatever the path."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["content-length"]))
            headers = list(self.headers.items())
            request = httpx.Request("POST", box.url + self.path, headers=headers, content=content)
            box.asked.append(request)
            response = answer(request)
            self.send_response(response.status_code)
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"".join(response.stream))  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None:
            """Not to stderr."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    box = Answering(f"http://127.0.0.1:{server.server_port}")
    serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
        serving.join()
