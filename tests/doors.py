"""Both doors behind one face, over scripted answers, with a clock that only waits move."""

import asyncio
import copy
from typing import Protocol

import httpx

from tiktok_display.bearer import BearerToken
from tiktok_display.errors import Data
from tiktok_display.http import AsyncDoor, Door, Operation, Rules, Signer, operation
from tiktok_display.policies import Shift
from tiktok_display.transport.origin import Origin

Script = list[httpx.Response | Exception]
TOKEN = "act.secret-token"


def envelope(code: str, status: int = 200, **more: object) -> httpx.Response:
    """A failure as TikTok sends it; ``more`` are headers."""
    headers = {name.replace("_", "-"): str(value) for name, value in more.items()}
    error = {"code": code, "message": "", "log_id": "L1"}
    return httpx.Response(status, json={"error": error}, headers=headers)


def success(**data: object) -> httpx.Response:
    """A success with this data."""
    error = {"code": "ok", "message": "", "log_id": "L1"}
    return httpx.Response(200, json={"data": data, "error": error})


class Scripted(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers from a script, in order; an exception is raised. Keeps what was sent."""

    def __init__(self, script: Script) -> None:
        self.script, self.sent = list(script), list[httpx.Request]()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(httpx.Request(request.method, request.url, headers=request.headers))
        answer = self.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self.handle_request(request)


class Time:
    """A clock that stands still but for waits."""

    def __init__(self) -> None:
        self.now, self.waits = 1_000.0, list[float]()

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)


class Caller(Protocol):
    """Sends one call through a door, after which ``waits`` and ``sent`` tell what happened."""

    waits: list[float]
    sent: list[httpx.Request]

    def __call__(
        self, script: Script, signer: Signer | None = None, rules: Rules | None = None
    ) -> Data: ...


class SyncCaller:
    """Through the synchronous door."""

    def __call__(
        self, script: Script, signer: Signer | None = None, rules: Rules | None = None
    ) -> Data:
        time, wire = Time(), Scripted(script)
        self.waits, self.sent = time.waits, wire.sent
        origin = Origin("https://tiktok.example", 30.0, wire, wire)
        rules = rules or Rules(jitter=lambda: 1.0)
        timed = copy.copy(rules)  # with its budget, which several calls may share
        timed.clock = time
        return self.call(origin, timed, signer or BearerToken(TOKEN), time)

    def call(self, origin: Origin, rules: Rules, signer: Signer, time: Time) -> Data:
        door = Door(origin, rules, time.sleep)
        try:
            return door.call(list_operation(origin), {"max_count": 20}, signer, Shift())
        finally:
            door.close()


class AsyncCaller(SyncCaller):
    """Through the asynchronous door."""

    def call(self, origin: Origin, rules: Rules, signer: Signer, time: Time) -> Data:
        async def run() -> Data:
            door = AsyncDoor(origin, rules, time.sleep_async)
            try:
                return await door.call(list_operation(origin), {"max_count": 20}, signer, Shift())
            finally:
                await door.close()

        return asyncio.run(run())


def list_operation(origin: Origin) -> Operation:
    """The listing of two fields."""
    return operation(origin, "/v2/video/list/", "id,title")
