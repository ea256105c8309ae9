"""The sandbox behind httpx without a socket, for sync and async clients alike."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import httpx

from .box import Sandbox
from .messages import Request, Response


class SandboxTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """``httpx.Client(transport=SandboxTransport(box))``, or ``httpx.AsyncClient``; for any origin.

    What goes wrong by rule arrives as from a network: a dropped answer is a
    ``httpx.RemoteProtocolError``, a request that was dropped before it was processed a
    ``httpx.ConnectError``, a cut body a ``httpx.RemoteProtocolError``. Time is not spent: a latency
    or drip longer than the request's read timeout is a ``httpx.ReadTimeout`` at once, a shorter one
    nothing, unless there is a function to sleep with.

    Args:
        box: the sandbox; its server need not be up.
        sleep: how a sync client waits out latency and drip (s), such as ``time.sleep``.
        async_sleep: the same for an async client, such as ``asyncio.sleep``.
    """

    def __init__(
        self,
        box: Sandbox,
        *,
        sleep: Callable[[float], object] | None = None,
        async_sleep: Callable[[float], Awaitable[object]] | None = None,
    ) -> None:
        self._box = box
        self._sleep = sleep or _no_sleep
        self._async_sleep = async_sleep or _no_async_sleep

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answers a request of ``httpx.Client``."""
        answer = self._box.handle(_received(request, request.read()))
        _check_patience(request, answer.latency)
        self._sleep(answer.latency)
        return _delivered(request, answer, _Body(request, answer, self._sleep))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answers a request of ``httpx.AsyncClient``."""
        answer = self._box.handle(_received(request, await request.aread()))
        _check_patience(request, answer.latency)
        await self._async_sleep(answer.latency)
        return _delivered(request, answer, _AsyncBody(request, answer, self._async_sleep))


class _Body(httpx.SyncByteStream):
    def __init__(
        self, request: httpx.Request, answer: Response, sleep: Callable[[float], object]
    ) -> None:
        self._request = request
        self._answer = answer
        self._sleep = sleep

    def __iter__(self) -> Iterator[bytes]:
        for pause, piece in self._answer.pieces():
            _check_patience(self._request, pause)
            self._sleep(pause)
            yield piece
        _check_whole(self._request, self._answer)


class _AsyncBody(httpx.AsyncByteStream):
    def __init__(
        self, request: httpx.Request, answer: Response, sleep: Callable[[float], Awaitable[object]]
    ) -> None:
        self._request = request
        self._answer = answer
        self._sleep = sleep

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for pause, piece in self._answer.pieces():
            _check_patience(self._request, pause)
            await self._sleep(pause)
            yield piece
        _check_whole(self._request, self._answer)


def _received(request: httpx.Request, body: bytes) -> Request:
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    return Request(
        request.method,
        path,
        query,
        {name.lower(): value for name, value in request.headers.items()},
        body,
    )


def _delivered(
    request: httpx.Request, answer: Response, body: httpx.SyncByteStream | httpx.AsyncByteStream
) -> httpx.Response:
    if answer.drop and not answer.processed:
        raise httpx.ConnectError("sandbox: the connection was refused", request=request)
    if answer.drop:
        raise httpx.RemoteProtocolError(
            "sandbox: server disconnected without sending a response", request=request
        )
    headers = {**answer.headers, "content-length": str(len(answer.body))}
    return httpx.Response(
        answer.status, headers=httpx.Headers(headers, encoding="latin-1"), stream=body
    )


def _check_patience(request: httpx.Request, pause: float) -> None:
    patience = request.extensions.get("timeout", {}).get("read")
    if patience is not None and pause > patience:
        raise httpx.ReadTimeout("sandbox: the answer takes longer", request=request)


def _check_whole(request: httpx.Request, answer: Response) -> None:
    if answer.broken:
        raise httpx.RemoteProtocolError(
            "sandbox: peer closed connection without sending complete message body "
            f"(received {len(answer.delivered)} bytes, expected {len(answer.body)})",
            request=request,
        )


def _no_sleep(_: float) -> None:
    pass


async def _no_async_sleep(_: float) -> None:
    pass
