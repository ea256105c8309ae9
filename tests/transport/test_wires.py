"""Every way there is to send a request, side by side: what comes back is the same."""

import asyncio
import socket
import threading
import warnings
import zlib
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec

import httpx
import pytest

from tests.answering import answering
from tests.transport.test_exchange import HEAD, be_silent, read_request, server
from tiktok_display import TransportError
from tiktok_display.answers import Answer
from tiktok_display.policies import Deadline
from tiktok_display.transport.connections import AsyncConnectionWire, ConnectionWire
from tiktok_display.transport.exchange import exchange, exchange_async
from tiktok_display.transport.origin import _async_wire, _plain_async_wire, _wire, ssl_context
from tiktok_display.transport.wires import AsyncHttpxWire, AsyncWire, HttpxWire, Wire

Ask = Callable[..., Answer | TransportError]


def by_the_best_there_is(
    url: str, timeout: float = 5.0, proxy: httpx.Proxy | None = None
) -> object:
    return ask_by(_wire(ssl_context(), proxy), url, timeout)


def by_httpx(url: str, timeout: float = 5.0, proxy: httpx.Proxy | None = None) -> object:
    return ask_by(HttpxWire(httpx.HTTPTransport(verify=ssl_context(), proxy=proxy)), url, timeout)


def ask_by(wire: Wire, url: str, timeout: float) -> object:
    try:
        return exchange(wire, a_request(url), timeout, Deadline(None, float))
    finally:
        wire.close()


def by_the_best_there_is_async(
    url: str, timeout: float = 5.0, proxy: httpx.Proxy | None = None
) -> object:
    return run(lambda: _async_wire(ssl_context(), proxy), url, timeout)


def by_httpx_async(url: str, timeout: float = 5.0, proxy: httpx.Proxy | None = None) -> object:
    transport = httpx.AsyncHTTPTransport(verify=ssl_context(), proxy=proxy)
    return run(lambda: AsyncHttpxWire(transport), url, timeout)


def by_what_there_always_is(
    url: str, timeout: float = 5.0, proxy: httpx.Proxy | None = None
) -> object:
    return run(lambda: _plain_async_wire(ssl_context(), proxy), url, timeout)


def run(make: Callable[[], AsyncWire], url: str, timeout: float) -> object:
    async def ask() -> object:
        wire = make()
        try:
            return await exchange_async(wire, a_request(url), timeout, Deadline(None, float))
        finally:
            await wire.close()

    return asyncio.run(ask())


def a_request(url: str) -> httpx.Request:
    return httpx.Request("POST", url, content=b"{}", headers={"Accept-Encoding": "gzip, deflate"})


WAYS = pytest.mark.parametrize(
    "ask",
    [
        *(by_the_best_there_is, by_httpx),
        *(by_the_best_there_is_async, by_httpx_async, by_what_there_always_is),
    ],
)


def test_the_extra_fast_is_picked_up_where_it_is_installed() -> None:
    wire = _async_wire(ssl_context(), None)
    assert wire.is_for_many == bool(find_spec("aiohttp"))
    assert wire.is_good
    with pytest.raises(ImportError, match="socks"):  # which is for httpx, with its own extra
        _async_wire(ssl_context(), httpx.Proxy("socks5://127.0.0.1:1"))


@WAYS
@pytest.mark.parametrize("coding", ["identity", "gzip", "deflate"])
def test_a_body_is_had_whole_however_it_is_coded(ask: Ask, coding: str) -> None:
    body = b'{"a": 1}' * 20_000
    bits = {"gzip": 31, "deflate": 15}
    coded = zlib.compress(body, wbits=bits[coding]) if coding in bits else body

    def answer(_: httpx.Request) -> httpx.Response:
        headers = {"content-length": str(len(coded)), "x-long": "x" * 12_000}
        if coding in bits:
            headers["content-encoding"] = coding
        return httpx.Response(200, headers=headers, stream=httpx.ByteStream(coded))

    with answering(answer) as box:
        found = ask(box.url)
    assert isinstance(found, Answer)
    assert (found.status_code, found.content) == (200, body)
    assert found.headers["X-LONG"] == "x" * 12_000
    assert box.asked[0].content == b"{}"


