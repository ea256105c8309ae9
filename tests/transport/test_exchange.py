"""One exchange, over real connections on this machine: silence, drips, cuts, closed clients."""

import asyncio
import json
import re
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest

from tiktok_display import (
    AsyncDisplayClient,
    ConfigurationError,
    DeadlineExceeded,
    DisplayClient,
    RetryPolicy,
    TikTokError,
    TransportError,
    UnexpectedResponse,
)
from tiktok_display.answers import Answer
from tiktok_display.policies import Deadline
from tiktok_display.transport.exchange import exchange, exchange_async, post_form
from tiktok_display.transport.origin import Origin, origin_of
from tiktok_display.transport.wires import AsyncHttpxWire, HttpxWire

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n"
ONCE = RetryPolicy(attempts=1)


@contextmanager
def server(
    behave: Callable[[socket.socket, threading.Event], None],
    read: Callable[[socket.socket], None] | None = None,
) -> Iterator[str]:
    """A server that treats every connection so, after it has read a request."""
    listener, over = socket.create_server(("127.0.0.1", 0)), threading.Event()
    threads: list[threading.Thread] = []

    def accept() -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=serve, args=(peer,)))
            threads[-1].start()

    def serve(peer: socket.socket) -> None:
        with peer:
            try:
                (read or read_request)(peer)
                behave(peer, over)
            except OSError:
                return

    accepting = threading.Thread(target=accept)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in [accepting, *threads]:
            thread.join()


def read_request(peer: socket.socket) -> None:
    """Read all of it: what is left unread when a connection is closed resets it."""
    request = b""
    while chunk := peer.recv(65_536):
        request += chunk
        head, _, body = request.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head.lower())
        if length and len(body) >= int(length[1]):
            return
    raise ConnectionError("the client has left")


def drip(peer: socket.socket, over: threading.Event) -> None:
    peer.sendall(HEAD)
    while not over.wait(0.01):
        peer.sendall(b" ")


def drip_headers(peer: socket.socket, over: threading.Event) -> None:
    peer.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while not over.wait(0.01):
        peer.sendall(b"x")


def be_silent(peer: socket.socket, over: threading.Event) -> None:
    over.wait()


def cut(peer: socket.socket, over: threading.Event) -> None:
    peer.sendall(HEAD + b'{"data"')


def ask(url: str, **settings: object) -> TikTokError:
    """The error that a synchronous query ends with."""
    with DisplayClient("act.x", base_url=url, **settings) as client:  # type: ignore[arg-type]
        with pytest.raises(TikTokError) as caught:
            client.query_videos(["1"])
        return caught.value


def ask_async(url: str, **settings: object) -> TikTokError:
    """The same of an asynchronous one."""

    async def run() -> TikTokError:
        async with AsyncDisplayClient("act.x", base_url=url, **settings) as client:  # type: ignore[arg-type]
            with pytest.raises(TikTokError) as caught:
                await client.query_videos(["1"])
            return caught.value

    return asyncio.run(run())


@pytest.mark.parametrize("query", [ask, ask_async])
@pytest.mark.parametrize("behaviour", [drip, drip_headers, be_silent])
def test_the_deadline_ends_silence_and_whatever_drips(
    query: Callable[..., TikTokError], behaviour: Callable[..., None]
) -> None:
    with server(behaviour) as url:
        begun = time.monotonic()
        error = query(url, deadline=0.2)
        assert time.monotonic() - begun < 5.0
    assert isinstance(error, DeadlineExceeded)
    assert isinstance(error.__cause__, TransportError)


@pytest.mark.parametrize("query", [ask, ask_async])
def test_a_timeout_of_silence_is_a_transport_error(query: Callable[..., TikTokError]) -> None:
    with server(be_silent) as url:
        error = query(url, timeout=0.05, retry=ONCE)
    assert type(error) is TransportError
    assert str(error).startswith("ReadTimeout")


@pytest.mark.parametrize("query", [ask, ask_async])
def test_a_body_cut_off_midway_is_a_transport_error(query: Callable[..., TikTokError]) -> None:
    with server(cut) as url:
        error = query(url, retry=ONCE)
    assert type(error) is TransportError
    assert str(error) == "RemoteProtocolError"


