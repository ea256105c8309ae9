"""The one door every request goes through: sign, wait, repeat, raise.

`Door` and `AsyncDoor` are twins that obey a `_Course`, which decides. Errors travel through here
as values and are raised once, outside every ``except``: so no exception drags along, as its
context or among its traceback's locals, a request that holds a token.
"""

import copy
import functools
import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, Self

import httpx

from .answers import Response
from .errors import AccessTokenInvalid, Data, TikTokError, TransportError, data_or_error, hushed
from .policies import Deadline, Limiter, RetryBudget, RetryPolicy, Shift, Tries, counted
from .secret import SecretForm
from .transport.exchange import USER_AGENT, exchange, exchange_async
from .transport.lines import AsyncLines, Lines
from .transport.origin import Origin

_RETRY = RetryPolicy()


async def _sleep_async(seconds: float) -> None:
    import asyncio  # noqa: PLC0415 - nothing that a synchronous program has to load

    await asyncio.sleep(seconds)


class AccessToken(Protocol):
    """A token of a class that hides it, so that it shows in no repr and no traceback."""

    @property
    def authorization(self) -> str:
        """The value of the ``Authorization`` header."""
        ...


class Signer(Protocol):
    """Whoever has the token of the moment; ``timeout`` in s, None for as long as it takes."""

    @property
    def renews(self) -> bool:
        """Whether there can be another token once one was refused."""
        ...

    def has_bought(self, token: AccessToken) -> bool:
        """Whether ``token`` was had by a refresh, and not found in a store."""
        ...

    def token(self, refused: AccessToken | None, timeout: float | None) -> AccessToken:
        """The token to sign with, other than ``refused``."""
        ...

    async def token_async(self, refused: AccessToken | None, timeout: float | None) -> AccessToken:
        """The same, without blocking the event loop."""
        ...


class Operation:
    """One of the two endpoints with its query: built once, each call only brings a body."""

    def __init__(self, path: str, url: httpx.URL, headers: list[tuple[bytes, bytes]]) -> None:
        self.path, self.url, self.headers = path, url, headers

    def request(self, content: bytes, token: AccessToken) -> httpx.Request:
        """A signed request. It carries no cookie: one pool serves many creators.

        Its headers are whole, and its stream is given: httpx has nothing left to work out.
        """
        headers = [
            *self.headers,
            (b"Content-Length", b"%d" % len(content)),
            (b"Authorization", token.authorization.encode()),
        ]
        stream = httpx.ByteStream(content)
        return httpx.Request("POST", self.url, headers=headers, stream=stream)


def operation(origin: Origin, path: str, fields: str) -> Operation:
    """The operation at ``path``, as the generated package names it."""
    return _operation(origin.base_url, path, fields)


@functools.lru_cache(maxsize=32)  # most callers ask for the same, and a URL takes as long as a page
def _operation(base_url: str, path: str, fields: str) -> Operation:
    url = httpx.URL(base_url + path, params={"fields": fields})
    headers = [
        (b"Host", url.netloc),
        (b"Accept", b"application/json"),
        (b"Accept-Encoding", b"gzip, deflate"),
        (b"Content-Type", b"application/json"),
        (b"User-Agent", USER_AGENT.encode()),
    ]
    return Operation(path, url, headers)


