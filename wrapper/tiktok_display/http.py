"""The one door every request goes through: sign, wait, repeat, raise.

`Door` and `AsyncDoor` are twins that obey a `_Course`, which decides. Errors travel through here
as values and are raised once, outside every ``except``: so no exception drags along, as its
context or among its traceback's locals, a request that holds a token.
"""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import httpx
from attrs import Factory, field, frozen

from .errors import AccessTokenInvalid, Data, TikTokError, TransportError, data_or_error, hushed
from .exchange import USER_AGENT, exchange, exchange_async
from .lines import AsyncPool, Lines
from .origin import Origin
from .policies import Deadline, Limiter, RetryBudget, RetryPolicy, Tries, counted
from .secret import SecretForm


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


@frozen
class Operation:
    """One of the two endpoints with its query: built once, each call only brings a body."""

    path: str
    url: httpx.URL
    headers: httpx.Headers

    def request(self, body: Mapping[str, object]) -> httpx.Request:
        """A request to sign and send. It carries no cookie: one pool serves many creators."""
        content = json.dumps(body, separators=(",", ":")).encode()
        return httpx.Request("POST", self.url, headers=self.headers, content=content)


def operation(origin: Origin, path: str, query: Mapping[str, str]) -> Operation:
    """The operation at ``path``, as the generated package names it."""
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "gzip, deflate",
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
    }
    url = httpx.URL(origin.base_url + path, params=dict(query))
    return Operation(path, url, httpx.Headers(headers))


@frozen(kw_only=True)
class Rules:
    """What a client and its siblings share besides connections."""

    deadline: float | None = 120.0  # s for one page or batch, with refresh, repeats and waits
    retry: RetryPolicy = field(factory=RetryPolicy)
    limiter: Limiter | None = None
    clock: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random
    budget: RetryBudget = field(
        init=False, default=Factory(lambda rules: RetryBudget(rules.retry.budget), takes_self=True)
    )

    def judge(self, answer: httpx.Response | TransportError) -> Data | TikTokError:
        """The data of an answer, or its error; a success refills the retry budget."""
        if isinstance(answer, TransportError):
            return answer
        outcome = data_or_error(answer)
        if not isinstance(outcome, TikTokError):
            self.budget.earn()
        return outcome


class _Course:
    """One call's way through refusals and failures."""

    def __init__(self, rules: Rules, signer: Signer) -> None:
        self.deadline = Deadline(rules.deadline, rules.clock)
        self.refused: AccessToken | None = None
        self._refusals = 0
        self._rules, self._signer, self._tries = rules, signer, Tries()
        self._last: TikTokError | None = None

    def turn(self, path: str) -> float:
        """Seconds until the next request may go, 0.0 for now."""
        wait = self._rules.limiter.reserve(path) if self._rules.limiter else 0.0
        self.deadline.require(wait, self._last)
        return wait

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
        return wait


class Door:
    """Sends a request until it is answered, or raises why it is not."""

    def __init__(
        self, origin: Origin, rules: Rules, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.origin, self.rules = origin, rules
        self._sleep, self._lines = sleep, Lines(origin.client)

    def call(self, operation: Operation, body: Mapping[str, object], signer: Signer) -> Data:
        """The ``data`` of the answer."""
        course, request = _Course(self.rules, signer), operation.request(body)
        while True:
            while wait := course.turn(operation.path):
                self._sleep(wait)
            token = signer.token(course.refused, course.deadline.timeout())
            _sign(request, token)
            with self._lines.open_for(request, course.deadline.timeout()) as client:
                answer = exchange(client, request, self.origin.timeout, course.deadline)
            outcome = self.rules.judge(answer)
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
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.origin, self.rules = origin, rules
        self._sleep, self._pool = sleep, AsyncPool(origin.async_client)

    async def call(self, operation: Operation, body: Mapping[str, object], signer: Signer) -> Data:
        """The ``data`` of the answer."""
        course, request = _Course(self.rules, signer), operation.request(body)
        while True:
            while wait := course.turn(operation.path):
                await self._sleep(wait)
            token = await signer.token_async(course.refused, course.deadline.timeout())
            _sign(request, token)
            answer = await exchange_async(
                self._pool.client, request, self.origin.timeout, course.deadline
            )
            outcome = self.rules.judge(answer)
            if not isinstance(outcome, TikTokError):
                return outcome
            await self._sleep(course.after(outcome, token))

    async def close(self) -> None:
        """Close the pool."""
        await self._pool.client.aclose()


def _sign(request: httpx.Request, token: AccessToken) -> None:
    request.headers["Authorization"] = token.authorization
