"""Connections one by one, so that a deadline can cut off the one that is in use.

The timeouts of httpx begin anew with every byte, and nothing tells which connection of a pool a
request was given. Whoever has a pool of one connection alone knows what to shut down.
"""

import math
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import httpx

from ..errors import ConfigurationError
from ..forks import renewed_in_children
from .alarms import alarms
from .wires import AsyncWire, Wire

_IDLE = 100  # lines that are kept for the next call


class Line:
    """A wire that is one caller's at a time, and its one connection."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._streams: list[Any] = []
        self._sent_by = math.inf

    @contextmanager
    def open_for(
        self, request: httpx.Request, seconds: float | None, *, sent_within: float | None = None
    ) -> Iterator[Wire]:
        """What to send ``request`` with; after ``seconds`` its connection is shut down.

        Nothing is sent any more after ``sent_within`` s, by default after ``seconds``: to connect
        can last longer than any timeout, for httpx gives each address of a name its own.
        """
        request.extensions["trace"] = self._trace
        within = seconds if sent_within is None else sent_within
        self._sent_by = math.inf if within is None else time.monotonic() + within
        alarm = None if seconds is None else alarms.set(seconds, self._shut_down)
        try:
            yield self._wire
        finally:
            if alarm is not None:
                alarm.cancel()

    @property
    def is_good(self) -> bool:
        """Whether it is good for another call."""
        return self._wire.is_good

    def close(self) -> None:
        """Close the connection."""
        self._wire.close()

    def abandon(self) -> None:
        """Close this process's copy of the socket, and touch no lock that another may hold."""
        for stream in self._streams:
            with suppress(OSError):
                stream.get_extra_info("socket").close()

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        """The streams as they open: https://www.python-httpx.org/advanced/extensions/#trace"""
        if event.endswith("connect_tcp.complete"):
            self._streams = [info["return_value"]]
        elif event.endswith("start_tls.complete"):
            self._streams.append(info["return_value"])
        elif event.endswith("send_request_headers.started") and time.monotonic() > self._sent_by:
            raise httpx.ConnectTimeout("connected too late to send anything")

    def _shut_down(self) -> None:
        for stream in self._streams:
            with suppress(OSError):  # one that TLS has replaced, or that is closed by now
                stream.get_extra_info("socket").shutdown(socket.SHUT_RDWR)


class Lines:
    """As many as there are calls at once; the one used last goes first, for it is warm."""

    def __init__(self, make: Callable[[], Wire]) -> None:
        self._make = make
        self._idle = [Line(make())]
        self._busy = set[Line]()
        self._is_closed = False
        renewed_in_children(self)

    @contextmanager
    def open_for(self, request: httpx.Request, seconds: float | None) -> Iterator[Wire]:
        """A wire that nobody else uses meanwhile."""
        if self._is_closed:
            raise ConfigurationError("the client is closed")
        try:
            line = self._idle.pop()
        except IndexError:
            line = Line(self._make())
        self._busy.add(line)
        try:
            with line.open_for(request, seconds) as wire:
                yield wire
        finally:
            self._busy.discard(line)
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
        for line in self._busy:
            line.abandon()
        self._busy = set()

    def _take_back(self, line: Line) -> None:
        if line.is_good and len(self._idle) < _IDLE:
            self._idle.append(line)
        else:
            line.close()
        if self._is_closed:  # meanwhile
            self._close_idle()

    def _close_idle(self) -> None:
        while self._idle:
            with suppress(IndexError):  # another thread has taken it
                self._idle.pop().close()


class AsyncLines:
    """The same for an event loop, whose deadlines end whatever is awaited. There is one line where
    that is good for many requests at once.
    """

    def __init__(self, make: Callable[[], AsyncWire]) -> None:
        self._make = make
        self._idle = [make()]
        self._inherited: object = None
        self._is_closed = False
        renewed_in_children(self)

    def take(self) -> AsyncWire:
        """A wire that nobody else uses until it is put back, or that is for many."""
        if self._is_closed:
            raise ConfigurationError("the client is closed")
        if self._idle and self._idle[-1].is_for_many:
            return self._idle[-1]
        return self._idle.pop() if self._idle else self._make()

    async def put_back(self, wire: AsyncWire) -> None:
        """Keep it for the next call, if it is good for one."""
        if wire.is_for_many:
            return
        if wire.is_good and not self._is_closed and len(self._idle) < _IDLE:
            self._idle.append(wire)
        else:
            await wire.close()

    async def close(self) -> None:
        """Close them all; those of one call each when it has ended."""
        self._is_closed = True
        for wire in self._idle:
            await wire.close()

    def after_fork(self) -> None:
        """The parent's connections are kept, unused: they belong to an event loop of the parent's,
        which must not see them end.
        """
        self._inherited, self._idle = (self._inherited, self._idle), [self._make()]
