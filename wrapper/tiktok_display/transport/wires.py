"""What a request goes through to be answered; here the transports of httpx, for proxies and tests.

Not its clients, whose cookies, redirects and authentication nobody wants here, and which cost as
much as sending does. Where nothing is in between there are `connections`, and `aiohttp_wire` where
aiohttp is installed.
"""

from collections.abc import AsyncIterable, Iterable
from typing import Protocol, cast

import httpx

from ..answers import Answer


class Wire(Protocol):
    """Carries one request at a time."""

    @property
    def is_good(self) -> bool:
        """Whether the last request was answered: else its connection is in nobody knows what state,
        and httpx may take it to be in use for ever.
        """
        ...

    def answer(self, request: httpx.Request) -> Answer:
        """The whole answer; an exception of any class where there is none."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class AsyncWire(Protocol):
    """The same for an event loop; perhaps for many requests at once."""

    @property
    def is_good(self) -> bool:
        """Whether the last request was answered."""
        ...

    @property
    def is_for_many(self) -> bool:
        """Whether it has a pool of connections, as good with hundreds as with one."""
        ...

    async def answer(self, request: httpx.Request) -> Answer:
        """The whole answer; an exception of any class where there is none."""
        ...

    async def close(self) -> None:
        """Close its connections."""
        ...


class HttpxWire:
    """Over a transport of httpx."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport, self.is_good = transport, True
        self.close = transport.close

    def answer(self, request: httpx.Request) -> Answer:
        """The whole answer. Where there is none, whoever has the wire closes it."""
        self.is_good = False
        response = self._transport.handle_request(request)
        if "content-encoding" in response.headers:
            body = response.read()
        else:  # what `read` does besides joining costs more than joining
            body = b"".join(cast("Iterable[bytes]", response.stream))
        response.close()
        self.is_good = True
        return Answer(response.status_code, response.headers, body)


class AsyncHttpxWire:
    """The same for an event loop.

    For one request at a time: a pool of httpx looks at each of its connections with every request,
    so that fifty at once cost fifteen times the CPU.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport, *, is_for_many: bool = False) -> None:
        self._transport, self.is_good, self.is_for_many = transport, True, is_for_many
        self.close = transport.aclose

    async def answer(self, request: httpx.Request) -> Answer:
        """The whole answer. Where there is none, whoever has the wire closes it."""
        self.is_good = False
        response = await self._transport.handle_async_request(request)
        if "content-encoding" in response.headers:
            body = await response.aread()
        else:
            chunks = cast("AsyncIterable[bytes]", response.stream)
            body = b"".join([chunk async for chunk in chunks])
        await response.aclose()
        self.is_good = True
        return Answer(response.status_code, response.headers, body)
