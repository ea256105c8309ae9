"""One connection for each call at once, and deadlines that cut it off."""

import socket
import threading
import time
from collections.abc import Callable

import httpx
import pytest

from tests.test_exchange import drip_headers, server
from tiktok_display import ConfigurationError, forks
from tiktok_display.alarms import Alarms
from tiktok_display.lines import AsyncPool, Line, Lines


def quiet() -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200)))


REQUEST = httpx.Request("POST", "http://127.0.0.1:1")


def test_an_alarm_rings_when_it_is_due_and_the_earliest_first() -> None:
    alarms, rung, is_over = Alarms(), list[str](), threading.Event()
    alarms.set(0.1, is_over.set)
    for number, seconds in enumerate([0.05, 0.01, 0.03]):
        alarms.set(seconds, lambda number=number: rung.append(str(number)))  # type: ignore[misc]
    assert is_over.wait(5)
    assert rung == ["1", "2", "0"]


def test_a_cancelled_alarm_never_rings_and_does_not_hold_up_the_others() -> None:
    alarms, rung, is_over = Alarms(), list[str](), threading.Event()
    cancelled = [alarms.set(seconds, lambda: rung.append("wrong")) for seconds in (0.01, 60.0)]
    for alarm in cancelled:
        alarm.cancel()
    alarms.set(0.03, is_over.set)
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
    made: list[httpx.Client] = []

    def make() -> httpx.Client:
        made.append(quiet())
        return made[-1]

    lines = Lines(make)
    for _ in range(3):
        with lines.open_for(REQUEST, None) as client:
            assert client is made[0]
    with lines.open_for(REQUEST, 5.0) as first, lines.open_for(REQUEST, 5.0) as second:
        assert [first, second] == made
    lines.close()
    assert all(client.is_closed for client in made)


def test_no_more_lines_are_kept_than_a_pool_would_keep() -> None:
    lines = Lines(quiet)
    opened = [lines.open_for(REQUEST, None) for _ in range(25)]
    clients = [line.__enter__() for line in opened]
    for line in opened:
        line.__exit__(None, None, None)
    assert sum(client.is_closed for client in clients) == 5
    lines.close()


def test_a_line_in_use_is_closed_when_its_call_has_ended() -> None:
    lines = Lines(quiet)
    with lines.open_for(REQUEST, None) as client:
        lines.close()
        assert not client.is_closed
    assert client.is_closed
    with pytest.raises(ConfigurationError, match="closed"), lines.open_for(REQUEST, None):
        pass


def test_the_child_of_a_fork_speaks_over_lines_of_its_own() -> None:
    lines = Lines(quiet)
    with lines.open_for(REQUEST, None) as inherited:
        pass
    forks._renew()  # what runs in the child
    assert inherited.is_closed
    with lines.open_for(REQUEST, 5.0) as client:
        assert client is not inherited
    lines.close()


def reuse(then: Callable[[socket.socket, threading.Event], None]) -> Callable[..., None]:
    """A server that answers the first request of a connection, and does as told with the next."""

    def behave(peer: socket.socket, over: threading.Event) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        peer.recv(65_536)
        then(peer, over)

    return behave


def test_a_connection_that_is_used_again_is_cut_off_as_well() -> None:
    with server(reuse(drip_headers)) as url, httpx.Client(timeout=30.0) as client:
        line, begun = Line(client), time.monotonic()
        for seconds, is_cut in ((5.0, False), (0.2, True)):
            request = client.build_request("POST", url, content=b"{}")
            with line.open_for(request, seconds) as own:
                if is_cut:
                    with pytest.raises(httpx.TransportError):  # an end, or a reset
                        own.send(request)
                else:
                    assert own.send(request).status_code == 200
        assert time.monotonic() - begun < 5.0


def test_what_connects_too_late_is_not_sent() -> None:
    with server(drip_headers) as url, httpx.Client(timeout=30.0) as client:
        line = Line(client)
        request = client.build_request("POST", url, content=b"{}")
        sending = line.open_for(request, 5.0, sent_within=0.0)
        with sending as own, pytest.raises(httpx.ConnectTimeout, match="too late"):
            own.send(request)


def test_the_child_of_a_fork_closes_its_copy_of_a_line_in_use() -> None:
    lines = Lines(lambda: httpx.Client(timeout=30.0))
    with server(reuse(drip_headers)) as url:
        request = httpx.Request("POST", url, content=b"{}")
        with lines.open_for(request, 5.0) as client:
            client.send(request)
            (busy,) = lines._busy
            (stream,) = busy._streams
            assert stream.get_extra_info("socket").fileno() >= 0
            forks._renew()  # what runs in the child
            assert stream.get_extra_info("socket").fileno() == -1
    lines.close()


def test_the_child_of_a_fork_has_a_pool_of_its_own_for_its_event_loops() -> None:
    pool = AsyncPool(httpx.AsyncClient)
    inherited = pool.client
    forks._renew()
    assert pool.client is not inherited
    assert not inherited.is_closed


def test_a_line_knows_the_stream_below_and_the_one_that_tls_has_put_on_it() -> None:
    line = Line(quiet())
    for event, stream in (("connect_tcp", 1), ("connect_tcp", 2), ("start_tls", 3)):
        line._trace(f"connection.{event}.complete", {"return_value": stream})
    assert line._streams == [2, 3]