@WAYS
def test_what_goes_wrong_has_the_same_names(ask: Ask) -> None:
    def cut(peer: socket.socket, over: threading.Event) -> None:
        peer.sendall(HEAD + b'{"data"')

    def hang_up(peer: socket.socket, over: threading.Event) -> None:
        """Nothing."""

    names = dict[str, tuple[str, bool]]()
    for behave in (cut, hang_up, be_silent):
        with server(behave) as url:
            error = ask(url, 0.2)
            assert isinstance(error, TransportError)
            names[behave.__name__] = str(error).partition(":")[0], error.sent
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    error = ask(f"http://127.0.0.1:{port}")
    assert isinstance(error, TransportError)
    assert str(error).startswith("ConnectError")
    assert not error.sent
    assert names == {
        "cut": ("RemoteProtocolError", True),
        "hang_up": ("RemoteProtocolError", True),
        "be_silent": ("ReadTimeout", True),
    }


KEPT = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
LAST = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
GONE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"  # and hangs up, unannounced
ANSWERS = [KEPT, KEPT, LAST, KEPT, GONE, KEPT]
TIMEOUT = {"timeout": {"connect": 5.0, "read": 5.0}}


class Ending:
    """A server that gives these answers, and ends each connection with `LAST` or `GONE`."""

    def __init__(self) -> None:
        self.left, self.requests = list(ANSWERS), list[int]()
        self.ended = threading.Semaphore(0)

    def serve(self, peer: socket.socket) -> None:
        connection = len(self.requests)
        self.requests.append(0)
        answer = KEPT
        while answer == KEPT:
            read_request(peer)
            self.requests[connection] += 1
            answer = self.left.pop(0)
            peer.sendall(answer)
        peer.close()
        self.ended.release()
        raise ConnectionError("nothing is left to do")

    def wait_for(self, answer: bytes) -> None:
        assert answer == KEPT or self.ended.acquire(timeout=5)


def test_a_connection_is_used_again_and_made_anew_where_it_has_ended() -> None:
    ending = Ending()
    with server(be_silent, read=ending.serve) as url, closing(ConnectionWire(ssl_context())) as it:
        for answer in ANSWERS:
            request = httpx.Request("POST", url, content=b"{}", extensions=TIMEOUT)
            assert it.answer(request).content == answer[-2:]
            assert it.is_good
            ending.wait_for(answer)
    assert ending.requests == [3, 2, 1]


def test_a_connection_of_an_event_loop_is_used_again_too() -> None:
    ending = Ending()

    async def run(url: str) -> None:
        wire = AsyncConnectionWire(ssl_context())
        try:
            for answer in ANSWERS:
                request = httpx.Request("POST", url, content=b"{}", extensions=TIMEOUT)
                assert (await wire.answer(request)).content == answer[-2:]
                assert wire.is_good
                ending.wait_for(answer)
        finally:
            await wire.close()

    with server(be_silent, read=ending.serve) as url:
        asyncio.run(run(url))
    assert ending.requests == [3, 2, 1]


@contextmanager
def a_proxy(answer: bytes | None) -> Iterator[tuple[str, list[bytes]]]:
    """One that answers a CONNECT so, or not at all."""
    heard = list[bytes]()

    def behave(peer: socket.socket, over: threading.Event) -> None:
        if answer is None:
            over.wait()
        else:
            peer.sendall(answer)

    def listen(peer: socket.socket, over: threading.Event) -> None:
        heard.append(peer.recv(65_536))
        behave(peer, over)

    with server(listen, read=lambda _: None) as url:
        yield url.removeprefix("http://"), heard


@WAYS
def test_a_proxy_that_refuses_is_told_who_asks_and_never_quoted(ask: Ask) -> None:
    refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
    with a_proxy(refusal) as (place, heard), warnings.catch_warnings():
        warnings.simplefilter("error")
        proxy = httpx.Proxy(f"http://u:p%C3%A4ss@{place}")
        error = ask("https://tiktok.example/", 5.0, proxy)
    assert isinstance(error, TransportError)
    assert str(error).startswith("ProxyError")
    assert not error.sent
    assert "p" + "\u00e4ss" not in str(error)
    assert heard[0].startswith(b"CONNECT tiktok.example:443 HTTP/1.1\r\n")
    _, _, rest = heard[0].lower().partition(b"proxy-authorization: basic ")
    start = len(heard[0]) - len(rest)
    assert b64decode(heard[0][start:].partition(b"\r\n")[0]).decode() == "u:p\u00e4ss"


@WAYS
def test_a_proxy_that_says_nothing_is_not_waited_for_longer_than_anybody(ask: Ask) -> None:
    with a_proxy(None) as (place, _):
        error = ask("https://tiktok.example/", 0.2, httpx.Proxy(f"http://{place}"))
    assert isinstance(error, TransportError)
    assert str(error).startswith(("ReadTimeout", "ConnectTimeout"))
