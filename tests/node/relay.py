"""A recorder between a client and Prism: what was sent, and what Prism says of it."""

import json
import threading
from collections import deque
from collections.abc import Iterable, Mapping
from email.message import Message
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import urlsplit

import uritemplate
from attrs import field, frozen

_OF_THE_LINE = {"connection", "content-length", "date", "keep-alive", "transfer-encoding"}


@frozen
class Order:
    """What Prism shall answer next: ``headers`` (by lower-case names) are put on the request, and
    with `Prefer` it chooses among the document's answers.
    https://github.com/stoplightio/prism/blob/master/docs/guides/01-mocking.md
    """

    headers: Mapping[str, str] = field(factory=dict)


@frozen
class Heard:
    """A request as it arrived, and what Prism found wrong with it."""

    target: str  # raw
    body: Any
    complaint: str | None


def targets(path: str, fields: Iterable[str]) -> set[str]:
    """The request target that OpenAPI defines for `style: form` with `explode: false`, by way of
    RFC 6570; a comma may also be written ``%2C``. https://spec.openapis.org/oas/v3.1.0#style-values
    """
    expanded: str = uritemplate.expand(path + "{?fields}", fields=list(fields))
    return {expanded, expanded.replace(",", "%2C")}


class Relay:
    """Hands every request on to Prism, as it came but for what the next of ``orders`` adds."""

    def __init__(self, prism: str) -> None:
        self.orders, self.heard = deque[Order](), list[Heard]()
        self._prism = urlsplit(prism).netloc
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def pass_on(self, target: str, headers: Message, content: bytes) -> tuple[HTTPResponse, bytes]:
        """Prism's answer, the one that was ordered."""
        order = self.orders.popleft() if self.orders else Order()
        sent = {name.lower(): value for name, value in headers.items()}
        line = HTTPConnection(self._prism)
        try:
            line.request("POST", target, content, {**sent, **order.headers})
            answer = line.getresponse()
            said = answer.read()
        finally:
            line.close()
        self.heard.append(Heard(target, json.loads(content), _complaint(answer, said)))
        return answer, said

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        relay = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else an answer in two parts takes 40 ms

            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                answer, said = relay.pass_on(self.path, self.headers, content)
                self.send_response_only(answer.status, answer.reason)
                for name, value in answer.getheaders():
                    if name.lower() not in _OF_THE_LINE:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

        return Handler


def _complaint(answer: HTTPResponse, said: bytes) -> str | None:
    """What a request breaks: in a header, or instead of an answer where the path is unknown."""
    if answer.headers.get_content_type() == "application/problem+json":
        return said.decode()
    return answer.getheader("sl-violations")