class Rules:
    """What a client and its siblings share besides connections.

    ``deadline``: s for one page or batch, with refresh, repeats and waits.
    """

    def __init__(
        self,
        *,
        deadline: float | None = 120.0,
        retry: RetryPolicy = _RETRY,
        limiter: Limiter | None = None,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.deadline, self.retry, self.limiter = deadline, retry, limiter
        self.clock, self.jitter, self.budget = clock, jitter, RetryBudget(retry.budget)

    def limited(self, limiter: Limiter) -> Self:
        """The same with another limiter."""
        rules = copy.copy(self)
        rules.limiter = limiter
        return rules

    def judge(self, answer: Response | TransportError) -> Data | TikTokError:
        """The data of an answer, or its error; a success refills the retry budget."""
        if isinstance(answer, TransportError):
            return answer
        outcome = data_or_error(answer)
        if not isinstance(outcome, TikTokError):
            self.budget.earn()
        return outcome


class _Course:
    """One call's way through refusals and failures."""

    def __init__(self, rules: Rules, signer: Signer, shift: Shift) -> None:
        self.deadline = Deadline(rules.deadline, rules.clock)
        self.refused: AccessToken | None = None
        self._refusals = 0
        self._rules, self._signer, self._shift, self._tries = rules, signer, shift, Tries()
        self._last: TikTokError | None = None
        self._sent_at = 0.0

    def turn(self, path: str) -> float:
        """Seconds until the next request may go, 0.0 for now."""
        wait = self._shift.wait(self._rules.clock())
        if not wait and self._rules.limiter:
            wait = self._rules.limiter.reserve(path)
        self.deadline.require(wait, self._last)
        self._sent_at = self._rules.clock()
        return wait

    def judge(self, answer: Response | TransportError) -> Data | TikTokError:
        """The data of an answer, or its error."""
        outcome = self._rules.judge(answer)
        if not isinstance(outcome, TikTokError):
            self._shift.pace(self._rules.clock() - self._sent_at)
        return outcome

    def _is_worth_another(self, token: AccessToken) -> bool:
        """Whether a refused token gives way to another: the first one always, if there can be one;
        one that was then found in the store once more, but none that was bought for this call.
        """
        self._refusals += 1
        is_first = self._refusals == 1
        return self._signer.renews and (
            is_first or (self._refusals == 2 and not self._signer.has_bought(token))
        )

    def after(self, error: TikTokError, token: AccessToken) -> float:
        """Seconds to wait before the next try, or ``error`` raised for good."""
        hushed(error, SecretForm(token=token.authorization.removeprefix("Bearer ")))
        self._last = error
        if isinstance(error, TransportError):  # perhaps it was the deadline that ended it
            self.deadline.require(cause=error)
        if isinstance(error, AccessTokenInvalid) and self._is_worth_another(token):
            self.refused = token
            return 0.0
        wait = self._rules.retry.wait(error, self._tries, self._rules.jitter())
        if wait is None or not self._rules.budget.spend(error):
            raise error
        self.deadline.require(wait, error)
        self._tries = counted(self._tries, error, wait)
        self._shift.pause(error, self._rules.clock() + wait)
        return wait


class Door:
    """Sends a request until it is answered, or raises why it is not."""

    def __init__(
        self, origin: Origin, rules: Rules, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.origin, self.rules = origin, rules
        self._sleep, self._lines = sleep, Lines(origin.new_wire)

    def limited(self, limiter: Limiter) -> Self:
        """The same door, which keeps to another limiter."""
        door = copy.copy(self)
        door.rules = self.rules.limited(limiter)
        return door

    def call(
        self, operation: Operation, body: Mapping[str, object], signer: Signer, shift: Shift
    ) -> Data:
        """The ``data`` of the answer."""
        course, content = _Course(self.rules, signer, shift), json.dumps(body).encode()
        while True:
            while wait := course.turn(operation.path):
                self._sleep(wait)
            token = signer.token(course.refused, course.deadline.timeout())
            request = operation.request(content, token)
            with self._lines.open_for(request, course.deadline.timeout()) as wire:
                answer = exchange(wire, request, self.origin.timeout, course.deadline)
            outcome = course.judge(answer)
            if not isinstance(outcome, TikTokError):
                return outcome
            self._sleep(course.after(outcome, token))

    def close(self) -> None:
        """Close the pool."""
        self._lines.close()


class AsyncDoor:
    """The same for an event loop."""

    def __init__(
        self,
        origin: Origin,
        rules: Rules,
        sleep: Callable[[float], Awaitable[None]] = _sleep_async,
    ) -> None:
        self.origin, self.rules = origin, rules
        self._sleep, self._lines = sleep, AsyncLines(origin.new_async_wire)

    def limited(self, limiter: Limiter) -> Self:
        """The same door, which keeps to another limiter."""
        door = copy.copy(self)
        door.rules = self.rules.limited(limiter)
        return door

    async def call(
        self, operation: Operation, body: Mapping[str, object], signer: Signer, shift: Shift
    ) -> Data:
        """The ``data`` of the answer."""
        course, content = _Course(self.rules, signer, shift), json.dumps(body).encode()
        while True:
            while wait := course.turn(operation.path):
                await self._sleep(wait)
            token = await signer.token_async(course.refused, course.deadline.timeout())
            request = operation.request(content, token)
            wire = self._lines.take()
            try:
                answer = await exchange_async(wire, request, self.origin.timeout, course.deadline)
            finally:
                await self._lines.put_back(wire)
            outcome = course.judge(answer)
            if not isinstance(outcome, TikTokError):
                return outcome
            await self._sleep(course.after(outcome, token))

    async def close(self) -> None:
        """Close the pool."""
        await self._lines.close()
