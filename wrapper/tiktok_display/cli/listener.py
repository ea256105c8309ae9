"""Where the browser comes back to from TikTok: a listener on this machine, for one answer.

Whatever else calls meanwhile, a port scanner or a favicon's request, is sent off and ends nothing.
"""

import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Generic, Self, TypeVar

_T = TypeVar("_T")

# TikTok wants an address that was registered, and for desktop apps takes http://127.0.0.1:*/callback/
# https://developers.tiktok.com/doc/login-kit-desktop
HOST, PATH = "127.0.0.1", "/callback/"

_LONGEST_HEAD = 16_384  # bytes of a request, up to its empty line
_PATIENCE = 10.0  # s for a visitor to say what they want and to hear the answer
_TICK = 0.1  # s between two looks whether the waiting is over
_REQUEST_LINE = re.compile(rb"(?P<method>[A-Z]+) (?P<target>[!-~]+) HTTP/1\.[01]\r\n")

_PAGES = {
    HTTPStatus.OK: "The answer has arrived. The terminal says what came of it; close this page.",
    HTTPStatus.BAD_REQUEST: "This is not the answer that is waited for here.",
    HTTPStatus.NOT_FOUND: "There is nothing here.",
}
# Nothing keeps the page or its address, which holds the code, or tells the address on.
_HEADERS = (
    "Content-Type: text/html; charset=utf-8",
    "Cache-Control: no-store",
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy: no-referrer",
    "X-Content-Type-Options: nosniff",
    "Connection: close",
)


def redirect_uri(port: int) -> str:
    """The address of the listener on this port, as TikTok gets to know it."""
    return f"http://{HOST}:{port}{PATH}"


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.create_server((HOST, 0)) as server:
        return int(server.getsockname()[1])


class Listener:
    """Listens from the start, in ``with``, and answers while somebody waits.

    ``OSError`` where the port is taken; 0 takes a free one.
    """

    def __init__(self, port: int = 0, *, patience: float = _PATIENCE) -> None:
        self._door = socket.create_server((HOST, port))
        self._door.settimeout(_TICK)
        self._patience = patience
        self.port = int(self._door.getsockname()[1])

    def wait(self, accept: Callable[[str], _T], seconds: float) -> _T | None:
        """What ``accept`` makes of the first address that it takes; None after so many seconds.

        It is shown every address at `PATH` that is asked for, and says None to a stranger's. Once
        only: the port is closed afterwards, whatever ends the waiting.
        """
        reception = _Reception(redirect_uri(self.port), accept, self._patience)
        end = time.monotonic() + seconds
        with self._door:
            while reception.outcome is None and time.monotonic() < end:
                # Nobody has come yet, or they have left already; or the system can take no more.
                with suppress(OSError, RuntimeError):
                    visitor, _ = self._door.accept()
                    # A thread for each, for some say nothing and never leave.
                    threading.Thread(target=reception.visit, args=(visitor,), daemon=True).start()
        return reception.outcome

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._door.close()


class _Reception(Generic[_T]):
    """Answers visitors, many at once; ``outcome`` is there when the awaited one was answered."""

    def __init__(self, home: str, accept: Callable[[str], _T], patience: float) -> None:
        self._home, self._accept, self._patience = home, accept, patience
        self._lock = threading.Lock()
        self._is_over = False
        self.outcome: _T | None = None

    def visit(self, visitor: socket.socket) -> None:
        outcome = None
        with visitor, suppress(OSError):  # they left, or took too long
            status, outcome = self._judged(_head(visitor, self._patience))
            visitor.sendall(_page(status))
        # Only now: when the waiting is over the process may end, and must not cut the page off.
        if outcome is not None:
            self.outcome = outcome

    def _judged(self, head: bytes) -> tuple[HTTPStatus, _T | None]:
        request = _REQUEST_LINE.match(head)
        if request is None:
            return HTTPStatus.BAD_REQUEST, None
        path, mark, query = request["target"].decode().partition("?")
        if request["method"] != b"GET" or path != PATH:
            return HTTPStatus.NOT_FOUND, None
        with self._lock:
            outcome = None if self._is_over else self._accept(f"{self._home}{mark}{query}")
            self._is_over |= outcome is not None
        return HTTPStatus.BAD_REQUEST if outcome is None else HTTPStatus.OK, outcome


def _head(visitor: socket.socket, seconds: float) -> bytes:
    """A request up to its empty line; nothing where it has none, or a very long way to it.

    ``OSError`` where it does not come within so many seconds, however they drip.
    """
    end = time.monotonic() + seconds
    head = b""
    while b"\r\n\r\n" not in head:
        visitor.settimeout(max(0.001, end - time.monotonic()))
        more = visitor.recv(_LONGEST_HEAD)
        head += more
        if not more or len(head) > _LONGEST_HEAD:
            return b""
    return head


def _page(status: HTTPStatus) -> bytes:
    """A whole answer. Nothing of the request is in it, so nobody can put anything there."""
    body = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>tiktok-display</title>'
        f"<p>{_PAGES[status]}</p></html>\n"
    ).encode()
    head = (f"HTTP/1.1 {status.value} {status.phrase}", *_HEADERS, f"Content-Length: {len(body)}")
    return "\r\n".join((*head, "", "")).encode() + body
