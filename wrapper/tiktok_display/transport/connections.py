"""One connection of httpcore, which is what httpx itself sends with: https://www.encode.io/httpcore

httpx puts a pool around it, and makes each request and each answer anew on either side: a quarter
of what sending costs, and of no use to whoever has one connection to himself.
"""

import ssl

import httpcore
import httpx

from ..answers import Answer

_KEPT = 5.0  # s that an idle connection is taken to be good, as httpx takes it
_FAILURES = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)


class ConnectionWire:
    """Carries one request at a time, over a connection that is made anew where it has ended."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context, self.is_good = context, True
        self._connection: httpcore.HTTPConnection | None = None

    def answer(self, request: httpx.Request) -> Answer:
        """The whole answer. Where there is none, whoever has the wire closes it."""
        self.is_good, asked = False, _asked(request)
        try:
            response = self._open(asked).handle_request(asked)
            body = response.read()
            response.close()
        except _FAILURES as failure:
            error = _named(failure)
        else:
            self.is_good = True
            return _answer(response, body)
        raise error

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()

    def _open(self, asked: httpcore.Request) -> httpcore.HTTPConnection:
        now = self._connection
        if now is None or now.is_closed() or now.has_expired():
            self.close()
            now = httpcore.HTTPConnection(asked.url.origin, self._context, _KEPT)
            self._connection = now
        return now


class AsyncConnectionWire:
    """The same for an event loop."""

    is_for_many = False

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context, self.is_good = context, True
        self._connection: httpcore.AsyncHTTPConnection | None = None

    async def answer(self, request: httpx.Request) -> Answer:
        """The whole answer. Where there is none, whoever has the wire closes it."""
        self.is_good, asked = False, _asked(request)
        try:
            response = await (await self._open(asked)).handle_async_request(asked)
            body = await response.aread()
            await response.aclose()
        except _FAILURES as failure:
            error = _named(failure)
        else:
            self.is_good = True
            return _answer(response, body)
        raise error

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.aclose()

    async def _open(self, asked: httpcore.Request) -> httpcore.AsyncHTTPConnection:
        now = self._connection
        if now is None or now.is_closed() or now.has_expired():
            await self.close()
            now = httpcore.AsyncHTTPConnection(asked.url.origin, self._context, _KEPT)
            self._connection = now
        return now


def _asked(request: httpx.Request) -> httpcore.Request:
    url = request.url
    place = httpcore.URL(
        scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
    )
    return httpcore.Request(
        request.method,
        place,
        headers=request.headers.raw,
        content=request.stream,
        extensions=request.extensions,
    )


def _answer(response: httpcore.Response, body: bytes) -> Answer:
    headers = httpx.Headers(response.headers)
    if "content-encoding" in headers:
        body = httpx.Response(response.status, headers=headers, content=body).content
    return Answer(response.status, headers, body)


def _named(failure: Exception) -> httpx.TransportError:
    """What httpx makes of it, whose names are the same."""
    kind: type[httpx.TransportError] = getattr(httpx, type(failure).__name__)
    return kind(str(failure))
