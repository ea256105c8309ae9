"""Where the browser comes back to, and whoever else calls there."""

import contextlib
import select
import socket
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import httpx
import pytest

from tiktok_display.cli.listener import Listener, _Reception, free_port, redirect_uri

LONG = 30.0  # s; more than any test takes


def accept(address: str) -> str | None:
    return address if "state=ours" in address else None


@pytest.fixture
def aside() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as listener:
        yield listener


def get(listener: Listener, target: str) -> httpx.Response:
    with httpx.Client(trust_env=False) as client:
        return client.get(f"http://127.0.0.1:{listener.port}{target}")


def call(listener: Listener, request: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", listener.port), timeout=LONG)
    connection.sendall(request)
    return connection


def answer(connection: socket.socket) -> bytes:
    """All that comes until the other side is done with it."""
    with connection, contextlib.suppress(ConnectionError):
        return b"".join(iter(lambda: connection.recv(65_536), b""))
    return b""


def ours(request: str = "GET /callback/?state=ours HTTP/1.1\r\n\r\n") -> bytes:
    return request.encode()


def test_the_first_address_that_is_accepted_is_what_was_waited_for(
    listener: Listener, aside: ThreadPoolExecutor
) -> None:
    waiting = aside.submit(listener.wait, accept, LONG)
    page = get(listener, "/callback/?code=a%2A1&state=ours")
    assert waiting.result() == f"{redirect_uri(listener.port)}?code=a%2A1&state=ours"
    assert page.status_code == 200
    assert "The answer has arrived." in page.text


def test_the_page_keeps_nothing_loads_nothing_and_tells_nothing_on(
    listener: Listener, aside: ThreadPoolExecutor
) -> None:
    aside.submit(listener.wait, accept, LONG)
    page = get(listener, "/callback/?code=a&state=ours")
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert page.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", 404),
        (b"GET /favicon.ico HTTP/1.1\r\n\r\n", 404),
        (b"GET /callback?state=ours HTTP/1.1\r\n\r\n", 404),
        (b"GET /callback/more?state=ours HTTP/1.1\r\n\r\n", 404),
        (b"GET http://127.0.0.1/callback/?state=ours HTTP/1.1\r\n\r\n", 404),
        (b"POST /callback/?state=ours HTTP/1.1\r\n\r\n", 404),
        (b"HEAD /callback/?state=ours HTTP/1.1\r\n\r\n", 404),
        (b"GET /callback/?state=theirs&x=<b>marked</b> HTTP/1.1\r\n\r\n", 400),
        (b"GET /callback/ HTTP/1.1\r\n\r\n", 400),
        (b"GET /callback/?state=ours\r\n\r\n", 400),
        (b"GET /callback/?state=ours HTTP/2\r\n\r\n", 400),
        (b"GET /callback/?state=ours&x=\xff HTTP/1.1\r\n\r\n", 400),
        (b"GET /callback/?state=ours a b HTTP/1.1\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03marked\r\n\r\n", 400),
        (b"\r\n\r\n", 400),
    ],
)
def test_strangers_are_sent_off_with_nothing_of_their_own_and_end_nothing(
    listener: Listener, aside: ThreadPoolExecutor, request_: bytes, status: int
) -> None:
    waiting = aside.submit(listener.wait, accept, LONG)
    told = answer(call(listener, request_))
    assert told.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"marked" not in told
    assert not waiting.done()
    answer(call(listener, ours()))
    assert waiting.result() is not None


def test_a_request_without_an_end_is_cut_off(listener: Listener, aside: ThreadPoolExecutor) -> None:
    waiting = aside.submit(listener.wait, accept, LONG)
    endless = call(listener, ours()[:-2] + b"x: ")
    with contextlib.suppress(OSError):
        while not select.select([endless], [], [], 0)[0]:
            endless.sendall(b"y" * 4_096)
    assert answer(endless)[:13] in (b"", b"HTTP/1.1 400 ")
    answer(call(listener, ours()))
    assert waiting.result() is not None