@pytest.mark.parametrize("query", [ask, ask_async])
def test_a_port_where_nobody_listens_is_a_transport_error(
    query: Callable[..., TikTokError],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    error = query(f"http://127.0.0.1:{port}", retry=ONCE)
    assert isinstance(error, TransportError)
    assert not error.sent


def test_a_closed_client_says_so() -> None:
    client = DisplayClient("act.x", base_url="http://127.0.0.1:1")
    client.close()
    with pytest.raises(ConfigurationError, match="closed"):
        client.query_videos(["1"])


def test_a_closed_asynchronous_client_says_so() -> None:
    async def run() -> None:
        client = AsyncDisplayClient("act.x", base_url="http://127.0.0.1:1")
        await client.close()
        with pytest.raises(ConfigurationError, match="closed"):
            await client.query_videos(["1"])

    asyncio.run(run())


def test_a_form_is_sent_on_a_connection_of_its_own_within_its_seconds() -> None:
    def echo(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"form": request.content.decode()})

    origin = Origin("https://tiktok.example", 5.0, transport=httpx.MockTransport(echo))
    answer = post_form(origin, "/v2/oauth/token/", {"a": "b c"}, 1.0)
    assert isinstance(answer, Answer)
    assert json.loads(answer.content) == {"form": "a=b+c"}
    with server(drip) as url:
        late = post_form(origin_of(url, 5.0), "/v2/oauth/token/", {"a": "b"}, 0.1)
    assert isinstance(late, TransportError)
    assert late.sent


def test_nothing_is_sent_when_the_deadline_has_passed() -> None:
    request, over = httpx.Request("POST", "http://127.0.0.1:1"), Deadline(0.0, lambda: 1.0)

    async def run() -> object:
        return await exchange_async(origin_of(None, 1.0).new_async_wire(), request, 1.0, over)

    for outcome in (
        exchange(origin_of(None, 1.0).new_wire(), request, 1.0, over),
        asyncio.run(run()),
    ):
        assert isinstance(outcome, TransportError)
        assert not outcome.sent


def test_a_token_endpoint_that_drips_its_head_is_shut_down_in_time() -> None:
    with server(drip_headers) as url:
        begun = time.monotonic()
        late = post_form(origin_of(url, 5.0), "/v2/oauth/token/", {"a": "b"}, 0.2)
        assert time.monotonic() - begun < 5.0
    assert isinstance(late, TransportError)
    assert late.sent


@pytest.mark.parametrize("query", [ask, ask_async])
def test_a_redirection_is_never_followed(query: Callable[..., TikTokError]) -> None:
    def redirect(peer: socket.socket, over: threading.Event) -> None:
        peer.sendall(
            b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
        )

    with server(redirect) as url:
        error = query(url, retry=ONCE)
    assert type(error) is UnexpectedResponse
    assert error.status == 302


@pytest.mark.parametrize("query", [ask, ask_async])
def test_an_answer_that_is_no_http_is_never_quoted(query: Callable[..., TikTokError]) -> None:
    def blurt(peer: socket.socket, over: threading.Event) -> None:
        peer.sendall(b'{"access_token": "act.secret"}\r\n\r\n')

    with server(blurt) as url:
        error = query(url, retry=ONCE)
    assert type(error) is TransportError
    assert str(error) == "RemoteProtocolError"


@pytest.mark.parametrize("query", [ask, ask_async])
def test_a_deadline_that_passes_during_the_last_attempt_is_still_a_deadline(
    query: Callable[..., TikTokError],
) -> None:
    with server(drip) as url:
        assert type(query(url, deadline=0.2, retry=ONCE)) is DeadlineExceeded


def test_what_is_not_of_httpx_is_a_transport_error_that_quotes_nothing() -> None:
    def ended(request: httpx.Request) -> httpx.Response:
        raise RuntimeError("act.secret: event loop is closed")

    request, wire = httpx.Request("POST", "https://tiktok.example"), httpx.MockTransport(ended)

    async def run() -> object:
        return await exchange_async(AsyncHttpxWire(wire), request, 1.0, in_a_second())

    for outcome in (
        exchange(HttpxWire(wire), request, 1.0, in_a_second()),
        asyncio.run(run()),
    ):
        assert isinstance(outcome, TransportError)
        assert str(outcome) == "RuntimeError"


def in_a_second() -> Deadline:
    return Deadline(1.0, time.monotonic)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@pytest.mark.parametrize("ask", ["sync", "async"])
def test_a_compressed_body_is_read_as_one_that_is_not(coding: str, ask: str) -> None:
    body = zlib.compress(b'{"a": 1}', wbits=31 if coding == "gzip" else 15)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n"

    def squeeze(peer: socket.socket, over: threading.Event) -> None:
        peer.sendall(head.encode() + body)

    async def run(url: str) -> object:
        wire, request = origin_of(url, 1.0).new_async_wire(), httpx.Request("POST", url)
        try:
            return await exchange_async(wire, request, 1.0, in_a_second())
        finally:
            await wire.close()

    with server(squeeze) as url:
        if ask == "sync":
            wire = origin_of(url, 1.0).new_wire()
            answer: object = exchange(wire, httpx.Request("POST", url), 1.0, in_a_second())
            wire.close()
        else:
            answer = asyncio.run(run(url))
    assert isinstance(answer, Answer)
    assert answer.content == b'{"a": 1}'
