"""One connection for each call at once, and deadlines that cut it off."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager

import httpx
import pytest

from tests.transport.test_exchange import drip_headers, server
from tiktok_display import ConfigurationError, forks
from tiktok_display.answers import Answer
from tiktok_display.transport.alarms import Alarms
from tiktok_display.transport.lines import AsyncLines, Line, Lines
from tiktok_display.transport.wires import HttpxWire


class Quiet:
    """A wire that says nothing, and knows whether it is closed."""

    is_good, is_closed = True, False

    def answer(self, request: httpx.Request) -> Answer:
        return Answer(200, {}, b"")

    def close(self) -> None:
        self.is_closed = True


class AsyncQuiet:
    """The same for an event loop."""

    is_good, is_closed = True, False

    def __init__(self, *, is_for_many: bool = False) -> None:
        self.is_for_many = is_for_many

    async def answer(self, request: httpx.Request) -> Answer:
        return Answer(200, {}, b"")

    async def close(self) -> None:
        self.is_closed = True


def quiet_lines() -> tuple[Lines, list[Quiet]]:
    """Lines, and the wires that were made for them."""
    made = list[Quiet]()

    def make() -> Quiet:
        made.append(Quiet())
        return made[-1]

    return Lines(make), made


def a_wire() -> HttpxWire:
    return HttpxWire(httpx.HTTPTransport())


def a_request(url: str) -> httpx.Request:
    return httpx.Request("POST", url, content=b"{}", extensions={"timeout": {"read": 30.0}})


REQUEST = httpx.Request("POST", "http://127.0.0.1:1")


@contextmanager
def held(alarms: Alarms) -> Iterator[None]:
    """Meanwhile none of them rings, however slow the machine is."""
    ringing, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        ringing.set()
        go_on.wait()

    alarms.set(0.0, hold)
    assert ringing.wait(5)
    try:
        yield
    finally:
        go_on.set()


def test_an_alarm_rings_when_it_is_due_and_the_earliest_first() -> None:
    alarms, rung, is_over = Alarms(), list[str](), threading.Event()
    alarms.set(0.1, is_over.set)
    with held(alarms):
        for number, seconds in enumerate([-100.0, -300.0, -200.0]):
            alarms.set(seconds, lambda number=number: rung.append(str(number)))  # type: ignore[misc]
    assert is_over.wait(5)
    assert rung == ["1", "2", "0"]


def test_a_cancelled_alarm_never_rings_and_does_not_hold_up_the_others() -> None:
    alarms, rung, is_over = Alarms(), list[str](), threading.Event()
    with held(alarms):
        cancelled = [alarms.set(seconds, lambda: rung.append("wrong")) for seconds in (0.0, 60.0)]
        for alarm in cancelled:
            alarm.cancel()
        alarms.set(0.0, is_over.set)
    assert is_over.wait(5)
    assert rung == []


def test_whoever_cancels_an_alarm_that_is_ringing_waits_for_its_end() -> None:
    ringing, go_on, rung = threading.Event(), threading.Event(), list[str]()

    def ring() -> None:
        ringing.set()
        go_on.wait()
        rung.append("done")

    alarm = Alarms().set(0.0, ring)
    assert ringing.wait(5)
    threading.Timer(0.05, go_on.set).start()
    alarm.cancel()
    assert rung == ["done"]


def test_without_a_thread_an_alarm_never_rings_and_the_next_tries_again() -> None:
    class Poor(Alarms):
        tries = 0

        def _started(self) -> threading.Thread:
            self.tries += 1
            if self.tries == 1:
                raise RuntimeError("can't start new thread")
            return super()._started()

    alarms, is_over = Poor(), threading.Event()
    alarms.set(0.0, is_over.set)
    assert not is_over.wait(0.05)
    alarms.set(60.0, print)
    assert is_over.wait(5)


def test_the_thread_of_the_alarms_stays_and_is_a_daemon() -> None:
    alarms, is_over = Alarms(), threading.Event()
    alarms.set(0.0, is_over.set)
    assert is_over.wait(5)
    thread = alarms._thread
    assert thread is not None
    assert thread.daemon
    alarms.set(60.0, print).cancel()
    alarms.set(60.0, print).cancel()
    assert len(alarms._due) == 1  # what is over goes with the next
    assert alarms._thread is thread
    alarms.after_fork()
    assert alarms._thread is None


def test_one_call_after_another_uses_one_line_and_calls_at_once_their_own() -> None:
    lines, made = quiet_lines()
    for _ in range(3):
        with lines.open_for(REQUEST, None) as wire:
            assert wire is made[0]
    with lines.open_for(REQUEST, 5.0) as first, lines.open_for(REQUEST, 5.0) as second:
        assert [first, second] == made
    lines.close()
    assert all(wire.is_closed for wire in made)


def test_no_more_lines_are_kept_than_a_pool_would_keep() -> None:
    lines, made = quiet_lines()
    with ExitStack() as stack:
        for _ in range(105):
            stack.enter_context(lines.open_for(REQUEST, None))
    assert sum(wire.is_closed for wire in made) == 5
    lines.close()


def test_a_line_in_use_is_closed_when_its_call_has_ended() -> None:
    wire = Quiet()
    lines = Lines(lambda: wire)
    with lines.open_for(REQUEST, None):
        lines.close()
        assert not wire.is_closed
    assert wire.is_closed
    with pytest.raises(ConfigurationError, match="closed"), lines.open_for(REQUEST, None):
        pass


def test_a_line_whose_request_was_cut_short_is_not_used_again() -> None:
    lines, made = quiet_lines()
    with lines.open_for(REQUEST, None):
        made[0].is_good = False
    assert made[0].is_closed
    with lines.open_for(REQUEST, None) as wire:
        assert wire is made[1]
    lines.close()


def test_a_line_of_an_event_loop_whose_request_was_cut_short_is_not_used_again() -> None:
    async def run() -> None:
        lines = AsyncLines(AsyncQuiet)
        async with opened(lines) as wire:
            assert isinstance(wire, AsyncQuiet)
            wire.is_good = False
        assert wire.is_closed
        async with opened(lines) as another:
            assert another is not wire
        await lines.close()

    asyncio.run(run())


def test_an_interrupt_costs_the_connection_that_it_meets_and_nothing_else() -> None:
    class Interrupted(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            raise KeyboardInterrupt

    wire = HttpxWire(Interrupted())
    assert wire.is_good
    with pytest.raises(KeyboardInterrupt):
        wire.answer(REQUEST)
    assert not wire.is_good


def test_the_child_of_a_fork_speaks_over_lines_of_its_own() -> None:
    wires = [Quiet(), Quiet()]
    lines = Lines(wires.pop)
    with lines.open_for(REQUEST, None) as inherited:
        pass
    forks._renew()  # what runs in the child
    with lines.open_for(REQUEST, 5.0) as wire:
        assert wire is not inherited
    assert isinstance(inherited, Quiet)
    assert inherited.is_closed
    lines.close()


def reuse(then: Callable[[socket.socket, threading.Event], None]) -> Callable[..., None]:
    """A server that answers the first request of a connection, and does as told with the next."""

    def behave(peer: socket.socket, over: threading.Event) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        peer.recv(65_536)
        then(peer, over)

    return behave


def test_a_connection_that_is_used_again_is_cut_off_as_well() -> None:
    with server(reuse(drip_headers)) as url:
        line, begun = Line(a_wire()), time.monotonic()
        for seconds, is_cut in ((5.0, False), (0.2, True)):
            request = a_request(url)
            with line.open_for(request, seconds) as wire:
                if is_cut:
                    with pytest.raises(httpx.TransportError):  # an end, or a reset
                        wire.answer(request)
                else:
                    assert wire.answer(request).status_code == 200
        assert time.monotonic() - begun < 5.0
        line.close()


def test_what_connects_too_late_is_not_sent() -> None:
    with server(drip_headers) as url:
        line, request = Line(a_wire()), a_request(url)
        sending = line.open_for(request, 5.0, sent_within=0.0)
        with sending as wire, pytest.raises(httpx.ConnectTimeout, match="too late"):
            wire.answer(request)
        line.close()


def test_the_child_of_a_fork_closes_its_copy_of_a_line_in_use() -> None:
    lines = Lines(a_wire)
    with server(reuse(drip_headers)) as url:
        request = a_request(url)
        with lines.open_for(request, 5.0) as wire:
            wire.answer(request)
            (busy,) = lines._busy
            (stream,) = busy._streams
            assert stream.get_extra_info("socket").fileno() >= 0
            forks._renew()  # what runs in the child
            assert stream.get_extra_info("socket").fileno() == -1
    lines.close()


@asynccontextmanager
async def opened(lines: AsyncLines) -> AsyncIterator[AsyncQuiet]:
    """As the client does it."""
    wire = lines.take()
    assert isinstance(wire, AsyncQuiet)
    try:
        yield wire
    finally:
        await lines.put_back(wire)


async def one(lines: AsyncLines) -> AsyncQuiet:
    async with opened(lines) as wire:
        return wire


@pytest.mark.parametrize("is_for_many", [True, False])
def test_the_child_of_a_fork_has_lines_of_its_own_for_its_event_loops(is_for_many: bool) -> None:
    lines = AsyncLines(lambda: AsyncQuiet(is_for_many=is_for_many))
    inherited = asyncio.run(one(lines))
    forks._renew()
    assert asyncio.run(one(lines)) is not inherited
    assert not inherited.is_closed


def test_calls_at_once_in_an_event_loop_have_their_own_lines_too() -> None:
    made = list[AsyncQuiet]()

    def make() -> AsyncQuiet:
        made.append(AsyncQuiet())
        return made[-1]

    async def run() -> None:
        lines = AsyncLines(make)
        for _ in range(3):
            async with opened(lines) as wire:
                assert wire is made[0]
        async with AsyncExitStack() as stack:
            for _ in range(105):
                await stack.enter_async_context(opened(lines))
        assert sum(wire.is_closed for wire in made) == 5
        async with opened(lines) as wire:
            await lines.close()
            assert sum(wire.is_closed for wire in made) == 104
        assert all(wire.is_closed for wire in made)

    asyncio.run(run())


def test_one_line_serves_all_where_it_can() -> None:
    async def run() -> None:
        lines = AsyncLines(lambda: AsyncQuiet(is_for_many=True))
        async with opened(lines) as first, opened(lines) as second:
            assert first is second
        await lines.close()
        assert isinstance(first, AsyncQuiet)
        assert first.is_closed

    asyncio.run(run())


def test_a_line_knows_the_stream_below_and_the_one_that_tls_has_put_on_it() -> None:
    line = Line(Quiet())
    for event, stream in (("connect_tcp", 1), ("connect_tcp", 2), ("start_tls", 3)):
        line._trace(f"connection.{event}.complete", {"return_value": stream})
    assert line._streams == [2, 3]