def test_a_connection_that_says_nothing_or_half_of_it_keeps_nobody_waiting(
    aside: ThreadPoolExecutor,
) -> None:
    with Listener(patience=0.2) as listener:
        waiting = aside.submit(listener.wait, accept, LONG)
        idle = [call(listener, b""), call(listener, ours()[:-2]), call(listener, b"G")]
        assert answer(call(listener, ours())).startswith(b"HTTP/1.1 200 ")
        assert waiting.result() is not None
        assert [answer(connection) for connection in idle] == [b"", b"", b""]


def test_whoever_takes_too_long_to_say_what_they_want_is_left(aside: ThreadPoolExecutor) -> None:
    with Listener(patience=0.05) as listener:
        waiting = aside.submit(listener.wait, accept, LONG)
        assert answer(call(listener, b"GET /callback/?state=ours")) == b""
        assert not waiting.done()
        answer(call(listener, ours()))
        assert waiting.result() is not None


def test_a_request_that_ends_half_way_and_a_connection_that_is_reset_end_nothing(
    listener: Listener, aside: ThreadPoolExecutor
) -> None:
    waiting = aside.submit(listener.wait, accept, LONG)
    half = call(listener, b"GET /call")
    half.shutdown(socket.SHUT_WR)
    assert answer(half).startswith(b"HTTP/1.1 400 ")
    rude = call(listener, b"GET /")
    rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    rude.close()
    answer(call(listener, ours()))
    assert waiting.result() is not None


def test_of_two_answers_one_counts() -> None:
    reception = _Reception("http://127.0.0.1:1/callback/", accept, LONG)
    told = []
    for request in (ours("GET /callback/?code=1&state=ours HTTP/1.1\r\n\r\n"), ours()):
        visitor, us = socket.socketpair()
        visitor.sendall(request)
        reception.visit(us)
        told.append(answer(visitor)[9:12])
    assert told == [b"200", b"400"]
    assert reception.outcome == "http://127.0.0.1:1/callback/?code=1&state=ours"


@pytest.mark.parametrize("seconds", [0.05, LONG])
def test_the_port_is_closed_when_the_waiting_is_over(
    listener: Listener, aside: ThreadPoolExecutor, seconds: float
) -> None:
    waiting: Future[str | None] = aside.submit(listener.wait, accept, seconds)
    if seconds == LONG:
        answer(call(listener, ours()))
    assert (waiting.result() is None) == (seconds != LONG)
    with pytest.raises(ConnectionRefusedError):
        call(listener, b"")


def test_a_whole_login_writes_no_line_of_a_servers_log(
    listener: Listener,
    aside: ThreadPoolExecutor,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    waiting = aside.submit(listener.wait, accept, LONG)
    for request in (b"", b"nonsense\r\n\r\n", ours()):
        connection = call(listener, request)
        if request:
            answer(connection)
        else:
            connection.close()
    assert waiting.result() is not None
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_many_who_say_nothing_keep_nobody_waiting(aside: ThreadPoolExecutor) -> None:
    with Listener(patience=0.1) as listener:
        waiting = aside.submit(listener.wait, accept, LONG)
        idle = [call(listener, b"") for _ in range(100)]
        assert answer(call(listener, ours())).startswith(b"HTTP/1.1 200 ")
        assert waiting.result() is not None
        assert {answer(connection) for connection in idle} == {b""}


def test_a_visitor_who_is_gone_before_they_are_let_in_ends_nothing(
    listener: Listener, aside: ThreadPoolExecutor
) -> None:
    class Door(socket.socket):
        aborted = 0

        def accept(self) -> tuple[socket.socket, object]:
            type(self).aborted += 1
            if self.aborted == 1:
                raise ConnectionAbortedError
            return super().accept()

    listener._door = door = Door(fileno=listener._door.detach())
    door.settimeout(0.05)
    waiting = aside.submit(listener.wait, accept, LONG)
    answer(call(listener, ours()))
    assert waiting.result() is not None


@pytest.mark.parametrize("port", [free_port, lambda: 0])
def test_it_listens_on_the_port_it_was_given_or_on_a_free_one(
    port: Callable[[], int],
) -> None:
    asked = port()
    with Listener(asked) as listener:
        assert listener.port == asked or not asked
        assert redirect_uri(listener.port) == f"http://127.0.0.1:{listener.port}/callback/"
        with pytest.raises(OSError, match="use"):
            Listener(listener.port)
