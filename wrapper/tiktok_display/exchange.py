"""One request and its whole answer, within its time; no repetition, no opinion on the answer."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import httpx

from .errors import ConfigurationError, TransportError
from .lines import Line
from .origin import Origin
from .policies import Deadline
from .version import VERSION

USER_AGENT = f"tiktok-display/{VERSION}"


def exchange(
    client: httpx.Client, request: httpx.Request, timeout: float, deadline: Deadline
) -> httpx.Response | TransportError:
    """One request and its whole answer. ``timeout`` (s) is for connecting and for silence."""
    _check_open(client)
    try:
        _limit(request, timeout, deadline)
        response = client.send(request, auth=None, stream=True)
        try:
            response.stream = _Watched(response.stream, deadline)
            response.read()
        finally:
            response.close()
    except Exception as failure:  # noqa: BLE001 - ssl, idna and the loop have errors of their own
        error = _transport_error(failure)
    else:
        return response
    return error


async def exchange_async(
    client: httpx.AsyncClient, request: httpx.Request, timeout: float, deadline: Deadline
) -> httpx.Response | TransportError:
    """The same for an event loop; here the deadline ends whatever is being waited for."""
    _check_open(client)
    try:
        _limit(request, timeout, deadline)
        async with asyncio.timeout(deadline.timeout()):
            response = await client.send(request, auth=None, stream=True)
            try:
                response.stream = _Watched(response.stream, deadline)
                await response.aread()
            finally:
                await response.aclose()
    except Exception as failure:  # noqa: BLE001 - as above
        error = _transport_error(failure)
    else:
        return response
    return error


def post_form(
    origin: Origin, path: str, form: Mapping[str, str], seconds: float
) -> httpx.Response | TransportError:
    """One form to the token endpoint, answered within ``seconds``, whatever drips in.

    On a connection of its own: closing the client, or the end of its event loop, must not cut off a
    refresh that is under way. It is not sent once half of the time is gone: what is not sent costs
    nothing, but an answer that is not waited for costs a login.
    """
    headers = {"Accept": "application/json", "User-Agent": USER_AGENT}
    request = httpx.Request("POST", origin.base_url + path, headers=headers, data=dict(form))
    deadline = Deadline(seconds, time.monotonic)
    line = Line(own := origin.client())
    with own, line.open_for(request, seconds, sent_within=seconds / 2) as client:
        return exchange(client, request, origin.timeout, deadline)


def _check_open(client: httpx.Client | httpx.AsyncClient) -> None:
    if client.is_closed:
        raise ConfigurationError("the client is closed")


def _limit(request: httpx.Request, timeout: float, deadline: Deadline) -> None:
    limit = min(timeout, deadline.left())
    if limit <= 0:
        raise httpx.ConnectTimeout("the deadline passed before anything was sent")
    # Each address of a name has this time to be connected to, one after another.
    connect = min(limit, max(limit / 4, 5.0))
    silence = dict.fromkeys(("read", "write", "pool"), limit)
    request.extensions["timeout"] = {"connect": connect, **silence}


def _transport_error(failure: Exception) -> TransportError:
    # A protocol error quotes the line it dislikes; of what others say, nothing is known.
    is_quotable = isinstance(failure, httpx.RequestError) and not isinstance(
        failure, httpx.ProtocolError
    )
    quoted = str(failure) if is_quotable else ""
    unsent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
    message = f"{type(failure).__name__}: {quoted}".rstrip(": ")
    return TransportError(message, sent=not isinstance(failure, unsent))


def _check(deadline: Deadline) -> None:
    if deadline.left() <= 0:
        raise httpx.ReadTimeout("the deadline passed before the answer was whole")


class _Watched(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that ends at the deadline, however slowly it drips.

    The read timeout of a connection starts anew with every byte.
    """

    def __init__(self, stream: Any, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            _check(self._deadline)
            yield chunk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            _check(self._deadline)
            yield chunk

    def close(self) -> None:
        self._stream.close()

    async def aclose(self) -> None:
        await self._stream.aclose()
