"""Connections one by one, so that a deadline can cut off the one that is in use.

The timeouts of httpx begin anew with every byte, and nothing tells which connection of a pool a
request was given. Whoever has a pool of one connection alone knows what to shut down.
"""

import heapq
import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import httpx

from .errors import ConfigurationError
from .forks import renewed_in_children

_IDLE = 20  # lines that are kept for the next call, as many as httpx's own pools keep


class Line:
    """A client that is one caller's at a time, and its one connection."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._streams: list[Any] = []

    @contextmanager
    def open_for(self, request: httpx.Request, seconds: float | None) -> Iterator[httpx.Client]:
        """The client to send ``request`` with; after ``seconds`` its connection is shut down."""
        request.extensions["trace"] = self._trace
        alarm = None if seconds is None else alarms.set(seconds, self._shut_down)
        try:
            yield self._client
        finally:
            if alarm is not None:
                alarm.cancel()

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        """The streams as they open: https://www.python-httpx.org/advanced/extensions/#trace"""
        if event.endswith("connect_tcp.complete"):
            self._streams = [info["return_value"]]
        elif event.endswith("start_tls.complete"):
            self._streams.append(info["return_value"])

    def _shut_down(self) -> None:
        for stream in self._streams:
            with suppress(OSError):  # one that TLS has replaced, or that is closed by now
                stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


class Lines:
    """As many as there are calls at once; the one used last goes first, for it is warm."""

    def __init__(self, make: Callable[[], httpx.Client]) -> None:
        self._make = make
        self._idle = [Line(make())]
        self._is_closed = False
        renewed_in_children(self)

    @contextmanager
    def open_for(self, request: httpx.Request, seconds: float | None) -> Iterator[httpx.Client]:
        """A client that nobody else uses meanwhile."""
        if self._is_closed:
            raise ConfigurationError("the client is closed")
        try:
            line = self._idle.pop()
        except IndexError:
            line = Line(self._make())
        try:
            with line.open_for(request, seconds) as client:
                yield client
        finally:
            self._take_back(line)

    def close(self) -> None:
        """Close them all; those in use when their calls have ended."""
        self._is_closed = True
        self._close_idle()

    def after_fork(self) -> None:
        """Two processes must not speak over one connection. To close the child's copy says nothing
        to the server.
        """
        self._close_idle()

    def _take_back(self, line: Line) -> None:
        if len(self._idle) < _IDLE:
            self._idle.append(line)
        else:
            line.close()
        if self._is_closed:  # meanwhile
            self._close_idle()

    def _close_idle(self) -> None:
        while self._idle:
            with suppress(IndexError):  # another thread has taken it
                self._idle.pop().close()


class _Alarm:
    """Rings once, unless it is cancelled before; never after."""

    def __init__(self, ring: Callable[[], None]) -> None:
        self._ring: Callable[[], None] | None = ring
        self._lock = threading.Lock()

    def cancel(self) -> None:
        with self._lock:
            self._ring = None

    @property
    def is_over(self) -> bool:
        return self._ring is None

    def ring(self) -> None:
        with self._lock:
            ring, self._ring = self._ring, None
            if ring is not None:
                ring()


class Alarms:
    """One thread for all that are set: one for each request would cost more than what it guards."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, _Alarm]] = []
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None
        renewed_in_children(self)

    def set(self, seconds: float, ring: Callable[[], None]) -> _Alarm:
        """Have ``ring`` called in so many seconds."""
        alarm, due = _Alarm(ring), time.monotonic() + seconds
        with self._changed:
            while self._due and self._due[0][2].is_over:
                heapq.heappop(self._due)
            is_next = not self._due or due < self._due[0][0]
            heapq.heappush(self._due, (due, next(self._numbers), alarm))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="tiktok-alarms", daemon=True)
                self._thread.start()
            elif is_next:
                self._changed.notify()
        return alarm

    def after_fork(self) -> None:
        """The parent's alarms are not ours, nor is their thread, nor its lock."""
        self._due, self._changed, self._thread = [], threading.Condition(), None

    def _run(self) -> None:
        with self._changed:
            while self._due:
                wait = self._due[0][0] - time.monotonic()
                if self._due[0][2].is_over or wait <= 0:
                    heapq.heappop(self._due)[2].ring()
                else:
                    self._changed.wait(wait)
            self._thread = None


alarms = Alarms()
