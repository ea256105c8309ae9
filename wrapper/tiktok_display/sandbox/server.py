"""The sandbox as a server: Starlette and uvicorn in a thread, on the loopback address only."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from socket import socket

import uvicorn
from starlette import requests, responses
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from .messages import Request, Response

HOST = "127.0.0.1"

Lines = dict[tuple[str, int], asyncio.Transport]
"""The open connections by the address at their other end."""


class SandboxASGI:
    """The sandbox as an ASGI application.

    Args:
        handle: the core.
        lines: the server's connections, for answers that end too early. Without them such an answer
            is a ``ConnectionAbortedError``.
    """

    def __init__(self, handle: Callable[[Request], Response], lines: Lines | None = None) -> None:
        self._handle = handle
        self._lines = lines
        self._stopping = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = requests.Request(scope, receive)
        try:
            body = await request.body()
        except requests.ClientDisconnect:
            return
        path, query = (scope[name].decode("latin-1") for name in ("raw_path", "query_string"))
        answer = self._handle(Request(request.method, path, query, dict(request.headers), body))
        whole = responses.Response(answer.body, answer.status, answer.headers)
        await self._pause(answer.latency)
        if answer.drop:
            await self._hang_up(scope, receive)
        elif answer.drip is None and not answer.broken:
            await whole(scope, receive, send)
        else:
            start = {"type": "http.response.start", "status": answer.status}
            await send({**start, "headers": whole.raw_headers})
            await self._piecemeal(answer, scope, receive, send)

    async def _piecemeal(
        self, answer: Response, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Sends the body bit by bit, or less of it than was announced."""
        for pause, piece in answer.pieces():
            await self._pause(pause)
            if self._stopping.is_set() or self._gone(scope):
                break
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        else:
            if not answer.broken:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                return
        await self._hang_up(scope, receive)

    def stop(self) -> None:
        """Ends every pause and every connection. To be called on the loop that runs this."""
        self._stopping.set()
        for line in list((self._lines or {}).values()):
            line.abort()

    async def _pause(self, seconds: float) -> None:
        """Waits (s), but not beyond the end of the server."""
        if seconds:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), seconds)

    def _gone(self, scope: Scope) -> bool:
        return self._lines is not None and tuple(scope["client"]) not in self._lines

    async def _hang_up(self, scope: Scope, receive: Receive) -> None:
        """Closes the connection and returns when it is closed, lest uvicorn still answer on it."""
        if self._lines is None:
            raise ConnectionAbortedError("sandbox: the connection ends here")
        line = self._lines.get(tuple(scope["client"]))
        if line is not None:
            line.close()
        while (await receive())["type"] != "http.disconnect":
            pass


class Server:
    """A running server. ``OSError`` where it cannot listen; ``port`` 0 takes a free one."""

    def __init__(self, handle: Callable[[Request], Response], port: int) -> None:
        lines: Lines = {}
        self._app = SandboxASGI(handle, lines)
        self._uvicorn = _Uvicorn(
            uvicorn.Config(
                self._app,
                host=HOST,
                # Never a socket of our own: uvicorn sets TCP_NODELAY on those it makes, and
                # without it an answer takes 45 ms.
                port=port,
                http=_protocol(lines),
                ws="none",
                loop="asyncio",
                lifespan="off",
                # Nothing on stdout, and no logger of the host process reconfigured.
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                timeout_keep_alive=300,
            )
        )
        self._ready = threading.Event()
        self._uvicorn.on_startup = self._ready.set
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)
        self._thread.start()
        self._ready.wait()
        if not self._uvicorn.started:
            self._thread.join()
            raise OSError(f"the sandbox cannot listen on {HOST}:{port}")
        self.port = int(self._uvicorn.servers[0].sockets[0].getsockname()[1])

    def stop(self) -> None:
        """Ends it; whatever is under way is cut."""
        self._uvicorn.end(self._app.stop)
        self._thread.join()

    def _run(self) -> None:
        try:
            # uvicorn leaves like a program when it cannot listen.
            with contextlib.suppress(SystemExit):
                self._uvicorn.run()
        finally:
            self._ready.set()


class _Uvicorn(uvicorn.Server):
    """Says when it is ready, and ends at once when told instead of looking every 100 ms."""

    on_startup: Callable[[], None]
    _loop: asyncio.AbstractEventLoop
    _ended: asyncio.Event

    async def startup(self, sockets: list[socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        await super().startup(sockets=sockets)
        self.on_startup()

    async def main_loop(self) -> None:
        await self._ended.wait()

    def end(self, farewell: Callable[[], None]) -> None:
        """Ends it, from another thread."""
        self._loop.call_soon_threadsafe(farewell)
        self._loop.call_soon_threadsafe(self._ended.set)


def _protocol(lines: Lines) -> type[asyncio.Protocol]:
    """The protocol of uvicorn, which also keeps a list of the connections."""

    class Protocol(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._line = tuple(transport.get_extra_info("peername"))
            lines[self._line] = transport

        def connection_lost(self, exc: Exception | None) -> None:
            lines.pop(self._line, None)
            super().connection_lost(exc)

    return Protocol
