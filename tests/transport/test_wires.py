"""Every way there is to send a request, side by side: what comes back is the same."""

import asyncio
import socket
import threading
import warnings
import zlib
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import httpx
import pytest

from tests.answering import answering
from tests.transport.test_exchange import HEAD, be_silent, server
from tiktok_display import TransportError
from tiktok_display.answers import Answer
from tiktok_display.policies import Deadline
from tiktok_display.transport.exchange import exchange, exchange_async
from tiktok_display.transport.origin import _async_wire, _wire, ssl_context
from tiktok_display.transport.wires import AsyncHttpxWire, AsyncWire

Ask = Callable[..., Answer | TransportError]


def by_httpx(url: str, timeout: float = 5.0, proxy: httpx.Proxy | None = None) -> object:
    wire = _wire(ssl_context(), proxy)
    try:
        return exchange(wire, a_request(url), timeout, Deadline(None, float))
    finally:
        wire.close()


def by_httpx_async(url: str, timeout: float = 5.0, proxy: httpx.Proxy | None = None) -> object:
    transport = httpx.AsyncHTTPTransport(verify=ssl_context(), proxy=proxy)
    return run(lambda: AsyncHttpxWire(transport), url, timeout)


def by_the_best_there_is(
    url: str, timeout: float = 5.0, proxy: httpx.Proxy | None = None
) -> object:
    return run(lambda: _async_wire(ssl_context(), proxy), url, timeout)


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


WAYS = pytest.mark.parametrize("ask", [by_httpx, by_httpx_async, by_the_best_there_is])


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
